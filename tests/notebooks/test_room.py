"""What is presented is for the room: nothing of the facilitator's or of a team's own report is in it, nor behind it."""

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import nbformat
import pytest

import qitools as qi

EXAMPLES = ("falls", "child_reviews", "delayed_discharge")
SEALED = re.compile(r'<script type="application/json" class="qi-data">(.*?)</script>', re.DOTALL)
LEAST = 25  # letters: shorter words may stand anywhere by chance

ONE_NOW_THE_REST_IN_SOAK = [EXAMPLES[0], *(pytest.param(name, marks=pytest.mark.soak) for name in EXAMPLES[1:])]


def everything(executed: Path) -> str:
    """All text of a report: cells, outputs, what is sealed in figures, tables and summary."""
    book = nbformat.read(executed, as_version=4)
    texts = [cell.source for cell in book.cells]
    for cell in book.cells:
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            texts += [
                output.get("data", {}).get("text/plain", ""),
                *map(unsealed, SEALED.findall(html)),
                SEALED.sub("", html),
            ]
    return "\n".join(
        [*texts, *(path.read_text("utf-8") for path in executed.parent.iterdir() if path.suffix in {".csv", ".json"})]
    )


def unsealed(text: str) -> str:
    content = json.loads(text)
    if "deflated" in content:
        content = json.loads(zlib.decompress(base64.b64decode(content["deflated"])))
    return json.dumps(content, ensure_ascii=False)


@pytest.mark.parametrize("name", ONE_NOW_THE_REST_IN_SOAK)
def test_nothing_of_the_facilitators_is_behind_the_page_that_is_presented(name: str, executed: Any) -> None:
    analysis = qi.analyse(qi.load(name))
    held = everything(executed("learning_session", name))
    faculty = analysis.records.scores[analysis.records.scores["kind"] == "faculty"]
    assert len(faculty) > 0
    notes = [note for note in faculty["note"] if len(note) >= LEAST]
    assert [note for note in notes if note in held] == []
    assert "faculty" not in held.lower()
    room = set(str(qi.talk(analysis)).splitlines())
    lines = str(qi.talk(analysis, view="facilitator")).splitlines()
    own = [line.strip("- ") for line in lines if line not in room and len(line) >= LEAST]
    assert own, "the facilitator has nothing of its own: this test could not fail"
    assert [line for line in own if line in held] == []
    assert "For the facilitator only" not in held


@pytest.mark.parametrize("name", ONE_NOW_THE_REST_IN_SOAK)
def test_stories_without_consent_are_nowhere_but_in_the_teams_own_report(name: str, executed: Any) -> None:
    stories = qi.load(name).records.stories
    kept, told = stories[~stories["consent"]], stories[stories["consent"]]
    assert len(kept) > 0 and len(told) > 0
    for notebook in ("learning_session", "facilitator_notes"):
        held = everything(executed(notebook, name))
        assert [text for text in kept["text"] if text in held] == []
        assert all(text in held for text in told["text"])
    first = kept.iloc[0]
    report = executed("team_report", name, str(first["team"]))
    own = everything(report)
    assert first["text"] in own
    others = kept.loc[kept["team"] != first["team"], "text"]
    assert [text for text in others if text in own] == []
    tables = [
        path.read_text("utf-8") for path in executed("team_report", name, str(first["team"])).parent.glob("*.*[nv]")
    ]
    assert [text for text in kept["text"] if any(text in table for table in tables)] == []


@pytest.mark.parametrize("name", EXAMPLES[:1])
def test_the_facilitator_has_what_the_room_has_not(name: str, executed: Any) -> None:
    held = everything(executed("facilitator_notes", name))
    analysis = qi.analyse(qi.load(name))
    assert "For the facilitator only" in held
    lines = [line for line in str(qi.talk(analysis, view="facilitator")).splitlines() if len(line) >= LEAST]
    assert all(line.strip("- ") in held for line in lines)

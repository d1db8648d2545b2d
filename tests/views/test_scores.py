"""Progress scores: what the room, the facilitator and a team see, and above all what they do not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools.analysis import progress
from qitools.collaborative.records import Records
from qitools.views import scores, wording_scores


def html(figure: Any) -> str:
    """The figure's whole source, without its running number."""
    return re.sub(r"qi-scores(-map)?-\d+", "", figure._repr_html_())


def with_scores(analysis: Any, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    given = analysis.records
    return replace(analysis, records=replace(given, scores=change(given.scores)))


def test_the_room_counts_the_scores_that_teams_gave_themselves(falls: Any) -> None:
    view = qi.scores(falls).options[0]
    own = falls.records.scores.query("kind == 'self'")
    assert sum(map(int, view.data["cells"]["shown"])) == len(own)
    last = own[own["date"] == own["date"].max()]
    assert view.data["months"]["teams"][-1] == str(len(last))
    assert view.data["months"]["modest"][-1] == str((last["score"] >= 3).sum())


def test_the_rooms_source_is_the_same_whoever_scored_what_and_whatever_the_faculty_thinks(falls: Any) -> None:
    bare = with_scores(falls, lambda rows: rows[rows["kind"] == "self"])
    other = with_scores(falls, lambda rows: rows.assign(score=rows["score"].where(rows["kind"] == "self", 0.5)))
    swapped = with_scores(
        falls, lambda rows: rows.assign(team=rows["team"].map(dict(zip(ids(falls), ids(falls)[::-1], strict=True))))
    )
    renamed = replace(falls, teams=falls.teams.assign(name=[f"Unheard {i}" for i in range(len(falls.teams))]))
    expected = html(qi.scores(falls))
    assert all(html(qi.scores(analysis)) == expected for analysis in (bare, other, swapped, renamed))
    assert not any(name in expected for name in falls.teams["name"])
    assert "aculty" not in expected


def ids(analysis: Any) -> list[str]:
    return [str(team) for team in analysis.teams["team"]]


def test_a_teams_source_holds_its_own_scores_alone(falls: Any) -> None:
    team = str(falls.records.scores["team"].iloc[0])
    alone = with_scores(falls, lambda rows: rows[(rows["team"] == team) & (rows["kind"] == "self")])
    assert html(qi.scores(falls, team=team)) == html(qi.scores(alone, team=team))
    assert html(qi.scores(falls, "facilitator", team)) == html(qi.scores(falls, team=team))
    others = [name for one, name in zip(ids(falls), falls.teams["name"], strict=True) if one != team]
    assert not any(name in html(qi.scores(falls, team=team)) for name in others)


def test_a_team_reads_its_prompts_as_questions(falls: Any) -> None:
    found = progress.prompts(falls)
    asked = found[(found["kind"] == "self") & (found["code"] != "apart")]
    assert len(asked)
    for team, rows in asked.groupby("team"):
        notes = qi.scores(falls, team=str(team)).options[0].notes
        assert len(notes) == len(rows)
        assert all(note.startswith("Your score is") and note.endswith("?") for note in notes)


def test_the_facilitator_sees_both_scores_of_every_team(falls: Any) -> None:
    view = qi.scores(falls, "facilitator").options[0]
    assert view.data["teams"]["team"] == falls.teams["name"].tolist()
    shown = {
        (row, date): (own, other)
        for row, date, own, other in zip(
            *(view.data["cells"][name] for name in ("row", "date", "self", "faculty")), strict=True
        )
    }
    months = sorted(falls.records.scores["date"].unique())[-scores.MONTHS :]
    known = falls.records.scores[falls.records.scores["date"].isin(months)]
    assert len(shown) == len(known.drop_duplicates(["team", "date"]))
    for row in known.to_dict("records"):
        cell = shown[ids(falls).index(row["team"]), f"{row['date']:%Y-%m-%d}"]
        assert cell[row["kind"] == "faculty"].endswith(f"{row['score']:.1f}")


def test_every_prompt_is_a_note_beside_its_team(falls: Any) -> None:
    found, names = progress.prompts(falls), falls.teams.set_index("team")["name"]
    view = qi.scores(falls, "facilitator").options[0]
    assert [note.partition(":")[0] for note in view.notes] == [
        names[team] for team in ids(falls) if team in set(found["team"])
    ]
    asked = {row for row, mark in zip(view.data["cells"]["row"], view.data["cells"]["asked"], strict=True) if mark}
    assert asked <= {ids(falls).index(team) for team in found["team"]}


@pytest.mark.parametrize("given", [{}, {"view": "facilitator"}, {"team": "almara"}])
def test_without_scores_the_words_say_how_to_give_them(falls: Any, given: dict[str, str]) -> None:
    fig = qi.scores(replace(falls, records=Records()), **given)
    assert fig.panels == 0
    assert fig.sentence == wording_scores.NO_SCORES


def test_a_team_without_a_score_is_told_so(falls: Any) -> None:
    team = ids(falls)[0]
    others = with_scores(falls, lambda rows: rows[rows["team"] != team])
    assert qi.scores(others, team=team).sentence.endswith("has not recorded a progress score yet.")
    assert qi.scores(others, "facilitator").options[0].data["teams"]["silent"][0]


@pytest.mark.parametrize("given", [{}, {"view": "facilitator"}, {"team": "almara"}])
def test_specs_are_valid(falls: Any, given: dict[str, str]) -> None:
    fig = qi.scores(falls, **given)
    assert fig.altair().to_dict(validate=True)["description"] == fig.sentence
    assert "Simulated" in fig.options[0].subtitle[0]


def test_marks_are_silent() -> None:
    for template in (scores.template(), scores.map_template(3)):
        marks = re.findall(r"'mark': (\{[^{}]*)", str(template))
        assert marks and all("'aria': False" in mark for mark in marks)


def test_an_unknown_view_or_team_is_refused(falls: Any) -> None:
    with pytest.raises(qi.ParameterError, match="facilitator"):
        qi.scores(falls, "facilitators")
    with pytest.raises(qi.ParameterError, match="almara"):
        qi.scores(falls, team="almarra")


def test_hostile_names_stay_words(hostile: Any) -> None:
    source = qi.scores(hostile, "facilitator")._repr_html_()
    assert "<img" not in source
    assert source.count("</script>") == 2

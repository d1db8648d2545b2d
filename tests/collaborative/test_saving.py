"""Decisions saved and taken back: the file's every other character stays, and what cannot be saved is said."""

import errno
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qitools.collaborative import writing
from qitools.collaborative.amending import Decision, amended, plain
from qitools.collaborative.document import parsed_document
from qitools.collaborative.history import history
from qitools.collaborative.loading import load
from qitools.collaborative.saving import preview, read, save
from qitools.collaborative.writing import ChangedMeanwhile, SavingError
from qitools.errors import ParameterError, QitoolsError

DAY = date(2025, 2, 1)
DECIDED = date(2025, 9, 2)


def decision(kind="annotation", **words):
    return Decision(**{"kind": kind, "reason": "New form", "by": "Analyst", "decided": DECIDED, "date": DAY} | words)


PHASE = decision("phase", team="north", measure="checked")
EXCLUSION = decision("exclusion", team="north", date=date(2025, 4, 1), reason="Ward closed")
CHART = decision("chart", measure="checked", value="p", date=None, reason="Large denominators")
TARGET = decision("target", measure="checked", value=92.5, date=None)
RULES = decision("rules", value="mdc", date=None)
BASELINE = decision("baseline", value=12, date=None)
SCREEN = decision("screen", value=True, date=None)
QUARTER = decision("period", team="south", value="quarter", date=None)
EVERY = [PHASE, EXCLUSION, decision(), CHART, TARGET, RULES, BASELINE, SCREEN, QUARTER]


@pytest.fixture
def path(write_collaborative):
    return write_collaborative()


def refused(kind, *arguments, **words):
    with pytest.raises(kind) as error:
        save(*arguments, **words)
    return str(error.value)


def test_every_kind_is_saved_loads_and_is_told_with_its_reason(path):
    save(read(path), EVERY)
    opened = load(path)
    known = opened.parameters
    assert [(one.team, one.start, one.reason) for one in known.phases] == [("north", DAY, "New form")]
    assert [(one.team, one.date, one.reason) for one in known.exclusions] == [
        ("north", date(2025, 4, 1), "Ward closed")
    ]
    assert opened.changes.to_dict("records") == [
        {"team": "", "measure": "", "date": pd.Timestamp(DAY), "text": "New form"}
    ]
    assert (known.measures[0].chart, known.measures[0].target) == ("p", 92.5)
    assert (known.rules, known.baseline, known.screen, known.teams[1].period) == ("mdc", 12, True, "quarter")
    told = history(opened)
    assert told["kind"].tolist() == [one.kind for one in EVERY]
    assert told["by"].eq("Analyst").all()
    assert told["decided"].eq(pd.Timestamp(DECIDED)).all()
    assert dict(zip(told["kind"], told["was"], strict=True))["rules"] == "left to its default"
    assert told["reason"].tolist() == [one.reason for one in EVERY]


def test_what_is_taken_back_leaves_the_file_byte_for_byte_as_it_was(path):
    before = path.read_bytes()
    seen = save(read(path), EVERY)
    assert path.read_bytes() != before
    save(seen, without=EVERY)
    assert path.read_bytes() == before


def test_undo_gives_a_setting_its_earlier_value_and_its_comment_its_column(write_collaborative, small):
    text = small.replace("measures:", "rules: anhoej-2014   # as agreed\nmeasures:")
    path = write_collaborative(text)
    seen = save(read(path), [RULES])
    assert "\nrules: mdc           # as agreed\n" in seen.text
    assert load(path).history["was"].tolist() == ["anhoej-2014"]
    assert save(seen, without=[RULES]).text == text


def test_the_shipped_example_takes_decisions_and_gives_them_back(root, tmp_path):
    path = tmp_path / "example.yaml"
    path.write_bytes((root / "parameters" / "example.yaml").read_bytes())
    decisions = [
        decision("phase", team="larkmoor", measure="infections", date=date(2026, 1, 1)),
        decision("exclusion", date=date(2025, 6, 1)),
        decision(team="larkmoor"),
        decision("chart", measure="infections", value="u", date=None),
        decision("target", measure="hand_hygiene", value=90, date=None),
    ]
    seen = save(read(path), decisions, data=root / "parameters")
    old = iter((root / "parameters" / "example.yaml").read_text("utf-8").splitlines())
    changed = ("    chart: run ", "  - {id: hand_hygiene,")
    lines = iter(seen.text.splitlines())
    assert all(line in lines for line in old if not line.startswith(changed))  # in this order, nothing lost
    save(seen, without=decisions, data=root / "parameters")
    assert path.read_bytes() == (root / "parameters" / "example.yaml").read_bytes()


def test_the_preview_is_what_is_saved_and_writes_nothing(path):
    before = path.read_bytes()
    told = preview(read(path), [PHASE, CHART])
    assert path.read_bytes() == before
    added = [line[1:] for line in told.splitlines() if line.startswith("+") and not line.startswith("+++")]
    save(read(path), [PHASE, CHART])
    assert all(line in path.read_text("utf-8").splitlines() for line in added)
    assert (
        "{team: north, measure: checked, start: 2025-02-01, reason: New form, by: Analyst, decided: 2025-09-02}" in told
    )


SHAPES = {
    "none": "",
    "block": "annotations:\n  - team: north\n    date: 2025-01-01\n    text: One  # why\n\n# next\n",
    "one line": "annotations:\n  - {team: north, date: 2025-01-01, text: One}   # why\n\n# next\n",
    "not indented": "annotations:\n- {date: 2025-01-01, text: One}\n- {date: 2025-01-02, text: Two}\nrules: mdc\n",
    "in brackets": "annotations: [{date: 2025-01-01, text: One}]  # why\n",
    "in brackets over lines": "annotations: [\n  {date: 2025-01-01, text: One},\n  {date: 2025-01-02, text: Two},\n]\n",
    "empty brackets": "annotations: []  # none yet\nrules: mdc\n",
    "folded": "annotations:\n  - date: 2025-01-01\n    text: >\n      One\n      and two\n\nrules: mdc\n",
    "literal at the end": "annotations:\n  - date: 2025-01-01\n    text: |\n      One\n      # no comment\n",
    "no last line end": "rules: mdc",
    "dash alone": "annotations:\n  -\n    date: 2025-01-01\n    text: One\nrules: mdc\n",
    "mark of the end": "annotations:\n  - {date: 2025-01-01, text: One}\n...\n",
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_of_any_shape_keeps_every_line(small, shape, newline):
    text = (small + SHAPES[shape]).replace("\n", newline)
    new = amended(text, "small.yaml", [decision()])
    left = iter(new.split(newline))
    changed = ("annotations: [", "  {date: 2025-01-02") if "brackets" in shape else ("never",)
    assert all(line in left for line in text.split(newline) if line and not line.startswith(changed))
    assert parsed_document(new, "small.yaml").data["annotations"][-1]["text"] == "New form"
    assert new.count("\n") == new.count(newline)
    if shape not in ("no last line end", "literal at the end"):
        assert amended(new, "small.yaml", [], [decision()]) == text


def test_an_entry_in_the_middle_goes_alone(small):
    text = (
        small
        + "annotations:\n  # first\n  - {date: 2025-01-01, text: One}\n  # second\n  - {date: 2025-01-02, text: Two}\n"
    )
    middle = amended(text, "small.yaml", [decision(reason="Three")])
    one = Decision("annotation", "One", "", DECIDED, date=date(2025, 1, 1))
    with pytest.raises(ParameterError, match="no such decision"):
        amended(middle, "small.yaml", [], [one])  # it has no date of decision, so it is another
    text = text.replace("text: One}", "text: One, by: A, decided: 2025-09-02}")
    left = amended(text, "small.yaml", [], [Decision("annotation", "One", "A", DECIDED, date=date(2025, 1, 1))])
    assert left == text.replace("  - {date: 2025-01-01, text: One, by: A, decided: 2025-09-02}\n", "")


@given(st.text(max_size=40), st.text(min_size=1, max_size=40), st.sampled_from(sorted(SHAPES)))
def test_any_text_comes_back_as_plain_text_and_goes_without_a_trace(reason, by, shape):
    assume(plain(reason) and plain(by))
    text = f"collaborative: small\n{SHAPES[shape]}"
    one = decision(reason=reason, by=by)
    try:
        new = amended(text, "small.yaml", [one])
    except ParameterError as error:
        assert error.problems[0].code == "personal_number"
        return
    entry = parsed_document(new, "small.yaml").data["annotations"][-1]
    assert (entry["text"], entry["by"]) == (plain(reason), plain(by))
    if shape not in ("no last line end", "literal at the end"):
        assert amended(new, "small.yaml", [], [one]) == text


HOSTILE = [
    "yes",
    "2025-01-01",
    "!!python/object/apply:os.system ['id']",
    "a: b # c",
    "- x\n- y",
    "}, {team: all",
    "'\"\\",
    "&a *a",
    "\u00a0Moved\u00a0to 2\u200b",
    "🎉 é",
    "=1+1",
    "<script>alert(1)</script>",
    "---\n...",
]


def test_hostile_texts_are_text_to_whoever_loads_them(path):
    decisions = [decision(reason=text) for text in HOSTILE]
    save(read(path), decisions)
    opened = load(path)
    assert sorted(opened.changes["text"]) == sorted(plain(text) for text in HOSTILE)
    assert [one.text for one in opened.parameters.annotations] == [plain(text) for text in HOSTILE]


def test_a_byte_order_mark_stays(path):
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    before = path.read_bytes()
    seen = save(read(path), [CHART])
    assert path.read_bytes().startswith(b"\xef\xbb\xbfcollaborative")
    save(seen, without=[CHART])
    assert path.read_bytes() == before


LACKING = [
    ({"reason": " "}, "annotation: reason: expected why it was decided (it is empty)"),
    ({"by": ""}, "annotation: by: expected who decided (a role will do) (it is empty)"),
    ({"decided": None}, "annotation: decided: expected the day it was decided"),
    ({"date": None}, "annotation: date: expected the day it speaks of"),
    ({"kind": "phase", "team": "north"}, "phase: measure: expected the measure"),
    ({"kind": "chart", "value": "p"}, "chart: measure: expected the measure it is set for"),
    ({"kind": "period", "value": "quarter"}, "period: team: expected the team it is set for"),
    ({"kind": "phases"}, "kind: found 'phases', expected phase or exclusion or annotation or chart"),
]


@pytest.mark.parametrize(("words", "message"), LACKING)
def test_a_decision_that_lacks_something_is_not_saved(path, words, message):
    assert message in refused(ParameterError, read(path), [decision(**words)])
    assert not path.read_text("utf-8").count("decided")


def test_all_that_is_lacking_is_said_at_once(path):
    told = refused(ParameterError, read(path), [decision(reason="", by=""), decision("chart")])
    assert told.count("\n  - ") == 3


WRONG = [
    (decision("phase", team="nort", measure="checked"), "found 'nort', expected the id of a team"),
    (decision("phase", team="north", measure="checked", date=date(2025, 2, 2)), "the nearest is 2025-02-01"),
    (decision("exclusion", date=date(2031, 1, 1)), "the first day of a period"),
    (decision("chart", measure="chekced", value="p"), "did you mean 'checked'?"),
    (decision("chart", measure="checked", value="u"), "expected run, i, auto, p, pp for data that are a proportion"),
    (decision("rules", value="his"), "expected one of his-2025"),
    (decision("baseline", value=2), "a number of at least 3"),
    (decision("target", measure="checked", value="high"), "expected a number"),
    (decision("rules", value=None), "found 'left to its default', expected another value"),
    (decision(reason="Call 0101901234"), "no number that could be a CHI number"),
]


@pytest.mark.parametrize(("one", "message"), WRONG)
def test_what_the_loader_refuses_never_reaches_the_disk(path, one, message):
    before = path.read_bytes()
    assert message in refused(QitoolsError, read(path), [one])
    assert path.read_bytes() == before
    assert {other.name for other in path.parent.iterdir()} <= {"small.yaml", "small.csv", ".small.yaml.lock"}


def test_a_second_phase_on_one_day_is_refused_with_the_line_of_the_first(path):
    seen, again = save(read(path), [PHASE]), decision("phase", team="north", measure="checked", reason="Other")
    assert "one decision for a team, measure and date (line 12 has it already)" in refused(
        ParameterError, seen, [again]
    )


def test_what_is_not_there_or_was_changed_since_cannot_be_taken_back(path):
    assert "no such decision" in refused(ParameterError, read(path), without=[PHASE])
    seen = save(read(path), [CHART])
    save(seen, [decision("chart", measure="checked", value="i", reason="Again")])
    told = refused(ParameterError, read(path), without=[CHART])
    assert "found 'i', expected p, as this decision left it: it was changed since" in told


def test_a_file_changed_meanwhile_is_refused_with_both_versions(path):
    seen = read(path)
    path.write_text(seen.text.replace("title: A small", "title: Another"), "utf-8")
    told = refused(ChangedMeanwhile, seen, [PHASE])
    assert "changed by someone else since you opened it; nothing of yours was written" in told
    assert "-title: A small collaborative\n+title: Another collaborative" in told
    assert "+  - {team: north, measure: checked" in told
    assert "phases" not in path.read_text("utf-8")


def test_a_file_that_is_gone_gives_back_what_would_have_been_saved(path):
    seen = read(path)
    path.unlink()
    told = refused(SavingError, seen, [PHASE])
    assert told.startswith("small.yaml is gone: nothing was written; what you would have saved:")
    assert "nothing there any more" in told
    assert "as it was" not in told
    assert "+  - {team: north, measure: checked" in told
    with pytest.raises(SavingError, match="nothing there any more"):
        read(path)


def test_a_protected_file_is_refused_in_words(path):
    path.chmod(0o444)
    told = refused(SavingError, read(path), [PHASE])
    assert "small.yaml was not written, and is as it was" in told
    assert "found 'a read-only file'" in told


@pytest.mark.parametrize("step", ["os.fsync", "shutil.copystat"])
def test_a_full_disk_leaves_the_file_as_it_was(path, monkeypatch, step):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = path.read_bytes()
    module, name = step.split(".")
    monkeypatch.setattr(getattr(writing, module), name, full)
    told = refused(SavingError, read(path), [PHASE])
    assert "found 'a full disk', expected a file that may be written (make room, then save again)" in told
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".small.yaml.*[!k]"))


TIGHT = """
import resource, signal, sys
from pathlib import Path
from datetime import date
from qitools.collaborative.saving import read, save
from qitools.collaborative.amending import Decision
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
seen = read(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (len(seen.text), len(seen.text)))
try:
    save(seen, [Decision("annotation", "x" * 500, "A", date(2025, 9, 2), date=date(2025, 2, 1))])
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are Unix's")
def test_a_write_that_the_system_cuts_short_leaves_the_file_as_it_was(path):
    before = path.read_bytes()
    told = subprocess.run([sys.executable, "-c", TIGHT, path], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("SavingError small.yaml was not written, and is as it was"), told
    assert "a file size limit" in told.stdout
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="users and modes are Unix's")
def test_a_folder_that_is_closed_to_us_is_refused_in_words(path):
    read(path)  # once as ourselves, so that all there is to import is imported
    before, ourselves = path.read_bytes(), os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for one in path.parent.iterdir():
            (folder / one.name).write_bytes(one.read_bytes())
        folder.chmod(0o555)
        try:
            if ourselves == 0:  # root may write anywhere: be someone who may not
                os.seteuid(65534)
            told = refused(SavingError, read(folder / "small.yaml"), [PHASE])
        finally:
            os.seteuid(ourselves)
            folder.chmod(0o755)
        assert "small.yaml was not written, and is as it was" in told
        assert "no permission to write" in told
        assert (folder / "small.yaml").read_bytes() == before


def test_a_link_is_followed_within_its_folder_and_no_further(path, tmp_path):
    real = path.rename(path.with_name("small-2025.yaml"))
    path.symlink_to(real.name)
    save(read(path), [PHASE])
    assert path.is_symlink()
    assert "phases" in real.read_text("utf-8")
    outside = real.rename(tmp_path / "elsewhere.yaml")
    path.unlink()
    path.symlink_to(outside)
    assert "found 'a link to " in refused(SavingError, read(path), [EXCLUSION])
    assert "exclusions" not in outside.read_text("utf-8")


def test_mode_and_owner_are_kept(path):
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
    before = path.stat()
    save(read(path), [PHASE])
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino


def test_a_value_that_two_places_share_is_left_to_be_edited_by_hand(write_collaborative, small):
    shared = small.replace(
        "process, data: proportion, better: higher}",
        "process, data: proportion, better: higher, chart: &c run}\n"
        "  - {id: other, name: Other, kind: process, data: proportion, better: higher, chart: *c}",
    )
    path = write_collaborative(shared)
    told = refused(ParameterError, read(path), [CHART])
    assert "small.yaml cannot be edited in place" in told
    assert "write by hand: chart: p" in told


def test_an_edit_whose_text_does_not_say_what_it_should_is_refused():
    with pytest.raises(ParameterError, match=r"cannot be edited in place.*\n.*write by hand: rules: mdc"):
        amended("rules: his-2025\nrules: perla-2011\n", "small.yaml", [RULES])  # the key twice: which one counts?


def test_what_is_no_list_or_no_single_value_is_refused_with_what_to_write():
    with pytest.raises(ParameterError, match=r"found 'annotations is not a list', .*\(write by hand: - \{date: 2025"):
        amended("annotations: none\n", "small.yaml", [decision()])
    with pytest.raises(ParameterError, match="found 'rules is not a single value'"):
        amended("rules: [his-2025]\n", "small.yaml", [RULES])


BESIDE = """
import sys, time
from pathlib import Path
from datetime import date
from qitools.collaborative.saving import read, save
from qitools.collaborative.amending import Decision
from qitools.collaborative.writing import ChangedMeanwhile
path, who = Path(sys.argv[1]), sys.argv[2]
(path.parent / f"ready-{who}").touch()
while len(list(path.parent.glob("ready-*"))) < 2:
    time.sleep(0.01)
for i in range(5):
    while True:
        try:
            save(read(path), [Decision("annotation", f"{who} {i}", who, date(2025, 9, 2), date=date(2025, 2, 1))])
            break
        except ChangedMeanwhile:
            pass
"""


def test_two_processes_that_save_at_once_lose_nothing(path):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", BESIDE, path, who], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for who in ("first", "second")
    ]
    told = [one.communicate(timeout=300) for one in started]
    assert [one.returncode for one in started] == [0, 0], told
    texts = [one.text for one in load(path).parameters.annotations]
    assert sorted(texts) == sorted(f"{who} {i}" for who in ("first", "second") for i in range(5))

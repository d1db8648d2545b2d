"""What was agreed in the room: shown, appended once, and refused with its place where it cannot be right."""

import errno
import json
import os

import pytest

from qitools.collaborative import writing
from qitools.collaborative.loading import load
from qitools.collaborative.taking import append, open_take
from qitools.collaborative.writing import ChangedMeanwhile, SavingError
from qitools.errors import DataError, ParameterError, QitoolsError

YAML = """\
sessions: [{date: 2025-03-05, name: First}, {date: 2025-06-18, name: Second}]
drivers: [{id: forms, name: Better forms, measure: checked}]
"""
HEADS = {
    "changes": "team,measure,date,text,origin\nnorth,,2025-01-07,New form,hand\n",
    "pdsa": "team,start,measure,driver,idea,plan,prediction,result,owner,session,own\n",
    "offers": "team,date,kind,measure,driver,text,session\n",
}
TEST = {
    "kind": "test",
    "team": "north",
    "measure": "checked",
    "driver": "Better forms",
    "idea": "One page",
    "prediction": "Half the time",
    "owner": "Nurse",
    "by_when": "2025-04-01",
    "text": "One bed, one day",
}
NOTE = {"kind": "note", "team": "south", "text": "Ward moved"}
OFFER = {"kind": "offer", "team": "north", "measure": "checked", "text": "Our form"}
ASK = {"kind": "ask", "team": "south", "text": "Who has forms?"}


@pytest.fixture
def open_it(write_collaborative, small, tmp_path):
    """Write the collaborative with its logs, and the file of what was agreed; work out what it would append."""

    def write(*items, files=None, sources=None, **words):
        named = {f"{log}.csv": text for log, text in {**HEADS, **(files or {})}.items()}
        lines = {log: f"{log}.csv" for log in HEADS} | (sources or {})
        keys = "".join(f"  {log}: {file}\n" for log, file in lines.items() if file)
        text = small.replace("  observations: small.csv\n", f"  observations: small.csv\n{keys}")
        path = write_collaborative(text + YAML)
        for name, text in named.items():
            (path.parent / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        said = {"qitools": "room", "collaborative": "small", "session": "First", "date": "2025-03-05", "items": items}
        take = tmp_path / "room.json"
        take.write_text(json.dumps(said | words, indent=1), "utf-8")
        return path, take

    return write


def refusal(path, take, kind=QitoolsError):
    before = {one.name: one.read_bytes() for one in path.parent.glob("*.*")}
    with pytest.raises(kind) as error:
        open_take(take, path)
    assert before == {one.name: one.read_bytes() for one in path.parent.glob("*.*")}
    return str(error.value)


def test_what_is_shown_is_what_is_appended_and_then_loads(open_it):
    path, take = open_it(TEST, NOTE, OFFER, ASK)
    taking = open_take(take, path)
    assert taking.rows["file"].tolist() == ["pdsa.csv", "changes.csv", "offers.csv", "offers.csv"]
    assert taking.rows["text"].tolist() == ["One bed, one day", "Ward moved", "Our form", "Who has forms?"]
    assert (taking.session, taking.already) == ("First", 0)
    assert not load(path).records.pdsa.shape[0]
    append(taking)
    assert (path.parent / "changes.csv").read_text() == HEADS["changes"] + "south,,2025-03-05,Ward moved,\n"
    added = [line[1:] for line in taking.diff.splitlines() if line.startswith("+") and line[:3] != "+++"]
    assert [(path.parent / f"{log}.csv").read_text().splitlines()[-1] for log in ("pdsa", "changes")] == added[:2]
    opened = load(path)
    row = opened.records.pdsa.iloc[0].to_dict()
    wanted = {
        "driver": "forms",
        "idea": "One page",
        "prediction": "Half the time",
        "owner": "Nurse",
        "session": "First",
    }
    assert {name: row[name] for name in wanted} == wanted
    assert row["plan"] == "One bed, one day (by 2025-04-01)"
    assert f"{row['start']:%Y-%m-%d}" == "2025-03-05"
    assert opened.changes["text"].tolist() == ["New form", "Ward moved"]
    assert opened.records.offers[["team", "kind", "session"]].to_numpy().tolist() == [
        ["north", "offer", "First"],
        ["south", "ask", "First"],
    ]
    assert opened.findings["where"].eq("").all()


def test_taken_twice_nothing_is_appended_again(open_it):
    path, take = open_it(TEST, NOTE, NOTE)
    append(open_take(take, path))
    before = {one.name: one.read_bytes() for one in path.parent.glob("*.csv")}
    again = open_take(take, path)
    assert (len(again.rows), again.already, again.files, again.diff) == (0, 3, (), "")
    append(again)
    assert before == {one.name: one.read_bytes() for one in path.parent.glob("*.csv")}


def test_what_is_new_beside_what_is_there_is_appended_alone(open_it):
    path, take = open_it(NOTE)
    append(open_take(take, path))
    said = json.loads(take.read_text())
    take.write_text(json.dumps(said | {"items": [NOTE, ASK]}))
    taking = open_take(take, path)
    assert (taking.already, taking.rows["kind"].tolist()) == (1, ["ask"])


@pytest.mark.parametrize(
    ("encoding", "mark", "line", "separator"),
    [
        ("utf-8", b"", "\n", ","),
        ("utf-8", b"", "\r\n", ","),
        ("utf-8", b"\xef\xbb\xbf", "\r\n", ";"),
        ("cp1252", b"", "\r\n", ";"),
        ("utf-16", b"\xff\xfe", "\n", ","),
    ],
)
@pytest.mark.parametrize("ended", [True, False])
def test_a_file_keeps_its_encoding_separator_line_ends_and_every_byte(open_it, encoding, mark, line, separator, ended):
    text = "team;measure;date;text\r\nnorth;;07/01/2025;Café\r\n".replace("\r\n", line).replace(";", separator)
    plain = {"utf-16": "utf-16-le"}.get(encoding, encoding)
    raw = mark + (text if ended else text.removesuffix(line)).encode(plain)
    declared = "utf-8-sig" if mark and encoding == "utf-8" else encoding
    sheet = f"{{file: changes.csv, encoding: {declared}, separator: '{separator}', date_format: '%d/%m/%Y'}}"
    path, take = open_it(NOTE | {"text": "Déjà vu"}, files={"changes": raw}, sources={"changes": sheet})
    append(open_take(take, path))
    row = "south;;05/03/2025;Déjà vu".replace(";", separator) + line
    assert (path.parent / "changes.csv").read_bytes() == mark + (text + row).encode(plain)
    assert load(path).changes["text"].tolist() == ["Café", "Déjà vu"]
    assert open_take(take, path).already == 1


HOSTILE = ["=1+1", "@SUM(A1)", "-3 beds", 'a "quote", a; comma', "two\nlines", "<b>🎉</b>", "\u00a0NBSP\u200b"]


def test_hostile_texts_come_back_as_text_and_are_no_formula(open_it):
    path, take = open_it(*[NOTE | {"text": text} for text in HOSTILE])
    append(open_take(take, path))
    told = load(path).changes["text"].tolist()
    assert sorted(told) == sorted(["New form", *HOSTILE[:-1], "NBSP"])
    assert ",=1+1" not in (path.parent / "changes.csv").read_text("utf-8")
    assert open_take(take, path).already == len(HOSTILE)


WRONG = [
    ({"team": "nort"}, "line 7, items[0].team: found 'nort', expected a team of the YAML (did you mean 'north'?)"),
    ({"team": ""}, "items[0].team"),
    (
        {"measure": "chekced"},
        "items[0].measure: found 'chekced', expected a measure of the YAML (did you mean",
    ),
    ({"driver": "beds"}, "items[0].driver: found 'beds', expected a driver of the YAML"),
    ({"by_when": "soon"}, "items[0].by_when: found 'soon', expected a day such as 2026-03-31"),
    ({"text": "", "prediction": "", "idea": ""}, "items[0].text: expected a plan or a prediction"),
    ({"kind": "tset"}, "items[0].kind: found 'tset', expected test, note, offer or ask (did you mean 'test'?)"),
    ({"bywhen": "x"}, "items[0].bywhen: found 'bywhen', expected a known key (did you mean 'by_when'?)"),
    ({"text": 5}, "items[0].text: found '5', expected text"),
    ({"text": "Call 0101901234"}, "expected no number that could be a CHI number"),
]


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_an_item_that_cannot_be_right_is_refused_with_its_place(open_it, words, message):
    assert message in refusal(*open_it(TEST | words))


TAKES = [
    ({"collaborative": "falls"}, "collaborative: found 'falls', expected 'small': this is what was agreed in another"),
    (
        {"session": "Frist"},
        "session: found 'Frist', expected the name of a session of the YAML (did you mean 'First'",
    ),
    ({"date": "5 March"}, "date: found '5 March', expected a day such as 2026-03-31"),
    ({"date": "1999-03-05"}, "items[0].date: found '1999-03-05', expected a day near the figures"),
    ({"items": []}, "items: expected at least one"),
    ({"qitools": "vote"}, "is not what the presenter's page exports"),
]


@pytest.mark.parametrize(("words", "message"), TAKES)
def test_a_file_that_is_not_for_this_collaborative_is_refused(open_it, words, message):
    assert message in refusal(*open_it(TEST, **words))


def test_what_is_no_export_is_refused(open_it, tmp_path):
    path, take = open_it(TEST)
    take.write_text('{"qitools": "room",\n "items": [}', "utf-8")
    assert "room.json, line 2: found 'Expecting value" in refusal(path, take, ParameterError)
    take.write_text("[1, 2]", "utf-8")
    assert "'room', as the presenter's page writes it" in refusal(path, take, ParameterError)
    take.write_bytes(b"\xff\xfe\x00")
    assert "JSON, as the presenter's page exports it" in refusal(path, take, ParameterError)
    assert "No such file" in refusal(path, tmp_path / "none.json", ParameterError)


def test_all_that_is_wrong_is_said_at_once(open_it):
    told = refusal(*open_it(TEST | {"team": "x"}, NOTE | {"text": ""}, ASK | {"measure": "y"}))
    assert told.count("\n  - ") == 3
    assert "items[1].text: expected what was changed" in told


def test_what_a_file_has_no_place_for_is_refused_not_dropped(open_it):
    told = refusal(*open_it(TEST, files={"pdsa": "team,start,plan,session\n"}), DataError)
    for name in ("measure", "driver", "idea", "prediction", "owner"):
        assert f"items[0].{name}: found {TEST[name]!r}, expected a column {name!r} in pdsa.csv (add {name!r} to" in told
    told = refusal(*open_it(NOTE | {"owner": "Nurse"}))
    assert "items[0].owner: found 'Nurse', expected no owner, for which changes.csv has no column" in told


def test_letters_that_a_file_cannot_hold_are_refused(open_it):
    sheet = "{file: changes.csv, encoding: cp1252}"
    told = refusal(*open_it(NOTE | {"text": "Well done 🎉"}, sources={"changes": sheet}))
    assert "items[0].text: found '🎉', expected letters that cp1252 has (save changes.csv as UTF-8" in told


def test_a_kind_without_a_file_is_refused_with_what_to_add(open_it):
    told = refusal(*open_it(OFFER, TEST, sources={"offers": ""}))
    assert "items[0].kind: expected a file for offers in small.yaml" in told
    assert "add 'offers: data/small-offers.csv' under 'sources'" in told
    assert "with the heading team,date,kind,measure,driver,text,session" in told


def test_a_column_for_the_day_is_filled_where_there_is_one(open_it):
    head = "team,start,plan,prediction,measure,driver,idea,owner,session,by_when\n"
    path, take = open_it(TEST, files={"pdsa": head})
    append(open_take(take, path))
    assert (
        (path.parent / "pdsa.csv")
        .read_text()
        .endswith(
            'north,2025-03-05,"One bed, one day",Half the time,checked,Better forms,One page,Nurse,First,2025-04-01\n'
        )
    )


def test_a_file_changed_between_showing_and_appending_is_left_alone(open_it):
    path, take = open_it(TEST, NOTE)
    taking = open_take(take, path)
    changes = path.parent / "changes.csv"
    changes.write_text(HEADS["changes"] + "south,,2025-02-01,Mine,hand\n")
    with pytest.raises(ChangedMeanwhile, match=r"changes\.csv was changed by someone else meanwhile"):
        append(taking)
    assert (path.parent / "pdsa.csv").read_text() == HEADS["pdsa"]  # the other file neither
    append(open_take(take, path))
    assert "Mine" in changes.read_text()
    assert "Ward moved" in changes.read_text()


def test_a_disk_that_fills_up_loses_nothing_and_the_file_can_be_taken_again(open_it, monkeypatch):
    path, take = open_it(TEST, NOTE)
    taking, written = open_take(take, path), []

    def full(*_):
        written.append(1)
        if len(written) == 3:  # a file and its folder reach the disk; the next does not
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(writing.os, "fsync", full)
        with pytest.raises(SavingError, match="a full disk"):
            append(taking)
    assert (path.parent / "changes.csv").read_text() == HEADS["changes"]
    again = open_take(take, path)
    assert (again.already, again.rows["kind"].tolist()) == (1, ["note"])

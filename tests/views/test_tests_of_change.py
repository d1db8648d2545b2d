"""What was agreed, done and learnt, as sentences and tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import qitools as qi
from qitools.analysis import pdsa
from qitools.collaborative.records import Records
from qitools.views import wording_tests

HOSTILE = '</script><img src=x onerror="alert(1)">'


def table(sheet: Any, at: int = 1) -> Any:
    return sheet.parts[at].frame


def test_since_holds_every_test_agreed_or_begun(falls: Any) -> None:
    expected = pdsa.since(falls).tests
    frame = table(qi.since(falls))
    names = falls.teams.set_index("team")["name"]
    assert frame["Team"].tolist() == [names[team] for team in expected["team"]]
    assert frame["What was learnt"].tolist() == expected["result"].tolist()
    assert frame["Decision"].tolist() == [wording_tests.DECIDED[state] for state in expected["state"]]


def test_since_of_one_team_names_it_nowhere(falls: Any) -> None:
    team = str(pdsa.since(falls).tests["team"].iloc[0])
    assert "Team" not in table(qi.since(falls, team))


def test_commitments_name_a_role_a_day_and_a_prediction(falls: Any) -> None:
    expected = pdsa.commitments(falls)
    frame = table(qi.commitments(falls))
    assert len(frame) == len(expected) > 0
    assert list(frame) == ["Team", "Test of change", "Who", "From", "With", "Predicted"]
    assert frame["Predicted"].tolist() == expected["prediction"].tolist()
    assert all(frame["Who"])


def test_tallies_add_up(falls: Any) -> None:
    sheet = qi.tests(falls, view="facilitator")
    teams, scales = table(sheet), table(sheet, 2)
    total = len(pdsa.cycles(falls))
    assert teams["Team"].tolist() == falls.teams["name"].tolist()
    assert teams["Tests"].astype(int).sum() == total
    decided = [words for words in wording_tests.DECIDED.values() if words in teams]
    assert teams[decided].astype(int).to_numpy().sum() == total
    assert scales["Tests"].astype(int).sum() == (pdsa.cycles(falls)["scale"] != "").sum()


def test_the_room_reads_of_teams_that_test_and_of_how_many_do_not(falls: Any) -> None:
    testing = set(falls.records.pdsa["team"])
    names = [name for team, name in zip(falls.teams["team"], falls.teams["name"], strict=True) if team in testing]
    room = qi.tests(falls)
    assert table(room)["Team"].tolist() == names
    assert f"{len(falls.teams) - len(names)} teams have recorded none yet." in str(room)
    with pytest.raises(qi.ParameterError, match="room"):
        qi.tests(falls, view="rooms")


@pytest.mark.parametrize("call", ["since", "commitments", "tests"])
def test_without_a_log_there_are_words(falls: Any, call: str) -> None:
    shown = getattr(qi, call)(replace(falls, records=Records()))
    assert str(shown) == wording_tests.NO_LOG
    assert "<table" not in shown._repr_html_()


def test_a_team_without_tests_is_asked_what_is_next(falls: Any) -> None:
    quiet = next(team for team in falls.teams["team"] if team not in set(falls.records.pdsa["team"]))
    assert str(qi.commitments(falls, quiet)).endswith("by when?")
    assert "begun since" in str(qi.since(falls, quiet))


@pytest.mark.parametrize("call", ["since", "commitments", "tests"])
def test_hostile_words_stay_words(falls: Any, call: str) -> None:
    texts = dict.fromkeys(("idea", "scale", "prediction", "result", "owner"), HOSTILE)
    log = falls.records.pdsa.assign(**texts)
    html = getattr(qi, call)(replace(falls, records=replace(falls.records, pdsa=log)))._repr_html_()
    assert "<img" not in html and "</script" not in html
    assert "&lt;img" in html


def test_an_unknown_team_is_refused(falls: Any) -> None:
    with pytest.raises(qi.ParameterError, match="almara"):
        qi.since(falls, "almarra")

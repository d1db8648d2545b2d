"""Decisions at the door of ``analyse``: a phase or an exclusion falls where it was meant to, or is refused."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import qitools as qi

MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")


def table(*names: tuple[str, str]) -> pd.DataFrame:
    one = {"date": MONTHS, "numerator": [9.0, 11, 10, 12, 8, 10] * 4}
    return pd.concat([pd.DataFrame({"team": team, "measure": measure, **one}) for team, measure in names])


def decisions(*rows: tuple[Any, ...], **columns: Any) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["team", "measure", "start", "reason"]).assign(**columns)


TWO = table(("ward a", "falls"), ("ward b", "falls"), ("ward a", "sores"), ("ward b", "sores"))


@pytest.mark.parametrize("what", ["phases", "exclusions"])
@pytest.mark.parametrize(
    ("team", "measure", "hint"),
    [
        ("ward aa", "falls", "did you mean 'ward a'?"),
        ("wrd b", "sores", "did you mean 'ward b'?"),
        ("ward b", "soers", "did you mean 'sores'?"),
        ("ward aa", "", "did you mean 'ward a'?"),
        ("", "fals", "did you mean 'falls'?"),
    ],
)
def test_a_misspelt_name_never_falls_on_another(what, team, measure, hint):
    given = decisions((team, measure, MONTHS[5], "New form"))
    with pytest.raises(qi.ParameterError, match="expected a team and a measure that reported") as refused:
        qi.analyse(TWO, better="lower", **{what: given})
    assert hint in str(refused.value)


def test_every_decision_that_falls_nowhere_is_named():
    given = decisions(
        ("x", "falls", MONTHS[5], "r"), ("ward a", "falls", MONTHS[5], "r"), ("y", "sores", MONTHS[5], "r")
    )
    with pytest.raises(qi.ParameterError) as refused:
        qi.analyse(TWO, better="lower", phases=given)
    assert len(refused.value.problems) == 2


def test_an_empty_name_or_no_column_means_all():
    given = decisions(("", "falls", MONTHS[12], "New form"))
    for phases in (given, given.drop(columns="team")):
        found = qi.analyse(TWO, better="lower", phases=phases).phases.query("phase == 2")
        assert found[["team", "measure"]].to_numpy().tolist() == [["ward a", "falls"], ["ward b", "falls"]]


def test_two_phases_cannot_begin_at_once():
    given = decisions(("ward a", "falls", MONTHS[5], "One"), ("", "falls", MONTHS[5], "Other"))
    with pytest.raises(qi.ParameterError, match="team 'ward a', measure 'falls', 2023-06-01: found 'two phases'"):
        qi.analyse(TWO, better="lower", phases=given)


def test_a_decision_about_an_empty_table_is_refused():
    given = decisions(("ward a", "falls", MONTHS[5], "r"))
    with pytest.raises(qi.ParameterError, match="match no row"):
        qi.analyse(TWO.iloc[:0], better="lower", phases=given)


@pytest.mark.parametrize("what", ["phases", "exclusions"])
@pytest.mark.parametrize("given", [[("ward a", "falls", "2023-05-01")], {"ward a": "2023-05-01"}, "2023-05-01"])
def test_decisions_are_a_table(what, given):
    with pytest.raises(qi.ParameterError, match=f"{what}: found '{type(given).__name__}', expected a table with"):
        qi.analyse(TWO, better="lower", **{what: given})


def test_a_decision_has_a_reason_a_name_and_days_that_can_be():
    given = decisions(
        ("ward a", "falls", "01/06/2023", "r"),
        (None, "falls", "2023-06-01", None),
        ("ward b", "falls", "2023-06-01", " "),
        ("ward b", "sores", "2023-06-01", "r"),
        until=["2023-07-01", "2023-07-01", "later", "2023-05-01"],
    )
    with pytest.raises(qi.ParameterError) as refused:
        qi.analyse(TWO, better="lower", exclusions=given)
    told = [(problem.line, problem.where.split(", ")[1], problem.found) for problem in refused.value.problems]
    assert sorted(told) == [
        (1, "start", "01/06/2023"),
        (2, "reason", "nothing"),
        (2, "team", "nothing"),
        (3, "reason", "nothing"),
        (3, "until", "later"),
        (4, "until", "2023-05-01"),
    ]


@pytest.mark.parametrize("gone", ["start", "reason"])
def test_a_decision_lacks_no_column_it_needs(gone):
    given = decisions(("ward a", "falls", "2023-06-01", "r")).drop(columns=gone)
    with pytest.raises(qi.ParameterError, match=f"phases: found .no column '{gone}'"):
        qi.analyse(TWO, better="lower", phases=given)


def test_a_start_with_a_time_zone_is_its_local_day():
    given = decisions(("ward a", "falls", pd.Timestamp("2023-06-01", tz="Europe/London"), "r"))
    assert qi.analyse(TWO, better="lower", phases=given).phases["start"].iloc[1] == pd.Timestamp("2023-06-01")

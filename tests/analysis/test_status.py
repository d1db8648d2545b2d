"""What became of each figure: its status goes through the engine, and every absent value says why it is absent."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.long_table import STATUSES
from qitools.collaborative import cells

MONTHS = pd.date_range("2023-01-01", periods=14, freq="MS")
STEADY = [9.0, 11, 10, 12, 8, 10, 9] * 2
YAML = """
    collaborative: small
    title: Statuses
    period: month
    sources: {observations: small.csv}
    measures: [{id: m, name: Measure, kind: outcome, data: proportion, better: lower}]
    teams: [{id: a, name: A}]
"""


def table(**columns):
    return pd.DataFrame({"team": "a", "measure": "m", "date": MONTHS, "numerator": STEADY} | columns)


def points(rows, **asked):
    return qi.analyse(rows, **({"better": "lower"} | asked)).points


def test_the_engine_knows_the_statuses_of_the_door():
    assert sorted(STATUSES) == sorted(cells.STATUSES)


def test_without_a_column_figures_are_reported_and_gaps_missing():
    found = points(table(numerator=[*STEADY[:5], np.nan, *STEADY[6:]]).drop(index=8))
    assert (
        found["status"].tolist() == ["reported"] * 5 + ["missing"] + ["reported"] * 2 + ["missing"] + ["reported"] * 5
    )
    assert found["reason"].tolist() == ["missing" if word == "missing" else "" for word in found["status"]]


def test_every_status_is_kept():
    given = ["late", "provisional", "revised", "reported", "suppressed", "missing", None, "", "Late ", "PROVISIONAL"]
    found = points(table(status=[*given, *["reported"] * 4]))["status"]
    assert isinstance(found.dtype, pd.CategoricalDtype) and list(found.cat.categories) == list(STATUSES)
    assert found.tolist()[:10] == [*given[:6], "reported", "reported", "late", "provisional"]


def test_a_figure_called_missing_or_suppressed_is_nowhere():
    found = points(table(status=["missing", "suppressed", *["reported"] * 12]))
    assert found[["numerator", "value"]].iloc[:2].isna().all(axis=None)
    assert found["reason"].tolist()[:3] == ["missing", "suppressed", ""]


def test_a_word_nobody_knows_is_refused_with_its_row():
    with pytest.raises(qi.DataError, match=r"line 3, column 'status': found 'lost', expected missing, reported"):
        qi.analyse(table(status=["late", None, "lost", *["reported"] * 11]), better="lower")


def test_the_same_from_a_collaborative(write_collaborative):
    status = ["late", "provisional", "revised", "", "suppressed", "missing", "", "", *["reported"] * 6]
    numerator = [*STEADY[:6], 0.0, *STEADY[7:]]
    rows = table(numerator=numerator, denominator=[20.0] * 6 + [0.0, np.nan] + [20.0] * 6, status=status)
    analysis = qi.analyse(qi.load(write_collaborative(YAML, rows.drop(index=9).to_csv(index=False), name="small")))
    plain = qi.analyse(rows.drop(index=9), better="lower", chart=analysis.measures["chart"].item())
    assert analysis.points["status"].tolist() == plain.points["status"].tolist()
    assert analysis.points["reason"].tolist() == plain.points["reason"].tolist()
    expected = ["", "", "", "", "suppressed", "missing", "zero_denominator", "no_denominator", "", "missing"]
    assert analysis.points["reason"].tolist()[:10] == expected
    assert analysis.points["status"].tolist()[6:8] == ["reported", "reported"]
    assert analysis.series["completeness"].item() == pytest.approx(12 / 14)


def test_the_least_certain_part_of_a_subgroup_speaks_for_it():
    rows = pd.concat([table(status=word) for word in ("reported", "late", "revised")])
    assert set(points(rows, chart="xbar")["status"]) == {"late"}
    withheld = points(pd.concat([table(status="reported"), table(status="suppressed")]), chart="xbar")
    assert withheld["value"].isna().all() and set(withheld["reason"]) == {"suppressed"}
    part = points(pd.concat([table(), table(status="missing")]), chart="xbar")
    assert set(part["status"]) == {"reported"} and part["value"].tolist() == STEADY


@pytest.mark.parametrize("chart", ["t", "g"])
def test_a_first_event_is_reported(chart):
    found = points(
        table(numerator=np.nan, date=pd.to_datetime("2023-01-01") + pd.to_timedelta(np.arange(14) * 9, "D")),
        chart=chart,
    )
    assert set(found["status"]) == {"reported"}
    assert found["reason"].tolist() == ["no_previous", *[""] * 13]


def test_a_moving_range_beside_a_gap_has_nothing_before_it():
    found = points(table(numerator=[*STEADY[:5], np.nan, *STEADY[6:]]), chart="mr")
    assert found["reason"].tolist()[:8] == ["no_previous", "", "", "", "", "missing", "no_previous", ""]
    assert found["status"].tolist()[5:7] == ["missing", "reported"]


def test_a_subgroup_of_one_has_no_spread():
    rows = pd.concat([table(), table().iloc[1:]])
    found = points(rows, chart="s")
    assert found["status"].iloc[0] == "reported" and found["reason"].iloc[0] == "alone"

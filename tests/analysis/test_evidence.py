"""When the evidence behind a verdict began and ended, and whether a team still reports."""

from __future__ import annotations

import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.pooled import awaited

BASE = [9.0, 11.0] * 6  # twelve points about a median of 10
LOW, HIGH, EVEN = [8.0], [12.0], [9.0, 11.0]
RISING = [9.2, 9.6, 10.1, 10.4, 10.8]  # five points one way: a trend, and no shift


def month(number):
    return pd.Timestamp("2021-01-01") + pd.DateOffset(months=number)


def table(values, team="a", start=0):
    dates = pd.date_range(month(start), periods=len(values), freq="MS")
    return pd.DataFrame({"team": team, "measure": "m", "date": dates, "numerator": values})


def decided(*starts):
    return pd.DataFrame({"team": "a", "measure": "m", "start": [month(at) for at in starts], "reason": "agreed"})


def dates(values, **asked):
    row = qi.analyse(table(values), **({"better": "lower"} | asked)).series.iloc[0]
    return row.verdict, *(None if pd.isna(day) else day for day in (row.first_signal, row.signal_end))


@pytest.mark.parametrize(
    ("after", "verdict", "first", "last"),
    [
        (EVEN * 6, "no_signal", None, None),
        (RISING, "no_signal", None, None),  # a marked trend is no evidence of a verdict
        ([*RISING, *LOW * 9], "improved", 17, None),
        (LOW * 9, "improved", 12, None),
        (LOW * 9 + HIGH + LOW, "improved", 12, 20),
        (LOW * 9 + [10.0, 10.0], "improved", 12, None),  # on the line: neither counts nor breaks
        (LOW * 9 + HIGH * 6, "mixed", 12, 20),
        (HIGH * 9 + EVEN * 4, "worsened", 12, 20),
        (LOW * 9 + HIGH * 9, "worsened", 21, None),
        (LOW * 6, "candidate", 12, None),
        (HIGH * 9 + LOW * 6, "candidate", 21, None),  # the run under way, not the one that it turns from
        (LOW * 6 + EVEN, "no_signal", None, None),
    ],
)
def test_dates_are_of_the_run_behind_the_verdict(after, verdict, first, last):
    expected = (verdict, *(None if at is None else month(at) for at in (first, last)))
    assert dates(BASE + after) == expected
    assert dates([20 - value for value in BASE + after], better="higher") == expected


def test_against_the_centre_before():
    assert dates(BASE + LOW * 12, phases=decided(12)) == ("improved", month(12), None)
    assert dates(BASE + EVEN * 10, phases=decided(12)) == ("new_centre", None, None)
    back = BASE + [5.0, 7.0] * 6 + [8.0] * 9
    assert dates(back, phases=decided(12)) == ("mixed", month(12), None)  # all of it below the first centre


def test_sliding_from_a_centre_that_is_held_against_nothing():
    few = [*BASE[:4], *LOW * 12, *HIGH * 9]  # the first centre stands on four points: not built upon
    assert dates(few, phases=decided(4)) == ("candidate", month(16), None)


def test_too_few_points_have_no_dates():
    assert dates(LOW * 11) == ("too_few", None, None)


def test_marked_counts_marks_of_any_rule():
    rows = pd.concat([table(BASE + RISING, "a"), table(BASE + EVEN * 2, "b"), table(RISING, "c")])
    assert qi.analyse(rows, better="lower").series["marked"].tolist() == [5, 0, 0]


def test_a_team_is_counted_for_a_year_after_its_last_figure():
    rows = pd.concat([table(BASE * 3, "a"), table(BASE * 2, "b"), table(BASE * 2 + [9.0], "c")])
    analysis = qi.analyse(rows[rows["date"] <= month(36)], better="lower")
    assert analysis.series[["team", "current"]].to_numpy().tolist() == [["a", True], ["b", True], ["c", True]]
    later = qi.analyse(pd.concat([rows, table([9.0], "a", start=36)]), better="lower")
    assert later.series[["team", "current"]].to_numpy().tolist() == [["a", True], ["b", False], ["c", True]]
    assert awaited(later, "m") == ["c"]


def test_excluded_and_hidden_figures_were_sent():
    rows = pd.concat([table(BASE * 3, "a"), table(BASE * 3, "b")])
    last = (rows["team"] == "b") & (rows["date"] > month(12))
    hidden = rows.assign(status=last.map({True: "suppressed", False: "reported"}))
    left_out = pd.DataFrame(
        {"team": ["b"], "measure": "m", "date": [month(13)], "until": [month(35)], "reason": "ward closed for repairs"}
    )
    for source, exclusions in ((hidden, None), (rows, left_out)):
        assert qi.analyse(source, better="lower", exclusions=exclusions).series["current"].tolist() == [True, True]


def test_a_team_without_events_may_have_good_news():
    days = pd.to_datetime(["2020-01-10", "2020-02-01", "2020-03-05"])
    quiet = pd.DataFrame({"team": "a", "measure": "m", "date": days, "numerator": float("nan")})
    busy = quiet.assign(team="b", date=days + pd.DateOffset(years=4))
    assert qi.analyse(pd.concat([quiet, busy]), chart="t", better="higher").series["current"].tolist() == [True, True]

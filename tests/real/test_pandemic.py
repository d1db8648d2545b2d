"""Months left out for every team, and a year that one department did not send: what the pages say and show of them."""

from dataclasses import replace

import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.pooled import pool
from qitools.analysis.split import split
from qitools.views import notes

pytestmark = pytest.mark.real
AYR, MEASURE = "university-hospital-ayr", "within_4h"
STRETCHES = ("2020-03 2020-08", "2020-11 2021-05", "2021-10 2022-03", "2023-01 2023-02")
LEFT_OUT = {
    f"{month:%Y-%m}" for one in STRETCHES for month in pd.date_range(*(f"{end}-01" for end in one.split()), freq="MS")
}
GONE = {f"{month:%Y-%m}" for month in pd.date_range("2017-04-01", "2018-03-01", freq="MS")}
WHY = "Pandemic: left out as Healthcare Improvement Scotland does"


@pytest.fixture(scope="module")
def departments(root, real_data):
    return qi.analyse(qi.load(root / "tests" / "real" / "ae_his.yaml", data=real_data))


def months(points, rows):
    return set(points.loc[rows, "date"].dt.strftime("%Y-%m"))


def test_months_left_out_for_all_are_drawn_in_the_pooled_chart_and_do_not_count(departments):
    points = pool(departments, MEASURE).analysis.points
    assert months(points, points["excluded"]) == LEFT_OUT
    assert points["value"].notna().all()
    shown = qi.pooled(departments).options[0]
    hollow = [kind == "excluded" for kind in shown.data["points"]["kind"]]
    assert sum(hollow) == len(LEFT_OUT)
    assert [note.partition(": ")[2] for note in shown.notes] == [WHY] * len(STRETCHES)
    noted = [note for note, out in zip(shown.data["points"]["note"], hollow, strict=True) if out]
    assert set(noted) == {"shown but not counted, by decision"}


def test_no_centre_line_run_or_window_rests_on_them(departments):
    def without(rows):
        numbers = {name: departments.points[name].where(~rows) for name in ("numerator", "denominator", "value")}
        return pool(replace(departments, points=departments.points.assign(**numbers)), MEASURE).analysis.series.iloc[0]

    left_out = departments.points["excluded"]
    told, bare = pool(departments, MEASURE).analysis.series.iloc[0], without(left_out)
    for name in ("baseline_centre", "latest", "last", "verdict", "first_signal", "n"):
        assert told[name] == bare[name], name
    found = split(departments, MEASURE)
    assert (found.last, found.periods) == ((pd.Timestamp("2022-04-01"), pd.Timestamp("2022-12-01")), 9)
    assert "from the same 9 months of each" in qi.split(departments).sentence
    assert "April 2022 to December 2022, 30 teams beside each other" in qi.funnel(departments).sentence


def test_the_notes_say_them_once_for_all_with_the_reason(departments):
    (line,) = dict(notes.of(departments))["Left out by decision"]
    assert line == (
        "30 teams, Attendances dealt with inside four hours, March 2020 to August 2020, November 2020 to May 2021, "
        f"October 2021 to March 2022 and January 2023 to February 2023: {WHY}."
    )


def test_the_missing_year_is_a_gap_in_chart_table_map_and_words(departments):
    table = qi.chart(departments, team=AYR).table.set_index("Period")
    gone = table.loc["Apr 2017":"Mar 2018"]
    assert len(gone) == 12 and set(gone["Value"]) == {""} and set(gone["Note"]) == {"not reported"}
    one = departments.points[(departments.points["team"] == AYR)]
    assert months(one, one["status"] == "missing") == GONE
    assert "176 of 188 figures reported" in str(qi.heading(departments, AYR))
    assert "12 of 188 figures missing; they are gaps, never zeros" in str(qi.method(departments, AYR))
    assert "12 of 5,853 figures expected are missing" in qi.reporting(departments).sentence
    assert "12 figures are missing" in str(qi.questions(departments, AYR)).lower()


def test_a_team_that_misses_a_year_is_not_one_that_reported_throughout(departments):
    pooled = pool(departments, MEASURE)
    strip = pooled.reporting.set_index(pooled.reporting["date"].dt.strftime("%Y-%m"))
    short = set(strip.index[strip["reporting"] < strip["expected"]])
    assert short == GONE


def test_a_team_reads_nothing_of_what_was_noticed_in_others(departments):
    assert "Noticed in the data" in dict(notes.of(departments))
    assert "Noticed in the data" not in dict(notes.of(departments, AYR))

"""A long table at the door of ``analyse``: what is read, and what is refused with its row."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qitools as qi

MONTHS = pd.date_range("2023-01-01", periods=24, freq="MS")
STEADY = [9.0, 11, 10, 12, 8, 10] * 4


def table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"team": "a", "measure": "m", "date": MONTHS, "numerator": STEADY} | columns)


def refused(rows: pd.DataFrame, **asked: Any) -> qi.QitoolsError:
    with pytest.raises(qi.QitoolsError) as error:
        qi.analyse(rows, better="lower", **asked)
    return error.value


class TestDates:
    @pytest.mark.parametrize(
        "form", ["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d %B %Y", "%Y/%m/%d", "%Y%m%d", "%b-%y", "%Y"]
    )
    def test_text_that_might_be_another_day_is_refused(self, form):
        error = refused(table(date=MONTHS.strftime(form)))
        assert "expected a date such as 2026-03-01" in str(error)
        assert (error.problems[0].line, error.problems[0].found) == (1, MONTHS[0].strftime(form))

    @pytest.mark.parametrize("whole", [[202301 + month for month in range(24)], list(range(2000, 2024))])
    def test_a_number_is_no_date(self, whole):
        assert "expected a date such as 2026-03-01" in str(refused(table(date=whole)))

    @pytest.mark.parametrize(
        "dates",
        [
            MONTHS.strftime("%Y-%m-%d"),
            MONTHS.strftime("%Y-%m"),
            MONTHS.strftime("%Y-%m-%dT00:00:00+01:00"),
            MONTHS.tz_localize("Europe/London"),
            [day.tz_localize("Europe/London").to_pydatetime() for day in MONTHS],
            [day.date() for day in MONTHS],
            MONTHS.to_period("M"),
            list(MONTHS.to_period("M")),
            pd.Categorical(MONTHS.strftime("%Y-%m-%d")),
            [MONTHS[0], datetime.date(2023, 2, 1), "2023-03-01", *MONTHS[3:].to_pydatetime()],
        ],
    )
    def test_dates_of_any_make_keep_their_local_day(self, dates):
        found = qi.analyse(table(date=dates), better="lower").points
        assert found["date"].tolist() == MONTHS.tolist()

    @pytest.mark.parametrize("dates", [["2023-13-01"], ["2023-02-30"], [None], [""]])
    def test_what_is_no_date_is_named_with_its_row(self, dates):
        assert refused(table(date=[*MONTHS[:5].strftime("%Y-%m-%d"), *dates] * 4)).problems[0].line == 6

    @pytest.mark.parametrize(("row", "day"), [(23, "2062-12-01"), (7, "1999-08-01")])
    def test_a_date_years_away_from_the_others_is_named(self, row, day):
        dates = list(MONTHS)
        dates[row] = pd.Timestamp(day)
        (problem,) = refused(table(date=dates)).problems
        assert (problem.line, problem.code, problem.found[:10]) == (row + 1, "far_date", day)
        assert problem.expected.startswith("a date near the others, 2023-01-01 to 2024-")

    def test_years_may_pass_between_events_but_not_decades(self):
        days = pd.to_datetime(["2010-03-01", "2011-05-04", "2012-06-07", "2019-08-09"])
        rows = pd.DataFrame({"team": "a", "measure": "m", "date": days, "numerator": np.nan})
        assert len(qi.analyse(rows, chart="t", better="higher").points) == 4
        assert refused(rows).problems[0].code == "far_date"
        late = rows.assign(date=[*days[:3], pd.Timestamp("2062-08-09")])
        assert refused(late, chart="t").problems[0].line == 4

    def test_a_long_series_and_many_far_rows_are_no_slips(self):
        old = table(date=pd.date_range("1991-01-01", periods=24, freq="MS"))
        assert len(qi.analyse(pd.concat([table(), old.assign(team="b")]), better="lower").series) == 2
        yearly = table(date=pd.date_range("1970-01-01", periods=24, freq="2YS"))
        assert len(qi.analyse(yearly, better="lower").points) == 24


class TestMonthEnds:
    """Dates that are all last days of months are months: what nobody reported is a gap, dated alike."""

    ENDS = pd.date_range("2023-01-31", periods=24, freq="ME")

    @pytest.mark.parametrize("period", [None, "month"])
    def test_gaps_are_filled_as_between_first_days(self, period):
        out = [3, 4, 9]
        firsts, ends = (
            qi.analyse(table(date=dates).drop(index=out), better="lower", period=period)
            for dates in (MONTHS, self.ENDS)
        )
        assert ends.points["date"].tolist() == self.ENDS.tolist()
        dated = ["date", "first", "last", "first_signal", "signal_end", "start", "end", "triggered"]
        for name in ("points", "phases", "series"):
            one, other = (getattr(made, name).drop(columns=dated, errors="ignore") for made in (firsts, ends))
            pd.testing.assert_frame_equal(one, other)
        assert (ends.points["status"] == "missing").sum() == 3
        assert ends.method["period"] == "month" and ends.teams["period"].tolist() == ["month"]
        assert (firsts.method["month_ends"], ends.method["month_ends"]) == (False, True)
        assert "The last day of a month was taken to stand for its month" in str(qi.method(ends))
        assert "last day of a month" not in str(qi.method(firsts))

    def test_quarters(self):
        quarters = table(date=pd.date_range("2018-03-31", periods=24, freq="QE")).drop(index=5)
        found = qi.analyse(quarters, better="lower")
        assert found.method["period"] == "quarter" and len(found.points) == 24
        assert found.points["date"].iloc[5] == pd.Timestamp("2019-06-30")
        asked = qi.analyse(quarters, better="lower", period="quarter")
        pd.testing.assert_frame_equal(found.points, asked.points)

    def test_each_team_for_itself(self):
        other = table(team="b").drop(index=4)
        found = qi.analyse(pd.concat([table(date=self.ENDS).drop(index=6), other]), better="lower").points
        assert found.groupby("team", observed=True)["date"].agg(list).tolist() == [self.ENDS.tolist(), MONTHS.tolist()]

    @pytest.mark.parametrize("dates", [[*ENDS[:-1], "2024-12-30"], [*ENDS[:-1], "2024-12-01"]])
    def test_one_other_day_makes_them_days(self, dates):
        found = qi.analyse(table(date=pd.to_datetime(dates)).drop(index=6), better="lower")
        assert (len(found.points), found.method["period"], found.method["month_ends"]) == (23, "", False)


class TestNames:
    @pytest.mark.parametrize(
        ("teams", "found"),
        [
            ([1, "1"], "1 and '1'"),
            (["a", "a "], "'a' and 'a '"),
            (["", "b"], "an empty name"),
            ([" ", "b"], "an empty"),
        ],
    )
    def test_names_nobody_can_tell_apart(self, teams, found):
        rows = pd.concat([table(team=team) for team in teams])
        assert found in refused(rows).problems[0].found
        assert found in refused(rows.rename(columns={"team": "measure", "measure": "team"})).problems[0].found

    def test_a_column_that_is_there_twice(self):
        rows = pd.concat([table(), table()[["numerator"]]], axis=1)
        assert "column 'numerator': found '2 columns of this name', expected one" in str(refused(rows))


class TestNumbers:
    @pytest.mark.parametrize("number", [1e307, -1e307, 1.1e15])
    @pytest.mark.parametrize("column", ["numerator", "denominator"])
    def test_a_figure_out_of_range_is_refused_with_its_row(self, number, column):
        rows = table(denominator=20.0)
        rows.loc[4, column] = number
        found = [one for one in refused(rows).problems if one.code == "out_of_range"]
        assert [(one.line, one.where) for one in found] == [(5, f"column '{column}'")]

    @pytest.mark.parametrize(("chart", "per"), [("u", 1), ("u", 1000), ("run", 1)])
    def test_so_is_a_value_that_runs_over_as_it_is_divided(self, chart, per):
        error = refused(table(denominator=1e-300), chart=chart, per=per)
        assert "team 'a', measure 'm', 2023-01-01: found 'one that is out of range'" in str(error)

    @pytest.mark.parametrize("chart", ["run", "i", "mr", "c", "g", "t", "u", "p"])
    def test_the_largest_that_is_taken_still_varies(self, chart):
        rows = table(numerator=np.array(STEADY) * 8e13, denominator=1e15)
        found = qi.analyse(rows, chart=chart, better="lower", rules="mdc" if chart != "run" else "his-2025")
        assert "no_variation" not in found.phases["reason"].item() + found.series["reason"].item()

    @pytest.mark.parametrize("numbers", [MONTHS, MONTHS - MONTHS[0], np.ones(24, complex)])
    def test_numbers_are_numbers(self, numbers):
        assert "column 'numerator': found" in str(refused(table(numerator=numbers)))

    @pytest.mark.parametrize("chart", ["run", "p", "u", "i"])
    def test_a_denominator_below_0_is_refused_with_its_row(self, chart):
        error = refused(table(denominator=[20.0] * 23 + [-20.0]), chart=chart)
        assert "line 24, column 'denominator': found '-20.0', expected a denominator of 0 or more" in str(error)

    def test_all_that_cannot_be_read_is_said_at_once(self):
        rows = table(
            date=["soon", *MONTHS[1:].strftime("%Y-%m-%d")], denominator=[-1.0] * 24, numerator=["x", *STEADY[1:]]
        )
        assert {problem.where for problem in refused(rows).problems} == {
            "column 'date'",
            "column 'numerator'",
            "column 'denominator'",
        }


@pytest.mark.parametrize("missing_too", [False, True])
def test_a_value_withheld_is_nowhere(missing_too):
    rows = table(status=["suppressed", *["reported"] * 23], numerator=[4321.0, *STEADY[1:]])
    if missing_too:
        rows.loc[5, "numerator"] = np.nan
    found = qi.analyse(rows, chart="i", better="lower", rules="mdc")
    assert found.points[["numerator", "value"]].iloc[0].isna().all()
    assert found.points["reason"].iloc[0] == "suppressed"
    assert not any(4321 in frame.to_numpy().ravel().tolist() for frame in (found.points, found.phases, found.series))
    assert found.phases["centre"].item() == pytest.approx(rows["numerator"].iloc[1:].mean())


class TestKinds:
    """What a measure is does not hang on a row, nor on who else is in the table."""

    def two(self, second: float, first: float = 4.0) -> pd.DataFrame:
        one = table(numerator=[first] * 24, denominator=10.0)
        return pd.concat([one, table(team="b", numerator=[4.0] * 23 + [second], denominator=10.0)])

    @pytest.mark.parametrize("chart", ["run", "i", "p"])
    @pytest.mark.parametrize("per", [1, 100])
    def test_one_numerator_above_its_denominator_is_refused(self, chart, per):
        error = refused(self.two(11.0), chart=chart, per=per)
        assert "team 'b', measure 'm', 2024-12-01: found 'a numerator above its denominator'" in str(error)
        assert "chart u or up" in str(error)
        assert len(error.problems) == 1

    def test_a_rate_told_by_chart_or_per_may_pass_its_denominator(self):
        for asked in ({"chart": "u"}, {"per": 10}, {"per": 1000}):
            assert qi.analyse(self.two(11.0), better="lower", **asked).measures["data"].tolist() == ["rate"]

    @pytest.mark.parametrize("chart", ["run", "i", "auto"])
    def test_a_team_without_denominators_beside_one_with_them(self, chart):
        error = refused(pd.concat([self.two(4.0), table(team="c", denominator=np.nan)]), chart=chart)
        assert "team 'c', measure 'm': found 'numerators without a denominator, where other teams" in str(error)
        said = qi.analyse(pd.concat([self.two(4.0), table(team="c", denominator=np.nan)]), chart="p", better="lower")
        assert set(said.points["reason"][said.points["team"] == "c"]) == {"no_denominator"}

    def test_a_rate_in_every_team_is_a_rate(self):
        rows = table(numerator=[25.0] * 24, denominator=10.0)
        assert qi.analyse(rows, better="lower").measures["data"].tolist() == ["rate"]
        assert "above its denominator" in str(refused(pd.concat([rows, self.two(4.0)[24:]])))

    @pytest.mark.parametrize("chart", ["xbar", "s"])
    def test_a_chart_of_means_has_no_denominators(self, chart):
        rows = pd.concat([table(denominator=20.0)] * 3)
        error = refused(rows, chart=chart)
        assert f"chart of measure 'm': found '{chart}', expected no denominators" in str(error)
        assert qi.analyse(rows.drop(columns="denominator"), chart=chart, better="lower").points["value"].notna().all()

    def test_what_has_no_denominator_is_a_finding(self):
        found = qi.analyse(table(denominator=[np.nan, 0.0] + [20.0] * 22), better="lower").method["findings"]
        assert [(one["code"], one["team"], one["line"]) for one in found] == [
            ("no_denominator", "a", 1),
            ("zero_denominator", "a", 2),
        ]
        assert qi.analyse(table(), better="lower").method["findings"] == []


class TestEvents:
    DAYS = pd.to_datetime(["2023-01-01", "2023-01-20", "2023-01-20", "2023-02-10", "2023-05-01"])

    def events(self, numerator: float) -> pd.DataFrame:
        return pd.DataFrame({"team": "a", "measure": "m", "date": self.DAYS, "numerator": numerator})

    @pytest.mark.parametrize("chart", ["g", "t"])
    def test_dates_alone_give_the_days_between(self, chart):
        points = qi.analyse(self.events(np.nan), chart=chart, better="higher").points
        assert points["value"].tolist()[1:] == [19.0, 0.0, 21.0, 80.0]
        assert np.isnan(points["value"].iloc[0])

    @pytest.mark.parametrize("chart", ["g", "t"])
    def test_events_counted_as_1_are_no_gaps(self, chart):
        with pytest.raises(qi.DataError, match=r"found '1 in every row'.*leave the numerator empty"):
            qi.analyse(self.events(1.0), chart=chart, better="higher")


class TestQuarters:
    def quarters(self, start: str = "2020-01-01", **columns: Any) -> pd.DataFrame:
        dates = pd.date_range(start, periods=16, freq="3MS")
        return pd.DataFrame({"team": "q", "measure": "m", "date": dates, "numerator": STEADY[:16]} | columns)

    @pytest.mark.parametrize("start", ["2020-01-01", "2020-02-01", "2020-06-01"])
    def test_quarters_are_seen_in_the_dates(self, start):
        told, seen = (qi.analyse(self.quarters(start), better="lower", period=period) for period in ("quarter", None))
        pd.testing.assert_frame_equal(told.series, seen.series)
        assert seen.points["in_baseline"].sum() == 8
        assert seen.method["period"] == "quarter"

    def test_a_team_by_month_beside_it_changes_nothing(self):
        found = qi.analyse(pd.concat([self.quarters(), table()]), better="lower")
        assert found.teams[["team", "period"]].to_numpy().tolist() == [["a", "month"], ["q", "quarter"]]
        assert found.method["period"] == ""
        assert found.points.groupby("team", observed=True)["in_baseline"].sum().tolist() == [12, 8]

    @pytest.mark.parametrize(
        ("freq", "period"),
        [("MS", "month"), ("6MS", ""), ("YS", ""), ("2MS", ""), ("W", ""), ("D", ""), ("ME", "month")],
    )
    def test_what_is_not_quarterly(self, freq, period):
        rows = self.quarters(date=pd.date_range("2020-01-01", periods=16, freq=freq))
        found = qi.analyse(rows, better="lower")
        assert (found.teams["period"].tolist(), found.method["period"]) == ([period], period)


class TestPeriods:
    """A period that the dates cannot have is refused, not filled with gaps."""

    @pytest.mark.parametrize(
        ("freq", "period", "found"),
        [
            ("MS", "week", "31 days after the date before"),
            ("MS", "quarter", "31 days after the date before"),
            ("W-MON", "month", "7 days after the date before"),
            ("W-MON", "quarter", "7 days after the date before"),
            ("QS", "week", "90 days after the date before"),
            ("D", "week", "1 days after the date before"),
        ],
    )
    def test_dates_of_another_period(self, freq, period, found):
        rows = table(date=pd.date_range("2023-01-01", periods=24, freq=freq))
        with pytest.raises(qi.ParameterError, match=f"found '{found}', expected dates one or more {period}s apart"):
            qi.analyse(rows, better="lower", period=period)

    @pytest.mark.parametrize(
        ("freq", "period"), [("MS", "month"), ("ME", "month"), ("QS", "month"), ("W-WED", "week"), ("2W", "week")]
    )
    def test_whole_periods_apart(self, freq, period):
        rows = table(date=pd.date_range("2023-01-01", periods=24, freq=freq))
        assert qi.analyse(rows, better="lower", period=period).method["period"] == period

    def test_events_have_no_period(self):
        days = pd.to_datetime(["2023-01-01", "2023-01-20", "2023-01-20", "2023-02-10", "2023-05-01"])
        rows = pd.DataFrame({"team": "a", "measure": "m", "date": days, "numerator": np.nan})
        assert len(qi.analyse(rows, chart="t", better="higher", period="month").points) == 5

    def test_all_teams_by_month_make_a_table_by_month(self):
        both = pd.concat([table(), table(team="b").iloc[::2]])
        found = qi.analyse(both, better="lower")
        assert found.method["period"] == "month" and found.teams["period"].tolist() == ["month", ""]
        days = table(team="c", date=pd.date_range("2023-01-01", periods=24, freq="D"))
        assert qi.analyse(pd.concat([both, days]), better="lower").method["period"] == ""

    def test_a_team_that_joins_puts_no_gaps_into_another(self):
        yearly = table(team="y", date=pd.date_range("2000-01-01", periods=24, freq="YS"))
        quarterly = table(team="q", date=pd.date_range("2019-01-01", periods=24, freq="QS"))
        for rows in (yearly, pd.concat([yearly, quarterly]), pd.concat([yearly, quarterly, table()])):
            found = qi.analyse(rows, better="lower").points
            assert (found["team"] == "y").sum() == 24


def test_a_collaborative_keeps_its_own_period(write_collaborative):
    yaml = """
        collaborative: small
        title: Months
        period: month
        sources: {observations: small.csv}
        measures: [{id: m, name: Measure, kind: outcome, data: count, better: lower}]
        teams: [{id: a, name: A}]
    """
    loaded = qi.load(write_collaborative(yaml, table(denominator=np.nan).to_csv(index=False), name="small"))
    with pytest.raises(qi.ParameterError, match="period: found 'quarter', expected month"):
        qi.analyse(loaded, period="quarter")
    assert qi.analyse(loaded, period="month").method["period"] == "month"


class TestFamilies:
    """A rule set of charts with limits says on a run chart what it does not look for."""

    @pytest.mark.parametrize("rules", ["western-electric", "nelson-1984", "mdc", "ihi-2011"])
    def test_a_limit_set_on_a_run_chart_says_so(self, rules):
        found = qi.analyse(table(), better="lower", rules=rules)
        assert "no_limit_rules" in found.phases["reason"].item().split()
        assert "no_limit_rules" in found.series["reason"].item().split()
        assert "no_limit_rules" not in str(qi.analyse(table(), better="lower", rules=rules, chart="i").series["reason"])

    @pytest.mark.parametrize("rules", ["his-2025", "perla-2011", "anhoej-2014"])
    def test_a_set_for_run_charts_does_not(self, rules):
        assert "no_limit_rules" not in qi.analyse(table(), better="lower", rules=rules).series["reason"].item()


@pytest.mark.parametrize("day", ["2201-01-01", "2999-03-01", "1899-12-31"])
@pytest.mark.parametrize("typed", [str, pd.Timestamp, datetime.date.fromisoformat])
def test_a_slip_in_the_year_is_refused_with_its_row(day, typed):
    days = [typed(one) for one in ("1900-01-01", "2200-12-31", day)]
    table = pd.DataFrame({"team": "a", "measure": "m", "date": days, "numerator": 1.0})
    with pytest.raises(qi.DataError, match="a year from 1900 to 2200") as error:
        qi.analyse(table, better="lower")
    assert "line 3" in str(error.value) and "line 2" not in str(error.value) and day in str(error.value)

"""``analyse``: what it accepts, what it refuses and how, and what each argument changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.choice import NULL_95
from qitools.spc.limits import Sample, proportions
from qitools.spc.panel import Panel
from qitools.spc.phases import Rebase


def table(values: list[float], team: str = "a", measure: str = "m", **columns: float) -> pd.DataFrame:
    dates = pd.date_range("2023-01-01", periods=len(values), freq="MS")
    return pd.DataFrame({"team": team, "measure": measure, "date": dates, "numerator": values}).assign(**columns)


STEADY = [9.0, 11, 10, 12, 8, 10] * 4


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ({}, "better of measure 'm': found 'nothing', expected higher, lower, neither"),
            ({"better": "lowr"}, "did you mean 'lower'?"),
            ({"better": {"n": "lower"}}, "better: found 'n', expected m"),
            ({"better": "lower", "chart": "xmr"}, "chart of measure 'm': found 'xmr'"),
            ({"better": "lower", "rules": "his"}, "rules: found 'his', expected his-2025"),
            ({"better": "lower", "per": 0}, "per of measure 'm': found '0', expected a number above 0"),
            ({"better": "lower", "baseline": 1}, "a whole number of points, 2 or more"),
            ({"better": "lower", "period": "day"}, "period: found 'day', expected week, month, quarter"),
            ({"better": "lower", "rebase": "always"}, "rebase: found 'always'"),
            ({"better": "lower", "rebase": Rebase("run", run=8, median_of=9)}, "found 'a run of 8, a median of 9'"),
            ({"better": "lower", "chart": "p"}, "expected denominators above 0"),
        ],
    )
    def test_an_argument_that_cannot_be_is_named_with_what_is_legal(self, arguments, said):
        with pytest.raises(qi.ParameterError) as refused:
            qi.analyse(table(STEADY), **arguments)
        assert said in str(refused.value)

    def test_all_that_is_wrong_is_said_at_once(self):
        with pytest.raises(qi.ParameterError) as refused:
            qi.analyse(pd.concat([table(STEADY), table(STEADY, measure="n")]), better={"m": "up"}, chart="zzz")
        assert len(refused.value.problems) == 4

    @pytest.mark.parametrize(
        ("column", "value", "said"),
        [
            ("numerator", "n/a", "line 3, column 'numerator': found 'n/a', expected a number"),
            ("numerator", np.inf, "line 3, column 'numerator': found 'inf'"),
            ("date", "soon", "line 3, column 'date': found 'soon', expected a date"),
            ("team", None, "line 3, column 'team'"),
        ],
    )
    def test_a_row_that_cannot_be_read_is_named(self, column, value, said):
        rows = table(STEADY).astype({column: object})
        rows.loc[2, column] = value
        with pytest.raises(qi.DataError, match="cannot be read") as refused:
            qi.analyse(rows, better="lower")
        assert said in str(refused.value)

    def test_a_column_that_is_not_there_is_offered_the_nearest(self):
        with pytest.raises(qi.DataError, match="did you mean 'numerater'"):
            qi.analyse(table(STEADY).rename(columns={"numerator": "numerater"}), better="lower")

    def test_a_date_that_is_there_twice(self):
        with pytest.raises(qi.DataError, match="team 'a', measure 'm', 2023-01-01: found 'a second row'"):
            qi.analyse(pd.concat([table(STEADY), table([5.0])]), better="lower")

    @pytest.mark.parametrize(
        ("chart", "values", "said"), [("p", [12.0], "above its denominator"), ("c", [-1.0], "below 0")]
    )
    def test_values_that_cannot_be(self, chart, values, said):
        with pytest.raises(qi.DataError, match=f"team 'a', measure 'm', 2023-01-01: found 'a .*{said}"):
            qi.analyse(table(values, denominator=10.0), chart=chart, better="lower")

    @pytest.mark.parametrize("what", ["phases", "exclusions"])
    def test_a_decision_about_no_row_is_told_the_nearest(self, what):
        decision = pd.DataFrame({"team": ["a"], "measure": ["m"], "date": ["2023-05-10"], "reason": ["x"]})
        with pytest.raises(qi.ParameterError, match="the nearest is 2023-05-01"):
            qi.analyse(table(STEADY), better="lower", **{what: decision})

    def test_a_decision_about_a_team_nobody_knows(self):
        decision = pd.DataFrame({"team": ["b"], "measure": ["m"], "date": ["2023-05-01"], "reason": ["x"]})
        with pytest.raises(qi.ParameterError, match="expected a team and a measure that reported"):
            qi.analyse(table(STEADY), better="lower", phases=decision)


class TestArguments:
    def test_each_measure_may_have_its_own(self):
        rows = pd.concat([table(STEADY, denominator=40.0), table(STEADY, measure="n", denominator=40.0)])
        found = qi.analyse(
            rows,
            chart={"m": "p"},
            per={"m": 100},
            better={"m": "lower", "n": "higher"},
            target={"n": 0.3},
            baseline={"m": 15},
        )
        assert found.measures["chart"].tolist() == ["p", "run"]
        assert found.measures["rule_set"].tolist() == ["ihi-2011", "his-2025"]
        assert found.points.groupby("measure", observed=True)["in_baseline"].sum().tolist() == [15, 12]
        assert found.phases["centre"].round(3).tolist() == [25.0, 0.25]
        assert found.series["target_status"].tolist() == ["", "not_met"]

    def test_quarters_need_eight_points(self):
        dates = pd.date_range("2020-01-01", periods=16, freq="QS")
        rows = table([5.0] * 16).assign(date=dates, numerator=[5.0, 7] * 4 + [3.0] * 8)
        found = qi.analyse(rows, better="lower", period="quarter")
        assert found.points["in_baseline"].sum() == 8
        assert found.points["shift"].sum() == 8

    def test_a_given_centre_is_drawn_and_said(self):
        found = qi.analyse(table(STEADY), chart="i", better="lower", centre=9.0)
        assert set(found.points["centre"]) == {9.0}
        assert "given_centre" in found.phases["reason"].iloc[0]

    def test_excluded_points_stay_but_count_for_nothing(self):
        rows, out = table([*STEADY, 500.0]), pd.DataFrame({"date": ["2025-01-01"], "reason": ["Flood"]})
        found, plain = (
            qi.analyse(rows, chart="i", better="lower", exclusions=out),
            qi.analyse(table(STEADY), chart="i", better="lower"),
        )
        last = found.points.iloc[-1]
        assert (last["value"], last["excluded"], last["signal"], last["reason"]) == (500.0, True, "none", "excluded")
        assert found.points["upper"].iloc[0] == plain.points["upper"].iloc[0]
        assert found.events[["kind", "text"]].to_numpy().tolist() == [["exclusion", "Flood"]]

    def test_an_exclusion_may_reach_over_months_and_teams(self):
        rows = pd.concat([table(STEADY), table(STEADY, team="b")])
        out = pd.DataFrame({"date": ["2023-03-01"], "until": ["2023-05-01"], "reason": ["Pandemic"]})
        assert qi.analyse(rows, better="lower", exclusions=out).points.groupby("team", observed=True)[
            "excluded"
        ].sum().tolist() == [3, 3]

    def test_absent_months_are_put_in_as_missing(self):
        found = qi.analyse(table(STEADY).drop(index=[5, 6]), better="lower").points
        assert found["date"].tolist() == pd.date_range("2023-01-01", periods=24, freq="MS").tolist()
        assert found.loc[found["reason"] == "missing", "date"].dt.month.tolist() == [6, 7]

    def test_days_between_events_come_from_their_dates(self):
        dates = pd.to_datetime(["2024-01-01", "2024-01-11", "2024-01-11", "2024-02-01"])
        rows = pd.DataFrame({"team": "a", "measure": "m", "date": dates, "numerator": np.nan})
        found = qi.analyse(rows, chart="t", better="higher").points
        assert found["value"].tolist()[1:] == [10.0, 0.0, 21.0]
        assert found["reason"].tolist() == ["no_previous", "", "zero_gap", ""]

    def test_screening_drops_the_widest_ranges_once(self):
        rows = table([*STEADY, 40.0, *STEADY])
        wide, narrow = (qi.analyse(rows, chart="i", better="lower", screen=screen).points for screen in (False, True))
        assert (narrow["upper"] < wide["upper"]).all()

    def test_a_found_phase_says_so_with_its_numbers(self):
        rows = table([9.0, 11] * 6 + [5.0, 6] * 8)
        found = qi.analyse(rows, better="lower", rebase="sustained-shift")
        step = found.phases.iloc[1]
        assert step["reason"] == "sustained_shift"
        assert (step["start"], step["trigger"], step["triggered"]) == (
            pd.Timestamp("2024-01-01"),
            16,
            pd.Timestamp("2024-09-01"),
        )
        assert found.phases["status"].tolist() == ["confirmed", "confirmed"]
        assert found.phases["centre"].tolist() == [10.0, 5.5]

    @pytest.mark.parametrize("chart", ["i", "c", "p", "u"])
    def test_charts_with_limits_are_rebased_too(self, chart):
        rows = table([9.0, 11, 10] * 5 + [4.0, 6, 5] * 5, denominator=40.0)
        found = qi.analyse(rows, chart=chart, better="lower", rebase="sustained-shift").phases
        assert found["start"].tolist() == [pd.Timestamp("2023-01-01"), pd.Timestamp("2024-04-01")]

    def test_a_rebase_may_look_one_way_only(self):
        rows = table([9.0, 11] * 6 + [5.0, 6] * 8)
        assert len(qi.analyse(rows, better="lower", rebase=Rebase("sustained-shift", direction="above")).phases) == 1

    @pytest.mark.parametrize("better", ["higher", "lower", "neither"])
    def test_a_signal_means_what_better_says(self, better):
        found = qi.analyse(table([9.0, 11] * 6 + [5.0, 6] * 4), better=better).points
        told = {"higher": "unfavourable", "lower": "favourable", "neither": "neutral"}[better]
        assert found["signal"].tolist() == ["none"] * 12 + [told] * 8


class TestAuto:
    def chosen(self, rows: pd.DataFrame) -> tuple[str, str]:
        found = qi.analyse(rows, chart="auto", better="lower")
        return found.measures["chart"].iloc[0], found.method["auto"]["m"]

    def months(self, rng: np.random.Generator, spread: float, n: float = 400.0, months: int = 36) -> pd.DataFrame:
        share = np.clip(rng.normal(0.3, spread, (6, months)), 0.01, 0.99)
        teams = [
            table(rng.binomial(int(n), row).astype(float).tolist(), team=f"t{i}", denominator=n)
            for i, row in enumerate(share)
        ]
        return pd.concat(teams)

    def test_proportions(self):
        rng = np.random.default_rng(5)
        assert self.chosen(self.months(rng, 0.0)) == ("p", "as_chance")
        assert self.chosen(self.months(rng, 0.06)) == ("pp", "overdispersed")
        assert self.chosen(self.months(rng, 0.0, months=11)) == ("run", "too_few")

    def test_other_data(self):
        assert self.chosen(table(STEADY)) == ("i", "by_data")
        assert self.chosen(table([0.0, 0, 0, 1, 0, 0] * 4, denominator=10.0)) == ("run", "rare_events")
        assert self.chosen(table([9.0, 11, 10, 12, 8, 10] * 4, denominator=7.0)) == ("u", "as_chance")

    @pytest.mark.parametrize(("n", "published"), [(12, 1.5), (24, 1.3), (60, 1.2)])
    def test_the_bound_is_what_chance_exceeds_one_time_in_twenty(self, n, published):
        rng, series = np.random.default_rng(6), 4000
        top, size = rng.binomial(500, 0.3, series * n).astype(float), np.full(series * n, 500.0)
        rows, free = np.ones(series * n, bool), np.full(series, np.nan)
        sample = Sample(Panel(np.arange(series) * n, series * n), top / size, rows, rows, size, size, free)
        bound = float(np.quantile(proportions(sample, laney=True).sigma_z, 0.95))
        assert bound == pytest.approx(1 + NULL_95 / np.sqrt(n - 1), abs=0.03)
        assert bound == pytest.approx(published, abs=0.06)


class TestCollaborative:
    def test_the_yaml_fills_the_arguments(self, small):
        found = qi.analyse(small)
        assert found.method["collaborative"] == "small"
        assert found.points["team"].cat.categories.tolist() == ["north", "south"]
        assert found.measures[["per", "data", "better"]].to_numpy().tolist() == [[100.0, "proportion", "higher"]]

    def test_a_collaborative_is_its_table(self, small):
        alone = qi.analyse(small.observations, better="higher", per=100, period="month")
        pd.testing.assert_frame_equal(qi.analyse(small).points, alone.points)

    def test_an_argument_outweighs_the_yaml(self, small):
        assert qi.analyse(small, chart="i", rules="mdc").measures["rule_set"].tolist() == ["mdc"]

    @pytest.fixture
    def small(self, write_collaborative):
        return qi.load(write_collaborative())


def test_rule_sets_are_listed_with_source_and_thresholds():
    listed = qi.rule_sets()
    assert listed["name"].tolist() == [
        "his-2025",
        "perla-2011",
        "anhoej-2014",
        "mdc",
        "western-electric",
        "nelson-1984",
        "ihi-2011",
    ]
    assert listed["source"].str.len().min() > 10

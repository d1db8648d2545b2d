"""What is noted of a series beside its verdict: nothing varies, events too rare, an interval still open, one point."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.spc.rule_sets import RULE_SETS
from qitools.views.wording import chart_sentence

NOTHING = float("nan")


def table(numerator, team="a", freq="MS", denominator=NOTHING):
    dates = pd.date_range("2023-01-01", periods=len(numerator), freq=freq)
    columns = {"team": team, "measure": "m", "date": dates, "numerator": numerator, "denominator": denominator}
    return pd.DataFrame(columns)


def events(team, *days):
    return pd.DataFrame({"team": team, "measure": "m", "date": pd.to_datetime(list(days)), "numerator": NOTHING})


def sentence(analysis, row=0):
    tables = (getattr(analysis, name).to_dict("records") for name in ("series", "measures", "teams"))
    series, measures, teams = tables
    return chart_sentence(series[row], measures[0], teams[row], analysis.method)


class TestNothingVaries:
    @pytest.mark.parametrize("value", [0.0, 4.0, 98.6, -0.1])
    @pytest.mark.parametrize(("chart", "rules"), [("run", "his-2025"), ("run", "anhoej-2014"), ("i", "mdc")])
    def test_the_series_and_its_sentence_say_so(self, value, chart, rules):
        made = qi.analyse(table([value] * 24), chart=chart, rules=rules, better="lower")
        assert {"no_variation", "one_phase"} <= set(made.series["reason"].item().split())
        assert made.series["verdict"].item() == "no_signal"
        said = sentence(made)
        assert "Every point is the same, so there is no change to look for." in said
        assert "chance" not in said and said.count("same") == 1

    def test_a_baseline_alone_is_not_the_series(self):
        made = qi.analyse(table([4.0] * 12 + [5.0, 3.0] * 6), better="lower")
        assert "no_variation" in made.phases["reason"].item()
        assert "no_variation" not in made.series["reason"].item()
        assert "Every point" not in sentence(made)


class TestRareEvents:
    @pytest.mark.parametrize(
        ("numerator", "said"),
        [
            ([0.0, 0, 1] * 8, True),
            ([0.0, 1] * 12, True),  # a median of a half
            ([0.0, 2] * 12, False),  # of one
            ([1.0] * 24, False),
            ([0.0] * 24, True),
            ([0.0, 0, NOTHING, 1] * 6, True),
            ([NOTHING] * 24, False),
        ],
    )
    @pytest.mark.parametrize(("chart", "denominator"), [("c", NOTHING), ("u", 900.0), ("p", 40.0)])
    def test_a_median_below_one_event_a_period(self, numerator, said, chart, denominator):
        made = qi.analyse(table(numerator, denominator=denominator), chart=chart, better="lower")
        assert ("sparse" in made.series["reason"].item().split()) == said

    @pytest.mark.parametrize(("freq", "said"), [("W-MON", True), ("MS", True), ("QS", False)])
    def test_said_of_weeks_and_months_not_of_quarters(self, freq, said):
        made = qi.analyse(table([0.0, 0, 1] * 8, freq=freq), chart="c", better="lower")
        assert ("sparse" in made.series["reason"].item().split()) == said
        assert ("quarterly figures would show more" in sentence(made)) == said

    @pytest.mark.parametrize("chart", ["run", "i"])
    def test_values_are_no_counts(self, chart):
        made = qi.analyse(table([0.0, 0.5, 0.2] * 8), chart=chart, better="lower")
        assert "sparse" not in made.series["reason"].item()

    def test_one_team_changes_no_other(self):
        both = pd.concat([table([0.0, 0, 1] * 8), table([5.0, 4, 6] * 8, team="b")])
        told = qi.analyse(both, chart="c", better="lower").series["reason"].str.contains("sparse")
        assert told.tolist() == [True, False]


class TestOpenInterval:
    DAYS = ("2024-01-03", "2024-01-20", "2024-02-02", "2024-03-01")

    @pytest.mark.parametrize("chart", ["t", "g"])
    def test_days_since_the_last_event_are_stated_and_in_no_limits(self, chart):
        alone = qi.analyse(events("a", *self.DAYS), chart=chart, better="higher")
        both = [events("a", *self.DAYS), events("b", *self.DAYS[:2], "2024-04-15")]
        made = qi.analyse(pd.concat(both), chart=chart, better="higher")
        assert made.series["open_days"].tolist() == [45.0, 0.0]
        assert alone.series["open_days"].item() == 0.0
        assert made.phases["centre"].iloc[0] == alone.phases["centre"].item()
        words = "Since the last event 45 days have passed without another; this open interval is not in the limits."
        assert words in sentence(made)
        assert "Since the last event" not in sentence(made, 1) + sentence(alone)

    def test_one_day(self):
        made = qi.analyse(pd.concat([events("a", *self.DAYS), events("b", "2024-03-02")]), chart="t", better="higher")
        assert "Since the last event 1 day has passed" in sentence(made)

    def test_other_charts_have_none(self):
        made = qi.analyse(table([3.0, 4] * 12), better="lower")
        assert made.series["open_days"].isna().all() and "last event" not in sentence(made)


@pytest.mark.parametrize("rules", RULE_SETS)
@pytest.mark.parametrize("chart", ["run", "i", "p"])
def test_one_point_is_too_few_under_every_rule_set(rules, chart):
    made = qi.analyse(table([4.0], denominator=20.0), chart=chart, rules=rules, better="lower", target=3)
    row = made.series.iloc[0]
    assert (row["verdict"], row["variation"]) == ("too_few", "")
    assert "too_few" in row["reason"].split() and "too_few" in made.phases["reason"].item().split()


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e-100])
def test_a_change_of_tiny_values_has_the_interval_of_large_ones(scale):
    numerator = np.array([5.0, 7, 6, 4, 8, 5] * 2 + [3.0, 2, 4, 1, 3, 2] * 2)
    phases = pd.DataFrame({"team": ["a"], "measure": ["m"], "start": ["2024-01-01"], "reason": ["agreed"]})
    one, small = (
        qi.analyse(table(numerator * by), chart="i", better="lower", phases=phases).series.iloc[0] for by in (1, scale)
    )
    for name in ("change", "change_lower", "change_upper"):
        assert small[name] / scale == pytest.approx(one[name], rel=1e-9)
    assert "no_variation" not in small["reason"]

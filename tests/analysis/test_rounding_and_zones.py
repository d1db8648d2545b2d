"""A value on a line stays on it whatever adding up leaves, and zones are standard deviations, not what a clip left."""

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.spc.rule_sets import RULE_SETS
from qitools.spc.rules import RULES

SHEWHART = ("mdc", "western-electric", "nelson-1984", "ihi-2011")


def table(numerator, denominator=np.nan, teams=1):
    numerator = np.atleast_2d(numerator)
    dates = np.tile(pd.date_range("2020-01-01", periods=numerator.shape[1], freq="MS"), len(numerator))
    team = np.repeat([f"t{number:03}" for number in range(len(numerator))], numerator.shape[1])
    columns = {"team": team, "measure": "m", "date": dates, "numerator": numerator.ravel(), "denominator": denominator}
    return pd.DataFrame(columns)


@pytest.mark.parametrize("rules", [*RULE_SETS])
@pytest.mark.parametrize(
    ("chart", "numerator", "denominator", "per"),
    [
        ("i", 0.1, np.nan, 1),
        ("i", 98.6, np.nan, 1),
        ("p", 15, 22, 100),
        ("pp", 15, 22, 100),
        ("u", 7, 30, 1000),
        ("up", 7, 30, 1000),
    ],
)
def test_values_that_are_all_alike_say_nothing(chart, numerator, denominator, per, rules):
    rows = table([numerator] * 24, denominator)
    found = qi.analyse(rows, chart=chart, rules=rules, better="lower", per=per)
    less_than_luck = ["fifteen_inner"] if chart in ("p", "u") else []  # counts must vary: that they do not is a signal
    assert not found.points[[*RULES]].drop(columns=less_than_luck).any(axis=None)
    assert found.series["verdict"].tolist() == ["no_signal"] and found.phases["n_useful"].tolist() == [0]
    assert ("no_variation" in found.phases["reason"][0].split()) == (chart not in ("p", "u"))


def test_a_value_equal_to_the_mean_is_on_the_line():
    values = [98.6, 98.5, 98.7, 98.6, 98.6, 98.4, 98.8, 98.6, 98.6, 98.3, 98.9, 98.6]
    found = qi.analyse(table(values), chart="i", rules="ihi-2011", better="lower")
    assert found.phases["n_useful"].tolist() == [6]


def test_zones_below_a_clipped_limit_are_standard_deviations():
    values = [4.0, 5, 3, 4, 6, 3, 4, 5, 4, 4, 3, 5, 4, 4, 4, 1, 1, 4, 5, 5, 4, 4, 5, 5]  # 1 is 1.5 sd below the mean
    points = qi.analyse(table(values), chart="c", rules="western-electric", better="lower").points
    assert points["lower"].eq(0).all() and not points["two_of_three"].any()
    low = [9.0, 11, 8, 10, 9, 12, 10, 8, 11, 9, 2, 2, 10, 9, 11, 10]
    assert qi.analyse(table(low), chart="c", rules="western-electric", better="lower").points["two_of_three"].sum() == 2


def test_zones_of_times_between_lie_on_the_scale_of_their_limits():
    values = np.random.default_rng(5).exponential(30, 40)
    points = qi.analyse(table(values), chart="t", rules="nelson-1984", better="higher").points
    bent = values ** (1 / 3.6)
    sd = np.abs(np.diff(bent)).mean() / 1.128
    assert points["eight_outer"].any() == _stretch(np.abs(bent - bent.mean()) > sd, 8)
    assert points["fifteen_inner"].any() == _stretch(np.abs(bent - bent.mean()) <= sd, 15)


@pytest.mark.parametrize("rules", SHEWHART)
@pytest.mark.parametrize("chart", ["g", "mr"])
def test_charts_whose_limits_are_no_standard_deviations_have_no_zones(chart, rules):
    values = np.random.default_rng(6).geometric(1 / 30, (20, 36)) - 1.0
    points = qi.analyse(table(values), chart=chart, rules=rules, better="higher").points
    assert not points[["two_of_three", "four_of_five", "fifteen_inner", "eight_outer"]].any(axis=None)


@pytest.mark.parametrize(("chart", "most"), [("c", 0.5), ("p", 0.5), ("t", 0.5)])
def test_noise_on_skewed_charts_is_not_marked_by_zones(chart, most):
    random, shape = np.random.default_rng(7), (300, 36)
    values = {"c": random.poisson(2, shape), "p": random.binomial(40, 0.05, shape), "t": random.exponential(30, shape)}
    rows = table(values[chart].astype(float), 40.0 if chart == "p" else np.nan)
    points = qi.analyse(rows, chart=chart, rules="western-electric", better="higher").points
    zones = points["two_of_three"] | points["four_of_five"]
    assert zones.groupby(points["team"], observed=True).any().mean() < most


def _stretch(held, at_least):
    return bool(np.convolve(held, np.ones(at_least), "valid").max() >= at_least)

"""A measure by stratum: indices equal to independent computations, intervals that hold the truth, planted findings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import WLS

import qitools as qi
from qitools.analysis.equity import equity, indices, ridits, spread_factor
from qitools.errors import ParameterError

TOP = np.array([520.0, 431, 366, 300, 210])  # events by quintile, the most deprived first
SIZE = np.array([4100.0, 4300, 3900, 4200, 3800])


@pytest.fixture(scope="module")
def clinics(request: pytest.FixtureRequest) -> Any:
    return qi.analyse(qi.load(request.path.parents[2] / "parameters" / "outpatient_redesign.yaml"))


def test_the_slope_is_weighted_least_squares_on_ridits():
    """Against statsmodels' WLS; the relative index is the ratio of its two ends."""
    fit = WLS(TOP / SIZE, np.column_stack([np.ones(5), ridits(SIZE)]), weights=SIZE).fit()
    slope, relative = indices(TOP, SIZE, "proportion", 100)
    assert slope.value == pytest.approx(-100 * fit.params[1])
    assert relative.value == pytest.approx(fit.params[0] / fit.params.sum())


def test_the_slope_is_that_of_low_and_low():
    """Low & Low 2004: ordinary least squares, without a constant, of Y√a on √a and X√a, a the shares, X the ridits."""
    share = SIZE / SIZE.sum()
    root = np.sqrt(share)
    design = np.column_stack([root, ridits(SIZE) * root])
    found = np.linalg.lstsq(design, TOP / SIZE * root, rcond=None)[0]
    assert indices(TOP, SIZE, "rate", 1)[0].value == pytest.approx(-found[1])


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_the_intervals_are_those_of_many_draws(kind):
    """Against a parametric bootstrap: counts drawn again, the line fitted again by numpy."""
    rng, draws = np.random.default_rng(9), 20_000
    tops = (
        rng.binomial(SIZE.astype(int), TOP / SIZE, (draws, 5)) if kind == "proportion" else rng.poisson(TOP, (draws, 5))
    )
    lines = np.polynomial.polynomial.polyfit(ridits(SIZE), (tops / SIZE).T, 1, w=np.sqrt(SIZE))
    slope, relative = indices(TOP, SIZE, kind)
    half = (slope.high - slope.low) / 2
    assert [slope.low, slope.high] == pytest.approx(np.quantile(-lines[1], [0.025, 0.975]).tolist(), abs=0.05 * half)
    ratios = np.quantile(lines[0] / lines.sum(axis=0), [0.025, 0.975])
    assert [relative.low, relative.high] == pytest.approx(ratios.tolist(), rel=0.02)


def test_no_inequality_is_nought_and_one():
    slope, relative = indices(np.full(5, 50.0), np.full(5, 500.0), "proportion", 100)
    assert (slope.value, relative.value) == pytest.approx((0, 1), abs=1e-9)
    assert not slope.told and relative.low < 1 < relative.high


def test_a_line_that_falls_to_nought_has_no_ratio():
    slope, relative = indices(np.array([40.0, 10, 0, 0, 0]), np.full(5, 100.0), "proportion")
    assert slope.value > 0 and np.isnan(relative.value)


def test_movement_beyond_counting_widens_and_chance_alone_hardly():
    rng, level = np.random.default_rng(2), np.array([0.2, 0.15, 0.1])
    size = np.full((36, 3), 400.0)
    calm = rng.binomial(400, level, (36, 3)).astype(float)
    wild = rng.binomial(400, np.clip(level + rng.normal(0, 0.05, (36, 3)), 0.01, 0.9)).astype(float)
    assert spread_factor(calm, size, "proportion") < 1.2 < 2 < spread_factor(wild, size, "proportion")
    assert spread_factor(wild[:8], size[:8], "proportion") == 1


def test_the_planted_gap_widens_while_the_average_improves(clinics):
    found = equity(clinics, "missed")
    assert found.finding == "widens_while_better" and not found.turned
    assert found.order == ("1", "2", "3", "4", "5") and found.left_out.empty
    assert found.now.slope.low > found.before.slope.high
    rows = clinics.records.strata.query("measure == 'missed' and date >= '2025-10-01'")
    sums = rows.groupby("stratum")[["numerator", "denominator"]].sum()
    ratio = 100 * sums["numerator"] / sums["denominator"]
    assert found.now.gap.value == pytest.approx(ratio["1"] - ratio["5"])


def test_what_was_not_planted_is_not_found(clinics):
    found = equity(clinics, "reminded")
    assert found.finding == "better"
    assert not found.now.slope.told and found.now.relative.low < 1 < found.now.relative.high


def tampered(clinics: Any, change: Any) -> Any:
    rows = clinics.records.strata
    return replace(clinics, records=replace(clinics.records, strata=change(rows).reset_index(drop=True)))


def test_a_stratum_that_appears_halfway_is_left_out_and_the_rest_computed(clinics):
    part = tampered(clinics, lambda rows: rows[~((rows["stratum"] == "5") & (rows["date"] < "2025-01-01"))])
    found = equity(part, "missed")
    assert found.left_out[["stratum", "why"]].to_numpy().tolist() == [["5", "late"]]
    assert found.left_out["first"].iloc[0] == pd.Timestamp("2025-01-01")
    assert found.order == ("1", "2", "3", "4") and found.now is not None


def test_a_stratum_that_is_not_listed_ends_or_has_gaps_is_left_out_by_name(clinics):
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        named = rows.assign(stratum=rows["stratum"].replace({"3": "Unknown"}))
        gone = (named["stratum"] == "4") & (named["date"].dt.month % 2 == 0) & (named["date"] != "2023-04-01")
        ended = (named["stratum"] == "2") & (named["date"] > "2026-01-01")
        return named[~gone & ~ended]

    found = equity(tampered(clinics, change), "missed")
    assert dict(zip(found.left_out["stratum"], found.left_out["why"], strict=True)) == {
        "2": "ended",
        "4": "gaps",
        "Unknown": "unlisted",
    }
    assert found.order == ("1", "5") and found.now is not None


def test_a_period_in_which_one_stratum_is_missing_is_not_compared(clinics):
    part = tampered(clinics, lambda rows: rows[~((rows["stratum"] == "1") & (rows["date"] == "2025-06-01"))])
    found = equity(part, "missed")
    points = found.gap.points.set_index("date")
    assert np.isnan(points.loc["2025-06-01", "value"]) and points["value"].notna().sum() == 41


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows[rows["stratum"] == "1"], "one_stratum"),
        (lambda rows: rows.iloc[:0], "no_strata"),
    ],
)
def test_what_cannot_be_compared_says_why(clinics, change, reason):
    assert equity(tampered(clinics, change), "missed").reason == reason


def test_without_an_order_only_numbers_are_ranked(clinics):
    part = replace(clinics, method={**clinics.method, "strata": {"name": "Age", "order": ()}})
    assert equity(part, "missed").ranked
    words = tampered(part, lambda rows: rows.assign(stratum="age " + rows["stratum"]))
    found = equity(words, "missed")
    assert not found.ranked and found.order[0] == "age 1"


def test_a_team_or_measure_nobody_knows_is_refused(clinics):
    with pytest.raises(ParameterError, match="did you mean 'missed'"):
        equity(clinics, "mised")


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_the_intervals_hold_the_truth_as_often_as_they_say(kind, record_property):
    """4,000 services of 36 periods, the last year added up and widened; the truth is the line of the levels."""
    rng, times = np.random.default_rng(8), 4000
    size = np.round(np.array([90.0, 80, 70, 60, 50]) * np.ones((36, 1)))
    level = np.array([0.22, 0.19, 0.15, 0.12, 0.10])
    fit = WLS(level, np.column_stack([np.ones(5), ridits(size[0])]), weights=size[0]).fit()
    truth = np.array([-fit.params[1], fit.params[0] / fit.params.sum()])
    held = np.zeros(2)
    for _ in range(times):
        drawn = rng.binomial(size.astype(int), level) if kind == "proportion" else rng.poisson(size * level)
        top = drawn.astype(float)
        factor = spread_factor(top, size, kind)
        found = indices(top[-12:].sum(axis=0), size[-12:].sum(axis=0), kind, 1.0, factor)
        held += [one.low <= true <= one.high for one, true in zip(found, truth, strict=True)]
    print(kind, "coverage of slope and relative index", (held / times).tolist())
    record_property("coverage", (held / times).tolist())
    assert ((held / times >= 0.93) & (held / times <= 0.97)).all()

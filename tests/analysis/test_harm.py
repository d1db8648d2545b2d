"""Harm avoided: Σ(e·r₀ − o) by hand, its intervals beside statsmodels and scipy, and how often they hold the truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.rates import confint_poisson, confint_poisson_2indep

from qitools.analysis.across import across
from qitools.analysis.harm import bootstrap, dispersion, estimated, harm, mover, score

BEFORE = np.arange(24) < 12


def counts(seed: int, teams: int = 3, ratio: float = 0.7) -> tuple[np.ndarray, np.ndarray, float]:
    """Events and exposure of 24 periods, and how many were truly avoided in the last 12."""
    random = np.random.default_rng(seed)
    exposure, rate = random.uniform(80, 140, (24, teams)), random.uniform(0.05, 0.12, teams)
    mean = exposure * rate * np.where(BEFORE, 1, ratio)[:, None]
    return random.poisson(mean).astype(float), exposure, float((exposure * rate * (1 - ratio))[~BEFORE].sum())


def test_avoided_is_what_each_teams_own_rate_would_have_given_less_what_was_seen():
    events, exposure, _ = counts(1)
    by_hand = 0.0
    for team in range(3):
        rate = events[BEFORE, team].sum() / exposure[BEFORE, team].sum()
        for period in range(12, 24):
            by_hand += exposure[period, team] * rate - events[period, team]
    found = estimated(events, exposure, BEFORE)
    assert found.avoided == pytest.approx(by_hand)
    assert found.avoided == pytest.approx(found.expected - found.observed)
    assert found.table["avoided"].iloc[-1] == pytest.approx(by_hand)
    assert found.table["avoided"].iloc[3] == pytest.approx(
        (found.table["expected"] - found.table["observed"])[:4].sum()
    )


@pytest.mark.parametrize(("before", "after", "e0", "e1"), [(22, 9, 200, 200), (140, 70, 1200, 900), (3, 0, 50, 75)])
def test_the_interval_of_one_team_is_that_of_statsmodels(before, after, e0, e1):
    mine = mover(np.array([before]), np.array([float(e0)]), np.array([float(e1)]), after)
    low, high = confint_poisson_2indep(before, e0, after, e1, method="mover", compare="diff", method_mover="score")
    assert mine == pytest.approx((low * e1, high * e1))


def test_the_limits_of_a_count_are_those_of_statsmodels():
    for count in (1, 7, 230):
        assert score(count) == pytest.approx(confint_poisson(count, 1, method="score"))


def test_the_interval_of_many_teams_is_the_weighted_sum_of_dobson():
    """Dobson et al. 1991: the limits of the total count, stretched by the standard errors' ratio; then MOVER."""
    events, exposure, _ = counts(2, teams=4)
    o0, e0, e1 = events[BEFORE].sum(0), exposure[BEFORE].sum(0), exposure[~BEFORE].sum(0)
    o1 = events[~BEFORE].sum()
    weight, total = e1 / e0, o0.sum()
    stretch = np.sqrt((weight**2 * o0).sum()) / np.sqrt(total)
    low0, high0 = confint_poisson(total, 1, method="score")
    low1, high1 = confint_poisson(o1, 1, method="score")
    expected = (weight * o0).sum()
    ends = (stretch * (low0 - total), stretch * (high0 - total))
    low = expected - o1 - np.hypot(ends[0], high1 - o1)
    high = expected - o1 + np.hypot(ends[1], o1 - low1)
    assert mover(o0, e0, e1, o1) == pytest.approx((low, high))


def test_with_large_counts_the_interval_is_that_of_the_normal_distribution():
    o0, e0, e1, o1 = np.array([40_000.0, 9_000.0]), np.array([1e6, 3e5]), np.array([9e5, 4e5]), 41_000.0
    error = np.sqrt(((e1 / e0) ** 2 * o0).sum() + o1)
    avoided = (e1 / e0 * o0).sum() - o1
    assert mover(o0, e0, e1, o1) == pytest.approx(avoided + norm.ppf([0.025, 0.975]) * error, rel=2e-3)


def test_counts_that_scatter_more_widen_the_interval_and_plain_ones_do_not():
    events, exposure, _ = counts(3)
    calm, wild = dispersion(events, exposure, BEFORE), dispersion(events * 6, exposure, BEFORE)
    assert calm == pytest.approx(1, abs=0.6) and wild == pytest.approx(6 * calm, rel=0.35)
    low, high = mover(np.array([50.0]), np.array([100.0]), np.array([100.0]), 30.0)
    wider = mover(np.array([50.0]), np.array([100.0]), np.array([100.0]), 30.0, 4.0)
    assert wider[1] - wider[0] == pytest.approx(2 * (high - low))


def test_the_bootstrap_is_the_same_each_time_and_near_the_other_for_plain_counts():
    events, exposure, _ = counts(4)
    first = bootstrap(events, exposure, BEFORE)
    assert first == bootstrap(events, exposure, BEFORE)
    by_counts = estimated(events, exposure, BEFORE).poisson
    assert (first[1] - first[0]) / (by_counts[1] - by_counts[0]) == pytest.approx(1, abs=0.35)


def test_a_period_without_a_figure_is_neither_observed_nor_expected():
    events, exposure, _ = counts(5)
    events[20, 1] = np.nan
    found = estimated(events, exposure, BEFORE)
    assert found.table["expected"].iloc[8] < estimated(counts(5)[0], exposure, BEFORE).table["expected"].iloc[8]
    assert np.isfinite(found.avoided)


def test_no_event_at_all_is_no_fault():
    found = estimated(np.zeros((24, 2)), np.ones((24, 2)), BEFORE)
    assert (found.avoided, found.told) == (0.0, 0)
    assert found.poisson[0] < 0 < found.poisson[1]


@pytest.fixture(scope="module")
def shipped():
    return {member.name: member for member in across("medicines,falls,child_reviews").members}


def test_what_does_not_count_harm_is_refused_with_its_reason(shipped):
    assert harm(shipped["child_reviews"], "no_concern").reason == "not_harm"


def test_teams_that_joined_later_are_left_out_and_named(shipped):
    found = harm(shipped["falls"], "falls_rate")
    assert found.left_out and found.teams == 28 - len(found.left_out)
    assert set(found.left_out) < set(shipped["falls"].analysis.teams["team"])


def test_the_comparison_is_not_counted_and_the_start_is_the_one_declared(shipped):
    found = harm(shipped["medicines"], "harm")
    assert (found.teams, found.before[1], found.after[0]) == (6, pd.Timestamp("2023-03-01"), pd.Timestamp("2023-04-01"))
    assert found.told == 1


def test_both_intervals_must_leave_out_none_before_a_difference_is_told():
    found = estimated(*counts(6)[:2], BEFORE)
    assert replace(found, poisson=(1.0, 9.0), bootstrap=(-1.0, 9.0)).told == 0
    assert replace(found, poisson=(1.0, 9.0), bootstrap=(2.0, 9.0)).told == 1
    assert replace(found, poisson=(-9.0, -1.0), bootstrap=(-9.0, -2.0)).told == -1


@pytest.mark.soak
@pytest.mark.parametrize(("teams", "common"), [(8, 0.0), (1, 0.0), (8, 0.15)], ids=["eight", "one", "common-shocks"])
def test_the_intervals_hold_the_truth_93_to_97_times_in_a_hundred(teams, common):
    """24 periods before and after, a quarter avoided; ``common``: the scatter of months that moves all teams at once.

    The bands allow for the chance of 600 tries: 1.8 points.
    """
    random, before, tries = np.random.default_rng(7), np.arange(48) < 24, 600
    held = np.zeros(2)
    for _ in range(tries):
        exposure = random.uniform(0.6, 1.4, (48, teams))
        rate = (6 if teams > 1 else 20) * random.uniform(0.6, 1.5, teams)
        shock = random.gamma(1 / common**2, common**2, (48, 1)) if common else 1.0
        events = random.poisson(exposure * rate * np.where(before, 1, 0.75)[:, None] * shock).astype(float)
        truth = (exposure * rate * 0.25)[~before].sum()
        found = estimated(events, exposure, before)
        held += [low <= truth <= high for low, high in (found.poisson, found.bootstrap)]
    assert all(0.93 <= share <= 0.978 for share in held / tries), held / tries

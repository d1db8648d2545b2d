"""Harm avoided: Σ(e·r₀ − o) by hand, its intervals beside statsmodels and scipy, and how often they hold the truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from statsmodels.stats.rates import confint_poisson, confint_poisson_2indep

from qitools.analysis.across import across
from qitools.analysis.harm import Harm, bootstrap, estimated, harm, mover, score, widened

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


def test_periods_that_scatter_more_widen_the_interval_and_plain_ones_hardly_do():
    events, exposure, _ = counts(3)
    shock = shocks(np.random.default_rng(3), 24, 0.5, 0.0)
    calm, wild = estimated(events, exposure, BEFORE), estimated(np.round(events * shock), exposure, BEFORE)
    for found, scattered, most in ((calm, False, 1.3), (wild, True, 9.0)):
        o0, e0, e1 = (part.sum(0) for part in (events[BEFORE], exposure[BEFORE], exposure[~BEFORE]))
        low, high = mover(o0, e0, e1, events[~BEFORE].sum())
        assert found.scattered is scattered
        assert (2.0 if scattered else 1.0) < np.ptp(found.interval) / (high - low) < most


def test_the_bootstrap_is_the_same_each_time_and_near_the_other_for_plain_counts():
    events, exposure, _ = counts(4)
    first = bootstrap(events, exposure, BEFORE)
    assert first == bootstrap(events, exposure, BEFORE)
    by_counts = estimated(events, exposure, BEFORE).interval
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
    assert found.interval[0] < 0 < found.interval[1]


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


def test_what_is_told_lies_beyond_the_interval():
    found = estimated(*counts(6)[:2], BEFORE)
    ends = {(1.0, 9.0): 1, (-1.0, 9.0): 0, (-9.0, -2.0): -1}
    assert [replace(found, interval=pair).told for pair in ends] == list(ends.values())


def test_a_reader_is_warned_where_periods_are_few_or_much_alike():
    found = replace(estimated(*counts(6)[:2], BEFORE), calm=0.1, autocorrelation=0.2, periods=(24, 30))
    assert found.caution == ""
    assert replace(found, periods=(24, 12)).caution == "short"
    assert replace(found, autocorrelation=0.7).caution == "alike"
    assert replace(found, autocorrelation=0.7, calm=0.9).caution == ""
    assert replace(found, autocorrelation=0.7, periods=(40, 36)).caution == ""


def test_periods_that_drift_have_no_interval():
    random, before = np.random.default_rng(1), np.arange(120) < 12
    level = 50 * np.exp(np.linspace(0, 3, 120))
    found = estimated(random.poisson(level).astype(float)[:, None], np.ones((120, 1)), before)
    assert found.caution == "drift" and found.told == 0 and np.isfinite(found.avoided)
    assert found.table[["low", "high"]].isna().all(axis=None)


def test_nothing_is_counted_after_the_end(shipped):
    member = shipped["medicines"]
    found, points = harm(member, "harm"), member.own().points
    after = points["date"].between("2023-04-01", "2025-03-31") & (points["measure"] == "harm")
    assert found.closed == pd.Timestamp("2025-03-31") and found.after[1] == pd.Timestamp("2025-03-01")
    assert points["date"].max() > found.closed
    assert found.observed == points.loc[after, "numerator"].sum()


def closing(member, day):
    """The same collaborative, closed on another day."""
    parameters = member.collaborative.parameters.model_copy(update={"closed": pd.Timestamp(day).date()})
    return replace(member, collaborative=replace(member.collaborative, parameters=parameters))


def test_a_collaborative_that_closed_before_it_began_has_nothing_to_count(shipped):
    assert harm(closing(shipped["medicines"], "2023-03-31"), "harm").reason == "no_after"
    assert harm(closing(shipped["medicines"], "2010-01-01"), "harm").reason == "no_baseline"
    assert closing(shipped["medicines"], "2035-01-01").closed() is None


# teams, periods before and after, events a period in a team, the scatter of months that moves all teams at once, and by
# how much such a month resembles the one before
CASES = {
    "eight teams": (8, 24, 6.0, 0.0, 0.0),
    "five teams, one year": (5, 12, 6.0, 0.0, 0.0),
    "one team": (1, 24, 20.0, 0.0, 0.0),
    "few events": (4, 24, 0.6, 0.0, 0.0),
    "months move all": (8, 24, 6.0, 0.15, 0.0),
    "months resemble months": (8, 24, 6.0, 0.15, 0.3),
    "months resemble months much": (8, 24, 6.0, 0.15, 0.6),
    "and many events": (8, 24, 60.0, 0.15, 0.6),
    "one year, alike": (5, 12, 6.0, 0.15, 0.3),
    "one year, much alike": (5, 12, 6.0, 0.15, 0.6),
    "alike for long": (8, 24, 6.0, 0.15, 0.8),
}
NARROW = {"one year, alike": 0.91, "one year, much alike": 0.87, "alike for long": 0.87}  # as the page and the docs say
# Of the 4,000 of docs/methods.md, and of its cases: the error of a share near 95 % is 1.1 points, of those 0.35.
TRIES, SOAKED = 400, ("five teams, one year", "few events", "months move all", "months resemble months much")
ERROR = float(np.sqrt(0.95 * 0.05 / TRIES))


@pytest.mark.soak
@pytest.mark.parametrize("case", SOAKED)
def test_the_interval_holds_the_truth_93_to_97_times_in_a_hundred(case, record_property):
    """The table of docs/methods.md, a quarter of the harm avoided: as said, and by bootstrap."""
    teams, periods, often, common, alike = CASES[case]
    random, before = np.random.default_rng(7), np.arange(2 * periods) < periods
    held = np.zeros(2)
    for _ in range(TRIES):
        exposure = random.uniform(0.6, 1.4, (2 * periods, teams))
        rate = often * random.uniform(0.6, 1.5, teams)
        shock = shocks(random, 2 * periods, common, alike)
        events = random.poisson(exposure * rate * np.where(before, 1, 0.75)[:, None] * shock).astype(float)
        truth = (exposure * rate * 0.25)[~before].sum()
        found = last_interval(events, exposure, before)
        held += [low <= truth <= high for low, high in (found.interval, found.bootstrap)]
    told = dict(zip(("said", "bootstrap"), (100 * held / TRIES).round(1).tolist(), strict=True))
    record_property("coverage", str(told))
    print(case, told)
    assert NARROW.get(case, 0.93 - 2 * ERROR) <= held[0] / TRIES <= 0.97 + 2 * ERROR
    assert alike or held[1] / TRIES >= 0.93 - 2 * ERROR


def shocks(random: np.random.Generator, periods: int, common: float, alike: float) -> np.ndarray:
    """What moves all teams of a period, 1 on average."""
    noise = random.normal(size=periods)
    for i in range(1, periods):
        noise[i] = alike * noise[i - 1] + np.sqrt(1 - alike**2) * noise[i]
    return np.exp(common * noise - common**2 / 2)[:, None]


def last_interval(events: np.ndarray, exposure: np.ndarray, before: np.ndarray) -> Harm:
    """``estimated`` at the last period alone, which is what is spoken of: the band before it would take the time."""
    o0, e0, e1 = events[before].sum(0), exposure[before].sum(0), exposure[~before].sum(0)
    o1 = events[~before].sum()
    middle, counted = np.array([(e1 / e0 * o0).sum() - o1]), np.array([mover(o0, e0, e1, o1)])
    ends, calm, alike = widened(events, exposure, before, middle, counted)
    return Harm(
        interval=tuple(ends[0]), bootstrap=bootstrap(events, exposure, before), calm=calm, autocorrelation=alike
    )


def test_the_last_interval_is_that_of_the_whole_estimate():
    events, exposure, _ = counts(8)
    whole, last = estimated(events, exposure, BEFORE), last_interval(events, exposure, BEFORE)
    assert (whole.interval, whole.bootstrap) == (pytest.approx(last.interval), last.bootstrap)
    assert (whole.calm, whole.autocorrelation) == (last.calm, last.autocorrelation)

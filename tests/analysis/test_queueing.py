"""What more work would do: the simulation forecasts as it says, and agrees with what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from qitools.analysis.flow import NUMBERS, balanced
from qitools.analysis.queueing import queues, what_if

RNG = np.random.default_rng(11)


def service(demand: np.ndarray, activity: np.ndarray, start: float = 1000.0) -> object:
    dates = pd.date_range("2024-01-01", periods=len(demand), freq="MS")
    table = pd.DataFrame({"date": dates, "demand": demand, "activity": activity})
    table["queue"] = start + np.cumsum(demand - activity)
    return balanced(table.reindex(columns=["date", *NUMBERS]), "month")


def test_a_forecast_has_the_distribution_of_a_sum_to_come():
    """Far from nought the queue after h periods is start + h·mean ± t·s·√(h + h²/n), the textbook forecast of a sum."""
    net, ahead = RNG.normal(-5, 20, 12), 6
    ends = np.percentile(queues(10_000, net, ahead, runs=60_000)[:, -1], [2.5, 50, 97.5])
    half = t.ppf(0.975, 11) * net.std(ddof=1) * np.sqrt(ahead + ahead**2 / 12)
    middle = 10_000 + ahead * net.mean()
    assert ends == pytest.approx([middle - half, middle, middle + half], abs=0.03 * half)


def test_more_work_clears_the_queue_sooner_and_the_queue_never_falls_below_nought():
    futures = what_if(service(RNG.normal(100, 5, 12), np.full(12, 103.0), start=600))
    middles = [one.table["middle"].iloc[-1] for one in futures]
    assert middles == sorted(middles, reverse=True) and min(one.table["low"].min() for one in futures) >= 0
    chances = [one.chance for one in futures]
    assert chances == sorted(chances) and chances[-1] == 1
    assert all(one.cleared[0] <= one.cleared[1] <= one.cleared[2] for one in futures if one.chance == 1)


def test_a_steady_service_clears_when_arithmetic_says_so():
    """1,000 wait, 100 are seen a month of whom 90 come in: six weeks of work (138) are reached in the 87th month, or,
    with a fifth more work (30 less a month), 166 in the 28th."""
    steady = service(np.full(12, 90.0) + RNG.normal(0, 1e-6, 12), np.full(12, 100.0), start=1000 + 120)
    now, _, _, more = what_if(steady)
    assert pd.isna(now.cleared[1]) and now.goal == pytest.approx(6 * 100 / (365.25 / 84))
    assert more.cleared == (pd.Timestamp("2027-04-01"),) * 3


def test_the_same_counts_give_the_same_future():
    one, two = (what_if(service(np.arange(80.0, 92), np.full(12, 85.0)))[1].table for _ in range(2))
    assert one.equals(two)


def test_too_little_gives_no_future():
    assert what_if(service(np.full(5, 90.0), np.full(5, 100.0))) == []


@pytest.mark.soak
def test_the_bands_hold_the_queue_to_come_as_often_as_they_say(record_property):
    """2,000 services whose demand is Poisson: the queue after 12 months, against the band of 12 months of history."""
    rng, held, times = np.random.default_rng(5), 0, 2000
    for _ in range(times):
        demand, seen = rng.poisson(200, 24), rng.binomial(220, 0.9, 24)
        net = (demand - seen).astype(float)
        low, high = np.percentile(queues(5000, net[:12], 12, runs=1500)[:, -1], [2.5, 97.5])
        held += low <= 5000 + net[12:].sum() <= high
    print("coverage of the queue a year ahead", held / times)
    record_property("coverage", float(held / times))
    assert 0.93 <= held / times <= 0.97

"""What if: the queue in the periods to come, at today's work and at more, with intervals.

The queue moves by what comes in less what is done and removed, and never falls below nought: that recursion, run some
thousand times over whole periods, is the simulation. A library that moves single people through servers (Ciw, salabim)
would need the times of arrivals and treatments, which a service that sends counts a month does not have. Each run draws
its own mean and spread from what a year of counts leaves open, so that the interval is that of a forecast. It takes the
past year to go on: no season, trend or reply to a longer queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.analysis.flow import FEW, WEEKS, Flow
from qitools.analysis.windows import A_YEAR
from qitools.collaborative.periods import first_days, ordinals

RUNS, SEED = 4000, 20260601
EXTRA = (0.0, 0.05, 0.1, 0.2)  # more work than in the past year
AHEAD = 3  # years
ENDS = (2.5, 50.0, 97.5)  # percentiles
SHORT = 6  # weeks of work: a queue of this length is called cleared


@dataclass(frozen=True, eq=False)
class Future:
    """The queue to come under one scenario; ``start`` people wait now, ``activity`` are seen each period.

    ``table``: date, low, middle, high; ``cleared``: the first period in which the queue is at most ``goal`` people
    (``SHORT`` weeks of work), at the 2.5th, 50th and 97.5th percentile of the runs (NaT: not within ``AHEAD`` years);
    ``chance`` that it is by then.
    """

    extra: float
    start: float
    activity: float
    goal: float
    table: pd.DataFrame
    cleared: tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp]
    chance: float


def what_if(found: Flow, extra: Sequence[float] = EXTRA, weeks: float = SHORT) -> list[Future]:
    """The queue to come at the work of the past year, and with more of it.

    Args:
        found: a service of which queue, activity and demand are known.
        extra: how much more is done each period, as a share of the past year's mean (0.1: a tenth more).
        weeks: of work, above 0; a queue of at most so many is called cleared.

    Returns:
        One ``Future`` a scenario; none where fewer than eight periods of the past year are known, or no queue.
    """
    year, queue = found.sound, found.table["queue"].dropna()
    removals = year["removals"] if "removals" in found.given else 0.0
    net = (year["demand"] - year["activity"] - removals).dropna().to_numpy(float)
    if len(net) < FEW or queue.empty:
        return []
    start, mean = float(queue.iloc[-1]), float(year["activity"].mean())
    last = found.table.loc[queue.index[-1], "date"]
    periods = AHEAD * A_YEAR[found.period]
    dates = first_days(ordinals([last], found.period)[0] + np.arange(1, periods + 1), found.period)
    futures = []
    for more in extra:
        paths = queues(start, net - more * mean, periods)
        goal = weeks * mean * (1 + more) / WEEKS[found.period]
        now = (more, start, mean * (1 + more), goal)
        futures.append(_future(paths, dates.astype("datetime64[us]"), now))
    return futures


def queues(start: float, net: NDArray[np.float64], periods: int, runs: int = RUNS) -> NDArray[np.float64]:
    """Runs by periods: the queue after each period, where it moves as ``net`` has moved.

    Mean and spread of each run are drawn from their normal posterior under a flat prior, so that the sum over periods
    to come has Student's t distribution, as a forecast from so few periods has.
    """
    rng, n = np.random.default_rng(SEED), len(net)
    spread = net.std(ddof=1) * np.sqrt((n - 1) / rng.chisquare(n - 1, runs))
    middle = net.mean() + spread / np.sqrt(n) * rng.standard_normal(runs)
    moves = middle[:, None] + spread[:, None] * rng.standard_normal((runs, periods))
    out = np.empty((runs, periods))
    queue = np.full(runs, start)
    for i in range(periods):
        queue = np.maximum(queue + moves[:, i], 0.0)
        out[:, i] = queue
    return out


def _future(
    paths: NDArray[np.float64], dates: NDArray[np.datetime64], now: tuple[float, float, float, float]
) -> Future:
    low, middle, high = np.percentile(paths, ENDS, axis=0)
    table = pd.DataFrame({"date": dates, "low": low, "middle": middle, "high": high})
    short = paths <= now[-1]
    when = np.where(short.any(axis=1), short.argmax(axis=1), len(dates))
    ends = [int(np.percentile(when, end, method="higher")) for end in ENDS]
    cleared: list[Any] = [pd.Timestamp(dates[at]) if at < len(dates) else pd.NaT for at in ends]
    return Future(*now, table, (cleared[0], cleared[1], cleared[2]), float(short.any(axis=1).mean()))

"""Runs tests: does a whole phase hold too long a run, or too few (or too many) crossings of its centre line?

A phase is flagged here, never a point. Bounds come from the number of useful points alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import gammaln

from qitools.spc.panel import Bools, Floats, Ints, Runs, find_runs
from qitools.spc.quantiles import binomial
from qitools.spc.rule_sets import RuleSet
from qitools.spc.rules import Drawn

CROSSINGS_TAIL = 0.05  # Anhøj & Olesen 2014: the 5th centile of Binomial(n − 1, ½)
RUNS_TAIL = 0.025  # each tail of the runs test (Perla, Provost & Murray 2011)
SLACK = 3  # Anhøj & Olesen 2014: longest run > round(log2 n) + 3


@dataclass(frozen=True, eq=False)
class RunsTest:
    """Per segment: useful points, longest run, crossings, their bounds, and whether the set's test is positive."""

    n_useful: Ints
    longest_run: Ints
    longest_run_max: Ints
    crossings: Ints
    crossings_min: Ints
    signal: Bools


def runs_test(drawn: Drawn, rules: RuleSet, own_centre: Bools, runs: Runs | None = None) -> RunsTest:
    """Runs and crossings of each segment.

    Args:
        own_centre: segments whose centre line comes from all of their points.
        runs: those of ``side_runs``, used again where they are of all useful points and no others.
    """
    segments = len(drawn.panel.starts)
    if runs is None or drawn.untested.any() or not runs.side.all():
        runs = find_runs(drawn.panel, drawn.side, drawn.counts & (drawn.side != 0))
    n, longest = np.zeros((2, segments), np.int64)
    new = np.searchsorted(runs.first, drawn.panel.starts)
    found = np.diff(new, append=len(runs.length))
    if len(runs.length):
        which = np.flatnonzero(found)
        n[which], longest[which] = (sums.reduceat(runs.length, new[which]) for sums in (np.add, np.maximum))
    longest_max, crossings_min = (bound[n] for bound in anhoej_bounds(int(n.max(initial=0))))
    crossings = np.maximum(found - 1, 0)
    signal = np.zeros(segments, bool)
    if rules.runs_test == "anhoej":
        signal = (longest > longest_max) | (crossings < crossings_min)
    elif rules.runs_test == "perla":
        low, high = perla_bounds(n)
        signal = ((found < low) | (found > high)) & own_centre
        crossings_min = np.maximum(low - 1, 0)
    return RunsTest(n, longest, longest_max, crossings, crossings_min, signal & (n >= rules.min_points))


@lru_cache(maxsize=32)
def anhoej_bounds(n_max: int) -> tuple[Ints, Ints]:
    """Longest run allowed and fewest crossings allowed, for 0 to ``n_max`` useful points (Anhøj & Olesen 2014).

    >>> longest, fewest = anhoej_bounds(24)
    >>> int(longest[24]), int(fewest[24])
    (8, 8)
    """
    n = np.arange(n_max + 1)
    longest = np.round(np.log2(np.maximum(n, 1))).astype(np.int64) + SLACK
    return longest, binomial(CROSSINGS_TAIL, np.maximum(n - 1, 0), 0.5).astype(np.int64)


def perla_bounds(n: Ints) -> tuple[Ints, Ints]:
    """Fewest and most runs that chance allows of ``n`` useful points each (Wald–Wolfowitz, exact).

    >>> fewest, most = perla_bounds(np.array([10, 20]))
    >>> fewest.tolist(), most.tolist()
    ([3, 7], [9, 15])
    """
    sizes, which = np.unique(n, return_inverse=True)
    bounds = np.array([_run_bounds(int(size)) for size in sizes]).reshape(-1, 2)
    return bounds[which, 0], bounds[which, 1]


@lru_cache(maxsize=4096)
def _run_bounds(n: int) -> tuple[int, int]:
    """Bounds on the number of runs of ``n`` points of which ⌊n/2⌋ lie on one side."""
    if n < 2:
        return 0, n
    runs = np.arange(1, n + 1)
    chance = _run_chances(n // 2, n - n // 2)
    low = runs[np.cumsum(chance) > RUNS_TAIL][0]
    high = runs[::-1][np.cumsum(chance[::-1]) > RUNS_TAIL][0]
    return int(low), int(high)


def _run_chances(a: int, b: int) -> Floats:
    """P(R = 1 … a + b) for ``a`` points of one side and ``b`` of the other in random order."""
    runs = np.arange(1, a + b + 1)
    half = runs // 2
    even = 2 * np.exp(_log_choose(a - 1, half - 1) + _log_choose(b - 1, half - 1))
    odd = np.exp(_log_choose(a - 1, half) + _log_choose(b - 1, half - 1))
    odd += np.exp(_log_choose(a - 1, half - 1) + _log_choose(b - 1, half))
    return np.where(runs % 2 == 0, even, odd) * np.exp(-_log_choose(a + b, np.array([a])))


def _log_choose(n: int, k: Ints) -> Floats:
    inside = (k >= 0) & (k <= n)
    k = np.clip(k, 0, max(n, 0))
    return np.where(inside, gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), -np.inf)

"""How long the engine takes: ``python benchmarks/analyse.py [series [series beside clinical-qikit …]]``.

CPU seconds (``time.process_time``), the median of several calls, all in one run; 10,000 series of 60 points where no
number is given. The lower bound is numpy written by hand for series of one length with nothing missing, excluded or
declared: what any engine has to do. Both the bound and the engine work through the series in blocks of the engine's
size, which is faster for both than all at once.

clinical-qikit, the fastest published Python package with a full call that was found, is timed where it can be imported
(``pip install --target DIR clinical-qikit``, then ``PYTHONPATH=DIR``); it is no dependency. Its cost for each series
grows with their number, so that 10,000 do not end: 200 and 1,000 are the default.
"""

from __future__ import annotations

import importlib.util
import resource
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
import pandas as pd

import qitools as qi
from qitools.analysis.drawing import BLOCK
from qitools.spc.constants import D2
from qitools.spc.limits import Sample, limits
from qitools.spc.panel import Panel
from qitools.spc.rule_sets import RuleSet
from qitools.spc.rules import Drawn, side_runs, signals
from qitools.spc.runs_tests import runs_test

POINTS = 60
BESIDE = (200, 1_000)  # series on which clinical-qikit is timed: 3,000 take it a minute and a half
SIZES = (10_000, 30_000, 100_000)  # the cost should be in proportion
RULES = RuleSet("benchmark", "", shift=8, trend=6, outside=True, two_of_three=True, four_of_five=True, ties="skip")


def seconds(call: Callable[[], object], times: int = 5) -> float:
    """Median CPU seconds of a call, after one to warm up."""
    call()
    found = []
    for _ in range(times):
        begin = time.process_time()
        call()
        found.append(time.process_time() - begin)
    return median(found)


def by_hand(y: np.ndarray) -> tuple[np.ndarray, ...]:
    """XmR limits, five rules, longest run and crossings of a matrix, series by row."""
    series, n = y.shape
    centre = y.mean(axis=1, keepdims=True)
    sd = np.abs(np.diff(y, axis=1)).mean(axis=1, keepdims=True) / D2
    z = (y - centre) / sd
    outside = np.abs(z) > 3
    side = np.sign(z).astype(np.int8)
    begins, length = runs(side)
    shift = np.repeat(length >= 8, length).reshape(series, n)
    moves = np.sign(np.diff(y, axis=1)).astype(np.int8)
    _, climb = runs(moves)
    long = np.repeat(climb >= 5, climb).reshape(series, n - 1)
    trend = np.zeros((series, n), bool)
    trend[:, 1:] |= long
    trend[:, :-1] |= long
    two = some(z, 2, 2, 3)
    four = some(z, 1, 4, 5)
    longest = np.zeros(series, np.int64)
    np.maximum.at(longest, begins // n, length)
    crossings = np.bincount(begins // n, minlength=series) - 1
    return outside, shift, trend, two, four, longest, crossings


def runs(side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where runs begin in the flat matrix, and their lengths."""
    new = np.ones(side.shape, bool)
    new[:, 1:] = side[:, 1:] != side[:, :-1]
    begins = np.flatnonzero(new)
    return begins, np.diff(begins, append=side.size)


def some(z: np.ndarray, sds: float, needed: int, window: int) -> np.ndarray:
    """Points beyond ``sds`` in a window that holds enough of them on one side."""
    out = np.zeros(z.shape, bool)
    for hit in (z > sds, z < -sds):
        held = np.zeros((z.shape[0], z.shape[1] - window + 1), np.int8)
        for step in range(window):
            held += hit[:, step : step + held.shape[1]]
        ends, near = held >= needed, np.zeros(z.shape, bool)
        for step in range(window):
            near[:, step : step + held.shape[1]] |= ends
        out |= near & hit
    return out


def in_blocks(call: Callable[[np.ndarray], object], y: np.ndarray) -> list[object]:
    """A call on some series after the other, as many at once as the engine takes."""
    return [call(some) for some in np.array_split(y, max(1, y.size // BLOCK))]


def by_engine(y: np.ndarray) -> object:
    """The same through ``qitools.spc``."""
    series, n = y.shape
    panel, value = Panel(np.arange(series) * n, y.size), y.ravel()
    all_rows, nothing, free = np.ones(y.size, bool), np.broadcast_to(np.nan, y.size), np.full(series, np.nan)
    found = limits("i", Sample(panel, value, all_rows, all_rows, nothing, nothing, free))
    drawn = Drawn(panel, value, all_rows, panel.spread(found.centre), found.lower, found.upper, found.z, nothing)
    sides = side_runs(drawn, RULES)
    return signals(drawn, RULES, sides), runs_test(drawn, RULES, np.ones(series, bool), sides)


def tables(series: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The long table with categories in order, and the same rows as shuffled text."""
    rng, teams, measures = np.random.default_rng(1), series // 4, 4
    months = pd.date_range("2020-01-01", periods=POINTS, freq="MS")
    team = np.repeat([f"team-{number:06d}" for number in range(teams)], POINTS * measures)
    measure = np.tile(np.repeat([f"measure-{number}" for number in range(measures)], POINTS), teams)
    size = series * POINTS
    text = pd.DataFrame({"team": team, "measure": measure, "date": np.tile(months, series)})
    text = text.assign(
        numerator=rng.poisson(20, size).astype(float), denominator=rng.integers(80, 120, size).astype(float)
    )
    ordered = text.astype({"team": "category", "measure": "category"}).sort_values(["measure", "team", "date"])
    return ordered.reset_index(drop=True), text.sample(frac=1, random_state=1).reset_index(drop=True)


def main(series: int, beside: Sequence[int] = BESIDE) -> None:
    """Print one line a measurement."""
    y = np.random.default_rng(1).normal(50, 5, (series, POINTS))
    at_once, bound, engine = (
        seconds(call) for call in (lambda: by_hand(y), lambda: in_blocks(by_hand, y), lambda: in_blocks(by_engine, y))
    )
    print(f"{series:,} series x {POINTS} points, CPU seconds")
    print(f"arrays: limits, 5 rules, runs      by hand {bound:.3f}   qitools {engine:.3f}   {engine / bound:.1f} x")
    print(f"        by hand, all at once       {at_once:.3f}   {engine / at_once:.1f} x")
    ordered, shuffled = tables(series)
    for kind in ("run", "i"):
        one, other = (
            seconds(lambda table=table, kind=kind: qi.analyse(table, chart=kind, better="lower", per=100), 3)
            for table in (ordered, shuffled)
        )
        print(f"analyse, {kind:3} chart: categories in order {one:.3f}   shuffled text {other:.3f}")
    alone = ordered.iloc[:POINTS]
    print(f"analyse, one series: {1000 * seconds(lambda: qi.analyse(alone, better='lower', per=100), 25):.1f} ms")
    for number in beside:
        against_qikit(number)
    for number in SIZES:
        growing(number)


def growing(series: int) -> None:
    """What a table of so many series costs, and the most memory that this process has held so far."""
    ordered = tables(series)[0]

    def call() -> object:
        return qi.analyse(ordered, chart="i", better="lower", per=100)

    cost, peak = seconds(call, 3), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{series:7,} series: {cost:.2f} s, {10_000 * cost / series:.3f} for each 10,000   peak {peak:.1f} GB")


def against_qikit(series: int) -> None:
    """clinical-qikit's whole call on shuffled rows, once, where it is installed, beside the median of ours."""
    if importlib.util.find_spec("qikit") is None:
        print("clinical-qikit is not installed here: not compared")
        return
    import qikit

    few, rows = (tables(number)[1].drop(columns="denominator") for number in (8, series))

    def whole(table: pd.DataFrame) -> float:
        named, begin = table.assign(series=table["team"] + table["measure"]), time.process_time()
        qikit.qic(x="date", y="numerator", data=named, facets="series", chart="i")
        return time.process_time() - begin

    whole(few)  # its imports
    theirs = whole(rows)
    ours = seconds(lambda: qi.analyse(rows, chart="i", better="lower"), 5)
    print(
        f"{series:,} series of shuffled text: clinical-qikit {theirs:.2f} ({1000 * theirs / series:.0f} ms a series)   "
        f"qitools {ours:.3f}   {theirs / ours:.0f} x"
    )


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    main(asked[0] if asked else 10_000, asked[1:] or BESIDE)

"""How far a series moved from its first to its current phase, with a 95 % interval.

Rates and proportions: the difference of the phases' ratios of sums, its Poisson or binomial variance widened by Laney's
σz² where that is above 1. XmR: the difference of means, sigma from the mean moving range. All else, run charts first:
the Hodges–Lehmann shift with the interval of the Wilcoxon rank-sum test (Hodges & Lehmann 1963; Hollander & Wolfe).
Where the data chose the start of the current phase, only points after the run that chose it are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qitools.analysis.reading import Reading
from qitools.analysis.verdicts import FEW
from qitools.spc.constants import CONFIDENCE, D2, Z
from qitools.spc.limits import Sample, moving_ranges, proportions, rates
from qitools.spc.panel import Bools, Floats, Ints, Panel

EXACT = 50  # points a side up to which the rank-sum distribution is counted out
CHUNK = 2_000_000  # pairwise differences held at once
BY_RATIO = {"p": proportions, "pp": proportions, "u": rates, "up": rates}


@dataclass(frozen=True, eq=False)
class Change:
    """Change per series in display units, its interval, and why one is missing."""

    estimate: Floats
    lower: Floats
    upper: Floats
    few: Bools
    selected: Bools
    flat: Bools


@dataclass(frozen=True, eq=False)
class Pair:
    """The points on both sides of a change.

    Args:
        rows: rows of ``points``, missing ones too, so that no moving range bridges them.
        panel: two segments per series, before and after, over ``rows``.
        counted: which of ``rows`` have a value that counts.
        series: the series compared.
    """

    rows: Ints
    panel: Panel
    counted: Bools
    series: Ints

    @property
    def n(self) -> tuple[Ints, Ints]:
        """Counted points before and after, per series compared."""
        return before_after(self.panel.count(self.counted))


def before_after(per_segment: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The segments of a pair, apart."""
    return per_segment[0::2], per_segment[1::2]


def changes(reading: Reading) -> Change:
    """Change from the first to the current phase of each series; NaN where there is one phase."""
    total = len(reading.measure)
    estimate, lower, upper = np.full((3, total), np.nan)
    few, selected, flat = np.zeros((3, total), bool)
    series = np.flatnonzero(reading.last_phase > reading.first_phase)
    if not len(series):
        return Change(estimate, lower, upper, few, selected, flat)
    chosen, late = reading.found[reading.last_phase], after_trigger(reading)
    thin = chosen & (reading.phase.count(late & reading.counted)[reading.last_phase] < FEW)
    wanted = late | reading.phase.spread((thin | ~chosen)[reading.owner])  # thin: an estimate, but no interval
    kind = reading.of_measure(np.array(reading.charts))
    for chart in np.unique(kind[series]):
        pair = compare(reading, series[kind[series] == chart], wanted)
        estimate[pair.series], lower[pair.series], upper[pair.series] = interval(reading, pair, str(chart))
        few[pair.series] = np.minimum(*pair.n) < FEW
    selected[series] = thin[series]
    flat[series] = ~(lower < upper)[series]
    few, flat = few & ~selected, flat & ~few & ~selected
    lower[few | flat | selected] = upper[few | flat | selected] = np.nan
    return Change(estimate, lower, upper, few, selected, flat)


def after_trigger(reading: Reading) -> Bools:
    """Points of each found phase after the run that began it; none of a declared one."""
    triggered: NDArray[np.datetime64] = reading.phase.spread(np.asarray(reading.phases["triggered"]))
    later: Bools = reading.date > triggered
    return later


def compare(reading: Reading, series: Ints, wanted: Bools) -> Pair:
    """Lay the first phase and the wanted points of the current phase side by side."""
    first, last = np.zeros((2, len(reading.owner)), bool)
    first[reading.first_phase[series]] = last[reading.last_phase[series]] = True
    rows = np.flatnonzero(reading.phase.spread(first) | (reading.phase.spread(last) & wanted))
    return Pair(rows, Panel.of(reading.phase.ids[rows]), reading.counted[rows], series)


def interval(reading: Reading, pair: Pair, chart: str) -> tuple[Floats, Floats, Floats]:
    """Estimate, lower and upper end of the change of each series in a pair, by the method of its chart kind."""
    if chart not in BY_RATIO and chart != "i":
        return hodges_lehmann(reading.value[pair.rows][pair.counted], *pair.n)
    estimate, error = ratio_change(reading, pair, chart) if chart in BY_RATIO else mean_change(reading, pair)
    half = Z * error
    return estimate, estimate - half, estimate + half


def ratio_change(reading: Reading, pair: Pair, chart: str) -> tuple[Floats, Floats]:
    """Difference of Σ numerator / Σ denominator, and its standard error, the variance times max(1, σz²)."""
    top, size = (np.asarray(reading.points[name], float)[pair.rows] for name in ("numerator", "denominator"))
    ratio = np.divide(top, size, out=np.full(len(top), np.nan), where=pair.counted)
    found = BY_RATIO[chart](sample_of(reading, pair, ratio, size))
    spread = found.centre * (1 - found.centre) if BY_RATIO[chart] is proportions else found.centre
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = spread / pair.panel.total(np.where(pair.counted, size, 0.0)) * np.maximum(1, found.sigma_z**2)
    (centre_0, centre_1), (variance_0, variance_1) = before_after(found.centre), before_after(variance)
    per = np.asarray(reading.measures["per"], float)[reading.measure[pair.series]]
    return (centre_1 - centre_0) * per, np.sqrt(variance_0 + variance_1) * per


def mean_change(reading: Reading, pair: Pair) -> tuple[Floats, Floats]:
    """Difference of means, and AMR / 1.128 × √(1/n₁ + 1/n₂), the mean moving range taken over both phases."""
    value = reading.value[pair.rows]
    sample = sample_of(reading, pair, value, value)
    ranges = moving_ranges(pair.panel, value, sample.chain)
    known = pair.counted & ~np.isnan(ranges)
    both = [
        sum(before_after(each)) for each in (pair.panel.total(np.where(known, ranges, 0.0)), pair.panel.count(known))
    ]
    mean_0, mean_1 = before_after(pair.panel.mean(value, pair.counted))
    n_0, n_1 = pair.n
    with np.errstate(invalid="ignore", divide="ignore"):
        return mean_1 - mean_0, both[0] / both[1] / D2 * np.sqrt(1 / n_0 + 1 / n_1)


def sample_of(reading: Reading, pair: Pair, value: Floats, size: Floats) -> Sample:
    """A pair as the limits take it: each side its own segment, all of its points the baseline."""
    free = np.full(len(pair.panel.starts), np.nan)
    return Sample(pair.panel, value, pair.counted, ~reading.excluded[pair.rows], size, size, free)


def hodges_lehmann(values: Floats, n_before: Ints, n_after: Ints) -> tuple[Floats, Floats, Floats]:
    """Median of all pairwise differences after − before, and the Wilcoxon interval around it.

    Args:
        values: before then after, one series after the other.
        n_before, n_after: how many of each, per series.

    Returns:
        Estimate, lower and upper per series; NaN where a side is empty.

    >>> [float(x[0]) for x in hodges_lehmann(np.r_[np.arange(8.0), np.arange(8.0) + 5], np.array([8]), np.array([8]))]
    [5.0, 2.0, 8.0]
    """
    begin = np.cumsum(n_before + n_after) - (n_before + n_after)
    out = np.full((3, len(begin)), np.nan)
    sizes, which = np.unique(np.stack([n_before, n_after]), axis=1, return_inverse=True)
    for group, (a, b) in enumerate(sizes.T.tolist()):
        if a == 0 or b == 0:
            continue
        members = np.flatnonzero(which.ravel() == group)
        for some in np.array_split(members, 1 + len(members) * a * b // CHUNK):
            before = values[begin[some, None] + np.arange(a)]
            after = values[begin[some, None] + a + np.arange(b)]
            out[:, some] = middle_and_ends((after[:, :, None] - before[:, None, :]).reshape(len(some), -1), a, b)
    return out[0], out[1], out[2]


def middle_and_ends(differences: Floats, a: int, b: int) -> Floats:
    """Median and the two order statistics that bound it, of each row of a × b differences."""
    cut, size = rank_sum_cut(a, b), a * b
    wanted = (cut - 1, (size - 1) // 2, size // 2, size - cut)
    ordered = np.partition(differences, wanted, axis=1)[:, wanted]
    return np.stack([(ordered[:, 1] + ordered[:, 2]) / 2, ordered[:, 0], ordered[:, 3]])


@lru_cache(maxsize=4096)
def rank_sum_cut(a: int, b: int) -> int:
    """How many differences to count in from each end for a 95 % interval (exact; normal beyond 50 a side).

    >>> rank_sum_cut(8, 8), rank_sum_cut(12, 24)
    (14, 86)
    """
    tail = (1 - CONFIDENCE) / 2
    if max(a, b) > EXACT:
        sd = np.sqrt(a * b * (a + b + 1) / 12)
        return max(1, round(float(a * b / 2 - Z * sd)))
    ways = np.zeros(a * b + 1)
    ways[0] = 1.0
    for step in range(1, b + 1):  # Gaussian binomial: the number of arrangements with each rank sum
        longer = a + step
        if longer <= a * b:
            ways[longer:] -= ways[:-longer].copy()
        for offset in range(step):
            ways[offset::step] = np.cumsum(ways[offset::step])
    below = np.cumsum(ways) / comb(a + b, a)
    return max(1, int(np.searchsorted(below, tail)))

"""What the noise of a measure is like: whether a point remembers the one before, and what a year does to it.

The ledger asks what luck would do *here*. Luck with a memory makes longer runs, and so does a winter, so both are
estimated, over all teams together, whatever the teams' levels did. What cannot be told from independent noise is taken
for independent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qitools.analysis.dependence import CERTAINTY, ERROR, autocorrelation, dependence, months, residuals
from qitools.analysis.engine import Analysis
from qitools.analysis.reading import Reading, read
from qitools.analysis.windows import A_YEAR, usual_period
from qitools.spc.limits import EVENT_CHARTS
from qitools.spc.panel import Bools, Floats, Ints

STRONGEST = 0.95  # an autocorrelation above it is a drift: no series of a few years could tell the two apart


@dataclass(frozen=True)
class NoiseKind:
    """Noise of one standard deviation.

    Args:
        memory: lag-1 autocorrelation, 0 to 0.95; 0 where none is sure.
        year: what each point of the year (month or quarter, from January) adds, in standard deviations of the rest of
            the noise; empty where no season is clear.
    """

    memory: float = 0.0
    year: tuple[float, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The reason codes of what was found."""
        return (*(["dependent"] if self.memory else []), *(["seasonal"] if self.year else []))


def noise_of(part: Analysis) -> NoiseKind:
    """The noise of the one measure of an analysis, pooled over its teams.

    Args:
        part: an analysis of one measure, with at least one point.

    Returns:
        ``NoiseKind``, rounded to hundredths: more is not known, and equal settings make equal luck.
    """
    reading = read(part.points, part.phases, part.measures)
    if part.measures["chart"].iloc[0] in EVENT_CHARTS:
        return NoiseKind()
    if not dependence(reading)[1].codes()["seasonal"][0]:
        return NoiseKind(_memory(reading))
    length, month = A_YEAR[usual_period(part)], months(reading)
    _, line, known = residuals(reading, month)
    point = month % 12 * length // 12
    year = _year(line, known, point, length)
    rest = np.where(known, line - year[point], np.nan)
    free = replace(reading, value=rest, counted=known)
    left = float(np.nanstd(rest))
    return NoiseKind(_memory(free), tuple((year / left).round(2).tolist()) if left > 0 else ())


def _memory(reading: Reading) -> float:
    """Lag-1 autocorrelation where it is surely above 0."""
    found, pairs = (float(each[0]) for each in autocorrelation(reading))
    sure = pairs > 0 and np.log1p(found) > CERTAINTY * ERROR / np.sqrt(pairs)
    return round(min(found, STRONGEST), 2) if sure else 0.0


def _year(line: Floats, known: Bools, point: Ints, length: int) -> Floats:
    """The mean residual of each point of the year, drawn towards 0 by what chance alone would make of it (1 − 1/F)."""
    count = np.bincount(point[known], minlength=length)
    mean = np.bincount(point[known], line[known], minlength=length) / np.maximum(count, 1)
    within = float(((line[known] - mean[point[known]]) ** 2).sum()) / max(int(count.sum()) - length, 1)
    between = float((count * mean**2).sum()) / (length - 1)
    return mean * max(0.0, 1 - within / between) if between > 0 else mean * 0

"""Whether neighbouring points resemble each other, and whether the season recurs: then the rules signal too easily.

Both are asked twice: of each series by itself, so that no team's codes hang on who else reports, and of each measure
over all its teams, which shows far more. They are asked in such a way that neither an improvement nor a drift is taken
for them: dependence from differences at lags 1 and 2, season from what recurs whether or not a straight line is taken
out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import fdtrc

from qitools.analysis.reading import Reading
from qitools.spc.limits import EVENT_CHARTS
from qitools.spc.panel import Bools, Floats, Ints, Panel

DEPENDENT = 0.2  # lag-1 autocorrelation above which rules signal too easily (spc reference, section 2a)
CERTAINTY = 1.645  # and at least so many standard errors above 0: one short series proves nothing
ERROR = 1.55  # standard error of log(1 + autocorrelation) × √pairs, of independent points (simulated: 1.6 to 1.7)
PAIRS = 24  # fewer neighbours would show only an autocorrelation above two thirds
YEARS = 3  # fewer cannot tell a season from a bad winter
SEASON_POINTS = 12  # a shorter phase does not show a year
SEASON_P = 0.01
NOTHING = 1e-9  # a spread so small beside the mean is rounding
YEAR = 12  # months


@dataclass(frozen=True, eq=False)
class Noise:
    """What was found of each series, or of each measure.

    Args:
        autocorrelation: at lag 1; NaN where all points are alike or none are neighbours.
        pairs: neighbours it stands on.
        season_p: P value that the points of the year are alike; NaN where it cannot be asked.
    """

    autocorrelation: Floats
    pairs: Ints
    season_p: Floats

    def codes(self) -> dict[str, Bools]:
        """Neighbours that surely resemble each other, a season that clearly recurs, and what is not known."""
        asked = ~np.isnan(self.autocorrelation) & (self.pairs >= PAIRS)
        sure = np.expm1(CERTAINTY * ERROR / np.sqrt(np.maximum(self.pairs, 1)))  # of the log: less skewed
        return {
            "dependent": asked & (self.autocorrelation > np.maximum(DEPENDENT, sure)),
            "dependence_unknown": ~asked,
            "seasonal": self.season_p < SEASON_P,
            "season_unknown": np.isnan(self.season_p),
        }


def dependence(reading: Reading) -> tuple[Noise, Noise]:
    """Lag-1 autocorrelation and season, within phases: of each series, and of each measure over its teams."""
    near, far, pairs = typical_steps(reading)
    of_series, of_measure = seasons(reading)
    return Noise(_phi(near, far), pairs, of_series), Noise(*together(reading, near, far, pairs), of_measure)


def unknown(size: int) -> Noise:
    """Of so many series or measures nothing is known."""
    return Noise(np.full(size, np.nan), np.zeros(size, np.int64), np.full(size, np.nan))


def autocorrelation(reading: Reading) -> tuple[Floats, Ints]:
    """Lag-1 autocorrelation of each measure, and the pairs of neighbours it stands on."""
    return together(reading, *typical_steps(reading))


def typical_steps(reading: Reading) -> tuple[Floats, Floats, Ints]:
    """Mean absolute difference of each series at lag 1 and at lag 2, and the pairs of neighbours.

    Where x follows AR(1), the second is √(1 + φ) times the first, whatever the level; without dependence the two are
    alike for any distribution.
    """
    found = [_steps_of(part) for part in reading.parts]
    near, far, pairs = zip(*found, strict=True)
    return np.concatenate(near), np.concatenate(far), np.concatenate(pairs)


def _steps_of(part: Reading) -> tuple[Floats, Floats, Ints]:
    value = np.where(part.counted, part.value, np.nan)
    (near, pairs), (far, _) = (typical_step(part, value, lag) for lag in (1, 2))
    return near, far, pairs


def together(reading: Reading, near: Floats, far: Floats, pairs: Ints) -> tuple[Floats, Ints]:
    """The same of each measure: each team counts by its pairs, on its own scale."""
    scale = (near + far) / 2
    known, measures = scale > 0, len(reading.rules)
    weight = np.where(known, pairs, 0) / np.where(known, scale, 1)
    sums = [np.bincount(reading.measure, weight * np.nan_to_num(step), measures) for step in (near, far)]
    all_pairs = np.bincount(reading.measure, np.where(known, pairs, 0), measures)
    return _phi(np.asarray(sums[0], float), np.asarray(sums[1], float)), all_pairs.astype(np.int64)


def _phi(near: Floats, far: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        phi: Floats = (far / near) ** 2 - 1
    return np.where(np.isfinite(phi), phi, np.nan)


def typical_step(reading: Reading, value: Floats, lag: int) -> tuple[Floats, Ints]:
    """Mean absolute difference from the point ``lag`` periods before in the same phase, and how many, per series."""
    step = np.full(len(value), np.nan)
    step[lag:] = np.abs(value[lag:] - value[:-lag])
    for into in range(lag):  # the first points of a phase have none so far before them
        begins = reading.phase.starts + into
        step[begins[begins < len(step)]] = np.nan
    known = ~np.isnan(step)
    count = reading.series.count(known)
    with np.errstate(invalid="ignore", divide="ignore"):
        return reading.series.total(np.where(known, step, 0.0)) / count, count


def seasons(reading: Reading) -> tuple[Floats, Floats]:
    """P value that the points of the year are alike, of each series and of each measure; NaN where it cannot be asked.

    Asked of three whole years or more of points that each have a month or a quarter of their own. Of a measure: of the
    mean of its teams, so that a shock that all share in one year is one observation, not one a team.
    """
    first, last = month_numbers(np.array([reading.date.min(), reading.date.max()]))
    own, sums = [], np.zeros((3, len(reading.rules) * int(last - first + 1)))
    for part in reading.parts:
        month = months(part)
        level, line, known = residuals(part, month)
        known &= part.series.spread(~part.drawn_as(*EVENT_CHARTS) & _by_month(part, month))
        cell = part.series.spread(part.measure) * (last - first + 1) + month - first
        series, month, level, line, cell = _where(known, part.series.ids, month, level, line, cell)
        sums += [np.bincount(cell, weight, sums.shape[1]) for weight in (None, level, line)]
        own.append(_placed(series, len(part.measure), month, level, line))
    there = np.flatnonzero(sums[0])
    measure, month = np.divmod(there, last - first + 1)
    mean = sums[1:, there] / sums[0, there]
    return np.concatenate(own), _placed(measure, len(reading.rules), month + first, *mean)


def _where(mask: Bools, *arrays: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """The rows that a mask holds; where it holds all, no copies are made."""
    return arrays if mask.all() else tuple(each[mask] for each in arrays)


def _placed(group: Ints, groups: int, month: Ints, level: Floats, line: Floats) -> Floats:
    """The P value of each of so many groups, NaN for one without rows."""
    out = np.full(groups, np.nan)
    panel = Panel.of(group)
    if panel.size:
        out[group[panel.starts]] = season(panel, month, level, line)
    return out


def months(reading: Reading) -> Ints:
    """Months since 1970 of every point."""
    return month_numbers(reading.date)


def month_numbers(dates: NDArray[np.datetime64]) -> Ints:
    """Months since 1970 of dates, each looked up once."""
    place, moments = pd.factorize(dates.view(np.int64))
    return moments.view(dates.dtype).astype("datetime64[M]").astype(np.int64)[place]


def _by_month(reading: Reading, month: Ints) -> Bools:
    """Series with no two points in one month: not weeks, nor days."""
    again = np.diff(month, prepend=-1) == 0
    again[reading.series.starts] = False
    once: Bools = reading.series.count(again) == 0
    return once


def residuals(reading: Reading, at: Ints) -> tuple[Floats, Floats, Bools]:
    """Residuals from the mean and the straight line of each phase, in standard deviations, and where there are any."""
    panel: Panel = reading.phase
    used = reading.counted & panel.spread(panel.count(reading.counted) >= SEASON_POINTS)
    t = at - panel.spread(panel.mean(at.astype(float), used))
    level = np.where(used, reading.value, 0.0)
    mean = panel.spread(panel.mean(level, used))
    level -= mean
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = panel.total(np.where(used, t * level, 0.0)) / panel.total(np.where(used, t * t, 0.0))
        line = level - panel.spread(slope) * t
        sd = panel.spread(np.sqrt(panel.mean(line**2, used)))
        return level / sd, line / sd, used & (sd > NOTHING * np.abs(mean)) & (sd > 0)


def season(panel: Panel, month: Ints, level: Floats, line: Floats) -> Floats:
    """P value per segment that the points of the year are alike; NaN under three years.

    Asked of residuals from the level of each phase and from its straight line; the larger P counts, because a drift
    bends the first and a step the second. Whole years are counted back from the last point.

    Args:
        panel: segments; month: rising in each, none twice.
        level, line: one residual a row.
    """
    ends = panel.starts + panel.lengths - 1
    step = np.diff(month, prepend=month[0])
    step[panel.starts] = np.iinfo(np.int64).max
    every = np.minimum.reduceat(step, panel.starts)  # 1 of months, 3 of quarters
    years = np.where(panel.lengths > 1, (month[ends] - month[panel.starts] + np.minimum(every, YEAR)) // YEAR, 0)
    back = panel.spread(month[ends]) - month
    kept = (back < panel.spread(years * YEAR)) & panel.spread(years >= YEARS)
    group, slot, year, level, line = _where(kept, panel.ids, month % YEAR, back // YEAR, level, line)
    out = np.full(len(panel.starts), np.nan)
    if len(group):
        whole = Panel.of(group)
        out[group[whole.starts]] = np.maximum(*two_way_p(whole, year, slot, level, line))
    return out


def two_way_p(panel: Panel, year: Ints, slot: Ints, *values: Floats) -> list[Floats]:
    """P value per segment of the points of the year in a two-way analysis of variance, years taken out, of each value.

    Args:
        panel: segments; year: in one stretch each within a segment.
        slot: point of the year, from 0.
    """
    by_year = panel.split(np.diff(year, prepend=-1) != 0)
    cell, size = panel.ids * YEAR + slot, len(panel.starts) * YEAR
    counts = np.bincount(cell, minlength=size).reshape(-1, YEAR)
    columns = (counts > 0).sum(axis=1) - 1
    free = panel.lengths - np.bincount(panel.ids[by_year.starts], minlength=len(panel.starts)) - columns
    told, out = (free > 0) & (columns > 0), []
    for value in values:
        centred = value - by_year.spread(by_year.total(value) / by_year.lengths)
        sums = np.bincount(cell, centred, size).reshape(-1, YEAR)
        between = (sums**2 / np.maximum(counts, 1)).sum(axis=1)
        within = np.maximum(panel.total(centred**2) - between, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = (between / columns) / (within / free)
        chance = np.where(np.isinf(ratio), 0.0, fdtrc(np.maximum(columns, 1), np.maximum(free, 1), ratio))
        out.append(np.where(told, chance, np.nan))
    return out

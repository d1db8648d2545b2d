"""Whether neighbouring points resemble each other, and whether the season recurs: then the rules signal too easily.

Both are asked of a measure, over all its teams, and in such a way that neither an improvement nor a drift is taken for
them: dependence from differences at lags 1 and 2, season from what recurs whether or not a straight line is taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from qitools.analysis.reading import Reading
from qitools.spc.panel import Bools, Floats, Ints, Panel

DEPENDENT = 0.2  # lag-1 autocorrelation above which rules signal too easily (spc reference, section 2a)
CERTAINTY = 1.645  # and at least so many standard errors above 0: one short series proves nothing
ERROR = 1.55  # standard error of the estimate × √pairs, of independent normal points (simulated: 1.4 to 1.6)
SEASON_MONTHS = 36  # three years: fewer cannot tell a season from a bad winter
SEASON_POINTS = 12  # a shorter phase does not show a year
SEASON_P = 0.01
NEVER = -(10**9)  # before any date, in periods
NOTHING = 1e-9  # a spread so small beside the mean is rounding
EVENT_CHARTS = ("g", "t")  # their points are events, not periods
SEASONS = {"month": 12, "quarter": 4}  # points in a year


@dataclass(frozen=True, eq=False)
class Dependence:
    """What was found of each measure: lag-1 autocorrelation, pairs it stands on, P of no season (NaN: not asked)."""

    autocorrelation: Floats
    pairs: Ints
    season_p: Floats

    @property
    def dependent(self) -> Bools:
        """Neighbours resemble each other, surely."""
        sure = CERTAINTY * ERROR / np.sqrt(np.maximum(self.pairs, 1))
        return self.autocorrelation > np.maximum(DEPENDENT, sure)

    @property
    def seasonal(self) -> Bools:
        """The season recurs, clearly."""
        return self.season_p < SEASON_P


def dependence(reading: Reading, period: str) -> Dependence:
    """Lag-1 autocorrelation and season of each measure, pooled over its teams within phases.

    Args:
        reading: the tables as arrays.
        period: month, quarter or week; a season is asked of months and quarters.
    """
    asked = period in SEASONS
    unasked = np.full(len(reading.measures), np.nan)
    return Dependence(*autocorrelation(reading), season(reading, SEASONS[period]) if asked else unasked)


def autocorrelation(reading: Reading) -> tuple[Floats, Ints]:
    """Lag-1 autocorrelation of each measure, and the pairs of neighbours it stands on.

    Where x follows AR(1), the mean absolute difference at lag 2 is √(1 + φ) times that at lag 1, whatever the level;
    without dependence the two are alike for any distribution. Each team counts by its pairs, on its own scale.
    """
    value = np.where(reading.counted, reading.value, np.nan)
    (near, pairs), (far, _) = (typical_step(reading, value, lag) for lag in (1, 2))
    scale = (near + far) / 2
    known = scale > 0
    weight = np.where(known, pairs, 0) / np.where(known, scale, 1)
    totals = [
        np.bincount(reading.measure, weight * np.nan_to_num(step), minlength=len(reading.measures))
        for step in (near, far)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        phi = (totals[1] / totals[0]) ** 2 - 1
    counted = np.bincount(reading.measure, np.where(known, pairs, 0), minlength=len(reading.measures))
    return phi, counted.astype(np.int64)


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


def season(reading: Reading, length: int) -> Floats:
    """P value per measure that the points of the year are alike; NaN under 36 months or where all values are alike.

    A two-way analysis of variance (year, point of the year) of the teams' mean residuals: a shock that all teams share
    in one year is then one observation, not one a team. Asked twice, of residuals from the level of each phase and from
    its straight line; the larger P counts, because a drift bends the first and a step the second.
    """
    point = months(reading) * length // 12
    level, line, known = residuals(reading, point)
    series, measure = reading.series, reading.measure
    first, last = reading.first_where(known), reading.last_where(known)
    asked = np.flatnonzero((first >= 0) & ~reading.drawn_as(*EVENT_CHARTS))
    latest, reach = np.full((2, len(reading.measures)), NEVER, np.int64)
    np.maximum.at(latest, measure[asked], point[last[asked]])
    np.maximum.at(reach, measure[asked], latest[measure[asked]] - point[first[asked]])
    years = np.maximum(reach + 1, 0) // length  # whole years, counted back from the last period of the measure
    shape = (len(latest), max(int(years.max(initial=0)), 1), length)
    back = series.spread(latest[measure]) - point
    inside = known & (back >= 0) & (back < series.spread((years * length)[measure]))
    cell = np.where(inside, series.spread(measure * shape[1] * length) + back, np.prod(shape))  # the last cell: nowhere
    count, *totals = (np.bincount(cell, each, np.prod(shape) + 1)[:-1].reshape(shape) for each in (inside, level, line))
    cells = np.concatenate([np.divide(total, count, out=np.full(shape, np.nan), where=count > 0) for total in totals])
    return np.where(years * 12 >= SEASON_MONTHS, np.maximum(*np.split(two_way_p(cells), 2)), np.nan)


def months(reading: Reading) -> Ints:
    """Months since 1970 of every point, each date looked up once."""
    place, moments = pd.factorize(reading.date.view(np.int64))
    return moments.view(reading.date.dtype).astype("datetime64[M]").astype(np.int64)[place]


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


def two_way_p(cells: Floats) -> Floats:
    """P value of the columns (points of the year) of measure × year × column means, years taken out."""
    known = ~np.isnan(cells)
    n = known.sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        per_year = np.where(known, cells, 0).sum(axis=2, keepdims=True) / known.sum(axis=2, keepdims=True)
        centred = np.where(known, cells - per_year, 0)
        between = (centred.sum(axis=1) ** 2 / known.sum(axis=1)).sum(axis=1)
        within = (centred**2).sum(axis=(1, 2)) - between
        columns = cells.shape[2] - 1
        free = n - (known.any(axis=2).sum(axis=1)) - columns
        ratio = (between / columns) / (within / free)
    return np.where(np.isfinite(ratio) & (free > 0), fdtrc(columns, np.maximum(free, 1), ratio), np.nan)

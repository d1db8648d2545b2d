"""Where each team began and where it is now, on the scale on which teams can be compared: log-odds, log-rate or log.

The first and the last year of each team's counted periods (half of them where there are fewer than two years): fixed
by the calendar and never by where a change was seen, because a window picked where the data moved makes every change
look larger than it is. Each level comes with its variance, widened by Laney's σz² where periods vary more than chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qitools.analysis.codes import category
from qitools.analysis.focus import focus
from qitools.analysis.once import once
from qitools.spc.constants import D2
from qitools.spc.panel import Bools, Floats, Ints

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

YEAR = {"month": 12, "quarter": 8, "week": 52}  # counted periods in a window; two years of quarters, as in his-2025
LEAST = 12  # counted periods without which nothing is said
HALF = 0.5  # added to both counts of log-odds, so that none of them is infinite (Haldane 1955, Anscombe 1956)


@dataclass(frozen=True, eq=False)
class Levels:
    """First and last level of every team of a measure.

    Args:
        table: ``team, n`` (counted periods), ``before, after`` (levels in display units), ``first, first_variance,
            last, last_variance`` (levels on the scale and their variances), ``sigma_z``; one row a team in the fixed
            order, numbers empty where a team has too few periods.
        scale: odds, rate, log or plain: what ``first`` and ``last`` are.
        start: the level of all teams together at first, on the scale.
    """

    table: pd.DataFrame
    scale: str
    start: float


def levels(analysis: Analysis, measure: str) -> Levels:
    """The first and the last level of every team.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: the id of a measure.

    Returns:
        ``Levels``.

    Raises:
        ParameterError: an unknown measure.
    """
    return _made(analysis, measure)


@once
def _made(analysis: Analysis, measure: str) -> Levels:
    return _levels(focus(analysis, measure=measure))


@dataclass(frozen=True, eq=False)
class _Rows:
    """The points of a measure as arrays, team by team.

    Args:
        team: the row of ``series`` each point belongs to.
        value, top, size: value, numerator and denominator, the last 1 for counts, whose periods are all of one size.
        counted: neither missing nor excluded.
        teams: how many.
    """

    team: Ints
    value: Floats
    top: Floats
    size: Floats
    counted: Bools
    teams: int

    def total(self, of: Floats, where: Bools) -> Floats:
        """Sums by team."""
        return np.bincount(self.team[where], of[where], self.teams).astype(float)

    def count(self, where: Bools) -> Floats:
        """How many, by team."""
        return np.bincount(self.team[where], minlength=self.teams).astype(float)


def _levels(part: Analysis) -> Levels:
    label, rows = part.measures.iloc[0], _rows(part)
    n = rows.count(rows.counted)
    inside = _windows(rows, n, _widths(part))
    scale = _scale(rows, np.logical_or(*inside), str(label["data"]))
    each = [_level(rows, where, scale) for where in inside]
    sigma = _spread(rows, inside, [level for level, *_ in each], scale)
    chance = scale in ("odds", "rate")
    widened = np.maximum(1.0, sigma**2) if chance else sigma**2
    columns: dict[str, object] = {"team": part.series["team"].astype(str).array, "n": n.astype(np.int64)}
    for name, display, (level, estimate, variance) in zip(("first", "last"), ("before", "after"), each, strict=True):
        columns[display] = level * (float(label["per"]) if chance else 1.0)
        columns[name], columns[f"{name}_variance"] = estimate, variance * widened
    return Levels(pd.DataFrame({**columns, "sigma_z": sigma}), scale, _start(rows, inside[0], scale))


def _rows(part: Analysis) -> _Rows:
    points = part.points
    value, top, size = (points[name].to_numpy(float) for name in ("value", "numerator", "denominator"))
    counted = ~np.isnan(value) & ~points["excluded"].to_numpy(bool)
    if str(part.measures["data"].iloc[0]) == "count":
        size = np.where(np.isnan(size), 1.0, size)
    return _Rows(owner(part), value, top, size, counted, len(part.series))


def owner(part: Analysis) -> Ints:
    """The row of ``series`` that each point of one measure belongs to."""
    known, place = category(part.points["team"]), {str(team): i for i, team in enumerate(part.series["team"])}
    row: Ints = np.array([place.get(str(name), -1) for name in known.categories], np.int64)[known.codes]
    return row


def _widths(part: Analysis) -> Ints:
    """Counted periods in a window, by series."""
    usual, own = (
        str(part.method.get("period") or "month"),
        dict(zip(part.teams["team"], part.teams["period"], strict=True)),
    )
    periods = [str(own.get(str(team)) or usual) for team in part.series["team"]]
    return np.array([YEAR.get(period, YEAR["month"]) for period in periods], np.int64)


def _windows(rows: _Rows, n: Floats, width: Ints) -> tuple[Bools, Bools]:
    """Which points lie in the first window of their team, and which in the last."""
    before = np.cumsum(n) - n  # counted points of the teams before
    rank = np.cumsum(rows.counted) - before[rows.team]
    short = np.minimum(width, n // 2)
    ample = rows.counted & (n >= LEAST)[rows.team]
    return ample & (rank <= short[rows.team]), ample & (rank > (n - short)[rows.team])


def _scale(rows: _Rows, used: Bools, data: str) -> str:
    """The scale of a measure: by its kind of data, and whether its values allow a logarithm."""
    whole = not np.isnan(rows.size[used]).any()
    if data == "proportion" and whole:
        return "odds"
    if data == "count" or (data == "rate" and whole):
        return "rate"
    return "log" if (rows.value[used] > 0).all() else "plain"


def _level(rows: _Rows, where: Bools, scale: str) -> tuple[Floats, Floats, Floats]:
    """By team: level in display units (before ``per``), and estimate and variance on the scale; NaN where no point is.

    Of values: the mean, and the variance of it in variances of one period.
    """
    n = rows.count(where)
    with np.errstate(invalid="ignore", divide="ignore"):
        if scale in ("log", "plain"):
            on_scale = np.log(rows.value, where=where, out=np.zeros_like(rows.value)) if scale == "log" else rows.value
            return rows.total(rows.value, where) / n, rows.total(on_scale, where) / n, 1 / np.where(n, n, np.nan)
        top, size = (np.where(n, rows.total(of, where), np.nan) for of in (rows.top, rows.size))
        rest = size - top
        if scale == "odds":
            return top / size, np.log((top + HALF) / (rest + HALF)), 1 / (top + HALF) + 1 / (rest + HALF)
        return top / size, np.log((top + HALF) / size), 1 / (top + HALF)


def _spread(rows: _Rows, inside: tuple[Bools, Bools], level: list[Floats], scale: str) -> Floats:
    """By team: σz of the periods around their window's level; of values, the standard deviation of a period.

    From the mean moving range of neighbours, so that neither a season nor a drift is taken for noise.
    """
    window = inside[0] * 1 + inside[1] * 2
    z = _scores(rows, np.where(inside[0], level[0][rows.team], level[1][rows.team]), scale)
    near = np.zeros(len(window), bool)
    near[1:] = (window[1:] > 0) & (window[1:] == window[:-1]) & (rows.team[1:] == rows.team[:-1])  # no gap between
    step = np.abs(np.diff(z, prepend=0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        sigma = rows.total(step, near) / rows.count(near) / D2
    return np.where(np.isnan(sigma), 1.0, sigma) if scale in ("odds", "rate") else sigma


def _scores(rows: _Rows, level: Floats, scale: str) -> Floats:
    """Each point as a distance from its level in standard deviations of chance; values as they are, on the scale."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if scale in ("log", "plain"):
            return np.log(rows.value) if scale == "log" else rows.value
        chance = np.sqrt(level * (1 - level if scale == "odds" else 1.0) / rows.size)
        return np.where(chance > 0, (rows.top / rows.size - level) / chance, 0.0)


def _start(rows: _Rows, first: Bools, scale: str) -> float:
    """The level of all teams together in their first windows: the yardstick a shrunken change is told on."""
    if not first.any():
        return float("nan")
    whole = replace(rows, team=np.zeros(len(rows.team), np.int64), teams=1)
    return float(_level(whole, first, scale)[1][0])


def shown(change: Floats, scale: str, start: float, per: float) -> Floats:
    """A change on the scale as readers know it: per cent, or points of the measure from the level all began at.

    >>> shown(np.array([np.log(0.5)]), "rate", 0.0, 1000).round(1).tolist()
    [-50.0]
    >>> shown(np.array([np.log(3)]), "odds", 0.0, 100).round(1).tolist()
    [25.0]
    """
    if scale == "odds":
        points: Floats = per * (1 / (1 + np.exp(-(start + change))) - 1 / (1 + np.exp(-start)))
        return points
    moved: Floats = change if scale == "plain" else 100 * np.expm1(change)
    return moved

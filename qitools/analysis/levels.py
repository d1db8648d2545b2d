"""Where each team began and where it is now, on the scale on which teams can be compared: log-odds, log-rate or log.

The first and the last year of each team's counted periods (half of them where there are fewer than two years): fixed
by the calendar and never by where a change was seen, because a window picked where the data moved makes every change
look larger than it is. Each level comes with its variance, widened by Laney's σz² where periods vary more than chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from qitools.analysis.focus import focus
from qitools.spc.constants import D2
from qitools.spc.panel import Floats

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

_MADE: WeakKeyDictionary[Analysis, dict[str, Levels]] = WeakKeyDictionary()  # a page asks again and again
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
    made = _MADE.setdefault(analysis, {})
    if measure not in made:
        made[measure] = _levels(focus(analysis, measure=measure))
    return made[measure]


def _levels(part: Analysis) -> Levels:
    label, points = part.measures.iloc[0], _marked(part)
    scale = _scale(points, str(label["data"]))
    each = [_summed(points[points["window"] == which], scale) for which in ("before", "after")]
    chance = scale in ("odds", "rate")
    table = pd.DataFrame({"team": part.series["team"].astype(str)}).set_index("team")
    table["n"] = points[points["counted"]].groupby("team").size().reindex(table.index, fill_value=0)
    sigma = _spread(points, each, scale).reindex(table.index)
    widened = np.maximum(1.0, sigma**2) if chance else sigma**2
    for name, display, level in zip(("first", "last"), ("before", "after"), each, strict=True):
        table[display] = level["level"].reindex(table.index) * (float(label["per"]) if chance else 1.0)
        table[name] = level["estimate"].reindex(table.index)
        table[f"{name}_variance"] = level["variance"].reindex(table.index) * widened
    table["sigma_z"] = sigma
    return Levels(table.reset_index(), scale, _start(points, scale))


def _marked(part: Analysis) -> pd.DataFrame:
    """The points, with ``counted`` and the window each lies in: before, after or ""."""
    points = part.points.assign(team=part.points["team"].astype(str))
    points["counted"] = points["value"].notna() & ~points["excluded"]
    counted = points["counted"].groupby(points["team"])
    rank, n = counted.cumsum(), counted.transform("sum")
    periods = dict(zip(part.teams["team"], part.teams["period"], strict=True))
    usual = str(part.method.get("period") or "month")
    width = points["team"].map(lambda team: YEAR.get(str(periods.get(team) or usual), YEAR["month"]))
    width = width.clip(upper=n // 2)
    ample = points["counted"] & (n >= LEAST)
    points["window"] = np.select([ample & (rank <= width), ample & (rank > n - width)], ["before", "after"], "")
    return points


def _scale(points: pd.DataFrame, data: str) -> str:
    """The scale of a measure: by its kind of data, and whether its values allow a logarithm."""
    used = points[points["window"] != ""]
    if data == "proportion" and used["denominator"].notna().all():
        return "odds"
    if data == "count" or (data == "rate" and used["denominator"].notna().all()):
        return "rate"
    return "log" if (used["value"] > 0).all() else "plain"


def _sizes(points: pd.DataFrame) -> pd.Series[float]:
    """Denominators; 1 for counts, whose periods are all of one size."""
    return points["denominator"].fillna(1.0)


def _summed(points: pd.DataFrame, scale: str) -> pd.DataFrame:
    """Level in display units (before ``per``), and estimate and variance on the scale, by team.

    Of values: the mean, and the variance of it in variances of one period.
    """
    team = points["team"]
    if scale in ("log", "plain"):
        value = np.log(points["value"]) if scale == "log" else points["value"]
        own = points["value"].groupby(team)
        return pd.DataFrame({"level": own.mean(), "estimate": value.groupby(team).mean(), "variance": 1 / own.size()})
    top, size = points["numerator"].groupby(team).sum(), _sizes(points).groupby(team).sum()
    rest = size - top
    if scale == "odds":
        estimate, variance = np.log((top + HALF) / (rest + HALF)), 1 / (top + HALF) + 1 / (rest + HALF)
    else:
        estimate, variance = np.log((top + HALF) / size), 1 / (top + HALF)
    return pd.DataFrame({"level": top / size, "estimate": estimate, "variance": variance})


def _spread(points: pd.DataFrame, each: list[pd.DataFrame], scale: str) -> pd.Series[float]:
    """By team: σz of the periods around their window's level; of values, the standard deviation of a period.

    From the mean moving range of neighbours, so that neither a season nor a drift is taken for noise.
    """
    level = pd.Series(np.nan, index=points.index)
    for which, own in zip(("before", "after"), each, strict=True):
        here = points["window"] == which
        level[here] = points.loc[here, "team"].map(own["level"]).astype(float)
    z = _scores(points, level, scale)
    same = (points["team"] == points["team"].shift()) & (points["window"] == points["window"].shift())
    ranges = z.diff().abs().where(same & (points["window"] != ""))  # none over a missing period
    sigma: pd.Series[float] = ranges.groupby(points["team"]).mean() / D2
    return sigma.fillna(1.0) if scale in ("odds", "rate") else sigma


def _scores(points: pd.DataFrame, level: pd.Series[float], scale: str) -> pd.Series[float]:
    """Each point as a distance from its level in standard deviations of chance; values as they are, on the scale."""
    value = points["value"].where(points["counted"])
    if scale in ("log", "plain"):
        return pd.Series(np.log(value) if scale == "log" else value, index=points.index)
    size = _sizes(points)
    chance = (level * (1 - level if scale == "odds" else 1.0) / size) ** 0.5
    away: pd.Series[float] = (points["numerator"] / size - level) / chance.where(chance > 0)
    return away.fillna(0.0).where(points["counted"])


def _start(points: pd.DataFrame, scale: str) -> float:
    """The level of all teams together in their first windows: the yardstick a shrunken change is told on."""
    first = points[points["window"] == "before"]
    return float(_summed(first.assign(team="all"), scale)["estimate"].iloc[0]) if len(first) else float("nan")


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

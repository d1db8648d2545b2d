"""Bright spots: teams whose improvement is consistent, sustained and more than small numbers can explain.

Four questions, all to be answered yes. Has the chart of the team shown a sustained shift to the better side that has
not turned (the verdict)? Have nearly all periods since it began stayed on that side? And, once all teams' first and
last years are shrunk towards each other: is the change to the better beyond doubt (its 95 % interval), and is the team
among the quarter that moved furthest that way, with a probability of 0.8? A small team with one splendid year passes
the first question and fails the third; where all others lose ground, standing still passes only the fourth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qitools.analysis.focus import focus
from qitools.analysis.levels import Levels, levels, owner, shown
from qitools.analysis.once import once
from qitools.analysis.shrinkage import Shrunk, shrink
from qitools.analysis.tables import DIRECTION
from qitools.spc.panel import Bools

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

TEAMS = 8  # fewer have no quarter worth the name (spc reference, section 6)
LIKELY = 0.8  # probability of being in the top quarter
CONSISTENT = 0.8  # share of the periods since the shift began that lie on the better side
UNITS = {"odds": "points", "rate": "percent", "log": "percent", "plain": "unit"}


@dataclass(frozen=True, eq=False)
class Bright:
    """The shrunken change of every team of a measure, and which of them are bright spots.

    Args:
        table: one row a team in the fixed order: ``team, n, before, after`` (levels of the first and last window,
            display units), ``change, lower, upper`` (shrunken, in ``unit``), ``top`` (probability of the top quarter),
            ``since, periods, on_side`` (since the shift began: periods with figures, and those on the better side),
            ``sustained, consistent, beyond_doubt, bright`` (bool); numbers empty where a team has too few periods.
        unit: of the change: percent, points (of a percentage, from the level all began at) or unit (the measure's).
        typical: the change of a typical team, with its 95 % interval; empty where ``reason`` is given.
        reason: few_teams, no_direction, no_figures or "": why no team can be called a bright spot.
    """

    table: pd.DataFrame
    unit: str
    typical: tuple[float, float, float] | None
    reason: str


def bright(analysis: Analysis, measure: str) -> Bright:
    """Find the bright spots of a measure.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: the id of a measure.

    Returns:
        ``Bright``.

    Raises:
        ParameterError: an unknown measure.
    """
    return _made(analysis, measure)


@once
def _made(analysis: Analysis, measure: str) -> Bright:
    return _bright(focus(analysis, measure=measure), levels(analysis, measure))


def _bright(part: Analysis, found: Levels) -> Bright:
    direction = DIRECTION[str(part.measures["better"].iloc[0])]
    known = comparable(found.table) & reporting(part)
    table = found.table[["team", "n", "before", "after"]].join(_course(part, direction))
    table = table.assign(change=np.nan, lower=np.nan, upper=np.nan, top=np.nan, beyond_doubt=False, bright=False)
    reason = _obstacle(known, direction)
    if reason:
        return Bright(table, UNITS[found.scale], None, reason)
    shrunk, per = shrunken_change(found, known), float(part.measures["per"].iloc[0])
    for name, values in {"change": shrunk.mean, "lower": shrunk.lower, "upper": shrunk.upper}.items():
        table.loc[known, name] = shown(values, found.scale, found.start, per)
    table.loc[known, "top"] = shrunk.top(direction)
    table["beyond_doubt"] = (table["upper"] < 0) if direction < 0 else (table["lower"] > 0)
    firm = _charted(part) & table["sustained"] & table["consistent"] & table["beyond_doubt"]
    table["bright"] = firm & (table["top"] >= LIKELY)
    low, middle, high = sorted(shown(np.array(shrunk.typical), found.scale, found.start, per).tolist())
    return Bright(table, UNITS[found.scale], (middle, low, high), "")


def shrunken_change(found: Levels, known: Bools) -> Shrunk:
    """The change from the first to the last window of the teams known, drawn together."""
    rows = found.table[known]
    change = (rows["last"] - rows["first"]).to_numpy(float)
    return shrink(change, (rows["last_variance"] + rows["first_variance"]).to_numpy(float))


def comparable(table: pd.DataFrame) -> Bools:
    """Teams with both windows and something that varies in them."""
    variance = table["first_variance"] + table["last_variance"]
    able: Bools = ((variance > 0) & np.isfinite(variance)).to_numpy()
    return able


def reporting(part: Analysis) -> Bools:
    """Which series are of teams that still report."""
    return part.series["current"].to_numpy(bool)


def _charted(part: Analysis) -> Bools:
    """Which series are of teams large enough for a chart of their own."""
    display = dict(zip(part.teams["team"], part.teams["display"], strict=True))
    return np.array([display[str(team)] == "chart" for team in part.series["team"]], bool)


def _obstacle(known: Bools, direction: int) -> str:
    checks = {"no_direction": direction == 0, "no_figures": not known.any(), "few_teams": known.sum() < TEAMS}
    return next((code for code, stands in checks.items() if stands), "")


def _course(part: Analysis, direction: int) -> pd.DataFrame:
    """What has become of each series since its shift began: how many periods, how many on the better side."""
    series, points, team = part.series.reset_index(drop=True), part.points, owner(part)
    sustained = (series["verdict"] == "improved") & series["strength"].isin(["sustained", "held"])
    since = series["first_signal"].where(sustained)
    start, centre = (column.to_numpy()[team] for column in (since, series["baseline_centre"]))
    value = points["value"].to_numpy(float)
    counted = ~np.isnan(value) & ~points["excluded"].to_numpy(bool) & (points["date"].to_numpy() >= start)
    better = counted & (direction * (value - centre) > 0)
    periods, on_side = (np.bincount(team[which], minlength=len(series)) for which in (counted, better))
    consistent = sustained & (periods > 0) & (on_side >= CONSISTENT * periods)
    return pd.DataFrame(
        {"since": since, "periods": periods, "on_side": on_side, "sustained": sustained, "consistent": consistent}
    )

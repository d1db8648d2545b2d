"""Where teams might welcome help and who has a gain that lasted, as the figures have it.

A gap is a chart that is going the wrong way, one that did and whose level is still behind, one that improved and is
moving back, or one that does not move while its level lies well behind that of a typical team (by a standard deviation
between teams, and surely behind: probability 0.8), levels being shrunken first: a small team's poor year is not a gap.
A gain is a sustained improvement of an outcome or a process of which nearly all periods since stayed on the better
side; a bright spot is a gain that stands out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qitools.analysis.bright import bright, comparable, reporting
from qitools.analysis.focus import focus
from qitools.analysis.levels import levels
from qitools.analysis.shrinkage import LEAST, shrink
from qitools.analysis.tables import DIRECTION
from qitools.analysis.topics import rows
from qitools.spc.panel import Bools

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

LIKELY = 0.8  # probability that a level lies behind the typical one
BEHIND = 1.0  # and by so many standard deviations between teams: half of all teams lie behind the typical one
FAR = 2.0  # a distance counts up to so many standard deviations between teams
SHARED = ("outcome", "process")  # what a team would be asked about; a balancing measure is watched, not aimed at
STILL = ("no_signal", "new_centre")  # verdicts of a chart that does not move
GAPS = ("team", "measure", "kind", "since", "until", "likely", "distance")
COURSE = ["team", "verdict", "first_signal", "signal_end"]
GAINS = ("team", "measure", "kind", "since", "periods", "on_side")


def gaps(analysis: Analysis) -> pd.DataFrame:
    """Where a team might welcome help, as the figures have it.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        ``team, measure, kind`` (worsened; went: it did, does no longer, and the level is surely behind; moving_back:
        improved earlier; level: the chart does not move and the level, shrunken, lies well behind that of a typical
        team), ``since, until`` (of the adverse run; ``until`` empty where it goes on), ``likely`` (probability that the
        level lies behind) and ``distance`` (how far, in standard deviations between teams, 0 or more; 0 where it is not
        known).
    """
    names = [str(label["measure"]) for label in _directed(analysis)]
    found = [row for name in names for row in _gaps(analysis, name)]
    return pd.DataFrame(found, columns=list(GAPS))


def gains(analysis: Analysis) -> pd.DataFrame:
    """Who has a gain that has lasted.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        ``team, measure, kind`` (bright, sustained), ``since`` (date), ``periods, on_side`` (since then).
    """
    found = []
    for label in _directed(analysis):
        if label["kind"] not in SHARED:
            continue
        name = str(label["measure"])
        table = bright(analysis, name).table
        table = table[table["sustained"] & table["consistent"] & reporting(focus(analysis, measure=name))]
        kind = np.where(table["bright"], "bright", "sustained")
        found.append(table.assign(measure=name, kind=kind)[list(GAINS)])
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(GAINS))


def _directed(analysis: Analysis) -> list[dict[str, Any]]:
    """The measures of which one side is better."""
    return [label for label in rows(analysis.measures) if DIRECTION[str(label["better"])]]


def _gaps(analysis: Analysis, measure: str) -> Iterable[tuple[Any, ...]]:
    """The gaps of one measure, by team in the fixed order."""
    part = focus(analysis, measure=measure)
    direction = DIRECTION[str(part.measures["better"].iloc[0])]
    likely, distance = _behind(levels(analysis, measure).table, reporting(part), direction)
    for row, now in zip(rows(part.series[COURSE]), reporting(part), strict=True):
        team, verdict = str(row["team"]), row["verdict"]
        kind = {"worsened": "worsened", "mixed": "moving_back"}.get(verdict, "")
        if kind == "worsened" and not pd.isna(row["signal_end"]):
            kind = "went" if likely.get(team, 0.0) >= LIKELY else ""
        if not kind and verdict in STILL and likely.get(team, 0.0) >= LIKELY and distance[team] >= BEHIND:
            kind = "level"
        if kind and now:
            told = verdict == "worsened"
            since, until = (row[name] if told else pd.NaT for name in ("first_signal", "signal_end"))
            yield team, measure, kind, since, until, likely.get(team, np.nan), distance.get(team, 0.0)


def _behind(table: pd.DataFrame, now: Bools, direction: int) -> tuple[dict[str, float], dict[str, float]]:
    """How likely, and by how much, the present level of each team lies behind that of a typical one."""
    known = table[comparable(table) & (table["last_variance"] > 0) & now]
    if len(known) < LEAST:
        return {}, {}
    level = shrink(known["last"].to_numpy(float), known["last_variance"].to_numpy(float))
    behind = -direction * (level.mean - level.typical[0]) / max(level.spread, 1e-9)
    away = dict(zip(known["team"], np.clip(behind, 0, FAR).tolist(), strict=True))
    return dict(zip(known["team"], level.beyond_typical(-direction).tolist(), strict=True)), away

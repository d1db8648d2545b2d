"""What became of every figure that was expected: one state each, so that the map, the notes and the counts agree.

A figure is expected from the day a team joined, or from its first, to the last period of the measure; of a team that
has stopped reporting, to its last. A period that nothing stands for is missing, also after a team's last row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qitools.analysis.codes import has
from qitools.analysis.focus import focus
from qitools.analysis.once import once
from qitools.analysis.pooled import EVENTS, came, owed

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# Codes of a point that are states of their own, the first that holds; then what is said of the figure itself.
BY_CODE = ("suppressed", "excluded", "zero_denominator", "no_denominator")
BY_STATUS = ("late", "provisional", "revised")
STATES = ("reported", *BY_STATUS, *BY_CODE, "missing")


def figures(analysis: Analysis, measure: str) -> pd.DataFrame:
    """Every figure of a measure that came or was expected, and what became of it.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: the id of a measure.

    Returns:
        ``team, date, state`` (one of ``STATES``), sorted by team in the fixed order, then by date.

    Raises:
        ParameterError: an unknown measure.
    """
    return _figures(analysis, measure).copy(deep=False)


@once
def _figures(analysis: Analysis, measure: str) -> pd.DataFrame:
    part = focus(analysis, measure=measure)
    own = part.points[["team", "date"]].assign(team=part.points["team"].astype(str), state=states(part.points))
    if part.measures["data"].iloc[0] in EVENTS or part.points.empty:
        return own.reset_index(drop=True)  # rows are events: none is due on any day
    due = owed(analysis, measure).merge(own, on=["team", "date"], how="left", indicator=True)
    absent = due.loc[due["_merge"] == "left_only", ["team", "date"]].assign(state="missing")
    place = {str(team): i for i, team in enumerate(analysis.teams["team"])}
    both = pd.concat([own, absent], ignore_index=True)
    return both.sort_values(
        ["team", "date"], key=lambda one: one.map(place) if one.name == "team" else one, ignore_index=True
    )


def missing(analysis: Analysis, team: str = "") -> dict[str, tuple[int, int, int]]:
    """How much is missing of each measure: figures missing, figures that came or were due, and teams that lack any.

    Args:
        analysis: what ``qi.analyse`` gave: the whole, since what one team owes shows in the periods of the others.
        team: the id of one team; "" for all.
    """
    told = {}
    for measure in map(str, analysis.measures["measure"]):
        table = figures(analysis, measure)
        table = table[table["team"] == team] if team else table
        gone = table[table["state"] == "missing"]
        told[measure] = (len(gone), len(table), gone["team"].nunique())
    return told


def states(points: pd.DataFrame) -> pd.Series[Any]:
    """The state of each point, of ``STATES``: what its codes say, else whether it came, else its status."""
    coded = [has(points["reason"], code) for code in BY_CODE]
    unsettled = [(points["status"] == name).to_numpy(bool) for name in BY_STATUS]
    chosen = np.select([*coded, ~came(points), *unsettled], [*BY_CODE, "missing", *BY_STATUS], "reported")
    return pd.Series(chosen, points.index)

"""One team's or one measure's part of an analysis: the same tables, fewer rows; a name nobody knows is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.once import once
from qitools.errors import ParameterError, Problem, nearest

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis


def focus(analysis: Analysis, team: str = "", measure: str = "") -> Analysis:
    """The part of an analysis that belongs to one team, one measure or both; "" keeps all.

    Args:
        analysis: what ``qi.analyse`` gave.
        team, measure: ids as in the YAML.

    Returns:
        An ``Analysis`` whose tables keep their columns and order. Events meant for all teams stay.

    Raises:
        ParameterError: a team or measure that the analysis does not hold, with the nearest name.
    """
    wanted = {"team": team, "measure": measure}
    for kind, name in wanted.items():
        if name:
            _check(kind, name, getattr(analysis, f"{kind}s")[kind])
    if not (team or measure):
        return analysis
    return _part(analysis, team, measure)


@once
def _part(analysis: Analysis, team: str, measure: str) -> Analysis:
    wanted = {"team": team, "measure": measure}
    tables: dict[str, Any] = {name: _rows(getattr(analysis, name), wanted) for name in ("points", "phases", "series")}
    labels: dict[str, Any] = {
        f"{kind}s": _rows(getattr(analysis, f"{kind}s"), {kind: name}) for kind, name in wanted.items()
    }
    return replace(analysis, events=_rows(analysis.events, wanted, shared=True), **tables, **labels)


def main_measure(analysis: Analysis) -> str:
    """The measure a page speaks of first: the aim's, else the first in the YAML."""
    aimed = str((analysis.method.get("aim") or {}).get("measure") or "")
    known = [str(name) for name in analysis.measures["measure"]]
    return aimed if aimed in known else known[0]


def _check(kind: str, name: str, known: Iterable[object]) -> None:
    names = [str(one) for one in known]
    if name not in names:
        hint = nearest(name, names) or f"known: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}"
        problem = Problem(where=kind, found=name, expected=f"a {kind} of this collaborative", hint=hint)
        raise ParameterError(f"There is no such {kind}.", [problem])


def _rows(table: pd.DataFrame, wanted: dict[str, str], shared: bool = False) -> pd.DataFrame:
    keep = pd.Series(True, index=table.index)
    for column, name in wanted.items():
        if name:
            keep &= (table[column] == name) | (shared & (table[column] == ""))
    return table if bool(keep.all()) else table[keep].reset_index(drop=True)

"""Where decisions fall: the rows of the table that a phase or an exclusion speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qitools.analysis.codes import places
from qitools.analysis.decisions import Decisions
from qitools.analysis.doorway import Study
from qitools.analysis.long_table import Dates
from qitools.analysis.rows import Rows, named_rows
from qitools.errors import ParameterError, Problem, nearest
from qitools.spc.panel import Ints, Panel


def decided(study: Study, rows: Rows, decisions: Decisions, what: str) -> tuple[Ints, Ints, Ints]:
    """Where decisions fall: the decision, its first row and the row after its last; "" in team or measure means all.

    Raises:
        ParameterError: a name nobody knows, a date at which no such series has a row, with the nearest one, or two
            phases that begin at once.
    """
    series = rows.series
    key = rows.key[series.starts]
    team, measure = (places(decisions[name], getattr(study, f"{name}s")[name]) for name in ("team", "measure"))
    any_team, any_measure = decisions["team"] == "", decisions["measure"] == ""
    exact = np.flatnonzero(~any_team & ~any_measure)
    asked = np.where((team < 0) | (measure < 0), -1, measure * rows.teams + team)[exact]  # -1: a name nobody knows
    place = np.searchsorted(key, asked)
    known = np.append(key, -2)[place] == asked
    wide = np.flatnonzero(any_team | any_measure)
    fits = (any_team[wide, None] | (key % rows.teams == team[wide, None])) & (
        any_measure[wide, None] | (key // rows.teams == measure[wide, None])
    )
    wide_at, wide_series = np.nonzero(fits)
    which = np.r_[exact[known], wide[wide_at]]
    where = np.r_[place[known], wide_series]
    first, after = (
        _row_at(rows, series, where, decisions[name][which], side)
        for name, side in (("start", "left"), ("until", "right"))
    )
    hit = after > first
    lost = np.flatnonzero(np.bincount(which[hit], minlength=len(team)) == 0)
    if len(lost):
        each = ({name: column[i] for name, column in decisions.items()} for i in lost)
        raise ParameterError(f"Some {what} match no row.", [_lost(study, rows, one, what) for one in each])
    if what == "phases":
        _refuse_two_at_once(study, rows, first[hit])
    return which[hit], first[hit], after[hit]


def _refuse_two_at_once(study: Study, rows: Rows, first: Ints) -> None:
    """A phase begins once: of two decisions about one row only one reason could be told."""
    twice = np.bincount(first, minlength=len(rows.key)) > 1
    if twice.any():
        problems = named_rows(study, rows, twice, "two phases", "one phase that begins on a date")
        raise ParameterError("Two phases begin at once.", problems)


def _row_at(rows: Rows, series: Panel, where: Ints, date: Dates, side: Any) -> Ints:
    """The first row of a series on or after a date (left), or after it (right)."""
    if not len(where):
        return where
    second = rows.date.astype("datetime64[s]").astype(np.int64)
    low, span = second.min(), np.ptp(second) + 3
    asked = np.clip(date.astype("datetime64[s]").astype(np.int64) - low, -1, span - 2)
    return np.asarray(np.searchsorted(series.ids * span + second - low, where * span + asked, side=side))


def _lost(study: Study, rows: Rows, decision: Mapping[str, Any], what: str) -> Problem:
    day = str(decision["start"])[:10]
    away = np.abs(rows.date - np.datetime64(decision["start"], "us"))
    fits = np.ones(len(rows.key), bool)
    for name, code in (("team", rows.key % rows.teams), ("measure", rows.key // rows.teams)):
        if decision[name]:
            fits &= getattr(study, f"{name}s")[name][code] == decision[name]
    place = f"{what}: team {decision['team']!r}, measure {decision['measure']!r}"
    if not fits.any():
        known = ((name, [str(one) for one in getattr(study, f"{name}s")[name]]) for name in ("team", "measure"))
        hints = [
            nearest(decision[name], names) for name, names in known if decision[name] and decision[name] not in names
        ]
        hint = "; ".join(filter(None, hints))
        return Problem(where=place, found=day, expected="a team and a measure that reported", hint=hint)
    close = str(rows.date[np.argmin(np.where(fits, away, away.max() + 1))])[:10]
    return Problem(where=place, found=day, expected="a date of the series", hint=f"the nearest is {close}")

"""From a study to rows in order: sorted once, subgroups gathered, missing periods put in, decisions marked.

What comes out is flat arrays with the series marked in them, ready for ``qitools.spc``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.analysis.doorway import Study
from qitools.analysis.long_table import DAY
from qitools.errors import DataError, ParameterError, Problem
from qitools.spc.panel import Bools, Floats, Ints, Panel

STEP = {"week": ("D", 7), "month": ("M", 1), "quarter": ("M", 3)}
WEEK = 7
MOST = 20  # problems named one by one
Dates = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Rows:
    """One row a point; arrays over all rows.

    Args:
        key: measure code × number of teams + team code, rising.
        date, numerator, denominator: as reported; empty in a period put in.
        sd, size: of the subgroup, where rows are subgroups; else NaN and 1.
        suppressed: withheld by disclosure control.
    """

    key: Ints
    date: Dates
    numerator: Floats
    denominator: Floats
    suppressed: Bools
    sd: Floats
    size: Floats

    @property
    def series(self) -> Panel:
        """Where each team × measure begins."""
        return Panel(np.flatnonzero(np.diff(self.key, prepend=-1)), len(self.key))

    def take(self, at: Ints) -> Rows:
        """These rows, in this order."""
        return Rows(**{name: column[at] for name, column in vars(self).items()})


def arrange(study: Study) -> Rows:
    """Sort the observations of a study, gather subgroups and put in the periods nobody reported."""
    rows = gathered(study, in_order(unsorted(study)))
    return rows if study.gaps_filled else filled(study, rows)


def unsorted(study: Study) -> Rows:
    """The observations as arrays, in the order they came."""
    table = study.observations
    measure = table["measure"].cat.codes.to_numpy(np.int64)
    status = table["status"]
    return Rows(
        key=measure * len(study.teams) + table["team"].cat.codes.to_numpy(),
        date=table["date"].to_numpy(DAY),
        numerator=table["numerator"].to_numpy(float),
        denominator=table["denominator"].to_numpy(float),
        suppressed=(status == "suppressed").to_numpy(bool),
        sd=np.full(len(table), np.nan),
        size=np.ones(len(table)),
    )


def in_order(rows: Rows) -> Rows:
    """By measure, team and date; events of one moment by size, so that the order of the file never matters."""
    day = rows.date.astype(np.int64)
    same = np.diff(rows.key) == 0
    if ((np.diff(rows.key) > 0) | (same & (np.diff(day) > 0))).all():
        return rows
    order = np.argsort(rows.key * (np.ptp(day) // 86_400_000_000 + 1) + (day - day.min()) // 86_400_000_000)
    sorted_day, key = day[order], rows.key[order]
    if ((np.diff(key) == 0) & (np.diff(sorted_day) <= 0)).any():
        order = np.lexsort((rows.denominator, rows.numerator, day, rows.key))
    return rows.take(order)


def gathered(study: Study, rows: Rows) -> Rows:
    """One row a subgroup; refuses a second row of one date where a measure has one row a date."""
    again = (np.diff(rows.key, prepend=-1) == 0) & (np.diff(rows.date.astype(np.int64), prepend=-1) == 0)
    kind = study.measures["rows"].to_numpy()[rows.key // len(study.teams)]
    twice = again & (kind == "one")
    if twice.any():
        hint = "add the rows up, or use a subgroup chart (xbar, s) or an event chart (g, t)"
        problems = named_rows(study, rows, twice, "a second row", "one row a date", hint)
        raise DataError("A date is there twice where a measure has one row a date.", problems)
    grouped = kind == "subgroup"
    if not grouped.any():
        return rows
    groups = Panel(np.flatnonzero(~(again & grouped)), len(rows.key))
    ratio = ~np.isnan(rows.denominator)
    there = ~np.isnan(rows.numerator) & (ratio | (groups.spread(groups.count(ratio)) == 0))
    n, mean = groups.count(there), groups.mean(rows.numerator, there)
    with np.errstate(invalid="ignore", divide="ignore"):
        away = np.where(there, rows.numerator - groups.spread(mean), 0.0)
        sd = np.sqrt(groups.total(away**2) / np.where(n > 1, n - 1, np.nan))
    total = groups.total(np.where(there, rows.numerator, 0.0))
    summed = groups.count(ratio & there) > 0
    numerator = np.where(summed, total, mean)
    denominator = np.where(summed, groups.total(np.where(ratio & there, rows.denominator, 0.0)), np.nan)
    hidden = groups.count(rows.suppressed) > 0  # a part withheld: the whole would give it away, or be too small
    first = rows.take(groups.starts)
    return replace(
        first,
        numerator=np.where(hidden, np.nan, numerator),
        denominator=denominator,
        suppressed=hidden,
        sd=sd,
        size=n.astype(float),
    )


def named_rows(study: Study, rows: Rows, which: Bools, found: str, expected: str, hint: str = "") -> list[Problem]:
    """The first rows that are wrong, by team, measure and date, and how many more."""
    at = np.flatnonzero(which)
    teams, measures = study.teams["team"].to_numpy(), study.measures["measure"].to_numpy()
    named = [
        Problem(
            where=f"team {teams[key % len(teams)]!r}, measure {measures[key // len(teams)]!r}, {str(day)[:10]}",
            found=found,
            expected=expected,
            hint=hint,
        )
        for key, day in zip(rows.key[at[:MOST]].tolist(), rows.date[at[:MOST]], strict=True)
    ]
    return named + ([Problem(found=f"{found}, in {len(at) - MOST} more rows")] if len(at) > MOST else [])


def filled(study: Study, rows: Rows) -> Rows:
    """With an empty row for every period between the first and the last of a series that nobody reported."""
    if len(rows.key) < 2:
        return rows
    series = rows.series
    unit, tick, steps = _ticks(study, rows, series)
    gap = np.diff(tick, prepend=tick[0]) // series.spread(steps)
    gap[series.starts] = 1
    events = (study.measures["rows"] == "events").to_numpy()[rows.key // len(study.teams)]
    gap = np.where(events | (series.spread(steps) == 0), 1, gap)
    if (gap <= 1).all():
        return rows
    return _with_gaps(rows, np.maximum(gap, 1), tick, series.spread(steps), unit)


def _ticks(study: Study, rows: Rows, series: Panel) -> tuple[str, Ints, Ints]:
    """Dates in months or days, and the step of each series: the period's, else the largest that all its dates share."""
    months = rows.date.astype("datetime64[M]")
    unit = "M" if (months.astype(DAY) == rows.date).all() else "D"
    tick = (months if unit == "M" else rows.date.astype("datetime64[D]")).astype(np.int64)
    if study.period:
        asked, step = STEP[study.period]
        if asked == "M" and unit == "D":
            return "D", tick, np.zeros(len(series.starts), np.int64)
        days = rows.date.astype("datetime64[D]").astype(np.int64) if asked == "D" else tick
        return asked, days, np.full(len(series.starts), step)
    moves = np.diff(tick, prepend=tick[0])
    moves[series.starts] = 0
    shared = np.gcd.reduceat(moves, series.starts)
    return unit, tick, np.where((unit == "M") | (shared % WEEK == 0), shared, 0)


def _with_gaps(rows: Rows, gap: Ints, tick: Ints, step: Ints, unit: str) -> Rows:
    """Each row preceded by ``gap`` - 1 empty ones."""
    source = np.repeat(np.arange(len(gap)), gap)
    back = np.repeat(np.cumsum(gap), gap) - 1 - np.arange(len(source))
    empty = back > 0
    dates = (tick[source] - back * step[source]).astype(f"datetime64[{unit}]").astype(DAY)
    out = rows.take(source)
    blank = {name: np.where(empty, np.nan, getattr(out, name)) for name in ("numerator", "denominator", "sd")}
    return replace(out, date=np.where(empty, dates, out.date), suppressed=out.suppressed & ~empty, **blank)


def decided(study: Study, rows: Rows, decisions: pd.DataFrame, what: str) -> tuple[Ints, Ints, Ints]:
    """Where decisions fall: the decision, its first row and the row after its last; "" in team or measure means all.

    Raises:
        ParameterError: a name nobody knows, or a date at which no such series has a row, with the nearest one.
    """
    series = rows.series
    key = rows.key[series.starts]
    team = pd.Index(study.teams["team"]).get_indexer(decisions["team"])
    measure = pd.Index(study.measures["measure"]).get_indexer(decisions["measure"])
    any_team, any_measure = (decisions[name].eq("").to_numpy() for name in ("team", "measure"))
    exact = np.flatnonzero(~any_team & ~any_measure)
    place = np.minimum(np.searchsorted(key, measure[exact] * len(study.teams) + team[exact]), len(key) - 1)
    known = key[place] == measure[exact] * len(study.teams) + team[exact]
    wide = np.flatnonzero(any_team | any_measure)
    fits = (any_team[wide, None] | (key % len(study.teams) == team[wide, None])) & (
        any_measure[wide, None] | (key // len(study.teams) == measure[wide, None])
    )
    wide_at, wide_series = np.nonzero(fits)
    which = np.r_[exact[known], wide[wide_at]]
    where = np.r_[place[known], wide_series]
    first, after = (
        _row_at(rows, series, where, decisions[name].to_numpy(DAY)[which], side)
        for name, side in (("start", "left"), ("until", "right"))
    )
    hit = after > first
    lost = np.setdiff1d(np.arange(len(decisions)), which[hit])
    if len(lost):
        raise ParameterError(f"Some {what} match no row.", [_lost(study, rows, decisions.iloc[i], what) for i in lost])
    return which[hit], first[hit], after[hit]


def _row_at(rows: Rows, series: Panel, where: Ints, date: Dates, side: Any) -> Ints:
    """The first row of a series on or after a date (left), or after it (right)."""
    second = rows.date.astype("datetime64[s]").astype(np.int64)
    low, span = second.min(), np.ptp(second) + 3
    asked = np.clip(date.astype("datetime64[s]").astype(np.int64) - low, -1, span - 2)
    return np.searchsorted(series.ids * span + second - low, where * span + asked, side=side)


def _lost(study: Study, rows: Rows, decision: pd.Series[Any], what: str) -> Problem:
    day = str(decision["start"])[:10]
    away = np.abs(rows.date - np.datetime64(decision["start"], "us"))
    fits = np.ones(len(rows.key), bool)
    for name, code in (("team", rows.key % len(study.teams)), ("measure", rows.key // len(study.teams))):
        if decision[name]:
            fits &= getattr(study, f"{name}s")[name].to_numpy()[code] == decision[name]
    place = f"{what}: team {decision['team']!r}, measure {decision['measure']!r}"
    if not fits.any():
        return Problem(where=place, found=day, expected="a team and a measure that reported")
    close = str(rows.date[np.argmin(np.where(fits, away, away.max() + 1))])[:10]
    return Problem(where=place, found=day, expected="a date of the series", hint=f"the nearest is {close}")

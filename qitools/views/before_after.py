"""Before and after a change: where a measure was heading, where it went, and how far apart the two are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qitools.analysis.focus import focus, main_measure
from qitools.analysis.its import Estimate, Interrupted, enough, its, positions
from qitools.analysis.pooled import pool
from qitools.errors import ParameterError, Problem
from qitools.views import labels, lanes, wording
from qitools.views import wording_before_after as words
from qitools.views.figure import Column, Figure, View, build, nothing
from qitools.views.flow import PERIOD, TALL, days_of, periods, span_of, under
from qitools.views.numerals import interval, joined, percentage, period, period_of
from qitools.views.subjects import by, records
from qitools.views.wording_series import simulated

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

COLUMNS = (
    PERIOD,
    Column("value", labels.COLUMNS["value"], True),
    Column("fitted", "Fitted", True),
    Column("expected", "Where it was heading", True),
)


@dataclass(frozen=True, eq=False)
class Before:
    """One series and the change that divides it."""

    points: pd.DataFrame
    measure: Mapping[str, Any]
    team: Mapping[str, Any]
    date: pd.Timestamp
    text: str


def before_after(analysis: Analysis, measure: str = "", team: str = "", start: str = "") -> Figure:
    """An interrupted time series of each measure and team with a dated change.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.
        team: id of a team; "" for a picker over all.
        start: a day, such as "2025-04-01", from which a new way of working holds for all; "" for each team's own first
            dated change with points enough on either side, and for all teams together one that was made in all.

    Returns:
        A ``Figure`` of kind ``before_after``; its notes hold the caveats. Words where no change can be looked at.

    Raises:
        ParameterError: an unknown team or measure, with the nearest name; a start that is no day.
    """
    part, first = focus(analysis, team=team, measure=measure), measure or main_measure(analysis)
    found = sorted(_divided(part, _day(start)), key=lambda one: one.measure["measure"] != first)
    views = [_view(analysis, one) for one in found]
    if not views:
        views = [replace(nothing(("", "")), sentence=words.NO_CHANGE)]
    pickers = (labels.PICKERS["measure"], labels.PICKERS["team"])
    return build("before_after", lanes.template(1, TALL), views, pickers)


def _day(start: str) -> pd.Timestamp | None:
    if not start:
        return None
    day = pd.to_datetime(start, errors="coerce", format="%Y-%m-%d")
    if pd.isna(day):
        problem = Problem(where="start", found=start, expected="a day such as 2025-04-01")
        raise ParameterError("There is no such day.", [problem])
    return pd.Timestamp(day)


def _divided(part: Analysis, start: pd.Timestamp | None) -> Iterator[Before]:
    """Every series with the change that divides it: the start given, else the first dated one with points enough."""
    measures, teams = by(part.measures, "measure"), by(part.teams, "team")
    whole = {"team": "", "name": wording.ALL_TEAMS}
    for measure in measures.values():
        together = pool(part, str(measure["measure"])).analysis.points if len(teams) > 1 else part.points.iloc[:0]
        if one := _first(together, measure, whole, start, part):
            yield one
    for (name, team), points in part.points.groupby(["measure", "team"], observed=True, sort=False):
        if one := _first(points, measures[str(name)], teams[str(team)], start, part):
            yield one


def _first(
    points: pd.DataFrame,
    measure: Mapping[str, Any],
    team: Mapping[str, Any],
    start: pd.Timestamp | None,
    part: Analysis,
) -> Before | None:
    """A series with the change that divides it; of all teams together a change that was made in all."""
    if points.empty:
        return None
    counted = points[~points["excluded"]]
    if start is not None:
        return Before(counted, measure, team, start, "")
    for row in records(part.events.sort_values("date", kind="stable")):
        mine = row["team"] in ("", team["team"]) and row["measure"] in ("", measure["measure"])
        if row["kind"] == "change" and mine and _enough(counted, row["date"]):
            return Before(counted, measure, team, pd.Timestamp(row["date"]), str(row["text"]))
    return None


def _enough(points: pd.DataFrame, date: Any) -> bool:
    at, begins = positions(points["date"], date)
    known = points["value"].notna().to_numpy()
    return enough(int((known & (at < begins)).sum()), int((known & (at >= begins)).sum()))


def _view(analysis: Analysis, one: Before) -> View:
    points, measure = one.points, one.measure
    found = its(points["value"].to_numpy(float), points["date"], one.date)
    kind = period_of(one.team, analysis.method) or "month"
    days, shown = days_of(points["date"]), [wording.value(value, measure) for value in points["value"]]
    canvas = lanes.Canvas(1, span_of(days, kind))
    empty = np.full(len(points), np.nan)
    fitted, expected = (found.fitted, found.expected) if not found.reason else (empty, empty)
    lane = canvas.lane(0, "", [float(value) for value in [*points["value"], *fitted, *expected]], percentage(measure))
    at, begins = positions(points["date"], one.date)
    lane.line(days, points["value"].tolist(), "data")
    for side in (at < begins, at >= begins):
        own, line = (np.array(column)[side].tolist() for column in (days, fitted))
        lane.line(own, line, "centre", str(bool(side[0])))
    after = [value if here else None for value, here in zip(expected, at >= begins, strict=True)]
    lane.line(days, after, "expected")
    when = periods(points["date"], kind)
    lane.points(days, points["value"].tolist(), period=when, shown=shown)
    canvas.edge((one.date - pd.Timestamp(0)).days, words.ITS_EDGE)
    told = _told(found, measure, kind)
    change = f"{period(one.date, 'week', short=True)}{f' ({one.text})' if one.text else ''}"
    name = str(one.team["name"])
    robust = [_interval(part, measure) for part in found.newey_west] if not found.reason else []
    return View(
        title=words.its_title(found, measure, name, told),
        subtitle=under(f"{words.ITS_SUBTITLE} {change}.", analysis),
        sentence=joined(
            words.its_sentence(found, measure, name, change, _medians(points, at, begins, measure), told),
            simulated(analysis.method),
        ),
        data={
            **canvas.sets(),
            "table": {
                "period": when,
                "value": shown,
                "fitted": [wording.value(value, measure) for value in fitted],
                "expected": [wording.value(value, measure) if value is not None else "" for value in after],
            },
        },
        table=("table", f"{measure['name']}, {name}", COLUMNS),
        params=canvas.params(),
        notes=words.its_notes(found, robust),
        choice=(str(measure["name"]), name),
    )


def _told(found: Interrupted, measure: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Step and new slope in words, short and in full."""
    level = words.moved(found.level, _size(found.level, measure), _interval(found.level, measure))
    slope = words.moved(found.slope, _size(found.slope, measure), _interval(found.slope, measure), f" a {kind}")
    return {"level": level[0], "level_full": level[1], "slope": slope[0], "slope_full": slope[1]}


def _size(one: Estimate, measure: Mapping[str, Any]) -> str:
    """A difference without its sign."""
    unit = " percentage points" if percentage(measure) else ""
    size = wording.value(abs(one.value), {**measure, "data": "value"})
    return f"{size}{unit}"


def _interval(one: Estimate, measure: Mapping[str, Any]) -> str:
    """An interval of a difference; small ones with as many decimals as they need."""
    if percentage(measure) and max(abs(one.low), abs(one.high)) < 1:
        return f"{interval(one.low, one.high, {'data': 'value'})} percentage points"
    return interval(one.low, one.high, measure)


def _medians(points: pd.DataFrame, at: Any, begins: int, measure: Mapping[str, Any]) -> tuple[str, str]:
    """The medians on either side."""
    values = points["value"].to_numpy(float)
    before, after = (
        float(np.nanmedian(values[side])) if np.isfinite(values[side]).any() else np.nan
        for side in (at < begins, at >= begins)
    )
    return wording.value(before, measure), wording.value(after, measure)

"""Equity in pictures: a measure by stratum, the gap between the outermost strata over time, the indices as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.equity import Equity
from qitools.analysis.equity import equity as equity_of
from qitools.analysis.focus import focus, main_measure
from qitools.analysis.windows import usual_period
from qitools.views import charts, ink, labels, lanes, wording
from qitools.views import wording_equity as words
from qitools.views.figure import Column, Figure, View, build, nothing
from qitools.views.flow import PERIOD, TALL, days_of, periods, span_of, under
from qitools.views.numerals import capital, joined, percentage
from qitools.views.subjects import by
from qitools.views.subjects import subjects as series_of
from qitools.views.tables import Table
from qitools.views.wording_flow import ALL
from qitools.views.wording_series import simulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from qitools.analysis.engine import Analysis


def equity(analysis: Analysis, measure: str = "", team: str = "") -> Figure:
    """A measure by stratum over time: one line a stratum, the most deprived the thickest.

    Args:
        analysis: what ``qi.analyse`` gave for a collaborative whose observations have strata.
        measure: id of a measure; "" for a picker over all, the aim's first.
        team: id of a team; "" for a picker over all teams together and each.

    Returns:
        A ``Figure`` of kind ``equity``; its table holds every stratum. Words where there are no strata.

    Raises:
        ParameterError: an unknown team or measure, with the nearest name.
    """
    return _pictured("equity", analysis, measure, team, lanes.template(1, TALL), _lines)


def equity_gap(analysis: Analysis, measure: str = "", team: str = "") -> Figure:
    """The gap between the outermost strata as a run chart of its own.

    Args, raises: as ``equity``.

    Returns:
        A ``Figure`` of kind ``equity_gap``; the sentence says what gap and average say together.
    """
    return _pictured("equity_gap", analysis, measure, team, ink.template(), _gap)


def inequality(analysis: Analysis, team: str = "") -> Table:
    """Gap, slope index and relative index of every measure in its first and its last year.

    Args:
        analysis: as ``equity``.
        team: id of a team; "" for all together.

    Returns:
        A ``Table``; without rows where there are no strata.
    """
    kind, rows = usual_period(analysis), []
    for measure in analysis.measures["measure"]:
        found = equity_of(analysis, str(measure), team)
        rows += [words.inequality_row(found, one, kind) for one in (found.before, found.now) if one is not None]
    note = joined(words.INEQUALITY_NOTE, simulated(analysis.method)) if rows else words.REASONS["no_strata"]
    return Table(
        words.INEQUALITY,
        pd.DataFrame(rows, columns=list(words.HEADS)),
        words.HEADS[2:],
        note=note,
        simulated=bool(rows and analysis.method.get("simulated")),
    )


def _pictured(
    kind: str,
    analysis: Analysis,
    measure: str,
    team: str,
    template: dict[str, Any],
    view: Callable[[Analysis, Equity, str], View],
) -> Figure:
    part, first = focus(analysis, team, measure), measure or main_measure(analysis)
    label, strata = by(analysis.teams, "team"), analysis.records.strata
    there = [str(one) for one in analysis.teams["team"] if one in set(strata["team"])]
    teams = [team] if team else (["", *there] if len(there) > 1 else [""])
    measures = sorted(map(str, part.measures["measure"]), key=lambda one: one != first)
    if strata.empty:
        views = [replace(nothing(("", "")), sentence=words.REASONS["no_strata"])]
    else:
        names = {one: str(label[one]["name"]) if one else ALL for one in teams}
        views = [view(analysis, equity_of(analysis, one, each), names[each]) for one in measures for each in teams]
    return build(kind, template, views, (labels.PICKERS["measure"], labels.PICKERS["team"]))


def _absent(found: Equity, name: str, kind: str) -> View:
    absent = nothing((str(found.measure["name"]), name))
    return replace(absent, sentence=words.equity_sentence(found, name, kind))


def _lines(analysis: Analysis, found: Equity, name: str) -> View:
    kind = usual_period(analysis)
    if found.reason:
        return _absent(found, name, kind)
    rows, measure = found.lines, found.measure
    canvas = lanes.Canvas(1, span_of(sorted(set(days_of(rows["date"]))), kind))
    lane = canvas.lane(0, "", [float(one) for one in rows["value"]], percentage(measure))
    every = rows.pivot_table(index="date", columns="stratum", values="value").sort_index()
    for i, one in enumerate(found.order):
        style = lanes.STRATA[round(i * (len(lanes.STRATA) - 1) / max(len(found.order) - 1, 1))]
        values, days = every[one].tolist(), days_of(every.index.to_series())
        lane.line(days, values, style, one)
        shown = [wording.value(value, measure) for value in values]
        note = [words.stratum(found, one)] * len(days)
        lane.points(days, values, period=periods(every.index.to_series(), kind), shown=shown, note=note)
        lane.end(next((value for value in reversed(values) if value == value), None), words.stratum(found, one), one)
    lanes.settle(canvas, TALL)
    table = {
        "period": periods(every.index.to_series(), kind),
        **{f"s{i}": [wording.value(value, measure) for value in every[one]] for i, one in enumerate(found.order)},
    }
    columns = (Column(f"s{i}", words.stratum(found, one), True) for i, one in enumerate(found.order))
    return View(
        title=words.equity_title(found, name),
        subtitle=under(words.left_out(found, kind), analysis),
        sentence=joined(words.equity_sentence(found, name, kind), simulated(analysis.method)),
        data={**canvas.sets(), "table": table},
        table=("table", words.head(found, name), (PERIOD, *columns)),
        params=canvas.params(),
        choice=(str(measure["name"]), name),
    )


def _gap(analysis: Analysis, found: Equity, name: str) -> View:
    kind = usual_period(analysis)
    if found.reason or found.gap is None:
        return _absent(found, name, kind)
    (subject,) = series_of(found.gap)
    percent = percentage(found.measure)
    label = {
        **subject.measure,
        "name": words.GAP_NAME,
        "data": "value",
        "unit": "percentage points" if percent else found.measure.get("unit") or "",
        "kind": "outcome",
    }
    own = replace(
        subject, measure=label, team={**subject.team, "name": name}, method={**subject.method, "simulated": False}
    )
    drawn = charts.view(own)
    return replace(
        drawn,
        title=words.equity_title(found, name),
        subtitle=under(f"{capital(words.gap_words(found))}. {drawn.subtitle[0]}", analysis),
        sentence=joined(words.gap_sentence(found, name, kind, drawn.sentence), simulated(analysis.method)),
        choice=(str(found.measure["name"]), name),
    )

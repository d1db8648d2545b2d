"""Who has reported what: a map of teams and periods in which gaps stand out by sign as well as by colour."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from qitools.analysis.focus import focus, main_measure
from qitools.analysis.pooled import pool
from qitools.views import charts, labels, strokes, wording
from qitools.views.charts import COLOUR, SILENT
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.numerals import known
from qitools.views.strokes import Columns, Subject

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# What became of a figure: its sign, the filling of its cell and the colour of the sign.
STATES = {
    "reported": ("", "limit", "paper"),
    "missing": ("×", "note", "unfavourable"),
    "suppressed": ("S", "band", "ink"),
    "excluded": ("○", "band", "ink"),
}
STEPS = {40: 19, 1_000: 15}  # up to this many teams: height of a row, in pixels


def reporting(analysis: Analysis, measure: str = "") -> Figure:
    """A map of what has been reported: one row a team in the fixed order, one cell a period.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.

    Returns:
        A ``Figure`` of kind ``reporting``; its table has one row a team.

    Raises:
        ParameterError: an unknown measure, with the nearest name.
    """
    part = focus(analysis, measure=measure)
    first = measure or main_measure(analysis)
    groups = [list(group) for _, group in groupby(strokes.subjects(part), key=lambda one: str(one.measure["measure"]))]
    ordered = sorted(groups, key=lambda group: group[0].measure["measure"] != first)
    views = [view(analysis, group) for group in ordered]
    return build("reporting", template(max(len(group) for group in groups)), views, (labels.PICKERS["measure"],))


def view(analysis: Analysis, subjects: Sequence[Subject]) -> View:
    """What has been reported of one measure."""
    measure, method = subjects[0].measure, analysis.method
    rows = strokes.records(pool(analysis, str(measure["measure"])).reporting)
    last = max(subject.points["day"][-1] for subject in subjects)
    cells = [_cells(subject, last) for subject in subjects]
    absent = [str(one.team["name"]) for one, states in zip(subjects, cells, strict=True) if states[-1][1] == "missing"]
    spans = [subject.span for subject in subjects]
    title = wording.reporting_title(rows, method)
    return View(
        title=title,
        subtitle=charts.subtitle(f"{measure['name']}.{labels.SIMULATED if method.get('simulated') else ''}", method),
        sentence=wording.reporting_sentence(rows, method, absent),
        data={"cells": _flat(subjects, cells), "teams": _teams(subjects, cells)},
        table=("teams", f"{measure['name']}: {title}", _columns()),
        params={
            **charts.axes((min(low for low, _ in spans), max(high for _, high in spans)), (0, 1), measure),
            "names": [str(subject.team["name"]) for subject in subjects],
            "words": labels.STATES,
            "kinds": [state for state in STATES if any(state == one for row in cells for _, one in row)],
        },
        choice=(str(measure["name"]),),
    )


def _cells(subject: Subject, last: int) -> list[tuple[int, str]]:
    """Day and state of every period from the team's first to the last of all; later ones it has not sent."""
    own = subject.points
    cells = [
        (day, _state(value, codes)) for day, value, codes in zip(own["day"], own["value"], own["reason"], strict=True)
    ]
    due = np.round(np.arange(own["day"][-1] + subject.every, last + 0.4 * subject.every, subject.every)).astype(int)
    return cells + [(int(day), "missing") for day in due]


def _state(value: float, codes: str) -> str:
    told = [code for code in codes.split() if code in STATES]
    return told[0] if told else "reported" if known(value) else "missing"


def _flat(subjects: Sequence[Subject], cells: Sequence[Sequence[tuple[int, str]]]) -> Columns:
    rows = [
        (i, day, state, subject)
        for i, (subject, states) in enumerate(zip(subjects, cells, strict=True))
        for day, state in states
    ]
    return {
        "row": [i for i, *_ in rows],
        "date": [strokes.iso(day - subject.every / 2) for _, day, _, subject in rows],
        "end": [strokes.iso(day + subject.every / 2) for _, day, _, subject in rows],
        "middle": [strokes.iso(day) for _, day, *_ in rows],
        "kind": [state for _, _, state, _ in rows],
        "sign": [STATES[state][0] for _, _, state, _ in rows],
        "period": [wording.period(strokes.iso(day), subject.period, short=True) for _, day, _, subject in rows],
    }


def _teams(subjects: Sequence[Subject], cells: Sequence[Sequence[tuple[int, str]]]) -> Columns:
    """The table, and the words at the end of each row."""
    tally = [[sum(state == one for _, state in row) for one in STATES] for row in cells]
    sent = [len(row) - counts[1] for row, counts in zip(cells, tally, strict=True)]
    return {
        "row": list(range(len(cells))),
        "team": [str(subject.team["name"]) for subject in subjects],
        "shown": [labels.OF.format(part=part, whole=len(row)) for part, row in zip(sent, cells, strict=True)],
        **{state: [str(counts[i]) for counts in tally] for i, state in enumerate(STATES)},
    }


def _columns() -> tuple[Column, ...]:
    states = (Column(state, words, True) for state, words in labels.STATES.items() if state != "reported")
    return (Column("team", labels.COLUMNS["team"]), Column("shown", labels.COLUMNS["sent"], True), *states)


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@cache
def template(teams: int) -> Spec:
    """The Vega-Lite template for a number of teams: its height is theirs."""
    step = next(size for most, size in STEPS.items() if teams <= most)
    drawing = alt.layer(*_layers(step)).properties(width="container", height=alt.Step(step))
    kept = ("xLow", "xHigh", "kinds", "words")
    own = [one for one in charts.params() if one.name in kept]
    return charts.dressed(drawing, [*own, alt.param(name="names", value=[])])


def _layers(step: int) -> list[Any]:
    cells, teams = (alt.Chart(alt.NamedData(name=name)) for name in ("cells", "teams"))
    axis = alt.Axis(labelExpr="names[datum.value]", labelLimit=190, labelFontSize=12, ticks=False, domain=False)
    y = alt.Y("row:O", axis=axis, scale=alt.Scale(paddingInner=0.12, paddingOuter=0.1))
    key = alt.Legend(
        orient="bottom",
        values=alt.ExprRef("kinds"),
        labelExpr="words[datum.value]",
        symbolType="square",
        direction="horizontal",
        columns=0,
    )
    fills, signs = ([COLOUR[colours[i]] for colours in STATES.values()] for i in (1, 2))
    tooltip = alt.ExprRef("{title: names[datum.row], period: datum.period, state: words[datum.kind]}")
    rect = cells.mark_rect(stroke=COLOUR["paper"], strokeWidth=1, tooltip=tooltip, **SILENT)
    text = cells.transform_filter("datum.sign").mark_text(fontSize=12, fontWeight=700, **SILENT)
    return [
        rect.encode(
            charts.time_axis(),
            alt.X2("end"),
            y,
            alt.Fill("kind:N", scale=alt.Scale(domain=list(STATES), range=fills), legend=key),
        ),
        text.encode(
            alt.X("middle:T"),
            y,
            alt.Text("sign:N"),
            alt.Color("kind:N", scale=alt.Scale(domain=list(STATES), range=signs), legend=None),
        ),
        teams.mark_text(align="left", dx=8, fontSize=12, color=COLOUR["muted"], **SILENT).encode(
            y, alt.Text("shown:N"), x=alt.value("width")
        ),
    ]

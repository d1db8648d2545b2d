"""Who has reported what: a map of teams and periods in which gaps stand out by sign as well as by colour."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from qitools.analysis.focus import focus, main_measure
from qitools.analysis.pooled import awaited, pool
from qitools.views import charts, ink, labels, strokes, wording
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, SILENT
from qitools.views.numerals import known, span
from qitools.views.subjects import Columns, Subject, records
from qitools.views.subjects import subjects as series_of

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# What became of a figure: its sign, and the filling of its cell.
STATES = {
    "reported": ("", "sent"),
    "missing": ("×", "paper"),
    "suppressed": ("S", "band"),
    "excluded": ("○", "band"),
}
Cells = Sequence[Sequence[tuple[int, str]]]  # day and state of each period, team by team
MOST_EDGES = 100  # periods that can stand side by side with a gap between them
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
    groups = [list(group) for _, group in groupby(series_of(part), key=lambda one: str(one.measure["measure"]))]
    ordered = sorted(groups, key=lambda group: group[0].measure["measure"] != first)
    views = [view(analysis, group) for group in ordered] or [nothing(("",))]
    return build("reporting", template(max(map(len, groups), default=1)), views, (labels.PICKERS["measure"],))


def view(analysis: Analysis, subjects: Sequence[Subject]) -> View:
    """What has been reported of one measure."""
    measure, method = subjects[0].measure, analysis.method
    rows = records(pool(analysis, str(measure["measure"])).reporting)
    last = max(subject.points["day"][-1] for subject in subjects)
    awaiting = awaited(analysis, str(measure["measure"]))
    cells = [_cells(subject, last, subject.team["team"] in awaiting) for subject in subjects]
    absent = [str(one.team["name"]) for one in subjects if one.team["team"] in awaiting]
    lows, highs = zip(*(subject.span for subject in subjects), strict=True)
    title = wording.reporting_title(rows, method)
    return View(
        title=title,
        subtitle=charts.subtitle(f"{measure['name']}.{labels.SIMULATED if method.get('simulated') else ''}", method),
        sentence=wording.reporting_sentence(rows, method, absent),
        data={
            "runs": _runs(subjects, cells),
            "signs": _signs(cells),
            "edges": _edges(subjects, cells),
            "teams": _teams(subjects, cells),
        },
        table=("teams", f"{measure['name']}: {title}", _columns()),
        params={
            **charts.axes((min(lows), max(highs)), (0, 1), measure),
            "names": [str(subject.team["name"]) for subject in subjects],
            "words": labels.STATES,
            "wide": strokes.key_width(labels.STATES.values()),
            "kinds": [state for state in STATES if any(state == one for row in cells for _, one in row)],
        },
        choice=(str(measure["name"]),),
    )


def _cells(subject: Subject, last: int, awaited: bool) -> list[tuple[int, str]]:
    """Day and state of every period from the team's first to its last; to the last of all where it is awaited."""
    own = subject.points
    cells = [
        (day, _state(value, codes)) for day, value, codes in zip(own["day"], own["value"], own["reason"], strict=True)
    ]
    if not awaited:
        return cells
    due = np.round(np.arange(own["day"][-1] + subject.every, last + 0.4 * subject.every, subject.every)).astype(int)
    return cells + [(int(day), "missing") for day in due]


def _state(value: float, codes: str) -> str:
    told = [code for code in codes.split() if code in STATES]
    return told[0] if told else "reported" if known(value) else "missing"


def _runs(subjects: Sequence[Subject], cells: Cells) -> Columns:
    """One bar for each run of periods in one state: a map of a thousand cells is drawn with a few dozen marks."""
    rows = [
        (i, run[0][0], run[-1][0], state, subject)
        for i, (subject, states) in enumerate(zip(subjects, cells, strict=True))
        for state, group in groupby(states, key=lambda cell: cell[1])
        for run in [list(group)]
    ]
    return {
        "row": [i for i, *_ in rows],
        "date": [strokes.iso(first - one.every / 2) for _, first, _, _, one in rows],
        "end": [strokes.iso(last + one.every / 2) for _, _, last, _, one in rows],
        "kind": [state for *_, state, _ in rows],
        "period": [span(strokes.iso(first), strokes.iso(last), one.period) for _, first, last, _, one in rows],
    }


def _signs(cells: Cells) -> Columns:
    """The sign of every period in which a figure is absent, hidden or left out."""
    rows = [(i, day, state) for i, states in enumerate(cells) for day, state in states if STATES[state][0]]
    return {
        "row": [i for i, *_ in rows],
        "date": [strokes.iso(day) for _, day, _ in rows],
        "kind": [state for *_, state in rows],
        "sign": [STATES[state][0] for *_, state in rows],
    }


def _edges(subjects: Sequence[Subject], cells: Cells) -> Columns:
    """Where one period ends and the next begins, for the shortest; nowhere where cells are too narrow for a gap."""
    every = min(subject.every for subject in subjects)
    days = sorted({day for row in cells for day, _ in row})
    return {"date": [strokes.iso(day - every / 2) for day in days] if len(days) <= MOST_EDGES else []}


def _teams(subjects: Sequence[Subject], cells: Cells) -> Columns:
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
    drawing = alt.layer(*_layers()).properties(width="container", height=step * teams)
    kept = ("xLow", "xHigh", "kinds", "words", "wide", "room")
    own = [one for one in ink.params() if one.name in kept]
    return ink.dressed(drawing, [*own, alt.param(name="names", value=[])])


def _layers() -> list[Any]:
    runs, signs, edges, teams = (alt.Chart(alt.NamedData(name=name)) for name in ("runs", "signs", "edges", "teams"))
    names = alt.Axis(labelExpr="names[datum.value]", labelLimit=190, labelFontSize=12, ticks=False, domain=False)
    row = alt.Y("row:O", axis=names, scale=alt.Scale(paddingInner=0.12, paddingOuter=0.1))
    fills = [COLOUR[filling] for _, filling in STATES.values()]
    fill = alt.Fill("kind:N", scale=alt.Scale(domain=list(STATES), range=fills), legend=ink.legend(symbolType="square"))
    tooltip = alt.ExprRef("{title: names[datum.row], period: datum.period, state: words[datum.kind]}")
    return [
        runs.mark_rect(tooltip=tooltip, **SILENT).encode(ink.WHEN, alt.X2("end"), row, fill),
        edges.mark_rule(color=COLOUR["paper"], strokeWidth=1.5, **SILENT).encode(ink.WHEN),
        signs.mark_text(fontSize=13, fontWeight=700, color=COLOUR["ink"], **SILENT).encode(
            ink.time_axis(), row, alt.Text("sign:N")
        ),
        teams.mark_text(align="left", dx=8, fontSize=12, color=COLOUR["muted"], **SILENT).encode(
            row, alt.Text("shown:N"), x=alt.value("width")
        ),
    ]

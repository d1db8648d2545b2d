"""Who has reported what: a map of teams and periods in which gaps stand out by sign as well as by colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from qitools.analysis.completeness import figures
from qitools.analysis.focus import focus, main_measure
from qitools.analysis.pooled import awaited, pool
from qitools.views import charts, ink, labels, strokes, wording
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import period_of, span
from qitools.views.subjects import DAYS, Columns, Row, by, records

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# What became of a figure (``completeness.STATES``): its sign, and the filling of its cell. Light cells carry the signs.
STATES = {
    "reported": ("", "sent"),
    "late": ("L", "sent"),
    "provisional": ("P", "band"),
    "revised": ("R", "sent"),
    "zero_denominator": ("0", "band"),
    "no_denominator": ("?", "band"),
    "suppressed": ("S", "band"),
    "excluded": ("○", "band"),
    "missing": ("×", "paper"),
}
Cells = Sequence[tuple[int, str]]  # day and state of each period of a team


@dataclass(frozen=True)
class Line:
    """One row of the map: a team, the length of its periods in days, and what became of its figures."""

    name: str
    period: str
    every: float
    cells: Cells


MOST_EDGES = 100  # periods that can stand side by side with a gap between them
NAMES = "max(110, min(280, room * 0.24))"  # room for the names of teams, in pixels
NARROW = 6  # pixels of a period from which gaps are left between periods
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
    first = measure or main_measure(analysis)
    measures = sorted(records(focus(analysis, measure=measure).measures), key=lambda one: bool(one["measure"] != first))
    lines = [(one, _lines(analysis, one)) for one in measures]
    views = [view(analysis, one, rows) if rows else nothing((str(one["name"]),)) for one, rows in lines]
    most = max((len(rows) for _, rows in lines), default=0)
    return build("reporting", template(most or 1), views, (labels.PICKERS["measure"],))


def _lines(analysis: Analysis, measure: Row) -> list[Line]:
    """The rows of the map, in the fixed order: every team that sent or owes a figure."""
    table, teams = figures(analysis, str(measure["measure"])), by(analysis.teams, "team")
    lines = []
    for team, cells in groupby(records(table), key=lambda row: str(row["team"])):
        days = [(row["day"], row["state"]) for row in cells]
        period = period_of(teams[team], analysis.method)
        every = DAYS.get(period) or min(
            (late[0] - soon[0] for soon, late in pairwise(days) if late > soon), default=1.0
        )
        lines.append(Line(str(teams[team]["name"]), period, every, days))
    return lines


def view(analysis: Analysis, measure: Row, lines: Sequence[Line]) -> View:
    """What has been reported of one measure."""
    method, name = analysis.method, str(measure["measure"])
    rows, teams = records(pool(analysis, name).reporting), by(analysis.teams, "team")
    absent = [str(teams[team]["name"]) for team in awaited(analysis, name)]
    states = [state for line in lines for _, state in line.cells]
    title = wording.reporting_title(rows, method)
    kept = [state for state in STATES if state in states]
    ends = [
        day + side * 0.6 * line.every
        for line in lines
        for day, side in ((line.cells[0][0], -1), (line.cells[-1][0], 1))
    ]
    return View(
        title=title,
        subtitle=charts.subtitle(f"{measure['name']}.{labels.SIMULATED if method.get('simulated') else ''}", method),
        sentence=wording.reporting_sentence(rows, method, absent, states.count("missing"), len(states)),
        data={"runs": _runs(lines), "signs": _signs(lines), "edges": _edges(lines), "teams": _teams(lines)},
        table=("teams", f"{measure['name']}: {title}", _columns(kept)),
        params={
            **charts.axes((min(ends), max(ends)), (0, 1), measure),
            "names": [line.name for line in lines],
            "words": labels.STATES,
            "wide": strokes.key_width(labels.STATES[state] for state in kept),
            "kinds": kept,
        },
        choice=(str(measure["name"]),),
    )


def _runs(lines: Sequence[Line]) -> Columns:
    """One bar for each run of periods in one state: a map of a thousand cells is drawn with a few dozen marks."""
    rows = [
        (i, run[0][0], run[-1][0], state, line)
        for i, line in enumerate(lines)
        for state, group in groupby(line.cells, key=lambda cell: cell[1])
        for run in [list(group)]
    ]
    return {
        "row": [i for i, *_ in rows],
        "date": [strokes.iso(first - one.every / 2) for _, first, _, _, one in rows],
        "end": [strokes.iso(last + one.every / 2) for _, _, last, _, one in rows],
        "kind": [state for *_, state, _ in rows],
        "period": [span(strokes.iso(first), strokes.iso(last), one.period) for _, first, last, _, one in rows],
    }


def _signs(lines: Sequence[Line]) -> Columns:
    """The sign of every period in which a figure is absent, hidden, left out or not yet settled."""
    rows = [(i, day, state) for i, line in enumerate(lines) for day, state in line.cells if STATES[state][0]]
    return {
        "row": [i for i, *_ in rows],
        "date": [strokes.iso(day) for _, day, _ in rows],
        "kind": [state for *_, state in rows],
        "sign": [STATES[state][0] for *_, state in rows],
    }


def _edges(lines: Sequence[Line]) -> Columns:
    """Where one period ends and the next begins, for the shortest; nowhere where cells are too narrow for a gap."""
    every = min(line.every for line in lines)
    days = sorted({day for line in lines for day, _ in line.cells})
    return {"date": [strokes.iso(day - every / 2) for day in days] if len(days) <= MOST_EDGES else []}


def _teams(lines: Sequence[Line]) -> Columns:
    """The table, and the words at the end of each row."""
    tally = [Counter(state for _, state in line.cells) for line in lines]
    sent = [len(line.cells) - counts["missing"] for line, counts in zip(lines, tally, strict=True)]
    return {
        "row": list(range(len(lines))),
        "team": [line.name for line in lines],
        "shown": [labels.OF.format(part=part, whole=len(line.cells)) for part, line in zip(sent, lines, strict=True)],
        **{state: [str(counts[state]) for counts in tally] for state in STATES},
    }


def _columns(kept: Sequence[str]) -> tuple[Column, ...]:
    """The columns of the table: how many came, how many are missing, and each other state that there is."""
    states = [state for state in STATES if state != "reported" and (state in kept or state == "missing")]
    told = (Column(state, labels.STATES[state], True) for state in states)
    return (Column("team", labels.COLUMNS["team"]), Column("shown", labels.COLUMNS["sent"], True), *told)


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def template(teams: int) -> Spec:
    """The Vega-Lite template for a number of teams: its height is theirs."""
    step = next(size for most, size in STEPS.items() if teams <= most)
    drawing = alt.layer(*_layers()).properties(width="container", height=step * teams)
    kept = ("xLow", "xHigh", "kinds", "words", "wide", "room")
    own = [one for one in ink.params() if one.name in kept]
    return ink.dressed(drawing, [*own, alt.param(name="names", value=[])])


def _layers() -> list[Any]:
    runs, signs, edges, teams = (alt.Chart(alt.NamedData(name=name)) for name in ("runs", "signs", "edges", "teams"))
    names = alt.Axis(
        labelExpr="names[datum.value]", labelLimit=alt.ExprRef(NAMES), labelFontSize=12, ticks=False, domain=False
    )
    row = alt.Y("row:O", axis=names, scale=alt.Scale(paddingInner=0.12, paddingOuter=0.1))
    fills = [COLOUR[filling] for _, filling in STATES.values()]
    gap = alt.ExprRef(f"width < {NARROW} * length(data('edges')) ? 0 : 1.5")
    key = ink.legend(f"room - {NAMES}", symbolType="square")
    fill = alt.Fill("kind:N", scale=alt.Scale(domain=list(STATES), range=fills), legend=key)
    tooltip = alt.ExprRef("{title: names[datum.row], period: datum.period, state: words[datum.kind]}")
    return [
        runs.mark_rect(tooltip=tooltip, **SILENT).encode(ink.when(), alt.X2("end"), row, fill),
        edges.mark_rule(color=COLOUR["paper"], strokeWidth=gap, **SILENT).encode(ink.when()),
        signs.mark_text(fontSize=13, fontWeight=700, color=COLOUR["ink"], **SILENT).encode(
            ink.time_axis(), row, alt.Text("sign:N")
        ),
        teams.mark_text(align="left", dx=8, fontSize=12, color=COLOUR["muted"], **SILENT).encode(
            row, alt.Text("shown:N"), x=alt.value("width")
        ),
    ]

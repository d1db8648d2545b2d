"""One small chart a team, in the fixed order: who is changing, seen at once without ranking anybody.

One facet over one data set, since a hundred charts of their own take four times as long to draw. Its rows play three
parts: ``point`` (a value and its kind), ``line`` (centre and limits, with an empty row where a phase ends) and
``frame`` (the ends of the panel's own scale). Only signals are marked; the change stands in the head of the panel.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import altair as alt

from qitools.analysis.focus import focus, main_measure
from qitools.views import charts, labels, strokes, theme, wording
from qitools.views.charts import COLOUR, SILENT
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.numerals import known, percentage
from qitools.views.strokes import Columns, Subject

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# Up to this many panels: least width and height of a panel, both in pixels.
SIZES = {12: (250, 110), 40: (165, 84), 1_000: (112, 52)}
AXIS, GAP = 36, 18  # room for the value axis, and between panels, in pixels
HOVER = 3_000  # up to this many points, every point answers to the pointer; above it only signals, for speed
FIELDS = ("panel", "role", "date", "value", "centre", "lower", "upper", "kind", "period", "shown")


def multiples(analysis: Analysis, measure: str = "") -> Figure:
    """One small chart a team, in the fixed order, each on its own scale.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.

    Returns:
        A ``Figure`` of kind ``multiples``; its table has one row a team.

    Raises:
        ParameterError: an unknown measure, with the nearest name.
    """
    part = focus(analysis, measure=measure)
    first = measure or main_measure(analysis)
    every = {
        name: list(group)
        for name, group in groupby(strokes.subjects(part), key=lambda one: str(one.measure["measure"]))
    }
    ordered = sorted(every.values(), key=lambda group: group[0].measure["measure"] != first)
    views = [view(group) for group in ordered]
    return build("multiples", template(_size(max(one.panels for one in views))), views, (labels.PICKERS["measure"],))


def _size(panels: int) -> int:
    return next(size for size in SIZES if panels <= size)


def view(subjects: Sequence[Subject]) -> View:
    """What one measure shows in all teams."""
    measure, method = subjects[0].measure, subjects[0].method
    series = [subject.series for subject in subjects]
    legend = strokes.legend(subjects)
    spans = [subject.span for subject in subjects]
    span = (min(low for low, _ in spans), max(high for _, high in spans))
    return View(
        title=wording.multiples_title(series, measure, method),
        subtitle=charts.subtitle(wording.multiples_subtitle(measure, method), method),
        sentence=wording.multiples_sentence(series, measure, method),
        data={"rows": _rows(subjects), "teams": _teams(subjects)},
        table=("teams", str(measure["name"]), _columns(subjects)),
        params={
            **charts.axes(span, (0, 1), measure),
            "heads": [_head(subject) for subject in subjects],
            "kinds": [charts.pointing(kind, measure) for kind in legend],
            "words": {charts.pointing(kind, measure): words for kind, words in legend.items()},
        },
        panels=len(subjects),
        choice=(str(measure["name"]),),
    )


def _head(subject: Subject) -> list[str]:
    """The head of a panel as two lines: the team, and the change of its centre line."""
    name = str(subject.team["name"])
    return [name, wording.panel_header(subject.series, subject.measure, subject.team).removeprefix(name).lstrip(": ")]


def _rows(subjects: Sequence[Subject]) -> Columns:
    """The one data set: the rows of every panel, in every part they play."""
    rows = [{"panel": i, **row} for i, subject in enumerate(subjects) for row in _panel(subject)]
    return {name: [row.get(name) for row in rows] for name in FIELDS}


def _panel(subject: Subject) -> list[dict[str, Any]]:
    points, lines = strokes.points(subject), strokes.lines(subject)
    low, high = strokes.value_domain(charts.levels(subject), percentage(subject.measure))
    start = points["date"][0]
    return [
        *({"role": "frame", "date": start, "value": level} for level in (low, high)),
        *_as_rows(_broken(lines), "line", ("date", "centre", "lower", "upper")),
        *(
            {**row, "kind": charts.pointing(row["kind"], subject.measure)}
            for row in _as_rows(points, "point", ("date", "value", "kind", "period", "shown"))
        ),
    ]


def _as_rows(columns: Columns, role: str, names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"role": role, **dict(zip(names, row, strict=True))}
        for row in zip(*(columns[name] for name in names), strict=True)
    ]


def _broken(lines: Columns) -> Columns:
    """The lines with an empty row after each phase, so that one path breaks where a phase ends."""
    at = [i for i, phase in enumerate(lines["phase"]) if i + 1 == len(lines["phase"]) or lines["phase"][i + 1] != phase]
    broken: Columns = {name: [] for name in lines}
    for name, column in lines.items():
        for i, cell in enumerate(column):
            broken[name] += [cell] + ([cell if name == "date" else None] if i in at else [])
    return broken


def _teams(subjects: Sequence[Subject]) -> Columns:
    """The table: one row a team."""
    rows = [(one.series, one.measure, one.team) for one in subjects]
    centres = {
        name: [wording.value(series[name], measure) if known(series[name]) else "" for series, measure, _ in rows]
        for name in ("baseline_centre", "current_centre", "latest")
    }
    return {
        "team": [str(team["name"]) for *_, team in rows],
        "board": [str(team.get("board") or "") for *_, team in rows],
        "verdict": [wording.verdict(series["verdict"], series["strength"], series["variation"]) for series, *_ in rows],
        **centres,
    }


def _columns(subjects: Sequence[Subject]) -> tuple[Column, ...]:
    heads = labels.COLUMNS
    boards = any(subject.team.get("board") for subject in subjects)
    return (
        Column("team", heads["team"]),
        *([Column("board", heads["board"])] if boards else []),
        Column("verdict", heads["verdict"]),
        *(Column(name, heads[name], True) for name in ("baseline_centre", "current_centre", "latest")),
    )


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@cache
def template(size: int) -> Spec:
    """The Vega-Lite template for up to so many panels."""
    panel, height = SIZES[size]
    drawing = (
        alt.layer(*_layers(size))
        .properties(width=panel, height=height)
        .facet(facet=_facet(), data=alt.NamedData(name="rows"), columns=4, spacing={"row": 14, "column": GAP})
        .resolve_scale(y="independent")
        .properties(usermeta={"qitools": {"panel": panel, "axis": AXIS, "gap": GAP}})
    )
    spec: Spec = drawing.add_params(*_params()).configure().to_dict(validate=True)
    return {**spec, "config": theme.config()}


def _params() -> list[Any]:
    kept = ("xLow", "xHigh", "unit", "made", "kinds", "words")
    return [one for one in charts.params() if one.name in kept] + [alt.param(name="heads", value=[])]


def _facet() -> Any:
    header = alt.Header(
        labelExpr="heads[datum.value]",
        labelAnchor="start",
        labelAlign="left",
        labelPadding=4,
        labelLimit=0,
        labelFontSize=13,
    )
    return alt.Facet("panel:O", header=header, title=None)


def _layers(size: int) -> list[Any]:
    band, line, mark = (1.4, 2, 40) if size <= 40 else (1, 1.5, 26)
    lines, points = (alt.Chart().transform_filter(f"datum.role == '{role}'") for role in ("line", "point"))
    breaks: dict[str, Any] = {"invalid": "break-paths-filter-domains", **SILENT}
    step: dict[str, Any] = {"interpolate": "step-after", **breaks}
    return [
        alt.Chart()
        .transform_filter("datum.role == 'frame'")
        .mark_point(opacity=0, size=200, **SILENT)
        .encode(_x(), _y("value")),
        lines.mark_area(color=COLOUR["band"], **step).encode(_x(), _y("lower"), alt.Y2("upper")),
        points.transform_calculate(through=charts.THROUGH)
        .mark_line(color=COLOUR["data"], strokeWidth=band, **breaks)
        .encode(_x(), _y("through")),
        lines.mark_line(color=COLOUR["ink"], strokeWidth=line, **step).encode(_x(), _y("centre")),
        charts.marks(points.transform_filter("isValid(datum.value) && datum.kind != 'none'"), _x(), _y("value"), mark),
    ]


def _x() -> Any:
    """The time axis: years only."""
    axis = alt.Axis(
        format="%Y", tickCount={"interval": "year", "step": 1}, labelOverlap=True, labelFontSize=12, tickSize=4
    )
    return alt.X(
        "date:T", axis=axis, scale=alt.Scale(type="utc", domain=[alt.ExprRef("xLow"), alt.ExprRef("xHigh")], nice=False)
    )


def _y(field: str) -> Any:
    """The value axis of a panel: its own, as the frame rows ask."""
    axis = alt.Axis(
        labelExpr="format(datum.value, ',~r') + unit",
        tickCount=3,
        labelFontSize=12,
        minExtent=AXIS,
        maxExtent=AXIS,
        grid=True,
    )
    return alt.Y(f"{field}:Q", axis=axis, scale=alt.Scale(zero=False, nice=False))

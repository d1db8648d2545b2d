"""One small chart a team, in the fixed order: who is changing, seen at once without ranking anybody.

One facet over one data set, since a hundred charts of their own take four times as long to draw. Its rows play three
parts: ``point`` (a value and its kind), ``line`` (centre and limits, with an empty row where a phase ends) and
``frame`` (the ends of the panel's own scale). Only signals are marked; the change stands in the head of the panel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

import altair as alt

from qitools.analysis.focus import focus, main_measure
from qitools.analysis.ledger import by_luck
from qitools.views import charts, ink, labels, strokes, theme, wording
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, MARKS, SILENT
from qitools.views.numerals import known, percentage
from qitools.views.subjects import Columns, Subject
from qitools.views.subjects import subjects as series_of

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# Up to this many panels: least width and height of a panel, both in pixels.
SIZES = {12: (250, 110), 40: (165, 84), 1_000: (112, 52)}
AXIS, GAP = 36, 18  # room for the value axis, and between panels, in pixels
DENSE = 100  # points in a panel from which the marks are made smaller, lest they merge
WRAP = 32  # letters of a measure's name in one line over a panel
NAMES = ("team", "board")  # columns that name the team
FIELDS = ("panel", "role", "date", "value", "centre", "lower", "upper", "kind", "period", "shown")


def multiples(analysis: Analysis, measure: str = "", team: str = "") -> Figure:
    """One small chart a team, in the fixed order, each on its own scale; for one team, one a measure.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.
        team: id of a team: its measures side by side; "" for all teams.

    Returns:
        A ``Figure`` of kind ``multiples``; its table has one row a team, or a measure.

    Raises:
        ParameterError: an unknown team or measure, with the nearest name.
    """
    part, first = focus(analysis, team=team, measure=measure), measure or main_measure(analysis)
    ordered = sorted(series_of(part), key=lambda one: one.measure["measure"] != first)
    groups = [list(group) for _, group in groupby(ordered, key=lambda one: "" if team else one.measure["measure"])]
    views = [_of_team(group) if team else _of_measure(group, part) for group in groups] or [nothing(("",))]
    dense = max((len(one.points["day"]) for one in ordered), default=0) > DENSE
    shape = template(_size(max(one.panels for one in views)), dense)
    return build("multiples", shape, views, (labels.PICKERS["measure"],))


def _size(panels: int) -> int:
    return next(size for size in SIZES if panels <= size)


def _of_measure(subjects: Sequence[Subject], analysis: Analysis) -> View:
    """What one measure shows in all teams, and what chance would show."""
    measure, method = subjects[0].measure, subjects[0].method
    series = [subject.series for subject in subjects]
    luck = by_luck(analysis, str(measure["measure"])) if len(subjects) > 1 else None
    drawn = _view(subjects, [str(subject.team["name"]) for subject in subjects], wording.panel_header)
    return replace(
        drawn,
        title=wording.multiples_title(series, measure, method),
        subtitle=charts.subtitle(wording.multiples_subtitle(measure, method), method),
        sentence=wording.multiples_sentence(
            series, measure, method, wording.luck_sentence(asdict(luck)) if luck else ""
        ),
        table=("panels", str(measure["name"]), _columns("team", any(one.team.get("board") for one in subjects))),
        params={**drawn.params, "unit": "%" if percentage(measure) else ""},
        choice=(str(measure["name"]),),
    )


def _of_team(subjects: Sequence[Subject]) -> View:
    """What all measures show in one team."""
    team, method = subjects[0].team, subjects[0].method
    drawn = _view(subjects, [str(subject.measure["name"]) for subject in subjects], _measure_header)
    told = [(one.series, one.measure) for one in subjects]
    return replace(
        drawn,
        title=wording.family_title([one.series for one in subjects], team),
        subtitle=charts.subtitle(wording.family_subtitle(team, method), method),
        sentence=wording.family_sentence(told, team, method),
        table=("panels", str(team["name"]), _columns("measure", False)),
        choice=(str(team["name"]),),
    )


def _view(subjects: Sequence[Subject], names: Sequence[str], header: Callable[[Any, Any, Any], str]) -> View:
    """The panels, whatever they stand for: data, scales, heads and legend."""
    lows, highs = zip(*(subject.span for subject in subjects), strict=True)
    legend = {
        charts.pointing(kind, one.measure): words
        for one in subjects
        for kind, words in strokes.legend(subjects).items()
    }
    moved = [
        header(one.series, one.measure, one.team).removeprefix(name).lstrip(": ")
        for one, name in zip(subjects, names, strict=True)
    ]
    return View(
        title="",
        subtitle=(),
        sentence="",
        data={"rows": _rows(subjects), "panels": _table(subjects)},
        table=("panels", "", ()),
        params={
            **charts.axes((min(lows), max(highs)), (0, 1), {}),
            "heads": [list(pair) for pair in zip(names, moved, strict=True)],
            "kinds": [kind for kind in MARKS if kind in legend and (kind != "none" or len(legend) == 1)],
            "words": legend,
            "wide": strokes.key_width(legend.values()),
        },
        panels=len(subjects),
    )


def _measure_header(series: Any, measure: Any, team: Any) -> str:
    return wording.panel_header(series, measure, {"name": measure["name"]})


def _verdict(subject: Subject) -> str:
    series = subject.series
    return wording.verdict(series["verdict"], series["strength"], series["variation"])


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


def _table(subjects: Sequence[Subject]) -> Columns:
    """The table: one row a panel."""
    levels = ("baseline_centre", "current_centre", "latest")
    return {
        "team": [str(one.team["name"]) for one in subjects],
        "board": [str(one.team.get("board") or "") for one in subjects],
        "measure": [str(one.measure["name"]) for one in subjects],
        "verdict": [_verdict(one) for one in subjects],
        **{name: [_level(one, name) for one in subjects] for name in levels},
    }


def _level(subject: Subject, name: str) -> str:
    return wording.value(subject.series[name], subject.measure) if known(subject.series[name]) else ""


def _columns(first: str, boards: bool) -> tuple[Column, ...]:
    heads = labels.COLUMNS
    words = [first, *(["board"] if boards else []), "verdict"]
    numbers = ("baseline_centre", "current_centre", "latest")
    return (*(Column(name, heads[name]) for name in words), *(Column(name, heads[name], True) for name in numbers))


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@cache
def template(size: int, dense: bool = False) -> Spec:
    """The Vega-Lite template for up to so many panels; ``dense`` where they hold many points."""
    panel, height = SIZES[size]
    drawing = (
        alt.layer(*_layers(size, dense))
        .properties(width=panel, height=height)
        .facet(facet=_facet(), data=alt.NamedData(name="rows"), columns=4, spacing={"row": 14, "column": GAP})
        .resolve_scale(y="independent")
        .properties(usermeta={"qitools": {"panel": panel, "axis": AXIS + 3, "gap": GAP}})
    )
    spec: Spec = drawing.add_params(*_params()).configure().to_dict(validate=False)
    return {**spec, "config": theme.config()}


def _params() -> list[Any]:
    kept = ("xLow", "xHigh", "unit", "made", "kinds", "words", "wide", "room")
    return [one for one in ink.params() if one.name in kept] + [alt.param(name="heads", value=[])]


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


def _layers(size: int, dense: bool) -> list[Any]:
    thin, thick, mark = (1.4, 2, 40) if size <= 40 else (1, 1.5, 26)
    mark = 12 if dense else mark
    frame, lines, points = (
        alt.Chart().transform_filter(f"datum.role == '{one}'") for one in ("frame", "line", "point")
    )
    breaks: dict[str, Any] = {"invalid": "break-paths-filter-domains", **SILENT}
    step: dict[str, Any] = {"interpolate": "step-after", **breaks}
    data = points.transform_calculate(through=ink.THROUGH)
    signals = points.transform_filter("isValid(datum.value) && datum.kind != 'none'")
    return [
        frame.mark_point(color="transparent", size=200, **SILENT).encode(_time_axis(), _value_axis()),
        lines.mark_area(color=COLOUR["band"], **step).encode(ink.WHEN, ink.at("lower"), alt.Y2("upper")),
        data.mark_line(color=COLOUR["data"], strokeWidth=thin, **breaks).encode(ink.WHEN, ink.at("through")),
        lines.mark_line(color=COLOUR["ink"], strokeWidth=thick, **step).encode(ink.WHEN, ink.at("centre")),
        ink.marks(signals, ink.WHEN, ink.at("value"), mark),
    ]


def _time_axis() -> Any:
    """The time axis: years only."""
    ticks = {"interval": "year", "step": 1}
    axis = alt.Axis(format="%Y", tickCount=ticks, labelOverlap=True, labelFontSize=12, tickSize=4)
    domain = alt.Scale(type="utc", domain=[alt.ExprRef("xLow"), alt.ExprRef("xHigh")], nice=False)
    return alt.X("date:T", axis=axis, scale=domain)


def _value_axis() -> Any:
    """The value axis of a panel: its own, as the frame rows ask; every panel keeps the same room for it."""
    words = "format(datum.value, ',~r') + unit"
    axis = alt.Axis(labelExpr=words, tickCount=3, labelFontSize=12, minExtent=AXIS, maxExtent=AXIS)
    return alt.Y("value:Q", axis=axis, scale=alt.Scale(zero=False, nice=False))

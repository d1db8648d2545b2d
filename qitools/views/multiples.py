"""One small chart a team, in the fixed order: who is changing, seen at once without ranking anybody.

One facet over one data set, since a hundred charts of their own take four times as long to draw. Its rows play five
parts: ``point`` (a value and its kind), ``line`` (centre and limits, with an empty row where a phase ends), ``tick`` (a
round value of the panel's own scale), ``year`` and ``frame`` (one a panel: the room it takes). All panels share one
scale from 0 to 1, to which ``lows`` and ``highs`` bring each panel's values: no scale depends on what is there to draw.
Only signals are marked; centre line, change and finding stand in the head of the panel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from qitools.analysis.focus import focus, main_measure
from qitools.analysis.ledger import by_luck
from qitools.views import charts, ink, labels, strokes, theme, wording
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, MARKS, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import known, percentage
from qitools.views.subjects import Columns, Subject
from qitools.views.subjects import subjects as series_of

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# Up to this many panels: least width and height of a panel, both in pixels.
SIZES = {12: (250, 110), 40: (165, 84), 1_000: (112, 52)}
AXIS, GAP = 38, 16  # room for the value axis, and between panels, in pixels
LINE, LETTER = 16, 6.4  # height of a line of words over a panel, and mean width of its letters, in pixels
YEAR = 38  # pixels that one year needs on the time axis
DENSE = 100  # points in a panel from which the marks are made smaller, lest they merge
COLUMNS = 4  # panels side by side, until the page knows how many it has room for
FIELDS = (
    "panel",
    "role",
    "date",
    "value",
    "centre",
    "lower",
    "upper",
    "kind",
    "period",
    "shown",
    "order",
    "level",
    "found",
)


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
    of_one = _alone if len(ordered) == 1 and not measure else _of_team
    views = [of_one(group) if team else view(group, _luck(group, part)) for group in groups] or [nothing(("",))]
    return build(
        "multiples", template_of(ordered, max(one.panels for one in views)), views, (labels.PICKERS["measure"],)
    )


def template_of(subjects: Sequence[Subject], panels: int) -> Spec:
    """The template with room for so many panels of these series."""
    dense = max((len(one.points["day"]) for one in subjects), default=0) > DENSE
    return template(_size(panels), dense)


def _size(panels: int) -> int:
    return next(size for size in SIZES if panels <= size)


def _luck(subjects: Sequence[Subject], analysis: Analysis) -> str:
    """What chance would show, in a sentence."""
    luck = by_luck(analysis, str(subjects[0].measure["measure"])) if len(subjects) > 1 else None
    return wording.luck_sentence(asdict(luck)) if luck else ""


def view(subjects: Sequence[Subject], luck: str = "") -> View:
    """What one measure shows in all teams, and in a sentence what chance would show."""
    measure, method = subjects[0].measure, subjects[0].method
    series = [subject.series for subject in subjects]
    heads = [wording.panel_header(one.series, measure, one.team, method) for one in subjects]
    drawn = _view(subjects, heads)
    return replace(
        drawn,
        title=wording.multiples_title(series, measure, method),
        subtitle=charts.subtitle(wording.multiples_subtitle(measure, method), method),
        sentence=wording.multiples_sentence(series, measure, method, luck),
        table=("panels", str(measure["name"]), _columns("team", any(one.team.get("board") for one in subjects))),
        choice=(str(measure["name"]),),
    )


def _of_team(subjects: Sequence[Subject]) -> View:
    """What all measures show in one team."""
    team, method = subjects[0].team, subjects[0].method
    heads = [
        wording.panel_header(one.series, one.measure, {**team, "name": one.measure["name"]}, method) for one in subjects
    ]
    drawn = _view(subjects, heads)
    told = [(one.series, one.measure) for one in subjects]
    return replace(
        drawn,
        title=wording.family_title([one.series for one in subjects], team),
        subtitle=charts.subtitle(wording.family_subtitle(team, method), method),
        sentence=wording.family_sentence(told, team, method),
        table=("panels", str(team["name"]), _columns("measure", False)),
        choice=(str(team["name"]),),
    )


def _alone(subjects: Sequence[Subject]) -> View:
    """A family of one measure, whose chart stands above: words and the table, not the same chart once more."""
    subject = subjects[0]
    words = wording.one_measure(subject.measure, subject.team)
    table = ("panels", str(subject.team["name"]), _columns("measure", False))
    none: Columns = {name: [] for name in FIELDS}
    return View("", (), words, {"rows": none, "panels": _table([subject])}, table, panels=0, choice=("",))


def _view(subjects: Sequence[Subject], heads: Sequence[tuple[str, ...]]) -> View:
    """The panels, whatever they stand for: data, scales, heads and legend."""
    lows, highs = zip(*(subject.span for subject in subjects), strict=True)
    years, scales = strokes.years(min(lows), max(highs)), [_scale(subject) for subject in subjects]
    told = strokes.legend(subjects).items()
    legend = {charts.pointing(kind, one.measure): words for one in subjects for kind, words in told}
    return View(
        title="",
        subtitle=(),
        sentence="",
        data={"rows": _rows(subjects, heads, scales, years), "panels": _table(subjects)},
        table=("panels", "", ()),
        params={
            **charts.axes((min(lows), max(highs)), (0, 1), {}),
            "lows": [low for low, _ in scales],
            "highs": [high for _, high in scales],
            "heads": [[head[0]] for head in heads],
            "count": len(subjects),
            "years": len(years),
            "kinds": [kind for kind in MARKS if kind in legend and (kind != "none" or len(legend) == 1)],
            "words": legend,
            "wide": strokes.key_width(legend.values()),
        },
        panels=len(subjects),
    )


def _scale(subject: Subject) -> tuple[float, float]:
    return strokes.value_domain(charts.levels(subject), percentage(subject.measure))


def _rows(
    subjects: Sequence[Subject],
    heads: Sequence[tuple[str, ...]],
    scales: Sequence[tuple[float, float]],
    years: Sequence[tuple[str, str]],
) -> Columns:
    """The one data set: the rows of every panel, in every part they play."""
    marks = [{"role": "year", "date": date, "shown": words, "order": i} for i, (date, words) in enumerate(years)]
    rows = [
        {"panel": i, **row}
        for i, (subject, head, scale) in enumerate(zip(subjects, heads, scales, strict=True))
        for row in [_frame(head), *marks, *_ticks(subject, scale), *_panel(subject)]
    ]
    return {name: [row.get(name) for row in rows] for name in FIELDS}


def _frame(head: tuple[str, ...]) -> dict[str, Any]:
    """The room of a panel, and the words under its name: its level, in short where room is scarce, and the finding."""
    _, level, found = head
    return {"role": "frame", "level": level, "shown": level.split(" ", 1)[-1], "found": found}


def _ticks(subject: Subject, scale: tuple[float, float]) -> list[dict[str, Any]]:
    unit = "%" if percentage(subject.measure) else ""
    return [{"role": "tick", "value": level, "shown": words + unit} for level, words in strokes.ticks(scale)]


def _panel(subject: Subject) -> list[dict[str, Any]]:
    points, lines = strokes.points(subject), strokes.lines(subject)
    return [
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
        "verdict": [wording.cell(one.series, one.measure, one.period) for one in subjects],
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


@kept
def template(size: int, dense: bool = False) -> Spec:
    """The Vega-Lite template for up to so many panels; ``dense`` where they hold many points."""
    panel, height = SIZES[size]
    drawing = (
        alt.layer(*_layers(size, height, dense))
        .properties(width=panel, height=height)
        .facet(facet=_facet(), data=alt.NamedData(name="rows"), columns=COLUMNS, spacing={"row": 14, "column": GAP})
        .properties(usermeta={"qitools": {"panel": panel, "axis": AXIS + 3, "gap": GAP}})
    )
    spec: Spec = drawing.add_params(*_params(panel)).configure().to_dict(validate=False)
    return {**spec, "config": theme.config()}


def _params(panel: int) -> list[Any]:
    """The parameters, among them two that the page sets: panels side by side, and the width of one."""
    kept = ("xLow", "xHigh", "made", "kinds", "words", "wide", "room")
    own = {"heads": [], "lows": [], "highs": [], "count": 0, "years": 1}
    own |= {"across": COLUMNS, "panel": panel}
    return [one for one in ink.params() if one.name in kept] + [alt.param(name=one, value=own[one]) for one in own]


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


def _layers(size: int, height: int, dense: bool) -> list[Any]:
    thin, thick, mark = (1.4, 2, 40) if size <= 40 else (1, 1.5, 26)
    mark = 12 if dense else mark
    lines, points = (alt.Chart().transform_filter(f"datum.role == '{one}'") for one in ("line", "point"))
    lines = lines.transform_calculate(**{name: _scaled(name) for name in ("centre", "lower", "upper")})
    points = points.transform_calculate(y=_scaled("value"))
    breaks: dict[str, Any] = {"invalid": "break-paths-filter-domains", **SILENT}
    step: dict[str, Any] = {"interpolate": "step-after", **breaks}
    data = points.transform_calculate(through=ink.THROUGH.replace("datum.value", "datum.y"))
    signals = points.transform_filter("isValid(datum.value) && datum.kind != 'none'")
    return [
        *_axes(height),
        *_words(),
        lines.mark_area(color=COLOUR["band"], **step).encode(ink.when(), ink.at("lower"), alt.Y2("upper")),
        data.mark_line(color=COLOUR["data"], strokeWidth=thin, **breaks).encode(ink.when(), ink.at("through")),
        lines.mark_line(color=COLOUR["ink"], strokeWidth=thick, **step).encode(ink.when(), ink.at("centre")),
        ink.marks(signals, ink.when(), ink.at("y"), mark),
    ]


def _scaled(name: str) -> str:
    """A level on the panel's own scale, as a share of its height; nothing stays nothing."""
    low, high = "lows[datum.panel]", "highs[datum.panel]"
    return f"isValid(datum.{name}) ? (datum.{name} - {low}) / ({high} - {low}) : null"


def _words() -> list[Any]:
    """Under the name of a panel: its level, in short where room is scarce, and what was found where room allows."""
    fits = f"datum.found && length(datum.found) * {LETTER} <= panel"
    frame = alt.Chart().transform_filter("datum.role == 'frame'")
    words: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": 13, "x": 0, **SILENT}
    low, high = 3 - LINE, 3 - 2 * LINE
    level = f"length(datum.level) * {LETTER} > panel ? datum.shown : datum.level"
    return [
        frame.mark_text(
            y=alt.ExprRef(f"{fits} ? {high} : {low}"), color=COLOUR["muted"], text=alt.ExprRef(level), **words
        ).encode(),
        frame.transform_filter(fits)
        .mark_text(y=low, color=COLOUR["ink"], text=alt.ExprRef("datum.found"), **words)
        .encode(),
    ]


def _axes(height: int) -> list[Any]:
    """The room of a panel and its axes: values at its left; years only, under the lowest panel of each column."""
    frame, ticks, years = (alt.Chart().transform_filter(f"datum.role == '{one}'") for one in ("frame", "tick", "year"))
    ticks = ticks.transform_calculate(y=_scaled("value"))
    lowest = "datum.panel >= count - across"
    years = years.transform_filter(f"{lowest} && datum.order % ceil(years * {YEAR} / panel) == 0")
    words: dict[str, Any] = {"fontSize": 12, "color": COLOUR["muted"], "baseline": "middle", **SILENT}
    right = alt.ExprRef("panel")
    domain = alt.Scale(type="utc", domain=[alt.ExprRef("xLow"), alt.ExprRef("xHigh")], nice=False)
    across = alt.X("date:T", axis=None, scale=domain)
    up = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False, zero=False))
    return [
        frame.mark_rect(opacity=0, x=-AXIS, x2=right, y=0, y2=height, **SILENT).encode(),
        ticks.mark_rule(color=COLOUR["grid"], x=0, x2=right, **SILENT).encode(up),
        ticks.mark_text(align="right", x=-7, **words).encode(up, alt.Text("shown:N")),
        frame.transform_filter(lowest).mark_rule(color=COLOUR["line"], x=0, x2=right, y=height, **SILENT).encode(),
        years.mark_tick(
            orient="vertical", size=5, thickness=1, color=COLOUR["line"], yOffset=2, y=height, **SILENT
        ).encode(across),
        years.mark_text(y=height, yOffset=13, **words).encode(across, alt.Text("shown:N")),
    ]

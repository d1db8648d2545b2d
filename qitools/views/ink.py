"""How a picture is drawn: Vega-Lite templates made of layers, with named data sets and parameters, and no data.

The template is written once with Altair and kept; ``strokes`` makes the data sets, ``charts`` fills them in. A point
without a signal is grey; a signal has a colour, a shape (a triangle points the way of improvement, a square is the
wrong way, a diamond has no side) and a filling (hollow where it may yet be chance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from qitools.views import labels, theme
from qitools.views.figure import Spec
from qitools.views.kept import alt, kept
from qitools.views.strokes import HEIGHT

COLOUR = theme.COLOURS
# kind: shape, filling, outline. A favourable signal points up or down, as the measure's ``better`` asks.
MARKS = {
    "none": ("circle", "data", "paper"),
    "favourable": ("triangle-up", "favourable", "favourable"),
    "favourable-weak": ("triangle-up", "paper", "favourable"),
    "favourable-down": ("triangle-down", "favourable", "favourable"),
    "favourable-down-weak": ("triangle-down", "paper", "favourable"),
    "unfavourable": ("square", "unfavourable", "unfavourable"),
    "unfavourable-weak": ("square", "paper", "unfavourable"),
    "neutral": ("diamond", "neutral", "neutral"),
    "neutral-weak": ("diamond", "paper", "neutral"),
    "excluded": ("circle", "paper", "data"),
}
MONTH = 2_678_400_000  # a month of 31 days in milliseconds, as Vega counts time
SILENT: dict[str, Any] = {"aria": False}


@kept
def template() -> Spec:
    """The Vega-Lite template of one series; data sets and parameters are filled by ``view``."""
    return dressed(alt.layer(*layers()).properties(width="container", height=HEIGHT), params())


def dressed(drawing: Any, params: Sequence[Any]) -> Spec:
    """An Altair chart as a template: with the theme, its parameters and sizes that fit the page."""
    fit = alt.AutoSizeParams(type="fit-x", contains="padding")
    spec: Spec = drawing.add_params(*params).properties(autosize=fit).configure().to_dict(validate=False)
    return {**spec, "config": theme.config()}


def tall(step: float) -> Any:
    """The height of a picture with a row for each of its ``names``: it follows what a picker chooses."""
    return alt.param(name="height", expr=f"{step} * max(1, length(names))")


def names(full: Sequence[str]) -> dict[str, Any]:
    """The names of rows, and each in two lines for a narrow page."""
    return {"names": list(full), "lines": [wrap(name, 18, max_lines=2, placeholder="…") for name in full]}


def named(narrow: int, **own: Any) -> Any:
    """An axis of the ``names`` of rows; below so many pixels of the page's width each in the two lines of ``lines``."""
    said = f"room < {narrow} ? lines[datum.value] : names[datum.value]"
    high = alt.ExprRef(f"room < {narrow} ? -7 : 0")  # of two lines the first stands above the middle of its row
    return alt.Axis(labelExpr=said, labelLineHeight=14, labelOffset=high, ticks=False, domain=False, **own)


def params() -> list[Any]:
    """Every parameter a view sets, with a value that draws an empty frame; ``room`` is the page's width."""
    empty = {
        "xLow": 0,
        "xHigh": 1,
        "yLow": 0,
        "yHigh": 1,
        "form": "",
        "unit": "",
        "made": ["", ""],
        "kinds": ["none"],
        "words": {},
        "wide": 100,
        "room": 1100,
        "raised": 0,
        "mark": 85,
    }
    return [alt.param(name=name, value=value) for name, value in empty.items()]


def layers(offset: int = 0) -> list[Any]:
    """All layers, from back to front; the time axis ``offset`` pixels below the plot."""
    return [*_bands(offset), _target(), *_edges(), *_data(), *_words()]


def when() -> Any:
    """The time axis of the picture, whichever layer draws on it."""
    return alt.X("date:T")


def at(field: str) -> Any:
    """A field on the value axis of the picture, whichever layer draws it."""
    return alt.Y(f"{field}:Q")


def time_axis(offset: int = 0, field: str = "date") -> Any:
    """The time axis: months, with the year under the first and under every January; in UTC, as dates are days."""
    day, month, year = (f"utcFormat(datum.value, '{form}')" for form in ("%-d %b", "%b", "%Y"))
    few, lasts = f"xHigh - xLow < {3 * MONTH}", f"(xHigh - xLow) / {MONTH}"
    first = f"datum.index == 0 || utcmonth(datum.value) == 0 || datum.value - xLow < {MONTH}"
    words = f"{few} ? [{day}, {year}] : utcdate(datum.value) == 1 ? [{month}, {first} ? {year} : ''] : ''"
    ticks = alt.ExprRef(f"max(2, min(floor(width / 70), round({lasts})))")
    axis = alt.Axis(labelExpr=words, labelFlush=False, labelOverlap=True, tickCount=ticks, offset=offset)
    domain = alt.Scale(type="utc", domain=[alt.ExprRef("xLow"), alt.ExprRef("xHigh")], nice=False)
    return alt.X(f"{field}:T", axis=axis, scale=domain)


def value_axis(field: str) -> Any:
    """The value axis, with its unit."""
    axis = alt.Axis(labelExpr="format(datum.value, form) + unit", tickCount=6)
    domain = alt.Scale(domain=[alt.ExprRef("yLow"), alt.ExprRef("yHigh")], nice=False, zero=False)
    return alt.Y(f"{field}:Q", axis=axis, scale=domain)


def _named(name: str) -> Any:
    return alt.Chart(alt.NamedData(name=name))


def _bands(offset: int) -> list[Any]:
    """The limits as a pale band with thin dashes, in steps, broken between phases."""
    base = _named("lines")
    step: dict[str, Any] = {"interpolate": "step-after", **SILENT}
    band = base.mark_area(color=COLOUR["band"], **step).encode(
        time_axis(offset), value_axis("lower"), alt.Y2("upper"), alt.Detail("phase:N")
    )
    dashes = [
        base.mark_line(color=COLOUR["limit"], strokeWidth=1, strokeDash=[5, 3], **step).encode(
            when(), at(side), alt.Detail("phase:N")
        )
        for side in ("lower", "upper")
    ]
    return [band, *dashes]


def _target() -> Any:
    return (
        _named("target")
        .mark_rule(color=COLOUR["target"], strokeDash=[10, 4], strokeWidth=1.5, **SILENT)
        .encode(at("value"))
    )


def _edges() -> list[Any]:
    """Where a phase begins, and when something was changed."""
    edge = _named("phases").transform_filter("!datum.first")
    change = _named("notes").transform_filter("datum.kind == 'change'")
    return [
        edge.mark_rule(color=COLOUR["ink"], strokeDash=[2, 3], y=-40, **SILENT).encode(when()),
        change.mark_rule(color=COLOUR["muted"], strokeWidth=1, opacity=0.7, y=-6, **SILENT).encode(when()),
    ]


THROUGH = "datum.kind == 'excluded' ? null : datum.value"  # the line of the data is not drawn through these


def _data() -> list[Any]:
    """The line of the data, the centre line over it, and the points."""
    points, centre = _named("points"), _named("lines")
    line = (
        points.transform_calculate(through=THROUGH)
        .mark_line(color=COLOUR["data"], strokeWidth=1.5, invalid="break-paths-filter-domains", **SILENT)
        .encode(when(), at("through"))
    )
    dash = alt.StrokeDash(
        "status:N", scale=alt.Scale(domain=["confirmed", "temporary"], range=[[1, 0], [7, 4]]), legend=None
    )
    middle = centre.mark_line(color=COLOUR["ink"], strokeWidth=2.75, interpolate="step-after", **SILENT)
    shown = points.transform_filter("isValid(datum.value)")
    return [
        line,
        middle.encode(when(), at("centre"), alt.Detail("phase:N"), dash),
        marks(shown, when(), at("value"), "mark"),
    ]


def legend(room: str = "room", **own: Any) -> Any:
    """A legend of the kinds present, below the picture, in as many columns as its ``room`` (pixels) is enough for."""
    across = alt.ExprRef(f"max(1, floor(({room}) / wide))")
    words = "words[datum.value]"
    return alt.Legend(
        orient="bottom", values=alt.ExprRef("kinds"), labelExpr=words, columns=across, labelLimit=0, **own
    )


def marks(base: Any, across: Any, up: Any, size: int | str) -> Any:
    """Points with their shape, filling and outline by kind, their tooltip, and the one legend of the kinds present.

    ``size`` is that of a signal, in square pixels, or the parameter that holds it.
    """
    size_of = alt.ExprRef(f"datum.kind == 'none' ? {size} / 2 : {size}")
    mark = base.mark_point(opacity=1, strokeWidth=1.5, size=size_of, tooltip=alt.ExprRef(TOOLTIP), **SILENT)
    return mark.encode(across, up, *looks(MARKS))


def looks(kinds: Mapping[str, tuple[str, str, str]]) -> list[Any]:
    """Shape, filling and outline of points by their ``kind``, and the one legend of the kinds present."""
    shapes, fills, outlines = (list(column) for column in zip(*kinds.values(), strict=True))
    colours = ([COLOUR[name] for name in names] for names in (fills, outlines))
    ways = zip((alt.Shape, alt.Fill, alt.Stroke), (shapes, *colours), strict=True)
    key = legend()
    return [look("kind:N", scale=alt.Scale(domain=list(kinds), range=every), legend=key) for look, every in ways]


def _tooltip() -> str:
    """The tooltip as an expression: what a point is made of, without empty lines."""
    words = {key: repr(label) for key, label in labels.TOOLTIP.items()}
    made = "(datum.denominator ? made[0] + ' ' + datum.numerator + ', ' + made[1] + ' ' + datum.denominator : null)"
    lines = {
        "value": "datum.shown",
        "made": made,
        "centre": "datum.centre",
        "limits": "datum.limits",
        "note": "datum.note",
    }
    some = [f"({line} ? {{{words[key]}: {line}}} : {{}})" for key, line in lines.items()]
    return f"merge({{title: datum.period}}, {', '.join(some)})"


TOOLTIP = _tooltip()


def _fitting(whole: str, brief: str, size: float = 6.6) -> Any:
    """The whole words where the room on the time axis is enough for them, else the brief ones, else none."""
    room = "(datum.room * width - 8)"
    enough = f"{room} >= length(datum.{whole}) * {size}"
    return alt.ExprRef(f"{enough} ? datum.{whole} : {room} >= length(datum.{brief}) * {size} ? datum.{brief} : ''")


def _words() -> list[Any]:
    """Words above the phases, beside the notes and at the right end."""
    phases, notes, ends = _named("phases"), _named("notes"), _named("ends")
    write: dict[str, Any] = {"align": "left", "baseline": "middle", **SILENT}
    top = "-10 - raised"
    numbered = "datum.number + '  ' + datum.text"
    text = f"datum.room * width - 16 >= length({numbered}) * 6.4 ? {numbered} : datum.number"
    role = alt.Color(
        "role:N",
        scale=alt.Scale(domain=["centre", "limit", "target"], range=[COLOUR["ink"], COLOUR["muted"], COLOUR["target"]]),
        legend=None,
    )
    return [
        phases.mark_text(
            dx=6,
            y=alt.ExprRef(f"{top} - 18"),
            fontSize=14,
            fontWeight=600,
            color=COLOUR["ink"],
            text=_fitting("name", "brief", 7.4),
            **write,
        ).encode(when()),
        phases.mark_text(
            dx=6, y=alt.ExprRef(top), fontSize=13, color=COLOUR["muted"], text=_fitting("note", "centre"), **write
        ).encode(when()),
        notes.transform_filter("datum.kind == 'change'")
        .mark_text(
            dx=4,
            y=alt.ExprRef("-8 - 14 * datum.lane"),
            fontSize=13,
            color=COLOUR["ink"],
            text=alt.ExprRef(text),
            **write,
        )
        .encode(when()),
        notes.transform_filter("datum.kind == 'exclusion'")
        .mark_text(dy=-15, dx=-4, fontSize=13, color=COLOUR["ink"], text=alt.ExprRef(text), **write)
        .encode(when(), at("value")),
        ends.mark_text(dx=10, fontSize=13, text=alt.ExprRef("width < 420 ? datum.brief : datum.text"), **write).encode(
            at("y"), role, x=alt.value("width")
        ),
    ]

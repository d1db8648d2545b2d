"""Pictures over time of one or more lanes, one below the other on one time axis: lines, bands, points, words.

Every lane is one unit high and has its own scale: values become places in the picture here, so that one template draws
them all. Of the height of a lane some is kept for its head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from qitools.views import ink, labels, strokes
from qitools.views.charts import DAY
from qitools.views.figure import Spec
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import known
from qitools.views.subjects import Columns

FILL, FOOT = 0.66, 0.12  # of the height of a lane: for its values below its head, and left free below them
# Style of a line: colour, dash, width. Strata go from dark and thick to pale and thin, and are named at their end.
STYLES = {
    "data": ("data", [1, 0], 1.5),
    "centre": ("ink", [1, 0], 2.5),
    "expected": ("ink", [6, 4], 1.75),
    "goal": ("target", [10, 4], 1.5),
    "s0": ("ink", [1, 0], 3.0),
    "s1": ("muted", [8, 3], 2.0),
    "s2": ("data", [1, 0], 1.5),
    "s3": ("limit", [5, 3], 1.75),
    "s4": ("favourable", [1, 0], 2.25),
}
STRATA = ("s0", "s1", "s2", "s3", "s4")
SETS: dict[str, tuple[str, ...]] = {
    "lines": ("date", "y", "line", "style"),
    "bands": ("date", "low", "high", "line"),
    "points": ("date", "y", "kind", "shown", "period", "note", "numerator", "denominator", "centre", "limits"),
    "ticks": ("y", "shown"),
    "heads": ("y", "text"),
    "ends": ("y", "text", "brief"),
    "edges": ("date", "text"),
}


@dataclass
class Canvas:
    """The data sets of a picture while it is made, and the days its time axis spans.

    Args:
        lanes: how many lanes there are.
        span: the time axis in days since 1970.
    """

    lanes: int
    span: tuple[float, float]
    data: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in SETS})

    def lane(self, at: int, head: str, held: Sequence[float], percentage: bool = False) -> Lane:
        """A new lane, counted from 0 at the top, whose scale holds these levels."""
        one = Lane(self, at, strokes.value_domain(held, percentage), *((FILL, FOOT) if head else (1.0, 0.0)))
        self.data["heads"] += [{"y": at + 0.06, "text": head}] if head else []
        unit = "%" if percentage else ""
        levels = strokes.ticks(one.scale) if head else strokes.ticks(one.scale, (6,))
        self.data["ticks"] += [{"y": one.place(level), "shown": words + unit} for level, words in levels]
        return one

    def edge(self, day: float, text: str) -> None:
        """A date at which something was changed."""
        self.data["edges"].append({"date": strokes.iso(day), "text": text})

    def sets(self) -> dict[str, Columns]:
        """The data sets as columns, each with all its fields."""
        return {name: {one: [row.get(one) for row in self.data[name]] for one in SETS[name]} for name in SETS}

    def params(self, **own: Any) -> dict[str, Any]:
        """The time axis, and further parameters."""
        low, high = (round(end * DAY) for end in self.span)
        return {"xLow": low, "xHigh": high, **own}


@dataclass(frozen=True)
class Lane:
    """One lane of a canvas."""

    canvas: Canvas
    at: int
    scale: tuple[float, float]
    fill: float
    foot: float

    def place(self, value: float | None) -> float | None:
        """Where a value stands in the picture; nothing stays nothing."""
        if value is None or not known(value):
            return None
        low, high = self.scale
        return self.at + 1 - self.foot - self.fill * (float(value) - low) / (high - low)

    def line(self, days: Sequence[float], values: Sequence[Any], style: str, name: str = "") -> None:
        """A line through values; it breaks where one is missing."""
        line = f"{self.at}-{name or style}"
        self.canvas.data["lines"] += [
            {"date": strokes.iso(day), "y": self.place(value), "line": line, "style": style}
            for day, value in zip(days, values, strict=True)
        ]

    def band(self, days: Sequence[float], lows: Sequence[Any], highs: Sequence[Any]) -> None:
        """The room between two lines."""
        self.canvas.data["bands"] += [
            {"date": strokes.iso(day), "low": self.place(low), "high": self.place(high), "line": str(self.at)}
            for day, low, high in zip(days, lows, highs, strict=True)
        ]

    def points(self, days: Sequence[float], values: Sequence[Any], **words: Sequence[Any]) -> None:
        """Points with the words of their tooltips (``shown, period, note, …``) and their ``kind``."""
        plain = {"kind": "none", **dict.fromkeys(SETS["points"][3:], "")}
        for i, (day, value) in enumerate(zip(days, values, strict=True)):
            given = {name: column[i] for name, column in words.items()}
            row = {**plain, **given, "date": strokes.iso(day), "y": self.place(value)}
            self.canvas.data["points"] += [row] if row["y"] is not None else []

    def end(self, value: float | None, text: str, brief: str = "") -> None:
        """Words at the right end, at the height of a value, in brief where room is scarce; ``settle`` spreads them."""
        place = self.place(value)
        self.canvas.data["ends"] += [] if place is None else [{"y": place, "text": text, "brief": brief or text}]


def settle(canvas: Canvas, height: float) -> None:
    """Spread the words at the right end apart; ``height`` of a lane in pixels."""
    ends = canvas.data["ends"]
    places = strokes.spread([one["y"] for one in ends], strokes.LINE / height)
    for one, place in zip(ends, places, strict=True):
        one["y"] = place


def key(kinds: dict[str, str]) -> dict[str, Any]:
    """The parameters of the legend of points."""
    return {"kinds": list(kinds), "words": kinds, "wide": strokes.key_width(kinds.values()), "mark": 60}


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def template(lanes: int, height: int, signals: bool = False) -> Spec:
    """The Vega-Lite template for so many lanes of a height in pixels; ``signals``: points have kinds and a legend."""
    drawing = alt.layer(*_layers(lanes, height, signals)).properties(width="container", height=lanes * height)
    names = ("xLow", "xHigh", "room", "made", *(("kinds", "words", "wide", "mark") if signals else ()))
    return ink.dressed(drawing, [one for one in ink.params() if one.name in names])


def _layers(lanes: int, height: int, signals: bool) -> list[Any]:
    named = {name: alt.Chart(alt.NamedData(name=name)) for name in SETS}
    scale = alt.Scale(domain=[lanes, 0], nice=False, zero=False)
    write: dict[str, Any] = {"baseline": "middle", "fontSize": 13, **SILENT}
    breaks: dict[str, Any] = {"invalid": "break-paths-filter-domains", **SILENT}

    def up(name: str) -> Any:
        return alt.Y(f"{name}:Q", scale=scale, axis=None)

    def by(kind: Any, place: int) -> Any:
        values = [COLOUR[one[0]] if place == 0 else one[place] for one in STYLES.values()]
        return kind("style:O", scale=alt.Scale(domain=list(STYLES), range=values), legend=None)

    lines = named["lines"].mark_line(**breaks)
    words = named["edges"].mark_text(align="left", dx=5, y=-8, color=COLOUR["ink"], **write)
    return [
        named["bands"]
        .mark_area(color=COLOUR["band"], **SILENT)
        .encode(ink.time_axis(), up("low"), alt.Y2("high"), alt.Detail("line:N")),
        named["ticks"].mark_rule(color=COLOUR["grid"], x=0, x2=alt.ExprRef("width"), **SILENT).encode(up("y")),
        named["ticks"].mark_text(align="right", x=-7, color=COLOUR["muted"], **write).encode(up("y"), text="shown:N"),
        named["edges"]
        .mark_rule(color=COLOUR["muted"], strokeWidth=1, y=0, y2=lanes * height, **SILENT)
        .encode(ink.when()),
        words.encode(ink.when(), text="text:N"),
        lines.encode(
            ink.when(), up("y"), alt.Detail("line:N"), by(alt.Color, 0), by(alt.StrokeDash, 1), by(alt.StrokeWidth, 2)
        ),
        _points(named["points"], up("y"), signals),
        named["heads"]
        .mark_text(align="left", x=0, fontWeight=600, limit=alt.ExprRef("width"), color=COLOUR["ink"], **write)
        .encode(up("y"), text="text:N"),
        named["ends"]
        .mark_text(
            align="left", dx=8, text=alt.ExprRef("room < 700 ? datum.brief : datum.text"), color=COLOUR["ink"], **write
        )
        .encode(up("y"), x=alt.value("width")),
    ]


def _points(points: Any, up: Any, signals: bool) -> Any:
    if signals:
        return ink.marks(points, ink.when(), up, "mark")
    tooltip = alt.ExprRef(f"{{title: datum.period, {labels.TOOLTIP['value']!r}: datum.shown + ' ' + datum.note}}")
    size = alt.ExprRef("datum.kind == 'none' ? 22 : 95")
    shape = {"shape": alt.ExprRef("datum.kind == 'none' ? 'circle' : 'diamond'")}
    return points.mark_point(
        filled=True, opacity=1, size=size, color=COLOUR["ink"], tooltip=tooltip, **shape, **SILENT
    ).encode(ink.when(), up)

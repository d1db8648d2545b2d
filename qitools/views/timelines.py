"""A few lines in time on one scale, each with its own dash, shape and name, over a band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qitools.views import charts, ink, strokes
from qitools.views.figure import Spec
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import known
from qitools.views.strokes import HEIGHT
from qitools.views.subjects import Columns

# role: shape, filling, outline, dash. A line is told by its dash and shape, never by its colour alone.
ROLES = {
    "r0": ("circle", "ink", "ink", [1, 0]),
    "r1": ("diamond", "paper", "limit", [7, 4]),
    "r2": ("square", "paper", "neutral", [2, 3]),
    "r3": ("triangle-up", "paper", "muted", [10, 3, 2, 3]),
    "r4": ("cross", "paper", "favourable", [4, 2]),
    "r5": ("triangle-down", "paper", "unfavourable", [12, 4]),
}
MOST = len(ROLES)  # lines that can be told apart


def points(lines: Sequence[Sequence[Mapping[str, Any]]]) -> Columns:
    """The data set ``points`` of some lines, each of rows with ``day, value, period, shown`` (the value in words)."""
    rows = [(f"r{i}", row) for i, line in enumerate(lines[:MOST]) for row in line if known(row["value"])]
    return {
        "date": [strokes.iso(row["day"]) for _, row in rows],
        "role": [role for role, _ in rows],
        **{name: [row[name] for _, row in rows] for name in ("value", "period", "shown")},
    }


def params(drawn: Columns, names: Sequence[str], levels: Sequence[float], measure: Mapping[str, Any]) -> dict[str, Any]:
    """The scales and the key of a picture; ``names`` of the lines, ``levels`` that the value axis must hold too."""
    days: list[int] = np.asarray(drawn["date"], "datetime64[D]").astype(int).tolist()
    words = {f"r{i}": name for i, name in enumerate(names[:MOST])}
    scale = strokes.value_domain([*drawn["value"], *levels], False)
    return {
        **charts.axes((min(days) - 20, max(days) + 20), scale, measure),
        "kinds": list(words),
        "words": words,
        "wide": strokes.key_width(words.values()),
    }


@kept
def template() -> Spec:
    """The Vega-Lite template: data sets ``points`` and ``band`` (``date, low, high``)."""
    return ink.dressed(alt.layer(*_layers()).properties(width="container", height=HEIGHT), ink.params())


def _layers() -> list[Any]:
    base, band = alt.Chart(alt.NamedData(name="points")), alt.Chart(alt.NamedData(name="band"))
    shapes, fills, outlines, dashes = (list(column) for column in zip(*ROLES.values(), strict=True))

    def by(channel: Any, values: list[Any], key: Any = None) -> Any:
        return channel("role:N", scale=alt.Scale(domain=list(ROLES), range=values), legend=key)

    ends = [COLOUR[name] for name in outlines]
    tooltip = alt.ExprRef("{title: datum.period, value: words[datum.role] + ': ' + datum.shown}")
    marks = base.mark_point(opacity=1, strokeWidth=1.5, size=45, tooltip=tooltip, **SILENT)
    key = ink.legend()
    # Named the other way round: Vega-Lite would draw two scales of one domain in one legend, and dash its signs.
    turned = alt.Scale(domain=list(ROLES)[::-1], range=dashes[::-1])
    dash = alt.StrokeDash("role:N", scale=turned, legend=None)
    return [
        band.mark_area(color=COLOUR["band"], **SILENT).encode(ink.time_axis(), ink.value_axis("low"), alt.Y2("high")),
        base.mark_line(strokeWidth=2, **SILENT).encode(
            ink.time_axis(), ink.value_axis("value"), by(alt.Stroke, ends, key), dash
        ),
        marks.encode(
            ink.when(),
            ink.at("value"),
            by(alt.Shape, shapes, key),
            by(alt.Fill, [COLOUR[name] for name in fills], key),
            by(alt.Stroke, ends, key),
        ),
    ]

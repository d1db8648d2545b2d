"""Shares as bars that lie, each named above itself; beside them the shares of another time, or of all so far."""

from __future__ import annotations

from typing import Any

from qitools.views import ink
from qitools.views.figure import Spec
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept

STEP = 48  # pixels a row
LEFT = "width - 7.4 * length(datum.shown) - 14"  # pixels for a name, beside its words
FIELDS = ("row", "name", "share", "shown", "beside", "vital")


@kept
def template(rows: int, joined: bool) -> Spec:
    """The Vega-Lite template for so many rows of shares from 0 to 100; ``joined``: those beside are one line."""
    base = alt.Chart(alt.NamedData(name="bars"))
    row = alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    axis = alt.Axis(labelExpr="datum.value + '%'", tickCount=6, grid=True, gridColor=COLOUR["grid"])
    across = alt.X("share:Q", scale=alt.Scale(domain=[0, alt.ExprRef("most")], nice=False), axis=axis)
    other = alt.X("beside:Q")
    fill = alt.condition("datum.vital", alt.value(COLOUR["limit"]), alt.value(COLOUR["sent"]))
    low: dict[str, Any] = {"yOffset": 9, **SILENT}
    tooltip = alt.ExprRef("{title: datum.name, ' ': datum.shown}")
    right: dict[str, Any] = {"align": "right", "dy": -13, "fontSize": 13, "x": alt.ExprRef("width"), **SILENT}
    shown = row, alt.Text("shown:N")
    beside = base.transform_filter("isValid(datum.beside)")
    line = [beside.mark_line(color=COLOUR["ink"], strokeWidth=1.5, **low).encode(other, row, order="row:Q")]
    layers = [
        base.mark_bar(size=17, tooltip=tooltip, **low).encode(across, row, color=fill),
        *(line if joined else []),
        beside.mark_point(shape="diamond", size=95, filled=False, strokeWidth=2, color=COLOUR["ink"], **low).encode(
            other, row
        ),
        base.mark_text(
            align="left", dy=-13, fontSize=13, fontWeight=600, color=COLOUR["ink"], limit=alt.ExprRef(LEFT), **SILENT
        ).encode(row, alt.Text("name:N"), x=alt.value(0)),
        # A halo first: the line of shares so far ends where these words stand.
        base.mark_text(stroke=COLOUR["paper"], strokeWidth=6, **right).encode(*shown),
        base.mark_text(color=COLOUR["ink"], **right).encode(*shown),
    ]
    drawing = alt.layer(*layers).properties(width="container", height=STEP * rows)
    kept_ = [one for one in ink.params() if one.name == "room"]
    return ink.dressed(drawing, [*kept_, alt.param(name="most", value=100)])

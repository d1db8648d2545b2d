"""The driver diagram: aim, drivers and change ideas, every box with the measured state of what it links to.

State is told three times over: by the words in the box, by a sign and by its colour. ``trees`` says where the boxes
stand, for three widths of page; the picture draws those for its own. The outline twin, a nested list with the same
words, is for who listens or prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from qitools.analysis import drivers as diagram
from qitools.views import charts, ink, strokes, trees, wording_drivers
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.subjects import Columns, Row, records
from qitools.views.trees import LINE, WIDTHS, Box

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# State: shape, filling and outline of its sign; the last also colours the edge of the box.
SIGNS = {
    "sustained": ("triangle-up", "favourable", "favourable"),
    "ended": ("diamond", "paper", "favourable"),
    "improving": ("triangle-up", "paper", "favourable"),
    "worsening": ("square", "unfavourable", "unfavourable"),
    "tested": ("circle", "data", "data"),
    "untested": ("circle", "paper", "data"),
    "unmeasured": ("M-0.9,0H0.9", "paper", "data"),
}
COLUMNS = (
    Column("path", "Aim, drivers and change ideas"),
    Column("what", "What it is"),
    Column("note", "What is known"),
    Column("also", "Also serves"),
)
DASHED = "untested", "unmeasured"  # their boxes have a broken outline


@dataclass(frozen=True)
class Diagram(Figure):
    """A figure with its outline twin: nested lists, read by screen readers and printed."""

    outline: str = ""

    def _repr_html_(self) -> str:
        return super()._repr_html_() + self.outline

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        data, about = super()._repr_mimebundle_(include, exclude)
        return {**data, "text/html": data["text/html"] + self.outline}, about


def drivers(analysis: Analysis) -> Diagram:
    """The driver diagram with the state of every node.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        A ``Figure`` of kind ``drivers`` with its outline; its table has one row a node.

    Raises:
        DataError: a team that is the total of the others.
    """
    found = diagram.tree(analysis)
    rows = [{**row, "note": wording_drivers.node(row)} for row in records(found.nodes)]
    edges = records(found.edges)
    shown = view(rows, edges, analysis.method) if rows else _lacking()
    figure = build("drivers", template(), [shown])
    return Diagram(**vars(figure), outline=outline(rows, edges))


def view(rows: Sequence[Row], edges: Sequence[Row], method: Mapping[str, Any]) -> View:
    """What a tree shows, at each of the three widths."""
    states = [state for state in SIGNS if any(row["state"] == state for row in rows)]
    words = {state: wording_drivers.STATES[state] for state in states}
    placed = {layout: trees.arrange(rows, edges, layout) for layout in WIDTHS}
    return View(
        title=wording_drivers.drivers_title(rows),
        subtitle=charts.subtitle(wording_drivers.drivers_subtitle(method), method),
        sentence=wording_drivers.drivers_sentence(rows, method),
        data={
            "boxes": _joined(placed, lambda boxes, layout: _boxes(rows, boxes)),
            "edges": _joined(placed, lambda boxes, layout: _edges(edges, boxes, layout)),
            "words": _joined(placed, lambda boxes, layout: _words(boxes)),
            "nodes": _table(rows, edges),
        },
        table=("nodes", wording_drivers.CAPTION, COLUMNS),
        params={"kinds": states, "words": words, "wide": strokes.key_width(words.values())},
    )


def _lacking() -> View:
    """What stands where nobody has given a tree."""
    return replace(nothing(()), sentence=wording_drivers.NO_TREE)


def _joined(placed: Mapping[str, Mapping[str, Box]], make: Any) -> Columns:
    """One data set of all layouts, each row with the name of its own."""
    parts = {layout: make(boxes, layout) for layout, boxes in placed.items()}
    names = next(iter(parts.values())).keys()
    joined = {name: [cell for part in parts.values() for cell in part[name]] for name in names}
    sizes = {layout: len(next(iter(part.values()))) for layout, part in parts.items()}
    return {"layout": [layout for layout, size in sizes.items() for _ in range(size)], **joined}


def _boxes(rows: Sequence[Row], boxes: Mapping[str, Box]) -> Columns:
    placed = [boxes[row["node"]] for row in rows]
    return {
        "left": [round(box.left, 4) for box in placed],
        "right": [round(box.right, 4) for box in placed],
        "top": [box.top for box in placed],
        "bottom": [box.bottom for box in placed],
        "sign": [box.top + trees.PADDING / 2 + len(box.name) + 0.5 for box in placed],
        "kind": [row["state"] for row in rows],
        "dashed": [row["state"] in DASHED for row in rows],
        "name": [row["name"] for row in rows],
        "note": [row["note"] for row in rows],
        "what": [wording_drivers.kind(row) for row in rows],
    }


def _edges(edges: Sequence[Row], boxes: Mapping[str, Box], layout: str) -> Columns:
    """Each edge as the corners of an elbow from the right of the parent to the left of the node."""
    rows = []
    for i, edge in enumerate(edges):
        one, two = boxes[edge["parent"]], boxes[edge["node"]]
        if one.right < two.left:
            turn = one.right + trees.GAP * (0.5 if edge["first"] else 0.62 + 0.3 * i / len(edges))
            start, end = _middle(one), _middle(two)
            rows += [(i, one.right, start), (i, turn, start), (i, turn, end), (i, two.left, end)]
        elif edge["first"]:  # stacked: down from the parent, then in
            turn = one.left + trees.INDENT / 3
            rows += [(i, turn, one.bottom), (i, turn, _middle(two)), (i, two.left, _middle(two))]
    return {
        "edge": [i for i, _, _ in rows],
        "x": [round(x, 4) for _, x, _ in rows],
        "y": [y for _, _, y in rows],
        "corner": list(range(len(rows))),
        "dashed": [not edges[i]["first"] for i, _, _ in rows],
    }


def _middle(box: Box) -> float:
    return (box.top + box.bottom) / 2


def _words(boxes: Mapping[str, Box]) -> Columns:
    """Every line of words in its place; the state is set in by its sign."""
    rows = [
        (box.left, box.right - box.left, box.top + trees.PADDING / 2 + 0.5 + i, text, i >= len(box.name))
        for box in boxes.values()
        for i, text in enumerate([*box.name, *box.note])
    ]
    names = ("x", "room", "y", "text", "quiet")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _table(rows: Sequence[Row], edges: Sequence[Row]) -> Columns:
    """One row a node, set in by its level."""
    also = _also(rows, edges)
    return {
        "path": [f"{'– ' * int(row['depth'])}{row['name']}" for row in rows],
        "what": [wording_drivers.kind(row) for row in rows],
        "note": [row["note"] for row in rows],
        "also": [", ".join(also.get(row["node"], ())) for row in rows],
    }


def _also(rows: Sequence[Row], edges: Sequence[Row]) -> dict[str, list[str]]:
    """The names of the parents of a node besides the one it stands under."""
    names = {row["node"]: str(row["name"]) for row in rows}
    also: dict[str, list[str]] = {}
    for edge in edges:
        if not edge["first"]:
            also.setdefault(edge["node"], []).append(names[edge["parent"]])
    return also


def outline(rows: Sequence[Row], edges: Sequence[Row]) -> str:
    """The tree as nested lists: heard by a screen reader and printed, not seen on the page; all words escaped.

    >>> outline([{"node": "a", "kind": "aim", "level": 0, "depth": 0, "name": "<b>", "note": "Not measured"}], [])
    '<div class="qi-outline"><ul><li>Aim: &lt;b&gt;. Not measured</li></ul></div>'
    """
    if not rows:
        return ""
    also, parts, depth = _also(rows, edges), [], -1
    for row in rows:
        parts.append("<ul>" if row["depth"] > depth else "</li>" + "</ul></li>" * (depth - row["depth"]))
        depth = int(row["depth"])
        more = f" {wording_drivers.ALSO.format(names=', '.join(also[row['node']]))}" if row["node"] in also else ""
        parts.append("<li>" + escape(f"{wording_drivers.kind(row)}: {row['name']}. {row['note']}{more}"))
    return f'<div class="qi-outline">{"".join(parts)}</li>{"</ul></li>" * depth}</ul></div>'


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def template() -> Spec:
    """The Vega-Lite template: a plot of no height of its own, over which boxes, edges and words stand in rows."""
    drawing = alt.layer(*_layers()).properties(width="container", height=1)
    own = [one for one in ink.params() if one.name in ("kinds", "words", "wide", "room")]
    return ink.dressed(drawing, own)


def _named(name: str) -> Any:
    """A data set, of which the rows of the widest layout that fits are kept."""
    fitting = "''"
    for layout, least in WIDTHS.items():
        fitting = f"room >= {least} ? '{layout}' : {fitting}" if fitting != "''" else f"'{layout}'"
    return alt.Chart(alt.NamedData(name=name)).transform_filter(f"datum.layout == ({fitting})")


def _x(field: str) -> Any:
    return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False, zero=False))


def _y(field: str) -> Any:
    """Rows as pixels from the top; a plot may have any number of them."""
    return alt.Y(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, 1], range=[0, LINE], nice=False, zero=False))


def _layers() -> list[Any]:
    boxes, edges, words = (_named(name) for name in ("boxes", "edges", "words"))
    dash = alt.StrokeDash("dashed:N", scale=alt.Scale(domain=[False, True], range=[[1, 0], [4, 3]]), legend=None)
    elbows = edges.mark_line(color=COLOUR["data"], strokeWidth=1, **SILENT)
    return [
        elbows.encode(_x("x"), _y("y"), dash, alt.Detail("edge:N"), alt.Order("corner:Q")),
        *_marks(boxes, dash),
        *(_lines(words, quiet) for quiet in (False, True)),
    ]


def _marks(boxes: Any, dash: Any) -> list[Any]:
    """The boxes and their signs, with the one key of the states present."""
    shapes, fills, outlines = (list(column) for column in zip(*SIGNS.values(), strict=True))
    key = ink.legend(offset=34)  # below the boxes, which hang over the plot

    def by(kind: Any, values: Iterable[Any]) -> Any:
        return kind("kind:N", scale=alt.Scale(domain=list(SIGNS), range=list(values)), legend=key)

    tooltip = alt.ExprRef("{title: datum.what + ': ' + datum.name, 'What is known': datum.note}")
    fill, stroke = (by(kind, map(COLOUR.get, names)) for kind, names in ((alt.Fill, fills), (alt.Stroke, outlines)))
    frame = boxes.mark_bar(fill=COLOUR["paper"], strokeWidth=1.5, cornerRadius=3, tooltip=tooltip, **SILENT)
    sign = boxes.mark_point(size=95, strokeWidth=2, opacity=1, xOffset=15, **SILENT)
    return [
        frame.encode(_x("left"), _y("top"), stroke, dash, x2="right", y2="bottom"),
        sign.encode(_x("left"), _y("sign"), by(alt.Shape, shapes), fill, stroke),
    ]


def _lines(words: Any, quiet: bool) -> Any:
    """The lines of the names, or, quieter and beside the sign, of what is known."""
    look = {"dx": 27, "fontSize": 12.5, "color": COLOUR["muted"]} if quiet else {"dx": 10, "fontSize": 13}
    limit = alt.ExprRef(f"datum.room * width - {32 if quiet else 14}")
    weight = {"fontWeight": 400} if quiet else {"fontWeight": 600, "color": COLOUR["ink"]}
    text = words.transform_filter("datum.quiet" if quiet else "!datum.quiet").mark_text(
        align="left", baseline="middle", limit=limit, **look, **weight, **SILENT
    )
    return text.encode(_x("x"), _y("y"), alt.Text("text:N"))

"""Where the boxes of a driver diagram stand: a layered layout, computed here so that the page only draws.

Columns from the aim on the left to the change ideas on the right; the boxes below a node take a band of rows of their
own, so that no two boxes can touch and no edge of the reading order crosses a box. On a narrow page, or with more
columns than a page holds, the same boxes stand under one another, indented. Rows are units of one line of words.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
LINE = 15  # height of a row, in pixels
NAME, NOTE = 8.0, 7.0  # mean width of a letter, bold and plain, in a wide typeface, in pixels
GAP, AIR = 0.035, 0.45  # between columns, as a share of the width; between boxes, in rows
NAME_INSET, NOTE_INSET = 16, 34  # of the words in a box, both sides together, in pixels; the note stands by a sign
INDENT = 0.035  # a level in the narrow layout, as a share of the width
MOST_COLUMNS = 5
PADDING = 0.6  # rows of a box without words
# Name of a layout: the least width of a page for it, in pixels, which is also what its words are wrapped for.
WIDTHS = {"narrow": 320, "paper": 660, "wide": 980, "broad": 1240}


@dataclass(frozen=True)
class Box:
    """One node in its place: left and right as shares of the width, top and bottom in rows, its words as lines."""

    node: str
    left: float
    right: float
    top: float
    bottom: float
    name: tuple[str, ...]
    note: tuple[str, ...]


def arrange(nodes: Sequence[Row], edges: Sequence[Row], layout: str) -> dict[str, Box]:
    """The box of every node.

    Args:
        nodes: rows with ``node, kind, level, depth, name, note``, in reading order.
        edges: rows with ``parent, node, first``.
        layout: a name in ``WIDTHS``.

    Returns:
        Boxes by node, in reading order; none touches another.

    >>> aim = {"node": "a", "kind": "aim", "level": 0, "depth": 0, "name": "Fewer falls", "note": "Not measured"}
    >>> idea = {"node": "b", "kind": "idea", "level": 1, "depth": 1, "name": "Huddle", "note": "Tested once"}
    >>> boxes = arrange([aim, idea], [{"parent": "a", "node": "b", "first": True}], "wide")
    >>> boxes["a"].right < boxes["b"].left, boxes["a"].top == boxes["b"].top
    (True, True)
    """
    columns = _columns(nodes)
    if layout == "narrow" or max(columns.values(), default=0) >= MOST_COLUMNS:
        return _stacked(nodes, WIDTHS[layout])
    return _in_columns(nodes, edges, columns, WIDTHS[layout])


def wrapped(words: str, width: float, letter: float) -> tuple[str, ...]:
    """Words in lines that fit a width, both in pixels.

    >>> wrapped("Every patient assessed", 100, 7.0)
    ('Every patient', 'assessed')
    """
    return tuple(textwrap.wrap(" ".join(str(words).split()), max(8, int(width / letter)))) or ("",)


def _columns(nodes: Sequence[Row]) -> dict[str, int]:
    """The column of each node: its level, and the last of all for change ideas."""
    last = max((int(row["level"]) for row in nodes), default=0)
    return {row["node"]: last if row["kind"] == "idea" else int(row["level"]) for row in nodes}


def _box(row: Row, left: float, right: float, pixels: float) -> Box:
    """A box at the top of the page, as high as its words."""
    wide = (right - left) * pixels
    name, note = wrapped(row["name"], wide - NAME_INSET, NAME), wrapped(row["note"], wide - NOTE_INSET, NOTE)
    return Box(row["node"], left, right, 0.0, len(name) + len(note) + PADDING, name, note)


def _moved(box: Box, top: float) -> Box:
    return Box(box.node, box.left, box.right, top, top + box.bottom - box.top, box.name, box.note)


def _stacked(nodes: Sequence[Row], pixels: float) -> dict[str, Box]:
    """The boxes under one another, each level further in; never further than half of the width."""
    boxes: dict[str, Box] = {}
    top = 0.0
    for row in nodes:
        box = _moved(_box(row, min(0.5, INDENT * int(row["depth"])), 1.0, pixels), top)
        boxes[box.node] = box
        top = box.bottom + AIR
    return boxes


def _in_columns(
    nodes: Sequence[Row], edges: Sequence[Row], columns: Mapping[str, int], pixels: float
) -> dict[str, Box]:
    """Each node in the middle of the band that it shares with all below it."""
    count = max(columns.values(), default=0) + 1
    wide = (1 - GAP * (count - 1)) / count
    lefts = {node: column * (wide + GAP) for node, column in columns.items()}
    flat = {row["node"]: _box(row, lefts[row["node"]], lefts[row["node"]] + wide, pixels) for row in nodes}
    below: dict[str, list[str]] = {node: [] for node in flat}
    for edge in edges:
        if edge["first"]:
            below[edge["parent"]].append(edge["node"])
    bands: dict[str, float] = {}
    for node in reversed(flat):  # children come after their parents in reading order
        bands[node] = max(flat[node].bottom + AIR, sum(bands[child] for child in below[node]))
    children = {child for nodes_ in below.values() for child in nodes_}
    tops: dict[str, float] = _from(0.0, [node for node in flat if node not in children], bands)
    for node in flat:
        spare = bands[node] - sum(bands[child] for child in below[node])
        tops |= _from(tops[node] + spare / 2, below[node], bands)
    return {node: _moved(box, tops[node] + (bands[node] - box.bottom) / 2) for node, box in flat.items()}


def _from(top: float, nodes: Sequence[str], bands: Mapping[str, float]) -> dict[str, float]:
    """The top of each band, one under another."""
    tops = {}
    for node in nodes:
        tops[node] = top
        top += bands[node]
    return tops

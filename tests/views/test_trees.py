"""The layout of the driver diagram: every box in its place, none over another, its words inside it."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qitools.analysis.drivers import levels, walk
from qitools.views import trees

NAMES = st.text(alphabet="abcde fghij", min_size=0, max_size=90)
# Each node but the first hangs under one or two of those before it.
PARENTS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.booleans(), NAMES, st.booleans()), max_size=40)


def laid(shape):
    """Rows of nodes and edges of a random diagram."""
    pairs, about = [("", "n0")], {"n0": ("aim", "The aim")}
    for i, (one, other, two, name, idea) in enumerate(shape, 1):
        drivers = [node for node, (kind, _) in about.items() if kind != "idea"]
        parents = {drivers[one % len(drivers)], *([drivers[other % len(drivers)]] if two else [])}
        pairs += [(parent, f"n{i}") for parent in sorted(parents)]
        about[f"n{i}"] = ("idea" if idea else "driver", name)
    depth, links = walk(pairs)
    level = levels(depth, links)
    rows = [
        {
            "node": node,
            "kind": about[node][0],
            "name": about[node][1],
            "note": "Not tested yet; no improvement overall yet",
        }
        | {"level": level[node], "depth": depth[node]}
        for node in depth
    ]
    return rows, [{"parent": parent, "node": node, "first": first} for parent, node, first in links]


@given(PARENTS, st.sampled_from(sorted(trees.WIDTHS)))
@settings(deadline=None, max_examples=100)
def test_no_box_touches_another_or_leaves_the_page(shape, layout):
    rows, edges = laid(shape)
    boxes = trees.arrange(rows, edges, layout)
    assert list(boxes) == [row["node"] for row in rows]
    for box in boxes.values():
        assert 0 <= box.left < box.right <= 1 + 1e-9
        assert 0 <= box.top < box.bottom
        assert box.bottom - box.top >= len(box.name) + len(box.note)
    for one, two in combinations(boxes.values(), 2):
        beside = one.right < two.left or two.right < one.left
        above = one.bottom < two.top or two.bottom < one.top
        assert beside or above, (one, two)


@given(PARENTS)
@settings(deadline=None, max_examples=60)
def test_in_columns_every_edge_goes_to_the_right(shape):
    rows, edges = laid(shape)
    boxes = trees.arrange(rows, edges, "broad")
    if max(row["level"] for row in rows) < trees.MOST_COLUMNS:
        assert all(boxes[edge["parent"]].right < boxes[edge["node"]].left for edge in edges)


@given(NAMES, st.floats(60, 900))
@settings(deadline=None)
def test_words_are_wrapped_and_none_is_lost(words, width):
    lines = trees.wrapped(words, width, 7.0)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert max(map(len, lines)) <= max(8, width / 7.0)


@pytest.mark.parametrize("layout", sorted(trees.WIDTHS))
def test_a_diagram_deeper_than_a_page_is_wide_stands_under_itself(layout):
    pairs = [("", "0"), *((str(i), str(i + 1)) for i in range(7))]
    depth, links = walk(pairs)
    rows = [{"node": n, "kind": "driver", "level": d, "depth": d, "name": n, "note": ""} for n, d in depth.items()]
    edges = [{"parent": parent, "node": node, "first": first} for parent, node, first in links]
    boxes = trees.arrange(rows, edges, layout)
    assert all(box.right == 1 for box in boxes.values())
    assert [box.left for box in boxes.values()] == sorted(box.left for box in boxes.values())

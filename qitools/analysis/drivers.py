"""The driver diagram as data: aim, drivers and change ideas, each with the measured state of what it links to.

A node's state is what the figures say of its own measure, all teams together, as on the pooled chart; where they say
nothing yet, whether anything has been tested for it. A node with two parents is one node with two edges. An edge that
would close a circle is left out, so that every walk ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.pdsa import cycles
from qitools.analysis.pooled import pool

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

STATES = ("unmeasured", "untested", "tested", "improving", "sustained", "ended", "worsening")
MOST = 0.5  # where rows are events nothing can be pooled: more than half of the teams speak for all
NODES = (
    "node",
    "kind",
    "level",
    "name",
    "measure",
    "state",
    "verdict",
    "strength",
    "variation",
    "over",
    "teams",
    "improved",
    "worsened",
    "tests",
    "adopted",
    "testing",
)


@dataclass(frozen=True, eq=False)
class Tree:
    """A driver diagram, in reading order.

    Args:
        nodes: ``node, kind, name, measure`` as in ``records.drivers``; ``level, depth`` (edges from the root: the most,
            and in reading order); ``state`` (one of ``STATES``); ``verdict, strength, variation, over`` (of all teams
            together, "" where not measured; over: its run has ended); ``teams, improved, worsened`` (teams with a
            verdict on the measure, and with which, at present); ``tests, adopted, testing`` (PDSA cycles for the node
            and all below it, those adopted, teams that tested).
        edges: ``parent, node, first`` (bool: the edge along which the node stands in reading order).
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame


def tree(analysis: Analysis) -> Tree:
    """The driver diagram of a collaborative with the state of every node.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        ``Tree``; empty tables where the collaborative has no drivers.

    Raises:
        DataError: a team that is the total of the others, as in ``pool``.
    """
    given = analysis.records.drivers
    labels = given.drop_duplicates("node").set_index("node")
    depth, edges = walk(list(zip(given["parent"], given["node"], strict=True)))
    level = levels(depth, edges)
    tested = _tests(analysis, labels, edges)
    read = {name: _read(analysis, name) for name in labels["measure"].unique() if name}
    rows = [_row(node, labels.loc[node].to_dict(), read, tested[node]) for node in depth]
    nodes = pd.DataFrame(rows, columns=list(NODES)).assign(level=list(level.values()), depth=list(depth.values()))
    return Tree(nodes, pd.DataFrame(edges, columns=["parent", "node", "first"]))


def walk(pairs: Sequence[tuple[str, str]]) -> tuple[dict[str, int], list[tuple[str, str, bool]]]:
    """Nodes in reading order with their depth, and the edges that close no circle.

    Args:
        pairs: (parent, node), in the order of the table; a parent that is no node itself counts as none.

    >>> walk([("", "aim"), ("aim", "a"), ("aim", "b"), ("a", "x"), ("b", "x"), ("x", "aim")])
    ({'aim': 0, 'a': 1, 'x': 2, 'b': 1}, [('aim', 'a', True), ('a', 'x', True), ('aim', 'b', True), ('b', 'x', False)])
    """
    known = dict.fromkeys(node for _, node in pairs)
    links = list(dict.fromkeys((parent, node) for parent, node in pairs if parent in known))
    below: dict[str, list[str]] = {node: [] for node in known}
    for parent, node in links:
        if not _reaches(below, node, parent):
            below[parent].append(node)
    served = {node for nodes in below.values() for node in nodes}
    order: dict[str, int] = {}
    edges: list[tuple[str, str, bool]] = []
    waiting = [("", node, 0) for node in reversed(known) if node not in served]
    while waiting:
        parent, node, level = waiting.pop()
        first = node not in order
        edges += [(parent, node, first)] if parent else []
        if first:
            order[node] = level
            waiting += [(node, child, level + 1) for child in reversed(below[node])]
    return order, edges


def levels(order: Mapping[str, int], edges: Sequence[tuple[str, str, bool]]) -> dict[str, int]:
    """How far to the right each node stands: one step beyond the rightmost of its parents.

    >>> levels({"aim": 0, "a": 1, "x": 1}, [("aim", "a", True), ("aim", "x", True), ("a", "x", False)])
    {'aim': 0, 'a': 1, 'x': 2}
    """
    found = dict.fromkeys(order, 0)
    for _ in order:  # as often as the longest way can be
        further = [(parent, node) for parent, node, _ in edges if found[node] <= found[parent]]
        for parent, node in further:
            found[node] = found[parent] + 1
        if not further:
            break
    return found


def _reaches(below: Mapping[str, Sequence[str]], start: str, end: str) -> bool:
    """Whether ``end`` is ``start`` or lies below it."""
    return end in _beneath(below, start)


def _beneath(below: Mapping[str, Sequence[str]], start: str) -> set[str]:
    """A node and all below it."""
    seen, waiting = {start}, [start]
    while waiting:
        new = [node for node in below.get(waiting.pop(), ()) if node not in seen]
        seen.update(new)
        waiting += new
    return seen


def _tests(analysis: Analysis, labels: pd.DataFrame, edges: Sequence[tuple[str, str, bool]]) -> dict[str, Any]:
    """The PDSA cycles of each node and all below it; a cycle counts once however many ways lead to it."""
    table = cycles(analysis)
    table = table[table["state"] != "planned"]
    ideas: dict[str, list[str]] = {}
    for node, label in labels.iterrows():
        if label["kind"] == "idea":
            ideas.setdefault(_folded(label["name"]), []).append(str(node))
    own: dict[str, set[int]] = {str(node): set() for node in labels.index}
    for place, (driver, idea) in enumerate(zip(table["driver"], table["idea"], strict=True)):
        for node in {driver, idea, *ideas.get(_folded(idea), ())} & set(own):
            own[node].add(place)
    below: dict[str, list[str]] = {}
    for parent, node, _ in edges:
        below.setdefault(parent, []).append(node)
    return {node: table.iloc[sorted(set().union(*(own[one] for one in _beneath(below, node))))] for node in own}


def _folded(words: str) -> str:
    return " ".join(str(words).casefold().split())


def _read(analysis: Analysis, measure: str) -> dict[str, Any]:
    """What the figures of a measure say: all teams together, and how many teams say what."""
    known = measure in set(analysis.measures["measure"].astype(str))
    series = analysis.series[analysis.series["measure"] == measure]
    told = series[(series["verdict"] != "too_few") & series["current"]]
    worsened = (told["verdict"] == "worsened") & told["signal_end"].isna()
    improved = told["verdict"] == "improved"
    counts = {"teams": len(told), "improved": int(improved.sum()), "worsened": int(worsened.sum())}
    if not known or series.empty:
        return counts
    pooled = pool(analysis, measure).analysis.series
    if pooled.empty:
        return {**counts, **_of_most(told, counts)}
    said = {name: str(pooled[name].iloc[0]) for name in ("verdict", "strength", "variation")}
    return {**counts, **said, "over": bool(pooled["signal_end"].notna().iloc[0])}


def _of_most(told: pd.DataFrame, counts: Mapping[str, int]) -> dict[str, str]:
    """The verdict of more than half of the teams, for measures that cannot be pooled."""
    verdict = next((code for code in ("improved", "worsened") if counts[code] > MOST * len(told)), "no_signal")
    return {"verdict": verdict if len(told) else "too_few", "strength": "", "variation": ""}


def _row(node: str, label: Mapping[Any, Any], read: Mapping[str, Any], tests: pd.DataFrame) -> dict[str, Any]:
    """One node and its state."""
    said = {"verdict": "", "strength": "", "variation": "", "over": False, "teams": 0, "improved": 0, "worsened": 0}
    said |= read.get(label["measure"], {})
    return {
        **{name: label[name] for name in ("kind", "name", "measure")},
        "node": node,
        **said,
        "state": state(str(label["kind"]), said, len(tests)),
        "tests": len(tests),
        "adopted": int((tests["state"] == "adopt").sum()),
        "testing": tests["team"].nunique(),
    }


def state(kind: str, said: Mapping[str, Any], tests: int) -> str:
    """The state of a node: what its measure says, else whether anything has been tested for it.

    Args:
        kind: aim, driver or idea.
        said: ``verdict, strength, variation, over`` of its measure, all teams together; verdict "" where it has none.
        tests: PDSA cycles for it and all below it.

    >>> state("driver", {"verdict": "improved"}, 0), state("driver", {"verdict": ""}, 3)
    ('sustained', 'unmeasured')
    >>> state("driver", {"verdict": "improved", "strength": "sustained", "over": True}, 0)
    'ended'
    """
    verdict = said["verdict"]
    if verdict == "improved":
        return "ended" if said.get("over") and said.get("strength") != "held" else "sustained"
    if verdict == "worsened" and not said.get("over"):
        return "worsening"
    if verdict == "candidate" and said.get("variation") == "improving":
        return "improving"
    if not verdict and kind != "idea":
        return "unmeasured"
    return "tested" if tests else "untested"

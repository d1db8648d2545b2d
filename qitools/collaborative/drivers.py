"""The driver diagram as a table: which node stands to the right of which.

The YAML nests boxes in boxes, as people draw them from left to right. A box that serves two others names the second in
``supports``; a box at the top that names any serves those only. A change idea written under two boxes is one node. What
cannot be drawn (a link that leads back to itself, to nothing, or a second box of one id) is told and left out, and the
rest is drawn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from qitools.collaborative.document import Document, Loc
from qitools.collaborative.parameters import Driver, Parameters
from qitools.collaborative.quality import Finding, noted
from qitools.collaborative.records import DRIVERS, typed_table
from qitools.errors import nearest

AIM = "aim"  # the node that all others serve


@dataclass
class Tree:
    """The nodes met so far, their links from left to right, and what was left out."""

    document: Document
    measures: list[str]
    nodes: dict[str, dict[str, str]] = field(default_factory=dict)  # node → kind, name, measure
    children: dict[str, list[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    drivers: dict[str, str] = field(default_factory=dict)  # id as the YAML writes it → node
    links: list[tuple[str, str, Loc]] = field(default_factory=list)  # node, id it supports, where that is said

    def add(self, wanted: str, kind: str, name: str, measure: str = "") -> str:
        """A new node, under the id wanted or, where that is taken, one like it."""
        node, more = wanted, 2
        while node in self.nodes:
            node, more = f"{wanted}-{more}", more + 1
        self.nodes[node] = {"kind": kind, "name": name, "measure": measure}
        self.children[node] = []
        return node

    def join(self, parent: str, node: str) -> None:
        if node not in self.children[parent]:
            self.children[parent].append(node)

    def leads_to(self, start: str, end: str) -> bool:
        """Whether ``end`` is ``start``, or stands somewhere to its right."""
        ahead, met = [start], {start}
        while ahead:
            new = set(self.children[ahead.pop()]) - met
            met |= new
            ahead += new
        return end in met

    def tell(self, loc: Loc, code: str, expected: str, hint: str = "") -> None:
        self.findings.append(noted(self.document.problem(loc, expected=expected, hint=hint, code=code)))


def driver_table(parameters: Parameters, document: Document) -> tuple[pd.DataFrame, list[Finding]]:
    """The diagram as rows, in the order in which it is read.

    Args:
        parameters: the collaborative.
        document: its YAML, for the places of what is told.

    Returns:
        node, parent ("" for the aim; a node with two parents stands in two rows), kind (aim, driver, idea), level
        (0 the aim; one more than the rightmost parent), name, measure; and findings.
    """
    tree = Tree(document, [one.id for one in parameters.measures])
    tree.findings += [noted(replace(loop, code="driver_loop")) for loc, loop in document.loops if loc[0] == "drivers"]
    if not parameters.drivers:
        return typed_table([], DRIVERS), tree.findings
    aim = parameters.aim
    tree.add(AIM, "aim", aim.statement if aim else parameters.title, aim.measure if aim else "")
    tree.drivers[AIM] = AIM
    _grow(tree, parameters.drivers, AIM, ("drivers",))
    _link(tree)
    return typed_table(list(_rows(tree)), DRIVERS), tree.findings


def slug(text: str) -> str:
    """An id made from a name.

    >>> slug("Bràigh: care before the fall")
    'braigh-care-before-the-fall'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "node"


def _grow(tree: Tree, drivers: tuple[Driver, ...], parent: str, loc: Loc) -> None:
    """The boxes of one list, each with its ideas and the boxes inside it."""
    for i, driver in enumerate(drivers):
        at = (*loc, i)
        node = tree.add(driver.id or slug(driver.name), "driver", driver.name, _measure(tree, driver, at))
        if driver.id and driver.id in tree.drivers:
            expected = f"each id once; this driver is drawn as {node!r}"
            tree.tell((*at, "id"), "duplicate_driver", expected)
        tree.drivers.setdefault(driver.id or node, node)
        tree.links += [(node, other, (*at, "supports", j)) for j, other in enumerate(driver.supports)]
        if not (parent == AIM and driver.supports):
            tree.join(parent, node)
        for idea in driver.ideas:
            tree.join(node, _idea(tree, idea))
        _grow(tree, driver.drivers, node, (*at, "drivers"))


def _measure(tree: Tree, driver: Driver, loc: Loc) -> str:
    if not driver.measure or driver.measure in tree.measures:
        return driver.measure
    hint = nearest(driver.measure, tree.measures)
    tree.tell((*loc, "measure"), "unknown_measure", "the id of a measure declared in this file", hint)
    return ""


def _idea(tree: Tree, text: str) -> str:
    """The node of a change idea: the one there is, where the same words stand under another driver."""
    same = (node for node, about in tree.nodes.items() if about["kind"] == "idea" and alike(about["name"], text))
    return next(same, "") or tree.add(slug(text), "idea", text)


def alike(one: str, other: str) -> bool:
    """Whether two texts say the same but for capitals and spaces."""
    return one.casefold().split() == other.casefold().split()


def _link(tree: Tree) -> None:
    """The links that ``supports`` adds; one that would lead back to itself is left out."""
    for node, other, loc in tree.links:
        parent = tree.drivers.get(other)
        if parent is None:
            known = list(tree.drivers)
            tree.tell(loc, "unknown_driver", "the id of a driver of this diagram", nearest(other, known))
        elif tree.leads_to(node, parent):
            way = "itself" if parent == node else f"{parent!r}, which already stands to its right"
            tree.tell(loc, "driver_loop", f"a driver to the left of {node!r}, not {way}")
        else:
            tree.join(parent, node)
    served = {child for children in tree.children.values() for child in children}
    for node in tree.nodes:
        if node != AIM and node not in served:  # all its links were left out
            tree.join(AIM, node)


def _rows(tree: Tree) -> Iterator[dict[str, Any]]:
    """A row for every link, node after node as the diagram is read."""
    levels = _levels(tree)
    yield {"node": AIM, "parent": "", "level": 0, **tree.nodes[AIM]}
    ahead, met = [(AIM, child) for child in reversed(tree.children[AIM])], {AIM}
    while ahead:
        parent, node = ahead.pop()
        yield {"node": node, "parent": parent, "level": levels[node], **tree.nodes[node]}
        if node not in met:
            met.add(node)
            ahead += [(node, child) for child in reversed(tree.children[node])]


def _levels(tree: Tree) -> dict[str, int]:
    """How far to the right each node stands: one step beyond the rightmost of its parents."""
    levels = dict.fromkeys(tree.nodes, 0)
    for _ in tree.nodes:  # as often as the longest way can be
        for parent, children in tree.children.items():
            for child in children:
                levels[child] = max(levels[child], levels[parent] + 1)
    return levels

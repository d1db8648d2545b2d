"""What collaboratives share with each other, gathered for the index: offers, asks, change ideas and what was learnt.

Each report about all teams leaves its part in ``summary.json``; here they are laid under one another, the same number
of each where all would be too many for one page, so that no large collaborative crowds out the small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST = 1_200  # rows of the index; beyond it the page would be slow to search on an old laptop
LEAST = 5  # rows of each collaborative, however many there are
KINDS = {"offer": "Offer", "ask": "Ask", "result": "Idea, with what was learnt", "idea": "Idea"}
FIELDS = ("kind", "team", "text", "measure", "result", "date")


@dataclass(frozen=True)
class Shared:
    """The rows of the index, how many there are in all, and the page each comes from."""

    rows: tuple[Mapping[str, str], ...]
    total: int


def gather(reports: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Shared:
    """Lay what collaboratives share under one another, in the order given.

    Args:
        reports: title, page and ``summary.json`` of each collaborative's report about all teams.

    >>> one = {"shared": [{"kind": "offer", "text": "Night rounds", "date": "2026-01-01"}], "shared_total": 3}
    >>> found = gather([("Falls", "falls.html", one)])
    >>> found.rows[0]["words"], found.rows[0]["title"], found.total
    ('Offer', 'Falls', 3)
    """
    found = [(title, page, summary, _rows(summary)) for title, page, summary in reports]
    each = max(LEAST, MOST // max(1, sum(bool(rows) for *_, rows in found)))
    rows = tuple(
        {
            **row,
            "title": title,
            "page": page,
            "words": KINDS[row["kind"]],
            "simulated": str(summary.get("simulated", "")),
        }
        for title, page, summary, own in found
        for row in own[:each]
    )
    return Shared(rows, sum(max(len(own), int(summary.get("shared_total") or 0)) for *_, summary, own in found))


def _rows(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    """The rows of one summary whose kind is known, every field there and in words."""
    given = summary.get("shared") or []
    return [{name: str(row.get(name) or "") for name in FIELDS} for row in given if row.get("kind") in KINDS]

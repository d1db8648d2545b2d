"""The agendas of the learning sessions: what the YAML says, else the usual one, in proportion to the time there is.

Titles that are "" stand for the usual words of their section, which live where words live.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from qitools.collaborative.document import Document
from qitools.collaborative.parameters import Item, Parameters, Session
from qitools.collaborative.quality import Finding, noted
from qitools.collaborative.records import AGENDA, SESSIONS, typed_table

Minutes = dict[str, int]  # section → minutes, in order
USUAL: Minutes = {
    "welcome": 5,
    "since": 15,
    "changing": 15,
    "stories": 25,
    "break": 10,
    "talk": 20,
    "next_test": 20,
    "commitments": 5,
    "close": 5,
}
SHORT: Minutes = {"changing": 10, "stories": 5, "commitments": 5}  # what is left of it where time is short
LEAST = 30  # minutes up to which a session is short
ROUND = 90  # minutes from which items are rounded to five minutes


def session_tables(parameters: Parameters, document: Document) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """The sessions and their agendas.

    Args:
        parameters: the collaborative.
        document: its YAML, for the places of what is told.

    Returns:
        Sessions: date, name, minutes (of the agenda, or 120, where the YAML says none), oldest first. Agenda: session
        (its name), position (1, 2, …), title ("" means the usual words of the section), minutes (0: not said), section.
        Findings: agendas that take longer than their session.
    """
    rows = [{"date": one.date, "name": one.name, "minutes": _minutes(one)} for one in parameters.sessions]
    sessions = typed_table(rows, SESSIONS).sort_values("date", ignore_index=True, kind="stable")
    by_name = {one.name: one for one in parameters.sessions}
    items = [item for name in sessions["name"] for item in _items(by_name[name])]
    return sessions, typed_table(items, AGENDA), list(_too_long(parameters, document))


def usual(minutes: int) -> Minutes:
    """The usual agenda, in proportion to the minutes there are.

    >>> usual(20)
    {'changing': 10, 'stories': 5, 'commitments': 5}
    >>> sum(usual(95).values())
    95
    """
    plan = SHORT if minutes <= LEAST else USUAL
    whole = sum(plan.values())
    if minutes > whole and plan is SHORT:
        return dict(plan)
    step = 5 if minutes >= ROUND and minutes % 5 == 0 else 1
    exact = {section: share * minutes / whole / step for section, share in plan.items()}
    given = {section: max(1, int(share)) for section, share in exact.items()}
    left = round(minutes / step) - sum(given.values())
    for section in sorted(exact, key=lambda one: given[one] - exact[one])[: max(left, 0)]:
        given[section] += 1
    return {section: share * step for section, share in given.items()}


def _minutes(session: Session) -> int:
    said = sum(_length(item) for item in session.agenda)
    return session.minutes or said or sum(USUAL.values())


def _length(item: Item) -> int:
    """The minutes of an item; where only its section is said, those that it usually takes."""
    return item.minutes or (0 if item.title else USUAL[item.section or "welcome"])


def _items(session: Session) -> Iterator[dict[str, Any]]:
    agenda: list[tuple[str, int, str]] = [(item.title, _length(item), item.section or "") for item in session.agenda]
    agenda = agenda or [("", minutes, section) for section, minutes in usual(_minutes(session)).items()]
    for position, (title, minutes, section) in enumerate(agenda, 1):
        row = {"session": session.name, "position": position}
        yield row | {"title": title, "minutes": minutes, "section": section}


def _too_long(parameters: Parameters, document: Document) -> Iterator[Finding]:
    for i, session in enumerate(parameters.sessions):
        said = sum(_length(item) for item in session.agenda)
        if session.minutes and said > session.minutes:
            found, expected = f"{said} minutes", f"at most the session's {session.minutes}"
            yield noted(document.problem(("sessions", i, "agenda"), found=found, expected=expected, code="agenda_long"))

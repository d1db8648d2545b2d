"""The timetable of the session a page is for: what comes when, for how long, and where on the page it stands.

Presenter mode steps through the sections in the order of this table; the headings of the session's notebook are its
section names (``wording.HEADINGS``), so that a link from here finds them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from qitools.collaborative.agendas import USUAL, usual
from qitools.collaborative.records import session_of
from qitools.errors import ParameterError, Problem, nearest
from qitools.views import wording_agenda as wording
from qitools.views.audiences import checked
from qitools.views.numerals import records

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# What is shown in the 20-minute cut: minutes, and which parts of the section ("" all; else CSS selectors of parts).
CUT = {
    "changing": (10, '[data-qi-kind="vote"], [data-qi-kind="pooled"], .qi-ledger, [data-qi-kind="ledger"]'),
    "stories": (5, '[data-qi-kind="chart"], .qi-stories'),
    "commitments": (5, ""),
}


@dataclass(frozen=True)
class Item:
    """One item of a timetable.

    Args:
        title: its words.
        section: a code of ``wording.HEADINGS``; "" where the page has nothing for it.
        start, minutes: when it begins, from the session's beginning, and how long it is (0: not said).
        parts: which parts of the section are shown, as a CSS selector; "" for all.
    """

    title: str
    section: str
    start: int
    minutes: int
    parts: str = ""

    @property
    def clock(self) -> str:
        return wording.clock(self.start, self.minutes)


@dataclass(frozen=True)
class Agenda:
    """A timetable with the sentence above it, shown as HTML in a page and as plain text elsewhere."""

    sentence: str
    items: tuple[Item, ...]
    cut: tuple[Item, ...] = ()
    private: bool = False

    def __str__(self) -> str:
        lines = [f"{item.clock or '–':>8}  {item.title}" for item in self.items]
        return "\n".join([*([wording.PRIVATE] if self.private else []), self.sentence, *lines])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        warning = f'<p class="qi-private">{escape(wording.PRIVATE)}</p>' if self.private else ""
        summary = f"<summary>{escape(wording.SHORT_CUT)}</summary>"
        cut = f'<details class="qi-cut">{summary}{_table(self.cut, "qi-short")}</details>' if self.cut else ""
        return (
            f'<div class="qi-agenda">{warning}<p class="qi-session">{escape(self.sentence)}</p>'
            f"{_table(self.items, 'qi-timetable')}{cut}</div>"
        )


def agenda(analysis: Analysis, section: str = "", view: str = "room") -> Agenda:
    """The timetable of the session a page is for, with a cut of 20 minutes; or what one section of it says of itself.

    The session is the first on or after the period that follows the last one shown, else the last there was; its items
    are those of ``sessions[].agenda`` in the YAML, else the usual ones.

    Args:
        analysis: what ``qi.analyse`` gave.
        section: a code of ``wording.HEADINGS``: only how long it is and what follows; "" for the whole timetable.
        view: room; or facilitator, which adds the warning that the page is not for the room, and no timetable to
            present from.

    Returns:
        An ``Agenda``.

    Raises:
        ParameterError: an unknown section or view.
    """
    checked(view)
    if section:
        _known(section)
    session, items = _timetable(analysis)
    if section:
        return _of_section(items, section)
    total = sum(item.minutes for item in items)
    said = wording.session_sentence(session, total, len(items))
    private = view == "facilitator"
    return Agenda(said, items, () if private else _cut(), private)


def anchor(section: str) -> str:
    """The address of a section on the page, made of its heading as the page makes it.

    >>> anchor("talk")
    'who-could-talk-to-whom'
    """
    return "-".join(re.findall(r"\w+", wording.HEADINGS[section].lower()))


def _known(section: str) -> None:
    legal = tuple(wording.HEADINGS)
    if section not in legal:
        problem = Problem(where="section", found=section, expected=", ".join(legal), hint=nearest(section, legal))
        raise ParameterError("There is no such section.", [problem])


def _timetable(analysis: Analysis) -> tuple[dict[str, Any] | None, tuple[Item, ...]]:
    """The session and its items with their times; the usual two hours where no session is in the YAML."""
    name = session_of(analysis.records, analysis.method["as_of"], str(analysis.method["period"] or "month"))
    if not name:
        planned = usual(sum(USUAL.values())).items()
        return None, _timed([{"title": "", "section": code, "minutes": minutes} for code, minutes in planned])
    sessions, table = analysis.records.sessions, analysis.records.agenda
    mine = table[table["session"] == name].sort_values("position", kind="stable")
    return records(sessions[sessions["name"] == name])[-1], _timed(records(mine))


def _timed(rows: Sequence[dict[str, Any]]) -> tuple[Item, ...]:
    """The items, each beginning where the one before it ends."""
    items: list[Item] = []
    start = 0
    for row in rows:
        title = str(row["title"]) or wording.HEADINGS.get(str(row["section"]), "")
        items.append(Item(title, str(row["section"]), start, int(row["minutes"])))
        start += int(row["minutes"])
    return tuple(items)


def _cut() -> tuple[Item, ...]:
    """What 20 minutes allow: all together and team by team, one story, commitments."""
    rows = [{"title": wording.CUT[code], "section": code, "minutes": minutes} for code, (minutes, _) in CUT.items()]
    return tuple(
        Item(item.title, item.section, item.start, item.minutes, CUT[item.section][1]) for item in _timed(rows)
    )


def _of_section(items: Sequence[Item], section: str) -> Agenda:
    place = next((i for i, item in enumerate(items) if item.section == section), None)
    if place is None:
        return Agenda(wording.break_sentence(0, "", 0), ())
    following = items[place + 1] if place + 1 < len(items) else None
    title, minutes = (following.title, following.minutes) if following else ("", 0)
    return Agenda(wording.break_sentence(items[place].minutes, title, minutes), ())


def _table(items: Sequence[Item], style: str) -> str:
    if not items:
        return ""
    heads = "".join(f'<th scope="col">{escape(wording.TIMES[name])}</th>' for name in ("from", "item", "minutes"))
    return (
        f'<table class="{style}"><caption>{escape(wording.TIMETABLE)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(map(_row, items))}</tbody></table>"
    )


def _row(item: Item) -> str:
    words = escape(item.title)
    linked = f'<a href="#{anchor(item.section)}">{words}</a>' if item.section in wording.HEADINGS else words
    parts = f' data-parts="{escape(item.parts, quote=True)}"' if item.parts else ""
    return (
        f'<tr data-section="{escape(item.section, quote=True)}"{parts}><td>{escape(item.clock)}</td>'
        f'<th scope="row">{linked}</th><td class="qi-number">{item.minutes or ""}</td></tr>'
    )

"""Who could talk to whom, in words: for the room, for the facilitator who prepares it, and for one team.

The room reads only what teams wrote down themselves. Measured gaps and suggestions are the facilitator's; a team reads
its own. What a view may not hold is never made for it, so that it cannot be found in a page's source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from qitools.analysis import learning
from qitools.analysis.focus import focus
from qitools.analysis.gaps import gaps
from qitools.views import wording_learning as words
from qitools.views.audiences import checked
from qitools.views.numerals import known, period, records
from qitools.views.prose import Prose
from qitools.views.tables import Table

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

STYLE = "qi-talk"
Part: TypeAlias = "Prose | Table | Pairs"


@dataclass(frozen=True)
class Pairs:
    """Sentences as a list, the first half of each standing out; all text is escaped.

    >>> Pairs((("A could talk to B", ", because A asked."),))._repr_html_()
    '<ul class="qi-pairs"><li><strong>A could talk to B</strong>, because A asked.</li></ul>'
    """

    sentences: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "\n".join(f"- {could}{because}" for could, because in self.sentences)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        items = (f"<li><strong>{escape(could)}</strong>{escape(because)}</li>" for could, because in self.sentences)
        return f'<ul class="qi-pairs">{"".join(items)}</ul>'


@dataclass(frozen=True)
class Talk:
    """Words and tables, one after another; all text is escaped.

    >>> Talk((Prose("qi-talk", (("p", "", ["Two pairs & more"]),)),))._repr_html_()
    '<div class="qi-talk"><p>Two pairs &amp; more</p></div>'
    """

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "\n\n".join(str(part) for part in self.parts)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return "".join(part._repr_html_() for part in self.parts)


@dataclass(frozen=True)
class _Names:
    """Names by id, and how dates are told."""

    teams: Mapping[str, str]
    measures: Mapping[str, str]
    method: Mapping[str, Any]

    def pair(self, row: Mapping[str, Any], unnamed: bool = False) -> tuple[str, str]:
        return words.talk_sentence(row, self.teams, self.measures, self.method, unnamed)

    @property
    def simulated(self) -> bool:
        return bool(self.method.get("simulated"))

    def when(self, date: object) -> str:
        return period(date, self.method, short=True) if known(date) else ""


def talk(analysis: Analysis, view: str = "room", team: str = "") -> Talk:
    """Who could talk to whom, each pair with its reasons.

    Args:
        analysis: what ``qi.analyse`` gave.
        view: room (what teams wrote down themselves) or facilitator (suggestions and measured gaps too).
        team: the id of one team, to read its own pairs; "" for all.

    Returns:
        ``Talk``: sentences and tables.

    Raises:
        ParameterError: an unknown view or team, with the nearest name.
    """
    checked(view)
    if team:
        return Talk(_own(analysis, team))
    names = _names(analysis)
    asks, offers = learning.said(analysis)
    pairs = learning.talks(analysis) if view == "facilitator" else learning.offered(asks, offers, analysis)
    made = records(pairs[pairs["kind"] == "offered"])
    opening = [_said("p", words.talk_title(len(made), len(asks), len(offers)))]
    opening += [] if len(asks) or len(offers) else [_said("p", words.HOW)]
    met = _listed(words.HEADS["pairs"], [names.pair(row) for row in made]) if made else []
    prepared = _prepared(analysis, pairs, names) if view == "facilitator" else []
    return Talk((*opening, *met, *_left(made, asks, offers, names), *prepared))


def _names(analysis: Analysis) -> _Names:
    teams, measures = (
        dict(zip(table[key].astype(str), table["name"].astype(str), strict=True))
        for table, key in ((analysis.teams, "team"), (analysis.measures, "measure"))
    )
    return _Names(teams, measures, analysis.method)


def _said(tag: str, words: str) -> Prose:
    return Prose(STYLE, ((tag, "", [words]),))


def _listed(head: str, sentences: Sequence[tuple[str, str]]) -> list[Part]:
    return [_said("h3", head), Pairs(tuple(sentences))]


def _left(made: Sequence[Mapping[str, Any]], asks: pd.DataFrame, offers: pd.DataFrame, names: _Names) -> list[Part]:
    """What was asked and offered and stands in no pair yet."""
    told = {text for row in made for code, text in row["why"] if code in ("ask", "offer")}
    left = [row for row in [*records(asks), *records(offers)] if row["text"] not in told]
    if not left:
        return [_said("p", words.NO_LEFT)] if len(asks) or len(offers) else []
    rows = [
        {
            "team": names.teams[row["team"]],
            "kind": words.KINDS[row["kind"]],
            "text": row["text"],
            "measure": names.measures.get(row["about"], ""),
            "date": names.when(row["date"]),
        }
        for row in left
    ]
    return [Table(words.HEADS["left"], _frame(rows, words.OFFER_HEADS), simulated=names.simulated)]


def _prepared(analysis: Analysis, pairs: pd.DataFrame, names: _Names) -> list[Part]:
    """What the facilitator alone reads: suggestions from the figures, and the gaps they come from."""
    suggested = [names.pair(row) for row in records(pairs[pairs["kind"] == "suggested"])]
    note = words.SUGGESTED.format(load=learning.LOAD) if suggested else words.NO_SUGGESTION
    found = [
        {
            "team": names.teams[row["team"]],
            "measure": names.measures[row["measure"]],
            "said": words.GAPS[row["kind"]],
            "since": names.when(row["since"]),
            "until": names.when(row["until"]),
            "likely": f"{100 * row['likely']:.0f}%" if known(row["likely"]) else "",
        }
        for row in records(gaps(analysis))
    ]
    said = [*_listed(words.HEADS["suggested"], suggested), _said("p", note)]
    if not found:
        return [*said, _said("p", words.NO_GAPS)]
    return [
        *said,
        Table(
            words.HEADS["gaps"], _frame(found, words.GAP_HEADS), (words.GAP_HEADS["likely"],), simulated=names.simulated
        ),
    ]


def _own(analysis: Analysis, team: str) -> tuple[Part, ...]:
    """What one team reads: its own pairs, no other team's gap, and no name that was not agreed to."""
    name = str(focus(analysis, team).teams["name"].iloc[0])
    pairs, names = learning.talks(analysis), _names(analysis)
    shares = dict(zip(analysis.teams["team"].astype(str), analysis.teams["share"], strict=True))
    lines = []
    for row in records(pairs):
        if team not in (row["from_team"], row["to_team"]):
            continue
        if row["kind"] == "offered" or row["from_team"] == team:
            lines.append(names.pair(row, unnamed=row["kind"] == "suggested" and not shares[row["to_team"]]))
        else:
            lines.append((words.OWN_GIVER.format(team=name, measure=names.measures[row["measure"]]), ""))
    if not lines:
        return (_said("p", words.OWN_NONE.format(team=name)),)
    return (Pairs(tuple(dict.fromkeys(lines))),)


def _frame(rows: Sequence[Mapping[str, str]], heads: Mapping[str, str]) -> pd.DataFrame:
    """Rows under their heads; a column in which nothing stands is left out."""
    frame = pd.DataFrame([{head: row[key] for key, head in heads.items()} for row in rows])
    return frame.loc[:, [name for i, name in enumerate(frame) if not i or frame[name].astype(bool).any()]]

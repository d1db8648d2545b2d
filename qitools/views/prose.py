"""Words around the figures: the page's heading, questions for the room, and how the numbers were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from qitools.analysis.aim import progress
from qitools.analysis.completeness import missing
from qitools.analysis.focus import focus, main_measure
from qitools.analysis.pooled import pool
from qitools.views import asking, notes, wording
from qitools.views.numerals import records

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

Piece = tuple[str, str, Sequence[Any]]


@dataclass(frozen=True)
class Prose:
    """A few pieces of words, shown as HTML in a page and as plain text elsewhere.

    Each piece is a tag (h1, p, ul, dl), a class for the style sheet ("" for none) and its lines; the lines of a ``dl``
    are pairs of a term and its own lines. All text is escaped.

    >>> Prose("qi-heading", (("h1", "", ["Falls & frailty"]),))._repr_html_()
    '<div class="qi-heading"><h1>Falls &amp; frailty</h1></div>'
    """

    style: str
    pieces: tuple[Piece, ...]

    def __str__(self) -> str:
        return "\n\n".join(_plain(tag, lines) for tag, _, lines in self.pieces)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f'<div class="{self.style}">{"".join(_html(*piece) for piece in self.pieces)}</div>'


def heading(analysis: Analysis, team: str = "") -> Prose:
    """The top of a page: its one h1, whether it is simulated, the aim and the progress towards it.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: the id of the one team the page is about; "" for all.

    Returns:
        ``Prose``.

    Raises:
        ParameterError: an unknown team.
    """
    method, said = analysis.method, standing(analysis, team)
    title = str(focus(analysis, team).teams["name"].iloc[0]) if team else str(method["title"])
    pieces: list[Piece] = [
        ("h1", "", [title]),
        ("p", "qi-of", [str(method["title"])] if team else []),
        ("p", "qi-simulated", [wording.SIMULATED] if method.get("simulated") else []),
        ("p", "qi-aim", [f"Aim: {said['aim']}" if method.get("aim") else said["aim"]]),
        ("p", "qi-progress", [said["progress"]] if method.get("aim") or team else []),
        ("p", "qi-reported", [said["reporting"]]),
    ]
    return Prose("qi-heading", tuple(piece for piece in pieces if any(piece[2])))


def questions(analysis: Analysis, team: str = "") -> Prose:
    """Questions for the room, made from what the charts show and what is missing.

    Args, raises: as ``heading``.
    """
    part = focus(analysis, team)
    if team:
        asked = asking.of_team(analysis, team, sum(counts[0] for counts in missing(analysis, team).values()))
    else:
        asked = asking.of_room(part, records(pool(part, main_measure(part)).reporting))
    return Prose("qi-questions", (("ul", "", asked),))


def method(analysis: Analysis, team: str = "") -> Prose:
    """How the numbers were made, and what is missing from them: for whoever wants to check or to repeat them.

    Args, raises: as ``heading``.
    """
    return Prose("qi-method", (("dl", "", notes.of(analysis, team)),))


def standing(analysis: Analysis, team: str = "") -> dict[str, Any]:
    """Where a collaborative, or one team, stands: aim, progress and reporting in sentences, reported and expected."""
    if analysis.method.get("lessons"):  # about nobody's aim
        return dict.fromkeys(("aim", "progress", "reporting"), "") | {"reported": 0, "expected": 0}
    aim = analysis.method.get("aim") or {}
    labels = {row["measure"]: row for row in records(analysis.measures)}
    aimed = labels.get(aim.get("measure"))
    said = {"aim": wording.aim_statement(aim, aimed)}
    if team:
        return said | _team_standing(analysis, team)
    reporting = records(pool(analysis, main_measure(analysis)).reporting)
    last = reporting[-1] if reporting else {"reporting": 0, "expected": 0}
    return said | {
        "progress": wording.progress_sentence(progress(analysis), aimed),
        "reporting": f"{wording.reporting_title(reporting, analysis.method)}.",
        "reported": int(last["reporting"]),
        "expected": int(last["expected"]),
    }


def _team_standing(analysis: Analysis, team: str) -> dict[str, Any]:
    one = focus(analysis, team, main_measure(analysis))
    label, name = (records(table)[0] for table in (one.measures, one.teams))
    if one.series.empty:
        return {"progress": wording.no_figures(label, name), "reporting": "", "reported": 0, "expected": 0}
    absent, due, _ = missing(analysis, team)[str(label["measure"])]
    return {
        "progress": wording.team_progress(records(one.series)[0], label, name, analysis.method),
        "reporting": wording.team_reporting(due - absent, due, label),
        "reported": due - absent,
        "expected": due,
    }


def _html(tag: str, style: str, lines: Sequence[Any]) -> str:
    opening = f'<{tag} class="{style}">' if style else f"<{tag}>"
    return f"{opening}{''.join(_item(tag, line) for line in lines)}</{tag}>"


def _item(tag: str, line: Any) -> str:
    if tag == "dl":
        term, said = line
        return f"<dt>{escape(term)}</dt>" + "".join(f"<dd>{escape(one)}</dd>" for one in said)
    return f"<li>{escape(line)}</li>" if tag == "ul" else escape(line)


def _plain(tag: str, lines: Sequence[Any]) -> str:
    if tag == "dl":
        return "\n".join(f"{term}: {' '.join(said)}" for term, said in lines)
    return "\n".join(f"- {line}" if tag == "ul" else line for line in lines)

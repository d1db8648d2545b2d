"""A slip to write the next test on: printed, filled in by the team, and taken home or handed in."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from qitools.analysis.focus import focus
from qitools.views import wording_agenda as wording
from qitools.views.numerals import known, records
from qitools.views.subjects import by

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis


@dataclass(frozen=True)
class Slip:
    """The slip: a heading, a hint, and lines to write on, filled in where a test is under way."""

    heading: str
    hint: str
    lines: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "\n".join([self.heading, self.hint, *(f"{label}: {words or '…'}" for label, words in self.lines)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        lines = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(words)}</dd></div>" for label, words in self.lines)
        return (
            f'<div class="qi-slip"><p class="qi-slip-head"><strong>{escape(self.heading)}</strong> '
            f"{escape(self.hint)}</p><dl>{lines}</dl></div>"
        )


def next_test(analysis: Analysis, team: str) -> Slip:
    """The team's next test: idea, prediction, measure, scale, who, by when; filled in from the test under way.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: id of a team.

    Returns:
        A ``Slip``; its lines are empty where nothing is known, to be written on.

    Raises:
        ParameterError: an unknown team.
    """
    part = focus(analysis, team=team)
    name = str(part.teams["name"].iloc[0])
    row = _under_way(analysis, team)
    measure = by(analysis.measures, "measure").get(str(row.get("measure", "")))
    filled = {name: str(row.get(name) or "") for name in ("idea", "prediction", "scale", "owner")}
    filled |= {"measure": str(measure["name"]) if measure else "", "end": ""}
    heading = f"{wording.NEXT_TEST}: {name}"
    hint = wording.OPEN_TEST if row else wording.BLANK_TEST
    return Slip(heading, hint, tuple((label, filled[key]) for key, label in wording.SLIP.items()))


def _under_way(analysis: Analysis, team: str) -> dict[str, Any]:
    """The latest test of a team without a result and a decision; empty where there is none."""
    tests = analysis.records.pdsa
    mine = records(tests[tests["team"] == team].sort_values("start", kind="stable"))
    open_ = [row for row in mine if not row["decision"] and not row["result"] and not known(row["end"])]
    return open_[-1] if open_ else {}

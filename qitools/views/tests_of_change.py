"""Tests of change to read: what came of those agreed at the last session, what is agreed now, how much is tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis import drivers as diagram
from qitools.analysis import pdsa
from qitools.views import wording_tests as words
from qitools.views.audiences import checked
from qitools.views.numerals import known, period
from qitools.views.prose import Prose
from qitools.views.subjects import by, records
from qitools.views.tables import Table

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis


@dataclass(frozen=True)
class Sheet:
    """Sentences and tables after one another, as HTML in a page and as plain text elsewhere."""

    parts: tuple[Prose | Table, ...]

    def __str__(self) -> str:
        return "\n\n".join(map(str, self.parts))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return "".join(part._repr_html_() for part in self.parts)


def since(analysis: Analysis, team: str = "") -> Sheet:
    """The tests agreed when teams last met, and those begun since: what was done, and what was learnt.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: id of a team; "" for all.

    Returns:
        A ``Sheet``: a sentence, and a table of the tests in the fixed order of the teams.

    Raises:
        ParameterError: an unknown team.
    """
    found = pdsa.since(analysis, team)
    rows = records(found.tests)
    said = words.NO_LOG if analysis.records.pdsa.empty else words.since_sentence(found.session, found.date, rows)
    teams = by(analysis.teams, "team")
    cells = [
        {
            **({} if team else {"Team": teams[str(row["team"])]["name"]}),
            "Test of change": words.idea_name(row),
            "When": words.dates(row),
            "Predicted": row["prediction"],
            "What was learnt": row["result"],
            "Decision": words.DECIDED[row["state"]],
        }
        for row in rows
    ]
    return _sheet(analysis, [said], words.SINCE_CAPTION.format(session=found.session), cells)


def commitments(analysis: Analysis, team: str = "") -> Sheet:
    """What teams have agreed to test and have not finished: to be read back to the room.

    Args, raises: as ``since``.

    Returns:
        A ``Sheet``: a sentence, and a table with who (a role), from when and what is predicted.
    """
    rows, teams = records(pdsa.commitments(analysis, team)), by(analysis.teams, "team")
    said = words.NO_LOG if analysis.records.pdsa.empty else words.commitments_sentence(rows)
    cells = [
        {
            "Team": teams[str(row["team"])]["name"],
            "Test of change": words.idea_name(row),
            "Who": row["owner"] or words.NOBODY,
            "From": period(row["start"], "day", short=True),
            "With": row["scale"],
            "Predicted": row["prediction"],
        }
        for row in rows
    ]
    return _sheet(analysis, [said], words.OPEN_CAPTION, cells)


def tests(analysis: Analysis, view: str = "room") -> Sheet:
    """How much is tested, by whom, at what scale and how fast; and which drivers no test has touched.

    Args:
        analysis: what ``qi.analyse`` gave.
        view: room (teams without tests are counted, not named) or facilitator (every team has its row).

    Returns:
        A ``Sheet``: sentences, a table of teams and one of scales.

    Raises:
        ParameterError: an unknown view.
    """
    checked(view)
    found, teams = pdsa.tally(analysis), by(analysis.teams, "team")
    rows = records(found.teams)
    said = [words.tally_sentence(rows, found.days, analysis.method)]
    if not sum(row["tests"] for row in rows):
        return _sheet(analysis, said, "", [])
    nodes = records(diagram.tree(analysis).nodes)
    drivers = [row for row in nodes if row["kind"] == "driver"]
    said.append(words.untested_sentence([str(row["name"]) for row in drivers if not row["tests"]], len(drivers)))
    states = [code for code in pdsa.STATES if found.teams[code].sum()]
    shown = [row for row in rows if row["tests"] or view == "facilitator"]
    cells = [_tallied(row, states, str(teams[str(row["team"])]["name"])) for row in shown]
    scales = [
        {"Scale": row["scale"], "Tests": str(row["tests"]), "Teams": str(row["teams"])} for row in records(found.scales)
    ]
    numbers = ("Tests", "Chains", *(words.DECIDED[code] for code in states), "Median days")
    sheet = _sheet(analysis, said, words.TALLY_CAPTION, cells, numbers)
    return Sheet((*sheet.parts, *_sheet(analysis, [], words.SCALE_CAPTION, scales, ("Tests", "Teams")).parts))


def _tallied(row: dict[str, Any], states: Sequence[str], name: str) -> dict[str, str]:
    """One team's tests, as the words of a row."""
    return {
        "Team": name,
        "Tests": str(row["tests"]),
        "Chains": str(row["chains"]),
        **{words.DECIDED[code]: str(row[code]) for code in states},
        "Median days": f"{row['days']:g}" if known(row["days"]) else "",
        "Latest begun": period(row["last"], "day", short=True) if known(row["last"]) else "",
    }


def _sheet(
    analysis: Analysis, said: Sequence[str], caption: str, cells: Sequence[Any], numbers: Sequence[str] = ()
) -> Sheet:
    """Sentences over a table; without rows only the sentences."""
    prose = (Prose("qi-tests", tuple(("p", "", [line]) for line in said if line)),) if said else ()
    simulated = bool(analysis.method.get("simulated"))
    table = (Table(caption, pd.DataFrame(cells), tuple(numbers), simulated=simulated),) if cells else ()
    return Sheet((*prose, *table))

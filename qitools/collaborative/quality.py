"""What was noticed in the data and not refused: one row a finding, so that pages can say what is missing.

========================  =====================================================================
code                      what it says
========================  =====================================================================
gap                       periods between a series' first and last for which no row came
no_data                   a declared team sent nothing for a measure
zero_denominator          a denominator of zero: the value cannot be computed
no_denominator            a numerator without the denominator it needs
added_rows                rows of one team, measure and date that were added, as the source asks
part_quarter              a quarter of which a month is absent, for a team shown by quarter
small_count               a count suppressed for this audience, since it or what it leaves over is small
before_joined             figures from before the date on which the YAML says the team joined
agenda_long               an agenda that takes longer than its session
driver_loop               a link by which a driver would lead back to itself: not drawn
duplicate_driver          a second driver of the same id: drawn, under another id
unknown_driver            a link, or a row of a log, that names no driver of the diagram
unknown_measure           a driver, or a row of a log, that names no measure
unknown_team, …_session   a row of a log that names no team, or no session
unknown_tag               a tag to match teams by, which no team has
overtaken                 a setting that is no longer what the last decision recorded about it made it
bad_date, far_date        a row of a log whose date cannot be read, or lies years away from the figures
end_before_start          a test of change that ends before it starts
bad_cycle, bad_decision   a test of change whose number is none, or whose decision is none of the three
bad_kind                  a score, a story or an offer of a kind that is not known
bad_score                 a progress score that is not one of 0.5 to 5 by halves
second_score              a second score of one kind, team and month
no_consent                a story that does not say whether it may be shown: kept for the team's own report
bad_consent               a story whose consent cannot be read
missing_text, …_plan      a row of a log that says nothing
negative                  a number of a service below nought: left out, its row kept
above_capacity            more done than could be done: the capacity of that period is left out
zero_reasons              reasons for delay that are all nought where something was counted: missing
unlike_total              reasons for delay that do not add up to what was counted: used as they are
fewer_than_longer         fewer people in a band of waits than wait longer still: left out
late_stratum              a stratum that begins later than the others: left out of comparisons
unlisted_stratum          a stratum that the order in the settings does not have: left out of comparisons
second_row                a second row of one team and date of a service: left out
missing_organisation      a row of the register of partners without a name; of comparators: missing_system
missing_programme         a row of training that names none; missing_board: a headcount of nowhere
bad_number                a comparator whose value is no number; people or a headcount that are no whole number
bad_sector                a row of training or headcounts of a sector that is not known
no_headcount              people trained where no headcount is given: kept and counted, and without a dose
second_headcount          a second headcount of a board, sector and team
no_differs                a comparator that does not say what differs in its definition: shown, and said
========================  =====================================================================

A row of a log (tests of change, scores, stories, offers) that cannot be right is left out and told here, with its file,
line and column, so that one slip does not cost the room its page; a row of observations that cannot be true is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd

from qitools.errors import Problem


@dataclass(frozen=True)
class Finding:
    """One thing noticed, and where."""

    code: str
    team: str = ""
    measure: str = ""
    date: pd.Timestamp = pd.NaT  # type: ignore[assignment]
    file: str = ""
    line: int = 0
    where: str = ""  # the column, or the key of the YAML; "" for rows of observations
    found: str = ""
    expected: str = ""


def noticed(code: str, row: Mapping[Any, Any], found: str, expected: str) -> Finding:
    """A finding about one row of observations."""
    place = (row["team"], row["measure"], row["date"], row.get("file", ""), int(row.get("line", 0)))
    return Finding(code, *place, found=found, expected=expected)


def noted(problem: Problem) -> Finding:
    """A problem that stops nothing: what it speaks of is left out, and the rest is used."""
    expected = f"{problem.expected} ({problem.hint})" if problem.hint else problem.expected
    return Finding(
        problem.code,
        file=problem.file,
        line=problem.line,
        where=problem.where,
        found=problem.found,
        expected=expected,
    )


def told(finding: Mapping[Any, Any]) -> str:
    """A row of the findings as a line with its place.

    >>> told({"file": "scores.csv", "line": 3, "where": "column 'score'", "found": "7", "expected": "0.5 to 5"})
    "scores.csv, line 3, column 'score': found '7', expected 0.5 to 5"
    """
    place = str(finding["file"]), int(finding["line"]), str(finding["where"])
    return str(Problem(*place, str(finding["found"]), str(finding["expected"])))


def findings_table(findings: Iterable[Finding], until: pd.Timestamp) -> pd.DataFrame:
    """The findings up to a date as a table in a fixed order.

    Returns:
        code, team, measure, date, file, line, where, found, expected.
    """
    names = [field.name for field in fields(Finding)]
    table = pd.DataFrame([asdict(finding) for finding in findings], columns=names)
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    table["line"] = table["line"].astype("int64")
    table = table[~(table["date"] > until)]
    return table.sort_values(["code", "measure", "team", "date", "file", "line"], ignore_index=True, kind="stable")


def strata_findings(rows: pd.DataFrame, order: Sequence[str]) -> Iterable[Finding]:
    """Strata that cannot be compared with the others, each at its first row.

    Args:
        rows: the observations with their file and line.
        order: the strata the settings list; () where they list none.
    """
    there = rows[(rows["stratum"] != "") & rows["numerator"].notna()].sort_values("date", kind="stable")
    for measure, own in there.groupby("measure", sort=False):
        firsts, begins = own.drop_duplicates("stratum"), own["date"].min()
        for row in firsts.to_dict("records"):
            place = (row["file"], int(row["line"]), f"stratum {row['stratum']!r} of {measure}")
            if order and row["stratum"] not in order:
                wanted = f"one of {', '.join(order)}; left out of comparisons of strata"
                yield noted(Problem(*place, str(row["stratum"]), wanted, code="unlisted_stratum"))
            elif row["date"] > begins:
                wanted = f"figures from {begins:%Y-%m}, as of other strata; left out of comparisons of strata"
                yield noted(Problem(*place, f"none before {row['date']:%Y-%m}", wanted, code="late_stratum"))


def hidden_findings(rows: pd.DataFrame) -> Iterable[Finding]:
    """One finding for each row suppressed at the door; it does not say the count."""
    for row in rows[["team", "measure", "date"]].to_dict("records"):
        yield noticed("small_count", row, "a small count", "0 or 5 and more, and as many left over")

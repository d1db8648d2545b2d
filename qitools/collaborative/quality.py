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
========================  =====================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Finding:
    """One thing noticed, and where."""

    code: str
    team: str = ""
    measure: str = ""
    date: pd.Timestamp = pd.NaT  # type: ignore[assignment]
    file: str = ""
    line: int = 0
    found: str = ""
    expected: str = ""


def noticed(code: str, row: Mapping[Any, Any], found: str, expected: str) -> Finding:
    """A finding about one row of observations."""
    place = (row["team"], row["measure"], row["date"], row.get("file", ""), int(row.get("line", 0)))
    return Finding(code, *place, found, expected)


def findings_table(findings: Iterable[Finding], until: pd.Timestamp) -> pd.DataFrame:
    """The findings up to a date as a table in a fixed order.

    Returns:
        code, team, measure, date, file, line, found, expected.
    """
    names = [field.name for field in fields(Finding)]
    table = pd.DataFrame([asdict(finding) for finding in findings], columns=names)
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    table["line"] = table["line"].astype("int64")
    table = table[~(table["date"] > until)]
    return table.sort_values(["code", "measure", "team", "date", "file", "line"], ignore_index=True, kind="stable")


def hidden_findings(rows: pd.DataFrame) -> Iterable[Finding]:
    """One finding for each row suppressed at the door; it does not say the count."""
    for row in rows[["team", "measure", "date"]].to_dict("records"):
        yield noticed("small_count", row, "a small count", "0 or 5 and more, and as many left over")

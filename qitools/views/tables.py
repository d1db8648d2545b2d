"""Tables to read: a caption, headers a screen reader can follow, numbers aligned, at most 200 rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.views.numerals import change, known, records
from qitools.views.vocabulary import BETTER, verdict

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

MAX_ROWS = 200  # more is a file to open, not a table to read


@dataclass(frozen=True)
class Table:
    """A table of words: the first column names the row, ``numbers`` are the columns aligned to the right.

    >>> print(Table("Wards", pd.DataFrame({"Ward": ["Glenmore"], "Falls": ["4.2"]}), ("Falls",)))
    Wards
        Ward Falls
    Glenmore   4.2
    """

    caption: str
    frame: pd.DataFrame
    numbers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.caption}\n{self.frame.head(MAX_ROWS).to_string(index=False)}"

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        label = escape(self.caption, quote=True)
        inner = table_html(self.frame, self.caption, self.numbers)
        return f'<div class="qi-table" role="region" tabindex="0" aria-label="{label}">{inner}</div>'


def table_html(frame: pd.DataFrame, caption: str, numbers: Sequence[str] = ()) -> str:
    """A frame of words as an accessible HTML table; every cell is escaped.

    >>> table_html(pd.DataFrame({"Ward": ["<b>"]}), "Wards")[:70]
    '<table><caption>Wards</caption><thead><tr><th scope="col">Ward</th></tr'
    """
    style = {name: ' class="qi-number"' if name in numbers else "" for name in frame.columns}
    head = "".join(f'<th scope="col"{style[name]}>{escape(str(name))}</th>' for name in frame.columns)
    rows = "".join(_row(cells, style) for cells in records(frame.head(MAX_ROWS)))
    left = len(frame) - MAX_ROWS
    more = f" The first {MAX_ROWS} rows; {left} more are in the CSV files beside this page." if left > 0 else ""
    return (
        f"<table><caption>{escape(caption)}{more}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(cells: dict[Any, Any], style: dict[Any, str]) -> str:
    (_, first), *rest = cells.items()
    others = "".join(f"<td{style[name]}>{escape(str(cell))}</td>" for name, cell in rest)
    return f'<tr><th scope="row">{escape(str(first))}</th>{others}</tr>'


def signals(analysis: Analysis) -> Table:
    """What every team's charts say, one row a team in the fixed order, one column a measure.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        A ``Table`` with Team, Board (where teams have one) and a column per measure, verdicts in words.
    """
    measures = records(analysis.measures)
    said = {(row["team"], row["measure"]): row for row in records(analysis.series)}
    rows = [_team_row(team, measures, said) for team in records(analysis.teams)]
    frame = pd.DataFrame(rows)
    if "Board" in frame and not frame["Board"].astype(bool).any():
        frame = frame.drop(columns="Board")
    return Table("What each team's charts say, in a fixed order", frame)


def _team_row(team: dict[Any, Any], measures: list[dict[Any, Any]], said: dict[Any, Any]) -> dict[str, str]:
    row = {"Team": str(team["name"]), "Board": str(team.get("board") or "")}
    for measure in measures:
        row[f"{measure['name']} ({BETTER[measure['better']]})"] = _cell(
            said.get((team["team"], measure["measure"])), measure
        )
    return row


def _cell(series: dict[Any, Any] | None, measure: dict[Any, Any]) -> str:
    """One verdict in words, with the move of the centre line where there is one."""
    if series is None:
        return "No figures"
    words = verdict(series["verdict"], series.get("strength", ""), series.get("variation", ""))
    before, now = series["baseline_centre"], series["current_centre"]
    moved = change(before, now, measure) if known(before) and known(now) else ""
    return f"{words} ({moved})" if moved else words

"""One source of observations: the columns of a CSV, whatever their names and layout, as rows of the contract.

Everything a source says about its file (names of columns, which rows, dates, marks for missing and suppressed) is used
up here; what leaves is the same for every source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qitools.collaborative.cells import Cells, chosen
from qitools.collaborative.files import Table, need_columns
from qitools.errors import DataError, Problem, nearest

if TYPE_CHECKING:
    from qitools.collaborative.parameters import Feed, Parameters, Source

OPTIONAL = ("stratum", "status")


def source_rows(table: Table, source: Source, parameters: Parameters) -> tuple[pd.DataFrame, list[Problem]]:
    """The rows of one source.

    Args:
        table: the file as text.
        source: how its columns map.
        parameters: the teams, measures and period.

    Returns:
        team, measure (ids), date (day as written), numerator, denominator (floats), stratum, status, file, line; and
        every problem met.

    Raises:
        DataError: a column is absent, so that nothing can be read.
    """
    keep, problems = kept_rows(table, source)
    tall = _long(table, source) if source.measures is None else _wide(table, source)
    texts = tall[keep[tall.index]].reset_index(drop=True)
    cells = Cells(texts, table.file, problems)
    codes = {team.code or team.id: team.id for team in parameters.teams}
    ids = {measure.id: measure.id for measure in parameters.measures}
    events = [measure.id for measure in parameters.measures if measure.rows == "events"]
    blanks = ["", *source.missing, *source.suppressed]
    rows = pd.DataFrame(
        {
            "team": cells.named("team", codes, "the code of a team in the YAML"),
            "measure": cells.named("measure", ids, "the id of a measure in the YAML"),
            "date": cells.dates(np.where(texts["measure"].isin(events), "day", parameters.period), source.date_format),
            "numerator": cells.numbers("numerator", blanks),
            "denominator": cells.numbers("denominator", blanks),
            "stratum": texts["stratum"],
            "status": cells.statuses(source.suppressed),
            "file": table.file,
            "line": texts["line"],
        }
    )
    return rows, sorted(problems, key=lambda problem: problem.line)


def _shared(source: Source) -> dict[str, str]:
    return {"team": source.team, "date": source.date, "stratum": source.stratum or "", "status": source.status or ""}


def _long(table: Table, source: Source) -> pd.DataFrame:
    """The cells of a table that already has one row a team, measure and date."""
    there = {name: name for name in OPTIONAL if name in table.cells and not getattr(source, name)}
    columns = _shared(source) | there | {name: name for name in ("measure", "numerator", "denominator")}
    _refuse_absent(table, columns)
    return chosen(table, columns)


def _wide(table: Table, source: Source) -> pd.DataFrame:
    """The cells of a table that has one column a number, stacked measure by measure; the index repeats."""
    each = {
        measure: _shared(source) | {"numerator": columns.numerator or "", "denominator": columns.denominator or ""}
        for measure, columns in (source.measures or {}).items()
    }
    _refuse_absent(table, *each.values())
    parts = [
        chosen(table, columns).assign(measure=measure, measure_column=measure) for measure, columns in each.items()
    ]
    return pd.concat(parts)


def _refuse_absent(table: Table, *columns: dict[str, str]) -> None:
    names = [name for one in columns for name in one.values() if name]
    if problems := need_columns(table, names):
        raise DataError(f"{table.file} lacks columns", problems)


def kept_rows(table: Table, source: Source | Feed) -> tuple[np.ndarray, list[Problem]]:
    """Which rows ``where`` keeps; a value it asks for that stands in no row is a problem."""
    _refuse_absent(table, {column: column for column in source.where})
    keep = np.ones(len(table.cells), dtype=bool)
    problems: list[Problem] = []
    for column, condition in source.where.items():
        texts = table.column(column)
        there, expected = sorted(set(texts)), "a value that the column holds, since 'where' asks for it"
        problems += [
            Problem(table.file, 0, f"column {column!r}", value, expected, nearest(value, there), code="where_value")
            for value in condition.only
            if value not in there
        ]
        keep &= (~texts.isin(condition.leave_out)).to_numpy()
        keep &= texts.isin(condition.only).to_numpy() if condition.only else True
    return keep, problems

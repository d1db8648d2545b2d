"""Reading a long table (team, measure, date, numerator[, denominator, status]): types, and everything wrong with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qitools.errors import DataError, Problem, nearest

NEEDED = ("team", "measure", "date", "numerator")
MOST = 10  # rows named one by one
DAY = "datetime64[us]"


def read_table(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its types: names as ordered categories, whole rows kept.

    Raises:
        DataError: a column that is not there, or rows that cannot be read; all of them.
    """
    absent = [name for name in NEEDED if name not in table.columns]
    if absent:
        there = [str(name) for name in table.columns]
        expected = f"columns {', '.join(NEEDED)} and, for proportions and rates, denominator"
        raise DataError(
            "The table lacks columns that analyse needs.",
            [Problem(where=f"column {name!r}", expected=expected, hint=nearest(name, there)) for name in absent],
        )
    problems: list[Problem] = []
    columns = {name: _names(table[name], problems) for name in ("team", "measure")}
    columns["date"] = _dates(table["date"], problems)
    for name in ("numerator", "denominator"):
        given = table[name] if name in table.columns else pd.Series(np.nan, table.index)
        columns[name] = _numbers(given, problems)
    if problems:
        raise DataError("The table holds what cannot be read.", problems)
    status = table["status"] if "status" in table.columns else "reported"
    return pd.DataFrame(columns).assign(status=status).reset_index(drop=True)


def _names(column: pd.Series[Any], problems: list[Problem]) -> pd.Series[Any]:
    names = column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("category")
    problems += wrong_rows(names.isna(), column, "a name")
    return names


def _dates(column: pd.Series[Any], problems: list[Problem]) -> pd.Series[Any]:
    dates = pd.to_datetime(column, errors="coerce").astype(DAY)
    problems += wrong_rows(dates.isna(), column, "a date, the first day of its period")
    return dates


def _numbers(column: pd.Series[Any], problems: list[Problem]) -> pd.Series[Any]:
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    wrong = (numbers.isna() & column.notna()) | np.isinf(numbers)
    problems += wrong_rows(wrong, column, "a number, or nothing where nothing was reported")
    return numbers


def wrong_rows(wrong: pd.Series[Any], column: pd.Series[Any], expected: str) -> list[Problem]:
    """The first rows that are wrong, and how many more."""
    at = np.flatnonzero(wrong)
    where = f"column {column.name!r}"
    named = [Problem(line=int(i) + 1, where=where, found=str(column.iloc[i]), expected=expected) for i in at[:MOST]]
    return named + ([Problem(where=where, hint=f"and {len(at) - MOST} more rows")] if len(at) > MOST else [])

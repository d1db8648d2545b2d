"""Observations as arrays, and the reading of a long table: types, and everything wrong with it at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.errors import DataError, Problem, nearest
from qitools.spc.panel import Bools, Floats, Ints

NEEDED = ("team", "measure", "date", "numerator")
MOST = 10  # rows named one by one
DAY = "datetime64[us]"
Dates = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Observations:
    """What was sent, as arrays over rows; ``team`` and ``measure`` are places in the lists of names."""

    teams: list[str]
    measures: list[str]
    team: Ints
    measure: Ints
    date: Dates
    numerator: Floats
    denominator: Floats
    suppressed: Bools


def read_table(table: pd.DataFrame) -> Observations:
    """A long table with its types; names in the order of their categories, else of the alphabet.

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
    team, teams = _names(table["team"], problems)
    measure, measures = _names(table["measure"], problems)
    date = _dates(table["date"], problems)
    empty = np.full(len(table), np.nan)
    numerator = _numbers(table["numerator"], problems)
    denominator = _numbers(table["denominator"], problems) if "denominator" in table.columns else empty
    if problems:
        raise DataError("The table holds what cannot be read.", problems)
    return Observations(teams, measures, team, measure, date, numerator, denominator, suppressed_rows(table))


def suppressed_rows(table: pd.DataFrame) -> Bools:
    """Rows withheld by disclosure control, where there is a status."""
    if "status" not in table.columns:
        return np.zeros(len(table), bool)
    return (table["status"] == "suppressed").to_numpy(bool)


def _names(column: pd.Series[Any], problems: list[Problem]) -> tuple[Ints, list[str]]:
    """Places in a list of names, and the names that are used."""
    codes: NDArray[Any]
    names: Any
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, names = column.cat.codes.to_numpy(np.int64), column.cat.categories
    elif column.dtype == "str":
        codes, names = _places(column.to_numpy(object))
    else:
        codes, names = pd.factorize(column, sort=True)
    if len(codes) and codes.min() < 0:
        problems += wrong_rows(codes < 0, column, "a name")
        return np.asarray(codes, np.int64), []
    used = np.bincount(codes, minlength=len(names)) > 0
    if not used.all():
        codes, names = (np.cumsum(used) - 1)[codes], names[used]
    return np.asarray(codes, np.int64), [str(name) for name in names]


def _places(texts: NDArray[np.object_]) -> tuple[Ints, NDArray[np.object_]]:
    """What ``pd.factorize(sort=True)`` gives, touching each text once: a third faster where they lie apart."""
    seen: defaultdict[Any, int] = defaultdict(count().__next__)
    found = np.fromiter(map(seen.__getitem__, texts), np.int64, len(texts))
    names = sorted(text for text in seen if isinstance(text, str))
    place = dict(zip(names, range(len(names)), strict=True))
    return np.array([place.get(text, -1) for text in seen], np.int64)[found], np.array(names, object)


def _dates(column: pd.Series[Any], problems: list[Problem]) -> Dates:
    known = np.issubdtype(column.dtype, np.datetime64) if isinstance(column.dtype, np.dtype) else False
    dates = (column if known else pd.to_datetime(column, errors="coerce")).to_numpy(DAY)
    if np.isnat(dates).any():
        problems += wrong_rows(np.isnat(dates), column, "a date, the first day of its period")
    return dates


def _numbers(column: pd.Series[Any], problems: list[Problem]) -> Floats:
    known = column.dtype == np.float64
    numbers = (column if known else pd.to_numeric(column, errors="coerce")).to_numpy(np.float64, na_value=np.nan)
    wrong = np.isinf(numbers)
    if not known:
        wrong |= np.isnan(numbers) & column.notna().to_numpy()
    if wrong.any():
        problems += wrong_rows(wrong, column, "a number, or nothing where nothing was reported")
    return numbers


def wrong_rows(wrong: Any, column: pd.Series[Any], expected: str) -> list[Problem]:
    """The first rows that are wrong, and how many more."""
    at = np.flatnonzero(wrong)
    where = f"column {column.name!r}"
    named = [Problem(line=int(i) + 1, where=where, found=str(column.iloc[i]), expected=expected) for i in at[:MOST]]
    return named + ([Problem(where=where, hint=f"and {len(at) - MOST} more rows")] if len(at) > MOST else [])

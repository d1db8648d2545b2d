"""Observations as arrays, and the reading of a long table: types, and everything wrong with it at once."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.collaborative.observations import strayed
from qitools.collaborative.periods import FIRST_YEAR, LAST_YEAR
from qitools.errors import DataError, Problem, nearest
from qitools.spc.constants import LARGEST
from qitools.spc.panel import Bools, Floats, Ints, Signs

NEEDED = ("team", "measure", "date", "numerator")
STATUSES = ("missing", "reported", "revised", "late", "provisional", "suppressed")  # of the parts of a figure the last
MISSING, REPORTED, SUPPRESSED = (STATUSES.index(word) for word in ("missing", "reported", "suppressed"))
MOST = 10  # rows named one by one
DAY = "datetime64[us]"
DATE = "a date such as 2026-03-01: year, month, day"
ISO = r"\d{4}-\d{2}(-\d{2})?"  # 01/02/2023 is a day in January to some and in February to others
CLOCK = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
ZONE = r" ?(Z|[+-]\d{2}:?\d{2})$"
Dates = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Observations:
    """What was sent, as arrays over rows; ``team`` and ``measure`` are places in lists of names, ``status`` in
    ``STATUSES``."""

    teams: list[str]
    measures: list[str]
    team: Ints
    measure: Ints
    date: Dates
    numerator: Floats
    denominator: Floats
    status: Signs


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
    problems = _columns_there_twice(table)
    if problems:
        raise DataError("The table has columns of one name.", problems)
    team, teams = _names(table["team"], problems)
    measure, measures = _names(table["measure"], problems)
    date = _dates(table["date"], problems)
    denominator = np.full(len(table), np.nan)
    numerator = _numbers(table["numerator"], problems)
    if "denominator" in table.columns:
        denominator = _numbers(table["denominator"], problems)
        if (denominator < 0).any():
            problems += wrong_rows(denominator < 0, table["denominator"], "a denominator of 0 or more")
    status = _statuses(table, problems)
    if problems:
        raise DataError("The table holds what cannot be read.", problems)
    return Observations(teams, measures, team, measure, date, withheld(numerator, status), denominator, status)


def _columns_there_twice(table: pd.DataFrame) -> list[Problem]:
    counts: Any = table.columns.value_counts() if table.columns.has_duplicates else {}
    return [
        Problem(where=f"column {name!r}", found=f"{counts[name]} columns of this name", expected="one")
        for name in (*NEEDED, "denominator", "status")
        if name in counts and counts[name] > 1
    ]


def _statuses(table: pd.DataFrame, problems: list[Problem]) -> Signs:
    """The status of each row; reported where none is given."""
    if "status" not in table.columns:
        return np.full(len(table), REPORTED, np.int8)
    status = statuses(table["status"])
    if (status < 0).any():
        problems += wrong_rows(status < 0, table["status"], f"{', '.join(STATUSES[:-1])} or {STATUSES[-1]}")
    return status


def statuses(column: pd.Series[Any]) -> Signs:
    """Words as places in ``STATUSES``; an empty cell is reported, a word nobody knows -1.

    >>> statuses(pd.Series(["late", None, "Provisional", "lost"])).tolist()
    [3, 1, 4, -1]
    """
    place, words = pd.factorize(column)
    known = {word: code for code, word in enumerate(STATUSES)} | {"": REPORTED}
    codes = [known.get(str(word).strip().lower(), -1) for word in words]
    return np.array([*codes, REPORTED], np.int8)[place]


def withheld(numerator: Floats, status: Signs) -> Floats:
    """Numerators without those that disclosure control withholds or that are called missing, whatever stands there."""
    there = came(status)
    return numerator if there.all() else np.where(there, numerator, np.nan)


def came(status: Signs) -> Bools:
    """Rows that may hold a figure: neither withheld nor called missing."""
    return np.asarray((status != SUPPRESSED) & (status != MISSING))


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
    problems += _names_alike(list(names), str(column.name))
    return np.asarray(codes, np.int64), [str(name) for name in names]


def _names_alike(names: list[Any], where: str) -> list[Problem]:
    """Names that nobody could tell apart on a page, and the name of no one."""
    seen: defaultdict[str, list[Any]] = defaultdict(list)
    for name in names:
        seen[str(name).strip()].append(name)
    return [
        Problem(where=f"column {where!r}", found=" and ".join(map(repr, alike)), expected="one spelling of a name")
        if text
        else Problem(where=f"column {where!r}", found="an empty name", expected="a name in every row")
        for text, alike in seen.items()
        if not text or len(alike) > 1
    ]


def _places(texts: NDArray[np.object_]) -> tuple[Ints, NDArray[np.object_]]:
    """What ``pd.factorize(sort=True)`` gives, touching each text once: a third faster where they lie apart."""
    seen: defaultdict[Any, int] = defaultdict(count().__next__)
    found = np.fromiter(map(seen.__getitem__, texts), np.int64, len(texts))
    names = sorted(text for text in seen if isinstance(text, str))
    place = dict(zip(names, range(len(names)), strict=True))
    return np.array([place.get(text, -1) for text in seen], np.int64)[found], np.array(names, object)


def _dates(column: pd.Series[Any], problems: list[Problem]) -> Dates:
    dates = read_dates(column)
    if np.isnat(dates).any():
        problems += wrong_rows(np.isnat(dates), column, f"{DATE}; the first day of its period")
    odd = (dates < np.datetime64(str(FIRST_YEAR), "us")) | (dates >= np.datetime64(str(LAST_YEAR + 1), "us"))
    if odd.any():  # a slip of the hand would stretch every chart over centuries
        problems += wrong_rows(odd, column, f"a year from {FIRST_YEAR} to {LAST_YEAR}")
    return dates


def refuse_strayed(column: pd.Series[Any], dates: Dates, events: Bools) -> None:
    """Refuse rows dated years away from all others, as the door of a collaborative does."""
    far = strayed(dates, events)
    if far.any():
        near = np.datetime_as_string([dates[~far].min(), dates[~far].max()], unit="D")
        expected = f"a date near the others, {near[0]} to {near[1]}"
        raise DataError("The table holds what cannot be read.", wrong_rows(far, column, expected, "far_date"))


def month_edges(dates: Dates) -> tuple[Bools, Bools]:
    """Which dates are first days of months, and which are last days.

    >>> [edge.tolist() for edge in month_edges(np.array(["2024-02-01", "2024-02-29", "2024-02-28"], "datetime64[us]"))]
    [[True, False, False], [False, True, False]]
    """
    later = dates + np.timedelta64(1, "D")
    first, last = (np.asarray(days.astype("datetime64[M]").astype(DAY) == days) for days in (dates, later))
    return first, last


def read_dates(column: pd.Series[Any]) -> Dates:
    """Dates from dates, or from text that can be read one way only; NaT for all else. A time zone keeps its local date.

    >>> read_dates(pd.Series(["2023-02-01", "01/02/2023", 202301])).astype("datetime64[D]").tolist()
    [datetime.date(2023, 2, 1), None, None]
    """
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        return column.to_numpy(DAY)
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return np.asarray(column.dt.tz_localize(None), DAY)
    if isinstance(column.dtype, pd.PeriodDtype):
        return np.asarray(column.dt.to_timestamp(), DAY)
    place, known = pd.factorize(column.astype(object))  # few dates, many rows
    each = np.asarray(known, object)
    text = np.array([isinstance(one, str) for one in each], bool)
    days = np.full(len(each) + 1, "NaT", DAY)
    days[:-1][text] = _iso(each[text])
    days[:-1][~text] = np.array([_moment(one) for one in each[~text]], DAY)
    return days[place]


def _iso(texts: NDArray[np.object_]) -> Dates:
    column = pd.Series(texts, dtype="str").str.strip()
    local = column.str.replace(f"({CLOCK}){ZONE}", r"\1", regex=True)
    legal = local.where(local.str.fullmatch(f"{ISO}({CLOCK})?"))
    return pd.to_datetime(legal, format="ISO8601", errors="coerce").to_numpy(DAY)


def _moment(one: Any) -> Any:
    """A date, a time or a period of any make as its local moment."""
    if isinstance(one, pd.Period):
        one = one.start_time
    if isinstance(one, datetime.datetime):
        one = one.replace(tzinfo=None)
    known = isinstance(one, datetime.date | np.datetime64)
    return np.array(one if known else "NaT", DAY)[()]


def _numbers(column: pd.Series[Any], problems: list[Problem]) -> Floats:
    known = column.dtype == np.float64
    if getattr(column.dtype, "kind", "O") in "mMc":
        problems.append(
            Problem(where=f"column {column.name!r}", found=str(column.dtype), expected="a column of numbers")
        )
        return np.full(len(column), np.nan)
    numbers = (column if known else pd.to_numeric(column, errors="coerce")).to_numpy(np.float64, na_value=np.nan)
    wrong = np.isinf(numbers)
    if not known:
        wrong |= np.isnan(numbers) & column.notna().to_numpy()
    if wrong.any():
        problems += wrong_rows(wrong, column, "a number, or nothing where nothing was reported")
    large = ((numbers > LARGEST) | (numbers < -LARGEST)) & ~wrong
    if large.any():
        problems += wrong_rows(large, column, f"a number from {-LARGEST:g} to {LARGEST:g}", "out_of_range")
    return numbers


def wrong_rows(wrong: Any, column: pd.Series[Any], expected: str, code: str = "") -> list[Problem]:
    """The first rows that are wrong, and how many more."""
    at = np.flatnonzero(wrong)
    where = f"column {column.name!r}"
    named = [
        Problem(line=int(i) + 1, where=where, found=str(column.iloc[i]), expected=expected, code=code)
        for i in at[:MOST]
    ]
    return named + ([Problem(where=where, hint=f"and {len(at) - MOST} more rows")] if len(at) > MOST else [])


def findings(rows: Observations, data: NDArray[Any]) -> list[dict[str, Any]]:
    """What was noticed and not refused: rows of proportions and rates that give no value for want of a denominator."""
    ratio = np.isin(data, ("proportion", "rate"))[rows.measure] & ~np.isnan(rows.numerator)
    kinds = {
        "no_denominator": (np.isnan(rows.denominator), "no denominator", "a denominator for every numerator"),
        "zero_denominator": (rows.denominator == 0, "0", "a denominator above 0"),
    }
    return [
        {
            "code": code,
            "team": rows.teams[rows.team[row]],
            "measure": rows.measures[rows.measure[row]],
            "date": pd.Timestamp(rows.date[row]),
            "file": "",
            "line": int(row) + 1,
            "found": found,
            "expected": expected,
        }
        for code, (which, found, expected) in kinds.items()
        for row in np.flatnonzero(ratio & which)
    ]

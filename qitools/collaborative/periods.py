"""Dates as people write them, and the period each falls in.

A period is known by its first day: weeks begin on Monday, quarters in January, April, July and October.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import numpy as np

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})-?(\d{2})")
_QUARTER = re.compile(r"(\d{4})[- ]?Q([1-4])", re.IGNORECASE)
_WEEK = re.compile(r"(\d{4})-?W(\d{2})", re.IGNORECASE)
FIRST_YEAR, LAST_YEAR = 1900, 2200
ACCEPTED = {
    "day": "a day such as 2024-05-31",
    "week": "a day such as 2024-05-27, or a week such as 2024-W22",
    "month": "a month such as 2024-05 or any day in it, such as 2024-05-31",
    "quarter": "a quarter such as 2024Q2 or any day in it, such as 2024-06-30",
}


def parsed(text: str, period: str = "day", date_format: str | None = None) -> np.datetime64:
    """The day a text names; NaT where it names none, or one coarser than the period.

    >>> str(parsed("2019Q4", "quarter")), str(parsed("2019Q4", "month")), str(parsed("2024-05", "month"))
    ('2019-10-01', 'NaT', '2024-05-01')
    """
    day = _read(text, period, date_format)
    return np.datetime64(day if day and FIRST_YEAR <= day.year <= LAST_YEAR else "NaT", "D")


def odd_year(text: str, period: str, date_format: str | None = None) -> str:
    """Why a date that can be read is not taken: its year; "" for any other text."""
    day = _read(text, period, date_format)
    odd = day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR
    return f"the year {day.year} lies outside {FIRST_YEAR} to {LAST_YEAR}" if day and odd else ""


def _read(text: str, period: str, date_format: str | None) -> date | None:
    try:
        return datetime.strptime(text, date_format).date() if date_format else _plain(text, period)
    except ValueError:
        return None


def _plain(text: str, period: str) -> date | None:
    if match := _DAY.fullmatch(text) or _COMPACT.fullmatch(text):
        return date(*map(int, match.groups()))
    if period == "week" and (match := _WEEK.fullmatch(text)):
        return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    if period in ("month", "quarter") and (match := _MONTH.fullmatch(text)):
        return date(int(match[1]), int(match[2]), 1)
    if period == "quarter" and (match := _QUARTER.fullmatch(text)):
        return date(int(match[1]), 3 * int(match[2]) - 2, 1)
    return None


def ordinals(dates: Any, period: str) -> np.ndarray:
    """The number of the period each day falls in, counted from that of 1 January 1970.

    >>> ordinals(["1970-01-31", "1970-02-01"], "month").tolist()
    [0, 1]
    """
    days = np.asarray(dates, dtype="datetime64[D]")
    if period == "week":
        return np.asarray((days.astype(np.int64) + 3) // 7)  # 1 January 1970 was a Thursday
    months = days.astype("datetime64[M]").astype(np.int64)
    return np.asarray(months if period == "month" else months // 3)


def first_days(numbers: Any, period: str) -> np.ndarray:
    """The first day of each of these periods: the inverse of ``ordinals``.

    >>> first_days([0, 1], "quarter").astype(str).tolist()
    ['1970-01-01', '1970-04-01']
    """
    whole = np.asarray(numbers, dtype=np.int64)
    if period == "week":
        return np.asarray((whole * 7 - 3).astype("datetime64[D]"))
    months = whole if period == "month" else whole * 3
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]"))


def floored(dates: Any, period: str) -> np.ndarray:
    """The first day of the period each day falls in.

    >>> floored(["2024-05-31"], "month").astype(str).tolist()
    ['2024-05-01']
    """
    return first_days(ordinals(dates, period), period)

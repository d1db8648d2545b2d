"""Periods as whole numbers, so that windows of a year can be laid out and gaps counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qitools.analysis.engine import Analysis
from qitools.spc.panel import Ints

A_YEAR = {"week": 52, "month": 12, "quarter": 4}  # periods in a year


def usual_period(part: Analysis) -> str:
    """The period most teams report by: week, month or quarter."""
    own = part.teams["period"].mode()
    named = str(own.iloc[0]) if len(own) else ""
    return named or str(part.method["period"] or "month")


def places(dates: pd.Series[Any], period: str) -> Ints:
    """Dates as whole periods since 1970.

    >>> places(pd.Series(pd.to_datetime(["2024-01-01", "2024-04-01"])), "quarter").tolist()
    [216, 217]
    """
    if period == "week":
        return np.asarray(dates.to_numpy("datetime64[D]").astype(np.int64) // 7)
    return np.asarray(dates.to_numpy("datetime64[M]").astype(np.int64) // (12 // A_YEAR.get(period, 12)))


def periods_from(first: Any, last: Any, period: str) -> int:
    """How many periods a window spans, both ends in it; 0 where it has none.

    >>> periods_from(pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-01"), "month")
    12
    """
    if pd.isna(first) or pd.isna(last):
        return 0
    ends = places(pd.Series([first, last]), period)
    return int(ends[1] - ends[0]) + 1


def stretches(dates: pd.Series[Any], period: str) -> list[tuple[Any, Any]]:
    """The first and the last date of every run of periods without a gap, oldest first.

    >>> months = pd.Series(pd.to_datetime(["2024-01-01", "2024-02-01", "2024-05-01"]))
    >>> [(first.month, last.month) for first, last in stretches(months, "month")]
    [(1, 2), (5, 5)]
    """
    days = dates.drop_duplicates().sort_values()
    run = (np.diff(places(days, period), prepend=-1) > 1).cumsum()
    return [(own.iloc[0], own.iloc[-1]) for _, own in days.groupby(run)]


def point_of_year(place: Ints, period: str) -> Ints:
    """The point of the year of whole periods since 1970: 0 for January, or for the first quarter."""
    return np.asarray(place % A_YEAR.get(period, 12))


def window_length(part: Analysis) -> int:
    """Periods of a window at the start or the end of a measure: as the settings say, else a year."""
    return int(part.method.get("change_window") or A_YEAR[usual_period(part)])

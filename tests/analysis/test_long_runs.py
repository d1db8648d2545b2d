"""A run that began before the points a verdict looks at is dated from its own beginning."""

from __future__ import annotations

import pandas as pd

from qitools import analyse
from qitools.analysis.verdicts import WINDOW


def dated(values: list[float]) -> tuple[str, int | None, int | None]:
    """The verdict of monthly values, and the first and the last month of the run behind it."""
    months = pd.date_range("2010-01-01", periods=len(values), freq="MS")
    table = pd.DataFrame({"team": "a", "measure": "m", "date": months, "numerator": values})
    row = analyse(table, better="lower", chart="run", rules="his-2025").series.iloc[0]
    place = {date: i for i, date in enumerate(months)}
    return row["verdict"], place.get(row["first_signal"]), place.get(row["signal_end"])


def test_a_run_older_than_the_window_keeps_its_first_month() -> None:
    assert dated([9, 11] * 10 + [12] * (WINDOW + 24)) == ("worsened", 19, None)  # the 11 before it is on its side too


def test_a_run_inside_the_window_is_untouched() -> None:
    assert dated([9, 11] * 40 + [8] * 10) == ("improved", 80, None)


def test_a_run_that_reaches_into_the_window_and_ends_there_keeps_both_ends() -> None:
    length = WINDOW + 20
    assert dated([9, 11] * 10 + [8] * length + [11, 9] * 8) == ("improved", 20, 19 + length)

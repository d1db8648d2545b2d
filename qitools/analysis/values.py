"""The plotted value of every row, and the refusal of what no such value can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qitools.analysis.doorway import RATIO_CHARTS, Study
from qitools.analysis.rows import Rows, named_rows
from qitools.errors import DataError, ParameterError, Problem
from qitools.spc.limits import moving_ranges
from qitools.spc.panel import Bools, Floats, Panel

RATIOS = ("proportion", "rate")  # data whose value is numerator over denominator
PLAIN = ("xbar", "s", "c", "g", "t")  # charts whose value is the numerator, whatever the data
NEVER_NEGATIVE = ("p", "pp", "u", "up", "c", "g", "t", "s")
SECONDS_A_DAY = 86_400


def values(study: Study, rows: Rows, chart: NDArray[np.str_], declared: Panel, excluded: Bools) -> Floats:
    """The plotted value of every row before it is multiplied by ``per``; NaN where there is none.

    Raises:
        DataError: a numerator above its denominator on a p chart, a value below 0 where none can be.
        ParameterError: a chart that needs denominators, of a measure that has none.
    """
    data = study.measures["data"]
    ratio = np.isin(data, RATIOS) & ~np.isin(chart, PLAIN)
    bottom = np.where(rows.denominator > 0, rows.denominator, np.nan) if ratio.any() else rows.denominator
    value = rows.numerator
    if ratio.any():
        value = value / bottom if ratio.all() else np.where(rows.by_measure(ratio), value / bottom, value)
    if (chart == "s").any() and rows.sd is not None:
        value = np.where(rows.by_measure(chart == "s"), rows.sd, value)
    if (data == "days_between").any():
        value = _days_between(rows, value, rows.by_measure(data == "days_between"))
    _refuse(study, rows, chart, value, bottom)
    if (chart == "mr").any():
        ranges = moving_ranges(declared, value, ~excluded)
        beside = moving_ranges(declared, value, np.ones(len(value), bool))
        value = np.where(rows.by_measure(chart == "mr"), np.where(excluded, beside, ranges), value)
    return value


def _days_between(rows: Rows, value: Floats, wanted: Bools) -> Floats:
    """Days since the event before, in series that give dates alone."""
    series = rows.series
    dates_alone = series.spread(series.count(~np.isnan(value)) == 0) & wanted
    days = np.diff(rows.date.astype("datetime64[s]").astype(np.int64), prepend=0) / SECONDS_A_DAY
    days[series.starts] = np.nan
    return np.where(dates_alone, days, value)


def _refuse(study: Study, rows: Rows, chart: NDArray[np.str_], value: Floats, bottom: Floats) -> None:
    """Refuse a chart without its denominators, and values that cannot be."""
    needs = rows.by_measure(np.isin(chart, [*RATIO_CHARTS]))
    if needs.any():
        has = np.bincount(rows.measure_of_series, rows.series.count(bottom > 0), minlength=len(chart)) > 0
        bare = np.flatnonzero(
            np.isin(chart, [*RATIO_CHARTS]) & ~has & np.isin(np.arange(len(chart)), rows.measure_of_series)
        )
        problems = [
            Problem(
                where=f"chart of measure {study.measures['measure'][place]!r}",
                found=str(chart[place]),
                expected="denominators above 0",
                hint="use run, i or c where there are none",
            )
            for place in bare
        ]
        if problems:
            raise ParameterError("A chart needs denominators that are not there.", problems)
    problems = []
    if (value < 0).any():
        below = (value < 0) & rows.by_measure(np.isin(chart, NEVER_NEGATIVE))
        problems = named_rows(study, rows, below, "a value below 0", "0 or more on this chart")
    proportion = np.isin(chart, ("p", "pp"))
    if proportion.any():
        above = (value > 1) & rows.by_measure(proportion)
        problems += named_rows(study, rows, above, "a numerator above its denominator", "a proportion of at most 1")
    if problems:
        raise DataError("The table holds what cannot be true.", problems)

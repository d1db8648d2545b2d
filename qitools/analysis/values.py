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
    """The plotted value of every row, times ``per``; NaN where there is none.

    Raises:
        DataError: a numerator above its denominator on a p chart, a value below 0 where none can be.
        ParameterError: a chart that needs denominators, of a measure that has none.
    """
    measure = rows.key // max(len(study.teams), 1)
    ratio = study.measures["data"].isin(RATIOS).to_numpy() & ~np.isin(chart, PLAIN)
    bottom = np.where(rows.denominator > 0, rows.denominator, np.nan) if ratio.any() else rows.denominator
    value = rows.numerator
    if ratio.any():
        value = value / bottom if ratio.all() else np.where(ratio[measure], value / bottom, value)
    if (chart == "s").any():
        value = np.where((chart == "s")[measure], rows.sd, value)
    from_dates = (study.measures["data"] == "days_between").to_numpy()
    if from_dates.any():
        value = _days_between(rows, value, from_dates[measure])
    _refuse(study, rows, chart, measure, value, bottom)
    if (chart == "mr").any():
        ranges = moving_ranges(declared, value, ~excluded)
        beside = moving_ranges(declared, value, np.ones(len(value), bool))
        value = np.where((chart == "mr")[measure], np.where(excluded, beside, ranges), value)
    per = study.measures["per"].to_numpy(float)
    return value * per[measure] if (per != 1).any() else value


def _days_between(rows: Rows, value: Floats, wanted: Bools) -> Floats:
    """Days since the event before, in series that give dates alone."""
    series = rows.series
    dates_alone = series.spread(series.count(~np.isnan(value)) == 0) & wanted
    days = np.diff(rows.date.astype("datetime64[s]").astype(np.int64), prepend=0) / SECONDS_A_DAY
    days[series.starts] = np.nan
    return np.where(dates_alone, days, value)


def _refuse(
    study: Study, rows: Rows, chart: NDArray[np.str_], measure: NDArray[np.int64], value: Floats, bottom: Floats
) -> None:
    has = np.bincount(measure[~np.isnan(bottom)], minlength=len(chart)) > 0
    there = np.bincount(measure, minlength=len(chart)) > 0
    bare = np.flatnonzero(np.isin(chart, list(RATIO_CHARTS)) & there & ~has)
    if len(bare):
        names = study.measures["measure"].to_numpy()
        problems = [
            Problem(
                where=f"chart of measure {names[place]!r}",
                found=str(chart[place]),
                expected="denominators above 0",
                hint="use run, i or c where there are none",
            )
            for place in bare
        ]
        raise ParameterError("A chart needs denominators that are not there.", problems)
    below = np.isin(chart, NEVER_NEGATIVE)
    wrong = (value < 0) & below[measure] if below.any() else np.zeros(len(value), bool)
    proportion = np.isin(chart, ("p", "pp"))
    above = (value > 1) & proportion[measure] if proportion.any() else np.zeros(len(value), bool)
    if wrong.any() or above.any():
        problems = named_rows(study, rows, wrong, "a value below 0", "0 or more on this chart")
        problems += named_rows(study, rows, above, "a numerator above its denominator", "a proportion of at most 1")
        raise DataError("The table holds what cannot be true.", problems)

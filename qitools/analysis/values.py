"""The plotted value of every row, and the refusal of what no such value can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qitools.analysis.doorway import Study
from qitools.analysis.inferred import RATIO_CHARTS
from qitools.analysis.long_table import came
from qitools.analysis.rows import Rows, named_rows
from qitools.errors import DataError, ParameterError, Problem
from qitools.spc.constants import LARGEST
from qitools.spc.limits import moving_ranges
from qitools.spc.panel import Bools, Floats, Panel

RATIOS = ("proportion", "rate")  # data whose value is numerator over denominator
PLAIN = ("xbar", "s", "c", "g", "t")  # charts whose value is the numerator, whatever the data
NEVER_NEGATIVE = ("p", "pp", "u", "up", "c", "g", "t", "s")
EVENTS = ("days_between", "events_between")
NOT_EVENTS = ("c", "xbar", "s", *RATIO_CHARTS)
NO_DENOMINATORS = ("xbar", "s")  # means of rows, each of one weight
ABOVE = "a numerator above its denominator"
MANY = 3  # events from which a 1 in every row is a count, not a coincidence
SECONDS_A_DAY = 86_400


def values(study: Study, rows: Rows, chart: NDArray[np.str_], declared: Panel, excluded: Bools) -> Floats:
    """The plotted value of every row before it is multiplied by ``per``; NaN where there is none.

    Raises:
        DataError: a numerator above its denominator on a p chart, a value below 0 where none can be.
        ParameterError: a chart that needs denominators, of a measure with numerators alone.
    """
    data = study.measures["data"]
    ratio = np.isin(data, RATIOS) & ~np.isin(chart, PLAIN)
    bottom = np.where(rows.denominator > 0, rows.denominator, np.nan) if ratio.any() else rows.denominator
    value = rows.numerator
    if ratio.any():
        value = value / bottom if ratio.all() else np.where(rows.by_measure(ratio), value / bottom, value)
    if (chart == "s").any() and rows.sd is not None:
        value = np.where(rows.by_measure(chart == "s"), rows.sd, value)
    events = np.isin(data, EVENTS) & ~np.isin(chart, NOT_EVENTS)
    if events.any():
        value = _between(study, rows, value, rows.by_measure(events))
    _refuse(study, rows, chart, value)
    if (chart == "mr").any():
        ranges = moving_ranges(declared, value, ~excluded)
        beside = moving_ranges(declared, value, np.ones(len(value), bool))
        value = np.where(rows.by_measure(chart == "mr"), np.where(excluded, beside, ranges), value)
    return value


def _between(study: Study, rows: Rows, value: Floats, wanted: Bools) -> Floats:
    """Days since the event before, in series that give dates alone."""
    series = rows.series
    there = ~np.isnan(value)
    dates_alone = series.spread(series.count(there) == 0) & wanted
    days = np.diff(rows.date.astype("datetime64[s]").astype(np.int64), prepend=0) / SECONDS_A_DAY
    days[series.starts] = np.nan
    ones = (series.count(there) >= MANY) & (series.count(there & (value != 1)) == 0)
    counted = wanted & series.spread(ones & (series.count(days > 1) > 0)) & np.isnan(days)
    if counted.any():
        raise DataError("Events are counted where the time between them belongs.", _counted(study, rows, counted))
    return np.where(dates_alone, np.where(came(rows.status), days, np.nan), value)


def _counted(study: Study, rows: Rows, which: Bools) -> list[Problem]:
    hint = "leave the numerator empty: the days between the dates are then drawn"
    return named_rows(study, rows, which, "1 in every row", "what lies between two events", hint)


def _refuse(study: Study, rows: Rows, chart: NDArray[np.str_], value: Floats) -> None:
    """Refuse a chart without its denominators, one that cannot use them, and values that cannot be."""
    needs, bars = np.isin(chart, [*RATIO_CHARTS]), np.isin(chart, NO_DENOMINATORS)
    if (needs | bars).any():
        owner, there = rows.measure_of_series, np.isin(np.arange(len(chart)), rows.measure_of_series)
        sent, given = (
            np.bincount(owner, rows.series.count(~np.isnan(part)), minlength=len(chart)) > 0
            for part in (rows.numerator, rows.denominator)
        )
        hint = "use run, i or c where there are none"
        bare = _charts(study, chart, needs & sent & ~given, "denominators above 0", hint)
        over = _charts(study, chart, bars & given & there, "no denominators", "use p, pp, u or up, which need them")
        if bare + over:
            raise ParameterError("A chart and its denominators do not fit.", bare + over)
    problems = []
    if (value < 0).any():
        below = (value < 0) & rows.by_measure(np.isin(chart, NEVER_NEGATIVE))
        problems = named_rows(study, rows, below, "a value below 0", "0 or more on this chart")
    proportion = np.isin(chart, ("p", "pp")) | ((study.measures["data"] == "proportion") & ~np.isin(chart, PLAIN))
    if proportion.any():
        below = (value < 0) & rows.by_measure(proportion & ~np.isin(chart, NEVER_NEGATIVE))
        above = (value > 1) & rows.by_measure(proportion)
        hint = "a rate is drawn by chart u or up, or with a per other than 1 and 100"
        problems += named_rows(study, rows, above, ABOVE, "a proportion of at most 1", hint)
        problems += named_rows(study, rows, below, "a value below 0", "a proportion of 0 or more", hint)
    most = study.measures["per"].max(initial=1.0)
    if max(np.fmax.reduce(value, initial=0.0), -np.fmin.reduce(value, initial=0.0)) * most > LARGEST:
        large = np.abs(value) * rows.by_measure(study.measures["per"]) > LARGEST
        expected = f"a value from {-LARGEST:g} to {LARGEST:g}, as it is shown"
        problems += named_rows(study, rows, large, "one that is out of range", expected)
    if problems:
        raise DataError("The table holds what cannot be true.", problems)


def _charts(study: Study, chart: NDArray[np.str_], which: Bools, expected: str, hint: str) -> list[Problem]:
    """A problem for each of these measures, with its chart."""
    names = study.measures["measure"]
    return [
        Problem(where=f"chart of measure {names[place]!r}", found=str(chart[place]), expected=expected, hint=hint)
        for place in np.flatnonzero(which)
    ]

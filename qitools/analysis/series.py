"""One row per series: how much was reported, what its centre lines say, and the verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.analysis.change import changes
from qitools.analysis.codes import category, joined
from qitools.analysis.dependence import Noise
from qitools.analysis.reading import Reading
from qitools.analysis.verdicts import sides, verdicts
from qitools.spc.limits import EVENT_CHARTS
from qitools.spc.panel import Bools, Floats, Ints, find_runs
from qitools.spc.runs_tests import anhoej_bounds

VARIATION = ("common", "improving", "worsening", "changed")  # in the order of ``tables.SIGNALS``
COUNTED = ("count", "rate", "proportion")  # data whose numerators count events
SILENT = pd.DateOffset(years=1)  # after its last figure a team is no longer waited for, nor counted
DAYS = {"week": 7.0, "month": 365.25 / 12, "quarter": 365.25 / 4}


def summarise(
    reading: Reading, noise: Noise, *, period: str = "month", as_of: pd.Timestamp, due: bool = True
) -> pd.DataFrame:
    """What each series says.

    Args:
        reading: the tables as arrays; ``target`` in display units.
        noise: what is known of the noise of each series.
        period: month, quarter or week, where the dates of a series do not say it.
        as_of: the last date that could have been reported.
        due: periods between the last row of a series and ``as_of`` were to be reported.

    Returns:
        The contract's ``series`` table, one row per team and measure in the order of ``points``. ``n``, ``first``,
        ``last`` and ``latest`` are of points neither missing nor excluded; ``completeness`` counts every reported one.

    >>> from qitools import analyse
    >>> from qitools.analysis.dependence import dependence
    >>> from qitools.analysis.reading import read
    >>> months = pd.date_range("2024-01-01", periods=21, freq="MS")
    >>> table = pd.DataFrame({"team": "a", "measure": "m", "date": months, "numerator": [9, 11] * 6 + [8] * 9})
    >>> made = analyse(table, better="lower")
    >>> reading = read(made.points, made.phases, made.measures)
    >>> found = summarise(reading, dependence(reading)[0], as_of=months[-1])
    >>> found[["verdict", "strength"]].values.tolist()
    [['improved', 'sustained']]
    """
    parts = [_said(part, period, as_of, due) for part in reading.parts]
    columns, codes = (
        {name: np.concatenate([one[name] for one in each]) for name in each[0]} for each in zip(*parts, strict=True)
    )
    codes |= {code: ~codes["too_few"] & holds for code, holds in noise.codes().items()}
    names = {name: category(reading.points[name])[reading.series.starts] for name in ("team", "measure")}
    return pd.DataFrame(names | columns | {"reason": np.asarray(joined(codes), object)}, copy=False)


def _said(
    reading: Reading, period: str, as_of: pd.Timestamp, due: bool
) -> tuple[dict[str, NDArray[Any]], dict[str, Bools]]:
    """The columns of the table, but for names and reasons; and the reasons, but for those of the noise."""
    last, enough, change = reading.last_counted, enough_points(reading), changes(reading)
    verdict, strength, since, until = verdicts(reading, enough)
    columns = {
        "n": reading.series.count(reading.counted),
        "first": dates_at(reading, reading.first_where(reading.counted)),
        "last": dates_at(reading, last),
        "latest": at(reading.value, last),
        "baseline_centre": reading.centre[reading.first_phase],
        "current_centre": reading.centre[reading.last_phase],
        "change": change.estimate,
        "change_lower": change.lower,
        "change_upper": change.upper,
        "first_signal": dates_at(reading, first_signal(reading, since, until)),
        "signal_end": dates_at(reading, until),
        "verdict": verdict.astype(object),
        "strength": strength.astype(object),
        "variation": np.where(enough, variation(reading, last), ""),
        "assurance": assurance(reading, last).astype(object),
        "target_status": target_status(reading, last).astype(object),
        "completeness": completeness(reading, period, as_of if due else None),
        "open_days": open_days(reading, as_of),
        "marked": reading.series.count(reading.signal != 0),
        "current": current(reading, as_of),
    }
    one_phase = reading.last_phase == reading.first_phase
    alike = reading.noted("no_variation") & (np.asarray(reading.phases["n_useful"]) == 0)
    codes = {
        "too_few": ~enough,
        "one_phase": one_phase,
        "few": change.few,
        "selected_by_data": change.selected,
        "no_variation": change.flat | (one_phase & alike[reading.first_phase]),
        "no_limit_rules": reading.noted("no_limit_rules")[reading.first_phase],
        "sparse": sparse(reading, period),
    }
    return columns, codes


def at(values: Floats, row: Ints) -> Floats:
    """The value in one row per series, NaN where there is none (-1)."""
    return np.where(row >= 0, values[row], np.nan)


def dates_at(reading: Reading, row: Ints) -> NDArray[np.datetime64]:
    """The date in one row per series, NaT where there is none (-1)."""
    return np.where(row >= 0, reading.date[row], np.datetime64("NaT"))


def enough_points(reading: Reading) -> Bools:
    """Series with a centre line and as many points as their rule set asks for: their phases say so."""
    return ~reading.noted("too_few")[reading.first_phase] & (reading.last_counted >= 0)


def first_signal(reading: Reading, since: Ints, until: Ints) -> Ints:
    """Row at which the evidence behind a verdict begins: the first of its run; -1 where it rests on none.

    Under ``anhoej-2014``, whose test speaks of a whole phase, the row at which that run was first too long for chance.
    """
    if not any(rules.runs_test == "anhoej" for rules in reading.rules):
        return since
    row, last = np.arange(reading.series.size), np.where(until >= 0, until, reading.last_counted)
    of_run = (row >= reading.series.spread(since)) & (row <= reading.series.spread(np.where(since >= 0, last, -1)))
    spoke = reading.first_where(long_run_dates(reading) & of_run)
    return np.where(spoke >= 0, spoke, since)


def long_run_dates(reading: Reading) -> Bools:
    """Points at which a run is longer than chance allows of the useful points so far (Anhøj & Olesen 2014).

    Only in phases whose longest run is a signal at the end; a phase with too few crossings alone has no date.
    """
    longest, allowed = (np.asarray(reading.phases[name], float) for name in ("longest_run", "longest_run_max"))
    tested = (reading.of_rules(lambda rules: rules.runs_test == "anhoej"))[reading.owner]
    side, _ = sides(reading, np.where(tested & (longest > allowed), reading.centre, np.nan))
    runs = find_runs(reading.phase, side, side != 0)
    so_far = reading.phase.rank(side != 0)[runs.points]
    in_run = np.arange(len(runs.points)) - (np.cumsum(runs.length) - runs.length)[runs.run] + 1
    out = np.zeros(reading.series.size, bool)
    out[runs.points] = in_run > anhoej_bounds(int(so_far.max(initial=0)))[0][so_far]
    return out


def variation(reading: Reading, last: Ints) -> NDArray[np.object_]:
    """What the last point says: common cause, improving, worsening, changed; "" where there is no point."""
    return np.where(last >= 0, np.array(VARIATION, object)[reading.signal[last]], "")


def target_of(reading: Reading) -> Floats:
    """The target of each series, NaN where there is none or no side is better."""
    target = reading.of_measure(np.asarray(reading.measures["target"], float))
    return np.where(reading.direction != 0, target, np.nan)


def assurance(reading: Reading, last: Ints) -> NDArray[np.str_]:
    """Whether the limits at the last point leave the target always met, never met, or hit and miss."""
    target, direction = target_of(reading), reading.direction
    lower, upper = (at(np.asarray(reading.points[name], float), last) for name in ("lower", "upper"))
    good, bad = np.where(direction > 0, lower, -upper), np.where(direction > 0, upper, -lower)
    aim = target * direction
    known = ~np.isnan(good + bad + aim)
    return np.select([~known, good >= aim, bad < aim], ["", "always", "never"], "hit_and_miss")


def target_status(reading: Reading, last: Ints) -> NDArray[np.str_]:
    """Whether the latest value meets the target; "" where there is no target, no value or no better side."""
    gap = (at(reading.value, last) - target_of(reading)) * reading.direction
    return np.select([np.isnan(gap), gap >= 0], ["", "met"], "not_met")


def completeness(reading: Reading, period: str, as_of: pd.Timestamp | None) -> Floats:
    """Share of the periods since the first for which something was reported, 0 to 1.

    What was reported but gives no value counts: suppressed, over a denominator of 0, or an event with none before it.
    """
    expected: Floats = reading.series.lengths.astype(float)
    if as_of is not None:
        expected += np.where(reading.drawn_as(*EVENT_CHARTS), 0, periods_since(reading, period, as_of))
    share: Floats = reading.series.count(reading.reported) / expected
    return share


def open_days(reading: Reading, as_of: pd.Timestamp) -> Floats:
    """Days from the last event of a g or t chart to ``as_of``: an interval still open, in no limits; NaN elsewhere."""
    last = reading.last_where(reading.reported)
    days = (as_of.to_numpy() - reading.date[last]) / np.timedelta64(1, "D")
    return np.where(reading.drawn_as(*EVENT_CHARTS) & (last >= 0), np.maximum(days, 0.0), np.nan)


def sparse(reading: Reading, period: str) -> Bools:
    """Series of weeks or months whose middle period holds less than one event: quarters would show more."""
    counts = reading.of_measure(np.array([data in COUNTED for data in reading.measures["data"]])) & ~reading.drawn_as(
        *EVENT_CHARTS
    )
    if not counts.any():
        return counts
    events = np.asarray(reading.points["numerator"], float)
    under = reading.counted & (events < 1)
    maybe = counts & (2 * reading.series.count(under) >= np.maximum(reading.series.count(reading.counted), 1))
    if not maybe.any():
        return maybe
    middle = reading.series.median(events, reading.counted & reading.series.spread(maybe))
    return np.asarray(maybe & (middle < 1) & (steps(reading, period) < 2 * DAYS["month"]))


def current(reading: Reading, as_of: pd.Timestamp) -> Bools:
    """Series whose last figure is not older than ``SILENT``, or that never had any; of events none may be good news."""
    last = reading.last_where(reading.reported)
    old = (last >= 0) & (reading.date[last] < (as_of - SILENT).to_numpy())
    return ~old | reading.drawn_as(*EVENT_CHARTS)


def periods_since(reading: Reading, period: str, as_of: pd.Timestamp) -> Ints:
    """Whole periods from the last row of each series to ``as_of``; a team's own periods where its rows show them."""
    last, step = _ends(reading)[1], steps(reading, period)
    end = as_of.to_numpy()
    days = (end.astype("datetime64[D]") - last).astype(np.int64)
    months = (end.astype("datetime64[M]") - last.astype("datetime64[M]")).astype(np.int64)
    a_month = DAYS["month"]
    periods = np.where(step < a_month / 2, days // DAYS["week"], months // np.maximum(np.round(step / a_month), 1))
    return np.asarray(np.maximum(periods, 0), np.int64)


def steps(reading: Reading, period: str) -> Floats:
    """Days from one period of each series to the next, as its rows show them; those of ``period`` where it has one."""
    rows, (first, last) = reading.series.lengths, _ends(reading)
    return np.where(rows > 1, (last - first).astype(float) / np.maximum(rows - 1, 1), DAYS[period])


def _ends(reading: Reading) -> tuple[NDArray[np.datetime64], NDArray[np.datetime64]]:
    """The days of the first and of the last row of each series."""
    starts = reading.series.starts
    first, last = (reading.date[at].astype("datetime64[D]") for at in (starts, starts + reading.series.lengths - 1))
    return first, last

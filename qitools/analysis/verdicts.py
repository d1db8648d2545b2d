"""The verdict: what the latest sustained shift of a series says, in the direction that is better.

Points of a new phase are held against the *previous* centre line: recording a rebase then does not erase an
improvement, and declaring one does not make it. Trends and single points are shown on charts, never counted here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qitools.analysis.reading import Reading, last_of
from qitools.spc.panel import Bools, Floats, Ints, Panel, Runs, Signs, find_runs
from qitools.spc.rules import above, below

WINDOW = 36  # reported points looked at, unless phases are declared: the longer a series, the luckier its runs
HELD = 6  # useful points after a sustaining run that must not turn back
FEW = 8  # a previous centre, or one side of a difference, on fewer points is not built upon
NO_RUNS = ("mr",)  # neighbouring moving ranges share a point: their runs mean nothing


@dataclass(frozen=True, eq=False)
class Said:
    """What the runs of each series say; arrays over series.

    Args:
        latest: direction of the latest sustained shift: 1 better, -1 not, 0 none or no better side.
        sustained, held: there is such a shift; it has not turned back.
        now: direction of the run under way, where it is long enough for a shift.
        under_way: there is such a run.
        away: direction of a sustained run under way from the series' own, current centre.
        since, until: first row of the latest sustained shift, and its last; -1 where none, or where it goes on.
        begun, slid: first row of the run under way, and of the run away from the current centre; -1 where none.
    """

    latest: Ints
    sustained: Bools
    held: Bools
    now: Ints
    under_way: Bools
    away: Ints
    since: Ints
    until: Ints
    begun: Ints
    slid: Ints


def verdicts(reading: Reading, enough: Bools) -> tuple[NDArray[np.str_], NDArray[np.str_], Ints, Ints]:
    """Verdict and strength of each series, as codes, and the first and last row of the run that they rest on.

    A row is -1 where the verdict rests on no run; the last one also where that run reaches the last point.

    Args:
        reading: the tables as arrays.
        enough: series with as many points as their rule set asks for.
    """
    said = listen(reading)
    one_way, turned = said.latest != 0, (said.now == -said.latest) | (said.away == -said.latest)
    verdict = np.select(
        [
            ~enough,
            said.sustained & ~one_way,
            (said.latest > 0) & turned,
            said.latest > 0,
            (said.latest < 0) & ~turned,
            said.sustained | said.under_way | (said.away != 0),
            reading.declared,
        ],
        ["too_few", "changed", "mixed", "improved", "worsened", "candidate", "new_centre"],
        "no_signal",
    )
    lasting = np.isin(verdict, ("improved", "worsened", "mixed", "changed"))
    strength = np.select([verdict == "candidate", lasting & said.held, lasting], ["candidate", "held", "sustained"], "")
    turning = said.under_way & ~(said.sustained & (said.now == said.latest))
    begun = np.where(turning, said.begun, said.slid)
    since = np.select([verdict == "candidate", lasting], [begun, said.since], -1)
    return verdict, strength, since, np.where(lasting, said.until, -1)


def listen(reading: Reading) -> Said:
    """Find the runs that count and what they say of each series."""
    need, shift = sustained_length(reading), reading.of_rules(lambda rules: rules.shift)
    reference = previous_centre(reading)
    side, part = sides(reading, reference)
    part &= ~baseline(reading)
    runs = find_runs(same_reference(reading), side, part & recent(reading))
    owner = reading.series.ids[runs.first]
    lasting = np.flatnonzero((runs.length >= need[owner]) & (runs.side != 0))
    latest, now = last_of(owner[lasting], lasting, len(need)), last_run(reading, runs)
    untold = reading.last_where(reading.counted & np.isnan(reading.phase.spread(reference)))
    under_way = long_enough(runs, now, np.where(shift > 0, shift, need)) & (last_row(runs, now) > untold)
    goes_on = (latest == now) & (last_row(runs, latest) > untold)
    away, slid = moving_away(reading, need)
    return Said(
        latest=side_of(runs, latest) * reading.direction,
        sustained=latest >= 0,
        held=held(reading, runs, latest, need),
        now=side_of(runs, now) * reading.direction * under_way,
        under_way=under_way,
        away=away,
        since=reaching_back(reading, side, part, first_row(runs, latest)),
        until=np.where(goes_on, -1, last_row(runs, latest)),
        begun=reaching_back(reading, side, part, first_row(runs, now)),
        slid=slid,
    )


def sustained_length(reading: Reading) -> Ints:
    """Points of a sustained shift, per series: the set's own, or one more than the longest run that chance allows."""
    need = reading.of_rules(lambda rules: rules.sustained)
    by_test = reading.of_rules(lambda rules: rules.shift == 0 and bool(rules.runs_test))
    allowed = np.asarray(reading.phases["longest_run_max"], float)[reading.last_phase]
    return np.where(by_test & (allowed > 0), np.nan_to_num(allowed) + 1, need).astype(np.int64)


def previous_centre(reading: Reading) -> Floats:
    """The centre each phase is held against: the one before, and its own for the first.

    NaN where a declared phase follows one that stands on few points; a phase found in the data left a whole baseline.
    """
    firm = reading.phase.count(reading.in_baseline) >= FEW
    before, told = np.roll(reading.centre, 1), np.roll(firm, 1) | reading.found
    before = np.where(told, before, np.nan)
    before[reading.first_phase] = reading.centre[reading.first_phase]
    return before


def same_reference(reading: Reading) -> Panel:
    """Stretches held against one centre: a series, cut where its third, fourth, … phase begins."""
    cut = np.zeros(reading.series.size, bool)
    cut[reading.phase.starts[np.arange(len(reading.owner)) - reading.first_phase[reading.owner] >= 2]] = True
    return reading.series.split(cut)


def sides(reading: Reading, centre: Floats) -> tuple[Signs, Bools]:
    """The side of the given centres (per phase) on which points lie, and the points that make or break runs.

    A point on the line takes no part where the rule set skips it; elsewhere it breaks the run it stands in.
    """
    no_runs = reading.drawn_as(*NO_RUNS)[reading.owner]
    line = reading.phase.spread(np.where(no_runs, np.nan, centre))
    counts = reading.counted & ~np.isnan(line)
    side = (above(reading.value, line) * np.int8(1) - below(reading.value, line)) * counts
    breaks = (reading.of_rules(lambda rules: rules.ties == "break"))[reading.owner]
    edge = (reading.of_rules(lambda rules: rules.edge_breaks))[reading.owner]
    breaking = breaks | (edge & ((centre == 0) | (centre == full_marks(reading))))
    return side, (side != 0) | (counts & reading.phase.spread(breaking)) if breaking.any() else side != 0


def full_marks(reading: Reading) -> Floats:
    """The largest value of a percentage, per phase; NaN for other data."""
    percent = np.asarray(reading.measures["data"]) == "proportion"
    return reading.of_measure(np.where(percent, reading.measures["per"], np.nan))[reading.owner]


def recent(reading: Reading) -> Bools:
    """The last ``WINDOW`` counted points of a series; all of them where phases are declared."""
    rank = reading.series.rank(reading.counted)
    before = np.where(reading.declared, 0, reading.series.count(reading.counted) - WINDOW)
    return reading.counted & (rank > reading.series.spread(before))


def reaching_back(reading: Reading, side: Signs, part: Bools, first: Ints) -> Ints:
    """First rows of runs, one per series (-1: none), moved back to where a run began before the points looked at."""
    cut = ~reading.declared & (first >= 0) & (first == reading.first_where(recent(reading) & part))
    cut &= reading.series.count(reading.counted) > WINDOW
    if not cut.any():
        return first
    whole = find_runs(same_reference(reading), side, part & reading.series.spread(cut))
    out = first.copy()
    out[cut] = whole.first[whole.run[np.searchsorted(whole.points, first[cut])]]
    return out


def baseline(reading: Reading) -> Bools:
    """Points of a first phase that its centre stands on, where other points can be held against them.

    Where a centre was given, or stands on the whole of an only phase, all points are tested.
    """
    first = reading.first_phase
    later = reading.phase.count(reading.counted & ~reading.in_baseline)[first] > 0
    fixed = reading.of_rules(lambda rules: rules.baseline > 0)
    frozen = np.zeros(len(reading.owner), bool)
    frozen[first] = (later | fixed | (reading.last_phase > first)) & ~reading.noted("given_centre")[first]
    on_it: Bools = reading.in_baseline & reading.phase.spread(frozen)
    return on_it


def side_of(runs: Runs, which: Ints) -> Ints:
    """The side of one run per series, 0 where there is none (-1)."""
    return np.where(which >= 0, np.append(runs.side, 0)[which], 0).astype(np.int64)


def first_row(runs: Runs, which: Ints) -> Ints:
    """The first row of one run per series, -1 where there is none."""
    return np.append(runs.first, -1)[which]


def last_row(runs: Runs, which: Ints) -> Ints:
    """The last row of one run per series, -1 where there is none."""
    ends = runs.points[runs.begin + runs.length - 1]
    return np.append(ends, -1)[which]


def long_enough(runs: Runs, which: Ints, length: Ints) -> Bools:
    """Whether one run per series lies off the line and has the given length."""
    of_run: Ints = np.append(runs.length, 0)[which]
    out: Bools = (side_of(runs, which) != 0) & (of_run >= length)
    return out


def held(reading: Reading, runs: Runs, latest: Ints, need: Ints) -> Bools:
    """Whether the six points after a sustaining run exist and have not all turned back."""
    out = np.zeros(len(latest), bool)
    found = np.flatnonzero(latest >= 0)
    side = runs.side[runs.run]
    useful = np.flatnonzero(side)  # a point on the line tells neither way
    after = np.searchsorted(useful, runs.begin[latest[found]] + need[found])[:, None] + np.arange(HELD)
    exist = after[:, -1] < len(useful)
    found, after = found[exist], useful[after[exist]]
    same = reading.series.ids[runs.points[after[:, -1]]] == found
    turned = (side[after] == -runs.side[latest[found]][:, None]).all(axis=1)
    out[found] = same & ~turned
    return out


def moving_away(reading: Reading, need: Ints) -> tuple[Ints, Ints]:
    """A sustained run under way, after its baseline, from the centre of a later phase: direction (or 0), first row."""
    later = reading.last_phase > reading.first_phase
    if not later.any():
        return np.zeros(len(later), np.int64), np.full(len(later), -1)
    current = np.zeros(len(reading.owner), bool)
    current[reading.last_phase[later]] = True
    side, part = sides(reading, reading.centre)
    runs = find_runs(reading.series, side, part & ~reading.in_baseline & reading.phase.spread(current))
    now = last_run(reading, runs)
    return side_of(runs, now) * reading.direction * long_enough(runs, now, need), first_row(runs, now)


def last_run(reading: Reading, runs: Runs) -> Ints:
    """The run under way in each series, -1 where there is none."""
    return last_of(reading.series.ids[runs.first], np.arange(len(runs.side)), len(reading.measure))

"""The tables of an analysis as flat arrays, ready to be asked what each series says.

A ``Reading`` holds every point once, in the order of the tables, with two ways to cut it: into series, and into phases.
Whatever depends on the measure (direction, rule set, target) is an array over measures, reached through ``measure``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qitools.analysis.codes import category, has, places
from qitools.analysis.tables import DIRECTION, SIGNALS, Columns
from qitools.spc.panel import Bools, Floats, Ints, Panel
from qitools.spc.rule_sets import RULE_SETS, RuleSet

PART = 300_000  # rows asked at once


@dataclass(frozen=True, eq=False)
class Reading:
    """Points as arrays, cut into series and into phases.

    Args:
        points, phases, measures: the columns of the contract, sorted alike.
        rules: the rule set applied to each row of ``measures``.
        series, phase: where each series and each phase begins in ``points``.
        measure: the row of ``measures`` of each series.
        value, counted: per point; counted is neither missing nor excluded.
    """

    points: Columns
    phases: Columns
    measures: Columns
    rules: tuple[RuleSet, ...]
    series: Panel
    phase: Panel
    measure: Ints
    value: Floats
    counted: Bools

    @cached_property
    def parts(self) -> tuple[Reading, ...]:
        """The same in parts of whole series: of all at once, what lies in between would not stay in memory at hand."""
        cuts = self.series.cuts(PART)
        return (self,) if len(cuts) == 2 else tuple(self._part(begin, end) for begin, end in pairwise(cuts))

    def _part(self, begin: int, end: int) -> Reading:
        (series, which), (phase, own) = (_panel_between(panel, begin, end) for panel in (self.series, self.phase))
        return replace(
            self,
            points={str(name): column[begin:end] for name, column in self.points.items()},
            phases={str(name): column[own] for name, column in self.phases.items()},
            series=series,
            phase=phase,
            measure=self.measure[which],
            value=self.value[begin:end],
            counted=self.counted[begin:end],
        )

    @cached_property
    def excluded(self) -> Bools:
        """Points left out by decision."""
        return np.asarray(self.points["excluded"], bool)

    @cached_property
    def reported(self) -> Bools:
        """Points for which something came, even where it is hidden or makes no value."""
        status = category(self.points["status"])
        came: Bools = np.array([word != "missing" for word in status.categories], bool)[status.codes]
        return came

    @cached_property
    def date(self) -> NDArray[np.datetime64]:
        """First day of the period of each point."""
        return np.asarray(self.points["date"])

    @cached_property
    def signal(self) -> NDArray[np.int8]:
        """What each point says, as its place in ``SIGNALS``."""
        said = category(self.points["signal"])
        place: NDArray[np.int8] = np.array([SIGNALS.index(word) for word in said.categories], np.int8)[said.codes]
        return place

    @cached_property
    def in_baseline(self) -> Bools:
        """Points that a centre line stands on."""
        return np.asarray(self.points["in_baseline"], bool) & self.counted

    @cached_property
    def centre(self) -> Floats:
        """The centre line of each phase."""
        return np.asarray(self.phases["centre"], float)

    @cached_property
    def owner(self) -> Ints:
        """The series of each phase."""
        return self.series.ids[self.phase.starts]

    @cached_property
    def first_phase(self) -> Ints:
        """The first phase of each series that has a point; its first one where none has."""
        starts, number = np.searchsorted(self.owner, np.arange(len(self.measure))), np.arange(len(self.owner))
        with_points = np.where(self.phase.count(self.counted) > 0, number, len(number))
        first = np.minimum.reduceat(with_points, starts)
        return np.where(first < len(number), first, starts)

    @cached_property
    def last_phase(self) -> Ints:
        """The current phase of each series."""
        return np.searchsorted(self.owner, np.arange(len(self.measure)), side="right") - 1

    def noted(self, code: str) -> Bools:
        """Phases whose reason holds a code."""
        return has(self.phases["reason"], code)

    @cached_property
    def found(self) -> Bools:
        """Phases found in the data; the others are first phases or declared ones."""
        declared: Bools = np.isnat(np.asarray(self.phases["triggered"]))
        return ~declared

    @cached_property
    def declared(self) -> Bools:
        """Series with a phase that a person declared."""
        later = np.arange(len(self.owner)) > self.first_phase[self.owner]
        return np.bincount(self.owner[later & ~self.found], minlength=len(self.measure)) > 0

    @cached_property
    def direction(self) -> Ints:
        """Which way is better, per series: 1 up, -1 down, 0 neither."""
        return self.of_measure(np.array([DIRECTION[better] for better in self.measures["better"]]))

    def drawn_as(self, *charts: str) -> Bools:
        """Series of these chart kinds."""
        return self.of_measure(np.array([chart in charts for chart in self.charts]))

    @cached_property
    def charts(self) -> list[str]:
        """The chart kind of each measure."""
        return [str(kind) for kind in self.measures["chart"]]

    @cached_property
    def last_counted(self) -> Ints:
        """The last counted row of each series, -1 where there is none."""
        return self.last_where(self.counted)

    def last_where(self, mask: Bools) -> Ints:
        """The last row of each series that the mask holds, -1 where there is none."""
        return np.maximum.reduceat(np.where(mask, np.arange(len(mask)), -1), self.series.starts)

    def first_where(self, mask: Bools) -> Ints:
        """The first row of each series that the mask holds, -1 where there is none."""
        row = np.minimum.reduceat(np.where(mask, np.arange(len(mask)), len(mask)), self.series.starts)
        return np.where(row < len(mask), row, -1)

    def of_measure(self, per_measure: NDArray[Any]) -> NDArray[Any]:
        """What holds for a measure, given to each of its series."""
        return per_measure[self.measure]

    def of_rules(self, field: Callable[[RuleSet], Any]) -> NDArray[Any]:
        """What the rule set in force says, per series."""
        return self.of_measure(np.array([field(rule_set) for rule_set in self.rules]))


def read(points: Columns, phases: Columns, measures: Columns) -> Reading:
    """Cut the columns of the tables into series and phases, once."""
    measure, team = category(points["measure"]), category(points["team"])
    row_of = places(measure.categories.tolist(), measures["measure"])
    value = np.asarray(points["value"], float)
    begins = np.zeros(len(value), bool)
    begins[:1] = True
    for names in (measure.codes, team.codes):
        begins[1:] |= names[1:] != names[:-1]
    series = Panel(np.flatnonzero(begins), len(value))
    number = np.asarray(points["phase"])
    begins[1:] |= number[1:] != number[:-1]
    phase = Panel(np.flatnonzero(begins), len(value))
    if len(phase.starts) != len(phases["phase"]):
        raise ValueError(f"points hold {len(phase.starts)} phases, the table of phases {len(phases['phase'])}")
    return Reading(
        points=points,
        phases=phases,
        measures=measures,
        rules=tuple(RULE_SETS[str(name)] for name in measures["rule_set"]),
        series=series,
        phase=phase,
        measure=row_of[measure.codes[series.starts]],
        value=value,
        counted=~np.isnan(value) & ~np.asarray(points["excluded"], bool),
    )


def _panel_between(panel: Panel, begin: int, end: int) -> tuple[Panel, slice]:
    """The segments between two rows as a panel of their own, and which they are."""
    which = slice(*np.searchsorted(panel.starts, (begin, end)).tolist())
    return Panel(panel.starts[which] - begin, end - begin), which


def last_of(group: Ints, item: Ints, groups: int) -> Ints:
    """The item given last for each group, -1 where a group has none.

    >>> last_of(np.array([0, 0, 2]), np.array([5, 6, 7]), 3).tolist()
    [6, -1, 7]
    """
    out = np.full(groups, -1, np.int64)
    out[group] = item
    return out

"""Phases: where a new centre line begins, and the limits of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from qitools.spc.limits import Limits, Sample, limits
from qitools.spc.panel import Bools, Ints, Panel
from qitools.spc.rule_sets import SUSTAINED


@dataclass(frozen=True)
class Rebase:
    """How a new phase is found in the data.

    Args:
        kind: ``"none"``; ``"sustained-shift"``: a phase starts with the first run of ``run`` or more useful points that
            is not the run it starts in, its centre from the ``median_of`` points from there (Healthcare Improvement
            Scotland 2025); ``"run"``: the centre comes from the first ``median_of`` useful points of the run itself,
            and the search goes on after its ``run``-th point.
        baseline: points that make the first centre line; 0: as the rule set says.
        run: useful points on one side that make a new phase.
        median_of: points that make the new centre line; 0: as many as the baseline.
        direction: both, above or below the centre line.
    """

    kind: str = "none"
    baseline: int = 0
    run: int = SUSTAINED
    median_of: int = 0
    direction: str = "both"


@dataclass(frozen=True, eq=False)
class Phased:
    """The phases and their limits.

    ``panel`` has one segment a phase; ``limits.centre`` is per row here. ``full``: the baseline has all the points it
    should have and no new phase starts within them. ``trigger``: length of the run that began the phase (0: declared);
    ``triggered``: the row at which that run was long enough (-1: declared).
    """

    panel: Panel
    base: Bools
    limits: Limits
    full: Bools
    trigger: Ints
    triggered: Ints


def first_points(panel: Panel, counts: Bools, points: Ints) -> Bools:
    """The first so many counted rows of each segment; all where ``points`` is 0."""
    bound = panel.spread(np.where(points > 0, points, panel.size + 1))
    return counts & (panel.rank(counts) <= bound)


def draw(kind: str, sample: Sample, points: Ints) -> Phased:
    """Limits of every declared phase: from its first ``points`` counted rows (0: all), drawn on all its rows."""
    panel, counts = sample.panel, sample.base
    base = first_points(panel, counts, points)
    found = limits(kind, replace(sample, base=base))
    none = np.zeros(len(points), np.int64)
    return Phased(panel, base, found, panel.count(base) >= points, none, none - 1)

"""Phases: where a new centre line begins, and the limits of each.

A phase is declared by a person or, when asked, found in the data. To find phases, ``draw`` goes in rounds: limits from
where the phase starts to the end of its series, then the first run that makes a new phase, then on from there. Each
round is one pass over all series that still have something to look at, and writes over the tail of the round before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from qitools.spc.limits import Limits, Sample, limits
from qitools.spc.panel import Bools, Floats, Ints, Panel
from qitools.spc.rule_sets import SUSTAINED, RuleSet
from qitools.spc.rules import Drawn, side_runs

REBASE_KINDS = ("none", "sustained-shift", "run")
FIRM = 12  # points of a centre line that is no longer temporary (Healthcare Improvement Scotland 2025)
SIDES = {"both": (-1, 1), "above": (1,), "below": (-1,)}


@dataclass(frozen=True)
class Rebase:
    """How a new phase is found in the data.

    Args:
        kind: ``"none"``; ``"sustained-shift"``: a phase starts with the first run of ``run`` or more useful points that
            is not the run it starts in, its centre from the ``median_of`` points from there (Healthcare Improvement
            Scotland 2025); ``"run"``: the first run of ``run`` useful points after those that made the centre line, the
            new centre from its first ``median_of`` useful points; points that made a centre line are not held to it.
        baseline: points that make the first centre line; 0: as the rule set says.
        run: useful points on one side that make a new phase.
        median_of: points that make the new centre line; 0: as many as made the first.
        direction: both, above or below the centre line.
    """

    kind: str = "none"
    baseline: int = 0
    run: int = SUSTAINED
    median_of: int = 0
    direction: str = "both"


@dataclass(frozen=True, eq=False)
class Phased:
    """The phases and their limits; arrays over all rows, or over phases where said.

    ``panel`` has one segment a phase. ``untested``: rows that made a found centre line and are not held to it. Per
    phase: ``full``, the centre line has all the points it should have and no new phase starts within them; ``trigger``,
    length of the run that began it (0: declared); ``triggered``, the row at which that run was long enough (-1).
    """

    panel: Panel
    base: Bools
    untested: Bools
    centre: Floats
    lower: Floats
    upper: Floats
    z: Floats
    sigma_z: Floats
    full: Bools
    trigger: Ints
    triggered: Ints


def first_points(panel: Panel, counts: Bools, points: Ints) -> Bools:
    """The first so many counted rows of each segment; all where ``points`` is 0."""
    if not points.any():
        return counts
    bound = panel.spread(np.where(points > 0, points, panel.size + 1))
    return counts & (panel.rank(counts) <= bound)


@dataclass(frozen=True, eq=False)
class Tails:
    """The current phase of each series still looked at, to the end of the series; arrays over phases.

    ``search``: row from which the next run is looked for; ``wanted``: points the centre line should have (0: all);
    ``given``: a given centre line; ``base`` is over all rows.
    """

    start: Ints
    end: Ints
    search: Ints
    wanted: Ints
    given: Floats
    base: Bools
    trigger: Ints
    triggered: Ints

    @cached_property
    def panel(self) -> Panel:
        """The tails one after the other."""
        lengths = self.end - self.start
        return Panel(np.cumsum(lengths) - lengths, int(lengths.sum()))

    @cached_property
    def rows(self) -> Ints:
        """The rows of the panel, as rows of the whole."""
        return self.panel.spread(self.start - self.panel.starts) + np.arange(self.panel.size)

    def sample(self, whole: Sample) -> Sample:
        """What the limits of the tails are computed from."""
        at = self.rows
        return replace(
            whole,
            panel=self.panel,
            value=whole.value[at],
            base=self.base[at],
            chain=whole.chain[at],
            size=whole.size[at],
            sd=whole.sd[at],
            centre=self.given,
        )


def draw(kind: str, sample: Sample, points: Ints, rules: RuleSet, rebase: Rebase, edge: Floats) -> Phased:
    """Limits of every phase, declared and found, drawn on all its rows.

    Args:
        kind: chart kind.
        sample: its panel holds the declared phases, its base all rows that count.
        points: how many of them make the centre line of each declared phase; 0: all.
        rules: what a point on the centre line does to a run.
        rebase: how phases are found, if at all.
        edge: a second value per declared phase, beside 0, at which a centre line breaks runs; NaN where there is none.
    """
    panel, counts, start = sample.panel, sample.base, sample.panel.starts
    base, none = first_points(panel, counts, points), np.zeros(len(start), np.int64)
    if rebase.kind == "none" or not len(start):
        found = limits(kind, replace(sample, base=base))
        full = panel.count(base) >= np.where(points, points, FIRM)
        untested, line = np.zeros(panel.size, bool), panel.spread(found.centre)
        return Phased(
            panel, base, untested, line, found.lower, found.upper, found.z, found.sigma_z, full, none, none - 1
        )
    search = _after_base(panel, base) if rebase.kind == "run" else start
    tails = Tails(start, start + panel.lengths, search, points, sample.centre, base, none, none - 1)
    rounds, drawn, edge = [], [], panel.spread(edge)
    while len(tails.start):
        rounds.append(tails)
        drawn.append(limits(kind, tails.sample(sample)))
        tails = _next(tails, drawn[-1], sample, rules, rebase, edge)
    return _joined(rounds, drawn, panel.size, rebase)


def _next(tails: Tails, found: Limits, whole: Sample, rules: RuleSet, rebase: Rebase, edge: Floats) -> Tails:
    """The phases that begin with the first run that makes one."""
    rows, panel = tails.rows, tails.panel
    counts = whole.base[rows]
    nothing = np.full(panel.size, np.nan)
    seen = counts & (rows >= panel.spread(tails.search))
    drawn = Drawn(panel, whole.value[rows], seen, panel.spread(found.centre), nothing, nothing, nothing, edge[rows])
    runs = side_runs(drawn, rules)
    long = (runs.length >= rebase.run) & np.isin(runs.side, SIDES[rebase.direction])
    going_on = np.ones(len(tails.start), bool)
    if rebase.kind == "sustained-shift":
        long &= rows[runs.first] != _first_row(tails, counts)[runs.segment]  # not the run in which the phase starts
        going_on = panel.count(counts) >= tails.wanted  # a temporary phase at the end of the data ends the search
    which, hit = np.unique(runs.segment[long], return_index=True)
    hit = np.flatnonzero(long)[hit][going_on[which]]
    which = which[going_on[which]]
    reached = rows[runs.points[runs.begin[hit] + rebase.run - 1]]
    start, end = rows[runs.first[hit]], tails.end[which]
    wanted = np.full(len(hit), rebase.median_of) if rebase.median_of else tails.wanted[which]
    fresh = Tails(start, end, start, wanted, tails.given[which], whole.base, runs.length[hit], reached)
    base = np.zeros(len(whole.base), bool)
    if rebase.kind == "run":
        made_of = rows[runs.points[runs.begin[hit] + np.arange(rebase.median_of or rebase.run)[:, None]]]
        base[made_of.ravel()] = True
        return replace(fresh, base=base, search=made_of[-1] + 1)
    base[fresh.rows] = first_points(fresh.panel, whole.base[fresh.rows], wanted)
    return replace(fresh, base=base)


def _after_base(panel: Panel, base: Bools) -> Ints:
    """The row after the last baseline row of each segment."""
    return np.maximum.reduceat(np.where(base, np.arange(panel.size), -1), panel.starts) + 1


def _first_row(tails: Tails, counts: Bools) -> Ints:
    """The first counted row of each tail."""
    far = np.iinfo(np.int64).max
    return np.minimum.reduceat(np.where(counts, tails.rows, far), tails.panel.starts)


def _joined(rounds: list[Tails], found: list[Limits], size: int, rebase: Rebase) -> Phased:
    """The rounds as one picture: a later phase writes over the tail of an earlier one."""
    centre, lower, upper, z = np.full((4, size), np.nan)
    base = np.zeros(size, bool)
    for tails, limit in zip(rounds, found, strict=True):
        rows = tails.rows
        centre[rows], lower[rows], upper[rows] = tails.panel.spread(limit.centre), limit.lower, limit.upper
        base[rows], z[rows] = tails.base[rows], limit.z
    start, trigger, triggered = (
        np.concatenate([getattr(t, name) for t in rounds]) for name in ("start", "trigger", "triggered")
    )
    full = np.concatenate([t.panel.count(t.base[t.rows]) >= np.where(t.wanted, t.wanted, FIRM) for t in rounds])
    last = np.concatenate([t.start + _after_base(t.panel, t.base[t.rows]) - t.panel.starts for t in rounds])
    sigma_z, order = np.concatenate([limit.sigma_z for limit in found]), np.argsort(start)
    panel = Panel(start[order], size)
    alone = last[order] <= panel.starts + panel.lengths
    untested = (np.arange(size) < panel.spread(last[order])) & (rebase.kind == "run")
    return Phased(
        panel=panel,
        base=base,
        untested=untested,
        centre=centre,
        lower=lower,
        upper=upper,
        z=z,
        sigma_z=sigma_z[order],
        full=full[order] & alone,
        trigger=trigger[order],
        triggered=triggered[order],
    )

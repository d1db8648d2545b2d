"""Which points carry a signal: every rule over all series at once.

Each rule gives one small integer per row: 1 up, -1 down, 2 without direction, 0 none. Missing and excluded rows never
count and never break; thresholds come from the ``RuleSet``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qitools.spc.panel import Bools, Floats, Ints, Panel, Runs, Signs, find_runs, stretches
from qitools.spc.rule_sets import RuleSet

RULES = (
    "shift",
    "sustained",
    "trend",
    "outside",
    "two_of_three",
    "four_of_five",
    "fifteen_inner",
    "eight_outer",
    "fourteen_alternating",
)
NO_DIRECTION = 2
ROUNDING = 1e-12  # a value so near a line, beside its size, lies on it: the difference is of adding up


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a rule looks at; arrays over all rows of ``panel``.

    Args:
        panel: the segments (phases).
        value: plotted values.
        counts: rows that count: reported and not excluded.
        centre: centre line per row.
        lower, upper: limits per row, NaN where there are none.
        z: standard deviations from the centre, as ``Limits`` has it.
        edge: a second value, beside 0, at which a median breaks runs (100 of a percentage); NaN where there is none.
        declared: the declared phases, which a trend does not cross; it does cross phases found in the data.
        untested: rows whose side of the centre line makes no run, since they made the line (``Rebase`` kind run).
    """

    panel: Panel
    value: Floats
    counts: Bools
    centre: Floats
    lower: Floats
    upper: Floats
    z: Floats
    edge: Floats
    declared: Panel | None = None
    untested: Bools | np.bool_ = np.False_

    @cached_property
    def side(self) -> Signs:
        """1 above the centre line, -1 below, 0 on it or where nothing is known."""
        return _side(self.value, self.centre, self.centre)

    @cached_property
    def away(self) -> Floats:
        """Standard deviations from the centre, whichever way."""
        return np.abs(self.z)


def above(value: Floats, line: Floats) -> Bools:
    """Values above a line by more than rounding.

    >>> above(np.array([98.6, 98.7]), np.array([98.59999999999998, 98.6])).tolist()
    [False, True]
    """
    edge = np.abs(line)
    edge *= ROUNDING
    edge += line
    return np.asarray(value > edge)


def below(value: Floats, line: Floats) -> Bools:
    """Values below a line by more than rounding."""
    edge = np.abs(line)
    edge *= -ROUNDING
    edge += line
    return np.asarray(value < edge)


def _side(value: Floats, low: Floats, high: Floats) -> Signs:
    """1 above the upper of two lines, -1 below the lower, by more than rounding."""
    return above(value, high).view(np.int8) - below(value, low).view(np.int8)


def side_runs(drawn: Drawn, rules: RuleSet) -> Runs:
    """Runs on one side of the centre line; points on it are skipped or break, as the set says."""
    side = drawn.side
    takes_part = drawn.counts & ~drawn.untested
    if rules.ties == "skip":
        useful = side != 0
        if rules.edge_breaks:
            useful |= (drawn.centre == 0) | (drawn.centre == drawn.edge)
        takes_part = takes_part & useful
    return find_runs(drawn.panel, side, takes_part)


def shift(drawn: Drawn, runs: Runs, at_least: int, rules: RuleSet) -> Signs:
    """Every useful point of a run of ``at_least`` points on one side."""
    long = (runs.length >= at_least) & (runs.side != 0)
    marks = runs.marked(long, drawn.panel.size)
    if rules.marks_ties:  # a point on the line goes with the run before it
        ends = np.append(runs.first[1:], drawn.panel.size) - 1
        ends = np.minimum(ends, (drawn.panel.starts + drawn.panel.lengths - 1)[runs.segment])
        inside = between(runs.first[long], ends[long], runs.side[long], drawn.panel.size)
        marks = np.where(drawn.counts, inside, 0).astype(np.int8)
    return marks


def between(first: Ints, last: Ints, sign: Signs, size: int) -> Signs:
    """The sign of the span each row lies in; where one ends as the next begins, of the next."""
    out, length = np.zeros(size, np.int8), last - first + 1
    out[stretches(first, length)] = np.repeat(sign, length)
    return out


def trend(drawn: Drawn, rules: RuleSet) -> Signs:
    """Points of ``rules.trend`` or more going one way; the start and equal points inside are marked."""
    rows, panel = counted(drawn, drawn.declared or drawn.panel)
    value = drawn.value if rows is None else drawn.value[rows]
    move = moves(panel, value)
    skips = rules.ties == "skip" and np.count_nonzero(move) < panel.size - len(panel.starts)
    runs = find_runs(panel, move, move != 0 if skips else None)
    first, last, side = runs.spans((runs.length >= rules.trend - 1) & (runs.side != 0))
    return laid_out(drawn, rows, between(first - 1, last, side, panel.size))


def moves(panel: Panel, value: Floats) -> Signs:
    """1 up, -1 down, 0 level from the point before: by more than rounding, since means and sds are added up.

    The first of a segment has no move, which breaks nothing: no run is there before it.
    """
    move = np.zeros(panel.size, np.int8)
    move[1:] = _side(value[1:], value[:-1], value[:-1])
    move[panel.starts] = 0
    return move


def counted(drawn: Drawn, panel: Panel) -> tuple[Ints | None, Panel]:
    """The rows that count (None: all of them), and the segments over them; a segment without any is left out."""
    if drawn.counts.all():
        return None, panel
    rows = np.flatnonzero(drawn.counts)
    return rows, Panel.of(panel.ids[rows])


def laid_out(drawn: Drawn, rows: Ints | None, marks: Signs) -> Signs:
    """Marks of the rows that count, as marks of all rows."""
    if rows is None:
        return marks
    out = np.zeros(drawn.panel.size, np.int8)
    out[rows] = marks
    return out


def outside(drawn: Drawn) -> Signs:
    """Beyond a limit, by more than rounding, which is asked only of the few that are beyond it at all."""
    marks = np.zeros(drawn.panel.size, np.int8)
    far = np.flatnonzero((drawn.value > drawn.upper) | (drawn.value < drawn.lower))
    marks[far] = _side(drawn.value[far], drawn.lower[far], drawn.upper[far]) * drawn.counts[far]
    return marks


def zone(drawn: Drawn, sds: float) -> Signs:
    """Side of the points more than ``sds`` standard deviations from the centre."""
    return drawn.side * ((drawn.away > sds) & drawn.counts)


def few_of_many(drawn: Drawn, outer: Signs, needed: int, window: int, third_too: bool = False) -> Signs:
    """Points of ``outer`` where ``needed`` of ``window`` neighbours are on one side; with ``third_too`` all of them."""
    rows, panel = counted(drawn, drawn.panel)
    marks = np.zeros(panel.size, np.int8)
    for wanted in (1, -1):
        hits = np.flatnonzero((outer if rows is None else outer[rows]) == wanted)
        held = (drawn.side if rows is None else drawn.side[rows]) == wanted if third_too else None
        marks[clustered(panel, hits, needed, window, held)] = wanted
    return laid_out(drawn, rows, marks)


def clustered(panel: Panel, hits: Ints, needed: int, window: int, held: Bools | None) -> Ints:
    """The hits that lie ``needed`` to a window within their segment (a window that ``held`` holds throughout)."""
    near = np.flatnonzero(hits[needed - 1 :] - hits[: max(0, len(hits) - needed + 1)] < window)
    first, last = hits[near], hits[near + needed - 1]
    segment = panel.ids[last]
    low, length = panel.starts[segment], panel.lengths[segment]
    fits = (first >= low) & (length >= window)  # some window of the segment holds them all
    if held is not None:
        fits &= _held_throughout(first, last, low, low + length, window, held)
    found: Ints = near[fits][:, None] + np.arange(needed)
    return np.asarray(hits[found.ravel()])


def _held_throughout(first: Ints, last: Ints, low: Ints, high: Ints, window: int, held: Bools) -> Bools:
    """Whether some window around first and last, between low and high, is held in all of its points."""
    fits = np.zeros(len(first), bool)
    for back in range(window):  # every window that ends ``back`` points after the last of them
        begin = last + back - window + 1
        inside = (begin <= first) & (begin >= low) & (last + back < high)
        inside &= held[np.clip(begin[:, None] + np.arange(window), 0, len(held) - 1)].all(axis=1)
        fits |= inside
    return fits


def stretch(drawn: Drawn, held: Bools, at_least: int) -> Signs:
    """Points of ``at_least`` neighbours that all hold; without direction."""
    runs = find_runs(drawn.panel, held.view(np.int8), drawn.counts & ~np.isnan(drawn.z))
    return NO_DIRECTION * runs.marked((runs.length >= at_least) & (runs.side == 1), drawn.panel.size)


def alternating(drawn: Drawn, at_least: int) -> Signs:
    """Points of ``at_least`` that go up and down in turn; without direction."""
    rows, panel = counted(drawn, drawn.panel)
    move = moves(panel, drawn.value if rows is None else drawn.value[rows])
    turns = np.zeros(panel.size, bool)
    turns[1:] = move[1:] * move[:-1] < 0
    runs = find_runs(panel, turns.view(np.int8))
    first, last, side = runs.spans((runs.length >= at_least - 2) & (runs.side == 1))
    return NO_DIRECTION * laid_out(drawn, rows, between(first - 2, last, side, panel.size))


def signals(drawn: Drawn, rules: RuleSet, runs: Runs) -> dict[str, Signs]:
    """Every rule of the set, by name; a rule that the set lacks, or that needs limits where there are none, is all 0.

    >>> from qitools.spc.rule_sets import RULE_SETS
    >>> y, nan = np.r_[np.zeros(6), np.arange(1.0, 7)], np.full(12, np.nan)
    >>> drawn = Drawn(Panel(np.array([0]), 12), y, np.ones(12, bool), np.full(12, 0.5), nan, nan, nan, nan)
    >>> rules = RULE_SETS["his-2025"]
    >>> signals(drawn, rules, side_runs(drawn, rules))["shift"].tolist()
    [-1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1]
    """
    marks: dict[str, Signs] = {}
    if rules.shift:
        marks["shift"] = shift(drawn, runs, rules.shift, rules)
        marks["sustained"] = shift(drawn, runs, max(rules.sustained, rules.shift), rules)
    if rules.trend:
        marks["trend"] = trend(drawn, rules)
    if not np.isnan(drawn.upper).all():
        marks |= limit_rules(drawn, rules)
    return {rule: marks.get(rule, np.zeros(drawn.panel.size, np.int8)) for rule in RULES}


def limit_rules(drawn: Drawn, rules: RuleSet) -> dict[str, Signs]:
    """The rules of the set that look at limits."""
    marks, beyond_1sd = {}, np.zeros(0, np.int8)
    if rules.outside:
        marks["outside"] = outside(drawn)
    if rules.two_of_three:
        outer = zone(drawn, 2.0)
        if rules.outer_third:
            outer[marks["outside"] != 0] = 0
        marks["two_of_three"] = few_of_many(drawn, outer, 2, 3, rules.third_too)
    if rules.four_of_five or rules.fifteen_inner or rules.eight_outer:
        beyond_1sd = zone(drawn, 1.0)
    if rules.four_of_five:
        marks["four_of_five"] = few_of_many(drawn, beyond_1sd, 4, 5)
    if rules.fifteen_inner:
        marks["fifteen_inner"] = stretch(
            drawn, (beyond_1sd == 0) & above(drawn.upper, drawn.lower), rules.fifteen_inner
        )
    if rules.eight_outer:
        marks["eight_outer"] = stretch(drawn, beyond_1sd != 0, rules.eight_outer)
    if rules.fourteen_alternating:
        marks["fourteen_alternating"] = alternating(drawn, rules.fourteen_alternating)
    return marks

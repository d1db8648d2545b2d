"""Values, limits and signals of every row: chart kinds and rule sets meet the arithmetic of ``qitools.spc``.

Measures that share chart kind and rule set are drawn together, all their series at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qitools.analysis.choice import WouldBe, after_values, before_values
from qitools.analysis.doorway import Study
from qitools.analysis.placing import decided
from qitools.analysis.rows import Rows
from qitools.analysis.values import values
from qitools.spc.limits import Sample
from qitools.spc.panel import Bools, Floats, Ints, Panel
from qitools.spc.phases import FIRM, Phased, draw
from qitools.spc.rule_sets import RULE_SETS, RuleSet, applied
from qitools.spc.rules import Drawn, side_runs, signals
from qitools.spc.runs_tests import runs_test

PAIR = 2  # fewer points say nothing under any rule set: there is nothing to hold one against
BLOCK = 100_000  # rows drawn at once: beyond the processor's caches each pass costs twice as much


@dataclass(frozen=True, eq=False)
class Picture:
    """What was drawn, in display units.

    Args:
        chart, rule_set: as applied, per measure; of measures on ``auto`` ``why``, the code of the choice, and
            ``would_be``, what the values would now give where an earlier choice stands.
        row: per row ``value, counts, excluded, base, centre, lower, upper`` and one array of signs a rule.
        phase: where each phase begins in the rows.
        of_phase: per phase the fields of ``RunsTest``, ``full, trigger, triggered, sigma_z, decision`` and
            ``enough`` (the series has the points that its rule set asks for).
    """

    chart: list[str]
    why: dict[str, str]
    would_be: WouldBe
    rule_set: list[str]
    row: dict[str, NDArray[Any]]
    phase: Panel
    of_phase: dict[str, NDArray[Any]]


def draw_rows(study: Study, rows: Rows) -> Picture:
    """Limits, signals and runs tests of all rows."""
    decision, excluded = decisions(study, rows)
    declared, kinds, begins = rows.series.split(decision >= 0), before_values(study), np.zeros(len(rows.key), bool)
    begins[declared.starts] = True
    raw = values(study, rows, kinds, declared, excluded)
    chart, why, would_be = after_values(study, rows, kinds, raw, excluded)
    rule_set = [applied(study.rules, kind).name for kind in chart]
    pairs = sorted({*zip(chart, rule_set, strict=True)}) or [("run", study.rules)]  # of no measure: empty arrays
    group = np.array([pairs.index(pair) for pair in zip(chart, rule_set, strict=True)], np.int64)
    parts = (
        _part(study, rows, at, kind, RULE_SETS[name], begins[at], raw[at], ~excluded[at])
        for number, (kind, name) in enumerate(pairs)
        for at in blocks(rows, group == number)
    )
    phase, row, of_phase = _together(parts, len(raw))
    of_phase["decision"] = decision[phase.starts]
    return Picture(chart, why, would_be, rule_set, row | {"excluded": excluded}, phase, of_phase)


def blocks(rows: Rows, wanted: Bools) -> Iterator[Any]:
    """The rows of the wanted measures, in blocks of whole series that a processor can hold close by."""
    if not wanted.all():
        yield np.flatnonzero(rows.by_measure(wanted))
        return
    yield from (slice(begin, end) for begin, end in pairwise(rows.series.cuts(BLOCK)))


def decisions(study: Study, rows: Rows) -> tuple[Ints, Bools]:
    """Per row the declared phase that begins there (-1: none), and whether it is excluded."""
    decision, excluded = np.broadcast_to(np.int64(-1), len(rows.key)), np.zeros(len(rows.key), bool)
    if study.phases is not None:
        which, first, _ = decided(study, rows, study.phases, "phases")
        decision = decision.copy()
        decision[first] = which
    if study.exclusions is not None:
        edge = np.zeros(len(rows.key) + 1, np.int64)
        _, first, after = decided(study, rows, study.exclusions, "exclusions")
        np.add.at(edge, first, 1)
        np.add.at(edge, after, -1)
        excluded = np.cumsum(edge[:-1]) > 0
    return decision, excluded


Part = tuple[Any, Ints, dict[str, NDArray[Any]], dict[str, NDArray[Any]]]


def _part(
    study: Study, rows: Rows, at: Any, kind: str, rules: RuleSet, begins: Bools, value: Floats, chain: Bools
) -> Part:
    """One chart kind under one rule set: its rows, where its phases begin, and what is known of both.

    Nothing here touches rows other than those ``at``: there are as many parts as there are blocks.
    """
    key = rows.key[at]
    series = Panel.of(key)
    panel = series.split(begins)
    team, measure = key[panel.starts] % max(rows.teams, 1), key[panel.starts] // max(rows.teams, 1)
    per, share = study.measures["per"][measure], study.measures["data"][measure] == "proportion"
    blank, bottom = np.broadcast_to(np.nan, len(value)), rows.denominator[at]
    size = np.where(bottom > 0, bottom, np.nan)
    if kind in ("xbar", "s"):
        size = blank if rows.size is None else rows.size[at]
    sample = Sample(
        panel=panel,
        value=value,
        base=~np.isnan(value) & chain,
        chain=chain,
        size=size,
        sd=blank if rows.sd is None else rows.sd[at],
        centre=study.measures["centre"][measure] / per,
        screen=study.screen,
        range_factor=rules.range_factor,
    )
    quarterly = study.teams["period"][team] == "quarter"
    asked = study.measures["baseline"][measure] if study.rebase.baseline == 0 else study.rebase.baseline
    own = np.where(quarterly, rules.baseline_quarterly, rules.baseline)
    if study.rebase.kind != "none":  # a centre line of all points has no later points to be held against
        own = np.where(own, own, FIRM)
    baseline = np.where(asked, asked, own)
    edge = np.where(share, 1.0, np.nan)
    phased = draw(kind, sample, baseline, rules, study.rebase, edge)
    least = np.where(quarterly, rules.min_points_quarterly, rules.min_points)
    owner = series.ids[panel.starts]
    enough = series.count(sample.base)[owner] >= np.maximum(least, PAIR)
    return _tested(at, kind, rules, sample, phased, enough, per, edge * per)


def _tested(
    at: Any, kind: str, rules: RuleSet, sample: Sample, phased: Phased, enough: Bools, per: Floats, edge: Floats
) -> Part:
    """Carry limits to display units and test the rules of the set."""
    panel, counts, declared = phased.panel, sample.base, sample.panel
    times = declared.spread(per) if (per != 1).any() else 1.0
    drawn = Drawn(
        panel,
        sample.value * times,
        counts,
        phased.centre * times,
        phased.lower * times,
        phased.upper * times,
        phased.z,
        declared.spread(edge),
        declared=declared,
        untested=phased.untested,
    )
    if kind == "mr":
        rules = replace(rules, shift=0, trend=0, runs_test="", two_of_three=False)  # no runs analysis of moving ranges
    runs = side_runs(drawn, rules)
    marks = signals(drawn, rules, runs)
    test = runs_test(drawn, rules, panel.count(phased.base) == panel.count(counts), runs)
    told = enough[declared.ids[panel.starts]]
    if not enough.all():
        few = ~declared.spread(enough)
        for mark in marks.values():
            mark[few] = 0
    row = marks | {"value": drawn.value, "counts": counts, "base": phased.base}
    row |= {"centre": drawn.centre, "lower": drawn.lower, "upper": drawn.upper}
    of_phase = vars(test) | {
        "signal": test.signal & told,
        "enough": told,
        "full": phased.full,
        "trigger": phased.trigger,
        "triggered": np.where(phased.triggered >= 0, _rows_of(at, phased.triggered), -1),
        "sigma_z": phased.sigma_z,
    }
    return at, _rows_of(at, panel.starts), row, of_phase


def _rows_of(at: Any, place: Ints) -> Ints:
    """Places within a part as rows of the whole."""
    return np.asarray(place + at.start if isinstance(at, slice) else at[place])


def _together(parts: Iterable[Part], size: int) -> tuple[Panel, dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """The parts as one picture, rows and phases in order; none is kept longer than it is copied."""
    row: dict[str, NDArray[Any]] = {}
    begins, told = [], []
    for at, starts, part, of_phase in parts:
        begins.append(starts)
        told.append(of_phase)
        if len(part["value"]) == size:
            row = part
            continue
        for name, found in part.items():
            if name not in row:
                row[name] = np.zeros(size, found.dtype)
            row[name][at] = found
    start = np.concatenate(begins)
    order = np.argsort(start)
    return (
        Panel(start[order], size),
        row,
        {name: np.concatenate([one[name] for one in told])[order] for name in told[0]},
    )

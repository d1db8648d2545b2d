"""Values, limits and signals of every row: chart kinds and rule sets meet the arithmetic of ``qitools.spc``.

Measures that share chart kind and rule set are drawn together, all their series at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qitools.analysis.choice import after_values, before_values
from qitools.analysis.doorway import Study
from qitools.analysis.rows import Rows, decided
from qitools.analysis.values import values
from qitools.spc.limits import Sample
from qitools.spc.panel import Bools, Floats, Ints, Panel
from qitools.spc.phases import Phased, draw
from qitools.spc.rule_sets import RULE_SETS, RuleSet, applied
from qitools.spc.rules import Drawn, runs_test, side_runs, signals


@dataclass(frozen=True, eq=False)
class Picture:
    """What was drawn, in display units.

    Args:
        chart, rule_set: as applied, per measure; ``why``: the code of the choice, of measures on ``auto``.
        row: per row ``value, counts, excluded, base, centre, lower, upper`` and one array of signs a rule.
        phase: where each phase begins in the rows.
        of_phase: per phase the fields of ``RunsTest``, ``full, trigger, triggered, sigma_z, decision`` and
            ``enough`` (the series has the points that its rule set asks for).
    """

    chart: list[str]
    why: dict[str, str]
    rule_set: list[str]
    row: dict[str, NDArray[Any]]
    phase: Panel
    of_phase: dict[str, NDArray[Any]]


def draw_rows(study: Study, rows: Rows) -> Picture:
    """Limits, signals and runs tests of all rows."""
    series = rows.series
    measure = rows.key[series.starts] // max(len(study.teams), 1)
    decision, excluded = decisions(study, rows)
    declared, kinds = series.split(decision >= 0), before_values(study)
    value = values(study, rows, kinds, declared, excluded)
    chart, why = after_values(study, rows, kinds, value, excluded)
    rule_set = [applied(study.rules, kind).name for kind in chart]
    pairs = sorted({*zip(chart, rule_set, strict=True)}) or [("run", study.rules)]  # of no measure: empty arrays
    group = np.array([pairs.index(pair) for pair in zip(chart, rule_set, strict=True)], np.int64)
    parts = []
    for number, (kind, name) in enumerate(pairs):
        at = np.flatnonzero(series.spread((group == number)[measure]))
        parts.append(_part(study, rows, at, kind, RULE_SETS[name], declared, value, excluded))
    phase, row, of_phase = _together(parts, len(value))
    of_phase["decision"] = decision[phase.starts]
    return Picture(chart, why, rule_set, row | {"value": value, "excluded": excluded}, phase, of_phase)


def decisions(study: Study, rows: Rows) -> tuple[Ints, Bools]:
    """Per row the declared phase that begins there (-1: none), and whether it is excluded."""
    decision, edge = np.full(len(rows.key), -1), np.zeros(len(rows.key) + 1, np.int64)
    if len(study.phases):
        which, first, _ = decided(study, rows, study.phases, "phases")
        decision[first] = which
    if len(study.exclusions):
        _, first, after = decided(study, rows, study.exclusions, "exclusions")
        np.add.at(edge, first, 1)
        np.add.at(edge, after, -1)
    return decision, np.cumsum(edge[:-1]) > 0


Part = tuple[NDArray[Any], Ints, dict[str, NDArray[Any]], dict[str, NDArray[Any]]]


def _part(
    study: Study, rows: Rows, at: Ints, kind: str, rules: RuleSet, declared: Panel, value: Floats, excluded: Bools
) -> Part:
    """One chart kind under one rule set: its rows, where its phases begin, and what is known of both."""
    team, measure = rows.key[at] % len(study.teams), rows.key[at] // len(study.teams)
    series = Panel(np.flatnonzero(np.diff(rows.key[at], prepend=-1)), len(at))
    begins = np.zeros(len(value), bool)
    begins[declared.starts] = True
    panel = series.split(begins[at])
    per = study.measures["per"].to_numpy(float)[measure]
    sample = Sample(
        panel=panel,
        value=value[at] / per,
        base=~np.isnan(value[at]) & ~excluded[at],
        chain=~excluded[at],
        size=rows.size[at] if kind in ("xbar", "s") else np.where(rows.denominator > 0, rows.denominator, np.nan)[at],
        sd=rows.sd[at],
        centre=(study.measures["centre"].to_numpy(float)[measure] / per)[panel.starts],
        screen=study.screen,
        range_factor=rules.range_factor,
    )
    quarterly = (study.teams["period"] == "quarter").to_numpy()[team]
    asked = study.measures["baseline"].to_numpy(np.int64)[measure]
    asked = np.where(study.rebase.baseline > 0, study.rebase.baseline, asked)
    own = np.where(quarterly, rules.baseline_quarterly, rules.baseline)
    baseline = np.where(asked > 0, asked, own)[panel.starts]
    share = (study.measures["data"] == "proportion").to_numpy()[measure]
    edge = np.where(share, 1.0, np.nan)
    phased = draw(kind, sample, baseline, rules, study.rebase, edge)
    least = np.where(quarterly, rules.min_points_quarterly, rules.min_points)[series.starts]
    enough = series.spread(series.count(sample.base) >= least)
    return _tested(at, kind, rules, sample, phased, enough, per, edge * per)


def _tested(
    at: Ints, kind: str, rules: RuleSet, sample: Sample, phased: Phased, enough: Bools, per: Floats, edge: Floats
) -> Part:
    """Carry limits to display units and test the rules of the set."""
    panel, counts = phased.panel, sample.base
    drawn = Drawn(
        panel,
        sample.value * per,
        counts,
        phased.centre * per,
        phased.lower * per,
        phased.upper * per,
        edge,
        declared=sample.panel,
        untested=phased.untested,
    )
    if kind == "mr":
        rules = replace(rules, shift=0, trend=0, runs_test="", two_of_three=False)  # no runs analysis of moving ranges
    marks = signals(drawn, rules, side_runs(drawn, rules))
    test = runs_test(drawn, rules, panel.count(phased.base) == panel.count(counts))
    row = {rule: np.where(enough, mark, 0).astype(np.int8) for rule, mark in marks.items()}
    row |= {"counts": counts, "base": phased.base, "centre": drawn.centre, "lower": drawn.lower, "upper": drawn.upper}
    of_phase = vars(test) | {
        "signal": test.signal & enough[panel.starts],
        "enough": enough[panel.starts],
        "full": phased.full,
        "trigger": phased.trigger,
        "triggered": np.where(phased.triggered >= 0, at[phased.triggered], -1),
        "sigma_z": phased.sigma_z,
    }
    return at, at[panel.starts], row, of_phase


def _together(parts: list[Part], size: int) -> tuple[Panel, dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """The parts as one picture, rows and phases in order."""
    if len(parts) == 1:
        _, starts, row, of_phase = parts[0]
        return Panel(starts, size), row, of_phase
    row = {}
    for name, example in parts[0][2].items():
        row[name] = np.zeros(size, example.dtype)
        for at, _, part, _ in parts:
            row[name][at] = part[name]
    starts = np.concatenate([starts for _, starts, _, _ in parts])
    order = np.argsort(starts)
    of_phase = {name: np.concatenate([part[3][name] for part in parts])[order] for name in parts[0][3]}
    return Panel(starts[order], size), row, of_phase

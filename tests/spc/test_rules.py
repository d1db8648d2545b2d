"""Each rule by hand, and the bounds of the runs tests against counting every arrangement."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from qitools.spc.limits import c4
from qitools.spc.panel import Panel
from qitools.spc.rule_sets import HAND_OVER, LIMIT_CHARTS, RULE_SETS, RUN_CHARTS, RuleSet, applied
from qitools.spc.rules import RULES, Drawn, side_runs, signals
from qitools.spc.runs_tests import anhoej_bounds, perla_bounds, runs_test

PLAIN = RuleSet("plain", "", ties="skip")


def marks(values: list[float], rules: RuleSet, starts: tuple[int, ...] = (0,), centre: float = 0.0) -> dict[str, str]:
    """The marks of each rule as a string: + - for a side, * without direction, . for none. Limits at ±3."""
    y = np.array(values, float)
    level = np.full(len(y), 3.0)
    panel = Panel(np.array(starts), len(y))
    drawn = Drawn(
        panel,
        y,
        ~np.isnan(y),
        np.full(len(y), centre),
        centre - level,
        centre + level,
        y - centre,
        np.full(len(y), np.nan),
    )
    found = signals(drawn, rules, side_runs(drawn, rules))
    return {rule: "".join(".+*-"[mark] for mark in found[rule].tolist()) for rule in RULES}


GAP = float("nan")


@pytest.mark.parametrize(
    ("values", "rules", "rule", "expected"),
    [
        ([1] * 5 + [-1], replace(PLAIN, shift=6), "shift", "......"),
        ([1] * 6 + [-1], replace(PLAIN, shift=6), "shift", "++++++."),
        ([1, 1, 0, 1, 1, GAP, 1, 1], replace(PLAIN, shift=6), "shift", "++.++.++"),
        ([1, 1, 0, 1, 1, 1, 1], replace(PLAIN, shift=6, ties="break"), "shift", "......."),
        ([1, 1, 0, 1, 1, GAP, 1, 1, 0, -1], replace(PLAIN, shift=6, marks_ties=True), "shift", "+++++.+++."),
        ([-1] * 9, replace(PLAIN, shift=6), "sustained", "---------"),
        ([-1] * 8, replace(PLAIN, shift=6), "sustained", "........"),
        ([1, 2, 3, 4, 5, 1], replace(PLAIN, trend=5), "trend", "+++++."),
        ([1, 2, 3, 4, 1], replace(PLAIN, trend=5), "trend", "....."),
        ([1, 2, 2, GAP, 3, 4, 5, 5], replace(PLAIN, trend=5), "trend", "+++.+++."),
        ([1, 2, 2, 3, 4, 5], replace(PLAIN, trend=5, ties="break"), "trend", "......"),
        ([1, 2, 3, 2, 1], replace(PLAIN, trend=3), "trend", "++---"),
        ([0, 3, 3.1, -3.1], replace(PLAIN, outside=True), "outside", "..+-"),
        ([2.5, 0, 2.5, 0], replace(PLAIN, two_of_three=True), "two_of_three", "+.+."),
        ([2.5, 0, 0, 2.5], replace(PLAIN, two_of_three=True), "two_of_three", "...."),
        ([2.5, -2.5, 0], replace(PLAIN, two_of_three=True), "two_of_three", "..."),
        ([2.5, 2.5], replace(PLAIN, two_of_three=True), "two_of_three", ".."),
        ([2.5, -1, 2.5, 0], replace(PLAIN, two_of_three=True, third_too=True), "two_of_three", "...."),
        ([2.5, 1, 2.5, 0], replace(PLAIN, two_of_three=True, third_too=True), "two_of_three", "+.+."),
        ([2.5, 3.5, 1], replace(PLAIN, two_of_three=True), "two_of_three", "++."),
        ([2.5, 3.5, 1], replace(PLAIN, outside=True, two_of_three=True, outer_third=True), "two_of_three", "..."),
        ([-1.5, -1.5, 0, -1.5, -1.5], replace(PLAIN, four_of_five=True), "four_of_five", "--.--"),
        ([-1.5, GAP, -1.5, 0, -1.5, -1.5], replace(PLAIN, four_of_five=True), "four_of_five", "-.-.--"),
        ([0.5, -0.5] * 7 + [0.5], replace(PLAIN, fifteen_inner=15), "fifteen_inner", "*" * 15),
        ([0.5, -0.5] * 7, replace(PLAIN, fifteen_inner=15), "fifteen_inner", "." * 14),
        ([1.5, -1.5] * 4, replace(PLAIN, eight_outer=8), "eight_outer", "*" * 8),
        ([1.5, -1.5] * 3 + [1.5, 0], replace(PLAIN, eight_outer=8), "eight_outer", "." * 8),
        ([0.5, -0.5] * 7, replace(PLAIN, fourteen_alternating=14), "fourteen_alternating", "*" * 14),
        ([0.5, -0.5] * 6 + [0.5], replace(PLAIN, fourteen_alternating=14), "fourteen_alternating", "." * 13),
    ],
)
def test_a_rule_marks_its_points(values, rules, rule, expected):
    assert marks(values, rules)[rule] == expected


@pytest.mark.parametrize("rules", RULE_SETS.values(), ids=RULE_SETS)
def test_no_rule_looks_over_the_edge_of_a_segment(rules):
    rng = np.random.default_rng(3)
    first, second = (np.round(rng.normal(0, 1.6, 40), 1).tolist() for _ in range(2))
    apart = [marks(values, rules) for values in (first, second)]
    together = marks(first + second, rules, starts=(0, 40))
    assert together == {rule: apart[0][rule] + apart[1][rule] for rule in RULES}


def test_points_on_a_median_of_zero_break_a_run_in_his():
    his = RULE_SETS["his-2025"]
    assert marks([1, 1, 1, 0, 1, 1, 1], his)["shift"] == "......."
    assert marks([3, 3, 3, 2, 3, 3, 3], his, centre=2.0)["shift"] == "+++.+++"


@pytest.mark.parametrize("n", [10, 13, 16])
def test_bounds_on_runs_are_those_of_every_arrangement(n):
    counts = []
    for above in combinations(range(n), n // 2):
        side = np.isin(np.arange(n), above)
        counts.append(1 + int((side[1:] != side[:-1]).sum()))
    chance = np.bincount(counts, minlength=n + 2) / len(counts)
    fewest, most = (int(bound[0]) for bound in perla_bounds(np.array([n])))
    assert chance[:fewest].sum() <= 0.025 < chance[: fewest + 1].sum()
    assert chance[most + 1 :].sum() <= 0.025 < chance[most:].sum()


def test_anhoej_bounds_round_half_to_even_and_never_floor():
    longest, fewest = anhoej_bounds(200)
    assert longest[[10, 11, 12, 22, 23, 90, 91]].tolist() == [6, 6, 7, 7, 8, 9, 10]
    assert fewest[[10, 20, 24, 100]].tolist() == [2, 6, 8, 41]


def test_a_runs_test_on_a_borrowed_centre_is_not_made():
    y = np.r_[np.ones(12), -np.ones(12)]
    nothing = np.full(24, np.nan)
    drawn = Drawn(Panel(np.array([0]), 24), y, np.ones(24, bool), np.zeros(24), nothing, nothing, nothing, nothing)
    own, borrowed = (runs_test(drawn, RULE_SETS["perla-2011"], np.array([is_own])) for is_own in (True, False))
    assert own.signal.tolist() == [True]
    assert borrowed.signal.tolist() == [False]


def test_run_chart_sets_hand_over_where_there_are_limits():
    for name, rules in RULE_SETS.items():
        assert applied(name, "run").name == name
        assert applied(name, "p").name == (name if LIMIT_CHARTS in rules.families else HAND_OVER)
        assert rules.source
        assert set(rules.families) <= {RUN_CHARTS, LIMIT_CHARTS}


def test_c4_is_the_published_constant():
    # Montgomery, Introduction to Statistical Quality Control, appendix VI
    assert c4(np.array([2.0, 5, 10, 25])).round(4).tolist() == [0.7979, 0.94, 0.9727, 0.9896]

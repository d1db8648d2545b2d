"""Every sentence of the ledger: none, one, two, many; within luck and beyond; and what cannot be told."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from qitools.views import wording_ledger as words

FALLS = {"measure": "falls", "name": "Falls", "rule_set": "his-2025", "kind": "outcome", "data": "rate"}
METHOD = {"rules": "his-2025", "rule_sets": ["his-2025"]}
FORBIDDEN = ("caused", "saved", "best", "worst", "failing")


def row(observed: int, teams: int = 14, **other: Any) -> dict[str, Any]:
    known = {"expected": 1.5, "low": 0, "high": 4, "likely": 0.02, "noise": (), "verdict": "improved"}
    return {"measure": "falls", "kind": "outcome", "observed": observed, "teams": teams, **known, **other}


LINES = [
    (
        row(0),
        "Falls: none of 14 teams improved by his-2025; if nothing had changed we would expect 1 or 2 (0 to 4).",
    ),
    (
        row(1),
        "Falls: 1 of 14 teams improved by his-2025; if nothing had changed we would expect 1 or 2 (0 to 4). "
        "That is no more than chance would give.",
    ),
    (
        row(5),
        "Falls: 5 of 14 teams improved by his-2025; if nothing had changed we would expect 1 or 2 (0 to 4). "
        "That is more than chance would give.",
    ),
    (
        row(2, 2, expected=0.1, high=1),
        "Falls: both teams improved by his-2025; if nothing had changed we would expect none (0 to 1). "
        "That is more than chance would give.",
    ),
    (
        row(14, 14),
        "Falls: all 14 teams improved by his-2025; if nothing had changed we would expect 1 or 2 (0 to 4). "
        "That is more than chance would give.",
    ),
    (
        row(0, 1, expected=0.02, high=0),
        "Falls: the one team has not improved by his-2025; if nothing had changed we would expect none "
        "(nearly always none).",
    ),
    (
        row(3, noise=("dependent", "seasonal"), expected=2.9),
        "Falls: 3 of 14 teams improved by his-2025; if nothing had changed we would expect about 3 (0 to 4), allowing "
        "for neighbouring points that resemble each other and the season. That is no more than chance would give.",
    ),
    (
        row(3, verdict="changed", expected=3.0),
        "Falls: 3 of 14 teams changed level by his-2025; if nothing had changed we would expect about 3 (0 to 4). "
        "That is no more than chance would give.",
    ),
    (
        row(3, expected=float("nan"), low=float("nan"), high=float("nan"), likely=float("nan")),
        "Falls: 3 of 14 teams improved by his-2025; what chance would give cannot be told, because the centre line "
        "does not come from the data.",
    ),
    (row(0, 0, expected=float("nan")), "Falls: too few points to say, for every team."),
]


@pytest.mark.parametrize(("told", "line"), LINES)
def test_lines(told: dict[str, Any], line: str) -> None:
    assert words.ledger_line(told, FALLS, METHOD) == line


TITLES = [
    (row(0), "None of 14 teams improved on Falls"),
    (row(1), "1 of 14 teams improved on Falls: no more than chance would give"),
    (row(5), "5 of 14 teams improved on Falls: more than chance would give"),
    (row(2, 2, high=1), "Both teams improved on Falls: more than chance would give"),
    (row(3, expected=float("nan")), "3 of 14 teams improved on Falls"),
    (row(0, 0), "Too few points to say on Falls, for every team"),
    (row(6, verdict="changed"), "6 of 14 teams changed level on Falls: more than chance would give"),
]


@pytest.mark.parametrize(("told", "title"), TITLES)
def test_titles(told: dict[str, Any], title: str) -> None:
    assert words.ledger_title([told], {"falls": FALLS}) == title


def test_only_outcomes_are_counted_and_the_rest_is_said() -> None:
    bundle = {**row(9), "measure": "bundle", "kind": "process"}
    measures = {"falls": FALLS, "bundle": {**FALLS, "name": "Bundle"}}
    said = words.ledger_sentence([row(5), bundle], measures, METHOD)
    assert said.startswith("2 measures were looked at; only outcome measures are counted here. Falls: 5 of 14 teams")
    assert "Bundle" not in said
    assert words.ledger_note(bundle, measures["bundle"], METHOD).startswith("Process measure. Bundle: 9 of 14 teams")
    only = words.ledger_sentence([bundle], measures, METHOD)
    assert only == "One measure was looked at."
    both = words.ledger_sentence([bundle, {**bundle, "kind": "balancing"}], measures, METHOD)
    assert both == "2 measures were looked at; none is an outcome, so none counts as success."
    all_ = words.ledger_sentence([row(5), row(1)], measures, {**METHOD, "simulated": True})
    assert all_.startswith("2 measures were looked at; all are outcomes.")
    assert all_.endswith("These are simulated data.")


@pytest.mark.parametrize(
    ("likely", "said"),
    [(0.0001, "fewer than 0.1%"), (0.004, "0.4%"), (0.05, "5%"), (0.62, "62%"), (0.995, "nearly all")],
)
def test_how_often_chance_gives_as_much(likely: float, said: str) -> None:
    note = words.ledger_note(row(5, likely=likely), FALLS, METHOD)
    assert note.endswith(f"So many or more would come in {said} of collaboratives in which nothing changes.")


def test_where_nobody_improved_no_chance_is_named() -> None:
    assert "collaboratives" not in words.ledger_note(row(0), FALLS, METHOD)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "none"),
        (0.24, "none"),
        (0.5, "none or 1"),
        (0.8, "about 1"),
        (1.5, "1 or 2"),
        (2.05, "about 2"),
        (11.9, "about 12"),
    ],
)
def test_a_mean_number_of_teams(number: float, said: str) -> None:
    assert words.expected(number) == said


@pytest.mark.parametrize(
    ("change", "measure", "said"),
    [
        ((-1.5, -2.61, -0.42), {"data": "rate"}, "−1.5 (−2.6 to −0.4)"),
        ((4.0, 1.0, 7.0), {"data": "proportion", "per": 100}, "4.0 (1.0 to 7.0 percentage points)"),
        ((-1.5, None, None), {"data": "rate"}, "−1.5 (no interval)"),
        (
            (-1.5, None, None, "few dependent"),
            {"data": "rate"},
            "−1.5 (no interval: too few points for an interval around the change)",
        ),
        ((None, None, None, "one_phase seasonal"), {"data": "rate"}, "One centre line: no interval"),
        ((None, None, None, "no_variation"), {"data": "rate"}, "Every value in the baseline is the same"),
        ((4.0, None, None), {"data": "proportion", "per": 100}, "4.0 percentage points (no interval)"),
        ((None, None, None), {"data": "rate"}, ""),
    ],
)
def test_changes(change: tuple[Any, ...], measure: dict[str, Any], said: str) -> None:
    told = dict(zip(("change", "change_lower", "change_upper", "reason"), change, strict=False))
    assert words.ledger_change(told, measure) == said


@pytest.mark.parametrize(
    ("verdict", "said"),
    [("improved", "sustained and held"), ("changed", "sustained and held"), ("worsened", "sustained")],
)
def test_a_loss_is_never_said_to_have_held(verdict: str, said: str) -> None:
    assert words.ledger_strength({"verdict": verdict, "strength": "held"}) == said


@pytest.mark.parametrize(
    ("shown", "total", "said"),
    [
        (0, 5, "No chart shows a signal."),
        (1, 1, "The chart shows a signal."),
        (1, 2, "1 of 2 charts shows a signal; the other one is not listed."),
        (3, 28, "3 of 28 charts show a signal; the other 25 are not listed."),
        (4, 4, "Every chart shows a signal."),
    ],
)
def test_captions(shown: int, total: int, said: str) -> None:
    assert words.ledger_caption(shown, total) == said


def test_nothing_claims_a_cause_or_shames_a_team() -> None:
    rows = [row(seen, teams, **kind) for seen, teams, kind in itertools.product((0, 1, 2), (2, 9), ({}, {"high": 1}))]
    said = [words.ledger_note(one, FALLS, METHOD) + words.ledger_title([one], {"falls": FALLS}) for one in rows]
    assert not [(one, word) for one in said for word in FORBIDDEN if word in one.lower().split()]

"""Every sentence of the pooled change: which part moves it, who joined and left, and why it cannot be split."""

from __future__ import annotations

from typing import Any

import pytest

from qitools.views import wording_pooled as words

FALLS = {"name": "Falls", "data": "rate"}
SHARE = {"name": "Bundle", "data": "proportion", "per": 100}
METHOD = {"period": "month"}


def change(within: float = 0, mix: float = 0, joiners: float = 0, leavers: float = 0, **other: Any) -> dict[str, Any]:
    groups = {"stayed": 9}
    groups |= {"joined": 2} if joiners else {}
    groups |= {"left": 1} if leavers else {}
    return {
        "before": 6.4,
        "after": 6.4 + within + mix + joiners + leavers,
        "first": ("2023-01-01", "2023-12-01"),
        "last": ("2025-01-01", "2025-12-01"),
        "parts": {"within": within, "mix": mix, "joiners": joiners, "leavers": leavers},
        "groups": groups,
        "banner": False,
        "reason": "",
        **other,
    }


@pytest.mark.parametrize(
    ("told", "title"),
    [
        (change(within=-1.2), "All teams together: 1.20 lower, mostly within teams"),
        (change(mix=0.5, within=-0.1), "All teams together: 0.40 higher, mostly from some teams growing beside others"),
        (change(joiners=2.0, within=0.5), "All teams together: 2.50 higher, mostly from teams joining or leaving"),
        (change(joiners=1.0, leavers=-1.0), "All teams together: no change from the first window to the last"),
        (change(within=0.001), "All teams together: no change from the first window to the last"),
        (change(reason="too_short"), "Falls: the change of all teams together is not split"),
    ],
)
def test_titles(told: dict[str, Any], title: str) -> None:
    assert words.split_title(told, FALLS) == title


SENTENCES = [
    (
        change(within=-1.2),
        "Falls, all teams together: 6.4 in January 2023 to December 2023, 5.2 in January 2025 to December 2025, 1.20 "
        "lower. Of this, within the 9 teams in both windows 1.20 lower; some of them growing or shrinking beside "
        "others no change. No team joined or left.",
    ),
    (
        change(within=0.5, joiners=2.0, leavers=-0.3, banner=True),
        "Falls, all teams together: 6.4 in January 2023 to December 2023, 8.6 in January 2025 to December 2025, 2.20 "
        "higher. Of this, within the 9 teams in both windows 0.50 higher; some of them growing or shrinking beside "
        "others no change; 2 teams that joined 2.00 higher; 1 team that left 0.30 lower. Read with care: more than a "
        "quarter of what moved is teams joining or leaving, not change within teams.",
    ),
    (
        change(reason="no_denominator"),
        "Falls: these figures have no denominators, so the change of all teams together cannot be split.",
    ),
    (
        change(reason="none_stayed"),
        "Falls: no team reported in both windows, so nothing can be said of change within teams.",
    ),
]


@pytest.mark.parametrize(("told", "sentence"), SENTENCES)
def test_sentences(told: dict[str, Any], sentence: str) -> None:
    assert words.split_sentence(told, FALLS, METHOD) == sentence


def test_shares_move_in_percentage_points() -> None:
    told = change(within=-1.2, before=90.0, after=88.8)
    assert words.split_title(told, SHARE) == "All teams together: 1.20 percentage points lower, mostly within teams"


@pytest.mark.parametrize("reason", ["events", "no_denominator", "no_points", "too_short", "none_stayed"])
def test_every_reason_has_words(reason: str) -> None:
    said = words.split_sentence(change(reason=reason), FALLS, {**METHOD, "simulated": True})
    assert said.startswith("Falls: ") and said.endswith("These are simulated data.")


@pytest.mark.parametrize(
    ("steady", "teams", "drawn", "said"),
    [
        (24, 35, True, "The dotted line is the 24 of 35 teams that reported throughout."),
        (5, 5, False, ""),
        (0, 4, False, "No team reported throughout, so it rests on different teams at different times."),
        (1, 4, False, "Only one team reported throughout, so it rests on different teams at different times."),
        (1, 1, False, ""),
        (0, 0, False, ""),
    ],
)
def test_who_stands_behind_the_line(steady: int, teams: int, drawn: bool, said: str) -> None:
    assert words.panel_sentence(steady, teams, drawn) == said


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("within", "Within teams (9)"),
        ("mix", "Teams growing or shrinking beside each other"),
        ("joiners", "Teams that joined (2)"),
        ("leavers", "Teams that left (none)"),
    ],
)
def test_parts(part: str, said: str) -> None:
    assert words.split_part(part, change(joiners=1.0)) == said

"""Every sentence of the funnel: none, one, two, many outside; nobody is ranked, and nobody shamed."""

from __future__ import annotations

from typing import Any

import pytest

from qitools.views import wording_comparison as words

FALLS = {"name": "Falls", "data": "rate"}
METHOD = {"period": "month"}
WINDOW = {
    "first": "2025-01-01",
    "last": "2025-12-01",
    "between": 0.0,
    "dispersion": "none",
    "factor": 1.0,
    "centre": 6.4,
}


def unit(place: str = "inside", signal: str = "none", name: str = "Glen", share: bool = True) -> dict[str, Any]:
    return {"place": place, "signal": signal, "name": name, "share": share}


INSIDE = [unit() for _ in range(11)]


@pytest.mark.parametrize(
    ("units", "title"),
    [
        (INSIDE, "Every team lies within the outer limits"),
        ([*INSIDE, unit("above_2", "unfavourable")], "Every team lies within the outer limits"),
        ([*INSIDE, unit("above_3", "unfavourable")], "1 of 12 teams lies outside the outer limits"),
        ([*INSIDE, unit("above_3"), unit("below_3")], "2 of 13 teams lie outside the outer limits"),
        ([unit("above_3")] * 12, "All 12 teams lie outside the outer limits"),
    ],
)
def test_titles(units: list[dict[str, Any]], title: str) -> None:
    assert words.funnel_title(units) == title


HEAD = "Falls, January 2025 to December 2025"
TAIL = "Size and chance explain how far teams differ. A funnel says who differs, not why."


@pytest.mark.parametrize(
    ("units", "sentence"),
    [
        (INSIDE, f"{HEAD}, 11 teams beside each other: all lie within the outer limits. {TAIL}"),
        (
            [*INSIDE, unit("below_3", "favourable", "Skye")],
            f"{HEAD}, 12 teams beside each other: 1 of 12 lies outside the outer limits. "
            f"On the better side of the outer limits: Skye. {TAIL}",
        ),
        (
            [*INSIDE, unit("above_3", "unfavourable", "Skye"), unit("above_3", "unfavourable", "Uist")],
            f"{HEAD}, 13 teams beside each other: 2 of 13 lie outside the outer limits. "
            f"2 teams on the other side, and may want help. {TAIL}",
        ),
        (
            [*INSIDE, unit("above_3", "neutral", "Skye"), unit("below_2", "neutral", "Uist")],
            f"{HEAD}, 13 teams beside each other: 1 of 13 lies outside the outer limits. Outside the outer limits: "
            f"Skye. 1 team between the inner and the outer limits, which chance alone may do. {TAIL}",
        ),
    ],
)
def test_sentences(units: list[dict[str, Any]], sentence: str) -> None:
    assert words.funnel_sentence(units, WINDOW, FALLS, METHOD) == sentence


@pytest.mark.parametrize("side", ["favourable", "neutral"])
@pytest.mark.parametrize(
    ("outside", "said"),
    [
        ({"Skye": False}, "1 team."),
        ({"Skye": True}, "Skye."),
        ({"Skye": False, "Uist": True}, "Uist and 1 more team."),
    ],
)
def test_only_teams_that_agreed_are_named(side: str, outside: dict[str, bool], said: str) -> None:
    units = [*INSIDE, *(unit("below_3", side, name, agreed) for name, agreed in outside.items())]
    assert f"the outer limits: {said} Size" in words.funnel_sentence(units, WINDOW, FALLS, METHOD)


def test_periods_that_no_team_has_are_said_with_the_window() -> None:
    told = {**WINDOW, "gaps": words.funnel_gaps(9, 12, "month")}
    assert words.funnel_window(told, METHOD) == "January 2025 to December 2025 (9 of its 12 months count)"
    assert words.funnel_gaps(12, 12, "month") == ""


def test_a_team_on_the_other_side_is_not_named() -> None:
    assert "Skye" not in words.funnel_sentence(
        [*INSIDE, unit("above_3", "unfavourable", "Skye")], WINDOW, FALLS, METHOD
    )


@pytest.mark.parametrize(
    ("wide", "said"),
    [
        ({"between": 1.23, "dispersion": "additive"}, "their own levels have a standard deviation of 1.2."),
        (
            {"dispersion": "multiplicative", "factor": 3.44},
            "Teams differ by more than chance: 3.4 times as much variance.",
        ),
    ],
)
def test_how_far_teams_differ(wide: dict[str, Any], said: str) -> None:
    assert said in words.funnel_sentence(INSIDE, {**WINDOW, **wide}, FALLS, METHOD)


def test_where_teams_differ_far_more_than_chance_the_funnel_says_so() -> None:
    wide = {**WINDOW, "between": 1.23, "dispersion": "additive", "dominated": True}
    said = words.funnel_sentence([*INSIDE, unit("above_2", "unfavourable")], wide, FALLS, METHOD)
    assert "Differences between teams are far larger than chance, and a funnel cannot explain them: " in said
    assert "1 team between the inner and the outer limits. " in said and "chance alone" not in said


def test_shares_differ_in_points() -> None:
    told = words.funnel_sentence(
        INSIDE,
        {**WINDOW, "between": 8.12, "dispersion": "additive"},
        {"name": "Bundle", "data": "proportion", "per": 100},
        METHOD,
    )
    assert "a standard deviation of 8.1 points." in told


@pytest.mark.parametrize(
    ("reason", "units", "said"),
    [
        (
            "few_units",
            1,
            "Falls: 1 team has figures: too few to draw beside each other, which takes ten. The figures are in",
        ),
        ("few_units", 9, "Falls: 9 teams have figures: too few to draw beside each other"),
        (
            "no_denominator",
            12,
            "Falls: these figures have no denominators, so small teams cannot be told from large ones.",
        ),
        ("events", 3, "Falls: times between events are not compared between teams here"),
        ("no_points", 0, "Falls: no team has figures for this window."),
        ("no_variation", 12, "Falls: all figures are the same, so there is nothing to compare."),
    ],
)
def test_where_nothing_is_drawn(reason: str, units: int, said: str) -> None:
    assert words.funnel_absent(reason, [unit()] * units, FALLS, METHOD).startswith(said)


def test_no_word_ranks() -> None:
    said = " ".join([*words.LINES.values(), *words.PLACES.values(), *words.REASONS.values(), words.FEWEST])
    assert not {"best", "worst", "top", "bottom", "rank", "league", "outlier", "poor"} & set(said.lower().split())

"""The change of all teams together and its parts: they add up, and each is what it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.split import PARTS, Split, split
from qitools.errors import DataError, ParameterError

MONTHS = pd.date_range("2023-01-01", periods=36, freq="MS")


def analysed(rows: list[tuple[str, int, float, float]], **given_: object) -> Analysis:
    """An analysis of (team, month number, numerator, denominator)."""
    columns = zip(*rows, strict=True)
    table = pd.DataFrame(dict(zip(("team", "month", "numerator", "denominator"), columns, strict=True)))
    table = table.assign(date=[MONTHS[month] for month in table.pop("month")], measure="falls")
    return analyse(table, **{"better": "lower", "per": 1000, "period": "month", "chart": "u", **given_})  # type: ignore[arg-type]


def constant(team: str, rate: float, size: float, months: range = range(36)) -> list[tuple[str, int, float, float]]:
    """A team with one rate per 1,000 throughout."""
    return [(team, month, rate * size / 1000, size) for month in months]


def amounts(found: Split) -> dict[str, float]:
    return dict(zip(found.parts["part"], found.parts["amount"], strict=True))


def adds_up(found: Split) -> bool:
    return abs(found.parts["amount"].sum() - (found.after - found.before)) <= 1e-12 * max(1, abs(found.before))


def test_a_change_within_teams_is_only_that() -> None:
    rows = [(team, month, 4.0 if month < 12 else 3.0, 1000.0) for team in "ab" for month in range(36)]
    found = split(analysed(rows), "falls")
    assert (found.before, found.after) == (4.0, 3.0)
    assert amounts(found) == pytest.approx({"within": -1.0, "mix": 0.0, "joiners": 0.0, "leavers": 0.0}, abs=1e-12)
    assert not found.mostly_membership


def test_a_team_that_grows_is_mix() -> None:
    rows = constant("a", 2, 1000) + [
        ("b", month, 0.008 * size, size) for month, size in enumerate([1000.0] * 12 + [3000.0] * 24)
    ]
    found = split(analysed(rows), "falls")
    assert (found.before, found.after) == pytest.approx((5.0, 6.5))
    assert amounts(found) == pytest.approx({"within": 0.0, "mix": 1.5, "joiners": 0.0, "leavers": 0.0}, abs=1e-12)


def test_joiners_and_leavers_are_told_apart() -> None:
    rows = constant("a", 4, 1000) + constant("late", 10, 1000, range(20, 36)) + constant("gone", 8, 1000, range(14))
    found = split(analysed(rows), "falls")
    assert (found.before, found.after) == pytest.approx((6.0, 7.0))
    assert amounts(found) == pytest.approx({"within": 0.0, "mix": 0.0, "joiners": 3.0, "leavers": -2.0}, abs=1e-12)
    assert found.teams.set_index("team")["group"].to_dict() == {"a": "stayed", "gone": "left", "late": "joined"}
    assert adds_up(found)


def test_a_line_moved_by_membership_alone_has_its_banner() -> None:
    found = split(
        analysed(constant("a", 4, 1000) + constant("b", 4, 1000) + constant("late", 10, 1000, range(20, 36))), "falls"
    )
    assert amounts(found)["within"] == pytest.approx(0, abs=1e-12)
    assert found.mostly_membership and found.membership == pytest.approx(found.after - found.before)


def test_where_nothing_moved_there_is_no_banner() -> None:
    found = split(analysed(constant("a", 4, 1000) + constant("late", 4.01, 1000, range(20, 36))), "falls")
    assert abs(found.membership) > 0.25 * found.parts["amount"].abs().sum()
    assert not found.mostly_membership


@st.composite
def collaboratives(draw: st.DrawFn) -> list[tuple[str, int, float, float]]:
    """Teams that come and go, with any counts."""
    rows = []
    for number in range(draw(st.integers(1, 5))):
        first = draw(st.sampled_from([0, 0, 0, 5, 26]))
        last = draw(st.sampled_from([9, 36, 36, 36]))
        random = np.random.default_rng(draw(st.integers(0, 10_000)))
        size = random.integers(1, 5000)
        rows += [
            (f"t{number}", month, float(random.integers(0, 60)), float(size * random.integers(1, 4)))
            for month in range(first, last)
            if random.random() < 0.9
        ]
    return rows or constant("t0", 4, 1000)


@settings(max_examples=15, deadline=None)
@given(collaboratives())
def test_the_parts_add_up_whoever_comes_and_goes(rows: list[tuple[str, int, float, float]]) -> None:
    found = split(analysed(rows), "falls")
    if found.reason:
        assert found.parts.empty and found.reason in ("too_short", "none_stayed")
        return
    assert adds_up(found)
    assert tuple(found.parts["part"]) == PARTS
    groups = found.teams.groupby("group")["amount"].sum()
    for part, group in (("joiners", "joined"), ("leavers", "left")):
        assert amounts(found)[part] == pytest.approx(groups.get(group, 0.0), abs=1e-9)
    if set(found.teams["group"]) == {"stayed"}:
        assert found.membership == 0


@settings(max_examples=6, deadline=None)
@given(collaboratives(), st.randoms(use_true_random=False))
def test_names_and_order_of_teams_change_nothing(rows, random) -> None:
    teams = sorted({row[0] for row in rows})
    other = dict(zip(teams, random.sample([f"x{number}" for number in range(9)], len(teams)), strict=True))
    renamed = [(other[team], *rest) for team, *rest in rows]
    random.shuffle(renamed)
    one, two = split(analysed(rows), "falls"), split(analysed(renamed), "falls")
    assert one.reason == two.reason
    assert one.parts["amount"].tolist() == pytest.approx(two.parts["amount"].tolist(), abs=1e-9)


def test_short_series_are_compared_in_the_same_months_of_the_year() -> None:
    found = split(analysed(constant("a", 4, 1000, range(18))), "falls")
    assert found.first == (MONTHS[0], MONTHS[5]) and found.last == (MONTHS[12], MONTHS[17])
    assert split(analysed(constant("a", 4, 1000, range(14))), "falls").reason == "too_short"


def test_a_season_alone_is_no_change() -> None:
    rows = [("a", month, 4 + 3 * np.sin(2 * np.pi * month / 12), 1000.0) for month in range(30)]
    found = split(analysed(rows), "falls")
    assert found.after - found.before == pytest.approx(0, abs=1e-12)


def test_months_left_out_by_decision_are_left_out_of_both_windows() -> None:
    rows = [("a", month, 10.0 if month % 12 == 0 else 4.0, 1000.0) for month in range(36)]
    out = pd.DataFrame({"team": ["a"], "measure": ["falls"], "date": [MONTHS[24]], "reason": ["Ward closed"]})
    found = split(analysed(rows, exclusions=out), "falls")
    assert found.periods == 11
    assert (found.before, found.after) == (4.0, 4.0)


def test_the_window_can_be_set() -> None:
    rows = analysed(constant("a", 4, 1000))
    found = split(replace(rows, method={**rows.method, "change_window": 6}), "falls")
    assert found.first == (MONTHS[0], MONTHS[5]) and found.last == (MONTHS[24], MONTHS[29])  # the same months


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        (1, (0, 0), (24, 24)),
        (6, (0, 5), (24, 29)),
        (18, (0, 11), (24, 35)),
        (24, (0, 11), (24, 35)),
        (None, (0, 11), (24, 35)),
    ],
)
def test_windows_of_any_length_hold_the_same_months(window, first, last) -> None:
    rows = analysed(constant("a", 4, 1000))
    found = split(replace(rows, method={**rows.method, "change_window": window}), "falls")
    assert (found.first, found.last) == tuple((MONTHS[begin], MONTHS[end]) for begin, end in (first, last))


def test_what_cannot_be_split_says_why() -> None:
    values = [("a", month, 4.0, float("nan")) for month in range(36)]
    assert split(analysed(values, per=1, chart="run"), "falls").reason == "no_denominator"
    gaps = [("a", month, 20.0, float("nan")) for month in range(36)]
    assert split(analysed(gaps, per=1, chart="g"), "falls").reason == "events"
    nothing = [("a", month, float("nan"), 1000.0) for month in range(36)]
    assert split(analysed(nothing, chart="run", per=100), "falls").reason == "no_points"
    apart = constant("a", 4, 1000, range(12)) + constant("b", 4, 1000, range(24, 36))
    found = split(analysed(apart), "falls")
    assert found.reason == "none_stayed" and not found.mostly_membership and found.membership == 0


def test_totals_and_unknown_measures_are_refused() -> None:
    rows = [(team, month, float(month + place + 5), 1000.0) for place, team in enumerate("abc") for month in range(36)]
    total = [("all", month, float(3 * month + 18), 3000.0) for month in range(36)]
    with pytest.raises(DataError, match="count everyone twice"):
        split(analysed(rows + total), "falls")
    with pytest.raises(ParameterError, match="did you mean 'falls'"):
        split(analysed(rows), "fals")

"""Bright spots drawn and worded: the fixed order, who may be named where, and what is said where there are none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import qitools as qi
from qitools.analysis.bright import bright
from qitools.errors import ParameterError
from qitools.views import wording_learning as words
from qitools.views.figure import html, payload

MONTH = {"period": "month"}
LOWER = {"name": "Falls", "better": "lower", "unit": "falls", "data": "rate"}
STAR = {"name": "Ash", "since": "2025-03-01", "periods": 9, "on_side": 9}


@pytest.fixture(scope="module")
def stars(falls: Any) -> list[str]:
    """The bright spots of falls_rate."""
    table = bright(falls, "falls_rate").table
    return list(table.loc[table["bright"], "team"])


def naming(analysis: Any, agreed: list[str]) -> Any:
    return replace(analysis, teams=analysis.teams.assign(share=analysis.teams["team"].isin(agreed)))


def names(analysis: Any, teams: list[str]) -> list[str]:
    return list(analysis.teams.set_index("team").loc[teams, "name"])


def test_the_facilitator_sees_every_team_in_the_fixed_order(falls: Any, stars: list[str]) -> None:
    rows = qi.bright_spots(naming(falls, []), "falls_rate", view="facilitator").spec["datasets"]["rows"]
    table = bright(falls, "falls_rate").table
    compared = list(table.loc[table["change"].notna(), "team"])
    assert [row["team"] for row in rows] == [*compared, ""]
    assert compared == [str(team) for team in falls.teams["team"] if team in compared]
    assert [row["team"] for row in rows if row["kind"] == "bright-lower"] == stars
    assert rows[-1]["kind"] == "typical"


def test_the_room_names_only_those_that_agreed_and_counts_the_others(falls: Any, stars: list[str]) -> None:
    assert len(stars) >= 2
    figure = qi.bright_spots(naming(falls, stars[:1]), "falls_rate")
    assert [row["team"] for row in figure.spec["datasets"]["rows"]] == [stars[0], ""]
    assert names(falls, stars[:1])[0] in figure.sentence
    assert words.hidden(len(stars) - 1, True) in figure.sentence


def test_nothing_of_other_teams_is_in_the_room_whatever_its_form(falls: Any, stars: list[str]) -> None:
    figure = qi.bright_spots(naming(falls, stars[:1]))
    sent = html(figure) + str(payload(figure)) + str(figure.spec) + figure.table.to_csv() + repr(figure)
    assert names(falls, stars[:1])[0] in sent
    for team in falls.teams.itertuples():
        if team.team != stars[0]:
            assert str(team.name) not in sent and str(team.team) not in sent, team.team


def test_where_nobody_agreed_nothing_is_drawn_and_the_count_is_said(falls: Any, stars: list[str]) -> None:
    figure = qi.bright_spots(naming(falls, []), "falls_rate")
    assert figure.panels == 0 and figure.table.empty
    assert words.hidden(len(stars), False) in figure.sentence


def test_every_measure_can_be_picked_and_a_neutral_one_says_why_not(falls: Any) -> None:
    assert [view.choice[0] for view in qi.bright_spots(falls).options] == list(falls.measures["name"])
    neither = replace(falls, measures=falls.measures.assign(better="neither"))
    figure = qi.bright_spots(neither, "falls_rate", view="facilitator")
    assert (figure.panels, "neither direction is better" in figure.sentence) == (0, True)


def test_a_name_or_view_nobody_knows_is_refused(falls: Any) -> None:
    with pytest.raises(ParameterError, match="did you mean 'falls_rate'"):
        qi.bright_spots(falls, "falls_rat")
    with pytest.raises(ParameterError, match="did you mean 'facilitator'"):
        qi.bright_spots(falls, view="facilitater")


@pytest.mark.parametrize("view", ["room", "facilitator"])
def test_the_filled_template_is_vega_lite(falls: Any, stars: list[str], view: str) -> None:
    figure = qi.bright_spots(naming(falls, stars), "falls_rate", view=view)
    assert figure.altair().to_dict(validate=True)["description"] == figure.sentence
    rows = figure.spec["datasets"]["rows"]
    low, high = (next(one["value"] for one in figure.spec["params"] if one["name"] == name) for name in ("low", "high"))
    assert all(low < row["lower"] < row["change"] < row["upper"] < high for row in rows) and low < 0 < high


def test_hostile_names_stay_text(hostile: Any) -> None:
    figure = qi.bright_spots(naming(hostile, list(hostile.teams["team"])), view="facilitator")
    assert "<script>alert" not in html(figure) and "<img" not in html(figure)


NAMED = (
    "Something to share on Falls: Ash (sustained improvement since March 2025, on the better side in 9 of 9 months, "
    "not explained by small numbers)"
)


@pytest.mark.parametrize(
    ("named", "unnamed", "reason", "total", "said"),
    [
        (0, 0, "", 14, "No team stands out from the others on Falls yet: none has an improvement that is sustained, "
         "consistent and more than small numbers can explain."),
        (0, 0, "few_teams", 4, "Falls: fewer than 8 teams have 12 periods of figures, too few to tell a bright spot "
         "from small numbers. The chart of each team says what it can."),
        (0, 0, "no_direction", 14, "Falls: neither direction is better, so nobody's change is held up as an example."),
        (0, 0, "no_figures", 0, "Falls: no team has 12 periods of figures yet, so nobody's change can be told."),
        (1, 0, "", 14, f"{NAMED}. 14 teams were compared."),
        (1, 1, "", 14, f"{NAMED} and 1 more team, which has not agreed to be put forward. 14 teams were compared."),
        (0, 2, "", 14, "Something to share on Falls: 2 teams, which have not agreed to be put forward. 14 teams were "
         "compared."),
    ],
)  # fmt: skip
def test_the_sentence(named: int, unnamed: int, reason: str, total: int, said: str) -> None:
    assert words.bright_sentence([STAR] * named, unnamed, LOWER, MONTH, reason, total) == said


def test_many_are_counted_and_one_in_simulated_data_is_marked() -> None:
    many = words.bright_sentence([STAR] * 9, 2, LOWER, {**MONTH, "simulated": True}, "", 40)
    assert many.count("sustained improvement") == words.SHOWN
    assert "3 more teams named in the table" in many and "2 more teams, which have not agreed" in many
    assert "simulated" in many


@pytest.mark.parametrize(
    ("count", "total", "reason", "said"),
    [
        (0, 14, "", "No team stands out from the others yet"),
        (0, 4, "few_teams", "Nobody can be told apart here yet"),
        (1, 14, "", "1 of 14 teams has something to share"),
        (2, 14, "", "2 of 14 teams have something to share"),
        (14, 14, "", "All 14 teams have something to share"),
    ],
)
def test_the_title(count: int, total: int, reason: str, said: str) -> None:
    assert words.bright_title([STAR] * count, total, reason) == said


@pytest.mark.parametrize(
    ("better", "unit", "said"),
    [
        ("lower", "percent", "in per cent; to the left is better."),
        ("higher", "points", "in percentage points, from the level all teams began at; to the right is better."),
        ("neither", "unit", "in falls."),
    ],
)
def test_the_subtitle_says_unit_and_better_side(better: str, unit: str, said: str) -> None:
    assert words.bright_subtitle({**LOWER, "better": better}, unit, {}).endswith(said)


@pytest.mark.parametrize(
    ("ends", "unit", "said"),
    [
        ((-32.4, -45.0, -18.2), "percent", "−32% (−45 to −18)"),
        ((0.2, -4.0, 4.4), "percent", "0% (−4 to +4)"),
        ((9.0, 2.6, 15.4), "points", "+9 points (+3 to +15)"),
        ((-1.25, -2.0, 0.5), "unit", "−1.2 (−2.0 to +0.50)"),
        ((float("nan"),) * 3, "unit", ""),
    ],
)
def test_a_change_with_its_interval(ends: tuple[float, float, float], unit: str, said: str) -> None:
    row = dict(zip(("change", "lower", "upper"), ends, strict=True))
    assert words.moved(row, unit, {"data": "value"}) == said

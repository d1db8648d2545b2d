"""Small multiples: one facet, one data set, the fixed order, the right size for the number of panels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.views import labels, multiples


def many(teams: int, months: int = 24) -> Any:
    """An analysis of so many teams, seeded."""
    noise = np.random.default_rng(20260801).normal(20, 3, teams * months)
    rows = pd.DataFrame(
        {
            "team": np.repeat([f"t{i:03d}" for i in range(teams)], months),
            "measure": "m",
            "date": np.tile(pd.date_range("2024-01-01", periods=months, freq="MS"), teams),
            "numerator": noise,
            "denominator": float("nan"),
        }
    )
    return qi.analyse(rows, chart="i", rules="ihi-2011", better="lower", period="month")


def test_one_facet_over_one_data_set_in_the_fixed_order(falls: Any) -> None:
    fig = qi.multiples(falls)
    assert set(fig.spec["datasets"]) == {"rows", "panels"}
    assert fig.spec["data"] == {"name": "rows"}
    heads = next(one["value"] for one in fig.spec["params"] if one["name"] == "heads")
    assert [head[0] for head in heads] == list(falls.teams["name"])
    assert list(fig.table["Team"]) == list(falls.teams["name"])


def test_each_panel_has_its_teams_points_and_its_own_scale(falls: Any) -> None:
    spec = qi.multiples(falls, "falls_rate").spec
    params = {one["name"]: one["value"] for one in spec["params"]}
    rows = pd.DataFrame(spec["datasets"]["rows"])
    points = rows[rows["role"] == "point"]
    mine = falls.points[falls.points["measure"] == "falls_rate"]
    for panel, team in enumerate(falls.teams["team"]):
        values = pd.to_numeric(points.loc[points["panel"] == panel, "value"])
        np.testing.assert_allclose(values, mine.loc[mine["team"] == team, "value"], rtol=1e-5)
        assert params["lows"][panel] <= values.min()
        assert values.max() <= params["highs"][panel]


def test_under_each_name_stand_level_change_and_finding(falls: Any) -> None:
    rows = pd.DataFrame(qi.multiples(falls, "falls_rate").spec["datasets"]["rows"])
    frames = rows[rows["role"] == "frame"].set_index("panel")
    series = falls.series[falls.series["measure"] == "falls_rate"].reset_index(drop=True)
    assert list(frames.index) == list(range(len(falls.teams)))
    assert frames["level"].str.startswith("median ").all()
    moved = series["baseline_centre"] != series["current_centre"]
    assert moved.any()
    assert list(frames["level"].str.contains(" to ")) == list(moved)
    assert list(frames["found"] != "") == list(series["first_signal"].notna())


@pytest.mark.parametrize(("teams", "size"), [(1, 12), (12, 12), (28, 40), (35, 40), (117, 1_000)])
def test_panels_shrink_with_their_number(teams: int, size: int) -> None:
    fig = qi.multiples(many(teams))
    assert fig.panels == teams
    assert fig.spec["usermeta"]["qitools"]["panel"] == multiples.SIZES[size][0]
    assert len(fig.table) == teams


def test_one_team_shows_every_measure(falls: Any) -> None:
    fig = qi.multiples(falls, team="almara")
    assert fig.panels == len(falls.measures)
    assert list(fig.table["Measure"]) == list(falls.measures["name"])
    assert "Almara Ward" in fig.sentence


def test_the_legend_of_panels_names_only_signals(falls: Any) -> None:
    fig = qi.multiples(falls)
    kinds = next(one["value"] for one in fig.spec["params"] if one["name"] == "kinds")
    assert kinds
    assert "none" not in kinds


def test_a_tick_is_a_round_value_inside_the_panels_scale(falls: Any) -> None:
    spec = qi.multiples(falls, "falls_rate").spec
    params = {one["name"]: one["value"] for one in spec["params"]}
    rows = pd.DataFrame(spec["datasets"]["rows"])
    ticks = rows[rows["role"] == "tick"]
    for panel, mine in ticks.groupby("panel"):
        assert 2 <= len(mine) <= 5
        assert mine["value"].between(params["lows"][panel], params["highs"][panel]).all()
        np.testing.assert_allclose(mine["value"].astype(float), mine["shown"].astype(float))


def test_a_family_of_one_measure_is_said_and_not_drawn_again() -> None:
    fig = qi.multiples(many(2), team="t001")
    assert fig.panels == 0
    assert fig.sentence == "t001 reports one measure here, m: its chart is the one above."
    assert len(fig.table) == 1
    assert qi.multiples(many(2), "m", "t001").panels == 1  # asked for by name, it is drawn


def test_a_measure_nobody_sent_says_so(falls: Any) -> None:
    from dataclasses import replace

    empty = {name: getattr(falls, name).iloc[:0] for name in ("points", "phases", "series")}
    assert qi.multiples(replace(falls, **empty)).sentence == labels.ABSENT

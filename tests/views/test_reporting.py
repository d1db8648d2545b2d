"""The map of reporting: every period in one state, told by sign as well as by colour."""

from __future__ import annotations

from typing import Any

import pandas as pd

import qitools as qi
from qitools.views import reporting


def test_missing_and_excluded_periods_have_a_sign(falls: Any) -> None:
    signs = pd.DataFrame(qi.reporting(falls, "falls_rate").spec["datasets"]["signs"])
    points = falls.points[falls.points["measure"] == "falls_rate"]
    inside = points[points["reason"].isin(["missing", "excluded"])]
    place = {team: i for i, team in enumerate(falls.teams["team"])}
    expected = {(place[row.team], f"{row.date:%Y-%m-%d}", row.reason) for row in inside.itertuples()}
    found = set(signs[["row", "date", "kind"]].itertuples(index=False, name=None))
    assert expected <= found
    assert all(kind == "missing" for *_, kind in found - expected)  # a team that has stopped sending
    assert {reporting.STATES[kind][0] for kind in signs["kind"]} == set(signs["sign"])


def test_bars_and_counts_agree(falls: Any) -> None:
    fig = qi.reporting(falls, "falls_rate")
    sent = falls.points[(falls.points["measure"] == "falls_rate") & falls.points["value"].notna()]
    counts = sent.groupby("team", observed=True).size()
    for team, words in zip(falls.teams["team"], fig.table["Reported"], strict=True):
        assert int(words.split(" of ")[0]) == counts[team]


def test_a_team_that_stopped_is_missing_to_the_end(falls: Any) -> None:
    points = falls.points
    last = points.groupby(["measure", "team"], observed=True)["date"].max()["falls_rate"]
    stopped = last.index[last < last.max()]
    fig = qi.reporting(falls, "falls_rate")
    bars = pd.DataFrame(fig.spec["datasets"]["runs"])
    for team in stopped:
        row = list(falls.teams["team"]).index(team)
        assert bars[bars["row"] == row].iloc[-1]["kind"] == "missing"


def test_far_fewer_marks_than_cells(falls: Any) -> None:
    fig = qi.reporting(falls, "falls_rate")
    assert len(fig.spec["datasets"]["runs"]) < len(falls.points[falls.points["measure"] == "falls_rate"]) / 5
    assert fig.panels == 1

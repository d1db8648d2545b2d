"""The pooled chart: one series, and a strip of the teams behind each point."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import qitools as qi
from qitools.analysis.focus import focus
from qitools.analysis.pooled import countable, pool, steady_teams
from qitools.errors import ParameterError
from qitools.views.wording_pooled import BANNER


def test_the_line_and_the_strip_are_those_of_the_tables(falls: Any) -> None:
    fig = qi.pooled(falls, "falls_rate")
    expected = pool(falls, "falls_rate")
    values = [row["value"] for row in fig.spec["datasets"]["points"]]
    assert values == pytest.approx(list(expected.analysis.points["value"]), rel=1e-5)
    strip = fig.spec["datasets"]["strip"]
    assert [row["reporting"] for row in strip] == list(expected.reporting["reporting"])
    assert [row["expected"] for row in strip] == list(expected.reporting["expected"])
    assert [row["period"] for row in strip] == list(expected.reporting["date"].dt.strftime("%Y-%m-%d"))


def test_the_strip_has_the_time_axis_of_the_chart(falls: Any) -> None:
    fig = qi.pooled(falls)
    chart, *strip = fig.spec["layer"]
    domains = [
        layer["encoding"]["x"].get("scale", {}).get("domain")
        for layer in chart["layer"]
        if "scale" in layer["encoding"].get("x", {})
    ]
    assert domains == [[{"expr": "xLow"}, {"expr": "xHigh"}]]
    assert all("scale" not in layer["encoding"].get("x", {}) for layer in strip)
    assert fig.spec["resolve"] == {"scale": {"y": "independent"}}


def test_the_table_says_how_many_teams(falls: Any) -> None:
    last = qi.pooled(falls, "falls_rate").table.iloc[-1]
    reporting = pool(falls, "falls_rate").reporting.iloc[-1]
    assert last["Teams reporting"] == f"{reporting['reporting']} of {reporting['expected']}"


def test_every_measure_can_be_picked(falls: Any) -> None:
    fig = qi.pooled(falls)
    assert [view.choice[0] for view in fig.options] == list(falls.measures["name"])
    with pytest.raises(ParameterError):
        qi.pooled(falls, "nothing")


def test_those_that_reported_throughout_have_a_line_of_their_own(falls: Any) -> None:
    fig, expected = qi.pooled(falls, "falls_rate"), pool(falls, "falls_rate")
    panel = fig.spec["datasets"]["panel"]
    assert [row["value"] for row in panel] == pytest.approx(list(expected.panel["value"]), rel=1e-5)
    words = f"{expected.steady} of {expected.teams} teams"
    said = {one["name"]: one.get("value") for one in fig.spec["params"]}
    assert words in said["panelWords"] and words in fig.sentence
    assert "Teams that reported throughout" in fig.table.columns
    low, high = said["yLow"], said["yHigh"]
    assert all(low <= row["value"] <= high for row in panel)


def test_where_all_reported_throughout_there_is_no_second_line(falls: Any) -> None:
    whole = set(pool_of_steady(falls))
    part = replace(falls, points=falls.points[falls.points["team"].isin(whole)])
    fig = qi.pooled(part, "falls_rate")
    assert fig.spec["datasets"]["panel"] == []
    assert next(one["value"] for one in fig.spec["params"] if one["name"] == "panelWords") == ""
    assert "dotted" not in fig.sentence and "Teams that reported throughout" not in fig.table.columns


def pool_of_steady(analysis: Any) -> list[str]:
    """The ids of the teams behind the dotted line."""
    return steady_teams(countable(focus(analysis, measure="falls_rate")))


def test_joining_and_leaving_that_moves_the_line_is_said_first(falls: Any) -> None:
    late = list(falls.teams["team"][:9])
    joined = falls.points["team"].isin(late) & (falls.points["measure"] == "falls_rate")
    raised = falls.points.assign(
        numerator=falls.points["numerator"].where(~joined, 6 * falls.points["numerator"]),
        value=falls.points["value"].where(~joined, 6 * falls.points["value"]),
    )
    fig = qi.pooled(replace(falls, points=raised[~joined | (raised["date"] >= "2025-01-01")]), "falls_rate")
    assert fig.spec["title"]["subtitle"][0] == BANNER and BANNER in fig.sentence
    assert BANNER not in qi.pooled(falls, "falls_rate").sentence

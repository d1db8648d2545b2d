"""The pooled chart: one series, and a strip of the teams behind each point."""

from __future__ import annotations

from typing import Any

import pytest

import qitools as qi
from qitools.analysis.pooled import pool
from qitools.errors import ParameterError


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

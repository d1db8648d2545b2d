"""Bright spots on collaboratives whose truth is known, and who may be one."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.bright import CONSISTENT, LIKELY, bright
from qitools.errors import ParameterError

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "bright_spots.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The benchmark that measures sensitivity and false discoveries."""
    spec = importlib.util.spec_from_file_location("bright_spots", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["bright_spots"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found(script: Any) -> Any:
    """One collaborative: 20 teams, the first three of which improve."""
    return script.analysis(script.Design("proportion"), seed=1)


def test_planted_improvers_are_found_and_others_are_not(script: Any) -> None:
    tally = script.tally(script.Design("proportion"), range(6))
    assert tally.sensitivity >= 0.5
    assert tally.false_discovery <= 0.1


def test_where_nothing_improves_next_to_nobody_is_called(script: Any) -> None:
    assert script.tally(script.Design(improvers=0), range(6)).called <= 1


@pytest.mark.soak
def test_the_table_of_the_methods_page(script: Any) -> None:
    """Every design over many seeds: few false discoveries, and most that a chart shows are found where few improve."""
    for design in script.DESIGNS:
        tally = script.tally(design, range(60))
        if not design.improvers:
            assert tally.called <= 0.1 * tally.collaboratives, design
        else:
            assert tally.false_discovery <= 0.1, design
        if design.data == "proportion":
            assert tally.sensitivity >= 0.6, design


def test_the_table_says_what_a_bright_spot_is(found: Any) -> None:
    table = bright(found, "measure").table
    said = table["sustained"] & (table["on_side"] >= CONSISTENT * table["periods"]) & (table["top"] >= LIKELY)
    said &= table["lower"] > 0
    assert table["bright"].tolist() == said.tolist()
    assert table["bright"].any()
    assert table["top"].sum() == pytest.approx(5)
    assert (table["lower"] < table["change"]).all() and (table["change"] < table["upper"]).all()
    assert table["team"].tolist() == found.series["team"].astype(str).tolist()


def test_on_side_counts_the_periods_since_the_shift_began(found: Any) -> None:
    table = bright(found, "measure").table
    one = table[table["bright"]].iloc[0]
    points = found.points[(found.points["team"] == one["team"]) & (found.points["date"] >= one["since"])]
    centre = found.series.set_index("team").loc[one["team"], "baseline_centre"]
    assert one["periods"] == points["value"].notna().sum()
    assert one["on_side"] == (points["value"] > centre).sum()


def test_the_same_numbers_every_time_and_in_any_order(found: Any, script: Any) -> None:
    again = bright(script.analysis(script.Design("proportion"), seed=1), "measure")
    assert again.table.equals(bright(found, "measure").table)
    assert again.typical == bright(found, "measure").typical


def test_fewer_than_eight_teams_are_told_apart_by_nobody(script: Any) -> None:
    few = bright(script.analysis(script.Design(teams=7), seed=1), "measure")
    assert (few.reason, few.typical, few.table["bright"].any()) == ("few_teams", None, False)
    assert not bright(script.analysis(script.Design(teams=8), seed=1), "measure").reason


def test_short_series_and_no_direction_are_reasons(script: Any, found: Any) -> None:
    short = bright(script.analysis(script.Design(periods=11, change_at=6), seed=1), "measure")
    assert short.reason == "no_figures"
    neither = replace(found, measures=found.measures.assign(better="neither"))
    assert bright(neither, "measure").reason == "no_direction"


def test_who_stopped_reporting_or_has_no_chart_is_no_bright_spot(found: Any) -> None:
    star = bright(found, "measure").table.query("bright")["team"].iloc[0]
    left = replace(found, series=found.series.assign(current=found.series["team"].astype(str) != star))
    table = bright(left, "measure").table.set_index("team")
    assert not table.loc[star, "bright"] and table["change"].isna().sum() == 1
    small = found.teams.assign(display=["table" if team == star else "chart" for team in found.teams["team"]])
    assert not bright(replace(found, teams=small), "measure").table.set_index("team").loc[star, "bright"]


def test_worse_is_never_bright(script: Any, found: Any) -> None:
    turned = qi.analyse(
        found.points[["team", "measure", "date", "numerator", "denominator"]], better="lower", per=100, period="month"
    )
    assert not bright(turned, "measure").table["bright"].any()


def test_standing_still_while_others_lose_ground_is_no_bright_spot() -> None:
    random = np.random.default_rng(5)
    months = pd.date_range("2023-01-01", periods=36, freq="MS")
    rate = {i: np.where(np.arange(36) < 18, 0.010, 0.010 if i == 0 else 0.018) for i in range(12)}
    table = pd.DataFrame(
        {
            "team": f"t{i:02}",
            "measure": "m",
            "date": day,
            "numerator": random.poisson(2000 * level),
            "denominator": 2000,
        }
        for i, levels in rate.items()
        for day, level in zip(months, levels, strict=True)
    )
    found = qi.analyse(table, better="lower", per=1000, period="month")
    series = found.series.assign(
        verdict="improved", strength="held", first_signal=months[18]
    )  # whatever its chart says
    points = found.points.assign(value=found.points["value"].where(found.points["team"] != "t00", 9.0))
    row = bright(replace(found, series=series.assign(baseline_centre=10.0), points=points), "m").table.iloc[0]
    assert row["top"] > 0.95 and row["consistent"] and row["upper"] > 0
    assert not row["bright"]


def test_an_unknown_measure_is_refused(found: Any) -> None:
    with pytest.raises(ParameterError, match="measure"):
        bright(found, "mesure")

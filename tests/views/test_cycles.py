"""Tests of change under their chart: every cycle drawn once, on the chart's own time axis, and told in words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools.analysis import pdsa
from qitools.collaborative.records import PDSA, Records, typed_table
from qitools.views import cycles, wording_tests

HOSTILE = '</script><img src=x onerror="alert(1)">'


def tried(team: str = "a", **given: Any) -> dict[str, Any]:
    texts = {name: "" for name, kind in PDSA.items() if kind == "str"}
    return {**texts, "team": team, "cycle": 1, "start": pd.Timestamp("2024-05-03"), "end": pd.NaT, **given}


@pytest.fixture(scope="module")
def one() -> Any:
    """One team with two years of figures, and no records."""
    dates = pd.date_range("2024-01-01", periods=24, freq="MS")
    rows = pd.DataFrame({"team": "a", "measure": "m", "date": dates, "numerator": [10.0, 12.0] * 12})
    return qi.analyse(rows, better="lower", rules="his-2025", period="month")


def logged(analysis: Any, *rows: dict[str, Any]) -> Any:
    return replace(analysis, records=Records(pdsa=typed_table(list(rows), PDSA)))


def drawn(analysis: Any) -> Any:
    return qi.cycles(analysis).options[0]


def test_every_cycle_of_the_example_is_drawn_once_and_in_the_table(falls: Any) -> None:
    names = falls.teams.set_index("team")["name"]
    shown = {view.choice[0]: view for view in qi.cycles(falls).options}
    for team, own in pdsa.cycles(falls).groupby("team"):
        view = shown[names[team]]
        assert view.data["cycles"]["kind"] == own["state"].tolist()
        assert view.data["cycles"]["lane"] == own["lane"].tolist()
        assert view.data["cycles"]["date"] == own["start"].dt.strftime("%Y-%m-%d").tolist()
        assert view.data["log"]["decided"] == [wording_tests.DECIDED[state] for state in own["state"]]
        assert len(view.notes) == len(view.data["notes"]["number"]) + len(own)
        low, high = (pd.Timestamp(view.params[end], unit="ms") for end in ("xLow", "xHigh"))
        assert low < own["start"].min() and own["until"].max() < high


def test_the_chart_above_is_the_chart_of_the_page(falls: Any) -> None:
    above = {
        view.choice[1]: view for view in qi.chart(falls).options if view.choice[0] == falls.measures["name"].iloc[0]
    }
    for view in qi.cycles(falls).options:
        same = above[view.choice[0]]
        for name in ("points", "lines", "ends", "target"):
            assert str(view.data[name]) == str(same.data[name])
        assert view.title.startswith(same.title)


def test_chart_and_lanes_have_one_time_axis() -> None:
    found = re.findall(r"'domain': \[\{'expr': 'xLow'\}, \{'expr': 'xHigh'\}\]", str(cycles.template()))
    assert len(found) == 1
    assert "'x': 'independent'" not in str(cycles.template()["resolve"])


def test_teams_with_tests_come_first_then_the_others_who_are_told_so(falls: Any) -> None:
    names, testing = falls.teams.set_index("team")["name"], set(falls.records.pdsa["team"])
    order = [view.choice[0] for view in qi.cycles(falls).options]
    first = [names[team] for team in falls.teams["team"] if team in testing]
    assert order[: len(first)] == first
    assert 0 < len(first) < len(order)
    quiet = qi.cycles(falls).options[-1]
    assert quiet.data["lanes"]["text"] == ["No tests of change recorded yet."]
    assert "No tests of change yet." in quiet.sentence
    assert quiet.title.endswith("; no tests of change yet")
    assert quiet.table[0] == "points"


def test_a_team_that_does_not_report_the_aims_measure_keeps_its_tests(falls: Any) -> None:
    aimed = str(falls.measures["measure"].iloc[0])
    part = replace(
        falls,
        series=falls.series[(falls.series["team"] != "almara") | (falls.series["measure"] != aimed)],
        points=falls.points[(falls.points["team"] != "almara") | (falls.points["measure"] != aimed)],
    )
    fig = qi.cycles(part)
    assert fig.pickers == ("Team",)
    (shown,) = [view for view in fig.options if view.choice == ("Almara Ward",)]
    assert shown.data["cycles"]["kind"]
    assert falls.measures["name"].iloc[1] in shown.subtitle[0]
    assert sorted(view.choice for view in fig.options) == sorted((name,) for name in falls.teams["name"])


def test_a_collaborative_without_a_log_says_how_to_give_one(one: Any) -> None:
    fig = qi.cycles(one)
    assert fig.panels == 0
    assert "sources.pdsa" in fig.sentence


def test_a_team_may_see_all_its_measures(falls: Any) -> None:
    fig = qi.cycles(falls, team="almara")
    assert fig.pickers == ("Measure",)
    assert len(fig.options) == len(falls.measures)
    assert len({str(view.data["log"]) for view in fig.options}) == 1


def test_the_axis_widens_for_tests_before_and_after_the_figures(one: Any) -> None:
    early, late = pd.Timestamp("2023-06-01"), pd.Timestamp("2026-03-01")
    view = drawn(logged(one, tried(start=early, end=early, idea="x"), tried(start=late, idea="y")))
    low, high = (pd.Timestamp(view.params[end], unit="ms") for end in ("xLow", "xHigh"))
    assert low < early and high > late
    plain = drawn(logged(one, tried(end=pd.Timestamp("2024-06-01"))))
    assert sum(view.data["phases"]["room"]) < sum(plain.data["phases"]["room"])


@pytest.mark.parametrize("first", ["2024-05-01", "2025-12-10"])
def test_signs_in_a_lane_never_touch_or_leave_the_axis(one: Any, first: str) -> None:
    days = [pd.Timestamp(first) + pd.Timedelta(days=3 * i) for i in range(6)]
    rows = [tried(cycle=i, start=day, end=day, ramp="r", decision="adapt") for i, day in enumerate(days, 1)]
    view = drawn(logged(one, *rows))
    signs = pd.to_datetime(view.data["cycles"]["sign"])
    span = pd.Timedelta(view.params["xHigh"] - view.params["xLow"], unit="ms")
    assert signs.to_series().diff().dropna().min() >= cycles.APART * span - pd.Timedelta(days=1)
    assert signs.max() < pd.Timestamp(view.params["xHigh"], unit="ms")
    assert view.data["cycles"]["lane"] == [0] * 6
    assert view.data["cycles"]["date"] == [f"{day:%Y-%m-%d}" for day in days]


def test_the_latest_chains_are_drawn_and_the_rest_are_told(one: Any) -> None:
    rows = [tried(idea=f"idea {i}", start=pd.Timestamp("2024-01-05") + pd.Timedelta(days=20 * i)) for i in range(13)]
    view = drawn(logged(one, *rows))
    assert max(view.data["cycles"]["lane"]) == cycles.MOST - 1
    assert view.data["lanes"]["text"][0] == "idea 3: 1 cycle"
    assert "3 earlier chains are in the table only." in view.sentence
    assert len(view.data["log"]["test"]) == 13


def test_a_test_without_a_date_is_in_the_table(one: Any) -> None:
    view = drawn(logged(one, tried(start=pd.NaT, idea="soon")))
    assert view.data["log"]["when"] == ["no date yet"]
    assert view.data["cycles"]["kind"] == []


def test_the_key_explains_every_sign_drawn_and_no_other(falls: Any) -> None:
    for view in qi.cycles(falls).options:
        signs = set(view.data["cycles"]["kind"])
        assert set(view.params["kinds"]) & set(cycles.SIGNS) == signs
        assert set(view.params["words"]) == set(view.params["kinds"])


def test_every_state_has_its_own_sign_and_words() -> None:
    assert set(cycles.SIGNS) == set(pdsa.STATES) == set(wording_tests.DECIDED) == set(wording_tests.TALLIED)
    assert len({path for path, _ in cycles.SIGNS.values()}) == len(cycles.SIGNS)


def test_specs_are_valid_and_marks_without_words_are_silent(falls: Any) -> None:
    fig = qi.cycles(falls)
    assert fig.altair().to_dict(validate=True)["description"] == fig.sentence
    marks = re.findall(r"'mark': (\{[^{}]*)", str(cycles.template()))
    assert all("'aria': False" in mark for mark in marks)


def test_hostile_words_stay_words(one: Any) -> None:
    texts = dict.fromkeys(("idea", "ramp", "scale", "prediction", "result", "owner"), HOSTILE)
    html = qi.cycles(logged(one, tried(**texts)))._repr_html_()
    assert "<img" not in html
    assert html.count("</script>") == 2


def test_one_look_at_a_test_is_the_same_everywhere(one: Any) -> None:
    row = tried(
        idea="Huddle", prediction="Four of five.", result="Three", decision="adapt", end=pd.Timestamp("2024-05-09")
    )
    view = drawn(logged(one, {**row, "scale": "one bay"}))
    assert view.notes[-1] == (
        "3 May 2024 to 9 May 2024: Huddle (one bay). Predicted: Four of five. Found: Three. Adapted."
    )
    assert view.data["cycles"]["prediction"] == view.data["log"]["prediction"] == ["Four of five."]

"""The annotated chart: what it is made of, against the tables it comes from."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from syrupy.extensions.json import JSONSnapshotExtension

import qitools as qi
from qitools.errors import ParameterError
from qitools.spc.rules import RULES
from qitools.views import ink, labels, multiples, pooled, reporting, strokes
from qitools.views.strokes import spread, value_domain


@pytest.mark.parametrize(
    "template",
    [
        ink.template,
        pooled.template,
        lambda: multiples.template(12),
        lambda: multiples.template(40),
        lambda: reporting.template(28),
    ],
    ids=["chart", "pooled", "multiples-12", "multiples-40", "reporting-28"],
)
def test_templates_are_as_they_were(template: Any, snapshot: Any) -> None:
    assert template() == snapshot(extension_class=JSONSnapshotExtension)


def table(values: list[float], start: str = "2024-01-01", every: str = "MS", **columns: Any) -> pd.DataFrame:
    dates = pd.date_range(start, periods=len(values), freq=every)
    known = {"team": "a", "measure": "m", "date": dates, "numerator": values, "denominator": float("nan")}
    return pd.DataFrame({**known, **columns})


def one(values: list[float], **settings: Any) -> Any:
    """The analysis of one series of single values."""
    return qi.analyse(
        table(values), **{"chart": "run", "rules": "his-2025", "better": "lower", "period": "month", **settings}
    )


def told(analysis: Any, **events: Any) -> Any:
    """The same with events: columns as lists."""
    rows = pd.DataFrame({"team": "a", "measure": "m", "by": "", "decided": pd.NaT, **events})
    return replace(analysis, events=rows.assign(date=pd.to_datetime(rows["date"])))


STEP = [10.0, 12.0] * 6 + [5.0, 6.0] * 6


def view(analysis: Any) -> Any:
    return qi.chart(analysis).options[0]


def test_every_series_is_drawn_as_it_was_computed(falls: Any) -> None:
    """Values, centres and signals of every chart are those of the tables, team by team."""
    shown = {view.choice: view.data for view in qi.chart(falls).options}
    names = falls.teams.set_index("team")["name"], falls.measures.set_index("measure")["name"]
    for (measure, team), part in falls.points.groupby(["measure", "team"], observed=True):
        data = shown[names[1][measure], names[0][team]]
        values = pd.Series(data["points"]["value"], dtype=float)
        pd.testing.assert_series_equal(values, part["value"].reset_index(drop=True), check_names=False)
        expected = part["signal"].astype(str).where(~part["excluded"], "excluded")
        kinds = [kind.removesuffix("-weak").replace("-down", "") for kind in data["points"]["kind"]]
        assert kinds == list(expected)
        phases = falls.phases.query("measure == @measure and team == @team")
        assert sorted(set(data["lines"]["centre"])) == sorted(set(phases["centre"].dropna()))


def test_a_triangle_points_the_way_of_improvement() -> None:
    down = view(one(STEP)).data["points"]["kind"]
    up = view(one([-value for value in STEP], better="higher")).data["points"]["kind"]
    assert set(down[12:]) == {"favourable-down"}
    assert set(up[12:]) == {"favourable"}
    assert ink.MARKS["favourable-down"][0] == "triangle-down"
    assert ink.MARKS["favourable"][0] == "triangle-up"


def test_a_short_run_is_drawn_hollow() -> None:
    kinds = view(one([10.0, 12.0] * 6 + [5.0, 6.0] * 3 + [20.0])).data["points"]["kind"]
    assert set(kinds[12:18]) == {"favourable-down-weak"}
    assert ink.MARKS["favourable-down-weak"][1] == "paper"


def test_the_legend_names_the_rules_that_marked() -> None:
    shown = view(one(STEP))
    assert shown.params["words"]["favourable-down"] == "Better: sustained shift"
    assert shown.params["kinds"][0] == "none"


def test_a_gap_stays_a_gap_and_an_excluded_point_is_not_on_the_line() -> None:
    analysis = one([10.0, float("nan"), 12.0, *STEP])
    out = analysis.points.index == 4
    analysis = replace(
        analysis, points=analysis.points.assign(excluded=out, reason=["excluded" if i else "" for i in out])
    )
    points = view(analysis).data["points"]
    assert pd.isna(points["value"][1])
    assert points["kind"][4] == "excluded"
    assert points["note"][4] == "shown but not counted, by decision"
    assert "datum.kind == 'excluded' ? null" in ink.THROUGH


def test_lines_break_between_phases_and_join_within(falls: Any) -> None:
    (team,) = falls.phases.query("measure == 'falls_rate' and phase == 2")["team"].head(1)
    lines = qi.chart(falls, "falls_rate", team).options[0].data["lines"]
    assert lines["phase"] == [1, 1, 2, 2]
    assert lines["date"] == sorted(lines["date"])
    assert lines["date"][1] < lines["date"][2]
    assert lines["centre"][0] == lines["centre"][1] != lines["centre"][2]


def test_limits_that_vary_are_steps_and_a_missing_month_keeps_those_before() -> None:
    rows = table([5.0, 6, 7, 5, 6, 7, 8, 5, 6, 7, 5, 6, 5], denominator=[100.0, 200] * 6 + [100])
    rows.loc[3, ["numerator", "denominator"]] = float("nan")
    analysis = qi.analyse(rows, chart="u", rules="ihi-2011", better="lower", period="month", per=100)
    lines = view(analysis).data["lines"]
    known = analysis.points["upper"].notna().sum()
    assert len(lines["date"]) == known + 1
    assert not pd.isna(pd.Series(lines["upper"])).any()


def test_the_phase_says_how_many_points_made_its_centre() -> None:
    phases = view(one(STEP)).data["phases"]
    assert phases["note"] == ["median 11.0, from the first 12 of 24 points"]
    short = view(one(STEP[:12])).data["phases"]
    assert short["note"] == ["median 11.0, from 12 points"]
    assert phases["name"] == [labels.FIRST_PHASE]


def test_events_are_numbered_merged_and_told() -> None:
    analysis = told(
        one(STEP),
        date=["2024-03-01", "2024-03-01", "2024-04-01", "2024-09-01", "2024-10-01"],
        kind=["change", "change", "change", "exclusion", "exclusion"],
        text=["Huddle", "Lights", "Rounding", "Flood", "Flood"],
    )
    shown = view(analysis)
    assert shown.notes == ("Mar 2024: Huddle and Lights", "Apr 2024: Rounding", "Sep 2024 to Oct 2024: Flood")
    assert shown.data["notes"]["number"] == ["1", "2", "3"]
    assert shown.data["notes"]["lane"][:2] == [0, 0]
    assert shown.params["raised"] > 0


def test_numbers_of_changes_that_would_touch_stand_on_two_lines() -> None:
    dates = ["2024-03-01", "2024-03-12", "2024-09-01"]
    shown = view(told(one(STEP), date=dates, kind=["change"] * 3, text=["A", "B", "C"]))
    assert shown.data["notes"]["lane"] == [0, 1, 0]


def test_words_at_the_right_end_never_touch() -> None:
    for low, high in ((0.0, 10.0), (90.0, 100.0)):
        gap = strokes.LINE * (high - low) / strokes.HEIGHT
        placed = sorted(spread([high / 2, high / 2 + gap / 9, high / 2 - gap / 9, high], gap))
        assert all(after - before >= gap * 0.999 for before, after in pairwise(placed))


@pytest.mark.parametrize(
    ("levels", "percentage", "expected"),
    [
        ([3.2, 7.9], False, (0, 8)),
        ([86.0, 97.5], True, (86, 98)),
        ([5.0, 5.0], False, (0, 5)),
        ([0.0, 0.0], False, (0, 1)),
        ([], False, (0, 1)),
        ([40.0, 100.0], True, (0, 100)),
        ([-3.0, 4.0], False, (-4, 4)),
    ],
)
def test_scales_are_round_and_hold_their_levels(
    levels: list[float], percentage: bool, expected: tuple[float, float]
) -> None:
    low, high = value_domain(levels, percentage)
    assert (low, high) == expected
    assert all(low <= level <= high for level in levels)


def test_simulated_is_inside_every_picture(falls: Any) -> None:
    for make in (qi.chart, qi.multiples, qi.pooled, qi.reporting):
        for shown in make(falls).options:
            assert "simulated" in " ".join([shown.title, *shown.subtitle]).lower()


def test_the_source_is_inside_the_picture(falls: Any) -> None:
    analysis = replace(falls, method={**falls.method, "attribution": "Source: a register"})
    for make in (qi.chart, qi.multiples, qi.pooled, qi.reporting):
        assert all(shown.subtitle[-1] == "Source: a register" for shown in make(analysis).options)


def test_chart_opens_with_the_aims_measure_and_offers_the_rest(falls: Any) -> None:
    fig = qi.chart(falls)
    assert fig.pickers == ("Measure", "Team")
    assert len(fig.options) == len(falls.series)
    assert fig.options[0].choice[0] == str(falls.measures["name"].iloc[0])
    assert qi.chart(falls, measure="falls_rate", team="almara").pickers == ()


def test_an_unknown_team_is_refused_with_the_nearest_name(falls: Any) -> None:
    with pytest.raises(ParameterError, match="almara"):
        qi.chart(falls, team="almarra")


def test_marks_without_words_are_hidden_from_screen_readers() -> None:
    for template in (ink.template(), pooled.template(), multiples.template(40), reporting.template(28)):
        marks = re.findall(r"'mark': (\{[^{}]*)", str(template))
        assert marks
        assert all("'aria': False" in mark for mark in marks)


def test_rules_have_words() -> None:
    assert set(labels.RULES) == set(RULES)

"""Progress towards the aim: never a verdict from two points, never "on course" on a good month."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from qitools.analysis.aim import progress
from qitools.analysis.engine import Analysis, analyse
from qitools.views.wording_teams import progress_sentence

AIM = {"statement": "Fewer falls", "measure": "falls", "change": "-30%", "by": pd.Timestamp("2026-12-31").date()}


def analysed(values: list[float], aim: dict[str, Any] | None = None, **given: Any) -> Analysis:
    dates = pd.date_range("2024-01-01", periods=len(values), freq="MS")
    table = pd.DataFrame({"team": "a", "measure": "falls", "date": dates, "numerator": values, "denominator": 1000.0})
    result = analyse(table, **{"better": "lower", "per": 1000, "period": "month", **given})
    return replace(result, method={**result.method, "aim": AIM if aim is None else aim})


BEFORE = [10.0, 11, 9, 10, 12, 10, 9, 11, 10, 10, 8, 12]  # median 10


def test_a_sustained_fall_beyond_the_line_to_the_goal_is_on_course() -> None:
    said = progress(analysed([*BEFORE, *[7.0, 6.5] * 6]))
    assert said["status"] == "on_course"
    assert (said["baseline"], said["goal"], said["current"]) == (10.0, pytest.approx(7.0), 6.75)


def test_a_sustained_fall_that_lags_behind_the_line_is_not_yet() -> None:
    assert progress(analysed([*BEFORE, *[9.5, 9.6] * 9]))["status"] == "not_yet"


def test_a_level_at_the_goal_without_a_signal_is_not_yet() -> None:
    assert progress(analysed([*BEFORE, 10.5, 11, 6, 6, 6, 6]))["status"] == "not_yet"


@pytest.mark.parametrize("later", [[], [5.0], [5.0, 5.0], [5.0] * 5])
def test_a_few_points_after_the_baseline_say_nothing(later: list[float]) -> None:
    said = progress(analysed([*BEFORE, *later]))
    assert (said["status"], said["reason"]) == ("cannot_tell", "too_few")


UNTOLD = [
    ({}, "no_aim"),
    ({**AIM, "measure": "stays"}, "no_measure"),
    ({**AIM, "change": None}, "no_goal"),
    ({**AIM, "by": None}, "no_date"),
]


@pytest.mark.parametrize(("aim", "reason"), UNTOLD)
def test_what_the_aim_leaves_open_is_said(aim: dict[str, Any], reason: str) -> None:
    said = progress(analysed([*BEFORE, *[7.0] * 12], aim))
    assert (said["status"], said["reason"]) == ("cannot_tell", reason)


def test_an_aim_without_a_share_takes_the_target_of_its_measure() -> None:
    said = progress(analysed([*BEFORE, *[7.0] * 12], {**AIM, "change": None}, target=8.0))
    assert (said["status"], said["goal"]) == ("on_course", 8.0)


def test_a_percentage_cannot_be_asked_to_pass_a_hundred() -> None:
    dates = pd.date_range("2024-01-01", periods=24, freq="MS")
    done = np.array([90.0, 91] * 12)
    table = pd.DataFrame({"team": "a", "measure": "falls", "date": dates, "numerator": done, "denominator": 100.0})
    result = analyse(table, better="higher", per=100, period="month")
    assert progress(replace(result, method={**result.method, "aim": {**AIM, "change": "+50%"}}))["goal"] == 100.0


def test_nobody_reported_is_said() -> None:
    said = progress(analysed([np.nan] * 3))
    assert (said["status"], said["reason"]) == ("cannot_tell", "no_data")


YEAR = [12.0, 12.5, 11.5, 10.5, 9.5, 8.5, 8.0, 8.4, 9.4, 10.4, 11.4, 12.2]
NOISE = [0.1, -0.2, 0.2, 0.0, -0.1, 0.2, -0.2]  # seven do not divide a year: no season of their own


def seasons(months: int, start: int = 0) -> list[float]:
    return [YEAR[(start + i) % 12] + NOISE[i % 7] for i in range(months)]


def test_a_pure_season_is_the_same_progress_in_march_and_in_september() -> None:
    march, september = (progress(analysed(seasons(months))) for months in (51, 57))
    assert march["over"] == september["over"] == 12
    assert march["status"] == september["status"] == "not_yet"
    for said in (march, september):
        assert said["current"] == pytest.approx(said["baseline"], abs=0.3)
    assert march["current"] == pytest.approx(september["current"], abs=0.2)
    assert "over the last 12 months for all" in progress_sentence(march, {"data": "rate", "per": 1000, "decimals": 1})


def test_a_starting_level_of_part_of_a_seasonal_year_is_made_a_whole_one() -> None:
    said = progress(analysed(seasons(54), baseline={"falls": 7}))
    assert said["baseline"] == pytest.approx(progress(analysed(seasons(54)))["baseline"])


def test_without_a_season_the_present_is_that_of_six_periods() -> None:
    said = progress(analysed([*BEFORE, *[7.0, 6.5] * 6]))
    assert said["over"] == 6
    assert "over the last 6 periods for all" in progress_sentence(said, {"data": "rate", "per": 1000, "decimals": 1})

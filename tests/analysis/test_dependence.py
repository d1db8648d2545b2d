"""Dependence and season: found where they are, not found in noise, and not taken from an improvement."""

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.codes import has

MEASURES, TEAMS, MONTHS = 40, 10, 48


def autoregressive(random, phi, shape):
    values = random.normal(size=shape)
    for at in range(1, shape[-1]):
        values[..., at] = phi * values[..., at - 1] + np.sqrt(1 - phi**2) * values[..., at]
    return values


def codes_of(values, freq="MS", start="2020-04-01", **asked):
    """Share of measures (first axis) that carry each code."""
    measures, teams, points = values.shape
    rows = pd.DataFrame(
        {
            "team": np.tile(np.repeat([f"t{i:02}" for i in range(teams)], points), measures),
            "measure": np.repeat([f"m{i:03}" for i in range(measures)], teams * points),
            "date": np.tile(pd.date_range(start, periods=points, freq=freq), measures * teams),
            "numerator": values.ravel(),
        }
    )
    period = {"MS": "month", "QS": "quarter", "W-MON": "week"}[freq]
    reason = qi.analyse(rows, better="lower", period=period, **asked).measures["reason"]
    return {code: has(reason, code).mean() for code in ("dependent", "seasonal")}


@pytest.fixture
def random():
    return np.random.default_rng(11)


def test_noise_is_neither(random):
    found = codes_of(random.normal(size=(MEASURES, TEAMS, MONTHS)))
    assert found["dependent"] <= 0.05 and found["seasonal"] <= 0.05


def test_one_short_noisy_series_is_seldom_called_dependent(random):
    assert codes_of(random.normal(size=(200, 1, 24)))["dependent"] < 0.12


def test_neighbours_that_resemble_each_other_are_found(random):
    assert codes_of(autoregressive(random, 0.5, (MEASURES, TEAMS, MONTHS)))["dependent"] == 1
    assert codes_of(autoregressive(random, 0.3, (MEASURES, 3 * TEAMS, MONTHS)))["dependent"] > 0.8


def test_scale_of_a_team_does_not_matter(random):
    values = random.normal(size=(MEASURES, TEAMS, MONTHS))
    values[:, 0] = 1000 * autoregressive(random, 0.8, (MEASURES, MONTHS))
    assert codes_of(values)["dependent"] < 0.2


@pytest.mark.parametrize("size", [1.5, 3])
def test_an_improvement_is_not_dependence_nor_season(random, size):
    values = random.normal(size=(MEASURES, TEAMS, MONTHS))
    values[:, ::2, MONTHS // 2 :] -= size
    found = codes_of(values)
    assert found["dependent"] <= 0.1 and found["seasonal"] <= 0.05


def test_a_steady_drift_is_neither(random):
    values = random.normal(size=(MEASURES, TEAMS, MONTHS)) - np.arange(MONTHS) / 12
    found = codes_of(values)
    assert found["dependent"] <= 0.1 and found["seasonal"] <= 0.05


def test_a_season_is_found_from_36_months(random):
    wave = np.sin(2 * np.pi * np.arange(MONTHS) / 12)
    values = random.normal(size=(MEASURES, TEAMS, MONTHS)) + wave
    assert codes_of(values)["seasonal"] == 1
    assert codes_of(values[..., :36])["seasonal"] == 1
    assert codes_of(values[..., :35])["seasonal"] == 0
    assert codes_of(values, freq="W-MON")["seasonal"] == 0  # not asked of weeks


def test_a_season_of_quarters_is_found(random):
    values = random.normal(size=(MEASURES, TEAMS, 16)) + np.tile([1, 0, -1, 0], 4)
    assert codes_of(values, freq="QS")["seasonal"] > 0.9
    assert codes_of(values[..., :11], freq="QS")["seasonal"] == 0


def test_one_bad_winter_that_all_teams_share_is_no_season(random):
    values = random.normal(size=(MEASURES, TEAMS, MONTHS))
    values[:, :, 20:23] += 4
    assert codes_of(values)["seasonal"] <= 0.05


def test_a_measure_does_not_lend_its_season_to_another(random):
    values = random.normal(size=(2, TEAMS, MONTHS))
    values[0] += 2 * np.sin(2 * np.pi * np.arange(MONTHS) / 12)
    assert codes_of(values)["seasonal"] == 0.5


def test_dates_before_1970_are_dates(random):
    wave = np.sin(2 * np.pi * np.arange(MONTHS) / 12)
    assert codes_of(random.normal(size=(4, TEAMS, MONTHS)) + wave, start="1960-01-01")["seasonal"] == 1


def test_events_have_no_season(random):
    assert codes_of(random.geometric(0.2, size=(1, 2, MONTHS)).astype(float), chart="c")["seasonal"] == 0
    assert codes_of(random.geometric(0.2, size=(1, 2, MONTHS)).astype(float), chart="t")["seasonal"] == 0


def test_gaps_and_constant_series_do_no_harm(random):
    values = random.normal(size=(MEASURES, TEAMS, MONTHS))
    values[random.random(values.shape) < 0.2] = np.nan
    values[:, 0] = 5.0
    found = codes_of(values)
    assert found["dependent"] <= 0.1 and found["seasonal"] <= 0.05
    assert codes_of(np.full((1, 3, 40), 0.1)) == {"dependent": 0, "seasonal": 0}

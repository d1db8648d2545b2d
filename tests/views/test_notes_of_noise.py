"""The notes say what is known of the noise, and what a rule set does not look for."""

from __future__ import annotations

import numpy as np
import pandas as pd

import qitools as qi
from qitools.views import notes


def lines(values, **asked):
    months = pd.date_range("2021-01-01", periods=len(values), freq="MS")
    table = pd.DataFrame({"team": "a", "measure": "m", "date": months, "numerator": values})
    return dict(notes.of(qi.analyse(table, better="lower", **asked)))


def test_too_little_is_known_of_a_short_measure():
    assert lines([9.0, 11, 10] * 5)["Chance"] == [
        "m, all teams together: too few points to tell whether neighbouring points resemble each other; "
        "too few years to tell whether the figures follow the seasons."
    ]


def test_a_season_is_noted_and_plain_noise_is_not():
    months, noise = np.arange(48), np.random.default_rng(2).normal(size=48)
    assert "the figures follow the seasons" in lines(10 * np.sin(months * np.pi / 6) + noise)["Chance"][0]
    assert "Chance" not in lines(noise)


def test_a_limit_set_on_a_run_chart_is_noted():
    said = "only shifts and trends are looked for, because the other rules of this set need limits"
    assert said in lines([9.0, 11, 10] * 8, rules="western-electric")["Charts"][0]
    assert said not in lines([9.0, 11, 10] * 8, rules="western-electric", chart="i")["Charts"][0]

"""Arguments at the door of ``analyse``: numbers that no chart, phase or centre line could be made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.spc.phases import Rebase

TABLE = pd.DataFrame(
    {
        "team": "a",
        "measure": "m",
        "date": pd.date_range("2023-01-01", periods=24, freq="MS"),
        "numerator": [9.0, 11, 10, 12, 8, 10] * 4,
        "denominator": 40.0,
    }
)


def refused(**asked):
    with pytest.raises(qi.ParameterError) as error:
        qi.analyse(TABLE, better="lower", **asked)
    return str(error.value)


@pytest.mark.parametrize("kind", ["run", "sustained-shift"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("run", value) for value in (0, -1, 1, 9.5, "9", True, None, 10**30)]
    + [(name, value) for name in ("median_of", "baseline") for value in (-2, 1, 2.5, True, "12", 10**30, np.nan)],
)
def test_a_rebase_has_whole_numbers_of_points(kind, name, value):
    assert f"{name} of rebase: found '{value}', expected a whole number of points, 2 or more" in refused(
        rebase=Rebase(kind, **{name: value})
    )


@pytest.mark.parametrize(("run", "median_of"), [(2, 20), (6, 12), (8, 9)])
def test_a_median_no_longer_than_its_run(run, median_of):
    said = refused(rebase=Rebase("run", run=run, median_of=median_of))
    assert f"found 'a run of {run}, a median of {median_of}'" in said


@pytest.mark.parametrize("run", [2, 6, 9])
def test_a_run_of_any_length_makes_a_phase(run):
    shifted = TABLE.assign(numerator=[9.0, 11] * 6 + [4.0, 5] * 6)
    found = qi.analyse(shifted, better="lower", rebase=Rebase("run", run=run, baseline=8)).phases
    assert len(found) >= 2


@pytest.mark.parametrize("value", [-3, 2.5, np.nan, np.inf, 10**30, True, "12", 1])
def test_a_baseline_is_a_whole_number_of_points(value):
    assert "2 or more, or 0 for as many as the rule set says" in refused(baseline=value)


@pytest.mark.parametrize("name", ["target", "centre", "per"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, 10**400, "5", True])
def test_a_number_is_finite(name, value):
    assert f"{name} of measure 'm': found" in refused(**{name: value})


@pytest.mark.parametrize(
    ("chart", "per", "centre"),
    [("p", 1, 3.0), ("p", 100, 101.0), ("pp", 1, -0.1), ("c", 1, -1), ("u", 1, -1), ("t", 1, -1)],
)
def test_a_centre_lies_where_values_can(chart, per, centre):
    assert f"expected 0 or more on a {chart} chart" in refused(chart=chart, per=per, centre=centre)


@pytest.mark.parametrize("value", ["no", "yes", 0, 1, []])
def test_screen_is_true_or_false(value):
    assert "expected True or False" in refused(screen=value)


def test_a_series_by_measure_is_a_mapping():
    two = pd.concat([TABLE, TABLE.assign(measure="n")])
    given = {"better": pd.Series({"m": "lower", "n": "higher"}), "target": pd.Series({"n": 12.0})}
    told, seen = (qi.analyse(two, **asked).measures for asked in ({k: v.to_dict() for k, v in given.items()}, given))
    pd.testing.assert_frame_equal(told, seen)
    with pytest.raises(qi.ParameterError, match="better: found '0'"):
        qi.analyse(TABLE, better=pd.Series(["lower"]))


@pytest.mark.parametrize("value", [np.array(["lower", "higher"]), np.array(["lower"]), ["lower"]])
@pytest.mark.parametrize("name", ["better", "chart"])
def test_an_array_is_no_value_of_a_measure(name, value):
    with pytest.raises(qi.ParameterError, match=f"{name} of measure 'm': found"):
        qi.analyse(TABLE, **{"better": "lower", name: value})


@pytest.mark.parametrize(
    "value", [pd.Series({"m": "month"}), np.array(["month", "week"]), ["month"], {"m": "month"}, 5]
)
@pytest.mark.parametrize("name", ["rules", "period"])
def test_rules_and_period_are_one_word(name, value):
    assert f"{name}: found" in refused(**{name: value})

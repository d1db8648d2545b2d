"""The measured table of luck: its published cells are reproduced, and it is what the engine gives today."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "false_alarms.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("false_alarms", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_published_cells_are_reproduced_within_monte_carlo_error(script, capsys):
    assert script.compare()
    said = capsys.readouterr().out
    assert said.count("agrees") == len(script.PUBLISHED) == 35 and "DIFFERS" not in said


def test_a_cell_that_is_wrong_is_seen(script, capsys, monkeypatch):
    wrong = [(measure, noise, points, cell, share + 5) for measure, noise, points, cell, share in script.PUBLISHED[:1]]
    monkeypatch.setattr(script, "PUBLISHED", wrong)
    assert not script.compare()
    assert "DIFFERS" in capsys.readouterr().out


def test_the_table_is_what_the_engine_gives(script, monkeypatch):
    monkeypatch.setattr(script, "LENGTHS", (24,))
    monkeypatch.setattr(script, "NOISE", {"independent": script.NOISE["independent"]})
    made = pd.DataFrame(list(script.table()))
    kept = pd.read_csv(script.OUT, dtype=str).query("noise == 'independent' and points == '24'")
    assert len(made) > 80
    pd.testing.assert_frame_equal(made.astype(str), kept.reset_index(drop=True), check_dtype=False)


def test_every_length_set_and_kind_of_noise_is_there(script):
    kept = pd.read_csv(script.OUT)
    assert set(kept["points"]) == set(script.LENGTHS) and min(script.LENGTHS) == 12 and max(script.LENGTHS) == 120
    assert set(kept["noise"]) == set(script.NOISE)
    assert set(kept["rule_set"]) == set(script.RULE_SETS)
    assert (kept["error"] > 0).all() and kept["share"].between(0, 1).all()
    shares = kept.set_index(["rule_set", "chart", "baseline", "noise", "points", "finding"])["share"]
    assert shares.index.is_unique
    assert np.isclose(shares.loc["his-2025", "run", 12, "independent", 24, "improved"], 0.02, atol=0.01)

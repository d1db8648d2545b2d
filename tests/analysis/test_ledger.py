"""The honest ledger: what chance gives, beside what was seen, for every rule set and kind of noise."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from qitools.analysis import luck
from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.ledger import by_luck, distribution, ledger, order, tally
from qitools.analysis.luck import drawn
from qitools.spc.rule_sets import RULE_SETS as ALL

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "false_alarms_ledger.py"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache of this test's own."""
    monkeypatch.setenv("QITOOLS_CACHE", str(tmp_path / "cache"))
    drawn.cache_clear()


def loaded():
    spec = importlib.util.spec_from_file_location("false_alarms_ledger", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks for its module there
    spec.loader.exec_module(module)
    return module


script = loaded()


def rows(values: np.ndarray, measure: str = "falls") -> pd.DataFrame:
    teams, points = values.shape
    return pd.DataFrame(
        {
            "team": np.repeat([f"t{n:02}" for n in range(teams)], points),
            "measure": measure,
            "date": np.tile(pd.date_range("2023-01-01", periods=points, freq="MS"), teams),
            "numerator": values.ravel(),
            "denominator": np.nan,
        }
    )


def noise(seed: int, teams: int = 30, points: int = 36, improving: int = 0, **given: object) -> Analysis:
    """Teams in which nothing changes, but for the first few, which fall for good after the first year."""
    values = np.random.default_rng(seed).normal(10, 1, (teams, points))
    values[:improving, 14:] -= 4
    return analyse(rows(values), **{"better": "lower", "period": "month", **given})  # type: ignore[arg-type]


# ---- known truth: nothing changes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["independent", "ar-0.3", "seasonal"])
@pytest.mark.parametrize(("rule_set", "chart"), script.RULE_SETS)
def test_luck_gives_what_the_ledger_expects(monkeypatch, rule_set: str, chart: str, noise: str) -> None:
    """A few collaboratives a rule set and kind of noise; many of them under make soak."""
    monkeypatch.setattr(luck, "POINTS", 30_000)
    found = script.compare((script.values(noise, seed) for seed in range(100, 104)), rules=rule_set, chart=chart)
    assert abs(found.z) < 3.5
    assert found.inside >= 0.5


def test_every_rule_set_is_tried() -> None:
    assert {name for name, _ in script.RULE_SETS} == set(ALL)


@pytest.mark.soak
def test_over_many_collaboratives_luck_gives_what_the_ledger_expects() -> None:
    found = {row[:3]: row[3] for row in script.rows(40)}
    assert len(found) == 26
    assert max(abs(one.z) for one in found.values()) < 3.5
    assert (
        np.mean([abs(one.z) for one in found.values()]) < 1.5
    )  # the same noise under eight rule sets: not independent
    assert all(one.inside > 0.8 for one in found.values())


def test_memory_doubles_what_is_expected() -> None:
    tables = [script.values(noise, 7) for noise in ("independent", "ar-0.3")]
    plain, remembering = (by_luck(analyse(one, better="lower", period="month"), "m") for one in tables)
    assert remembering.expected > 1.5 * plain.expected
    assert (plain.noise, remembering.noise) == ((), ("dependent",))


# ---- what is counted ------------------------------------------------------------------------------------------------


def test_real_improvement_stands_out() -> None:
    found = by_luck(noise(1, improving=10), "falls")
    assert found is not None
    assert found.observed >= 10 > found.high and found.likely < 0.01


def test_going_the_wrong_way_can_be_counted_too() -> None:
    found = by_luck(noise(1, improving=10, better="higher"), "falls", "worsened")
    assert found is not None and found.observed >= 10 > found.high


def test_where_neither_side_is_better_changes_are_counted() -> None:
    found = by_luck(noise(1, improving=10, better="neither"), "falls")
    assert found is not None and found.verdict == "changed" and found.observed >= 10
    assert found.expected > 1.5 * by_luck(noise(2), "falls").expected  # both sides


def test_teams_with_too_few_points_are_not_counted() -> None:
    assert by_luck(noise(1, teams=3, points=8), "falls") is None
    told = tally(noise(1, teams=3, points=8)).iloc[0]
    assert told["teams"] == 0 and np.isnan(told["expected"])


def test_teams_that_stopped_reporting_are_not_counted() -> None:
    table = rows(np.random.default_rng(2).normal(10, 1, (6, 40)))
    gone = (table["team"] == "t01") & (table["date"] >= "2024-08-01")
    analysis = analyse(table[~gone], better="lower", period="month")
    found = by_luck(analysis, "falls")
    assert found is not None and found.teams == 5
    assert "t01" not in set(ledger(analysis)["team"].astype(str))


def test_a_given_centre_line_is_left_unsaid() -> None:
    analysis = noise(1, teams=3, centre=10.0)
    assert by_luck(analysis, "falls") is None
    told = tally(analysis).iloc[0]
    assert told["teams"] == 3 and np.isnan(told["high"])


def test_the_chance_of_so_many_or_more_is_that_of_the_tail() -> None:
    found = by_luck(noise(4, improving=1), "falls")
    assert found is not None and found.observed >= 1
    share = found.expected / found.teams  # all teams are alike here
    fewer = sum(distribution(np.full(found.teams, share))[: found.observed])
    assert found.likely == pytest.approx(1 - fewer)


@pytest.mark.parametrize("chance", [[], [0.1], [0.2, 0.7, 0.5]])
def test_the_distribution_adds_up_and_has_the_right_mean(chance: list[float]) -> None:
    likely = distribution(np.array(chance))
    assert likely.sum() == pytest.approx(1)
    assert (likely * np.arange(len(likely))).sum() == pytest.approx(sum(chance))


# ---- the table ------------------------------------------------------------------------------------------------------


def family() -> Analysis:
    """Four measures of three teams; one falls in the first team."""
    random = np.random.default_rng(3)
    parts = [rows(random.normal(10, 1, (3, 30)), name) for name in ("balance", "process", "outcome", "aimed")]
    parts[3].loc[(parts[3]["team"] == "t00") & (parts[3]["date"] >= "2024-03-01"), "numerator"] -= 5
    made = analyse(pd.concat(parts), better="lower", period="month")
    kinds = dict(
        zip(("balance", "process", "outcome", "aimed"), ("balancing", "process", "outcome", "outcome"), strict=True)
    )
    measures = made.measures.assign(kind=made.measures["measure"].map(kinds))
    return replace(made, measures=measures, method={**made.method, "aim": {"measure": "aimed"}})


def test_outcomes_come_first_and_the_aim_before_them() -> None:
    analysis = family()
    assert order(analysis) == ["aimed", "outcome", "process", "balance"]
    assert tally(analysis)["measure"].tolist() == order(analysis)
    assert list(dict.fromkeys(ledger(analysis)["measure"].astype(str))) == order(analysis)


def test_the_ledger_holds_what_the_series_hold() -> None:
    analysis = family()
    told = ledger(analysis).set_index(["measure", "team"])
    for series in analysis.series.to_dict("records"):
        row = told.loc[(series["measure"], series["team"])]
        assert row["verdict"] == series["verdict"] and row["strength"] == series["strength"]
        assert row["first_signal"] is pd.NaT or row["first_signal"] == series["first_signal"]
    first = told.loc[("aimed", "t00")]
    assert first["verdict"] == "improved" and first["rule_set"] == "his-2025"

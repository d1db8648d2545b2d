"""Whatever cannot be computed carries a reason code: every chart kind, walked through thin and broken data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.codes import CODES
from qitools.spc.limits import KINDS
from qitools.spc.rules import RULES

NOTHING = float("nan")
DATA = {
    "one point": [7.0],
    "two points": [7.0, 9.0],
    "constant": [4.0] * 24,
    "all zero": [0.0] * 24,
    "all missing": [NOTHING] * 8,
    "both blank": [NOTHING] * 8,
    "under twelve": [3.0, 5, 4, 6, 2, 5, 4],
    "first missing": [NOTHING, NOTHING, 3.0, 5, 4, 6, 2, 5, 4, 3, 6, 5, 4, 4],
    "every other missing": [5.0, NOTHING] * 10,
    "zero denominators": [3.0, 5, 4, 6] * 4,
}
POINTS = ["team", "measure", "date", "numerator", "denominator", "status", "value", "phase", "in_baseline", "excluded"]
POINTS += ["centre", "lower", "upper"]
PHASES = [
    "team",
    "measure",
    "phase",
    "start",
    "end",
    "n",
    "n_baseline",
    "n_useful",
    "centre",
    "longest_run",
    "longest_run_max",
]
PHASES += ["crossings", "crossings_min", "runs_signal", "status", "reason", "text", "sigma_z", "trigger", "triggered"]


def series(numerator: list[float], denominator: float = 20.0, rows: int = 1, team: str = "a") -> pd.DataFrame:
    dates = pd.date_range("2023-01-01", periods=len(numerator), freq="MS").repeat(rows)
    table = pd.DataFrame({"team": team, "measure": "m", "date": dates, "numerator": np.repeat(numerator, rows)})
    return table.assign(denominator=denominator)


def explained(analysis: qi.Analysis) -> None:
    """Every gap has a code, every code is known, and no point without a value carries a signal."""
    points, phases = analysis.points, analysis.phases
    reason, codes = points["reason"].astype(str), phases["reason"].astype(str)
    of_phase = points[["team", "measure", "phase"]].merge(phases.assign(codes=codes))["codes"].to_numpy()
    assert (reason[points["value"].isna()] != "").all()
    assert (of_phase[points["centre"].isna()] != "").all()
    limited = (points["chart"] != "run").to_numpy() & points["value"].notna().to_numpy()
    bare = limited & points["upper"].isna().to_numpy()
    assert reason[bare].str.contains("no_limits").all()
    assert not points.loc[points["value"].isna() | points["excluded"], list(RULES)].any().any()
    own, of_measure = (getattr(analysis, name)["reason"].astype(str) for name in ("series", "measures"))
    for column in ("change", "change_lower", "change_upper"):
        bare = analysis.series[column].isna()
        assert own[bare].str.contains("one_phase|few|selected_by_data|no_variation").all()
    for column in ("latest", "baseline_centre", "current_centre", "first", "last"):
        assert own[analysis.series[column].isna()].str.contains("too_few").all()
    assert of_measure[analysis.measures["autocorrelation"].isna()].str.contains("dependence_unknown").all()
    assert ((points["status"] == "missing") == reason.str.contains("missing")).all()
    for text in [*reason, *codes, *own, *of_measure]:
        assert set(text.split()) <= set(CODES), text


@pytest.mark.parametrize("kind", [*KINDS, "auto"])
@pytest.mark.parametrize("data", DATA)
def test_every_gap_has_a_reason(kind, data):
    rows = 3 if kind in ("xbar", "s") else 1
    denominator = {"both blank": NOTHING, "zero denominators": 0.0}.get(data, 20.0)
    denominator = NOTHING if kind in ("xbar", "s") else denominator
    explained(qi.analyse(series(DATA[data], denominator, rows=rows), chart=kind, better="lower"))


@pytest.mark.parametrize("kind", [*KINDS, "auto"])
def test_an_empty_table_gives_empty_tables(kind):
    analysis = qi.analyse(series([]), chart=kind, better="lower")
    assert list(analysis.points.columns) == [*POINTS, *RULES, "signal", "chart", "rule_set", "reason"]
    assert list(analysis.phases.columns) == PHASES
    assert len(analysis.points) == len(analysis.phases) == len(analysis.series) == 0
    some = qi.analyse(series([1.0, 2.0]), better="lower").series
    assert list(analysis.series.columns) == list(some.columns)


@pytest.mark.parametrize("kind", ["p", "pp", "u", "up", "run", "i", "auto"])
def test_a_zero_denominator_leaves_a_gap_and_the_limits_whole(kind):
    sound = series([3.0, 5, 4, 6, 2, 5, 4, 3, 6, 5, 4, 4, 5, 3])
    broken = sound.assign(denominator=np.where(np.arange(14) == 13, 0.0, 20.0))
    ours, without = (qi.analyse(table, chart=kind, better="lower") for table in (broken, sound.iloc[:13]))
    assert ours.points["reason"].iloc[13] == "zero_denominator"
    assert np.allclose(
        ours.points[["centre", "lower", "upper"]].iloc[:13],
        without.points[["centre", "lower", "upper"]],
        equal_nan=True,
    )
    explained(ours)


@pytest.mark.parametrize("kind", ["p", "pp", "u", "up"])
def test_all_denominators_zero_or_all_cells_blank_say_so_and_stop_no_other_measure(kind):
    zero, blank = series([1.0] * 14, denominator=0.0), series([NOTHING] * 14, NOTHING)
    sound = series([3.0, 5, 4, 6, 2, 5, 4, 3, 6, 5, 4, 4, 5, 3]).assign(measure="n")
    for broken, code in ((zero, "zero_denominator"), (blank, "missing")):
        both = qi.analyse(pd.concat([broken, sound]), chart=kind, better="lower")
        explained(both)
        assert set(both.points.loc[both.points["measure"] == "m", "reason"]) == {code}
        assert both.points.loc[both.points["measure"] == "n", "upper"].notna().all()


@pytest.mark.parametrize("kind", ["p", "pp", "u", "up"])
def test_numerators_without_any_denominator_are_refused_on_a_chart_that_needs_them(kind):
    with pytest.raises(qi.ParameterError, match="denominators above 0"):
        qi.analyse(series([1.0] * 14, NOTHING), chart=kind, better="lower")


def test_subgroups_of_one_have_no_limits_and_say_so():
    analysis = qi.analyse(series([3.0, 5, 4, 6], NOTHING), chart="xbar", better="lower")
    assert set(analysis.points["reason"]) == {"no_limits"}


def test_too_few_points_keep_centre_and_limits_but_give_no_signal():
    climbing = qi.analyse(series(list(range(1, 12))), chart="run", better="higher")
    assert climbing.points["centre"].notna().all()
    assert (climbing.points["signal"] == "none").all()
    assert "too_few" in climbing.phases["reason"].iloc[0]
    assert climbing.series["verdict"].iloc[0] == "too_few"


@pytest.mark.parametrize("value", [0.0, 4.0, 98.6, -0.1])
def test_a_constant_run_chart_says_that_nothing_varies(value):
    flat, one, varied = (
        qi.analyse(series(values, NOTHING), chart="run", better="lower").phases["reason"].iloc[0].split()
        for values in ([value] * 24, [value], [value] * 23 + [value + 1])
    )
    assert "no_variation" in flat and "no_variation" not in one
    assert "no_variation" in varied  # of the baseline alone: the last point is not of it
    late = qi.analyse(series([value + 1] + [value] * 23, NOTHING), chart="run", better="lower").phases
    assert "no_variation" not in late["reason"].iloc[0].split()


def test_a_constant_series_has_no_signal_and_says_why():
    for kind in ("i", "c"):
        flat = qi.analyse(series([0.0] * 24), chart=kind, better="lower")
        assert (flat.points["upper"] == flat.points["centre"]).all()
        assert (flat.points["signal"] == "none").all()
        assert "no_variation" in flat.phases["reason"].iloc[0]


@pytest.mark.parametrize("kind", ["pp", "up"])
def test_laney_limits_without_neighbours_have_a_code(kind):
    every_other = np.where(np.arange(24) % 2, np.nan, np.arange(24.0) % 7)
    analysis = qi.analyse(series(every_other, denominator=40.0), chart=kind, better="lower")
    reported = analysis.points[analysis.points["value"].notna()]
    assert reported["upper"].isna().all() and (reported["reason"] == "no_limits").all()
    assert analysis.phases["sigma_z"].isna().all()
    plain = qi.analyse(series(every_other, denominator=40.0), chart=kind[0], better="lower")
    assert plain.points.loc[reported.index, "upper"].notna().all() and (plain.phases["sigma_z"] == 1).all()


def test_auto_reads_no_spread_from_a_team_without_neighbours():
    alone, wide = np.where(np.arange(30) % 2, np.nan, 12.0), [4.0, 30.0, 8.0] * 10
    both = [series(wide, 40.0), series(alone, 40.0).assign(team="z")]
    analysis = qi.analyse(pd.concat(both), chart="auto", better="lower")
    assert list(analysis.method["auto"].values()) == ["overdispersed"]

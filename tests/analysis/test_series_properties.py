"""What must hold of any series: tried on many seeded ones at once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qitools as qi

LUCK = pd.read_csv(Path(__file__).parents[2] / "benchmarks" / "false_alarms.csv")
BASELINE = {"his-2025": 12, "perla-2011": 0, "mdc": 0}
TEAMS = 300
PAST = 12  # points of the first centre
NUMBERS = ["latest", "baseline_centre", "current_centre", "change", "change_lower", "change_upper"]


def table(values):
    values = np.atleast_2d(values)
    teams, points = values.shape
    return pd.DataFrame(
        {
            "team": np.repeat([f"t{i:04}" for i in range(teams)], points),
            "measure": "m",
            "date": np.tile(pd.date_range("2021-01-01", periods=points, freq="MS"), teams),
            "numerator": values.ravel(),
        }
    )


def series(values, **asked):
    rows = values if isinstance(values, pd.DataFrame) else table(values)
    return qi.analyse(rows, **({"better": "lower", "period": "month"} | asked)).series


def mixed_lot(points=48, seed=1):
    """Noise, steps down and up, drifts, gaps and ties."""
    random = np.random.default_rng(seed)
    values = random.normal(10, 1, (TEAMS, points))
    step = random.integers(8, points - 4, TEAMS)
    size = random.choice([0, 0, 1, 2, -1, -2], TEAMS)
    values -= size[:, None] * (np.arange(points) >= step[:, None])
    values[::7] = np.round(values[::7])
    values[random.random(values.shape) < 0.05] = np.nan
    return values


def declared_at(points):
    starts = pd.date_range("2021-01-01", periods=100, freq="MS")[points]
    return pd.DataFrame(
        {"team": [f"t{i:04}" for i in range(len(points))], "measure": "m", "start": starts, "reason": "agreed"}
    )


@pytest.fixture(scope="module")
def lot():
    return mixed_lot()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_declaring_a_phase_neither_makes_nor_erases_an_improvement(seed):
    values = mixed_lot(seed=seed)
    starts = np.random.default_rng(seed).integers(PAST + 2, values.shape[1] - 1, TEAMS)
    before = series(values)["verdict"].to_numpy()
    after = series(values, phases=declared_at(starts))["verdict"].to_numpy()
    first_is_full = (~np.isnan(values)).cumsum(axis=1)[np.arange(TEAMS), starts - 1] >= PAST
    before, after = before[first_is_full], after[first_is_full]
    assert (before == "improved").sum() > 30
    assert not ((after == "improved") & (before != "improved")).any()
    assert not ((after == "worsened") & (before != "worsened")).any()
    assert set(after[before == "improved"]) <= {"improved", "mixed"}  # mixed: sliding back from the recorded centre
    assert (after[before == "improved"] == "improved").mean() > 0.9
    assert set(after[before == "no_signal"]) <= {"new_centre", "candidate"}


def test_recording_the_shift_itself_keeps_the_verdict():
    random = np.random.default_rng(5)
    values = random.normal(10, 1, (TEAMS, 40))
    values[:, 20:] -= 3
    before = series(values)["verdict"]
    after = series(values, phases=declared_at(np.full(TEAMS, 20)))["verdict"]
    assert (before == "improved").mean() > 0.95
    assert (after[before == "improved"] == "improved").mean() > 0.97


def test_finding_phases_in_the_data_does_not_turn_an_improvement_round():
    random = np.random.default_rng(6)
    values = random.normal(10, 1, (TEAMS, 40))
    values[:, 20:] -= 3
    verdict = series(values, rebase="sustained-shift")["verdict"]
    assert (verdict == "improved").mean() > 0.9 and (verdict == "worsened").mean() < 0.01


def test_upside_down_is_the_mirror(lot):
    up, down = series(lot), series(20 - lot, better="higher")
    codes = ["verdict", "strength", "variation", "n", "first_signal", "signal_end", "marked", "current"]
    pd.testing.assert_frame_equal(up[codes], down[codes])
    starts = declared_at(np.full(TEAMS, 24))
    up, down = series(lot, phases=starts), series(20 - lot, better="higher", phases=starts)
    np.testing.assert_allclose(up["change"], -down["change"], atol=1e-9)
    np.testing.assert_allclose(up["change_lower"], -down["change_upper"], atol=1e-9)


def test_shift_and_scale(lot):
    starts = declared_at(np.full(TEAMS, 24))
    plain, moved = series(lot, phases=starts), series(lot * 8 + 64, phases=starts)  # exact in binary
    codes = ["verdict", "strength", "variation", "reason", "completeness"]
    pd.testing.assert_frame_equal(plain[codes], moved[codes])
    np.testing.assert_allclose(plain["change"] * 8, moved["change"])
    np.testing.assert_allclose(plain["current_centre"] * 8 + 64, moved["current_centre"])


def test_order_of_rows_does_not_matter(lot):
    rows = table(lot)
    pd.testing.assert_frame_equal(series(rows), series(rows.sample(frac=1, random_state=1)))


@pytest.mark.parametrize("chart", ["run", "i"])
def test_a_team_alone_is_what_it_is_among_others(lot, chart):
    asked = {"chart": chart, "phases": declared_at(np.full(TEAMS, 24))}
    together = series(lot, **asked)
    for team in (0, 7, 150, 299):
        name = f"t{team:04}"
        rows = table(lot).query("team == @name")
        alone = series(rows, chart=chart, phases=asked["phases"].query("team == @name"))
        among = together[together["team"] == name].reset_index(drop=True)
        columns = [column for column in alone.columns if column != "team"]
        pd.testing.assert_frame_equal(alone[columns], among[columns], check_exact=True)


def test_a_missing_month_is_not_a_zero(lot):
    rows = table(lot)
    dropped = rows.dropna(subset="numerator")
    ends = [0, lot.shape[1] - 1]
    inside = ~np.isnan(lot[:, ends]).any(axis=1)  # a gap at an end cannot be known once its row is gone
    kept, gone = series(rows)[inside], series(dropped)[inside]
    pd.testing.assert_frame_equal(kept.drop(columns="reason"), gone.drop(columns="reason"))


@pytest.mark.parametrize(
    ("chart", "rules", "noise"),
    [("run", "his-2025", "independent"), ("run", "perla-2011", "ar-0.3"), ("i", "mdc", "independent")],
)
def test_luck_is_what_the_table_of_luck_says(chart, rules, noise):
    random = np.random.default_rng(8)
    values = random.normal(size=(1500, 36))
    if noise == "ar-0.3":
        for at in range(1, 36):
            values[:, at] = 0.3 * values[:, at - 1] + np.sqrt(1 - 0.3**2) * values[:, at]
    share = (series(values, chart=chart, rules=rules)["verdict"] == "improved").mean()
    own = LUCK.query("rule_set == @rules and chart == @chart and noise == @noise and finding == 'improved'")
    row = own.query("points == 36 and baseline == @BASELINE[@rules]").iloc[0]
    assert share == pytest.approx(row["share"], abs=4 * np.hypot(row["error"], np.sqrt(share * (1 - share) / 1500)))


@pytest.mark.parametrize("rules", ["his-2025", "perla-2011", "mdc"])
def test_the_dates_of_a_verdict_are_those_of_one_run(lot, rules):
    analysis = qi.analyse(table(lot), better="lower", rules=rules)
    points = analysis.points[analysis.points["value"].notna()]
    rests = analysis.series["verdict"].isin(["improved", "worsened", "mixed", "candidate"])
    assert rests.sum() > 50
    assert (analysis.series["first_signal"].notna() == rests).all()
    assert analysis.series.loc[~rests, "signal_end"].isna().all()
    for row in analysis.series[rests].to_dict("records"):
        own = points[points["team"] == row["team"]]
        own = own[own["value"] != own["centre"]] if rules != "mdc" else own
        side = np.sign(own["value"] - own["centre"]).to_numpy()
        end = row["signal_end"] if pd.notna(row["signal_end"]) else own["date"].iloc[-1]
        inside = own["date"].between(row["first_signal"], end).to_numpy()
        wanted = {"improved": [-1], "worsened": [1], "mixed": [-1], "candidate": [-1, 1]}[row["verdict"]]
        assert len(set(side[inside])) == 1 and side[inside][0] in wanted
        after = np.flatnonzero(inside)[-1] + 1
        assert after == len(side) or (pd.notna(row["signal_end"]) and side[after] != side[inside][0])

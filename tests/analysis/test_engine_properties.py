"""What must hold of any data: order, company and labels change nothing; units change limits as they should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qitools as qi
from qitools.spc.limits import KINDS
from qitools.spc.rule_sets import RULE_SETS
from qitools.spc.rules import RULES

NUMBERS = ["value", "centre", "lower", "upper"]


def observations(teams: int = 4, months: int = 30, rows: int = 1, missing: float = 0.05) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    dates = pd.date_range("2023-01-01", periods=months, freq="MS")
    grid = pd.MultiIndex.from_product([[f"team {i}" for i in range(teams)], ["m"], dates, range(rows)])
    table = grid.to_frame(index=False, name=["team", "measure", "date", "row"]).drop(columns="row")
    table["numerator"] = rng.poisson(9 + 6 * (table["date"] > "2024-06-01") * rng.random(len(table))).astype(float)
    table["denominator"] = rng.integers(40, 60, len(table)).astype(float)
    if rows > 1:  # subgroups are means, and have none
        table["denominator"] = np.nan
    return table.drop(table.index[rng.random(len(table)) < missing]).reset_index(drop=True)


def same(a: qi.Analysis, b: qi.Analysis) -> None:
    for name in ("points", "phases", "series"):
        pd.testing.assert_frame_equal(getattr(a, name), getattr(b, name), check_categorical=False, rtol=1e-12)


def of_team(analysis: qi.Analysis, team: str) -> list[pd.DataFrame]:
    tables = (getattr(analysis, name) for name in ("points", "phases", "series"))
    return [
        table[table["team"] == team].astype({"team": str, "measure": str, "reason": str}).reset_index(drop=True)
        for table in tables
    ]


@pytest.mark.parametrize("kind", [*KINDS, "auto"])
def test_the_order_of_rows_does_not_matter(kind):
    table = observations(rows=3 if kind in ("xbar", "s") else 1)
    same(
        *(
            qi.analyse(rows, chart=kind, better="lower", rebase="sustained-shift")
            for rows in (table, table.sample(frac=1, random_state=2))
        )
    )


@pytest.mark.parametrize("kind", KINDS)
def test_all_together_is_one_at_a_time_and_a_new_team_changes_no_other(kind):
    table = observations(rows=3 if kind in ("xbar", "s") else 1)
    together = qi.analyse(table, chart=kind, better="lower", rebase="sustained-shift")
    for team, rows in table.groupby("team"):
        alone = qi.analyse(rows, chart=kind, better="lower", rebase="sustained-shift")
        for one, all_of in zip(of_team(alone, team), of_team(together, team), strict=True):
            pd.testing.assert_frame_equal(one, all_of, check_categorical=False, check_exact=True)


def joining() -> dict[str, pd.DataFrame]:
    """Teams that join: with noise of another make, by quarter, by week, with gaps, of other size."""
    months = pd.date_range("2023-01-01", periods=30, freq="MS")
    wave = 40 + 15 * np.sin(np.arange(30) * np.pi / 6)
    seasonal = pd.DataFrame(
        {"team": "z", "measure": "m", "date": months, "numerator": wave.round(), "denominator": 90.0}
    )
    return {
        "seasonal": seasonal,
        "quarterly": seasonal[::3],
        "short": seasonal[:4],
        "late": seasonal[20:],
        "hidden": seasonal.assign(status="suppressed"),
        "none at all": seasonal.assign(numerator=np.nan),
        "zero": seasonal.assign(numerator=0.0, denominator=0.0),
        "huge": seasonal.assign(numerator=wave * 1e9, denominator=4e12),
        "weekly team": seasonal.assign(date=pd.date_range("2023-01-02", periods=30, freq="W-MON")),
        "one stray day": seasonal.assign(date=[*months[:-1], pd.Timestamp("2025-06-02")]),
        "t-chart measure": seasonal[:5].assign(
            measure="e",
            date=pd.to_datetime([f"2023-{day}" for day in ("01-03", "02-11", "05-09", "05-30", "07-21")]),
            numerator=np.nan,
            denominator=np.nan,
        ),
    }


@pytest.mark.parametrize("kind", ["run", "i", "p", "up", "c"])
def test_a_team_that_joins_changes_nothing_that_is_said_of_another(kind):
    table = observations(teams=2)
    wave = 5 * np.sin(np.arange(30) * np.pi / 6)
    at = (table["date"].dt.year - 2023) * 12 + table["date"].dt.month - 1
    table["numerator"] = (table["numerator"] + wave[at]).clip(0)
    asked = {"chart": kind, "better": "lower", "rebase": "sustained-shift"}
    one = qi.analyse(table, **asked)
    for joins, rows in joining().items():
        charts = {"m": kind} | dict.fromkeys(set(rows["measure"]) - {"m"}, "t")
        other = qi.analyse(pd.concat([table, rows]), **asked | {"chart": charts})
        for name in ("points", "phases", "series", "teams"):
            before, after = (getattr(analysis, name) for analysis in (one, other))
            after = after[after["team"] != "z"].reset_index(drop=True)
            text = [name for name in before.columns if before[name].dtype == "category"]
            pd.testing.assert_frame_equal(
                before.astype(dict.fromkeys(text, str)),
                after.astype(dict.fromkeys(text, str)),
                check_exact=True,
                obj=f"{joins}: {name}",
            )


def test_only_a_later_figure_of_another_team_tells_who_has_stopped():
    early = observations(teams=2)
    late = early[early["team"] == "team 0"].assign(team="z", date=lambda rows: rows["date"] + pd.DateOffset(years=5))
    alone, together = (qi.analyse(rows, better="lower").series for rows in (early, pd.concat([early, late])))
    assert alone["current"].tolist() == [True, True] and together["current"].tolist() == [False, False, True]
    rest = [name for name in alone.columns if name not in ("current", "team", "measure")]
    pd.testing.assert_frame_equal(alone[rest], together[rest].iloc[:2])


@pytest.mark.parametrize("kind", ["run", "i", "xbar", "mr", "s", "t"])
@settings(max_examples=5, deadline=None)
@given(add=st.floats(-1000, 1000), times=st.floats(0.01, 100), flip=st.booleans())
def test_units_move_limits_as_they_should(kind, add, times, flip):
    """Levels move with the values; spreads know neither zero nor sign; times between events begin at zero."""
    level, flip = kind in ("run", "i", "xbar"), flip and kind != "t"
    add, factor = (0.0 if kind == "t" else add), (-times if flip else times)
    table = observations(teams=2, rows=3 if kind in ("xbar", "s") else 1).drop(columns="denominator")
    moved = table.assign(numerator=table["numerator"] * factor + add)
    plain, ours = (
        qi.analyse(rows, chart=kind, better="neither", rules="nelson-1984").points for rows in (table, moved)
    )
    was = ["value", "centre", "upper", "lower"] if flip and level else NUMBERS
    expected = plain[was] * factor + add if level else plain[was] * times
    assert np.allclose(ours[NUMBERS], expected, rtol=1e-9, atol=1e-6, equal_nan=True)
    assert ours[list(RULES)].equals(plain[list(RULES)])


@pytest.mark.parametrize("kind", ["p", "pp", "u", "up", "c"])
@settings(max_examples=5, deadline=None)
@given(times=st.integers(2, 50))
def test_so_many_times_the_events_narrow_limits_by_the_root_and_those_of_laney_not_at_all(kind, times):
    table = observations(teams=2)
    if kind == "c":  # counts stand for themselves: nothing to divide by
        table = table.drop(columns="denominator")
    more = table.assign(**table.drop(columns=["team", "measure", "date"]) * times)
    plain, ours = (qi.analyse(rows, chart=kind, better="lower").points for rows in (table, more))
    unit = times if kind == "c" else 1
    assert np.allclose(ours[["value", "centre"]], plain[["value", "centre"]] * unit, rtol=1e-12, equal_nan=True)
    cut, root = plain["lower"] == 0, np.sqrt(times) if kind in ("p", "u", "c") else 1.0
    for limit in ("lower", "upper"):
        width, before = ((rows[limit] - rows["centre"])[~cut | (limit == "upper")] for rows in (ours, plain))
        assert np.allclose(width * root, before * unit, rtol=1e-9, equal_nan=True)


@pytest.mark.parametrize("kind", ["u", "up"])
@settings(max_examples=5, deadline=None)
@given(times=st.floats(0.01, 100))
def test_a_rate_over_days_is_that_over_weeks_in_another_unit(kind, times):
    table = observations(teams=2)
    days = table.assign(denominator=table["denominator"] * times)
    plain, ours = (qi.analyse(rows, chart=kind, better="lower", per=1000).points for rows in (table, days))
    assert np.allclose(ours[NUMBERS] * times, plain[NUMBERS], rtol=1e-9, equal_nan=True)
    assert ours[list(RULES)].equals(plain[list(RULES)])


def test_per_multiplies_every_number_and_no_signal():
    table = observations()
    one, hundred = (qi.analyse(table, chart="p", better="lower", per=per).points for per in (1, 100))
    assert np.allclose(one[NUMBERS] * 100, hundred[NUMBERS], equal_nan=True)
    assert (one[list(RULES)] == hundred[list(RULES)]).all().all()


@pytest.mark.parametrize("kind", ["run", "i", "c", "p", "u"])
def test_a_missing_month_is_not_a_zero(kind):
    table = observations(teams=1, months=24, missing=0)
    gap, zero = table.drop(index=9), table.assign(numerator=table["numerator"].where(table.index != 9, 0.0))
    empty = table.assign(numerator=table["numerator"].where(table.index != 9))
    left_out, as_zero, as_empty = (qi.analyse(rows, chart=kind, better="lower").points for rows in (gap, zero, empty))
    assert len(left_out) == len(as_empty)
    assert np.allclose(left_out[NUMBERS[:2]], as_empty[NUMBERS[:2]], equal_nan=True)
    assert left_out["reason"].iloc[as_empty.index[as_empty["value"].isna()][0]] == "missing"
    assert as_zero["value"].iloc[9] == 0 or kind in ("p", "u")
    assert not np.allclose(left_out["centre"], as_zero["centre"]) or kind == "run"


@pytest.mark.parametrize("kind", KINDS)
def test_a_baseline_of_all_points_is_no_baseline(kind):
    table = observations(teams=2, missing=0, rows=3 if kind in ("xbar", "s") else 1)
    all_points = 29 if kind == "mr" else 30
    same(
        *(
            qi.analyse(table, chart=kind, better="lower", rules="ihi-2011", baseline=points)
            for points in (None, all_points)
        )
    )


def test_names_of_phases_change_nothing():
    table = observations()
    phases = pd.DataFrame({"team": ["team 1"], "measure": ["m"], "start": ["2024-03-01"], "reason": ["New form"]})
    one, other = (
        qi.analyse(table, better="lower", phases=phases.assign(reason=reason)) for reason in ("New form", "Other")
    )
    pd.testing.assert_frame_equal(one.points, other.points)
    pd.testing.assert_frame_equal(one.phases.drop(columns="text"), other.phases.drop(columns="text"))


@pytest.mark.parametrize("rules", RULE_SETS)
def test_signals_land_on_their_own_rows(rules):
    """Marks of a phase in the middle of a series are those of the same rows analysed by themselves."""
    table = observations(teams=3, months=60)
    start, end = pd.Timestamp("2024-07-01"), pd.Timestamp("2026-04-01")
    days = table.loc[(table["team"] == "team 1") & table["date"].isin([start, end]), "date"]
    phases = pd.DataFrame({"team": "team 1", "measure": "m", "start": days, "reason": "x"})
    whole = qi.analyse(table, chart="i", rules=rules, better="lower", phases=phases).points
    middle = table[(table["team"] == "team 1") & table["date"].between(start, end, inclusive="left")]
    alone = qi.analyse(middle, chart="i", rules=rules, better="lower").points
    theirs = whole[(whole["team"] == "team 1") & whole["date"].between(start, end, inclusive="left")]
    columns = [*NUMBERS, *RULES]
    pd.testing.assert_frame_equal(theirs[columns].reset_index(drop=True), alone[columns])


def test_recording_a_rebase_does_not_erase_an_improvement():
    months = pd.date_range("2023-01-01", periods=36, freq="MS")
    table = pd.DataFrame({"team": "a", "measure": "m", "date": months, "numerator": [9.0, 11] * 9 + [4, 5] * 9})
    phases = pd.DataFrame({"team": ["a"], "measure": ["m"], "start": [months[18]], "reason": ["New pathway"]})
    for kind in ("run", "i"):
        before, after = (qi.analyse(table, chart=kind, better="lower", phases=given).series for given in (None, phases))
        assert before["verdict"].tolist() == after["verdict"].tolist() == ["improved"]


def test_declaring_a_phase_makes_no_improvement():
    months = pd.date_range("2023-01-01", periods=36, freq="MS")
    table = pd.DataFrame({"team": "a", "measure": "m", "date": months, "numerator": [9.0, 11, 10] * 12})
    phases = pd.DataFrame({"team": ["a"], "measure": ["m"], "start": [months[18]], "reason": ["New pathway"]})
    assert qi.analyse(table, better="lower", phases=phases).series["verdict"].tolist() == ["new_centre"]


def test_a_large_table_in_parts_says_what_it_says_at_once(monkeypatch):
    table = observations(teams=9, months=48)
    other = table.assign(measure="n", denominator=np.nan)
    few = table[table["team"] == "team 2"].assign(measure="k")
    asked = {"better": "lower", "rebase": "sustained-shift", "rules": "anhoej-2014"}
    everything = pd.concat([table, other, few])
    whole = qi.analyse(everything, **asked)
    monkeypatch.setattr("qitools.analysis.reading.PART", 100)
    monkeypatch.setattr("qitools.analysis.drawing.BLOCK", 70)
    parts = qi.analyse(everything, **asked)
    same(whole, parts)
    pd.testing.assert_frame_equal(whole.measures, parts.measures)


@pytest.mark.parametrize(("period", "dates"), [("month", "MS"), ("quarter", "QS")])
def test_an_asked_period_is_filled_by_its_first_day_wherever_in_it_the_dates_lie(period, dates):
    firsts = pd.date_range("2023-01-01", periods=8, freq=dates)
    days = firsts + pd.Timedelta(days=16)
    table = pd.DataFrame({"team": "a", "measure": "m", "date": days, "numerator": 1.0}).drop(index=[3, 4])
    points = qi.analyse(table, better="lower", period=period).points
    assert points["status"].tolist() == ["reported"] * 3 + ["missing"] * 2 + ["reported"] * 3
    assert points.loc[points["status"] == "missing", "date"].tolist() == firsts[3:5].tolist()

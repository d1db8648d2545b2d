"""First and last levels on a scale, their variance, and the periods they stand on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.levels import levels


def analysed(rows: dict[str, list[tuple[float, float]]], **given: object) -> Analysis:
    """One measure from (numerator, denominator) per month and team."""
    table = pd.DataFrame(
        [
            {"team": team, "measure": "m", "date": date, "numerator": top, "denominator": bottom}
            for team, pairs in rows.items()
            for date, (top, bottom) in zip(
                pd.date_range("2023-01-01", periods=len(pairs), freq="MS"), pairs, strict=True
            )
        ]
    )
    return analyse(table, **{"better": "lower", "per": 1000, "period": "month", **given})  # type: ignore[arg-type]


def test_the_first_and_the_last_year_of_a_rate() -> None:
    found = levels(analysed({"a": [(8, 1000), (12, 1000)] * 6 + [(99, 1000)] * 6 + [(4, 1000), (6, 1000)] * 6}), "m")
    row = found.table.iloc[0]
    assert found.scale == "rate"
    assert (row["n"], row["before"], row["after"]) == (30, 10.0, 5.0)
    assert row["first"] == pytest.approx(np.log(120.5 / 12000))
    assert row["last"] == pytest.approx(np.log(60.5 / 12000))
    # 11 moving ranges of 4 or of 2 events about means of 10 and of 5, in standard deviations of chance
    assert row["sigma_z"] == pytest.approx((4 / np.sqrt(10) + 2 / np.sqrt(5)) / 2 / 1.128)
    assert row["first_variance"] == pytest.approx(1 / 120.5)  # sigma_z is below 1, and narrows nothing


def test_variance_is_widened_where_periods_vary_more_than_chance() -> None:
    steady, wild = ([(10, 1000), (10 + step, 1000)] * 12 for step in (1, 20))
    table = levels(analysed({"a": steady, "b": wild}), "m").table
    assert table["sigma_z"].iloc[1] > 3
    assert table["last_variance"].iloc[1] == pytest.approx(table["sigma_z"].iloc[1] ** 2 / (20 * 12 + 0.5))


def test_a_proportion_is_told_in_log_odds() -> None:
    found = levels(analysed({"a": [(50, 100)] * 12 + [(75, 100)] * 12}, per=100, better="higher", chart="p"), "m")
    row = found.table.iloc[0]
    assert found.scale == "odds"
    assert row["last"] - row["first"] == pytest.approx(np.log(900.5 / 300.5))
    assert row["last_variance"] == pytest.approx(1 / 900.5 + 1 / 300.5)
    assert found.start == pytest.approx(0.0)


@pytest.mark.parametrize(("value", "scale"), [(1.0, "log"), (0.0, "plain")])
def test_values_without_denominators_keep_their_own_spread(value: float, scale: str) -> None:
    pairs = [(value, np.nan), (4.0, np.nan)] * 12
    found = levels(analysed({"a": pairs}, per=1), "m")
    assert found.scale == scale
    step = np.log(4) if scale == "log" else 4.0
    assert found.table["last_variance"].iloc[0] == pytest.approx((step / 1.128) ** 2 / 12)


def test_missing_and_excluded_periods_are_in_no_window() -> None:
    pairs: list[tuple[float, float]] = [(5.0, 1000.0)] * 24
    pairs[3], pairs[20] = (np.nan, 1000.0), (500.0, 1000.0)
    exclusions = pd.DataFrame({"team": ["a"], "measure": ["m"], "date": ["2024-09-01"], "reason": ["Flood"]})
    row = levels(analysed({"a": pairs}, exclusions=exclusions), "m").table.iloc[0]
    assert (row["n"], row["before"], row["after"]) == (22, 5.0, 5.0)


@pytest.mark.parametrize(("periods", "known"), [(11, False), (12, True), (23, True)])
def test_short_series_are_halved_and_those_under_twelve_left_out(periods: int, known: bool) -> None:
    row = levels(analysed({"a": [(float(i), 1000) for i in range(periods)]}), "m").table.iloc[0]
    assert np.isfinite(row["last"]) == known
    if known:
        half = periods // 2
        assert row["before"] == pytest.approx(np.mean(range(half)))
        assert row["after"] == pytest.approx(np.mean(range(periods - half, periods)))


def test_nothing_at_all() -> None:
    found = levels(analysed({"a": [(np.nan, 1000.0)] * 14}), "m")
    assert found.table["n"].tolist() == [0]
    assert found.table[["first", "last", "before"]].isna().all(axis=None)
    assert np.isnan(found.start)

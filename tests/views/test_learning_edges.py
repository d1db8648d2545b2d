"""Every kind of measure, and figures that say next to nothing: words or a picture, never an error and never a blank."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.bright import bright
from qitools.analysis.gaps import gaps
from qitools.analysis.learning import talks
from qitools.views.figure import html

TEAMS = [f"t{i}" for i in range(9)]


def table(numerator: Any, denominator: Any = np.nan, periods: int = 24, freq: str = "MS") -> pd.DataFrame:
    """One measure of nine teams; numbers may be functions of team and period."""
    value = numerator if callable(numerator) else lambda i, m: numerator
    return pd.DataFrame(
        {"team": team, "measure": "m", "date": day, "numerator": value(i, m), "denominator": denominator}
        for i, team in enumerate(TEAMS)
        for m, day in enumerate(pd.date_range("2023-01-01", periods=periods, freq=freq))
    )


def wave(i: int, m: int) -> float:
    return 10.0 + (i + 3 * m) % 5 - (6 if i == 0 and m >= 12 else 0)


CASES = {
    "rate": (table(wave, 100), {"chart": "u", "per": 1000}),
    "proportion": (table(wave, 100), {"chart": "p", "per": 100}),
    "count": (table(wave), {"chart": "c"}),
    "value": (table(lambda i, m: wave(i, m) + 0.5), {"chart": "i"}),
    "value below zero": (table(lambda i, m: wave(i, m) - 11), {"chart": "run"}),
    "quarters": (table(wave, 100, freq="QS"), {"chart": "run", "per": 1000, "period": "quarter"}),
    "all zero": (table(0.0, 100), {"chart": "u"}),
    "all full": (table(100.0, 100), {"chart": "p", "per": 100}),
    "all alike": (table(5.0), {"chart": "i"}),
    "nothing sent": (table(np.nan, 100), {"chart": "run"}),
    "one period": (table(wave, 100, periods=1), {"chart": "run"}),
    "time between": (
        table(np.nan, periods=30, freq="9D").assign(
            date=lambda rows: rows["date"] + pd.to_timedelta(rows.index * 7 % 5, unit="D")
        ),
        {"chart": "t"},
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("better", ["lower", "higher", "neither"])
def test_every_kind_of_measure_is_told(name: str, better: str) -> None:
    rows, given = CASES[name]
    analysis = qi.analyse(rows, better=better, **{"period": "month", **given})
    found = bright(analysis, "m")
    assert bool(found.reason) == found.table["change"].isna().all()
    assert not found.reason or not found.table["bright"].any()
    assert set(talks(analysis)["kind"]) <= {"suggested"} and list(gaps(analysis))
    for view in ("room", "facilitator"):
        figure = qi.bright_spots(analysis, view=view)
        assert figure.sentence and "nan" not in html(figure).lower().replace("nano", "")
        assert figure.panels == int(bool(figure.spec["datasets"]["rows"]))
        assert str(qi.talk(analysis, view=view))


def test_the_one_that_improved_is_seen_in_rates_proportions_and_counts() -> None:
    for name in ("rate", "proportion", "count"):
        rows, given = CASES[name]
        row = bright(qi.analyse(rows, better="lower", period="month", **given), "m").table.iloc[0]
        assert row["upper"] < 0 and row["top"] > 0.95, name

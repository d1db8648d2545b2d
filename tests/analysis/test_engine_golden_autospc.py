"""autospc: limits within the break points it chose, for XMR, C, P and P′ (its choice of break points is its own)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qitools as qi

GOLDEN = Path(__file__).parents[1] / "golden" / "autospc"
CHARTS = {"XMR": "i", "C": "c", "P": "p", "P'": "pp"}
COLUMNS = {"value": "y_drawn", "centre": "cl", "lower": "lcl", "upper": "ucl"}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """One measure a period: the points it was calculated from come first."""
    cases = [case for case in json.loads((GOLDEN / "cases.json").read_text())["cases"] if case["chart_type"] in CHARTS]
    about = pd.DataFrame([{name: case[name] for name in ("case_id", "series_id", "chart_type")} for case in cases])
    drawn = pd.read_csv(GOLDEN / "expected.csv").rename(columns={"y": "y_drawn"}).merge(about, on="case_id")
    rows = drawn.merge(pd.read_csv(GOLDEN / "inputs.csv"), on=["series_id", "x"])
    period = (rows["break_point"] == 1).groupby(rows["case_id"]).cumsum()
    date = (np.datetime64("2000-01") + rows["x"].to_numpy(int)).astype("datetime64[us]")
    rows = rows.rename(columns={"y": "numerator", "n": "denominator"})
    return rows.assign(team="team", measure=rows["case_id"] + "/" + period.astype(str), date=date)


@pytest.fixture(scope="module")
def compared(rows) -> pd.DataFrame:
    chart = rows.drop_duplicates("measure").set_index("measure")["chart_type"].map(CHARTS)
    used = rows[(rows["period_type"] == "calculation") & (rows["excluded"] != 1)]
    ours = qi.analyse(
        rows,
        chart=chart.to_dict(),
        rules="ihi-2011",
        better="neither",
        per=dict.fromkeys(chart.index[chart.isin(["p", "pp"])], 100),
        baseline=used.groupby("measure").size().to_dict(),
        exclusions=rows.loc[rows["excluded"] == 1, ["team", "measure", "date"]].assign(reason="left out there"),
        screen=True,
    )
    return ours.points.astype({"measure": str}).merge(rows, on=["measure", "date"], validate="1:1")


@pytest.mark.parametrize(("ours", "theirs"), COLUMNS.items())
def test_limits_agree_within_given_break_points(compared, ours, theirs):
    assert compared["case_id"].nunique() == 48
    assert np.allclose(compared[ours], compared[theirs], rtol=1e-9, atol=1e-9)

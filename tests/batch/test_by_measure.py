"""A table analysed measure by measure says what the whole table says: how very large ones are shared out."""

import numpy as np
import pandas as pd
import pytest

import qitools as qi


@pytest.mark.parametrize("chart", ["run", "i"])
def test_measure_by_measure_says_what_all_at_once_says(chart):
    draw = np.random.default_rng(7)
    keys = pd.MultiIndex.from_product(
        [
            ["falls", "harm", "pain"],
            [f"team-{n}" for n in range(20)],
            pd.date_range("2022-01-01", periods=36, freq="MS"),
        ],
        names=["measure", "team", "date"],
    )
    rows = keys.to_frame(index=False).assign(numerator=draw.poisson(9, len(keys)).astype(float), denominator=100.0)
    rows = rows[draw.random(len(rows)) > 0.05]

    def tables(found):
        return {
            name: getattr(found, name).astype({"team": str, "measure": str}) for name in ("points", "phases", "series")
        }

    asked = {"better": "lower", "per": 100, "chart": chart}
    whole = tables(qi.analyse(rows, **asked))
    parts = [tables(qi.analyse(part, **asked)) for _, part in rows.groupby("measure")]
    for name, table in whole.items():
        order = [key for key in ("measure", "team", "phase", "date") if key in table]
        joined = pd.concat([part[name] for part in parts], ignore_index=True)
        pd.testing.assert_frame_equal(
            joined.sort_values(order, ignore_index=True), table.sort_values(order, ignore_index=True), check_dtype=False
        )

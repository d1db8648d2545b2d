"""Published worked examples whose data and answer were both read; none is filled from memory."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qitools as qi

EXAMPLES = json.loads((Path(__file__).parents[1] / "golden" / "textbook" / "examples.json").read_text("utf-8"))[
    "examples"
]


def observations(example):
    groups = example.get("subgroups") or [[value] for value in example["value"]]
    dates = pd.date_range("2020-01-01", periods=len(groups), freq="MS")
    rows = [(date, value) for date, group in zip(dates, groups, strict=True) for value in group]
    date, numerator = zip(*rows, strict=True)
    size = example.get("size", np.nan)
    columns = {"team": "a", "measure": "m", "date": date, "numerator": numerator, "denominator": size}
    return pd.DataFrame(columns)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_centre_and_limits_are_those_printed(example):
    analysis = qi.analyse(observations(example), chart=example["chart"], rules="nelson-1984", better="lower")
    last = analysis.points.iloc[-1]
    for name in ("centre", "lower", "upper"):
        assert last[name] == pytest.approx(example[name], abs=example["within"]), name


def test_which_chart_kinds_have_a_textbook_example():
    assert {example["chart"] for example in EXAMPLES} == {"i", "mr", "p", "c", "u", "xbar", "s"}

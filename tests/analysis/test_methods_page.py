"""The methods page says what is measured: figures of luck as in the table, ids as in the golden files."""

import json
import re
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "methods.md").read_text("utf-8")
LUCK = pd.read_csv(ROOT / "benchmarks" / "false_alarms.csv")
BASELINE = {"median of all": ("run", 0), "median of the first 12": ("run", 12), "XmR": ("i", 0)}
ROW = re.compile(r"^\| `([a-z]+-?\d*[a-z]*)`, (median of all|median of the first 12|XmR) \| (.+) \|$")


def rows_under(heading):
    """Label and figures of each row of the table that begins so."""
    lines = PAGE[PAGE.index(heading) :].splitlines()[2:]
    for line in lines:
        found = ROW.match(line)
        if not found:
            return
        yield found[1], *BASELINE[found[2]], [float(figure) for figure in found[3].split(" | ")]


def measured(rule_set, chart, baseline, finding, noise, points):
    row = LUCK.query(
        "rule_set == @rule_set and chart == @chart and baseline == @baseline and finding == @finding "
        "and noise == @noise and points == @points"
    )
    return 100 * row["share"].item()


def test_any_signal_is_as_measured():
    rows = list(rows_under("| any signal, independent noise"))
    assert len(rows) == 8
    for rule_set, chart, baseline, figures in rows:
        for points, figure in zip((12, 24, 36, 60, 120), figures, strict=True):
            assert abs(measured(rule_set, chart, baseline, "any", "independent", points) - figure) <= 0.501


def test_improved_is_as_measured():
    rows = list(rows_under("| verdict `improved`"))
    assert len(rows) == 4
    where = [(noise, points) for noise in ("independent", "ar-0.3") for points in (24, 36, 60)]
    for rule_set, chart, baseline, figures in rows:
        for (noise, points), figure in zip(where, figures, strict=True):
            assert abs(measured(rule_set, chart, baseline, "improved", noise, points) - figure) <= 0.0501


def test_ids_are_those_of_the_golden_files():
    for folder, prefix in (("qicharts2", "qic"), ("nhsrplotthedots", "ptd")):
        cases = json.loads((ROOT / "tests" / "golden" / folder / "cases.json").read_text("utf-8"))["cases"]
        named = set(re.findall(rf"`({prefix}-[a-z0-9_-]+)`", PAGE))
        assert named and named <= {case["case_id"] for case in cases}
        if prefix == "qic":
            aside = {
                c["case_id"] for c in cases if c["chart"] == "ip" or {"agg.fun", "y.neg", "method"} & set(c["args"])
            }
            assert aside <= named and len(cases) - len(aside) == 136

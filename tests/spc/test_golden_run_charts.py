"""Run charts against three R sources: Healthcare Improvement Scotland's code, runcharter and runchart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from qitools.spc.limits import Sample
from qitools.spc.panel import Bools, Floats, Ints, Panel
from qitools.spc.phases import Phased, Rebase, draw
from qitools.spc.rule_sets import RULE_SETS
from qitools.spc.rules import Drawn, side_runs, signals

GOLDEN = Path(__file__).parents[1] / "golden"


@dataclass
class Series:
    """Series one after the other, as a golden file has them."""

    table: pd.DataFrame
    panel: Panel
    value: Floats
    excluded: Bools
    edge: Floats

    @property
    def counts(self) -> Bools:
        return ~np.isnan(self.value) & ~self.excluded

    def run_chart(self, rules: str, points: Ints, rebase: Rebase) -> tuple[Phased, dict[str, np.ndarray]]:
        nothing, free = np.full(self.panel.size, np.nan), np.full(len(self.panel.starts), np.nan)
        sample = Sample(self.panel, self.value, self.counts, ~self.excluded, nothing, nothing, free)
        phased = draw("run", sample, points, RULE_SETS[rules], rebase, self.edge[self.panel.starts])
        drawn = Drawn(
            phased.panel,
            self.value,
            self.counts,
            phased.centre,
            nothing,
            nothing,
            nothing,
            self.edge,
            self.panel,
            phased.untested,
        )
        return phased, signals(drawn, RULE_SETS[rules], side_runs(drawn, RULE_SETS[rules]))


def read(folder: str, group: str) -> Series:
    table = pd.read_csv(GOLDEN / folder / "inputs.csv", parse_dates=["date"])
    excluded = table.get("excluded", pd.Series(0, table.index)).to_numpy(bool)
    edge = np.where(table.get("percent", pd.Series(0, table.index)) == 1, 100.0, np.nan)
    starts = np.flatnonzero(table[group] != table[group].shift())
    return Series(table, Panel(starts, len(table)), table["y"].to_numpy(float), excluded, edge)


def close(ours: np.ndarray, theirs: pd.Series) -> np.ndarray:
    return np.abs(ours - theirs) <= 1e-9 * np.maximum(1, np.abs(theirs))


@pytest.fixture(scope="module")
def drawn():
    series = read("his", "series_id")
    expected = pd.read_csv(GOLDEN / "his" / "expected.csv")
    twelve = np.full(len(series.panel.starts), 12)
    return series, expected, *series.run_chart("his-2025", twelve, Rebase("sustained-shift"))


class TestHealthcareImprovementScotland:
    def test_medians_and_phases(self, drawn):
        series, expected, phased, _ = drawn
        counts, ids = series.counts, phased.panel.ids
        number = ids - ids[series.panel.starts][series.panel.ids] + 1
        assert len(series.panel.starts) == 40
        assert close(phased.centre, expected["median"])[counts].all()
        assert (number == expected["phase"])[counts].all()
        assert expected["phase"].max() >= 3

    def test_confirmed_and_temporary(self, drawn):
        series, expected, phased, _ = drawn
        status = expected["status"][series.counts].groupby(phased.panel.ids[series.counts]).first()
        assert (status.eq("confirmed").to_numpy() == phased.full).all()
        assert 0 < phased.full.sum() < len(phased.full)

    @pytest.mark.parametrize("rule", ["shift", "trend"])
    def test_marked_points(self, drawn, rule):
        series, expected, _, marks = drawn
        assert ((marks[rule] != 0) == (expected[rule] == 1))[series.counts].all()
        assert not marks[rule][~series.counts].any()


class TestRuncharter:
    @pytest.mark.parametrize(
        "case",
        json.loads((GOLDEN / "runcharter" / "cases.json").read_text())["cases"],
        ids=lambda case: case["case_id"],
    )
    def test_medians_after_sustained_runs(self, case):
        args, series = case["args"], read("runcharter", "group")
        expected = pd.read_csv(GOLDEN / "runcharter" / "expected.csv", parse_dates=["start_date"])
        expected = expected[expected["case_id"] == case["case_id"]]
        row_in_series = np.arange(series.panel.size) - series.panel.spread(series.panel.starts)
        points = series.panel.count(series.counts & (row_in_series < args["med_rows"]))
        rebase = Rebase("run", run=args["runlength"], median_of=args["runlength"], direction=args["direction"])
        phased, _ = series.run_chart("perla-2011", points, rebase)
        start = phased.panel.starts
        assert (series.table["group"].to_numpy()[start] == expected["group"]).all()
        assert close(phased.centre[start], expected["median"]).all()
        found = phased.trigger > 0
        assert (series.table["date"].to_numpy()[start][found] == expected["start_date"].to_numpy()[found]).all()


class TestRunchart:
    @pytest.mark.parametrize(
        ("kind", "points", "rebase"), [("fixed", 0, Rebase()), ("rephase", 8, Rebase("run", run=9, median_of=8))]
    )
    def test_medians_shifts_and_trends(self, kind, points, rebase):
        series = read("runchart", "series_id")
        expected = pd.read_csv(GOLDEN / "runchart" / "expected.csv")
        expected = expected[expected["case_id"].str.endswith(kind)].reset_index(drop=True)
        phased, marks = series.run_chart("perla-2011", np.full(len(series.panel.starts), points), rebase)
        median = expected["base"].fillna(expected["base_ext"])
        assert close(phased.centre, median)[series.counts & median.notna()].all()
        for rule in ("shift", "trend"):
            assert ((marks[rule] != 0) == (expected[rule] == 1))[series.counts].all()

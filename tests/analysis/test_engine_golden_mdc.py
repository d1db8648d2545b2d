"""NHSRplotthedots 0.2.2: XmR limits, Making Data Count rules, variation and assurance, to nine digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qitools as qi

GOLDEN = Path(__file__).parents[1] / "golden" / "nhsrplotthedots"
BETTER = {"increase": "higher", "decrease": "lower", "neutral": "neither"}
SAID = {
    "Common": "none",
    "7 Points": "shift",
    "7 Point Trend": "trend",
    "2 in 3": "two_of_three",
    "Above UCL": "outside",
    "Below LCL": "outside",
}
PRIORITY = ("outside", "trend", "two_of_three", "shift")
POINT = {
    "common_cause": "none",
    "special_cause_improvement": "favourable",
    "special_cause_concern": "unfavourable",
    "special_cause_neutral_high": "neutral",
    "special_cause_neutral_low": "neutral",
}
VARIATION = {
    "common_cause": "common",
    "special_cause_improvement": "improving",
    "special_cause_concern": "worsening",
    "special_cause_neutral_high": "changed",
    "special_cause_neutral_low": "changed",
}
ASSURANCE = {"consistent_pass": "always", "consistent_fail": "never", "inconsistent": "hit_and_miss"}
# Where we decide otherwise (docs/methods.md).
DECIDED = {
    "ptd-flat-a": "a constant series has limits: they are the line",
    "ptd-missing-a": "a missing value neither counts nor breaks a run (the package stops with an error)",
    "ptd-missing_shift-a": "a missing value neither counts nor breaks a run (the package stops with an error)",
}


def analysed(cases: list[dict], rows: pd.DataFrame, screened: bool) -> qi.Analysis:
    of = {case["case_id"]: case["args"] for case in cases if case["args"]["screen_outliers"] == screened}
    rebased = [(name, day) for name, args in of.items() for day in np.atleast_1d(args.get("rebase", []))]
    return qi.analyse(
        rows[rows["case_id"].isin(of)].assign(
            team="team", measure=lambda rows: rows["case_id"], numerator=lambda rows: rows["y"]
        ),
        chart="i",
        rules="mdc",
        better={name: BETTER[args["improvement_direction"]] for name, args in of.items()},
        baseline={name: args["fix_after_n_points"] for name, args in of.items() if "fix_after_n_points" in args},
        target={name: args["target"] for name, args in of.items() if "target" in args},
        phases=pd.DataFrame(rebased, columns=["measure", "start"]).assign(team="team", reason="rebased"),
        screen=screened,
    )


@pytest.fixture(scope="module")
def analyses() -> list[qi.Analysis]:
    cases = json.loads((GOLDEN / "cases.json").read_text())["cases"]
    rows = pd.read_csv(GOLDEN / "inputs.csv", parse_dates=["date"])
    return [analysed(cases, rows, screened) for screened in (True, False)]


@pytest.fixture(scope="module")
def compared(analyses) -> pd.DataFrame:
    ours = pd.concat([analysis.points for analysis in analyses]).astype({"measure": str})
    theirs = pd.read_csv(GOLDEN / "expected.csv", parse_dates=["date"]).rename(columns={"case_id": "measure"})
    return ours.merge(theirs, on=["measure", "date"], validate="1:1")


@pytest.mark.parametrize(("ours", "theirs"), [("centre", "mean_col"), ("lower", "lpl"), ("upper", "upl")])
def test_limits_agree(compared, ours, theirs):
    plain = compared[compared[theirs].notna()]
    assert set(compared["measure"]) - set(plain["measure"]) <= set(DECIDED)
    assert np.allclose(plain[ours], plain[theirs], rtol=1e-9, atol=1e-9)


def test_every_point_says_the_same_and_for_the_same_reason(compared):
    plain = compared[~compared["measure"].isin(DECIDED) & compared["value"].notna()]
    first = np.select([plain[rule] for rule in PRIORITY], PRIORITY, "none")
    theirs = plain["special_cause_type"].str.extract(f"^({'|'.join(sorted(SAID, key=len, reverse=True))})")[0].map(SAID)
    assert (first == theirs.to_numpy()).all()
    assert (plain["signal"].astype(str) == plain["point_type"].map(POINT)).all()


def test_variation_and_assurance_agree(analyses):
    ours = pd.concat([analysis.series for analysis in analyses]).astype({"measure": str}).set_index("measure")
    theirs = pd.read_csv(GOLDEN / "expected_summary.csv").groupby("case_id").last()
    theirs = theirs[~theirs.index.isin(DECIDED)]
    ours = ours.loc[theirs.index]
    assert (ours["variation"] == theirs["variation_type"].map(VARIATION)).all()
    assert (ours["assurance"] == theirs["assurance_type"].map(ASSURANCE).fillna("")).all()


def test_a_constant_series_has_limits_on_its_line(compared):
    flat = compared[compared["measure"] == "ptd-flat-a"]
    assert (flat["lower"] == flat["upper"]).all()
    assert (flat["signal"] == "none").all()


def test_missing_values_are_skipped(compared):
    gaps = compared[compared["measure"].isin(["ptd-missing-a", "ptd-missing_shift-a"])]
    assert gaps.loc[gaps["value"].isna(), "reason"].eq("missing").all()
    assert gaps["upper"].notna().all()

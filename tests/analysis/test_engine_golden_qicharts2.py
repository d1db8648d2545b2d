"""qicharts2 0.8.1: centre lines, limits and Anhøj runs analysis of every case in scope, to nine digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qitools as qi

GOLDEN = Path(__file__).parents[1] / "golden" / "qicharts2"
OUT_OF_SCOPE = {"agg.fun", "y.neg", "method"}
LIMITS = {"value": "y", "centre": "cl", "lower": "lcl", "upper": "ucl"}
RUNS = {name: name for name in ("n_useful", "longest_run", "longest_run_max", "runs_signal")}
RUNS |= {"crossings": "n_crossings", "crossings_min": "n_crossings_min"}
# Where we decide otherwise (docs/methods.md): columns that differ, and the decision.
DECIDED = {
    "qic-i-flat-a": ({"lower", "upper"}, "a constant series has limits: they are the line"),
    "qic-mr-exclude-a": (
        {*LIMITS, "crossings", "outside"},
        "a range beside an excluded point is bridged, as on the i chart",
    ),
    **dict.fromkeys(
        [
            f"qic-{case}-a"
            for case in (
                "c-exclude",
                "c-freeze_exclude",
                "c-part_exclude",
                "i-exclude",
                "p-exclude",
                "pp-exclude",
                "u-exclude",
                "u-freeze_exclude",
                "u-part_exclude",
                "up-exclude",
            )
        ],
        ({"outside"}, "an excluded point carries no signal"),
    ),
}


def in_scope(case: dict) -> bool:
    return case["chart"] != "ip" and not OUT_OF_SCOPE & set(case["args"])


@pytest.fixture(scope="module")
def cases() -> list[dict]:
    return [case for case in json.loads((GOLDEN / "cases.json").read_text())["cases"] if in_scope(case)]


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    table = pd.read_csv(GOLDEN / "expected.csv").add_prefix("qic_")
    return table.assign(measure=table["qic_case_id"], date=months(table["qic_i"]))


def months(number: pd.Series) -> pd.Series:
    return (np.datetime64("2000-01") + number.to_numpy(int)).astype("datetime64[us]")


def observations(cases: list[dict]) -> pd.DataFrame:
    """One measure a case, one team; rows of a subgroup added up unless the chart is about subgroups."""
    rows = pd.read_csv(GOLDEN / "inputs.csv")
    chart = {case["case_id"]: case["chart"] for case in cases}
    rows = rows[rows["case_id"].isin(chart)]
    rows["i"] = rows.groupby("case_id")["x"].rank(method="dense").astype(int)
    grouped = rows["case_id"].map(chart).isin(["xbar", "s"])
    added = rows[~grouped].dropna(subset=["y"]).groupby(["case_id", "i"])[["y", "n"]].sum(min_count=1)
    empty = rows[~grouped].drop_duplicates(["case_id", "i"]).set_index(["case_id", "i"])[["n"]].assign(y=np.nan)
    rows = pd.concat([added.combine_first(empty).reset_index(), rows[grouped]])
    rows = rows.assign(team="team", measure=rows["case_id"], date=months(rows["i"]))
    return rows.rename(columns={"y": "numerator", "n": "denominator"})


def analysed(cases: list[dict], screened: bool) -> qi.Analysis:
    cases = [case for case in cases if case["screened_mr"] == screened]
    rows = observations(cases)
    of = {case["case_id"]: case["args"] | {"chart": case["chart"]} for case in cases}
    phases = [(name, int(at) + 1, "part") for name, args in of.items() for at in args.get("part", [])]
    left_out = [(name, int(at), "exclude") for name, args in of.items() for at in args.get("exclude", [])]
    frozen = {name: frozen_points(rows, name, args) for name, args in of.items() if "freeze" in args}
    return qi.analyse(
        rows,
        chart={name: args["chart"] for name, args in of.items()},
        rules="anhoej-2014",
        better="neither",
        per={name: args["multiply"] for name, args in of.items() if "multiply" in args},
        baseline=frozen,
        centre={name: args["cl"] for name, args in of.items() if "cl" in args},
        phases=decisions(phases),
        exclusions=decisions(left_out),
        screen=screened,
    )


def frozen_points(rows: pd.DataFrame, name: str, args: dict) -> int:
    """Reported points among the first so many subgroups."""
    mine = rows[(rows["case_id"] == name) & (rows["i"] <= args["freeze"]) & rows["numerator"].notna()]
    ranges = 1 if args["chart"] == "mr" else 0
    return mine.loc[~mine["i"].isin(args.get("exclude", [])), "i"].nunique() - ranges


def decisions(found: list[tuple[str, int, str]]) -> pd.DataFrame:
    table = pd.DataFrame(found, columns=["measure", "i", "reason"])
    return table.assign(team="team", start=months(table["i"]))


@pytest.fixture(scope="module")
def compared(cases, expected) -> pd.DataFrame:
    """Our points and phases beside the package's, row by row."""
    parts = []
    for screened in (True, False):
        ours = analysed(cases, screened)
        phases = ours.phases.drop(columns=["start", "end", "reason", "centre", "team"])
        parts.append(ours.points.merge(phases, on=["measure", "phase"]))
    both = pd.concat(parts).astype({"measure": str})
    return both.merge(expected, on=["measure", "date"], validate="1:1")


def differs(both: pd.DataFrame, ours: str, theirs: str) -> pd.Series:
    """Rows where we do not agree; where they have no value, neither need we."""
    a, b = both[ours].astype(float), both[theirs].astype(float)
    return b.notna() & ~((a - b).abs() <= 1e-9 * np.maximum(1, b.abs()))


def test_the_scope_is_what_the_documents_say(cases):
    assert len(cases) == 136


@pytest.mark.parametrize(("ours", "theirs"), [*LIMITS.items(), *RUNS.items(), ("outside", "sigma_signal")])
def test_every_case_agrees_except_where_we_decide_otherwise(compared, ours, theirs):
    found = set(compared.loc[differs(compared, ours, f"qic_{theirs}"), "measure"])
    decided = {case for case, (columns, _) in DECIDED.items() if ours in columns}
    assert found <= decided, f"{ours} differs in {sorted(found - decided)}"


def test_every_decision_is_still_a_difference(compared):
    pairs = {**LIMITS, "crossings": "n_crossings", "outside": "sigma_signal"}
    found = {
        case
        for ours, theirs in pairs.items()
        for case in compared.loc[differs(compared, ours, f"qic_{theirs}"), "measure"]
    }
    assert found | {"qic-i-flat-a"} == set(DECIDED)  # of a constant series the package has no limits to differ from


def test_limits_are_missing_only_where_the_value_is_or_a_subgroup_is_one(compared):
    bare = compared[(compared["chart"] != "run") & compared["value"].notna() & compared["upper"].isna()]
    assert set(bare["measure"]) == {"qic-xbar-size1-a"}
    assert set(bare["reason"]) == {"no_limits"}


def test_a_constant_series_has_limits_on_its_line(compared):
    flat = compared[compared["measure"] == "qic-i-flat-a"]
    assert (flat["lower"] == flat["centre"]).all()
    assert (flat["upper"] == flat["centre"]).all()
    assert not flat["outside"].any()


def test_excluded_points_carry_no_signal(compared):
    assert compared["excluded"].sum() > 40
    assert not compared.loc[compared["excluded"], "outside"].any()


def test_ranges_beside_an_excluded_point_are_bridged(compared):
    ranges = compared[(compared["measure"] == "qic-mr-exclude-a")]
    plain = pd.read_csv(GOLDEN / "inputs.csv").query("case_id == 'qic-mr-exclude-a'")["y"].to_numpy()
    kept = ~ranges["excluded"].to_numpy()
    assert np.allclose(ranges["value"].to_numpy()[kept][1:], np.abs(np.diff(plain[kept])))

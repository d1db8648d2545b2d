"""How a service runs, as it is taken in: what cannot be true is left out with its place, and the rest is used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qitools.collaborative.loading import load
from qitools.errors import DataError, ParameterError

FLOW = "  flow: {file: flow.csv}\n"
ROWS = """\
team,date,demand,capacity,activity,queue,removals
north,2025-01-31,10,12,9,20,1
north,2025-02-28,-4,12,11,20,0
north,2025-03-31,12,10,11,21,0
south,2025-01-01,5,6,5,8,
"""


def given(small, sources):
    return small.replace("  observations: small.csv\n", f"  observations: small.csv\n{sources}")


def told(found, code):
    return found.findings[found.findings["code"] == code].to_dict("records")


def test_a_plain_table_of_counts_is_read_and_dated_by_its_period(small, write_collaborative):
    flow = load(write_collaborative(given(small, FLOW), files={"flow.csv": ROWS})).records.flow
    assert list(flow) == ["team", "date", "demand", "capacity", "activity", "queue", "removals"]
    assert flow["team"].tolist() == ["north"] * 3 + ["south"]
    assert flow["date"].dt.day.tolist() == [1, 1, 1, 1]
    assert np.isnan(flow["removals"].iloc[3])


def test_a_negative_number_is_left_out_with_its_line_and_its_row_kept(small, write_collaborative):
    found = load(write_collaborative(given(small, FLOW), files={"flow.csv": ROWS}))
    (one,) = told(found, "negative")
    assert (one["file"], one["line"], one["where"], one["found"]) == ("flow.csv", 3, "column 'demand'", "-4")
    row = found.records.flow.iloc[1]
    assert np.isnan(row["demand"]) and row["activity"] == 11


def test_a_capacity_below_what_was_done_is_left_out_and_the_activity_kept(small, write_collaborative):
    found = load(write_collaborative(given(small, FLOW), files={"flow.csv": ROWS}))
    (one,) = told(found, "above_capacity")
    assert (one["line"], one["found"]) == (4, "11") and "capacity of this period is left out" in one["expected"]
    assert found.records.flow["capacity"].isna().tolist() == [False, False, True, False]
    assert found.records.flow["activity"].tolist() == [9, 11, 11, 5]


def test_rows_that_name_no_team_or_repeat_a_date_are_left_out(small, write_collaborative):
    rows = ROWS + "sotuh,2025-02-01,1,1,1,1,0\nnorth,2025-01-15,99,99,99,99,0\n"
    found = load(write_collaborative(given(small, FLOW), files={"flow.csv": rows}))
    assert len(found.records.flow) == 4 and found.records.flow["demand"].max() == 12
    assert [one["line"] for one in told(found, "second_row")] == [7]
    assert "did you mean 'south'" in told(found, "unknown_team")[0]["expected"]


def test_rows_are_added_where_the_yaml_says_so(small, write_collaborative):
    rows = "team,date,queue\nnorth,2025-01-01,3\nnorth,2025-01-01,4\n"
    yaml = given(small, "  flow: {file: flow.csv, duplicates: add}\n")
    flow = load(write_collaborative(yaml, files={"flow.csv": rows})).records.flow
    assert flow["queue"].tolist() == [7] and flow["demand"].isna().all()


def test_columns_of_other_names_and_two_files_make_one_table(small, write_collaborative):
    sources = """\
  flow:
    - {file: a.csv, where: {kind: waiting}, columns: {queue: people}}
    - {file: a.csv, where: {kind: seen}, columns: {activity: people}}
"""
    rows = "team,date,kind,people\nnorth,2025-01-01,waiting,7\nnorth,2025-01-01,seen,3\n"
    flow = load(write_collaborative(given(small, sources), files={"a.csv": rows})).records.flow
    assert flow[["activity", "queue"]].to_numpy().tolist() == [[3.0, 7.0]]


@pytest.mark.parametrize(
    ("sources", "error", "words"),
    [
        ("  flow: {file: flow.csv, columns: {demand: refered}}\n", DataError, "column 'refered'"),
        ("  flow: {file: flow.csv, columns: {demnd: demand}}\n", ParameterError, "sources.flow.columns.demnd"),
        ("  flow: {file: flow.csv, where: {team: nroth}}\n", DataError, "did you mean 'north'"),
        ("  flow: {file: none.csv}\n", DataError, "none.csv is missing|a file that exists"),
        ("  waits: {file: flow.csv, longer: {six: demand}}\n", ParameterError, "sources.waits.longer"),
        ("  delays: {file: flow.csv}\n", DataError, "column 'reason'"),
    ],
)
def test_what_cannot_be_used_at_all_is_refused_with_its_place(small, write_collaborative, sources, error, words):
    with pytest.raises(error, match=words):
        load(write_collaborative(given(small, sources), files={"flow.csv": ROWS}))


DELAYS = "  delays: {file: delays.csv, total: all, reasons: {No bed: bed, No porter: porter}}\n"


def test_reasons_that_are_all_nought_where_something_was_counted_are_missing(small, write_collaborative):
    rows = "team,date,bed,porter,all\nnorth,2025-01-01,2,1,3\nnorth,2025-02-01,0,0,5\nnorth,2025-03-01,0,0,0\n"
    found = load(write_collaborative(given(small, DELAYS), files={"delays.csv": rows}))
    counts = found.records.delays.pivot_table(index="date", columns="reason", values="count", dropna=False)
    assert counts["No bed"].tolist()[::2] == [2, 0]  # nought where nothing was counted stays nought
    assert counts.isna().all(axis=1).tolist() == [False, True, False]
    (one,) = told(found, "zero_reasons")
    assert one["line"] == 3 and "2025-02" in one["found"] and "team north" in one["where"]


def test_reasons_that_do_not_add_up_are_told_and_used(small, write_collaborative):
    rows = "team,date,bed,porter,all\nnorth,2025-01-01,2,1,4\n"
    found = load(write_collaborative(given(small, DELAYS), files={"delays.csv": rows}))
    assert found.records.delays["count"].tolist() == [2, 1]
    assert "3 in 2025-01" in told(found, "unlike_total")[0]["found"]


def test_counts_of_longer_waits_become_bands(small, write_collaborative):
    sources = "  waits: {file: waits.csv, longer: {0: all, 6: six, 12: twelve}}\n"
    rows = "team,date,all,six,twelve\nnorth,2025-01-01,10,6,1\nnorth,2025-02-01,10,2,3\n"
    found = load(write_collaborative(given(small, sources), files={"waits.csv": rows}))
    waits = found.records.waits
    assert waits["count"].fillna(-1).tolist() == [4, 5, 1, 8, -1, 3]
    assert waits["to_weeks"].fillna(0).tolist() == [6, 12, 0] * 2
    assert told(found, "fewer_than_longer")[0]["line"] == 3


def test_outside_the_collaborative_small_counts_are_gone(small, write_collaborative):
    path = write_collaborative(given(small, FLOW), files={"flow.csv": ROWS})
    assert np.isnan(load(path, audience="public").records.flow["removals"].iloc[0])
    assert load(path, audience="public").records.flow["removals"].iloc[2] == 0


def test_an_earlier_day_leaves_later_counts_out(small, write_collaborative):
    path = write_collaborative(given(small, FLOW), files={"flow.csv": ROWS})
    assert load(path, as_of="2025-02-28").records.flow["date"].max() == pd.Timestamp("2025-02-01")


def test_strata_are_kept_beside_the_sums(small, write_collaborative):
    rows = "team,measure,date,numerator,denominator,stratum\n" + "".join(
        f"north,checked,2025-0{month}-01,{top},10,{stratum}\n" for month in (1, 2) for stratum, top in ((1, 4), (2, 7))
    )
    yaml = small.replace("observations: small.csv", "observations: {file: small.csv, stratum: stratum}")
    found = load(write_collaborative(yaml + "strata: {name: Quintile, order: [1, 2]}\n", csv=rows))
    assert found.records.strata["stratum"].tolist() == ["1", "2", "1", "2"]
    assert found.parameters.strata.order == ("1", "2")


def test_a_stratum_that_appears_halfway_or_is_not_listed_is_told_at_its_first_row(small, write_collaborative):
    rows = ["team,measure,date,numerator,denominator,stratum"]
    rows += [f"north,checked,2025-0{month}-01,{one},10,{one}" for month in (1, 2, 3) for one in (1, 2)]
    rows += ["north,checked,2025-03-01,4,10,3", "north,checked,2025-01-01,4,10,none"]
    yaml = small.replace("observations: small.csv", "observations: {file: small.csv, stratum: stratum}")
    path = write_collaborative(yaml + "strata: {order: [1, 2, 3]}\n", csv="\n".join(rows) + "\n")
    found = load(path)
    (late,), (unlisted,) = told(found, "late_stratum"), told(found, "unlisted_stratum")
    assert (late["file"], late["line"], late["where"]) == ("small.csv", 8, "stratum '3' of checked")
    assert late["found"] == "none before 2025-03" and (unlisted["line"], unlisted["found"]) == (9, "none")

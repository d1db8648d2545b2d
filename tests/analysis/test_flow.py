"""Demand, capacity, activity and queue: the identity, what is worked out, and what capacity the demand would need."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.delays import pareto, waits
from qitools.analysis.flow import NUMBERS, balanced, charted, eighty_rule, flow, summed_up
from qitools.analysis.queueing import what_if
from qitools.errors import ParameterError


@pytest.fixture(scope="module")
def clinics(request: pytest.FixtureRequest) -> Any:
    return qi.analyse(qi.load(request.path.parents[2] / "parameters" / "outpatient_redesign.yaml"))


def counts(**columns: list[float]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    return pd.DataFrame({"date": pd.date_range("2024-01-01", periods=size, freq="MS"), **columns}).reindex(
        columns=["date", *NUMBERS]
    )


def test_the_queue_is_the_queue_before_and_what_came_less_what_was_done_and_removed():
    found = balanced(counts(demand=[9, 10, 12], activity=[8, 9, 10], removals=[0, 2, 1], queue=[5, 4, 6]), "month")
    assert found.table["expected"].tolist()[1:] == [5 + 10 - 9 - 2, 4 + 12 - 10 - 1]
    assert found.failures["date"].dt.month.tolist() == [3] and found.checked == 2
    assert found.table["backlog"].tolist() == [1, 2, 4]


def test_a_number_that_is_missing_is_not_taken_for_nought():
    found = balanced(counts(demand=[9, np.nan, 12], activity=[8, 9, 10], queue=[5, 4, 6]), "month")
    assert found.checked == 1 and not found.implied
    assert found.table["backlog"].isna().tolist() == [False, True, False]


def test_removals_that_are_missing_in_one_period_leave_it_unchecked():
    found = balanced(counts(demand=[9, 9, 9], activity=[9, 9, 9], removals=[1, np.nan, 1], queue=[5, 5, 4]), "month")
    assert found.checked == 1


def test_demand_is_worked_out_where_only_queue_and_activity_are_known():
    found = balanced(counts(activity=[8, 9, 10], queue=[5, 7, 6]), "month")
    assert found.implied and found.checked == 0 and found.failures.empty
    assert found.table["demand"].tolist()[1:] == [11, 9]


def test_the_planted_months_and_no_others_do_not_agree(clinics):
    assert flow(clinics, "corrieburn").failures["date"].dt.strftime("%Y-%m").tolist() == [
        "2024-06",
        "2024-07",
        "2024-08",
    ]
    assert (flow(clinics, "corrieburn").failures["difference"] == -40).all()
    assert all(flow(clinics, team).failures.empty for team in clinics.teams["team"] if team != "corrieburn")
    assert len(flow(clinics).failures) == 3 and flow(clinics).checked == 41


def above(part, day):
    """The same service, of which a finding says that more was done in a month than could be done."""
    finding = {"code": "above_capacity", "team": "ashgrove", "date": pd.Timestamp(day), "found": "9999"}
    rows = part.records.flow
    mine = (rows["team"] == "ashgrove") & (rows["date"] == day)
    told = replace(part.records, flow=rows.assign(capacity=rows["capacity"].mask(mine)))
    return replace(part, records=told, method=part.method | {"findings": [finding]}), mine


def test_what_exceeds_capacity_is_left_out_of_utilisation_and_of_means_where_the_queue_does_not_bear_it_out(clinics):
    day = flow(clinics, "ashgrove").year["date"].iloc[4]
    part, mine = above(clinics, day)
    borne, usual = flow(part, "ashgrove"), summed_up(flow(clinics, "ashgrove"))
    assert borne.above == (day,) and not borne.doubted.any() and borne.sound.equals(borne.year)
    found, year = summed_up(borne), borne.year.drop(borne.year.index[4])
    assert found["utilisation"] == pytest.approx(year["activity"].sum() / year["capacity"].sum())
    assert found["activity"] == usual["activity"]
    rows = part.records.flow
    wild = replace(part, records=replace(part.records, flow=rows.assign(activity=rows["activity"].mask(mine, 9999.0))))
    typo = flow(wild, "ashgrove")
    assert typo.table.loc[typo.doubted, "date"].tolist() == [day] and len(typo.sound) == len(typo.year) - 1
    assert summed_up(typo)["activity"] == pytest.approx(year["activity"].mean())
    assert what_if(typo)[0].activity == pytest.approx(year["activity"].mean())


def test_all_teams_together_are_the_sum_where_every_sender_has_sent(clinics):
    rows = clinics.records.flow
    gone = (rows["team"] == "finnart") & (rows["date"] == "2025-05-01")
    part = replace(clinics, records=replace(clinics.records, flow=rows.assign(demand=rows["demand"].mask(gone))))
    table = flow(part).table.set_index("date")
    assert np.isnan(table.loc["2025-05-01", "demand"])
    mine = rows[rows["date"] == "2025-06-01"]
    assert table.loc["2025-06-01", "demand"] == mine["demand"].sum()
    assert table.loc["2025-05-01", "queue"] == rows.loc[rows["date"] == "2025-05-01", "queue"].sum()


def test_capacity_by_rule_and_percentile_rests_on_the_last_year():
    rng = np.random.default_rng(4)
    demand, capacity = rng.poisson(100, 30).astype(float), np.full(30, 110.0)
    found = balanced(counts(demand=demand, capacity=capacity, activity=np.minimum(demand, 99), queue=demand), "month")
    sums = summed_up(found)
    year = demand[-12:]
    assert sums["eighty"] == eighty_rule(pd.Series(year)) == pytest.approx(year.min() + 0.8 * np.ptp(year))
    assert (sums["low"], sums["high"]) == pytest.approx(tuple(np.percentile(year, [65, 85])))
    assert sums["utilisation"] == pytest.approx(np.minimum(year, 99).sum() / (12 * 110))
    assert sums["weeks"] == pytest.approx(demand[-1] / np.minimum(year, 99).mean() * 365.25 / 84)


def test_too_few_periods_say_nothing_of_a_year():
    sums = summed_up(balanced(counts(demand=[9, 10, 12], activity=[8, 9, 10], queue=[5, 4, 6]), "month"))
    assert np.isnan([sums[name] for name in ("demand", "eighty", "low", "utilisation", "weeks")]).all()
    assert sums["queue"] == 6


def test_the_run_charts_of_a_service_come_from_the_engine(clinics):
    said = charted(flow(clinics, "ashgrove")).series.set_index("measure")["verdict"]
    assert said["queue"] == "improved" and said["capacity"] == "changed"


def test_nothing_known_is_none_and_a_wrong_name_is_refused(clinics):
    bare = replace(clinics, records=type(clinics.records)())
    assert (flow(bare), pareto(bare), waits(bare)) == (None, None, None)
    with pytest.raises(ParameterError, match="did you mean 'ashgrove'"):
        flow(clinics, "ashgrov")


def test_reasons_are_ranked_and_added_up(clinics):
    found, rows = pareto(clinics), clinics.records.delays
    year = rows[rows["date"] >= "2025-10-01"].dropna(subset=["count"])
    assert found.table["count"].tolist() == sorted(year.groupby("reason")["count"].sum(), reverse=True)
    assert found.table["together"].iloc[-1] == pytest.approx(1)
    shares = found.table["share"].cumsum()
    assert shares.iloc[found.vital - 1] >= 0.8 > shares.iloc[found.vital - 2]


def test_months_without_reasons_are_absent_and_rest_in_no_share(clinics):
    absent = pareto(clinics).absent.iloc[0]
    assert (absent["team"], absent["periods"]) == ("elmbrae", 3)
    assert pareto(clinics, "elmbrae").table["count"].sum() == clinics.records.delays.query(
        "team == 'elmbrae' and date >= '2025-10-01'"
    )["count"].sum(min_count=1)
    assert pareto(clinics, "ashgrove").absent.empty


def test_waits_stand_beside_a_year_before(clinics):
    found, rows = waits(clinics, "corrieburn"), clinics.records.waits.query("team == 'corrieburn'")
    now, then = (rows.loc[rows["date"] == day, "count"] for day in ("2026-09-01", "2025-09-01"))
    assert found.table["share"].tolist() == pytest.approx((now / now.sum()).tolist())
    assert found.table["earlier"].tolist() == pytest.approx((then / then.sum()).tolist())
    assert found.longer(12) == pytest.approx(now.iloc[2:].sum() / now.sum())

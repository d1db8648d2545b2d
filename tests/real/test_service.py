"""Published figures of planned care and of stays by deprivation go through the pages, which say what is lacking."""

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.delays import pareto
from qitools.analysis.equity import equity
from qitools.analysis.flow import flow

pytestmark = pytest.mark.real


def opened(root, data, name):
    return qi.analyse(qi.load(root / "tests" / "real" / f"{name}.yaml", data=data)), data


@pytest.fixture(scope="module")
def planned(root, real_data):
    return opened(root, real_data, "planned_care")


@pytest.fixture(scope="module")
def stays(root, real_data):
    return opened(root, real_data, "inpatient_equity")


def test_queue_and_activity_are_the_published_ones_and_the_rest_is_said_to_be_lacking(planned):
    analysis, data = planned
    raw = pd.read_csv(data / "scot_planned_care_waits_monthly_board.csv").query("patient_type == 'New Outpatient'")
    fife = raw[(raw["board_name"] == "NHS Fife") & (raw["month_ending"] == "2025-11-30")].set_index("wait_type")[
        "waits"
    ]
    row = flow(analysis, "fife").table.iloc[-1]
    assert (row["queue"], row["activity"]) == (fife["Ongoing"], fife["Completed"])
    assert flow(analysis).implied and flow(analysis).teams == 14
    figure = qi.dcaq(analysis)
    assert "Not sent, and so not judged: capacity." in figure.sentence
    assert "Demand was not sent; it is worked out" in figure.sentence
    assert "The counts cannot be checked against each other." in qi.backlog(analysis).sentence
    assert "No change is dated" in qi.before_after(analysis).sentence
    assert "There are no figures by stratum" in qi.equity(analysis).sentence


def test_the_board_that_recorded_noughts_for_reasons_is_shown_as_missing(planned, request):
    analysis, data = planned
    absent = pareto(analysis, "orkney", whole=True).absent.iloc[0]
    assert (absent["periods"], str(absent["first"].date()), str(absent["last"].date())) == (
        26,
        "2022-04-01",
        "2024-05-01",
    )
    raw = pd.read_csv(data / "scot_cancelled_operations_monthly_board.csv").query("board_name == 'NHS Orkney'")
    reasons = raw.filter(like="cancelled_")
    table = pareto(analysis, "orkney", whole=True).table
    assert table["count"].sum() == reasons.to_numpy().sum()  # noughts add nothing, and are no share of anything
    rows = analysis.records.delays.query("team == 'orkney' and date == '2023-01-01'")
    assert rows["count"].isna().all()
    path = request.path.parent / "planned_care.yaml"
    early = qi.analyse(qi.load(path, data=data, as_of="2024-03-31"))
    told = "Missing, not nought: NHS Orkney recorded no reasons in 24 months, April 2022 to March 2024."
    assert told in qi.delays(early, "orkney").sentence
    assert "NHS Orkney recorded no reasons in 26 months, April 2022 to May 2024" in qi.delays(analysis).sentence
    codes = {row["code"] for row in analysis.method["findings"]}
    assert {"zero_reasons", "unlike_total"} <= codes
    assert "every reason 0 in 26 periods, 2022-04 to 2024-05" in str(qi.method(analysis))


def test_bands_of_waits_add_up_to_those_who_wait(planned):
    analysis, _ = planned
    bands = analysis.records.waits.groupby(["team", "date"])["count"].sum()
    queue = analysis.records.flow.set_index(["team", "date"])["queue"]
    assert (bands == queue.loc[bands.index]).all()


def test_before_and_after_a_given_day(planned):
    analysis, _ = planned
    figure = qi.before_after(analysis, team="fife", start="2022-01-01")
    assert figure.panels == 1 and len(figure.table) == 76
    assert "whether the change brought it about, the figures alone cannot say" in figure.sentence


def test_length_of_stay_by_deprivation_is_the_published_ratio(stays):
    analysis, data = stays
    found = equity(analysis, "length_of_stay")
    raw = pd.read_csv(data / "scot_inpatient_stays_simd_quarterly_board.csv")
    rows = raw[(raw["admission_type"] == "Emergency Inpatients") & raw["board_code"].str.startswith("S080")]
    last = rows[rows["quarter"] == "2022Q4"].groupby("simd_quintile")[["length_of_stay_days", "stays"]].sum()
    ratio = last["length_of_stay_days"] / last["stays"]
    drawn = found.lines[found.lines["date"] == "2022-10-01"].set_index("stratum")["value"]
    assert drawn.to_dict() == pytest.approx({one: ratio[one] for one in "12345"})
    assert found.left_out[["stratum", "why"]].to_numpy().tolist() == [["Unknown", "unlisted"]]
    assert found.turned and found.now.gap.value == pytest.approx(-np.diff(ratio_of_year(rows))[0])


def ratio_of_year(rows):
    year = rows[rows["quarter"].str.startswith("2022")].groupby("simd_quintile")[["length_of_stay_days", "stays"]].sum()
    ratio = year["length_of_stay_days"] / year["stays"]
    return np.array([ratio["1"], ratio["5"]])


def test_every_board_has_its_lines_or_says_why_not(stays):
    analysis, _ = stays
    figure = qi.equity(analysis)
    assert len(figure.options) == 15
    assert all(view.sentence for view in figure.options)
    orkney = next(view for view in figure.options if view.choice[-1] == "NHS Orkney")
    assert "Left out: SIMD quintile 1 (figures only from" in orkney.sentence

"""Two real collaboratives open, and keep what is true of the published figures."""

import pandas as pd
import pytest

from qitools.collaborative.loading import load

pytestmark = pytest.mark.real


def test_emergency_departments(root, real_data):
    opened = load(root / "tests" / "real" / "ae_four_hour.yaml", data=real_data)
    rows = opened.observations
    within = rows[rows["measure"] == "within_4h"].dropna(subset="numerator")
    published = pd.read_csv(real_data / "scot_ae_ed_site_monthly.csv")
    assert within["team"].nunique() == 35
    assert len({team.board for team in opened.parameters.teams}) == 14
    assert within[["numerator", "denominator"]].sum().tolist() == published[["within_4h", "attendances"]].sum().tolist()
    assert opened.findings["code"].value_counts().to_dict() == {"added_rows": 2}  # one hospital opened within a month
    assert opened.as_of == pd.Timestamp("2023-02-01")
    assert "Open Government Licence" in opened.parameters.attribution


def test_a_department_that_closed_ends_and_one_that_opened_late_begins_late(root, real_data):
    rows = load(root / "tests" / "real" / "ae_four_hour.yaml", data=real_data).observations
    rows = rows[rows["measure"] == "within_4h"]
    ends = rows.groupby("team", observed=True)["date"].agg(["min", "max"])
    assert ends.loc["new-victoria-hospital", "max"] == pd.Timestamp("2015-05-01")
    assert ends.loc["balfour-hospital", "min"] == pd.Timestamp("2014-01-01")


def test_cancelled_operations_leave_out_the_total(root, real_data):
    opened = load(root / "tests" / "real" / "cancelled_operations.yaml", data=real_data)
    rows = opened.observations[opened.observations["measure"] == "cancelled"]
    published = pd.read_csv(real_data / "scot_cancelled_operations_monthly_board.csv")
    boards = published[~published["board_name"].isin(["Scotland", "The Golden Jubilee National Hospital"])]
    assert rows.groupby("team", observed=True).size().to_dict() == dict.fromkeys(rows["team"].cat.categories, 124)
    assert rows["numerator"].sum() == boards["cancelled"].sum()
    orkney = [one for one in opened.parameters.exclusions if one.team == "orkney"]
    assert len(orkney) == 26


def test_small_counts_of_island_boards_are_hidden_from_the_public(root, real_data):
    opened = load(root / "tests" / "real" / "cancelled_operations.yaml", "public", data=real_data)
    assert not opened.observations["numerator"].between(1, 4).any()
    hidden = opened.observations[opened.observations["status"] == "suppressed"]
    assert {"orkney", "shetland", "western-isles"} & set(hidden["team"])

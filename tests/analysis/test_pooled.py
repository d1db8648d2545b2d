"""All teams as one: ratios of sums, who stands behind them, and totals that are refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from qitools.analysis.codes import has
from qitools.analysis.completeness import figures, missing
from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.pooled import ALL, awaited, came, hidden, pool
from qitools.collaborative.loading import load
from qitools.errors import DataError, ParameterError


def observations(counts: dict[str, list[tuple[float, float]]], start: str = "2024-01-01") -> pd.DataFrame:
    """Rows of one measure from (numerator, denominator) per month and team."""
    rows = [
        {"team": team, "measure": "falls", "date": date, "numerator": top, "denominator": bottom}
        for team, pairs in counts.items()
        for date, (top, bottom) in zip(pd.date_range(start, periods=len(pairs), freq="MS"), pairs, strict=True)
    ]
    return pd.DataFrame(rows)


def analysed(table: pd.DataFrame, **given: object) -> Analysis:
    return analyse(table, **{"better": "lower", "per": 1000, "period": "month", "chart": "u", **given})  # type: ignore[arg-type]


def test_a_pooled_rate_is_a_ratio_of_sums_never_a_mean_of_rates() -> None:
    table = observations({"small": [(5, 100)] * 3, "large": [(10, 900)] * 3})
    points = pool(analysed(table), "falls").analysis.points
    assert points["value"].tolist() == [15.0] * 3  # the mean of the two rates would be 30.6
    assert points["numerator"].tolist() == [15.0] * 3
    assert set(points["team"].astype(str)) == {ALL}


def test_a_missing_numerator_takes_its_denominator_along() -> None:
    table = observations({"a": [(5, 100), (np.nan, 100)], "b": [(1, 100), (1, 100)]})
    points = pool(analysed(table), "falls").analysis.points
    assert points["denominator"].tolist() == [200.0, 100.0]


def test_an_excluded_point_is_not_pooled() -> None:
    table = observations({"a": [(5, 100), (90, 100)], "b": [(1, 100), (1, 100)]})
    exclusions = pd.DataFrame({"team": ["a"], "measure": ["falls"], "date": ["2024-02-01"], "reason": ["Flood"]})
    points = pool(analysed(table, exclusions=exclusions), "falls").analysis.points
    assert points["numerator"].tolist() == [6.0, 1.0]


def test_values_without_denominators_give_the_median_of_the_teams() -> None:
    table = observations({"a": [(2, np.nan)] * 2, "b": [(4, np.nan)] * 2, "c": [(30, np.nan)] * 2})
    result = analyse(table, better="lower", per=1, period="month")
    pooled = pool(result, "falls")
    assert pooled.analysis.points["value"].tolist() == [4.0, 4.0]
    assert pooled.analysis.measures["chart"].tolist() == ["run"]


def test_teams_are_expected_from_their_first_figure_or_joining_date_on() -> None:
    late = observations({"b": [(1, 100)] * 2}, start="2024-03-01")
    table = pd.concat([observations({"a": [(1, 100), (2, 100), (np.nan, 100), (1, 100)]}), late])
    reporting = pool(analysed(table), "falls").reporting
    assert reporting["reporting"].tolist() == [1, 1, 1, 2]
    assert reporting["expected"].tolist() == [1, 1, 2, 2]


def test_a_team_that_stopped_reporting_is_still_expected() -> None:
    table = observations({"a": [(1, 100)] * 4, "b": [(1, 100)] * 2})
    reporting = pool(analysed(table), "falls").reporting
    assert reporting["reporting"].tolist() == [2, 2, 1, 1]
    assert reporting["expected"].tolist() == [2, 2, 2, 2]


def test_the_total_of_the_others_is_not_a_team() -> None:
    parts = {"a": [(k, 100) for k in range(1, 9)], "b": [(2, 100)] * 8, "c": [(3, 50)] * 8}
    total = [(sum(top for top, _ in column), 250) for column in zip(*parts.values(), strict=True)]
    with pytest.raises(DataError, match="count everyone twice") as refused:
        pool(analysed(observations({**parts, "scotland": total})), "falls")
    assert [problem.where for problem in refused.value.problems] == ["team 'scotland', measure 'falls'"]


def test_teams_that_happen_to_be_alike_are_not_called_a_total() -> None:
    table = observations({"a": [(3, 100)] * 12, "b": [(3, 100)] * 12})
    assert len(pool(analysed(table), "falls").analysis.points) == 12


def test_order_of_teams_and_rows_does_not_matter() -> None:
    table = observations({"a": [(5, 100), (3, 90)], "b": [(1, 110), (4, 80)]})
    shuffled = table.sample(frac=1, random_state=1)
    one, other = (pool(analysed(rows), "falls").analysis.points["value"] for rows in (table, shuffled))
    assert one.tolist() == other.tolist()


def test_an_unknown_measure_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ParameterError, match="did you mean 'falls'"):
        pool(analysed(observations({"a": [(1, 100)] * 3})), "fals")


def test_a_period_in_which_nobody_reported_is_a_gap_never_a_zero() -> None:
    table = observations({"a": [(1, 100), (np.nan, 100), (3, 100)], "b": [(1, 100), (np.nan, 100), (3, 100)]})
    points = pool(analysed(table), "falls").analysis.points
    assert points["value"].isna().tolist() == [False, True, False]


def test_a_team_silent_for_a_year_was_expected_to_its_last_figure_in_strip_and_map_alike() -> None:
    table = observations({"a": [(1, 100)] * 16, "b": [(1, 100)] * 2, "c": [(1, 100)] * 5})
    analysis = analysed(table)
    assert pool(analysis, "falls").reporting["expected"].tolist() == [3] * 2 + [2] * 14  # c may still report
    counts = figures(analysis, "falls").groupby("date").size()
    assert counts.tolist() == pool(analysis, "falls").reporting["expected"].tolist()
    assert missing(analysis)["falls"] == (11, 34, 1)


@pytest.mark.parametrize("public", [False, True])
def test_what_came_is_what_the_status_says(public: bool) -> None:
    status = ["late", "provisional", "revised", "", "missing", "suppressed", "", ""]
    table = observations({"a": [(9.0, 100), (9, 100), (9, 100), (9, 0), (9, 100), (9, 100), (9, np.nan), (np.nan, 9)]})
    points = analysed(table.assign(status=status)).points
    if public:
        points = analyse(load("falls", "public")).points
        assert hidden(points).any()
    there = points["value"].notna() | points["numerator"].notna() | has(points["reason"], "suppressed")
    assert came(points).tolist() == there.tolist()
    assert hidden(points).tolist() == has(points["reason"], "suppressed").tolist()


def test_events_between_have_nothing_to_add_up() -> None:
    table = observations({"a": [(np.nan, np.nan), (30, np.nan), (20, np.nan)], "b": [(np.nan, np.nan), (4, np.nan)]})
    pooled = pool(analyse(table, better="higher", chart="g", per=1), "falls")
    assert pooled.analysis.points.empty
    assert pooled.reporting["reporting"].tolist() == [2]


def test_teams_that_are_waited_for_are_those_that_make_the_count_short() -> None:
    counts = {"gone": [(1, 100)] * 2, "late": [(1, 100)] * 15, "here": [(1, 100)] * 16}
    analysis = analysed(observations(counts))
    assert awaited(analysis, "falls") == ["late"]
    last = pool(analysis, "falls").reporting.iloc[-1]
    assert last["expected"] - last["reporting"] == 1


def test_a_team_by_quarter_is_kept_apart_and_expected_once_a_quarter() -> None:
    months = observations({"a": [(1, 100)] * 6, "b": [(2, 100)] * 6})
    quarters = observations({"isle": [(90, 100), (90, 100)]}).assign(date=pd.to_datetime(["2024-01-01", "2024-04-01"]))
    made = analysed(pd.concat([months, quarters]))
    periods = np.where(made.teams["team"] == "isle", "quarter", "month")
    pooled = pool(replace(made, teams=made.teams.assign(period=periods)), "falls")
    assert pooled.analysis.points["numerator"].tolist() == [3.0] * 6
    assert pooled.reporting["expected"].tolist() == [3, 2, 2, 3, 2, 2]
    assert pooled.reporting["reporting"].tolist() == [3, 2, 2, 3, 2, 2]


def test_a_team_that_never_sent_anything_is_waited_for() -> None:
    made = analysed(observations({"a": [(1, 100)] * 3, "b": [(1, 100)] * 3}))
    quiet = made.teams.iloc[:1].assign(team="quiet", name="Quiet Ward", joined=pd.Timestamp("2024-02-01"))
    waiting = replace(made, teams=pd.concat([made.teams, quiet], ignore_index=True))
    assert pool(waiting, "falls").reporting["expected"].tolist() == [2, 3, 3]
    assert awaited(waiting, "falls") == ["quiet"]


def test_rare_events_that_happen_to_add_up_are_not_called_a_total() -> None:
    table = observations({"a": [(1, 90)] * 8, "b": [(0, 110)] * 8, "c": [(1, 70)] * 8})
    assert pool(analysed(table), "falls").analysis.points["numerator"].tolist() == [2.0] * 8


@pytest.mark.parametrize(("size", "refused"), [(1, False), (10, True)])
def test_counts_without_denominators_are_a_total_only_where_they_are_ample(size: int, refused: bool) -> None:
    counts = {"a": [(size, np.nan)] * 8, "b": [(0, np.nan)] * 8, "c": [(size, np.nan)] * 8}
    counts["total"] = [(2 * size, np.nan)] * 8
    made = analysed(observations(counts), chart="c", per=1)
    if refused:
        with pytest.raises(DataError, match="count everyone twice"):
            pool(made, "falls")
    else:
        assert len(pool(made, "falls").analysis.points) == 8


# ---- the teams that reported throughout -----------------------------------------------------------------------------


def test_the_constant_panel_is_the_same_teams_at_every_date() -> None:
    late = observations({"late": [(9, 100)] * 6}, start="2024-07-01")
    table = pd.concat([observations({"a": [(1, 100)] * 12, "b": [(2, 100)] * 12}), late])
    pooled = pool(analysed(table), "falls")
    assert pooled.panel["value"].tolist() == [15.0] * 12
    assert pooled.analysis.points["value"].tolist() == [15.0] * 6 + [40.0] * 6
    assert (pooled.steady, pooled.teams) == (2, 3)


def test_one_month_missed_in_ten_still_belongs_to_the_panel() -> None:
    counts = {"a": [(1, 100)] * 20, "b": [(1, 100)] * 18 + [(np.nan, 100)] * 2, "c": [(1, 100)] * 17}
    counts["c"] += [(np.nan, 100)] * 3
    pooled = pool(analysed(observations(counts)), "falls")
    assert pooled.steady == 2 and pooled.panel["reporting"].tolist() == [2] * 18 + [1] * 2


def test_there_is_no_panel_where_all_stay_or_nobody_does() -> None:
    assert pool(analysed(observations({"a": [(1, 100)] * 6, "b": [(2, 100)] * 6})), "falls").panel.empty
    apart = pd.concat([observations({"a": [(1, 100)] * 6}), observations({"b": [(1, 100)] * 6}, start="2024-07-01")])
    pooled = pool(analysed(apart), "falls")
    assert pooled.panel.empty and (pooled.steady, pooled.teams) == (0, 2)


def test_values_have_the_median_of_the_panel() -> None:
    late = observations({"c": [(30, np.nan)] * 3}, start="2024-10-01")
    table = pd.concat([observations({"a": [(2, np.nan)] * 12, "b": [(4, np.nan)] * 12}), late])
    pooled = pool(analyse(table, better="lower", per=1, period="month"), "falls")
    assert pooled.panel["value"].tolist() == [3.0] * 12

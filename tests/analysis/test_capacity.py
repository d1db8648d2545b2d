"""People trained, dose, pipeline and use of skills, against small tables by hand and an independent regression."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis import capacity
from qitools.collaborative.records import PDSA, STAFF, TRAINING, Records, typed_table
from qitools.errors import ParameterError

MONTHS = pd.date_range("2024-01-01", periods=24, freq="MS")


def trained(*rows):
    columns = ("team", "date", "programme", "level", "cohort", "board", "sector", "people")
    return typed_table([dict(zip(columns, row, strict=True)) for row in rows], TRAINING)


def staff(*rows):
    return typed_table([dict(zip(STAFF, row, strict=True)) for row in rows], STAFF)


def begun_tests(*rows):
    """Tests of change: team and start."""
    blank = dict.fromkeys(PDSA, "") | {"cycle": 1, "end": pd.NaT}
    return typed_table([blank | {"team": team, "start": pd.Timestamp(start)} for team, start in rows], PDSA)


def analysis(teams=2, boards=("Hill", "Dale"), **records):
    names = [f"t{i:02}" for i in range(teams)]
    table = pd.DataFrame(
        [{"team": name, "measure": "m", "date": month, "numerator": 5.0} for name in names for month in MONTHS]
    )
    found = qi.analyse(table, better="lower")
    labelled = found.teams.assign(board=[boards[i % len(boards)] for i in range(teams)])
    return replace(found, teams=labelled, records=Records(**records))


REGISTER = trained(
    ("t00", MONTHS[0], "Basics", "One", "C1", "Hill", "health", 6),
    ("", MONTHS[0], "Basics", "One", "C1", "Dale", "social_care", 3),
    ("", MONTHS[3], "Lead", "Two", "C2", "Far", "health", np.nan),
    ("", MONTHS[6], "Lead", "Two", "C2", "Dale", "health", 8),
)


def test_people_are_counted_by_what_is_asked_and_a_hidden_count_is_in_no_sum():
    found = analysis(training=REGISTER)
    by = {name: capacity.counts(found, name).to_numpy().tolist() for name in capacity.BY}
    assert by["programme"] == [["Basics", 9.0, 0], ["Lead", 8.0, 1]]
    assert by["level"] == [["One", 9.0, 0], ["Two", 8.0, 1]]
    assert by["cohort"] == [["C1", 9.0, 0], ["C2", 8.0, 1]]
    assert by["board"] == [["Hill", 6.0, 0], ["Dale", 11.0, 0], ["Far", 0.0, 1]]  # the order of the teams, then others
    assert by["sector"] == [["health", 14.0, 1], ["social_care", 3.0, 0]]


def test_a_way_of_counting_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match="did you mean 'cohort'"):
        capacity.counts(analysis(training=REGISTER), "cohorts")


def test_a_dose_needs_a_headcount_and_a_place_that_has_none_is_set_apart():
    heads = staff(("", "Hill", "health", 200, 10), ("", "Dale", "health", 4, np.nan), ("", "Hill", "education", 50, 1))
    found = capacity.dose(analysis(training=REGISTER, staff=heads))
    assert found.table[["board", "sector", "people", "share"]].to_numpy().tolist() == [
        ["Hill", "education", 0.0, 0.0],
        ["Hill", "health", 6.0, 3.0],
    ]
    assert found.table["need"].tolist() == [1.0, 10.0]
    assert dict(zip(found.apart["board"] + " " + found.apart["sector"], found.apart["reason"], strict=True)) == {
        "Dale health": "over_headcount",
        "Dale social_care": "no_headcount",
    }


def test_the_row_of_a_board_stands_for_its_teams():
    both = staff(("", "Hill", "health", 200, 10), ("t00", "Hill", "health", 40, 2))
    teams = staff(("t00", "Hill", "health", 40, 2), ("t02", "Hill", "health", 60, 3))
    shares = [
        capacity.dose(analysis(training=REGISTER, staff=heads)).table["share"].tolist() for heads in (both, teams)
    ]
    assert shares == [[3.0], [6.0]]


def test_a_hidden_headcount_has_no_dose():
    heads = staff(("", "Hill", "health", np.nan, 2))
    apart = capacity.dose(analysis(training=REGISTER.iloc[:1], staff=heads)).apart
    assert apart["reason"].tolist() == ["suppressed"]


def test_the_pipeline_adds_up_month_by_month_to_the_last_month_of_the_page():
    found = capacity.pipeline(analysis(training=REGISTER))
    ends = found.groupby("level", sort=False).tail(1)
    assert ends[["level", "total"]].to_numpy().tolist() == [["One", 9.0], ["Two", 8.0]]
    assert set(ends["date"]) == {MONTHS[-1]}
    two = found[found["level"] == "Two"].set_index("date")["total"]
    assert two[MONTHS[5]] == 0 and two[MONTHS[6]] == 8
    assert len(found) == 2 * 24


def test_many_levels_are_drawn_as_five_lines_the_rarest_together():
    rows = [("", MONTHS[0], "P", f"L{i}", "", "Hill", "health", 10 - i) for i in range(8)]
    found = capacity.pipeline(analysis(training=trained(*rows)))
    ends = found.groupby("level", sort=False).tail(1)
    assert ends["level"].tolist() == ["L0", "L1", "L2", "L3", capacity.REST]
    assert ends["total"].sum() == sum(10 - i for i in range(8))


def test_months_before_training_count_as_without_and_the_month_itself_too():
    register = trained(*[(f"t{i:02}", MONTHS[11], "P", "", "", "", "", 3) for i in range(6)])
    log = begun_tests(*[("t00", day) for day in ("2024-02-10", "2024-12-31", "2025-01-01")], ("t07", "2025-06-01"))
    found = capacity.skills(analysis(12, training=register, pdsa=log))
    rows = found.table.set_index("trained")
    assert rows.loc[True, ["teams", "months", "tests"]].tolist() == [6, 6 * 12, 1]
    assert rows.loc[False, ["teams", "months", "tests"]].tolist() == [12, 6 * 12 + 6 * 24, 3]


def test_a_team_counts_from_the_month_it_joined():
    found = analysis(12, training=trained(("t00", MONTHS[0], "P", "", "", "", "", 3)), pdsa=begun_tests())
    joined = found.teams.assign(joined=[MONTHS[20], *[pd.NaT] * 11])
    assert capacity.skills(replace(found, teams=joined)).table["months"].tolist() == [4, 11 * 24]


@pytest.mark.parametrize(
    ("teams", "register", "log", "reason"),
    [
        (12, 6, 0, "no_tests"),
        (12, 0, 6, "no_teams"),
        (12, 4, 6, "few"),
        (4, 4, 6, "few"),
        (12, 6, -6, "none_in_one"),
    ],
)
def test_no_interval_where_there_is_nothing_to_compare(teams, register, log, reason):
    rows = trained(*[(f"t{i:02}", MONTHS[2], "P", "", "", "", "", 3) for i in range(register)])
    begun = [(f"t{i:02}" if log > 0 else "t11", MONTHS[10]) for i in range(abs(log))]
    found = capacity.skills(analysis(teams, training=rows, pdsa=begun_tests(*begun)))
    assert found.reason == reason
    assert np.isnan([found.ratio, found.lower, found.upper]).all()


def drawn(rng, teams=28, ratio=1.6, spread=0.4):
    """Tests and months of teams trained at different times, more tests later; teams differ."""
    quarters, since = 12, rng.integers(0, 20, teams)
    at = np.arange(quarters)
    kind = np.stack([at < since[:, None], at >= since[:, None]], axis=1)
    months = 3.0 * kind
    level = np.exp(rng.normal(0, spread, (teams, 1, 1))) * np.linspace(0.05, 0.2, quarters)
    return rng.poisson(level * months * np.array([1, ratio])[:, None]).astype(float), months


def test_the_ratio_and_its_interval_are_those_of_a_regression_with_clustered_errors():
    """Independent: statsmodels' Poisson regression with a level a quarter and a sandwich over teams."""
    sm = pytest.importorskip("statsmodels.api")
    events, months = drawn(np.random.default_rng(3))
    team, kind, quarter = np.indices(events.shape)
    use = (months > 0).ravel()
    levels = pd.get_dummies(quarter.ravel()[use]).to_numpy(float)
    keep = levels.T @ events.ravel()[use] > 0
    rows = levels[:, keep].any(axis=1)
    design = np.column_stack([kind.ravel()[use], levels[:, keep]])[rows]
    fit = sm.GLM(
        events.ravel()[use][rows],
        design,
        family=sm.families.Poisson(),
        offset=np.log(months.ravel()[use][rows]),
    ).fit(cov_type="cluster", cov_kwds={"groups": team.ravel()[use][rows], "use_correction": False}, tol=1e-12)
    error = fit.bse[0] * np.sqrt(28 / 27)
    reach = 2.0518305164802833 * error  # Student's t on 27 degrees of freedom, 97.5 %
    expected = np.exp([fit.params[0], fit.params[0] - reach, fit.params[0] + reach])
    assert np.allclose(capacity.rate_ratio(events, months), expected, rtol=1e-6)


@pytest.mark.soak
@pytest.mark.parametrize("ratio", [1.0, 1.6])
def test_the_interval_holds_the_truth_as_often_as_it_says(ratio):
    rng, inside, times = np.random.default_rng(11), 0, 1_500
    for _ in range(times):
        _, lower, upper = capacity.rate_ratio(*drawn(rng, ratio=ratio))
        inside += lower <= ratio <= upper
    assert 0.93 <= inside / times <= 0.97, inside / times


def test_the_shipped_register_says_what_its_recipe_planted(root):
    found = qi.analyse(qi.load(Path(root) / "parameters" / "delayed_discharge.yaml"))
    assert capacity.dose(found).apart[["board", "sector"]].to_numpy().tolist() == [["Skerravoe", "education"]]
    assert capacity.skills(found).reason == ""

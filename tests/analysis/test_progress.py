"""Progress scores: counts and order only, and every prompt of the reference where it belongs and nowhere else."""

import statistics
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qitools as qi
from qitools.analysis import progress
from qitools.collaborative.records import PDSA, SCORES, Records, typed_table

HIGH, LOW = [10.0, 12.0] * 6, [4.0, 5.0] * 6
TEAMS = {"held": HIGH + LOW * 2, "sustained": HIGH * 2 + LOW[:10], "flat": HIGH * 3, "short": HIGH[:5]}


@pytest.fixture(scope="module")
def figures():
    rows = [
        (team, date, value)
        for team, values in TEAMS.items()
        for date, value in zip(pd.date_range("2023-01-01", periods=36, freq="MS"), values, strict=False)
    ]
    table = pd.DataFrame(rows, columns=["team", "date", "numerator"])
    made = qi.analyse(table.assign(measure="m"), better="lower", rules="his-2025", period="month")
    return replace(made, measures=made.measures.assign(kind="outcome"))


def score(team, score, kind="self", date="2025-10-01"):
    return {"team": team, "date": pd.Timestamp(date), "kind": kind, "score": score, "note": ""}


def scored(figures, *rows, tested=()):
    texts = {name: "" for name, kind in PDSA.items() if kind == "str"}
    tests = [{**texts, "team": team, "cycle": 1, "start": pd.Timestamp("2025-01-01"), "end": pd.NaT} for team in tested]
    return replace(figures, records=Records(scores=typed_table(list(rows), SCORES), pdsa=typed_table(tests, PDSA)))


def codes(analysis, team=""):
    found = progress.prompts(analysis, team)
    return set(zip(found["team"], found["kind"], found["code"], strict=True))


def test_the_figures_say_what_the_prompts_are_held_against(figures):
    series = figures.series.set_index("team")
    assert series.loc["held", ["verdict", "strength"]].tolist() == ["improved", "held"]
    assert series.loc["sustained", ["verdict", "strength"]].tolist() == ["improved", "sustained"]
    assert series["verdict"].to_dict().items() >= {"flat": "no_signal", "short": "too_few"}.items()


@pytest.mark.parametrize(
    ("team", "number", "tested", "expected"),
    [
        ("flat", 2.5, (), set()),  # no log at all: nothing is asked of it
        ("flat", 2.5, ("held",), {"no_tests"}),
        ("flat", 2.0, ("held",), set()),
        ("flat", 2.5, ("flat",), set()),
        ("flat", 3.0, ("flat",), set()),
        ("flat", 3.5, ("flat",), {"no_signal"}),
        ("flat", 4.5, ("flat",), {"no_signal", "not_held"}),
        ("sustained", 3.5, ("sustained",), set()),
        ("sustained", 4.5, ("sustained",), {"not_held"}),
        ("sustained", 2.5, ("sustained",), {"under_claiming"}),
        ("sustained", 3.0, ("sustained",), set()),
        ("held", 5.0, ("held",), set()),
        ("held", 0.5, ("held",), {"under_claiming"}),
        ("short", 5.0, ("short",), set()),  # its chart cannot speak yet
        ("short", 5.0, ("held",), {"no_tests"}),
    ],
)
@pytest.mark.parametrize("kind", progress.KINDS)
def test_prompts_of_the_reference(figures, team, number, tested, expected, kind):
    analysis = scored(figures, score(team, number, kind), tested=tested)
    assert codes(analysis) == {(team, kind, code) for code in expected}


def test_a_test_that_is_only_agreed_is_not_yet_a_test(figures):
    analysis = scored(figures, score("flat", 2.5), tested=("flat",))
    later = analysis.records.pdsa.assign(start=pd.Timestamp("2030-01-01"))
    planned = replace(analysis, records=replace(analysis.records, pdsa=later))
    assert codes(analysis) == set()
    assert codes(planned) == {("flat", "self", "no_tests")}


def test_only_the_latest_score_is_asked(figures):
    analysis = scored(figures, score("flat", 5.0, date="2025-01-01"), score("flat", 3.0), tested=("flat",))
    assert codes(analysis) == set()


def test_balancing_measures_are_not_asked(figures):
    aside = replace(figures, measures=figures.measures.assign(kind="balancing"))
    assert codes(scored(aside, score("held", 0.5), tested=("held",))) == set()


def test_a_run_that_has_ended_asks_for_nothing_either_way(figures):
    over = replace(figures, series=figures.series.assign(signal_end=pd.Timestamp("2025-06-01")))
    assert codes(scored(over, score("held", 0.5), tested=("held",))) == set()
    assert codes(scored(over, score("held", 5.0), tested=("held",))) == set()


def test_charts_of_a_team_that_no_longer_reports_are_silent(figures):
    gone = replace(figures, series=figures.series.assign(current=False))
    for number in (0.5, 5.0):
        assert codes(scored(gone, score("held", number), score("flat", number), tested=("held", "flat"))) == set()


def test_self_and_faculty_apart_when_both_last_scored_the_same_month(figures):
    def both(own, other, **later):
        return scored(figures, score("flat", own), score("flat", other, "faculty"), *later.get("more", ()))

    assert codes(both(3.0, 2.0)) == {("flat", "self", "apart")}
    assert codes(both(3.0, 2.5)) == set()
    assert codes(both(3.0, 2.5, more=[score("flat", 1.0, "faculty", "2025-11-01")])) == set()
    assert progress.prompts(both(3.0, 1.5))["other"].tolist() == [1.5]


def test_one_teams_prompts_are_its_own(figures):
    analysis = scored(figures, score("flat", 3.5), score("held", 0.5))
    assert {team for team, _, _ in codes(analysis, "held")} == {"held"}
    with pytest.raises(qi.ParameterError, match="held"):
        progress.prompts(analysis, "hel")


def test_no_scores_give_empty_tables(figures):
    assert progress.distribution(figures).empty
    assert progress.by_month(figures).empty
    assert progress.latest(figures).empty
    assert list(progress.prompts(figures).columns) == ["team", "kind", "date", "score", "other", "code"]


rows = st.lists(
    st.tuples(
        st.sampled_from([*TEAMS, "unknown"]),
        st.sampled_from(progress.LEVELS),
        st.sampled_from(progress.KINDS),
        st.sampled_from(["2025-10-01", "2025-11-01"]),
    ),
    max_size=16,
    unique_by=lambda one: (one[0], one[2], one[3]),
)


@given(rows)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_months_are_counted_and_put_in_order_never_averaged(figures, given):
    analysis = scored(figures, *(score(*one) for one in given))
    counted = progress.distribution(analysis)
    for month in progress.by_month(analysis).to_dict("records"):
        own = [
            one[1] for one in given if one[2] == "self" and one[0] in TEAMS and pd.Timestamp(one[3]) == month["date"]
        ]
        assert month["teams"] == len(own) == counted.loc[counted["date"] == month["date"], "teams"].sum()
        assert (month["median_low"], month["median_high"]) == (statistics.median_low(own), statistics.median_high(own))
        assert month["median_low"] in own and month["median_high"] in own
        assert month["modest"] == sum(one >= 3 for one in own)
        assert month["significant"] == sum(one >= 4 for one in own)

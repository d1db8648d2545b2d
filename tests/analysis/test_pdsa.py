"""Tests of change: each cycle in its place, what became of it, and the tallies, against a plain recount."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import qitools as qi
from qitools.analysis import pdsa
from qitools.collaborative.records import PDSA, SESSIONS, Records, typed_table

TEAMS = ["north", "south", "west"]
AS_OF = pd.Timestamp("2025-12-01")


def row(team="north", **given):
    texts = {name: "" for name, kind in PDSA.items() if kind == "str"}
    return {**texts, "team": team, "cycle": 1, "start": pd.Timestamp("2025-03-03"), "end": pd.NaT, **given}


def sessions(*dates):
    rows = [{"date": pd.Timestamp(date), "name": f"Session {i}", "minutes": 120} for i, date in enumerate(dates, 1)]
    return typed_table(rows, SESSIONS)


@pytest.fixture(scope="module")
def bare():
    """Three teams with a year of figures, and no records."""
    dates = pd.date_range("2025-01-01", AS_OF, freq="MS")
    rows = pd.DataFrame([(team, date, 5.0) for team in TEAMS for date in dates], columns=["team", "date", "numerator"])
    return qi.analyse(rows.assign(measure="m"), better="lower", period="month")


@pytest.fixture(scope="module")
def logged(bare):
    def make(*rows, held=()):
        return replace(bare, records=Records(pdsa=typed_table(list(rows), PDSA), sessions=sessions(*held)))

    return make


def test_a_decision_ends_a_cycle_and_the_rest_is_open(logged):
    end = pd.Timestamp("2025-03-07")
    found = pdsa.cycles(
        logged(
            row(decision="adopt", end=end),
            row(cycle=2, decision="abandon"),
            row(cycle=3, end=end),
            row(cycle=4),
            row(cycle=5, start=pd.Timestamp("2026-02-01")),
            row(cycle=6, start=pd.NaT),
        )
    ).set_index("cycle")
    assert found["state"].to_dict() == {
        1: "adopt",
        2: "abandon",
        3: "undecided",
        4: "under_way",
        5: "planned",
        6: "planned",
    }
    assert found.loc[1, "days"] == 5
    assert np.isnan(found.loc[4, "days"])
    assert found.loc[4, "until"] == pd.Timestamp("2025-12-31")  # the end of the page's last month
    assert pd.isna(found.loc[6, "until"])


def test_a_lane_is_a_ramp_else_an_idea_else_a_driver(logged):
    day = pd.Timestamp("2025-05-01")
    found = pdsa.cycles(
        logged(
            row(idea="Huddle", start=day),
            row(idea="Huddle at night", ramp="Huddle"),
            row(driver="rounding", start=day + pd.Timedelta(days=1)),
            row("south", idea="Huddle"),
        )
    )
    assert found["chain"].tolist() == ["Huddle", "Huddle", "rounding", "Huddle"]
    assert found["lane"].tolist() == [0, 0, 1, 0]


def test_the_median_counts_both_end_days_of_cycles_that_are_done(logged):
    def day(number):
        return pd.Timestamp("2025-03-03") + pd.Timedelta(days=number)

    found = pdsa.tally(logged(row(end=day(0)), row(end=day(4)), row("south", end=day(8)), row("south")))
    assert found.days == 5
    assert found.teams["days"].tolist()[:2] == [3, 9]
    assert np.isnan(found.teams["days"].iloc[2])


def test_scales_are_counted_commonest_first(logged):
    found = pdsa.tally(logged(row(scale="one bed"), row(scale="ward"), row("south", scale="ward"), row(scale="")))
    assert found.scales.to_dict("list") == {"scale": ["ward", "one bed"], "tests": [2, 1], "teams": [2, 1]}


def test_since_holds_what_was_agreed_there_and_what_was_begun_later(logged):
    held = ("2025-01-10", "2025-06-10", "2026-01-20")
    analysis = logged(
        row(session="Session 2", idea="agreed"),
        row(session="Session 1", idea="older"),
        row(start=pd.Timestamp("2025-06-11"), idea="later"),
        row(start=pd.Timestamp("2025-06-10"), idea="that day"),
        held=held,
    )
    found = pdsa.since(analysis)
    assert (found.session, found.date) == ("Session 2", pd.Timestamp("2025-06-10"))
    assert dict(zip(found.tests["idea"], found.tests["agreed"], strict=True)) == {"agreed": True, "later": False}


@pytest.mark.parametrize("held", [(), ("2026-01-20",)])
def test_without_a_session_before_nothing_is_looked_back_on(logged, held):
    found = pdsa.since(logged(row(session="Session 1"), held=held))
    assert found.session == "" and found.tests.empty and "agreed" in found.tests


def test_commitments_are_what_is_open(logged):
    analysis = logged(row("south", idea="b"), row(idea="a", decision="adopt"), row(idea="c"))
    assert pdsa.commitments(analysis)["idea"].tolist() == ["c", "b"]
    assert pdsa.commitments(analysis, "south")["idea"].tolist() == ["b"]


def test_nothing_given_gives_empty_tables_with_their_columns(bare):
    assert list(pdsa.cycles(bare).columns) == [*PDSA, "chain", "state", "until", "days", "lane"]
    found = pdsa.tally(bare)
    assert found.teams["tests"].tolist() == [0, 0, 0]
    assert found.scales.empty and np.isnan(found.days)


def test_an_unknown_team_is_refused(bare):
    with pytest.raises(qi.ParameterError, match="north"):
        pdsa.cycles(bare, "nort")


texts = st.sampled_from(["", "a", "b"])
days = st.one_of(st.none(), st.dates(pd.Timestamp("2024-01-01").date(), pd.Timestamp("2026-06-01").date()))
logs = st.lists(
    st.tuples(st.sampled_from([*TEAMS, "unknown"]), texts, texts, days, days, st.sampled_from(["", *pdsa.DECISIONS])),
    max_size=25,
)


@given(logs)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_cycle_of_a_known_team_is_counted_once_in_the_fixed_order(logged, log):
    rows = [
        row(team, ramp=ramp, idea=idea, start=pd.Timestamp(start), end=pd.Timestamp(end), decision=decision, cycle=i)
        for i, (team, ramp, idea, start, end, decision) in enumerate(log, 1)
    ]
    analysis = logged(*rows)
    found, tally = pdsa.cycles(analysis), pdsa.tally(analysis).teams
    known = [one for one in rows if one["team"] in TEAMS]
    assert sorted(found["cycle"]) == sorted(one["cycle"] for one in known)
    assert [TEAMS.index(team) for team in found["team"]] == sorted(TEAMS.index(one["team"]) for one in known)
    assert tally[list(pdsa.STATES)].sum(axis=1).tolist() == tally["tests"].tolist()
    assert tally["tests"].tolist() == [sum(one["team"] == team for one in known) for team in TEAMS]
    for _, own in found.groupby("team"):
        assert own["lane"].drop_duplicates().tolist() == list(range(own["lane"].nunique()))
        assert own.groupby("lane")["chain"].nunique().eq(1).all()

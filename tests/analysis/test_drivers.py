"""The driver diagram: every node once, no circle, and a state that follows from figures and tests."""

from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qitools as qi
from qitools.analysis import drivers
from qitools.analysis.pooled import pool
from qitools.collaborative.records import DRIVERS, PDSA, Records, typed_table

HIGH, LOW = [10.0, 12.0] * 6, [4.0, 5.0] * 6
SERIES = {"better": HIGH + LOW, "worse": LOW + HIGH, "flat": HIGH * 2, "soon": HIGH + HIGH[:6] + LOW[:6]}


@pytest.fixture(scope="module")
def figures():
    """Two teams and a measure for each verdict."""
    dates = pd.date_range("2024-01-01", periods=24, freq="MS")
    table = pd.DataFrame(
        [(team, m, *pair) for team in "ab" for m, v in SERIES.items() for pair in zip(dates, v, strict=True)],
        columns=["team", "measure", "date", "numerator"],
    )
    return qi.analyse(table, better="lower", rules="his-2025", period="month")


def node(name, parent="", kind="driver", measure=""):
    return {"node": name, "parent": parent, "kind": kind, "level": 0, "name": name.title(), "measure": measure}


def tried(team="a", **given):
    texts = {name: "" for name, kind in PDSA.items() if kind == "str"}
    return {**texts, "team": team, "cycle": 1, "start": pd.Timestamp("2025-03-03"), "end": pd.NaT, **given}


def tree(figures, nodes, tests=()):
    records = Records(drivers=typed_table(nodes, DRIVERS), pdsa=typed_table(list(tests), PDSA))
    found = drivers.tree(replace(figures, records=records))
    return found.nodes.set_index("node"), found.edges


def test_the_state_of_a_driver_is_what_its_measure_shows(figures):
    nodes = [node("aim", kind="aim", measure="better"), *(node(name, "aim", measure=name) for name in SERIES)]
    found, _ = tree(figures, [*nodes, node("dark", "aim")])
    assert found["state"].to_dict() == {
        "aim": "sustained",
        "better": "sustained",
        "worse": "worsening",
        "flat": "untested",
        "soon": "improving",
        "dark": "unmeasured",
    }
    for name in SERIES:
        assert found.loc[name, "verdict"] == pool(figures, name).analysis.series["verdict"].iloc[0]
    assert found.loc["better", ["teams", "improved", "worsened"]].tolist() == [2, 2, 0]


def test_an_improvement_whose_run_ended_is_not_told_as_lasting():
    said = {"verdict": "improved", "variation": ""}
    assert drivers.state("driver", {**said, "strength": "sustained", "over": False}, 0) == "sustained"
    assert drivers.state("driver", {**said, "strength": "sustained", "over": True}, 0) == "ended"
    assert drivers.state("driver", {**said, "strength": "held", "over": True}, 0) == "sustained"


def test_tests_are_counted_for_the_node_and_all_above_it(figures):
    nodes = [
        node("aim", kind="aim"),
        node("p", "aim", measure="flat"),
        node("q", "aim", measure="flat"),
        node("huddle", "p", "idea"),
        node("huddle", "q", "idea"),
        node("beds", "q", "idea"),
    ]
    tests = [
        tried(idea=" HUDDLE", decision="adopt"),
        tried("b", driver="p", idea="Something else"),
        tried("b", idea="huddle", driver="q"),
        tried(idea="huddle", start=pd.Timestamp("2030-01-01")),
    ]
    found, _ = tree(figures, nodes, tests)
    assert found["tests"].to_dict() == {"aim": 3, "p": 3, "huddle": 2, "q": 2, "beds": 0}
    assert found["adopted"].to_dict() == {"aim": 1, "p": 1, "huddle": 1, "q": 1, "beds": 0}
    assert found.loc["p", "testing"] == 2
    assert found["state"].to_dict() == {
        "aim": "unmeasured",
        "p": "tested",
        "huddle": "tested",
        "q": "tested",
        "beds": "untested",
    }


def test_a_node_with_two_parents_is_one_node_with_two_edges(figures):
    nodes = [node("aim", kind="aim"), node("p", "aim"), node("q", "aim"), node("x", "p"), node("x", "q")]
    found, edges = tree(figures, nodes)
    assert found.index.tolist() == ["aim", "p", "x", "q"]
    assert edges.loc[edges["node"] == "x", ["parent", "first"]].to_numpy().tolist() == [["p", True], ["q", False]]


def test_a_measure_that_cannot_be_pooled_speaks_by_most_of_its_teams(figures):
    events = replace(figures, measures=figures.measures.assign(data="days_between"))
    found, _ = tree(events, [node("aim", kind="aim", measure="better"), node("p", "aim", measure="flat")])
    assert found["state"].to_dict() == {"aim": "sustained", "p": "untested"}


def test_no_drivers_gives_empty_tables(figures):
    found = drivers.tree(figures)
    assert found.nodes.empty and found.edges.empty
    assert {"node", "state", "level", "depth"} <= set(found.nodes.columns)


def test_a_measure_nobody_reported_is_not_measured(figures):
    found, _ = tree(figures, [node("aim", kind="aim", measure="nothing")])
    assert found.loc["aim", "state"] == "unmeasured"


names = st.sampled_from("abcdefgh")
links = st.lists(st.tuples(st.one_of(st.just(""), names), names), max_size=30)


@given(links)
@settings(deadline=None, max_examples=100)
def test_walking_ends_and_meets_every_node_once_whatever_the_links(pairs):
    order, edges = drivers.walk(pairs)
    level = drivers.levels(order, edges)
    assert set(order) == {node for _, node in pairs}
    assert all(level[parent] < level[node] for parent, node, _ in edges)
    firsts = [node for _, node, first in edges if first]
    assert len(firsts) == len(set(firsts))
    assert set(order) - set(firsts) == {node for node, depth in order.items() if depth == 0}
    depths = list(order.values())
    assert all(after <= before + 1 for before, after in pairwise(depths))


def test_a_long_chain_and_a_ring_end_soon():
    chain = [(str(i), str(i + 1)) for i in range(300)]
    order, _ = drivers.walk([("", "0"), *chain])
    assert max(order.values()) == 300
    order, edges = drivers.walk([*chain, ("300", "0")])
    assert len(order) == 301 and len(edges) == 300

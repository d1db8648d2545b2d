"""Who could talk to whom: what teams said comes first, every limit holds, and every reason is a fact."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.gaps import gains, gaps
from qitools.analysis.learning import LOAD, said, talks
from qitools.analysis.topics import shared_words
from qitools.collaborative.records import DRIVERS, OFFERS, PDSA, Records, empty

MONTHS = pd.date_range("2023-01-01", periods=36, freq="MS")
AS_OF = MONTHS[-1]


def rows(columns: dict[str, str], *given: dict[str, Any]) -> pd.DataFrame:
    """A table of records, "" or no date where nothing is given."""
    table = pd.DataFrame([{name: one.get(name, "") for name in columns} for one in given], columns=list(columns))
    dates = {name: pd.to_datetime(table[name]) for name, kind in columns.items() if kind.startswith("datetime")}
    return table.assign(**dates) if given else empty(columns)


def level(i: int) -> float:
    """A steady percentage that differs a little between teams, and moves a little from month to month."""
    return 70 + i % 4


@cache
def analysed(teams: int) -> qi.Analysis:
    """Teams with two measures: on checks a00 and a01 improve, a02 goes the wrong way and a03 lies far behind."""
    made = []
    for measure in ("checks", "waits"):
        for i in range(teams):
            for m, month in enumerate(MONTHS):
                value = level(i) + (m * 7 % 5 - 2)
                if measure == "checks":
                    value += ({0: 20, 1: 18, 2: -25}.get(i, 0) if m >= 18 else 0) - (40 if i == 3 else 0)
                made.append({"team": f"a{i:02}", "measure": measure, "date": month, "numerator": value})
    table = pd.DataFrame(made).assign(denominator=100)
    return qi.analyse(table, better="higher", per=100, period="month", chart="run")


def collaborative(
    offers: Any = (), pdsa: Any = (), drivers: Any = (), tags: Any = None, teams: int = 16
) -> qi.Analysis:
    """Those teams, with what they wrote down beside their figures."""
    found = analysed(teams)
    labels = found.teams.assign(tags=[(tags or {}).get(team, "") for team in found.teams["team"]])
    records = Records(offers=rows(OFFERS, *offers), pdsa=rows(PDSA, *pdsa), drivers=rows(DRIVERS, *drivers))
    return replace(found, teams=labels, records=records, method={**found.method, "as_of": AS_OF})


def say(team: str, kind: str, text: str = "", measure: str = "", driver: str = "", date: Any = AS_OF) -> dict[str, Any]:
    return {"team": team, "kind": kind, "text": text, "measure": measure, "driver": driver, "date": date}


def pairs(analysis: qi.Analysis, load: int = LOAD) -> list[tuple[str, str, str, str]]:
    return [(row.from_team, row.to_team, row.measure, row.kind) for row in talks(analysis, load).itertuples()]


def test_gaps_are_adverse_charts_and_levels_that_lie_behind() -> None:
    found = gaps(collaborative())
    assert [(row.team, row.measure, row.kind) for row in found.itertuples()] == [
        ("a02", "checks", "worsened"),
        ("a03", "checks", "level"),
    ]
    assert MONTHS[15] <= found["since"].iloc[0] <= MONTHS[18]
    assert found["likely"].iloc[1] > 0.99 and 0 < found["distance"].iloc[1] <= 2


def test_gains_are_sustained_improvements() -> None:
    found = gains(collaborative())
    assert [(row.team, row.measure) for row in found.itertuples()] == [("a00", "checks"), ("a01", "checks")]
    assert set(found["kind"]) <= {"bright", "sustained"}
    assert found["since"].between(MONTHS[15], MONTHS[18]).all()
    assert (found["on_side"] == found["periods"]).all() and found["periods"].between(18, 21).all()


def test_a_gain_has_lasted_and_is_of_an_outcome_or_a_process() -> None:
    whole = collaborative()
    aside = whole.measures.assign(kind=["balancing"] * len(whole.measures))
    assert gains(replace(whole, measures=aside)).empty
    value = whole.points["value"].where(
        (whole.points["team"] != "a00") | (whole.points["date"] < MONTHS[28]), whole.points["centre"] - 30
    )
    assert "a00" not in set(gains(replace(whole, points=whole.points.assign(value=value)))["team"])


def test_a_run_that_ended_is_a_gap_only_where_the_level_is_still_behind() -> None:
    whole = collaborative()
    wrong = (whole.series["measure"] == "checks") & whole.series["team"].isin(["a02", "a07"])
    series = whole.series.assign(
        verdict=whole.series["verdict"].astype(object).mask(wrong, "worsened"),
        signal_end=whole.series["signal_end"].mask(wrong, MONTHS[30]),
    )
    found = gaps(replace(whole, series=series))
    assert [(row.team, row.kind) for row in found.itertuples()] == [("a02", "went"), ("a03", "level")]
    assert found["likely"].min() >= 0.8


def test_measured_gaps_meet_sustained_gains_on_the_same_measure() -> None:
    assert pairs(collaborative()) == [("a02", "a00", "checks", "suggested"), ("a03", "a00", "checks", "suggested")]
    why = dict(talks(collaborative())["why"].iloc[0])
    assert why["worsened"] == gaps(collaborative())["since"].iloc[0]
    assert why["periods"] == tuple(gains(collaborative()).loc[0, ["on_side", "periods"]])


def test_an_ask_meets_an_offer_on_the_same_measure_driver_or_words() -> None:
    drivers = [{"node": "home", "parent": "aim", "kind": "driver", "level": 1, "name": "At home", "measure": ""}]
    offers = [
        say("a05", "ask", "How do you begin?", measure="waits"),
        say("a06", "ask", "Where to start", driver="home"),
        say("a07", "ask", "Getting families into reviews"),
        say("a08", "offer", "Our way", measure="waits"),
        say("a09", "offer", "A checklist", driver="home"),
        say("a10", "offer", "A script for the family review"),
    ]
    offers[-1]["text"] = "A script for families"
    table = talks(collaborative(offers, drivers=drivers))
    made = table[table["kind"] == "offered"]
    assert list(zip(made["from_team"], made["to_team"], strict=True)) == [
        ("a05", "a08"),
        ("a06", "a09"),
        ("a07", "a10"),
    ]
    reasons = [[code for code, _ in why if code.startswith("same")] for why in made["why"]]
    assert reasons == [["same_measure"], ["same_driver"], ["same_words"]]
    assert dict(made["why"].iloc[2])["same_words"] == ("families",)


def test_a_driver_stands_for_its_measure() -> None:
    drivers = [{"node": "home", "parent": "aim", "kind": "driver", "level": 1, "name": "At home", "measure": "waits"}]
    offers = [say("a05", "ask", "One", driver="home"), say("a06", "offer", "Two", measure="waits")]
    assert pairs(collaborative(offers, drivers=drivers))[0] == ("a05", "a06", "waits", "offered")


def test_nobody_talks_to_themselves_and_other_subjects_do_not_meet() -> None:
    offers = [
        say("a05", "ask", "Nights", measure="waits"),
        say("a05", "offer", "Nights", measure="waits"),
        say("a06", "offer", "Something else entirely", measure="checks"),
    ]
    assert not [pair for pair in pairs(collaborative(offers)) if pair[3] == "offered"]


def test_an_old_ask_or_offer_is_not_acted_on() -> None:
    old = AS_OF - pd.DateOffset(years=1)
    offers = [say("a05", "ask", measure="waits", date=old), say("a06", "offer", measure="waits")]
    assert not [pair for pair in pairs(collaborative(offers)) if pair[3] == "offered"]
    asks, made = said(collaborative(offers))
    assert (len(asks), len(made)) == (0, 1)


@pytest.mark.parametrize("load", [1, 2, 3])
def test_nobody_is_asked_to_talk_to_more_teams_than_the_load(load: int) -> None:
    offers = [say(f"a{i:02}", "ask", measure="checks") for i in range(4, 12)] + [say("a00", "offer", measure="checks")]
    analysis = collaborative(offers)
    busy = Counter(giver for _, giver, *_ in pairs(analysis, load))
    assert max(busy.values()) <= load
    assert busy["a00"] == load
    assert Counter(kind for *_, kind in pairs(analysis, load))["offered"] == load


def test_what_teams_said_themselves_comes_first_and_leaves_what_is_left_to_the_figures() -> None:
    offers = [
        say("a04", "ask", measure="checks"),
        say("a05", "ask", measure="checks"),
        say("a00", "offer", measure="checks"),
    ]
    found = pairs(collaborative(offers))
    assert [pair[3] for pair in found] == ["offered"] * 2 + ["suggested"] * 2
    assert {pair[1] for pair in found[:2]} == {"a00"}
    assert {pair[1] for pair in found[2:]} == {"a01"}  # the load of a00 is spent


def test_an_ask_without_an_offer_is_met_from_the_figures_before_a_gap_is() -> None:
    offers = [say("a09", "ask", "Checks at weekends", measure="checks")]
    found = talks(collaborative(offers), load=1)
    assert ("a09" in set(found["from_team"])) and set(found["kind"]) == {"suggested"}
    assert dict(found[found["from_team"] == "a09"]["why"].iloc[0])["asked"] == "Checks at weekends"


def test_an_idea_not_tried_yet_and_shared_context_choose_between_givers() -> None:
    pdsa = [
        {
            "team": "a01",
            "measure": "checks",
            "idea": "Second checker",
            "start": MONTHS[17],
            "decision": "adopt",
            "cycle": 1,
        },
        {
            "team": "a03",
            "measure": "checks",
            "idea": "second  Checker",
            "start": MONTHS[20],
            "decision": "",
            "cycle": 1,
        },
    ]
    table = talks(collaborative(pdsa=pdsa, tags={"a00": "acute", "a03": "acute, small"})).set_index("from_team")
    assert table["to_team"].to_dict() == {"a02": "a01", "a03": "a00"}
    assert dict(table.loc["a02", "why"])["idea"] == "Second checker"
    assert "idea" not in dict(table.loc["a03", "why"])
    assert dict(table.loc["a03", "why"])["tags"] == ("acute",)


def test_an_idea_given_up_is_not_held_up() -> None:
    pdsa = [{"team": "a00", "measure": "checks", "idea": "X", "start": MONTHS[17], "decision": "abandon", "cycle": 1}]
    assert all("idea" not in dict(why) for why in talks(collaborative(pdsa=pdsa))["why"])


def test_the_same_pairs_every_time_whatever_the_order_of_the_rows() -> None:
    offers = [say(f"a{i:02}", "ask", measure="checks") for i in (6, 4, 5)] + [say("a00", "offer", measure="checks")]
    assert pairs(collaborative(offers)) == pairs(collaborative(offers[::-1]))
    assert talks(collaborative(offers)).equals(talks(collaborative(offers)))


def test_nothing_to_match() -> None:
    quiet = collaborative(teams=2)
    assert talks(replace(quiet, series=quiet.series.iloc[:0], points=quiet.points.iloc[:0])).empty
    with pytest.raises(ValueError, match="load"):
        talks(quiet, load=0)


def test_a_team_that_stopped_reporting_neither_gives_nor_needs() -> None:
    whole = collaborative()
    left = replace(whole, series=whole.series.assign(current=~whole.series["team"].isin(["a00", "a02"])))
    assert {pair[:2] for pair in pairs(left)} == {("a03", "a01")}


def test_measures_without_a_better_side_make_no_pairs() -> None:
    whole = collaborative()
    assert pairs(replace(whole, measures=whole.measures.assign(better="neither"))) == []


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("Pharmacist reviews", "A pharmacy review", ("pharmacist", "reviews")),
        ("Night staff", "Staff at night", ("night",)),
        ("Our team would like help", "Happy to help other teams", ()),
        ("", "anything", ()),
        ("Làimh is gàirdean", "làimh", ("làimh",)),
    ],
)
def test_words_that_tell_a_subject(one: str, other: str, words: tuple[str, ...]) -> None:
    assert shared_words(one, other) == words

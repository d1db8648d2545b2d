"""Who could talk to whom, in words: each view holds what its readers may read, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.gaps import gaps
from qitools.analysis.learning import talks
from qitools.collaborative.records import OFFERS, Records, empty
from qitools.errors import ParameterError
from qitools.views import wording_learning as words

NAMES = {"a": "Ash", "b": "Oak"}
MEASURES = {"falls": "Falls"}
MONTH = {"period": "month"}
FORBIDDEN = ("worst", "best", "caused", "saved", "failing", "poor")
SINCE, THEN = pd.Timestamp("2025-03-01"), pd.Timestamp("2025-12-01")


def said(*why: Any, measure: str = "falls", unnamed: bool = False) -> str:
    pair = {"from_team": "a", "to_team": "b", "measure": measure, "why": why}
    return "".join(words.talk_sentence(pair, NAMES, MEASURES, MONTH, unnamed))


def without_offers(analysis: Any) -> Any:
    return replace(analysis, records=Records())


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ([("same_measure", "falls"), ("ask", "Nights?"), ("offer", "Rounds")],
         "Ash would like help (“Nights?”) and Oak has something to share (“Rounds”)."),
        ([("same_words", ("night",)), ("ask", "At night"), ("offer", "Night rounds"), ("tags", ("acute", "small"))],
         "Ash would like help (“At night”) and Oak has something to share (“Night rounds”); both speak of “night”; "
         "both are tagged “acute” and “small”."),
        ([("worsened", SINCE), ("bright", SINCE), ("periods", (9, 9))],
         "Ash has been going the wrong way since March 2025 and Oak has a sustained improvement since March 2025, not "
         "explained by small numbers, on the better side in 9 of 9 months."),
        ([("went", (SINCE, THEN)), ("sustained", THEN), ("periods", (8, 10)), ("idea", "Huddles")],
         "Ash went the wrong way from March 2025 to December 2025 and Oak has a sustained improvement since December "
         "2025, on the better side in 8 of 10 months; Oak has tried “Huddles”, which Ash has not written "
         "down."),
        ([("worsened", pd.NaT), ("sustained", pd.NaT), ("periods", (1, 1))],
         "Ash has been going the wrong way and Oak has a sustained improvement, on the better side in 1 of 1 month."),
        ([("moving_back", pd.NaT), ("offers", "Rounds")],
         "Ash improved earlier and is now moving back and Oak has something to share (“Rounds”)."),
        ([("level", pd.NaT), ("offers", "Rounds")],
         "Ash shows no sustained change at a level behind that of a typical team and Oak has something to share "
         "(“Rounds”)."),
        ([("asked", "Nights?"), ("offers", "Rounds")],
         "Ash would like help (“Nights?”) and Oak has something to share (“Rounds”)."),
    ],
)  # fmt: skip
def test_a_pair_in_one_sentence(why: Any, expected: str) -> None:
    assert said(*why) == f"Ash could talk to Oak about Falls, because {expected}"


def test_a_pair_without_a_measure_and_one_whose_giver_is_not_named() -> None:
    assert said(("ask", "A"), ("offer", "B"), measure="").startswith("Ash could talk to Oak, because")
    hidden = said(("worsened", SINCE), ("bright", SINCE), ("periods", (9, 9)), unnamed=True)
    assert hidden.startswith("Ash could talk to a team that your facilitator can name about Falls, because")
    assert "Oak" not in hidden and "that team has a sustained improvement" in hidden


@pytest.mark.parametrize(
    ("pairs", "asks", "offers", "expected"),
    [
        (0, 0, 0, "Nobody has written down an offer or an ask yet: each team could name one thing it has to share, and "
         "one it would like help with."),
        (0, 1, 0, "1 ask has been written down, and no offer yet."),
        (1, 1, 1, "1 ask and 1 offer have been written down; 1 pair of teams could talk."),
        (2, 3, 4, "3 asks and 4 offers have been written down; 2 pairs of teams could talk."),
        (0, 0, 1, "1 offer has been written down, and no ask yet."),
        (0, 2, 0, "2 asks have been written down, and no offer yet."),
        (0, 2, 1, "2 asks and 1 offer have been written down; no ask meets an offer yet."),
    ],
)  # fmt: skip
def test_how_many_said_what(pairs: int, asks: int, offers: int, expected: str) -> None:
    assert words.talk_title(pairs, asks, offers) == expected


def test_the_room_holds_nothing_the_figures_say_of_anybody(falls: Any) -> None:
    room, table = qi.talk(falls), talks(falls)
    whole = str(room) + room._repr_html_()
    assert whole.count("could talk to") == 2 * (table["kind"] == "offered").sum() > 0
    for words_of_figures in ("wrong way", "sustained", "moving back", "level behind", "facilitator", "better side"):
        assert words_of_figures not in whole, words_of_figures
    written = set(falls.records.offers["team"])
    silent = falls.teams[~falls.teams["team"].isin(written)]
    assert len(silent) and not [name for name in silent["name"] if str(name) in whole]


def test_without_offers_and_asks_the_room_reads_how_to_make_some_and_the_rest_is_the_facilitators(falls: Any) -> None:
    quiet = without_offers(falls)
    room = qi.talk(quiet)._repr_html_()
    assert "Nobody has written down an offer or an ask yet" in room and "sources.offers" in room
    assert not [name for name in falls.teams["name"] if str(name) in room]
    prepared = qi.talk(quiet, view="facilitator")._repr_html_()
    assert prepared.count("could talk to") == len(talks(quiet)) > 0


def test_the_facilitator_reads_suggestions_and_gaps(falls: Any) -> None:
    prepared = str(qi.talk(falls, view="facilitator"))
    assert prepared.count("could talk to") == len(talks(falls))
    (table,) = [part for part in qi.talk(falls, view="facilitator").parts if "gaps" in str(part).split("\n")[0]]
    assert len(table.frame) == len(gaps(falls))


def test_a_team_reads_its_own_pairs_and_no_other_gap(falls: Any) -> None:
    table, names = talks(falls), dict(zip(falls.teams["team"], falls.teams["name"], strict=True))
    suggested = table[table["kind"] == "suggested"]
    shares = dict(zip(falls.teams["team"], falls.teams["share"], strict=True))
    for team in falls.teams["team"]:
        own = str(qi.talk(falls, team=team))
        mine = table[(table["from_team"] == team) | (table["to_team"] == team)]
        partners = {*mine["from_team"], *mine["to_team"]}
        assert not [name for one, name in names.items() if one not in {*partners, team} and name in own]
        for pair in suggested[suggested["to_team"] == team].itertuples():
            if pair.from_team not in set(
                mine.loc[mine["kind"] == "offered", ["from_team", "to_team"]].to_numpy().ravel()
            ):
                assert names[pair.from_team] not in own
        for pair in suggested[suggested["from_team"] == team].itertuples():
            assert (names[pair.to_team] in own) or not shares[pair.to_team]


def test_a_team_without_a_pair_is_asked_what_it_could_share(falls: Any) -> None:
    paired = {*talks(falls)["from_team"], *talks(falls)["to_team"]}
    alone = next(str(team) for team in falls.teams["team"] if team not in paired)
    assert str(qi.talk(falls, team=alone)).startswith(words.OWN_NONE.split("{")[0])


def test_what_is_written_is_escaped(falls: Any) -> None:
    rows = [
        {
            "team": team,
            "kind": kind,
            "text": "<script>alert(1)</script> night",
            "measure": "falls_rate",
            "date": falls.method["as_of"],
        }
        for team, kind in zip(falls.teams["team"][:3], ("ask", "offer", "offer"), strict=True)
    ]
    offers = pd.concat([empty(OFFERS), pd.DataFrame(rows)]).fillna({"driver": "", "session": ""})
    for view in ("room", "facilitator"):
        shown = qi.talk(replace(falls, records=Records(offers=offers)), view=view)._repr_html_()
        assert "<script>" not in shown and "&lt;script&gt;alert(1)&lt;/script&gt; night" in shown


def test_no_word_shames(falls: Any) -> None:
    whole = " ".join([str(qi.talk(falls, view="facilitator")), str(qi.bright_spots(falls, view="facilitator"))]).lower()
    assert not [word for word in FORBIDDEN if word in whole]


def test_a_name_or_view_nobody_knows_is_refused(falls: Any) -> None:
    with pytest.raises(ParameterError, match="view"):
        qi.talk(falls, view="everybody")
    with pytest.raises(ParameterError, match="team"):
        qi.talk(falls, team="nobody")


def test_the_most_that_is_asked_is_of_those_who_share() -> None:
    """The cap is on givers: a team may ask on as many measures as it likes."""
    said = words.SUGGESTED.format(load=2)
    assert "Nobody is asked to share with more than 2 teams." in said and "to talk to" not in said

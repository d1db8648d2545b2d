"""Every sentence on tests of change, drivers and scores, by table: none, one, two, many; honest words only."""

from __future__ import annotations

import itertools
from typing import Any

import pandas as pd
import pytest

from qitools.views import wording_drivers, wording_scores, wording_tests

SHAMING = ("worst", "failing", "best", "caused", "saved", "poor", "league", "failed", "late")
METHOD = {"period": "month", "rules": "his-2025", "simulated": False}
SIMULATED = {**METHOD, "simulated": True}
TEAM = {"team": "a", "name": "Glenmore Ward", "period": ""}


def cycle(state: str = "adopt", **given: Any) -> dict[str, Any]:
    row = {
        "team": "a",
        "state": state,
        "idea": "Huddle",
        "chain": "Huddle",
        "scale": "",
        "prediction": "",
        "result": "",
    }
    row |= {"start": pd.Timestamp("2025-03-03"), "end": pd.Timestamp("2025-03-14"), "days": 12.0, "owner": "Nurse"}
    return row | {"agreed": True} | given


COUNTS = [
    ([], "no tests of change yet"),
    (["adopt"], "1 test of change, adopted"),
    (["under_way"], "1 test of change, under way"),
    (["adopt", "adopt"], "2 tests of change: 2 adopted"),
    (["adopt", "undecided"], "2 tests of change: 1 adopted and 1 done and not decided yet"),
    (["planned", "abandon", "adapt"], "3 tests of change: 1 adapted, 1 abandoned and 1 agreed and not begun"),
]


@pytest.mark.parametrize(("states", "words"), COUNTS)
def test_tests_are_counted(states: list[str], words: str) -> None:
    assert wording_tests.counted_tests([cycle(state) for state in states]) == words


NOTES = [
    ({}, "3 Mar 2025 to 14 Mar 2025: Huddle. Adopted."),
    ({"idea": "", "chain": "Ramp"}, "3 Mar 2025 to 14 Mar 2025: Ramp. Adopted."),
    ({"end": pd.Timestamp("2025-03-03")}, "3 Mar 2025: Huddle. Adopted."),
    ({"state": "under_way", "end": pd.NaT}, "from 3 Mar 2025: Huddle. Under way."),
    ({"state": "planned", "start": pd.NaT, "end": pd.NaT}, "no date yet: Huddle. Agreed, not begun."),
    (
        {"scale": "one bay", "prediction": "Four of five.", "result": "Three of five", "state": "adapt"},
        "3 Mar 2025 to 14 Mar 2025: Huddle (one bay). Predicted: Four of five. Found: Three of five. Adapted.",
    ),
    ({"result": "Did it last?"}, "3 Mar 2025 to 14 Mar 2025: Huddle. Found: Did it last? Adopted."),
]


@pytest.mark.parametrize(("given", "words"), NOTES)
def test_a_cycle_in_a_line(given: dict[str, Any], words: str) -> None:
    assert wording_tests.cycle_note(cycle(**given)) == words


SINCE = [
    ("", [], "No learning session has been held yet, so there is nothing to look back on."),
    (
        "Session 2",
        [],
        "No tests of change were agreed at Session 2, 10 June 2025, or begun since. "
        "What will be tested next, by whom, and by when?",
    ),
    ("Session 2", [cycle()], "At Session 2, 10 June 2025, 1 test was agreed; it was adopted."),
    ("Session 2", [cycle("under_way")], "At Session 2, 10 June 2025, 1 test was agreed; it is under way."),
    (
        "Session 2",
        [cycle(), cycle("adapt"), cycle("adopt", agreed=False)],
        "At Session 2, 10 June 2025, 2 tests were agreed: 1 adopted and 1 adapted. "
        "Since then 1 more test was begun; it was adopted.",
    ),
    (
        "Session 2",
        [cycle(agreed=False), cycle("under_way", agreed=False)],
        "At Session 2, 10 June 2025, no tests were recorded as agreed. "
        "Since then 2 tests were begun: 1 adopted and 1 under way.",
    ),
    (
        "Session 2",
        [cycle(), cycle("under_way", agreed=False), cycle("planned", agreed=False)],
        "At Session 2, 10 June 2025, 1 test was agreed; it was adopted. "
        "Since then 2 more tests were begun or agreed: 1 under way and 1 agreed and not begun.",
    ),
]


@pytest.mark.parametrize(("session", "rows", "words"), SINCE)
def test_since_last_time(session: str, rows: list[dict[str, Any]], words: str) -> None:
    assert wording_tests.since_sentence(session, "2025-06-10", rows) == words


COMMITMENTS = [
    (
        [],
        "No test of change is agreed or under way at present. What will be tested next, by whom, and by when?",
    ),
    ([cycle()], "1 test of change is agreed or under way, in 1 team."),
    ([cycle(owner="")], "1 test of change is agreed or under way, in 1 team. Nobody is named for it yet."),
    ([cycle(), cycle(team="b")], "2 tests of change are agreed or under way, in 2 teams."),
    (
        [cycle(), cycle(owner=""), cycle(owner="")],
        "3 tests of change are agreed or under way, in 1 team. For 2 of them nobody is named yet.",
    ),
]


@pytest.mark.parametrize(("rows", "words"), COMMITMENTS)
def test_commitments_are_read_back(rows: list[dict[str, Any]], words: str) -> None:
    assert wording_tests.commitments_sentence(rows) == words


def tallied(*numbers: int) -> list[dict[str, Any]]:
    """A team for each number, all its tests adopted."""
    return [{"tests": n, **dict.fromkeys(wording_tests.TALLIED, 0), "adopt": n} for n in numbers]


TALLIES = [
    ((0, 0), float("nan"), wording_tests.NO_LOG),
    ((1,), 12.0, "1 test of change by the one team: 1 adopted. Half of the cycles done took 12 days or less."),
    (
        (2, 3),
        12.5,
        "5 tests of change by 2 of 2 teams: 5 adopted. Half of the cycles done took 12.5 days or less.",
    ),
    (
        (2, 0),
        1.0,
        "2 tests of change by 1 of 2 teams: 2 adopted. Half of the cycles done took 1 day or less. "
        "1 team has recorded none yet.",
    ),
    (
        (2, 0, 0),
        float("nan"),
        "2 tests of change by 1 of 3 teams: 2 adopted. No cycle is done yet. 2 teams have recorded none yet.",
    ),
]


@pytest.mark.parametrize(("numbers", "days", "words"), TALLIES)
def test_all_tests_together(numbers: tuple[int, ...], days: float, words: str) -> None:
    assert wording_tests.tally_sentence(tallied(*numbers), days, METHOD) == words


UNTESTED = [
    ([], 0, wording_tests.NO_DRIVERS),
    ([], 3, "Every driver has been tested at least once."),
    (["Rounding"], 3, "No tests yet for 1 of 3 drivers: Rounding."),
    (["Rounding", "Beds"], 2, "No tests yet for 2 of 2 drivers: Rounding and Beds."),
]


@pytest.mark.parametrize(("names", "drivers", "words"), UNTESTED)
def test_drivers_without_tests(names: list[str], drivers: int, words: str) -> None:
    assert wording_tests.untested_sentence(names, drivers) == words


def node(state: str, kind: str = "driver", **given: Any) -> dict[str, Any]:
    verdict = {"sustained": "improved", "improving": "candidate", "worsening": "worsened", "unmeasured": ""}
    row = {"kind": kind, "state": state, "name": "Rounding", "level": 1, "verdict": verdict.get(state, "no_signal")}
    row |= {"strength": "", "variation": "", "over": False, "teams": 28, "improved": 12, "worsened": 2, "tests": 0}
    return row | {"adopted": 0} | given


NODES = [
    (node("unmeasured"), "Not measured; not tested yet"),
    (node("unmeasured", tests=1), "Not measured; tested once"),
    (node("unmeasured", tests=2, adopted=1), "Not measured; tested twice, 1 adopted"),
    (node("untested"), "Not tested yet; no improvement overall yet; improved in 12 of 28 teams"),
    (node("tested", tests=3), "Tested 3 times; no improvement overall yet; improved in 12 of 28 teams"),
    (
        node("tested", tests=3, improved=0),
        "Tested 3 times; no improvement overall yet; improved in none of 28 teams",
    ),
    (
        node("tested", tests=3, verdict="mixed"),
        "Tested 3 times; improved earlier, now moving back; improved in 12 of 28 teams",
    ),
    (
        node("tested", tests=1, verdict="worsened", over=True),
        "Tested once; went the wrong way; improved in 12 of 28 teams",
    ),
    (node("tested", tests=1, teams=1), "Tested once; no improvement overall yet"),
    (
        node("untested", verdict="too_few", teams=0),
        "Not tested yet; too few points to say",
    ),
    (
        node("improving", tests=5, adopted=2),
        "Possible improvement, too early to say; improved in 12 of 28 teams; tested 5 times, 2 adopted",
    ),
    (
        node("sustained", tests=34, adopted=9),
        "Sustained improvement; improved in 12 of 28 teams; tested 34 times, 9 adopted",
    ),
    (node("worsening", tests=1), "Going the wrong way; in 2 of 28 teams; tested once"),
    (node("untested", "idea", verdict=""), "Not tested yet"),
    (node("tested", "idea", verdict="", tests=4, adopted=1), "Tested 4 times, 1 adopted"),
]


@pytest.mark.parametrize(("row", "words"), NODES)
def test_a_node_in_words(row: dict[str, Any], words: str) -> None:
    assert wording_drivers.node(row) == words


DIAGRAMS = [
    ([], "No driver diagram yet"),
    ([node("sustained", "aim")], "The aim has no drivers yet"),
    ([node("tested")], "1 driver, no sustained improvement yet"),
    ([node("sustained")], "Of 1 driver, 1 shows a sustained improvement"),
    (
        [node("sustained"), node("sustained"), node("untested"), node("unmeasured"), node("unmeasured")],
        "Of 5 drivers, 2 show a sustained improvement, 1 has not been tested yet and 2 are not measured",
    ),
]


@pytest.mark.parametrize(("rows", "words"), DIAGRAMS)
def test_the_diagram_has_its_finding_as_title(rows: list[dict[str, Any]], words: str) -> None:
    assert wording_drivers.drivers_title(rows) == words


def test_the_diagram_in_a_sentence() -> None:
    rows = [
        node("tested", "aim", name="Fewer falls.", tests=3),
        node("worsening", name="Beds"),
        node("unmeasured", name="Rounding"),
        node("tested", "idea", name="Huddle", tests=3),
        node("untested", "idea", name="Lights"),
    ]
    assert wording_drivers.drivers_sentence(rows, SIMULATED) == (
        "Fewer falls: 2 drivers and 2 change ideas. Going the wrong way: Beds. Not measured: Rounding. "
        "1 change idea of 2 tested. These are simulated data."
    )
    assert wording_drivers.drivers_sentence([], METHOD) == wording_drivers.NO_TREE


KINDS = [
    ({"kind": "aim", "level": 0}, "Aim"),
    ({"kind": "driver", "level": 1}, "Primary driver"),
    ({"kind": "driver", "level": 2}, "Secondary driver"),
    ({"kind": "driver", "level": 3}, "Driver"),
    ({"kind": "idea", "level": 1}, "Change idea"),
]


@pytest.mark.parametrize(("row", "words"), KINDS)
def test_what_a_node_is(row: dict[str, Any], words: str) -> None:
    assert wording_drivers.kind(row) == words


def month(date: str, teams: int, low: float, high: float, modest: int, significant: int) -> dict[str, Any]:
    return {"date": date, "teams": teams, "median_low": low, "median_high": high} | {
        "modest": modest,
        "significant": significant,
    }


ROOMS = [
    (
        [month("2026-03-01", 1, 2.0, 2.0, 0, 0)],
        1,
        "March 2026: the one team gave itself a progress score. The middle score is 2.0: 0 at 3.0 (modest improvement) "
        "or more, 0 at 4.0 (significant improvement) or more.",
    ),
    (
        [month("2025-03-01", 20, 1.0, 1.5, 0, 0), month("2026-03-01", 24, 2.5, 2.5, 10, 3)],
        28,
        "March 2026: 24 of 28 teams gave themselves a progress score. The middle score is 2.5: 10 at 3.0 (modest "
        "improvement) or more, 3 at 4.0 (significant improvement) or more. In March 2025 the middle was 1.0 to 1.5.",
    ),
]


@pytest.mark.parametrize(("months", "teams", "words"), ROOMS)
def test_scores_of_the_room(months: list[dict[str, Any]], teams: int, words: str) -> None:
    assert wording_scores.room_sentence(months, teams, METHOD) == words


TITLES = [
    ((24, 10), "10 of 24 teams score 3.0 (modest improvement) or more"),
    ((24, 1), "1 of 24 teams scores 3.0 (modest improvement) or more"),
    ((24, 24), "All 24 teams score 3.0 (modest improvement) or more"),
    ((1, 1), "The one team scores 3.0 (modest improvement) or more"),
    ((24, 0), "No team scores 3.0 (modest improvement) or more yet"),
]


@pytest.mark.parametrize(("numbers", "words"), TITLES)
def test_the_rooms_title(numbers: tuple[int, int], words: str) -> None:
    assert wording_scores.room_title([month("2026-03-01", numbers[0], 2.5, 2.5, numbers[1], 0)]) == words


def asked(code: str, score: float = 3.5, kind: str = "self", **given: Any) -> dict[str, Any]:
    return {"team": "a", "kind": kind, "score": score, "code": code, "other": 2.0} | given


PROMPTS = [
    ([], ""),
    (
        [asked("no_signal")],
        "Own score 3.5, and no chart shows improvement yet. What is seen that the charts do not show?",
    ),
    (
        [asked("no_signal"), asked("no_signal", 4.0, "faculty")],
        "Own score 3.5 and faculty score 4.0, and no chart shows improvement yet. "
        "What is seen that the charts do not show?",
    ),
    (
        [asked("under_claiming", 2.0, "faculty"), asked("apart")],
        "Faculty score 2.0, while a chart shows a sustained improvement. Is there something to share? "
        "Own score 3.5, and the faculty's is 2.0. What do the two see differently?",
    ),
]


@pytest.mark.parametrize(("rows", "words"), PROMPTS)
def test_prompts_for_the_facilitator(rows: list[dict[str, Any]], words: str) -> None:
    assert wording_scores.prompts(rows) == words


def test_a_question_for_each_prompt_but_what_is_the_facultys_to_say() -> None:
    from qitools.analysis.progress import LEVELS
    from qitools.analysis.progress import PROMPTS as CODES

    assert set(wording_scores.PROMPTS) == set(CODES)
    assert set(wording_scores.QUESTIONS) == set(CODES) - {"apart"}
    assert set(wording_scores.LEVELS) == set(LEVELS)
    assert all(words.endswith("?") for words in [*wording_scores.PROMPTS.values(), *wording_scores.QUESTIONS.values()])


def test_scores_of_a_team() -> None:
    own = [{"date": "2025-03-01", "score": 1.0}, {"date": "2026-03-01", "score": 3.0}]
    assert wording_scores.team_title(own, TEAM) == "Glenmore Ward: 3.0 Modest improvement"
    assert wording_scores.team_sentence(own, TEAM, METHOD) == (
        "Glenmore Ward scored itself 3.0 Modest improvement in March 2026. "
        "In March 2025 it was 1.0 Charter and team in place."
    )
    assert wording_scores.team_sentence(own[:1], TEAM, SIMULATED) == (
        "Glenmore Ward scored itself 1.0 Charter and team in place in March 2025. These are simulated data."
    )


def test_facilitators_title_counts_teams_once() -> None:
    assert wording_scores.facilitator_title([], 3) == "Scores and charts agree"
    assert (
        wording_scores.facilitator_title([asked("apart"), asked("no_signal")], 3)
        == "Scores and charts differ in 1 of 3 teams"
    )


def test_no_word_shames_or_claims() -> None:
    modules = (wording_tests, wording_drivers, wording_scores)
    constants = itertools.chain.from_iterable(vars(module).items() for module in modules)
    texts = [str(value).lower() for name, value in constants if name.isupper()]
    assert texts
    assert not [(word, text) for text in texts for word in SHAMING if f" {word}" in text]

"""Tests of change in words: what was tried, what was predicted and found, what is still open.

An abandoned test is a test that taught something; an open one is under way, not late. Nothing here says that a test
moved a figure: the picture puts both on one time axis, and the room talks about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.analysis.pdsa import DECISIONS
from qitools.views.numerals import capital, counted, joined, known, listed, period, plural
from qitools.views.wording_series import chart_sentence, chart_title, simulated

Row = Mapping[str, Any]
DECIDED = {
    "adopt": "Adopted",
    "adapt": "Adapted",
    "abandon": "Abandoned",
    "undecided": "Done, not decided yet",
    "under_way": "Under way",
    "planned": "Agreed, not begun",
}
TALLIED = {
    "adopt": "adopted",
    "adapt": "adapted",
    "abandon": "abandoned",
    "undecided": "done and not decided yet",
    "under_way": "under way",
    "planned": "agreed and not begun",
}
UNNAMED = "Test of change"
NO_TESTS = "No tests of change recorded yet."  # under the chart of a team
NO_LOG = "No tests of change have been recorded in this collaborative."
GIVE_LOG = (
    f"{NO_LOG} To see them here, on one time axis with the figures, give the log of PDSA cycles as sources.pdsa in the "
    "settings file: team, start and prediction, with end, result and decision as they come."
)
ONE_AXIS = (
    "Tests and figures share one time axis; that one follows the other is a question for the team, not an answer."
)
NO_SESSION = "No learning session has been held yet, so there is nothing to look back on."
NOTHING_SINCE = "No tests of change were agreed at {session}, {date}, or begun since."
NOTHING_AGREED = "No test of change is agreed or under way at present."
ASK_NEXT = "What will be tested next, by whom, and by when?"
SINCE_CAPTION = "Tests agreed at {session} or begun since"
OPEN_CAPTION = "Tests of change agreed or under way"
TALLY_CAPTION = "Tests of change of each team"
SCALE_CAPTION = "At what scale"
NOBODY = "Not named yet"
NO_UNTESTED = "Every driver has been tested at least once."
NO_DRIVERS = "There is no driver diagram to hold the tests against; the settings file may give one as drivers."


def idea_name(row: Row) -> str:
    """What a test is called: its change idea, else its chain.

    >>> idea_name({"idea": "", "chain": ""})
    'Test of change'
    """
    return str(row.get("idea") or row.get("chain") or UNNAMED)


def tally_words(states: Mapping[str, int]) -> str:
    """How many tests ended how, in a row of words; "" where there are none.

    >>> tally_words({"adopt": 2, "under_way": 1, "adapt": 0})
    '2 adopted and 1 under way'
    """
    return listed([f"{states[code]} {words}" for code, words in TALLIED.items() if states.get(code)])


def counted_tests(rows: Sequence[Row]) -> str:
    """How many tests, and what became of them; in lower case, for a title.

    >>> one, other = {"state": "adopt"}, {"state": "under_way"}
    >>> counted_tests([]), counted_tests([one]), counted_tests([one, other])
    ('no tests of change yet', '1 test of change, adopted', '2 tests of change: 1 adopted and 1 under way')
    """
    if not rows:
        return "no tests of change yet"
    if len(rows) == 1:
        return f"1 test of change, {TALLIED[rows[0]['state']]}"
    return f"{len(rows)} tests of change: {tally_words(_states(rows))}"


def cycles_title(series: Row, measure: Row, team: Row, method: Row, rows: Sequence[Row]) -> str:
    """What the chart shows, and how much has been tested."""
    return f"{chart_title(series, measure, team, method)}; {counted_tests(rows)}"


def cycles_sentence(series: Row, measure: Row, team: Row, method: Row, rows: Sequence[Row], left: int = 0) -> str:
    """What the chart shows, then the tests under it; ``left`` chains are not drawn."""
    shown = chart_sentence(series, measure, team, {**method, "simulated": False})
    told = f"{capital(counted_tests(rows))}{_pace(rows)}."
    hidden = (
        f"{capital(counted(left, 'earlier chain'))} {'is' if left == 1 else 'are'} in the table only." if left else ""
    )
    return joined(shown, told, hidden, ONE_AXIS if rows else "", simulated(method))


def lane_words(rows: Sequence[Row]) -> str:
    """What stands above a lane: the chain and how many cycles it has.

    >>> lane_words([{"chain": "Huddle"}]), lane_words([{"chain": ""}, {"chain": ""}])
    ('Huddle: 1 cycle', 'Test of change: 2 cycles')
    """
    return f"{rows[0]['chain'] or UNNAMED}: {counted(len(rows), 'cycle')}"


def cycle_note(row: Row) -> str:
    """One cycle in a line: when, what, how large, what was predicted, what was found, what was decided."""
    scale = f" ({row['scale']})" if row["scale"] else ""
    head = f"{dates(row)}: {idea_name(row)}{scale}."
    predicted = _quoted("Predicted", row["prediction"])
    found = _quoted("Found", row["result"])
    return joined(head, predicted, found, f"{DECIDED[row['state']]}.")


def dates(row: Row) -> str:
    """From when to when a cycle ran.

    >>> dates({"start": "2025-03-03", "end": "2025-03-14"}), dates({"start": "2025-03-03", "end": None})
    ('3 Mar 2025 to 14 Mar 2025', 'from 3 Mar 2025')
    """
    ends = [period(row[name], "day", short=True) for name in ("start", "end") if known(row[name])]
    if not ends:
        return "no date yet"
    return " to ".join(dict.fromkeys(ends)) if known(row["end"]) else f"from {ends[0]}"


def since_sentence(session: str, date: Any, rows: Sequence[Row]) -> str:
    """What has become of the tests agreed at the last session, and of those begun since; ``rows`` have ``agreed``."""
    if not session:
        return NO_SESSION
    place = {"session": session, "date": period(date, "day")}
    if not rows:
        return joined(NOTHING_SINCE.format(**place), ASK_NEXT)
    agreed = [row for row in rows if row["agreed"]]
    later = [row for row in rows if not row["agreed"]]
    where = f"At {place['session']}, {place['date']}"
    first = (
        f"{where}, {_were(agreed)} agreed{_became(agreed)}."
        if agreed
        else f"{where}, no tests were recorded as agreed."
    )
    done = "begun or agreed" if any(row["state"] == "planned" for row in later) else "begun"
    return joined(
        first, f"Since then {_were(later, 'more ' if agreed else '')} {done}{_became(later)}." if later else ""
    )


def commitments_sentence(rows: Sequence[Row]) -> str:
    """How many tests are agreed or under way, in how many teams.

    >>> commitments_sentence([]).partition(".")[0]
    'No test of change is agreed or under way at present'
    """
    if not rows:
        return joined(NOTHING_AGREED, ASK_NEXT)
    teams = counted(len({row["team"] for row in rows}), "team")
    verb = "is" if len(rows) == 1 else "are"
    nobody = sum(not row["owner"] for row in rows)
    open_ = f"For {nobody} of them nobody is named yet." if nobody and len(rows) > 1 else ""
    open_ = "Nobody is named for it yet." if nobody and len(rows) == 1 else open_
    return joined(f"{capital(counted(len(rows), 'test'))} of change {verb} agreed or under way, in {teams}.", open_)


def tally_sentence(rows: Sequence[Row], days: float, method: Row) -> str:
    """All tests of a collaborative: how many, by how many teams, what became of them, how long a cycle takes.

    ``rows`` are those of ``tally().teams``.
    """
    total, testing = sum(row["tests"] for row in rows), sum(row["tests"] > 0 for row in rows)
    if not total:
        return NO_LOG
    states = {code: sum(row[code] for row in rows) for code in TALLIED}
    teams = len(rows)
    by = "the one team" if teams == 1 else f"{testing} of {counted(teams, 'team')}"
    pace = f"Half of the cycles done took {_days(days)} or less." if known(days) else "No cycle is done yet."
    quiet = teams - testing
    none = f"{capital(counted(quiet, 'team'))} {'has' if quiet == 1 else 'have'} recorded none yet." if quiet else ""
    return joined(
        f"{capital(counted(total, 'test'))} of change by {by}: {tally_words(states)}.", pace, none, simulated(method)
    )


def untested_sentence(names: Sequence[str], drivers: int) -> str:
    """Drivers that no test has touched.

    >>> untested_sentence(["Rounding"], 4)
    'No tests yet for 1 of 4 drivers: Rounding.'
    """
    if not drivers:
        return NO_DRIVERS
    return (
        f"No tests yet for {len(names)} of {counted(drivers, 'driver')}: {listed(names, 8)}." if names else NO_UNTESTED
    )


def _states(rows: Sequence[Row]) -> dict[str, int]:
    return {code: sum(row["state"] == code for row in rows) for code in TALLIED}


def _were(rows: Sequence[Row], more: str = "") -> str:
    return f"{len(rows)} {more}{plural(len(rows), 'test')} {'was' if len(rows) == 1 else 'were'}"


def _became(rows: Sequence[Row]) -> str:
    """After a number of tests: what became of them."""
    if len(rows) == 1:
        state = rows[0]["state"]
        return f"; it {'was' if state in DECISIONS else 'is'} {TALLIED[state]}"
    return f": {tally_words(_states(rows))}"


def _pace(rows: Sequence[Row]) -> str:
    done = sorted(row["days"] for row in rows if known(row["days"]))
    return f"; half of the cycles done took {_days(done[len(done) // 2])} or less" if len(done) > 1 else ""


def _days(days: float) -> str:
    return f"{days:.0f} {plural(round(days), 'day')}" if days == round(days) else f"{days:.1f} days"


def _quoted(head: str, words: str) -> str:
    said = str(words).rstrip(". ")
    return f"{head}: {said}{'' if said.endswith(('?', '!', '…')) else '.'}" if said else ""

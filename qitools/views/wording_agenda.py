"""The session in words: its timetable, the vote before the reveal, stories, and the slip for the next test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.views.numerals import capital, counted, joined, known, period, value
from qitools.views.vocabulary import BETTER
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]

# ---- the timetable --------------------------------------------------------------------------------------------------

# The usual words of each section of an agenda: the headings of the session's page, too.
HEADINGS = {
    "welcome": "Welcome and aim",
    "since": "Since last time",
    "changing": "What is changing",
    "stories": "Teams tell their story",
    "break": "Break",
    "talk": "Who could talk to whom",
    "next_test": "Plan the next test",
    "commitments": "Commitments",
    "close": "Questions and close",
}
TIMETABLE = "The agenda"
TIMES = {"from": "From minute", "item": "Item", "minutes": "Minutes"}
NO_SESSION = "No session is in the settings yet; this is the usual agenda of two hours."
SHORT_CUT = "If there are only 20 minutes"
CUT = {
    "changing": "All teams together, and what each team's charts say",
    "stories": "One team tells its story",
    "commitments": "Commitments, read back",
}
PRIVATE = (
    "For the facilitator only. Measured gaps, scores and suggested matches are here to prepare the session: "
    "they are not for the screen, and not for passing on without the teams' agreement."
)


def session_sentence(session: Row | None, total: int, items: int) -> str:
    """Which session, how long it is, and whether its agenda fits.

    >>> session_sentence({"name": "Session 4", "date": "2026-10-14", "minutes": 120}, 120, 9)
    'Session 4, 14 October 2026: 9 items in 120 minutes.'
    >>> session_sentence({"name": "Session 4", "date": "2026-10-14", "minutes": 60}, 75, 9)
    'Session 4, 14 October 2026: 9 items in 60 minutes. They add up to 75 minutes, 15 more than there are.'
    """
    if session is None:
        return NO_SESSION
    there_are = int(session["minutes"])
    head = f"{session['name']}, {period(session['date'], 'day')}: {counted(items, 'item')} in {there_are} minutes."
    over, left = total - there_are, there_are - total
    if over > 0:
        return f"{head} They add up to {total} minutes, {over} more than there are."
    return f"{head} {capital(counted(left, 'minute'))} {'is' if left == 1 else 'are'} left open." if left else head


def clock(start: int, minutes: int) -> str:
    """When an item begins and ends, in minutes from the start; "" where its length is not said.

    >>> clock(20, 15), clock(0, 0)
    ('20–35', '')
    """
    return f"{start}–{start + minutes}" if minutes else ""


def break_sentence(minutes: int, following: str, next_minutes: int) -> str:
    """What is on the screen during the break.

    >>> break_sentence(10, "Who could talk to whom", 20)
    '10 minutes. Then: Who could talk to whom, 20 minutes.'
    """
    length = f"{counted(minutes, 'minute')}." if minutes else ""
    long = f", {counted(next_minutes, 'minute')}" if next_minutes else ""
    then = f"Then: {following}{long}." if following else ""
    return joined(length, then) or "As long as you need."


# ---- vote before the reveal -----------------------------------------------------------------------------------------

VOTE_TOO_SHORT = "There are too few points here to hide any and still see where they come from."
GUESSES = {
    "higher": "better, much the same, or going the wrong way",
    "lower": "better, much the same, or going the wrong way",
    "neither": "higher, much the same, or lower",
}


def vote_title(who: str) -> str:
    """A title that gives nothing away.

    >>> vote_title("All teams together")
    'All teams together: what happened next?'
    """
    return f"{who}: what happened next?"


def vote_sentence(measure: Row, who: str, periods: Sequence[str], last: int, method: Row) -> str:
    """What is shown while points are hidden, and what the room is asked; nothing of what is hidden.

    >>> vote_sentence({"name": "Falls rate", "better": "lower"}, "All teams together", ["Jan 2026", "Feb 2026"], 6, {})
    'Falls rate, all teams together, Jan 2026 to Feb 2026; lower is better. The next 6 points are hidden: vote first. \
Will they be better, much the same, or going the wrong way?'
    """
    who = who[:1].lower() + who[1:] if who == "All teams together" else who
    shown = " to ".join(dict.fromkeys([periods[0], periods[-1]]))
    hidden = "The next point is hidden" if last == 1 else f"The next {last} points are hidden"
    question = f"Will {'it' if last == 1 else 'they'} be {GUESSES[measure['better']]}?"
    return joined(
        f"{measure['name']}, {who}, {shown}; {BETTER[measure['better']]}. {hidden}: vote first.",
        question,
        simulated(method),
    )


# ---- stories and voices ---------------------------------------------------------------------------------------------

NO_STORIES = {
    "room": "No story may be shown here yet: a story needs the agreement of the person who tells it.",
    "facilitator": "No story may be shown yet. Stories are rows of the file that sources.stories names, each with the "
    "agreement of the person who tells it in its column consent.",
    "team": "No story from this team yet. What did a person you care for say this month?",
}
STORY_KINDS = {"story": "A story", "experience": "What people say of their care"}
OWN_ONLY = "For this team only: there is no agreement to show it elsewhere."
A_TEAM = "one of the teams"


def story_source(story: Row, team: str, method: Row) -> str:
    """Who tells a story, where and when.

    >>> story_source({"who": "A relative", "date": "2026-05-01"}, "Almara Ward", {"period": "month"})
    'A relative, Almara Ward, May 2026'
    """
    when = period(story["date"], "month" if method.get("period") == "month" else "day") if known(story["date"]) else ""
    return ", ".join(part for part in (str(story["who"]), team, when) if part)


def beside(measure: Row, series: Row | None, who: str, method: Row) -> str:
    """The number that stands beside a story: its measure's latest value; "" where there is none.

    >>> beside({"name": "Falls rate"}, {"latest": 4.2, "last": "2026-06-01"}, "", {"period": "month"})
    'Beside it, the numbers: Falls rate, 4.2 in June 2026.'
    """
    if series is None or not known(series["latest"]):
        return ""
    named = f"{measure['name']}, {who}" if who else str(measure["name"])
    latest = f"{value(series['latest'], measure)} in {period(series['last'], method)}"
    return f"Beside it, the numbers: {named}, {latest}."


# ---- the slip for the next test -------------------------------------------------------------------------------------

NEXT_TEST = "Our next test"
SLIP = {
    "idea": "What we will try",
    "prediction": "What we think will happen",
    "measure": "How we will know: measure",
    "scale": "How small: which people, which shift",
    "owner": "Who will do it (role)",
    "end": "By when we look at the result",
}
OPEN_TEST = "Filled in from the test under way: change what has changed."
BLANK_TEST = "No test is under way. One small test, soon, tells more than a large one later."

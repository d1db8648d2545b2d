"""The words about how a service runs: its counts, and what more work would do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.views.numerals import capital, counted, joined, known, listed, number, period, plural, share

if TYPE_CHECKING:
    from qitools.analysis.flow import Flow
    from qitools.analysis.queueing import Future

NO_FLOW = (
    "Nothing is known of demand, capacity, activity and queue: name a file of them under sources.flow in the settings "
    "file, with the columns team, date and those of demand, capacity, activity, queue and removals that there are."
)
NO_FUTURE = (
    "What more work would do cannot be worked out: that needs a queue, and eight periods of demand and activity."
)
TEAM, SCENARIO, ALL = "Team", "Work done", "All teams together"
NAMES = {
    "demand": "Demand (came in)",
    "capacity": "Capacity (could be done)",
    "activity": "Activity (was done)",
    "queue": "Queue (waiting at the end)",
    "removals": "Removed without being seen",
}
SHORT = {"demand": "demand", "capacity": "capacity", "activity": "activity", "queue": "queue", "removals": "removals"}
IMPLIED = (
    "Demand was not sent; it is worked out as the change of the queue plus what was done, so it is net of removals."
)
BACKLOG_HEADS = ("Demand less activity, added up", "Queue; dashes: by the other counts")
KINDS = {"none": "No signal"}
QUEUE_SAYS = {
    "improved": "The queue has become shorter: a sustained shift.",
    "worsened": "The queue has become longer: a sustained shift.",
    "mixed": "The queue became shorter and is now moving back.",
    "candidate": "The queue may be changing; it is too early to say.",
    "too_few": "There are too few points to say whether the queue changes.",
}
QUEUE_STAYS = "The queue shows no sustained shift."


QUEUE_CAVEAT = "A queue adds up over time: a signal says on which side of the median it lay, not which way it is going."


def whose(name: str) -> str:
    return "" if name == ALL else f"{name}: "


# ---- demand, capacity, activity, queue ------------------------------------------------------------------------------


def absent(found: Flow) -> list[str]:
    """The columns that nobody sent."""
    return [SHORT[name] for name in ("demand", "capacity", "activity", "queue") if name not in found.given]


def dcaq_title(found: Flow, sums: Mapping[str, float], name: str) -> str:
    if not known(sums["queue"]):
        return f"{whose(name)}demand, capacity and activity" if whose(name) else "Demand, capacity and activity"
    weeks = f", {sums['weeks']:.0f} {plural(round(sums['weeks']), 'week')} of work" if known(sums["weeks"]) else ""
    return f"{whose(name)}{number(sums['queue'])} people waiting{weeks}"


def dcaq_subtitle(found: Flow) -> str:
    lacking = absent(found)
    teams = f"{counted(found.teams, 'team')}. " if found.teams > 1 else ""
    return f"{teams}Each {found.period}." + (f" Not sent: {listed(lacking)}." if lacking else "")


def dcaq_sentence(found: Flow, sums: Mapping[str, float], verdict: str, name: str) -> str:
    last = found.table.loc[found.table["queue"].notna(), "date"]
    queue = ""
    if len(last):
        weeks = f", as many as are seen in {sums['weeks']:.0f} weeks" if known(sums["weeks"]) else ""
        queue = f"{name}: {number(sums['queue'])} people were waiting in {period(last.iloc[-1], found.period)}{weeks}."
    lacking = [one for one in absent(found) if not (found.implied and one == "demand")]
    return joined(
        queue or f"{name}: the queue is not known.",
        QUEUE_SAYS.get(verdict, QUEUE_STAYS) if queue else "",
        QUEUE_CAVEAT if queue and verdict else "",
        _balance(found, sums),
        _use(found, sums),
        IMPLIED if found.implied else "",
        f"Not sent, and so not judged: {listed(lacking)}." if lacking else "",
    )


def _balance(found: Flow, sums: Mapping[str, float]) -> str:
    if not (known(sums["demand"]) and known(sums["activity"])):
        return ""
    more = sums["demand"] - sums["activity"]
    if abs(more) < 0.005 * max(sums["demand"], 1):
        return f"In the past year as much was done as came in, about {number(sums['demand'])} a {found.period}."
    side = "less" if more > 0 else "more"
    pair = f"{number(sums['activity'])} a {found.period} against {number(sums['demand'])}"
    return f"In the past year {side} was done than came in: {pair}."


def _use(found: Flow, sums: Mapping[str, float]) -> str:
    return f"{share(sums['utilisation'])} of capacity was used." if known(sums["utilisation"]) else ""


def backlog_title(found: Flow, name: str) -> str:
    rows = found.table["backlog"].dropna()
    if rows.empty:
        return f"{whose(name)}demand less activity is not known"
    side = "more came in than was done" if rows.iloc[-1] > 0 else "more was done than came in"
    return capital(f"{whose(name)}{number(abs(rows.iloc[-1]))} {side}")


def backlog_sentence(found: Flow, name: str) -> str:
    rows, failures = found.table.dropna(subset=["backlog"]), found.failures
    if rows.empty:
        return f"{name}: demand and activity are not both known, so they cannot be held against each other."
    since = period(rows["date"].iloc[0], found.period)
    total = float(rows["backlog"].iloc[-1])
    side = "more came in than was done" if total > 0 else "more was done than came in"
    removed = rows["removals"].sum() if "removals" in found.given else 0
    gone = f", and {number(float(removed))} were removed without being seen" if removed else ""
    whole = f"{name}: since {since}, {number(abs(total))} {side}{gone}."
    between = found.table[found.table["date"] >= rows["date"].iloc[0]]
    lost = [period(day, found.period, short=True) for day in between.loc[between["backlog"].isna(), "date"]]
    many = f"{len(lost)} {plural(len(lost), found.period)} {'is' if len(lost) == 1 else 'are'} not in it"
    gaps = f"{many}, since demand or activity is not known: {listed(lost)}." if lost else ""
    return joined(whole, gaps, identity(found, failures), IMPLIED if found.implied else "")


def above(findings: Iterable[Mapping[str, Any]], team: str, names: Mapping[str, str], kind: str) -> str:
    """Where more was done than could be done, of one team or all: left out of utilisation, and said."""
    told = [
        f"{'' if team else names.get(str(row['team']), row['team']) + ', '}{period(row['date'], kind, short=True)} "
        f"({row['found']})"
        for row in findings
        if row["code"] == "above_capacity" and team in ("", row["team"])
    ]
    return f"Left out of utilisation, since more was done than could be done: {listed(told, 4)}." if told else ""


def doubted(when: Sequence[str]) -> str:
    """The periods of those that are left out of means and forecasts too.

    >>> doubted(["Oct 2025"])
    'The queue does not bear out what was done in Oct 2025: left out of means and forecasts too.'
    """
    told = f"The queue does not bear out what was done in {listed(when, 4)}: left out of means and forecasts too."
    return told if when else ""


def identity(found: Flow, failures: pd.DataFrame) -> str:
    """Whether the queue is what the other counts give."""
    if found.implied:
        return "The counts cannot be checked against each other."
    if not found.checked:
        return "Whether the queue fits the other counts cannot be checked: one of them is not known."
    if failures.empty:
        return f"In all {found.checked} {plural(found.checked, found.period)} the queue is what the other counts give."
    many = f"In {len(failures)} of {found.checked} {plural(found.checked, found.period)}"
    when = listed([period(day, found.period, short=True) for day in failures["date"]])
    return f"{many} the queue is not what the other counts give: {when}. Something is counted twice, or not at all."


def failure(row: Mapping[str, Any], kind: str) -> str:
    """One period in which the counts do not agree."""
    side = "more" if row["difference"] > 0 else "fewer"
    more = number(abs(row["difference"]))
    return (
        f"{period(row['date'], kind, short=True)}: {number(row['queue'])} waiting, {more} {side} than the queue before "
        f"and the counts of the {kind} give ({number(row['expected'])})."
    )


CAPACITY_CAPTION = "Capacity that would meet the demand of the past year"
CAPACITY_HEADS = (
    "Team",
    "Mean demand",
    "Mean capacity",
    "Mean activity",
    "Utilisation",
    "80% rule",
    "65th to 85th percentile",
    "Waiting",
    "Weeks of work",
    "Counts that do not agree",
)
CAPACITY_NOTE = (
    "The 80% rule sets capacity four fifths of the way from the least demand of the past year to the greatest: it "
    "rests on two months alone, so that one odd month moves it. The percentiles rest on all months: capacity between "
    "the 65th and the 85th percentile of demand meets it in most months without standing idle in many. Neither clears "
    "a queue that is there already, and both take the past year to go on. Utilisation is all that was done over all "
    "that could be done; near 100% leaves no room for variation, and the queue grows."
)
UNCHECKED = "cannot be checked"


# ---- what if --------------------------------------------------------------------------------------------------------


def scenario(extra: float) -> str:
    return "As in the past year" if not extra else f"{100 * extra:.0f}% more"


def future_title(one: Future, found: Flow, name: str) -> str:
    middle = one.cleared[1]
    if one.start <= one.goal:
        return capital(f"{whose(name)}the queue is within six weeks of work")
    when = f"clears by {period(middle, found.period)}" if known(middle) else "does not clear within three years"
    return capital(f"{whose(name)}at {_work(one)}, the queue {when}")


def _work(one: Future) -> str:
    return "today's work" if not one.extra else f"{100 * one.extra:.0f}% more work"


def future_sentence(one: Future, found: Flow, name: str) -> str:
    last = one.table.iloc[-1]
    done = f"{name}: at {number(one.activity)} seen a {found.period} ({scenario(one.extra).lower()}), "
    if one.start <= one.goal:
        said = (
            f"the queue of {number(one.start)} is within six weeks of work, and {period(last['date'], found.period)} "
            f"would see {number(last['middle'])} (95% of runs: {number(last['low'])} to {number(last['high'])})."
        )
    elif known(one.cleared[1]):
        early, late = (period(day, found.period) if known(day) else "" for day in (one.cleared[0], one.cleared[2]))
        until = f"and {late}" if late else "and later than three years from now"
        said = f"the queue clears by {period(one.cleared[1], found.period)}, with 95% of runs between {early} {until}."
    else:
        said = (
            f"the queue does not clear within three years in most runs; {period(last['date'], found.period)} would see "
            f"{number(last['middle'])} waiting (95% of runs: {number(last['low'])} to {number(last['high'])})."
        )
    return joined(done + said, f"Cleared means at most {number(one.goal)} waiting, six weeks of work.", FUTURE_CAVEAT)


FUTURE_CAVEAT = (
    "A simulation, not a promise: it takes demand and work to go on as in the past year, without season or trend, and "
    "nobody to behave otherwise because the queue is shorter."
)
MIDDLE = ("Middle of the runs:", "Middle:")
FUTURE_SUBTITLE = "The queue as counted, and simulated: middle of 4,000 runs, band of 95% of them."
GOAL = "Six weeks of work"

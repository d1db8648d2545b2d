"""Words of the lessons in variation: the question first, what was true afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.views.numerals import counted, joined, listed

Row = Mapping[str, Any]
LESSONS = {
    "start": "",
    "causes": "Common cause or special cause?",
    "beads": "The red beads",
    "league": "Why a league table misleads",
    "rules": "The run-chart rules, by hand",
    "seen": "Would you see it?",
    "rates": "Would you see it in a rate?",
}
START = (
    "Every process varies. These lessons are for a room: look, say what you think, then see what was true. "
    "All figures are simulated from seed {seed}, so what was true of each of them is known."
)
SIMULATED = "These are simulated data."
UNDER = "Simulated data."
PICKERS = {
    "chart": "Chart",
    "level": "What goes wrong now",
    "size": "People counted a month",
    "events": "What goes wrong now",
}
SLIDERS = {
    "level": "What goes wrong now (%)",
    "size": "People counted a month",
    "fall": "Fewer by (%)",
    "events": "Events a month now",
}
AGAIN = "Draw again (seed)"

CAUSE_TITLE = "{chart}: what would you do about it?"
CAUSE_ASK = (
    "{chart} counts people who waited too long, month by month. Is anything but chance at work? "
    "Say what you think before the limits are shown."
)
# What was true of each chart, told with its limits.
CAUSE_TRUTH = {
    "A": "Nothing was changed: common cause alone. To ask why one month is high is to ask about chance.",
    "B": "In April 2025 the odds of waiting were three times as high: a special cause, worth asking about at once.",
    "C": "It became worse from March 2025 on and stayed so: a special cause that lasts.",
    "D": "Nothing was changed: common cause alone, whatever story its highs and lows suggest.",
    "E": "It became better from January 2025 on: a special cause worth learning from and keeping.",
}
POINT = "One month"
RULES_TITLE = "{chart}: count the runs"
RULES_ASK = (
    "{chart}: six or more points in a row on one side of the median are a shift, five or more going one way a trend; "
    "points on the median are skipped. Count them, and how often the line crosses the median, before they are shown."
)
RULES_ANSWER = (
    "{useful} points lie off the median, the longest run on one side is {run}, and the line crosses it {crossings}."
)
RULES_FOUND = {
    (False, False): "Neither a shift nor a trend.",
    (True, False): "There is a shift, and no trend.",
    (False, True): "There is a trend, and no shift.",
    (True, True): "There are a shift and a trend.",
}
RULES_TRUTH = {
    "A": "Nothing was changed.",
    "B": "The level rose from April 2025 on.",
    "C": "The level rose month by month from January to June 2025.",
    "D": "The level was higher from September 2024 to April 2025.",
}

BEADS_WORKER = "Worker {number}"
BEADS_UNDER = "Red beads on a paddle of 50, on 4 days; 800 of 4,000 beads in the box are red. Limits of a p chart."
BEADS_DAY = "day {number}"
BEADS_ENDS = {"centre": "Mean {value:.1f}", "upper": "Upper limit {value:.1f}", "lower": "Lower limit {value:.1f}"}
LEAGUE_YEAR = "Year {number}"
LEAGUE_TEAM = "Team {number}"
LEAGUE_UNDER = (
    "Rank by the share of people who waited too long, 1,200 people a year each; rank 1 is the smallest share."
)
LEVEL_WITH = ", level with {teams}"
LEAGUE_ASK_TITLE = "14 teams in order: whom would you ask how they do it?"
LEAGUE_ASK = (
    "Year 1 puts {team} first of 14{level}. Should the others go and learn from it? Decide before the later "
    "years are shown. These are simulated data."
)

SEEN_UNDER = (
    "Chance that a run chart has shown a shift (6 points on the better side of the median of 12 months before), "
    "by months after the change."
)
SEEN_LEVEL = "{level:g}% of people"
SEEN_SIZE = "{size:,}"
SEEN_EVENTS = "{events:g} events a month"
SEEN_POWER = "8 in 10"
HEADS = {
    "worker": "Worker",
    "day": "Day",
    "red": "Red beads",
    "team": "Team",
    "year": "After 12 months",
    "when": "Year",
    "share": "Share",
    "rank": "Rank",
    "fall": "Change",
    "then": "To",
    "needed": "Months until 8 in 10 charts show it",
    "last": "After 60 months",
}
NEVER = "over {ahead}"
RATE = "{events:g} events a month happen now, however many people or bed days they are a rate of, the same each month."


def fall(part: float) -> str:
    """A change in words: "30% fewer"."""
    return f"{100 * part:.0f}% fewer" if part else "Nothing changes"


def share(part: float) -> str:
    """A level in words: "14%"."""
    return f"{100 * part:.3g}%"


def month(number: int) -> str:
    return f"{number} months after" if number > 1 else "1 month after"


def cause(name: str, chart: str) -> str:
    """What is said of a chart once its limits are shown."""
    return f"{chart}. {CAUSE_TRUTH[name]}"


def rules_sentence(name: str, chart: str, phase: Row, shift: bool, trend: bool) -> str:
    """The answer to a chart read by hand, and what was true."""
    crossings = counted(int(phase["crossings"]), "time")
    counts = RULES_ANSWER.format(useful=phase["n_useful"], run=phase["longest_run"], crossings=crossings)
    return joined(f"{chart}.", RULES_FOUND[shift, trend], counts, RULES_TRUTH[name], SIMULATED)


def beads_title(most: Row, least: Row) -> str:
    """The workers with the most and the fewest red beads, and what that means."""
    return f"{most['red']} red beads or {least['red']}: the same box, the same paddle"


def beads_sentence(workers: Sequence[Row], outside: int) -> str:
    """What each worker drew in all, and what the limits say."""
    ordered = sorted(workers, key=lambda row: row["red"])
    few, many = ordered[0], ordered[-1]
    ends = f"Worker {many['worker']} drew {many['red']} red beads in four days, worker {few['worker']} {few['red']}."
    if outside:
        verb = "lies" if outside == 1 else "lie"
        beyond = f"{counted(outside, 'draw').capitalize()} {verb} outside the limits, as chance does now and then."
    else:
        beyond = "Every draw lies within the limits: the differences are those of chance."
    return joined(
        ends, beyond, "Praise, blame and targets change nothing; fewer red beads in the box would.", SIMULATED
    )


def level_with(teams: Sequence[int]) -> str:
    """The teams that share a place, as a clause.

    >>> level_with([]), level_with([14])
    ('', ', level with Team 14')
    """
    return LEVEL_WITH.format(teams=listed([LEAGUE_TEAM.format(number=team) for team in teams])) if teams else ""


def league_title(later: Sequence[float], level: Sequence[int] = ()) -> str:
    """Where the team that was first stood afterwards."""
    first = "Joint first" if level else "First"
    return f"{first} in year 1, then {listed([rank(place) for place in later])}: all 14 are alike"


def league_sentence(team: int, later: Sequence[float], tops: int, level: Sequence[int] = ()) -> str:
    """Where the first of year 1 stood later, and how many teams were ever among the first three."""
    places = listed([rank(place) for place in later])
    return joined(
        f"{LEAGUE_TEAM.format(number=team)}, first in year 1{level_with(level)}, was {places} in the years after.",
        f"{tops} of 14 teams were among the first three at least once in 6 years.",
        "All 14 have the same share, 20%: the order is chance, and next year's will be another.",
        SIMULATED,
    )


def rank(place: float) -> str:
    """A rank in words.

    >>> [rank(place) for place in (1.0, 2.0, 3.5, 11.0, 13.0)]
    ['1st', '2nd', 'joint 3rd', '11th', '13th']
    """
    whole = int(place)
    ending = "th" if whole in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(whole % 10, "th")
    return f"{'joint ' if place != whole else ''}{whole}{ending}"


def months(number: int, ahead: int) -> str:
    """Months needed: "9", or "over 60"."""
    return str(number) if number else NEVER.format(ahead=ahead)


def seen_title(level: float, size: int, fall: float, needed: int, ahead: int) -> str:
    """How long one change takes to be seen."""
    took = f"{counted(needed, 'month')} to be seen" if needed else f"not seen in {ahead} months"
    then = level * (1 - fall)
    if not size:
        return f"From {level:g} to {then:g} events a month: {took}"
    return f"From {100 * level:g}% to {100 * then:g}% of {size:,} people a month: {took}"


def seen_sentence(level: float, size: int, needed: Sequence[tuple[float, int]], luck: float, ahead: int) -> str:
    """How long each change takes to be seen in 8 of 10 charts, and what a chart of no change shows."""
    told = [f"{100 * fall:.0f}% fewer {_within(number, ahead)}" for fall, number in needed]
    now = f"{100 * level:g}% go wrong now, of {size:,} people a month." if size else RATE.format(events=level)
    return joined(
        now,
        f"A shift is found in 8 of 10 charts: {listed(told)}.",
        f"If nothing changes, {100 * luck:.0f} in 100 charts show a shift to the better within {ahead} months.",
        SIMULATED,
    )


def _within(number: int, ahead: int) -> str:
    return f"within {counted(number, 'month')}" if number else f"not within {ahead} months"

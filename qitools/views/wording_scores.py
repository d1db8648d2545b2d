"""Progress scores in words: how far teams say they are, and what a facilitator may ask where charts say otherwise.

A prompt is a question for a talk, in either direction: a score above what the charts show may rest on something they
miss, and one below it may hide something worth sharing. Teams are asked about their own score alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.analysis.progress import MODEST, SIGNIFICANT
from qitools.views.numerals import capital, counted, joined, of, period
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]
LEVELS = {
    0.5: "Intent to take part",
    1.0: "Charter and team in place",
    1.5: "Planning has begun",
    2.0: "Activity, no changes yet",
    2.5: "Changes tested, no gain yet",
    3.0: "Modest improvement",
    3.5: "Improvement",
    4.0: "Significant improvement",
    4.5: "Sustainable improvement",
    5.0: "Outstanding, sustainable results",
}
NO_SCORES = (
    "No progress scores can be shown here. To see them, give them as sources.assessments in the settings file (team, "
    "month, self or faculty, and a score from 0.5 to 5 by halves); they are shown inside the collaborative only."
)
UNSCORED = "no score yet"
NO_TEAM_SCORES = "{team} has not recorded a progress score yet."
SCALE = "Scale of the Institute for Healthcare Improvement, 0.5 to 5."
ROOM = "How many teams gave themselves which score. Outlined: the middle score."
FACILITATOR = "Each team's own score, and under it the faculty's (f). Outlined: there is something to ask."
TEAM = "The score the team gave itself."
CAPTIONS = {
    "room": "Scores that teams gave themselves, month by month",
    "facilitator": "Latest scores of each team, and what to ask",
    "team": "Scores that the team gave itself",
}
WHOSE = {"self": "own score", "faculty": "faculty score"}
PROMPTS = {
    "no_tests": "{whose}, and no test of change in the log. What has been tested, and could it be written down?",
    "no_signal": "{whose}, and no chart shows improvement yet. What is seen that the charts do not show?",
    "not_held": "{whose}, and no improvement has held yet. What would show that it lasts?",
    "under_claiming": "{whose}, while a chart shows a sustained improvement. Is there something to share?",
    "apart": "{whose}, and the faculty's is {other}. What do the two see differently?",
}
QUESTIONS = {
    "no_tests": "Your score is {score} and your log holds no test of change. What have you tested, and learnt?",
    "no_signal": "Your score is {score} and your charts show no improvement yet. What do you see that they miss?",
    "not_held": "Your score is {score} and no improvement has held yet. What would show you that it lasts?",
    "under_claiming": "Your score is {score} and your charts show a sustained improvement. What could you share?",
}  # of the faculty's score the team hears from the faculty


def score(number: float) -> str:
    """A score as it is said: always with its half.

    >>> score(3.0)
    '3.0'
    """
    return f"{number:.1f}"


def level(number: float) -> str:
    """A score and what it stands for.

    >>> level(3.0)
    '3.0 Modest improvement'
    """
    return f"{score(number)} {LEVELS[number]}"


def middle(row: Row) -> str:
    """The middle score, or the two in the middle.

    >>> middle({"median_low": 2.5, "median_high": 3.0}), middle({"median_low": 3.0, "median_high": 3.0})
    ('2.5 to 3.0', '3.0')
    """
    return " to ".join(dict.fromkeys(score(row[end]) for end in ("median_low", "median_high")))


def room_title(months: Sequence[Row]) -> str:
    """How many teams say they have reached modest improvement, in the latest month."""
    last = months[-1]
    if not last["modest"]:
        return f"No team scores {score(MODEST)} (modest improvement) or more yet"
    reached = of(last["modest"], last["teams"], "team", "scores", "score")
    return f"{reached} {score(MODEST)} (modest improvement) or more"


def room_sentence(months: Sequence[Row], teams: int, method: Row) -> str:
    """How many of all teams scored, the middle, how many have come how far, and where it began; no team is named."""
    first, last = months[0], months[-1]
    gave = of(last["teams"], teams, "team", "gave itself a progress score", "gave themselves a progress score")
    said = f"{period(last['date'], 'month')}: {gave[:1].lower()}{gave[1:]}. "
    reached = f"{last['modest']} at {score(MODEST)} (modest improvement) or more, {last['significant']} at "
    reached += f"{score(SIGNIFICANT)} (significant improvement) or more."
    began = f"In {period(first['date'], 'month')} the middle was {middle(first)}." if len(months) > 1 else ""
    return joined(f"{said}The middle score is {middle(last)}: {reached}", began, simulated(method))


def facilitator_title(prompts: Sequence[Row], teams: int) -> str:
    """In how many teams there is something to ask."""
    asked = len({row["team"] for row in prompts})
    if not asked:
        return "Scores and charts agree"
    return f"Scores and charts differ in {asked} of {counted(teams, 'team')}"


def facilitator_sentence(prompts: Sequence[Row], teams: int, method: Row) -> str:
    """In how many teams there is something to ask, and what a prompt is."""
    title = facilitator_title(prompts, teams)
    told = "Each prompt is a question for a talk; either may be right." if prompts else ""
    return joined(f"{title}.", told, simulated(method))


def prompts(rows: Sequence[Row]) -> str:
    """The prompts about one team, for the facilitator; where both scores raise the same, it is asked once.

    The rows are those of ``analysis.progress.prompts``.
    """
    said = []
    for code in dict.fromkeys(row["code"] for row in rows):
        same = [row for row in rows if row["code"] == code]
        whose = " and ".join(f"{WHOSE[row['kind']]} {score(row['score'])}" for row in same)
        said.append(capital(PROMPTS[code].format(whose=whose, other=score(same[0]["other"]))))
    return " ".join(said)


def question(row: Row) -> str:
    """The same as a question to the team itself."""
    return QUESTIONS[row["code"]].format(score=score(row["score"]))


def team_title(own: Sequence[Row], team: Row) -> str:
    """The team's own latest score."""
    return f"{team['name']}: {level(own[-1]['score'])}"


def team_sentence(own: Sequence[Row], team: Row, method: Row) -> str:
    """The team's own latest score, and its first."""
    last, first = own[-1], own[0]
    now = f"{team['name']} scored itself {level(last['score'])} in {period(last['date'], 'month')}."
    began = f"In {period(first['date'], 'month')} it was {level(first['score'])}." if len(own) > 1 else ""
    return joined(now, began, simulated(method))

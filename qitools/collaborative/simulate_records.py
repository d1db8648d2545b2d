"""What simulated teams write down: tests of change, progress scores, stories, offers and asks, with a known truth.

Tests run in ramps from a small scale to a large one. Before an improvement that the figures hold (``proven``) a ramp
ends in adopting the change; other ramps go either way. Scores follow what is true of a team at the time, save where the
recipe says that a team claims more, or less, than its figures bear out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from qitools.collaborative.parameters import Parameters
from qitools.collaborative.parts import Day, Part
from qitools.collaborative.records import OFFERS, PDSA, SCORES, STORIES
from qitools.collaborative.simulate import Recipe
from qitools.collaborative.simulate_training import TrainingRecipe, simulate_training

Row = dict[str, Any]
DAYS = {"gap": (10, 30), "after_session": (5, 40)}  # between tests, and from a session to the first of them
SOON = timedelta(days=21)  # a planned test lies at most so far ahead
OPEN = {"end": None, "result": "", "decision": ""}  # a test under way, or planned
GOES = {"adapt": 0.55, "adopt": 0.3, "abandon": 0.15}  # how a test ends where no improvement is planted
STAGES = ((20, 4.5), (13, 4.0), (9, 3.5))  # months since an outcome improved → the score that is true
NOTES = {
    1.5: "Charter agreed, first measures chosen",
    2.0: "First test planned for next month",
    2.5: "Tests under way, nothing to see in the figures yet",
    3.0: "The process moves, the outcome not yet",
    3.5: "The outcome has moved and we know why",
    4.0: "Most shifts do it without being asked",
    4.5: "It goes on when key people are away",
}


class Idea(Part):
    """A change idea, how it is tried, and how tests of it end."""

    idea: str
    driver: str
    measure: str = ""
    plan: str
    expect: tuple[str, ...] = Field(min_length=1)
    kept: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


class Proven(Part):
    """A ramp of tests that ends where an improvement begins."""

    team: str
    idea: str
    by: Day
    cycles: int


class Scores(Part):
    """When teams score themselves, and who does not say what the figures say."""

    since: Day
    every: int = 3  # months
    unscored: tuple[str, ...] = ()
    claims: dict[str, float] = Field(default={})  # more than the figures bear out
    modest: dict[str, float] = Field(default={})  # less


class RecordsRecipe(Part, strict=False):
    """What the teams of one simulated collaborative write down."""

    seed: int
    written: Day
    scales: dict[str, int]  # how large a test is, in words → how many days it takes
    again: tuple[str, ...]  # what later tests of a ramp tell, where the idea's own texts are used up
    owners: tuple[str, ...]
    ideas: tuple[Idea, ...]
    scores: Scores
    untested: tuple[str, ...] = ()
    proven: tuple[Proven, ...] = ()
    stories: tuple[dict[str, Any], ...] = ()
    offers: tuple[dict[str, Any], ...] = ()
    training: TrainingRecipe | None = None


def simulate_records(recipe: RecordsRecipe, figures: Recipe, parameters: Parameters) -> dict[str, pd.DataFrame]:
    """Draw the logs of one collaborative.

    Args:
        recipe: its ideas, stories, offers, and what is true of its tests and scores.
        figures: the recipe of its figures, whose effects the scores follow.
        parameters: its sessions, teams and measures.

    Returns:
        A table for each of pdsa, assessments, stories and offers, and training and staff where the recipe has them, in
        the columns of ``Records``; the same recipes give the same tables.
    """
    tests = sorted(_tests(recipe, parameters), key=lambda row: (row["start"], row["team"], row["ramp"], row["cycle"]))
    session = {one.date: one.name for one in parameters.sessions}
    offers = [row | {"session": session.get(date.fromisoformat(str(row["date"])), "")} for row in recipe.offers]
    testing = {row["team"] for row in tests}
    trained = simulate_training(recipe.training, parameters, testing, recipe.seed) if recipe.training else {}
    return trained | {
        "pdsa": pd.DataFrame(tests, columns=list(PDSA)),
        "assessments": pd.DataFrame(_scores(recipe, figures, parameters, tests), columns=list(SCORES)),
        "stories": _in_order(recipe.stories, STORIES).assign(
            consent=["yes" if story["consent"] else "no" for story in sorted(recipe.stories, key=_dated)]
        ),
        "offers": _in_order(offers, OFFERS),
    }


def _dated(row: Row) -> tuple[str, str]:
    return str(row["date"]), row["team"]


def _in_order(rows: Iterable[Row], columns: dict[str, str]) -> pd.DataFrame:
    ordered: list[Row] = sorted(rows, key=_dated)
    return pd.DataFrame(ordered, columns=list(columns))


def _generator(recipe: RecordsRecipe, *names: str) -> np.random.Generator:
    """A stream of its own for each use, so that a new team leaves the others as they were."""
    return np.random.default_rng([recipe.seed, *(ord(letter) for name in names for letter in name)])


def _tests(recipe: RecordsRecipe, parameters: Parameters) -> Iterator[Row]:
    """All tests: those before a planted improvement, then others, begun after a session."""
    ideas = {idea.idea: idea for idea in recipe.ideas}
    for ramp in recipe.proven:
        yield from _proven(recipe, ramp, ideas[ramp.idea], parameters)
    sessions = [one.date for one in parameters.sessions if one.date < recipe.written]
    for team in parameters.teams:
        rng = _generator(recipe, team.id)
        known = [day for day in sessions if team.joined is None or day > team.joined]
        mine = {ramp.idea for ramp in recipe.proven if ramp.team == team.id}
        free = [idea for idea in recipe.ideas if idea.idea not in mine]
        chosen = rng.permutation(len(free))[:3]
        for session, which in zip(known[-3:], chosen, strict=False):
            if team.id not in recipe.untested and rng.random() < 0.6:
                tests = list(_ramp(recipe, rng, team.id, free[which], session, parameters))
                if session == known[-1]:
                    tests = _unfinished(recipe, rng, free[which], tests)
                yield from tests


def _proven(recipe: RecordsRecipe, ramp: Proven, idea: Idea, parameters: Parameters) -> Iterator[Row]:
    """Tests that end on the day by which the change is in place, the last of them in adopting it."""
    rng, end, rows = _generator(recipe, ramp.team, ramp.idea), ramp.by - timedelta(days=3), []
    for nth in range(ramp.cycles, 0, -1):
        decision = "adopt" if nth == ramp.cycles else "adapt"
        row = _test(recipe, rng, ramp.team, idea, nth) | _outcome(recipe, ramp.team, idea, decision, nth)
        start = end - _length(recipe, row)
        rows.append(row | {"start": start, "end": end, "session": _agreed(parameters, start, nth)})
        end = start - timedelta(days=_days(rng, "gap") // 2)
    yield from reversed(rows)


def _ramp(
    recipe: RecordsRecipe, rng: np.random.Generator, team: str, idea: Idea, session: date, parameters: Parameters
) -> Iterator[Row]:
    """Tests agreed at a session and carried on until the change is adopted or abandoned, or the log ends."""
    start = session + timedelta(days=_days(rng, "after_session"))
    for nth in range(1, int(rng.integers(1, 4)) + 1):
        if start > recipe.written + SOON:
            return
        decision = str(rng.choice(list(GOES), p=list(GOES.values())))
        decision = decision if _endings(idea, decision) else "adapt"
        row = _test(recipe, rng, team, idea, nth) | {"start": start, "session": _agreed(parameters, start, nth)}
        end = start + _length(recipe, row)
        outcome = _outcome(recipe, team, idea, decision, nth) | {"end": end}
        yield row | (outcome if end <= recipe.written else OPEN)
        if end > recipe.written or decision != "adapt":
            return
        start = end + timedelta(days=_days(rng, "gap"))


def _unfinished(recipe: RecordsRecipe, rng: np.random.Generator, idea: Idea, tests: list[Row]) -> list[Row]:
    """Tests since the latest session as they stand: one in four not done yet, others with the next under way."""
    if tests and rng.random() < 0.25:
        return [tests[0] | OPEN]
    start = recipe.written + timedelta(days=int(rng.integers(-14, SOON.days)))
    if not tests or tests[-1]["decision"] != "adapt" or tests[-1]["end"] >= start:
        return tests
    return [*tests, _test(recipe, rng, tests[-1]["team"], idea, tests[-1]["cycle"] + 1) | OPEN | {"start": start}]


def _test(recipe: RecordsRecipe, rng: np.random.Generator, team: str, idea: Idea, nth: int) -> Row:
    """What is written before a test."""
    scale = list(recipe.scales)[min(nth - 1 + len(team) % 2, len(recipe.scales) - 1)]
    first = {"team": team, "measure": idea.measure, "driver": idea.driver, "idea": idea.idea, "ramp": idea.idea}
    plan = idea.plan + ("" if nth == 1 else "; with what the last test taught us" if nth == 2 else "; with more people")
    prediction, owner = str(rng.choice(idea.expect)), str(rng.choice(recipe.owners))
    return first | {"cycle": nth, "scale": scale, "plan": plan, "prediction": prediction, "owner": owner}


def _length(recipe: RecordsRecipe, test: Row) -> timedelta:
    return timedelta(days=recipe.scales[test["scale"]] - 1)


def _outcome(recipe: RecordsRecipe, team: str, idea: Idea, decision: str, nth: int) -> Row:
    """What is written after it; no two tests of a ramp tell the same as long as there are texts."""
    texts, first = _endings(idea, decision) or idea.kept, len(team)
    if decision == "adapt" and nth > len(texts):
        texts = recipe.again
    return {"result": texts[(first + nth) % len(texts)], "decision": decision}


def _endings(idea: Idea, decision: str) -> tuple[str, ...]:
    return {"adopt": idea.kept, "adapt": idea.changed, "abandon": idea.dropped}[decision]


def _agreed(parameters: Parameters, start: date, nth: int) -> str:
    """The session at which the first test of a ramp was agreed, where one was held in the weeks before it."""
    days, latest = timedelta(days=DAYS["after_session"][1]), ""
    for session in parameters.sessions:
        latest = session.name if nth == 1 and start - days <= session.date < start else latest
    return latest


def _days(rng: np.random.Generator, what: str) -> int:
    return int(rng.integers(*DAYS[what]))


def _scores(recipe: RecordsRecipe, figures: Recipe, parameters: Parameters, tests: list[Row]) -> list[Row]:
    """Scores by teams of themselves, and by faculty, month after month."""
    plan, rows = recipe.scores, []
    months = pd.date_range(plan.since, recipe.written, freq=f"{plan.every}MS")
    for team in parameters.teams:
        rng = _generator(recipe, "scores", team.id)
        for month in months:
            draws = rng.random(4)
            joined = team.joined is None or month.date() > team.joined
            if team.id in plan.unscored or not joined:
                continue
            true = _true_score(team.id, month.date(), figures, parameters, tests)
            score = plan.claims.get(team.id, plan.modest.get(team.id, _own(true, draws[0])))
            score = score if month >= months[len(months) // 2] else _own(true, draws[0])
            shared = {"team": team.id, "date": month.date()}
            if draws[1] < 0.88:
                rows.append(shared | {"kind": "self", "score": score, "note": _note(score, draws[3])})
            if draws[2] < 0.8:
                theirs = max(0.5, true - 0.5 * (draws[2] < 0.25))
                rows.append(shared | {"kind": "faculty", "score": theirs, "note": ""})
    return sorted(rows, key=lambda row: (row["date"], row["team"], row["kind"]))


def _true_score(team: str, month: date, figures: Recipe, parameters: Parameters, tests: list[Row]) -> float:
    """The score of the Institute for Healthcare Improvement's scale that fits what is true of a team in a month."""
    kinds = {measure.id: measure for measure in parameters.measures}
    gains = {"outcome": -1, "process": -1, "balancing": -1}
    for effect in figures.effects:
        measure = kinds[effect.measure]
        if effect.team == team and (effect.ratio > 1) == (measure.better == "higher"):
            since = (month.year - effect.start.year) * 12 + month.month - effect.start.month
            gains[measure.kind] = max(gains[measure.kind], since)
    for months, score in STAGES:
        if gains["outcome"] >= months:
            return score
    if max(gains["outcome"], gains["process"] - 5) >= 3:
        return 3.0
    mine = sorted(row["start"] for row in tests if row["team"] == team)
    return 1.5 if not mine or mine[0] > month + timedelta(days=60) else 2.0 if mine[0] > month else 2.5


def _own(true: float, draw: float) -> float:
    """A team's own view: mostly what is true, at times a step beside it, never past 3 unless an outcome moved."""
    step = -0.5 if draw < 0.15 and true != 3.5 else 0.5 if draw > 0.85 else 0.0
    return min(true + step, 3.0) if true <= 3 else min(true + step, 4.5)


def _note(score: float, draw: float) -> str:
    return NOTES.get(score, "") if draw < 0.3 else ""

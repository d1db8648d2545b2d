"""Collaboratives with a known truth, for examples, tests and teaching.

Each measure is a level that differs between teams, a season, noise that remembers (autocorrelation) and spreads more
than chance alone (dispersion), and effects with a date and a size. Counts are then drawn from a binomial or Poisson
distribution, as real counts are. The truth comes back beside the data, so that what a method finds can be checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from qitools.collaborative.parameters import Data, Period
from qitools.collaborative.parts import Day, Part
from qitools.collaborative.periods import first_days, ordinals


class Stream(Part):
    """How one measure behaves where nothing is changed."""

    data: Data = "rate"
    level: float  # a proportion in 0..1, a rate per one unit of the denominator, a count or a value
    size: float = 100.0  # the middle denominator of a team of size 1
    jitter: float = 0.06  # standard deviation of a team's denominators from period to period, on the log scale
    same_denominator_as: str = ""  # another measure whose denominators these are
    part_of: str = ""  # another measure: each of its events counts here with probability ``level``
    between: float = 0.0  # standard deviation of the teams' levels, on the log or log-odds scale
    season: float = 0.0  # amplitude on that scale
    peak: int = 1  # the month in which the season is highest
    dispersion: float = 0.0  # standard deviation of the noise beyond chance, on that scale
    autocorrelation: float = 0.0  # of that noise, one period to the next


class Effect(Part):
    """A change with a known size: the odds or the rate is multiplied by ``ratio`` from ``start`` on."""

    team: str
    measure: str
    start: Day
    ratio: float = Field(gt=0)
    ramp: int = 0  # periods over which it builds up


class Change(Part):
    """A dated event, as a team would report it."""

    team: str
    date: Day
    text: str
    measure: str = ""


class Recipe(Part, strict=False):
    """One simulated collaborative."""

    measures: dict[str, Stream] = Field(default={"measure": Stream(level=0.1)})
    teams: tuple[str, ...] = tuple(f"team-{i}" for i in range(1, 15))
    seed: int = 0
    start: Day = date(2023, 1, 1)
    periods: int = 36
    period: Period = "month"
    sizes: dict[str, float] = Field(default={})  # teams larger or smaller than the rest
    joined: dict[str, Day] = Field(default={})  # late joiners
    gaps: dict[str, tuple[Day, ...]] = Field(default={})  # periods a team did not send
    missing: float = Field(default=0.0, ge=0, lt=1)  # share of other periods not sent, at random
    month_ends: bool = False  # dates are written as the last day of the month
    columns: dict[str, str] = Field(default={})  # further columns of the file, each with one text
    effects: tuple[Effect, ...] = ()
    changes: tuple[Change, ...] = ()
    ideas: tuple[str, ...] = ()  # texts for the changes of teams for which none are given


@dataclass(frozen=True)
class Simulated:
    """What a simulated collaborative sends, and what is true of it."""

    observations: pd.DataFrame  # team, measure, date, numerator, denominator
    changes: pd.DataFrame  # team, measure, date, text
    truth: pd.DataFrame  # team, measure, date, ratio


def simulate(recipe: Recipe | None = None, **settings: Any) -> Simulated:
    """Draw one collaborative.

    Args:
        recipe: its teams, measures, effects and seed; else the fields of ``Recipe`` one by one.
        settings: those fields, where no recipe is given, or in place of the recipe's own.

    Returns:
        Observations, changes and truth; the same recipe gives the same tables.

    Raises:
        ValueError: a setting that ``Recipe`` does not know or may not have.

    >>> stream = {"data": "proportion", "level": 0.8, "size": 50}
    >>> simulate(measures={"checked": stream}, teams=["a", "b"], periods=3, seed=1).observations.shape
    (6, 5)
    """
    recipe = Recipe.model_validate({**(dict(recipe) if recipe else {}), **settings})
    dates = first_days(ordinals([recipe.start], recipe.period) + np.arange(recipe.periods), recipe.period)
    sizes = _sizes(recipe)
    drawn: dict[str, pd.DataFrame] = {}
    for name, stream in recipe.measures.items():
        if stream.part_of:
            drawn[name] = _thinned(recipe, name, drawn[stream.part_of])
        else:
            drawn[name] = _drawn(recipe, name, dates, sizes[stream.same_denominator_as or name])
    observations = pd.concat(drawn.values(), ignore_index=True)
    truth = pd.DataFrame([effect.model_dump() for effect in recipe.effects], columns=list(Effect.model_fields))
    return Simulated(
        _sent(observations, recipe, dates), _changes(recipe, dates), truth.rename(columns={"start": "date"})
    )


def _generator(recipe: Recipe, *names: str) -> np.random.Generator:
    """A stream of its own for each use, so that a new measure leaves the others as they were."""
    return np.random.default_rng([recipe.seed, *(ord(letter) for name in names for letter in name)])


def _sizes(recipe: Recipe) -> dict[str, np.ndarray]:
    """Denominators, teams by periods, of each measure."""
    factors = np.array([recipe.sizes.get(team, 1.0) for team in recipe.teams])[:, None]
    usual = np.exp(_generator(recipe, "team").normal(0, 0.2, (len(recipe.teams), 1)))
    sizes = {}
    for name, stream in recipe.measures.items():
        noise = np.exp(_generator(recipe, name, "size").normal(0, stream.jitter, (len(recipe.teams), recipe.periods)))
        sizes[name] = np.maximum(1, np.round(stream.size * factors * usual * noise))
    return sizes


def _drawn(recipe: Recipe, name: str, dates: np.ndarray, sizes: np.ndarray) -> pd.DataFrame:
    """The rows of one measure, all teams and periods."""
    stream, rng = recipe.measures[name], _generator(recipe, name)
    share = stream.data == "proportion"
    centre = np.log(stream.level / (1 - stream.level)) if share else np.log(stream.level)
    scale = centre + stream.between * rng.normal(size=(len(recipe.teams), 1)) + _season(stream, dates)
    scale = scale + _noise(stream, rng, sizes.shape) + _effects(recipe, name, dates)
    if share:
        numerator = rng.binomial(sizes.astype(int), 1 / (1 + np.exp(-scale))).astype(float)
    elif stream.data == "value":
        numerator, sizes = np.round(np.exp(scale), 2), np.full(sizes.shape, np.nan)
    else:
        numerator = rng.poisson(np.exp(scale) * (1 if stream.data == "count" else sizes)).astype(float)
        sizes = np.full(sizes.shape, np.nan) if stream.data == "count" else sizes
    index = pd.MultiIndex.from_product(
        [recipe.teams, [name], dates.astype("datetime64[us]")], names=["team", "measure", "date"]
    )
    return pd.DataFrame({"numerator": numerator.ravel(), "denominator": sizes.ravel()}, index=index).reset_index()


def _thinned(recipe: Recipe, name: str, whole: pd.DataFrame) -> pd.DataFrame:
    """The rows of a measure that counts some of the events of another."""
    part = _generator(recipe, name).binomial(whole["numerator"].astype(int), recipe.measures[name].level)
    return whole.assign(measure=name, numerator=part.astype(float))


def _season(stream: Stream, dates: np.ndarray) -> np.ndarray:
    month = dates.astype("datetime64[M]").astype(int) % 12 + 1
    return np.asarray(stream.season * np.cos(2 * np.pi * (month - stream.peak) / 12))


def _noise(stream: Stream, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of a constant spread in which each period remembers the last."""
    noise = rng.normal(0, stream.dispersion, shape)
    for i in range(1, shape[1]):
        fresh = np.sqrt(1 - stream.autocorrelation**2) * noise[:, i]
        noise[:, i] = stream.autocorrelation * noise[:, i - 1] + fresh
    return np.asarray(noise)


def _effects(recipe: Recipe, name: str, dates: np.ndarray) -> np.ndarray:
    """The sum of the effects on one measure, teams by periods."""
    total = np.zeros((len(recipe.teams), len(dates)))
    steps = ordinals(dates, recipe.period)
    for effect in recipe.effects:
        if effect.measure == name:
            since = steps - ordinals([effect.start], recipe.period)
            grown = np.clip((since + 1) / (effect.ramp + 1), 0, 1)
            total[recipe.teams.index(effect.team)] += np.log(effect.ratio) * grown
    return total


def _sent(observations: pd.DataFrame, recipe: Recipe, dates: np.ndarray) -> pd.DataFrame:
    """The rows that arrive: none before a team joined, none in its gaps, some lost at random (never the newest)."""
    lost = _generator(recipe, "lost").random((len(recipe.teams), len(dates))) < recipe.missing
    lost[:, -1] = False
    for i, team in enumerate(recipe.teams):
        lost[i] |= np.isin(dates, np.array(recipe.gaps.get(team, ()), dtype="datetime64[D]"))
        lost[i] |= dates < np.datetime64(recipe.joined.get(team, recipe.start))
    return observations[~np.tile(lost.ravel(), len(recipe.measures))].reset_index(drop=True)


def _changes(recipe: Recipe, dates: np.ndarray) -> pd.DataFrame:
    """The given changes; a team without any draws one to three of the ideas, or, one in five, none."""
    rng, rows = _generator(recipe, "changes"), [change.model_dump() for change in recipe.changes]
    given = {change.team for change in recipe.changes}
    for team in recipe.teams:
        texts = rng.permutation(len(recipe.ideas))[: rng.integers(1, 4) * (rng.random() < 0.8)]
        first = int(np.searchsorted(dates, np.datetime64(recipe.joined.get(team, recipe.start)))) + 3
        when = np.sort(rng.integers(min(first, len(dates) - 1), len(dates), 3))
        days = rng.integers(0, 28, 3)
        if team not in given:
            rows += [
                {"team": team, "measure": "", "date": (dates[when[i]] + days[i]).item(), "text": recipe.ideas[text]}
                for i, text in enumerate(texts)
            ]
    table = pd.DataFrame(rows, columns=["team", "measure", "date", "text"])
    return table.sort_values(["date", "team"], ignore_index=True, kind="stable")

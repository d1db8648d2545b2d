"""Lessons in variation with a known truth: charts to read, red beads, identical teams in a table, and time to see.

Everything is drawn from a seed, so that a room can be shown what chance does and be told what was true. What a chart
says of it comes from ``analyse`` and the rule sets themselves: nothing here has a rule of its own.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

import qitools
from qitools import cache
from qitools.analysis.engine import Analysis, analyse
from qitools.collaborative.loading import Collaborative
from qitools.collaborative.parameters import Parameters
from qitools.collaborative.quality import findings_table
from qitools.collaborative.simulate import Effect, simulate
from qitools.spc.panel import Bools, Floats, Ints, Panel
from qitools.spc.rule_sets import RULE_SETS
from qitools.spc.rules import Drawn, side_runs

START, PERIODS = date(2024, 1, 1), 24
# Chart → what is true of it: how odds change, from which month (0: the first), and until which (None: the end).
CAUSES: dict[str, tuple[tuple[float, int, int | None], ...]] = {
    "A": (),
    "B": ((3.2, 15, 16),),
    "C": ((2.4, 14, None),),
    "D": (),
    "E": ((0.42, 12, None),),
}
RUNS: dict[str, tuple[tuple[float, int, int | None], ...]] = {
    "A": (),
    "B": ((2.2, 15, None),),
    "C": tuple((1.35, month, None) for month in range(12, 18)),
    "D": ((3.0, 8, 16),),
}
PATIENTS = 60  # of each chart, in the middle month

# The red beads: 4,000 beads of which 800 are red, a paddle of 50, six willing workers, four days
# (Deming, The New Economics, 1993, chapter 7; the counts of one run are in Walton, The Deming Management Method, 1986).
BEADS, RED, PADDLE, WORKERS, DAYS = 4_000, 800, 50, 6, 4

TEAMS, YEARS = 14, 6  # of the table: alike in every way
LEVEL, A_YEAR = 0.2, 1_200  # what all of them have, and how many people a year each

# Time to see a change: levels of what goes wrong, how many are counted a period, and by how much the level falls.
LEVELS = (0.02, 0.05, 0.1, 0.2, 0.5)
SIZES = (20, 50, 100, 200, 500)
FALLS = (0.0, 0.1, 0.2, 0.3, 0.5)
EVENTS = (2, 5, 10, 20, 50, 100)  # of a rate: how many are expected a period, where the exposure stays as it is
BASELINE, AHEAD = 12, 60  # periods before the change, and after it at most
POWER = 0.8
REPEATS = 1_500
VERSION = 2  # of what is kept: raise it whenever the same question would have another answer


@dataclass(frozen=True, eq=False)
class Beads:
    """A red-bead experiment.

    Args:
        draws: ``worker`` (1 …), ``day`` (1 …), ``red``.
        centre, lower, upper: of red beads on a paddle, all draws together: a p chart's limits times the paddle.
        outside: draws beyond the limits.
    """

    draws: pd.DataFrame
    centre: float
    lower: float
    upper: float
    outside: int


@dataclass(frozen=True, eq=False)
class Table:
    """Identical teams, put in order year after year.

    Args:
        ranks: ``team`` (1 …), ``year`` (1 …), ``share`` (0–1), ``rank`` (1: the smallest share; ties share the middle).
        first: the team ranked first in year 1; ``level``: others that share the rank.
    """

    ranks: pd.DataFrame
    first: int
    level: tuple[int, ...] = ()


def variation(seed: int = 2026) -> Analysis:
    """The charts of the lessons as an analysis: measure ``causes`` on p charts, measure ``runs`` on run charts.

    Args:
        seed: a whole number, 0 or more; the same gives the same charts.

    Returns:
        An ``Analysis`` of a simulated collaborative whose teams are the charts A to E.

    >>> found = variation(2026)
    >>> found.measures["chart"].astype(str).tolist(), len(found.teams)
    (['p', 'run'], 5)
    """
    parts = [_drawn(seed, "causes", CAUSES), _drawn(seed, "runs", RUNS)]
    table = pd.concat(parts, ignore_index=True)
    for name, order in {"team": list(CAUSES), "measure": ["causes", "runs"]}.items():
        table[name] = pd.Categorical(table[name], order, ordered=True)
    table = table.sort_values(["team", "measure", "date"], ignore_index=True).assign(stratum="", status="reported")
    none = pd.DataFrame({"team": [], "measure": [], "date": pd.to_datetime([]), "text": []})
    digest = hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()
    origin = pd.DataFrame({"source": ["simulated"], "file": [f"seed {seed}"], "sha256": [digest], "rows": [len(table)]})
    last = pd.Timestamp(table["date"].max())
    found = analyse(Collaborative(_parameters(), table, none, findings_table([], last), origin, "internal", last))
    return replace(found, method=found.method | {"lessons": True})


def _parameters() -> Parameters:
    """The settings of the simulated collaborative."""
    shared = {"kind": "outcome", "data": "proportion", "better": "lower", "denominator": "People seen"}
    late = {"numerator": "People who waited too long", **shared}
    return Parameters.model_validate(
        {
            "collaborative": "understanding_variation",
            "title": "Understanding variation",
            "simulated": True,
            "sources": {"observations": "none.csv"},
            "measures": (
                {"id": "causes", "name": "People who waited too long", "chart": "p", **late},
                {"id": "runs", "name": "People who waited too long, as a run chart", "chart": "run", **late},
            ),
            "teams": tuple({"id": name, "name": f"Chart {name}", "share": True} for name in CAUSES),
        }
    )


def _drawn(seed: int, measure: str, truth: dict[str, Any]) -> pd.DataFrame:
    """The rows of one measure: what happens to a chart begins, and ends, in its months."""
    months = [month.date() for month in pd.date_range(START, periods=PERIODS, freq="MS")]
    effects = []
    for team, changes in truth.items():
        for ratio, begin, end in changes:
            effects.append(Effect(team=team, measure=measure, start=months[begin], ratio=ratio))
            if end is not None:
                effects.append(Effect(team=team, measure=measure, start=months[end], ratio=1 / ratio))
    stream = {"data": "proportion", "level": LEVEL, "size": PATIENTS}
    drawn = simulate(
        measures={measure: stream}, teams=tuple(truth), seed=seed, start=START, periods=PERIODS, effects=tuple(effects)
    )
    return drawn.observations


def beads(seed: int = 2026) -> Beads:
    """Six willing workers draw red beads on four days from one box; nobody does anything differently.

    Args:
        seed: a whole number, 0 or more.

    >>> found = beads(1)
    >>> len(found.draws), found.lower < found.centre < found.upper
    (24, True)
    """
    red = np.random.default_rng([seed, 1]).hypergeometric(RED, BEADS - RED, PADDLE, (WORKERS, DAYS))
    draws = pd.DataFrame(
        {
            "worker": np.repeat(np.arange(1, WORKERS + 1), DAYS),
            "day": np.tile(np.arange(1, DAYS + 1), WORKERS),
            "red": red.ravel(),
        }
    )
    return counted_beads(draws)


def counted_beads(draws: pd.DataFrame) -> Beads:
    """The limits of an experiment, as ``analyse`` draws them on a p chart, in beads.

    Args:
        draws: ``worker, day, red``.
    """
    months = pd.date_range(START, periods=len(draws), freq="MS")
    columns = {"team": "beads", "measure": "red", "date": months, "numerator": draws["red"], "denominator": PADDLE}
    points = analyse(pd.DataFrame(columns), chart="p", better="lower", per=PADDLE, rules="western-electric").points
    centre, lower, upper = (float(points[name].iloc[0]) for name in ("centre", "lower", "upper"))
    return Beads(draws, centre, lower, upper, int(points["outside"].sum()))


def league(seed: int = 2026) -> Table:
    """Identical teams in order of what chance gave each of them, year after year.

    Args:
        seed: a whole number, 0 or more.
    """
    share = np.random.default_rng([seed, 3]).binomial(A_YEAR, LEVEL, (TEAMS, YEARS)) / A_YEAR
    rank = pd.DataFrame(share).rank().to_numpy()
    team, year = np.meshgrid(np.arange(1, TEAMS + 1), np.arange(1, YEARS + 1), indexing="ij")
    ranks = pd.DataFrame({"team": team.ravel(), "year": year.ravel(), "share": share.ravel(), "rank": rank.ravel()})
    first, *level = (int(team) + 1 for team in np.flatnonzero(rank[:, 0] == rank[:, 0].min()))
    return Table(ranks, first, tuple(level))


def seen(level: float, size: int, fall: float, *, rules: str = "his-2025", repeats: int = REPEATS) -> Floats:
    """The chance that a run chart has shown a change, by each period after it.

    A change is seen when the rule set finds a shift on the better side of the median of the 12 periods before it, made
    wholly of later points. Counts are binomial, those of a rate Poisson; nothing else disturbs them, so real charts
    take longer.

    Args:
        level: share of what goes wrong before the change, between 0 and 1; of a rate the events expected a period.
        size: people counted a period, 1 or more; 0: a rate, of the same exposure in every period.
        fall: by how much of itself the level falls, 0 to 1.
        rules: a run-chart rule set.
        repeats: charts drawn; seeded by the question.

    Returns:
        A chance for each of the 60 periods after the change.
    """
    seed = [round(level * 1e6), size, round(fall * 1e6)]
    rng, periods = np.random.default_rng(seed), BASELINE + AHEAD
    after = np.arange(periods) >= BASELINE
    now, shape = np.where(after, level * (1 - fall), level), (repeats, periods)
    value = rng.binomial(size, now, shape) / size if size else rng.poisson(now, shape).astype(float)
    first = _first_shift(value, np.tile(~after, repeats), rules, 1.0 if size else np.nan) - BASELINE + 1
    return np.asarray((first[:, None] <= np.arange(1, AHEAD + 1)).mean(0))


def _first_shift(value: Floats, baseline: Bools, rules: str, most: float) -> Ints:
    """The place in each row at which a downward shift is first long enough; past the end where none is."""
    repeats, periods = value.shape
    panel = Panel(np.arange(repeats) * periods, value.size)
    flat, there, nothing = value.ravel(), np.ones(value.size, bool), np.full(value.size, np.nan)
    centre = panel.spread(panel.median(flat, baseline))
    edge = np.full(value.size, most)
    drawn = Drawn(panel, flat, there, centre, nothing, nothing, nothing, edge, untested=baseline)
    runs = side_runs(drawn, RULE_SETS[rules])
    at_least = RULE_SETS[rules].shift
    long = (runs.side < 0) & (runs.length >= at_least)
    row = runs.points[runs.begin[long] + at_least - 1]
    first = np.full(repeats, periods + AHEAD)
    np.minimum.at(first, row // periods, row % periods)
    return first


def periods_needed(chance: Floats, power: float = POWER) -> int:
    """The first period by which the chance is large enough; 0 where it never is.

    >>> periods_needed(np.array([0.1, 0.5, 0.8, 0.9]))
    3
    """
    enough = np.flatnonzero(chance >= power)
    return int(enough[0]) + 1 if len(enough) else 0


@lru_cache(maxsize=4)
def table_of_chances(repeats: int = REPEATS) -> dict[tuple[float, int, float], tuple[float, ...]]:
    """The chances of every level, size and fall, and of every rate (size 0): from the cache folder, else drawn."""
    levels = [*((level, size) for level in LEVELS for size in SIZES), *((float(events), 0) for events in EVENTS)]
    asked = [(*level, fall) for level in levels for fall in FALLS]
    path = cache.folder() / "teaching" / f"seen-{VERSION}-{qitools.__version__}-{repeats}.json"
    try:
        kept = json.loads(cache.read(path) or "null")
    except ValueError:
        kept = None
    if kept is None or len(kept) != len(asked):
        kept = [[round(float(one), 4) for one in seen(*question, repeats=repeats)] for question in asked]
        cache.keep(path, json.dumps(kept))
    return {question: tuple(chances) for question, chances in zip(asked, kept, strict=True)}

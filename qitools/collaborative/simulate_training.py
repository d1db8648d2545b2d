"""Registers of training and of headcounts for a simulated collaborative, with a known truth.

Boards send people of each sector to every cohort. A team that tests is likelier to have sent people of its own, early:
so teams with trained people test more, without either being the reason of the other.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from qitools.collaborative.parameters import Parameters
from qitools.collaborative.parts import Day, Part
from qitools.collaborative.records import STAFF, TRAINING

OWN = (2, 7)  # people that a team sends at once, the upper not included


class Programme(Part):
    """A programme of training, and how many a board of two teams sends to a cohort of it."""

    programme: str
    level: str
    usual: float


class SectorRecipe(Part):
    """How many work in a sector of a board of two teams, and what share should be trained and is."""

    size: int
    need: float
    sends: float  # beside the other sectors


class TrainingRecipe(Part, strict=False):
    """Who is trained, where and when."""

    since: Day
    every: int = 6  # months
    cohorts: int
    programmes: tuple[Programme, ...] = Field(min_length=1)
    sectors: dict[str, SectorRecipe]
    testing: float  # the chance that a team that tests has sent people of its own
    others: float  # and that any other team has
    uncounted: tuple[tuple[str, str], ...] = ()  # boards and sectors that give no headcount


def simulate_training(
    recipe: TrainingRecipe, parameters: Parameters, testing: Collection[str], seed: int
) -> dict[str, pd.DataFrame]:
    """Draw the two registers of one collaborative.

    Args:
        recipe: what is true of them.
        parameters: its teams and their boards.
        testing: teams that test.
        seed: of the draw.

    Returns:
        ``training`` and ``staff``, in the columns of ``Records``; the same recipe gives the same tables.
    """
    rng = np.random.default_rng([seed, 31])
    sizes = pd.Series([team.board for team in parameters.teams]).value_counts(sort=False) / 2
    dates = [
        (pd.Timestamp(recipe.since) + pd.DateOffset(months=i * recipe.every)).date() for i in range(recipe.cohorts)
    ]
    rows: list[dict[str, Any]] = []
    for place, date in enumerate(dates):
        common = {"team": "", "date": date, "cohort": f"Cohort {place + 1}"}
        for board, size in sizes.items():
            for sector, one in recipe.sectors.items():
                for programme in recipe.programmes:
                    people = rng.poisson(programme.usual * one.sends * size)
                    rows.append({**common, **_named(programme), "board": board, "sector": sector, "people": people})
    for team in parameters.teams:
        sent, place = rng.random() < (recipe.testing if team.id in testing else recipe.others), int(rng.integers(0, 4))
        own = {"team": team.id, "board": team.board, "sector": list(recipe.sectors)[int(rng.integers(0, 2))]}
        people, first = int(rng.integers(*OWN)), recipe.programmes[0]
        if sent:
            rows.append(
                {**own, **_named(first), "date": dates[place], "cohort": f"Cohort {place + 1}", "people": people}
            )
    kept = [row for row in rows if row["people"]]
    table = pd.DataFrame(kept, columns=list(TRAINING)).sort_values(["date", "board", "team"], kind="stable")
    return {"training": table, "staff": _staff(recipe, sizes, rng)}


def _named(programme: Programme) -> dict[str, str]:
    return {"programme": programme.programme, "level": programme.level}


def _staff(recipe: TrainingRecipe, sizes: pd.Series[Any], rng: np.random.Generator) -> pd.DataFrame:
    """A headcount and the number needed of every board and sector that gives them."""
    rows = []
    for board, size in sizes.items():
        for sector, one in recipe.sectors.items():
            headcount = round(one.size * size * float(np.exp(rng.normal(0, 0.15))), -1)
            row = {"team": "", "board": board, "sector": sector, "headcount": int(headcount)}
            if (board, sector) not in recipe.uncounted:
                rows.append({**row, "need": round(headcount * one.need)})
    return pd.DataFrame(rows, columns=list(STAFF))

"""Services with a known truth: clinics whose demand, capacity and queue agree, save where the recipe says otherwise.

Each month people are referred (Poisson), some who wait are removed, and of those who are left as many are seen as the
capacity in use allows; the queue is what remains. A redesign adds capacity from a date on. Appointments are missed more
often by the more deprived, and what the redesign does to that differs by quintile.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from qitools.collaborative.parts import Day, Part

UNWRITTEN = 40  # people taken off a list in a month that the recipe calls miscounted, and not written down
BANDS = (0, 6, 12, 26)  # weeks
WEEKS = 365.25 / 12 / 7  # in a month


class Clinic(Part, strict=False):
    """One clinic: means a month, the queue at the start, and how much more is done after the redesign."""

    demand: float
    capacity: float
    queue: int
    more: float = 0.0


class Stratum(Part, strict=False):
    """One quintile: the share of appointments missed, and what the redesign makes of the odds."""

    missed: float
    ratio: float = 1.0


class ServiceRecipe(Part, strict=False):
    """One simulated service."""

    clinics: dict[str, Clinic]
    reasons: dict[str, float]
    strata: dict[str, Stratum]
    sizes: tuple[float, ...]
    redesign: Day
    seed: int = 0
    start: Day = date(2023, 4, 1)
    periods: int = 36
    season: float = 0.0
    fill: float = 0.95
    removed: float = 0.02
    miscounted: dict[str, tuple[Day, ...]] = Field(default={})
    unrecorded: dict[str, tuple[Day, ...]] = Field(default={})


def simulate_service(recipe: ServiceRecipe) -> dict[str, pd.DataFrame]:
    """Draw one service.

    Args:
        recipe: its clinics and what is true of them; the same recipe gives the same tables.

    Returns:
        ``observations`` (clinic, month, quintile, booked, missed, reminded), ``flow``, ``delays``, ``waits`` and
        ``changes``, in the columns of the files.
    """
    months = pd.date_range(recipe.start, periods=recipe.periods, freq="MS")
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in ("observations", "flow", "delays", "waits")}
    for name, clinic in recipe.clinics.items():
        rng = np.random.default_rng([recipe.seed, *map(ord, name)])
        flow = _flow(recipe, name, clinic, months, rng)
        drawn = {
            "flow": flow,
            "waits": _waits(flow, rng),
            "delays": _delays(recipe, name, flow, rng),
            "observations": _appointments(recipe, flow, rng),
        }
        for table, rows in drawn.items():
            rows.insert(0, "clinic", name)
            parts[table].append(rows)
    return {name: pd.concat(rows, ignore_index=True) for name, rows in parts.items()} | {"changes": _changes(recipe)}


def _flow(
    recipe: ServiceRecipe, name: str, clinic: Clinic, months: pd.DatetimeIndex, rng: np.random.Generator
) -> pd.DataFrame:
    """The counts of a clinic, month by month; where they are miscounted, removals are not all written down."""
    after = months >= pd.Timestamp(recipe.redesign)
    season = 1 + recipe.season * np.cos(2 * np.pi * (months.month - 4) / 12)
    referred = rng.poisson(clinic.demand * season)
    middle = clinic.capacity * (1 + clinic.more * after)
    capacity = np.round(middle * rng.normal(1, 0.04, len(months))).astype(int)
    unwritten = np.isin(months.date, np.array(recipe.miscounted.get(name, ()), dtype=object)) * UNWRITTEN
    rows, queue = [], clinic.queue
    for i, month in enumerate(months):
        removed = int(rng.binomial(queue, recipe.removed))
        here = queue + int(referred[i]) - removed - int(unwritten[i])
        seen = min(int(rng.binomial(capacity[i], recipe.fill)), here)
        queue = here - seen
        rows.append((month, referred[i], capacity[i], seen, queue, removed))
    return pd.DataFrame(rows, columns=["month", "referred", "appointments", "seen", "waiting", "removed"])


def _waits(flow: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """How many have waited so many weeks or longer: waits fall off at the pace at which the queue is worked through."""
    mean = flow["waiting"] / flow["seen"].clip(lower=1) * WEEKS
    left, columns = flow["waiting"].to_numpy(), {}
    for low, high in pairwise(BANDS):
        left = rng.binomial(left, np.exp(-(high - low) / mean.clip(lower=0.5)))
        columns[f"over_{high}_weeks"] = left
    return flow[["month", "waiting"]].assign(**columns)


def _delays(recipe: ServiceRecipe, name: str, flow: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Appointments cancelled by the clinic, by reason; where none was recorded every reason is 0."""
    cancelled = rng.poisson(flow["appointments"] * 0.08)
    weights = np.array(list(recipe.reasons.values()))
    counts = rng.multinomial(cancelled, weights / weights.sum())
    unknown = np.isin(flow["month"].dt.date, np.array(recipe.unrecorded.get(name, ()), dtype=object))
    counts[unknown] = 0
    reasons = {reason.lower().replace(" ", "_"): counts[:, i] for i, reason in enumerate(recipe.reasons)}
    return flow[["month"]].assign(**reasons, cancelled=cancelled)


def _appointments(recipe: ServiceRecipe, flow: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Appointments booked, missed and reminded of, by quintile."""
    after = (flow["month"] >= pd.Timestamp(recipe.redesign)).to_numpy()
    shares = np.array(recipe.sizes)
    booked = rng.multinomial(flow["appointments"], shares / shares.sum())
    parts = []
    for i, (quintile, stratum) in enumerate(recipe.strata.items()):
        odds = stratum.missed / (1 - stratum.missed) * np.where(after, stratum.ratio, 1.0)
        missed = rng.binomial(booked[:, i], odds / (1 + odds))
        reminded = rng.binomial(booked[:, i], np.where(after, 0.93, 0.4))
        rows: dict[str, Any] = {"quintile": quintile, "booked": booked[:, i], "missed": missed, "reminded": reminded}
        parts.append(flow[["month"]].assign(**rows))
    return pd.concat(parts, ignore_index=True)


def _changes(recipe: ServiceRecipe) -> pd.DataFrame:
    """The redesign where it adds capacity, and reminders everywhere."""
    rows = [("", recipe.redesign, "missed", "Text reminders in the week before")]
    rows += [("", recipe.redesign, "reminded", "Text reminders in the week before")]
    rows += [
        (name, recipe.redesign, "", "One-stop clinic: tests and results on one day")
        for name, clinic in recipe.clinics.items()
        if clinic.more
    ]
    return pd.DataFrame(rows, columns=["team", "date", "measure", "text"])

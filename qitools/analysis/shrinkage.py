"""Estimates of many teams drawn together: small numbers swing widely, so each borrows strength from the others.

The normal–normal model: team i has a true value θᵢ ~ N(μ, τ²) and an estimate yᵢ ~ N(θᵢ, sᵢ²). Neither μ nor τ is
taken as known: τ is drawn from its posterior on a grid (uniform prior on τ, flat on μ), then μ, then every θᵢ, so that
eight teams are not given the confidence of eighty (Gelman et al., Bayesian Data Analysis, 3rd ed., sections 5.4–5.5;
Gelman 2006 on the prior). Ranks are read off the same draws, because a rank of means is not a mean of ranks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qitools.spc.constants import CONFIDENCE
from qitools.spc.panel import Floats

DRAWS = 4_000
GRID = 400  # values of τ looked at
REACH = 10  # up to so many standard deviations of the estimates
LEAST = 3  # with fewer estimates a flat prior on τ has no posterior
SEED = 6


@dataclass(frozen=True, eq=False)
class Shrunk:
    """What is known of each team's true value once all are looked at together.

    Args:
        mean, lower, upper: posterior mean and 95 % interval of each team.
        draws: one row a draw, one column a team.
        typical: mean, lower and upper of μ, the centre of all teams.
        spread: posterior median of τ, the standard deviation between teams.
    """

    mean: Floats
    lower: Floats
    upper: Floats
    draws: Floats
    typical: tuple[float, float, float]
    spread: float

    def top(self, direction: int) -> Floats:
        """How likely each team is among the quarter that moved furthest in a direction (1 up, -1 down)."""
        teams = self.draws.shape[1]
        place = np.argsort(np.argsort(-direction * self.draws, axis=1), axis=1)
        share: Floats = (place < teams // 4).mean(axis=0)
        return share

    def beyond_typical(self, direction: int) -> Floats:
        """How likely each team lies beyond the average of all teams, in a direction (1 up, -1 down)."""
        share: Floats = (direction * (self.draws - self.draws.mean(axis=1, keepdims=True)) > 0).mean(axis=0)
        return share


def shrink(estimate: Floats, variance: Floats, seed: int = SEED) -> Shrunk:
    """Draw the true values of all teams from their estimates.

    Args:
        estimate: one a team, on a scale where errors are near normal (log-odds, log-rate); at least 3.
        variance: of each estimate, above 0.
        seed: of the draws; the same seed gives the same numbers.

    Returns:
        ``Shrunk``.

    Raises:
        ValueError: fewer than three estimates, or a variance that is not above 0.

    >>> far = shrink(np.array([0.0, 0.1, -0.1, 3.0]), np.array([0.04, 0.04, 0.04, 4.0]))
    >>> bool(far.mean[3] < 1.5), far.draws.shape
    (True, (4000, 4))
    """
    if len(estimate) < LEAST or not (variance > 0).all() or not np.isfinite(estimate).all():
        raise ValueError(f"shrinkage needs {LEAST} or more finite estimates with variances above 0")
    random = np.random.default_rng(seed)
    tau = _between(estimate, variance, random)[:, None]
    weight = 1 / (variance + tau**2)
    precision = weight.sum(axis=1)
    centre = (weight * estimate).sum(axis=1) / precision + random.normal(size=DRAWS) / np.sqrt(precision)
    kept = tau**2 / (tau**2 + variance)  # share of a team's own estimate; the rest is the centre of all
    error = random.normal(size=(DRAWS, len(estimate))) * np.sqrt(kept * variance)
    draws = kept * estimate + (1 - kept) * centre[:, None] + error
    ends = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)
    lower, upper = np.quantile(draws, ends, axis=0)
    low, high = np.quantile(centre, ends)
    typical = (float(centre.mean()), float(low), float(high))
    return Shrunk(draws.mean(axis=0), lower, upper, draws, typical, float(np.median(tau)))


def _between(estimate: Floats, variance: Floats, random: np.random.Generator) -> Floats:
    """Draws of τ from its posterior, by the inverse of its distribution on a grid."""
    tau = np.linspace(0, REACH * max(float(estimate.std()), float(np.sqrt(variance.min()))), GRID)
    total = variance + tau[:, None] ** 2
    weight = 1 / total
    precision = weight.sum(axis=1)
    centre = (weight * estimate).sum(axis=1) / precision
    misfit = (weight * (estimate - centre[:, None]) ** 2).sum(axis=1)
    log = -0.5 * (np.log(precision) + np.log(total).sum(axis=1) + misfit)
    cumulative = np.cumsum(np.exp(log - log.max()))
    drawn: Floats = np.interp(random.random(DRAWS) * cumulative[-1], cumulative, tau)
    return drawn

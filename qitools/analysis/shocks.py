"""How much whole periods scatter beyond what counts do, and how much each resembles the one before.

A count of a period is Poisson's around a mean that a winter, an outbreak or a change in counting moves for all teams at
once, and such a shock may last: counts with a first-order autoregression behind them (Zeger 1988, Biometrika 75:621).
How large the shocks are and how long they last is little known from a year or two. So no one value is taken: each is
weighed by its restricted likelihood (Harville 1977, J Am Stat Assoc 72:320), and what is said of a sum of periods is
the mixture over all of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr

from qitools.spc.constants import CONFIDENCE, Z

Floats = NDArray[np.float64]
SIZES = 2 * np.linspace(0, 1, 20) ** 1.5  # of shocks that are weighed, in standard deviations of the periods
RESEMBLANCE = np.linspace(-0.95, 0.95, 20)  # of a shock to the one before, all as likely beforehand
CALM = 0.5  # even odds beforehand that there are no shocks at all; else every size is as likely
FEW = 3  # periods on a side from which shocks are looked for


@dataclass(frozen=True, eq=False)
class Shocks:
    """What periods tell of their shocks: sizes by resemblances.

    ``weight`` of each pair, adding up to 1; ``variance`` of each size, the first 0; ``likeness``: the correlation of
    periods under each resemblance.
    """

    weight: Floats
    variance: Floats
    likeness: Floats

    @property
    def calm(self) -> float:
        """The weight of there being none."""
        return float(self.weight[0].sum())

    @property
    def autocorrelation(self) -> float:
        """How much a shock resembles the one before, on average; NaN where there are none to look at."""
        return float(self.weight.sum(axis=0) @ RESEMBLANCE) if len(self.likeness) > 1 else np.nan

    def variances(self, sums: Floats) -> Floats:
        """The variance that shocks give to weighted sums (periods by sums): sizes × resemblances by sums."""
        spread = np.array([(sums * (likeness @ sums)).sum(axis=0) for likeness in self.likeness])
        return np.asarray((self.variance[:, None, None] * spread).reshape(self.weight.size, -1))

    def end(self, half: float, variance: Floats) -> float:
        """How far the end of a 95 % interval lies, which counting alone puts ``half`` away.

        >>> none = Shocks(np.ones((1, 1)), np.zeros(1), np.zeros((1, 2, 2)))
        >>> round(none.end(1.96, np.zeros(1)), 6)
        1.96
        """
        tail = (1 - CONFIDENCE) / 2
        errors = np.sqrt((half / Z) ** 2 + variance)
        if not errors.max():
            return 0.0
        return float(brentq(lambda at: self.weight.ravel() @ ndtr(-at / errors) - tail, 0, 2 * Z * errors.max()))


def shocks(apart: Floats, counting: Floats, before: NDArray[np.bool_]) -> Shocks:
    """What periods tell of shocks that move them, around a level before and one after.

    Args:
        apart: how far each period's count lies from what its level gives, as a share of that; NaN for no figure.
        counting: the variance of that share that counting gives alone, above 0.
        before: which periods lie before the start.

    Returns:
        ``Shocks``; of fewer than ``FEW`` periods on a side none.

    >>> found = shocks(np.tile([0.5, -0.5], 12), np.full(24, 0.01), np.arange(24) < 12)
    >>> found.calm < 0.01, found.autocorrelation < -0.5
    (True, True)
    """
    known = np.isfinite(apart)
    level = np.column_stack([before, ~before])
    if level[known].sum(axis=0).min() < FEW:
        return Shocks(np.ones((1, 1)), np.zeros(1), np.zeros((1, len(apart), len(apart))))
    at = np.arange(len(apart))
    likeness = RESEMBLANCE[:, None, None] ** np.abs(at[:, None] - at)
    error = np.sqrt(counting[known])
    one = max(float(apart[known].std()), float(np.sqrt((error**2).mean())))
    seen = np.column_stack([level, np.nan_to_num(apart)])[known] / error[:, None]
    told = _likelihood(seen, likeness[:, known][:, :, known] / error[:, None] / error, (one * SIZES) ** 2)
    odds = np.gradient(SIZES)
    odds *= (1 - CALM) / odds.sum()
    odds[0] += CALM
    weight = np.exp(told - told.max()) * odds[:, None]
    return Shocks(weight / weight.sum(), (one * SIZES) ** 2, likeness)


def _likelihood(seen: Floats, likeness: Floats, variance: Floats) -> Floats:
    """The restricted log likelihood of each size and resemblance: both levels and periods, in errors of counting."""
    length, turned = np.linalg.eigh(likeness)
    parts = turned.swapaxes(-1, -2) @ seen
    left = 1 / (1 + variance[:, None] * np.maximum(length, 0.0)[:, None])  # resemblances, sizes, periods
    pairs = (parts[..., :, None] * parts[..., None, :]).reshape(*length.shape, 9)
    square = (left @ pairs).reshape(*left.shape[:2], 3, 3).swapaxes(0, 1)
    levels, both = square[..., :2, :2], square[..., :2, 2:]
    rest = square[..., 2, 2] - (both * np.linalg.solve(levels, both)).sum((-1, -2))
    return np.asarray(-0.5 * (np.linalg.slogdet(levels)[1] + rest - np.log(left).sum(axis=-1).T))

"""Who is put together with whom: as many good pairs as the limits allow, the same ones every time.

A pair has a score above 0, or may not be. Every asker is in at most one pair, every giver in at most so many (its
load), and of all ways to do that the one with the largest total is chosen (Kuhn 1955; ``scipy.optimize``'s shortest
augmenting paths, Crouse 2016). Where two ways have the same total, the fixed order of the teams decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from qitools.spc.panel import Floats

STEPS = 1_000  # scores are compared to three decimals


def assign(score: Floats, load: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs with the largest total score.

    Args:
        score: askers by givers; 0 or less where the two may not be paired.
        load: how many askers each giver takes, 0 or more.

    Returns:
        Pairs of asker and giver, by asker.

    >>> assign(np.array([[3.0, 2.0], [2.0, 0.0]]), [1, 1])
    [(0, 1), (1, 0)]
    """
    giver = np.repeat(np.arange(len(load)), load)  # one column for each asker that a giver takes
    if not score.size or not len(giver):
        return []
    worth = np.round(np.maximum(score, 0) * STEPS)[:, giver]
    rows, columns = linear_sum_assignment(worth + _early(worth), maximize=True)
    pairs = [(int(i), int(giver[j])) for i, j in zip(rows, columns, strict=True) if worth[i, j] > 0]
    return sorted(pairs)


def _early(worth: Floats) -> Floats:
    """A little for early askers with early givers, too little for all of it to outweigh one step of a score."""
    askers, givers = worth.shape
    order = np.outer(np.arange(askers, 0, -1), np.arange(givers, 0, -1)).astype(float)
    order /= 2 * order.max() * min(askers, givers)
    return np.where(worth > 0, order, 0.0)

"""Quantiles of counts, from ``scipy.special``: importing ``scipy.stats`` takes a second, in every process."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, bdtrik, pdtr, pdtrik

from qitools.spc.panel import Floats


def binomial(tail: float, n: ArrayLike, share: float) -> Floats:
    """The smallest count of ``n`` at which the binomial distribution reaches ``tail``; shapes as numpy broadcasts.

    >>> binomial(0.05, [10, 24], 0.5).tolist()
    [2.0, 8.0]
    """
    size = np.asarray(n, np.int64)  # scipy takes a number of trials of no other type
    if share in (0.0, 1.0):
        return np.asarray(size * share, float)
    return _reached(bdtrik(tail, np.maximum(size, 1), share), lambda count: bdtr(count, size, share), tail)


def poisson(tail: float, mean: ArrayLike) -> Floats:
    """The smallest count at which the Poisson distribution of this mean reaches ``tail``.

    >>> poisson(0.025, [0.0, 8.0]).tolist()
    [0.0, 3.0]
    """
    level = np.asarray(mean, float)
    return _reached(pdtrik(tail, np.maximum(level, 1e-12)), lambda count: pdtr(count, level), tail)


def _reached(near: Floats, reaches: Callable[[Floats], Floats], tail: float) -> Floats:
    """A whole count, of the continuous one near it."""
    count = np.maximum(np.ceil(near), 0.0)
    before = np.maximum(count - 1, 0.0)
    return np.asarray(np.where(reaches(before) >= tail, before, count))

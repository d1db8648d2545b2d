"""Interrupted time series: did the level or the slope change at a date, beyond where the series was heading?

A line before, a step and a new slope after (segmented regression: Wagner et al. 2002, J Clin Pharm Ther 27:299; Bernal
et al. 2017, Int J Epidemiol 46:348). Months resemble the months before them, and how much must be learnt from the same
few points. Newey–West errors (statsmodels) take the resemblance for known, and in series as short as ours their 95 %
intervals hold the truth three times in four; those of ``its`` weigh every first-order autocorrelation by its restricted
likelihood, and hold it 93 to 97 times in a hundred (docs/methods.md has the figures, and says where not).
Both are given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import stdtr, stdtrit

from qitools.spc.constants import CONFIDENCE

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
EACH_SIDE = 8  # points; Cochrane EPOC asks for at least 3, Wagner et al. 2002 for 12, below 8 no slope can be told
LEAST = 24  # points in all, 12 and 12 of Wagner et al. 2002: of fewer the intervals do not hold the truth as they say
RESEMBLANCE = np.linspace(-0.975, 0.975, 40)  # first-order autocorrelations that are weighed, each first of all by
BEFOREHAND = (1 - RESEMBLANCE**2) ** 0.25  # this: calibrated by simulation, as docs/methods.md tells
ALIKE, ALIKE_POINTS = 0.6, 48  # above this autocorrelation fewer points than these leave the intervals too narrow


@dataclass(frozen=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan

    @property
    def told(self) -> bool:
        """Whether the interval lies on one side of nought."""
        return bool(self.low > 0 or self.high < 0)


@dataclass(frozen=True, eq=False)
class Interrupted:
    """What an interrupted time series says; all in the unit of the values, slopes per period.

    ``level``: the step at the start, over the line before; ``slope``: the new slope less the old; ``newey_west`` the
    same two with Newey–West errors of ``lags``; ``fitted`` and ``expected`` (the line before, carried on) a value for
    each one given; ``reason``: "", too_few or constant, with which nothing else is known.
    """

    n_before: int
    n_after: int
    reason: str = ""
    covariance: str = "ar1"  # or newey-west, where lags were asked for
    level: Estimate = field(default_factory=Estimate)
    slope: Estimate = field(default_factory=Estimate)
    slope_before: Estimate = field(default_factory=Estimate)
    newey_west: tuple[Estimate, Estimate] = (Estimate(), Estimate())
    lags: int = 0
    autocorrelation: float = np.nan
    fitted: Floats = field(default_factory=lambda: np.empty(0))
    expected: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def alike(self) -> bool:
        """Whether so few points resemble each other so much that the intervals are likely too narrow."""
        return bool(self.autocorrelation > ALIKE and self.n_before + self.n_after < ALIKE_POINTS)


def its(values: ArrayLike, index: Any, start: Any, *, lags: int | None = None) -> Interrupted:
    """How much level and slope changed at a date.

    Args:
        values: one a period, in any unit; NaN where none came.
        index: their periods, rising: dates, or whole numbers; those absent are left out, not closed up.
        start: the first period of the new way: a date or a number, as in ``index``.
        lags: intervals by Newey–West errors over so many periods (0 or more) instead; they are too narrow in series
            of under some hundred points.

    Returns:
        An ``Interrupted``.

    Raises:
        ValueError: values and index of different lengths, or an index that does not rise.

    >>> noise = np.random.default_rng(1).normal(size=48)
    >>> found = its(20 + noise - 5 * (np.arange(48) >= 24), range(48), 24)
    >>> round(found.level.value, 1), found.level.told, found.slope.told
    (-6.1, True, False)
    """
    numbers = np.asarray(values, dtype=float)
    if not len(numbers) and not len(index):
        return Interrupted(0, 0, reason="too_few")
    at, begins = positions(index, start)
    if len(numbers) != len(at) or (np.diff(at) <= 0).any():
        raise ValueError("values and index must be of one length, and the index must rise")
    known = np.isfinite(numbers)
    sizes = int((known & (at < begins)).sum()), int((known & (at >= begins)).sum())
    if not enough(*sizes):
        return Interrupted(*sizes, reason="too_few")
    whole = design(at, begins)
    y, x = numbers[known], whole[known]
    if np.ptp(y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) < 1e-9 * max(1.0, np.abs(y).max()):
        return Interrupted(*sizes, reason="constant")
    usual = int(4 * (len(y) / 100) ** (2 / 9)) if lags is None else lags  # Newey & West 1994
    robust = newey_west(y, x, usual)
    found, resemblance = weighed(y, x, at[known]) if lags is None else (robust, np.nan)
    line = np.array([one.value for one in found])
    return Interrupted(
        *sizes,
        covariance="ar1" if lags is None else "newey-west",
        level=found[2],
        slope=found[3],
        slope_before=found[1],
        newey_west=(robust[2], robust[3]),
        lags=usual,
        autocorrelation=resemblance,
        fitted=whole @ line,
        expected=whole[:, :2] @ line[:2],
    )


def enough(before: int, after: int) -> bool:
    """Whether so many points on either side can tell a step from a slope."""
    return min(before, after) >= EACH_SIDE and before + after >= LEAST


def positions(index: Any, start: Any) -> tuple[Ints, int]:
    """Periods as whole numbers from 0, and the place of the start; months where every date is the first of one.

    >>> positions(pd.to_datetime(["2025-01-01", "2025-04-01", "2025-10-01"]), "2025-05-20")
    (array([0, 1, 3]), 2)
    """
    given = pd.Index(index)
    if pd.api.types.is_numeric_dtype(given):
        numbers = given.to_numpy(np.int64)
        return numbers - numbers[:1].sum(), int(start) - int(numbers[:1].sum())
    days = pd.DatetimeIndex(given)
    unit = "M" if (days.day == 1).all() else "D"
    ticks = days.to_numpy().astype(f"datetime64[{unit}]").astype(np.int64)
    begins = int(pd.Timestamp(start).to_datetime64().astype(f"datetime64[{unit}]").astype(np.int64))
    step = int(np.gcd.reduce(np.diff(ticks))) if len(ticks) > 1 else 1
    later = unit == "M" and pd.Timestamp(start).day > 1  # the period in which a change falls belongs to before
    return (ticks - ticks[0]) // max(step, 1), -(-(begins + later - int(ticks[0])) // max(step, 1))


def design(at: Ints, begins: int) -> Floats:
    """Columns of the regression: 1, time from the start, whether after it, time after it."""
    after = (at >= begins).astype(float)
    return np.column_stack([np.ones(len(at)), at - begins, after, after * (at - begins)])


def newey_west(y: Floats, x: Floats, lags: int) -> tuple[Estimate, ...]:
    """Least squares with Newey–West errors (small-sample correction, Student's t), by statsmodels."""
    from statsmodels.regression.linear_model import OLS  # takes half a second to load: only where it is used

    fit = OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    return tuple(Estimate(*map(float, row)) for row in np.column_stack([fit.params, fit.conf_int(1 - CONFIDENCE)]))


def weighed(y: Floats, x: Floats, at: Ints) -> tuple[tuple[Estimate, ...], float]:
    """Generalised least squares under each autocorrelation, weighed by its restricted likelihood.

    Returns:
        The coefficients with their intervals, and the mean autocorrelation.
    """
    free = len(y) - x.shape[1]
    middles, errors, weight = (part[..., 0] for part in mixture(y[:, None], x, at))
    ends = [_ends(middles[:, i], errors[:, i], weight, free) for i in range(x.shape[1])]
    means = weight @ middles
    return tuple(Estimate(float(m), *pair) for m, pair in zip(means, ends, strict=True)), float(weight @ RESEMBLANCE)


def mixture(y: Floats, x: Floats, at: Ints) -> tuple[Floats, Floats, Floats]:
    """Coefficients, errors and weight under each autocorrelation, of many series of one design at once.

    Args:
        y: periods by series.

    Returns:
        autocorrelations by coefficients by series, twice, and autocorrelations by series: the weights add up to 1.
    """
    middles, errors, likelihood = map(np.array, zip(*(_under(y, x, at, one) for one in RESEMBLANCE), strict=True))
    weight = np.exp(likelihood - likelihood.max(axis=0)) * BEFOREHAND[:, None]
    return middles, errors, weight / weight.sum(axis=0)


def _under(y: Floats, x: Floats, at: Ints, resemblance: float) -> tuple[Floats, Floats, Floats]:
    """Coefficients, their errors and the restricted log likelihood under one autocorrelation, gaps as they are."""
    carried = resemblance ** np.diff(at)
    spread = np.r_[1.0, np.sqrt(1 - carried**2)]
    wx, wy = (np.vstack([m[:1], m[1:] - carried[:, None] * m[:-1]]) / spread[:, None] for m in (x, y))
    square = wx.T @ wx
    inverse = np.linalg.inv(square)
    found = inverse @ (wx.T @ wy)
    left, free = ((wy - wx @ found) ** 2).sum(axis=0), len(y) - x.shape[1]
    likelihood = -0.5 * (2 * np.log(spread).sum() + np.linalg.slogdet(square)[1] + free * np.log(left))
    return found, np.sqrt(np.diag(inverse)[:, None] * left / free), likelihood


def _ends(middles: Floats, errors: Floats, weight: Floats, free: int) -> tuple[float, float]:
    """The quantiles of a mixture of Student's t distributions that leave 2.5 % at either end."""
    far = 1.0 + stdtrit(free, 1 - (1 - CONFIDENCE) / 200) * errors.max()
    around = float(middles.min() - far), float(middles.max() + far)

    def end(share: float) -> float:
        return float(brentq(lambda at: weight @ stdtr(free, (at - middles) / errors) - share, *around))

    return end((1 - CONFIDENCE) / 2), end((1 + CONFIDENCE) / 2)

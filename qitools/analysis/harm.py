"""Harm that did not happen: what would have been expected at each team's own rate before, less what was observed.

Σ(e·r₀ − o): e is the exposure after the start (bed days, patients; a period where only events are counted), r₀ the
team's rate before it, o the events observed. Each team is held against itself, so that who reports moves nothing. What
is said rests on the counts: score limits of Poisson counts (of the weighted sum of teams by Dobson et al. 1991, Stat
Med 10:457; of the difference by MOVER, Zou & Donner 2008, Stat Med 27:1693), widened by as much as whole periods
scatter more and resemble each other (``shocks``). Beside it stands a bootstrap of whole periods in blocks, widened for
few periods (Hesterberg 2015, Am Stat 69:371). How often both hold the truth is in docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from qitools.analysis.across import Member
from qitools.analysis.focus import focus
from qitools.analysis.once import once
from qitools.analysis.pooled import SUMMABLE, apart_by_period, countable
from qitools.analysis.shocks import CALM, shocks
from qitools.collaborative.decisions import START_QUARTERLY
from qitools.spc.constants import CONFIDENCE, Z

Floats = NDArray[np.float64]
Interval = tuple[float, float]
DRAWS = 2_000
SEED = 20_250  # of the bootstrap: the same figures give the same interval
HALF = 0.5  # share of the periods before the start that a team must have reported to have a rate
LEAST = 6  # periods, the same
ALIKE = 0.6  # autocorrelation above which periods tell too little, where there are
TOLD = 36  # fewer of them on a side
DRIFT = 0.9  # and above which there is no level to hold anything against, and so no interval
SHORT = 24  # periods on a side; of fewer it cannot be known how much they resemble each other
UNKNOWN: Interval = (np.nan, np.nan)
TABLE = ("date", "observed", "expected", "avoided", "low", "high")


@dataclass(frozen=True, eq=False)
class Harm:
    """Harm avoided in one measure.

    ``table``: ``date, observed, expected, avoided`` (so far), ``low, high``; ``interval``: its last, of the counts and
    what scatters beyond them; ``calm``: the weight of nothing scattering beyond them, ``autocorrelation`` of what does;
    ``teams`` that are counted, ``left_out`` (ids) that have too little before the start; ``before``, ``after``: first
    and last period, ``periods``: how many; ``closed``: the day of the end, after which nothing is counted (NaT: it goes
    on); ``reason``: "", not_harm, no_baseline, no_after, with which nothing else is known.
    """

    reason: str = ""
    avoided: float = np.nan
    interval: Interval = UNKNOWN
    bootstrap: Interval = UNKNOWN
    calm: float = np.nan
    autocorrelation: float = np.nan
    observed: float = np.nan
    expected: float = np.nan
    teams: int = 0
    left_out: tuple[str, ...] = ()
    before: tuple[Any, Any] = (pd.NaT, pd.NaT)
    after: tuple[Any, Any] = (pd.NaT, pd.NaT)
    periods: tuple[int, int] = (0, 0)
    closed: Any = pd.NaT
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TABLE)))

    @property
    def scattered(self) -> bool:
        """Whether periods rather scatter more than counts do than not."""
        return bool(self.calm < CALM)

    @property
    def caution(self) -> str:
        """Why there is no interval (drift), or it may be too narrow: alike, short or ""."""
        if np.isfinite(self.avoided) and np.isnan(self.interval[0]):
            return "drift"
        if self.scattered and self.autocorrelation > ALIKE and min(self.periods) < TOLD:
            return "alike"
        return "short" if min(self.periods) < SHORT else ""

    @property
    def told(self) -> int:
        """1 fewer than expected, -1 more, 0 neither, beyond chance, or not known."""
        low, high = self.interval
        return int(low > 0) - int(high < 0)


@once
def harm(member: Member, measure: str) -> Harm:
    """The harm avoided in one measure since the work began, else since the first year of figures, until it closed.

    Args:
        member: one collaborative of ``across``.
        measure: the id of a measure; only counts of which fewer are better are harm.

    Returns:
        ``Harm``.
    """
    part = focus(member.own(), measure=measure)
    label = part.measures.iloc[0]
    if label["better"] != "lower" or label["data"] not in SUMMABLE:
        return Harm(reason="not_harm")
    closed, told = member.closed(), countable(part)
    told = told[told["date"] <= (closed or pd.Timestamp.max)]  # what came after is told by whether gains were held
    events, exposure = (_matrix(told, name) for name in ("numerator", "denominator"))
    exposure = exposure if exposure.notna().to_numpy().any() else events.notna().astype(float).where(events.notna())
    start = start_of(member, events.index)
    before = np.asarray(events.index < start)
    if not before.any() or before.all():
        return Harm(reason="no_after" if before.any() else "no_baseline")
    full = (events[before].notna() & (exposure[before] > 0)).sum()
    kept = full >= max(LEAST, HALF * before.sum())
    silent = set(apart_by_period(part)) | set(map(str, kept.index[~kept]))
    if not kept.any():
        return Harm(reason="no_baseline", left_out=tuple(sorted(silent)))
    o, e = (frame.loc[:, kept].to_numpy(float) for frame in (events, exposure))
    found = replace(estimated(o, e, before), left_out=tuple(sorted(silent)))
    dates = events.index
    return replace(
        found,
        before=(dates[before][0], dates[before][-1]),
        after=(dates[~before][0], dates[~before][-1]),
        closed=closed or pd.NaT,
        table=found.table.assign(date=dates[~before])[list(TABLE)],
    )


def start_of(member: Member, dates: pd.Index[Any]) -> pd.Timestamp:
    """Where before ends: the day the YAML says that the work began, else a year after the first figure.

    Of quarters two years, which is as many as a level needs.
    """
    began = member.began()
    if began is not None or not len(dates):
        return began or pd.Timestamp.max
    own = START_QUARTERLY if member.period == "quarter" else member.year
    return pd.Timestamp(dates[min(own, len(dates) - 1)])


def _matrix(told: pd.DataFrame, column: str) -> pd.DataFrame:
    """A column of the points as dates × teams."""
    wide: pd.DataFrame = told.assign(team=told["team"].astype(str)).pivot_table(
        index="date", columns="team", values=column, aggfunc="first", dropna=False
    )
    return wide


def estimated(events: Floats, exposure: Floats, before: NDArray[np.bool_]) -> Harm:
    """Avoided harm and its intervals.

    Args:
        events, exposure: periods × teams; NaN where a team sent nothing.
        before: which periods lie before the start.

    Returns:
        ``Harm`` without dates.

    >>> o = np.array([[10.0], [12.0], [5.0], [4.0]])
    >>> found = estimated(o, np.full((4, 1), 100.0), np.array([True, True, False, False]))
    >>> found.avoided, found.observed, found.expected
    (13.0, 9.0, 22.0)
    """
    whole = np.isfinite(events) & (exposure > 0)
    o, e = np.where(whole, events, 0.0), np.where(whole, exposure, 0.0)
    o0, e0 = o[before].sum(axis=0), e[before].sum(axis=0)
    rate = _over(o0, e0)
    seen, awaited = o[~before].sum(axis=1), (e[~before] * rate).sum(axis=1)
    avoided, exposed = np.cumsum(awaited - seen), np.cumsum(e[~before], axis=0)
    counts = [mover(o0, e0, each, total) for each, total in zip(exposed, np.cumsum(seen), strict=True)]
    ends, calm, alike = widened(o, e, before, avoided, np.array(counts))
    if calm < CALM and alike > DRIFT:
        ends = np.full_like(ends, np.nan)
    table = pd.DataFrame({"observed": seen, "expected": awaited, "avoided": avoided})
    return Harm(
        avoided=float((awaited - seen).sum()),
        interval=(float(ends[-1, 0]), float(ends[-1, 1])),
        bootstrap=bootstrap(o, e, before),
        calm=calm,
        autocorrelation=alike,
        observed=float(seen.sum()),
        expected=float(awaited.sum()),
        teams=events.shape[1],
        periods=(int(before.sum()), int((~before).sum())),
        table=table.assign(low=ends[:, 0], high=ends[:, 1]),
    )


def widened(o: Floats, e: Floats, before: NDArray[np.bool_], middles: Floats, counts: Floats) -> tuple[Any, ...]:
    """The ends of intervals of counts, widened by the shocks that move whole periods.

    Args:
        o, e: events and exposure, periods × teams; those before the start first.
        middles, counts: what was avoided so far, and its ends by counts alone, of some last periods after the start.

    Returns:
        The ends; the weight of there being no shocks; how much they resemble each other.
    """
    e0, later = e[before].sum(axis=0), e[~before]
    rate, after = (_over(o[side].sum(axis=0), e[side].sum(axis=0)) for side in (before, ~before))
    share = _over(np.cumsum(later, axis=0), e0).T  # of each team, and so far: the exposure after, over that before
    fitted, own = e[before] * rate, later @ after
    levels = np.r_[fitted @ share[:, -1], own]
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.r_[o[before] @ share[:, -1], o[~before].sum(axis=1)] / levels - 1
        counting = np.r_[fitted @ share[:, -1] ** 2, own] / levels**2
    found = shocks(apart, counting, before)
    until = len(middles)
    sums = np.vstack([fitted @ share, -own[:, None] * np.triu(np.ones((len(own), len(own))))])[:, -until:]
    ends = [
        (middle - found.end(middle - low, own_part), middle + found.end(high - middle, own_part))
        for middle, (low, high), own_part in zip(middles, counts, found.variances(sums).T, strict=True)
    ]
    return np.array(ends), found.calm, found.autocorrelation


def _over(top: Floats, bottom: Floats) -> Floats:
    """One number over another, 0 where there is nothing to divide by."""
    return np.divide(top, bottom, out=np.zeros(top.shape), where=bottom > 0)


def score(count: Any) -> tuple[Any, Any]:
    """95 % score limits of a Poisson count.

    >>> [round(float(end), 2) for end in score(10)]
    [5.43, 18.41]
    """
    middle, half = count + Z**2 / 2, Z * np.sqrt(count + Z**2 / 4)
    return middle - half, middle + half


def mover(o0: Floats, e0: Floats, e1: Floats, o1: float) -> Interval:
    """The interval of Σ(e₁·o₀/e₀) − o₁ from counts per team before, exposures, and the events after.

    Args:
        o0, e0, e1: events and exposure before, exposure after, a number a team.
        o1: events after, of all teams.
    """
    weight = _over(e1, e0)
    expected, total = float((weight * o0).sum()), float(o0.sum())
    stretch = np.sqrt((weight**2 * o0).sum() / total) if total else float(weight.max(initial=0.0))
    (low0, high0), (low1, high1) = score(total), score(o1)
    down = np.sqrt((stretch * (total - low0)) ** 2 + (high1 - o1) ** 2)
    up = np.sqrt((stretch * (high0 - total)) ** 2 + (o1 - low1) ** 2)
    return float(expected - o1 - down), float(expected - o1 + up)


def bootstrap(o: Floats, e: Floats, before: NDArray[np.bool_]) -> Interval:
    """Whole periods drawn again, in blocks on a circle, before and after apart; teams of a period stay together."""
    exposed = e[~before].sum(axis=0)
    moved, free = np.zeros(DRAWS), 0.0
    sides = (before, 1.0), (~before, -1.0)
    for (side, sign), (block, times) in zip(sides, drawn(int(before.sum()), int((~before).sum())), strict=True):
        periods = int(side.sum())
        if periods <= block + 1:
            return UNKNOWN
        events, exposure = times @ o[side], times @ e[side]
        own = _over(o[side].sum(axis=0), e[side].sum(axis=0))
        rates = np.divide(events, exposure, out=np.broadcast_to(own, events.shape).copy(), where=exposure > 0)
        moved += sign * np.sqrt(periods / (periods - block)) * ((rates - own) @ exposed)
        free += periods / block - 1
    tail = float(ndtr(stdtrit(free, (1 - CONFIDENCE) / 2)))  # further out than 2.5 %, as Student's t is for few periods
    avoided = _avoided(o, e, before)
    low, high = np.quantile(moved, [tail, 1 - tail])
    return avoided + float(low), avoided + float(high)


@lru_cache(maxsize=8)
def drawn(*sides: int) -> list[tuple[int, Floats]]:
    """Of each side its block, in periods, and how often each draw takes each of its so many periods."""
    random, found = np.random.default_rng(SEED), []
    for periods in sides:
        block = max(1, round(periods ** (1 / 3)))
        starts = random.integers(0, periods, (DRAWS, -(-periods // block)))
        rows = ((starts[:, :, None] + np.arange(block)) % periods).reshape(DRAWS, -1)[:, :periods]
        times = np.zeros((DRAWS, periods))
        np.add.at(times, (np.arange(DRAWS)[:, None], rows), 1.0)
        found.append((block, times))
    return found


def _avoided(o: Floats, e: Floats, before: NDArray[np.bool_]) -> float:
    e0 = e[before].sum(axis=0)
    rate = _over(o[before].sum(axis=0), e0)
    return float((e[~before].sum(axis=0) * rate).sum() - o[~before].sum())

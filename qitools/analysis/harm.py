"""Harm that did not happen: what would have been expected at each team's own rate before, less what was observed.

Σ(e·r₀ − o): e is the exposure after the start (bed days, patients; a period where only events are counted), r₀ the
team's rate before it, o the events observed. Each team is held against itself, so that who reports moves nothing. Two
95 % intervals are shown: one from counts (score limits of Poisson counts; of the weighted sum of teams by Dobson et al.
1991, Stat Med 10:457; of the difference by MOVER, Zou & Donner 2008, Stat Med 27:1693), widened where they scatter more
than Poisson's; and a bootstrap of whole periods in blocks, widened for few periods (Hesterberg 2015, Am Stat 69:371).
What is said rests on the second where periods scatter more than counts do, else on the first: it then holds the truth
as often as it says (docs/methods.md has the figures).
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
from qitools.collaborative.decisions import START_QUARTERLY
from qitools.spc.constants import CONFIDENCE, Z

Floats = NDArray[np.float64]
Interval = tuple[float, float]
DRAWS = 2_000
SEED = 20_250  # of the bootstrap: the same figures give the same interval
HALF = 0.5  # share of the periods before the start that a team must have reported to have a rate
LEAST = 6  # periods, the same
UNKNOWN: Interval = (np.nan, np.nan)
TABLE = ("date", "observed", "expected", "avoided", "low", "high")


@dataclass(frozen=True, eq=False)
class Harm:
    """Harm avoided in one measure.

    ``table``: ``date, observed, expected, avoided`` (so far), ``low, high`` (of the counts' interval); ``teams`` that
    are counted, ``left_out`` (ids) that have too little before the start; ``before``, ``after``: first and last period;
    ``closed``: the day of the end, after which nothing is counted (NaT: it goes on); ``reason``: "", not_harm,
    no_baseline, no_after, with which nothing else is known.
    """

    reason: str = ""
    avoided: float = np.nan
    poisson: Interval = UNKNOWN
    bootstrap: Interval = UNKNOWN
    dispersion: float = np.nan
    observed: float = np.nan
    expected: float = np.nan
    teams: int = 0
    left_out: tuple[str, ...] = ()
    before: tuple[Any, Any] = (pd.NaT, pd.NaT)
    after: tuple[Any, Any] = (pd.NaT, pd.NaT)
    closed: Any = pd.NaT
    table: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(TABLE)))

    @property
    def scattered(self) -> bool:
        """Whether periods scatter more than counts do, so that the bootstrap's interval is the one to speak of."""
        return bool(self.dispersion > 1 and np.isfinite(self.bootstrap[0]))

    @property
    def interval(self) -> Interval:
        """What may be said: the interval of the counts, or the bootstrap's where periods scatter more than counts."""
        return self.bootstrap if self.scattered else self.poisson

    @property
    def told(self) -> int:
        """1 fewer than expected, -1 more, 0 neither, beyond chance."""
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
    rate = np.divide(o0, e0, out=np.zeros_like(o0), where=e0 > 0)
    spread = dispersion(o, e, before)
    seen, awaited = o[~before].sum(axis=1), (e[~before] * rate).sum(axis=1)
    exposed = np.cumsum(e[~before], axis=0)
    ends = np.array([mover(o0, e0, each, total, spread) for each, total in zip(exposed, np.cumsum(seen), strict=True)])
    table = pd.DataFrame({"observed": seen, "expected": awaited, "avoided": np.cumsum(awaited - seen)})
    return Harm(
        avoided=float((awaited - seen).sum()),
        poisson=(float(ends[-1, 0]), float(ends[-1, 1])),
        bootstrap=bootstrap(o, e, before),
        dispersion=spread,
        observed=float(seen.sum()),
        expected=float(awaited.sum()),
        teams=events.shape[1],
        table=table.assign(low=ends[:, 0], high=ends[:, 1]),
    )


def score(count: Any) -> tuple[Any, Any]:
    """95 % score limits of a Poisson count.

    >>> [round(float(end), 2) for end in score(10)]
    [5.43, 18.41]
    """
    middle, half = count + Z**2 / 2, Z * np.sqrt(count + Z**2 / 4)
    return middle - half, middle + half


def mover(o0: Floats, e0: Floats, e1: Floats, o1: float, spread: float = 1.0) -> Interval:
    """The interval of Σ(e₁·o₀/e₀) − o₁ from counts per team before, exposures, and the events after.

    Args:
        o0, e0, e1: events and exposure before, exposure after, a number a team.
        o1: events after, of all teams.
        spread: variance over that of Poisson counts, 1 or more.
    """
    weight = np.divide(e1, e0, out=np.zeros_like(e1), where=e0 > 0)
    expected, total = float((weight * o0).sum()), float(o0.sum())
    stretch = np.sqrt((weight**2 * o0).sum() / total) if total else float(weight.max(initial=0.0))
    (low0, high0), (low1, high1) = score(total), score(o1)
    down = np.sqrt((stretch * (total - low0)) ** 2 + (high1 - o1) ** 2)
    up = np.sqrt((stretch * (high0 - total)) ** 2 + (o1 - low1) ** 2)
    avoided, wider = expected - o1, np.sqrt(spread)
    return float(avoided - wider * down), float(avoided + wider * up)


def dispersion(o: Floats, e: Floats, before: NDArray[np.bool_]) -> float:
    """Pearson's X² over its degrees of freedom; at least 1.

    Of the totals of all teams, a period each, around the rates before and after: what moves all teams of a month
    together (a winter, a change in counting) then counts too.
    """
    chi2 = 0.0
    for side in (before, ~before):
        total, exposed = o[side].sum(axis=0), e[side].sum(axis=0)
        expected = (e[side] * np.divide(total, exposed, out=np.zeros_like(total), where=exposed > 0)).sum(axis=1)
        there = expected > 0
        chi2 += float(((o[side].sum(axis=1) - expected)[there] ** 2 / expected[there]).sum())
    free = len(before) - 2
    return max(1.0, chi2 / free) if free > 0 else 1.0


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
        own = np.divide(o[side].sum(axis=0), e[side].sum(axis=0), out=np.zeros(o.shape[1]), where=e[side].any(axis=0))
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
    rate = np.divide(o[before].sum(axis=0), e0, out=np.zeros_like(e0), where=e0 > 0)
    return float((e[~before].sum(axis=0) * rate).sum() - o[~before].sum())

"""What the change of all teams together is made of: change within teams, and change of who stands behind the figure.

A pooled rate can fall while no team's does: a team with a high rate leaves, or a team with a low one grows. So the
change from a first window to a last one is split, exactly, into four parts. With C the teams in both windows, w a
team's share of the denominators of C, r its rate and P the pooled rate (of C: P^C), A the first window and B the last:

    within = Σ ½ (w_A + w_B)(r_B − r_A)      mix = Σ ½ (r_A + r_B)(w_B − w_A)
    joiners = P_B − P_B^C                    leavers = P_A^C − P_A

Within and mix add up to P_B^C − P_A^C, and all four to P_B − P_A. Joiners is s(r − P_B^C), with s the joiners' share of
the denominators of B and r their rate; leavers the mirror: leaving of teams with a high rate makes it negative.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qitools.analysis.engine import Analysis
from qitools.analysis.focus import focus
from qitools.analysis.pooled import countable, pool
from qitools.analysis.values import RATIOS
from qitools.analysis.windows import A_YEAR, places, usual_period, window_length

PARTS = ("within", "mix", "joiners", "leavers")
MUCH = 0.25  # of the sum of the absolute parts: more membership than this is said in a banner
MATTERS = 0.01  # of the level: where nothing has moved, a quarter of it is nothing
LEAST = 0.25  # of a year: shorter windows say nothing


@dataclass(frozen=True)
class Split:
    """The change of all teams together between two windows, and its parts, in display units.

    Args:
        parts: ``part`` (within, mix, joiners, leavers), ``amount``.
        teams: ``team, group`` (stayed, joined, left), ``before, after`` (its rates), ``share_before, share_after`` (of
            the denominators of its window), ``amount`` (what it adds to its part; of those who stayed: within and mix).
        before, after: pooled rates of the two windows.
        first, last: first and last period of each window, as pairs.
        periods: periods of each window that both have, in the same months.
        reason: why there is no split: events, no_denominator, no_points, too_short, none_stayed; "" where there is one.
    """

    parts: pd.DataFrame
    teams: pd.DataFrame
    before: float = float("nan")
    after: float = float("nan")
    first: tuple[Any, Any] = (pd.NaT, pd.NaT)
    last: tuple[Any, Any] = (pd.NaT, pd.NaT)
    periods: int = 0
    reason: str = ""

    @property
    def membership(self) -> float:
        """What joining and leaving adds."""
        return float(self.parts.set_index("part")["amount"][["joiners", "leavers"]].sum()) if len(self.parts) else 0.0

    @property
    def mostly_membership(self) -> bool:
        """Whether more than a quarter of all that moved is joining and leaving, and more than 1 % of the level."""
        moved = float(self.parts["amount"].abs().sum()) if len(self.parts) else 0.0
        return abs(self.membership) > max(MUCH * moved, MATTERS * abs(self.before))


def split(analysis: Analysis, measure: str) -> Split:
    """Split the change of all teams together, from the first window to the last.

    Args:
        analysis: what ``qi.analyse`` gave; ``method["change_window"]`` holds the periods of a window (default: a year).
        measure: the id of a measure.

    Returns:
        ``Split``. Windows hold the same months of the year: of more than a year, whole years; shorter series have
        shorter windows, whole years apart.

    Raises:
        ParameterError: an unknown measure.
        DataError: a team that is the total of the others.
    """
    pool(analysis, measure)  # refuses totals
    part = focus(analysis, measure=measure)
    data = part.measures["data"].iloc[0]
    if data not in RATIOS:
        return _none("events" if data in ("days_between", "events_between") else "no_denominator")
    counted = countable(part)
    if counted.empty:
        return _none("no_points")
    windows = _windows(counted, part)
    return _none("too_short") if windows is None else _split(*windows, float(part.measures["per"].iloc[0]))


def _none(reason: str) -> Split:
    columns = ("team", "group", "before", "after", "share_before", "share_after", "amount")
    return Split(pd.DataFrame(columns=["part", "amount"]), pd.DataFrame(columns=list(columns)), reason=reason)


# ---- the two windows ------------------------------------------------------------------------------------------------


def _windows(counted: pd.DataFrame, part: Analysis) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The points of the first and of the last window, in the same months of the year; None where there are too few."""
    period = usual_period(part)
    year, at = A_YEAR[period], places(counted["date"], period)
    length = at.max() - at.min() + 1
    wanted = window_length(part)
    least = max(1, min(wanted, LEAST * year))
    size = min(wanted, length // 2 if length >= 2 * min(wanted, year) else length - year)
    size -= size % year if size > year else 0
    if size < least:
        return None
    # Windows of part of a year lie whole years apart; from a year on, each holds every month anyway.
    apart = length - size if size % year == 0 else (length - size) // year * year
    first, last = at - at.min(), at - at.min() - apart
    inside = [(each >= 0) & (each < size) for each in (first, last)]
    in_first, in_last = (np.unique(at[which] % year) for which in inside)
    shared = np.intersect1d(in_first, in_last)
    before, after = (counted[which & np.isin(at % year, shared)] for which in inside)
    return (before, after) if len(shared) >= least and apart >= size else None


# ---- the parts ------------------------------------------------------------------------------------------------------


def _split(before: pd.DataFrame, after: pd.DataFrame, per: float) -> Split:
    sums = [_sums(rows).add_suffix(f"_{end}") for rows, end in ((before, "before"), (after, "after"))]
    table = sums[0].join(sums[1], how="outer").fillna(0.0)
    n = [table[f"denominator_{end}"].to_numpy() for end in ("before", "after")]
    y = [table[f"numerator_{end}"].to_numpy() for end in ("before", "after")]
    stayed = (n[0] > 0) & (n[1] > 0)
    pooled = [per * top.sum() / bottom.sum() for top, bottom in zip(y, n, strict=True)]
    ends: dict[str, Any] = {
        "before": pooled[0],
        "after": pooled[1],
        "first": (before["date"].min(), before["date"].max()),
        "last": (after["date"].min(), after["date"].max()),
        "periods": int(before["date"].nunique()),
    }
    if not stayed.any():
        return replace(_none("none_stayed"), **ends)
    rate = [
        per * np.divide(top, bottom, out=np.zeros(len(top)), where=bottom > 0) for top, bottom in zip(y, n, strict=True)
    ]
    weight = [np.where(stayed, bottom, 0) / bottom[stayed].sum() for bottom in n]
    within = 0.5 * (weight[0] + weight[1]) * (rate[1] - rate[0]) * stayed
    mix = 0.5 * (rate[0] + rate[1]) * (weight[1] - weight[0])
    same = [float((w * r).sum()) for w, r in zip(weight, rate, strict=True)]
    share = [bottom / bottom.sum() for bottom in n]
    joined, left = share[1] * (rate[1] - same[1]), share[0] * (same[0] - rate[0])
    group = np.select([stayed, n[1] > 0], ["stayed", "joined"], "left")
    amounts = [within.sum(), mix.sum(), joined[group == "joined"].sum(), left[group == "left"].sum()]
    teams = pd.DataFrame(
        {
            "team": table.index,
            "group": group,
            "before": np.where(n[0] > 0, rate[0], np.nan),
            "after": np.where(n[1] > 0, rate[1], np.nan),
            "share_before": share[0],
            "share_after": share[1],
            "amount": np.select([stayed, n[1] > 0], [within + mix, joined], left),
        }
    )
    return Split(pd.DataFrame({"part": PARTS, "amount": amounts}), teams, **ends)


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Numerators and denominators of each team in one window, in the fixed order of teams."""
    return rows.groupby("team", observed=True, sort=True)[["numerator", "denominator"]].sum()

"""Why people wait, the commonest reason first (Pareto), and how long those wait who wait.

A period in which no reason was recorded is missing, not nought: it is counted apart, and no share rests on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qitools.analysis.focus import focus
from qitools.analysis.once import once
from qitools.analysis.windows import A_YEAR, usual_period
from qitools.collaborative.periods import first_days, ordinals

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

SHARE = 0.8  # the reasons that together make up this share are called the few that matter (Juran 1951)


@dataclass(frozen=True, eq=False)
class Pareto:
    """Reasons over a span of periods, the commonest first.

    ``table``: reason, count, share, together (of the share, with those above). ``absent``: team, periods, first, last
    of the periods, all there are, in which a team recorded no reason. ``vital``: how many reasons make up four fifths.
    """

    table: pd.DataFrame
    first: pd.Timestamp
    last: pd.Timestamp
    absent: pd.DataFrame

    @property
    def vital(self) -> int:
        """How many of the commonest reasons make up four fifths of all."""
        return int((self.table["together"].shift(fill_value=0.0) < SHARE).sum())


@dataclass(frozen=True, eq=False)
class Waits:
    """How long those wait who wait: ``table`` with from_weeks, to_weeks, count, share, earlier (a year before)."""

    table: pd.DataFrame
    date: pd.Timestamp
    before: pd.Timestamp  # NaT: nothing is known of a year before
    teams: int

    def longer(self, weeks: float) -> float:
        """The share that has waited so many weeks or longer."""
        return float(self.table.loc[self.table["from_weeks"] >= weeks, "share"].sum())


def pareto(analysis: Analysis, team: str = "", whole: bool = False) -> Pareto | None:
    """Reasons of one team or of all, over the last year.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: id of a team; "" for all.
        whole: over all periods there are, instead of the last year.

    Returns:
        A ``Pareto``; None where no reasons are known.

    Raises:
        ParameterError: an unknown team, with the nearest name.
    """
    focus(analysis, team)
    return _pareto(analysis, team, whole)


@once
def _pareto(analysis: Analysis, team: str, whole: bool) -> Pareto | None:
    every, period = analysis.records.delays, usual_period(analysis)
    rows = every[every["team"] == team] if team else every
    if rows.empty:
        return None
    absent = rows[rows["count"].isna()].groupby("team", sort=False)["date"].agg(["nunique", "min", "max"]).reset_index()
    absent.columns = ["team", "periods", "first", "last"]
    if not whole:
        last = ordinals([every["date"].max()], period)[0]
        rows = rows[ordinals(rows["date"], period) > last - A_YEAR[period]]
    known = rows.dropna(subset=["count"])
    sums = known.groupby("reason")["count"].sum().sort_values(ascending=False, kind="stable")
    total = float(sums.sum())
    share = sums / total if total else sums * np.nan
    table = pd.DataFrame({"reason": sums.index, "count": sums.to_numpy(), "share": share.to_numpy()})
    return Pareto(table.assign(together=table["share"].cumsum()), rows["date"].min(), rows["date"].max(), absent)


def waits(analysis: Analysis, team: str = "") -> Waits | None:
    """How long those wait who wait, at the last date known, beside a year before.

    Args, raises: as ``pareto``.

    Returns:
        ``Waits``; None where nothing is known. Of all teams together: those with every band at that date.
    """
    focus(analysis, team)
    return _waits(analysis, team)


@once
def _waits(analysis: Analysis, team: str) -> Waits | None:
    rows, period = analysis.records.waits, usual_period(analysis)
    rows = rows[rows["team"] == team] if team else rows
    if rows["count"].notna().sum() == 0:
        return None
    date = rows.loc[rows["count"].notna(), "date"].max()
    year = pd.Timestamp(first_days(ordinals([date], period) - A_YEAR[period], period)[0])
    now, teams = _bands(rows, date)
    then, _ = _bands(rows, year)
    table = now.assign(share=_shares(now))
    if len(then) != len(now) or not (then["from_weeks"].to_numpy() == now["from_weeks"].to_numpy()).all():
        return Waits(table.assign(earlier=np.nan), date, pd.NaT, teams)  # type: ignore[arg-type]
    return Waits(table.assign(earlier=_shares(then).to_numpy()), date, year, teams)


def _shares(bands: pd.DataFrame) -> pd.Series[float]:
    """The share of each band; 0 where nobody waits."""
    return bands["count"] / max(bands["count"].sum(), 1.0)


def _bands(rows: pd.DataFrame, date: pd.Timestamp) -> tuple[pd.DataFrame, int]:
    """The bands of one date added up over the teams that know all of them, and how many teams those are."""
    own = rows[rows["date"] == date]
    whole = own[own.groupby("team")["count"].transform(lambda part: part.notna().all()).astype(bool)]
    sums = whole.groupby(["from_weeks", "to_weeks"], dropna=False)["count"].sum().reset_index()
    return sums.sort_values("from_weeks", ignore_index=True), whole["team"].nunique()

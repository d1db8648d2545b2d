"""Spread: how many of the teams that could take part have joined, and have adopted a change they tested, in time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from qitools.analysis.across import Across, Member
from qitools.analysis.once import once
from qitools.collaborative.periods import floored

ALL = ""  # the board of rows that add all boards up
COLUMNS = ["collaborative", "board", "team", "joined", "adopted"]
ELIGIBLE = ["collaborative", "board", "eligible", "said", "logged"]


def adopters(found: Across) -> pd.DataFrame:
    """Every team that takes part, with the month it joined and that in which it first adopted a change it had tested.

    Returns:
        ``collaborative, board`` (the organisation, where no board is named; "" none), ``team, joined`` (as declared,
        else the first figure; empty where there is none), ``adopted`` (the end of its first test with the decision
        adopt; empty where there is none). Teams that are a comparison are left out.
    """
    parts = [_of(member) for member in found.members]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def _of(member: Member) -> pd.DataFrame:
    teams = member.own().teams
    ids = teams["team"].astype(str)
    first = member.analysis.series.assign(team=lambda table: table["team"].astype(str)).groupby("team")["first"].min()
    tests = member.collaborative.records.pdsa
    adopted = tests[tests["decision"] == "adopt"].groupby("team")["end"].min()
    boards = teams["board"].where(teams["board"].astype(str) != "", teams["organisation"]).fillna("").astype(str)
    table = pd.DataFrame({"collaborative": member.name, "board": boards, "team": ids})
    joined = pd.to_datetime(teams["joined"]).fillna(_each(first, ids))
    return table.assign(joined=_month(joined), adopted=_month(_each(adopted, ids)))[COLUMNS]


def _each(dates: pd.Series[pd.Timestamp], ids: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    """The date of each team, by its id; empty where it has none."""
    return pd.Series(dates.reindex(ids).to_numpy("datetime64[us]"), ids.index)


def _month(dates: pd.Series[pd.Timestamp]) -> np.ndarray:
    return floored(dates, "month").astype("datetime64[us]")


def eligible(found: Across) -> pd.DataFrame:
    """How many teams there could be.

    Returns:
        ``collaborative, board, eligible`` (the teams of the YAML where it does not say), ``said`` (whether it does),
        ``logged`` (as many of them as a log of tests could tell to have adopted a change: all, or none without one).
    """
    rows = []
    for member in found.members:
        log = bool(member.collaborative.parameters.sources.pdsa)
        there = _of(member).groupby("board", sort=False).size()
        said = member.impact.eligible
        boards = [*there.index, *(name for name in said if name not in there.index)]
        for name in boards:
            total = max(said.get(name, 0), int(there.get(name, 0)))
            rows.append((member.name, name, total, name in said, total if log else 0))
    return pd.DataFrame(rows, columns=ELIGIBLE)


@once
def spread(found: Across) -> pd.DataFrame:
    """Adopters over eligible in time, all boards together first, then each.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        ``board`` ("" all), ``date`` (months), ``joined, adopted`` (so far; NaN where there is no log of tests),
        ``eligible, logged`` (of those eligible, in collaboratives with a log); a team of two collaboratives counts in
        each.
    """
    teams, could = adopters(found), eligible(found)
    dates = pd.concat([teams["joined"], teams["adopted"]]).dropna()
    if dates.empty:
        return pd.DataFrame(columns=["board", "date", "joined", "adopted", "eligible", "logged"])
    months = pd.date_range(dates.min(), max(found.as_of, dates.min()), freq="MS")
    boards = sorted({str(name) for name in could["board"] if name})
    rows = []
    for board in [ALL, *boards]:
        mine = teams if board == ALL else teams[teams["board"] == board]
        total, logged = (could if board == ALL else could[could["board"] == board])[["eligible", "logged"]].sum()
        so_far = {name: np.sort(mine[name].dropna()).searchsorted(months, "right") for name in ("joined", "adopted")}
        so_far["adopted"] = so_far["adopted"] if logged else np.full(len(months), np.nan)
        rows.append(
            pd.DataFrame({"board": board, "date": months, **so_far, "eligible": int(total), "logged": int(logged)})
        )
    return pd.concat(rows, ignore_index=True)

"""Tests of change: every PDSA cycle in its place on the time axis, what became of it, and what is still open.

A cycle that nobody has ended is open, never a failure; one that has ended without a decision waits for one. Cycles of
one chain (a ramp, else one change idea) share a lane, so that the eye sees small tests grow into larger ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.focus import focus
from qitools.collaborative.records import session_before, session_of

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# What became of a cycle: the three decisions of Langley et al., The Improvement Guide (2009), and three that are open.
STATES = ("adopt", "adapt", "abandon", "undecided", "under_way", "planned")
DECISIONS = STATES[:3]
OPEN = ("under_way", "planned")
ENDS = {
    "month": pd.offsets.MonthEnd(0),
    "quarter": pd.offsets.QuarterEnd(0, startingMonth=3),
    "week": pd.DateOffset(days=6),
}


@dataclass(frozen=True, eq=False)
class Tally:
    """How much has been tested, and how fast.

    Args:
        teams: ``team, tests, chains``, one count for each of ``STATES``, ``days`` (median of the cycles done; NaN
            where none is), ``last`` (start of the latest); one row a team, also those without tests.
        scales: ``scale, tests, teams``; the commonest first, then as first met.
        days: median days of a cycle over all teams, both end days counted; NaN where none is done.
    """

    teams: pd.DataFrame
    scales: pd.DataFrame
    days: float


@dataclass(frozen=True, eq=False)
class Since:
    """What has become of the tests since teams last met.

    Args:
        session: name of the session before the one that the page is for; "" where there is none.
        date: its date, or NaT.
        tests: rows of ``cycles`` that were agreed there or begun after it, with ``agreed`` (bool: agreed there).
    """

    session: str
    date: pd.Timestamp
    tests: pd.DataFrame


def cycles(analysis: Analysis, team: str = "") -> pd.DataFrame:
    """Every PDSA cycle, in the fixed order of the teams, its chain's first day, and its own.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: id of a team; "" for all.

    Returns:
        The columns of ``records.pdsa`` and: ``chain`` (its ramp, else its idea, else its driver), ``lane`` (0, 1, …
        within its team), ``state`` (one of ``STATES``), ``until`` (its end; the page's date while under way), ``days``
        (both end days counted; NaN while it is not done).

    Raises:
        ParameterError: an unknown team.
    """
    order = {str(one): i for i, one in enumerate(focus(analysis, team).teams["team"])}
    logged = analysis.records.pdsa
    known = logged[logged["team"].astype(str).isin(list(order))].reset_index(drop=True)
    now = present(analysis)
    chain = known["ramp"].where(known["ramp"] != "", known["idea"])
    known = known.assign(
        chain=chain.where(chain != "", known["driver"]),
        state=_states(known, now),
        until=known["end"].fillna(known["start"].where(known["start"] > now, now)).where(known["start"].notna()),
        days=(known["end"] - known["start"]).dt.days + 1.0,
        place=known["team"].astype(str).map(order).astype("int64"),
    )
    first = known.groupby(["team", "chain"])["start"].transform("min")
    ordered = known.assign(first=first).sort_values(["place", "first", "chain", "cycle", "start"], kind="stable")
    return ordered.assign(lane=_lanes(ordered)).drop(columns=["place", "first"]).reset_index(drop=True)


def present(analysis: Analysis) -> pd.Timestamp:
    """The last day the page speaks of: the end of its last period."""
    date = pd.Timestamp(analysis.method["as_of"])
    period = str(analysis.method.get("period") or "")
    return date + ENDS[period] if period in ENDS else date


def tally(analysis: Analysis) -> Tally:
    """Cycles by team, by decision and by scale, and the median days of a cycle.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        ``Tally``.
    """
    table = cycles(analysis)
    rows = [_count(str(team), table[table["team"] == team]) for team in analysis.teams["team"]]
    columns = ["team", "tests", "chains", *STATES, "days", "last"]
    scales = table[table["scale"] != ""].groupby("scale", sort=False)["team"].agg(tests="size", teams="nunique")
    ranked = scales.reset_index().sort_values("tests", ascending=False, kind="stable").reset_index(drop=True)
    return Tally(pd.DataFrame(rows, columns=columns), ranked, float(table["days"].median()))


def since(analysis: Analysis, team: str = "") -> Since:
    """The tests agreed at the session before the one that the page is for, and those begun after it.

    Args, raises: as ``cycles``.

    Returns:
        ``Since``; without a session before, or without tests, its table is empty.
    """
    table, sessions = cycles(analysis, team), analysis.records.sessions
    period = str(analysis.method.get("period") or "month")
    session = session_before(analysis.records, session_of(analysis.records, analysis.method["as_of"], period))
    if not session:
        return Since("", pd.NaT, table.iloc[:0].assign(agreed=False))  # type: ignore[arg-type]
    date = sessions.loc[sessions["name"] == session, "date"].iloc[0]
    agreed = table["session"] == session
    return Since(session, date, table.assign(agreed=agreed)[agreed | (table["start"] > date)].reset_index(drop=True))


def commitments(analysis: Analysis, team: str = "") -> pd.DataFrame:
    """What is agreed and not done yet: the open rows of ``cycles``, in its order.

    Args, raises: as ``cycles``.
    """
    table = cycles(analysis, team)
    return table[table["state"].isin(OPEN)].reset_index(drop=True)


def _states(known: pd.DataFrame, now: pd.Timestamp) -> pd.Series[Any]:
    """What became of each cycle: a decision ends it, even where nobody wrote the day."""
    decided = known["decision"].isin(DECISIONS)
    begun = known["start"].notna() & (known["start"] <= now)
    open_ = begun.map({True: "under_way", False: "planned"})
    return known["decision"].where(decided, open_.where(known["end"].isna(), "undecided"))


def _lanes(ordered: pd.DataFrame) -> pd.Series[Any]:
    """The number of each chain within its team, in the order of the rows."""
    numbers: dict[tuple[str, str], int] = {}
    seen: dict[str, int] = {}
    for team, chain in zip(ordered["team"].astype(str), ordered["chain"], strict=True):
        if (team, chain) not in numbers:
            numbers[team, chain] = seen[team] = seen.get(team, -1) + 1
    pairs = zip(ordered["team"].astype(str), ordered["chain"], strict=True)
    return pd.Series([numbers[pair] for pair in pairs], index=ordered.index, dtype="int64")


def _count(team: str, own: pd.DataFrame) -> dict[str, Any]:
    """The tally of one team."""
    states = own["state"].value_counts()
    return {
        "team": team,
        "tests": len(own),
        "chains": own["chain"].nunique(),
        **{state: int(states.get(state, 0)) for state in STATES},
        "days": own["days"].median(),
        "last": own["start"].max(),
    }

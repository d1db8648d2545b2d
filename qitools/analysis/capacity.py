"""Improvement capacity: who has been trained, how that stands to the number who work there, and whether it is used.

People are counted as places on a programme: somebody who took two is counted in both. A dose needs a headcount of the
same board and sector; where there is none, or where more were trained than work there, the place is set apart with its
reason. Whether teams with trained people test more is an association: keen teams may send people to training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import stdtrit

from qitools.analysis.pdsa import present
from qitools.analysis.windows import places
from qitools.collaborative.training import UNIT
from qitools.errors import ParameterError, Problem, nearest
from qitools.spc.constants import CONFIDENCE
from qitools.spc.panel import Floats

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

BY = ("programme", "level", "cohort", "board", "sector")
FEWEST = 5  # teams with months of a kind, below which no interval is given: the spread between them is not known
LINES, REST = 5, "*"  # levels drawn as lines of their own; beyond it the rarest are one


@dataclass(frozen=True, eq=False)
class Dose:
    """People trained beside the number who work there.

    Args:
        table: ``board, sector, people, headcount, share`` (people in 100 of the headcount), ``need`` (NaN: not said).
        apart: ``board, sector, people, headcount, reason`` (no_headcount, over_headcount, suppressed).
    """

    table: pd.DataFrame
    apart: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Skills:
    """Tests of change begun in a month, by teams with and without trained people.

    Args:
        table: ``trained`` (bool), ``teams, months`` (team-months), ``tests, rate`` (tests per team-month).
        ratio, lower, upper: the rate with over the rate without, within quarters, and its 95 % interval; NaN: none.
        first, last: the months looked at.
        reason: "", or no_tests, no_teams, few, none_in_one.
    """

    table: pd.DataFrame
    ratio: float
    lower: float
    upper: float
    first: pd.Timestamp
    last: pd.Timestamp
    reason: str


def counts(analysis: Analysis, by: str) -> pd.DataFrame:
    """People trained, group by group: cohorts as they first came, boards in the fixed order, others the largest first.

    Args:
        analysis: what ``qi.analyse`` gave.
        by: programme, level, cohort, board or sector.

    Returns:
        ``group`` ("" where the register does not say), ``people, hidden`` (rows whose count is withheld).

    Raises:
        ParameterError: another ``by``.
    """
    if by not in BY:
        raise ParameterError("People are not counted so.", [Problem("", 0, "by", by, " or ".join(BY), nearest(by, BY))])
    register = analysis.records.training
    register = register.assign(group=register[by].astype(str), hidden=register["people"].isna())
    table = register.groupby("group", sort=False)[["people", "hidden"]].sum().reset_index()
    if by == "board":
        return table.sort_values("group", key=lambda names: _place(analysis, names), kind="stable", ignore_index=True)
    return table if by == "cohort" else table.sort_values("people", ascending=False, kind="stable", ignore_index=True)


def _place(analysis: Analysis, boards: pd.Series[Any]) -> pd.Series[Any]:
    """Where boards stand in the fixed order, which is that of the teams; others come after them."""
    order = {str(board): i for i, board in enumerate(analysis.teams["board"].unique())}
    return boards.map(lambda board: order.get(board, len(order)))


def hidden(analysis: Analysis) -> int:
    """How many counts of people are withheld from this audience, and so in no sum."""
    return int(analysis.records.training["people"].isna().sum())


def dose(analysis: Analysis) -> Dose:
    """People trained in 100 of the headcount of each board and sector, beside the number needed.

    A board's own row of headcounts stands for the whole of it; without one its teams' are added.
    """
    training, staff = analysis.records.training, analysis.records.staff
    trained = training.groupby(UNIT)["people"].sum()
    whole = staff.groupby(UNIT)["team"].transform(lambda teams: (teams == "").any())
    own = staff[(staff["team"] == "") | ~whole.astype(bool)]
    known = own.groupby(UNIT)[["headcount", "need"]].sum(skipna=False)
    table = known.join(trained, how="outer").reset_index().fillna({"people": 0.0})
    table = table.sort_values("board", key=lambda names: _place(analysis, names), kind="stable", ignore_index=True)
    there = pd.MultiIndex.from_frame(table[UNIT]).isin(known.index)
    reason = np.select(
        [~there, table["headcount"].isna(), table["people"] > table["headcount"]],
        ["no_headcount", "suppressed", "over_headcount"],
        "",
    )
    table = table.assign(share=100 * table["people"] / table["headcount"], reason=reason)
    columns = [*UNIT, "people", "headcount"]
    sound = table["reason"] == ""
    return Dose(
        table.loc[sound, [*columns, "share", "need"]].reset_index(drop=True),
        table.loc[~sound & (table["people"] > 0), [*columns, "reason"]].reset_index(drop=True),
    )


def pipeline(analysis: Analysis) -> pd.DataFrame:
    """People trained up to each month, level by level, the commonest first; beyond five the rarest together.

    Returns:
        ``level, date`` (month), ``people`` (in that month), ``total`` (until then); a row for every month from the
        first of the register to the page's last, so that lines end together.
    """
    register = analysis.records.training.dropna(subset="people")
    if register.empty:
        return pd.DataFrame({"level": [], "date": [], "people": [], "total": []})
    last = max(register["date"].max(), present(analysis).to_period("M").to_timestamp())
    months = pd.date_range(register["date"].min(), last, freq="MS")
    levels = register.groupby("level", sort=False)["people"].sum().sort_values(ascending=False, kind="stable").index
    if len(levels) > LINES:
        register = register.assign(level=register["level"].where(register["level"].isin(levels[: LINES - 1]), REST))
        levels = pd.Index([*levels[: LINES - 1], REST])
    grid = pd.MultiIndex.from_product([levels, months], names=["level", "date"])
    people = register.groupby(["level", "date"])["people"].sum().reindex(grid, fill_value=0.0)
    return people.reset_index().assign(total=people.groupby("level", sort=False).cumsum().to_numpy())


def skills(analysis: Analysis) -> Skills:
    """Whether teams test more in the months after their first people were trained than teams and months without.

    Each month of each team, from its joining on, is with or without: a team's months before it had trained people
    count as without. Months are compared within one calendar quarter, since trained people and tests both grow with
    time, by a Poisson regression with a level for each quarter. Its interval is that of a sandwich variance with teams
    as clusters (Liang & Zeger 1986) and Student's t on one team fewer, since tests come in bursts.

    Returns:
        ``Skills``.
    """
    register, log = analysis.records.training, analysis.records.pdsa
    span = pd.Timestamp(analysis.points["date"].min()), present(analysis)
    trained = register[(register["team"] != "") & ~(register["people"] == 0)].groupby("team")["date"].min()
    events, months = _grids(analysis, trained, *span)
    total, tests = months.sum((0, 2)), events.sum((0, 2))
    rows = [
        {
            "trained": bool(kind),
            "teams": int((months[:, kind].sum(1) > 0).sum()),
            "months": int(total[kind]),
            "tests": int(tests[kind]),
            "rate": tests[kind] / total[kind] if total[kind] else np.nan,
        }
        for kind in (1, 0)
    ]
    found, reason = (np.nan, np.nan, np.nan), "no_tests" if log.empty else "no_teams" if trained.empty else ""
    if not reason and min(int(row["teams"]) for row in rows) < FEWEST:
        reason = "few"
    if not reason:
        found = rate_ratio(events, months)
        reason = "" if np.isfinite(found[0]) else "none_in_one"
    return Skills(pd.DataFrame(rows), *found, *span, reason)


def rate_ratio(events: Floats, months: Floats) -> tuple[float, float, float]:
    """The rate of the second kind over that of the first within each stratum, with its 95 % interval.

    Args:
        events, months: teams by two kinds by strata (quarters).

    Returns:
        The ratio and both ends; NaN where a kind has no event that a stratum lets compare.

    >>> one = np.ones((12, 1, 1))
    >>> [round(end, 2) for end in rate_ratio(np.hstack([one, 2 * one]), np.hstack([10 * one, 10 * one]))]
    [2.0, 2.0, 2.0]
    """
    use = (months.sum(0) > 0).all(0) & (events.sum((0, 1)) > 0)
    events, months = events[:, :, use], months[:, :, use]
    of, at = events.sum((0, 1)), months.sum(0)
    if not events.sum((0, 2)).all():
        return np.nan, np.nan, np.nan

    def share(log_ratio: float) -> Floats:
        """The share of a stratum's events that the second kind should have."""
        weight = np.exp(log_ratio) * at[1]
        return np.asarray(weight / (weight + at[0]))

    middle = float(brentq(lambda log_ratio: float(events[:, 1].sum() - (of * share(log_ratio)).sum()), -30, 30))
    expected, ratio = share(middle), np.array([1.0, np.exp(middle)])[:, None]
    level = of / (ratio * at).sum(0)
    score = (np.stack([-expected, 1 - expected]) * (events - level * ratio * months)).sum((1, 2))
    size = len(events)
    error = np.sqrt((score**2).sum() * size / (size - 1)) / (of * expected * (1 - expected)).sum()
    reach = stdtrit(size - 1, (1 + CONFIDENCE) / 2) * error
    return float(np.exp(middle)), float(np.exp(middle - reach)), float(np.exp(middle + reach))


def _grids(
    analysis: Analysis, trained: pd.Series[Any], first: pd.Timestamp, last: pd.Timestamp
) -> tuple[Floats, Floats]:
    """Tests begun, and months: teams by (without, with trained people) by calendar quarters.

    A team has trained people from the month after its first were trained: what it tests in that month may be either.
    """
    edge = places(pd.Series([first, last]), "month")
    month = np.arange(edge[0], edge[1] + 1)
    names = analysis.teams["team"].astype(str)
    joined = places(pd.to_datetime(analysis.teams["joined"]).fillna(first), "month")
    turn = pd.to_datetime(trained.reindex(names).reset_index(drop=True))
    since = np.where(turn.isna(), edge[1] + 1, places(turn.fillna(last), "month") + 1)
    begun = np.zeros((len(names), len(month)))
    log = analysis.records.pdsa.dropna(subset="start")
    log = log[log["team"].isin(names) & log["start"].between(first, last)]
    order = {team: i for i, team in enumerate(names)}
    np.add.at(begun, (log["team"].map(order).to_numpy(np.int64), places(log["start"], "month") - edge[0]), 1)
    there = month >= joined[:, None]
    kinds = np.stack([there & (month < since[:, None]), there & (month >= since[:, None])], axis=1)
    quarters = month[:, None] // 3 == np.unique(month // 3)
    return (begun[:, None, :] * kinds) @ quarters, kinds @ quarters.astype(float)

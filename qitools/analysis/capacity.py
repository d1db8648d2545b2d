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
from scipy.stats import t as student

from qitools.analysis.pdsa import present
from qitools.analysis.windows import places
from qitools.collaborative.training import UNIT
from qitools.errors import ParameterError, Problem, nearest
from qitools.spc.panel import Floats, Ints

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

BY = ("programme", "level", "cohort", "board", "sector")
FEWEST = 5  # teams with months of a kind, below which no interval is given: the spread between them is not known
CONFIDENCE = 0.95
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
        ratio, lower, upper: the rate with over the rate without, and its 95 % interval; NaN where there is none.
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
    """People trained, group by group, the largest first save cohorts, which stand as they first came.

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
    return table if by == "cohort" else table.sort_values("people", ascending=False, kind="stable", ignore_index=True)


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
        levels = [*levels[: LINES - 1], REST]
    grid = pd.MultiIndex.from_product([levels, months], names=["level", "date"])
    people = register.groupby(["level", "date"])["people"].sum().reindex(grid, fill_value=0.0)
    return people.reset_index().assign(total=people.groupby("level", sort=False).cumsum().to_numpy())


def skills(analysis: Analysis) -> Skills:
    """Whether teams test more in the months after their first people were trained than teams and months without.

    Each month of each team, from its joining on, is with or without: a team's months before it had trained people
    count as without. The ratio of the two rates has an interval from the spread between teams (a sandwich variance
    with teams as clusters, Liang & Zeger 1986, and Student's t on one team fewer), since tests come in bursts.

    Returns:
        ``Skills``.
    """
    register, tests = analysis.records.training, analysis.records.pdsa
    first = pd.Timestamp(analysis.points["date"].min())
    last = present(analysis)
    trained = register[(register["team"] != "") & ~(register["people"] == 0)].groupby("team")["date"].min()
    months, events = _months(analysis, trained, first, last), _tests(analysis, trained, first, last)
    reason = "no_tests" if tests.empty else "no_teams" if trained.empty else ""
    rates = np.divide(events.sum(0), months.sum(0), out=np.full(2, np.nan), where=months.sum(0) > 0)
    rows = [
        {
            "trained": bool(kind),
            "teams": int((months[:, kind] > 0).sum()),
            "months": int(months[:, kind].sum()),
            "tests": int(events[:, kind].sum()),
            "rate": rates[kind],
        }
        for kind in (1, 0)
    ]
    if not reason and min(row["teams"] for row in rows) < FEWEST:
        reason = "few"
    if not reason and not events.sum(0).all():
        reason = "none_in_one"
    found = rate_ratio(events, months) if not reason else (np.nan, np.nan, np.nan)
    return Skills(pd.DataFrame(rows), *found, first, last, reason)


def rate_ratio(events: Floats, months: Floats) -> tuple[float, float, float]:
    """The rate of the second column over that of the first, with its 95 % interval.

    Args:
        events, months: a row a team, a column a kind of month; some events and months in both columns.

    >>> one = np.ones((12, 1))
    >>> [round(end, 2) for end in rate_ratio(np.hstack([one, 2 * one]), np.hstack([10 * one, 10 * one]))]
    [2.0, 2.0, 2.0]
    """
    total = events.sum(0)
    rate = total / months.sum(0)
    parts = (events - rate * months) / total  # each team's share in the error of the two logarithms
    size = len(events)
    error = np.sqrt(((parts[:, 1] - parts[:, 0]) ** 2).sum() * size / (size - 1))
    reach = student.ppf((1 + CONFIDENCE) / 2, size - 1) * error
    middle = float(np.log(rate[1] / rate[0]))
    return float(np.exp(middle)), float(np.exp(middle - reach)), float(np.exp(middle + reach))


def _months(analysis: Analysis, trained: pd.Series[Any], first: pd.Timestamp, last: pd.Timestamp) -> Floats:
    """Months of every team without and with trained people."""
    begin, turn, end = _bounds(analysis, trained, first, last)
    return np.column_stack([turn - begin, end - turn]).astype(float)


def _tests(analysis: Analysis, trained: pd.Series[Any], first: pd.Timestamp, last: pd.Timestamp) -> Floats:
    """Tests that every team began in those months."""
    begin, turn, end = _bounds(analysis, trained, first, last)
    order = {str(team): i for i, team in enumerate(analysis.teams["team"])}
    log = analysis.records.pdsa
    log = log[log["team"].isin(list(order)) & log["start"].notna()]
    row, month = log["team"].map(order).to_numpy(np.int64), places(log["start"], "month")
    counted = (month >= begin[row]) & (month < end[row])
    events = np.zeros((len(order), 2))
    np.add.at(events, (row[counted], (month >= turn[row])[counted].astype(np.int64)), 1)
    return events


def _bounds(
    analysis: Analysis, trained: pd.Series[Any], first: pd.Timestamp, last: pd.Timestamp
) -> tuple[Ints, Ints, Ints]:
    """Of every team the first month that counts, the first with trained people, and the first after the page's last.

    A team has trained people from the month after its first were trained: what it tests in that month may be either.
    """
    edge = places(pd.Series([first, last]), "month")
    names = analysis.teams["team"].astype(str)
    joined = pd.to_datetime(analysis.teams["joined"]).fillna(first)
    begin = np.minimum(np.maximum(places(joined, "month"), edge[0]), edge[1] + 1)
    end = np.full(len(names), edge[1] + 1)
    dates = pd.to_datetime(names.map(trained))
    turn = np.where(dates.isna(), end, places(dates.fillna(last), "month") + 1)
    return begin, np.clip(turn, begin, end), end

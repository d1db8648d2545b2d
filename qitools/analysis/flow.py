"""Demand, capacity, activity and queue of a service, and whether the four agree.

The queue at the end of a period is the queue before, plus what came in, less what was done and what was removed. Where
the counts say otherwise, something is counted twice or not at all, and a plan made on them would fail: each such period
is listed. Where demand is not counted but queue and activity are, it is worked out from them (``implied``), and the
identity then holds by making. Terms and the 80 % rule: Understanding Capacity and Demand (Scottish Government, 2015).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qitools.analysis.focus import focus
from qitools.analysis.once import once
from qitools.analysis.windows import A_YEAR, usual_period
from qitools.collaborative.periods import first_days, ordinals

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

NUMBERS = ("demand", "capacity", "activity", "queue", "removals")
TOLERANCE = 0.5  # people: the counts are whole
EIGHTY = 0.8  # of the way from the least to the greatest demand: the 80 % rule
PERCENTILES = (65, 85)  # of demand, between which capacity is set: Demand and Capacity (NHS Institute, 2008)
WEEKS = {"week": 1.0, "month": 365.25 / 12 / 7, "quarter": 365.25 / 4 / 7}  # in a period
FEW = 8  # periods from which a year's demand is summed up


@dataclass(frozen=True, eq=False)
class Flow:
    """One service over time, and its last year in numbers.

    ``table``: date, demand, capacity, activity, queue, removals (NaN: not known), expected (the queue that the counts
    give), difference (queue less expected), backlog (sum of demand less activity), utilisation. ``given`` are the
    columns that came, ``implied`` says that demand was worked out; ``checked`` periods could be checked; ``above``:
    periods in which more was done than could be done, whose capacity is not known.
    """

    table: pd.DataFrame
    given: tuple[str, ...]
    implied: bool
    period: str
    teams: int
    above: tuple[pd.Timestamp, ...] = ()

    @property
    def failures(self) -> pd.DataFrame:
        """Periods whose queue is not what the other counts give."""
        return self.table[self.table["difference"].abs() > TOLERANCE]

    @property
    def checked(self) -> int:
        """Periods in which the queue could be held against the other counts."""
        return 0 if self.implied else int(self.table["difference"].notna().sum())

    @property
    def year(self) -> pd.DataFrame:
        """The last year."""
        return self.table.tail(A_YEAR[self.period])

    @property
    def doubted(self) -> pd.Series[bool]:
        """Periods in which more was done than could be done, and whose queue does not bear out that it was."""
        unsure = ~(self.table["difference"].abs() <= TOLERANCE) | self.implied
        return self.table["date"].isin(self.above) & unsure

    @property
    def sound(self) -> pd.DataFrame:
        """The last year less what is doubted: what means and forecasts rest on."""
        return self.year[~self.doubted.loc[self.year.index]]


def flow(analysis: Analysis, team: str = "") -> Flow | None:
    """Demand, capacity, activity and queue of one team, or of all teams together.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: id of a team; "" for the sum over the teams, known where every team that sends a number has sent it.

    Returns:
        A ``Flow``; None where nothing is known.

    Raises:
        ParameterError: an unknown team, with the nearest name.
    """
    focus(analysis, team)
    return _flow(analysis, team)


@once
def _flow(analysis: Analysis, team: str) -> Flow | None:
    period, rows = usual_period(analysis), analysis.records.flow
    rows = rows[rows["team"] == team] if team else rows
    if rows.empty:
        return None
    dated = rows.groupby("date")
    teams = {name: max(1, rows.loc[rows[name].notna(), "team"].nunique()) for name in NUMBERS}
    sums = pd.DataFrame({name: dated[name].sum(min_count=least) for name, least in teams.items()})
    table = every_period(sums, period)
    found = (row for row in analysis.method.get("findings", ()) if row["code"] == "above_capacity")
    above = tuple(pd.Timestamp(row["date"]) for row in found if team in ("", row["team"]))
    return replace(balanced(table, period, rows["team"].nunique()), above=above)


def every_period(table: pd.DataFrame, period: str) -> pd.DataFrame:
    """A table by date with a row for every period between its first and last."""
    ends = ordinals([table.index.min(), table.index.max()], period)
    days = first_days(np.arange(ends[0], ends[1] + 1), period).astype("datetime64[us]")
    return table.reindex(pd.Index(days, name="date")).reset_index()


def balanced(table: pd.DataFrame, period: str, teams: int = 1) -> Flow:
    """What follows from the counts of each period.

    >>> dates = pd.date_range("2025-01-01", periods=3, freq="MS")
    >>> counts = pd.DataFrame({"date": dates, "demand": [10.0, 12, 11], "activity": [9.0, 9, 9], "queue": [5.0, 8, 11]})
    >>> balanced(counts.reindex(columns=["date", *NUMBERS]), "month").failures[["expected", "queue"]].values.tolist()
    [[10.0, 11.0]]
    """
    given = tuple(name for name in NUMBERS if table[name].notna().any())
    removals = table["removals"] if "removals" in given else 0.0
    before = table["queue"].shift()
    implied = "demand" not in given and {"queue", "activity"} <= set(given)
    demand = table["queue"] - before + table["activity"] + removals if implied else table["demand"]
    expected = before + demand - table["activity"] - removals
    step = demand - table["activity"]
    return Flow(
        table.assign(
            demand=demand,
            expected=expected,
            difference=table["queue"] - expected,
            backlog=step.fillna(0.0).cumsum().where(step.notna()),
            utilisation=table["activity"] / table["capacity"].where(table["capacity"] > 0),
        ),
        given,
        implied,
        period,
        teams,
    )


def eighty_rule(demand: pd.Series[float]) -> float:
    """Capacity by the 80 % rule: the least demand and four fifths of the way to the greatest.

    >>> eighty_rule(pd.Series([100.0, 120.0, 150.0]))
    140.0
    """
    low, high = float(demand.min()), float(demand.max())
    return low + EIGHTY * (high - low)


def summed_up(found: Flow) -> dict[str, float]:
    """The last year of a service in numbers, a period each; NaN where a year has under eight periods of them.

    Returns:
        demand, capacity, activity (means), utilisation (a share), eighty, low, high (capacity by the 80 % rule and by
        the percentiles of demand), queue (latest), weeks (the queue in weeks of activity), failures, checked.
    """
    year, sound = found.year, found.sound
    demand, done = year["demand"].dropna(), sound["activity"].dropna()
    both = sound.dropna(subset=["activity", "capacity"])
    enough = len(demand) >= FEW
    queue = found.table["queue"].dropna()
    latest = float(queue.iloc[-1]) if len(queue) else np.nan
    low, high = np.percentile(demand, PERCENTILES) if enough else (np.nan, np.nan)
    return {
        "demand": float(sound["demand"].mean()) if enough else np.nan,
        "capacity": float(year["capacity"].mean()) if year["capacity"].notna().sum() >= FEW else np.nan,
        "activity": float(done.mean()) if len(done) >= FEW else np.nan,
        "utilisation": float(both["activity"].sum() / both["capacity"].sum()) if len(both) >= FEW else np.nan,
        "eighty": eighty_rule(demand) if enough else np.nan,
        "low": float(low),
        "high": float(high),
        "queue": latest,
        "weeks": latest / (done.mean() / WEEKS[found.period]) if len(done) >= FEW and done.mean() > 0 else np.nan,
        "failures": float(len(found.failures)),
        "checked": float(found.checked),
    }


def senders(analysis: Analysis, table: str = "flow") -> list[str]:
    """The teams of which a table of the service has rows, in the fixed order."""
    there = set(getattr(analysis.records, table)["team"])
    return [str(team) for team in analysis.teams["team"] if team in there]


def charted(found: Flow, team: str = "all") -> Analysis:
    """The counts of a service as run charts, one measure each, by the same rules as every other chart."""
    from qitools.analysis.engine import analyse

    names = [name for name in ("demand", "capacity", "activity", "queue") if found.table[name].notna().any()]
    parts = [
        found.table[["date", name]].rename(columns={name: "numerator"}).assign(measure=name, team=team)
        for name in names
    ]
    better = {name: "lower" if name == "queue" else "neither" for name in names}
    rows = pd.concat(parts, ignore_index=True).dropna(subset=["numerator"])
    return analyse(rows, better=better, period=found.period)

"""What may be claimed of each outcome, graded by what it rests on.

A  an interrupted time series from a start that was set beforehand (``impact.began``), with errors that allow for months
   resembling months; controlled where teams that took no part (``impact.control``) are taken away from it
B  a sustained shift by the rules of the measure's chart, all teams together
C  the last year beside the time before, nothing else allowed for
D  stories told with consent, no figure that shows it
"" nothing that shows a change for the better

Each claim takes the highest grade it can stand on. A grade says how sure the change is, never what brought it about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from qitools.analysis.across import Across, Member
from qitools.analysis.focus import focus
from qitools.analysis.harm import start_of
from qitools.analysis.holding import holding
from qitools.analysis.its import Interrupted, its
from qitools.analysis.once import once
from qitools.spc.constants import CONFIDENCE

GRADES = ("A", "B", "C", "D", "")
ENOUGH = 6  # points on either side of a before–after comparison
COLUMNS = {
    "collaborative": "str",
    "measure": "str",
    "grade": "str",
    "basis": "str",  # controlled, interrupted, shift, before_after, story, none
    "reason": "str",  # why no higher grade: no_start, too_few, constant, not_shown; events or total: not pooled
    "before": "float64",
    "after": "float64",
    "change": "float64",  # in the unit of the measure, with its 95 % interval
    "low": "float64",
    "high": "float64",
    "slope": "float64",  # of an interrupted time series: a period, over the slope before
    "slope_low": "float64",
    "slope_high": "float64",
    "start": "datetime64[us]",
    "first": "datetime64[us]",
    "last": "datetime64[us]",
    "since": "datetime64[us]",  # of a shift: the first point of its run
    "slipped": "datetime64[us]",  # since when the gain was not held, after a collaborative that closed
    "teams": "int64",
    "stories": "int64",
    "source": "str",
    "as_of": "datetime64[us]",
}


@once
def claims(found: Across) -> pd.DataFrame:
    """A row for each outcome measure of each collaborative, in their order.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        The columns of ``COLUMNS``.
    """
    lost = holding(found).set_index(["collaborative", "measure"])["slipped"].to_dict()
    rows = [row for member in found.members for row in _of(member)]
    for row in rows:
        row["slipped"] = lost.get((row["collaborative"], row["measure"]), pd.NaT)
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _of(member: Member) -> Iterator[dict[str, Any]]:
    for measure in member.outcomes():
        stories = _stories(member, measure)
        empty: dict[str, Any] = {name: np.nan for name, kind in COLUMNS.items() if kind == "float64"}
        empty |= {name: pd.NaT for name, kind in COLUMNS.items() if kind.startswith("datetime")}
        row = empty | {
            "collaborative": member.name,
            "measure": measure,
            "basis": "story" if stories else "none",
            "reason": "",
            "stories": stories,
            "teams": 0,
            "source": member.sources,
            "as_of": member.collaborative.as_of,
        }
        row |= _figures(member, measure)
        yield row | {"grade": GRADE[row["basis"]]}


GRADE = {"controlled": "A", "interrupted": "A", "shift": "B", "before_after": "C", "story": "D", "none": ""}


def _figures(member: Member, measure: str) -> dict[str, Any]:
    """What the figures of one measure say; nothing where they cannot be added up over teams."""
    label = focus(member.analysis, measure=measure).measures.iloc[0]
    pooled, reason = member.together(measure)
    if pooled is None:
        return {"reason": reason}
    points, told = pooled.analysis.points, pooled.told
    if told.empty:
        return {"reason": "no_data"}
    sign = {"lower": -1, "higher": 1}.get(str(label["better"]), 0)
    row = {"first": told["date"].iloc[0], "last": told["date"].iloc[-1], "teams": pooled.teams}
    row |= _before_after(member, told, sign)
    shift = pooled.analysis.series.iloc[0]
    if shift["verdict"] == "improved":
        row |= {"basis": "shift", "since": shift["first_signal"]}
    return row | _interrupted(member, measure, points, sign)


def _before_after(member: Member, told: pd.DataFrame, sign: int) -> dict[str, Any]:
    """The mean of the periods before the start, that of the last year after it, and their difference (Welch)."""
    start = start_of(member, pd.Index(told["date"]))
    latest = told["date"].iloc[-1] - pd.DateOffset(years=1)
    before = told.loc[told["date"] < start, "value"].to_numpy(float)
    after = told.loc[(told["date"] >= start) & (told["date"] > latest), "value"].to_numpy(float)
    if min(len(before), len(after)) < ENOUGH:
        return {"reason": "too_few", "start": start}
    low, high = _welch(after, before)
    row = {"start": start, "before": before.mean(), "after": after.mean(), "change": after.mean() - before.mean()}
    shown = sign * (low if sign > 0 else high) > 0
    return row | {"low": low, "high": high} | ({"basis": "before_after"} if shown else {"reason": "not_shown"})


def _welch(after: Any, before: Any) -> tuple[float, float]:
    if np.ptp(after) == np.ptp(before) == 0:  # nothing varies: the difference is what it is
        return (float(after[0] - before[0]),) * 2
    parts = [np.var(one, ddof=1) / len(one) for one in (after, before)]
    free = sum(parts) ** 2 / sum(part**2 / (len(one) - 1) for part, one in zip(parts, (after, before), strict=True))
    middle = float(np.mean(after) - np.mean(before))
    reach = float(stdtrit(free, (1 + CONFIDENCE) / 2) * np.sqrt(sum(parts)))
    return middle - reach, middle + reach


def _interrupted(member: Member, measure: str, points: pd.DataFrame, sign: int) -> dict[str, Any]:
    """What an interrupted time series adds; only from a start that was set beforehand."""
    began = member.began()
    if began is None:
        return {"reason": "no_start"}
    controls = member.controls()
    until = member.closed() or pd.Timestamp.max  # what became of it after the end is another question
    told = points[points["date"] <= until].set_index("date")
    values = told["value"].mask(told["excluded"])
    if controls:
        other, reason = member.together(measure, controls=True)
        if other is None:
            return {"reason": reason}
        values = values - other.analysis.points.set_index("date")["value"].reindex(values.index)
    found = its(values.to_numpy(float), values.index, began)
    if found.reason or not shows(found, sign):
        return {"reason": found.reason or "not_shown"}
    ends: dict[str, Any] = {
        "last": values.last_valid_index(),
        "change": found.level.value,
        "low": found.level.low,
        "high": found.level.high,
    }
    slopes = {"slope": found.slope.value, "slope_low": found.slope.low, "slope_high": found.slope.high}
    return {"basis": "controlled" if controls else "interrupted", "reason": "", "start": began, **ends, **slopes}


def shows(found: Interrupted, sign: int) -> bool:
    """Whether step or slope changed for the better beyond its interval, and neither for the worse."""
    told = [np.sign(one.value) * sign for one in (found.level, found.slope) if one.told]
    return bool(told and min(told) > 0)


def _stories(member: Member, measure: str) -> int:
    """How many stories with consent speak of the measure."""
    table = member.collaborative.records.stories
    return int((table["consent"].astype(bool) & (table["measure"] == measure)).sum())

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

from qitools.analysis.across import Across, Member
from qitools.analysis.focus import focus
from qitools.analysis.harm import start_of
from qitools.analysis.holding import holding
from qitools.analysis.its import Estimate, Floats, Interrupted, Ints, its, positions, weighed
from qitools.analysis.once import once

GRADES = ("A", "B", "C", "D", "")
ENOUGH = 6  # points on either side of a before–after comparison
COLUMNS = {
    "collaborative": "str",
    "measure": "str",
    "grade": "str",
    "basis": "str",  # controlled, interrupted, shift, before_after, story, none
    "reason": "str",  # why no higher grade: no_start, too_few, alike, constant, not_shown; events or total: not pooled
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
    "before_last": "datetime64[us]",  # of a comparison: the time before lies from first to here,
    "after_first": "datetime64[us]",  # and the last year from here
    "after_last": "datetime64[us]",  # to here
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
    """The mean of the periods before the start, that of the last year after it, and the difference."""
    start = start_of(member, pd.Index(told["date"]))
    latest = told["date"].iloc[-1] - pd.DateOffset(years=1)
    before, after = told[told["date"] < start], told[(told["date"] >= start) & (told["date"] > latest)]
    if min(len(before), len(after)) < ENOUGH:
        return {"reason": "too_few", "start": start}
    both = pd.concat([before, after])
    at, begins = positions(both["date"], after["date"].iloc[0])
    found = difference(both["value"].to_numpy(float), at, begins)
    means = before["value"].mean(), after["value"].mean()
    row = {"start": start, "before": means[0], "after": means[1], "change": means[1] - means[0]}
    row |= {"low": found.low, "high": found.high, "before_last": before["date"].iloc[-1]}
    row |= {"after_first": after["date"].iloc[0], "after_last": after["date"].iloc[-1]}
    shown = sign * (found.low if sign > 0 else found.high) > 0
    return row | ({"basis": "before_after"} if shown else {"reason": "not_shown"})


def difference(values: Floats, at: Ints, begins: int) -> Estimate:
    """How much higher values are from a place on than before it, where periods may resemble those before them.

    Args:
        values: one a period, none missing.
        at: the place of each in time; periods in between that are not held against each other leave a gap.
        begins: the first place of the later ones.
    """
    after = at >= begins
    if np.ptp(values[after]) == np.ptp(values[~after]) == 0:  # nothing varies: the difference is what it is
        return Estimate(*(float(values[after][0] - values[~after][0]),) * 3)
    return weighed(values, np.column_stack([np.ones(len(at)), after.astype(float)]), at)[0][1]


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
    if found.reason or found.alike or not shows(found, sign):
        return {"reason": found.reason or ("alike" if found.alike else "not_shown")}
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

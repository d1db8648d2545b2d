"""Progress towards the aim: where all teams together stand, on the way from the starting level to the goal.

Honest by construction: the starting level is that of the first ``START`` points, there is no verdict before ``ENOUGH``
points after them, the present level is the median of the last ``ENOUGH`` points and never one good month, and "on
course" needs both a signal of improvement and a level at or beyond the straight line from the start to the goal. Where
the figures follow the seasons, both levels are those of whole years: a summer is no better than the winter before it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from qitools.analysis.codes import has
from qitools.analysis.engine import Analysis
from qitools.analysis.pooled import pool
from qitools.collaborative.decisions import START, START_QUARTERLY

A_YEAR = {"month": 12, "quarter": 4}
ENOUGH = 6  # points: the length of a shift, Perla, Provost & Murray 2011
SHOWN = ("improved",)  # verdicts that carry a claim of improvement


def progress(analysis: Analysis) -> dict[str, Any]:
    """How far the collaborative is towards its aim.

    Args:
        analysis: what ``qi.analyse`` gave; its ``method["aim"]`` holds measure, change and by.

    Returns:
        ``status`` (on_course, not_yet, cannot_tell), ``reason`` (why it cannot be told, "" otherwise), ``measure``,
        and, in the measure's unit, ``baseline, current, goal``; ``by`` (date); ``over`` (periods in a whole year where
        the present level is that of the last year, else ``ENOUGH``).
    """
    aim = analysis.method.get("aim") or {}
    measure = str(aim.get("measure") or "")
    year = _year(analysis, measure)
    known: dict[str, Any] = {"status": "cannot_tell", "measure": measure, "by": aim.get("by"), "over": year or ENOUGH}
    if measure not in set(analysis.measures["measure"].astype(str)):
        return {**known, "reason": "no_measure" if aim else "no_aim"}
    together = pool(analysis, measure, _start(analysis, measure, year)).analysis
    label, points = together.measures.iloc[0], together.points
    sent = points[points["value"].notna() & ~points["excluded"]]
    baseline = float(together.series["baseline_centre"].iloc[0]) if len(sent) else float("nan")
    goal = _goal(aim, baseline, label)
    latest = sent[sent["date"] > sent["date"].max() - pd.DateOffset(years=1)] if year else sent.tail(ENOUGH)
    known |= {"baseline": baseline, "goal": goal, "current": float(latest["value"].median())}
    early = bool(latest["in_baseline"].any()) or int((~sent["in_baseline"]).sum()) < ENOUGH
    reason = _obstacle(sent, baseline, goal, aim, early)
    if reason:
        return {**known, "reason": reason}
    shown = together.series["verdict"].iloc[0] in SHOWN
    ahead = _ahead(known, sent["date"].max(), sent.loc[sent["in_baseline"], "date"].max())
    return {**known, "status": "on_course" if shown and ahead else "not_yet", "reason": ""}


def _year(analysis: Analysis, measure: str) -> int:
    """Periods of a year where the measure follows the seasons, else 0."""
    label = analysis.measures[analysis.measures["measure"].astype(str) == measure]
    seasonal = "reason" in label and len(label) > 0 and bool(has(label["reason"], "seasonal").any())
    return A_YEAR.get(str(analysis.method["period"]), 0) if seasonal else 0


def _start(analysis: Analysis, measure: str, year: int) -> int:
    """Points of the starting level: what an analyst set for the measure, else a year or two of quarters; whole years
    where there is a season."""
    own = START_QUARTERLY if analysis.method["period"] == "quarter" else START
    points = int(analysis.method["baseline"].get(measure, own))
    return -(-points // year) * year if year else points


def _goal(aim: dict[str, Any], baseline: float, label: pd.Series[Any]) -> float:
    """The level to reach: the baseline changed by the aim's share ("-30%"), else the measure's target, else NaN."""
    if not aim.get("change"):
        return float(label["target"]) if label["target"] is not None else float("nan")
    goal = baseline * (1 + float(str(aim["change"]).rstrip("%")) / 100)
    return min(goal, float(label["per"])) if label["data"] == "proportion" else goal


def _obstacle(sent: pd.DataFrame, baseline: float, goal: float, aim: dict[str, Any], early: bool) -> str:
    """The code of why progress cannot be told, "" where it can."""
    checks = {
        "no_data": sent.empty,
        "no_baseline": pd.isna(baseline),
        "no_goal": pd.isna(goal),
        "no_date": not aim.get("by"),
        "too_few": early,
    }
    return next((code for code, stands in checks.items() if stands), "")


def _ahead(known: dict[str, Any], now: pd.Timestamp, start: pd.Timestamp) -> bool:
    """Whether the present level is at or beyond the straight line from the end of the baseline to the goal."""
    by = pd.Timestamp(known["by"])
    elapsed = min(1.0, (now - start) / (by - start)) if by > start else 1.0
    way = known["goal"] - known["baseline"]
    expected = known["baseline"] + way * elapsed
    return bool((known["current"] - expected) * way >= 0)

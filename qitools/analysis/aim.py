"""Progress towards the aim: where all teams together stand, on the way from the starting level to the goal.

Honest by construction: the starting level is that of the first ``START`` points, there is no verdict before ``ENOUGH``
points after them, the present level is the median of the last ``ENOUGH`` points and never one good month, and "on
course" needs both a signal of improvement and a level at or beyond the straight line from the start to the goal.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from qitools.analysis.engine import Analysis
from qitools.analysis.pooled import pool
from qitools.collaborative.decisions import START, START_QUARTERLY

ENOUGH = 6  # points: the length of a shift, Perla, Provost & Murray 2011
SHOWN = ("improved",)  # verdicts that carry a claim of improvement


def progress(analysis: Analysis) -> dict[str, Any]:
    """How far the collaborative is towards its aim.

    Args:
        analysis: what ``qi.analyse`` gave; its ``method["aim"]`` holds measure, change and by.

    Returns:
        ``status`` (on_course, not_yet, cannot_tell), ``reason`` (why it cannot be told, "" otherwise), ``measure``,
        and, in the measure's unit, ``baseline, current, goal``; ``by`` (date).
    """
    aim = analysis.method.get("aim") or {}
    measure = str(aim.get("measure") or "")
    known: dict[str, Any] = {"status": "cannot_tell", "measure": measure, "by": aim.get("by")}
    if measure not in set(analysis.measures["measure"].astype(str)):
        return {**known, "reason": "no_measure" if aim else "no_aim"}
    together = pool(analysis, measure, _start(analysis, measure)).analysis
    label, points = together.measures.iloc[0], together.points
    sent = points[points["value"].notna() & ~points["excluded"]]
    baseline = float(together.series["baseline_centre"].iloc[0]) if len(sent) else float("nan")
    goal = _goal(aim, baseline, label)
    known |= {"baseline": baseline, "goal": goal, "current": float(sent["value"].tail(ENOUGH).median())}
    reason = _obstacle(sent, baseline, goal, aim)
    if reason:
        return {**known, "reason": reason}
    shown = together.series["verdict"].iloc[0] in SHOWN
    ahead = _ahead(known, sent["date"].max(), sent.loc[sent["in_baseline"], "date"].max())
    return {**known, "status": "on_course" if shown and ahead else "not_yet", "reason": ""}


def _start(analysis: Analysis, measure: str) -> int:
    """Points of the starting level: what an analyst set for the measure, else a year or two of quarters."""
    own = START_QUARTERLY if analysis.method["period"] == "quarter" else START
    return int(analysis.method["baseline"].get(measure, own))


def _goal(aim: dict[str, Any], baseline: float, label: pd.Series[Any]) -> float:
    """The level to reach: the baseline changed by the aim's share ("-30%"), else the measure's target, else NaN."""
    if not aim.get("change"):
        return float(label["target"]) if label["target"] is not None else float("nan")
    goal = baseline * (1 + float(str(aim["change"]).rstrip("%")) / 100)
    return min(goal, float(label["per"])) if label["data"] == "proportion" else goal


def _obstacle(sent: pd.DataFrame, baseline: float, goal: float, aim: dict[str, Any]) -> str:
    """The code of why progress cannot be told, "" where it can."""
    checks = {
        "no_data": sent.empty,
        "no_baseline": pd.isna(baseline),
        "no_goal": pd.isna(goal),
        "no_date": not aim.get("by"),
        "too_few": int((~sent["in_baseline"]).sum()) < ENOUGH,
    }
    return next((code for code, stands in checks.items() if stands), "")


def _ahead(known: dict[str, Any], now: pd.Timestamp, start: pd.Timestamp) -> bool:
    """Whether the present level is at or beyond the straight line from the end of the baseline to the goal."""
    by = pd.Timestamp(known["by"])
    elapsed = min(1.0, (now - start) / (by - start)) if by > start else 1.0
    way = known["goal"] - known["baseline"]
    expected = known["baseline"] + way * elapsed
    return bool((known["current"] - expected) * way >= 0)

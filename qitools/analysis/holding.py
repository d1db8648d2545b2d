"""Holding the gains: after a collaborative has closed, the first sustained shift the wrong way from where it ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qitools.analysis.across import Across, Member
from qitools.analysis.focus import focus
from qitools.analysis.once import once
from qitools.spc.panel import Floats, Panel, find_runs
from qitools.spc.rule_sets import RULE_SETS

SUSTAINED = 9  # points, where a rule set has no sustained shift of its own; Healthcare Improvement Scotland 2025
LEAST = 6  # points that make the level at the end
COLUMNS = ["collaborative", "measure", "closed", "level", "n", "points", "state", "slipped", "seen", "last"]


@once
def holding(found: Across) -> pd.DataFrame:
    """Outcomes of the collaboratives that have closed, all teams together.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        ``collaborative, measure, closed, level`` (the median of the last year before the end), ``n`` (its points),
        ``points`` (since the end), ``state`` (held, slipped, too_few: fewer points than a shift needs; no_level),
        ``slipped`` (first point of the first sustained shift the wrong way), ``seen`` (the point by which it was one),
        ``last`` (latest figure).
    """
    rows = [_row(member, measure) for member in found.members for measure in member.outcomes() if member.closed()]
    return pd.DataFrame([row for row in rows if row], columns=COLUMNS)


def _row(member: Member, measure: str) -> dict[str, Any]:
    label = focus(member.analysis, measure=measure).measures.iloc[0]
    better, closed = str(label["better"]), member.closed()
    pooled, _ = member.together(measure)
    if closed is None or pooled is None or better == "neither":
        return {}
    told = pooled.told
    before = told[(told["date"] <= closed) & (told["date"] > closed - pd.DateOffset(years=1))]["value"]
    after = told[told["date"] > closed]
    level = float(before.median()) if len(before) >= LEAST else float("nan")
    need = RULE_SETS[str(label["rule_set"])].sustained or SUSTAINED
    first, seen = slip(after["value"].to_numpy(float), level, better, need)
    state = "no_level" if np.isnan(level) else "slipped" if seen >= 0 else "held" if len(after) >= need else "too_few"
    when = {name: after["date"].iloc[at] if at >= 0 else pd.NaT for name, at in (("slipped", first), ("seen", seen))}
    return {
        "collaborative": member.name, "measure": measure, "closed": closed, "level": level, "n": len(before),
        "points": len(after), "state": state, **when, "last": told["date"].max(),
    }  # fmt: skip


def slip(values: Floats, level: float, better: str, need: int) -> tuple[int, int]:
    """The first and the deciding point of the first run of ``need`` points the wrong way from a level; -1 for none.

    Points on the level neither make nor break a run.

    >>> slip(np.array([5.0, 6, 6, 5, 6, 4]), 5.0, "lower", 3)
    (1, 4)
    """
    side = np.nan_to_num(np.sign(values - level)).astype(np.int8)
    if not side.any():
        return -1, -1
    runs = find_runs(Panel(np.array([0]), len(side)), side, side != 0)
    wrong = (runs.side == (1 if better == "lower" else -1)) & (runs.length >= need)
    ends = [(runs.points[at], runs.points[at + need - 1]) for at in runs.begin[wrong][:1]]
    return (int(ends[0][0]), int(ends[0][1])) if ends else (-1, -1)

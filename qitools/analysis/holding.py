"""Holding the gains: after a collaborative has closed, the first sustained shift the wrong way from where it ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qitools.analysis.across import Across, Member
from qitools.analysis.focus import focus
from qitools.analysis.once import once
from qitools.analysis.pooled import EVENTS, pool
from qitools.errors import DataError
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
    rows = [_row(member, measure) for member in found.members for measure in member.outcomes() if _closed(member)]
    return pd.DataFrame([row for row in rows if row], columns=COLUMNS)


def _closed(member: Member) -> bool:
    closed = member.collaborative.parameters.closed
    return closed is not None and pd.Timestamp(closed) <= member.collaborative.as_of


def _row(member: Member, measure: str) -> dict[str, Any]:
    label = focus(member.analysis, measure=measure).measures.iloc[0]
    better, closed = str(label["better"]), pd.Timestamp(member.collaborative.parameters.closed)  # type: ignore[arg-type]
    if label["data"] in EVENTS or better == "neither":
        return {}
    try:
        points = pool(member.own(), measure).analysis.points
    except DataError:
        return {}
    told = points[points["value"].notna() & ~points["excluded"]]
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


def slip(values: np.ndarray, level: float, better: str, need: int) -> tuple[int, int]:
    """The first and the deciding point of the first run of ``need`` points the wrong way from a level; -1 for none.

    Points on the level neither make nor break a run.

    >>> slip(np.array([5.0, 6, 6, 5, 6, 4]), 5.0, "lower", 3)
    (1, 4)
    """
    side = np.sign(values - level) * (1 if better == "lower" else -1)
    run: list[int] = []
    for at in np.flatnonzero(side):
        run = [*run, int(at)] if side[at] > 0 else []
        if len(run) == need:
            return run[0], run[-1]
    return -1, -1

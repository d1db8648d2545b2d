"""An analysis as it stood before a date: the later figures are not hidden but gone, from centre lines as from points.

A room that guesses what comes next must not be able to read it off a centre line that already knows.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.pooled import LEFT_OUT

DRAWN = ["team", "measure", "date", "numerator", "denominator"]


def before(analysis: Analysis, date: pd.Timestamp) -> Analysis:
    """The points and events before a date, to be pooled anew; what was computed of each series is not kept.

    Args:
        analysis: what ``qi.analyse`` gave.
        date: the first date that is left out.

    Returns:
        An ``Analysis`` with fewer points and events, and no phases and series.
    """
    points, events = (
        table[table["date"] < date].reset_index(drop=True) for table in (analysis.points, analysis.events)
    )
    phases, series = analysis.phases.iloc[:0], analysis.series.iloc[:0]
    return replace(analysis, points=points, events=events, phases=phases, series=series)


def series_before(one: Analysis, date: pd.Timestamp) -> Analysis:
    """One series analysed anew from what was known before a date, under its own chart, rules and decisions.

    Args:
        one: an ``Analysis`` of one team and one measure, with one row a date.
        date: the first date that is left out.

    Returns:
        An ``Analysis`` of the earlier points, with the labels of the first.
    """
    part, label, method = before(one, date), one.measures.iloc[0], one.method
    decided = part.events[part.events["kind"] == "phase"].rename(columns={"date": "start", "text": "reason"})
    left_out = part.points.loc[part.points["excluded"], ["team", "measure", "date"]].astype(
        {"team": str, "measure": str}
    )
    result = analyse(
        part.points[DRAWN].astype({"team": str, "measure": str}),
        chart=label["chart"],
        rules=method["rules"],
        better=label["better"],
        per=label["per"],
        baseline=method["baseline"].get(label["measure"]),
        phases=decided[["team", "measure", "start", "reason"]] if len(decided) else None,
        exclusions=left_out.assign(reason=LEFT_OUT) if len(left_out) else None,
        target=label["target"] if pd.notna(label["target"]) else None,
        screen=method["screen"],
        period=one.teams["period"].iloc[0] or None,
    )
    return replace(result, events=part.events, measures=one.measures, teams=one.teams, method=method)

"""``auto``: which chart kind a measure gets, and why. Decided once per measure, never per team.

A team on a p chart beside a team on a p′ chart could not be compared: so the middle team decides for all. Nor could
this month's page be laid beside last month's: a kind that was chosen in an earlier run stays, and what the figures
would now give is only noted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qitools.analysis.doorway import Study
from qitools.analysis.rows import Rows
from qitools.spc.limits import Sample, limits
from qitools.spc.panel import Bools, Floats, Panel

ENOUGH = 12  # points from which a chart gets limits; the same number makes the first median of his-2025
NULL_95 = 1.5  # 95 % of what chance gives: 1.645 × 0.91, a σz of n points having a standard error of 0.91/√(n − 1)
RARE = 0.5  # share of points at 0 or 100 % from which limits would say nothing
BY_DATA = {"count": "c", "value": "i", "days_between": "t", "events_between": "g", "proportion": "p", "rate": "u"}
EVENTS = ("days_between", "events_between")
WouldBe = dict[str, dict[str, str]]  # measure → chart and reason that the figures would now give


def before_values(study: Study) -> NDArray[np.str_]:
    """Chart kinds with ``auto`` resolved as far as the kind of data decides it."""
    chart, data = (study.measures[name].astype(str) for name in ("chart", "data"))
    by_data = np.array([BY_DATA[kind] for kind in data], str)
    subgroups = (study.measures["rows"] == "subgroup") & (data == "value")
    return np.where(chart == "auto", np.where(subgroups, "xbar", by_data), chart)


def after_values(
    study: Study, rows: Rows, charts: NDArray[np.str_], raw: Floats, excluded: Bools
) -> tuple[list[str], dict[str, str], WouldBe]:
    """Chart kinds with ``auto`` decided, by an earlier run or by the values, and the code of the reason of each; where
    an earlier choice stands, what the values would now give."""
    auto = study.measures["chart"] == "auto"
    if not auto.any() or not len(raw):
        return [str(kind) for kind in charts], {}, {}
    found = middle_team(study, rows, charts, raw, excluded)
    events = np.isin(study.measures["data"], EVENTS)
    few, rare = ~events & ~(found["points"] >= ENOUGH), ~events & (found["edge"] > RARE)
    with np.errstate(invalid="ignore", divide="ignore"):
        wide = found["sigma_z"] > 1 + NULL_95 / np.sqrt(found["points"] - 1)
    ratio = np.isin(charts, ("p", "u"))
    laney = np.where(charts == "p", "pp", "up")
    kinds = np.where(few | rare, "run", np.where(ratio & wide, laney, charts))
    why = np.select(
        [few, rare, ratio & wide, ratio], ["too_few", "rare_events", "overdispersed", "as_chance"], "by_data"
    )
    earlier = np.array([study.kept.get(str(name), "") for name in study.measures["measure"]], str)
    legal = (earlier == charts) | (~events & ((earlier == "run") | (ratio & (earlier == laney))))
    stays = auto & legal & (earlier != kinds)
    names = [str(name) for name in study.measures["measure"]]
    now = {names[at]: {"chart": str(kinds[at]), "reason": str(why[at])} for at in np.flatnonzero(stays)}
    told = {names[at]: "kept" if stays[at] else str(why[at]) for at in np.flatnonzero(auto)}
    return [str(kind) for kind in np.where(stays, earlier, np.where(auto, kinds, charts))], told, now


def middle_team(study: Study, rows: Rows, charts: NDArray[np.str_], raw: Floats, excluded: Bools) -> dict[str, Floats]:
    """Per measure: points and σz of the middle team, and the share of points at 0 or 100 %."""
    series = rows.series
    counts = ~np.isnan(raw) & ~excluded
    share = rows.by_measure(study.measures["data"] == "proportion")
    size = np.where(rows.denominator > 0, rows.denominator, np.nan)
    sample = Sample(series, raw, counts, ~excluded, size, size, np.full(len(series.starts), np.nan))
    points, owner = series.count(counts), rows.measure_of_series
    sigma_z = np.where(charts[owner] == "p", limits("pp", sample).sigma_z, limits("up", sample).sigma_z)
    edge = counts & ((raw == 0) | (share & (raw == 1)))
    by_measure = Panel(np.flatnonzero(np.diff(owner, prepend=-1)), len(owner))
    out = {name: np.full(len(charts), np.nan) for name in ("points", "sigma_z", "edge")}
    reported, known = points > 0, owner[by_measure.starts]
    out["points"][known] = by_measure.median(points.astype(float), reported)
    out["sigma_z"][known] = by_measure.median(sigma_z, (points >= ENOUGH) & ~np.isnan(sigma_z))
    with np.errstate(invalid="ignore"):
        at_edge = by_measure.total(series.count(edge).astype(float))
        out["edge"][known] = at_edge / by_measure.total(points.astype(float))
    return out

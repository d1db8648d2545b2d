"""What decides how lucky a series is, apart from its values: its length, gaps, baseline, phases and denominators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from qitools.analysis.engine import Analysis
from qitools.analysis.noise import NoiseKind
from qitools.analysis.verdicts import WINDOW
from qitools.analysis.windows import places, point_of_year
from qitools.spc.limits import EVENT_CHARTS
from qitools.spc.panel import Floats
from qitools.spc.rule_sets import RULE_SETS

SMALL = 100.0  # variance of a count below which it is drawn as a count: above, ties are rare and the shape is normal
COUNTED = ("date", "numerator", "denominator", "phase", "in_baseline")


@dataclass(frozen=True)
class Setting:
    """What the series of a measure share: how they are drawn, tested and noisy."""

    chart: str
    rule_set: str
    better: str
    data: str
    baseline: int
    rebase: str
    noise: NoiseKind


@dataclass(frozen=True)
class Design:
    """What decides how lucky one series is; it holds no value of the series.

    Args:
        period: month, quarter or week.
        at: the period of each counted point, the first being 0.
        start: the point of the year of the first, 0 for January.
        phases: places among the counted points at which declared phases begin.
        level: expected counts at each point where counts are small, else empty.
        size: denominators at each point, where counts are small and have any.
    """

    period: str
    at: tuple[int, ...]
    start: int = 0
    phases: tuple[int, ...] = ()
    level: tuple[float, ...] = ()
    size: tuple[float, ...] = ()


def setting_of(part: Analysis, noise: NoiseKind) -> Setting:
    """The setting of the one measure of an analysis."""
    label, method = part.measures.iloc[0], part.method
    return Setting(
        chart=str(label["chart"]),
        rule_set=str(label["rule_set"]),
        better=str(label["better"]),
        data=str(label["data"]),
        baseline=int(method["baseline"].get(label["measure"], 0)),
        rebase=str(method["rebase"]),
        noise=noise,
    )


def designs_of(part: Analysis, setting: Setting) -> Iterator[Design]:
    """The design of each series, in the order of ``part.series``."""
    periods = dict(zip(part.teams["team"], part.teams["period"], strict=True))
    points = part.points[part.points["value"].notna() & ~part.points["excluded"]]
    columns = {name: points[name].to_numpy() for name in COUNTED}
    team = points["team"].astype(str).to_numpy()
    edges = np.r_[0, np.flatnonzero(team[1:] != team[:-1]) + 1, len(team)] if len(team) else np.zeros(1, int)
    place = {team[begin]: slice(begin, end) for begin, end in pairwise(edges.tolist())}
    for name in part.series["team"].astype(str):
        own = {key: column[place.get(name, slice(0))] for key, column in columns.items()}
        yield design_of(own, str(periods.get(name) or part.method["period"] or "month"), setting)


def design_of(counted: Mapping[str, Any], period: str, setting: Setting) -> Design:
    """The design of one series, of the columns of its counted points."""
    if not len(counted["date"]):
        return Design(period, ())
    timeless = setting.chart in EVENT_CHARTS or not setting.noise.codes  # gaps change nothing: no point remembers
    place = np.arange(len(counted["date"])) if timeless else places(pd.Series(counted["date"]), period)
    declared = np.flatnonzero(np.diff(counted["phase"], prepend=counted["phase"][0]))
    phases = declared if setting.rebase == "none" else declared[:0]
    level, size = _small(counted, setting)
    looked_at = _looked_at(len(place), period, setting) if not len(phases) else slice(None)
    return Design(
        period=period,
        at=tuple((place - place[0])[looked_at].tolist()),
        start=int(point_of_year(place, period)[0]) if setting.noise.year else 0,
        phases=tuple(phases.tolist()),
        level=tuple(level[looked_at].tolist()) if len(level) else (),
        size=tuple(size[looked_at].tolist()) if len(size) else (),
    )


def _looked_at(points: int, period: str, setting: Setting) -> Any:
    """The points that decide a verdict where no phase was declared: those of a frozen baseline and the last 36."""
    rules = RULE_SETS[setting.rule_set]
    own = rules.baseline_quarterly if period == "quarter" else rules.baseline
    baseline = setting.baseline or own
    if not baseline or setting.rebase != "none":
        return slice(None)
    return np.r_[: min(baseline, points), max(baseline, points - WINDOW) : points]


def _small(counted: Mapping[str, Any], setting: Setting) -> tuple[Floats, Floats]:
    """Expected counts and denominators, where counts are so small that they tie with the centre line or lean."""
    nothing = np.zeros(0)
    if setting.data not in ("proportion", "rate", "count"):
        return nothing, nothing
    size = np.where(np.isnan(counted["denominator"]), 1.0, counted["denominator"])
    size = size.round() if setting.data == "proportion" else size
    base = counted["in_baseline"] & (counted["phase"] == counted["phase"][0])
    total = float(size[base].sum())
    share = float(counted["numerator"][base].sum()) / total if total else np.nan
    level = share * size
    variance = level * (1 - share) if setting.data == "proportion" else level
    if np.isnan(share) or not np.median(variance) < SMALL:
        return nothing, nothing
    digits = 3 - int(np.floor(np.log10(max(share, 1e-6))))  # three figures of the share: more is not known
    return np.round(share, digits) * size, size if setting.data != "count" else nothing

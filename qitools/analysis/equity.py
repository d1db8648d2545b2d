"""A measure by stratum: does everybody gain, or does the average improve while the gap widens?

Strata are ranked from the most to the least deprived and placed at the middle of their share of all people (ridit, from
0 to 1). The slope index of inequality is the difference between the two ends of the line through them, weighted by
their size; the relative index is the ratio of the ends (Pamuk 1985, Popul Stud 39:17; Mackenbach & Kunst 1997, Soc Sci
Med 44:757; Low & Low 2004, J Public Health 26:235). The gap between the outermost strata over time is a run chart of
its own, by the same rules as every other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.focus import focus
from qitools.analysis.its import Estimate
from qitools.analysis.once import once
from qitools.analysis.values import RATIOS
from qitools.analysis.windows import A_YEAR, usual_period
from qitools.collaborative.periods import ordinals
from qitools.spc.constants import D2, Z

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = NDArray[np.float64]
FEW = 12  # points from which the spread between periods is known well enough to widen an interval
PRESENT = 0.8  # of the periods: a stratum known in fewer, or not from the start to the end, is left out


@dataclass(frozen=True)
class Inequality:
    """Slope and relative index of one span, and the gap between the outermost strata, each with a 95 % interval.

    ``slope`` and ``gap`` are the most deprived less the least deprived, in the unit of the measure; ``relative`` is
    their ratio (NaN where the line falls to nought). ``average`` is over all strata.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    slope: Estimate
    relative: Estimate
    gap: Estimate
    average: float


@dataclass(frozen=True, eq=False)
class Equity:
    """One measure by stratum.

    ``lines``: date, stratum, numerator, denominator, value; ``order``: the strata used, the most deprived first;
    ``left_out``: stratum, why (unlisted, late, ended, gaps), first, last, share (of all denominators);
    ``before``, ``now``: the first and the last year; ``gap``: the analysis of the gap, turned so that it is positive
    where it mostly is (``turned``: the least deprived less the most); ``average``: that of all strata together;
    ``finding``: widens_while_better, widens, narrows, narrows_while_worse, better, worse, no_change, or "" where the
    order or the spread of strata is not known; ``reason``: "", no_strata, one_stratum, no_ratio.
    """

    measure: dict[str, Any]
    name: str
    lines: pd.DataFrame
    order: tuple[str, ...]
    ranked: bool
    left_out: pd.DataFrame
    reason: str = ""
    before: Inequality | None = None
    now: Inequality | None = None
    gap: Analysis | None = None
    average: Analysis | None = None
    turned: bool = False
    finding: str = ""
    more: dict[str, str] = field(default_factory=dict)


LEFT_OUT = ("stratum", "why", "first", "last", "share")


def equity(analysis: Analysis, measure: str, team: str = "") -> Equity:
    """One measure by stratum, of one team or of all together.

    Args:
        analysis: what ``qi.analyse`` gave for a collaborative whose observations have strata.
        measure: id of a measure.
        team: id of a team; "" for the sum over all teams.

    Returns:
        An ``Equity``; with a ``reason`` where there are no strata, fewer than two that can be used, or no denominators.

    Raises:
        ParameterError: an unknown team or measure, with the nearest name.
    """
    focus(analysis, team, measure)
    return _equity(analysis, measure, team)


@once
def _equity(analysis: Analysis, measure: str, team: str) -> Equity:
    label = {str(name): one for name, one in focus(analysis, measure=measure).measures.iloc[0].items()}
    about = analysis.method.get("strata") or {}
    rows = analysis.records.strata
    rows = rows[(rows["measure"] == measure) & ((rows["team"] == team) if team else True)]
    nothing = pd.DataFrame(columns=["date", "stratum", "numerator", "denominator", "value"])
    name = str(about.get("name") or "Stratum")
    if rows.empty or label["data"] not in RATIOS:
        reason = "no_strata" if rows.empty else "no_ratio"
        return Equity(label, name, nothing, (), False, pd.DataFrame(columns=list(LEFT_OUT)), reason)
    period = usual_period(analysis)
    order, ranked = _order(rows, tuple(about.get("order") or ()))
    sums = rows.dropna(subset=["numerator", "denominator"])
    sums = sums.groupby(["date", "stratum"], sort=True)[["numerator", "denominator"]].sum().reset_index()
    left_out = _left_out(sums, order, period)
    used = tuple(one for one in order if one in set(sums["stratum"]) - set(left_out["stratum"]))
    kept = sums[sums["stratum"].isin(used) & (sums["denominator"] > 0)]
    lines = kept.assign(value=kept["numerator"] / kept["denominator"] * float(label["per"]))
    whole = lines[lines.groupby("date")["stratum"].transform("size") == len(used)].reset_index(drop=True)
    if len(used) < 2 or whole.empty:
        return Equity(label, name, lines, used, ranked, left_out, "one_stratum")
    return _judged(Equity(label, name, lines, used, ranked, left_out), whole, analysis, period)


def _order(rows: pd.DataFrame, given: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    """The strata in order, and whether that order is one of deprivation: as the settings say, or by whole numbers."""
    if given:
        return tuple(given), True
    there = sorted(rows["stratum"].unique())
    numbers = [one for one in there if one.isdigit()]
    return (tuple(sorted(numbers, key=int)), True) if len(numbers) > 1 else (tuple(there), False)


def _left_out(sums: pd.DataFrame, order: Sequence[str], period: str) -> pd.DataFrame:
    """Strata that cannot be compared over the whole span, and why."""
    places = ordinals(sums["date"], period)
    first, last = places.min(), places.max()
    total, rows = sums["denominator"].sum(), []
    for stratum in sorted(sums["stratum"].unique()):
        mine = (sums["stratum"] == stratum).to_numpy()
        own = places[mine]
        why = "unlisted" if stratum not in order else ""
        why = why or ("late" if own.min() > first else "ended" if own.max() < last else "")
        why = why or ("gaps" if len(own) < PRESENT * (last - first + 1) else "")
        if why:
            dates = sums.loc[mine, "date"]
            share = float(sums.loc[mine, "denominator"].sum() / total)
            rows.append((stratum, why, dates.min(), dates.max(), share))
    return pd.DataFrame(rows, columns=list(LEFT_OUT))


def _judged(found: Equity, whole: pd.DataFrame, analysis: Analysis, period: str) -> Equity:
    """Indices of the first and the last year, the gap and the average as run charts, and what both together say."""
    dates, year = whole["date"].drop_duplicates().sort_values(), A_YEAR[period]
    kind, per = str(found.measure["data"]), float(found.measure["per"])
    top, size = (_wide(whole, name, found.order) for name in ("numerator", "denominator"))
    factor = spread_factor(top, size, kind)
    spans = (slice(0, year), slice(max(len(dates) - year, 0), None))
    before, now = (_inequality(top[span], size[span], dates.iloc[span], kind, per, factor) for span in spans)
    differences = (top[:, 0] / size[:, 0] - top[:, -1] / size[:, -1]) * per
    turned = bool(np.median(differences) < 0)
    gap = _chart(-differences if turned else differences, None, dates, "lower", period)
    average = _chart(top.sum(axis=1), size.sum(axis=1), dates, str(found.measure["better"]), period)
    enough = len(dates) >= 2 * year
    return Equity(
        **{
            **found.__dict__,
            "before": before if enough else None,
            "now": now,
            "gap": gap,
            "average": average,
            "turned": turned,
            "finding": _finding(_verdict(average), _verdict(gap)),
        }
    )


def _wide(whole: pd.DataFrame, name: str, order: Sequence[str]) -> Floats:
    return np.asarray(whole.pivot_table(index="date", columns="stratum", values=name)[list(order)].to_numpy(float))


def _chart(top: Floats, size: Floats | None, dates: pd.Series[Any], better: str, period: str) -> Analysis:
    """One series through the engine."""
    table = pd.DataFrame({"team": "all", "measure": "value", "date": dates.to_numpy(), "numerator": top})
    if size is not None:
        table["denominator"] = size
    return analyse(table, better=better, period=period)


def _verdict(part: Analysis) -> str:
    said = part.series["verdict"]
    return str(said.iloc[0]) if len(said) else "too_few"


def _finding(average: str, gap: str) -> str:
    """What average and gap say together; of a gap ``worsened`` means that it widened."""
    better, worse = average == "improved", average == "worsened"
    if gap == "worsened":
        return "widens_while_better" if better else "widens"
    if gap == "improved":
        return "narrows_while_worse" if worse else "narrows"
    return "better" if better else "worse" if worse else "no_change"


# ---- the indices ----------------------------------------------------------------------------------------------------


def ridits(sizes: Floats) -> Floats:
    """The middle of each stratum on a scale from 0 (the most deprived) to 1, in the order given.

    >>> ridits(np.array([20.0, 30.0, 50.0])).tolist()
    [0.1, 0.35, 0.75]
    """
    share = sizes / sizes.sum()
    return np.asarray(share.cumsum() - share / 2)


def indices(top: Floats, size: Floats, kind: str, per: float = 1.0, factor: float = 1.0) -> tuple[Estimate, Estimate]:
    """Slope and relative index of inequality with 95 % intervals.

    The line is least squares of the strata's values on their ridits, weighted by size; its error follows from the
    counting errors of the strata (binomial for a proportion, Poisson for a rate, half an event added so that none is
    without error) times ``factor``. The relative index is the ratio of the two ends, its interval by the delta method
    on the log scale.

    Args:
        top, size: numerators and denominators of two or more strata, the most deprived first.
        kind: proportion or rate.
        per: what values are multiplied by.
        factor: by how much the counting errors are widened, from 1.

    Returns:
        The slope index (most less least deprived) in display units, and the relative index.

    >>> slope, relative = indices(np.array([30.0, 20, 10]), np.array([100.0, 100, 100]), "proportion", 100)
    >>> round(slope.value, 1), round(relative.value, 2)
    (30.0, 7.0)
    """
    place, share = ridits(size), size / size.sum()
    value, variance = top / size, errors(top, size, kind) * factor**2
    away = place - share @ place
    weights = share * away / (share @ away**2)  # of each stratum in the slope
    ends = [share + weights * (end - share @ place) for end in (0.0, 1.0)]  # of each stratum in an end of the line
    most, least = (float(end @ value) for end in ends)
    slope = _around(-float(weights @ value), float(np.sqrt(weights**2 @ variance))) if len(top) > 1 else Estimate()
    scaled = Estimate(slope.value * per, slope.low * per, slope.high * per)
    if most <= 0 or least <= 0:
        return scaled, Estimate()
    error = float(np.sqrt((ends[0] / most - ends[1] / least) ** 2 @ variance))
    log = _around(float(np.log(most / least)), error)
    return scaled, Estimate(*(float(np.exp(one)) for one in (log.value, log.low, log.high)))


def errors(top: Floats, size: Floats, kind: str) -> Floats:
    """The variance of each stratum's value by counting alone."""
    guarded = (top + 0.5) / (size + 1)
    return np.asarray(guarded * (1 - guarded) / size if kind == "proportion" else guarded / size)


def _around(middle: float, error: float) -> Estimate:
    return Estimate(middle, middle - Z * error, middle + Z * error)


def spread_factor(top: Floats, size: Floats, kind: str) -> float:
    """By how much values move more from period to period than counting alone explains, as Laney's charts have it.

    Args:
        top, size: periods by strata.

    Returns:
        The root mean square over strata of the moving ranges of the standardised values, over 1.128; at least 1, and 1
        where there are fewer than ``FEW`` periods.
    """
    if len(top) < FEW:
        return 1.0
    value, level = top / size, top.sum(axis=0) / size.sum(axis=0)
    expected = errors(level * size, size, kind)
    z = (value - level) / np.sqrt(expected)
    sigma = np.abs(np.diff(z, axis=0)).mean(axis=0) / D2
    return float(max(1.0, np.sqrt((sigma**2).mean())))


def _inequality(top: Floats, size: Floats, dates: pd.Series[Any], kind: str, per: float, factor: float) -> Inequality:
    """The indices of one span, its periods added up."""
    tops, sizes = top.sum(axis=0), size.sum(axis=0)
    slope, relative = indices(tops, sizes, kind, per, factor)
    value, variance = tops / sizes, errors(tops, sizes, kind)
    error = float(np.sqrt(variance[0] + variance[-1])) * factor
    gap = _around(float(value[0] - value[-1]), error)
    whole = float(tops.sum() / sizes.sum()) * per
    scaled = Estimate(gap.value * per, gap.low * per, gap.high * per)
    return Inequality(dates.iloc[0], dates.iloc[-1], slope, relative, scaled, whole)

"""Teams beside each other, with what chance alone would make of their size: the funnel.

Small teams vary more than large ones, so the limits around all teams together open up as denominators shrink. Real
teams differ for reasons other than chance (who they care for, how they count), and narrow limits would then set half of
them apart: limits are widened by the spread that the middle teams show (Spiegelhalter, Statistics in Medicine
2005;24:1185-1202; Quality and Safety in Health Care 2005;14:347-351). A funnel says who differs, never why, and ranks
nobody. Under ten teams it says too little to draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtr, ndtr, pdtr

from qitools.analysis.engine import Analysis
from qitools.analysis.focus import focus
from qitools.analysis.pooled import hidden
from qitools.analysis.tables import DIRECTION
from qitools.analysis.values import RATIOS
from qitools.analysis.windows import places, usual_period, window_length
from qitools.errors import ParameterError, Problem
from qitools.spc.quantiles import binomial, poisson

Floats: TypeAlias = NDArray[np.float64]
Dispersion: TypeAlias = Literal["additive", "multiplicative", "none"]
FEWEST = 10  # units: with fewer, spread and limits rest on too little (Spiegelhalter 2005)
WINSOR = 0.1  # share of the z scores drawn in at each end before the spread is measured
LINES: dict[str, tuple[float, float]] = {
    "additive": (2.0, 3.0),
    "none": (2.0, 3.0),
    "multiplicative": (1.96, 3.09),  # as Public Health Scotland draws its hospital standardised mortality ratios
}
GRID = 60  # places at which a limit is computed for drawing


@dataclass(frozen=True)
class Comparison:
    """The teams of one measure over one window, in display units.

    Args:
        units: ``team, numerator, denominator, value, z, lower_2, upper_2, lower_3, upper_3`` (limits at its own
            denominator), ``place`` (below_3, below_2, inside, above_2, above_3), ``signal`` (none, favourable,
            unfavourable, neutral); in the fixed order of teams.
        apart: ``team, numerator, denominator, value`` of teams that the settings show in a table and not in a chart.
        curve: ``denominator, lower_2, upper_2, lower_3, upper_3``: the limits for drawing.
        centre: all units together: Σ numerator / Σ denominator.
        factor: the spread of the z scores beside what chance gives (φ; 1 is chance alone).
        between: standard deviation between teams beyond chance (τ), additive form only, in display units.
        dispersion: how limits were widened: additive, multiplicative, or none where chance explains the spread.
        first, last: first and last period of the window, of those in which any team has a figure that counts.
        periods: how many periods those are.
        reason: why nothing is to be drawn: few_units, no_denominator, events, no_points, no_variation; "" otherwise.
        dominated: whether the variance between teams is larger than that by chance, of the median team.
    """

    units: pd.DataFrame
    apart: pd.DataFrame
    curve: pd.DataFrame
    centre: float
    factor: float
    between: float
    dispersion: Dispersion
    first: Any
    last: Any
    periods: int = 0
    reason: str = ""
    dominated: bool = False


def compare(analysis: Analysis, measure: str, dispersion: Dispersion = "additive") -> Comparison:
    """Compare the teams of one measure over its last year.

    Args:
        analysis: what ``qi.analyse`` gave; ``method["change_window"]`` holds the periods (default: a year).
        measure: the id of a measure.
        dispersion: additive (teams have true levels of their own, with a spread τ), multiplicative (every limit times
            √φ, as Public Health Scotland does) or none (chance alone).

    Returns:
        ``Comparison``. Limits are exact (binomial for proportions, Poisson for rates) where chance explains the spread.

    Raises:
        ParameterError: an unknown measure, or another dispersion.
    """
    if dispersion not in LINES:
        problem = Problem(where="dispersion", found=str(dispersion), expected=f"one of {', '.join(LINES)}")
        raise ParameterError("There is no such way to widen limits.", [problem])
    part = focus(analysis, measure=measure)
    label = part.measures.iloc[0]
    rows = _window(part)
    sums = _summed(rows, part, float(label["per"]))
    tabled = sums["team"].isin(part.teams.loc[part.teams["display"] == "table", "team"])
    units, apart = sums[~tabled].reset_index(drop=True), sums[tabled].reset_index(drop=True)
    reason = _obstacle(units, label)
    window = (rows["date"].min(), rows["date"].max(), rows["date"].nunique())
    if reason:
        centre = _ratio(units) * float(label["per"]) if reason in ("few_units", "no_variation") else float("nan")
        empty = units.iloc[:0].rename(columns={"value": "lower_2"})
        return Comparison(units, apart, empty, centre, 1.0, 0.0, "none", *window, reason)
    return _compared(units, apart, label, dispersion, window)


# ---- who is compared ------------------------------------------------------------------------------------------------


def _window(part: Analysis) -> pd.DataFrame:
    """The points of the last window that count, of whatever period a team reports by."""
    points = part.points
    kept = points[points["value"].notna() & ~points["excluded"] & (points["denominator"] > 0)]
    if points.empty or kept.empty:
        return kept
    period = usual_period(part)
    late = places(kept["date"], period) > places(points["date"], period).max() - window_length(part)
    # A team with a hidden figure would be compared without its small counts, so it is not compared.
    own = points.loc[hidden(points) & points["date"].isin(kept.loc[late, "date"]), "team"]
    window: pd.DataFrame = kept[late & ~kept["team"].isin(own).to_numpy()]
    return window


def _summed(rows: pd.DataFrame, part: Analysis, per: float) -> pd.DataFrame:
    """One row a team in the fixed order, with its ratio of sums."""
    sums = rows.groupby(rows["team"].astype(str))[["numerator", "denominator"]].sum()
    teams = [str(team) for team in part.teams["team"] if str(team) in sums.index]
    table = sums.reindex(teams)
    return table.assign(value=per * table["numerator"] / table["denominator"]).rename_axis("team").reset_index()


def _obstacle(units: pd.DataFrame, label: pd.Series[Any]) -> str:
    """The code of why teams are not drawn beside each other, "" where they are."""
    share = _ratio(units)
    checks = {
        "events": label["data"] in ("days_between", "events_between"),
        "no_denominator": label["data"] not in RATIOS,
        "no_points": units.empty,
        "few_units": len(units) < FEWEST,
        "no_variation": not 0 < share < (1 if label["data"] == "proportion" else np.inf),
    }
    return next((code for code, stands in checks.items() if stands), "")


def _ratio(units: pd.DataFrame) -> float:
    total = float(units["denominator"].sum())
    return float(units["numerator"].sum()) / total if total else float("nan")


# ---- the limits -----------------------------------------------------------------------------------------------------


def _compared(
    units: pd.DataFrame, apart: pd.DataFrame, label: pd.Series[Any], asked: Dispersion, window: tuple[Any, Any, int]
) -> Comparison:
    share, size, per = _ratio(units), units["denominator"].to_numpy(float), float(label["per"])
    proportion = label["data"] == "proportion"
    spread = np.sqrt(share * (1 - share) / size) if proportion else np.sqrt(share / size)
    z = (units["numerator"].to_numpy(float) / size - share) / spread
    factor = dispersion_factor(z)
    between = between_variance(factor, spread) if asked == "additive" else 0.0
    wide = asked if (between > 0 if asked == "additive" else asked == "multiplicative" and factor > 1) else "none"
    lines = LINES[asked]

    def limits(at: Floats) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        for name, z in zip(("2", "3"), lines, strict=True):
            low, high = (
                exact_limits(share, at, z, proportion)
                if wide == "none"
                else widened_limits(share, at, z, proportion, factor if wide == "multiplicative" else 1.0, between)
            )
            found |= {f"lower_{name}": per * low, f"upper_{name}": per * high}
        return found

    own = limits(size)
    grid = np.geomspace(size.min() * 0.7, size.max() * 1.08, GRID)
    place = np.select(
        [
            units["value"] > own["upper_3"],
            units["value"] < own["lower_3"],
            units["value"] > own["upper_2"],
            units["value"] < own["lower_2"],
        ],
        ["above_3", "below_3", "above_2", "below_2"],
        "inside",
    )
    table = units.assign(z=z, **own, place=place, signal=[_signal(code, label["better"]) for code in place])
    curve = pd.DataFrame({"denominator": grid, **limits(grid)})
    tau = per * float(np.sqrt(between))
    dominated = bool(between > np.median(spread**2))
    return Comparison(table, apart, curve, per * share, factor, tau, wide, *window, dominated=dominated)


def _signal(place: str, better: str) -> str:
    """What a place means, where one side is better."""
    side = {"a": 1, "b": -1, "i": 0}[place[0]]
    if not side:
        return "none"
    return {1: "favourable", -1: "unfavourable", 0: "neutral"}[side * DIRECTION[better]]


def dispersion_factor(z: Floats) -> float:
    """The spread of z scores beside what chance gives: the mean square of the winsorised z.

    >>> dispersion_factor(np.array([-2.0, -2.0, 2.0, 2.0]))
    4.0
    """
    low, high = np.quantile(z, [WINSOR, 1 - WINSOR])
    return float(np.mean(np.clip(z, low, high) ** 2))


def between_variance(factor: float, spread: Floats) -> float:
    """The variance between units beyond chance (τ²), by moments; 0 where chance explains the spread.

    Args:
        factor: φ, of winsorised z.
        spread: standard error of each unit by chance alone.
    """
    weight, units = 1 / spread**2, len(spread)
    room = weight.sum() - (weight**2).sum() / weight.sum()
    return float(max(0.0, (units * factor - (units - 1)) / room))


def widened_limits(
    share: float, size: Floats, z: float, proportion: bool, factor: float, between: float
) -> tuple[Floats, Floats]:
    """Lower and upper limits with a spread beyond chance: share ± z √(φ s² + τ²), never beyond what can be."""
    chance = share * (1 - share) / size if proportion else share / size
    width = z * np.sqrt(factor * chance + between)
    return np.maximum(share - width, 0.0), np.minimum(share + width, 1.0 if proportion else np.inf)


def exact_limits(share: float, size: Floats, z: float, proportion: bool) -> tuple[Floats, Floats]:
    """Lower and upper limits by the binomial or Poisson distribution, interpolated between counts (Spiegelhalter 2005).

    Args:
        share: the level of all units together, per one of the denominator.
        size: denominators.
        z: how many standard deviations of a normal have the same tails.
        proportion: binomial, else Poisson.
    """
    whole, mean = np.maximum(np.round(size), 1).astype(np.int64), share * size
    over, sides = (whole if proportion else size), []
    for tail in (float(ndtr(-z)), float(ndtr(z))):
        count = binomial(tail, whole, share) if proportion else poisson(tail, mean)
        reached = [bdtr(one, whole, share) if proportion else pdtr(one, mean) for one in (count, count - 1)]
        sides.append(_interpolated(count, reached[0], np.where(count > 0, reached[1], 0.0), tail) / over)
    return np.maximum(sides[0], 0.0), np.minimum(sides[1], 1.0 if proportion else np.inf)


def _interpolated(count: Floats, reached: Floats, before: Floats, tail: float) -> Floats:
    """The count below which the tail lies, between two whole counts, of the probability up to it and up to the last."""
    return np.asarray(count - (reached - tail) / (reached - before))

"""Centre lines and limits, one function per chart kind.

Every function takes a ``Sample`` (all series at once) and gives ``Limits``: a centre per segment, lower and upper per
row. Values are on their own scale (a proportion between 0 and 1); whoever calls multiplies by ``per``. Formulas as in
Montgomery, Introduction to Statistical Quality Control; Laney 2002 (p′, u′); Provost & Murray 2011 (g, t).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import gammaln

from qitools.spc.constants import D2, D4, SIGMAS, T_POWER
from qitools.spc.panel import Bools, Floats, Panel


@dataclass(frozen=True, eq=False)
class Sample:
    """What the limits are computed from; arrays over all rows of ``panel``.

    Args:
        panel: the segments (phases).
        value: plotted values, NaN where missing; numerator over denominator for p and u.
        base: rows of the baseline, never a missing or an excluded one.
        chain: rows whose neighbours make moving ranges: all but the excluded, which are bridged.
        size: denominators, or subgroup sizes.
        sd: standard deviations of subgroups.
        centre: a given centre line per segment, NaN where it is to be computed.
        screen: drop moving ranges of 3.267 times their mean or more, once.
        range_factor: distance of XmR limits from the centre, in mean moving ranges.
    """

    panel: Panel
    value: Floats
    base: Bools
    chain: Bools
    size: Floats
    sd: Floats
    centre: Floats
    screen: bool = False
    range_factor: float = SIGMAS / D2


@dataclass(frozen=True, eq=False)
class Limits:
    """A centre per segment; limits per row, NaN where there are none; σz per segment.

    ``z``: per row, how many standard deviations a value lies from the centre, on the scale on which the limits were
    made and before a limit was cut off at 0 or 100 %; NaN where limits are not made of standard deviations (mr, g).
    """

    centre: Floats
    lower: Floats
    upper: Floats
    z: Floats
    sigma_z: Floats = field(default_factory=lambda: np.zeros(0))


def moving_ranges(panel: Panel, value: Floats, chain: Bools) -> Floats:
    """Absolute difference from the row before; NaN for the first row of a segment and beside a missing value."""
    if chain.all():
        out = np.empty(panel.size)
        np.subtract(value[1:], value[:-1], out=out[1:])
        out[panel.starts] = np.nan
        return np.abs(out, out=out)
    out = np.full(panel.size, np.nan)
    rows = np.flatnonzero(chain)
    step = np.abs(np.diff(value[rows]))
    step[panel.ids[rows[1:]] != panel.ids[rows[:-1]]] = np.nan
    out[rows[1:]] = step
    return out


def mean_moving_range(sample: Sample, value: Floats) -> Floats:
    """Mean moving range of each segment's baseline, screened where asked; NaN where there is none."""
    ranges = moving_ranges(sample.panel, value, sample.chain)
    used = sample.base & ~np.isnan(ranges)
    mean = sample.panel.mean(ranges, used)
    if sample.screen:
        bound = np.where(mean > 0, D4 * mean, np.inf)  # ranges that are all 0 are kept: the limits are the line
        mean = sample.panel.mean(ranges, used & (ranges < sample.panel.spread(bound)))
    return mean


def given_or(sample: Sample, computed: Floats) -> Floats:
    """The centre line given, else the one computed."""
    return np.where(np.isnan(sample.centre), computed, sample.centre)


def around(sample: Sample, centre: Floats, sd: Floats, low: float = -np.inf, high: float = np.inf) -> Limits:
    """Limits three ``sd`` (per row) from the centre, no lower than ``low``, no higher than ``high``."""
    line = sample.panel.spread(centre)
    z = distances(sample.value, line, sd)
    return Limits(centre, np.maximum(line - SIGMAS * sd, low), np.minimum(line + SIGMAS * sd, high), z)


def level(sample: Sample, centre: Floats, sd: Floats, low: float = -np.inf) -> Limits:
    """The same where ``sd`` is one number a segment."""
    lower, upper = np.maximum(centre - SIGMAS * sd, low), centre + SIGMAS * sd
    z = distances(sample.value, sample.panel.spread(centre), sample.panel.spread(sd))
    return Limits(centre, sample.panel.spread(lower), sample.panel.spread(upper), z)


def distances(value: Floats, line: Floats, sd: Floats) -> Floats:
    """How many ``sd`` a value lies from the line."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z: Floats = (value - line) / sd
    return z


def run_chart(sample: Sample) -> Limits:
    """The median, and no limits (Perla, Provost & Murray 2011)."""
    none = np.full(sample.panel.size, np.nan)
    return Limits(given_or(sample, sample.panel.median(sample.value, sample.base)), none, none.copy(), none)


def individuals(sample: Sample) -> Limits:
    """XmR: the mean and the mean moving range over 1.128."""
    centre = given_or(sample, sample.panel.mean(sample.value, sample.base))
    sd = mean_moving_range(sample, sample.value) * (sample.range_factor / SIGMAS)
    return level(sample, centre, sd)


def moving_range_chart(sample: Sample) -> Limits:
    """Values are moving ranges: their mean, 0 and 3.267 times their mean."""
    centre = given_or(sample, sample.panel.mean(sample.value, sample.base))
    line = sample.panel.spread(centre)
    return Limits(centre, np.where(np.isnan(line), np.nan, 0.0), D4 * line, np.full(sample.panel.size, np.nan))


def c4(n: Floats) -> Floats:
    """The bias of a sample standard deviation of ``n`` normal values: c4(n) = √(2/(n−1)) Γ(n/2) / Γ((n−1)/2).

    >>> c4(np.array([5.0])).round(4).tolist()
    [0.94]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.sqrt(2 / (n - 1)) * np.exp(gammaln(n / 2) - gammaln((n - 1) / 2))
    return np.where(n > 1, factor, np.nan)


def typical_sd(sample: Sample) -> Floats:
    """S: the mean subgroup sd where all subgroups are of one size, else pooled over degrees of freedom."""
    used = sample.base & (sample.size > 1)
    free = np.where(used, sample.size - 1, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = np.sqrt(sample.panel.total(np.where(used, free * sample.sd**2, 0.0)) / sample.panel.total(free))
        mean_size = sample.panel.spread(sample.panel.mean(sample.size, sample.base))
    equal = sample.panel.count(sample.base & (sample.size != mean_size)) == 0
    return np.where(equal, sample.panel.mean(sample.sd, used), pooled)


def subgroup_means(sample: Sample) -> Limits:
    """x̄: the weighted mean of the subgroups, and A3(n)·S."""
    with np.errstate(invalid="ignore", divide="ignore"):
        weighted = sample.panel.total(np.where(sample.base, sample.value * sample.size, 0.0))
        mean = weighted / sample.panel.total(np.where(sample.base, sample.size, 0.0))
        sd = sample.panel.spread(typical_sd(sample)) / (c4(sample.size) * np.sqrt(sample.size))
    return around(sample, given_or(sample, mean), sd)


def subgroup_sds(sample: Sample) -> Limits:
    """s: S, and B3(n)·S, B4(n)·S."""
    centre = given_or(sample, typical_sd(sample))
    bias = c4(sample.size)
    with np.errstate(invalid="ignore"):
        sd = sample.panel.spread(centre) * np.sqrt(1 - bias**2) / bias
    return around(sample, centre, sd, low=0.0)


def ratio_of_sums(sample: Sample) -> Floats:
    """Σ numerator / Σ denominator over the baseline: never the mean of ratios."""
    with np.errstate(invalid="ignore", divide="ignore"):
        top = sample.panel.total(np.where(sample.base, sample.value * sample.size, 0.0))
        return given_or(sample, top / sample.panel.total(np.where(sample.base, sample.size, 0.0)))


def binomial_sd(sample: Sample, centre: Floats) -> Floats:
    """√(p(1−p)/n) per row."""
    line: Floats = sample.panel.spread(centre)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(np.clip(line * (1 - line), 0, None) / sample.size)


def poisson_sd(sample: Sample, centre: Floats) -> Floats:
    """√(u/n) per row."""
    line: Floats = sample.panel.spread(centre)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(line / sample.size)


def laney_factor(sample: Sample, centre: Floats, sd: Floats) -> Floats:
    """σz: the spread of z scores from their mean moving range (Laney 2002).

    1 where the values cannot vary, at 0 or 100 %; NaN where no two points are neighbours.
    """
    z = distances(sample.value, sample.panel.spread(centre), sd)
    factor = mean_moving_range(sample, np.where(np.isfinite(z), z, np.nan)) / D2
    return np.where(sample.panel.count(sample.base & (sd > 0)) == 0, 1.0, factor)


def widened(sample: Sample, centre: Floats, sd: Floats, laney: bool, high: float) -> Limits:
    """Limits of a ratio, its sd times σz where ``laney``; σz is kept on plain charts too, for intervals of changes."""
    sigma_z = laney_factor(sample, centre, sd)
    if laney:
        sd = sd * sample.panel.spread(sigma_z)
    return replace(around(sample, centre, sd, 0.0, high), sigma_z=sigma_z if laney else np.nan_to_num(sigma_z, nan=1.0))


def proportions(sample: Sample, laney: bool = False) -> Limits:
    """p: Σy/Σn and the binomial sd, within 0..1; p′ multiplies the sd by σz."""
    centre = ratio_of_sums(sample)
    return widened(sample, centre, binomial_sd(sample, centre), laney, 1.0)


def rates(sample: Sample, laney: bool = False) -> Limits:
    """u: Σy/Σn and the Poisson sd, never below 0; u′ multiplies the sd by σz."""
    centre = ratio_of_sums(sample)
    return widened(sample, centre, poisson_sd(sample, centre), laney, np.inf)


def counts(sample: Sample) -> Limits:
    """c: the mean count and its root, never below 0."""
    centre = given_or(sample, sample.panel.mean(sample.value, sample.base))
    return level(sample, centre, np.sqrt(centre), low=0.0)


def events_between(sample: Sample) -> Limits:
    """g: the median is drawn; limits from the geometric distribution about the mean m, √(m(m+1))."""
    mean = given_or(sample, sample.panel.mean(sample.value, sample.base))
    drawn = given_or(sample, sample.panel.median(sample.value, sample.base))
    around_mean = level(sample, mean, np.sqrt(mean * (mean + 1)), low=0.0)
    return replace(around_mean, centre=drawn, z=np.full(sample.panel.size, np.nan))


def time_between(sample: Sample) -> Limits:
    """t: individuals on y^(1/3.6), carried back; a lower limit below 0 is 0."""
    bent = replace(sample, value=sample.value ** (1 / T_POWER), centre=sample.centre ** (1 / T_POWER))
    inner = individuals(bent)
    lower, upper = np.maximum(inner.lower, 0.0), np.maximum(inner.upper, 0.0)
    return Limits(inner.centre**T_POWER, lower**T_POWER, upper**T_POWER, inner.z)


KINDS: dict[str, Callable[[Sample], Limits]] = {
    "run": run_chart,
    "i": individuals,
    "mr": moving_range_chart,
    "xbar": subgroup_means,
    "s": subgroup_sds,
    "p": proportions,
    "pp": lambda sample: proportions(sample, laney=True),
    "u": rates,
    "up": lambda sample: rates(sample, laney=True),
    "c": counts,
    "g": events_between,
    "t": time_between,
}


EVENT_CHARTS = ("g", "t")  # their points are events, not periods


def limits(kind: str, sample: Sample) -> Limits:
    """Centre line and limits of every segment at once.

    Args:
        kind: one of ``KINDS``.
        sample: values, baseline and sizes.

    Returns:
        ``Limits``; ``sigma_z`` is 1 on charts other than p, p′, u and u′.

    Raises:
        KeyError: for a kind that is not in ``KINDS``.

    >>> y = np.array([50.0, 52, 48, 51, 49])
    >>> sample = Sample(Panel(np.array([0]), 5), y, np.ones(5, bool), np.ones(5, bool), y, y, np.array([np.nan]))
    >>> found = limits("i", sample)
    >>> found.centre.tolist(), found.upper.round(3).tolist()[0]
    ([50.0], 57.314)
    """
    found = KINDS[kind](sample)
    return found if len(found.sigma_z) else replace(found, sigma_z=np.ones(len(sample.panel.starts)))

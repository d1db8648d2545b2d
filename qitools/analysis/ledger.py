"""The honest ledger: what every series says, and how many would say it if nothing had changed.

Runs of luck look like improvement. Beside the number of teams that improved stands the number that chance would give
to the same teams: each with its own length, gaps and denominators, under the same rules, direction and window, with
the memory and the season found in the measure. The number of teams that improve by luck is a sum of independent
chances, put together exactly.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.analysis.engine import Analysis
from qitools.analysis.focus import focus, main_measure
from qitools.analysis.luck import chances
from qitools.analysis.noise import noise_of
from qitools.analysis.once import once

RANGE = (0.05, 0.95)  # a 90 % range: one time in ten luck lies outside
KINDS = ("outcome", "process", "balancing")  # in the order a ledger lists them; only the first is counted as success
COLUMNS = (
    "measure",
    "kind",
    "team",
    "rule_set",
    "verdict",
    "strength",
    "variation",
    "first_signal",
    "signal_end",
    "change",
    "change_lower",
    "change_upper",
    "reason",
)


@dataclass(frozen=True)
class Luck:
    """Teams of one measure with a verdict, and how many would have it by luck alone.

    Args:
        observed, teams: how many have it, of how many that still report and have enough points.
        expected: mean number if nothing had changed; ``low`` and ``high``: its 90 % range.
        likely: chance of so many or more, 0 to 1.
        noise: what the luck allows for: reason codes ``dependent``, ``seasonal``.
        verdict: the verdict counted.
    """

    observed: int
    teams: int
    expected: float
    low: int
    high: int
    likely: float = 1.0
    noise: tuple[str, ...] = ()
    verdict: str = "improved"


def ledger(analysis: Analysis) -> pd.DataFrame:
    """What every series of the teams that still report says, measure by measure.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        ``measure, kind, team, rule_set, verdict, strength, variation, first_signal, signal_end, change, change_lower,
        change_upper, reason``: outcomes before processes before balancing measures, the aim's measure first, teams in
        their fixed order.
    """
    labels = analysis.measures.set_index("measure")[["kind", "rule_set"]]
    rows = analysis.series[current(analysis.series)].join(labels, on="measure")
    place = {measure: number for number, measure in enumerate(order(analysis))}
    rows = rows.assign(place=rows["measure"].astype(str).map(place))
    return rows.sort_values("place", kind="stable")[list(COLUMNS)].reset_index(drop=True)


def tally(analysis: Analysis) -> pd.DataFrame:
    """How many teams improved on each measure, beside what luck alone would give.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        ``measure, kind`` and the fields of ``Luck``, a row a measure in the order of ``ledger``; ``expected`` and the
        rest are empty where luck cannot be drawn, ``teams`` is 0 where no team has enough points.
    """
    rows = []
    for measure in order(analysis):
        found = by_luck(analysis, measure)
        told = asdict(found) if found else _bare(analysis, measure)
        kind = focus(analysis, measure=measure).measures["kind"].iloc[0]
        rows.append({"measure": measure, "kind": kind, **told})
    return pd.DataFrame(rows)


def order(analysis: Analysis) -> list[str]:
    """The ids of all measures: the aim's first, then outcomes, processes and balancing measures as in the YAML."""
    kinds = dict(zip(analysis.measures["measure"].astype(str), analysis.measures["kind"], strict=True))
    first = main_measure(analysis)
    return sorted(kinds, key=lambda measure: (measure != first, KINDS.index(kinds[measure])))


def by_luck(analysis: Analysis, measure: str, verdict: str = "") -> Luck | None:
    """How many teams would be called improved if nothing had changed.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: the id of a measure.
        verdict: the verdict to count; "": improved, or changed where neither side is better.

    Returns:
        ``Luck``, or None where no team has enough points or luck cannot be drawn: the centre line was given.

    Raises:
        ParameterError: an unknown measure.
    """
    return _made(analysis, measure, verdict)


@once
def _made(analysis: Analysis, measure: str, verdict: str) -> Luck | None:
    part = focus(analysis, measure=measure)
    return _by_luck(part, verdict or _good(part)) if len(part.series) else None


def _good(part: Analysis) -> str:
    return "changed" if part.measures["better"].iloc[0] == "neither" else "improved"


def _by_luck(part: Analysis, verdict: str) -> Luck | None:
    counted = _counted(part)
    noise = noise_of(part)
    known = chances(part, noise) if counted.any() else None
    if known is None:
        return None
    chance = np.array([one.get(verdict, 0.0) for one in known])[counted]
    likely = distribution(chance)
    observed = int((part.series["verdict"][counted] == verdict).sum())
    low, high = (int(np.searchsorted(np.cumsum(likely), end)) for end in RANGE)
    return Luck(
        observed=observed,
        teams=int(counted.sum()),
        expected=float(chance.sum()),
        low=low,
        high=high,
        likely=float(min(likely[observed:].sum(), 1.0)),
        noise=noise.codes,
        verdict=verdict,
    )


def _bare(analysis: Analysis, measure: str) -> dict[str, object]:
    """What can be counted where luck cannot be drawn."""
    part = focus(analysis, measure=measure)
    counted, verdict = _counted(part), _good(part)
    nothing = dict.fromkeys(("expected", "low", "high", "likely"), float("nan"))
    observed = int((part.series["verdict"][counted] == verdict).sum())
    return {"observed": observed, "teams": int(counted.sum()), **nothing, "noise": (), "verdict": verdict}


def current(series: pd.DataFrame) -> NDArray[np.bool_]:
    """Which series belong to a team that still reports."""
    return series["current"].to_numpy(bool) if "current" in series else np.ones(len(series), bool)


def _counted(part: Analysis) -> NDArray[np.bool_]:
    """Series that still report and have enough points for a verdict."""
    enough: NDArray[np.bool_] = (part.series["verdict"] != "too_few").to_numpy(bool) & current(part.series)
    return enough


def distribution(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely each number of successes is, of independent trials with these chances.

    >>> distribution(np.array([0.5, 0.5])).tolist()
    [0.25, 0.5, 0.25]
    """
    likely = np.ones(1)
    for one in chance:
        likely = np.convolve(likely, [1 - one, one])
    return likely

"""The honest ledger: how many teams improved, beside how many would seem to if nothing had changed.

Runs of luck look like improvement. ``false_alarms.csv`` holds how often charts of pure noise earn a verdict, by rule
set, kind of chart, baseline, length and kind of noise (``benchmarks/false_alarms.py`` makes it, seeded). For each team
the share for its own number of points is read off, and the shares are put together exactly: the number of teams that
improve by luck is a sum of independent chances.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.analysis.engine import Analysis
from qitools.analysis.focus import focus
from qitools.spc.rule_sets import RULE_SETS

RANGE = (0.05, 0.95)  # a 90 % range: one time in ten luck lies outside
NOISE = {"dependent": "ar-0.3", "seasonal": "seasonal"}  # what a measure's codes say of its noise


@dataclass(frozen=True)
class Luck:
    """Teams of one measure that improved, and how many would by luck alone.

    Args:
        observed, teams: how many improved, of how many with enough points.
        expected: mean number if nothing had changed; ``low`` and ``high``: its 90 % range.
    """

    observed: int
    teams: int
    expected: float
    low: int
    high: int


def by_luck(analysis: Analysis, measure: str) -> Luck | None:
    """How many teams would be called improved if nothing had changed.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: the id of a measure.

    Returns:
        ``Luck``, or None where no share is known for the rule set, chart and baseline in force.

    Raises:
        ParameterError: an unknown measure.
    """
    part = focus(analysis, measure=measure)
    series = part.series[part.series["verdict"] != "too_few"]
    shares = _shares(part)
    if shares.empty or series.empty:
        return None
    chance = np.asarray(np.interp(series["n"].to_numpy(float), shares.index.to_numpy(float), shares.to_numpy(float)))
    number = np.arange(len(chance) + 1)
    cumulative = np.cumsum(distribution(chance))
    low, high = (int(number[np.searchsorted(cumulative, end)]) for end in RANGE)
    return Luck(int((series["verdict"] == "improved").sum()), len(series), float(chance.sum()), low, high)


def distribution(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely each number of successes is, of independent trials with these chances.

    >>> distribution(np.array([0.5, 0.5])).tolist()
    [0.25, 0.5, 0.25]
    """
    likely = np.ones(1)
    for one in chance:
        likely = np.convolve(likely, [1 - one, one])
    return likely


def _shares(part: Analysis) -> pd.Series[float]:
    """The share of noise series called improved, by number of points, for the kind of noise the measure shows."""
    label = part.measures.iloc[0]
    baseline = part.method["baseline"].get(label["measure"], RULE_SETS[label["rule_set"]].baseline)
    codes = set(" ".join(part.series["reason"].astype(str)).split())
    noises = [noise for code, noise in NOISE.items() if code in codes] or ["independent"]
    table = _table()
    known = table[
        (table["rule_set"] == label["rule_set"])
        & (table["chart"] == ("run" if label["chart"] == "run" else "i"))
        & (table["baseline"] == baseline)
        & (table["finding"] == "improved")
        & table["noise"].isin(noises)
    ]
    shares: pd.Series[float] = known.groupby("points")["share"].max()
    return shares


@cache
def _table() -> pd.DataFrame:
    return pd.read_csv(StringIO(files("qitools.analysis").joinpath("false_alarms.csv").read_text(encoding="utf-8")))

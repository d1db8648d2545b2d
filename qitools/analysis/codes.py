"""Why something was left out, could not be computed or must be read with care: every reason code, in one place.

Codes live in the ``reason`` columns, joined by a space; the words users read are made in ``views/wording.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.spc.panel import Bools, Ints

CODES = {
    # of a point
    "missing": "nothing was reported",
    "excluded": "left out by a recorded decision",
    "zero_denominator": "the denominator is 0",
    "no_denominator": "a numerator came without its denominator",
    "suppressed": "withheld by disclosure control",
    "no_previous": "nothing before it to measure from",
    "alone": "a subgroup of one has no spread",
    "zero_gap": "two events on one day",
    "no_limits": "the limits cannot be computed here",
    # of a phase
    "no_points": "no point to make a centre line from",
    "few_points": "fewer points than the centre line should have: it is temporary",
    "no_variation": "all values of the baseline are alike: the limits, where drawn, are the line",
    "sustained_shift": "the phase was found in the data, by a sustained shift",
    "given_centre": "the centre line was given, not computed",
    "runs_not_tested": "the runs test needs a centre line from the same points",
    "too_few": "fewer points than the rule set needs to say anything",
    "handed_over": "a run-chart rule set on a chart with limits: control-chart rules apply",
    "no_limit_rules": "a rule set of charts with limits on a run chart: only its shift and its trend are looked for",
    "rare_events": "more than half the points at 0 or at 100 %: time between events would say more",
    # of a series
    "one_phase": "there is no change to measure between phases",
    "few": "too few points on one side of the change for an interval",
    "selected_by_data": "the phase was chosen because the data moved: the change is likely smaller than it looks",
    "sparse": "the median is below one event a week or month: quarters would show more",
    # of a series, and of a measure over all its teams
    "dependent": "neighbouring points resemble each other: the rules signal too easily",
    "dependence_unknown": "too few neighbours to tell whether they resemble each other",
    "seasonal": "the season recurs: the rules signal too easily",
    "season_unknown": "too few years to tell whether a season recurs, or points that belong to no month",
    # of a chart chosen by auto, in method["auto"]; also too_few and rare_events
    "overdispersed": "the points vary more than chance and the denominators explain: Laney's limits",
    "as_chance": "the points vary no more than chance and the denominators explain",
    "by_data": "the kind of data decides",
    "kept": "chosen in an earlier run: it stays until somebody changes it",
}


def category(column: pd.Series[Any] | pd.Categorical) -> pd.Categorical:
    """A column of text as codes and labels; made so where it is plain text."""
    labels = getattr(column, "array", column)
    return labels if isinstance(labels, pd.Categorical) else pd.Categorical(labels)


def places(names: Iterable[Any], known: Iterable[Any]) -> Ints:
    """Names as places in a list of them; -1 for a name that is not in it.

    >>> places(["b", "x"], ["a", "b"]).tolist()
    [1, -1]
    """
    place = {name: at for at, name in enumerate(known)}
    return np.array([place.get(name, -1) for name in names], np.int64)


def has(reason: pd.Series[Any] | pd.Categorical, code: str) -> Bools:
    """Where a column of reasons holds a code.

    >>> has(pd.Series(["missing", "few one_phase", ""]), "few").tolist()
    [False, True, False]
    """
    words = category(reason)
    held: Bools = np.array([code in text.split() for text in words.categories], bool)[words.codes]
    return held


def named(codes: NDArray[np.integer[Any]], labels: list[str], ordered: bool = False) -> pd.Categorical:
    """Codes as labels."""
    return pd.Categorical.from_codes(codes, dtype=_kind(tuple(labels), ordered), validate=False)


@lru_cache(maxsize=64)
def _kind(labels: tuple[str, ...], ordered: bool) -> Any:
    return pd.CategoricalDtype(pd.Index(labels, dtype="str"), ordered=ordered)


def joined(codes: dict[str, Bools]) -> pd.Categorical:
    """Codes that hold, joined by a space, "" where none does."""
    size = len(next(iter(codes.values())))
    holding = {code: holds for code, holds in codes.items() if holds.any()}
    if not holding:
        return named(np.zeros(size, np.int8), [""])
    bits = np.zeros(size, np.int32)  # one bit a code
    for place, holds in enumerate(holding.values()):
        bits[holds] |= 1 << place
    there = np.bincount(bits) > 0
    words = [
        " ".join(code for place, code in enumerate(holding) if bit >> place & 1)
        for bit in np.flatnonzero(there).tolist()
    ]
    return named((np.cumsum(there, dtype=np.int32) - 1)[bits], words)

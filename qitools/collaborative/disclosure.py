"""What an outside audience may not see: small counts.

For the audiences ``public`` and ``partners`` counts of 1 to 4 are suppressed before any table is made, so that nothing
later can show them; so are the counts of a proportion of which 1 to 4 people are left over, since whoever knows 18 of
20 knows of the other two.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

SMALL_COUNTS = (1, 4)  # the range suppressed; Public Health Scotland's usual primary disclosure control: fewer than 5
OUTSIDE = ("public", "partners")


def small_counts(observations: pd.DataFrame, counted: Iterable[str], shares: Iterable[str]) -> np.ndarray:
    """Which rows hold a count that an outside audience may not see.

    Args:
        observations: the table of the contract.
        counted: the measures whose numerator counts people or events.
        shares: those of them whose denominator counts the same people, so that the rest is a count too.

    Returns:
        One boolean a row.
    """
    rest = observations["denominator"] - observations["numerator"]
    small = observations["measure"].isin(list(counted)) & observations["numerator"].between(*SMALL_COUNTS)
    return (small | (observations["measure"].isin(list(shares)) & rest.between(*SMALL_COUNTS))).to_numpy()


def suppress(observations: pd.DataFrame, hidden: np.ndarray) -> pd.DataFrame:
    """The table with the numerators of these rows, and denominators as small, gone and their status ``suppressed``."""
    kept = observations.copy()
    kept.loc[hidden & kept["denominator"].between(*SMALL_COUNTS), "denominator"] = np.nan
    kept.loc[hidden, "numerator"] = np.nan
    kept.loc[hidden, "status"] = "suppressed"
    return kept


def small_emptied(table: pd.DataFrame, counts: Iterable[str]) -> pd.DataFrame:
    """The table with the small counts of these columns gone."""
    return table.assign(**{name: table[name].mask(table[name].between(*SMALL_COUNTS)) for name in counts})

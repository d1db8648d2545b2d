"""What may not leave the door: numbers that could name a person, and small counts for an outside audience.

A Scottish CHI number has ten digits and begins with a date of birth, DDMMYY. Any such token is refused whatever its
check digit, and the message never repeats it. For the audiences ``public`` and ``partners`` counts of 1 to 4 are
suppressed before any table is made, so that nothing later can show them; so are the counts of a proportion of which
1 to 4 people are left over, since whoever knows 18 of 20 knows of the other two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from qitools.errors import Problem

SMALL_COUNTS = (1, 4)  # the range suppressed; Public Health Scotland's usual primary disclosure control: fewer than 5
OUTSIDE = ("public", "partners")
_TOKEN = re.compile(r"(?<!\d)(?<!\d\.)(\d{2})(\d{2})(\d{2})[ -]?\d{4}(?!\d)")


def personal_numbers(text: str, file: str) -> list[Problem]:
    """A problem for each line that may hold a CHI number.

    >>> [problem.line for problem in personal_numbers("team,note\\nA,call 0101901234", "falls.csv")]
    [2]
    """
    starts = {match.start() for match in _TOKEN.finditer(text) if _is_day(match)}
    lines = sorted({text.count("\n", 0, start) + 1 for start in starts})
    expected = "no number that could be a CHI number"
    hint = "take personal data out of the file"
    return [
        Problem(file, line, "", "ten digits that begin with a date", expected, hint, code="personal_number")
        for line in lines
    ]


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


def _is_day(match: re.Match[str]) -> bool:
    day, month, year = (int(part) for part in match.groups())
    return any(_exists(century + year, month, day) for century in (1900, 2000))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True

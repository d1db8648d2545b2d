"""What an offer or an ask is about: its measure, that of its driver, or the words it shares with another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

FRESH = pd.DateOffset(years=1)  # an older offer or ask is asked again, not acted on
STEM = 6  # letters of a word that tell its subject: review, reviews, reviewing
LEAST = 5  # shorter words tell little
# Words that offers and asks are made of, whatever they are about.
WORDS = """
    about advice after again already another around because before being better board boards change changes could
    during every first found getting happily happy hospital ideas improve improved improvement keeping learn
    learning looking looks making measure measures monthly months needing needs nurse offer offering other patient
    patients people really running service share shared sharing small staff start started starting still struggling
    support supporting talking teams tested testing their there these thing things think those through trying using
    visit visits wards weekly weeks welcome where which while without working would years
"""
COMMON = frozenset(word[:STEM] for word in WORDS.split())


def fresh(offers: pd.DataFrame, as_of: Any) -> pd.DataFrame:
    """The offers and asks of the year before a date; one without a date counts as fresh."""
    if pd.isna(as_of):
        return offers
    return offers[offers["date"].isna() | (offers["date"] > pd.Timestamp(as_of) - FRESH)]


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain mappings."""
    return [dict(zip(map(str, table.columns), row, strict=True)) for row in table.itertuples(index=False, name=None)]


def measure_of(row: Mapping[str, Any], drivers: pd.DataFrame) -> str:
    """The measure of an offer or ask: its own, else that of its driver, "" where there is none."""
    if row["measure"] or not row["driver"]:
        return str(row["measure"])
    named = drivers.loc[(drivers["node"] == row["driver"]) & (drivers["measure"] != ""), "measure"]
    return str(named.iloc[0]) if len(named) else ""


def shared_words(one: str, other: str) -> tuple[str, ...]:
    """The words of a text whose subject another text has, in the order of the first, as it writes them.

    >>> shared_words("Getting families to join reviews", "Our review with families and friends")
    ('families', 'reviews')
    """
    theirs = set(_stems(other))
    return tuple(word for stem, word in _stems(one).items() if stem in theirs)


def _stems(text: str) -> dict[str, str]:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    found: dict[str, str] = {}
    for word in words:
        if len(word) >= LEAST and word[:STEM] not in COMMON:
            found.setdefault(word[:STEM], word)
    return found

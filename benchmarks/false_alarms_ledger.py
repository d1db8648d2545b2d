"""Whether the ledger expects what luck does: collaboratives in which nothing changes, many seeds, every rule set.

    python benchmarks/false_alarms_ledger.py [collaboratives a row, default 40]

Each collaborative has 20 teams and 48 months, late joiners and lost figures. The ledger sees only its figures: it has
to find memory and season by itself. Beside the teams that seemed to improve stands what the ledger expected, the
standard error of the difference (of the teams' luck, and of the drawing behind what is expected: teams of one design
share their draws, collaboratives do not) and the difference in standard errors. Seeded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

import qitools as qi
from qitools.analysis import luck
from qitools.analysis.ledger import by_luck

TEAMS, MONTHS = 20, 48
LATE = 10  # months by which a team may join later
LOST = 0.04  # share of figures that never came
COLLABORATIVES = 40
RULE_SETS = (  # rule set, chart
    ("his-2025", "run"),
    ("perla-2011", "run"),
    ("anhoej-2014", "run"),
    ("anhoej-2014", "i"),
    ("mdc", "i"),
    ("western-electric", "i"),
    ("nelson-1984", "i"),
    ("ihi-2011", "i"),
)
Draw = Callable[[np.random.Generator], np.ndarray]


def independent(random: np.random.Generator) -> np.ndarray:
    return random.normal(size=(TEAMS, MONTHS))


def autoregressive(random: np.random.Generator, phi: float = 0.3) -> np.ndarray:
    values = random.normal(size=(TEAMS, MONTHS))
    for at in range(1, MONTHS):
        values[:, at] = phi * values[:, at - 1] + np.sqrt(1 - phi**2) * values[:, at]
    return values


def seasonal(random: np.random.Generator) -> np.ndarray:
    month = np.arange(MONTHS) + random.integers(12)
    return random.normal(size=(TEAMS, MONTHS)) + np.sin(2 * np.pi * month / 12)


NOISE: dict[str, Draw] = {"independent": independent, "ar-0.3": autoregressive, "seasonal": seasonal}


@dataclass(frozen=True)
class Found:
    """What was seen and expected of some collaboratives: teams, and the standard error of the difference."""

    observed: int
    expected: float
    error: float
    inside: float  # share of collaboratives whose number lies in the ledger's 90 % range

    @property
    def z(self) -> float:
        return (self.observed - self.expected) / self.error


def values(noise: str, seed: int) -> pd.DataFrame:
    """A collaborative of single values."""
    random = np.random.default_rng([seed, list(NOISE).index(noise), 11])
    return long(NOISE[noise](random) + 10, np.nan, random)


def counts(seed: int, mean: float = 3.0) -> pd.DataFrame:
    """A collaborative of small counts: their runs lean to one side of a median of whole numbers."""
    random = np.random.default_rng([seed, 12])
    beds = random.uniform(0.6, 1.6, (TEAMS, 1)) * random.uniform(0.95, 1.05, (TEAMS, MONTHS)) * 500
    return long(random.poisson(mean * beds / 500).astype(float), beds.round(), random)


def long(numerator: np.ndarray, denominator: np.ndarray | float, random: np.random.Generator) -> pd.DataFrame:
    """The long table, without the months before a team joined and those lost."""
    dates = pd.date_range("2021-01-01", periods=MONTHS, freq="MS")
    table = pd.DataFrame(
        {
            "team": np.repeat([f"t{number:02}" for number in range(TEAMS)], MONTHS),
            "measure": "m",
            "date": np.tile(dates, TEAMS),
            "numerator": numerator.ravel(),
            "denominator": np.broadcast_to(denominator, numerator.shape).ravel(),
        }
    )
    joined = np.repeat(random.integers(0, LATE, TEAMS), MONTHS)
    here = (np.tile(np.arange(MONTHS), TEAMS) >= joined) & (random.random(len(table)) >= LOST)
    return table[here].reset_index(drop=True)


def compare(tables: Iterator[pd.DataFrame], verdict: str = "improved", **asked: object) -> Found:
    """What was seen beside what was expected, over some collaboratives."""
    seen, expected, variance, inside, total = 0, 0.0, 0.0, 0, 0
    for table in tables:
        luck.SALT, total = str(total), total + 1  # draws of its own, or all would err alike
        luck.drawn.cache_clear()
        analysis = qi.analyse(table, better="lower", period="month", **asked)
        found = by_luck(analysis, "m", verdict)
        seen, expected = seen + found.observed, expected + found.expected
        share = found.expected / found.teams
        own = found.teams * share * (1 - share)
        alike = float((analysis.series["n"].value_counts() ** 2).sum()) / len(analysis.series)  # teams on one draw
        variance += own + own * alike / luck.FEWEST  # of the teams' luck, and of the shares drawn, at most
        inside += found.low <= found.observed <= found.high
    luck.SALT = ""
    return Found(seen, expected, float(np.sqrt(variance)), inside / total)


def rows(collaboratives: int) -> Iterator[tuple[str, str, str, Found]]:
    """Every rule set and kind of noise."""
    for rule_set, chart in RULE_SETS:
        for noise in NOISE:
            tables = (values(noise, seed) for seed in range(collaboratives))
            yield rule_set, chart, noise, compare(tables, rules=rule_set, chart=chart)
    for rule_set, chart in (("his-2025", "run"), ("ihi-2011", "u")):
        tables = (counts(seed) for seed in range(collaboratives))
        yield rule_set, chart, "small counts", compare(tables, rules=rule_set, chart=chart, per=1000)


def main(collaboratives: int) -> None:
    """Print one line a rule set and kind of noise."""
    print(f"{collaboratives} collaboratives a row, {TEAMS} teams, up to {MONTHS} months, nothing changes")
    for rule_set, chart, noise, found in rows(collaboratives):
        print(
            f"{rule_set:17}{chart:4} {noise:13} improved {found.observed:4}   expected {found.expected:6.1f}"
            f" ± {found.error:4.1f}   {found.z:+5.1f} standard errors   in the range {100 * found.inside:3.0f} %",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COLLABORATIVES)

"""How often noise is called dependent or seasonal, and how often each is found: ``python benchmarks/dependence.py``.

Each row is a make of noise; each share is of so many measures (over their teams) or of so many single series. Seeded: a
second run prints the same (one minute).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import qitools as qi
from qitools.analysis.codes import has

CODES = ("dependent", "seasonal")
MAKES = {  # lag-1 autocorrelation, season in standard deviations
    "independent": (0.0, 0.0),
    "AR 0.3": (0.3, 0.0),
    "AR 0.5": (0.5, 0.0),
    "season of 1 sd": (0.0, 1.0),
}
MEASURES = ((3, 36, 1000), (10, 48, 400), (30, 36, 150))  # teams, months, how many measures
SERIES = (36, 60)  # months of single series
SINGLE = 3000


def noise(random: np.random.Generator, shape: tuple[int, ...], phi: float, season: float) -> np.ndarray:
    """Normal noise with a memory and a season that begins in January."""
    values = random.normal(size=shape)
    for at in range(1, shape[-1]):
        values[..., at] = phi * values[..., at - 1] + np.sqrt(1 - phi**2) * values[..., at]
    return values + season * np.sin(2 * np.pi * np.arange(shape[-1]) / 12)


def analysed(values: np.ndarray) -> qi.Analysis:
    """Measures (first axis) of teams by month."""
    measures, teams, points = values.shape
    table = pd.DataFrame(
        {
            "team": np.tile(np.repeat([f"t{number:04}" for number in range(teams)], points), measures),
            "measure": np.repeat([f"m{number:04}" for number in range(measures)], teams * points),
            "date": np.tile(pd.date_range("2018-01-01", periods=points, freq="MS"), measures * teams),
            "numerator": values.ravel(),
        }
    )
    return qi.analyse(table, better="lower")


def shares(reason: pd.Series) -> str:
    """Per cent of rows that carry each code."""
    return "   ".join(f"{code} {100 * has(reason, code).mean():5.1f} %" for code in CODES)


def main() -> None:
    """Print one line a make and size."""
    random = np.random.default_rng(1)
    for make, (phi, season) in MAKES.items():
        for teams, months, number in MEASURES:
            found = analysed(noise(random, (number, teams, months), phi, season)).measures["reason"]
            print(f"{make:15} {number:5,} measures of {teams:2} teams, {months} months   {shares(found)}")
        for months in SERIES:
            found = analysed(noise(random, (1, SINGLE, months), phi, season)).series["reason"]
            print(f"{make:15} {SINGLE:5,} single series,        {months} months   {shares(found)}")


if __name__ == "__main__":
    main()

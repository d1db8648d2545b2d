"""How often luck alone marks a chart whose data are counted: ``python benchmarks/false_alarms_by_chart.py``.

2,000 series of 36 points in which nothing changes, for each chart kind whose limits come from a distribution; prints
the table of ``docs/methods.md``, section 7: per cent of charts with any signal. Standard error: at most 1.1.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import qitools as qi

SERIES, POINTS = 2000, 36
RULES = ("mdc", "western-electric", "nelson-1984", "ihi-2011")


def noise(rng: np.random.Generator) -> dict[str, tuple[str, np.ndarray, float]]:
    """Chart kind, numerators and denominator of each kind of data."""
    shape = (SERIES, POINTS)
    return {
        "c, mean 2": ("c", rng.poisson(2, shape), np.nan),
        "c, mean 10": ("c", rng.poisson(10, shape), np.nan),
        "p, 5 % of 40": ("p", rng.binomial(40, 0.05, shape), 40.0),
        "p, 30 % of 100": ("p", rng.binomial(100, 0.3, shape), 100.0),
        "u, 10 a month": ("u", rng.poisson(10, shape), 5.0),
        "t, exponential": ("t", rng.exponential(30, shape), np.nan),
        "g, geometric": ("g", rng.geometric(1 / 30, shape) - 1.0, np.nan),
    }


def share(chart: str, numerators: np.ndarray, denominator: float, rules: str) -> tuple[float, float]:
    """Per cent of charts with any signal, and with a point outside the limits."""
    table = pd.DataFrame(
        {
            "team": np.repeat([f"t{number:04}" for number in range(SERIES)], POINTS),
            "measure": "m",
            "date": np.tile(pd.date_range("2020-01-01", periods=POINTS, freq="MS"), SERIES),
            "numerator": numerators.ravel().astype(float),
            "denominator": denominator,
        }
    )
    points = qi.analyse(table, chart=chart, rules=rules, better="lower").points
    marked = ((points["signal"] != "none").to_numpy(), points["outside"].to_numpy())
    any_signal, outside = (100 * each.reshape(SERIES, POINTS).any(axis=1).mean() for each in marked)
    return any_signal, outside


def main() -> None:
    """Print one row a kind of data."""
    print(f"| any signal, {POINTS} points | outside alone | {' | '.join(f'`{rules}`' for rules in RULES)} |")
    print("|---" * (2 + len(RULES)) + "|")
    for name, data in noise(np.random.default_rng(17)).items():
        shares = [share(*data, rules) for rules in RULES]
        print(f"| {name} | {shares[0][1]:.0f} | {' | '.join(f'{found[0]:.0f}' for found in shares)} |")


if __name__ == "__main__":
    main()

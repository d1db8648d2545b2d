"""What luck does: how often charts of pure noise signal, by rule set, length and kind of noise.

    python benchmarks/false_alarms.py            the cells of the methods page beside their published values (40 s)
    python benchmarks/false_alarms.py --write    also every rule set and length, into benchmarks/false_alarms.csv

Noise has no change in it: independent normal values; AR(1) with φ = 0.3; a season of one standard deviation that starts
in a random month. Each share comes with its Monte-Carlo standard error. Seeded: a second run gives the same table.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import qitools as qi
from qitools.spc.panel import Panel, find_runs
from qitools.spc.rule_sets import RULE_SETS
from qitools.spc.rules import RULES, Drawn, side_runs, signals
from qitools.spc.runs_tests import runs_test

SERIES = 4000
LENGTHS = (12, 18, 20, 24, 30, 36, 48, 60, 72, 84, 96, 108, 120)
FROZEN = 12  # points of a frozen baseline
OUT = Path(__file__).with_suffix(".csv")
CHARTS = (  # rule set, chart, baseline (0: all points)
    ("his-2025", "run", FROZEN),
    ("perla-2011", "run", 0),
    ("perla-2011", "run", FROZEN),
    ("anhoej-2014", "run", 0),
    ("anhoej-2014", "run", FROZEN),
    ("anhoej-2014", "i", 0),
    ("mdc", "i", 0),
    ("western-electric", "i", 0),
    ("nelson-1984", "i", 0),
    ("ihi-2011", "i", 0),
)
VERDICTS = ("improved", "worsened", "mixed", "candidate")


def independent(random: np.random.Generator, points: int) -> np.ndarray:
    return random.normal(size=(SERIES, points))


def autoregressive(random: np.random.Generator, points: int, phi: float = 0.3) -> np.ndarray:
    values = random.normal(size=(SERIES, points))
    for at in range(1, points):
        values[:, at] = phi * values[:, at - 1] + np.sqrt(1 - phi**2) * values[:, at]
    return values


def seasonal(random: np.random.Generator, points: int) -> np.ndarray:
    month = np.arange(points) + random.integers(0, 12, size=(SERIES, 1))
    return random.normal(size=(SERIES, points)) + np.sin(2 * np.pi * month / 12)


NOISE: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "independent": independent,
    "ar-0.3": autoregressive,
    "seasonal": seasonal,
}


def error_of(share: float) -> float:
    """Monte-Carlo standard error of a share of ``SERIES``; of none or all, that of one in ``SERIES``."""
    inside = min(max(share, 1 / SERIES), 1 - 1 / SERIES)
    return float(np.sqrt(inside * (1 - inside) / SERIES))


# --- the published cells ---------------------------------------------------------------------------------------------


def whole(values: np.ndarray) -> dict[str, float]:
    """Shares of charts with a signal, the median being that of all points."""
    drawn = drawn_on(values, values.shape[1])
    perla, anhoej = RULE_SETS["perla-2011"], RULE_SETS["anhoej-2014"]
    marks = signals(drawn, perla, side_runs(drawn, perla))
    eight = replace(perla, shift=8)
    shift, trend = (any_in(marks[rule], values) for rule in ("shift", "trend"))
    return {
        "anhoej": runs_test(drawn, anhoej, np.ones(SERIES, bool)).signal.mean(),
        "shift 6": shift.mean(),
        "trend 5": trend.mean(),
        "shift 6 or trend 5": (shift | trend).mean(),
        "shift 8": any_in(signals(drawn, eight, side_runs(drawn, eight))["shift"], values).mean(),
    }


def frozen(values: np.ndarray) -> dict[str, float]:
    """Shares with a run of later points on one side of the median of the first twelve."""
    drawn = drawn_on(values, FROZEN)
    later = np.broadcast_to(np.arange(values.shape[1]) >= FROZEN, values.shape).ravel()
    runs = find_runs(drawn.panel, drawn.side, later)
    found = {}
    for least in (6, 9):
        long = runs.length >= least
        found[f"shift {least}"] = len(np.unique(runs.segment[long])) / SERIES
        found[f"shift {least}, favourable"] = len(np.unique(runs.segment[long & (runs.side > 0)])) / SERIES
    marks = signals(drawn, RULE_SETS["perla-2011"], side_runs(drawn, RULE_SETS["perla-2011"]))
    return found | {"shift 6 anywhere": any_in(marks["shift"], values).mean()}


def drawn_on(values: np.ndarray, baseline: int) -> Drawn:
    """Run charts of all series, the median from the first points."""
    points = values.shape[1]
    panel = Panel(np.arange(SERIES) * points, values.size)
    none = np.full(values.size, np.nan)
    centre = np.repeat(np.median(values[:, :baseline], axis=1), points)
    return Drawn(panel, values.ravel(), np.ones(values.size, bool), centre, none, none, none, none)


def any_in(marks: np.ndarray, values: np.ndarray) -> np.ndarray:
    return (marks.reshape(values.shape) != 0).any(axis=1)


WHOLE = ("anhoej", "shift 6", "trend 5", "shift 6 or trend 5", "shift 8")
PUBLISHED = [  # measure, noise, points, cell, per cent
    *[(whole, "independent", 20, cell, p) for cell, p in zip(WHOLE, (2.1, 10.1, 20.7, 28.0, 0.8), strict=True)],
    *[(whole, "independent", 30, cell, p) for cell, p in zip(WHOLE, (2.7, 22.6, 31.0, 45.6, 3.1), strict=True)],
    *[(whole, "independent", 60, cell, p) for cell, p in zip(WHOLE, (4.3, 51.7, 57.0, 78.2, 12.9), strict=True)],
    *[
        (frozen, "independent", points, cell, p)
        for cell, row in {
            "shift 6": (21, 43, 68, 91),
            "shift 6, favourable": (10, 22, 37, 55),
            "shift 9": (4, 11, 22, 42),
            "shift 9, favourable": (2, 6, 11, 21),
        }.items()
        for points, p in zip((24, 36, 60, 120), row, strict=True)
    ],
    (frozen, "ar-0.3", 24, "shift 6", 37),
    (frozen, "ar-0.3", 60, "shift 6", 90),
    (frozen, "independent", 24, "shift 6 anywhere", 27),
    (frozen, "seasonal", 24, "shift 6 anywhere", 55),
]


def compare() -> bool:
    """Print every published cell beside ours; true where all agree within Monte-Carlo error and rounding."""
    seen: dict[tuple[str, str, int], dict[str, float]] = {}
    agree = True
    for measure, noise, points, cell, published in PUBLISHED:
        key = (measure.__name__, noise, points)
        if key not in seen:
            random = np.random.default_rng([points, list(NOISE).index(noise)])
            seen[key] = measure(NOISE[noise](random, points))
        share = 100 * seen[key][cell]
        error = 100 * error_of(share / 100)
        rounding = 0.05 if measure is whole else 0.5
        within = abs(share - published) <= 3 * np.sqrt(2) * error + rounding
        agree &= bool(within)
        median = "median of all" if measure is whole else "median of 12"
        print(
            f"{noise:12} n={points:<4} {median:14} {cell:20} {share:6.1f} ± {error:.1f} %"
            f"   published {published:5.1f} %   {'agrees' if within else 'DIFFERS'}"
        )
    fourteen()
    return agree


def fourteen(teams: int = 14, points: int = 24) -> None:
    """Teams of one collaborative in which nothing changes: how many show a shift of six by luck."""
    for cell in ("shift 6, favourable", "shift 6"):
        share = frozen(independent(np.random.default_rng(14), points))[cell]
        counts = np.random.default_rng(15).binomial(teams, share, 100_000)
        low, high = np.quantile(counts, (0.05, 0.95))
        print(
            f"{teams} teams, {points} points, {cell}: {teams * share:.2f} expected, 90 % range {low:.0f} to {high:.0f}"
        )


# --- the table --------------------------------------------------------------------------------------------------------


def table() -> Iterator[dict[str, object]]:
    """A row per rule set, chart, baseline, noise, length and finding."""
    for noise, make in NOISE.items():
        for points in LENGTHS:
            values = make(np.random.default_rng([points, list(NOISE).index(noise), 7]), points)
            for rule_set, chart, baseline in CHARTS:
                for finding, share in findings(values, rule_set, chart, baseline).items():
                    yield {
                        "rule_set": rule_set,
                        "chart": chart,
                        "baseline": baseline,
                        "noise": noise,
                        "points": points,
                        "finding": finding,
                        "share": f"{share:.4f}",
                        "error": f"{error_of(share):.4f}",
                        "series": SERIES,
                    }
            print(f"{noise}, {points} points", file=sys.stderr)


def findings(values: np.ndarray, rule_set: str, chart: str, baseline: int) -> dict[str, float]:
    """Shares of series with any signal, with each rule's, with the runs test's, and with each verdict."""
    asked = {"chart": chart, "rules": rule_set, "baseline": baseline or None, "better": "higher", "period": "month"}
    analysis = qi.analyse(observations(values), **asked)
    rules = RULE_SETS[rule_set]
    marks = {rule: analysis.points[rule].to_numpy().reshape(values.shape).any(axis=1) for rule in RULES}
    shares = {rule: marks[rule] for rule in RULES if getattr(rules, rule) and (rule != "sustained" or rules.shift)}
    if rules.runs_test:
        shares["runs_test"] = analysis.phases["runs_signal"].to_numpy(bool)
    shares = {"any": np.logical_or.reduce(list(shares.values())), **shares}
    verdict = analysis.series["verdict"].to_numpy(str)
    return {name: float(np.mean(hit)) for name, hit in (shares | {v: verdict == v for v in VERDICTS}).items()}


def observations(values: np.ndarray) -> pd.DataFrame:
    """The long table of one measure; a team a series."""
    teams, points = values.shape
    names = pd.Index([f"t{i:05}" for i in range(teams)])
    dates = pd.date_range("2015-01-01", periods=points, freq="MS").to_numpy()
    return pd.DataFrame(
        {
            "team": pd.Categorical.from_codes(np.repeat(np.arange(teams), points), names),
            "measure": pd.Categorical.from_codes(np.zeros(values.size, int), ["noise"]),
            "date": np.tile(dates, teams),
            "numerator": values.ravel(),
            "denominator": np.nan,
        }
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the whole table beside this file")
    asked = parser.parse_args()
    agree = compare()
    if asked.write:
        rows = list(table())
        with OUT.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{len(rows)} rows in {OUT.name}")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())

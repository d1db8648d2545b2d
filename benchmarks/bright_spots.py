"""Whether bright spots are the teams that truly improved: what is found, and what is found wrongly, in simulation.

    python benchmarks/bright_spots.py [--seeds 100]      the table of docs/methods.md, section 9

In each collaborative some teams, small and large, improve at a known date by a known ratio and the others do not; small
ones have lucky years as often as chance has it. An improver that is called a bright spot is found; a bright spot that
did not improve is a false discovery. Noise is independent, AR(1) with φ = 0.3, or seasonal. Seeded: a second run gives
the same table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import qitools as qi
from qitools.analysis.bright import bright

START = np.datetime64("2023-01-01")
NOISE = {
    "independent": {"dispersion": 0.1},
    "ar-0.3": {"dispersion": 0.15, "autocorrelation": 0.3},
    "seasonal": {"dispersion": 0.1, "season": 0.15},
}
STREAMS = {  # data, better, stream, odds or rate ratio of an improvement
    "rate": ("lower", {"data": "rate", "level": 0.007, "size": 900, "between": 0.2}, 0.55),
    "proportion": ("higher", {"data": "proportion", "level": 0.75, "size": 40, "between": 0.4}, 2.5),
}
MEASURE = "measure"
HEADS = (
    "data", "noise", "teams", "that improve", "months", "found", "of these a sustained shift", "false", "bright spots",
)  # fmt: skip


@dataclass(frozen=True)
class Design:
    """One kind of simulated collaborative."""

    data: str = "rate"
    noise: str = "independent"
    teams: int = 20
    improvers: int = 3
    periods: int = 36
    change_at: int = 20  # period in which the improvement begins

    @property
    def planted(self) -> list[str]:
        """The teams that improve, among small, middle and large ones alike."""
        return [f"t{i:02}" for i in range(1, self.improvers + 1)]


DESIGNS = (
    *(Design(data, noise) for data in STREAMS for noise in NOISE),
    Design(teams=8, improvers=1),
    Design(teams=14, improvers=2),
    Design(teams=28, improvers=5, periods=48),
    Design(improvers=0),
    Design(noise="ar-0.3", improvers=0),
    Design(improvers=8),
    Design(periods=24, change_at=13),
)


@dataclass
class Tally:
    """What was planted, called a bright spot, and both, over many collaboratives."""

    planted: int = 0
    called: int = 0
    right: int = 0
    sustained: int = 0  # planted teams whose chart shows a sustained improvement at all
    collaboratives: int = 0

    @property
    def sensitivity(self) -> float:
        return self.right / self.planted if self.planted else float("nan")

    @property
    def false_discovery(self) -> float:
        """Share of bright spots that did not improve; of none called, 0."""
        return (self.called - self.right) / self.called if self.called else 0.0


def analysis(design: Design, seed: int) -> qi.Analysis:
    """One simulated collaborative of a design, analysed as shipped: run charts, his-2025."""
    better, stream, ratio = STREAMS[design.data]
    start = (START.astype("datetime64[M]") + design.change_at).astype("datetime64[D]").astype(object)
    names = [f"t{i:02}" for i in range(design.teams)]
    made = qi.simulate(
        measures={MEASURE: {**stream, **NOISE[design.noise]}},
        teams=names,
        periods=design.periods,
        start=START.astype(object),
        seed=seed,
        sizes={name: (0.4, 1.0, 1.8)[i % 3] for i, name in enumerate(names)},
        effects=[{"team": team, "measure": MEASURE, "start": start, "ratio": ratio} for team in design.planted],
    )
    per = {"rate": 1000, "proportion": 100}[design.data]
    return qi.analyse(made.observations, better=better, per=per, period="month", rules="his-2025")


def tally(design: Design, seeds: range) -> Tally:
    """Count over many collaboratives of a design."""
    found = Tally()
    for seed in seeds:
        made = analysis(design, seed)
        table = bright(made, MEASURE).table
        called, planted = set(table.loc[table["bright"], "team"]), set(design.planted)
        found.planted += len(planted)
        found.called += len(called)
        found.right += len(called & planted)
        found.sustained += int(table["team"].isin(planted)[table["sustained"]].sum())
        found.collaboratives += 1
    return found


def lines(seeds: range) -> Iterator[str]:
    """The table, row by row."""
    yield f"| {' | '.join(HEADS)} |"
    yield f"|{'---|' * len(HEADS)}"
    for design in DESIGNS:
        one = tally(design, seeds)
        shown = [
            f"{100 * one.sensitivity:.0f} %" if design.improvers else "–",
            f"{one.sustained} of {one.planted}" if design.improvers else "–",
            f"{100 * one.false_discovery:.0f} %" if design.improvers else "all",
            f"{one.called} in {one.collaboratives}",
        ]
        about = (design.data, design.noise, design.teams, design.improvers, design.periods)
        yield f"| {' | '.join(map(str, (*about, *shown)))} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100, help="collaboratives of each design")
    for line in lines(range(parser.parse_args().seeds)):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

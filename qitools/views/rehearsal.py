"""A rehearsal: one small simulated page, made where many kernels are about to be started from one process.

What is done for the first time is dear: patterns are compiled, templates read, code is run in. A process that has
done it once hands all that on to every kernel forked from it. Nothing of the page itself is kept.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from IPython.core.formatters import DisplayFormatter

import qitools as qi
from qitools.views.figure import anew

YAML = """\
collaborative: rehearsal
title: Rehearsal
simulated: true
aim: {statement: Fewer falls, measure: falls, change: -20%, by: 2025-12-31}
sources: {observations: rehearsal.csv}
measures:
  - {id: falls, name: Falls, kind: outcome, data: rate, better: lower, per: 1000}
  - {id: checked, name: Checked, kind: process, data: proportion, better: higher}
teams: [{id: alder, name: Alder}, {id: birch, name: Birch}]
"""
MEASURES = {
    "falls": {"data": "rate", "level": 0.006, "size": 800},
    "checked": {"data": "proportion", "level": 0.8, "size": 60},
}
WHOLE = ("reporting", "pooled", "signals", "funnel")
TEAM = ("heading", "tiles", "chart", "multiples", "scores", "stories", "talk", "questions", "next_test", "method")


def rehearse() -> None:
    """Load, analyse and show one small simulated collaborative, as its pages would, and forget it."""
    try:
        with TemporaryDirectory(prefix="qitools-") as name:
            _page(Path(name))
    finally:  # or the first figure of a kernel would think that another had brought what draws it
        anew()


def _page(folder: Path) -> None:
    sent = qi.simulate(measures=MEASURES, teams=["alder", "birch"], periods=24, start=date(2024, 1, 1), seed=1)
    sent.observations.to_csv(folder / "rehearsal.csv", index=False)
    (folder / "rehearsal.yaml").write_text(YAML, "utf-8")
    analysis = qi.analyse(qi.load(folder / "rehearsal.yaml", data=folder))
    whole = [getattr(qi, view)(analysis) for view in WHOLE]
    of_team = [getattr(qi, view)(analysis, team="alder") for view in TEAM]
    formatter: Any = DisplayFormatter()
    for one in (*whole, *of_team):
        formatter.format(one)
    qi.finish(analysis, folder)

"""What luck does to the very series of a collaborative: the chance of each verdict if nothing had changed.

Each series is drawn again, some hundred times, as noise around one level: as long as it is, with its gaps, its
denominators, its baseline and its declared phases, with the memory and the season found in its measure. The noise goes
through the same engine, chart and rules, and the share of each verdict is the chance of it. Seeded by the design
itself, so a team's chance does not depend on the other teams; kept, because the same design gives the same chance.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import bdtr, ndtr, pdtr

import qitools
from qitools import cache
from qitools.analysis.design import Design, Setting, designs_of, setting_of
from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.noise import NoiseKind
from qitools.spc.limits import EVENT_CHARTS
from qitools.spc.panel import Floats

VERSION = 2  # of what is kept: raise it whenever the same design would give another chance
SALT = ""  # of the seeds: with another, all that is drawn is drawn anew
POINTS = 80_000  # drawn for one measure: some tenths of a second
FEWEST, MOST = 120, 4_000  # times a design is drawn
AS_DRAWN = ("run", "g", "t", "mr")  # other charts run on a mean: an XmR chart has the same one, and the same runs
FULL = 100.0  # in percent: runs break on a median of 0 or of this
SAFE = 1e-9  # a uniform number stays so far inside 0 to 1


Chances = dict[str, float]  # verdict → share


def chances(part: Analysis, noise: NoiseKind) -> list[Chances] | None:
    """The chance of each verdict for each series of one measure, if nothing had changed.

    Args:
        part: an analysis of one measure.
        noise: what the noise of the measure is like.

    Returns:
        One mapping of verdicts to shares per row of ``part.series``; None where luck cannot be drawn: a centre line
        that was given, or one that a rule of the analyst's own moves.
    """
    given = any("given_centre" in str(codes).split() for codes in part.phases["reason"].unique())
    if given or part.method["rebase"] not in ("none", "sustained-shift"):
        return None
    setting = setting_of(part, noise)
    designs = list(designs_of(part, setting))
    distinct = tuple(dict.fromkeys(designs))
    known = dict(zip(distinct, drawn(setting, distinct), strict=True))
    return [known[design] for design in designs]


@lru_cache(maxsize=64)
def drawn(setting: Setting, designs: tuple[Design, ...]) -> tuple[Chances, ...]:
    """The chance of each verdict under each design: from the cache folder, else drawn and kept."""
    asked = json.dumps(
        [VERSION, SALT, qitools.__version__, asdict(setting), [asdict(one) for one in designs], POINTS, FEWEST, MOST]
    )
    kept = cache.folder() / "luck" / f"{hashlib.sha256(asked.encode()).hexdigest()[:32]}.json"
    text = cache.read(kept)
    try:
        return tuple(json.loads(text)) if text else _kept(kept, setting, designs)
    except ValueError:
        return _kept(kept, setting, designs)


def _kept(path: Any, setting: Setting, designs: Sequence[Design]) -> tuple[Chances, ...]:
    made = simulated(setting, designs, times(designs))
    cache.keep(path, json.dumps(made))
    return tuple(made)


def times(designs: Sequence[Design]) -> int:
    """How often each design is drawn."""
    points = sum(len(design.at) for design in designs)
    return int(np.clip(POINTS // max(points, 1), FEWEST, MOST))


def simulated(setting: Setting, designs: Sequence[Design], repeats: int) -> list[Chances]:
    """Draw each design ``repeats`` times and count the verdicts."""
    told: dict[Design, Chances] = {design: {"too_few": 1.0} for design in designs}
    for kind in sorted({(design.period, bool(design.level), bool(design.size)) for design in designs}):
        alike = [one for one in designs if (one.period, bool(one.level), bool(one.size)) == kind and one.at]
        if alike:
            told |= dict(zip(alike, _verdicts(setting, alike, repeats), strict=True))
    return [told[design] for design in designs]


def _verdicts(setting: Setting, designs: Sequence[Design], repeats: int) -> list[Chances]:
    """The shares of verdicts of designs that can go through the engine together."""
    values = [draw(setting, design, repeats) for design in designs]
    table = _table(designs, values, repeats)
    first = designs[0]
    kind = setting.chart if setting.chart in AS_DRAWN or first.level else "i"
    analysis = analyse(
        table,
        chart={"pp": "p", "up": "u"}.get(kind, kind),
        rules=setting.rule_set,
        better=setting.better,
        per=FULL if setting.data == "proportion" and first.size else FULL * 10 if first.size else 1,
        baseline=setting.baseline or None,
        phases=_phases(table, designs, repeats),
        rebase=setting.rebase,
        period="quarter" if first.period == "quarter" else "month",
    )
    verdict = analysis.series["verdict"].to_numpy(str).reshape(len(designs), repeats)
    told = [{code: number / repeats for code, number in sorted(Counter(row.tolist()).items())} for row in verdict]
    leaning = first.level or setting.noise.year or setting.chart in EVENT_CHARTS or setting.better == "neither"
    return told if leaning else [_mirrored(one) for one in told]


def _mirrored(told: Chances) -> Chances:
    """Noise upside down is as likely: both sides tell of one chance, so that half as many draws tell as much."""
    one = (told.get("improved", 0.0) + told.get("worsened", 0.0)) / 2
    return {**told, "improved": one, "worsened": one}


def draw(setting: Setting, design: Design, repeats: int) -> Floats:
    """Series of noise under one design: ``repeats`` rows, a column a counted point."""
    noise = standard(setting.noise, design, repeats)
    if design.level:
        return _counts(setting, design, noise)
    lift = _lift(setting.noise, design)
    if setting.chart in EVENT_CHARTS:
        waits: Floats = -np.log(np.clip(ndtr(-noise), SAFE, 1))
        return np.asarray(np.floor(waits * 30)) if setting.chart == "g" else waits
    return noise + lift


def standard(noise: NoiseKind, design: Design, repeats: int) -> Floats:
    """Normal noise of one standard deviation that remembers as the measure's does, over gaps too."""
    seed = hashlib.sha256((SALT + json.dumps([asdict(noise), asdict(design)])).encode()).digest()
    random = np.random.default_rng(np.frombuffer(seed, np.uint32).tolist())
    values: Floats = random.normal(size=(repeats, len(design.at)))
    if noise.memory:
        kept = noise.memory ** np.diff(design.at)
        for column, share in enumerate(kept.tolist(), start=1):
            values[:, column] = share * values[:, column - 1] + np.sqrt(1 - share**2) * values[:, column]
    return values


def _lift(noise: NoiseKind, design: Design) -> Floats:
    """What the season adds at each point, in standard deviations."""
    if not noise.year:
        return np.zeros(len(design.at))
    lift: Floats = np.asarray(noise.year)[(design.start + np.asarray(design.at)) % len(noise.year)]
    return lift


def _counts(setting: Setting, design: Design, noise: Floats) -> Floats:
    """Counts whose chance and memory are those of the noise: Poisson, or binomial for a proportion."""
    level, uniform = np.asarray(design.level), np.clip(ndtr(noise), SAFE, 1 - SAFE)
    share = level / np.asarray(design.size) if setting.data == "proportion" else np.zeros(len(level))
    level = np.maximum(level + _lift(setting.noise, design) * np.sqrt(level * (1 - share)), 0)
    out = np.empty(noise.shape)
    for column, mean in enumerate(level.tolist()):
        number = np.arange(int(mean + 10 * np.sqrt(mean) + 12))
        if setting.data == "proportion":
            size = max(round(design.size[column]), 1)
            number = number[number <= size]
            below = bdtr(number, size, min(mean / size, 1.0))
        else:
            below = pdtr(number, mean)
        out[:, column] = np.minimum(np.searchsorted(below, uniform[:, column]), number[-1])
    return out


def _table(designs: Sequence[Design], values: Sequence[Floats], repeats: int) -> pd.DataFrame:
    """The long table of all series drawn, one period after the other: runs do not look at gaps."""
    lengths = np.repeat([len(design.at) for design in designs], repeats)
    names = pd.Index([f"s{number:07}" for number in range(len(lengths))])
    row = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    step = 3 if designs[0].period == "quarter" else 1
    dates = (np.datetime64("1990-01", "M") + step * np.arange(int(lengths.max()))).astype("datetime64[us]")
    size = [np.tile(design.size or np.full(len(design.at), np.nan), repeats) for design in designs]
    return pd.DataFrame(
        {
            "team": pd.Categorical.from_codes(np.repeat(np.arange(len(lengths)), lengths), names),
            "measure": pd.Categorical.from_codes(np.zeros(len(row), int), pd.Index(["noise"])),
            "date": dates[row],
            "numerator": np.concatenate([each.ravel() for each in values]),
            "denominator": np.concatenate(size),
        }
    )


def _phases(table: pd.DataFrame, designs: Sequence[Design], repeats: int) -> pd.DataFrame | None:
    """The declared phases of every series drawn."""
    lengths = np.array([len(design.at) for design in designs])
    begin = np.cumsum(lengths * repeats) - lengths * repeats
    rows = [
        begin[number] + np.arange(repeats) * lengths[number] + place
        for number, design in enumerate(designs)
        for place in design.phases
    ]
    if not rows:
        return None
    at = table.iloc[np.concatenate(rows)]
    return pd.DataFrame(
        {"team": at["team"].astype(str), "measure": "noise", "start": at["date"], "reason": "as declared"}
    ).reset_index(drop=True)

"""What luck does to the very series at hand: against the published table of luck, and by what must not matter."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from qitools import cache
from qitools.analysis import luck
from qitools.analysis.design import Design, Setting, designs_of, setting_of
from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.ledger import by_luck
from qitools.analysis.luck import chances, draw, drawn, simulated
from qitools.analysis.noise import NoiseKind, noise_of

TABLE = pd.read_csv(Path(__file__).parents[2] / "benchmarks" / "false_alarms.csv")
QUIET = NoiseKind()


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache of this test's own."""
    monkeypatch.setenv("QITOOLS_CACHE", str(tmp_path / "cache"))
    drawn.cache_clear()


def setting(rule_set: str = "his-2025", chart: str = "run", noise: NoiseKind = QUIET, **other: object) -> Setting:
    return replace(Setting(chart, rule_set, "higher", "value", 0, "none", noise), **other)


def design(points: int, period: str = "month", **other: object) -> Design:
    return Design(period, tuple(range(points)), **other)  # type: ignore[arg-type]


def table(values: np.ndarray, denominator: float = np.nan, start: str = "2022-01-01") -> pd.DataFrame:
    teams, points = values.shape
    return pd.DataFrame(
        {
            "team": np.repeat([f"t{n:02}" for n in range(teams)], points),
            "measure": "m",
            "date": np.tile(pd.date_range(start, periods=points, freq="MS"), teams),
            "numerator": values.ravel(),
            "denominator": denominator,
        }
    )


def analysed(rows: pd.DataFrame, **asked: object) -> Analysis:
    return analyse(rows, **{"better": "lower", "period": "month", **asked})  # type: ignore[arg-type]


NOISES = {"independent": (QUIET, 0), "ar-0.3": (NoiseKind(0.3), 0)}


@pytest.mark.parametrize(
    ("rule_set", "chart", "baseline"),
    [
        ("his-2025", "run", 12),
        ("perla-2011", "run", 0),
        ("anhoej-2014", "run", 0),
        ("mdc", "i", 0),
        ("nelson-1984", "i", 0),
        ("ihi-2011", "i", 0),
        ("western-electric", "i", 0),
    ],
)
@pytest.mark.parametrize("noise", list(NOISES))
def test_it_gives_what_the_table_of_luck_gives(rule_set: str, chart: str, baseline: int, noise: str) -> None:
    """The table was drawn by another program, series by series and with nothing left out."""
    repeats, points = 1500, (24, 48)
    found = simulated(setting(rule_set, chart, NOISES[noise][0]), [design(n) for n in points], repeats)
    for n, share in zip(points, found, strict=True):
        rows = TABLE.query("rule_set == @rule_set and chart == @chart and baseline == @baseline and noise == @noise")
        for verdict in ("improved", "worsened"):
            known = rows.query("points == @n and finding == @verdict")["share"].item()
            error = np.sqrt(max(known, 1 / 4000) * (1 / 4000 + 1 / repeats))
            assert abs(share.get(verdict, 0.0) - known) <= 4 * error, (n, verdict)


def test_gaps_matter_only_to_noise_with_a_memory() -> None:
    values = np.random.default_rng(3).normal(10, 1, (2, 40))
    gaps = table(values).query("not (team == 't01' and date >= '2023-06-01' and date < '2024-01-01')")
    quiet, remembering = (
        [design.at for design in designs_of(part, setting_of(part, noise))]
        for part in [analysed(gaps)]
        for noise in (QUIET, NoiseKind(0.5))
    )
    assert quiet[1] == tuple(range(33))
    assert remembering[1][-1] == 39 and len(remembering[1]) == 33


def test_noise_remembers_as_told_over_gaps_too() -> None:
    at = (0, 1, 2, 5, 6)
    values = luck.standard(NoiseKind(0.6), Design("month", at), 20_000)
    assert values.std(axis=0) == pytest.approx(1, abs=0.03)
    for here, there in ((0, 1), (2, 3), (0, 4)):
        assert np.corrcoef(values[:, here], values[:, there])[0, 1] == pytest.approx(
            0.6 ** (at[there] - at[here]), abs=0.03
        )


def test_a_season_is_laid_on_its_own_months() -> None:
    year = (1.0, *(0.0,) * 10, -1.0)  # January high, December low
    values = draw(setting(noise=NoiseKind(0.0, year)), Design("month", (0, 1, 2, 12), start=11), 5000)
    assert values.mean(axis=0) == pytest.approx([-1.0, 1.0, 0.0, -1.0], abs=0.06)


@pytest.mark.parametrize(("data", "size"), [("rate", 400.0), ("proportion", 20.0)])
def test_small_counts_are_drawn_as_counts(data: str, size: float) -> None:
    made = draw(setting(data=data), design(3, level=(2.0,) * 3, size=(size,) * 3), 20_000)
    assert (made == np.round(made)).all() and made.min() == 0 and made.max() <= size
    assert made.mean() == pytest.approx(2, abs=0.05)
    variance = 2 if data == "rate" else 2 * (1 - 2 / 20)
    assert made.var() == pytest.approx(variance, rel=0.05)


def test_small_counts_lean_to_one_side() -> None:
    """The median of twelve counts of mean 2 lies below 2 more often than above, so luck runs above it more often."""
    one = design(60, level=(2.0,) * 60, size=(500.0,) * 60)
    low, high = (
        simulated(setting(data="rate", better=better), [one], 1500)[0]["improved"] for better in ("lower", "higher")
    )
    counts = np.random.default_rng(1).poisson(2, (20_000, 12))
    assert (np.median(counts, axis=1) < 2).mean() > 1.3 * (np.median(counts, axis=1) > 2).mean()
    assert high > 1.2 * low


def test_a_team_has_its_luck_whoever_else_reports() -> None:
    values = np.random.default_rng(5).poisson(4, (6, 36)).astype(float)
    rows = table(values, denominator=300.0)
    alone = analysed(rows.query("team < 't03'"), per=1000)
    together = analysed(rows, per=1000)
    few, many = (
        simulated(setting_of(part, QUIET), list(designs_of(part, setting_of(part, QUIET))), 150)
        for part in (alone, together)
    )
    assert few == many[:3]


def test_the_same_design_is_drawn_once_and_kept(tmp_path, monkeypatch) -> None:
    asked = (setting(), (design(30), design(24)))
    first = drawn(*asked)
    (kept,) = (cache.folder() / "luck").iterdir()
    drawn.cache_clear()
    monkeypatch.setattr(luck, "simulated", lambda *_: pytest.fail("drawn again"))
    assert drawn(*asked) == first
    monkeypatch.undo()
    monkeypatch.setenv("QITOOLS_CACHE", str(tmp_path / "cache"))
    kept.write_text("{broken", encoding="utf-8")
    drawn.cache_clear()
    assert drawn(*asked) == first
    monkeypatch.setenv("QITOOLS_CACHE", "/proc/nowhere")  # a folder that cannot be written costs time, nothing else
    drawn.cache_clear()
    assert drawn(*asked) == first


def test_declared_phases_are_drawn_as_declared() -> None:
    values = np.random.default_rng(6).normal(10, 1, (3, 48))
    phases = pd.DataFrame({"team": ["t01"], "measure": ["m"], "start": ["2024-01-01"], "reason": ["New form"]})
    part = analysed(table(values), phases=phases)
    designs = list(designs_of(part, setting_of(part, QUIET)))
    assert [design.phases for design in designs] == [(), (24,), ()]
    found = chances(part, QUIET)
    assert found is not None and found[0] == found[2]
    assert "new_centre" in found[1] and "new_centre" not in found[0]


def test_found_phases_are_found_anew_in_every_series_drawn() -> None:
    part = analysed(table(np.random.default_rng(7).normal(10, 1, (2, 48))), rebase="sustained-shift")
    found = chances(part, QUIET)
    assert found is not None and found[0]["improved"] > 0.02


def test_quarters_have_their_own_baseline() -> None:
    values = np.random.default_rng(8).normal(10, 1, (2, 20))
    rows = table(values).assign(date=np.tile(pd.date_range("2019-01-01", periods=20, freq="QS"), 2))
    found = chances(analyse(rows, better="lower", period="quarter"), QUIET)
    assert found is not None and 0 < found[0]["improved"] < 0.2  # 8 points and 12 more: a run of 9 can be


@pytest.mark.parametrize("asked", [{"centre": 10.0}, {"rebase": "none", "centre": 10.0}])
def test_a_given_centre_has_no_luck_of_its_own(asked: dict[str, object]) -> None:
    part = analysed(table(np.random.default_rng(9).normal(10, 1, (2, 36))), **asked)
    assert chances(part, QUIET) is None


@pytest.mark.parametrize("chart", ["g", "t", "mr", "xbar", "c", "pp"])
def test_every_kind_of_chart_has_its_luck(chart: str) -> None:
    random = np.random.default_rng(10)
    rows = table(random.poisson(30, (4, 36)).astype(float) + 1, denominator=2000.0 if chart == "pp" else np.nan)
    if chart == "xbar":
        rows = pd.concat([rows, rows.assign(numerator=rows["numerator"] + random.normal(size=len(rows)))])
    found = by_luck(analyse(rows, better="lower", chart=chart, rules="ihi-2011"), "m")
    assert found is not None and 0 <= found.expected < 1 and found.teams == 4


# ---- the noise ------------------------------------------------------------------------------------------------------


def remembering(seed: int, phi: float, teams: int = 12, points: int = 48) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(teams, points))
    for at in range(1, points):
        values[:, at] = phi * values[:, at - 1] + np.sqrt(1 - phi**2) * values[:, at]
    return values


def test_memory_is_found_and_measured() -> None:
    found = [noise_of(analysed(table(remembering(seed, 0.5)))).memory for seed in range(6)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)
    assert noise_of(analysed(table(remembering(1, 0.5)))).codes[0] == "dependent"


def test_noise_without_a_memory_has_none() -> None:
    found = [noise_of(analysed(table(remembering(seed, 0.0)))) for seed in range(8)]
    assert sum(noise.memory > 0 for noise in found) <= 2 and sum(bool(noise.year) for noise in found) <= 1
    assert all(np.ptp(noise.year or (0,)) < 0.5 for noise in found)  # one in a hundred: and then it is small


def test_an_improvement_is_not_taken_for_memory() -> None:
    values = remembering(2, 0.0) + 10
    values[:6, 24:] -= 2
    assert noise_of(analysed(table(values))).memory < 0.2


def test_a_season_is_found_with_its_size_and_its_months() -> None:
    month = np.arange(48)
    noise = noise_of(analysed(table(remembering(3, 0.0) + np.cos(2 * np.pi * month / 12))))
    assert np.array(noise.year) == pytest.approx(np.cos(2 * np.pi * np.arange(12) / 12), abs=0.35)
    assert noise.memory < 0.15 and noise.codes[-1] == "seasonal"


def test_events_have_neither() -> None:
    rows = table(np.random.default_rng(4).exponential(20, (3, 30)))
    assert noise_of(analyse(rows, better="higher", chart="t")) == QUIET

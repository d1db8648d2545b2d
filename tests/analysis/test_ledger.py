"""The honest ledger: what chance gives, beside what was seen."""

import numpy as np
import pandas as pd
import pytest

from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.ledger import by_luck, distribution


def noise(seed: int, teams: int = 30, points: int = 36, improving: int = 0, **given: object) -> Analysis:
    """Teams in which nothing changes, but for the first few, which fall for good after the first year."""
    values = np.random.default_rng(seed).normal(10, 1, (teams, points))
    values[:improving, 14:] -= 4
    table = pd.DataFrame(
        {
            "team": np.repeat([f"t{n:02}" for n in range(teams)], points),
            "measure": "falls",
            "date": np.tile(pd.date_range("2023-01-01", periods=points, freq="MS"), teams),
            "numerator": values.ravel(),
            "denominator": np.nan,
        }
    )
    return analyse(table, **{"better": "lower", "period": "month", **given})  # type: ignore[arg-type]


def test_over_many_collaboratives_chance_gives_what_was_expected() -> None:
    told = [by_luck(noise(seed), "falls") for seed in range(40)]
    seen, expected = (np.array([getattr(luck, name) for luck in told if luck]) for name in ("observed", "expected"))
    assert len(seen) == 40
    spread = np.sqrt(expected.mean() / len(seen))
    assert abs(seen.mean() - expected.mean()) < 3.5 * spread
    assert np.mean([luck.low <= luck.observed <= luck.high for luck in told if luck]) >= 0.8


def test_real_improvement_stands_out() -> None:
    luck = by_luck(noise(1, improving=10), "falls")
    assert luck is not None
    assert luck.observed >= 10 > luck.high


def test_teams_with_too_few_points_are_not_counted() -> None:
    assert by_luck(noise(1, teams=3, points=8), "falls") is None


def test_a_given_centre_line_is_left_unsaid() -> None:
    assert by_luck(noise(1, teams=3, centre=10.0), "falls") is None


@pytest.mark.parametrize("chance", [[], [0.1], [0.2, 0.7, 0.5]])
def test_the_distribution_adds_up_and_has_the_right_mean(chance: list[float]) -> None:
    likely = distribution(np.array(chance))
    assert likely.sum() == pytest.approx(1)
    assert (likely * np.arange(len(likely))).sum() == pytest.approx(sum(chance))

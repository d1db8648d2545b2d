"""Estimates drawn together: the more they err, the more; ranks read off the draws; the same numbers every time."""

from __future__ import annotations

import numpy as np
import pytest

from qitools.analysis.shrinkage import shrink


def test_a_noisy_estimate_is_drawn_further_in_than_a_firm_one() -> None:
    estimate = np.array([-1.0, 1.0, 0.0, 0.1, -0.1, 2.0, 2.0])
    found = shrink(estimate, np.array([0.05] * 5 + [0.01, 1.0]))
    assert found.mean[5] > found.mean[6] > found.typical[0]
    assert (found.lower < found.mean).all() and (found.mean < found.upper).all()
    assert found.upper[6] - found.lower[6] > found.upper[5] - found.lower[5]


def test_where_nothing_differs_all_lie_close_to_the_centre() -> None:
    random = np.random.default_rng(3)
    estimate = random.normal(0.5, 0.3, 40)
    found = shrink(estimate, np.full(40, 0.09))
    assert np.abs(found.mean - 0.5).max() < np.abs(estimate - 0.5).max() / 2
    assert found.top(1).max() < 0.8


def test_true_values_lie_in_their_intervals_as_often_as_said() -> None:
    inside = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        true, variance = random.normal(0, 0.4, 20), random.uniform(0.02, 0.3, 20)
        found = shrink(random.normal(true, np.sqrt(variance)), variance)
        inside.append((found.lower < true) & (true < found.upper))
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_the_top_quarter_adds_up_and_turns_with_the_direction() -> None:
    found = shrink(np.linspace(-1, 1, 12), np.full(12, 0.1))
    assert found.top(1).sum() == pytest.approx(3)
    assert found.top(1)[-1] > 0.5 > found.top(-1)[-1]
    assert found.beyond_typical(1) == pytest.approx(1 - found.beyond_typical(-1))


def test_the_same_numbers_every_time() -> None:
    one, other = (shrink(np.arange(9.0), np.ones(9)) for _ in range(2))
    assert one.draws.shape == (4000, 9)
    assert np.array_equal(one.draws, other.draws)
    assert not np.array_equal(one.draws, shrink(np.arange(9.0), np.ones(9), seed=1).draws)


@pytest.mark.parametrize("variance", [[1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 1.0, np.nan], [1.0, 1.0, np.inf]])
def test_what_cannot_be_shrunk_is_refused(variance: list[float]) -> None:
    with pytest.raises(ValueError, match="shrinkage needs 3 or more"):
        shrink(np.zeros(len(variance)) + (np.inf if variance[-1] == np.inf else 0), np.array(variance))

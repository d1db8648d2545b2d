"""The pairs chosen: the largest total there is, within every limit, the same each time."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qitools.analysis.matching import assign

SMALL = st.tuples(st.integers(1, 4), st.integers(1, 3)).flatmap(
    lambda shape: st.tuples(
        st.lists(
            st.lists(st.sampled_from([0.0, -1.0, 0.5, 1.0, 1.5, 2.25, 7.0]), min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        ),
        st.lists(st.integers(0, 2), min_size=shape[1], max_size=shape[1]),
    )
)


def every_way(score: np.ndarray, load: list[int]) -> float:
    """The largest total by trying every way to give each asker one giver or none."""
    askers, givers = score.shape
    best = 0.0
    for way in product(range(-1, givers), repeat=askers):
        taken = [way.count(j) for j in range(givers)]
        allowed = all(score[i, j] > 0 for i, j in enumerate(way) if j >= 0)
        if allowed and all(n <= most for n, most in zip(taken, load, strict=True)):
            best = max(best, sum(score[i, j] for i, j in enumerate(way) if j >= 0))
    return best


@settings(max_examples=200, deadline=None)
@given(SMALL)
def test_the_total_is_the_largest_and_every_limit_holds(case: tuple[list[list[float]], list[int]]) -> None:
    score, load = np.array(case[0]), case[1]
    pairs = assign(score, load)
    assert all(score[pair] > 0 for pair in pairs)
    assert len({asker for asker, _ in pairs}) == len(pairs)
    assert all(sum(giver == j for _, giver in pairs) <= most for j, most in enumerate(load))
    assert sum(score[pair] for pair in pairs) == pytest.approx(every_way(score, load))


def test_of_equal_ways_the_fixed_order_decides() -> None:
    assert assign(np.ones((3, 3)), [1, 1, 1]) == [(0, 0), (1, 1), (2, 2)]
    assert assign(np.ones((3, 2)), [1, 1]) == [(0, 0), (1, 1)]
    assert assign(np.ones((1, 5)), [2] * 5) == [(0, 0)]


def test_order_never_outweighs_a_score() -> None:
    score = np.ones((60, 40))
    score[-1, -1] = 1.001
    assert (59, 39) in assign(score, [1] * 40)


def test_nobody_to_pair() -> None:
    assert assign(np.zeros((2, 2)), [1, 1]) == []
    assert assign(np.zeros((0, 2)), [1, 1]) == []
    assert assign(np.zeros((2, 0)), []) == []
    assert assign(np.ones((2, 2)), [0, 0]) == []

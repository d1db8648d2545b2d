"""Quantiles of counts are those of scipy.stats."""

import numpy as np
import pytest
from scipy import stats

from qitools.spc.quantiles import binomial, poisson

TAILS = (0.00135, 0.025, 0.05, 0.3, 0.7, 0.975, 0.99865)


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("share", [0.0, 0.001, 0.2, 0.5, 0.97, 1.0])
def test_binomial(tail, share):
    n = np.array([*range(1, 300), 1_000, 100_000])
    np.testing.assert_array_equal(binomial(tail, n, share), stats.binom.ppf(tail, n, share))


@pytest.mark.parametrize("tail", TAILS)
def test_poisson(tail):
    mean = np.array([0.0, 1e-9, *np.linspace(0.01, 50, 400), 1e5])
    np.testing.assert_array_equal(poisson(tail, mean), stats.poisson.ppf(tail, mean))


def test_of_no_trials_nothing_comes():
    assert binomial(0.05, [0, 1], 0.5).tolist() == [0.0, 0.0]

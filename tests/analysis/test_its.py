"""Interrupted time series: equal to independent computations, right intervals on series of which the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtr
from statsmodels.regression.linear_model import GLS

from qitools.analysis import its as module
from qitools.analysis.its import design, its, mixture, newey_west, positions, weighed

AT = np.array([*range(10), *range(12, 40)])  # two periods never came
RNG = np.random.default_rng(20260301)
X = design(AT, 21)
Y = X @ [30.0, 0.2, -6.0, -0.3] + RNG.normal(size=len(AT))


def likeness(rho: float) -> np.ndarray:
    return rho ** np.abs(AT[:, None] - AT[None, :])


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.3, 0.8])
def test_one_autocorrelation_is_generalised_least_squares(rho):
    """Against statsmodels' GLS, and the restricted likelihood by its textbook formula with whole matrices."""
    found, errors, likelihood = (part[..., 0] for part in module._under(Y[:, None], X, AT, rho))
    fit = GLS(Y, X, sigma=likeness(rho)).fit()
    assert found == pytest.approx(fit.params, rel=1e-9)
    assert errors == pytest.approx(fit.bse, rel=1e-9)
    inverse = np.linalg.inv(likeness(rho))
    left = Y - X @ found
    terms = np.linalg.slogdet(likeness(rho))[1], np.linalg.slogdet(X.T @ inverse @ X)[1]
    assert likelihood == pytest.approx(-0.5 * (sum(terms) + (len(Y) - 4) * np.log(left @ inverse @ left)))


def test_newey_west_errors_are_those_of_the_formula():
    """Newey & West 1987, Bartlett weights, n / (n - k), written out here with numpy alone."""
    lags, n = 3, len(Y)
    estimates = newey_west(Y, X, lags)
    beta = np.linalg.solve(X.T @ X, X.T @ Y)
    scores = X * (Y - X @ beta)[:, None]
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (cross + cross.T)
    bread = np.linalg.inv(X.T @ X)
    error = np.sqrt(np.diag(bread @ middle @ bread) * n / (n - 4))
    from scipy.stats import t

    half = t.ppf(0.975, n - 4) * error
    assert [one.value for one in estimates] == pytest.approx(beta)
    assert [one.high - one.value for one in estimates] == pytest.approx(half)


def test_ends_leave_the_same_share_on_either_side():
    """Against a large draw from the mixture."""
    from scipy.stats import t

    middles, errors, weight = np.array([0.0, 1.0, 3.0]), np.array([1.0, 0.5, 2.0]), np.array([0.5, 0.3, 0.2])
    which = RNG.choice(3, 400_000, p=weight)
    drawn = middles[which] + errors[which] * t.rvs(20, size=len(which), random_state=RNG)
    assert module._ends(middles, errors, weight, 20) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.03)


def test_a_planted_step_and_slope_are_found_with_their_size():
    found = its(Y, AT, 21)
    assert found.reason == "" and (found.n_before, found.n_after) == (19, 19)
    assert found.level.low < -6 < found.level.high and found.level.told
    assert found.slope.low < -0.3 < found.slope.high and found.slope.told
    assert found.fitted[-1] - found.expected[-1] == pytest.approx(found.level.value + found.slope.value * (39 - 21))
    assert found.newey_west[0].value == pytest.approx(newey_west(Y, X, found.lags)[2].value)


def test_lags_ask_for_newey_west_alone():
    found = its(Y, AT, 21, lags=2)
    assert found.covariance == "newey-west" and found.lags == 2
    assert (found.level, found.slope) == found.newey_west


def test_dates_and_numbers_are_the_same():
    dates = pd.to_datetime("2022-01-01") + np.array([pd.DateOffset(months=int(i)) for i in AT])
    one, two = its(Y, dates, "2023-10-01"), its(Y, AT, 21)
    assert (one.level, one.slope) == (two.level, two.slope)


def test_a_missing_value_is_not_closed_up():
    padded = np.full(40, np.nan)
    padded[AT] = Y
    assert its(padded, range(40), 21).level == its(Y, AT, 21).level


@pytest.mark.parametrize(
    ("start", "place"), [("2025-03-01", 2), ("2025-03-02", 3), ("2024-12-31", 0), ("2026-01-01", 12)]
)
def test_the_period_of_a_change_belongs_to_before(start, place):
    months = pd.date_range("2025-01-01", periods=12, freq="MS")
    assert positions(months, start)[1] == place


def test_weeks_and_quarters_are_counted():
    assert positions(pd.date_range("2025-01-06", periods=5, freq="7D"), "2025-01-22")[1] == 3
    assert positions(pd.date_range("2025-01-01", periods=5, freq="QS"), "2025-04-01")[1] == 1
    assert positions(pd.date_range("2025-01-01", periods=5, freq="QS"), "2025-05-10")[1] == 2


@pytest.mark.parametrize(
    ("values", "start", "reason"),
    [
        ([1.0, 3.0] * 18, 7, "too_few"),
        ([1.0, 3.0] * 10, 10, "too_few"),
        ([1.0, 3.0] * 12, 8, ""),
        ([1.0] * 20 + [2.0] * 20, 20, "constant"),
        ([np.nan] * 40, 7, "too_few"),
    ],
)
def test_what_cannot_be_told_says_why(values, start, reason):
    found = its(values, range(len(values)), start)
    if not reason:
        assert found.reason == "" and np.isfinite(found.level.value)
        return
    assert found.reason == reason and not found.level.told and np.isnan(found.level.value)


def test_few_points_that_are_much_alike_say_so():
    walk = np.cumsum(np.random.default_rng(2).normal(size=60))
    assert its(walk[:30], range(30), 15).alike and its(walk[:30], range(30), 15).autocorrelation > 0.6
    assert not its(walk, range(60), 30).alike
    assert not its(Y, AT, 21).alike


def test_nothing_at_all_is_too_few():
    assert its([], [], "2025-01-01").reason == "too_few"


def test_an_index_that_does_not_rise_is_refused():
    with pytest.raises(ValueError, match="must rise"):
        its([1, 2, 3], [0, 0, 1], 1)


TIMES = 10_000  # series of each case: the error of a share near 95 % is 0.2 points
CASES = [(24, 0.2), (36, 0.4), (48, 0.0), (48, 0.6), (24, 0.0), (24, 0.6), (48, 0.8)]


@pytest.mark.soak
@pytest.mark.parametrize(("n", "rho"), CASES)
def test_the_intervals_hold_the_truth_as_often_as_they_say(n, rho, record_property):
    """The table of docs/methods.md: level and slope, as shown, and over the first 500 series with Newey–West's errors.

    An interval holds the truth where the mixture it is cut from gives 2.5 to 97.5 % of its weight to less than that.
    """
    rng, at, truth = np.random.default_rng(n), np.arange(n), np.array([0, 0.05, 1.0, -0.1])
    x, noise = design(at, n // 2), rng.normal(size=(n, TIMES))
    for i in range(1, n):
        noise[i] = rho * noise[i - 1] + np.sqrt(1 - rho**2) * noise[i]
    y = noise + (x @ truth)[:, None]
    middles, errors, weight = mixture(y, x, at)
    below = (weight[:, None] * stdtr(n - 4, (truth[:, None] - middles) / errors)).sum(axis=0)[2:]
    held = (below > 0.025) & (below < 0.975)
    robust = np.zeros(2)
    for one in range(500):
        found = newey_west(y[:, one], x, int(4 * (n / 100) ** (2 / 9)))[2:]
        robust += [each.low <= true <= each.high for each, true in zip(found, truth[2:], strict=True)]
        if one < 20:
            shown = weighed(y[:, one], x, at)[0][2:]
            assert [each.low <= true <= each.high for each, true in zip(shown, truth[2:], strict=True)] == [
                *held[:, one]
            ]
    told = {
        "n": n,
        "rho": rho,
        "shown": (100 * held.mean(axis=1)).round(1).tolist(),
        "newey_west": (robust / 5).tolist(),
    }
    record_property("coverage", str(told))
    print(told)
    error = 0.0022  # of a share near 95 %
    assert (held.mean(axis=1) >= 0.93 - error).all() and (held.mean(axis=1) <= 0.97 + error).all()
    assert (robust / 500 < 0.93).all(), "Newey–West would do after all: say so in docs/methods.md"

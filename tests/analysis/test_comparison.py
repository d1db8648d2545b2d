"""Teams beside each other: limits by independent arithmetic, who is drawn, and what is said instead."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qitools.analysis.comparison import (
    FEWEST,
    between_variance,
    compare,
    dispersion_factor,
    exact_limits,
    widened_limits,
)
from qitools.analysis.engine import Analysis, analyse
from qitools.errors import ParameterError


def analysed(counts: dict[str, tuple[float, float]], months: int = 12, **given_: object) -> Analysis:
    """An analysis in which each team sends the same numerator and denominator every month."""
    dates = pd.date_range("2025-01-01", periods=months, freq="MS")
    rows = [
        {"team": team, "measure": "m", "date": date, "numerator": top, "denominator": bottom}
        for team, (top, bottom) in counts.items()
        for date in dates
    ]
    return analyse(pd.DataFrame(rows), **{"better": "higher", "per": 100, "period": "month", "chart": "p", **given_})  # type: ignore[arg-type]


def alike(teams: int = 12, top: float = 8, bottom: float = 10) -> dict[str, tuple[float, float]]:
    return {f"t{number:02}": (top, bottom) for number in range(teams)}


def binomial_tail(count: int, size: int, share: float) -> float:
    """P(X ≤ count), added up term by term."""
    return sum(math.comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(count + 1))


def poisson_tail(count: int, mean: float) -> float:
    return sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(count + 1))


@pytest.mark.parametrize(("size", "share"), [(40, 0.3), (120, 0.85), (15, 0.5)])
def test_binomial_limits_have_the_tails_of_two_and_three_sds(size: int, share: float) -> None:
    for z, tail in ((2.0, 0.02275013), (3.0, 0.001349898)):
        low, high = (end[0] * size for end in exact_limits(share, np.array([float(size)]), z, proportion=True))
        for limit, wanted in ((low, tail), (high, 1 - tail)):
            if 0 < limit < size:  # the cumulated chance, drawn straight between whole counts, is the tail
                below, step = math.floor(limit), limit - math.floor(limit)
                at = [binomial_tail(below, size, share), binomial_tail(below + 1, size, share)]
                assert at[0] + step * (at[1] - at[0]) == pytest.approx(wanted, abs=1e-7)


def test_poisson_limits_have_the_tails_of_two_and_three_sds() -> None:
    for z, tail in ((2.0, 0.02275013), (3.0, 0.001349898)):
        low, high = (end[0] * 2000 for end in exact_limits(0.005, np.array([2000.0]), z, proportion=False))
        for limit, wanted in ((low, tail), (high, 1 - tail)):
            below, step = math.floor(limit), limit - math.floor(limit)
            at = [poisson_tail(below, 10.0), poisson_tail(below + 1, 10.0)]
            assert at[0] + step * (at[1] - at[0]) == pytest.approx(wanted, abs=1e-7)


def test_limits_never_leave_what_can_be() -> None:
    for proportion in (True, False):
        for low, high in (
            exact_limits(0.95, np.array([1.0, 3.0, 1000.0]), 3.0, proportion),
            widened_limits(0.95, np.array([1.0, 3.0, 1000.0]), 3.0, proportion, 4.0, 0.2),
        ):
            assert (low >= 0).all() and (not proportion or (high <= 1).all())
            assert (low <= 0.95).all() and (high >= 0.95).all()


def slow_additive(tops: list[float], bottoms: list[float]) -> tuple[float, float, float]:
    """Centre, φ and τ² of the additive form, in plain Python from the published formulas."""
    centre = sum(tops) / sum(bottoms)
    errors = [math.sqrt(centre * (1 - centre) / n) for n in bottoms]
    z = [(top / n - centre) / s for top, n, s in zip(tops, bottoms, errors, strict=True)]
    ranked = sorted(z)

    def quantile(share: float) -> float:
        place = share * (len(ranked) - 1)
        below = math.floor(place)
        above = min(below + 1, len(ranked) - 1)
        return ranked[below] + (place - below) * (ranked[above] - ranked[below])

    low, high = quantile(0.1), quantile(0.9)
    phi = sum(min(max(one, low), high) ** 2 for one in z) / len(z)
    weights = [1 / s**2 for s in errors]
    room = sum(weights) - sum(w**2 for w in weights) / sum(weights)
    return centre, phi, max(0.0, (len(z) * phi - (len(z) - 1)) / room)


def spread_out(seed: int = 1, teams: int = 20) -> dict[str, tuple[float, float]]:
    """Teams that differ by more than chance."""
    random = np.random.default_rng(seed)
    size = random.integers(20, 200, teams)
    share = np.clip(random.normal(0.7, 0.1, teams), 0.05, 0.95)
    return {
        f"t{n:02}": (float(top), float(of))
        for n, (top, of) in enumerate(zip(random.binomial(size, share), size, strict=True))
    }


def test_the_additive_form_is_the_published_one() -> None:
    counts = spread_out()
    found = compare(analysed(counts), "m")
    tops, bottoms = ([12 * pair[i] for pair in counts.values()] for i in (0, 1))
    centre, phi, tau2 = slow_additive(tops, bottoms)
    assert tau2 > 0 and found.dispersion == "additive"
    assert (found.centre, found.factor, found.between) == pytest.approx((100 * centre, phi, 100 * math.sqrt(tau2)))
    for row, size in zip(found.units.to_dict("records"), bottoms, strict=True):
        wide = math.sqrt(centre * (1 - centre) / size + tau2)
        assert row["upper_3"] == pytest.approx(100 * min(centre + 3 * wide, 1))
        assert row["lower_2"] == pytest.approx(100 * (centre - 2 * wide))


def test_the_multiplicative_form_is_that_of_the_mortality_ratios() -> None:
    """Observed over predicted: z = (ratio − 1)/√(1/predicted), limits 1 ± 1.96 and 3.09 standard errors times √φ."""
    random = np.random.default_rng(3)
    predicted = random.uniform(50, 900, 24).round(1)
    observed = random.poisson(predicted * random.normal(1, 0.15, 24))
    observed[-1] = round(predicted.sum() - observed[:-1].sum())  # all together 1, as the ratios are made
    counts = {f"h{n:02}": (float(o), float(p)) for n, (o, p) in enumerate(zip(observed, predicted, strict=True))}
    found = compare(analysed(counts, months=1, per=1, chart="u"), "m", "multiplicative")
    ratio = observed.sum() / predicted.sum()
    z = (observed / predicted - ratio) / np.sqrt(ratio / predicted)
    low, high = np.quantile(z, [0.1, 0.9])
    w = math.sqrt(np.mean(np.clip(z, low, high) ** 2))
    assert found.dispersion == "multiplicative" and found.factor == pytest.approx(w**2) and w > 1
    units = found.units
    assert units["upper_2"].to_numpy() == pytest.approx(ratio + 1.96 * w * np.sqrt(ratio / predicted))
    assert units["upper_3"].to_numpy() == pytest.approx(ratio + 3.09 * w * np.sqrt(ratio / predicted))


def test_pure_chance_keeps_the_exact_limits() -> None:
    random = np.random.default_rng(5)
    counts = {f"t{n:02}": (float(random.binomial(100, 0.8)), 100.0) for n in range(20)}
    found = compare(analysed(counts, months=1), "m", "none")
    low, high = exact_limits(found.centre / 100, np.full(20, 100.0), 3.0, True)
    assert found.units["lower_3"].tolist() == pytest.approx((100 * low).tolist())
    assert found.units["upper_3"].tolist() == pytest.approx((100 * high).tolist())


def test_chance_alone_rarely_sets_a_team_apart() -> None:
    """Over many collaboratives of equals, the share outside the outer limits is near that of three sds."""
    random, outside, total = np.random.default_rng(7), 0, 0
    for _ in range(25):
        counts = {
            f"t{n:02}": (float(random.binomial(size, 0.8)), float(size))
            for n, size in enumerate(random.integers(40, 400, 30))
        }
        places = compare(analysed(counts, months=1), "m").units["place"]
        outside, total = outside + places.str.endswith("3").sum(), total + len(places)
    assert outside / total < 0.012


def test_a_team_far_from_the_others_is_seen_and_read_in_the_right_direction() -> None:
    counts = {**spread_out(teams=20), "far": (10.0, 400.0)}
    for better, signal in (("higher", "unfavourable"), ("lower", "favourable"), ("neither", "neutral")):
        units = compare(analysed(counts, better=better), "m").units.set_index("team")
        assert (units.loc["far", "place"], units.loc["far", "signal"]) == ("below_3", signal)
        assert set(units.loc[units["place"] == "inside", "signal"]) == {"none"}


def test_fewer_than_ten_units_are_not_drawn() -> None:
    assert compare(analysed(alike(FEWEST - 1)), "m").reason == "few_units"
    assert compare(analysed(spread_out(teams=FEWEST)), "m").reason == ""
    assert len(compare(analysed(alike(FEWEST - 1)), "m").units) == FEWEST - 1


def test_what_cannot_be_compared_says_why() -> None:
    nothing = {team: (top, float("nan")) for team, (top, _) in alike().items()}
    assert compare(analysed(nothing, per=1, chart="run"), "m").reason == "no_denominator"
    assert compare(analysed(nothing, per=1, chart="g"), "m").reason == "events"
    assert compare(analysed(alike(top=10)), "m").reason == "no_variation"
    with pytest.raises(ParameterError, match="way to widen"):
        compare(analysed(alike()), "m", "wide")  # type: ignore[arg-type]


def test_teams_shown_in_a_table_are_listed_and_not_drawn() -> None:
    made = analysed(spread_out(teams=12))
    shown = np.where(made.teams["team"] == "t03", "table", "chart")
    found = compare(replace(made, teams=made.teams.assign(display=shown)), "m")
    assert found.apart["team"].tolist() == ["t03"] and "t03" not in set(found.units["team"])
    assert len(found.units) == 11


def test_only_the_last_year_counts() -> None:
    made = analysed(spread_out(), months=20)
    found = compare(made, "m")
    assert (found.first, found.last) == (pd.Timestamp("2025-09-01"), pd.Timestamp("2026-08-01"))
    assert found.units["numerator"].tolist() == [12 * top for top, _ in spread_out().values()]
    half = compare(replace(made, method={**made.method, "change_window": 6}), "m")
    assert half.first == pd.Timestamp("2026-03-01")


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_names_and_order_of_teams_change_no_number(random) -> None:
    counts = spread_out()
    names = random.sample([f"x{n:02}" for n in range(40)], len(counts))
    one = compare(analysed(counts), "m").units
    two = compare(analysed(dict(zip(names, counts.values(), strict=True))), "m").units.set_index("team").loc[names]
    for column in ("value", "z", "lower_3", "upper_3"):
        assert two[column].tolist() == pytest.approx(one[column].tolist())


def test_no_spread_gives_no_variance_between() -> None:
    assert between_variance(0.3, np.full(12, 0.02)) == 0
    assert dispersion_factor(np.zeros(12)) == 0

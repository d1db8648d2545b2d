"""Lessons with a known truth: drawn as planted, limits as published, and time to see a change as worked out exactly."""

from math import comb

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, hypergeom, poisson

from qitools.analysis import teaching
from qitools.spc.rule_sets import RULE_SETS

# Red beads of six workers on four days, 6 February 1985 (Walton, The Deming Management Method, 1986).
PUBLISHED = ((14, 10, 9, 10), (17, 5, 8, 5), (11, 6, 5, 9), (8, 8, 9, 6), (12, 11, 12, 8), (9, 11, 7, 10))


@pytest.fixture(scope="module")
def found():
    return teaching.variation(2026)


def test_the_same_seed_gives_the_same_charts_and_another_seed_others(found):
    again, other = teaching.variation(2026), teaching.variation(7)
    assert again.points["value"].equals(found.points["value"])
    assert not other.points["value"].equals(found.points["value"])


def test_the_charts_say_that_they_are_simulated_and_from_which_seed(found):
    assert found.method["simulated"] and found.method["lessons"]
    assert "seed 2026" in {row["file"] for row in found.method["sources"]}


def test_what_was_planted_is_in_the_figures_many_seeds_together():
    """The odds of a planted month, or of the months after a change, against those of the months before it."""
    tables = [teaching.variation(seed).points for seed in range(12)]
    points = pd.concat(tables)
    for measure, truth in (("causes", teaching.CAUSES), ("runs", teaching.RUNS)):
        for chart, changes in truth.items():
            own = points[(points["measure"] == measure) & (points["team"] == chart)]
            sums = own.groupby("date")[["numerator", "denominator"]].sum()
            odds = (sums["numerator"] / (sums["denominator"] - sums["numerator"])).to_numpy()
            first = changes[0][1] if changes else 8
            before = np.exp(np.log(odds[:first]).mean())
            planted = np.ones(len(odds))
            for ratio, begin, end in changes:
                planted[begin:end] *= ratio
            assert np.allclose(np.log(odds / before), np.log(planted), atol=0.35), (measure, chart)


def test_one_odd_month_is_outside_the_limits_and_no_change_is_not_called_a_sustained_one(found):
    series = found.series.set_index(["measure", "team"])
    outside = found.points[found.points["outside"]]
    assert ("causes", "B") in set(zip(outside["measure"], outside["team"], strict=True))
    assert {series.loc[("causes", chart), "verdict"] for chart in "AD"} == {"no_signal"}
    assert series.loc[("causes", "E"), "verdict"] == "improved"


def test_the_published_beads_have_the_limits_of_a_p_chart():
    draws = pd.DataFrame(
        [
            {"worker": worker, "day": day, "red": red}
            for worker, row in enumerate(PUBLISHED, 1)
            for day, red in enumerate(row, 1)
        ]
    )
    share = 220 / 24 / 50
    reach = 3 * np.sqrt(50 * share * (1 - share))
    limits = teaching.counted_beads(draws)
    assert np.allclose((limits.centre, limits.lower, limits.upper), (220 / 24, 220 / 24 - reach, 220 / 24 + reach))
    assert limits.outside == 0


def test_the_beads_are_drawn_without_putting_back_from_the_box_of_the_experiment():
    red = np.concatenate([teaching.beads(seed).draws["red"] for seed in range(20)])
    box = hypergeom(4_000, 800, 50)
    assert len(red) == 20 * 24
    assert abs(red.mean() - box.mean()) < 4 * box.std() / np.sqrt(len(red))
    assert abs(red.var() / box.var() - 1) < 0.25


def test_the_teams_of_the_table_are_alike_every_rank_is_as_likely():
    ranks = pd.concat([teaching.league(seed).ranks for seed in range(60)])
    middle = ranks.groupby("team")["rank"].mean()
    assert len(middle) == 14
    assert np.allclose(middle, 7.5, atol=4 * 4.03 / np.sqrt(60 * 6))
    one = teaching.league(25)
    year = one.ranks[one.ranks["year"] == 1].set_index("team")
    assert year.index[year["share"] == year["share"].min()].tolist() == [one.first, *one.level] == [8, 14]
    assert teaching.league(2026).level == ()


def exact(before, after, most, ahead):
    """The chance of a downward shift by each period, with no simulation: the median of 12 counts, then a chain.

    The middle two of 12 counts are summed over; given their median, later points fall below it, on it (skipped) or
    above it (the run begins anew) independently, so that the run's length is a Markov chain that ends at 6.
    """
    need, total = RULE_SETS["his-2025"].shift, np.zeros(ahead)
    count = np.arange(most + 1)
    below = before.cdf(count)

    def both(sixth, seventh):
        """P(sixth smallest ≤ a, seventh smallest ≤ b)."""
        low = below[sixth] if sixth >= 0 else 0.0
        high = below[seventh] if seventh >= 0 else 0.0
        if seventh <= sixth:
            return sum(comb(12, i) * high**i * (1 - high) ** (12 - i) for i in range(7, 13))
        return sum(
            comb(12, i) * comb(12 - i, j) * low**i * (high - low) ** j * (1 - high) ** (12 - i - j)
            for i in range(6, 13)
            for j in range(max(0, 7 - i), 13 - i)
        )

    for a in count:
        for b in count[a:]:
            chance = both(a, b) - both(a - 1, b) - (both(a, b - 1) - both(a - 1, b - 1) if b > a else 0.0)
            if chance > 1e-9:
                median = (a + b) / 2
                under = after.cdf(np.ceil(median) - 1)
                on = after.pmf(median) if median == int(median) else 0.0
                total += chance * chain(under, on, need, ahead)
    return total


def chain(under, on, need, ahead):
    """The chance that a run of ``need`` points below has been met by each period."""
    state, met = np.eye(need + 1)[0], []
    for _ in range(ahead):
        moved = on * state
        moved[1:] += under * state[:-1]
        moved[0] += (1 - under - on) * state[:-1].sum()
        moved[need] = state[need] + under * state[need - 1]
        state = moved
        met.append(state[need])
    return np.array(met)


@pytest.mark.parametrize(
    ("level", "size", "fall"),
    [(0.2, 50, 0.3), (0.1, 20, 0.5), (0.5, 20, 0.1), (0.2, 50, 0.0), (10, 0, 0.3), (2, 0, 0.5), (20, 0, 0.1)],
)
def test_the_chance_to_see_a_change_is_that_of_an_exact_calculation(level, size, fall):
    simulated = teaching.seen(level, size, fall, repeats=6_000)
    if size:
        worked_out = exact(binom(size, level), binom(size, level * (1 - fall)), size, teaching.AHEAD)
    else:
        worked_out = exact(poisson(level), poisson(level * (1 - fall)), int(poisson(level).isf(1e-9)), teaching.AHEAD)
    assert np.abs(simulated - worked_out).max() < 4 * 0.5 / np.sqrt(6_000)
    assert (np.diff(simulated) >= 0).all()
    assert simulated[4] == 0  # five points make no shift


def test_more_people_and_larger_changes_are_seen_sooner():
    table = teaching.table_of_chances(300)
    at = {question: chances[23] for question, chances in table.items()}
    for level in teaching.LEVELS:
        assert at[level, 500, 0.5] >= at[level, 20, 0.5]
        assert at[level, 200, 0.5] >= at[level, 200, 0.1] >= at[level, 200, 0.0] - 0.1


def test_chances_are_kept_and_a_spoilt_file_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setenv("QITOOLS_CACHE", str(tmp_path))
    teaching.table_of_chances.cache_clear()
    first = teaching.table_of_chances(20)
    (kept,) = (tmp_path / "teaching").iterdir()
    for spoilt in ("{", "[]"):
        kept.write_text(spoilt, encoding="utf-8")
        teaching.table_of_chances.cache_clear()
        assert teaching.table_of_chances(20) == first
    teaching.table_of_chances.cache_clear()

"""A simulated collaborative has the truth it says it has."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from qitools.collaborative.simulate import Change, Effect, Recipe, Stream, simulate

TEAMS = tuple(f"team{i}" for i in range(40))


def recipe(stream, **more):
    return Recipe(**{"measures": {"m": stream}, "teams": TEAMS, "periods": 60, "seed": 7, **more})


def logs(simulated, kind="rate"):
    """The log rates or log odds, teams by periods."""
    rows = simulated.observations
    above = rows["numerator"] if kind == "rate" else rows["numerator"] / (rows["denominator"] - rows["numerator"])
    rows = rows.assign(log=np.log(above / (rows["denominator"] if kind == "rate" else 1)))
    return rows.pivot_table(index="team", columns="date", values="log", observed=True)


def test_the_same_recipe_gives_the_same_tables_and_another_seed_does_not():
    plan = recipe(Stream(level=0.1, size=100), ideas=("a", "b"))
    pd.testing.assert_frame_equal(simulate(plan).observations, simulate(plan).observations)
    pd.testing.assert_frame_equal(simulate(plan).changes, simulate(plan).changes)
    other = simulate(plan.model_copy(update={"seed": 8}))
    assert not other.observations.equals(simulate(plan).observations)


def test_a_new_measure_leaves_the_others_as_they_were():
    one = simulate(recipe(Stream(level=0.1))).observations
    plan = Recipe(measures={"m": Stream(level=0.1), "n": Stream(level=0.2)}, teams=TEAMS, periods=60, seed=7)
    two = simulate(plan).observations
    pd.testing.assert_frame_equal(one, two[two["measure"] == "m"].reset_index(drop=True))


@pytest.mark.parametrize(("data", "level", "ratio"), [("rate", 0.05, 0.5), ("proportion", 0.6, 2.0)])
def test_an_effect_has_its_date_and_its_size(data, level, ratio):
    effects = tuple(Effect(team=team, measure="m", start=date(2025, 7, 1), ratio=ratio) for team in TEAMS)
    made = simulate(recipe(Stream(data=data, level=level, size=4000), effects=effects))
    values = logs(made, "rate" if data == "rate" else "odds").mean()
    before, after = values[values.index < "2025-07-01"], values[values.index >= "2025-07-01"]
    assert after.mean() - before.mean() == pytest.approx(np.log(ratio), abs=0.02)
    assert len(before) == 30
    assert made.truth[["team", "date", "ratio"]].iloc[0].tolist() == ["team0", date(2025, 7, 1), ratio]


def test_a_ramp_builds_up():
    effects = (Effect(team="team0", measure="m", start=date(2024, 1, 1), ratio=0.5, ramp=3),)
    values = logs(simulate(recipe(Stream(level=0.5, size=1_000_000), effects=effects))).loc["team0"]
    steps = values["2023-12-01":"2024-05-01"] - values["2023-12-01"]
    assert (steps / np.log(0.5)).to_numpy() == pytest.approx([0, 0.25, 0.5, 0.75, 1, 1], abs=0.01)


def test_a_season_peaks_in_its_month():
    values = logs(simulate(recipe(Stream(level=0.1, size=20_000, season=0.3, peak=2)))).mean()
    by_month = values.groupby(values.index.month).mean()
    assert by_month.idxmax() == 2
    assert by_month.idxmin() == 8
    assert (by_month.max() - by_month.min()) / 2 == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("autocorrelation", [0.0, 0.5])
def test_noise_has_its_spread_and_its_memory(autocorrelation):
    stream = Stream(level=0.2, size=1_000_000, dispersion=0.2, autocorrelation=autocorrelation)
    values = logs(simulate(recipe(stream))).to_numpy()
    assert values.std() == pytest.approx(0.2, abs=0.02)
    assert np.corrcoef(values[:, 1:].ravel(), values[:, :-1].ravel())[0, 1] == pytest.approx(autocorrelation, abs=0.07)


def test_levels_and_sizes_differ_between_teams():
    made = simulate(recipe(Stream(level=0.2, size=50_000, between=0.3), sizes={"team0": 0.01}))
    assert logs(made).mean(axis=1).std() == pytest.approx(0.3, abs=0.1)
    sizes = made.observations.groupby("team")["denominator"].median()
    assert sizes["team0"] < sizes.drop("team0").min() / 5


def test_late_joiners_gaps_and_missing_months():
    plan = recipe(
        Stream(level=0.2),
        joined={"team0": date(2024, 1, 1)},
        gaps={"team1": (date(2024, 3, 1),)},
        missing=0.05,
    )
    rows = simulate(plan).observations
    dates = {team: set(part["date"].dt.strftime("%Y-%m")) for team, part in rows.groupby("team")}
    assert min(dates["team0"]) >= "2024-01"
    assert "2024-03" not in dates["team1"]
    assert all("2027-12" in one for one in dates.values())
    assert 0.03 < 1 - len(rows) / (40 * 60 - 12) < 0.08


def test_a_part_never_exceeds_its_whole_and_denominators_can_be_shared():
    measures = {
        "falls": Stream(level=0.01, size=500),
        "harm": Stream(level=0.3, part_of="falls"),
        "hours": Stream(level=0.1, same_denominator_as="falls"),
    }
    rows = simulate(Recipe(measures=measures, teams=TEAMS)).observations
    wide = rows.pivot_table(index=["team", "date"], columns="measure", values=["numerator", "denominator"])
    assert (wide["numerator"]["harm"] <= wide["numerator"]["falls"]).all()
    assert (wide["denominator"]["hours"] == wide["denominator"]["falls"]).all()


def test_changes_are_given_or_drawn_after_a_team_joined():
    given = Change(team="team0", date=date(2024, 5, 6), text="Huddle")
    plan = recipe(Stream(level=0.2), changes=(given,), ideas=("A", "B", "C", "D"), joined={"team1": date(2025, 1, 1)})
    changes = simulate(plan).changes
    assert changes[changes["team"] == "team0"]["text"].tolist() == ["Huddle"]
    drawn = changes[changes["team"] != "team0"].groupby("team")
    assert drawn.size().max() <= 3
    assert drawn.ngroups < 39  # some teams have none
    assert all(day >= date(2025, 1, 1) for day in changes.loc[changes["team"] == "team1", "date"])


def test_values_and_counts_have_no_denominator():
    for data in ("value", "count"):
        rows = simulate(recipe(Stream(data=data, level=20, dispersion=0.1))).observations
        assert rows["denominator"].isna().all()
        assert rows["numerator"].median() == pytest.approx(20, rel=0.05)

"""The verdict once more, one series and one point at a time, as the methods page says it: both must agree."""

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.spc.rule_sets import RULE_SETS

TEAMS = 40
NEEDED = ("value", "excluded", "in_baseline", "phase")


def lot(seed, points=60):
    random = np.random.default_rng(seed)
    values = random.normal(10, 1, (TEAMS, points))
    for team in range(TEAMS):
        for _ in range(random.integers(0, 4)):
            values[team, random.integers(3, points) :] += random.choice([-3, -2, -1.5, 1.5, 2, 3])
    values[::3] = np.round(values[::3])
    values[::11] = np.maximum(np.round(values[::11] - 10), 0)
    values[random.random(values.shape) < 0.05] = np.nan
    dates = pd.date_range("2020-01-01", periods=points, freq="MS")
    names = [f"t{team:03}" for team in range(TEAMS)]
    rows = pd.DataFrame(
        {"team": np.repeat(names, points), "measure": "m", "date": np.tile(dates, TEAMS), "numerator": values.ravel()}
    )
    picked = random.integers(0, points, (TEAMS, 2))
    starts = [(name, dates[at]) for name, both in zip(names, picked, strict=True) for at in {*both} if at > 2]
    phases = pd.DataFrame(starts[: len(starts) // 2], columns=["team", "start"]).assign(measure="m", reason="agreed")
    left_out = rows.iloc[random.choice(len(rows), TEAMS, replace=False)][["team", "measure", "date"]].assign(reason="x")
    return rows, phases, left_out


def plain_verdict(points, phases, rules, least, better):
    counted = points[points["value"].notna() & ~points["excluded"]]
    if len(counted) < max(least, 1):
        return "too_few", ""
    need = rules.sustained
    if rules.runs_test and not rules.shift:
        need = int(phases["longest_run_max"].iloc[-1]) + 1
    shift = rules.shift or need
    declared = (phases["triggered"].isna() & (phases["phase"] > 1)).any()
    window = counted if declared else counted.iloc[-36:]
    centres = dict(zip(phases["phase"], phases["centre"], strict=True))
    found = set(phases.loc[phases["triggered"].notna(), "phase"])
    firm = counted[counted["in_baseline"]].groupby("phase").size()
    first = counted[counted["phase"] == 1]
    frozen = len(phases) > 1 or not first["in_baseline"].all() or rules.baseline > 0

    def side_and_stretch(point):
        number = point.phase
        against = number if number == 1 else number - 1
        centre = centres[against]
        if number > 1 and firm.get(against, 0) < 8 and number not in found:
            return None
        side = int(np.sign(point.value - centre))
        breaks = rules.ties == "break" or (rules.edge_breaks and centre == 0)
        return None if side == 0 and not breaks else (side, max(number, 2))

    run, runs = [], []
    useful = []
    for point in window.itertuples():
        if frozen and point.phase == 1 and point.in_baseline:
            continue
        seen = side_and_stretch(point)
        if seen is None:
            continue
        if not run or run[-1] != seen:
            runs.append([])
            run = []
        run.append(seen)
        runs[-1].append(seen[0])
        useful.append((seen[0], len(runs) - 1))
    return conclude(points, phases, rules, runs, useful, need, shift, better, declared)


def conclude(points, phases, rules, runs, useful, need, shift, better, declared):
    lasting = [number for number, run in enumerate(runs) if len(run) >= need and run[0] != 0]
    latest = runs[lasting[-1]][0] * better if lasting else 0
    under_way = runs and runs[-1][0] != 0 and len(runs[-1]) >= shift
    now = runs[-1][0] * better if under_way else 0
    away = own_run(points, phases, rules, need) * better
    strength = ""
    if lasting:
        begin = next(at for at, (_, number) in enumerate(useful) if number == lasting[-1])
        after = [side for side, _ in useful[begin + need : begin + need + 6]]
        strength = "held" if len(after) == 6 and set(after) != {-runs[lasting[-1]][0]} else "sustained"
        if better == 0:
            return "changed", strength
        turned = -latest in (now, away)
        if latest > 0:
            return ("mixed" if turned else "improved"), strength
        if not turned:
            return "worsened", strength
    if lasting or under_way or away:
        return "candidate", "candidate"
    return ("new_centre" if declared else "no_signal"), ""


def own_run(points, phases, rules, need):
    """Side of a sustained run under way after the baseline of a later phase, from its own centre."""
    number, centre = phases["phase"].iloc[-1], phases["centre"].iloc[-1]
    later = points[(points["phase"] == number) & ~points["in_baseline"] & points["value"].notna() & ~points["excluded"]]
    if number == 1:
        return 0
    sides = [int(side) for side in np.sign(later["value"] - centre)]
    if rules.ties == "skip" and not (rules.edge_breaks and centre == 0):
        sides = [side for side in sides if side]
    length = 0
    while length < len(sides) and sides[-1 - length] == sides[-1]:
        length += 1
    return sides[-1] if length >= need else 0


@pytest.mark.parametrize(
    ("chart", "rules"),
    [("run", "his-2025"), ("run", "perla-2011"), ("run", "anhoej-2014"), ("i", "mdc"), ("i", "ihi-2011")],
)
@pytest.mark.parametrize("how", ["none", "declared", "found"])
def test_a_plain_reading_agrees(chart, rules, how):
    rows, phases, left_out = lot(seed=len(chart + rules + how))
    asked = {"phases": phases} if how == "declared" else {"rebase": "sustained-shift"} if how == "found" else {}
    rows = pd.concat([rows, rows.assign(measure="n")])
    better = {"m": "lower", "n": "neither"}
    analysis = qi.analyse(rows, chart=chart, rules=rules, better=better, period="month", exclusions=left_out, **asked)
    points = dict(list(analysis.points.groupby(["measure", "team"], observed=True)[list(NEEDED)]))
    of_series = dict(list(analysis.phases.groupby(["measure", "team"], observed=True)))
    plain, sign = [], {"m": -1, "n": 0}
    for row in analysis.series.itertuples():
        key = (row.measure, row.team)
        rule_set = RULE_SETS[rules]
        plain.append(plain_verdict(points[key], of_series[key], rule_set, rule_set.min_points, sign[row.measure]))
    ours = list(zip(analysis.series["verdict"], analysis.series["strength"], strict=True))
    assert ours == plain
    assert {verdict for verdict, _ in ours} >= {"improved", "worsened", "changed"}

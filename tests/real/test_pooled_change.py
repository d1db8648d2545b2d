"""Departments that open and close: the pooled change and its parts, added up again the slow way from the file."""

import csv
from collections import defaultdict
from dataclasses import replace

import pandas as pd
import pytest

from qitools.analysis.comparison import compare
from qitools.analysis.engine import analyse
from qitools.analysis.ledger import by_luck
from qitools.analysis.pooled import pool
from qitools.analysis.split import split
from qitools.collaborative.loading import load

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def departments(root, real_data):
    return analyse(load(root / "tests" / "real" / "ae_four_hour.yaml", data=real_data)), real_data


def published(data, top):
    """month → department → (numerator, denominator), from the file; two part months added, blank figures dropped."""
    told = defaultdict(lambda: defaultdict(lambda: (0.0, 0.0)))
    with (data / "scot_ae_ed_site_monthly.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not row[top]:
                continue
            before = told[row["month"][:7]][row["site_code"]]
            told[row["month"][:7]][row["site_code"]] = (
                before[0] + float(row[top]),
                before[1] + float(row["attendances"]),
            )
    return told


def window(told, months):
    """department → (numerator, denominator) over some months."""
    sums = defaultdict(lambda: [0.0, 0.0])
    for month in months:
        for site, (top, bottom) in told[month].items():
            sums[site][0] += top
            sums[site][1] += bottom
    return {site: pair for site, pair in sums.items() if pair[1] > 0}


def rate(sums, sites):
    return 100 * sum(sums[site][0] for site in sites) / sum(sums[site][1] for site in sites)


def by_hand(told):
    """The four parts, from the formulas, site by site."""
    months = sorted(told)
    first, last = window(told, months[:12]), window(told, months[-12:])
    both = sorted(set(first) & set(last))
    n_first, n_last = (sum(sums[site][1] for site in both) for sums in (first, last))
    within = mix = 0.0
    for site in both:
        r = [100 * sums[site][0] / sums[site][1] for sums in (first, last)]
        w = first[site][1] / n_first, last[site][1] / n_last
        within += (w[0] + w[1]) / 2 * (r[1] - r[0])
        mix += (r[0] + r[1]) / 2 * (w[1] - w[0])
    return {
        "within": within,
        "mix": mix,
        "joiners": rate(last, last) - rate(last, both),
        "leavers": rate(first, both) - rate(first, first),
    }, (rate(first, first), rate(last, last), len(both), len(set(last) - set(first)), len(set(first) - set(last)))


@pytest.mark.parametrize("measure", ["within_4h", "over_12h"])
def test_the_parts_are_those_added_up_by_hand(departments, measure):
    analysis, data = departments
    parts, (before, after, stayed, joined, left) = by_hand(published(data, measure))
    found = split(analysis, measure)
    assert dict(zip(found.parts["part"], found.parts["amount"], strict=True)) == pytest.approx(parts, abs=1e-9)
    assert (found.before, found.after) == pytest.approx((before, after), abs=1e-9)
    assert found.teams["group"].value_counts().to_dict() == {"stayed": stayed, "joined": joined, "left": left}
    assert stayed + joined + left <= 35 and min(stayed, joined, left) >= 1
    assert abs(sum(parts.values()) - (after - before)) < 1e-9
    assert abs(found.parts["amount"].sum() - (found.after - found.before)) <= 1e-12 * 100


def test_the_pooled_line_is_the_sum_of_the_departments(departments):
    analysis, data = departments
    told = published(data, "within_4h")
    line = pool(analysis, "within_4h").analysis.points
    assert len(line) == len(told) == 188
    for month, value in zip(line["date"].dt.strftime("%Y-%m"), line["value"], strict=True):
        sites = told[month]
        assert value == pytest.approx(rate(sites, sites), abs=1e-9)


def test_the_line_of_those_that_reported_throughout(departments):
    analysis, data = departments
    told = published(data, "within_4h")
    present = defaultdict(int)
    for sites in told.values():
        for site in sites:
            present[site] += 1
    steady = {site for site, months in present.items() if months >= 0.9 * len(told)}
    pooled = pool(analysis, "within_4h")
    assert (pooled.steady, pooled.teams) == (len(steady), 35)
    for month, value in zip(pooled.panel["date"].dt.strftime("%Y-%m"), pooled.panel["value"], strict=True):
        here = [site for site in told[month] if site in steady]
        assert value == pytest.approx(rate(told[month], here), abs=1e-9)


def test_months_of_the_pandemic_left_out_by_decision_are_left_out_of_the_windows(departments):
    """Exclusions up to the end: the last window keeps the months of the year that both windows have."""
    analysis, data = departments
    months = pd.date_range("2022-10-01", "2023-02-01", freq="MS")
    out = analysis.points["date"].isin(months)
    cut = replace(analysis, points=analysis.points.assign(excluded=analysis.points["excluded"] | out))
    found = split(cut, "within_4h")
    told = published(data, "within_4h")
    kept = sorted(month for month in told if not "2022-10" <= month <= "2023-02")
    first, last = window(told, kept[:12]), window(told, kept[-12:])
    assert found.last[1] == pd.Timestamp("2022-09-01")
    assert (found.before, found.after) == pytest.approx((rate(first, first), rate(last, last)), abs=1e-9)


def test_a_missing_year_of_one_department_is_no_zero(departments):
    analysis, data = departments
    gone = (analysis.points["team"] == "borders-general-hospital") & analysis.points["date"].between(
        "2022-03-01", "2023-02-01"
    )
    empty = dict.fromkeys(("numerator", "denominator", "value"), float("nan"))
    cut = replace(
        analysis, points=analysis.points.assign(**{n: analysis.points[n].mask(gone, v) for n, v in empty.items()})
    )
    groups = split(cut, "within_4h").teams.set_index("team")["group"]
    assert groups["borders-general-hospital"] == "left"
    told = published(data, "within_4h")
    last = window(told, sorted(told)[-12:])
    assert split(cut, "within_4h").after == pytest.approx(
        rate(last, [site for site in last if site != "B120H"]), abs=1e-9
    )


def test_memory_and_season_are_found_and_allowed_for(departments):
    analysis, _ = departments
    found = by_luck(analysis, "within_4h")
    assert found.noise == ("dependent", "seasonal")
    assert found.teams == 30  # five departments closed
    assert found.expected > 2 * 30 * 0.056  # far above what independent noise would give


def test_the_funnel_holds_those_that_still_report(departments):
    analysis, data = departments
    told = published(data, "within_4h")
    last = window(told, sorted(told)[-12:])
    found = compare(analysis, "within_4h")
    assert len(found.units) == len(last) == 30
    assert found.centre == pytest.approx(rate(last, last), abs=1e-9)
    assert found.dispersion == "additive" and found.factor > 100  # no two departments are alike beyond chance


def test_boards_have_their_funnel_and_their_split(root, real_data):
    boards = analyse(load(root / "tests" / "real" / "cancelled_operations.yaml", data=real_data))
    assert split(boards, "cancelled").membership == pytest.approx(0, abs=1e-12)  # fourteen boards, always the same
    assert len(compare(boards, "cancelled").units) == 14
    assert split(boards, "capacity").teams.set_index("team")["group"]["orkney"] == "stayed"

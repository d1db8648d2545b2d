"""What a series says: verdict, strength, extent, variation, assurance, target, completeness."""

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.dependence import dependence
from qitools.analysis.reading import read
from qitools.analysis.series import summarise

COLUMNS = (
    *("team", "measure", "n", "first", "last", "latest", "baseline_centre", "current_centre"),
    *("change", "change_lower", "change_upper", "first_signal", "signal_end", "verdict", "strength"),
    *("variation", "assurance", "target_status", "completeness", "open_days", "marked", "current", "reason"),
)
BASE = [9.0, 11.0] * 6  # twelve points about a median of 10
LOW, HIGH, EVEN = [8.0], [12.0], [9.0, 11.0]


def table(values, team="a", measure="m", start="2021-01-01", freq="MS", denominator=np.nan):
    dates = pd.date_range(start, periods=len(values), freq=freq)
    columns = {"team": team, "measure": measure, "date": dates, "numerator": values, "denominator": denominator}
    return pd.DataFrame(columns)


def decided(*starts, team="a", measure="m"):
    return pd.DataFrame({"team": team, "measure": measure, "start": list(starts), "reason": "agreed"})


def month(number):
    return (pd.Timestamp("2021-01-01") + pd.DateOffset(months=number)).date().isoformat()


def says(values, **asked):
    """The one row of ``series``."""
    source = values if isinstance(values, pd.DataFrame) else table(values)
    asked = {"better": "lower", "period": "month"} | asked
    return qi.analyse(source, **asked).series.iloc[0]


def said(analysis, as_of, period="month"):
    """The series of an analysis, as they stand at a later date."""
    reading = read(analysis.points, analysis.phases, analysis.measures)
    return summarise(reading, dependence(reading)[0], period=period, as_of=as_of)


def test_columns_are_the_contract():
    assert list(qi.analyse(table(BASE), better="lower").series.columns) == list(COLUMNS)


@pytest.mark.parametrize(
    ("after", "verdict", "strength"),
    [
        (EVEN * 6, "no_signal", ""),
        (LOW * 5, "no_signal", ""),
        (LOW * 6, "candidate", "candidate"),
        (HIGH * 8, "candidate", "candidate"),
        (LOW * 6 + EVEN, "no_signal", ""),  # a run that ended
        (LOW * 9, "improved", "sustained"),
        (LOW * 14, "improved", "sustained"),
        (LOW * 15, "improved", "held"),
        (LOW * 9 + EVEN * 3, "improved", "held"),
        (LOW * 9 + HIGH * 5, "improved", "sustained"),
        (LOW * 9 + HIGH * 6, "mixed", "sustained"),
        (LOW * 20 + HIGH * 6, "mixed", "held"),
        (LOW * 9 + HIGH * 9, "worsened", "sustained"),
        (HIGH * 15, "worsened", "held"),
        (HIGH * 9 + LOW * 6, "candidate", "candidate"),
        (LOW * 4 + [10.0] * 3 + LOW * 5, "improved", "sustained"),  # on the line: neither counts nor breaks
        (LOW * 4 + [np.nan] * 3 + LOW * 5, "improved", "sustained"),
        (LOW * 4 + [np.nan] * 3 + LOW * 4, "candidate", "candidate"),
    ],
)
def test_verdict_and_its_mirror(after, verdict, strength):
    row = says(BASE + after)
    assert (row.verdict, row.strength) == (verdict, strength)
    mirrored = says([20 - value for value in BASE + after], better="higher")
    assert (mirrored.verdict, mirrored.strength) == (verdict, strength)


def test_neither_better_is_changed_and_never_improved():
    row = says(BASE + LOW * 9, better="neither")
    assert (row.verdict, row.strength, row.target_status) == ("changed", "sustained", "")
    assert says(BASE + LOW * 9 + HIGH * 6, better="neither").verdict == "changed"
    assert says(BASE + LOW * 6, better="neither").verdict == "candidate"


def test_points_of_the_baseline_are_no_part_of_a_shift():
    base = [11.0, 9.0] * 4 + [11.0, 11.0, 9.0, 9.0]  # ends with two low points
    assert says(base + LOW * 8).verdict == "candidate"
    assert says(base + LOW * 9).verdict == "improved"


def test_nothing_stands_on_the_first_points_where_the_centre_is_given():
    assert says(LOW * 12).verdict == "no_signal"
    assert says(LOW * 12, centre=10).verdict == "improved"


def test_only_the_last_36_reported_points_are_looked_at():
    assert says(BASE + LOW * 9 + EVEN * 14).verdict == "improved"
    assert says(BASE + LOW * 9 + EVEN * 18).verdict == "no_signal"
    assert says(BASE + LOW * 9 + [np.nan] * 8 + EVEN * 13).verdict == "improved"


def test_fewer_points_than_the_rule_set_needs():
    row = says(BASE[:11])
    assert (row.verdict, row.strength, row.variation) == ("too_few", "", "")
    assert "too_few" in row.reason.split() and pd.isna(row.first_signal)
    assert says(table(BASE[:8], freq="QS"), period="quarter").verdict == "no_signal"
    assert says(table(BASE[:7], freq="QS"), period="quarter").verdict == "too_few"


def test_points_on_the_line_break_a_run_where_the_rule_set_says_so():
    values = [*BASE, *LOW * 5, 10.0, *LOW * 5]
    assert says(values, chart="i", rules="ihi-2011", centre=10).verdict == "improved"
    assert says(values, chart="i", rules="mdc", centre=10).verdict == "no_signal"


def test_a_median_of_zero_breaks_runs_in_the_scottish_rules():
    values = [0.0] * 12 + [1.0] * 5 + [0.0] + [1.0] * 5
    assert says(values, rules="his-2025").verdict == "no_signal"
    assert says(values, rules="perla-2011").verdict != "improved"
    assert says([0.0] * 12 + [1.0] * 9, rules="his-2025").verdict == "worsened"


def test_runs_of_moving_ranges_mean_nothing():
    values = [0.0, 1.0] * 10 + [0.0, 6.0] * 10  # ranges of 1, then of 6: two long runs
    assert says(np.abs(np.diff(values)), chart="run", rules="perla-2011").verdict == "worsened"
    assert says(values, chart="mr", rules="nelson-1984").verdict == "no_signal"


def test_excluded_points_do_not_count_and_are_not_the_latest():
    exclusions = pd.DataFrame({"team": "a", "measure": "m", "date": [month(20)], "reason": "closed"})
    row = says(BASE + LOW * 8 + [99.0], exclusions=exclusions)
    assert (row.verdict, row.n, row.latest, row["last"]) == ("candidate", 20, 8.0, pd.Timestamp(month(19)))
    assert row.completeness == 1


def test_anhoej_says_improved_from_its_own_longest_run_and_dates_it():
    values = [*HIGH * 10, *LOW * 10]  # 20 useful points: a run of 8 or more is too long
    analysis = qi.analyse(table(values), better="lower", rules="anhoej-2014", period="month")
    assert bool(analysis.phases.runs_signal[0])
    row = analysis.series.iloc[0]
    assert row.verdict == "improved"
    assert row.first_signal == pd.Timestamp(month(17))  # eight alike of 18: round(log2 18) + 3 = 7 are allowed
    assert pd.isna(row.signal_end)


def test_anhoej_crossings_alone_have_no_date():
    values = [*HIGH * 5, *LOW * 5] * 4  # runs of 5, seven crossings of 39
    analysis = qi.analyse(table(values), better="lower", rules="anhoej-2014", period="month")
    assert bool(analysis.phases.runs_signal[0])
    assert pd.isna(analysis.series.first_signal[0]) and analysis.series.verdict[0] == "no_signal"


def test_recording_a_rebase_does_not_erase_an_improvement():
    values = BASE + LOW * 20
    for start in (12, 14, 17, 20):
        row = says(values, phases=decided(month(start)))
        assert (row.verdict, row.strength) == ("improved", "held"), start
    assert says(values, phases=decided(month(12))).current_centre == 8


def test_declaring_a_phase_does_not_make_an_improvement():
    values = BASE + EVEN * 10
    for start in (10, 12, 16, 24):
        assert says(values, phases=decided(month(start))).verdict == "new_centre", start
    assert says(BASE + EVEN * 4 + LOW * 8, phases=decided(month(20))).verdict == "candidate"


def test_phase_by_phase_against_the_centre_before():
    values = BASE + LOW * 12 + [6.0] * 12
    assert says(values, phases=decided(month(12), month(24))).verdict == "improved"
    back = BASE + LOW * 12 + [9.0, 7.0] * 6  # the third phase is about the second centre
    assert says(back, phases=decided(month(12), month(24))).verdict == "improved"
    worse = BASE + LOW * 12 + HIGH * 12
    assert says(worse, phases=decided(month(12), month(24))).verdict == "worsened"


def test_a_phase_before_anything_was_reported_is_not_the_first():
    row = says([np.nan] * 4 + BASE + LOW * 9, phases=decided(month(4)))
    assert (row.verdict, row.baseline_centre) == ("improved", 10)
    assert "one_phase" in row.reason.split()


def test_a_phase_found_within_the_first_points_is_held_against_their_centre():
    values = [9.0, 10, 11, 10, 9, 11, 12] + [7.0, 8] * 10
    analysis = qi.analyse(table(values), better="lower", period="month", rebase="sustained-shift")
    assert analysis.phases.start[1] == pd.Timestamp(month(7))  # its eighth point; the first centre is of twelve
    assert analysis.series.verdict[0] == "improved"


def test_sliding_back_from_a_recorded_centre_is_seen():
    low, between = [5.0, 7.0], [8.0]  # improved from 10 to 6, recorded, then 8 for nine months
    row = says(BASE + low * 6 + between * 9, phases=decided(month(12)))
    assert row.verdict == "mixed"


def test_phases_declared_lift_the_window():
    values = BASE + LOW * 12 + [7.0, 9.0] * 20
    assert says(values).verdict == "improved"
    assert says(values, phases=decided(month(12))).verdict == "improved"
    early = BASE + EVEN * 2 + LOW * 9 + EVEN * 20
    assert says(early).verdict == "no_signal"
    assert says(early, phases=decided(month(4))).verdict != "improved"  # its first centre stands on four points


def test_a_centre_on_few_points_is_not_built_upon():
    assert says([*BASE[:4], *LOW * 12], phases=decided(month(4))).verdict == "new_centre"


def test_extent():
    row = says([np.nan, *BASE, np.nan])
    assert (row.n, row["first"], row["last"], row.latest) == (12, pd.Timestamp(month(1)), pd.Timestamp(month(12)), 11)
    assert row.completeness == pytest.approx(12 / 14)


def test_nothing_reported():
    row = says([np.nan] * 5)
    assert (row.n, row.verdict, row.completeness) == (0, "too_few", 0)
    assert pd.isna(row["first"]) and pd.isna(row["last"]) and np.isnan(row.latest)


@pytest.mark.parametrize(
    ("value", "better", "target", "status"),
    [(11, "lower", 11, "met"), (11, "lower", 10.9, "not_met"), (11, "higher", 11, "met"), (11, "higher", 12, "not_met"),
     (11, "lower", None, ""), (11, "neither", 11, "")],
)  # fmt: skip
def test_target_status(value, better, target, status):
    assert says([*BASE, value], better=better, target=target).target_status == status


@pytest.mark.parametrize(
    ("better", "target", "assurance"),
    [
        ("lower", 30, "always"),
        ("lower", 10, "hit_and_miss"),
        ("lower", 1, "never"),
        ("higher", 1, "always"),
        ("higher", 10, "hit_and_miss"),
        ("higher", 30, "never"),
        ("neither", 30, ""),
        ("lower", None, ""),
    ],
)
def test_assurance(better, target, assurance):
    assert says(BASE, chart="i", better=better, target=target).assurance == assurance
    assert says(BASE, chart="run", better=better, target=target).assurance == ""


def test_variation_is_the_class_of_the_last_point():
    assert says(BASE + LOW * 6).variation == "improving"
    assert says(BASE + HIGH * 6).variation == "worsening"
    assert says(BASE + HIGH * 6, better="neither").variation == "changed"
    assert says(BASE + LOW * 6 + EVEN).variation == "common"


def test_a_team_that_stopped_is_not_complete():
    both = pd.concat([table(BASE * 2, team="a"), table(BASE, team="b")])
    analysis = qi.analyse(both, better="lower", period="month")
    series = said(analysis, pd.Timestamp(month(23)))
    assert series.completeness.tolist() == [1, 0.5]


@pytest.mark.parametrize(("freq", "period", "later"), [("MS", "month", 3), ("QS", "quarter", 9), ("W-MON", "week", 1)])
def test_periods_that_nobody_reported_at_the_end_count(freq, period, later):
    rows = table(BASE, freq=freq)
    analysis = qi.analyse(rows, better="lower", period=period)
    as_of = rows["date"].iloc[-1] + (pd.DateOffset(weeks=3) if period == "week" else pd.DateOffset(months=later))
    for told in (period, "month"):  # a team's own periods are known from its rows
        assert said(analysis, as_of, told).completeness[0] == pytest.approx(12 / 15)


def test_suppressed_is_reported():
    rows = table([*BASE, np.nan])
    rows["status"] = ["reported"] * 12 + ["suppressed"]
    assert says(rows).completeness == 1


def test_what_cannot_be_computed_has_a_code():
    series = qi.analyse(table(BASE), better="lower").series
    assert series.change.isna().all() and "one_phase" in series.reason[0].split()


def test_points_and_phases_must_belong_together():
    analysis = qi.analyse(table(BASE), better="lower")
    with pytest.raises(ValueError, match="points hold 1 phases, the table of phases 0"):
        read(analysis.points, analysis.phases.iloc[:0], analysis.measures)


@pytest.mark.parametrize(("quarters", "verdict"), [(7, "too_few"), (8, "no_signal"), (11, "no_signal")])
def test_a_team_by_quarter_among_teams_by_month_is_judged_by_its_own_period(write_collaborative, quarters, verdict):
    yaml = """
        collaborative: small
        title: Months and quarters
        period: month
        sources: {observations: small.csv}
        measures: [{id: m, name: Measure, kind: outcome, data: count, better: lower}]
        teams: [{id: monthly, name: Monthly}, {id: quarterly, name: Quarterly, period: quarter}]
    """
    sent = pd.concat(
        [table(BASE * 2, team="monthly"), table(np.repeat(BASE[:quarters], 3), team="quarterly")]
    )  # months, added up
    csv = sent.to_csv(index=False)
    analysis = qi.analyse(qi.load(write_collaborative(yaml, csv, name="small")))
    assert analysis.series["verdict"].tolist() == ["no_signal", verdict]
    few = analysis.phases["reason"].str.split().map(lambda codes: "too_few" in codes)
    assert few.tolist() == [False, verdict == "too_few"]


def test_a_series_of_few_points_says_nothing_of_dependence_or_season():
    months, random = np.arange(60), np.random.default_rng(3)
    wave = 50 + 10 * np.sin(months * np.pi / 6) + random.normal(size=60)
    both = pd.concat([table(wave, team="long"), table(wave[-3:], team="short", start=month(57))])
    analysis = qi.analyse(both, better="lower", period="month")
    long, short = analysis.series["reason"].str.split()
    assert {"dependent", "seasonal"} <= {*long}
    noise = {"dependent", "seasonal", "dependence_unknown", "season_unknown"}
    assert "too_few" in short and not noise & {*short}
    assert (
        analysis.measures["reason"].item() == "dependent seasonal" and analysis.measures["autocorrelation"].item() > 0.5
    )


@pytest.mark.parametrize("chart", ["t", "g", "mr"])
def test_the_first_event_has_no_value_and_was_reported(chart):
    rows = table([np.nan, *BASE])
    assert says(rows, chart=chart).completeness == (1 if chart != "mr" else 12 / 13)
    assert says(table(BASE), chart=chart).completeness == 1


def test_a_zero_denominator_was_reported():
    rows = table([*BASE, 0.0], denominator=[40.0] * 12 + [0.0])
    assert says(rows).completeness == 1


def test_phases_say_how_many_points_made_the_centre_line():
    phases = qi.analyse(table([*BASE[:4], np.nan, *BASE * 2]), better="lower", baseline=12).phases
    assert phases[["n", "n_baseline"]].to_numpy().tolist() == [[28, 12]]


def test_a_shift_seen_only_against_the_centre_before_has_a_date():
    row = says(BASE + LOW * 12, phases=decided(month(12)))
    assert row.verdict == "improved" and row.first_signal == pd.Timestamp(month(12))


def test_a_run_before_a_phase_that_is_held_against_nothing_is_not_under_way():
    after = [20.0, 22.0] * 20
    row = says(BASE + LOW * 6 + after, phases=decided(month(12), month(18)))
    assert row.verdict == "new_centre"


def test_points_on_the_line_do_not_hold_a_shift_where_they_break_runs():
    given = {"chart": "i", "rules": "mdc", "centre": 10.0}
    assert says(BASE + HIGH * 9 + [10.0] * 6, **given).strength == "sustained"
    assert says(BASE + HIGH * 9 + [10.0] * 6 + EVEN * 3, **given).strength == "held"

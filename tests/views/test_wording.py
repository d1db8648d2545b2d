"""Every sentence, by table: none, one, two, many; better higher, lower, neither; too few; mixed; honest words only."""

import itertools
import re
from collections.abc import Mapping
from typing import Any

import pytest

from qitools.analysis.codes import CODES
from qitools.views import asking, vocabulary, wording, wording_findings, wording_teams

NAN = float("nan")
METHOD = {"period": "month", "rules": "his-2025", "simulated": False}
TEAM = {"team": "ward-1", "name": "Glenmore Ward", "period": ""}
FALLS = {
    "measure": "falls_rate",
    "name": "Falls per 1,000 occupied bed days",
    "kind": "outcome",
    "data": "rate",
    "per": 1000.0,
    "better": "lower",
    "chart": "run",
    "rule_set": "his-2025",
    "target": NAN,
}
REVIEWS = {**FALLS, "name": "Reviews completed", "data": "proportion", "per": 100.0, "better": "higher", "chart": "p"}
REVIEWS |= {"rule_set": "ihi-2011"}
STAYS = {**FALLS, "name": "Median stay (days)", "data": "value", "per": 1.0, "better": "neither", "chart": "i"}
SHAMING = ("worst", "failing", "best", "caused", "saved", "poor performer", "league")


def series(verdict: str, **given: Any) -> dict[str, Any]:
    row = {"verdict": verdict, "strength": "", "variation": "common", "assurance": "", "reason": "", "n": 36}
    row |= {"first": "2023-07-01", "last": "2026-06-01", "latest": 4.21, "baseline_centre": 6.4, "current_centre": 6.4}
    row |= {"first_signal": None, "signal_end": None, "current": True, "marked": 0}
    return row | {"change_lower": NAN, "change_upper": NAN} | given


MOVED = {"baseline_centre": 6.4, "current_centre": 4.9}
NOW = {"first_signal": "2025-03-01"}  # the run behind the verdict reaches the last point
OVER = {"first_signal": "2024-03-01", "signal_end": "2025-01-01"}
GONE = {"first_signal": "2023-09-01", "last": "2024-05-01", "current": False}  # a team that stopped reporting

TITLES = [
    ("no_signal", {}, FALLS, "Glenmore Ward: no sustained change"),
    ("too_few", {}, FALLS, "Glenmore Ward: too few points to say"),
    ("improved", {"strength": "sustained"}, FALLS, "Glenmore Ward: a sustained improvement"),
    ("improved", {"strength": "sustained", **MOVED}, FALLS, "Glenmore Ward: a sustained improvement, 23% lower"),
    ("improved", {"strength": "held"}, FALLS, "Glenmore Ward: an improvement that has held"),
    (
        "improved",
        {"strength": "sustained", "baseline_centre": 80.0, "current_centre": 92.5},
        REVIEWS,
        "Glenmore Ward: a sustained improvement, 12.5 percentage points higher",
    ),
    ("worsened", {"strength": "held"}, FALLS, "Glenmore Ward: going the wrong way"),
    ("mixed", {}, FALLS, "Glenmore Ward: improved earlier, now moving back"),
    ("changed", {**MOVED}, STAYS, "Glenmore Ward: a sustained change, 23% lower"),
    ("candidate", {}, FALLS, "Glenmore Ward: a possible change, too early to say"),
    ("candidate", {"variation": "improving"}, FALLS, "Glenmore Ward: a possible improvement, too early to say"),
    ("candidate", {"variation": "worsening"}, FALLS, "Glenmore Ward: possibly going the wrong way, too early to say"),
    ("new_centre", {**MOVED}, FALLS, "Glenmore Ward: new centre line recorded, no signal yet"),
    ("improved", NOW | MOVED, FALLS, "Glenmore Ward: a sustained improvement since Mar 2025, 23% lower"),
    ("improved", NOW | {"strength": "held"}, FALLS, "Glenmore Ward: an improvement that has held since Mar 2025"),
    ("improved", OVER | MOVED, FALLS, "Glenmore Ward: a sustained improvement, Mar 2024 to Jan 2025, 23% lower"),
    ("improved", OVER | {"strength": "held"}, FALLS, "Glenmore Ward: a sustained improvement, Mar 2024 to Jan 2025"),
    ("worsened", NOW, FALLS, "Glenmore Ward: going the wrong way since Mar 2025"),
    ("worsened", OVER, FALLS, "Glenmore Ward: went the wrong way, Mar 2024 to Jan 2025"),
    ("worsened", GONE, FALLS, "Glenmore Ward: went the wrong way, Sep 2023 to May 2024; last figure May 2024"),
    ("mixed", OVER, FALLS, "Glenmore Ward: improved earlier, Mar 2024 to Jan 2025, now moving back"),
    ("mixed", NOW, FALLS, "Glenmore Ward: improved earlier, from Mar 2025, now moving back"),
    (
        "mixed",
        GONE,
        FALLS,
        "Glenmore Ward: improved earlier, Sep 2023 to May 2024, then moved back; last figure May 2024",
    ),
    ("changed", OVER, STAYS, "Glenmore Ward: a sustained change, Mar 2024 to Jan 2025"),
    ("candidate", NOW, FALLS, "Glenmore Ward: a possible change since Mar 2025, too early to say"),
    (
        "no_signal",
        {"current": False, "last": "2024-05-01"},
        FALLS,
        "Glenmore Ward: no sustained change; last figure May 2024",
    ),
]


@pytest.mark.parametrize(("verdict", "given", "measure", "title"), TITLES)
def test_the_title_is_the_finding(
    verdict: str, given: Mapping[str, Any], measure: Mapping[str, Any], title: str
) -> None:
    assert wording.chart_title(series(verdict, **given), measure, TEAM, METHOD) == title


SENTENCES = [
    (
        "no_signal",
        {},
        FALLS,
        "Falls per 1,000 occupied bed days, Glenmore Ward: 4.2 in June 2026, median 6.4. "
        "The points vary around the median no more than chance would give.",
    ),
    (
        "no_signal",
        {"marked": 4},
        FALLS,
        "Falls per 1,000 occupied bed days, Glenmore Ward: 4.2 in June 2026, median 6.4. Some points are marked, but "
        "no run is long enough to call it a sustained change; chance often gives as much.",
    ),
    (
        "no_signal",
        {"marked": 1},
        REVIEWS,
        "Reviews completed, Glenmore Ward: 4.2% in June 2026, mean 6.4%. Some points are unusual and worth asking "
        "about, but no run is long enough to call it a sustained change.",
    ),
    (
        "improved",
        {"strength": "sustained", **MOVED, "change_lower": -2.6, "change_upper": -0.4},
        FALLS,
        "Falls per 1,000 occupied bed days, Glenmore Ward: 4.2 in June 2026, median 4.9. A long run of points lies "
        "below the earlier median: the rules call this a sustained improvement. The median moved from 6.4 to 4.9, "
        "23% lower (95% interval for the difference: −2.6 to −0.4).",
    ),
    (
        "improved",
        {
            "strength": "held",
            "latest": 93.0,
            "baseline_centre": 80.0,
            "current_centre": 92.5,
            "assurance": "hit_and_miss",
        },
        {**REVIEWS, "target": 95.0},
        "Reviews completed, Glenmore Ward: 93.0% in June 2026, mean 92.5%. A long run of points lies above the earlier "
        "mean, long enough to say that the gain has held. The mean moved from 80.0% to 92.5%, 12.5 percentage points "
        "higher. If nothing changes, the target of 95.0% will be met in some periods and not in others.",
    ),
    (
        "worsened",
        {},
        REVIEWS,
        "Reviews completed, Glenmore Ward: 4.2% in June 2026, mean 6.4%. "
        "A long run of points lies below the earlier mean, which is the wrong way.",
    ),
    (
        "worsened",
        NOW,
        REVIEWS,
        "Reviews completed, Glenmore Ward: 4.2% in June 2026, mean 6.4%. "
        "A long run of points since March 2025 lies below the earlier mean, which is the wrong way.",
    ),
    (
        "worsened",
        OVER,
        FALLS,
        "Falls per 1,000 occupied bed days, Glenmore Ward: 4.2 in June 2026, median 6.4. A long run of points, March "
        "2024 to January 2025, lay above the earlier median, which is the wrong way. No shift back has followed.",
    ),
    (
        "improved",
        OVER | {"strength": "held"},
        FALLS,
        "Falls per 1,000 occupied bed days, Glenmore Ward: 4.2 in June 2026, median 6.4. A long run of points, March "
        "2024 to January 2025, lay below the earlier median: the rules call this a sustained improvement. "
        "No shift back has followed.",
    ),
    (
        "mixed",
        OVER,
        FALLS,
        "Falls per 1,000 occupied bed days, Glenmore Ward: 4.2 in June 2026, median 6.4. There was a sustained "
        "improvement, March 2024 to January 2025, but the latest points have moved back.",
    ),
    (
        "worsened",
        GONE,
        FALLS,
        "Falls per 1,000 occupied bed days, Glenmore Ward: 4.2 in May 2024, median 6.4. No figure has come since. A "
        "long run of points, September 2023 to May 2024, lay above the earlier median, which is the wrong way. "
        "No shift back has followed.",
    ),
    (
        "changed",
        {},
        STAYS,
        "Median stay (days), Glenmore Ward: 4.2 in June 2026, mean 6.4. A long run of points lies on one side of the "
        "earlier mean: the level has changed. Neither direction is better in itself.",
    ),
    (
        "too_few",
        {"n": 0, "latest": NAN, "last": None, "reason": "too_few", "current_centre": NAN, "baseline_centre": NAN},
        FALLS,
        "Falls per 1,000 occupied bed days, Glenmore Ward: no figures yet. "
        "There are too few points to tell change from chance.",
    ),
    (
        "improved",
        {**MOVED, "reason": "selected_by_data dependent"},
        FALLS,
        "Falls per 1,000 occupied bed days, Glenmore Ward: 4.2 in June 2026, median 4.9. A long run of points lies "
        "below the earlier median: the rules call this a sustained improvement. The median moved from 6.4 to 4.9, "
        "23% lower. "
        "The change is likely smaller than it looks, because its date was chosen from the data. Neighbouring points "
        "resemble each other, so these rules signal too easily here.",
    ),
]


@pytest.mark.parametrize(("verdict", "given", "measure", "sentence"), SENTENCES)
def test_the_sentence_reads_aloud(
    verdict: str, given: Mapping[str, Any], measure: Mapping[str, Any], sentence: str
) -> None:
    assert wording.chart_sentence(series(verdict, **given), measure, TEAM, METHOD) == sentence


def test_with_one_centre_line_none_is_called_earlier() -> None:
    alone = series("worsened", reason="one_phase", **NOW)
    said = wording.chart_sentence(alone, FALLS, TEAM, METHOD)
    assert "A long run of points since March 2025 lies above the median, which is the wrong way." in said


def test_with_few_points_less_is_claimed() -> None:
    short = series("no_signal", n=5, reason="dependent")
    assert "With 5 points so far, only a large change would show." in wording.chart_sentence(short, FALLS, TEAM, METHOD)
    one = series("no_signal", n=1)
    assert "With 1 point so far, only a large change would show." in wording.chart_sentence(one, FALLS, TEAM, METHOD)
    silent = series("too_few", n=3, reason="too_few dependent seasonal")
    assert wording.chart_sentence(silent, FALLS, TEAM, METHOD).endswith("too few points to tell change from chance.")


def test_a_simulated_chart_says_so_in_sentence_and_subtitle() -> None:
    method = {**METHOD, "simulated": True}
    assert wording.chart_sentence(series("no_signal"), FALLS, TEAM, method).endswith("These are simulated data.")
    assert wording.chart_subtitle(series("no_signal"), FALLS, TEAM, method) == (
        "Falls per 1,000 occupied bed days, monthly, Jul 2023 to Jun 2026. Run chart; rules: his-2025. Simulated data."
    )


def test_the_subtitle_says_when_another_rule_set_took_over() -> None:
    assert "P chart; rules: ihi-2011 (control-chart rules)." in wording.chart_subtitle(
        series("no_signal"), REVIEWS, TEAM, METHOD
    )


def test_a_unit_is_said_once() -> None:
    waits = {**STAYS, "name": "Wait for medicines", "unit": "minutes"}
    assert "4.2 minutes in June 2026" in wording.chart_sentence(series("no_signal"), waits, TEAM, METHOD)
    assert wording.chart_subtitle(series("no_signal"), waits, TEAM, METHOD).startswith(
        "Wait for medicines, minutes, monthly"
    )
    falls = {**FALLS, "unit": "falls per 1,000 bed days"}
    assert "4.2 in June 2026" in wording.chart_sentence(series("no_signal"), falls, TEAM, METHOD)


def test_a_team_on_quarters_reads_in_quarters() -> None:
    sentence = wording.chart_sentence(
        series("no_signal", last="2026-04-01"), FALLS, {**TEAM, "period": "quarter"}, METHOD
    )
    assert "4.2 in April to June 2026" in sentence


MULTIPLES = [
    ([], "No team has figures for this measure yet", "Falls: no team has figures yet."),
    (["improved"], "The one team shows a sustained improvement", "Falls, 1 team: 1 improved."),
    (
        ["improved", "no_signal"],
        "1 of 2 teams shows a sustained improvement",
        "Falls, 2 teams: 1 improved, 1 with no sustained change.",
    ),
    (["improved"] * 2, "Both teams show a sustained improvement", "Falls, 2 teams: 2 improved."),
    (
        ["improved"] * 5 + ["worsened", "mixed"] + ["no_signal"] * 20 + ["too_few"],
        "5 of 28 teams show a sustained improvement",
        "Falls, 28 teams: 5 improved, 1 improved earlier and now moving back, 1 going the wrong way, "
        "20 with no sustained change, 1 with too few points to say.",
    ),
    (
        ["worsened", "worsened", "improved"],
        "2 of 3 teams are going the wrong way; 1 of 3 teams shows a sustained improvement",
        "Falls, 3 teams: 1 improved, 2 going the wrong way.",
    ),
    (["no_signal"] * 3, "No sustained change in any team", "Falls, 3 teams: 3 with no sustained change."),
    (["too_few"] * 2, "Too few points to say, for every team", "Falls, 2 teams: 2 with too few points to say."),
    (
        ["worsened", "no_signal"],
        "1 of 2 teams is going the wrong way",
        "Falls, 2 teams: 1 going the wrong way, 1 with no sustained change.",
    ),
    (
        ["changed", "no_signal"],
        "1 of 2 teams shows a sustained change",
        "Falls, 2 teams: 1 changed, 1 with no sustained change.",
    ),
]


@pytest.mark.parametrize(("verdicts", "title", "sentence"), MULTIPLES)
def test_small_multiples_are_counted_not_ranked(verdicts: list[str], title: str, sentence: str) -> None:
    rows = [series(verdict) for verdict in verdicts]
    assert wording.multiples_title(rows, {"better": "lower"}, METHOD) == title
    assert wording.multiples_sentence(rows, {"name": "Falls"}, METHOD) == sentence


def test_improvements_whose_run_has_ended_are_counted_apart_in_the_sentence() -> None:
    rows = [series("improved", **NOW), series("improved", **OVER), series("no_signal")]
    assert wording.multiples_sentence(rows, {"name": "Falls"}, METHOD) == (
        "Falls, 3 teams: 2 improved (in 1 the run of better points has ended), 1 with no sustained change."
    )


def test_only_teams_still_reporting_are_counted() -> None:
    rows = [series("improved"), series("worsened", **OVER), series("worsened", **GONE), series("improved", **GONE)]
    assert wording.multiples_title(rows, {"better": "lower"}, METHOD) == "1 of 2 teams shows a sustained improvement"
    assert wording.multiples_sentence(rows, {"name": "Falls"}, METHOD) == (
        "Falls, 2 teams: 1 improved, 1 that went the wrong way for a time. "
        "2 teams that stopped reporting are not counted."
    )
    assert wording.tallied(rows) == {"improved": 1, "worsened over": 1}
    assert wording.multiples_title(rows[2:], {"better": "lower"}, METHOD) == "No team still reports this measure"
    assert wording.multiples_sentence(rows[2:3], {"name": "Falls"}, METHOD) == (
        "Falls, no teams: none still reports it. 1 team that stopped reporting is not counted."
    )


CELLS = [
    ("improved", {"strength": "held"} | NOW | MOVED, "Improved and held (since Mar 2025; 23% lower)"),
    ("improved", OVER, "Improved (Mar 2024 to Jan 2025)"),
    ("worsened", OVER, "Went the wrong way (Mar 2024 to Jan 2025)"),
    ("worsened", NOW, "Going the wrong way (since Mar 2025)"),
    ("worsened", {}, "Going the wrong way"),
    ("worsened", GONE, "Last figure May 2024. Until then: went the wrong way (Sep 2023 to May 2024)"),
    ("no_signal", {}, "No sustained change"),
    ("no_signal", {"current": False, "last": "2024-05-01"}, "Last figure May 2024. Until then: no sustained change"),
]


@pytest.mark.parametrize(("verdict", "given", "words"), CELLS)
def test_a_cell_has_verdict_dates_and_move(verdict: str, given: Mapping[str, Any], words: str) -> None:
    assert wording.cell(series(verdict, **given), FALLS, "month") == words


FAMILIES = [
    (["no_signal"], "Glenmore Ward: no sustained improvement yet in 1 measure"),
    (["improved"], "Glenmore Ward: a sustained improvement in its one measure"),
    (["improved", "no_signal"], "Glenmore Ward: a sustained improvement in 1 of 2 measures"),
    (["improved"] * 2, "Glenmore Ward: a sustained improvement in both measures"),
    (["improved"] * 3, "Glenmore Ward: a sustained improvement in all 3 measures"),
]


@pytest.mark.parametrize(("verdicts", "title"), FAMILIES)
def test_the_family_of_one_team_is_told_measure_by_measure(verdicts: list[str], title: str) -> None:
    assert wording.family_title([series(verdict) for verdict in verdicts], TEAM) == title
    sentence = wording.family_sentence([(series(verdict), FALLS) for verdict in verdicts], TEAM, METHOD)
    assert sentence.count("Falls per 1,000 occupied bed days: ") == len(verdicts)


LUCK = [
    ((0, 30, 8.3, 4, 12), "about 8.3 of 30 look improved (4 to 12): 0 is fewer than that."),
    ((5, 14, 1.5, 0, 4), "about 1.5 of 14 look improved (0 to 4): 5 is more than that."),
    (
        (4, 14, 1.5, 0, 4),
        "about 1.5 of 14 look improved (0 to 4): 4 is no more than chance would give.",
    ),
    (
        (0, 2, 0.02, 0, 0),
        "fewer than 0.1 of 2 look improved (mostly 0): 0 is no more than chance would give.",
    ),
]


@pytest.mark.parametrize(("numbers", "end"), LUCK)
def test_chance_is_set_beside_what_was_seen(numbers: tuple[float, ...], end: str) -> None:
    luck = dict(zip(("observed", "teams", "expected", "low", "high"), numbers, strict=True))
    assert wording.luck_sentence(luck) == f"If nothing had changed, chance would make {end}"


@pytest.mark.parametrize(
    ("data", "how"),
    [
        ("rate", "Sum of the numerators over sum of the denominators, teams reporting."),
        ("count", "Sum of the teams reporting."),
        ("value", "Median of the teams reporting."),
    ],
)
def test_how_teams_were_put_together_is_said(data: str, how: str) -> None:
    assert wording.pooled_subtitle(series("no_signal"), {**FALLS, "data": data}, METHOD).endswith(how)


def test_luck_is_said_where_it_is_known() -> None:
    said = wording.multiples_sentence([series("improved")], {"name": "Falls"}, METHOD, luck="Chance alone gives none.")
    assert said == "Falls, 1 team: 1 improved. Chance alone gives none."


REPORTING = [
    ([], 0, "No team has reported yet", "No team has reported yet."),
    (
        [(0, 28)],
        28,
        "No team has reported June 2026 yet",
        "No team has reported June 2026 yet. Over all periods, 28 of 28 figures expected are missing (100%).",
    ),
    (
        [(1, 28)],
        27,
        "1 of 28 teams has reported June 2026",
        "1 of 28 teams has reported June 2026. Over all periods, 27 of 28 figures expected are missing (96%).",
    ),
    (
        [(28, 28)],
        0,
        "All 28 teams have reported June 2026",
        "All 28 teams have reported June 2026. Nothing is missing.",
    ),
]


@pytest.mark.parametrize(("counts", "missing", "title", "sentence"), REPORTING)
def test_reporting_counts_who_sent_figures(
    counts: list[tuple[int, int]], missing: int, title: str, sentence: str
) -> None:
    rows = [{"date": "2026-06-01", "reporting": sent, "expected": due} for sent, due in counts]
    assert wording.reporting_title(rows, METHOD) == title
    due = sum(expected for _, expected in counts)
    assert wording.reporting_sentence(rows, METHOD, missing=missing, due=due) == sentence


def test_many_absent_teams_are_listed_and_the_rest_counted() -> None:
    rows = [{"date": "2026-06-01", "reporting": 1, "expected": 9}]
    said = wording.reporting_sentence(rows, METHOD, absent=[f"Ward {letter}" for letter in "ABCDEFGH"])
    assert "Still to come: Ward A, Ward B, Ward C, Ward D, Ward E, Ward F and 2 more." in said


PANELS = [
    ("improved", MOVED | NOW, FALLS, ("median 6.4 to 4.9", "improved since Mar 2025")),
    ("improved", MOVED | NOW | {"strength": "held"}, REVIEWS, ("mean 6.4% to 4.9%", "improved since Mar 2025")),
    ("improved", OVER, FALLS, ("median 6.4", "improved from Mar 2024")),
    ("worsened", NOW, FALLS, ("median 6.4", "wrong way since Mar 2025")),
    ("worsened", OVER, FALLS, ("median 6.4", "wrong way until Jan 2025")),
    ("worsened", GONE, FALLS, ("median 6.4", "last figure May 2024")),
    ("candidate", NOW | {"variation": "improving"}, FALLS, ("median 6.4", "perhaps since Mar 2025")),
    ("no_signal", {}, FALLS, ("median 6.4", "")),
    ("too_few", {"baseline_centre": NAN, "current_centre": NAN}, FALLS, ("too few points", "")),
]


@pytest.mark.parametrize(("verdict", "given", "measure", "header"), PANELS)
def test_panel_headers_carry_level_change_and_date(verdict: str, given: Any, measure: Any, header: Any) -> None:
    assert wording.panel_header(series(verdict, **given), measure, TEAM, METHOD) == ("Glenmore Ward", *header)


PROGRESS = [
    (
        {"status": "on_course", "baseline": 6.4, "current": 4.8, "goal": 4.5, "by": "2026-12-31"},
        "On course: a median of 4.8 over the last 6 periods for all teams together, from 6.4 at the start; "
        "the aim is 4.5 by 31 December 2026.",
    ),
    (
        {"status": "not_yet", "baseline": 6.4, "current": 6.1, "goal": 4.5, "by": "2026-12-31"},
        "Not yet: a median of 6.1 over the last 6 periods for all teams together, from 6.4 at the start; "
        "the aim is 4.5 by 31 December 2026.",
    ),
    (
        {"status": "cannot_tell", "reason": "too_few"},
        "We cannot tell yet: there are too few points after the starting level to judge.",
    ),
    ({"status": "cannot_tell", "reason": "no_goal"}, "We cannot tell yet: the aim sets no amount to reach."),
]


@pytest.mark.parametrize(("progress", "sentence"), PROGRESS)
def test_progress_is_told_or_owned_as_unknown(progress: Mapping[str, Any], sentence: str) -> None:
    assert wording.progress_sentence(progress, FALLS) == sentence


def test_every_reason_code_has_words_of_its_own() -> None:
    assert set(CODES) <= set(vocabulary.REASONS)


def test_every_verdict_has_title_explanation_tally_and_question() -> None:
    for code in vocabulary.VERDICTS:
        assert code in wording_findings.FINDINGS
        assert code in wording_findings.EXPLANATIONS
        assert code in wording_teams.TALLIES
        assert code in asking.TEAM
    over = "worsened over"
    assert all(over in words for words in (wording_findings.FINDINGS, wording_teams.TALLIES, asking.ROOM, asking.TEAM))


def test_no_word_shames_or_claims_a_cause() -> None:
    tables = [
        wording_findings.FINDINGS,
        wording_findings.EXPLANATIONS,
        wording_findings.BRIEF,
        wording_teams.TALLIES,
        wording_teams.PROGRESS,
        wording_teams.UNKNOWN,
    ]
    tables += [asking.ROOM, asking.TEAM, asking.LOUD, vocabulary.VERDICTS, vocabulary.REASONS]
    said = " ".join(itertools.chain(*(table.values() for table in tables)))
    said += " ".join([asking.PRICE, asking.QUIET, asking.LINK, asking.GAPS, asking.NEXT_TEST, asking.MY_NEXT_TEST])
    assert not re.findall(rf"\b({'|'.join(SHAMING)})\b", said, re.IGNORECASE)


def test_questions_count_teams_that_may_want_help_and_name_those_who_can_share() -> None:
    agreed = {"share": True}
    rows = [
        series("improved") | {"name": "Glenmore Ward"} | agreed,
        series("worsened") | {"name": "Hill Ward"} | agreed,
    ]
    said = " ".join(asking.of_measure(FALLS, rows))
    assert "Glenmore Ward" in said
    assert "Hill Ward" not in said
    assert "in 1 team." in said


def test_a_run_that_is_over_is_asked_about_in_the_past_and_a_team_that_left_not_at_all() -> None:
    rows = [series("worsened", **OVER) | {"name": "Hill Ward"}, series("improved", **GONE) | {"name": "Glenmore Ward"}]
    said = " ".join(asking.of_measure(FALLS, rows))
    assert "went the wrong way for a time in 1 team." in said
    assert "going the wrong way" not in said
    assert "Glenmore" not in said

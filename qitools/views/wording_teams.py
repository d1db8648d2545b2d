"""What many teams say together, in words: small multiples, the pooled line, who reported, chance, and the aim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from qitools.analysis.aim import ENOUGH
from qitools.views.numerals import capital, counted, joined, listed, of, period, period_of, value
from qitools.views.vocabulary import CHARTS, rule_set_name
from qitools.views.wording_findings import current, finding, found, spoken
from qitools.views.wording_series import chart_sentence, chart_subtitle, chart_title, simulated

Row = Mapping[str, Any]
ALL_TEAMS = "All teams together"


def multiples_title(rows: Sequence[Row], measure: Row, method: Row) -> str:
    """How many of the teams still reporting show what, in a title.

    >>> multiples_title([{"verdict": "improved"}, {"verdict": "no_signal"}], {"better": "lower"}, {})
    '1 of 2 teams shows a sustained improvement'
    >>> multiples_title([{"verdict": "worsened"}, {"verdict": "no_signal"}], {"better": "lower"}, {})
    '1 of 2 teams is going the wrong way'
    """
    tally, total = tallied(rows), sum(map(current, rows))
    if not total:
        return "No team still reports this measure" if rows else "No team has figures for this measure yet"
    improved = f"{of(tally['improved'], total, 'team', 'shows', 'show')} a sustained improvement"
    if tally["worsened"] > tally["improved"]:
        adverse = f"{of(tally['worsened'], total, 'team', 'is', 'are')} going the wrong way"
        return f"{adverse}; {improved}" if tally["improved"] else adverse
    if tally["improved"]:
        return improved
    if tally["changed"]:
        return f"{of(tally['changed'], total, 'team', 'shows', 'show')} a sustained change"
    if tally["too_few"] == total:
        return f"Too few points to say{', for every team' if total > 1 else ''}"
    if any(tally[code] for code in ("worsened", "worsened over", "mixed", "candidate")):
        return "No sustained improvement yet; some charts show other signals"
    return "No sustained change in any team"


def tallied(rows: Sequence[Row]) -> Counter[str]:
    """How many teams still reporting show each verdict; a run the wrong way that has ended counts apart."""
    return Counter(spoken(row) for row in rows if current(row))


def stopped_sentence(rows: Sequence[Row]) -> str:
    """That teams which stopped reporting are not counted; "" where all still report.

    >>> stopped_sentence([{"current": False}, {"current": True}])
    '1 team that stopped reporting is not counted.'
    """
    left = sum(not current(row) for row in rows)
    return f"{counted(left, 'team')} that stopped reporting {'is' if left == 1 else 'are'} not counted." if left else ""


def stopped_teams(rows: Sequence[Row], names: Mapping[Any, str]) -> str:
    """Which teams have stopped reporting all that they reported, and are counted nowhere; "" where none has.

    >>> stopped_teams([{"team": "a", "current": False}, {"team": "b", "current": True}], {"a": "Hill Ward"})
    'Stopped reporting, and counted nowhere: Hill Ward.'
    """
    here = {row["team"] for row in rows if current(row)}
    left = dict.fromkeys(row["team"] for row in rows if row["team"] not in here)
    return f"Stopped reporting, and counted nowhere: {listed([names[team] for team in left])}." if left else ""


def multiples_subtitle(measure: Row, method: Row) -> str:
    """What the small charts have in common."""
    drawn = f"{capital(CHARTS[measure['chart']])}s; rules: {rule_set_name(measure, method)}."
    tail = "Only signals are marked; each chart has its own scale."
    return f"{measure['name']}. {drawn} {tail}{' Simulated data.' if method.get('simulated') else ''}"


def family_title(rows: Sequence[Row], team: Row) -> str:
    """How many measures of one team show a sustained improvement, in a title."""
    improved, total = sum(row["verdict"] == "improved" for row in rows), len(rows)
    if not improved:
        return f"{team['name']}: no sustained improvement yet in {counted(total, 'measure')}"
    every = {1: "its one measure", 2: "both measures"}.get(total, f"all {total} measures")
    share = every if improved == total else f"{improved} of {counted(total, 'measure')}"
    return f"{team['name']}: a sustained improvement in {share}"


def one_measure(measure: Row, team: Row) -> str:
    """What stands where the family of measures is one measure, whose chart the page has already shown."""
    return f"{team['name']} reports one measure here, {measure['name']}: its chart is the one above."


def family_subtitle(team: Row, method: Row) -> str:
    """What the small charts of one team have in common."""
    warning = "Simulated data." if method.get("simulated") else ""
    return joined("All measures. Only signals are marked; each chart has its own scale and unit.", warning)


def family_sentence(rows: Sequence[tuple[Row, Row]], team: Row, method: Row) -> str:
    """What each measure of one team shows; ``rows`` are pairs of series and measure."""
    kind = period_of(team, method)
    said = [f"{measure['name']}: {found(series, kind)}" for series, measure in rows]
    return joined(f"{team['name']}. {'; '.join(said)}.", simulated(method))


TALLIES = {
    "improved": "improved",
    "mixed": "improved earlier and now moving back",
    "worsened": "going the wrong way",
    "worsened over": "that went the wrong way for a time",
    "candidate": "with a possible change (too early to say)",
    "changed": "changed",
    "new_centre": "with a new centre line and no signal yet",
    "no_signal": "with no sustained change",
    "too_few": "with too few points to say",
}


def multiples_sentence(rows: Sequence[Row], measure: Row, method: Row, luck: str = "") -> str:
    """How many teams show each verdict; ``luck`` is what chance alone would give, where that is known.

    >>> multiples_sentence([{"verdict": "improved"}, {"verdict": "no_signal"}], {"name": "Falls rate"}, {})
    'Falls rate, 2 teams: 1 improved, 1 with no sustained change.'
    """
    if not rows:
        return f"{measure['name']}: no team has figures yet."
    tally, total = tallied(rows), sum(map(current, rows))
    ended = sum(finding(row) == "improved over" for row in rows if current(row))
    counts = {code: f"{tally[code]} {words}" for code, words in TALLIES.items() if tally[code]}
    if ended:
        counts["improved"] += f" (in {ended} the run of better points has ended)"
    parts = [*counts.values()] or ["none still reports it"]
    said = f"{measure['name']}, {counted(total, 'team')}: {', '.join(parts)}."
    return joined(said, stopped_sentence(rows), luck, simulated(method))


def luck_sentence(luck: Row) -> str:
    """Beside the number of improved teams, what chance would give; ``luck`` has observed, teams, expected, low, high.

    >>> luck_sentence({"observed": 5, "teams": 14, "expected": 1.5, "low": 0, "high": 4})
    'If nothing had changed, chance would make about 1.5 of 14 look improved (0 to 4): 5 is more than that.'
    """
    seen, expected = luck["observed"], luck["expected"]
    about = "fewer than 0.1" if expected < 0.1 else f"about {expected:.1f}"
    more, fewer = seen > luck["high"], seen < luck["low"]
    found = (
        f"{seen} is {'more than that' if more else 'fewer than that' if fewer else 'no more than chance would give'}"
    )
    span_of_luck = f"{luck['low']} to {luck['high']}" if luck["low"] < luck["high"] else f"mostly {luck['low']}"
    said = f"chance would make {about} of {luck['teams']} look improved ({span_of_luck}): {found}."
    return f"If nothing had changed, {said}"


def pooled_title(series: Row, measure: Row, method: Row) -> str:
    """The finding for all teams together."""
    return chart_title(series, measure, {"name": ALL_TEAMS}, method)


POOLED = {"value": "Median of the teams reporting.", "count": "Sum of the teams reporting."}


def pooled_subtitle(series: Row, measure: Row, method: Row) -> str:
    """What is drawn for all teams together, and how it was put together."""
    how = POOLED.get(measure.get("data", ""), "Sum of the numerators over sum of the denominators, teams reporting.")
    return f"{chart_subtitle(series, measure, {}, method)} {how}"


def pooled_sentence(series: Row, measure: Row, reporting: Sequence[Row], method: Row) -> str:
    """What all teams together show, and how many of them reported in the latest period."""
    shown = chart_sentence(series, measure, {"name": ALL_TEAMS.lower()}, {**method, "simulated": False})
    tail = "These are simulated data." if method.get("simulated") else ""
    return " ".join(
        part for part in (shown, reporting_title(reporting, method) + "." if reporting else "", tail) if part
    )


def reporting_title(reporting: Sequence[Row], method: Row) -> str:
    """How many teams have reported the latest period; ``reporting`` has date, reporting, expected, oldest first.

    >>> reporting_title([{"date": "2026-06-01", "reporting": 26, "expected": 28}], {"period": "month"})
    '26 of 28 teams have reported June 2026'
    """
    if not reporting:
        return "No team has reported yet"
    last = reporting[-1]
    when = period(last["date"], method)
    if not last["reporting"]:
        return f"No team has reported {when} yet"
    return f"{of(last['reporting'], last['expected'], 'team', 'has', 'have')} reported {when}"


def reporting_sentence(
    reporting: Sequence[Row], method: Row, absent: Sequence[str] = (), missing: int = 0, due: int = 0
) -> str:
    """Who has reported: the latest period, those still to come, and how much is missing of what is ``due`` in all.

    >>> reporting_sentence([{"date": "2026-06-01", "reporting": 1, "expected": 2}], {"period": "month"}, ["A"])
    '1 of 2 teams has reported June 2026. Still to come: A.'
    """
    still = f"Still to come: {listed(absent)}." if absent else ""
    return joined(f"{reporting_title(reporting, method)}.", still, missing_sentence(missing, due))


def missing_sentence(missing: int, due: int) -> str:
    """How many of the figures expected are missing; "" where none was due.

    >>> missing_sentence(1, 1200), missing_sentence(0, 12)
    ('Over all periods, 1 of 1,200 figures expected is missing (under 1%).', 'Nothing is missing.')
    """
    if not due or not missing:
        return "Nothing is missing." if due else ""
    percent = 100 * missing / due
    share = "under 1%" if percent < 1 else f"{min(percent, 99) if missing < due else 100:.0f}%"
    verb = "is" if missing == 1 else "are"
    return f"Over all periods, {missing:,} of {due:,} figures expected {verb} missing ({share})."


def team_reporting(sent: int, due: int, measure: Row) -> str:
    """How much one team has reported of one measure.

    >>> team_reporting(34, 36, {"name": "Falls rate"})
    '34 of 36 figures reported for Falls rate.'
    """
    return f"{'All' if sent == due else f'{sent} of'} {counted(due, 'figure')} reported for {measure['name']}."


def aim_statement(aim: Row, measure: Row | None = None) -> str:
    """The aim in words: its own statement, else built from measure, change and date."""
    if aim.get("statement"):
        return str(aim["statement"])
    return f"Improve {measure['name']}." if measure else "No aim has been written down yet."


PROGRESS = {
    "on_course": "On course: {now}, from {baseline} at the start; the aim is {goal} by {by}.",
    "not_yet": "Not yet: {now}, from {baseline} at the start; the aim is {goal} by {by}.",
    "cannot_tell": "We cannot tell yet: {why}.",
}
NOW = "a median of {current} over the last {over} for all teams together"
YEARS = {12: "12 months", 4: "4 quarters"}  # a whole year, where the figures follow the seasons
UNKNOWN = {
    "no_aim": "no aim has been written down",
    "no_measure": "the aim names no measure of this page",
    "no_goal": "the aim sets no amount to reach",
    "no_date": "the aim sets no date",
    "no_data": "nobody has reported the aim's measure",
    "too_few": "there are too few points after the starting level to judge",
    "no_baseline": "there is no starting level to compare with",
}


def progress_sentence(progress: Row, measure: Row | None) -> str:
    """Progress towards the aim: on course, not yet, or why nobody can tell.

    >>> progress_sentence({"status": "cannot_tell", "reason": "no_date"}, None)
    'We cannot tell yet: the aim sets no date.'
    """
    numbers = {key: value(progress.get(key), measure or {}) for key in ("current", "baseline", "goal")}
    by = period(progress.get("by"), "day")
    over = YEARS.get(progress.get("over", ENOUGH), f"{ENOUGH} periods")
    why = UNKNOWN.get(str(progress.get("reason", "")), "the figures do not allow it")
    return PROGRESS[progress["status"]].format(by=by, why=why, now=NOW.format(over=over, **numbers), **numbers)

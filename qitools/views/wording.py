"""Every sentence a user reads about figures: codes and numbers in, plain British words out.

The tables hold codes; this file is the one edge where they become words, so that the title above a picture, its
alternative text, the table beside it and the index of the run all say the same. Functions take plain rows
(``Mapping``) of the tables in `docs/architecture.md` and the ``method`` dict. Three habits: the reader is a nurse, a
board member or someone who listens to a screen reader; a sentence claims no more than the rules can carry; nobody is
ranked or shamed. Words of single codes live in `vocabulary.py`; numbers and dates in `numerals.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from qitools.views.numerals import (
    capital,
    change,
    counted,
    interval,
    known,
    listed,
    of,
    period,
    span,
    unit,
    value,
)
from qitools.views.vocabulary import CHARTS, PERIODS, centre_name, reason, reasons, rule_set_name, verdict

__all__ = [
    "aim_statement",
    "chart_sentence",
    "chart_subtitle",
    "chart_title",
    "family_sentence",
    "family_subtitle",
    "family_title",
    "luck_sentence",
    "multiples_sentence",
    "multiples_subtitle",
    "multiples_title",
    "panel_header",
    "period",
    "pooled_sentence",
    "pooled_subtitle",
    "pooled_title",
    "progress_sentence",
    "reason",
    "reasons",
    "reporting_sentence",
    "reporting_title",
    "value",
    "verdict",
]

Row = Mapping[str, Any]
ALL_TEAMS = "All teams together"
SIMULATED = "Simulated data: the teams are invented and the figures made up to show how this page works."

# How a chart's finding reads after "Team: ". {better} and {worse} become "lower" or "higher".
FINDINGS = {
    "improved": "a sustained improvement",
    "improved held": "an improvement that has held",
    "worsened": "going the wrong way",
    "candidate improving": "a possible improvement, too early to say",
    "candidate worsening": "possibly going the wrong way, too early to say",
    "candidate": "a possible change, too early to say",
    "mixed": "improved earlier, now moving back",
    "changed": "a sustained change",
    "no_signal": "no sustained change",
    "no_signal marked": "no sustained change",
    "too_few": "too few points to say",
    "new_centre": "new centre line recorded, no signal yet",
}

# Why the finding stands, as a whole sentence. {centre} is "median" or "mean", {good} and {bad} a side of it.
EXPLANATIONS = {
    "improved": "A long run of points lies {good} the earlier {centre}: the rules call this a sustained improvement.",
    "improved held": "A long run of points lies {good} the earlier {centre}, and the points since have held that gain.",
    "worsened": "A long run of points lies {bad} the earlier {centre}, which is the wrong way.",
    "candidate improving": "The latest points lie {good} the {centre}: a possible improvement, too early to be sure.",
    "candidate worsening": "The latest points lie {bad} the {centre}: possibly the wrong way, too early to be sure.",
    "candidate": "The latest points lie on one side of the {centre}: a possible change, too early to be sure.",
    "mixed": "There was a sustained improvement, but the latest points have moved back.",
    "changed": "A long run of points lies on one side of the earlier {centre}: the level has changed. "
    "Neither direction is better in itself.",
    "no_signal": "The points vary around the {centre} no more than chance would give.",
    "no_signal marked": "Some points are marked, but no run is long enough to call it a sustained change; "
    "chance often gives as much.",
    "too_few": "There are too few points to tell change from chance.",
    "new_centre": "A new centre line was recorded; there is no signal yet against the earlier one.",
}


def chart_title(series: Row, measure: Row, team: Row, method: Row) -> str:
    """The finding of one chart, in a title.

    >>> chart_title({"verdict": "no_signal"}, {"better": "lower"}, {"name": "Glenmore Ward"}, {})
    'Glenmore Ward: no sustained change'
    """
    words = FINDINGS[_finding(series)]
    moved = _moved(series, measure) if series["verdict"] in ("improved", "worsened", "changed", "mixed") else ""
    return f"{team['name']}: {words}{f', {moved}' if moved else ''}"


def chart_subtitle(series: Row, measure: Row, team: Row, method: Row) -> str:
    """What is drawn: measure, period, chart kind, rule set, and whether it is simulated."""
    every = PERIODS.get(_period_of(team, method), "")
    when = span(series.get("first"), series.get("last"), _period_of(team, method))
    drawn = f"{capital(CHARTS[measure['chart']])}; rules: {rule_set_name(measure, method)}."
    head = ", ".join(part for part in (str(measure["name"]), unit(measure), every, when) if part)
    return _joined(f"{head}.", drawn, "Simulated data." if method.get("simulated") else "")


def chart_sentence(series: Row, measure: Row, team: Row, method: Row) -> str:
    """What one chart shows, to be read aloud: the latest value, the finding, the change and its caution.

    >>> chart_sentence({"verdict": "too_few", "latest": 4.21, "last": "2026-06-01", "n": 3},
    ...                {"name": "Falls rate", "better": "lower", "chart": "run", "data": "rate"},
    ...                {"name": "Glenmore Ward"}, {"period": "month"})
    'Falls rate, Glenmore Ward: 4.2 in June 2026. There are too few points to tell change from chance.'
    """
    parts = [
        _latest(series, measure, team, method),
        explanation(series, measure),
        _change_sentence(series, measure),
        target_sentence(series, measure),
        *(f"{capital(words)}." for words in reasons(series.get("reason", ""), told=False)),
        "These are simulated data." if method.get("simulated") else "",
    ]
    return _joined(*parts)


def explanation(series: Row, measure: Row) -> str:
    """Why a verdict stands, in one sentence."""
    higher = measure.get("better") == "higher"
    good, bad = ("above", "below") if higher else ("below", "above")
    return EXPLANATIONS[_finding(series)].format(centre=centre_name(measure), good=good, bad=bad)


def target_sentence(series: Row, measure: Row) -> str:
    """Where the measure stands against its target, from limits, never from one point."""
    words = {
        "always": "If nothing changes, the target of {target} will be met time after time.",
        "never": "If nothing changes, the target of {target} will not be met.",
        "hit_and_miss": "If nothing changes, the target of {target} will be met in some periods and not in others.",
    }
    code = series.get("assurance", "")
    return words[code].format(target=value(measure.get("target"), measure)) if code in words else ""


def panel_header(series: Row, measure: Row, team: Row) -> str:
    """The header of one small chart: who, and the change of its centre line where there is one.

    >>> panel_header({"verdict": "improved", "baseline_centre": 6.4, "current_centre": 4.9},
    ...              {"data": "rate"}, {"name": "Glenmore Ward"})
    'Glenmore Ward: 6.4 to 4.9'
    """
    before, now = series.get("baseline_centre"), series.get("current_centre")
    if not (known(before) and known(now)):
        return f"{team['name']}: too few points" if series["verdict"] == "too_few" else str(team["name"])
    old, new = value(before, measure), value(now, measure)
    return f"{team['name']}: {old} to {new}" if old != new else f"{team['name']}: {new}"


def multiples_title(rows: Sequence[Row], measure: Row, method: Row) -> str:
    """How many teams show what, in a title.

    >>> multiples_title([{"verdict": "improved"}, {"verdict": "no_signal"}], {"better": "lower"}, {})
    '1 of 2 teams shows a sustained improvement'
    """
    tally, total = Counter(row["verdict"] for row in rows), len(rows)
    if not total:
        return "No team has figures for this measure yet"
    if tally["improved"]:
        return f"{of(tally['improved'], total, 'team', 'shows', 'show')} a sustained improvement"
    if tally["changed"]:
        return f"{of(tally['changed'], total, 'team', 'shows', 'show')} a sustained change"
    if tally["too_few"] == total:
        return "Too few points to say, for every team"
    if any(tally[code] for code in ("worsened", "mixed", "candidate")):
        return "No sustained improvement yet; some charts show other signals"
    return "No sustained change in any team"


def multiples_subtitle(measure: Row, method: Row) -> str:
    """What the small charts have in common."""
    drawn = f"{capital(CHARTS[measure['chart']])}s; rules: {rule_set_name(measure, method)}."
    tail = "Only signals are marked; each chart has its own scale."
    return f"{measure['name']}. {drawn} {tail}{' Simulated data.' if method.get('simulated') else ''}"


def family_title(rows: Sequence[Row], team: Row) -> str:
    """How many measures of one team show a sustained improvement, in a title."""
    improved = sum(row["verdict"] == "improved" for row in rows)
    if not improved:
        return f"{team['name']}: no sustained improvement yet in {counted(len(rows), 'measure')}"
    return f"{team['name']}: a sustained improvement in {improved} of {counted(len(rows), 'measure')}"


def family_subtitle(team: Row, method: Row) -> str:
    """What the small charts of one team have in common."""
    simulated = "Simulated data." if method.get("simulated") else ""
    return _joined("All measures. Only signals are marked; each chart has its own scale and unit.", simulated)


def family_sentence(rows: Sequence[tuple[Row, Row]], team: Row, method: Row) -> str:
    """What each measure of one team shows; ``rows`` are pairs of series and measure."""
    said = [f"{measure['name']}: {FINDINGS[_finding(series)]}" for series, measure in rows]
    tail = "These are simulated data." if method.get("simulated") else ""
    return _joined(f"{team['name']}. {'; '.join(said)}.", tail)


TALLIES = {
    "improved": "improved",
    "mixed": "improved earlier and now moving back",
    "worsened": "going the wrong way",
    "candidate": "with a possible change, too early to say",
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
    tally = Counter(row["verdict"] for row in rows)
    if not rows:
        return f"{measure['name']}: no team has figures yet."
    parts = [f"{tally[code]} {words}" for code, words in TALLIES.items() if tally[code]]
    tail = " These are simulated data." if method.get("simulated") else ""
    return f"{measure['name']}, {counted(len(rows), 'team')}: {', '.join(parts)}.{f' {luck}' if luck else ''}{tail}"


def luck_sentence(luck: Row) -> str:
    """Beside the number of improved teams, what chance would give; ``luck`` has observed, teams, expected, low, high.

    >>> luck_sentence({"observed": 5, "teams": 14, "expected": 1.5, "low": 0, "high": 4})
    'If nothing had changed, chance would show about 1.5 of 14 as improved (0 to 4): 5 is more than that.'
    """
    seen, expected = luck["observed"], luck["expected"]
    about = "fewer than 0.1" if expected < 0.1 else f"about {expected:.1f}"
    found = f"{seen} is more than that" if seen > luck["high"] else f"{seen} is no more than chance would give"
    span_of_luck = f"{luck['low']} to {luck['high']}" if luck["low"] < luck["high"] else f"mostly {luck['low']}"
    return (
        f"If nothing had changed, chance would show {about} of {luck['teams']} as improved ({span_of_luck}): {found}."
    )


def pooled_title(series: Row, measure: Row, method: Row) -> str:
    """The finding for all teams together."""
    return chart_title(series, measure, {"name": ALL_TEAMS}, method)


def pooled_subtitle(series: Row, measure: Row, method: Row) -> str:
    """What is drawn for all teams together, and how it was put together."""
    how = (
        "Median of the teams reporting."
        if measure.get("data") == "value"
        else "Sum of the numerators over sum of the denominators, teams reporting."
    )
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


def reporting_sentence(reporting: Sequence[Row], method: Row, absent: Sequence[str] = ()) -> str:
    """Who has reported: the latest period, those still to come, and how complete the whole is.

    >>> reporting_sentence([{"date": "2026-06-01", "reporting": 1, "expected": 2}], {"period": "month"}, ["A"])
    '1 of 2 teams has reported June 2026. Still to come: A. Over all periods, 50% of figures expected are in.'
    """
    sent, due = (sum(int(row[key]) for row in reporting) for key in ("reporting", "expected"))
    parts = [reporting_title(reporting, method) + "."]
    parts += [f"Still to come: {listed(absent)}."] if absent else []
    if due:
        share = 0 if not sent else min(99, max(1, round(100 * sent / due)))
        parts.append(
            "Nothing is missing." if sent == due else f"Over all periods, {share}% of figures expected are in."
        )
    return " ".join(parts)


def team_reporting(sent: int, due: int, measure: Row) -> str:
    """How much one team has reported of one measure.

    >>> team_reporting(34, 36, {"name": "Falls rate"})
    '34 of 36 figures reported for Falls rate.'
    """
    return f"{'All' if sent == due else f'{sent} of'} {counted(due, 'figure')} reported for {measure['name']}."


def no_figures(measure: Row, team: Row) -> str:
    """What stands where a team sent nothing for a measure."""
    return f"{measure['name']}, {team['name']}: no figures yet."


def aim_statement(aim: Row, measure: Row | None = None) -> str:
    """The aim in words: its own statement, else built from measure, change and date."""
    if aim.get("statement"):
        return str(aim["statement"])
    return f"Improve {measure['name']}." if measure else "No aim has been written down yet."


PROGRESS = {
    "on_course": "On course: {current} for all teams together, from {baseline} at the start; aim: {goal} by {by}.",
    "not_yet": "Not yet: {current} for all teams together, from {baseline} at the start; aim: {goal} by {by}.",
    "cannot_tell": "We cannot tell yet: {why}.",
}
UNKNOWN = {
    "no_measure": "the aim names no measure",
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
    why = UNKNOWN.get(str(progress.get("reason", "")), "the figures do not allow it")
    return PROGRESS[progress["status"]].format(by=by, why=why, **numbers)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _finding(series: Row) -> str:
    """The key of the finding: the verdict, with its strength or direction where that changes the words."""
    code = str(series["verdict"])
    if code == "improved" and series.get("strength") == "held":
        return "improved held"
    if code == "no_signal" and known(series.get("first_signal")):
        return "no_signal marked"
    if code == "candidate" and series.get("variation") in ("improving", "worsening"):
        return f"candidate {series['variation']}"
    return code


def _period_of(team: Row, method: Row) -> str:
    return str(team.get("period") or method.get("period") or "")


def _latest(series: Row, measure: Row, team: Row, method: Row) -> str:
    head = f"{measure['name']}, {team['name']}"
    if not known(series.get("latest")):
        return no_figures(measure, team)
    centre = series.get("current_centre")
    against = f", {centre_name(measure)} {value(centre, measure)}" if known(centre) else ""
    when = period(series.get("last"), _period_of(team, method))
    return f"{head}: {_joined(value(series['latest'], measure), unit(measure))} in {when}{against}."


def _moved(series: Row, measure: Row) -> str:
    """By how much the centre line moved: "23% lower", or "" where it did not move in print."""
    before: Any = series.get("baseline_centre")
    now: Any = series.get("current_centre")
    return change(float(before), float(now), measure) if known(before) and known(now) else ""


def _change_sentence(series: Row, measure: Row) -> str:
    moved = _moved(series, measure)
    if not moved:
        return ""
    old, new = value(series["baseline_centre"], measure), value(series["current_centre"], measure)
    text = f"The {centre_name(measure)} moved from {old} to {new}, {moved}"
    low: Any = series.get("change_lower")
    high: Any = series.get("change_upper")
    if known(low) and known(high):
        text += f" (95% interval for the difference: {interval(low, high, measure)})"
    return f"{text}."

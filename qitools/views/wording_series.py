"""What one series says, in words: title, subtitle and sentence of its chart, and the header of its small one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qitools.views.numerals import capital, change, interval, joined, known, period, span, unit, value
from qitools.views.vocabulary import CHARTS, PERIODS, centre_name, reasons, rule_set_name

Row = Mapping[str, Any]
SHORT = 12  # points: under these even a rule set that asks for none says little

# How a chart's finding reads after "Team: ".
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
    "no_signal short": "no sustained change",
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
    "no_signal short": "With {n} points so far, only a large change would show.",
    "no_signal marked": "Some points are marked, but no run is long enough to call it a sustained change; "
    "chance often gives as much.",
    "no_signal unusual": "Some points are unusual and worth asking about, but no run is long enough to call it a "
    "sustained change.",
    "too_few": "There are too few points to tell change from chance.",
    "new_centre": "A new centre line was recorded; there is no signal yet against the earlier one.",
}


def chart_title(series: Row, measure: Row, team: Row, method: Row) -> str:
    """The finding of one chart, in a title.

    >>> chart_title({"verdict": "no_signal"}, {"better": "lower"}, {"name": "Glenmore Ward"}, {})
    'Glenmore Ward: no sustained change'
    """
    words = FINDINGS[finding(series)]
    moved = _moved(series, measure) if series["verdict"] in ("improved", "worsened", "changed", "mixed") else ""
    return f"{team['name']}: {words}{f', {moved}' if moved else ''}"


def team_progress(series: Row, measure: Row) -> str:
    """Where one team stands with one measure, in a line.

    >>> team_progress({"verdict": "no_signal"}, {"name": "Falls rate"})
    'Falls rate: no sustained change.'
    """
    return f"{chart_title(series, measure, measure, {})}."


def chart_subtitle(series: Row, measure: Row, team: Row, method: Row) -> str:
    """What is drawn: measure, period, chart kind, rule set, and whether it is simulated."""
    every = PERIODS.get(_period_of(team, method), "")
    when = span(series.get("first"), series.get("last"), _period_of(team, method))
    drawn = f"{capital(CHARTS[measure['chart']])}; rules: {rule_set_name(measure, method)}."
    head = ", ".join(part for part in (str(measure["name"]), unit(measure), every, when) if part)
    return joined(f"{head}.", drawn, "Simulated data." if method.get("simulated") else "")


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
        *(f"{capital(words)}." for words in _cautions(series)),
        simulated(method),
    ]
    return joined(*parts)


def explanation(series: Row, measure: Row) -> str:
    """Why a verdict stands, in one sentence."""
    higher = measure.get("better") == "higher"
    good, bad = ("above", "below") if higher else ("below", "above")
    found = finding(series)
    if found == "no_signal marked" and measure["chart"] != "run":
        found = "no_signal unusual"  # points outside limits are rare by chance; short runs on run charts are not
    centre = centre_name(measure)
    return EXPLANATIONS[found].format(centre=centre, good=good, bad=bad, n=series.get("n", ""))


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


def _cautions(series: Row) -> list[str]:
    """What to bear in mind, beside what the finding already says; with too few points nothing more is claimed."""
    return [] if series["verdict"] == "too_few" else reasons(series.get("reason", ""), told=False)


def no_figures(measure: Row, team: Row) -> str:
    """What stands where a team sent nothing for a measure."""
    return f"{measure['name']}, {team['name']}: no figures yet."


def simulated(method: Row) -> str:
    """The warning at the end of a sentence about simulated data, "" otherwise."""
    return "These are simulated data." if method.get("simulated") else ""


def finding(series: Row) -> str:
    """The key of the finding: the verdict, with its strength or direction where that changes the words."""
    code = str(series["verdict"])
    if code == "improved" and series.get("strength") == "held":
        return "improved held"
    if code == "no_signal" and known(series.get("first_signal")):
        return "no_signal marked"
    if code == "no_signal" and series.get("n", SHORT) < SHORT:
        return "no_signal short"
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
    return f"{head}: {joined(value(series['latest'], measure), unit(measure))} in {when}{against}."


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

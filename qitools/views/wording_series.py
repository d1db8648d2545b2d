"""What one series says, in words: title, subtitle and sentence of its chart, and the header of its small one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qitools.views.numerals import capital, counted, interval, joined, known, period, period_of, span, unit, value
from qitools.views.vocabulary import CHARTS, PERIODS, centre_name, reasons, rule_set_name
from qitools.views.wording_findings import brief, cell, current, explanation, finding, found, moved

Row = Mapping[str, Any]
MOVING = ("improved", "worsened", "changed", "mixed")  # verdicts whose titles say how far the centre line moved


def chart_title(series: Row, measure: Row, team: Row, method: Row) -> str:
    """The finding of one chart, in a title.

    >>> chart_title({"verdict": "no_signal"}, {"better": "lower"}, {"name": "Glenmore Ward"}, {})
    'Glenmore Ward: no sustained change'
    """
    far = moved(series, measure) if series["verdict"] in MOVING else ""
    return f"{team['name']}: {found(series, period_of(team, method), far)}"


def team_progress(series: Row, measure: Row, team: Row, method: Row) -> str:
    """Where one team stands with one measure, in a line.

    >>> team_progress({"verdict": "no_signal"}, {"name": "Falls rate"}, {"name": "Glenmore Ward"}, {})
    'Falls rate: no sustained change.'
    """
    return f"{chart_title(series, measure, {**team, 'name': measure['name']}, method)}."


def team_tile(series: Row, measure: Row, kind: str) -> str:
    """What the latest figure of a team is, of which period, and what its chart says.

    >>> team_tile({"verdict": "no_signal", "last": "2026-06-01"}, {"name": "Falls rate"}, "month")
    'Falls rate, June 2026. No sustained change.'
    """
    return f"{measure['name']}, {period(series.get('last'), kind)}. {cell(series, measure, kind)}."


def chart_subtitle(series: Row, measure: Row, team: Row, method: Row) -> str:
    """What is drawn: measure, period, chart kind, rule set, and whether it is simulated."""
    every = PERIODS.get(period_of(team, method), "")
    when = span(series.get("first"), series.get("last"), period_of(team, method))
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
        explanation(series, measure, period_of(team, method)),
        _change_sentence(series, measure),
        open_sentence(series),
        target_sentence(series, measure),
        *(f"{capital(words)}." for words in _cautions(series, measure)),
        simulated(method),
    ]
    return joined(*parts)


def open_sentence(series: Row) -> str:
    """How long ago the last event was, on a chart of time between events; "" elsewhere, or on the last day shown.

    >>> open_sentence({"open_days": 45.0})
    'Since the last event 45 days have passed without another; this open interval is not in the limits.'
    """
    days: Any = series.get("open_days")
    if not known(days) or int(days) < 1:
        return ""
    passed = "1 day has" if int(days) == 1 else f"{counted(int(days), 'day')} have"
    return f"Since the last event {passed} passed without another; this open interval is not in the limits."


def target_sentence(series: Row, measure: Row) -> str:
    """Where the measure stands against its target, from limits, never from one point."""
    words = {
        "always": "If nothing changes, the target of {target} will be met time after time.",
        "never": "If nothing changes, the target of {target} will not be met.",
        "hit_and_miss": "If nothing changes, the target of {target} will be met in some periods and not in others.",
    }
    code = series.get("assurance", "")
    return words[code].format(target=value(measure.get("target"), measure)) if code in words else ""


def panel_header(series: Row, measure: Row, team: Row, method: Row) -> tuple[str, str, str]:
    """Over one small chart: who, its centre line and the change of it, and what was found since when.

    >>> panel_header({"verdict": "improved", "baseline_centre": 6.4, "current_centre": 4.9,
    ...               "first_signal": "2024-03-01"}, {"data": "rate"}, {"name": "Glenmore Ward"}, {"period": "month"})
    ('Glenmore Ward', 'median 6.4 to 4.9', 'improved since Mar 2024')
    """
    return str(team["name"]), _levels(series, measure), brief(series, period_of(team, method))


def _levels(series: Row, measure: Row) -> str:
    """The centre line named as what it is, and where it moved to: "median 6.4 to 4.9"."""
    ends = [
        value(series.get(name), measure) for name in ("baseline_centre", "current_centre") if known(series.get(name))
    ]
    if not ends:
        return "too few points" if series["verdict"] == "too_few" else ""
    return f"{centre_name(measure)} {' to '.join(dict.fromkeys(ends))}"


def _cautions(series: Row, measure: Row) -> list[str]:
    """What to bear in mind, beside what the finding already says; with too few points nothing more is claimed."""
    both = f"{series.get('reason', '')} {measure.get('reason', '')}"
    if series["verdict"] == "too_few":
        return []
    told = "no_variation" if finding(series) == "no_signal alike" else ""
    return reasons(" ".join(code for code in both.split() if code != told), told=False)


def no_figures(measure: Row, team: Row) -> str:
    """What stands where a team sent nothing for a measure."""
    return f"{measure['name']}, {team['name']}: no figures yet."


def simulated(method: Row) -> str:
    """The warning at the end of a sentence about simulated data, "" otherwise."""
    return "These are simulated data." if method.get("simulated") else ""


def _latest(series: Row, measure: Row, team: Row, method: Row) -> str:
    head = f"{measure['name']}, {team['name']}"
    if not known(series.get("latest")):
        return no_figures(measure, team)
    centre = series.get("current_centre")
    against = f", {centre_name(measure)} {value(centre, measure)}" if known(centre) else ""
    when = period(series.get("last"), period_of(team, method))
    silent = "" if current(series) else " No figure has come since."
    return f"{head}: {joined(value(series['latest'], measure), unit(measure))} in {when}{against}.{silent}"


def _change_sentence(series: Row, measure: Row) -> str:
    far = moved(series, measure)
    if not far:
        return ""
    old, new = value(series["baseline_centre"], measure), value(series["current_centre"], measure)
    text = f"The {centre_name(measure)} moved from {old} to {new}, {far}"
    low: Any = series.get("change_lower")
    high: Any = series.get("change_upper")
    if known(low) and known(high):
        text += f" (95% interval for the difference: {interval(low, high, measure)})"
    return f"{text}."

"""One word or phrase for every code of the tables: verdicts, reasons, chart kinds, periods, statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VERDICTS = {
    "improved": "Improved",
    "worsened": "Going the wrong way",
    "candidate": "Possible change, too early to say",
    "mixed": "Improved earlier, now moving back",
    "changed": "Changed",
    "no_signal": "No sustained change",
    "too_few": "Too few points to say",
    "new_centre": "New centre line, no signal yet",
}

WENT = "Went the wrong way"  # of a run that is over

CHARTS = {
    "run": "run chart",
    "i": "XmR chart",
    "mr": "moving range chart",
    "xbar": "X-bar chart",
    "s": "S chart",
    "p": "p chart",
    "pp": "p′ chart",
    "u": "u chart",
    "up": "u′ chart",
    "c": "c chart",
    "g": "g chart (events between)",
    "t": "t chart (time between)",
}
MEDIAN_CHARTS = ("run", "g")  # their centre line is a median; every other kind draws a mean

PERIODS = {"week": "weekly", "month": "monthly", "quarter": "quarterly"}

BETTER = {"higher": "higher is better", "lower": "lower is better", "neither": "neither direction is better"}

REASONS = {
    "missing": "not reported",
    "excluded": "shown but not counted, by decision",
    "zero_denominator": "nothing to divide by in this period",
    "no_denominator": "nothing to divide by was sent",
    "suppressed": "hidden to protect privacy",
    "no_previous": "nothing before it to measure from",
    "alone": "one row alone has no spread",
    "zero_gap": "two events on one day",
    "no_limits": "no limits can be drawn here",
    "no_points": "no points to make a centre line from",
    "few_points": "the centre line is temporary until there are enough points",
    "no_variation": "every value in the baseline is the same",
    "sustained_shift": "a new centre line found in the data, from a sustained shift",
    "given_centre": "the centre line was given, not computed",
    "runs_not_tested": "the runs test was not made, because the centre line comes from other points",
    "too_few": "too few points for the rules",
    "handed_over": "control-chart rules are used, because the chart has limits",
    "no_limit_rules": "only shifts and trends are looked for, because the other rules of this set need limits",
    "rare_events": "events are rare here, and the time between events would show more",
    "one_phase": "no second centre line to compare with",
    "overdispersed": "limits are widened, because the points vary more than chance and the denominators explain",
    "as_chance": "the points vary no more than chance and the denominators explain",
    "by_data": "the chart follows from the kind of data",
    "kept": "it was chosen in an earlier report and is kept until somebody changes it",
    "few": "too few points for an interval around the change",
    "selected_by_data": "the change is likely smaller than it looks, because its date was chosen from the data",
    "sparse": "the median is below one event a period, so quarterly figures would show more",
    "dependent": "neighbouring points resemble each other, so these rules signal too easily here",
    "dependence_unknown": "too few points to tell whether neighbouring points resemble each other",
    "seasonal": "the figures follow the seasons, which these rules do not allow for",
    "season_unknown": "too few years to tell whether the figures follow the seasons",
}
TOLD = (
    "too_few",
    "missing",
    "handed_over",
    "one_phase",
    "overdispersed",
    "as_chance",
    "by_data",
    "kept",
    "dependence_unknown",
    "season_unknown",
)  # other sentences already say these


def verdict(code: str, strength: str = "", variation: str = "", over: bool = False) -> str:
    """A verdict in a few words, with strength or direction where they are known; ``over``: its run has ended.

    >>> verdict("improved", "held"), verdict("candidate", variation="improving"), verdict("worsened", over=True)
    ('Improved and held', 'Possible improvement, too early to say', 'Went the wrong way')
    """
    if code == "worsened" and over:
        return WENT
    if code == "improved" and strength == "held":
        return "Improved and held"
    if code == "candidate" and variation == "improving":
        return "Possible improvement, too early to say"
    if code == "candidate" and variation == "worsening":
        return "Possibly going the wrong way, too early to say"
    return VERDICTS[code]


def reasons(codes: str, told: bool = True) -> list[str]:
    """The words of each reason code in a space-joined string; ``told=False`` leaves out what verdicts already say."""
    return [_reason(code) for code in dict.fromkeys(str(codes).split()) if told or code not in TOLD]


def reason(codes: str) -> str:
    """All reasons as one phrase, "" where there is none.

    >>> reason("excluded few")
    'shown but not counted, by decision; too few points for an interval around the change'
    """
    return "; ".join(reasons(codes))


def _reason(code: str) -> str:
    return REASONS.get(code, code.replace("_", " "))


def centre_name(measure: Mapping[str, Any]) -> str:
    """What the centre line of a measure's chart is: median or mean."""
    return "median" if measure.get("chart", "run") in MEDIAN_CHARTS else "mean"


def rule_set_name(measure: Mapping[str, Any], method: Mapping[str, Any]) -> str:
    """The rule set applied; said apart where it is not the one asked for, as on charts with limits.

    >>> rule_set_name({"rule_set": "ihi-2011"}, {"rules": "his-2025"})
    'ihi-2011 (control-chart rules)'
    """
    applied = str(measure.get("rule_set") or method.get("rules") or "")
    handed_over = method.get("rules") and applied != method["rules"]
    return f"{applied} (control-chart rules)" if handed_over else applied

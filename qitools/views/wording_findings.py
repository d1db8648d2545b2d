"""What the verdict of a series says, and when: in a title, in a cell, over a small chart and as a whole sentence.

A run of points is spoken of in the present only while it reaches the last point of a team that still reports. One that
has ended has its dates, and words in the past.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qitools.views.numerals import change, known, period
from qitools.views.vocabulary import centre_name, verdict

Row = Mapping[str, Any]
SHORT = 12  # points: under these even a rule set that asks for none says little
LAST = "Last figure"

# How a chart's finding reads after "Team: "; {when} is " since Mar 2024", or ", Mar 2024 to Jan 2025" of a run that
# has ended. A verdict that ended and would be false in the present tense has words of its own.
FINDINGS = {
    "improved": "a sustained improvement{when}",
    "improved held": "an improvement that has held{when}",
    "improved over": "a sustained improvement{when}",
    "worsened": "going the wrong way{when}",
    "worsened over": "went the wrong way{when}",
    "candidate improving": "a possible improvement{when}, too early to say",
    "candidate worsening": "possibly going the wrong way{when}, too early to say",
    "candidate": "a possible change{when}, too early to say",
    "mixed": "improved earlier{when}, now moving back",
    "mixed over": "improved earlier{when}, then moved back",
    "changed": "a sustained change{when}",
    "no_signal": "no sustained change",
    "no_signal marked": "no sustained change",
    "no_signal short": "no sustained change",
    "no_signal alike": "no sustained change",
    "too_few": "too few points to say",
    "new_centre": "new centre line recorded, no signal yet",
}

# The same in the few words that a small chart has room for.
BRIEF = {
    "improved": "improved since {first}",
    "improved held": "improved since {first}",
    "improved over": "improved from {first}",
    "worsened": "wrong way since {first}",
    "worsened over": "wrong way until {last}",
    "candidate": "perhaps since {first}",
    "mixed": "now moving back",
    "changed": "changed since {first}",
}

# Why the finding stands, as a whole sentence. {centre} is "median" or "mean", {good} and {bad} a side of it, {run} the
# run of points with its dates and its verb: "A long run of points since March 2024 lies".
EXPLANATIONS = {
    "improved": "{run} {good} the {earlier}: the rules call this a sustained improvement.",
    "improved held": "{run} {good} the {earlier}, long enough to say that the gain has held.",
    "improved over": "{run} {good} the {earlier}: the rules call this a sustained improvement. "
    "No shift back has followed.",
    "worsened": "{run} {bad} the {earlier}, which is the wrong way.",
    "worsened over": "{run} {bad} the {earlier}, which is the wrong way. No shift back has followed.",
    "candidate improving": "The latest points lie {good} the {centre}: a possible improvement, too early to be sure.",
    "candidate worsening": "The latest points lie {bad} the {centre}: possibly the wrong way, too early to be sure.",
    "candidate": "The latest points lie on one side of the {centre}: a possible change, too early to be sure.",
    "mixed": "There was a sustained improvement{when}, but the latest points have moved back.",
    "mixed over": "There was a sustained improvement{when}, but the last points had moved back.",
    "changed": "{run} on one side of the {earlier}: the level has changed. Neither direction is better in itself.",
    "no_signal": "The points vary around the {centre} no more than chance would give.",
    "no_signal short": "With {n} so far, only a large change would show.",
    "no_signal alike": "Every point is the same, so there is no change to look for.",
    "no_signal marked": "Some points are marked, but no run is long enough to call it a sustained change; "
    "chance often gives as much.",
    "no_signal unusual": "Some points are unusual and worth asking about, but no run is long enough to call it a "
    "sustained change.",
    "too_few": "There are too few points to tell change from chance.",
    "new_centre": "A new centre line was recorded; there is no signal yet against the earlier one.",
}
MEANINGS = (
    "Improved: a long run of points on the better side of the earlier centre line, a sustained shift, with no shift "
    "back in the latest points. Improved and held: once the run was long enough, six or more further points came and "
    "did not all turn back. Going the wrong way: a sustained shift to the other side that reaches the latest point. "
    "Went the wrong way: one that has ended, with no shift back since. Dates are those of the run; how long it must "
    "be stands under Rules in the method notes."
)
RUN = {False: "A long run of points{when} lies", True: "A long run of points{when}, lay"}


def current(series: Row) -> bool:
    """Whether the team still reports this measure; one that has stopped is shown and not counted."""
    return bool(series.get("current", True))


def ended(series: Row) -> object:
    """The last date of the run behind a verdict, where it is over; None while it is under way."""
    if known(series.get("signal_end")):
        return series["signal_end"]
    return None if current(series) else series.get("last")


def finding(series: Row) -> str:
    """The key of the finding: the verdict, with what changes its words: strength, direction, or that it is over."""
    code = str(series["verdict"])
    if code == "improved" and known(ended(series)):
        return "improved over"
    if code == "improved" and series.get("strength") == "held":
        return "improved held"
    if (code == "worsened" and known(ended(series))) or (code == "mixed" and not current(series)):
        return f"{code} over"
    if code == "no_signal" and series.get("marked"):
        return "no_signal marked"
    if code == "no_signal" and {"no_variation", "one_phase"} <= set(str(series.get("reason", "")).split()):
        return "no_signal alike"
    if code == "no_signal" and series.get("n", SHORT) < SHORT:
        return "no_signal short"
    if code == "candidate" and series.get("variation") in ("improving", "worsening"):
        return f"candidate {series['variation']}"
    return code


def spoken(series: Row) -> str:
    """The verdict, told apart where its run has ended and the present tense would be false."""
    return key if (key := finding(series)) == "worsened over" else str(series["verdict"])


def when(series: Row, kind: str, short: bool = True) -> str:
    """When the run behind a verdict was, after a noun; "" where it has no dates.

    >>> when({"verdict": "improved", "first_signal": "2024-03-01"}, "month")
    ' since Mar 2024'
    >>> when({"verdict": "improved", "first_signal": "2024-03-01", "signal_end": "2025-01-01"}, "month", short=False)
    ', March 2024 to January 2025'
    """
    first, last = series.get("first_signal"), ended(series)
    if not known(first):
        return ""
    if not known(last):
        return f"{', from' if series['verdict'] == 'mixed' else ' since'} {period(first, kind, short)}"
    return f", {' to '.join(dict.fromkeys(period(day, kind, short) for day in (first, last)))}"


def found(series: Row, kind: str, far: str = "") -> str:
    """The finding, its dates and how ``far`` the centre moved; of a team that has stopped, its last figure too.

    >>> found({"verdict": "worsened", "first_signal": "2024-03-01", "signal_end": "2025-01-01"}, "month")
    'went the wrong way, Mar 2024 to Jan 2025'
    """
    words = FINDINGS[finding(series)].format(when=when(series, kind)) + (f", {far}" if far else "")
    return words if current(series) else f"{words}; {stopped(series, kind)}"


def stopped(series: Row, kind: str) -> str:
    """What is said of a team that no longer reports."""
    return f"{LAST.lower()} {_last(series, kind)}"


def _last(series: Row, kind: str) -> str:
    return period(series.get("last"), kind, short=True)


def brief(series: Row, kind: str) -> str:
    """The finding and its date in the few words a small chart has room for; "" where nothing was found.

    >>> brief({"verdict": "improved", "strength": "held", "first_signal": "2024-03-01"}, "month")
    'improved since Mar 2024'
    """
    if not current(series):
        return stopped(series, kind)
    key = finding(series)
    words = BRIEF.get(key) or BRIEF.get(key.split()[0], "")
    days = {"first": series.get("first_signal"), "last": ended(series)}
    named = {name: period(day, kind, short=True) for name, day in days.items()}
    return words.format(**named) if known(days["first"]) else ""


def cell(series: Row, measure: Row, kind: str) -> str:
    """One verdict in a cell: words, dates, and the move of the centre line where there is one.

    >>> cell({"verdict": "improved", "strength": "held", "first_signal": "2024-03-01", "baseline_centre": 6.4,
    ...       "current_centre": 4.9}, {"data": "rate"}, "month")
    'Improved and held (since Mar 2024; 23% lower)'
    """
    words = verdict(series["verdict"], series.get("strength", ""), series.get("variation", ""), known(ended(series)))
    told = "; ".join(part for part in (when(series, kind).lstrip(" ,"), moved(series, measure)) if part)
    words = f"{words} ({told})" if told else words
    return words if current(series) else f"{LAST} {_last(series, kind)}. Until then: {words[0].lower()}{words[1:]}"


def moved(series: Row, measure: Row) -> str:
    """By how much the centre line moved: "23% lower", or "" where it did not move in print."""
    before: Any = series.get("baseline_centre")
    now: Any = series.get("current_centre")
    return change(float(before), float(now), measure) if known(before) and known(now) else ""


def explanation(series: Row, measure: Row, kind: str = "month") -> str:
    """Why a verdict stands, in one sentence."""
    higher = measure.get("better") == "higher"
    good, bad = ("above", "below") if higher else ("below", "above")
    key = finding(series)
    if key == "no_signal marked" and measure["chart"] != "run":
        key = "no_signal unusual"  # points outside limits are rare by chance; short runs on run charts are not
    dates = when(series, kind, short=False)
    run = RUN[dates.startswith(",")].format(when=dates)
    centre = centre_name(measure)
    earlier = centre if "one_phase" in str(series.get("reason", "")).split() else f"earlier {centre}"
    words = {"good": good, "bad": bad, "centre": centre, "earlier": earlier, "run": run, "when": dates}
    n = series.get("n", "")
    return EXPLANATIONS[key].format(n="1 point" if n == 1 else f"{n} points", **words)

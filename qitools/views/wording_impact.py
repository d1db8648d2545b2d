"""The words of the impact report: what may be said at each grade, and no more.

A grade says how sure a change is. No sentence here says what brought a change about, counts people who would otherwise
have come to harm, or promises the far end of an interval: ``BARRED`` words never appear, and a name given by others
that holds one is not repeated where the claim is weak.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from qitools.views.numerals import (
    capital,
    counted,
    interval,
    joined,
    known,
    listed,
    of,
    percentage,
    period,
    span,
    value,
)  # fmt: skip

Row = Mapping[str, Any]
BARRED = re.compile(r"caus(e|ed|es|ing)\b|\bsav(e|ed|es|ing)\b|\blife|\blives|\bup to\b", re.IGNORECASE)
SIMULATED = "Simulated data: teams and figures are invented, to show how this page works."
GRADES = {
    "controlled": "A  controlled time series",
    "interrupted": "A  time series",
    "shift": "B  sustained shift",
    "before_after": "C  before and after",
    "story": "D  stories",
    "none": "No change shown",
}
FIRM = ("A", "B")  # grades whose figures carry that there was a change
MOST_NAMED = 12  # collaboratives named at the top of the page; all of them stand in its notes
WHY_NOT = {
    "no_start": "No start was set beforehand (impact.began), so that no interrupted time series can be made.",
    "too_few": "There are too few points on either side of the start for a comparison.",
    "alike": "Periods resemble each other too much for an interrupted time series of so few points.",
    "constant": "The figures do not vary, so that no interrupted time series can be made.",
    "not_shown": "An interval around the change does not leave out no change.",
    "events": "Rows are single events, which are not added up over teams.",
    "total": "One of the teams is the total of the others, so that the teams are not added up.",
    "no_data": "There are no figures.",
    "": "",
}


NOT_REPEATED = "one whose name is not repeated here"


def careful(name: str, grade: str, instead: str) -> str:
    """A name given by others, unless it claims more than a low grade can carry.

    >>> careful("Lives saved", "C", "this measure"), careful("Falls", "C", "this measure")
    ('this measure', 'Falls')
    """
    allowed = [one for one in (name, instead) if grade in FIRM or not BARRED.search(one.replace("_", " "))]
    return (allowed or [NOT_REPEATED])[0]


def subject(row: Row, measure: Row, title: str) -> str:
    """The measure and the collaborative a claim is about."""
    named = careful(str(measure["name"]), row["grade"], "this measure")
    return f"{capital(named)}, {careful(title, row['grade'], 'this collaborative')}"


def claim(row: Row, measure: Row, method: Row) -> str:
    """What may be said of one outcome at its grade.

    >>> claim({"basis": "none", "reason": "no_data"}, {}, {})
    'no change for the better is shown. There are no figures.'
    """
    lost = f"It was not held: {_not_held(row, method)}" if known(row.get("slipped")) else ""
    why = WHY_NOT[row["reason"]] if row["basis"] != "shift" else ""
    return joined(_SAID[row["basis"]](row, measure, method), why, lost)


def _not_held(row: Row, method: Row) -> str:
    return f"a sustained shift the wrong way since {period(row['slipped'], method)}."


def _interrupted(row: Row, measure: Row, method: Row) -> str:
    beside = ", held against teams that took no part" if row["basis"] == "controlled" else ""
    slope = "" if not _told(row["slope_low"], row["slope_high"]) else f" {_slope(row, measure)}"
    step = f"the level is {_moved(row['change'], measure)} than the line before would have given{beside}"
    if not _told(row["low"], row["high"]):
        step = f"the level shows no step beyond chance ({_interval(row, measure)})"
        return f"from {period(row['start'], method)} {step}.{slope}"
    return (
        f"from {period(row['start'], method)} {step} (95% interval of the difference {_interval(row, measure)}).{slope}"
    )


def _slope(row: Row, measure: Row) -> str:
    ends = interval(row["slope_low"], row["slope_high"], measure)
    return f"Since then the line bends by {value(row['slope'], measure)} a period (95% interval {ends})."


def _shift(row: Row, measure: Row, method: Row) -> str:
    since = period(row["since"], method)
    return f"a sustained shift for the better since {since}, all teams together{_levels(row, measure, method)}."


def _before_after(row: Row, measure: Row, method: Row) -> str:
    before, after = _times(row, method)
    told = f"{_moved(row['change'], measure)} in {after} than in {before} (95% interval {_interval(row, measure)})"
    levels = f"{value(row['before'], measure)} then, {value(row['after'], measure)} now"
    return f"{told}: {levels}. Nothing else that changed in that time is allowed for."


def _story(row: Row, measure: Row, method: Row) -> str:
    number = int(row["stories"])
    many = f"{number} {'story' if number == 1 else 'stories'} with consent {'speaks' if number == 1 else 'speak'} of it"
    return f"{many}; no figure shows it."


def _none(row: Row, measure: Row, method: Row) -> str:
    return "no change for the better is shown."


_SAID = {
    "controlled": _interrupted,
    "interrupted": _interrupted,
    "shift": _shift,
    "before_after": _before_after,
    "story": _story,
    "none": _none,
}


def _told(low: float, high: float) -> bool:
    return known(low) and (low > 0 or high < 0)


def _levels(row: Row, measure: Row, method: Row) -> str:
    if not known(row["before"]):
        return ""
    before, after = _times(row, method)
    return f": {value(row['before'], measure)} in {before}, {value(row['after'], measure)} in {after}"


def _times(row: Row, method: Row) -> tuple[str, str]:
    """The time before, and the last year after it."""
    kind = str(method.get("period") or "")
    return span(row["first"], row["before_last"], kind), span(row["after_first"], row["after_last"], kind)


def _moved(change: float, measure: Row) -> str:
    """An amount and its direction.

    >>> _moved(-1.23, {"data": "rate"})
    '1.2 lower'
    """
    points = " percentage points" if percentage(measure) else ""
    amount = value(abs(change), measure).rstrip("%") if points else value(abs(change), measure)
    return f"{amount}{points} {'higher' if change > 0 else 'lower'}"


def _interval(row: Row, measure: Row) -> str:
    return interval(row["low"], row["high"], measure)


def sourced(row: Row, method: Row) -> str:
    """Source, period and date of a claim."""
    when = span(row["first"], row["last"], str(method.get("period") or "")) if known(row["first"]) else "no figures"
    return f"{row['source']}, {when}, data as at {period(row['as_of'], method)}"


def tally(rows: Sequence[Row]) -> str:
    """How many outcomes rest on what.

    >>> tally([{"basis": "shift"}, {"basis": "none"}])
    '2 outcomes: 1 with a sustained shift (B), 1 without a change shown.'
    """
    names = {
        "controlled": "with a controlled interrupted time series (A)",
        "interrupted": "with an interrupted time series (A)",
        "shift": "with a sustained shift (B)",
        "before_after": "with a difference between before and after alone (C)",
        "story": "with stories alone (D)",
        "none": "without a change shown",
    }
    counts = {basis: sum(row["basis"] == basis for row in rows) for basis in names}
    parts = [f"{number} {names[basis]}" for basis, number in counts.items() if number]
    return (
        f"{capital(counted(len(rows), 'outcome'))}: {', '.join(parts)}." if parts else "There are no outcome measures."
    )


def some_simulated(names: Sequence[str], total: int) -> str:
    """Which of so many collaboratives are simulated; "" where none is.

    >>> some_simulated(["Falls"], 2), some_simulated(["Falls"], 1)
    ('The figures of Falls are simulated; those of the others are not.', 'These are simulated data.')
    """
    if len(names) == total:
        return "These are simulated data."
    return f"The figures of {listed(names, MOST_NAMED)} are simulated; those of the others are not." if names else ""


def heading(members: int) -> str:
    """The page's h1."""
    return "What changed" if members == 1 else f"What changed, across {members} collaboratives"


def members(titles: Sequence[str]) -> str:
    """The titles of the collaboratives, as many as can be read.

    >>> members(["Falls, and harm", "Infections"])
    'Falls, and harm; Infections'
    """
    more = len(titles) - MOST_NAMED
    return "; ".join([*titles[:MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])


def left_out(name: str, reason: str) -> str:
    """A collaborative that could not be used, with every problem, on one line."""
    return f"Left out: {name}. {'; '.join(line.strip(' -') for line in reason.splitlines())}"


def claims_title(rows: Sequence[Row]) -> str:
    """How many of the outcomes changed for the better, by figures that carry it."""
    firm = sum(row["grade"] in ("A", "B") for row in rows)
    return f"{of(firm, len(rows), 'outcome', 'rests', 'rest')} on grade A or B" if rows else "No outcome measures"


CLAIMS_SUBTITLE = (
    "Change of each outcome as a percentage of its level before, turned so that better is to the right; "
    "bars are 95% intervals."
)

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
    MINUS,
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
    "constant": "The figures do not vary, so that no interrupted time series can be made.",
    "not_shown": "An interval around the change does not leave out no change.",
    "events": "Rows are single events, which are not added up over teams.",
    "total": "One of the teams is the total of the others, so that the teams are not added up.",
    "no_data": "There are no figures.",
    "": "",
}
RESTS = {
    "A": "That there was a change rests on an interrupted time series (grade A); how much is counted against the rates "
    "before.",
    "B": "The change rests on a sustained shift (grade B): it does not show what brought it about.",
    "C": "This compares before and after (grade C): it does not show what brought the difference about.",
    "D": "No figure of this measure shows a change for the better (grade D): this comparison does not either.",
    "": "No change for the better is shown: this comparison does not show what brought a difference about.",
}
NO_HARM = "No outcome of these collaboratives counts harm, so that none avoided can be counted."
NOT_COUNTED = {
    "no_baseline": "no team has enough figures from before the start",
    "no_after": "there are no figures after the start",
    "not_harm": "it does not count harm of which fewer is better",
    "no_cost": "its YAML names no cost (impact.cost)",
    "no_benefit": "its YAML names no benefit (impact.benefit)",
}
SCENARIOS = {
    "measured": "As measured",
    "fewest": "Low end of what was avoided",
    "most": "High end of what was avoided",
    "cheap_event": "Low worth of one event",
    "dear_event": "High worth of one event",
    "high_cost": "High cost",
    "low_cost": "Low cost",
    "least": "All three at their least favourable",
    "greatest": "All three at their most favourable",
}
ALL = "All together"
NO_WORTH = "No collaborative says both what it cost and what an event less is worth (impact.cost, impact.benefit)."


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


# ---- harm avoided ---------------------------------------------------------------------------------------------------


def harm_title(harm: Any) -> str:
    """The finding: fewer, more or neither."""
    if not harm.told:
        return "Neither fewer nor more than expected, beyond chance"
    return capital(f"{_about(abs(harm.avoided))} {'fewer' if harm.told > 0 else 'more'} than expected")


def harm_subtitle(harm: Any, measure: Row, method: Row) -> str:
    """What is drawn."""
    what = careful(str(measure["numerator"] or measure["name"]), "", "Events")
    since = period(harm.after[0], method)
    until = f" until it closed in {period(harm.closed, 'month')}" if known(harm.closed) else ""
    return f"{what}, added up since {since}{until}; expected at each team's own rate before; band: 95% by counts."


def harm_sentence(harm: Any, name: str, measure: Row, grade: str, method: Row) -> str:
    """Observed, expected, their difference with both intervals, and what the difference can carry."""
    if harm.reason:
        return f"{name}: harm avoided is not counted, since {NOT_COUNTED[harm.reason]}."
    word = "fewer" if harm.avoided >= 0 else "more"
    kind = str(method.get("period") or "")
    times = [span(first, last, kind) for first, last in (harm.after, harm.before)]
    closed = f" (it closed in {period(harm.closed, 'month')})" if known(harm.closed) else ""
    what = (
        f"{_count(harm.observed)} were observed in {times[0]}{closed}, where {_about(harm.expected)} would have been"
        " expected"
    )
    out = (
        f"{capital(counted(len(harm.left_out), 'team'))} with too few figures before not counted."
        if harm.left_out
        else ""
    )
    chance = "" if harm.told else "Chance alone could give this."
    return joined(
        f"{name}: {what} at each team's own rate in {times[1]}: {_about(abs(harm.avoided))} {word} ({_both(harm)}).",
        chance, RESTS[grade], out,
    )  # fmt: skip


def _both(harm: Any) -> str:
    """Both intervals, first that which is spoken of."""
    counts, periods = (
        _ends(pair if harm.avoided >= 0 else (-pair[1], -pair[0])) for pair in (harm.poisson, harm.bootstrap)
    )
    if harm.scattered:
        return f"95% interval {periods} by bootstrap of periods, which scatter more than counts do; {counts} by counts"
    return f"95% interval {counts} by counts; {periods} by bootstrap of periods"


def _count(number: float) -> str:
    return f"{MINUS if round(number) < 0 else ''}{abs(number):,.0f}"


def tenths(number: float) -> str:
    """A number of a table, to one decimal.

    >>> tenths(-392.72)
    '−392.7'
    """
    return f"{MINUS if number <= -0.05 else ''}{abs(number):,.1f}"


def _about(number: float) -> str:
    """A sum as sure as it is: in three figures.

    >>> _about(3085.2), _about(40.0)
    ('about 3,090', '40')
    """
    rough = figures(number)
    return f"{'about ' if round(rough) != round(number) else ''}{_count(rough)}"


def _ends(ends: tuple[float, float]) -> str:
    low, high = map(figures, ends)
    return f"{_count(low)} to {_count(high)}" if known(low) else "not known"


def figures(number: float) -> float:
    """A number in three significant figures.

    >>> figures(-4036428.0), figures(7.0)
    (-4040000.0, 7.0)
    """
    return float(f"{number:.3g}")


def ends(low: float, high: float) -> str:
    """An interval of counts, to the whole."""
    return f"{_count(low)} to {_count(high)}" if known(low) else "not known"


# ---- cost and benefit -----------------------------------------------------------------------------------------------


def money(amount: float, currency: str) -> str:
    """A sum, with its currency in three letters.

    >>> money(-1234.5, "GBP")
    '−GBP 1,234'
    """
    return f"{MINUS if round(amount) < 0 else ''}{currency} {abs(amount):,.0f}"


def worth_title(rows: Mapping[str, Row], currency: str) -> str:
    """Net benefit as measured, and whether the sign holds."""
    net = figures(rows["measured"]["net"])
    ends = (figures(rows["least"]["net"]), figures(rows["greatest"]["net"]))
    sure = (
        f"{'above' if net > 0 else 'below'} nought whatever the guesses"
        if ends[0] > 0 or ends[1] < 0
        else f"between {money(ends[0], currency)} and {money(ends[1], currency)}"
    )
    return f"Benefit less cost: {money(net, currency)}, {sure}"


def worth_sentence(
    name: str, rows: Mapping[str, Row], currency: str, grade: str, prices: str, closed: object = None
) -> str:
    """Benefit, cost and net, until the day it ``closed``, and how far the guesses move it."""
    usual, least, greatest = (
        {key: figures(cell) if isinstance(cell, float) else cell for key, cell in rows[name].items()}
        for name in ("measured", "least", "greatest")
    )
    until = f" until it closed in {period(closed, 'month')}" if known(closed) else ""
    side = "fewer" if usual["avoided"] >= 0 else "more"
    told = f"{_about(abs(usual['avoided']))} events {side} than expected{until}, " if known(usual["avoided"]) else ""
    return joined(
        f"{name}: {told}worth about {money(usual['benefit'], currency)}, at a cost of",
        f"{money(usual['cost'], currency)}: about {money(usual['net'], currency)} net.",
        f"With every guess at its least favourable {money(least['net'], currency)}, at its most favourable"
        f" {money(greatest['net'], currency)}.",
        prices,
        RESTS[grade] if known(usual["avoided"]) else "Sums of collaboratives whose changes are graded one by one.",
    )


WORTH_SUBTITLE = "Benefit less cost, as measured and with one guess at a time at either end of its bounds."


def worth_left_out(row: Row, title: str, currency: str) -> str:
    """A collaborative whose sums are not counted in."""
    if row["reason"] == "currency":
        return f"Left out: {title}, whose sums are in {row['found']} and not in {currency} ({row['place']})."
    return f"Left out: {title}, since {NOT_COUNTED[row['reason']]} ({row['place']})."

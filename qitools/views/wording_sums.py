"""The words of the impact report about sums: harm avoided with its intervals, and cost beside benefit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qitools.views.numerals import (
    MINUS,
    capital,
    counted,
    joined,
    known,
    period,
    span,
)
from qitools.views.wording_impact import careful

Row = Mapping[str, Any]


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
    "drift": "its periods drift too much to say how sure the harm avoided is",
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


def harm_title(harm: Any) -> str:
    """The finding: fewer, more or neither."""
    if not harm.told and harm.caution != "drift":
        return "Neither fewer nor more than expected, beyond chance"
    sure = "; how sure that is cannot be told" if harm.caution == "drift" else ""
    return capital(f"{_about(abs(harm.avoided))} {'fewer' if harm.avoided > 0 else 'more'} than expected{sure}")


def harm_subtitle(harm: Any, measure: Row, method: Row) -> str:
    """What is drawn."""
    what = careful(str(measure["numerator"] or measure["name"]), "", "Events")
    since = period(harm.after[0], method)
    until = f" until it closed in {period(harm.closed, 'month')}" if known(harm.closed) else ""
    band = "" if harm.caution == "drift" else "; band: 95% interval"
    return f"{what}, added up since {since}{until}; expected at each team's own rate before{band}."


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
    teams = len(harm.left_out)
    out = f"{capital(counted(teams, 'team'))} with too few figures before {'is' if teams == 1 else 'are'} not counted."
    chance = "" if harm.told or harm.caution == "drift" else "Chance alone could give this."
    return joined(
        f"{name}: {what} at each team's own rate in {times[1]}: {_about(abs(harm.avoided))} {word}{_both(harm)}.",
        chance, caution(harm) if harm.caution != "short" else "", RESTS[grade], out if teams else "",
    )  # fmt: skip


def caution(harm: Any) -> str:
    """Why there is no interval, or it may be too narrow; "" where nothing says so."""
    if harm.caution == "drift":
        return (
            f"How sure that is cannot be told: each period resembles the one before so much (autocorrelation about "
            f"{harm.autocorrelation:.2f}) that there is no level to hold it against, and no 95% interval."
        )
    if harm.caution == "alike":
        return (
            f"Periods resemble those before them much (autocorrelation about {harm.autocorrelation:.1f}), and are few: "
            "the interval may be too narrow."
        )
    before, after = harm.periods
    few = f"{counted(before, 'period')} before the start and {after} after it do not show how much periods resemble"
    return f"{few} those before them: where they do, the interval is too narrow." if harm.caution else ""


def _both(harm: Any) -> str:
    """Both intervals, first that which is spoken of; "" where there is none."""
    if harm.caution == "drift":
        return ""
    counts, periods = (
        ends(*map(figures, pair if harm.avoided >= 0 else (-pair[1], -pair[0])))
        for pair in (harm.interval, harm.bootstrap)
    )
    wider = ", widened since periods scatter more than counts do" if harm.scattered else ""
    return f" (95% interval {counts} by counts{wider}; {periods} by bootstrap of periods)"


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


def figures(number: float) -> float:
    """A number in three significant figures.

    >>> figures(-4036428.0), figures(7.0)
    (-4040000.0, 7.0)
    """
    return float(f"{number:.3g}")


def ends(low: float, high: float) -> str:
    """An interval of counts, to the whole."""
    return f"{_count(low)} to {_count(high)}" if known(low) else "not known"


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

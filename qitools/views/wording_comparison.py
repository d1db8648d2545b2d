"""Teams beside each other in words: who lies outside what size and chance explain. Nobody is ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.views.numerals import agreeing, capital, counted, joined, of, percentage, period, value
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]
FEWEST = "{who}: too few to draw beside each other, which takes ten. The figures are in the table."
REASONS = {
    "events": "times between events are not compared between teams here; each has a chart of its own.",
    "no_denominator": "these figures have no denominators, so small teams cannot be told from large ones.",
    "no_points": "no team has figures for this window.",
    "no_variation": "all figures are the same, so there is nothing to compare.",
}
FAR = "Differences between teams are far larger than chance, and a funnel cannot explain them"
LINES = {
    "none": "Dashed and solid lines: 2 and 3 standard deviations around all teams together, by chance alone",
    "additive": "Dashed and solid lines: 2 and 3 standard deviations around all teams together, widened because real "
    "teams differ (additive random effects)",
    "multiplicative": "Dashed and solid lines: 95% and 99.8% limits around all teams together, widened because real "
    "teams differ (multiplicative)",
}
PLACES = {
    "inside": "within the limits",
    "above_2": "above the inner limit",
    "below_2": "below the inner limit",
    "above_3": "above the outer limit",
    "below_3": "below the outer limit",
}


def funnel_title(units: Sequence[Row]) -> str:
    """How many teams lie outside the outer limits, in a title.

    >>> funnel_title([{"place": "inside"}, {"place": "above_3"}]), funnel_title([{"place": "below_2"}])
    ('1 of 2 teams lies outside the outer limits', 'Every team lies within the outer limits')
    """
    far = sum(row["place"].endswith("3") for row in units)
    if not far:
        return "Every team lies within the outer limits"
    return f"{of(far, len(units), 'team', 'lies', 'lie')} outside the outer limits"


def funnel_subtitle(comparison: Row, measure: Row, method: Row) -> str:
    """What is drawn: the window, the middle line and how wide the limits are."""
    middle = f"Middle line: all teams together, {value(comparison['centre'], measure)}."
    warning = "Simulated data." if method.get("simulated") else ""
    return joined(
        f"{measure['name']}, {funnel_window(comparison, method)}.",
        middle,
        f"{LINES[comparison['dispersion']]}.",
        warning,
    )


def funnel_window(comparison: Row, method: Row) -> str:
    """The window that is compared: "June 2025 to May 2026", and how many of its periods count where some do not."""
    brief = method.get("period") == "quarter"  # quarters are always short
    window = " to ".join(dict.fromkeys(period(comparison[end], method, short=brief) for end in ("first", "last")))
    return f"{window}{comparison.get('gaps', '')}"


def funnel_gaps(counting: int, periods: int, kind: str) -> str:
    """After a window in which no team has a figure that counts for some periods: how many do count.

    >>> funnel_gaps(9, 12, "month"), funnel_gaps(12, 12, "month")
    (' (9 of its 12 months count)', '')
    """
    if counting >= periods:
        return ""
    return f" ({counting} of its {counted(periods, kind)} count{'s' if counting == 1 else ''})"


def funnel_summed(measure: Row, periods: int, kind: str) -> str:
    """After the name of a denominator that is counted anew every period: over how many it is summed.

    >>> funnel_summed({"data": "rate"}, 12, "month"), funnel_summed({"data": "proportion"}, 12, "month")
    (' (sum over 12 months)', '')
    """
    return f" (sum over {counted(periods, kind)})" if measure["data"] == "rate" and periods > 1 else ""


def funnel_sentence(units: Sequence[Row], comparison: Row, measure: Row, method: Row) -> str:
    """Who lies outside the limits: on the better side those that agreed to it by name, all others as a number."""
    outside = [row for row in units if row["place"].endswith("3")]
    near = sum(row["place"].endswith("2") for row in units)
    named = {side: _named(outside, side) for side in ("favourable", "neutral")}
    other = sum(row["signal"] == "unfavourable" for row in outside)
    parts = [
        f"{measure['name']}, {funnel_window(comparison, method)}, {counted(len(units), 'team')} beside each other: "
        f"{_outside(len(outside), len(units))}.",
        f"On the better side of the outer limits: {named['favourable']}." if named["favourable"] else "",
        f"Outside the outer limits: {named['neutral']}." if named["neutral"] else "",
        f"{capital(counted(other, 'team'))} on the other side, and may want help." if other else "",
        _near(near, comparison),
        _between(comparison, measure),
        "A funnel says who differs, not why.",
        simulated(method),
    ]
    return joined(*parts)


def _named(outside: Sequence[Row], side: str) -> str:
    """The teams on one side: the names of those that agreed to be named, and how many more."""
    own = [row for row in outside if row["signal"] == side]
    return agreeing([row["name"] for row in own], {row["name"] for row in own if row["share"]})


def _near(number: int, comparison: Row) -> str:
    """How many lie between the limits; only limits that are not widened are those of chance alone."""
    chance = ", which chance alone may do" if comparison["dispersion"] == "none" else ""
    return f"{capital(counted(number, 'team'))} between the inner and the outer limits{chance}." if number else ""


def _between(comparison: Row, measure: Row) -> str:
    """How far teams differ beyond chance, where they do."""
    if comparison["between"]:
        points = " points" if percentage(measure) else ""
        spread = value(comparison["between"], measure).rstrip("%")
        apart = FAR if comparison.get("dominated") else "Teams differ by more than chance"
        return f"{apart}: their own levels have a standard deviation of {spread}{points}."
    if comparison["dispersion"] == "multiplicative":
        return f"Teams differ by more than chance: {comparison['factor']:.1f} times as much variance."
    return "Size and chance explain how far teams differ."


def _outside(number: int, total: int) -> str:
    if not number:
        return "all lie within the outer limits"
    return f"{number} of {total} lie{'s' if number == 1 else ''} outside the outer limits"


def funnel_absent(reason: str, units: Sequence[Row], measure: Row, method: Row) -> str:
    """Words where nothing is drawn.

    >>> funnel_absent("few_units", [{}] * 9, {"name": "Falls"}, {})
    'Falls: 9 teams have figures: too few to draw beside each other, which takes ten. The figures are in the table.'
    """
    who = f"{counted(len(units), 'team')} {'has' if len(units) == 1 else 'have'} figures"
    words = FEWEST.format(who=who) if reason == "few_units" else REASONS[reason]
    return joined(f"{measure['name']}: {words}", simulated(method))


def funnel_apart(rows: Sequence[Row], measure: Row) -> tuple[str, ...]:
    """Teams that the settings show in a table and not in a chart, with their counts."""
    return tuple(
        f"{row['name']}, not drawn: {row['numerator']:,.0f} of {row['denominator']:,.0f}, "
        f"{value(row['value'], measure)}."
        for row in rows
    )

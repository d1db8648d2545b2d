"""The words about equity: a measure by stratum, the gap between the outermost strata, and what both say together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qitools.views.numerals import MINUS, joined, known, listed, period, records, share, value
from qitools.views.wording_flow import ALL

if TYPE_CHECKING:
    from qitools.analysis.equity import Equity, Inequality
    from qitools.analysis.its import Estimate

Row = Mapping[str, Any]
REASONS = {
    "no_strata": (
        "There are no figures by stratum: name the column that divides each team's rows under sources.observations "
        "(stratum), and the order of its values under strata, from the most to the least deprived."
    ),
    "one_stratum": "Fewer than two strata can be compared over the whole span.",
    "no_ratio": "The strata of this measure cannot be compared: that needs a numerator and a denominator for each.",
}
FINDINGS = {
    "widens_while_better": "The average improves while the gap widens.",
    "widens": "The gap widens: a sustained shift.",
    "narrows": "The gap narrows: a sustained shift.",
    "narrows_while_worse": "The gap narrows while the average goes the wrong way.",
    "better": "The average improves; the gap shows no sustained change.",
    "worse": "The average goes the wrong way; the gap shows no sustained change.",
    "no_change": "Neither the average nor the gap shows a sustained change.",
}
TITLES = {**FINDINGS, "widens": "The gap widens", "narrows": "The gap narrows", "no_change": "No sustained change"}
WHY = {
    "unlisted": "not in the order given",
    "late": "figures only from {first}",
    "ended": "no figures after {last}",
    "gaps": "too many periods without figures",
}
INEQUALITY = "Inequality between strata, with 95% intervals"
HEADS = ("Measure", "Span", "Average", "Most less least deprived", "Slope index", "Relative index")
INEQUALITY_NOTE = (
    "The slope index is the difference between the most and the least deprived end of a line through all strata, each "
    "placed at the middle of its share of all people and weighted by its size; the relative index is the ratio of the "
    "two ends, 1 where there is no inequality. Intervals rest on counting error, widened where figures move more from "
    "period to period than counting explains. An index of a line says little where the strata do not lie along one."
)
GAP_NAME = "Gap between the outermost strata"


def stratum(found: Equity, one: str) -> str:
    """A stratum as people name it: "SIMD quintile 1 (most deprived)"."""
    name = f"{found.name} {one}" if one.isdigit() else one
    if not found.ranked or one not in found.order:
        return name
    ends = {found.order[0]: " (most deprived)", found.order[-1]: " (least deprived)"}
    return f"{name}{ends.get(one, '')}"


def head(found: Equity, team: str) -> str:
    return f"{found.measure['name']}{'' if team == ALL else f', {team}'}"


def equity_title(found: Equity, team: str) -> str:
    if found.reason or not found.finding:
        return f"{head(found, team)} by {found.name}"
    return f"{head(found, team)}: {lowered(TITLES[found.finding])}"


def lowered(words: str) -> str:
    text = words.rstrip(".")
    return text[:1].lower() + text[1:]


def left_out(found: Equity, kind: str) -> str:
    """Which strata are left out, why, and how much of all that is."""
    told = [
        f"{stratum(found, str(row['stratum']))} ({_why(row, kind)}; {share(float(row['share']))} of all)"
        for row in records(found.left_out)
    ]
    return f"Left out: {listed(told)}." if told else ""


def _why(row: Row, kind: str) -> str:
    return WHY[str(row["why"])].format(first=period(row["first"], kind), last=period(row["last"], kind))


def equity_sentence(found: Equity, team: str, kind: str) -> str:
    if found.reason:
        return joined(f"{head(found, team)}: {lowered(REASONS[found.reason])}.", left_out(found, kind))
    now = found.now
    assert now is not None
    ends = [stratum(found, one) for one in (found.order[0], found.order[-1])]
    first, last = (period(day, kind, short=True) for day in (now.first, now.last))
    gap = difference(now.gap, found.measure)
    said = f"{head(found, team)}, {first} to {last}: {ends[0]} less {ends[1]} is {gap}."
    indices = ""
    if found.ranked:
        relative = f", relative index {ratio(now.relative)}" if known(now.relative.value) else ""
        indices = f"Slope index of inequality {difference(now.slope, found.measure)}{relative}."
    return joined(said, indices, FINDINGS.get(found.finding, ""), left_out(found, kind))


def gap_sentence(found: Equity, team: str, kind: str, chart: str) -> str:
    return joined(f"{head(found, team)}: {gap_words(found)}.", FINDINGS.get(found.finding, ""), chart)


def gap_words(found: Equity) -> str:
    ends = [stratum(found, one) for one in (found.order[0], found.order[-1])]
    first, second = reversed(ends) if found.turned else ends
    return f"the gap is {first} less {second}"


def difference(one: Estimate, measure: Row) -> str:
    """A difference with its interval."""
    places = _places(one, measure)
    middle, low, high = (signed(number, places) for number in (one.value, one.low, one.high))
    return f"{middle}{_unit(measure)} (95% interval {low} to {high})"


def _unit(measure: Row) -> str:
    """The unit of a difference, said in full: nothing else says it where it stands."""
    if _percent(measure):
        return " percentage points"
    named, per = str(measure.get("unit") or ""), measure.get("per") or 1
    return f" {named}" if named else f" per {per:,.0f}" if per != 1 else ""


def signed(number: float, places: int) -> str:
    return f"{MINUS if number < 0 else ''}{abs(number):,.{places}f}"


def _places(one: Estimate, measure: Row) -> int:
    size = max(abs(one.low), abs(one.high))
    return 0 if size >= 100 else 1 if size >= 1 else 2


def _percent(measure: Row) -> bool:
    return measure.get("data") == "proportion" and measure.get("per", 100) == 100


def ratio(one: Estimate) -> str:
    """A ratio with its interval."""
    if not known(one.value):
        return "cannot be told"
    return f"{one.value:.2f} (95% interval {one.low:.2f} to {one.high:.2f})"


def inequality_row(found: Equity, one: Inequality, kind: str) -> tuple[str, ...]:
    span = " to ".join(period(day, kind, short=True) for day in (one.first, one.last))
    slope = difference(one.slope, found.measure) if found.ranked else "no order of strata"
    relative = ratio(one.relative) if found.ranked else "no order of strata"
    average = value(one.average, found.measure)
    return (str(found.measure["name"]), span, average, difference(one.gap, found.measure), slope, relative)

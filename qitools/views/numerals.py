"""Numbers, dates, counts and lists as a reader expects them: one rounding for every title, table and tooltip."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

NO_FIGURE = "no figure"
MINUS = "−"


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain mappings."""
    return [dict(zip(map(str, row), row.values(), strict=True)) for row in table.to_dict("records")]


def known(cell: object) -> bool:
    """Whether a cell holds anything: None, NaN and NaT hold nothing."""
    return cell is not None and cell == cell


def value(number: object, measure: Mapping[str, Any]) -> str:
    """A value of a measure, rounded for reading: percentages and numbers under 100 to one decimal, larger to none.

    >>> value(87.44, {"data": "proportion", "per": 100}), value(1234.5, {"data": "rate"}), value(0.0421, {})
    ('87.4%', '1,234', '0.042')
    """
    if not known(number):
        return NO_FIGURE
    amount = float(number)  # type: ignore[arg-type]
    sign = MINUS if amount < 0 else ""
    if percentage(measure):
        return f"{sign}{_rounded(abs(amount), 0 if amount in (0, 100) else 1)}%"
    if measure.get("data") == "count" and amount == round(amount):
        return f"{sign}{abs(amount):,.0f}"
    return f"{sign}{_rounded(abs(amount), decimals(amount))}"


def unit(measure: Mapping[str, Any]) -> str:
    """The unit, where neither the words of the measure's name nor a percent sign say it already.

    >>> unit({"name": "Wait for medicines", "unit": "minutes"}), unit({"name": "Minutes of wait", "unit": "minutes"})
    ('minutes', '')
    """
    words = str(measure.get("unit") or "")
    said = set(words.lower().split()) <= set(str(measure.get("name", "")).lower().split())
    return "" if percentage(measure) or said else words


def percentage(measure: Mapping[str, Any]) -> bool:
    """Whether a measure's values are percentages."""
    return measure.get("data") == "proportion" and measure.get("per", 100) == 100


def decimals(amount: float) -> int:
    """Decimals to print: none from 100, one from 1, below that two significant figures."""
    size = abs(amount)
    if size >= 100 or size == 0:
        return 0
    return 1 if size >= 1 else min(6, 1 - math.floor(math.log10(size)))


def _rounded(amount: float, places: int) -> str:
    return f"{amount:,.{places}f}"


def change(before: float, now: float, measure: Mapping[str, Any]) -> str:
    """The move between two levels: "23% lower", in percentage points for percentages, "" where too small to print.

    >>> change(6.4, 4.9, {"data": "rate"}), change(80.0, 92.5, {"data": "proportion", "per": 100})
    ('23% lower', '12.5 percentage points higher')
    """
    side = "higher" if now > before else "lower"
    if value(before, measure) == value(now, measure):
        return ""
    if percentage(measure):
        return f"{abs(now - before):.1f} percentage points {side}"
    if before <= 0 or now < 0:
        return f"{value(abs(now - before), measure)} {side}"
    share = 100 * abs(now / before - 1)
    return f"{share:.0f}% {side}" if share >= 1 else f"under 1% {side}"


def interval(low: float, high: float, measure: Mapping[str, Any]) -> str:
    """An interval of a difference, both ends with the same decimals.

    >>> interval(-2.61, -0.42, {"data": "rate"}), interval(1.0, 12.5, {"data": "proportion", "per": 100})
    ('−2.6 to −0.4', '1.0 to 12.5 percentage points')
    """
    places = 1 if percentage(measure) else decimals(max(abs(low), abs(high)))
    ends = [f"{MINUS if end < 0 else ''}{abs(end):,.{places}f}" for end in (low, high)]
    return f"{' to '.join(ends)}{' percentage points' if percentage(measure) else ''}"


def period(date: object, method: Mapping[str, Any] | str, short: bool = False) -> str:
    """A period by its first day, in words; ``method`` is the method dict or the period's own name.

    >>> period("2026-06-01", "month"), period("2026-04-01", "quarter"), period("2026-06-01", "month", short=True)
    ('June 2026', 'April to June 2026', 'Jun 2026')
    """
    if not known(date) or date == "":
        return "no date"
    kind = method if isinstance(method, str) else str(method.get("period", ""))
    day = pd.Timestamp(date)  # type: ignore[arg-type]
    month = "%b" if short else "%B"
    if kind == "month":
        return day.strftime(f"{month} %Y")
    if kind == "quarter":
        last = day + pd.DateOffset(months=2)
        return f"{day.strftime(month)}{'–' if short else ' to '}{last.strftime(month)} {last.year}"
    words = f"{day.day} {day.strftime(month)} {day.year}"
    return f"week of {words}" if kind == "week" and not short else words


def period_of(team: Mapping[str, Any], method: Mapping[str, Any]) -> str:
    """The period a team reports by: its own, else the collaborative's."""
    return str(team.get("period") or method.get("period") or "")


def span(first: object, last: object, kind: str) -> str:
    """From the first to the last period, short: "Apr 2022 to Jun 2026"; "" where nothing is known."""
    ends = [period(day, kind, short=True) for day in (first, last) if known(day)]
    return " to ".join(dict.fromkeys(ends))


def number(amount: float) -> str:
    """A count in words of numbers: no decimals from 10.

    >>> number(-2003.0), number(4.25)
    ('−2,003', '4.2')
    """
    if not known(amount):
        return "not known"
    sign, size = MINUS if amount < 0 else "", abs(amount)
    return f"{sign}{size:,.0f}" if size >= 10 or size == round(size) else f"{sign}{size:,.1f}"


def share(part: float) -> str:
    """A share as a percentage.

    >>> share(0.874), share(0.004)
    ('87%', '0.4%')
    """
    return "not known" if not known(part) else f"{100 * part:.{0 if part >= 0.1 else 1}f}%"


def plural(number: int, noun: str) -> str:
    """The noun, in the plural unless there is one.

    >>> plural(1, "team"), plural(0, "team")
    ('team', 'teams')
    """
    return noun if number == 1 else f"{noun}s"


def counted(number: int, noun: str) -> str:
    """A count and its noun: "1 team", "2 teams", "no teams"."""
    return f"{number or 'no'} {plural(number, noun)}"


def of(number: int, total: int, noun: str, one: str, many: str) -> str:
    """A share of a total with the verb that fits.

    >>> of(1, 28, "team", "shows", "show"), of(28, 28, "team", "shows", "show"), of(1, 1, "team", "has", "have")
    ('1 of 28 teams shows', 'All 28 teams show', 'The one team has')
    """
    if number == total:
        every = {1: f"The one {noun} {one}", 2: f"Both {noun}s {many}"}
        return every.get(total, f"All {total} {noun}s {many}")
    return f"{number} of {total} {plural(total, noun)} {one if number == 1 else many}"


def listed(names: Sequence[str], limit: int = 6) -> str:
    """Names in a sentence, at most ``limit`` of them.

    >>> listed(["A", "B", "C"]), listed(["A", "B", "C", "D"], limit=2)
    ('A, B and C', 'A, B and 2 more')
    """
    shown = [str(name) for name in names[:limit]]
    rest = len(names) - len(shown)
    if rest:
        shown.append(f"{rest} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def agreeing(teams: Sequence[str], agreed: Collection[str], limit: int = 4) -> str:
    """The teams that agreed to be named, and how many more there are.

    >>> agreeing(["Almara", "Brackenlee", "Calderwren"], {"Calderwren"})
    'Calderwren and 2 more teams'
    >>> agreeing(["Almara"], set())
    '1 team'
    """
    named = [team for team in teams if team in agreed][:limit]
    more = len(teams) - len(named)
    return listed([*named, *([counted(more, "more team" if named else "team")] if more else [])])


def capital(words: str) -> str:
    """The words with a capital first letter; the rest as it is.

    >>> capital("run chart of NHS figures")
    'Run chart of NHS figures'
    """
    return words[:1].upper() + words[1:]


def joined(*parts: str) -> str:
    """Sentences after one another; empty ones leave no gap."""
    return " ".join(part for part in parts if part)

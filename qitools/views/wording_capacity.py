"""Sentences about improvement capacity: who is trained, how many are needed, and whether it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.analysis.capacity import REST
from qitools.views.numerals import capital, counted, joined, listed, period, plural
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]
NO_REGISTER = "No register of training is given for this collaborative: name its file under sources.training."
NO_STAFF = "No headcounts are given, so people trained cannot be set beside them: name a file under sources.staff."
UNSAID = "not said"
SECTORS = {"health": "Health", "social_care": "Social care", "education": "Education", "": f"Sector {UNSAID}"}
BY = {"programme": "Programme", "level": "Level", "cohort": "Cohort", "board": "Board", "sector": "Sector"}
PICKER = "Count by"
NAMES = ("with trained people", "without")
PLACES = "People are counted as places: somebody who took two programmes is counted in both."
DOSE = "Bars: people trained in 100 of the headcount. The mark: how many are needed, as the register of staff says."
SKILLS = (
    "Tests of change begun per team-month, {first} to {last}. A team has trained people from the month after its first."
)
PIPELINE = "People trained up to each month, by level."
OTHERS = "Other levels"
APART = {
    "no_headcount": "{place}: {people} trained, no headcount given, left out here.",
    "over_headcount": "{place}: {people} trained and a headcount of {headcount} cannot both be right; left out here.",
    "suppressed": "{place}: the headcount is hidden to protect privacy, left out here.",
}
NO_SKILLS = {
    "no_tests": "Whether training is used cannot be said: no log of tests of change is given.",
    "no_teams": "Whether training is used cannot be said: the register of training names no team.",
    "few": "{rates} With fewer than 5 teams on one side no interval can be given: nothing can be read into it.",
    "none_in_one": "{rates} Without a test on one side no ratio can be given.",
}
ASSOCIATION = "This is an association: teams that test more may also be the ones that send people to training."


def group(by: str, name: str) -> str:
    """A group as a reader expects it.

    >>> group("sector", "social_care"), group("level", ""), group("board", "Kilmarrow")
    ('Social care', 'Level not said', 'Kilmarrow')
    """
    if name == REST:
        return OTHERS
    return SECTORS.get(name, name) if by == "sector" else name or f"{BY[by]} {UNSAID}"


def place(row: Row) -> str:
    """A board and sector in words.

    >>> place({"board": "Kilmarrow", "sector": "social_care"})
    'Kilmarrow, social care'
    """
    sector = f", {group('sector', row['sector']).lower()}" if row["sector"] else ""
    return f"{group('board', row['board'])}{sector}"


def place_of(row: Row) -> int:
    """Where a sector stands among the others."""
    return list(SECTORS).index(row["sector"])


def people(number: float) -> str:
    """A number of people: "1 person", "1,204 people"."""
    return "1 person" if number == 1 else f"{number:,.0f} people"


def hidden_counts(number: int) -> str:
    """What an outside audience is not shown."""
    told = f"{number} {plural(number, 'count')} of 1 to 4 people {'is' if number == 1 else 'are'} hidden"
    return f"{told} to protect privacy, and in no sum." if number else ""


def at_least(number: str, hidden: int) -> str:
    """A sum, from which hidden counts are absent."""
    return f"at least {number}" if hidden else number


def trained_title(total: float, hidden: int) -> str:
    return capital(f"{at_least(people(total), hidden)} trained in improvement")


def trained_sentence(rows: Sequence[Row], by: str, hidden: int, method: Row) -> str:
    """How many were trained, and in how many groups; the largest named."""
    total = sum(row["people"] for row in rows)
    first = max(rows, key=lambda row: row["people"])
    what = BY[by].lower()
    said = f"{trained_title(total, hidden)}, by {what}"
    if len(rows) > 1 and total and by != "board":
        said += f": most in {group(by, first['group'])} ({first['people']:,.0f}), of {counted(len(rows), what)}"
    return joined(f"{said}.", hidden_counts(hidden), simulated(method))


def dose_title(rows: Sequence[Row], sector: str, hidden: int) -> str:
    """How many of the places that say what they need have trained as many."""
    asked = [row for row in rows if row["need"] == row["need"]]
    met = sum(row["people"] >= row["need"] for row in asked)
    if asked:
        boards = f"{at_least(str(met), hidden)} of {counted(len(asked), 'board')}"
        return f"{sector}: {boards} {'has' if 1 in (met, len(asked)) else 'have'} trained as many people as needed"
    return f"{sector}: people trained beside the headcount of {counted(len(rows), 'board')}"


def dose_sentence(rows: Sequence[Row], sector: str, apart: int, hidden: int, method: Row) -> str:
    """People trained in 100 of the headcount, over all; how many places are left out, how many counts hidden."""
    total, heads = sum(row["people"] for row in rows), sum(row["headcount"] for row in rows)
    share = f"{at_least(f'{total:,.0f}', hidden)} of {heads:,.0f} people are trained, {100 * total / heads:.1f} in 100."
    left = f"{counted(apart, 'place').capitalize()} {'is' if apart == 1 else 'are'} left out and named below the chart."
    title = f"{dose_title(rows, sector, hidden)}."
    return joined(title, capital(share), left if apart else "", hidden_counts(hidden), simulated(method))


def dose_apart(rows: Sequence[Row]) -> tuple[str, ...]:
    """A line for each place that is left out."""
    return tuple(
        APART[row["reason"]].format(
            place=place(row), people=people(row["people"]), headcount=f"{row['headcount']:,.0f}"
        )
        for row in rows
    )


def pipeline_title(total: float, first: Any, hidden: int) -> str:
    return capital(f"{at_least(people(total), hidden)} trained since {period(first, 'month')}")


def pipeline_sentence(rows: Sequence[Row], first: Any, year: float, hidden: int, method: Row) -> str:
    """How many were trained since the first, level by level, and how many of them in the last year."""
    levels = listed([f"{row['total']:,.0f} {group('level', row['level'])}" for row in rows])
    title = pipeline_title(sum(row["total"] for row in rows), first, hidden)
    last = f"{title}: {levels}; {year:,.0f} of them in the last 12 months."
    return joined(last, hidden_counts(hidden), simulated(method))


def rate(row: Row) -> str:
    """A rate of tests: "0.21 tests per team-month (34 in 162 months of 20 teams)"."""
    if not row["months"]:
        return "no months"
    base = f"{row['tests']:,} in {row['months']:,} months of {counted(row['teams'], 'team')}"
    return f"{row['rate']:.2f} tests per team-month ({base})"


def skills_title(found: Row) -> str:
    """What the two rates say beside each other, as an association."""
    if found["reason"]:
        return "Teams with and without trained people: too little to compare"
    if found["lower"] <= 1 <= found["upper"]:
        return "Teams with and without trained people: no clear difference in testing"
    more = "more" if found["ratio"] > 1 else "less"
    return f"Teams with trained people test {more} often: an association"


def skills_sentence(found: Row, rows: Sequence[Row], method: Row) -> str:
    """Both rates, their ratio with its interval, and that it is an association."""
    rates = f"Teams with trained people: {rate(rows[0])}; without: {rate(rows[1])}."
    if found["reason"]:
        return joined(NO_SKILLS[found["reason"]].format(rates=rates), simulated(method))
    ratio = f"Within the same quarters the ratio is {found['ratio']:.2f}"
    ratio += f" (95% interval {found['lower']:.2f} to {found['upper']:.2f})"
    clear = "." if not found["lower"] <= 1 <= found["upper"] else ", so no difference can be told from chance."
    return joined(rates, ratio + clear, ASSOCIATION, simulated(method))

"""The words of the impact report about reach: partners, spread, gains held, other systems; and how it was all made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.views.numerals import capital, counted, joined, known, listed, of, period, unit, value

Row = Mapping[str, Any]
FEW_NAMES = 4
ALL_BOARDS = "All boards"
BY = {"sector": "Sector", "role": "Role", "year": "Year joined"}
UNSAID = "not said"
MERGED = {
    "slip": "a slip of the hand",
    "initials": "initials",
    "order": "the same words in another order",
    "spacing": "the same letters, spaced otherwise",
    "part": "the same name with a word more: may be a part of it",
    "either": "could be either of several",
    "ending": "another legal ending: may be a charity and a company of one name",
    "number": "the same name with its number written as a word",
}
NO_PARTNERS = "No collaborative names a register of partners (sources.partners)."
NO_COMPARATORS = "No collaborative names published figures of other systems (sources.comparators)."
NONE_CLOSED = "None of these collaboratives has closed (closed: in its YAML): whether gains are held is not known yet."
NOBODY = "No team of these collaboratives has joined yet."
METHOD = {
    "Grades": (
        "A: an interrupted time series from a start set beforehand in the YAML (impact.began); its errors allow",
        "for each month resembling the one before; controlled where teams that took no part are taken away",
        "(impact.control). B: a sustained shift by the rules of the measure's chart, all teams together. C: the",
        "last year beside the time before, with errors that allow for the same. D: stories with consent alone. A",
        "grade says how sure a change is. What brought it about, no figure here shows.",
    ),
    "Harm avoided": (
        "Expected: each team's exposure times its own rate before the start (impact.began, else the first year);",
        "what was observed is taken from it, until the collaborative closed. Teams without enough figures before",
        "are not counted, and said. What is said rests on an interval from counts (score limits, Dobson 1991, MOVER),",
        "widened by as much as periods scatter more than counts do and resemble those before them (Zeger 1988). Beside",
        "it stands a bootstrap of periods in blocks, which sees little of such resemblance. Where a start was chosen",
        "because things were bad, some of the difference is a return to the usual.",
    ),
    "Cost and benefit": (
        "Benefit: events fewer than expected, times the worth of one, both between their bounds. Sums in",
        "different currencies are not added. Prices and costs are those that the YAML names with their source.",
    ),
    "Partners": (
        "Names that differ in case, signs, legal endings and usual abbreviations are one. Likely ones are counted",
        "as one and listed to confirm; doubtful ones are kept apart and listed. The register's column same_as",
        "settles them.",
    ),
    "Gains held": (
        "From the median of the last year before the end: the first run of as many points the wrong way as the",
        "measure's rules ask for a sustained shift.",
    ),
}


def partners_title(register: Any) -> str:
    """How many organisations there are."""
    number = counted(len(register.organisations), "distinct organisation")
    return f"{number} in {counted(register.rows, 'row')} of the register"


def partners_sentence(register: Any, by: str, rows: Sequence[tuple[str, int]]) -> str:
    """How many there are, by what, and what awaits a yes."""
    most = listed(
        [f"{number} {'in ' if by == 'year' and name != UNSAID else ''}{name}" for name, number in rows], FEW_NAMES
    )
    merged, doubt = len(register.merges), len(register.doubtful)
    wait = f"{counted(merged, 'spelling')} taken for another name, to be confirmed" if merged else ""
    kept = f"{counted(doubt, 'pair')} in doubt, kept apart" if doubt else ""
    waiting = "; ".join(part for part in (wait, kept) if part)
    return joined(
        f"{capital(partners_title(register))}; by {BY[by].lower()}: {most}.", f"{capital(waiting)}." if waiting else ""
    )


def partners_subtitle(by: str, more: int) -> str:
    """What is counted."""
    also = f" {more} more stand in the table." if more > 0 else ""
    many = "; an organisation counts in each of its roles" if by == "role" else ""
    return f"Distinct organisations by {BY[by].lower()}{many}.{also}"


def elsewhere_subtitle(measure: Row, more: int) -> str:
    """What is drawn."""
    also = f" {more} more systems stand in the table." if more > 0 else ""
    words = unit(measure)
    return f"{measure['name']}{f' ({words})' if words else ''}, all teams together, beside published figures.{also}"


NOTHING_TO_CONFIRM = "No name in the register of partners awaits a confirmation."
CONFIRM_NOTE = (
    "To settle a name write into the register's column same_as the name it is to be counted under: that beside it, or "
    "its own where the two are not one."
)


def spread_title(last: Row) -> str:
    """The latest shares."""
    joiners = of(int(last["joined"]), int(last["eligible"]), "team", "has joined", "have joined")
    if not known(last["adopted"]):
        return f"{joiners}; whether they adopted a change is not known"
    adopted, logged = int(last["adopted"]), int(last["logged"])
    of_those = f" of the {logged} with a log of tests" if logged < last["eligible"] else ""
    return f"{joiners}; {adopted or 'none'}{of_those} {'has' if adopted == 1 else 'have'} adopted a change they tested"


def spread_sentence(board: str, last: Row, then: Row) -> str:
    """The latest shares of those that could take part, and those a year before."""
    adopted = f" and {int(then['adopted'])} had adopted one" if known(then["adopted"]) else ""
    year = f"A year before, {int(then['joined'])} had joined{adopted}."
    lacking = int(last["eligible"] - last["logged"])
    log = f"Of {counted(lacking, 'team')} there is no log of tests (sources.pdsa)." if lacking else ""
    return joined(f"{board}, {period(last['date'], 'month')}: {spread_title(last)}.", year, log)


def own_teams(names: Sequence[str]) -> str:
    """Of which collaboratives it is not said how many could take part.

    >>> own_teams(["Falls"])
    'How many teams could take part is not said for Falls (impact.eligible): its own teams stand for it.'
    """
    whose = "its" if len(names) == 1 else "their"
    told = f"How many teams could take part is not said for {listed(names, FEW_NAMES)} (impact.eligible)"
    return f"{told}: {whose} own teams stand for it." if names else ""


SPREAD_SUBTITLE = (
    "Teams that have joined, and that have adopted a change after testing it, of all that could take part."
)


def held(row: Row, measure: Row, method: Row) -> str:
    """What became of a gain after the end."""
    points = counted(int(row["points"]), "point")
    if row["state"] == "slipped":
        since, seen = (period(row[name], method) for name in ("slipped", "seen"))
        return f"A sustained shift the wrong way since {since}, seen by {seen}"
    return {
        "held": f"Held: no sustained shift the wrong way in {points}",
        "too_few": f"Too early to say: {points} since the end",
        "no_level": "Too few points in the last year before the end to say where it ended",
    }[str(row["state"])]


def more_stories(number: int) -> str:
    """How many more stories there are than the page shows.

    >>> more_stories(3), more_stories(0)
    ('3 more stories, older than these, are in stories.csv beside this page.', '')
    """
    if number <= 0:
        return ""
    many = f"{number} more {'story' if number == 1 else 'stories'}, older than these,"
    return f"{many} {'is' if number == 1 else 'are'} in stories.csv beside this page."


def differs(rows: Sequence[Row]) -> str:
    """What differs in the definition of each system, said first."""
    told: dict[str, list[str]] = {}
    for row in rows:
        told.setdefault(str(row["differs"]) or "what differs in its definition is not said", []).append(
            str(row["system"])
        )
    parts = [f"{listed(list(dict.fromkeys(systems)))}: {words.rstrip('.')}" for words, systems in told.items()]
    return f"Not measured alike. {'. '.join(parts)}."


def elsewhere_sentence(rows: Sequence[Row], name: str, own: Row | None, measure: Row, method: Row) -> str:
    """What differs, then the latest figures."""
    last: dict[str, Row] = {str(row["system"]): row for row in rows}
    here = [f"{value(own['value'], measure)} here in {period(own['date'], method)}"] if own else []
    there = [
        f"{value(row['value'], measure)} in {system} in {period(row['date'], 'month')}" for system, row in last.items()
    ]
    of_unit = f" ({unit(measure)})" if unit(measure) else ""
    return joined(differs(rows), f"{name}{of_unit}: {', '.join([*here, *there])}.")

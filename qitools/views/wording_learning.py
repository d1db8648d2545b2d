"""Who has something to share and who could talk to whom, in words.

A team is never placed above another: it has something to share, or would like help. Reasons come as codes and numbers
from ``analysis/bright.py`` and ``analysis/learning.py``; a reason from the figures is never a cause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qitools.analysis.bright import TEAMS
from qitools.analysis.levels import LEAST
from qitools.views.numerals import MINUS, counted, joined, known, listed, of, period, plural, value
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]
Why = Sequence[tuple[str, Any]]
# Heads of columns.
BRIGHT_HEADS = {
    "name": "Team",
    "before": "First year",
    "after": "Latest year",
    "moved": "Change, small numbers drawn in (95% interval)",
    "likely": "Probability of the top quarter",
    "since": "Since",
    "said": "What the figures say",
}
OFFER_HEADS = {"team": "Team", "kind": "Says it", "text": "About what", "measure": "Measure", "date": "Written down"}
GAP_HEADS = {
    "team": "Team",
    "measure": "Measure",
    "said": "What the figures say",
    "since": "Since",
    "until": "Until",
    "likely": "Level behind a typical team's (probability)",
}

SHARES = "Has something to share"
OTHERS = "Other teams"
TYPICAL = "A typical team"
SHOWN = 6  # teams explained in one sentence
BRIGHT = "sustained improvement since {since}, on the better side in {course}, not explained by small numbers"
UNNAMED = "{more}, which {have} not agreed to be put forward"
NOBODY = {
    "": "No team stands out from the others on {measure} yet: none has an improvement that is sustained, consistent "
    "and more than small numbers can explain.",
    "few_teams": f"{{measure}}: fewer than {TEAMS} teams have {LEAST} periods of figures, too few to tell a bright "
    "spot from small numbers. The chart of each team says what it can.",
    "no_direction": "{measure}: neither direction is better, so nobody's change is held up as an example.",
    "no_figures": f"{{measure}}: no team has {LEAST} periods of figures yet, so nobody's change can be told.",
}
UNITS = {"percent": "in per cent", "points": "in percentage points, from the level all teams began at", "unit": ""}
SIDE = {"lower": "to the left is better", "higher": "to the right is better", "neither": ""}


def bright_title(bright: Sequence[Row], total: int, reason: str) -> str:
    """How many teams have something to share, in a title.

    >>> bright_title([{"name": "A"}], 14, ""), bright_title([], 14, "")
    ('1 of 14 teams has something to share', 'No team stands out from the others yet')
    """
    if not bright:
        return "Nobody can be told apart here yet" if reason else "No team stands out from the others yet"
    return f"{of(len(bright), total, 'team', 'has', 'have')} something to share"


def bright_subtitle(measure: Row, unit: str, method: Row) -> str:
    """What is drawn: the shrunken change, its unit and its better side."""
    words = [UNITS[unit] or f"in {measure.get('unit') or 'the unit of the measure'}", SIDE[measure["better"]]]
    told = "; ".join(word for word in words if word)
    drawn = f"Change from the first to the last year of counted periods of each team, small numbers drawn in; {told}."
    return f"{measure['name']}. {drawn}{' Simulated data.' if method.get('simulated') else ''}"


def bright_line(row: Row, method: Row) -> str:
    """Why one team is a bright spot: since when, how steadily, and that small numbers do not explain it.

    >>> row = {"since": "2025-03-01", "periods": 9, "on_side": 9}
    >>> bright_line(row, {"period": "month"})
    'sustained improvement since March 2025, on the better side in 9 of 9 months, not explained by small numbers'
    """
    return BRIGHT.format(since=period(row["since"], method), course=course(row["on_side"], row["periods"], method))


def course(on_side: int, periods: int, method: Row) -> str:
    """How many of the periods since a shift began lie on the better side."""
    noun = str(method.get("period") or "period")
    return f"{on_side} of {periods} {plural(periods, noun)}"


def bright_sentence(
    named: Sequence[Row], unnamed: int, measure: Row, method: Row, reason: str = "", total: int = 0
) -> str:
    """Every bright spot with its reasons; teams that have not agreed to be named are counted.

    Args:
        named: ``name, since, periods, on_side`` of each bright spot that may be named.
        unnamed: how many more there are.
        measure, method: labels of the measure, and how the numbers were made.
        reason: why no team can be called one, as in ``Bright``.
        total: how many teams were compared.
    """
    tail = simulated(method)
    if not named and not unnamed:
        return joined(NOBODY[reason].format(measure=measure["name"]), tail)
    lines = [f"{row['name']} ({bright_line(row, method)})" for row in named[:SHOWN]]
    rest = len(named) - len(lines)
    more = [f"{counted(rest, 'more team')} named in the table"] if rest else []
    said = listed([*lines, *more, *([hidden(unnamed, bool(lines))] if unnamed else [])], SHOWN + 2)
    compared = f"{counted(total, 'team')} were compared." if total > 1 else ""
    return joined(f"Something to share on {measure['name']}: {said}.", compared, tail)


def hidden(count: int, more: bool) -> str:
    """How many teams are not named.

    >>> hidden(1, True), hidden(2, False)
    ('1 more team, which has not agreed to be put forward', '2 teams, which have not agreed to be put forward')
    """
    noun = "more team" if more else "team"
    return UNNAMED.format(more=counted(count, noun), have="has" if count == 1 else "have")


def moved(row: Row, unit: str, measure: Row) -> str:
    """A shrunken change with its interval, short: "−32% (−45 to −18)"; "" where it is not known."""
    if not known(row["change"]):
        return ""
    ends = [_signed(row[name], unit, measure) for name in ("change", "lower", "upper")]
    sign = {"percent": "%", "points": " points", "unit": ""}[unit]
    return f"{ends[0]}{sign} ({ends[1]} to {ends[2]})"


def _signed(number: float, unit: str, measure: Row) -> str:
    size = value(abs(number), {"data": measure["data"]}) if unit == "unit" else f"{abs(number):.0f}"
    sign = "" if float(size.replace(",", "")) == 0 else MINUS if number < 0 else "+"
    return f"{sign}{size}"


# ---- who could talk to whom -----------------------------------------------------------------------------------------

COULD = "{asker} could talk to {giver}{about}"
BECAUSE = ", because {reasons}{aside}."
KINDS = {"ask": "would like help", "offer": "has something to share"}
# What the figures say of a team in need ({asker}) and of one with a gain ({giver}).
NEEDS: dict[str, str] = {
    "asked": "{asker} would like help (“{what}”)",
    "worsened": "{asker} has been going the wrong way{since}",
    "went": "{asker} went the wrong way from {first} to {last}",
    "moving_back": "{asker} improved earlier and is now moving back",
    "level": "{asker} shows no sustained change at a level behind that of a typical team",
}
GIFTS: dict[str, str] = {
    "bright": "{giver} has a sustained improvement{since}, not explained by small numbers{course}",
    "sustained": "{giver} has a sustained improvement{since}{course}",
    "offers": "{giver} has something to share (“{what}”)",
}


def talk_sentence(
    pair: Row, teams: Mapping[str, str], measures: Mapping[str, str], method: Row, unnamed: bool = False
) -> tuple[str, str]:
    """One pair and its reasons, as the two halves of a sentence: who could talk to whom, and because of what.

    Args:
        pair: a row of ``analysis.learning.talks``.
        teams, measures: names by id.
        method: how the numbers were made, for its period.
        unnamed: the team with something to share has not agreed to be named.

    >>> why = (("same_measure", "falls"), ("ask", "Nights"), ("offer", "Rounds"))
    >>> pair = {"from_team": "a", "to_team": "b", "measure": "falls", "why": why}
    >>> print(*talk_sentence(pair, {"a": "Ash", "b": "Oak"}, {"falls": "Falls"}, {}), sep="")
    Ash could talk to Oak about Falls, because Ash would like help (“Nights”) and Oak has something to share (“Rounds”).
    """
    who = {"asker": teams[pair["from_team"]], "giver": SOMEBODY_AGAIN if unnamed else teams[pair["to_team"]]}
    periods = dict(pair["why"]).get("periods")
    words = {**who, "course": f", on the better side in {course(periods[0], periods[1], method)}" if periods else ""}
    about = f" about {measures[pair['measure']]}" if pair["measure"] in measures else ""
    said = {code: _reason(code, what, words, method) for code, what in pair["why"]}
    reasons = listed([reason for code, reason in said.items() if reason and code not in ASIDE])
    aside = "".join(f"; {said[code]}" for code in ASIDE if code in said)
    giver = SOMEBODY if unnamed else who["giver"]
    could = COULD.format(asker=who["asker"], giver=giver, about=about)
    return could, BECAUSE.format(reasons=reasons, aside=aside)


def _reason(code: str, what: Any, words: Mapping[str, str], method: Row) -> str:
    """One reason in words, "" for one that others say already."""
    if code in NEEDS or code in GIFTS:
        return (NEEDS | GIFTS)[code].format(**_told(what, method), **words)
    return OTHER_REASONS[code](what, words) if code in OTHER_REASONS else ""


def _told(what: Any, method: Row) -> dict[str, str]:
    """What belongs to a code: a text, a date since when, or two dates, from the first to the last period."""
    if isinstance(what, str):
        return {"what": what, "since": ""}
    first, last = what if isinstance(what, tuple) else (what, None)
    ends = {"first": period(first, method), "last": period(last, method)}
    return {"since": f" since {ends['first']}" if known(first) else "", **ends}


OTHER_REASONS: dict[str, Callable[[Any, Mapping[str, str]], str]] = {
    "ask": lambda what, who: f"{who['asker']} would like help (“{what}”)",
    "offer": lambda what, who: f"{who['giver']} has something to share (“{what}”)",
    "same_words": lambda what, _: f"both speak of {quoted(what)}",
    "idea": lambda what, who: f"{who['giver']} has tried “{what}”, which {who['asker']} has not written down",
    "tags": lambda what, _: f"both are tagged {quoted(what)}",
}
ASIDE = ("same_words", "idea", "tags")  # reasons that stand after the others


def quoted(words: Sequence[str]) -> str:
    """Words as somebody wrote them.

    >>> quoted(("night", "rounds"))
    '“night” and “rounds”'
    """
    return listed([f"“{word}”" for word in words])


def talk_title(pairs: int, asks: int, offers: int) -> str:
    """How many have said what, and how many pairs come of it.

    >>> talk_title(2, 3, 1)
    '3 asks and 1 offer have been written down; 2 pairs of teams could talk.'
    >>> talk_title(0, 0, 0).split(':')[0]
    'Nobody has written down an offer or an ask yet'
    """
    if not asks and not offers:
        return (
            "Nobody has written down an offer or an ask yet: each team could name one thing it has to share, and one "
            "it would like help with."
        )
    if not (asks and offers):
        noun, lacking, count = ("ask", "offer", asks) if asks else ("offer", "ask", offers)
        have = "has" if count == 1 else "have"
        return f"{counted(count, noun)} {have} been written down, and no {lacking} yet."
    could = f"{counted(pairs, 'pair')} of teams could talk" if pairs else "no ask meets an offer yet"
    return f"{counted(asks, 'ask')} and {counted(offers, 'offer')} have been written down; {could}."


HEADS = {
    "pairs": "Asks that meet an offer",
    "left": "Also asked and offered",
    "suggested": "Suggestions from the figures, for the facilitator",
    "gaps": "Measured gaps, for the facilitator",
}
NO_LEFT = "Every offer and every ask stands in a pair above."
HOW = "To write one down, add a row to the file that sources.offers names: team, date, kind (offer or ask) and text."
SUGGESTED = (
    "A suggestion is where a conversation could begin, not a judgement: ask both teams first. Nobody is asked to "
    "share with more than {load} teams."
)
NO_SUGGESTION = "The figures suggest no pair: there is no gap beside a gain on the same measure."
GAPS = {
    "worsened": "Going the wrong way",
    "went": "Went the wrong way, and is no longer",
    "moving_back": "Improved earlier, now moving back",
    "level": "No sustained change, at a level behind that of a typical team",
}
NO_GAPS = "No team shows a gap that the figures can tell from chance."
OWN_NONE = (
    "No pair has been found for {team} yet. What would you like help with, and what could you share? Both can be "
    "written down, as an ask or an offer."
)
OWN_GIVER = "Another team might like to hear from {team} about {measure}."
SOMEBODY, SOMEBODY_AGAIN = "a team that your facilitator can name", "that team"

"""All teams together in words: who stands behind the line, and what its change is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.views.numerals import capital, counted, decimals, joined, percentage, period, value
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]
BANNER = "Read with care: more than a quarter of what moved is teams joining or leaving, not change within teams."
REASONS = {
    "events": "times between events cannot be added up over teams, so there is no change of all together to split.",
    "no_denominator": "these figures have no denominators, so the change of all teams together cannot be split.",
    "no_points": "no team has figures yet.",
    "too_short": "the first and the last window need the same months of the year: that takes fifteen months or more.",
    "none_stayed": "no team reported in both windows, so nothing can be said of change within teams.",
}
PARTS = {
    "within": "Within teams",
    "mix": "Teams growing or shrinking beside each other",
    "joiners": "Teams that joined",
    "leavers": "Teams that left",
}
LARGEST = {
    "within": "mostly within teams",
    "mix": "mostly from some teams growing beside others",
    "membership": "mostly from teams joining or leaving",
}
PANEL = "The {steady} of {teams} teams that stayed"
PANEL_COLUMN = "Teams that reported throughout"


NOT_POOLED = "{name}: times between events cannot be added up over teams, so there is no line of all teams together."


def panel_legend(steady: int, teams: int) -> str:
    """The words of the line of the teams that reported throughout."""
    return PANEL.format(steady=steady, teams=teams)


def panel_sentence(steady: int, teams: int, drawn: bool) -> str:
    """Whether the teams behind the pooled line stay the same.

    >>> panel_sentence(24, 35, True), panel_sentence(5, 5, False)
    ('The dotted line is the 24 of 35 teams that reported throughout.', '')
    """
    if drawn:
        return f"The dotted line is the {steady} of {teams} teams that reported throughout."
    if steady < 2 <= teams and steady < teams:
        who = "no team" if not steady else "only one team"
        return f"{capital(who)} reported throughout, so it rests on different teams at different times."
    return ""


def split_title(split: Row, measure: Row) -> str:
    """The finding of the split, in a title."""
    if split["reason"]:
        return f"{measure['name']}: the change of all teams together is not split"
    moved = amount(split["after"] - split["before"], split, measure)
    if moved == "no change":
        return "All teams together: no change from the first window to the last"
    return f"All teams together: {moved}, {LARGEST[largest(split['parts'])]}"


def largest(parts: Mapping[str, float]) -> str:
    """The part that moves most: within, mix or membership."""
    sizes = {
        "within": abs(parts["within"]),
        "mix": abs(parts["mix"]),
        "membership": abs(parts["joiners"] + parts["leavers"]),
    }
    return max(sizes, key=lambda part: sizes[part])


def split_subtitle(split: Row, measure: Row, method: Row) -> str:
    """What is drawn, and the banner where membership moves much."""
    name = f"{measure['name']}."
    drawn = "From the first window to the last, in the same months of the year; the four parts add up to the change."
    return joined(BANNER if split["banner"] else "", name, drawn, "Simulated data." if method.get("simulated") else "")


def split_window(ends: tuple[Any, Any], method: Row, short: bool = True) -> str:
    """A window by its first and last period: "Apr 2022 to Mar 2023"; quarters are always short."""
    brief = short or method.get("period") == "quarter"
    return " to ".join(dict.fromkeys(period(day, method, short=brief) for day in ends))


def split_part(part: str, split: Row) -> str:
    """The name of a part, with how many teams it is of.

    >>> split_part("joiners", {"groups": {"joined": 3}}), split_part("leavers", {"groups": {}})
    ('Teams that joined (3)', 'Teams that left (none)')
    """
    group = {"within": "stayed", "joiners": "joined", "leavers": "left"}.get(part, "")
    return f"{PARTS[part]} ({split['groups'].get(group) or 'none'})" if group else PARTS[part]


def amount(number: float, split: Row, measure: Row) -> str:
    """An amount of change: "1.23 lower", "no change" where too small to print.

    >>> amount(-1.234, {"before": 6.4, "after": 5.1}, {"data": "rate"})
    '1.23 lower'
    """
    places = 2 if percentage(measure) else decimals(max(abs(split["before"]), abs(split["after"]))) + 1
    words = f"{abs(number):,.{places}f}"
    if float(words.replace(",", "")) == 0:
        return "no change"
    points = " percentage points" if percentage(measure) else ""
    return f"{words}{points} {'higher' if number > 0 else 'lower'}"


def split_sentence(split: Row, measure: Row, method: Row) -> str:
    """The change of all teams together and its four parts."""
    head = f"{measure['name']}, all teams together"
    if split["reason"]:
        return joined(f"{measure['name']}: {REASONS[split['reason']]}", simulated(method))
    first, last = (split_window(split[end], method, short=False) for end in ("first", "last"))
    levels = [value(split[end], measure) for end in ("before", "after")]
    total = amount(split["after"] - split["before"], split, measure)
    groups, parts = split["groups"], split["parts"]
    said = [
        f"within the {_those(groups['stayed'])} in both windows {amount(parts['within'], split, measure)}",
        f"some of them growing or shrinking beside others {amount(parts['mix'], split, measure)}",
        *(
            f"{counted(groups[group], 'team')} that {group} {amount(parts[part], split, measure)}"
            for part, group in (("joiners", "joined"), ("leavers", "left"))
            if groups.get(group)
        ),
    ]
    still = "" if any(groups.get(group) for group in ("joined", "left")) else "No team joined or left."
    return joined(
        f"{head}: {levels[0]} in {first}, {levels[1]} in {last}, {total}{_same(split)}.",
        f"Of this, {'; '.join(said)}.",
        still,
        BANNER if split["banner"] else "",
        simulated(method),
    )


def _same(split: Row) -> str:
    """Said where the windows have gaps: of how many periods each is made.

    >>> _same({"same": "9 months"}), _same({})
    (', from the same 9 months of each', '')
    """
    return f", from the same {split['same']} of each" if split.get("same") else ""


def _those(teams: int) -> str:
    return f"{teams} teams" if teams > 1 else "one team"


def split_rows(split: Row, measure: Row) -> Sequence[str]:
    """The amounts of the four parts, in few words."""
    return [amount(split["parts"][part], split, measure).replace("percentage points", "points") for part in PARTS]

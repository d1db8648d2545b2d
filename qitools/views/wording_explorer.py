"""Every word of the explorer: labels, hints, what differs between two settings, what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from qitools.views.numerals import capital, counted, known, listed, period, value
from qitools.views.vocabulary import CHARTS, centre_name
from qitools.views.wording_findings import cell

Row = Mapping[str, Any]

ALL_TEAMS = "All teams, as small charts"
LABELS = {
    "measure": "Measure",
    "team": "Team",
    "chart": "Chart",
    "rules": "Rule set (all measures)",
    "baseline": "Baseline (all measures)",
    "screen": "Screening of moving ranges (all measures)",
    "rebase": "New phases (all measures)",
    "target": "Target",
    "period": "Period of this team",
    "date": "Period",
    "suggested": "Suggested new phases",
    "reason": "What happened, in a few words",
    "by": "Decided by (a role will do)",
    "why": "Why the settings were changed",
    "compare": "Compare with",
}
BUTTONS = {
    "annotation": "Note it on the chart",
    "exclusion": "Leave this point out",
    "phase": "Begin a new phase here",
    "undo": "Undo",
    "redo": "Redo",
    "keep": "Keep these settings to compare",
    "preview": "Show what would be written",
    "save": "Save to the YAML",
    "take_back": "Take back what was saved last",
    "reopen": "Open the file again",
}
HEADINGS = {
    "look": "Look",
    "decide": "Decide at one period",
    "compare": "Compare",
    "save": "Save",
    "history": "Who decided what, when and why",
}
POINT = "Click a point in the chart, or choose its period here."
CLICK_TEAM = "Click a small chart, or choose the team above, to look at it alone."
NO_DATE = "choose a period"
NO_SUGGESTION = "none chosen"
DEFAULT_BASELINE = "as the rule set says"
BASELINE = "first {n} points"
SCREEN = {False: "not screened", True: "screened once"}
REBASE = {"none": "only those decided", "sustained-shift": "also those found in the data"}
PERIODS = {"week": "week", "month": "month", "quarter": "quarter"}
AUTO = "auto"
NOTHING = "nothing"
SAVED = "the settings in the YAML"
KEPT = "the settings kept"
NO_FILE = "This collaborative was not opened from a YAML file, so there is nowhere to save to: give its name or path."
NOTHING_TRIED = "Nothing has been decided or changed yet, so there is nothing to save."
NEEDS_TEAM = "Choose one team first: a point belongs to one team."
NEEDS_DATE = "Choose a period first, or click a point in the chart."
NEEDS_REASON = "Write what happened first, in a few words: it stands on the chart and in the YAML."
NOT_A_NUMBER = "The target is not a number: found {found!r}; nothing was changed."
UNDONE, REDONE = "Undone.", "Done again."
REOPENED = "The file was opened again. What you tried is still here, and is applied to it: look, then save."
UNCHANGED = "No line of the YAML would change."
STATIC = "The chart as saved. `qitools explore {name}` opens it to try settings and save decisions with their reasons."
NO_WIDGETS = "The controls cannot be shown here: {why}. The chart, the sentence and the numbers are complete."
MANY = "{n} small charts are drawn: on a slow computer this takes some seconds."
HISTORY_HEADS = ("Decided", "What", "Where", "Why", "By")
NO_HISTORY = "Nothing has been decided yet."
NOT_SAVED = "Not saved yet."
TRIED = "Tried and not saved yet"
NOTHING_HERE = "Nothing yet."
CHANGED = "Your decisions are still here. Open the file again to see theirs beside yours, then save."
KINDS = {
    "phase": "A new phase begins",
    "exclusion": "A point is left out",
    "annotation": "A note on the chart",
    "chart": "Chart",
    "target": "Target",
    "period": "Period",
    "rules": "Rule set",
    "baseline": "Baseline",
    "rebase": "New phases",
    "screen": "Screening",
}


def setting(kind: str, given: Any) -> str:
    """A setting as people read it.

    >>> setting("chart", "pp"), setting("baseline", None), setting("screen", True)
    ('p′ chart', 'as the rule set says', 'screened once')
    """
    if kind == "chart":
        return CHARTS.get(given, AUTO)
    if kind == "baseline":
        return BASELINE.format(n=given) if given else DEFAULT_BASELINE
    if kind == "target":
        return f"{given:g}" if known(given) else "none"
    tables: dict[str, Mapping[Any, str]] = {"screen": SCREEN, "rebase": REBASE, "period": PERIODS}
    return tables.get(kind, {}).get(given, str(given))


def auto_reason(chart: str, why: str) -> str:
    """What ``auto`` chose, and why."""
    return f"auto chose the {CHARTS[chart]}: {why}."


def tried(kind: str, words: str, when: str, reason: str, whose: str = "") -> str:
    """One decision not yet saved, in a line.

    >>> tried("phase", "", "March 2025", "New rounding agreed")
    'A new phase begins, March 2025: New rounding agreed'
    """
    head = ", ".join(filter(None, (KINDS[kind], when, whose)))
    return f"{head}: {reason or words}"


def suggestion(row: Row, measure: Row, kind: str) -> str:
    """A phase that the data suggest: from when, at what level, and why."""
    level = f", {centre_name(measure)} {value(row['centre'], measure)}" if known(row["centre"]) else ""
    return (
        f"{capital(period(row['start'], kind))}: {row['trigger']} points in a row on one side of the "
        f"{centre_name(measure)} before it{level}, {row['status']}"
    )


def suggestions(count: int) -> str:
    """What suggestions are worth."""
    if not count:
        return "No run in these data is long enough to suggest a new phase."
    there = "There is one place" if count == 1 else f"There are {count} places"
    return (
        f"{there} where a sustained shift suggests a new phase. Nothing is applied by itself: begin one only "
        "where you know what changed."
    )


def saved(count: int, file: str) -> str:
    """What was saved, and where it will be seen."""
    return f"Saved to {file}: {counted(count, 'decision')}. The next `qitools run` shows it with its reason."


def taken_back(count: int, file: str) -> str:
    """What was taken back."""
    return f"Taken back from {file}: {counted(count, 'decision')}. It is as if it had not been decided."


def differs(one: Row, other: Row, changed: Sequence[str]) -> str:
    """What differs between two settings, in one sentence.

    ``one`` and ``other`` hold what each chart shows: ``series, measure, kind, marked`` of the left and the right.
    """
    if not changed:
        return "Both show the same settings."
    says, then = (cell(side["series"], side["measure"], side["kind"]) for side in (one, other))
    finding = f"both say: {says[:1].lower()}{says[1:]}" if says == then else f"left: {says}; right: {then}"
    centres = [value(side["series"].get("current_centre"), side["measure"]) for side in (one, other)]
    level = f"the centre line is {centres[0]} in both" if centres[0] == centres[1] else _levels(one, other, centres)
    marks = [int(side["series"].get("marked", 0)) for side in (one, other)]
    points = f"{marks[0]} marked in both" if marks[0] == marks[1] else f"{marks[0]} against {marks[1]} points marked"
    return capital(f"with {listed(changed)}, {finding}; {level}, and {points}.")


def _levels(one: Row, other: Row, centres: Sequence[str]) -> str:
    names = [centre_name(side["measure"]) for side in (one, other)]
    return f"the latest {names[0]} {centres[0]} against the {names[1]} {centres[1]}"


def differs_teams(one: Sequence[str], other: Sequence[str], changed: Sequence[str]) -> str:
    """What differs between two settings over all teams: for how many the chart says something else."""
    if not changed:
        return "Both show the same settings."
    moved = sum(a != b for a, b in zip(one, other, strict=True))
    same = "what the charts say is the same for every team"
    found = f"the charts of {counted(moved, 'team')} say something else" if moved else same
    return capital(f"with {listed(changed)}, {found}.")


def change(kind: str, before: Any, now: Any, whose: str = "") -> str:
    """One setting that differs between the two sides.

    >>> change("period", "month", "quarter", "Glenmore Ward")
    'period of Glenmore Ward month (left) and quarter (right)'
    """
    head = {"chart": "", "screen": "moving ranges"}.get(kind, KINDS[kind].lower())
    left, right = (f"{'the ' * (kind == 'chart')}{setting(kind, one)}" for one in (before, now))
    return f"{head}{f' of {whose}' if whose else ''} {left} (left) and {right} (right)".lstrip()


def decided_here(kind: str, day: date, period_kind: str, side: str, whose: str = "") -> str:
    """One decision that only one side of a comparison, left or right, has.

    >>> decided_here("phase", date(2025, 1, 1), "month", "right")
    'a new phase from January 2025 (right only)'
    >>> decided_here("exclusion", date(2025, 1, 6), "week", "left", "Glenmore Ward")
    'the week of 6 January 2025 left out of Glenmore Ward (left only)'
    """
    when = period(day, period_kind)
    when = f"the {when}" if when.startswith("week of") else when
    owner = f" of {whose}" if whose else ""
    said = {
        "phase": f"a new phase{owner} from {when}",
        "exclusion": f"{when} left out{owner}",
        "annotation": f"a note{owner} in {when}",
    }
    return f"{said[kind]} ({side} only)"


def left(name: str) -> str:
    """The team or measure looked at is no longer in the file."""
    return f"{name} is no longer in the file, so something else is shown."

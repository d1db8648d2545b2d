"""The driver diagram in words: the state of every node, and what the whole shows.

A node says what its own measure shows for all teams together, in how many teams it shows improvement, and how often
something was tested for it. It never says that a test moved a measure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.views.numerals import capital, counted, joined, listed
from qitools.views.vocabulary import verdict
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]
STATES = {
    "sustained": "Sustained improvement",
    "ended": "Improved for a time",
    "improving": "Possible improvement, too early to say",
    "worsening": "Going the wrong way",
    "tested": "Tested",
    "untested": "Not tested yet",
    "unmeasured": "Not measured",
}
KINDS = {"aim": "Aim", "driver": "Driver", "idea": "Change idea"}
LEVELS = {1: "Primary driver", 2: "Secondary driver"}
QUIET = ("no_signal", "")  # verdicts that say no more than this:
UNMOVED = "no improvement overall yet"
DRIVERS = {**STATES, "tested": f"Tested, {UNMOVED}"}  # a change idea is tested and claims nothing
NO_TREE = (
    "No driver diagram has been given for this collaborative. To see it here, write drivers in the settings file: each "
    "with a name, the measure that shows it where there is one, the drivers below it and its change ideas."
)
HOW_READ = "A driver shows what its measure shows for all teams together, a change idea how often it was tested."
CAPTION = "The driver diagram in reading order"
ALSO = "(also serves: {names})"
NAMED = 4  # nodes named of one state


def kind(row: Row) -> str:
    """What a node is.

    >>> kind({"kind": "driver", "level": 1}), kind({"kind": "idea", "level": 3})
    ('Primary driver', 'Change idea')
    """
    return LEVELS.get(int(row["level"]), KINDS["driver"]) if row["kind"] == "driver" else KINDS[row["kind"]]


def node(row: Row) -> str:
    """The state of a node in a few words, for its box and for the outline.

    >>> shown = {"kind": "driver", "state": "sustained", "verdict": "improved", "teams": 28, "improved": 12}
    >>> shown |= {"strength": "", "variation": "", "over": False}
    >>> node({**shown, "tests": 34, "adopted": 9})
    'Sustained improvement; improved in 12 of 28 teams; tested 34 times, 9 adopted'
    >>> node({**shown, "state": "tested", "verdict": "no_signal", "tests": 2, "adopted": 0})
    'Tested twice; no improvement overall yet; improved in 12 of 28 teams'
    >>> node({"kind": "idea", "state": "tested", "verdict": "", "teams": 0, "improved": 0, "tests": 1, "adopted": 0})
    'Tested once'
    """
    if row["kind"] == "idea" and not row["verdict"]:
        return capital(_tested(row)) if row["tests"] else STATES["untested"]
    said = [_overall(row), _teams(row), _tested(row)]
    if row["state"] == "tested":
        said = [_tested(row), *said[:2]]
    return capital("; ".join(part for part in said if part))


def drivers_title(rows: Sequence[Row]) -> str:
    """How many drivers show what, in a title."""
    drivers = [row for row in rows if row["kind"] == "driver"]
    if not drivers:
        return "The aim has no drivers yet" if rows else "No driver diagram yet"
    found = _count(drivers, "sustained", "shows a sustained improvement", "show a sustained improvement")
    earlier = _count(drivers, "ended", "improved for a time", "improved for a time")
    untried = _count(drivers, "untested", "has not been tested yet", "have not been tested yet")
    dark = _count(drivers, "unmeasured", "is not measured", "are not measured")
    total = counted(len(drivers), "driver")
    said = [part for part in (found, earlier, untried, dark) if part]
    return f"Of {total}, {listed(said)}" if said else f"{capital(total)}, no sustained improvement yet"


def drivers_subtitle(method: Row) -> str:
    """What is drawn."""
    return joined(
        "From the aim to its drivers and the change ideas.",
        HOW_READ,
        "Simulated data." if method.get("simulated") else "",
    )


def drivers_sentence(rows: Sequence[Row], method: Row) -> str:
    """What the diagram holds, and which nodes are in which state."""
    if not rows:
        return NO_TREE
    drivers, ideas = ([row for row in rows if row["kind"] == one] for one in ("driver", "idea"))
    aims = listed([str(row["name"]) for row in rows if row["kind"] == "aim"], 2)
    size = f"{counted(len(drivers), 'driver')} and {counted(len(ideas), 'change idea')}"
    said = [_named([row for row in drivers if row["state"] == code], words) for code, words in DRIVERS.items()]
    tried = sum(row["tests"] > 0 for row in ideas)
    ideas_said = f"{capital(counted(tried, 'change idea'))} of {len(ideas)} tested." if ideas else ""
    head = f"{aims.rstrip('.')}: " if aims else ""
    return joined(f"{head}{size}.", *said, ideas_said, simulated(method))


def _overall(row: Row) -> str:
    """The state; of what shows no improvement what the figures say: "improved earlier, now moving back"."""
    if row["state"] not in ("tested", "untested"):
        return STATES[row["state"]]
    said = verdict(row["verdict"], row["strength"], row["variation"], row["over"]) if row["verdict"] else ""
    quiet = UNMOVED if row["verdict"] in QUIET else f"{said[:1].lower()}{said[1:]}"
    return f"{STATES['untested']}; {quiet}" if row["state"] == "untested" else quiet


def _teams(row: Row) -> str:
    """In how many teams the measure improved; said of more than one team."""
    if row["teams"] < 2 or not row["verdict"]:
        return ""
    way = "worsened" if row["state"] == "worsening" else "improved"
    number = row[way] or "none"
    return f"{'in' if way == 'worsened' else 'improved in'} {number} of {row['teams']} teams"


def _tested(row: Row) -> str:
    """How often a node was tested; "" where its state says it already."""
    if not row["tests"]:
        return "" if row["state"] == "untested" else "not tested yet"
    times = {1: "once", 2: "twice"}.get(row["tests"], f"{row['tests']} times")
    return f"tested {times}, {row['adopted']} adopted" if row["adopted"] else f"tested {times}"


def _count(rows: Sequence[Row], code: str, one: str, many: str) -> str:
    number = sum(row["state"] == code for row in rows)
    return f"{number} {one if number == 1 else many}" if number else ""


def _named(rows: Sequence[Row], words: str) -> str:
    return f"{words}: {listed([str(row['name']) for row in rows], NAMED)}." if rows else ""

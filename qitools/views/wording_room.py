"""Words of the form in which the room writes down what is agreed."""

from __future__ import annotations

from collections.abc import Sequence

HEADING = "Write down what is agreed"
HINT = "What is typed here stays in this browser and is sent nowhere; save it as a file before you leave."
ELSEWHERE = "On the page that `qitools run` makes, what is agreed is written down here."
PUBLIC = "What is agreed is written down on the page for the collaborative itself."
KIND = "What is it?"
KINDS = {
    "test": "A new test",
    "note": "A note of a change",
    "offer": "An offer to other teams",
    "ask": "A request to other teams",
}
EVERY_TEAM = "All teams"
CHOOSE = "Choose …"
NONE = "None in particular"
DAY = "Day of the session"
LABELS: dict[str, str | dict[str, str]] = {
    "team": "Team",
    "measure": "Measure",
    "driver": "Driver or change idea",
    "idea": "What will be tried",
    "text": {
        "test": "How small, and where",
        "note": "What has changed",
        "offer": "What is offered",
        "ask": "What is asked for",
    },
    "prediction": "What the team thinks will happen",
    "owner": "Who will do it (a role, no name)",
    "by_when": "By when",
}
ADD, KEEP, DROP = "Write it down", "Keep the change", "Empty the form"
LIST = "Written down so far"
CHANGE, REMOVE = "Change", "Remove"
SAVE = "Save as a file"
AFTER = "Then, where the collaborative's files are: {command} shows what it would append, and --yes appends it."
# What the page says of itself; {n} is put in by the page.
TOLD = {
    "added": "Written down.",
    "changed": "Changed.",
    "removed": "Removed.",
    "editing": "In the form, to be changed.",
    "sure": "Remove this from the list?",
    "saved": "Saved as {file}.",
    "open": "Not all of it is in a file yet.",
    "unkept": "This browser keeps nothing for this page: save the file before you close or reload it.",
    "personal": "This could be a CHI number. Write nothing that names a person.",
}
LACKING = {"pdsa": "tests", "changes": "notes", "offers": "offers and requests"}


def lacking(sources: Sequence[str]) -> str:
    """Which kinds the collaborative has no file for yet; "" where it has all.

    >>> lacking(["pdsa", "offers"])
    'The settings name no file yet for tests or for offers and requests. They can be written down and saved all the \
same; taking them in will say what to add.'
    """
    named = " or for ".join(LACKING[source] for source in sources)
    if not named:
        return ""
    return (
        f"The settings name no file yet for {named}. They can be written down and saved all the same; "
        "taking them in will say what to add."
    )

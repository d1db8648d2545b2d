"""The page that stands for a run: a row for each collaborative, whatever became of it, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from qitools.batch import shared
from qitools.batch.filling import fill

FIRST = "learning_session"  # the page that a collaborative's name opens, where there is one
LABELS = {"facilitator_notes": "Facilitator notes (facilitator only)"}


@dataclass(frozen=True)
class Entry:
    """One report of a run, as the index tells it.

    Args:
        collaborative: its name (the YAML's), which gathers the reports of one row.
        notebook: name of the notebook, ``learning_session`` for the row's main link.
        team: the team's id, "" for a report about all teams.
        page: path of the page, relative to the index; "" where there is none.
        saved: path of the executed notebook, relative to the index; "" where there is none.
        previous: path of the last good page, kept where this run failed; "" where there is none.
        reason: why it was not run, in plain words, "" when all went well; lines that begin with ``- `` are a list.
        advice: what to do about it.
        summary: the job's ``summary.json`` (title, simulated, aim, progress, reporting); what is known where it failed.
        label: words of the link; default the team, or the notebook's name.
    """

    collaborative: str
    notebook: str
    team: str = ""
    page: str = ""
    saved: str = ""
    previous: str = ""
    reason: str = ""
    advice: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""

    @property
    def words(self) -> str:
        return self.label or self.team or LABELS.get(self.notebook) or self.notebook.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Row:
    """A collaborative's row of the index: what its reports say together."""

    collaborative: str
    entries: tuple[Entry, ...]

    @property
    def summary(self) -> Mapping[str, Any]:
        """The summary of the report about all teams, else of the first that has one."""
        ordered = sorted(
            self.entries, key=lambda entry: (bool(entry.reason), bool(entry.team), entry.notebook in LABELS)
        )
        return next((entry.summary for entry in ordered if entry.summary), {})

    def told(self, key: str) -> str:
        """What the summary says under a key, "" where it says nothing."""
        return str(self.summary.get(key) or "")

    @property
    def title(self) -> str:
        return self.told("title") or self.collaborative

    @property
    def apart(self) -> bool:
        """Whether it is about no one collaborative; its folder then begins with a letter no name may begin with."""
        return self.collaborative.startswith("_")

    @property
    def whole(self) -> list[Entry]:
        """The reports about all teams: the learning session first, those for the facilitator alone last."""
        found = [entry for entry in self.entries if not entry.team and not entry.reason]
        return sorted(found, key=lambda entry: (entry.notebook in LABELS, entry.notebook != FIRST))

    @property
    def page(self) -> str:
        """The page that the row's name opens: never one for the facilitator alone; "" where there is none."""
        return next((entry.page for entry in self.whole if entry.notebook not in LABELS), "")

    @property
    def teams(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.team and not entry.reason]

    @property
    def failed(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.reason]


def page(entries: Iterable[Entry], *, sheet: str, stamp: datetime, title: str = "Improvement collaboratives") -> str:
    """The page that stands for a run: one row per collaborative, in the order given, whatever became of it.

    Args:
        entries: every report of the run.
        sheet: CSS that defines the ``--qi-…`` custom properties.
        stamp: when the run was made.
        title: words of the ``h1``.
    """
    gathered: dict[str, list[Entry]] = {}
    for entry in entries:
        gathered.setdefault(entry.collaborative, []).append(entry)
    rows = sorted((Row(name, tuple(group)) for name, group in gathered.items()), key=lambda row: row.apart)
    return fill(
        "index.html.j2",
        title=title,
        sheet=sheet,
        stamp=stamp,
        rows=rows,
        shared=shared.gather((row.title, row.page, row.summary) for row in rows if row.page),
        simulated=all(row.summary.get("simulated") for row in rows) if rows else False,
    )

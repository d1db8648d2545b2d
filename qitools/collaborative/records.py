"""What a collaborative keeps beside its figures: tests of change, scores, stories, offers, drivers, agendas.

Each is one table with fixed columns, empty where nothing was given, so that whoever reads them never asks whether they
are there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

PDSA = {
    "team": "str",
    "measure": "str",
    "driver": "str",
    "idea": "str",
    "ramp": "str",
    "cycle": "int64",
    "start": "datetime64[us]",
    "end": "datetime64[us]",
    "scale": "str",
    "plan": "str",
    "prediction": "str",
    "result": "str",
    "decision": "str",
    "owner": "str",
    "session": "str",
}
SCORES = {"team": "str", "date": "datetime64[us]", "kind": "str", "score": "float64", "note": "str"}
STORIES = {
    "team": "str",
    "date": "datetime64[us]",
    "kind": "str",
    "measure": "str",
    "who": "str",
    "text": "str",
    "consent": "bool",
}
OFFERS = {
    "team": "str",
    "date": "datetime64[us]",
    "kind": "str",
    "measure": "str",
    "driver": "str",
    "text": "str",
    "session": "str",
}
DRIVERS = {"node": "str", "parent": "str", "kind": "str", "level": "int64", "name": "str", "measure": "str"}
SESSIONS = {"date": "datetime64[us]", "name": "str", "minutes": "int64"}
AGENDA = {"session": "str", "position": "int64", "title": "str", "minutes": "int64", "section": "str"}


def empty(columns: dict[str, str]) -> pd.DataFrame:
    """A table with these columns and no rows.

    >>> list(empty(SESSIONS).columns)
    ['date', 'name', 'minutes']
    """
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


@dataclass(frozen=True, eq=False)
class Records:
    """The tables beside the figures (docs/architecture.md has their columns)."""

    pdsa: pd.DataFrame = field(default_factory=lambda: empty(PDSA))
    scores: pd.DataFrame = field(default_factory=lambda: empty(SCORES))
    stories: pd.DataFrame = field(default_factory=lambda: empty(STORIES))
    offers: pd.DataFrame = field(default_factory=lambda: empty(OFFERS))
    drivers: pd.DataFrame = field(default_factory=lambda: empty(DRIVERS))
    sessions: pd.DataFrame = field(default_factory=lambda: empty(SESSIONS))
    agenda: pd.DataFrame = field(default_factory=lambda: empty(AGENDA))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {len(table)}" for name, table in vars(self).items() if len(table))
        return f"Records({sizes})"

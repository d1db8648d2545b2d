"""What a collaborative keeps beside its figures: tests of change, scores, stories, offers, drivers, agendas.

Each is one table with fixed columns, empty where nothing was given, so that whoever reads them never asks whether they
are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from qitools.collaborative.disclosure import OUTSIDE, small_emptied
from qitools.collaborative.periods import floored
from qitools.collaborative.training import outside

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
PARTNERS = {"organisation": "str", "since": "datetime64[us]", "sector": "str", "role": "str", "same_as": "str"}
COMPARATORS = {
    "measure": "str",
    "system": "str",
    "date": "datetime64[us]",
    "value": "float64",
    "definition": "str",
    "differs": "str",
}
TRAINING = {
    "team": "str",
    "date": "datetime64[us]",
    "programme": "str",
    "level": "str",
    "cohort": "str",
    "board": "str",
    "sector": "str",
    "people": "float64",
}
STAFF = {"team": "str", "board": "str", "sector": "str", "headcount": "float64", "need": "float64"}
FLOW = {"team": "str", "date": "datetime64[us]"} | dict.fromkeys(
    ("demand", "capacity", "activity", "queue", "removals"), "float64"
)
DELAYS = {"team": "str", "date": "datetime64[us]", "reason": "str", "count": "float64", "total": "float64"}
WAITS = {"team": "str", "date": "datetime64[us]", "from_weeks": "float64", "to_weeks": "float64", "count": "float64"}
STRATA = {
    "team": "str",
    "measure": "str",
    "date": "datetime64[us]",
    "stratum": "str",
    "numerator": "float64",
    "denominator": "float64",
    "status": "str",
}
SESSIONS = {"date": "datetime64[us]", "name": "str", "minutes": "int64"}
AGENDA = {"session": "str", "position": "int64", "title": "str", "minutes": "int64", "section": "str"}


DATES = {
    "pdsa": "start",
    "scores": "date",
    "stories": "date",
    "offers": "date",
    "partners": "since",
    "comparators": "date",
    "training": "date",
    "flow": "date",
    "delays": "date",
    "waits": "date",
}  # the day that a row speaks of
UNKNOWN_YET = {"end": pd.NaT, "result": "", "decision": ""}  # of a test that has not ended
STEPS = {"week": pd.DateOffset(weeks=1), "month": pd.DateOffset(months=1), "quarter": pd.DateOffset(months=3)}


def empty(columns: dict[str, str]) -> pd.DataFrame:
    """A table with these columns and no rows.

    >>> list(empty(SESSIONS).columns)
    ['date', 'name', 'minutes']
    """
    return _empty(tuple(columns.items())).copy(deep=False)  # pandas copies what is written to


@cache
def _empty(columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns})


def typed_table(rows: Sequence[Mapping[str, Any]] | pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Rows as a table with these columns and types."""
    return pd.DataFrame(rows, columns=list(columns)).astype(columns) if len(rows) else empty(columns)


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
    training: pd.DataFrame = field(default_factory=lambda: empty(TRAINING))
    staff: pd.DataFrame = field(default_factory=lambda: empty(STAFF))
    partners: pd.DataFrame = field(default_factory=lambda: empty(PARTNERS))
    comparators: pd.DataFrame = field(default_factory=lambda: empty(COMPARATORS))
    flow: pd.DataFrame = field(default_factory=lambda: empty(FLOW))
    delays: pd.DataFrame = field(default_factory=lambda: empty(DELAYS))
    waits: pd.DataFrame = field(default_factory=lambda: empty(WAITS))
    strata: pd.DataFrame = field(default_factory=lambda: empty(STRATA))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {len(table)}" for name, table in vars(self).items() if len(table))
        return f"Records({sizes})"


def records_until(records: Records, until: pd.Timestamp, period: str) -> Records:
    """What was known at the end of the period in which ``until`` lies; sessions to come stay, since they are plans.

    A test of change that had begun and not ended keeps its plan, and has no end, result or decision.
    """
    last = np.datetime64(until.normalize())
    kept = {
        name: table[~(floored(table[DATES[name]], period) > last)].reset_index(drop=True)  # a row without a date stays
        for name, table in vars(records).items()
        if name in DATES
    }
    pdsa = kept["pdsa"]
    ended_later = pdsa["end"].notna() & (floored(pdsa["end"], period) > last)
    unknown = {name: pdsa[name].mask(ended_later, value) for name, value in UNKNOWN_YET.items()}
    return replace(records, **kept | {"pdsa": pdsa.assign(**unknown)})


def records_for(records: Records, audience: str) -> Records:
    """What an audience may see: outside the collaborative no scores, no story without consent, no small counts."""
    if audience not in OUTSIDE:
        return records
    stories = records.stories[records.stories["consent"]].reset_index(drop=True)
    training, staff = outside(records.training, records.staff)
    service = {
        name: small_emptied(getattr(records, name), columns)
        for name, columns in (("flow", list(FLOW)[2:]), ("delays", ["count", "total"]), ("waits", ["count"]))
    }
    own = {"stories": stories, "scores": records.scores.iloc[:0], "training": training, "staff": staff}
    return replace(records, **own, **service)


def with_strata(records: Records, observations: pd.DataFrame) -> Records:
    """The records with the rows of the observations that speak of one stratum: the analysis adds these up."""
    rows = observations[observations["stratum"] != ""]
    return replace(records, strata=typed_table(rows.reset_index(drop=True), STRATA)) if len(rows) else records


def session_of(records: Records, as_of: pd.Timestamp, period: str = "month") -> str:
    """The name of the session that a page is for: the first after the data end, else the last there was.

    Args:
        records: the collaborative's.
        as_of: the first day of the last period shown.
        period: week, month or quarter.

    Returns:
        A name in ``records.sessions``; "" where there are none.

    >>> sessions = pd.DataFrame({"date": pd.to_datetime(["2025-03-19", "2025-10-08"]), "name": ["One", "Two"]})
    >>> session_of(Records(sessions=sessions), pd.Timestamp("2025-02-01")), session_of(Records(), pd.Timestamp.min)
    ('One', '')
    """
    sessions = records.sessions.sort_values("date", kind="stable")
    if sessions.empty:
        return ""
    ahead = sessions[sessions["date"] >= as_of + STEPS[period]]
    return str(ahead["name"].iloc[0] if len(ahead) else sessions["name"].iloc[-1])


def session_before(records: Records, session: str) -> str:
    """The name of the session before this one, where the tests now looked at were agreed; "" where there is none."""
    names = [str(name) for name in records.sessions.sort_values("date", kind="stable")["name"]]
    at = names.index(session) if session in names else 0
    return names[at - 1] if at else ""

"""Phases and exclusions, of a settings file or given by hand: columns of one form, everything wrong said at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.analysis.arguments import objects
from qitools.analysis.long_table import DATE, DAY, Dates, read_dates
from qitools.collaborative.decided import Exclusion, Phase
from qitools.errors import Problem

Decisions: TypeAlias = dict[str, NDArray[Any]]  # team, measure, reason, by; start, until, decided
TEXTS, DAYS = ("team", "measure", "reason", "by"), ("start", "until", "decided")
NAME = 'a name, or "" for all'
REASON = "a reason: what changed, in a few words"
LATER = "a day not before its start"


def recorded(known: Sequence[Phase | Exclusion]) -> Decisions | None:
    """The phases or exclusions of a settings file, which were checked when it was opened."""
    rows = [{"until": None, **dict(one)} for one in known]
    if not rows:
        return None
    days = {name: np.array([row.get(name, row.get("date")) for row in rows], DAY) for name in DAYS}
    return _spanned(days) | {name: objects(row[name] for row in rows) for name in TEXTS}


def noted(changes: pd.DataFrame) -> Decisions:
    """Dated changes, which nobody decided, in the form of decisions."""
    nobody = np.full(len(changes), "", object), np.full(len(changes), "NaT", DAY)
    texts = {
        name: changes[of].to_numpy(object)
        for name, of in (("team", "team"), ("measure", "measure"), ("reason", "text"))
    }
    return texts | {"start": changes["date"].to_numpy(DAY), "by": nobody[0], "decided": nobody[1]}


def _spanned(days: Decisions) -> Decisions:
    """A decision that ends on no day of its own holds for the one on which it starts."""
    return days | {"until": np.where(np.isnat(days["until"]), days["start"], days["until"])}


def read_decisions(table: Any, where: str, problems: list[Problem]) -> Decisions | None:
    """Phases or exclusions given by hand; a team or measure left out means all of them."""
    if table is None or (isinstance(table, pd.DataFrame) and table.empty):
        return None
    needs = "a table with the columns team, measure, start (or date) and reason"
    if not isinstance(table, pd.DataFrame):
        problems.append(Problem(where=where, found=type(table).__name__, expected=needs))
        return None
    table = table.rename(columns={} if "start" in table.columns else {"date": "start"}).reset_index(drop=True)
    lacking = [name for name in ("start", "reason") if name not in table.columns]
    twice = sorted({str(name) for name in table.columns[table.columns.duplicated()]})
    if lacking or twice:
        problems += [Problem(where=where, found=f"no column '{name}'", expected=needs) for name in lacking]
        problems += [Problem(where=where, found=f"two columns '{name}'", expected=needs) for name in twice]
        return None
    before = len(problems)
    texts = {name: _texts(table, name, where, problems) for name in TEXTS}
    days = _spanned({name: _days(table, name, where, problems) for name in DAYS})
    problems += [
        Problem(
            line=int(row) + 1,
            where=f"{where}, until",
            found=str(days["until"][row])[:10],
            expected=LATER,
        )
        for row in np.flatnonzero(days["until"] < days["start"])
    ]
    return None if len(problems) > before else days | texts


def _texts(table: pd.DataFrame, name: str, where: str, problems: list[Problem]) -> Any:
    """A column of texts; a reason says something, and a team or measure is a name or "", never unknown."""
    if name not in table.columns:
        return np.full(len(table), "", object)
    unknown = table[name].isna().to_numpy()
    texts = table[name].astype(object).where(~unknown, "").astype(str).to_numpy(object)
    if name == "reason":
        unknown = np.array([not text.strip() for text in texts], bool)
    if name != "by":
        problems += [
            Problem(
                line=int(row) + 1,
                where=f"{where}, {name}",
                found="nothing",
                expected=REASON if name == "reason" else NAME,
            )
            for row in np.flatnonzero(unknown)
        ]
    return texts


def _days(table: pd.DataFrame, name: str, where: str, problems: list[Problem]) -> Dates:
    """A column of days; only the start must be there."""
    if name not in table.columns:
        return np.full(len(table), "NaT", DAY)
    days = read_dates(table[name])
    lost = np.isnat(days) & (table[name].notna().to_numpy() | (name == "start"))
    problems += [
        Problem(line=int(row) + 1, where=f"{where}, {name}", found=str(table[name].iloc[row]), expected=DATE)
        for row in np.flatnonzero(lost)
    ]
    return days

"""Who decided what, when and why: one row a decision that the YAML records, oldest first.

=========  ==========================================================================================
column     what
=========  ==========================================================================================
team       its id; "" for all of them
measure    its id; "" for all of them
kind       phase, exclusion, annotation, or the setting that was changed (chart, target, rules, …)
date       the day it speaks of; empty for a setting
until      the last day of an exclusion of several periods; else empty
value      what a setting became, as text; "" for other kinds
was        what it was before
reason     why; the text of an annotation
by         who decided (a role will do); "" where nobody wrote it down
decided    when; empty where nobody wrote it down
=========  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.collaborative.decided import Annotation, Exclusion, Phase, Setting, words
from qitools.collaborative.periods import floored
from qitools.collaborative.records import typed_table

if TYPE_CHECKING:
    from qitools.collaborative.loading import Collaborative
    from qitools.collaborative.parameters import Parameters

Decided = Phase | Exclusion | Annotation | Setting
HISTORY = {
    "team": "str",
    "measure": "str",
    "kind": "str",
    "date": "datetime64[us]",
    "until": "datetime64[us]",
    "value": "str",
    "was": "str",
    "reason": "str",
    "by": "str",
    "decided": "datetime64[us]",
}


def history(collaborative: Collaborative, measure: str = "", team: str = "") -> pd.DataFrame:
    """Every decision about a measure and a team, those about all of them included.

    Args:
        collaborative: what ``qi.load`` gave.
        measure: id of a measure; "" for every one.
        team: id of a team; "" for every one.

    Returns:
        The columns above, oldest first: by the day on which it was decided, else by the day it speaks of.

    >>> from qitools.collaborative.loading import load
    >>> history(load("falls"), "bundle", "hazelrigg")["reason"].tolist()
    ['Bundle built into the electronic admission record']
    """
    table = collaborative.history
    concerned = (table["measure"].isin(["", measure]) | (measure == "")) & (
        table["team"].isin(["", team]) | (team == "")
    )
    return table[concerned].reset_index(drop=True)


def history_table(parameters: Parameters, until: pd.Timestamp | None = None) -> pd.DataFrame:
    """Every decision in the YAML as it was written; those about days after the period of ``until`` are left out.

    Args:
        parameters: as the YAML has them (a ``Collaborative`` holds its exclusions point by point).
        until: the first day of the last period shown; none: all.
    """
    table = typed_table(list(_rows(parameters)), HISTORY)
    if until is not None:
        ahead = table["date"].notna() & (floored(table["date"], parameters.period) > until.to_datetime64())
        table = table[~ahead]
    when = table["decided"].fillna(table["date"])
    return table.loc[when.sort_values(kind="stable", na_position="first").index].reset_index(drop=True)


def no_history() -> pd.DataFrame:
    """The table without rows."""
    return typed_table([], HISTORY)


def _rows(parameters: Parameters) -> Iterator[dict[str, Any]]:
    recorded: tuple[Decided, ...] = (
        *parameters.phases,
        *parameters.exclusions,
        *parameters.annotations,
        *parameters.decisions,
    )
    for one in recorded:
        whose = {"team": one.team, "measure": one.measure, "by": one.by, "decided": one.decided}
        yield {"value": "", "was": ""} | whose | _told(one)


def _told(one: Decided) -> dict[str, Any]:
    if isinstance(one, Phase):
        return {"kind": "phase", "date": one.start, "reason": one.reason}
    if isinstance(one, Exclusion):
        return {"kind": "exclusion", "date": one.date, "until": one.until, "reason": one.reason}
    if isinstance(one, Annotation):
        return {"kind": "annotation", "date": one.date, "reason": one.text}
    return {"kind": one.key, "value": words(one.value), "was": words(one.was), "reason": one.reason}

"""Change ideas that teams have tried, and what of it may be told: for matching, and for other collaboratives.

An idea is known by its words, whatever their case and spacing. Tests of change name theirs; a dated change in a team's
record is an idea too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.topics import fresh, measure_of, rows

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

MOST = 120  # rows of one collaborative that its summary carries; offers and asks first, then the latest
KINDS = ("offer", "ask", "result", "idea")
FIELDS = ("kind", "team", "text", "measure", "result", "date")


def tried(analysis: Analysis) -> pd.DataFrame:
    """Every change idea with the team that tried it.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        ``team, measure, idea, key`` (the idea's words, made alike), ``date`` (first), ``adopted`` (bool), ``result``
        (what was learnt last); one row a team, measure and idea, ideas given up left out.
    """
    pdsa, events = analysis.records.pdsa, analysis.events
    named = pdsa[pdsa["idea"] != ""]
    cycles = named.assign(
        date=named["start"], measure=[measure_of(row, analysis.records.drivers) for row in rows(named)]
    )[["team", "measure", "idea", "date", "result", "decision"]]
    dated = events[(events["kind"] == "change") & (events["team"] != "")]
    changes = dated.rename(columns={"text": "idea"}).assign(result="", decision="")[list(cycles.columns)]
    changes = changes[changes["idea"].astype(str) != ""]
    table = pd.concat([part for part in (cycles, changes) if len(part)] or [cycles])
    table = table.assign(key=[" ".join(str(idea).casefold().split()) for idea in table["idea"]])
    table = table.sort_values("date", kind="stable")
    own = table.groupby(["team", "measure", "key"], sort=False)
    found = own.agg(
        idea=("idea", "first"), date=("date", "first"), decision=("decision", "last"), result=("result", _last)
    )
    found = found[found["decision"] != "abandon"].reset_index()
    return found.assign(adopted=found["decision"] == "adopt").drop(columns="decision")


def _last(texts: pd.Series[Any]) -> str:
    """The last of some texts that says anything."""
    told = [str(text) for text in texts if text]
    return told[-1] if told else ""


def shared(analysis: Analysis) -> pd.DataFrame:
    """What other collaboratives may find of this one: offers, asks, change ideas and what was learnt.

    No story and no score is among them. A team is named only where it agreed to be. What is opened for the public
    shares nothing; for partners, no results, because their words may hold counts too small to tell.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        ``kind`` (offer, ask, result, idea), ``team`` (its name, "" where it is not told), ``text, measure`` (its name),
        ``result, date``; offers and asks first, each kind latest first.
    """
    audience = str(analysis.method.get("audience") or "internal")
    ideas = tried(analysis).rename(columns={"idea": "text"})
    if audience == "partners":
        ideas = ideas.assign(result="")
    ideas = ideas.assign(kind=["result" if result else "idea" for result in ideas["result"]])
    offers = fresh(analysis.records.offers, analysis.method.get("as_of")).assign(result="")
    offers = offers.assign(measure=[measure_of(row, analysis.records.drivers) for row in rows(offers)])
    table = pd.concat([part[list(FIELDS)] for part in (offers, ideas) if len(part)] or [offers[list(FIELDS)]])
    if audience == "public":
        table = table.iloc[:0]
    return _told(table, analysis)


def _told(table: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """The rows in their order, with names for ids, and none for teams that have not agreed to be named."""
    teams, measures = analysis.teams, analysis.measures
    named = {str(row["team"]): str(row["name"]) for row in rows(teams) if row["share"]}
    called = dict(zip(measures["measure"].astype(str), measures["name"].astype(str), strict=True))
    order = table["kind"].map({kind: i for i, kind in enumerate(KINDS)})
    table = table.assign(order=order, rank=order.clip(lower=0) >= 2)
    table = table.sort_values(["rank", "date", "order", "team", "text"], ascending=[True, False, True, True, True])
    return table.assign(
        team=[named.get(str(team), "") for team in table["team"]],
        measure=[called.get(str(measure), "") for measure in table["measure"]],
    )[list(FIELDS)].reset_index(drop=True)

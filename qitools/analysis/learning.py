"""Who could learn from whom: what teams offer and ask for first, then measured gaps beside sustained gains.

Teams know best what they need, so an ask is first put together with an offer on the same measure, the same driver or
in the same words. Only then do the figures speak: a team that is going the wrong way, or whose level lies behind that
of a typical team and does not move, beside a team whose gain has lasted. Every pair carries its reasons as codes and
numbers; ``views/wording_learning.py`` words them. A score only chooses between pairs: it is a sum of the points below,
and no page shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qitools.analysis.gaps import gains, gaps
from qitools.analysis.ideas import tried
from qitools.analysis.matching import assign
from qitools.analysis.topics import fresh, measure_of, shared_words

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

LOAD = 2  # teams that one team is asked to talk to
NEED = {"asked": 4.0, "worsened": 3.0, "moving_back": 2.0, "level": 1.0}
GIFT = {"bright": 4.0, "offers": 3.0, "sustained": 2.0}
ALIKE = {"same_measure": 3.0, "same_driver": 3.0, "same_words": 2.0}
IDEA, TAG, TAGS = 1.0, 0.5, 2  # an idea not tried yet; a shared tag, of at most so many

Row = Mapping[str, Any]
Why = tuple[tuple[str, Any], ...]
PAIRS = ("from_team", "to_team", "measure", "why", "kind", "score")


@dataclass(frozen=True)
class _Pair:
    """What speaks for two teams talking: the points, the reasons, and the subject."""

    score: float
    why: Why
    measure: str


def talks(analysis: Analysis, load: int = LOAD) -> pd.DataFrame:
    """Who could talk to whom.

    Args:
        analysis: what ``qi.analyse`` gave.
        load: how many teams one team is asked to talk to, 1 or more.

    Returns:
        One row a pair: ``from_team`` (who would like help), ``to_team`` (who has something to share), ``measure`` (""
        where the subject is in words alone), ``why`` (pairs of a code and what belongs to it), ``kind`` (offered:
        both said so themselves; suggested: from the figures) and ``score``; offered first, then in the fixed order.

    Raises:
        ValueError: a load below 1.
    """
    if load < 1:
        raise ValueError(f"load is {load}; it must be 1 or more")
    asks, offers = said(analysis)
    agreed = offered(asks, offers, analysis, load)
    met = {(pair.from_team, pair.measure) for pair in agreed.itertuples()}
    busy = agreed["to_team"].value_counts()
    left = {team: load - int(busy.get(team, 0)) for team in _teams(analysis)}
    suggested = _suggested(analysis, asks[~asks.index.isin(agreed.index)], offers, met, left)
    return pd.concat([agreed, suggested], ignore_index=True)


def said(analysis: Analysis) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Asks and offers that are not older than a year, in the order they were made; ``about`` is their measure."""
    table = fresh(analysis.records.offers, analysis.method.get("as_of"))
    table = table[table["team"].isin(_teams(analysis))]
    table = table.assign(about=[measure_of(row, analysis.records.drivers) for row in table.to_dict("records")])
    order = {team: i for i, team in enumerate(_teams(analysis))}
    table = table.assign(order=table["team"].map(order)).sort_values(["order", "date"], kind="stable")
    table = table.drop(columns="order").reset_index(drop=True)
    return table[table["kind"] == "ask"].reset_index(drop=True), table[table["kind"] == "offer"].reset_index(drop=True)


def _teams(analysis: Analysis) -> list[str]:
    return [str(team) for team in analysis.teams["team"]]


# ---- what teams said themselves -------------------------------------------------------------------------------------


def offered(asks: pd.DataFrame, offers: pd.DataFrame, analysis: Analysis, load: int = LOAD) -> pd.DataFrame:
    """Asks put together with offers, from what teams wrote down alone; columns as of ``talks``.

    Args:
        asks, offers: as of ``said``.
        analysis: for the teams' tags.
        load: how many teams one team is asked to talk to.

    Returns:
        One row a pair; the index is that of its ask.
    """
    givers = list(dict.fromkeys(offers["team"]))
    tags = _tags(analysis)
    by_giver = [[row for row in offers.to_dict("records") if row["team"] == team] for team in givers]
    pairs = [[_said_alike(ask, theirs, tags) for theirs in by_giver] for ask in asks.to_dict("records")]
    return _chosen(pairs, list(asks["team"]), givers, [load] * len(givers), "offered", list(asks.index))


def _said_alike(ask: Row, offers: Sequence[Row], tags: Mapping[str, frozenset[str]]) -> _Pair | None:
    """What an ask and the offers of one team have in common, for the offer with most of it."""
    found = [pair for offer in offers if (pair := _common(ask, offer, tags))]
    return max(found, key=lambda pair: pair.score, default=None)


def _common(ask: Row, offer: Row, tags: Mapping[str, frozenset[str]]) -> _Pair | None:
    if ask["team"] == offer["team"]:
        return None
    words = shared_words(ask["text"], offer["text"])
    common = {
        "same_measure": ask["about"] if ask["about"] == offer["about"] else "",
        "same_driver": ask["driver"] if ask["driver"] == offer["driver"] else "",
        "same_words": words,
    }
    why = [(code, what) for code, what in common.items() if what]
    if not why:
        return None
    score = sum(ALIKE[code] for code, _ in why)
    context = _context(ask["team"], offer["team"], tags)
    whole = (*why, ("ask", ask["text"]), ("offer", offer["text"]), *context)
    return _Pair(score + _worth(context), whole, ask["about"] or offer["about"])


# ---- what the figures suggest ---------------------------------------------------------------------------------------


def _suggested(
    analysis: Analysis, asks: pd.DataFrame, offers: pd.DataFrame, met: set[tuple[str, str]], left: Mapping[str, int]
) -> pd.DataFrame:
    """Needs put together with gifts, with what is left of each giver's load."""
    needs, gifts = _needs(analysis, asks, met), _gifts(analysis, offers)
    givers = [team for team in _teams(analysis) if team in {team for team, _ in gifts} and left[team] > 0]
    tags, ideas = _tags(analysis), tried(analysis)
    pairs = [[_suits(need, giver, gifts, ideas, tags) for giver in givers] for need in needs]
    return _chosen(pairs, [need["team"] for need in needs], givers, [left[team] for team in givers], "suggested")


def _needs(analysis: Analysis, asks: pd.DataFrame, met: set[tuple[str, str]]) -> list[dict[Any, Any]]:
    """Asks that no offer met, then measured gaps; one a team and measure, in the fixed order."""
    rows: dict[tuple[str, str], dict[Any, Any]] = {}
    for ask in asks[asks["about"] != ""].to_dict("records"):
        rows[ask["team"], ask["about"]] = {"team": ask["team"], "measure": ask["about"], "kind": "asked"} | {
            "what": ask["text"],
            "distance": 0.0,
        }
    for gap in gaps(analysis).to_dict("records"):
        key = (gap["team"], gap["measure"])
        rows[key] = {**gap, "what": gap["since"], **rows.get(key, {})}
    place = {team: i for i, team in enumerate(_teams(analysis))}
    order = {str(name): i for i, name in enumerate(analysis.measures["measure"])}
    known = [row for key, row in rows.items() if key not in met and row["measure"] in order]
    return sorted(known, key=lambda row: (order[row["measure"]], place[row["team"]]))


def _gifts(analysis: Analysis, offers: pd.DataFrame) -> dict[tuple[str, str], dict[Any, Any]]:
    """What each team has to share on each measure: a gain that lasted, else an offer."""
    made = {
        (row["team"], row["about"]): {"kind": "offers", "what": row["text"]}
        for row in offers[offers["about"] != ""].to_dict("records")
    }
    return made | {(row["team"], row["measure"]): row for row in gains(analysis).to_dict("records")}


def _suits(
    need: Row, giver: str, gifts: Mapping[tuple[str, str], Row], ideas: pd.DataFrame, tags: Mapping[str, frozenset[str]]
) -> _Pair | None:
    """What speaks for a team in need of something talking to one that has it; None where it has not."""
    gift = gifts.get((giver, need["measure"]))
    if gift is None or giver == need["team"]:
        return None
    new = _untried(ideas, giver, need)
    context = _context(need["team"], giver, tags)
    why: list[tuple[str, Any]] = [(need["kind"], need["what"])]
    if gift["kind"] == "offers":
        why.append(("offers", gift["what"]))
    else:
        why += [(gift["kind"], gift["since"]), ("periods", (gift["on_side"], gift["periods"]))]
    score = NEED[need["kind"]] + need["distance"] + GIFT[gift["kind"]] + (IDEA if new else 0) + _worth(context)
    return _Pair(score, (*why, *([("idea", new)] if new else []), *context), need["measure"])


def _untried(ideas: pd.DataFrame, giver: str, need: Row) -> str:
    """A change idea that one team has tried on a measure and the other has not; one adopted before any other."""
    theirs = ideas[ideas["measure"].isin([need["measure"], ""])]
    known = set(theirs.loc[theirs["team"] == need["team"], "key"])
    new = theirs[(theirs["team"] == giver) & ~theirs["key"].isin(known)]
    new = new.sort_values(["adopted", "date"], ascending=[False, True], kind="stable")
    return str(new["idea"].iloc[0]) if len(new) else ""


# ---- both -----------------------------------------------------------------------------------------------------------


def _tags(analysis: Analysis) -> dict[str, frozenset[str]]:
    pairs = zip(analysis.teams["team"], analysis.teams["tags"], strict=True)
    return {str(team): frozenset(tag for tag in str(tags).split(", ") if tag) for team, tags in pairs}


def _context(one: str, other: str, tags: Mapping[str, frozenset[str]]) -> Why:
    common = sorted(tags.get(one, frozenset()) & tags.get(other, frozenset()))
    return (("tags", tuple(common)),) if common else ()


def _worth(context: Why) -> float:
    return sum(TAG * min(TAGS, len(common)) for _, common in context)


def _chosen(
    pairs: Sequence[Sequence[_Pair | None]],
    askers: Sequence[str],
    givers: Sequence[str],
    load: Sequence[int],
    kind: str,
    index: Sequence[int] | None = None,
) -> pd.DataFrame:
    """The pairs chosen, as a table."""
    score = np.array([[pair.score if pair else 0.0 for pair in row] for row in pairs]).reshape(len(pairs), len(givers))
    rows, places = [], []
    for i, j in assign(score, load):
        pair = pairs[i][j]
        assert pair is not None
        rows.append((askers[i], givers[j], pair.measure, pair.why, kind, pair.score))
        places.append(index[i] if index is not None else i)
    return pd.DataFrame(rows, columns=list(PAIRS), index=places)

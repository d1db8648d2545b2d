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
from qitools.analysis.topics import fresh, measure_of, rows, shared_words

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

LOAD = 2  # teams that one team is asked to talk to
NEED = {"asked": 4.0, "worsened": 3.0, "went": 2.0, "moving_back": 2.0, "level": 1.0}
GIFT = {"bright": 4.0, "offers": 3.0, "sustained": 2.0}
ALIKE = {"same_measure": 3.0, "same_driver": 3.0, "same_words": 2.0}
IDEA, TAG, TAGS = 1.0, 0.5, 2  # an idea not tried yet; a shared tag, of at most so many

Row = Mapping[str, Any]
Why = tuple[tuple[str, Any], ...]
Ideas = Mapping[str, Sequence[Row]]
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
    met = {(pair["from_team"], pair["measure"]) for pair in rows(agreed)}
    busy = agreed["to_team"].value_counts()
    left = {team: load - int(busy.get(team, 0)) for team in _teams(analysis)}
    suggested = _suggested(analysis, asks[~asks.index.isin(agreed.index)], offers, met, left)
    return pd.concat([agreed, suggested], ignore_index=True)


def said(analysis: Analysis) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Asks and offers that are not older than a year, in the order they were made; ``about`` is their measure."""
    table = fresh(analysis.records.offers, analysis.method.get("as_of"))
    table = table[table["team"].isin(_teams(analysis))]
    table = table.assign(about=[measure_of(row, analysis.records.drivers) for row in rows(table)])
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
    by_giver = [[row for row in rows(offers) if row["team"] == team] for team in givers]
    pairs = [[_said_alike(ask, theirs, tags) for theirs in by_giver] for ask in rows(asks)]
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
    lacking = gaps(analysis)
    needs, gifts = _needs(analysis, asks, lacking, met), _gifts(analysis, offers, lacking)
    givers = [team for team in _teams(analysis) if team in {team for team, _ in gifts} and left[team] > 0]
    tags, ideas = _tags(analysis), _ideas(analysis)
    pairs = [[_suits(need, giver, gifts, ideas, tags) for giver in givers] for need in needs]
    return _chosen(pairs, [need["team"] for need in needs], givers, [left[team] for team in givers], "suggested")


def _needs(
    analysis: Analysis, asks: pd.DataFrame, lacking: pd.DataFrame, met: set[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Asks that no offer met, then measured gaps; one a team and measure, in the fixed order."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for ask in rows(asks[asks["about"] != ""]):
        found[ask["team"], ask["about"]] = {"team": ask["team"], "measure": ask["about"], "kind": "asked"} | {
            "what": ask["text"],
            "distance": 0.0,
        }
    for gap in rows(lacking):
        key = (gap["team"], gap["measure"])
        dates = gap["since"] if pd.isna(gap["until"]) else (gap["since"], gap["until"])
        found[key] = {**gap, "what": dates, **found.get(key, {})}
    place = {team: i for i, team in enumerate(_teams(analysis))}
    order = {str(name): i for i, name in enumerate(analysis.measures["measure"])}
    known = [row for key, row in found.items() if key not in met and row["measure"] in order]
    return sorted(known, key=lambda row: (order[row["measure"]], place[row["team"]]))


def _gifts(analysis: Analysis, offers: pd.DataFrame, lacking: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """What each team has to share on each measure: a gain that lasted, else an offer where it has no gap itself."""
    behind = set(zip(lacking["team"], lacking["measure"], strict=True))
    made = {
        (row["team"], row["about"]): {"kind": "offers", "what": row["text"]}
        for row in rows(offers)
        if row["about"] and (row["team"], row["about"]) not in behind
    }
    return made | {(row["team"], row["measure"]): row for row in rows(gains(analysis))}


def _suits(
    need: Row, giver: str, gifts: Mapping[tuple[str, str], Row], ideas: Ideas, tags: Mapping[str, frozenset[str]]
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


def _ideas(analysis: Analysis) -> Ideas:
    """What each team has tried, on each measure and on none in particular: adopted ideas first, then the earliest."""
    table = tried(analysis).sort_values(["adopted", "date"], ascending=[False, True], kind="stable")
    found: dict[str, list[Row]] = {}
    for row in rows(table):
        found.setdefault(row["team"], []).append(row)
    return found


def _untried(ideas: Ideas, giver: str, need: Row) -> str:
    """A change idea that one team has tried on a measure and the other has not."""
    about = (need["measure"], "")
    known = {idea["key"] for idea in ideas.get(need["team"], ()) if idea["measure"] in about}
    new = (idea for idea in ideas.get(giver, ()) if idea["measure"] in about and idea["key"] not in known)
    return next((str(idea["idea"]) for idea in new), "")


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
    made, places = [], []
    for i, j in assign(score, load):
        pair = pairs[i][j]
        assert pair is not None
        made.append((askers[i], givers[j], pair.measure, pair.why, kind, pair.score))
        places.append(index[i] if index is not None else i)
    return pd.DataFrame(made, columns=list(PAIRS), index=places)

"""Cost and benefit: what the work cost beside what the harm avoided is worth, and how far each guess moves the answer.

Sums in different currencies are not added: the currency in which most collaboratives give both cost and benefit is
reported, the others are named and left out. Where there is no interval of the avoided harm, or no bounds of a price,
that guess is not varied.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qitools.analysis.across import Across, Member
from qitools.analysis.harm import harm
from qitools.analysis.once import once

SCENARIOS = ("measured", "fewest", "most", "cheap_event", "dear_event", "high_cost", "low_cost", "least", "greatest")
ALL = ""  # the collaborative of rows that add all up


@dataclass(frozen=True, eq=False)
class Worth:
    """``table``: ``collaborative`` ("" all together), ``scenario, avoided, benefit, cost, net``; ``left_out``:
    ``collaborative, reason`` (currency, no_cost, no_benefit, no_baseline, no_after, not_harm, drift), ``found, place``.
    """

    currency: str
    table: pd.DataFrame
    left_out: pd.DataFrame


@once
def worth(found: Across) -> Worth:
    """Cost and benefit of every collaborative that says both, and of all of them together.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        ``Worth``.
    """
    priced = [member for member in found.members if member.impact.cost or member.impact.benefit]
    whole = [member for member in priced if member.impact.cost and member.impact.benefit]
    often = Counter(member.impact.currency for member in whole or priced)
    currency = max(often, key=lambda name: often[name]) if often else ""
    rows, left = [], []
    for member in priced:
        if reason := _lacking(member, currency):
            said = member.impact.currency if reason == "currency" else ""
            key = {"currency": ("impact", "currency")}.get(reason, ("impact",))
            left.append({"collaborative": member.name, "reason": reason, "found": said, "place": member.place(*key)})
        else:
            rows += _scenarios(member)
    table = pd.DataFrame(rows, columns=["collaborative", "scenario", "avoided", "benefit", "cost", "net"])
    if len(table) > len(SCENARIOS):
        sums = table.groupby("scenario", sort=False)[["benefit", "cost", "net"]].sum().reset_index()
        table = pd.concat([sums.assign(collaborative=ALL, avoided=float("nan"))[list(table)], table], ignore_index=True)
    return Worth(currency, table, pd.DataFrame(left, columns=["collaborative", "reason", "found", "place"]))


def _lacking(member: Member, currency: str) -> str:
    """Why a collaborative cannot be counted in; "" where it can."""
    impact = member.impact
    if impact.currency != currency:
        return "currency"
    if impact.cost is None or impact.benefit is None:
        return "no_cost" if impact.cost is None else "no_benefit"
    found = harm(member, impact.benefit.measure)
    return found.reason or ("drift" if found.caution == "drift" else "")


def _scenarios(member: Member) -> list[dict[str, Any]]:
    cost, each = member.impact.cost, member.impact.benefit
    assert cost is not None and each is not None
    avoided = harm(member, each.measure)
    fewest, most = avoided.interval
    (cheap, dear), (low, high) = each.bounds, cost.bounds
    usual = avoided.avoided, each.amount, cost.amount
    lowest, highest = (fewest, dear if fewest < 0 else cheap, high), (most, dear if most > 0 else cheap, low)
    varied = [
        usual,
        (fewest, *usual[1:]),
        (most, *usual[1:]),
        (usual[0], cheap, usual[2]),
        (usual[0], dear, usual[2]),
        (*usual[:2], high),
        (*usual[:2], low),
        lowest,
        highest,
    ]
    return [
        {"collaborative": member.name, "scenario": name, "avoided": n, "benefit": n * price, "cost": paid,
         "net": n * price - paid}
        for name, (n, price, paid) in zip(SCENARIOS, varied, strict=True)
    ]  # fmt: skip

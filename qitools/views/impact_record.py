"""What the impact report leaves beside its page: its tables, and what the index of a run says of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from qitools.analysis.across import Across
from qitools.analysis.claims import claims
from qitools.analysis.harm import harm
from qitools.analysis.holding import holding
from qitools.analysis.partners import partners
from qitools.analysis.spread import spread
from qitools.analysis.worth import worth
from qitools.views import wording_impact as words
from qitools.views.impact import every_story, named, rows_of, warning


def tables(found: Across) -> dict[str, pd.DataFrame]:
    """Every table of the report, by the name of its file."""
    register = partners(found)
    every = {
        "claims": claims(found),
        "harm": _harm(found),
        "worth": worth(found).table,
        "spread": spread(found),
        "holding": holding(found),
        "partners": register.organisations.assign(roles=register.organisations["roles"].map("; ".join)),
        "partners-to-confirm": pd.concat(
            [register.merges.assign(done="merged"), register.doubtful.assign(done="apart")]
        ),
        "stories": _stories(found),
        "left-out": found.refused,
    }
    mixed = found.invented and not found.simulated  # where all are, every table is marked as a whole
    return {name: _marked(found, table) for name, table in every.items()} if mixed else every


def _marked(found: Across, table: pd.DataFrame) -> pd.DataFrame:
    """A table with the word simulated in the rows it is true of; "in part" where a row adds several up."""
    if "collaborative" not in table:
        return table.assign(simulated="in part")
    own = table["collaborative"].astype(str)
    said = own.map(lambda name: "simulated" if name in found.invented else "" if name else "in part")
    return table.assign(simulated=said)


def _stories(found: Across) -> pd.DataFrame:
    """Every story with consent, newest first, as the page would show it."""
    columns = ["collaborative", "date", "kind", "text", "source", "beside"]
    rows = [(name, one.date, one.kind, one.text, one.source, one.beside) for name, one in every_story(found)]
    return pd.DataFrame(rows, columns=columns).astype({"date": "datetime64[us]"})


def _harm(found: Across) -> pd.DataFrame:
    parts = [
        harm(member, measure).table.assign(collaborative=member.name, measure=measure)
        for member in found.members
        for measure in member.outcomes()
        if not harm(member, measure).reason
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def summary(found: Across) -> dict[str, Any]:
    """What the index of a run says of the report over many collaboratives."""
    titles = list(named(found).values())
    left = len(found.refused)
    out = f" {left} left out: {', '.join(found.refused['collaborative'])}." if left else ""
    return {
        "collaborative": "_across",
        "title": words.heading(len(titles)),
        "simulated": found.simulated,
        "as_of": found.as_of.date().isoformat(),
        "team": "",
        "aim": f"Over: {words.members(titles)}",
        "progress": words.tally([row for row, _, _ in rows_of(found)]),
        "reporting": f"{len(titles)} of {len(titles) + left} collaboratives are in it.{out} {warning(found)}".strip(),
        "reported": len(titles),
        "expected": len(titles) + left,
        "signals": dict(sorted(Counter(claims(found)["grade"].replace("", "none")).items())),
    }

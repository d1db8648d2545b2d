"""Who is on board: a register as many hands wrote it, made into distinct organisations, and every doubt listed.

Names that differ only in case, accents, signs, legal endings and usual abbreviations are one (``normal``). Those
likely one (a slip of the hand, initials, other word order or spacing) are counted as one *and* listed to be confirmed.
Names that might be one, or might be either of two, are kept apart and listed. A register's column ``same_as`` settles
any of them: the name a row is counted under (a confirmed spelling, or what the organisation became by a merger), or its
own name, which then is never taken for another. Words that tell organisations apart (council, hospital, north, numbers)
are never taken for a slip of each other: NHS Fife and Fife Council stay two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qitools.analysis.across import Across
from qitools.analysis.once import once
from qitools.analysis.spellings import ORDINALS, USUAL, Words, ending, initials, near_to, normal, part_of

RARE = 3  # a slip is this much rarer than the name it stands for, or stands once or twice
COLUMNS = ("spelling", "counted_as", "why", "rows")


@dataclass(frozen=True, eq=False)
class Register:
    """Distinct organisations and every doubt about them.

    ``organisations``: ``name, sector, since`` (first date), ``roles``, ``spellings, rows``; ``merges``: ``spelling,
    counted_as, why`` (slip, initials, order, spacing, ending), ``rows``, counted as one and to be confirmed;
    ``doubtful``: the same, kept apart (why: part, either, number); ``confirmed``: spellings settled by ``same_as``;
    ``rows`` of the register.
    """

    organisations: pd.DataFrame
    merges: pd.DataFrame
    doubtful: pd.DataFrame
    confirmed: int
    rows: int


@once
def partners(found: Across) -> Register:
    """The distinct organisations of the registers of all collaboratives together."""
    tables = [one.collaborative.records.partners.assign(collaborative=one.name) for one in found.members]
    return distinct(pd.concat(tables, ignore_index=True))


def distinct(register: pd.DataFrame) -> Register:
    """The distinct organisations of a register.

    Args:
        register: ``organisation, since, sector, role, same_as``, a row an entry.

    Returns:
        ``Register``.

    >>> names = ["NHS Fenmoor", "Fenmoor Health Board", "Fenmoor Council", "Fenmor Council"]
    >>> rows = pd.DataFrame({"organisation": names})
    >>> found = distinct(rows.assign(since=pd.NaT, sector="", role="", same_as=""))
    >>> len(found.organisations), found.merges[["spelling", "counted_as", "why"]].values.tolist()
    (2, [['Fenmor Council', 'Fenmoor Council', 'slip']])
    """
    rows = register.reset_index(drop=True)
    rows = rows.assign(organisation=rows["organisation"].map(lambda name: " ".join(name.split())))
    keys = rows["organisation"].map(normal)
    said, apart = _settled(rows, keys)
    settled = keys.map(lambda key: _end(key, said))
    sizes = settled.value_counts()
    spelt: dict[Words, str] = {key: _spelt(names) for key, names in rows.groupby(settled)["organisation"]}
    spelt |= {normal(name): name for name in rows["same_as"] if name and normal(name) in sizes.index}
    likely, doubtful = _alike([key for key in sizes.index if key], spelt, sizes, apart | set(said.values()))
    counted = settled.map(lambda key: likely.get(key, (key, ""))[0])
    merges = _listed(((key, into, why) for key, (into, why) in likely.items()), spelt, sizes)
    return Register(
        organisations=_organisations(rows, counted, spelt),
        merges=pd.concat([merges, _endings(rows, settled, spelt)]).sort_values(list(COLUMNS), ignore_index=True),
        doubtful=_listed(doubtful, spelt, sizes),
        confirmed=int((rows["same_as"] != "").sum()),
        rows=len(rows),
    )


def _spelt(names: pd.Series[str]) -> str:
    """How an organisation is written: as most rows do, else not in capitals alone, and in full."""
    often = names.value_counts()
    return str(
        min(
            often.index,
            key=lambda name: (-often[name], name.isupper() or name.islower(), _decked(name), -len(name), name),
        )
    )


def _decked(name: str) -> bool:
    """Whether a name has an article or a legal ending that others leave off."""
    return name.lower().split()[0] == "the" or bool(ending(name))


def _endings(rows: pd.DataFrame, keys: pd.Series[Any], spelt: dict[Words, str]) -> pd.DataFrame:
    """Spellings whose legal ending is another than that of the name they are counted under: a charity, a company."""
    endings = rows["organisation"].map(ending)
    told = rows.assign(key=keys, ending=endings)[(endings != "") & (rows["same_as"] == "")]
    found = []
    for key, group in told.groupby("key", sort=False):
        first = group["ending"].mode()[0]
        own: Any = key
        said = ending(spelt[own]) or first
        into = spelt[own] if said == first else _spelt(group.loc[group["ending"] == first, "organisation"])
        other = group.loc[group["ending"] != first, "organisation"].value_counts()
        found += [(spelling, into, "ending", int(number)) for spelling, number in other.items()]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _settled(rows: pd.DataFrame, keys: pd.Series[Any]) -> tuple[dict[Words, Words], set[Words]]:
    """What ``same_as`` says: the name each is counted under, and names that stand for themselves."""
    said, apart = {}, set()
    for key, same in zip(keys, rows["same_as"].map(normal), strict=True):
        if same and same == key:
            apart.add(key)
        elif same:
            said[key] = same
    return said, apart


def _end(key: Words, said: dict[Words, Words]) -> Words:
    """Where a chain of mergers ends; one that comes back to itself stays where it began."""
    seen = [key]
    while (after := said.get(seen[-1])) is not None:
        if after in seen:
            return key
        seen.append(after)
    return seen[-1]


def _alike(
    names: list[Words], spelt: dict[Words, str], sizes: pd.Series[int], settled: set[Words]
) -> tuple[dict[Words, tuple[Words, str]], list[tuple[Words, Words, str]]]:
    """Names that are likely another, commoner one, and pairs that are in doubt."""
    words = Counter(word for key in names for word in key)
    ordered = sorted(names, key=lambda key: (-sizes[key], -min(words[word] for word in key), -len(key), key))
    likely: dict[Words, tuple[Words, str]] = {}
    doubtful: list[tuple[Words, Words, str]] = []
    near = near_to(ordered)

    def rarer(key: Words, other: Words) -> bool:
        return sizes[key] < RARE or sizes[other] >= RARE * sizes[key]

    def settle(key: Words, found: list[tuple[Words, str]]) -> None:
        if len(found) == 1:
            likely[key] = found[0]
        doubtful.extend((key, other, "either") for other, _ in found if len(found) > 1)

    for place, key in enumerate(ordered):
        close = [(other, near(key, other)) for other in ordered[:place] if other not in likely and key not in settled]
        settle(key, [(other, why) for other, why in close if why and (why != "slip" or rarer(key, other))])
    for key in [key for key in ordered if key not in likely and key not in settled]:
        roots = [other for other in ordered if other not in likely and other != key]
        settle(key, [(other, "initials") for other in roots if initials(spelt[key], key, other)])
        doubtful += [(key, other, "part") for other in roots if key not in likely and part_of(key, other)]
        said = tuple(ORDINALS.get(word, word) for word in key)
        doubtful += [(key, other, "number") for other in roots if key not in likely and other == said]
    gone = {key: into for key, (into, _) in likely.items()}
    flat = {key: (gone.get(into, into), why) for key, (into, why) in likely.items()}
    return _rightly_named(flat, words, sizes), doubtful


def _rightly_named(
    likely: dict[Words, tuple[Words, str]], words: Counter[str], sizes: pd.Series[int]
) -> dict[Words, tuple[Words, str]]:
    """The same merges, each under the spelling whose words are known or in other names, though a few rows less."""

    def rank(key: Words) -> tuple[int, int, int]:
        return sum(word in USUAL for word in key), min(words[word] for word in key), int(sizes[key])

    found = dict(likely)
    for root in dict.fromkeys(into for into, _ in likely.values()):
        slips = [key for key, (into, why) in likely.items() if (into, why) == (root, "slip")]
        best = max([root, *(key for key in slips if sizes[root] < RARE * sizes[key])], key=rank)
        if best != root:
            found |= {key: (best, why) for key, (into, why) in likely.items() if into == root}
            found[root] = best, "slip"
            del found[best]
    return found


def _organisations(rows: pd.DataFrame, counted: pd.Series[Any], spelt: dict[Words, str]) -> pd.DataFrame:
    """One row an organisation: its first date, its commonest sector, its roles, how it was spelt."""
    found = []
    for key, group in rows.groupby(counted, sort=False):
        sectors = group.loc[group["sector"] != "", "sector"].str.strip().str.lower().mode()
        roles = sorted({role.strip() for role in group["role"] if role.strip()})
        found.append(
            {
                "name": spelt[key],
                "sector": sectors.iloc[0] if len(sectors) else "",
                "since": group["since"].min(),
                "roles": tuple(roles),
                "spellings": group["organisation"].nunique(),
                "rows": len(group),
            }
        )
    table = pd.DataFrame(found, columns=["name", "sector", "since", "roles", "spellings", "rows"])
    return table.astype({"since": "datetime64[us]"}).sort_values("name", ignore_index=True, kind="stable")


def _listed(pairs: Iterator[tuple[Words, Words, str]] | list[tuple[Words, Words, str]], spelt: dict[Words, str],
            sizes: pd.Series[int]) -> pd.DataFrame:  # fmt: skip
    rows = [(spelt[key], spelt[into], why, int(sizes[key])) for key, into, why in pairs]
    return pd.DataFrame(sorted(rows), columns=list(COLUMNS))

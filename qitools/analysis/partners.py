"""Who is on board: a register as many hands wrote it, made into distinct organisations, and every doubt listed.

Names that differ only in case, accents, signs, legal endings and usual abbreviations are one (``normal``). Those
likely one (a slip of the hand, initials, other word order or spacing) are counted as one *and* listed to be confirmed.
Names that might be one, or might be either of two, are kept apart and listed. A register's column ``same_as`` settles
any of them: the name a row is counted under (a confirmed spelling, or what the organisation became by a merger), or its
own name, which then is never taken for another. Words that tell organisations apart (council, hospital, north, numbers)
are never taken for a slip of each other: NHS Fife and Fife Council stay two.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from qitools.analysis.across import Across
from qitools.analysis.once import once

Words = tuple[str, ...]
SHORT = {
    "hosp": "hospital", "gen": "general", "univ": "university", "uni": "university", "cncl": "council",
    "coun": "council", "assoc": "association", "assn": "association", "dept": "department", "ctr": "centre",
    "center": "centre", "svc": "service", "svcs": "services", "serv": "service", "ptnrship": "partnership",
    "pship": "partnership", "partn": "partnership", "coll": "college", "soc": "society", "natl": "national",
    "nat": "national", "intl": "international", "fdn": "foundation", "found": "foundation", "trst": "trust",
    "bd": "board", "govt": "government", "sch": "school", "prim": "primary", "sec": "secondary", "nth": "north",
    "acad": "academy", "comm": "community", "st": "saint", "mt": "mount", "med": "medical", "sth": "south",
}  # fmt: skip
EMPTY = {"the", "of", "and", "for", "in", "at", "to", "on"}
LEGAL = {"ltd", "limited", "plc", "cic", "scio", "llp", "inc", "cio"}
# Words that tell one organisation from another, however like they look.
_TELLING = """
    council nhs hscp ijb university college hospital hospice school academy nursery church police fire ambulance
    trust charity foundation partnership association society federation union volunteers voluntary services
    service board royal primary secondary high junior infant care home north south east west northern southern
    eastern western central upper lower greater old new mid inner outer city county saint mental health social
    housing education children adults women men young carers
"""
TELLING = frozenset(_TELLING.split())
RARE = 3  # a slip is this much rarer than the name it stands for, or stands once or twice
LONG, MIDDLING = 8, 5  # letters from which two slips, or one, may stand in a word
INITIALS = re.compile(r"[A-Z][A-Z&]{1,6}")
HSCP = ("health", "social", "care", "partnership")
COLUMNS = ("spelling", "counted_as", "why", "rows")


@dataclass(frozen=True, eq=False)
class Register:
    """Distinct organisations and every doubt about them.

    ``organisations``: ``name, sector, since`` (first date), ``roles``, ``spellings, rows``; ``merges``: ``spelling,
    counted_as, why`` (slip, initials, order, spacing), ``rows``, counted as one and to be confirmed; ``doubtful``: the
    same, kept apart (why: part, either); ``confirmed``: spellings settled by ``same_as``; ``rows`` of the register.
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
    return Register(
        organisations=_organisations(rows, counted, spelt),
        merges=_listed(((key, into, why) for key, (into, why) in likely.items()), spelt, sizes),
        doubtful=_listed(doubtful, spelt, sizes),
        confirmed=int((rows["same_as"] != "").sum()),
        rows=len(rows),
    )


def normal(name: str) -> Words:
    """A name as the words that count, in their order; NHS boards alike however they are written.

    >>> normal("The Fenmoor  Health Board"), normal("NHS Fenmoor"), normal("St. Aidan's Hosp. Ltd")
    (('nhs', 'fenmoor'), ('nhs', 'fenmoor'), ('saint', 'aidans', 'hospital'))
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
    plain = re.sub(r"['’`.]", "", plain.replace("&", " and ")).lower()
    words = [SHORT.get(word, word) for word in re.findall(r"\w+", plain)]
    words = [word for word in words if word not in EMPTY | LEGAL] or words
    text = " ".join(words)
    text = re.sub(rf"\b{' '.join(HSCP)}\b", "hscp", text)
    text = re.sub(r"\bintegration joint board\b", "ijb", text)
    words = text.split()
    if "nhs" in words or words[-2:] == ["health", "board"]:
        board = words[-1] == "board"
        rest = [word for word in words if word != "nhs"]
        rest = rest[:-1] if board else rest
        rest = rest[:-1] if board and rest[-1:] == ["health"] else rest
        words = ["nhs", *rest] if rest else words
    return tuple(words)


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
    words = name.lower().split()
    return words[0] == "the" or words[-1].strip(".") in LEGAL


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
    near = _near(ordered)

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
    gone = {key: into for key, (into, _) in likely.items()}
    flat = {key: (gone.get(into, into), why) for key, (into, why) in likely.items()}
    return flat, doubtful


def _near(names: list[Words]) -> Callable[[Words, Words], str]:
    """Why a name is likely another: a function of two of these names; "" where it is not."""
    forms = [(form, key) for key in names for form in _forms(key)]
    joined = [" ".join(form) for form, _ in forms]
    far = cdist(joined, joined, scorer=OSA.distance, score_cutoff=2, dtype=np.int8) if names else np.ones((0, 0))
    slips = {(forms[a][1], forms[b][1]) for a, b in np.argwhere(far <= 2) if a != b and slip(forms[a][0], forms[b][0])}

    def why(one: Words, other: Words) -> str:
        if sorted(one) == sorted(other):
            return "order"
        return "spacing" if "".join(one) == "".join(other) else "slip" if (one, other) in slips else ""

    return why


def _forms(key: Words) -> Iterator[Words]:
    """A name written out, so that a slip may stand in any of its words."""
    yield tuple(word for one in key for word in (HSCP if one == "hscp" else (one,)))
    if key[0] == "nhs":
        yield (*key[1:], "health", "board")


def slip(one: Words, other: Words) -> bool:
    """Whether two names of as many words differ by slips of the hand alone, two at most in all.

    >>> slip(("fenmoor", "council"), ("fenmor", "council")), slip(("north", "fen"), ("south", "fen"))
    (True, False)
    """
    if len(one) != len(other):
        return False
    total = 0
    for a, b in zip(one, other, strict=True):
        if a == b:
            continue
        if (a in TELLING and b in TELLING) or any(map(str.isdigit, a + b)):
            return False
        size = max(len(a), len(b))
        if a[0] != b[0] and a[:2] != b[1::-1]:  # hands rarely slip at the first letter: Eastwood is not Westwood
            return False
        apart = OSA.distance(a, b)
        if apart > (2 if size >= LONG else 1 if size >= MIDDLING else 0):
            return False
        total += apart
    return total <= 2


def initials(spelling: str, key: Words, other: Words) -> bool:
    """Whether a name is the initials of another, of all its words or of those that do not say what kind it is.

    >>> initials("RCM", normal("RCM"), normal("Royal College of Midwives"))
    True
    >>> initials("NHS GH", normal("NHS GH"), normal("NHS Glen & Hill"))
    True
    """
    if key == other:
        return False
    shared = [word for word in key if word in TELLING and word in other]
    own = [word for word in key if word not in shared]
    rest = [word for word in other if word not in shared]
    letters = "".join(own)
    short = len(own) == 1 or all(len(word) == 1 for word in own)
    upper = any(
        INITIALS.fullmatch(part) for part in re.findall(r"[A-Za-z&]+", re.sub(r"[.\s]*&[.\s]*|\.", "", spelling))
    )
    return upper and short and 2 <= len(letters) == len(rest) and letters == "".join(word[0] for word in rest)


def part_of(one: Words, other: Words) -> bool:
    """Whether a name is another with something left out that does not tell of another kind: to be looked at.

    >>> part_of(("barley", "trust"), ("barley", "trust", "wales")), part_of(("fenmoor",), ("fenmoor", "council"))
    (True, False)
    """
    more = set(other) - set(one)
    return set(one) < set(other) and bool(set(one) - TELLING) and not more & TELLING


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

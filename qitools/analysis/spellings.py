"""How the names of organisations are compared: what counts in a name, and why two are likely one, or may be.

Words that tell organisations apart (council, hospital, north, numbers) are never taken for a slip of each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

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
LEGAL = {name: name for name in ("ltd", "plc", "cic", "scio", "llp", "inc", "cio")} | {"limited": "ltd"}
# Words that tell one organisation from another, however like they look.
_TELLING = """
    council nhs hscp ijb university college hospital hospice school academy nursery church police fire ambulance
    trust charity foundation partnership association society federation union volunteers voluntary services
    service board royal primary secondary high junior infant care home north south east west northern southern
    eastern western central upper lower greater old new mid inner outer city county saint mental health social
    housing education children adults women men young carers
"""
TELLING = frozenset(_TELLING.split())
# Words whose spelling is known, beside those above.
USUAL = TELLING | frozenset(SHORT.values()) | {"network", "alliance", "forum", "group", "practice", "pharmacy"}
LOOSE = {"nhs", "partnership"}  # left off as often as not: a name without them is to be looked at
ORDINALS = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth"}
LONG, MIDDLING = 8, 5  # letters from which two slips, or one, may stand in a word
INITIALS = re.compile(r"[A-Z][A-Z&]{1,6}")
HSCP = ("health", "social", "care", "partnership")


def normal(name: str) -> Words:
    """A name as the words that count, in their order; NHS boards alike however they are written.

    >>> normal("The Fenmoor  Health Board"), normal("NHS Fenmoor"), normal("St. Aidan's Hosp. Ltd")
    (('nhs', 'fenmoor'), ('nhs', 'fenmoor'), ('saint', 'aidans', 'hospital'))
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
    plain = re.sub(r"['’`.]", "", plain.replace("&", " and ")).lower()
    words = [SHORT.get(word, word) for word in re.findall(r"\w+", plain)]
    words = [word for word in words if word not in EMPTY | LEGAL.keys()] or words
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


def ending(name: str) -> str:
    """The legal form that a name ends in; "" where it names none.

    >>> ending("Elm Trust Limited"), ending("Elm Trust Ltd."), ending("Elm Trust")
    ('ltd', 'ltd', '')
    """
    return LEGAL.get(name.lower().split()[-1].strip("."), "")


def near_to(names: list[Words]) -> Callable[[Words, Words], str]:
    """Why a name is likely another: a function of two of these names; "" where it is not."""
    written = [(form, key) for key in names for form in forms(key)]
    joined = [" ".join(form) for form, _ in written]
    far = cdist(joined, joined, scorer=OSA.distance, score_cutoff=2, dtype=np.int8) if names else np.ones((0, 0))
    slips = {
        (written[a][1], written[b][1])
        for a, b in np.argwhere(far <= 2)
        if a != b and slip(written[a][0], written[b][0])
    }

    def why(one: Words, other: Words) -> str:
        if sorted(one) == sorted(other):
            return "order"
        return "spacing" if "".join(one) == "".join(other) else "slip" if (one, other) in slips else ""

    return why


def forms(key: Words) -> Iterator[Words]:
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
    one, other = next(forms(one)), next(forms(other))
    more = set(other) - set(one)
    return set(one) < set(other) and bool(set(one) - TELLING) and (not more & TELLING or more <= LOOSE)

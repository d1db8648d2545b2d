"""What may not come through the door: numbers that could name a person.

A Scottish CHI number has ten digits and begins with a date of birth, DDMMYY. Any such token is refused whatever its
check digit, and the message never repeats it. Apart from ``disclosure``, because a YAML is read without any table.
"""

from __future__ import annotations

import re
from datetime import date

from qitools.errors import Problem

_TOKEN = re.compile(r"(?<!\d)(?<!\d\.)(\d{2})(\d{2})(\d{2})[ -]?\d{4}(?!\d)")


def personal_numbers(text: str, file: str) -> list[Problem]:
    """A problem for each line that may hold a CHI number.

    >>> [problem.line for problem in personal_numbers("team,note\\nA,call 0101901234", "falls.csv")]
    [2]
    """
    starts = {match.start() for match in _TOKEN.finditer(text) if _is_day(match)}
    lines = sorted({text.count("\n", 0, start) + 1 for start in starts})
    expected = "no number that could be a CHI number"
    hint = "take personal data out of the file"
    return [
        Problem(file, line, "", "ten digits that begin with a date", expected, hint, code="personal_number")
        for line in lines
    ]


def _is_day(match: re.Match[str]) -> bool:
    day, month, year = (int(part) for part in match.groups())
    return any(_exists(century + year, month, day) for century in (1900, 2000))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True

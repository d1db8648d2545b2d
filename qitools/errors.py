"""The error family, and how a message is worded.

A message says what was found, where, what was expected and what to do. Whoever reads a file gathers every
``Problem`` and raises them together, so that a person mends a file once, not once per mistake.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with an input, and where it stands.

    >>> print(Problem(file="falls.yaml", line=7, where="measures[0].better", found="lowr",
    ...               expected="higher, lower or neither", hint="did you mean 'lower'?"))
    falls.yaml, line 7, measures[0].better: found 'lowr', expected higher, lower or neither (did you mean 'lower'?)
    """

    file: str = ""
    line: int = 0  # 1-based; 0 where no line is known
    where: str = ""  # the YAML key, or "column 'bed_days'", or a sheet and cell
    found: str = ""
    expected: str = ""
    hint: str = ""
    code: str = ""  # a stable name for the kind of problem, for tests and tables

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.file, f"line {self.line}" if self.line else "", self.where) if part)
        words = [f"found {quoted(self.found)}"] if self.found else []
        words += [f"expected {self.expected}"] if self.expected else []
        text = ", ".join(words)
        if self.hint:
            text = f"{text} ({self.hint})" if text else self.hint
        return f"{place}: {text}" if place else text


class QitoolsError(Exception):
    """Anything qitools refuses to do, with the reason; holds up to many ``Problem`` at once.

    Args:
        message: one line that says which step failed and on what.
        problems: every problem found, in the order of the file.
    """

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        self.message = message
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(message, self.problems)

    def __reduce__(self) -> tuple[type[QitoolsError], tuple[str, tuple[Problem, ...]]]:
        return type(self), (self.message, self.problems)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  - {problem}" for problem in self.problems)])


class ParameterError(QitoolsError):
    """The YAML of a collaborative, or an argument, says something it may not say."""


class DataError(QitoolsError):
    """A table of observations holds something that cannot be true."""


class RunError(QitoolsError):
    """A notebook could not be run, or its output could not be kept."""


def quoted(found: object, limit: int = 60) -> str:
    """What was found, in quotes, on one line, never longer than ``limit`` characters.

    >>> quoted("ward\\n1")
    "'ward 1'"
    """
    text = " ".join(str(found).split())
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


def nearest(found: object, legal: Sequence[str], alike: float = 0.6) -> str:
    """A hint with the nearest legal name, or the empty string where none is near (``alike``: 1 is equal).

    >>> nearest("numerater", ["numerator", "denominator"])
    "did you mean 'numerator'?"
    >>> nearest("zzz", ["numerator"])
    ''
    """
    near = difflib.get_close_matches(str(found).lower(), [name.lower() for name in legal], n=1, cutoff=alike)
    match = next((name for name in legal if near and name.lower() == near[0]), "")
    return f"did you mean {match!r}?" if match else ""

"""The texts of a table on their way to values; what cannot be read is told once, with its lines; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from qitools.collaborative.files import Table
from qitools.collaborative.periods import ACCEPTED, odd_year, parsed
from qitools.errors import Problem, nearest
from qitools.spc.constants import LARGEST

STATUSES = ("reported", "provisional", "revised", "suppressed", "late", "missing")
FIRST = 3  # texts told of many that are wrong in the same way


class Cells:
    """Some columns of a table under the names the contract gives them.

    Args:
        rows: one column of text for each name, one ``NAME_column`` with the column it came from, and ``line``.
        file: how messages name the file.
        problems: the list to which problems are added.
    """

    def __init__(self, rows: pd.DataFrame, file: str, problems: list[Problem]) -> None:
        self.rows, self.file, self.problems = rows, file, problems

    def named(self, name: str, known: Mapping[str, str], expected: str) -> pd.Series:
        """Texts as the ids they stand for."""
        values = self.rows[name].map(known)
        self.tell(name, values.isna(), expected, f"unknown_{name}", lambda text: nearest(text, list(known)))
        return values

    def dates(self, periods: np.ndarray, date_format: str | None = None) -> np.ndarray:
        """Texts as days; ``periods`` holds, a row, the period a text may name."""
        days = np.full(len(self.rows), np.datetime64("NaT", "D"))
        for period in np.unique(periods):
            chosen = periods == period
            known = {text: parsed(text, period, date_format) for text in self.rows["date"][chosen].unique()}
            days[chosen] = [known[text] for text in self.rows["date"][chosen]]
            self.bad_date("date", chosen & np.isnat(days), period, date_format, alike=True)
        return days

    def bad_date(self, name: str, bad: Any, period: str, date_format: str | None, *, alike: bool = False) -> None:
        """Dates that cannot be read, and what would have them read."""
        expected = f"a date written as {date_format}" if date_format else ACCEPTED[period]
        self.tell(
            name, bad, expected, "bad_date", partial(_date_hint, period=period, date_format=date_format), alike=alike
        )

    def numbers(self, name: str, blanks: Collection[str]) -> np.ndarray:
        """Texts as floats; a text among ``blanks`` is no number."""
        texts = self.rows[name]
        blank = texts.isin(blanks)
        values = pd.to_numeric(texts.mask(blank), errors="coerce").to_numpy(dtype=float)
        self.tell(name, ~blank & ~np.isfinite(values), "a number", "bad_number", _number_hint, alike=True)
        values = np.where(np.isfinite(values), values, np.nan)
        self.tell(name, np.abs(values) > LARGEST, f"a number from {-LARGEST:g} to {LARGEST:g}", "out_of_range")
        return values

    def statuses(self, suppressed: Collection[str]) -> pd.Series:
        """The status column; blank is ``reported``, a mark of suppression in either number ``suppressed``."""
        given, legal = self.rows["status"].str.lower(), " or ".join(STATUSES)
        self.tell("status", ~given.isin(["", *STATUSES]), legal, "bad_status", lambda text: nearest(text, STATUSES))
        marked = self.rows["numerator"].isin(suppressed) | self.rows["denominator"].isin(suppressed)
        return given.replace("", "reported").mask(marked, "suppressed")

    def filled(self, name: str, expected: str) -> pd.Series:
        """Texts that may not be empty."""
        self.tell(name, self.rows[name] == "", expected, f"missing_{name}")
        return self.rows[name]

    def tell(
        self,
        name: str,
        bad: pd.Series | np.ndarray,
        expected: str,
        code: str,
        hint: Callable[[str], str] = lambda text: "",
        *,
        alike: bool = False,
    ) -> None:
        """One problem for each different text, at its first line, with how many more lines hold it.

        Where ``alike``, of many texts with one hint the first are told and the rest counted.
        """
        if not np.any(bad):
            return
        wrong = self.rows[np.asarray(bad)]
        told: dict[tuple[str, str], list[Problem]] = {}
        for keys, lines in wrong.groupby([f"{name}_column", name], sort=False)["line"]:
            column, text = map(str, keys)
            more = lines.nunique() - 1
            notes = [
                hint(text) if text else "the cell is empty",
                f"and on {more} more line{'s' if more > 1 else ''}" if more else "",
            ]
            words = "; ".join(note for note in notes if note)
            place = f"column {column!r}"
            problem = Problem(self.file, int(lines.min()), place, text, expected, words, code=code)
            told.setdefault((column, notes[0]), []).append(problem)
        for problems in told.values():
            self.problems += _first(problems) if alike else problems


def chosen(table: Table, columns: Mapping[str, str]) -> pd.DataFrame:
    """The rows of ``Cells``: the columns of a table under the contract's names; a column given as "" is empty."""
    rows = {name: table.column(column) if column else "" for name, column in columns.items()}
    origins = {f"{name}_column": column or name for name, column in columns.items()}
    return pd.DataFrame({**rows, **origins, "line": table.lines}, index=table.cells.index)


def _first(problems: list[Problem]) -> list[Problem]:
    """The first problems of a kind; the others counted, at the line where they begin."""
    if len(problems) <= FIRST + 1:
        return problems
    rest = problems[FIRST]
    more = f"from here on, {len(problems) - FIRST} more like these"
    return [*problems[:FIRST], Problem(rest.file, rest.line, rest.where, hint=more, code=rest.code)]


def _date_hint(text: str, period: str, date_format: str | None) -> str:
    advice = "" if date_format else "set 'date_format', such as %d/%m/%Y, where dates are written otherwise"
    return odd_year(text, period, date_format) or advice


def _number_hint(text: str) -> str:
    if "," in text:
        return "write thousands without a separator and decimals with a point"
    if text.endswith("%"):
        return "write the number without the % sign"
    if any(mark in text for mark in "<*~") or text.lower() in ("n/a", "na", "nan", "-", ".", ":", "c", "x"):
        return f"if it is a mark, list it in the source: 'missing: [\"{text}\"]' or 'suppressed: [\"{text}\"]'"
    return "leave the cell empty where there is no number"

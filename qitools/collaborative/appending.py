"""Rows appended to a CSV that people keep: its columns, encoding, separator and line ends stay as they are.

Nothing that stands in the file is written again: the new rows are put behind its last byte. A row that the file holds
already is not appended a second time.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from qitools.collaborative.files import Table
from qitools.collaborative.parameters import Sheet
from qitools.collaborative.periods import parsed
from qitools.collaborative.writing import ChangedMeanwhile, locked, replace

Row = dict[str, str]
DATES = ("start", "date", "by_when")  # columns of days
FORMULA = ("=", "+", "-", "@")  # a cell that begins so is a formula to a spreadsheet
MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True)
class Appended:
    """One file, as it is and as it would be."""

    path: Path
    file: str
    encoding: str
    before: bytes
    after: bytes

    @property
    def diff(self) -> str:
        """The lines that are new, as a unified diff."""
        old, new = (raw.decode(self.encoding).splitlines() for raw in (self.before, self.after))
        names = (f"{self.file}, as it is", f"{self.file}, with what was agreed")
        return "\n".join(difflib.unified_diff(old, new, *names, n=1, lineterm=""))


def appended(
    path: Path, sheet: Sheet, table: Table, columns: Sequence[str], rows: Sequence[Row]
) -> tuple[Appended, list[Row]]:
    """A file with rows that do not stand in it yet.

    Args:
        path: the file.
        sheet: how it was written.
        table: what it says.
        columns: those that the rows fill; others stay empty.
        rows: a text for each of these columns; days as 2026-03-31.

    Returns:
        The file as it is and as it would be, and the rows that are new.
    """
    there = {_key(row, columns, sheet) for row in table.cells[list(columns)].to_dict("records")}
    new: dict[tuple[str, ...], Row] = {}
    for row in rows:
        written = row | {name: _day(row[name], sheet) for name in DATES if row.get(name)}
        if (key := _key(written, columns, sheet)) not in there:
            new.setdefault(key, written)
    before = path.read_bytes()
    after = before + _tail(before, sheet, columns, list(new.values()))
    return Appended(path, sheet.file, sheet.encoding, before, after), list(new.values())


def replace_all(files: Sequence[Appended]) -> None:
    """Put the new files in place of the old, each whole or not at all.

    Raises:
        ChangedMeanwhile: one is no longer what it was; none is written.
        SavingError: one may not be written, or the disk is full; those before it are written.
    """
    with ExitStack() as locks:
        for one in files:
            locks.enter_context(locked(one.path))
        for one in files:
            if one.path.read_bytes() != one.before:
                raise ChangedMeanwhile(
                    f"{one.file} was changed by someone else meanwhile; nothing was written. Try again."
                )
        for one in files:
            replace(one.path, one.after)


def _key(row: Mapping[Any, str], columns: Sequence[str], sheet: Sheet) -> tuple[str, ...]:
    """What makes two rows the same: every cell that is filled, days however they are written."""
    cells = {name: row[name].strip() for name in columns}
    days = {name: parsed(cells[name], "day", sheet.date_format) for name in DATES if name in cells}
    return tuple(cells[name] if pd.isna(days.get(name)) else str(days[name]) for name in columns)


def _day(text: str, sheet: Sheet) -> str:
    """A day as its file writes days."""
    day = date.fromisoformat(text)
    return day.strftime(sheet.date_format) if sheet.date_format else day.isoformat()


def _tail(before: bytes, sheet: Sheet, columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """The bytes to append: these rows under the file's own heading."""
    text, out = before.decode(sheet.encoding), io.StringIO(newline="")
    line = "\r\n" if "\r\n" in text else "\n"
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=sheet.separator)
    heading = [name.removeprefix("\ufeff").strip() for name in next(row for row in lines if any(map(str.strip, row)))]
    writer = csv.writer(out, delimiter=sheet.separator, lineterminator=line)
    writer.writerows([_inert(row[name]) if name in columns else "" for name in heading] for row in rows)
    gap = line if rows and not text.endswith("\n") else ""
    return (gap + out.getvalue()).encode(_without_mark(sheet.encoding, before))


def _inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula; the space before it is taken off again when it is read."""
    return f" {text}" if text.startswith(FORMULA) else text


def _without_mark(encoding: str, before: bytes) -> str:
    """The encoding that writes no byte-order mark of its own: the file has its own, or none."""
    name = codecs.lookup(encoding).name
    return {"utf-8-sig": "utf-8", "utf-16": MARKS.get(before[:2], "utf-16-le")}.get(name, name)

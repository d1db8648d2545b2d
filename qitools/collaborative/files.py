"""A data file found, kept inside its folder, decoded and cut into cells, with the line of every row."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qitools.collaborative.document import Document, Loc, tidied
from qitools.collaborative.personal import personal_numbers
from qitools.errors import DataError, Problem, nearest

if TYPE_CHECKING:
    from qitools.collaborative.parameters import Sheet

ALIKE = 0.85  # how like a file's name must be to be offered: many share an ending


@dataclass(frozen=True)
class Table:
    """The cells of one CSV, all of them text, and the line on which each row begins."""

    file: str
    cells: pd.DataFrame
    lines: np.ndarray
    sha256: str

    def column(self, name: str) -> pd.Series:
        """One column, without the spaces around its texts."""
        return self.cells[name].str.strip()

    def origin(self, source: str) -> dict[str, Any]:
        """One row of provenance."""
        return {"source": source, "file": self.file, "sha256": self.sha256, "rows": len(self.cells)}


def located(base: Path, file: str, document: Document, loc: Loc) -> Path:
    """The path of a data file, which must exist and stay inside its folder, also by way of links.

    Args:
        base: the folder that data paths start from.
        file: the path as the YAML writes it.
        document: the YAML, for the message.
        loc: the key that holds the path, for the message.

    Raises:
        DataError: the path is absolute, leaves the folder, or leads to no file (with the nearest name there).
    """
    path, home = _alike(base / file), base.resolve()
    foreign = PureWindowsPath(file)
    if foreign.drive or foreign.root or not path.resolve().is_relative_to(home):
        problem = document.problem(loc, found=file, expected=f"a path that stays inside {base}", code="outside")
        raise DataError(f"{file} lies outside the folder of the data", [problem])
    if not path.is_file():
        there = sorted(other.name for other in path.parent.glob("*") if other.is_file()) if path.parent.is_dir() else []
        expected = f"a file that exists in {base}"
        hint = nearest(path.name, there, ALIKE)
        raise DataError(
            f"{file} is missing", [document.problem(loc, found=file, expected=expected, hint=hint, code="missing_file")]
        )
    return path


def read_sheet(sheet: Sheet, base: Path, document: Document, loc: Loc, *, bare: bool = False) -> Table:
    """Find and read the CSV that a key of the YAML names; see ``located`` and ``read_table``."""
    path = located(base, sheet.file, document, (*loc, "file"))
    return read_table(path, sheet.file, encoding=sheet.encoding, separator=sheet.separator, bare=bare)


def _alike(path: Path) -> Path:
    """The path, or where nothing is there a file beside it whose name looks the same (``tidied``)."""
    if path.is_file() or not path.parent.is_dir():
        return path
    return next((other for other in path.parent.glob("*") if tidied(other.name) == path.name), path)


def read_table(path: Path, file: str, *, encoding: str = "utf-8", separator: str = ",", bare: bool = False) -> Table:
    """Read one CSV as text.

    Args:
        path: where it is.
        file: how messages name it.
        encoding: of the file; a byte-order mark is taken off.
        separator: one character.
        bare: whether a heading without rows will do, as in a log not yet begun.

    Returns:
        The cells; rows without any text are left out.

    Raises:
        DataError: not in that encoding, empty, rows of unequal length, a column named twice, a possible CHI number.
    """
    return table_of(_bytes(path, file), file, encoding=encoding, separator=separator, bare=bare)


def table_of(raw: bytes, file: str, *, encoding: str = "utf-8", separator: str = ",", bare: bool = False) -> Table:
    """The bytes of one CSV as text cells; see ``read_table``."""
    records, lines = _records(_decoded(raw, file, encoding), file, separator)
    if not records:
        raise DataError(f"{file} is empty", [Problem(file, 1, "", "", "a heading and rows", code="empty_file")])
    heading = [name.strip() for name in records[0]]
    problems = [*_heading_problems(heading, file, lines[0]), *_ragged(records, lines, file)]
    if len(records) == 1 and not bare:
        problems.append(Problem(file, 2, "", "a heading and no rows", "rows of data", code="empty_file"))
    if problems:
        raise DataError(f"{file} is not one table", problems)
    keep = [i for i, name in enumerate(heading) if name]
    cells = pd.DataFrame({heading[i]: [row[i] for row in records[1:]] for i in keep}, dtype=str)
    return Table(file, cells, np.array(lines[1:], dtype=int), hashlib.sha256(raw).hexdigest())


def need_columns(table: Table, names: list[str]) -> list[Problem]:
    """A problem for each column that is not there, with the nearest that is."""
    there = [str(name) for name in table.cells]
    expected, found = f"one of {', '.join(there)}", "no such column"
    absent = [name for name in dict.fromkeys(names) if name not in there]
    other = next((mark for mark in (";", "\t", "|", ",") if len(there) == 1 and mark in there[0]), "")
    hint = f"the cells look separated by {other!r}: set 'separator' in the source" if other else ""
    return [
        Problem(table.file, 1, f"column {name!r}", found, expected, hint or nearest(name, there), code="missing_column")
        for name in absent
    ]


def _bytes(path: Path, file: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = Problem(file, 0, "", str(error.strerror), "a file that may be read", code="unreadable")
        raise DataError(f"{file} cannot be read", [problem]) from None


def _decoded(raw: bytes, file: str, encoding: str) -> str:
    if problem := _not_as_declared(raw, file, encoding):
        raise DataError(f"{file} cannot be decoded", [problem])
    try:
        text = tidied(raw.decode(encoding))
    except LookupError:
        problem = Problem(
            file, 0, "encoding", encoding, "a known encoding such as utf-8 or cp1252", code="bad_encoding"
        )
        raise DataError(f"{file} cannot be decoded", [problem]) from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = f"byte {raw[error.start]:#04x} at position {error.start}"
        hint = "save the file as UTF-8, or set 'encoding: cp1252' (the usual one of Excel) in its source"
        raise DataError(
            f"{file} cannot be decoded",
            [Problem(file, line, "", found, f"text in {encoding}", hint, code="bad_encoding")],
        ) from None
    problems = personal_numbers(text, file)
    if problems:
        raise DataError(f"{file} may hold personal data", problems)
    return text


def _not_as_declared(raw: bytes, file: str, encoding: str) -> Problem | None:
    """What the bytes plainly are, where that is not what the source says."""
    wide, utf8 = encoding.lower().startswith(("utf-16", "utf_16")), "save the sheet as CSV UTF-8"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) and not wide:
        hint = f"{utf8}, or set 'encoding: utf-16' in its source"
        return Problem(file, 1, "", "text in utf-16", f"text in {encoding}", hint, code="bad_encoding")
    if b"\0" in raw and not wide:
        return Problem(file, 1, "", "a workbook or other binary file", "a CSV", utf8, code="not_csv")
    if encoding.lower().startswith("utf") or raw.isascii() or not _reads(raw, "utf-8"):
        return None
    hint = f"leave out 'encoding: {encoding}' in its source"
    return Problem(file, 1, "", "text in utf-8", f"text in {encoding}", hint, code="bad_encoding")


def _reads(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _records(text: str, file: str, separator: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    records, lines, before = [], [], 0
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                records.append(record)
                lines.append(before + 1)
            before = reader.line_num
    except csv.Error as error:
        raise DataError(
            f"{file} is not a CSV",
            [Problem(file, before + 1, "", str(error), "cells with matching quotes", code="not_csv")],
        ) from None
    return records, lines


def _heading_problems(heading: list[str], file: str, line: int) -> list[Problem]:
    repeated = sorted({name for name in heading if name and heading.count(name) > 1})
    return [Problem(file, line, "heading", name, "each column name once", code="duplicate_column") for name in repeated]


def _ragged(records: list[list[str]], lines: list[int], file: str) -> list[Problem]:
    width = len(records[0])
    hint = "a comma inside a text needs quotes around the text"
    return [
        Problem(file, line, "", f"{len(row)} cells", f"{width} cells, as in the heading", hint, code="ragged_row")
        for row, line in zip(records, lines, strict=True)
        if len(row) != width
    ]

"""What was agreed in the room, taken into the collaborative's own tables.

The presenter's page keeps what is typed into it and exports one JSON file: tests to do, notes, offers and asks.
``open_take`` reads that file, holds every item against the collaborative by the readers of its own logs, and shows what
would be appended to which file; ``append`` does it. The files keep their columns, encoding, separator and line ends;
what stands in them already is not appended again, so that a file may be taken twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field, ValidationError

from qitools.collaborative.amending import plain
from qitools.collaborative.appending import Appended, Row, appended, replace_all
from qitools.collaborative.changes import change_rows
from qitools.collaborative.document import Document, Loc, read_document
from qitools.collaborative.files import Table, located, read_table, table_of
from qitools.collaborative.loading import Collaborative, data_folder, load
from qitools.collaborative.log_rows import Known, known_names
from qitools.collaborative.logs import LOGS, read_log
from qitools.collaborative.parameters import Sheet
from qitools.collaborative.parts import MaybeId, Part
from qitools.collaborative.periods import parsed
from qitools.collaborative.personal import personal_numbers
from qitools.collaborative.refusals import refusals
from qitools.errors import DataError, ParameterError, Problem, nearest

SOURCES = {"test": "pdsa", "note": "changes", "offer": "offers", "ask": "offers"}  # where each kind of item goes
COLUMNS = {  # the column of each source that holds each value; those in OPTIONAL may be absent
    "pdsa": ("team", "measure", "driver", "idea", "start", "plan", "prediction", "owner", "by_when", "session"),
    "changes": ("team", "measure", "date", "text", "session"),
    "offers": ("team", "date", "kind", "measure", "driver", "text", "session"),
}
LOST = {"pdsa": (), "changes": ("driver", "idea", "prediction", "owner"), "offers": ("idea", "prediction", "owner")}
OPTIONAL = {"pdsa": ("by_when",), "changes": ("session",), "offers": ()}
ITEM_KEYS = {"plan": "text", "start": "date"}  # what the page calls these columns


class Item(Part):
    """One thing agreed: a test to do, a note, an offer to other teams or something asked of them."""

    kind: Literal["test", "note", "offer", "ask"]
    team: MaybeId = ""
    measure: MaybeId = ""
    driver: str = ""
    idea: str = ""
    prediction: str = ""
    owner: str = ""
    by_when: str = ""
    text: str = ""


class Take(Part):
    """The file that the presenter's page exports."""

    qitools: Literal["room"]
    collaborative: str
    session: str = ""
    date: str
    items: tuple[Item, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Taking:
    """What a take would append: ``rows`` (file, kind, team, measure, text), what is there already, and the files."""

    session: str
    rows: pd.DataFrame
    already: int
    files: tuple[Appended, ...]

    @property
    def diff(self) -> str:
        """The lines that are new in every file, as a unified diff."""
        return "\n".join(one.diff for one in self.files)


def open_take(take: str | Path, path: Path, data: str | Path | None = None) -> Taking:
    """Read what was agreed, and work out what it would append.

    Args:
        take: the file that the presenter's page exported.
        path: the YAML of the collaborative.
        data: the folder that data paths start from, as for ``qi.load``.

    Returns:
        A ``Taking``; nothing is written yet.

    Raises:
        ParameterError: no such file, not exported by the page, of another collaborative, a session that is not known.
        DataError: items that cannot be appended, each with its place and why; every problem at once.
    """
    document, taken = _read(Path(take))
    opened = load(path, data=data)
    day = _agrees(document, taken, opened)
    desk = _Desk(path, data_folder(data, path), opened, taken.session, day)
    given: dict[str, dict[int, Row]] = {}
    for i, item in enumerate(taken.items):
        given.setdefault(SOURCES[item.kind], {})[i] = desk.row(item)
    problems = [problem for source, rows in given.items() for problem in desk.problems(source, rows, document)]
    if problems:
        raise DataError(f"{document.file} cannot be taken, and nothing was written", problems)
    parts = [desk.appended(source, list(rows.values())) for source, rows in given.items()]
    rows = pd.DataFrame([row for _, new in parts for row in new], columns=["file", "kind", "team", "measure", "text"])
    return Taking(
        taken.session, rows, len(taken.items) - len(rows), tuple(file for file, _ in parts if file.after != file.before)
    )


def append(taking: Taking) -> None:
    """Append what was agreed to the collaborative's files.

    Should the second of two files fail, take the same file again: what stands there already is not appended twice.

    Raises:
        ChangedMeanwhile: a file is no longer the one that was shown.
        SavingError: a file may not be written, or the disk is full.
    """
    replace_all(taking.files)


def _read(path: Path) -> tuple[Document, Take]:
    """The take as values with their places, and typed."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text)
    except OSError as error:
        problem = Problem(str(path), found=error.strerror or "", expected="the file that the presenter's page exported")
        raise ParameterError(f"{path.name} cannot be read", [problem]) from None
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        problem = Problem(
            path.name, line, "", str(error), "JSON, as the presenter's page exports it", "export it again"
        )
        raise ParameterError(f"{path.name} cannot be read", [problem]) from None
    if personal := personal_numbers(text, path.name):
        raise ParameterError(f"{path.name} may hold personal data", personal)
    if not isinstance(data, dict) or data.get("qitools") != "room":
        problem = Problem(path.name, 1, "qitools", str(data)[:40], "'room', as the presenter's page writes it")
        raise ParameterError(f"{path.name} is not what the presenter's page exports", [problem])
    document = Document(path.name, _frozen(data), _lines(path, data.get("items")), {})
    try:
        return document, Take.model_validate(document.data)
    except ValidationError as error:
        raise ParameterError(f"{path.name} cannot be taken", refusals(error, document, Take)) from None


def _frozen(value: Any) -> Any:
    """Lists as tuples, as everywhere in a document."""
    if isinstance(value, dict):
        return {key: _frozen(one) for key, one in value.items()}
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


def _lines(path: Path, items: Any) -> Mapping[Loc, int]:
    """The line of each value, where the reader of YAML can tell (JSON is YAML, but for rare escapes)."""
    try:
        return read_document(path).lines
    except ParameterError:
        return {("items",): 0} | {("items", i): 0 for i in range(len(items) if isinstance(items, list) else 0)}


def _agrees(document: Document, taken: Take, opened: Collaborative) -> str:
    """The day of the take; refused where it is another collaborative's, or of a session nobody knows."""
    problems, name = [], opened.parameters.collaborative
    if taken.collaborative != name:
        expected = f"{name!r}: this is what was agreed in another collaborative"
        problems.append(document.problem(("collaborative",), found=taken.collaborative, expected=expected))
    sessions = [str(one) for one in opened.records.sessions["name"]]
    if taken.session and taken.session not in sessions:
        expected, hint = "the name of a session of the YAML", nearest(taken.session, sessions)
        problems.append(document.problem(("session",), found=taken.session, expected=expected, hint=hint))
    day = parsed(taken.date)
    if pd.isna(day):
        problems.append(document.problem(("date",), found=taken.date, expected="a day such as 2026-03-31"))
    if problems:
        raise ParameterError(f"{document.file} cannot be taken, and nothing was written", problems)
    return str(day)


@dataclass(frozen=True)
class _Desk:
    """A collaborative's files, ready for rows to be appended."""

    yaml: Path
    base: Path
    opened: Collaborative
    session: str
    day: str

    def sheet(self, source: str) -> Sheet | None:
        """How the YAML names the file of a source; None where it names none."""
        sheet: Sheet | None = getattr(self.opened.parameters.sources, source)
        return sheet

    def file(self, source: str) -> tuple[Path, Sheet, Table]:
        """A file: where it is, how it was written, what it says."""
        sheet = self.sheet(source) or Sheet(file="")
        path = located(self.base, sheet.file, read_document(self.yaml), ("sources", source, "file"))
        return path, sheet, read_table(path, sheet.file, encoding=sheet.encoding, separator=sheet.separator, bare=True)

    def row(self, item: Item) -> Row:
        """An item as a row: a text for each column it may fill."""
        given = {name: plain(value) for name, value in item.model_dump().items()}
        by = parsed(given["by_when"])
        given |= {} if pd.isna(by) else {"by_when": str(by)}
        row = given | {"session": plain(self.session), "start": self.day, "date": self.day}
        return row | {"plan": row["text"] or ("" if row["prediction"] else row["idea"])}

    def problems(self, source: str, rows: dict[int, Row], document: Document) -> Iterator[Problem]:
        """Why items cannot be appended: no file for them, a column that is not there, or what its reader refuses."""
        if self.sheet(source) is None:
            columns = ",".join(name for name in COLUMNS[source] if name not in OPTIONAL[source])
            file = f"data/{self.opened.parameters.collaborative}-{source}.csv"
            hint = f"add '{source}: {file}' under 'sources', and make that file with the heading {columns}"
            yield document.problem(
                ("items", min(rows), "kind"), expected=f"a file for {source} in {self.yaml.name}", hint=hint
            )
            return
        _, sheet, table = self.file(source)
        known = known_names(self.opened.parameters, *self._named())
        for i, row in rows.items():
            yield from _homeless(source, i, row, table, sheet, document)
            for problem in _as_read(source, row, known, self.opened):
                key = problem.where.removeprefix("column ").strip("'")
                words = {name: getattr(problem, name) for name in ("found", "expected", "hint", "code")}
                yield document.problem(("items", i), key=ITEM_KEYS.get(key, key), **words)

    def _named(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
        records = self.opened.records
        return records.drivers, records.sessions, self.opened.observations["date"]

    def appended(self, source: str, rows: list[Row]) -> tuple[Appended, list[Row]]:
        """The file with the rows that do not stand in it yet, and those rows for people."""
        path, sheet, table = self.file(source)
        columns = [name for name in COLUMNS[source] if name in table.cells]
        if "by_when" not in columns:  # a day that has no column of its own stands with the plan
            said = "plan" if source == "pdsa" else "text"
            rows = [row | {said: _by(row[said], row["by_when"])} for row in rows]
        file, new = appended(path, sheet, table, columns, rows)
        return file, [
            {name: row[name] for name in ("kind", "team", "measure")}
            | {"file": sheet.file, "text": row["text"] or row["idea"] or row["prediction"]}
            for row in new
        ]


def _by(plan: str, day: str) -> str:
    return f"{plan} (by {day})".strip() if day else plan


def _homeless(source: str, i: int, row: Row, table: Table, sheet: Sheet, document: Document) -> Iterator[Problem]:
    """What an item says that its file has no column or no letters for, so that it would be lost."""
    for name in COLUMNS[source]:
        at: dict[str, Any] = {"loc": ("items", i), "key": ITEM_KEYS.get(name, name)}
        if row[name] and name not in table.cells and name not in OPTIONAL[source]:
            expected, hint = f"a column {name!r} in {sheet.file}", f"add {name!r} to its heading"
            yield document.problem(**at, found=row[name], expected=expected, hint=hint, code="missing_column")
        try:
            row[name].encode(sheet.encoding)
        except UnicodeEncodeError as error:
            found, expected = error.object[error.start : error.end], f"letters that {sheet.encoding} has"
            hint = f"save {sheet.file} as UTF-8, or write it in other letters"
            yield document.problem(**at, found=found, expected=expected, hint=hint, code="bad_encoding")
    for name in LOST[source]:
        if row[name]:
            expected, hint = f"no {name}, for which {sheet.file} has no column", "write it into the text"
            yield document.problem(("items", i), key=name, found=row[name], expected=expected, hint=hint, code="lost")
    if row["by_when"] and pd.isna(parsed(row["by_when"])):
        expected = "a day such as 2026-03-31"
        yield document.problem(("items", i), key="by_when", found=row["by_when"], expected=expected, code="bad_date")


def _as_read(source: str, row: Row, known: Known, opened: Collaborative) -> list[Problem]:
    """What the reader of a file says of a new row alone."""
    cells = pd.DataFrame([{name: row[name] for name in COLUMNS[source]}])
    table = table_of(cells.to_csv(index=False).encode(), source)
    if source == "changes":
        return change_rows(table, opened.parameters, None)[1]
    _, findings = read_log(table, LOGS[source], known, None)
    return [Problem(where=one.where, found=one.found, expected=one.expected, code=one.code) for one in findings]

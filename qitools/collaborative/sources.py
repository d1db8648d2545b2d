"""One source of observations: the columns of a CSV, whatever their names and layout, as rows of the contract.

Everything a source says about its file (names of columns, which rows, dates, marks for missing and suppressed) is used
up here; what leaves is the same for every source. Texts that cannot be read are problems that name the cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qitools.collaborative.files import Table, need_columns
from qitools.collaborative.periods import ACCEPTED, parsed
from qitools.errors import DataError, Problem, nearest

if TYPE_CHECKING:
    from qitools.collaborative.parameters import Condition, Parameters, Source

STATUSES = ("reported", "provisional", "revised", "suppressed", "late", "missing")


def source_rows(table: Table, source: Source, parameters: Parameters) -> tuple[pd.DataFrame, list[Problem]]:
    """The rows of one source.

    Args:
        table: the file as text.
        source: how its columns map.
        parameters: the teams, measures and period.

    Returns:
        team, measure (ids), date (day as written), numerator, denominator (floats), stratum, status, file, line; and
        every problem met.

    Raises:
        DataError: a column is absent, so that nothing can be read.
    """
    tall = _long(table, source) if source.measures is None else _wide(table, source)
    kept, problems = _kept(tall, table, source)
    cells = _Cells(kept, table.file, problems)
    codes = {team.code or team.id: team.id for team in parameters.teams}
    ids = {measure.id: measure.id for measure in parameters.measures}
    events = {measure.id for measure in parameters.measures if measure.rows == "events"}
    rows = pd.DataFrame(
        {
            "team": cells.named("team", codes, "the code of a team in the YAML", "unknown_team"),
            "measure": cells.named("measure", ids, "the id of a measure in the YAML", "unknown_measure"),
            "date": cells.dates(parameters.period, events, source.date_format),
            "numerator": cells.numbers("numerator", source),
            "denominator": cells.numbers("denominator", source),
            "stratum": kept["stratum"],
            "status": cells.statuses(source),
            "file": table.file,
            "line": kept["line"],
        }
    )
    return rows, sorted(problems, key=lambda problem: problem.line)


def _long(table: Table, source: Source) -> pd.DataFrame:
    """The cells of a table that already has one row a team, measure and date."""
    optional = [name for name in ("stratum", "status") if name in table.cells]
    columns = {"team": source.team, "measure": "measure", "date": source.date, "numerator": "numerator"}
    columns |= {"denominator": "denominator"} | {name: name for name in optional}
    columns |= {name: given for name in ("stratum", "status") if (given := getattr(source, name))}
    return _tall(table, columns, list(source.where))


def _wide(table: Table, source: Source) -> pd.DataFrame:
    """The cells of a table that has one column a number, stacked measure by measure."""
    shared = {"team": source.team, "date": source.date}
    shared |= {name: given for name in ("stratum", "status") if (given := getattr(source, name))}
    mapping = source.measures or {}
    wanted = [name for columns in mapping.values() for name in (columns.numerator, columns.denominator) if name]
    _refuse_absent(table, [*shared.values(), *source.where, *wanted])
    parts = [
        _tall(
            table,
            shared
            | {"numerator": columns.numerator}
            | ({"denominator": columns.denominator} if columns.denominator else {}),
            [],
        ).assign(measure=measure)
        for measure, columns in mapping.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _tall(table: Table, columns: dict[str, str], others: list[str]) -> pd.DataFrame:
    _refuse_absent(table, [*columns.values(), *others])
    rows = pd.DataFrame({name: table.column(column) for name, column in columns.items()})
    for name in ("denominator", "stratum", "status"):
        if name not in rows:
            rows[name] = ""
    names = {
        f"{name}_column": columns.get(name, name)
        for name in ("team", "measure", "date", "numerator", "denominator", "status")
    }
    return rows.assign(line=table.lines, row=np.arange(len(rows)), **names)


def _refuse_absent(table: Table, names: list[str]) -> None:
    if problems := need_columns(table, names):
        raise DataError(f"{table.file} lacks columns", problems)


def _kept(tall: pd.DataFrame, table: Table, source: Source) -> tuple[pd.DataFrame, list[Problem]]:
    """The rows that ``where`` keeps; a value it asks for that stands in no row is a problem."""
    keep = np.ones(len(table.cells), dtype=bool)
    problems: list[Problem] = []
    for column, condition in source.where.items():
        texts = table.column(column)
        problems += _absent_values(table.file, column, condition, sorted(set(texts)))
        keep &= (~texts.isin(condition.leave_out)).to_numpy()
        keep &= texts.isin(condition.only).to_numpy() if condition.only else True
    return tall[keep[tall["row"]]].reset_index(drop=True), problems


def _absent_values(file: str, column: str, condition: Condition, there: list[str]) -> Iterator[Problem]:
    for value in condition.only:
        if value not in there:
            expected = "a value that the column holds, since 'where' asks for it"
            yield Problem(file, 0, f"column {column!r}", value, expected, nearest(value, there), code="where_value")


class _Cells:
    """The texts of one source on their way to values; each text that cannot be read is told once, with its lines."""

    def __init__(self, rows: pd.DataFrame, file: str, problems: list[Problem]) -> None:
        self.rows, self.file, self.problems = rows, file, problems

    def named(self, name: str, known: dict[str, str], expected: str, code: str) -> pd.Series:
        values = self.rows[name].map(known)
        self.tell(name, values.isna(), expected, code, lambda text: nearest(text, list(known)))
        return values

    def dates(self, period: str, events: set[str], date_format: str | None) -> np.ndarray:
        exact = self.rows["measure"].isin(events).to_numpy()
        days = np.full(len(self.rows), np.datetime64("NaT", "D"))
        for chosen, kind in ((exact, "day"), (~exact, period)):
            known = {text: parsed(text, kind, date_format) for text in self.rows["date"][chosen].unique()}
            days[chosen] = [known[text] for text in self.rows["date"][chosen]]
            expected = f"a date written as {date_format}" if date_format else ACCEPTED[kind]
            hint = "" if date_format else "set 'date_format', such as %d/%m/%Y, where dates are written otherwise"
            self.tell("date", chosen & np.isnat(days), expected, "bad_date", partial(_same, hint))
        return days

    def numbers(self, name: str, source: Source) -> np.ndarray:
        texts = self.rows[name]
        blank = texts.isin(["", *source.missing, *source.suppressed])
        values = pd.to_numeric(texts.mask(blank), errors="coerce").to_numpy(dtype=float)
        self.tell(name, ~blank & ~np.isfinite(values), "a number", "bad_number", _number_hint)
        return np.where(np.isfinite(values), values, np.nan)

    def statuses(self, source: Source) -> pd.Series:
        given, legal = self.rows["status"].str.lower(), " or ".join(STATUSES)
        self.tell("status", ~given.isin(["", *STATUSES]), legal, "bad_status", lambda text: nearest(text, STATUSES))
        marked = self.rows["numerator"].isin(source.suppressed) | self.rows["denominator"].isin(source.suppressed)
        return given.replace("", "reported").mask(marked, "suppressed")

    def tell(
        self, name: str, bad: pd.Series | np.ndarray, expected: str, code: str, hint: Callable[[str], str]
    ) -> None:
        """One problem for each different text, at its first line, with how many more lines hold it."""
        if not np.any(bad):
            return
        wrong = self.rows[np.asarray(bad)]
        for keys, lines in wrong.groupby([f"{name}_column", name], sort=False)["line"]:
            column, text = map(str, keys)
            more = lines.nunique() - 1
            notes = [hint(text), f"and on {more} more line{'s' if more > 1 else ''}" if more else ""]
            place, words = f"column {column!r}", "; ".join(note for note in notes if note)
            self.problems.append(
                Problem(self.file, int(lines.min()), place, text or "nothing", expected, words, code=code)
            )


def _same(hint: str, _: str) -> str:
    return hint


def _number_hint(text: str) -> str:
    if "," in text:
        return "write thousands without a separator and decimals with a point"
    if text.endswith("%"):
        return "write the number without the % sign"
    if any(mark in text for mark in "<*~") or text.lower() in ("n/a", "na", "nan", "-", ".", ":", "c", "x"):
        return f"if it is a mark, list it in the source: 'missing: [\"{text}\"]' or 'suppressed: [\"{text}\"]'"
    return "leave the cell empty where there is no number"

"""The dated changes that teams made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qitools.collaborative.cells import Cells, chosen
from qitools.collaborative.document import Document
from qitools.collaborative.files import Table, need_columns, read_sheet
from qitools.collaborative.parameters import Parameters
from qitools.collaborative.periods import floored
from qitools.errors import DataError, Problem

COLUMNS = ["team", "measure", "date", "text"]
_TYPES = {"team": "str", "measure": "str", "date": "datetime64[us]", "text": "str"}


@dataclass(frozen=True)
class Changes:
    """The checked table and the file it came from."""

    table: pd.DataFrame
    provenance: tuple[dict[str, Any], ...] = ()


def read_changes(parameters: Parameters, document: Document, base: Path) -> Changes:
    """Read the changes: those of the file that the YAML names, and the annotations in the YAML itself.

    Args:
        parameters: the collaborative.
        document: its YAML, for messages.
        base: the folder that data paths start from.

    Returns:
        team, measure ("" for all of them), date (the day), text; sorted by date, team, measure.

    Raises:
        DataError: every problem: a column, a team, a measure or a date that is not known, a text that is not there.
    """
    sheet = parameters.sources.changes
    annotations = _annotations(parameters)
    if sheet is None:
        return Changes(annotations)
    table = read_sheet(sheet, base, document, ("sources", "changes"), bare=True)
    if problems := need_columns(table, [name for name in COLUMNS if name != "measure"]):
        raise DataError(f"{sheet.file} lacks columns", problems)
    rows, problems = change_rows(table, parameters, sheet.date_format)
    if problems:
        raise DataError(f"{sheet.file} cannot be used", problems)
    rows = pd.concat([rows.astype(_TYPES), annotations])
    return Changes(
        rows.sort_values(["date", "team", "measure"], ignore_index=True, kind="stable"), (table.origin("changes"),)
    )


def _annotations(parameters: Parameters) -> pd.DataFrame:
    """What the YAML itself writes on charts."""
    rows = [one.model_dump(include=set(COLUMNS)) for one in parameters.annotations]
    table = pd.DataFrame(rows, columns=COLUMNS).astype(_TYPES)
    return table.sort_values(["date", "team", "measure"], ignore_index=True, kind="stable")


def change_rows(table: Table, parameters: Parameters, date_format: str | None) -> tuple[pd.DataFrame, list[Problem]]:
    """The changes as typed columns, and every problem met; an empty team or measure stands for all of them."""
    problems: list[Problem] = []
    columns = {name: name if name in table.cells else "" for name in COLUMNS}
    cells = Cells(chosen(table, columns), table.file, problems)
    codes = {"": ""} | {name: team.id for team in parameters.teams for name in (team.code or team.id, team.id)}
    ids = {"": ""} | {measure.id: measure.id for measure in parameters.measures}
    rows = pd.DataFrame(
        {
            "team": cells.named("team", codes, "a team of the YAML"),
            "measure": cells.named("measure", ids, "a measure of the YAML"),
            "date": cells.dates(np.full(len(table.cells), "day"), date_format),
            "text": cells.filled("text", "what was changed"),
        }
    )
    return rows, sorted(problems, key=lambda problem: problem.line)


def changes_until(changes: pd.DataFrame, until: pd.Timestamp, period: str) -> pd.DataFrame:
    """The changes made up to the end of the period in which ``until`` lies."""
    return changes[floored(changes["date"], period) <= np.datetime64(until)].reset_index(drop=True)

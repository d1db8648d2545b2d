"""The rows of a log: the names that they may use, and cells whose faults leave their row out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from qitools.collaborative.cells import Cells, chosen
from qitools.collaborative.files import Table, need_columns
from qitools.collaborative.observations import EARLIER, LATER
from qitools.collaborative.parameters import Parameters
from qitools.collaborative.periods import parsed
from qitools.errors import nearest


@dataclass(frozen=True)
class Known:
    """The names that a row may use, each with the id it stands for; "" where it may use none."""

    team: Mapping[str, str]
    measure: Mapping[str, str]
    driver: Mapping[str, str]
    session: Mapping[str, str]
    span: tuple[pd.Timestamp, pd.Timestamp] | None  # the first and last date of the figures
    board: Mapping[str, str] = field(default_factory=dict)  # of each team
    staffed: frozenset[tuple[str, str]] | None = None  # boards and sectors with a headcount; None where no file says


class Rows(Cells):
    """Cells of a log: what ``Cells`` would have refused marks its row as one to leave out."""

    def __init__(self, table: Table, columns: Mapping[str, str], known: Known, date_format: str | None) -> None:
        there = {name: name if name in table.cells else "" for name in columns}
        super().__init__(chosen(table, there), table.file, [])
        self.table, self.known, self.date_format = table, known, date_format
        self.bad = np.zeros(len(self.rows), dtype=bool)

    def tell(self, name: str, bad: Any, *arguments: Any, **more: Any) -> None:
        super().tell(name, bad, *arguments, **more)
        self.bad |= np.asarray(bad, dtype=bool)

    def note_blanks(self, name: str, expected: str, code: str) -> None:
        """Empty cells, or a column that is not there: told, and the rows kept."""
        self.problems += [
            replace(problem, expected=expected, code=code) for problem in need_columns(self.table, [name])
        ]
        if name in self.table.cells:
            super().tell(name, self.rows[name] == "", expected, code)

    def names(self, name: str) -> pd.Series:
        """A column of names as ids."""
        known: Mapping[str, str] = getattr(self.known, name)
        expected = f"a {name} of the YAML" if name != "session" else "the name or the date of a session of the YAML"
        return self.named(name, known, expected).fillna("")

    def days(self, name: str, period: str = "day", *, blank: bool = False) -> pd.Series:
        """A column of dates; ``blank``: a cell may be empty."""
        texts, style = self.rows[name], self.date_format
        days = texts.map({text: parsed(text, period, style) for text in texts.unique()}).astype("datetime64[us]")
        self.bad_date(name, days.isna() & ~((texts == "") & blank), period, style)
        if span := self.known.span:
            far = (days < span[0] - pd.DateOffset(years=EARLIER)) | (days > span[1] + pd.DateOffset(years=LATER))
            self.tell(name, far, f"a day near the figures, {span[0]:%Y-%m-%d} to {span[1]:%Y-%m-%d}", "far_date")
        return days

    def one_of(self, name: str, legal: Sequence[str], *, usual: str | None = None) -> pd.Series:
        """A column of codes; where it is empty the usual one, if there is any."""
        given = self.rows[name].str.lower()
        given = given if usual is None else given.replace("", usual)
        allowed = [*legal, *([usual] if usual is not None else [])]
        expected = " or ".join([", ".join(legal[:-1]), legal[-1]])
        self.tell(name, ~given.isin(allowed), expected, f"bad_{name}", lambda text: nearest(text, legal))
        return given


def known_names(
    parameters: Parameters, drivers: pd.DataFrame, sessions: pd.DataFrame, observed: pd.Series | None
) -> Known:
    """The names that rows of logs may use."""
    nodes = drivers[drivers["kind"] != "aim"].drop_duplicates("node")
    days = [f"{day:%Y-%m-%d}" for day in sessions["date"]]
    return Known(
        team={name: team.id for team in parameters.teams for name in (team.code or team.id, team.id)},
        measure={"": ""} | {measure.id: measure.id for measure in parameters.measures},
        driver={"": ""} | _only(nodes["name"], nodes["node"]) | dict(zip(nodes["node"], nodes["node"], strict=True)),
        session={"": ""} | _only(days, sessions["name"]) | {name: name for name in sessions["name"]},
        span=None if observed is None else (observed.min(), observed.max()),
        board={team.id: team.board for team in parameters.teams},
    )


def _only(names: Any, ids: Any) -> dict[str, str]:
    """Names that stand for one id alone."""
    often = Counter(names)
    return {name: one for name, one in zip(names, ids, strict=True) if often[name] == 1}

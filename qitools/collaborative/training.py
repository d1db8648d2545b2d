"""Who has been trained in improvement, and how many work where: two registers, read row by row.

People are counted by board and sector, the only places for which a headcount is known; a board that has trained people
and no headcount is told, stays in every count, and has no dose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qitools.collaborative.cells import Cells
from qitools.collaborative.disclosure import SMALL_COUNTS

if TYPE_CHECKING:
    from qitools.collaborative.log_rows import Rows

SECTORS = ("health", "social_care", "education")
UNIT = ["board", "sector"]  # where people are trained, and where a headcount stands
GROUP = ["date", "team", "programme", "level", "cohort", *UNIT]  # rows of one group are one count
MOST = 100_000  # people of one row: more is a slip, or a whole country


def training_rows(rows: Rows) -> pd.DataFrame:
    """The register of training: one row a team or board, month, programme, level and cohort."""
    _place(rows)
    months = rows.days("date", "month").to_numpy().astype("datetime64[M]")
    table = rows.rows.assign(
        date=months.astype("datetime64[us]"),
        programme=rows.filled("programme", "the name of a programme"),
        people=_whole(rows, "people", 0),
    )
    if rows.known.staffed is not None:
        apart = ~pd.MultiIndex.from_frame(table[UNIT]).isin(rows.known.staffed) & ~rows.bad
        for sector in table.loc[apart, "sector"].unique():
            wanted = f"a headcount of this board{f' in {sector}' if sector else ''} in sources.staff (no dose without)"
            Cells.tell(rows, "board", apart & (table["sector"] == sector).to_numpy(), wanted, "no_headcount")
    return table[~rows.bad]


def staff_rows(rows: Rows) -> pd.DataFrame:
    """Headcounts: one row a board and sector, or a team; of two for one the first is kept."""
    _place(rows)
    rows.tell("board", (rows.rows["board"] == "").to_numpy(), "a board, or a team of the YAML", "missing_board")
    table = rows.rows.assign(headcount=_whole(rows, "headcount", 1), need=_whole(rows, "need", 0, blank=True))
    again = np.zeros(len(table), dtype=bool)
    again[~rows.bad] = table[~rows.bad].duplicated(["team", *UNIT])
    rows.tell("board", again, "one headcount of a board and sector", "second_headcount")
    return table[~rows.bad]


def units(staff: pd.DataFrame) -> frozenset[tuple[str, str]]:
    """The boards and sectors whose headcount is known."""
    return frozenset(zip(staff["board"], staff["sector"], strict=True))


def outside(training: pd.DataFrame, staff: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What an outside audience may see: no count of 1 to 4 people, and no headcount that leaves 1 to 4 untrained.

    Rows of one group are first added, since a register may hold a row a person. A count that is hidden is empty, and in
    no sum, so that no two tables give it away.
    """
    if training.empty:
        return training, staff
    summed = training.groupby(GROUP, sort=False, dropna=False, as_index=False)["people"].sum(min_count=1)
    hidden = summed["people"].between(*SMALL_COUNTS)
    trained = training.groupby(UNIT)["people"].sum()
    known = trained.reindex(pd.MultiIndex.from_frame(staff[UNIT])).fillna(0).to_numpy()
    whole = staff.groupby(UNIT)["headcount"].transform("sum")
    small = (whole - known).between(*SMALL_COUNTS) | staff["headcount"].between(*SMALL_COUNTS)
    columns = list(training.columns)
    return summed.assign(people=summed["people"].mask(hidden))[columns], staff.assign(
        headcount=staff["headcount"].mask(small), need=staff["need"].mask(staff["need"].between(*SMALL_COUNTS))
    )


def _place(rows: Rows) -> None:
    """Team, board and sector of every row; the board of a team is the one in the YAML, where the row names none."""
    rows.rows["sector"] = rows.rows["sector"].str.replace(" ", "_")
    sector = rows.one_of("sector", SECTORS, usual="")
    team = rows.named("team", {"": "", **rows.known.team}, "a team of the YAML, or nothing").fillna("")
    board = rows.rows["board"].where(rows.rows["board"] != "", team.map(rows.known.board).fillna(""))
    rows.rows = rows.rows.assign(team=team, board=board, sector=sector)


def _whole(rows: Rows, name: str, least: int, *, blank: bool = False) -> pd.Series:
    """A column of whole numbers of people."""
    texts = rows.rows[name]
    numbers = pd.to_numeric(texts, errors="coerce")
    right = numbers.between(least, MOST) & (numbers % 1 == 0)
    wrong = ~right & ~((texts == "") & blank)
    rows.tell(name, wrong.to_numpy(), f"a whole number of people, {least} or more", "bad_number")
    return numbers.where(right)

"""One series at a time: the tables of an analysis as plain columns and rows, with their numbers in words.

Tables become plain lists once, for all series together, since a page may hold hundreds of series of a few dozen points
each. Dates are counted in days since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qitools.spc.rules import RULES
from qitools.views import wording
from qitools.views.numerals import known, period_of

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

DAYS = {"week": 7.0, "month": 30.4, "quarter": 91.3}
FIRM = frozenset(RULES) - {"shift", "trend"}  # a run of 6 to 8 or a trend alone is weak
Columns = dict[str, list[Any]]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """One series: its points as columns, its rows of the other tables, and the labels of its measure and team."""

    points: Columns
    phases: Sequence[Row]
    events: Sequence[Row]
    series: Row
    measure: Row
    team: Row
    method: Row

    @property
    def period(self) -> str:
        return period_of(self.team, self.method)

    @property
    def every(self) -> float:
        """The length of a period in days, or the least distance of two points where they are events."""
        days = self.points["day"]
        gaps = [after - before for before, after in pairwise(days) if after > before]
        return DAYS.get(self.period) or min(gaps, default=1.0)

    @property
    def span(self) -> tuple[float, float]:
        """The time axis in days: from half a period before the first point to half a period after the last."""
        return self.points["day"][0] - 0.6 * self.every, self.points["day"][-1] + 0.6 * self.every


def subjects(analysis: Analysis) -> Iterator[Subject]:
    """Every series of an analysis, measure by measure in the fixed order."""
    measures, teams = (by(table, key) for table, key in ((analysis.measures, "measure"), (analysis.teams, "team")))
    points = _split(_points(analysis, measures, teams))
    phases = {key: list(rows) for key, rows in groupby(records(analysis.phases), key=_series)}
    events = [row for row in records(analysis.events.sort_values("date", kind="stable")) if row["kind"] != "phase"]
    for row in records(analysis.series):
        key = _series(row)
        mine = [one for one in events if one["team"] in ("", key[1]) and one["measure"] in ("", key[0])]
        labelled = (row, measures[key[0]], teams[key[1]], analysis.method)
        yield Subject(points[key], phases.get(key, []), mine, *labelled)


def by(table: pd.DataFrame, key: str) -> dict[str, Row]:
    """The rows of a table of labels, by their id."""
    return {str(row[key]): row for row in records(table)}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as plain rows, its dates in days as well: ``start_day`` beside ``start``, ``day`` beside ``date``."""
    columns = _listed(table)
    for name, new in {"date": "day", "start": "start_day", "end": "end_day"}.items():
        if name in columns:
            columns[new] = _days(table[name])
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _listed(table: pd.DataFrame) -> Columns:
    """The columns of a table as plain lists."""
    return {str(name): _plain(column) for name, column in table.items()}


def _plain(column: pd.Series[Any]) -> list[Any]:
    """A column as a list; of names of which each stands in many rows, several times as fast as by ``tolist``."""
    if not isinstance(column.array, pd.Categorical):
        return column.tolist()
    names = [*column.array.categories, np.nan]  # the last: a code of -1, for no name
    return [names[code] for code in column.array.codes.tolist()]


def _series(row: Row) -> tuple[str, str]:
    return str(row["measure"]), str(row["team"])


def _days(dates: pd.Series[Any]) -> list[int]:
    days: list[int] = np.asarray(dates, dtype="datetime64[D]").astype(int).tolist()
    return days


def _points(analysis: Analysis, measures: Mapping[str, Row], teams: Mapping[str, Row]) -> Columns:
    """The points of all series as columns: numbers for the picture, words for tooltip and table."""
    table = analysis.points
    columns = _listed(table)
    labelled = [measures[name] for name in columns["measure"]]
    periods = [period_of(teams[name], analysis.method) for name in columns["team"]]
    columns |= {f"{name}_words": _worded(columns[name], labelled) for name in ("value", "centre", "lower", "upper")}
    columns |= {f"{name}_words": _counted(columns[name]) for name in ("numerator", "denominator")}
    when = {pair: wording.period(*pair, short=True) for pair in set(zip(columns["date"], periods, strict=True))}
    columns["period"] = [when[pair] for pair in zip(columns["date"], periods, strict=True)]
    columns["day"] = _days(table["date"])
    broken = list(zip(*(columns[rule] for rule in RULES), strict=True))
    columns["rules"] = [frozenset(compress(RULES, row)) for row in broken]
    columns["kind"] = list(map(_kind, columns["signal"], columns["rules"], columns["excluded"]))
    return columns


def _worded(numbers: Sequence[float], measures: Sequence[Row]) -> list[str]:
    """Values in words, each worded once: a centre line repeats itself."""
    pairs = [(number, measure["measure"]) for number, measure in zip(numbers, measures, strict=True)]
    said = {
        pair: wording.value(pair[0], measure) if known(pair[0]) else ""
        for pair, measure in dict(zip(pairs, measures, strict=True)).items()
    }
    return [said[pair] for pair in pairs]


def _counted(numbers: Sequence[float]) -> list[str]:
    said = {number: _count(number) for number in set(numbers)}
    return [said[number] for number in numbers]


def _count(number: float) -> str:
    if not known(number):
        return ""
    return f"{number:,.6g}" if number % 1 else f"{number:,.0f}"


def _kind(signal: str, broken: frozenset[str], excluded: bool) -> str:
    """The kind of a point: no signal, a signal and how firm it is, or excluded."""
    if excluded:
        return "excluded"
    return signal if signal == "none" or not FIRM.isdisjoint(broken) else f"{signal}-weak"


def _split(columns: Columns) -> dict[tuple[str, str], Columns]:
    """The columns of each series; the table is sorted by series."""
    keys = list(zip(columns["measure"], columns["team"], strict=True))
    edges = [0, *(i for i in range(1, len(keys)) if keys[i] != keys[i - 1]), len(keys)]
    return {
        keys[start]: {name: column[start:stop] for name, column in columns.items()}
        for start, stop in pairwise(edges)
        if stop > start
    }

"""How a service runs: what came in, what could be done, what was done, who waits, how long, and why people wait.

Three tables beside the figures, each from one or more CSVs of whatever layout: ``flow`` (demand, capacity, activity,
queue, removals), ``delays`` (a count a reason) and ``waits`` (a count a band of weeks). What cannot be true is left out
with its place, and the rest is used: a negative number, a capacity below what was done, reasons that are all nought
although something was counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qitools.collaborative.cells import Cells, chosen
from qitools.collaborative.document import Document
from qitools.collaborative.files import Table, need_columns, read_sheet
from qitools.collaborative.log_rows import Known, Rows, known_names
from qitools.collaborative.logs import Recorded
from qitools.collaborative.parameters import Delays, Feed, Flow, Parameters, Waits
from qitools.collaborative.periods import floored
from qitools.collaborative.quality import Finding, noted
from qitools.collaborative.records import DELAYS, DRIVERS, FLOW, SESSIONS, WAITS, Records, empty, typed_table
from qitools.collaborative.sources import kept_rows
from qitools.errors import DataError, Problem

NUMBERS = ("demand", "capacity", "activity", "queue", "removals")
MOST_LINES = 3  # of one team told for a column of reasons that are all nought; the months are counted


@dataclass(frozen=True)
class Service:
    """How one source becomes one table."""

    columns: dict[str, str]
    tall: Callable[[Any, Table], list[dict[str, str]]]  # the parts of a table that are laid under each other
    key: tuple[str, ...]  # what names one row
    numbers: tuple[str, ...]
    checked: Callable[[Cut, pd.DataFrame, str], pd.DataFrame]


class Cut(Rows):
    """The rows of one feed under the contract's names; a number that cannot be true is emptied, and told."""

    def __init__(self, table: Table, texts: pd.DataFrame, known: Known, feed: Feed) -> None:
        Cells.__init__(self, texts, table.file, [])
        self.table, self.known, self.date_format = table, known, feed.date_format
        self.bad = np.zeros(len(texts), dtype=bool)
        self.feed = feed

    def counts(self, name: str) -> np.ndarray:
        """A column of numbers from 0; a mark of the source is an empty cell, a negative one is emptied."""
        values = self.numbers(name, ["", *self.feed.missing])
        negative = values < 0
        self.note(name, negative, "0 or more; this number is left out", "negative")
        return np.where(negative, np.nan, values)

    def note(self, name: str, at: Any, expected: str, code: str) -> None:
        """Tell of cells, and keep their rows."""
        Cells.tell(self, name, at, expected, code)


def read_services(
    parameters: Parameters, document: Document, base: Path, observed: pd.Series | None = None
) -> Recorded:
    """Read what is known of how the service runs.

    Args:
        parameters: the collaborative.
        document: its YAML, for messages.
        base: the folder that data paths start from.
        observed: the dates of the figures, if they could be read.

    Returns:
        ``Records`` with the tables ``flow``, ``delays`` and ``waits``; findings and provenance.

    Raises:
        DataError: a file that is absent, no table, or lacks a column; every problem in every file.
    """
    known = known_names(parameters, empty(DRIVERS), empty(SESSIONS), observed)
    tables: dict[str, pd.DataFrame] = {}
    findings: list[Finding] = []
    origins: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for source, service in SERVICES.items():
        parts: list[pd.DataFrame] = []
        for i, feed in enumerate(getattr(parameters.sources, source)):
            try:
                table = read_sheet(feed, base, document, ("sources", source, i), bare=True)
                part, told = _part(table, feed, service, known, parameters.period)
            except DataError as error:
                problems += error.problems
                continue
            parts.append(part)
            findings += told
            origins.append(table.origin(source))
        tables[source] = _together(parts, service, parameters)
    if problems:
        raise DataError(f"files of {parameters.collaborative} cannot be used", problems)
    return Recorded(Records(**tables), tuple(findings), tuple(origins))


def recorded_with(recorded: Recorded, served: Recorded) -> Recorded:
    """What two readers found, together."""
    tables = {source: getattr(served.records, source) for source in SERVICES}
    findings, provenance = recorded.findings + served.findings, recorded.provenance + served.provenance
    return Recorded(replace(recorded.records, **tables), findings, provenance)


def _part(table: Table, feed: Feed, service: Service, known: Known, period: str) -> tuple[pd.DataFrame, list[Finding]]:
    """One feed: its rows that can be right, and what is wrong with the others."""
    maps = [{"team": feed.team, "date": feed.date, **one} for one in service.tall(feed, table)]
    if problems := need_columns(table, [name for one in maps for name in one.values() if not name.startswith("=")]):
        raise DataError(f"{table.file} lacks columns", problems)
    keep, problems = kept_rows(table, feed)
    if problems:
        raise DataError(f"{table.file} lacks values", problems)
    tall = pd.concat([_texts(table, one) for one in maps])
    rows = Cut(table, tall.loc[keep[tall.index]].reset_index(drop=True), known, feed)
    days = rows.days("date", period)
    read = rows.rows.assign(team=rows.names("team"), **{name: rows.counts(name) for name in service.numbers})
    read["date"] = floored(days.fillna(pd.Timestamp(0)), period).astype("datetime64[us]")
    read = service.checked(rows, _single(rows, read, service, feed), period)
    problems = sorted(rows.problems, key=lambda problem: problem.line)
    return read[list(service.columns)], [noted(one) for one in problems]


def _texts(table: Table, columns: dict[str, str]) -> pd.DataFrame:
    """The cells of some columns; "=text" stands for the same text in every row, "" for nothing."""
    fixed = {name: column[1:] for name, column in columns.items() if column.startswith("=")}
    cells = chosen(table, {name: column for name, column in columns.items() if name not in fixed})
    return cells.assign(**fixed, **{f"{name}_column": name for name in fixed})


def _single(rows: Cut, read: pd.DataFrame, service: Service, feed: Feed) -> pd.DataFrame:
    """One row for each key: a second one is added, where the feed says so, or told and left out."""
    good, key = read[~rows.bad], list(service.key)
    if feed.duplicates == "add":
        sums = good.groupby(key, sort=False, dropna=False)[list(service.numbers)].sum(min_count=1)
        firsts = good.drop_duplicates(key).drop(columns=list(service.numbers))
        return firsts.merge(sums.reset_index(), on=key)
    again = np.zeros(len(read), dtype=bool)
    again[~rows.bad] = good.duplicated(key)
    rows.tell("date", again, f"one row for each {', '.join(key)}; the first is used", "second_row")
    return read[~rows.bad]


def _together(parts: list[pd.DataFrame], service: Service, parameters: Parameters) -> pd.DataFrame:
    """The feeds of one source as one table, in the order of the YAML; what two feeds say of one row is joined."""
    if not parts:
        return empty(service.columns)
    key = list(service.key)
    whole = pd.concat(parts, ignore_index=True).groupby(key, sort=False, dropna=False).first().reset_index()
    rank = whole["team"].map({team.id: i for i, team in enumerate(parameters.teams)})
    ordered = whole.assign(rank=rank).sort_values(["rank", *key[1:]], ignore_index=True, kind="stable")
    return typed_table(ordered, service.columns)


# ---- the three tables -----------------------------------------------------------------------------------------------


def _flow_parts(feed: Flow, table: Table) -> list[dict[str, str]]:
    there = {name: name if name in table.cells else "=" for name in NUMBERS}
    return [(there if not feed.columns else dict.fromkeys(NUMBERS, "=")) | feed.columns]


def _checked_flow(rows: Cut, read: pd.DataFrame, period: str) -> pd.DataFrame:
    """More was done than could be done: the capacity of that period is left out, and what was done stays."""
    above = np.zeros(len(rows.rows), dtype=bool)
    above[read.index[read["activity"] > read["capacity"]]] = True
    rows.note("activity", above, "at most the capacity; the capacity of this period is left out", "above_capacity")
    return read.assign(capacity=read["capacity"].mask(read["activity"] > read["capacity"]))


def _delay_parts(feed: Delays, table: Table) -> list[dict[str, str]]:
    total = {"total": feed.total or ("total" if "total" in table.cells else "=")}
    if feed.reasons:
        return [{"reason": f"={words}", "count": column} | total for words, column in feed.reasons.items()]
    return [{"reason": "reason", "count": "count"} | total]


def _checked_delays(rows: Cut, read: pd.DataFrame, period: str) -> pd.DataFrame:
    """Where all reasons are nought although something was counted, none was recorded: missing, not nought."""
    read = read.assign(line=read["line"].astype("int64"))
    sums = read.groupby(["team", "date"])[["count", "total"]].transform("sum")
    unknown = (sums["count"] == 0) & (read["total"] > 0) & read["count"].notna()
    short = ~unknown & read["count"].notna() & (read["total"] > 0) & (sums["count"] != read["total"])
    for mark, code in ((unknown, "zero_reasons"), (short, "unlike_total")):
        rows.problems += _told(read[mark.to_numpy()], sums["count"], code, rows.file)
    return read.assign(count=read["count"].mask(unknown))


def _told(rows: pd.DataFrame, sums: pd.Series, code: str, file: str) -> Iterator[Problem]:
    """The first periods of each team in which the reasons do not fit what was counted."""
    once = rows.drop_duplicates(["team", "date"])
    for team, own in once.groupby("team", sort=False):
        first, last = own["date"].min(), own["date"].max()
        found = (
            f"every reason 0 in {len(own)} periods, {first:%Y-%m} to {last:%Y-%m}"
            if code == "zero_reasons"
            else f"reasons that add up to {sums[own.index[0]]:g} in {own['date'].iloc[0]:%Y-%m}"
            + (f", and {len(own) - 1} more periods like it" if len(own) > 1 else "")
        )
        expected = (
            "reasons for what was counted; these periods are shown as missing"
            if code == "zero_reasons"
            else f"as many as were counted, {own['total'].iloc[0]:g}; the reasons are used as they are"
        )
        yield Problem(file, int(own["line"].iloc[0]), f"reasons of team {team}", found, expected, code=code)


def _wait_parts(feed: Waits, table: Table) -> list[dict[str, str]]:
    if not feed.longer:
        return [{"from_weeks": "from_weeks", "to_weeks": "to_weeks", "count": "count", "beyond": "="}]
    edges = sorted(feed.longer)
    following: list[int | None] = [*edges[1:], None]
    return [
        {
            "from_weeks": f"={edge}",
            "to_weeks": f"={'' if after is None else after}",
            "count": feed.longer[edge],
            "beyond": "=" if after is None else feed.longer[after],
        }
        for edge, after in zip(edges, following, strict=True)
    ]


def _checked_waits(rows: Cut, read: pd.DataFrame, period: str) -> pd.DataFrame:
    """Counts of those who wait longer become counts of bands: longer than one edge, less longer than the next."""
    count = read["count"] - read["beyond"].fillna(0)
    below = count < 0
    at = np.zeros(len(rows.rows), dtype=bool)
    at[read.index[below]] = True
    rows.note("count", at, "at least as many as wait longer still; this band is left out", "fewer_than_longer")
    ends = read["to_weeks"] <= read["from_weeks"]
    at = np.zeros(len(rows.rows), dtype=bool)
    at[read.index[ends]] = True
    rows.note("to_weeks", at, "more than from_weeks; this band is left out", "end_before_start")
    return read.assign(count=count.mask(below))[~ends]


SERVICES: dict[str, Service] = {
    "flow": Service(FLOW, _flow_parts, ("team", "date"), NUMBERS, _checked_flow),
    "delays": Service(DELAYS, _delay_parts, ("team", "date", "reason"), ("count", "total"), _checked_delays),
    "waits": Service(
        WAITS,
        _wait_parts,
        ("team", "date", "from_weeks"),
        ("count", "beyond", "from_weeks", "to_weeks"),
        _checked_waits,
    ),
}

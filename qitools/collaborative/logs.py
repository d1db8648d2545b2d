"""What teams write down beside their figures: tests of change, progress scores, stories, offers and asks.

Each is one CSV through the same gate as the figures. A file that is no table, or lacks a column it cannot do without,
is refused. A row that cannot be right is left out and told with its line, since one slip in a log of two hundred tests
must not cost the room its page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qitools.collaborative.agendas import session_tables
from qitools.collaborative.document import Document
from qitools.collaborative.drivers import driver_table
from qitools.collaborative.files import Table, need_columns, read_sheet
from qitools.collaborative.log_rows import Known, Rows, known_names
from qitools.collaborative.parameters import Parameters
from qitools.collaborative.quality import Finding, noted
from qitools.collaborative.records import (
    COMPARATORS,
    OFFERS,
    PARTNERS,
    PDSA,
    SCORES,
    STAFF,
    STORIES,
    TRAINING,
    Records,
    typed_table,
)
from qitools.collaborative.training import staff_rows, training_rows, units
from qitools.errors import DataError, Problem

DECISIONS = ("adopt", "adapt", "abandon")  # what a team does with a change after a test; Langley et al. 2009
STEPS = tuple(step / 2 for step in range(1, 11))  # Institute for Healthcare Improvement: 0.5 to 5
MOST_QUOTED = 20  # letters of a cell of the stories that may be repeated
CONSENT = {"yes": True, "true": True, "y": True, "1": True, "no": False, "false": False, "n": False, "0": False}


def _pdsa(rows: Rows) -> pd.DataFrame:
    """Tests of change; cycles without a number are counted in their ramp, which is the idea where none is named."""
    texts = rows.rows
    start, end = rows.days("start"), rows.days("end", blank=True)
    rows.tell("end", (end < start).to_numpy(), "a day on or after the start of the test", "end_before_start")
    rows.tell("plan", (texts["plan"] + texts["prediction"] == "").to_numpy(), "a plan or a prediction", "missing_plan")
    numbers = pd.to_numeric(texts["cycle"], errors="coerce")
    wrong = (texts["cycle"] != "") & ~((numbers >= 1) & (numbers % 1 == 0) & (numbers < 1000))
    rows.tell("cycle", wrong.to_numpy(), "a whole number from 1", "bad_cycle")
    table = texts.assign(
        **{name: rows.names(name) for name in ("team", "measure", "driver", "session")},
        ramp=texts["ramp"].where(texts["ramp"] != "", texts["idea"]),
        start=start,
        end=end,
        decision=rows.one_of("decision", DECISIONS, usual=""),
    )[~rows.bad].sort_values("start", kind="stable")
    nth = table.groupby(["team", "ramp", "measure"], sort=False).cumcount() + 1
    return table.assign(cycle=numbers[table.index].fillna(nth).astype("int64"))


def _scores(rows: Rows) -> pd.DataFrame:
    """Progress scores; of two of one kind for a team and month the first is kept."""
    scores = pd.to_numeric(rows.rows["score"], errors="coerce")
    rows.tell("score", ~scores.isin(STEPS).to_numpy(), "one of 0.5 to 5, in steps of a half", "bad_score")
    months = rows.days("date", "month").to_numpy().astype("datetime64[M]")
    table = rows.rows.assign(
        team=rows.names("team"),
        date=months.astype("datetime64[us]"),
        kind=rows.one_of("kind", ("self", "faculty")),
        score=scores,
    )
    again = np.zeros(len(table), dtype=bool)
    again[~rows.bad] = table[~rows.bad].duplicated(["team", "date", "kind"])
    for row in table[again].to_dict("records"):
        same = (table["team"] == row["team"]) & (table["date"] == row["date"]) & (table["kind"] == row["kind"])
        expected = f"one {row['kind']} score of a team and month (line {table.loc[same, 'line'].iloc[0]} has it)"
        found = f"a second one of {row['team']} for {row['date']:%Y-%m}"
        rows.problems.append(
            Problem(rows.file, int(row["line"]), "column 'date'", found, expected, code="second_score")
        )
    rows.bad |= again
    return table[~rows.bad]


def _stories(rows: Rows) -> pd.DataFrame:
    """Stories; one that does not say whether it may be shown has no consent."""
    given = rows.rows["consent"].str.lower()
    rows.note_blanks("consent", "yes or no; without a yes a story stays in its team's own report", "no_consent")
    rows.tell("consent", ~given.isin(["", *CONSENT]).to_numpy(), "yes or no", "bad_consent")
    table = rows.rows.assign(
        team=rows.names("team"),
        date=rows.days("date"),
        kind=rows.one_of("kind", ("story", "experience"), usual="story"),
        measure=rows.names("measure"),
        text=rows.filled("text", "what was said"),
        consent=given.map(CONSENT).eq(True),
    )
    return table[~rows.bad]


def _offers(rows: Rows) -> pd.DataFrame:
    table = rows.rows.assign(
        **{name: rows.names(name) for name in ("team", "measure", "driver", "session")},
        date=rows.days("date"),
        kind=rows.one_of("kind", ("offer", "ask")),
        text=rows.filled("text", "what is offered or asked for"),
    )
    return table[~rows.bad]


def _partners(rows: Rows) -> pd.DataFrame:
    """The register of partners: one row an organisation and role, whenever it joined."""
    rows.known = replace(rows.known, span=None)  # many have worked here since long before the figures
    table = rows.rows.assign(
        organisation=rows.filled("organisation", "the name of an organisation"), since=rows.days("since", blank=True)
    )
    return table[~rows.bad]


def _comparators(rows: Rows) -> pd.DataFrame:
    """Published figures of other systems; what differs in their definition is asked for."""
    rows.tell("measure", (rows.rows["measure"] == "").to_numpy(), "a measure of the YAML", "unknown_measure")
    rows.note_blanks("differs", "what differs in the definition, or: nothing known", "no_differs")
    table = rows.rows.assign(
        measure=rows.names("measure"),
        system=rows.filled("system", "where the figure comes from"),
        date=rows.days("date", "month"),
        value=rows.numbers("value", ()),
    )
    return table[~rows.bad]


@dataclass(frozen=True)
class Log:
    """How one file becomes one table of ``Records``."""

    table: str
    columns: dict[str, str]
    needs: tuple[str, ...]
    order: tuple[str, ...]
    read: Callable[[Rows], pd.DataFrame]


LOGS = {
    "pdsa": Log("pdsa", PDSA, ("team", "start"), ("start", "team", "ramp", "cycle"), _pdsa),
    "assessments": Log("scores", SCORES, ("team", "date", "kind", "score"), ("date", "team", "kind"), _scores),
    "stories": Log("stories", STORIES, ("team", "date", "text"), ("date", "team"), _stories),
    "offers": Log("offers", OFFERS, ("team", "date", "kind", "text"), ("date", "team", "kind"), _offers),
    "partners": Log("partners", PARTNERS, ("organisation",), ("since", "organisation"), _partners),
    "comparators": Log(
        "comparators", COMPARATORS, ("measure", "system", "date", "value"), ("measure", "system", "date"), _comparators
    ),
    "staff": Log("staff", STAFF, ("headcount",), ("board", "sector", "team"), staff_rows),
    "training": Log(
        "training", TRAINING, ("date", "programme", "people"), ("date", "board", "team", "programme"), training_rows
    ),
}


@dataclass(frozen=True)
class Recorded:
    """The records, what was left out of them, and the files they came from."""

    records: Records
    findings: tuple[Finding, ...] = ()
    provenance: tuple[dict[str, Any], ...] = ()


def read_records(parameters: Parameters, document: Document, base: Path, observed: pd.Series | None = None) -> Recorded:
    """Read what stands beside the figures: logs, driver diagram, sessions with their agendas.

    Args:
        parameters: the collaborative.
        document: its YAML, for messages.
        base: the folder that data paths start from.
        observed: the dates of the figures, if they could be read; days years away from them are slips of the hand.

    Returns:
        The tables of ``Records``, findings and provenance.

    Raises:
        DataError: a file that is absent, no table, or lacks a column; every problem in every file.
    """
    drivers, findings = driver_table(parameters, document)
    sessions, agenda, more = session_tables(parameters, document)
    findings += more
    known = known_names(parameters, drivers, sessions, observed)
    tables = {"drivers": drivers, "sessions": sessions, "agenda": agenda}
    origins: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for source, log in LOGS.items():
        if sheet := getattr(parameters.sources, source):
            try:
                table = read_sheet(sheet, base, document, ("sources", source), bare=True)
                tables[log.table], left_out = read_log(table, log, known, sheet.date_format)
                known = replace(known, staffed=units(tables["staff"])) if source == "staff" else known
            except DataError as error:
                problems += error.problems
                continue
            findings += left_out
            origins.append(table.origin(source))
    if problems:
        raise DataError(f"files of {parameters.collaborative} cannot be used", problems)
    return Recorded(Records(**tables), tuple(findings), tuple(origins))


def read_log(table: Table, log: Log, known: Known, date_format: str | None) -> tuple[pd.DataFrame, list[Finding]]:
    """One log: the rows that can be right, and what is wrong with the others."""
    needs = [*log.needs, *(["prediction"] if log.table == "pdsa" and "plan" not in table.cells else [])]
    if problems := need_columns(table, needs):
        raise DataError(f"{table.file} lacks columns", problems)
    rows = Rows(table, log.columns, known, date_format)
    read = typed_table(log.read(rows), log.columns)
    problems = sorted(rows.problems, key=lambda problem: problem.line)
    if log.table == "stories":
        problems = [_discreet(problem) for problem in problems]
    return read.sort_values(list(log.order), ignore_index=True, kind="stable"), [noted(one) for one in problems]


def _discreet(problem: Problem) -> Problem:
    """A problem of the stories without the words of a story that slipped into another column."""
    long = len(problem.found) > MOST_QUOTED
    return replace(problem, found=f"a text of {len(problem.found)} characters") if long else problem

"""What the commands say on a terminal: tables, lines and how far a run is. Progress to stderr, results to stdout."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from qitools.batch.manifest import News, Record

if TYPE_CHECKING:
    import pandas as pd

    from qitools.collaborative.loading import Collaborative

out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
err = Console(stderr=True, highlight=False)

FEW = 5  # series of a kind, and periods or lines of a series, that `check` names


def noticed(found: Collaborative) -> list[str]:
    """What was noticed, a line for each team and measure, with its periods and lines; the first few of each kind."""
    from qitools.collaborative.quality import told as worded  # pandas is not loaded before it is needed

    names = {team.id: team.name for team in found.parameters.teams}
    shape, told = "%Y-%m-%d" if found.parameters.period == "week" else "%b %Y", []
    placed = found.findings["where"] != ""
    for code, rows in found.findings[~placed].groupby("code", sort=False):
        groups = list(rows.groupby(["team", "measure"], sort=False))
        for (team, measure), group in groups[:FEW]:
            when = _few(group["date"].dropna().dt.strftime(shape).drop_duplicates())
            where = _few(group.loc[group["line"] > 0, ["file", "line"]].agg("{0[file]}, line {0[line]}".format, axis=1))
            words = f"found {group['found'].iloc[0]}, expected {group['expected'].iloc[0]}"
            told.append(f"{code}: {', '.join(filter(None, (names[str(team)], str(measure), when, where)))}: {words}")
        left = rows.groupby(["team", "measure"], sort=False).size()[FEW:]
        told += [f"{code}: and {left.sum()} more, in {len(left)} other series"] if len(left) else []
    return told + [f"{row['code']}: {worded(row)}" for row in found.findings[placed].to_dict("records")]


def _few(words: Iterable[str]) -> str:
    listed = list(words)
    return ", ".join([*listed[:FEW], *([f"and {len(listed) - FEW} more"] if len(listed) > FEW else [])])


def summary(records: list[Record], news: Mapping[str, News]) -> Table:
    """One row per collaborative and notebook: how many pages are new, changed, kept from before, and not run.

    Args:
        records: of every report of the run.
        news: what each was, by its id; where any was made again of the same inputs, they have a column of their own.
    """
    told, day = Column("notebook", overflow="fold"), Column("data as at", no_wrap=True)
    always: tuple[News, ...] = ("new", "changed", "kept")
    kinds = [kind for kind in get_args(News) if kind in always or kind in news.values()]
    counts = (Column(head, justify="right") for head in (*kinds, "not\nrun", "revised"))
    table = Table(name_column(), told, *counts, day, box=None, padding=(0, 1, 0, 0), pad_edge=False)
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        groups.setdefault((record["collaborative"], record["notebook"]), []).append(record)
    for (name, book), group in groups.items():
        made = Counter(news[record["id"]] for record in group if record["outcome"] == "done")
        failed = len(group) - made.total()
        dates = sorted({record["summary"].get("as_of", "") for record in group} - {""})
        cells = [*(str(made[kind]) for kind in kinds), f"[red]✗ {failed}[/red]" if failed else "0"]
        table.add_row(
            escape(name), book, *cells, str(sum(bool(record["revised"]) for record in group)), " ".join(dates[-1:])
        )
    return table


def name_column() -> Column:
    return Column("collaborative", no_wrap=True, overflow="fold")  # never cut short, and broken last of all columns


def taken(rows: pd.DataFrame) -> Table:
    """What was agreed in the room, a row for each thing, with the file it would go to."""
    table = Table("file", "kind", "team", "measure", Column("what", overflow="fold"), box=None)
    for row in rows.to_dict("records"):
        table.add_row(*(escape(str(row[name])) for name in ("file", "kind", "team", "measure", "text")))
    return table


def line(words: str) -> None:
    out.print(escape(words), soft_wrap=True)


class Seen:
    """Tells how far a run is: a bar on a terminal, a line a report elsewhere."""

    def __init__(self, total: int) -> None:
        self.total, self.began, self.news = total, time.monotonic(), dict[str, News]()
        now = TextColumn("{task.fields[now]}", table_column=Column(overflow="ellipsis"))  # alone gives way
        columns = (BarColumn(16, table_column=Column(no_wrap=True)), MofNCompleteColumn(), TimeElapsedColumn())
        # Drawn when something happens, without a thread: workers are forked from this process.
        self.bar = (
            Progress(*columns, TextColumn("{task.fields[pace]}"), now, console=err, auto_refresh=False)
            if err.is_terminal
            else None
        )
        self.task = self.bar.add_task("", total=total, pace="", now="") if self.bar else None

    def __enter__(self) -> Seen:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()

    def __call__(self, record: Record, news: News) -> None:
        self.news[record["id"]] = news
        done, word = len(self.news), news if record["outcome"] == "done" else "✗ not run"
        if self.bar and self.task is not None:
            now = f"{escape(record['id'])} {word}"
            self.bar.update(self.task, completed=done, pace=self._pace(done), now=now, refresh=True)
        else:
            err.print(f"{done}/{self.total} {escape(record['id'])} {word}", soft_wrap=True)

    def _pace(self, done: int) -> str:
        """How fast reports are made and how long the rest will take; those kept, which come first, take no time."""
        made = sum(news != "kept" for news in self.news.values())
        if not made:
            self.began = time.monotonic()
            return ""
        minutes = (time.monotonic() - self.began) / 60
        rate = made / max(minutes, 1e-6)
        left = timedelta(seconds=round((self.total - done) / rate * 60))
        return f"{rate:.{int(rate < 10)}f} a minute, {left} left"

"""A run: many jobs, some at once, into one output folder that is always true.

Each job is made in a worker and put in its place here, one rename each, so whatever ends a run leaves only finished
reports. What is already there and made of the same inputs is kept. The longest jobs of last time go first. From its
first report to its end a run has no manifest, so that whatever ends it leaves none that says what is no longer so.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from qitools.batch import cluster, index, kernels, manifest, pool, report
from qitools.batch.jobs import Job
from qitools.batch.manifest import MANIFEST, RECORD, News, Record
from qitools.batch.report import Settings
from qitools.errors import Problem, RunError

INDEX = "index.html"
NAMED = 5  # earlier reports that the warning about them names
MANY = 20  # reports to be made from which a rehearsal is worth its second
GRACE = 90  # seconds a worker has beyond the job's own limit, to save what it reached
Content = tuple[Job, dict[str, Any]]  # of a task: a job, and the hashes of what it is made of
Seen = Callable[[Record, News], None]


def run(
    jobs: Sequence[Job],
    settings: Settings,
    *,
    workers: int = 1,
    dask: str = "",
    force: bool = False,
    seen: Seen = lambda record, news: None,
) -> tuple[list[Record], bool]:
    """Make every report that is not there yet, then the index and the manifest of the whole output folder.

    Args:
        jobs: what to run.
        settings: what the jobs share.
        workers: how many at once, 1 or more.
        dask: the cluster that makes them instead: its scheduler's address, or ``local:N``; "" for none.
        force: run also what is there and made of the same inputs.
        seen: told of every record as soon as it stands.

    Returns:
        the records of these jobs, in their order, and whether all of them were reached (not so after Ctrl-C).

    Raises:
        ParameterError: ``dask`` is no address.
        RunError: another run is using the output folder, or it cannot be written to; the cluster cannot be used.
    """
    if dask:
        cluster.check(dask)
    began = time.monotonic()
    with _claimed(settings.out), pool.Interrupts() as interrupts:
        shutil.rmtree(settings.staging.parent, ignore_errors=True)
        settings = replace(settings, charts=manifest.charts(settings.out), preload=_preload(jobs, settings))
        made = dict[str, Record]()
        try:
            for name, record in _made(jobs, settings, dask or workers, force, seen, interrupts):
                made[name] = record
        finally:  # also when the disk is full: without the staging folder there may be room
            shutil.rmtree(settings.staging.parent, ignore_errors=True)
            _conclude(settings, made.values(), seconds=time.monotonic() - began)
    return [made[job.id] for job in jobs if job.id in made], len(made) == len(jobs)


def _preload(jobs: Sequence[Job], settings: Settings) -> tuple[str, ...]:
    """What every kernel starts with: Altair too where a notebook draws with it itself, or each would import it anew."""
    books = {job.notebook for job in jobs if job.notebook.is_file()}
    return (*settings.preload, *(["altair"] if any(b"import altair" in book.read_bytes() for book in books) else []))


def _made(
    jobs: Sequence[Job], settings: Settings, by: int | str, force: bool, seen: Seen, interrupts: pool.Interrupts
) -> Iterator[tuple[str, Record]]:
    """Every record as it comes to stand: those kept first, then those made."""
    waiting, news = [], dict[str, News]()
    for job in jobs:
        inputs, before = manifest.inputs(job), manifest.read(settings.out / job.id / RECORD)
        if before and not force and _stands(before, inputs, settings.out):
            seen(before, "kept")
            yield job.id, before
        else:
            waiting.append((before["seconds"].get("all", 0.0) if before else float("inf"), job, inputs))
            news[job.id] = manifest.news(before, inputs)
    tasks = [(job, inputs) for _, job, inputs in sorted(waiting, key=lambda each: -each[0])]
    with closing(_worked(tasks, settings, by, interrupts)) as worked:
        for task, result in worked:
            job, inputs = task.content
            record = _lost(job, inputs, settings, result) if isinstance(result, pool.Lost) else result
            record["attempts"] += task.tries - 1
            (settings.out / MANIFEST).unlink(missing_ok=True)
            report.publish(job, settings, record)
            seen(record, news[job.id])
            yield job.id, record


def _worked(
    tasks: Sequence[Content], settings: Settings, by: int | str, interrupts: pool.Interrupts
) -> Generator[tuple[pool.Task, Any], None, None]:
    """Every task with what its worker, one of so many here or of a cluster, made of it."""
    if not tasks:
        return
    report.quiet()
    if settings.rehearsal and len(tasks) >= MANY:
        settings = replace(settings, preload=(*settings.preload, settings.rehearsal))
    make, seconds = partial(_make, settings), settings.limits.seconds + GRACE
    if isinstance(by, str):
        yield from cluster.stream(tasks, make, at=by, settings=settings, seconds=seconds, interrupts=interrupts)
        return
    with kernels.warm(settings.preload) as reason:
        if reason:
            logging.getLogger("qitools").warning("Kernels start the ordinary, slower way: %s.", reason)
        yield from pool.stream(tasks, make, workers=by, seconds=seconds, interrupts=interrupts)


def _make(settings: Settings, content: Content) -> Record:
    return report.execute(*content, settings)


def _lost(job: Job, inputs: dict[str, Any], settings: Settings, lost: pool.Lost) -> Record:
    """The record of a job whose worker died each time it was tried."""
    record = report.blank(job, inputs, settings)
    report.fail(job, report.Failure("crashed", f"The process that ran it {lost.words}."), settings, record)
    return record


def _stands(record: Record, inputs: dict[str, Any], out: Path) -> bool:
    """Whether a report is there, whole, and made of these very inputs."""
    whole = (
        all((out / record["id"] / name).is_file() for name in record["outputs"]) and (out / record["page"]).is_file()
    )
    return record["outcome"] == "done" and record["inputs"] == inputs and "" not in inputs["data"].values() and whole


def _conclude(settings: Settings, made: Iterable[Record], *, seconds: float) -> None:
    """Write the index and the manifest over all that stands in the output folder."""
    records = manifest.gather(settings.out)
    earlier = _earlier(records, made)
    if earlier:
        words = "%d earlier reports, made of other figures or settings, stay in %s but not in its index: %s"
        logging.getLogger("qitools").warning(
            words, len(earlier), settings.out, ", ".join(earlier[:NAMED]) + "…"[: len(earlier) > NAMED]
        )
    shown = (_entry(record) for record in records if record["id"] not in earlier)
    stamp = settings.stamp.isoformat(timespec="seconds")
    manifest.write(settings.out, records, earlier=earlier, stamp=stamp, seconds=seconds)
    manifest.replace(settings.out / INDEX, index.page(shown, sheet=settings.sheet, stamp=settings.stamp))


def _earlier(records: Iterable[Record], made: Iterable[Record]) -> list[str]:
    """Reports of this run's collaboratives made of other data, or of another YAML (a team may have left it)."""
    now = {record["collaborative"]: _made_of(record) for record in made}
    return [one["id"] for one in records if now.get(one["collaborative"], _made_of(one)) != _made_of(one)]


def _made_of(record: Record) -> tuple[Any, Any]:
    return record["inputs"]["yaml"], record["inputs"]["data"]


def _entry(record: Record) -> index.Entry:
    shared = ("collaborative", "notebook", "team", "page", "saved", "previous", "reason", "advice", "summary", "label")
    return index.Entry(**{name: record[name] for name in shared})  # type: ignore[literal-required]


@contextmanager
def _claimed(out: Path) -> Iterator[None]:
    """Hold the output folder for this run alone."""
    owner = out / ".owner"
    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / ".lock", timeout=0):
            owner.write_text(str(os.getpid()), "utf-8")
            yield
            owner.unlink(missing_ok=True)
    except Timeout:
        pid = owner.read_text("utf-8").strip() if owner.is_file() else "unknown"
        raise RunError(
            f"Another run (process {pid}) is writing to {out}: wait for it, or choose another --out."
        ) from None
    except OSError as error:
        problem = Problem(
            file=str(error.filename or out),
            found=error.strerror or str(error),
            expected="a folder that can be written to",
        )
        raise RunError("The output folder cannot be written to.", [problem]) from error

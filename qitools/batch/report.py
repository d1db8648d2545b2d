"""One report, from its notebook to its folder: execute, export, sign, record.

Everything is made in a staging folder and takes its place by a rename, so that a report is there whole or not at all.
Papermill's stock engine executes; a watch ends the kernel of a job that runs too long, grows too large or prints
without end. A job that fails keeps what it reached: its notebook, with the error linked at the top, and a page that
says in plain words what happened. The last good report moves into ``previous/``, and never stands in its place.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.paths import jupyter_data_dir
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.sign import NotebookNotary
from papermill import PapermillExecutionError, execute_notebook

from qitools.batch import pages, unfinished
from qitools.batch.books import literal
from qitools.batch.jobs import Job
from qitools.batch.manifest import RECORD, Record, read, sha256, to_json
from qitools.batch.watch import Limits, Watch, WatchedKernel
from qitools.collaborative.decided import CHARTS_VARIABLE
from qitools.errors import QitoolsError

PREVIOUS = "previous"
REFUSALS = {"QitoolsError", *(kind.__name__ for kind in QitoolsError.__subclasses__())}
PAPERMILL = {
    "progress_bar": False,
    "request_save_on_cell_execute": False,  # saved once, at the end or at the failure
    "autosave_cell_every": 0,
    "kernel_manager_class": WatchedKernel,
    "shutdown_kernel": "immediate",
}
ADVICE = {
    "refused": "Mend what is named here, then run `qitools run {name}` again.",
    "stopped": "Open the saved notebook: the cell that stopped is linked at its top.",
    "died": "Run `qitools run {name}` again; if it happens again, the machine may be short of memory.",
    "time": "Allow more time with --minutes, or look in the saved notebook for the cell that did not end.",
    "memory": "Look in the saved notebook for the cell that was running, or allow more with --memory.",
    "output": "Look in the saved notebook for the cell that prints.",
    "disk": "Make room on the disk or mend the folder's permissions, then run `qitools run {name}` again.",
    "unexpected": "Check that {book} is a whole notebook, then run `qitools run {name}` again.",
    "crashed": "Run `qitools run {name}` again; if it happens again, the machine may be short of memory.",
}


@dataclass(frozen=True)
class Settings:
    """What every job of a run shares.

    ``root`` is the notebooks' working folder, ``out`` the output folder, ``stamp`` when the run began, ``sheet`` the
    pages' CSS, ``preload`` the modules every kernel starts with, ``limits`` what a job may use and ``charts`` what the
    measures on ``auto`` of each collaborative keep from the run before; ``rehearsal``: what is preloaded besides where
    many reports are to be made.
    """

    root: Path
    out: Path
    stamp: datetime
    sheet: str
    preload: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    charts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rehearsal: str = ""

    @property
    def staging(self) -> Path:
        """This run's alone: a worker elsewhere, left over from a run that was killed, must not write into it."""
        return self.out / ".staging" / f"{self.stamp:%Y%m%dT%H%M%S%f}"


@dataclass
class Failure(Exception):
    """Why a job has no report: a code of ``ADVICE``, the reason in plain words, and the notebook as far as it came."""

    code: str
    reason: str
    notebook: NotebookNode | None = None


def execute(job: Job, inputs: Mapping[str, Any], settings: Settings) -> Record:
    """Run one job into the staging folder, whatever happens; ``publish`` then puts it in its place.

    Args:
        job: what to run.
        inputs: the hashes of what it is made of, kept in its record.
        settings: what every job of the run shares.

    Returns:
        its record, also written beside the report.
    """
    began = time.monotonic()
    record = blank(job, inputs, settings)
    staged = settings.staging / job.id
    try:
        staged.mkdir(parents=True, exist_ok=True)
        notebook = _run(job, staged, settings, record)
        record["seconds"]["notebook"] = round(time.monotonic() - began, 2)
        _keep(job, notebook, staged, settings, record)
    except Failure as failure:
        fail(job, failure, settings, record)
    except OSError as error:
        fail(job, Failure("disk", f"The report could not be written: {error.strerror or error}."), settings, record)
    except Exception as error:  # whatever it is, it stops no other job
        words = f"It stopped outside the notebook: {type(error).__name__}: {error}"
        fail(job, Failure("unexpected", words), settings, record)
    record["seconds"]["all"] = round(time.monotonic() - began, 2)
    return record


def blank(job: Job, inputs: Mapping[str, Any], settings: Settings) -> Record:
    """The record of a job before anything is known of it."""
    return Record(
        id=job.id, collaborative=job.collaborative, notebook=job.notebook.stem, team=job.team, label=job.label,
        outcome="done", page="", saved="", summary={}, figures=[], reason="", advice="", previous="", revised=[],
        attempts=1, stamp=settings.stamp.isoformat(timespec="seconds"), seconds={}, inputs=dict(inputs), outputs={},
    )  # fmt: skip


def fail(job: Job, failure: Failure, settings: Settings, record: Record) -> None:
    """Keep what a failed job reached, and say why; nothing here may fail in its turn."""
    record |= {
        "outcome": "failed",
        "reason": failure.reason,
        "advice": ADVICE[failure.code].format(name=job.collaborative, book=job.notebook.name),
        "summary": {"title": job.title} if job.title else {},
        "figures": [],
        "previous": f"{job.id}/{PREVIOUS}/{job.stem}.html" if _good(settings.out / job.id) else "",
    }
    staged = settings.staging / job.id
    try:
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        notebook = failure.notebook or nbformat.read(job.notebook, as_version=4)
        marked = unfinished.marked(notebook, failure.reason, staged / f"{job.stem}.ipynb")
        _write_page(job, marked, staged, settings, record)
    except (OSError, ValueError) as error:
        shutil.rmtree(staged, ignore_errors=True)  # what is half written
        record |= {"page": "", "saved": "", "reason": f"{failure.reason} (nothing could be saved: {error})"}


def publish(job: Job, settings: Settings, record: Record) -> None:
    """Give a staged report its place; the one that stood there goes, but if good below one that failed.

    Raises:
        OSError: there is no room for its record; all that stood stands.
    """
    staged, final, aside = settings.staging / job.id, settings.out / job.id, settings.staging / ".aside" / job.id
    if record["outcome"] == "failed":
        staged.mkdir(parents=True, exist_ok=True)  # where nothing could be saved there is none
    if not staged.is_dir():
        return
    (staged / RECORD).write_text(to_json(record), "utf-8")
    final.parent.mkdir(parents=True, exist_ok=True)
    aside.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        final.replace(aside)
        good = _good(aside)
        if good and record["previous"]:
            good.replace(staged / PREVIOUS)  # not a copy, for which there may be no room
    staged.replace(final)
    shutil.rmtree(aside, ignore_errors=True)


def _good(folder: Path) -> Path | None:
    """Where the last good report is: in a report's folder, or below what failed there since."""
    before = read(folder / RECORD)
    good = folder if before and before["outcome"] == "done" else folder / PREVIOUS
    return good if before and good.is_dir() else None


def _revised(job: Job, settings: Settings, record: Record) -> list[str]:
    """The files whose figures differ from those of the report this one replaces."""
    before = read(settings.out / job.id / RECORD)
    known = before["outputs"] if before else {}
    return sorted(name for name, digest in record["outputs"].items() if known.get(name, digest) != digest)


def _run(job: Job, staged: Path, settings: Settings, record: Record) -> NotebookNode:
    """Execute with papermill; a kernel that dies of itself is given one more try."""
    try:
        return _execute_once(job, staged, settings)
    except Failure as failure:
        if failure.code != "died":
            raise
    record["attempts"] += 1
    return _execute_once(job, staged, settings)


def _execute_once(job: Job, staged: Path, settings: Settings) -> NotebookNode:
    partial = staged / f"{job.stem}.partial.ipynb"
    begun: list[NotebookNode] = []
    os.environ[CHARTS_VARIABLE] = json.dumps({job.collaborative: settings.charts.get(job.collaborative, {})})
    with Watch(settings.limits) as watch:
        try:
            executed: NotebookNode = execute_notebook(
                literal(job.notebook),
                literal(partial),
                parameters={**job.given, "out": _from(settings.root, staged)},
                cwd=settings.root,
                on_cell_start=lambda cell, cell_index: begun.append(cell),
                stdout_file=watch,
                stderr_file=watch,
                **PAPERMILL,
            )
            return executed
        except PapermillExecutionError as error:
            raise Failure(*_said(error), nbformat.read(partial, as_version=4)) from error
        except (DeadKernelError, RuntimeError) as error:
            code, reason = watch.verdict or ("died", "The notebook's process ended in the middle of its work.")
            raise Failure(code, reason, unfinished.as_far(job.notebook, begun)) from error


def _said(error: PapermillExecutionError) -> tuple[str, str]:
    """What a notebook's own error means: qitools refused the input, the disk is full, or something else stopped it."""
    if error.ename.rpartition(".")[2] in REFUSALS:
        return "refused", str(error.evalue)
    full = f"[Errno {errno.ENOSPC}]" in str(error.evalue)
    return "disk" if full else "stopped", f"A step of the notebook stopped with {error.ename}: {error.evalue}"


def _keep(job: Job, notebook: NotebookNode, staged: Path, settings: Settings, record: Record) -> None:
    """Name the executed notebook, sign it, export the page, and note what was made."""
    if not (staged / "summary.json").is_file():
        raise Failure(
            "stopped", "The notebook does not end with qi.finish(analysis, out), so nothing was kept.", notebook
        )
    record["summary"] = json.loads((staged / "summary.json").read_text("utf-8"))
    record["figures"] = [
        output.metadata["qitools"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "qitools" in output.get("metadata", {})
    ]
    (staged / f"{job.stem}.partial.ipynb").replace(staged / f"{job.stem}.ipynb")
    _sign(staged / f"{job.stem}.ipynb", notebook)
    _write_page(job, notebook, staged, settings, record)
    kept = sorted(path for path in staged.iterdir() if path.suffix in {".csv", ".json"})
    record["outputs"] = {path.name: sha256(path) for path in kept}
    record["revised"] = _revised(job, settings, record)


def _sign(path: Path, notebook: NotebookNode) -> None:
    """Sign a saved notebook, so that JupyterLab trusts the figures it shows."""
    Path(jupyter_data_dir()).mkdir(parents=True, exist_ok=True)  # nobody may have opened Jupyter here yet
    notary = NotebookNotary(data_dir=jupyter_data_dir())  # named, or it starts a whole application to ask
    try:
        notary.sign(notebook)
    except sqlite3.Error as error:  # many workers, one small database
        logging.getLogger("qitools").warning("%s is not signed: %s", path.name, error)
    finally:
        notary.store.close()


def _write_page(job: Job, notebook: NotebookNode, staged: Path, settings: Settings, record: Record) -> None:
    record["saved"] = f"{job.id}/{job.stem}.ipynb"
    record["page"] = f"{job.id}/{job.stem}.html"
    files = sorted(path.name for path in staged.iterdir() if path.suffix in {".csv", ".ipynb"})
    text = pages.export(
        notebook,
        title=_title(job, record["summary"]),
        sheet=settings.sheet,
        stamp=settings.stamp,
        simulated=bool(record["summary"].get("simulated")),
        files=[*files, *([f"{PREVIOUS}/{job.stem}.html"] if record["previous"] else [])],
        home="../" * len(job.id.split("/")) + "index.html",
        reason=record["reason"],
        advice=record["advice"],
    )
    (staged / f"{job.stem}.html").write_text(text, "utf-8")


def _title(job: Job, summary: Mapping[str, Any]) -> str:
    what = ": ".join([job.notebook.stem.replace("_", " "), *([job.label] if job.label else [])])
    return f"{summary.get('title') or job.collaborative} – {what}"


def _from(root: Path, path: Path) -> str:
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def quiet() -> None:
    """Keep the libraries' own notes about failing notebooks out of the progress lines."""
    for name in ("papermill", "traitlets", "nbclient"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

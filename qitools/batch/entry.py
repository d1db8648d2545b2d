"""What a worker of a Dask cluster takes on before its first job of a run, and does with each job of it.

It serves a run only where it sees the run's mark in the output folder, with the very software and files of the machine
that asks; and only while the mark is there: a run that is over, or was killed and started again, keeps no worker.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from qitools.batch import kernels, manifest, report
from qitools.batch.pool import Lost

LOOK = 1.0  # seconds between two looks at who is there
LOG = logging.getLogger("qitools")


@dataclass(frozen=True)
class Unfit:
    """Why a worker cannot be used; its job has not begun."""

    words: str


@dataclass(frozen=True)
class Entry:
    """What a worker takes on before the first job of a run; ``run`` is its name, ``data`` the data folder or ""."""

    settings: report.Settings
    run: str
    data: str

    @property
    def mark(self) -> Path:
        return self.settings.staging / ".run"

    def serve(self, do: Callable[[Any], Any], content: Any) -> Any:
        """In a worker: enter the run, where this is its first job, then do the job if its inputs are the same here."""
        if _run.get("id") != self.run and (words := self._enter()):
            return Unfit(words)
        job, inputs = content
        here = manifest.inputs(job)
        if differ := [key for key in ("qitools", "versions") if here[key] != inputs[key]]:
            return Unfit(f"it has other {' and other '.join(differ)}: install the same there, and start it again")
        if differ := [key for key in inputs if here[key] != inputs[key]]:
            return Lost(f"saw another {' and another '.join(differ)} than the run that asked for it")
        with self._while_wanted():
            return do(content)

    def _enter(self) -> str:
        leave()
        if not self.mark.is_file() or self.mark.read_text("utf-8") != self.run:
            return f"it does not see the output folder {self.settings.out}"
        report.quiet()
        if self.data:
            os.environ["QITOOLS_DATA"] = self.data
        else:
            os.environ.pop("QITOOLS_DATA", None)
        if reason := _warm.enter_context(kernels.warm(self.settings.preload)):
            LOG.warning("Kernels start the ordinary, slower way: %s.", reason)
        _run["id"] = self.run
        return ""

    @contextlib.contextmanager
    def _while_wanted(self) -> Iterator[None]:
        """End this worker, with its kernel, when the run is over before its job: nobody else could end the job."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(LOOK):
                if not self.mark.exists():
                    os._exit(1)  # its nanny starts another

        threading.Thread(target=watch, daemon=True).start()
        try:
            yield
        finally:
            done.set()


_run: dict[str, str] = {}  # the run this worker process has entered, and its warm parent
_warm = contextlib.ExitStack()


def leave() -> None:
    """In a worker: end the warm parent of the run it served."""
    _run.clear()
    _warm.close()


def enter(settings: report.Settings) -> Entry:
    """The run's mark in the output folder, by which workers know that they see the same one."""
    entry = Entry(settings, uuid4().hex, os.environ.get("QITOOLS_DATA", ""))
    entry.mark.parent.mkdir(parents=True, exist_ok=True)
    entry.mark.write_text(entry.run, "utf-8")
    return entry

"""Worker processes that outlive a bad job: one task at a time each, replaced when they die.

Processes and not threads, because papermill changes the working folder of the whole process. Where the system can fork,
workers start with everything already imported. A task whose worker dies is given once more to a new one.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

FORK = sys.platform == "linux"
TRIES = 2


@dataclass
class Task:
    """Something to do, and how often it was begun."""

    content: Any
    tries: int = 0


@dataclass(frozen=True)
class Lost:
    """What is known of a task whose worker died, or was stopped past ``seconds``, the last time it was tried."""

    words: str


class Worker:
    """A process that does one task after another."""

    def __init__(self, do: Callable[[Any], Any]) -> None:
        context = multiprocessing.get_context("fork" if FORK else "spawn")
        self.line, far = context.Pipe()
        self.process = context.Process(target=_serve, args=(far, do, os.getpid()))  # type: ignore[attr-defined]
        self.process.start()
        far.close()
        self.task: Task | None = None
        self.until = 0.0

    def give(self, task: Task, seconds: float) -> None:
        task.tries += 1
        self.task, self.until = task, time.monotonic() + seconds
        with contextlib.suppress(
            OSError
        ):  # it has just died: seen, like any other death, when its answer is looked for
            self.line.send(task.content)

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self.line.send(None)  # closing is not enough: workers forked later hold the line open too
        self.line.close()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


class Interrupts:
    """The first Ctrl-C (or SIGTERM) lets what is running finish; the second ends it."""

    def __init__(self) -> None:
        self.asked = 0

    def __enter__(self) -> Interrupts:
        self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: object) -> None:
        self.asked += 1


def stream(
    contents: Sequence[Any],
    do: Callable[[Any], Any],
    *,
    workers: int,
    seconds: float,
    interrupts: Interrupts,
) -> Iterator[tuple[Task, Any]]:
    """Do every task on so many workers; yields (task, result) as each is done, (task, Lost) where its worker died.

    Args:
        contents: of the tasks, first to last.
        do: what to do with the content of one, in a worker.
        workers: how many at once, 1 or more.
        seconds: after which a worker that has not answered is ended; longer than anything ``do`` allows itself.
        interrupts: asked once, no new task is begun; asked twice, those begun are ended.
    """
    queue = deque(Task(content) for content in contents)
    crew = [Worker(do) for _ in range(max(1, min(workers, len(queue))))]
    try:
        while interrupts.asked < 2:
            if interrupts.asked:
                queue.clear()
            for place, worker in enumerate(crew):
                if queue and worker.task is None:
                    crew[place] = worker = worker if worker.process.is_alive() else Worker(do)
                    worker.give(queue.popleft(), seconds)
            busy = [worker for worker in crew if worker.task]
            if not busy:
                return
            for worker in _answered(busy):
                task = worker.task
                assert task is not None
                result = _result(worker)
                worker.task = None
                if isinstance(result, Lost) and task.tries < TRIES and not interrupts.asked:
                    queue.appendleft(task)
                else:
                    yield task, result
    finally:
        for worker in crew:
            if worker.task:
                worker.process.kill()
            worker.end()


def _answered(busy: list[Worker]) -> list[Worker]:
    """Those that have something to say, have died, or are out of time."""
    ready = set(wait([waiting for worker in busy for waiting in (worker.line, worker.process.sentinel)], timeout=0.5))
    now = time.monotonic()
    return [w for w in busy if w.line in ready or w.process.sentinel in ready or now > w.until]


def _result(worker: Worker) -> Any:
    assert worker.task is not None
    try:
        if worker.line.poll():
            return worker.line.recv()
    except (EOFError, OSError):
        pass  # it died before it could answer
    late = worker.process.is_alive() and time.monotonic() > worker.until
    worker.process.kill()
    worker.process.join()
    words = "did not end in time" if late else f"ended by itself (exit code {worker.process.exitcode})"
    return Lost(words)


def _serve(line: Connection, do: Callable[[Any], Any], parent: int) -> None:
    """A worker's life: its own session, so that Ctrl-C reaches only the run; it ends when the run ends."""
    if hasattr(os, "setsid"):
        os.setsid()
    gc.freeze()  # what came with the fork stays shared: to look through it would copy it
    with Path(os.devnull).open("w") as nowhere:  # what kernels murmur when they are ended is no news to the operator
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    while True:
        try:
            content = line.recv()
        except (EOFError, OSError):
            return
        if content is None:
            return
        line.send(do(content))


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)

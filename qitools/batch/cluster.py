"""The same jobs on a Dask cluster: processes on any number of machines that share the project and output folders.

Each worker process has one job at a time, pinned to it, as in ``pool``: papermill changes the working folder of a whole
process. Only the job goes out and only its record comes back; reports are files. A worker is used only where it sees
this very output folder and would make a report of the very same inputs.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

from qitools.batch import report
from qitools.batch.entry import LOOK, Unfit, enter, leave
from qitools.batch.pool import TRIES, Interrupts, Lost, Task
from qitools.errors import ParameterError, Problem, RunError

LOCAL = "local:"
ANSWER = 30.0  # seconds for a scheduler or a worker to answer
PRESENT = 120.0  # seconds for a worker to be there: on a busy machine a nanny takes one of them to start another
LAPSE = 45.0  # seconds for another run's hold on the cluster to end: Dask lets that of a killed one lapse after 30
LOG = logging.getLogger("qitools")


class Crew:
    """The cluster's workers: who is free, and what each of the others is doing, until when at the latest."""

    def __init__(self, client: Any, serve: Callable[[Any], Any], seconds: float) -> None:
        self.client, self.serve, self.seconds = client, serve, seconds
        self.free: set[str] = set()
        self.busy: dict[str, tuple[Task, Any, float]] = {}
        self.unfit: set[str] = set()
        self.done: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self.seen, self.manned = 0.0, time.monotonic()

    def look(self) -> None:
        """See who is there; one without its nanny is left out, since nothing could end it if it hung."""
        self.seen = time.monotonic()
        try:
            # Asked of the scheduler itself: what the client keeps is now and then an answer without workers.
            there = self.client.sync(self.client.scheduler.identity, n_workers=-1)["workers"]
        except OSError:
            return  # the scheduler has gone, as the client's status will say
        for address in [address for address, facts in there.items() if not facts["nanny"]]:
            self.leave_out(address, "it was started without its nanny, which alone could end it")
        self.free = set(there) - set(self.busy) - self.unfit
        for address in set(self.busy) - set(there):
            self.done.put((address, None))

    def leave_out(self, address: str, words: str) -> None:
        if address not in self.unfit:
            LOG.warning("The Dask worker %s is not used: %s.", address, words)
        self.unfit.add(address)

    def give(self, task: Task) -> None:
        """Have a free worker do a task."""
        address = self.free.pop()
        task.tries += 1
        future = self.client.submit(self.serve, task.content, workers=[address], pure=False)
        self.busy[address] = (task, future, time.monotonic() + self.seconds)
        future.add_done_callback(lambda _: self.done.put((address, future)))

    def answers(self) -> Iterator[tuple[Task, Any]]:
        """Wait a moment; yields each task that is over, because it was done, its worker died, or its time was up."""
        if time.monotonic() > self.seen + LOOK:
            self.look()
        for address in [address for address, (*_, until) in self.busy.items() if time.monotonic() > until]:
            with contextlib.suppress(Exception):  # its nanny has gone too: then it will not be seen again
                self.client.restart_workers([address], timeout=ANSWER)
            yield self._over(address, Lost("did not end in time"))
        with contextlib.suppress(Empty):
            address, future = self.done.get(timeout=LOOK)
            if address in self.busy and future in (None, self.busy[address][1]):
                result = _result(future, address)
                if isinstance(result, Unfit):
                    self.leave_out(address, result.words)
                elif not isinstance(result, Lost):  # after that, only a look tells whether the worker is still there
                    self.free.add(address)
                yield self._over(address, result)

    def _over(self, address: str, result: Any) -> tuple[Task, Any]:
        task, future, _ = self.busy.pop(address)
        if self.client.status == "running":
            future.cancel()  # or Dask would do it again, for nobody
        future.release()
        return task, result

    def adrift(self) -> str:
        """Why nothing more can be done, or the empty string."""
        if self.free or self.busy:
            self.manned = time.monotonic()
        if self.client.status != "running":
            return "the scheduler has gone"
        gone = time.monotonic() > self.manned + PRESENT
        return f"no worker that can be used was there for {PRESENT:.0f} seconds" if gone else ""


def _result(future: Any, address: str) -> Any:
    """What a worker answered; where it could not, what became of it."""
    try:
        if future is not None and future.status in ("finished", "error"):
            return future.result(timeout=ANSWER)
    except TimeoutError:
        pass  # it died with the answer
    except Exception as error:  # whatever it is, it stops no other
        return Lost(f"(Dask worker {address}) stopped with {type(error).__name__}: {_first(error)}")
    return Lost(f"(Dask worker {address}) ended by itself")


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0]


def stream(
    contents: Sequence[Any],
    do: Callable[[Any], Any],
    *,
    at: str,
    settings: report.Settings,
    seconds: float,
    interrupts: Interrupts,
) -> Iterator[tuple[Task, Any]]:
    """Do every task on a Dask cluster; yields what ``pool.stream`` yields.

    Args:
        contents: of the tasks, first to last: a job, and the hashes of its inputs.
        do: what to do with the content of one, in a worker.
        at: the scheduler's address, or ``local:N`` for N workers on this machine.
        settings: what the jobs of the run share.
        seconds: after which a worker that has not answered is ended and started anew.
        interrupts: asked once, no new task is begun; asked twice, those begun are left.

    Raises:
        ParameterError: ``local:`` without a number of workers.
        RunError: Dask is not installed, the cluster cannot be reached, is in use, or has no worker that can be used.
    """
    queue, answered = deque(Task(content) for content in contents), 0
    with _joined(at) as client:
        crew = Crew(client, partial(enter(settings).serve, do), seconds)
        while interrupts.asked < 2 and (queue or crew.busy):
            if words := crew.adrift():
                if not answered:
                    raise RunError(f"The Dask cluster at {at} cannot be used: {words}.")
                LOG.warning("The Dask cluster at %s can no longer be used: %s.", at, words)
                return
            if interrupts.asked:
                queue.clear()
            while queue and crew.free:
                crew.give(queue.popleft())
            for task, result in crew.answers():
                if isinstance(result, Unfit):
                    task.tries -= 1
                if isinstance(result, Unfit) or (isinstance(result, Lost) and task.tries < TRIES):
                    queue.appendleft(task)
                else:
                    answered += 1
                    yield task, result


def check(at: str) -> None:
    """Refuse an address that can be no cluster's.

    Raises:
        ParameterError: ``local:`` without a number of workers, or no ``host:port``.
    """
    host, _, number = at.rpartition(":")
    if not host or not number.isdecimal() or not int(number):
        wanted = "the address of a scheduler, tcp://host:8786, or local:N for N workers here"
        raise ParameterError("--dask is no address:", [Problem(found=at, expected=wanted)])


@contextlib.contextmanager
def _joined(at: str) -> Iterator[Any]:
    """A client of the cluster, which this run alone uses while it is open."""
    try:
        dask: Any = importlib.import_module("distributed")
    except ImportError:
        raise RunError("--dask needs Dask, which is not installed here: pip install 'qitools[dask]'.") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said in our own words
    with contextlib.ExitStack() as held:
        address: Any = at
        if at.startswith(LOCAL):
            address = held.enter_context(_local(dask, int(at.removeprefix(LOCAL))))
        try:
            client = held.enter_context(dask.Client(address, timeout=ANSWER))
        except (OSError, ValueError) as error:
            words = f"cannot be reached (waited {ANSWER:.0f} s): {_first(error)}"
            raise RunError(f"The Dask scheduler at {at} {words}") from error
        lock = dask.Lock("qitools")
        if not lock.acquire(timeout=LAPSE):
            raise RunError(f"Another run is using the Dask cluster at {at} (waited {LAPSE:.0f} s).")
        try:
            yield client
        finally:
            if client.status == "running":  # otherwise the scheduler has gone, and the hold with it
                lock.release()
                with contextlib.suppress(Exception):  # a worker that does not answer has nothing to leave
                    client.sync(client._run, leave, on_error="ignore", callback_timeout=ANSWER)


@contextlib.contextmanager
def _local(dask: Any, workers: int) -> Iterator[Any]:
    """A cluster of so many workers on this machine, on loopback, deaf to Ctrl-C: that is for the run to hear."""
    with TemporaryDirectory() as scratch:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is started now inherits it
        try:
            started = dask.LocalCluster(
                n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False}, memory_limit=0,
                silence_logs=logging.CRITICAL, local_directory=scratch,
            )  # fmt: skip
        finally:
            signal.signal(signal.SIGINT, before)
        with started:
            yield started

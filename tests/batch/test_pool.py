"""Workers do their tasks whatever becomes of some of them."""

import os
import signal
import threading
import time

import psutil
import pytest

from qitools.batch import pool


def work(task):
    kind, value = task
    if kind == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "die once" and not os.path.exists(value):  # noqa: PTH110
        open(value, "w").close()  # noqa: PTH123
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "sleep":
        time.sleep(value)
    return kind, os.getpid()


def done(tasks, *, workers=2, seconds=30.0):
    with pool.Interrupts() as interrupts:
        stream = pool.stream(tasks, work, workers=workers, seconds=seconds, interrupts=interrupts)
        return {task.content: (task.tries, result) for task, result in stream}


def test_every_task_is_done_in_other_processes():
    results = done([("add", number) for number in range(7)])
    assert sorted(results) == [("add", number) for number in range(7)]
    assert {tries for tries, _ in results.values()} == {1}
    assert os.getpid() not in {pid for _, (_, pid) in results.values()}
    assert len({pid for _, (_, pid) in results.values()}) <= 2


def test_no_task_needs_no_worker():
    assert done([]) == {}


def test_a_task_that_kills_its_worker_is_tried_twice_and_stops_no_other():
    results = done([("die", 1), ("add", 2), ("add", 3)], workers=1)
    assert results[("die", 1)] == (2, pool.Lost("ended by itself (exit code -9)"))
    assert results[("add", 3)][1][0] == "add"


def test_a_task_whose_worker_was_killed_once_is_done_on_the_second_try(tmp_path):
    task = ("die once", str(tmp_path / "mark"))
    tries, (kind, _) = done([task])[task]
    assert (tries, kind) == (2, "die once")


def test_a_worker_that_does_not_answer_is_ended():
    results = done([("sleep", 60), ("add", 1)], workers=1, seconds=0.5)
    assert results[("sleep", 60)] == (2, pool.Lost("did not end in time"))
    assert results[("add", 1)][1][0] == "add"


def test_after_the_first_interrupt_what_was_begun_is_finished_and_nothing_else_begins():
    threading.Timer(0.5, signal.raise_signal, [signal.SIGINT]).start()
    results = done([("sleep", 1.5), ("add", 1)], workers=1)
    assert list(results) == [("sleep", 1.5)]


def test_after_the_second_interrupt_all_ends():
    for seconds in (0.3, 2.5):  # far apart: two signals that wait together are one
        threading.Timer(seconds, signal.raise_signal, [signal.SIGINT]).start()
    assert done([("sleep", 60)], workers=1) == {}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that can fork")
def test_workers_end_when_the_run_is_killed():
    reading, writing = os.pipe()
    run = os.fork()
    if run == 0:  # the run: tells its workers' ids by way of their own children list, then is killed
        threading.Timer(
            1.0, lambda: os.write(writing, b" ".join(b"%d" % c.pid for c in psutil.Process().children()))
        ).start()
        done([("sleep", 60), ("sleep", 61)])
        os._exit(0)
    workers = [int(number) for number in os.read(reading, 100).split()]
    os.kill(run, signal.SIGKILL)
    os.waitpid(run, 0)
    assert len(workers) == 2
    _, alive = psutil.wait_procs([psutil.Process(pid) for pid in workers if psutil.pid_exists(pid)], timeout=10)
    assert not alive
    os.close(reading)
    os.close(writing)

"""What many reports leave behind, in the process that asks for them and in the workers that make them: nothing."""

import os
from pathlib import Path

import psutil
import pytest

from qitools.batch import kernels, report

SETTLED = 5  # reports after which a worker has opened all it keeps open


def held():
    """What a process holds: Python children (a browser of other tests has children of its own), threads, open files."""
    me = psutil.Process()
    children = [one for one in me.children(recursive=True) if "python" in name_of(one)]
    return {"children": len(children), "threads": me.num_threads(), "files": me.num_fds()}


def name_of(process):
    """The name of a process; "" where it has ended."""
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def temporary():
    """How many files there are for kernels and their sockets."""
    return len(list(Path(os.environ[kernels.SOCKET]).parent.rglob("*")))


def leak(project, monkeypatch, jobs):
    """Make so many reports with two workers; count before, during and after."""
    project.many(jobs)
    execute = report.execute

    def counted(job, inputs, settings):
        record = execute(job, inputs, settings)
        record["seconds"] |= {"worker": os.getpid(), **held()}
        return record

    monkeypatch.setattr(report, "execute", counted)
    project.run(books=("team_report",), teams=4, workers=2)
    before = held(), temporary()
    records = project.run(books=("team_report",), workers=2, force=True)
    after = held(), temporary()  # fewer, where what an earlier test had left was collected meanwhile
    assert after[1] <= before[1] and all(after[0][name] <= count for name, count in before[0].items()), (before, after)
    assert [record["outcome"] for record in records.values()] == ["done"] * jobs
    counts = [record["seconds"] for record in records.values()]
    for worker in {count["worker"] for count in counts}:
        own = [
            [count[name] for name in ("children", "threads", "files")] for count in counts if count["worker"] == worker
        ]
        assert max(own[SETTLED:]) == own[SETTLED]


def test_sixty_reports_leave_nothing_behind(warm, monkeypatch):
    leak(warm, monkeypatch, 60)


@pytest.mark.soak
def test_a_thousand_reports_leave_nothing_behind(warm, monkeypatch):
    leak(warm, monkeypatch, 1000)

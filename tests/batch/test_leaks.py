"""What many reports leave behind, in the process that asks for them and in the workers that make them: nothing."""

import os
from pathlib import Path

import pytest

from qitools.batch import kernels, report

SETTLED = 5  # reports after which a worker has opened all it keeps open


def temporary():
    """How many files there are for kernels and their sockets."""
    return len(list(Path(os.environ[kernels.SOCKET]).parent.rglob("*")))


def leak(project, monkeypatch, held, jobs):
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
    assert (held(), temporary()) == before
    assert [record["outcome"] for record in records.values()] == ["done"] * jobs
    counts = [record["seconds"] for record in records.values()]
    for worker in {count["worker"] for count in counts}:
        own = [count for count in counts if count["worker"] == worker]
        for name in before[0]:  # the least of a few: what is held for a moment is no leak
            late, early = own[-SETTLED:], own[SETTLED : 2 * SETTLED]
            assert min(count[name] for count in late) <= min(count[name] for count in early), name


def test_sixty_reports_leave_nothing_behind(warm, monkeypatch, held):
    leak(warm, monkeypatch, held, 60)


@pytest.mark.soak
def test_a_thousand_reports_leave_nothing_behind(warm, monkeypatch, held):
    leak(warm, monkeypatch, held, 1000)

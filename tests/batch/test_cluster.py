"""The same reports on a Dask cluster, whatever becomes of some of its workers.

The cluster is on this machine, bound to loopback; scheduler, workers and runs are processes of their own.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import dask
import distributed
import psutil
import pytest

from qitools.batch import cluster, manifest, pool
from qitools.batch import entry as worker_side
from qitools.batch.report import Settings
from qitools.errors import ParameterError, RunError

HERE = "beds/learning_session"
BIN = Path(sys.executable).parent
WORKER = """
import os, psutil
def worker():
    above = psutil.Process().parents()
    return next(one for one in above if "spawn_main" in " ".join(one.cmdline()))
"""  # the kernel's own, whether it was forked by a warm parent or started by the worker itself
QUICK = {  # what a killed run or worker held is free again after a few seconds
    "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_TIMEOUT": "4s",
    "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_VALIDATION_INTERVAL": "1s",
}
# A worker that starts while somebody edits qitools would rightly be left out: here it takes the sources as they are.
STEADY = "from qitools.batch import manifest\nmanifest.sources = lambda: 'as it is'\n"
DRIVER = """
import logging, sys, warnings
sys.path.insert(0, {tests!r})
logging.basicConfig(format="%(message)s")
from pathlib import Path
from conftest import STAMP, Project
from qitools.batch import cluster, manifest, pool, runner
from qitools.batch.report import Settings
from qitools.batch.watch import Limits
manifest.sources = lambda: "as it is"
project = Project(Path({root!r}), made=True)
at, limits, books, told = {at!r}, Limits(), ("learning_session",), []
seen = lambda record, kept: told.append(record["id"])
{before}
settings = Settings(project.root, project.out, STAMP, ":root{{--qi-ink:#111}}", (), limits)
records, whole = runner.run(project.plan(books=books), settings, dask=at, seen=seen)
{after}
"""


class Cluster:
    """A scheduler and its workers."""

    def __init__(self, folder):
        self.folder, self.file = folder, folder / "scheduler.json"
        self.held = []
        (folder / "steady.py").write_text(STEADY, "utf-8")
        self.start("scheduler", "--port", 0)
        self.at = json.loads(wait_for(self.file).read_text("utf-8"))["address"]

    def start(self, what, *words):
        words = ("--scheduler-file", self.file, "--host", "127.0.0.1", "--no-dashboard", *words)
        log = (self.folder / f"{what}-{len(self.held)}.log").open("w")
        command = [str(word) for word in (BIN / "dask", what, *words)]
        env = {name: text for name, text in os.environ.items() if not name.startswith("QITOOLS")} | QUICK
        self.held.append(subprocess.Popen(command, cwd=self.folder, env=env, stdout=log, stderr=log))
        return self.held[-1]

    def workers(self, number=2, *words):
        words = ("--nthreads", 1, "--nworkers", number, "--local-directory", self.folder, *words)
        words = ("--preload", self.folder / "steady.py", *words)
        return self.start("worker", *words)

    def end(self):
        for one in reversed(self.held):
            below = psutil.Process(one.pid).children(recursive=True) if one.poll() is None else []
            one.terminate()
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
            for each in psutil.wait_procs(below, timeout=5)[1]:
                each.kill()


def wait_for(path, seconds=90):
    until = time.monotonic() + seconds
    while not path.exists() or not path.stat().st_size:
        assert time.monotonic() < until, f"{path} did not come"
        time.sleep(0.1)
    return path


@pytest.fixture
def project(project, new_project):
    """One whose notebooks load nothing: what is tested here is the cluster."""
    return new_project(project.root, light=True)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two workers for all tests that leave them as they were; their nannies put back what a test kills."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.workers()
    yield made
    made.end()


@pytest.fixture
def own(tmp_path):
    """A scheduler for one test, which adds the workers."""
    (tmp_path / "cluster").mkdir()
    made = Cluster(tmp_path / "cluster")
    yield made
    made.end()


def driver(project, at, *, before="", after=""):
    """A process that runs the project's learning sessions on the cluster."""
    before, after = textwrap.dedent(before), textwrap.dedent(after)
    code = DRIVER.format(tests=str(Path(__file__).parent), root=str(project.root), at=at, before=before, after=after)
    return [sys.executable, "-c", code]


def run(project, at, *, before="", after="", code=0):
    command = driver(project, at, before=before, after=after)
    told = subprocess.run(command, cwd=project.root, capture_output=True, text=True, timeout=600)
    assert told.returncode == code, told.stdout + told.stderr
    return told


def parents_of_kernels(made):
    """What the cluster's workers have started for their kernels."""
    found = []
    for one in psutil.Process(made.held[1].pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has just ended
            found += [one] if "qitools.batch.warm_parent" in one.cmdline() else []
    return found


def outcomes(project):
    return {name: one["outcome"] for name, one in manifest_of(project).items()}


def manifest_of(project):
    return json.loads((project.out / "manifest.json").read_text("utf-8"))["jobs"]


@pytest.mark.soak
@pytest.mark.cluster
def test_a_worker_that_is_there_is_never_taken_for_one_that_died(two):
    """The client itself asks the scheduler now and then, for no workers: that answer must not pass for ours."""
    often = {"distributed.client.scheduler-info-interval": "2ms"}
    with dask.config.set(often), distributed.Client(two.at, timeout=30) as client:
        client.wait_for_workers(2, timeout=120)
        crew = cluster.Crew(client, serve=len, seconds=60)
        seen = Counter()
        for _ in range(2000):
            crew.look()
            seen[len(crew.free)] += 1
    assert seen == {2: 2000}


@pytest.mark.fault(
    "A worker of the cluster is killed in the middle of a report",
    "Its nanny starts another, and the report is made",
)
@pytest.mark.soak
@pytest.mark.cluster
def test_a_worker_killed_in_the_middle_of_a_report_costs_nothing(project, two):
    once = f"{WORKER}\nimport pathlib\nmark = pathlib.Path('mark')\nif collaborative == 'beds' and not mark.exists():\n"
    project.collaborative("zinc")
    project.book("learning_session", cell=once + "    mark.touch()\n    worker().kill()")
    run(project, two.at, after="assert whole")
    assert (project.root / "mark").exists()
    assert outcomes(project) == {HERE: "done", "zinc/learning_session": "done"}
    assert project.true()


@pytest.mark.fault(
    "A worker of the cluster is killed by the same report, each time",
    "After two tries the report is marked *not run*; the others are made",
)
@pytest.mark.soak
@pytest.mark.cluster
def test_a_report_that_kills_its_workers_costs_only_itself(project, two):
    project.collaborative("zinc")
    project.book("learning_session", cell=f"{WORKER}\nif collaborative == 'beds': worker().kill()")
    run(project, two.at)
    assert outcomes(project) == {HERE: "failed", "zinc/learning_session": "done"}
    failed = manifest_of(project)[HERE]
    assert "ended by itself" in failed["reason"]
    assert failed["attempts"] == 2
    assert project.true()


@pytest.mark.fault(
    "A worker of the cluster dies with a finished report before it could say so",
    "The report is made again elsewhere",
)
@pytest.mark.soak
@pytest.mark.cluster
def test_a_result_held_by_a_worker_that_died_is_made_again(project, two):
    """Both answers are on the workers when one of them is killed: the run is busy with the first and has not asked."""
    project.collaborative("zinc")
    before = """
    import time
    from distributed import default_client
    def seen(record, kept):
        told.append(record["id"])
        client = default_client()
        if len(told) == 1:
            while True:  # until the other is done, and only its worker holds the answer
                held = {key: [at for at in at if at] for key, at in client.who_has().items() if at}
                if held:
                    break
                time.sleep(0.1)
            (address,), = held.values()
            client.restart_workers([address])
            print("restarted", address)
    """
    told = run(project, two.at, before=before, after="print(told)\nassert whole and len(told) == 2")
    assert "restarted" in told.stdout
    assert set(outcomes(project).values()) == {"done"}
    assert project.true()


@pytest.mark.soak
@pytest.mark.cluster
def test_what_comes_back_is_small_and_nothing_stays_on_the_cluster(project, two):
    for name in ("alder", "elm", "oak", "rowan", "yew"):
        project.collaborative(name)
    before = """
    import pickle
    from distributed import default_client
    sizes, left = [], []
    def seen(record, kept):
        sizes.append(len(pickle.dumps(record)))
        left.append(default_client().run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))
    """
    after = "print(sizes, left)\nassert len(sizes) == 6 and max(sizes) < 20_000 and max(left) <= 2, (sizes, left)"
    run(project, two.at, before=before, after=after)
    assert parents_of_kernels(two) == []


@pytest.mark.fault(
    "A worker of the cluster hangs outside its notebook",
    "It is ended at its time limit and started anew; after two tries the report is marked *not run*",
)
@pytest.mark.soak
@pytest.mark.cluster
def test_a_worker_that_does_not_answer_is_ended(project, two):
    before = """
    import time
    project.collaborative("zinc")
    make, runner.GRACE, limits = runner._make, -270, Limits(seconds=300)
    def _make(settings, task):
        if task[0].collaborative == "beds":
            time.sleep(600)
        return make(settings, task)
    runner._make = _make
    """
    run(project, two.at, before=before)
    assert outcomes(project) == {HERE: "failed", "zinc/learning_session": "done"}
    assert "did not end in time" in manifest_of(project)[HERE]["reason"]


@pytest.mark.fault(
    "A run on a cluster is killed",
    "What was finished stays; the cluster is free again after half a minute; the next run makes exactly the rest",
)
@pytest.mark.soak
@pytest.mark.cluster
def test_after_a_run_was_killed_the_next_makes_exactly_the_rest(project, two):
    slow = "import pathlib, time\nif collaborative == 'zinc' and pathlib.Path('slow').exists(): time.sleep(600)"
    project.collaborative("zinc")
    project.book("learning_session", cell=slow)
    (project.root / "slow").touch()
    with subprocess.Popen(driver(project, two.at), cwd=project.root) as first:
        made = wait_for(project.out / HERE / "job.json").stat().st_mtime_ns
        first.kill()
    (project.root / "slow").unlink()
    run(project, two.at, after="assert whole")
    assert (project.out / HERE / "job.json").stat().st_mtime_ns == made
    assert outcomes(project) == {HERE: "done", "zinc/learning_session": "done"}
    assert project.true()


@pytest.mark.soak
@pytest.mark.cluster
def test_a_second_run_on_the_same_cluster_is_refused(project, two):
    before = """
    from distributed import Client, Lock
    cluster.LAPSE, other = 1, Client(at)
    Lock("qitools").acquire()
    """
    told = run(project, two.at, before=before, code=1)
    assert f"Another run is using the Dask cluster at {two.at} (waited 1 s)." in told.stderr


@pytest.mark.soak
@pytest.mark.cluster
def test_a_run_interrupted_once_finishes_what_is_running_and_twice_ends_it(project, two):
    project.collaborative("zinc")
    slow = "import pathlib, time\npathlib.Path('begun').write_text('1')\ntime.sleep(600)"
    project.book("learning_session", cell=f"if collaborative == 'zinc':\n    {'; '.join(slow.splitlines())}")
    with subprocess.Popen(driver(project, two.at, after="assert not whole"), cwd=project.root) as first:
        wait_for(project.root / "begun")
        wait_for(project.out / HERE / "job.json")
        first.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            first.wait(4)
        first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
    assert outcomes(project) == {HERE: "done"}
    until = time.monotonic() + 90
    while parents_of_kernels(two):  # the worker, no longer wanted, ends with all it has started
        assert time.monotonic() < until
        time.sleep(0.2)
    assert project.true()


@pytest.mark.fault(
    "The scheduler of the cluster is killed",
    "The run says so and stops; what was finished stays; the next run makes the rest",
)
@pytest.mark.soak
@pytest.mark.cluster
def test_when_the_scheduler_is_killed_what_is_finished_stays(project, own, monkeypatch):
    monkeypatch.setattr(manifest, "sources", lambda: "as it is")
    own.workers(1)
    project.collaborative("zinc")
    before = f"""
    import os, signal
    seen = lambda record, kept: told.append(record["id"]) or os.kill({own.held[0].pid}, signal.SIGKILL)
    """
    told = run(project, own.at, before=before, after="assert not whole and len(told) == 1")
    assert f"The Dask cluster at {own.at} can no longer be used: the scheduler has gone." in told.stderr
    ((done, outcome),) = outcomes(project).items()
    assert outcome == "done" and project.true()
    assert project.next_run_makes_exactly(*{HERE, "zinc/learning_session"} - {done})


@pytest.mark.soak
@pytest.mark.cluster
def test_a_worker_without_its_nanny_is_not_used(project, own):
    own.workers(1, "--no-nanny")
    told = run(project, own.at, before="cluster.PRESENT = 12", code=1)
    assert "is not used: it was started without its nanny, which alone could end it." in told.stderr
    assert "cannot be used: no worker that can be used was there for 12 seconds." in told.stderr


def test_what_is_no_address_is_refused():
    for at in ("local:0", "local:two", "here", "tcp://:", "local"):
        with pytest.raises(ParameterError, match="local:N for N workers"):
            cluster.check(at)
    for at in ("local:2", "tcp://scheduler.example:8786", "10.0.0.1:8786"):
        cluster.check(at)


def join(tmp_path, at):
    with pool.Interrupts() as interrupts:
        list(cluster.stream([1], id, at=at, settings=shared(tmp_path), seconds=1, interrupts=interrupts))


def shared(folder):
    return Settings(folder, folder / "outputs", datetime(2026, 1, 31, tzinfo=UTC), "")


def test_where_dask_is_not_installed_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError, match=r"^--dask needs Dask, .*: pip install 'qitools\[dask\]'\.$"):
        join(tmp_path, "tcp://127.0.0.1:8786")


def test_a_scheduler_that_does_not_answer_is_told_with_how_long_it_was_waited_for(tmp_path):
    code = "import sys\nfrom qitools.batch import cluster\ncluster.ANSWER = 1\n"
    code += "with cluster._joined('tcp://127.0.0.1:9'): pass"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert "RunError: The Dask scheduler at tcp://127.0.0.1:9 cannot be reached (waited 1 s): " in told.stderr


@pytest.fixture
def entry(project, monkeypatch):
    """A run as a worker meets it, without kernels."""
    monkeypatch.setattr(worker_side.kernels, "warm", lambda modules: contextlib.nullcontext())
    yield worker_side.enter(shared(project.root))
    worker_side.leave()


def task(project):
    (job,) = project.plan()
    return job, manifest.inputs(job)


def test_a_worker_that_sees_the_same_does_the_job(project, entry):
    assert entry.serve(lambda task: task[0].id, task(project)) == HERE


def test_a_worker_that_does_not_see_the_output_folder_is_not_used(project, entry):
    entry.mark.write_text("another run", "utf-8")
    found = entry.serve(id, task(project))
    assert found == worker_side.Unfit(f"it does not see the output folder {project.root / 'outputs'}")


@pytest.mark.parametrize("what", ["qitools", "versions"])
def test_a_worker_with_other_software_is_not_used(project, entry, what):
    job, inputs = task(project)
    found = entry.serve(id, (job, inputs | {what: "other"}))
    assert found == worker_side.Unfit(f"it has other {what}: install the same there, and start it again")


@pytest.mark.parametrize("what", ["yaml", "data", "notebook"])
def test_a_worker_with_another_file_makes_no_report_of_it(project, entry, what):
    job, inputs = task(project)
    found = entry.serve(id, (job, inputs | {what: "other"}))
    assert found == pool.Lost(f"saw another {what} than the run that asked for it")


def test_the_folder_of_the_data_is_that_of_the_run(project, entry, monkeypatch):
    monkeypatch.setenv("QITOOLS_DATA", "of an earlier run")
    asked = entry.serve(lambda _: os.environ.get("QITOOLS_DATA"), task(project))
    assert asked is None

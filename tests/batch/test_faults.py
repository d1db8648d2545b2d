"""What breaks while a run is on: each fault is injected, and what is left behind is looked at."""

import builtins
import errno
import html
import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
import pytest

from qitools.batch import kernels, manifest, report
from qitools.batch.watch import Limits
from qitools.errors import RunError

HERE, OTHER = "beds/learning_session", "zinc/learning_session"
KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
ONCE = "import os, pathlib, signal\nmark = pathlib.Path('mark')\nif not mark.exists(): mark.touch(); {kill}"
PARENT = "os.kill(int(open(f'/proc/{os.getppid()}/stat').read().split()[3]), 9)"


def failing_alone(project, cell, **run):
    """Run beside a sound collaborative; what the failed one's record says. Once it is mended, the next run makes it."""
    project.collaborative("zinc")
    (project.root / "broken").touch()
    broken = "import pathlib\nif collaborative == 'beds' and pathlib.Path('broken').exists():"
    project.book("learning_session", cell=f"{broken}\n    {cell}")
    failed = project.run(**run)[HERE]
    assert project.stood(OTHER)
    assert project.true()
    assert failed["outcome"] == "failed"
    saved = nbformat.read(project.out / failed["saved"], as_version=4)
    size = (project.out / failed["saved"]).stat().st_size
    assert 'href="#papermill-error-cell"' in saved.cells[0].source
    assert failed["reason"] in html.unescape((project.out / failed["page"]).read_text("utf-8"))
    (project.root / "broken").unlink()
    assert project.next_run_makes_exactly(HERE)
    return failed, saved, size


@pytest.mark.fault(
    "A notebook's process is killed in the middle of a cell, each time",
    "It is tried once more, then marked *not run*; its saved notebook names the cell",
)
def test_a_kernel_killed_in_the_middle_of_a_cell_is_tried_again_then_told(warm):
    failed, saved, _ = failing_alone(warm, KILL)
    assert failed["reason"] == "The notebook's process ended in the middle of its work."
    assert failed["attempts"] == 2
    at = next(cell for cell in saved.cells if any(out.output_type == "error" for out in cell.get("outputs", [])))
    assert "SIGKILL" in at.source


@pytest.mark.fault(
    "A notebook's process is killed once",
    "It is run again, and the report is there",
)
def test_a_kernel_killed_once_does_not_cost_the_report(warm):
    warm.book("learning_session", cell=ONCE.format(kill="os.kill(os.getpid(), signal.SIGKILL)"))
    assert warm.run()[HERE]["attempts"] == 2
    assert warm.stood(HERE)
    assert warm.true()


@pytest.mark.soak
@pytest.mark.fault(
    "A notebook never ends",
    "It is stopped at its time limit (`--minutes`), saved with the cell that was running",
)
def test_a_notebook_that_never_ends_is_stopped(warm):
    failed, *_ = failing_alone(warm, "while True: pass", limits=Limits(seconds=8))
    assert failed["reason"] == "The notebook was stopped after 8 seconds, the time it is allowed."
    assert "--minutes" in failed["advice"]


@pytest.mark.soak
@pytest.mark.fault(
    "A notebook never ends and is deaf to signals",
    "The same",
)
def test_a_notebook_that_cannot_be_interrupted_is_stopped(warm):
    deaf = "signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    cell = f"import signal, time; {deaf}; time.sleep(600)"
    failed, *_ = failing_alone(warm, cell, limits=Limits(seconds=8))
    assert "stopped after 8 seconds" in failed["reason"]


@pytest.mark.fault(
    "A notebook eats memory",
    "It is stopped at its limit (`--memory`), saved with the cell that was running",
)
def test_a_notebook_that_eats_memory_is_stopped(warm):
    cell = "held = []\n    while True: held.append(bytearray(50_000_000))"
    failed, *_ = failing_alone(warm, cell, limits=Limits(memory=1024**3))
    assert failed["reason"] == "The notebook was stopped when it used more than 1 GB of memory."


@pytest.mark.fault(
    "A notebook prints without end",
    "It is stopped after 10 MB; the saved copy keeps the beginning",
)
def test_a_notebook_that_prints_without_end_is_stopped_and_its_saved_copy_stays_small(warm):
    failed, _, size = failing_alone(warm, "while True: print('x' * 1000)")
    assert failed["reason"] == "The notebook was stopped after it printed 10 MB."
    assert size < 100_000


@pytest.mark.fault(
    "A worker is killed in the middle of a report",
    "A new worker makes the report",
)
def test_a_worker_killed_in_the_middle_of_a_job_is_replaced_and_the_job_done_again(project, warm_session):
    """The notebook asks the operating system who runs it only once: the first time, it kills that worker."""
    run = f"psutil.Process({os.getpid()})"
    ask = "import pathlib, psutil\nmark = pathlib.Path('mark')\nif not mark.exists():\n    mark.touch()\n"
    ask += f"    [one.kill() for one in {run}.children() if one.cmdline() == {run}.cmdline()]"
    project.collaborative("zinc")
    project.book("learning_session", cell=ask)
    assert {name: record["attempts"] for name, record in project.run().items()} == {HERE: 2, OTHER: 1}
    assert project.stood(HERE)
    assert project.stood(OTHER)
    assert project.true()


@pytest.mark.fault(
    "A worker is killed by the same report, each time",
    "After two tries the report is marked *not run*",
)
def test_a_worker_killed_every_time_costs_its_own_report_only(warm, monkeypatch):
    execute = report.execute

    def killed(job, inputs, settings):
        if job.collaborative == "beds":
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(job, inputs, settings)

    monkeypatch.setattr(report, "execute", killed)
    warm.collaborative("zinc")
    failed = warm.run()[HERE]
    assert failed["reason"] == "The process that ran it ended by itself (exit code -9)."
    assert failed["attempts"] == 2
    assert warm.stood(OTHER)
    assert warm.true()
    monkeypatch.setattr(report, "execute", execute)
    assert warm.next_run_makes_exactly(HERE)


@pytest.fixture
def no_room(monkeypatch):
    """``with no_room(where)``: of each file that ``where`` names half is written, then there is no more room."""
    whole = open

    @contextmanager
    def full(where):
        def write(path, mode="r", *given, **named):
            file = whole(path, mode, *given, **named)
            if "w" in mode and where(Path(str(path))):
                with file:
                    file.write("half")
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
            return file

        with monkeypatch.context() as patched:
            patched.setattr(io, "open", write)
            patched.setattr(builtins, "open", write)
            yield

    return full


@pytest.mark.fault(
    "A table cannot be written for want of room (ENOSPC, injected where the notebook writes it)",
    "The report is marked *not run*, with the advice to make room; its notebook is saved; the next run makes it",
)
def test_a_table_for_which_there_is_no_room_is_told_as_a_full_disk(warm):
    full = f"raise OSError({errno.ENOSPC}, 'No space left on device')"
    failed, *_ = failing_alone(warm, f"import pandas; pandas.DataFrame.to_csv = lambda *_, **__: exec({full!r})")
    assert failed["reason"].endswith("stopped with OSError: [Errno 28] No space left on device")
    assert failed["advice"].startswith("Make room on the disk")
    assert failed["attempts"] == 1


@pytest.mark.fault(
    "A page or an executed notebook cannot be written for want of room (ENOSPC, injected at the write)",
    "The report is marked *not run*; the last good one stays below it; nothing half-written; the next run makes it",
)
@pytest.mark.parametrize("at", [".html", ".ipynb"])
def test_a_report_for_which_there_is_no_room_costs_only_itself(warm, no_room, at):
    """Not for what was made, nor for what would say so: its row in the index does."""
    page = (warm.out / warm.run()[HERE]["page"]).read_text("utf-8")
    warm.collaborative("zinc")
    warm.book("learning_session", cell="2 + 2")
    with no_room(lambda path: path.suffix == at and path.name.startswith("beds")):
        failed = warm.run()[HERE]
    assert failed["reason"].startswith("The report could not be written: No space left on device.")
    assert failed["advice"].startswith("Make room on the disk")
    assert (failed["outcome"], failed["page"], failed["saved"]) == ("failed", "", "")
    assert (warm.out / failed["previous"]).read_text("utf-8") == page
    assert failed["reason"] in html.unescape((warm.out / "index.html").read_text("utf-8"))
    assert warm.stood(OTHER) and warm.true()
    assert warm.next_run_makes_exactly(HERE)


@pytest.mark.fault(
    "There is no more room for a report's record (ENOSPC, injected at the write), others being finished",
    "The run says so and stops; the manifest names exactly what was finished; the next run makes the rest",
)
def test_a_disk_that_fills_in_the_middle_of_a_run_leaves_a_manifest_of_what_is_finished(warm, no_room):
    warm.collaborative("zinc")
    warm.run()
    warm.book("learning_session", cell="2 + 2")
    longest = warm.out / HERE / "job.json"
    longest.write_text(longest.read_text("utf-8").replace('"all": ', '"all": 9'), "utf-8")  # so it goes first
    with no_room(lambda path: path.name == "job.json" and "zinc" in path.parts), pytest.raises(RunError) as told:
        warm.run()
    assert "No space left on device" in str(told.value)
    assert warm.record(HERE)["inputs"]["notebook"] != warm.record(OTHER)["inputs"]["notebook"]
    assert warm.stood(OTHER) and warm.true()
    assert warm.next_run_makes_exactly(OTHER)


FULL = """
import os, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import Project
from qitools.batch import manifest
from qitools.errors import RunError
manifest.sources = lambda: "as it is"
project = Project(Path({root!r}), made=True)
zinc = project.root / "parameters/zinc.yaml"
aside = zinc.rename(project.root / "zinc.yaml")
project.run()
aside.rename(zinc)
ballast, room = project.out / "ballast", os.statvfs(project.out)
ballast.write_bytes(bytes(room.f_bavail * room.f_frsize - 8192))
try:
    project.run()
except RunError as error:
    print(error)
print(project.true() and project.stood({here!r}))
ballast.unlink()
print(project.next_run_makes_exactly({other!r}))
"""


@pytest.mark.soak
@pytest.mark.fault(
    "The disk is full (a small disk, filled, where one may be mounted)",
    "The run says so and stops; what was finished stays, nothing half-written; the next run makes the rest",
)
def test_a_full_disk_costs_nothing_that_was_finished(warm):
    """The output folder is a small disk that only this test's process sees, and it is full before the second run."""
    warm.collaborative("zinc")
    warm.out.mkdir()
    mounting = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    small = f"mount -t tmpfs -o size=4m small {shlex.quote(str(warm.out))}"
    tried = subprocess.run([*mounting, small], capture_output=True, text=True) if shutil.which("unshare") else None
    if tried is None or tried.returncode:
        pytest.skip("no small disk may be mounted here; the tests above inject ENOSPC where files are written")
    code = FULL.format(tests=str(Path(__file__).parent), root=str(warm.root), here=HERE, other=OTHER)
    whole = f"{small} && exec {shlex.join([sys.executable, '-c', code])}"
    env = {name: text for name, text in os.environ.items() if name != kernels.SOCKET}  # that parent sees no such disk
    told = subprocess.run([*mounting, whole], cwd=warm.root, env=env, capture_output=True, text=True, timeout=240)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "No space left on device" in told.stdout
    assert told.stdout.splitlines()[-2:] == ["True", "True"]


CLAIM = """
import os, sys
from pathlib import Path
import qitools.batch.runner as runner
from qitools.errors import RunError
if os.geteuid() == 0:
    os.setuid(65534)
try:
    with runner._claimed(Path(sys.argv[1])):
        pass
except RunError as error:
    print(error)
"""


@pytest.mark.fault(
    "The output folder may not be written to",
    "The run is refused before anything starts",
)
def test_an_output_folder_that_may_not_be_written_is_told():
    """As an unprivileged user: one who owns the machine may write everywhere."""
    with tempfile.TemporaryDirectory() as folder:  # not pytest's own, which only its user may enter
        Path(folder).chmod(0o555)
        code = [sys.executable, "-c", CLAIM, folder]
        told = subprocess.run(code, cwd=folder, capture_output=True, text=True, env=os.environ | {"HOME": folder})
    assert told.stdout.startswith("The output folder cannot be written to.\n"), told.stderr
    assert "Permission denied" in told.stdout


RUN = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import Project
from qitools.batch import manifest
manifest.sources = lambda: "as it is"
Project(Path({root!r}), made=True).run(books=("learning_session", "team_report"))
"""


@pytest.mark.fault(
    "The run itself is killed",
    "Its workers and kernels end; what was finished stays; the next run makes exactly the rest",
)
def test_a_run_killed_in_the_middle_keeps_what_was_finished_and_the_next_does_exactly_the_rest(warm, monkeypatch):
    monkeypatch.setattr(manifest, "sources", lambda: "as it is")  # whoever edits qitools meanwhile
    slow = "import pathlib, time\nif team == 'birch' and pathlib.Path('slow').exists(): time.sleep(600)"
    warm.book("team_report", team=True, cell=slow)
    (warm.root / "slow").touch()
    code = RUN.format(tests=str(Path(__file__).parent), root=str(warm.root))
    with subprocess.Popen([sys.executable, "-c", code], cwd=warm.root) as run:
        wait_for(warm.out / "beds/team_report/ash/job.json")
        workers = psutil.Process(run.pid).children(recursive=True)
        run.kill()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []
    assert not (warm.out / "manifest.json").exists()
    (warm.root / "slow").unlink()
    rest = ("beds/team_report/birch", "beds/team_report/cedar")
    assert warm.next_run_makes_exactly(*rest, books=("learning_session", "team_report"))


def wait_for(path, seconds=60):
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not come"
        time.sleep(0.1)


@pytest.mark.soak
@pytest.mark.fault(
    "Ctrl-C",
    "What is running is finished, index and manifest are written; a second Ctrl-C ends at once",
)
def test_ctrl_c_finishes_what_is_running_and_leaves_a_true_manifest(warm, monkeypatch):
    monkeypatch.setattr(manifest, "sources", lambda: "as it is")
    slow = "import pathlib, time\npathlib.Path('begun').touch()\ntime.sleep(3)"
    warm.collaborative("zinc")
    warm.book("learning_session", cell=slow)
    code = RUN.format(tests=str(Path(__file__).parent), root=str(warm.root))
    code = code.replace('books=("learning_session", "team_report")', 'books=("learning_session",)')
    code = code.replace("assert whole", "")
    with subprocess.Popen([sys.executable, "-c", code], cwd=warm.root, stderr=subprocess.DEVNULL) as run:
        wait_for(warm.root / "begun")
        run.send_signal(signal.SIGINT)
        run.wait(60)
    assert (warm.out / "manifest.json").is_file()
    done = [job for job in (HERE, OTHER) if (warm.out / job).exists()]
    assert len(done) == 1
    assert warm.stood(done[0])
    assert warm.true()
    assert warm.next_run_makes_exactly(*{HERE, OTHER} - set(done))


@pytest.mark.soak
@pytest.mark.fault(
    "Two runs into one output folder at once",
    "The second is refused with the number of the first one's process; a lock left by a killed run holds nobody up",
)
def test_a_second_run_into_the_same_folder_is_refused_with_the_pid_of_the_first(warm):
    hold = "import sys, time\nfrom pathlib import Path\nfrom qitools.batch.runner import _claimed\n"
    hold += "with _claimed(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)\n"
    with subprocess.Popen([sys.executable, "-c", hold, str(warm.out)], stdout=subprocess.PIPE) as first:
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(RunError, match=f"Another run \\(process {first.pid}\\)"):
            warm.run()
        first.kill()
    assert warm.run()[HERE]["outcome"] == "done"  # a lock left by a killed run holds nobody up


@pytest.mark.fault(
    "The manifest is spoilt",
    "It is made again from the records beside the reports; nothing is run again",
)
def test_a_spoilt_manifest_is_made_again(warm):
    warm.run()
    whole = json.loads((warm.out / "manifest.json").read_text("utf-8"))["jobs"]
    (warm.out / "manifest.json").write_text("{spoilt", "utf-8")
    warm.run()
    assert json.loads((warm.out / "manifest.json").read_text("utf-8"))["jobs"] == whole


def test_no_process_file_or_handle_is_left_after_many_jobs(warm, held):
    warm.run(workers=2)
    before = held()
    warm.run(books=("learning_session", "team_report"), workers=2, force=True)
    assert held() == before

"""Warm kernels: as private as a process, as ordinary as any kernel, and gone when their run is gone."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import re
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from qitools.batch import kernels
from qitools.cli import PRELOAD, REHEARSAL

if sys.platform == "linux":
    from qitools.batch import warm_parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are warm on Linux only")

MARK = "colorsys"  # a small module that no kernel loads by itself: whoever has it comes from the parent
HERE = str(Path(__file__).parent)
WARM = f"import sys; print({MARK!r} in sys.modules)"


def notebook(*cells: str) -> nbformat.NotebookNode:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(textwrap.dedent(cell)) for cell in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return book


def run(*cells: str, timeout: float = 60, fail: bool = True, **options: object) -> list[list[nbformat.NotebookNode]]:
    """The outputs of each cell of a new notebook, run the stock way."""
    book = notebook(*cells)
    client = NotebookClient(book, timeout=timeout, allow_errors=not fail, shutdown_kernel="immediate", **options)
    client.execute()
    return [cell.outputs for cell in book.cells]


def printed(*cells: str, **options: object) -> str:
    """What the last cell printed."""
    return "".join(output.get("text", "") for output in run(*cells, **options)[-1]).strip()


def parent_of_kernels() -> psutil.Process:
    """The process that the kernels of the present ``warm`` block are forked from."""
    return next(child for child in psutil.Process().children() if os.environ[kernels.SOCKET] in child.cmdline())


def until(true: Callable[[], object], seconds: float = 30) -> bool:
    """Whether something comes to be true; the limit is generous, and only there so that a failure ends."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(true())


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def warm() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(kernels.SOCKET, raising=False)  # not the parent that other modules' tests share
        with kernels.warm(["numpy", "pandas", MARK]) as reason:
            assert reason == ""
            yield


@pytest.fixture
def own() -> Iterator[psutil.Process]:
    """A parent for one test, which may do it harm."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(kernels.SOCKET, raising=False)
        with kernels.warm([MARK]) as reason:
            assert reason == ""
            yield parent_of_kernels()


# --- what one notebook does is not seen by the next ---------------------------------------------------------------

TRACES = {
    "pandas options": (
        "import pandas as pd; pd.set_option('display.max_rows', 7)",
        "pd.get_option('display.max_rows')",
    ),
    "environment": ("import os; os.environ['QI_TRACE'] = '1'", "__import__('os').environ.get('QI_TRACE')"),
    "environment of C": ("import os; os.putenv('QI_TRACE', '1')", "__import__('os').popen('echo $QI_TRACE').read()"),
    "imports": ("import wave", "'wave' in __import__('sys').modules"),
    "search path": ("import sys; sys.path.append('/nowhere')", "__import__('sys').path"),
    "patched library": ("import pandas as pd; pd.DataFrame.head = len", "pd.DataFrame.head is len"),
    "patched builtin": ("import builtins; builtins.sum = len", "sum([2, 3])"),
    "random state": ("import random; random.seed(1)", "random.random() == random.Random(1).random()"),
    "numpy's random state": (
        "import numpy as np; np.random.seed(1)",
        "np.random.rand() == np.random.RandomState(1).rand()",
    ),
    "folder": ("import os; os.chdir('/')", "__import__('os').getcwd()"),
    "open files": (
        "kept = open('/etc/hosts')",
        "__import__('os').popen(f'ls -l /proc/{__import__(\"os\").getpid()}/fd | grep -c hosts').read()",
    ),
    "warnings": ("import warnings; warnings.simplefilter('error')", "__import__('warnings').filters[0][0]"),
    "signals": (
        "import signal; signal.signal(signal.SIGUSR1, lambda *a: 0)",
        "str(__import__('signal').getsignal(10))",
    ),
    "recursion limit": ("import sys; sys.setrecursionlimit(777)", "__import__('sys').getrecursionlimit()"),
    "variables": ("trace = 1", "'trace' in globals()"),
    "logging": ("import logging; logging.disable()", "__import__('logging').root.manager.disable"),
    "time zone": ("import os, time; os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()", "__import__('time').tzname"),
}


LOOK = "import random, numpy as np, pandas as pd; print(repr({}))"


@pytest.fixture(scope="module")
def clean(warm: None) -> dict[str, str]:
    """What a notebook sees before any other has left a trace."""
    looks = run(*(LOOK.format(look) for _, look in TRACES.values()))
    return dict(zip(TRACES, (outputs[0].text.strip() for outputs in looks), strict=True))


@pytest.mark.parametrize("trace", TRACES)
def test_the_next_notebook_sees_nothing_of(trace: str, clean: dict[str, str]):
    leave, look = TRACES[trace]
    assert printed(leave, LOOK.format(look)) != clean[trace], "the trace can be seen where it was left"
    assert printed(LOOK.format(look)) == clean[trace]


def test_every_kernel_has_random_numbers_of_its_own(warm: None):
    cell = "import random, numpy, uuid; print(random.random(), numpy.random.rand(), uuid.uuid4())"
    assert not set(printed(cell).split()) & set(printed(cell).split())


def test_a_kernel_holds_nothing_open_that_belongs_to_another(warm: None):
    look = "import os; print(len(os.listdir('/proc/self/fd')))"
    manager, client = start_new_kernel()
    try:
        with_another = printed(look)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert with_another == printed(look)


# --- it is an ordinary kernel ---------------------------------------------------------------------------------------

EVERYDAY = (
    "import sys, os, pandas as pd; print(sys.argv[1], len(sys.argv)); print(sys.path); print(os.getcwd())",
    "print(__name__, sys.flags, sys.warnoptions); print('to stderr', file=sys.stderr)",
    "pd.DataFrame({'a': [1, 2], 'b': ['x', None]})",
    "from IPython.display import display, HTML, Markdown",
    "shown = display(HTML('<b>1</b>'), display_id='d'); shown.update(HTML('2'))",
    "display(Markdown('*x*'), metadata={'k': 1}); 3",
    "from ipywidgets import IntSlider; s = IntSlider(4); s",
    "s.value = 7",
    "import warnings; warnings.warn('careful')",
    "await __import__('asyncio').sleep(0.01)",
    "get_ipython().run_line_magic('pinfo', 'len')",
    "%%bash\necho from bash; echo to stderr >&2",
    "import threading, signal; print(signal.getsignal(signal.SIGINT), threading.current_thread().name)",
    "1 / 0",
    "print(sorted(k for k in os.environ if not k.startswith(('JPY_', 'PYTEST_'))))",
    "import subprocess; print(subprocess.run(['sh', '-c', 'ulimit -a; umask'], capture_output=True, text=True).stdout)",
    "print(sys.stdout.isatty(), sys.stdout.encoding, os.read(0, 1))",
)


def plain(outputs: list[list[nbformat.NotebookNode]]) -> str:
    """Outputs as text, less what differs between any two kernels: numbers of processes, cells and widgets."""
    text = repr(outputs)
    text = re.sub(r"ipykernel_\d+/\d+\.py|0x[0-9a-f]+|[0-9a-f]{32}", "", text)
    return re.sub(r"/\S*?kernel\S*?\.json", "CONNECTION", text)


def test_outputs_are_those_of_an_ordinary_kernel(warm: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # with it, ipykernel does not forward what subprocesses print
    forked = run(WARM, *EVERYDAY, fail=False)
    monkeypatch.setattr(kernels, "_fork", refuse)
    ordinary = run(WARM, *EVERYDAY, fail=False)
    assert (forked[0][0].text, ordinary[0][0].text) == ("True\n", "False\n")
    for mine, theirs, cell in zip(forked[1:], ordinary[1:], EVERYDAY, strict=True):
        assert plain([mine]) == plain([theirs]), cell


def refuse(*_: object) -> None:
    raise kernels._NotWarmError("as the test wishes")


def test_folder_and_environment_are_exactly_those_asked_for(warm: None, tmp_path: Path):
    env = {**os.environ, "QI_ASKED": "yes ö\udce4", "TZ": "Asia/Tokyo"}
    env.pop("HOME")
    cell = (
        "import os, time, sys; print(os.getcwd(), ascii(os.environ['QI_ASKED']), 'HOME' in os.environ, time.tzname[0])"
    )
    assert printed(WARM) == "True"
    book = notebook(cell)
    client = NotebookClient(book, timeout=60)
    client.execute(cwd=str(tmp_path), env=env)
    assert book.cells[0].outputs[0].text.split() == [str(tmp_path), "'yes", "\\xf6\\udce4'", "False", "JST"]


def test_a_folder_may_be_named_from_where_the_run_stands(warm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "reports").mkdir()
    monkeypatch.chdir(tmp_path)
    book = notebook(WARM, "import os; print(os.getcwd())")
    NotebookClient(book, timeout=60).execute(cwd="reports")
    assert [cell.outputs[0].text.strip() for cell in book.cells] == ["True", str(tmp_path / "reports")]


def test_an_interrupt_stops_the_cell_and_not_the_kernel(warm: None):
    manager, client = start_new_kernel()
    try:
        threading.Timer(0.5, manager.interrupt_kernel).start()
        stopped = client.execute_interactive("import time; time.sleep(60)", timeout=50, output_hook=lambda _: None)
        after = client.execute_interactive("1 + 1", timeout=50, output_hook=lambda _: None)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert (stopped["content"]["ename"], after["content"]["status"]) == ("KeyboardInterrupt", "ok")


def test_a_cell_that_takes_too_long_is_stopped(warm: None):
    before = parent_of_kernels().children()
    with pytest.raises(CellTimeoutError, match="2 seconds"):
        run("while True: pass", timeout=2)
    assert parent_of_kernels().children() == before


def test_a_kernel_can_be_restarted_and_ends_when_asked(warm: None):
    manager, client = start_new_kernel()
    first = manager.provisioner.pid
    client.stop_channels()
    manager.restart_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    second, process = manager.provisioner.pid, manager.provisioner.process
    client.stop_channels()
    manager.shutdown_kernel()
    assert first != second and process.wait() == 0


def test_whatever_a_notebook_starts_ends_with_it(warm: None):
    cell = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid)"
    left = int(printed(cell))
    assert until(lambda: gone(left))


def test_keys_and_sockets_are_private(warm: None):
    manager, client = start_new_kernel()
    try:
        connection = Path(manager.connection_file)
        modes = {path: path.stat().st_mode & 0o777 for path in (connection, connection.parent)}
        assert modes == {connection: 0o600, connection.parent: 0o700}
        assert manager.transport == "ipc" and Path(manager.ip).parent == connection.parent
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


# --- faults ---------------------------------------------------------------------------------------------------------


def test_a_kernel_killed_in_mid_cell_is_reported_dead(warm: None):
    with pytest.raises(DeadKernelError):
        run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert printed(WARM) == "True"


def test_a_killed_parent_takes_its_kernels_along_and_ordinary_ones_follow(own: psutil.Process, tmp_path: Path, caplog):
    told = tmp_path / "pid"
    busy = f"import os; open({str(told)!r}, 'w').write(f'{{os.getpid()}} '); sum(range(10**13))"  # holds the GIL

    def kill() -> None:
        until(lambda: told.exists() and told.read_text().endswith(" "))
        own.kill()

    threading.Thread(target=kill).start()
    with pytest.raises(DeadKernelError):
        run(busy, timeout=None)
    assert until(lambda: gone(int(told.read_text())))
    kernels._say_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert [printed(WARM), printed(WARM)] == ["False", "False"]
    assert sum("the warm parent of this run has gone" in record.getMessage() for record in caplog.records) == 1


RUN = """
import os, sys, threading
sys.path.insert(0, {folder!r})
from test_kernels import *
with kernels.warm([MARK]) as reason:
    assert reason == ""
    print(os.environ[kernels.SOCKET], parent_of_kernels().pid, flush=True)
    run("import os, subprocess; p = subprocess.Popen(['sleep', '600']);"
        "open({told!r}, 'w').write(f'{{os.getpid()}} {{p.pid}} '); sum(range(10**13))", timeout=None)
"""


def test_nothing_outlives_a_killed_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    told = tmp_path / "pids"
    script = RUN.format(folder=HERE, told=str(told))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        socket, parent = process.stdout.readline().split()
        assert until(lambda: told.exists() and told.read_text().endswith(" "))
        process.kill()
    for pid in [int(parent), *map(int, told.read_text().split())]:
        assert until(lambda pid=pid: gone(pid))
    assert until(lambda: not Path(socket).parent.exists())


def test_a_fork_that_the_system_refuses_costs_no_other_kernel(monkeypatch: pytest.MonkeyPatch):
    def no_more() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", no_more)
    ours, theirs = Pipe()
    before = psutil.Process().num_fds()
    nursery = warm_parent.Nursery(socket.socket())
    assert nursery.fork(warm_parent.Request(theirs, (), [], "", dict(os.environ))) is None
    assert json.loads(ours.recv_bytes()) == {
        "reason": "the system starts no further process (Resource temporarily unavailable)",
        "pid": -1,
    }
    nursery.listener.close()
    assert (nursery.kernels, psutil.Process().num_fds()) == ([], before)


def test_a_closed_connection_ends_its_kernel(warm: None):
    manager, client = start_new_kernel()
    pid = manager.provisioner.pid
    client.stop_channels()
    manager.provisioner.process._connection.close()
    assert until(lambda: gone(pid))
    manager.cleanup_resources()


def census(parent: psutil.Process) -> dict[str, int]:
    folder = Path(os.environ[kernels.SOCKET]).parent
    return {
        "files of this process": psutil.Process().num_fds(),
        "files of the parent": parent.num_fds(),
        "kernels": len(parent.children(recursive=True)),
        "threads": psutil.Process().num_threads(),
        "temporary files": len(list(folder.rglob("*"))),
    }


@pytest.mark.soak
def test_sixty_notebooks_four_at_a_time_leave_nothing_behind(warm: None):
    parent = parent_of_kernels()
    with ThreadPoolExecutor(4) as crew:
        list(crew.map(run, ["print(0)"] * 8))
        before = census(parent)
        assert len(list(crew.map(run, ["print(1)"] * 60))) == 60
        assert until(lambda: census(parent) == before, 5), (before, census(parent))


# --- where kernels are not warm ---------------------------------------------------------------------------------------


def test_a_second_use_and_a_worker_find_the_same_parent(warm: None):
    address, parent = os.environ[kernels.SOCKET], parent_of_kernels()
    with kernels.warm(["wave"]) as reason:
        assert (reason, os.environ[kernels.SOCKET], parent_of_kernels()) == ("", address, parent)
    worker = f"import sys; sys.path.insert(0, {HERE!r}); from test_kernels import *; print(printed(WARM))"
    assert subprocess.run([sys.executable, "-c", worker], capture_output=True, text=True).stdout == "True\n"
    assert parent.is_running()


def test_the_provisioner_without_a_parent_starts_ordinary_kernels(warm: None, monkeypatch: pytest.MonkeyPatch, caplog):
    monkeypatch.delenv(kernels.SOCKET)
    kernels._say_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert [printed(WARM), printed(WARM)] == ["False", "False"]
    assert [record.getMessage() for record in caplog.records if record.name == "qitools"] == [
        "An ordinary kernel instead of a warm one: the warm parent of this run has gone"
    ]


@pytest.mark.parametrize("name", ["PYTHONHASHSEED", "PYTHONPATH", "LC_ALL", "OMP_NUM_THREADS"])
def test_a_setting_that_only_a_new_interpreter_reads_gets_one(name: str, warm: None, tmp_path: Path):
    env = {**os.environ, name: {"PYTHONPATH": str(tmp_path), "LC_ALL": "C.UTF-8"}.get(name, "3")}
    book = notebook(WARM, f"import os; print(os.environ[{name!r}])")
    NotebookClient(book, timeout=60).execute(env=env)
    assert [cell.outputs[0].text.strip() for cell in book.cells] == ["False", env[name]]


def test_another_interpreter_or_an_unknown_option_gets_an_ordinary_start():
    here = [sys.executable, "-m", "ipykernel_launcher", "-f", "x.json"]
    assert kernels._is_this_python(here)
    assert not kernels._is_this_python(["/usr/bin/R", *here[1:]])
    assert not kernels._is_this_python([sys.executable, "-O", "-m", "ipykernel_launcher"])
    with pytest.raises(kernels._NotWarmError, match="asked for stdout"):
        kernels._fork(here, {"stdout": subprocess.DEVNULL, "env": {}})


def test_a_module_that_starts_a_thread_is_named_and_kernels_are_ordinary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "restless.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True, name='ticker').start()"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    monkeypatch.delenv("JUPYTER_DEFAULT_PROVISIONER_NAME", raising=False)
    monkeypatch.setattr(kernels.KernelProvisionerFactory.instance(), "default_provisioner_name", "local-provisioner")
    with kernels.warm([MARK, "restless"]) as reason:
        assert reason == "restless started 1 thread(s) (ticker), and a process with threads cannot fork"
        assert printed(WARM) == "False"


def test_all_that_the_command_preloads_may_be_forked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    with kernels.warm(PRELOAD) as reason:
        look = "import sys; print([name for name in {} if name not in sys.modules], 'altair' in sys.modules)"
        modules = [name.partition(":")[0] for name in PRELOAD]
        assert (reason, printed(look.format(modules))) == ("", "[] False")  # Altair only where something is drawn anew


def test_a_rehearsed_parent_may_be_forked(monkeypatch: pytest.MonkeyPatch):
    """It leaves no thread and hands on what it has read, a template say; a kernel's first figure is still its first."""
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    first = "import qitools as qi; shown = qi.chart(qi.analyse(qi.load('falls')))._repr_mimebundle_()"
    look = f"{first}; print(shown[1]['qitools']['figure'], '<script class=\"qi-bundle\">' in shown[0]['text/html'])"
    with kernels.warm([REHEARSAL]) as reason:
        assert (reason, printed(look)) == ("", "qi-chart-1 True")
        assert printed("from qitools.views import reporting; print(reporting.template.cache_info().currsize)") == "1"


def test_a_function_may_be_called_once_for_all_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "larder.py").write_text(
        "import os\nkept = []\ndef fill(): kept.append(os.getpid())\ndef fail(): 1 / 0\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    look = "import larder, os; print(larder.kept == [os.getppid()]); larder.kept.clear()"
    with kernels.warm(["larder:fill", "larder:fail", "larder:missing"]) as reason:
        assert (reason, printed(look), printed(look)) == ("", "True", "True")


def test_a_page_may_ask_for_all_widgets_at_once(monkeypatch: pytest.MonkeyPatch):
    """ipywidgets listens for that question where it is imported, which in a warm parent is before there is a kernel."""
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    ask = "import ipywidgets, comm; print(sorted(comm.get_comm_manager().targets))"
    with kernels.warm([]):
        ordinary = printed(ask)
    with kernels.warm(["ipywidgets"]) as reason:
        assert (reason, printed("import sys; print('ipywidgets' in sys.modules)")) == ("", "True")
        assert printed(ask) == ordinary
    assert "jupyter.widget.control" in ordinary


def test_what_a_module_prints_when_imported_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd):
    (tmp_path / "chatty.py").write_text("print('hello from chatty')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    with kernels.warm(["chatty", MARK]) as reason:
        assert reason == "" and printed(WARM) == "True"
    assert capfd.readouterr() == ("", "hello from chatty\n")


def test_a_temporary_folder_too_deep_for_sockets_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    deep = tmp_path / ("x" * 80)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    with kernels.warm([]) as reason:
        assert reason == f"the name of the folder for temporary files is too long for sockets ({deep})"


def test_a_module_that_cannot_be_imported_is_left_to_the_notebook(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    with kernels.warm(["there_is_no_such_module", MARK]) as reason:
        assert reason == "" and printed(WARM) == "True"


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_nothing_is_done_and_the_reason_given(platform: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", platform)
    before = dict(os.environ)
    with kernels.warm(["pandas"]) as reason:
        assert reason == "only Linux can start one kernel from another"
        assert dict(os.environ) == before


def test_the_module_needs_nothing_that_windows_lacks():
    code = "import sys; sys.modules.update(fcntl=None, resource=None, termios=None); import qitools.batch.kernels"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr == ""


def test_afterwards_all_is_as_before(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(kernels.SOCKET, raising=False)
    factory = kernels.KernelProvisionerFactory.instance()
    before = dict(os.environ), factory.default_provisioner_name, psutil.Process().num_fds()
    with contextlib.suppress(ZeroDivisionError), kernels.warm([MARK]):
        folder, parent = Path(os.environ[kernels.SOCKET]).parent, parent_of_kernels()
        raise ZeroDivisionError
    assert (dict(os.environ), factory.default_provisioner_name, psutil.Process().num_fds()) == before
    assert not folder.exists() and not parent.is_running()


def test_plain_papermill_is_untouched(tmp_path: Path):
    nbformat.write(notebook(WARM), tmp_path / "in.ipynb")
    env = {key: value for key, value in os.environ.items() if key not in kernels._settings(Path("x"))}
    done = subprocess.run(
        [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert nbformat.read(tmp_path / "out.ipynb", 4).cells[-1].outputs[0].text == "False\n"

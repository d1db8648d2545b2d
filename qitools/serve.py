"""A notebook shown live, on this machine alone: ``present`` without code through Voila, ``explore`` in JupyterLab.

Both work on a copy of the notebook with the collaborative written into it, so that the project's own stays as it is.
Kernels are warm, as in ``qitools run``. The server runs in this very process, which holds the lifeline of the warm
parent: however it ends, Ctrl-C or worse, no kernel outlives it. What the servers are given (settings, a template, a
script) lies in ``jupyter/``, and nothing of it is fetched from elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import secrets
import signal
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from qitools.batch import kernels
from qitools.batch.books import literal
from qitools.batch.jobs import Job
from qitools.errors import Problem, RunError

if TYPE_CHECKING:
    from nbformat import NotebookNode

GIVEN = Path(__file__).parent / "jupyter"  # what JupyterLab and Voila are given
EXPLORING = "exploring"  # the project's folder of notebooks that were opened in JupyterLab
LOOPBACK = "127.0.0.1"
PATIENCE = 20.0  # seconds in which a server is to end after Ctrl-C; warm kernels end with this process in any case
MISSING = {
    "voila": "`qitools present` needs Voila: pip install 'qitools[present]'",
    "jupyterlab": "`qitools explore` needs JupyterLab: pip install jupyterlab",
}
FIGURE, LATER = 'class="qi-figure"', "voila.cell-output+json"  # on a page: a figure; what Voila draws at its end
WORDS = {"waiting": "The figures are being made …", "stopped": "The page stops here"}
# The parts of JupyterLab that draw widgets; more of them only take time to load.
WIDGETS = ("anywidget", "@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")
Told = Callable[[str], None]


def present(job: Job, preload: Sequence[str], page: Mapping[str, str], *, port: int, browser: bool, told: Told) -> None:
    """Serve a notebook without its code, until Ctrl-C; the page is opened once its figures are ready.

    Args:
        job: the notebook, the collaborative and what else the notebook is told.
        preload: modules that every kernel starts with.
        page: what a live page shares with an exported one (``filling.live``).
        port: where to listen, on loopback; the next free one if it is taken.
        browser: open the page in the browser.
        told: what takes a line to be said.

    Raises:
        RunError: Voila is not installed.
    """
    with _needed("voila"):
        import voila.app  # noqa: F401  (said before anything is started)
    from tornado.ioloop import IOLoop

    with (
        tempfile.TemporaryDirectory(prefix="qitools-present-") as folder,
        _found_first(JUPYTER_PATH=GIVEN / "voila"),
        _warm(preload, told),
    ):
        path = Path(folder) / f"{job.stem}.ipynb"
        _write(path, _told_what(job, str(job.source)))
        app = _voila(path, page)
        app.ip, app.port, app.open_browser = LOOPBACK, port, False

        async def shown() -> None:
            await _ready(app)
            _open(f"http://{LOOPBACK}:{app.port}/?token={app.token}", browser, told)

        IOLoop.current().add_callback(shown)
        with contextlib.suppress(KeyboardInterrupt):
            app.start()  # until Ctrl-C, or a signal to end


def _voila(path: Path, page: Mapping[str, str]) -> Any:
    """Voila for one notebook, with our template and a kernel that is always a page ahead; no settings of the user's."""
    from voila.app import Voila

    app = Voila(config_file_paths=[], log_level=logging.ERROR, token=secrets.token_hex(16))
    app.initialize([str(path), "--VoilaConfiguration.template=qitools"])
    logging.getLogger("tornado.general").setLevel(logging.ERROR)  # or it tells of its own settings
    ours = app.voila_configuration
    ours.extension_allowlist = list(WIDGETS)
    ours.preheat_kernel, ours.default_pool_size, ours.show_tracebacks = True, 1, True
    ours.config.VoilaConfiguration.resources = {"qitools": {**WORDS, **page}}
    return app


def explore(job: Job, root: Path, preload: Sequence[str], *, port: int, browser: bool, told: Told) -> None:
    """Open a copy of a notebook in JupyterLab, run once, until Ctrl-C.

    Args:
        job: as for ``present``.
        root: the project's folder, which JupyterLab shows; the copy is in its folder ``exploring``.
        preload, port, browser, told: as for ``present``.

    Raises:
        RunError: JupyterLab is not installed, or the copy cannot be written.
    """
    with _needed("jupyterlab"):
        from jupyterlab.labapp import LabApp
    path = _copy(job, root, told)
    token = secrets.token_hex(16)
    settings = {
        "ServerApp.ip": LOOPBACK,
        "ServerApp.port": port,
        "ServerApp.open_browser": False,
        "ServerApp.root_dir": root,
        "ServerApp.answer_yes": True,  # one Ctrl-C ends it, without a question
        "ServerApp.allow_root": True,
        **{f"{part}.log_level": logging.ERROR for part in ("ServerApp", "LabApp", "LabServerApp")},
        "LabApp.extension_manager": "readonly",  # the other one asks a registry what there is
        "IdentityProvider.token": token,
    }
    page = f"lab/tree/{quote(path.relative_to(root).as_posix())}"
    with _warm(preload, told), _found_first(JUPYTER_PATH=GIVEN / "lab", JUPYTER_CONFIG_PATH=GIVEN / "lab"):
        server = LabApp.initialize_server([f"--{name}={value}" for name, value in settings.items()])
        server.io_loop.add_callback(_open, f"http://{LOOPBACK}:{server.port}/{page}?token={token}", browser, told)
        server.start()  # until Ctrl-C, or a signal to end


def _copy(job: Job, root: Path, told: Told) -> Path:
    """The copy that is explored: made anew, unless the analyst has changed the one from before."""
    path = root / EXPLORING / f"{job.stem}.ipynb"
    own = str(job.given.get("collaborative", job.collaborative))  # a notebook about none is told none
    book = _told_what(job, own if own == job.collaborative else str(job.source), run=secrets.token_hex(8))
    if path.is_file() and _changed(path):
        told(f"Opening {path} as you left it; delete it to begin anew.")
        return path
    try:
        path.parent.mkdir(exist_ok=True)
        _write(path, book)
    except OSError as error:
        problem = Problem(str(path), found=error.strerror or "", expected="a folder that may be written")
        raise RunError("The notebook to explore cannot be written", [problem]) from None
    return path


def _told_what(job: Job, collaborative: str, run: str = "") -> NotebookNode:
    """A copy of the notebook that knows its parameters; ``run`` names a copy that JupyterLab runs when it opens."""
    from papermill.iorw import load_notebook_node  # papermill takes a second: only when something is really shown
    from papermill.parameterize import parameterize_notebook

    given = {**job.given, "collaborative": collaborative}
    book: NotebookNode = load_notebook_node(literal(job.notebook))
    book = parameterize_notebook(book, given, comment=f"Set by qitools, for {job.collaborative}")
    book.metadata.update(title=job.title or job.collaborative, qitools={"run": run, "made": _sources(book)})
    return book


def _sources(book: NotebookNode) -> str:
    """The digest of what stands in a notebook's cells: their outputs do not count."""
    words = "\0".join(f"{cell.cell_type}\0{cell.source}" for cell in book.cells)
    return hashlib.sha256(words.encode()).hexdigest()


def _changed(path: Path) -> bool:
    """Whether somebody has worked on a copy since it was made, or put another notebook in its place."""
    import nbformat

    try:
        book = nbformat.read(path, as_version=4)
        return bool(book.metadata.get("qitools", {}).get("made") != _sources(book))
    except Exception:  # whatever it is, it is not ours to overwrite
        return True


def _write(path: Path, book: NotebookNode) -> None:
    import nbformat

    nbformat.write(book, path)


@contextlib.contextmanager
def _needed(name: str) -> Iterator[None]:
    """One line of what to do where a server is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != name:
            raise
        raise RunError(MISSING[name]) from None


@contextlib.contextmanager
def _warm(preload: Sequence[str], told: Told) -> Iterator[None]:
    """Warm kernels, where the machine can; a closed terminal ends the server as Ctrl-C does."""
    signal.signal(signal.SIGINT, _interrupted)  # which a shell's background jobs ignore
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    with kernels.warm(preload) as reason:
        if reason:
            told(f"Kernels start the ordinary, slower way: {reason}.")
        yield
    told("Stopped.")


def _interrupted(signum: int, _: object) -> None:
    """Ctrl-C; again after a while, should it be lost in a callback, or what it has ended wait for what never comes."""
    again = threading.Timer(PATIENCE, os.kill, [os.getpid(), signum])
    again.daemon = True
    again.start()
    raise KeyboardInterrupt


@contextlib.contextmanager
def _found_first(**folders: Path) -> Iterator[None]:
    """Put a folder of ours before what each of Jupyter's variables names."""
    before = {name: os.environ.get(name) for name in folders}
    for name, folder in folders.items():
        os.environ[name] = os.pathsep.join(filter(None, [str(folder), before[name]]))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


async def _ready(app: Any) -> None:
    """Wait until a page has its first figure, or all of itself where it has widgets: these are drawn at its end.

    Whatever goes wrong with it will be said on the page.
    """
    for pool in getattr(app.kernel_manager, "_pools", {}).values():
        with contextlib.suppress(Exception):
            made = await asyncio.shield(pool[0])
            while not made["task"].done() and not _first_figure("".join(made["renderer"].rendered_cache)):
                await asyncio.sleep(0.1)


def _first_figure(page: str) -> bool:
    return FIGURE in page and LATER not in page


def _open(address: str, browser: bool, told: Told) -> None:
    told(f"Open {address}\nCtrl-C stops it.")
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

"""Chromium without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from jupyter_core.paths import jupyter_data_dir
from playwright.sync_api import Browser, Page, Playwright, Request, sync_playwright

from qitools.batch import kernels

LOOPBACK_ONLY = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", LOOPBACK_ONLY]
LAPTOP, PROJECTOR, PHONE = (1366, 768), (1920, 1080), (390, 844)
NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium(playwright: Playwright) -> str:
    """Chromium's path: QITOOLS_CHROMIUM, then PATH, then playwright's own; "" where there is none."""
    named = os.environ.get("QITOOLS_CHROMIUM", "")
    if named and not Path(named).exists():
        pytest.fail(f"QITOOLS_CHROMIUM names {named}, which does not exist")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), "")
    own = playwright.chromium.executable_path
    return found or (own if own and Path(own).exists() else "")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if not path:
            pytest.skip(f"no Chromium: set QITOOLS_CHROMIUM, or install one of {', '.join(NAMES)}")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


# A figure as a reader meets it. A mark counts where it is drawn (it has an extent) and shows data (no axis, no legend).
FIGURES = """() => [...document.querySelectorAll("figure.qi-figure")].map((figure) => {
  const drawn = (mark) => { const box = mark.getBoundingClientRect(); return box.width + box.height > 0; };
  const data = (one) => !one.closest(".role-axis, .role-legend, .role-title");
  const marks = (kind, place = figure) =>
    [...place.querySelectorAll(`.mark-${kind} > *`)].filter((one) => data(one) && drawn(one)).length;
  const cells = [...figure.querySelectorAll(".qi-chart svg g.cell > g")];
  const heads = [...figure.querySelectorAll(".qi-numbers thead th")].map((one) => one.textContent);
  const rows = [...figure.querySelectorAll(".qi-numbers tbody tr")];
  const svg = figure.querySelector(".qi-chart svg");
  return {
    id: figure.id, shown: figure.checkVisibility(),
    kind: figure.dataset.qiKind, panels: Number(figure.dataset.qiPanels),
    sentence: figure.querySelector(".qi-sentence")?.textContent.trim() ?? "",
    alternative: figure.querySelector(".qi-chart")?.getAttribute("aria-label") ?? "",
    rows: rows.length,
    values: rows.filter((row) => row.cells[heads.indexOf("Value")]?.textContent.trim()).length,
    points: marks("symbol"), lines: marks("line"), bars: marks("rect"),
    panelsDrawn: cells.length ? cells.filter((cell) => marks("line", cell)).length : 1,
    scale: svg?.getScreenCTM()?.a ?? (figure.querySelector(".qi-fallback") ? 1 : 0),
    fallback: figure.querySelector(".qi-fallback")?.textContent.trim() ?? "",
    cut: [...figure.querySelectorAll(".qi-chart svg text")].filter((text) => {
      const box = text.getBoundingClientRect();
      return box.width && (box.left < -1 || box.right > innerWidth + 1);
    }).map((text) => text.textContent),
  };
})"""
# What the Tab key must reach: everything a mouse can use that is in sight.
CONTROLS = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, summary, textarea, [tabindex='0']")];
  const inSight = all.filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled);
  inSight.forEach((one, i) => one.addEventListener("focus", () => window.reached.add(i)));
  window.reached = new Set();
  return inSight.map((one) => one.outerHTML.slice(0, 120));
}"""


@dataclass
class Opened:
    """A page in the browser, and all it tried to reach and to complain about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        if not request.is_navigation_request() and not request.url.startswith(("data:", "blob:")):
            self.requests.append(request.url)

    def figures(self) -> list[dict[str, Any]]:
        return self.page.evaluate(FIGURES)

    def violations(self) -> list[str]:
        """What axe finds wrong: rule, and the elements."""
        found = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {[node['html'][:200] for node in one['nodes'][:3]]}" for one in found]

    def out_of_reach(self) -> list[str]:
        """Controls that the Tab key does not come to, going once through the page."""
        controls = self.page.evaluate(CONTROLS)
        self.page.evaluate("document.activeElement?.blur(); window.scrollTo(0, 0)")
        days = 3 * self.page.locator("input[type=date]").count()  # the parts of a date are stops of their own
        for _ in range(len(controls) + days + 2):
            self.page.keyboard.press("Tab")
        reached = set(self.page.evaluate("[...window.reached]"))
        return [html for i, html in enumerate(controls) if i not in reached]

    def close(self) -> None:
        self.page.context.close()


Opener = Callable[..., Opened]


@pytest.fixture(scope="session")
def open_page(chromium: Browser) -> Iterator[Opener]:
    """Open a file with no network, wait until its figures are drawn, and write down requests and complaints."""

    def opener(path: Path, size: tuple[int, int] = LAPTOP, **given: Any) -> Opened:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, offline=True, **given)
        opened = Opened(context.new_page())
        opened.page.on("request", opened.note)
        told = ("error", "warning")
        opened.page.on("console", lambda said: said.type in told and opened.complaints.append(said.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.goto(path.resolve().as_uri())
        opened.page.wait_for_selector("html[data-qi-drawn]", state="attached", timeout=30_000)
        return opened

    yield opener
    for context in list(chromium.contexts):
        context.close()


@pytest.fixture(scope="session")
def signatures(outputs: Path) -> Path:
    """Where the run keeps which notebooks it signed."""
    own = outputs.parent / "jupyter"
    return own if own.is_dir() else Path(jupyter_data_dir())


@pytest.fixture(scope="session")
def whole_outputs(made_once: Callable[..., Path]) -> Path:
    """Every page of every shipped collaborative, every team's report among them."""
    return made_once("whole")


@dataclass
class Server:
    """A server on loopback, what it has said, and a folder for its temporary files."""

    process: subprocess.Popen[bytes]
    log: Path
    temporary: Path

    @property
    def address(self) -> str:
        """The first address it has told; "" before."""
        found = re.search(r"http://(?:127\.0\.0\.1|localhost):\d+/\S*", self.log.read_text("utf-8"))
        return found[0] if found else ""


@contextmanager
def serving(*words: str, folder: Path, **environment: str) -> Iterator[Server]:
    """Python started with these words and places of its own, once it tells its address; ended by its id."""
    with tempfile.TemporaryDirectory(prefix="qi-") as short:  # short enough for the sockets of warm kernels
        kinds = [f"JUPYTER_{name}_DIR" for name in ("CONFIG", "RUNTIME", "DATA")]
        kinds += [f"JUPYTERLAB_{name}_DIR" for name in ("SETTINGS", "WORKSPACES")]
        own = {name: value for name, value in os.environ.items() if name != kernels.SOCKET}  # not another test's parent
        own |= {name: f"{short}/{name}" for name in kinds} | {"TMPDIR": f"{short}/t", "PYTHONUNBUFFERED": "1"}
        log, temporary = Path(short, "said.log"), Path(short, "t")
        temporary.mkdir()
        with log.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=folder,
                env=own | environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        server, until = Server(process, log, temporary), time.monotonic() + 120
        try:
            while not server.address:
                assert process.poll() is None and time.monotonic() < until, log.read_text("utf-8")
                time.sleep(0.1)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="session")
def typed() -> Callable[..., AbstractContextManager[Server]]:
    """``typed("present", "small", folder=…)``: a command of qitools that serves, until the end of the block."""

    def start(*words: str, folder: Path) -> AbstractContextManager[Server]:
        return serving("-c", "from qitools.cli import main; main()", *words, "--no-browser", folder=folder)

    return start


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start a server that is a module of Python, and end it after the test; gives where it listens."""
    with ExitStack() as stack:

        def start(*words: str, environment: dict[str, str]) -> str:
            server = stack.enter_context(serving("-m", *words, folder=tmp_path, **environment))
            port = re.search(r":(\d+)/", server.address)
            assert port
            return f"http://127.0.0.1:{port[1]}"

        yield start

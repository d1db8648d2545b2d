"""``qitools present`` and ``explore`` as they are typed: a real Voila, a real JupyterLab, and nothing left after."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are counted as Linux has them"),
]
WAIT = 120_000  # milliseconds a busy machine may need
TEAMS, MONTHS = ("ash", "birch", "cedar"), 18
YAML = """\
collaborative: beds
title: Fewer <things>
simulated: true
aim: {statement: Fewer things, measure: things, change: -20%, by: 2026-12-31}
sources: {observations: data.csv}
measures: [{id: things, name: Things, kind: outcome, data: rate, per: 1000, better: lower}]
teams: [{id: ash, name: Ash Ward}, {id: birch, name: Birch Ward}, {id: cedar, name: Cedar Ward}]
sessions: [{date: 2026-07-15, name: Session one, minutes: 60}]
"""
ROWS = [
    f"{team},things,{2025 + m // 12}-{m % 12 + 1:02d}-01,{5 + (7 * m + 3 * t) % 5},900"
    for t, team in enumerate(TEAMS)
    for m in range(MONTHS)
]
# Marks that show data, of one kind of mark in one kind of figure.
MARKS = """([figure, mark]) => [...document.querySelectorAll(
  `figure[data-qi-kind="${figure}"] .qi-chart svg .mark-${mark} > *`,
)].filter((one) => !one.closest(".role-axis, .role-legend, .role-title")).length"""
SHOWN = """() => [...document.querySelectorAll("figure.qi-figure")].filter((one) => one.checkVisibility())
 .map((one) => ({
  kind: one.dataset.qiKind, sentence: one.querySelector(".qi-sentence").textContent,
  drawn: Boolean(one.querySelector(".qi-chart svg")), words: one.querySelector(".qi-fallback")?.textContent ?? "",
}))"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "beds.yaml").write_text(YAML, "utf-8")
    table = "\n".join(["team,measure,date,numerator,denominator", *ROWS, ""])
    (tmp_path / "parameters" / "data.csv").write_text(table, "utf-8")
    return tmp_path


@pytest.fixture
def live(typed: Callable[..., AbstractContextManager[Any]], project: Path) -> Iterator[Callable[..., Any]]:
    """Type a command that serves; ended, by its id, after the test."""
    with ExitStack() as stack:
        yield lambda *words: stack.enter_context(typed(*words, folder=project))


def stopped(shown: Any, signum: int) -> list[str]:
    """Send a signal to a command; what is still alive when it has ended."""
    started = psutil.Process(shown.process.pid).children(recursive=True)
    forked = [one for one in started if "qitools.batch.warm_parent" in one.cmdline()]
    assert len(forked) > 1, "no kernel is a fork of the warm parent"
    shown.process.send_signal(signum)
    shown.process.wait(60)
    _, alive = psutil.wait_procs(started, timeout=20)
    return [" ".join(one.cmdline()) for one in alive if one.status() != psutil.STATUS_ZOMBIE]


def opened(chromium: Browser, address: str, asked: list[str]) -> Page:
    page = chromium.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="commit", timeout=WAIT)
    return page


def outside(asked: list[str]) -> list[str]:
    return [url for url in asked if not re.match(r"http://127\.0\.0\.1:|ws://127\.0\.0\.1:|data:|blob:", url)]


def listening(process: subprocess.Popen[bytes]) -> set[str]:
    """The addresses that a command listens on."""
    found = psutil.Process(process.pid).net_connections("inet")
    return {one.laddr.ip for one in found if one.status == psutil.CONN_LISTEN}


def violations(page: Page) -> list[str]:
    """What axe finds serious or worse on a page shown live."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
    ]


def test_present_shows_every_figure_without_code_and_leaves_nothing(chromium, live):
    shown, asked = live("present", "beds"), []
    assert listening(shown.process) == {"127.0.0.1"}
    page = opened(chromium, shown.address.partition("?")[0], asked)
    page.wait_for_selector("input[type=password]", timeout=WAIT)
    assert "Fewer" not in page.content(), "nobody without the token sees the page"
    page.goto(shown.address, wait_until="commit", timeout=WAIT)
    page.wait_for_selector("figure.qi-figure .qi-chart svg", state="attached", timeout=WAIT)
    page.wait_for_selector("#loading", state="detached", timeout=WAIT)
    page.wait_for_selector("html[data-qi-drawn]", state="attached", timeout=WAIT)
    assert page.title() == "Fewer <things>" == page.locator("h1").inner_text()
    figures = page.evaluate(SHOWN)
    assert {"reporting", "pooled", "multiples", "chart"} <= {figure["kind"] for figure in figures}
    assert all(figure["sentence"] and (figure["drawn"] or figure["words"]) for figure in figures), figures
    assert page.evaluate(MARKS, ["chart", "symbol"]) == MONTHS
    assert page.evaluate(MARKS, ["multiples", "line"]) >= len(TEAMS)
    text = page.locator("body").inner_text()
    assert "qi.multiples(" not in text and "import qitools" not in text
    assert page.locator(".qi-room-form").is_visible()
    first = page.locator(".qi-timetable a").first
    first.click()
    assert page.locator(first.get_attribute("href")).inner_text() == first.inner_text()
    assert violations(page) == []
    page.keyboard.press("p")
    page.wait_for_selector("html.qi-presenting", timeout=WAIT)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.qi-place').textContent.startsWith('Welcome and aim')")
    assert outside(asked) == []
    page.context.close()
    assert stopped(shown, signal.SIGINT) == []
    assert shown.process.returncode == 0 and shown.log.read_text("utf-8").endswith("Stopped.\n")
    assert list(shown.temporary.iterdir()) == []


@pytest.mark.soak
def test_what_stops_the_notebook_is_said_on_the_page_without_a_traceback(chromium, live, project):
    shown = live("present", "beds")
    (project / "parameters" / "data.csv").write_text("team,measure\n", "utf-8")  # since it was checked
    page = opened(chromium, shown.address, [])  # made before
    page.wait_for_selector("#loading", state="detached", timeout=WAIT)
    page.reload(timeout=WAIT)
    page.wait_for_selector("#loading", state="detached", timeout=WAIT)
    problem = page.locator(".qi-problem").first.inner_text()
    assert "data.csv" in problem and "Traceback" not in page.content()
    page.context.close()
    assert stopped(shown, signal.SIGINT) == []


@pytest.mark.soak
def test_the_explorer_is_presented_with_its_widgets(chromium, live):
    shown, asked = live("present", "beds", "--notebook", "measure_explorer"), []
    page = opened(chromium, shown.address, asked)
    page.wait_for_selector(".widget-dropdown select, .jupyter-widgets select", timeout=WAIT)
    page.wait_for_selector(".jupyter-widgets .qi-chart svg", state="attached", timeout=WAIT)
    assert page.locator(".jupyter-widgets .qi-chart svg .mark-symbol > *").count() >= MONTHS
    assert violations(page) == []
    assert outside(asked) == []
    page.context.close()
    assert stopped(shown, signal.SIGTERM) == []


@pytest.mark.soak
def test_kernels_end_with_a_command_that_is_killed(live):
    shown = live("present", "beds")
    assert stopped(shown, signal.SIGKILL) == []


@pytest.mark.soak
def test_explore_opens_the_notebook_run_and_leaves_nothing(chromium, live, project):
    shown, asked = live("explore", "beds"), []
    assert listening(shown.process) == {"127.0.0.1"}
    page = opened(chromium, shown.address, asked)
    page.wait_for_selector(".jupyter-widgets .qi-chart svg .mark-symbol", state="attached", timeout=WAIT)
    assert page.locator(".jupyter-widgets .qi-chart svg .mark-symbol > *").count() >= MONTHS
    assert page.locator(".jp-toast-container, .Toastify__toast").count() == 0, "a pop-up greets the analyst"
    assert page.locator("text=beds-measure-explorer.ipynb").count() > 0
    assert outside(asked) == []
    assert not [url for url in asked if "news" in url]
    page.context.close()
    assert stopped(shown, signal.SIGINT) == []
    assert shown.process.returncode == 0 and shown.log.read_text("utf-8").endswith("Stopped.\n")
    copy = json.loads((project / "exploring" / "beds-measure-explorer.ipynb").read_text("utf-8"))
    assert any('collaborative = "beds"' in "".join(cell["source"]) for cell in copy["cells"])

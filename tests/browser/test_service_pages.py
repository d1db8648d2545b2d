"""The pages about a service and about equity: drawn mark by mark, offline, for a mouse, a keyboard, a phone, paper."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

pytestmark = pytest.mark.browser
PROJECT = Path(__file__).parents[2]
SIZES = {"laptop": (1366, 768), "projector": (1920, 1080), "phone": (390, 844)}
MONTHS, TEAMS = 42, 6
# What must be drawn of each kind: points, lines and bars.
DRAWN = {
    "dcaq": lambda one: one["points"] == 4 * MONTHS and one["lines"] >= 8,
    "backlog": lambda one: one["points"] == 2 * MONTHS and one["lines"] == 3,
    "what_if": lambda one: one["points"] == MONTHS and one["lines"] == 3,
    "waits": lambda one: one["bars"] == 4 and one["points"] == 4,
    "delays": lambda one: one["bars"] == 5 == one["points"] and one["lines"] == 1,
    "before_after": lambda one: one["points"] == MONTHS and one["lines"] == 4,
    "equity": lambda one: one["points"] == 5 * MONTHS and one["lines"] == 5,
    "equity_gap": lambda one: one["points"] == MONTHS and one["lines"] >= 2,
    "pooled": lambda one: one["points"] == MONTHS,
    "reporting": lambda one: one["bars"] >= TEAMS,
}
PAGES = {
    "service_redesign": ["dcaq", "backlog", "what_if", "waits", "delays", "before_after", "equity"],
    "equity": ["equity", "equity_gap", "pooled", "reporting"],
}


@pytest.fixture(scope="module")
def service(tmp_path_factory) -> Path:
    """Both pages of the simulated clinics, as ``qitools run`` makes them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "service"
    with FileLock(f"{folder}.lock"):
        if not (folder / "index.html").is_file():
            command = [sys.executable, "-c", "from qitools.cli import main; main()", "run", "outpatient_redesign"]
            command += ["--out", str(folder), *(part for name in PAGES for part in ("--notebook", name))]
            environment = os.environ | {"JUPYTER_DATA_DIR": f"{folder}-jupyter"}
            done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=900)
            assert done.returncode == 0, done.stdout + done.stderr
    return folder / "outpatient_redesign"


def page_of(service: Path, name: str) -> Path:
    (page,) = (service / name).glob("*.html")
    return page


def check(opened, kinds) -> None:
    figures = opened.figures()
    assert [one["kind"] for one in figures] == kinds
    for one in figures:
        assert DRAWN[one["kind"]](one), f"not all is drawn: {one}"
        assert one["sentence"] and one["alternative"] == one["sentence"] and one["rows"] > 0
        assert one["scale"] > 0.9 and one["cut"] == [], f"{one['kind']}: {one['scale']}, {one['cut']}"
    wide, window = opened.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, "the page scrolls sideways"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_every_figure_is_drawn_at_every_size(name, size, service, open_page):
    opened = open_page(page_of(service, name), SIZES[size])
    check(opened, PAGES[name])
    assert opened.requests == opened.complaints == []
    if size == "laptop":
        assert opened.violations() == opened.out_of_reach() == []
        assert opened.page.locator("h1").count() == 1
        assert "simulated" in opened.page.locator("body").inner_text().lower()
    opened.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_with_every_figure(name, service, open_page):
    opened = open_page(page_of(service, name))
    opened.page.emulate_media(media="print")
    check(opened, PAGES[name])
    assert opened.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    opened.close()


def test_the_work_that_is_picked_changes_picture_sentence_and_numbers_together(service, open_page):
    opened = open_page(page_of(service, "service_redesign"))
    figure = opened.page.locator('figure[data-qi-kind="what_if"]')
    before = figure.locator(".qi-sentence").inner_text()
    figure.locator("select").nth(1).select_option("20% more")
    opened.page.wait_for_function(
        "(was) => document.querySelector('figure[data-qi-kind=what_if] .qi-sentence').textContent !== was",
        arg=before,
        timeout=30_000,
    )
    assert "(20% more)" in figure.locator(".qi-sentence").inner_text()
    figure.locator("select").first.select_option("Finnart Clinic")
    opened.page.wait_for_function(
        "() => document.querySelector('figure[data-qi-kind=what_if] .qi-chart').ariaLabel.startsWith('Finnart')",
        timeout=30_000,
    )
    opened.close()

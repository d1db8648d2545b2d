"""What a report costs: `qitools run` beside plain `papermill` and `jupyter nbconvert`, on the same notebooks.

    python benchmarks/batch.py [--teams 7] [--plain 6]

Makes the learning session and ``--teams`` team reports of each shipped collaborative with `qitools run --workers 1` and
with two workers, and ``--plain`` of the same reports the plain way. CPU seconds count every process a command started;
"cells" is the same cells executed again and again in one warm interpreter, so what is left is what running costs.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell

from qitools.batch import jobs

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


def cost(do: Callable[[], object], who: int = resource.RUSAGE_CHILDREN) -> tuple[float, float]:
    """CPU and wall seconds of what is done, in this process or in all it starts and waits for."""
    before, began = resource.getrusage(who), time.perf_counter()
    do()
    after = resource.getrusage(who)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - began


def command(*words: object) -> None:
    told = subprocess.run([str(word) for word in words], cwd=ROOT, capture_output=True, text=True)
    if told.returncode:
        raise SystemExit(f"{words[0]} failed:\n{told.stdout}{told.stderr}")


def run(out: Path, *more: object) -> tuple[float, float]:
    return cost(lambda: command(BIN / "qitools", "run", "--out", out, *more))


def plain(planned: list[jobs.Job], out: Path) -> tuple[float, float]:
    """Each report as someone without qitools' batch would make it."""

    def all_of_them() -> None:
        for number, job in enumerate(planned):
            given = [word for name, value in job.given.items() for word in ("-p", name, value)]
            book, folder = out / f"{number}.ipynb", out / str(number)
            folder.mkdir(parents=True)
            command(BIN / "papermill", job.notebook, book, *given, "-p", "out", folder)
            command(BIN / "jupyter", "nbconvert", "--to", "html", book)

    return cost(all_of_them)


def cells(planned: list[jobs.Job], out: Path) -> float:
    """CPU seconds of the notebooks' own cells in this interpreter, once warm."""

    shell = InteractiveShell.instance()

    def one(job: jobs.Job) -> None:
        shell.reset()
        for cell in (cell for cell in nbformat.read(job.notebook, as_version=4).cells if cell.cell_type == "code"):
            shell.run_cell(cell.source).raise_error()
            if "parameters" in cell.metadata.get("tags", []):
                shell.push({**job.given, "out": str(out)})

    with contextlib.redirect_stdout(io.StringIO()):
        one(planned[0])
        return cost(lambda: [one(job) for job in planned], resource.RUSAGE_SELF)[0] / len(planned)


def spin(_: int) -> int:
    return sum(number * number for number in range(12_000_000))


def calibration() -> float:
    """How much more two processes do than one on this machine, now."""
    one = cost(lambda: [spin(0), spin(1)])[1]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(spin, (0, 0)))  # both are there
        two = cost(lambda: list(pool.map(spin, (0, 1))))[1]
    return one / two


def first_chart(page: Path) -> str:
    """Milliseconds in Chromium until the first chart, and until every chart, is drawn."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("QITOOLS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        return "not measured: no Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_page(viewport={"width": 1366, "height": 768})
        began = time.perf_counter()
        view.goto(page.as_uri(), wait_until="commit")
        view.wait_for_selector(".qi-chart svg", timeout=60_000)
        first = time.perf_counter() - began
        view.wait_for_selector("html[data-qi-drawn]", state="attached", timeout=60_000)
        drawn = time.perf_counter() - began
        browser.close()
    return f"first chart {first * 1000:.0f} ms, all {drawn * 1000:.0f} ms"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--teams", type=int, default=7)
    words.add_argument("--plain", type=int, default=6)
    asked = words.parse_args()
    os.chdir(ROOT)
    place = jobs.find_project(ROOT)
    planned = jobs.plan(place, jobs.choose(place), jobs.notebooks(place, teams=True), first_teams=asked.teams)
    sample = [planned[number * len(planned) // asked.plain] for number in range(asked.plain)]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        least, _ = run(out / "least", "falls")
        warm, wall = run(out / "one", "--first-teams", asked.teams, "--workers", 1)
        _, wall_two = run(out / "two", "--first-teams", asked.teams, "--workers", 2)
        usual, usual_wall = (each / len(sample) for each in plain(sample, out / "plain"))
        own = cells(sample, out / "cells")
        records = json.loads((out / "one" / "manifest.json").read_text("utf-8"))["jobs"]
        first = next(iter(records.values()))["id"]
        start = least - records["falls/learning_session"]["seconds"]["all"]
        each = (warm - start) / len(planned)
        print(f"{len(planned)} reports by qitools run, {len(sample)} of them by papermill + nbconvert\n")
        print(f"{'CPU seconds per report':34}{'qitools run':>12}{'plain':>10}{'ratio':>8}")
        print(f"{'  start-up shared out':34}{warm / len(planned):12.2f}{usual:10.2f}{usual * len(planned) / warm:8.1f}")
        print(f"{'  start-up apart':34}{each:12.2f}{usual:10.2f}{usual / each:8.1f}")
        print(f"{'  of these the cells themselves':34}{own:12.2f}{own:10.2f}")
        print(f"{'  what running costs beyond them':34}{each - own:12.2f}{usual - own:10.2f}")
        pace = wall / len(planned)
        print(f"{'wall seconds per report':34}{pace:12.2f}{usual_wall:10.2f}{usual_wall / pace:8.1f}")
        print(f"\nstart-up of a run                 {start:12.2f} CPU s")
        print(
            f"2 workers beside 1                {wall / wall_two:12.2f} × (two bare processes: {calibration():.2f} ×)"
        )
        for page in sorted((out / "one").rglob("*learning-session.html")):
            print(f"{page.name:42} {page.stat().st_size / 1e6:.2f} MB, {first_chart(page)}")
        print(f"{first} made plain: {(out / 'plain' / '0.html').stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()

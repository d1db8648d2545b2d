"""What a report costs: `qitools run` beside plain `papermill` and `jupyter nbconvert`, on the same notebooks.

    python benchmarks/batch.py [--teams 7] [--every 3]     cost of a report, and where it goes
    python benchmarks/batch.py --many 117                  so many learning sessions in one call

The first makes the learning session and ``--teams`` team reports of each shipped collaborative with `qitools run`, by
one worker and by two, and every third of each notebook's reports the plain way. What is counted:

- *CPU seconds*: user and system, of every process that a command started, its kernels among them.
- *start-up*: a whole `qitools run` of one notebook that shows nothing. The rest is shared among the reports.
- *cells*: the same cells in one interpreter that has run each notebook before, their results put into every form in
  which a kernel sends them; once before the run and once after it, since a machine's pace wanders, and the mean of the
  two. What a report costs beyond its cells is what running, saving and exporting cost.
- *pace*: reports per wall second of two workers beside one, start-up left out, and beside it what two bare processes do
  beside one, here and now.

The second simulates collaboratives of 12 teams × 6 measures × 60 months and watches the memory of the main process.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import nbformat
import papermill.execute
import psutil
from IPython.core.formatters import DisplayFormatter

import qitools as qi
from qitools.batch import jobs, kernels, manifest, pages, report, watch
from qitools.cli import PRELOAD, REHEARSAL
from qitools.views import theme

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
EMPTY = """
import json, pathlib
pathlib.Path(out or ".", "summary.json").write_text(json.dumps({"title": "", "simulated": True}))
"""
YAML = """\
collaborative: {name}
title: Simulated collaborative {name}
simulated: true
aim: {{statement: Fewer falls, measure: falls, change: -20%, by: 2026-12-31}}
sources: {{observations: data/{name}.csv}}
measures:
{measures}
teams:
{teams}
"""
TEAMS, PERIODS = 12, 60
RATE, SHARE = {"data": "rate", "level": 0.006, "size": 800}, {"data": "proportion", "level": 0.8, "size": 60}
MEASURES = {"falls": RATE, "harm": RATE, "pressure_ulcers": RATE, "bundle": SHARE, "screened": SHARE, "reviewed": SHARE}


def cpu(who: int = resource.RUSAGE_CHILDREN) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def cost(do: Callable[[], object], who: int = resource.RUSAGE_CHILDREN) -> tuple[float, float]:
    """CPU and wall seconds of what is done, in this process or in all it starts and waits for."""
    before, began = cpu(who), time.perf_counter()
    do()
    return cpu(who) - before, time.perf_counter() - began


def command(*words: object, cwd: Path = ROOT) -> None:
    told = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True)
    if told.returncode:
        raise SystemExit(f"{words[0]} failed:\n{told.stdout}{told.stderr}")


def run(out: Path, *more: object, cwd: Path = ROOT) -> tuple[float, float]:
    return cost(lambda: command(BIN / "qitools", "run", "--out", out, *more, cwd=cwd))


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


def run_cells(job: jobs.Job, out: Path) -> None:
    """The cells of a notebook in this interpreter, each result put into every form in which a kernel sends it."""
    formatter = DisplayFormatter()

    def display(*shown: Any) -> None:
        for one in shown:
            formatter.format(one)

    names: dict[str, Any] = {"display": display}
    for cell in (cell for cell in nbformat.read(job.notebook, as_version=4).cells if cell.cell_type == "code"):
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            display(eval(compile(ast.Expression(last.value), "<cell>", "eval"), names))
        if "parameters" in cell.metadata.get("tags", []):
            names |= {**job.given, "out": str(out)}


def warm_up(planned: list[jobs.Job], out: Path) -> None:
    """Run each notebook once in this interpreter."""
    for job in {job.notebook: job for job in reversed(planned)}.values():
        run_cells(job, out)


def cells(planned: list[jobs.Job], out: Path) -> float:
    """CPU seconds of the notebooks' own cells in this interpreter, which is warm, for each report."""
    return cost(lambda: [run_cells(job, out) for job in planned], resource.RUSAGE_SELF)[0] / len(planned)


def as_the_command_plans(teams: int) -> list[jobs.Job]:
    """The jobs of `qitools run --first-teams N`."""
    place = jobs.find_project(ROOT)
    books = jobs.notebooks(place, teams=True, whole=True)
    return jobs.plan(place, jobs.choose(place), books, first_teams=teams, fitting=True)


def spin(_: int) -> int:
    return sum(number * number for number in range(12_000_000))


def calibration() -> float:
    """How much more two processes do than one on this machine, now."""
    one = cost(lambda: [spin(0), spin(1)])[1]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(spin, (0, 0)))  # both are there
        two = cost(lambda: list(pool.map(spin, (0, 1))))[1]
    return one / two


def start_up(folder: Path) -> float:
    """CPU seconds of a whole run that has next to nothing to do."""
    national(folder, 1, periods=3)
    book = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    given = nbformat.v4.new_code_cell('collaborative: str = ""\nout: str = ""', metadata={"tags": ["parameters"]})
    book.cells = [given, nbformat.v4.new_code_cell(EMPTY)]
    (folder / "notebooks").mkdir()
    nbformat.write(book, folder / "notebooks" / "learning_session.ipynb")
    return statistics.median(run(folder / "outputs", "--force", cwd=folder)[0] for _ in range(3))


def national(folder: Path, number: int, periods: int = PERIODS) -> None:
    """A project of so many simulated collaboratives."""
    data = folder / "parameters" / "data"
    data.mkdir(parents=True)
    teams = [f"ward-{place}" for place in range(1, TEAMS + 1)]
    measures = [
        f"  - {{id: {name}, name: {name.capitalize()}, kind: outcome, data: {one['data']}, "
        f"better: {'lower' if one is RATE else 'higher'}, per: {1000 if one is RATE else 100}}}"
        for name, one in MEASURES.items()
    ]
    for place in range(number):
        name = f"simulated-{place:03}"
        effects = [{"team": teams[place % TEAMS], "measure": "falls", "start": date(2023, 7, 1), "ratio": 0.6}]
        sent = qi.simulate(
            measures=MEASURES, teams=teams, periods=periods, start=date(2021, 1, 1), seed=place, effects=effects
        )
        sent.observations.to_csv(data / f"{name}.csv", index=False)
        called = "\n".join(f"  - {{id: {team}, name: Ward {team[5:]}}}" for team in teams)
        yaml = YAML.format(name=name, measures="\n".join(measures), teams=called)
        (folder / "parameters" / f"{name}.yaml").write_text(yaml, "utf-8")


def where_it_goes(planned: list[jobs.Job], out: Path) -> list[tuple[str, float]]:
    """CPU seconds per report by what they are spent on, seen from a worker; after each report its cells alone."""
    spent: Counter[str] = Counter()

    def timed(name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def timing(*given: Any, **named: Any) -> Any:
            before = time.process_time()
            try:
                return do(*given, **named)
            finally:
                spent[name] += time.process_time() - before

        return timing

    settings = report.Settings(ROOT, out, datetime.now(UTC), theme.css(), PRELOAD, watch.Limits())
    inputs = [manifest.inputs(job) for job in planned]
    parts = {
        "worker: page": (pages, "export"),
        "worker: saving the notebook": (papermill.execute, "write_ipynb"),
        "worker: signature": (report, "_sign"),
        "worker: hashes": (report, "sha256"),
        "worker: into its place": (report, "publish"),
    }
    report.quiet()
    with contextlib.ExitStack() as held:
        held.enter_context(kernels.warm((*PRELOAD, REHEARSAL)))
        parent = next(one for one in psutil.Process().children() if os.environ[kernels.SOCKET] in one.cmdline())
        for name, (module, function) in parts.items():
            held.callback(setattr, module, function, getattr(module, function))
            setattr(module, function, timed(name, getattr(module, function)))
        report.execute(planned[0], inputs[0], settings)
        spent.clear()
        before, worker, own = parent.cpu_times(), 0.0, 0.0
        for job, made_of in zip(planned, inputs, strict=True):
            began = time.process_time()
            report.publish(job, settings, report.execute(job, made_of, settings))
            worker += time.process_time() - began
            own += cost(lambda job=job: run_cells(job, out / "cells"), resource.RUSAGE_SELF)[0]  # at the same pace
        after = parent.cpu_times()
    kernel = after.children_user + after.children_system - before.children_user - before.children_system
    fork = after.user + after.system - before.user - before.system
    rest = {"worker: papermill, nbclient, messages": worker - spent.total()}
    kernels_own = {"kernel: its cells, in a warm interpreter": own}
    kernels_own["kernel: start, and what is done for the first time"] = kernel + fork - own
    return [(name, seconds / len(planned)) for name, seconds in {**kernels_own, **rest, **spent}.items()]


def memory(process: subprocess.Popen[bytes]) -> list[float]:
    """MB held by a process, twice a second until it ends."""
    held: list[float] = []
    with contextlib.suppress(psutil.Error):
        while process.poll() is None:
            held.append(psutil.Process(process.pid).memory_info().rss / 1e6)
            time.sleep(0.5)
    return held


def many(number: int, folder: Path, workers: int) -> None:
    """So many learning sessions in one call: how long, how much, how large."""
    national(folder, number)
    before, began = cpu(), time.perf_counter()
    words = [str(BIN / "qitools"), "run", "--workers", str(workers), "--notebook", jobs.WHOLE]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        held = memory(process)
    used, wall = cpu() - before, time.perf_counter() - began
    records = json.loads((folder / "outputs" / "manifest.json").read_text("utf-8"))["jobs"].values()
    sizes = [(folder / "outputs" / record["page"]).stat().st_size / 1e6 for record in records]
    outcomes = Counter(record["outcome"] for record in records)
    thirds = [max(held[place * len(held) // 3 : (place + 1) * len(held) // 3]) for place in range(3)]
    print(f"{number} learning sessions ({TEAMS} teams × {len(MEASURES)} measures × {PERIODS} months): {dict(outcomes)}")
    print(f"{workers} workers: {used:.0f} CPU s ({used / number:.2f} a report), {wall:.0f} wall s")
    print(f"main process: at most {max(held):.0f} MB; by thirds of the run {', '.join(f'{m:.0f}' for m in thirds)} MB")
    print(f"pages: {statistics.median(sizes):.2f} MB in the middle, the largest {max(sizes):.2f} MB")


# The page tells itself: who asks from outside is answered only when it has time, and asks again after half a second.
WATCH = """
new MutationObserver(() => {
  if (window.first || !document.querySelector("[data-qi-state=drawn]")) return;
  window.first = 1;
  requestAnimationFrame(() => setTimeout(() => { window.first = performance.now(); }));
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-qi-state"] });
new MutationObserver(() => { if (document.querySelector("html[data-qi-drawn]")) window.drawn = performance.now(); })
  .observe(document, { subtree: true, attributes: true, attributeFilter: ["data-qi-drawn"] });
"""


def first_chart(page: Path) -> str:
    """Milliseconds in Chromium from the navigation until the first chart is painted, and until every chart is drawn."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("QITOOLS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        return "not measured: no Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_page(viewport={"width": 1366, "height": 768})
        view.add_init_script(WATCH)
        view.goto(page.as_uri())
        view.wait_for_selector("html[data-qi-drawn]", state="attached", timeout=60_000)
        first, drawn = view.evaluate("[window.first, window.drawn]")
        browser.close()
    return f"first chart {first:.0f} ms, all {drawn:.0f} ms"


def compare(teams: int, every: int, out: Path) -> None:
    """What each of the reports costs, either way, and where it goes."""
    planned = as_the_command_plans(teams)
    kinds = [
        [job for job in planned if job.notebook == book] for book in dict.fromkeys(job.notebook for job in planned)
    ]
    sample = [job for kind in kinds for job in kind[len(kind) > 1 :: every]]
    start = start_up(out / "empty")
    warm_up(planned, out / "cells")  # from here on this interpreter has run each notebook before
    before = cells(planned, out / "cells")
    warm, wall = run(out / "one", "--first-teams", teams, "--workers", 1)
    after = cells(planned, out / "cells")
    made = json.loads((out / "one" / manifest.MANIFEST).read_text("utf-8"))["jobs"]
    assert set(made) == {job.id for job in planned}, "costs would be shared among other reports than were made"
    usual, usual_wall = (each / len(sample) for each in plain(sample, out / "plain"))
    _, wall_two = run(out / "two", "--first-teams", teams, "--workers", 2)
    own = (before + after) / 2
    each, shared = (warm - start) / len(planned), warm / len(planned)
    idle = cost(lambda: run(out / "empty" / "outputs", "--force", cwd=out / "empty"))[1]
    pace = (wall - idle) / (wall_two - idle)
    print(f"load {os.getloadavg()[0]:.1f}; {len(planned)} reports, {len(sample)} of them by papermill + nbconvert\n")
    print(f"{'CPU seconds per report':34}{'qitools run':>12}{'plain':>10}{'ratio':>8}")
    print(f"{'  start-up shared out':34}{shared:12.2f}{usual:10.2f}{usual / shared:8.1f}")
    print(f"{'  start-up apart':34}{each:12.2f}{usual:10.2f}{usual / each:8.1f}")
    print(f"{'  of these the cells themselves':34}{own:12.2f}{own:10.2f}   before {before:.2f}, after {after:.2f}")
    print(f"{'  what running costs beyond them':34}{each - own:12.2f}{usual - own:10.2f}")
    print(f"{'wall seconds per report':34}{wall / len(planned):12.2f}{usual_wall:10.2f}")
    print(f"\nstart-up of a run                 {start:12.2f} CPU s")
    print(f"2 workers beside 1                {pace:12.2f} × (two bare processes: {calibration():.2f} ×)")
    print("\nwhere the CPU seconds of a report go")
    for name, seconds in where_it_goes(planned, out / "inside"):
        print(f"  {name:52}{seconds:6.3f}")
    for page in sorted((out / "one").rglob("*learning-session.html")):
        print(f"{page.name:42} {page.stat().st_size / 1e6:.2f} MB, {first_chart(page)}")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--teams", type=int, default=7)
    words.add_argument("--every", type=int, default=3)
    words.add_argument("--many", type=int, default=0)
    words.add_argument("--workers", type=int, default=os.cpu_count())
    asked = words.parse_args()
    os.chdir(ROOT)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # Python keeps what it compiles, as of all that pip installs
    with tempfile.TemporaryDirectory() as folder:
        if asked.many:
            many(asked.many, Path(folder), asked.workers)
        else:
            compare(asked.teams, asked.every, Path(folder))


if __name__ == "__main__":
    main()

"""How long a change in the explorer takes, in the browser: from the event to the last change in the chart's DOM.

    python benchmarks/live.py

Serves the explorer through Voila (``qitools present``), opens it in Chromium without a network, changes the rule
set of a chart of 60 points, then of 12 small multiples, 15 times each, each time to settings never tried before, since
what was tried is kept; and prints medians: the chart alone, then the sentence, the table and the rest; and of these
Python's share, measured in this process by the same calls. Asked of it on a quiet machine: 60 ms for one chart, 200 ms
for 12 small multiples, words and table within 150 ms more.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = os.environ.get("QITOOLS_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
TIMES, POINTS, TEAMS = 15, 60, 12
RULES = ("mdc", "his-2025")  # in turn: each changes marks and words
WARM = 2  # changes before the clock starts: what is made at first use is made
ALL, RULE_SET, TEAM = "All teams, as small charts", "Rule set (all measures)", "Team"
BASELINE, SCREENING = "Baseline (all measures)", "Screening of moving ranges (all measures)"
YAML = """\
collaborative: bench
title: Bench
simulated: true
sources: {observations: bench.csv}
measures: [{id: found, name: Things found, kind: outcome, data: rate, per: 1000, better: lower, target: 5}]
teams:
"""
# Notes when chart and words last changed; ``since`` is the moment of the event itself.
WATCH = """() => {
  const root = document.querySelector(".qi-explorer");
  const seen = (window.seen = { chart: 0, rest: 0 });
  new MutationObserver((changes) => {
    const now = performance.now();
    for (const { target } of changes) {
      const place = target.nodeType === 1 ? target : target.parentElement;
      seen[place?.closest(".qi-chart") ? "chart" : "rest"] = now;
    }
  }).observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
}"""
CHANGE = """async ([label, choice, part]) => {
  const all = [...document.querySelectorAll(".qi-explorer select")];
  const select = all.find((one) => one.labels[0]?.textContent === label);
  const plain = (text) => text.replaceAll("\\u00a0", " ");
  seen.chart = seen.rest = 0;
  const start = performance.now();
  select.selectedIndex = [...select.options].findIndex((one) => plain(one.textContent) === choice);
  select.dispatchEvent(new Event("change", { bubbles: true }));
  const quiet = () => performance.now() - Math.max(seen.chart, seen.rest) > 700;
  while (!seen[part] || !quiet()) {
    if (performance.now() - start > 120000) throw new Error(`no change of ${part}`);
    await new Promise((go) => setTimeout(go, 25));
  }
  return [seen.chart - start, Math.max(seen.chart, seen.rest) - start];
}"""


def project(folder: Path) -> None:
    """Twelve simulated teams, five years each."""
    (folder / "parameters").mkdir()
    lines = ["team,measure,date,numerator,denominator"]
    for t in range(TEAMS):
        for m in range(POINTS):
            falls = 5 + (7 * m + 3 * t) % 6 - (3 if m > 40 and t % 3 == 0 else 0)
            lines.append(f"t{t},found,{2021 + m // 12}-{m % 12 + 1:02d}-01,{falls},{900 + (m * 13 + t) % 90}")
    teams = "".join(f"  - {{id: t{t}, name: Team {t}}}\n" for t in range(TEAMS))
    (folder / "parameters" / "bench.csv").write_text("\n".join([*lines, ""]), "utf-8")
    (folder / "parameters" / "bench.yaml").write_text(YAML + teams, "utf-8")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the explorer in Voila; ended by its id."""
    command = [sys.executable, "-c", "from qitools.cli import main; main()"]
    command += ["present", "bench", "--notebook", "measure_explorer", "--no-browser"]
    log = folder / "said.log"
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/\S+", log.read_text("utf-8"))):
            if process.poll() is not None:
                sys.exit(log.read_text("utf-8"))
            time.sleep(0.1)
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def measured(page: Page) -> tuple[float, float]:
    """Medians: event to last change of the chart, and of everything else, in milliseconds."""
    seen = []
    for i in range(WARM + TIMES):
        page.evaluate(CHANGE, [BASELINE, f"first {6 + i} points", "rest"])  # with which no rule set was tried yet
        seen.append(page.evaluate(CHANGE, [RULE_SET, RULES[i % 2], "chart"]))
    page.evaluate(CHANGE, [RULE_SET, RULES[1], "chart"])  # as it was found
    chart, rest = zip(*seen[WARM:], strict=True)
    return statistics.median(chart), statistics.median(rest)


def python_share(folder: Path, team: str) -> tuple[float, float]:
    """Medians of Python's part, from the choice to the chart, and to the end, without a front end."""
    os.chdir(folder)
    from qitools.views.explorer import Explorer
    from qitools.views.explorer_state import Desk

    explorer = Explorer(Desk("bench"))
    explorer.ui.pick["team"].value = team
    shown: list[float] = []
    chart: Any = explorer.chart
    real = chart.show
    chart.show = lambda picture: (real(picture), shown.append(time.perf_counter()))
    first, whole = [], []
    for i in range(WARM + TIMES):
        explorer.ui.pick["baseline"].value = 6 + i  # with which no rule set was tried yet
        start = time.perf_counter()
        explorer.ui.pick["rules"].value = RULES[i % 2]
        first.append(shown[-1] - start)
        whole.append(time.perf_counter() - start)
    return statistics.median(first[WARM:]) * 1e3, statistics.median(whole[WARM:]) * 1e3


def pace() -> float:
    """Seconds for ten million additions: how fast this machine is just now, to hold two runs against each other."""
    begin, total = time.process_time(), 0
    for i in range(10_000_000):
        total += i
    return time.process_time() - begin


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="qi-bench-") as name, sync_playwright() as playwright:
        folder = Path(name)
        project(folder)
        with served(folder) as address:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1366, "height": 900})
            page.set_default_timeout(180_000)
            page.goto(address, wait_until="commit")
            page.wait_for_selector(".qi-explorer .qi-chart svg", state="attached")
            page.wait_for_load_state("networkidle")
            page.evaluate(WATCH)
            one = measured(page)
            page.evaluate(CHANGE, [SCREENING, "screened once", "rest"])  # nor is any of these tried twice
            page.get_by_label(TEAM, exact=True).select_option(label=ALL)
            page.wait_for_function("document.querySelectorAll('.qi-explorer .qi-chart svg g.cell > g').length === 12")
            page.wait_for_timeout(1500)
            many = measured(page)
            browser.close()
        load = os.getloadavg()[0]
        told = f"load {load:.1f} on {os.cpu_count()} cores, ten million additions in {pace():.2f} s"
        print(f"medians of {TIMES}; milliseconds from the event; {told}")
        print(f"{'':<28}{'chart':>8}{'all':>8}{'python, chart':>16}{'python, all':>14}")
        for title, seen, team in ((f"one chart, {POINTS} points", one, "t0"), (f"{TEAMS} small multiples", many, "")):
            share = python_share(folder, team)
            print(f"{title:<28}{seen[0]:>8.0f}{seen[1]:>8.0f}{share[0]:>16.0f}{share[1]:>14.0f}")


if __name__ == "__main__":
    main()

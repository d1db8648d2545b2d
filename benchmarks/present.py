"""How soon a page that `qitools present` serves shows its first chart, and how long the whole of it takes.

    python benchmarks/present.py [--collaborative falls] [--notebook learning_session] [--opens 3]

The command is started as it is typed; the clock of an opening starts when the browser asks for the page. Between two
openings the next kernel is given time to get ready. Needs Chromium (QITOOLS_CHROMIUM, or on PATH).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from playwright.sync_api import Browser, sync_playwright

CHART, DRAWN = "figure.qi-figure .qi-chart svg", "html[data-qi-drawn]"
LIMIT = 180_000  # milliseconds
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def presented(collaborative: str, notebook: str) -> Iterator[tuple[str, float]]:
    """The command while it serves: its address, and the seconds until it said so."""
    words = ["present", collaborative, "--notebook", notebook, "--no-browser"]
    command = [sys.executable, "-c", "from qitools.cli import main; main()", *words]
    begun, said = time.perf_counter(), ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while not (found := re.search(r"http://\S+", said)):
            said = process.stdout.readline() if process.stdout else ""
            if not said:
                raise SystemExit("qitools present ended before it served a page")
        yield found[0], time.perf_counter() - begun
        process.send_signal(signal.SIGINT)


def opening(browser: Browser, address: str) -> tuple[float, float, int]:
    """Seconds to the first chart and to the last, and how many figures are drawn."""
    page = browser.new_context(viewport={"width": 1920, "height": 1080}).new_page()
    begun = time.perf_counter()
    page.goto(address, wait_until="commit", timeout=LIMIT)
    page.wait_for_selector(CHART, state="attached", timeout=LIMIT)
    first = time.perf_counter() - begun
    page.wait_for_selector("#loading", state="detached", timeout=LIMIT)
    page.wait_for_selector(DRAWN, state="attached", timeout=LIMIT)
    whole = time.perf_counter() - begun
    count = page.locator(CHART).count()
    page.context.close()
    return first, whole, count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collaborative", default="falls")
    parser.add_argument("--notebook", default="learning_session")
    parser.add_argument("--opens", type=int, default=3)
    parser.add_argument("--rest", type=float, default=20, help="seconds between two openings")
    asked = parser.parse_args()
    chromium = os.environ.get("QITOOLS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    print("load average", *(f"{one:.1f}" for one in os.getloadavg()))
    with presented(asked.collaborative, asked.notebook) as (address, ready), sync_playwright() as playwright:
        print(f"address told after {ready:.1f} s")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        firsts = []
        for i in range(asked.opens):
            time.sleep(asked.rest if i else 0)
            first, whole, count = opening(browser, address)
            firsts.append(first)
            print(f"first chart {first:.2f} s, all {count} charts {whole:.2f} s")
        browser.close()
    print(f"first chart, median of {asked.opens}: {median(firsts):.2f} s; load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

"""The README's picture: today's page of the simulated falls collaborative, its head, one ward's chart and every ward's.

    qitools run falls --notebook learning_session
    python benchmarks/picture.py outputs/falls/learning_session/falls-learning-session.html docs/learning-session.png

The page is opened without a network and all else on it hidden; nothing is drawn or written that is not on it. Needs
Chromium (QITOOLS_CHROMIUM, or on PATH) and Pillow.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

WARD = "Calderwren Ward"
WIDE, TALL, COLOURS = 1366, 1496, 128  # pixels; enough for the page's own and the edges of letters
# The parts of the page that stay, in their order.
KEPT = ".qi-banner, .qi-heading, .qi-tiles, [data-qi-kind='chart'], [data-qi-kind='multiples']"
CLEARED = f"""
  main > section {{ margin: 0 !important; padding: 0 !important; border: 0 !important; }}
  main :is(h2, .qi-pickers, .qi-numbers, .qi-notes, .qi-sentence), .qi-bar, .qi-starts, .qi-foot {{ display: none; }}
  main > :not(section, .qi-heading), main > section > :not({KEPT}) {{ display: none !important; }}
  main {{ padding-top: .5rem; }} .qi-figure, .qi-tiles {{ margin: 1rem 0 0; }}
  main {{ display: flex; flex-direction: column; }}
  main > section:has([data-qi-kind="chart"]) {{ order: 1; }}
  main > section:has([data-qi-kind="multiples"]) {{ order: 2; }}
"""


def main() -> None:
    page_file, picture = (Path(one) for one in sys.argv[1:3])
    chromium = os.environ.get("QITOOLS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": WIDE, "height": TALL}, offline=True).new_page()
        page.goto(page_file.resolve().as_uri())
        page.wait_for_selector("html[data-qi-drawn]", state="attached", timeout=60_000)
        page.locator("[data-qi-kind='chart'] select").last.select_option(WARD)
        page.add_style_tag(content=CLEARED)
        page.wait_for_timeout(2000)  # until what has another width is drawn anew
        page.screenshot(path=picture, clip={"x": 0, "y": 0, "width": WIDE, "height": TALL})
        browser.close()
    Image.open(picture).convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(picture, optimize=True)
    print(f"{picture}: {picture.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

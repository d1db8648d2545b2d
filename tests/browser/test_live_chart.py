"""A live chart that comes and goes, without a kernel: what it leaves in the page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from qitools.views import explorer_pictures as pictures
from qitools.views.explorer_state import Desk
from qitools.views.live import LiveChart

pytestmark = pytest.mark.browser
TRAITS = ("html", "picture", "view", "words", "chosen")
# Opens and closes the widget as anywidget does, each time from a module of its own; ``soon``: before it is drawn.
COME_AND_GO = """async ([script, state, times, soon]) => {
  for (let i = 0; i < times; i++) {
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const widget = (await import(url)).default;
    URL.revokeObjectURL(url);
    const el = document.createElement("div");
    document.querySelector(".qi-explorer").append(el);
    const [asked, events] = [new Set(), {}];
    const model = {
      get: (name) => asked.add(name) && state[name],
      on: (name, act) => (events[name] = act), off: (name) => delete events[name],
    };
    const end = widget.render({ model, el });
    while (!soon && !el.querySelector(".qi-numbers tbody tr:nth-child(2)")) await new Promise((go) => setTimeout(go));
    if (Object.keys(events).length !== 3) throw new Error("the widget does not listen");
    end();
    while (!asked.has("chosen")) await new Promise((go) => setTimeout(go)); // what was under way has ended
    if (Object.keys(events).length) throw new Error("the widget still listens");
    el.remove();
  }
}"""


def test_a_live_chart_that_is_closed_leaves_no_listener_and_no_node(
    chromium: Browser, write_collaborative: Any
) -> None:
    chart = LiveChart(pictures.complete(Desk(write_collaborative())), lambda at: None)
    state = {name: getattr(chart, name) for name in TRAITS}
    page = chromium.new_page()
    page.set_content('<div class="qi-explorer"></div>')
    told = page.context.new_cdp_session(page)
    told.send("Performance.enable")

    def measured() -> tuple[float, float]:
        for _ in range(3):
            told.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in told.send("Performance.getMetrics")["metrics"]}
        return found["JSEventListeners"], found["Nodes"]

    for soon in (False, True):
        page.evaluate(COME_AND_GO, [chart._esm, state, 1, soon])
    before = measured()
    for soon in (False, True):
        page.evaluate(COME_AND_GO, [chart._esm, state, 4, soon])
    assert measured() == before
    page.close()

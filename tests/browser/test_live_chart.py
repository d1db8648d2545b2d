"""A live chart that comes and goes, without a kernel: what it leaves in the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from qitools.views import explorer_pictures as pictures
from qitools.views.explorer_state import Desk
from qitools.views.live import LiveChart, packed

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

# What is seen of a chart whose view is changed, once for each view, and of one that is drawn anew with that view.
CHANGED = """async ([script, state, views]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const widget = (await import(url)).default;
  const begin = async (view) => {
    const el = document.createElement("div");
    document.querySelector(".qi-explorer").append(el);
    const [events, now] = [{}, { ...state, view, words: view }];
    const model = { get: (name) => now[name], on: (name, act) => (events[name] = act), off() {} };
    const end = widget.render({ model, el });
    while (el.firstElementChild?.dataset.qiState !== "drawn") await new Promise((go) => setTimeout(go));
    return { el, end, show: (other) => ((now.view = other), events["change:view"]()) };
  };
  const names = ["transform", "d", "x2", "y2", "fill", "stroke", "opacity"];
  const told = (one) => names.map((name) => one.getAttribute(name));
  const words = (one) => (one.childElementCount ? "" : one.textContent);
  const seen = ({ el }) => [...el.querySelectorAll("svg path:not(.background), svg line, svg text")]
    .filter((one) => one.checkVisibility()).map((one) => [...told(one), words(one)].join(" ")).sort();
  const [kept, found] = [await begin(views[0]), []];
  const svg = kept.el.querySelector("svg");
  for (const view of views.slice(1)) {
    await kept.show(view);
    const anew = await begin(view);
    found.push([seen(kept), seen(anew), kept.el.querySelector("svg") === svg]);
    anew.end();
    anew.el.remove();
  }
  return found;
}"""
SETTINGS = (
    ("rules", "mdc"),
    ("chart", "i"),
    ("rules", "nelson-1984"),
    ("baseline", 12),
    ("rebase", "sustained-shift"),
    ("target", 3.0),
    ("target", None),
)


@pytest.mark.parametrize("team", ["", "one"])
def test_a_chart_whose_data_are_swapped_looks_as_one_drawn_anew(chromium: Browser, team: str) -> None:
    desk = Desk(Path(__file__).parents[2] / "parameters" / "example.yaml")
    desk.go(replace(desk.now, team=team and desk.now.team))
    drawn = [pictures.complete(desk)]
    for name, value in SETTINGS:
        desk.try_setting(name, value)
        drawn.append(pictures.complete(desk))
    chart = LiveChart(drawn[0], lambda at: None)
    state = {name: getattr(chart, name) for name in TRAITS}
    page = chromium.new_page()
    page.set_content('<div class="qi-explorer"></div>')
    views = [packed(one.view) for one in (*drawn, *drawn[-3::-1])]
    for swapped, anew, same in page.evaluate(CHANGED, [chart._esm, state, views]):
        assert swapped == anew
        assert len(anew) > 30
        assert same, "the picture was embedded again"
    page.close()


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

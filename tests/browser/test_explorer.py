"""The explorer in a real Voila and a real JupyterLab: drawn is what ``qi.analyse`` gives, and what is saved lasts.

One server and one page serve many questions, each of which leaves the page as it found it, by Undo.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

import qitools as qi
from qitools.analysis.focus import focus
from qitools.views import charts
from qitools.views import wording_explorer as words
from qitools.views.figure import sent
from qitools.views.subjects import subjects

pytestmark = [pytest.mark.browser, pytest.mark.skipif(sys.platform != "linux", reason="the servers' kernels are warm")]
WAIT = 120_000  # milliseconds a busy machine may need
PRESENT = ("present", "small", "--notebook", "measure_explorer")
Typed = Callable[..., AbstractContextManager[Any]]
YAML = """\
collaborative: small
title: A small collaborative
simulated: true
sources: {observations: small.csv}
measures:
  - {id: checked, name: Checks done, kind: process, data: proportion, better: higher, target: 90}
  - {id: found, name: Things found, kind: outcome, data: count, better: lower}
  - {id: silent, name: Nothing sent, kind: outcome, data: count, better: lower}
teams:
  - {id: north, name: North}
  - {id: south, name: South}
  - {id: west, name: West}
"""
LEVELS = {"north": 6, "south": 7, "west": 5}
ROWS = [
    row
    for team, level in LEVELS.items()
    for m in range(36)
    for day in [f"{2023 + m // 12}-{m % 12 + 1:02d}-01"]
    for row in (
        f"{team},checked,{day},{level + (9 if team == 'north' and m >= 24 else 0) + (7 * m + level) % 5},20",
        f"{team},found,{day},{level + (5 * m + level) % 4},",
    )
]
# What is drawn in one of the charts in sight (the last is the one tried): each point with its date, value and kind, and
# the words; of small charts each line instead.
DRAWN = """(which) => {
  const charts = [...document.querySelectorAll(".qi-explorer .qi-figure")].filter((one) => one.checkVisibility());
  const chart = charts.at(which ?? -1);
  const marks = [...(chart?.querySelectorAll(".qi-chart svg .mark-symbol > path") ?? [])];
  const ours = marks.filter((one) => !one.closest(".role-legend"));
  const texts = [...(chart?.querySelectorAll(".qi-chart svg .mark-text text") ?? [])];
  const day = (row) => new Date(row.date).toISOString().slice(0, 10);
  const inside = texts.filter((one) => !one.closest(".role-axis, .role-legend, .role-title"));
  if (chart?.dataset.qiPanels > 1) {
    const paths = [...chart.querySelectorAll(".qi-chart svg .mark-line > path")];
    const lines = paths.map((one) => one.__data__.mark.items.map((item) => item.datum));
    const points = lines.filter(([row]) => row.role === "point");
    return JSON.stringify(points.map((rows) => rows.map((row) => [day(row), row.value])));
  }
  return JSON.stringify([
    ours.map((one) => one.__data__.datum).map((row) => [day(row), row.value, row.kind]),
    inside.map((one) => one.textContent).filter(Boolean),
    chart?.querySelector(".role-title")?.textContent ?? "",
    chart?.querySelector(".qi-sentence").textContent ?? "",
  ]);
}"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explorer")
    (folder / "parameters").mkdir()
    (folder / "parameters" / "small.csv").write_text(
        "\n".join(["team,measure,date,numerator,denominator", *ROWS, ""]), "utf-8"
    )
    (folder / "parameters" / "small.yaml").write_text(YAML, "utf-8")
    return folder


@pytest.fixture
def path(project: Path) -> Path:
    return project / "parameters" / "small.yaml"


@pytest.fixture(scope="module")
def voila(chromium: Browser, typed: Typed, project: Path) -> Iterator[Page]:
    with typed(*PRESENT, folder=project) as server:
        yield opened(chromium, server.address)


@pytest.fixture(scope="module")
def lab(chromium: Browser, typed: Typed, project: Path) -> Iterator[Page]:
    with typed("explore", "small", folder=project) as server:
        yield opened(chromium, server.address)


def opened(chromium: Browser, address: str) -> Page:
    page = chromium.new_context(viewport={"width": 1366, "height": 1800}).new_page()
    page.goto(address, wait_until="commit", timeout=WAIT)
    page.wait_for_selector(".qi-explorer .qi-chart svg", state="attached", timeout=WAIT)
    page.set_default_timeout(WAIT)
    return page


def pick(page: Page, name: str, choice: str) -> None:
    page.get_by_label(words.LABELS[name], exact=True).select_option(label=choice)


def write(page: Page, name: str, text: str) -> None:
    box = page.get_by_label(words.LABELS[name], exact=True)
    box.fill(text)
    box.press("Enter")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=words.BUTTONS[name], exact=True).click()


def said(page: Page, text: str) -> None:
    """Wait until the last step is said to have become this; where it never is, tell what is said."""
    check = "text => document.querySelector('.qi-explorer .qi-status').textContent.includes(text)"
    with suppress(PlaywrightTimeout):
        page.wait_for_function(check, arg=text, timeout=40_000)
    assert text in page.locator(".qi-explorer .qi-status").inner_text()


def expected(path: Path, team: str = "north", measure: str = "checked", **settings: Any) -> list[Any]:
    """What the page shows with these settings, of all teams and measures and through the front door."""
    analysis = qi.analyse(qi.load(path), **settings)
    view = charts.view(next(subjects(focus(analysis, team=team, measure=measure))))
    data = sent(view)["data"]
    points = {name: column * 36 if len(column) == 1 else column for name, column in data["points"].items()}
    rows = zip(points["date"], points["value"], points["kind"], strict=False)
    return [[list(row) for row in rows if row[1] is not None], view.title, view.sentence, data["ends"]]


def shows(page: Page, want: list[Any], which: int = -1) -> None:
    """Wait until a chart shows these numbers; where it never does, say what it shows."""
    points, title, sentence, ends = want
    check = f"""([points, sentence, which]) => {{
      const now = JSON.parse(({DRAWN})(which));
      return JSON.stringify(now[0]) === points && now[3] === sentence;
    }}"""
    arg = [json.dumps(points, separators=(",", ":")), sentence, which]
    with suppress(PlaywrightTimeout):  # what differs is told below
        page.wait_for_function(check, arg=arg, timeout=40_000)
    drawn = json.loads(page.evaluate(DRAWN, which))
    assert drawn[0] == points
    assert drawn[3] == sentence
    assert re.sub(r"\s", "", drawn[2]).startswith(re.sub(r"\s", "", title))  # broken into lines
    assert {*ends["text"], *ends["brief"]} & set(drawn[1])


# Through every kind of chart, and back to where it began.
CHANGES = [
    ("rules", "mdc"),
    ("chart", "p chart"),
    ("compare", words.SAVED),
    ("team", words.ALL_TEAMS),
    ("rules", "nelson-1984"),
    ("team", "North"),
    ("measure", "Things found"),
    ("measure", "Checks done"),
    ("chart", "run chart"),
    ("compare", words.NOTHING),
    ("rules", "anhoej-2014"),
    ("rules", "his-2025"),
]
STEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("chart", "p chart", {"chart": {"checked": "p"}}),
    ("chart", "auto", {"chart": {"checked": "auto"}}),
    ("rules", "mdc", {"rules": "mdc"}),
    ("baseline", "first 15 points", {"baseline": 15}),
    ("screen", "screened once", {"screen": True}),
    ("rebase", words.REBASE["sustained-shift"], {"rebase": "sustained-shift"}),
]


def written(path: Path, folder: Path, yaml: str) -> Path:
    """The same figures with another YAML, in a folder of its own."""
    (folder / "small.csv").write_bytes(path.with_suffix(".csv").read_bytes())
    (folder / "small.yaml").write_text(yaml, "utf-8")
    return folder / "small.yaml"


def each_widget(page: Page, path: Path, tmp_path: Path) -> None:
    start = expected(path)
    shows(page, start)
    for name, choice, settings in STEPS:
        pick(page, name, choice)
        shows(page, expected(path, **settings))
        press(page, "undo")
        shows(page, start)
    write(page, "target", "75")
    shows(page, expected(path, target={"checked": 75.0}))
    press(page, "undo")
    shows(page, start)
    press(page, "redo")
    shows(page, expected(path, target={"checked": 75.0}))
    press(page, "undo")
    pick(page, "period", "quarter")
    shows(page, expected(written(path, tmp_path, YAML.replace("name: North}", "name: North, period: quarter}"))))
    press(page, "undo")
    for name, choice, where in (
        ("team", "South", {"team": "south"}),
        ("measure", "Things found", {"measure": "found"}),
    ):
        pick(page, name, choice)
        shows(page, expected(path, **where))
        press(page, "undo")
        shows(page, start)


def small_charts(page: Page, path: Path) -> None:
    """All teams side by side, the team clicked alone, and a measure without figures in words."""
    points = qi.analyse(qi.load(path)).points
    points = points[points["measure"] == "checked"]
    lines = [
        [[f"{day:%Y-%m-%d}", round(value, 9)] for day, value in zip(rows["date"], rows["value"], strict=True)]
        for _, rows in points.groupby("team", observed=True, sort=False)
    ]
    pick(page, "team", words.ALL_TEAMS)
    in_sight(page, "3")
    with suppress(PlaywrightTimeout):  # what differs is told below
        page.wait_for_function(f"want => ({DRAWN})() === JSON.stringify(want)", arg=lines, timeout=40_000)
    assert json.loads(page.evaluate(DRAWN)) == lines
    svg = page.locator(".qi-explorer .qi-chart svg").filter(visible=True)
    box = svg.get_by_text("South", exact=True).bounding_box()
    assert box
    page.mouse.click(box["x"] + 60, box["y"] + 90)  # in the chart under the name
    shows(page, expected(path, team="south"))
    pick(page, "measure", "Nothing sent")
    expect(page.locator(".qi-explorer .qi-fallback")).to_have_text("There are no figures for this choice.")
    for _ in range(3):
        press(page, "undo")
    shows(page, expected(path))


def in_sight(page: Page, *panels: str) -> None:
    """Wait until these charts are in sight, by how many panels each has."""
    check = """panels => JSON.stringify([...document.querySelectorAll(".qi-explorer .qi-figure")].filter(
      (one) => one.checkVisibility()).map((one) => one.dataset.qiPanels)) === panels"""
    page.wait_for_function(check, arg=json.dumps(panels, separators=(",", ":")))


def compared(page: Page, path: Path) -> None:
    """Two settings side by side, each chart with its own numbers, and what differs in words; then one chart again."""
    start, tried = expected(path), expected(path, chart={"checked": "p"})
    differs = page.locator(".qi-explorer .qi-group", has_text=words.BUTTONS["keep"])
    for _ in range(2):  # the second time the chart compared with is there already
        pick(page, "compare", words.SAVED)
        expect(differs).to_contain_text("Both show the same settings.")
        pick(page, "chart", "p chart")
        shows(page, tried)
        shows(page, start, 0)
        expect(differs).to_contain_text("With the run chart (left) and the p chart (right), both say: ")
        pick(page, "compare", words.NOTHING)
        in_sight(page, "1")
        press(page, "undo")
        shows(page, start)
    pick(page, "chart", "p chart")
    shows(page, tried)
    press(page, "keep")
    shows(page, tried, 0)
    press(page, "undo")
    shows(page, start)
    expect(differs).to_contain_text("With the p chart (left) and the run chart (right), both say: ")
    pick(page, "compare", words.NOTHING)
    in_sight(page, "1")


def decisions_tried(page: Page, path: Path, tmp_path: Path) -> None:
    """A suggested phase is a date to begin one at; a point left out; each drawn as the YAML would have it."""
    start, entry = (
        expected(path),
        "{{team: north, measure: checked, {}: 2025-01-01, reason: Known, by: A, decided: 2026-01-01}}",
    )
    suggested = page.get_by_label(words.LABELS["suggested"], exact=True)
    suggested.select_option(index=1)
    chosen(page, "date", "January 2025")
    shows(page, start)  # nothing is applied by itself
    for kind, key, day in (("phase", "phases", "start"), ("exclusion", "exclusions", "date")):
        write(page, "reason", "Known")
        press(page, kind)
        shows(page, expected(written(path, tmp_path, f"{YAML}{key}: [{entry.format(day)}]\n")))
        press(page, "undo")
        shows(page, start)


def chosen(page: Page, name: str, choice: str) -> None:
    """Wait until this is what a control shows as chosen."""
    check = r"""([label, choice]) => {
      const [select] = [...document.querySelectorAll("select")].filter((one) => one.labels[0]?.textContent === label);
      return select.selectedOptions[0].textContent.replace(/\s/g, " ") === choice;
    }"""
    page.wait_for_function(check, arg=[words.LABELS[name], choice])


def tab_to(page: Page, control: Locator) -> None:
    """Press Tab until a control has the focus."""
    for _ in range(80):
        if control.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {control}")


def by_keyboard(page: Page, path: Path) -> None:
    """A phase begun, saved and taken back without a mouse."""
    field = {name: page.get_by_label(words.LABELS[name], exact=True) for name in ("date", "reason", "by")}
    button = {
        name: page.get_by_role("button", name=words.BUTTONS[name], exact=True)
        for name in ("phase", "save", "take_back")
    }
    tab_to(page, field["date"])
    for key in ("End", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    chosen(page, "date", "October 2025")
    tab_to(page, field["reason"])
    page.keyboard.type("Begun without a mouse")
    for name, told in (("phase", "Not saved yet"), ("save", "Saved to small.yaml: 1 decision")):
        tab_to(page, button[name])
        page.keyboard.press("Enter")
        said(page, told)
        if name == "phase":
            tab_to(page, field["by"])
            page.keyboard.type("Analyst")
    (phase,) = qi.load(path).parameters.phases
    assert (f"{phase.start}", phase.team, phase.reason) == ("2025-10-01", "north", "Begun without a mouse")
    shows(page, expected(path))
    tab_to(page, button["take_back"])
    page.keyboard.press("Enter")
    said(page, "Taken back from small.yaml: 1 decision")
    assert path.read_text("utf-8") == YAML
    shows(page, expected(path))


def decide(page: Page, path: Path) -> str:
    """Click a point and begin a phase there, note another by the keyboard alone, and save; gives the month clicked."""
    shown = page.locator(".qi-explorer .qi-chart .role-frame .background").filter(visible=True)  # not one compared with
    frame = shown.first.bounding_box()
    assert frame
    page.mouse.click(frame["x"] + frame["width"] * 0.667, frame["y"] + frame["height"] * 0.5)
    month = page.get_by_label(words.LABELS["date"], exact=True)
    expect(month).not_to_have_value("choose\u00a0a\u00a0period")
    page.wait_for_function(
        "label => [...document.querySelectorAll('.qi-explorer select')].some("
        "(one) => one.labels[0]?.textContent === label && one.selectedIndex > 0)",
        arg=words.LABELS["date"],
    )
    clicked = str(month.evaluate("one => one.selectedOptions[0].textContent")).replace("\u00a0", " ")
    write(page, "reason", "New form begun")
    press(page, "phase")
    said(page, "Not saved yet")
    expect(page.get_by_label(words.LABELS["reason"], exact=True)).to_have_value("", timeout=WAIT)
    month.focus()
    for key in ("Home", "ArrowDown", "ArrowDown", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("Posters put up")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said(page, "A note on the chart, February 2023: Posters put up")
    write(page, "by", "Analyst")
    press(page, "preview")
    expect(page.locator(".qi-explorer .qi-diff")).to_contain_text("Posters put up")
    assert path.read_text("utf-8") == YAML
    press(page, "save")
    said(page, "Saved to small.yaml: 2 decisions")
    shows(page, expected(path))
    expect(page.locator(".qi-explorer .qi-table")).to_contain_text("New form begun")
    return clicked


def refused(page: Page, path: Path) -> None:
    """A file edited behind the explorer's back: refused, opened again, saved."""
    path.write_text(path.read_text("utf-8").replace("target: 90", "target: 80"), "utf-8")
    pick(page, "rules", "mdc")
    write(page, "why", "As elsewhere")
    press(page, "save")
    said(page, "was changed by someone else")
    told = page.locator(".qi-explorer .qi-diff")
    expect(told).to_contain_text("target: 80")
    expect(told).to_contain_text("+rules: mdc")
    press(page, "reopen")
    said(page, "opened again")
    press(page, "save")
    said(page, "Saved to small.yaml: 1 decision")
    known = qi.load(path).parameters
    assert (known.rules, known.measures[0].target) == ("mdc", 80)


def accessible(page: Page) -> None:
    """Marks are there, axe finds nothing serious, and Tab comes to every control."""
    assert page.evaluate("document.querySelectorAll('.qi-explorer .qi-chart svg .mark-symbol > path').length") > 30
    found = Axe().run(page).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in grave] == []
    page.evaluate("document.activeElement?.blur()")
    count = page.evaluate(
        """() => {
      const all = [...document.querySelectorAll(".qi-explorer :is(button, select, input, summary)")];
      window.left = new Set(all.filter((one) => !one.disabled && one.checkVisibility()));
      for (const one of window.left) one.addEventListener("focus", () => window.left.delete(one), { once: true });
      return window.left.size;
    }"""
    )
    page.locator(".qi-explorer select").first.focus()
    for _ in range(count + 4):
        page.keyboard.press("Tab")
    assert page.evaluate("[...window.left].map((one) => one.outerHTML.slice(0, 120))") == []


@pytest.mark.soak
def test_in_voila_each_widget_changes_the_chart_to_what_analyse_gives(voila: Page, path: Path, tmp_path: Path) -> None:
    asked: list[str] = []
    voila.on("request", lambda request: asked.append(request.url))
    each_widget(voila, path, tmp_path)
    small_charts(voila, path)
    compared(voila, path)
    decisions_tried(voila, path, tmp_path)
    accessible(voila)
    assert [url for url in asked if not re.match(r"(http|ws)://127\.0\.0\.1:|data:|blob:", url)] == []


@pytest.mark.soak
def test_in_voila_what_is_decided_at_a_point_is_saved_and_stands_on_the_next_page(
    voila: Page, path: Path, project: Path
) -> None:
    try:
        clicked = decide(voila, path)
        refused(voila, path)
        run = [
            sys.executable,
            "-c",
            "from qitools.cli import main; main()",
            "run",
            "small",
            "--notebook",
            "measure_explorer",
        ]
        done = subprocess.run(run, cwd=project, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        page = next((project / "outputs" / "small" / "measure_explorer").glob("*.html")).read_text("utf-8")
        assert f"North, Checks done, {clicked}: New form begun" in re.sub(r"<[^>]*>", "", page)
        assert "As elsewhere" in page
        assert "qi-explorer" not in page.partition("<body")[2]
    finally:
        path.write_text(YAML, "utf-8")
        press(voila, "reopen")
        said(voila, "opened again")


@pytest.mark.soak
def test_in_voila_a_phase_is_begun_saved_and_taken_back_without_a_mouse(voila: Page, path: Path) -> None:
    try:
        shows(voila, expected(path))
        by_keyboard(voila, path)
    finally:
        path.write_text(YAML, "utf-8")
        press(voila, "reopen")
        said(voila, "opened again")


@pytest.mark.soak
def test_in_notebook_7_the_chart_follows_and_an_undo_loses_no_choice(
    chromium: Browser, serve: Callable[..., str], project: Path, path: Path
) -> None:
    """Its page hands messages to two threads of the kernel, and has none of our settings."""
    pytest.importorskip("notebook", reason="Notebook 7 is not installed: pip install notebook")
    book = json.loads((Path(__file__).parents[2] / "notebooks" / "measure_explorer.ipynb").read_text("utf-8"))
    for cell in book["cells"]:
        cell["source"] = "".join(cell["source"]).replace('"falls"', '"small"')
    (project / "explorer.ipynb").write_text(json.dumps(book), "utf-8")
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token=small"]
    options += ["--expose-app-in-browser", f"--ServerApp.root_dir={project}"]
    address = serve("notebook", *options, environment={})
    page, asked = chromium.new_context(viewport={"width": 1366, "height": 1800}).new_page(), list[str]()
    page.set_default_timeout(WAIT)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/notebooks/explorer.ipynb?token=small")
    # Notebook calls a kernel idle that it has not reached yet, and forgets what it is told to run before that.
    kernel = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel"
    page.wait_for_function(f"{kernel}?.connectionStatus === 'connected'")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_selector(".qi-explorer .qi-chart svg", state="attached")
    shows(page, expected(path))
    pick(page, "chart", "p chart")
    shows(page, expected(path, chart={"checked": "p"}))
    press(page, "undo")
    pick(page, "team", "South")
    shows(page, expected(path, team="south"))
    assert [url for url in asked if not re.match(r"(http|ws)://127\.0\.0\.1:|data:|blob:", url)] == []
    page.context.close()


@pytest.mark.soak
def test_in_jupyterlab_the_chart_follows_and_what_is_decided_is_saved(lab: Page, path: Path) -> None:
    try:
        shows(lab, expected(path))
        pick(lab, "chart", "p chart")
        shows(lab, expected(path, chart={"checked": "p"}))
        press(lab, "undo")
        shows(lab, expected(path))
        decide(lab, path)
    finally:
        path.write_text(YAML, "utf-8")
        press(lab, "reopen")
        said(lab, "opened again")


@pytest.mark.soak
def test_in_jupyterlab_each_widget_changes_the_chart_to_what_analyse_gives(
    lab: Page, path: Path, tmp_path: Path
) -> None:
    each_widget(lab, path, tmp_path)
    small_charts(lab, path)


@pytest.mark.soak
def test_two_pages_saving_lose_nothing(chromium: Browser, typed: Typed, project: Path, path: Path) -> None:
    with typed(*PRESENT, folder=project) as server:
        pages = [opened(chromium, server.address) for _ in range(2)]
        try:
            for number, page in enumerate(pages):
                pick(page, "date", "March 2024")
                write(page, "reason", f"Note {number}")
                press(page, "annotation")
                said(page, "Not saved yet")
                write(page, "by", "Analyst")
            for page in pages:
                press(page, "save")
            said(pages[0], "Saved")
            said(pages[1], "was changed by someone else")
            press(pages[1], "reopen")
            said(pages[1], "opened again")
            press(pages[1], "save")
            said(pages[1], "Saved")
            assert [one.text for one in qi.load(path).parameters.annotations] == ["Note 0", "Note 1"]
        finally:
            path.write_text(YAML, "utf-8")
            for page in pages:
                page.context.close()


@pytest.mark.soak
def test_two_hundred_changes_leave_no_listener_and_no_memory_behind(voila: Page, path: Path) -> None:
    told = voila.context.new_cdp_session(voila)
    told.send("Performance.enable")

    def measured() -> dict[str, float]:
        for _ in range(3):
            told.send("HeapProfiler.collectGarbage")
        return {one["name"]: one["value"] for one in told.send("Performance.getMetrics")["metrics"]}

    def change(times: int) -> None:
        for turn in range(times):
            name, choice = CHANGES[turn % len(CHANGES)]
            pick(voila, name, choice)
            if choice == words.ALL_TEAMS:
                in_sight(voila, "3", "3")
            if name == "measure":  # whose chart is another: what is chosen already is no choice
                chosen(voila, "chart", "run chart" if choice == "Things found" else "p chart")
            if (name, choice) == CHANGES[-1]:
                in_sight(voila, "1")
                shows(voila, expected(path))

    change(3 * len(CHANGES))
    before = measured()
    change(17 * len(CHANGES))
    after = measured()
    assert after["JSEventListeners"] <= before["JSEventListeners"] + 5
    assert after["Nodes"] <= before["Nodes"] * 1.05 + 100
    assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] * 1.15 + 2e6


@pytest.mark.soak
def test_without_the_drawing_script_there_are_words_and_numbers(chromium: Browser, typed: Typed, project: Path) -> None:
    """A page that cannot run the script's own function shows the sentence, the numbers and words."""
    with typed(*PRESENT, folder=project) as server:
        page = chromium.new_context().new_page()
        page.add_init_script("Object.defineProperty(window, 'qitools', { get: () => undefined, set() {} })")
        page.goto(server.address, wait_until="commit", timeout=WAIT)
        page.wait_for_selector(".qi-explorer .qi-fallback", timeout=WAIT)
        assert page.locator(".qi-explorer .qi-sentence").inner_text().startswith("Checks done, North")
        assert page.locator(".qi-explorer .qi-numbers tbody tr").count() == 36
        page.context.close()

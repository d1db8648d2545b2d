"""What is agreed in the room: typed on the page, kept, saved as a file, taken in, and there on the next run's page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
WAIT = 60_000
HOSTILE = '<img src=x onerror="document.title=1"> =1+1 "quoted"'
YAML = """\
collaborative: beds
title: Fewer things
simulated: true
aim: {statement: Fewer things, measure: things, change: -20%, by: 2026-12-31}
sources: {observations: data.csv, changes: changes.csv, pdsa: pdsa.csv, offers: offers.csv}
measures: [{id: things, name: Things, kind: outcome, data: rate, per: 1000, better: lower}]
teams: [{id: ash, name: Ash Ward, share: true}, {id: birch, name: "Birch <b>Ward</b>", share: true}]
drivers: [{id: rounds, name: Rounds by day, measure: things}]
sessions: [{date: 2026-07-15, name: Session one, minutes: 60}]
"""
FILES = {
    "changes.csv": "team,measure,date,text,session\n",
    "pdsa.csv": "team,start,measure,driver,idea,plan,prediction,owner,session\n",
    "offers.csv": "team,date,kind,measure,driver,text,session\n",
    "data.csv": "team,measure,date,numerator,denominator\n"
    + "".join(
        f"{team},things,{2025 + m // 12}-{m % 12 + 1:02d}-01,{5 + m % 4},900\n"
        for team in ("ash", "birch")
        for m in range(18)
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("room")
    (folder / "parameters").mkdir()
    for name, text in {"beds.yaml": YAML, **FILES}.items():
        (folder / "parameters" / name).write_text(text, "utf-8")
    typed(folder, "run", "beds", "--notebook", "learning_session")
    return folder


def typed(folder: Path, *words: str) -> str:
    command = [sys.executable, "-c", "from qitools.cli import main; main()", *words]
    environment = os.environ | {"JUPYTER_DATA_DIR": str(folder / "jupyter")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def page_of(project: Path) -> Path:
    return project / "outputs" / "beds" / "learning_session" / "beds-learning-session.html"


@pytest.fixture
def room(project, open_page):
    opened = open_page(page_of(project))
    yield opened
    opened.close()


def form(page: Page) -> Locator:
    return page.locator(".qi-room-form")


def write(page: Page, kind: str, **fields: str) -> None:
    """Fill the form in, and write it down."""
    form(page).locator("[name=kind]").select_option(kind)
    for name, value in fields.items():
        control = form(page).locator(f"[name={name}]")
        control.select_option(value) if name in ("team", "measure", "driver") else control.fill(value)
    form(page).get_by_role("button", name="Write it down").click()


def kept(page: Page) -> list[str]:
    return page.locator(".qi-room-list li > strong").all_inner_texts()


def saved(page: Page, place: Path) -> dict:
    with page.expect_download(timeout=WAIT) as waited:
        page.get_by_role("button", name="Save as a file").click()
    assert waited.value.suggested_filename == "beds-room-2026-07-15.json"
    waited.value.save_as(place)
    return json.loads(place.read_text("utf-8"))


@pytest.mark.soak
def test_what_is_typed_is_on_the_next_runs_page(room, project, tmp_path, open_page):
    page = room.page
    idea = {"team": "ash", "idea": HOSTILE, "prediction": "Half as many", "driver": "rounds", "by_when": "2026-08-20"}
    write(page, "test", measure="things", owner="Charge nurse", text="One bed", **idea)
    write(page, "note", team="", text="A note for all\nin two lines")
    write(page, "offer", team="birch", text="Our board")
    write(page, "ask", team="ash", text="Who has a poster?")
    heads = ["A new test, Ash Ward", "A note of a change, All teams"]
    assert kept(page)[:2] == heads and len(kept(page)) == 4
    assert "Birch <b>Ward</b>" in kept(page)[2]
    assert page.locator(".qi-room-list :is(img, b)").count() == 0
    assert room.violations() == []
    file = saved(page, tmp_path / "room.json")
    assert [item["kind"] for item in file["items"]] == ["test", "note", "offer", "ask"]
    assert (file["session"], file["date"], file["items"][0]["idea"]) == ("Session one", "2026-07-15", HOSTILE)
    assert room.requests == room.complaints == []

    told = typed(project, "check", "beds", "--take", str(tmp_path / "room.json"))
    assert "4 agreed at Session one" in told and "add --yes" in told
    assert "4 appended" in typed(project, "check", "beds", "--take", str(tmp_path / "room.json"), "--yes")
    typed(project, "run", "beds", "--notebook", "learning_session")
    again = open_page(page_of(project))
    body = again.page.locator("main").inner_text()
    for words in (HOSTILE, "Half as many", "Our board", "Who has a poster?"):
        assert words in body, words
    assert again.page.title().startswith("Fewer things") and again.complaints == []
    again.close()


def test_it_is_kept_changed_removed_and_printed(room):
    page = room.page
    write(page, "offer", team="ash", text="First")
    write(page, "note", text="Second")
    form(page).locator("[name=text]").fill("not yet written down")
    page.reload()
    page.wait_for_selector("html[data-qi-drawn]", state="attached", timeout=WAIT)
    assert len(kept(page)) == 2
    assert form(page).locator("[name=text]").input_value() == "not yet written down"
    page.get_by_role("button", name="Change: An offer to other teams, Ash Ward, First").click()
    form(page).locator("[name=text]").fill("First, and better")
    form(page).get_by_role("button", name="Keep the change").click()
    assert "First, and better" in page.locator(".qi-room-list li").first.inner_text() and len(kept(page)) == 2
    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Remove: A note of a change, All teams, Second").click()
    assert len(kept(page)) == 1
    page.emulate_media(media="print")
    assert page.locator(".qi-room-list li").is_visible()
    assert not form(page).is_visible()
    assert not page.get_by_role("button", name="Save as a file").is_visible()


def test_what_may_not_be_written_is_not(room):
    page = room.page
    write(page, "test", idea="No team")
    write(page, "test", team="ash", idea="   ")
    write(page, "note", text="Call 0101901234")
    assert kept(page) == []
    assert (
        form(page).locator("[name=text]").evaluate("(one) => one.validationMessage").startswith("This could be a CHI")
    )
    form(page).locator("[name=text]").fill("Call 3201901234, no day of the calendar")
    form(page).get_by_role("button", name="Write it down").click()
    assert len(kept(page)) == 1


def test_the_keyboard_alone_writes_down(room):
    page = room.page
    assert room.out_of_reach() == []
    form(page).locator("[name=kind]").focus()
    page.keyboard.type("A note")
    page.keyboard.press("Tab")
    page.keyboard.type("Birch")
    page.keyboard.press("Tab")
    page.keyboard.type("r p R P: keys of the presenter are letters here")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert len(kept(page)) == 1 and "presenter are letters here" in page.locator(".qi-room-list").inner_text()
    assert not page.evaluate("document.documentElement.classList.contains('qi-presenting')")


@pytest.mark.soak
def test_a_browser_that_keeps_nothing_says_so_and_loses_nothing_while_open(project, open_page, tmp_path, chromium):
    page = chromium.new_context(offline=True).new_page()
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }")
    page.goto(page_of(project).resolve().as_uri())
    page.wait_for_selector("html[data-qi-drawn]", state="attached", timeout=WAIT)
    write(page, "note", text="One")
    write(page, "note", text="Two")
    assert "keeps nothing" in page.locator(".qi-room-told").inner_text()
    assert "keeps nothing" in page.locator(".qi-room-state").inner_text()
    assert [item["text"] for item in saved(page, tmp_path / "room.json")["items"]] == ["One", "Two"]
    page.context.close()


@pytest.mark.soak
def test_two_windows_write_to_one_list(room, project):
    other = room.page.context.new_page()
    other.goto(page_of(project).resolve().as_uri())
    other.wait_for_selector("html[data-qi-drawn]", state="attached", timeout=WAIT)
    write(room.page, "note", text="From the first")
    write(other, "note", text="From the second")
    room.page.wait_for_function("document.querySelectorAll('.qi-room-list li').length === 2", timeout=WAIT)
    assert len(kept(other)) == 2

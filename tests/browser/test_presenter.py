"""Presenter mode in the exported page, by keyboard alone: order, size, focus, what is announced, and the way out."""

import pytest

pytestmark = pytest.mark.browser
SIZES = {"laptop": (1366, 768), "projector": (1920, 1080)}
NOW = """() => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true });
  const figure = document.querySelector(".qi-figure[data-qi-on]");
  return {
    presenting: document.documentElement.classList.contains("qi-presenting"),
    told: document.querySelector(".qi-told").textContent,
    place: document.querySelector(".qi-place").textContent,
    focus: document.activeElement.textContent,
    headings: [...document.querySelectorAll("main h1, main h2")].filter(seen).map((one) => one.textContent),
    sections: [...document.querySelectorAll("main > section")].filter(seen).length,
    figures: [...document.querySelectorAll("main figure.qi-figure")].filter(seen).map((one) => one.dataset.qiKind),
    bar: seen(document.querySelector(".qi-bar")),
    wide: document.documentElement.scrollWidth - innerWidth,
    scale: figure?.querySelector("svg")?.getScreenCTM().a ?? 1,
    bottom: figure?.querySelector(".qi-chart").getBoundingClientRect().bottom ?? 0,
    marks: figure ? figure.querySelectorAll(".qi-chart svg [class*='mark-'] > *").length : null,
    y: scrollY + (document.querySelector("[data-qi-box]")?.scrollTop ?? 0),
    more: seen(document.querySelector(".qi-more")),
    under: document.querySelector(".qi-stage").getBoundingClientRect().top,
    scrolls: document.documentElement.scrollHeight - innerHeight > 2 ||
      [...document.querySelectorAll("[data-qi-box]")].some((one) => one.scrollHeight - one.clientHeight > 2),
    words: figure?.querySelector(figure.querySelector(".qi-fallback") ? ".qi-fallback" : ".qi-sentence")
      .getBoundingClientRect().bottom ?? 0,
    picture: [figure?.querySelector(".qi-chart").getBoundingClientRect()].filter(Boolean)
      .map(({ top, bottom }) => [top, bottom])[0] ?? [0, 0],
    vote: figure?.dataset.qiVote ?? "",
  };
}"""
HEADINGS = [
    "Welcome and aim",
    "Since last time",
    "What is changing",
    "Teams tell their story",
    "Break",
    "Who could talk to whom",
    "Plan the next test",
    "Commitments",
    "Questions and close",
]


@pytest.fixture(params=SIZES)
def session(request, outputs, open_page):
    opened = open_page(next((outputs / "falls" / "learning_session").glob("*.html")), SIZES[request.param])
    opened.height = SIZES[request.param][1]
    yield opened
    opened.close()


def press(opened, key: str) -> dict:
    """Press a key and wait until what it changed has come to rest."""
    opened.page.keyboard.press(key)
    return settled(opened)


def settled(opened) -> dict:
    """The state once everything has its size."""
    opened.page.wait_for_timeout(60)
    opened.page.wait_for_function("document.querySelector('.qi-stage').dataset.qiFit !== 'now'")
    opened.page.wait_for_timeout(20)
    return opened.page.evaluate(NOW)


def walk(opened, key: str = "ArrowRight") -> list[dict]:
    """Every state from the first to the last, stepping on by one key."""
    states = [settled(opened)]
    for _ in range(80):
        states.append(press(opened, key))
        if states[-1] == states[-2]:
            return states[:-1]
    raise AssertionError("the presentation has no end")


def test_one_key_shows_every_section_of_the_agenda_in_its_order(session):
    first = press(session, "p")
    assert first["presenting"] and not first["bar"]
    assert first["headings"] == ["Reducing inpatient falls"] == [first["focus"]]
    states = walk(session)
    seen = list(dict.fromkeys(state["headings"][0] for state in states[1:]))
    assert seen == HEADINGS
    for state in states:
        assert state["headings"] == [state["focus"]], "the heading of what is shown has the focus"
        assert len(state["figures"]) <= 1 and state["sections"] <= 1
        assert state["told"].startswith(state["focus"])
        assert state["wide"] <= 0, f"{state['told']} is wider than the screen"
        if state["figures"]:
            assert state["marks"] > 0, f"{state['told']} is blank"
            assert state["scale"] >= 0.74
            assert state["words"] <= state["under"] + 1, f"{state['told']}: the sentence is out of sight"
            assert -1 <= state["picture"][0] < state["picture"][1] <= state["under"] + 1, f"{state['told']}: no picture"
        assert state["more"] == state["scrolls"], f"{state['told']}: what scrolls is said, and nothing else"
        if {"pooled", "chart"} & set(state["figures"]):
            assert state["bottom"] <= session.height, f"{state['told']} runs under the edge of the screen"
            assert state["scale"] > (1.2 if session.height > 1000 else 0.87), "smaller than there is room for"
    kinds = {kind for state in states for kind in state["figures"]}
    assert {"reporting", "vote", "pooled", "multiples", "chart"} <= kinds
    assert session.requests == session.complaints == []


@pytest.mark.parametrize("session", ["laptop"], indirect=True)
@pytest.mark.parametrize("key", ["PageDown", "Space", "ArrowDown"])
def test_other_keys_step_too_and_scroll_first_where_there_is_more(session, key):
    press(session, "p")
    first, second = press(session, key), None
    assert first["headings"] == [HEADINGS[0]]
    for _ in range(40):
        press(session, key)
        session.page.wait_for_timeout(400)  # the browser scrolls in its own time
        second = settled(session)
        if second["headings"] != first["headings"]:
            break
        assert second["y"] > first["y"] or second["told"] != first["told"], "nothing moved"
        first = second
    assert second["headings"] == [HEADINGS[1]]
    assert second["y"] == 0


@pytest.mark.parametrize("session", ["laptop"], indirect=True)
def test_back_home_end_and_escape(session):
    press(session, "p")
    second, third = press(session, "ArrowRight"), press(session, "ArrowRight")
    assert press(session, "ArrowLeft")["told"] == second["told"] != third["told"]
    assert press(session, "End")["vote"] == "held"
    assert press(session, "r")["vote"] == "shown"
    assert press(session, "End")["headings"] == [HEADINGS[-1]]
    assert press(session, "Home")["headings"] == ["Reducing inpatient falls"]
    press(session, "ArrowRight")
    left = press(session, "Escape")
    assert not left["presenting"]
    assert left["bar"]
    assert left["focus"] == HEADINGS[0]
    assert left["sections"] == len(HEADINGS) + 1
    assert len(left["figures"]) > 4
    assert all(figure["scale"] > 0.9 for figure in session.figures())


@pytest.mark.soak
@pytest.mark.parametrize("session", ["laptop"], indirect=True)
def test_the_button_starts_it_and_its_own_buttons_drive_it(session):
    session.page.get_by_role("button", name="Present this page").click()
    assert settled(session)["presenting"]
    session.page.get_by_role("button", name="Next").click()
    assert settled(session)["headings"] == [HEADINGS[0]]
    assert session.violations() == []
    assert session.out_of_reach() == []
    session.page.get_by_role("button", name="Back").click()
    assert settled(session)["headings"] == ["Reducing inpatient falls"]
    session.page.get_by_role("button", name="Leave").click()
    assert not settled(session)["presenting"]


@pytest.mark.parametrize("session", ["laptop"], indirect=True)
def test_what_would_give_the_answer_away_waits_for_the_vote_and_comes_after_it(session):
    progress, tiles = (session.page.locator(one).filter(visible=True) for one in (".qi-progress", ".qi-tiles"))
    press(session, "p")
    states = [settled(session)]
    while not states[-1]["vote"]:
        assert not progress.count() and not tiles.count()
        states.append(press(session, "ArrowRight"))
    assert press(session, "End")["told"] == states[-1]["told"], "no key jumps over a vote"
    assert session.page.locator("[data-qi-on][data-qi-vote]").get_attribute("data-qi-vote") == "held"
    assert press(session, "ArrowRight")["vote"] == "shown"
    assert press(session, "ArrowRight")["headings"] == states[-1]["headings"]
    assert progress.count() == tiles.count() == 1
    press(session, "Home")
    assert progress.count() == 1
    press(session, "ArrowRight")
    assert tiles.count() == 1
    assert press(session, "End")["headings"] == [HEADINGS[-1]]
    press(session, "Escape")
    assert tiles.count() == progress.count() == 1
    assert not session.page.locator(".qi-recap").count()


@pytest.mark.soak
@pytest.mark.parametrize("session", ["laptop"], indirect=True)
def test_a_cut_of_twenty_minutes(session):
    session.page.get_by_role("button", name="Present in 20 minutes").click()
    states = walk(session)
    headings = list(dict.fromkeys(state["headings"][0] for state in states[1:]))
    assert headings == ["What is changing", "Teams tell their story", "Commitments"]
    assert {"pooled", "ledger"} <= {kind for state in states for kind in state["figures"]}
    assert len(states) < 12


@pytest.mark.parametrize("session", ["laptop"], indirect=True)
def test_keys_belong_to_the_control_that_has_the_focus_and_can_be_turned_off(session):
    select = session.page.locator("figure select").first
    select.focus()
    session.page.keyboard.press("p")
    assert not settled(session)["presenting"]
    session.page.get_by_label("Single keys are on").uncheck()
    session.page.locator("h1").click()
    assert not press(session, "p")["presenting"]


def test_nobody_presents_a_page_that_is_for_the_facilitator(outputs, open_page):
    opened = open_page(next((outputs / "falls" / "facilitator_notes").glob("*.html")))
    opened.page.keyboard.press("p")
    assert not opened.page.locator(".qi-starts, .qi-stage").count()
    assert not opened.page.evaluate("document.documentElement.classList.contains('qi-presenting')")
    assert "For the facilitator only" in opened.page.locator("main").inner_text()
    opened.close()


@pytest.mark.soak
def test_a_page_without_an_agenda_shows_its_sections_one_by_one(outputs, open_page):
    opened = open_page(sorted((outputs / "falls" / "team_report").rglob("*.html"))[0])
    headings = opened.page.locator("main > section h2").all_inner_texts()
    press(opened, "p")
    seen = list(dict.fromkeys(state["headings"][0] for state in walk(opened)[1:]))
    assert seen == headings[:-1]  # all but the method notes
    opened.close()

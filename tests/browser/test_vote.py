"""Vote before the reveal, in a real browser: what is hidden is not seen, not heard and not in the tree; then it is."""

import json
import re

import pytest

import qitools as qi

pytestmark = pytest.mark.browser
LAST = 6
PROJECTOR = (1920, 1080)  # tall enough for the table too
SHOWN = """(figure) => {
  const texts = (selector) => [...figure.querySelectorAll(selector)].map((one) => one.textContent);
  const marks = [...figure.querySelectorAll(".qi-chart svg .mark-symbol > path")]
    .filter((mark) => !mark.closest(".role-legend"));
  const shape = (mark) => mark.getAttribute("d");
  return {
    state: figure.dataset.qiVote,
    title: texts(".qi-chart svg .role-title-text text, .qi-chart svg .role-title-text").join(" "),
    words: texts(".qi-chart svg text").join(" | "),
    alternative: figure.querySelector(".qi-chart").getAttribute("aria-label"),
    sentence: figure.querySelector(".qi-sentence").textContent,
    points: marks.length,
    shapes: new Set(marks.map(shape)).size,
    axis: [...figure.querySelectorAll(".qi-chart svg .role-axis-label text")].map((one) => one.textContent)
      .filter((words) => /^[\\d.,]+%?$/.test(words) && !/^20\\d\\d$/.test(words)),
    table: figure.querySelector(".qi-numbers").checkVisibility(),
    rows: figure.querySelectorAll(".qi-numbers tbody tr").length,
    source: figure.innerHTML.replace(/<script.*?<\\/script>/gs, ""),
    button: figure.querySelector(".qi-ballot button").textContent,
  };
}"""


@pytest.fixture
def session(outputs, open_page):
    opened = open_page(next((outputs / "falls" / "learning_session").glob("*.html")), PROJECTOR)
    opened.vote = opened.page.locator('figure[data-qi-kind="vote"]')
    opened.page.keyboard.press("p")
    while not opened.vote.is_visible():
        opened.page.keyboard.press("ArrowRight")
        opened.page.wait_for_function("document.querySelector('.qi-stage').dataset.qiFit !== 'now'", timeout=30_000)
    yield opened
    opened.close()


def shown(opened) -> dict:
    return opened.vote.evaluate(SHOWN)


def wait(opened, state: str) -> dict:
    opened.page.wait_for_selector(f'figure[data-qi-vote="{state}"]')
    before, now = None, shown(opened)
    while before != now:
        opened.page.wait_for_timeout(200)
        before, now = now, shown(opened)
    return now


def tree(opened) -> str:
    """All that a screen reader is told of the page, as one text."""
    client = opened.page.context.new_cdp_session(opened.page)
    nodes = client.send("Accessibility.getFullAXTree")["nodes"]
    heard = [node for node in nodes if not node.get("ignored")]
    return json.dumps(
        [[node.get(key, {}).get("value") for key in ("role", "name", "description", "value")] for node in heard]
    )


@pytest.fixture(scope="module")
def pooled():
    return qi.pooled(qi.analyse(qi.load("falls"))).options[0]


def test_the_page_that_is_scrolled_shows_the_whole_chart_alone(outputs, open_page):
    opened = open_page(next((outputs / "falls" / "learning_session").glob("*.html")))
    kinds = opened.page.locator("main figure.qi-figure").filter(visible=True)
    seen = kinds.evaluate_all("(all) => all.map((one) => one.dataset.qiKind)")
    assert "pooled" in seen and "vote" not in seen
    assert "vote first" not in tree(opened)
    opened.page.keyboard.press("r")
    assert opened.page.locator("figure[data-qi-vote]").get_attribute("data-qi-vote") == "held"
    opened.close()


def hidden_words(pooled) -> list[str]:
    """Words that only the hidden part holds: its periods and its finding."""
    return [*pooled.data["points"]["period"][-LAST:-1], pooled.title]


def test_before_the_vote_nothing_of_the_hidden_part_is_there(session, pooled):
    before = shown(session)
    values = [value for value in pooled.data["points"]["value"] if value is not None]
    assert before["state"] == "held"
    assert before["points"] == len(values) - LAST
    assert before["shapes"] == 1, "no point is marked as a signal"
    assert before["alternative"] == before["sentence"]
    assert "are hidden" in before["sentence"]
    assert not before["table"]
    assert before["rows"] == 0
    assert "sustained" not in before["title"] + before["sentence"]
    for words in hidden_words(pooled):
        assert words not in before["source"], f"{words} is in the figure"


def test_before_the_vote_the_accessibility_tree_of_the_figure_holds_none_of_it(session, pooled):
    session.page.evaluate(
        """() => { const vote = document.querySelector('figure[data-qi-kind="vote"]');
           document.querySelector("main").replaceChildren(vote); }"""
    )
    session.page.wait_for_timeout(500)
    heard = tree(session)
    assert "are hidden: vote first" in heard
    assert not [words for words in hidden_words(pooled) if words in heard]
    assert not re.search(r"median of|no sustained change|improvement|wrong way,", heard)
    session.page.keyboard.press("r")
    wait(session, "shown")
    heard = tree(session)
    assert pooled.sentence[:60] in heard
    assert "are hidden: vote first" not in heard


def test_one_key_shows_the_rest_and_hides_it_again(session, pooled):
    before = shown(session)
    session.page.keyboard.press("r")
    after = wait(session, "shown")
    values = [value for value in pooled.data["points"]["value"] if value is not None]
    assert after["points"] == len(values)
    assert after["sentence"] == after["alternative"] == pooled.sentence
    assert pooled.title in after["words"]
    assert after["table"]
    assert after["rows"] == len(pooled.data["points"]["period"])
    assert after["axis"] == before["axis"] != [], "the axis moved: it would have told"
    assert after["button"] == "Hide them again"
    assert session.violations() == []
    session.page.keyboard.press("r")
    again = wait(session, "held")
    assert {key: again[key] for key in ("title", "points", "sentence", "table", "rows", "button")} == {
        key: before[key] for key in ("title", "points", "sentence", "table", "rows", "button")
    }
    assert session.requests == session.complaints == []


@pytest.mark.soak
def test_the_button_does_the_same_and_is_reached_by_tab(session):
    button = session.page.get_by_role("button", name="Show the rest")
    button.focus()
    session.page.keyboard.press("Enter")
    assert wait(session, "shown")["button"] == "Hide them again"
    assert session.page.evaluate("document.activeElement.textContent") == "Hide them again"


@pytest.mark.soak
def test_another_measure_is_hidden_again(session):
    session.page.keyboard.press("r")
    first = wait(session, "shown")
    select = session.vote.locator("select")
    other = select.locator("option").all_inner_texts()[1]
    select.select_option(other)
    now = wait(session, "held")
    assert now["sentence"].startswith(other)
    assert "are hidden" in now["sentence"]
    assert now["sentence"] != first["sentence"]
    assert not now["table"]


@pytest.mark.soak
def test_axe_finds_nothing_before_the_vote(session):
    assert session.violations() == []


def test_the_notebook_behind_the_page_says_no_more(outputs):
    """Outside the sealed data the executed notebook holds the held words only."""
    path = next((outputs / "falls" / "learning_session").glob("*.ipynb"))
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    named = [out for cell in cells for out in cell.get("outputs", []) if out.get("metadata", {}).get("qitools")]
    (vote,) = [out["data"] for out in named if out["metadata"]["qitools"]["kind"] == "vote"]
    assert "are hidden" in "".join(vote["text/plain"])
    open_words = re.sub(r"<script.*?</script>", "", "".join(vote["text/html"]), flags=re.DOTALL)
    assert "sustained" not in open_words
    assert "<td" not in open_words

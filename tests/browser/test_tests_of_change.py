"""Tests of change, the driver diagram and progress scores, as a reader meets them on the learning session's page."""

import re

import pytest

pytestmark = pytest.mark.browser
SIZES = {"laptop": (1366, 768), "paper": (740, 1000), "phone": (390, 844)}
KINDS = ("cycles", "drivers", "scores")
# Words and boxes of a diagram: every line of words that leaves its box, or the whole picture.
OUTSIDE = """() => {
  const svg = document.querySelector('figure[data-qi-kind="drivers"] svg');
  const boxes = [...svg.querySelectorAll(".mark-rect path")].map((one) => one.getBoundingClientRect());
  const within = (word) => boxes.some((box) =>
    word.left >= box.left && word.right <= box.right + 1 && word.top >= box.top - 1 && word.bottom <= box.bottom + 1);
  return [...svg.querySelectorAll(".mark-text text")].filter((one) => !one.closest(".role-legend, .role-title"))
    .filter((one) => one.textContent && !within(one.getBoundingClientRect())).map((one) => one.textContent);
}"""
MARKS = """(kind) => {
  const figure = document.querySelector(`figure[data-qi-kind="${kind}"]`);
  const data = (one) => !one.closest(".role-axis, .role-legend, .role-title");
  const count = (mark) => [...figure.querySelectorAll(`.mark-${mark} > *`)].filter(data).length;
  return {
    symbols: count("symbol"), rects: count("rect"), rules: count("rule"), lines: count("line"),
    rows: figure.querySelectorAll(".qi-numbers tbody tr").length, text: figure.textContent,
  };
}"""


@pytest.fixture(scope="module", params=sorted(SIZES))
def opened(request, outputs, open_page):
    path = next((outputs / "falls" / "learning_session").glob("*.html"))
    page = open_page(path, SIZES[request.param])
    yield page
    page.close()


def test_every_node_and_its_words_stand_in_a_box(opened):
    marks = opened.page.evaluate(MARKS, "drivers")
    assert marks["rects"] == marks["symbols"] == marks["rows"] > 20
    assert marks["lines"] >= marks["rows"] - 1
    assert opened.page.evaluate(OUTSIDE) == []


def test_every_cycle_has_a_bar_and_a_sign(opened):
    marks = opened.page.evaluate(MARKS, "cycles")
    points = opened.page.evaluate(MARKS, "chart")["rows"]
    assert marks["rows"] > 0
    assert marks["symbols"] - marks["rows"] <= points
    assert marks["symbols"] - marks["rows"] > 30  # the points of the chart
    assert marks["rules"] >= 2 * marks["rows"]


def test_scores_are_counted_without_names(opened):
    marks = opened.page.evaluate(MARKS, "scores")
    assert marks["rects"] > marks["rows"] > 3
    assert "Ward" not in marks["text"]
    assert "aculty" not in marks["text"]


def test_nothing_complains_or_leaves(opened):
    assert opened.complaints == opened.requests == []


def test_the_outline_is_heard_and_printed_and_not_seen(opened):
    outline = opened.page.locator(".qi-outline")
    assert outline.bounding_box()["width"] <= 1
    tree = opened.page.locator("main").aria_snapshot()
    items = [line for line in tree.splitlines() if re.search(r"(Primary|Secondary) driver:", line)]
    cells = opened.page.locator('figure[data-qi-kind="drivers"] tbody td').all_text_contents()
    assert len(items) == sum(bool(re.fullmatch("(Primary|Secondary) driver", cell)) for cell in cells) > 5
    opened.page.emulate_media(media="print")
    assert outline.bounding_box()["width"] > 300
    opened.page.emulate_media(media="screen")


def test_a_team_without_tests_is_told_so_in_the_picture(opened):
    figure = opened.page.locator('figure[data-qi-kind="cycles"]')
    choices = figure.locator("select option").all_text_contents()
    figure.locator("select").select_option(choices[-1])
    figure.locator(".qi-chart svg text", has_text="No tests of change recorded yet.").wait_for(state="attached")
    assert "No tests of change yet." in figure.locator(".qi-sentence").text_content()
    figure.locator("select").select_option(choices[0])

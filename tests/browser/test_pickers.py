"""Choosing and pointing: what a page shows after a choice is what the CSV beside it holds."""

import re

import pandas as pd
import pytest

import qitools as qi

pytestmark = pytest.mark.browser
COLLABORATIVES = ("child_reviews", "delayed_discharge", "falls")  # those of many teams
SHOWN = """(id) => {
  const figure = document.getElementById(id);
  const texts = (selector) => [...figure.querySelectorAll(selector)].map((one) => one.textContent);
  return {
    title: texts(".qi-chart svg .role-title text").join(" "),
    marks: [...figure.querySelectorAll(".qi-chart svg .mark-symbol path")]
      .map((mark) => mark.getAttribute("transform")).join(),
    alternative: figure.querySelector(".qi-chart").getAttribute("aria-label") ?? "",
    sentence: figure.querySelector(".qi-sentence").textContent,
    heads: texts(".qi-numbers thead th"),
    rows: [...figure.querySelectorAll(".qi-numbers tbody tr")]
      .map((row) => [...row.cells].map((cell) => cell.textContent)),
  };
}"""


@pytest.fixture(scope="module", params=COLLABORATIVES)
def session(request, outputs, open_page):
    opened = open_page(next((outputs / request.param / "learning_session").glob("*.html")))
    opened.name = request.param
    opened.folder = outputs / request.param / "learning_session"
    yield opened
    opened.close()


def figure_of(opened, kind: str) -> str:
    return opened.page.locator(f'figure.qi-figure[data-qi-kind="{kind}"]').first.get_attribute("id")


def choose(opened, figure: str, **choices: str) -> dict:
    """What a figure shows after the choices, made by label, once it is drawn anew."""
    before = opened.page.evaluate(SHOWN, figure)
    place = opened.page.locator(f"#{figure}")
    for label, choice in choices.items():
        place.get_by_label(label).select_option(choice)
    opened.page.wait_for_function(
        "([id, marks]) => [...document.getElementById(id).querySelectorAll('.qi-chart svg .mark-symbol path')]"
        ".map((one) => one.getAttribute('transform')).join() !== marks",
        arg=[figure, before["marks"]],
    )
    return opened.page.evaluate(SHOWN, figure)


def number(words: str) -> tuple[float, int]:
    """A shown number and its decimals: ``1,204.5 %`` is 1204.5 with one."""
    digits = re.search(r"-?[\d,]*\.?\d+", words.replace("−", "-"))[0].replace(",", "")
    return float(digits), len(digits.partition(".")[2])


def test_a_choice_changes_picture_title_sentence_and_table_together(session):
    figure = figure_of(session, "chart")
    before = session.page.evaluate(SHOWN, figure)
    parameters = qi.load(session.name).parameters
    after = choose(session, figure, Team=parameters.teams[-1].name)
    for part in ("title", "marks", "alternative", "sentence", "rows"):
        assert after[part], part
        assert after[part] != before[part], part
    assert parameters.teams[-1].name in after["sentence"]
    assert after["alternative"] == after["sentence"]


@pytest.mark.parametrize("position", [0, -1])
def test_the_table_after_a_choice_holds_the_numbers_of_the_csv(session, position):
    parameters = qi.load(session.name).parameters
    measure, team = parameters.measures[position], parameters.teams[5]
    figure = figure_of(session, "chart")
    choose(session, figure, Team=parameters.teams[8].name)
    shown = choose(session, figure, Measure=measure.name, Team=team.name)
    points = pd.read_csv(session.folder / "points.csv")
    expected = points[(points["team"] == team.id) & (points["measure"] == measure.id)]
    cells = [row[shown["heads"].index("Value")] for row in shown["rows"]]
    assert len(cells) == len(expected) > 0
    for cell, value in zip(cells, expected["value"], strict=True):
        if pd.notna(value):
            found, decimals = number(cell)
            assert found == pytest.approx(value, abs=0.500001 * 10**-decimals)
    assert shown["marks"].count("translate") >= expected["value"].notna().sum()


def test_back_to_the_first_choice_shows_the_first_picture_again(session):
    figure = figure_of(session, "multiples")
    before = session.page.evaluate(SHOWN, figure)
    first, *_, last = session.page.locator(f"#{figure} select").first.locator("option").all_inner_texts()
    label = session.page.locator(f"#{figure} label").first.inner_text().split("\\n")[0].split(" ")[0]
    assert choose(session, figure, **{label: last})["sentence"] != before["sentence"]
    again = choose(session, figure, **{label: first})
    assert (again["sentence"], again["rows"], again["marks"]) == (before["sentence"], before["rows"], before["marks"])


def test_a_choice_can_be_made_with_the_keyboard_alone(session):
    figure = figure_of(session, "chart")
    before = session.page.evaluate(SHOWN, figure)["sentence"]
    select = session.page.locator(f"#{figure} select").last
    select.scroll_into_view_if_needed()
    select.press("ArrowDown")
    session.page.wait_for_function(
        "([id, words]) => document.getElementById(id).querySelector('.qi-sentence').textContent !== words",
        arg=[figure, before],
    )
    assert session.complaints == []


def test_pointing_at_a_mark_tells_its_numbers(session):
    place = session.page.locator(f"#{figure_of(session, 'chart')}")
    place.scroll_into_view_if_needed()
    mark = place.locator(".qi-chart svg .mark-symbol path").nth(12)
    mark.hover(force=True)
    tip = session.page.locator("#vg-tooltip-element.visible")
    tip.wait_for(timeout=5_000)
    assert re.search(r"Value\s*\S*\d", tip.inner_text())

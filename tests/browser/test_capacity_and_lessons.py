"""Improvement capacity and the lessons in variation, opened as a facilitator opens them: a file, no network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
SIZES = {"laptop": (1366, 768), "projector": (1920, 1080), "phone": (390, 844)}
SHRUNK = 0.9  # of its size: 13 px labels stay above 11
ASKED = ("teach-causes", "teach-league", "teach-runs")
# Marks by kind of figure, as first shown: points, lines, bars. What is not named is not counted.
MARKS = {
    "trained": {"bars": 3},
    "dose": {"bars": 28},  # fourteen boards, each with the number it needs
    "pipeline": {"lines": 3},
    "skills": {"bars": 2},
    "teach-causes": {"points": 24, "lines": 1},
    "teach-beads": {"points": 24, "lines": 6, "bars": 1},
    "teach-league": {"points": 14},
    "teach-runs": {"points": 24, "lines": 2},
    "teach-seen": {"lines": 5},
    "teach-rates": {"lines": 5},
}
REVEALED = {
    "teach-causes": {"points": 24, "lines": 4},
    "teach-league": {"points": 84, "lines": 14},
    "teach-runs": {"points": 24, "lines": 2},
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, run_command: Any) -> dict[str, Path]:
    """Both pages, made once by the command."""
    books = ("--notebook", "improvement_capacity", "--notebook", "understanding_variation")
    out = run_command(tmp_path_factory.mktemp("capacity"), "delayed_discharge", *books)
    found = {"capacity": "delayed_discharge/improvement_capacity", "lessons": "_teaching/understanding_variation"}
    return {"index": out / "index.html"} | {name: next((out / folder).glob("*.html")) for name, folder in found.items()}


@pytest.fixture(scope="module", params=["capacity", "lessons"])
def opened(request: Any, pages: dict[str, Path], open_page: Any) -> Any:
    page = open_page(pages[request.param])
    yield page
    page.close()


def check(opened: Any, marks: dict[str, dict[str, int]]) -> None:
    """Every figure drawn mark by mark, with its sentence; nothing cut off, nothing shrunk."""
    for figure in opened.figures():
        kind = figure["kind"]
        expected = marks.get(kind, {})
        assert {name: figure[name] for name in expected} == expected, kind
        assert figure["shown"] and figure["sentence"] and figure["alternative"] == figure["sentence"]
        assert figure["scale"] > SHRUNK and figure["cut"] == [], kind


def test_every_mark_is_drawn(opened: Any) -> None:
    check(opened, MARKS)
    for figure in opened.figures():
        assert (figure["rows"] == 0) == (figure["kind"] in ("teach-causes", "teach-runs")), figure["kind"]


def test_nothing_leaves_and_nothing_complains(opened: Any) -> None:
    assert opened.requests == opened.complaints == []


def test_axe_and_the_tab_key_find_nothing_amiss(opened: Any) -> None:
    assert opened.violations() == opened.out_of_reach() == []


def test_there_is_one_heading_and_simulated_is_said(opened: Any) -> None:
    assert opened.page.locator("h1").count() == 1
    assert "simulated" in opened.page.locator("body").inner_text().lower()


@pytest.mark.parametrize("size", [pytest.param("projector", marks=pytest.mark.soak), "phone"])
@pytest.mark.parametrize("name", ["capacity", "lessons"])
def test_the_pages_hold_at_other_sizes(name: str, size: str, pages: dict[str, Path], open_page: Any) -> None:
    opened = open_page(pages[name], SIZES[size])
    check(opened, MARKS)
    wide, window = opened.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window
    opened.close()


def drawn_as(opened: Any, kind: str, marks: dict[str, int]) -> None:
    """Wait until a figure holds so many marks."""
    opened.page.wait_for_function(
        """([kind, points]) => document.querySelectorAll(
             `figure[data-qi-kind="${kind}"] .qi-chart svg .mark-symbol > path`).length >= points""",
        arg=[kind, marks["points"]],
        timeout=30_000,
    )
    (figure,) = (one for one in opened.figures() if one["kind"] == kind)
    assert {name: figure[name] for name in marks} == marks


@pytest.fixture(scope="module")
def lessons(pages: dict[str, Path], open_page: Any) -> Any:
    """The lessons once more, to be answered."""
    page = open_page(pages["lessons"])
    yield page
    page.close()


@pytest.mark.parametrize("kind", ASKED)
def test_the_truth_is_shown_when_it_is_asked_for(kind: str, lessons: Any) -> None:
    figure = lessons.page.locator(f'figure[data-qi-kind="{kind}"]')
    truth = "same share" if kind == "teach-league" else "Nothing was changed"
    assert truth not in figure.locator(".qi-sentence").text_content()
    figure.locator(".qi-ballot button").click()
    figure.locator(f'.qi-sentence:has-text("{truth}")').wait_for(timeout=30_000)
    drawn_as(lessons, kind, REVEALED[kind])
    assert lessons.complaints == []


def test_the_pickers_change_picture_sentence_and_table_together(lessons: Any) -> None:
    seen = lessons.page.locator('figure[data-qi-kind="teach-seen"]')
    seen.locator("select").nth(0).select_option("2% of people")
    seen.locator("select").nth(1).select_option("500")
    seen.locator('.qi-sentence:has-text("2% go wrong now, of 500 people a month")').wait_for(timeout=30_000)
    seen.locator('svg:has-text("From 2% to 1.4% of 500 people a month")').wait_for(timeout=30_000)
    assert "1.4%" in seen.locator("tbody").text_content()


def test_a_picture_of_bars_is_as_tall_as_its_bars(pages: dict[str, Path], open_page: Any) -> None:
    opened = open_page(pages["capacity"])
    trained = opened.page.locator('figure[data-qi-kind="trained"]')
    tall = {}
    for name, bars in {"Board": 14, "Programme": 3}.items():
        trained.locator("select").select_option(name)
        opened.page.wait_for_function(
            "n => document.querySelectorAll('[data-qi-kind=trained] svg .mark-rect > path').length === n",
            arg=bars,
            timeout=30_000,
        )
        tall[name] = trained.locator("svg").bounding_box()["height"]
    assert 30 * 10 < tall["Board"] - tall["Programme"] < 30 * 12
    opened.close()


@pytest.mark.soak
@pytest.mark.parametrize("name", ["capacity", "lessons"])
def test_the_pages_print(name: str, pages: dict[str, Path], open_page: Any) -> None:
    opened = open_page(pages[name])
    opened.page.emulate_media(media="print")
    check(opened, MARKS)
    assert opened.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    opened.close()


def test_the_index_lists_the_lessons_and_counts_them_as_no_collaborative(
    pages: dict[str, Path], open_page: Any
) -> None:
    opened = open_page(pages["index"])
    assert "1 collaborative" in opened.page.locator(".qi-counts").inner_text()
    rows = opened.page.locator("#collaboratives tbody tr")
    assert rows.count() == 2
    assert "Understanding variation" in rows.nth(1).inner_text()
    opened.close()

"""Every page of a run, opened as a facilitator opens it: a file, no network, a laptop, a projector, a phone, paper."""

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
PROJECT = Path(__file__).parents[2]
# example.yaml explains the keys; it is not run.
COLLABORATIVES = sorted(path.stem for path in (PROJECT / "parameters").glob("*.yaml") if path.stem != "example")
KINDS = ("learning_session", "team_report-1", "team_report-2")
ACROSS = ("_across/impact_report",)  # pages over many collaboratives
PAGES = ["index", *(f"{name}/{kind}" for name in COLLABORATIVES for kind in KINDS), *ACROSS]
EACH = (*KINDS[:2], "facilitator_notes")
ONE_OF_EACH = ["index", *ACROSS, *(f"{name}/{kind}" for name in COLLABORATIVES[:1] for kind in EACH)]
LIMIT = 2_000_000  # bytes of a page
SHRUNK = 0.9  # of its size: 13 px labels stay above 11


def path_of(outputs: Path, page: str) -> Path:
    """The file of a page: ``falls/team_report-2`` is the second team report of falls, in the order of the index."""
    if page == "index":
        return outputs / "index.html"
    name, _, kind = page.partition("/")
    notebook, _, number = kind.partition("-")
    pages = sorted((outputs / name / notebook).rglob("*.html"))
    assert len(pages) == (2 if number else 1), f"{outputs / name / notebook} holds {[page.name for page in pages]}"
    return pages[int(number or 1) - 1]


@pytest.fixture(scope="module", params=PAGES)
def seen(request, outputs, open_page):
    opened = open_page(path_of(outputs, request.param))
    opened.name = request.param
    yield opened
    opened.close()


# What must be in the picture, by kind of figure, told from its table.
DRAWN = {
    "chart": lambda figure: figure["points"] == figure["values"] > 0 and figure["lines"] > 1,
    "pooled": lambda figure: figure["points"] == figure["values"] > 0 and figure["lines"] > 1 and figure["bars"] > 0,
    "multiples": lambda figure: figure["panelsDrawn"] == figure["panels"] == figure["rows"] > 0,
    "reporting": lambda figure: figure["bars"] >= figure["rows"] > 0,
}


def some(figure) -> bool:
    return figure["rows"] > 0 and figure["points"] + figure["lines"] + figure["bars"] > 0


def check_figures(opened, in_words: tuple[str, ...] = ()) -> None:
    """Every figure is drawn, mark by mark and panel by panel, and can be read without its picture.

    ``in_words``: kinds that are told and not drawn, because paper has no room; a vote is for a room, and shown in
    presenter mode alone.
    """
    for figure in opened.figures():
        if not figure["shown"]:
            assert figure["kind"] == "vote", f"{figure['id']} is out of sight"
            continue
        if figure["kind"] in in_words:
            assert figure["sentence"], f"{figure['id']} is silent"
            continue
        if not figure["panels"]:  # words in place of a picture, where there is nothing to draw
            assert figure["fallback"], f"{figure['id']} is blank"
            continue
        assert DRAWN.get(figure["kind"], some)(figure), f"not all is drawn: {figure}"
        assert figure["sentence"], f"{figure['id']} has no sentence"
        assert figure["alternative"] == figure["sentence"]
        assert figure["rows"] > 0, f"{figure['id']} has no table"


def check_width(opened) -> None:
    wide, window = opened.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, "the page scrolls sideways"
    for figure in [one for one in opened.figures() if one["shown"]]:
        assert figure["scale"] > SHRUNK, f"{figure['id']} is shrunk to {figure['scale']:.2f}: its words are too small"
        assert figure["cut"] == [], f"{figure['id']} has words cut off at the edge"


def promised(page: Path) -> list[list]:
    """What the record beside a page says of its figures; none on the index."""
    record = page.with_name("job.json")
    figures = json.loads(record.read_text(encoding="utf-8"))["figures"] if record.is_file() else []
    return [[one["figure"], one["panels"]] for one in figures]


def test_every_figure_is_drawn_and_has_its_sentence_and_table(seen, outputs):
    check_figures(seen)
    assert [[one["id"], one["panels"]] for one in seen.figures()] == promised(path_of(outputs, seen.name))


def test_nothing_leaves_and_nothing_complains(seen):
    assert seen.requests == []
    assert seen.complaints == []


def test_a_page_is_one_light_file(seen, outputs):
    assert path_of(outputs, seen.name).stat().st_size <= LIMIT


def test_the_page_tells_a_screen_reader_where_it_is(seen):
    assert seen.page.locator("h1").count() == 1
    assert seen.page.locator("html").get_attribute("lang") == "en-GB"
    assert seen.page.title()
    assert seen.page.locator("main").count() == 1


def test_axe_finds_nothing(seen):
    assert seen.violations() == []


def test_the_tab_key_reaches_every_control(seen):
    assert seen.out_of_reach() == []


def test_the_page_fits_its_window(seen):
    check_width(seen)


def test_simulated_is_said_on_the_page(seen):
    assert "simulated" in seen.page.locator("body").inner_text().lower()
    if seen.name != "index":  # whose rows say it one by one
        captions = set(seen.page.locator("table:has(td) > caption").all_text_contents()) - {"The agenda"}
        assert captions and [caption for caption in captions if "simulated" not in caption.lower()] == []


@pytest.mark.parametrize("broken", ["svg .mark-symbol path:nth-child(5)", ".cell > g:nth-child(3) .mark-line", "svg"])
def test_a_blank_chart_or_panel_would_be_noticed(broken, outputs, open_page):
    opened = open_page(path_of(outputs, f"{COLLABORATIVES[0]}/learning_session"))
    check_figures(opened)
    opened.page.evaluate("(broken) => document.querySelectorAll(broken).forEach((one) => one.remove())", broken)
    with pytest.raises(AssertionError):
        check_figures(opened)
    opened.close()


@pytest.mark.parametrize("size", [(1920, 1080), (390, 844)], ids=["projector", "phone"])
@pytest.mark.parametrize("page", ONE_OF_EACH)
def test_a_page_of_each_kind_holds_at_other_sizes(page, size, outputs, open_page):
    opened = open_page(path_of(outputs, page), size)
    check_figures(opened)
    check_width(opened)
    assert opened.requests == opened.complaints == opened.violations() == []
    opened.close()


@pytest.mark.parametrize("page", ONE_OF_EACH)
def test_a_page_of_each_kind_prints(page, outputs, open_page):
    opened = open_page(path_of(outputs, page))
    opened.page.emulate_media(media="print")
    # A storyboard has room for the chart once, and tells of tests and scores in words.
    check_figures(opened, in_words=("cycles", "scores") if "team_report" in page else ())
    assert not opened.page.locator(".qi-bar, .qi-pickers select").filter(visible=True).count()
    pdf = opened.page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    sheets = {
        tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox \[0 0 ([^]]+)\]", pdf)
    }
    assert sheets == {(842, 595) if "team_report" in page else (595, 842)}, "not A4, a team's report on its long side"
    opened.close()


@pytest.mark.soak
@pytest.mark.timeout(3600)  # more than a hundred pages are made first
def test_all_pages_of_a_whole_run(whole_outputs, open_page):
    """Every team's page too: what ``make soak`` opens beside the pages above."""
    wrong = {}
    for path in sorted(whole_outputs.rglob("*.html")):
        opened = open_page(path)
        try:
            check_figures(opened)
            check_width(opened)
            found = [*opened.requests, *opened.complaints, *opened.violations(), *opened.out_of_reach()]
        except AssertionError as error:
            found = [str(error)]
        opened.close()
        if found:
            wrong[str(path.relative_to(whole_outputs))] = found
    assert wrong == {}

"""The index in use: searched, by keyboard, without scripts; and a page that somebody hostile wrote into."""

from datetime import UTC, datetime

import nbformat.v4 as v4
import pytest

from qitools.batch import pages
from qitools.batch.index import Entry
from qitools.batch.index import page as index_page
from qitools.views import theme

pytestmark = pytest.mark.browser
STAMP = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
TRIED = [
    {
        "kind": "result",
        "team": "Ash",
        "text": "Rounds at night",
        "measure": "Falls",
        "result": "Fewer",
        "date": "2026-01-01",
    },
    {"kind": "offer", "team": "", "text": "Càirdean <i>script</i>", "measure": "", "result": "", "date": ""},
]
WORDS = {"simulated": True, "aim": "Fewer falls", "progress": "Not yet", "reporting": "26 of 28 teams"}
TITLES = ["Slàinte Ghàidhlig", "Falls & frailty", "Delayed discharge"]


@pytest.fixture
def index(tmp_path):
    return made(tmp_path / "index.html", 117)


def made(path, count):
    entries = [
        Entry(f"c{i}", "learning_session", page=f"c{i}.html", summary={**WORDS, "title": f"{TITLES[i % 3]} {i}"})
        for i in range(count)
    ]
    entries[2].summary.update(shared=TRIED, shared_total=2)
    entries[5].summary.update(shared=TRIED[:1], shared_total=7)
    teams = [Entry("c0", "team_report", team=f"w{i}", page=f"w{i}.html", summary=WORDS) for i in range(2)]
    failed = Entry("c200", "learning_session", saved="c200.ipynb", reason="No file:\n  - x.csv", advice="Look.")
    text = index_page([*entries, *teams, failed], sheet=theme.css(), stamp=STAMP)
    path.write_text(text, encoding="utf-8")
    return path


def rows(opened, table="collaboratives") -> int:
    return opened.page.locator(f"#{table} tbody tr").filter(visible=True).count()


def test_typing_narrows_the_rows_and_escape_brings_them_back(index, open_page):
    opened = open_page(index)
    opened.page.get_by_label("Find a collaborative").fill("slainte 3")
    assert 0 < rows(opened) < 39
    assert opened.page.get_by_role("status").first.inner_text() == f"{rows(opened)} of 118 shown"
    assert rows(opened, "shared") == 3
    opened.page.keyboard.press("Escape")
    assert rows(opened) == 118
    assert opened.complaints == opened.requests == []


def test_what_others_have_tried_is_found_by_any_of_its_words(index, open_page):
    opened = open_page(index)
    search = opened.page.get_by_label("Search ideas, results, offers and asks")
    found = opened.page.locator("#found-shared")
    for words, count in (
        ("cairdean", 1),
        ("night falls", 2),
        ("ROUNDS ash discharge 5", 1),
        ("offer", 1),
        ("nobody", 0),
    ):
        search.fill(words)
        assert (rows(opened, "shared"), found.inner_text()) == (count, f"{count} of 3 shown")
    assert rows(opened) == 118
    opened.page.keyboard.press("Escape")
    assert rows(opened, "shared") == 3
    opened.page.locator("#shared").get_by_role("link", name="Delayed discharge 2").first.focus()
    assert opened.page.get_by_text("3 of 9 are listed here").is_visible()
    assert opened.complaints == opened.requests == []


def test_without_scripts_every_row_is_there(index, open_page):
    opened = open_page(index, java_script_enabled=False)
    assert opened.page.locator("#collaboratives tbody tr").count() == 118
    assert opened.page.locator("#shared tbody tr").count() == 3
    assert not opened.page.get_by_label("Find a collaborative").is_visible()


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
def test_an_index_with_a_failure_is_accessible_and_in_reach_of_the_keyboard(tmp_path, open_page, size):
    opened = open_page(made(tmp_path / "index.html", 20), size)  # axe and the Tab key go through every row
    assert opened.violations() == []
    assert opened.out_of_reach() == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= size[0]


HOSTILE = """<h1>A</h1><img src="near.svg" onload="document.title='owned'"><svg onload="document.title='owned'"></svg>
<a id="trap" href="javascript:document.title='owned'">a</a><script>document.title = "owned"</script>"""
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'


def test_hostile_html_in_an_output_runs_nothing_and_reaches_nobody(tmp_path, open_page):
    cell = v4.new_code_cell("x", outputs=[v4.new_output("display_data", {"text/html": HOSTILE})])
    path = tmp_path / "page.html"
    path.with_name("near.svg").write_text(DRAWING)
    made = pages.export(v4.new_notebook(cells=[cell]), title="Safe", sheet=theme.css(), stamp=STAMP)
    path.write_text(made, encoding="utf-8")
    opened = open_page(path)
    opened.page.locator("#trap").click()
    assert opened.page.title() == "Safe"
    assert opened.page.locator("img").evaluate("(image) => image.complete && image.naturalWidth") == 0

"""The page and the index, read as text: what is in them, what is not, and what hostile words cannot do."""

import base64
import hashlib
import re
from datetime import UTC, datetime

import nbformat.v4 as v4
import pytest

from qitools.batch import filling, pages
from qitools.batch.index import Entry
from qitools.batch.index import page as index_page

STAMP = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
SHEET = ":root { --qi-ink: #111; }"
HOSTILE = "Àrd-ospadal \"A\" & 'B' 🏥 <script>alert(1)</script><img src=x onerror=alert(2)>"


def figure(number: int, shared: str = ""):
    text = (
        f'{shared}<figure class="qi-figure" id="fig-{number}" data-qi-kind="chart" data-qi-panels="1">'
        f'<figcaption class="qi-sentence">Sentence {number}</figcaption><div class="qi-chart">Fallback</div>'
        '<script type="application/json" class="qi-data">{"a": 1}</script>'
        f'<script>draw("fig-{number}")</script></figure>'
    )
    data = {"text/html": text, "text/plain": f"Sentence {number}"}
    return v4.new_output("display_data", data, metadata={"qitools": {"figure": f"fig-{number}"}})


SHARED = '<style class="qi-sheet">.lifted {}</style><script class="qi-bundle">bundle()\r\n</script>'


def shown(text: str):
    return v4.new_code_cell("secret_code()", outputs=[v4.new_output("display_data", {"text/html": text})])


def notebook(*cells):
    return v4.new_notebook(
        cells=[
            shown("<h1>Falls</h1>"),
            v4.new_markdown_cell("## Who has *reported*\n\nWords."),
            v4.new_code_cell("qi.reporting(analysis)", outputs=[figure(1, SHARED)]),
            v4.new_markdown_cell("## Signals"),
            v4.new_code_cell("qi.signals(analysis)", outputs=[figure(2, SHARED)]),
            *cells,
        ]
    )


def page(*cells, **given):
    return pages.export(notebook(*cells), **{"title": "Falls", "sheet": SHEET, "stamp": STAMP} | given)


def admitted(html: str) -> set[str]:
    return set(re.findall(r"'sha256-([^']+)'", html.split("<style>")[0]))


def digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def test_a_page_has_one_heading_a_language_a_title_and_a_bar_of_its_sections():
    html = page()
    assert html.count("<h1") == 1
    assert '<html lang="en-GB">' in html
    assert "<title>Falls</title>" in html
    assert '<li><a href="#who-has-reported">Who has reported</a></li>' in html
    assert '<section aria-labelledby="who-has-reported">' in html
    assert html.index('id="who-has-reported"') < html.index('id="fig-1"') < html.index('id="signals"')


def test_what_figures_share_is_in_the_page_once():
    html = page()
    assert html.count("bundle()") == 1
    assert html.count('class="qi-bundle"') == 1
    assert 'class="qi-sheet"' not in html
    assert SHEET in html
    assert ".lifted" in page(sheet="")


def test_a_page_shows_no_code_no_warning_and_no_traceback():
    noise = [
        v4.new_output("stream", name="stderr", text="FutureWarning: gone"),
        v4.new_output("stream", name="stdout", text="said <b>aloud</b>"),
        v4.new_output("error", ename="KeyError", evalue="'x'", traceback=["Traceback (most recent call last)"]),
    ]
    html = page(v4.new_code_cell("secret_code()", outputs=noise))
    assert "secret_code" not in html
    assert "FutureWarning" not in html
    assert "Traceback" not in html
    assert "said &lt;b&gt;aloud&lt;/b&gt;" in html


def test_a_page_may_fetch_nothing_and_names_nothing_to_fetch():
    html = page(files=["points.csv"], home="../index.html")
    assert "default-src 'none'" in html
    assert "unsafe-eval" not in html
    assert not re.search(r"""(src|href)=["'](https?:)?//""", html)
    assert 'src=""' not in html


def test_the_bundle_and_the_pages_own_script_are_admitted_and_no_other():
    html = page(shown("<script>stranger()</script>"))
    scripts = [body for tag, body in re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL) if "json" not in tag]
    strangers = [body for body in scripts if digest(body) not in admitted(html)]
    assert strangers == ["stranger()"]
    assert len(scripts) == 3
    assert "unsafe-inline" not in re.search("script-src[^;]+", html)[0]


def test_two_pages_differ_in_nothing_but_the_stamp():
    later = page(stamp=datetime(2027, 1, 1, tzinfo=UTC))
    assert page() == page()
    assert page() != later
    bare = re.compile(r'<time class="qi-stamp".*?</time>')
    assert bare.sub("", page()) == bare.sub("", later)
    assert len(bare.findall(later)) == 1


def test_the_notebook_is_left_as_it_was():
    before = notebook()
    pages.export(before, title="Falls", sheet=SHEET, stamp=STAMP)
    assert before.cells[2].outputs[0].data["text/html"].startswith('<style class="qi-sheet">')


def test_hostile_words_stay_words():
    html = page(title=HOSTILE, reason=HOSTILE, advice=HOSTILE, files=[HOSTILE], home='"><script>x</script>')
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "<script>x" not in html
    assert "Àrd-ospadal" in html
    assert "🏥" in html


def test_a_mark_in_an_output_is_not_taken_for_another_output():
    html = page(shown("<p>said</p><!--qi-output-1-->"))
    assert html.count("Sentence 1") == 1


def test_equal_headings_get_addresses_of_their_own():
    html = page(v4.new_markdown_cell("## Signals"), v4.new_markdown_cell("## Signals"))
    ids = re.findall(r'<h2 id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 4


def test_the_simulated_banner_stands_only_where_it_is_true():
    assert "<strong>Simulated.</strong>" in page(simulated=True)
    assert "Simulated" not in page()


def failed(ename: str, evalue: str, **given):
    stopped = v4.new_code_cell("x", outputs=[v4.new_output("error", ename=ename, evalue=evalue, traceback=["..."])])
    marker = v4.new_markdown_cell("An Exception was encountered", metadata={"tags": ["papermill-error-cell-tag"]})
    book = v4.new_notebook(cells=[marker, stopped])
    return pages.export(book, title="Delays", sheet=SHEET, stamp=STAMP, **given)


def test_a_notebook_that_stopped_says_so_at_the_top_with_every_problem():
    html = failed(
        "DataError", "delays.csv cannot be used:\n  - line 2: found 'x'\n  - line 3: found 'y'", advice="Mend it."
    )
    assert html.count("<h1") == 1
    assert "<h1>Delays</h1>" in html
    assert "This report is not finished" in html
    assert "<p>delays.csv cannot be used:</p>" in html
    assert "<li>line 2: found &#39;x&#39;</li>" in html
    assert "<li>line 3: found &#39;y&#39;</li>" in html
    assert "<strong>What to do:</strong> Mend it." in html
    assert "Exception was encountered" not in html
    assert "data-qi-drawn" in html.split(">", 2)[1]


def test_a_failed_page_ends_where_the_notebook_did_under_one_heading():
    stopped = v4.new_code_cell("x", outputs=[v4.new_output("error", ename="KeyError", evalue="'x'", traceback=[])])
    html = page(v4.new_markdown_cell("## Never reached"), stopped, v4.new_markdown_cell("## Nor this"))
    assert html.count("<h1") == 1
    assert html.index("<h1>Falls</h1>") < html.index("not finished") < html.index("<h2>Falls</h2>")
    assert "Who has <em>reported</em>" in html
    assert "Never reached" not in html
    assert "Nor this" not in html


def test_an_error_that_is_not_ours_is_named():
    assert "ZeroDivisionError: division by zero" in failed("ZeroDivisionError", "division by zero")


SUMMARY = {"title": "Falls", "simulated": True, "aim": "Fewer falls", "progress": "On course", "reporting": "26 of 28"}


def entries():
    return [
        Entry("zz", "learning_session", page="zz/p.html", summary=SUMMARY),
        Entry("zz", "team_report", team="ward-1", label=HOSTILE, page="zz/ward-1.html", summary=SUMMARY),
        Entry(
            "aa",
            "learning_session",
            saved="aa/nb.ipynb",
            previous="aa/old.html",
            reason="No file:\n  - <i>x</i>",
            advice="Look.",
        ),
    ]


def listed(given=None):
    return index_page(entries() if given is None else given, sheet=SHEET, stamp=STAMP)


def test_the_index_has_a_row_per_collaborative_in_the_order_given():
    html = listed()
    assert html.count('<th scope="row">') == 2
    assert html.index('href="zz/p.html"') < html.index(">aa<")
    assert all(words in html for words in ("Fewer falls", "On course", "26 of 28", "Team reports (1)"))
    assert html.count("<h1") == 1


def test_what_was_not_run_says_so_with_a_cross_the_reason_and_what_to_do():
    row = listed().split(">aa<")[1]
    for words in ("✗", "not run", "No file:", "&lt;i&gt;x&lt;/i&gt;", "Look.", "aa/nb.ipynb", "aa/old.html"):
        assert words in row
    assert re.search(r"<strong>1</strong>\s+complete", listed())
    assert re.search(r"<strong>1</strong>\s+with a report not run", listed())


def test_a_team_report_that_failed_leaves_its_collaborative_standing():
    team = Entry("zz", "team_report", team="w2", label="Ward Two", reason="Three points")
    html = listed([entries()[0], team])
    assert "On course" in html
    assert "not run</strong>: Ward Two" in html


def test_hostile_words_stay_words_in_the_index():
    html = listed()
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "🏥" in html


def test_the_name_of_a_collaborative_opens_its_learning_session_whatever_else_there_is():
    books = ("facilitator_notes", "impact_report", "learning_session")
    entries = [Entry("zz", book, page=f"zz/{book}.html", summary=SUMMARY) for book in books]
    text = index_page(entries, sheet="", stamp=STAMP)
    assert re.search(r'<th scope="row"><a href="([^"]+)"', text)[1] == "zz/learning_session.html"
    order = re.findall(r'<li><a href="zz/(\w+)\.html"', text)
    assert order == ["learning_session", "impact_report", "facilitator_notes"]


def test_the_index_is_simulated_only_where_every_row_is():
    assert "simulated</span>" in listed()
    assert "<strong>Simulated.</strong>" not in listed()
    assert "<strong>Simulated.</strong>" in listed(entries()[:2])


def test_an_index_of_nothing_is_still_a_page():
    assert "<strong>0</strong> collaboratives" in listed([])


@pytest.mark.parametrize("template", ["page.css", "frame.html.j2", "page.html.j2", "index.html.j2"])
def test_templates_name_no_colour(template):
    text = (filling.TEMPLATES / template).read_text(encoding="utf-8")
    assert not re.search(r"#[0-9a-f]{3,8}\b(?![^<]*\|)|\brgba?\(|\bhsla?\(", text)

"""The ledger, the split and the funnel in a page: every mark drawn, at every width, in reach and without complaint."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest

import qitools as qi
from qitools.analysis.comparison import compare
from qitools.analysis.ledger import tally
from qitools.batch import pages
from qitools.views import figure, theme

pytestmark = pytest.mark.browser
STAMP = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
PARAMETERS = Path(__file__).parents[2] / "parameters" / "falls.yaml"
MAKERS = {"Ledger": qi.ledger, "Pooled": qi.pooled, "Split": qi.split, "Funnel": qi.funnel}


@pytest.fixture(scope="module")
def falls() -> Any:
    """The simulated falls collaborative, analysed."""
    return qi.analyse(qi.load(PARAMETERS))


@pytest.fixture(scope="module")
def page(falls: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of the four figures."""
    figure._brought.clear()  # as in a kernel of its own: its first figure brings the bundle
    cells = [v4.new_markdown_cell("# What is changing")]
    for title, make in MAKERS.items():
        bundle, about = make(falls)._repr_mimebundle_()
        cells += [
            v4.new_markdown_cell(f"## {title}"),
            v4.new_code_cell("x", outputs=[v4.new_output("display_data", bundle, metadata=about)]),
        ]
    path = tmp_path_factory.mktemp("ledger") / "page.html"
    text = pages.export(v4.new_notebook(cells=cells), title="Changing", sheet=theme.css(), stamp=STAMP)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844)])
def test_every_mark_is_drawn_at_every_width(page: Path, falls: Any, open_page: Any, size: Any) -> None:
    opened = open_page(page, size)
    shown = {one["kind"]: one for one in opened.figures()}
    assert list(shown) == ["ledger", "pooled", "split", "funnel"]
    measures, units = len(tally(falls)), compare(falls, "falls_rate").units
    ledger, pooled, split, funnel = shown.values()
    assert ledger["points"] == 2 * measures  # what was seen, and what is expected
    assert ledger["bars"] == measures
    assert (split["points"], split["bars"]) == (2, 4)
    assert (funnel["points"], funnel["lines"]) == (len(units), 4)
    assert pooled["lines"] >= 3 and pooled["points"] == len(falls.points["date"].unique())
    for one in shown.values():
        assert one["cut"] == [] and one["alternative"] == one["sentence"] and one["scale"] > 0
    assert opened.complaints == opened.requests == []


def test_the_page_is_accessible_and_in_reach_of_the_keyboard(page: Path, open_page: Any) -> None:
    opened = open_page(page)
    assert opened.violations() == []
    assert opened.out_of_reach() == []


def test_a_choice_changes_words_and_picture_together(page: Path, falls: Any, open_page: Any) -> None:
    opened = open_page(page)
    bundle = falls.measures["name"][2]
    for kind in ("split", "funnel"):
        opened.page.select_option(f"[data-qi-kind={kind}] select", bundle)
        opened.page.wait_for_function(
            "([place, name]) => document.querySelector(place).textContent.startsWith(name)",
            arg=[f"[data-qi-kind={kind}] .qi-sentence", bundle],
        )
        (shown,) = (one for one in opened.figures() if one["kind"] == kind)
        assert shown["alternative"] == shown["sentence"]
    assert opened.complaints == []

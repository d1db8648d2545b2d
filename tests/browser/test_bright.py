"""Bright spots and who could talk to whom in a page: drawn, in reach, and silent about what is not for the room."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest

import qitools as qi
from qitools.analysis.bright import bright
from qitools.batch import pages
from qitools.views import figure, theme

pytestmark = pytest.mark.browser
STAMP = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
PARAMETERS = Path(__file__).parents[2] / "parameters" / "falls.yaml"
MARKS = """(figure) => [...figure.querySelectorAll(".mark-symbol.role-mark > *, .mark-rule.role-mark > *")]
    .map((one) => [one.parentElement.classList.contains("mark-symbol"), one.getBoundingClientRect().width > 0])"""


@pytest.fixture(scope="module")
def falls() -> Any:
    """The simulated falls collaborative; every second team agrees to be named."""
    made = qi.analyse(qi.load(PARAMETERS))
    return replace(made, teams=made.teams.assign(share=[i % 2 == 0 for i in range(len(made.teams))]))


@pytest.fixture(scope="module")
def page(falls: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Write a page of one view."""
    folder = tmp_path_factory.mktemp("bright")

    @cache
    def write(view: str) -> Path:
        figure._brought.clear()  # as in a kernel of its own: its first figure brings the bundle
        cells = [v4.new_markdown_cell("# Who could learn from whom")]
        for title, shown in (("Bright spots", qi.bright_spots(falls, view=view)), ("Talk", qi.talk(falls, view=view))):
            bundle, about = shown._repr_mimebundle_() if title != "Talk" else ({"text/html": shown._repr_html_()}, {})
            output = v4.new_output("display_data", bundle, metadata=about)
            cells += [v4.new_markdown_cell(f"## {title}"), v4.new_code_cell("x", outputs=[output])]
        text = pages.export(v4.new_notebook(cells=cells), title="Learning", sheet=theme.css(), stamp=STAMP)
        path = folder / f"{view}.html"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (390, 844)])
def test_every_team_has_its_point_and_its_interval(page: Any, falls: Any, open_page: Any, size: Any) -> None:
    opened = open_page(page("facilitator"), size)
    teams = int(bright(falls, "falls_rate").table["change"].notna().sum()) + 1  # and a typical one
    marks = opened.page.eval_on_selector("[data-qi-kind=bright]", MARKS)
    assert sum(symbol and drawn for symbol, drawn in marks) == teams
    assert sum(not symbol and drawn for symbol, drawn in marks) == teams  # the line of no change has no width
    (shown,) = opened.figures()
    assert shown["cut"] == [] and shown["alternative"] == shown["sentence"]
    assert opened.complaints == opened.requests == []


@pytest.mark.parametrize("view", ["room", "facilitator"])
def test_a_page_is_accessible_and_in_reach_of_the_keyboard(page: Any, open_page: Any, view: str) -> None:
    opened = open_page(page(view))
    assert opened.violations() == []
    assert opened.out_of_reach() == []


def test_the_source_of_the_room_is_silent_about_what_is_not_for_it(page: Any, falls: Any, open_page: Any) -> None:
    opened = open_page(page("room"))
    seen = opened.page.inner_text("main") + opened.page.content()
    written = set(falls.records.offers["team"])
    stars = {team for name in falls.measures["measure"] for team in bright(falls, name).table.query("bright")["team"]}
    for team in falls.teams.itertuples():
        if team.team not in written and not (team.team in stars and team.share):
            assert str(team.name) not in seen, team.team
    for words in ("wrong way", "gap", "behind that of", "for the facilitator"):
        assert words not in opened.page.inner_text("main")


def test_choosing_a_measure_changes_picture_and_words_together(page: Any, falls: Any, open_page: Any) -> None:
    opened = open_page(page("room"))
    shown = opened.page.locator("[data-qi-kind=bright]")
    for view in qi.bright_spots(falls).options:
        shown.get_by_label("Measure").select_option(view.choice[0])
        assert shown.locator(".qi-sentence").inner_text() == view.sentence
        opened.page.wait_for_function(
            "(words) => document.querySelector('[data-qi-kind=bright] .qi-chart').textContent.includes(words)",
            arg=view.title if view.panels else view.sentence,
        )
    assert opened.complaints == []

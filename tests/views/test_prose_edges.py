"""The words of a page on data at the edge: hostile names, three points, a team and a measure nobody heard from."""

import json
from pathlib import Path

import pytest

import qitools as qi

YAML = """\
collaborative: edge
title: "Mòd <script>alert(1)</script> & \\"Ùr\\" 🏥"
sources: {observations: edge.csv}
measures:
  - {id: rate, name: "Rate </script> <b>", kind: outcome, data: rate, per: 1000, better: lower}
  - {id: stay, name: Stay, kind: balancing, data: value, better: neither, unit: days}
  - {id: nothing, name: Never sent, kind: process, data: proportion, better: higher}
teams:
  - {id: a, name: "=A <img src=x onerror=alert(1)>"}
  - {id: b, name: "Sgìre 'B'"}
  - {id: c, name: Quiet Ward}
"""
ROWS = [f"a,rate,2024-0{month}-01,{month},100\nb,stay,2024-0{month}-01,{month}.5," for month in (1, 2, 3)]
CALLS = ("heading", "questions", "method", "signals")


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> qi.Analysis:
    folder = tmp_path_factory.mktemp("edge")
    (folder / "edge.yaml").write_text(YAML, encoding="utf-8")
    (folder / "edge.csv").write_text("team,measure,date,numerator,denominator\n" + "\n".join(ROWS), encoding="utf-8")
    return qi.analyse(qi.load(folder / "edge.yaml"))


@pytest.mark.parametrize("team", ["", "a", "b", "c"])
@pytest.mark.parametrize("call", CALLS)
def test_there_are_words_and_no_markup_of_others(edge: qi.Analysis, call: str, team: str) -> None:
    shown = getattr(qi, call)(edge, team)
    html = shown._repr_html_()
    assert str(shown).strip()
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html


def test_nothing_is_claimed_of_three_points_and_no_aim(edge: qi.Analysis) -> None:
    text = str(qi.heading(edge))
    assert "No aim has been written down yet." in text
    assert "On course" not in text
    assert "1 of 2 teams has reported March 2024." in text  # the second sent nothing at all; the third owes no rate
    assert "Improved" not in str(qi.signals(edge))


def test_a_team_nobody_heard_from_has_a_page_that_says_so(edge: qi.Analysis) -> None:
    assert "Quiet Ward: no figures yet." in str(qi.heading(edge, "c"))
    assert set(qi.signals(edge, "c").frame["What the chart says"]) == {"No figures"}


def test_its_files_hold_the_names_as_they_are_and_run_nowhere(edge: qi.Analysis, tmp_path: Path) -> None:
    qi.finish(edge, str(tmp_path))
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["title"] == 'Mòd <script>alert(1)</script> & "Ùr" 🏥'
    assert summary["progress"] == "We cannot tell yet: no aim has been written down."
    qi.finish(edge, str(tmp_path / "c"), "c")
    assert (tmp_path / "c" / "points.csv").read_text(encoding="utf-8").count("\n") == 1

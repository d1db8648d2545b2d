"""The driver diagram as a picture: every node in every layout, its state by sign, colour and words, its outline."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

import qitools as qi
from qitools.analysis import drivers as diagram
from qitools.collaborative.records import DRIVERS, Records, typed_table
from qitools.views import drivers, wording_drivers
from qitools.views.trees import WIDTHS

HOSTILE = '</script><img src=x onerror="alert(1)"> & "quoted"'


class Lists(HTMLParser):
    """Nested lists as (depth, words), and the tags left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.items: list[tuple[int, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        if tag == "li":
            self.items.append((self.open.count("ul"), ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        depth, words = self.items[-1]
        self.items[-1] = (depth, words + data)


def planted(falls: Any, *rows: tuple[str, str, str, str]) -> Any:
    """The example with another diagram: node, parent, kind, name."""
    nodes = [
        {"node": node, "parent": parent, "kind": kind, "level": 0, "name": name, "measure": ""}
        for node, parent, kind, name in rows
    ]
    return replace(falls, records=Records(drivers=typed_table(nodes, DRIVERS)))


@pytest.fixture(scope="module")
def figure(falls: Any) -> Any:
    return qi.drivers(falls)


def test_every_node_is_drawn_once_in_every_layout(falls: Any, figure: Any) -> None:
    nodes = diagram.tree(falls).nodes
    boxes = figure.options[0].data["boxes"]
    assert Counter(boxes["layout"]) == dict.fromkeys(WIDTHS, len(nodes))
    for layout in WIDTHS:
        own = [i for i, name in enumerate(boxes["layout"]) if name == layout]
        assert [boxes["name"][i] for i in own] == nodes["name"].tolist()
        assert [boxes["kind"][i] for i in own] == nodes["state"].tolist()
    assert len(figure.table) == len(nodes)
    assert nodes["node"].is_unique


def test_every_word_of_a_node_is_in_its_box(falls: Any, figure: Any) -> None:
    nodes = diagram.tree(falls).nodes
    words = figure.options[0].data["words"]
    for layout in WIDTHS:
        said = "".join(
            text for text, name in zip(words["text"], words["layout"], strict=True) if name == layout
        ).replace(" ", "")
        assert all(name.replace(" ", "") in said for name in nodes["name"])


def test_every_edge_is_drawn_where_there_are_columns(falls: Any, figure: Any) -> None:
    edges = diagram.tree(falls).edges
    lines = figure.options[0].data["edges"]
    drawn = {i for i, layout in zip(lines["edge"], lines["layout"], strict=True) if layout == "wide"}
    assert drawn == set(range(len(edges)))
    dashed = {i for i, layout, dash in zip(lines["edge"], lines["layout"], lines["dashed"], strict=True) if dash}
    assert dashed == {i for i, first in enumerate(edges["first"]) if not first}


def test_a_state_has_a_sign_a_filling_and_words_of_its_own() -> None:
    assert set(drivers.SIGNS) == set(diagram.STATES) == set(wording_drivers.STATES)
    signs = [(shape, fill == "paper") for shape, fill, _ in drivers.SIGNS.values()]
    assert len(set(signs)) == len(signs)  # told apart in grey


def test_an_improvement_that_ended_is_told_in_the_past() -> None:
    row = {"kind": "driver", "state": "ended", "verdict": "improved", "strength": "sustained", "variation": ""}
    row |= {"over": True, "teams": 4, "improved": 1, "worsened": 0, "tests": 0, "adopted": 0, "name": "Rounds"}
    assert wording_drivers.node(row) == "Improved for a time; improved in 1 of 4 teams; not tested yet"
    assert wording_drivers.drivers_title([row]) == "Of 1 driver, 1 improved for a time"
    assert "Improved for a time: Rounds." in wording_drivers.drivers_sentence([row], {})


def test_the_outline_says_what_the_picture_says(falls: Any, figure: Any) -> None:
    nodes = diagram.tree(falls).nodes
    lists = Lists(figure.outline)
    assert lists.open == []
    assert len(lists.items) == len(nodes)
    for (depth, words), row in zip(lists.items, nodes.to_dict("records"), strict=True):
        assert depth == row["depth"] + 1
        assert row["name"] in words
        assert wording_drivers.node(row) in words
    assert figure.outline in figure._repr_html_()
    assert figure.outline in figure._repr_mimebundle_()[0]["text/html"]


def test_a_node_that_serves_two_says_so(falls: Any) -> None:
    fig = qi.drivers(
        planted(
            falls,
            ("a", "", "aim", "Aim"),
            ("p", "a", "driver", "First"),
            ("q", "a", "driver", "Second"),
            ("x", "p", "idea", "Shared"),
            ("x", "q", "idea", "Shared"),
        )
    )
    assert fig.table["Also serves"].tolist() == ["", "", "Second", ""]
    assert "(also serves: Second)" in fig.outline
    assert fig.outline.count("Shared") == 1


def test_a_diagram_with_a_circle_is_drawn_without_it(falls: Any) -> None:
    fig = qi.drivers(planted(falls, ("a", "", "aim", "Aim"), ("p", "a", "driver", "P"), ("a", "p", "aim", "Aim")))
    assert fig.table.iloc[:, 0].tolist() == ["Aim", "– P"]


def test_no_diagram_says_how_to_give_one(falls: Any) -> None:
    fig = qi.drivers(replace(falls, records=Records()))
    assert fig.panels == 0
    assert fig.sentence == wording_drivers.NO_TREE
    assert wording_drivers.NO_TREE in fig._repr_html_()
    assert fig.outline == ""


def test_the_spec_is_valid_and_silent_marks_are(figure: Any) -> None:
    assert figure.altair().to_dict(validate=True)["description"] == figure.sentence
    marks = re.findall(r"'mark': (\{[^{}]*)", str(drivers.template()))
    assert marks and all("'aria': False" in mark for mark in marks)


def test_only_states_present_are_in_the_key(falls: Any, figure: Any) -> None:
    view = figure.options[0]
    assert set(view.params["kinds"]) == set(diagram.tree(falls).nodes["state"])
    assert list(view.params["words"]) == view.params["kinds"]


def test_hostile_names_stay_words(falls: Any) -> None:
    fig = qi.drivers(planted(falls, ("a", "", "aim", HOSTILE), ("p", "a", "driver", "datum.secret")))
    html = fig._repr_html_()
    assert "<img" not in html
    assert html.count("</script>") == 2
    assert "datum.secret" not in json.dumps(drivers.template()["layer"])


def test_simulated_is_inside_the_picture(figure: Any) -> None:
    assert "Simulated" in figure.options[0].subtitle[0]

"""The driver diagram: rows in reading order, levels from left to right, and no link that cannot be drawn."""

import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qitools.collaborative.document import read_document
from qitools.collaborative.drivers import driver_table
from qitools.collaborative.loading import load
from qitools.collaborative.parameters import typed
from qitools.collaborative.quality import told


@pytest.fixture
def drawn(write_collaborative, small):
    """The table of a diagram and what was told of it."""

    def draw(drivers, aim="aim: {statement: All checks done, measure: checked, by: 2026-12-31}\n"):
        document = read_document(write_collaborative(small + aim + textwrap.dedent(drivers)))
        table, findings = driver_table(typed(document), document)
        return table, [told(vars(finding)) for finding in findings]

    return draw


def links(table):
    return list(zip(table["parent"], table["node"], table["level"], strict=True))


def test_boxes_within_boxes_with_the_aim_at_the_left(drawn):
    table, findings = drawn(
        """\
        drivers:
          - id: forms
            name: Better forms
            measure: checked
            drivers: [{name: "Fewer forms: one page", ideas: [Cut it, cut  IT, Print it]}]
          - {id: time, name: Time, ideas: [Print it]}
        """
    )
    assert findings == []
    assert links(table) == [
        ("", "aim", 0), ("aim", "forms", 1), ("forms", "fewer-forms-one-page", 2),
        ("fewer-forms-one-page", "cut-it", 3), ("fewer-forms-one-page", "print-it", 3), ("aim", "time", 1),
        ("time", "print-it", 3),
    ]  # fmt: skip
    assert table["kind"].tolist() == ["aim", "driver", "driver", "idea", "idea", "driver", "idea"]
    assert table["measure"].tolist() == ["checked", "checked", "", "", "", "", ""]
    assert table["name"].iloc[0] == "All checks done"


def test_no_drivers_no_rows_and_without_an_aim_the_title_stands_at_the_left(drawn):
    assert len(drawn("")[0]) == 0
    assert drawn("drivers: [{name: A}]\n", aim="")[0]["name"].tolist() == ["A small collaborative", "A"]


def test_one_box_may_serve_two(drawn):
    table, findings = drawn(
        """\
        drivers:
          - {id: a, name: A, drivers: [{id: c, name: C, supports: [b]}]}
          - {id: b, name: B}
          - {id: flat, name: Flat, supports: [c, a]}
        """
    )
    assert findings == []
    assert links(table) == [
        ("", "aim", 0), ("aim", "a", 1), ("a", "c", 2), ("c", "flat", 3), ("a", "flat", 3), ("aim", "b", 1),
        ("b", "c", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("drivers", "messages", "drawn_links"),
    [
        (
            "drivers:\n  - {id: a, name: A, drivers: [{id: b, name: B, drivers: [{id: c, name: C}]}]}\n"
            "  - {id: d, name: D, supports: [d]}\n",
            [
                "small.yaml, line 13, drivers[1].supports[0]: found 'd', expected a driver to the left of 'd',"
                " not itself"
            ],
            [("", "aim", 0), ("aim", "a", 1), ("a", "b", 2), ("b", "c", 3), ("aim", "d", 1)],
        ),
        (
            "drivers:\n  - {id: a, name: A, supports: [c], drivers: [{id: b, name: B, drivers: [{id: c, name: C}]}]}\n",
            [
                "small.yaml, line 12, drivers[0].supports[0]: found 'c', expected a driver to the left of 'a', not 'c',"
                " which already stands to its right"
            ],
            [("", "aim", 0), ("aim", "a", 1), ("a", "b", 2), ("b", "c", 3)],
        ),
        (
            "drivers:\n  - {id: forms, name: A}\n  - {id: b, name: B, supports: [from, forms]}\n",
            [
                "small.yaml, line 13, drivers[1].supports[0]: found 'from', expected the id of a driver of this diagram"
                " (did you mean 'forms'?)"
            ],
            [("", "aim", 0), ("aim", "forms", 1), ("forms", "b", 2)],
        ),
        (
            "drivers:\n  - {id: a, name: A, measure: cheked}\n  - {id: a, name: B}\n",
            [
                "small.yaml, line 12, drivers[0].measure: found 'cheked', expected the id of a measure declared in this"
                " file (did you mean 'checked'?)",
                "small.yaml, line 13, drivers[1].id: found 'a', expected each id once; this driver is drawn as 'a-2'",
            ],
            [("", "aim", 0), ("aim", "a", 1), ("aim", "a-2", 1)],
        ),
        (
            "drivers:\n  - &one {id: a, name: A, drivers: [{id: b, name: B}, *one]}\n",
            [
                "small.yaml, line 12, drivers[0].drivers: found 'a value that holds itself (its anchor stands on line"
                " 12)', expected plain data"
            ],
            [("", "aim", 0), ("aim", "a", 1), ("a", "b", 2)],
        ),
        (
            "drivers: &all\n  - {id: a, name: A, drivers: *all}\n",
            [
                "small.yaml, line 12, drivers[0].drivers: found 'a value that holds itself (its anchor stands on line"
                " 11)', expected plain data"
            ],
            [("", "aim", 0), ("aim", "a", 1)],
        ),
    ],
)
def test_what_cannot_be_drawn_is_told_and_the_rest_is_drawn(drawn, drivers, messages, drawn_links):
    table, findings = drawn(drivers)
    assert findings == messages
    assert links(table) == drawn_links


def test_a_loop_costs_the_page_nothing_else(write_collaborative, small):
    text = small + "drivers:\n  - &one {id: a, name: A, drivers: [*one]}\n  - {id: b, name: B, supports: [b]}\n"
    opened = load(write_collaborative(text))
    assert opened.findings["code"].tolist() == ["driver_loop", "driver_loop", "gap"]
    assert len(opened.observations) == 6


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(st.lists(st.integers(0, 7), max_size=4), min_size=1, max_size=8))
def test_whatever_is_linked_every_box_is_drawn_and_leads_to_the_aim(drawn, wanted):
    rows = [
        f"  - {{id: n{i}, name: N{i}, supports: [{', '.join(f'n{j}' for j in js)}]}}" for i, js in enumerate(wanted)
    ]
    table, findings = drawn("drivers:\n" + "\n".join(rows) + "\n")
    assert set(table["node"]) == {"aim", *(f"n{i}" for i in range(len(wanted)))}
    level = dict(zip(table["node"], table["level"], strict=True))
    joined = table[table["node"] != "aim"]
    assert all(level[parent] < level[node] for parent, node in zip(joined["parent"], joined["node"], strict=True))
    assert not table.duplicated(["node", "parent"]).any()
    asked = {(f"n{j}", f"n{i}") for i, js in enumerate(wanted) for j in js}
    kept = set(zip(joined["parent"], joined["node"], strict=True))
    assert len(asked - kept) <= len(findings)  # each link that is not drawn is told
    assert kept - asked <= {("aim", node) for node in level}

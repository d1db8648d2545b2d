"""The timetable: what it says for one item, many, none that fit, and none at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools.collaborative.agendas import USUAL
from qitools.collaborative.records import AGENDA, SESSIONS, Records, empty
from qitools.errors import ParameterError
from qitools.views import agenda as timetable
from qitools.views import wording_agenda as words


def planned(falls: Any, items: list[tuple[str, int, str]], minutes: int = 60) -> Any:
    """The analysis with one session of these items."""
    sessions = pd.DataFrame({"date": [pd.Timestamp("2026-10-14")], "name": ["Session 9"], "minutes": [minutes]})
    rows = [("Session 9", i + 1, *item) for i, item in enumerate(items)]
    table = pd.DataFrame(rows, columns=list(AGENDA)).astype(AGENDA)
    return replace(falls, records=replace(falls.records, sessions=sessions, agenda=table))


def test_every_section_that_an_agenda_may_name_has_its_heading_and_its_place() -> None:
    assert list(words.HEADINGS) == list(USUAL)
    assert timetable.anchor("since") == "since-last-time"
    assert set(timetable.CUT) <= set(words.HEADINGS)
    assert set(words.CUT) == set(timetable.CUT)
    assert sum(minutes for minutes, _ in timetable.CUT.values()) == 20


def test_items_follow_one_another_on_the_clock(falls: Any) -> None:
    made = qi.agenda(planned(falls, [("", 10, "welcome"), ("Tea", 0, ""), ("Our own", 50, "talk")]))
    assert [(item.title, item.clock) for item in made.items] == [
        ("Welcome and aim", "0–10"),
        ("Tea", ""),
        ("Our own", "10–60"),
    ]
    assert made.sentence == "Session 9, 14 October 2026: 3 items in 60 minutes."
    html = made._repr_html_()
    assert '<tr data-section="talk"><td>10–60</td><th scope="row"><a href="#who-could-talk-to-whom">Our own</a>' in html
    assert '<tr data-section=""><td></td><th scope="row">Tea</th>' in html


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (60, "1 item in 60 minutes. They add up to 75 minutes, 15 more than there are."),
        (75, "1 item in 75 minutes."),
        (76, "1 item in 76 minutes. 1 minute is left open."),
        (90, "1 item in 90 minutes. 15 minutes are left open."),
    ],
)
def test_whether_it_fits_is_said(falls: Any, minutes: int, said: str) -> None:
    assert qi.agenda(planned(falls, [("All", 75, "")], minutes)).sentence.endswith(said)


def test_without_a_session_the_usual_two_hours_stand(falls: Any) -> None:
    bare = replace(falls, records=Records())
    made = qi.agenda(bare)
    assert made.sentence == words.NO_SESSION
    assert [item.title for item in made.items] == list(words.HEADINGS.values())
    assert made.items[-1].clock == "115–120"


def test_a_session_without_items_is_a_page_still(falls: Any) -> None:
    bare = replace(
        planned(falls, [("x", 1, "")]), records=replace(planned(falls, [("x", 1, "")]).records, agenda=empty(AGENDA))
    )
    assert "no items in 60 minutes" in qi.agenda(bare).sentence
    assert "<tbody>" not in qi.agenda(bare)._repr_html_().split("<details")[0]


def test_the_break_says_how_long_and_what_comes_next(falls: Any) -> None:
    one = planned(falls, [("", 5, "welcome"), ("", 10, "break"), ("", 20, "talk")])
    assert str(qi.agenda(one, "break")) == "10 minutes. Then: Who could talk to whom, 20 minutes."
    assert str(qi.agenda(planned(falls, [("", 10, "break")]), "break")) == "10 minutes."
    assert str(qi.agenda(planned(falls, [("", 5, "welcome")]), "break")) == "As long as you need."


def test_the_facilitators_has_its_warning_and_no_short_cut(falls: Any) -> None:
    room, facilitator = qi.agenda(falls)._repr_html_(), qi.agenda(falls, view="facilitator")._repr_html_()
    assert 'class="qi-private"' in facilitator
    assert 'class="qi-private"' not in room
    assert 'class="qi-cut"' in room
    assert 'class="qi-cut"' not in facilitator


def test_unknown_names_are_refused_with_the_nearest(falls: Any) -> None:
    with pytest.raises(ParameterError, match="'changing'"):
        qi.agenda(falls, "chaning")
    with pytest.raises(ParameterError, match="facilitator"):
        qi.agenda(falls, view="facilitater")


def test_titles_are_escaped(falls: Any) -> None:
    html = qi.agenda(planned(falls, [("<script>x</script>", 5, "talk")]))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_columns_are_those_of_the_records() -> None:
    assert set(SESSIONS) == {"date", "name", "minutes"}

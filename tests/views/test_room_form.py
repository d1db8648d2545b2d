"""The form of the room: what can be chosen, what each kind asks for, and that it asks for what the files can hold."""

import json
import re

import pytest

import qitools as qi
from qitools.collaborative.taking import LOST, SOURCES, Item
from qitools.views import wording_room as words
from qitools.views.room_form import FIELDS, NEEDED, RoomForm, room_form

YAML = """\
sessions: [{date: 2025-01-15, name: First}, {date: 2025-05-14, name: Second}]
drivers: [{id: forms, name: Better <forms>, measure: checked}]
"""
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def form(write_collaborative, small):
    return room_form(qi.analyse(qi.load(write_collaborative(small + YAML))))


def told(form: RoomForm) -> dict:
    return json.loads(re.search(r'class="qi-room-words">(.*?)</script>', form._repr_html_(), re.DOTALL)[1])


def test_what_can_be_chosen_is_what_the_page_shows(form):
    assert form.teams == (("north", "North"), ("south", "South"))
    assert form.measures == (("checked", "Checks done"),)
    assert form.drivers == (("forms", "Better <forms>"),)
    assert (form.collaborative, form.session, form.day) == ("small", "Second", "2025-05-14")
    assert '<option value="forms">Better &lt;forms&gt;</option>' in form._repr_html_()


def test_without_sessions_the_day_is_asked_for(write_collaborative, small):
    form = room_form(qi.analyse(qi.load(write_collaborative(small))))
    assert (form.session, form.day, form.drivers) == ("", "", ())
    assert '<input type="date" value="" required>' in form._repr_html_()


def test_what_has_no_file_yet_is_said(form, write_collaborative, small):
    assert form.lacking == ("pdsa", "changes", "offers")
    assert "no file yet for tests or for notes or for offers and requests" in form._repr_html_()
    sources = "  observations: small.csv\n  pdsa: pdsa.csv\n  changes: changes.csv\n  offers: offers.csv\n"
    files = {
        "pdsa.csv": "team,start,plan\n",
        "changes.csv": "team,measure,date,text\n",
        "offers.csv": "team,date,kind,text\n",
    }
    path = write_collaborative(small.replace("  observations: small.csv\n", sources), files=files)
    whole = room_form(qi.analyse(qi.load(path)))
    assert whole.lacking == () and "no file yet" not in whole._repr_html_()


def test_the_public_is_asked_nothing(write_collaborative, small):
    form = room_form(qi.analyse(qi.load(write_collaborative(small), audience="public")))
    assert str(form) == words.PUBLIC and form._repr_html_() == f"<p>{words.PUBLIC}</p>"


def test_a_notebook_says_where_the_form_works(form):
    html = form._repr_html_()
    assert repr(form) == words.ELSEWHERE and words.ELSEWHERE in html
    assert re.findall(r"<(?:form|div)[^>]*(?:qi-room-form|qi-room-list)[^>]*>", html)[0].endswith("hidden>")


def test_names_are_text_wherever_they_stand():
    form = RoomForm("small", HOSTILE, teams=((HOSTILE, HOSTILE),), measures=((HOSTILE, HOSTILE),))
    html = form._repr_html_()
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(1)") == 4
    assert told(form)["session"] == HOSTILE


@pytest.mark.parametrize("kind", SOURCES)
def test_a_kind_asks_for_nothing_that_its_file_has_no_column_for(kind):
    asked = {name for name, (kinds, _) in FIELDS.items() if kind in kinds}
    assert asked.isdisjoint(LOST[SOURCES[kind]])
    assert set(NEEDED[kind]) <= asked
    assert asked | {"kind"} <= set(Item.model_fields) and set(words.LABELS) == set(FIELDS)


def test_every_control_has_its_label(form):
    html = form._repr_html_()
    controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", html)
    labelled = re.findall(r"<label\b[^>]*>(?:<span>[^<]+</span> )?<(?:input|select|textarea)\b", html)
    assert len(controls) == len(labelled) == 1 + len(FIELDS) + 1

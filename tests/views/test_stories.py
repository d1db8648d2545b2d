"""Stories beside the numbers: who may read which, and how they are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools.collaborative.records import STORIES, empty
from qitools.errors import ParameterError
from qitools.views import wording_agenda as words

ROWS = [
    ("almara", "2026-05-01", "story", "falls_rate", "A relative", "She walked to the day room.", True),
    ("almara", "2026-06-01", "story", "", "A nurse", "SECRET of Almara", False),
    (
        "calderwren",
        "2026-04-01",
        "experience",
        "falls_rate",
        "Patients asked",
        "18 of 20 said help came <b>in time</b>.",
        True,
    ),
    ("calderwren", "2026-07-01", "story", "", "A patient", "SECRET of Calderwren", False),
]


@pytest.fixture
def told(falls: Any) -> Any:
    """Two teams with a story to tell and one to keep; Calderwren agreed to be named, Almara did not."""
    table = pd.DataFrame(ROWS, columns=list(STORIES)).astype(STORIES)
    teams = falls.teams.assign(share=falls.teams["team"] == "calderwren")
    return replace(falls, teams=teams, records=replace(falls.records, stories=table))


@pytest.mark.parametrize("view", ["room", "facilitator"])
@pytest.mark.parametrize("team", ["", "almara", "calderwren"])
def test_nothing_without_consent_leaves_the_teams_own_report(told: Any, view: str, team: str) -> None:
    shown = qi.stories(told, team, view)
    assert shown.stories
    assert "SECRET" not in str(shown) + shown._repr_html_()


def test_a_teams_own_report_has_all_its_own_and_no_others(told: Any) -> None:
    shown = qi.stories(told, "almara", "team")
    assert [one.text for one in shown.stories] == ["SECRET of Almara", "She walked to the day room."]
    assert [bool(one.note) for one in shown.stories] == [True, False]
    assert words.OWN_ONLY in str(shown)
    assert "Calderwren" not in str(shown)


def test_a_team_is_named_in_the_room_only_where_it_agreed(told: Any) -> None:
    almara, calderwren = sorted(qi.stories(told).stories, key=lambda one: "Calderwren" in one.source)
    assert almara.source == "A relative, one of the teams, May 2026"
    assert "Almara" not in str(qi.stories(told))
    assert "all teams together" in almara.beside
    assert calderwren.source == "Patients asked, Calderwren Ward, April 2026"
    assert calderwren.kind == "What people say of their care"
    assert "Falls per 1,000 occupied bed days, Calderwren Ward, " in calderwren.beside
    assert "Almara Ward" in str(qi.stories(told, view="facilitator"))


def test_stories_are_escaped(told: Any) -> None:
    html = qi.stories(told)._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;in time" in html


@pytest.mark.parametrize("view", ["room", "facilitator", "team"])
def test_none_is_said_in_words(falls: Any, view: str) -> None:
    bare = replace(falls, records=replace(falls.records, stories=empty(STORIES)))
    team = "almara" if view == "team" else ""
    assert str(qi.stories(bare, team, view)) == words.NO_STORIES[view]
    assert "<p>" in qi.stories(bare, team, view)._repr_html_()


def test_a_view_or_team_nobody_knows_is_refused(told: Any) -> None:
    with pytest.raises(ParameterError, match="did you mean 'team'"):
        qi.stories(told, "almara", "teem")
    with pytest.raises(ParameterError, match="id of the team"):
        qi.stories(told, view="team")
    with pytest.raises(ParameterError, match="almara"):
        qi.stories(told, "almarra")


def test_a_story_without_its_measure_or_date_is_told_without(told: Any) -> None:
    table = told.records.stories.assign(date=pd.NaT, measure="")
    shown = qi.stories(replace(told, records=replace(told.records, stories=table)), "almara")
    assert [(one.source, one.beside) for one in shown.stories] == [("A relative, one of the teams", "")]

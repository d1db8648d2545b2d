"""Stories and voices beside the numbers: what people say, shown only where they agreed to it.

Without consent a story stays in the report of the team it belongs to. It is left out here, where the table is read,
so that neither a page nor the notebook behind it ever holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.focus import focus
from qitools.analysis.pooled import pool
from qitools.errors import ParameterError, Problem, nearest
from qitools.views import wording_agenda as wording
from qitools.views.numerals import records
from qitools.views.subjects import by
from qitools.views.wording_teams import ALL_TEAMS

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

VIEWS = ("room", "facilitator", "team")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    """One story as it is shown: its kind, its words, who tells it, the numbers beside it and what is to be known."""

    kind: str
    text: str
    source: str
    beside: str = ""
    note: str = ""
    date: pd.Timestamp = pd.NaT  # type: ignore[assignment]  # a story without a date


@dataclass(frozen=True)
class Stories:
    """Stories as quotations, the newest first; words where there are none, and after them where there are ``more``."""

    stories: tuple[Story, ...]
    empty: str
    more: str = ""

    def __str__(self) -> str:
        told = [
            " ".join(part for part in (f"“{one.text}”", f"{one.source}.", one.beside, one.note) if part)
            for one in self.stories
        ]
        return "\n\n".join([*told, *filter(None, [self.more])]) or self.empty

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        told = "".join(map(_html, self.stories)) or f"<p>{escape(self.empty)}</p>"
        more = f'<p class="qi-note">{escape(self.more)}</p>' if self.more else ""
        return f'<div class="qi-stories">{told}</div>{more}'


def stories(analysis: Analysis, team: str = "", view: str = "room") -> Stories:
    """What people say, newest first, beside the numbers of the measure they speak of.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: id of a team; "" for all teams.
        view: room or facilitator: only stories whose teller agreed; team: every story of the one ``team``, those
            without agreement marked as for this team only.

    Returns:
        ``Stories``. A team that has not agreed to be shown by name (``teams[].share``) is "one of the teams" in the
        room.

    Raises:
        ParameterError: an unknown team or view; view team without a team.
    """
    _check(view, team)
    focus(analysis, team=team)
    table = analysis.records.stories
    wanted = table["consent"].astype(bool) | (view == "team")
    if team:
        wanted &= table["team"] == team
    rows = records(table[wanted].sort_values("date", ascending=False, kind="stable"))
    teams = by(analysis.teams, "team")
    return Stories(
        tuple(_story(analysis, row, teams.get(str(row["team"])), view) for row in rows), wording.NO_STORIES[view]
    )


def _check(view: str, team: str) -> None:
    if view not in VIEWS:
        problem = Problem(where="view", found=view, expected=", ".join(VIEWS), hint=nearest(view, VIEWS))
        raise ParameterError("There is no such view.", [problem])
    if view == "team" and not team:
        problem = Problem(where="team", expected="the id of the team whose own report this is")
        raise ParameterError("The stories of all teams are in no team's report.", [problem])


def _story(analysis: Analysis, row: Row, team: Row | None, view: str) -> Story:
    named = team is not None and (view != "room" or bool(team["share"]))
    who = str(team["name"]) if team and named else wording.A_TEAM
    return Story(
        kind=wording.STORY_KINDS.get(str(row["kind"]), ""),
        text=str(row["text"]),
        source=wording.story_source(row, "" if view == "team" else who, analysis.method),
        beside=_beside(analysis, row, team if named else None, view),
        note="" if bool(row["consent"]) else wording.OWN_ONLY,
        date=pd.Timestamp(row["date"]),
    )


def _beside(analysis: Analysis, row: Row, team: Row | None, view: str) -> str:
    """The latest figure of the story's measure: the team's own where it may be named, else that of all together."""
    measure = by(analysis.measures, "measure").get(str(row["measure"]))
    if measure is None:
        return ""
    if team is None:
        series = records(pool(analysis, str(row["measure"])).analysis.series)
        return wording.beside(measure, series[0] if series else None, ALL_TEAMS.lower(), analysis.method)
    table = analysis.series
    mine = records(table[(table["team"] == team["team"]) & (table["measure"] == measure["measure"])])
    who = "" if view == "team" else str(team["name"])
    return wording.beside(measure, mine[0] if mine else None, who, analysis.method)


def _html(story: Story) -> str:
    after = "".join(f"<p>{escape(words)}</p>" for words in (story.beside, story.note) if words)
    kind = f'<p class="qi-kind">{escape(story.kind)}</p>' if story.kind else ""
    return (
        f'<div class="qi-story">{kind}<blockquote><p>{escape(story.text)}</p></blockquote>'
        f'<p class="qi-teller">{escape(story.source)}</p>{after}</div>'
    )

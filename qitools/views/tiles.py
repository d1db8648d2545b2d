"""Headline tiles: a few large figures, each with the words that say what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from qitools.analysis.aim import progress
from qitools.analysis.focus import focus, main_measure
from qitools.analysis.pooled import pool
from qitools.views import labels, wording
from qitools.views.numerals import known
from qitools.views.subjects import records
from qitools.views.subjects import subjects as series_of

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis


@dataclass(frozen=True)
class Tile:
    """One headline: a large figure and what it is."""

    figure: str
    words: str


@dataclass(frozen=True)
class Tiles:
    """A row of headlines, shown as a list in a page and as lines elsewhere; all text is escaped.

    >>> Tiles((Tile("7 of 28", "teams improved"),))
    7 of 28: teams improved
    """

    tiles: tuple[Tile, ...]

    def __repr__(self) -> str:
        return "\n".join(f"{tile.figure}: {tile.words}" for tile in self.tiles)

    def _repr_html_(self) -> str:
        items = (f"<li><strong>{escape(tile.figure)}</strong> {escape(tile.words)}</li>" for tile in self.tiles)
        return f'<ul class="qi-tiles">{"".join(items)}</ul>'


def tiles(analysis: Analysis, team: str = "") -> Tiles:
    """The headlines of a collaborative or of one team.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: id of a team; "" for all teams.

    Returns:
        ``Tiles``: for all teams, who has reported, how many charts say what, the latest level and the aim; for one
        team, the latest value, the finding and the move of the centre line of every measure.

    Raises:
        ParameterError: an unknown team, with the nearest name.
    """
    return Tiles(tuple(_of_team(focus(analysis, team)) if team else _of_room(analysis)))


def _of_room(analysis: Analysis) -> list[Tile]:
    name = main_measure(analysis)
    part = focus(analysis, measure=name)
    measure = records(part.measures)[0]
    series, together = records(part.series), pool(analysis, name)
    tally, total = wording.tallied(series), sum(map(wording.current, series))
    left = labels.TILE_STOPPED.format(stopped=len(series) - total) if total < len(series) else ""
    return [
        *_reported(records(together.reporting), analysis),
        *_latest(records(together.analysis.series), measure, analysis),
        *[
            Tile(labels.OF.format(part=tally[code], whole=total), words + (left if code == "improved" else ""))
            for code, words in labels.TILES.items()
            if tally[code] or code == "improved"
        ],
        *_aim(analysis, measure),
    ]


def _reported(rows: Sequence[dict[str, Any]], analysis: Analysis) -> list[Tile]:
    if not rows:
        return []
    last = rows[-1]
    when = wording.period(last["date"], analysis.method)
    return [
        Tile(labels.OF.format(part=last["reporting"], whole=last["expected"]), labels.TILE_REPORTED.format(when=when))
    ]


def _latest(series: Sequence[dict[str, Any]], measure: dict[str, Any], analysis: Analysis) -> list[Tile]:
    if not series or not known(series[0]["latest"]):
        return []
    when = wording.period(series[0]["last"], analysis.method)
    words = f"{measure['name']}, {wording.ALL_TEAMS.lower()}, {when}"
    return [Tile(wording.value(series[0]["latest"], measure), words)]


def _aim(analysis: Analysis, measure: dict[str, Any]) -> list[Tile]:
    state = progress(analysis)
    if not known(state.get("goal")) or state.get("goal") is None:
        return []
    dated = bool(state.get("by"))
    words = labels.AIM[state["status"] if dated else "undated"].format(
        by=wording.period(state["by"], "day") if dated else ""
    )
    return [Tile(wording.value(state["goal"], measure), words)]


def _of_team(part: Analysis) -> list[Tile]:
    return [
        Tile(wording.value(one.series["latest"], one.measure), wording.team_tile(one.series, one.measure, one.period))
        for one in series_of(part)
        if known(one.series["latest"])
    ]

"""Team progress scores: for the room a count without names, for the facilitator a map with prompts, for a team its own.

What is shown to the room holds no team's name beside a score and nothing of the faculty's, in the source too. A team
sees its own score and, as questions, where its charts say something else; the faculty's score it hears from the
faculty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qitools.analysis import progress
from qitools.analysis.focus import focus
from qitools.analysis.progress import LEVELS
from qitools.views import charts, ink, labels, strokes, theme, wording_scores
from qitools.views.audiences import checked
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import period
from qitools.views.subjects import Columns, Row, by, records

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

STEP, ROW = 27, 36  # height of a level, and of a team's row, in pixels
PALE, DEEP = 0.12, 0.7  # how strongly one team, and the most teams, are filled in
NAMES, CELL = 215, 46  # pixels for the names of the teams, and that a month needs: older months give way
MONTHS = 12  # months of the map, the latest
ROOM_COLUMNS = (
    Column("period", "Month"),
    Column("teams", "Teams that scored", True),
    Column("middle", "Middle score", True),
    Column("modest", "At 3.0 or more", True),
    Column("significant", "At 4.0 or more", True),
)
MAP_COLUMNS = (
    Column("team", "Team"),
    Column("self", "Own score", True),
    Column("faculty", "Faculty score", True),
    Column("asked", "To ask"),
)
TEAM_COLUMNS = (Column("period", "Month"), Column("level", "Own score"), Column("note", "Note"))


def scores(analysis: Analysis, view: str = "room", team: str = "") -> Figure:
    """Progress scores from 0.5 to 5, for the room, the facilitator, or one team.

    Args:
        analysis: what ``qi.analyse`` gave.
        view: room (how many teams gave themselves which score; no names) or facilitator (team by team, with the
            faculty's score and prompts).
        team: id of a team: its own scores only, whatever the view.

    Returns:
        A ``Figure`` of kind ``scores``, ``scores-map`` for the facilitator; its table holds the months, the teams, or
        the team's scores.

    Raises:
        ParameterError: an unknown view or team, with the nearest name.
    """
    checked(view)
    part = focus(analysis, team)
    mapped = view == "facilitator" and not team
    drawn = map_template(len(part.teams)) if mapped else template()
    made = _of_team(part, analysis, team) if team else _of_facilitator(analysis) if mapped else _of_room(analysis)
    return build("scores-map" if mapped else "scores", drawn, [made])


def _of_room(analysis: Analysis) -> View:
    """How many teams gave themselves which score, month by month."""
    months, cells = records(progress.by_month(analysis)), records(progress.distribution(analysis))
    if not months:
        return _lacking(wording_scores.NO_SCORES)
    most = max(row["teams"] for row in cells)
    middles = [(row["date"], score) for row in months for score in sorted({row["median_low"], row["median_high"]})]
    return View(
        title=wording_scores.room_title(months),
        subtitle=_subtitle(wording_scores.ROOM, analysis.method),
        sentence=wording_scores.room_sentence(months, len(analysis.teams), analysis.method),
        data={
            **_grid(cells, [str(row["teams"]) for row in cells], [_fill(row["teams"] / most) for row in cells]),
            "middle": _placed(middles),
            "months": {
                "period": [period(row["date"], "month") for row in months],
                "middle": [wording_scores.middle(row) for row in months],
                **{name: [str(row[name]) for row in months] for name in ("teams", "modest", "significant")},
            },
        },
        table=("months", wording_scores.CAPTIONS["room"], ROOM_COLUMNS),
        params=_levels([row["date"] for row in months]),
    )


def _of_team(part: Analysis, analysis: Analysis, team: str) -> View:
    """One team's own scores, and questions where its charts say something else."""
    label = records(part.teams)[0]
    known = analysis.records.scores
    own = records(known[(known["team"] == team) & (known["kind"] == "self")].sort_values("date", kind="stable"))
    if not own:
        lacking = wording_scores.NO_SCORES if known.empty else wording_scores.NO_TEAM_SCORES.format(team=label["name"])
        return _lacking(lacking)
    asked = records(progress.prompts(analysis, team))
    return View(
        title=wording_scores.team_title(own, label),
        subtitle=_subtitle(wording_scores.TEAM, analysis.method),
        sentence=wording_scores.team_sentence(own, label, analysis.method),
        data={
            **_grid(own, [wording_scores.score(row["score"]) for row in own], [DEEP] * len(own)),
            "months": {
                "period": [period(row["date"], "month") for row in own],
                "level": [wording_scores.level(row["score"]) for row in own],
                "note": [str(row["note"]) for row in own],
            },
        },
        table=("months", wording_scores.CAPTIONS["team"], TEAM_COLUMNS),
        params=_levels([row["date"] for row in own]),
        notes=tuple(wording_scores.question(row) for row in asked if row["kind"] == "self" and row["code"] != "apart"),
    )


def _of_facilitator(analysis: Analysis) -> View:
    """Every team's scores, its own and the faculty's, with prompts."""
    teams, last = by(analysis.teams, "team"), records(progress.latest(analysis))
    if not last:
        return _lacking(wording_scores.NO_SCORES)
    asked = records(progress.prompts(analysis))
    told = {team: wording_scores.prompts([row for row in asked if row["team"] == team]) for team in teams}
    return View(
        title=wording_scores.facilitator_title(asked, len(teams)),
        subtitle=_subtitle(wording_scores.FACILITATOR, analysis.method),
        sentence=wording_scores.facilitator_sentence(asked, len(teams), analysis.method),
        data={"cells": _cells(analysis, asked), "teams": _latest(teams, last, told)},
        table=("teams", wording_scores.CAPTIONS["facilitator"], MAP_COLUMNS),
        params={
            "names": [str(row["name"]) for row in teams.values()],
            "months": _heads(list(analysis.records.scores["date"])),
        },
        notes=tuple(f"{teams[team]['name']}: {words}" for team, words in told.items() if words),
    )


def _cells(analysis: Analysis, asked: Sequence[Row]) -> Columns:
    """One cell for each team and month with a score."""
    place = {str(team): i for i, team in enumerate(analysis.teams["team"])}
    known = analysis.records.scores[analysis.records.scores["team"].isin(list(place))]
    months = sorted(known["date"].unique())[-MONTHS:]
    both: dict[tuple[str, Any], dict[str, float]] = {}
    for row in records(known[known["date"].isin(months)]):
        both.setdefault((row["team"], row["day"]), {})[row["kind"]] = row["score"]
    marked = {(row["team"], row["day"]) for row in asked}
    back = {day: i for i, day in enumerate(sorted({day for _, day in both}, reverse=True))}
    cells = sorted(both.items(), key=lambda item: (place[item[0][0]], item[0][1]))
    own, other = ([cell.get(kind) for _, cell in cells] for kind in progress.KINDS)
    return {
        "row": [place[team] for (team, _), _ in cells],
        "date": [strokes.iso(day) for (_, day), _ in cells],
        "back": [back[day] for (_, day), _ in cells],
        "self": ["" if score is None else wording_scores.score(score) for score in own],
        "faculty": ["" if score is None else f"f {wording_scores.score(score)}" for score in other],
        "strength": [0.0 if score is None else _fill(score / LEVELS[-1]) for score in own],
        "asked": [key in marked for key, _ in cells],
        "period": [period(strokes.iso(day), "month") for (_, day), _ in cells],
    }


def _latest(teams: Mapping[str, Row], last: Sequence[Row], told: Mapping[str, str]) -> Columns:
    """The table: the latest scores of every team, with their months, and the prompts."""
    said = {(row["team"], row["kind"]): _dated(row) for row in last}
    return {
        "row": list(range(len(teams))),
        "silent": [not any((team, kind) in said for kind in progress.KINDS) for team in teams],
        "team": [str(row["name"]) for row in teams.values()],
        **{kind: [said.get((team, kind), "") for team in teams] for kind in progress.KINDS},
        "asked": list(told.values()),
    }


def _dated(row: Row) -> str:
    return f"{wording_scores.score(row['score'])} ({period(row['date'], 'month', short=True)})"


def _grid(rows: Sequence[Row], shown: list[str], strength: list[float]) -> dict[str, Columns]:
    """A cell for each row at its month and level, and no middle yet."""
    placed = _placed([(row["date"], row["score"]) for row in rows])
    return {"cells": {**placed, "shown": shown, "strength": strength}, "middle": _placed([])}


def _fill(share: float) -> float:
    """How strongly a cell is filled in."""
    return PALE + (DEEP - PALE) * share


def _placed(cells: Sequence[tuple[Any, float]]) -> Columns:
    """Where cells stand: month and level, with the words of their tooltip."""
    return {
        "date": [f"{date:%Y-%m-%d}" for date, _ in cells],
        "score": [wording_scores.score(score) for _, score in cells],
        "period": [period(date, "month") for date, _ in cells],
    }


def _levels(dates: Sequence[Any]) -> dict[str, Any]:
    """The words of both axes."""
    return {"levels": {wording_scores.score(one): wording_scores.level(one) for one in LEVELS}, "months": _heads(dates)}


def _heads(dates: Sequence[Any]) -> dict[str, list[str]]:
    """Each month as it stands under its column; the year only under the first of a year."""
    days = sorted({f"{date:%Y-%m-%d}" for date in dates})
    first = {day[:4]: day for day in reversed(days)}
    named = {day: period(day, "month", short=True).split() for day in days}
    return {day: [month, year if first[year] == day else ""] for day, (month, year) in named.items()}


def _subtitle(words: str, method: Mapping[str, Any]) -> tuple[str, ...]:
    told = labels.SIMULATED if method.get("simulated") else ""
    return charts.subtitle(f"{words} {wording_scores.SCALE}{told}", method)


def _lacking(words: str) -> View:
    return replace(nothing(()), sentence=words)


# ---- the templates: how they are drawn ------------------------------------------------------------------------------


@kept
def template() -> Spec:
    """The Vega-Lite template of levels by months; in it a cell is a number of teams, or a team's own score."""
    drawing = alt.layer(*_level_layers()).properties(width="container", height=STEP * len(LEVELS))
    return _compact(ink.dressed(drawing, _params(levels={})))


@kept
def map_template(teams: int) -> Spec:
    """The template of the facilitator's map for a number of teams."""
    drawing = alt.layer(*_map_layers()).properties(width="container", height=ROW * max(1, teams))
    return _compact(ink.dressed(drawing, _params(names=[])))


def _params(**own: Any) -> list[Any]:
    return [alt.param(name=name, value=value) for name, value in {**own, "months": {}, "room": 1100}.items()]


def _compact(spec: Spec) -> Spec:
    """Cells without the grid of a chart."""
    return {**spec, "config": {**theme.config(), "axisY": {"grid": False, "ticks": False, "domain": False}}}


def _months() -> Any:
    """Months side by side, with the year under the first of each."""
    axis = alt.Axis(labelExpr="months[datum.value]", labelAngle=0, labelOverlap=True, orient="bottom")
    return alt.X("date:O", axis=axis, scale=alt.Scale(paddingInner=0.06, paddingOuter=0.03))


def _level_layers() -> list[Any]:
    cells, middle = (alt.Chart(alt.NamedData(name=name)) for name in ("cells", "middle"))
    order = [wording_scores.score(one) for one in reversed(LEVELS)]
    axis = alt.Axis(labelExpr="room < 640 ? datum.value : levels[datum.value]", labelLimit=260, labelFontSize=13)
    level = alt.Y("score:O", axis=axis, scale=alt.Scale(domain=order, paddingInner=0.08))
    tooltip = alt.ExprRef("{title: datum.period, Score: levels[datum.score], shown: datum.shown}")
    return [
        cells.mark_rect(color=COLOUR["limit"], tooltip=tooltip, **SILENT).encode(
            _months(), level, alt.FillOpacity("strength:Q", scale=None)
        ),
        middle.mark_rect(fill=None, stroke=COLOUR["ink"], strokeWidth=2, **SILENT).encode(_months(), level),
        cells.mark_text(fontSize=14, fontWeight=600, color=COLOUR["ink"], **SILENT).encode(
            _months(), level, alt.Text("shown:N")
        ),
    ]


def _map_layers() -> list[Any]:
    cells = alt.Chart(alt.NamedData(name="cells")).transform_filter(
        f"datum.back < max(2, floor((room - {NAMES}) / {CELL}))"
    )
    names = alt.Axis(labelExpr="names[datum.value]", labelLimit=NAMES - 25, labelFontSize=12)
    row = alt.Y("row:O", axis=names, scale=alt.Scale(domain=alt.ExprRef("sequence(length(names))"), paddingInner=0.08))
    tooltip = alt.ExprRef("{title: names[datum.row], Month: datum.period, Own: datum.self, Faculty: datum.faculty}")
    outlined = alt.condition("datum.asked", alt.value(COLOUR["ink"]), alt.value(COLOUR["line"]))
    wide = alt.condition("datum.asked", alt.value(2), alt.value(0.75))
    return [
        cells.mark_rect(fill=COLOUR["limit"], tooltip=tooltip, **SILENT).encode(
            _months(), row, alt.FillOpacity("strength:Q", scale=None), stroke=outlined, strokeWidth=wide
        ),
        cells.mark_text(fontSize=13, fontWeight=600, dy=-6, color=COLOUR["ink"], **SILENT).encode(
            _months(), row, alt.Text("self:N")
        ),
        alt.Chart(alt.NamedData(name="teams"))
        .transform_filter("datum.silent")
        .mark_text(x=6, align="left", fontSize=12, text=wording_scores.UNSCORED, color=COLOUR["muted"], **SILENT)
        .encode(row),
        cells.mark_text(fontSize=11.5, dy=8, color=COLOUR["ink"], **SILENT).encode(
            _months(), row, alt.Text("faculty:N")
        ),
    ]

"""The lessons drawn as points and lines on plain axes: red beads, identical teams in a table, and time to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from qitools.analysis import teaching
from qitools.views import ink, strokes
from qitools.views import wording_teaching as words
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import records
from qitools.views.strokes import HEIGHT

Row = Mapping[str, Any]
DASHES: list[list[float]] = [[1, 0], [10, 3], [6, 3], [3, 3], [1.5, 3]]
FIELDS = ("x", "y", "line", "dash", "kind", "title", "told")
STRIDE = 6  # places from one worker's first draw to the next worker's


def beads(seed: int) -> View:
    """The red-bead experiment: what six workers drew on four days, within the limits of chance."""
    found = teaching.beads(seed)
    rows = records(found.draws)
    workers = records(found.draws.groupby("worker")["red"].sum().reset_index())
    title = words.beads_title(*(max(rows, key=lambda row: sign * row["red"]) for sign in (1, -1)))
    named = [words.BEADS_WORKER.format(number=row["worker"]) for row in rows]
    points = [
        {
            "x": STRIDE * (row["worker"] - 1) + row["day"],
            "y": row["red"],
            "line": name,
            "dash": "0",
            "kind": "shown",
            "title": f"{name}, {words.BEADS_DAY.format(number=row['day'])}",
            "told": str(row["red"]),
            "day": str(row["day"]),
        }
        for row, name in zip(rows, named, strict=True)
    ]
    ticks = {str(STRIDE * i + 2.5): name for i, name in enumerate(dict.fromkeys(named))}
    top = max(found.upper, found.draws["red"].max()) + 2
    levels = {role: getattr(found, role) for role in ("upper", "centre", "lower")}
    return _view(
        title,
        words.BEADS_UNDER,
        words.beads_sentence(workers, found.outside),
        _points(points, "day"),
        {role: (value, words.BEADS_ENDS[role].format(value=value)) for role, value in levels.items()},
        (0, STRIDE * teaching.WORKERS - 1, 0, top),
        ticks,
        (
            Column("line", words.HEADS["worker"]),
            Column("day", words.HEADS["day"]),
            Column("told", words.HEADS["red"], True),
        ),
    )


def league(seed: int) -> View:
    """Identical teams in order of what chance gave them: year 1 as a question, then what became of its order."""
    found = teaching.league(seed)
    rows = records(found.ranks)
    later = [row["rank"] for row in rows if row["team"] == found.first and row["year"] > 1]
    tops = found.ranks.loc[found.ranks["rank"] < 4, "team"].nunique()
    title, sentence = (
        words.league_title(later, found.level),
        words.league_sentence(found.first, later, tops, found.level),
    )
    whole = _league(rows, found.first, title, sentence)
    name = words.LEAGUE_TEAM.format(number=found.first)
    first = [row for row in rows if row["year"] == 1]
    asked = words.LEAGUE_ASK.format(team=name, level=words.level_with(found.level))
    return replace(_league(first, found.first, words.LEAGUE_ASK_TITLE, asked), reveal=whole)


def _league(rows: Sequence[Row], first: int, title: str, sentence: str) -> View:
    points = [
        {
            "x": row["year"],
            "y": row["rank"],
            "line": words.LEAGUE_TEAM.format(number=row["team"]),
            "dash": "0",
            "kind": "shown" if row["team"] == first else "other",
            "title": words.LEAGUE_YEAR.format(number=row["year"]),
            "told": words.rank(row["rank"]),
            "share": f"{100 * row['share']:.1f}%",
        }
        for row in rows
    ]
    columns = [Column("line", words.HEADS["team"]), Column("title", words.HEADS["when"])]
    columns += [Column("share", words.HEADS["share"], True), Column("told", words.HEADS["rank"], True)]
    ticks = {str(year): words.LEAGUE_YEAR.format(number=year) for year in range(1, teaching.YEARS + 1)}
    span = (0.6, teaching.YEARS + 0.4, teaching.TEAMS + 0.6, 0.4)
    view = _view(title, words.LEAGUE_UNDER, sentence, _points(points, "share"), {}, span, ticks, tuple(columns))
    last = max(row["year"] for row in rows)
    named = [row for row in rows if row["year"] == last and (last == 1 or row["team"] == first)]
    tied: dict[float, list[str]] = {}
    for row in named:
        tied.setdefault(row["rank"], []).append(words.LEAGUE_TEAM.format(number=row["team"]))
    ends = _ends([(last, place, ", ".join(names)) for place, names in tied.items()])
    up = list(range(1, teaching.TEAMS + 1))
    return replace(view, data={**view.data, "ends": ends}, params={**view.params, "up": up})


def seen() -> list[View]:
    """How long a change takes to be seen, for each level and number counted."""
    known = teaching.table_of_chances()
    return [
        seen_view(level, size, {fall: known[level, size, fall] for fall in teaching.FALLS})
        for level in (teaching.LEVELS[3], *teaching.LEVELS[:3], teaching.LEVELS[4])
        for size in teaching.SIZES
    ]


def rates() -> list[View]:
    """The same for rates: for each number of events a month."""
    known = teaching.table_of_chances()
    return [
        seen_view(events, 0, {fall: known[float(events), 0, fall] for fall in teaching.FALLS})
        for events in (teaching.EVENTS[2], *teaching.EVENTS[:2], *teaching.EVENTS[3:])
    ]


def seen_view(level: float, size: int, chances: Mapping[float, Sequence[float]]) -> View:
    """Chances by months after the change, one line a change.

    Args:
        level, size: as ``teaching.seen`` takes them.
        chances: fall → what it gives.
    """
    names = {fall: words.fall(fall) for fall in chances}
    points = [
        {
            "x": month,
            "y": 100 * chance,
            "line": names[fall],
            "dash": str(i % len(DASHES)),
            "kind": "line",
            "title": words.month(month),
            "told": f"{100 * chance:.0f}%",
        }
        for i, (fall, every) in enumerate(chances.items())
        for month, chance in enumerate(every, start=1)
    ]
    needed = {fall: teaching.periods_needed(np.asarray(every)) for fall, every in chances.items()}
    told = [(fall, number) for fall, number in needed.items() if fall]
    ends = {names[fall]: (100 * every[-1], names[fall]) for fall, every in chances.items()}
    answers = {
        "fall": list(names.values()),
        "then": [words.share(level * (1 - fall)) if size else f"{level * (1 - fall):.3g}" for fall in names],
        "needed": [words.months(number, teaching.AHEAD) for number in needed.values()],
        "year": [f"{100 * every[11]:.0f}%" for every in chances.values()],
        "last": [f"{100 * every[-1]:.0f}%" for every in chances.values()],
    }
    columns = tuple(Column(name, words.HEADS[name], name != "fall") for name in answers)
    ticks = {str(month): str(month) for month in range(0, teaching.AHEAD + 1, 6)}
    span = (0, teaching.AHEAD, 0, 100)
    sentence = words.seen_sentence(level, size, told, chances.get(0.0, (0.0,))[-1], teaching.AHEAD)
    view = _view(
        words.seen_title(level, size, *told[len(told) // 2], teaching.AHEAD),
        words.SEEN_UNDER,
        sentence,
        _points(points),
        {"power": (100 * teaching.POWER, words.SEEN_POWER)},
        span,
        ticks,
        columns,
    )
    ends = {**ends, words.SEEN_POWER: (100 * teaching.POWER, words.SEEN_POWER)}
    apart = strokes.spread([value for value, _ in ends.values()], strokes.LINE * 100 / HEIGHT)
    drawn = _ends([(teaching.AHEAD, place, text) for place, text in zip(apart, ends, strict=True)])
    return replace(
        view,
        data={**view.data, "ends": drawn, "answers": answers},
        table=("answers", view.title, columns),
        params={**view.params, "unit": "%"},
        choice=(words.SEEN_LEVEL.format(level=100 * level), words.SEEN_SIZE.format(size=size))
        if size
        else (words.SEEN_EVENTS.format(events=level),),
    )


def still(lesson: str, seed: int) -> Figure:
    """A lesson as a page shows it: what can be chosen was computed before."""
    if lesson == "seen":
        return build("teach-seen", plot(), seen(), (words.PICKERS["level"], words.PICKERS["size"]))
    if lesson == "rates":
        return build("teach-rates", plot(), rates(), (words.PICKERS["events"],))
    return build(f"teach-{lesson}", plot(), [DRAWN[lesson](seed)])


DRAWN = {"beads": beads, "league": league}


def _ends(rows: Sequence[tuple[float, float, str]]) -> dict[str, Sequence[Any]]:
    """Words to the right of places."""
    return {name: [row[i] for row in rows] for i, name in enumerate(("x", "y", "text"))}


def _points(rows: Sequence[Row], *more: str) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in (*FIELDS, *more)}


def _view(
    title: str,
    under: str,
    sentence: str,
    points: dict[str, list[Any]],
    levels: Mapping[str, tuple[float, str]],
    span: tuple[float, float, float, float],
    ticks: Mapping[str, str],
    columns: tuple[Column, ...],
) -> View:
    """A view of the plot: points and lines on given axes, levels across them, and words at their right end."""
    x_low, x_high, y_low, y_high = span
    step = 20 if y_high >= 100 else 5
    values = {role: value for role, (value, _) in levels.items()}
    return View(
        title=title,
        subtitle=(f"{under} {words.UNDER}",),
        sentence=sentence,
        data={
            "points": points,
            "levels": {"y": list(values.values()), "role": list(values)},
            "band": {"lower": [values["lower"]], "upper": [values["upper"]]}
            if "upper" in values
            else {"lower": [], "upper": []},
            "ends": _ends([(x_high, value, text) for value, text in levels.values()]),
        },
        table=("points", title, columns),
        params={
            "xLow": x_low,
            "xHigh": x_high,
            "yLow": y_low,
            "yHigh": y_high,
            "unit": "",
            "at": [float(place) for place in ticks],
            "ticks": dict(ticks),
            "up": [step * i for i in range(round(y_high / step) + 1)],
        },
    )


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def plot() -> Spec:
    """The Vega-Lite template of lines and points on two plain axes, with levels across and words at the right."""
    drawing = alt.layer(*_layers()).properties(width="container", height=HEIGHT)
    empty = {"xLow": 0, "xHigh": 1, "yLow": 0, "yHigh": 1, "unit": "", "at": [], "ticks": {}, "up": [], "room": 1100}
    return ink.dressed(drawing, [alt.param(name=name, value=start) for name, start in empty.items()])


def _layers() -> list[Any]:
    points, levels, band, ends = (alt.Chart(alt.NamedData(name=name)) for name in ("points", "levels", "band", "ends"))
    marks = alt.Axis(
        values=alt.ExprRef("at"), labelExpr="ticks[datum.value]", labelOverlap=True, ticks=False, grid=False
    )
    across = alt.X("x:Q", axis=marks, scale=alt.Scale(domain=[alt.ExprRef("xLow"), alt.ExprRef("xHigh")], nice=False))
    axis = alt.Axis(labelExpr="datum.value + unit", values=alt.ExprRef("up"))
    scale = alt.Scale(domain=[alt.ExprRef("yLow"), alt.ExprRef("yHigh")], nice=False, zero=False)
    up = alt.Y("y:Q", axis=axis, scale=scale)
    dash = alt.StrokeDash(
        "dash:N", scale=alt.Scale(domain=[str(i) for i in range(len(DASHES))], range=DASHES), legend=None
    )
    loud = "datum.kind == 'other'"
    colour = alt.condition(loud, alt.value(COLOUR["line"]), alt.value(COLOUR["data"]))
    strong = alt.condition("datum.role == 'centre'", alt.value(2.5), alt.value(1.25))
    tooltip = alt.ExprRef("{title: datum.title, line: datum.line, told: datum.told}")
    return [
        band.mark_rect(color=COLOUR["band"], **SILENT).encode(alt.Y("lower:Q"), alt.Y2("upper")),
        points.mark_line(strokeWidth=1.75, **SILENT).encode(across, up, dash, alt.Detail("line:N"), stroke=colour),
        levels.mark_rule(color=COLOUR["ink"], **SILENT).encode(alt.Y("y:Q"), strokeWidth=strong),
        points.transform_filter("datum.kind != 'line'")
        .mark_point(filled=True, opacity=1, size=75, tooltip=tooltip, **SILENT)
        .encode(
            alt.X("x:Q"), alt.Y("y:Q"), color=alt.condition(loud, alt.value(COLOUR["limit"]), alt.value(COLOUR["ink"]))
        ),
        points.transform_filter("datum.kind == 'line'")
        .mark_point(opacity=0, size=60, tooltip=tooltip, **SILENT)
        .encode(alt.X("x:Q"), alt.Y("y:Q")),
        ends.mark_text(align="left", dx=10, baseline="middle", fontSize=13, color=COLOUR["ink"], **SILENT).encode(
            alt.X("x:Q"), alt.Y("y:Q"), alt.Text("text:N")
        ),
    ]

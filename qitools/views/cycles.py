"""Tests of change under the run chart of their team, on one time axis: what was tried, beside what the figures did.

A lane is a chain of PDSA cycles. A cycle is a bar from its first day to its last with a sign for what became of it: a
tick (adopted), two arrows (adapted), a cross (abandoned), a dash (not decided), an open triangle (under way). Bar and
sign are dark grey, since colour is kept for signals; the number at the sign is that of the note below the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis import pdsa
from qitools.analysis.focus import focus, main_measure
from qitools.views import charts, ink, labels, strokes, wording_tests
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import known
from qitools.views.strokes import HEIGHT
from qitools.views.subjects import Columns, Row, Subject, records
from qitools.views.subjects import subjects as series_of

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

TOP, LANE = HEIGHT + 34, 54  # where the first lane begins below the top of the plot, and its height, in pixels
LEAD = 17  # from a bar down to its sign, in pixels
APART = 0.045  # of the width: signs nearer than this would touch
MOST = 10  # chains drawn, the latest; the rest stand in the table
# State: the sign as a path in a box from -1 to 1, and its filling.
SIGNS = {
    "adopt": ("M-0.95,0.05L-0.3,0.7L0.95,-0.75", "none"),
    "adapt": ("M-0.9,-0.4H0.9L0.45,-0.8M0.9,0.4H-0.9L-0.45,0.8", "none"),
    "abandon": ("M-0.7,-0.7L0.7,0.7M0.7,-0.7L-0.7,0.7", "none"),
    "undecided": ("M-0.8,0H0.8", "none"),
    "under_way": ("M-0.6,-0.8L0.85,0L-0.6,0.8Z", "paper"),
    "planned": ("M-0.8,0H0.8M0,-0.8V0.8", "none"),
}
COLUMNS = (
    Column("test", "Test of change"),
    Column("cycle", "Cycle", True),
    Column("when", "When"),
    Column("scale", "Scale"),
    Column("prediction", "Prediction"),
    Column("result", "What was found"),
    Column("decided", "Decision"),
)


def cycles(analysis: Analysis, measure: str = "", team: str = "") -> Figure:
    """The run chart of a team over its tests of change, both on one time axis.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for the aim's (of a team without it, another), with a team for a picker over all.
        team: id of a team; "" for a picker over all, those with tests first.

    Returns:
        A ``Figure`` of kind ``cycles``; its table holds the tests of the team, whichever measure they name, or where
        there are none the points. Where the collaborative keeps no log, words say how to give one.

    Raises:
        ParameterError: an unknown team or measure, with the nearest name.
    """
    part, first = focus(analysis, team=team, measure=measure), measure or main_measure(analysis)
    pickers = (labels.PICKERS["measure"], labels.PICKERS["team"])
    if analysis.records.pdsa.empty:
        return build("cycles", template(), [replace(nothing(("", "")), sentence=wording_tests.GIVE_LOG)], pickers)
    own = {str(name): records(rows) for name, rows in pdsa.cycles(analysis, team).groupby("team", sort=False)}
    subjects = sorted(series_of(part), key=lambda one: one.measure["measure"] != first)
    if not team:
        subjects = _one_a_team(subjects, own)
    views = [view(one, own.get(str(one.team["team"]), [])) for one in subjects] or [nothing(("", ""))]
    named = views if team or measure else [replace(one, choice=("", *one.choice[1:])) for one in views]
    return build("cycles", template(), named, pickers)


def _one_a_team(subjects: Sequence[Subject], own: Mapping[str, Any]) -> list[Subject]:
    """The first series of each team, those with tests first; the order stays otherwise as it is."""
    first: dict[str, Subject] = {}
    for one in subjects:
        first.setdefault(str(one.team["team"]), one)
    return sorted(first.values(), key=lambda one: str(one.team["team"]) not in own)


def view(subject: Subject, rows: Sequence[Row]) -> View:
    """What one series and the tests of its team show."""
    measure, team, method = subject.measure, subject.team, subject.method
    drawn, words = charts.view(subject), (subject.series, measure, team, method)
    left, lanes = _lanes([row for row in rows if known(row["start"])])
    span = _span(subject, [row for lane in lanes for row in lane])
    numbered = {id(row): len(drawn.notes) + 1 + i for i, row in enumerate(rows)}
    return replace(
        drawn,
        title=wording_tests.cycles_title(*words, rows),
        sentence=wording_tests.cycles_sentence(*words, rows, left),
        data={
            **_rescaled(drawn.data, subject.span, span),
            "lanes": _heads(lanes),
            "cycles": _bars(lanes, numbered, span),
            "log": _log(rows),
        },
        table=("log", f"Tests of change, {team['name']}", COLUMNS) if rows else drawn.table,
        params={**drawn.params, **_params(drawn.params, lanes, span)},
        notes=(*drawn.notes, *map(wording_tests.cycle_note, rows)),
    )


def _lanes(rows: Sequence[Row]) -> tuple[int, list[list[Row]]]:
    """How many chains are left out, and the rows of each of the latest."""
    lanes = [list(group) for _, group in groupby(rows, key=lambda row: row["lane"])]
    kept = sorted(range(len(lanes)), key=lambda i: max(row["start"] for row in lanes[i]))[-MOST:]
    return len(lanes) - len(kept), [lanes[i] for i in sorted(kept)]


def _span(subject: Subject, rows: Sequence[Row]) -> tuple[float, float]:
    """The time axis in days, wide enough for the points and the tests."""
    low, high = subject.span
    days = [float((pd.Timestamp(row[end]) - pd.Timestamp(0)).days) for row in rows for end in ("start", "until")]
    air = 0.02 * (high - low)
    return min([low, *(day - air for day in days)]), max([high, *(day + air for day in days)])


def _rescaled(data: Mapping[str, Any], old: tuple[float, float], new: tuple[float, float]) -> dict[str, Any]:
    """The data sets of the chart, their shares of the width made to fit a wider time axis."""
    factor = (old[1] - old[0]) / (new[1] - new[0])
    shares = {
        name: {**data[name], "room": [room * factor for room in data[name]["room"]]} for name in ("phases", "notes")
    }
    return {**data, **shares}


def _heads(lanes: Sequence[Sequence[Row]]) -> Columns:
    """The words above each lane; where there is no test, one line that says so."""
    words = [wording_tests.lane_words(lane) for lane in lanes] or [wording_tests.NO_TESTS]
    return {"lane": list(range(len(words))), "text": words}


def _bars(lanes: Sequence[Sequence[Row]], numbered: Mapping[int, int], span: tuple[float, float]) -> Columns:
    """One bar a cycle: where it stands, its sign, its number and the words of its tooltip."""
    rows = [(i, row) for i, lane in enumerate(lanes) for row in lane]
    least = (span[1] - span[0]) * 0.008  # a test of one day is still to be seen
    days = [[(pd.Timestamp(row[end]) - pd.Timestamp(0)).days for end in ("start", "until")] for _, row in rows]
    return {
        "lane": [i for i, _ in rows],
        "date": [strokes.iso(start) for start, _ in days],
        "end": [strokes.iso(max(end, start + least)) for start, end in days],
        "sign": [
            strokes.iso(day) for day in _signs([(i, end) for (i, _), (_, end) in zip(rows, days, strict=True)], span)
        ],
        "kind": [row["state"] for _, row in rows],
        "number": [str(numbered[id(row)]) for _, row in rows],
        **{
            name: [_cells(row)[name] for _, row in rows] for name in ("test", "when", "prediction", "result", "decided")
        },
    }


def _signs(ends: Sequence[tuple[int, float]], span: tuple[float, float]) -> list[float]:
    """Where the sign of each cycle stands: under its last day, or as near as its neighbours in the lane allow."""
    apart = APART * (span[1] - span[0])
    signs: list[float] = []
    for _, lane in groupby(ends, key=lambda one: one[0]):
        edge, kept = span[1] + apart / 2, []
        for day in reversed(strokes.spread([day for _, day in lane], apart)):
            edge = min(day, edge - apart)  # and none beyond the end of the axis
            kept.append(edge)
        signs += reversed(kept)
    return signs


def _log(rows: Sequence[Row]) -> Columns:
    cells = [_cells(row) for row in rows]
    return {column.field: [cell[column.field] for cell in cells] for column in COLUMNS}


def _cells(row: Row) -> dict[str, str]:
    """One cycle as the words of the table and the tooltip."""
    return {
        "test": wording_tests.idea_name(row),
        "cycle": str(row["cycle"]),
        "when": wording_tests.dates(row),
        "scale": str(row["scale"]),
        "prediction": str(row["prediction"]),
        "result": str(row["result"]),
        "decided": wording_tests.DECIDED[row["state"]],
    }


def _params(drawn: Mapping[str, Any], lanes: Sequence[Sequence[Row]], span: tuple[float, float]) -> dict[str, Any]:
    """The time axis, how far it is pushed down, and the key with the signs of the tests."""
    seen = {row["state"] for lane in lanes for row in lane}
    words = {**drawn["words"], **{code: wording_tests.DECIDED[code] for code in SIGNS if code in seen}}
    low, high = (round(end * charts.DAY) for end in span)
    return {
        "xLow": low,
        "xHigh": high,
        "below": TOP - HEIGHT + LANE * max(1, len(lanes)),
        "kinds": list(words),
        "words": words,
        "wide": strokes.key_width(words.values()),
    }


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def template() -> Spec:
    """The Vega-Lite template: the annotated chart, its time axis pushed down, and the lanes between the two."""
    chart = alt.layer(*ink.layers(offset=alt.ExprRef("below")))  # type: ignore[arg-type]
    drawing = alt.layer(chart, *_layers()).resolve_scale(y="independent").properties(width="container", height=HEIGHT)
    return _with_signs(ink.dressed(drawing, [*ink.params(), alt.param(name="below", value=60)]))


def _lane_axis(offset: float) -> Any:
    """Lane numbers as pixels below the plot, so that a team may have any number of them."""
    scale = alt.Scale(domain=[0, 1], range=[TOP + offset, TOP + LANE + offset], nice=False, zero=False)
    return alt.Y("lane:Q", scale=scale, axis=None)


def _layers() -> list[Any]:
    heads, bars = alt.Chart(alt.NamedData(name="lanes")), alt.Chart(alt.NamedData(name="cycles"))
    lines = {"Cycle": "test", "When": "when", "Predicted": "prediction", "Found": "result", "Decision": "decided"}
    told = ", ".join(f"(datum.{name} ? {{{words!r}: datum.{name}}} : {{}})" for words, name in lines.items())
    tooltip = alt.ExprRef(f"merge({{title: datum.number}}, {told})")
    key = ink.legend()
    sign = {name: _sign(kind, key) for name, kind in (("shape", alt.Shape), ("fill", alt.Fill), ("stroke", alt.Stroke))}
    write: dict[str, Any] = {"align": "left", "baseline": "middle", **SILENT}
    under = alt.X("sign:T")
    return [
        heads.mark_rule(color=COLOUR["line"], x=0, x2=alt.ExprRef("width"), **SILENT).encode(_lane_axis(-13)),
        heads.mark_text(fontSize=13, x=0, limit=alt.ExprRef("width"), color=COLOUR["ink"], **write).encode(
            _lane_axis(0), alt.Text("text:N")
        ),
        bars.mark_rule(color=COLOUR["limit"], strokeWidth=9, tooltip=tooltip, **SILENT).encode(
            ink.when(), alt.X2("end"), _lane_axis(15)
        ),
        bars.transform_calculate(foot=f"datum.lane + {LEAD / LANE}")
        .mark_rule(color=COLOUR["data"], strokeWidth=0.75, **SILENT)
        .encode(alt.X("end:T"), alt.X2("sign"), _lane_axis(15), y2="foot"),
        bars.mark_point(size=110, strokeWidth=2, opacity=1, tooltip=tooltip, **SILENT).encode(
            under, _lane_axis(15 + LEAD), **sign
        ),
        bars.mark_text(dx=9, fontSize=12, color=COLOUR["ink"], **write).encode(
            under, _lane_axis(15 + LEAD), text=alt.condition("width < 500", alt.value(""), alt.Text("number:N"))
        ),
    ]


def _sign(kind: Any, key: Any) -> Any:
    return kind("kind:N", legend=key)


def _with_signs(spec: Spec) -> Spec:
    """The scales of the points' shapes and colours, widened by the signs of the tests: one key explains both."""
    more = {
        "shape": [path for path, _ in SIGNS.values()],
        "fill": ["transparent" if fill == "none" else COLOUR[fill] for _, fill in SIGNS.values()],
        "stroke": [COLOUR["ink"] for _ in SIGNS],
    }

    def widened(part: Any) -> Any:
        if isinstance(part, list):
            return [widened(one) for one in part]
        if not isinstance(part, dict):
            return part
        return {name: _longer(one, more[name]) if _by_kind(name, one) else widened(one) for name, one in part.items()}

    return widened(spec)  # type: ignore[no-any-return]


def _by_kind(name: str, channel: Any) -> bool:
    return name in ("shape", "fill", "stroke") and isinstance(channel, dict) and "scale" in channel


def _longer(channel: dict[str, Any], more: Sequence[str]) -> dict[str, Any]:
    scale = channel["scale"]
    return {**channel, "scale": {**scale, "domain": [*scale["domain"], *SIGNS], "range": [*scale["range"], *more]}}

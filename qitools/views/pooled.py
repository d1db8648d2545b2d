"""All teams together in one annotated chart, over a strip that says how many teams each point rests on."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt

from qitools.analysis.focus import focus, main_measure
from qitools.analysis.pooled import pool
from qitools.views import charts, ink, labels, strokes, wording
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, SILENT
from qitools.views.strokes import HEIGHT
from qitools.views.subjects import Columns, records
from qitools.views.subjects import subjects as series_of

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

TOP, BOTTOM = HEIGHT + 30, HEIGHT + 56  # of the strip, in pixels below the top of the plot


def pooled(analysis: Analysis, measure: str = "") -> Figure:
    """All teams as one series: the sum of numerators over the sum of denominators, and who stands behind it.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.

    Returns:
        A ``Figure`` of kind ``pooled``; its table holds the points and the teams reporting.

    Raises:
        ParameterError: an unknown measure, with the nearest name.
        DataError: a team that is the total of the others.
    """
    names = [str(name) for name in focus(analysis, measure=measure).measures["measure"]]
    ordered = sorted(names, key=lambda name: name != (measure or main_measure(analysis)))
    views = [view(analysis, name) for name in ordered]
    return build("pooled", template(), views, (labels.PICKERS["measure"],))


def view(analysis: Analysis, measure: str) -> View:
    """What one measure shows in all teams together."""
    together = pool(analysis, measure)
    if together.analysis.series.empty:
        return nothing((str(focus(analysis, measure=measure).measures["name"].iloc[0]),))
    shared = analysis.events[analysis.events["team"] == ""]
    (subject,) = series_of(replace(together.analysis, events=shared))
    drawn = charts.view(subject)
    rows = records(together.reporting)
    strip = _strip(rows, subject.every)
    said = dict(zip([row["day"] for row in rows], strip["shown"], strict=True))
    points = {**drawn.data["points"], "reporting": [said.get(day, "") for day in subject.points["day"]]}
    _, _, columns = drawn.table
    return replace(
        drawn,
        title=wording.pooled_title(subject.series, subject.measure, analysis.method),
        subtitle=charts.subtitle(
            wording.pooled_subtitle(subject.series, subject.measure, analysis.method), analysis.method
        ),
        sentence=wording.pooled_sentence(subject.series, subject.measure, rows, analysis.method),
        data={**drawn.data, "points": points, "strip": strip},
        table=(
            "points",
            f"{subject.measure['name']}, {wording.ALL_TEAMS.lower()}",
            (*columns[:-1], Column("reporting", labels.COLUMNS["reporting"], True), columns[-1]),
        ),
        params={**drawn.params, "teams": max((row["expected"] for row in rows), default=1)},
        choice=drawn.choice[:1],
    )


def _strip(rows: list[dict[str, Any]], every: float) -> Columns:
    """Teams reporting and expected, as bars one period wide with a little air between."""
    return {
        "date": [strokes.iso(row["day"] - 0.4 * every) for row in rows],
        "end": [strokes.iso(row["day"] + 0.4 * every) for row in rows],
        "reporting": [row["reporting"] for row in rows],
        "expected": [row["expected"] for row in rows],
        "shown": [labels.OF.format(part=row["reporting"], whole=row["expected"]) for row in rows],
        "period": [strokes.iso(row["day"]) for row in rows],
        "last": [i + 1 == len(rows) for i in range(len(rows))],
    }


@cache
def template() -> Spec:
    """The Vega-Lite template: the annotated chart, its time axis pushed down, and the strip between the two."""
    chart = alt.layer(*ink.layers(offset=BOTTOM - HEIGHT + 6))
    drawing = alt.layer(chart, *_bars()).resolve_scale(y="independent").properties(width="container", height=HEIGHT)
    return ink.dressed(drawing, [*ink.params(), alt.param(name="teams", value=1)])


def _bars() -> list[Any]:
    strip = alt.Chart(alt.NamedData(name="strip"))
    scale = alt.Scale(domain=[0, alt.ExprRef("teams")], range=[BOTTOM, TOP], nice=False)
    write: dict[str, Any] = {"baseline": "middle", "fontSize": 13, "color": COLOUR["muted"], **SILENT}
    bars = [
        strip.mark_rect(color=COLOUR[colour], stroke=COLOUR["limit"], strokeWidth=width, **SILENT).encode(
            ink.WHEN,
            alt.X2("end"),
            alt.Y(f"{field}:Q", scale=scale, axis=None),
            y2=alt.datum(0),
        )
        for field, colour, width in (("expected", "paper", 0.75), ("reporting", "sent", 0))
    ]
    words = [
        strip.transform_filter("datum.last")
        .mark_text(align="left", x=0, y=TOP - 12, text=labels.REPORTING, **write)
        .encode(),
        strip.transform_filter("datum.last")
        .mark_text(align="left", dx=10, y=(TOP + BOTTOM) / 2, **write)
        .encode(alt.Text("shown:N"), x=alt.value("width")),
    ]
    return [*bars, *words]

"""All teams together in one annotated chart, over a strip that says how many teams each point rests on.

A dotted line shows the teams that reported throughout, so that nobody takes joining and leaving for improvement.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.focus import focus, main_measure
from qitools.analysis.pooled import EVENTS, pool
from qitools.analysis.split import split
from qitools.views import charts, ink, labels, strokes, wording
from qitools.views import wording_pooled as words
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import joined, percentage
from qitools.views.strokes import HEIGHT
from qitools.views.subjects import Columns, Subject, records
from qitools.views.subjects import subjects as series_of
from qitools.views.wording_series import simulated

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
        label = focus(analysis, measure=measure).measures.iloc[0]
        absent = nothing((str(label["name"]),))
        words_of = words.NOT_POOLED.format(name=label["name"])
        return replace(absent, sentence=words_of) if label["data"] in EVENTS else absent
    (subject,) = series_of(replace(together.analysis, events=_events(analysis, together.analysis)))
    drawn, method = charts.view(subject), analysis.method
    rows, panel = records(together.reporting), records(together.panel)
    strip = _strip(rows, subject.every)
    banner = words.BANNER if split(analysis, measure).mostly_membership else ""
    under = wording.pooled_subtitle(subject.series, subject.measure, method)
    told = wording.pooled_sentence(subject.series, subject.measure, rows, {**method, "simulated": False})
    who = words.panel_sentence(together.steady, together.teams, bool(panel))
    return replace(
        drawn,
        title=wording.pooled_title(subject.series, subject.measure, method),
        subtitle=((banner,) if banner else ()) + charts.subtitle(under, method),
        sentence=joined(told, who, banner, simulated(method)),
        data={
            **drawn.data,
            "points": {**drawn.data["points"], **_beside(subject, rows, strip, panel)},
            "strip": strip,
            "panel": _panel(panel),
            "ends": strokes.ends(subject, _scale(subject, panel)),
        },
        table=(
            "points",
            f"{subject.measure['name']}, {wording.ALL_TEAMS.lower()}",
            _columns(drawn.table[2], bool(panel)),
        ),
        params={
            **drawn.params,
            **charts.axes(subject.span, _scale(subject, panel), subject.measure),
            "teams": max((row["expected"] for row in rows), default=1),
            "panelWords": words.panel_legend(together.steady, together.teams) if panel else "",
        },
        choice=drawn.choice[:1],
    )


def _events(analysis: Analysis, together: Analysis) -> pd.DataFrame:
    """What is written above: what happened to all teams, and the periods that were left out for every team."""
    shared = analysis.events[(analysis.events["team"] == "") & (analysis.events["kind"] != "exclusion")]
    return pd.concat([shared, together.events]) if len(together.events) else shared


def _scale(subject: Subject, panel: list[dict[str, Any]]) -> tuple[float, float]:
    """The value axis: wide enough for the teams that reported throughout."""
    levels = [*charts.levels(subject), *(row["value"] for row in panel)]
    return strokes.value_domain(levels, percentage(subject.measure))


def _panel(panel: list[dict[str, Any]]) -> Columns:
    return {
        "date": [strokes.iso(row["day"]) for row in panel],
        "value": [row["value"] for row in panel],
        "role": ["panel" for _ in panel],
    }


def _beside(
    subject: Subject, rows: list[dict[str, Any]], strip: Columns, panel: list[dict[str, Any]]
) -> dict[str, list[str]]:
    """What the table says beside each point: the teams reporting, and the figure of those that reported throughout."""
    said = dict(zip([row["day"] for row in rows], strip["shown"], strict=True))
    same = {row["day"]: wording.value(row["value"], subject.measure) for row in panel}
    days = subject.points["day"]
    return {"reporting": [said.get(day, "") for day in days], "steady": [same.get(day, "") for day in days]}


def _columns(columns: tuple[Column, ...], panel: bool) -> tuple[Column, ...]:
    own = [Column("reporting", labels.COLUMNS["reporting"], True)]
    own += [Column("steady", words.PANEL_COLUMN, True)] if panel else []
    return (*columns[:-1], *own, columns[-1])


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


@kept
def template() -> Spec:
    """The Vega-Lite template: the annotated chart, its time axis pushed down, and the strip between the two."""
    chart = alt.layer(*ink.layers(offset=BOTTOM - HEIGHT + 6), _line()).resolve_scale(strokeDash="independent")
    drawing = alt.layer(chart, *_bars()).resolve_scale(y="independent").properties(width="container", height=HEIGHT)
    own = {"teams": 1, "panelWords": ""}
    return ink.dressed(drawing, [*ink.params(), *(alt.param(name=name, value=start) for name, start in own.items())])


def _line() -> Any:
    """The teams that reported throughout, dotted, with a legend of its own where there is such a line."""
    # Always one entry, unseen where there is no such line: a legend of none has no size, and the picture then none.
    words_of = alt.Legend(
        orient="bottom", labelExpr="panelWords", labelLimit=0, symbolOpacity=alt.ExprRef("panelWords ? 1 : 0")
    )
    dots = alt.Scale(domain=["panel"], range=[[1.5, 3.5]])
    line: dict[str, Any] = {"color": COLOUR["ink"], "strokeWidth": 1.75, "strokeCap": "round", **SILENT}
    return (
        alt.Chart(alt.NamedData(name="panel"))
        .mark_line(invalid="break-paths-filter-domains", **line)
        .encode(ink.when(), ink.at("value"), strokeDash=alt.StrokeDash("role:N", scale=dots, legend=words_of))
    )


def _bars() -> list[Any]:
    strip = alt.Chart(alt.NamedData(name="strip"))
    scale = alt.Scale(domain=[0, alt.ExprRef("teams")], range=[BOTTOM, TOP], nice=False)
    write: dict[str, Any] = {"baseline": "middle", "fontSize": 13, "color": COLOUR["muted"], **SILENT}
    bars = [
        strip.mark_rect(color=COLOUR[colour], stroke=COLOUR["limit"], strokeWidth=width, **SILENT).encode(
            ink.when(),
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

"""Improvement capacity drawn: people trained, dose, pipeline over time, and whether teams use what was learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis import capacity
from qitools.views import charts, ink, labels, strokes
from qitools.views import wording_capacity as words
from qitools.views.figure import Column, Figure, Spec, View, build, nothing
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import known, period
from qitools.views.strokes import HEIGHT
from qitools.views.subjects import records

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

Row = Mapping[str, Any]
STEP, BAR = 30, 22  # height of a row and of its bar, in pixels
NAMES = "max(110, min(300, room * 0.28))"  # room for the names beside the bars, in pixels
SWATCH = 42  # pixels of a line in the legend: as many as its dashes need to be told apart
DASHES: list[list[float]] = [[1, 0], [8, 3], [2, 3], [12, 3, 2, 3], [5, 2, 1, 2]]  # of lines, one a level
FIELDS = ("row", "name", "value", "shown", "brief", "need", "needed")
NARROW = 640  # pixels of the page below which words beside bars are brief


def trained(analysis: Analysis) -> Figure:
    """People trained in improvement, counted by programme, level, cohort, board or sector.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        A ``Figure`` of kind ``trained`` with a picker; words where no register is given.
    """
    if analysis.records.training.empty:
        return _lacking("trained", words.NO_REGISTER)
    views = [_trained(analysis, by) for by in capacity.BY]
    return build("trained", bars(), views, (words.PICKER,))


def dose(analysis: Analysis) -> Figure:
    """People trained in 100 of the headcount of each board and sector, beside the number needed.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        A ``Figure`` of kind ``dose``; places without a headcount are named in its notes. Words where nothing is given.
    """
    found, method = capacity.dose(analysis), analysis.method
    rows, apart = records(found.table), records(found.apart)
    if not rows:
        return _lacking("dose", words.NO_REGISTER if analysis.records.training.empty else words.NO_STAFF)
    hidden = capacity.hidden(analysis)
    sectors = list(dict.fromkeys(str(row["sector"]) for row in sorted(rows, key=lambda row: words.place_of(row))))
    own = {one: [row for row in apart if row["sector"] == one] for one in sectors}
    alone = [row for row in apart if row["sector"] not in own]  # of sectors that have no picture: named in every one
    views = [
        replace(
            _dose([row for row in rows if row["sector"] == one], len(own[one]), hidden, one, method),
            notes=words.dose_apart([*own[one], *alone]),
        )
        for one in sectors
    ]
    return build(
        "dose",
        bars(),
        views,
        (words.BY["sector"],),
    )


def _dose(rows: Sequence[Row], apart: int, hidden: int, sector: str, method: Row) -> View:
    """The boards of one sector."""
    drawn = [
        {
            "name": words.group("board", row["board"]),
            "value": row["share"],
            "shown": f"{row['people']:,.0f} of {row['headcount']:,.0f}",
            "need": 100 * row["need"] / row["headcount"] if known(row["need"]) else None,
            "needed": f"{row['need']:,.0f}" if known(row["need"]) else words.UNSAID,
        }
        for row in rows
    ]
    name = words.group("sector", sector)
    heads = {"name": words.BY["board"], "shown": "Trained, of headcount", "rate": "In 100", "needed": "Needed"}
    said = words.dose_sentence(rows, name, apart, hidden, method)
    return replace(_bars(words.dose_title(rows, name, hidden), words.DOSE, said, drawn, heads, method), choice=(name,))


def skills(analysis: Analysis) -> Figure:
    """Whether teams with trained people begin more tests of change than teams, and months, without: an association.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        A ``Figure`` of kind ``skills``: two rates; the sentence holds their ratio and its 95 % interval.
    """
    found, method = capacity.skills(analysis), analysis.method
    rows = records(found.table)
    sentence = words.skills_sentence(vars(found), rows, method)
    if found.reason in ("no_tests", "no_teams"):
        return _lacking("skills", sentence)
    drawn = [
        {"name": f"Teams {name}", "value": row["rate"], "shown": words.rate(row), "brief": f"{row['rate']:.2f}"}
        for name, row in zip(words.NAMES, rows, strict=True)
    ]
    under = words.SKILLS.format(first=period(found.first, "month"), last=period(found.last, "month"))
    heads = {"name": "Teams", "shown": "Tests of change"}
    view = _bars(words.skills_title(vars(found)), under, sentence, drawn, heads, method)
    return build("skills", bars(), [view])


def pipeline(analysis: Analysis) -> Figure:
    """People trained up to each month, a line for each level.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        A ``Figure`` of kind ``pipeline``; words where no register is given.
    """
    table, method = capacity.pipeline(analysis), analysis.method
    if table.empty:
        return _lacking("pipeline", words.NO_REGISTER)
    rows, last = records(table), table["date"].max()
    ends = [row for row in rows if row["date"] == last]
    total, first = sum(row["total"] for row in ends), table["date"].min()
    year = float(table.loc[table["date"] > last - pd.DateOffset(years=1), "people"].sum())
    hidden = capacity.hidden(analysis)
    title = words.pipeline_title(total, first, hidden)
    view = View(
        title=title,
        subtitle=_subtitle(words.PIPELINE, method),
        sentence=words.pipeline_sentence(ends, first, year, hidden, method),
        data={"points": _points(rows, ends)},
        table=("points", title, _columns({"period": "Month", "level": "Level", "shown": "People trained until then"})),
        params=_axes(rows, ends),
    )
    return build("pipeline", lines(), [view])


def _trained(analysis: Analysis, by: str) -> View:
    """People trained, counted one way."""
    table, hidden = capacity.counts(analysis, by), capacity.hidden(analysis)
    rows, method = records(table), analysis.method
    drawn = [
        {"name": words.group(by, row["group"]), "value": row["people"], "shown": f"{row['people']:,.0f}"}
        for row in rows
    ]
    sentence = words.trained_sentence(rows, by, hidden, method)
    under = f"By {words.BY[by].lower()}. {words.PLACES}"
    heads = {"name": words.BY[by], "shown": "People trained"}
    view = _bars(words.trained_title(table["people"].sum(), hidden), under, sentence, drawn, heads, method)
    return replace(view, choice=(words.BY[by],))


def _bars(title: str, under: str, sentence: str, rows: Sequence[Row], heads: Row, method: Row) -> View:
    """A view of bars, one below the other, each with its words and, where it is known, the number needed."""
    columns: dict[str, list[Any]] = {
        name: [i if name == "row" else row.get(name) for i, row in enumerate(rows)] for name in FIELDS
    }
    columns["brief"] = [row.get("brief") or row["shown"] for row in rows]
    columns["rate"] = [f"{row['value']:.1f}" if known(row["value"]) else "" for row in rows]
    most = max([0.0, *(number for name in ("value", "need") for number in columns[name] if known(number))])
    return View(
        title=title,
        subtitle=_subtitle(under, method),
        sentence=sentence,
        data={"rows": columns},
        table=("rows", title, _columns(heads)),
        params={**ink.names(columns["name"]), "high": 1.08 * most or 1},
    )


def _columns(heads: Row) -> tuple[Column, ...]:
    return tuple(Column(name, head, name in ("shown", "rate", "needed")) for name, head in heads.items())


def _subtitle(under: str, method: Row) -> tuple[str, ...]:
    return charts.subtitle(f"{under}{labels.SIMULATED if method.get('simulated') else ''}", method)


def _points(rows: Sequence[Row], ends: Sequence[Row]) -> dict[str, list[Any]]:
    """Where each line stands, month by month; ``line`` is its place among the levels."""
    line = {row["level"]: str(i) for i, row in enumerate(ends)}
    return {
        "date": [f"{row['date']:%Y-%m-%d}" for row in rows],
        "period": [period(row["date"], "month") for row in rows],
        "total": [row["total"] for row in rows],
        "shown": [f"{row['total']:,.0f}" for row in rows],
        "level": [words.group("level", row["level"]) for row in rows],
        "line": [line[row["level"]] for row in rows],
    }


def _axes(rows: Sequence[Row], ends: Sequence[Row]) -> dict[str, Any]:
    days = [row["day"] for row in rows]
    said = {str(i): words.group("level", row["level"]) for i, row in enumerate(ends)}
    scale = strokes.value_domain([0.0, *(row["total"] for row in ends)], False)
    span = (min(days), max(days) if max(days) > min(days) else min(days) + 31)
    return {
        **charts.axes(span, scale, {}),
        "kinds": list(said),
        "words": said,
        "wide": strokes.key_width(said.values()) + SWATCH,
    }


def _lacking(kind: str, said: str) -> Figure:
    return build(kind, bars(), [replace(nothing(()), sentence=said)])


# ---- the templates: how they are drawn ------------------------------------------------------------------------------


@kept
def bars() -> Spec:
    """The Vega-Lite template of bars: its height is theirs, however many a view has."""
    drawing = alt.layer(*_bar_layers()).properties(width="container", height=STEP)
    empty = {"names": [], "lines": [], "high": 1, "room": 1100}
    own = [alt.param(name=name, value=start) for name, start in empty.items()]
    return ink.dressed(drawing, [*own, ink.tall(STEP)])


def _bar_layers() -> list[Any]:
    rows = alt.Chart(alt.NamedData(name="rows"))
    names = ink.named(NARROW, labelLimit=alt.ExprRef(NAMES), labelFontSize=13)
    row = alt.Y("row:O", axis=names, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.1))
    domain = alt.Scale(domain=[0, alt.ExprRef("high")], nice=False)
    across = alt.X("value:Q", scale=domain, axis=alt.Axis(tickCount=5, format=",~r", grid=True))
    tooltip = alt.ExprRef("{title: names[datum.row], shown: datum.shown}")
    # At the foot of the bar where it is long enough to hold the words, else behind the bar and the mark.
    told = f"(room < {NARROW} ? datum.brief : datum.shown)"
    inside = f"datum.value / high * (room - {NAMES}) > 7.5 * length({told}) + 12"
    write: dict[str, Any] = {"align": "left", "dx": 6, "fontSize": 13, "baseline": "middle", "color": COLOUR["ink"]}
    shown = {**write, "text": alt.ExprRef(told), **SILENT}
    return [
        rows.mark_bar(color=COLOUR["sent"], size=BAR, tooltip=tooltip, **SILENT).encode(across, row),
        rows.transform_filter("isValid(datum.need)")
        .mark_tick(color=COLOUR["ink"], thickness=3, size=BAR + 4, **SILENT)
        .encode(alt.X("need:Q"), row),
        rows.transform_filter(inside).mark_text(**shown).encode(row, x=alt.datum(0)),
        rows.transform_filter(f"!({inside})")
        .transform_calculate(end="max(datum.value, datum.need || 0)")
        .mark_text(**shown)
        .encode(alt.X("end:Q"), row),
    ]


@kept
def lines() -> Spec:
    """The Vega-Lite template of lines over time, told apart by their dashes."""
    drawing = alt.layer(*_line_layers()).properties(width="container", height=HEIGHT)
    wanted = ("xLow", "xHigh", "yLow", "yHigh", "form", "unit", "kinds", "words", "wide", "room")
    return ink.dressed(drawing, [one for one in ink.params() if one.name in wanted])


def _line_layers() -> list[Any]:
    points = alt.Chart(alt.NamedData(name="points"))
    scale = alt.Scale(domain=[str(i) for i in range(len(DASHES))], range=DASHES)
    dash = alt.StrokeDash("line:N", scale=scale, legend=ink.legend(symbolType="stroke", symbolSize=SWATCH**2))
    tooltip = alt.ExprRef("{title: datum.period, Level: datum.level, People: datum.shown}")
    drawn: dict[str, Any] = {"color": COLOUR["ink"], "strokeWidth": 2.25, **SILENT}
    return [
        points.mark_line(interpolate="step-after", **drawn).encode(ink.time_axis(), ink.value_axis("total"), dash),
        points.mark_point(opacity=0, size=80, tooltip=tooltip, **SILENT).encode(ink.when(), ink.at("total")),
    ]

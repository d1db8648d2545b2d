"""Bright spots drawn: the shrunken change of each team with its interval, in the fixed order, never ranked.

In the room only teams that agreed to it are drawn and named, and only where they have something to share; the
facilitator sees every team. What a view may not show is not sent: the page holds nothing to be found in its source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qitools.analysis.bright import Bright
from qitools.analysis.bright import bright as find
from qitools.analysis.focus import focus, main_measure
from qitools.views import charts, ink, labels, strokes
from qitools.views import wording_learning as words
from qitools.views.audiences import checked
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import known, period, records, value

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

STEPS = {40: 25, 1_000: 16}  # up to this many rows: height of a row, in pixels
LEAST = 3  # rows that the height allows for
WIDE = 600  # pixels of the page from which the change stands in words beside each row
# kind: shape by better side, filling, outline.
KINDS = {
    "bright-lower": ("triangle-down", "favourable", "favourable"),
    "bright-higher": ("triangle-up", "favourable", "favourable"),
    "other": ("circle", "paper", "data"),
    "typical": ("diamond", "ink", "ink"),
}
FIELDS = (
    "team",
    "row",
    "name",
    "before",
    "after",
    "moved",
    "likely",
    "since",
    "said",
    "change",
    "lower",
    "upper",
    "kind",
)


def bright_spots(analysis: Analysis, measure: str = "", view: str = "room") -> Figure:
    """Teams with an improvement that is sustained, consistent and more than small numbers can explain.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.
        view: room (only bright spots that agreed to be named, beside a typical team) or facilitator (every team).

    Returns:
        A ``Figure`` of kind ``bright``; its table has one row a team shown. Where there is nothing to show, words.

    Raises:
        ParameterError: an unknown measure or view, with the nearest name.
    """
    checked(view)
    names = [str(name) for name in focus(analysis, measure=measure).measures["measure"]]
    ordered = sorted(names, key=lambda name: name != (measure or main_measure(analysis)))
    views = [_view(analysis, name, view) for name in ordered]
    most = max(len(one.data["rows"]["row"]) for one in views)
    return build("bright", template(max(most, LEAST)), views, (labels.PICKERS["measure"],))


def _view(analysis: Analysis, measure: str, view: str) -> View:
    """What one measure shows, to whom it may be shown."""
    label, method = records(focus(analysis, measure=measure).measures)[0], analysis.method
    found = find(analysis, measure)
    teams = {str(row["team"]): row for row in records(analysis.teams)}
    compared = [
        {**row, "name": str(teams[row["team"]]["name"])} for row in records(found.table) if known(row["change"])
    ]
    stars = [row for row in compared if row["bright"]]
    named = [row for row in stars if view == "facilitator" or teams[row["team"]]["share"]]
    shown = _rows(named if view == "room" else compared, found, label, method)
    title = words.bright_title(stars, len(compared), found.reason)
    drawn = bool(shown["row"]) and not found.reason
    return View(
        title=title,
        subtitle=charts.subtitle(words.bright_subtitle(label, found.unit, method), method),
        sentence=words.bright_sentence(named, len(stars) - len(named), label, method, found.reason, len(compared)),
        data={"rows": shown},
        table=("rows", f"{label['name']}: {title}", _columns()),
        params=_params(shown, found, label),
        panels=int(drawn),
        choice=(str(label["name"]),),
    )


def _rows(teams: Sequence[dict[str, Any]], found: Bright, label: dict[str, Any], method: Any) -> dict[str, list[Any]]:
    """The rows drawn: each team, and last the typical one; none where nobody stands out from it."""
    rows = [_row(team, found, label, method) for team in teams]
    if rows and found.typical:
        change, lower, upper = found.typical
        typical = {"change": change, "lower": lower, "upper": upper}
        moved = words.moved(typical, found.unit, label)
        rows.append({"name": words.TYPICAL, "moved": moved, "kind": "typical", **typical})
    return {name: [i if name == "row" else row.get(name, "") for i, row in enumerate(rows)] for name in FIELDS}


def _row(team: dict[str, Any], found: Bright, label: dict[str, Any], method: Any) -> dict[str, Any]:
    told = team["bright"]
    return {
        **{name: team[name] for name in ("team", "name", "change", "lower", "upper")},
        "before": value(team["before"], label),
        "after": value(team["after"], label),
        "moved": words.moved(team, found.unit, label),
        "likely": f"{100 * team['top']:.0f}%",
        "since": period(team["since"], method, short=True) if known(team["since"]) else "",
        "said": f"{words.SHARES}: {words.bright_line(team, method)}" if told else "",
        "kind": f"bright-{label['better']}" if told else "other",
    }


def _columns() -> tuple[Column, ...]:
    heads = words.BRIGHT_HEADS
    return tuple(Column(name, heads[name], name in ("before", "after", "moved", "likely")) for name in heads)


def _params(rows: dict[str, list[Any]], found: Bright, label: dict[str, Any]) -> dict[str, Any]:
    ends = [0.0, *(number for name in ("lower", "upper") for number in rows[name] if known(number) and number != "")]
    air = 0.06 * (max(ends) - min(ends) or 1)
    said = {f"bright-{label['better']}": words.SHARES, "other": words.OTHERS, "typical": words.TYPICAL}
    kinds = [kind for kind in said if kind in rows["kind"]]
    return {
        "low": min(ends) - air,
        "high": max(ends) + air,
        "sign": {"percent": "%", "points": "", "unit": ""}[found.unit],
        "names": rows["name"],
        "kinds": kinds,
        "words": said,
        "wide": strokes.key_width([said[kind] for kind in kinds]),
    }


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def template(rows: int) -> Spec:
    """The Vega-Lite template for at most so many rows: its height is theirs."""
    step = next(size for most, size in STEPS.items() if rows <= most)
    drawing = alt.layer(*_layers()).properties(width="container", height=step * rows)
    empty = {"low": -1, "high": 1, "sign": "", "names": [], "kinds": [], "words": {}, "wide": 100, "room": 1100}
    return ink.dressed(drawing, [alt.param(name=name, value=start) for name, start in empty.items()])


def _layers() -> list[Any]:
    rows = alt.Chart(alt.NamedData(name="rows"))
    row = alt.Y("row:O", axis=_names())
    told = alt.ExprRef(f"room < {WIDE} ? '' : datum.moved")
    return [
        rows.mark_rule(color=COLOUR["ink"], strokeWidth=1.5, strokeDash=[2, 3], **SILENT).encode(x=alt.datum(0)),
        rows.mark_rule(color=COLOUR["muted"], strokeWidth=2, **SILENT).encode(alt.X("lower:Q"), alt.X2("upper"), row),
        _points(rows, row),
        rows.mark_text(align="left", dx=10, fontSize=12, color=COLOUR["muted"], text=told, **SILENT).encode(
            row, x=alt.value("width")
        ),
    ]


def _names() -> Any:
    return alt.Axis(labelExpr="names[datum.value]", labelLimit=190, labelFontSize=13, ticks=False, domain=False)


def _points(rows: Any, row: Any) -> Any:
    """The shrunken changes on their axis, each kind with its shape, filling and outline."""
    words = "(datum.value > 0 ? '+' : '') + format(datum.value, ',') + sign"
    domain = alt.Scale(domain=[alt.ExprRef("low"), alt.ExprRef("high")], nice=False, zero=False)
    across = alt.X("change:Q", axis=alt.Axis(labelExpr=words, tickCount=6, grid=True), scale=domain)
    tooltip = alt.ExprRef("{title: datum.name, change: datum.moved}")
    marks = rows.mark_point(opacity=1, strokeWidth=1.5, size=110, tooltip=tooltip, **SILENT)
    return marks.encode(across, row, *ink.looks(KINDS))

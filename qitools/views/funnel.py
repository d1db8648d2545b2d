"""The funnel: teams beside each other, within the limits that their size and chance allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qitools.analysis.comparison import Comparison, Dispersion, compare
from qitools.analysis.focus import focus, main_measure
from qitools.analysis.windows import periods_from, usual_period
from qitools.views import charts, ink, labels, strokes
from qitools.views import wording_comparison as words
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import percentage, records, value
from qitools.views.strokes import HEIGHT
from qitools.views.subjects import Columns

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

Row = Mapping[str, Any]
LIMITS = ("lower_2", "upper_2", "lower_3", "upper_3")
TALL = HEIGHT + 40  # of the plot, in pixels
FIELDS = (
    "period",
    "numerator",
    "denominator",
    "shown",
    "limits",
    "note",
)  # ``period``: where the tooltip has its title


def funnel(analysis: Analysis, measure: str = "", dispersion: Dispersion = "additive") -> Figure:
    """Teams beside each other over the last window (a year), within limits that open up for small denominators.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.
        dispersion: how limits are widened where teams vary more than chance: additive, multiplicative or none.

    Returns:
        A ``Figure`` of kind ``funnel``; words and a table where fewer than ten teams have figures. Teams with
        ``display: table`` are listed in the notes and not drawn. The order of teams is the fixed one.

    Raises:
        ParameterError: an unknown measure or dispersion.
    """
    names = [str(name) for name in focus(analysis, measure=measure).measures["measure"]]
    ordered = sorted(names, key=lambda name: name != (measure or main_measure(analysis)))
    views = [view(analysis, name, dispersion) for name in ordered]
    return build("funnel", template(), views, (labels.PICKERS["measure"],))


def view(analysis: Analysis, measure: str, dispersion: Dispersion) -> View:
    """What one measure shows."""
    part, method = focus(analysis, measure=measure), analysis.method
    label, names = records(part.measures)[0], dict(zip(part.teams["team"], part.teams["name"], strict=True))
    found = compare(analysis, measure, dispersion)
    agreed = dict(zip(part.teams["team"], part.teams["share"], strict=True))
    units, apart = (
        [{**row, "name": str(names[row["team"]]), "share": bool(agreed[row["team"]])} for row in records(table)]
        for table in (found.units, found.apart)
    )
    kind = usual_period(part)
    summed = words.funnel_summed(label, found.periods, kind)
    columns = _columns(label, not found.reason, summed)
    if found.reason:
        sentence = words.funnel_absent(found.reason, units, label, method)
        data: dict[str, Columns] = {"points": _points(units, label), "curve": _curve(found)}
        data |= {"marked": _marked([]), "middle": {"value": [], "words": []}}
        table = ("points", str(label["name"]), columns)
        said = words.funnel_apart(apart, label)
        return View("", (), sentence, data, table, notes=said, panels=0, choice=(str(label["name"]),))
    gaps = words.funnel_gaps(found.periods, periods_from(found.first, found.last, kind), kind)
    told = {**vars(found), "gaps": gaps}
    points = _points(units, label)
    scale = strokes.value_domain(_levels(found), percentage(label))
    return View(
        title=words.funnel_title(units),
        subtitle=charts.subtitle(words.funnel_subtitle(told, label, method), method),
        sentence=words.funnel_sentence(units, told, label, method),
        data={"points": points, "curve": _curve(found), "marked": _marked(units), "middle": _middle(found, label)},
        table=("points", f"{label['name']}, {words.funnel_window(told, method)}", columns),
        params=_params(found, label, points["kind"], scale),
        notes=words.funnel_apart(apart, label),
        choice=(str(label["name"]),),
    )


def _levels(found: Comparison) -> list[float]:
    """What the value axis must hold: every team, and the limits where the teams are."""
    own = found.units[["value", "lower_2", "upper_2"]].to_numpy().ravel().tolist()
    return [*own, found.centre]


def _params(found: Comparison, label: Row, kinds: Sequence[str], scale: tuple[float, float]) -> dict[str, Any]:
    key = {kind: labels.FUNNEL[kind.replace("-down", "")] for kind in ink.MARKS if kind in kinds}
    return {
        **charts.axes((0, 1), scale, label),
        "most": float(found.curve["denominator"].max()),
        "made": [label.get("numerator") or "", label.get("denominator") or ""],
        "kinds": list(key),
        "words": key,
        "wide": strokes.key_width(key.values()),
    }


def _points(units: Sequence[Row], label: Row) -> Columns:
    """A row a team, in the fixed order."""
    return {
        "period": [row["name"] for row in units],
        "size": [row["denominator"] for row in units],
        "value": [row["value"] for row in units],
        "shown": [value(row["value"], label) for row in units],
        "numerator": [f"{row['numerator']:,.0f}" for row in units],
        "denominator": [f"{row['denominator']:,.0f}" for row in units],
        "centre": ["" for _ in units],
        "limits": [_limits(row, label) for row in units],
        "kind": [charts.pointing(_kind(row), label) for row in units],
        "note": [words.PLACES.get(row.get("place", ""), "") for row in units],
    }


def _limits(row: Row, label: Row) -> str:
    return f"{value(row['lower_3'], label)} to {value(row['upper_3'], label)}" if "place" in row else ""


def _kind(row: Row) -> str:
    """The kind of mark: firm beyond the outer limits, weak between the two."""
    place = row.get("place", "inside")
    return "none" if place == "inside" else f"{row['signal']}{'' if place.endswith('3') else '-weak'}"


def _marked(units: Sequence[Row]) -> Columns:
    """The teams named in the picture: beyond the outer limits on the better side, and agreed to be named."""
    named = [row for row in units if row["place"].endswith("3") and row["signal"] == "favourable" and row["share"]]
    return {
        "size": [row["denominator"] for row in named],
        "value": [row["value"] for row in named],
        "name": [row["name"] for row in named],
    }


def _middle(found: Comparison, label: Row) -> Columns:
    """The line of all teams together, and what is counted across."""
    return {"value": [found.centre], "words": [str(label.get("denominator") or labels.COLUMNS["denominator"])]}


def _curve(found: Comparison) -> Columns:
    """The limits, as lines."""
    sides = LIMITS if not found.reason else ()
    across = found.curve["denominator"].tolist()
    rows = [(*row, name) for name in sides for row in zip(across, found.curve[name].tolist(), strict=True)]
    return {
        "size": [size for size, _, _ in rows],
        "level": [level for _, level, _ in rows],
        "line": [name for *_, name in rows],
        "sds": [name[-1] for *_, name in rows],
    }


def _columns(label: Row, drawn: bool, summed: str) -> tuple[Column, ...]:
    heads = {
        "period": labels.COLUMNS["team"],
        "numerator": str(label.get("numerator") or labels.COLUMNS["numerator"]),
        "denominator": f"{label.get('denominator') or labels.COLUMNS['denominator']}{summed}",
        "shown": labels.COLUMNS["value"],
        "limits": labels.OUTER_LIMITS,
        "note": labels.COLUMNS["note"],
    }
    wanted = FIELDS if drawn else FIELDS[:-2]
    return tuple(Column(field, heads[field], field not in ("period", "note")) for field in wanted)


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def template() -> Spec:
    """The Vega-Lite template: limits, the line of all teams together, and the teams."""
    drawing = alt.layer(*_layers()).properties(width="container", height=TALL)
    kept = ("yLow", "yHigh", "form", "unit", "made", "kinds", "words", "wide", "room")
    own = [one for one in ink.params() if one.name in kept]
    return ink.dressed(drawing, [*own, alt.param(name="most", value=1)])


def _layers() -> list[Any]:
    curve, points, marked = (alt.Chart(alt.NamedData(name=name)) for name in ("curve", "points", "marked"))
    axis = alt.Axis(format=",~r", tickCount=5)
    scale = alt.Scale(domain=[0, alt.ExprRef("most")], nice=False)
    across = alt.X("size:Q", scale=scale, axis=axis)
    dash = alt.StrokeDash("sds:N", scale=alt.Scale(domain=["2", "3"], range=[[5, 3], [1, 0]]), legend=None)
    line: dict[str, Any] = {"color": COLOUR["limit"], "strokeWidth": 1.25, "clip": True, **SILENT}
    once = alt.Chart(alt.NamedData(name="middle"))
    under = once.mark_text(align="right", baseline="top", y=TALL + 28, fontSize=13, color=COLOUR["muted"], **SILENT)
    return [
        curve.mark_line(**line).encode(across, ink.value_axis("level"), dash, detail="line:N"),
        once.mark_rule(color=COLOUR["ink"], strokeWidth=2.25, **SILENT).encode(ink.at("value")),
        ink.marks(points, across, ink.at("value"), 90),
        marked.mark_text(align="left", dx=9, fontSize=13, color=COLOUR["ink"], limit=180, **SILENT).encode(
            alt.X("size:Q"), ink.at("value"), alt.Text("name:N")
        ),
        under.encode(alt.Text("words:N"), x=alt.value("width")),
    ]

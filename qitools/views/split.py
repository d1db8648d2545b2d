"""What the change of all teams together is made of, step by step from the first window to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qitools.analysis.focus import focus, main_measure
from qitools.analysis.split import PARTS, Split
from qitools.analysis.split import split as split_of
from qitools.analysis.windows import A_YEAR, periods_from, usual_period
from qitools.views import charts, ink, labels, strokes
from qitools.views import wording_pooled as words
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import percentage, records, value
from qitools.views.subjects import Columns

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

STEP = 46  # pixels a row
FIELDS = ("row", "name", "start", "end", "kind", "shown", "next")
LEFT = "width - 7 * length(datum.shown) - 14"  # pixels for the name of a part, beside its amount
ROWS = len(PARTS) + 2  # the parts, between the two windows
COLUMNS = (Column("name", labels.SPLIT["name"]), Column("shown", labels.SPLIT["shown"], True))


def split(analysis: Analysis, measure: str = "") -> Figure:
    """The change of all teams together, split into change within teams, mix, joiners and leavers.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.

    Returns:
        A ``Figure`` of kind ``split``: the four parts as steps that add up; words where a measure cannot be split.

    Raises:
        ParameterError: an unknown measure, with the nearest name.
        DataError: a team that is the total of the others.
    """
    names = [str(name) for name in focus(analysis, measure=measure).measures["measure"]]
    ordered = sorted(names, key=lambda name: name != (measure or main_measure(analysis)))
    return build("split", template(), [view(analysis, name) for name in ordered], (labels.PICKERS["measure"],))


def view(analysis: Analysis, measure: str) -> View:
    """What one measure shows."""
    label, method = records(focus(analysis, measure=measure).measures)[0], analysis.method
    found = split_of(analysis, measure)
    told = worded(found, usual_period(focus(analysis, measure=measure)))
    steps: Columns = {name: [] for name in FIELDS} if found.reason else _steps(found, told, label, method)
    scale = strokes.value_domain([*steps["start"], *steps["end"]], percentage(label))
    return View(
        title=words.split_title(told, label),
        subtitle=charts.subtitle(words.split_subtitle(told, label, method), method),
        sentence=words.split_sentence(told, label, method),
        data={"steps": steps},
        table=("steps", str(label["name"]), COLUMNS),
        params=charts.axes((0, 1), scale, label),
        panels=0 if found.reason else 1,
        choice=(str(label["name"]),),
    )


def worded(found: Split, kind: str = "month") -> dict[str, Any]:
    """What the sentences need of a split; ``kind``: its period."""
    spans = [periods_from(*ends, kind) for ends in (found.first, found.last)]
    fewer = found.periods < max(spans) <= A_YEAR[kind]  # in longer windows the two may lack different months
    return {
        **{name: getattr(found, name) for name in ("before", "after", "first", "last", "reason")},
        "parts": dict(zip(found.parts["part"], found.parts["amount"], strict=True)),
        "groups": found.teams["group"].value_counts().to_dict(),
        "banner": found.mostly_membership,
        "same": f"{found.periods} {kind}s" if fewer and found.periods > 1 else "",
    }


def _steps(found: Split, told: dict[str, Any], label: Any, method: Any) -> Columns:
    """The two windows, and between them a bar a part from where the one before ended."""
    amounts = [float(told["parts"][part]) for part in PARTS]
    levels = [found.before]
    for each in amounts:
        levels.append(levels[-1] + each)
    windows = [words.split_window(ends, method) for ends in (found.first, found.last)]
    return {
        "row": list(range(ROWS)),
        "name": [windows[0], *(words.split_part(part, told) for part in PARTS), windows[1]],
        "start": [found.before, *levels[:-1], found.after],
        "end": [found.before, *levels[1:], found.after],
        "kind": ["level", *(_side(each) for each in amounts), "level"],
        "shown": [value(found.before, label), *words.split_rows(told, label), value(found.after, label)],
        "next": [*range(1, ROWS), ROWS - 1],
    }


def _side(amount: float) -> str:
    return "up" if amount > 0 else "down"


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def template() -> Spec:
    """The Vega-Lite template: names above their bars, so that a narrow page has room for both."""
    drawing = alt.layer(*_layers()).properties(width="container", height=STEP * ROWS)
    kept = ("yLow", "yHigh", "form", "unit")
    return ink.dressed(drawing, [one for one in ink.params() if one.name in kept])


def _layers() -> list[Any]:
    base = alt.Chart(alt.NamedData(name="steps"))
    row = alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    axis = alt.Axis(labelExpr="format(datum.value, form) + unit", tickCount=6, grid=True, gridColor=COLOUR["grid"])
    scale = alt.Scale(domain=[alt.ExprRef("yLow"), alt.ExprRef("yHigh")], nice=False, zero=False)

    def across(field: str) -> Any:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    level, part = base.transform_filter("datum.kind == 'level'"), base.transform_filter("datum.kind != 'level'")
    fill = alt.Fill(
        "kind:N",
        scale=alt.Scale(domain=["up", "down"], range=[COLOUR["band"], COLOUR["sent"]]),
        legend=None,
    )
    low = {"yOffset": 9, **SILENT}
    return [
        base.mark_rule(color=COLOUR["limit"], strokeDash=[2, 3], yOffset=9, y2Offset=9, **SILENT).encode(
            across("end"), row, y2="next:O"
        ),
        part.mark_bar(size=16, stroke=COLOUR["limit"], strokeWidth=1, **low).encode(
            across("start"), row, fill, x2="end"
        ),
        level.mark_point(shape="diamond", size=130, opacity=1, filled=True, color=COLOUR["ink"], **low).encode(
            across("end"), row
        ),
        base.mark_text(
            align="left", dy=-13, fontSize=13, fontWeight=600, color=COLOUR["ink"], limit=alt.ExprRef(LEFT), **SILENT
        ).encode(row, alt.Text("name:N"), x=alt.value(0)),
        base.mark_text(align="right", dy=-13, fontSize=13, color=COLOUR["ink"], **SILENT).encode(
            row, alt.Text("shown:N"), x=alt.value("width")
        ),
    ]

"""The honest ledger: for each measure the teams that improved, over what chance alone would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qitools.analysis.ledger import ledger as ledger_of
from qitools.analysis.ledger import tally
from qitools.views import charts, ink, labels
from qitools.views import wording_ledger as words
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import known, period_of, records, span
from qitools.views.subjects import Columns, by
from qitools.views.tables import MAX_ROWS
from qitools.views.vocabulary import rule_set_name, verdict
from qitools.views.wording_findings import ended

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

Row = dict[str, Any]
STEP = 58  # pixels a measure
QUIET = ("no_signal", "too_few")  # verdicts that the table leaves out, and counts
FIELDS = ("team", "measure", "says", "strength", "since", "change", "rules")


def ledger(analysis: Analysis) -> Figure:
    """The honest ledger: what was seen beside what chance alone would give.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        A ``Figure`` of kind ``ledger``: a row a measure; its notes say each measure in words, its table lists every
        team and measure with a signal: rules, first signal, change with its interval and strength.
    """
    return build("ledger", template(len(analysis.measures)), [view(analysis)])


def view(analysis: Analysis) -> View:
    """The ledger of all measures."""
    measures, method = by(analysis.measures, "measure"), analysis.method
    rows = records(tally(analysis))
    listed, total = _rows(analysis, measures)
    return View(
        title=words.ledger_title(rows, measures),
        subtitle=charts.subtitle(words.ledger_subtitle(rows, method), method),
        sentence=words.ledger_sentence(rows, measures, method),
        data={"measures": _measures(rows, measures), "rows": listed},
        table=("rows", words.ledger_caption(len(listed["team"]), total), _columns()),
        params={"most": max(1, *(row["teams"] for row in rows))},
        panels=1 if any(row["teams"] for row in rows) else 0,
        notes=tuple(words.ledger_note(row, measures[row["measure"]], method) for row in rows),
    )


def _measures(rows: Sequence[Row], measures: Any) -> Columns:
    """A row a measure: what is drawn."""
    drawn = [row for row in rows if row["teams"]]
    return {
        "row": [rows.index(row) for row in drawn],
        "name": [f"{rows.index(row) + 1}  {measures[row['measure']]['name']}" for row in drawn],
        "low": [_edge(row["low"], -0.5) for row in drawn],
        "high": [_edge(row["high"], 0.5) for row in drawn],
        "expected": [row["expected"] for row in drawn],
        "observed": [row["observed"] for row in drawn],
        "kind": [_kind(row) for row in drawn],
        "shown": [labels.OF.format(part=int(row["observed"]), whole=int(row["teams"])) for row in drawn],
    }


def _edge(number: float, half: float) -> float | None:
    """The edge of a bar that holds whole numbers of teams."""
    return max(number + half, 0.0) if known(number) else None


def _kind(row: Row) -> str:
    """More than chance gives, or not."""
    return "more" if known(row["high"]) and row["observed"] > row["high"] else "chance"


def _rows(analysis: Analysis, measures: Any) -> tuple[Columns, int]:
    """The table: series with a signal, and how many there are in all."""
    teams, method = by(analysis.teams, "team"), analysis.method
    rows = records(ledger_of(analysis))
    told = [row for row in rows if row["verdict"] not in QUIET][:MAX_ROWS]
    cells = [_cells(row, measures[row["measure"]], teams[row["team"]], method) for row in told]
    return {field: [cell[i] for cell in cells] for i, field in enumerate(FIELDS)}, len(rows)


def _cells(row: Row, measure: Any, team: Any, method: Any) -> tuple[str, ...]:
    last = ended(row)
    says = verdict(row["verdict"], row["strength"], row["variation"], over=known(last))
    return (
        str(team["name"]),
        str(measure["name"]),
        says,
        words.ledger_strength(row),
        span(row["first_signal"], last, period_of(team, method)) if known(row["first_signal"]) else "",
        words.ledger_change(row, measure),
        rule_set_name(measure, method),
    )


def _columns() -> tuple[Column, ...]:
    return tuple(Column(field, labels.LEDGER[field], field == "change") for field in FIELDS)


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def template(measures: int) -> Spec:
    """The Vega-Lite template for a number of measures: its height is theirs."""
    drawing = alt.layer(*_layers()).properties(width="container", height=STEP * measures)
    return ink.dressed(drawing, [alt.param(name="most", value=1)])


def _layers() -> list[Any]:
    base = alt.Chart(alt.NamedData(name="measures"))
    band = alt.Scale(paddingInner=0, paddingOuter=0)
    row = alt.Y("row:O", axis=None, scale=band)
    scale = alt.Scale(domain=[0, alt.ExprRef("most")], nice=False)
    axis = alt.Axis(format="d", tickMinStep=1, title=labels.TEAMS_AXIS, grid=True, gridColor=COLOUR["grid"])

    def across(field: str) -> Any:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    more = "datum.kind == 'more'"
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=["chance", "more"], range=["circle", "diamond"]), legend=None)
    fill = alt.Fill(
        "kind:N",
        scale=alt.Scale(domain=["chance", "more"], range=[COLOUR["data"], COLOUR["favourable"]]),
        legend=None,
    )
    low: dict[str, Any] = {"yOffset": 8, **SILENT}  # under the name of the measure
    return [
        base.mark_bar(color=COLOUR["band"], stroke=COLOUR["limit"], strokeWidth=1, size=18, **low).encode(
            across("low"), row, alt.X2("high")
        ),
        base.mark_point(shape="M0,-1L0,1", size=500, strokeWidth=2.5, color=COLOUR["limit"], **low).encode(
            across("expected"), row
        ),
        base.mark_point(size=alt.ExprRef(f"{more} ? 150 : 110"), opacity=1, strokeWidth=1.5, **low).encode(
            across("observed"), row, shape, fill, stroke=alt.value(COLOUR["paper"])
        ),
        base.mark_text(
            align="left",
            dy=-16,
            fontSize=13,
            fontWeight=600,
            color=COLOUR["ink"],
            limit=alt.ExprRef("width + 30"),
            **SILENT,
        ).encode(row, alt.Text("name:N"), x=alt.value(0)),
        base.mark_text(align="left", dx=10, dy=8, fontSize=13, color=COLOUR["muted"], **SILENT).encode(
            row, alt.Text("shown:N"), x=alt.value("width")
        ),
    ]

"""How far it went and whether it stayed: partners, spread, gains held after the end, and others' figures beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from qitools.analysis.across import Across, Member
from qitools.analysis.holding import holding as held
from qitools.analysis.partners import Register
from qitools.analysis.partners import partners as register_of
from qitools.analysis.spread import ALL, eligible
from qitools.analysis.spread import spread as adoption
from qitools.errors import ParameterError, Problem, nearest
from qitools.views import ink, labels, timelines
from qitools.views import wording_reach as words
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.impact import grade_of, label_of, marked, named, outcome, warning
from qitools.views.impact_sums import empty
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import capital, joined, known, number, period, value
from qitools.views.prose import Prose
from qitools.views.subjects import records
from qitools.views.tables import Table
from qitools.views.wording_impact import careful
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]
VIEWS = ("counts", "confirm")
CONFIRM = "Names to confirm in the register of partners"
SPREAD_HEADS = {
    "period": "Month",
    "joined": "Joined",
    "adopted": "Adopted a change",
    "eligible": "Could take part",
}
SPREAD_LINES = ("Joined", "Adopted a change after testing it", "Could take part")
ELSEWHERE_HEADS = {
    "system": "Where",
    "period": "Period",
    "shown": "Value",
    "definition": "Definition",
    "differs": "What differs",
}
HERE = "This collaborative"
STEP = 26  # height of a bar's row, in pixels
MANY = 30  # rows of a picture of counts; the rest stand in the table


def partners(found: Across, view: str = "counts") -> Figure | Table | Prose:
    """Distinct organisations on board, and the names that await a yes.

    Args:
        found: what ``qi.across`` gave.
        view: counts (a figure: how many, by sector, role and year) or confirm (a table: spellings that were taken for
            another name, and pairs in doubt that were kept apart).

    Returns:
        A ``Figure`` of kind ``partners``, or a ``Table``; words where there is no register.

    Raises:
        ParameterError: an unknown view.
    """
    if view not in VIEWS:
        problem = Problem(where="view", found=view, expected=", ".join(VIEWS), hint=nearest(view, VIEWS))
        raise ParameterError("There is no such view.", [problem])
    register = register_of(found)
    if view == "confirm":
        return _confirm(register, found)
    views = [_counts(found, register, by) for by in words.BY] if register.rows else [empty(words.NO_PARTNERS)]
    return build("partners", bars(), views, ("By",))


def _counts(found: Across, register: Register, by: str) -> View:
    counts = _counted(register.organisations, by)
    shown = counts[:MANY]
    data: dict[str, list[Any]] = {
        "row": list(range(len(shown))),
        "name": [name for name, _ in shown],
        "number": [number for _, number in shown],
    }
    table: dict[str, list[Any]] = {"name": [name for name, _ in counts], "number": [number for _, number in counts]}
    return View(
        title=capital(words.partners_title(register)),
        subtitle=(words.partners_subtitle(by, len(counts) - len(shown)),),
        sentence=joined(words.partners_sentence(register, by, counts), warning(found)),
        data={"rows": data, "all": table},
        table=("all", marked(found, f"Organisations by {words.BY[by].lower()}"),
               (Column("name", words.BY[by]), Column("number", "Organisations", True))),
        params={"names": data["name"], "most": max((number for _, number in shown), default=1)},
        choice=(words.BY[by],),
    )  # fmt: skip


def _counted(table: pd.DataFrame, by: str) -> list[tuple[str, int]]:
    """How many organisations of each sector, role or year; an organisation counts once in each of its roles."""
    if by == "role":
        every = [role for roles in table["roles"] for role in roles or (words.UNSAID,)]
    elif by == "sector":
        every = [str(name) or words.UNSAID for name in table["sector"]]
    else:
        every = [str(date.year) if known(date) else words.UNSAID for date in table["since"]]
        return sorted(Counter(every).items())
    return sorted(Counter(every).items(), key=lambda pair: (-pair[1], pair[0]))


def _confirm(register: Register, found: Across) -> Table | Prose:
    parts = (("Counted as one", register.merges), ("Kept apart", register.doubtful))
    rows = [
        {"Written": row["spelling"], "Beside": row["counted_as"], "For now": done, "Why": words.MERGED[row["why"]],
         "Rows": str(row["rows"])}
        for done, table in parts
        for row in records(table)
    ]  # fmt: skip
    if not rows:
        return Prose("qi-note", (("p", "", [words.NOTHING_TO_CONFIRM]),))
    caption = marked(found, CONFIRM)
    return Table(caption, pd.DataFrame(rows), ("Rows",), note=words.CONFIRM_NOTE, simulated=found.simulated)


@kept
def bars() -> Spec:
    """The Vega-Lite template of counts as bars, a row each."""
    data = alt.Chart(alt.NamedData(name="rows"))
    narrow = alt.ExprRef("room < 700 ? 130 : 260")
    row = alt.Y("row:O", axis=alt.Axis(labelExpr="names[datum.value]", labelLimit=narrow, ticks=False, domain=False))
    scale = alt.Scale(domain=[0, alt.ExprRef("most * 1.08")], nice=False)
    across = alt.X("number:Q", axis=None, scale=scale)
    layers = [
        data.mark_bar(color=COLOUR["sent"], stroke=COLOUR["limit"], strokeWidth=1, size=15, **SILENT).encode(
            across, row
        ),
        data.mark_text(align="left", dx=5, fontSize=13, color=COLOUR["ink"], **SILENT).encode(
            alt.X("number:Q"), row, alt.Text("number:Q")
        ),
    ]
    drawing = alt.layer(*layers).properties(width="container", height=STEP)
    empty = {"names": [], "most": 1, "room": 1100}
    own = [alt.param(name=name, value=start) for name, start in empty.items()]
    return ink.dressed(drawing, [*own, ink.tall(STEP)])


# ---- spread ---------------------------------------------------------------------------------------------------------


def spread(found: Across) -> Figure:
    """Teams that joined and adopted a change, over those that could, in time and by board.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        A ``Figure`` of kind ``spread`` with a picker over boards; its table has one row a month.
    """
    table = adoption(found)
    boards = list(dict.fromkeys(table["board"]))
    views = [_spread(found, board, records(table[table["board"] == board])) for board in boards]
    return build("spread", timelines.template(), views or [empty(words.NOBODY)], ("Board",))


def _spread(found: Across, board: str, rows: list[dict[str, Any]]) -> View:
    name = words.ALL_BOARDS if board == ALL else board
    when = [period(row["date"], "month", short=True) for row in rows]
    columns = {key: [number(row[key]) for row in rows] for key in ("joined", "adopted", "eligible")}
    lines = [
        [{**row, "value": row[key], "shown": one, "period": at} for row, one, at in zip(rows, shown, when, strict=True)]
        for key, shown in columns.items()
    ]
    drawn = timelines.points(lines)
    last, then = rows[-1], rows[max(0, len(rows) - 13)]
    could, titles = eligible(found), named(found)
    unsaid = could[~could["said"].astype(bool) & ((could["board"] == board) | (board == ALL))]["collaborative"]
    stands = words.own_teams([titles[one] for one in dict.fromkeys(unsaid)])
    return View(
        title=words.spread_title(last),
        subtitle=(words.SPREAD_SUBTITLE,),
        sentence=joined(words.spread_sentence(name, last, then), stands, warning(found)),
        data={
            "points": drawn,
            "band": {"date": [], "low": [], "high": []},
            "months": {"period": when, **columns},
        },
        table=(
            "months",
            marked(found, f"Spread: {name}"),
            tuple(Column(*pair, pair[0] != "period") for pair in SPREAD_HEADS.items()),
        ),
        params=timelines.params(drawn, SPREAD_LINES, [0.0], {}) | {"form": ",.0f"},
        choice=(name,),
    )


# ---- gains held -----------------------------------------------------------------------------------------------------


def holding(found: Across) -> Table | Prose:
    """Whether closed collaboratives held their gains: the first sustained shift the wrong way after the end.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        A ``Table`` with one row an outcome of a closed collaborative; words where none has closed.
    """
    members, titles = {one.name: one for one in found.members}, named(found)
    rows = [_held(found, row, members[row["collaborative"]], titles) for row in records(held(found))]
    if not rows:
        return Prose("qi-note", (("p", "", [words.NONE_CLOSED]),))
    since = ("What happened since",)
    return Table("Gains after the end", pd.DataFrame(rows), ("Level at the end",), since, simulated=found.simulated)


def _held(found: Across, row: Row, member: Member, titles: Mapping[str, str]) -> dict[str, str]:
    label, method = label_of(found, member, row["measure"]), member.analysis.method
    grade = grade_of(found, member.name, row["measure"])
    return {
        "Collaborative": careful(titles[member.name], grade, member.name),
        "Outcome": str(label["name"]),
        "Closed": period(row["closed"], "month"),
        "Level at the end": value(row["level"], label) if known(row["level"]) else "",
        "What happened since": words.held(row, label, method),
        "Data as at": period(row["last"], method),
    }


# ---- through others' eyes -------------------------------------------------------------------------------------------


def elsewhere(found: Across) -> Figure:
    """The same measures beside published figures of other systems, what differs in definition said first.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        A ``Figure`` of kind ``elsewhere`` with a picker over measures; its table has one row a figure of another
        system, its notes every definition.
    """
    views = [
        _elsewhere(member, label_of(found, member, measure), outcome(found, member, measure), rows)
        for member in found.members
        for measure, rows in _compared(member)
    ]
    picker = (labels.PICKERS["outcome"],)
    return build("elsewhere", timelines.template(), views or [empty(words.NO_COMPARATORS)], picker)


def _compared(member: Member) -> list[tuple[str, list[dict[str, Any]]]]:
    table = member.collaborative.records.comparators
    return [(str(measure), records(rows)) for measure, rows in table.groupby("measure", sort=False)]


def _elsewhere(member: Member, label: Row, name: str, rows: list[dict[str, Any]]) -> View:
    method = member.analysis.method
    rows = [
        {**row, "period": period(row["date"], "month", short=True), "shown": value(row["value"], label)} for row in rows
    ]
    systems = list(dict.fromkeys(str(row["system"]) for row in rows))
    own = _own(member, label["measure"])
    mine = [
        {**row, "period": period(row["date"], method, short=True), "shown": value(row["value"], label)} for row in own
    ]
    lines: list[Sequence[Row]] = [mine, *([row for row in rows if row["system"] == one] for one in systems)]
    drawn = timelines.points(lines)
    heads = tuple(Column(*pair, pair[0] == "shown") for pair in ELSEWHERE_HEADS.items())
    return View(
        title=words.differs(rows),
        subtitle=(words.elsewhere_subtitle(label, len(systems) + 1 - timelines.MOST),),
        sentence=joined(
            words.elsewhere_sentence(rows, name, own[-1] if own else None, label, method), simulated(method)
        ),
        data={
            "points": drawn,
            "band": {"date": [], "low": [], "high": []},
            "rows": {key: [row[key] for row in rows] for key in ELSEWHERE_HEADS},
        },
        table=("rows", f"Published figures: {label['name']}", heads),
        params=timelines.params(drawn, [HERE, *systems], [], label),
        choice=(name,),
    )


def _own(member: Member, measure: str) -> list[dict[str, Any]]:
    """The figures of all teams together; none where they cannot be added up."""
    pooled, _ = member.together(measure)
    points = pooled.analysis.points if pooled else pd.DataFrame({"value": []})
    return records(points[points["value"].notna()])

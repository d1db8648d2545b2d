"""Harm avoided, and cost beside benefit: the sums of the impact report, each with its interval and its caveat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qitools.analysis.across import Across, Member
from qitools.analysis.harm import Harm
from qitools.analysis.harm import harm as counted
from qitools.analysis.worth import SCENARIOS
from qitools.analysis.worth import worth as sums
from qitools.views import ink, labels, timelines
from qitools.views import wording_sums as words
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.impact import grade_of, label_of, marked, named, outcome, warning
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import capital, joined, period
from qitools.views.subjects import records
from qitools.views.wording_impact import careful
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]
PICKER = "Collaborative"
LINES = ("Observed", "Expected at the rates before")
HARM_HEADS = {
    "period": "Period",
    "observed": "Observed",
    "expected": "Expected",
    "avoided": "Fewer so far",
    "ends": "95% interval",
}
WORTH_HEADS = {"name": "Guess", "benefit": "Benefit", "cost": "Cost", "net": "Benefit less cost"}


def avoided(found: Across) -> Figure:
    """Harm avoided: observed beside expected, added up since the start, for every outcome that counts harm.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        A ``Figure`` of kind ``avoided`` with a picker over outcomes; its table has one row a period.
    """
    views = [_harm(found, member, measure) for member in found.members for measure in _harms(member)]
    return build("avoided", timelines.template(), views or [empty(words.NO_HARM)], (labels.PICKERS["outcome"],))


def empty(said: str) -> View:
    """Words in place of a picture."""
    table = ("points", said, (Column("period", "Period"),))
    return View("", (), said, {"points": {"period": []}}, table, panels=0, choice=("", ""))


def _harms(member: Member) -> list[str]:
    return [one for one in member.outcomes() if counted(member, one).reason != "not_harm"]


def _harm(found: Across, member: Member, measure: str) -> View:
    harm, label = counted(member, measure), label_of(found, member, measure)
    method, grade = member.analysis.method, grade_of(found, member.name, measure)
    name = careful(f"{capital(label['numerator'])}, {named(found)[member.name]}", "", f"{measure}, {member.name}")
    sentence = joined(words.harm_sentence(harm, name, label, grade, method), simulated(method))
    choice = (outcome(found, member, measure),)
    table = _months(harm, method)
    columns = tuple(Column(*pair, pair[0] != "period") for pair in HARM_HEADS.items())
    if harm.reason:
        return View("", (), sentence, {"months": table}, ("months", name, columns), panels=0, choice=choice)
    drawn, band = _lines(harm, method)
    return View(
        title=words.harm_title(harm),
        subtitle=(words.harm_subtitle(harm, label, method),),
        sentence=sentence,
        data={"points": drawn, "band": band, "months": table},
        table=("months", name, columns),
        params=timelines.params(drawn, LINES, [0.0, *band["high"]], {}),
        notes=(words.caution(harm),) if harm.caution == "short" else (),
        choice=choice,
    )


def _months(harm: Harm, method: Row) -> dict[str, list[Any]]:
    rows = records(harm.table)
    return {
        "period": [period(row["date"], method, short=True) for row in rows],
        **{name: [words.tenths(row[name]) for row in rows] for name in ("observed", "expected", "avoided")},
        "ends": [words.ends(row["low"], row["high"]) for row in rows],
    }


def _lines(harm: Harm, method: Row) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Observed and expected added up, and the interval around what is expected."""
    table = harm.table
    so_far = {"observed": np.cumsum(table["observed"]), "expected": np.cumsum(table["expected"])}
    lines = []
    for name in ("observed", "expected"):
        rows = records(table.assign(value=so_far[name]))
        lines.append(
            [
                {**row, "period": period(row["date"], method, short=True), "shown": f"{row['value']:,.0f}"}
                for row in rows
            ]
        )
    band = {"date": timelines.points(lines[:1])["date"]}
    if harm.caution == "drift":
        return timelines.points(lines), {"date": [], "low": [], "high": []}
    seen = np.asarray(so_far["observed"])
    return timelines.points(lines), band | {name: (seen + table[name].to_numpy()).tolist() for name in ("low", "high")}


# ---- cost and benefit -----------------------------------------------------------------------------------------------


def worth(found: Across) -> Figure:
    """Cost beside benefit, and how far each guess moves the answer.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        A ``Figure`` of kind ``worth`` with a picker over collaboratives; its table has one row a guess. Collaboratives
        whose sums are in another currency, or not given, are named in its notes.
    """
    told, titles = sums(found), named(found)
    out = tuple(
        words.worth_left_out(row, careful(titles[row["collaborative"]], "", row["collaborative"]), told.currency)
        for row in records(told.left_out)
    )
    names = list(dict.fromkeys(told.table["collaborative"]))
    views = [
        _worth(found, records(told.table[told.table["collaborative"] == name]), told.currency, out) for name in names
    ]
    return build(
        "worth", worth_template(), views or [View(**{**empty(words.NO_WORTH).__dict__, "notes": out})], (PICKER, "")
    )


def _worth(found: Across, rows: Sequence[Row], currency: str, out: tuple[str, ...]) -> View:
    name = str(rows[0]["collaborative"])
    scenarios = {row["scenario"]: row for row in rows}
    member = next((one for one in found.members if one.name == name), None)
    title = words.ALL if member is None else careful(named(found)[name], "", name)
    grade = grade_of(found, name, member.impact.benefit.measure) if member and member.impact.benefit else ""
    prices = _prices(member) if member else ""
    usual = scenarios["measured"]["net"]
    data: dict[str, list[Any]] = {
        "row": list(range(len(rows))),
        "name": [words.SCENARIOS[row["scenario"]] for row in rows],
        "value": [row["net"] for row in rows],
        "usual": [usual for _ in rows],
        **{key: [words.money(row[key], currency) for row in rows] for key in ("benefit", "cost", "net")},
    }
    ends = [0.0, *data["value"]]
    air = 0.08 * (max(ends) - min(ends) or 1)
    return View(
        title=words.worth_title(scenarios, currency),
        subtitle=(words.WORTH_SUBTITLE,),
        sentence=joined(
            words.worth_sentence(title, scenarios, currency, grade, prices, member.closed() if member else None),
            simulated(member.analysis.method) if member else warning(found),
        ),
        data={"rows": data},
        table=(
            "rows",
            marked(found, f"Cost and benefit: {title}") if member is None else f"Cost and benefit: {title}",
            tuple(Column(*pair, pair[0] != "name") for pair in WORTH_HEADS.items()),
        ),
        params={"xFrom": min(ends) - air, "xTo": max(ends) + air, "sum": currency} | ink.names(data["name"]),
        notes=out,
        choice=(title, ""),
    )


def _prices(member: Member) -> str:
    """Where price and cost come from."""
    cost, benefit = member.impact.cost, member.impact.benefit
    assert cost is not None and benefit is not None
    sources = list(dict.fromkeys(careful(one.source, "", "as its YAML says") for one in (cost, benefit)))
    return f"Prices and costs: {'; '.join(sources)}."


@kept
def worth_template() -> Spec:
    """The Vega-Lite template: a row a guess, a bar from nought and a mark at what was measured."""
    drawing = alt.layer(*_worth_layers()).properties(width="container", height=30 * len(SCENARIOS))
    empty = {"xFrom": -1, "xTo": 1, "names": [], "lines": [], "sum": "", "room": 1100}
    return ink.dressed(drawing, [alt.param(name=name, value=start) for name, start in empty.items()])


def _worth_layers() -> list[Any]:
    rows = alt.Chart(alt.NamedData(name="rows"))
    narrow = alt.ExprRef("room < 700 ? 130 : 280")
    row = alt.Y("row:O", axis=ink.named(700, labelLimit=narrow))
    scale = alt.Scale(domain=[alt.ExprRef("xFrom"), alt.ExprRef("xTo")], nice=False, zero=False)
    axis = alt.Axis(
        labelExpr="sum + ' ' + format(datum.value, '.3~s')", tickCount=alt.ExprRef("room < 700 ? 3 : 6"), grid=True
    )
    tooltip = alt.ExprRef("{title: datum.name, net: datum.net, benefit: datum.benefit, cost: datum.cost}")
    bars = rows.mark_bar(
        color=COLOUR["sent"], stroke=COLOUR["limit"], strokeWidth=1, size=15, tooltip=tooltip, **SILENT
    )
    return [
        bars.encode(alt.X("value:Q", axis=axis, scale=scale), row, x2=alt.datum(0)),
        rows.mark_rule(color=COLOUR["ink"], strokeWidth=1.5, **SILENT).encode(x=alt.datum(0)),
        rows.mark_point(shape="M0,-1L0,1", size=400, strokeWidth=2.5, color=COLOUR["ink"], **SILENT).encode(
            alt.X("usual:Q"), row
        ),
    ]

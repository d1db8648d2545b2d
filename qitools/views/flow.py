"""How a service runs, in pictures: four counts on one time axis, what does not add up, what more work would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.flow import Flow, charted, senders, summed_up
from qitools.analysis.flow import flow as flow_of
from qitools.analysis.focus import focus
from qitools.analysis.queueing import Future
from qitools.analysis.queueing import what_if as futures_of
from qitools.analysis.windows import usual_period
from qitools.views import charts, labels, lanes, numerals, strokes
from qitools.views import wording_flow as words
from qitools.views.figure import Column, Figure, View, build, nothing
from qitools.views.numerals import joined, known, period, records
from qitools.views.subjects import DAYS, Subject, by
from qitools.views.subjects import subjects as series_of
from qitools.views.tables import Table
from qitools.views.wording_series import simulated

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

LANES = ("demand", "capacity", "activity", "queue")
HEIGHT, TALL = 118, 300  # pixels of one of four lanes, and of one alone
PERIOD = Column("period", labels.COLUMNS["period"])
MOST_NOTES = 12


def dcaq(analysis: Analysis, team: str = "") -> Figure:
    """Demand, capacity, activity and queue, one below the other on one time axis.

    Args:
        analysis: what ``qi.analyse`` gave for a collaborative with ``sources.flow``.
        team: id of a team; "" for a picker over all teams together and each.

    Returns:
        A ``Figure`` of kind ``dcaq``; its table holds the counts. Where none are known, words say how to give them.

    Raises:
        ParameterError: an unknown team, with the nearest name.
    """
    return pictured("dcaq", analysis, team, lanes.template(len(LANES), HEIGHT, True), _dcaq, words.NO_FLOW)


def backlog(analysis: Analysis, team: str = "") -> Figure:
    """Demand less activity added up, and the queue beside what the other counts make of it.

    Args, raises: as ``dcaq``.

    Returns:
        A ``Figure`` of kind ``backlog``; a diamond and a note for each period in which the counts do not agree.
    """
    return pictured("backlog", analysis, team, lanes.template(2, 190), _backlog, words.NO_FLOW)


def what_if(analysis: Analysis, team: str = "") -> Figure:
    """The queue to come at today's work and at more, simulated, with intervals.

    Args, raises: as ``dcaq``.

    Returns:
        A ``Figure`` of kind ``what_if`` with a picker over the work done; words where too little is known.
    """
    names = _names(analysis, team)
    views = [view for one, name in names.items() for view in _futures(analysis, one, name)]
    if not views:
        absent = words.NO_FUTURE if names else words.NO_FLOW
        views = [replace(nothing(("", "")), sentence=absent)]
    return build("what_if", lanes.template(1, TALL), views, (words.TEAM, words.SCENARIO))


def headroom(analysis: Analysis) -> Table:
    """What each team has and what its demand would need: utilisation, the 80 % rule and the percentiles of demand.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        A ``Table`` with one row a team; empty where nothing is known.
    """
    rows = [
        _headroom(name, found)
        for one, name in _names(analysis, "").items()
        if (found := flow_of(analysis, one)) is not None
    ]
    frame = pd.DataFrame(rows, columns=list(words.CAPACITY_HEADS))
    note = words.CAPACITY_NOTE if rows else words.NO_FLOW
    told = joined(note, _above(analysis, ""), simulated(analysis.method)) if rows else note
    return Table(
        words.CAPACITY_CAPTION,
        frame,
        words.CAPACITY_HEADS[1:],
        note=told,
        simulated=bool(rows and analysis.method.get("simulated")),
    )


def _headroom(name: str, found: Flow) -> tuple[str, ...]:
    sums = summed_up(found)
    between = " to ".join(numerals.number(sums[end]) for end in ("low", "high")) if known(sums["low"]) else "not known"
    agree = f"{sums['failures']:.0f} of {sums['checked']:.0f}" if sums["checked"] else words.UNCHECKED
    means = (numerals.number(sums[one]) for one in ("demand", "capacity", "activity"))
    weeks = f"{sums['weeks']:.1f}" if known(sums["weeks"]) else "not known"
    rule = (numerals.share(sums["utilisation"]), numerals.number(sums["eighty"]), between)
    return (name, *means, *rule, numerals.number(sums["queue"]), weeks, agree)


# ---- what the pictures share ----------------------------------------------------------------------------------------


def pictured(
    kind: str,
    analysis: Analysis,
    team: str,
    template: dict[str, Any],
    view: Callable[[Analysis, str, str], View | None],
    absent: str,
    table: str = "flow",
) -> Figure:
    """A figure with a view for all teams together and each, of one of the tables of the service."""
    views = [made for one, name in _names(analysis, team, table).items() if (made := view(analysis, one, name))]
    return build(kind, template, views or [replace(nothing(("",)), sentence=absent)], (words.TEAM,))


def _names(analysis: Analysis, team: str, table: str = "flow") -> dict[str, str]:
    """The teams shown and their names; "" for all together, first, where there are several."""
    focus(analysis, team)
    there, label = senders(analysis, table), by(analysis.teams, "team")
    wanted = [team] if team else ["", *there] if len(there) > 1 else there
    return {one: str(label[one]["name"]) if one else words.ALL for one in wanted if not one or one in there}


def days_of(dates: pd.Series[Any]) -> list[float]:
    """Dates in days since 1970."""
    return [float(day) for day in dates.to_numpy("datetime64[D]").astype(int)]


def span_of(days: Sequence[float], kind: str) -> tuple[float, float]:
    """The time axis: half a period of air at both ends."""
    return days[0] - 0.6 * DAYS[kind], days[-1] + 0.6 * DAYS[kind]


def under(text: str, analysis: Analysis) -> tuple[str, ...]:
    """The subtitle, with the word simulated where it belongs, and the source."""
    method = analysis.method
    return charts.subtitle(f"{text}{labels.SIMULATED if method.get('simulated') else ''}", method)


def numbers(values: pd.Series[Any]) -> list[str]:
    """Counts in words, "" where there are none."""
    return [numerals.number(float(value)) if known(value) else "" for value in values]


def _above(analysis: Analysis, team: str) -> str:
    """What is left out since it is more than could be done, and where the queue does not bear it out."""
    found = flow_of(analysis, team)
    names = dict(zip(analysis.teams["team"].astype(str), analysis.teams["name"].astype(str), strict=True))
    told = words.above(analysis.method.get("findings", ()), team, names, usual_period(analysis))
    doubted = periods(found.table.loc[found.doubted, "date"], found.period) if found is not None else []
    return joined(told, words.doubted(doubted))


def _sideless(subject: Subject) -> Subject:
    """A series whose signals are neither better nor worse."""
    kinds = [kind.removeprefix("un").replace("favourable", "neutral") for kind in subject.points["kind"]]
    return replace(subject, points={**subject.points, "kind": kinds})


def periods(dates: pd.Series[Any], kind: str) -> list[str]:
    return [period(day, kind, short=True) for day in dates]


# ---- each picture ---------------------------------------------------------------------------------------------------


def _dcaq(analysis: Analysis, team: str, name: str) -> View | None:
    found = flow_of(analysis, team)
    if found is None:
        return None
    sums, days = summed_up(found), days_of(found.table["date"])
    canvas = lanes.Canvas(len(LANES), span_of(days, found.period))
    drawn = {str(one.measure["measure"]): one for one in series_of(charted(found))}
    verdict, legend = "", {"none": words.KINDS["none"]}
    for at, column in enumerate(LANES):
        if column not in drawn:
            canvas.data["heads"].append({"y": at + 0.06, "text": f"{words.NAMES[column]}: not sent"})
            continue
        subject = _sideless(drawn[column]) if column == "queue" else drawn[column]
        head = f"{words.NAMES[column]}{', worked out' if found.implied and column == 'demand' else ''}"
        lane = canvas.lane(at, head, charts.levels(subject))
        legend |= {charts.pointing(kind, subject.measure): said for kind, said in strokes.legend([subject]).items()}
        _charted(lane, subject)
        verdict = str(subject.series["verdict"]) if column == "queue" else verdict
    title, told = words.dcaq_title(found, sums, name), words.dcaq_sentence(found, sums, verdict, name)
    table = {column: numbers(found.table[column]) for column in words.NAMES}
    shown = [column for column in words.NAMES if found.table[column].notna().any()]
    return View(
        title=title,
        subtitle=under(words.dcaq_subtitle(found), analysis),
        sentence=joined(told, _above(analysis, team), simulated(analysis.method)),
        data={**canvas.sets(), "table": {"period": periods(found.table["date"], found.period), **table}},
        table=("table", name, (PERIOD, *(Column(one, words.NAMES[one], True) for one in shown))),
        params=canvas.params(**lanes.key(legend)),
        choice=(name,),
    )


def _charted(lane: lanes.Lane, subject: Any) -> None:
    """A run chart in a lane: the line of the data, its centre line by phase, and its points."""
    own, lines = subject.points, strokes.lines(subject)
    lane.line(own["day"], own["value"], "data")
    days = [(pd.Timestamp(day) - pd.Timestamp(0)).days for day in lines["date"]]
    for phase in dict.fromkeys(lines["phase"]):
        at = [i for i, one in enumerate(lines["phase"]) if one == phase]
        lane.line([days[i] for i in at], [lines["centre"][i] for i in at], "centre", f"centre-{phase}")
    points = strokes.points(subject)
    kinds = [charts.pointing(kind, subject.measure) for kind in points["kind"]]
    told = {one: points[one] for one in ("period", "shown", "centre", "note")}
    lane.points(own["day"], own["value"], kind=kinds, **told)


def _backlog(analysis: Analysis, team: str, name: str) -> View | None:
    found = flow_of(analysis, team)
    if found is None:
        return None
    rows, days = found.table, days_of(found.table["date"])
    canvas = lanes.Canvas(2, span_of(days, found.period))
    known_ = [float(one) for one in rows["backlog"].dropna()]
    when = periods(rows["date"], found.period)
    lane = canvas.lane(0, words.BACKLOG_HEADS[0], [0.0, *known_])
    lane.line(days, rows["backlog"].tolist(), "centre")
    lane.points(days, rows["backlog"].tolist(), period=when, shown=numbers(rows["backlog"]))
    queue = pd.concat([rows["queue"], rows["expected"]]).dropna()
    lane = canvas.lane(1, words.BACKLOG_HEADS[1], [float(one) for one in queue])
    lane.line(days, rows["expected"].tolist(), "expected")
    lane.line(days, rows["queue"].tolist(), "data")
    failing = rows.index.isin(found.failures.index)
    kinds, said = ["fail" if one else "none" for one in failing], numbers(rows["queue"])
    lane.points(days, rows["queue"].tolist(), kind=kinds, period=when, shown=said)
    failures = records(found.failures)
    table = {
        "period": when,
        **{one: numbers(rows[one]) for one in ("demand", "activity", "backlog", "queue", "expected", "difference")},
    }
    heads = {
        "demand": words.NAMES["demand"],
        "activity": words.NAMES["activity"],
        "backlog": words.BACKLOG_HEADS[0],
        "queue": words.NAMES["queue"],
        "expected": "Queue by the other counts",
        "difference": "Difference",
    }
    return View(
        title=words.backlog_title(found, name),
        subtitle=under(words.dcaq_subtitle(found), analysis),
        sentence=joined(words.backlog_sentence(found, name), _above(analysis, team), simulated(analysis.method)),
        data={**canvas.sets(), "table": table},
        table=("table", name, (PERIOD, *(Column(one, head, True) for one, head in heads.items()))),
        params=canvas.params(),
        notes=tuple(words.failure(row, found.period) for row in failures[:MOST_NOTES]),
        panels=1 if known_ or len(queue) else 0,
        choice=(name,),
    )


def _futures(analysis: Analysis, team: str, name: str) -> list[View]:
    found = flow_of(analysis, team)
    return [] if found is None else [_future(analysis, found, one, team, name) for one in futures_of(found)]


def _future(analysis: Analysis, found: Flow, one: Future, team: str, name: str) -> View:
    rows = found.table.dropna(subset=["queue"])
    past, ahead = days_of(rows["date"]), days_of(one.table["date"])
    canvas = lanes.Canvas(1, span_of([*past, *ahead], found.period))
    levels = [0.0, one.goal, *map(float, rows["queue"]), *map(float, one.table["high"])]
    lane = canvas.lane(0, "", levels)
    start = float(rows["queue"].iloc[-1])
    lane.band([past[-1], *ahead], [start, *one.table["low"]], [start, *one.table["high"]])
    lane.line(canvas.span, [one.goal, one.goal], "goal")
    lane.line(past, rows["queue"].tolist(), "data")
    lane.line([past[-1], *ahead], [start, *one.table["middle"]], "expected")
    lane.points(past, rows["queue"].tolist(), period=periods(rows["date"], found.period), shown=numbers(rows["queue"]))
    lane.end(one.goal, words.GOAL, numerals.number(one.goal))
    last = float(one.table["middle"].iloc[-1])
    lane.end(last, *(f"{told} {numerals.number(last)}" for told in words.MIDDLE))
    lanes.settle(canvas, TALL)
    table = {
        "period": periods(one.table["date"], found.period),
        **{end: numbers(one.table[end]) for end in ("low", "middle", "high")},
    }
    heads = (PERIOD, Column("low", "2.5% of runs below", True), Column("middle", "Middle", True))
    return View(
        title=words.future_title(one, found, name),
        subtitle=under(words.FUTURE_SUBTITLE, analysis),
        sentence=joined(words.future_sentence(one, found, name), _above(analysis, team), simulated(analysis.method)),
        data={**canvas.sets(), "table": table},
        table=("table", name, (*heads, Column("high", "2.5% of runs above", True))),
        params=canvas.params(),
        choice=(name, words.scenario(one.extra)),
    )

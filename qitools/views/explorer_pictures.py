"""From what is tried to what is seen: the part of the collaborative looked at, analysed, and its chart.

Only the measure looked at is analysed; for the chart of one team at first that team alone, so that it follows the hand.
Its words wait for all teams, since how noisy a measure is shows in all of them. Numbers come from ``qi.analyse``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.focus import focus
from qitools.collaborative.amending import Decision, amended
from qitools.collaborative.decided import HOMES, Exclusion, Phase
from qitools.collaborative.loading import Collaborative, data_folder, load
from qitools.views import charts, ink, multiples, wording
from qitools.views import wording_explorer as words
from qitools.views.explorer_state import Desk, State
from qitools.views.figure import Spec, View, nothing
from qitools.views.subjects import Subject, records
from qitools.views.subjects import subjects as series_of

# chart kinds that suit each kind of data, the usual first; what else stands in the YAML is offered too
SUITED = {
    "proportion": ("run", "p", "pp", "i", "mr"),
    "rate": ("run", "u", "up", "i", "mr"),
    "count": ("run", "c", "i", "mr"),
    "value": ("run", "i", "mr"),
    "days_between": ("run", "t", "i"),
    "events_between": ("run", "g", "i"),
}
ONE, MANY = "chart", "multiples"


@dataclass(frozen=True)
class Picture:
    """What is drawn: the kind of picture, its template, and the view that fills it.

    ``whole``: its words are complete; ``refused``: there is nothing but words, which say why.
    """

    kind: str
    template: Spec
    view: View
    whole: bool = True
    refused: bool = False


def tried(desk: Desk, state: State | None = None, team: str = "") -> Collaborative:
    """The measure looked at, in one team or in all, as it would be with what is tried."""
    state = state or desk.now
    measure, decisions = state.measure, [one for one in state.decisions if _concerns(one, state.measure, team)]
    periods = tuple(one for one in state.decisions if one.kind == "period") if desk.seen else ()
    rows = desk.once(("rows", measure, team, periods), lambda: part(_opened(desk, periods), measure, team))
    return _with(rows, [one for one in decisions if one.kind != "period"])


def _opened(desk: Desk, periods: tuple[Decision, ...]) -> Collaborative:
    return desk.once(periods, lambda: _with_periods(desk, periods)) if periods else desk.opened


def _with_periods(desk: Desk, periods: Sequence[Decision]) -> Collaborative:
    """Figures are added up as the files are read: the collaborative is opened again, from a copy of its YAML."""
    opened, seen = desk.opened, desk.version()
    told = [replace(one, reason="tried", by="tried", decided=opened.as_of.date()) for one in periods]
    with tempfile.TemporaryDirectory(prefix="qitools-") as folder:
        copy = Path(folder) / seen.path.name
        copy.write_text(amended(seen.text.removeprefix("\ufeff"), copy.name, told), encoding="utf-8")
        return load(copy, audience=opened.audience, as_of=desk.as_of or None, data=data_folder(None, seen.path))


def _with(opened: Collaborative, decisions: Iterable[Decision]) -> Collaborative:
    """Decisions as the YAML would hold them."""
    parameters, notes = opened.parameters, list[dict[str, Any]]()
    for one in decisions:
        given: dict[str, Any] = {"team": one.team, "measure": one.measure}
        if one.kind == "annotation":
            notes.append({**given, "date": pd.Timestamp(str(one.date)), "text": one.reason})
            continue
        if one.kind == "phase":
            given = {"phases": (*parameters.phases, Phase(start=_day(one), reason=one.reason, **given))}
        elif one.kind == "exclusion":
            given = {"exclusions": (*parameters.exclusions, Exclusion(date=_day(one), reason=one.reason, **given))}
        elif HOMES[one.kind] == "measure":
            changed = (
                known.model_copy(update={one.kind: one.value}) if known.id == one.measure else known
                for known in parameters.measures
            )
            given = {"measures": tuple(changed)}
        else:
            given = {one.kind: one.value}
        parameters = parameters.model_copy(update=given)
    changes = pd.concat([opened.changes, pd.DataFrame(notes)], ignore_index=True) if notes else opened.changes
    return replace(opened, parameters=parameters, changes=changes)


def _day(one: Decision) -> date:
    assert one.date is not None  # a point has a day
    return one.date


def part(whole: Collaborative, measure: str, team: str = "") -> Collaborative:
    """One measure of a collaborative, of one team or all: the same decisions, fewer rows."""
    known, table, changes = whole.parameters, whole.observations, whole.changes
    kept: dict[str, Any] = {"measures": tuple(one for one in known.measures if one.id == measure)}
    kept |= {
        name: tuple(one for one in getattr(known, name) if _concerns(one, measure, team))
        for name in ("phases", "exclusions")
    }
    if team:
        kept["teams"] = tuple(one for one in known.teams if one.id == team)
    rows = table["measure"] == measure
    told = changes["measure"].isin(["", measure])
    if team:
        rows &= table["team"] == team
        told &= changes["team"].isin(["", team])
    return replace(
        whole,
        parameters=known.model_copy(update=kept),
        observations=table[rows].reset_index(drop=True),
        changes=changes[told].reset_index(drop=True),
        findings=whole.findings[:0],
    )


def _concerns(one: Any, measure: str, team: str) -> bool:
    """Whether a decision shows in the chart of a measure, of one team or of all."""
    return one.measure in ("", measure) and (not team or one.team in ("", team))


def analysed(desk: Desk, state: State | None = None) -> Analysis:
    """The measure looked at in all teams, with what is tried.

    Raises:
        ParameterError, DataError: settings that do not fit the figures.
    """
    wanted = state or desk.now
    key = (wanted.measure, wanted.decisions)
    return desk.once(key, lambda: analyse(tried(desk, wanted)))


def everything(desk: Desk) -> Analysis:
    """All measures and teams, as the YAML has them."""
    return analyse(desk.opened)


def at_once(desk: Desk) -> Picture:
    """The picture of what is looked at, as soon as can be; of one team its words are not complete yet."""
    state = desk.now
    if not state.team or desk.value("chart") == "auto":  # auto looks at all teams
        return complete(desk)
    alone = analyse(tried(desk, team=state.team))
    return replace(_of_one(list(series_of(alone))), whole=False)


def complete(desk: Desk, state: State | None = None) -> Picture:
    """The picture with all its words."""
    state = state or desk.now
    analysis = analysed(desk, state)
    if state.team:
        return _of_one(list(series_of(focus(analysis, team=state.team))))
    found = list(series_of(analysis))
    view = multiples.view(found) if found else nothing(("",))
    return Picture(MANY, multiples.template_of(found, max(1, len(found))), view)


def _of_one(found: Sequence[Subject]) -> Picture:
    return Picture(ONE, ink.template(), charts.view(found[0]) if found else nothing(("", "")))


def refused(message: str) -> Picture:
    """Words in the place of a chart."""
    return Picture(ONE, ink.template(), replace(nothing(("", "")), sentence=message), refused=True)


def chart_kinds(desk: Desk) -> list[str]:
    """The chart kinds to choose from for the measure looked at."""
    measure = next(one for one in desk.opened.parameters.measures if one.id == desk.now.measure)
    suited = ("xbar", "s") if measure.rows == "subgroup" else SUITED[measure.data]
    return list(dict.fromkeys([*suited, "auto", measure.chart]))


def auto_reason(desk: Desk) -> str:
    """What ``auto`` chose and why, in a sentence; "" where a kind was chosen."""
    if desk.value("chart") != "auto":
        return ""
    analysis = analysed(desk)
    why = analysis.method["auto"].get(desk.now.measure, "")
    return words.auto_reason(str(analysis.measures["chart"].iloc[0]), wording.reason(why)) if why else ""


def suggestions(desk: Desk) -> list[Mapping[str, Any]]:
    """Phases that the data of one team suggest and nobody declared: rows of ``Analysis.phases``."""
    state = desk.now
    if not state.team:
        return []
    asked = analyse(tried(desk, team=state.team), rebase="sustained-shift")
    return [row for row in records(asked.phases) if row["trigger"] > 0 and not row["text"]]


def periods(desk: Desk) -> dict[str, str]:
    """The periods of the series looked at: in words, and as a date."""
    if not desk.now.team:
        return {}
    analysis = focus(analysed(desk), team=desk.now.team)
    kind = period_kind(desk)
    return {wording.period(day, kind): f"{day:%Y-%m-%d}" for day in analysis.points["date"]}


def period_kind(desk: Desk) -> str:
    """week, month or quarter, for the team looked at."""
    return str(desk.value("period"))


def difference(desk: Desk, other: State) -> str:
    """What differs between two states of one measure and team, in one sentence: ``other`` is on the left."""
    now, changed = desk.now, list[str]()
    names = {} if now.team else {one.id: one.name for one in desk.opened.parameters.teams}
    both = dict.fromkeys((*other.decisions, *now.decisions))
    seen = [one for one in both if _concerns(one, now.measure, now.team)]
    for kind, team in dict.fromkeys((one.kind, one.team) for one in seen if one.kind in HOMES):
        tried_there = [replace(side, team=team or now.team).tried(kind) for side in (other, now)]
        before, after = (one.value if one else desk.standing(kind, team) for one in tried_there)
        if before != after:
            changed.append(words.change(kind, before, after, names.get(team, "")))
    for one in seen:
        if one.kind not in HOMES and one.date and (one in other.decisions) != (one in now.decisions):
            side = "left" if one in other.decisions else "right"
            changed.append(words.decided_here(one.kind, one.date, period_kind(desk), side, names.get(one.team, "")))
    rows = [_found(desk, side) for side in (other, now)]
    if now.team and all(rows):
        return words.differs(rows[0][0], rows[1][0], changed)
    told = [[wording.cell(one["series"], one["measure"], one["kind"]) for one in side] for side in rows]
    return words.differs_teams(told[0], told[1], changed)


def _found(desk: Desk, state: State) -> list[dict[str, Any]]:
    analysis = analysed(desk, state)
    found = series_of(focus(analysis, team=state.team))
    return [{"series": one.series, "measure": one.measure, "kind": one.period} for one in found]

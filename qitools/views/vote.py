"""Vote before the reveal: a chart whose last points are hidden until the room has said what it expects.

Two views of one series. What is shown first is computed from the earlier points alone, on the axes of the whole: no
finding in its title, no signals, no table, no later phase. The whole is the ordinary chart; the page swaps one for the
other when somebody presses R or the button.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.earlier import before, series_before
from qitools.analysis.focus import focus, main_measure
from qitools.errors import ParameterError, Problem
from qitools.views import charts, ink, labels, pooled, strokes
from qitools.views import wording_agenda as wording
from qitools.views.figure import Column, Data, Figure, View, build, nothing
from qitools.views.numerals import known
from qitools.views.subjects import by
from qitools.views.subjects import subjects as series_of
from qitools.views.wording_teams import ALL_TEAMS

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

LAST = 6  # points hidden: as many as could make a shift on their own
LEFT = 6  # points that must remain to be seen, or there is nothing to guess from
FROZEN = ("xLow", "xHigh", "yLow", "yHigh", "form", "unit", "raised", "teams")  # the axes of the whole
SUBGROUPS = ("xbar", "s")  # several rows a date: a point cannot be made again from the table of points
UNSEEN = ("unseen", "", (Column("period", labels.COLUMNS["period"]),))


def vote(analysis: Analysis, measure: str = "", team: str = "", last: int = LAST) -> Figure:
    """All teams together with the last points hidden, until the room has voted on what they will show.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.
        team: id of a team whose own chart is put to the vote; "" for all teams together.
        last: points to hide, 1 or more.

    Returns:
        A ``Figure`` of kind ``vote``. Its sentence, table and specification are those of the hidden state; the whole
        is only in its HTML.

    Raises:
        ParameterError: an unknown measure or team, a team that has not agreed to be shown (``teams[].share``), or
            ``last`` below 1.
    """
    if last < 1:
        raise ParameterError("Nothing would be hidden.", [Problem(where="last", found=str(last), expected="1 or more")])
    part = focus(analysis, team=team, measure=measure)
    _consented(part, team)
    first = measure or main_measure(analysis)
    names = sorted((str(name) for name in part.measures["measure"]), key=lambda name: name != first)
    views = [_of_team(part, name, last) if team else _of_all(analysis, name, last) for name in names]
    return build("vote", ink.template() if team else pooled.template(), views, (labels.PICKERS["measure"],))


def _consented(part: Analysis, team: str) -> None:
    if team and not bool(part.teams["share"].iloc[0]):
        problem = Problem(
            where=f"teams, {team}, share",
            found="no agreement to be shown",
            expected="share: true",
            hint="ask the team first, then write it into the YAML",
        )
        raise ParameterError("This team's chart cannot be put to the vote.", [problem])


def _of_all(analysis: Analysis, measure: str, last: int) -> View:
    """All teams together: pooled anew from the earlier figures."""
    whole = pooled.view(analysis, measure)
    cut = _cut(whole, last)
    if cut is None:
        return _too_short(whole)
    label = by(analysis.measures, "measure")[measure]
    return _held(pooled.view(before(analysis, cut), measure), whole, label, ALL_TEAMS, last, analysis.method)


def _of_team(part: Analysis, measure: str, last: int) -> View:
    """One team's own chart."""
    one = focus(part, measure=measure)
    subjects = list(series_of(one))
    if not subjects or subjects[0].measure["chart"] in SUBGROUPS:
        return nothing((str(one.measures["name"].iloc[0]),))
    (subject,) = subjects
    whole = replace(charts.view(subject), choice=(str(subject.measure["name"]),))
    cut = _cut(whole, last)
    if cut is None:
        return _too_short(whole)
    (earlier,) = series_of(series_before(one, cut))
    return _held(charts.view(earlier), whole, subject.measure, str(subject.team["name"]), last, one.method)


def _cut(whole: View, last: int) -> pd.Timestamp | None:
    """The date of the first point to hide; None where too few would be left."""
    points = whole.data.get("points", {})
    dates = [date for date, value in zip(points.get("date", ()), points.get("value", ()), strict=True) if known(value)]
    return pd.Timestamp(dates[-last]) if len(dates) >= last + LEFT else None


def _too_short(whole: View) -> View:
    """Words where nothing can be hidden: the pooled chart itself stands elsewhere on the page."""
    return replace(nothing(whole.choice), sentence=wording.VOTE_TOO_SHORT if whole.panels else whole.sentence)


def _held(early: View, whole: View, measure: Any, who: str, last: int, method: Any) -> View:
    """The earlier view without findings, on the axes of the whole, and the whole to be shown after it."""
    points = unmarked(early.data["points"])
    kinds = ["none", *(["excluded"] if "excluded" in points["kind"] else [])]
    words = {kind: early.params["words"][kind] for kind in kinds}
    drawn = {"points": points, **_stretched(early, whole), "unseen": {"period": []}}
    return replace(
        early,
        title=wording.vote_title(who),
        sentence=wording.vote_sentence(measure, who, points["period"], last, method),
        data={**early.data, **drawn},
        table=UNSEEN,
        params={
            **early.params,
            **{name: whole.params[name] for name in FROZEN if name in whole.params},
            "kinds": kinds,
            "words": words,
            "wide": strokes.key_width(words.values()),
        },
        choice=whole.choice,
        reveal=whole,
    )


def unmarked(points: Data) -> dict[str, Sequence[Any]]:
    """The points without signals: every one looks alike, save those left out by decision."""
    plain = ["excluded" if kind == "excluded" else "none" for kind in points["kind"]]
    told = [
        note if kind == "excluded" or not known(value) else ""
        for note, kind, value in zip(points["note"], plain, points["value"], strict=True)
    ]
    return {**points, "kind": plain, "note": told}


def _stretched(early: View, whole: View) -> dict[str, Data]:
    """Lines drawn on into the hidden part, and words placed for the axes of the whole."""
    low, high, end = (whole.params[name] for name in ("xLow", "xHigh", "yHigh"))
    share = (early.params["xHigh"] - early.params["xLow"]) / (high - low)
    lines, ends = dict(early.data["lines"]), dict(early.data["ends"])
    if lines["date"]:
        lines["date"] = [*lines["date"][:-1], whole.data["lines"]["date"][-1]]
    ends["y"] = strokes.spread(ends["y"], strokes.LINE * (end - whole.params["yLow"]) / strokes.HEIGHT)
    above = {name: _narrowed(early.data[name], share) for name in ("phases", "notes")}
    return {"lines": lines, "ends": ends, **above}


def _narrowed(columns: Data, share: float) -> Data:
    """The room of words above the plot, as a share of the longer axis; the last has the hidden part as well."""
    rooms = [room * share for room in columns["room"]]
    return {**columns, "room": [*rooms[:-1], *(room + 1 - share for room in rooms[-1:])]}

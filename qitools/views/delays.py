"""Why people wait and how long: the commonest reasons first, and the bands of waits beside those of a year before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qitools.analysis.delays import pareto
from qitools.analysis.delays import waits as waits_of
from qitools.analysis.windows import usual_period
from qitools.views import bars, numerals
from qitools.views import wording_delays as words
from qitools.views.figure import Column, Figure, View
from qitools.views.flow import pictured, under
from qitools.views.numerals import joined, known
from qitools.views.subjects import Columns
from qitools.views.wording_series import simulated

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis


def delays(analysis: Analysis, team: str = "") -> Figure:
    """The reasons for delay over the last year, the commonest first.

    Args:
        analysis: what ``qi.analyse`` gave for a collaborative with ``sources.delays``.
        team: id of a team; "" for a picker over all teams together and each.

    Returns:
        A ``Figure`` of kind ``delays``; the sentence says where no reason was recorded. Words where none are known.

    Raises:
        ParameterError: an unknown team, with the nearest name.
    """
    most = analysis.records.delays["reason"].nunique()
    template = bars.template(max(most, 1), True)
    return pictured("delays", analysis, team, template, _delays, words.NO_DELAYS, "delays")


def waits(analysis: Analysis, team: str = "") -> Figure:
    """How long those wait who wait, at the last date known, beside a year before.

    Args, raises: as ``delays``.

    Returns:
        A ``Figure`` of kind ``waits``; words where nothing is known.
    """
    most = analysis.records.waits["from_weeks"].nunique()
    return pictured("waits", analysis, team, bars.template(max(most, 1), False), _waits, words.NO_WAITS, "waits")


def _delays(analysis: Analysis, team: str, name: str) -> View | None:
    found = pareto(analysis, team)
    if found is None:
        return None
    rows, kind = found.table, usual_period(analysis)
    teams = dict(zip(analysis.teams["team"].astype(str), analysis.teams["name"].astype(str), strict=True))
    counts = [numerals.number(float(one)) for one in rows["count"]]
    shares = [100 * float(one) if known(one) else 0.0 for one in rows["share"]]
    together = [numerals.share(float(one)) for one in rows["together"]]
    data: Columns = {
        "row": list(range(len(rows))),
        "name": [str(one) for one in rows["reason"]],
        "share": shares,
        "shown": [f"{count} ({numerals.share(share / 100)})" for count, share in zip(counts, shares, strict=True)],
        "beside": [100 * float(one) if known(one) else None for one in rows["together"]],
        "vital": [i < found.vital for i in range(len(rows))],
        "count": counts,
        "together": together,
    }
    columns = (Column("name", words.REASON), Column("shown", words.COUNT, True))
    return View(
        title=words.pareto_title(found, name),
        subtitle=under(words.PARETO_SUBTITLE, analysis),
        sentence=joined(words.pareto_sentence(found, name, teams, kind), simulated(analysis.method)),
        data={"bars": data},
        table=("bars", name, (*columns, Column("together", words.TOGETHER, True))),
        params={"most": 100},
        panels=1 if any(shares) else 0,
        choice=(name,),
    )


def _waits(analysis: Analysis, team: str, name: str) -> View | None:
    found = waits_of(analysis, team)
    if found is None:
        return None
    rows, kind = found.table, usual_period(analysis)
    shares = [100 * float(one) for one in rows["share"]]
    earlier = [100 * float(one) if known(one) else None for one in rows["earlier"]]
    counts = [numerals.number(float(one)) for one in rows["count"]]
    data: Columns = {
        "row": list(range(len(rows))),
        "name": [words.band(*pair) for pair in zip(rows["from_weeks"], rows["to_weeks"], strict=True)],
        "share": shares,
        "shown": [f"{count} ({numerals.share(share / 100)})" for count, share in zip(counts, shares, strict=True)],
        "beside": earlier,
        "vital": [i > 0 for i in range(len(rows))],
        "before": ["" if one is None else numerals.share(one / 100) for one in earlier],
    }
    columns = (Column("name", words.WAITED), Column("shown", words.SHARE, True))
    return View(
        title=words.waits_title(found, name),
        subtitle=under(words.waits_subtitle(found, kind), analysis),
        sentence=joined(words.waits_sentence(found, name, kind), simulated(analysis.method)),
        data={"bars": data},
        table=("bars", name, (*columns, Column("before", words.EARLIER, True))),
        params={"most": max([*shares, *(one for one in earlier if one is not None), 1]) * 1.05},
        choice=(name,),
    )

"""``analyse``: from observations to every limit, signal and verdict, in one pass over all series.

The recipe: open the source, put its rows in order, draw limits and test rules, lay the tables out, and say of each
series what it says. ``qitools.spc`` holds the arithmetic; here arrays become tables.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any, TypeAlias

import pandas as pd

from qitools.analysis import tables
from qitools.analysis.codes import joined
from qitools.analysis.dependence import dependence, unknown
from qitools.analysis.doorway import open_study
from qitools.analysis.drawing import draw_rows
from qitools.analysis.reading import read
from qitools.analysis.rows import arrange
from qitools.analysis.series import summarise
from qitools.collaborative.loading import Collaborative
from qitools.collaborative.records import Records
from qitools.spc.phases import Rebase
from qitools.spc.rule_sets import RULE_SETS

EachMeasure: TypeAlias = Any  # one value for all measures, or a mapping by measure


@dataclass(frozen=True, eq=False)
class Analysis:
    """Every number a page shows, in tables by measure, team and date; ``docs/architecture.md`` has the columns."""

    points: pd.DataFrame
    phases: pd.DataFrame
    series: pd.DataFrame
    measures: pd.DataFrame
    teams: pd.DataFrame
    events: pd.DataFrame
    method: dict[str, Any]
    records: Records = field(default_factory=Records)

    def __repr__(self) -> str:
        sizes = (f"{len(table):,} {name}" for name, table in vars(self).items() if isinstance(table, pd.DataFrame))
        return f"Analysis({', '.join(sizes)})"


def analyse(
    source: Any,
    *,
    chart: EachMeasure = None,
    rules: str | None = None,
    better: EachMeasure = None,
    per: EachMeasure = None,
    baseline: EachMeasure = None,
    phases: pd.DataFrame | None = None,
    exclusions: pd.DataFrame | None = None,
    rebase: str | Rebase | None = None,
    screen: bool | None = None,
    centre: EachMeasure = None,
    target: EachMeasure = None,
    period: str | None = None,
) -> Analysis:
    """Every limit, signal and verdict of a collaborative, or of a long table.

    Args:
        source: a ``Collaborative``, whose YAML fills all arguments not given, or a table with the columns
            ``team, measure, date, numerator[, denominator, status]``; several rows a date only for xbar, s, g and t.
        chart: run (default), i, mr, xbar, s, p, pp, u, up, c, g, t or auto.
        rules: name of a rule set (``qi.rule_sets()`` lists them); default ``his-2025``.
        better: higher, lower or neither; required for a table.
        per: what values are multiplied by, above 0; 100 makes a percentage of a proportion.
        baseline: points at the start of each phase that make its centre and limits; default: as the rule set says.
        phases: ``team, measure, start, reason``: decisions that a new phase begins; ``""`` means all.
        exclusions: ``team, measure, date[, until], reason``: points left out of limits and runs, still shown.
        rebase: none (default), sustained-shift, or a ``Rebase``.
        screen: leave out moving ranges of 3.267 times their mean or more, once.
        centre: a given centre line, in display units.
        target: in display units.
        period: week, month or quarter; for a table default: what the dates of each series share.

    Returns:
        An ``Analysis`` with the tables of ``docs/architecture.md``.

    Raises:
        ParameterError: an argument, phase or exclusion that cannot be; all of them at once.
        DataError: a table that cannot be read, with its rows.

    >>> months = pd.date_range("2025-01-01", periods=24, freq="MS")
    >>> table = pd.DataFrame({"team": "a", "measure": "falls", "date": months, "numerator": [5, 7] * 6 + [2, 3] * 6})
    >>> analyse(table, better="lower").series["verdict"].tolist()
    ['improved']
    """
    study = open_study(
        source,
        chart=chart,
        rules=rules,
        better=better,
        per=per,
        baseline=baseline,
        phases=phases,
        centre=centre,
        exclusions=exclusions,
        rebase=rebase,
        screen=screen,
        target=target,
        period=period,
    )
    rows = arrange(study)
    picture = draw_rows(study, rows)
    points, drawn_phases = tables.points(study, rows, picture), tables.phases(study, rows, picture)
    measures, method = tables.measures(study, picture), tables.method(study, picture, rows)
    if len(rows.key):
        reading = read(points, drawn_phases, measures)
        own, noise = dependence(reading)
        series = summarise(reading, own, period=study.period or "month", as_of=method["as_of"], due=study.gaps_filled)
    else:
        series, noise = tables.no_series(), unknown(len(picture.chart))
    noted = {"autocorrelation": noise.autocorrelation, "reason": joined(noise.codes())}
    columns = (points, drawn_phases, {**measures, **noted}, study.teams)
    point_table, phase_table, measure_table, team_table = (pd.DataFrame(each, copy=False) for each in columns)
    records = source.records if isinstance(source, Collaborative) else _no_records()
    events = tables.events(study)
    return Analysis(point_table, phase_table, series, measure_table, team_table, events, method, records)


@cache
def _no_records() -> Records:
    """What stands beside a plain table: nothing, made once, since making it takes longer than a small analysis."""
    return Records()


def rule_sets() -> pd.DataFrame:
    """The rule sets: one row each, with source and thresholds (0 or False: not in the set).

    >>> rule_sets().set_index("name").loc["his-2025", ["shift", "trend", "sustained"]].tolist()
    [6, 5, 9]
    """
    return pd.DataFrame([asdict(rule_set) for rule_set in RULE_SETS.values()])

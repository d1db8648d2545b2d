"""All teams as one: the sum of the numerators over the sum of the denominators, and how many teams it rests on.

A mean of the teams' own rates would give a ward of six beds the weight of a ward of sixty. Where a measure has no
denominators nothing can be summed honestly, so the median of the teams reporting stands in. A row that is already a
total (a "Scotland" among its own boards) would count everyone twice and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.focus import focus
from qitools.analysis.once import once
from qitools.analysis.series import SILENT
from qitools.errors import DataError, Problem
from qitools.spc.panel import Bools

ALL = "all"  # the id of the one team of a pooled analysis
AMPLE = 5  # smaller counts without denominators are too often equal by luck
STEADY = 0.9  # share of the periods that a team of the constant panel reported
ENOUGH_PERIODS = 6  # periods in which a row must equal the sum of the others before it is called a total
EVENTS = ("days_between", "events_between")  # rows are events of one team: there is nothing to add up
LEFT_OUT = "left out by decision"
MONTHS_OF_QUARTER = 3
SUMMABLE = ("proportion", "rate", "count")  # kinds of data whose numerators may be added up


@dataclass(frozen=True)
class Pooled:
    """All teams as one series, and who stands behind each period.

    Args:
        analysis: an ``Analysis`` with the one team ``all``.
        reporting: ``date, reporting, expected`` (teams; oldest first).
        panel: ``date, value, reporting``: the same figure of the teams that reported throughout; empty where all teams
            did, or fewer than two.
        steady: how many teams those are, of ``teams`` that reported at all.
    """

    analysis: Analysis
    reporting: pd.DataFrame
    panel: pd.DataFrame
    steady: int = 0
    teams: int = 0

    @property
    def told(self) -> pd.DataFrame:
        """The points with a figure that no decision leaves out."""
        points = self.analysis.points
        return points[points["value"].notna() & ~points["excluded"]]


def pool(analysis: Analysis, measure: str, baseline: int = 0) -> Pooled:
    """Pool one measure over all teams that reported.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: the id of a measure.
        baseline: points that make the first centre line; 0: as the measure's rules say.

    Returns:
        ``Pooled``: Σ numerator / Σ denominator per period, analysed by the measure's own chart and rules. Where rows
        are events, nothing can be pooled and the tables are empty.

    Raises:
        ParameterError: an unknown measure.
        DataError: a team that is the total of the others.
    """
    return _made(analysis, measure, baseline)


@once
def _made(analysis: Analysis, measure: str, baseline: int) -> Pooled:
    return _pool(focus(analysis, measure=measure), baseline, _never(analysis))


def _pool(part: Analysis, baseline: int, never: list[str]) -> Pooled:
    told, counted, label = _told(part), countable(part), part.measures.iloc[0]
    if label["data"] in EVENTS or part.points.empty:
        empty: dict[str, Any] = {name: getattr(part, name).iloc[:0] for name in ("points", "phases", "series")}
        nobody = pd.DataFrame({"date": [], "value": [], "reporting": []})
        return Pooled(replace(part, teams=_together(part), **empty), _present(part, counted), nobody)
    _refuse_totals(counted, label)
    aside = _aside(told, counted)
    both = pd.concat([counted, aside])
    together = _summed(both) if label["data"] in SUMMABLE else _medians(both)
    dates = _periods(told)
    together = together.set_index("date").reindex(dates).reset_index()  # a period without figures is a gap
    decided = _decided(part.events, aside)
    series = _analysed(part, together.assign(team=ALL, measure=label["measure"]), baseline, decided)
    steady = steady_teams(counted)
    return Pooled(series, _reporting(part, never), _panel(counted, steady, dates, label), len(steady), _teams(counted))


def countable(part: Analysis) -> pd.DataFrame:
    """The points of one measure that all teams together stand on: reported, not excluded, of the usual period.

    Hidden counts are the small ones: the sum of the others would lean to one side, so their periods are left out.
    """
    told = _told(part)
    whole = ~told["date"].isin(told.loc[hidden(told), "date"])
    return told[told["value"].notna() & ~told["excluded"] & whole]


def _aside(told: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """The points of periods that decisions left out for every team: shown together too, and not counted."""
    apart = ~told["date"].isin(counted["date"]) & ~told["date"].isin(told.loc[hidden(told), "date"])
    return told[apart & told["value"].notna()]


def _decided(events: pd.DataFrame, aside: pd.DataFrame) -> pd.DataFrame | None:
    """Those periods as exclusions, each with the reasons that were given."""
    if aside.empty:
        return None
    given = events[(events["kind"] == "exclusion") & events["date"].isin(aside["date"])]
    reasons = given.groupby("date")["text"].agg(lambda texts: "; ".join(dict.fromkeys(texts)))
    dates = _periods(aside)
    return pd.DataFrame({"date": dates, "reason": reasons.reindex(dates).fillna(LEFT_OUT).to_numpy()})


def _told(part: Analysis) -> pd.DataFrame:
    return part.points[~part.points["team"].isin(apart_by_period(part))]


def _teams(counted: pd.DataFrame) -> int:
    return int(counted["team"].nunique())


def steady_teams(counted: pd.DataFrame) -> list[str]:
    """The ids of the teams that reported throughout: at least nine in ten of the periods in which anyone did."""
    periods = counted["date"].nunique()
    sent = counted.groupby(counted["team"].astype(str), sort=False)["date"].nunique()
    return [str(team) for team in sent.index[sent >= STEADY * periods]]


def _panel(counted: pd.DataFrame, steady: list[str], dates: pd.Index[Any], label: pd.Series[Any]) -> pd.DataFrame:
    """The pooled figure of the steady teams alone, a row a period."""
    told = 2 <= len(steady) < _teams(counted)
    own = counted[counted["team"].isin(steady if told else [])]
    if label["data"] in SUMMABLE:
        sums = _summed(own).set_index("date")
        value = label["per"] * sums["numerator"] / sums["denominator"].where(sums["denominator"].notna(), 1.0)
    else:
        value = _medians(own).set_index("date")["numerator"]
    reporting = own.groupby("date")["team"].nunique()
    frame = pd.DataFrame({"value": value, "reporting": reporting}, index=dates if told else dates[:0])
    return frame.reset_index()


def apart_by_period(analysis: Analysis) -> list[str]:
    """The ids of teams that report by another period than most: three months in one cannot stand beside months."""
    usual = analysis.teams["period"].mode()
    return [str(team) for team in analysis.teams.loc[analysis.teams["period"] != usual.iloc[0], "team"]]


def _summed(counted: pd.DataFrame) -> pd.DataFrame:
    sums = counted.groupby("date", sort=True)[["numerator", "denominator"]]
    return sums.sum(min_count=1).reset_index()


def _medians(counted: pd.DataFrame) -> pd.DataFrame:
    medians = counted.groupby("date", sort=True)["value"].median()
    return medians.rename("numerator").reset_index().assign(denominator=float("nan"))


def _analysed(part: Analysis, together: pd.DataFrame, baseline: int, decided: pd.DataFrame | None) -> Analysis:
    """The pooled series through the same engine, under the same labels and method."""
    label, method = part.measures.iloc[0], part.method
    summed = label["data"] in SUMMABLE
    result = analyse(
        together[["team", "measure", "date", "numerator", "denominator"]],
        chart=label["chart"] if summed else "run",
        rules=method["rules"],
        better=label["better"],
        per=label["per"] if summed else 1,
        baseline=baseline or method["baseline"].get(label["measure"]),
        exclusions=None if decided is None else decided.assign(team=ALL, measure=label["measure"]),
        target=label["target"] if pd.notna(label["target"]) else None,
        screen=method["screen"],
        period=part.teams["period"].mode().iloc[0] or None,
    )
    applied = result.measures[["chart", "rule_set"]].iloc[0]
    measures = part.measures.assign(chart=applied["chart"], rule_set=applied["rule_set"])
    return replace(
        result, measures=measures, method={**method, **{name: result.method[name] for name in ("rule_sets", "period")}}
    )


def awaited(analysis: Analysis, measure: str) -> list[str]:
    """The ids of teams that should have reported the latest period of a measure and have not, in the fixed order."""
    part = focus(analysis, measure=measure)
    points, terms = _sent(part), _terms(part, _never(analysis))
    last = points["date"].max()
    there = set(points.loc[points["sent"] & (points["date"] == last), "team"])
    gone = set(part.series.loc[~part.series["current"], "team"].astype(str))
    return [str(team) for team in terms.index[_due(terms, pd.Index([last]))[0]] if team not in there | gone]


def owed(analysis: Analysis, measure: str) -> pd.DataFrame:
    """``team, date``: the periods of a measure for which a team owes, or owed, a figure."""
    part = focus(analysis, measure=measure)
    terms, dates = _terms(part, _never(analysis)), _periods(part.points)
    when, who = np.nonzero(_due(terms, dates))
    return pd.DataFrame({"team": terms.index[who].astype(str), "date": dates[when]})


def _reporting(part: Analysis, never: list[str]) -> pd.DataFrame:
    """Teams reporting and teams expected, per period."""
    points, terms, dates = _sent(part), _terms(part, never), _periods(part.points)
    each = points[points["sent"]].groupby("date")["team"].nunique().reindex(dates, fill_value=0)
    return pd.DataFrame({"date": dates, "reporting": each.to_numpy(), "expected": _due(terms, dates).sum(axis=1)})


def _sent(part: Analysis) -> pd.DataFrame:
    """The points, with ``sent``: something came, even where it is hidden or could not be used."""
    return part.points.assign(sent=came(part.points))


def came(points: pd.DataFrame) -> pd.Series[bool]:
    """Which points were reported, even where the figure is hidden or could not be used."""
    return points["status"] != "missing"


def hidden(points: pd.DataFrame) -> pd.Series[bool]:
    """Which points were reported and are not shown, because the counts are small."""
    return points["status"] == "suppressed"


def _never(analysis: Analysis) -> list[str]:
    """Teams that have sent nothing at all; one that sends other measures may owe no figure for this one."""
    heard = set(analysis.points.loc[came(analysis.points), "team"])
    return [str(team) for team in analysis.teams["team"] if team not in heard]


def _terms(part: Analysis, never: list[str]) -> pd.DataFrame:
    """How long each team is expected to report: from joining or first figure on; one silent for a year, to its last."""
    points, teams = _sent(part), part.teams.set_index("team")
    ends = points[points["sent"]].groupby(points["team"].astype(str))["date"].agg(["min", "max"])
    silent = pd.DataFrame({"min": points["date"].min(), "max": points["date"].max()}, index=never)
    ends = pd.concat([ends, silent]).reindex([team for team in teams.index if team in {*ends.index, *never}])
    joined = pd.to_datetime(teams["joined"]).reindex(ends.index)
    start = joined.fillna(ends["min"]).where(ends.index.isin(never), joined.fillna(ends["min"]).clip(upper=ends["min"]))
    quarterly = (teams["period"] == "quarter").reindex(ends.index)
    gone = ends["max"] + SILENT < points["date"].max()
    left = ends["max"].where(gone, points["date"].max())
    return pd.DataFrame({"start": start, "left": left, "quarterly": quarterly})


def _due(terms: pd.DataFrame, dates: pd.Index[Any]) -> Bools:
    """Which teams are expected, a row a period and a column a team; those by quarter in the first month of theirs."""
    starts_quarter = (pd.DatetimeIndex(dates).month.to_numpy() - 1) % MONTHS_OF_QUARTER == 0
    when, start, left = (np.asarray(one, "datetime64[ns]") for one in (dates, terms["start"], terms["left"]))
    here: Bools = (start <= when[:, None]) & (when[:, None] <= left)
    here &= starts_quarter[:, None] | ~terms["quarterly"].to_numpy(bool)
    return here


def _present(part: Analysis, counted: pd.DataFrame) -> pd.DataFrame:
    """Where rows are events: the teams with any, at the last date."""
    row = {"date": part.method["as_of"], "reporting": counted["team"].nunique(), "expected": len(part.teams)}
    return pd.DataFrame([row])


def _together(part: Analysis) -> pd.DataFrame:
    return part.teams.iloc[:1].assign(team=ALL, name=ALL, organisation="", board="")


def _periods(points: pd.DataFrame) -> pd.Index[Any]:
    dates: pd.Index[Any] = pd.Index(sorted(points["date"].unique()), name="date")
    return dates


def _refuse_totals(counted: pd.DataFrame, label: pd.Series[Any]) -> None:
    """Refuse a team whose figures equal the sum of all the others', period after period."""
    if label["data"] not in SUMMABLE:
        return
    own = counted[["numerator", "denominator"]].fillna(0)
    others = own.groupby(counted["date"]).transform("sum") - own
    crowd = own.groupby(counted["date"])["numerator"].transform("size") >= 3  # with two teams, equality is no proof
    ample = counted["denominator"].notna() | (counted["numerator"] >= AMPLE)
    equal = (own == others).all(axis=1)[crowd & ample & (counted["numerator"] > 0)]
    verdict = equal.groupby(counted["team"], observed=True).agg(["all", "size"])
    totals = verdict.index[verdict["all"] & (verdict["size"] >= ENOUGH_PERIODS)]
    if len(totals):
        problems = [
            Problem(
                where=f"team '{team}', measure '{label['measure']}'",
                found="the sum of all the other teams",
                expected="a team of its own",
                hint="leave it out with sources.observations.where or drop it from teams",
            )
            for team in totals
        ]
        raise DataError("A total is not a team: pooling it would count everyone twice.", problems)

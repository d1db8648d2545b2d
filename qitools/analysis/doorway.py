"""The door of ``qi.analyse``: a Collaborative, or a long table with arguments, becomes one checked ``Study``.

Behind this door nothing asks where the data came from. Everything wrong with arguments and table is said at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qitools.errors import DataError, ParameterError, Problem, nearest
from qitools.spc.limits import KINDS
from qitools.spc.phases import Rebase
from qitools.spc.rule_sets import RULE_SETS

COLUMNS = ("team", "measure", "date", "numerator", "denominator")
BETTER = ("higher", "lower", "neither")
PERIODS = ("week", "month", "quarter")
CHARTS = (*KINDS, "auto")
EVENT_CHARTS = ("g", "t")
SUBGROUP_CHARTS = ("xbar", "s")
DECISIONS = ("team", "measure", "start", "until", "reason", "by", "decided")
DAY = "datetime64[us]"


@dataclass(frozen=True, eq=False)
class Study:
    """What is to be analysed, checked.

    Args:
        observations: team, measure (ordered categories), date, numerator, denominator, status.
        measures: the labels of the contract, ``chart`` as asked, and ``rows, baseline, centre``; in order.
        teams: the labels of the contract, in order.
        phases, exclusions: team, measure, start, until, reason, by, decided ("" means all).
        changes: team, measure, date, text.
    """

    observations: pd.DataFrame
    measures: pd.DataFrame
    teams: pd.DataFrame
    phases: pd.DataFrame
    exclusions: pd.DataFrame
    changes: pd.DataFrame
    rules: str
    rebase: Rebase
    screen: bool
    period: str | None
    gaps_filled: bool
    method: dict[str, Any]


def open_study(source: Any, **asked: Any) -> Study:
    """Check a source and the arguments of ``qi.analyse``; those not given come from the YAML."""
    study = _from_table if isinstance(source, pd.DataFrame) else _from_collaborative
    return study(source, **asked)


def _from_table(table: pd.DataFrame, *, rules: str | None, period: str | None, **asked: Any) -> Study:
    rows = _table(table)
    measures = _measures_of_table(rows, asked)
    rules = rules or "his-2025"
    rebase = _options(rules, period, asked)
    teams = pd.DataFrame({"team": rows["team"].cat.categories.astype("str")})
    teams["name"] = teams["team"]
    teams = teams.assign(organisation="", board="", joined=pd.NaT, display="chart", period=period or "")
    return Study(
        observations=rows,
        measures=measures,
        teams=teams,
        phases=_decisions(asked["phases"], "phases", rows),
        exclusions=_decisions(asked["exclusions"], "exclusions", rows),
        changes=pd.DataFrame({"team": [], "measure": [], "date": pd.to_datetime([]), "text": []}),
        rules=rules,
        rebase=rebase,
        screen=bool(asked["screen"]),
        period=period,
        gaps_filled=False,
        method={
            "collaborative": "",
            "title": "",
            "simulated": False,
            "aim": {},
            "audience": "internal",
            "attribution": "",
            "sources": [],
            "findings": [],
        },
    )


def _options(rules: str, period: str | None, asked: Mapping[str, Any]) -> Rebase:
    """Refuse what no argument may say; gives the way phases are found."""
    problems = []
    if rules not in RULE_SETS:
        problems.append(_unknown("rules", rules, tuple(RULE_SETS)))
    if period is not None and period not in PERIODS:
        problems.append(_unknown("period", period, PERIODS))
    rebase = asked["rebase"] if isinstance(asked["rebase"], Rebase) else Rebase(kind=str(asked["rebase"] or "none"))
    if rebase.kind not in ("none", "sustained-shift", "run"):
        problems.append(_unknown("rebase", rebase.kind, ("none", "sustained-shift")))
    if problems:
        raise ParameterError("The arguments of analyse cannot be used.", problems)
    return rebase


def _unknown(where: str, found: object, legal: tuple[str, ...]) -> Problem:
    return Problem(where=where, found=str(found), expected=", ".join(legal), hint=nearest(found, legal))


def _table(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of the contract with their types; refuses what cannot be read."""
    absent = [column for column in COLUMNS[:4] if column not in table.columns]
    if absent:
        names = [str(column) for column in table.columns]
        problems = [
            Problem(where=f"column {c!r}", found="no such column", expected=", ".join(COLUMNS), hint=nearest(c, names))
            for c in absent
        ]
        raise DataError("The table lacks columns that analyse needs.", problems)
    problems, columns = [], {}
    for name in ("team", "measure"):
        columns[name] = _category(table[name])
        problems += _first_rows(name, columns[name].isna(), table[name], "a name")
    columns["date"] = pd.to_datetime(table["date"], errors="coerce").astype(DAY)
    problems += _first_rows("date", columns["date"].isna(), table["date"], "a date")
    for name in ("numerator", "denominator"):
        given = table[name] if name in table.columns else pd.Series(np.nan, table.index)
        columns[name] = pd.to_numeric(given, errors="coerce").astype("float64")
        problems += _first_rows(name, columns[name].isna() & given.notna(), given, "a number")
        problems += _first_rows(name, np.isinf(columns[name]), given, "a finite number")
    if problems:
        raise DataError("The table holds what cannot be read.", problems)
    status = table["status"] if "status" in table.columns else pd.Series("reported", table.index)
    return pd.DataFrame(columns | {"status": status}).reset_index(drop=True)


def _category(names: pd.Series) -> pd.Series:
    """Ordered as given where already categories, else by name."""
    if isinstance(names.dtype, pd.CategoricalDtype):
        return names
    return names.astype("category")


def _first_rows(column: str, wrong: pd.Series, found: pd.Series, expected: str, most: int = 10) -> list[Problem]:
    if not wrong.any():
        return []
    at = np.flatnonzero(wrong)
    problems = [
        Problem(line=int(i) + 1, where=f"column {column!r}", found=str(found.iloc[i]), expected=expected)
        for i in at[:most]
    ]
    more = [Problem(where=f"column {column!r}", found=f"{len(at) - most} more rows", expected=expected)]
    return problems + (more if len(at) > most else [])


def _measures_of_table(rows: pd.DataFrame, asked: Mapping[str, Any]) -> pd.DataFrame:
    """One row a measure, from arguments that are one value or a mapping by measure."""
    names = [str(name) for name in rows["measure"].cat.categories]
    problems: list[Problem] = []
    better = _by_measure("better", asked["better"], names, None, problems)
    chart = _by_measure("chart", asked["chart"], names, "run", problems)
    for where, values, legal in (("better", better, BETTER), ("chart", chart, CHARTS)):
        for name, value in zip(names, values, strict=True):
            if value not in legal:
                problems.append(_unknown(f"{where} of measure {name!r}", "nothing" if value is None else value, legal))
    numbers = {
        key: _by_measure(key, asked[key], names, other, problems)
        for key, other in (("per", 1.0), ("baseline", 0), ("target", np.nan), ("centre", np.nan))
    }
    if problems:
        raise ParameterError("The arguments of analyse cannot be used.", problems)
    measures = pd.DataFrame(
        {"measure": names, "name": names, "unit": "", "better": better, "kind": "outcome", "chart": chart}
    )
    measures = measures.assign(**{key: pd.to_numeric(values) for key, values in numbers.items()})
    measures["data"] = _data_of(rows, measures)
    rows_of = {**dict.fromkeys(EVENT_CHARTS, "events"), **dict.fromkeys(SUBGROUP_CHARTS, "subgroup")}
    measures["rows"] = measures["chart"].map(rows_of).fillna("one")
    return measures.assign(numerator="", denominator="", definition="")


def _by_measure(where: str, given: Any, names: list[str], default: Any, problems: list[Problem]) -> list[Any]:
    if not isinstance(given, Mapping):
        return [default if given is None else given] * len(names)
    problems += [_unknown(where, key, tuple(names)) for key in given if key not in names]
    values = [given.get(name) for name in names]
    return [default if value is None else value for value in values]


def _data_of(rows: pd.DataFrame, measures: pd.DataFrame) -> list[str]:
    """What kind of data a measure of a table is: from its chart, else from its denominators."""
    by_chart = {
        "p": "proportion",
        "pp": "proportion",
        "u": "rate",
        "up": "rate",
        "c": "count",
        "g": "events_between",
        "t": "days_between",
    }
    code, count = rows["measure"].cat.codes.to_numpy(), len(measures)
    top, bottom = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
    has = np.bincount(code[~np.isnan(bottom)], minlength=count) > 0
    above = np.bincount(code[(top > bottom) | (top < 0)], minlength=count) > 0
    share = has & ~above & measures["per"].isin([1, 100]).to_numpy()
    guess = np.where(share, "proportion", np.where(has, "rate", "value"))
    return [by_chart.get(chart, kind) for chart, kind in zip(measures["chart"], guess, strict=True)]


def _decisions(table: pd.DataFrame | None, where: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Phases or exclusions as a table of ``DECISIONS``."""
    if table is None:
        table = pd.DataFrame()
    date = "start" if "start" in table.columns or table.empty else "date"
    if not table.empty and date not in table.columns:
        problem = Problem(where=where, found="no column 'start' or 'date'", expected="team, measure, start, reason")
        raise ParameterError(f"The table of {where} cannot be used.", [problem])
    given = {name: table[name] if name in table.columns else "" for name in ("team", "measure", "reason", "by")}
    start = pd.to_datetime(table[date]).astype(DAY) if len(table) else pd.to_datetime(pd.Series([])).astype(DAY)
    until = pd.to_datetime(table["until"]).astype(DAY) if "until" in table.columns else start
    decided = pd.to_datetime(table["decided"]) if "decided" in table.columns else pd.NaT
    out = pd.DataFrame({"start": start, "until": until.fillna(start), "decided": decided}).assign(**given)
    return out[list(DECISIONS)].reset_index(drop=True)


def _from_collaborative(source: Any, **asked: Any) -> Study:
    raise ParameterError("analyse takes a long table here.", [])

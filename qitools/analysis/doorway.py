"""The door of ``qi.analyse``: a Collaborative, or a long table with arguments, becomes one checked ``Study``.

Behind this door nothing asks where the data came from. Everything wrong with the arguments is said at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qitools.analysis.long_table import DAY, read_table
from qitools.collaborative.loading import Collaborative
from qitools.collaborative.parameters import Parameters
from qitools.errors import ParameterError, Problem, nearest
from qitools.spc.limits import KINDS
from qitools.spc.phases import Rebase
from qitools.spc.rule_sets import RULE_SETS

BETTER = ("higher", "lower", "neither")
PERIODS = ("week", "month", "quarter")
CHARTS = (*KINDS, "auto")
RATIO_CHARTS = {"p": "proportion", "pp": "proportion", "u": "rate", "up": "rate"}
OTHER_CHARTS = {"c": "count", "g": "events_between", "t": "days_between"}
ROWS = {"g": "events", "t": "events", "xbar": "subgroup", "s": "subgroup"}
DECISIONS = ("team", "measure", "start", "until", "reason", "by", "decided")
TABLE_DEFAULTS = {"better": None, "chart": "run", "per": 1.0, "baseline": 0, "target": np.nan, "centre": np.nan}
NUMBERS = {
    "per": "a number above 0",
    "baseline": "a whole number of points, 2 or more",
    "target": "a number",
    "centre": "a number",
}


@dataclass(frozen=True, eq=False)
class Study:
    """What is to be analysed, checked.

    Args:
        observations: team, measure (ordered categories), date, numerator, denominator, status.
        measures: the labels of the contract, ``chart`` as asked, and ``rows, baseline, centre``; in order.
        teams: the labels of the contract, in order; ``period`` filled where known.
        phases, exclusions: team, measure, start, until, reason, by, decided ("" means all).
        changes: team, measure, date, text.
        gaps_filled: absent periods are rows already.
        method: what the source knows of itself.
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
    period: str
    gaps_filled: bool
    method: dict[str, Any]


def open_study(source: Any, **asked: Any) -> Study:
    """Check a source and the arguments of ``qi.analyse``; those not given come from the YAML."""
    if isinstance(source, Collaborative):
        return _from_collaborative(source, asked)
    if isinstance(source, pd.DataFrame):
        return _from_table(source, asked)
    problem = Problem(where="source", found=type(source).__name__, expected="a Collaborative or a table")
    raise ParameterError("analyse cannot read its source.", [problem])


def _from_table(table: pd.DataFrame, asked: Mapping[str, Any]) -> Study:
    rows = read_table(table)
    names = [str(name) for name in rows["measure"].cat.categories]
    measures = _measures(names, {key: [value] * len(names) for key, value in TABLE_DEFAULTS.items()}, asked)
    measures = measures.assign(unit="", kind="outcome", numerator="", denominator="", definition="")
    measures = measures.assign(name=names, data=_data(rows, measures), rows=measures["chart"].map(ROWS).fillna("one"))
    teams = pd.DataFrame({"team": rows["team"].cat.categories.astype("str")})
    teams = teams.assign(name=teams["team"], organisation="", board="", joined=pd.NaT, display="chart")
    changes = pd.DataFrame({"team": [], "measure": [], "date": pd.to_datetime([]), "text": []})
    method = {
        "collaborative": "",
        "title": "",
        "simulated": False,
        "aim": {},
        "audience": "internal",
        "attribution": "",
    }
    return Study(
        observations=rows,
        measures=measures,
        teams=teams.assign(period=asked["period"] or ""),
        phases=_decisions(asked["phases"], "phases"),
        exclusions=_decisions(asked["exclusions"], "exclusions"),
        changes=changes,
        gaps_filled=False,
        method=method | {"sources": [], "findings": []},
        **_settings(asked, {"rules": "his-2025", "period": "", "rebase": "none", "screen": False}),
    )


def _from_collaborative(source: Collaborative, asked: Mapping[str, Any]) -> Study:
    known = source.parameters
    measures = pd.DataFrame([dict(one) for one in known.measures]).rename(columns={"id": "measure"})
    defaults = {"better": measures["better"], "chart": measures["chart"], "target": measures["target"]}
    defaults |= {"per": [one.multiplier for one in known.measures], "baseline": [known.baseline] * len(measures)}
    settings = _measures(list(measures["measure"]), defaults | {"centre": [None] * len(measures)}, asked)
    teams = pd.DataFrame([dict(one) for one in known.teams]).rename(columns={"id": "team"})
    period = asked["period"] or known.period
    rows = source.observations
    if (rows["stratum"] != "").any():
        measures["rows"] = measures["rows"].replace("one", "subgroup")
    return Study(
        observations=rows.assign(
            team=rows["team"].cat.set_categories(teams["team"]),
            measure=rows["measure"].cat.set_categories(measures["measure"]),
        ),
        measures=measures.assign(**{name: settings[name] for name in (*TABLE_DEFAULTS,)}),
        teams=teams.assign(period=teams["period"].fillna(period), joined=pd.to_datetime(teams["joined"]))[
            ["team", "name", "organisation", "board", "joined", "display", "period"]
        ],
        phases=_declared(asked["phases"], "phases", known.phases),
        exclusions=_declared(asked["exclusions"], "exclusions", known.exclusions),
        changes=source.changes,
        gaps_filled=True,
        method=_origin(source, known),
        **_settings(asked, {name: getattr(known, name) for name in ("rules", "period", "rebase", "screen")}),
    )


def _origin(source: Collaborative, known: Parameters) -> dict[str, Any]:
    """What a collaborative knows of itself."""
    return {
        "collaborative": known.collaborative,
        "title": known.title,
        "simulated": known.simulated,
        "aim": known.aim.model_dump() if known.aim else {},
        "as_of": source.as_of,
        "audience": source.audience,
        "attribution": known.attribution,
        "sources": source.provenance.to_dict("records"),
        "findings": source.findings.to_dict("records"),
    }


def _settings(asked: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Rules, period, rebase and screen: as asked, else the default; refuses what they may not be."""
    chosen = {name: other if asked[name] is None else asked[name] for name, other in defaults.items()}
    rebase = chosen["rebase"] if isinstance(chosen["rebase"], Rebase) else Rebase(kind=str(chosen["rebase"]))
    problems = _illegal("rules", [chosen["rules"]], tuple(RULE_SETS))
    problems += _illegal("period", [chosen["period"] or "month"], PERIODS)
    problems += _illegal("rebase", [rebase.kind], ("none", "sustained-shift", "run"))
    problems += _illegal("direction of rebase", [rebase.direction], ("both", "above", "below"))
    _refuse(problems)
    return chosen | {"rebase": rebase, "screen": bool(chosen["screen"])}


def _measures(names: list[str], defaults: Mapping[str, Iterable[Any]], asked: Mapping[str, Any]) -> pd.DataFrame:
    """What may be asked for one measure or for all: one row a measure."""
    problems: list[Problem] = []
    columns = {key: _by_measure(key, asked[key], names, list(default), problems) for key, default in defaults.items()}
    problems += _illegal("better", columns["better"], BETTER, names)
    problems += _illegal("chart", columns["chart"], CHARTS, names)
    for key, expected in NUMBERS.items():
        columns[key] = [TABLE_DEFAULTS[key] if value is None else value for value in columns[key]]
        problems += [
            Problem(where=f"{key} of measure {name!r}", found=str(value), expected=expected)
            for name, value in zip(names, columns[key], strict=True)
            if not _is_legal(key, value)
        ]
    _refuse(problems)
    table = pd.DataFrame({"measure": names, **columns})
    return table.astype({"per": float, "target": float, "centre": float, "baseline": int})


def _is_legal(key: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        return False
    if key == "per":
        return bool(value > 0)
    return key != "baseline" or (float(value).is_integer() and (value == 0 or value > 1))


def _by_measure(where: str, given: Any, names: list[str], defaults: list[Any], problems: list[Problem]) -> list[Any]:
    if not isinstance(given, Mapping):
        return defaults if given is None else [given] * len(names)
    problems += _illegal(where, given, names)
    return [given.get(name, default) for name, default in zip(names, defaults, strict=True)]


def _illegal(where: str, found: Iterable[Any], legal: Sequence[str], names: Sequence[str] = ()) -> list[Problem]:
    """A problem for each value that is not legal, beside the measure it was given for."""
    return [
        Problem(
            where=f"{where} of measure {names[place]!r}" if names else where,
            found="nothing" if value is None else str(value),
            expected=", ".join(legal[:12]),
            hint=nearest(value, legal),
        )
        for place, value in enumerate(found)
        if value not in legal
    ]


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise ParameterError("The arguments of analyse cannot be used.", problems)


def _data(rows: pd.DataFrame, measures: pd.DataFrame) -> list[str]:
    """What kind of data a measure of a table is: from its chart, else from its denominators."""
    code, count = rows["measure"].cat.codes.to_numpy(), len(measures)
    top, bottom = rows["numerator"].to_numpy(), rows["denominator"].to_numpy()
    has = np.bincount(code[~np.isnan(bottom)], minlength=count) > 0
    above = np.bincount(code[((top > bottom) & (bottom > 0)) | (top < 0)], minlength=count) > 0
    share = has & ~above & measures["per"].isin([1, 100]).to_numpy()
    guess = np.where(share, "proportion", np.where(has, "rate", "value"))
    told = RATIO_CHARTS | OTHER_CHARTS
    return [told.get(chart, str(kind)) for chart, kind in zip(measures["chart"], guess, strict=True)]


def _declared(given: pd.DataFrame | None, where: str, known: Iterable[Any]) -> pd.DataFrame:
    """The decisions given, else those of the YAML."""
    return _decisions(pd.DataFrame([dict(one) for one in known]) if given is None else given, where)


def _decisions(table: pd.DataFrame | None, where: str) -> pd.DataFrame:
    """Phases or exclusions with the columns of ``DECISIONS``."""
    table = pd.DataFrame({"start": []}) if table is None or table.empty else table.rename(columns={"date": "start"})
    if "start" not in table.columns:
        _refuse([Problem(where=where, found="no column 'start' or 'date'", expected="team, measure, start, reason")])
    texts = {
        name: table[name].astype(str) if name in table.columns else "" for name in ("team", "measure", "reason", "by")
    }
    days = {
        name: pd.to_datetime(table[name], errors="coerce") if name in table.columns else pd.NaT
        for name in ("start", "until", "decided")
    }
    out = pd.DataFrame(days, index=table.index).astype(DAY).assign(**texts)
    lost = table.loc[out["start"].isna(), "start"]
    _refuse([Problem(where=f"{where}, start", found=str(day), expected="a date such as 2026-03-01") for day in lost])
    return out.assign(until=out["until"].fillna(out["start"]))[list(DECISIONS)].reset_index(drop=True)

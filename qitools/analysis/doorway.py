"""The door of ``qi.analyse``: a Collaborative, or a long table with arguments, becomes one checked ``Study``.

Behind this door nothing asks where the data came from. Everything wrong with the arguments is said at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.analysis.long_table import DAY, Observations, read_table, suppressed_rows
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
ABOUT_MEASURES = ("name", "unit", "kind", "data", "rows", "numerator", "denominator", "definition")
ABOUT_TEAMS = ("name", "organisation", "board", "joined", "display", "period")
TYPES = {"per": float, "target": float, "centre": float, "baseline": int}
NO_ORIGIN = {"collaborative": "", "title": "", "simulated": False, "audience": "internal", "attribution": ""}
DECISIONS = ("team", "measure", "start", "until", "reason", "by", "decided")
TABLE_DEFAULTS = {"better": None, "chart": "run", "per": 1.0, "baseline": 0, "target": np.nan, "centre": np.nan}
NUMBERS = {
    "per": "a number above 0",
    "baseline": "a whole number of points, 2 or more",
    "target": "a number",
    "centre": "a number",
}

Labels = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Study:
    """What is to be analysed, checked.

    Args:
        observations: rows as arrays.
        measures, teams: the labels of the contract, one array a label, in order; of measures also ``rows`` (one,
            subgroup, events), ``baseline`` (0: as the rule set says) and ``centre``; ``chart`` as asked.
        phases, exclusions: team, measure, start, until, reason, by, decided ("" means all); None where there are none.
        changes: team, measure, date, text.
        gaps_filled: absent periods are rows already.
        method: what the source knows of itself.
    """

    observations: Observations
    measures: dict[str, Labels]
    teams: dict[str, Labels]
    phases: pd.DataFrame | None
    exclusions: pd.DataFrame | None
    changes: pd.DataFrame | None
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
    measures = _measures(rows.measures, {name: [value] for name, value in TABLE_DEFAULTS.items()}, asked)
    measures |= _labels(len(rows.measures), unit="", kind="outcome", numerator="", denominator="", definition="")
    measures |= {"name": measures["measure"], "data": _data(rows, measures)}
    measures["rows"] = np.array([ROWS.get(chart, "one") for chart in measures["chart"]], object)
    names, period = np.array(rows.teams, object), asked["period"] or ""
    about = _labels(
        len(names), organisation="", board="", joined=np.datetime64("NaT", "us"), display="chart", period=period
    )
    return Study(
        observations=rows,
        measures=measures,
        teams={"team": names, "name": names} | about,
        phases=_decisions(asked["phases"], "phases"),
        exclusions=_decisions(asked["exclusions"], "exclusions"),
        changes=None,
        gaps_filled=False,
        method=NO_ORIGIN | {"aim": {}, "sources": [], "findings": []},
        **_settings(asked, {"rules": "his-2025", "period": "", "rebase": "none", "screen": False}),
    )


def _from_collaborative(source: Collaborative, asked: Mapping[str, Any]) -> Study:
    known = source.parameters
    about = {name: _objects(getattr(one, name) for one in known.measures) for name in ABOUT_MEASURES}
    defaults = {name: [getattr(one, name) for one in known.measures] for name in ("better", "chart", "target")}
    defaults |= {"per": [one.multiplier for one in known.measures], "baseline": [known.baseline], "centre": [None]}
    measures = about | _measures([one.id for one in known.measures], defaults, asked)
    teams = {name: _objects(getattr(one, name) for one in known.teams) for name in ABOUT_TEAMS}
    period = asked["period"] or known.period
    table = source.observations
    if (table["stratum"] != "").any():
        measures["rows"] = _objects("subgroup" if rows == "one" else rows for rows in measures["rows"])
    return Study(
        observations=_observations(table, [one.id for one in known.teams], list(measures["measure"])),
        measures=measures,
        teams={"team": _objects(one.id for one in known.teams)}
        | teams
        | {
            "joined": pd.to_datetime(teams["joined"]).to_numpy(DAY),
            "period": _objects(one or period for one in teams["period"]),
        },
        phases=_declared(asked["phases"], "phases", known.phases),
        exclusions=_declared(asked["exclusions"], "exclusions", known.exclusions),
        changes=source.changes,
        gaps_filled=True,
        method=_origin(source, known),
        **_settings(asked, {name: getattr(known, name) for name in ("rules", "period", "rebase", "screen")}),
    )


def _observations(table: pd.DataFrame, teams: list[str], measures: list[str]) -> Observations:
    """The checked observations of a collaborative as arrays."""
    return Observations(
        teams=teams,
        measures=measures,
        team=np.asarray(table["team"].cat.set_categories(teams).cat.codes, np.int64),
        measure=np.asarray(table["measure"].cat.set_categories(measures).cat.codes, np.int64),
        date=table["date"].to_numpy(DAY),
        numerator=table["numerator"].to_numpy(float),
        denominator=table["denominator"].to_numpy(float),
        suppressed=suppressed_rows(table),
    )


def _objects(values: Iterable[Any]) -> Labels:
    return np.array([*values, None], object)[:-1]


def _labels(size: int, **values: Any) -> dict[str, Labels]:
    """The same label for all."""
    return {
        name: np.full(size, value, None if isinstance(value, np.datetime64) else object)
        for name, value in values.items()
    }


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
    if rebase.run < 2 or (rebase.kind == "run" and rebase.median_of > rebase.run):
        found = f"a run of {rebase.run}, a median of {rebase.median_of}"
        problems.append(
            Problem(where="rebase", found=found, expected="a run of 2 or more, and no fewer than its median")
        )
    _refuse(problems)
    return chosen | {"rebase": rebase, "screen": bool(chosen["screen"])}


def _measures(names: list[str], defaults: Mapping[str, list[Any]], asked: Mapping[str, Any]) -> dict[str, Labels]:
    """What may be asked for one measure or for all: one value a measure."""
    problems: list[Problem] = []
    columns = {key: _by_measure(key, asked[key], names, default, problems) for key, default in defaults.items()}
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
    labels: dict[str, Labels] = {name: np.array(values, TYPES.get(name, object)) for name, values in columns.items()}
    return {"measure": np.array(names, object)} | labels


def _is_legal(key: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        return False
    if key == "per":
        return bool(0 < value < np.inf)
    return key != "baseline" or (float(value).is_integer() and (value == 0 or bool(value > 1)))


def _by_measure(where: str, given: Any, names: list[str], defaults: list[Any], problems: list[Problem]) -> list[Any]:
    defaults = defaults if len(defaults) == len(names) else defaults * len(names)
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


def _data(rows: Observations, measures: Mapping[str, Labels]) -> Labels:
    """What kind of data a measure of a table is: from its chart, else from its denominators."""
    count, top, bottom = len(rows.measures), rows.numerator, rows.denominator
    has = np.bincount(rows.measure[~np.isnan(bottom)], minlength=count) > 0
    above = np.bincount(rows.measure[((top > bottom) & (bottom > 0)) | (top < 0)], minlength=count) > 0
    share = has & ~above & np.isin(measures["per"], (1, 100))
    guess = np.where(share, "proportion", np.where(has, "rate", "value"))
    told = RATIO_CHARTS | OTHER_CHARTS
    return _objects(told.get(chart, str(kind)) for chart, kind in zip(measures["chart"], guess, strict=True))


def _declared(given: pd.DataFrame | None, where: str, known: Iterable[Any]) -> pd.DataFrame | None:
    """The decisions given, else those of the YAML."""
    return _decisions(pd.DataFrame([dict(one) for one in known]) if given is None else given, where)


def _decisions(table: pd.DataFrame | None, where: str) -> pd.DataFrame | None:
    """Phases or exclusions with the columns of ``DECISIONS``."""
    if table is None or table.empty:
        return None
    table = table.rename(columns={"date": "start"})
    if "start" not in table.columns:
        _refuse([Problem(where=where, found="no column 'start' or 'date'", expected="team, measure, start, reason")])
    texts = {
        name: table[name].astype(str) if name in table.columns else "" for name in ("team", "measure", "reason", "by")
    }
    days = {
        name: pd.to_datetime(table[name], errors="coerce") if name in table.columns else pd.NaT
        for name in ("start", "until", "decided")
    }
    out = pd.DataFrame(days, index=table.index).astype("datetime64[us]").assign(**texts)
    lost = table.loc[out["start"].isna(), "start"]
    _refuse([Problem(where=f"{where}, start", found=str(day), expected="a date such as 2026-03-01") for day in lost])
    return out.assign(until=out["until"].fillna(out["start"]))[list(DECISIONS)].reset_index(drop=True)

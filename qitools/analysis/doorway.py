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

from qitools.analysis.decisions import read_decisions
from qitools.analysis.long_table import DAY, Observations, findings, read_table, suppressed_rows, withheld
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
ABOUT_TEAMS = ("name", "organisation", "board", "joined", "display", "share", "tags", "period")
TYPES = {"per": float, "target": float, "centre": float, "baseline": int}
NO_ORIGIN = {"collaborative": "", "title": "", "simulated": False, "audience": "internal", "attribution": ""}
TABLE_DEFAULTS = {"better": None, "chart": "run", "per": 1.0, "baseline": 0, "target": np.nan, "centre": np.nan}
NUMBERS = {
    "per": "a number above 0",
    "baseline": "a whole number of points, 2 or more, or 0 for as many as the rule set says",
    "target": "a finite number",
    "centre": "a finite number",
}
LARGEST, MOST_POINTS = float(np.finfo(float).max), 2**31
CENTRE_ABOVE_0 = ("p", "pp", "u", "up", "c", "g", "t", "s", "mr")

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
    names = np.array(rows.teams, object)
    quarterly = _quarterly(rows, measures)
    period = asked["period"] or ("quarter" if len(names) and quarterly.all() else "")
    about = _labels(
        len(names),
        organisation="",
        board="",
        joined=np.datetime64("NaT", "us"),
        display="chart",
        share=False,
        tags="",
        period=period,
    )
    return Study(
        observations=rows,
        measures=measures,
        teams={"team": names, "name": names}
        | about
        | {"period": np.where(quarterly & (not period), "quarter", about["period"]).astype(object)},
        phases=_decisions(asked["phases"], "phases"),
        exclusions=_decisions(asked["exclusions"], "exclusions"),
        changes=None,
        gaps_filled=False,
        method=NO_ORIGIN | {"aim": {}, "sources": [], "findings": findings(rows, measures["data"])},
        **_settings(asked, {"rules": "his-2025", "period": period, "rebase": "none", "screen": False}),
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
            "share": teams["share"].astype(bool),
            "tags": _objects(", ".join(tags) for tags in teams["tags"]),
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
    hidden = suppressed_rows(table)
    return Observations(
        teams=teams,
        measures=measures,
        team=np.asarray(table["team"].cat.set_categories(teams).cat.codes, np.int64),
        measure=np.asarray(table["measure"].cat.set_categories(measures).cat.codes, np.int64),
        date=table["date"].to_numpy(DAY),
        numerator=withheld(table["numerator"].to_numpy(float), hidden),
        denominator=table["denominator"].to_numpy(float),
        suppressed=hidden,
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
    problems += _rebase(rebase)
    if not isinstance(chosen["screen"], bool | np.bool_):
        problems.append(Problem(where="screen", found=str(chosen["screen"]), expected="True or False"))
    _refuse(problems)
    return chosen | {"rebase": rebase, "screen": bool(chosen["screen"])}


def _rebase(asked: Rebase) -> list[Problem]:
    """What is wrong with the numbers of a ``Rebase``."""
    least: dict[str, tuple[int, str]] = {
        "run": (2, "2 or more"),
        "baseline": (2, "2 or more, or 0"),
        "median_of": (2, "2 or more, or 0"),
    }
    problems = [
        Problem(where=f"{name} of rebase", found=str(value), expected=f"a whole number of points, {words}")
        for name, (bound, words) in least.items()
        if not _is_whole(value := getattr(asked, name)) or (value < bound and (value != 0 or name == "run"))
    ]
    if not problems and asked.kind == "run" and asked.median_of > asked.run:
        found = f"a run of {asked.run}, a median of {asked.median_of}"
        problems.append(Problem(where="rebase", found=found, expected="a run no shorter than its median"))
    return problems


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and abs(int(value)) < MOST_POINTS


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
    _refuse(problems or _centres(names, columns))
    labels: dict[str, Labels] = {name: np.array(values, TYPES.get(name, object)) for name, values in columns.items()}
    return {"measure": np.array(names, object)} | labels


def _is_legal(key: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        return False
    if key == "per":
        return bool(0 < value <= LARGEST)
    if key == "baseline":
        return bool(value == 0 or 2 <= value < MOST_POINTS) and float(value).is_integer()
    return bool(value != value or -LARGEST <= value <= LARGEST)  # NaN: none is given


def _centres(names: list[str], columns: Mapping[str, list[Any]]) -> list[Problem]:
    """Given centre lines that no value of such a chart can lie around."""
    kinds = zip(names, columns["chart"], columns["centre"], columns["per"], strict=True)
    bounds = [(name, kind, centre, per if kind in ("p", "pp") else np.inf) for name, kind, centre, per in kinds]
    return [
        Problem(
            where=f"centre of measure {name!r}",
            found=str(centre),
            expected=f"0 or more on a {kind} chart" + (f", at most {top:g}" if top < np.inf else ""),
        )
        for name, kind, centre, top in bounds
        if kind in CENTRE_ABOVE_0 and (centre < 0 or centre > top)
    ]


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
    """What kind of data a measure of a table is: from its chart, else from its denominators and ``per``.

    A rate per 1 or 100 is told from a proportion by its numerators: above the denominator in most rows of every team.
    No single row and no joining team turns one into the other: what then cannot be is refused.
    """
    teams, count = len(rows.teams), len(rows.measures)
    both = ~np.isnan(rows.numerator) & (rows.denominator > 0)
    key = rows.measure * teams + rows.team
    there, above = (
        np.bincount(key[which], minlength=count * teams).reshape(count, teams)
        for which in (both, both & (rows.numerator > rows.denominator))
    )
    has = np.bincount(rows.measure[~np.isnan(rows.denominator)], minlength=count) > 0
    beyond = (there > 0).any(axis=1) & ((there == 0) | (2 * above > there)).all(axis=1)
    share = has & ~beyond & np.isin(measures["per"], (1, 100))
    guess = np.where(share, "proportion", np.where(has, "rate", "value"))
    told = RATIO_CHARTS | OTHER_CHARTS
    return _objects(told.get(chart, str(kind)) for chart, kind in zip(measures["chart"], guess, strict=True))


def _quarterly(rows: Observations, measures: Mapping[str, Labels]) -> NDArray[np.bool_]:
    """Teams whose dates, of all measures of theirs, are first days of months, and three months apart."""
    counted = (measures["rows"] != "events")[rows.measure]
    place, each = pd.factorize(rows.date.view(np.int64))
    dates = each.view(DAY)
    months = dates.astype("datetime64[M]")
    slot = np.where(months.astype(DAY) == dates, months.astype(np.int64) % 6, 6)
    key = (rows.team * 7 + slot[place])[counted]
    seen = np.bincount(key, minlength=len(rows.teams) * 7).reshape(len(rows.teams), 7) > 0
    return np.asarray((seen.sum(axis=1) == 2) & (seen[:, :3] & seen[:, 3:6]).any(axis=1))


def _declared(given: Any, where: str, known: Iterable[Any]) -> pd.DataFrame | None:
    """The decisions given, else those of the YAML."""
    return _decisions(pd.DataFrame([dict(one) for one in known]) if given is None else given, where)


def _decisions(table: Any, where: str) -> pd.DataFrame | None:
    problems: list[Problem] = []
    read = read_decisions(table, where, problems)
    _refuse(problems)
    return read

"""The door of ``qi.analyse``: a Collaborative, or a long table with arguments, becomes one checked ``Study``.

Behind this door nothing asks where the data came from. Everything wrong with the arguments is said at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from qitools.analysis.arguments import TABLE_DEFAULTS, Labels, by_measure, objects, one_word, refuse, settings
from qitools.analysis.codes import category, places
from qitools.analysis.decisions import Decisions, noted, read_decisions, recorded
from qitools.analysis.inferred import kinds, periods
from qitools.analysis.long_table import DAY, Observations, findings, read_table, refuse_strayed, statuses, withheld
from qitools.collaborative.decided import CHARTS_VARIABLE, HOMES, Exclusion, Phase
from qitools.collaborative.loading import Collaborative
from qitools.collaborative.parameters import Parameters
from qitools.errors import ParameterError, Problem
from qitools.spc.panel import Ints
from qitools.spc.phases import Rebase

ROWS = {"g": "events", "t": "events", "xbar": "subgroup", "s": "subgroup"}
ABOUT_MEASURES = ("name", "unit", "kind", "data", "rows", "numerator", "denominator", "definition")
ABOUT_TEAMS = ("name", "organisation", "board", "joined", "display", "share", "tags", "period")
NO_ORIGIN = {"collaborative": "", "title": "", "simulated": False, "audience": "internal", "attribution": ""}


@dataclass(frozen=True, eq=False)
class Study:
    """What is to be analysed, checked.

    Args:
        observations: rows as arrays.
        measures, teams: the labels of the contract, one array a label, in order; of measures also ``rows`` (one,
            subgroup, events), ``baseline`` (0: as the rule set says) and ``centre``; ``chart`` as asked.
        phases, exclusions: team, measure, start, until, reason, by, decided ("" means all); None where there are none.
        changes: dated notes in the same form.
        gaps_filled: absent periods are rows already.
        method: what the source knows of itself.
        kept: measure → chart kind that ``auto`` chose in an earlier run.
    """

    observations: Observations
    measures: dict[str, Labels]
    teams: dict[str, Labels]
    phases: Decisions | None
    exclusions: Decisions | None
    changes: Decisions | None
    rules: str
    rebase: Rebase
    screen: bool
    period: str
    gaps_filled: bool
    method: dict[str, Any]
    kept: Mapping[str, str] = field(default_factory=dict)


def open_study(source: Any, **asked: Any) -> Study:
    """Check a source and the arguments of ``qi.analyse``; those not given come from the YAML."""
    one_word(asked, "rules", "period")
    if isinstance(source, Collaborative):
        return _from_collaborative(source, asked)
    if isinstance(source, pd.DataFrame):
        return _from_table(source, asked)
    problem = Problem(where="source", found=type(source).__name__, expected="a Collaborative or a table")
    raise ParameterError("analyse cannot read its source.", [problem])


def _from_table(table: pd.DataFrame, asked: Mapping[str, Any]) -> Study:
    rows = read_table(table)
    measures = by_measure(rows.measures, {name: [value] for name, value in TABLE_DEFAULTS.items()}, asked)
    measures |= _labels(len(rows.measures), unit="", kind="outcome", numerator="", denominator="", definition="")
    measures |= {"name": measures["measure"], "data": kinds(rows, measures)}
    measures["rows"] = np.array([ROWS.get(chart, "one") for chart in measures["chart"]], object)
    refuse_strayed(table["date"], rows.date, (measures["rows"] == "events")[rows.measure])
    names = np.array(rows.teams, object)
    own, shared, month_ends = periods(rows, measures)
    period = asked["period"] or ""
    about = _labels(
        len(names),
        organisation="",
        board="",
        joined=np.datetime64("NaT", "us"),
        display="chart",
        share=False,
        tags="",
    )
    return Study(
        observations=rows,
        measures=measures,
        teams={"team": names, "name": names}
        | about
        | {"period": np.full(len(names), period, object) if period else own},
        phases=_decisions(asked["phases"], "phases"),
        exclusions=_decisions(asked["exclusions"], "exclusions"),
        changes=None,
        gaps_filled=False,
        method=NO_ORIGIN
        | {
            "aim": {},
            "period": period or shared,
            "month_ends": month_ends,
            "sources": [],
            "findings": findings(rows, measures["data"]),
        },
        **settings(asked, {"rules": "his-2025", "period": period, "rebase": "none", "screen": False}),
    )


def _from_collaborative(source: Collaborative, asked: Mapping[str, Any]) -> Study:
    known = source.parameters
    about = {name: objects(getattr(one, name) for one in known.measures) for name in ABOUT_MEASURES}
    defaults = {name: [getattr(one, name) for one in known.measures] for name in ("better", "chart", "target")}
    defaults |= {"per": [one.multiplier for one in known.measures], "baseline": [known.baseline], "centre": [None]}
    measures = about | by_measure([one.id for one in known.measures], defaults, asked)
    teams = {name: objects(getattr(one, name) for one in known.teams) for name in ABOUT_TEAMS}
    period = asked["period"] or known.period
    if period != known.period:
        hint = "periods are those of the settings file: figures are added up when they are read"
        refuse([Problem(where="period", found=str(period), expected=known.period, hint=hint)])
    table = source.observations
    if (np.asarray(table["stratum"], object) != "").any():
        measures["rows"] = objects("subgroup" if rows == "one" else rows for rows in measures["rows"])
    return Study(
        observations=_observations(table, [one.id for one in known.teams], list(measures["measure"])),
        measures=measures,
        teams={"team": objects(one.id for one in known.teams)}
        | teams
        | {
            "joined": teams["joined"].astype(DAY),
            "share": teams["share"].astype(bool),
            "tags": objects(", ".join(tags) for tags in teams["tags"]),
            "period": objects(one or period for one in teams["period"]),
        },
        phases=_declared(asked["phases"], "phases", known.phases),
        exclusions=_declared(asked["exclusions"], "exclusions", known.exclusions),
        changes=noted(source.changes),
        gaps_filled=True,
        method=_origin(source, known),
        kept=_kept(known.collaborative),
        **settings(asked, {name: getattr(known, name) for name in ("rules", "period", "rebase", "screen")}),
    )


def _observations(table: pd.DataFrame, teams: list[str], measures: list[str]) -> Observations:
    """The checked observations of a collaborative as arrays."""
    status = statuses(table["status"])
    return Observations(
        teams=teams,
        measures=measures,
        team=_places(table["team"], teams),
        measure=_places(table["measure"], measures),
        date=table["date"].to_numpy(DAY),
        numerator=withheld(table["numerator"].to_numpy(float), status),
        denominator=table["denominator"].to_numpy(float),
        status=status,
    )


def _places(column: pd.Series[Any], names: list[str]) -> Ints:
    """A column as places in a list of names."""
    words = category(column)
    of_code = np.append(places(words.categories.tolist(), names), -1)  # the last: a code of -1, for no name
    return np.asarray(of_code[words.codes])


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
        "sources": _listed(source.provenance),
        "change_window": known.window,
        "matching": known.matching.model_dump(),
        "strata": known.strata.model_dump(),
        "decisions": [row for row in _listed(source.history) if row["kind"] in HOMES],
        "findings": _listed(source.findings),
    }


def _listed(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain mappings, several times as fast as by ``to_dict``."""
    columns = {str(name): column.tolist() for name, column in table.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _kept(collaborative: str) -> dict[str, str]:
    """The chart kinds that ``auto`` chose for a collaborative in an earlier run, as ``qitools run`` hands them on."""
    text = os.environ.get(CHARTS_VARIABLE, "")
    try:
        return {str(name): str(kind) for name, kind in json.loads(text or "{}").get(collaborative, {}).items()}
    except (ValueError, AttributeError):
        expected = '{"collaborative": {"measure": "chart"}} in JSON, or nothing'
        raise ParameterError("No chart can be kept.", [Problem("", 0, CHARTS_VARIABLE, text, expected)]) from None


def _declared(given: Any, where: str, known: Sequence[Phase | Exclusion]) -> Decisions | None:
    """The decisions given, else those of the YAML."""
    return recorded(known) if given is None else _decisions(given, where)


def _decisions(table: Any, where: str) -> Decisions | None:
    problems: list[Problem] = []
    read = read_decisions(table, where, problems)
    refuse(problems)
    return read

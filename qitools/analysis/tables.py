"""The tables of an ``Analysis``, laid out from arrays: names, order and types are the contract's."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import scipy

import qitools
from qitools.analysis.codes import joined, named
from qitools.analysis.doorway import Study
from qitools.analysis.drawing import Picture
from qitools.analysis.long_table import DAY, STATUSES
from qitools.analysis.reasons import phase_reasons, point_reasons, point_statuses
from qitools.analysis.rows import Rows
from qitools.spc.panel import Ints, Signs
from qitools.spc.rule_sets import RULE_SETS
from qitools.spc.rules import NO_DIRECTION, RULES

Columns: TypeAlias = Mapping[str, Any] | pd.DataFrame  # a table, also before it is one: arrays, and texts as categories
EVENTS = ("team", "measure", "date", "kind", "text", "by", "decided")
OF_DECISIONS = ("team", "measure", "start", "reason", "by", "decided")
SIGNALS = ("none", "favourable", "unfavourable", "neutral")
DIRECTION = {"higher": 1, "lower": -1, "neither": 0}
LABELS = (
    "measure",
    "name",
    "unit",
    "per",
    "better",
    "kind",
    "data",
    "target",
    "chart",
    "rule_set",
    "numerator",
    "denominator",
    "definition",
)


def points(study: Study, rows: Rows, picture: Picture) -> Columns:
    """One row a point."""
    row, series = picture.row, rows.series
    key = rows.key[series.starts] if len(rows.key) else rows.key
    status = point_statuses(study, rows, picture)
    return {
        "team": named(
            series.spread((key % max(rows.teams, 1)).astype(np.int32)), study.observations.teams, ordered=True
        ),
        "measure": named(
            series.spread(rows.measure_of_series.astype(np.int32)), study.observations.measures, ordered=True
        ),
        "date": rows.date,
        "numerator": rows.numerator,
        "denominator": rows.denominator,
        "status": named(status, list(STATUSES)),
        "value": row["value"],
        "phase": picture.phase.spread(start_numbers(rows, picture)),
        "in_baseline": row["base"],
        "excluded": row["excluded"],
        "centre": row["centre"],
        "lower": row["lower"],
        "upper": row["upper"],
        **{rule: row[rule] != 0 for rule in RULES},
        "signal": signal(study, rows, picture),
        "chart": by_measure(picture.chart, rows),
        "rule_set": by_measure(picture.rule_set, rows),
        "reason": joined(point_reasons(study, rows, picture, status)),
    }


def by_measure(labels: list[str], rows: Rows) -> pd.Categorical:
    """A label of each measure, given to each of its rows."""
    known = sorted(set(labels))
    return named(rows.by_measure(np.array([known.index(label) for label in labels], np.int8)), known)


def signal(study: Study, rows: Rows, picture: Picture) -> pd.Categorical:
    """What each point says: the first rule of the set's priority that marks it, in the direction that is better."""
    better = np.array([DIRECTION[word] for word in study.measures["better"]], np.int8)
    code = np.zeros(len(rows.key), np.int8)
    for name in set(picture.rule_set):
        here = np.array([own == name for own in picture.rule_set], bool)
        spoken = RULE_SETS[name].priority
        for rule in (*reversed([rule for rule in RULES if rule not in spoken]), *reversed(spoken)):
            found = np.flatnonzero(picture.row[rule])
            measure = rows.measure[found]
            found, measure = (found, measure) if here.all() else (found[here[measure]], measure[here[measure]])
            code[found] = _meaning(picture.row[rule][found], better[measure])
    return named(code, list(SIGNALS))


def _meaning(mark: Signs, better: Signs) -> Signs:
    directed = (mark != NO_DIRECTION) & (better != 0)
    return np.where(directed, np.where(mark == better, 1, 2), 3).astype(np.int8)


def phases(study: Study, rows: Rows, picture: Picture) -> Columns:
    """One row a phase."""
    start, of, row = picture.phase.starts, picture.of_phase, picture.row
    key, n = rows.key[start], picture.phase.count(row["counts"])
    text = np.full(len(start), "", object)
    if study.phases is not None:
        text = np.append(study.phases["reason"], "")[of["decision"]]
    triggered = np.full(len(start), np.datetime64("NaT", "us"))
    if (of["trigger"] > 0).any():
        triggered = np.where(of["triggered"] >= 0, rows.date[of["triggered"]], triggered)
    return {
        "team": named(key % max(rows.teams, 1), study.observations.teams, ordered=True),
        "measure": named(key // max(rows.teams, 1), study.observations.measures, ordered=True),
        "phase": start_numbers(rows, picture),
        "start": rows.date[start],
        "end": rows.date[start + picture.phase.lengths - 1],
        "n": n,
        "n_baseline": picture.phase.count(row["base"]),
        "n_useful": of["n_useful"],
        "centre": row["centre"][start],
        "longest_run": of["longest_run"],
        "longest_run_max": of["longest_run_max"],
        "crossings": of["crossings"],
        "crossings_min": of["crossings_min"],
        "runs_signal": of["signal"],
        "status": np.array(["temporary", "confirmed"], object)[of["full"].astype(int)],
        "reason": joined(phase_reasons(study, rows, picture, n)),
        "text": text,
        "sigma_z": of["sigma_z"],
        "trigger": of["trigger"],
        "triggered": triggered,
    }


def start_numbers(rows: Rows, picture: Picture) -> Ints:
    """1, 2, … within each series."""
    owner = rows.series.ids[picture.phase.starts]
    number = np.arange(len(owner))
    return number - number[np.searchsorted(owner, owner)] + 1


def measures(study: Study, picture: Picture) -> Columns:
    """The labels of each measure, with the chart drawn and the rule set applied."""
    labels = study.measures | {"chart": picture.chart, "rule_set": np.array(picture.rule_set, object)}
    return {name: labels[name] for name in LABELS}


def events(study: Study) -> pd.DataFrame:
    """Changes, phases and exclusions as dated events."""
    kinds = ((study.phases, "phase"), (study.exclusions, "exclusion"), (study.changes, "change"))
    rows = [
        dict(zip(EVENTS, (team, measure, day, kind, text, by, decided), strict=True))
        for told, kind in kinds
        if told is not None
        for team, measure, day, text, by, decided in zip(*(told[name] for name in OF_DECISIONS), strict=True)
    ]
    rows.sort(key=itemgetter("date", "kind", "measure", "team"))
    types = {"date": DAY, "decided": DAY}
    return pd.DataFrame({name: np.array([row[name] for row in rows], types.get(name, object)) for name in EVENTS})


def method(study: Study, picture: Picture, rows: Rows) -> dict[str, Any]:
    """Every setting that made the numbers."""
    versions = {
        "qitools": qitools.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "scipy": scipy.__version__,
    }
    baseline = dict(zip(study.measures["measure"], study.measures["baseline"].tolist(), strict=True))
    return {
        "as_of": pd.Timestamp(rows.date.max()) if len(rows.date) else pd.NaT,
        "period": study.period,
        **study.method,
        "rules": study.rules,
        "rule_sets": sorted(set(picture.rule_set)),
        "auto": picture.why,
        "would_be": picture.would_be,
        "baseline": {measure: points for measure, points in baseline.items() if points},
        "rebase": study.rebase.kind,
        "screen": study.screen,
        "versions": versions,
    }


def no_series() -> pd.DataFrame:
    """The series table of no series at all."""
    numbers = ["latest", "baseline_centre", "current_centre", "change", "change_lower", "change_upper"]
    numbers += ["completeness", "open_days"]
    texts = ("team", "measure", "verdict", "strength", "variation", "assurance", "target_status", "reason")
    types = (
        {"n": "int64", "marked": "int64", "current": "bool"}
        | dict.fromkeys(numbers, "float64")
        | dict.fromkeys(texts, "object")
    )
    order = (
        "team measure n first last latest baseline_centre current_centre change change_lower change_upper first_signal "
        "signal_end verdict strength variation assurance target_status completeness open_days marked current reason"
    )
    return pd.DataFrame({name: np.array([], types.get(name, DAY)) for name in order.split()})

"""The tables of an ``Analysis``, laid out from arrays: names, order and types are the contract's."""

from __future__ import annotations

import platform
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

import qitools
from qitools.analysis.doorway import Study
from qitools.analysis.drawing import Picture
from qitools.analysis.long_table import DAY, MISSING, STATUSES, SUPPRESSED, came
from qitools.analysis.rows import Rows
from qitools.analysis.values import EVENTS as EVENT_DATA
from qitools.analysis.values import PLAIN, RATIOS
from qitools.spc.panel import Bools, Ints, Signs
from qitools.spc.rule_sets import RULE_SETS, RUN_CHARTS
from qitools.spc.rules import NO_DIRECTION, RULES, above

EVENTS = ["team", "measure", "date", "kind", "text", "by", "decided"]
SIGNALS = ("none", "favourable", "unfavourable", "neutral")
EVENT_CHARTS = ("g", "t")  # their points are events, not periods
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


def named(codes: NDArray[np.integer[Any]], labels: list[str], ordered: bool = False) -> pd.Categorical:
    """Codes as labels."""
    return pd.Categorical.from_codes(codes, dtype=_kind(tuple(labels), ordered), validate=False)


@lru_cache(maxsize=64)
def _kind(labels: tuple[str, ...], ordered: bool) -> Any:
    return pd.CategoricalDtype(pd.Index(labels, dtype="str"), ordered=ordered)


def points(study: Study, rows: Rows, picture: Picture) -> pd.DataFrame:
    """One row a point."""
    row, series = picture.row, rows.series
    key = rows.key[series.starts] if len(rows.key) else rows.key
    phase = picture.phase.ids - series.spread(picture.phase.ids[series.starts])
    status = point_statuses(study, rows, picture)
    columns = {
        "team": named(
            series.spread((key % max(rows.teams, 1)).astype(np.int32)), study.observations.teams, ordered=True
        ),
        "measure": named(rows.measure.astype(np.int32), study.observations.measures, ordered=True),
        "date": rows.date,
        "numerator": rows.numerator,
        "denominator": rows.denominator,
        "status": named(status, list(STATUSES)),
        "value": row["value"],
        "phase": phase + 1,
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
    return pd.DataFrame(columns, copy=False)


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


def point_statuses(study: Study, rows: Rows, picture: Picture) -> Signs:
    """What became of each figure: without one it is missing, save a first event, whose date is all there is."""
    bare = np.isnan(picture.row["value"]) & np.isnan(rows.numerator) & (rows.status != SUPPRESSED)
    if not bare.any():
        return rows.status
    event = np.isin(study.measures["data"], EVENT_DATA) | np.isin(picture.chart, EVENT_CHARTS)
    first = rows.series.starts[event[rows.measure_of_series]]
    bare[first] &= rows.status[first] == MISSING
    return np.where(bare, np.int8(MISSING), rows.status)


def point_reasons(study: Study, rows: Rows, picture: Picture, status: Signs) -> dict[str, Bools]:
    """The codes of each point that has any."""
    row, chart = picture.row, np.array(picture.chart, str)
    absent = np.isnan(row["value"])
    codes = {"missing": status == MISSING, "excluded": row["excluded"]}
    if absent.any():
        codes |= {"suppressed": status == SUPPRESSED} | _without_value(study, rows, chart, absent & came(status))
    if (chart == "t").any():
        codes["zero_gap"] = rows.by_measure(chart == "t") & (row["value"] == 0)
    if (chart != "run").any():
        codes["no_limits"] = rows.by_measure(chart != "run") & ~absent & np.isnan(row["upper"])
    return codes


def _without_value(study: Study, rows: Rows, chart: NDArray[np.str_], absent: Bools) -> dict[str, Bools]:
    """Why a figure that came makes no value."""
    counted = absent & ~np.isnan(rows.numerator)
    ratio = counted & rows.by_measure(np.isin(study.measures["data"], RATIOS) & ~np.isin(chart, PLAIN))
    codes = {
        "zero_denominator": ratio & (rows.denominator == 0),
        "no_denominator": ratio & np.isnan(rows.denominator),
        "alone": counted & rows.by_measure(chart == "s"),
    }
    return codes | {"no_previous": absent & ~np.logical_or.reduce([*codes.values()])}


def joined(codes: dict[str, Bools]) -> pd.Categorical:
    """Codes that hold, joined by a space, "" where none does."""
    size = len(next(iter(codes.values())))
    holding = {code: holds for code, holds in codes.items() if holds.any()}
    if not holding:
        return named(np.zeros(size, np.int8), [""])
    bits = np.zeros(size, np.int32)  # one bit a code
    for place, holds in enumerate(holding.values()):
        bits |= holds.astype(np.int32) << place
    there = np.bincount(bits) > 0
    words = [
        " ".join(code for place, code in enumerate(holding) if bit >> place & 1)
        for bit in np.flatnonzero(there).tolist()
    ]
    return named((np.cumsum(there) - 1)[bits], words)


def phases(study: Study, rows: Rows, picture: Picture) -> pd.DataFrame:
    """One row a phase."""
    start, of, row = picture.phase.starts, picture.of_phase, picture.row
    key, n = rows.key[start], picture.phase.count(row["counts"])
    text = np.full(len(start), "", object)
    if study.phases is not None:
        text = np.append(study.phases["reason"].to_numpy(object), "")[of["decision"]]
    triggered = np.full(len(start), np.datetime64("NaT", "us"))
    if (of["trigger"] > 0).any():
        triggered = np.where(of["triggered"] >= 0, rows.date[of["triggered"]], triggered)
    return pd.DataFrame(
        {
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
        },
        copy=False,
    )


def start_numbers(rows: Rows, picture: Picture) -> Ints:
    """1, 2, … within each series."""
    owner = rows.series.ids[picture.phase.starts]
    number = np.arange(len(owner))
    return number - number[np.searchsorted(owner, owner)] + 1


def phase_reasons(study: Study, rows: Rows, picture: Picture, n: Ints) -> dict[str, Bools]:
    """The codes of each phase."""
    row, phase = picture.row, picture.phase
    measure = rows.key[phase.starts] // max(rows.teams, 1)
    limited, width = np.zeros((2, len(n)), np.int64)
    if any(kind != "run" for kind in picture.chart):
        limited = phase.count(row["counts"] & ~np.isnan(row["upper"]))
        width = phase.count(row["counts"] & above(row["upper"], row["lower"]))
    handed = np.array([name != study.rules for name in picture.rule_set], bool)
    drawn = zip(picture.chart, picture.rule_set, strict=True)
    beside = np.array([kind == "run" and RUN_CHARTS not in RULE_SETS[name].families for kind, name in drawn], bool)
    perla = np.array([name == "perla-2011" for name in picture.rule_set], bool)
    tested = phase.count(row["base"]) == n
    rare = np.array([picture.why.get(str(name)) == "rare_events" for name in study.measures["measure"]], bool)
    return {
        "no_points": n == 0,
        "few_points": ~picture.of_phase["full"] & (n > 0),
        "no_variation": (limited > 0) & (width == 0),
        "sustained_shift": picture.of_phase["trigger"] > 0,
        "given_centre": ~np.isnan(study.measures["centre"])[measure],
        "runs_not_tested": perla[measure] & ~tested,
        "too_few": ~picture.of_phase["enough"],
        "handed_over": handed[measure],
        "no_limit_rules": beside[measure],
        "rare_events": rare[measure],
    }


def measures(study: Study, picture: Picture) -> pd.DataFrame:
    """The labels of each measure, with the chart drawn and the rule set applied."""
    labels = study.measures | {"chart": picture.chart, "rule_set": np.array(picture.rule_set, object)}
    return pd.DataFrame({name: labels[name] for name in LABELS}, copy=False)


def teams(study: Study) -> pd.DataFrame:
    """The labels of each team."""
    return pd.DataFrame(study.teams, copy=False)


def events(study: Study) -> pd.DataFrame:
    """Changes, phases and exclusions as dated events."""
    decisions = ((study.phases, "phase"), (study.exclusions, "exclusion"))
    parts = [
        table.rename(columns={"start": "date", "reason": "text"}).assign(kind=kind)[EVENTS]
        for table, kind in decisions
        if table is not None
    ]
    if study.changes is not None and len(study.changes):
        parts.append(study.changes.assign(kind="change", by="", decided=np.datetime64("NaT", "us"))[EVENTS])
    if not parts:
        return _no_events().copy()
    return pd.concat(parts).sort_values(["date", "kind", "measure", "team"], kind="stable").reset_index(drop=True)


@lru_cache(maxsize=1)
def _no_events() -> pd.DataFrame:
    return pd.DataFrame({name: np.array([], DAY if name in ("date", "decided") else object) for name in EVENTS})


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
        "baseline": {measure: points for measure, points in baseline.items() if points},
        "rebase": study.rebase.kind,
        "screen": study.screen,
        "versions": versions,
    }


def no_series() -> pd.DataFrame:
    """The series table of no series at all."""
    numbers = ("latest", "baseline_centre", "current_centre", "change", "change_lower", "change_upper", "completeness")
    texts = ("team", "measure", "verdict", "strength", "variation", "assurance", "target_status", "reason")
    types = (
        {"n": "int64", "marked": "int64", "current": "bool"}
        | dict.fromkeys(numbers, "float64")
        | dict.fromkeys(texts, "object")
    )
    order = (
        "team measure n first last latest baseline_centre current_centre change change_lower change_upper first_signal "
        "signal_end verdict strength variation assurance target_status completeness marked current reason"
    )
    return pd.DataFrame({name: np.array([], types.get(name, DAY)) for name in order.split()})

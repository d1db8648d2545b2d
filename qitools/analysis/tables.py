"""The tables of an ``Analysis``, laid out from arrays: names, order and types are the contract's."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

import qitools
from qitools.analysis.doorway import Study
from qitools.analysis.drawing import Picture
from qitools.analysis.rows import Rows
from qitools.spc.panel import Bools, Ints, Signs
from qitools.spc.rule_sets import RULE_SETS
from qitools.spc.rules import NO_DIRECTION, RULES

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


def names(codes: Ints, known: pd.Series[Any]) -> pd.Categorical:
    """Codes as ordered names."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(known.astype("str")), ordered=True)


def points(study: Study, rows: Rows, picture: Picture) -> pd.DataFrame:
    """One row a point."""
    measure, row = rows.key // len(study.teams), picture.row
    phase_of_series = picture.phase.ids - np.repeat(picture.phase.ids[rows.series.starts], rows.series.lengths)
    columns = {
        "team": names(rows.key % len(study.teams), study.teams["team"]),
        "measure": names(measure, study.measures["measure"]),
        "date": rows.date,
        "numerator": rows.numerator,
        "denominator": rows.denominator,
        "value": row["value"],
        "phase": phase_of_series + 1,
        "in_baseline": row["base"],
        "excluded": row["excluded"],
        "centre": row["centre"],
        "lower": row["lower"],
        "upper": row["upper"],
        **{rule: row[rule] != 0 for rule in RULES},
        "signal": signal(row, picture, measure, study),
        "chart": _by_measure(picture.chart, measure),
        "rule_set": _by_measure(picture.rule_set, measure),
        "reason": joined(point_reasons(rows, picture, measure)),
    }
    return pd.DataFrame(columns, copy=False)


def _by_measure(labels: list[str], measure: Ints) -> pd.Categorical:
    known = sorted(set(labels))
    return pd.Categorical.from_codes(
        np.array([known.index(label) for label in labels], np.int8)[measure], categories=known
    )


def signal(row: dict[str, NDArray[Any]], picture: Picture, measure: Ints, study: Study) -> pd.Categorical:
    """What each point says: the first rule of the set's priority that marks it, in the direction that is better."""
    better = study.measures["better"].map(DIRECTION).to_numpy(np.int8)[measure]
    code = np.zeros(len(measure), np.int8)
    for name in set(picture.rule_set):
        here = np.array([own == name for own in picture.rule_set])[measure]
        spoken = RULE_SETS[name].priority
        for rule in (*reversed([rule for rule in RULES if rule not in spoken]), *reversed(spoken)):
            mark: Signs = row[rule]
            found = (mark != 0) & here
            if found.any():
                code[found] = _meaning(mark[found], better[found])
    return pd.Categorical.from_codes(code, categories=list(SIGNALS))


def _meaning(mark: Signs, better: Signs) -> Signs:
    directed = (mark != NO_DIRECTION) & (better != 0)
    return np.where(directed, np.where(mark == better, 1, 2), 3).astype(np.int8)


def point_reasons(rows: Rows, picture: Picture, measure: Ints) -> dict[str, Bools]:
    """The codes of each point."""
    row, chart = picture.row, np.array(picture.chart)
    absent = np.isnan(row["value"])
    zero = absent & (rows.denominator == 0) & ~np.isnan(rows.numerator)
    compares = np.isin(chart, ("t", "mr"))[measure]
    first = absent & compares & _is_start(rows)
    has_limits = (chart != "run")[measure]
    return {
        "missing": absent & ~zero & ~rows.suppressed & ~first,
        "excluded": row["excluded"],
        "zero_denominator": zero,
        "suppressed": rows.suppressed,
        "no_previous": first,
        "zero_gap": (chart == "t")[measure] & (row["value"] == 0),
        "no_limits": has_limits & ~absent & np.isnan(row["upper"]),
    }


def _is_start(rows: Rows) -> Bools:
    start = np.zeros(len(rows.key), bool)
    start[rows.series.starts] = True
    return start


def joined(codes: dict[str, Bools]) -> pd.Categorical:
    """Codes that hold, joined by a space, "" where none does."""
    bits = np.zeros(len(next(iter(codes.values()))), np.int64)
    for place, holds in enumerate(codes.values()):
        if holds.any():
            bits |= holds.astype(np.int64) << place
    if not bits.any():
        return pd.Categorical.from_codes(bits.astype(np.int8), categories=[""])
    known, which = np.unique(bits, return_inverse=True)
    words = [" ".join(code for place, code in enumerate(codes) if bit >> place & 1) for bit in known.tolist()]
    return pd.Categorical.from_codes(which, categories=words)


def phases(study: Study, rows: Rows, picture: Picture) -> pd.DataFrame:
    """One row a phase."""
    start, size = picture.phase.starts, picture.phase.lengths
    key, of = rows.key[start], picture.of_phase
    n = picture.phase.count(picture.row["counts"])
    decision = of["decision"]
    text = np.append(study.phases["reason"].to_numpy(object), "")[decision]
    triggered = np.where(of["triggered"] >= 0, rows.date[of["triggered"]], np.datetime64("NaT"))
    return pd.DataFrame(
        {
            "team": names(key % len(study.teams), study.teams["team"]),
            "measure": names(key // len(study.teams), study.measures["measure"]),
            "phase": start_numbers(rows, picture),
            "start": rows.date[start],
            "end": rows.date[start + size - 1],
            "n": n,
            "n_useful": of["n_useful"],
            "centre": picture.row["centre"][start],
            "longest_run": of["longest_run"],
            "longest_run_max": of["longest_run_max"],
            "crossings": of["crossings"],
            "crossings_min": of["crossings_min"],
            "runs_signal": of["signal"],
            "status": np.where(of["full"], "confirmed", "temporary"),
            "reason": np.asarray(joined(phase_reasons(study, rows, picture, n)), object),
            "text": text,
            "sigma_z": of["sigma_z"],
            "trigger": of["trigger"],
            "triggered": triggered,
        }
    )


def start_numbers(rows: Rows, picture: Picture) -> Ints:
    """1, 2, … within each series."""
    owner = rows.series.ids[picture.phase.starts]
    number = np.arange(len(owner))
    return number - number[np.searchsorted(owner, owner)] + 1


def phase_reasons(study: Study, rows: Rows, picture: Picture, n: Ints) -> dict[str, Bools]:
    """The codes of each phase."""
    row, start = picture.row, picture.phase.starts
    measure = rows.key[start] // len(study.teams)
    width = picture.phase.count(picture.row["counts"] & (row["upper"] > row["lower"]))
    limited = picture.phase.count(picture.row["counts"] & ~np.isnan(row["upper"]))
    handed = np.array([name != study.rules for name in picture.rule_set], bool)
    perla = np.array([name == "perla-2011" for name in picture.rule_set], bool)
    tested = picture.phase.count(row["base"]) == n
    rare = np.array([picture.why.get(str(name)) == "rare_events" for name in study.measures["measure"]], bool)
    return {
        "no_points": n == 0,
        "few_points": ~picture.of_phase["full"] & (n > 0),
        "no_variation": (limited > 0) & (width == 0),
        "sustained_shift": picture.of_phase["trigger"] > 0,
        "given_centre": ~np.isnan(study.measures["centre"].to_numpy(float))[measure],
        "runs_not_tested": perla[measure] & ~tested,
        "too_few": ~picture.of_phase["enough"],
        "handed_over": handed[measure],
        "rare_events": rare[measure],
    }


def measures(study: Study, picture: Picture) -> pd.DataFrame:
    """The labels of each measure, with the chart drawn and the rule set applied."""
    table = study.measures.assign(chart=picture.chart, rule_set=picture.rule_set)
    return table[list(LABELS)].reset_index(drop=True)


def events(study: Study) -> pd.DataFrame:
    """Changes, phases and exclusions as dated events."""
    columns = ["team", "measure", "date", "kind", "text", "by", "decided"]
    decided = [
        table.rename(columns={"start": "date", "reason": "text"}).assign(kind=kind)
        for table, kind in ((study.phases, "phase"), (study.exclusions, "exclusion"))
    ]
    changes = study.changes.assign(kind="change", by="", decided=pd.NaT)
    table = pd.concat([part[columns] for part in (changes, *decided) if len(part)] or [changes[columns]])
    return table.sort_values(["date", "kind", "measure", "team"], kind="stable").reset_index(drop=True)


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
        **study.method,
        "period": study.period or "",
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
    types = {"n": "int64"} | dict.fromkeys(numbers, "float64") | dict.fromkeys(texts, "object")
    order = "team measure n first last latest baseline_centre current_centre change change_lower change_upper first_signal"
    columns = (*order.split(), "verdict", "strength", "variation", "assurance", "target_status", "completeness", "reason")
    return pd.DataFrame({name: pd.Series(dtype=types.get(name, "datetime64[us]")) for name in columns})

"""Why: what became of each figure, and the codes of points and of phases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qitools.analysis.doorway import Study
from qitools.analysis.drawing import Picture
from qitools.analysis.long_table import MISSING, SUPPRESSED, came
from qitools.analysis.rows import Rows
from qitools.analysis.values import EVENTS, PLAIN, RATIOS
from qitools.spc.limits import EVENT_CHARTS
from qitools.spc.panel import Bools, Ints, Signs
from qitools.spc.rule_sets import RULE_SETS, RUN_CHARTS
from qitools.spc.rules import above, below


def point_statuses(study: Study, rows: Rows, picture: Picture) -> Signs:
    """What became of each figure: without one it is missing, save a first event, whose date is all there is."""
    bare = np.isnan(picture.row["value"]) & np.isnan(rows.numerator) & (rows.status != SUPPRESSED)
    if not bare.any():
        return rows.status
    event = np.isin(study.measures["data"], EVENTS) | np.isin(picture.chart, EVENT_CHARTS)
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


def phase_reasons(study: Study, rows: Rows, picture: Picture, n: Ints) -> dict[str, Bools]:
    """The codes of each phase."""
    row, phase = picture.row, picture.phase
    measure = rows.key[phase.starts] // max(rows.teams, 1)
    limited, width = np.zeros((2, len(n)), np.int64)
    if any(kind != "run" for kind in picture.chart):
        limited = phase.count(row["counts"] & ~np.isnan(row["upper"]))
        width = phase.count(row["counts"] & above(row["upper"], row["lower"]))
    alike = (limited > 0) & (width == 0)
    runs = np.array([kind == "run" for kind in picture.chart], bool)[measure]
    if runs.any():
        off = above(row["value"], row["centre"]) | below(row["value"], row["centre"])
        alike |= runs & (phase.count(row["base"]) > 1) & (phase.count(row["base"] & off) == 0)
    handed = np.array([name != study.rules for name in picture.rule_set], bool)
    drawn = zip(picture.chart, picture.rule_set, strict=True)
    beside = np.array([kind == "run" and RUN_CHARTS not in RULE_SETS[name].families for kind, name in drawn], bool)
    perla = np.array([name == "perla-2011" for name in picture.rule_set], bool)
    tested = phase.count(row["base"]) == n
    rare = np.array([picture.why.get(str(name)) == "rare_events" for name in study.measures["measure"]], bool)
    return {
        "no_points": n == 0,
        "few_points": ~picture.of_phase["full"] & (n > 0),
        "no_variation": alike,
        "sustained_shift": picture.of_phase["trigger"] > 0,
        "given_centre": ~np.isnan(study.measures["centre"])[measure],
        "runs_not_tested": perla[measure] & ~tested,
        "too_few": ~picture.of_phase["enough"],
        "handed_over": handed[measure],
        "no_limit_rules": beside[measure],
        "rare_events": rare[measure],
    }

"""The arguments of ``qi.analyse``: one value a measure, checked; everything wrong with them said at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qitools.errors import ParameterError, Problem, nearest
from qitools.spc.constants import LARGEST
from qitools.spc.limits import KINDS
from qitools.spc.phases import Rebase
from qitools.spc.rule_sets import RULE_SETS

BETTER = ("higher", "lower", "neither")
PERIODS = ("week", "month", "quarter")
CHARTS = (*KINDS, "auto")
TYPES = {"per": float, "target": float, "centre": float, "baseline": int}
TABLE_DEFAULTS = {"better": None, "chart": "run", "per": 1.0, "baseline": 0, "target": np.nan, "centre": np.nan}
NUMBERS = {
    "per": f"a number above 0, at most {LARGEST:g}",
    "baseline": "a whole number of points, 2 or more, or 0 for as many as the rule set says",
    "target": f"a number from {-LARGEST:g} to {LARGEST:g}",
    "centre": f"a number from {-LARGEST:g} to {LARGEST:g}",
}
MOST_POINTS = 2**31
CENTRE_ABOVE_0 = ("p", "pp", "u", "up", "c", "g", "t", "s", "mr")

Labels = NDArray[Any]


def objects(values: Iterable[Any]) -> Labels:
    """Any values as an array of one dimension."""
    return np.array([*values, None], object)[:-1]


def one_word(asked: Mapping[str, Any], *names: str) -> None:
    """Refuse arguments that hold for the whole analysis and are no word."""
    refuse(
        [
            Problem(where=name, found=str(asked[name]), expected="one word for the whole analysis")
            for name in names
            if not isinstance(asked[name], str | None)
        ]
    )


def settings(asked: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
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
    refuse(problems)
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


def by_measure(names: list[str], defaults: Mapping[str, list[Any]], asked: Mapping[str, Any]) -> dict[str, Labels]:
    """What may be asked for one measure or for all: one value a measure."""
    problems: list[Problem] = []
    columns = {key: _one_a_measure(key, asked[key], names, default, problems) for key, default in defaults.items()}
    problems += _illegal("better", columns["better"], BETTER, names)
    problems += _illegal("chart", columns["chart"], CHARTS, names)
    for key, expected in NUMBERS.items():
        columns[key] = [TABLE_DEFAULTS[key] if value is None else value for value in columns[key]]
        problems += [
            Problem(where=f"{key} of measure {name!r}", found=str(value), expected=expected)
            for name, value in zip(names, columns[key], strict=True)
            if not _is_legal(key, value)
        ]
    refuse(problems or _centres(names, columns))
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


def _one_a_measure(where: str, given: Any, names: list[str], defaults: list[Any], problems: list[Problem]) -> list[Any]:
    defaults = defaults if len(defaults) == len(names) else defaults * len(names)
    given = given.to_dict() if isinstance(given, pd.Series) else given
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
        if not isinstance(value, Hashable) or value not in legal
    ]


def refuse(problems: list[Problem]) -> None:
    """Raise all that is wrong with the arguments, where anything is."""
    if problems:
        raise ParameterError("The arguments of analyse cannot be used.", problems)

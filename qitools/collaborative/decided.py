"""What people decided, as the YAML records it: phases, exclusions, annotations, and why a setting is what it is.

Each entry holds its reason, who decided and when. An annotation is a dated text on a chart: it joins the dated changes
that teams send (``sources.changes``). It stands in the YAML, not in their file, since it is the analyst's and must be
saved, or refused, together with the other decisions. A setting stands where it always stood (a measure's ``chart``, the
collaborative's ``rules``); its entry under ``decisions`` records what it was and why it was changed.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from qitools.collaborative.parts import Day, Id, MaybeId, Part, Text

CHARTS_VARIABLE = "QITOOLS_CHARTS"  # the environment's: chart kinds that ``auto`` chose in an earlier run, as JSON
Key = Literal["chart", "target", "period", "rules", "baseline", "rebase", "screen"]
Value = bool | int | float | str | None
# where each setting stands: with a measure, with a team, or at the top ("")
HOMES: dict[str, str] = {
    "chart": "measure",
    "target": "measure",
    "period": "team",
    "rules": "",
    "baseline": "",
    "rebase": "",
    "screen": "",
}


class Phase(Part):
    """A decision that a new period of the same process begins here, with its reason."""

    team: Id
    measure: Id
    start: date
    reason: Text
    by: str = ""
    decided: date | None = None


class Exclusion(Part):
    """A decision to leave points out of the sums: one date, or all up to ``until``; no team or measure means all."""

    date: Day
    reason: Text
    until: Day | None = None
    team: MaybeId = ""
    measure: MaybeId = ""
    by: str = ""
    decided: Day | None = None


class Annotation(Part):
    """A dated text on the charts of a team and measure; none named means all."""

    date: Day
    text: Text
    team: MaybeId = ""
    measure: MaybeId = ""
    by: str = ""
    decided: Day | None = None


class Setting(Part):
    """Why a setting is what it is: what it was (nothing: the default), what it became, who changed it and when."""

    key: Key
    reason: Text
    value: Value = None
    was: Value = None
    team: MaybeId = ""
    measure: MaybeId = ""
    by: str = ""
    decided: date | None = None


def place(data: dict[str, Any], key: str, team: str = "", measure: str = "") -> tuple[str | int, ...] | None:
    """Where a setting stands in the plain values of a YAML, whether or not it is given; None where its owner is not.

    >>> place({"measures": ({"id": "falls", "chart": "run"},)}, "chart", measure="falls")
    ('measures', 0, 'chart')
    """
    home = HOMES[key]
    if not home:
        return (key,)
    owner = {"team": team, "measure": measure}[home]
    ids = [entry["id"] for entry in data[f"{home}s"]]
    return (f"{home}s", ids.index(owner), key) if owner in ids else None


def present(data: dict[str, Any], key: str, team: str = "", measure: str = "") -> Value:
    """What a setting is in the plain values of a YAML; None where it is left to its default."""
    here: Any = data
    for step in place(data, key, team, measure) or ():
        here = here[step] if isinstance(step, int) else here.get(step)
    return None if here is data else here


def words(value: Value) -> str:
    """A setting as people read it: as the YAML writes it, nothing as the default.

    >>> words(5.0), words(True), words(None)
    ('5', 'true', 'left to its default')
    """
    if value is None:
        return "left to its default"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)

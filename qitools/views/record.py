"""The files a page leaves beside itself: three CSVs and a summary, the same bytes for the same inputs."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis import ideas
from qitools.analysis.across import Across
from qitools.analysis.focus import focus
from qitools.errors import Problem, RunError
from qitools.views import impact_record
from qitools.views.prose import standing

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

TABLES = ("points", "phases", "series")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a text cell that begins so


def finish(analysis: Analysis | Across, out: str = "", team: str = "") -> None:
    """Write what the page was made from: points.csv, phases.csv, series.csv and summary.json.

    Args:
        analysis: what ``qi.analyse`` gave; of what ``qi.across`` gave, the tables of the impact report are written.
        out: the folder to write to, made if need be; "" writes nothing.
        team: the id of the one team the page is about; "" for all.

    Raises:
        ParameterError: an unknown team.
        RunError: a folder that cannot be written to.
    """
    if not out:
        return
    folder = Path(out)
    tables, told = _kept(analysis, team)
    files = {f"{name}.csv": csv_text(table, told["simulated"]) for name, table in tables.items()}
    files["summary.json"] = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            _replace(folder / name, text)
    except OSError as error:
        problem = Problem(
            file=str(folder), found=error.strerror or str(error), expected="a folder that can be written to"
        )
        raise RunError("The tables of this page could not be kept.", [problem]) from error


def _kept(analysis: Analysis | Across, team: str) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The tables to write, by the name of their file, and the summary."""
    if not isinstance(analysis, Across):
        part = focus(analysis, team)
        return {name: getattr(part, name) for name in TABLES}, summary(analysis, team)
    alone = len(analysis.members) == 1 and analysis.members[0].analysis
    return impact_record.tables(analysis), summary(alone) if alone else impact_record.summary(analysis)


def csv_text(table: pd.DataFrame, simulated: bool) -> str:
    """A table as CSV: ISO dates, numbers that read back exactly, no text a spreadsheet would run.

    >>> print(csv_text(pd.DataFrame({"team": ["=1+1"], "value": [0.1]}), simulated=False), end="")
    team,value
    '=1+1,0.1
    """
    harmless = table.copy()
    for name in table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]:
        if not pd.api.types.is_datetime64_any_dtype(table[name]):
            harmless[name] = table[name].astype(object).map(_harmless)
    if simulated:
        harmless["simulated"] = "simulated"
    return harmless.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(partial).chmod(0o644)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def summary(analysis: Analysis, team: str = "") -> dict[str, Any]:
    """What the index of a run says of this page, in words and numbers JSON can hold."""
    method, said = analysis.method, focus(analysis, team).series
    return {
        "collaborative": method["collaborative"],
        "title": method["title"],
        "simulated": bool(method.get("simulated")),
        "as_of": pd.Timestamp(method["as_of"]).date().isoformat(),
        "team": team,
        **standing(analysis, team),
        "charts": _charts(analysis),
        "signals": dict(sorted(Counter(map(str, said.loc[said["current"], "verdict"])).items())),
        **({} if team else _shared(analysis)),
    }


def _charts(analysis: Analysis) -> dict[str, str]:
    """The chart kinds that ``auto`` chose: the next run keeps them."""
    drawn = dict(zip(analysis.measures["measure"], analysis.measures["chart"], strict=True))
    return {measure: str(drawn[measure]) for measure in analysis.method["auto"]}


def _shared(analysis: Analysis) -> dict[str, Any]:
    """What other collaboratives may search: the first rows of it, and how many there are in all."""
    table = ideas.shared(analysis)
    dates = table["date"].dt.strftime("%Y-%m-%d").fillna("")
    rows = table.assign(date=dates, collaborative=str(analysis.method["collaborative"])).head(ideas.MOST)
    return {"shared": rows.to_dict("records"), "shared_total": len(table)}

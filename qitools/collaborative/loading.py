"""``load``: a collaborative by name, its YAML read, its files checked, what its audience may see and nothing more."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from qitools.collaborative.changes import Changes, changes_until, read_changes
from qitools.collaborative.decisions import decisions_until, expanded, overtaken, unknown_tags
from qitools.collaborative.disclosure import OUTSIDE, small_counts, suppress
from qitools.collaborative.document import Document, read_document
from qitools.collaborative.history import history_table, no_history
from qitools.collaborative.logs import Recorded, read_records
from qitools.collaborative.observations import Observed, read_observations
from qitools.collaborative.parameters import Audience, Parameters, typed
from qitools.collaborative.periods import parsed
from qitools.collaborative.quality import findings_table, hidden_findings
from qitools.collaborative.quarters import last_months
from qitools.collaborative.records import Records, records_for, records_until, with_strata
from qitools.collaborative.services import read_services, recorded_with
from qitools.errors import DataError, ParameterError, Problem, nearest

FOLDER = "parameters"
DATA_VARIABLE = "QITOOLS_DATA"


@dataclass(frozen=True, repr=False)
class Collaborative:
    """One collaborative as its audience may see it: parameters and checked tables (docs/architecture.md)."""

    parameters: Parameters
    observations: pd.DataFrame
    changes: pd.DataFrame
    findings: pd.DataFrame
    provenance: pd.DataFrame
    audience: str
    as_of: pd.Timestamp
    records: Records = field(default_factory=Records)
    history: pd.DataFrame = field(default_factory=no_history)

    def __repr__(self) -> str:
        sizes = f"teams {len(self.parameters.teams)}, measures {len(self.parameters.measures)}"
        rows = f"observations {len(self.observations)}, as of {self.as_of:%Y-%m-%d}"
        return f"Collaborative({self.parameters.collaborative!r}, {sizes}, {rows}, audience {self.audience})"


def load(
    name_or_path: str | Path,
    audience: str | None = None,
    *,
    as_of: str | date | None = None,
    data: str | Path | None = None,
) -> Collaborative:
    """Open a collaborative.

    Args:
        name_or_path: its name, found as ``parameters/NAME.yaml`` in the working folder or a parent; or a path.
        audience: public, partners or internal; the YAML's own where not given.
        as_of: the last date to show (a date or 2026-03-31); rows after it are left out, and of tests of change, scores,
            stories and offers what came after its period. Default: the last observed, and all of those.
        data: the folder that data paths start from; else ``QITOOLS_DATA``, else the YAML's folder.

    Returns:
        The frozen ``Collaborative``.

    Raises:
        ParameterError: the YAML or an argument, every problem at once.
        DataError: the data files, every problem at once.

    >>> load("example")
    Collaborative('example', teams 4, measures 3, observations 384, as of 2026-09-01, audience internal)
    """
    path = found(name_or_path)
    seen_by = _audience(audience)
    document = read_document(path)
    parameters = typed(document)
    base = data_folder(data, path)
    observed, changes, recorded = _read(parameters, document, base)
    declared, parameters = parameters, expanded(parameters, observed.table, document)
    ends = last_months(observed.table, parameters)
    until = _until(as_of, ends[observed.table["status"] != "missing"])
    table = observed.table[ends <= until]
    seen_by = seen_by or parameters.audience
    hidden = _hidden(table, parameters) & (seen_by in OUTSIDE)
    seen = suppress(table, hidden).reset_index(drop=True)
    records = with_strata(_known_then(recorded.records, until, parameters, as_of), seen)
    noticed = [
        *observed.findings,
        *recorded.findings,
        *unknown_tags(parameters, document),
        *overtaken(declared, document),
    ]
    return Collaborative(
        parameters=decisions_until(parameters, until),
        observations=seen,
        changes=changes_until(changes.table, until, parameters.period),
        findings=findings_table([*noticed, *hidden_findings(table[hidden])], until),
        provenance=pd.DataFrame([_origin(path), *observed.provenance, *changes.provenance, *recorded.provenance]),
        audience=seen_by,
        as_of=until,
        records=records_for(records, seen_by),
        history=history_table(declared, until),
    )


def _known_then(records: Records, until: pd.Timestamp, parameters: Parameters, as_of: str | date | None) -> Records:
    """The records as they were at the date asked for; all of them where none is, since logs run ahead of figures."""
    return records_until(records, until, parameters.period) if as_of else records


def _hidden(table: pd.DataFrame, parameters: Parameters) -> np.ndarray:
    """Which rows an outside audience may not see."""
    counted = [one.id for one in parameters.measures if one.counted]
    return small_counts(table, counted, [one.id for one in parameters.measures if one.data == "proportion"])


def found(name_or_path: str | Path) -> Path:
    """The YAML of a collaborative: a path as it is, a name in ``parameters/`` of the working folder or a parent.

    Raises:
        ParameterError: there is none, with the nearest name there is.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or text.endswith((".yaml", ".yml")) or "/" in text or os.sep in text:
        path = Path(name_or_path)
        if path.is_file():
            return path
        near = nearest(path.name, [other.name for other in path.parent.glob("*.y*ml")])
        raise ParameterError(
            "there is no such file", [Problem(text, expected="the YAML of a collaborative", hint=near)]
        )
    here = Path.cwd()
    folders = [folder / FOLDER for folder in (here, *here.parents) if (folder / FOLDER).is_dir()]
    for folder in folders:
        if (folder / f"{text}.yaml").is_file():
            return folder / f"{text}.yaml"
    known = sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
    hint = nearest(text, known) or (f"known: {', '.join(known)}" if known else "'qitools init' makes a first one")
    expected = f"the name of a YAML in {FOLDER}/ of {here} or a folder above it"
    raise ParameterError("there is no such collaborative", [Problem(found=text, expected=expected, hint=hint)])


def _audience(audience: str | None) -> str:
    legal = get_args(Audience)
    if audience is None or audience in legal:
        return audience or ""
    problem = Problem(where="audience", found=str(audience), expected=" or ".join(legal), hint=nearest(audience, legal))
    raise ParameterError("no such audience", [problem])


def data_folder(data: str | Path | None, path: Path) -> Path:
    """The folder that data paths start from."""
    base = Path(data or os.environ.get(DATA_VARIABLE, "") or path.parent)
    if not base.is_dir():
        raise ParameterError("there is no such folder", [Problem(where="data", found=str(base), expected="a folder")])
    return base


def _read(parameters: Parameters, document: Document, base: Path) -> tuple[Observed, Changes, Recorded]:
    """All data files; what is wrong with any of them is told together."""
    problems: list[Problem] = []

    def tried(step: Callable[..., Any], *more: Any) -> Any:
        try:
            return step(parameters, document, base, *more)
        except DataError as error:
            problems.extend(error.problems)
            return None

    observed = tried(read_observations)
    changes = tried(read_changes)
    recorded = tried(read_records, observed.table["date"] if observed else None)
    served = tried(read_services, observed.table["date"] if observed else None)
    if problems:
        raise DataError(f"the data of {parameters.collaborative} cannot be used", problems)
    return observed, changes, recorded_with(recorded, served)


def _until(as_of: str | date | None, observed: pd.Series) -> pd.Timestamp:
    """The last date shown: the one asked for, else the last observed."""
    if as_of is None or as_of == "":
        return pd.Timestamp(observed.max())
    day = parsed(as_of if isinstance(as_of, str) else f"{as_of:%Y-%m-%d}", "day")
    if np.isnat(day):
        raise ParameterError(
            "no such date", [Problem(where="as_of", found=str(as_of), expected="a date such as 2026-03-31")]
        )
    if pd.Timestamp(day) < observed.min():
        expected = f"a date from {observed.min():%Y-%m-%d}, the first observed"
        raise ParameterError("nothing is left", [Problem(where="as_of", found=str(as_of), expected=expected)])
    return pd.Timestamp(day)


def _origin(path: Path) -> dict[str, Any]:
    """Where the parameters themselves came from."""
    raw = path.read_bytes()
    return {"source": "parameters", "file": path.name, "sha256": hashlib.sha256(raw).hexdigest(), "rows": 0}

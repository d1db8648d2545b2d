"""What was made of what: one record beside every report, gathered into the manifest of the output folder.

A record is written into its report's folder before the folder takes its name, so the two can never disagree, whatever
is interrupted. The manifest is only gathered from the records: one that is lost or spoilt is made again.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, TypedDict

import qitools
from qitools.batch.jobs import Job

RECORD = "job.json"
MANIFEST = "manifest.json"
VERSIONED = ("numpy", "pandas", "scipy", "statsmodels", "rapidfuzz", "altair", "vl-convert-python", "nbconvert")


News = Literal["new", "changed", "again", "kept"]  # again: made of the same inputs as the report that stands


class Record(TypedDict):
    """What a job came to. Paths are relative to the output folder; "" or empty where there is nothing to tell."""

    id: str  # the job's folder
    collaborative: str
    notebook: str
    team: str
    label: str  # the team's name
    outcome: str  # done | failed
    page: str
    saved: str  # the executed notebook
    summary: dict[str, Any]  # summary.json of the report
    figures: list[dict[str, Any]]  # figure, kind, panels: of each figure drawn
    reason: str  # why it failed, in plain words; further lines that begin with "- " are a list
    advice: str  # what to do about it
    previous: str  # the last good page, kept where this run failed
    revised: list[str]  # files whose figures differ from the last good run
    attempts: int  # how often it was begun: again only where its kernel or its worker died
    stamp: str  # when the run began
    seconds: dict[str, float]
    inputs: dict[str, Any]
    outputs: dict[str, str]  # file → sha256


def inputs(job: Job) -> dict[str, Any]:
    """Hashes of all that decides what a job's report says; "" for a file that cannot be read."""
    return {
        "yaml": sha256(job.source),
        "data": {name: sha256(path) for name, path in sorted(job.data.items())},
        "notebook": sha256(job.notebook),
        "parameters": dict(sorted(job.given.items())),
        "qitools": sources(),
        "versions": versions(),
    }


def sha256(path: Path) -> str:
    """The hash of a file; "" where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


@cache
def sources() -> str:
    """One hash over every file of the package that can change a result."""
    package = Path(qitools.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and path.suffix not in {".pyc", ".ipynb", ".yaml"} and "_project" not in path.parts:
            digest.update(f"{path.relative_to(package).as_posix()} {sha256(path)}\n".encode())
    return digest.hexdigest()


@cache
def versions() -> dict[str, str]:
    """Python's version and that of each package that can change a result."""
    found = {"python": platform.python_version(), "qitools": qitools.__version__}
    for package in VERSIONED:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = ""
    return found


def gather(out: Path) -> list[Record]:
    """Every record below the output folder that stands in its own folder, in the order of the folders."""
    found = {path: read(path) for pattern in (f"*/*/{RECORD}", f"*/*/*/{RECORD}") for path in out.glob(pattern)}
    own = [record for path, record in found.items() if record and path.parent == out / record["id"]]
    return sorted(own, key=lambda record: record["id"])


def charts(out: Path) -> dict[str, dict[str, str]]:
    """Of each collaborative the charts that ``auto`` chose: as its newest good report says, also one below a failed."""
    newest: dict[str, Record] = {}
    for path in out.glob(f"[!.]*/**/{RECORD}"):
        record = read(path)
        if record and record["outcome"] == "done" and "charts" in record["summary"]:
            last = newest.setdefault(record["collaborative"], record)
            newest[record["collaborative"]] = max(last, record, key=lambda one: one["stamp"])
    return {name: record["summary"]["charts"] for name, record in newest.items()}


def read(path: Path) -> Record | None:
    """A record; None where there is none, or none that can be read (then its job is simply run again)."""
    try:
        record = json.loads(path.read_text("utf-8"))
        return record if set(record) == set(Record.__annotations__) else None
    except (OSError, ValueError, TypeError):
        return None


def news(before: Record | None, inputs: Mapping[str, Any]) -> News:
    """What a report that is to be made will be beside the one made before, if any was made in full."""
    whole = before is not None and before["outcome"] == "done"
    if before is None or not (whole or before["previous"]):
        return "new"
    return "again" if whole and before["inputs"] == inputs else "changed"


def write(out: Path, records: Iterable[Record], *, earlier: Iterable[str], stamp: str, seconds: float) -> None:
    """Write the manifest of the output folder: the run, every record that stands there, and which are no longer shown.

    Args:
        out: the output folder.
        records: all that stands in it.
        earlier: those of them that the index leaves out, as made of other figures than this run saw.
        stamp: when the run began.
        seconds: how long it took.
    """
    head = {"stamp": stamp, "seconds": round(seconds, 2), "versions": versions(), "qitools": sources()}
    jobs = {record["id"]: record for record in records}
    replace(out / MANIFEST, to_json({"run": head, "earlier": list(earlier), "jobs": jobs}))


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, "utf-8")
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def to_json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"

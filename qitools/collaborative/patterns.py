"""Which collaboratives a pattern of names means: ``*`` for all of a folder, ``falls, child_*`` for some."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

from qitools.errors import ParameterError, Problem, nearest

TEMPLATE = "example"  # parameters/example.yaml explains every key; it counts only where it is named in full


def fitting(folder: Path, pattern: str) -> list[Path]:
    """The YAML files of a folder whose names fit, in the order of their names.

    Args:
        folder: where the YAML files are.
        pattern: names with ``*`` and ``?``, parted by commas.

    Raises:
        ParameterError: a part of the pattern that no name fits, with the nearest that there is.
    """
    paths = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    parts = [part.strip() for part in pattern.split(",") if part.strip()]
    found = {part: [name for name in paths if _fits(name, part)] for part in parts}
    expected = f"names of YAML files in {folder} ({', '.join(paths) or 'there are none'})"
    problems = [
        Problem(where="across", found=part, expected=expected, hint=nearest(part, list(paths)), code="unknown_name")
        for part in parts or [pattern]
        if not found.get(part)
    ]
    if problems:
        raise ParameterError("No collaborative has such a name.", problems)
    chosen = {name for names in found.values() for name in names}
    return [path for name, path in paths.items() if name in chosen]


def _fits(name: str, part: str) -> bool:
    """
    >>> _fits("falls", "f*"), _fits("example", "*"), _fits("example", "example")
    (True, False, True)
    """
    return fnmatchcase(name, part) and (name != TEMPLATE or part == TEMPLATE)

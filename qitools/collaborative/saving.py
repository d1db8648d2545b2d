"""Decisions saved to a collaborative's YAML, and taken back: every one with its reason, who took it and when.

``read`` gives the file as it is, ``preview`` the lines that would change, ``save`` changes them: under a lock, only if
the file is still the one that was read, only after the new file has been opened by ``qi.load`` itself, and in one step.
Nothing else in the file changes (``editing``). To undo is to save ``without`` a decision; to redo, to save it again.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qitools.collaborative.amending import Decision, amended
from qitools.collaborative.loading import data_folder, load
from qitools.collaborative.writing import ChangedMeanwhile, SavingError, locked, refusal, replace
from qitools.errors import Problem, QitoolsError

BOM = "\ufeff"


@dataclass(frozen=True)
class Version:
    """A YAML as it was read: read it before the collaborative is loaded, and hand it to ``save``."""

    path: Path
    text: str
    sha256: str


def read(path: str | Path) -> Version:
    """The YAML as it is now.

    Raises:
        SavingError: it is not there, may not be read, or is not UTF-8.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
        return Version(path, raw.decode("utf-8"), hashlib.sha256(raw).hexdigest())
    except OSError as error:
        raise refusal(path, error) from None
    except UnicodeDecodeError as error:
        problem = Problem(path.name, found=f"byte {error.object[error.start]:#x}", expected="UTF-8 text")
        raise SavingError(f"{path.name} cannot be read", [problem]) from None


def preview(seen: Version, decisions: Sequence[Decision] = (), *, without: Sequence[Decision] = ()) -> str:
    """The lines that ``save`` would change, as a unified diff.

    Raises:
        ParameterError: as ``save``.
    """
    return _diff(seen.text, _edited(seen, decisions, without), seen.path.name)


def save(
    seen: Version,
    decisions: Sequence[Decision] = (),
    *,
    without: Sequence[Decision] = (),
    data: str | Path | None = None,
) -> Version:
    """Save decisions to the YAML, all of them or none.

    Args:
        seen: the file as it was read.
        decisions: what was decided.
        without: decisions to take back, as they were saved; a setting becomes again what it was before.
        data: the folder that data paths start from, as for ``qi.load``.

    Returns:
        The file as it is now, to hand to the next ``save``.

    Raises:
        ParameterError: a decision without reason, name or day, one that ``qi.load`` refuses, one that is there already
            or not there to take back; every problem at once.
        ChangedMeanwhile: the file is no longer the one read; shows what changed there and what would have been saved.
        SavingError: the file is gone, read-only, a link to another folder, or the disk is full; it is as it was.
    """
    new = _edited(seen, decisions, without)
    _stays_inside(seen.path)
    with locked(seen.path):
        _refuse_changed(seen, new)
        replace(seen.path, new.encode(), lambda written: _opened(written, seen.path, data))
        return read(seen.path)


def _edited(seen: Version, decisions: Sequence[Decision], without: Sequence[Decision]) -> str:
    mark = BOM if seen.text.startswith(BOM) else ""
    return mark + amended(seen.text.removeprefix(BOM), seen.path.name, decisions, without)


def _stays_inside(path: Path) -> None:
    """A link is followed within its folder only: what stands elsewhere may serve others too."""
    target = path.resolve()
    if not target.is_relative_to(path.parent.resolve()):
        problem = Problem(
            path.name,
            found=f"a link to {target}",
            expected="a file of this folder",
            hint="save it there, or copy it here",
        )
        raise SavingError(f"{path.name} was not written, and is as it was", [problem])


def _refuse_changed(seen: Version, new: str) -> None:
    """Both versions, where the file is no longer the one that was read."""
    path, yours = seen.path, _diff(seen.text, new, seen.path.name)
    try:
        raw = path.read_bytes()
    except OSError as error:
        told = refusal(path, error)
        raise SavingError(f"{told.message}; what you would have saved:\n{yours}", told.problems) from None
    if hashlib.sha256(raw).hexdigest() == seen.sha256:
        return
    theirs = _diff(seen.text, raw.decode("utf-8", errors="replace"), path.name)
    raise ChangedMeanwhile(
        f"{path.name} was changed by someone else since you opened it; nothing of yours was written.\n"
        f"What changed there:\n{theirs}\nWhat you would have saved:\n{yours}\nOpen it again, then save again."
    )


def _opened(written: Path, path: Path, data: str | Path | None) -> None:
    """Open the new file as everything else will; what is refused then was not all right."""
    try:
        load(written, data=data_folder(data, path))
    except QitoolsError as error:
        raise type(error)(f"{path.name} was not written, and is as it was: {error.message}", error.problems) from None


def _diff(old: str, new: str, file: str) -> str:
    """What changed, as a unified diff; line ends do not show."""
    lines = difflib.unified_diff(
        old.removeprefix(BOM).splitlines(),
        new.removeprefix(BOM).splitlines(),
        f"{file}, as it is",
        f"{file}, as saved",
        lineterm="",
    )
    return "\n".join(lines)

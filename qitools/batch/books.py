"""What a notebook says of itself: what it is told, which sources it needs, whether it is about a collaborative at all.

Read from the file; nothing is executed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from qitools.errors import ParameterError, Problem, nearest


def needs(book: Path) -> tuple[str, ...]:
    """The sources of the YAML without which a notebook has nothing to show: its metadata, ``qitools: {needs: […]}``."""
    return tuple(_about(book).get("needs", ()))


def once(book: Path) -> bool:
    """Whether a notebook is about no collaborative, so that it is run once: its metadata, ``qitools: {once: true}``."""
    return bool(_about(book).get("once"))


@cache
def _about(book: Path) -> dict[str, Any]:
    """What a notebook says of itself; nothing of a file that is no notebook, which is refused where it is run."""
    try:
        return dict(json.loads(book.read_text("utf-8"))["metadata"].get("qitools", {}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def accept(book: Path, given: Iterable[str]) -> None:
    """Refuse parameters a notebook does not declare: papermill would only warn, and write them into it as code.

    Raises:
        ParameterError: naming each, and the nearest the notebook declares.
    """
    refuse(
        list(dict.fromkeys([*given, "out"])),
        list(declared(book)),
        "a parameter",
        f"{book.name} (its cell tagged 'parameters')",
    )


@cache
def declared(book: Path) -> tuple[str, ...]:
    """Names in the cell tagged ``parameters``, in their order.

    Raises:
        ParameterError: the file is no notebook, or does not say in which language its cells are.
    """
    from papermill import inspect_notebook  # heavy: only when notebooks are really looked at

    try:
        return tuple(inspect_notebook(literal(book)))
    except Exception as error:  # papermill and nbformat each have their own
        found = str(error).partition("\n")[0] or type(error).__name__
        expected = "a notebook as JupyterLab saves it, with a kernel"
        raise ParameterError(
            f"{book.name} cannot be run:", [Problem(str(book), found=found, expected=expected)]
        ) from error


def literal(path: Path) -> str:
    """A path papermill leaves as it is: it takes braces for places to fill."""
    return str(path).replace("{", "{{").replace("}", "}}")


def refuse(wanted: Sequence[str], legal: Sequence[str], what: str, where: str) -> None:
    """Raise one error that names every unknown name and its nearest legal one."""
    known = ", ".join(legal[:12]) + (", …" if len(legal) > 12 else "")
    problems = [
        Problem(where=what, found=name, expected=f"one of: {known}", hint=nearest(name, legal), code="unknown_name")
        for name in wanted
        if name not in legal
    ]
    if problems:
        raise ParameterError(f"Not known in {where}:", problems)

"""Templates that Altair has written are kept: it takes a tenth of a second to a second for each, in every process.

So views take Altair from here: it is imported, which takes half a second too, when a template has to be written.

A template is a file in the user's cache folder, named after what wrote it: the sources of this folder and the version
of Altair. Whatever changes either, a new one is written. Where nothing can be kept, only time is lost.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qitools import cache as stored

__all__ = ["alt", "kept"]
Template = Callable[..., dict[str, Any]]


class _WhenDrawn:
    """Altair, imported at the first use of anything it has."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module("altair"), name)


if TYPE_CHECKING:
    import altair as alt
else:
    alt = _WhenDrawn()


def kept(write: Template) -> Template:
    """Have what a function writes read from the cache folder where the same sources have written it before."""

    @cache
    @wraps(write)
    def template(*given: Any) -> dict[str, Any]:
        name = "-".join([write.__module__.rpartition(".")[2], write.__name__, *map(str, given)])
        path = stored.folder() / f"templates-{edition()}" / f"{name}.json"
        return _read(path) or _written(path, write(*given))

    return template


def _read(path: Path) -> dict[str, Any] | None:
    try:
        spec: dict[str, Any] = json.loads(stored.read(path) or "null")
        return spec
    except ValueError:
        return None  # spoilt: it is written anew


def _written(path: Path, spec: dict[str, Any]) -> dict[str, Any]:
    """Keep a template; what comes back is what will be read, so that the first page is as every later one."""
    text = json.dumps(spec)
    stored.keep(path, text)
    again: dict[str, Any] = json.loads(text)
    return again


@cache
def edition() -> str:
    """What writes templates, in a few characters: the sources beside this one, and Altair."""
    digest = hashlib.sha256(version("altair").encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]

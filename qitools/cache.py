"""What takes long to make and never changes is kept in the user's cache folder: a file to read, the next time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs


def folder() -> Path:
    """Where things are kept: ``QITOOLS_CACHE``, else the user's own cache folder."""
    return Path(os.environ.get("QITOOLS_CACHE") or platformdirs.user_cache_dir("qitools", appauthor=False))


def read(path: Path) -> str | None:
    """What is kept there, None where nothing can be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def keep(path: Path, content: str | bytes) -> None:
    """Write whole or not at all; a folder that cannot be written costs time at the next start, nothing else."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".partial")
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        Path(name).replace(path)
    except OSError:
        return

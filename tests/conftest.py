"""What every test may ask for: the project's root, the real figures, a collaborative written into a folder."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing on a shared machine; the same tree is given the same examples every time.
# New ones are looked for with `pytest --hypothesis-profile=search`.
settings.register_profile("project", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("project")
ROOT = Path(__file__).resolve().parents[1]

SMALL = """\
collaborative: small
title: A small collaborative
sources:
  observations: small.csv
measures:
  - {id: checked, name: Checks done, kind: process, data: proportion, better: higher}
teams:
  - {id: north, name: North}
  - {id: south, name: South}
"""
SMALL_ROWS = """
team,measure,date,numerator,denominator
north,checked,2025-01-01,8,10
north,checked,2025-02-01,7,10
north,checked,2025-04-01,9,10
south,checked,2025-01-01,6,12
south,checked,2025-02-01,9,12
"""


@pytest.fixture
def root() -> Path:
    """The root of the project."""
    return ROOT


@pytest.fixture
def small() -> str:
    """The YAML of a small, right collaborative."""
    return SMALL


@pytest.fixture
def real_data(root: Path) -> Path:
    """The folder of real, published figures; skips, saying so, where it is absent."""
    folder = (root / ".." / "shared" / "data").resolve()
    if not folder.is_dir():
        pytest.skip("real figures are absent: ../shared/data is not there")
    return folder


@pytest.fixture
def write_collaborative(tmp_path: Path) -> Callable[..., Path]:
    """Write a collaborative: its YAML, its CSV, other files by name; the small, right one where nothing is given."""

    def write(
        yaml: str = SMALL,
        csv: str | bytes = SMALL_ROWS,
        *,
        files: Mapping[str, str] | None = None,
        name: str = "small",
    ) -> Path:
        path = tmp_path / "parameters" / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(yaml).lstrip(), encoding="utf-8")
        raw = csv if isinstance(csv, bytes) else textwrap.dedent(csv).lstrip().encode()
        (path.parent / f"{name}.csv").write_bytes(raw)
        for other, text in (files or {}).items():
            (path.parent / other).parent.mkdir(parents=True, exist_ok=True)
            (path.parent / other).write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
        return path

    return write

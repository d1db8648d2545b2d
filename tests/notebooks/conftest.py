"""Notebooks executed: by the run that all tests share, or as papermill's own users would; never longer than a limit."""

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT = 300  # seconds: a kernel that dies as it starts would be waited for without end


def run_papermill(notebook: str, folder: Path, *options: str, **parameters: str) -> subprocess.CompletedProcess[str]:
    """Execute a notebook in the project's folder; the notebook and its tables land in ``folder``."""
    command = [sys.executable, "-m", "papermill", f"notebooks/{notebook}.ipynb", str(folder / "executed.ipynb")]
    given = [part for name, value in {"out": str(folder), **parameters}.items() for part in ("-p", name, value)]
    command += [*given, *options, "--no-progress-bar"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT)


@pytest.fixture(scope="session")
def execute() -> Callable[..., subprocess.CompletedProcess[str]]:
    """``execute(notebook, folder, **parameters)``: a run of its own, with plain papermill."""
    return run_papermill


@pytest.fixture(scope="session")
def executed(outputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """``executed(notebook, collaborative, team)``: the executed notebook, its tables beside it, made once."""

    @cache
    def run(notebook: str, collaborative: str, team: str = "") -> Path:
        for made in (outputs / collaborative / notebook / team).glob("*.ipynb"):
            return made
        folder = tmp_path_factory.mktemp(f"{notebook}-{collaborative}")
        done = run_papermill(notebook, folder, collaborative=collaborative, **({"team": team} if team else {}))
        assert done.returncode == 0, done.stderr
        return folder / "executed.ipynb"

    return run

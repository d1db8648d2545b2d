"""What every test may ask for: the project, real figures, a collaborative in a folder, a run of all that is shipped."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

# How long an example takes says nothing on a shared machine; the same tree is given the same examples every time.
# New ones are looked for with `pytest --hypothesis-profile=search`.
settings.register_profile("project", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("project")
ROOT = Path(__file__).resolve().parents[1]
LONGEST = ("test_made_pages.py", "test_leaks.py")
NOTEBOOKS = ("learning_session", "facilitator_notes", "team_report")

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
BEDS = """\
collaborative: beds
title: Fewer "things"
sources: {observations: data.csv}
measures: [{id: things, name: Things, kind: outcome, data: rate, better: lower}]
teams: [{id: ash, name: Ash Ward}]
"""
BEDS_ROWS = "team,measure,date,numerator,denominator\n" + "".join(
    f"ash,things,2025-{m:02d}-01,{m},900\n" for m in range(1, 13)
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest goes first, so that nothing long is left alone at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the project."""
    return ROOT


@pytest.fixture
def small() -> str:
    """The YAML of a small, right collaborative."""
    return SMALL


@pytest.fixture(scope="session")
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


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one collaborative, beds, in which the test stands: parameters/beds.yaml and data.csv."""
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "data.csv").write_text(BEDS_ROWS, "utf-8")
    (tmp_path / "parameters" / "beds.yaml").write_text(BEDS, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QITOOLS_DATA", "")  # so that what --data sets does not outlive the test
    monkeypatch.delenv("QITOOLS_DATA")
    return tmp_path


def run_qitools(folder: Path, *options: str) -> Path:
    """Run ``qitools run`` into ``folder/outputs``, with a place of its own for the signatures of notebooks.

    QITOOLS_OUTPUTS names a folder of a run made before, to save the time it takes while a test is written.
    """
    ready = os.environ.get("QITOOLS_OUTPUTS", "")
    if ready and "--parameters" not in options:
        return Path(ready)
    out = folder / "outputs"
    command = [sys.executable, "-c", "from qitools.cli import main; main()", "run", "--out", str(out), "--workers", "2"]
    each = [*options, *(part for name in NOTEBOOKS for part in ("--notebook", name))]
    runs = [each] if "--parameters" in options else [each, ["--notebook", "impact_report", "--across", "*"]]
    runs = [list(options)] if "--notebook" in options else runs
    environment = os.environ | {"JUPYTER_DATA_DIR": str(folder / "jupyter"), "PYTHONHASHSEED": "20"}
    for one in runs:
        done = subprocess.run([*command, *one], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1800)
        assert done.returncode == 0 and (out / "index.html").is_file(), done.stdout + done.stderr
    return out


@pytest.fixture(scope="session")
def run_command() -> Callable[..., Path]:
    """``qitools run`` for a test with parameters of its own."""
    return run_qitools


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """``made_once(name, *options)``: a run that many tests open; the process that asks first makes it, others wait."""
    base = tmp_path_factory.getbasetemp()

    def made(name: str, *options: str) -> Path:
        folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
        with FileLock(f"{folder}.lock"):
            finished = folder / "finished"
            if not finished.is_file():
                out = run_qitools(folder, *options)
                folder.mkdir(exist_ok=True)
                finished.write_text(str(out), encoding="utf-8")
            return Path(finished.read_text(encoding="utf-8"))

    return made


@pytest.fixture(scope="session")
def outputs(made_once: Callable[..., Path]) -> Path:
    """Every learning session, and two team reports of each collaborative, as ``make reports`` makes them."""
    return made_once("run", "--first-teams", "2")

"""Every notebook runs from top to bottom with plain papermill, and however it is called the tables are the same."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

import qitools as qi

EXAMPLES = ("falls", "child_reviews", "delayed_discharge")
TABLES = ("points.csv", "phases.csv", "series.csv", "summary.json")


each_example = pytest.mark.parametrize("session", EXAMPLES, indirect=True)


@pytest.fixture
def session(request: pytest.FixtureRequest, executed: Any) -> tuple[str, Path, Any]:
    made = executed("learning_session", request.param)
    return request.param, made.parent, nbformat.read(made, as_version=4)


@each_example
def test_a_learning_session_leaves_its_tables(session: tuple[str, Path, Any]) -> None:
    name, folder, _ = session
    analysis = qi.analyse(qi.load(name))
    for table in ("points", "phases", "series"):
        assert len(pd.read_csv(folder / f"{table}.csv")) == len(getattr(analysis, table))
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["collaborative"] == name
    assert sum(summary["signals"].values()) == len(analysis.series)


@each_example
def test_every_section_shows_something_and_nothing_is_printed(session: tuple[str, Path, Any]) -> None:
    _, _, notebook = session
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    silent = [cell.id for cell in cells if not cell.outputs and "injected-parameters" not in cell.metadata.tags]
    assert silent == ["parameters", "analysis", "finish"]
    assert not [cell.id for cell in cells for output in cell.outputs if output.output_type in ("stream", "error")]


@each_example
def test_a_page_has_one_h1_and_words_for_every_output(session: tuple[str, Path, Any]) -> None:
    _, _, notebook = session
    shown = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    assert sum(data.get("text/html", "").count("<h1") for data in shown) == 1
    assert all(data["text/plain"].strip() for data in shown)


@each_example
def test_figures_name_themselves_in_the_metadata(session: tuple[str, Path, Any]) -> None:
    _, _, notebook = session
    named = [
        output.metadata["qitools"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "qitools" in output.get("metadata", {})
    ]
    assert {"chart", "ledger", "multiples", "pooled", "reporting", "split", "vote"} <= {row["kind"] for row in named}
    assert len({row["figure"] for row in named}) == len(named)


@pytest.mark.parametrize("name", EXAMPLES[1:])
def test_a_team_report_is_about_its_team(name: str, executed: Any) -> None:
    team = qi.load(name).parameters.teams[1]
    made = executed("team_report", name, team.id)
    notebook = nbformat.read(made, as_version=4)
    heading = next(cell for cell in notebook.cells if cell.id == "heading")
    assert team.name in heading.outputs[0].data["text/plain"]
    assert set(pd.read_csv(made.parent / "points.csv")["team"]) == {team.id}


@pytest.mark.parametrize("session", EXAMPLES[:1], indirect=True)
@pytest.mark.parametrize(
    "given",
    [("-p", "collaborative", "falls"), pytest.param(("-f", "parameters/falls.yaml"), marks=pytest.mark.soak)],
)
def test_plain_papermill_gives_the_tables_that_the_batch_gives(
    session: tuple[str, Path, Any], given: tuple[str, ...], tmp_path: Path, execute: Any
) -> None:
    """With ``-p collaborative NAME``, and with ``-f parameters/NAME.yaml`` for a YAML one trusts."""
    _, folder, _ = session
    done = execute("learning_session", tmp_path, *given)
    assert done.returncode == 0, done.stderr
    for table in TABLES:
        assert (tmp_path / table).read_bytes() == (folder / table).read_bytes()


def test_an_earlier_day_leaves_later_figures_out(tmp_path: Path, execute: Any) -> None:
    done = execute("team_report", tmp_path, collaborative="falls", as_of="2025-06-30")
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(tmp_path / "points.csv")["date"].max() == "2025-06-01"
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["as_of"] == "2025-06-30"


def test_a_team_nobody_knows_stops_the_page_with_the_nearest_name(tmp_path: Path, execute: Any) -> None:
    done = execute("team_report", tmp_path, collaborative="falls", team="allmara")
    assert done.returncode != 0
    assert "did you mean 'almara'" in done.stderr
    assert not (tmp_path / "points.csv").exists()
    assert nbformat.read(tmp_path / "executed.ipynb", as_version=4).cells

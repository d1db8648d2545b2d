"""A small project of its own, so that what is tested here is the batch and not the notebooks that ship."""

import gc
import json
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import psutil
import pytest

from qitools.batch import jobs, kernels, runner
from qitools.batch.report import Settings
from qitools.batch.watch import Limits

STAMP = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
PRELOAD = ("qitools.collaborative.loading",)

YAML = """\
collaborative: {name}
title: Fewer things in {name}
simulated: true
sources:
  observations: data/{name}.csv
measures:
  - {{id: things, name: Things, kind: outcome, data: rate, per: 1000, better: lower}}
teams:
  - {{id: ash, name: Ash Ward}}
  - {{id: birch, name: Birch Ward}}
  - {{id: cedar, name: Cedar Ward}}
"""
DATA = "team,measure,date,numerator,denominator\n" + "".join(
    f"{team},things,2025-{month:02d}-01,{month % 4},900\n"
    for team in ("ash", "birch", "cedar")
    for month in range(1, 13)
)
LOAD = """
import json, pathlib
import qitools as qi
found = qi.load(collaborative)
"""
KEEP = """
rows = found.observations if not globals().get("team") else found.observations[found.observations.team == team]
if out:
    rows.to_csv(pathlib.Path(out) / "points.csv", index=False)
    told = {"collaborative": found.parameters.collaborative, "title": found.parameters.title, "simulated": True,
            "as_of": f"{found.as_of:%Y-%m-%d}", "team": globals().get("team", ""), "aim": "An aim.",
            "progress": "No shift yet.", "reporting": "All have reported."}
    (pathlib.Path(out) / "summary.json").write_text(json.dumps(told), "utf-8")
"""
TOLD = """
import json, pathlib
pathlib.Path(out, "summary.json").write_text(json.dumps({"title": "", "simulated": True}), "utf-8")
"""


def notebook(path: Path, *, parameters: str, cells: list[str]) -> Path:
    """Write a notebook with a cell tagged ``parameters`` and these code cells."""
    first = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# A page"), first, *map(nbformat.v4.new_code_cell, cells)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)
    return path


class Project:
    """A project folder that tests may spoil; its notebooks load nothing where they only need to be there."""

    cells = (LOAD, KEEP)

    def __init__(self, root: Path, *, made: bool = False, light: bool = False) -> None:
        self.root = root
        self.cells = ("", TOLD) if light else self.cells
        self.out = root / "outputs"
        if made:
            return
        self.collaborative("beds")
        self.book("learning_session")
        self.book("team_report", team=True)

    def collaborative(self, name: str, yaml: str = YAML) -> Path:
        path = self.root / "parameters" / f"{name}.yaml"
        (path.parent / "data").mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.format(name=name), "utf-8")
        (path.parent / "data" / f"{name}.csv").write_text(DATA, "utf-8")
        return path

    def book(self, name: str, *, team: bool = False, cell: str = "", as_of: bool = True) -> Path:
        lines = ['collaborative: str = ""  # name', 'out: str = ""  # folder']
        lines += ['team: str = ""  # id'] if team else []
        lines += ['as_of: str = ""  # date'] if as_of else []
        before, after = self.cells
        path = self.root / "notebooks" / f"{name}.ipynb"
        return notebook(path, parameters="\n".join(lines), cells=[before, cell or "1 + 1", after])

    def many(self, number: int) -> None:
        """So many teams, each with a report that shows nothing."""
        path = self.collaborative("beds")
        teams = "".join(f"  - {{id: team-{place}, name: Team {place}}}\n" for place in range(number))
        path.write_text(path.read_text("utf-8").partition("  - {id: ash")[0] + teams, "utf-8")
        (path.parent / "data" / "beds.csv").write_text(DATA.partition("\n")[0], "utf-8")
        given = 'collaborative: str = ""  # name\nout: str = ""  # folder\nteam: str = ""  # id'
        told = 'import json, pathlib\npathlib.Path(out, "summary.json").write_text(json.dumps({"title": team}))'
        notebook(self.root / "notebooks" / "team_report.ipynb", parameters=given, cells=[told])

    def record(self, job: str) -> dict:
        return json.loads((self.out / job / "job.json").read_text("utf-8"))

    def plan(self, *, books: tuple[str, ...] = ("learning_session",), teams: int | None = None):
        place = jobs.find_project(self.root)
        return jobs.plan(place, jobs.choose(place), jobs.notebooks(place, books), first_teams=teams, out=self.out)

    def run(self, *, books=("learning_session",), teams=None, limits=None, workers=1, force=False, stamp=STAMP):
        """Run the project's notebooks here, and return their records by job."""
        settings = Settings(self.root, self.out, stamp, ":root{--qi-ink:#111}", PRELOAD, limits or Limits())
        records, whole = runner.run(self.plan(books=books, teams=teams), settings, workers=workers, force=force)
        assert whole
        return {record["id"]: record for record in records}

    def stood(self, job: str) -> bool:
        """The report is there whole."""
        return (self.out / job / "summary.json").is_file() and self.record(job)["outcome"] == "done"

    def true(self) -> bool:
        """No half-written file is left, and the manifest says what stands in the folders."""
        assert [path for path in self.out.rglob("*") if ".partial" in path.name or path.name == ".staging"] == []
        stand = [path.parent for path in self.out.rglob("job.json") if path.parent.name != "previous"]
        names = [folder.relative_to(self.out).as_posix() for folder in stand]
        told = json.loads((self.out / "manifest.json").read_text("utf-8"))
        assert told["jobs"] == {name: self.record(name) for name in names}
        return True

    def next_run_makes_exactly(self, *made: str, **run) -> bool:
        """These reports and no other, of all that stand in the output folder."""
        before = {path: path.stat().st_mtime_ns for path in self.out.rglob("job.json")}
        self.run(**run)
        after = {path: path.stat().st_mtime_ns for path in self.out.rglob("job.json")}
        new = {path.parent.relative_to(self.out).as_posix() for path in after if after[path] != before.get(path)}
        assert new == set(made)
        assert all(self.stood(job) for job in made)
        assert self.true()
        return True


@pytest.fixture(scope="session")
def new_project():
    """``new_project(root)``: for fixtures of a whole module."""
    return Project


@pytest.fixture
def project(tmp_path, monkeypatch):
    made = Project(tmp_path / "project")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("QITOOLS_DATA", "")  # so that what --data sets does not outlive the test
    monkeypatch.delenv("QITOOLS_DATA")
    return made


@pytest.fixture(scope="session")
def warm_session():
    """One warm parent for all tests that run notebooks and do not ask for their own."""
    with kernels.warm(PRELOAD):
        yield


@pytest.fixture
def warm(project, warm_session):
    return project


def name_of(process):
    """The name of a process; "" where it has ended."""
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


@pytest.fixture
def held():
    """``held()``: Python children (a browser of other tests has children of its own), threads, open files."""

    def count():
        gc.collect()  # what an earlier test has left does not go in between
        me = psutil.Process()
        children = [one for one in me.children(recursive=True) if "python" in name_of(one)]
        return {"children": len(children), "threads": me.num_threads(), "files": me.num_fds()}

    return count

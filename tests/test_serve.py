"""Live notebooks, short of a server: what is refused before one starts, and the copies that are shown."""

import json
import subprocess
import sys

import nbformat
import pytest
from typer.testing import CliRunner

from qitools import cli, serve
from qitools.batch import jobs as planning
from qitools.errors import RunError


def refusal(monkeypatch, capsys, *words: str) -> tuple[int, str]:
    """What a command says, and its exit code, as ``main`` gives them."""
    monkeypatch.setattr(sys, "argv", ["qitools", *words])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return left.value.code, " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("command", ["present", "explore"])
def test_what_cannot_be_shown_is_refused_before_a_server_starts(project, monkeypatch, capsys, command):
    code, said = refusal(monkeypatch, capsys, command, "bedz")
    assert code == 2 and "did you mean 'beds'?" in said
    code, said = refusal(monkeypatch, capsys, command, "beds", "--notebook", "learning_sesion")
    assert code == 2 and "did you mean 'learning_session'?" in said
    code, said = refusal(monkeypatch, capsys, command, "beds", "--notebook", "team_report", "--team", "ahs")
    assert code == 2 and "did you mean 'ash'?" in said
    data = project / "parameters" / "data.csv"
    data.write_text(data.read_text("utf-8").replace(",900", ",nine"), "utf-8")
    code, said = refusal(monkeypatch, capsys, command, "beds")
    assert code == 1 and "line 2" in said and "'nine'" in said
    assert not (project / serve.EXPLORING).exists()


def test_only_lessons_need_no_name_of_a_collaborative(project, monkeypatch, capsys):
    assert refusal(monkeypatch, capsys, "present") == (
        2,
        "✗ The notebook learning_session is about one collaborative: give its name.",
    )
    _, job = cli._one("", "understanding_variation", "", "", None, None)
    lesson = nbformat.read(serve._copy(job, project, print), as_version=4)
    assert lesson.metadata["title"] == "Understanding variation"
    assert "beds" not in str(lesson.cells)


@pytest.mark.parametrize(("command", "needed"), [("present", "voila"), ("explore", "jupyterlab")])
def test_one_line_says_what_to_install(project, monkeypatch, capsys, command, needed):
    monkeypatch.setitem(sys.modules, needed, None)
    code, said = refusal(monkeypatch, capsys, command, "beds", "--notebook", "learning_session")
    assert code == 1 and said == f"✗ {serve.MISSING[needed]}"


def test_a_fault_inside_a_server_is_not_taken_for_its_absence():
    with pytest.raises(ModuleNotFoundError, match="markupsafe"), serve._needed("voila"):
        raise ModuleNotFoundError("No module named 'markupsafe'", name="markupsafe")


@pytest.fixture
def job(project):
    found = planning.find_project(project)
    book = planning.notebooks(found, ["learning_session"])
    return planning.plan(found, planning.choose(found, ["beds"]), book, as_of="2025-06-30")[0]


def test_a_copy_knows_its_parameters_and_leaves_the_notebook_as_it_is(project, job):
    before, said = job.notebook.read_bytes(), []
    copy = serve._copy(job, project, said.append)
    assert copy == project / serve.EXPLORING / "beds-learning-session.ipynb"
    cells = nbformat.read(copy, as_version=4).cells
    asked, given = (
        next(cell.source for cell in cells if tag in cell.metadata.get("tags", []))
        for tag in ("parameters", "injected-parameters")
    )
    assert 'collaborative: str = "falls"' in asked
    assert given.splitlines() == [
        "# Set by qitools, for beds",
        'collaborative = "beds"',
        'as_of = "2025-06-30"',
    ]
    assert job.notebook.read_bytes() == before and said == []


def test_a_copy_is_made_anew_until_somebody_has_worked_on_it(project, job):
    said: list[str] = []
    copy = serve._copy(job, project, said.append)
    first = nbformat.read(copy, as_version=4)
    first.cells[-1].outputs = [nbformat.v4.new_output("stream", text="run, and not changed")]
    nbformat.write(first, copy)
    serve._copy(job, project, said.append)
    again = nbformat.read(copy, as_version=4)
    assert not again.cells[-1].outputs and said == []
    assert again.metadata["qitools"]["run"] != first.metadata["qitools"]["run"], "JupyterLab runs it once more"
    again.cells[-1].source += "\n1 + 1"
    nbformat.write(again, copy)
    kept = copy.read_bytes()
    serve._copy(job, project, said.append)
    assert copy.read_bytes() == kept and "as you left it" in said[0]


@pytest.mark.parametrize("words", ["", "{}", "no notebook", json.dumps({"cells": []})])
def test_what_is_not_a_copy_is_never_overwritten(project, job, words):
    copy = project / serve.EXPLORING / "beds-learning-session.ipynb"
    copy.parent.mkdir()
    copy.write_text(words, "utf-8")
    serve._copy(job, project, lambda _: None)
    assert copy.read_text("utf-8") == words


def test_a_folder_that_cannot_be_written_is_refused_with_its_name(project, job):
    (project / serve.EXPLORING).write_text("a file, where a folder belongs", "utf-8")
    with pytest.raises(RunError, match=r"beds-learning-session\.ipynb"):
        serve._copy(job, project, print)


def test_a_collaborative_elsewhere_is_named_by_its_whole_path(tmp_path, project):
    other = tmp_path / "other"
    (project / "parameters").rename(other)
    (project / "parameters").mkdir()
    found = planning.find_project(project, other)
    book = planning.notebooks(found, ["learning_session"])
    job = planning.plan(found, planning.choose(found, ["beds"]), book)[0]
    copy = serve._copy(job, project, print)
    assert str(other / "beds.yaml") in copy.read_text("utf-8")


def test_our_folders_are_found_first_and_only_for_a_while(monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_PATH", "theirs")
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    with serve._found_first(JUPYTER_PATH=tmp_path, JUPYTER_CONFIG_PATH=tmp_path):
        assert serve.os.environ["JUPYTER_PATH"] == f"{tmp_path}{serve.os.pathsep}theirs"
        assert serve.os.environ["JUPYTER_CONFIG_PATH"] == str(tmp_path)
    assert serve.os.environ["JUPYTER_PATH"] == "theirs"
    assert "JUPYTER_CONFIG_PATH" not in serve.os.environ


def test_the_commands_are_explained():
    for command in ("present", "explore"):
        told = CliRunner().invoke(cli.app, [command, "--help"], env={"COLUMNS": "160"}).output
        assert "--no-browser" in told and "this machine alone" in told


LOST = """
import os, signal, time
from qitools import serve
serve.PATIENCE = 0.2
signal.signal(signal.SIGINT, serve._interrupted)
for first in (True, False):
    try:
        if first:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
    except KeyboardInterrupt:
        pass  # as in a callback that lets nothing out
print("ended", flush=True)
os._exit(0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send oneself")
def test_a_ctrl_c_that_is_lost_comes_again():
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, timeout=50)
    assert (done.stdout, done.returncode) == ("ended\n", 0), done.stderr

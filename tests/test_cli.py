"""The commands as they are typed: what they print, what they leave, and their exit codes."""

import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from rich.console import Console
from typer.testing import CliRunner

import qitools
from qitools import cli, telling
from qitools.errors import ParameterError


def rows(project: Path) -> str:
    return (project / "parameters" / "data.csv").read_text("utf-8")


def parameters(project: Path, name: str = "beds") -> str:
    """The YAML of the collaborative, under a name."""
    yaml = (project / "parameters" / "beds.yaml").read_text("utf-8")
    return yaml.replace("collaborative: beds", f"collaborative: {name}")


# Whoever edits qitools while its tests run does not make every report new.
MAIN = "from qitools.batch import manifest; manifest.sources = str; from qitools.cli import main; main()"


def typed(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess:
    """The command in a process of its own, as an operator's script would call it."""
    command = [sys.executable, "-c", MAIN, *words]
    env = {key: value for key, value in os.environ.items() if key != "QITOOLS_DATA"} | {"COLUMNS": "120"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=env)


def here(*words: str):
    return CliRunner().invoke(cli.app, words)


def test_the_version_is_told():
    assert here("--version").output.strip() == f"qitools {qitools.__version__}"


def test_init_starts_a_project_and_overwrites_nothing(tmp_path):
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "falls.yaml").write_text("mine", "utf-8")
    told = here("init", str(tmp_path))
    assert told.exit_code == 0
    assert "1 kept as they were" in told.output
    assert (tmp_path / "parameters" / "falls.yaml").read_text("utf-8") == "mine"
    assert (tmp_path / "notebooks" / "learning_session.ipynb").is_file()
    assert (tmp_path / "parameters" / "data" / "falls.csv").is_file()
    assert told.output.index("qitools check") < told.output.index("qitools run")
    again = here("init", str(tmp_path))
    assert "0 files written" in again.output


def test_check_counts_what_was_read(project):
    told = here("check")
    assert told.exit_code == 0
    assert [word for word in ("beds", "12", "2025-12-01") if word not in told.output] == []


def test_check_names_what_is_worth_knowing_and_counts_what_was_sent(project):
    data = rows(project).replace("ash,things,2025-03-01,3,900\n", "").replace("2025-05-01,5,900", "2025-05-01,0,0")
    (project / "parameters" / "data.csv").write_text(data, "utf-8")
    told = here("check").output
    assert "beds: gap: Ash Ward, things, Mar 2025: found no number, expected a number for every period\n" in told
    assert "beds: zero_denominator: Ash Ward, things, May 2025, data.csv, line 5: found 0" in told
    assert told.splitlines()[1].split()[1:4] == ["1", "1", "11"]


def test_check_names_the_first_of_many(project):
    teams = ", ".join(f"{{id: t{i}, name: 'Ward [{i}]'}}" for i in range(9))
    yaml = parameters(project).replace("{id: ash, name: Ash Ward}", "{id: ash, name: Ash Ward}, " + teams)
    (project / "parameters" / "beds.yaml").write_text(yaml, "utf-8")
    told = here("check").output
    assert "beds: no_data: Ward [4], things: found no rows, expected rows for every declared team\n" in told
    assert "Ward [5]" not in told
    assert "beds: no_data: and 4 more, in 4 other series" in told


def test_check_names_every_row_that_a_log_cannot_use(project):
    yaml = parameters(project).replace("data.csv}", "data.csv, offers: offers.csv}")
    (project / "parameters" / "beds.yaml").write_text(yaml, "utf-8")
    rows = "".join(f"ash,2025-01-{day:02d},[gift {day}],A visit\n" for day in range(1, 9))
    (project / "parameters" / "offers.csv").write_text(f"team,date,kind,text\n{rows}", "utf-8")
    told = here("check")
    assert told.exit_code == 0
    assert told.output.count("beds: bad_kind: offers.csv, line ") == 8
    assert "offers.csv, line 9, column 'kind': found '[gift 8]', expected offer or ask\n" in told.output


def test_check_says_what_it_leaves_out(project):
    assert "only when named" not in here("check").output
    (project / "parameters" / "example.yaml").write_text(parameters(project, "example"), "utf-8")
    assert "example.yaml, which explains every key, is read only when named." in here("check").output


def test_check_says_all_that_is_wrong_and_fails(project):
    (project / "parameters" / "zinc.yaml").write_text(parameters(project, "zinc").replace("lower", "lowr"), "utf-8")
    told = here("check")
    assert told.exit_code == 1
    assert "did you mean 'lower'?" in told.output
    assert "zinc.yaml, line 4" in told.output
    assert "2025-12-01" in told.output  # and the other was read


def test_check_reads_the_data_of_the_folder_named(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("data")
    (elsewhere / "data.csv").write_text(rows(project).replace("2025-", "2024-"), "utf-8")
    assert "2024-12-01" in here("check", "--data", str(elsewhere)).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "bedz"], "did you mean 'beds'?"),
        (["run", "--notebook", "learning_sesion"], "did you mean 'learning_session'?"),
        (["run", "--team", "asj"], "did you mean 'ash'?"),
        (["run", "--as-of", "31/12/2025"], "found '31/12/2025', expected YYYY-MM-DD"),
        (["run", "--data", "nowhere"], "There is no folder nowhere, which --data names."),
        (["run", "--parameters", "nowhere"], "There is no folder nowhere, which --parameters names."),
        (["run", "--workers", "0"], "workers"),
        (["run", "--no-such"], "No such option"),
    ],
)
def test_used_wrongly_it_says_how_and_exits_with_2(project, words, said):
    told = typed(*words, folder=project)
    assert told.returncode == 2
    assert said in told.stderr
    assert "Traceback" not in told.stderr
    assert not (project / "outputs").exists()


def test_what_was_agreed_is_shown_first_and_appended_where_that_is_wanted(project):
    folder, changes = project / "parameters", "team,date,text\nash,2025-03-04,New form\n"
    yaml = (folder / "beds.yaml").read_text("utf-8").replace("data.csv}", "data.csv, changes: changes.csv}")
    (folder / "beds.yaml").write_text(yaml, "utf-8")
    (folder / "changes.csv").write_text(changes, "utf-8")
    items = '[{"kind": "note", "team": "ash", "text": "Ward moved"}]'
    said = f'{{"qitools": "room", "collaborative": "beds", "date": "2025-06-03", "items": {items}}}'
    (project / "room.json").write_text(said, "utf-8")
    shown = here("check", "beds", "--take", "room.json")
    assert shown.exit_code == 0
    assert "+ash,2025-06-03,Ward moved" in shown.output
    assert "Nothing is written yet: add --yes to append." in shown.output
    assert (folder / "changes.csv").read_text("utf-8") == changes
    assert "1 appended. `qitools run beds` shows them." in here("check", "beds", "--take", "room.json", "--yes").output
    assert (folder / "changes.csv").read_text("utf-8") == changes + "ash,2025-06-03,Ward moved\n"
    again = here("check", "beds", "--take", "room.json", "--yes").output
    assert "1 agreed, already there: 1." in again
    assert "There is nothing to append." in again


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--take", "room.json"), "--take needs the name of one collaborative"),
        (("beds", "beds2", "--take", "room.json"), "--take needs the name of one collaborative"),
        (("beds", "--yes"), "--yes belongs to --take FILE"),
        (("beds", "--take", "none.json"), "No such file"),
    ],
)
def test_what_was_agreed_needs_one_collaborative_and_its_file(project, words, said):
    assert said in str(here("check", *words).exception)


def test_outside_a_project_run_says_how_to_start_one(tmp_path):
    told = typed("run", folder=tmp_path)
    assert (told.returncode, "qitools init" in told.stderr) == (2, True)


def test_run_prints_lines_to_stderr_and_the_summary_to_stdout(project):
    (project / "notebooks").mkdir()
    _book(project / "notebooks" / "learning_session.ipynb")
    (project / "parameters" / "zinc.yaml").write_text("collaborative: zinc\n", "utf-8")
    told = typed("run", "--workers", "1", folder=project)
    assert told.returncode == 1
    assert sorted(line.split(" ", 1)[1] for line in told.stderr.splitlines()) == [
        "beds/learning_session new",
        "zinc/learning_session ✗ not run",
    ]
    assert "zinc.yaml says something it may not say" in told.stdout
    assert "Traceback" not in told.stdout
    assert f"Open {project / 'outputs' / 'index.html'}" in told.stdout
    (project / "parameters" / "zinc.yaml").unlink()
    again = typed("run", folder=project)
    assert (again.returncode, again.stderr.strip()) == (0, "1/1 beds/learning_session kept")


KEEP = """\
import json, pathlib, qitools
found = qitools.load(collaborative)
told = {"title": found.parameters.title, "as_of": "2025-12-01"}
(pathlib.Path(out) / "summary.json").write_text(json.dumps(told))
"""


def _book(path):
    first = new_code_cell('collaborative: str = ""\nout: str = ""', metadata={"tags": ["parameters"]})
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=[first, new_code_cell(KEEP)], metadata={"kernelspec": spec}), path)


def test_a_refusal_is_words_and_not_a_traceback(monkeypatch, capsys):
    def refuse(**_: object) -> None:
        raise ParameterError("No [such] thing.")

    monkeypatch.setattr(cli, "app", refuse)
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    assert "No [such] thing." in capsys.readouterr().err


def records(*names, outcome="done"):
    rest = {"notebook": "learning_session", "outcome": outcome, "summary": {"as_of": "2026-02-01"}, "revised": []}
    return [{"collaborative": name, "id": f"{name}/learning_session", **rest} for name in names]


def shown(what, width=120):
    with (screen := Console(width=width)).capture() as said:
        screen.print(what)
    return [line.split() for line in said.get().splitlines()]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_summary_breaks_no_name_on_a_narrow_terminal(width):
    rows = records("cancelled_operations", "child_reviews")
    lines = shown(telling.summary(rows, {row["id"]: "new" for row in rows}), width)[2:]
    assert [line[:2] for line in lines] == [[row["collaborative"], "learning_session"] for row in rows]
    assert all(line[-1] == "2026-02-01" for line in lines)


def test_the_summary_counts_what_is_new_changed_made_again_kept_and_not_run():
    rows = records(*"abcd") + records("e", outcome="failed")
    news = dict(zip([row["id"] for row in rows], ["new", "changed", "kept", "kept", "new"], strict=True))
    rows = [{**row, "collaborative": "all"} for row in rows]
    _, head, line = shown(telling.summary(rows, news))
    assert head[2:7] == ["new", "changed", "kept", "run", "revised"]
    assert line[2:7] == ["1", "1", "2", "✗", "1"]
    _, head, line = shown(telling.summary(rows, news | {"b/learning_session": "again"}))
    assert dict(zip(head[2:6], line[2:6], strict=True)) == {"new": "1", "changed": "0", "again": "1", "kept": "2"}


@pytest.fixture
def progress(monkeypatch):
    """``progress(terminal)``: what is told of 8 reports: two kept, one made in 30 seconds and one, in 10, not run."""
    clock = SimpleNamespace(monotonic=iter([0, 0, 1, 31, 41]).__next__)

    def told(terminal):
        screen = Console(width=120, force_terminal=terminal, file=io.StringIO())
        monkeypatch.setattr(telling, "err", screen)
        monkeypatch.setattr(telling, "time", clock)
        with telling.Seen(8) as seen:
            for row, news in zip(records(*"abc"), ["kept", "kept", "new"], strict=True):
                seen(row, news)
            seen(records("d", outcome="failed")[0], "changed")
        return screen.file.getvalue()

    return told


def test_on_a_terminal_a_bar_tells_how_many_a_minute_and_the_time_left(progress):
    said = progress(True)
    assert "2/8" in said and "b/learning_session kept" in said
    assert "2.0 a minute, 0:02:30 left" in said  # what was kept took no time, and counts in no rate
    assert "3.0 a minute, 0:01:20 left" in said and "d/learning_session ✗ not run" in said


def test_elsewhere_a_line_a_report_tells_what_it_was(progress):
    words = ["kept", "kept", "new", "✗ not run"]
    assert progress(False).splitlines() == [
        f"{number}/8 {name}/learning_session {word}"
        for number, name, word in zip(range(1, 5), "abcd", words, strict=True)
    ]

"""A run: what it leaves behind when all is well, when the input is bad, and when it is done again."""

import ast
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from qitools.batch import manifest, runner

HERE = "beds/learning_session"
STAMP = datetime(2026, 1, 31, tzinfo=UTC)


def text(project, path):
    return (project.out / path).read_text("utf-8")


def test_a_report_is_a_folder_with_page_notebook_tables_and_record(warm):
    record = warm.run(books=("learning_session", "team_report"), teams=1)[HERE]
    assert sorted(path.name for path in (warm.out / HERE).iterdir()) == [
        "beds-learning-session.html",
        "beds-learning-session.ipynb",
        "job.json",
        "points.csv",
        "summary.json",
    ]
    assert (warm.out / "beds/team_report/ash/beds-team-report-ash.html").is_file()
    assert record["outcome"] == "done"
    assert record["summary"]["as_of"] == "2025-12-01"
    assert record == warm.record(HERE)
    assert "<h1" in text(warm, record["page"])
    assert not (warm.out / ".staging").exists()


def test_the_saved_notebook_is_signed_as_it_stands_on_disk(warm):
    saved = warm.out / warm.run()[HERE]["saved"]
    notebook = nbformat.read(saved, as_version=4)
    assert NotebookNotary().check_signature(notebook)
    notebook.cells[-1].source += "# changed"
    assert not NotebookNotary().check_signature(notebook)


def test_the_manifest_tells_what_each_report_was_made_of(warm):
    warm.run()
    told = json.loads(text(warm, "manifest.json"))
    assert list(told["jobs"]) == [HERE]
    inputs = told["jobs"][HERE]["inputs"]
    assert set(inputs) == {"yaml", "data", "notebook", "parameters", "qitools", "versions"}
    assert all(re.fullmatch("[0-9a-f]{64}", inputs[name]) for name in ("yaml", "notebook", "qitools"))
    assert set(inputs["data"]) == {"data/beds.csv"}
    assert {"python", "numpy", "pandas", "altair", "vl-convert-python"} <= set(inputs["versions"])
    assert told["run"]["stamp"] == "2026-01-31T09:00:00+00:00"


def test_the_index_has_every_collaborative_in_the_order_of_their_names(warm):
    warm.collaborative("zinc")
    warm.collaborative("aspirin")
    warm.run(workers=2)
    index = text(warm, "index.html")
    places = [
        index.index(f"{name}/learning_session/{name}-learning-session.html") for name in ("aspirin", "beds", "zinc")
    ]
    assert places == sorted(places)


def test_a_collaborative_that_cannot_be_read_stops_no_other_and_says_why(warm):
    warm.collaborative("aspirin", "collaborative: aspirin\ntitle: 5\n")
    warm.collaborative("zinc")
    records = warm.run()
    assert {name: record["outcome"] for name, record in records.items()} == {
        "aspirin/learning_session": "failed",
        HERE: "done",
        "zinc/learning_session": "done",
    }
    failed = records["aspirin/learning_session"]
    assert failed["reason"].splitlines()[0] == "aspirin.yaml says something it may not say"
    assert "Traceback" not in failed["reason"]
    assert "qitools run aspirin" in failed["advice"]
    index = text(warm, "index.html")
    assert "not run" in index
    assert "aspirin.yaml says something it may not say" in index
    assert "aspirin.yaml says something it may not say" in text(warm, failed["page"])


def test_a_failed_notebook_is_saved_with_the_error_linked_at_its_top(warm):
    warm.book("learning_session", cell="1 / 0")
    failed = warm.run()[HERE]
    assert failed["reason"] == "A step of the notebook stopped with ZeroDivisionError: division by zero"
    saved = nbformat.read(warm.out / failed["saved"], as_version=4)
    assert 'href="#papermill-error-cell"' in saved.cells[0].source
    assert any('id="papermill-error-cell"' in cell.source for cell in saved.cells[1:])
    assert any(output.output_type == "error" for cell in saved.cells for output in cell.get("outputs", []))
    assert not list(warm.out.rglob("*.partial*"))


def test_a_notebook_that_keeps_nothing_is_told_so(warm):
    warm.book("learning_session", cell="out = ''")
    assert "qi.finish" in warm.run()[HERE]["reason"]


def test_after_a_failure_the_last_good_report_is_kept_but_never_in_its_place(warm):
    good = warm.run()[HERE]
    page = text(warm, good["page"])
    sound = (warm.root / "parameters/data/beds.csv").read_text("utf-8")
    for spoilt in (sound.replace(",900", ",nine", 1), sound.replace(",900", ",ten", 1)):  # failing twice loses nothing
        (warm.root / "parameters/data/beds.csv").write_text(spoilt, "utf-8")
        failed = warm.run()[HERE]
        assert failed["outcome"] == "failed"
        assert text(warm, failed["page"]) != page
        assert not (warm.out / HERE / "points.csv").exists()
        assert json.loads(text(warm, "manifest.json"))["jobs"][HERE]["outcome"] == "failed"
        assert text(warm, failed["previous"]) == page
        assert "previous/beds-learning-session.html" in text(warm, failed["page"])
    (warm.root / "parameters/data/beds.csv").write_text(sound, "utf-8")
    assert warm.run()[HERE]["outcome"] == "done"
    assert not (warm.out / HERE / "previous").exists()


def test_what_has_not_changed_is_kept(warm):
    first = warm.run()
    page = (warm.out / first[HERE]["page"]).stat().st_mtime_ns
    assert warm.run() == first
    assert (warm.out / first[HERE]["page"]).stat().st_mtime_ns == page
    warm.run(force=True)
    assert (warm.out / first[HERE]["page"]).stat().st_mtime_ns != page


@pytest.mark.parametrize("changed", ["data", "yaml", "notebook", "page", "record"])
def test_what_has_changed_is_run_again(warm, changed):
    page = warm.out / warm.run()[HERE]["page"]
    before = page.stat().st_mtime_ns
    data = warm.root / "parameters/data/beds.csv"
    if changed == "data":
        data.write_text(data.read_text("utf-8").replace(",3,900", ",5,900"), "utf-8")
    elif changed == "yaml":
        (warm.root / "parameters/beds.yaml").open("a").write("# a note\n")
    elif changed == "notebook":
        warm.book("learning_session", cell="2 + 2")
    elif changed == "page":
        page.unlink()
    else:
        (warm.out / HERE / "job.json").write_text("{", "utf-8")
    record = warm.run()[HERE]
    assert page.stat().st_mtime_ns != before
    assert record["revised"] == (["points.csv"] if changed == "data" else [])


def test_reports_of_another_run_stay_in_the_index_and_the_manifest(warm):
    warm.run()
    warm.collaborative("zinc")
    (warm.root / "parameters/beds.yaml").unlink()
    assert list(warm.run()) == ["zinc/learning_session"]
    assert list(json.loads(text(warm, "manifest.json"))["jobs"]) == [HERE, "zinc/learning_session"]


def leave(project, team):
    """The team is no longer named by the YAML, nor in its data."""
    for path in (project.root / "parameters/beds.yaml", project.root / "parameters/data/beds.csv"):
        lines = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if team not in line), "utf-8")


def change_figures(project, _):
    path = project.root / "parameters/data/beds.csv"
    path.write_text(path.read_text("utf-8").replace(",900", ",901", 1), "utf-8")


@pytest.mark.parametrize("happens", [leave, change_figures])
def test_a_page_of_earlier_figures_is_kept_but_stands_in_no_index(warm, happens, caplog):
    both = ("learning_session", "team_report")
    warm.run(books=both)
    happens(warm, "cedar")
    warm.run(books=both, teams=2)
    index = text(warm, "index.html")
    assert "beds-team-report-birch.html" in index
    assert "beds-team-report-cedar.html" not in index
    assert (warm.out / "beds/team_report/cedar/beds-team-report-cedar.html").is_file()
    told = json.loads(text(warm, "manifest.json"))
    assert told["earlier"] == ["beds/team_report/cedar"]
    assert "beds/team_report/cedar" in told["jobs"]
    assert "1 earlier reports" in caplog.text and "beds/team_report/cedar" in caplog.text


def test_a_page_outside_this_run_stays_in_the_index_while_its_figures_are_those_of_today(warm):
    warm.run(books=("learning_session", "team_report"))
    warm.run(books=("team_report",), teams=1, force=True)
    assert "beds-team-report-cedar.html" in text(warm, "index.html")
    assert json.loads(text(warm, "manifest.json"))["earlier"] == []


def test_braces_and_letters_of_any_kind_in_the_folder_names_are_only_names(warm, tmp_path, monkeypatch):
    odd = tmp_path / "Gàidhlig {team} 50%"
    warm.root.rename(odd)
    monkeypatch.chdir(odd)
    warm.root, warm.out = odd, odd / "outputs"
    assert warm.run()[HERE]["outcome"] == "done"


def test_the_same_inputs_give_the_same_bytes_but_for_the_stamp(warm):
    kept = {}
    for number in (1, 2):
        warm.run(books=("learning_session", "team_report"), teams=1, force=True)
        kept[number] = {
            path.relative_to(warm.out): path.read_bytes()
            for path in warm.out.rglob("*")
            if path.suffix in {".csv", ".html"} or path.name == "summary.json"
        }
    assert kept[1] == kept[2]
    assert len(kept[1]) == 7


def test_a_run_with_nothing_to_do_starts_no_worker(warm, monkeypatch):
    warm.run()
    monkeypatch.setattr(runner.pool, "Worker", None)
    warm.run()


def test_no_page_of_a_collaborative_that_can_no_longer_be_read_is_left_to_look_like_today_s(warm):
    warm.run(books=("learning_session", "team_report"), teams=2)
    warm.collaborative("beds", "collaborative: beds\n")
    records = warm.run(books=("learning_session", "team_report"))
    assert {name: record["outcome"] for name, record in records.items()} == {
        HERE: "failed",
        "beds/team_report/ash": "failed",
        "beds/team_report/birch": "failed",
    }
    assert all(text(warm, record["previous"]) for record in records.values())


def test_a_collaborative_that_cannot_be_read_is_never_passed_over_in_silence(warm):
    warm.collaborative("beds", "collaborative: beds\n")
    assert warm.run(books=("team_report",))[HERE]["outcome"] == "failed"


def test_what_a_notebook_draws_with_is_loaded_before_its_kernel_is_made(project):
    settings = runner.Settings(project.root, project.out, None, "", ("json",))
    project.book("team_report", team=True, cell="import altair as alt")
    assert runner._preload(project.plan(), settings) == ("json",)
    assert runner._preload(project.plan(books=("learning_session", "team_report")), settings) == ("json", "altair")


def test_what_cannot_be_hashed_is_never_taken_for_unchanged(project, new_project, warm_session):
    """Its notebook asks for no figures, so the report is there and whole, and yet it is made again."""
    light = new_project(project.root, light=True)
    (light.root / "parameters/data/beds.csv").unlink()
    record = light.run()[HERE]
    assert (record["outcome"], record["inputs"]["data"]) == ("done", {"data/beds.csv": ""})
    assert light.next_run_makes_exactly(HERE)


def test_an_error_that_the_notebook_reports_is_not_tried_again(warm):
    warm.book("learning_session", cell="open('tries', 'a').write('once '); 1 / 0")
    assert warm.run()[HERE]["attempts"] == 1
    assert (warm.root / "tries").read_text("utf-8") == "once "


def before(outcome="done", seconds=1.0, previous="", **inputs):
    """What a record of the run before says, as far as the next asks."""
    return {"outcome": outcome, "seconds": {"all": seconds}, "previous": previous, "inputs": inputs}


def test_the_longest_of_last_time_goes_first_and_what_was_never_made_before_all(project, monkeypatch):
    last = {"aspirin": before(seconds=1.0), "zinc": before(seconds=3.0), "beds": None, "copper": before(seconds=2.0)}
    for name in last:
        project.collaborative(name)
    begun = []

    def worked(tasks, *_):
        begun.extend(job.collaborative for job, _ in tasks)
        yield from ()

    monkeypatch.setattr(manifest, "read", lambda path: last[path.parts[-3]])
    monkeypatch.setattr(runner, "_stands", lambda *_: False)
    monkeypatch.setattr(runner, "_worked", worked)
    settings = runner.Settings(project.root, project.out, STAMP, "")
    assert list(runner._made(project.plan(), settings, 1, False, lambda *_: None, None)) == []
    assert begun == ["beds", "zinc", "copper", "aspirin"]


@pytest.mark.parametrize(
    ("record", "news"),
    [
        (None, "new"),
        (before("failed", yaml="a"), "new"),
        (before("failed", yaml="a", previous="page"), "changed"),
        (before(yaml="b"), "changed"),
        (before(yaml="a"), "again"),
    ],
)
def test_what_a_report_is_beside_the_one_before(record, news):
    assert manifest.news(record, {"yaml": "a"}) == news


def test_each_report_is_told_as_new_changed_made_again_or_kept(warm):
    told = []
    settings = runner.Settings(warm.root, warm.out, STAMP, "")

    def run(**more):
        runner.run(warm.plan(), settings, seen=lambda record, news: told.append(news), **more)

    run()
    run()
    run(force=True)
    warm.book("learning_session", cell="2 + 2")
    run()
    assert told == ["new", "kept", "again", "changed"]


def test_a_report_is_made_again_with_other_versions_of_all_that_computes():
    """Whatever the floors of the numbers import is among the versions that an input is compared by."""
    package = Path(runner.__file__).parents[1]
    lines = [line for floor in ("spc", "analysis") for path in (package / floor).glob("*.py") for line in imports(path)]
    others = set(lines) - sys.stdlib_module_names - {"qitools"}
    assert {"numpy", "statsmodels"} <= others <= set(manifest.VERSIONED)
    assert set(manifest.VERSIONED) <= set(manifest.versions()) and all(manifest.versions().values())


def imports(path):
    """The names of the packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)

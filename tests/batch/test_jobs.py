"""What is planned, and what is refused before anything runs."""

import nbformat
import pytest

from qitools.batch import books, jobs
from qitools.errors import ParameterError


@pytest.fixture
def place(project):
    return jobs.find_project(project.root)


def test_a_project_is_found_from_a_folder_below_it(project):
    (project.root / "notes" / "2025").mkdir(parents=True)
    assert jobs.find_project(project.root / "notes" / "2025").root == project.root.resolve()


def test_outside_a_project_the_way_to_start_one_is_told(tmp_path):
    with pytest.raises(ParameterError, match="qitools init"):
        jobs.find_project(tmp_path)


def test_a_project_without_notebooks_runs_those_that_come_with_qitools(project):
    for book in (project.root / "notebooks").iterdir():
        book.unlink()
    (project.root / "notebooks").rmdir()
    found = jobs.notebooks(jobs.find_project(project.root))
    assert [book.stem for book in found if not books.needs(book)] == [jobs.WHOLE, jobs.BESIDE]
    assert found[0].is_file()


def test_without_names_all_but_the_template_are_run_in_the_order_of_their_names(project, place):
    for name in ("zinc", "aspirin", jobs.TEMPLATE):
        project.collaborative(name)
    assert [source.name for source in jobs.choose(place)] == ["aspirin", "beds", "zinc"]
    assert [source.name for source in jobs.choose(place, ["zinc", jobs.TEMPLATE])] == ["zinc", jobs.TEMPLATE]


def test_unknown_names_are_refused_together_with_the_nearest(place):
    with pytest.raises(ParameterError) as refused:
        jobs.choose(place, ["bedss", "beds", "things"])
    assert [problem.found for problem in refused.value.problems] == ["bedss", "things"]
    assert refused.value.problems[0].hint == "did you mean 'beds'?"


def test_unknown_notebooks_and_teams_are_refused_with_the_nearest(place):
    with pytest.raises(ParameterError, match="did you mean 'team_report'"):
        jobs.notebooks(place, ["team_reports"])
    books = jobs.notebooks(place, ["team_report"])
    with pytest.raises(ParameterError, match="did you mean 'birch'"):
        jobs.plan(place, jobs.choose(place), books, teams=["brich"])


def test_a_notebook_that_declares_team_is_run_once_for_each(place):
    found = jobs.plan(place, jobs.choose(place), jobs.notebooks(place, teams=True))
    assert [job.id for job in found] == [
        "beds/learning_session",
        "beds/team_report/ash",
        "beds/team_report/birch",
        "beds/team_report/cedar",
    ]
    assert found[1].stem == "beds-team-report-ash"
    assert found[1].label == "Ash Ward"
    assert dict(found[0].given) == {"collaborative": "beds"}
    assert dict(found[1].given) == {"collaborative": "beds", "team": "ash"}


@pytest.mark.parametrize(
    ("first", "teams", "expected"), [(2, (), ["ash", "birch"]), (0, (), []), (None, ["cedar"], ["cedar"])]
)
def test_teams_are_chosen_by_number_or_by_id(place, first, teams, expected):
    books = jobs.notebooks(place, ["team_report"])
    found = jobs.plan(place, jobs.choose(place), books, teams=teams, first_teams=first)
    assert [job.team for job in found] == expected


def test_a_date_is_passed_only_to_a_notebook_that_declares_it(project, place):
    books = jobs.notebooks(place)
    assert jobs.plan(place, jobs.choose(place), books, as_of="2025-06-30")[0].given["as_of"] == "2025-06-30"
    old = project.book("undated", as_of=False)
    with pytest.raises(ParameterError, match=r"undated\.ipynb.*\n.*found 'as_of'"):
        jobs.plan(place, jobs.choose(place), [old], as_of="2025-06-30")


def test_a_yaml_kept_elsewhere_is_passed_as_a_path_from_the_project(project):
    elsewhere = project.root / "trial"
    elsewhere.mkdir()
    project.collaborative("beds").rename(elsewhere / "beds.yaml")
    place = jobs.find_project(project.root, elsewhere)
    assert jobs.plan(place, jobs.choose(place), jobs.notebooks(place))[0].given["collaborative"] == "trial/beds.yaml"


def test_a_broken_yaml_is_still_planned_so_that_its_notebook_can_say_why(project, place):
    project.collaborative("beds", "collaborative: beds\n")
    found = jobs.plan(place, jobs.choose(place), jobs.notebooks(place))
    assert [job.id for job in found] == ["beds/learning_session"]


def test_the_data_files_of_a_job_are_known(project, place, tmp_path):
    (job,) = jobs.plan(place, jobs.choose(place), jobs.notebooks(place))
    assert job.data == {"data/beds.csv": project.root.resolve() / "parameters" / "data" / "beds.csv"}
    (job,) = jobs.plan(place, jobs.choose(place), jobs.notebooks(place), data=tmp_path)
    assert job.data == {"data/beds.csv": tmp_path / "data" / "beds.csv"}


@pytest.mark.parametrize("text", ["", "{", "no notebook"])
def test_a_file_that_is_no_notebook_is_refused_by_name(project, place, text):
    (project.root / "notebooks" / "odd.ipynb").write_text(text, "utf-8")
    with pytest.raises(ParameterError, match=r"odd\.ipynb cannot be run"):
        jobs.plan(place, jobs.choose(place), jobs.notebooks(place, ["odd"]))


def asks(project, name, about):
    """Let a notebook of the project say this of itself."""
    path = project.book(name)
    book = nbformat.read(path, as_version=4)
    book.metadata["qitools"] = about
    nbformat.write(book, path)
    return path


def test_a_notebook_is_run_where_what_it_needs_is_and_everywhere_when_named(project, place):
    book = asks(project, "capacity", {"needs": ["training"]})
    zinc = project.collaborative("zinc")
    zinc.write_text(zinc.read_text("utf-8").replace("  observations", "  training: data/zinc.csv\n  observations"))
    fitting = jobs.plan(place, jobs.choose(place), jobs.notebooks(place), fitting=True)
    assert [job.id for job in fitting] == ["beds/learning_session", "zinc/learning_session", "zinc/capacity"]
    named = jobs.plan(place, jobs.choose(place), jobs.notebooks(place, ["capacity"]))
    assert [job.id for job in named] == ["beds/capacity", "zinc/capacity"]
    assert named[0].notebook == book


def test_a_notebook_about_no_collaborative_is_run_once_and_only_in_a_whole_run(project, place):
    asks(project, "lesson", {"once": True})
    project.collaborative("zinc")
    found = jobs.plan(place, jobs.choose(place), jobs.notebooks(place, whole=True), fitting=True)
    assert [job.id for job in found] == ["beds/learning_session", "zinc/learning_session", "_teaching/lesson"]
    assert dict(found[-1].given) == {}
    assert [book.stem for book in jobs.notebooks(place)] == [jobs.WHOLE]
    named = jobs.plan(place, jobs.choose(place), jobs.notebooks(place, ["lesson"]))
    assert [job.id for job in named] == ["_teaching/lesson"]


ACROSS = """collaborative: str = ""  # one
across: str = "*"  # names
out: str = ""  # folder
as_of: str = ""  # last day"""


def across_book(project):
    cell = nbformat.v4.new_code_cell(ACROSS, metadata={"tags": ["parameters"]})
    path = project.root / "notebooks" / "wide.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": KERNEL}), path)
    return path


KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def test_a_notebook_across_is_one_job_made_of_every_file_in_a_folder_no_name_can_have(project, place):
    project.collaborative("zinc")
    (place.parameters / "broken.yaml").write_text("broken: [", encoding="utf-8")
    (job,) = jobs.across(place, "*", [across_book(project)], as_of="2025-03-01")
    assert (job.id, job.given) == ("_across/wide", {"across": "*", "as_of": "2025-03-01"})
    assert {"beds.yaml", "zinc.yaml", "broken.yaml"} <= set(job.data)
    assert any(name.startswith("beds/") for name in job.data) and all(path.is_file() for path in job.data.values())


def test_across_takes_only_the_names_that_fit_and_refuses_a_pattern_without_any(project, place):
    project.collaborative("zinc")
    (job,) = jobs.across(place, "z*", [across_book(project)])
    assert {name for name in job.data if name.endswith(".yaml")} == {"zinc.yaml"}
    with pytest.raises(ParameterError, match="did you mean 'zinc'"):
        jobs.across(place, "zink", [across_book(project)])


def test_a_notebook_that_knows_no_across_is_refused(place):
    with pytest.raises(ParameterError, match="across"):
        jobs.across(place, "*", jobs.notebooks(place, [jobs.WHOLE]))

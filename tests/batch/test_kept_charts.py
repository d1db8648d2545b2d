"""What ``auto`` chose in one month's run the next month's run draws, whatever the figures say, until it is changed."""

import json
import os
from datetime import UTC, datetime, timedelta

import nbformat
import pytest

from qitools import cli
from qitools.batch import manifest
from qitools.batch.manifest import RECORD
from qitools.collaborative.decided import CHARTS_VARIABLE

MADE = "import qitools as qi\nanalysis = qi.analyse(qi.load(collaborative))"
STAMP = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
CALM = [2, 3, 1, 4, 2, 3, 2, 1, 3, 2, 4, 2]
WILD = [2, 40, 1, 50, 2, 45, 1, 60, 3, 55, 2, 48]


@pytest.fixture
def month(project):
    """Run the learning session so many months after the first, on these figures of every team."""
    path = project.root / "notebooks" / "learning_session.ipynb"
    book = nbformat.read(path, 4)
    cells = [book.cells[1], *map(nbformat.v4.new_code_cell, (MADE, "qi.method(analysis)", "qi.finish(analysis, out)"))]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=book.metadata), path)
    settings = project.root / "parameters" / "beds.yaml"

    def run(number, figures):
        text = settings.read_text("utf-8")
        settings.write_text(text.replace("better: lower}", "better: lower, chart: auto}"), "utf-8")
        days = [f"{2024 + at // 12}-{at % 12 + 1:02d}-01" for at in range(len(figures))]
        rows = [
            f"{team},things,{day},{n},900"
            for team in ("ash", "birch", "cedar")
            for day, n in zip(days, figures, strict=True)
        ]
        head = "team,measure,date,numerator,denominator"
        (settings.parent / "data" / "beds.csv").write_text("\n".join([head, *rows]), "utf-8")
        (record,) = project.run(stamp=STAMP + timedelta(days=31 * number)).values()
        page = (project.out / record["page"]).read_text("utf-8")
        assert record["outcome"] == "done", record["reason"]
        noted = "would now give a u′ chart: limits are widened, because the points vary more" in page
        return record["summary"]["charts"], noted

    return run


def test_the_second_month_keeps_the_first_months_choice_and_notes_the_other(project, month):
    assert month(0, CALM) == ({"things": "u"}, False)
    assert month(1, CALM + WILD) == ({"things": "u"}, True)
    assert manifest.charts(project.out) == {"beds": {"things": "u"}}


@pytest.fixture
def left(project):
    """A record in the output folder."""

    def write(name, stamp, outcome="done", **summary):
        folder = project.out / name
        folder.mkdir(parents=True)
        record = dict.fromkeys(manifest.Record.__annotations__, "")
        record |= {"collaborative": name.partition("/")[0], "outcome": outcome, "stamp": stamp, "summary": summary}
        (folder / RECORD).write_text(manifest.to_json(record), "utf-8")

    return write


def test_what_is_shown_live_has_the_charts_of_the_pages(project, left, monkeypatch):
    monkeypatch.setenv(CHARTS_VARIABLE, "")  # so that what is set does not outlive the test
    left("beds/learning_session", "2026-01-01", charts={"things": "u"})
    cli._one("beds", "learning_session", "", "", None, None)
    assert json.loads(os.environ[CHARTS_VARIABLE]) == {"beds": {"things": "u"}}


def test_a_choice_outlives_a_month_that_failed_and_records_that_chose_nothing(project, left):
    left("beds/learning_session", "2026-03-01", outcome="failed")
    left("beds/learning_session/previous", "2026-02-01", charts={"things": "p"})
    left("beds/team_report/ash", "2026-01-01", charts={"things": "run"})
    left("beds/impact_report", "2026-03-01")
    left(".staging/beds/learning_session", "2026-04-01", charts={"things": "u"})
    left("falls/learning_session", "2026-02-01", charts={})  # somebody chose another: auto is free again
    left("falls/facilitator_notes", "2026-01-01", charts={"rate": "u"})
    assert manifest.charts(project.out) == {"beds": {"things": "p"}, "falls": {}}

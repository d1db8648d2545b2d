"""Who decided what, when and why: told as it was written, and held against what the settings now are."""

import pandas as pd
import pytest

import qitools as qi
from qitools.collaborative.history import history
from qitools.collaborative.loading import load
from qitools.collaborative.quality import told
from qitools.errors import ParameterError
from qitools.views.notes import of

DECIDED = """\
phases: [{team: north, measure: checked, start: 2025-04-01, reason: New form, by: B, decided: 2025-05-06}]
exclusions: [{date: 2025-01-01, until: 2025-02-01, reason: Opening}]
annotations:
  - {date: 2025-01-20, text: Bank holiday, team: south, by: A, decided: 2025-02-03}
decisions:
  - {key: chart, measure: checked, value: p, was: run, reason: Large wards, by: A, decided: 2025-03-04}
  - {key: baseline, value: 12, reason: As agreed, by: B, decided: 2025-06-01}
  - {key: period, team: south, was: quarter, reason: Enough figures now, by: B, decided: 2025-06-02}
"""


@pytest.fixture
def path(write_collaborative, small):
    yaml = small.replace("better: higher}", "better: higher, chart: p}").replace("title:", "baseline: 12\ntitle:")
    return write_collaborative(yaml + DECIDED)


def test_decisions_are_told_oldest_first_as_they_were_written(path):
    table = history(load(path))
    assert table["kind"].tolist() == ["exclusion", "annotation", "chart", "phase", "baseline", "period"]
    first = table.iloc[0]
    assert (first["team"], first["measure"], first["by"]) == ("", "", "")
    assert (first["date"], first["until"]) == (pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01"))
    assert pd.isna(first["decided"])
    assert table["value"].tolist() == ["", "", "p", "", "12", "left to its default"]
    assert table["was"].tolist() == ["", "", "run", "", "left to its default", "quarter"]


def test_of_a_team_or_a_measure_those_about_all_are_told_too(path):
    opened = load(path)
    kinds = history(opened, team="south")["kind"].tolist()
    assert kinds == ["exclusion", "annotation", "chart", "baseline", "period"]
    assert history(opened, measure="other")["kind"].tolist() == ["exclusion", "annotation", "baseline", "period"]


def test_what_speaks_of_later_days_is_not_known_yet(path):
    opened = load(path, as_of="2025-02-01")
    assert "phase" not in history(opened)["kind"].tolist()
    assert "annotation" in history(opened)["kind"].tolist()
    assert load(path, as_of="2025-01-01").changes["text"].tolist() == ["Bank holiday"]


def test_a_setting_that_was_changed_by_hand_since_is_noticed(path):
    path.write_text(path.read_text("utf-8").replace("chart: p}", "chart: i}"), "utf-8")
    found = load(path).findings
    assert found["code"].tolist().count("overtaken") == 1
    line = told(found[found["code"] == "overtaken"].iloc[0])
    assert "decisions[0].value: found 'p', expected chart as it now stands in the file, i" in line
    assert "small.yaml, line 16" in line


def test_a_setting_says_whose_it_is(write_collaborative, small):
    path = write_collaborative(small + "decisions: [{key: chart, value: p, reason: Large}, {key: chrt, reason: x}]\n")
    with pytest.raises(ParameterError) as error:
        load(path)
    assert "decisions[0].measure: expected the key 'measure': the id of the measure whose chart was" in str(error.value)
    assert "decisions[1].key: found 'chrt', expected chart, target, period" in str(error.value)


def test_the_page_says_what_was_changed_and_why(path):
    notes = dict(of(qi.analyse(load(path))))["Settings changed"]
    assert notes == [
        "Checks done, chart: p, before that run: Large wards (decided by A on 4 March 2025).",
        "Baseline: 12, before that left to its default: As agreed (decided by B on 1 June 2025).",
        "South, period: left to its default, before that quarter: Enough figures now (decided by B on 2 June 2025).",
    ]
    assert len(dict(of(qi.analyse(load(path)), "north"))["Settings changed"]) == 2


def test_an_annotation_stands_among_the_changes_of_its_chart(path):
    events = qi.analyse(load(path)).events
    row = events[events["kind"] == "change"].iloc[0]
    assert (row["team"], row["measure"], row["text"]) == ("south", "", "Bank holiday")
    assert f"{row['date']:%Y-%m-%d}" == "2025-01-20"

"""The lessons as a room meets them: a question that gives nothing away, the truth after it, widgets only when live."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools.analysis import teaching
from qitools.errors import ParameterError
from qitools.views import wording_teaching as words
from qitools.views.figure import Figure, payload
from qitools.views.teaching_live import Bench

PICTURES = ("causes", "beads", "league", "rules", "seen", "rates")


@pytest.fixture(scope="module")
def lessons() -> Any:
    return qi.variation(2026)


@pytest.mark.parametrize("lesson", PICTURES)
def test_on_a_page_every_lesson_is_a_figure_that_vega_lite_knows(lessons: Any, lesson: str) -> None:
    figure = qi.teach(lessons, lesson, "out")
    assert isinstance(figure, Figure) and figure.panels == 1
    assert "simulated data" in figure.sentence
    figure.altair().to_dict()
    for view in figure.options:
        assert "imulated" in " ".join(view.subtitle)
        assert "simulated data" in (view.reveal or view).sentence


@pytest.mark.parametrize("lesson", PICTURES)
def test_the_same_seed_gives_the_same_page(lessons: Any, lesson: str) -> None:
    one, again = (payload(qi.teach(lessons, lesson, "out")) for _ in range(2))
    assert one == again


def test_a_lesson_nobody_knows_is_refused_with_the_nearest(lessons: Any) -> None:
    with pytest.raises(ParameterError, match="did you mean 'beads'"):
        qi.teach(lessons, "beeds")


def test_the_page_begins_with_its_heading_and_says_the_seed(lessons: Any) -> None:
    told = qi.teach(lessons, "start", seed=7)._repr_html_()
    assert "<h1>Understanding variation</h1>" in told and "seed 7" in told and "simulated" in told


@pytest.mark.parametrize("lesson", ["causes", "rules"])
def test_a_chart_gives_nothing_away_before_it_is_asked(lessons: Any, lesson: str) -> None:
    for view in qi.teach(lessons, lesson).options:
        hidden, shown = view, view.reveal
        assert shown is not None
        assert set(hidden.data["points"]["kind"]) == {"none"}
        assert set(hidden.data["points"]["note"]) == {""}
        assert hidden.params["kinds"] == ["none"] and set(hidden.params["words"]) == {"none"}
        assert hidden.data["points"]["value"] == shown.data["points"]["value"]
        assert not hidden.data["unseen"]["period"] and not hidden.notes
        said = f"{hidden.title} {hidden.sentence}"
        assert not [truth for truth in (*words.CAUSE_TRUTH.values(), *words.RULES_TRUTH.values()) if truth in said]
        if lesson == "causes":
            assert not hidden.data["lines"]["date"] and shown.data["lines"]["date"]
            assert not hidden.data["ends"]["text"]
        else:
            assert hidden.data["lines"] == shown.data["lines"], "the median is needed to count"


@pytest.mark.parametrize("truths", [(teaching.CAUSES, words.CAUSE_TRUTH), (teaching.RUNS, words.RULES_TRUTH)])
def test_what_is_told_of_each_chart_names_the_months_that_were_planted(truths: Any) -> None:
    planted, told = truths
    assert set(planted) == set(told)
    months = pd.date_range(teaching.START, periods=teaching.PERIODS, freq="MS")
    for chart, changes in planted.items():
        if not changes:
            assert "Nothing was changed" in told[chart]
            continue
        assert f"{months[changes[0][1]]:%B %Y}" in told[chart] or f"{months[changes[0][1]]:%B}" in told[chart]


def test_the_answer_to_the_runs_is_what_the_analysis_counted(lessons: Any) -> None:
    phases = lessons.phases[lessons.phases["measure"] == "runs"].set_index("team")
    for view in qi.teach(lessons, "rules").options:
        row = phases.loc[view.title[6]]
        assert view.reveal is not None
        assert f"the longest run on one side is {row['longest_run']}," in view.reveal.sentence
        assert f"{row['n_useful']} points lie off the median" in view.reveal.sentence


@pytest.mark.parametrize(
    ("shift", "trend", "said"),
    [
        (False, False, "Neither a shift nor a trend."),
        (True, False, "There is a shift, and no trend."),
        (False, True, "There is a trend, and no shift."),
        (True, True, "There are a shift and a trend."),
    ],
)
def test_the_four_answers(shift: bool, trend: bool, said: str) -> None:
    phase = {"n_useful": 24, "longest_run": 3, "crossings": 1}
    told = words.rules_sentence("A", "Chart A", phase, shift, trend)
    assert told.startswith(f"Chart A. {said} 24 points lie off the median")
    assert "and the line crosses it 1 time." in told


@pytest.mark.parametrize(
    ("outside", "said"),
    [
        (0, "Every draw lies within the limits: the differences are those of chance."),
        (1, "1 draw lies outside the limits, as chance does now and then."),
        (2, "2 draws lie outside the limits, as chance does now and then."),
    ],
)
def test_what_is_said_of_the_beads(outside: int, said: str) -> None:
    workers = [{"worker": 1, "red": 43}, {"worker": 2, "red": 35}]
    told = words.beads_sentence(workers, outside)
    assert told.startswith(f"Worker 1 drew 43 red beads in four days, worker 2 35. {said}")


def test_what_is_said_of_the_table() -> None:
    told = words.league_sentence(4, [6.0, 9.5, 1.0], 10)
    assert told.startswith("Team 4, first in year 1, was 6th, joint 9th and 1st in the years after. 10 of 14 teams")


def test_teams_that_share_the_first_place_are_both_named(lessons: Any) -> None:
    view = qi.teach(lessons, "league", "out", 25).options[0]
    assert view.reveal is not None
    assert view.sentence.startswith("Year 1 puts Team 8 first of 14, level with Team 14. Should")
    assert view.reveal.title.startswith("Joint first in year 1, then")
    assert view.reveal.sentence.startswith("Team 8, first in year 1, level with Team 14, was")


def test_a_rate_is_asked_for_by_its_events(lessons: Any) -> None:
    figure = qi.teach(lessons, "rates", "out")
    first = figure.options[0]
    assert len(figure.options) == len(teaching.EVENTS) and first.choice == ("10 events a month",)
    assert first.title.startswith("From 10 to 7 events a month: ") and first.sentence.startswith("10 events a month")
    assert first.data["answers"]["then"] == ["10", "9", "8", "7", "5"]


def test_what_was_drawn_is_called_no_file(lessons: Any) -> None:
    told = str(qi.method(lessons))
    assert "none: all 216 figures are drawn anew from seed 2026" in told and "SHA-256" not in told


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        ([(0.3, 1)], "30% fewer within 1 month."),
        ([(0.3, 0)], "30% fewer not within 60 months."),
        ([(0.1, 0), (0.3, 25)], "10% fewer not within 60 months and 30% fewer within 25 months."),
    ],
)
def test_what_is_said_of_time_to_see(needed: Any, said: str) -> None:
    told = words.seen_sentence(0.2, 1_000, needed, 0.41, 60)
    start = f"20% go wrong now, of 1,000 people a month. A shift is found in 8 of 10 charts: {said} If nothing changes,"
    assert told.startswith(f"{start} 41 in 100 charts show a shift to the better within 60 months.")


def test_the_pickers_hold_every_level_and_size(lessons: Any) -> None:
    figure = qi.teach(lessons, "seen", "out")
    assert len(figure.options) == len(teaching.LEVELS) * len(teaching.SIZES)
    assert len({view.choice for view in figure.options}) == len(figure.options)
    for view in figure.options:
        assert len(view.data["answers"]["needed"]) == len(teaching.FALLS)


@pytest.mark.parametrize("lesson", ["beads", "league", "seen", "rates"])
def test_live_the_same_lesson_is_computed_anew_at_each_change(lessons: Any, lesson: str) -> None:
    bench = qi.teach(lessons, lesson)
    assert isinstance(bench, Bench)
    before = json.loads(bench.chart.words)["set"]["description"]
    for control in bench.controls.values():
        control.value = control.value + control.step if lesson in ("seen", "rates") else 99
    after = json.loads(bench.chart.words)["set"]["description"]
    assert before != after and "simulated data" in after
    bundle, about = bench._repr_mimebundle_()
    assert {"text/html", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(bundle)
    assert about["qitools"]["kind"] == f"teach-{lesson}"

"""Improvement capacity drawn and worded: pictures that can be drawn, words where there are none, sentences by table."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import qitools as qi
from qitools.collaborative.records import Records
from qitools.views import wording_capacity as words

CALLS = ("trained", "dose", "pipeline", "skills")
PLAIN = {"simulated": False}


@pytest.fixture(scope="module")
def analysis():
    return qi.analyse(qi.load(Path(__file__).parents[2] / "parameters" / "delayed_discharge.yaml"))


@pytest.mark.parametrize("call", CALLS)
def test_each_is_a_figure_with_sentence_table_and_a_chart_that_vega_lite_knows(analysis, call):
    figure = getattr(qi, call)(analysis)
    assert figure.kind == call and figure.panels == 1
    assert figure.sentence.endswith("These are simulated data.")
    assert len(figure.table) > 0
    figure.altair().to_dict()  # validated against the schema


@pytest.mark.parametrize("call", CALLS)
def test_without_registers_words_say_what_to_give(analysis, call):
    bare = replace(analysis, records=replace(Records(), pdsa=analysis.records.pdsa))
    figure = getattr(qi, call)(bare)
    assert figure.panels == 0
    assert figure.sentence
    assert "register of training" in figure.sentence or "sources.training" in figure.sentence
    assert figure.sentence in figure._repr_html_()


def test_without_headcounts_the_dose_asks_for_them(analysis):
    bare = replace(analysis, records=replace(analysis.records, staff=analysis.records.staff.iloc[:0]))
    assert qi.dose(bare).sentence == words.NO_STAFF


def test_places_without_a_headcount_stand_below_the_chart(analysis):
    assert "Skerravoe, education: " in qi.dose(analysis)._repr_html_()
    named = {view.choice[0]: "Skerravoe, education: " in " ".join(view.notes) for view in qi.dose(analysis).options}
    assert named["Education"] and sum(named.values()) == 1
    said = {view.choice[0]: "left out" in view.sentence for view in qi.dose(analysis).options}
    assert said == named


def test_names_from_the_register_are_words_and_nothing_else(analysis):
    training = analysis.records.training.assign(programme="</script><b>x", level="<img src=x>")
    hostile = replace(analysis, records=replace(analysis.records, training=training))
    for call in ("trained", "pipeline"):
        sent = getattr(qi, call)(hostile)._repr_html_()
        assert "<img src=x>" not in sent and "</script><b>" not in sent


ONE = [{"group": "Basics", "people": 12.0}]
TWO = [*ONE, {"group": "", "people": 30.0}]


@pytest.mark.parametrize(
    ("rows", "by", "hidden", "said"),
    [
        (ONE, "programme", 0, "12 people trained in improvement, by programme."),
        ([{"group": "B", "people": 1.0}], "level", 0, "1 person trained in improvement, by level."),
        (
            TWO,
            "level",
            1,
            "At least 42 people trained in improvement, by level: most in Level not said (30), of 2 levels. 1 count "
            "of 1 to 4 people is hidden to protect privacy, and in no sum.",
        ),
        (TWO, "board", 3, "At least 42 people trained in improvement, by board. 3 counts of 1 to 4 people are hidden"),
        (
            [{"group": "social_care", "people": 9.0}, {"group": "", "people": 2.0}],
            "sector",
            0,
            "11 people trained in improvement, by sector: most in Social care (9), of 2 sectors.",
        ),
    ],
)
def test_how_many_were_trained(rows, by, hidden, said):
    assert words.trained_sentence(rows, by, hidden, PLAIN).startswith(said)


def place(people, headcount, need):
    return {"people": people, "headcount": headcount, "need": need}


@pytest.mark.parametrize(
    ("rows", "apart", "said"),
    [
        (
            [place(5, 100, 5)],
            0,
            "Health: 1 of 1 board has trained as many people as needed. 5 of 100 people are trained, 5.0 in 100.",
        ),
        (
            [place(5, 100, 9), place(3, 100, np.nan)],
            1,
            "Health: 0 of 1 board has trained as many people as needed. 8 of 200 people are trained, 4.0 in 100. "
            "1 place is left out and named below the chart.",
        ),
        (
            [place(5, 100, np.nan)],
            2,
            "Health: people trained beside the headcount of 1 board. 5 of 100 people are trained, 5.0 in 100. "
            "2 places are left out and named below the chart.",
        ),
    ],
)
def test_how_many_of_those_who_work_there(rows, apart, said):
    assert words.dose_sentence(rows, "Health", apart, 0, PLAIN) == said


def test_where_counts_are_hidden_a_share_is_a_least_one():
    told = words.dose_sentence([place(5, 100, 9)], "Health", 0, 2, PLAIN)
    assert told.startswith("Health: at least 0 of 1 board has trained")
    assert "At least 5 of 100 people are trained" in told
    assert "2 counts of 1 to 4 people are hidden to protect privacy, and in no sum." in told
    ends = [{"level": "One", "total": 9.0}]
    told = words.pipeline_sentence(ends, "2025-03-01", 4.0, 1, PLAIN)
    assert told.startswith(
        "At least 9 people trained since March 2025: 9 One; 4 of them in the last 12 months. 1 count"
    )


SIDE = {"months": 120, "tests": 30, "teams": 10, "rate": 0.25}
OTHER = {"months": 200, "tests": 20, "teams": 1, "rate": 0.1}
RATES = (
    "Teams with trained people: 0.25 tests per team-month (30 in 120 months of 10 teams); without: 0.10 tests per "
    "team-month (20 in 200 months of 1 team)."
)


@pytest.mark.parametrize(
    ("found", "title", "said"),
    [
        (
            {"ratio": 2.5, "lower": 1.2, "upper": 5.2, "reason": ""},
            "Teams with trained people test more often: an association",
            f"{RATES} Within the same quarters the ratio is 2.50 (95% interval 1.20 to 5.20). {words.ASSOCIATION}",
        ),
        (
            {"ratio": 0.5, "lower": 0.3, "upper": 0.9, "reason": ""},
            "Teams with trained people test less often: an association",
            f"{RATES} Within the same quarters the ratio is 0.50 (95% interval 0.30 to 0.90). {words.ASSOCIATION}",
        ),
        (
            {"ratio": 1.5, "lower": 0.8, "upper": 2.9, "reason": ""},
            "Teams with and without trained people: no clear difference in testing",
            f"{RATES} Within the same quarters the ratio is 1.50 (95% interval 0.80 to 2.90), so no difference can be "
            f"told from chance. {words.ASSOCIATION}",
        ),
        (
            {"ratio": np.nan, "lower": np.nan, "upper": np.nan, "reason": "few"},
            "Teams with and without trained people: too little to compare",
            f"{RATES} With fewer than 5 teams on one side no interval can be given: nothing can be read into it.",
        ),
        (
            {"ratio": np.nan, "lower": np.nan, "upper": np.nan, "reason": "no_tests"},
            "Teams with and without trained people: too little to compare",
            "Whether training is used cannot be said: no log of tests of change is given.",
        ),
    ],
)
def test_whether_the_skills_are_used_is_said_as_an_association(found, title, said):
    assert words.skills_title(found) == title
    assert words.skills_sentence(found, [SIDE, OTHER], PLAIN) == said


def test_no_sentence_says_that_training_made_the_difference():
    told = " ".join(part for part in vars(words).values() if isinstance(part, str)).lower()
    assert not {"because of", "caused", "thanks to", "led to", "best", "worst"} & set(told.split())
    assert "led to" not in told and "thanks to" not in told and "because of" not in told

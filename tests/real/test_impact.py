"""The impact report on published figures: what they carry, and what is lacking, said plainly."""

import pytest

import qitools as qi

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def found(root, real_data):
    return qi.across(f"{root}/tests/real/ae_four_hour,cancelled_operations", data=real_data)


def test_without_a_start_set_beforehand_no_real_series_reaches_grade_a_and_the_page_says_why(found):
    table = qi.claims(found).table
    assert set(table["Grade"]) <= {"B", "C", "–"}
    worse = table[table["Outcome"].str.contains("twelve hours")].iloc[0]
    assert worse["Grade"] == "–" and "No start was set beforehand" in worse["What may be said"]
    assert all("data as at" in cell for cell in table["Source, period and date"])


def test_more_long_waits_than_before_are_said_as_more_and_never_as_avoided(found):
    told = {view.choice: view for view in qi.avoided(found).options}
    (long,) = [view for choice, view in told.items() if "twelve hours" in choice[0]]
    assert "more than expected" in long.title and "fewer" not in long.sentence
    assert "no 95% interval" in long.sentence and not long.data["band"]["date"]  # the months drift, over 15 years
    assert "5 teams with too few figures before are not counted." in long.sentence


@pytest.mark.parametrize(
    ("call", "lacking"),
    [("worth", "impact.cost"), ("partners", "sources.partners"), ("elsewhere", "sources.comparators")],
)
def test_a_figure_says_what_is_lacking_and_how_to_give_it(found, call, lacking):
    figure = getattr(qi, call)(found)
    assert figure.panels == 0 and lacking in figure.sentence and figure.sentence in figure._repr_html_()


def test_words_say_that_none_has_closed_and_no_story_may_be_told(found):
    assert "None of these collaboratives has closed" in str(qi.holding(found))
    assert str(qi.cases(found))

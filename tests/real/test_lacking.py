"""Real figures come without tests of change, drivers and scores: the pages say so, and how to give them."""

import pytest

import qitools as qi

pytestmark = pytest.mark.real
GIVEN = {
    "cycles": "sources.pdsa",
    "dose": "sources.training",
    "drivers": "drivers in the settings file",
    "pipeline": "sources.training",
    "scores": "sources.assessments",
    "skills": "no log of tests of change",
    "trained": "sources.training",
}


@pytest.fixture(scope="module", params=["ae_four_hour", "cancelled_operations"])
def analysis(request, root, real_data):
    return qi.analyse(qi.load(root / "tests" / "real" / f"{request.param}.yaml", data=real_data))


@pytest.mark.parametrize("call", sorted(GIVEN))
def test_a_figure_says_what_is_lacking_and_how_to_give_it(analysis, call):
    figure = getattr(qi, call)(analysis)
    assert figure.panels == 0
    assert GIVEN[call] in figure.sentence
    assert figure.sentence in figure._repr_html_()


@pytest.mark.parametrize("call", ["since", "commitments", "tests"])
def test_words_say_that_there_is_no_log(analysis, call):
    assert str(getattr(qi, call)(analysis)) == "No tests of change have been recorded in this collaborative."

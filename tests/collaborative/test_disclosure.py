"""Ten digits that begin with a date of birth are refused wherever they stand."""

import pytest

from qitools.collaborative.personal import personal_numbers


@pytest.mark.parametrize(
    "text",
    [
        "0101901234",
        "call 0101901234.",
        "010190 1234",
        "010190-1234",
        "3112991234",
        "2902001234",
        "no.0101901234",
        "x,0101901234,y",
    ],
)
def test_a_possible_number_is_found(text):
    assert len(personal_numbers(text, "a.csv")) == 1


@pytest.mark.parametrize(
    "text", ["3201901234", "0113901234", "010190123", "01019012345", "2902011234", "0.0101901234", ""]
)
def test_other_digits_are_not(text):
    assert personal_numbers(text, "a.csv") == []


def test_each_line_is_told_once():
    found = personal_numbers("a\n0101901234 0101901234\nb\n0101901234", "a.csv")
    assert [problem.line for problem in found] == [2, 4]

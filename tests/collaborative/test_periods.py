"""Every day falls into exactly one period, known by its first day."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qitools.collaborative.periods import first_days, floored, ordinals, parsed

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize("period", ["week", "month", "quarter"])
@given(day=DAYS)
def test_floors_are_the_first_day_of_the_period_that_holds_the_day(period, day):
    first = floored([day], period)[0]
    following = first_days(ordinals([first], period) + 1, period)[0]
    assert first <= np.datetime64(day) < following
    assert floored([first], period)[0] == first
    assert floored([following - 1], period)[0] == first


@given(day=DAYS)
def test_weeks_begin_on_monday_months_on_the_first(day):
    assert floored([day], "week")[0].item().weekday() == 0
    assert floored([day], "week")[0].item() > day - timedelta(days=7)
    assert floored([day], "month")[0].item() == day.replace(day=1)
    assert floored([day], "quarter")[0].item() == date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2019Q4", "month"),
        ("2024-05", "week"),
        ("2024-05", "day"),
        ("2024-13", "month"),
        ("2024-W54", "week"),
        ("", "month"),
        ("01/02/2024", "month"),
        ("5 May 2024", "month"),
        ("1024-05-01", "month"),
        ("45413", "month"),
    ],
)
def test_what_names_no_period_is_not_guessed(text, period):
    assert np.isnat(parsed(text, period))

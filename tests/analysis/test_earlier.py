"""An analysis as it stood: what was not yet known takes no part in it."""

from dataclasses import replace

import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.earlier import before, series_before
from qitools.analysis.focus import focus

CUT = pd.Timestamp("2026-04-01")


@pytest.fixture(scope="module")
def falls():
    return qi.analyse(qi.load("falls"))


def test_later_points_and_events_are_gone(falls):
    part = before(falls, CUT)
    assert part.points["date"].max() < CUT <= falls.points["date"].max()
    assert (part.events["date"] < CUT).all()
    assert len(part.series) == len(part.phases) == 0
    assert list(part.points.columns) == list(falls.points.columns)


@pytest.mark.parametrize("team", ["calderwren", "eskaline", "almara"])
def test_a_series_is_what_loading_it_up_to_that_date_gives(falls, team):
    """The independent way: the whole collaborative opened as of the month before."""
    part = series_before(focus(falls, team=team, measure="falls_rate"), CUT)
    known = focus(qi.analyse(qi.load("falls", as_of="2026-03-31")), team=team, measure="falls_rate")
    for column in ("date", "value", "phase", "centre", "excluded", "signal"):
        left, right = part.points[column].astype(str).tolist(), known.points[column].astype(str).tolist()
        assert left == right, column
    assert part.series["verdict"].tolist() == known.series["verdict"].tolist()


def test_what_happens_later_changes_nothing(falls):
    one = focus(falls, team="calderwren", measure="falls_rate")
    later = one.points["date"] >= CUT
    told = one.points.assign(numerator=one.points["numerator"].where(~later, one.points["numerator"] * 50 + 7))
    changed = qi.analyse(
        told[["team", "measure", "date", "numerator", "denominator"]].astype({"team": str, "measure": str}),
        better="lower",
        per=1000,
        period="month",
    )
    assert changed.points["value"].max() > one.points["value"].max()
    plain = series_before(one, CUT).points
    again = series_before(replace(one, points=told.reset_index(drop=True)), CUT).points
    pd.testing.assert_frame_equal(plain, again)

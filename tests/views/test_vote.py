"""The vote before the reveal: what is shown first knows nothing of what is hidden, and what follows is the whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools.errors import ParameterError
from qitools.views import wording_agenda as words
from qitools.views.figure import payload

LAST = 6


def numbers(view: Any) -> str:
    """Every word and number a view would put on the page, as text."""
    return json.dumps([view.title, view.subtitle, view.sentence, dict(view.data)], default=str)


def said(view: Any) -> set[str]:
    """The words among them."""
    return set(numbers(view).split('"'))


def test_the_last_points_are_hidden_of_every_measure(falls: Any) -> None:
    figure, whole = qi.vote(falls), qi.pooled(falls)
    assert [view.choice for view in figure.options] == [view.choice for view in whole.options]
    for held, full in zip(figure.options, whole.options, strict=True):
        points, shown = held.data["points"], full.data["points"]
        kept = len(shown["date"]) - LAST
        assert points["date"] == shown["date"][:kept]
        assert points["value"] == pytest.approx(shown["value"][:kept], nan_ok=True)
        assert set(points["kind"]) <= {"none", "excluded"}
        assert held.reveal is not None
        assert numbers(held.reveal) == numbers(full)
        assert not set(shown["period"][kept:]) & said(held)


def test_the_axes_are_those_of_the_whole(falls: Any) -> None:
    for held in qi.vote(falls).options:
        same = ("xLow", "xHigh", "yLow", "yHigh", "form", "unit", "raised")
        assert [held.params[name] for name in same] == [held.reveal.params[name] for name in same]


def test_it_says_nothing_of_a_finding(falls: Any) -> None:
    figure = qi.vote(falls)
    assert figure.table.empty
    assert repr(figure) == figure.sentence == figure.spec["description"] == figure.options[0].sentence
    for held in figure.options:
        told = f"{held.title} {held.sentence}"
        assert held.title == "All teams together: what happened next?"
        assert "The next 6 points are hidden: vote first." in held.sentence
        assert not [word for word in ("sustained", "improve", "signal", "no change", "moved") if word in told]


def test_the_hidden_figures_change_nothing_of_what_is_shown(falls: Any) -> None:
    """Other figures in the last six periods: other axes perhaps, but not one other point, line or word."""
    cut = sorted(falls.points["date"].unique())[-LAST]
    points = falls.points.copy()
    points.loc[points["date"] >= cut, "numerator"] *= 3
    points.loc[points["date"] >= cut, "value"] *= 3
    one, other = (qi.vote(analysis, "falls_rate").options[0] for analysis in (falls, replace(falls, points=points)))
    assert one.reveal.data["points"]["value"] != other.reveal.data["points"]["value"]
    for name in ("points", "phases", "notes"):
        assert json.dumps(one.data[name], default=str) == json.dumps(other.data[name], default=str), name
    assert one.data["lines"]["centre"] == other.data["lines"]["centre"]
    assert (one.title, one.subtitle, one.sentence) == (other.title, other.subtitle, other.sentence)


def test_the_page_holds_the_whole_only_in_its_sealed_data(falls: Any) -> None:
    figure = qi.vote(falls, "falls_rate")
    html = figure._repr_html_()
    outside = html.split('<script type="application/json"')[0]
    whole = figure.options[0].reveal
    assert 'data-qi-vote="held"' in outside
    assert whole.title not in outside
    assert whole.sentence not in outside
    assert "<td" not in outside
    assert "Show the rest" in outside
    sent = payload(figure)["views"][0]
    assert sent["reveal"]["set"]["description"] == whole.sentence


def test_held_and_whole_are_valid_vega_lite(falls: Any) -> None:
    figure = qi.vote(falls, "falls_rate")
    assert figure.altair().to_dict(validate=True)["description"] == figure.sentence


def test_one_point_may_be_hidden_and_none_may_not(falls: Any) -> None:
    held = qi.vote(falls, "falls_rate", last=1).options[0]
    assert "The next point is hidden: vote first. Will it be better" in held.sentence
    with pytest.raises(ParameterError, match="1 or more"):
        qi.vote(falls, last=0)


def test_too_few_points_are_said_and_not_drawn() -> None:
    dates = pd.date_range("2025-01-01", periods=8, freq="MS")
    table = pd.DataFrame({"team": "a", "measure": "m", "date": dates, "numerator": range(8)})
    both = pd.concat([table, table.assign(team="b")])
    figure = qi.vote(qi.analyse(both, better="lower", period="month"))
    assert figure.panels == 0
    assert figure.sentence == words.VOTE_TOO_SHORT


def test_a_teams_own_chart_needs_its_agreement(falls: Any) -> None:
    open_ = replace(falls, teams=falls.teams.assign(share=falls.teams["team"] == "calderwren"))
    figure = qi.vote(open_, team="calderwren")
    held = figure.options[0]
    assert held.title == "Calderwren Ward: what happened next?"
    assert held.reveal.sentence == qi.chart(open_, "falls_rate", "calderwren").sentence
    assert len(held.data["points"]["date"]) == len(held.reveal.data["points"]["date"]) - LAST
    with pytest.raises(ParameterError, match="share: true"):
        qi.vote(open_, team="almara")
    with pytest.raises(ParameterError, match="almara"):
        qi.vote(open_, team="almarra")


def test_a_later_phase_is_not_shown_early(falls: Any) -> None:
    """Calderwren's second phase began in September 2024: hiding more than two years hides it as well."""
    open_ = replace(falls, teams=falls.teams.assign(share=True))
    held = qi.vote(open_, "falls_rate", "calderwren", last=30).options[0]
    assert len(held.data["phases"]["name"]) == 1 < len(held.reveal.data["phases"]["name"])
    assert all(date < "2024-09" for date in held.data["notes"]["date"])


@pytest.mark.parametrize(
    ("better", "guess"),
    [
        ("lower", "better, much the same, or going the wrong way?"),
        ("higher", "better, much the same, or going the wrong way?"),
        ("neither", "higher, much the same, or lower?"),
    ],
)
def test_the_question_fits_the_direction(better: str, guess: str) -> None:
    said = words.vote_sentence({"name": "M", "better": better}, "Almara Ward", ["Jan 2026"], 2, {"simulated": True})
    assert said.startswith("M, Almara Ward, Jan 2026; ")
    assert guess in said
    assert said.endswith("These are simulated data.")

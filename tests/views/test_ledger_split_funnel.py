"""The ledger, the split and the funnel as pictures: what is drawn is what the tables hold, and never a blank."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from syrupy.extensions.json import JSONSnapshotExtension

import qitools as qi
import qitools.views.funnel
import qitools.views.ledger
import qitools.views.split
from qitools import views
from qitools.analysis.comparison import compare
from qitools.analysis.ledger import ledger, tally
from qitools.analysis.split import split
from qitools.errors import ParameterError

ALL = (qi.ledger, qi.split, qi.funnel)


@pytest.mark.parametrize(
    "template",
    [lambda: views.ledger.template(4), views.split.template, views.funnel.template],
    ids=["ledger-4", "split", "funnel"],
)
def test_templates_are_as_they_were(template: Any, snapshot: Any) -> None:
    own = {name: part for name, part in template().items() if name != "config"}  # the theme has tests of its own
    assert own == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("make", ALL)
def test_filled_specs_are_valid_and_say_what_they_show(falls: Any, make: Any) -> None:
    fig = make(falls)
    assert fig.altair().to_dict(validate=True)["description"] == fig.sentence
    assert len(fig.table) <= 200 and fig.panels == 1
    assert "simulated" in fig.sentence and "Simulated" in str(fig.spec["title"]["subtitle"])


@pytest.mark.parametrize("make", ALL)
def test_hostile_text_stays_text(hostile: Any, make: Any) -> None:
    html = make(hostile)._repr_html_()
    assert "<img" not in html and "<b>" not in html
    assert html.count("<script") == 2


def test_the_ledger_draws_what_was_counted(falls: Any) -> None:
    told, drawn = tally(falls), qi.ledger(falls).spec["datasets"]["measures"]
    assert [row["observed"] for row in drawn] == told["observed"].tolist()
    assert [row["expected"] for row in drawn] == pytest.approx(told["expected"].tolist(), rel=1e-5)
    for row, (_, luck) in zip(drawn, told.iterrows(), strict=True):
        assert row["kind"] == ("more" if luck["observed"] > luck["high"] else "chance")
        assert (row["low"], row["high"]) == (max(luck["low"] - 0.5, 0), luck["high"] + 0.5)


def test_the_ledger_lists_every_team_with_a_signal(falls: Any) -> None:
    rows, table = ledger(falls), qi.ledger(falls).table
    told = rows[~rows["verdict"].isin(["no_signal", "too_few"])]
    assert len(table) == len(told) > 0
    names = falls.teams.set_index("team")["name"]
    assert table["Team"].tolist() == [names[team] for team in told["team"].astype(str)]
    assert set(table["Rules"]) == {"his-2025"}
    assert (table["Evidence from and to"] != "").all()


@pytest.mark.parametrize("name", ["falls", "delayed_discharge"])
def test_the_ledger_and_the_signals_say_the_same_of_a_series(name: str) -> None:
    """Above all of a run that has ended: both speak of it in the past, with its two dates."""
    analysis = qi.analyse(qi.load(Path(__file__).parents[2] / "parameters" / f"{name}.yaml"))
    said, told = qi.signals(analysis).frame.set_index("Team"), qi.ledger(analysis).table
    assert (told["What the chart says"] == "Went the wrong way").any()
    for row in told.to_dict("records"):
        (column,) = (each for each in said if each.startswith(f"{row['Measure']} ("))
        words, _, dates = said.loc[row["Team"], column].rstrip(")").partition(" (")
        assert row["What the chart says"] == words
        assert row["Evidence from and to"] == dates.partition(";")[0].removeprefix("since ").removeprefix("from ")
        assert words != "Going the wrong way" or " to " not in row["Evidence from and to"]
        assert "wrong way" not in words or "held" not in row["Strength"]
        assert row["Change (95% interval)"]


def test_each_measure_has_a_note(falls: Any) -> None:
    notes = qi.ledger(falls).options[0].notes
    assert len(notes) == len(falls.measures)
    assert notes[-1].startswith("Balancing measure. ")


def test_the_steps_lead_from_the_first_window_to_the_last(falls: Any) -> None:
    for view, measure in zip(qi.split(falls).options, falls.measures["measure"], strict=True):
        found, steps = split(falls, measure), view.data["steps"]
        assert steps["end"][0] == found.before and steps["end"][-1] == found.after
        assert steps["end"][-2] == pytest.approx(found.after, abs=1e-9)
        assert steps["start"][1:5] == pytest.approx(steps["end"][:4])
        lengths = [end - start for start, end in zip(steps["start"][1:5], steps["end"][1:5], strict=True)]
        assert lengths == pytest.approx(found.parts["amount"].tolist(), abs=1e-9)


def test_where_months_are_left_out_the_split_says_how_many_are_compared(falls: Any) -> None:
    dates = falls.points["date"]
    gap = replace(falls, points=falls.points[dates.dt.month != 12])
    found = split(gap, "falls_rate")
    assert f"from the same {found.periods} months of each" in qi.split(gap, "falls_rate").sentence
    assert "from the same" not in qi.split(falls, "falls_rate").sentence


def test_where_there_is_no_split_there_are_words(falls: Any) -> None:
    short = replace(falls, points=falls.points[falls.points["date"] < "2023-08-01"])
    fig = qi.split(short, "falls_rate")
    assert fig.panels == 0 and "fifteen months" in fig.sentence


def test_the_funnel_draws_every_team_within_its_limits(falls: Any) -> None:
    found, data = compare(falls, "falls_rate"), qi.funnel(falls, "falls_rate").spec["datasets"]
    assert [row["value"] for row in data["points"]] == pytest.approx(found.units["value"].tolist(), rel=1e-5)
    outside = [row["kind"] != "none" for row in data["points"]]
    assert outside == (found.units["place"] != "inside").tolist()
    assert len(data["curve"]) == 4 * len(found.curve)
    names = {row["name"] for row in data["marked"]}
    better = found.units[(found.units["place"].str.endswith("3")) & (found.units["signal"] == "favourable")]
    agreed = falls.teams[falls.teams["share"] & falls.teams["team"].isin(better["team"].astype(str))]
    assert names == set(agreed["name"])


@pytest.mark.parametrize("share", [True, False])
def test_the_funnel_names_in_its_picture_only_teams_that_agreed(falls: Any, share: bool) -> None:
    points = falls.points.copy()
    points.loc[(points["team"] == falls.teams["team"][0]) & (points["measure"] == "falls_rate"), "numerator"] = 0.0
    own = replace(falls, points=points, teams=falls.teams.assign(share=share))
    drawn = qi.funnel(own, "falls_rate").spec["datasets"]["marked"]
    assert [row["name"] for row in drawn] == ([falls.teams["name"][0]] if share else [])


def test_a_denominator_counted_anew_every_month_is_headed_as_a_sum(falls: Any) -> None:
    assert "Occupied bed days (sum over 12 months)" in qi.funnel(falls, "falls_rate").table
    assert "Patients audited" in qi.funnel(falls, "bundle").table
    assert compare(falls, "falls_rate").dominated
    assert not compare(falls, "falls_rate", "none").dominated


def test_fewer_than_ten_teams_get_words_and_their_table(falls: Any) -> None:
    few = list(falls.teams["team"][:9])
    part = replace(falls, points=falls.points[falls.points["team"].isin(few)])
    fig = qi.funnel(part, "falls_rate")
    assert fig.panels == 0 and "too few to draw beside each other" in fig.sentence
    assert len(fig.table) == 9
    assert fig._repr_html_().count('data-qi-panels="0"') == 1


def test_teams_shown_in_a_table_stand_in_the_notes(falls: Any) -> None:
    shown = np.where(falls.teams.index == 3, "table", "chart")
    fig = qi.funnel(replace(falls, teams=falls.teams.assign(display=shown)), "falls_rate")
    (note,) = fig.options[0].notes
    assert note.startswith(f"{falls.teams['name'][3]}, not drawn: ")
    assert falls.teams["name"][3] not in set(fig.table["Team"])


def test_both_forms_of_wider_limits_can_be_asked_for(falls: Any) -> None:
    said = [
        str(qi.funnel(falls, "falls_rate", form).spec["title"]["subtitle"]) for form in ("additive", "multiplicative")
    ]
    assert "additive random effects" in said[0] and "99.8%" in said[1]
    with pytest.raises(ParameterError):
        qi.funnel(falls, "falls_rate", "wide")  # type: ignore[arg-type]


def test_an_unknown_measure_is_refused(falls: Any) -> None:
    for make in (qi.split, qi.funnel):
        with pytest.raises(ParameterError, match="did you mean 'falls_rate'"):
            make(falls, "fals_rate")


def test_where_nobody_has_enough_points_the_ledger_is_words(falls: Any) -> None:
    table = falls.points[falls.points["date"] < "2022-12-01"][["team", "measure", "date", "numerator", "denominator"]]
    fig = qi.ledger(qi.analyse(table, better="lower", per=1000, period="month"))
    assert fig.panels == 0 and "too few points to say, for every team" in fig.sentence


def test_times_between_events_are_not_added_up() -> None:
    dates = pd.date_range("2024-01-01", periods=30, freq="7D")
    table = pd.DataFrame({"team": "a", "measure": "m", "date": dates, "numerator": 7.0, "denominator": float("nan")})
    analysis = qi.analyse(table, better="higher", chart="t")
    for make in (qi.pooled, qi.split):
        assert make(analysis).sentence.startswith("m: times between events cannot be added up over teams")
    assert qi.funnel(analysis).sentence.startswith("m: times between events are not compared between teams")

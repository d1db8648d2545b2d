"""A service and equity as pictures: valid, worded for what is there and what is lacking, never blank."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.flow import flow
from qitools.analysis.its import Estimate
from qitools.views import wording_before_after, wording_delays, wording_equity
from qitools.views.lanes import Canvas

FIGURES = ("dcaq", "backlog", "what_if", "delays", "waits", "before_after", "equity", "equity_gap")


@pytest.fixture(scope="module")
def clinics() -> Any:
    return qi.analyse(qi.load(Path(__file__).parents[2] / "parameters" / "outpatient_redesign.yaml"))


@pytest.fixture(scope="module")
def figures(clinics: Any) -> dict[str, Any]:
    return {name: getattr(qi, name)(clinics) for name in FIGURES}


@pytest.mark.parametrize("name", FIGURES)
def test_filled_specs_are_valid_and_say_what_they_show(figures: Any, name: str) -> None:
    fig = figures[name]
    assert fig.altair().to_dict(validate=True)["description"] == fig.sentence
    assert 0 < len(fig.table) <= 200 and fig.panels == 1
    assert all("imulated" in view.sentence and "imulated" in " ".join(view.subtitle) for view in fig.options)
    assert len({view.choice for view in fig.options}) == len(fig.options) > 1


@pytest.mark.parametrize("name", FIGURES)
def test_hostile_text_stays_text(clinics: Any, name: str) -> None:
    bad = "</script><img src=x onerror=alert(1)>"
    records = replace(
        clinics.records,
        delays=clinics.records.delays.assign(reason=bad + clinics.records.delays["reason"]),
        strata=clinics.records.strata.assign(stratum=bad + clinics.records.strata["stratum"]),
    )
    method = {**clinics.method, "strata": {"name": bad, "order": tuple(bad + one for one in "12345")}}
    tables = {"teams": clinics.teams.assign(name=bad + clinics.teams["name"])}
    tables |= {"events": clinics.events.assign(text=bad), "measures": clinics.measures.assign(name=bad)}
    html = getattr(qi, name)(replace(clinics, records=records, method=method, **tables), team="elmbrae")._repr_html_()
    assert "<img" not in html and html.count("<script") == 2


@pytest.mark.parametrize("name", FIGURES)
def test_where_nothing_is_known_words_say_how_to_give_it(clinics: Any, name: str) -> None:
    bare = replace(clinics, records=type(clinics.records)(), events=clinics.events.iloc[:0])
    fig = getattr(qi, name)(bare)
    assert fig.panels == 0 and ("sources." in fig.sentence)
    assert fig.sentence in fig._repr_html_().replace("&#x27;", "'")


def test_tables_without_rows_say_what_is_lacking(clinics: Any) -> None:
    bare = replace(clinics, records=type(clinics.records)())
    assert "sources.flow" in str(qi.headroom(bare)) and "stratum" in str(qi.inequality(bare))


def test_the_queue_as_drawn_is_the_queue_as_counted(clinics: Any, figures: Any) -> None:
    found, drawn = flow(clinics), figures["dcaq"].spec["datasets"]
    lanes = {round(row["y"] - 0.06): row["text"] for row in drawn["heads"]}
    assert [text.split(" ")[0] for _, text in sorted(lanes.items())] == ["Demand", "Capacity", "Activity", "Queue"]
    queue = [row for row in drawn["points"] if row["y"] > 3]
    assert [row["shown"] for row in queue] == [f"{value:,.0f}" for value in found.table["queue"]]
    places = np.array([row["y"] for row in queue])
    assert np.corrcoef(places, found.table["queue"])[0, 1] == pytest.approx(-1)


def test_periods_that_do_not_agree_stand_out_and_are_noted(figures: Any) -> None:
    fig = figures["backlog"]
    marked = [row["period"] for row in fig.spec["datasets"]["points"] if row["kind"] == "fail"]
    assert marked == ["Jun 2024", "Jul 2024", "Aug 2024"]
    assert [note.split(":")[0] for note in fig.options[0].notes] == marked
    assert "In 3 of 41 months the queue is not what the other counts give" in fig.sentence


def test_a_service_that_lacks_a_count_says_so(clinics: Any) -> None:
    rows = clinics.records.flow.assign(capacity=np.nan, demand=np.nan)
    part = replace(clinics, records=replace(clinics.records, flow=rows))
    fig = qi.dcaq(part)
    assert "Capacity (could be done): not sent" in str(fig.spec["datasets"]["heads"])
    assert "Demand was not sent; it is worked out" in fig.sentence and "not judged: capacity" in fig.sentence
    assert "cannot be checked" in qi.backlog(part).sentence and "cannot be checked" in str(qi.headroom(part))
    assert qi.what_if(replace(part, records=replace(part.records, flow=rows.assign(queue=np.nan)))).panels == 0


def test_what_more_work_would_do_has_a_band_and_a_goal(figures: Any) -> None:
    fig = figures["what_if"]
    assert fig.pickers == ("Team", "Work done")
    band = fig.spec["datasets"]["bands"]
    assert all(row["low"] >= row["high"] for row in band) and len(band) == 37  # places count down the page
    assert {"goal", "expected", "data"} == {row["style"] for row in fig.spec["datasets"]["lines"]}
    assert "A simulation, not a promise" in fig.sentence and "95% of runs" in fig.sentence


def test_reasons_that_were_not_recorded_are_said_to_be_missing(figures: Any) -> None:
    assert "Missing, not nought: Elmbrae Clinic recorded no reasons in 3 months" in figures["delays"].sentence
    shares = [row["beside"] for row in figures["delays"].spec["datasets"]["bars"]]
    assert shares == sorted(shares) and shares[-1] == 100


def test_before_and_after_never_says_what_it_cannot(figures: Any) -> None:
    for view in figures["before_after"].options:
        assert "the figures alone cannot say" in view.sentence and len(view.notes) == 4
        assert not any(word in view.sentence for word in ("caused", "because", "thanks to", "saved"))
    assert figures["before_after"].options[0].choice[1].lower() == "all teams together"


def test_a_day_that_is_none_is_refused(clinics: Any) -> None:
    with pytest.raises(qi.ParameterError, match="a day such as"):
        qi.before_after(clinics, start="next spring")


def test_the_gap_that_widens_is_said_in_title_and_sentence(figures: Any) -> None:
    for name in ("equity", "equity_gap"):
        assert "the average improves while the gap widens" in figures[name].spec["title"]["text"]
        assert "The average improves while the gap widens." in figures[name].sentence


def test_a_stratum_that_is_left_out_is_named(clinics: Any) -> None:
    rows = clinics.records.strata
    late = rows[~((rows["stratum"] == "5") & (rows["date"] < "2025-01-01"))].reset_index(drop=True)
    fig = qi.equity(replace(clinics, records=replace(clinics.records, strata=late)), "missed")
    words = "Left out: Deprivation quintile 5 (figures only from January 2025"
    assert words in fig.sentence and words in " ".join(fig.spec["title"]["subtitle"])


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((2.0, 1.0, 3.0), "rose by x (95% interval i)"),
        ((-2.0, -3.0, -1.0), "fell by x (95% interval i)"),
        ((1.0, -1.0, 3.0), "did not clearly change (95% interval i)"),
    ],
)
def test_a_step_in_words(numbers: tuple[float, float, float], words: str) -> None:
    assert wording_before_after.moved(Estimate(*numbers), "x", "i")[1] == words


@pytest.mark.parametrize(
    ("finding", "words"), [(name, words) for name, words in wording_equity.FINDINGS.items() if name != "no_change"]
)
def test_every_finding_speaks_of_gap_and_average_alone(finding: str, words: str) -> None:
    assert ("gap" in words or "average" in words) and words.endswith(".")
    assert not any(word in words.lower() for word in ("worst", "failing", "best"))


def test_a_missing_value_breaks_the_line_and_has_no_point() -> None:
    canvas = Canvas(1, (0.0, 90.0))
    lane = canvas.lane(0, "", [0.0, 10.0])
    lane.line([0, 30, 60], [1.0, None, 3.0], "data")
    lane.points([0, 30, 60], [1.0, float("nan"), 3.0])
    sets = canvas.sets()
    assert [one is None for one in sets["lines"]["y"]] == [False, True, False]
    assert sets["points"]["date"] == ["1970-01-01", "1970-03-02"]


def test_bands_of_weeks_in_words() -> None:
    told = [wording_delays.band(*ends) for ends in ((0, 6), (6, 12), (12, float("nan")))]
    assert told == ["under 6 weeks", "6 to under 12 weeks", "12 weeks and longer"]


def test_nobody_waiting_is_no_share_of_nothing(clinics: Any) -> None:
    waits = clinics.records.waits
    part = replace(clinics, records=replace(clinics.records, waits=waits.assign(count=0.0)))
    assert "nobody was waiting in September 2026" in qi.waits(part).sentence
    assert pd.notna(qi.waits(part).options[0].params["most"])


def test_months_not_counted_and_more_than_could_be_done_are_said_beside_the_sum(clinics: Any) -> None:
    rows = clinics.records.flow.copy()
    team = rows["team"].iloc[0]
    own = rows.index[rows["team"] == team]
    rows.loc[own[3:5], "demand"] = np.nan
    finding = {"code": "above_capacity", "team": team, "date": rows["date"].iloc[6], "found": "9999"}
    method = clinics.method | {"findings": [*clinics.method["findings"], finding]}
    part = replace(clinics, records=replace(clinics.records, flow=rows), method=method)
    months = " and ".join(f"{rows['date'][at]:%b %Y}" for at in own[3:5])
    for sentence in (qi.backlog(part, team=team).sentence, qi.backlog(part).sentence):
        assert f"2 months are not in it, since demand or activity is not known: {months}." in sentence
    for name in ("dcaq", "backlog", "what_if"):
        assert "utilisation, since more was done than could be done: " in getattr(qi, name)(part).sentence
        assert f"{rows['date'].iloc[6]:%b %Y} (9999)" in getattr(qi, name)(part, team=team).sentence
    assert f"{rows['date'].iloc[6]:%b %Y} (9999)" in qi.headroom(part).note


def test_signals_of_a_queue_take_no_side(clinics: Any, figures: Any) -> None:
    kinds = {row["kind"] for row in figures["dcaq"].spec["datasets"]["points"] if row["y"] > 3}
    assert kinds <= {"none", "neutral", "neutral-weak"} and len(kinds) > 1
    assert "not which way it is going" in figures["dcaq"].sentence


def test_the_notes_say_until_when_the_counts_of_a_service_go(clinics: Any) -> None:
    assert "demand, activity and queue" not in str(qi.method(clinics)).lower()
    flow_ = clinics.records.flow
    later = pd.concat([flow_, flow_.tail(1).assign(date=flow_["date"].max() + pd.DateOffset(months=5))])
    part = replace(clinics, records=replace(clinics.records, flow=later))
    assert f"Demand, activity and queue: {later['date'].max():%B %Y}." in str(qi.method(part))

"""What teams have tried, and what of it others may find."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from qitools.analysis.engine import analyse
from qitools.analysis.ideas import shared, tried
from qitools.collaborative.records import OFFERS, PDSA, SCORES, STORIES, Records, empty

DAY = pd.Timestamp("2025-06-01")


def table(columns: dict[str, str], *given: dict[str, Any]) -> pd.DataFrame:
    made = pd.DataFrame([{name: one.get(name, "") for name in columns} for one in given], columns=list(columns))
    dates = {name: pd.to_datetime(made[name]) for name, kind in columns.items() if kind.startswith("datetime")}
    return made.assign(**dates) if given else empty(columns)


def cycle(team: str, idea: str, **other: Any) -> dict[str, Any]:
    return {"team": team, "measure": "m", "idea": idea, "start": DAY, "cycle": 1, **other}


def analysis(pdsa: Any = (), offers: Any = (), changes: Any = (), audience: str = "internal", **records: Any) -> Any:
    months = pd.date_range("2024-07-01", periods=12, freq="MS")
    figures = [{"team": team, "measure": "m", "date": day, "numerator": 5} for team in ("a", "b") for day in months]
    found = analyse(pd.DataFrame(figures), better="lower", period="month")
    events = pd.DataFrame(changes, columns=["team", "measure", "date", "text"])
    events = events.assign(kind="change", by="", decided=pd.NaT)[list(found.events.columns)]
    kept = Records(pdsa=table(PDSA, *pdsa), offers=table(OFFERS, *offers), **records)
    return replace(
        found,
        teams=found.teams.assign(name=["Ash", "Birch"], share=[True, False]),
        measures=found.measures.assign(name="Falls"),
        events=events,
        records=kept,
        method={**found.method, "as_of": DAY, "audience": audience},
    )


def test_an_idea_is_one_however_it_is_written_and_the_last_result_counts() -> None:
    found = tried(
        analysis(
            [
                cycle("a", "Night rounds", result="Half", decision="adapt"),
                cycle("a", "night  ROUNDS", start=DAY + pd.DateOffset(months=1), result="Most", decision="adopt"),
                cycle("b", "Night rounds"),
                cycle("b", "Posters", decision="abandon", result="No use"),
                cycle("b", ""),
            ]
        )
    )
    assert found[["team", "idea", "result", "adopted"]].to_numpy().tolist() == [
        ["a", "Night rounds", "Most", True],
        ["b", "Night rounds", "", False],
    ]


def test_a_dated_change_of_a_team_is_an_idea_and_one_of_all_teams_is_not() -> None:
    found = tried(analysis(changes=[("a", "m", DAY, "Low beds"), ("", "", DAY, "New guideline")]))
    assert found["idea"].tolist() == ["Low beds"]


def test_what_is_shared_offers_and_asks_first_then_the_latest() -> None:
    later = DAY + pd.DateOffset(months=1)
    found = shared(
        analysis(
            pdsa=[cycle("a", "Early"), cycle("a", "Late", start=later, result="Worked at night")],
            offers=[
                {"team": "a", "kind": "offer", "text": "Our script", "measure": "m", "date": DAY},
                {"team": "b", "kind": "ask", "text": "Weekends", "date": DAY},
            ],
        )
    )
    assert found[["kind", "team", "text", "measure", "result"]].to_numpy().tolist() == [
        ["offer", "Ash", "Our script", "Falls", ""],
        ["ask", "", "Weekends", "", ""],  # Birch has not agreed to be named
        ["result", "Ash", "Late", "Falls", "Worked at night"],
        ["idea", "Ash", "Early", "Falls", ""],
    ]


@pytest.mark.parametrize(("audience", "results"), [("internal", ["Seen"]), ("partners", [""]), ("public", [])])
def test_the_audience_is_respected(audience: str, results: list[str]) -> None:
    assert shared(analysis([cycle("a", "X", result="Seen")], audience=audience))["result"].tolist() == results


def test_stories_and_scores_are_never_shared() -> None:
    stories = table(STORIES, {"team": "a", "date": DAY, "text": "SECRET", "consent": True})
    scores = table(SCORES, {"team": "a", "date": DAY, "kind": "self", "score": 3.0, "note": "SECRET"})
    found = shared(analysis([cycle("a", "X", prediction="SECRET", plan="SECRET")], stories=stories, scores=scores))
    assert "SECRET" not in found.to_csv()
    assert len(found) == 1


def test_nothing_shared_has_its_columns() -> None:
    assert list(shared(analysis()).columns) == ["kind", "team", "text", "measure", "result", "date"]
    assert shared(analysis()).empty and tried(analysis()).empty

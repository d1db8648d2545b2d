"""One team's or one measure's part: fewer rows, the same columns; unknown names are refused."""

from dataclasses import replace

import pandas as pd
import pytest

from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.focus import focus, main_measure
from qitools.errors import ParameterError


@pytest.fixture
def analysis() -> Analysis:
    rows = [
        {"team": team, "measure": measure, "date": date, "numerator": float(n), "denominator": 100.0}
        for team in ("almara", "duskmere")
        for measure in ("falls", "bundle")
        for n, date in enumerate(pd.date_range("2024-01-01", periods=14, freq="MS"))
    ]
    made = analyse(pd.DataFrame(rows), better="lower", per=1000, period="month")
    events = pd.DataFrame({"team": ["almara", "duskmere", ""], "measure": ["falls", "", ""], "text": ["a", "d", "all"]})
    return replace(made, events=events)


def test_nothing_asked_keeps_the_analysis_itself(analysis: Analysis) -> None:
    assert focus(analysis) is analysis


def test_only_the_rows_of_team_and_measure_stay(analysis: Analysis) -> None:
    part = focus(analysis, "almara", "falls")
    assert len(part.points) == 14
    assert (len(part.series), len(part.teams), len(part.measures)) == (1, 1, 1)
    assert part.points.index.tolist() == list(range(14))
    assert part.points.columns.tolist() == analysis.points.columns.tolist()


def test_events_meant_for_all_stay_with_each(analysis: Analysis) -> None:
    assert focus(analysis, "almara").events["text"].tolist() == ["a", "all"]
    assert focus(analysis, "duskmere", "bundle").events["text"].tolist() == ["d", "all"]


@pytest.mark.parametrize(("given", "hint"), [({"team": "almera"}, "almara"), ({"measure": "fals"}, "falls")])
def test_an_unknown_name_is_refused_with_the_nearest(analysis: Analysis, given: dict[str, str], hint: str) -> None:
    with pytest.raises(ParameterError, match=f"did you mean '{hint}'"):
        focus(analysis, **given)


def test_a_name_like_no_other_is_refused_with_those_there_are(analysis: Analysis) -> None:
    with pytest.raises(ParameterError, match="known: almara, duskmere"):
        focus(analysis, team="zzz")


@pytest.mark.parametrize(("aim", "first"), [({"measure": "falls"}, "falls"), ({"measure": "stays"}, None), ({}, None)])
def test_the_aim_names_the_main_measure_else_the_first(
    analysis: Analysis, aim: dict[str, str], first: str | None
) -> None:
    chosen = main_measure(replace(analysis, method={**analysis.method, "aim": aim}))
    assert chosen == (first or analysis.measures["measure"].iloc[0])

"""The slip for the next test: blank where nothing is under way, filled in where something is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools.collaborative.records import PDSA, empty
from qitools.errors import ParameterError
from qitools.views import wording_agenda as words


def with_tests(falls: Any, *rows: dict[str, Any]) -> Any:
    blank = {name: "" if kind == "str" else 1 if kind == "int64" else pd.NaT for name, kind in PDSA.items()}
    table = pd.DataFrame([{**blank, "team": "almara", **row} for row in rows]).astype(PDSA)
    return replace(falls, records=replace(falls.records, pdsa=table))


OPEN = {
    "idea": "Call bells <in reach>",
    "prediction": "Nine of ten",
    "measure": "falls_rate",
    "scale": "one bay",
    "owner": "Charge nurse",
    "start": "2026-09-01",
}


def test_it_is_filled_in_from_the_latest_test_under_way(falls: Any) -> None:
    older = {**OPEN, "idea": "Older", "start": "2026-05-01"}
    done = {**OPEN, "idea": "Done", "start": "2026-09-20", "end": "2026-09-25", "decision": "adopt", "result": "x"}
    slip = qi.next_test(with_tests(falls, OPEN, older, done), "almara")
    assert dict(slip.lines) == {
        "What we will try": "Call bells <in reach>",
        "What we think will happen": "Nine of ten",
        "How we will know: measure": "Falls per 1,000 occupied bed days",
        "How small: which people, which shift": "one bay",
        "Who will do it (role)": "Charge nurse",
        "By when we look at the result": "",
    }
    assert slip.hint == words.OPEN_TEST
    assert "Call bells &lt;in reach&gt;" in slip._repr_html_()


def test_it_is_blank_where_nothing_is_under_way(falls: Any) -> None:
    bare = replace(falls, records=replace(falls.records, pdsa=empty(PDSA)))
    slip = qi.next_test(bare, "almara")
    assert slip.heading == "Our next test: Almara Ward"
    assert slip.hint == words.BLANK_TEST
    assert {said for _, said in slip.lines} == {""}
    assert len(slip.lines) == len(words.SLIP)


def test_another_teams_test_is_not_taken(falls: Any) -> None:
    assert qi.next_test(with_tests(falls, {**OPEN, "team": "calderwren"}), "almara").hint == words.BLANK_TEST


def test_an_unknown_team_is_refused(falls: Any) -> None:
    with pytest.raises(ParameterError, match="almara"):
        qi.next_test(falls, "almarra")

"""What the tests of pictures share: the falls example, analysed, and a way to fill in hostile names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import qitools as qi

HOSTILE = (
    "<script>alert(1)</script>",
    '</script><img src=x onerror="alert(2)">',
    'O\'Brien "Ward" & Sons',
    "Ospadal na Gàidhlig Mòr",
    "Ward 🚑",
    "datum.value",
    "{{constructor}}",
    "line\u2028separator",
    "<!-- comment",
    "\\u0041 `${1}`",
)


@pytest.fixture(scope="session")
def falls() -> Any:
    """The simulated falls collaborative, analysed."""
    return qi.analyse(qi.load(Path(__file__).parents[2] / "parameters" / "falls.yaml"))


@pytest.fixture(scope="session")
def hostile(falls: Any) -> Any:
    """The same with names and notes that try to be markup, code or an expression."""
    names = [*HOSTILE, *falls.teams["name"].astype(object)[len(HOSTILE) :]]
    notes = [f"</script><b>{text}" for text in falls.events["text"]]
    return replace(falls, teams=falls.teams.assign(name=names), events=falls.events.assign(text=notes))

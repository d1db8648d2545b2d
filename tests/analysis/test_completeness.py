"""What became of each figure expected: one state each, the same in the map, the notes and the counts."""

from __future__ import annotations

from collections import Counter

import pytest

import qitools as qi
from qitools.analysis.completeness import BY_STATUS, STATES, figures, missing
from qitools.views import labels

YAML = """\
collaborative: kept
title: Kept
sources:
  observations: {file: kept.csv, status: status, measures: {rate: {numerator: n, denominator: d}}}
measures: [{id: rate, name: Falls, kind: outcome, data: rate, per: 1000, better: lower}]
teams:
  - {id: a, name: Ash}
  - {id: b, name: Beech}
  - {id: gone, name: Gone}
  - {id: late, name: Late}
  - {id: quiet, name: Quiet}
exclusions: [{team: a, measure: rate, date: 2024-03-01, reason: Flood}]
"""
MONTHS = [f"{2023 + i // 12}-{1 + i % 12:02d}-01" for i in range(18)]


def rows() -> list[str]:
    told = [f"a,{month},3,900,{status}" for month, status in zip(MONTHS, ["", *BY_STATUS, *[""] * 14], strict=True)]
    told += [f"b,{month},{n},{d}," for month, n, d in zip(MONTHS, [0, *[4] * 17], [0, *[800] * 17], strict=True)]
    told += [f"gone,{month},2,700," for month in MONTHS[:4]]
    told += [f"late,{month},2,700," for month in MONTHS[:-2] if month != MONTHS[5]]
    return told


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> qi.Analysis:
    folder = tmp_path_factory.mktemp("kept")
    (folder / "kept.yaml").write_text(YAML, encoding="utf-8")
    (folder / "kept.csv").write_text("\n".join(["team,date,n,d,status", *rows()]), encoding="utf-8")
    return qi.analyse(qi.load(folder / "kept.yaml"))


def test_each_figure_has_one_state(kept: qi.Analysis) -> None:
    table = figures(kept, "rate")
    assert not table.duplicated(["team", "date"]).any()
    tally = {team: Counter(part["state"]) for team, part in table.groupby("team")}
    assert tally["a"] == {"reported": 14, "excluded": 1, **dict.fromkeys(BY_STATUS, 1)}
    assert tally["b"] == {"reported": 17, "zero_denominator": 1}
    assert tally["gone"] == {"reported": 4}  # it has left: nothing more is due
    assert tally["late"] == {"reported": 15, "missing": 3}  # a gap, and two periods still to come
    assert tally["quiet"] == {"missing": 18}
    assert set(table["state"]) <= set(STATES)
    assert list(table["team"].unique()) == ["a", "b", "gone", "late", "quiet"]


def test_the_counts_are_those_of_the_states(kept: qi.Analysis) -> None:
    assert missing(kept) == {"rate": (21, 76, 2)}
    assert missing(kept, "late") == {"rate": (3, 18, 1)}
    assert missing(kept, "gone") == {"rate": (0, 4, 0)}


def test_map_sentence_notes_and_questions_say_one_number(kept: qi.Analysis) -> None:
    fig = qi.reporting(kept)
    shown = fig.spec["datasets"]["signs"]
    assert sum(sign["kind"] == "missing" for sign in shown) == 21
    assert "21 of 76 figures expected are missing" in fig.sentence
    assert "21 of 76 figures missing, in 2 teams" in str(qi.method(kept))
    assert "3 of 18 figures missing;" in str(qi.method(kept, "late"))
    assert "3 figures are missing." in str(qi.questions(kept, "late"))
    assert "15 of 18 figures reported" in str(qi.heading(kept, "late"))


def test_every_state_on_the_map_has_its_own_sign_and_words(kept: qi.Analysis) -> None:
    fig = qi.reporting(kept)
    signs = {sign["kind"]: sign["sign"] for sign in fig.spec["datasets"]["signs"]}
    assert signs == {
        "late": "L", "provisional": "P", "revised": "R", "zero_denominator": "0", "excluded": "○", "missing": "×",
    }  # fmt: skip
    heads = list(fig.table.columns)
    assert not [head for head in heads if "privacy" in head]  # nothing is hidden, so there is no column of zeros
    assert all(any(head.startswith(sign) for head in heads) for sign in signs.values())
    assert list(qi.chart(kept, team="a").table["Note"][1:4]) == list(labels.UNSETTLED.values())
    assert "1 figure reported late, 1 figure provisional and 1 figure revised since" in str(qi.method(kept))

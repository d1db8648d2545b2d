"""The files beside a page: whole or absent, the same bytes again, exact numbers, nothing a spreadsheet would run."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import qitools as qi
from qitools.analysis import ideas
from qitools.views.record import csv_text


@pytest.fixture(scope="module")
def falls() -> qi.Analysis:
    return qi.analyse(qi.load("falls"))


def test_without_a_folder_nothing_is_written_or_said(
    falls: qi.Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert qi.finish(falls, "") is None
    assert not list(tmp_path.iterdir())
    assert capsys.readouterr() == ("", "")


def test_the_files_of_the_contract_and_no_other(falls: qi.Analysis, tmp_path: Path) -> None:
    qi.finish(falls, str(tmp_path / "new" / "folder"))
    names = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert names == ["phases.csv", "points.csv", "series.csv", "summary.json"]


def test_the_same_analysis_gives_the_same_bytes(falls: qi.Analysis, tmp_path: Path) -> None:
    for name in ("one", "two"):
        qi.finish(qi.analyse(qi.load("falls")), str(tmp_path / name))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_numbers_read_back_exactly_and_dates_are_iso(falls: qi.Analysis, tmp_path: Path) -> None:
    qi.finish(falls, str(tmp_path))
    back = pd.read_csv(tmp_path / "points.csv")
    for name in ("value", "centre", "numerator"):
        pd.testing.assert_series_equal(back[name], falls.points[name])
    assert back["date"].iloc[0] == falls.points["date"].iloc[0].date().isoformat()


def test_simulated_stands_in_every_row(falls: qi.Analysis, tmp_path: Path) -> None:
    qi.finish(falls, str(tmp_path))
    for name in ("points", "phases", "series"):
        assert (pd.read_csv(tmp_path / f"{name}.csv")["simulated"] == "simulated").all()
    assert "simulated" not in csv_text(falls.series, simulated=False).splitlines()[0]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_a_spreadsheet_would_run_is_made_harmless(start: str) -> None:
    text = csv_text(pd.DataFrame({"text": [f"{start}cmd"], "value": [-1.5]}), simulated=False)
    assert pd.read_csv(pd.io.common.StringIO(text))["text"].iloc[0].startswith("'")
    assert "-1.5" in text
    assert "'-1.5" not in text


def test_the_summary_is_what_the_index_reads(falls: qi.Analysis, tmp_path: Path) -> None:
    qi.finish(falls, str(tmp_path))
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert list(summary) == [
        *("collaborative", "title", "simulated", "as_of", "team", "aim", "progress", "reporting"),
        *("reported", "expected", "charts", "signals", "shared", "shared_total"),
    ]
    assert summary["as_of"] == "2026-09-01"
    assert sum(summary["signals"].values()) == falls.series["current"].sum()
    assert summary["reporting"] == f"{summary['reported']} of {summary['expected']} teams have reported September 2026."


def test_the_summary_shares_what_others_may_find_and_nothing_else(falls: qi.Analysis, tmp_path: Path) -> None:
    qi.finish(falls, str(tmp_path))
    text = (tmp_path / "summary.json").read_text(encoding="utf-8")
    summary = json.loads(text)
    fields = {"kind", "team", "text", "measure", "result", "date", "collaborative"}
    assert summary["shared"] and all(set(row) == fields for row in summary["shared"])
    assert len(summary["shared"]) == min(ideas.MOST, summary["shared_total"])
    kinds = [row["kind"] for row in summary["shared"]]
    told = [kind in ("offer", "ask") for kind in kinds]
    assert told == sorted(told, reverse=True) and {"offer", "ask", "result"} <= set(kinds)
    shown = set(falls.teams.loc[falls.teams["share"], "name"])
    assert {row["team"] for row in summary["shared"]} <= {*shown, ""}
    for hidden in (falls.records.stories["text"], falls.records.scores["note"], falls.records.pdsa["prediction"]):
        assert not [words for words in hidden if words and words in text]


def test_a_team_keeps_its_own_rows_only(falls: qi.Analysis, tmp_path: Path) -> None:
    qi.finish(falls, str(tmp_path), "almara")
    assert set(pd.read_csv(tmp_path / "points.csv")["team"]) == {"almara"}
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["team"] == "almara"
    assert "shared" not in summary
    assert summary["progress"].startswith("Falls per 1,000 occupied bed days: ")


def test_names_keep_their_accents_and_quotes(falls: qi.Analysis, tmp_path: Path) -> None:
    title = 'Mòd "Ùr" 🏥 </script>'
    qi.finish(replace(falls, method={**falls.method, "title": title}), str(tmp_path))
    assert json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["title"] == title


def test_a_folder_that_cannot_be_made_is_said_in_words(falls: qi.Analysis, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(qi.RunError, match="could not be kept") as refused:
        qi.finish(falls, str(tmp_path / "file" / "out"))
    assert str(tmp_path / "file" / "out") in str(refused.value)


def test_a_write_that_fails_leaves_nothing_half_done(
    falls: qi.Analysis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(qi.RunError, match="No space left on device"):
        qi.finish(falls, str(tmp_path))
    assert not list(tmp_path.iterdir())

"""Headline tiles: figures that are those of the tables, words escaped."""

from __future__ import annotations

from typing import Any

import qitools as qi


def test_the_headlines_are_those_of_the_tables(falls: Any) -> None:
    said = {tile.words: tile.figure for tile in qi.tiles(falls).tiles}
    series = falls.series[falls.series["measure"] == "falls_rate"]
    improved = int((series["verdict"] == "improved").sum())
    assert said["teams show a sustained improvement"] == f"{improved} of {len(series)}"
    assert any("have reported" in words for words in said)


def test_a_team_has_one_tile_a_measure(falls: Any) -> None:
    shown = qi.tiles(falls, "almara")
    assert len(shown.tiles) == len(falls.measures)
    assert [tile.words.split(", Sep")[0] for tile in shown.tiles] == list(falls.measures["name"])
    assert all(", September 2026. " in tile.words for tile in shown.tiles)


def test_tiles_are_a_list_and_their_text_is_escaped(hostile: Any) -> None:
    html = qi.tiles(hostile, "almara")._repr_html_()
    assert html.startswith('<ul class="qi-tiles"><li><strong>')
    assert "<script" not in html

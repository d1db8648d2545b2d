"""The figure: HTML contract, what is sent, what is shared, and that text stays text."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

import qitools as qi
from qitools import cache
from qitools.errors import RunError
from qitools.views import bundle, figure, labels
from qitools.views.figure import Column, View, build, pack, sealed


def view(rows: int = 3, choice: tuple[str, ...] = ("A", "x"), **other: Any) -> View:
    data = {"day": [str(i) for i in range(rows)], "value": [i / 7 for i in range(rows)]}
    columns = (Column("day", "Period"), Column("value", "Value", True), Column("value", "Value", True))
    return View(
        "Title", ("Subtitle",), "A sentence.", {"points": data}, ("points", "Caption", columns), choice=choice, **other
    )


def data_of(html: str) -> dict[str, Any]:
    """The JSON a page would read out of a figure's HTML."""
    (text,) = re.findall(r'<script type="application/json" class="qi-data">(.*?)</script>', html, re.DOTALL)
    sent = json.loads(text)
    if "deflated" in sent:
        sent = json.loads(zlib.decompress(base64.b64decode(sent["deflated"])))
    return sent


class Elements(HTMLParser):
    """The elements of a page and the text outside scripts, as a browser would take them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_keeps_the_contract(falls: Any) -> None:
    fig = qi.chart(falls)
    html = fig._repr_html_()
    head = f'<figure class="qi-figure" id="{fig.id}" data-qi-kind="chart" data-qi-panels="1">'
    order = [
        head,
        'class="qi-sentence"',
        'class="qi-pickers"',
        'class="qi-chart"',
        'class="qi-numbers"',
        'class="qi-data"',
    ]
    places = [html.index(part) for part in order]
    assert places == sorted(places)
    assert html.endswith(f"{figure.START}</figure>")
    assert labels.FALLBACK in Elements(html).text


def test_display_carries_sentence_and_metadata(falls: Any) -> None:
    fig = qi.multiples(falls)
    content, metadata = fig._repr_mimebundle_()
    assert content["text/plain"] == fig.sentence == fig.spec["description"]
    assert metadata == {"qitools": {"figure": fig.id, "kind": "multiples", "panels": 28}}


@pytest.mark.parametrize("make", [qi.chart, qi.multiples, qi.pooled, qi.reporting])
def test_the_page_has_what_python_has(falls: Any, make: Any) -> None:
    """What the page draws first is, cell for cell, what ``.spec`` holds."""
    fig = make(falls)
    sent = data_of(fig._repr_html_())
    first = sent["views"][0]
    for name, columns in first["data"].items():
        rows = max((len(column) for column in columns.values()), default=0)
        unpacked = [
            {key: column[0] if len(column) == 1 else column[i] for key, column in columns.items()} for i in range(rows)
        ]
        assert unpacked == fig.spec["datasets"][name]
    assert first["set"]["title"] == fig.spec["title"]
    assert first["set"]["description"] == fig.sentence
    assert all(one["value"] == first["params"].get(one["name"], one["value"]) for one in fig.spec["params"])


@pytest.mark.parametrize("make", [qi.chart, qi.multiples, qi.pooled, qi.reporting])
def test_filled_specs_are_valid(falls: Any, make: Any) -> None:
    fig = make(falls)
    assert fig.altair().to_dict(validate=True)["description"] == fig.sentence
    assert len(fig.table) <= 200


@pytest.mark.parametrize("make", [qi.chart, qi.multiples, qi.pooled, qi.reporting, qi.tiles])
def test_hostile_text_stays_text(hostile: Any, make: Any) -> None:
    html = make(hostile)._repr_html_()
    found = Elements(html)
    assert not {"img", "b"} & set(found.tags)
    assert found.tags.count("script") == (0 if make is qi.tiles else 2)
    assert "\u2028" not in "".join(re.findall(r"<script.*?</script>", html, re.DOTALL))


def test_hostile_names_reach_the_reader_whole(hostile: Any) -> None:
    fig = qi.chart(hostile)
    names = {view["choice"][1] for view in data_of(fig._repr_html_())["views"]}
    assert set(hostile.teams["name"].head(10)) <= names
    assert all(name in Elements(fig._repr_html_()).text for name in hostile.teams["name"].head(10))


def test_no_text_of_the_data_becomes_an_expression(hostile: Any) -> None:
    """Words from data appear in data sets, parameters' values, title and description, never in the template."""
    for make in (qi.chart, qi.multiples, qi.pooled, qi.reporting):
        template = data_of(make(hostile)._repr_html_())["template"]
        drawn = json.dumps({key: part for key, part in template.items() if key != "params"}, ensure_ascii=False)
        # "datum.value" is a name in the data and also how our own expressions speak of a value.
        assert not any(name in drawn for name in hostile.teams["name"] if name != "datum.value")


def test_long_data_are_deflated_and_come_back_the_same() -> None:
    short, long = {"a": "</script>"}, {"a": "</script>" * 5_000}
    assert "<" not in sealed(short)
    assert json.loads(sealed(short)) == short
    packed = json.loads(sealed(long))["deflated"]
    assert json.loads(zlib.decompress(base64.b64decode(packed))) == long


def test_columns_keep_every_cell() -> None:
    packed = pack({"same": ["a", "a"], "gap": [1.0, float("nan")], "none": [None, None]})
    assert packed == {"same": ["a"], "gap": [1, None], "none": [None]}


def test_a_table_shows_the_latest_two_hundred_and_says_so() -> None:
    fig = build("chart", {}, [view(rows=227)])
    assert len(fig.table) == 200
    assert list(fig.table["Period"])[-1] == "226"
    assert "The latest 200 of 227" in fig._repr_html_()


def test_heads_that_repeat_are_told_apart() -> None:
    assert list(build("chart", {}, [view()]).table.columns) == ["Period", "Value", "Value (2)"]


def test_a_picker_with_one_choice_is_left_out() -> None:
    fig = build("chart", {}, [view(choice=("A", "x")), view(choice=("A", "y"))], ("Measure", "Team"))
    assert fig.pickers == ("Team",)
    assert [one.choice for one in fig.options] == [("x",), ("y",)]
    assert "<select" not in build("chart", {}, [view()], ("Measure", "Team"))._repr_html_()


def test_sheet_and_bundle_come_with_the_first_figure_and_with_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = iter([("cell-1", "a"), ("cell-1", "a"), ("cell-2", "b"), ("cell-1", "c"), ("", "d"), ("", "e")])
    monkeypatch.setattr(figure, "_running", lambda: next(runs))
    monkeypatch.setattr(figure, "_brought", {})
    brought = ['class="qi-bundle"' in figure._shared() for _ in range(6)]
    assert brought == [True, False, False, True, False, False]


def test_a_second_run_gives_the_same_bytes(root: Any) -> None:
    code = (
        "import qitools as qi, hashlib; a = qi.analyse(qi.load('falls')); "
        "makers = (qi.tiles, qi.chart, qi.multiples, qi.pooled, qi.reporting); "
        "html = ''.join(make(a)._repr_html_() for make in makers); "
        "print(hashlib.sha256(html.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_twenty_eight_wards_by_four_measures_stay_small(falls: Any) -> None:
    fig = qi.chart(falls)
    assert len(json.dumps(figure.payload(fig), separators=(",", ":"))) < 800_000
    assert len(fig._repr_html_()) < 250_000


# ---- the bundle ------------------------------------------------------------------------------------------------------


@pytest.fixture
def made(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty cache, and a bundle that counts how often it is made."""
    times: list[str] = []

    def bundled(snippet: str, vl_version: str) -> str:
        times.append(vl_version)
        return f'const a="</script><!--";{snippet}'

    monkeypatch.setattr("vl_convert.javascript_bundle", bundled)
    monkeypatch.setenv("QITOOLS_CACHE", str(tmp_path / "cache"))
    bundle.script.cache_clear()
    yield times
    bundle.script.cache_clear()


def test_the_bundle_is_made_once_and_then_read(made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = bundle.script()
    bundle.script.cache_clear()
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert bundle.script() == first
    assert made == [bundle.VEGA_LITE]
    assert not list(cache.folder().glob("*.partial"))


def test_the_bundle_can_stand_in_a_script_element_and_leaves_one_global(made: list[str]) -> None:
    text = bundle.script()
    assert "</script" not in text and "<!--" not in text
    assert "const embed=vegaEmbed;" in text
    assert set(re.findall(r"window\.(\w+)\s*=[^=]", text)) == {"qitools"}
    assert text.index("BSD 3-Clause") < text.index("ISC licence") < text.index("(function")


def test_a_cache_that_cannot_be_written_costs_only_time(made: list[str], tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("QITOOLS_CACHE", str(tmp_path / "file" / "below"))
    assert "const embed=" in bundle.script()


def test_a_bundle_of_another_form_is_refused(made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda snippet, vl_version: "nothing")
    with pytest.raises(RunError, match="could not be bundled"):
        bundle.script()


def test_the_table_is_words(falls: Any) -> None:
    table = qi.chart(falls, team="almara", measure="falls_rate").table
    assert list(table.columns) == ["Period", "Falls", "Occupied bed days", "Value", "Median", "Note"]
    assert all(isinstance(cell, str) for cell in table.to_numpy().ravel())
    assert isinstance(table, pd.DataFrame)

"""Colours: one home, enough contrast, and never alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qitools.views import ink, theme

PACKAGE = Path(theme.__file__).parents[1]
HEX = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["data", "limit", "target", "favourable", "unfavourable", "neutral", "focus"])
@pytest.mark.parametrize("ground", ["paper", "band"])
def test_what_is_drawn_stands_out_three_to_one(name: str, ground: str) -> None:
    assert contrast(theme.COLOURS[name], theme.COLOURS[ground]) >= 3


@pytest.mark.parametrize("name", ["ink", "muted", "target", "concern", "link"])
@pytest.mark.parametrize("ground", ["paper", "note"])
def test_words_stand_out_four_and_a_half_to_one(name: str, ground: str) -> None:
    assert contrast(theme.COLOURS[name], theme.COLOURS[ground]) >= 4.5


def test_every_kind_of_point_differs_in_more_than_colour() -> None:
    forms = [(shape, filling == "paper") for shape, filling, _ in ink.MARKS.values()]
    assert len(set(forms)) == len(forms)
    assert {shape for shape, *_ in ink.MARKS.values()} == {
        "circle",
        "triangle-up",
        "triangle-down",
        "square",
        "diamond",
    }


def test_colours_have_one_home() -> None:
    sources = [
        path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".css", ".js", ".j2") and path.name != "theme.py"
    ]
    assert not {
        path.name: HEX.findall(text) for path in sources if HEX.search(text := path.read_text(encoding="utf-8"))
    }


def test_every_property_that_is_used_is_defined() -> None:
    sources = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*") if path.suffix in (".css", ".j2", ".js")]
    used = {name for text in sources for name in re.findall(r"var\(--qi-([\w-]+)", text)}
    assert used <= set(theme.COLOURS)
    assert all(f"--qi-{name}:" in theme.css() for name in used)


def test_labels_can_be_read_from_the_back_of_a_room() -> None:
    config = theme.config()
    assert config["title"]["fontSize"] >= 16
    assert (
        min(config["axis"]["labelFontSize"], config["legend"]["labelFontSize"], config["header"]["labelFontSize"]) >= 12
    )

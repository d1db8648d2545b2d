"""The one home of every colour, and of how a picture is dressed: data in grey, colour kept for signals.

Signal colours are the blue, vermilion and purple of Okabe & Ito's palette (Color Universal Design, 2008), darkened
where they would fall below a contrast of 3:1 on white. Colour never stands alone: each kind of point has its own
shape and filling, so that a page printed in grey, or seen by a colour-blind reader, says the same.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

COLOURS = {
    "paper": "#ffffff",
    "ink": "#1f2933",
    "muted": "#52606d",  # second lines, axis labels: 6.5:1 on paper
    "data": "#6b7785",  # the line and the points without a signal
    "line": "#cbd2d9",  # rules and borders
    "grid": "#eef1f4",
    "note": "#f3f5f7",
    "band": "#e3eef6",  # between the limits
    "limit": "#55839f",
    "sent": "#9dbccd",  # a figure that came in, on the map of reporting
    "target": "#00704f",
    "favourable": "#0072b2",
    "unfavourable": "#c64600",
    "neutral": "#8f4a79",
    "concern": "#9c3700",  # words about a fault: 6.6:1 on paper
    "link": "#005a8c",
    "focus": "#c64600",
}
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'


@cache
def css() -> str:
    """The style sheet of the figures: the colours as custom properties, then the rules that use them.

    >>> "--qi-ink:#1f2933" in css()
    True
    """
    properties = ";".join(f"--qi-{name}:{colour}" for name, colour in COLOURS.items())
    rules = files("qitools.views").joinpath("static/figure.css").read_text(encoding="utf-8")
    return f":root{{{properties}}}\n{rules}"


def config() -> dict[str, Any]:
    """The Vega-Lite config of every picture: sizes a room can read, no frame, one family of type."""
    label = {"labelColor": COLOURS["muted"], "labelFontSize": 13, "titleColor": COLOURS["muted"], "titleFontSize": 13}
    return {
        "font": FONT,
        "background": COLOURS["paper"],
        "padding": {"left": 2, "top": 4, "right": 2, "bottom": 4},
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "offset": 14,
            "color": COLOURS["ink"],
            "fontSize": 20,
            "fontWeight": 600,
            "lineHeight": 25,
            "subtitleColor": COLOURS["muted"],
            "subtitleFontSize": 14,
            "subtitleLineHeight": 19,
            "subtitlePadding": 5,
        },
        "axis": {
            **label,
            "domainColor": COLOURS["line"],
            "tickColor": COLOURS["line"],
            "labelPadding": 6,
            "title": None,
        },
        "axisX": {"grid": False, "tickSize": 6},
        "axisY": {"gridColor": COLOURS["grid"], "ticks": False, "domain": False},
        "legend": {
            "labelColor": COLOURS["ink"],
            "labelFontSize": 13,
            "labelLimit": 400,
            "title": None,
            "symbolSize": 90,
            "columnPadding": 18,
            "layout": {"bottom": {"anchor": "start", "direction": "vertical", "margin": 4}},  # one below the other
        },
        "header": {"title": None, "labelFontSize": 13, "labelFontWeight": 600, "labelColor": COLOURS["ink"]},
    }

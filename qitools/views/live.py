"""A chart that stays: a small widget around Vega's view, embedded once; afterwards only its data change.

It draws with the script, the templates and the data sets of the pages, so that what is tried here looks as it will on
the page. The script is made at first use and kept (``bundle``); nothing is fetched. Where anywidget is not installed or
the script cannot be made, ``StillChart`` shows the sentence and the numbers, with words in the chart's place.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from qitools.views import bundle, theme
from qitools.views.explorer_pictures import Picture
from qitools.views.figure import SHARED, Spec, View, build, live_html, sent

OWN = ("datasets", "title", "description")


class LiveChart(anywidget.AnyWidget):
    """One figure whose views come from the kernel.

    Args:
        picture: what is drawn at first.
        clicked: called with ``{"date": "2025-03-01"}`` or ``{"panel": 3}`` when the chart is clicked.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    html = traitlets.Unicode().tag(sync=True)
    picture = traitlets.Dict().tag(sync=True)  # template, and what else all views share
    view = traitlets.Unicode().tag(sync=True)  # as JSON: one text, which nobody on its way takes apart and compares
    words = traitlets.Unicode().tag(sync=True)  # the view's sentence, notes and table, once they are complete
    chosen = traitlets.Unicode().tag(sync=True)  # the date of the point chosen
    clicked = traitlets.Dict().tag(sync=True)

    def __init__(self, picture: Picture, clicked: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(
            _esm=f"{bundle.script()}\n{bundle.static('widget.js')}",
            _css=f"{theme.css()}\n{bundle.static('explorer.css')}",
            html=live_html(build(picture.kind, picture.template, [picture.view])),
            picture=shared(picture.template),
            view=packed(picture.view),
            words=_words(picture.view),
        )
        self.template = picture.template
        self.observe(lambda change: clicked(change["new"]), "clicked")

    def show(self, picture: Picture) -> None:
        """Draw another view, at once; its words follow."""
        with self.hold_sync():
            if picture.template is not self.template:
                self.template, self.picture = picture.template, shared(picture.template)
            self.view = packed(picture.view)
        sys.stdout.flush()  # a kernel sends from another thread, which what is done next would keep waiting

    def tell(self, picture: Picture) -> None:
        """The sentence, the notes and the table of what is drawn."""
        self.words = _words(picture.view)


def shared(template: Spec) -> dict[str, Any]:
    """What the views of a template share."""
    return {"template": {key: part for key, part in template.items() if key not in OWN}, **SHARED}


def packed(view: View, *left: str) -> str:
    """A view as text, less the parts that are ``left`` out."""
    parts = {name: part for name, part in sent(view).items() if name not in left}
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _words(view: View) -> str:
    return packed(view, "data", "params")

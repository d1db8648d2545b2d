"""The lessons in a live notebook: draw the beads again, put the teams in order again, ask for any change.

A page holds no widgets: there the same pictures stand with choices computed before (``teaching_plots``).
"""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from qitools.analysis import teaching
from qitools.views import wording_teaching as words
from qitools.views.explorer_controls import live_chart, one_at_a_time
from qitools.views.explorer_pictures import Picture
from qitools.views.figure import View
from qitools.views.teaching_plots import DRAWN, plot, seen_view, still

LOOK = {"style": {"description_width": "initial"}, "layout": {"width": "min(100%, 30em)"}, "continuous_update": False}


class Bench(widgets.VBox):  # type: ignore[misc]
    """Controls over one picture, drawn anew in the kernel at each change.

    Args:
        lesson: beads, league, seen or rates.
        seed: of the first draw.
    """

    def __init__(self, lesson: str, seed: int) -> None:
        self.lesson, self.seed = lesson, seed
        self.controls = _controls(lesson, seed)
        picture = self.picture()
        self.chart = live_chart(picture, lambda at: None)
        super().__init__([widgets.HBox(list(self.controls.values()), layout={"flex_flow": "row wrap"}), self.chart])
        one_at_a_time(self.controls.values())
        for control in self.controls.values():
            control.observe(lambda change: self.draw(), "value")

    def picture(self) -> Picture:
        """What the controls ask for."""
        return Picture(
            f"teach-{self.lesson}", plot(), self.view(**{name: one.value for name, one in self.controls.items()})
        )

    def view(self, **asked: Any) -> View:
        """One view, computed now."""
        if self.lesson in DRAWN:
            view = DRAWN[self.lesson](asked["seed"])
            return view.reveal or view
        level, size = (asked["level"] / 100, asked["size"]) if self.lesson == "seen" else (asked["events"], 0)
        falls = dict.fromkeys((0.0, asked["fall"] / 100))
        return seen_view(level, size, {fall: teaching.seen(level, size, fall).tolist() for fall in falls})

    def draw(self) -> None:
        """Draw anew; its words with it."""
        picture = self.picture()
        self.chart.show(picture)
        self.chart.tell(picture)

    def __repr__(self) -> str:
        return f"Bench({self.lesson!r})"

    def _repr_mimebundle_(self, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widgets; where none can be shown, the picture as a page shows it."""
        data = dict(super()._repr_mimebundle_(**given) or {})
        kept, about = still(self.lesson, self.seed)._repr_mimebundle_()
        return data | kept, about


def _controls(lesson: str, seed: int) -> dict[str, Any]:
    if lesson in DRAWN:
        label = words.AGAIN
        return {"seed": widgets.IntSlider(value=seed, min=0, max=max(9_999, seed), description=label, **LOOK)}
    fall = widgets.IntSlider(value=20, min=5, max=80, step=5, description=words.SLIDERS["fall"], **LOOK)
    if lesson == "rates":
        events = widgets.IntSlider(value=10, min=1, max=500, description=words.SLIDERS["events"], **LOOK)
        return {"events": events, "fall": fall}
    return {
        "level": widgets.FloatSlider(value=20, min=1, max=90, step=1, description=words.SLIDERS["level"], **LOOK),
        "size": widgets.IntSlider(value=50, min=10, max=1_000, step=10, description=words.SLIDERS["size"], **LOOK),
        "fall": fall,
    }

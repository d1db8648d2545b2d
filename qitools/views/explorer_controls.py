"""The controls of the explorer as they lie before the analyst; what they do is ``explorer``'s to say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from qitools.errors import QitoolsError
from qitools.views import wording_explorer as words
from qitools.views.figure import build, html

if TYPE_CHECKING:
    from qitools.views.explorer_pictures import Picture
    from qitools.views.live import LiveChart

SETTINGS = ("chart", "rules", "baseline", "screen", "rebase", "target", "period")
PICKED = ("measure", "team", *SETTINGS, "date", "suggested", "compare")
TEXTS = ("target", "reason", "by", "why")
NOTES = ("auto", "point", "suggested", "tried", "differs", "diff", "history")
WIDE = {"description_width": "initial"}


class Controls:
    """Every control by its name: what is picked, texts to write, buttons to press, and places for words."""

    def __init__(self) -> None:
        self.pick: dict[str, Any] = {name: _text(name) if name in TEXTS else _dropdown(name) for name in PICKED}
        self.text: dict[str, Any] = {name: _text(name) for name in TEXTS if name not in PICKED}
        self.button = {name: widgets.Button(description=said) for name, said in words.BUTTONS.items()}
        self.note = {name: widgets.HTML() for name in NOTES}
        self.status = widgets.HTML()
        self.charts = widgets.Box().add_class("qi-side")
        self.turn = one_at_a_time([*self.pick.values(), *self.text.values(), *self.button.values()])
        self.quiet = False
        self.say("")

    def when_picked(self, names: Sequence[str], act: Callable[[str, Any], None]) -> None:
        """Have ``act`` called with the name and the value of what a person picks."""
        for name in names:
            self.pick[name].observe(lambda change, name=name: None if self.quiet else act(name, change["new"]), "value")

    def offer(self, name: str, options: Sequence[tuple[str, Any]], value: Any) -> None:
        """Set what a control offers and shows; where the value is not among them, the first."""
        control = self.pick[name]
        with self._quietly():
            if list(control.options) != list(options):
                control.options = options
            control.value = value if value in [one for _, one in options] else options[0][1]

    def show(self, name: str, text: str) -> None:
        """Set the text of a control."""
        with self._quietly():
            self.pick[name].value = text

    def say(self, text: str, alert: bool = False) -> None:
        """What became of the last step; ``alert`` where it was refused."""
        role, kind = ("alert", " qi-alert") if alert else ("status", "")
        lines = "<br>".join(escape(line) for line in text.splitlines())
        self.status.value = f'<div role="{role}" class="qi-status{kind}">{lines}</div>'

    def tell(self, name: str, text: str) -> None:
        """A line of words in one of the places for them."""
        self.note[name].value = f"<p>{escape(text)}</p>" if text else ""

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """What is set here is not taken for a choice."""
        before, self.quiet = self.quiet, True
        try:
            yield
        finally:
            self.quiet = before

    def layout(self) -> list[Any]:
        """All of it, from top to bottom."""
        pick, text, button, note = self.pick, self.text, self.button, self.note
        return [
            _group(
                "look",
                _row(pick["measure"], pick["team"]),
                _row(*(pick[name] for name in SETTINGS)),
                note["auto"],
                _row(button["undo"], button["redo"]),
            ),
            self.status,
            self.charts,
            _group("compare", _row(pick["compare"], button["keep"]), note["differs"]),
            _group(
                "decide",
                note["point"],
                _row(pick["date"], text["reason"]),
                _row(*(button[name] for name in ("annotation", "exclusion", "phase"))),
                note["suggested"],
                _row(pick["suggested"]),
            ),
            _group(
                "save",
                note["tried"],
                _row(text["by"], text["why"]),
                _row(*(button[name] for name in ("preview", "save", "take_back", "reopen"))),
                note["diff"],
            ),
            _group("history", note["history"]),
        ]


class StillChart(widgets.HTML):  # type: ignore[misc]
    """Sentence and numbers, with words in the chart's place: where no live chart can be."""

    def __init__(self, picture: Picture, why: str) -> None:
        super().__init__()
        self.why, self.chosen = f'<p class="qi-note">{escape(why)}</p>', ""
        self.tell(picture)

    def show(self, picture: Picture) -> None:
        """Nothing is drawn."""

    def tell(self, picture: Picture) -> None:
        """The sentence and the numbers."""
        self.value = self.why + html(build(picture.kind, picture.template, [picture.view]))


def live_chart(picture: Picture, clicked: Callable[[dict[str, Any]], None]) -> LiveChart | StillChart:
    """The chart that stays, or words where that cannot be."""
    try:
        from qitools.views.live import LiveChart

        return LiveChart(picture, clicked)
    except (ImportError, QitoolsError) as error:
        return StillChart(picture, words.NO_WIDGETS.format(why=error))


def one_at_a_time(parts: Iterable[Any], turn: Any = None) -> Any:
    """Have what a page tells these widgets taken up one after another; gives the turn, for widgets that come later.

    JupyterLab hands some of it to the kernel's main thread and some to a subshell, which is a thread too: undo, and a
    choice made right after it, would meet half-way, and one of them be lost.
    """
    turn = turn or threading.RLock()
    for part in parts:
        part.comm.on_msg(partial(_taken, turn, part._handle_msg))
    return turn


def _taken(turn: Any, take: Callable[[Any], None], message: Any) -> None:
    with turn:
        take(message)


def _group(name: str, *rows: Any) -> Any:
    return widgets.VBox([widgets.HTML(f"<h3>{words.HEADINGS[name]}</h3>"), *rows]).add_class("qi-group")


def _row(*parts: Any) -> Any:
    return widgets.Box(parts).add_class("qi-row")


def _dropdown(name: str) -> Any:
    return widgets.Dropdown(options=[("", "")], description=words.LABELS[name], style=WIDE)


def _text(name: str) -> Any:
    return widgets.Text(description=words.LABELS[name], style=WIDE, continuous_update=False)

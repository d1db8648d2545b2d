"""The analyst's explorer: choose what to look at, try settings, decide at a point, compare, and save with the reason.

``explorer_state`` holds what is tried, ``explorer_pictures`` what is seen of it, ``live`` the chart that stays and
``explorer_controls`` the controls; here they meet. Each change takes one way: a step on the desk, the chart at once,
then its words and the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from qitools.collaborative.history import history
from qitools.collaborative.loading import Collaborative
from qitools.collaborative.writing import ChangedMeanwhile
from qitools.errors import QitoolsError
from qitools.spc.rule_sets import RULE_SETS
from qitools.views import explorer_pictures as pictures
from qitools.views import wording
from qitools.views import wording_explorer as words
from qitools.views.charts import chart
from qitools.views.explorer_controls import SETTINGS, Controls, StillChart, live_chart, one_at_a_time
from qitools.views.explorer_pictures import Picture
from qitools.views.explorer_state import Desk, State
from qitools.views.figure import Figure, build
from qitools.views.numerals import known, records
from qitools.views.tables import Table

if TYPE_CHECKING:
    from qitools.views.live import LiveChart

BASELINES = range(6, 37)
CROWD = 60  # small charts from which drawing them is said to take its time


def explorer(collaborative: str | Path | Collaborative, out: str = "", as_of: str = "") -> Explorer | Figure:
    """Try settings on a collaborative, decide, and save the decision with its reason to its YAML.

    Args:
        collaborative: its name, the path of its YAML, or a ``Collaborative`` (to look at: it has no file to save to).
        out: the folder of a run of ``qitools run``; with it the chart as it stands, since a page holds no widgets.
        as_of: the last date to look at, as for ``qi.load``.

    Returns:
        The explorer, to be shown in JupyterLab, Notebook or Voila; with ``out`` a ``Figure``.

    Raises:
        ParameterError, DataError: as ``qi.load``.

    >>> explorer("example", out="outputs").kind
    'chart'
    """
    desk = Desk(collaborative, as_of)
    return chart(pictures.everything(desk)) if out else Explorer(desk)


class Explorer(widgets.VBox):  # type: ignore[misc]
    """The controls over a ``Desk``, and what they show."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.ui = desk, Controls()
        self.kept: State | None = None
        self.left: LiveChart | StillChart | None = None
        first = self._tried(pictures.complete)
        self.chart = self._charted(first)
        self.ui.charts.children = (self.chart,)
        super().__init__(self.ui.layout())
        self.add_class("qi-explorer")
        self._settle(first)
        self._listen()

    def __repr__(self) -> str:
        return f"Explorer({self.desk.opened!r})"

    def _repr_mimebundle_(self, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget; where none can be shown the chart as saved, and how to explore it."""
        data = dict(super()._repr_mimebundle_(**given) or {})
        picture = self._tried(pictures.complete)
        told = words.STATIC.format(name=self.desk.opened.parameters.collaborative)
        still, about = build(picture.kind, picture.template, [picture.view])._repr_mimebundle_()
        data["text/html"] = f'<p class="qi-note">{escape(told)}</p>{still["text/html"]}'
        data["text/plain"] = f"{still['text/plain']} {told}"
        return data, about

    def _listen(self) -> None:
        ui = self.ui
        ui.when_picked(("measure", "team"), self._look)
        ui.when_picked(SETTINGS, self._try)
        ui.when_picked(("suggested",), lambda _, day: setattr(ui.pick["date"], "value", day or ui.pick["date"].value))
        ui.when_picked(("compare",), lambda _, choice: self._compared())
        ui.pick["date"].observe(lambda change: self._mark(change["new"]), "value")
        acts: dict[str, Callable[[], None]] = {
            **{kind: partial(self._decide, kind) for kind in ("annotation", "exclusion", "phase")},
            "undo": lambda: self._move(-1, words.UNDONE),
            "redo": lambda: self._move(1, words.REDONE),
            "keep": self._keep,
            "preview": lambda: self._attempt(self._preview),
            "save": lambda: self._attempt(self._save),
            "take_back": lambda: self._attempt(self._take_back),
            "reopen": lambda: self._attempt(self._reopen),
        }
        for name, act in acts.items():
            ui.button[name].on_click(lambda _, act=act: act())

    # ---- what people do -----------------------------------------------------------------------------------------

    def _look(self, name: str, value: Any) -> None:
        where = {name: value}
        self.desk.go(replace(self.desk.now, **where))
        self._draw()

    def _try(self, name: str, value: Any) -> None:
        try:
            if name == "target":
                value = float(value) if value.strip() else None
        except ValueError:
            self.ui.say(words.NOT_A_NUMBER.format(found=value), alert=True)
            return
        self.desk.try_setting(name, value or None if name == "baseline" else value)
        self._draw()

    def _clicked(self, at: dict[str, Any]) -> None:
        """A click: on a small chart it chooses the team, on a chart its period."""
        period = self.ui.pick["date"]
        if "panel" in at and not self.desk.now.team:
            series = pictures.analysed(self.desk).series
            self._look("team", str(series["team"].iloc[int(at["panel"])]))
        elif at.get("date") in [one for _, one in period.options]:
            period.value = at["date"]

    def _mark(self, day: str) -> None:
        self.chart.chosen = day or ""

    def _decide(self, kind: str) -> None:
        ui, reason, day = self.ui, self.ui.text["reason"].value.strip(), self.ui.pick["date"].value
        lacking = {words.NEEDS_TEAM: self.desk.now.team, words.NEEDS_DATE: day, words.NEEDS_REASON: reason}
        if said := next((said for said, there in lacking.items() if not there), ""):
            ui.say(said, alert=True)
            return
        self.desk.go(self.desk.now.decided(kind, date.fromisoformat(day), reason))
        if self._draw():
            ui.text["reason"].value = ""
            ui.say(f"{words.tried(kind, '', self._when(day), reason)}. {words.NOT_SAVED}")

    def _move(self, steps: int, said: str) -> None:
        before = self.desk.place
        self.desk.move(steps)
        if self.desk.place != before and self._draw():
            self.ui.say(said)

    def _keep(self) -> None:
        self.kept = self.desk.now
        self._offer_to_compare("kept")
        self._compared()

    def _preview(self) -> None:
        self._diff(self.desk.preview(self.ui.text["by"].value, self.ui.text["why"].value) or words.UNCHANGED)

    def _save(self) -> None:
        count = self.desk.save(self.ui.text["by"].value, self.ui.text["why"].value)
        self.ui.text["why"].value = ""
        self._after(words.saved(count, self.desk.version().path.name))

    def _take_back(self) -> None:
        self._after(words.taken_back(self.desk.take_back(), self.desk.version().path.name))

    def _reopen(self) -> None:
        gone = self.desk.reopen()
        self._after(" ".join([*map(words.left, gone), words.REOPENED]))

    def _after(self, said: str) -> None:
        self.kept = None
        self._diff("")
        if self._draw():
            self.ui.say(said)

    def _attempt(self, act: Callable[[], None]) -> None:
        """Do what may be refused; what is refused is said, and nothing is lost."""
        try:
            self.ui.say("")
            act()
        except ChangedMeanwhile as error:
            self._diff(str(error))
            self.ui.say(f"{error.message.splitlines()[0]} {words.CHANGED}", alert=True)
        except QitoolsError as error:
            self.ui.say(str(error), alert=True)

    # ---- what they see ------------------------------------------------------------------------------------------

    def _tried(self, make: Callable[..., Picture], *more: Any) -> Picture:
        """A picture, or in its place why there is none."""
        try:
            return make(self.desk, *more)
        except QitoolsError as error:
            return pictures.refused(str(error))

    def _charted(self, picture: Picture) -> LiveChart | StillChart:
        chart = live_chart(picture, self._clicked)
        one_at_a_time([chart], self.ui.turn)
        return chart

    def _draw(self) -> bool:
        """The chart at once, then its words and all that goes with it; whether there was something to draw."""
        picture = self._tried(pictures.at_once)
        self.chart.show(picture)
        return self._settle(picture if picture.whole else self._tried(pictures.complete))

    def _settle(self, picture: Picture) -> bool:
        self.ui.say("")
        self.chart.tell(picture)
        self._settings()
        if picture.refused:
            self.ui.say(picture.view.sentence, alert=True)
            return False
        self._points()
        self._history()
        self._compared()
        if picture.view.panels > CROWD:
            self.ui.say(words.MANY.format(n=picture.view.panels))
        return True

    def _settings(self) -> None:
        ui, desk, parameters = self.ui, self.desk, self.desk.opened.parameters
        offered: dict[str, Any] = {
            "chart": pictures.chart_kinds(desk),
            "rules": list(RULE_SETS),
            "baseline": sorted({0, *BASELINES, desk.value("baseline") or 0}),
            "screen": [False, True],
            "rebase": list(words.REBASE),
            "period": list(words.PERIODS),
        }
        ui.offer("measure", [(one.name, one.id) for one in parameters.measures], desk.now.measure)
        teams = [(one.name, one.id) for one in parameters.teams]
        ui.offer("team", [(words.ALL_TEAMS, ""), *teams], desk.now.team)
        for name, values in offered.items():
            ui.offer(name, [(words.setting(name, one), one) for one in values], desk.value(name) or values[0])
        target = desk.value("target")
        ui.show("target", f"{target:g}" if known(target) else "")
        ui.pick["period"].disabled = not desk.now.team or desk.path is None
        ui.button["undo"].disabled, ui.button["redo"].disabled = desk.place == 0, desk.place == len(desk.states) - 1
        ui.button["take_back"].disabled = not desk.just_saved
        lines = [f"<li>{escape(self._draft(one))}</li>" for one in desk.now.decisions]
        ui.tell("tried", "" if lines else words.NOTHING_HERE)
        if lines:
            ui.note["tried"].value = f"<p>{words.TRIED}:</p><ul>{''.join(lines)}</ul>"

    def _draft(self, one: Any) -> str:
        whose = ", ".join(filter(None, (self._names().get(one.team), self._names().get(one.measure))))
        return words.tried(one.kind, words.setting(one.kind, one.value), self._when(one.date), one.reason, whose)

    def _names(self) -> dict[str, str]:
        parameters = self.desk.opened.parameters
        return {one.id: one.name for one in parameters.measures} | {one.id: one.name for one in parameters.teams}

    def _points(self) -> None:
        ui, desk = self.ui, self.desk
        ui.tell("auto", pictures.auto_reason(desk))
        ui.offer("date", [(words.NO_DATE, ""), *pictures.periods(desk).items()], ui.pick["date"].value)
        rows, kind = pictures.suggestions(desk), pictures.period_kind(desk)
        measure = records(pictures.analysed(desk).measures)[0]
        options = [(words.suggestion(row, measure, kind), f"{row['start']:%Y-%m-%d}") for row in rows]
        ui.offer("suggested", [(words.NO_SUGGESTION, ""), *options], "")
        ui.pick["suggested"].disabled = not rows
        ui.tell("point", words.POINT if desk.now.team else words.CLICK_TEAM)
        ui.tell("suggested", words.suggestions(len(rows)) if desk.now.team else "")

    def _history(self) -> None:
        rows = history(self.desk.opened, self.desk.now.measure, self.desk.now.team)
        self.ui.tell("history", words.NO_HISTORY)
        if len(rows):
            self.ui.note["history"].value = decisions_table(rows, self._names())._repr_html_()

    def _offer_to_compare(self, choice: str) -> None:
        options = [(words.NOTHING, ""), (words.SAVED, "saved"), *([(words.KEPT, "kept")] if self.kept else [])]
        self.ui.offer("compare", options, choice)

    def _compared(self) -> None:
        """The other settings beside those tried, and what differs in a sentence."""
        self._offer_to_compare(self.ui.pick["compare"].value)
        choice, now = self.ui.pick["compare"].value, self.desk.now
        if not choice:
            self.ui.tell("differs", "")
            if self.left is not None:  # out of sight: ipywidgets keeps the page's part of a closed one for good
                self.left.layout.display = "none"
            return
        other = replace(now, decisions=self.kept.decisions if choice == "kept" and self.kept else ())
        picture = self._tried(pictures.complete, other)
        if self.left is None:
            self.left = self._charted(picture)
            self.ui.charts.children = (self.left, self.chart)
        self.left.layout.display = None
        self.left.show(picture)
        self.left.tell(picture)
        self.ui.tell("differs", "" if picture.refused else pictures.difference(self.desk, other))

    def _diff(self, text: str) -> None:
        self.ui.note["diff"].value = f'<pre class="qi-diff" tabindex="0">{escape(text)}</pre>' if text else ""

    def _when(self, day: Any) -> str:
        return wording.period(day, pictures.period_kind(self.desk)) if day else ""


def decisions_table(rows: pd.DataFrame, names: dict[str, str]) -> Table:
    """Decisions as a table to read: who decided what, when and why."""
    cells = []
    for row in records(rows):
        where = ", ".join(filter(None, (names.get(row["team"]), names.get(row["measure"]))))
        decided = f"{row['decided']:%-d %b %Y}" if known(row["decided"]) else ""
        at = f", {row['date']:%-d %b %Y}" if known(row["date"]) else f": {row['value']}, before that {row['was']}"
        cells.append((decided, f"{words.KINDS[row['kind']]}{at}", where, row["reason"], row["by"]))
    return Table(words.HEADINGS["history"], pd.DataFrame(cells, columns=list(words.HISTORY_HEADS)))

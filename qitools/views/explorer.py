"""The analyst's explorer: choose what to look at, try settings, decide at a point, compare, and save with the reason.

``explorer_state`` holds what is tried, ``explorer_pictures`` what is seen of it, ``live`` the chart that stays; here
are the controls. Each change takes one way: a step on the desk, the chart at once, then the words and the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
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
from qitools.views.explorer_pictures import Picture
from qitools.views.explorer_state import Desk, State
from qitools.views.figure import Figure, build, html
from qitools.views.numerals import known, records
from qitools.views.tables import Table

if TYPE_CHECKING:
    from qitools.views.live import LiveChart

SETTINGS = ("chart", "rules", "baseline", "screen", "rebase", "target", "period")
BASELINES = range(6, 37)
CROWD = 60  # small charts from which drawing them is said to take its time
WIDE = {"description_width": "initial"}


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
    if out:
        return chart(pictures.analysed(desk), team="")
    return Explorer(desk)


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


class Explorer(widgets.VBox):  # type: ignore[misc]
    """The controls over a ``Desk``, and what they show."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.other, self.quiet = desk, None, False
        self.stale: State | None = None
        self._controls()
        first = self._tried(pictures.at_once)
        self.chart = live_chart(first, self._clicked)
        self.left: LiveChart | StillChart | None = None
        self.charts = widgets.Box([self.chart]).add_class("qi-side")
        super().__init__(self._layout())
        self.add_class("qi-explorer")
        self._settle(first)

    def __repr__(self) -> str:
        return f"Explorer({self.desk.opened!r})"

    def _repr_mimebundle_(self, **given: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget; where none can be shown the chart as saved, and how to explore it."""
        data = dict(super()._repr_mimebundle_(**given) or {})
        picture = self._tried(pictures.complete)
        figure = build(picture.kind, picture.template, [picture.view])
        told = words.STATIC.format(name=self.desk.opened.parameters.collaborative)
        still, about = figure._repr_mimebundle_()
        data["text/html"] = f'<p class="qi-note">{escape(told)}</p>{still["text/html"]}'
        data["text/plain"] = f"{still['text/plain']} {told}"
        return data, about

    # ---- controls -----------------------------------------------------------------------------------------------

    def _controls(self) -> None:
        parameters = self.desk.opened.parameters
        self.pick: dict[str, Any] = {
            name: widgets.Dropdown(options=[("", "")], description=words.LABELS[name], style=WIDE)
            for name in ("measure", "team", *SETTINGS, "date", "suggested", "compare")
            if name != "target"
        }
        self.pick["target"] = _text("target")
        self.text = {name: _text(name) for name in ("reason", "by", "why")}
        self.button = {name: widgets.Button(description=said) for name, said in words.BUTTONS.items()}
        self.note = {
            name: widgets.HTML() for name in ("auto", "point", "suggested", "tried", "differs", "diff", "history")
        }
        self.status = widgets.HTML('<div role="status" class="qi-status"></div>')
        self._options("measure", [(one.name, one.id) for one in parameters.measures])
        for name in ("measure", "team", *SETTINGS):
            self.pick[name].observe(lambda change, name=name: self._picked(name, change["new"]), "value")
        self.pick["date"].observe(lambda change: self._chosen(change["new"]), "value")
        self.pick["suggested"].observe(lambda change: self._suggested(change["new"]), "value")
        self.pick["compare"].observe(lambda change: self._compare_with(change["new"]), "value")
        for name, act in self._acts().items():
            self.button[name].on_click(lambda _, act=act: act())

    def _acts(self) -> dict[str, Callable[[], None]]:
        decide = {kind: lambda kind=kind: self._decide(kind) for kind in ("annotation", "exclusion", "phase")}
        return {
            **decide,
            "undo": lambda: self._move(-1, words.UNDONE),
            "redo": lambda: self._move(1, words.REDONE),
            "keep": self._keep,
            "preview": self._preview,
            "save": self._save,
            "take_back": self._take_back,
            "reopen": self._reopen,
        }

    def _layout(self) -> list[Any]:
        def group(name: str, *rows: Any) -> Any:
            return widgets.VBox([widgets.HTML(f"<h3>{words.HEADINGS[name]}</h3>"), *rows]).add_class("qi-group")

        def row(*parts: Any) -> Any:
            return widgets.Box(parts).add_class("qi-row")

        pick, text, button, note = self.pick, self.text, self.button, self.note
        return [
            group(
                "look",
                row(pick["measure"], pick["team"]),
                row(*(pick[name] for name in SETTINGS)),
                note["auto"],
                row(button["undo"], button["redo"]),
            ),
            self.status,
            self.charts,
            group("compare", row(pick["compare"], button["keep"]), note["differs"]),
            group(
                "decide",
                note["point"],
                row(pick["date"], text["reason"]),
                row(*(button[name] for name in ("annotation", "exclusion", "phase"))),
                note["suggested"],
                row(pick["suggested"]),
            ),
            group(
                "save",
                note["tried"],
                row(text["by"], text["why"]),
                row(*(button[name] for name in ("preview", "save", "take_back", "reopen"))),
                note["diff"],
            ),
            group("history", note["history"]),
        ]

    def _options(self, name: str, options: list[tuple[str, Any]], value: Any = None) -> None:
        """Set what a control offers and shows, without taking it for a choice."""
        self.quiet = True
        try:
            control = self.pick[name]
            if list(control.options) != options:
                control.options = options
            control.value = value if value in [one for _, one in options] else options[0][1]
        finally:
            self.quiet = False

    # ---- what people do -----------------------------------------------------------------------------------------

    def _picked(self, name: str, value: Any) -> None:
        if self.quiet:
            return
        if name in ("measure", "team"):
            now = self.desk.now
            self.desk.go(State(**{**now.__dict__, name: value}))
        elif name == "target":
            try:
                self.desk.try_setting(name, float(value) if value.strip() else None)
            except ValueError:
                self._say(words.NOT_A_NUMBER.format(found=value), alert=True)
                return
        else:
            self.desk.try_setting(name, value or None if name == "baseline" else value)
        self._draw()

    def _clicked(self, at: dict[str, Any]) -> None:
        """A click: on a small chart it chooses the team, on a chart its period."""
        if "panel" in at and not self.desk.now.team:
            series = pictures.analysed(self.desk).series
            self.pick["team"].value = str(series["team"].iloc[int(at["panel"])])
        elif at.get("date") in [one for _, one in self.pick["date"].options]:
            self.pick["date"].value = at["date"]

    def _chosen(self, day: str) -> None:
        self.chart.chosen = day or ""

    def _suggested(self, day: str) -> None:
        if not self.quiet and day:
            self.pick["date"].value = day

    def _decide(self, kind: str) -> None:
        reason, day = self.text["reason"].value.strip(), self.pick["date"].value
        lacking = "" if self.desk.now.team else words.NEEDS_TEAM
        lacking = lacking or ("" if day else words.NEEDS_DATE) or ("" if reason else words.NEEDS_REASON)
        if lacking:
            self._say(lacking, alert=True)
            return
        self.desk.go(self.desk.now.decided(kind, date.fromisoformat(day), reason))
        if self._draw():
            self.text["reason"].value = ""
            self._say(words.tried(kind, "", self._when(day), reason) + ". " + words.NOT_SAVED)

    def _move(self, steps: int, said: str) -> None:
        before = self.desk.place
        self.desk.move(steps)
        if self.desk.place != before:
            self._draw()
            self._say(said)

    def _keep(self) -> None:
        self.stale = self.desk.now
        self._compare_options("kept")
        self._compare_with("kept")

    def _preview(self) -> None:
        self._attempt(lambda: self._diff(self.desk.preview(self.text["by"].value, self.text["why"].value)))

    def _save(self) -> None:
        def act() -> None:
            count = self.desk.save(self.text["by"].value, self.text["why"].value)
            self.text["why"].value = ""
            self._after(words.saved(count, self.desk.version().path.name))

        self._attempt(act)

    def _take_back(self) -> None:
        def act() -> None:
            count = self.desk.take_back()
            self._after(words.taken_back(count, self.desk.version().path.name))

        self._attempt(act)

    def _reopen(self) -> None:
        def act() -> None:
            self.desk.reopen()
            self._after(words.REOPENED)

        self._attempt(act)

    def _after(self, said: str) -> None:
        self.stale = None
        self._diff("")
        self._draw()
        self._say(said)

    def _attempt(self, act: Callable[[], None]) -> None:
        """Do what may be refused; what is refused is said, and nothing is lost."""
        try:
            self._say("")
            act()
        except ChangedMeanwhile as error:
            self._diff(str(error))
            self._say(f"{error.message.splitlines()[0]} {words.CHANGED}", alert=True)
        except QitoolsError as error:
            self._say(str(error), alert=True)

    # ---- what they see ------------------------------------------------------------------------------------------

    def _tried(self, make: Callable[[Desk], Picture]) -> Picture:
        """A picture, or in its place why there is none."""
        try:
            return make(self.desk)
        except QitoolsError as error:
            return pictures.refused(str(error))

    def _draw(self) -> bool:
        """The chart at once, then its words and all that goes with it; whether there was something to draw."""
        picture = self._tried(pictures.at_once)
        self.chart.show(picture)
        return self._settle(picture)

    def _settle(self, picture: Picture) -> bool:
        self._say("")
        whole = self._tried(pictures.complete)
        self.chart.tell(whole)
        drawn = bool(picture.view.panels)
        for step in (self._settings, self._points, self._drafts, self._compared, self._history):
            try:
                step()
            except QitoolsError:
                drawn = False  # said in the chart's place
        if not drawn:
            self._say(whole.view.sentence, alert=True)
        elif picture.view.panels > CROWD:
            self._say(words.MANY.format(n=picture.view.panels))
        return drawn

    def _settings(self) -> None:
        desk, parameters = self.desk, self.desk.opened.parameters
        teams = [(words.ALL_TEAMS, ""), *((one.name, one.id) for one in parameters.teams)]
        self._options("measure", [(one.name, one.id) for one in parameters.measures], desk.now.measure)
        self._options("team", teams, desk.now.team)
        offered: dict[str, Any] = {
            "chart": pictures.chart_kinds(desk),
            "rules": list(RULE_SETS),
            "baseline": sorted({0, *BASELINES, desk.value("baseline") or 0}),
            "screen": [False, True],
            "rebase": list(words.REBASE),
            "period": list(words.PERIODS),
        }
        for name, values in offered.items():
            self._options(name, [(words.setting(name, one), one) for one in values], desk.value(name) or values[0])
        target = desk.value("target")
        self.quiet = True
        self.pick["target"].value = f"{target:g}" if known(target) else ""
        self.quiet = False
        self.pick["period"].disabled = not desk.now.team or desk.path is None
        self.button["undo"].disabled = desk.place == 0
        self.button["redo"].disabled = desk.place == len(desk.states) - 1
        self.button["take_back"].disabled = not desk.just_saved
        self.note["auto"].value = _line(pictures.auto_reason(desk))

    def _points(self) -> None:
        found = pictures.periods(self.desk)
        self._options("date", [(words.NO_DATE, ""), *found.items()], self.pick["date"].value)
        rows = pictures.suggestions(self.desk)
        measure = records(pictures.analysed(self.desk).measures)[0]
        kind = pictures.period_kind(self.desk)
        options = [(words.suggestion(row, measure, kind), f"{row['start']:%Y-%m-%d}") for row in rows]
        self._options("suggested", [(words.NO_SUGGESTION, ""), *options])
        self.pick["suggested"].disabled = not rows
        self.note["point"].value = _line(words.POINT if self.desk.now.team else words.CLICK_TEAM)
        self.note["suggested"].value = _line(words.suggestions(len(rows)) if self.desk.now.team else "")

    def _drafts(self) -> None:
        lines = [
            words.tried(one.kind, words.setting(one.kind, one.value), self._when(one.date), one.reason)
            for one in self.desk.now.decisions
        ]
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        self.note["tried"].value = f"<p>{words.TRIED}:</p><ul>{items}</ul>" if items else _line(words.NOTHING_HERE)

    def _history(self) -> None:
        now, known_ = self.desk.now, self.desk.opened.parameters
        rows = history(self.desk.opened, now.measure, now.team)
        names = {one.id: one.name for one in known_.measures} | {one.id: one.name for one in known_.teams}
        self.note["history"].value = (
            decisions_table(rows, names)._repr_html_() if len(rows) else _line(words.NO_HISTORY)
        )

    def _compare_options(self, value: str) -> None:
        options = [(words.NOTHING, ""), (words.SAVED, "saved")]
        options += [(words.KEPT, "kept")] if self.stale else []
        self._options("compare", options, value)

    def _compare_with(self, choice: str) -> None:
        if not self.quiet or choice == "kept":
            self._compare_options(choice)
            self._compared()

    def _other(self) -> State | None:
        """The state on the left: the settings in the YAML, or those kept, for what is looked at now."""
        now, choice = self.desk.now, self.pick["compare"].value
        if choice == "saved":
            return State(now.measure, now.team)
        return State(now.measure, now.team, self.stale.decisions) if choice == "kept" and self.stale else None

    def _compared(self) -> None:
        if self.pick["compare"].value == "" and self.left is None:
            self._compare_options("")
            return
        self._compare_options(self.pick["compare"].value)
        other = self._other()
        if other is None:
            self.charts.children = (self.chart,)
            self.note["differs"].value = ""
            if self.left is not None:
                self.left.close()
                self.left = None
            return
        picture = self._tried(lambda desk: pictures.complete(desk, other))
        if self.left is None:
            self.left = live_chart(picture, lambda at: self._clicked(at))
            self.charts.children = (self.left, self.chart)
        else:
            self.left.show(picture)
            self.left.tell(picture)
        self.note["differs"].value = _line(pictures.difference(self.desk, other))

    def _diff(self, text: str) -> None:
        self.note["diff"].value = f'<pre class="qi-diff" tabindex="0">{escape(text)}</pre>' if text else ""

    def _when(self, day: Any) -> str:
        return wording.period(day, pictures.period_kind(self.desk)) if day else ""

    def _say(self, text: str, alert: bool = False) -> None:
        role, kind = ("alert", " qi-alert") if alert else ("status", "")
        lines = "<br>".join(escape(line) for line in text.splitlines())
        self.status.value = f'<div role="{role}" class="qi-status{kind}">{lines}</div>'


def decisions_table(rows: pd.DataFrame, names: dict[str, str]) -> Table:
    """Decisions as a table to read: who decided what, when and why."""
    cells = []
    for row in rows.to_dict("records"):
        where = ", ".join(filter(None, (names.get(row["team"], ""), names.get(row["measure"], ""))))
        decided = f"{row['decided']:%-d %b %Y}" if known(row["decided"]) else ""
        at = f", {row['date']:%-d %b %Y}" if known(row["date"]) else f": {row['value']}, before that {row['was']}"
        cells.append((decided, f"{words.KINDS[row['kind']]}{at}", where, row["reason"], row["by"]))
    heads = words.HISTORY_HEADS
    return Table(words.HEADINGS["history"], pd.DataFrame(cells, columns=list(heads)))


def _text(name: str) -> Any:
    return widgets.Text(description=words.LABELS[name], style=WIDE, continuous_update=False)


def _line(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""

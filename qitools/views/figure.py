"""A figure: a picture, the sentence that says what it shows, and the table behind it, always together.

A picture is a Vega-Lite template, written once per kind, and one or more views: the data sets, words and settings that
fill it. Python computes every view; the page only picks one. In HTML the template is sent once and the views as
columns, which keeps a collaborative's whole page small.
"""

from __future__ import annotations

import base64
import itertools
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from qitools.views import bundle, labels, theme
from qitools.views.kept import alt
from qitools.views.tables import MAX_ROWS, table_html, titled

Spec = dict[str, Any]
Data = Mapping[str, Sequence[Any]]  # columns of equal length by name; None where there is nothing
LONG = 20_000  # characters of JSON that are sent as they are
START = "<script>window.qitools && window.qitools.scan();</script>"  # the same for all: a page admits it by one hash
# what every picture needs beside its template and views
SHARED: dict[str, Any] = {"said": {"broken": labels.BROKEN, "absent": labels.ABSENT}, "rows": MAX_ROWS}


@dataclass(frozen=True)
class Column:
    """One column of a figure's table: the field of the data set, the words of its head, whether it holds numbers."""

    field: str
    head: str
    number: bool = False


@dataclass(frozen=True)
class View:
    """What one choice in the pickers shows.

    Args:
        title, subtitle: words in the picture; the subtitle as lines.
        sentence: the finding, also the alternative text.
        data: the data sets the template names.
        table: ``(data set, caption, columns)`` of the table.
        params: values of the template's parameters.
        notes: the key to the numbered marks.
        panels: how many charts are drawn.
        choice: the words chosen, one per picker.
        reveal: what takes this view's place when the reader asks for the rest; None where nothing is held back.
    """

    title: str
    subtitle: tuple[str, ...]
    sentence: str
    data: Mapping[str, Data]
    table: tuple[str, str, tuple[Column, ...]]
    params: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    panels: int = 1
    choice: tuple[str, ...] = ()
    reveal: View | None = None


@dataclass(frozen=True)
class Figure:
    """A picture with its sentence and its table, for JupyterLab, Voila and a page.

    Args:
        id: unique in a notebook, the same on every run.
        kind: which picture: chart, multiples, pooled, reporting, …
        spec: the filled Vega-Lite specification.
        sentence: the finding, in words; also the alternative text.
        table: at most 200 rows of words.
        panels: how many charts are drawn.
        options: every view the pickers can show, the first of which is drawn.
        pickers: the label of each picker.
    """

    id: str
    kind: str
    spec: Spec
    sentence: str
    table: pd.DataFrame
    panels: int
    options: tuple[View, ...] = ()
    pickers: tuple[str, ...] = ()

    def altair(self) -> Any:
        """The picture as an Altair chart, to restyle or to save as PNG, SVG or PDF."""
        config = self.spec.get("config", {})
        legend = {name: part for name, part in config.get("legend", {}).items() if name != "layout"}
        # How legends stand to each other is right in Vega-Lite, and unknown to the schema that Altair checks against.
        return alt.Chart.from_dict({**self.spec, "config": {**config, "legend": legend}})

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        return html(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, str], dict[str, Any]]:
        about = {"figure": self.id, "kind": self.kind, "panels": self.panels}
        return {"text/plain": self.sentence, "text/html": _shared() + html(self)}, {"qitools": about}


def build(kind: str, template: Spec, views: Sequence[View], pickers: Sequence[str] = ()) -> Figure:
    """A figure of a template and its views.

    Args:
        kind: which picture.
        template: Vega-Lite with named data sets and parameters, empty.
        views: at least one; the first is drawn.
        pickers: the label of each picker, in the order of ``View.choice``; one with a single choice is left out.
    """
    first = views[0]
    open_ = [i for i in range(len(pickers)) if len({view.choice[i] for view in views}) > 1]
    kept = tuple(_chosen(view, open_) for view in views)
    identity = f"qi-{kind}-{next(_numbers)}"
    spec, table = filled(template, first), _frame(first)
    return Figure(identity, kind, spec, first.sentence, table, first.panels, kept, tuple(pickers[i] for i in open_))


def nothing(choice: Sequence[str]) -> View:
    """The view of what nobody has sent: no picture, and words that say so."""
    table = ("points", labels.ABSENT, (Column("period", labels.COLUMNS["period"]),))
    return View("", (), labels.ABSENT, {"points": {"period": []}}, table, panels=0, choice=tuple(choice))


_numbers: Iterator[int] = itertools.count(1)


def _chosen(view: View, open_: Sequence[int]) -> View:
    return View(**{**view.__dict__, "choice": tuple(view.choice[i] for i in open_)})


def filled(template: Spec, view: View) -> Spec:
    """The template with one view in it: a complete specification."""
    datasets = {name: _records(data) for name, data in view.data.items()}
    return {**template, **_settings(template, view), "datasets": datasets}


def _settings(template: Spec, view: View) -> Spec:
    """The parts of a specification that a view sets, besides its data."""
    params = [{**one, "value": view.params.get(one["name"], one.get("value"))} for one in template.get("params", [])]
    return {
        "title": {"text": view.title, "subtitle": list(view.subtitle)},
        "description": view.sentence,
        **({"params": params} if params else {}),
    }


def _records(data: Data) -> list[dict[str, Any]]:
    names = list(data)
    columns = [_shortened(data[name]) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _shortened(column: Sequence[Any]) -> list[Any]:
    return [short(cell) if isinstance(cell, float) else cell for cell in column]


def short(cell: Any) -> Any:
    """A number in six significant figures, NaN as None, anything else as it is.

    >>> short(1 / 3), short(float("nan")), short(4.0), short("Jan")
    (0.333333, None, 4, 'Jan')
    """
    if not isinstance(cell, float):
        return cell
    if not math.isfinite(cell):
        return None
    rounded = float(f"{cell:.6g}")
    return int(rounded) if rounded.is_integer() else rounded


def _frame(view: View) -> pd.DataFrame:
    """The table of a view as words under their heads, the latest rows where there are more than can be read."""
    name, _, columns = view.table
    heads = _heads(columns)
    data = view.data[name]
    return pd.DataFrame(
        {head: list(data[column.field])[-MAX_ROWS:] for head, column in zip(heads, columns, strict=True)}
    )


def _heads(columns: Sequence[Column]) -> list[str]:
    """The heads, told apart where two are the same."""
    seen: Counter[str] = Counter()
    heads = []
    for column in columns:
        seen[column.head] += 1
        heads.append(column.head if seen[column.head] == 1 else f"{column.head} ({seen[column.head]})")
    return heads


def _caption(view: View) -> str:
    name, caption, columns = view.table
    total = len(view.data[name][columns[0].field])
    said = caption if total <= MAX_ROWS else f"{caption}. {labels.EARLIER.format(shown=MAX_ROWS, total=total)}"
    words = " ".join((*view.subtitle, view.sentence))  # what is simulated is told in one of them
    return titled(said, labels.SIMULATED.strip().casefold() in words.casefold())


# ---- HTML -----------------------------------------------------------------------------------------------------------


def html(figure: Figure) -> str:
    """The figure's own HTML: sentence, pickers, the place of the chart, table, data; without bundle and sheet."""
    data = f'<script type="application/json" class="qi-data">{sealed(payload(figure))}</script>{START}'
    return shell(figure, _notes(figure) if any(view.notes for view in figure.options) else "", data)


def shell(figure: Figure, notes: str, data: str) -> str:
    """The figure without its data: sentence, pickers, the place of the chart, notes and table."""
    first = figure.options[0]
    numbers = [head for head, column in zip(figure.table.columns, first.table[2], strict=True) if column.number]
    held, unseen = ' data-qi-vote="held"' * bool(first.reveal), " hidden" * bool(first.reveal or figure.table.empty)
    about = f'data-qi-kind="{figure.kind}" data-qi-panels="{figure.panels}"{held}'
    return (
        f'<figure class="qi-figure" id="{figure.id}" {about}>'
        f'<figcaption class="qi-sentence" aria-live="polite">{escape(figure.sentence)}</figcaption>'
        f"{_pickers(figure)}"
        f"{_ballot(figure)}"
        f'<div class="qi-chart"><p class="qi-fallback">{escape(labels.FALLBACK)}</p></div>'
        f"{notes}"
        f'<details class="qi-numbers"{unseen}><summary>{labels.NUMBERS}</summary>'
        f'<div class="qi-scroll" role="region" tabindex="0" aria-label="{escape(labels.NUMBERS)}">'
        f"{table_html(figure.table, _caption(first), numbers)}</div></details>{data}</figure>"
    )


def live_html(figure: Figure) -> str:
    """The figure without its data, for whoever hands it one view after another."""
    return shell(figure, _notes(figure), "")


def _pickers(figure: Figure) -> str:
    """One labelled select per picker; hidden until the script that serves them runs."""
    if not figure.pickers:
        return ""
    return f'<div class="qi-pickers" hidden>{"".join(_picker(figure, i) for i in range(len(figure.pickers)))}</div>'


def _picker(figure: Figure, position: int) -> str:
    choices = dict.fromkeys(view.choice[position] for view in figure.options)
    options = "".join(f"<option>{escape(choice)}</option>" for choice in choices)
    return f'<label>{escape(figure.pickers[position])} <select autocomplete="off">{options}</select></label>'


def _ballot(figure: Figure) -> str:
    """The button that shows what is held back; hidden until the script that serves it runs."""
    if not any(view.reveal for view in figure.options):
        return ""
    words = {name: escape(said, quote=True) for name, said in labels.VOTE.items()}
    button = f'<button type="button" aria-keyshortcuts="R" data-qi-other="{words["hide"]}">{words["show"]}</button>'
    return f'<p class="qi-ballot" hidden>{button} {words["key"]}</p>'


def _notes(figure: Figure) -> str:
    items = "".join(f"<li>{escape(note)}</li>" for note in figure.options[0].notes)
    return f'<ol class="qi-notes" aria-label="{escape(labels.NOTES)}">{items}</ol>'


def payload(figure: Figure) -> dict[str, Any]:
    """What the page needs to draw any view: the template, and each view's words, settings and columns."""
    own = ("datasets", "title", "description")
    template = {key: part for key, part in figure.spec.items() if key not in own}
    return {"template": template, "views": [sent(view) for view in figure.options], **SHARED}


def sent(view: View) -> dict[str, Any]:
    """A view as the page needs it: its words, settings and columns."""
    name, _, columns = view.table
    heads = [[one.field, head, int(one.number)] for one, head in zip(columns, _heads(columns), strict=True)]
    return {
        "set": _settings({}, view),
        "params": view.params,
        "data": {key: pack(data) for key, data in view.data.items()},
        "table": [name, _caption(view), heads],
        "notes": view.notes,
        "panels": view.panels,
        "choice": view.choice,
        **({"reveal": sent(view.reveal)} if view.reveal else {}),
    }


def pack(data: Data) -> dict[str, list[Any]]:
    """Columns made small: short numbers, and a column that never changes as one cell.

    >>> pack({"value": [1.0, 2.5], "unit": ["%", "%"]})
    {'value': [1, 2.5], 'unit': ['%']}
    """
    columns = {name: _shortened(column) for name, column in data.items()}
    return {name: cells[:1] if len(set(cells)) == 1 else cells for name, cells in columns.items()}


def sealed(content: Any) -> str:
    """JSON that cannot end its own script element, whatever words it holds; where it is long, deflated.

    A national page of some hundred charts would otherwise weigh twice as much.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if len(text) > LONG:
        return json.dumps({"deflated": base64.b64encode(zlib.compress(text.encode(), 9)).decode()})
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


# ---- what the figures of a kernel share -----------------------------------------------------------------------------

_brought: dict[str, str] = {}


def anew() -> None:
    """From here on, as in a kernel that has shown no figure yet."""
    global _numbers
    _numbers = itertools.count(1)
    _brought.clear()


def _shared() -> str:
    """Sheet and bundle: with the first figure of a kernel, and again whenever that figure's cell is run again."""
    cell, run = _running()
    if _brought and not (cell and cell == _brought["cell"] and run != _brought["run"]):
        return ""
    _brought.update(cell=cell, run=run)
    return f'<style class="qi-sheet">{theme.css()}</style><script class="qi-bundle">{bundle.script()}</script>'


def _running() -> tuple[str, str]:
    """The id of the cell being run, where the front end tells it, and of this run of it."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    parent = shell.get_parent() if shell is not None and hasattr(shell, "get_parent") else {}
    return str(parent.get("metadata", {}).get("cellId", "")), str(parent.get("header", {}).get("msg_id", ""))

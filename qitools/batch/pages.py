"""An executed notebook becomes one page that needs nothing else: no network, no kernel, no code to read.

A page is the notebook's words and outputs in a frame: one ``h1``, a bar of sections made from the ``h2`` headings, and
a footer. What the figures share (the bundle that draws and the sheet that styles) is lifted out and put in once. The
page's Content-Security-Policy forbids the network, ``eval`` and every script but two, admitted by their hash: the
bundle and the page's own. Pages name no colour: they use the custom properties of the sheet handed to them.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import nbconvert
from nbformat import NotebookNode
from traitlets.config import Config

from qitools.batch import shared

TEMPLATES = Path(__file__).parent / "templates"
SHEET = re.compile(r'<style class="qi-sheet">(.*?)</style>', re.DOTALL)
BUNDLE = re.compile(r'<script class="qi-bundle">(.*?)</script>', re.DOTALL)
CALL = re.compile(r"<script>.*?</script>", re.DOTALL)
HEADING = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
SET_ASIDE = re.compile(r"<!--qi-output-(\d+)-->")
# Papermill marks the cells it adds to a failed notebook; the page says the same in plain words instead.
PAPERMILL_MARK = "papermill-error-cell-tag"
LABELS = {"facilitator_notes": "Facilitator notes (facilitator only)"}
SHOWN = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]
PRIVATE = 'class="qi-private"'  # a page that says so is not for the room: it has no presenter mode
ROOM = 'class="qi-room"'  # the form in which the room writes down what is agreed
WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Entry:
    """One report of a run, as the index tells it.

    Args:
        collaborative: its name (the YAML's), which gathers the reports of one row.
        notebook: name of the notebook, ``learning_session`` for the row's main link.
        team: the team's id, "" for a report about all teams.
        page: path of the page, relative to the index; "" where there is none.
        saved: path of the executed notebook, relative to the index; "" where there is none.
        previous: path of the last good page, kept where this run failed; "" where there is none.
        reason: why it was not run, in plain words, "" when all went well; lines that begin with ``- `` are a list.
        advice: what to do about it.
        summary: the job's ``summary.json`` (title, simulated, aim, progress, reporting); what is known where it failed.
        label: words of the link; default the team, or the notebook's name.
    """

    collaborative: str
    notebook: str
    team: str = ""
    page: str = ""
    saved: str = ""
    previous: str = ""
    reason: str = ""
    advice: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""

    @property
    def words(self) -> str:
        return self.label or self.team or LABELS.get(self.notebook) or self.notebook.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Row:
    """A collaborative's row of the index: what its reports say together."""

    collaborative: str
    entries: tuple[Entry, ...]

    @property
    def summary(self) -> Mapping[str, Any]:
        """The summary of the report about all teams, else of the first that has one."""
        ordered = sorted(
            self.entries, key=lambda entry: (bool(entry.reason), bool(entry.team), entry.notebook in LABELS)
        )
        return next((entry.summary for entry in ordered if entry.summary), {})

    def told(self, key: str) -> str:
        """What the summary says under a key, "" where it says nothing."""
        return str(self.summary.get(key) or "")

    @property
    def title(self) -> str:
        return self.told("title") or self.collaborative

    @property
    def apart(self) -> bool:
        """Whether it is about no one collaborative; its folder then begins with a letter no name may begin with."""
        return self.collaborative.startswith("_")

    @property
    def whole(self) -> list[Entry]:
        """The reports about all teams, those for the facilitator alone last."""
        found = [entry for entry in self.entries if not entry.team and not entry.reason]
        return sorted(found, key=lambda entry: entry.notebook in LABELS)

    @property
    def page(self) -> str:
        """The page that the row's name opens: never one for the facilitator alone; "" where there is none."""
        return next((entry.page for entry in self.whole if entry.notebook not in LABELS), "")

    @property
    def teams(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.team and not entry.reason]

    @property
    def failed(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.reason]


def export(
    notebook: NotebookNode,
    *,
    title: str,
    sheet: str,
    stamp: datetime,
    simulated: bool = False,
    files: Sequence[str] = (),
    home: str = "",
    reason: str = "",
    advice: str = "",
) -> str:
    """A whole HTML page made of an executed notebook.

    Args:
        notebook: executed, with outputs; is not changed.
        title: words of the window's title, and of the ``h1`` where the notebook brings none.
        sheet: CSS that defines the ``--qi-…`` custom properties and styles the figures.
        stamp: when the page was made; the only thing that differs between two runs of the same inputs.
        simulated: put the banner that says so.
        files: names of the files beside the page, offered in the footer.
        home: path of the index, relative to the page; "" for none.
        reason: why the notebook did not finish, in plain words; default: what the notebook's own error says.
        advice: what to do about it.
    """
    shown, outputs = _set_aside(notebook)
    ours = [output.text for output in outputs if output.ours]
    bundle = next((match[1] for text in ours if (match := BUNDLE.search(text))), "")
    lifted = next((match[1] for text in ours if (match := SHEET.search(text))), "")
    reason = reason or what_failed(notebook)
    if reason:
        shown.cells = _reached(shown.cells)
    body, sections = _sections(_exporter().from_notebook_node(shown)[0])
    body = SET_ASIDE.sub(lambda match: _bare(outputs[int(match[1])]), body)
    if reason:  # the page has its own h1, with the reason under it
        body = re.sub(r"<(/?)h1\b", r"<\1h2", body)
    return _render(
        "page.html.j2",
        bundle=bundle,
        title=title,
        sheet=sheet or lifted,
        stamp=stamp,
        simulated=simulated,
        files=files,
        home=home,
        body=body,
        sections=sections,
        has_h1="<h1" in body,
        has_figures='class="qi-figure"' in body,
        presented=bool(sections) and not reason and PRIVATE not in body,
        has_cut='class="qi-cut"' in body,
        reason=reason,
        advice=advice,
    )


def index(entries: Iterable[Entry], *, sheet: str, stamp: datetime, title: str = "Improvement collaboratives") -> str:
    """The page that stands for a run: one row per collaborative, in the order given, whatever became of it.

    Args:
        entries: every report of the run.
        sheet: CSS that defines the ``--qi-…`` custom properties.
        stamp: when the run was made.
        title: words of the ``h1``.
    """
    gathered: dict[str, list[Entry]] = {}
    for entry in entries:
        gathered.setdefault(entry.collaborative, []).append(entry)
    rows = sorted((Row(name, tuple(group)) for name, group in gathered.items()), key=lambda row: row.apart)
    return _render(
        "index.html.j2",
        title=title,
        sheet=sheet,
        stamp=stamp,
        rows=rows,
        shared=shared.gather((row.title, row.page, row.summary) for row in rows if row.page),
        simulated=all(row.summary.get("simulated") for row in rows) if rows else False,
    )


def live(sheet: str) -> dict[str, str]:
    """What a page that is shown live shares with one that is exported: sheet, presenter mode, and their script."""
    parts = {name: _environment().get_template(f"{name}.html.j2").render(has_cut=True) for name in ("stage", "keys")}
    css, page, room = ((TEMPLATES / name).read_text("utf-8") for name in ("page.css", "page.js", "room.js"))
    return parts | {"css": sheet + css, "script": page + room}


def what_failed(notebook: NotebookNode) -> str:
    """What the error in an executed notebook says, without its traceback; "" where there is none."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                name = output.ename.rpartition(".")[2]
                ours = name in {"QitoolsError", "ParameterError", "DataError", "RunError"}
                return str(output.evalue) if ours else f"{name}: {output.evalue}"
    return ""


@dataclass(frozen=True)
class _Output:
    text: str
    ours: bool  # made by qitools: it may bring the bundle


def _set_aside(notebook: NotebookNode) -> tuple[NotebookNode, list[_Output]]:
    """A copy with each HTML output replaced by a numbered mark, and those outputs.

    nbconvert parses and writes anew all it is given: half a second for a page of figures, and not byte for byte.
    """
    shown, outputs = copy.deepcopy(notebook), list[_Output]()
    shown.cells = [cell for cell in shown.cells if PAPERMILL_MARK not in cell.metadata.get("tags", [])]
    for cell in shown.cells:
        outs = cell.get("outputs", [])
        cell.outputs = [one for one in outs if WIDGET not in one.get("data", {}) and one.output_type != "error"]
        for output in cell.outputs:
            text = output.get("data", {}).get("text/html")
            if text is not None:
                output.data["text/html"] = f"<!--qi-output-{len(outputs)}-->"
                # Browsers hash a script after turning its line ends into \n.
                outputs.append(_Output(text.replace("\r\n", "\n"), "qitools" in output.metadata))
    return shown, outputs


def _reached(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells up to the last that left anything to read: no headings without a content."""
    last = max((i for i, cell in enumerate(cells) if cell.outputs), default=-1)
    return cells[: last + 1]


def _bare(output: _Output) -> str:
    """An output without what the page holds once: sheet, bundle, and the calls of the bundle, which calls itself."""
    text = SHEET.sub("", BUNDLE.sub("", output.text))
    return CALL.sub("", text) if output.ours else text


def _sections(body: str) -> tuple[str, list[tuple[str, str]]]:
    """The body with each ``h2`` and what follows it in a section, and (id, words) of every section."""
    before, *rest = HEADING.split(body)
    sections: list[tuple[str, str]] = []
    parts = [before]
    for heading, content in zip(rest[::2], rest[1::2], strict=True):
        words = html.unescape(re.sub(r"<[^>]+>", "", heading)).strip()
        key = "-".join(re.findall(r"\w+", words.lower())) or "section"
        key += f"-{len(sections)}" if key in dict(sections) else ""
        sections.append((key, words))
        parts.append(
            f'<section aria-labelledby="{key}">\n<h2 id="{key}" tabindex="-1">{heading}</h2>{content}</section>\n'
        )
    return "".join(parts), sections


@cache
def _exporter() -> nbconvert.HTMLExporter:
    return nbconvert.HTMLExporter(
        # Checking a notebook against its schema once is enough; by default it is done after each of ten steps.
        config=Config({"NbConvertBase": {"display_data_priority": SHOWN}, "Exporter": {"optimistic_validation": True}}),
        template_name="body",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["told"] = told
    return environment


def told(message: str) -> tuple[str, list[str]]:
    r"""A message's first words, and the list that follows them.

    >>> told("falls.yaml cannot be read:\n  - line 7: found 'lowr'\n  - line 9: missing")
    ('falls.yaml cannot be read:', ["line 7: found 'lowr'", 'line 9: missing'])
    """
    first, *items = re.split(r"\n\s*- ", message.strip())
    return first, [item.strip() for item in items]


def _render(template: str, *, sheet: str, bundle: str = "", **given: Any) -> str:
    """Fill a template; admit its own script and the bundle, by their hash, and nothing else."""
    css = sheet.replace("</", r"<\/") + (TEMPLATES / "page.css").read_text(encoding="utf-8")
    own = (TEMPLATES / f"{template.split('.')[0]}.js").read_text(encoding="utf-8")
    if ROOM in given.get("body", ""):
        own += (TEMPLATES / "room.js").read_text(encoding="utf-8")
    given |= {"css": css, "own": own, "bundle": bundle, "admitted": [_digest(one) for one in (own, bundle) if one]}
    return _environment().get_template(template).render(given) + "\n"


def _digest(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"

"""An executed notebook becomes one page that needs nothing else: no network, no kernel, no code to read.

A page is the notebook's words and outputs in a frame: one ``h1``, a bar of sections made from the ``h2`` headings, and
a footer. What the figures share (the bundle that draws and the sheet that styles) is lifted out and put in once. The
page's Content-Security-Policy forbids the network, ``eval`` and every script but two, admitted by their hash: the
bundle and the page's own. Pages name no colour: they use the custom properties of the sheet handed to them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import nbconvert
from nbformat import NotebookNode
from traitlets.config import Config

from qitools.batch.filling import TEMPLATES, Compiled, fill

# How a figure's output begins and ends what a page holds once.
SHEET = ('<style class="qi-sheet">', "</style>")
BUNDLE = ('<script class="qi-bundle">', "</script>")
CALL = re.compile(r"<script>.*?</script>", re.DOTALL)
HEADING = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
SET_ASIDE = re.compile(r"<!--qi-output-(\d+)-->")
# Papermill marks the cells it adds to a failed notebook; the page says the same in plain words instead.
PAPERMILL_MARK = "papermill-error-cell-tag"
SHOWN = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]
PRIVATE = 'class="qi-private"'  # a page that says so is not for the room: it has no presenter mode
WIDGET = "application/vnd.jupyter.widget-view+json"


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
    bundle = next((output.bundle for output in outputs if output.bundle), "")
    lifted = next((output.sheet for output in outputs if output.sheet), "")
    reason = reason or what_failed(notebook)
    if reason:
        shown.cells = _reached(shown.cells)
    body, sections = _sections(_exporter().from_notebook_node(shown)[0])
    body = SET_ASIDE.sub(lambda match: outputs[int(match[1])].text, body)
    if reason:  # the page has its own h1, with the reason under it
        body = re.sub(r"<(/?)h1\b", r"<\1h2", body)
    return fill(
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
    text: str  # without what the page holds once
    bundle: str = ""  # which only an output made by qitools may bring
    sheet: str = ""


def _set_aside(notebook: NotebookNode) -> tuple[NotebookNode, list[_Output]]:
    """The notebook with each HTML output replaced by a numbered mark, and those outputs.

    nbconvert parses and writes anew all it is given: half a second for a page of figures, and not byte for byte.
    """
    shown, outputs = NotebookNode(notebook), list[_Output]()
    kept = (cell for cell in notebook.cells if PAPERMILL_MARK not in cell.metadata.get("tags", []))
    shown.cells = [NotebookNode(cell) for cell in kept]
    for cell in shown.cells:
        outs = cell.get("outputs", [])
        cell.outputs = [
            NotebookNode(one) for one in outs if WIDGET not in one.get("data", {}) and one.output_type != "error"
        ]
        for output in cell.outputs:
            text = output.get("data", {}).get("text/html")
            if text is not None:
                output.data = NotebookNode(output.data, **{"text/html": f"<!--qi-output-{len(outputs)}-->"})
                # Browsers hash a script after turning its line ends into \n.
                outputs.append(_bare(text.replace("\r\n", "\n"), "qitools" in output.metadata))
    return shown, outputs


def _reached(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells up to the last that left anything to read: no headings without a content."""
    last = max((i for i, cell in enumerate(cells) if cell.outputs), default=-1)
    return cells[: last + 1]


def _bare(text: str, ours: bool) -> _Output:
    """An output without what the page holds once: sheet, bundle, and the calls of the bundle, which calls itself."""
    bundle, text = _lifted(text, BUNDLE)
    sheet, text = _lifted(text, SHEET)
    return _Output(CALL.sub("", text), bundle, sheet) if ours else _Output(text)


def _lifted(text: str, part: tuple[str, str]) -> tuple[str, str]:
    """What is between the two tags of a part, and the text without the part; a pattern would take it letter by letter.

    >>> _lifted("<figure></figure><script>draw()</script> ", ("<script>", "</script>"))
    ('draw()', '<figure></figure> ')
    """
    begin, (opening, closing) = text.find(part[0]), part
    end = text.find(closing, begin + len(opening)) if begin >= 0 else -1
    return ("", text) if end < 0 else (text[begin + len(opening) : end], text[:begin] + text[end + len(closing) :])


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
    exporter = nbconvert.HTMLExporter(
        # Checking a notebook against its schema once is enough; by default it is done after each of ten steps.
        config=Config({"NbConvertBase": {"display_data_priority": SHOWN}, "Exporter": {"optimistic_validation": True}}),
        template_name="body",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_anchor_links=True,
    )
    exporter.environment.bytecode_cache = Compiled(f"nbconvert-{nbconvert.__version__}")
    return exporter

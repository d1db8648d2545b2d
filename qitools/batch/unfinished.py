"""The notebook of a job that failed: as far as it came, with the error linked at its top and named where it stands."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from papermill import PapermillExecutionError
from papermill.execute import raise_for_execution_errors

from qitools.batch.books import literal

STREAM_SHOWN = 20_000  # characters printed by the cell that stopped, kept in a saved failure


def as_far(source: Path, begun: list[NotebookNode]) -> NotebookNode:
    """A notebook as far as it came: the cells begun, with papermill's own among them, then those it did not reach."""
    notebook: NotebookNode = nbformat.read(source, as_version=4)
    notebook.cells = begun + notebook.cells[max(len(begun) - 1, 0) :]
    return notebook


def marked(notebook: NotebookNode, reason: str, path: Path) -> NotebookNode:
    """A failed notebook with papermill's marks: the error linked at the top and named where it stands."""
    if not any("papermill-error-cell-tag" in cell.metadata.get("tags", []) for cell in notebook.cells):
        begun = [cell for cell in notebook.cells if cell.metadata.get("papermill", {}).get("start_time")]
        at = (begun or [cell for cell in notebook.cells if cell.cell_type == "code"])[-1]
        at.outputs = _cut(at.outputs)
        at.outputs.append(nbformat.v4.new_output("error", ename="RunError", evalue=reason, traceback=[reason]))
        try:
            raise_for_execution_errors(notebook, literal(path))
        except PapermillExecutionError:
            return notebook
    nbformat.write(notebook, path)
    return notebook


def _cut(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """A cell's outputs with the beginning of all it printed, and how much more there was."""
    kept, room, more = list[NotebookNode](), STREAM_SHOWN, 0
    for output in outputs:
        if output.output_type == "stream":
            more += max(len(output.text) - room, 0)
            output.text = output.text[:room]
            room -= len(output.text)
        if output.output_type != "stream" or output.text:
            kept.append(output)
    told = nbformat.v4.new_output("stream", name="stderr", text=f"\n… {more:,} more characters\n")
    return [*kept, told] if more else kept

"""A dress rehearsal: both reports once, on the example that comes with qitools, before any notebook asks.

What a process does for the first time costs most: modules that are found late, templates written, patterns compiled,
caches filled. Warm kernels are forked from a process that has done it all, so no notebook pays for it again. Nothing
else is left of it: figures are numbered from 1 again, and the first one of a kernel still brings the bundle.
"""

from __future__ import annotations

import ast
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from IPython.core.formatters import DisplayFormatter

from qitools.batch import jobs
from qitools.views import bundle, figure

EXAMPLE = "parameters/example.yaml"  # small, and with every key there is
TEAM = "larkmoor"  # one of its teams
MAKER = "vl_convert"  # makes the bundle, with threads, and a process with threads cannot fork
MAKE = "from qitools.views import bundle; bundle.script()"


def rehearse() -> None:
    """Run the cells of the notebooks that ``qitools run`` runs by default, and show what they show, to nobody."""
    shipped = jobs.shipped()
    _bring_bundle()
    try:
        with TemporaryDirectory() as out, _data_beside_the_yaml():
            given = {"collaborative": str(shipped / EXAMPLE), "out": out}
            _play(shipped / "notebooks" / f"{jobs.WHOLE}.ipynb", given)
            _play(shipped / "notebooks" / f"{jobs.PER_TEAM}.ipynb", given | {"team": TEAM})
    finally:
        figure._brought.clear()
        figure._numbers = itertools.count(1)


def _bring_bundle() -> None:
    """Have the bundle in memory; where it is not kept from before, another process makes it."""
    sys.modules[MAKER] = None  # type: ignore[assignment]  # how Python notes that there is no such module
    try:
        bundle.script()
    except ImportError:
        subprocess.run([sys.executable, "-c", MAKE], check=False)  # noqa: S603  (our own module)
        with suppress(ImportError):  # it could not be kept either: every kernel makes its own
            bundle.script()
    finally:
        del sys.modules[MAKER]


@contextmanager
def _data_beside_the_yaml() -> Iterator[None]:
    """Without the folder of data that the run may have been given."""
    given = os.environ.pop("QITOOLS_DATA", None)
    try:
        yield
    finally:
        if given is not None:
            os.environ["QITOOLS_DATA"] = given


def _play(book: Path, given: dict[str, Any]) -> None:
    """Run a notebook's cells with these parameters."""
    names: dict[str, Any] = {"display": _display}
    for cell in json.loads(book.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            _display(_run("".join(cell["source"]), names))
            names |= given if "parameters" in cell["metadata"].get("tags", []) else {}


def _display(*shown: Any) -> None:
    """Put things in every form a notebook would show them in."""
    formatter: Any = DisplayFormatter()
    for one in shown:
        formatter.format(one)


def _run(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; returns what its last line gives, None where that is no expression."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "<rehearsal>", "exec"), names)  # noqa: S102  (a notebook of our own)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "<rehearsal>", "eval"), names)  # noqa: S307

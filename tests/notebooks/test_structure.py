"""Notebooks are agendas, not programs: the rules every notebook keeps."""

import ast
import itertools
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PARAMETER = re.compile(r'[a-z_]+: (?:str|int|float|bool) = (?:"[^"]*"|\d+(?:\.\d+)?|True|False)  # \S.*')

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code(path: Path) -> list[Any]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def parameters(path: Path) -> Any:
    (cell,) = [cell for cell in code(path) if "parameters" in cell.metadata.get("tags", [])]
    return cell


def test_it_is_valid_and_keeps_the_ordinary_kernel(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"


def test_it_is_kept_without_outputs_or_counts(path: Path) -> None:
    assert not [cell.id for cell in code(path) if cell.outputs or cell.execution_count is not None]


def test_cell_ids_are_names_that_stay(path: Path) -> None:
    ids = [cell.id for cell in read(path).cells]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in ids)


def test_it_has_eight_to_fifteen_short_cells(path: Path) -> None:
    cells = code(path)
    assert 8 <= len(cells) <= 15
    lengths = {cell.id: len([line for line in cell.source.splitlines() if line.strip()]) for cell in cells}
    assert {name: n for name, n in lengths.items() if not 1 <= n <= 4} == {}


def test_parameters_are_literals_with_type_and_comment(path: Path) -> None:
    cell = parameters(path)
    lines = cell.source.splitlines()
    assert [line for line in lines if not PARAMETER.fullmatch(line)] == []
    once = read(path).metadata.get("qitools", {}).get("once")  # about no collaborative
    assert once or lines[0].startswith("collaborative: str = ")
    assert 'out: str = ""  #' in cell.source
    assert cell.id == code(path)[0].id


def test_it_holds_no_program(path: Path) -> None:
    """No function, class, loop, branch, comprehension, number or file of its own."""
    forbidden = (
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.With),
        *(ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.BinOp, ast.Try),
    )
    for cell in code(path)[1:]:
        tree = ast.parse(cell.source)
        assert not [node for node in ast.walk(tree) if isinstance(node, forbidden)], cell.id
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert [ast.unparse(node) for node in imports] in ([], ["import qitools as qi"]), cell.id
        assert "#" not in cell.source, f"{cell.id}: a comment or a colour"


def test_every_name_it_calls_is_public(path: Path) -> None:
    import qitools as qi

    for cell in code(path)[1:]:
        called = re.findall(r"\bqi\.(\w+)", cell.source)
        assert set(called) <= set(qi.__all__), cell.id


def test_the_headings_alone_read_as_the_agenda(path: Path) -> None:
    words = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    assert all(re.fullmatch(r"## \S[^\n]*", text) for text in words)  # the one h1 is in the heading
    assert len(words) >= 4
    assert words[-1] == "## Method and data notes"


def test_the_session_has_the_sections_of_an_agenda_in_their_usual_order(path: Path) -> None:
    """The timetable links to them and presenter mode finds them by their words."""
    from qitools.views.wording_agenda import HEADINGS

    if path.stem != "learning_session":
        pytest.skip("only the learning session has an agenda")
    cells = read(path).cells
    assert [cell.source for cell in cells if cell.cell_type == "markdown"][:-1] == [
        f"## {one}" for one in HEADINGS.values()
    ]
    after = [second for first, second in itertools.pairwise(cells) if first.cell_type == "markdown"]
    assert {cell.cell_type for cell in after} == {"code"}, "a section without content"


def test_it_ends_by_keeping_its_tables(path: Path) -> None:
    assert re.fullmatch(r"qi\.finish\(analysis, out(, team)?\)", code(path)[-1].source)

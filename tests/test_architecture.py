"""The house keeps its shape: floors, folders, notebooks, and what the project may not hold."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "qitools"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".cfg", ".ipynb", ".json", ".js", ".css", ".j2", ".csv", ""}


def tracked() -> list[Path]:
    """Every file of the project: those git knows, or all where there is no git."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: the project's files cannot be told from those made from it")
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def test_a_folder_imports_only_from_floors_below_it():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout


def test_importing_qitools_imports_nothing_heavy():
    code = "import sys, qitools; print([name for name in ('numpy', 'pandas', 'altair') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_every_public_name_is_where_the_package_says():
    import qitools

    assert all(getattr(qitools, name) is not None for name in qitools.__all__)


@pytest.mark.parametrize("init", sorted(PACKAGE.glob("*/__init__.py")), ids=lambda path: path.parent.name)
def test_a_sub_package_begins_with_its_docstring_and_nothing_else(init):
    body = ast.parse(init.read_text("utf-8")).body
    assert len(body) == 1
    assert ast.get_docstring(ast.Module(body, [])) is not None


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_says_what_it_is(module):
    assert ast.get_docstring(ast.parse(module.read_text("utf-8")))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_an_agenda_and_holds_no_output(path):
    book = json.loads(path.read_text("utf-8"))
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code)
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in code) == 1
    assert not any(re.search(r"^\s*(def|class) ", "".join(cell["source"]), re.MULTILINE) for cell in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_declares_typed_literals_with_a_comment(path):
    book = json.loads(path.read_text("utf-8"))
    cell = next(cell for cell in book["cells"] if "parameters" in cell["metadata"].get("tags", []))
    lines = "".join(cell["source"]).splitlines()
    tree = ast.parse("\n".join(lines))
    assert all(isinstance(line, ast.AnnAssign) for line in tree.body)
    about = {"out"} if book["metadata"].get("qitools", {}).get("once") else {"collaborative", "out"}
    assert {line.target.id for line in tree.body} >= about
    assert all(ast.literal_eval(line.value) is not Ellipsis for line in tree.body)
    assert all("  # " in lines[line.end_lineno - 1] for line in tree.body)


def test_no_file_names_a_machine_or_fetches_from_elsewhere():
    banned = re.compile(
        r"(?<![\w./])/(?:work|farm|root|home/\w+)/|cdn\.jsdelivr|unpkg\.com|cdnjs|esm\.sh|fonts\.googleapis"
    )
    found = []
    for path in tracked():
        if path.suffix in TEXT and path != Path(__file__):
            for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1):
                if banned.search(line):
                    found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_the_locked_versions_name_no_address_and_no_file():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert len(lines) > 100
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+-]+( ; .+)?", line) for line in lines if line and not line.startswith("#"))


def test_no_real_data_is_kept_in_the_project():
    shared = ROOT.parent / "shared" / "data"
    if not shared.is_dir():
        pytest.skip("../shared/data is absent: nothing to compare with")
    sizes = {path.stat().st_size: path for path in shared.glob("*.csv")}
    kept = [path for path in tracked() if path.stat().st_size in sizes]
    assert [path for path in kept if path.read_bytes() == sizes[path.stat().st_size].read_bytes()] == []

"""The table of faults in the documentation is what the tests that break each thing prove, row by row."""

import ast
import os

TESTS = ("test_faults.py", "test_cluster.py")
BEGIN, END = "<!-- faults -->\n", "\n<!-- end of faults -->"


def rows(path):
    """A row for each test of a module that is marked with a fault, in their order."""
    for test in ast.parse(path.read_text("utf-8")).body:
        marks = [one for one in getattr(test, "decorator_list", ()) if ast.unparse(one).startswith("pytest.mark.fault")]
        for mark in marks:
            assert isinstance(test, ast.FunctionDef) and test.name.startswith("test_"), ast.unparse(mark)
            yield f"| {' | '.join(ast.literal_eval(said) for said in mark.args)} |"


def test_the_table_of_faults_in_the_documentation_is_what_the_tests_prove(root):
    """With QITOOLS_WRITE=1 the table is written anew."""
    proved = [row for name in TESTS for row in rows(root / "tests" / "batch" / name)]
    page = root / "docs" / "reliability.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    table = "\n".join(["| what breaks | what is left |", "|---|---|", *proved])
    whole = f"{before}{BEGIN}{table}{END}{rest.partition(END)[2]}"
    if os.environ.get("QITOOLS_WRITE"):
        page.write_text(whole, "utf-8")
    assert len(proved) >= 20
    assert page.read_text("utf-8") == whole

"""Whatever a file holds, it opens or is refused in words: never a traceback.

Mistakes are made at random, with a fixed seed, in the files of an example: values of the wrong kind, keys and lines
lost or doubled, cells of every sort, bytes that are no text.
"""

import random
import shutil

import pytest

from qitools.collaborative.loading import load
from qitools.errors import QitoolsError

VALUES = ["", "{a: b}", "[1, {b: c}]", "-1", "1e999", ".nan", "no", "2024-02-30", "2024-01-01 10:00", "'\"'", "!!x y"]
VALUES += ["&a [b]", "*a", "~", "\t", ": :", "0x10", "<script>", "é🩺", "? {a: b}", "<<: {a: b}", "- - -", "|", "%"]
CELLS = ["", "-1", "1e999", "nan", "inf", "0x1F", "1_000", "١٢", "True", "'", '"', '""', ",", ";", "\r", "\x0b", "=1+1"]
CELLS += ["2024-13-01", "W01", "0101901234", "é", "\ufeff", "</script>", "9" * 400, "-0", "+5", "5.", ".5", "5e-1"]


@pytest.fixture
def project(root, tmp_path):
    shutil.copytree(root / "parameters", tmp_path / "parameters")
    return tmp_path / "parameters"


def opens_or_is_refused(path):
    try:
        load(path)
    except QitoolsError as error:
        assert error.problems
        assert str(error)
        return False
    return True


def spoil_yaml(text, rng):
    lines = text.splitlines()
    for _ in range(rng.choice([1, 1, 2, 4])):
        at = rng.randrange(len(lines))
        kind, line = rng.random(), lines[at]
        if kind < 0.15:
            del lines[at]
        elif kind < 0.3:
            lines.insert(at, line)
        elif kind < 0.7 and ":" in line:
            parts = line.split(":")
            parts[rng.randrange(1, len(parts))] = " " + rng.choice(VALUES)
            lines[at] = ":".join(parts)
        else:
            cut = rng.randrange(len(line) + 1)
            lines[at] = line[:cut] + rng.choice(VALUES) + line[cut + rng.randrange(3) :]
    return "\n".join(lines)


def spoil_csv(text, rng):
    lines = text.splitlines()
    for _ in range(rng.choice([1, 1, 2, 4])):
        at = rng.choice([0, rng.randrange(len(lines))])
        cells = lines[at].split(",")
        cells[rng.randrange(len(cells))] = rng.choice(CELLS)
        lines[at] = ",".join(cells)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(20))
def test_a_spoilt_yaml(project, seed):
    path = project / "example.yaml"
    path.write_text(spoil_yaml(path.read_text(encoding="utf-8"), random.Random(seed)), encoding="utf-8")
    opens_or_is_refused(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- id: infections  ", "- id: {a: b}  "),
        ("    data: rate ", "    chart: p\n    data: {a: b} "),
        ("  - team: larkmoor\n", "  - team: {a: b}\n"),
        ("period: month  ", "period: {a: b}  "),
        ("rules: his-2025", "rules: [a]"),
        ("    measures:  ", "    measures: 3\n    x:  "),
    ],
)
def test_keys_and_values_where_a_text_belongs(project, old, new):
    path = project / "example.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert not opens_or_is_refused(path)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("file", ["example.csv", "example-changes.csv"])
def test_a_spoilt_table(project, seed, file):
    path = project / "data" / file
    path.write_text(spoil_csv(path.read_text(encoding="utf-8"), random.Random(seed)), encoding="utf-8")
    opens_or_is_refused(project / "example.yaml")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("log", ["pdsa", "assessments", "stories", "offers"])
def test_a_spoilt_log(project, seed, log):
    path = project / "data" / f"example-{log}.csv"
    path.write_text(spoil_csv(path.read_text(encoding="utf-8"), random.Random(seed)), encoding="utf-8")
    opens_or_is_refused(project / "example.yaml")


@pytest.mark.parametrize("file", ["example.yaml", "data/example.csv", "data/example-changes.csv"])
@pytest.mark.parametrize("seed", range(5))
def test_bytes_that_are_no_text(project, file, seed):
    raw = bytearray((project / file).read_bytes())
    rng = random.Random(seed)
    raw[rng.randrange(len(raw))] = rng.choice([0, 7, 13, 0x85, 0xFF])
    (project / file).write_bytes(bytes(raw))
    opens_or_is_refused(project / "example.yaml")

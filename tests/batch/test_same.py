"""The shipped falls example says the same, byte for byte, however it is run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

STAMP = re.compile(rb'<time class="qi-stamp"[^>]*>.*?</time>', re.DOTALL)
BIN = Path(sys.executable).parent


def command(*words, seed, root):
    env = {name: value for name, value in os.environ.items() if name != "QITOOLS_DATA"} | {"PYTHONHASHSEED": str(seed)}
    told = subprocess.run([str(word) for word in words], cwd=root, env=env, capture_output=True, text=True, timeout=300)
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The falls pages, made by one worker under one hash seed and by two under another."""
    folders = []
    for workers, seed in ((1, 1), (2, 20)):
        folder = tmp_path_factory.mktemp(f"workers-{workers}")
        words = (BIN / "qitools", "run", "falls", "--first-teams", 1, "--workers", workers, "--out", folder)
        command(*words, seed=seed, root=Path(__file__).parents[2])
        folders.append(folder / "falls")
    return folders


def kept(folder):
    """Every file that is to be the same, less the one element that tells when a page was made."""
    files = (
        path for path in sorted(folder.rglob("*")) if path.suffix in {".csv", ".html"} or path.name == "summary.json"
    )
    return {path.relative_to(folder).as_posix(): STAMP.sub(b"", path.read_bytes()) for path in files}


def test_two_runs_give_the_same_bytes_under_any_hash_seed_and_number_of_workers(runs):
    first, second = map(kept, runs)
    assert len(first) == 3 * 5  # three reports: a page, three tables and a summary each
    assert list(first) == list(second)
    assert [name for name in first if first[name] != second[name]] == []


def test_a_page_tells_once_when_it_was_made(runs):
    for page in runs[0].rglob("*.html"):
        assert len(STAMP.findall(page.read_bytes())) == 1

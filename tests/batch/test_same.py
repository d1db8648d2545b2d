"""What is shipped says the same, byte for byte, however it is run.

The falls example, by one worker under one hash seed, beside the run of two workers that all tests share, which is under
another; and a small collaborative through the same notebooks, on a cluster and with ordinary kernels.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STAMP = re.compile(rb'<time class="qi-stamp"[^>]*>.*?</time>', re.DOTALL)
BIN = Path(sys.executable).parent
SLOW = "Kernels start the ordinary, slower way"
SMALL = "team,measure,date,numerator,denominator\n" + "".join(
    f"{team},things,{2024 + month // 12}-{month % 12 + 1:02d}-01,{(7 * month + 3 * place) % 5 + 4 * (month < 12)},900\n"
    for place, team in enumerate(("ash", "birch", "cedar"))
    for month in range(24)
)


def command(*words, root, **settings):
    """Run `qitools run`; what it says on the way."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QITOOLS")} | settings
    words = [str(word) for word in (BIN / "qitools", "run", *words)]
    told = subprocess.run(words, cwd=root, env=env, capture_output=True, text=True, timeout=600)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stderr


def kept(folder):
    """Every file that is to be the same, less the one element that tells when a page was made."""
    files = (
        path for path in sorted(folder.rglob("*")) if path.suffix in {".csv", ".html"} or path.name == "summary.json"
    )
    return {path.relative_to(folder).as_posix(): STAMP.sub(b"", path.read_bytes()) for path in files}


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """The falls pages, made by one worker under a hash seed of its own."""
    folder = tmp_path_factory.mktemp("one")
    root = Path(__file__).parents[2]
    command("falls", "--first-teams", 1, "--workers", 1, "--out", folder, root=root, PYTHONHASHSEED="1")
    return folder / "falls"


@pytest.mark.soak
def test_two_runs_give_the_same_bytes_under_any_hash_seed_and_number_of_workers(one, outputs):
    first, second = kept(one), kept(outputs / "falls")
    assert len(first) == 3 * 5  # three reports: a page, three tables and a summary each
    assert [name for name in first if first[name] != second.get(name)] == []


@pytest.mark.soak
def test_a_page_tells_once_when_it_was_made(one):
    for page in one.rglob("*.html"):
        assert len(STAMP.findall(page.read_bytes())) == 1


@pytest.fixture(scope="module")
def small(tmp_path_factory, new_project):
    """A small project with the notebooks that are shipped, and what two workers make of it."""
    root = new_project(tmp_path_factory.mktemp("small")).root
    (root / "parameters" / "data" / "beds.csv").write_text(SMALL, "utf-8")
    shutil.copytree(Path(__file__).parents[2] / "notebooks", root / "notebooks", dirs_exist_ok=True)
    command("--first-teams", 1, "--workers", 2, root=root)
    made = kept(root / "outputs" / "beds")
    assert len(made) == 3 * 5
    return root, made


@pytest.mark.soak
@pytest.mark.cluster
def test_a_cluster_makes_what_a_machine_makes(small, tmp_path):
    root, made = small
    command("--first-teams", 1, "--dask", "local:2", "--out", tmp_path, root=root)
    assert kept(tmp_path / "beds") == made


@pytest.mark.soak
def test_ordinary_kernels_make_what_warm_ones_make(small, tmp_path):
    """Kernels are ordinary where the folder for temporary files has a name too long for sockets."""
    root, made = small
    temporary = tmp_path / ("long" * 20)
    temporary.mkdir()
    told = command("--first-teams", 1, "--workers", 1, "--out", tmp_path / "out", root=root, TMPDIR=str(temporary))
    assert SLOW in told
    assert kept(tmp_path / "out" / "beds") == made

"""The shipped falls example says the same, byte for byte, whoever makes it and however its kernels start.

And a table analysed measure by measure says what the whole table says: how very large ones are shared out.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qitools as qi

STAMP = re.compile(rb'<time class="qi-stamp"[^>]*>.*?</time>', re.DOTALL)
SLOW = "Kernels start the ordinary, slower way"


def made(root, out, *words, temporary=None):
    """Files of falls that are to be the same, less when they were made; and what the run said."""
    env = {name: text for name, text in os.environ.items() if not name.startswith("QITOOLS")}
    env |= {"TMPDIR": str(temporary)} if temporary else {}
    command = [str(word) for word in (Path(sys.executable).parent / "qitools", "run", "falls", "--out", out, *words)]
    told = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=280)
    assert told.returncode == 0, told.stdout + told.stderr
    files = [path for path in sorted((out / "falls").rglob("*")) if path.suffix in {".csv", ".html"}]
    files += sorted((out / "falls").rglob("summary.json"))
    return {str(path.relative_to(out)): STAMP.sub(b"", path.read_bytes()) for path in files}, told.stderr


@pytest.fixture(scope="module")
def on_a_cluster(root_of_all, tmp_path_factory):
    return made(root_of_all, tmp_path_factory.mktemp("dask"), "--first-teams", 1, "--dask", "local:2")


@pytest.fixture(scope="module")
def root_of_all():
    return Path(__file__).parents[2]


@pytest.mark.cluster
def test_a_cluster_makes_what_a_machine_makes(on_a_cluster, root_of_all, tmp_path):
    files, _ = made(root_of_all, tmp_path, "--first-teams", 1, "--workers", 2)
    assert len(files) == 10
    assert list(files) == list(on_a_cluster[0])
    assert [name for name in files if files[name] != on_a_cluster[0][name]] == []


@pytest.mark.cluster
def test_ordinary_kernels_make_what_warm_ones_make(on_a_cluster, root_of_all, tmp_path):
    """Kernels are ordinary where the folder for temporary files has a name too long for sockets."""
    temporary = tmp_path / ("long" * 20)
    temporary.mkdir()
    files, told = made(root_of_all, tmp_path / "out", "--first-teams", 1, "--workers", 1, temporary=temporary)
    assert SLOW in told
    assert [name for name in on_a_cluster[0] if files[name] != on_a_cluster[0][name]] == []


@pytest.mark.parametrize("chart", ["run", "i"])
def test_measure_by_measure_says_what_all_at_once_says(chart):
    draw = np.random.default_rng(7)
    keys = pd.MultiIndex.from_product(
        [
            ["falls", "harm", "pain"],
            [f"team-{n}" for n in range(20)],
            pd.date_range("2022-01-01", periods=36, freq="MS"),
        ],
        names=["measure", "team", "date"],
    )
    rows = keys.to_frame(index=False).assign(numerator=draw.poisson(9, len(keys)).astype(float), denominator=100.0)
    rows = rows[draw.random(len(rows)) > 0.05]

    def tables(found):
        return {
            name: getattr(found, name).astype({"team": str, "measure": str}) for name in ("points", "phases", "series")
        }

    asked = {"better": "lower", "per": 100, "chart": chart}
    whole = tables(qi.analyse(rows, **asked))
    parts = [tables(qi.analyse(part, **asked)) for _, part in rows.groupby("measure")]
    for name, table in whole.items():
        order = [key for key in ("measure", "team", "phase", "date") if key in table]
        joined = pd.concat([part[name] for part in parts], ignore_index=True)
        pd.testing.assert_frame_equal(
            joined.sort_values(order, ignore_index=True), table.sort_values(order, ignore_index=True), check_dtype=False
        )

"""What is installed from the wheel alone can start a project and make its first page."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.soak


def done(*words, cwd):
    env = os.environ | {"JUPYTER_PATH": str(Path(sys.prefix) / "share" / "jupyter")}  # nbconvert's templates
    told = subprocess.run([str(word) for word in words], cwd=cwd, env=env, capture_output=True, text=True, timeout=600)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    root = Path(__file__).parents[2]
    done(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, root, cwd=folder)
    (made,) = folder.glob("qitools-*.whl")
    return made


def test_the_wheel_carries_the_notebooks_the_examples_and_the_licences(wheel, root):
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("notebooks", "parameters"):
        for path in (root / folder).rglob("*"):
            if path.is_file() and ".ipynb_checkpoints" not in path.parts:
                assert f"qitools/_project/{path.relative_to(root).as_posix()}" in names
    assert {Path(name).name for name in names} >= {"LICENSE", "NOTICE", "figure.js", "page.html.j2", "py.typed"}


def test_installed_from_the_wheel_alone_qitools_makes_a_project_and_its_first_page(wheel, tmp_path):
    """In an environment of its own that sees this one's libraries, but not this source tree."""
    venv.create(tmp_path / "env", with_pip=True)
    own = next((tmp_path / "env").rglob("site-packages"))
    libraries = Path(pytest.__file__).parents[1]
    python = tmp_path / "env" / "bin" / "python"
    done(python, "-m", "pip", "install", "--quiet", "--no-deps", wheel, cwd=tmp_path)
    (own / "libraries.pth").write_text(f"{libraries}\n", "utf-8")
    assert str(own) in done(python, "-c", "import qitools; print(qitools.__file__)", cwd=tmp_path)
    project = tmp_path / "project"
    done(tmp_path / "env" / "bin" / "qitools", "init", project, cwd=tmp_path)
    done(tmp_path / "env" / "bin" / "qitools", "run", "falls", cwd=project)
    assert (project / "outputs" / "falls" / "learning_session" / "falls-learning-session.html").is_file()

"""The same figures where the notebook itself is opened: JupyterLab, trusted and not, and Voila. No network."""

import json
import secrets
import shutil
import socket
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.soak]  # each starts a server and a browser of its own
PROJECT = Path(__file__).parents[2]
QUIET = {"fetchNews": "false", "checkForUpdates": False}
SETTINGS = {
    "apputils-extension/notification": QUIET,
    "notebook-extension/tracker": {"windowingMode": "none"},  # all cells in the page at once, to be counted
}
# JupyterLab's sanitiser keeps elements and classes, and drops scripts, styles and data attributes.
READABLE = """() => [...document.querySelectorAll("figure.qi-figure")].map((figure) => ({
  sentence: figure.querySelector(".qi-sentence")?.textContent.trim() ?? "",
  rows: figure.querySelectorAll("table tbody tr").length,
  chart: figure.querySelector(".qi-chart")?.textContent.trim() ?? "",
  drawn: Boolean(figure.querySelector(".qi-chart svg")), vote: Boolean(figure.querySelector(".qi-ballot")),
}))"""


def expected(path: Path, kind: str = "") -> int:
    """How many figures the notebook's own metadata counts, of one kind or of all."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    told = [
        one["metadata"].get("qitools", {}) for cell in cells for one in cell.get("outputs", []) if "metadata" in one
    ]
    return sum("figure" in one and kind in ("", one["kind"]) for one in told)


def without_numbers(figures, path: Path) -> bool:
    """Whether a table is absent from the votes alone, which show none before the reveal."""
    return sum(not figure["rows"] for figure in figures) == expected(path, "vote")


def opened_in_lab(chromium, serve, tmp_path: Path, notebook: Path, signatures: Path):
    """The page of a notebook opened, not run, in a JupyterLab that knows only the signatures given."""
    for name, values in SETTINGS.items():
        path = tmp_path / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    environment = {key: str(tmp_path / name) for key, name in folders.items()} | {"JUPYTER_DATA_DIR": str(signatures)}
    token = secrets.token_hex(16)
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0", f"--IdentityProvider.token={token}"]
    address = serve("jupyterlab", *options, f"--ServerApp.root_dir={notebook.parent}", environment=environment)
    page = chromium.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"{address}/lab/tree/{notebook.name}?token={token}")
    page.wait_for_selector("figure.qi-figure", timeout=60_000)
    page.wait_for_function(
        f"document.querySelectorAll('figure.qi-figure').length >= {expected(notebook)}", timeout=60_000
    )
    return page


def test_an_untrusted_notebook_shows_sentence_table_and_how_to_see_the_chart(chromium, serve, tmp_path, outputs):
    source = next((outputs / "falls" / "learning_session").glob("*.ipynb"))
    elsewhere = tmp_path / "elsewhere" / source.name
    elsewhere.parent.mkdir()
    shutil.copy(source, elsewhere)
    page = opened_in_lab(chromium, serve, tmp_path, elsewhere, signatures=tmp_path / "nobody")
    figures = page.evaluate(READABLE)
    assert len(figures) == expected(source) > 0
    for figure in figures:
        assert figure["sentence"]
        assert not figure["drawn"]
        assert "Trust Notebook" in figure["chart"], figure
    assert without_numbers(figures, source)
    page.context.close()


def test_a_signed_notebook_shows_its_charts(chromium, serve, tmp_path, outputs, signatures):
    source = next((outputs / "falls" / "learning_session").glob("*.ipynb"))
    page = opened_in_lab(chromium, serve, tmp_path, source, signatures)
    page.wait_for_function(
        "[...document.querySelectorAll('figure.qi-figure')].every((one) => one.querySelector('.qi-chart svg'))",
        timeout=60_000,
    )
    assert len(page.evaluate(READABLE)) == expected(source)
    page.context.close()


def test_voila_shows_the_figures(chromium, serve, tmp_path, outputs):
    notebook = PROJECT / "notebooks" / "learning_session.ipynb"
    token = secrets.token_hex(16)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]  # Voila takes no port 0
    options = ["--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}", f"--token={token}"]
    address = serve("voila", str(notebook), *options, environment={"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")})
    page = chromium.new_context(viewport={"width": 1366, "height": 768}).new_page()
    page.goto(f"{address}/?token={token}", timeout=120_000)
    page.wait_for_selector("html[data-qi-drawn]", state="attached", timeout=120_000)
    figures = page.evaluate(READABLE)
    executed = next((outputs / "falls" / "learning_session").glob("*.ipynb"))
    assert len(figures) == expected(executed)
    assert all(figure["sentence"] and (figure["drawn"] or figure["vote"]) for figure in figures)
    assert without_numbers(figures, executed)
    page.context.close()

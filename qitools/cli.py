"""The commands: ``init``, ``check``, ``run``, ``present``, ``explore``.

The only place where batch and views meet: the pages' style sheet is handed over here. Progress goes to stderr, results
to stdout. Exit code 0: all is well; 1: something failed, and was said; 2: used wrongly.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

import qitools
from qitools.batch import jobs as planning
from qitools.batch.books import once
from qitools.errors import ParameterError, Problem, QitoolsError
from qitools.telling import Seen, err, line, name_column, noticed, out, summary, taken

if TYPE_CHECKING:
    from qitools.batch.report import Settings

app = typer.Typer(
    help="Trustworthy, interactive analysis for improvement collaboratives.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# What every kernel starts with: every module that pages use. Of Altair what it has written: see views/kept.py.
PRELOAD = ("pandas", *sorted({*qitools._HOMES.values()} - {"qitools.views.explorer"}), "qitools.views.kept:edition")
# About a second more at the start, and a tenth less for each report: what is done for the first time is done once.
REHEARSAL = "qitools.views.rehearsal:rehearse"
# jsonschema would import these for checks of addresses and durations that are never asked for: a second of every run.
UNUSED = ("rfc3987_syntax", "rfc3986_validator", "isoduration")
EXPLORER = "measure_explorer"  # the notebook that `explore` opens

Names = Annotated[list[str] | None, typer.Argument(help="Collaboratives, as their YAML files are named. Default: all.")]
Name = Annotated[str, typer.Argument(help="The collaborative, as its YAML file is named; lessons are about none.")]
Team = Annotated[str, typer.Option(help="The team, where the notebook is about one. Default: the first.")]
AsOf = Annotated[str, typer.Option(help="Leave out what is later than this date, YYYY-MM-DD.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Where to listen; the next free one if it is taken.")]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")]
Parameters = Annotated[Path | None, typer.Option(help="Folder of the YAML files. Default: the project's parameters/.")]
Data = Annotated[Path | None, typer.Option(help="Folder the data paths start from. Default: beside each YAML.")]


@app.callback(invoke_without_command=True)
def _top(version: Annotated[bool, typer.Option("--version", help="Say the version.")] = False) -> None:
    if version:
        out.print(f"qitools {qitools.__version__}")
        raise typer.Exit()


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to.")] = Path()) -> None:
    """Start a project: the notebooks, and the simulated examples to copy from. Nothing is overwritten."""
    shipped, written, kept = planning.shipped(), 0, 0
    for name in ("notebooks", "parameters"):
        for source in sorted(path for path in (shipped / name).rglob("*") if path.is_file() and _wanted(path)):
            target = folder / source.relative_to(shipped)
            kept, written = (kept + 1, written) if target.exists() else (kept, written + 1)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    left = f", {kept} kept as they were" if kept else ""
    out.print(f"{written} files written to {escape(str(folder.resolve()))}{left}.", soft_wrap=True)
    out.print("Next, in that folder: `qitools check`, then `qitools run`, then open outputs/index.html.")


@app.command()
def check(
    names: Names = None,
    parameters: Parameters = None,
    data: Data = None,
    take: Annotated[Path | None, typer.Option(help="What was agreed in the room: show what it would append.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --take: append it.")] = False,
) -> None:
    """Read every collaborative and its data, and say all that is wrong or worth knowing."""
    project = planning.find_project(Path.cwd(), parameters)
    _use(data)
    if take is not None:
        raise typer.Exit(_take(project, names or [], take, yes))
    if yes:
        raise ParameterError("--yes belongs to --take FILE: there is nothing else to agree to.")
    table = Table(name_column(), "teams", "measures", "observations", "data as at", "worth knowing", box=None)
    refused, worth = [], []
    for source in planning.choose(project, names or ()):
        try:
            found = qitools.load(source.path)
        except QitoolsError as error:
            refused.append((source.name, error))
            table.add_row(escape(source.name), *["–"] * 4, "[red]✗ refused[/red]")
            continue
        counts = found.findings["code"].value_counts(sort=False)
        told = ", ".join(f"{code} ({number})" for code, number in counts.items()) or "nothing"
        sent = int((found.observations["status"] != "missing").sum())
        sizes = (len(found.parameters.teams), len(found.parameters.measures), sent)
        table.add_row(escape(source.name), *map(str, sizes), f"{found.as_of:%Y-%m-%d}", escape(told))
        worth += [f"{source.name}: {one}" for one in noticed(found)]
    out.print(table)
    out.print(escape("\n".join(["", *worth] if worth else [])), soft_wrap=True, end="\n" if worth else "")
    for name, refusal in refused:
        out.print(f"\n[red]✗[/red] [bold]{escape(name)}[/bold]: {escape(str(refusal))}", soft_wrap=True)
    if not names and (project.parameters / f"{planning.TEMPLATE}.yaml").is_file():
        out.print(f"\n{planning.TEMPLATE}.yaml, which explains every key, is read only when named.", soft_wrap=True)
    raise typer.Exit(1 if refused else 0)


def _take(project: planning.Project, names: list[str], take: Path, yes: bool) -> int:
    """Show what was agreed in the room as rows of the collaborative's files, and append them where that is wanted."""
    from qitools.collaborative import taking  # pandas is not loaded before it is needed

    if len(names) != 1:
        raise ParameterError("--take needs the name of one collaborative: `qitools check NAME --take FILE`.")
    source = planning.choose(project, names)[0]
    found = taking.open_take(take, source.path)
    there = f", already there: {found.already}" if found.already else ""
    said = f"{len(found.rows) + found.already} agreed{f' at {found.session}' if found.session else ''}{there}."
    out.print(escape(said), soft_wrap=True)
    if found.files:
        out.print(taken(found.rows))
        out.print("\n" + escape(found.diff) + "\n", soft_wrap=True)
    if found.files and yes:
        taking.append(found)
        qitools.load(source.path)
        out.print(f"{len(found.rows)} appended. `qitools run {escape(source.name)}` shows them.", soft_wrap=True)
    else:
        out.print("Nothing is written yet: add --yes to append." if found.files else "There is nothing to append.")
    return 0


@app.command()
def run(
    names: Names = None,
    notebook: Annotated[list[str] | None, typer.Option(help="A notebook; repeat for more.")] = None,
    team: Annotated[list[str] | None, typer.Option(help="Only this team's reports; repeat for more.")] = None,
    first_teams: Annotated[int | None, typer.Option(min=0, help="Only so many teams of each collaborative.")] = None,
    across: Annotated[
        str, typer.Option(help="One page over all whose names fit, such as '*' or 'falls,child_*'.")
    ] = "",
    as_of: AsOf = "",
    data: Data = None,
    parameters: Parameters = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Where to. Default: the project's outputs/.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Reports made at once.")] = os.cpu_count() or 1,
    dask: Annotated[str, typer.Option(help="A Dask cluster instead: its scheduler's address, or local:N.")] = "",
    minutes: Annotated[float, typer.Option(min=0.01, help="Time one report may take.")] = 20,
    memory: Annotated[float, typer.Option(min=0.1, help="Memory one report may use, in GB.")] = 4,
    force: Annotated[bool, typer.Option("--force", help="Run also what has not changed since the last run.")] = False,
) -> None:
    """Make the pages: every learning session, or the notebooks and teams named. One that fails stops no other."""
    for name in UNUSED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # workers run side by side, each on its own core
    project = planning.find_project(Path.cwd(), parameters)
    target = (folder or project.root / "outputs").resolve()
    day, place = _day(as_of), _use(data)
    if across and (names or team or first_teams is not None):
        raise ParameterError("--across PATTERN stands in place of names and teams: give one or the other.")
    if across:
        books = planning.notebooks(project, notebook or [planning.NATIONAL])
        planned = planning.across(project, across, books, as_of=day, data=place)
    else:
        books = planning.notebooks(
            project, notebook or (), teams=bool(team) or first_teams is not None, whole=not (names or parameters)
        )
        planned = planning.plan(
            project,
            planning.choose(project, names or ()),
            books,
            teams=team or (),
            first_teams=first_teams,
            as_of=day,
            data=place,
            out=target,
            fitting=not notebook,
        )
    settings = _settings(project.root, target, minutes * 60, memory)
    raise typer.Exit(_make(planned, settings, workers, dask, force))


@app.command()
def present(
    name: Name = "",
    notebook: Annotated[str, typer.Option(help="Another notebook than the learning session.")] = planning.WHOLE,
    team: Team = "",
    as_of: AsOf = "",
    data: Data = None,
    parameters: Parameters = None,
    port: Port = 8866,
    browser: Browser = True,
) -> None:
    """Show a notebook live and without code, on this machine alone; Ctrl-C ends it."""
    from qitools import serve
    from qitools.batch import filling
    from qitools.views import theme

    _, job = _one(name, notebook, team, as_of, data, parameters)
    serve.present(job, _preload(notebook), filling.live(theme.css()), port=port, browser=browser, told=line)


@app.command()
def explore(
    name: Name = "",
    notebook: Annotated[str, typer.Option(help="Another notebook than the explorer.")] = EXPLORER,
    team: Team = "",
    as_of: AsOf = "",
    data: Data = None,
    parameters: Parameters = None,
    port: Port = 8888,
    browser: Browser = True,
) -> None:
    """Open a copy of a notebook in JupyterLab, with the collaborative loaded, on this machine alone; Ctrl-C ends it."""
    from qitools import serve

    project, job = _one(name, notebook, team, as_of, data, parameters)
    serve.explore(job, project.root, _preload(notebook), port=port, browser=browser, told=line)


def _one(
    name: str, notebook: str, team: str, as_of: str, data: Path | None, parameters: Path | None
) -> tuple[planning.Project, planning.Job]:
    """The project and the one job that a command shows live; a collaborative that cannot be read is refused here."""
    from qitools.batch import manifest
    from qitools.collaborative.decided import CHARTS_VARIABLE

    project = planning.find_project(Path.cwd(), parameters)
    book = planning.notebooks(project, [notebook])
    if not name and not once(book[0]):
        raise ParameterError(f"The notebook {notebook} is about one collaborative: give its name.")
    sources = planning.choose(project, [name]) if name else []
    folder = _use(data)
    for source in sources:
        qitools.load(source.path, as_of=_day(as_of) or None)
    os.environ[CHARTS_VARIABLE] = manifest.to_json(manifest.charts(project.root / "outputs"))  # as the pages have them
    jobs = planning.plan(
        project,
        sources,
        book,
        teams=[team] if team else (),
        first_teams=None if team else 1,
        as_of=_day(as_of),
        data=folder,
    )
    return project, jobs[0]


def _preload(notebook: str) -> tuple[str, ...]:
    """What a kernel shown live starts with: widgets only where they are looked at."""
    return (*PRELOAD, "qitools.views.explorer", "qitools.views.live") if notebook == EXPLORER else PRELOAD


def _settings(root: Path, target: Path, seconds: float, memory: float) -> Settings:
    from qitools.batch.report import Settings  # papermill and nbconvert take seconds: only when something is really run
    from qitools.batch.watch import Limits
    from qitools.views import theme

    limits = Limits(seconds=seconds, memory=int(memory * 1024**3))
    return Settings(root, target, datetime.now(UTC), theme.css(), PRELOAD, limits, rehearsal=REHEARSAL)


def _make(planned: list[planning.Job], settings: Settings, workers: int, dask: str, force: bool) -> int:
    """Run what is planned, tell what became of it, and return the exit code."""
    from qitools.batch import runner

    with Seen(len(planned)) as seen:
        records, whole = runner.run(planned, settings, workers=workers, dask=dask, force=force, seen=seen)
    out.print(summary(records, seen.news))
    for record in records:
        if record["outcome"] == "failed":
            told = f"\n[red]✗[/red] [bold]{escape(record['id'])}[/bold] not run: {escape(record['reason'])}"
            out.print(f"{told}\n[dim]  {escape(record['advice'])}[/dim]", soft_wrap=True)
    out.print(f"\nOpen {escape(str(settings.out / runner.INDEX))}", soft_wrap=True)
    if not whole:
        err.print("Stopped before the end: run the same command again to make the rest.")
    return 0 if whole and all(record["outcome"] == "done" for record in records) else 1


def _use(data: Path | None) -> Path | None:
    """Hand the data folder to ``qi.load``, here and in every notebook, by the environment; returns the one in use."""
    if data is not None and not data.is_dir():
        raise ParameterError(f"There is no folder {data}, which --data names.")
    if data is not None:
        os.environ["QITOOLS_DATA"] = str(data.resolve())
    return Path(os.environ["QITOOLS_DATA"]) if os.environ.get("QITOOLS_DATA") else None


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise ParameterError("--as-of is not a date:", [Problem(found=text, expected="YYYY-MM-DD")]) from None


def _wanted(path: Path) -> bool:
    return not any(part.startswith((".", "__pycache__")) for part in path.parts[-3:])


def main() -> None:
    """The command line; a refusal is words on stderr, never a traceback."""
    gc.set_threshold(100_000)  # modules, most of what is made, stay: to look for rubbish among them takes long
    try:
        app(windows_expand_args=False)  # `--across '*'` means collaboratives, not the files of this folder
    except QitoolsError as error:
        err.print(f"[red]✗[/red] {escape(str(error))}", soft_wrap=True)
        raise SystemExit(2 if isinstance(error, ParameterError) else 1) from None
    finally:
        gc.freeze()  # or the interpreter, as it ends, looks through all of them once more

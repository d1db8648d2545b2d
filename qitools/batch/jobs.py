"""What to run: every collaborative by every notebook, and by every team where a notebook asks for one.

A job is one notebook run for one collaborative (and one team). Nothing is executed here, so a whole month can be
planned, counted and refused before the first kernel starts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qitools.batch.books import accept, declared, needs, once, refuse
from qitools.collaborative import patterns
from qitools.collaborative.parameters import Parameters, read_parameters
from qitools.errors import ParameterError, QitoolsError

TEMPLATE = patterns.TEMPLATE
WHOLE = "learning_session"  # the page about a whole collaborative, run when no notebook is named
BESIDE = "facilitator_notes"  # what its facilitator prepares with; run beside it where the project has the notebook
PER_TEAM = "team_report"  # the page about one team, added when teams are asked for
NATIONAL = "impact_report"  # the page over many collaboratives
ACROSS = "_across"  # its folder; none can be named so
TEACHING = "_teaching"  # the folder of pages about no collaborative; none can be named so


@dataclass(frozen=True)
class Project:
    """Where things are: ``root`` is the working folder of every notebook."""

    root: Path
    parameters: Path
    notebooks: Path


@dataclass(frozen=True)
class Source:
    """A collaborative as the batch knows it: its name, its YAML, and what the YAML says (None where it is broken)."""

    name: str
    path: Path
    parameters: Parameters | None

    @property
    def teams(self) -> dict[str, str]:
        """Id → name, in the order of the YAML."""
        return {team.id: team.name for team in self.parameters.teams} if self.parameters else {}

    def data(self, folder: Path | None) -> dict[str, Path]:
        """Every data file, as the YAML names it → where it is: below ``folder``, or else below the YAML's own."""
        if self.parameters is None:
            return {}
        given = [each if isinstance(each, tuple) else (each,) for _, each in self.parameters.sources]
        files = [sheet.file for each in given for sheet in each if sheet]
        return {file: (folder or self.path.parent) / file for file in files}


@dataclass(frozen=True)
class Job:
    """One notebook to be run for one collaborative, and for one team where the notebook asks for it.

    ``label`` is the team's name, ``title`` the collaborative's, ``given`` what the notebook is told, and ``data`` the
    files it is made of.
    """

    collaborative: str
    source: Path
    notebook: Path
    team: str = ""
    label: str = ""
    title: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Path] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The job's folder below the output folder: ``falls/learning_session``, ``falls/team_report/ward-1``."""
        return "/".join(part for part in (self.collaborative, self.notebook.stem, self.team) if part)

    @property
    def stem(self) -> str:
        """The name its files share: ``falls-learning-session``."""
        return self.id.replace("/", "-").replace("_", "-").strip("-")


def find_project(start: Path, parameters: Path | None = None) -> Project:
    """The project that holds ``start``: the nearest folder, upwards, with ``parameters/`` or ``notebooks/`` in it.

    Args:
        start: a folder.
        parameters: another folder of YAML files, instead of the project's own.

    Raises:
        ParameterError: no project, or the folder of YAML files does not exist.
    """
    if parameters is not None and not parameters.is_dir():
        raise ParameterError(f"There is no folder {parameters}, which --parameters names.")
    folders = [start.resolve(), *start.resolve().parents]
    root = next((folder for folder in folders if (folder / "parameters").is_dir()), None)
    if root is None and parameters is None:
        raise ParameterError(f"No folder parameters/ in {start.resolve()} or above it: run `qitools init` to make one.")
    root = root or start.resolve()
    own = root / "notebooks"
    return Project(
        root, (parameters or root / "parameters").resolve(), own if own.is_dir() else shipped() / "notebooks"
    )


def shipped() -> Path:
    """The folder of the notebooks and parameters that come with qitools: in the wheel, or in the source tree."""
    package = Path(__file__).parents[1]
    packed = package / "_project"
    return packed if packed.is_dir() else package.parent


def choose(project: Project, names: Sequence[str] = ()) -> list[Source]:
    """The collaboratives named, in that order; without names every one but the template, in the order of their names.

    Raises:
        ParameterError: a name that has no YAML, with the nearest that has.
    """
    paths = {path.stem: path for path in sorted(project.parameters.glob("*.yaml"))}
    if not paths:
        raise ParameterError(f"There is no YAML file in {project.parameters}: run `qitools init` to get examples.")
    wanted = list(dict.fromkeys(names)) or [name for name in paths if name != TEMPLATE]
    refuse(wanted, list(paths), "a collaborative", str(project.parameters))
    return [Source(name, paths[name], _parameters(paths[name])) for name in wanted]


def notebooks(project: Project, names: Sequence[str] = (), *, teams: bool = False, whole: bool = False) -> list[Path]:
    """The notebooks named; without names the usual ones.

    Those are the page about the whole, its facilitator's, each team's where teams are asked for, every notebook that
    says what it needs (``plan`` leaves it out where that is not), and in a ``whole`` run those about no collaborative.

    Raises:
        ParameterError: a name that has no notebook, with the nearest that has.
    """
    paths = {path.stem: path for path in sorted(project.notebooks.glob("*.ipynb"))}
    usual = [WHOLE, *([BESIDE] if BESIDE in paths else []), *([PER_TEAM] if teams else [])]
    usual += [name for name, path in paths.items() if needs(path) or (whole and once(path))]
    wanted = list(dict.fromkeys(names)) or usual
    refuse(wanted, list(paths), "a notebook", str(project.notebooks))
    return [paths[name] for name in wanted]


def plan(
    project: Project,
    sources: Iterable[Source],
    books: Sequence[Path],
    *,
    teams: Sequence[str] = (),
    first_teams: int | None = None,
    as_of: str = "",
    data: Path | None = None,
    out: Path | None = None,
    fitting: bool = False,
) -> list[Job]:
    """Every job of a run, in the order of the collaboratives, then the notebooks, then the teams of the YAML.

    A YAML that cannot be read still gets its jobs: the notebook refuses it, and its saved copy says why. Its teams are
    those that have a page already, so that none of last month's is left to look like today's.

    Args:
        project: where things are.
        sources: the collaboratives.
        books: the notebooks.
        teams: only these teams' pages.
        first_teams: only so many teams of each collaborative, 0 or more.
        as_of: a date passed to the notebooks, ``YYYY-MM-DD``; "" for the last observed one.
        data: the folder of the data, where it is not that of each YAML.
        out: the output folder, which knows the teams of a YAML that can no longer be read.
        fitting: leave a notebook out where the YAML has not what it needs, instead of a page that says so.

    Raises:
        ParameterError: a team no chosen collaborative has; a parameter a notebook does not declare.
    """
    sources = list(sources)
    known = [team for source in sources for team in source.teams]
    if all(source.parameters for source in sources):
        refuse(teams, known, "a team", "the chosen collaboratives")
    found = [
        _job(project, source, book, team, as_of, data)
        for source in sources
        for book in books
        if not once(book) and not (fitting and _lacks(source, book))
        for team in (_teams(source, book, teams, first_teams, out) if "team" in declared(book) else [""])
    ]
    reached = {job.collaborative for job in found}
    unread = [
        one for one in sources if one.parameters is None and one.name not in reached and not all(map(once, books))
    ]
    found += [_job(project, source, notebooks(project)[0], "", as_of, data) for source in unread]
    found += [
        Job(TEACHING, project.root, book, title=book.stem.replace("_", " ").capitalize())
        for book in books
        if once(book)
    ]
    for book in {job.notebook for job in found}:
        accept(book, [name for job in found if job.notebook == book for name in job.given])
    return found


def across(
    project: Project, pattern: str, books: Sequence[Path], *, as_of: str = "", data: Path | None = None
) -> list[Job]:
    """One job a notebook over all collaboratives whose names fit; one that cannot be read is the notebook's to name.

    Args:
        project: where things are.
        pattern: names with ``*`` and ``?``, parted by commas; given to each notebook as ``across``.
        books: the notebooks.
        as_of, data: as in ``plan``.

    Raises:
        ParameterError: no name fits; a notebook that does not declare ``across``.
    """
    paths = patterns.fitting(project.parameters, pattern)
    files = {path.name: path for path in paths}
    for path in paths:
        files |= {
            f"{path.stem}/{name}": file for name, file in Source(path.stem, path, _parameters(path)).data(data).items()
        }
    own = project.parameters == project.root / "parameters"
    given = {"across": pattern if own else f"{_from_root(project)}/{pattern}", **({"as_of": as_of} if as_of else {})}
    for book in books:
        accept(book, given)
    return [Job(ACROSS, project.parameters, book, given=given, data=files) for book in books]


def _job(project: Project, source: Source, book: Path, team: str, as_of: str, data: Path | None) -> Job:
    given = {"collaborative": _argument(project, source)}
    given |= {name: value for name, value in (("team", team), ("as_of", as_of)) if value}
    title = source.parameters.title if source.parameters else ""
    label = source.teams.get(team, team)
    return Job(source.name, source.path, book, team, label, title, given, source.data(data))


def _lacks(source: Source, book: Path) -> bool:
    """Whether a YAML has not what a notebook needs; of one that cannot be read nothing is known to be there."""
    given = source.parameters.sources if source.parameters else None
    return any(not getattr(given, name, None) for name in needs(book))


def _parameters(path: Path) -> Parameters | None:
    try:
        return read_parameters(path)
    except (QitoolsError, OSError):
        return None  # its notebook will say why


def _argument(project: Project, source: Source) -> str:
    if source.path.parent == project.root / "parameters":
        return source.name
    return f"{_from_root(project)}/{source.path.name}"


def _from_root(project: Project) -> str:
    return Path(os.path.relpath(project.parameters, project.root)).as_posix()


def _teams(source: Source, book: Path, teams: Sequence[str], first: int | None, out: Path | None) -> list[str]:
    if source.parameters is None:
        pages = out / source.name / book.stem if out else None
        return sorted(path.name for path in pages.iterdir()) if pages and pages.is_dir() else []
    chosen = [team for team in source.teams if not teams or team in teams]
    return chosen if first is None else chosen[:first]

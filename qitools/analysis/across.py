"""Many collaboratives at once: each opened and analysed by itself, one that cannot be is named and left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from qitools.analysis.engine import Analysis, analyse
from qitools.analysis.pooled import EVENTS, Pooled, pool
from qitools.analysis.windows import A_YEAR, usual_period
from qitools.collaborative.document import Loc, dotted, read_document
from qitools.collaborative.loading import FOLDER, Collaborative, load
from qitools.collaborative.parameters import Impact
from qitools.collaborative.patterns import fitting
from qitools.errors import DataError, ParameterError, Problem, QitoolsError


@dataclass(frozen=True, eq=False)
class Member:
    """One collaborative: as opened, as analysed, and where its YAML says what."""

    collaborative: Collaborative
    analysis: Analysis
    file: str
    lines: Mapping[Loc, int]

    @property
    def name(self) -> str:
        return self.collaborative.parameters.collaborative

    @property
    def title(self) -> str:
        return self.collaborative.parameters.title

    @property
    def impact(self) -> Impact:
        return self.collaborative.parameters.impact or Impact()

    @property
    def period(self) -> str:
        return usual_period(self.analysis)

    @property
    def year(self) -> int:
        """Periods in a year."""
        return A_YEAR.get(self.period, 12)

    @property
    def sources(self) -> str:
        """The files of the figures, as the YAML names them."""
        return ", ".join(dict.fromkeys(source.file for source in self.collaborative.parameters.sources.observations))

    def place(self, *loc: str | int) -> str:
        """Where the YAML says something: file, line and key."""
        return str(Problem(self.file, self.lines.get(loc, 0), dotted(loc))).removesuffix(": ")

    def outcomes(self) -> list[str]:
        """The ids of the outcome measures, in the YAML's order."""
        table = self.analysis.measures
        return [str(one) for one in table.loc[table["kind"] == "outcome", "measure"]]

    def controls(self) -> list[str]:
        """The ids of the teams that are the comparison."""
        tag = self.impact.control
        return [team.id for team in self.collaborative.parameters.teams if tag and tag in team.tags]

    def own(self) -> Analysis:
        """The analysis of the teams that took part."""
        controls = self.controls()
        return of_teams(self.analysis, [one for one in self.analysis.teams["team"].astype(str) if one not in controls])

    def together(self, measure: str, controls: bool = False) -> tuple[Pooled | None, str]:
        """One measure of those that took part, or of the comparison, pooled; None with its reason: events, total."""
        of = of_teams(self.analysis, self.controls()) if controls else self.own()
        if (of.measures.loc[of.measures["measure"] == measure, "data"].isin(EVENTS)).any():
            return None, "events"
        try:
            return pool(of, measure), ""
        except DataError:
            return None, "total"

    def closed(self) -> pd.Timestamp | None:
        """The day on which it closed, where the figures have come that far."""
        day = self.collaborative.parameters.closed
        return pd.Timestamp(day) if day and pd.Timestamp(day) <= self.collaborative.as_of else None

    def began(self) -> pd.Timestamp | None:
        """The first period of the work, where the YAML says when it began."""
        return pd.Timestamp(self.impact.began) if self.impact.began else None


@dataclass(frozen=True, eq=False)
class Across:
    """Many collaboratives, in the order of their names, and those left out: ``collaborative, reason`` (in words)."""

    members: tuple[Member, ...]
    refused: pd.DataFrame
    pattern: str = "*"

    def __repr__(self) -> str:
        return f"Across({len(self.members)} collaboratives, {len(self.refused)} left out)"

    @property
    def simulated(self) -> bool:
        """Whether all of them are; ``invented`` names those that are."""
        return len(self.invented) == len(self.members)

    @property
    def invented(self) -> tuple[str, ...]:
        """The names of those that are simulated."""
        return tuple(one.name for one in self.members if one.collaborative.parameters.simulated)

    @property
    def as_of(self) -> pd.Timestamp:
        """The latest date of any figure."""
        return max(member.collaborative.as_of for member in self.members)


def across(
    names: str = "*", *, as_of: str | date | None = None, audience: str | None = None, data: str | Path | None = None
) -> Across:
    """Open and analyse every collaborative whose name fits.

    Args:
        names: names with ``*`` and ``?``, parted by commas, of YAML files in ``parameters/`` of the working folder or a
            parent; with a slash, of the folder before it. ``example`` counts only where it is named.
        as_of, audience, data: as in ``qi.load``, for each.

    Returns:
        ``Across``: one member for each that could be opened; the others in ``refused``, with every problem.

    Raises:
        ParameterError: no name fits, or none of them could be opened.

    >>> across("example")
    Across(1 collaboratives, 0 left out)
    """
    folder, pattern = _place(names)
    members, refused = [], []
    for path in fitting(folder, pattern):
        try:
            opened = load(path, audience, as_of=as_of, data=data)
            members.append(Member(opened, analyse(opened), path.name, read_document(path).lines))
        except (QitoolsError, OSError) as error:
            refused.append({"collaborative": path.stem, "reason": str(error)})
    if not members:
        told = [Problem(file=row["collaborative"], hint=row["reason"]) for row in refused]
        raise ParameterError(f"None of the collaboratives that fit {names!r} could be used:", told)
    return Across(tuple(members), pd.DataFrame(refused, columns=["collaborative", "reason"]), names)


def _place(names: str) -> tuple[Path, str]:
    """The folder that a pattern speaks of, and the names in it."""
    before, slash, pattern = names.removesuffix(".yaml").rpartition("/")
    if slash:
        return Path(before or "/"), pattern
    here = Path.cwd()
    homes = [folder / FOLDER for folder in (here, *here.parents) if (folder / FOLDER).is_dir()]
    return next(iter(homes), here / FOLDER), pattern


def of_teams(analysis: Analysis, teams: list[str]) -> Analysis:
    """The same tables with the rows of these teams alone."""
    if len(teams) == len(analysis.teams):
        return analysis
    tables = {name: getattr(analysis, name) for name in ("points", "phases", "series", "teams")}
    kept = {name: table[table["team"].astype(str).isin(teams)].reset_index(drop=True) for name, table in tables.items()}
    return replace(analysis, **kept)

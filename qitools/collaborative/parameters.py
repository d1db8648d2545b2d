"""What a collaborative is: the typed form of its YAML.

One YAML file names the aim, the measures, the teams, where the data are and which decisions people took (phases,
exclusions), each with its reason. Reading it either gives a frozen ``Parameters`` or one error that lists everything
wrong with the file. ``parameters/example.yaml`` shows and explains every key.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from qitools.collaborative.decided import Annotation, Exclusion, Phase, Setting
from qitools.collaborative.document import Document, read_document
from qitools.collaborative.parts import Day, Id, Part, Text
from qitools.collaborative.references import CHANGE, reference_problems
from qitools.collaborative.refusals import refusals
from qitools.errors import ParameterError, Problem

Period = Literal["week", "month", "quarter"]
Audience = Literal["public", "partners", "internal"]
Chart = Literal["run", "i", "mr", "xbar", "s", "p", "pp", "u", "up", "c", "g", "t", "auto"]
Data = Literal["proportion", "rate", "count", "value", "days_between", "events_between"]
Section = Literal["welcome", "since", "changing", "stories", "break", "talk", "next_test", "commitments", "close"]
YEAR: dict[str, int] = {"week": 52, "month": 12, "quarter": 4}  # periods in a year
COUNTS: tuple[str, ...] = ("proportion", "rate", "count")  # data whose numerator counts people or events


class Aim(Part):
    """How much, by when."""

    statement: Text
    measure: Id
    change: Annotated[str, StringConstraints(pattern=CHANGE)] | None = None
    by: date | None = None


class Columns(Part):
    """The columns that hold one measure."""

    numerator: Text | None = None  # none only where each row is an event
    denominator: Text | None = None  # none: the numerator is the value


class Condition(Part):
    """The values of a column to keep, or to leave out."""

    only: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = Field(default=(), alias="not")


def _condition(value: Any) -> Any:
    """``where`` takes one value, a list of values, or ``{not: …}``."""
    if isinstance(value, dict) and "not" in value:
        return {**value, "not": _texts(value["not"])}
    return value if isinstance(value, (dict, Condition)) else {"only": _texts(value)}


def _texts(value: Any) -> tuple[Any, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(str(one) if isinstance(one, int | date) else one for one in values)


class Sheet(Part):
    """One CSV and how it was written."""

    file: Text
    encoding: Text = "utf-8"
    separator: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    date_format: Text | None = None


class Source(Sheet):
    """One CSV of observations and how its columns map; without ``measures`` it is a long table."""

    date: Text = "date"
    team: Text = "team"
    measures: dict[Id, Columns] | None = None
    where: dict[str, Annotated[Condition, BeforeValidator(_condition)]] = Field(default={})
    stratum: Text | None = None
    status: Text | None = None
    missing: tuple[str, ...] = ()
    suppressed: tuple[str, ...] = ()
    duplicates: Literal["refuse", "add"] = "refuse"


class Feed(Sheet):
    """One CSV of how a service runs: where its teams and dates stand, and which rows count."""

    date: Text = "date"
    team: Text = "team"
    where: dict[str, Annotated[Condition, BeforeValidator(_condition)]] = Field(default={})
    missing: tuple[str, ...] = ()
    duplicates: Literal["refuse", "add"] = "refuse"


class Flow(Feed):
    """Demand, capacity, activity, queue and removals; without ``columns`` they are called so."""

    columns: dict[Literal["demand", "capacity", "activity", "queue", "removals"], Text] = Field(default={})


class Delays(Feed):
    """Reasons for delay: a column a reason, or columns ``reason`` and ``count``; ``total`` is what they add up to."""

    reasons: dict[Text, Text] = Field(default={})
    total: Text | None = None


def _whole_keys(value: Any) -> Any:
    """Keys of a mapping as the whole numbers that they write."""
    return {int(key) if str(key).isdigit() else key: one for key, one in value.items()} if value else value


class Waits(Feed):
    """How many wait: ``longer`` than so many weeks, a column each, or columns ``from_weeks, to_weeks, count``."""

    longer: Annotated[dict[Annotated[int, Field(ge=0)], Text], BeforeValidator(_whole_keys)] = Field(default={})


class Strata(Part):
    """How the strata of the observations are ordered, from the most to the least deprived; others are left out."""

    name: Text = "Stratum"
    order: Annotated[tuple[Text, ...], BeforeValidator(lambda value: _texts(value))] = ()


def _sheet(value: Any) -> Any:
    """A path, or a mapping."""
    return {"file": value} if isinstance(value, str) else value


def _sources(value: Any) -> Any:
    """A path, a mapping or a list of mappings, always as a list."""
    return tuple(_sheet(one) for one in (value if isinstance(value, tuple) else (value,)))


MaybeSheet = Annotated[Sheet | None, BeforeValidator(_sheet)]


class Sources(Part):
    """Where the data are."""

    observations: Annotated[tuple[Source, ...], BeforeValidator(_sources)]
    changes: MaybeSheet = None
    pdsa: MaybeSheet = None
    assessments: MaybeSheet = None
    stories: MaybeSheet = None
    offers: MaybeSheet = None
    partners: MaybeSheet = None
    comparators: MaybeSheet = None
    training: MaybeSheet = None
    staff: MaybeSheet = None
    flow: Annotated[tuple[Flow, ...], BeforeValidator(_sources)] = ()
    delays: Annotated[tuple[Delays, ...], BeforeValidator(_sources)] = ()
    waits: Annotated[tuple[Waits, ...], BeforeValidator(_sources)] = ()

    @property
    def strata(self) -> bool:
        """Whether a source divides the rows of a team."""
        return any(source.stratum for source in self.observations)


class Measure(Part):
    """One measure; ``better`` and ``data`` have no default, since a wrong guess turns a chart upside down."""

    id: Id
    name: Text
    kind: Literal["outcome", "process", "balancing"]
    data: Data
    better: Literal["higher", "lower", "neither"]
    per: float | None = Field(default=None, gt=0)
    unit: str = ""
    chart: Chart = "run"
    target: float | None = None
    rows: Literal["one", "subgroup", "events"] = "one"
    numerator: str = ""
    denominator: str = ""
    definition: str = ""

    @property
    def counted(self) -> bool:
        """Whether the numerator counts people or events, so that rows can be added."""
        return self.data in COUNTS

    @property
    def multiplier(self) -> float:
        """``per``; where it is not given 100 for a proportion (a percentage), else 1."""
        return self.per or (100.0 if self.data == "proportion" else 1.0)


class Team(Part):
    """One team; ``code`` is how the data name it, the ``id`` unless said."""

    id: Id
    name: Text
    organisation: str = ""
    board: str = ""
    joined: date | None = None
    display: Literal["chart", "table"] = "chart"
    share: bool = False
    period: Period | None = None
    tags: tuple[str, ...] = ()
    code: Text | None = None


class Item(Part):
    """One item of an agenda: a title of its own, or the usual words of its section."""

    title: str = ""
    minutes: int | None = Field(default=None, gt=0)
    section: Section | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Item:
        if not self.title.strip() and self.section is None:
            raise PydanticCustomError("no_title", "a title or a section")
        return self


def _item(value: Any) -> Any:
    """An item may be a text alone: the name of a section, or a title."""
    if isinstance(value, str):
        return {"section" if value in get_args(Section) else "title": value}
    return value


class Session(Part):
    """A learning session."""

    date: Day
    name: Text
    minutes: int | None = Field(default=None, gt=0)
    agenda: tuple[Annotated[Item, BeforeValidator(_item)], ...] = ()


class Matching(Part):
    """Which teams are brought together to talk."""

    tags: tuple[str, ...] = ()  # the tags that make teams alike; none: every tag
    most: int = Field(default=2, ge=1)  # teams that one team is asked to talk to


class Driver(Part):
    """One box of a driver diagram and the boxes to its right."""

    name: Text
    id: str = ""
    measure: str = ""
    ideas: tuple[Text, ...] = ()
    drivers: tuple[Driver, ...] = ()
    supports: tuple[str, ...] = ()  # ids of further boxes to its left


class Sum(Part):
    """An amount of money, and between which bounds it may lie."""

    amount: float = Field(ge=0)
    low: float | None = Field(default=None, ge=0)
    high: float | None = Field(default=None, ge=0)
    source: Text

    @property
    def bounds(self) -> tuple[float, float]:
        """Between what it may lie; the amount itself where no bound is given. Nought is a bound."""
        low, high = (self.amount if end is None else end for end in (self.low, self.high))
        return low, high

    @model_validator(mode="after")
    def _in_order(self) -> Sum:
        low, high = self.bounds
        if not low <= self.amount <= high:
            raise PydanticCustomError("bounds", "low, amount and high in that order")
        return self


class Benefit(Sum):
    """What one event fewer of a measure is worth."""

    measure: Id


class Impact(Part):
    """What an impact report needs to know beside the figures."""

    began: date | None = None  # figures before it are what would have been expected
    control: str = ""  # the tag of teams that are the comparison and took no part
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")] = "GBP"
    cost: Sum | None = None
    benefit: Benefit | None = None
    eligible: dict[str, Annotated[int, Field(ge=1)]] = Field(default={})  # board → teams there could be


class Parameters(Part):
    """The whole YAML of one collaborative."""

    collaborative: Id
    title: Text
    sources: Sources
    measures: tuple[Measure, ...] = Field(min_length=1)
    teams: tuple[Team, ...] = Field(min_length=1)
    aim: Aim | None = None
    simulated: bool = False
    period: Period = "month"
    rules: str = "his-2025"
    baseline: int | None = Field(default=None, ge=3)
    rebase: Literal["none", "sustained-shift"] = "none"
    screen: bool = False
    change_window: int | None = Field(default=None, ge=1)
    audience: Audience = "internal"
    attribution: str = ""
    sessions: tuple[Session, ...] = ()
    phases: tuple[Phase, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    decisions: tuple[Setting, ...] = ()
    drivers: tuple[Driver, ...] = ()
    matching: Matching = Matching()
    strata: Strata = Strata()
    closed: date | None = None
    impact: Impact | None = None

    @property
    def window(self) -> int:
        """Periods at each end that the pooled change compares: ``change_window``, else a year."""
        return self.change_window or YEAR[self.period]


def typed(document: Document) -> Parameters:
    """The typed form of a YAML.

    Args:
        document: the file as plain values; its name without the ending must equal ``collaborative``.

    Returns:
        The typed, frozen parameters.

    Raises:
        ParameterError: with every problem in the file: line, key, found, expected, nearest legal name.
    """
    if loops := [loop for loc, loop in document.loops if loc[0] != "drivers"]:  # those of drivers are findings
        raise ParameterError(f"{document.file} cannot be read", loops)
    parameters, problems = _validated(document)
    problems += [*document.problems, *reference_problems(document)]
    if problems or parameters is None:
        ordered = sorted(set(problems), key=lambda problem: (problem.line, problem))
        raise ParameterError(f"{document.file} says something it may not say", ordered)
    return parameters


def read_parameters(path: Path) -> Parameters:
    """Read and check one YAML file; see ``typed``."""
    return typed(read_document(path))


def _validated(document: Document) -> tuple[Parameters | None, list[Problem]]:
    try:
        return Parameters.model_validate(document.data), []
    except ValidationError as error:
        return None, refusals(error, document, Parameters)

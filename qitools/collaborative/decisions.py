"""The decisions in the YAML (phases and exclusions) held against the data they speak of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from qitools.collaborative.document import Document, Loc
from qitools.collaborative.parameters import Exclusion, Parameters
from qitools.errors import ParameterError, Problem


def expanded(parameters: Parameters, observations: pd.DataFrame, document: Document) -> Parameters:
    """The parameters with one exclusion for each team, measure and date that a decision covers.

    Args:
        parameters: as the YAML has them.
        observations: the whole table, before ``as_of``.
        document: the YAML, for messages.

    Returns:
        A copy; phases are unchanged.

    Raises:
        ParameterError: a phase or an exclusion whose date matches no period, with the nearest that does.
    """
    problems = [*_phase_problems(parameters, observations, document)]
    exclusions: dict[tuple[str, str, date], Exclusion] = {}
    for i, exclusion in enumerate(parameters.exclusions):
        covered = _covered(exclusion, observations)
        if covered.empty:
            rows = _scope(observations, exclusion.team, exclusion.measure)
            problems.append(_no_period(document, ("exclusions", i, "date"), exclusion.date, rows))
        for row in covered.to_dict("records"):
            key = (row["team"], row["measure"], row["date"].date())
            one = {"team": key[0], "measure": key[1], "date": key[2], "until": None}
            exclusions.setdefault(key, exclusion.model_copy(update=one))
    if problems:
        raise ParameterError(f"{document.file} decides about periods that are not there", problems)
    return parameters.model_copy(update={"exclusions": tuple(exclusions.values())})


def decisions_until(parameters: Parameters, until: pd.Timestamp) -> Parameters:
    """The parameters without the phases and exclusions that begin after this date."""
    day = until.date()
    kept = {
        "phases": tuple(phase for phase in parameters.phases if phase.start <= day),
        "exclusions": tuple(exclusion for exclusion in parameters.exclusions if exclusion.date <= day),
    }
    return parameters.model_copy(update=kept)


def _phase_problems(parameters: Parameters, observations: pd.DataFrame, document: Document) -> Iterator[Problem]:
    for i, phase in enumerate(parameters.phases):
        rows = _scope(observations, phase.team, phase.measure)
        if not (rows["date"] == pd.Timestamp(phase.start)).any():
            yield _no_period(document, ("phases", i, "start"), phase.start, rows)


def _covered(exclusion: Exclusion, observations: pd.DataFrame) -> pd.DataFrame:
    rows = _scope(observations, exclusion.team, exclusion.measure)
    last = exclusion.until or exclusion.date
    return rows[rows["date"].between(pd.Timestamp(exclusion.date), pd.Timestamp(last))]


def _scope(observations: pd.DataFrame, team: str, measure: str) -> pd.DataFrame:
    """The rows of this team and measure; none named means all."""
    keep = (observations["team"] == team) | (team == "")
    return observations[keep & ((observations["measure"] == measure) | (measure == ""))]


def _no_period(document: Document, loc: Loc, day: date, rows: pd.DataFrame) -> Problem:
    if rows.empty:
        return document.problem(
            loc, expected="a team and measure with data", hint="there are no rows", code="no_period"
        )
    dates = rows["date"].drop_duplicates()
    near = dates.iloc[int((dates - pd.Timestamp(day)).abs().argmin())]
    expected = "the first day of a period of this series"
    return document.problem(loc, expected=expected, hint=f"the nearest is {near:%Y-%m-%d}", code="no_period")

"""The decisions in the YAML (aim, phases, exclusions, settings, tags to match by) held against what they speak of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import floor

import pandas as pd

from qitools.collaborative.decided import Exclusion, present, words
from qitools.collaborative.document import Document, Loc
from qitools.collaborative.parameters import Parameters
from qitools.collaborative.periods import floored
from qitools.collaborative.quality import Finding, noted
from qitools.collaborative.references import percentage
from qitools.errors import ParameterError, Problem, nearest
from qitools.spc.rule_sets import RULE_SETS

HIS = RULE_SETS["his-2025"]
START, START_QUARTERLY = HIS.baseline, HIS.baseline_quarterly  # points that an aim's starting level stands on


def expanded(parameters: Parameters, observations: pd.DataFrame, document: Document) -> Parameters:
    """The parameters with one exclusion for each team, measure and date that a decision covers.

    Args:
        parameters: as the YAML has them.
        observations: the whole table, before ``as_of``.
        document: the YAML, for messages.

    Returns:
        A copy; phases are unchanged.

    Raises:
        ParameterError: an aim that leads past 100%; a phase or an exclusion whose date matches no period, with the
            nearest that does.
    """
    problems = [
        *_aim_problems(parameters, observations, document),
        *_phase_problems(parameters, observations, document),
    ]
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
        raise ParameterError(f"{document.file} decides what the data do not allow", problems)
    return parameters.model_copy(update={"exclusions": tuple(exclusions.values())})


def decisions_until(parameters: Parameters, until: pd.Timestamp) -> Parameters:
    """The parameters without the phases, exclusions and annotations that begin after this date."""
    day, last = until.date(), until.to_datetime64()
    kept = {
        "phases": tuple(phase for phase in parameters.phases if phase.start <= day),
        "exclusions": tuple(exclusion for exclusion in parameters.exclusions if exclusion.date <= day),
        "annotations": tuple(
            one for one in parameters.annotations if floored([one.date], parameters.period)[0] <= last
        ),
    }
    return parameters.model_copy(update=kept)


def unknown_tags(parameters: Parameters, document: Document) -> Iterator[Finding]:
    """Tags to match teams by which no team has."""
    known = sorted({tag for team in parameters.teams for tag in team.tags})
    for i, tag in enumerate(parameters.matching.tags):
        if tag not in known:
            hint, expected = nearest(tag, known), "a tag that a team has"
            yield noted(
                document.problem(("matching", "tags", i), found=tag, expected=expected, hint=hint, code="unknown_tag")
            )


def overtaken(parameters: Parameters, document: Document) -> Iterator[Finding]:
    """Settings that no longer are what the last decision recorded about them made them."""
    last = {(one.key, one.team, one.measure): i for i, one in enumerate(parameters.decisions)}
    for (key, team, measure), i in last.items():
        decided, is_now = parameters.decisions[i].value, present(document.data, key, team, measure)
        if is_now != decided:
            expected = f"{key} as it now stands in the file, {words(is_now)}: record why it was changed again"
            yield noted(
                document.problem(("decisions", i, "value"), found=words(decided), expected=expected, code="overtaken")
            )


def _aim_problems(parameters: Parameters, observations: pd.DataFrame, document: Document) -> Iterator[Problem]:
    """An aim to raise a proportion past 100%, seen from the level of its first periods, all teams together."""
    aim = parameters.aim
    shares = [one.id for one in parameters.measures if one.data == "proportion"]
    change = percentage(aim.change) if aim and aim.measure in shares else None
    if aim is None or change is None:
        return
    rows = observations[(observations["measure"] == aim.measure) & observations["numerator"].notna()]
    sums = rows.groupby("date")[["numerator", "denominator"]].sum().query("denominator > 0")
    points = parameters.baseline or (START_QUARTERLY if parameters.period == "quarter" else START)
    level = float((sums["numerator"] / sums["denominator"]).head(points).median())
    if level * (1 + change) > 1:
        expected = f"at most +{floor(100 * (1 / level - 1))}%, since {aim.measure} starts at {level:.0%}"
        hint = "to reach a level, leave 'change' out and give the measure that 'target'"
        yield document.problem(("aim", "change"), expected=expected, hint=hint, code="aim_change")


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

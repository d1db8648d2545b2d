"""Team progress scores: how far each team says it is, on the scale of the Institute for Healthcare Improvement.

The scale runs from 0.5 (intent to take part) to 5.0 (outstanding, sustainable results), by halves. Its steps are an
order and no distance, so that scores are counted and put in order, never averaged: a median of an even number of
scores is the two in the middle. Where a score and the charts say different things, that is a prompt for a talk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qitools.analysis.focus import focus
from qitools.analysis.pdsa import cycles

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

# Assessment Scale for Collaboratives, Institute for Healthcare Improvement, 2004.
LEVELS = tuple(step / 2 for step in range(1, 11))
TESTING = 2.5  # changes tested
MODEST = 3.0  # modest improvement
IMPROVED = 3.5  # improvement
SIGNIFICANT = 4.0  # significant improvement
SUSTAINABLE = 4.5  # sustainable improvement
APART = 1.0  # two steps between a team's own score and the faculty's are worth a talk; ours
KINDS = ("self", "faculty")
PROMPTS = ("no_tests", "no_signal", "not_held", "under_claiming", "apart")
COUNTED = ("outcome", "process")  # measures whose charts a score may be held against


def distribution(analysis: Analysis, kind: str = "self") -> pd.DataFrame:
    """How many teams gave themselves which score, month by month; no team can be told from it.

    Args:
        analysis: what ``qi.analyse`` gave.
        kind: self or faculty.

    Returns:
        ``date, score, teams``, by date and score.
    """
    known = _of(analysis, kind)
    return known.groupby(["date", "score"])["team"].nunique().rename("teams").reset_index()


def by_month(analysis: Analysis, kind: str = "self") -> pd.DataFrame:
    """The middle score of each month and how many teams have come how far; never a mean.

    Args: as ``distribution``.

    Returns:
        ``date, teams`` (that gave a score), ``median_low, median_high`` (the two scores in the middle; alike where the
        number of teams is odd), ``modest, significant`` (teams at 3.0 and 4.0 or above).
    """
    scores = _of(analysis, kind).groupby("date")["score"]
    table = pd.DataFrame(
        {
            "teams": scores.size(),
            "median_low": scores.quantile(0.5, interpolation="lower"),
            "median_high": scores.quantile(0.5, interpolation="higher"),
            "modest": scores.agg(lambda own: (own >= MODEST).sum()),
            "significant": scores.agg(lambda own: (own >= SIGNIFICANT).sum()),
        }
    )
    return table.astype({"teams": int, "modest": int, "significant": int}).reset_index()


def latest(analysis: Analysis) -> pd.DataFrame:
    """The latest score of each team and kind.

    Returns:
        ``team, kind, date, score``, in the fixed order of the teams, a team's own score first.
    """
    known = _of(analysis, *KINDS).sort_values("date", kind="stable")
    last = known.groupby(["team", "kind"], as_index=False, sort=False)[["team", "kind", "date", "score"]].tail(1)
    teams = {str(team): i for i, team in enumerate(analysis.teams["team"])}
    place = last["team"].map(teams) * len(KINDS) + last["kind"].map(KINDS.index)
    return last.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)


def prompts(analysis: Analysis, team: str = "") -> pd.DataFrame:
    """Where a team's latest scores and the rest of what is known say different things.

    ``no_tests``: 2.5 or more, and no test of change in the log (asked only where there is a log). ``no_signal``: 3.5
    or more, and no chart improved or improving. ``not_held``: 4.5 or more, and no improvement that has held.
    ``under_claiming``: 2.5 or less, and a sustained improvement whose run has not ended: one that has asks for nothing,
    either way. Charts of teams that no longer report are silent. ``apart``: a team and the faculty differed by
    ``APART`` when both last scored the same month. Charts of balancing measures are not asked; a team without a chart
    that can speak is asked of tests alone.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: id of a team; "" for all.

    Returns:
        ``team, kind, date, score, other, code``; one row a prompt, in the fixed order, ``apart`` last; ``other``: of
        ``apart`` the faculty's score, else NaN.

    Raises:
        ParameterError: an unknown team.
    """
    wanted = {str(one) for one in focus(analysis, team).teams["team"]}
    charts = _charts(analysis)
    log = cycles(analysis)
    tested = set(log.loc[log["state"] != "planned", "team"].astype(str))
    rows = []
    for row in latest(analysis).to_dict("records"):
        if row["team"] in wanted:
            told = charts.get(row["team"])
            rows += [{**row, "code": code} for code in _asked(row["score"], row["team"] in tested or log.empty, told)]
    apart = _apart(analysis, wanted)
    table = pd.DataFrame(rows, columns=list(apart.columns))
    return pd.concat([table, apart], ignore_index=True) if rows and len(apart) else table if rows else apart


def _asked(score: float, tested: bool, told: dict[Any, bool] | None) -> list[str]:
    """The codes of what one score makes us ask; ``told`` is what the team's charts show, None where they are silent."""
    asked = ["no_tests"] if score >= TESTING and not tested else []
    if told is None:
        return asked
    asked += ["no_signal"] if score >= IMPROVED and not told["favourable"] else []
    asked += ["not_held"] if score >= SUSTAINABLE and not told["held"] else []
    return asked + (["under_claiming"] if score <= TESTING and told["sustained"] else [])


def _charts(analysis: Analysis) -> dict[str, dict[Any, bool]]:
    """What the charts of each team show; teams whose charts all have too few points are left out."""
    kinds = dict(zip(analysis.measures["measure"], analysis.measures["kind"], strict=True))
    series = analysis.series[analysis.series["measure"].map(kinds).isin(COUNTED)]
    series = series[(series["verdict"] != "too_few") & series["current"]]
    sustained = series["verdict"] == "improved"
    improving = (series["verdict"] == "candidate") & (series["variation"] == "improving")
    shown = pd.DataFrame(
        {
            "team": series["team"].astype(str),
            "favourable": sustained | improving | (series["verdict"] == "mixed"),
            "sustained": sustained & series["signal_end"].isna(),
            "held": sustained & (series["strength"] == "held"),
        }
    )
    return {str(row["team"]): row for row in shown.groupby("team", as_index=False).any().to_dict("records")}


def _apart(analysis: Analysis, wanted: set[str]) -> pd.DataFrame:
    """Teams whose own score and the faculty's lay far apart when both last scored the same month."""
    own, other = (_of(analysis, kind) for kind in KINDS)
    both = own.merge(other[["team", "date", "score"]], on=["team", "date"], suffixes=("", "_other"))
    last = both.sort_values("date", kind="stable").groupby("team", sort=False).tail(1)
    far = last[((last["score"] - last["score_other"]).abs() >= APART) & last["team"].isin(list(wanted))]
    place = {str(team): i for i, team in enumerate(analysis.teams["team"])}
    ordered = far.sort_values("team", key=lambda teams: teams.map(place), kind="stable").rename(
        columns={"score_other": "other"}
    )
    table: pd.DataFrame = ordered[["team", "kind", "date", "score", "other"]].assign(code="apart")
    return table.reset_index(drop=True)


def _of(analysis: Analysis, *kinds: str) -> pd.DataFrame:
    """The scores of these kinds, of teams the analysis holds."""
    scores: pd.DataFrame = analysis.records.scores
    known = scores["kind"].isin(list(kinds)) & scores["team"].isin(analysis.teams["team"].astype(str).tolist())
    return scores.loc[known]

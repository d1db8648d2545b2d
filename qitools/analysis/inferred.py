"""What a plain table leaves unsaid: the kind of its data, and how often its teams report.

Both are told from the rows in such a way that no single row, and no team that joins, changes what another team's are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from qitools.analysis.arguments import Labels, objects
from qitools.analysis.long_table import DAY, MOST, Observations, month_edges
from qitools.errors import DataError, Problem
from qitools.spc.panel import Bools

RATIO_CHARTS = {"p": "proportion", "pp": "proportion", "u": "rate", "up": "rate"}
OTHER_CHARTS = {"c": "count", "g": "events_between", "t": "days_between"}
MEANS = ("xbar", "s")  # refuse denominators by themselves
MONTHS_OF_QUARTER = 3
HALF_YEAR = 6  # months: by it, months, quarters and everything rarer are told apart


def kinds(rows: Observations, measures: Mapping[str, Labels]) -> Labels:
    """What kind of data a measure of a table is: from its chart, else from its denominators and ``per``.

    A rate per 1 or 100 is told from a proportion by its numerators: above the denominator in most rows of every team.
    What then cannot be is refused.

    Raises:
        DataError: denominators in some teams of a measure and in none of another's rows.
    """
    teams, count = len(rows.teams), len(rows.measures)
    both = ~np.isnan(rows.numerator) & (rows.denominator > 0)
    key = rows.measure * teams + rows.team
    there, above = (
        np.bincount(key[which], minlength=count * teams).reshape(count, teams)
        for which in (both, both & (rows.numerator > rows.denominator))
    )
    given = np.bincount(key[~np.isnan(rows.denominator)], minlength=count * teams).reshape(count, teams) > 0
    sent = np.bincount(key[~np.isnan(rows.numerator)], minlength=count * teams).reshape(count, teams) > 0
    has, told = given.any(axis=1), RATIO_CHARTS | OTHER_CHARTS
    unclear = has & ~np.isin(measures["chart"], [*told, *MEANS])
    _refuse_mixed(rows, sent & ~given & unclear[:, None])
    beyond = (there > 0).any(axis=1) & ((there == 0) | (2 * above > there)).all(axis=1)
    share = has & ~beyond & np.isin(measures["per"], (1, 100))
    guess = np.where(share, "proportion", np.where(has, "rate", "value"))
    return objects(told.get(chart, str(kind)) for chart, kind in zip(measures["chart"], guess, strict=True))


def _refuse_mixed(rows: Observations, bare: Bools) -> None:
    problems = [
        Problem(
            where=f"team {rows.teams[team]!r}, measure {rows.measures[measure]!r}",
            found="numerators without a denominator, where other teams have them",
            expected="denominators for every team of a measure, or for none",
        )
        for measure, team in np.argwhere(bare)[:MOST]
    ]
    if problems:
        raise DataError("The teams of a measure do not send the same kind of figure.", problems)


def periods(rows: Observations, measures: Mapping[str, Labels]) -> tuple[Labels, str, bool]:
    """How often each team reports: month or quarter where all of its dates say so, else ""; and what all share.

    Its dates, of all its measures that are no events, must be first days of months or all of them last days, and what
    lies between them whole months (or quarters) and no more than that. Also whether any team's are last days.
    """
    teams, beside = len(rows.teams), 2 * HALF_YEAR  # slots of first days, of last days, and one of dates within a month
    counted = (measures["rows"] != "events")[rows.measure]
    place, each = pd.factorize(rows.date.view(np.int64))
    dates = each.view(DAY)
    month = dates.astype("datetime64[M]").astype(np.int64) % HALF_YEAR
    slot = np.select(list(month_edges(dates)), [month, HALF_YEAR + month], beside)
    key = (rows.team * (beside + 1) + slot[place])[counted]
    seen = np.bincount(key, minlength=teams * (beside + 1)).reshape(teams, beside + 1) > 0
    firsts = np.asarray(~seen[:, HALF_YEAR:].any(axis=1))
    lasts = np.asarray(~seen[:, :HALF_YEAR].any(axis=1)) & ~seen[:, beside]
    edges, slots = firsts | lasts, np.where(firsts[:, None], seen[:, :HALF_YEAR], seen[:, HALF_YEAR:beside])
    away = np.where(slots, np.arange(HALF_YEAR) - slots.argmax(axis=1)[:, None], 0)
    shared = np.gcd(np.gcd.reduce(away, axis=1), HALF_YEAR) * edges
    found = np.select([shared == 1, shared == MONTHS_OF_QUARTER], ["month", "quarter"], "").astype(object)
    known = {str(one) for one in found if one}
    shared_by_all = known.pop() if len(known) == 1 and edges.all() else ""
    return found, shared_by_all, bool((lasts & ~firsts & (found != "")).any())

"""Teams too small for months: where a team's ``period`` is quarter, its months are added up.

Healthcare Improvement Scotland shows its smaller boards by quarter. Only counts can be added; individual values stay as
they came. A quarter of which a month is missing is missing, since a part of a quarter looks like a fall.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qitools.collaborative.periods import floored
from qitools.collaborative.quality import Finding, noticed

if TYPE_CHECKING:
    from qitools.collaborative.parameters import Parameters

MONTHS = 3
KEY = ["team", "measure", "date", "stratum"]  # what names one row


def quarterly_rows(rows: pd.DataFrame, parameters: Parameters) -> np.ndarray:
    """Which rows belong to a team that is shown by quarter, of a measure that can be added up."""
    teams = [team.id for team in parameters.teams if team.period == "quarter" and parameters.period == "month"]
    measures = [one.id for one in parameters.measures if one.counted and one.rows == "one"]
    return (rows["team"].isin(teams) & rows["measure"].isin(measures)).to_numpy()


def last_months(table: pd.DataFrame, parameters: Parameters) -> pd.Series:
    """The date of the last month that each row holds: its own, save where three were added up."""
    months = table["date"] + pd.DateOffset(months=MONTHS - 1)
    return table["date"].mask(quarterly_rows(table, parameters), months)


def in_quarters(rows: pd.DataFrame, parameters: Parameters) -> tuple[pd.DataFrame, list[Finding]]:
    """The rows with the months of quarterly teams added up, and a finding for each quarter that lacks a month."""
    chosen = quarterly_rows(rows, parameters)
    if not chosen.any():
        return rows, []
    months = rows[chosen].assign(date=floored(rows.loc[chosen, "date"], "quarter").astype("datetime64[us]"))
    groups = months.groupby(KEY, sort=False)
    sums = groups.agg(
        numerator=("numerator", _sum), denominator=("denominator", _sum), n=("line", "size"),
        file=("file", "first"), line=("line", "first"), status=("status", _status),
    ).reset_index()  # fmt: skip
    part = sums["n"] < MONTHS
    lacking = sums[part].to_dict("records")
    findings = [noticed("part_quarter", row, f"{row['n']} of 3 months", "3 months") for row in lacking]
    whole = sums.assign(numerator=sums["numerator"].mask(part), status=sums["status"].mask(part, "missing"))
    return pd.concat([rows[~chosen], whole.drop(columns="n")], ignore_index=True), findings


def _sum(values: pd.Series) -> float:
    return float(values.sum(skipna=False))


def _status(values: pd.Series) -> str:
    """The status of a quarter: the least certain of its months."""
    return next(
        (one for one in ("suppressed", "missing", "provisional", "late", "revised") if (values == one).any()),
        "reported",
    )

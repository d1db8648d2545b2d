"""The one gate through which observations come in: every source read, every row checked, every gap made visible.

A missing period is missing, never zero: where a series skips a period, a row with status ``missing`` stands in for it.
What cannot be true is refused with its file and line, all rows at once; what is merely odd is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qitools.collaborative.document import Document
from qitools.collaborative.files import read_sheet
from qitools.collaborative.periods import first_days, floored, ordinals
from qitools.collaborative.quality import Finding, noticed, strata_findings
from qitools.collaborative.quarters import KEY, MONTHS, in_quarters, quarterly_rows
from qitools.collaborative.sources import source_rows
from qitools.errors import DataError, Problem

if TYPE_CHECKING:
    from qitools.collaborative.parameters import Parameters, Source

Origins = tuple[dict[str, Any], ...]
COLUMNS = ["team", "measure", "date", "numerator", "denominator", "stratum", "status"]
MOST_TOLD = 100  # rows of one kind named in one error; the rest are counted
LATER, EARLIER = 5, 10  # years between a few dates and all others from which they are taken for slips of the hand
RARELY = 20  # years between two events that may be true
FEW = 3  # dates, or a tenth of the rows


@dataclass(frozen=True)
class Observed:
    """The checked rows, what was noticed, and the files they came from."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    provenance: Origins


def read_observations(parameters: Parameters, document: Document, base: Path) -> Observed:
    """Read, check and complete every source of observations.

    Args:
        parameters: the collaborative.
        document: its YAML, for messages.
        base: the folder that data paths start from.

    Returns:
        The table of the contract, findings and provenance.

    Raises:
        DataError: with every problem in every source: file, line, column, found, expected, what to do.
    """
    rows, findings, provenance = _rows(parameters, document, base)
    problems = [*_impossible(rows, parameters), *_repeated(rows, parameters)]
    if problems:
        raise DataError(f"the observations of {parameters.collaborative} cannot be true", problems)
    seen = [*findings, *_odd(rows, parameters), *strata_findings(rows, parameters.strata.order)]
    rows, parts = in_quarters(_cleared(rows, parameters), parameters)
    table = _completed(_trimmed(rows), parameters)
    seen += [*parts, *_gaps(table), *_silent(table, parameters), *_early(table, parameters)]
    return Observed(table[COLUMNS], tuple(seen), provenance)


def _rows(parameters: Parameters, document: Document, base: Path) -> tuple[pd.DataFrame, list[Finding], Origins]:
    """The rows of all sources together, dates floored to the period."""
    parts: list[pd.DataFrame] = []
    problems: list[Problem] = []
    findings: list[Finding] = []
    origins: list[dict[str, Any]] = []
    for i, source in enumerate(parameters.sources.observations):
        try:
            table = read_sheet(source, base, document, ("sources", "observations", i))
            rows, wrong = source_rows(table, source, parameters)
            wrong += _monthly(rows, source, parameters)
        except DataError as error:
            problems += error.problems
            continue
        problems += wrong
        origins.append(table.origin("observations"))
        if not wrong:
            rows, added = _added(_floored(rows, parameters), source.duplicates)
            parts.append(rows)
            findings += added
    if problems:
        raise DataError(f"the observations of {parameters.collaborative} cannot be read", problems)
    return pd.concat(parts, ignore_index=True), findings, tuple(origins)


def _monthly(rows: pd.DataFrame, source: Source, parameters: Parameters) -> list[Problem]:
    """Dates of months where the YAML says weeks: each would leave three or four weeks empty."""
    days = pd.DatetimeIndex(rows["date"].dropna().unique())
    ends = days[days.is_month_start] if days.is_month_start.sum() > days.is_month_end.sum() else days[days.is_month_end]
    if parameters.period != "week" or len(days) < FEW or len(ends) < len(days):
        return []
    which = "first" if days[0].day == 1 else "last"
    hint = "set 'period: month' in the YAML, where each row is a month"
    found, expected = f"the {which} day of a month in every row", "a date in each week, since the period is week"
    return [Problem(source.file, 2, f"column {source.date!r}", found, expected, hint, code="monthly_dates")]


def _floored(rows: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Days become the first day of their period, save where a row is an event."""
    events = [measure.id for measure in parameters.measures if measure.rows == "events"]
    days = np.where(
        rows["measure"].isin(events), rows["date"].to_numpy("datetime64[D]"), floored(rows["date"], parameters.period)
    )
    return rows.assign(date=days.astype("datetime64[us]"))


def _added(rows: pd.DataFrame, duplicates: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Rows of one team, measure and date become their sum where the source says so, each sum noted."""
    if duplicates == "refuse":
        return rows, []
    again = rows.duplicated(KEY, keep=False)
    groups = rows[again].groupby(KEY, sort=False)
    sums = groups.agg(file=("file", "first"), line=("line", "first"), status=("status", "first"), n=("line", "size"))
    sums = sums.join(groups[["numerator", "denominator"]].sum(skipna=False)).reset_index()
    findings = [noticed("added_rows", row, f"{row['n']} rows, added", "one row") for row in sums.to_dict("records")]
    return pd.concat([rows[~again], sums.drop(columns="n")], ignore_index=True), findings


def _impossible(rows: pd.DataFrame, parameters: Parameters) -> Iterator[Problem]:
    """Rows that cannot be true."""
    counts = rows["measure"].isin([one.id for one in parameters.measures if one.data != "value"])
    shares = rows["measure"].isin([one.id for one in parameters.measures if one.data == "proportion"])
    yield from _told(rows[counts & (rows["numerator"] < 0)], "numerator", "0 or more", "negative")
    yield from _told(rows[rows["denominator"] < 0], "denominator", "0 or more", "negative")
    above = rows[shares & (rows["numerator"] > rows["denominator"])]
    yield from _told(above, "numerator", "at most the denominator", "above_denominator")
    events = [measure.id for measure in parameters.measures if measure.rows == "events"]
    yield from _strayed(rows, strayed(rows["date"].to_numpy(), rows["measure"].isin(events).to_numpy()))


def _strayed(rows: pd.DataFrame, far: np.ndarray) -> Iterator[Problem]:
    """Rows dated years away from all others."""
    if not far.any():
        return
    bad, near = rows[far].drop_duplicates(["file", "line"]), rows.loc[~far, "date"]
    expected = f"a date near the others, {near.min():%Y-%m-%d} to {near.max():%Y-%m-%d}"
    hint = "mend the year, or leave such rows out with 'where'"
    for row in bad.head(MOST_TOLD).to_dict("records"):
        where, found = f"date of team {row['team']}", f"{row['date']:%Y-%m-%d}"
        yield Problem(row["file"], row["line"], where, found, expected, hint, code="far_date")
    yield from _rest(bad, "far_date")


def strayed(dates: np.ndarray, events: np.ndarray) -> np.ndarray:
    """Which of all dates lie years away from the others: slips that would stretch every chart; none where many do.

    Between ``events``, which need not come every month, many more years may pass.

    >>> days = np.array(["2024-01", "2024-02", "2024-03", "2034-03", "2062-03"], "datetime64[D]")
    >>> [strayed(days, np.full(5, events)).tolist() for events in (False, True)]
    [[False, False, False, True, True], [False, False, False, False, True]]
    """
    if not len(dates) or np.ptp(dates) < np.timedelta64(LATER * 365, "D"):
        return np.zeros(len(dates), bool)
    far = _apart(dates, LATER, EARLIER)
    return far & (~events | _apart(dates, RARELY, RARELY)) if events.any() else far


def _apart(dates: np.ndarray, later: int, earlier: int) -> np.ndarray:
    """Dates so many years later, or earlier, than the nearest towards the middle of all."""
    place, days = pd.factorize(dates, sort=True)
    middle = days[np.searchsorted(np.cumsum(np.bincount(place)), len(dates) // 2, side="right")]
    far = [*_beyond(days[days >= middle], later), *_beyond(days[days <= middle][::-1], earlier)]
    odd = np.isin(days, far)[place]
    return np.zeros(len(dates), bool) if len(far) > FEW and odd.mean() > 0.1 else odd


def _beyond(days: np.ndarray, years: int) -> np.ndarray:
    """Of days that lead outwards, those behind the first gap of more than so many years."""
    wide = np.abs(np.diff(days)) > np.timedelta64(years * 366, "D")
    return days[wide.argmax() + 1 :] if wide.any() else days[:0]


def _told(bad: pd.DataFrame, name: str, expected: str, code: str) -> Iterator[Problem]:
    for row in bad.head(MOST_TOLD).to_dict("records"):
        limit = f", {row['denominator']:g}" if code == "above_denominator" else ""
        where = f"{name} of {row['measure']}, team {row['team']}, {row['date']:%Y-%m-%d}"
        yield Problem(row["file"], row["line"], where, f"{row[name]:g}", f"{expected}{limit}", code=code)
    yield from _rest(bad, code)


def _rest(bad: pd.DataFrame, code: str) -> Iterator[Problem]:
    if len(bad) > MOST_TOLD:
        yield Problem(hint=f"and {len(bad) - MOST_TOLD:,} more rows of this kind", code=code)


def _repeated(rows: pd.DataFrame, parameters: Parameters) -> Iterator[Problem]:
    """Rows that repeat a team, measure and date where a measure has one row for each."""
    single = rows[rows["measure"].isin([one.id for one in parameters.measures if one.rows == "one"])]
    again = single.duplicated(KEY)
    firsts = single.drop_duplicates(KEY).set_index(KEY)["line"]
    hint = "remove one, or set 'duplicates: add' in the source where the rows are parts of one number"
    for row in single[again].head(MOST_TOLD).to_dict("records"):
        where = f"team {row['team']}, measure {row['measure']}, {row['date']:%Y-%m-%d}"
        first = firsts.loc[tuple(row[name] for name in KEY)]
        yield Problem(
            row["file"],
            row["line"],
            where,
            f"a second row (line {first} is the first)",
            "one row",
            hint,
            code="duplicate_row",
        )
    yield from _rest(single[again], "duplicate_row")


def _odd(rows: pd.DataFrame, parameters: Parameters) -> Iterator[Finding]:
    """Rows that may stay, but whose value cannot be computed."""
    ratios = rows["measure"].isin([one.id for one in parameters.measures if one.data in ("proportion", "rate")])
    for row in rows[ratios & (rows["denominator"] == 0)].to_dict("records"):
        yield noticed("zero_denominator", row, "0", "a denominator above 0")
    bare = ratios & rows["numerator"].notna() & rows["denominator"].isna()
    for row in rows[bare].to_dict("records"):
        yield noticed("no_denominator", row, "no denominator", "a denominator for every numerator")


def _cleared(rows: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """What is suppressed has no numerator; what has no numerator is missing, save an event, whose date is enough."""
    numerator = rows["numerator"].mask(rows["status"].isin(["suppressed", "missing"]))
    events = rows["measure"].isin([one.id for one in parameters.measures if one.rows == "events"])
    blank = numerator.isna() & (rows["status"] != "suppressed") & ~events
    if blank.all():
        problem = Problem(rows["file"].iloc[0], 2, "", "no number in any row", "at least one", code="no_numbers")
        raise DataError(f"the observations of {parameters.collaborative} are empty", [problem])
    return rows.assign(numerator=numerator, status=rows["status"].mask(blank, "missing"))


def _trimmed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without the empty ones before a series' first number and after its last."""
    spans = rows[rows["status"] != "missing"].groupby(["team", "measure"])["date"].agg(["min", "max"])
    dated = rows.join(spans, on=["team", "measure"])
    return rows[dated["date"].between(dated["min"], dated["max"])]


def _completed(rows: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """The contract's table: a row for every period between first and last, ordered categories, sorted."""
    single = rows["measure"].isin([one.id for one in parameters.measures if one.rows == "one"])
    series = rows[single].groupby(["team", "measure", "stratum"], sort=False)["date"].agg(["min", "max"]).reset_index()
    first, last = (ordinals(series[end], parameters.period) for end in ("min", "max"))
    step = np.where(quarterly_rows(series, parameters), MONTHS, 1)
    lengths = (last - first) // step + 1
    nth = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    grid = series.loc[series.index.repeat(lengths), ["team", "measure", "stratum"]].reset_index(drop=True)
    dates = first_days(np.repeat(first, lengths) + nth * np.repeat(step, lengths), parameters.period)
    grid = grid.assign(date=dates.astype("datetime64[us]")).merge(rows[single], how="left", on=KEY, validate="1:1")
    table = pd.concat([grid.fillna({"status": "missing"}), rows[~single]], ignore_index=True)
    for name, ids in (("team", parameters.teams), ("measure", parameters.measures)):
        table[name] = pd.Categorical(table[name], categories=[one.id for one in ids], ordered=True)
    return table.sort_values(KEY, ignore_index=True, kind="stable")


def _gaps(table: pd.DataFrame) -> Iterator[Finding]:
    """Periods for which no row came, or an empty one."""
    for row in table[table["status"] == "missing"].to_dict("records"):
        absent = {"file": "", "line": 0} if pd.isna(row["line"]) else {}
        yield noticed("gap", row | absent, "no number", "a number for every period")


def _silent(table: pd.DataFrame, parameters: Parameters) -> Iterator[Finding]:
    """Declared teams that sent nothing for a measure."""
    sent = set(zip(table["team"], table["measure"], strict=True))
    for measure in parameters.measures:
        for team in parameters.teams:
            if (team.id, measure.id) not in sent:
                yield Finding("no_data", team.id, measure.id, found="no rows", expected="rows for every declared team")


def _early(table: pd.DataFrame, parameters: Parameters) -> Iterator[Finding]:
    """Series that begin before the YAML says their team joined."""
    joined = {team.id: team for team in parameters.teams if team.joined}
    for row in table[table["team"].isin(list(joined))].drop_duplicates(["team", "measure"]).to_dict("records"):
        team = joined[row["team"]]
        if row["date"] < floored([team.joined], team.period or parameters.period)[0]:
            yield noticed("before_joined", row, "figures", f"none before the team joined, {team.joined}")

"""Tables to read: a caption, headers a screen reader can follow, numbers aligned, at most 200 rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.focus import focus
from qitools.views import labels
from qitools.views.numerals import joined, known, period, period_of, records, value
from qitools.views.vocabulary import BETTER, VERDICTS, WENT
from qitools.views.wording_findings import LAST, MEANINGS, cell
from qitools.views.wording_teams import stopped_teams

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

Row = Mapping[str, Any]
SAYS = "What the chart says"
NO_FIGURES = "No figures"
QUIET = (NO_FIGURES, LAST, WENT, *(VERDICTS[code] for code in ("no_signal", "too_few", "new_centre")))
MAX_ROWS = 200  # more is a file to open, not a table to read


@dataclass(frozen=True)
class Table:
    """A table of words: the first column names the row, ``numbers`` are the columns aligned to the right.

    In the columns of ``verdicts``, what is not quiet (begins with none of ``QUIET``) stands out. ``note`` says below
    the table what its words mean. Simulated figures are called so in the caption.

    >>> print(Table("Wards", pd.DataFrame({"Ward": ["Glenmore"], "Falls": ["4.2"]}), ("Falls",)))
    Wards
        Ward Falls
    Glenmore   4.2
    """

    caption: str
    frame: pd.DataFrame
    numbers: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    note: str = ""
    simulated: bool = False

    @property
    def title(self) -> str:
        """The caption, and whether the figures are simulated."""
        return titled(self.caption, self.simulated)

    def __str__(self) -> str:
        table = f"{self.title}\n{self.frame.head(MAX_ROWS).to_string(index=False)}"
        return f"{table}\n{self.note}" if self.note else table

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        label = escape(self.title, quote=True)
        inner = table_html(self.frame, self.title, self.numbers, self.verdicts)
        note = f'<p class="qi-note">{escape(self.note)}</p>' if self.note else ""
        return f'<div class="qi-table" role="region" tabindex="0" aria-label="{label}">{inner}</div>{note}'


def titled(caption: str, simulated: bool) -> str:
    """A caption that says so where its figures are simulated.

    >>> titled("Wards", True), titled("Wards", False)
    ('Wards. Simulated data.', 'Wards')
    """
    return f"{caption.removesuffix('.')}.{labels.SIMULATED}" if simulated else caption


def table_html(frame: pd.DataFrame, caption: str, numbers: Sequence[str] = (), verdicts: Sequence[str] = ()) -> str:
    """A frame of words as an accessible HTML table; every cell is escaped.

    >>> table_html(pd.DataFrame({"Ward": ["<b>"]}), "Wards").split("<tbody>")[1]
    '<tr><th scope="row">&lt;b&gt;</th></tr></tbody></table>'
    """
    style = {name: ' class="qi-number"' if name in numbers else "" for name in frame.columns}
    head = "".join(f'<th scope="col"{style[name]}>{escape(str(name))}</th>' for name in frame.columns)
    rows = "".join(_row(cells, style, verdicts) for cells in records(frame.head(MAX_ROWS)))
    left = len(frame) - MAX_ROWS
    more = f" The first {MAX_ROWS} rows; {left} more are in the CSV files beside this page." if left > 0 else ""
    return (
        f"<table><caption>{escape(caption)}{more}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(cells: Row, style: Mapping[str, str], verdicts: Sequence[str]) -> str:
    (_, first), *rest = cells.items()
    others = "".join(f"<td{style[name]}>{_cell(str(words), name in verdicts)}</td>" for name, words in rest)
    return f'<tr><th scope="row">{escape(str(first))}</th>{others}</tr>'


def _cell(words: str, verdict: bool) -> str:
    """A cell; of a verdict that is not quiet, the words before the dates stand out."""
    if not verdict or words.startswith(QUIET):
        return escape(words)
    finding, bracket, dates = words.partition(" (")
    return f"<strong>{escape(finding)}</strong>{escape(bracket + dates)}"


def signals(analysis: Analysis, team: str = "") -> Table:
    """What the charts say, in words and in a fixed order.

    Args:
        analysis: what ``qi.analyse`` gave.
        team: the id of one team; "" for all.

    Returns:
        A ``Table``: one row a team and one column a measure; for one team, one row a measure with its latest value,
        centre line and target.

    Raises:
        ParameterError: an unknown team.
    """
    part = focus(analysis, team)
    said = {(row["team"], row["measure"]): row for row in records(part.series)}
    teams, measures = records(part.teams), records(part.measures)
    simulated = bool(part.method.get("simulated"))
    if team:
        kind = period_of(teams[0], part.method)
        rows = [_measure_row(measure, said.get((team, measure["measure"])), kind) for measure in measures]
        caption, numbers = f"The measures of {teams[0]['name']}", ("Latest", "Centre line", "Target")
        table = pd.DataFrame(rows)
        return Table(caption, table, numbers, (SAYS,), _meanings(table), simulated)
    frame = pd.DataFrame([_team_row(one, measures, said, part.method) for one in teams])
    boards = frame["Board"].astype(bool).any() and (frame["Board"] != frame["Team"]).any()
    shown = frame if boards else frame.drop(columns="Board")
    note = joined(stopped_teams(records(part.series), {row["team"]: row["name"] for row in teams}), _meanings(shown))
    columns = tuple(_measure_name(one) for one in measures)
    return Table("What the charts of each team say", shown, verdicts=columns, note=note, simulated=simulated)


def _meanings(frame: pd.DataFrame) -> str:
    """What the words of a sustained change mean, where the table uses any of them."""
    used = any(word in str(cell) for name in frame for cell in frame[name] for word in ("mproved", "wrong way"))
    return MEANINGS if used else ""


def _team_row(team: Row, measures: Sequence[Row], said: Mapping[Any, Row], method: Row) -> dict[str, str]:
    kind = period_of(team, method)
    cells = {_measure_name(one): _says(said.get((team["team"], one["measure"])), one, kind) for one in measures}
    return {"Team": str(team["name"]), "Board": str(team["board"] or ""), **cells}


def _measure_row(measure: Row, series: Row | None, kind: str) -> dict[str, str]:
    latest, centre = (series["latest"], series["current_centre"]) if series else (None, None)
    return {
        "Measure": _measure_name(measure),
        "Latest": value(latest, measure),
        "Period": period(series["last"], kind, short=True).replace(" ", "\u00a0") if series else "",
        "Centre line": value(centre, measure) if known(centre) else "",
        "Target": value(measure["target"], measure) if known(measure["target"]) else "",
        SAYS: _says(series, measure, kind),
    }


def _measure_name(measure: Row) -> str:
    return f"{measure['name']} ({BETTER[measure['better']]})"


def _says(series: Row | None, measure: Row, kind: str) -> str:
    return cell(series, measure, kind) if series else NO_FIGURES

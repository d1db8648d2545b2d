"""The words about reasons for delay, and about how long those wait who wait."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from qitools.views.numerals import capital, counted, joined, known, listed, number, period, plural, share
from qitools.views.wording_flow import whose

if TYPE_CHECKING:
    from qitools.analysis.delays import Pareto, Waits


NO_DELAYS = "No reasons for delay are known: name a file of them under sources.delays in the settings file."
NO_WAITS = "It is not known how long people wait: name a file of it under sources.waits in the settings file."


def pareto_title(found: Pareto, name: str) -> str:
    if found.table.empty:
        return f"{whose(name)}no reasons recorded"
    top = found.table.iloc[0]
    return capital(f"{whose(name)}{share(top['share'])} for one reason: {top['reason']}")


def pareto_sentence(found: Pareto, name: str, teams: Mapping[str, str], kind: str) -> str:
    if found.table.empty or not found.table["count"].sum():
        return joined(f"{name}: no reasons were recorded.", _absent(found, teams, kind))
    vital = found.table.head(found.vital)
    reasons = listed([str(one) for one in vital["reason"]])
    together = share(float(vital["together"].iloc[-1]))
    total = number(float(found.table["count"].sum()))
    span = f"{period(found.first, kind)} to {period(found.last, kind)}"
    makes = "makes" if len(vital) == 1 else "together make"
    said = f"{name}, {span}: {reasons} {makes} up {together} of {total}."
    return joined(said, _absent(found, teams, kind))


def _absent(found: Pareto, teams: Mapping[str, str], kind: str) -> str:
    """Periods in which no reason was recorded: missing, not nought."""
    told = [
        f"{teams.get(str(row['team']), str(row['team']))} recorded no reasons in {row['periods']} "
        f"{plural(int(row['periods']), kind)}, {period(row['first'], kind)} to {period(row['last'], kind)}"
        for row in found.absent.to_dict("records")
    ]
    return f"Missing, not nought: {listed(told)}." if told else ""


PARETO_SUBTITLE = "Share of all, the commonest first; diamonds add the shares up. The darker bars make up four fifths."
REASON, COUNT, TOGETHER = "Reason", "Count", "With those above"


def band(low: float, high: float) -> str:
    """A band of weeks.

    >>> band(0, 12), band(104, float("nan"))
    ('under 12 weeks', '104 weeks and longer')
    """
    if not known(high):
        return f"{low:g} weeks and longer"
    return f"under {high:g} weeks" if not low else f"{low:g} to under {high:g} weeks"


def waits_title(found: Waits, name: str) -> str:
    edge = _edge(found)
    if not found.table["count"].sum():
        return capital(f"{whose(name)}nobody is waiting")
    return capital(f"{whose(name)}{share(found.longer(edge))} have waited {edge:g} weeks or longer")


def _edge(found: Waits) -> float:
    """The first edge of the bands beyond which people wait long."""
    edges = found.table["from_weeks"]
    return float(edges[edges > 0].min()) if (edges > 0).any() else 0.0


def waits_sentence(found: Waits, name: str, kind: str) -> str:
    edge, total = _edge(found), float(found.table["count"].sum())
    when = period(found.date, kind)
    if not total:
        return f"{name}: nobody was waiting in {when}."
    said = f"{name}: of {number(total)} people waiting in {when}, {share(found.longer(edge))} had waited {edge:g} weeks"
    if not known(found.before):
        return f"{said} or longer. Of a year before nothing is known."
    earlier = found.table.loc[found.table["from_weeks"] >= edge, "earlier"].sum()
    longest = found.table.iloc[-1]
    tail = f"{band(longest['from_weeks'], longest['to_weeks'])}: {number(longest['count'])} people"
    return f"{said} or longer, against {share(float(earlier))} a year before; {tail}."


def waits_subtitle(found: Waits, kind: str) -> str:
    before = f" Diamonds: {period(found.before, kind)}." if known(found.before) else ""
    teams = f"{counted(found.teams, 'team')}. " if found.teams > 1 else ""
    return f"{teams}Share of those waiting in {period(found.date, kind)}, by how long they have waited.{before}"


WAITED, SHARE, EARLIER = "Have waited", "Share", "A year before"

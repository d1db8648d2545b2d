"""Method and data notes: what made the numbers, what is missing from them, and how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from qitools.analysis.aim import ENOUGH
from qitools.analysis.codes import has
from qitools.analysis.completeness import missing
from qitools.analysis.focus import focus
from qitools.analysis.ledger import by_luck
from qitools.analysis.pooled import apart_by_period, hidden
from qitools.analysis.windows import stretches, usual_period
from qitools.collaborative.decisions import START, START_QUARTERLY
from qitools.collaborative.quality import told
from qitools.spc.rule_sets import RULE_SETS, RUN_CHARTS
from qitools.views import labels
from qitools.views.numerals import capital, counted, known, listed, period, records
from qitools.views.vocabulary import CHARTS, centre_name, reason
from qitools.views.wording_findings import MEANINGS
from qitools.views.wording_teams import luck_sentence

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

Row = Mapping[str, Any]
Note = tuple[str, list[str]]
MOST = 20  # lines of one kind before "and n more"
FEW = 6  # teams named in one decision
SAME = ["measure", "text", "by", "decided"]  # what makes two rows one decision
HASH = 12  # characters of a file's hash that are printed: enough to compare by eye

AUDIENCES = {"internal": "internal use", "partners": "partners", "public": "the public"}

NOTICED = {
    "no_data": "nothing was sent",
    "zero_denominator": "a denominator of zero, so no value",
    "no_denominator": "a numerator without its denominator, so no value",
    "added_rows": "several rows for one period, added up as the settings ask",
    "part_quarter": "a quarter without all of its months",
    "before_joined": "figures from before the team joined",
}  # gaps and small counts have terms of their own

TOGETHER = "The line of all teams together leaves out periods with a hidden figure: the sum of the rest would mislead."

MONTH_ENDS = "The last day of a month was taken to stand for its month; months without a row are shown as missing."

PROGRESS = (
    f"The start is the level of the first {START} points of all teams together ({START_QUARTERLY} when quarterly), "
    f"or of as many as the settings say; the present is the median of the last {ENOUGH}; both are those of whole years "
    "where the figures follow the seasons. On course means a sustained improvement and a present level on or beyond "
    "the straight line from the start to the aim."
)

MOVED = {
    "none": "only moved by a recorded decision",
    "sustained-shift": "moved by a recorded decision, or where a sustained shift is found in the data",
}

SERVICE = {"flow": "demand, activity and queue", "waits": "waits", "delays": "reasons for delay"}
RULES = {
    "shift": "a shift is {} or more points in a row on one side of the centre line",
    "sustained": "{} or more are a sustained shift",
    "trend": "a trend is {} or more points all going one way (shown, not counted as improvement)",
    "outside": "a point outside the limits",
    "two_of_three": "two of three points near a limit",
    "four_of_five": "four of five points beyond one standard deviation",
    "fifteen_inner": "fifteen points close to the centre line",
    "eight_outer": "eight points away from the centre line",
    "fourteen_alternating": "fourteen points going up and down in turn",
    "runs_test": "a longest run, or a number of crossings, that chance would rarely give",
}


def of(whole: Analysis, team: str = "") -> list[Note]:
    """All notes as (term, lines), of one team or all, in the order a reader asks; without terms that have no lines."""
    analysis, method = focus(whole, team), whole.method
    notes: list[Note] = [
        ("Data as at", _as_at(analysis)),
        ("Dates", [MONTH_ENDS] if method.get("month_ends") else []),
        ("Simulated", ["These teams are invented and these data simulated."] if method.get("simulated") else []),
        ("Charts", _charts(analysis)),
        ("Rules", [_rules(asdict(RULE_SETS[name])) for name in method["rule_sets"]]),
        ("Words", [MEANINGS]),
        ("Baseline", _baselines(analysis)),
        ("Progress", [PROGRESS] if (method.get("aim") or {}).get("measure") and len(analysis.teams) > 1 else []),
        ("Chance", [] if method.get("lessons") else _chance(analysis)),
        ("New centre lines", [*_events(analysis, "phase"), *_found(analysis)]),
        ("Left out by decision", _events(analysis, "exclusion")),
        ("Settings changed", _settings(analysis, team)),
        ("Not in the pooled line", _apart(analysis)),
        ("Missing", _missing(whole, team)),
        ("May still change", _unsettled(analysis)),
        ("Hidden to protect privacy", _suppressed(analysis)),
        ("Noticed in the data", _noticed(analysis, team)),
        ("Noticed in what teams wrote down", _left_out(_findings(analysis, team))),
        ("Made for", [AUDIENCES.get(str(method["audience"]), "")]),
        ("Source", [str(method.get("attribution") or "")]),
        ("Files", list(dict.fromkeys(_file(row) for row in method.get("sources", ())))),
        ("Versions", [", ".join(f"{name} {version}" for name, version in method.get("versions", {}).items())]),
    ]
    return [(term, [line for line in lines if line]) for term, lines in notes if any(lines)]


def _as_at(analysis: Analysis) -> list[str]:
    """The last period shown; of the counts of a service, where theirs is another than that of the measures."""
    alike: dict[str, list[str]] = {}
    for name, said in SERVICE.items():
        table = getattr(analysis.records, name)
        if not table.empty:
            alike.setdefault(period(table["date"].max(), analysis.method), []).append(said)
    shown = period(analysis.method["as_of"], analysis.method)
    alike.pop(shown, None)
    others = [f"{capital(listed(names))}: {until}." for until, names in alike.items()]
    return [f"{shown}, the last period {'of the measures' if others else 'shown'}.", *others]


def _charts(analysis: Analysis) -> list[str]:
    """Each measure's chart, why it was chosen where nobody chose it, and what the measure counts."""
    return [_chart(row, analysis.method) for row in records(analysis.measures)]


def _chart(measure: Row, method: Row) -> str:
    chosen = method.get("auto", {}).get(measure["measure"])
    now = method.get("would_be", {}).get(measure["measure"])
    why = f" (chosen because {reason(chosen)})" if chosen else ""
    if now:
        why = f" ({reason('kept')}; the figures would now give a {CHARTS[now['chart']]}: {reason(now['reason'])})"
    beside = measure["chart"] == "run" and RUN_CHARTS not in RULE_SETS[measure["rule_set"]].families
    why += f" ({reason('no_limit_rules')})" if beside else ""
    definition = f" {measure['definition']}" if measure["definition"] else ""
    return f"{measure['name']}: {CHARTS[measure['chart']]}{why}, {centre_name(measure)} as centre line.{definition}"


def _rules(rule_set: Row) -> str:
    """One rule set in words, with its source."""
    counted_from = {**rule_set, "sustained": rule_set["shift"] and rule_set["sustained"]}
    parts = [words.format(counted_from[key]) for key, words in RULES.items() if counted_from.get(key)]
    return f"{rule_set['name']} ({rule_set['source']}): {'; '.join(parts)}."


def _baselines(analysis: Analysis) -> list[str]:
    """What centre lines stand on, and what moves them."""
    method, names = analysis.method, dict(zip(analysis.measures["measure"], analysis.measures["name"], strict=True))
    given = [f"{names.get(measure, measure)}: the first {n} points." for measure, n in method["baseline"].items()]
    sets = [RULE_SETS[name] for name in method["rule_sets"]]
    own = [_own_baseline(one.name, one.baseline, one.baseline_quarterly) for one in sets]
    moved = MOVED.get(method["rebase"], "moved where a long run of points is found in the data")
    screened = " Moving ranges are screened once." if method["screen"] else ""
    return [*own, *given, f"Centre lines are {moved}.{screened}"]


def _own_baseline(name: str, points: int, quarterly: int) -> str:
    if not points:
        return f"{name}: all points of each phase, unless another number is given."
    return (
        f"{name}: the first {points} points of each phase ({quarterly} when quarterly), unless another number is given."
    )


def _chance(analysis: Analysis) -> list[str]:
    """Improved teams beside what chance would give, for each outcome; other measures are not counted together."""
    outcomes = [row for row in records(analysis.measures) if row["kind"] == "outcome" and len(analysis.teams) > 1]
    known_luck = [(row["name"], by_luck(analysis, row["measure"])) for row in outcomes]
    return [*(f"{name}: {luck_sentence(asdict(luck))}" for name, luck in known_luck if luck), *_noise(analysis)]


def _noise(analysis: Analysis) -> list[str]:
    """What is known of the noise of each measure, over all its teams; measures that are alike share a line."""
    alike: dict[str, list[str]] = {}
    for row in records(analysis.measures):
        alike.setdefault(str(row["reason"]), []).append(str(row["name"]))
    return [f"{listed(names)}, all teams together: {reason(codes)}." for codes, names in alike.items() if codes]


def _events(analysis: Analysis, kind: str) -> list[str]:
    """Recorded decisions: where, when, why, by whom; one line for all the teams and periods of a decision."""
    events = analysis.events[analysis.events["kind"] == kind]
    by_team = events.groupby(["team", *SAME], dropna=False, sort=False)["date"].agg(  # type: ignore[type-var]
        lambda dates: tuple(stretches(dates, usual_period(analysis)))
    )
    alike = by_team.rename("when").reset_index().groupby([*SAME, "when"], dropna=False, sort=False)["team"].agg(list)
    return _capped([_decision(row, *_names(analysis), analysis.method) for row in records(alike.reset_index())])


def _found(analysis: Analysis) -> list[str]:
    """Centre lines that nobody declared: found in the data."""
    teams, measures = _names(analysis)
    found = records(analysis.phases[has(analysis.phases["reason"], "sustained_shift")])
    return _capped(
        [
            f"{teams[row['team']]}, {measures[row['measure']]}, {period(row['start'], analysis.method)}: "
            f"{reason('sustained_shift')}, {row['status']}."
            for row in found
        ]
    )


def _names(analysis: Analysis) -> tuple[dict[Any, str], dict[Any, str]]:
    """The names of teams and of measures, by id."""
    teams = dict(zip(analysis.teams["team"], analysis.teams["name"], strict=True))
    return teams, dict(zip(analysis.measures["measure"], analysis.measures["name"], strict=True))


def _decision(row: Row, teams: Mapping[Any, str], measures: Mapping[Any, str], method: Row) -> str:
    who = [teams.get(team, "all teams") for team in row["team"]]
    those = "all teams" if len(who) == len(teams) > 1 else listed(who) if len(who) <= FEW else counted(len(who), "team")
    ends = [dict.fromkeys(period(day, method) for day in stretch) for stretch in row["when"]]
    when = listed([" to ".join(one) for one in ends], MOST)
    return f"{capital(those)}, {measures.get(row['measure'], 'all measures')}, {when}: {row['text']}{_decided(row)}."


def _settings(analysis: Analysis, team: str) -> list[str]:
    """Settings that were changed by a recorded decision: whose, from what to what, why, by whom."""
    teams, measures = _names(analysis)
    changed = [row for row in analysis.method.get("decisions", ()) if row["team"] in ("", team) or not team]
    lines = []
    for row in changed:
        whose = teams.get(row["team"]) or measures.get(row["measure"])
        what = f"{whose}, {row['kind']}" if whose else row["kind"]
        lines.append(f"{capital(what)}: {row['value']}, before that {row['was']}: {row['reason']}{_decided(row)}.")
    return _capped(lines)


def _decided(row: Row) -> str:
    """By whom and when, where that was written down."""
    who = f" by {row['by']}" if row["by"] else ""
    who += f" on {period(row['decided'], 'day')}" if known(row["decided"]) else ""
    return f" (decided{who})" if who else ""


def _apart(analysis: Analysis) -> list[str]:
    """Teams that report by another period than most."""
    names, _ = _names(analysis)
    apart = [names[team] for team in apart_by_period(analysis)]
    return [f"{listed(apart, MOST)}, reporting by another period than the other teams."] if apart else []


def _missing(whole: Analysis, team: str) -> list[str]:
    """How many periods lack a figure and in how many teams; measures that lack the same share a line."""
    names, alike = _names(whole)[1], dict[tuple[int, int, int], list[str]]()
    for measure, counts in missing(whole, team).items():
        if counts[0]:
            alike.setdefault(counts, []).append(names[measure])
    where = "" if team else ", in {}"
    lines = [
        f"{listed(names)}: {gaps:,} of {total:,} figures missing{' of each' if len(names) > 1 else ''}"
        f"{where.format(counted(teams, 'team'))}; they are gaps, never zeros."
        for (gaps, total, teams), names in alike.items()
    ]
    return [*lines, *_silent(focus(whole, team))]


def _unsettled(analysis: Analysis) -> list[str]:
    """How many figures came late, are provisional or were revised."""
    tally = analysis.points["status"].astype(str).value_counts()
    found = [
        f"{counted(int(tally[name]), 'figure')} {words}" for name, words in labels.UNSETTLED.items() if name in tally
    ]
    return [f"{capital(listed(found))}; shown in the chart and counted like any other."] if found else []


def _silent(analysis: Analysis) -> list[str]:
    """Teams whose last figure is older than the page."""
    names, _ = _names(analysis)
    sent = analysis.points[analysis.points["value"].notna()]
    last = sent.groupby("team", observed=True)["date"].max()
    late = [f"{names[team]} ({period(date, analysis.method)})" for team, date in last.items() if date < last.max()]
    return [f"Last figures before {period(last.max(), analysis.method)}: {listed(late, MOST)}."] if late else []


def _suppressed(analysis: Analysis) -> list[str]:
    number = int(hidden(analysis.points).sum())
    return [f"{capital(counted(number, 'figure'))}, because the counts are small. {TOGETHER}"] if number else []


def _findings(analysis: Analysis, team: str) -> list[Row]:
    """What was noticed: of all teams, or of one and of no team in particular."""
    return [row for row in analysis.method.get("findings", ()) if not team or row.get("team", "") in ("", team)]


def _noticed(analysis: Analysis, team: str) -> list[str]:
    """Findings of the data check, one line per kind and measure, with the teams they concern."""
    found = pd.DataFrame(_findings(analysis, team), columns=["code", "team", "measure"])
    teams, measures = _names(analysis)
    lines = []
    for (code, measure), rows in found.groupby(["code", "measure"], observed=True, sort=True):
        if code in NOTICED:
            names = [teams.get(team, str(team)) for team in rows["team"].unique() if team]
            where = f" in {listed(names)}" if names else ""
            lines.append(
                f"{measures.get(measure, measure) or 'All measures'}: {NOTICED[str(code)]} ({len(rows)}){where}."
            )
    return lines


def _left_out(findings: Sequence[Row]) -> list[str]:
    """Rows of logs, links of the driver diagram and the like that could not be used, each with its place."""
    placed = [row for row in findings if row.get("where")]
    return _capped([f"{told(row)}." for row in placed])


def _file(source: Row) -> str:
    rows = f"{source['rows']:,} rows, " if source["rows"] else ""
    if source["source"] == "simulated":
        return f"none: all {source['rows']} figures are drawn anew from {source['file']}"
    return f"{source['file']} ({rows}SHA-256 {str(source['sha256'])[:HASH]}…)"


def _capped(lines: list[str]) -> list[str]:
    left = len(lines) - MOST
    return [*lines[:MOST], f"And {left} more, in the settings file."] if left > 0 else lines

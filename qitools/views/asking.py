"""Questions for the room: what a facilitator could ask, read off the tables.

A question opens a talk; it never closes a case. A team is named only where it improved and agreed to be (``share`` in
the YAML), because sharing is an offer; all others are counted, because help is theirs to ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qitools.analysis.focus import focus, main_measure
from qitools.analysis.ledger import by_luck
from qitools.views.numerals import agreeing, capital, counted, listed, period, records
from qitools.views.wording_findings import current, spoken

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

Row = Mapping[str, Any]

# Asked of all teams, by verdict: {who} names those that agreed to it, {teams} counts them.
ROOM = {
    "improved": "{measure}: a sustained improvement in {who}. What was changed, when, and who could talk to them?",
    "changed": "{measure}: the level has changed in {teams}. Was that intended, and what does it mean for people?",
    "mixed": "{measure}: improved in {teams}, now moving back. What makes a gain hard to hold, and what has helped?",
    "worsened": "{measure}: going the wrong way in {teams}. What help would be welcome, and who could offer it?",
    "worsened over": "{measure}: went the wrong way for a time in {teams}. What was different then, and since?",
    "candidate": "{measure}: perhaps changing in {teams}. What would the next points look like if the change is real?",
    "too_few": "{measure}: too few points to say in {teams}. Would smaller, more frequent samples help?",
}
PRICE = "{measure}: this balancing measure is going the wrong way in {teams}. Is it a price of changes elsewhere?"
LUCK = "{measure}: improved in {teams}, no more than chance would give. What else would tell us a change is real?"
ASIDE = ("improved", "changed", "mixed", "worsened", "worsened over")  # asked of other measures than the aim's
QUIET = "{measure}: no sustained change in any team. Are our tests large enough, and frequent enough, to show?"
MY_LUCK = "Improved, in no more teams than chance would give: {measures}. What else would tell you a change is real?"
LINK = "A process improved but no outcome yet in {teams}. Is it too early, or does another process matter more?"
GAPS = "{teams} did not report {period}. What makes reporting hard, and what would make it easier?"
LOUD = {
    "dependent": "{measure}: neighbouring points resemble each other. What else would convince us a change is real?",
    "seasonal": "{measure}: the figures follow the seasons. Does this differ from the same time a year before?",
}
NEXT_TEST = "What will each team test before we meet again, what do they predict, and who will look at the result?"

# Asked of one team, by verdict.
TEAM = {
    "improved": "Improved: {measures}. What did you change, what told you it was working, and who else could use it?",
    "worsened": "Going the wrong way: {measures}. What do you think is behind it, and what help would you like?",
    "worsened over": "Went the wrong way for a time: {measures}. What was different then, and what has changed since?",
    "mixed": "Improved earlier and now moving back: {measures}. What was different while it held?",
    "changed": "A new level: {measures}. Was that intended, and what does it mean for people?",
    "candidate": "Perhaps changing: {measures}. What would the next points look like if the change is real?",
    "new_centre": "A new centre line and no signal yet: {measures}. What did you expect to see by now?",
    "no_signal": "No sustained change: {measures}. Is your next test large enough to show?",
    "too_few": "Too few points to say: {measures}. Could you measure a smaller sample more often?",
}
MY_GAPS = "{figures} missing. What would make reporting easier?"
MY_NEXT_TEST = "What will you test next, what do you predict, who will do it, and when will you look at the result?"


def of_room(analysis: Analysis, reporting: Sequence[Row]) -> list[str]:
    """Questions for all teams together; ``reporting`` has date, reporting, expected of the main measure."""
    (main, rows), *others = _by_measure(analysis)
    asked = of_measure(main, rows, by_chance=_by_chance(analysis, main))
    asked += [
        question
        for label, theirs in others
        for question in of_measure(label, theirs, ASIDE, _by_chance(analysis, label))[:1]
    ]
    return [*asked, *_of_link(analysis), *_of_gaps(reporting, analysis.method), NEXT_TEST]


def _by_chance(analysis: Analysis, label: Row) -> bool:
    """Whether no more teams improved on a measure than would if nothing had changed."""
    luck = by_luck(analysis, str(label["measure"]))
    return luck is not None and luck.teams > 1 and luck.verdict == "improved" and luck.observed <= luck.high


def of_measure(
    label: Row, rows: Sequence[Row], verdicts: Sequence[str] = tuple(ROOM), by_chance: bool = False
) -> list[str]:
    """What the charts of one measure make us ask; ``rows`` of series, with the team's ``name``.

    Where so many teams improve ``by_chance``, nobody is named and nobody asked what they changed.
    """
    rows = [row for row in rows if current(row)]
    by = _grouped((spoken(row), row["name"]) for row in rows)
    agreed = {row["name"] for row in rows if row.get("share")}
    words = {"worsened": PRICE, **{code: ROOM[code] for code in ROOM if code != "worsened"}}
    words = words if label["kind"] == "balancing" else ROOM
    words = {**words, "improved": LUCK} if by_chance else words
    asked = [
        words[code].format(measure=label["name"], who=agreeing(by[code], agreed), teams=counted(len(by[code]), "team"))
        for code in words
        if code in by and code in verdicts
    ]
    if by and not set(by) - {"no_signal", "new_centre"} and "too_few" in verdicts:
        asked.append(QUIET.format(measure=label["name"]))
    codes = str(label.get("reason", "")).split() if any(row["verdict"] != "too_few" for row in rows) else []
    return asked + [question.format(measure=label["name"]) for code, question in LOUD.items() if code in codes][:1]


def of_team(analysis: Analysis, team: str, missing: int) -> list[str]:
    """Questions for one team about its own measures, of which so many figures are ``missing``.

    Luck is asked of all teams: a team's own improvement may be one of those that chance would give.
    """
    told = [(label, row) for label, rows in _by_measure(focus(analysis, team)) for row in rows if current(row)]
    lucky = {label["name"] for label, row in told if spoken(row) == "improved" and _by_chance(analysis, label)}
    by = _grouped((_firm(spoken(row), label["name"] in lucky), label["name"]) for label, row in told)
    ask = {"improved": TEAM["improved"], "lucky": MY_LUCK, **TEAM}
    asked = [question.format(measures=listed(by[code])) for code, question in ask.items() if code in by]
    words = f"{capital(counted(missing, 'figure'))} {'is' if missing == 1 else 'are'}"
    return [*asked, *([MY_GAPS.format(figures=words)] if missing else []), MY_NEXT_TEST]


def _firm(code: str, lucky: bool) -> str:
    return "lucky" if lucky and code == "improved" else code


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    by: dict[str, list[str]] = {}
    for code, name in pairs:
        by.setdefault(code, []).append(name)
    return by


def _by_measure(analysis: Analysis) -> list[tuple[Row, list[Row]]]:
    """Each measure's label with its series rows, team names added, the aim's measure first."""
    about = {row["team"]: {"name": row["name"], "share": row["share"]} for row in records(analysis.teams)}
    first = main_measure(analysis)
    labels = sorted(records(analysis.measures), key=lambda row: bool(row["measure"] != first))
    series = {label["measure"]: records(focus(analysis, measure=label["measure"]).series) for label in labels}
    return [(label, [{**row, **about[row["team"]]} for row in series[label["measure"]]]) for label in labels]


def _of_link(analysis: Analysis) -> list[str]:
    """Whether the processes that changed, in more teams than chance would give, are the ones that move the outcome."""
    lucky = {label["measure"] for label in records(analysis.measures) if _by_chance(analysis, label)}
    kinds = dict(zip(analysis.measures["measure"], analysis.measures["kind"], strict=True))
    rows = [row for row in records(analysis.series) if row["verdict"] == "improved" and current(row)]
    moved = {(row["team"], kinds[row["measure"]], row["measure"] in lucky) for row in rows}
    there = {team for team, kind, _ in moved if kind == "outcome"}
    ahead = {team for team, kind, by_luck in moved if kind == "process" and not by_luck} - there
    told = ahead and "outcome" in kinds.values()
    return [LINK.format(teams=counted(len(ahead), "team"))] if told else []


def _of_gaps(reporting: Sequence[Row], method: Row) -> list[str]:
    if not reporting or reporting[-1]["reporting"] >= reporting[-1]["expected"]:
        return []
    last = reporting[-1]
    teams = capital(counted(int(last["expected"] - last["reporting"]), "team"))
    return [GAPS.format(teams=teams, period=period(last["date"], method))]

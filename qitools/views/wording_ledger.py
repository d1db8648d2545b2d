"""The honest ledger in words: how many improved, and how many chance alone would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qitools.views.numerals import MINUS, capital, decimals, interval, joined, known, listed, of, percentage
from qitools.views.vocabulary import REASONS, rule_set_name
from qitools.views.wording_series import simulated

Row = Mapping[str, Any]
DONE = {"improved": "improved", "changed": "changed level"}
ALLOWED = {"dependent": "neighbouring points that resemble each other", "seasonal": "the season"}
KINDS = {"outcome": "", "process": "Process measure. ", "balancing": "Balancing measure. "}
NOT_HELD = ("worsened", "mixed")  # a loss is not held, nor a gain that moves back
ONE = "One centre line: no interval"
NO_INTERVAL = ("few", "selected_by_data", "no_variation")  # why a change, or its interval, may be missing
STRENGTHS = {"": "", "candidate": "possible, too early to say", "sustained": "sustained", "held": "sustained and held"}


def ledger_title(rows: Sequence[Row], measures: Mapping[str, Row]) -> str:
    """The finding for the first measure of the ledger, in a title; ``rows`` of ``tally``.

    >>> row = {"measure": "falls", "observed": 5, "teams": 14, "expected": 1.5, "low": 0, "high": 4,
    ...        "verdict": "improved"}
    >>> ledger_title([row], {"falls": {"name": "Falls"}})
    '5 of 14 teams improved on Falls: more than chance would give'
    """
    first = rows[0]
    name = measures[first["measure"]]["name"]
    if not first["teams"]:
        return f"Too few points to say on {name}, for every team"
    seen = capital(f"{_seen(first)} on {name}")
    return f"{seen}: {_beside(first)}" if known(first["expected"]) and first["observed"] else seen


def ledger_subtitle(rows: Sequence[Row], method: Row) -> str:
    """What is drawn: the mark, the line and the bar of each measure."""
    drawn = "Mark: teams by this rule. Line and bar: what chance alone would give, and nine times in ten."
    asked = f"Rules: {listed([str(name) for name in method.get('rule_sets', ())])}." if method.get("rule_sets") else ""
    return joined(drawn, asked, "Simulated data." if method.get("simulated") else "")


def ledger_sentence(rows: Sequence[Row], measures: Mapping[str, Row], method: Row) -> str:
    """What the outcome measures show beside chance, and how many measures were looked at."""
    outcomes = [row for row in rows if row["kind"] == "outcome"]
    said = [ledger_line(row, measures[row["measure"]], method) for row in outcomes]
    return joined(_looked_at(len(outcomes), len(rows)), *said, simulated(method))


def _looked_at(outcomes: int, total: int) -> str:
    if total == 1:
        return "One measure was looked at."
    if not outcomes:
        return f"{total} measures were looked at; none is an outcome, so none counts as success."
    other = "only outcome measures are counted here" if outcomes < total else "all are outcomes"
    return f"{total} measures were looked at; {other}."


def ledger_line(row: Row, measure: Row, method: Row) -> str:
    """One measure beside chance; ``row`` of ``tally``.

    >>> row = {"observed": 5, "teams": 14, "expected": 1.5, "low": 0, "high": 4, "likely": 0.02, "noise": (),
    ...        "verdict": "improved"}
    >>> print(ledger_line(row, {"name": "Falls", "rule_set": "his-2025"}, {"rules": "his-2025"}))
    Falls: 5 of 14 teams improved by his-2025; if nothing had changed we would expect 1 or 2 (0 to 4). That is more \
than chance would give.
    """
    if not row["teams"]:
        return f"{measure['name']}: too few points to say, for every team."
    seen = f"{measure['name']}: {_seen(row)} by {rule_set_name(measure, method)}"
    if not known(row["expected"]):
        return f"{seen}; what chance would give cannot be told, because the centre line does not come from the data."
    said = f"if nothing had changed we would expect {expected(row['expected'])} {_range(row)}"
    found = f"That is {_beside(row)}." if row["observed"] else ""
    return joined(f"{seen}; {said}{_allowing(row['noise'])}.", found)


def _seen(row: Row) -> str:
    """How many improved, to stand in a sentence.

    >>> [_seen({"observed": seen, "teams": teams, "verdict": "improved"}) for seen, teams in ((0, 9), (1, 9), (2, 2))]
    ['none of 9 teams improved', '1 of 9 teams improved', 'both teams improved']
    """
    done = DONE[row["verdict"]]
    number, teams = int(row["observed"]), int(row["teams"])
    if not number:
        return f"none of {teams} teams {done}" if teams > 1 else f"the one team has not {done}"
    words = of(number, teams, "team", done, done)
    return f"{words[0].lower()}{words[1:]}"


def expected(number: float) -> str:
    """A mean number of teams, as one would say it.

    >>> [expected(number) for number in (0.04, 0.4, 1.1, 1.5, 2.95)]
    ['none', 'none or 1', 'about 1', '1 or 2', 'about 3']
    """
    below = int(number)
    if 0.25 <= number - below <= 0.75:
        return f"{below} or {below + 1}" if below else "none or 1"
    return f"about {round(number)}" if round(number) else "none"


def _range(row: Row) -> str:
    low, high = int(row["low"]), int(row["high"])
    return f"({low} to {high})" if low < high else f"(nearly always {low or 'none'})"


def _allowing(noise: Sequence[str]) -> str:
    return f", allowing for {' and '.join(ALLOWED[code] for code in noise)}" if len(noise) else ""


def _beside(row: Row) -> str:
    return "more than chance would give" if row["observed"] > row["high"] else "no more than chance would give"


def _share(chance: float) -> str:
    """A chance in per cent, never 0 and never 100.

    >>> [_share(chance) for chance in (0.0002, 0.004, 0.214, 0.999)]
    ['fewer than 0.1%', '0.4%', '21%', 'nearly all']
    """
    if chance < 0.001:
        return "fewer than 0.1%"
    if chance >= 0.99:
        return "nearly all"
    return f"{100 * chance:.1f}%" if chance < 0.01 else f"{100 * chance:.0f}%"


def ledger_note(row: Row, measure: Row, method: Row) -> str:
    """One measure beside chance, its kind said where it is no outcome, and how often chance gives as much.

    >>> row = {"kind": "process", "observed": 1, "teams": 1, "expected": 0.06, "low": 0, "high": 1, "likely": 0.06,
    ...        "noise": (), "verdict": "improved"}
    >>> print(ledger_note(row, {"name": "Bundle", "rule_set": "mdc"}, {}).rpartition("That is ")[2])
    no more than chance would give. So many or more would come in 6% of collaboratives in which nothing changes.
    """
    often = ""
    if known(row["expected"]) and row["observed"]:
        often = f"So many or more would come in {_share(row['likely'])} of collaboratives in which nothing changes."
    return joined(f"{KINDS[row['kind']]}{ledger_line(row, measure, method)}", often)


def ledger_caption(shown: int, total: int) -> str:
    """Over the table: which series are in it.

    >>> ledger_caption(3, 28), ledger_caption(0, 2)
    ('3 of 28 charts show a signal; the other 25 are not listed.', 'No chart shows a signal.')
    """
    if not shown:
        return "No chart shows a signal."
    if shown == total:
        return "Every chart shows a signal." if total > 1 else "The chart shows a signal."
    verb = "shows" if shown == 1 else "show"
    left = total - shown
    rest = f"the other {left} are" if left > 1 else "the other one is"
    return f"{shown} of {total} charts {verb} a signal; {rest} not listed."


def ledger_strength(row: Row) -> str:
    """How firm a verdict is; only a gain is said to have held.

    >>> ledger_strength({"verdict": "improved", "strength": "held"})
    'sustained and held'
    >>> ledger_strength({"verdict": "worsened", "strength": "held"})
    'sustained'
    """
    lost = row["strength"] == "held" and row["verdict"] in NOT_HELD
    return STRENGTHS["sustained" if lost else row["strength"]]


def ledger_change(row: Row, measure: Row) -> str:
    """The change of a series with its interval; where one is missing, why.

    >>> row = {"change": -1.5, "change_lower": -2.61, "change_upper": -0.42}
    >>> ledger_change(row, {"data": "rate"}), ledger_change({"change": None}, {})
    ('−1.5 (−2.6 to −0.4)', '')
    >>> ledger_change({"change": None, "reason": "one_phase"}, {})
    'One centre line: no interval'
    """
    codes = str(row.get("reason") or "").split()
    if not known(row["change"]) and "one_phase" in codes:
        return ONE
    why = next((REASONS[code] for code in NO_INTERVAL if code in codes), "")
    if not known(row["change"]):
        return capital(why)
    amount = float(row["change"])
    places = 1 if percentage(measure) else decimals(amount)
    unit = " percentage points" if percentage(measure) else ""
    middle = f"{MINUS if amount < 0 else ''}{abs(amount):,.{places}f}"
    if not (known(row["change_lower"]) and known(row["change_upper"])):
        return f"{middle}{unit} (no interval{f': {why}' if why else ''})"
    return f"{middle} ({interval(row['change_lower'], row['change_upper'], measure)})"

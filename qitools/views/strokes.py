"""What the picture of one series is made of: its data sets, apart from how they are drawn.

``points`` (one row per period), ``lines`` (centre and limits, broken between phases), ``phases`` (what stands above
each), ``notes`` (numbered events), ``ends`` (words at the right end, spread apart) and ``target``. All words and
numbers are final here: the page adds nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any

import numpy as np

from qitools.spc.rules import RULES
from qitools.views import labels, wording
from qitools.views.numerals import capital, known, listed
from qitools.views.subjects import FIRM, Columns, Row, Subject
from qitools.views.vocabulary import centre_name

HEIGHT = 300  # of the plot, in pixels
NOTED = ("reason", "kind", "rules", "status")  # of a point, from which its note is made
LINE = 17  # of words at the right end, in pixels
LETTER = 6.8  # mean width of a letter of 13 px, in pixels
THOUSANDS = 10_000  # from here a small scale counts in thousands
CLOSE = 0.03  # of the width: nearer numbers would touch


@cache
def iso(day: float) -> str:
    """A date as text, of days since 1970."""
    return str(np.datetime64(round(day), "D"))


def points(subject: Subject) -> Columns:
    """One row per period: value and kind for the picture, words for tooltip and table."""
    own = subject.points
    ranges = [f"{low} to {high}" if low and high else "" for low, high in _pairs(own, "lower_words", "upper_words")]
    return {
        "date": [iso(day) for day in own["day"]],
        "period": own["period"],
        "value": own["value"],
        "shown": own["value_words"],
        "numerator": own["numerator_words"],
        "denominator": own["denominator_words"],
        "centre": own["centre_words"],
        "limits": ranges,
        "kind": own["kind"],
        "note": [_note(*row) for row in zip(*(own[name] for name in NOTED), strict=True)],
    }


def _pairs(columns: Columns, one: str, two: str) -> Iterator[tuple[Any, Any]]:
    return zip(columns[one], columns[two], strict=True)


@cache
def _note(codes: str, kind: str, rules: frozenset[str], status: str) -> str:
    """What is to be said of a point: why it is missing or left out, else the rules that mark it; and its status."""
    said = wording.reason(codes) if codes else legend_words(kind, rules) if kind != "none" else ""
    return "; ".join(part for part in (said, labels.UNSETTLED.get(status, "")) if part)


def legend_words(kind: str, rules: frozenset[str]) -> str:
    """The words of a kind of point, with the rules that made it: "Better: sustained shift"."""
    firm, weak = (
        [labels.RULES[rule] for rule in RULES if rule in rules and (rule in FIRM) is wanted] for wanted in (True, False)
    )
    return labels.KINDS[kind].format(strong=listed(firm or weak), weak=listed(weak))


def rules_of(subject: Subject) -> dict[str, frozenset[str]]:
    """The kinds of point drawn, each with the rules that made it."""
    seen: dict[str, frozenset[str]] = {}
    for kind, rules, value in zip(*(subject.points[name] for name in ("kind", "rules", "value")), strict=True):
        if known(value):
            seen[kind] = seen.get(kind, frozenset()) | rules
    return seen


def legend(subjects: Sequence[Subject]) -> dict[str, str]:
    """The words of every kind of point in a picture, "no signal" always among them, in a fixed order."""
    seen: dict[str, frozenset[str]] = {"none": frozenset()}
    for subject in subjects:
        for kind, rules in rules_of(subject).items():
            seen[kind] = seen.get(kind, frozenset()) | rules
    return {kind: legend_words(kind, seen[kind]) for kind in labels.KINDS if kind in seen}


def key_width(words: Iterable[str]) -> int:
    """Pixels that one entry of a legend needs."""
    return round(max(map(len, words), default=0) * LETTER) + 34


def lines(subject: Subject) -> Columns:
    """Centre and limits as steps: two rows per phase, or one per point and an end where limits vary."""
    own, edge = subject.points, subject.every * 0.4
    status = {row["phase"]: row["status"] for row in subject.phases}
    levels = zip(*(own[name] for name in ("phase", "day", "centre", "lower", "upper")), strict=True)
    rows = [
        (iso(day - edge), *row, phase, status.get(phase, "confirmed"))
        for phase, part in groupby(levels, key=lambda row: row[0])
        for day, *row in _steps([row[1:] for row in part if known(row[2])], 2 * edge)
    ]
    names = ("date", "centre", "lower", "upper", "phase", "status")
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def _steps(rows: list[tuple[Any, ...]], width: float) -> list[tuple[Any, ...]]:
    """The steps of one phase and its end; a period without limits of its own keeps those before it."""
    if not rows:
        return []
    bounded = [row for row in rows if known(row[2]) or known(row[3])] or rows[:1]
    bounded = bounded[:1] if len({row[1:] for row in bounded}) == 1 else bounded
    return [(rows[0][0], *bounded[0][1:]), *bounded[1:], (rows[-1][0] + width, *bounded[-1][1:])]


def phases(subject: Subject) -> Columns:
    """What stands above each phase: its name, its centre and n, and how much of the width it may use."""
    rows, measure = subject.phases, subject.measure
    low, high = subject.span
    starts = [row["start_day"] - subject.every * 0.5 for row in rows]
    centres = [wording.value(row["centre"], measure) if known(row["centre"]) else "" for row in rows]
    return {
        "date": [iso(start) for start in starts],
        "room": [(end - start) / (high - low) for start, end in zip(starts, [*starts[1:], high], strict=False)],
        "name": [_phase_name(row) for row in rows],
        "brief": [str(row["phase"]) for row in rows],
        "centre": centres,
        "note": [_phase_note(subject, row, centre) for row, centre in zip(rows, centres, strict=True)],
        "first": [i == 0 for i in range(len(rows))],
    }


def _phase_name(row: Row) -> str:
    return str(row["text"] or (labels.FIRST_PHASE if row["phase"] == 1 else labels.FOUND_PHASE))


def _phase_note(subject: Subject, row: Row, centre: str) -> str:
    """The centre of a phase and the points it was made from."""
    if not centre:
        return labels.NO_CENTRE
    own = subject.points
    used = zip(own["phase"], own["in_baseline"], own["value"], own["excluded"], strict=True)
    base = [under for phase, under, value, out in used if phase == row["phase"] and known(value) and not out]
    n, total = sum(base), len(base)
    if not n:  # the centre line comes from elsewhere: given, or kept from an earlier phase
        return f"{centre_name(subject.measure)} {centre}"
    words = labels.PHASE_PART if n < total else labels.PHASE
    return words[row["status"]].format(name=centre_name(subject.measure), centre=centre, n=n, total=total)


def notes(subject: Subject) -> tuple[Columns, tuple[str, ...]]:
    """Numbered events, those of one date and kind together, and their key in words."""
    low, high = subject.span
    groups = _merged([row for row in subject.events if low <= row["day"] <= high], subject.every)
    changes = [group["day"] for group in groups if group["kind"] == "change"]
    value = dict(_pairs(subject.points, "day", "value"))
    rooms = [
        min((day for day in changes if day > group["day"]), default=high) - group["day"]
        if group["kind"] == "change"
        else _clear(subject, group["day"], value.get(group["day"]))
        for group in groups
    ]
    columns: Columns = {
        "date": [iso(group["day"]) for group in groups],
        "lane": _lanes(groups, (high - low) * CLOSE),
        "kind": [group["kind"] for group in groups],
        "number": [str(i + 1) for i in range(len(groups))],
        "text": [listed(group["texts"]) for group in groups],
        "value": [value.get(group["day"]) if group["kind"] == "exclusion" else None for group in groups],
        "room": [room / (high - low) for room in rooms],
    }
    key = tuple(f"{_when(group, subject)}: {listed(group['texts'])}" for group in groups)
    return columns, key


def _clear(subject: Subject, day: float, value: Any) -> float:
    """Days beside an excluded point in which nothing is drawn as high: room for its reason, up to a phase's end."""
    edges = [row["start_day"] - subject.every / 2 for row in subject.phases if row["start_day"] > day]
    own = subject.points
    drawn = zip(own["day"], *(own[name] for name in ("value", "centre", "upper")), strict=True)
    above = [other for other, *levels in drawn if other > day and any(known(one) and one >= value for one in levels)]
    target = subject.measure.get("target")
    blocked = not known(value) or (known(target) and value <= target)
    return 0.0 if blocked else min([*edges, *above, subject.span[1]]) - day


def _lanes(groups: Sequence[Row], close: float) -> list[int]:
    """0 or 1: the number of a change close after another stands one line higher."""
    lanes: list[int] = []
    for i, group in enumerate(groups):
        near = i > 0 and group["day"] - groups[i - 1]["day"] < close
        lanes.append(1 - lanes[-1] if near else 0)
    return lanes


def _merged(events: Sequence[Row], every: float) -> list[dict[str, Any]]:
    """Events of one day are one note; so are exclusions of neighbouring periods for one reason."""
    groups: list[dict[str, Any]] = []
    for row in events:
        last = groups[-1] if groups and groups[-1]["kind"] == row["kind"] else None
        text = str(row["text"])
        if last and last["last_day"] == row["day"]:
            last["texts"] = list(dict.fromkeys([*last["texts"], text]))
        elif (
            last
            and row["kind"] == "exclusion"
            and last["texts"] == [text]
            and row["day"] - last["last_day"] < 1.5 * every
        ):
            last.update(last_day=row["day"], last=row["date"])
        else:
            groups.append({**row, "last": row["date"], "last_day": row["day"], "texts": [text]})
    return groups


def _when(group: Row, subject: Subject) -> str:
    ends = [wording.period(date, subject.period, short=True) for date in (group["date"], group["last"])]
    return " to ".join(dict.fromkeys(ends))


def ends(subject: Subject, scale: tuple[float, float]) -> Columns:
    """Words at the right end, for the levels of the last phase and the target, spread apart so that none overlap."""
    measure, own = subject.measure, subject.points
    levels = [
        (capital(centre_name(measure)), own["centre"][-1], "centre"),
        (labels.UPPER, own["upper"][-1], "limit"),
        (labels.LOWER, own["lower"][-1], "limit"),
        (labels.TARGET, measure.get("target"), "target"),
    ]
    shown = [(words, float(level), role) for words, level, role in levels if known(level)]
    values = [wording.value(level, measure) for _, level, _ in shown]
    return {
        "y": spread([level for _, level, _ in shown], LINE * (scale[1] - scale[0]) / HEIGHT),
        "text": [f"{words} {value}" for (words, *_), value in zip(shown, values, strict=True)],
        "brief": values,
        "role": [role for *_, role in shown],
    }


def spread(levels: Sequence[float], gap: float) -> list[float]:
    """Positions as near to the levels as can be, none nearer than ``gap`` to its neighbour.

    >>> spread([10.0, 10.0, 30.0], 4.0)
    [8.0, 12.0, 30.0]
    """
    blocks: list[tuple[list[int], float]] = []  # neighbours that touch, and the middle they share
    for i in sorted(range(len(levels)), key=lambda one: levels[one]):
        block = ([i], levels[i])
        while blocks and block[1] - blocks[-1][1] < gap * (len(block[0]) + len(blocks[-1][0])) / 2:
            members = blocks.pop()[0] + block[0]
            block = (members, sum(levels[one] for one in members) / len(members))
        blocks.append(block)
    place = {
        one: middle + gap * (k - (len(members) - 1) / 2) for members, middle in blocks for k, one in enumerate(members)
    }
    return [place[i] for i in range(len(levels))]


def value_domain(levels: Sequence[float], percentage: bool) -> tuple[float, float]:
    """A y-axis in round numbers that holds the levels; from 0 where they come near it, to 100 % at most.

    >>> value_domain([3.2, 7.9], False), value_domain([86.0, 97.5], True)
    ((0.0, 8.0), (86.0, 98.0))
    """
    finite = [level for level in levels if known(level)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    low = 0.0 if 0 <= low < 0.45 * high or low == high else low
    high = high if high > low else low + 1
    step = _step((high - low) / 6)
    top = math.ceil(round(high / step, 6)) * step
    return math.floor(round(low / step, 6)) * step, min(top, 100.0) if percentage and high <= 100 else top


def places(scale: tuple[float, float]) -> int:
    """Decimals of the labels of a value axis.

    >>> places((5.0, 8.5)), places((0.0, 100.0))
    (1, 0)
    """
    return max(0, -math.floor(math.log10((scale[1] - scale[0]) / 5) + 1e-9))


def ticks(scale: tuple[float, float], parts: tuple[int, ...] = (3, 5)) -> list[tuple[float, str]]:
    """Two to five round values of a small scale, and their words; more ``parts`` where there is room.

    >>> ticks((0.0, 8.0)), ticks((60.0, 140.0))
    ([(0.0, '0'), (5.0, '5')], [(60.0, '60'), (80.0, '80'), (100.0, '100'), (120.0, '120'), (140.0, '140')])
    """
    low, high = scale
    levels: list[float] = []
    for number in parts:  # a wide step may meet but one round value
        if len(levels) < 2:
            step = _step((high - low) / number)
            first, last = math.ceil(round(low / step, 6)), math.floor(round(high / step, 6))
            levels = [i * step for i in range(first, last + 1)]
    after = max(0, -math.floor(math.log10(step) + 1e-9))
    return [(level, f"{level / 1000:,g}k" if high >= THOUSANDS else f"{level:,.{after}f}") for level in levels]


def years(low: float, high: float) -> list[tuple[str, str]]:
    """Every first of January between two days, and its year; the first day where there is none.

    >>> years(19_800, 20_200)
    [('2025-01-01', '2025')]
    """
    first, last = (int(iso(day)[:4]) for day in (low, high))
    found = [(f"{year}-01-01", str(year)) for year in range(first + 1, last + 1)]
    return found or [(iso(low), str(first))]


def _step(size: float) -> float:
    """The round number next above: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= size * 0.999)

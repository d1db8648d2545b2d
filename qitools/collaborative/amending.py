"""A decision, and the text of a YAML with it or without it.

A decision becomes an entry of a list (phases, exclusions, annotations) or a setting with an entry under ``decisions``
that says why. Every edit is made twice, in the text (``editing``) and on the values that the text stands for; where
the two do not agree the file is left to be edited by hand, and the message says what to write.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qitools.collaborative.decided import HOMES, Value, place, present, words
from qitools.collaborative.document import Loc, parsed_document, tidied
from qitools.collaborative.editing import NotEditable, rendered, with_entry, with_value, without_entry
from qitools.collaborative.parts import Day
from qitools.errors import ParameterError, Problem, nearest

Data = dict[str, Any]
LISTS = {"phase": "phases", "exclusion": "exclusions", "annotation": "annotations"}
KINDS = (*LISTS, *HOMES)
# for each kind the keys of its entry: the field of Decision that each holds
ENTRIES: dict[str, dict[str, str]] = {
    "phase": {"team": "team", "measure": "measure", "start": "date", "reason": "reason"},
    "exclusion": {"team": "team", "measure": "measure", "date": "date", "until": "until", "reason": "reason"},
    "annotation": {"team": "team", "measure": "measure", "date": "date", "text": "reason"},
}
SETTING = {"team": "team", "measure": "measure", "key": "kind", "value": "value", "was": "was", "reason": "reason"}
WHO = {"by": "by", "decided": "decided"}


@dataclass(frozen=True)
class Decision:
    """One decision.

    Args:
        kind: phase, exclusion, annotation, or a setting: chart, target (of a measure), period (of a team), rules,
            baseline, rebase, screen (of the collaborative).
        reason: why; of an annotation the text that stands on the chart.
        by: who decided (a role will do).
        decided: when.
        team: id of a team; "" for all (not of a phase or a period).
        measure: id of a measure; "" for all (not of a phase, a chart or a target).
        date: the first day of a period: where a phase begins, which point is left out; of an annotation any day.
        until: the last period that an exclusion leaves out.
        value: what a setting becomes; None: its default.
    """

    kind: str
    reason: str
    by: str
    decided: Day
    team: str = ""
    measure: str = ""
    date: Day | None = None
    until: Day | None = None
    value: Value = None


def amended(text: str, file: str, decisions: Sequence[Decision], without: Sequence[Decision] = ()) -> str:
    """The text of a YAML with these decisions, and without those.

    Raises:
        ParameterError: a decision without reason, name or day (every problem at once); one that changes nothing; one to
            take back that is not there; a file that cannot be edited in place.
    """
    if problems := [problem for one in decisions for problem in _lacking(one)]:
        raise ParameterError("a decision cannot be saved yet", problems)
    draft = Draft(file, text, parsed_document(text, file).data)
    for one in without:
        draft = _without(draft, _plainly(one))
    for one in decisions:
        draft = _with(draft, _plainly(one))
    return draft.text


def _lacking(one: Decision) -> Iterator[Problem]:
    """What a decision needs and does not have."""
    if one.kind not in KINDS:
        yield Problem(
            where="kind",
            found=one.kind,
            expected=" or ".join(KINDS),
            hint=nearest(one.kind, KINDS),
            code="unknown_kind",
        )
        return
    needs = {"reason": "why it was decided", "by": "who decided (a role will do)", "decided": "the day it was decided"}
    needs |= {"date": "the day it speaks of"} if one.kind in LISTS else {}
    needs |= {"team": "the team", "measure": "the measure"} if one.kind == "phase" else {}
    needs |= {home: f"the {home} it is set for"} if (home := HOMES.get(one.kind, "")) else {}
    for name, expected in needs.items():
        value = getattr(one, name)
        if value is None or not plain(str(value)):
            yield Problem(where=f"{one.kind}: {name}", expected=expected, hint="it is empty", code=f"missing_{name}")


def plain(text: str) -> str:
    """A text as it can be kept: as it looks (``tidied``), without what controls printers.

    >>> plain(" Moved\\u000bto\\u00a0ward 2 ")
    'Moved to ward 2'
    """
    kinds = {"Cc": " ", "Zl": " ", "Zp": " ", "Cs": "\ufffd"}
    kept = (letter if letter == "\n" else kinds.get(unicodedata.category(letter), letter) for letter in text)
    return tidied("".join(kept)).strip()


def _plainly(one: Decision) -> dict[str, Any]:
    """The fields of a decision, its texts as they can be kept."""
    return {name: plain(value) if isinstance(value, str) else value for name, value in vars(one).items()}


def _entry(one: dict[str, Any]) -> Data:
    """A decision as its list in the YAML holds it."""
    names = ENTRIES.get(one["kind"], SETTING) | WHO
    return {key: one[name] for key, name in names.items() if one.get(name) not in (None, "")}


@dataclass(frozen=True)
class Draft:
    """A YAML on its way to a new version: its text and the values that this stands for."""

    file: str
    text: str
    data: Data

    def with_entry(self, key: str, entry: Data) -> Draft:
        """With one more entry in a list."""
        expected = {**self.data, key: (*self.data.get(key, ()), entry)}
        return self._edited(expected, f"- {rendered(entry)} under {key}", with_entry, key, entry)

    def without_entry(self, key: str, index: int) -> Draft:
        """Without one entry of a list."""
        left = tuple(one for i, one in enumerate(self.data[key]) if i != index)
        return self._edited({**self.data, key: left}, f"{key} without entry {index + 1}", without_entry, key, index)

    def with_value(self, where: Loc, value: Value) -> Draft:
        """With a single value set, or taken out where it is None."""
        lines = f"{where[-1]}: {rendered(value)}" if value is not None else f"nothing for {where[-1]}"
        return self._edited(_set(self.data, where, value), lines, with_value, where, value)

    def _edited(self, expected: Data, lines: str, edit: Any, *arguments: Any) -> Draft:
        """One edit, whose text must say what is expected."""
        try:
            text = edit(self.text, *arguments)
            data = parsed_document(text, self.file).data
            if _said(data) == _said(expected):
                return replace(self, text=text, data=data)
            why = "what stands there is used in several places, or written in a form that is rare"
        except NotEditable as error:
            why = error.message
        except ParameterError as error:
            if any(problem.code == "personal_number" for problem in error.problems):
                raise
            why = "the new text could not be read again"
        expects, hint = "a file that can be edited in place", f"write by hand: {lines}"
        raise ParameterError(f"{self.file} cannot be edited in place", [Problem(self.file, 0, "", why, expects, hint)])


def _with(draft: Draft, one: Data) -> Draft:
    """The draft with one decision."""
    if one["kind"] in LISTS:
        return draft.with_entry(LISTS[one["kind"]], _entry(one))
    where, was = _setting(draft, one)
    if was == one["value"] and isinstance(was, bool) == isinstance(one["value"], bool):
        raise _refused(draft, one, words(was), "another value: that is what it is already")
    return draft.with_value(where, one["value"]).with_entry("decisions", _entry(one | {"was": was}))


def _without(draft: Draft, one: Data) -> Draft:
    """The draft without one decision."""
    key, entry = LISTS.get(one["kind"], "decisions"), _entry(one)
    listed = draft.data.get(key, ())
    same = [i for i, other in enumerate(listed) if {**other, "was": None} == {**entry, "was": None}]
    if not same:
        raise _refused(draft, one, "no such decision", "one that the file holds: it may have been taken back already")
    if key != "decisions":
        return draft.without_entry(key, same[-1])
    where, now = _setting(draft, one)
    if now != one["value"]:
        expected = f"{words(one['value'])}, as this decision left it: it was changed since"
        raise _refused(draft, one, words(now), expected)
    return draft.without_entry(key, same[-1]).with_value(where, listed[same[-1]].get("was"))


def _setting(draft: Draft, one: Data) -> tuple[Loc, Value]:
    """Where a setting stands, and what it is now."""
    home, owner = HOMES[one["kind"]], (one["kind"], one["team"], one["measure"])
    where = place(draft.data, *owner)
    if where is None:
        hint = nearest(one[home], [str(entry["id"]) for entry in draft.data[f"{home}s"]])
        expected = f"the id of a {home} declared in this file"
        raise _refused(draft, one, one[home], expected, hint, f"unknown_{home}")
    return where, present(draft.data, *owner)


def _said(data: Data) -> Data:
    """The values to compare, told apart by type since 1 is not true; an empty list says nothing."""
    return {key: repr(value) for key, value in data.items() if value != ()}


def _set(data: Any, where: Loc, value: Value) -> Any:
    """Plain values with one of them set, or taken out where it is None."""
    step, rest = where[0], where[1:]
    if isinstance(step, int):
        return tuple(_set(one, rest, value) if i == step else one for i, one in enumerate(data))
    if rest:
        return {**data, step: _set(data[step], rest, value)}
    if value is None:
        return {key: one for key, one in data.items() if key != step}
    return {**data, step: value}


def _refused(
    draft: Draft, one: Data, found: str, expected: str, hint: str = "", code: str = "no_change"
) -> ParameterError:
    problem = Problem(draft.file, 0, one["kind"], found, expected, hint, code)
    return ParameterError("a decision cannot be saved", [problem])

"""What an analyst is trying, step by step, and what becomes of it: apart from widgets and charts.

A ``State`` is what is looked at and the decisions tried so far; a setting tried is a decision too, whose reason is
written when it is saved. A ``Desk`` is a collaborative opened, every state since (undo, redo), and the way to the YAML.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from qitools.collaborative import saving
from qitools.collaborative.amending import LISTS, Decision
from qitools.collaborative.decided import HOMES, Value
from qitools.collaborative.loading import Collaborative, found, load
from qitools.collaborative.saving import Version
from qitools.errors import ParameterError
from qitools.views import wording_explorer as words

Made = TypeVar("Made")
KEPT = 24  # analyses, and what they are made of, that are kept


@dataclass(frozen=True)
class State:
    """What is looked at, and what is tried.

    Args:
        measure: id of the measure.
        team: id of the team; "" for all, as small charts.
        decisions: what is tried, oldest first; settings without reason, name and day.
    """

    measure: str
    team: str = ""
    decisions: tuple[Decision, ...] = ()

    def owner(self, setting: str) -> dict[str, str]:
        """Whose a setting is: this measure's, this team's or everybody's."""
        home = HOMES[setting]
        return {home: {"measure": self.measure, "team": self.team}[home]} if home else {}

    def tried(self, setting: str) -> Decision | None:
        """The decision that changes a setting here, where there is one."""
        wanted = {"team": "", "measure": "", **self.owner(setting), "kind": setting}
        mine = (one for one in self.decisions if all(getattr(one, key) == name for key, name in wanted.items()))
        return next(mine, None)

    def setting(self, name: str, value: Value, standing: Value) -> State:
        """With a setting tried; one that is as it stands in the YAML is no decision."""
        rest = tuple(one for one in self.decisions if one is not self.tried(name))
        kept = () if value == standing else (_draft(name, value=value, **self.owner(name)),)
        return replace(self, decisions=(*rest, *kept))

    def decided(self, kind: str, day: date, reason: str) -> State:
        """With a phase, an exclusion or an annotation on this chart."""
        one = Decision(kind, reason, "", date.min, team=self.team, measure=self.measure, date=day)
        return replace(self, decisions=(*self.decisions, one))


def _draft(kind: str, value: Value, team: str = "", measure: str = "") -> Decision:
    return Decision(kind, "", "", date.min, team=team, measure=measure, value=value)


class Desk:
    """A collaborative to try things on.

    Args:
        source: its name, the path of its YAML, or a ``Collaborative`` (which has no YAML to save to).
        as_of: the last date to look at, as for ``qi.load``.
    """

    def __init__(self, source: str | Path | Collaborative, as_of: str = "") -> None:
        self.as_of = as_of
        self.path = None if isinstance(source, Collaborative) else found(source)
        self.seen: Version | None = None
        self._made: dict[Any, Any] = {}
        self.just_saved: tuple[Decision, ...] = ()
        self.opened = source if isinstance(source, Collaborative) else self._open(found(source))
        parameters = self.opened.parameters
        aimed = parameters.aim.measure if parameters.aim else ""
        measures = [one.id for one in parameters.measures]
        self.states = [State(aimed if aimed in measures else measures[0], parameters.teams[0].id)]
        self.place = 0

    def _open(self, path: Path) -> Collaborative:
        self._made.clear()
        self.seen = saving.read(path)  # before the rest: what is shown is never newer than what is compared
        return load(path, as_of=self.as_of or None)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was made of the collaborative before, the last few things of it: undo and compare come at once."""
        if key not in self._made:
            if len(self._made) >= KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    # ---- steps --------------------------------------------------------------------------------------------------

    @property
    def now(self) -> State:
        """What is looked at and tried."""
        return self.states[self.place]

    def go(self, state: State) -> None:
        """Take a step; what was undone before it is forgotten."""
        if state != self.now:
            self.states = [*self.states[: self.place + 1], state]
            self.place += 1

    def move(self, steps: int) -> None:
        """Undo (-1) or redo (1), as far as there is a step."""
        self.place = min(max(self.place + steps, 0), len(self.states) - 1)

    # ---- settings -----------------------------------------------------------------------------------------------

    def standing(self, setting: str, team: str = "") -> Value:
        """What a setting is in the YAML, its default included, for the measure looked at, and the team or another."""
        known = self.opened.parameters
        homes: dict[str, list[Any]] = {
            "": [known],
            "measure": [one for one in known.measures if one.id == self.now.measure],
            "team": [one for one in known.teams if one.id == (team or self.now.team)],
        }
        mine = homes[HOMES[setting]]
        value: Value = next((getattr(one, setting) for one in mine), None)
        return known.period if setting == "period" and value is None else value

    def value(self, setting: str) -> Value:
        """What a setting is as tried."""
        tried = self.now.tried(setting)
        return tried.value if tried else self.standing(setting)

    def try_setting(self, setting: str, value: Value) -> None:
        """Try a setting."""
        self.go(self.now.setting(setting, value, self.standing(setting)))

    # ---- the YAML -----------------------------------------------------------------------------------------------

    def complete(self, by: str, why: str) -> list[Decision]:
        """The decisions tried, with who took them, today, and of settings why."""
        return [
            replace(one, by=by, decided=date.today(), reason=one.reason if one.kind in LISTS else why)
            for one in self.now.decisions
        ]

    def preview(self, by: str, why: str) -> str:
        """The lines that ``save`` would change.

        Raises:
            ParameterError: nothing to save, or what lacks a reason or a name; everything at once.
        """
        return saving.preview(self.version(), self._some(by, why))

    def save(self, by: str, why: str) -> int:
        """Save what is tried, and open the collaborative as it then is; gives how many decisions were saved.

        Raises:
            ParameterError, ChangedMeanwhile, SavingError: as ``saving.save``; everything tried is still there.
        """
        decisions = self._some(by, why)
        version = saving.save(self.version(), decisions)
        self._settle(version)
        self.just_saved = tuple(decisions)
        return len(decisions)

    def take_back(self) -> int:
        """Take back what was saved last, as if it had not been decided; what was tried since stays."""
        taken, tried = self.just_saved, self.now.decisions
        self._settle(saving.save(self.version(), without=taken))
        self.just_saved = ()
        self.go(replace(self.now, decisions=tried))
        return len(taken)

    def reopen(self) -> list[str]:
        """Open the YAML as it is now, for instance after somebody else saved; what is tried stays tried.

        Gives the ids of the measure or team looked at that are no longer there.

        Raises:
            ParameterError, DataError, SavingError: it cannot be opened; what was open stays open.
        """
        if self.path is None:
            raise ParameterError(words.NO_FILE)
        self.opened = self._open(self.path)
        known = self.opened.parameters
        measures, teams = ([one.id for one in part] for part in (known.measures, known.teams))
        now = self.now
        here = replace(
            now,
            measure=now.measure if now.measure in measures else measures[0],
            team=now.team if now.team in teams else "",
        )
        self.states, self.place = [here], 0
        return [name for name in (now.measure, now.team) if name and name not in (*measures, *teams)]

    def _settle(self, version: Version) -> None:
        """After saving: open what was saved, and begin again from there."""
        self._made.clear()
        self.opened, self.seen = load(version.path, as_of=self.as_of or None), version
        self.states, self.place = [replace(self.now, decisions=())], 0

    def version(self) -> Version:
        """The YAML as it was read."""
        if self.seen is None:
            raise ParameterError(words.NO_FILE)
        return self.seen

    def _some(self, by: str, why: str) -> list[Decision]:
        if not self.now.decisions:
            raise ParameterError(words.NOTHING_TRIED)
        return self.complete(by, why)

"""Understanding variation: lessons for a room, each a picture whose truth is known, most with a question before it.

On a page the choices were all computed before (``figure`` swaps them); in a live notebook red beads are drawn again,
teams put in order again and any change asked for, by widgets that compute anew (``teaching_live``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from qitools.errors import ParameterError, Problem, nearest
from qitools.views import charts, ink, strokes, vote
from qitools.views import wording_teaching as words
from qitools.views.figure import Data, Figure, View, build
from qitools.views.prose import Prose
from qitools.views.subjects import Subject
from qitools.views.subjects import subjects as series_of
from qitools.views.teaching_plots import still

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis
    from qitools.views.teaching_live import Bench


def teach(analysis: Analysis, lesson: str, out: str = "", seed: int = 2026) -> Figure | Prose | Bench:
    """One lesson in variation.

    Args:
        analysis: what ``qi.variation`` gave.
        lesson: start (the page's heading), causes (common or special cause), beads (red beads), league (identical
            teams in a table), rules (runs counted by hand), seen or rates (how long a change takes to be seen, in a
            share and in a rate).
        out: the folder of a run of ``qitools run``; with it pictures alone, since a page holds no widgets.
        seed: of the draws; the one that ``qi.variation`` was given.

    Returns:
        A ``Figure``; ``Prose`` for the start; for beads, league, seen and rates without ``out`` widgets that draw anew.

    Raises:
        ParameterError: another lesson, with the nearest.
    """
    if lesson not in words.LESSONS:
        problem = Problem("", 0, "lesson", lesson, ", ".join(words.LESSONS), nearest(lesson, list(words.LESSONS)))
        raise ParameterError("There is no such lesson.", [problem])
    if lesson == "start":
        title, told = str(analysis.method["title"]), words.START.format(seed=seed)
        return Prose("qi-heading", (("h1", "", [title]), ("p", "qi-simulated", [words.SIMULATED]), ("p", "", [told])))
    if lesson in ("causes", "rules"):
        return asked(analysis, lesson)
    if out:
        return still(lesson, seed)
    from qitools.views.teaching_live import Bench

    return Bench(lesson, seed)


def asked(analysis: Analysis, measure: str) -> Figure:
    """Charts to be read before their limits, or their signals, are shown.

    Args:
        analysis: what ``qi.variation`` gave.
        measure: causes or rules.
    """
    measure = "runs" if measure == "rules" else measure
    subjects = [one for one in series_of(analysis) if one.measure["measure"] == measure]
    views = [_cause(one) if measure == "causes" else _runs(one) for one in subjects]
    return build(f"teach-{measure}", ink.template(), views, (words.PICKERS["chart"],))


def _cause(subject: Subject) -> View:
    """A chart without limits, then with them and with what was true."""
    name, chart = str(subject.team["team"]), str(subject.team["name"])
    whole = charts.view(subject)
    shown = replace(whole, sentence=f"{words.cause(name, chart)} {whole.sentence}", choice=(chart,))
    bare: dict[str, Data] = {
        "lines": {key: [] for key in whole.data["lines"]},
        "ends": {key: [] for key in whole.data["ends"]},
    }
    bare["phases"] = {key: [] for key in whole.data["phases"]}
    return _hidden(shown, words.CAUSE_TITLE.format(chart=chart), words.CAUSE_ASK.format(chart=chart), bare)


def _runs(subject: Subject) -> View:
    """A chart with its median, then with its runs marked and counted."""
    name, chart = str(subject.team["team"]), str(subject.team["name"])
    whole = charts.view(subject)
    rules = subject.points["rules"]
    found = [any({rule} & one for one in rules) for rule in ("shift", "trend")]
    shown = replace(whole, sentence=words.rules_sentence(name, chart, subject.phases[0], *found), choice=(chart,))
    return _hidden(shown, words.RULES_TITLE.format(chart=chart), words.RULES_ASK.format(chart=chart), {})


def _hidden(whole: View, title: str, sentence: str, bare: Mapping[str, Data]) -> View:
    """A view without findings, and the whole to be shown after it."""
    said = {"none": words.POINT}  # whether it is a signal is the question
    return replace(
        whole,
        title=title,
        subtitle=(words.UNDER,),
        sentence=f"{sentence} {words.SIMULATED}",
        data={**whole.data, **bare, "points": vote.unmarked(whole.data["points"]), "unseen": {"period": []}},
        table=vote.UNSEEN,
        params={**whole.params, "kinds": ["none"], "words": said, "wide": strokes.key_width(said.values())},
        notes=(),
        reveal=whole,
    )

"""The annotated chart of one series: its points, centre and limits by phase, what happened when, and where it ends.

``strokes`` makes its data sets, ``wording`` its words and ``ink`` the template that they fill.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qitools.analysis.focus import focus, main_measure
from qitools.views import ink, labels, strokes, wording
from qitools.views.figure import Column, Figure, View, build, nothing
from qitools.views.numerals import capital, known, percentage
from qitools.views.subjects import Subject
from qitools.views.subjects import subjects as series_of
from qitools.views.vocabulary import centre_name

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

CROWD = 90  # points in a chart from which the marks are made smaller, lest they merge
DAY = 86_400_000  # milliseconds, as Vega counts time


def chart(analysis: Analysis, measure: str = "", team: str = "") -> Figure:
    """The annotated chart of one series, with a picker for what is left open.

    Args:
        analysis: what ``qi.analyse`` gave.
        measure: id of a measure; "" for a picker over all, the aim's first.
        team: id of a team; "" for a picker over all.

    Returns:
        A ``Figure`` of kind ``chart``; its table holds the points.

    Raises:
        ParameterError: an unknown team or measure, with the nearest name.
    """
    part = focus(analysis, team=team, measure=measure)
    first = measure or main_measure(analysis)
    ordered = sorted(series_of(part), key=lambda one: one.measure["measure"] != first)
    views = [view(subject) for subject in ordered] or [nothing(("", ""))]
    return build("chart", ink.template(), views, (labels.PICKERS["measure"], labels.PICKERS["team"]))


def view(subject: Subject) -> View:
    """What one series shows: data sets, words and scales."""
    measure, team, method = subject.measure, subject.team, subject.method
    rows = (subject.series, measure, team, method)
    notes, told = strokes.notes(subject)
    points = strokes.points(subject)
    scale = strokes.value_domain(levels(subject), percentage(measure))
    key = strokes.legend([subject])
    points["kind"] = [pointing(kind, measure) for kind in points["kind"]]
    return View(
        title=wording.chart_title(*rows),
        subtitle=subtitle(wording.chart_subtitle(*rows), method),
        sentence=wording.chart_sentence(*rows),
        data={
            "points": points,
            "lines": strokes.lines(subject),
            "phases": strokes.phases(subject),
            "notes": notes,
            "ends": strokes.ends(subject, scale),
            "target": {"value": [measure["target"]] if known(measure.get("target")) else []},
        },
        table=("points", f"{measure['name']}, {team['name']}", table_columns(subject)),
        params={
            **axes(subject.span, scale, measure),
            "made": [measure.get("numerator") or "", measure.get("denominator") or ""],
            "kinds": [pointing(kind, measure) for kind in key],
            "words": {pointing(kind, measure): words for kind, words in key.items()},
            "wide": strokes.key_width(key.values()),
            "mark": 85 if len(points["date"]) <= CROWD else 40,
            "raised": 20 + 14 * max(notes["lane"]) if notes["date"] else 0,
        },
        notes=told,
        choice=(str(measure["name"]), str(team["name"])),
    )


def subtitle(words: str, method: Mapping[str, Any]) -> tuple[str, ...]:
    """The subtitle as lines, the last of which names the source where the data ask for it and more than simulated."""
    source = str(method.get("attribution") or "")
    told = bool(method.get("simulated")) and "simulated" in source.casefold()
    return (words, source) if source and not told else (words,)


def axes(span: tuple[float, float], scale: tuple[float, float], measure: Any) -> dict[str, Any]:
    """The parameters of both scales."""
    low, high = (round(end * DAY) for end in span)
    return {
        "xLow": low,
        "xHigh": high,
        "yLow": scale[0],
        "yHigh": scale[1],
        "form": f",.{strokes.places(scale)}f",
        "unit": "%" if percentage(measure) else "",
    }


def pointing(kind: str, measure: Any) -> str:
    """The kind of point, turned down where lower is better.

    >>> pointing("favourable-weak", {"better": "lower"})
    'favourable-down-weak'
    """
    down = measure.get("better") == "lower" and kind.startswith("favourable")
    return kind.replace("favourable", "favourable-down") if down else kind


def table_columns(subject: Subject) -> tuple[Column, ...]:
    """The columns of the table under a chart; those that hold nothing are left out."""
    measure = subject.measure
    limits, divided = (any(map(known, subject.points[name])) for name in ("upper", "denominator"))
    columns = [
        Column("period", labels.COLUMNS["period"]),
        *([Column("numerator", str(measure.get("numerator") or labels.COLUMNS["numerator"]), True)] if divided else []),
        *(
            [Column("denominator", str(measure.get("denominator") or labels.COLUMNS["denominator"]), True)]
            if divided
            else []
        ),
        Column("shown", labels.COLUMNS["value"], True),
        Column("centre", capital(centre_name(measure)), True),
        *([Column("limits", labels.COLUMNS["limits"], True)] if limits else []),
        Column("note", labels.COLUMNS["note"]),
    ]
    return tuple(columns)


def levels(subject: Subject) -> list[float]:
    """Every level a scale must hold: values, lines and target."""
    columns = [level for name in ("value", "centre", "lower", "upper") for level in subject.points[name]]
    return [float(level) for level in [*columns, subject.measure.get("target")] if known(level)]

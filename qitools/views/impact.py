"""The impact report's words and its claims: what changed in each collaborative, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from qitools.analysis.across import Across, Member
from qitools.analysis.claims import claims as graded
from qitools.analysis.engine import Analysis
from qitools.views import ink, strokes, wording
from qitools.views import wording_impact as words
from qitools.views import wording_reach as reach
from qitools.views.figure import Column, Figure, Spec, View, build
from qitools.views.ink import COLOUR, SILENT
from qitools.views.kept import alt, kept
from qitools.views.numerals import counted, known, records
from qitools.views.prose import Piece, Prose
from qitools.views.stories import Stories, Story
from qitools.views.stories import stories as told
from qitools.views.subjects import by
from qitools.views.wording_agenda import NO_STORIES

STEPS = {40: 30, 1_000: 16}  # up to this many rows: height of a row, in pixels
LEAST = 3  # rows that the height allows for
WIDE = 430  # pixels of names left of the axis
MOST_STORIES = 12  # on the page; all of them stand in stories.csv
NEVER = pd.Timestamp.min
# basis: shape, filling, outline.
KINDS = {
    "controlled": ("diamond", "favourable", "favourable"),
    "interrupted": ("diamond", "paper", "favourable"),
    "shift": ("triangle-right", "favourable", "favourable"),
    "before_after": ("circle", "paper", "data"),
    "story": ("circle", "data", "data"),
    "none": ("square", "paper", "muted"),
}
FIELDS = ("row", "name", "change", "low", "high", "kind", "collaborative", "measure", "grade", "said", "source")
HEADS = {
    "collaborative": "Collaborative",
    "measure": "Outcome",
    "grade": "Grade",
    "said": "What may be said",
    "source": "Source, period and date",
}


def named(found: Across) -> dict[str, str]:
    """Id → title of each collaborative; where some of them are simulated, those say so."""
    some = set() if found.simulated else set(found.invented)
    return {name: f"{title} (simulated)" if name in some else title for name, title in _titles(found).items()}


def _titles(found: Across) -> dict[str, str]:
    """Id → title of each collaborative, with its id where two have the same title; none claims more than its grade."""
    table = graded(found)
    firm = set(table.loc[table["grade"].isin(words.FIRM), "collaborative"])
    titles = {one.name: words.careful(one.title, "A" if one.name in firm else "", one.name) for one in found.members}
    often = Counter(titles.values())
    return {name: title if often[title] == 1 else f"{title} ({name})" for name, title in titles.items()}


def label_of(found: Across, member: Member, measure: str) -> dict[str, Any]:
    """The label of a measure, whose names claim no more than its grade can carry."""
    label, grade = by(member.analysis.measures, "measure")[measure], grade_of(found, member.name, measure)
    spoken = {"name": words.careful(str(label["name"]), grade, measure)}
    return {**label, **spoken, "numerator": words.careful(str(label["numerator"] or label["name"]), grade, "events")}


def outcome(found: Across, member: Member, measure: str) -> str:
    """A measure and its collaborative, as the pickers offer them; nothing that no grade can carry."""
    name = f"{label_of(found, member, measure)['name']}, {named(found)[member.name]}"
    return words.careful(name, "", f"{measure}, {member.name}")


def warning(found: Across) -> str:
    """The end of a sentence about all of them: which are simulated."""
    titles = _titles(found)
    return words.some_simulated([titles[name] for name in found.invented], len(titles))


def marked(found: Across, caption: str) -> str:
    """The caption of a table that adds up simulated and real figures; where all are simulated, the table says so."""
    return f"{caption}. {warning(found)}" if found.invented and not found.simulated else caption


def rows_of(found: Across) -> list[tuple[dict[str, Any], Member, Mapping[str, Any]]]:
    """Every claim with its collaborative and the label of its measure."""
    members = {member.name: member for member in found.members}
    labelled = {name: by(member.analysis.measures, "measure") for name, member in members.items()}
    return [
        (row, members[row["collaborative"]], labelled[row["collaborative"]][row["measure"]])
        for row in records(graded(found))
    ]


def grade_of(found: Across, collaborative: str, measure: str) -> str:
    """The grade of one outcome; "" for a measure that is none."""
    table = graded(found)
    mine = table[(table["collaborative"] == collaborative) & (table["measure"] == measure)]["grade"]
    return str(mine.iloc[0]) if len(mine) else ""


def impact(found: Across) -> Prose:
    """The top of the page: its h1, what is simulated, the collaboratives, how sure their changes are, who is left out.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        ``Prose``.
    """
    titles = named(found)
    out = [words.left_out(row["collaborative"], row["reason"]) for row in records(found.refused)]
    pieces: list[Piece] = [
        (
            "h1",
            "",
            [words.heading(len(titles)) if len(titles) > 1 else f"{words.heading(1)}: {next(iter(titles.values()))}"],
        ),
        ("p", "qi-simulated", [words.SIMULATED if found.simulated else warning(found)]),
        ("p", "qi-reported", [words.members(list(titles.values()))] if len(titles) > 1 else []),
        ("p", "qi-progress", [words.tally([row for row, _, _ in rows_of(found)])]),
        ("ul", "qi-left-out", out),
    ]
    return Prose("qi-heading", tuple(piece for piece in pieces if any(piece[2])))


def claims(found: Across) -> Figure:
    """What changed in each outcome, graded by what it rests on, with source, period and date.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        A ``Figure`` of kind ``claims``; its table has one row an outcome, with what may be said of it.
    """
    told = rows_of(found)
    rows = [_row(at, *each, named(found)) for at, each in enumerate(told)]
    data = {name: [row[name] for row in rows] for name in FIELDS}
    said = "; ".join(f"{row['name']}: {row['said']}" for row in rows)
    drawn = [row for row in rows if known(row["change"])]
    view = View(
        title=words.claims_title([row for row, _, _ in told]),
        subtitle=(words.CLAIMS_SUBTITLE,),
        sentence=wording_sentence(words.tally([row for row, _, _ in told]), said, found),
        data={"rows": data},
        table=("rows", "Outcomes, and what may be said of them", tuple(Column(*pair) for pair in HEADS.items())),
        params=_params(data) | {"lines": [row["lines"] for row in rows]} if drawn else {},
        panels=int(bool(drawn)),
    )
    return build("claims", template(max(len(rows), LEAST)), [view])


def wording_sentence(tally: str, said: str, found: Across) -> str:
    """The tally, then each claim where they are few enough to hear."""
    few = len(said) < 700
    return " ".join(part for part in (tally, said if few else "", warning(found)) if part)


def _row(at: int, row: Mapping[str, Any], member: Member, measure: Mapping[str, Any], titles: Any) -> dict[str, Any]:
    """One row of the picture and of the table."""
    method, grade = member.analysis.method, row["grade"]
    title = words.careful(titles[member.name], grade, member.name)
    about = words.careful(str(measure["name"]), grade, str(measure["measure"]))
    scale = 100 / row["before"] * (-1 if measure["better"] == "lower" else 1) if row["before"] > 0 else float("nan")
    ends = sorted([row["low"] * scale, row["high"] * scale])
    return {
        "row": at, "name": f"{about}, {title}", "lines": [about, title],
        "collaborative": title, "measure": about, "grade": grade or "–",
        "change": row["change"] * scale, "low": ends[0], "high": ends[1], "kind": row["basis"],
        "said": words.claim(row, measure, method), "source": words.sourced(row, method),
    }  # fmt: skip


def _params(data: dict[str, list[Any]]) -> dict[str, Any]:
    ends = [0.0, *(end for name in ("low", "high", "change") for end in data[name] if known(end))]
    air = 0.06 * (max(ends) - min(ends) or 1)
    kinds = [kind for kind in KINDS if kind in data["kind"]]
    said = {kind: words.GRADES[kind] for kind in kinds}
    return {
        "xFrom": min(ends) - air,
        "xTo": max(ends) + air,
        "names": data["name"],
        "kinds": kinds,
        "words": said,
        "wide": strokes.key_width(said.values()),
    }


def cases(found: Across) -> Stories:
    """Stories as cases, with consent alone, each with its collaborative and the numbers beside it.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        ``Stories``, the newest ``MOST_STORIES``; teams are named where they agreed to it.
    """
    titles, every = named(found), every_story(found)
    shown = [replace(one, source=f"{one.source}, {titles[name]}") for name, one in every[:MOST_STORIES]]
    return Stories(tuple(shown), NO_STORIES["room"], reach.more_stories(len(every) - len(shown)))


def every_story(found: Across) -> list[tuple[str, Story]]:
    """All stories with consent, newest first, each with the id of its collaborative; those without a date last."""
    every = [(member.name, one) for member in found.members for one in told(_quiet(found, member)).stories]
    return sorted(every, key=lambda pair: pair[1].date if known(pair[1].date) else NEVER, reverse=True)


def _quiet(found: Across, member: Member) -> Analysis:
    """The analysis of a collaborative; a measure whose name claims more than its grade can carry goes by its id."""
    table = member.analysis.measures
    names = [label_of(found, member, str(one))["name"] for one in table["measure"]]
    quiet: Analysis = replace(member.analysis, measures=table.assign(name=names))
    return member.analysis if names == list(table["name"]) else quiet


def impact_method(found: Across) -> Prose:
    """How the numbers of the report were made, from which data, and what is missing.

    Args:
        found: what ``qi.across`` gave.

    Returns:
        ``Prose``.
    """
    data = [f"{title}: {_data(member)}" for member, title in zip(found.members, named(found).values(), strict=True)]
    out = [words.left_out(row["collaborative"], row["reason"]) for row in records(found.refused)]
    made = [(term, [" ".join(lines)]) for term, lines in reach.METHOD.items()]
    lines = [*made, ("Data", data), *([("Left out", out)] if out else [])]
    versions = found.members[0].analysis.method["versions"]
    lines.append(("Software", [", ".join(f"{name} {number}" for name, number in versions.items())]))
    return Prose("qi-method", (("dl", "", lines),))


def _data(member: Member) -> str:
    """The files of a collaborative, the date of its data, its rules and what was noticed in it."""
    table, method = member.collaborative.provenance, member.analysis.method
    files = ", ".join(f"{row['file']} ({row['rows']} rows)" for row in records(table) if row["source"] != "parameters")
    noticed = len(member.collaborative.findings)
    told = f"; {counted(noticed, 'finding')} in its data, listed on its own page" if noticed else ""
    source = f"; {method['attribution']}" if method.get("attribution") else ""
    return f"{files}; data as at {wording.period(method['as_of'], method)}; rules {method['rules']}{told}{source}"


# ---- the template: how it is drawn ----------------------------------------------------------------------------------


@kept
def template(rows: int) -> Spec:
    """The Vega-Lite template for at most so many rows: its height is theirs."""
    step = next(size for most, size in STEPS.items() if rows <= most)
    drawing = alt.layer(*_layers()).properties(width="container", height=step * rows)
    empty = {"xFrom": -1, "xTo": 1, "names": [], "lines": [], "kinds": [], "words": {}, "wide": 100, "room": 1100}
    return ink.dressed(drawing, [alt.param(name=name, value=start) for name, start in empty.items()])


def _layers() -> list[Any]:
    rows = alt.Chart(alt.NamedData(name="rows"))
    narrow = alt.ExprRef(f"room < 900 ? 130 : {WIDE}")
    row = alt.Y("row:O", axis=ink.named(900, labelLimit=narrow))
    sign = "(datum.value > 0 ? '+' : '') + format(datum.value, ',') + '%'"
    scale = alt.Scale(domain=[alt.ExprRef("xFrom"), alt.ExprRef("xTo")], nice=False, zero=False)
    across = alt.X("change:Q", axis=alt.Axis(labelExpr=sign, tickCount=6, grid=True, labelBound=True), scale=scale)
    tooltip = alt.ExprRef("{title: datum.name, grade: datum.grade, said: datum.said}")
    return [
        rows.mark_rule(color=COLOUR["ink"], strokeWidth=1.5, strokeDash=[2, 3], **SILENT).encode(x=alt.datum(0)),
        rows.mark_rule(color=COLOUR["muted"], strokeWidth=2, **SILENT).encode(alt.X("low:Q"), alt.X2("high"), row),
        rows.mark_point(opacity=1, strokeWidth=1.5, size=110, tooltip=tooltip, **SILENT).encode(
            across, row, *ink.looks(KINDS)
        ),
    ]

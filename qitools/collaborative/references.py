"""The names inside one YAML that must agree with each other: teams, measures, the file's own name, the rule set.

These checks read the plain values, not the typed ones, so that they run, and report, even when another key is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qitools.collaborative.decided import HOMES
from qitools.collaborative.document import Document, Loc
from qitools.errors import Problem, nearest

CHANGE = r"^[+-]?\d+(\.\d+)?%$"  # a wanted change
# chart kinds that suppose one distribution, and the data that has it; the others take any data
CHART_DATA = {
    "p": "proportion",
    "pp": "proportion",
    "u": "rate",
    "up": "rate",
    "c": "count",
    "g": "events_between",
    "t": "days_between",
}
TOTALS = ("all", "all teams", "all boards", "all wards", "all sites", "overall", "total", "totals", "grand total")
COUNTRIES = ("scotland", "england", "wales", "northern ireland", "ireland", "united kingdom", "uk", "great britain")


def reference_problems(document: Document) -> list[Problem]:
    """Every name that does not agree."""
    return [
        *_own_name(document),
        *_rules(document),
        *_repeated(document, "measures", "id"),
        *_repeated(document, "teams", "id"),
        *_repeated(document, "sessions", "name"),
        *_ambiguous_codes(document),
        *_totals(document),
        *_charts(document),
        *_aim(document),
        *_impact(document),
        *_pointers(document),
        *_team_periods(document),
        *_repeated_decisions(document),
        *_settings(document),
    ]


def rule_set_names() -> list[str]:
    """The rule sets that exist."""
    from qitools.spc.rule_sets import RULE_SETS

    return list(RULE_SETS)


def _own_name(document: Document) -> Iterator[Problem]:
    name, stem = document.data.get("collaborative"), Path(document.file).stem
    if isinstance(name, str) and name != stem:
        yield document.problem(("collaborative",), expected=f"the file's own name, {stem!r}", code="name_mismatch")


def _rules(document: Document) -> Iterator[Problem]:
    name, legal = document.data.get("rules", ""), rule_set_names()
    if isinstance(name, str) and name and name not in legal:
        hint = nearest(name, legal)
        yield document.problem(("rules",), expected=f"one of {', '.join(legal)}", hint=hint, code="unknown_rules")


def _entries(document: Document, key: str) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """The entries of a list of keys and values, with their paths."""
    listed = document.data.get(key)
    for i, entry in enumerate(listed if isinstance(listed, tuple) else ()):
        if isinstance(entry, dict):
            yield (key, i), entry


def _repeated(document: Document, key: str, name: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for loc, entry in _entries(document, key):
        value = entry.get(name)
        if not isinstance(value, str):
            continue
        at = (*loc, name)
        if value.casefold() in seen:
            first = seen[value.casefold()]
            expected = f"each {name} once among the {key} (it also stands on line {first})"
            yield document.problem(at, expected=expected, code=f"duplicate_{key.rstrip('s')}")
        seen.setdefault(value.casefold(), document.lines[at])


def _ambiguous_codes(document: Document) -> Iterator[Problem]:
    """Two teams that the data would name alike."""
    seen: dict[str, Loc] = {}
    for loc, entry in _entries(document, "teams"):
        code = str(entry.get("code", entry.get("id", "")))
        if code in seen and "code" in {**entry, **document.data["teams"][seen[code][1]]}:
            expected = f"a code no other team has (line {document.lines[seen[code]]} has it)"
            yield document.problem((*loc, "code"), found=code, expected=expected, code="duplicate_code")
        seen.setdefault(code, loc)


def _totals(document: Document) -> Iterator[Problem]:
    """A team that by its name is the total of the others: a word for all of them, or a country among its own parts."""
    teams = [(loc, entry, _plain_names(entry)) for loc, entry in _entries(document, "teams")]
    countries = [loc for loc, _, names in teams if names & set(COUNTRIES)]
    lone = countries if len(countries) == 1 and len(teams) > 2 else []
    for loc, entry, names in teams:
        if names & set(TOTALS) or loc in lone:
            found, column = str(entry.get("name", entry.get("id"))), "COLUMN"
            expected = "a team of its own: the teams are pooled in every report, and a total would count them twice"
            hint = (
                f"take it out of 'teams', and its rows out of the source with 'where: {{{column}: {{not: [{found}]}}}}'"
            )
            yield document.problem(loc, found=found, expected=expected, hint=hint, code="derived_total")


def _plain_names(entry: dict[str, Any]) -> set[str]:
    """What a team is called, without capitals, hyphens and the NHS."""
    names = (str(entry.get(key, "")) for key in ("id", "name", "code"))
    return {re.sub(r"[-_ ]+", " ", name).casefold().removeprefix("nhs ").strip() for name in names}


def _charts(document: Document) -> Iterator[Problem]:
    """A chart kind whose limits are made for other data."""
    for loc, entry in _entries(document, "measures"):
        needs, data = CHART_DATA.get(str(entry.get("chart"))), str(entry.get("data"))
        if needs and data in ("value", *CHART_DATA.values()) and data != needs:
            fitting = ", ".join(["run, i, auto", *(chart for chart, fits in CHART_DATA.items() if fits == data)])
            expected = f"{fitting} for data that are a {data}"
            yield document.problem((*loc, "chart"), expected=expected, code="chart_data")


def _aim(document: Document) -> Iterator[Problem]:
    """A wanted change that goes against what is better, or that no measure can make."""
    aim = document.data.get("aim")
    share = percentage(aim.get("change")) if isinstance(aim, dict) else None
    if not isinstance(aim, dict) or share is None:
        return
    ways = [entry.get("better") for _, entry in _entries(document, "measures") if entry.get("id") == aim.get("measure")]
    if (sign := {"higher": -1, "lower": 1}.get(str(ways[0]) if ways else "", 0)) * share > 0:
        expected = f"a change such as {'+' if sign < 0 else '-'}30%, since for {aim['measure']} {ways[0]} is better"
        yield document.problem(("aim", "change"), expected=expected, code="aim_change")
    elif share < -1:
        yield document.problem(
            ("aim", "change"), expected="no fall of more than 100%, which leaves none", code="aim_change"
        )


def _impact(document: Document) -> Iterator[Problem]:
    """What the impact report is told of: a benefit's measure that is none or can have no avoided events, a tag."""
    impact = document.data.get("impact")
    if not isinstance(impact, dict):
        return
    benefit, control = impact.get("benefit"), impact.get("control")
    if isinstance(benefit, dict) and isinstance(benefit.get("measure"), str):
        harms = [
            str(entry.get("id"))
            for _, entry in _entries(document, "measures")
            if entry.get("better") == "lower" and entry.get("data") in ("proportion", "rate", "count")
        ]
        if benefit["measure"] not in harms:
            expected = f"a measure that counts events and is better lower ({', '.join(harms) or 'there is none'})"
            hint = nearest(benefit["measure"], harms)
            at = ("impact", "benefit", "measure")
            yield document.problem(at, expected=expected, hint=hint, code="unknown_measure")
    tags = sorted({str(tag) for _, team in _entries(document, "teams") for tag in team.get("tags") or ()})
    if isinstance(control, str) and control and control not in tags:
        expected, hint = f"a tag of a team ({', '.join(tags) or 'there is none'})", nearest(control, tags)
        yield document.problem(("impact", "control"), expected=expected, hint=hint, code="unknown_tag")


def percentage(text: Any) -> float | None:
    """A wanted change as a share, None where it is none.

    >>> percentage("-30%"), percentage(30)
    (-0.3, None)
    """
    return float(text[:-1]) / 100 if isinstance(text, str) and re.fullmatch(CHANGE, text) else None


def _pointers(document: Document) -> Iterator[Problem]:
    """Keys that name a team or a measure."""
    known = {
        name: [str(entry["id"]) for _, entry in _entries(document, f"{name}s") if "id" in entry]
        for name in ("team", "measure")
    }
    for key in ("phases", "exclusions", "annotations", "decisions"):
        for loc, entry in _entries(document, key):
            for name, ids in known.items():
                yield from _unknown(document, (*loc, name), entry.get(name), name, ids)
    aim = document.data.get("aim")
    if isinstance(aim, dict):
        yield from _unknown(document, ("aim", "measure"), aim.get("measure"), "measure", known["measure"])
    for loc, mapping in _mappings(document):
        for measure, columns in mapping.items():
            yield from _unknown(document, (*loc, measure), measure, "measure", known["measure"])
            yield from _no_column(document, (*loc, measure), columns)


def _unknown(document: Document, loc: Loc, value: Any, name: str, known: list[str]) -> Iterator[Problem]:
    if isinstance(value, str) and value and value not in known:
        hint = nearest(value, known)
        expected = f"the id of a {name} declared in this file"
        yield document.problem(loc, found=value, expected=expected, hint=hint, code=f"unknown_{name}")


def _no_column(document: Document, loc: Loc, columns: Any) -> Iterator[Problem]:
    """A measure without a column that it needs."""
    measures = {str(entry.get("id")): entry for _, entry in _entries(document, "measures")}
    measure = measures.get(str(loc[-1]), {"rows": "events"})
    needs = ["numerator"] if measure.get("rows") != "events" else []
    needs += ["denominator"] if measure.get("data") in ("proportion", "rate") else []
    for key in needs if isinstance(columns, dict) else ():
        if key not in columns:
            expected = f"the key {key!r}: the column that holds it"
            yield document.problem(loc, key=key, found="", expected=expected, code="missing_key")


def _mappings(document: Document) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """The ``measures`` of every source of observations."""
    sources = document.data.get("sources")
    observations = sources.get("observations") if isinstance(sources, dict) else None
    listed = observations if isinstance(observations, tuple) else (observations,)
    for i, source in enumerate(listed):
        if isinstance(source, dict) and isinstance(source.get("measures"), dict):
            step: Loc = (i,) if isinstance(observations, tuple) else ()
            yield ("sources", "observations", *step, "measures"), source["measures"]


def _team_periods(document: Document) -> Iterator[Problem]:
    """A team's own period can only be the collaborative's, or quarter where that is month."""
    shared = document.data.get("period", "month")
    legal = (shared, "quarter") if shared == "month" else (shared,)
    for loc, entry in _entries(document, "teams"):
        if entry.get("period", shared) not in legal:
            expected = f"{' or '.join(map(str, legal))}, since the collaborative's period is {shared}"
            yield document.problem((*loc, "period"), expected=expected, code="team_period")


def _repeated_decisions(document: Document) -> Iterator[Problem]:
    for key, when in (("phases", "start"), ("exclusions", "date")):
        seen: dict[str, int] = {}
        for loc, entry in _entries(document, key):
            decision = " ".join(str(entry.get(key, "all")) for key in ("team", "measure", when))
            if decision in seen:
                expected = f"one decision for a team, measure and date (line {seen[decision]} has it already)"
                yield document.problem(loc, found=decision, expected=expected, code="duplicate_decision")
            seen.setdefault(decision, document.lines[loc])


def _settings(document: Document) -> Iterator[Problem]:
    """A recorded setting that does not say whose it is: the measure of a chart, the team of a period."""
    for loc, entry in _entries(document, "decisions"):
        home = HOMES.get(str(entry.get("key")), "")
        if home and not entry.get(home):
            expected = f"the key {home!r}: the id of the {home} whose {entry['key']} was changed"
            yield document.problem(loc, key=home, found="", expected=expected, code="missing_key")

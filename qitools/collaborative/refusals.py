"""What pydantic refused, in the words of the YAML: line, key, found, expected, nearest legal name."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from qitools.collaborative.document import Document, Loc
from qitools.errors import Problem, nearest

_EXPECTED: Mapping[str, str] = {
    "string_type": "text, in quotes where it looks like a number or a date",
    "string_too_short": "some text",
    "string_too_long": "one character",
    "date_type": "a date such as 2025-03-01",
    "date_from_datetime_inexact": "a date such as 2025-03-01, without a time",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "too_short": "at least one",
}
_PATTERNS: Mapping[str, str] = {
    "%": "a percentage such as -30%",
    "A-Z": "an identifier: a letter, then letters, digits, '-' or '_'",
}
_INSTEAD: Mapping[Loc, str] = {  # keys that people look for, and where to say it
    ("aim", "target"): "to reach a level, leave 'change' out and give the measure that 'target'",
}


def refusals(error: ValidationError, document: Document, model: type[BaseModel]) -> list[Problem]:
    """Every refusal as a ``Problem``.

    Args:
        error: what pydantic raised.
        document: the file, for lines and for the text as written.
        model: the model that was validated.
    """
    errors = [dict(one) for one in error.errors(include_url=False)]
    # a list whose only entry is wrong is also called too short: the entry's own error is enough
    return [_problem(one, document, model) for one in errors if not (one["type"] == "too_short" and one["input"])]


def _problem(error: Mapping[str, Any], document: Document, model: type[BaseModel]) -> Problem:
    loc: Loc = error["loc"]
    kind = error["type"]
    if kind == "extra_forbidden":
        legal = _names(_annotation(model, loc[:-1]))
        known = _INSTEAD.get(loc) or nearest(str(loc[-1]), legal) or f"known keys: {', '.join(legal)}"
        return document.problem(loc, found=str(loc[-1]), expected="a known key", hint=known, code="unknown_key")
    if kind == "missing":
        expected = f"the key {loc[-1]!r}: {describe(_annotation(model, loc))}"
        return document.problem(loc[:-1], key=str(loc[-1]), found="", expected=expected, code="missing_key")
    annotation = _annotation(model, loc)
    legal = [str(value) for value in _literals(annotation)]
    empty = error["input"] in (None, "", ())
    hint = "it is empty" if empty else nearest(str(error["input"]), legal)
    found = "" if empty else document.texts.get(document.place(loc)) or _shape(error["input"])
    return document.problem(loc, found=found, expected=_expected(error, annotation), hint=hint, code=kind)


def _expected(error: Mapping[str, Any], annotation: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "literal_error":
        return describe(annotation)
    if kind in ("string_pattern_mismatch", "string_type"):
        pattern = _pattern(annotation)
        return next((words for mark, words in _PATTERNS.items() if mark in pattern), _EXPECTED["string_type"])
    if kind in ("greater_than", "greater_than_equal"):
        return f"a number above {context['gt']:g}" if "gt" in context else f"a number of at least {context['ge']:g}"
    return _EXPECTED.get(kind, str(error["msg"]))


def _shape(value: Any) -> str:
    """What stood there, where it is no scalar."""
    return {"dict": "keys and values", "tuple": "a list"}.get(type(value).__name__, str(value))


def describe(annotation: Any) -> str:
    """What a key takes, in words.

    >>> describe(Literal["higher", "lower", "neither"])
    'higher, lower or neither'
    """
    legal = [str(value) for value in _literals(annotation)]
    if legal:
        return " or ".join([", ".join(legal[:-1]), legal[-1]] if len(legal) > 1 else legal)
    base = _bare(annotation)
    words = {
        str: "text",
        date: "a date such as 2025-03-01",
        float: "a number",
        int: "a whole number",
        bool: "true or false",
    }
    if base in words:
        return words[base]
    return "a list" if get_origin(base) is tuple else "keys and values"


def _bare(annotation: Any) -> Any:
    """The annotation without ``Annotated`` and without ``| None``."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _bare(next(one for one in get_args(annotation) if one is not type(None)))
    return annotation


def _pattern(annotation: Any) -> str:
    """The pattern that a text must match, "" where there is none."""
    own = [str(one.pattern) for one in get_args(annotation) if getattr(one, "pattern", None)]
    return "".join(own + [_pattern(one) for one in get_args(annotation)])


def _literals(annotation: Any) -> tuple[Any, ...]:
    base = _bare(annotation)
    return get_args(base) if get_origin(base) is Literal else ()


def _annotation(model: Any, loc: Loc) -> Any:
    """The annotation a path leads to; steps that lead nowhere (pydantic's own) are passed over."""
    here: Any = model
    for step in loc:
        base = _bare(here)
        fields = _fields(base)
        if isinstance(step, str) and step in fields:
            here = fields[step]
        elif get_origin(base) in (tuple, dict):
            here = get_args(base)[0 if get_origin(base) is tuple else 1]
    return here


def _fields(base: Any) -> dict[str, Any]:
    """The keys of a model as the YAML writes them, with their annotations."""
    if not (isinstance(base, type) and issubclass(base, BaseModel)):
        return {}
    return {info.alias or name: info.rebuild_annotation() for name, info in base.model_fields.items()}


def _names(annotation: Any) -> list[str]:
    return list(_fields(_bare(annotation)))

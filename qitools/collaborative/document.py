"""A YAML file as plain values, with the line on which each of them stands.

YAML 1.2 only: ``no`` is text and ``010`` is ten. Nothing is executed: tags other than YAML's own are refused. Every
key written twice is reported, where the usual readers keep one of the two and say nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from qitools.collaborative.personal import personal_numbers
from qitools.errors import ParameterError, Problem

Loc = tuple[str | int, ...]
MOST_VALUES = 200_000  # a file whose aliases multiply past this is refused: no collaborative is that large
_UNSEEN = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ") | dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"), "")
_ADVICE = {  # what a person can do about the parser's commonest words
    "mapping values": "put a text that holds ': ' in quotes, or mend the indentation",
    "\\t": "use spaces, not tabs",
    "end of stream": "a quote or a bracket is opened and never closed",
    "cannot start any token": "put the text in quotes",
    "single document": "keep one document in a file, without ---",
    "": "check the indentation, colons, brackets and quotes on this line and the one above",
}


@dataclass(frozen=True)
class Document:
    """What a YAML file says (lists as tuples), and where it says it."""

    file: str
    data: dict[str, Any]
    lines: Mapping[Loc, int]
    texts: Mapping[Loc, str]  # each scalar as it was written
    problems: tuple[Problem, ...] = ()
    loops: tuple[tuple[Loc, Problem], ...] = ()  # values that hold themselves, by way of an alias: left out

    def place(self, loc: Loc) -> Loc:
        """The part of a path that stands in the file (a reader may have put steps of its own in between)."""
        found: Loc = ()
        for step in loc:
            if (*found, step) in self.lines:
                found = (*found, step)
        return found

    def problem(self, loc: Loc, *, key: str = "", **words: str) -> Problem:
        """A problem at this path, or at ``key`` below it where the key itself is absent."""
        place = self.place(loc)
        words.setdefault("found", self.texts.get(place, ""))
        where = dotted((*place, key) if key else place)
        return Problem(file=self.file, line=self.lines.get(place, 1), where=where, **words)


@dataclass
class _Walk:
    """One pass over the nodes of a file."""

    file: str
    construct: Any
    lines: dict[Loc, int] = field(default_factory=dict)
    texts: dict[Loc, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    loops: list[tuple[Loc, Problem]] = field(default_factory=list)
    within: list[Node] = field(default_factory=list)  # the nodes around the one at hand

    def value(self, node: Node, loc: Loc) -> Any:
        self.lines.setdefault(loc, node.start_mark.line + 1)
        if len(self.lines) > MOST_VALUES:
            raise YAMLError(f"more than {MOST_VALUES:,} values")
        if not isinstance(node, MappingNode | SequenceNode):
            return self.scalar(node, loc)
        self.within.append(node)
        value = self.mapping(node, loc) if isinstance(node, MappingNode) else self.sequence(node, loc)
        self.within.pop()
        return value

    def sequence(self, node: SequenceNode, loc: Loc) -> tuple[Any, ...]:
        items = [item for item in node.value if not self.holds_itself(item, loc, node)]
        return tuple(self.value(item, (*loc, i)) for i, item in enumerate(items))

    def holds_itself(self, node: Node, loc: Loc, holder: Node) -> bool:
        """Whether a value is one of those around it; then it is told and left out."""
        again = any(node is outer for outer in self.within)
        if again:
            where, line = dotted(loc), holder.start_mark.line + 1
            found = f"a value that holds itself (its anchor stands on line {node.start_mark.line + 1})"
            self.loops.append((loc, Problem(self.file, line, where, found, "plain data", code="not_yaml")))
        return again

    def mapping(self, node: MappingNode, loc: Loc) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            where = dotted((*loc, key))
            if key in data:
                first = f"the key once (it also stands on line {self.lines[(*loc, key)]})"
                self.problems.append(Problem(self.file, line, where, key, first, code="duplicate_key"))
                continue
            self.lines[(*loc, key)] = line
            if not self.holds_itself(value_node, (*loc, key), key_node):
                data[key] = self.value(value_node, (*loc, key))
        return data

    def scalar(self, node: Node, loc: Loc) -> Any:
        self.texts[loc] = str(node.value)
        try:
            return self.construct(node)
        except (YAMLError, ValueError) as error:
            expected = (
                "plain data, no tag" if isinstance(error, YAMLError) else "a value that exists, such as 2025-03-01"
            )
            line = node.start_mark.line + 1
            self.problems.append(Problem(self.file, line, dotted(loc), str(node.value), expected, code="bad_scalar"))
            return str(node.value)


def read_document(path: Path) -> Document:
    """Read one YAML file.

    Args:
        path: the file.

    Returns:
        The values with the line of each; ``problems`` holds keys written twice and values YAML cannot read.

    Raises:
        ParameterError: not UTF-8, not YAML, not keys and values, or a possible CHI number, with the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _refused(path.name, 0, str(error.strerror), "a file that may be read") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _refused(path.name, line, f"byte {error.object[error.start]:#x}", "UTF-8 text") from None
    return parsed_document(text, path.name)


def parsed_document(text: str, file: str) -> Document:
    """The text of a YAML as values; ``file`` is how messages name it. See ``read_document``."""
    yaml, text = YAML(typ="safe", pure=True), tidied(text)
    walk = _Walk(file, lambda node: yaml.constructor.construct_object(node, deep=True))
    if personal := personal_numbers(text, file):  # first, since later messages quote the file
        raise ParameterError(f"{file} may hold personal data", personal)
    try:
        node = yaml.compose(text)
        data = walk.value(node, ()) if node is not None else None
    except YAMLError as error:
        raise _refused(file, *_syntax(error, text)) from None
    except RecursionError:
        raise _refused(file, 1, "a value that holds itself", "plain data") from None
    if not isinstance(data, dict):
        raise _refused(file, 1, "" if data is None else str(data), "keys and values, as in parameters/example.yaml")
    return Document(file, data, walk.lines, walk.texts, tuple(walk.problems), tuple(walk.loops))


def tidied(text: str) -> str:
    """A text as it looks: letters composed (NFC), every space an ordinary one, nothing of no width.

    Names are compared between files, and what cannot be seen would tell two of them apart.

    >>> tidied("Gle\u0300n\u00a0A\u200b")
    'Glèn A'
    """
    return unicodedata.normalize("NFC", text).translate(_UNSEEN)


def dotted(loc: Loc) -> str:
    """A path as people write it.

    >>> dotted(("measures", 0, "better"))
    'measures[0].better'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return text.removeprefix(".")


def _syntax(error: YAMLError, text: str) -> tuple[int, str, str, str]:
    """Line, the text that stands there, what was expected and advice, out of the parser's own error."""
    problem = str(getattr(error, "problem", None) or error).splitlines()[0]
    marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
    mark = (marks[-1] if "end of stream" in problem else None) or marks[
        0
    ]  # where a quote was opened, not where the file ends
    lines, line = [*text.splitlines(), ""], mark.line if mark else 0
    found = lines[min(line, len(lines) - 1)]
    advice = next((words for sign, words in _ADVICE.items() if sign in problem), _ADVICE[""])
    column = f", column {mark.column + 1}" if mark else ""
    return line + 1, found, "valid YAML", f"{advice}; the reader says: {problem}{column}"


def _refused(file: str, line: int, found: str, expected: str, hint: str = "") -> ParameterError:
    problem = Problem(file, line, "", found, expected, hint, code="not_yaml")
    return ParameterError(f"{file} cannot be read", [problem])

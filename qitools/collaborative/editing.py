"""A YAML edited in place: an entry added or taken out, a single value set; every other character stays as it is.

The reader tells where each value stands in the text, and only there is anything changed, so that comments, order,
quotes, indentation and broken lines stay as people wrote them (a file written anew from its values keeps its comments
at best, and joins lists broken over lines). Each function gives a new text and trusts nothing: the caller compares what
the new text says with what it should say.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.representer import SafeRepresenter

from qitools.collaborative.document import Loc
from qitools.errors import ParameterError

Span = tuple[int, int]
WIDE = 2**31 - 1  # columns: no line is ever broken


class NotEditable(ParameterError):
    """The file is written in a way that cannot be edited here."""


class _Quoted(SafeRepresenter):
    """Texts that begin with a mark of YAML's are quoted: the writer leaves ``?0`` bare, which the reader refuses."""

    def represent_str(self, data: Any) -> ScalarNode:
        style = None if data[:1].isalnum() else "'"
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Quoted.add_representer(str, _Quoted.represent_str)


def rendered(value: Any) -> str:
    """A value as YAML on one line, quoted where it must be, so that it may stand within brackets too.

    >>> rendered({"reason": "Move: ward 2", "value": 5.5})
    "{reason: 'Move: ward 2', value: 5.5}"
    >>> rendered({"by": "?0"})
    "{by: '?0'}"
    """
    yaml, out = YAML(typ="safe", pure=True), io.StringIO()
    yaml.default_flow_style, yaml.width, yaml.Representer = True, WIDE, _Quoted
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump({"x": value}, out)
    return str(out.getvalue()).strip()[len("{x: ") : -1]


def with_entry(text: str, key: str, entry: Mapping[str, Any]) -> str:
    """The text with one more entry at the end of a list at its top; the list is begun where there is none.

    >>> print(with_entry("phases:\\n  - {team: a}  # first\\n# end\\n", "phases", {"team": "b"}))
    phases:
      - {team: a}  # first
      - {team: b}
    # end
    <BLANKLINE>
    """
    root = _root(text)
    node = _pairs(root).get(key, (None, None))[1]
    if node is None:
        return _begun(text, root, key, entry)
    if not isinstance(node, SequenceNode):
        raise _cannot(f"{key} is not a list")
    if node.flow_style:
        return _joined(text, node, rendered(dict(entry)))
    pad, at = " " * int(node.start_mark.column), _line_end(text, _end(text, node))
    return text[:at] + _newline(text) + pad + "- " + _like(text, node.value[-1], entry, pad) + text[at:]


def without_entry(text: str, key: str, index: int) -> str:
    """The text without one entry of a list at its top, and without the list where it was the last.

    >>> print(without_entry("phases:\\n  - {team: a}\\n  - {team: b}\\n", "phases", 0))
    phases:
      - {team: b}
    <BLANKLINE>
    """
    key_node, node = _pairs(_root(text))[key]
    items: list[Node] = node.value
    if node.flow_style:
        return _cut(text, node, [(item.start_mark.index, item.end_mark.index) for item in items], index)
    if len(items) == 1:
        return _ended(text, key_node, node)
    dash = text.rfind("-", 0, items[index].start_mark.index)
    return text[: _line_start(text, dash)] + _rest(text, _end(text, items[index]))


def with_value(text: str, place: Loc, value: Any) -> str:
    """The text with a single value set, or taken out where it is None.

    >>> with_value("measures: [{id: falls, chart: run}]", ("measures", 0, "chart"), "i")
    'measures: [{id: falls, chart: i}]'
    >>> with_value("measures: [{id: falls, chart: run}]", ("measures", 0, "target"), 5)
    'measures: [{id: falls, chart: run, target: 5}]'
    """
    owner, name = _at(_root(text), place[:-1]), str(place[-1])
    pairs = _pairs(owner)
    if name not in pairs:
        return text if value is None else _keyed(text, owner, f"{name}: {rendered(value)}")
    key, node = pairs[name]
    if not isinstance(node, ScalarNode):
        raise _cannot(f"{name} is not a single value")
    if value is not None:
        return text[: node.start_mark.index] + _aligned(rendered(value), text, node)
    if owner.flow_style:
        spans = [(one.start_mark.index, _end(text, other)) for one, other in owner.value]
        return _cut(text, owner, spans, list(pairs).index(name))
    start = _line_start(text, key.start_mark.index)
    if text[start : key.start_mark.index].strip():
        raise _cannot(f"{name} stands first in its entry")
    return text[:start] + _rest(text, _end(text, node))


def _root(text: str) -> MappingNode:
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        raise _cannot(str(getattr(error, "problem", None) or error)) from None
    if not isinstance(node, MappingNode):
        raise _cannot("it does not hold keys and values")
    return node


def _pairs(node: MappingNode) -> dict[str, tuple[Node, Any]]:
    return {str(key.value): (key, value) for key, value in node.value}


def _at(root: MappingNode, place: Loc) -> MappingNode:
    node: Any = root
    for step in place:
        node = node.value[step] if isinstance(step, int) else _pairs(node)[step][1]
    return node  # type: ignore[no-any-return]


def _begun(text: str, root: MappingNode, key: str, entry: Mapping[str, Any]) -> str:
    """The text with a list of its own for its first entry, at its end."""
    if root.flow_style:
        return _joined(text, root, f"{key}: [{rendered(dict(entry))}]")
    line = _newline(text)
    gap = "" if text.endswith("\n") else line
    return f"{text}{gap}{line}{key}:{line}  - {rendered(dict(entry))}{line}"


def _ended(text: str, key: Node, node: SequenceNode) -> str:
    """The text without a list whose last entry goes; where its key has a comment, the key stays with an empty list."""
    colon = text.index(":", key.end_mark.index) + 1
    if "#" in text[colon : node.start_mark.index]:
        dash = _line_start(text, node.start_mark.index)
        return text[:colon] + " []" + text[colon:dash] + _rest(text, _end(text, node))
    before, after = text[: _line_start(text, key.start_mark.index)], _rest(text, _end(text, node))
    line = _newline(text)
    if before.endswith(line * 2) and (not after or after.startswith(line)):
        before = before.removesuffix(line)  # the empty line that set the list apart
    return before + after


def _keyed(text: str, owner: MappingNode, pair: str) -> str:
    """The text with one more key in a mapping, after the last that has a single value."""
    if owner.flow_style:
        return _joined(text, owner, pair)
    single = [value for _, value in owner.value if isinstance(value, ScalarNode)] or [owner.value[-1][1]]
    at = _line_end(text, _end(text, single[-1]))
    return text[:at] + _newline(text) + " " * int(owner.value[0][0].start_mark.column) + pair + text[at:]


def _joined(text: str, node: Any, item: str) -> str:
    """The text with one more item in brackets or braces."""
    if not node.value:
        return text[: node.start_mark.index + 1] + item + text[node.end_mark.index - 1 :]
    at = _end(text, node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1])
    return f"{text[:at]}, {item}{text[at:]}"


def _cut(text: str, node: Any, spans: list[Span], index: int) -> str:
    """The text without one item in brackets or braces."""
    start, end = spans[index]
    if len(spans) == 1:
        start, end = node.start_mark.index + 1, node.end_mark.index - 1
    elif index:
        start = spans[index - 1][1]
    else:
        end = spans[1][0]
    if "#" in text[start : spans[index][0]] + text[spans[index][1] : end]:
        raise _cannot("a comment stands between the items of a list in brackets")
    return text[:start] + text[end:]


def _like(text: str, other: Node, entry: Mapping[str, Any], pad: str) -> str:
    """An entry in the style of the one before it: on one line, or a line for each key."""
    if not isinstance(other, MappingNode) or other.flow_style:
        return rendered(dict(entry))
    lines = [f"{key}: {rendered(value)}" for key, value in entry.items()]
    return (_newline(text) + pad + "  ").join(lines)


def _end(text: str, node: Any) -> int:
    """Where a value's own text ends; the reader's mark for an indented one lies further on, at what comes next."""
    if isinstance(node, ScalarNode):
        block = node.style in ("|", ">")
        return len(text[: node.end_mark.index].rstrip()) if block else int(node.end_mark.index)
    if node.flow_style:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(text, last[1] if isinstance(node, MappingNode) else last)


def _aligned(new: str, text: str, node: ScalarNode) -> str:
    """A new single value and what follows it; a comment on its line stays in its column where there is room."""
    rest, old = text[node.end_mark.index :], int(node.end_mark.index - node.start_mark.index)
    spaces = len(rest) - len(rest.lstrip(" "))
    if spaces and rest[spaces : spaces + 1] == "#":
        return new + " " * max(spaces + old - len(new), 1) + rest[spaces:]
    return new + rest


def _newline(text: str) -> str:
    """How the file ends its lines."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """The end of the line on which a character stands, before its line end."""
    end = text.find("\n", index)
    return len(text) if end < 0 else end - (text[end - 1] == "\r")


def _rest(text: str, index: int) -> str:
    """What stands on the lines after this one."""
    end = text.find("\n", index)
    return "" if end < 0 else text[end + 1 :]


def _cannot(why: str) -> NotEditable:
    return NotEditable(why)

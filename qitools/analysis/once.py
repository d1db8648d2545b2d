"""A page asks for the same part of an analysis again and again: each is made once, and forgotten with the analysis."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

Part = TypeVar("Part")


def once(make: Callable[..., Part]) -> Callable[..., Part]:
    """Keep what ``make(analysis, *asked)`` gives as long as the analysis lives; ``asked`` is hashable, by position."""
    made: WeakKeyDictionary[Analysis, dict[tuple[Any, ...], Part]] = WeakKeyDictionary()

    @wraps(make)
    def known(analysis: Analysis, *asked: Any) -> Part:
        parts = made.setdefault(analysis, {})
        if asked not in parts:
            parts[asked] = make(analysis, *asked)
        return parts[asked]

    return known

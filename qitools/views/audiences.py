"""Who a view is for: the room, where everybody reads; the facilitator, who prepares; one team, about itself."""

from __future__ import annotations

from qitools.errors import ParameterError, Problem, nearest

VIEWS = ("room", "facilitator")


def checked(view: str) -> str:
    """The name of a view.

    Raises:
        ParameterError: a name nobody knows, with the nearest.

    >>> checked("room")
    'room'
    """
    if view not in VIEWS:
        hint = nearest(view, VIEWS) or f"known: {', '.join(VIEWS)}"
        raise ParameterError(
            "There is no such view.", [Problem(where="view", found=view, expected="a view", hint=hint)]
        )
    return view

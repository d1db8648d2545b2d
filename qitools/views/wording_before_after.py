"""The words about before and after a change: steps and slopes with their intervals, and what they cannot say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qitools.views.numerals import joined

if TYPE_CHECKING:
    from qitools.analysis.its import Estimate, Interrupted

NO_CHANGE = (
    "No change is dated with at least eight periods before and after it, and 24 in all, so nothing can be said of "
    "before and after: "
    "write changes into the file named under sources.changes, or give the start of the redesign."
)


def its_title(found: Interrupted, measure: Mapping[str, Any], team: str, told: Mapping[str, str]) -> str:
    name = f"{measure['name']}, {team}"
    if found.reason:
        return f"{name}: before and after cannot be compared"
    if found.level.told or found.slope.told:
        parts = [
            one for one in (told["level"] if found.level.told else "", told["slope"] if found.slope.told else "") if one
        ]
        return f"{name}: {' and '.join(parts)} after the change"
    return f"{name}: no step or new slope that stands out"


def its_sentence(
    found: Interrupted,
    measure: Mapping[str, Any],
    team: str,
    change: str,
    medians: tuple[str, str],
    told: Mapping[str, str],
) -> str:
    if found.reason:
        short = (
            f"{found.n_before} and {found.n_after} points" if found.reason == "too_few" else "points that never vary"
        )
        return (
            f"{measure['name']}, {team}: {short} before and after {change} are not enough to tell a step from a slope"
            f"{NEEDED if found.reason == 'too_few' else ''}."
        )
    return joined(
        f"{measure['name']}, {team}, around {change}: the median went from {medians[0]} to {medians[1]}.",
        f"Beyond where it was heading, the level {told['level_full']}, and the slope {told['slope_full']}.",
        ALIKE if found.alike else "",
        "This goes together in time; whether the change brought it about, the figures alone cannot say.",
    )


def moved(one: Estimate, words: str, interval: str, per: str = "") -> tuple[str, str]:
    """A step or a new slope in a few words for a title, and in full.

    >>> from qitools.analysis.its import Estimate
    >>> moved(Estimate(-6.0, -8.0, -4.0), "6.0", "−8.0 to −4.0")
    ('a step of 6.0 down', 'fell by 6.0 (95% interval −8.0 to −4.0)')
    """
    side = "up" if one.value > 0 else "down"
    went = "rose" if one.value > 0 else "fell"
    if not one.told:
        return "", f"did not clearly change (95% interval {interval}{per})"
    short = f"a new slope {side}" if per else f"a step of {words} {side}"
    return short, f"{'turned ' + side if per else went} by {words}{per} (95% interval {interval})"


def its_notes(found: Interrupted, robust: Sequence[str]) -> tuple[str, ...]:
    if found.reason:
        return ()
    return (
        f"Each period resembles the one before by {found.autocorrelation:.2f} (autocorrelation); the intervals weigh "
        "every such resemblance by how likely it is.",
        f"With Newey–West errors over {found.lags} periods, which are too narrow in short series, the intervals would "
        f"be {robust[0]} for the level and {robust[1]} for the slope.",
        "Before and after without a comparison: whatever else changed at that time is in it. A season shorter than the "
        "years on either side, a change that came gradually, or a date chosen after looking at the figures would all "
        "mislead.",
        f"{found.n_before} points before and {found.n_after} after; a period within which the change fell counts as "
        "before.",
    )


NEEDED = ": that takes eight on either side and 24 in all"
ALIKE = "Periods resemble each other so much that these intervals are likely too narrow for so few points."
ITS_SUBTITLE = "Dashes: where it was heading before. Thick: fitted before and after."
ITS_EDGE = "Change"

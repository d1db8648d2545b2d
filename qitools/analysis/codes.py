"""Why something was left out, could not be computed or must be read with care: every reason code, in one place.

Codes live in the ``reason`` columns, joined by a space; the words users read are made in ``views/wording.py``.
"""

from __future__ import annotations

CODES = {
    # of a point
    "missing": "nothing was reported",
    "excluded": "left out by a recorded decision",
    "zero_denominator": "the denominator is 0",
    "suppressed": "withheld by disclosure control",
    "no_previous": "nothing before it to measure from",
    "zero_gap": "two events on one day",
    "no_limits": "the limits cannot be computed here",
    # of a phase
    "no_points": "no point to make a centre line from",
    "few_points": "fewer points than the centre line should have: it is temporary",
    "no_variation": "all values of the baseline are alike: the limits are the line",
    "sustained_shift": "the phase was found in the data, by a sustained shift",
    "given_centre": "the centre line was given, not computed",
    "runs_not_tested": "the runs test needs a centre line from the same points",
    "too_few": "fewer points than the rule set needs to say anything",
    "handed_over": "a run-chart rule set on a chart with limits: control-chart rules apply",
    "rare_events": "more than half the points at 0 or at 100 %: time between events would say more",
    # of a series
    "one_phase": "there is no change to measure between phases",
    "few": "too few points on one side of the change for an interval",
    "selected_by_data": "the phase was chosen because the data moved: the change is likely smaller than it looks",
    "dependent": "neighbouring points resemble each other: the rules signal too easily",
    "seasonal": "the season recurs: the rules signal too easily",
    # of a chart chosen by auto, in method["auto"]; also too_few and rare_events
    "overdispersed": "the points vary more than chance and the denominators explain: Laney's limits",
    "as_chance": "the points vary no more than chance and the denominators explain",
    "by_data": "the kind of data decides",
}

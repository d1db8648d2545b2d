"""The rule sets: named, dated data. To change a rule, change a number here and its golden file.

A set says how many points make a shift and a trend, what a point on the centre line does, what is marked and from how
many points anything is said at all. ``qitools.spc.rules`` reads the fields; no threshold is written anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from qitools.spc.constants import D2, SIGMAS

RUN_CHARTS, LIMIT_CHARTS = "run charts", "charts with limits"
HAND_OVER = "ihi-2011"  # what a run-chart set becomes on a chart with limits
SUSTAINED = 9  # points on one side that hold an improvement (Healthcare Improvement Scotland 2025)


@dataclass(frozen=True)
class RuleSet:
    """Thresholds in points; 0 or False: the rule is not in the set.

    Args:
        shift: useful points on one side of the centre line.
        trend: points going one way, the start counted.
        outside: one point beyond a limit.
        two_of_three: two of three beyond 2 sd on one side; ``outer_third``: a point beyond the limit does not count;
            ``third_too``: all three on that side.
        four_of_five: four of five beyond 1 sd on one side.
        fifteen_inner, eight_outer, fourteen_alternating: neighbours within 1 sd, beyond it, going up and down in turn.
        runs_test: ``"anhoej"`` or ``"perla"``: a test of the whole phase.
        sustained: points on one side that make a sustained shift.
        ties: what a point on the centre line does to a run, and equal neighbours to a trend: skip or break.
        edge_breaks: points on a median of 0 (or 100 of a percentage) break a run and are never part of a shift.
        marks_ties: points on the line inside a marked shift are marked too.
        baseline, baseline_quarterly: points that make the centre line; 0: all of the phase.
        min_points, min_points_quarterly: fewer reported points give no signal.
        range_factor: limits of an XmR chart in mean moving ranges; 2.66 where the source prints it rounded.
        priority: which rule speaks first where a point has several.
    """

    name: str
    source: str
    families: tuple[str, ...] = (RUN_CHARTS, LIMIT_CHARTS)
    shift: int = 0
    trend: int = 0
    outside: bool = False
    two_of_three: bool = False
    outer_third: bool = False
    third_too: bool = False
    four_of_five: bool = False
    fifteen_inner: int = 0
    eight_outer: int = 0
    fourteen_alternating: int = 0
    runs_test: str = ""
    sustained: int = SUSTAINED
    ties: str = "break"
    edge_breaks: bool = False
    marks_ties: bool = False
    baseline: int = 0
    baseline_quarterly: int = 0
    min_points: int = 0
    min_points_quarterly: int = 0
    range_factor: float = SIGMAS / D2
    priority: tuple[str, ...] = ("outside", "two_of_three", "four_of_five", "shift", "trend")


_ALL = (
    RuleSet(
        "his-2025",
        "Healthcare Improvement Scotland, run-chart code of September 2025",
        families=(RUN_CHARTS,),
        shift=6,
        trend=5,
        ties="skip",
        edge_breaks=True,
        baseline=12,
        baseline_quarterly=8,
        min_points=12,
        min_points_quarterly=8,
    ),
    RuleSet(
        "perla-2011",
        "Perla, Provost & Murray, BMJ Quality & Safety 2011;20:46–51",
        families=(RUN_CHARTS,),
        shift=6,
        trend=5,
        runs_test="perla",
        ties="skip",
        marks_ties=True,
        min_points=10,
        min_points_quarterly=10,
    ),
    RuleSet(
        "anhoej-2014",
        "Anhøj & Olesen, PLoS ONE 2014;9(11):e113825",
        outside=True,
        runs_test="anhoej",
        ties="skip",
        min_points=10,
        min_points_quarterly=10,
    ),
    RuleSet(
        "mdc",
        "NHS England, Making Data Count",
        families=(LIMIT_CHARTS,),
        shift=7,
        trend=7,
        outside=True,
        two_of_three=True,
        outer_third=True,
        third_too=True,
        range_factor=2.66,
        priority=("outside", "trend", "two_of_three", "shift"),
    ),
    RuleSet(
        "western-electric",
        "Western Electric, Statistical Quality Control Handbook, 1956",
        families=(LIMIT_CHARTS,),
        shift=8,
        outside=True,
        two_of_three=True,
        four_of_five=True,
    ),
    RuleSet(
        "nelson-1984",
        "Nelson, Journal of Quality Technology 1984;16:237–239",
        families=(LIMIT_CHARTS,),
        shift=9,
        trend=6,
        outside=True,
        two_of_three=True,
        four_of_five=True,
        fifteen_inner=15,
        eight_outer=8,
        fourteen_alternating=14,
    ),
    RuleSet(
        "ihi-2011",
        "Provost & Murray, The Health Care Data Guide, 2011",
        families=(LIMIT_CHARTS,),
        shift=8,
        trend=6,
        outside=True,
        two_of_three=True,
        outer_third=True,
        fifteen_inner=15,
        ties="skip",
    ),
)
RULE_SETS: dict[str, RuleSet] = {rule_set.name: rule_set for rule_set in _ALL}


def applied(name: str, chart: str) -> RuleSet:
    """The rule set in force on a chart kind: a run-chart set hands over where there are limits.

    >>> applied("his-2025", "run").name, applied("his-2025", "p").name
    ('his-2025', 'ihi-2011')
    """
    asked = RULE_SETS[name]
    hands_over = chart != "run" and LIMIT_CHARTS not in asked.families
    return RULE_SETS[HAND_OVER] if hands_over else asked

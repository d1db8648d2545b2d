"""Every sentence a user reads about figures: codes and numbers in, plain British words out.

The tables hold codes; here they become words, so that the title above a picture, its alternative text, the table beside
it and the index of the run all say the same. Functions take plain rows (``Mapping``) of the tables in
`docs/architecture.md` and the ``method`` dict. Three habits: the reader is a nurse, a board member or someone who
listens to a screen reader; a sentence claims no more than the rules can carry; nobody is ranked or shamed.

This is the door. Behind it: `wording_findings` (a verdict and its dates), `wording_series` (one chart), `wording_teams`
(many), `vocabulary` (one phrase per code), `numerals` (numbers and dates). Questions are in `asking`, method notes in
`notes`.
"""

from qitools.views.numerals import period, value
from qitools.views.vocabulary import reason, reasons, verdict
from qitools.views.wording_findings import cell, current
from qitools.views.wording_series import (
    chart_sentence,
    chart_subtitle,
    chart_title,
    no_figures,
    panel_header,
    team_progress,
    team_tile,
)
from qitools.views.wording_teams import (
    ALL_TEAMS,
    aim_statement,
    family_sentence,
    family_subtitle,
    family_title,
    luck_sentence,
    multiples_sentence,
    multiples_subtitle,
    multiples_title,
    one_measure,
    pooled_sentence,
    pooled_subtitle,
    pooled_title,
    progress_sentence,
    reporting_sentence,
    reporting_title,
    tallied,
    team_reporting,
)

__all__ = [
    "ALL_TEAMS",
    "SIMULATED",
    "aim_statement",
    "cell",
    "chart_sentence",
    "chart_subtitle",
    "chart_title",
    "current",
    "family_sentence",
    "family_subtitle",
    "family_title",
    "luck_sentence",
    "multiples_sentence",
    "multiples_subtitle",
    "multiples_title",
    "no_figures",
    "one_measure",
    "panel_header",
    "period",
    "pooled_sentence",
    "pooled_subtitle",
    "pooled_title",
    "progress_sentence",
    "reason",
    "reasons",
    "reporting_sentence",
    "reporting_title",
    "tallied",
    "team_progress",
    "team_reporting",
    "team_tile",
    "value",
    "verdict",
]

SIMULATED = "Simulated data: the teams are invented and the figures made up to show how this page works."

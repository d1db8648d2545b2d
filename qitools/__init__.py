"""qitools: trustworthy, interactive analysis for improvement collaboratives.

``import qitools as qi`` gives the names a notebook uses; each is found on first use, so that importing is cheap.

==============  ======================================================================================
what you want   what you call
==============  ======================================================================================
to read         ``load`` (a collaborative from its YAML), ``simulate`` (one with a known truth),
                ``history`` (who decided what, when and why)
to compute      ``analyse`` (every limit, signal and verdict), ``rule_sets`` (the rules, with source),
                ``across`` (many collaboratives, each by itself)
to see          ``tiles  chart  multiples  pooled  reporting`` (figures, each with sentence and table)
told honestly   ``ledger`` (beside chance), ``split`` (what changed), ``funnel`` (beside each other)
to read aloud   ``heading  signals  questions  method`` (words and tables)
what is tried   ``cycles  drivers  scores`` (figures), ``since  commitments  tests`` (sentences, tables)
for the room    ``agenda`` (the timetable), ``vote`` (before the reveal), ``stories``, ``next_test`` (a slip),
                ``room_form`` (what is agreed, written down)
who could talk  ``bright_spots`` (a figure), ``talk`` (sentences and tables)
to try out      ``explorer`` (other settings, decisions with their reason saved to the YAML)
capacity        ``trained  dose  pipeline  skills`` (who is trained in improvement, and whether it is used)
a service       ``dcaq  backlog  what_if  delays  waits  before_after`` (figures), ``headroom`` (a table)
for whom        ``equity  equity_gap`` (a measure by stratum, its gap over time), ``inequality`` (a table)
to learn from   ``variation`` (charts whose truth is known), ``teach`` (lessons for a room, page or notebook)
impact          ``impact  claims  avoided  worth  partners  cases  spread  holding  elsewhere  impact_method``
to keep         ``finish`` (the tables and the summary that ``qitools run`` collects)
when refused    ``QitoolsError`` and its kinds ``ParameterError  DataError  RunError``
==============  ======================================================================================
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Analysis": "qitools.analysis.engine",
    "Collaborative": "qitools.collaborative.loading",
    "DataError": "qitools.errors",
    "Figure": "qitools.views.figure",
    "ParameterError": "qitools.errors",
    "QitoolsError": "qitools.errors",
    "Rebase": "qitools.spc.phases",
    "RunError": "qitools.errors",
    "across": "qitools.analysis.across",
    "agenda": "qitools.views.agenda",
    "analyse": "qitools.analysis.engine",
    "avoided": "qitools.views.impact_sums",
    "backlog": "qitools.views.flow",
    "before_after": "qitools.views.before_after",
    "bright_spots": "qitools.views.bright",
    "cases": "qitools.views.impact",
    "chart": "qitools.views.charts",
    "claims": "qitools.views.impact",
    "commitments": "qitools.views.tests_of_change",
    "cycles": "qitools.views.cycles",
    "dcaq": "qitools.views.flow",
    "delays": "qitools.views.delays",
    "dose": "qitools.views.capacity",
    "drivers": "qitools.views.drivers",
    "elsewhere": "qitools.views.impact_reach",
    "equity": "qitools.views.equity",
    "equity_gap": "qitools.views.equity",
    "explorer": "qitools.views.explorer",
    "finish": "qitools.views.record",
    "funnel": "qitools.views.funnel",
    "heading": "qitools.views.prose",
    "headroom": "qitools.views.flow",
    "history": "qitools.collaborative.history",
    "holding": "qitools.views.impact_reach",
    "impact": "qitools.views.impact",
    "impact_method": "qitools.views.impact",
    "inequality": "qitools.views.equity",
    "ledger": "qitools.views.ledger",
    "load": "qitools.collaborative.loading",
    "method": "qitools.views.prose",
    "multiples": "qitools.views.multiples",
    "next_test": "qitools.views.next_test",
    "partners": "qitools.views.impact_reach",
    "pipeline": "qitools.views.capacity",
    "pooled": "qitools.views.pooled",
    "questions": "qitools.views.prose",
    "reporting": "qitools.views.reporting",
    "room_form": "qitools.views.room_form",
    "rule_sets": "qitools.analysis.engine",
    "scores": "qitools.views.scores",
    "signals": "qitools.views.tables",
    "simulate": "qitools.collaborative.simulate",
    "since": "qitools.views.tests_of_change",
    "skills": "qitools.views.capacity",
    "split": "qitools.views.split",
    "spread": "qitools.views.impact_reach",
    "stories": "qitools.views.stories",
    "talk": "qitools.views.talk",
    "teach": "qitools.views.teaching",
    "tests": "qitools.views.tests_of_change",
    "tiles": "qitools.views.tiles",
    "trained": "qitools.views.capacity",
    "variation": "qitools.analysis.teaching",
    "vote": "qitools.views.vote",
    "waits": "qitools.views.delays",
    "worth": "qitools.views.impact_sums",
    "what_if": "qitools.views.flow",
}
__all__ = sorted([*_HOMES, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'qitools' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

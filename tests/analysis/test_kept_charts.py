"""``auto`` keeps the chart that an earlier run chose, and notes what the figures would now give."""

import json

import numpy as np
import pytest

import qitools as qi
from qitools.collaborative.decided import CHARTS_VARIABLE

YAML = """
collaborative: small
title: Small
sources:
  observations: small.csv
measures:
  - {id: rate, name: Rate, kind: outcome, data: rate, per: 1000, better: lower, chart: auto}
  - {id: share, name: Share, kind: process, data: proportion, per: 100, better: higher, chart: auto}
  - {id: level, name: Level, kind: process, data: value, better: higher, chart: auto}
  - {id: fixed, name: Fixed, kind: process, data: rate, per: 1, better: lower, chart: run}
teams:
  - {id: ash, name: Ash}
"""
NOW = {"rate": "u", "share": "pp", "level": "i", "fixed": "run"}


@pytest.fixture
def made(write_collaborative, monkeypatch):
    """An analysis in which an earlier run chose these charts."""
    rng = np.random.default_rng(3)
    wide = np.round(np.clip(rng.normal(0.5, 0.2, 24), 0.05, 0.95) * 400)
    columns = {"rate": rng.poisson(9, 24), "share": wide, "level": rng.normal(9, 1, 24), "fixed": rng.poisson(9, 24)}
    rows = [
        f"ash,{name},{2024 + at // 12}-{at % 12 + 1:02d}-01,{number},{'' if name == 'level' else 400}"
        for name, numbers in columns.items()
        for at, number in enumerate(numbers)
    ]
    path = write_collaborative(YAML, "\n".join(["team,measure,date,numerator,denominator", *rows]))

    def analysed(kept, name="small", **asked):
        monkeypatch.setenv(CHARTS_VARIABLE, json.dumps({name: kept}))
        return qi.analyse(qi.load(path), **asked)

    return analysed


def charts(analysis):
    return dict(zip(analysis.measures["measure"], analysis.measures["chart"], strict=True))


def test_without_an_earlier_choice_the_figures_decide(made):
    found = made({})
    assert charts(found) == NOW and found.method["would_be"] == {}
    assert found.method["auto"] == {"rate": "as_chance", "share": "overdispersed", "level": "by_data"}
    assert charts(made({"rate": "run"}, name="another")) == NOW


def test_an_earlier_choice_stays_and_the_other_is_noted(made):
    found = made({"rate": "up", "share": "p", "level": "run", "fixed": "up"})
    assert charts(found) == {"rate": "up", "share": "p", "level": "run", "fixed": "run"}
    assert found.method["auto"] == dict.fromkeys(("rate", "share", "level"), "kept")
    assert found.method["would_be"]["share"] == {"chart": "pp", "reason": "overdispersed"}
    notes = str(qi.method(found))
    assert "Share: p chart (it was chosen in an earlier report and is kept until somebody changes it; the" in notes
    assert "the figures would now give a p′ chart: limits are widened, because the points vary more" in notes
    assert set(found.points.loc[found.points["measure"] == "share", "chart"]) == {"p"}


def test_the_same_choice_is_no_news(made):
    kept = {"rate": "u", "share": "pp", "level": "i"}
    found, fresh = made(kept), made({})
    assert found.method["auto"] == fresh.method["auto"] and found.method["would_be"] == {}
    assert str(qi.method(found)) == str(qi.method(fresh))


@pytest.mark.parametrize("kept", [{"rate": "pp"}, {"rate": "t"}, {"level": "xbar"}, {"share": "u"}, {"share": "no"}])
def test_a_choice_that_no_longer_fits_the_data_is_not_kept(made, kept):
    found = made(kept)
    assert charts(found) == NOW and found.method["would_be"] == {}


def test_somebody_changes_it(made):
    assert charts(made({"share": "p"}, chart={"share": "pp"}))["share"] == "pp"


@pytest.mark.parametrize("text", ["{", "[]", '{"small": 3}'])
def test_what_cannot_be_read_is_refused(made, monkeypatch, text, write_collaborative):
    monkeypatch.setattr(json, "dumps", lambda _: text)
    with pytest.raises(qi.ParameterError, match="QITOOLS_CHARTS: found"):
        made({})

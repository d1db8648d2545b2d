"""The impact report in words and pictures: no claim beyond its grade, nothing blank, hostile text stays text."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qitools as qi
from qitools.analysis.claims import COLUMNS
from qitools.analysis.harm import Harm, harm
from qitools.analysis.partners import distinct
from qitools.collaborative.parameters import Impact
from qitools.errors import ParameterError
from qitools.views import wording_impact as words
from qitools.views import wording_reach as reach
from qitools.views import wording_sums as sums
from qitools.views.figure import Figure, html
from qitools.views.impact_record import summary, tables

FIGURES = ("claims", "avoided", "worth", "partners", "spread", "elsewhere")
BARRED = re.compile(r"caused|saved|lives|up to", re.IGNORECASE)
MEASURE = {"measure": "harm", "name": "Harm", "data": "rate", "per": 1000, "better": "lower", "numerator": "Events"}
METHOD = {"period": "month"}


@pytest.fixture(scope="module")
def found() -> Any:
    """Every shipped collaborative and the template, which compares with another system too."""
    return qi.across("*,example")


CALLS = (*FIGURES, "impact", "holding", "cases", "impact_method")


def said(view: Any) -> str:
    """Every word of a view: title, subtitle, sentence, table, notes, what the pickers offer, lines of the key."""
    cells = [
        cell for data in view.data.values() for column in data.values() for cell in column if isinstance(cell, str)
    ]
    words_of = view.params.get("words", {}).values()
    return " ".join(
        [view.title, *view.subtitle, view.sentence, view.table[1], *view.notes, *view.choice, *words_of, *cells]
    )


def all_said(part: Any) -> str:
    """Every word of a call, in each of its views."""
    return " ".join(map(said, part.options)) if isinstance(part, Figure) else str(part)


@pytest.mark.parametrize("name", FIGURES)
def test_every_view_is_drawn_with_a_sentence_a_table_and_a_valid_template(name: str, found: Any) -> None:
    figure = getattr(qi, name)(found)
    for view in figure.options:
        assert view.panels == 1 and view.title and "simulated" in view.sentence
        assert len(next(iter(view.data[view.table[0]].values()))) > 0
    assert figure.altair().to_dict(validate=True)["description"] == figure.sentence


@pytest.mark.parametrize("name", FIGURES)
def test_every_combination_that_the_pickers_offer_has_a_view(name: str, found: Any) -> None:
    figure = getattr(qi, name)(found)
    offered = itertools.product(
        *(dict.fromkeys(column) for column in zip(*(v.choice for v in figure.options), strict=True))
    )
    assert sorted(offered) == sorted(view.choice for view in figure.options)


@pytest.mark.parametrize("name", FIGURES)
def test_no_word_of_any_figure_claims_what_no_grade_can_carry(name: str, found: Any) -> None:
    for view in getattr(qi, name)(found).options:
        assert not BARRED.search(said(view)), view.sentence


def test_no_word_of_the_prose_does_either(found: Any) -> None:
    for part in (qi.impact(found), qi.impact_method(found), qi.holding(found), qi.partners(found, view="confirm")):
        assert not BARRED.search(str(part))


BOLD = "Up to 1,000 lives saved"


def loud(member: Any, currency: str, comparators: pd.DataFrame) -> Any:
    """A collaborative whose title and measures claim too much at a low grade, and which every call speaks of."""
    parameters, main = member.collaborative.parameters, member.outcomes()[0]
    sums = {"cost": {"amount": 9, "source": BOLD}, "benefit": {"amount": 2, "source": BOLD, "measure": main}}
    own = {"title": BOLD, "impact": Impact.model_validate({**sums, "currency": currency}), "closed": date(2025, 9, 30)}
    records = replace(member.collaborative.records, comparators=comparators.assign(measure=main))
    measures = member.analysis.measures.assign(name=BOLD, numerator=BOLD)
    return replace(
        member,
        analysis=replace(member.analysis, measures=measures, records=records),
        collaborative=replace(member.collaborative, parameters=parameters.model_copy(update=own), records=records),
    )


@pytest.fixture(scope="module")
def low(found: Any) -> Any:
    members = {member.name: member for member in found.members}
    others = members["medicines"].collaborative.records.comparators
    pairs = (("falls", "GBP"), ("delayed_discharge", "EUR"))
    return replace(found, members=tuple(loud(members[name], currency, others) for name, currency in pairs))


@pytest.mark.parametrize("name", CALLS)
def test_names_that_claim_too_much_are_not_repeated_at_low_grades(name: str, low: Any) -> None:
    assert set(tables(low)["claims"]["grade"]) <= {"C", "D", ""}
    told = all_said(getattr(qi, name)(low))
    quoted = [story.text for story in qi.cases(low).stories] if name == "cases" else []
    for words_of in quoted:  # what people say is theirs
        told = told.replace(words_of, "")
    assert told and not BARRED.search(told), told


def test_a_title_of_one_alone_claims_no_more(low: Any) -> None:
    assert str(qi.impact(replace(low, members=low.members[:1]))).startswith("What changed: falls")


def row(**own: Any) -> dict[str, Any]:
    """A claim of the table, with what it needs to be said."""
    blank: dict[str, Any] = {
        name: np.nan if kind == "float64" else pd.NaT if "date" in kind else "" for name, kind in COLUMNS.items()
    }
    told = {
        "start": pd.Timestamp("2024-01-01"),
        "since": pd.Timestamp("2024-05-01"),
        "first": pd.Timestamp("2023-01-01"),
        "before_last": pd.Timestamp("2023-12-01"),
        "after_first": pd.Timestamp("2024-07-01"),
        "after_last": pd.Timestamp("2025-06-01"),
        "before": 9.0,
        "after": 6.0,
        "stories": 2,
    }
    return {**blank, **told, "change": -3.0, "low": -4.5, "high": -1.5, **own}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (
            {"basis": "interrupted", "grade": "A"},
            "from January 2024 the level is 3.0 lower than the line before would have given (95% interval of the "
            "difference −4.5 to −1.5).",
        ),
        (
            {"basis": "controlled", "grade": "A", "slope": -0.2, "slope_low": -0.3, "slope_high": -0.1},
            "from January 2024 the level is 3.0 lower than the line before would have given, held against teams that "
            "took no part (95% interval of the difference −4.5 to −1.5). Since then the line bends by −0.20 a period "
            "(95% interval −0.30 to −0.10).",
        ),
        (
            {"basis": "shift", "grade": "B"},
            "a sustained shift for the better since May 2024, all teams together: 9.0 in Jan 2023 to Dec "
            "2023, 6.0 in Jul 2024 to Jun 2025.",
        ),
        (
            {"basis": "before_after", "grade": "C", "reason": "no_start"},
            "3.0 lower in Jul 2024 to Jun 2025 than in Jan 2023 to Dec 2023 (95% interval −4.5 to −1.5): 9.0 then, "
            "6.0 now. Nothing else that changed in that time is allowed for. No start was set beforehand "
            "(impact.began), so that no interrupted time series can be made.",
        ),
        ({"basis": "story", "grade": "D", "stories": 1}, "1 story with consent speaks of it; no figure shows it."),
        (
            {"basis": "none", "grade": "", "reason": "no_data"},
            "no change for the better is shown. There are no figures.",
        ),
        (
            {"basis": "shift", "grade": "B", "before": np.nan, "slipped": pd.Timestamp("2025-02-01")},
            "a sustained shift for the better since May 2024, all teams together. It was not held: a sustained shift "
            "the wrong way since February 2025.",
        ),
    ],
)
def test_the_sentence_of_each_grade(own: dict[str, Any], expected: str) -> None:
    assert words.claim(row(**own), MEASURE, METHOD) == expected


@pytest.mark.parametrize("grade", sums.RESTS)
@pytest.mark.parametrize(
    ("avoided", "ends", "expected"),
    [
        (40.0, (10.0, 70.0), "40 fewer (95% interval 10 to 70 by counts"),
        (-40.0, (-70.0, -10.0), "40 more (95% interval 10 to 70 by counts"),
        (3.0, (-8.0, 14.0), "3 fewer (95% interval −8 to 14 by counts"),
    ],
)
def test_the_sentence_of_avoided_harm(grade: str, avoided: float, ends: tuple[float, float], expected: str) -> None:
    days = (pd.Timestamp("2023-01-01"), pd.Timestamp("2023-12-01"))
    told = {"observed": 100, "expected": 100 + avoided, "before": days, "after": days, "left_out": ("a",)}
    harm = Harm(avoided=avoided, interval=ends, bootstrap=ends, calm=0.8, **told)
    sentence = sums.harm_sentence(harm, "Harm, Small", MEASURE, grade, METHOD)
    assert expected in sentence and sums.RESTS[grade] in sentence and not BARRED.search(sentence)
    assert ("Chance alone" in sentence) == (harm.told == 0)
    assert "1 team with too few figures before is not counted." in sentence
    two = sums.harm_sentence(replace(harm, left_out=("a", "b")), "Harm, Small", MEASURE, grade, METHOD)
    assert "2 teams with too few figures before are not counted." in two


def test_the_interval_spoken_of_stands_first_and_a_closed_collaborative_says_until_when() -> None:
    days = (pd.Timestamp("2023-01-01"), pd.Timestamp("2023-12-01"))
    harm = Harm(avoided=40.0, interval=(-5.0, 80.0), bootstrap=(12.0, 68.0), calm=0.1, autocorrelation=0.2,
                observed=100, expected=140, before=days, after=days, periods=(30, 30),
                closed=pd.Timestamp("2023-12-31"))  # fmt: skip
    assert sums.harm_sentence(harm, "Harm", MEASURE, "B", METHOD) == (
        "Harm: 100 were observed in Jan 2023 to Dec 2023 (it closed in December 2023), where 140 would have been "
        "expected at each team's own rate in Jan 2023 to Dec 2023: 40 fewer (95% interval −5 to 80 by counts, "
        "widened since periods scatter more than counts do; 12 to 68 by bootstrap of periods). Chance alone could "
        "give this. The change rests on a sustained shift (grade B): it does not show what brought it about."
    )
    assert "until it closed in December 2023" in sums.harm_subtitle(harm, MEASURE, METHOD)
    calm = replace(harm, calm=0.9, autocorrelation=0.9)
    assert "95% interval −5 to 80 by counts; 12 to 68 by bootstrap" in sums.harm_sentence(
        calm, "Harm", MEASURE, "B", METHOD
    )
    assert (sums.caution(harm), sums.caution(calm)) == ("", "")


def test_an_interval_that_may_be_too_narrow_says_so() -> None:
    days = (pd.Timestamp("2023-01-01"), pd.Timestamp("2023-12-01"))
    ends: Any = {"avoided": 40.0, "interval": (12.0, 68.0), "bootstrap": (12.0, 68.0), "before": days, "after": days}
    alike = Harm(**ends, observed=100, expected=140, calm=0.1, autocorrelation=0.72, periods=(24, 30))
    told = "resemble those before them much (autocorrelation about 0.7), and are few: the interval may be too narrow."
    assert told in sums.harm_sentence(alike, "Harm", MEASURE, "B", METHOD)
    drift = replace(alike, interval=(np.nan, np.nan), autocorrelation=0.94)
    assert drift.caution == "drift" and drift.told == 0
    assert sums.harm_title(drift) == "40 fewer than expected; how sure that is cannot be told"
    said = sums.harm_sentence(drift, "Harm", MEASURE, "B", METHOD)
    assert "40 fewer. How sure that is cannot be told" in said and "no 95% interval" in said
    assert "Chance alone" not in said and "bootstrap" not in said
    assert "band" not in sums.harm_subtitle(drift, MEASURE, METHOD)
    assert sums.caution(replace(alike, calm=0.8, periods=(12, 1))) == (
        "12 periods before the start and 1 after it do not show how much periods resemble those before them: where "
        "they do, the interval is too narrow."
    )


def test_the_band_drawn_is_the_interval_spoken_of(found: Any) -> None:
    spoken = {member.name: harm(member, one) for member in found.members for one in member.outcomes()}
    drawn = 0
    for view in qi.avoided(found).options:
        seen = view.data["months"]
        ends = [each for each in spoken.values() if not each.reason and len(each.table) == len(seen["period"])]
        low, high = (view.data["band"][name][-1] for name in ("low", "high"))
        observed = float(seen["observed"][-1].replace(",", ""))
        drawn += any((low - each.observed, high - each.observed) == pytest.approx(each.interval) for each in ends)
        assert observed >= 0 and "band: 95% interval." in view.subtitle[0]
    assert drawn == len({one for one in spoken if not spoken[one].reason})


def partly(found: Any) -> Any:
    """The same, as if the figures of the first were real."""
    first = found.members[0]
    parameters = first.collaborative.parameters.model_copy(update={"simulated": False})
    real = replace(
        first,
        collaborative=replace(first.collaborative, parameters=parameters),
        analysis=replace(first.analysis, method={**first.analysis.method, "simulated": False}),
    )
    return replace(found, members=(real, *found.members[1:]))


def test_where_some_are_simulated_each_row_or_caption_says_which(found: Any) -> None:
    mixed = partly(found)
    real, *others = mixed.members
    said = qi.claims(mixed).table["Collaborative"]
    assert {one.endswith("(simulated)") for one in said if real.title in one} == {False}
    assert all(one.endswith("(simulated)") for one in said if real.title not in one)
    assert "(simulated)" not in qi.claims(found)._repr_html_()
    for figure in (qi.partners(mixed), qi.spread(mixed), qi.worth(mixed)):
        caption = figure._repr_html_().split("<caption>")[1].split("</caption>")[0]
        assert others[0].title in caption and "are simulated; those of the others are not." in caption


def test_benefit_of_a_closed_collaborative_says_until_when(found: Any) -> None:
    sentences = [view.sentence for view in qi.worth(found).options]
    assert any("events fewer than expected until it closed in March 2025, worth about GBP" in one for one in sentences)


def test_what_a_page_says_where_nothing_is_given(found: Any) -> None:
    (redesign,) = [member for member in found.members if member.name == "outpatient_redesign"]
    bare = replace(found, members=(redesign,))
    for name, words_of in (
        ("worth", sums.NO_WORTH), ("partners", reach.NO_PARTNERS), ("elsewhere", reach.NO_COMPARATORS),
    ):  # fmt: skip
        figure = getattr(qi, name)(bare)
        assert figure.panels == 0 and words_of in html(figure)
    assert str(qi.holding(bare)) == reach.NONE_CLOSED


def test_what_differs_is_said_before_any_figure(found: Any) -> None:
    for view in qi.elsewhere(found).options:
        assert view.title.startswith("Not measured alike.") and view.sentence.startswith("Not measured alike.")
    rows = [{"system": "X", "differs": ""}, {"system": "Y", "differs": "counts less."}]
    assert reach.differs(rows) == "Not measured alike. X: what differs in its definition is not said. Y: counts less."


def test_those_left_out_are_named_at_the_top_and_in_the_notes(found: Any) -> None:
    refused = pd.DataFrame([{"collaborative": "lost", "reason": "cannot be used\n  - lost.csv: found none"}])
    told = replace(found, refused=refused)
    for part in (qi.impact(told), qi.impact_method(told)):
        assert "Left out: lost. cannot be used; lost.csv: found none" in str(part)
    assert "1 left out: lost" in summary(told)["reporting"]


def test_stories_without_consent_are_nowhere(found: Any) -> None:
    hidden = [
        text
        for member in found.members
        for text, yes in member.collaborative.records.stories[["text", "consent"]].to_numpy()
        if not yes
    ]
    shown, kept = qi.cases(found), tables(found)["stories"]
    assert hidden and not [text for text in hidden if text in str(shown) or text in set(kept["text"])]
    assert all(one.source.endswith(tuple(one.title for one in found.members)) for one in shown.stories)
    assert "medicines" in set(kept["collaborative"])


def test_a_page_shows_the_newest_stories_and_its_table_all(found: Any) -> None:
    member = next(one for one in found.members if len(one.collaborative.records.stories))
    days = pd.date_range("2024-01-01", periods=15, freq="MS")
    rows = member.collaborative.records.stories.iloc[[0] * 15].assign(
        date=days, text=[f"Story {i}" for i in range(15)], consent=True
    )
    member = told_by(member, rows.sort_values("text", ignore_index=True))
    many = qi.cases(replace(found, members=(member,)))
    assert [one.text for one in many.stories] == [f"Story {i}" for i in range(14, 2, -1)]
    assert "3 more stories, older than these, are in stories.csv beside this page." in many._repr_html_()
    kept = tables(replace(found, members=(member,)))["stories"]
    assert kept["text"].tolist() == [f"Story {i}" for i in range(14, -1, -1)] and kept["date"].iloc[0] == days[-1]
    few = told_by(member, rows.iloc[:13].assign(date=pd.NaT))
    assert "1 more story, older than these, is in" in str(qi.cases(replace(found, members=(few,))))
    assert tables(replace(found, members=(told_by(member, rows.iloc[:0]),)))["stories"].empty


def told_by(member: Any, rows: pd.DataFrame) -> Any:
    """The same collaborative with these stories."""
    records = replace(member.collaborative.records, stories=rows)
    opened = replace(member.collaborative, records=records)
    return replace(member, collaborative=opened, analysis=replace(member.analysis, records=records))


def test_hostile_names_stay_text(found: Any) -> None:
    bad = "</script><img src=x onerror=alert(1)>"
    member = found.members[-1]
    records = replace(member.collaborative.records, partners=register([bad, bad + " Trust"]))
    measures = member.analysis.measures.assign(name=bad)
    hostile = replace(
        found,
        members=(replace(member, analysis=replace(member.analysis, measures=measures),
                         collaborative=replace(member.collaborative, records=records)),),
    )  # fmt: skip
    for name in ("impact", "claims", "avoided", "partners", "spread", "impact_method"):
        part = getattr(qi, name)(hostile)
        text = html(part) if isinstance(part, Figure) else part._repr_html_()
        assert "<img" not in text, name


def register(names: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({"organisation": names, "since": pd.NaT, "sector": "", "role": "", "same_as": ""})
    return table.astype({"since": "datetime64[us]"})


def test_names_to_confirm_say_what_was_done_for_now_and_how_to_settle_them(found: Any) -> None:
    table = qi.partners(found, view="confirm")
    merged = distinct(pd.concat([member.collaborative.records.partners for member in found.members]))
    assert list(table.frame["For now"]).count("Counted as one") == len(merged.merges) > 0
    assert list(table.frame["For now"]).count("Kept apart") == len(merged.doubtful) > 0
    assert "same_as" in str(table)
    with pytest.raises(ParameterError, match="did you mean 'confirm'"):
        qi.partners(found, view="confrim")


def test_the_page_leaves_every_table_beside_it(found: Any, tmp_path: Any) -> None:
    qi.finish(found, str(tmp_path))
    names = {path.name for path in tmp_path.iterdir()}
    assert {"claims.csv", "harm.csv", "worth.csv", "spread.csv", "partners.csv", "summary.json"} <= names
    assert len(pd.read_csv(tmp_path / "claims.csv")) == len(tables(found)["claims"])
    qi.finish(qi.across("medicines"), str(tmp_path / "one"))
    assert '"collaborative": "medicines"' in (tmp_path / "one" / "summary.json").read_text()

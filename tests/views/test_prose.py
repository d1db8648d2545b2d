"""The words around the figures: one h1, questions that fit, notes that leave nothing out; all text escaped."""

import re
from dataclasses import replace

import pandas as pd
import pytest

import qitools as qi
from qitools.spc.rule_sets import RULE_SETS
from qitools.views.prose import Prose

HOSTILE = "Falls </h1><script>alert(1)</script> & Mòd"


@pytest.fixture(scope="module")
def falls() -> qi.Analysis:
    return qi.analyse(qi.load("falls"))


def test_a_page_has_one_h1_its_aim_and_its_progress(falls: qi.Analysis) -> None:
    html, text = qi.heading(falls)._repr_html_(), str(qi.heading(falls))
    assert re.findall(r"<h1>(.*?)</h1>", html) == ["Reducing inpatient falls"]
    assert f"Aim: {falls.method['aim']['statement']}" in text
    assert re.search(r"^(On course|Not yet|We cannot tell yet): ", text, re.MULTILINE)
    assert "Simulated data" in text


def test_a_team_page_is_headed_by_the_team(falls: qi.Analysis) -> None:
    team, name = falls.teams[["team", "name"]].iloc[2]
    html = qi.heading(falls, team)._repr_html_()
    assert re.findall(r"<h1>(.*?)</h1>", html) == [name]
    assert "Reducing inpatient falls" in html
    assert re.search(r'<p class="qi-progress">Falls per 1,000 occupied bed days: .*\.</p>', html)


def test_text_from_the_yaml_stays_text(falls: qi.Analysis) -> None:
    hostile = replace(
        falls, method={**falls.method, "title": HOSTILE, "attribution": HOSTILE, "aim": {"statement": HOSTILE}}
    )
    for prose in (qi.heading(hostile), qi.method(hostile)):
        assert "<script" not in prose._repr_html_()
        assert "&lt;script&gt;" in prose._repr_html_()


def test_questions_fit_in_a_session_and_end_with_the_next_test(falls: qi.Analysis) -> None:
    asked = qi.questions(falls).pieces[0][2]
    assert 3 <= len(asked) <= 12
    assert all(question.endswith("?") for question in asked)
    assert asked[-1].startswith("What will each team test")


def test_no_question_names_a_team_that_goes_the_wrong_way(falls: qi.Analysis) -> None:
    main = falls.series[falls.series["measure"] == "falls_rate"]
    names = falls.teams.set_index("team")["name"]
    wrong = [names[team] for team in main.loc[main["verdict"] == "worsened", "team"]]
    asked = [question for question in qi.questions(falls).pieces[0][2] if question.startswith("Falls per 1,000")]
    assert wrong
    assert not [name for name in wrong if any(name in question for question in asked)]


def test_every_team_can_be_asked_something(falls: qi.Analysis) -> None:
    for team in falls.teams["team"]:
        assert len(qi.questions(falls, team).pieces[0][2]) >= 2


def notes(prose: Prose) -> dict[str, list[str]]:
    return dict(prose.pieces[0][2])


def test_the_notes_say_everything_a_page_must(falls: qi.Analysis) -> None:
    said = notes(qi.method(falls))
    must = {"Data as at", "Simulated", "Charts", "Rules", "Baseline", "New centre lines", "Left out by decision"}
    assert must | {"Missing", "Source", "Files", "Versions"} <= set(said)
    assert said["Data as at"] == ["September 2026, the last period shown."]
    assert "a shift is 6 or more points in a row" in said["Rules"][0]
    assert "9 or more are a sustained shift" in said["Rules"][0]


def test_every_decision_stands_with_its_reason(falls: qi.Analysis) -> None:
    said = notes(qi.method(falls))
    lines = " ".join(said["New centre lines"] + said["Left out by decision"])
    decisions = falls.events[falls.events["kind"].isin(["phase", "exclusion"])]
    assert len(decisions)
    assert all(text in lines for text in decisions["text"])
    assert "decided by Analyst on 20 August 2025" in lines


def test_a_centre_line_found_in_the_data_is_told_from_a_decided_one() -> None:
    said = notes(qi.method(qi.analyse(qi.load("falls"), rebase="sustained-shift")))
    found = [line for line in said["New centre lines"] if "found in the data" in line]
    assert found
    assert not [line for line in found if "decided" in line]
    assert "where a sustained shift is found in the data" in said["Baseline"][-1]


@pytest.mark.parametrize("name", sorted(RULE_SETS))
def test_every_rule_set_has_words_and_a_source(name: str) -> None:
    dates = pd.date_range("2024-01-01", periods=14, freq="MS")
    table = pd.DataFrame({"team": "a", "measure": "m", "date": dates, "numerator": range(14), "denominator": 100})
    analysis = qi.analyse(table, better="lower", chart="i", rules=name, period="month")
    (words,) = notes(qi.method(analysis))["Rules"]
    assert RULE_SETS[analysis.measures["rule_set"].iloc[0]].source in words
    assert "{" not in words


def test_the_files_are_named_with_their_hashes(falls: qi.Analysis) -> None:
    files = " ".join(notes(qi.method(falls))["Files"])
    for source in falls.method["sources"]:
        assert source["file"] in files
        assert source["sha256"][:12] in files


def test_a_team_sees_its_own_gaps_only(falls: qi.Analysis) -> None:
    full = [team for team, rows in falls.points.groupby("team", observed=True) if rows["value"].notna().all()]
    assert "Missing" not in notes(qi.method(falls, str(full[0])))


def test_questions_name_only_teams_that_agreed_to_it():
    from dataclasses import replace

    import qitools as qi
    from qitools.views import asking

    falls = qi.analyse(qi.load("falls"))
    shared = {row["name"]: bool(row["share"]) for row in falls.teams.to_dict("records")}
    asked = " ".join(asking.of_room(falls, []))
    assert {name for name in shared if name in asked} <= {name for name, agreed in shared.items() if agreed}
    assert "Calderwren Ward" in asked and " more teams. What was changed" in asked
    silent = " ".join(asking.of_room(replace(falls, teams=falls.teams.assign(share=False)), []))
    assert not any(name in silent for name in shared)


def test_what_chance_would_give_is_not_asked_about_as_an_improvement(falls: qi.Analysis, monkeypatch) -> None:
    from qitools.analysis.ledger import Luck
    from qitools.views import asking

    def asked(observed: int) -> list[str]:
        monkeypatch.setattr(asking, "by_luck", lambda *_: Luck(observed, 27, 2.0, 0, 5))
        return [question for question in asking.of_room(falls, []) if question.startswith("Falls per 1,000")]

    assert any("a sustained improvement in" in question for question in asked(6))
    by_luck = asked(5)
    assert any("no more than chance would give" in question for question in by_luck)
    assert not any("sustained improvement" in question or "Calderwren" in question for question in by_luck)


def test_a_team_is_not_asked_what_it_changed_where_chance_explains_it(falls: qi.Analysis, monkeypatch) -> None:
    from qitools.analysis.ledger import Luck
    from qitools.views import asking

    row = falls.series[(falls.series["verdict"] == "improved") & falls.series["current"]].iloc[0]
    name = falls.measures.set_index("measure").loc[row["measure"], "name"]

    def asked(observed: int) -> list[str]:
        monkeypatch.setattr(asking, "by_luck", lambda *_: Luck(observed, 27, 2.0, 0, 5))
        return [question for question in asking.of_team(falls, str(row["team"]), 0) if name in question]

    assert [question[: question.index(":")] for question in asked(6)] == ["Improved"]
    assert [question[: question.index(":")] for question in asked(5)] == [
        "Improved, in no more teams than chance would give"
    ]


def test_a_process_that_improved_by_chance_is_not_held_against_the_outcome(falls: qi.Analysis, monkeypatch) -> None:
    from qitools.analysis.ledger import Luck
    from qitools.views import asking

    def asked(observed: int) -> bool:
        monkeypatch.setattr(asking, "by_luck", lambda *_: Luck(observed, 27, 2.0, 0, 5))
        return any(question.startswith("A process improved") for question in asking.of_room(falls, []))

    assert asked(6) and not asked(5)

"""The shipped examples: they load, say that they are simulated, and their data are what their recipes make."""

import re
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from qitools.collaborative.document import read_document
from qitools.collaborative.examples import RECIPES, RECORDS, write
from qitools.collaborative.loading import load
from qitools.collaborative.parameters import Driver, Parameters

NAMES = ["falls", "child_reviews", "delayed_discharge", "example", "outpatient_redesign"]
REAL = re.compile(
    r"\b(Ayrshire|Arran|Borders|Dumfries|Galloway|Fife|Forth Valley|Grampian|Glasgow|Clyde|Highland|Lanarkshire|Lothian"
    r"|Orkney|Shetland|Tayside|Western Isles|Aberdeen|Angus|Argyll|Bute|Clackmannan|Dundee|Edinburgh|Falkirk|Inverclyde"
    r"|Moray|Perth|Kinross|Renfrewshire|Stirling|Dunbartonshire|Eilean Siar|Midlothian)",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_loads_and_says_that_it_is_simulated(root, name):
    opened = load(root / "parameters" / f"{name}.yaml")
    assert opened.parameters.simulated
    assert "imulated" in opened.parameters.attribution
    assert not REAL.search((root / "parameters" / f"{name}.yaml").read_text(encoding="utf-8"))


def test_the_examples_show_the_breadth_of_a_national_system(root):
    sizes = {name: load(root / "parameters" / f"{name}.yaml") for name in NAMES[:3]}
    assert {name: len(one.parameters.teams) for name, one in sizes.items()} == {
        "falls": 28,
        "child_reviews": 32,
        "delayed_discharge": 31,
    }
    for one in sizes.values():
        assert {measure.kind for measure in one.parameters.measures} == {"outcome", "process", "balancing"}
        assert one.parameters.phases
        assert one.parameters.exclusions
        assert one.parameters.sessions
        assert one.parameters.aim.by
        assert any(team.joined for team in one.parameters.teams)
        assert 36 <= one.observations["date"].nunique() <= 48
        assert (one.findings["code"] == "gap").any()
    assert len({team.board for team in sizes["falls"].parameters.teams}) == 14


@pytest.mark.parametrize("name", NAMES[:3])
def test_the_examples_keep_logs_beside_their_figures(root, name):
    opened = load(root / "parameters" / f"{name}.yaml")
    records, teams = opened.records, {team.id for team in opened.parameters.teams}
    assert 60 <= len(records.pdsa) <= 120
    assert 4 <= len(teams - set(records.pdsa["team"])) <= 10  # teams that have tested nothing yet
    assert set(records.pdsa["decision"]) == {"adopt", "adapt", "abandon", ""}
    assert records.pdsa["end"].isna().sum() >= 3  # under way, or planned
    assert set(records.scores["kind"]) == {"self", "faculty"}
    assert records.scores["team"].nunique() >= len(teams) - 3
    assert set(records.stories["consent"]) == {True, False}
    assert set(records.offers["kind"]) == {"offer", "ask"}
    assert set(records.pdsa["driver"]) < set(records.drivers["node"])
    assert set(records.pdsa["idea"]) <= set(records.drivers.query("kind == 'idea'")["name"])
    assert records.drivers.groupby("node").size().max() > 1 or name == "delayed_discharge"
    assert 8 <= sum(team.share for team in opened.parameters.teams) < len(teams)
    texts = " ".join(records.pdsa.select_dtypes("str").to_numpy().ravel()) + " ".join(records.stories["text"])
    assert not REAL.search(texts)
    assert not re.search(r"\b(worst|best|failing|caused|saved)\b", texts + " ".join(records.offers["text"]))


@pytest.mark.parametrize("name", NAMES[:3])
def test_tests_come_before_the_improvements_that_are_planted(root, name):
    plan = read_document(root / "parameters" / RECORDS).data[name]
    pdsa = load(root / "parameters" / f"{name}.yaml").records.pdsa
    for ramp in plan["proven"]:
        tests = pdsa[(pdsa["team"] == ramp["team"]) & (pdsa["ramp"] == ramp["idea"])]
        assert tests["cycle"].tolist() == list(range(1, ramp["cycles"] + 1))
        assert tests["decision"].tolist() == ["adapt"] * (ramp["cycles"] - 1) + ["adopt"]
        assert (tests["end"] <= str(ramp["by"])).all()


@pytest.mark.parametrize("name", NAMES[:3])
def test_scores_claim_more_and_less_than_the_figures_where_the_recipe_says_so(root, name):
    plan = read_document(root / "parameters" / RECORDS).data[name]["scores"]
    figures = read_document(root / "parameters" / RECIPES).data[name]["effects"]
    opened = load(root / "parameters" / f"{name}.yaml")
    outcomes = [measure.id for measure in opened.parameters.measures if measure.kind == "outcome"]
    moved = {effect["team"] for effect in figures if effect["measure"] in outcomes}
    scores = opened.records.scores
    latest = scores[scores["kind"] == "self"].groupby("team")["score"].last()
    assert all(latest[team] == score and team not in moved for team, score in plan["claims"].items())
    assert all(latest[team] == score <= 2.5 and team in moved for team, score in plan["modest"].items())
    others = latest.drop([*plan["claims"], *plan["modest"]])
    assert set(others.index[others >= 3.5]) <= moved


def test_the_data_are_byte_for_byte_what_the_recipes_make(root, tmp_path):
    folder = root / "parameters"
    written = write(folder, tmp_path)
    # Figures, changes and four logs each; a register of training and of staff; figures and changes; files of a service.
    assert len(set(written)) == len(written) == 4 * 6 + 2 + 2 + 5
    for path in written:
        assert path.read_bytes() == (folder / path.relative_to(tmp_path)).read_bytes(), path.name
        assert all(row.endswith((b",simulated", b",origin")) for row in path.read_bytes().splitlines())


def test_the_example_shows_every_key(root):
    shown = {step for loc in read_document(root / "parameters" / "example.yaml").lines for step in loc}
    keys = _keys(Parameters)
    assert {"denominator", "not", "ideas", "until", "agenda"} <= keys
    assert keys - shown == {"only"}  # written as the value itself


def _keys(annotation: Any) -> set[str]:
    """The keys of every model inside an annotation, as the YAML writes them."""
    if annotation is Driver:
        return set(Driver.model_fields)  # drivers hold drivers
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields
        inner = (_keys(info.annotation) for info in fields.values())
        return {info.alias or name for name, info in fields.items()}.union(*inner)
    return set().union(*(_keys(one) for one in get_args(annotation)))

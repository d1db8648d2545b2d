"""Decisions are saved to the YAML of real collaboratives, and taken back without a trace."""

from datetime import date

import pytest

import qitools as qi
from qitools.collaborative.amending import Decision
from qitools.collaborative.saving import read, save

pytestmark = pytest.mark.real
WHO = {"by": "Analyst", "decided": date(2025, 9, 2)}
NAMES = {"ae_four_hour": "within_4h", "cancelled_operations": "cancelled"}


@pytest.mark.parametrize("name", NAMES)
def test_decisions_on_published_figures_are_saved_shown_and_taken_back(root, real_data, tmp_path, name):
    path, measure = tmp_path / f"{name}.yaml", NAMES[name]
    path.write_bytes((root / "tests" / "real" / path.name).read_bytes())
    before, opened = path.read_bytes(), qi.load(path, data=real_data)
    rows = opened.observations[(opened.observations["measure"] == measure) & opened.observations["numerator"].notna()]
    team, day = str(rows["team"].iloc[0]), rows["date"].iloc[40].date()
    decisions = [
        Decision("phase", "A new process", **WHO, team=team, measure=measure, date=day),
        Decision("annotation", "Winter pressure", **WHO, date=day),
        Decision("rules", "Agreed with the boards", **WHO, value="perla-2011"),
    ]
    seen = save(read(path), decisions, data=real_data)
    told = qi.history(qi.load(path, data=real_data), measure, team)
    assert {one.reason for one in decisions} <= set(told["reason"])
    save(seen, without=decisions, data=real_data)
    assert path.read_bytes() == before

"""The explorer without a browser: what is tried is what ``qi.analyse`` gives, and what is saved is what was tried."""

from __future__ import annotations

import builtins
import errno
import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import qitools as qi
from qitools.analysis.focus import focus
from qitools.collaborative.saving import read
from qitools.views import charts, explorer_pictures
from qitools.views.explorer import Explorer
from qitools.views.explorer_controls import StillChart
from qitools.views.explorer_pictures import at_once, complete, suggestions, tried
from qitools.views.explorer_state import Desk, State
from qitools.views.figure import sent
from qitools.views.subjects import subjects

YAML = """\
collaborative: small
title: A <b>small</b> collaborative
simulated: true
sources:
  observations: small.csv
measures:   # in this order
  - {id: checked, name: Checks done, kind: process, data: proportion, better: higher, target: 90}
  - {id: found, name: Things <i>found</i>, kind: outcome, data: count, better: lower}
  - {id: silent, name: Nothing sent, kind: outcome, data: count, better: lower}
teams:
  - {id: north, name: North & <u>Co</u>}
  - {id: south, name: South}
  - {id: west, name: West}
"""
LEVELS = {"north": 6, "south": 7, "west": 5}


def rows(months: int = 36) -> str:
    """Counts out of 20 that wander, and in the north rise after two years."""
    lines = ["team,measure,date,numerator,denominator"]
    for team, level in LEVELS.items():
        for m in range(months):
            day = f"{2023 + m // 12}-{m % 12 + 1:02d}-01"
            up = 9 if team == "north" and m >= 24 else 0
            lines.append(f"{team},checked,{day},{level + up + (7 * m + level) % 5},20")
            lines.append(f"{team},found,{day},{level + (5 * m + level) % 4},")
    return "\n".join([*lines, ""])


@pytest.fixture
def path(write_collaborative: Any) -> Path:
    made: Path = write_collaborative(YAML, rows())
    return made


@pytest.fixture
def desk(path: Path) -> Desk:
    return Desk(path)


@pytest.fixture
def explorer(path: Path) -> Explorer:
    made = qi.explorer(path)
    assert isinstance(made, Explorer)
    return made


def drawn(picture: explorer_pictures.Picture) -> dict[str, Any]:
    shown: dict[str, Any] = sent(picture.view)["data"]
    return shown


def expected(path: Path, team: str = "north", measure: str = "checked", **settings: Any) -> Any:
    """What the page shows with these settings: through the front door, of all teams and measures."""
    analysis = qi.analyse(qi.load(path), **settings)
    return charts.view(next(subjects(focus(analysis, team=team, measure=measure))))


SETTINGS: dict[str, Any] = {
    "chart": "p",
    "rules": "mdc",
    "baseline": 15,
    "screen": True,
    "rebase": "sustained-shift",
    "target": 75.0,
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_tried_shows_what_analyse_gives(path: Path, desk: Desk, name: str) -> None:
    desk.try_setting(name, SETTINGS[name])
    want = expected(path, **{name: {"checked": SETTINGS[name]} if name in ("chart", "target") else SETTINGS[name]})
    for picture in (at_once(desk), complete(desk)):
        assert drawn(picture) == sent(want)["data"]
        assert (picture.view.title, picture.view.params) == (want.title, want.params)
    assert complete(desk).view.sentence == want.sentence
    assert complete(desk).view.notes == want.notes


def test_auto_says_what_it_chose_and_why(explorer: Explorer, path: Path) -> None:
    explorer.ui.pick["chart"].value = "auto"
    assert "<p>auto chose the p chart: the points vary no more than chance" in explorer.ui.note["auto"].value
    want = expected(path, chart={"checked": "auto"})
    assert json.loads(explorer.chart.view)["set"]["title"]["text"] == want.title
    assert json.loads(explorer.chart.words)["set"]["description"] == want.sentence


def test_a_period_tried_adds_figures_up_as_the_next_load_will(desk: Desk, path: Path) -> None:
    desk.try_setting("period", "quarter")
    shown = drawn(complete(desk))
    desk.save("Analyst", "Small numbers")
    assert shown == drawn(complete(desk))
    assert len(shown["points"]["date"]) == 12
    assert "period: quarter" in path.read_text("utf-8")


def test_what_is_tried_is_what_is_shown_once_it_is_saved(explorer: Explorer, path: Path) -> None:
    desk, day = explorer.desk, date(2025, 1, 1)
    desk.go(desk.now.decided("phase", day, "New form"))
    desk.go(desk.now.decided("exclusion", date(2023, 5, 1), "Ward closed"))
    desk.go(desk.now.decided("annotation", date(2024, 3, 1), "Posters <up>"))
    for name, value in SETTINGS.items():
        if name != "rebase":  # a phase declared and one found here would be the same
            desk.try_setting(name, value)
    before = complete(desk)
    assert desk.save("Analyst", "To see the limits") == 8
    after = complete(desk)
    assert drawn(before) == drawn(after)
    assert before.view.sentence == after.view.sentence
    known = qi.load(path).parameters
    assert (known.rules, known.baseline, known.screen, known.measures[0].chart) == ("mdc", 15, True, "p")
    assert qi.history(qi.load(path))["reason"].tolist().count("To see the limits") == 5


def test_a_figure_made_in_a_run_is_the_page_s_own(path: Path, tmp_path: Path) -> None:
    figure = qi.explorer(path, out=str(tmp_path))
    assert isinstance(figure, qi.Figure)
    assert figure.sentence == qi.chart(qi.analyse(qi.load(path))).sentence


def test_undo_and_redo_walk_through_all_that_was_tried(explorer: Explorer) -> None:
    ui = explorer.ui
    first = explorer.chart.view
    ui.pick["rules"].value = "mdc"
    ui.pick["team"].value = "south"
    second = explorer.chart.view
    for name in ("undo", "undo"):
        ui.button[name].click()
    assert explorer.chart.view == first
    assert (ui.pick["rules"].value, ui.pick["team"].value) == ("his-2025", "north")
    assert ui.button["undo"].disabled
    for name in ("redo", "redo"):
        ui.button[name].click()
    assert explorer.chart.view == second
    assert ui.button["redo"].disabled
    ui.button["undo"].click()
    ui.pick["screen"].value = True
    assert ui.button["redo"].disabled  # what was undone before a new step is forgotten


def test_a_click_chooses_the_period_and_a_small_chart_its_team(explorer: Explorer) -> None:
    explorer._clicked({"date": "2024-06-01", "turn": 1})
    assert explorer.ui.pick["date"].value == explorer.chart.chosen == "2024-06-01"
    explorer._clicked({"date": "1999-01-01", "turn": 2})
    assert explorer.ui.pick["date"].value == "2024-06-01"
    explorer.ui.pick["team"].value = ""
    assert json.loads(explorer.chart.view)["panels"] == 3
    explorer._clicked({"panel": 1, "turn": 3})
    assert explorer.ui.pick["team"].value == "south"


def test_a_decision_needs_a_team_a_period_and_a_reason(explorer: Explorer) -> None:
    ui = explorer.ui
    ui.pick["team"].value = ""
    told = []
    for prepare in (
        lambda: None,
        lambda: setattr(ui.pick["team"], "value", "north"),
        lambda: setattr(ui.pick["date"], "value", "2025-01-01"),
        lambda: setattr(ui.text["reason"], "value", "New form"),
    ):
        prepare()
        ui.button["phase"].click()
        told.append(ui.status.value)
    for said, word in zip(told, ("one team", "period", "Write what happened", "Not saved yet"), strict=True):
        assert word in said
    assert [one.kind for one in explorer.desk.now.decisions] == ["phase"]
    assert "New form" in json.loads(explorer.chart.view)["data"]["phases"]["name"]


def test_what_the_data_suggest_is_shown_with_its_reason_and_never_applied(explorer: Explorer, path: Path) -> None:
    ui = explorer.ui
    found = qi.analyse(qi.load(path), rebase="sustained-shift").phases
    found = found[(found["team"] == "north") & (found["measure"] == "checked") & (found["trigger"] > 0)]
    assert [day for _, day in ui.pick["suggested"].options[1:]] == [f"{day:%Y-%m-%d}" for day in found["start"]] != []
    assert "points in a row" in ui.pick["suggested"].options[1][0]
    ui.pick["suggested"].value = ui.pick["suggested"].options[1][1]
    assert ui.pick["date"].value == ui.pick["suggested"].value
    assert explorer.desk.now.decisions == ()
    assert len(set(json.loads(explorer.chart.view)["data"]["lines"]["phase"])) == 1
    ui.pick["team"].value = "south"
    assert "No run" in ui.note["suggested"].value
    assert suggestions(explorer.desk) == []


def test_two_settings_side_by_side_and_what_differs(explorer: Explorer) -> None:
    ui = explorer.ui
    ui.pick["compare"].value = "saved"
    assert ui.note["differs"].value == "<p>Both show the same settings.</p>"
    ui.pick["chart"].value = "p"
    assert len(ui.charts.children) == 2
    assert explorer.left.view != explorer.chart.view
    said = ui.note["differs"].value
    assert "run chart (left)" in said
    assert "p chart (right)" in said
    assert "marked" in said
    ui.button["keep"].click()
    assert ui.note["differs"].value == "<p>Both show the same settings.</p>"
    ui.pick["team"].value = ""
    ui.pick["rules"].value = "mdc"
    assert "teams" in ui.note["differs"].value or "every team" in ui.note["differs"].value
    ui.pick["compare"].value = ""
    assert explorer.left.layout.display == "none"
    left = explorer.left
    ui.pick["compare"].value = "saved"
    assert explorer.left is left
    assert explorer.left.layout.display is None
    assert json.loads(explorer.left.words)["set"] == sent(complete(explorer.desk, State("checked")).view)["set"]


DIFFERENCES = {
    "phase": ("a new phase from January 2025", "12 against 0 points marked"),
    "exclusion": ("January 2025 left out", "12 against 11 points marked"),
    "annotation": ("a note in January 2025", "12 marked in both"),
}


@pytest.mark.parametrize("kind", DIFFERENCES)
def test_a_decision_on_one_side_alone_is_what_differs(explorer: Explorer, kind: str) -> None:
    ui, (what, points) = explorer.ui, DIFFERENCES[kind]

    def differs() -> str:
        return str(ui.note["differs"].value).removeprefix("<p>").removesuffix("</p>")

    ui.pick["compare"].value = "saved"
    ui.pick["date"].value, ui.text["reason"].value = "2025-01-01", "New <form>"
    ui.button[kind].click()
    assert differs().startswith(f"With {what} (right only), ")
    assert differs().endswith(f"{points}.")
    ui.button["keep"].click()
    ui.button["undo"].click()
    assert differs().startswith(f"With {what} (left only), ")
    ui.button["redo"].click()
    assert differs() == "Both show the same settings."
    ui.pick["compare"].value = "saved"
    ui.pick["team"].value = ""
    assert " of North &amp; &lt;u&gt;Co&lt;/u&gt;" in differs()
    ui.pick["team"].value = "south"  # whose chart the decision does not touch
    assert differs() == "Both show the same settings."


def test_a_target_and_a_team_s_period_are_what_differs(explorer: Explorer) -> None:
    ui = explorer.ui
    ui.pick["compare"].value = "saved"
    ui.pick["target"].value = "75"
    assert "With target 90 (left) and 75 (right), both say: improved" in ui.note["differs"].value
    ui.button["undo"].click()
    ui.pick["period"].value = "quarter"
    assert "With period month (left) and quarter (right), left: " in ui.note["differs"].value
    ui.pick["team"].value = ""
    assert "period of North &amp; &lt;u&gt;Co&lt;/u&gt; month (left)" in ui.note["differs"].value


def test_saving_needs_who_and_why_and_says_all_that_is_lacking(explorer: Explorer, path: Path) -> None:
    ui, before = explorer.ui, path.read_bytes()
    ui.button["save"].click()
    assert "nothing to save" in ui.status.value
    ui.pick["rules"].value = "mdc"
    ui.button["save"].click()
    assert "rules: reason" in ui.status.value
    assert "rules: by" in ui.status.value
    assert path.read_bytes() == before
    ui.text["by"].value, ui.text["why"].value = "Analyst", "To <compare> with others"
    ui.button["preview"].click()
    assert "+rules: mdc" in ui.note["diff"].value
    assert "To &lt;compare&gt;" in ui.note["diff"].value
    assert path.read_bytes() == before
    ui.button["save"].click()
    assert "Saved to small.yaml: 1 decision" in ui.status.value
    assert qi.load(path).parameters.rules == "mdc"
    assert "To &lt;compare&gt; with others" in ui.note["history"].value
    assert explorer.desk.now.decisions == ()
    ui.button["take_back"].click()
    assert path.read_bytes() == before


def test_a_file_changed_meanwhile_is_refused_with_both_versions_and_nothing_is_lost(
    explorer: Explorer, path: Path
) -> None:
    ui = explorer.ui
    ui.pick["rules"].value = "mdc"
    ui.text["by"].value, ui.text["why"].value = "Analyst", "Why not"
    path.write_text(path.read_text("utf-8").replace("target: 90", "target: 95"), "utf-8")
    theirs = path.read_bytes()
    ui.button["save"].click()
    assert "was changed by someone else" in ui.status.value
    assert "target: 95" in ui.note["diff"].value
    assert "+rules: mdc" in ui.note["diff"].value
    assert path.read_bytes() == theirs
    ui.button["reopen"].click()
    assert "opened again" in ui.status.value
    assert (ui.pick["rules"].value, ui.pick["target"].value) == ("mdc", "95")
    ui.button["save"].click()
    known = qi.load(path).parameters
    assert (known.rules, known.measures[0].target) == ("mdc", 95)


def test_two_sessions_saving_lose_nothing(path: Path) -> None:
    one, two = qi.explorer(path), qi.explorer(path)
    for who, session in (("One", one), ("Two", two)):
        session.ui.pick["date"].value = "2024-02-01"
        session.ui.text["reason"].value = f"Note of {who}"
        session.ui.button["annotation"].click()
        session.ui.text["by"].value = who
        session.ui.button["save"].click()
    assert "was changed by someone else" in two.ui.status.value
    two.ui.button["reopen"].click()
    two.ui.button["save"].click()
    assert [one.text for one in qi.load(path).parameters.annotations] == ["Note of One", "Note of Two"]


def broken(path: Path, how: str, patch: pytest.MonkeyPatch) -> None:
    if how == "read-only":
        path.chmod(0o444)
    elif how == "gone":
        path.unlink()
    else:
        real = os.fsync

        def full(handle: int) -> None:
            real(handle)
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(os, "fsync", full)


@pytest.mark.parametrize(
    ("how", "word"), [("read-only", "read-only"), ("gone", "nothing there"), ("full", "a full disk")]
)
def test_what_cannot_be_written_is_said_and_kept(
    explorer: Explorer, path: Path, how: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ui, before = explorer.ui, path.read_bytes()
    ui.pick["rules"].value = "mdc"
    ui.text["by"].value, ui.text["why"].value = "Analyst", "Why not"
    with monkeypatch.context() as patch:
        broken(path, how, patch)
        ui.button["save"].click()
        assert word in ui.status.value
        assert ("as it was" in ui.status.value) == (how != "gone")  # a file no longer there is not as it was
        assert 'role="alert"' in ui.status.value
    assert ui.text["why"].value == "Why not"
    assert [one.kind for one in explorer.desk.now.decisions] == ["rules"]
    if how == "gone":
        ui.button["reopen"].click()
        assert "nothing there" in ui.status.value
        path.write_bytes(before)
    path.chmod(0o644)
    assert path.read_bytes() == before
    ui.button["save"].click()
    assert "Saved to small.yaml" in ui.status.value


def test_a_measure_without_figures_says_so_and_the_way_back_is_open(explorer: Explorer) -> None:
    ui = explorer.ui
    first = explorer.chart.view
    ui.pick["measure"].value = "silent"
    assert json.loads(explorer.chart.view)["panels"] == 0
    assert json.loads(explorer.chart.words)["set"]["description"] == "There are no figures for this choice."
    assert ui.pick["date"].options == (("choose a period", ""),)
    for team in ("", "south"):
        ui.pick["team"].value = team
        assert json.loads(explorer.chart.view)["panels"] == 0
    ui.pick["rebase"].value = "sustained-shift"
    assert json.loads(explorer.chart.view)["panels"] == 0
    ui.pick["rebase"].value = "none"
    ui.pick["measure"].value, ui.pick["team"].value = "checked", "north"
    assert explorer.chart.view == first


def test_a_chart_that_does_not_fit_the_figures_is_refused_in_words(explorer: Explorer) -> None:
    ui = explorer.ui
    ui.pick["measure"].value = "found"
    explorer.desk.try_setting("chart", "p")
    assert not explorer._draw()
    assert "denominators" in json.loads(explorer.chart.view)["set"]["description"]
    assert 'role="alert"' in ui.status.value
    ui.button["undo"].click()
    assert json.loads(explorer.chart.view)["panels"] == 1
    ui.pick["target"].value = "ninety"
    assert "&#x27;ninety&#x27;" in ui.status.value


def test_a_team_that_left_the_file_is_named_and_the_rest_goes_on(explorer: Explorer, path: Path) -> None:
    ui = explorer.ui
    ui.pick["team"].value = "west"
    ui.pick["rules"].value = "mdc"
    text = path.read_text("utf-8").replace("  - {id: west, name: West}\n", "")
    path.write_text(text, "utf-8")
    data = path.with_suffix(".csv")
    data.write_text("\n".join(line for line in data.read_text().splitlines() if "west" not in line) + "\n")
    ui.button["reopen"].click()
    assert "west is no longer in the file" in ui.status.value
    assert ui.pick["team"].value == ""
    assert json.loads(explorer.chart.view)["panels"] == 2
    assert ui.pick["rules"].value == "mdc"


def test_two_hundred_teams_are_drawn_and_said(write_collaborative: Any) -> None:
    teams = "".join(f"  - {{id: t{i}, name: Team {i}}}\n" for i in range(200))
    csv = "team,measure,date,numerator,denominator\n" + "".join(
        f"t{i},checked,2025-{m:02d}-01,{(i + m) % 9},20\n" for i in range(200) for m in range(1, 13)
    )
    path = write_collaborative(YAML.split("teams:")[0] + "teams:\n" + teams, csv)
    explorer = qi.explorer(path)
    explorer.ui.pick["team"].value = ""
    assert json.loads(explorer.chart.view)["panels"] == 200
    assert "200 small charts" in explorer.ui.status.value


def test_without_a_live_chart_words_and_numbers_remain(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def no_anywidget(name: str, *more: Any) -> Any:
        if name.partition(".")[0] == "anywidget" or name == "qitools.views.live":
            raise ModuleNotFoundError("No module named 'anywidget'", name="anywidget")
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", no_anywidget)
    explorer = qi.explorer(path)
    assert isinstance(explorer.chart, StillChart)
    assert "anywidget" in explorer.chart.value
    explorer.ui.pick["rules"].value = "mdc"
    explorer.ui.pick["chart"].value = "p"
    assert "North &amp; &lt;u&gt;Co&lt;/u&gt;" in explorer.chart.value
    assert "<table>" in explorer.chart.value


def test_where_widgets_cannot_be_shown_the_chart_as_saved_and_the_way_to_explore_it(explorer: Explorer) -> None:
    data, about = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "qitools explore small" in data["text/html"]
    assert 'class="qi-sentence"' in data["text/html"]
    assert data["text/plain"].startswith("Checks done, North & <u>Co</u>")
    assert about["qitools"]["kind"] == "chart"


def test_words_from_the_file_are_never_markup(explorer: Explorer, path: Path) -> None:
    ui = explorer.ui
    ui.pick["date"].value, ui.text["reason"].value = "2024-02-01", "<script>alert(1)</script>"
    ui.button["annotation"].click()
    ui.text["by"].value = "<img src=x>"
    ui.button["preview"].click()
    shown = [*(one.value for one in ui.note.values()), ui.status.value, explorer.chart.html]
    assert not [text for text in shown if "<script" in text or "<img" in text or "<u>" in text]
    assert any("&lt;script&gt;" in text for text in shown)


def test_a_collaborative_without_a_file_can_be_looked_at_and_not_saved(path: Path) -> None:
    explorer = qi.explorer(qi.load(path))
    explorer.ui.pick["rules"].value = "mdc"
    for name in ("save", "preview", "reopen"):
        explorer.ui.button[name].click()
        assert "not opened from a YAML file" in explorer.ui.status.value


def test_a_part_holds_only_what_is_looked_at(desk: Desk) -> None:
    small = tried(desk, team="north")
    assert set(small.observations["team"]) == {"north"}
    assert [one.id for one in small.parameters.measures] == ["checked"]
    assert len(tried(desk).parameters.teams) == 3


def test_an_earlier_day_holds_for_all_that_is_shown(path: Path) -> None:
    explorer = qi.explorer(path, as_of="2024-06-30")
    assert json.loads(explorer.chart.view)["data"]["points"]["date"][-1] == "2024-06-01"
    explorer.ui.pick["rules"].value = "mdc"
    explorer.ui.text["by"].value, explorer.ui.text["why"].value = "Analyst", "Why not"
    explorer.ui.button["save"].click()
    assert json.loads(explorer.chart.view)["data"]["points"]["date"][-1] == "2024-06-01"
    assert read(path).text.count("mdc") == 2


@pytest.mark.soak
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")
def test_an_unprivileged_user_on_a_full_disk_keeps_file_and_choice(path: Path) -> None:
    """A real limit on file size, as a user whom the folder belongs to."""
    for one in (path.parent, *path.parent.iterdir()):
        os.chown(one, 65534, 65534)
    path.parent.parent.chmod(0o755)
    before = path.read_bytes()
    script = f"""
import os, resource, signal, qitools as qi
e = qi.explorer({str(path)!r})
e.ui.pick["rules"].value = "mdc"
e.ui.text["by"].value, e.ui.text["why"].value = "Analyst", "Why not"
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
os.setgid(65534); os.setuid(65534)
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
e.ui.button["save"].click()
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
os.write(1, (e.ui.status.value + "|" + e.desk.now.decisions[0].kind).encode())
"""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=300)
    assert done.stdout.endswith("|rules"), done.stderr
    assert "was not written, and is as it was" in done.stdout
    assert path.read_bytes() == before


@pytest.mark.real
@pytest.mark.parametrize("name", ["ae_four_hour", "cancelled_operations"])
def test_real_figures_are_explored(name: str, root: Path, real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QITOOLS_DATA", str(real_data))
    explorer = qi.explorer(root / "tests" / "real" / f"{name}.yaml")
    explorer.ui.pick["chart"].value = "auto"
    assert "auto chose the p′ chart" in explorer.ui.note["auto"].value
    assert "Simulated" not in str(json.loads(explorer.chart.view)["set"]["title"])
    explorer.ui.pick["team"].value = ""
    explorer.ui.pick["compare"].value = "saved"
    assert json.loads(explorer.chart.view)["panels"] == len(explorer.desk.opened.parameters.teams)
    assert "run chart (left)" in explorer.ui.note["differs"].value


def test_a_state_is_a_value(desk: Desk) -> None:
    now = desk.now
    assert now.setting("rules", "mdc", "his-2025") != now
    assert now.setting("rules", "his-2025", "his-2025") == now
    assert hash(replace(now, team="")) != hash(now)


def test_an_undo_and_a_choice_right_after_it_do_not_meet_half_way(path):
    """JupyterLab has them taken by two threads; what comes second waits for the first to be done."""
    explorer, begun, goes_on = Explorer(Desk(path)), threading.Event(), threading.Event()
    explorer.ui.pick["rules"].value = "mdc"
    move = explorer.desk.move

    def held(steps: int) -> None:
        begun.set()
        goes_on.wait(60)
        move(steps)

    explorer.desk.move = held
    told = (
        {"method": "custom", "content": {"event": "click"}},
        {"method": "update", "state": {"index": 2}, "buffer_paths": []},
    )
    page = [
        threading.Thread(target=part.comm.handle_msg, args=[{"content": {"data": one}, "buffers": []}])
        for part, one in zip((explorer.ui.button["undo"], explorer.ui.pick["team"]), told, strict=True)
    ]
    page[0].start()
    assert begun.wait(60)
    page[1].start()
    page[1].join(0.5)
    assert page[1].is_alive(), "the choice is taken up while undo is still at work"
    goes_on.set()
    for one in page:
        one.join(60)
    assert (explorer.desk.now.team, explorer.ui.pick["team"].value) == ("south", "south")
    assert explorer.desk.value("rules") == "his-2025"

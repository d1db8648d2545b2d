"""Names with accents, Gaelic, emoji, quotes and markup go through the whole way, from YAML to page, and stay names."""

import json
import re

import pytest

pytestmark = pytest.mark.browser
NAMES = (
    "Àrd-ospadal na Mòr-thìr",
    "Ward 🏥 \"A\" & 'B'",
    "<script>document.title='owned'</script>",
    "</script><img src=x onerror=\"document.title='owned'\"> {{7*7}} ${7*7} datum.value",
)
MEASURE = "Falls <b>per</b> 1,000 \\ bed days {per}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, run_command):
    folder = tmp_path_factory.mktemp("hostile")
    teams = "".join(f"\n  - {{id: t{i}, name: {json.dumps(name, ensure_ascii=False)}}}" for i, name in enumerate(NAMES))
    (folder / "hostile.yaml").write_text(
        f"""collaborative: hostile
title: {json.dumps(NAMES[3])}
simulated: true
attribution: {json.dumps(NAMES[2])}
aim: {{statement: {json.dumps(NAMES[2])}, measure: falls, change: -10%, by: 2025-12-31}}
period: month
rules: his-2025
audience: internal
sources:
  observations: data.csv
  changes: changes.csv
measures:
  - {{id: falls, name: {json.dumps(MEASURE)}, kind: outcome, data: rate, per: 1000, better: lower, chart: run,
     numerator: {json.dumps(NAMES[2])}, denominator: Bed days, definition: {json.dumps(NAMES[3])}}}
teams: {teams}
""",
        encoding="utf-8",
    )
    months = [f"{2023 + i // 12}-{i % 12 + 1:02}-01" for i in range(24)]
    rows = [f"t{t},falls,{month},{(7 * i + 3 * t) % 11 + 2},1000" for t in range(4) for i, month in enumerate(months)]
    (folder / "data.csv").write_text("\n".join(["team,measure,date,numerator,denominator", *rows]), encoding="utf-8")
    quoted = NAMES[3].replace('"', '""')
    change = f't0,falls,2023-06-01,"{quoted}"'
    (folder / "changes.csv").write_text(f"team,measure,date,text\n{change}\n", encoding="utf-8")
    return run_command(folder, "--parameters", str(folder), "--team", "t3")


@pytest.mark.parametrize("report", ["index", "learning_session", "team_report"])
def test_hostile_names_are_shown_and_do_nothing(report, hostile, open_page):
    path = hostile / "index.html" if report == "index" else next((hostile / "hostile" / report).rglob("*.html"))
    opened = open_page(path)
    assert "owned" not in re.sub(re.escape(NAMES[3]), "", opened.page.title())
    assert opened.requests == opened.complaints == []
    assert opened.violations() == []
    assert opened.page.locator("main img, main script:not([type]), main b").count() == 0
    words = opened.page.locator("body").inner_text()
    assert NAMES[3] in words
    for figure in opened.figures():
        if not figure["panels"]:  # words, where there is nothing to draw
            assert figure["fallback"]
            continue
        assert figure["lines"] + figure["bars"] > 0 or not figure["shown"]  # a vote is shown when it is presented
        assert figure["cut"] == []
    opened.close()


def test_every_hostile_name_can_be_chosen(hostile, open_page):
    opened = open_page(next((hostile / "hostile" / "learning_session").rglob("*.html")))
    figure = opened.page.locator('figure[data-qi-kind="chart"]')
    for name in reversed(NAMES):
        figure.get_by_label("Team").select_option(name)
        figure.locator(".role-title text", has_text=name[:12]).first.wait_for()
        assert name in figure.locator(".qi-sentence").inner_text()
        assert figure.get_attribute("data-qi-state") == "drawn"
    assert opened.page.title() != "owned"
    assert opened.complaints == []
    opened.close()

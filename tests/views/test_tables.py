"""Tables to read: captions, headers, escaping, order and the limit on rows."""

import pandas as pd
import pytest

import qitools as qi
from qitools.views.tables import MAX_ROWS, Table, table_html

HOSTILE = "<script>alert('Mòd & \"sgoil\" 🏥')</script>"


@pytest.fixture(scope="module")
def falls() -> qi.Analysis:
    return qi.analyse(qi.load("falls"))


def test_every_cell_header_and_caption_is_escaped() -> None:
    html = Table(HOSTILE, pd.DataFrame({HOSTILE: [HOSTILE], "x": [HOSTILE]}))._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5  # the label of the region, caption, header and two cells


def test_first_column_heads_the_row_and_numbers_are_aligned() -> None:
    html = table_html(pd.DataFrame({"Ward": ["A"], "Falls": ["4.2"]}), "Falls", ("Falls",))
    assert '<th scope="col">Ward</th><th scope="col" class="qi-number">Falls</th>' in html
    assert '<th scope="row">A</th><td class="qi-number">4.2</td>' in html


@pytest.mark.parametrize(("rows", "more"), [(MAX_ROWS, False), (MAX_ROWS + 3, True)])
def test_a_long_table_says_what_it_leaves_out(rows: int, more: bool) -> None:
    html = table_html(pd.DataFrame({"Ward": [str(n) for n in range(rows)]}), "Wards")
    assert html.count('<th scope="row">') == MAX_ROWS
    assert ("3 more are in the CSV files" in html) is more


def test_what_is_not_quiet_stands_out() -> None:
    frame = pd.DataFrame({"Team": ["A", "B"], "Says": ["Improved", "No sustained change"], "x": ["Improved", ""]})
    html = Table("Signals", frame, verdicts=("Says",))._repr_html_()
    assert html.count("<strong>") == 1
    assert "<td><strong>Improved</strong></td>" in html


def test_signals_keep_the_order_of_the_yaml(falls: qi.Analysis) -> None:
    table = qi.signals(falls).frame
    assert table["Team"].tolist() == falls.teams["name"].tolist()
    assert table.columns[:2].tolist() == ["Team", "Board"]
    assert len(table.columns) == 2 + len(falls.measures)


def test_signals_say_what_the_series_say(falls: qi.Analysis) -> None:
    table = qi.signals(falls).frame.set_index("Team")
    column = next(name for name in table if str(name).startswith(falls.measures["name"].iloc[0]))
    improved = falls.series[(falls.series["measure"] == "falls_rate") & (falls.series["verdict"] == "improved")]
    names = falls.teams.set_index("team")["name"]
    assert {names[team] for team in improved["team"]} == set(table.index[table[column].str.startswith("Improved")])


def test_one_team_gets_one_row_a_measure(falls: qi.Analysis) -> None:
    team = falls.teams["team"].iloc[0]
    table = qi.signals(falls, team)
    assert falls.teams["name"].iloc[0] in table.caption
    assert len(table.frame) == len(falls.measures)
    assert table.frame["Period"].str.fullmatch(r"[A-Z][a-z]{2}\s\d{4}").all()


def test_an_unknown_team_is_refused_with_the_nearest(falls: qi.Analysis) -> None:
    with pytest.raises(qi.ParameterError, match="did you mean 'almara'"):
        qi.signals(falls, "allmara")

"""What comes through the door: the contract's tables, completed, limited to a date and to an audience."""

import os

import pandas as pd
import pytest

from qitools.collaborative.loading import load

HEAD = "team,measure,date,numerator,denominator\n"
MANY = """\
collaborative: small
title: A small collaborative
audience: internal
sources:
  observations: {observations}
{more}
measures:
  - {{id: checked, name: Checks done, kind: process, data: proportion, better: higher}}
  - {{id: hours, name: Hours, kind: balancing, data: value, better: lower}}
teams:
  - {{id: south, name: South}}
  - {{id: north, name: North, code: N1{team}}}
"""


def yaml(observations="small.csv", more="", team=""):
    return MANY.format(observations=observations, more=more, team=team)


def rows(*lines):
    return HEAD + "".join(f"{line}\n" for line in lines)


def test_the_observations_are_those_of_the_contract(write_collaborative):
    found = load(write_collaborative()).observations
    assert list(found) == ["team", "measure", "date", "numerator", "denominator", "stratum", "status"]
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        "team": "category",
        "measure": "category",
        "date": "datetime64[us]",
        "numerator": "float64",
        "denominator": "float64",
        "stratum": "str",
        "status": "str",
    }
    assert isinstance(found.index, pd.RangeIndex)


def test_an_absent_period_is_missing_never_zero(write_collaborative):
    opened = load(write_collaborative())
    north = opened.observations[opened.observations["team"] == "north"]
    assert north["status"].tolist() == ["reported", "reported", "missing", "reported"]
    assert north["numerator"].isna().tolist() == [False, False, True, False]
    gap = opened.findings.iloc[0]
    assert (gap["code"], gap["team"], gap["date"]) == ("gap", "north", pd.Timestamp("2025-03-01"))


def test_teams_and_measures_stand_in_the_order_of_the_yaml(write_collaborative):
    csv = rows("N1,hours,2025-01-01,5,", "N1,checked,2025-01-01,5,9", "south,checked,2025-01-01,5,9")
    opened = load(write_collaborative(yaml(), csv))
    assert opened.observations["team"].tolist() == ["south", "north", "north"]
    assert opened.observations["measure"].tolist() == ["checked", "checked", "hours"]
    assert opened.findings["code"].tolist() == ["no_data"]


def test_empty_ends_of_a_series_are_cut_and_empty_middles_are_missing(write_collaborative):
    csv = rows(*(f"N1,hours,2025-{month:02d}-01,{text}," for month, text in enumerate(["", "4", "", "6", ""], 1)))
    found = load(write_collaborative(yaml(), csv)).observations
    assert found["numerator"].fillna(-1).tolist() == [4, -1, 6]
    assert found["status"].tolist() == ["reported", "missing", "reported"]


@pytest.mark.parametrize(
    ("period", "texts", "first"),
    [
        ("month", ["2024-05-31", "2024-06", "202407", "20240801", "2024-09-01T00:00:00"], "2024-05-01"),
        ("quarter", ["2019Q4", "2020-Q1", "2020-06-30", "2020-09", "2020 q4"], "2019-10-01"),
        ("week", ["2024-06-02", "2024-W23", "2024-06-12", "2024-06-17", "2024-06-24"], "2024-05-27"),
    ],
)
def test_a_period_is_known_by_its_first_day(write_collaborative, period, texts, first):
    csv = rows(*(f"N1,hours,{text},4," for text in texts))
    found = load(write_collaborative(yaml(more=f"period: {period}"), csv)).observations
    assert found["date"].iloc[0] == pd.Timestamp(first)
    assert found["status"].tolist() == ["reported"] * 5


def test_marks_mean_what_the_source_says(write_collaborative):
    csv = rows("N1,checked,2025-01-01,n/a,9", "N1,checked,2025-02-01,*,9", "N1,checked,2025-03-01,4,9")
    source = "{file: small.csv, missing: [n/a], suppressed: ['*']}"
    found = load(write_collaborative(yaml(source), rows("N1,checked,2024-12-01,4,9") + csv.removeprefix(HEAD)))
    assert found.observations["status"].tolist() == ["reported", "missing", "suppressed", "reported"]
    assert found.observations["numerator"].isna().tolist() == [False, True, True, False]


def test_a_zero_denominator_is_noted_not_refused(write_collaborative):
    csv = rows("N1,checked,2025-01-01,0,0", "N1,checked,2025-02-01,4,", "N1,checked,2025-03-01,4,9")
    opened = load(write_collaborative(yaml(), csv))
    noted = opened.findings[opened.findings["code"].str.contains("denominator")]
    assert list(zip(noted["code"], noted["line"], strict=True)) == [("no_denominator", 3), ("zero_denominator", 2)]
    assert len(opened.observations) == 3


def test_parts_of_one_number_are_added_when_the_source_says_so(write_collaborative):
    csv = rows("N1,checked,2025-01-03,3,4", "N1,checked,2025-01-20,2,5")
    opened = load(write_collaborative(yaml("{file: small.csv, duplicates: add}"), csv))
    assert opened.observations[["numerator", "denominator"]].to_numpy().tolist() == [[5, 9]]
    assert opened.findings["code"].tolist()[0] == "added_rows"


def test_columns_map_and_rows_are_chosen(write_collaborative):
    source = (
        "{file: small.csv, team: Ward, date: Month, date_format: '%d/%m/%Y', separator: ';', encoding: cp1252,"
        " where: {Site: {not: Total}}, measures: {checked: {numerator: Tæller, denominator: Nævner}}}"
    )
    csv = "Ward;Month;Tæller;Nævner;Site\nN1;31/01/2025;3;4;A\nN1;31/01/2025;9;9;Total\n".encode("cp1252")
    found = load(write_collaborative(yaml(source), csv)).observations
    assert found[["team", "measure", "numerator", "denominator"]].to_numpy().tolist() == [["north", "checked", 3, 4]]
    assert found["date"].tolist() == [pd.Timestamp("2025-01-01")]


def test_several_files_make_one_table(write_collaborative):
    more = "{file: more.csv, measures: {hours: {numerator: h}}}"
    files = {"more.csv": "team,date,h\nN1,2025-01-01,7.5\n"}
    path = write_collaborative(yaml(f"[{{file: small.csv}}, {more}]"), rows("N1,checked,2025-01-01,3,4"), files=files)
    opened = load(path)
    assert opened.observations["measure"].tolist() == ["checked", "hours"]
    assert opened.provenance["file"].tolist() == ["small.yaml", "small.csv", "more.csv"]


def test_as_of_leaves_out_what_came_later(write_collaborative):
    more = (
        "  changes: changes.csv\n"
        "phases:\n  - {team: north, measure: hours, start: 2025-02-01, reason: One}\n"
        "  - {team: north, measure: hours, start: 2025-03-01, reason: Two}\n"
        "exclusions:\n  - {date: 2025-02-01, until: 2025-03-01, reason: Closed}"
    )
    csv = rows(*(f"N1,hours,2025-{month:02d}-01,{month}," for month in (1, 2, 3, 4)))
    files = {"changes.csv": "team,date,text\nN1,2025-02-20,A\n,2025-03-02,B\n"}
    path = write_collaborative(yaml(more=more), csv, files=files)
    assert load(path).as_of == pd.Timestamp("2025-04-01")
    opened = load(path, as_of="2025-02-28")
    assert opened.observations["date"].max() == pd.Timestamp("2025-02-01")
    assert [phase.reason for phase in opened.parameters.phases] == ["One"]
    assert [str(one.date) for one in opened.parameters.exclusions] == ["2025-02-01"]
    assert opened.changes[["team", "text"]].to_numpy().tolist() == [["north", "A"]]
    assert load(path, as_of="2025-02-01").changes["text"].tolist() == ["A"]  # made later in the last period shown


def test_one_exclusion_may_cover_many_series(write_collaborative):
    more = "exclusions:\n  - {date: 2025-01-01, until: 2025-02-01, reason: Pandemic}"
    csv = rows("N1,hours,2025-01-01,1,", "N1,hours,2025-02-01,1,", "south,checked,2025-02-01,1,2")
    excluded = load(write_collaborative(yaml(more=more), csv)).parameters.exclusions
    assert [(one.team, one.measure, str(one.date)) for one in excluded] == [
        ("south", "checked", "2025-02-01"),
        ("north", "hours", "2025-01-01"),
        ("north", "hours", "2025-02-01"),
    ]


def test_the_months_of_a_small_team_become_quarters(write_collaborative):
    csv = rows(*(f"N1,checked,2025-{month:02d}-01,{month},20" for month in (1, 2, 3, 4, 5, 7, 8, 9)))
    opened = load(write_collaborative(yaml(team=", period: quarter"), csv))
    assert opened.observations["date"].dt.strftime("%Y-%m").tolist() == ["2025-01", "2025-04", "2025-07"]
    assert opened.observations["numerator"].fillna(-1).tolist() == [6, -1, 24]
    assert opened.observations["status"].tolist() == ["reported", "missing", "reported"]
    assert "part_quarter" in opened.findings["code"].tolist()


def test_a_quarter_is_shown_when_its_last_month_is(write_collaborative):
    csv = rows(*(f"N1,checked,2025-{month:02d}-01,{month},20" for month in range(1, 7)))
    path = write_collaborative(yaml(team=", period: quarter"), csv)
    assert load(path).as_of == pd.Timestamp("2025-06-01")
    assert len(load(path).observations) == 2
    assert load(path, as_of="2025-05-31").observations["numerator"].tolist() == [6]


@pytest.mark.parametrize("audience", ["public", "partners"])
def test_small_counts_never_reach_an_outside_audience(write_collaborative, audience):
    csv = rows(*(f"N1,checked,2025-{month:02d}-01,{count},20" for month, count in enumerate([0, 1, 4, 5], 1)))
    path = write_collaborative(yaml(), csv + "N1,hours,2025-01-01,3,\n")
    opened = load(path, audience)
    checked = opened.observations[opened.observations["measure"] == "checked"]
    assert checked["numerator"].fillna(-1).tolist() == [0, -1, -1, 5]
    assert checked["status"].tolist() == ["reported", "suppressed", "suppressed", "reported"]
    assert opened.findings["code"].tolist().count("small_count") == 2
    assert opened.observations["numerator"].iloc[-1] == 3  # hours are no count of people
    assert load(path).findings["code"].tolist().count("small_count") == 0
    told = opened.findings.drop(columns=["date", "line"]).to_csv() + repr(opened.findings["found"].tolist())
    assert "'1'" not in told
    assert "'4'" not in told


@pytest.mark.parametrize(
    ("numerator", "denominator", "left"),
    [(18, 20, [None, 20]), (20, 20, [20, 20]), (15, 20, [15, 20]), (16, 20, [None, 20]), (0, 3, [None, None])],
)
def test_what_a_share_leaves_over_is_a_count_too(write_collaborative, numerator, denominator, left):
    csv = rows("N1,checked,2025-01-01,50,100", f"N1,checked,2025-02-01,{numerator},{denominator}")
    last = load(write_collaborative(yaml(), csv), "public").observations.iloc[-1]
    assert [None if pd.isna(last[name]) else last[name] for name in ("numerator", "denominator")] == left
    assert last["status"] == ("suppressed" if left[0] is None else "reported")


def test_a_collaborative_names_itself_in_a_line(write_collaborative):
    told = repr(load(write_collaborative(), "public"))
    assert told == "Collaborative('small', teams 2, measures 1, observations 6, as of 2025-04-01, audience public)"


def test_names_that_look_alike_are_alike(write_collaborative):
    text = yaml(team=", tags: [a]").replace("code: N1", "code: Gle\u0300n\u00a0A")  # decomposed, with a no-break space
    csv = rows("Gl\u00e8n A,checked,2025-01-01,3,4", "Gle\u0300n A\u200b,checked,2025-02-01,3,4")
    assert load(write_collaborative(text, csv)).observations["team"].tolist() == ["north", "north"]


def test_a_file_whose_name_looks_the_same_is_found(write_collaborative):
    path = write_collaborative(yaml("Gle\u0300n.csv"))
    path.with_name("Gle\u0300n.csv").write_text(rows("N1,checked,2025-01-01,3,4"), encoding="utf-8")
    assert load(path).provenance["file"].tolist() == ["small.yaml", "Gl\u00e8n.csv"]


def test_utf_16_is_read_where_the_source_says_so(write_collaborative):
    raw = rows("N1,checked,2025-01-01,3,4").encode("utf-16")
    assert len(load(write_collaborative(yaml("{file: small.csv, encoding: utf-16}"), raw)).observations) == 1


def test_figures_from_before_a_team_joined_are_noted(write_collaborative):
    csv = rows("N1,checked,2025-01-01,3,4", "N1,checked,2025-02-01,3,4", "N1,hours,2025-02-01,3,")
    found = load(write_collaborative(yaml(team=", joined: 2025-02-11"), csv)).findings
    early = found[found["code"] == "before_joined"]
    assert early[["team", "measure", "line", "expected"]].to_numpy().tolist() == [
        ["north", "checked", 2, "none before the team joined, 2025-02-11"]
    ]


def test_data_may_live_elsewhere(write_collaborative, tmp_path, monkeypatch):
    path = write_collaborative()
    (tmp_path / "elsewhere").mkdir()
    (path.parent / "small.csv").rename(tmp_path / "elsewhere" / "small.csv")
    assert len(load(path, data=tmp_path / "elsewhere").observations) == 6
    monkeypatch.setenv("QITOOLS_DATA", os.fspath(tmp_path / "elsewhere"))
    assert len(load(path).observations) == 6


def test_an_event_needs_only_its_date_and_two_on_a_day_are_two(write_collaborative):
    text = yaml("{file: small.csv, measures: {falls: {}}}") + "  - {id: ward, name: Ward}\n"
    text = text.replace("measures:\n  - {id", "measures:\n  - {id: falls, name: Days between falls, kind: outcome,"
        " data: days_between, better: higher, chart: t, rows: events}\n  - {id")  # fmt: skip
    csv = "team,date\nward,2025-03-04\nward,2025-01-02\nward,2025-03-04\n"
    found = load(write_collaborative(text, csv)).observations
    assert found["date"].dt.strftime("%m-%d").tolist() == ["01-02", "03-04", "03-04"]
    assert found["status"].tolist() == ["reported"] * 3


def test_subgroups_keep_every_row(write_collaborative):
    text = yaml().replace("data: value, better: lower", "data: value, better: lower, chart: xbar, rows: subgroup")
    csv = rows("N1,hours,2025-01-03,3,", "N1,hours,2025-01-20,2,", "N1,hours,2025-03-01,4,")
    found = load(write_collaborative(text, csv)).observations
    assert found["numerator"].tolist() == [3, 2, 4]


def test_text_is_kept_as_it_is(write_collaborative):
    names = ["Bràigh Mòr 🩺", 'O\'Neil "B" & <script>alert(1)</script>', "</script>=1+1"]
    teams = "".join(f"  - {{id: t{i}, name: {name!r}, code: {name!r}}}\n" for i, name in enumerate(names[:1]))
    teams += "  - {id: t1, name: 'O''Neil \"B\" & <script>alert(1)</script>'}\n  - {id: t2, name: '</script>=1+1'}\n"
    text = yaml().split("teams:")[0] + "teams:\n" + teams
    csv = f"{HEAD}{names[0]},checked,2025-01-01,3,4\nt1,checked,2025-01-01,3,4\nt2,checked,2025-01-01,3,4\n"
    opened = load(write_collaborative(text, "\ufeff" + csv))
    assert [team.name for team in opened.parameters.teams] == names
    assert opened.observations["team"].tolist() == ["t0", "t1", "t2"]


def test_three_points_of_one_team_are_enough_to_open(write_collaborative):
    text = yaml().replace("  - {id: south, name: South}\n", "")
    csv = rows(*(f"N1,checked,2025-0{month}-01,3,4" for month in (1, 2, 3)))
    assert len(load(write_collaborative(text, csv)).observations) == 3


def test_the_same_files_give_the_same_tables(write_collaborative):
    path = write_collaborative()
    one, two = load(path), load(path)
    for name in ("observations", "changes", "findings", "provenance"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))

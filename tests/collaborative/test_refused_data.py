"""What cannot be true in the data is told all at once, with file, line, column, and what to do."""

import pytest

from qitools.collaborative.loading import load
from qitools.errors import DataError, ParameterError

HEAD = "team,measure,date,numerator,denominator\n"
MAPPED = """\
collaborative: small
title: A small collaborative
sources:
  observations: {file: small.csv, date: month, measures: {checked: {numerator: done, denominator: due}}%s}
measures:
  - {id: checked, name: Checks done, kind: process, data: proportion, better: higher}
teams:
  - {id: north, name: North}
  - {id: south, name: South}
"""


def told(write_collaborative, *arguments, **more):
    with pytest.raises(DataError) as caught:
        load(write_collaborative(*arguments, **more))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "north,checked,2025-02-01,n/a,10",
            "small.csv, line 3, column 'numerator': found 'n/a', expected a number (if it is a mark, list it in the"
            " source: 'missing: [\"n/a\"]' or 'suppressed: [\"n/a\"]')",
        ),
        (
            "north,checked,2025-02-01,<5,10",
            "small.csv, line 3, column 'numerator': found '<5', expected a number (if it is a mark, list it in the"
            " source: 'missing: [\"<5\"]' or 'suppressed: [\"<5\"]')",
        ),
        (
            'north,checked,2025-02-01,"1,234",10',
            "small.csv, line 3, column 'numerator': found '1,234', expected a number"
            " (write thousands without a separator and decimals with a point)",
        ),
        (
            "north,checked,2025-02-01,inf,10",
            "small.csv, line 3, column 'numerator': found 'inf', expected a number"
            " (leave the cell empty where there is no number)",
        ),
        (
            "north,checked,2025-02-01,-2,10",
            "small.csv, line 3, numerator of checked, team north, 2025-02-01: found '-2', expected 0 or more",
        ),
        (
            "north,checked,2025-02-01,11,10",
            "small.csv, line 3, numerator of checked, team north, 2025-02-01: found '11',"
            " expected at most the denominator, 10",
        ),
        (
            "north,checked,2025-01-31,7,10",
            "small.csv, line 3, team north, measure checked, 2025-01-01: found 'a second row (line 2 is the first)',"
            " expected one row (remove one, or set 'duplicates: add' in the source where the rows are parts of one"
            " number)",
        ),
        (
            "nroth,checked,2025-02-01,7,10",
            "small.csv, line 3, column 'team': found 'nroth', expected the code of a team in the YAML"
            " (did you mean 'north'?)",
        ),
        (
            "north,chekced,2025-02-01,7,10",
            "small.csv, line 3, column 'measure': found 'chekced', expected the id of a measure in the YAML"
            " (did you mean 'checked'?)",
        ),
        (
            "north,checked,01/02/2025,7,10",
            "small.csv, line 3, column 'date': found '01/02/2025', expected a month such as 2024-05 or any day in it,"
            " such as 2024-05-31 (set 'date_format', such as %d/%m/%Y, where dates are written otherwise)",
        ),
        (
            "north,checked,2025-02-01,7",
            "small.csv, line 3: found '4 cells', expected 5 cells, as in the heading"
            " (a comma inside a text needs quotes around the text)",
        ),
        (
            "north,checked,2025-02-01,7,0101901234",
            "small.csv, line 3: found 'ten digits that begin with a date', expected no number that could be a CHI"
            " number (take personal data out of the file)",
        ),
        (
            'north,checked,2025-02-01,"7,10',
            "small.csv, line 3: found 'unexpected end of data', expected cells with matching quotes",
        ),
    ],
)
def test_one_wrong_row_gives_one_message(write_collaborative, row, message):
    assert message in told(write_collaborative, csv=HEAD + f"north,checked,2025-01-01,8,10\n{row}\n")


def test_every_wrong_cell_is_told_at_once_and_repeats_are_counted(write_collaborative):
    rows = ["x,checked,2025-01-01,?,10", "x,checked,2025-02-30,8,10", "x,checked,2025-03-01,8,ten"]
    assert [problem.split(", expected")[0] for problem in told(write_collaborative, csv=HEAD + "\n".join(rows))] == [
        "small.csv, line 2, column 'team': found 'x'",
        "small.csv, line 2, column 'numerator': found '?'",
        "small.csv, line 3, column 'date': found '2025-02-30'",
        "small.csv, line 4, column 'denominator': found 'ten'",
    ]
    assert "and on 2 more lines" in str(told(write_collaborative, csv=HEAD + "\n".join(rows))[0])


def test_many_wrong_rows_are_counted_not_lost(write_collaborative):
    rows = [f"north,checked,{2000 + i // 12}-{i % 12 + 1:02d}-01,9,8" for i in range(130)]
    messages = told(write_collaborative, csv=HEAD + "\n".join(rows))
    assert len(messages) == 101
    assert messages[-1] == "and 30 more rows of this kind"


def test_a_date_format_forgotten_is_told_once_not_once_a_month(write_collaborative):
    rows = [f"north,checked,01/{i % 12 + 1:02d}/{2020 + i // 12},8,10" for i in range(60)]
    messages = told(write_collaborative, csv=HEAD + "\n".join(rows))
    assert [message.split(",")[1] for message in messages] == [" line 2", " line 3", " line 4", " line 5"]
    assert messages[3] == "small.csv, line 5, column 'date': from here on, 57 more like these"


def test_marks_that_differ_are_all_told(write_collaborative):
    marks = ["n/a", "*", "x", "-", ":", "c"]
    rows = [f"north,checked,2025-{i:02d}-01,{mark},10" for i, mark in enumerate(marks, 1)]
    assert len(told(write_collaborative, csv=HEAD + "\n".join(rows))) == 6


@pytest.mark.parametrize("slip", ["2052-03-01", "1905-03-01"])
def test_a_date_years_from_all_others_is_a_slip(write_collaborative, slip):
    rows = [f"north,checked,2025-{i:02d}-01,8,10" for i in range(1, 7)]
    assert told(write_collaborative, csv=HEAD + "\n".join([*rows, f"north,checked,{slip},8,10"])) == [
        f"small.csv, line 8, date of team north: found '{slip}', expected a date near the others, 2025-01-01 to"
        " 2025-06-01 (mend the year, or leave such rows out with 'where')"
    ]


def test_every_slip_is_told_and_a_second_spell_of_figures_is_none(write_collaborative):
    spells = [f"north,checked,{year}-{i:02d}-01,8,10" for year in (2008, 2024) for i in range(1, 13)]
    assert len(load(write_collaborative(csv=HEAD + "\n".join(spells))).observations) == 204
    slips = ["north,checked,2052-03-01,8,10", "south,checked,2199-03-01,8,10"]
    messages = told(write_collaborative, csv=HEAD + "\n".join(spells[12:] + slips))
    assert [message.split(", ")[1] for message in messages] == ["line 14", "line 15"]


def test_a_date_that_can_be_read_but_not_be_meant_names_its_year(write_collaborative):
    csv = "team,month,done,due\nnorth,01/12/2205,8,10\nnorth,01/01/2025,8,10\n"
    assert told(write_collaborative, MAPPED % ", date_format: '%d/%m/%Y'", csv) == [
        "small.csv, line 2, column 'month': found '01/12/2205', expected a date written as %d/%m/%Y"
        " (the year 2205 lies outside 1900 to 2200)"
    ]


@pytest.mark.parametrize(
    ("raw", "more", "message"),
    [
        (
            "team,month,done,due\nnorth,2025-01-01,8,10\nGlèn,2025-01-01,8,10\n".encode(),
            ", encoding: cp1252",
            "small.csv, line 1: found 'text in utf-8', expected text in cp1252"
            " (leave out 'encoding: cp1252' in its source)",
        ),
        (
            "team,month,done,due\nnorth,2025-01-01,8,10\n".encode("utf-16"),
            "",
            "small.csv, line 1: found 'text in utf-16', expected text in utf-8"
            " (save the sheet as CSV UTF-8, or set 'encoding: utf-16' in its source)",
        ),
    ],
)
def test_another_encoding_is_recognised(write_collaborative, raw, more, message):
    assert told(write_collaborative, MAPPED % more, raw) == [message]


def test_a_file_that_only_shares_an_ending_is_not_offered(write_collaborative):
    yaml = MAPPED.replace("sources:", "sources:\n  changes: sepsis-changes.csv") % ""
    csv = "team,month,done,due\nnorth,2025-01-01,8,10\n"
    assert "did you mean" not in told(write_collaborative, yaml, csv, files={"falls-changes.csv": "a"})[0]


@pytest.mark.parametrize(
    ("csv", "message"),
    [
        ("", "small.csv, line 1: expected a heading and rows"),
        (HEAD, "small.csv, line 2: found 'a heading and no rows', expected rows of data"),
        (
            "team,measure,date,numerater,denominator\nnorth,checked,2025-01-01,8,10\n",
            "small.csv, line 1, column 'numerator': found 'no such column', expected one of team, measure, date,"
            " numerater, denominator (did you mean 'numerater'?)",
        ),
        (
            "team,team,measure,date,numerator,denominator\nnorth,north,checked,2025-01-01,8,10\n",
            "small.csv, line 1, heading: found 'team', expected each column name once",
        ),
        (
            HEAD.encode() + b"north,checked,2025-01-01,8,10\nsouth,checked,2025-01-01,\xa38,10\n",
            "small.csv, line 3: found 'byte 0xa3 at position 95', expected text in utf-8 (save the file as UTF-8,"
            " or set 'encoding: cp1252' (the usual one of Excel) in its source)",
        ),
        (
            HEAD + "north,checked,2025-01-01,,10\n",
            "small.csv, line 2: found 'no number in any row', expected at least one",
        ),
        (
            "PK\x03\x04" + "\x00" * 20,
            "small.csv, line 1: found 'a workbook or other binary file', expected a CSV (save the sheet as CSV UTF-8)",
        ),
    ],
)
def test_a_file_that_is_no_table_says_why(write_collaborative, csv, message):
    assert message in told(write_collaborative, csv=csv)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("smal.csv", "(did you mean 'small.csv'?)"),
        ("../../outside.csv", "expected a path that stays inside"),
        ("/etc/hostname", "expected a path that stays inside"),
        ("C:\\data\\small.csv", "expected a path that stays inside"),
        ("link.csv", "expected a path that stays inside"),
    ],
)
def test_a_path_leads_to_a_file_inside(write_collaborative, tmp_path, file, words):
    (tmp_path / "outside.csv").write_text(HEAD)
    path = write_collaborative(MAPPED.replace("{file: small.csv", f"{{file: '{file}'") % "")
    (path.parent / "link.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(DataError) as caught:
        load(path)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.where) == ("small.yaml", 4, "sources.observations.file")
    assert words in str(problem)


def test_all_files_are_read_before_anything_is_said(write_collaborative):
    yaml = MAPPED.replace("sources:", "sources:\n  changes: gone.csv\n  pdsa: away.csv") % ""
    messages = told(write_collaborative, yaml, "team,month,done,due\nnorth,2025-01-01,x,10\n")
    assert [message.split(": ")[0] for message in messages] == [
        "small.csv, line 2, column 'done'",
        "small.yaml, line 4, sources.changes",
        "small.yaml, line 5, sources.pdsa",
    ]


def test_a_missing_column_offers_the_nearest(write_collaborative):
    messages = told(write_collaborative, MAPPED % "", "team,Month,done,due\nnorth,2025-01-01,8,10\n")
    assert messages == [
        "small.csv, line 1, column 'month': found 'no such column', expected one of team, Month, done, due"
        " (did you mean 'Month'?)"
    ]


def test_another_separator_is_recognised(write_collaborative):
    messages = told(write_collaborative, csv="team;measure;date;numerator;denominator\nnorth;checked;2025-01-01;8;10\n")
    assert len(messages) == 5
    assert all("(the cells look separated by ';': set 'separator' in the source)" in one for one in messages)


def test_where_must_ask_for_values_that_are_there(write_collaborative):
    csv = "team,month,done,due,area\nnorth,2025-01-01,8,10,Wards\n"
    messages = told(write_collaborative, MAPPED % ", where: {area: Ward}", csv)
    assert messages == [
        "small.csv, column 'area': found 'Ward', expected a value that the column holds, since 'where' asks for it"
        " (did you mean 'Wards'?)"
    ]


def test_a_date_that_matches_no_period_names_the_nearest(write_collaborative):
    decisions = """\
    phases:
      - {team: north, measure: checked, start: 2025-02-15, reason: New form}
    exclusions:
      - {team: south, measure: checked, date: 2024-01-01, reason: Closed}
    """
    csv = "team,month,done,due\nnorth,2025-01-01,8,10\nnorth,2025-02-01,8,10\nsouth,2025-01-01,8,10\n"
    with pytest.raises(ParameterError) as caught:
        load(write_collaborative(MAPPED % "" + decisions.replace("    ", "", 1).replace("\n    ", "\n"), csv))
    assert [str(problem) for problem in caught.value.problems] == [
        "small.yaml, line 11, phases[0].start: found '2025-02-15', expected the first day of a period of this series"
        " (the nearest is 2025-02-01)",
        "small.yaml, line 13, exclusions[0].date: found '2024-01-01', expected the first day of a period of this series"
        " (the nearest is 2025-01-01)",
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "nroth,,2025-01-01,New form",
            "column 'team': found 'nroth', expected a team of the YAML (did you mean 'north'?)",
        ),
        ("north,cheked,2025-01-01,New form", "column 'measure': found 'cheked', expected a measure of the YAML"),
        ("north,,January,New form", "column 'date': found 'January', expected a day such as 2024-05-31"),
        ("north,,2025-01-01,", "column 'text': expected what was changed (the cell is empty)"),
    ],
)
def test_a_wrong_change_is_told(write_collaborative, row, message):
    yaml = MAPPED.replace("sources:", "sources:\n  changes: changes.csv") % ""
    files = {"changes.csv": f"team,measure,date,text\n{row}\n"}
    messages = told(write_collaborative, yaml, "team,month,done,due\nnorth,2025-01-01,8,10\n", files=files)
    assert message in messages[0]
    assert messages[0].startswith("changes.csv, line 2, ")


@pytest.mark.parametrize("name", ["North 010190 1234", "North: 010190 1234"])  # the second is no YAML
def test_a_chi_number_is_never_repeated(write_collaborative, name):
    yaml = MAPPED.replace("name: North", f"name: {name}") % ""
    with pytest.raises(ParameterError) as caught:
        load(write_collaborative(yaml, "team,month,done,due\nnorth,2025-01-01,8,10\n"))
    assert "small.yaml, line 8: found 'ten digits that begin with a date'" in str(caught.value)
    assert "1234" not in str(caught.value)


@pytest.mark.parametrize(
    ("days", "which"), [(("01-01", "02-01", "03-01"), "first"), (("01-31", "02-28", "03-31"), "last")]
)
def test_months_where_the_yaml_says_weeks_are_refused(write_collaborative, small, days, which):
    csv = HEAD + "".join(f"north,checked,2025-{day},8,10\n" for day in days)
    assert told(write_collaborative, small + "period: week\n", csv) == [
        f"small.csv, line 2, column 'date': found 'the {which} day of a month in every row', expected a date in each"
        " week, since the period is week (set 'period: month' in the YAML, where each row is a month)"
    ]
    weekly = HEAD + "".join(f"north,checked,2025-0{day},8,10\n" for day in ("1-01", "1-08", "2-01"))
    assert len(load(write_collaborative(small + "period: week\n", weekly)).observations) == 5

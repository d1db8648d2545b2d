"""Who has been trained and how many work where: read, left out where it cannot be right, hidden where it is small."""

import pandas as pd
import pytest

from qitools.collaborative.loading import load
from qitools.collaborative.quality import told
from qitools.errors import DataError

TRAINING = "date,team,programme,level,cohort,board,sector,people"
STAFF = "team,board,sector,headcount,need"
BOARDS = "  - {id: north, name: North, board: Hill}\n  - {id: south, name: South, board: Dale}\n"


@pytest.fixture
def opened(write_collaborative, small):
    """Open the small collaborative, its teams on two boards, with these rows in its registers."""

    def open_it(training=(), staff=None, **given):
        files = {"training.csv": "\n".join([TRAINING, *training]) + "\n"}
        sources = "  observations: small.csv\n  training: training.csv\n"
        if staff is not None:
            files["staff.csv"] = "\n".join([STAFF, *staff]) + "\n"
            sources += "  staff: staff.csv\n"
        text = small.replace("  observations: small.csv\n", sources)
        text = text[: text.index("  - {id: north")] + BOARDS
        return load(write_collaborative(text, files=files), **given)

    return open_it


def placed(collaborative):
    found = collaborative.findings
    return [(row["code"], told(row)) for row in found[found["where"] != ""].to_dict("records")]


def test_a_row_of_a_team_belongs_to_its_board_and_one_of_a_board_to_no_team(opened):
    rows = ["2025-01-15,north,Basics,,,,health,4", "2025-02,,Basics,One,C1,Far,Social care,7"]
    training = opened(rows).records.training
    assert training[["team", "board", "sector", "people"]].to_numpy().tolist() == [
        ["north", "Hill", "health", 4.0],
        ["", "Far", "social_care", 7.0],
    ]
    assert training["date"].tolist() == [pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01")]


@pytest.mark.parametrize(
    ("row", "code", "column", "found"),
    [
        ("2025-01-15,nort,Basics,,,,,4", "unknown_team", "team", "nort"),
        ("15/01/2025,north,Basics,,,,,4", "bad_date", "date", "15/01/2025"),
        ("2052-01-15,north,Basics,,,,,4", "far_date", "date", "2052-01-15"),
        ("2025-01-15,north,,,,,,4", "missing_programme", "programme", ""),
        ("2025-01-15,north,Basics,,,,army,4", "bad_sector", "sector", "army"),
        ("2025-01-15,north,Basics,,,,,some", "bad_number", "people", "some"),
        ("2025-01-15,north,Basics,,,,,-2", "bad_number", "people", "-2"),
        ("2025-01-15,north,Basics,,,,,2.5", "bad_number", "people", "2.5"),
        ("2025-01-15,north,Basics,,,,,", "bad_number", "people", ""),
    ],
)
def test_a_row_that_cannot_be_right_is_left_out_with_its_place_and_the_rest_is_read(opened, row, code, column, found):
    collaborative = opened([row, "2025-02-01,south,Basics,,,,health,6"])
    assert collaborative.records.training["people"].tolist() == [6.0]
    ((told_code, words),) = placed(collaborative)
    assert told_code == code
    assert words.startswith(f"training.csv, line 2, column '{column}'")
    assert f"found '{found}'" in words or not found


def test_training_without_a_headcount_is_named_with_its_place_and_kept(opened):
    rows = ["2025-01-15,north,Basics,,,,health,4", "2025-01-15,south,Basics,,,,health,6"]
    collaborative = opened(rows, [",Hill,health,90,5"])
    assert len(collaborative.records.training) == 2
    ((code, words),) = placed(collaborative)
    assert (code, "training.csv, line 3" in words, "'Dale'" in words) == ("no_headcount", True, True)
    assert "sources.staff" in words


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",,health,90,5", "missing_board"),
        (",Hill,health,0,5", "bad_number"),
        (",Hill,health,many,5", "bad_number"),
        (",Hill,health,90,few", "bad_number"),
        (",Dale,health,80,", "second_headcount"),
    ],
)
def test_a_headcount_that_cannot_be_right_is_left_out_with_its_place(opened, row, code):
    collaborative = opened([], [",Dale,health,100,", row])
    assert collaborative.records.staff["headcount"].tolist() == [100.0]
    assert [(one, "staff.csv, line 3" in words) for one, words in placed(collaborative)] == [(code, True)]


def test_a_day_asked_for_leaves_later_training_out(opened):
    rows = ["2025-01-15,north,Basics,,,,health,4", "2025-04-15,north,Basics,,,,health,6"]
    assert opened(rows, as_of="2025-02-28").records.training["people"].tolist() == [4.0]


@pytest.mark.parametrize("audience", ["public", "partners"])
def test_outside_no_count_of_one_to_four_is_in_any_table_or_sum(opened, audience):
    rows = [f"2025-01-15,north,Basics,,,,health,{people}" for people in (3, 4)]
    rows += ["2025-02-15,south,Basics,,,,health,4", "2025-02-15,south,Basics,,C2,,health,0"]
    records = opened(rows, [",Hill,health,9,2", ",Dale,health,50,5"], audience=audience).records
    training = records.training
    people = {(row.team, row.cohort): row.people for row in training.itertuples()}
    assert people["north", ""] == 7.0  # rows of one group are one count, and 7 may be shown
    assert pd.isna(people["south", ""]) and people["south", "C2"] == 0.0
    assert records.staff["headcount"].isna().tolist() == [False, True]  # 9 of whom 7 are trained: 2 are left over
    assert records.staff["need"].isna().tolist() == [False, True]


def test_inside_everything_stands(opened):
    records = opened(["2025-01-15,north,Basics,,,,health,3"], [",Hill,health,4,2"]).records
    assert records.training["people"].tolist() == [3.0]
    assert records.staff[["headcount", "need"]].to_numpy().tolist() == [[4.0, 2.0]]


def test_a_file_without_people_is_refused_by_its_column(write_collaborative, small):
    text = small.replace("  observations: small.csv\n", "  observations: small.csv\n  training: t.csv\n")
    with pytest.raises(DataError, match=r"t\.csv.*column 'people'"):
        load(write_collaborative(text, files={"t.csv": "date,programme\n2025-01-01,Basics\n"}))

"""What stands beside the figures: read, left out where it cannot be right, told with its place."""

import pandas as pd
import pytest

from qitools.collaborative import records as contract
from qitools.collaborative.agendas import USUAL, usual
from qitools.collaborative.loading import load
from qitools.collaborative.quality import told
from qitools.collaborative.records import Records, session_before, session_of
from qitools.errors import DataError

PLACES = """\
sessions: [{date: 2025-01-15, name: First}, {date: 2025-06-18, name: Second, minutes: 60}]
drivers:
  - {id: forms, name: Better forms, measure: checked, ideas: [One page, Two pages]}
"""
LOGS = ("pdsa", "assessments", "stories", "offers")
HEADS = {
    "pdsa": "team,measure,driver,idea,ramp,cycle,start,end,scale,plan,prediction,result,decision,owner,session",
    "assessments": "team,date,kind,score,note",
    "stories": "team,date,kind,measure,who,text,consent",
    "offers": "team,date,kind,measure,driver,text,session",
}
TABLES = {"pdsa": "pdsa", "assessments": "scores", "stories": "stories", "offers": "offers"}


@pytest.fixture
def opened(write_collaborative, small):
    """Open the small collaborative with these rows in its logs, below their headings."""

    def open_it(yaml=PLACES, heads=HEADS, load_as=None, **rows):
        files = {f"{log}.csv": "\n".join([heads[log], *lines]) + "\n" for log, lines in rows.items()}
        sources = "".join(f"  {log}: {log}.csv\n" for log in rows)
        text = small.replace("  observations: small.csv\n", f"  observations: small.csv\n{sources}")
        return load(write_collaborative(text + yaml, files=files), **(load_as or {}))

    return open_it


def placed(collaborative):
    """The findings that have a place, as people read them."""
    found = collaborative.findings
    return [told(row) for row in found[found["where"] != ""].to_dict("records")]


def test_the_tables_are_those_of_the_contract_full_or_empty(opened, write_collaborative):
    full = opened(
        pdsa=["north,checked,forms,One page,,,2025-02-03,2025-02-10,one bed,Try,All done,Done,adopt,Nurse,First"],
        assessments=["north,2025-03-31,self,2.5,"],
        stories=["north,2025-03-04,,checked,A relative,Kind.,yes"],
        offers=["south,2025-03-05,ask,checked,forms,How?,"],
    ).records
    for records in (full, load(write_collaborative()).records):
        for name in vars(Records()):
            columns = getattr(contract, name.upper())
            table = getattr(records, name)
            assert {column: str(kind) for column, kind in table.dtypes.items()} == columns
            assert isinstance(table.index, pd.RangeIndex)
            texts = table.select_dtypes("str")
            assert texts.notna().all(axis=None)
    assert full.scores["date"].tolist() == [pd.Timestamp("2025-03-01")]
    assert full.stories["kind"].tolist() == ["story"]
    assert full.pdsa["ramp"].tolist() == ["One page"]


def test_a_row_may_name_things_as_people_do(opened):
    rows = [
        "north,,Better forms,,,,2025-02-03,,,Try,,,ADOPT,,2025-01-15",
        "north,,one-page,,,,2025-02-04,,,Try,,,,,First",
    ]
    pdsa = opened(pdsa=rows).records.pdsa
    assert pdsa["driver"].tolist() == ["forms", "one-page"]
    assert pdsa["session"].tolist() == ["First", "First"]
    assert pdsa["decision"].tolist() == ["adopt", ""]


def test_cycles_without_a_number_are_counted_in_their_ramp(opened):
    rows = [
        f"north,,,{idea},,{cycle},2025-0{month}-01,,,Try,,,,,"
        for idea, cycle, month in [("B", "", 3), ("A", "", 2), ("A", 7, 4), ("A", "", 1)]
    ]
    pdsa = opened(pdsa=rows).records.pdsa
    assert pdsa[["idea", "cycle"]].to_numpy().tolist() == [["A", 1], ["A", 2], ["B", 1], ["A", 7]]


GOOD = {
    "pdsa": "north,checked,forms,One page,,1,2025-02-03,2025-02-10,,Try,,,adapt,,",
    "assessments": "north,2025-03-15,self,2.5,",
    "stories": "north,2025-03-04,story,,A relative,Kind.,no",
    "offers": "south,2025-03-05,ask,,,How?,",
}


@pytest.mark.parametrize(
    ("log", "row", "message"),
    [
        (
            "pdsa",
            "nroth,,,,,,2025-02-03,,,Try,,,,,",
            "column 'team': found 'nroth', expected a team of the YAML (did you mean 'north'?)",
        ),
        (
            "pdsa",
            "north,cheked,,,,,2025-02-03,,,Try,,,,,",
            "column 'measure': found 'cheked', expected a measure of the YAML (did you mean 'checked'?)",
        ),
        (
            "pdsa",
            "north,,form,,,,2025-02-03,,,Try,,,,,",
            "column 'driver': found 'form', expected a driver of the YAML (did you mean 'forms'?)",
        ),
        (
            "pdsa",
            "north,,,,,,2025-02-03,,,Try,,,,,Frist",
            "column 'session': found 'Frist', expected the name or the date of a session of the YAML"
            " (did you mean 'First'?)",
        ),
        (
            "pdsa",
            "north,,,,,,2025-02-03,2025-02-01,,Try,,,,,",
            "column 'end': found '2025-02-01', expected a day on or after the start of the test",
        ),
        (
            "pdsa",
            "north,,,,,,03/02/2025,,,Try,,,,,",
            "column 'start': found '03/02/2025', expected a day such as 2024-05-31"
            " (set 'date_format', such as %d/%m/%Y, where dates are written otherwise)",
        ),
        (
            "pdsa",
            "north,,,,,,2205-02-03,,,Try,,,,,",
            "column 'start': found '2205-02-03', expected a day such as 2024-05-31"
            " (the year 2205 lies outside 1900 to 2200)",
        ),
        (
            "pdsa",
            "north,,,,,,2025-02-03,2052-02-05,,Try,,,,,",
            "column 'end': found '2052-02-05', expected a day near the figures, 2025-01-01 to 2025-04-01",
        ),
        (
            "pdsa",
            "north,,,,,,,,,Try,,,,,First",
            "column 'start': expected a day such as 2024-05-31 (the cell is empty)",
        ),
        (
            "pdsa",
            "north,,,,,,2025-02-03,,,Try,,,adopted,,",
            "column 'decision': found 'adopted', expected adopt, adapt or abandon (did you mean 'adopt'?)",
        ),
        (
            "pdsa",
            "north,,,,,1.5,2025-02-03,,,Try,,,,,",
            "column 'cycle': found '1.5', expected a whole number from 1",
        ),
        (
            "pdsa",
            "north,,,,,,2025-02-03,,,,,Done,,,",
            "column 'plan': expected a plan or a prediction (the cell is empty)",
        ),
        (
            "assessments",
            "south,2025-03-31,self,7,",
            "column 'score': found '7', expected one of 0.5 to 5, in steps of a half",
        ),
        (
            "assessments",
            "south,2025-03-31,self,3.3,",
            "column 'score': found '3.3', expected one of 0.5 to 5, in steps of a half",
        ),
        (
            "assessments",
            "south,2025-03-31,self,nan,",
            "column 'score': found 'nan', expected one of 0.5 to 5, in steps of a half",
        ),
        (
            "assessments",
            "south,2025-03-31,coach,3,",
            "column 'kind': found 'coach', expected self or faculty",
        ),
        (
            "assessments",
            "north,2025-03-02,self,3,",
            "column 'date': found 'a second one of north for 2025-03',"
            " expected one self score of a team and month (line 2 has it)",
        ),
        (
            "stories",
            "north,2025-03-04,story,,A relative,Kind.,mabye",
            "column 'consent': found 'mabye', expected yes or no",
        ),
        (
            "stories",
            "north,2025-03-04,tale,,A relative,Kind.,yes",
            "column 'kind': found 'tale', expected story or experience",
        ),
        (
            "stories",
            "north,2025-03-04,story,,A relative,,yes",
            "column 'text': expected what was said (the cell is empty)",
        ),
        (
            "stories",
            "north,2025-03-04,story,She told me all about her brother.,A relative,Kind.,yes",
            "column 'measure': found 'a text of 34 characters', expected a measure of the YAML",
        ),
        (
            "offers",
            "north,2025-03-04,offre,,,A visit,",
            "column 'kind': found 'offre', expected offer or ask (did you mean 'offer'?)",
        ),
    ],
)
def test_a_row_that_cannot_be_right_is_told_and_the_rest_is_used(opened, log, row, message):
    found = opened(**{log: [GOOD[log], row, GOOD[log].replace("2025-03", "2025-04")]})
    assert placed(found) == [f"{log}.csv, line 3, {message}"]
    assert len(getattr(found.records, TABLES[log])) == 2
    assert len(found.observations) == 6


def test_everything_wrong_in_every_log_is_told_at_once(opened):
    found = opened(
        pdsa=["x,y,z,,,0,2025-02-30,,,,,,no,,", GOOD["pdsa"]],
        assessments=["north,2025-03-31,self,9,", "south,2025-03-31,self,9,", "north,2025-04-01,faculty,2,"],
    )
    assert sorted(found.findings.loc[found.findings["where"] != "", "code"]) == [
        "bad_cycle", "bad_date", "bad_decision", "bad_score", "missing_plan", "unknown_driver", "unknown_measure",
        "unknown_team",
    ]  # fmt: skip
    assert "and on 1 more line" in next(line for line in placed(found) if "'score'" in line)
    assert (len(found.records.pdsa), len(found.records.scores)) == (1, 1)


def test_two_kinds_of_score_may_stand_in_one_month(opened):
    found = opened(assessments=["north,2025-03,self,3,", "north,2025-03,faculty,2.5,", "south,2025-03,self,3,"])
    assert (len(found.records.scores), placed(found)) == (3, [])


@pytest.mark.parametrize("without", ["column", "cell"])
def test_a_story_that_does_not_say_may_not_be_shown(opened, without):
    head, tail = (HEADS["stories"], ",") if without == "cell" else (HEADS["stories"].removesuffix(",consent"), "")
    found = opened(heads={"stories": head}, stories=[f"north,2025-03-04,,,A relative,Kind.{tail}"])
    assert found.records.stories["consent"].tolist() == [False]
    assert found.findings["code"].tolist().count("no_consent") == 1
    assert "column 'consent'" in placed(found)[0]
    assert "without a yes a story stays in its team's own report" in placed(found)[0]


@pytest.mark.parametrize("audience", ["public", "partners"])
def test_nobody_outside_sees_scores_or_stories_without_consent(opened, audience):
    rows = {
        "assessments": [GOOD["assessments"]],
        "stories": [GOOD["stories"], GOOD["stories"].replace(",no", ",yes"), "south,2025-03-04,,,,Secret,"],
    }
    inside, outside = opened(**rows).records, opened(load_as={"audience": audience}, **rows).records
    assert (len(inside.stories), len(inside.scores)) == (3, 1)
    assert (len(outside.stories), len(outside.scores)) == (1, 0)
    assert "Secret" not in outside.stories.to_csv()


def test_as_of_knows_nothing_of_what_came_later(opened):
    rows = {
        "pdsa": [
            "north,,,,Early,,2025-01-10,2025-01-20,,Try,,Done,adopt,,",
            "north,,,,Open then,,2025-01-30,2025-03-02,,Try,,Done,adopt,,",
            "north,,,,Later,,2025-03-03,,,Try,,,,,",
        ],
        "assessments": ["north,2025-02,self,2,", "north,2025-03,self,3,"],
        "stories": [GOOD["stories"]],
        "offers": [GOOD["offers"], GOOD["offers"].replace("2025-03", "2025-02")],
    }
    all_rows = opened(**rows).records
    assert [len(getattr(all_rows, TABLES[log])) for log in LOGS] == [3, 2, 1, 2]
    for day in ("2025-02-01", "2025-02-28"):
        then = opened(load_as={"as_of": day}, **rows).records
        assert [len(getattr(then, TABLES[log])) for log in LOGS] == [2, 1, 0, 1]
        assert then.pdsa["result"].tolist() == ["Done", ""]
        assert then.pdsa["decision"].tolist() == ["adopt", ""]
        assert then.pdsa["end"].isna().tolist() == [False, True]
        assert len(then.sessions) == 2


@pytest.mark.parametrize(
    ("log", "head", "column"),
    [
        ("pdsa", "team,plan", "start"),
        ("pdsa", "team,start", "prediction"),
        ("assessments", "team,date,score", "kind"),
        ("stories", "team,date,consent", "text"),
        ("offers", "team,date,text", "kind"),
    ],
)
def test_a_log_without_a_column_it_needs_is_refused(opened, log, head, column):
    with pytest.raises(DataError) as caught:
        opened(heads={log: head}, **{log: ["a,b,c"[: 2 * head.count(",") + 1]]})
    assert [problem.where for problem in caught.value.problems] == [f"column {column!r}"]
    assert caught.value.problems[0].file == f"{log}.csv"


def test_a_log_not_yet_begun_is_an_empty_table(opened):
    found = opened(**{log: [] for log in LOGS})
    assert [len(getattr(found.records, TABLES[log])) for log in LOGS] == [0] * 4
    assert placed(found) == []
    assert found.provenance["rows"].tolist() == [0, 5, 0, 0, 0, 0]


def test_a_log_as_excel_writes_it_is_read_where_the_yaml_says_so(write_collaborative, small):
    sheet = "{file: told.csv, encoding: cp1252, separator: ';', date_format: '%d/%m/%Y'}"
    text = small.replace("observations: small.csv", f"observations: small.csv\n  stories: {sheet}")
    path = write_collaborative(text)
    raw = "team;date;text;consent\nnorth;04/03/2025;We’re glad.;Yes\n".encode("cp1252")
    path.with_name("told.csv").write_bytes(raw)
    stories = load(path).records.stories
    assert stories[["date", "text", "consent"]].to_numpy().tolist() == [
        [pd.Timestamp("2025-03-04"), "We’re glad.", True]
    ]
    plain = write_collaborative(text.replace(sheet, "told.csv"))
    with pytest.raises(DataError, match="set 'encoding: cp1252'"):
        load(plain)


def test_a_chi_number_in_a_log_is_refused_and_not_repeated(opened):
    with pytest.raises(DataError) as caught:
        opened(stories=["north,2025-03-04,,,A relative,Ask 0101901234,yes"])
    assert "stories.csv, line 2: found 'ten digits that begin with a date'" in str(caught.value)
    assert "1234" not in str(caught.value)


def test_every_file_is_read_before_anything_is_refused(opened, write_collaborative, small):
    files = {"pdsa.csv": "team\nnorth\n", "offers.csv": "team,date\nnorth,2025\n"}
    sources = "observations: small.csv\n  pdsa: pdsa.csv\n  offers: offers.csv\n  stories: gone.csv"
    with pytest.raises(DataError) as caught:
        load(write_collaborative(small.replace("observations: small.csv", sources), files=files))
    assert {problem.file for problem in caught.value.problems} == {"pdsa.csv", "offers.csv", "small.yaml"}


def test_a_tag_that_nobody_has_is_told(opened):
    found = opened(PLACES + "matching: {tags: [acute], most: 3}\n")
    assert placed(found) == ["small.yaml, line 13, matching.tags[0]: found 'acute', expected a tag that a team has"]
    assert found.parameters.matching.most == 3


# sessions and their agendas


def test_the_usual_agenda_is_two_hours_and_fits_the_time_there_is():
    assert usual(120) == USUAL
    assert sum(USUAL.values()) == 120
    for minutes in range(15, 400):
        plan = usual(minutes)
        assert sum(plan.values()) == (minutes if not 20 < minutes <= 30 else 20)
        assert min(plan.values()) >= 1


def test_an_agenda_is_what_the_yaml_says_else_the_usual_one(opened):
    said = (
        "sessions:\n"
        "  - {date: 2025-06-18, name: Late, minutes: 20}\n"
        "  - {date: 2025-01-15, name: Early, agenda: [talk, Tea, {title: Ours, minutes: 7, section: close}]}\n"
        "  - {date: 2025-03-15, name: Middle}\n"
    )
    records = opened(said).records
    assert records.sessions[["name", "minutes"]].to_numpy().tolist() == [["Early", 27], ["Middle", 120], ["Late", 20]]
    early = records.agenda[records.agenda["session"] == "Early"].drop(columns="session")
    assert early.to_numpy().tolist() == [[1, "", 20, "talk"], [2, "Tea", 0, ""], [3, "Ours", 7, "close"]]
    sections = records.agenda.groupby("session")["section"].agg(list)
    assert sections["Middle"] == list(USUAL)
    assert sections["Late"] == ["changing", "stories", "commitments"]
    assert placed(opened(said)) == []


def test_an_agenda_longer_than_its_session_is_told_and_kept(opened):
    said = "sessions: [{date: 2030-01-15, name: Long, minutes: 30, agenda: [talk, {title: Ours, minutes: 15}]}]\n"
    found = opened(said)
    assert placed(found) == [
        "small.yaml, line 10, sessions[0].agenda: found '35 minutes', expected at most the session's 30"
    ]
    assert found.findings["code"].tolist() == ["agenda_long", "gap"]
    assert found.records.agenda["minutes"].tolist() == [20, 15]


@pytest.mark.parametrize(
    ("as_of", "period", "name"),
    [
        ("2024-12-01", "month", "First"),
        ("2025-01-01", "month", "Second"),
        ("2025-01-01", "quarter", "Second"),
        ("2025-01-06", "week", "First"),
        ("2025-01-13", "week", "Second"),
        ("2026-01-01", "month", "Second"),
    ],
)
def test_a_page_is_for_the_first_session_after_its_data_else_the_last(opened, as_of, period, name):
    records = opened().records
    assert session_of(records, pd.Timestamp(as_of), period) == name
    assert session_before(records, name) == ("" if name == "First" else "First")
    assert session_of(Records(), pd.Timestamp(as_of), period) == session_before(Records(), "First") == ""

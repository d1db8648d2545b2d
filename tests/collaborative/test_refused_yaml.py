"""What is wrong with a YAML is told all at once, with line, key, what was found and the nearest legal name."""

import pytest

from qitools.collaborative.loading import load
from qitools.errors import ParameterError


def refusal(write_collaborative, yaml, **more):
    with pytest.raises(ParameterError) as caught:
        load(write_collaborative(yaml, **more))
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "kind: process, data",
            "kind: process, dat",
            "small.yaml, line 6, measures[0].dat: found 'dat', expected a known key (did you mean 'data'?)",
        ),
        (
            ", better: higher",
            "",
            "small.yaml, line 6, measures[0].better: expected the key 'better': higher, lower or neither",
        ),
        (
            "better: higher",
            "better: hihger",
            "small.yaml, line 6, measures[0].better: found 'hihger', expected higher, lower or neither"
            " (did you mean 'higher'?)",
        ),
        (
            "title: A small collaborative",
            "title: 2024",
            "small.yaml, line 2, title: found '2024', expected text, in quotes where it looks like a number or a date",
        ),
        (
            "title: A small collaborative",
            "title:",
            "small.yaml, line 2, title: expected text, in quotes where it looks like a number or a date (it is empty)",
        ),
        (
            "id: south",
            "id: north",
            "small.yaml, line 9, teams[1].id: found 'north', expected each id once among the teams"
            " (it also stands on line 8)",
        ),
        (
            "id: south",
            "id: NORTH",
            "small.yaml, line 9, teams[1].id: found 'NORTH', expected each id once among the teams"
            " (it also stands on line 8)",
        ),
        (
            "id: south",
            "id: a/../b",
            "small.yaml, line 9, teams[1].id: found 'a/../b',"
            " expected an identifier: a letter, then letters, digits, '-' or '_'",
        ),
        (
            "collaborative: small",
            "collaborative: big",
            "small.yaml, line 1, collaborative: found 'big', expected the file's own name, 'small'",
        ),
        (
            "title: A small collaborative",
            "title: A\nrules: perla-2012",
            "small.yaml, line 3, rules: found 'perla-2012', expected one of his-2025, perla-2011, anhoej-2014, mdc,"
            " western-electric, nelson-1984, ihi-2011 (did you mean 'perla-2011'?)",
        ),
        (
            "title: A small collaborative",
            "title: A\ntitle: B",
            "small.yaml, line 3, title: found 'title', expected the key once (it also stands on line 2)",
        ),
        (
            "title: A small collaborative",
            "title: A\naim: {statement: Less, measure: cheked, by: 2026-02-30}",
            "small.yaml, line 3, aim.by: found '2026-02-30', expected a value that exists, such as 2025-03-01",
        ),
        (
            "title: A small collaborative",
            "title: A\naim: {statement: Less, measure: cheked, change: 30}",
            "small.yaml, line 3, aim.measure: found 'cheked', expected the id of a measure declared in this file"
            " (did you mean 'checked'?)",
        ),
        (
            "title: A small collaborative",
            "title: A\naim: {statement: More, measure: checked, change: 50}",
            "small.yaml, line 3, aim.change: found '50', expected a percentage such as -30%",
        ),
        (
            "title: A small collaborative",
            "title: A\naim: {statement: More, measure: checked, change: -50%}",
            "small.yaml, line 3, aim.change: found '-50%', expected a change such as +30%, since for chec"
            "ked higher is better",
        ),
        (
            "title: A small collaborative",
            "title: A\naim: {statement: More, measure: checked, change: +500%}",
            "small.yaml, line 3, aim.change: found '+500%', expected at most +37%, since checked starts a"
            "t 73% (to reach a level, leave 'change' out and give the measure that 'target')",
        ),
        (
            "title: A small collaborative",
            "title: A\naim: {statement: More, measure: checked, target: 90}",
            "small.yaml, line 3, aim.target: found 'target', expected a known key"
            " (to reach a level, leave 'change' out and give the measure that 'target')",
        ),
        (
            "better: higher",
            "better: lower}\naim: {statement: Less, measure: checked, change: -130%",
            "small.yaml, line 7, aim.change: found '-130%', expected no fall of more than 100%, which leaves none",
        ),
        (
            "title: A small collaborative",
            "title: A\nphases: [{team: nroth, measure: checked, start: 2025-02-01, reason: New}]",
            "small.yaml, line 3, phases[0].team: found 'nroth', expected the id of a team declared in this file"
            " (did you mean 'north'?)",
        ),
        (
            "title: A small collaborative",
            "title: A\nsimulated: no",
            "small.yaml, line 3, simulated: found 'no', expected true or false",
        ),
        (
            "  observations: small.csv",
            "  observations: {file: small.csv, measures: {cheked: {numerator: a, denominater: b}}}",
            "small.yaml, line 4, sources.observations.measures.cheked.denominater: found 'denominater',"
            " expected a known key (did you mean 'denominator'?)",
        ),
        (
            "  observations: small.csv",
            "  observations: {file: small.csv, measures: {checked: {numerator: a}}}",
            "small.yaml, line 4, sources.observations.measures.checked.denominator: expected the key 'denominator':"
            " the column that holds it",
        ),
        (
            "better: higher",
            "better: higher, chart: up",
            "small.yaml, line 6, measures[0].chart: found 'up', expected run, i, auto, p, pp for data that are a"
            " proportion",
        ),
        (
            "name: South",
            "name: South, code: north",
            "small.yaml, line 9, teams[1].code: found 'north', expected a code no other team has (line 8 has it)",
        ),
        (
            "name: South",
            "name: South, period: week",
            "small.yaml, line 9, teams[1].period: found 'week', expected month or quarter, since the collaborative's"
            " period is month",
        ),
        (
            "title: A small collaborative",
            "title: A\nsessions: [{date: 2025-01-01 10:00:00, name: One}]",
            "small.yaml, line 3, sessions[0].date: found '2025-01-01 10:00:00', expected a date such as 2025-03-01",
        ),
        (
            "title: A small collaborative",
            "title: A\nsessions: [{date: 2025-01-01, name: One}, {date: 2025-02-01, name: one}]",
            "small.yaml, line 3, sessions[1].name: found 'one', expected each name once among the sessions"
            " (it also stands on line 3)",
        ),
        (
            "title: A small collaborative",
            "title: A\nsessions: [{date: 2025-01-01, name: One, agenda: [{section: storys, minutes: 5}]}]",
            "small.yaml, line 3, sessions[0].agenda[0].section: found 'storys', expected welcome, since, changing,"
            " stories, break, talk, next_test, commitments or close (did you mean 'stories'?)",
        ),
        (
            "title: A small collaborative",
            "title: A\nsessions: [{date: 2025-01-01, name: One, agenda: [{minutes: 5}]}]",
            "small.yaml, line 3, sessions[0].agenda[0]: found 'keys and values', expected a title or a section",
        ),
        (
            "title: A small collaborative",
            "title: A\nchange_window: 0",
            "small.yaml, line 3, change_window: found '0', expected a number of at least 1",
        ),
        (
            "name: South",
            "name: All teams",
            "small.yaml, line 9, teams[1]: found 'All teams', expected a team of its own: the teams are pooled in every"
            " report, and a total would count them twice (take it out of 'teams', and its rows out of the source with"
            " 'where: {COLUMN: {not: [All teams]}}')",
        ),
        (
            "title: A small collaborative",
            "title: A\nteams: 3",
            "small.yaml, line 8, teams: found 'teams', expected the key once (it also stands on line 3)",
        ),
    ],
)
def test_one_mistake_gives_one_message(write_collaborative, small, old, new, message):
    assert old in small
    told = [str(problem) for problem in refusal(write_collaborative, small.replace(old, new)).problems]
    assert message in told


def test_a_country_among_its_parts_is_a_total_and_beside_others_a_team(write_collaborative, small):
    parts = small + "  - {id: whole, name: NHS Scotland}\n"
    assert [problem.code for problem in refusal(write_collaborative, parts).problems] == ["derived_total"]
    assert load(write_collaborative(parts + "  - {id: wales, name: Wales}\n")).parameters.teams


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(write_collaborative, small):
    yaml = (
        small.replace("title:", "titel:").replace("better: higher", "better: up").replace("south, name", "south, nam")
    )
    error = refusal(
        write_collaborative, yaml + "phases: [{team: x, measure: checked, start: 2025-02-01, reason: New}]\n"
    )
    assert [(problem.line, problem.where) for problem in error.problems] == [
        (1, "title"),
        (2, "titel"),
        (6, "measures[0].better"),
        (9, "teams[1].nam"),
        (9, "teams[1].name"),
        (10, "phases[0].team"),
    ]


@pytest.mark.parametrize(
    ("yaml", "line", "words"),
    [
        ("title: [a, b\nteams: c", 2, "valid YAML"),
        ("title: a\n\tteams: c", 2, "valid YAML"),
        ("title: 'a\nteams: 1\nrules: x\n", 1, "valid YAML"),
        ("", 1, "keys and values"),
        ("- a\n- b\n", 1, "keys and values"),
        ("title: a\n---\ntitle: b\n", 2, "valid YAML"),
        ("title: &a [*a]", 1, "plain data"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(write_collaborative, yaml, line, words):
    error = refusal(write_collaborative, yaml)
    assert (error.problems[0].line, error.problems[0].code) == (line, "not_yaml")
    assert words in error.problems[0].expected


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        (
            "title: Falls: the story\n",
            "small.yaml, line 1: found 'title: Falls: the story', expected valid YAML (put a text that holds ': ' in"
            " quotes, or mend the indentation; the reader says: mapping values are not allowed here, column 13)",
        ),
        (
            "title: 'a\nteams: 1\n",
            'small.yaml, line 1: found "title: \'a", expected valid YAML (a quote or a bracket is opened and never'
            " closed; the reader says: found unexpected end of stream, column 8)",
        ),
    ],
)
def test_a_syntax_error_shows_the_line_and_what_to_do(write_collaborative, yaml, message):
    assert message in str(refusal(write_collaborative, yaml))


def test_a_yaml_that_is_not_utf8_names_byte_and_line(write_collaborative):
    path = write_collaborative()
    path.write_bytes("collaborative: small\ntitle: Glèns\n".encode("latin-1"))
    with pytest.raises(ParameterError, match=r"small.yaml, line 2: found 'byte 0xe8', expected UTF-8 text"):
        load(path)


def test_a_tag_runs_nothing(write_collaborative, small):
    error = refusal(write_collaborative, small.replace("A small collaborative", "!!python/object/apply:os.getcwd []"))
    assert "title" in [problem.where for problem in error.problems]


def test_aliases_that_multiply_are_refused(write_collaborative):
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    error = refusal(write_collaborative, "\n".join(rows))
    assert "more than 200,000 values" in str(error)


def test_yaml_1_2_keeps_no_as_text_and_010_as_ten(write_collaborative, small):
    yaml = small.replace("name: North", "name: no").replace("better: higher", "better: higher, target: 010")
    parameters = load(write_collaborative(yaml)).parameters
    assert (parameters.teams[0].name, parameters.measures[0].target) == ("no", 10)


def test_a_name_that_is_not_there_offers_the_nearest(write_collaborative, monkeypatch):
    monkeypatch.chdir(write_collaborative().parent.parent)
    with pytest.raises(ParameterError, match=r"found 'smal', expected the name of a YAML .* \(did you mean 'small'"):
        load("smal")


def test_a_name_is_found_from_a_folder_below(write_collaborative, monkeypatch):
    below = write_collaborative().parent / "deep" / "er"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert load("small").parameters.title == "A small collaborative"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"audience": "publik"}, "found 'publik', expected public or partners or internal (did you mean 'public'?)"),
        ({"as_of": "31/03/2026"}, "found '31/03/2026', expected a date such as 2026-03-31"),
        ({"data": "no/such/folder"}, "data: found 'no/such/folder', expected a folder"),
        ({"as_of": "2020-01-01"}, "found '2020-01-01', expected a date from 2025-01-01, the first observed"),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused(write_collaborative, arguments, words):
    with pytest.raises(ParameterError) as caught:
        load(write_collaborative(), **arguments)
    assert words in str(caught.value)

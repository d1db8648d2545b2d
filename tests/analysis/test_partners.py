"""A register as many hands write it: every organisation once, no wrong merge unsaid, every doubt listed."""

import random

import pandas as pd
import pytest

from qitools.analysis.partners import Register, distinct
from qitools.analysis.spellings import normal

PLACES = (
    "Fenmoor", "Glen Errin", "Ardwick and Calder", "Harrow Valley", "Tillane", "Corrieven", "Mossdale", "Larkshire",
    "Ossian", "Brackness", "Duncarron", "Wester Isles", "Stranmoor", "Balmarra",
)  # fmt: skip
KINDS = ("{} Council", "NHS {}", "{} Health and Social Care Partnership")
OTHERS = (
    "University of Glenloch", "University of Carrick", "Glenloch College", "Carrick College",
    "Royal College of Nursing",
    "Royal College of Midwives", "National Ambulance Service", "Public Health Agency", "Care Improvement Network",
    "Children First", "Barley's", "Age Together", "Chest Heart & Stroke Alliance", "Mary Fury",
    "Maxwell Cancer Support",
    "Citizens Advice", "Voluntary Action Glenloch", "Voluntary Action Carrick", "Larkfield Primary School",
    "Larkfield Medical Practice", "Larkfield Care Home", "Larkfield Nursery", "Eastwood Primary School",
    "Westwood Primary School", "Eastwood Nursery", "Westwood Nursery", "North Glenloch Hospital",
    "South Glenloch Hospital", "East Carrick Hospital", "West Carrick Hospital", "Kirkwood Hospice", "Kirkwood House",
    "Kirkwall Hospice", "Ashgrove Medical Practice 1", "Ashgrove Medical Practice 2", "Dunmore Carers Centre",
    "Dunmore Housing Association", "Lochside Housing Association", "Glenloch Museum", "Carrick Foodbank",
    "Lodge Trust", "Lodge Society", "Tay Centre", "Spey Centre", "Clyde Forum", "Leven Network", "Lomond Alliance",
    "Nevis Group", "Thornhill Medical Practice", "Thornhill Nursery", "Rowan Medical Practice", "Rowan Care Home",
    "Craigmount Medical Practice", "Craigmount Care Home", "Errin Patients Forum", "Mental Health Network",
    "Fire and Rescue Service", "Police Service", "Education Agency", "Housing Agency", "Workers Union",
    "Volunteers Trust", "Stewart Foundation", "Stuart Foundation", "Elm Court", "Elm House", "Oak Court",
    "Oak House", "Birch Practice", "Beech Practice", "Alder Practice", "Hazel Practice", "Willow Pharmacy",
    "Poplar Pharmacy", "Maple Pharmacy",
)  # fmt: skip
NAMES = [kind.format(place) for place in PLACES for kind in KINDS] + list(OTHERS)
SHORT = {
    "Council": "Cncl", "Health and Social Care Partnership": "HSCP", "University": "Univ.", "Hospital": "Hosp.",
    "Association": "Assoc", " and ": " & ", "Centre": "Ctr", "Medical": "Med.",
}  # fmt: skip


def slipped(name: str, chance: random.Random) -> str:
    """A letter left out, put in or turned round, in the middle of a long word."""
    words = name.split()
    long = [i for i, word in enumerate(words) if len(word) >= 7 and word.isalpha()]
    if not long:
        return name.upper()
    at = chance.choice(long)
    word, place = words[at], chance.randrange(2, len(words[at]) - 1)
    turned = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    words[at] = chance.choice([word[:place] + word[place + 1 :], word[:place] + word[place] + word[place:], turned])
    return " ".join(words)


def shortened(name: str, chance: random.Random) -> str:
    found = next((long for long in SHORT if long in name), "")
    board = name.startswith("NHS ")
    return f"{name[4:]} Health Board" if board else name.replace(found, SHORT[found]) if found else name.lower()


WAYS = (
    slipped,
    shortened,
    lambda name, _: name.upper(),
    lambda name, _: f"The {name}",
    lambda n, _: n.replace(" ", "  "),
)
MERGED = (("Old Carrick Foodbank", "Carrick Foodbank"), ("Ardwick Health Board", "NHS Ardwick and Calder"))
INITIALS = {
    "RCN": "Royal College of Nursing",
    "R.C.M.": "Royal College of Midwives",
    "NHS A&C": "NHS Ardwick and Calder",
}


def planted(seed: int) -> tuple[pd.DataFrame, dict[str, str]]:
    """400 rows for 117 organisations, and which each of their spellings stands for."""
    chance = random.Random(seed)
    rows = [(name, "", name) for name in NAMES]
    rows += [(old, new, new) for old, new in MERGED] + [(short, "", full) for short, full in INITIALS.items()]
    while len(rows) < 400:
        name = chance.choice(NAMES)
        rows.append((chance.choice(WAYS)(name, chance), "", name))
    chance.shuffle(rows)
    table = pd.DataFrame(rows, columns=["organisation", "same_as", "truth"])
    truth = {" ".join(written.split()): name for written, _, name in rows}
    return register(table["organisation"], table["same_as"]), truth


def register(names, same_as=None) -> pd.DataFrame:
    table = pd.DataFrame({"organisation": list(names), "since": pd.NaT, "sector": "", "role": ""})
    return table.assign(same_as="" if same_as is None else list(same_as))


def test_the_planted_register_has_as_many_as_it_says():
    assert len(NAMES) == len(set(NAMES)) == 117


@pytest.mark.parametrize("seed", range(6))
def test_all_117_are_found_and_no_wrong_merge_is_made(seed):
    table, truth = planted(seed)
    found = distinct(table)
    assert (found.rows, len(found.organisations)) == (400, 117)
    assert sorted(truth[name] for name in found.organisations["name"]) == sorted(NAMES)
    wrong = [(one, two) for one, two in found.merges[["spelling", "counted_as"]].to_numpy() if truth[one] != truth[two]]
    assert wrong == []


def test_what_is_no_plain_variant_is_merged_only_with_its_name_listed():
    table, truth = planted(1)
    found = distinct(table)
    plain = {normal(name) for name in NAMES}
    silent = {name for name in truth if normal(name) not in plain} - {old for old, _ in MERGED}
    assert len(silent) > 20, "the register plants too few slips: this test could not fail"
    listed = set(found.merges["spelling"]) | set(found.merges["counted_as"])
    assert {normal(name) for name in silent} <= {normal(name) for name in listed}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("NHS Fife", "Fife Council"),
        ("NHS Fife", "Fife Health and Social Care Partnership"),
        ("Eastwood Nursery", "Westwood Nursery"),
        ("North Glenloch Hospital", "South Glenloch Hospital"),
        ("Ward Practice 1", "Ward Practice 2"),
        ("Larkfield School", "Larkfield Nursery"),
        ("Lodge Trust", "Ledge Society"),
        ("Moray Council", "Murray Council"),
    ],
)
def test_lookalikes_stay_apart(one, other):
    found = distinct(register([one, other]))
    assert len(found.organisations) == 2 and found.merges.empty


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Fenmoor Council", "Fenmor Council", "slip"),
        ("RCN", "Royal College of Nursing", "initials"),
        ("University of Glenloch", "Glenloch University", "order"),
        ("Child Line", "Childline", "spacing"),
        ("Fenmoor Helath Board", "NHS Fenmoor", "slip"),
    ],
)
def test_what_is_likely_one_is_counted_as_one_and_listed(one, other, why):
    found = distinct(register([one, other]))
    assert len(found.organisations) == 1
    assert list(found.merges["why"]) == [why]


def test_initials_that_fit_two_names_are_kept_apart_and_listed():
    found = distinct(register(["RCM", "Royal College of Midwives", "Rural Care Movement"]))
    assert len(found.organisations) == 3
    assert list(found.doubtful["why"]) == ["either", "either"]


def test_two_names_that_are_both_often_written_are_no_slips_of_each_other():
    assert len(distinct(register(["Stewart Trust"] * 4 + ["Stewert Trust"] * 5)).organisations) == 2


def test_same_as_settles_a_doubt_either_way():
    names = ["Fenmoor Council", "Fenmor Council"]
    kept = distinct(register(names, ["", "Fenmor Council"]))
    assert (len(kept.organisations), len(kept.merges)) == (2, 0)
    merged = distinct(register(["Old Hospice", "Kirkwood Hospice"], ["Kirkwood Hospice", ""]))
    assert list(merged.organisations["name"]) == ["Kirkwood Hospice"] and merged.merges.empty


def test_mergers_in_a_chain_end_at_the_last_and_a_circle_stays_apart():
    chain = distinct(register(["One Trust", "Two Trust", "Six Trust"], ["Two Trust", "Six Trust", ""]))
    assert list(chain.organisations["name"]) == ["Six Trust"]
    circle = distinct(register(["One Trust", "Two Trust"], ["Two Trust", "One Trust"]))
    assert len(circle.organisations) == 2


def test_sector_roles_and_first_date_of_an_organisation():
    table = register(["NHS Fenmoor", "Fenmoor Health Board", "NHS FENMOOR"])
    dates = pd.to_datetime(["2024-05-01", "2023-02-01", None])
    table = table.assign(since=dates, sector=["Health", "health", ""], role=["Data", "Training", "Data"])
    (row,) = distinct(table).organisations.to_dict("records")
    assert (row["sector"], row["roles"], row["since"]) == ("health", ("Data", "Training"), pd.Timestamp("2023-02-01"))


def test_an_empty_register_is_no_organisation():
    found = distinct(register([]))
    assert isinstance(found, Register) and found.organisations.empty and found.merges.empty


def test_another_legal_ending_is_counted_as_one_and_listed_to_confirm():
    found = distinct(register(["Elm Trust Ltd", "Elm Trust CIO", "Elm Trust Limited", "Elm Trust"]))
    assert len(found.organisations) == 1
    assert found.merges.to_numpy().tolist() == [["Elm Trust CIO", "Elm Trust", "ending", 1]]
    settled = distinct(register(["Elm Trust Ltd", "Elm Trust CIO"], ["", "Elm Trust Ltd"]))
    assert settled.merges.empty


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("Children 1st", "Children First", "number"),
        ("Healthcare Improvement Scotland", "NHS Healthcare Improvement Scotland", "part"),
        ("Fife Health and Social Care", "Fife HSCP", "part"),
    ],
)
def test_what_may_be_one_is_kept_apart_and_listed(one, other, why):
    found = distinct(register([one, other]))
    assert len(found.organisations) == 2
    assert found.doubtful[["spelling", "counted_as", "why"]].to_numpy().tolist() == [[one, other, why]]


def test_the_spelling_of_known_words_stands_though_it_has_a_row_less():
    found = distinct(register(["Learning Netwrok", "Learning Netwrok", "Learning Network"]))
    assert list(found.organisations["name"]) == ["Learning Network"]
    assert found.merges.to_numpy().tolist() == [["Learning Netwrok", "Learning Network", "slip", 2]]

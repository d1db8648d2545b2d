"""What collaboratives share, gathered for the index: the same share of the page for each, and text that stays text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from qitools.batch import shared
from qitools.batch.index import Entry
from qitools.batch.index import page as index_page

STAMP = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
ROW = {"kind": "offer", "team": "Ash", "text": "Night rounds", "measure": "Falls", "result": "", "date": "2026-01-01"}


def summary(rows: int = 1, total: int = 0, **other: Any) -> dict[str, Any]:
    return {
        "title": "Falls",
        "shared": [{**ROW, "text": f"Idea {i}", **other} for i in range(rows)],
        "shared_total": total,
    }


def index(*summaries: dict[str, Any]) -> str:
    entries = [
        Entry(f"c{i}", "learning_session", page=f"c{i}/page.html", summary=one) for i, one in enumerate(summaries)
    ]
    return index_page(entries, sheet="", stamp=STAMP)


def test_each_row_carries_where_it_comes_from() -> None:
    (row,) = shared.gather([("Falls", "falls.html", {**summary(), "simulated": True})]).rows
    assert {**ROW, "text": "Idea 0"}.items() <= row.items()
    assert (row["title"], row["page"], row["words"], row["simulated"]) == ("Falls", "falls.html", "Offer", "True")


@pytest.mark.parametrize(("collaboratives", "each"), [(1, 60), (20, 60), (117, 10), (400, 5)])
def test_none_crowds_out_the_others(collaboratives: int, each: int) -> None:
    reports = [(f"c{i}", f"c{i}.html", summary(60, 75)) for i in range(collaboratives)]
    found = shared.gather(reports)
    assert len(found.rows) == collaboratives * each
    assert found.total == collaboratives * 75


def test_those_who_share_nothing_take_no_room() -> None:
    reports = [("a", "a.html", summary(60)), *((f"c{i}", "", {"title": "x"}) for i in range(500))]
    assert len(shared.gather(reports).rows) == 60


@pytest.mark.parametrize("given", [{}, {"shared": None}, {"shared": []}, {"shared": [{"kind": "story", "text": "x"}]}])
def test_a_summary_without_anything_to_share(given: dict[str, Any]) -> None:
    assert shared.gather([("a", "a.html", given)]).rows == ()
    assert "No collaborative of this run has written down" in index(given)


def test_the_index_lists_and_says_how_many_are_left_out() -> None:
    made = index(summary(2, 9))
    assert made.count('<tr><th scope="row">Idea') == 2
    assert "2 of 9 are listed here" in made
    assert 'href="c0/page.html"' in made.split('id="shared"')[1]
    assert "are listed here" not in index(summary(2, 2))


def test_a_name_opens_the_page_of_the_room_and_never_the_facilitators() -> None:
    notes = Entry("c0", "facilitator_notes", page="notes.html", summary=summary())
    session = Entry("c0", "learning_session", page="session.html", summary=summary())
    made = index_page([notes, session], sheet="", stamp=STAMP)
    assert made.count('href="session.html"') == 3  # its name, its report, and where the idea is from
    assert made.count('href="notes.html"') == 1 and "facilitator only" in made
    failed = Entry("c0", "learning_session", reason="No figures", summary={"title": "Falls"})
    alone = index_page([notes, failed], sheet="", stamp=STAMP)
    assert alone.count('href="notes.html"') == 1 and "facilitator only" in alone


def test_hostile_words_stay_words() -> None:
    made = index(summary(1, text='<img src=x onerror="alert(1)">', team="<b>", result="</table><script>x</script>"))
    assert "<img" not in made and "<b>" not in made
    assert "<script>x" not in made


def test_the_page_of_a_national_run_stays_light_and_the_same() -> None:
    whole = [summary(60, 80, result="What was learnt from it, in a sentence of usual length.") for _ in range(117)]
    made = index(*whole)
    assert made == index(*whole)
    assert len(made.encode()) < 1_500_000
    assert len(re.findall(r'<tr><th scope="row">Idea', made)) == 1170

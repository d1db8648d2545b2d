"""What could not be used of what teams wrote down stands in the notes, each with its place."""

import qitools as qi
from qitools.views import notes


def test_rows_left_out_stand_in_the_notes_escaped(write_collaborative, small):
    text = small.replace("observations: small.csv", "observations: small.csv\n  offers: offers.csv")
    files = {"offers.csv": "team,date,kind,text\nnorth,2025-01-01,<b>,Tea\nsouth,2025-01-01,ask,Tea\n"}
    analysis = qi.analyse(qi.load(write_collaborative(text, files=files)))
    assert dict(notes.of(analysis))["Noticed in what teams wrote down"] == [
        "offers.csv, line 2, column 'kind': found '<b>', expected offer or ask."
    ]
    page = qi.method(analysis)._repr_html_()
    assert "found &#x27;&lt;b&gt;&#x27;" in page
    assert "found '<b>'" not in page
    assert len(analysis.records.offers) == 1


def test_without_any_there_is_no_such_note(write_collaborative):
    analysis = qi.analyse(qi.load(write_collaborative()))
    assert "Noticed in what teams wrote down" not in dict(notes.of(analysis))

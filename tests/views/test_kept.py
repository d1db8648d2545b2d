"""A template is written once for its sources; whatever becomes of the cache, what comes back is the same."""

import pytest

from qitools.views import kept

SPEC = {"mark": "line", "height": 200, "layer": [{"a": None}]}


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """A template as a new process would find it, and how often it was written."""
    monkeypatch.setenv("QITOOLS_CACHE", str(tmp_path))
    written = []

    def template(rows, dense=False):
        written.append((rows, dense))
        return {**SPEC, "height": rows, "range": (0, 1)}

    return lambda *given: (kept.kept(template)(*given), len(written))


def test_the_second_process_reads_what_the_first_wrote(asked):
    first, second = asked(4), asked(4)
    assert first == second == ({**SPEC, "height": 4, "range": [0, 1]}, 1)


def test_each_size_has_its_own(asked):
    assert asked(4)[0] != asked(5)[0]
    assert asked(4, True)[1] == 3


def test_a_spoilt_one_is_written_anew(asked, tmp_path):
    right, _ = asked(4)
    (path,) = tmp_path.rglob("*.json")
    path.write_text('{"mark": ', "utf-8")
    assert asked(4) == (right, 2)
    assert asked(4) == (right, 2)


def test_other_sources_write_their_own(asked, monkeypatch):
    asked(4)
    monkeypatch.setattr(kept, "edition", lambda: "another")
    assert asked(4)[1] == 2


def test_where_nothing_can_be_kept_it_is_written_each_time(asked, monkeypatch):
    monkeypatch.setenv("QITOOLS_CACHE", "/dev/null/nowhere")
    assert asked(4)[0] == asked(4)[0]
    assert asked(4)[1] == 3

"""What is agreed in the room, typed into a form on the page that is presented.

Python writes the form and its words; ``room.js``, which the exported page holds, keeps what is typed in the browser and
saves it as the one file that ``qitools check NAME --take FILE`` reads (``collaborative/taking.py``). Without that
script, in a notebook, the form stays hidden and a sentence says where it works.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from qitools.collaborative.records import session_of
from qitools.views import wording_room as words
from qitools.views.figure import sealed

if TYPE_CHECKING:
    from qitools.analysis.engine import Analysis

Pairs = tuple[tuple[str, str], ...]  # id and name
ALL = ("test", "note", "offer", "ask")
# The fields, each with the kinds it belongs to (what the files of the others have no column for), and how it is asked.
FIELDS = {
    "team": (ALL, "select"),
    "idea": (("test",), "input"),
    "text": (ALL, "textarea"),
    "prediction": (("test",), "textarea"),
    "measure": (ALL, "select"),
    "driver": (("test", "offer", "ask"), "select"),
    "owner": (("test",), "input"),
    "by_when": (("test",), "date"),
}
# What must be said: the readers of the files refuse an item without it.
NEEDED = {"test": ("team", "idea"), "note": ("text",), "offer": ("team", "text"), "ask": ("team", "text")}
LONGEST = {"input": 200, "textarea": 1000}


@dataclass(frozen=True)
class RoomForm:
    """The form, as HTML in a page and as a sentence elsewhere.

    Args:
        collaborative, session: their names; ``session`` "" where the YAML has none.
        day: the day of the session, YYYY-MM-DD, "" where there is none.
        teams, measures, drivers: what may be chosen: pairs of an id and a name.
        lacking: the sources that the YAML names no file for.
        public: the page is for everybody, and nothing is agreed on it.
    """

    collaborative: str
    session: str = ""
    day: str = ""
    teams: Pairs = ()
    measures: Pairs = ()
    drivers: Pairs = ()
    lacking: tuple[str, ...] = ()
    public: bool = False

    def __str__(self) -> str:
        return words.PUBLIC if self.public else words.ELSEWHERE

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        if self.public:
            return f"<p>{escape(words.PUBLIC)}</p>"
        return (
            f'<div class="qi-room"><p class="qi-room-off">{escape(words.ELSEWHERE)}</p>'
            f"{self._form()}{self._list()}"
            f'<script type="application/json" class="qi-room-words">{sealed(self._told())}</script></div>'
        )

    def _form(self) -> str:
        fields = "".join(self._field(name) for name in FIELDS)
        buttons = f'<p><button>{words.ADD}</button> <button type="reset">{words.DROP}</button></p>'
        kinds = "".join(f'<option value="{kind}">{name}</option>' for kind, name in words.KINDS.items())
        missing = words.lacking(self.lacking)
        return (
            f'<form class="qi-room-form" aria-label="{words.HEADING}" autocomplete="off" novalidate hidden>'
            f"<h3>{words.HEADING}</h3><p>{words.HINT}</p>{f'<p>{escape(missing)}</p>' if missing else ''}"
            f'<div class="qi-room-fields"><label><span>{words.KIND}</span> <select name="kind">{kinds}</select></label>'
            f"{fields}</div>{buttons}"
            '<p class="qi-room-told" role="status"></p></form>'
        )

    def _field(self, name: str) -> str:
        kinds, tag = FIELDS[name]
        label = words.LABELS[name]
        first = label["test"] if isinstance(label, dict) else label
        about = f'name="{name}"'
        if tag == "select":
            control = f"<select {about}>{self._options(name)}</select>"
        elif tag == "date":
            control = f'<input type="date" {about}>'
        elif tag == "input":
            control = f'<input {about} maxlength="{LONGEST[tag]}">'
        else:
            control = f'<textarea {about} rows="2" maxlength="{LONGEST[tag]}"></textarea>'
        return f'<label data-kinds="{" ".join(kinds)}"><span>{escape(first)}</span> {control}</label>'

    def _options(self, name: str) -> str:
        choices = {"team": self.teams, "measure": self.measures, "driver": self.drivers}[name]
        empty = words.CHOOSE if name == "team" else words.NONE
        return "".join(
            f'<option value="{escape(key, quote=True)}">{escape(said)}</option>'
            for key, said in (("", empty), *choices)
        )

    def _list(self) -> str:
        command = f"<code>qitools check {escape(self.collaborative)} --take FILE</code>"
        return (
            f'<div class="qi-room-list" hidden><h3>{words.LIST}</h3><ol></ol><p class="qi-room-state"></p>'
            f'<p class="qi-room-keep"><label><span>{words.DAY}</span> '
            f'<input type="date" value="{self.day}" required></label> '
            f'<button type="button">{words.SAVE}</button></p>'
            f'<p class="qi-note">{words.AFTER.format(command=command)}</p></div>'
        )

    def _told(self) -> dict[str, object]:
        """What the script needs: names, which fields are needed, and every word it says."""
        return {
            "collaborative": self.collaborative,
            "session": self.session,
            "needed": NEEDED,
            "fields": list(FIELDS),
            "kinds": words.KINDS,
            "labels": words.LABELS,
            "told": words.TOLD,
            "words": {
                "every": words.EVERY_TEAM,
                "choose": words.CHOOSE,
                "add": words.ADD,
                "keep": words.KEEP,
                "change": words.CHANGE,
                "remove": words.REMOVE,
            },
        }


def room_form(analysis: Analysis) -> RoomForm:
    """The form in which the room writes down what is agreed: a test, a note, an offer, a request.

    What can be chosen is what the audience of the page may see. The session is the one the page is for.

    Args:
        analysis: what ``qi.analyse`` gave.

    Returns:
        A ``RoomForm``; on a page for the public a sentence.
    """
    method, records = analysis.method, analysis.records
    session = session_of(records, method["as_of"], str(method["period"] or "month"))
    days = records.sessions.loc[records.sessions["name"] == session, "date"]
    nodes = records.drivers[records.drivers["kind"] != "aim"].drop_duplicates("node")
    there = {one["source"] for one in method["sources"]}
    return RoomForm(
        collaborative=str(method["collaborative"]),
        session=session,
        day=f"{days.iloc[-1]:%Y-%m-%d}" if len(days) else "",
        teams=_pairs(analysis.teams["team"], analysis.teams["name"]),
        measures=_pairs(analysis.measures["measure"], analysis.measures["name"]),
        drivers=_pairs(nodes["node"], nodes["name"]),
        lacking=tuple(source for source in words.LACKING if source not in there),
        public=method["audience"] == "public",
    )


def _pairs(ids: Iterable[object], names: Iterable[object]) -> Pairs:
    return tuple((str(one), str(name)) for one, name in zip(ids, names, strict=True))

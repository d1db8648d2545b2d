"""Pages are templates filled: what those for a report, for the index and for a page shown live have in common.

Jinja compiles a template to Python before it fills it, which takes longer than to make a page of it. So what it has
compiled is kept in the user's cache folder; Jinja itself looks whether it is still that of the template.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket

import qitools
from qitools import cache as stored

TEMPLATES = Path(__file__).parent / "templates"
ROOM = 'class="qi-room"'  # the form in which the room writes down what is agreed


class Compiled(jinja2.BytecodeCache):
    """Compiled templates of one edition of their settings; where nothing can be kept, only time is lost."""

    def __init__(self, edition: str) -> None:
        self.folder = stored.folder() / f"pages-{edition}-jinja-{jinja2.__version__}"

    def load_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError), (self.folder / bucket.key).open("rb") as kept:
            bucket.load_bytecode(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        stored.keep(self.folder / bucket.key, bucket.bytecode_to_string())


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        bytecode_cache=Compiled(f"qitools-{qitools.__version__}"),
    )
    environment.filters["told"] = told
    return environment


def told(message: str) -> tuple[str, list[str]]:
    r"""A message's first words, and the list that follows them.

    >>> told("falls.yaml cannot be read:\n  - line 7: found 'lowr'\n  - line 9: missing")
    ('falls.yaml cannot be read:', ["line 7: found 'lowr'", 'line 9: missing'])
    """
    first, *items = re.split(r"\n\s*- ", message.strip())
    return first, [item.strip() for item in items]


def fill(template: str, *, sheet: str, bundle: str = "", **given: Any) -> str:
    """Fill a template; admit its own script and the bundle, by their hash, and nothing else.

    Args:
        template: its file's name; the script that goes with it has the same.
        sheet: CSS that defines the ``--qi-…`` custom properties.
        bundle: the script that draws figures; "" where there are none.
        given: what else the template names.
    """
    css = sheet.replace("</", r"<\/") + (TEMPLATES / "page.css").read_text(encoding="utf-8")
    own = (TEMPLATES / f"{template.split('.')[0]}.js").read_text(encoding="utf-8")
    if ROOM in given.get("body", ""):
        own += (TEMPLATES / "room.js").read_text(encoding="utf-8")
    given |= {"css": css, "own": own, "bundle": bundle, "admitted": [_digest(one) for one in (own, bundle) if one]}
    return _environment().get_template(template).render(given) + "\n"


def live(sheet: str) -> dict[str, str]:
    """What a page that is shown live shares with one that is exported: sheet, presenter mode, and their script."""
    parts = {name: _environment().get_template(f"{name}.html.j2").render(has_cut=True) for name in ("stage", "keys")}
    css, page, room = ((TEMPLATES / name).read_text("utf-8") for name in ("page.css", "page.js", "room.js"))
    return parts | {"css": sheet + css, "script": page + room}


def _digest(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"

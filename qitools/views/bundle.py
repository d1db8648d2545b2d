"""Everything a page needs to draw, for use without a network: Vega, Vega-Lite and our own script in one function.

The licences of what it holds go before it. Bundling takes some four seconds and starts threads, so it is done once for
each version and kept in the user's cache folder. From then on it is a file to read, and vl-convert is not imported.
"""

from __future__ import annotations

import functools
from importlib.metadata import version
from importlib.resources import files

from qitools import cache
from qitools.errors import RunError

VEGA_LITE = "6.4"  # the Vega-Lite that altair 6 writes for
GLOBAL = "window.qitoolsEmbed="  # how the bundle hands over its one function; it is to stay ours alone


@functools.cache
def script() -> str:
    """The script of a page: defines ``window.qitools`` and nothing else.

    Raises:
        RunError: vl-convert's bundle is not of the form we know.
    """
    live, own, licences = (static(name) for name in ("live.js", "figure.js", "licences.txt"))
    once = "if (window.qitools && window.qitools.live) return;"
    return f'/*!\n{licences}*/\n(function () {{\n"use strict";\n{once}\n{_vega()}\n{live}\n{own}}})();\n'


def static(name: str) -> str:
    """A script or a sheet of our own."""
    return files("qitools.views").joinpath("static", name).read_text(encoding="utf-8")


def _vega() -> str:
    """Vega in one piece, ending in ``const embed``: from the cache, else made and kept."""
    kept = cache.folder() / f"vega-lite-{VEGA_LITE}-vl-convert-{version('vl-convert-python')}.js"
    if kept.is_file():
        return kept.read_text(encoding="utf-8")
    text = _made()
    cache.keep(kept, text)
    return text


def _made() -> str:
    import vl_convert

    text: str = vl_convert.javascript_bundle(f"{GLOBAL}vegaEmbed;", vl_version=VEGA_LITE)
    if text.count(GLOBAL) != 1:
        raise RunError("The drawing library could not be bundled: vl-convert's bundle does not end as expected.")
    text = text.replace(GLOBAL, "const embed=")
    # Inside a <script>, these two would end it or open a comment; in a JavaScript string they mean the same.
    return text.replace("</script", r"<\/script").replace("<!--", r"<\!--")

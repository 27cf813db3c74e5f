"""What a page that stands open loads again and again: scripts beside it, since a page from disk may fetch nothing.

`live.js` lists the sessions with the version of each and what a key has just changed; a section that has
another version than the page shows is loaded from a script in its session's folder. Both are drawn by the same code as
the page, so that there is one way only to show a still.
"""

import json
from collections.abc import Sequence
from typing import Any

from . import summary
from .sections import Section

FILE_NAME = "live.js"

_CALL = "cinepalette."


def listing(shown: Sequence[Section], addresses: Sequence[str], at: str) -> dict[str, Any]:
    """All sessions older than a moment, the latest first, with the address from which each can be loaded."""
    rows = [[one.id, one.version, one.at, address] for one, address in zip(shown, addresses, strict=True)]
    return {"summary": summary(shown), "at": at, "sessions": rows}


def whole(section: Section, order: Sequence[int]) -> dict[str, Any]:
    """A session with all its stills; `order` names those as well that have their place and are not written yet."""
    return {
        "id": section.id,
        "version": section.version,
        "at": section.at,
        "entry": section.entry,
        "order": order,
        "html": section.html,
    }


def touched(section: Section) -> dict[str, Any]:
    """A session that has just changed: the order of its stills, and the one that came last as HTML."""
    newest = max(section.session.stills, key=lambda still: still.n)
    return {
        "id": section.id,
        "at": section.at,
        "entry": section.entry,
        "head": section.head,
        "order": section.numbers,
        "newest": section.still_html(newest),
    }


def script(**calls: dict[str, Any] | None) -> str:
    """A script that hands each of these to the page's function of that name, a line each."""
    return "".join(f"{_CALL}{name}({json.dumps(data)});\n" for name, data in calls.items() if data is not None)


def beginning(text: str) -> str:
    """What distinguishes the script of a session from an older one: its name, version and moment."""
    return text.partition(', "entry"')[0]


def parsed(text: str) -> dict[str, dict[str, Any]]:
    """What a script of `script` hands over; empty for any other text."""
    found = {}
    for line in text.splitlines():
        name, opened, rest = line.removeprefix(_CALL).partition("(")
        if not (line.startswith(_CALL) and opened and rest.endswith(");")):
            return {}
        found[name] = json.loads(rest[:-2])
    return found

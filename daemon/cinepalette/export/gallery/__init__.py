"""The gallery: one page with all sessions, that opens from disk without a server or a network and follows them live.

Its HTML, CSS and JavaScript stand beside this file as what they are, and go into the page whole, so that `index.html`
depends on nothing but the pictures. `live` makes the scripts from which a page that stands open learns what is new.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib import resources
from string import Template

from ...model import Session
from .places import OnDisk, Places, identity
from .sections import Section, count, section, sections

__all__ = [
    "FILE_NAME",
    "OnDisk",
    "Places",
    "Section",
    "base_style",
    "identity",
    "page",
    "policy",
    "section",
    "sections",
    "summary",
]

FILE_NAME = "index.html"

# Earlier ones are folded away, or the list would push the stills off the first screen.
_LATEST_SESSIONS = 12

_ON_DISK = OnDisk()

_EMPTY = '<p class="empty">Nothing hangs here yet. Press your key while a film plays in VLC.</p>\n'


def page(
    sessions_: Sequence[tuple[str, Session]],
    places: Places = _ON_DISK,
    at: Mapping[str, str] | None = None,
) -> str:
    """The page for sessions given with their folders' names, the latest last; it shows the latest first.

    `places` gives the addresses of pictures and files, `at` when each session was read, for `live`. Whatever a title
    holds stays text.
    """
    return of_sections(sections(sessions_, places, at), places)


def of_sections(shown: Sequence[Section], places: Places = _ON_DISK) -> str:
    """The page of sessions that are HTML already, the latest first."""
    template, style, script = _parts()
    return Template(template).substitute(
        policy=policy(places),
        follow="".join(f' data-{name}="{escape(address)}"' for name, address in places.follow.items()),
        links="".join(f'<a href="{escape(address)}">{escape(name)}</a>\n' for name, address in places.links.items()),
        style=style,
        script=script,
        summary=summary(shown),
        contents=_contents(shown) if shown else "",
        sessions="".join(one.html for one in shown) or _EMPTY,
    )


def summary(shown: Sequence[Section]) -> str:
    """`2 sessions, 20 stills`, empty where there is none."""
    if not shown:
        return ""
    return f"{count(len(shown), 'session')}, {count(sum(len(one.numbers) for one in shown), 'still')}"


@cache
def _parts() -> tuple[str, str, str]:
    """The page's HTML, CSS and JavaScript as they ship with the program."""
    return _part("page.html"), base_style() + _part("page.css"), _part("page.js")


def base_style() -> str:
    """The CSS that other pages of the program share with this one."""
    return _part("base.css")


def _part(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def policy(places: Places = _ON_DISK) -> str:
    """The content security policy: the page runs its own script and what that script loads, and nothing else."""
    _, style, script = _parts()
    follows = " 'strict-dynamic'" if "script" in places.follow else ""
    connects = "; connect-src 'self'" if "events" in places.follow else ""
    return (
        f"default-src 'none'; img-src 'self' file:; script-src '{_digest(script)}'{follows}; "
        f"style-src '{_digest(style)}'; style-src-attr 'unsafe-inline'{connects}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _contents(shown: Sequence[Section]) -> str:
    entries = [one.entry for one in shown]
    latest, earlier = "".join(entries[:_LATEST_SESSIONS]), "".join(entries[_LATEST_SESSIONS:])
    more = f'<details>\n<summary>Earlier sessions</summary>\n<ol class="contents many">\n{earlier}</ol>\n</details>\n'
    # One session needs no list; a page that follows it shows the list as soon as there is a second one.
    hidden = " hidden" if len(shown) < 2 else ""
    return (
        f'<nav aria-label="Sessions"{hidden}>\n<ol class="contents">\n{latest}</ol>\n{more if earlier else ""}</nav>\n'
    )

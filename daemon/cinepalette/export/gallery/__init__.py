"""The gallery: one page with all sessions, that opens from disk without a server or a network.

Its HTML, CSS and JavaScript stand beside this file as what they are, and go into the page whole, so that `index.html`
depends on nothing but the pictures.
"""

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from html import escape
from importlib import resources
from string import Template
from urllib.parse import quote

from ...color.names import color_name
from ...model import Session, Still, Swatch, timecode
from ..formats import FORMATS, SESSION_FORMATS
from ..group import plain

FILE_NAME = "index.html"

# A band of a session's colors shows at most so many of its stills, evenly chosen.
_BAND_STILLS = 24

# Earlier ones are folded away, or the list would push the stills off the first screen.
_LATEST_SESSIONS = 12

_TITLE_LIMIT = 300

# About 2 kB each; a still is drawn into the page once and kept as long as it does not change.
_KEPT_STILLS = 20_000

_EMPTY = '<p class="empty">Nothing hangs here yet. Press your key while a film plays in VLC.</p>\n'


def page(sessions: Sequence[tuple[str, Session]], small: Callable[[Still], str] | None = None) -> str:
    """The page for sessions given with their folders' names, the latest last; it shows the latest first.

    Pictures are linked by their paths below the page's own folder. `small` tells where in its session's folder a still
    has a smaller picture of what is inside its letterbox bars; where that is gone the page shows the still itself.
    Whatever a title holds stays text.
    """
    shown = [(number, folder, session) for number, (folder, session) in enumerate(sessions, 1) if session.stills]
    shown.reverse()
    template, style, script = _parts()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return Template(template).substitute(
        script_hash=f"sha256-{digest}",
        style=style,
        script=script,
        summary=_summary([session for _, _, session in shown]),
        contents=_contents(shown) if len(shown) > 1 else "",
        sessions="".join(_session(*one, small) for one in shown) or _EMPTY,
    )


@cache
def _parts() -> tuple[str, str, str]:
    """The page's HTML, CSS and JavaScript as they ship with the program."""
    folder = resources.files(__package__)
    html, css, js = ((folder / f"page.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return html, css, js


def _summary(sessions: Sequence[Session]) -> str:
    if not sessions:
        return ""
    stills = sum(len(session.stills) for session in sessions)
    return f"{_count(len(sessions), 'session')}, {_count(stills, 'still')}"


def _contents(shown: Sequence[tuple[int, str, Session]]) -> str:
    entries = [
        f'<li><a href="#s{number}"><span class="script" style="background:{_band(session)}"></span>'
        f'<bdi class="title">{_title(session)}</bdi><span class="about">{_day(session)}</span></a></li>\n'
        for number, _, session in shown
    ]
    latest, earlier = "".join(entries[:_LATEST_SESSIONS]), "".join(entries[_LATEST_SESSIONS:])
    more = f'<details>\n<summary>Earlier sessions</summary>\n<ol class="contents many">\n{earlier}</ol>\n</details>\n'
    return f'<nav aria-label="Sessions">\n<ol class="contents">\n{latest}</ol>\n{more if earlier else ""}</nav>\n'


def _session(number: int, folder: str, session: Session, small: Callable[[Still], str] | None) -> str:
    base, title = _address(folder), _title(session)
    stills = "".join(_still(base, title, still, small) for still in session.stills)
    return (
        f'<section class="session" id="s{number}" aria-labelledby="t{number}">\n<div class="label">\n'
        f'<h2 id="t{number}" dir="auto">{title}</h2>\n<p class="about">{_about(session)}</p>\n'
        f'<p class="files">{_files(base)}</p>\n</div>\n<ol class="stills">\n{stills}</ol>\n</section>\n'
    )


@lru_cache(_KEPT_STILLS)
def _still(base: str, title: str, still: Still, small: Callable[[Still], str] | None) -> str:
    """A still with its strip and its label; `base` is the folder as an address, `title` HTML already."""
    when = "" if still.time_s is None else timecode(still.time_s)
    colors = ", ".join(f"{color_name(swatch.rgb)} {_share(swatch.share)}" for swatch in still.swatches)
    alternative = f"Still {still.n} of {title}{f' at {when}' if when else ''}: {colors}"
    left, top, right, bottom = (still.box if small else None) or (0, 0, *still.size)
    width, height = right - left, max(bottom - top, 1)
    address = f"{base}/{_address(still.still)}"
    picture = f"{base}/{_address(small(still))}" if small else address
    strip = "".join(f'<span style="--color:{one.hex};--share:{one.share:.4f}"></span>' for one in still.swatches)
    buttons = "".join(_button(index, swatch) for index, swatch in enumerate(still.swatches))
    return (
        f'<li class="still" style="--ratio:{width / height:.4f}"><figure><a class="picture" href="{address}">'
        f'<img src="{picture}" width="{width}" height="{height}" loading="lazy" decoding="async" '
        f'alt="{alternative}"></a>'
        f'<div class="strip" aria-hidden="true">{strip}</div>'
        f'<figcaption><p class="when"><span>{when}</span><span>{still.n}</span></p>'
        f'<ol class="colors" aria-label="Palette of still {still.n}: press to copy">{buttons}</ol></figcaption>'
        f"</figure></li>\n"
    )


def _button(index: int, swatch: Swatch) -> str:
    return (
        f'<li><button type="button" tabindex="{-1 if index else 0}" style="--color:{swatch.hex}">'
        f"<code>{swatch.hex}</code> <span>{color_name(swatch.rgb)}</span> <span>{_share(swatch.share)}</span>"
        "</button></li>"
    )


def _files(base: str) -> str:
    files = [("Collage", "collage.png")]
    files += [(name.upper(), f"palette{FORMATS[name].extension}") for name in SESSION_FORMATS]
    return "".join(f'<a href="{base}/{file}">{label}</a>' for label, file in files)


def _band(session: Session) -> str:
    """The strips of a session side by side, as a CSS background."""
    count = min(len(session.stills), _BAND_STILLS)
    chosen = [session.stills[index * len(session.stills) // count] for index in range(count)]
    stops, position = [], 0.0
    for still in chosen:
        for swatch in still.swatches:
            stops.append(f"{swatch.hex} {position:.2f}% {position + swatch.share * 100 / count:.2f}%")
            position += swatch.share * 100 / count
    return f"linear-gradient(90deg,{','.join(stops)})" if stops else "none"


def _address(path: str) -> str:
    """A path as part of an address, also where it is not valid UTF-8."""
    return quote(path, errors="surrogateescape")


def _title(session: Session) -> str:
    return escape(plain(session.title, _TITLE_LIMIT)) or "Untitled"


def _about(session: Session) -> str:
    return f"{_day(session)} · {_count(len(session.stills), 'still')}"


def _day(session: Session) -> str:
    day = session.started_at
    return f"{day:%B} {day.day}, {day.year}"


def _share(share: float) -> str:
    """A share in whole percent, which is as much as the eye can tell, as HTML."""
    return "&lt;1%" if share < 0.005 else f"{share:.0%}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"

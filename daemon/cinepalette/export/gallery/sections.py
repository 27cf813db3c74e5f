"""A session as a part of the page: its entry in the list of sessions, its label and its stills."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from html import escape

from ...color.names import color_name
from ...model import Box, Session, Still, Swatch, one_line
from ...picture import letterbox
from ..formats import FORMATS, SESSION_FORMATS
from .places import Places, identity

# A band of a session's colors shows at most this many of its stills, evenly chosen.
_BAND_STILLS = 24

_TITLE_LIMIT = 300

# About 2 kB each; a still is drawn into the page once and kept as long as it does not change.
_KEPT_STILLS = 20_000

# Stills of one film differ by a line or two in height; they hang in a grid, those of several shapes in rows.
_SAME_SHAPE = 1.05


@dataclass(frozen=True)
class Section:
    """A session as HTML."""

    id: str
    folder: str
    at: str
    """When the session was read, as text that sorts by time; empty where nobody asks."""
    entry: str
    """Its line in the list of sessions."""
    label: str
    """What stands in the section before its first still."""
    session: Session
    places: Places

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of its stills, in their order."""
        return tuple(still.n for still in self.session.stills)

    def still_html(self, still: Still) -> str:
        """One of its stills."""
        return _still(self.places, self.places.base(self.folder, self.session), _title(self.session), still)

    @cached_property
    def stills_html(self) -> tuple[str, ...]:
        return tuple(map(self.still_html, self.session.stills))

    @cached_property
    def version(self) -> str:
        """Changes with anything that is shown."""
        return hashlib.blake2b("".join((self.entry, self.label, *self.stills_html)).encode(), digest_size=8).hexdigest()

    @cached_property
    def html(self) -> str:
        return self._around("".join(self.stills_html), self.version)

    @property
    def head(self) -> str:
        """The section without a still, and of no version."""
        return self._around("", "")

    def _around(self, stills: str, version: str) -> str:
        opened = (
            f'<section class="session" id="{self.id}" aria-labelledby="t{self.id}" '
            f'data-version="{version}" data-at="{self.at}">\n'
        )
        return f"{opened}{self.label}{stills}</ol>\n</section>\n"


def sections(
    sessions: Sequence[tuple[str, Session]], places: Places, at: Mapping[str, str] | None = None
) -> list[Section]:
    """The sessions that show a still, given with their folders' names and the latest last; the latest comes first."""
    at = at or {}
    shown = [(folder, session) for folder, session in sessions if session.stills]
    days = _days(session for _, session in shown)
    return [
        _section(folder, session, places, at.get(folder, ""), clock=days[session.started_at.date()] > 1)
        for folder, session in reversed(shown)
    ]


def section(
    folder: str, sessions: Sequence[tuple[str, Session]], places: Places, at: Mapping[str, str]
) -> Section | None:
    """One of these sessions; None where it shows no still."""
    days = _days(session for _, session in sessions)
    for name, session in sessions:
        if name == folder and session.stills:
            return _section(folder, session, places, at.get(folder, ""), clock=days[session.started_at.date()] > 1)
    return None


def _days(sessions: Iterable[Session]) -> Counter[date]:
    return Counter(session.started_at.date() for session in sessions)


def count(number: int, word: str) -> str:
    """`1 still`, `1,200 stills`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _section(folder: str, session: Session, places: Places, at: str, *, clock: bool) -> Section:
    name, title, day = identity(folder, session), _title(session), _day(session, clock=clock)
    base = places.base(folder, session)
    entry = (
        f'<li data-session="{name}"><a href="#{name}">'
        f'<span class="script" style="background:{_band(session)}"></span>'
        f'<bdi class="title">{title}</bdi><span class="about">{day}</span></a></li>\n'
    )
    collage = escape(places.file(base, "collage.png"))
    label = (
        '<div class="label">\n'
        # A new address for a new picture, which an open page would not load again otherwise.
        f'<a class="collage" href="{collage}"><img src="{escape(places.collage(base))}?{at}" loading="lazy" '
        f'decoding="async" alt="The collage of {title}"></a>\n'
        f'<h2 id="t{name}" dir="auto">{title}</h2>\n'
        f'<p class="about">{day} · <span>{count(len(session.stills), "still")}</span></p>\n'
        f'<p class="files">{_files(base, places)}</p>\n</div>\n<ol class="stills{_shape(session)}>\n'
    )
    return Section(name, folder, at, entry, label, session, places)


@lru_cache(_KEPT_STILLS)
def _still(places: Places, base: str, title: str, still: Still) -> str:
    """A still with its strip and its label; `title` is HTML already."""
    label = escape(one_line(still.label, _TITLE_LIMIT))
    colors = ", ".join(f"{color_name(swatch.rgb)} {_share(swatch.share)}" for swatch in still.swatches)
    before = ", " if still.time_s is None else " at "
    alternative = f"Still {still.n} of {title}{f'{before}{label}' if label else ''}: {colors}"
    left, top, right, bottom = _box(still)
    width, height = right - left, bottom - top
    small, whole = places.small(base, still), escape(places.still(base, still))
    # The still with its bars outside the frame: as it is shown where it has no smaller picture, or that is gone.
    frame = f"--x:{left / width:.4f};--y:{top / width:.4f};--w:{still.size[0] / width:.4f}"
    strip = "".join(f'<span style="--color:{one.hex};--share:{one.share:.4f}"></span>' for one in still.swatches)
    buttons = "".join(_button(index, swatch) for index, swatch in enumerate(still.swatches))
    body = (
        f'style="--ratio:{width / height:.4f}"><figure>'
        f'<a class="picture{"" if small else " whole"}" href="{whole}" style="{frame}">'
        f'<img src="{escape(small) if small else whole}" width="{width}" height="{height}" loading="lazy" '
        f'decoding="async" alt="{alternative}"></a>'
        f'<div class="strip" aria-hidden="true">{strip}</div>'
        f'<figcaption><p class="when"><bdi>{label}</bdi><span>{still.n}</span></p>'
        f'<ol class="colors" aria-label="Palette of still {still.n}: press to copy">{buttons}</ol></figcaption>'
        f"</figure></li>\n"
    )
    version = hashlib.blake2b(body.encode(), digest_size=5).hexdigest()
    taken = f"{still.taken_at.timestamp():.3f}"
    return f'<li class="still" data-n="{still.n}" data-v="{version}" data-taken="{taken}" {body}'


def _box(still: Still) -> Box:
    left, top, right, bottom = letterbox.inside(still.box, still.size)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _shape(session: Session) -> str:
    """How the list of stills follows their shapes: the end of its class, and its style."""
    ratios = []
    for still in session.stills:
        left, top, right, bottom = _box(still)
        ratios.append((right - left) / (bottom - top))
    if max(ratios) > min(ratios) * _SAME_SHAPE:
        return f'" style="--least:{min(ratios):.4f}"'
    return f' even" style="--ratio:{max(ratios):.4f}"'


def _button(index: int, swatch: Swatch) -> str:
    return (
        f'<li><button type="button" tabindex="{-1 if index else 0}" style="--color:{swatch.hex}">'
        f"<code>{swatch.hex}</code> <span>{color_name(swatch.rgb)}</span> <span>{_share(swatch.share)}</span>"
        "</button></li>"
    )


def _files(base: str, places: Places) -> str:
    files = [("Collage", "collage.png")]
    files += [(name.upper(), f"palette{FORMATS[name].extension}") for name in SESSION_FORMATS]
    return "".join(f'<a href="{escape(places.file(base, file))}">{label}</a>' for label, file in files)


def _band(session: Session) -> str:
    """The strips of a session side by side, as a CSS background."""
    number = min(len(session.stills), _BAND_STILLS)
    chosen = [session.stills[index * len(session.stills) // number] for index in range(number)]
    stops, position = [], 0.0
    for still in chosen:
        for swatch in still.swatches:
            stops.append(f"{swatch.hex} {position:.2f}% {position + swatch.share * 100 / number:.2f}%")
            position += swatch.share * 100 / number
    return f"linear-gradient(90deg,{','.join(stops)})" if stops else "none"


def _title(session: Session) -> str:
    return escape(one_line(session.title, _TITLE_LIMIT)) or "Untitled"


def _day(session: Session, *, clock: bool) -> str:
    """`21 November 2026`, with the time of day where another session began on that day."""
    day = session.started_at
    return f"{day.day} {day:%B} {day.year}" + (f", {day:%H:%M}" if clock else "")


def _share(share: float) -> str:
    """A share in whole percent, as HTML; the eye sees no smaller difference."""
    return "&lt;1%" if share < 0.005 else f"{share:.0%}"

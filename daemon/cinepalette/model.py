"""The words of the project as data: what a still, a film, a session is.

Plain frozen records without behavior beyond what follows from their own fields. How they are read from and written to
JSON is the business of `inbox` (sidecars, requests) and `session` (session.json).
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Literal

MAX_TITLE_CHARS = 300

# The names of the player's own stills, which nobody has given.
_UNNAMED = ("vlc-", "vlcsnap-")

RGB = tuple[int, int, int]
"""sRGB, each channel 0-255, in the order red, green, blue."""

Size = tuple[int, int]
"""(width, height) in pixels, as in Pillow."""

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels, right and bottom exclusive, as in Pillow."""


Progress = Callable[[int, int], None]
"""Called by what takes long, with the number done and the number in all."""


@dataclass(frozen=True)
class Swatch:
    """One color of a palette."""

    rgb: RGB
    share: float
    """Part of the picture (without letterbox bars) that this swatch stands for, 0-1; those of a palette sum to 1."""
    at: tuple[float, float] | None = None
    """Where in the still the color sits: (x, y) of a representative pixel as fractions 0-1 of its width and height."""

    @property
    def hex(self) -> str:
        """The color as `#rrggbb`."""
        return "#{:02x}{:02x}{:02x}".format(*self.rgb)


Palette = tuple[Swatch, ...]
"""The swatches of a still, in the order in which they are drawn."""


@dataclass(frozen=True)
class Video:
    """What the player knows of the video behind a still; None where it does not know.

    The words are those of the sidecar: lower case, as in the `video` object that the plugin writes.
    """

    width: int | None = None
    height: int | None = None
    matrix: str | None = None
    """bt601, bt709 or bt2020: the coefficients between R'G'B' and Y'CbCr."""
    range: str | None = None
    """limited or full."""
    transfer: str | None = None
    """bt709, srgb, linear, bt470bg, bt470m, smpte240, pq or hlg."""
    primaries: str | None = None
    """bt709, bt601-525, bt601-625, bt2020, dci-p3, bt470m or film."""
    orientation: str | None = None
    """VLC's name for how the coded picture lies: top-left (upright), left-bottom, ...; see truth.py for the others."""
    chroma: str | None = None
    """VLC's own four letters for the decoded pixels, lower case: i420, j420 (full range), i0al (10 bits), rv32, ..."""


@dataclass(frozen=True)
class Sidecar:
    """What the player says about one still."""

    player: str | None = None
    """Name and version, e.g. `vlc 3.0.24`."""
    title: str | None = None
    uri: str | None = None
    time_s: float | None = None
    duration_s: float | None = None
    taken_at: datetime | None = None
    """With offset from UTC."""
    session: str | None = None
    """The session that was asked for by name, when a person asked for one."""
    video: Video = field(default_factory=Video)


@dataclass(frozen=True)
class Film:
    """A film, known again by content and not by where it lies."""

    title: str
    key: str
    """Equal for equal films: a fingerprint of the file, or title and duration where there is no file to read."""
    duration_s: float | None = None


@dataclass(frozen=True)
class Step:
    """One thing that was done to a picture before it became a still. `picture.wording` says it in a sentence."""

    step: Literal[
        "from-film",
        "assumed",
        "encoded",
        "decoded",
        "tone-mapped",
        "gamut-mapped",
        "turned",
        "left-lying",
        "first-frame",
        "reduced",
        "scaled",
        "exif-turned",
        "flattened",
        "profiled",
        "profile-ignored",
        "converted",
        "noted",
    ]
    matrix: str | None = None
    """assumed, encoded, decoded: the matrix of the video, as in `Video.matrix`."""
    was: str | None = None
    """encoded, decoded: the wrong matrix with which the player had decoded it; None where it had not."""
    transfer: str | None = None
    """tone-mapped: pq or hlg."""
    peak: float | None = None
    """tone-mapped: the brightest light that was given room, in cd/m²."""
    orientation: str | None = None
    """turned: how the picture lay; left-lying: the unknown word."""
    said: str | None = None
    """What the source said: an unknown matrix, the mode or size of a file, the name of its profile, an old note."""


@dataclass(frozen=True)
class Still:
    """One still of a session."""

    n: int
    """Its number, for good; the order of a session is the order of its list."""
    still: str
    """The clean picture, as a path with `/` below the session's folder."""
    card: str
    """The picture with its strip, likewise."""
    taken_at: datetime
    size: Size
    swatches: Palette
    time_s: float | None = None
    """Position in the film."""
    source: str = ""
    """The name under which the picture arrived in the inbox."""
    fingerprint: str = ""
    """Of all bytes of the file that arrived."""
    arrival: str = ""
    """What the inbox knew the arrival by, so that a crash between keeping and clearing does not take it twice."""
    correction: tuple[Step, ...] = ()
    """What was done to make the colors true, in order; empty for a picture taken as it is."""
    box: Box | None = None
    """The picture inside the letterbox bars, in pixels of the still; None when there are no bars."""
    written: bool = True
    """Whether its files are on disk: a still first gets its place, then it is written, and then it is drawn."""

    @property
    def label(self) -> str:
        """What stands beside it: its position in the film, or the name of a picture from elsewhere."""
        if self.time_s is not None:
            return timecode(self.time_s)
        return "" if self.source.startswith(_UNNAMED) else PurePath(self.source).stem


@dataclass(frozen=True)
class Change:
    """One change of a session, with what it takes to undo it.

    Where a still stood is said by the number of the still before it, 0 for the first: a position would be another one
    as soon as other stills come and go. A change of two sessions stands in both, each seen from its own side.
    """

    do: Literal["add", "remove", "move", "rename", "close", "merge", "given", "split", "begun"]
    """merge and split: this session took stills from another, or began another with them; given and begun are their
    other sides."""
    numbers: tuple[int, ...] = ()
    """The stills it is about, in their order."""
    stood: tuple[int, ...] = ()
    """The still before each of them, before the change; empty where they came with it."""
    stands: tuple[int, ...] = ()
    """The still before each of them, after the change; empty where they went with it."""
    titles: tuple[str, ...] = ()
    """rename: (before, after); with a partner: its title."""
    folders: tuple[str, ...] = ()
    """rename: the folder's name (before, after); with a partner: the name of its folder."""
    partner: str = ""
    """The `id` of the other session."""
    partner_numbers: tuple[int, ...] = ()
    """The same stills under their numbers there."""
    partner_beside: tuple[int, ...] = ()
    """The still before each of them there."""
    films: tuple[Film, ...] = ()
    """The partner's films: the next still of one of them goes to who shows them now."""


@dataclass(frozen=True)
class Session:
    """The stills of one film in one sitting."""

    title: str
    started_at: datetime
    film: Film | None = None
    """None for pictures that came without a sidecar."""
    stills: tuple[Still, ...] = ()
    """In the order of the collage."""
    removed: tuple[Still, ...] = ()
    """Taken out; they can be put back."""
    closed: bool = False
    """A closed session takes no more stills: the viewer asked for a new collage."""
    done: tuple[Change, ...] = ()
    """What can be undone, the latest last."""
    undone: tuple[Change, ...] = ()
    """What can be done again, the latest last."""
    id: str = ""
    """By which other sessions know it, whatever its folder is called."""
    last_n: int = 0
    """The highest number that a still of it ever had."""
    active_at: datetime | None = None
    """When the latest still came, by our own clock; a sidecar's or a picture's may be wrong by years."""

    @property
    def as_written(self) -> "Session":
        """The session with only those of its stills that are written: what may be drawn and handed over."""
        if all(still.written for still in self.stills):
            return self
        return replace(self, stills=tuple(still for still in self.stills if still.written))


def timecode(time_s: float) -> str:
    """A position in a film as people read it: `00:41:07`."""
    hours, rest = divmod(int(time_s), 3600)
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}"


def label(still: Still, title: str) -> str:
    """A still in a line: `3 · Big Buck Bunny 00:41:07`."""
    at = "" if still.time_s is None else f" {timecode(still.time_s)}"
    return f"{still.n} · {title}{at}"


# Controls, lone halves of UTF-16 pairs, line separators and code points that are no characters: XML forbids them,
# terminals obey them, and a format of lines breaks at them.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})

# Embeddings, overrides and isolates turn around what stands after a title; the letters' own direction is kept.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def one_line(text: str, most_chars: int = MAX_TITLE_CHARS) -> str:
    """A text from outside on one line that can be shown anywhere, with an ellipsis where it is cut."""
    if not text.isascii() or not text.isprintable():
        # A pair of surrogates is one character that came through UTF-16; a half is none.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = "".join(
            "" if char in _BIDI_CONTROLS else " " if unicodedata.category(char) in _UNSAFE_CATEGORIES else char
            for char in text
        )
    text = " ".join(text.split())
    return text if len(text) <= most_chars else text[: most_chars - 1].rstrip() + "…"

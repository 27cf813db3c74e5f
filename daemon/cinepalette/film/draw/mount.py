"""What stands around every drawing: margins, title, time axis, the film's palette; quiet, so that the colors speak."""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from ...drawing import paper, strip
from ...drawing.style import Background
from ...model import RGB, Palette, Size
from .page import Page, width_of

# Steps of a time axis, in seconds.
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600)


Span = tuple[float, float]
"""The part of a film that a drawing shows: from, to, in seconds."""


@dataclass(frozen=True)
class Pin:
    """A still of the viewer's, to be marked on a drawing."""

    time_s: float
    palette: Palette = ()
    rgb: np.ndarray | None = None
    """Its picture, uint8 (height, width, 3), where a drawing shows it."""


@dataclass(frozen=True)
class Caption:
    """What the page says of the film."""

    title: str
    facts: str = ""
    """A second, quiet line: length, samples."""
    palette: Palette = ()
    """The film's own."""


@dataclass(frozen=True)
class Room:
    """Where a drawing goes, in whole pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Inks:
    """Colors of type and fine lines on a paper."""

    title: RGB
    quiet: RGB
    hair: RGB

    @classmethod
    def on(cls, on: RGB) -> "Inks":
        return cls(paper.ink(on), paper.quiet_ink(on), paper.ink(on, 1.6))


@dataclass(frozen=True)
class Mount:
    """A page with its caption set, and the room that is left."""

    page: Page
    room: Room
    inks: Inks
    type_px: float
    """Size of the small type."""


def mounted(size: Size, caption: Caption, background: Background = "white", *, axis: bool = True) -> Mount:
    """A page of that size with its caption below; `axis` keeps room for a time axis between drawing and caption."""
    width, height = size
    page = Page(size, paper.ground(background, [caption.palette]))
    inks = Inks.on(page.paper)
    mean = sqrt(width * height)
    margin = round(0.055 * mean)
    small = 0.0125 * mean
    large = 0.021 * mean
    base = height - margin
    title_line = base - 1.9 * small if caption.facts else base
    swatches = _palette(page, caption.palette, (width - margin, title_line, base), 0.036 * mean, small * 0.82, inks)
    room = max(1.0, width - 2 * margin - swatches)
    page.text((margin, title_line), caption.title, large, inks.title, "bold", room=room)
    page.text((margin, base), caption.facts, small, inks.quiet, room=room)
    top_of_caption = title_line - large
    bottom = round(top_of_caption - (3.4 if axis else 1.9) * small - 0.6 * small)
    return Mount(page, Room(margin, margin, width - margin, max(margin + 1, bottom)), inks, small)


def time_axis(mount: Mount, span_s: Span, left: float, right: float, y: float) -> None:
    """Ticks below a drawing whose time runs from left to right, and what moment each is."""
    start_s, end_s = span_s
    step_s = step(end_s - start_s, (right - left) / (mount.type_px * 6))
    for n in range(ceil(start_s / step_s), int(end_s / step_s) + 1):
        x = left + (right - left) * (n * step_s - start_s) / (end_s - start_s)
        mount.page.line([(x, y + 0.35 * mount.type_px), (x, y + 0.8 * mount.type_px)], mount.inks.hair, hair(mount))
        label = moment(n * step_s, step_s)
        half = width_of(label, mount.type_px * 0.9) / 2
        if x + half <= right:
            anchor, at = (0.5, x) if x - half >= left else (0.0, left)
            mount.page.text((at, y + 2.1 * mount.type_px), label, mount.type_px * 0.9, mount.inks.quiet, anchor=anchor)


def step(duration_s: float, most: float) -> int:
    """The smallest step of an axis that has at most `most` steps."""
    return next((step_s for step_s in _STEPS_S if duration_s / step_s <= max(2.0, most)), _STEPS_S[-1])


def moment(time_s: float, step_s: float = 1) -> str:
    """A moment on an axis: minutes 40′, below a minute seconds 15″."""
    minutes, seconds = divmod(round(time_s), 60)
    if step_s >= 60 or (minutes and not seconds):
        return f"{minutes}′"
    return f"{minutes}′{seconds:02}″" if minutes else f"{seconds}″"


def hair(mount: Mount) -> float:
    """The thickness of a fine line."""
    return max(1.0, mount.type_px / 14)


def _palette(
    page: Page, palette: Palette, place: tuple[float, float, float], side: float, code: float, inks: Inks
) -> float:
    """The film's swatches at the lower right, with their codes where they can be read; gives the width they take."""
    right, _, base = place
    if not palette:
        return 0.0
    wide = max(side, width_of("#000000", code) * 1.25) if code >= strip.SMALLEST_TYPE_PX else side
    left = round(right - wide * len(palette))
    codes = code >= strip.SMALLEST_TYPE_PX
    bottom = round(base - 1.75 * code) if codes else round(base)
    top = round(bottom - side)
    for number, swatch in enumerate(palette):
        x = round(left + number * wide)
        end = round(left + (number + 1) * wide)
        page.rect(x, top, end, bottom, swatch.rgb)
        if codes:
            page.text((x, base), swatch.hex, code, inks.quiet)
    return right - left + 2 * side

"""Cards to canvas: the session as a poster, a column, a wallpaper, a story, a film strip or a color script.

`plan` says where everything goes, `draw` draws it. Pictures come from a function that gives still i at just the size it
is needed in; strips and type are drawn at their own size, so that an eyedropper finds the very hex codes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import pairwise
from math import ceil, log, sqrt
from typing import Literal

import numpy as np
from PIL import Image

from ..errors import UsageError
from ..model import RGB, Box, Palette, Size
from . import layout, strip, typesetting
from .strip import Background, CardStyle, Fittings

Layout = Literal["poster", "column", "wallpaper", "story", "square", "strip", "script"]


@dataclass(frozen=True)
class CollageStyle:
    """[collage]: how a session's stills become one picture. Strips look as [card] says."""

    layout: Layout = "poster"
    """poster: a balanced grid. column: one under another. wallpaper: edge to edge. story: 9:16. square. strip: film.
    script: the palettes alone, a line each."""
    ratio: float = field(default=0.8, metadata={"min": 0.25, "max": 4.0})
    """Width to height that a poster comes near to."""
    size: str = field(
        default="",
        metadata={
            "pattern": r"([1-9]\d{2,4}x[1-9]\d{2,4})?",
            "example": "3840x2160, a hundred pixels a side or more",
        },
    )
    """WIDTHxHEIGHT in pixels, for all but column; empty: as large as the stills are sharp, wallpapers 3840x2160."""
    megapixels: float = field(default=12.0, metadata={"min": 1.0, "max": 60.0})
    """The most that a page has where `size` is empty; A3 in 300 dots an inch takes 17."""
    page: int = field(default=0, metadata={"min": 0, "max": 1000})
    """Stills on a page before the next one begins; 0: as many as can be read."""
    order: Literal["pressed", "film"] = "pressed"
    """pressed: the session's own order. film: by position in the film."""
    background: Background = "white"
    title: bool = True
    timecodes: bool = True
    """Whether each still's position in the film stands below it."""
    codes: bool = False
    """Whether hex codes are drawn as on the cards."""


@dataclass(frozen=True)
class Entry:
    """What a page shows of one still."""

    size: Size
    """Of the picture, without letterbox bars."""
    palette: Palette
    label: str = ""


@dataclass(frozen=True)
class Heading:
    """What stands above the stills."""

    title: str = ""
    facts: str = ""


@dataclass(frozen=True)
class Spot:
    """A still on a page."""

    at: tuple[int, int]
    """Left and top of the cell (the still with its strips)."""
    still: Size
    fit: Fittings


@dataclass(frozen=True)
class Plan:
    """A page, before it is drawn."""

    size: Size
    spots: tuple[Spot, ...]
    heading: tuple[tuple[tuple[int, int], Image.Image], ...] = ()
    """Set type, each with its left and top."""
    label_px: int = 0
    """Size of the type below the stills; 0 for none."""
    card: CardStyle = CardStyle()
    film: tuple[Box, ...] = ()
    """Bands of film base behind the stills."""
    lines: tuple[Box, ...] = ()
    """Of a color script."""


# Stills on a page, so that each is large enough to be looked at.
PAGE = {"poster": 60, "column": 24, "wallpaper": 60, "story": 24, "square": 36, "strip": 40, "script": 1000}
SIZES = {"wallpaper": (3840, 2160), "story": (2160, 3840), "square": (3000, 3000)}

# Canvases above which viewers and JPEG (65,500) give up, and below which type falls apart.
_LONGEST_PX = 24_000
_SHORTEST_PX = 1200
_TRIAL_PX = 2000
# Each still has so many pixels of a page, or the page is too small.
_FEWEST_PX = 1000

# A color script of a free size, as long as lines of so many pixels allow it.
_SCRIPT = (2400, 3000)
_SCRIPT_LINE_PX = 3.0
# Width of a timecode and the space after it, in parts of its type's size.
_TIMECODE = 5.6

# A wallpaper whose strips would be thinner than this, in parts of the picture's height, has them laid over.
_THIN_STRIP = 0.03

# Frames on a length of film, as long as it takes few of these.
_FRAMES_A_BAND = 5
# 35 mm film (ISO 491): 25 mm between two edges of 5 mm, in each a perforation of 2.8 by 2 mm every 4.75 mm.
_FILM_EDGE = 5 / 25
_PERFORATION = (2.0 / 5, 2.8 / 5, 4.75 / 5)
_FILM_BASE: RGB = (18, 17, 18)
# The color in which film makers' edge numbers show.
_EDGE_PRINT: RGB = (214, 164, 84)


def page_size(style: CollageStyle) -> int:
    """How many stills a full page has; a column of more than a hundred would be a thread."""
    return min(style.page or PAGE[style.layout], 100 if style.layout == "column" else 1000)


def plan(
    entries: Sequence[Entry],
    card: CardStyle,
    style: CollageStyle,
    heading: Heading,
    setter: typesetting.Setter = typesetting.plain,
) -> Plan:
    """Where everything of one page goes; there is at least one entry.

    Raises `UsageError` when the size that was asked for is too small for so many stills.
    """
    card = card if style.codes else replace(card, codes="none")
    size = _wanted_size(style)
    found: Plan | None
    if size is None:
        width = _SCRIPT[0]
        if style.layout != "script":
            trial = _Sheet(entries, card, style, heading, setter, (_TRIAL_PX, None)).free()
            width = _sharp_width(trial, entries, style)
        return _Sheet(entries, card, style, heading, setter, (width, None)).free()
    found = None
    if size[0] * size[1] >= _FEWEST_PX * len(entries):
        if style.layout == "wallpaper":
            found = _wallpaper(entries, card, size)
        else:
            found = _Sheet(entries, card, style, heading, setter, size).framed(size[1])
    if found is None:
        stills = "one still" if len(entries) == 1 else f"{len(entries)} stills"
        raise UsageError(f"{size[0]}x{size[1]}: is too small a {style.layout} for {stills}")
    return found


def draw(
    page: Plan,
    entries: Sequence[Entry],
    picture: Callable[[int, Size], np.ndarray],
    style: CollageStyle,
) -> np.ndarray:
    """The page as (height, width, 3) uint8; `picture(i, size)` gives entry i at that size."""
    paper = strip.ground(style.background, [entry.palette for entry in entries])
    pixels = np.empty((page.size[1], page.size[0], 3), np.uint8)
    pixels[:] = paper
    for band in page.film:
        _film(pixels, band, page.spots[0].at[1] - page.film[0][1], paper)
    for box, entry in zip(page.lines, entries, strict=False):
        left, top, right, bottom = box
        strip.paint(pixels[top:bottom, left:right], entry.palette, page.card, Fittings(bottom - top, 0, 0, 0))
    ink = _EDGE_PRINT if page.film else strip.quiet_ink(paper)
    for i, spot in enumerate(page.spots):
        strip.place(pixels, spot.at, picture(i, spot.still), entries[i].palette, page.card, spot.fit)
    _labels(pixels, page, entries, ink)
    for at, line in page.heading:
        strip.lay(pixels, at, line)
    return pixels


class _Sheet:
    """A page of a given width, and height where one is asked for: margins, heading, and stills in rows between them."""

    def __init__(
        self,
        entries: Sequence[Entry],
        card: CardStyle,
        style: CollageStyle,
        heading: Heading,
        setter: typesetting.Setter,
        size: tuple[int, int | None],
    ) -> None:
        self.ratios = [entry.size[0] / entry.size[1] for entry in entries]
        self.mean_ratio = float(np.exp(np.mean(np.log(self.ratios))))
        self.card, self.style, self.width = card, style, size[0]
        self.labels = style.timecodes and any(entry.label for entry in entries)
        measure = min(size[0], size[1] or size[0])
        self.margin = round(0.055 * measure)
        self.title_px, self.facts_px = max(1, round(0.042 * measure)), max(1, round(0.0145 * measure))
        self.lines: list[tuple[int, Image.Image]] = []
        self.right_to_left = typesetting.is_right_to_left(heading.title)
        self.head = 0
        if style.title:
            self._set(heading, setter, strip.ground(style.background, [entry.palette for entry in entries]))

    def _set(self, heading: Heading, setter: typesetting.Setter, paper: RGB) -> None:
        """The title, on two lines if it must, and the facts below it."""
        room = self.width - 2 * self.margin
        title = typesetting.fitted(setter, heading.title, self.title_px, room, strip.ink(paper), "bold", lines=2)
        facts = typesetting.fitted(setter, heading.facts, self.facts_px, room, strip.quiet_ink(paper))
        for line, below in ((title, 0.1 * self.facts_px), (facts, 0.0)):
            if line is not None:
                self.lines.append((self.head, line))
                self.head += line.height + round(below)
        if self.lines:
            self.head += round(0.62 * self.title_px)

    def _heading(self, left: int, top: int, width: int) -> tuple[tuple[tuple[int, int], Image.Image], ...]:
        """The heading over something of that width; that of a title read from right to left ends on the right.

        One that is wider than what it stands over begins at the page's margin.
        """
        if any(line.width > width for _, line in self.lines):
            left, width = self.margin, self.width - 2 * self.margin
        return tuple(
            ((left + (width - line.width if self.right_to_left else 0), top + below), line)
            for below, line in self.lines
        )

    def free(self) -> Plan:
        """As high as it has to be."""
        room = self.width - 2 * self.margin
        match self.style.layout:
            case "script":
                count = len(self.ratios)
                good = (_SCRIPT[1] - 2 * self.margin - self.head) / count
                line = min(0.075 * self.width, max(_SCRIPT_LINE_PX, good))
                return self._script(round(line * count) + self.head + 2 * self.margin)
            case "strip":
                bands = self._bands(max(_FRAMES_A_BAND, round(0.9 * sqrt(len(self.ratios)))))
                return self._plan(bands, (self.margin, self.margin), bands.height + self.head + 2 * self.margin)
            case "column":
                block = self._block(list(range(1, len(self.ratios) + 1)), room, column=True)
            case _:
                blocks = [self._block(ends, room) for ends in self._divisions()]
                block = min(blocks, key=self._strangeness)
        return self._plan(block, (self.margin, self.margin), block.height + self.head + 2 * self.margin)

    def _strangeness(self, block: "_Block") -> float:
        """How far a poster with that block is from its ratio and from rows of one height."""
        height = block.height + self.head + 2 * self.margin
        return abs(log(self.width / height / self.style.ratio)) + 1.7 * block.unevenness

    def framed(self, height: int) -> Plan | None:
        """Exactly so high, heading and stills as one group in the middle; None when there is no room."""
        room_w, room_h = self.width - 2 * self.margin, height - 2 * self.margin - self.head
        if room_w < 1 or room_h < 1:
            return None
        if self.style.layout == "script":
            return self._script(height) if room_h >= len(self.ratios) else None
        if self.style.layout == "strip":
            counts = range(1, min(len(self.ratios), 40) + 1)
            blocks = [fitting for count in counts if (fitting := self._shrunk(partial(self._bands, count), room_h))]
        else:
            blocks = [
                fitting
                for ends in self._divisions()
                if (fitting := self._shrunk(lambda part, ends=ends: self._block(ends, round(room_w * part)), room_h))
            ]
        if not blocks:
            return None
        block = max(blocks, key=lambda one: one.shown_px / (room_w * room_h) - 0.4 * one.unevenness)
        left = self.margin + (room_w - block.width) // 2
        return self._plan(block, (left, self.margin + (room_h - block.height) // 2), height)

    def _shrunk(self, made: Callable[[float], "_Block"], room: int) -> "_Block | None":
        """A block made as large as the room's height allows; it is given the part of its full width."""
        part = 1.0
        for _ in range(40):
            block = made(part)
            if block.height <= room:
                return block
            part *= min(0.995, room / block.height)
        return None

    def _bands(self, count: int, part: float = 1.0) -> "_Block":
        """Lengths of film with about so many frames each, from edge to edge of the page."""
        room = self.width - 2 * self.margin
        even = layout.even_breaks(self.ratios, ceil(len(self.ratios) / count))[-1]
        # As long as the longest of even bands need; filled to the end one after another, the last one runs out.
        rows = layout.filled_rows(self.ratios, max(sum(row) for row in layout.parts(self.ratios, even)))
        height = part * room / max(sum(row) for row in rows)
        fit = strip.fittings(self.card, height * sqrt(self.mean_ratio))
        gap = max(2, round(0.05 * height))
        more_w, more_h = strip.surplus(self.card, fit)
        height = min(height, *(layout.justified(row, room, gap, more_w).height for row in rows))
        label = self._label_px(height)
        inner = round(height) + more_h + self._label_room(label)
        edge = max(2, round(inner * _FILM_EDGE))
        between = round(0.3 * edge) + round(0.02 * self.width)
        spots, bands, top = [], [], 0
        for row in rows:
            line = layout.of_height(row, height, gap, more_w)
            spots += [
                Spot((left, top + edge), (right - left, max(1, round(height))), fit) for left, right in line.edges
            ]
            bands.append((-self.margin, top, self.width - self.margin, top + inner + 2 * edge))
            top += inner + 2 * edge + between
        return _Block(tuple(spots), room, top - between, label, 0.0, tuple(bands))

    def _script(self, height: int) -> Plan:
        """The palettes alone, one line a still."""
        count, top = len(self.ratios), self.margin + self.head
        room = height - top - self.margin
        label = self.facts_px if self.labels and self.facts_px >= strip.SMALLEST_TYPE_PX else 0
        left, right = self.margin + round(_TIMECODE * label), self.width - self.margin
        stops = [top + round(room * i / count) for i in range(count + 1)]
        gap = round(0.07 * room / count)
        lines = tuple((left, start, right, max(start + 1, end - gap)) for start, end in pairwise(stops))
        heading = self._heading(self.margin, self.margin, right - self.margin)
        return Plan((self.width, height), (), heading, label, self.card, (), lines)

    def _divisions(self) -> list[list[int]]:
        most = int(3 * sqrt(len(self.ratios))) + 3
        return layout.even_breaks(self.ratios, most)

    def _block(self, ends: Sequence[int], width: int, column: bool = False) -> "_Block":
        """All rows of a division, at a width."""
        rows = list(layout.parts(self.ratios, ends))
        height = width / (sum(self.ratios) / len(rows)) * 0.93
        if column:
            height = width / max(1.0, float(np.median(self.ratios)))
        fit = strip.fittings(self.card, height * sqrt(self.mean_ratio))
        gap = max(1, round(0.045 * height * sqrt(self.mean_ratio)))
        label = self._label_px(height)
        more_w, more_h = strip.surplus(self.card, fit)
        spots, heights, top = [], [], 0
        for row in rows:
            line = layout.justified(row, width, gap, more_w)
            shift = 0
            if column and line.height > 1.15 * height:
                line = layout.of_height(row, height, gap, more_w)
                shift = (width - line.edges[-1][1] - more_w) // 2
            still_height = max(1, round(line.height))
            heights.append(line.height)
            for left, right in line.edges:
                spots.append(Spot((left + shift, top), (right - left, still_height), fit))
            top += still_height + more_h + self._label_room(label) + gap
        return _Block(tuple(spots), width, top - gap, label, _unevenness(heights))

    def _label_px(self, height: float) -> int:
        size_px = round(0.034 * height * sqrt(self.mean_ratio))
        return min(size_px, self.facts_px) if self.labels and size_px >= strip.SMALLEST_TYPE_PX else 0

    def _label_room(self, label_px: int) -> int:
        return round(1.9 * label_px)

    def _plan(self, block: "_Block", at: tuple[int, int], height: int) -> Plan:
        """The page with heading and stills from `at` on."""
        left, top = at
        spots = tuple(replace(one, at=(one.at[0] + left, one.at[1] + top + self.head)) for one in block.spots)
        down = top + self.head
        bands = tuple((x + left, y + down, right + left, bottom + down) for x, y, right, bottom in block.film)
        heading = self._heading(left, top, block.width)
        return Plan((self.width, height), spots, heading, block.label_px, self.card, bands)


@dataclass(frozen=True)
class _Block:
    """Rows of stills, from their own top left corner."""

    spots: tuple[Spot, ...]
    width: int
    height: int
    label_px: int
    unevenness: float
    """As `_unevenness` says."""
    film: tuple[Box, ...] = ()

    @property
    def shown_px(self) -> int:
        """Pixels of all its stills."""
        return sum(spot.still[0] * spot.still[1] for spot in self.spots)


def _unevenness(heights: Sequence[float]) -> float:
    """Logarithm of the highest row by the lowest; a first row up to twice as high leads the rest, and weighs little."""
    lead = log(heights[0] / max(heights[1:])) if len(heights) > 1 else 0.0
    return log(max(heights) / min(heights)) - 0.85 * min(max(lead, 0.0), log(2.1))


def _sharp_width(trial: Plan, entries: Sequence[Entry], style: CollageStyle) -> int:
    """The width at which three stills of four are not enlarged, within what a page may have."""
    width, height = trial.size
    sharp = [entry.size[0] / spot.still[0] for entry, spot in zip(entries, trial.spots, strict=True)]
    scale = float(np.quantile(sharp, 0.25))
    scale = max(scale, _SHORTEST_PX / width)
    scale = min(scale, sqrt(style.megapixels * 1e6 / (width * height)), _LONGEST_PX / max(width, height))
    return max(64, round(width * scale))


def _wallpaper(entries: Sequence[Entry], card: CardStyle, size: Size) -> Plan:
    """Edge to edge; the strips are as high as makes it come out."""
    found = layout.filled([entry.size[0] / entry.size[1] for entry in entries], size, round(0.0022 * size[0]))
    card = replace(card, strip="over" if found.strip < _THIN_STRIP else "below")
    spots = []
    for left, top, right, bottom in found.cells:
        width, height = right - left, bottom - top
        if card.strip == "over":
            # What rounding leaves is less than half a percent of a side.
            spots.append(Spot((left, top), (width, height), strip.fittings(card, sqrt(width * height))))
            continue
        strip_px = min(height - 1, max(1, round(height * found.strip / (1 + found.strip))))
        spots.append(Spot((left, top), (width, height - strip_px), Fittings(strip_px, 0, 0, 0)))
    return Plan(size, tuple(spots), card=card)


def _wanted_size(style: CollageStyle) -> Size | None:
    if style.size:
        width, height = map(int, style.size.split("x"))
        return width, height
    return SIZES.get(style.layout)


def _labels(pixels: np.ndarray, page: Plan, entries: Sequence[Entry], ink: RGB) -> None:
    """Each still's position in the film: below it, or left of its line where there is room for another."""
    size_px = page.label_px
    if not size_px:
        return
    for entry, spot in zip(entries, page.spots, strict=False):
        line = _label(entry.label, size_px, spot.still[0], ink)
        if line is not None:
            inner = strip.cell(page.card, spot.still, spot.fit)
            strip.lay(pixels, (spot.at[0], spot.at[1] + inner.size[1] + round(0.45 * size_px)), line)
    free = 0
    for entry, (left, top, _, bottom) in zip(entries, page.lines, strict=False):
        middle = (top + bottom) // 2
        line = _label(entry.label, size_px, left, ink) if middle - size_px >= free else None
        if line is not None:
            strip.lay(pixels, (left - round(_TIMECODE * size_px), middle - line.height // 2), line)
            free = middle + round(1.2 * size_px)


@lru_cache(maxsize=512)  # the labels of the running page are the same at each still
def _label(text: str, size_px: int, width_px: int, ink: RGB) -> Image.Image | None:
    return typesetting.fitted(typesetting.plain, text, size_px, width_px, ink)


def _film(pixels: np.ndarray, band: Box, edge: int, paper: RGB) -> None:
    """A length of film with its perforations, `edge` pixels high each."""
    left, top, right, bottom = band
    pixels[top:bottom, left:right] = _FILM_BASE
    wide, high, pitch = (max(1, round(part * edge)) for part in _PERFORATION)
    hole = Image.new("RGBA", (wide, high), (*paper, 0))
    hole.putalpha(strip.rounded((wide, high), 0.25 * wide))
    for x in range(left - pitch // 2, right, pitch):
        for y in (top + (edge - high) // 2, bottom - edge + (edge - high) // 2):
            strip.lay(pixels, (x, y), hole)

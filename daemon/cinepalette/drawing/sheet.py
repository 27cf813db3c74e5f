"""A page's margins, heading and rows of stills: posters, columns, stories and squares.

A sheet of a given size is filled by its strips: pictures are as wide as their rows allow, and what is left of the
height goes to the swatches, the same to each row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import log, sqrt

import numpy as np
from PIL import Image

from ..model import Box, Palette, Size
from . import card, layout, strip, typesetting
from .paper import ground, ink, quiet_ink
from .strip import Fittings
from .style import CardStyle, CollageStyle


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
    """Bands of film base behind the stills; they may reach beyond the page."""
    lines: tuple[Box, ...] = ()
    """Of a color script."""
    margin: int = 0
    """Left of a color script's labels."""


# Of a page's shorter side, as in books and exhibition posters: the margins, the title and the facts below it.
_MARGIN = 0.055
_TITLE = 0.042
_FACTS = 0.0145
# A story is seen as wide as a thumb is long: its type is larger by so much.
_ON_A_PHONE = 1.4
# Room between the title and the facts, in parts of their type's size, and between the heading and the stills, in parts
# of the title's.
_BELOW_TITLE, _BELOW_HEADING = 0.35, 0.7
# In parts of a page's average still, its mean side: between stills, and the type below them.
_GAP = 0.045
_LABEL = 0.036
# Line height of the label with the room above it, in parts of its size.
_LABEL_ROOM = 1.9

# The strips of a filled page, in parts of what [card] says, and the height that is left to them in parts of the rows'
# mean height, for one row, two and more: few stills have tall swatches, and many are pictures first. A still alone has
# all that is left.
_LOWEST_STRIP = 0.8
_GOOD_STRIP = 1.5
_TALLEST_STRIP = (2.6, 1.7, 1.15)
# What a page's faults weigh against each other: strips far from their good height, strips higher than their pictures,
# paper that is left above the stills, and stills that are narrower than the page. `layout.unevenness` weighs 1. Found
# by looking at 1 to 60 stills on each layout.
_STRIP_FAULT, _STRIP_FIRST_FAULT, _PAPER_FAULT, _NARROW_FAULT = 0.3, 0.5, 5.0, 3.0
# More white than this part of the page looks forgotten: the square of what is beyond it is weighed by this.
_FORGOTTEN, _FORGOTTEN_FAULT = 0.2, 12.0


# How often a heading is set again when the stills below it came out narrower than it.
_HEADING_TRIES = 3


class Sheet:
    """A page of a given width, and height where one is asked for: margins, heading, and stills in rows between them."""

    def __init__(
        self,
        entries: Sequence[Entry],
        card_style: CardStyle,
        style: CollageStyle,
        heading: Heading,
        typesetter: typesetting.Typesetter,
        size: tuple[int, int | None],
    ) -> None:
        self.palettes = [entry.palette for entry in entries]
        self.ratios = [entry.size[0] / entry.size[1] for entry in entries]
        self.mean_ratio = float(np.exp(np.mean(np.log(self.ratios))))
        self.card, self.style, self.width, self.height = card_style, style, *size
        self.label_texts = [entry.label for entry in entries] if style.timecodes else []
        measure = min(size[0], size[1] or size[0])
        self.margin = round(_MARGIN * measure)
        type_measure = measure * (_ON_A_PHONE if style.layout == "story" else 1)
        self.title_px, self.facts_px = max(1, round(_TITLE * type_measure)), max(1, round(_FACTS * type_measure))
        self.room = self.width - 2 * self.margin
        """Of the stills in width."""
        self._heading, self._typesetter = heading, typesetter
        self._paper = ground(style.background, self.palettes)
        self.lines: list[tuple[int, Image.Image]] = []
        self.head = 0
        if style.title:
            self.set_heading(self.room)

    @property
    def labels(self) -> bool:
        """Whether any still has a label."""
        return any(self.label_texts)

    def set_heading(self, width: int) -> None:
        """The title within that width, on two lines if it must, and the facts below it."""
        heading, paper = self._heading, self._paper
        title = typesetting.fitted(self._typesetter, heading.title, self.title_px, width, ink(paper), "bold", lines=2)
        facts = typesetting.fitted(self._typesetter, heading.facts, self.facts_px, width, quiet_ink(paper))
        self.lines, self.head = [], 0
        for line, below in ((title, _BELOW_TITLE * self.facts_px), (facts, 0.0)):
            if line is not None:
                self.lines.append((self.head, line))
                self.head += line.height + round(below)
        if self.lines:
            self.head += round(_BELOW_HEADING * self.title_px)

    def heading_over(self, left: int, top: int, width: int) -> tuple[tuple[tuple[int, int], Image.Image], ...]:
        """The heading over something of that width; that of a title read from right to left ends on the right."""
        right_to_left = typesetting.is_right_to_left(self._heading.title)
        return tuple(
            ((left + (width - line.width if right_to_left else 0), top + below), line) for below, line in self.lines
        )

    def fittings(self, typical: float, heights: Sequence[float], rows: Sequence[Sequence[float]]) -> list[Fittings]:
        """What goes with the stills of each row, each of its height; they differ only in the lines of their keys."""
        fit = strip.fittings(self.card, typical * sqrt(self.mean_ratio))
        widths = [[int(ratio * height) for ratio in row] for row, height in zip(rows, heights, strict=True)]
        palettes = iter(self.palettes)
        strips = [[(next(palettes), width) for width in row] for row in widths]
        fit = strip.with_key(fit, chain.from_iterable(strips), self.card)
        return [strip.with_key_of(fit, row) for row in strips]

    def label_px(self, height: float) -> int:
        """Size of the type below stills of that height; 0 where there is none, or none that could be read."""
        size_px = round(_LABEL * height * sqrt(self.mean_ratio))
        return min(size_px, self.facts_px) if self.labels and size_px >= strip.SMALLEST_TYPE_PX else 0

    def label_room(self, label_px: int) -> int:
        """What a label takes below its still."""
        return round(_LABEL_ROOM * label_px)

    def plan(self, block: "Block", at: tuple[int, int], height: int) -> Plan:
        """The page with the heading at its top margin and stills from `at` on."""
        left, top = at
        spots = tuple(replace(one, at=(one.at[0] + left, one.at[1] + top)) for one in block.spots)
        bands = tuple((x + left, y + top, right + left, bottom + top) for x, y, right, bottom in block.film)
        heading = self.heading_over(left, self.margin, block.width)
        return Plan((self.width, height), spots, heading, block.label_px, self.card, bands)


@dataclass(frozen=True)
class Block:
    """Rows of stills, from their own top left corner."""

    spots: tuple[Spot, ...]
    width: int
    height: int
    label_px: int
    fault: float = 0.0
    """How far it is from what a page should be; 0 is perfect."""
    film: tuple[Box, ...] = ()

    @property
    def shown_px(self) -> int:
        """Pixels of all its stills."""
        return sum(spot.still[0] * spot.still[1] for spot in self.spots)


def column(sheet: Sheet) -> Plan:
    """One still under another, as high as it has to be."""
    height = sheet.room / max(1.0, float(np.median(sheet.ratios)))
    rows = [layout.justified([ratio], sheet.room, 0, _beside(sheet, height)) for ratio in sheet.ratios]
    # A still much higher than the others is as high as they are, in the middle.
    heights = [min(row.height, height) if row.height > 1.15 * height else row.height for row in rows]
    block = _stacked(sheet, [[ratio] for ratio in sheet.ratios], heights, sheet.room, height)
    top = sheet.margin + sheet.head
    return sheet.plan(block, (sheet.margin, top), top + block.height + sheet.margin)


def filled(sheet: Sheet, height: int) -> Plan | None:
    """A sheet exactly so high, with the most even rows that fill it; None when there is no room."""
    for attempt in range(_HEADING_TRIES):
        room = height - 2 * sheet.margin - sheet.head
        if room < 1 or sheet.room < 1:
            return None
        blocks = [block for ends in layout.divisions(sheet.ratios) if (block := _fitted(sheet, ends, room))]
        if not blocks:
            return None
        block = min(blocks, key=lambda one: one.fault)
        if all(line.width <= block.width for _, line in sheet.lines) or attempt == _HEADING_TRIES - 1:
            left = sheet.margin + (sheet.room - block.width) // 2
            return sheet.plan(block, (left, height - sheet.margin - block.height), height)
        # The heading is no wider than what it stands over; on two lines it takes more of the height.
        sheet.set_heading(block.width)
    return None


def _fitted(sheet: Sheet, ends: Sequence[int], room: int) -> Block | None:
    """The rows of a division as wide as the page, or as its height allows, with strips that fill it."""
    rows = list(layout.parts(sheet.ratios, ends))

    def made(width: int) -> Block:
        typical = width / (sum(sheet.ratios) / len(rows))
        gap = _gap(sheet, typical)
        beside = _beside(sheet, typical)
        heights = [layout.justified(row, width, gap, beside).height for row in rows]
        return _stacked(sheet, rows, heights, width, typical, room)

    block = shrunk(made, sheet.room, room)
    if block is None:
        return None
    heights = [block.spots[start].still[1] for start in (0, *ends[:-1])]
    asked = strip.fittings(sheet.card, sum(heights) / len(heights) * sqrt(sheet.mean_ratio)).strip
    strip_px, picture = block.spots[0].fit.strip, sum(heights) / len(heights)
    above, beside = 1 - block.height / room, 1 - block.width / sheet.room
    fault = layout.unevenness(heights)
    fault += _STRIP_FAULT * max(0.0, log(strip_px / (_GOOD_STRIP * asked)))
    fault += _STRIP_FIRST_FAULT * max(0.0, strip_px / picture - 1)
    fault += _PAPER_FAULT * above + _NARROW_FAULT * beside
    fault += _FORGOTTEN_FAULT * max(0.0, above + beside - _FORGOTTEN) ** 2
    return replace(block, fault=fault)


def _stacked(
    sheet: Sheet,
    rows: Sequence[Sequence[float]],
    heights: Sequence[float],
    width: int,
    typical: float,
    room: int | None = None,
) -> Block:
    """Rows of those heights one below the other; with `room`, the strips are as high as fills it."""
    fits = sheet.fittings(typical, heights, rows)
    gap, label = _gap(sheet, typical), sheet.label_px(typical)
    strips = {"below": 1, "above": 1, "both": 2}.get(sheet.card.strip, 0)
    pictures = [max(1, round(one)) for one in heights]
    more_w, asked = card.surplus(sheet.card, fits[0])[0], fits[0].strip
    others = [card.surplus(sheet.card, fit)[1] - strips * asked + sheet.label_room(label) for fit in fits]
    if room is not None and strips:
        left = room - sum(pictures) - sum(others) - gap * (len(rows) - 1)
        tallest = _TALLEST_STRIP[min(len(rows), 3) - 1] * sum(pictures) / len(rows)
        tallest = left if len(sheet.ratios) == 1 else tallest
        lowest = max(1, round(_LOWEST_STRIP * asked))
        strip_px = max(lowest, min(left // (len(rows) * strips), round(max(tallest / strips, asked))))
        fits = [replace(fit, strip=strip_px) for fit in fits]
    spots, top = [], 0
    for row, exact, picture, fit, other in zip(rows, heights, pictures, fits, others, strict=True):
        line = layout.of_height(row, exact, gap, more_w)
        shift = (width - line.edges[-1][1] - more_w) // 2
        spots += [Spot((left + shift, top), (right - left, picture), fit) for left, right in line.edges]
        top += picture + other + strips * fit.strip + gap
    return Block(tuple(spots), width, top - gap, label)


def _gap(sheet: Sheet, height: float) -> int:
    """Between stills of that height."""
    return max(1, round(_GAP * height * sqrt(sheet.mean_ratio)))


def _beside(sheet: Sheet, height: float) -> int:
    """What the strip adds to the width of a still of that height."""
    return card.surplus(sheet.card, strip.fittings(sheet.card, height * sqrt(sheet.mean_ratio)))[0]


def shrunk(made: Callable[[int], Block], width: int, room: int) -> Block | None:
    """A block of that width, or narrower, so that the room's height holds it."""
    for _ in range(40):
        block = made(max(1, width))
        if block.height <= room:
            return block
        width = min(width - 1, int(width * room / block.height))
    return None

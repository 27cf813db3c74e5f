"""A page's margins, heading and rows of stills: posters, columns, stories and squares."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log, sqrt

import numpy as np
from PIL import Image

from ..model import RGB, Box, Palette, Size
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
    """Bands of film base behind the stills."""
    lines: tuple[Box, ...] = ()
    """Of a color script."""


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
        self.ratios = [entry.size[0] / entry.size[1] for entry in entries]
        self.mean_ratio = float(np.exp(np.mean(np.log(self.ratios))))
        self.card, self.style, self.width = card_style, style, size[0]
        self.labels = style.timecodes and any(entry.label for entry in entries)
        measure = min(size[0], size[1] or size[0])
        self.margin = round(0.055 * measure)
        self.title_px, self.facts_px = max(1, round(0.042 * measure)), max(1, round(0.0145 * measure))
        self.lines: list[tuple[int, Image.Image]] = []
        self.right_to_left = typesetting.is_right_to_left(heading.title)
        self.head = 0
        if style.title:
            self._set(heading, typesetter, ground(style.background, [entry.palette for entry in entries]))

    def _set(self, heading: Heading, typesetter: typesetting.Typesetter, paper: RGB) -> None:
        """The title, on two lines if it must, and the facts below it."""
        room = self.width - 2 * self.margin
        title = typesetting.fitted(typesetter, heading.title, self.title_px, room, ink(paper), "bold", lines=2)
        facts = typesetting.fitted(typesetter, heading.facts, self.facts_px, room, quiet_ink(paper))
        for line, below in ((title, 0.1 * self.facts_px), (facts, 0.0)):
            if line is not None:
                self.lines.append((self.head, line))
                self.head += line.height + round(below)
        if self.lines:
            self.head += round(0.62 * self.title_px)

    def heading_over(self, left: int, top: int, width: int) -> tuple[tuple[tuple[int, int], Image.Image], ...]:
        """The heading over something of that width; that of a title read from right to left ends on the right.

        One that is wider than what it stands over begins at the page's margin.
        """
        if any(line.width > width for _, line in self.lines):
            left, width = self.margin, self.width - 2 * self.margin
        return tuple(
            ((left + (width - line.width if self.right_to_left else 0), top + below), line)
            for below, line in self.lines
        )

    def label_px(self, height: float) -> int:
        size_px = round(0.034 * height * sqrt(self.mean_ratio))
        return min(size_px, self.facts_px) if self.labels and size_px >= strip.SMALLEST_TYPE_PX else 0

    def label_room(self, label_px: int) -> int:
        return round(1.9 * label_px)

    def plan(self, block: "Block", at: tuple[int, int], height: int) -> Plan:
        """The page with heading and stills from `at` on."""
        left, top = at
        spots = tuple(replace(one, at=(one.at[0] + left, one.at[1] + top + self.head)) for one in block.spots)
        down = top + self.head
        bands = tuple((x + left, y + down, right + left, bottom + down) for x, y, right, bottom in block.film)
        heading = self.heading_over(left, top, block.width)
        return Plan((self.width, height), spots, heading, block.label_px, self.card, bands)


@dataclass(frozen=True)
class Block:
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


def rows(sheet: Sheet, ends: Sequence[int], width: int, column: bool = False) -> Block:
    """All rows of a division, at a width."""
    rows = list(layout.parts(sheet.ratios, ends))
    height = width / (sum(sheet.ratios) / len(rows)) * 0.93
    if column:
        height = width / max(1.0, float(np.median(sheet.ratios)))
    fit = strip.fittings(sheet.card, height * sqrt(sheet.mean_ratio))
    gap = max(1, round(0.045 * height * sqrt(sheet.mean_ratio)))
    label = sheet.label_px(height)
    more_w, more_h = card.surplus(sheet.card, fit)
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
        top += still_height + more_h + sheet.label_room(label) + gap
    return Block(tuple(spots), width, top - gap, label, _unevenness(heights))

"""A session as lengths of film, and as a color script: the palettes alone, a line each."""

from itertools import pairwise
from math import ceil, sqrt

import numpy as np
from PIL import Image

from ..model import RGB, Box
from . import card, layout, paper, strip
from .sheet import Block, Plan, Sheet, Spot

# A color script of a free size, as long as lines of so many pixels allow it.
SCRIPT = (2400, 3000)
SCRIPT_LINE_PX = 3.0
# Width of a timecode and the space after it, in parts of its type's size.
TIMECODE = 5.6

# Frames on a length of film, as long as it takes few of these.
FRAMES_A_BAND = 5
# 35 mm film (ISO 491): 25 mm between two edges of 5 mm, in each a perforation of 2.8 by 2 mm every 4.75 mm.
_FILM_EDGE = 5 / 25
_PERFORATION = (2.0 / 5, 2.8 / 5, 4.75 / 5)
_FILM_BASE: RGB = (18, 17, 18)
# The color in which film makers' edge numbers show.
EDGE_PRINT: RGB = (214, 164, 84)


def bands(sheet: Sheet, count: int, part: float = 1.0) -> Block:
    """Lengths of film with about so many frames each, from edge to edge of the page."""
    room = sheet.width - 2 * sheet.margin
    even = layout.even_breaks(sheet.ratios, ceil(len(sheet.ratios) / count))[-1]
    # As long as the longest of even bands need; filled to the end one after another, the last one runs out.
    rows = layout.filled_rows(sheet.ratios, max(sum(row) for row in layout.parts(sheet.ratios, even)))
    height = part * room / max(sum(row) for row in rows)
    fit = strip.fittings(sheet.card, height * sqrt(sheet.mean_ratio))
    gap = max(2, round(0.05 * height))
    more_w, more_h = card.surplus(sheet.card, fit)
    height = min(height, *(layout.justified(row, room, gap, more_w).height for row in rows))
    label = sheet.label_px(height)
    inner = round(height) + more_h + sheet.label_room(label)
    edge = max(2, round(inner * _FILM_EDGE))
    between = round(0.3 * edge) + round(0.02 * sheet.width)
    spots, bands, top = [], [], 0
    for row in rows:
        line = layout.of_height(row, height, gap, more_w)
        spots += [Spot((left, top + edge), (right - left, max(1, round(height))), fit) for left, right in line.edges]
        bands.append((-sheet.margin, top, sheet.width - sheet.margin, top + inner + 2 * edge))
        top += inner + 2 * edge + between
    return Block(tuple(spots), room, top - between, label, 0.0, tuple(bands))


def script(sheet: Sheet, height: int) -> Plan:
    """The palettes alone, one line a still."""
    count, top = len(sheet.ratios), sheet.margin + sheet.head
    room = height - top - sheet.margin
    label = sheet.facts_px if sheet.labels and sheet.facts_px >= strip.SMALLEST_TYPE_PX else 0
    left, right = sheet.margin + round(TIMECODE * label), sheet.width - sheet.margin
    stops = [top + round(room * i / count) for i in range(count + 1)]
    gap = round(0.07 * room / count)
    lines = tuple((left, start, right, max(start + 1, end - gap)) for start, end in pairwise(stops))
    heading = sheet.heading_over(sheet.margin, sheet.margin, right - sheet.margin)
    return Plan((sheet.width, height), (), heading, label, sheet.card, (), lines)


def draw_base(pixels: np.ndarray, band: Box, edge: int, ground: RGB) -> None:
    """A length of film with its perforations, `edge` pixels high each."""
    left, top, right, bottom = band
    pixels[top:bottom, left:right] = _FILM_BASE
    wide, high, pitch = (max(1, round(part * edge)) for part in _PERFORATION)
    hole = Image.new("RGBA", (wide, high), (*ground, 0))
    hole.putalpha(paper.rounded((wide, high), 0.25 * wide))
    for x in range(left - pitch // 2, right, pitch):
        for y in (top + (edge - high) // 2, bottom - edge + (edge - high) // 2):
            paper.lay(pixels, (x, y), hole)

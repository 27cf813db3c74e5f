"""A session as lengths of film, and as a color script: the palettes alone, a line each."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, sqrt

import numpy as np
from PIL import Image

from ..model import RGB, Box
from . import card, layout, paper, strip, typesetting
from .sheet import Block, Plan, Sheet, Spot

# A length shows this many frames, and more when there would be many lengths: a page stays a page.
_FRAMES = 4
_FRAMES_BY_ROOT = 0.9
# 35 mm film (ISO 491): 25 mm between two edges of 5 mm, in each a perforation of 2.8 by 2 mm every 4.75 mm.
_FILM_EDGE = 5 / 25
_PERFORATION = (2.0 / 5, 2.8 / 5, 4.75 / 5)
# A single frame would have perforations as large as swatches: an edge is at most this part of the page's width.
_WIDEST_EDGE = 0.04
# Between frames, in parts of their height (18.67 of 16 mm frames' 0.7 mm would hardly be seen), and between lengths of
# film, in parts of an edge.
_BETWEEN_FRAMES = 0.06
_BETWEEN_BANDS = 0.8
# Films of 2.35 and of 2.4 lie on one page like frames of one film.
_ONE_GAUGE = 1.08
_BASE: RGB = (30, 27, 26)
EDGE_PRINT: RGB = (240, 187, 100)
"""The color in which film makers' edge numbers show."""
# Edge numbers, in parts of a frame's height, and at most, in parts of the type below the title.
_NUMBERS, _LARGEST_NUMBERS = 0.062, 1.5

# A line of a color script is no thinner, in pixels; the gap after it in parts of it.
_THINNEST_LINE_PX = 3.0
_LINE_GAP = 0.06
# The outline of a swatch that is lost on the paper, in parts of the page's width; a line is at least this high.
_HAIRLINE = 0.0009
_LINE_BY_HAIRLINE = 12
# The labels' column: at most this part of the width, and the space after it in parts of the type's size.
_LABEL_COLUMN = 0.24
_LABEL_SPACE = 1.4
LABEL_LEADING = 1.15
"""A color script's labels are no nearer to each other, in parts of their type's size."""


def lengths(count: int) -> int:
    """Into how many lengths of film that many frames are cut."""
    return ceil(count / max(_FRAMES, round(_FRAMES_BY_ROOT * sqrt(count))))


def bands(sheet: Sheet, count: int, width: int) -> Block:
    """That many lengths of film, from edge to edge of the page; the last is cut after its last frame."""
    rows = _rows(sheet.ratios, count)
    typical = width / max(sum(row) for row in rows)
    label = _number_px(sheet, typical)
    fits = sheet.fittings(typical, [typical] * len(rows), rows)
    gap = max(2, round(_BETWEEN_FRAMES * typical))
    more_w, more_h = card.surplus(sheet.card, fits[0])
    lines = [layout.justified(row, width, gap, more_w) for row in rows]
    ordinary = min(line.height for line in lines)
    if lines[-1].height > 1.1 * max([line.height for line in lines[:-1]], default=lines[-1].height):
        lines[-1] = layout.of_height(rows[-1], ordinary, gap, more_w)
    edge = max(2, round(min((ordinary + more_h) * _FILM_EDGE / (1 - 2 * _FILM_EDGE) / 1.4, _WIDEST_EDGE * sheet.width)))
    spots, found, top = [], [], 0
    for line, fit in zip(lines, fits, strict=True):
        picture = max(1, round(line.height))
        inner = picture + card.surplus(sheet.card, fit)[1] + sheet.label_room(label)
        spots += [Spot((left, top + edge), (right - left, picture), fit) for left, right in line.edges]
        end = line.edges[-1][1] + more_w
        right = end + gap if end < width - gap else sheet.width
        found.append((-sheet.width, top, right, top + inner + 2 * edge))
        top += inner + 2 * edge + round(_BETWEEN_BANDS * edge)
    return Block(tuple(spots), width, top - round(_BETWEEN_BANDS * edge), label, film=tuple(found))


def _rows(ratios: Sequence[float], count: int) -> list[Sequence[float]]:
    """Frames in lengths: full ones first, so that only the last may be cut."""
    if max(ratios) < _ONE_GAUGE * min(ratios):
        step = ceil(len(ratios) / count)
        return [ratios[i : i + step] for i in range(0, len(ratios), step)]
    ends = min(layout.divisions(ratios), key=lambda one: (abs(len(one) - count), _spread(ratios, one)))
    return list(layout.parts(ratios, ends))


def _spread(ratios: Sequence[float], ends: Sequence[int]) -> float:
    sums = [sum(row) for row in layout.parts(ratios, ends)]
    return max(sums) / min(sums)


def _number_px(sheet: Sheet, height: float) -> int:
    """Size of the edge numbers; 0 where there are none, or none that could be read."""
    size_px = min(round(_NUMBERS * height), round(_LARGEST_NUMBERS * sheet.facts_px))
    return size_px if sheet.labels and size_px >= strip.SMALLEST_TYPE_PX else 0


def script(sheet: Sheet, height: int) -> Plan | None:
    """The palettes alone, one line a still, on a page so high; None when a line would have no pixel."""
    count, top = len(sheet.ratios), sheet.margin + sheet.head
    room = height - top - sheet.margin
    if room < count:
        return None
    label, wide = _script_labels(sheet, room / count)
    left, right = sheet.margin + wide, sheet.width - sheet.margin
    stops = [top + round(room * i / count) for i in range(count + 1)]
    gap = round(_LINE_GAP * min(room / count, 0.1 * sheet.width))
    lines = tuple((left, start, right, max(start + 1, end - gap)) for start, end in pairwise(stops))
    heading = sheet.heading_over(sheet.margin, sheet.margin, right - sheet.margin)
    return Plan((sheet.width, height), (), heading, label, sheet.card, (), lines, sheet.margin)


def script_height(sheet: Sheet) -> int:
    """How high a color script is by itself: of the ratio that was asked, or longer so that each line is seen."""
    least = round(_THINNEST_LINE_PX * len(sheet.ratios)) + sheet.head + 2 * sheet.margin
    return max(round(sheet.width / sheet.style.ratio), least)


def _script_labels(sheet: Sheet, line_px: float) -> tuple[int, int]:
    """Size of the labels' type, and what they take of the width with the space after them.

    Lines that are nearer than their labels have some of these only, as on an axis: positions in a film, but no names.
    """
    size_px = sheet.facts_px
    if not sheet.labels or size_px < strip.SMALLEST_TYPE_PX:
        return 0, 0
    if line_px < LABEL_LEADING * size_px and any(one.isalpha() for text in sheet.label_texts for one in text):
        return 0, 0
    font = typesetting.own_font(size_px)
    widest = max(font.getlength(text) for text in sheet.label_texts)
    return size_px, round(min(widest, _LABEL_COLUMN * sheet.width) + _LABEL_SPACE * size_px)


def hairline(page_width: int, line_height: int) -> int:
    """Width of the outline of swatches in a line of a color script; 0 where it would fill the line."""
    thick = max(1, round(_HAIRLINE * page_width))
    return thick if line_height >= _LINE_BY_HAIRLINE * thick else 0


def label_width(size_px: int, left: int, margin: int) -> int:
    """What a line's label has of the width that ends where its swatches begin."""
    return left - margin - round(_LABEL_SPACE * size_px)


def draw_base(pixels: np.ndarray, band: Box, edge: int, ground: RGB) -> None:
    """A length of film with its perforations, `edge` pixels high each; what lies beyond the page is cut.

    A page is a whole number of perforations wide, and a length is cut between two of them.
    """
    _, top, right, bottom = band
    wide, high = (max(1, round(part * edge)) for part in _PERFORATION[:2])
    page = pixels.shape[1]
    pitch = page / max(1, round(page / (_PERFORATION[2] * edge)))
    count = ceil(min(right, page) / pitch)
    pixels[top:bottom, : round(count * pitch)] = _BASE
    hole = Image.new("RGBA", (wide, high), (*ground, 0))
    hole.putalpha(paper.rounded((wide, high), 0.25 * wide))
    for i in range(count):
        for y in (top + (edge - high) // 2, bottom - edge + (edge - high) // 2):
            paper.lay(pixels, (round((i + 0.5) * pitch - wide / 2), y), hole)

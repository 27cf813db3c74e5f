"""Cards to canvas: the session as a poster, a column, a wallpaper, a story, a film strip or a color script.

`plan` says where everything goes, `draw` draws it. Pictures come from a function that gives still i at just the size it
is needed in; strips and type are drawn at their own size, so that an eyedropper finds the very hex codes.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from math import log, sqrt

import numpy as np
from PIL import Image

from ..errors import UsageError
from ..model import RGB, Size
from . import card, filmstrip, layout, paper, strip, typesetting
from .sheet import Block, Entry, Heading, Plan, Sheet, Spot, rows
from .strip import Fittings
from .style import CardStyle, CollageStyle

# Stills on a page, so that each is large enough to be looked at.
PAGE = {"poster": 60, "column": 24, "wallpaper": 60, "story": 24, "square": 36, "strip": 40, "script": 1000}
SIZES = {"wallpaper": (3840, 2160), "story": (2160, 3840), "square": (3000, 3000)}

# Canvases above which viewers and JPEG (65,500) give up, and below which type falls apart.
_LONGEST_PX = 24_000
_SHORTEST_PX = 1200
_TRIAL_PX = 2000
# Each still has so many pixels of a page, or the page is too small.
_FEWEST_PX = 1000

# A wallpaper whose strips would be thinner than this, in parts of the picture's height, has them laid over.
_THIN_STRIP = 0.03


def page_size(style: CollageStyle) -> int:
    """How many stills a full page has; a column of more than a hundred would be a thread."""
    return min(style.page or PAGE[style.layout], 100 if style.layout == "column" else 1000)


def plan(
    entries: Sequence[Entry],
    card_style: CardStyle,
    style: CollageStyle,
    heading: Heading,
    typesetter: typesetting.Typesetter = typesetting.plain,
) -> Plan:
    """Where everything of one page goes; there is at least one entry.

    Raises `UsageError` when the size that was asked for is too small for so many stills.
    """
    card_style = card_style if style.codes else replace(card_style, codes="none")
    size = _wanted_size(style)
    found: Plan | None
    if size is None:
        width = filmstrip.SCRIPT[0]
        if style.layout != "script":
            trial = _free(Sheet(entries, card_style, style, heading, typesetter, (_TRIAL_PX, None)))
            width = _sharp_width(trial, entries, style)
        return _free(Sheet(entries, card_style, style, heading, typesetter, (width, None)))
    found = None
    if size[0] * size[1] >= _FEWEST_PX * len(entries):
        if style.layout == "wallpaper":
            found = _wallpaper(entries, card_style, size)
        else:
            found = _framed(Sheet(entries, card_style, style, heading, typesetter, size), size[1])
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
    ground = paper.ground(style.background, [entry.palette for entry in entries])
    pixels = np.empty((page.size[1], page.size[0], 3), np.uint8)
    pixels[:] = ground
    for band in page.film:
        filmstrip.draw_base(pixels, band, page.spots[0].at[1] - page.film[0][1], ground)
    for box, entry in zip(page.lines, entries, strict=False):
        left, top, right, bottom = box
        strip.paint(pixels[top:bottom, left:right], entry.palette, page.card, Fittings(bottom - top, 0, 0, 0))
    ink = filmstrip.EDGE_PRINT if page.film else paper.quiet_ink(ground)
    for i, spot in enumerate(page.spots):
        card.place(pixels, spot.at, picture(i, spot.still), entries[i].palette, page.card, spot.fit)
    _labels(pixels, page, entries, ink)
    for at, line in page.heading:
        paper.lay(pixels, at, line)
    return pixels


def _free(sheet: Sheet) -> Plan:
    """As high as it has to be."""
    room = sheet.width - 2 * sheet.margin
    match sheet.style.layout:
        case "script":
            count = len(sheet.ratios)
            good = (filmstrip.SCRIPT[1] - 2 * sheet.margin - sheet.head) / count
            line = min(0.075 * sheet.width, max(filmstrip.SCRIPT_LINE_PX, good))
            return filmstrip.script(sheet, round(line * count) + sheet.head + 2 * sheet.margin)
        case "strip":
            bands = filmstrip.bands(sheet, max(filmstrip.FRAMES_A_BAND, round(0.9 * sqrt(len(sheet.ratios)))))
            return sheet.plan(bands, (sheet.margin, sheet.margin), bands.height + sheet.head + 2 * sheet.margin)
        case "column":
            block = rows(sheet, list(range(1, len(sheet.ratios) + 1)), room, column=True)
        case _:
            blocks = [rows(sheet, ends, room) for ends in _divisions(sheet)]
            block = min(blocks, key=partial(_strangeness, sheet))
    return sheet.plan(block, (sheet.margin, sheet.margin), block.height + sheet.head + 2 * sheet.margin)


def _strangeness(sheet: Sheet, block: Block) -> float:
    """How far a poster with that block is from its ratio and from rows of one height."""
    height = block.height + sheet.head + 2 * sheet.margin
    return abs(log(sheet.width / height / sheet.style.ratio)) + 1.7 * block.unevenness


def _framed(sheet: Sheet, height: int) -> Plan | None:
    """Exactly so high, heading and stills as one group in the middle; None when there is no room."""
    room_w, room_h = sheet.width - 2 * sheet.margin, height - 2 * sheet.margin - sheet.head
    if room_w < 1 or room_h < 1:
        return None
    if sheet.style.layout == "script":
        return filmstrip.script(sheet, height) if room_h >= len(sheet.ratios) else None
    if sheet.style.layout == "strip":
        counts = range(1, min(len(sheet.ratios), 40) + 1)
        blocks = [fitting for count in counts if (fitting := _shrunk(partial(filmstrip.bands, sheet, count), room_h))]
    else:
        blocks = [
            fitting
            for ends in _divisions(sheet)
            if (fitting := _shrunk(lambda part, ends=ends: rows(sheet, ends, round(room_w * part)), room_h))
        ]
    if not blocks:
        return None
    block = max(blocks, key=lambda one: one.shown_px / (room_w * room_h) - 0.4 * one.unevenness)
    left = sheet.margin + (room_w - block.width) // 2
    return sheet.plan(block, (left, sheet.margin + (room_h - block.height) // 2), height)


def _shrunk(made: Callable[[float], Block], room: int) -> Block | None:
    """A block made as large as the room's height allows; it is given the part of its full width."""
    part = 1.0
    for _ in range(40):
        block = made(part)
        if block.height <= room:
            return block
        part *= min(0.995, room / block.height)
    return None


def _divisions(sheet: Sheet) -> list[list[int]]:
    most = int(3 * sqrt(len(sheet.ratios))) + 3
    return layout.even_breaks(sheet.ratios, most)


def _sharp_width(trial: Plan, entries: Sequence[Entry], style: CollageStyle) -> int:
    """The width at which three stills of four are not enlarged, within what a page may have."""
    width, height = trial.size
    sharp = [entry.size[0] / spot.still[0] for entry, spot in zip(entries, trial.spots, strict=True)]
    scale = float(np.quantile(sharp, 0.25))
    scale = max(scale, _SHORTEST_PX / width)
    scale = min(scale, sqrt(style.megapixels * 1e6 / (width * height)), _LONGEST_PX / max(width, height))
    return max(64, round(width * scale))


def _wallpaper(entries: Sequence[Entry], style: CardStyle, size: Size) -> Plan:
    """Edge to edge; the strips are as high as makes it come out."""
    found = layout.filled([entry.size[0] / entry.size[1] for entry in entries], size, round(0.0022 * size[0]))
    style = replace(style, strip="over" if found.strip < _THIN_STRIP else "below")
    spots = []
    for left, top, right, bottom in found.cells:
        width, height = right - left, bottom - top
        if style.strip == "over":
            # What rounding leaves is less than half a percent of a side.
            spots.append(Spot((left, top), (width, height), strip.fittings(style, sqrt(width * height))))
            continue
        strip_px = min(height - 1, max(1, round(height * found.strip / (1 + found.strip))))
        spots.append(Spot((left, top), (width, height - strip_px), Fittings(strip_px, 0, 0, 0)))
    return Plan(size, tuple(spots), card=style)


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
            inner = card.cell(page.card, spot.still, spot.fit)
            paper.lay(pixels, (spot.at[0], spot.at[1] + inner.size[1] + round(0.45 * size_px)), line)
    free = 0
    for entry, (left, top, _, bottom) in zip(entries, page.lines, strict=False):
        middle = (top + bottom) // 2
        line = _label(entry.label, size_px, left, ink) if middle - size_px >= free else None
        if line is not None:
            paper.lay(pixels, (left - round(filmstrip.TIMECODE * size_px), middle - line.height // 2), line)
            free = middle + round(1.2 * size_px)


@lru_cache(maxsize=512)  # the labels of the running page are the same at each still
def _label(text: str, size_px: int, width_px: int, ink: RGB) -> Image.Image | None:
    return typesetting.fitted(typesetting.plain, text, size_px, width_px, ink)

"""Cards to canvas: the session as a poster, a column, a wallpaper, a story, a film strip or a color script.

`plan` says where everything goes, `draw` draws it. Pictures come from a function that gives still i at just the size it
is needed in; strips and type are drawn at their own size, so that an eyedropper finds the very hex codes.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from math import sqrt

import numpy as np
from PIL import Image

from ..errors import UsageError
from ..model import RGB, Size
from . import card, filmstrip, layout, paper, sheet, strip, typesetting
from .sheet import Entry, Heading, Plan, Sheet, Spot
from .strip import Fittings
from .style import CardStyle, CollageStyle, Layout, in_pixels

PAGE: dict[Layout, int] = {
    "poster": 60,
    "column": 24,
    "wallpaper": 60,
    "story": 24,
    "square": 36,
    "strip": 40,
    "script": 1000,
}
"""Stills on a page, so that each is large enough to be looked at."""
SIZES: dict[Layout, Size] = {"wallpaper": (3840, 2160), "story": (2160, 3840), "square": (3000, 3000)}
"""Of pages whose size does not follow from their stills."""

# Canvases above which viewers and JPEG (65,500) give up, and below which type falls apart.
_LONGEST_PX = 24_000
_SHORTEST_PX = 1200
# A page is planned at this width first, to see how sharp its stills are there.
_TRIAL_PX = 2000
_SCRIPT_WIDTH_PX = 2400
# How often a page that is wider than high is planned until its margins and type fit its height.
_MEASURE_TRIES = 4
# The fewest pixels of a page for each still; with fewer the page is too small.
_FEWEST_PX = 1000
# Between the stills of a wallpaper, in parts of its width.
_WALLPAPER_GAP = 0.0022


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

    Raises `UsageError` when the size that was asked for is too small for the stills.
    """
    card_style = card_style if style.codes else replace(card_style, codes="none")
    size = _wanted_size(style)
    if size is None:
        made = partial(_of_width, entries, card_style, style, heading, typesetter)
        if style.layout == "script":
            return made(_SCRIPT_WIDTH_PX)
        return made(_sharp_width(made(_TRIAL_PX), entries, style))
    found = None
    if size[0] * size[1] >= _FEWEST_PX * len(entries):
        if style.layout == "wallpaper":
            found = _wallpaper(entries, card_style, size)
        else:
            found = _framed(Sheet(entries, card_style, style, heading, typesetter, size), size[1])
    if found is None:
        stills = "one still" if len(entries) == 1 else f"{len(entries)} stills"
        asked = style.size or f"{size[0]}x{size[1]}"
        raise UsageError(f"{asked}: is too small a {style.layout} for {stills}")
    return found


def draw(
    page: Plan,
    entries: Sequence[Entry],
    picture: Callable[[int, Size], np.ndarray],
    style: CollageStyle,
    typesetter: typesetting.Typesetter = typesetting.plain,
) -> np.ndarray:
    """The page as (height, width, 3) uint8; `picture(i, size)` gives entry i at that size."""
    ground = paper.ground(style.background, [entry.palette for entry in entries])
    pixels = np.empty((page.size[1], page.size[0], 3), np.uint8)
    pixels[:] = ground
    for band in page.film:
        filmstrip.draw_base(pixels, band, page.spots[0].at[1] - page.film[0][1], ground)
    for box, entry in zip(page.lines, entries, strict=False):
        left, top, right, bottom = box
        fit = Fittings(bottom - top, 0, 0, 0, filmstrip.hairline(page.size[0], bottom - top))
        strip.paint(pixels[top:bottom, left:right], entry.palette, page.card, fit)
    for i, spot in enumerate(page.spots):
        card.place(pixels, spot.at, picture(i, spot.still), entries[i].palette, page.card, spot.fit)
    _labels(pixels, page, entries, filmstrip.EDGE_PRINT if page.film else paper.quiet_ink(ground), typesetter)
    for at, line in page.heading:
        paper.lay(pixels, at, line)
    return pixels


def _of_width(
    entries: Sequence[Entry],
    card_style: CardStyle,
    style: CollageStyle,
    heading: Heading,
    typesetter: typesetting.Typesetter,
    width: int,
) -> Plan:
    """A page of that width; one that comes out wider than high has its margins and type by its height."""
    measure = width
    for _ in range(_MEASURE_TRIES):
        found = _free(Sheet(entries, card_style, style, heading, typesetter, (width, measure)))
        if found.size[1] >= measure:
            break
        measure = found.size[1]
    return found


def _free(page: Sheet) -> Plan:
    """As high as it has to be."""
    match page.style.layout:
        case "script":
            height = filmstrip.script_height(page)
            found = filmstrip.script(page, height)
        case "strip":
            block = filmstrip.bands(page, filmstrip.lengths(len(page.ratios)), page.room)
            top = page.margin + page.head
            return page.plan(block, (page.margin, top), top + block.height + page.margin)
        case "column":
            return sheet.column(page)
        case _:
            found = sheet.filled(page, round(page.width / page.style.ratio))
    if found is None:
        raise UsageError(f"{len(page.ratios)} stills: are too many for one {page.style.layout}")
    return found


def _framed(page: Sheet, height: int) -> Plan | None:
    """Exactly so high; None when there is no room."""
    if page.style.layout == "script":
        return filmstrip.script(page, height)
    if page.style.layout != "strip":
        return sheet.filled(page, height)
    room = height - 2 * page.margin - page.head
    if room < 1 or page.room < 1:
        return None
    counts = range(1, min(len(page.ratios), 40) + 1)
    found = [sheet.shrunk(partial(filmstrip.bands, page, count), page.room, room) for count in counts]
    blocks = [block for block in found if block]
    if not blocks:
        return None
    block = max(blocks, key=lambda one: one.shown_px)
    left = page.margin + (page.room - block.width) // 2
    return page.plan(block, (left, page.margin + page.head + (room - block.height) // 2), height)


def _sharp_width(trial: Plan, entries: Sequence[Entry], style: CollageStyle) -> int:
    """The width at which three stills of four are not enlarged, within what a page may have."""
    width, height = trial.size
    # A pixel more: what was rounded down on the trial may be rounded up on the page.
    sharp = [entry.size[0] / (spot.still[0] + 1) for entry, spot in zip(entries, trial.spots, strict=True)]
    scale = float(np.quantile(sharp, 0.25))
    scale = max(scale, _SHORTEST_PX / width)
    scale = min(scale, sqrt(style.megapixels * 1e6 / (width * height)), _LONGEST_PX / max(width, height))
    return max(64, round(width * scale))


def _wallpaper(entries: Sequence[Entry], style: CardStyle, size: Size) -> Plan | None:
    """Edge to edge; the strips are as high as makes it come out."""
    ratios = [entry.size[0] / entry.size[1] for entry in entries]
    found = layout.filled(ratios, size, round(_WALLPAPER_GAP * size[0]))
    if found is None:
        return None
    style = replace(style, strip=found.side if found.strip else "over")
    spots = []
    for left, top, right, bottom in found.cells:
        width, height = right - left, bottom - top
        if style.strip == "over":
            # What rounding leaves is less than half a percent of a side.
            spots.append(Spot((left, top), (width, height), strip.fittings(style, sqrt(width * height))))
            continue
        wide, high = (found.strip, 0) if found.side == "beside" else (0, found.strip)
        still = max(1, width - wide), max(1, height - high)
        spots.append(Spot((left, top), still, Fittings(found.strip, 0, 0, 0)))
    return Plan(size, tuple(spots), card=style)


def _wanted_size(style: CollageStyle) -> Size | None:
    return in_pixels(style.size) if style.size else SIZES.get(style.layout)


def _labels(
    pixels: np.ndarray, page: Plan, entries: Sequence[Entry], ink: RGB, typesetter: typesetting.Typesetter
) -> None:
    """Each still's position in the film: below it, or left of its line where there is room for another."""
    size_px = page.label_px
    if not size_px:
        return
    for entry, spot in zip(entries, page.spots, strict=False):
        line = _label(typesetter, entry.label, size_px, spot.still[0], ink)
        if line is not None:
            inner = card.cell(page.card, spot.still, spot.fit)
            paper.lay(pixels, (spot.at[0], spot.at[1] + inner.size[1] + round(0.45 * size_px)), line)
    free, half = 0, round(0.5 * filmstrip.LABEL_LEADING * size_px)
    for entry, (left, top, _, bottom) in zip(entries, page.lines, strict=False):
        middle = (top + bottom) // 2
        room = filmstrip.label_width(size_px, left, page.margin)
        line = _label(typesetter, entry.label, size_px, room, ink) if middle - half >= free else None
        if line is not None:
            paper.lay(pixels, (page.margin, middle - line.height // 2), line)
            free = middle + half


@lru_cache(maxsize=512)  # the labels of the running page are the same at each still
def _label(typesetter: typesetting.Typesetter, text: str, size_px: int, width_px: int, ink: RGB) -> Image.Image | None:
    return typesetting.fitted(typesetter, text, size_px, width_px, ink)

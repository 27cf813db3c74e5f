"""Palette to strip: filled rectangles at the size they are seen in, never scaled, so that an eyedropper finds the
very codes.

Where a swatch has no room for its code, all codes stand in a key below the strip, each beside a chip of its color.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from math import ceil

import numpy as np
from PIL import Image, ImageDraw

from ..model import RGB, Palette, Size
from . import typesetting
from .paper import ground, ink, line_ink, lost, quiet_ink
from .style import CardStyle

# A little above what is needed, so that rounding to 8 bits does not fall below.
CODE_CONTRAST = 4.6
# Room around a hex code, and the width that the widest one takes with it, in parts of the size of its type.
_CODE_PAD = 0.6
_CODE_ROOM = 6.1
# More swatches touch: gaps as wide as they are would be half of the strip.
_MOST_WITH_GAPS = 12
# A key's chip and code with the space after them, its lines, the room above the first and that of the last, in parts of
# the size of the type.
_KEY_ROOM, _KEY_CHIP, _KEY_LEADING, _KEY_TOP, _KEY_LAST = 6.6, 0.9, 1.9, 1.0, 1.1
# The outline of a swatch that would be lost on its paper, in parts of the gap.
_LINE = 1 / 8
# Smaller type is gray fur on a screen: a code or caption that has no more room is left out.
SMALLEST_TYPE_PX = 9


@dataclass(frozen=True)
class Fittings:
    """What goes with a still, in pixels."""

    strip: int
    gap: int
    code: int
    """Size of the hex codes' type; 0 for none."""
    under: int
    """Room for hex codes under the swatches."""
    line: int = 0
    """Width of the outline of a swatch that would be lost on its paper; 0 where no paper is beside it."""
    has_key: bool = False
    """Whether the codes under the swatches are a key, each with a chip of its color."""


def fittings(style: CardStyle, mean_side_px: float) -> Fittings:
    """What goes with stills of that mean side (the square root of width times height)."""
    strip = max(1, round(style.height * mean_side_px))
    gap = round(style.gap * mean_side_px)
    code = 0 if style.codes == "none" else round(min(0.2 * strip, 0.021 * mean_side_px))
    if style.codes == "under":
        code = round(0.019 * mean_side_px)
    if style.strip == "beside":
        code = min(code, int(strip / _CODE_ROOM))
    code = code if code >= SMALLEST_TYPE_PX else 0
    under = round(code * 1.7) if style.codes == "under" else 0
    return Fittings(strip, gap, code, under, max(1, round(_LINE * gap)))


def with_key(fit: Fittings, strips: Iterable[tuple[Palette, int]], style: CardStyle) -> Fittings:
    """The same with room for a key where any swatch of those strips, each so wide, is too narrow for its code."""
    if not fit.code or style.strip not in {"below", "above", "both"}:
        return fit
    strips = list(strips)
    least = _CODE_ROOM * fit.code - (2 * _CODE_PAD * fit.code if fit.under else 0)
    swatches = (edges(palette, width, fit.gap, style) for palette, width in strips)
    if all(end - start >= least for places in swatches for start, end in places):
        return fit
    return with_key_of(replace(fit, has_key=True), strips)


def with_key_of(fit: Fittings, strips: Iterable[tuple[Palette, int]]) -> Fittings:
    """The same with as many lines of its key, where it has one, as the longest of those strips needs."""
    if not fit.has_key:
        return fit
    lines = max(ceil(len(palette) / _key_columns(width, fit.code)) for palette, width in strips)
    return replace(fit, under=round((_KEY_TOP + _KEY_LEADING * (lines - 1) + _KEY_LAST) * fit.code))


def _key_columns(width: int, code: int) -> int:
    return max(1, int(width / (_KEY_ROOM * code)))


def draw(palette: Palette, size: Size, style: CardStyle, *, vertical: bool = False) -> Image.Image:
    """A strip alone, of just that size; the swatches one below the other when `vertical`."""
    fit = fittings(style, min(size) / style.height if vertical else size[1] / style.height)
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[:] = ground(style.background, [palette])
    paint(pixels, palette, style, replace(fit, under=min(fit.under, size[1] // 3)), vertical=vertical)
    return Image.fromarray(pixels)


def paint(room: np.ndarray, palette: Palette, style: CardStyle, fit: Fittings, *, vertical: bool = False) -> None:
    """Draws the swatches so that they fill `room` (height, width, 3), and their codes."""
    height, width = room.shape[:2]
    under = 0 if vertical else min(fit.under, height)
    red, green, blue = room[-1, -1].tolist()
    paper: RGB = (red, green, blue)
    # A strip on its still has no paper for a key: there each swatch is as wide as its code.
    least_px = _CODE_ROOM * fit.code if style.strip == "over" else 0.0
    places = edges(palette, height if vertical else width, fit.gap, style, least_px)
    code = _fitting_code(fit, places) if vertical else fit.code
    for swatch, (start, end) in zip(palette, places, strict=True):
        left, top, right, bottom = (0, start, width, end) if vertical else (start, 0, end, height - under)
        room[top:bottom, left:right] = swatch.rgb
        if fit.line and lost(np.array([swatch.rgb], np.uint8), paper)[0]:
            _outline(room[top:bottom, left:right], swatch.rgb, fit.line)
        if not code or fit.has_key:
            continue
        mask = code_mask(swatch.hex, code)
        pad = 0 if under else round(_CODE_PAD * code)
        if right - left < _CODE_ROOM * code - 2 * (_CODE_PAD * code - pad) or bottom - top < 1.2 * code:
            continue
        if under:
            stamp(room, (start, height - mask.shape[0]), mask, quiet_ink(paper))
        else:
            down = min(pad, (bottom - top - mask.shape[0]) // 2)
            stamp(room, (left + pad, bottom - down - mask.shape[0]), mask, ink(swatch.rgb, CODE_CONTRAST))
    if under and fit.has_key and code:
        _paint_key(room[height - under :], palette, code, quiet_ink(paper))


def _fitting_code(fit: Fittings, places: Iterable[tuple[int, int]]) -> int:
    """Size of the codes' type on swatches one below the other: as large as the lowest has room for; 0 for none."""
    code = min(fit.code, int(min((end - start for start, end in places), default=0) / 1.3))
    return code if code >= SMALLEST_TYPE_PX else 0


def _paint_key(room: np.ndarray, palette: Palette, code: int, tone: RGB) -> None:
    """Codes in even columns, each after a chip of its color; they read along the lines."""
    columns = _key_columns(room.shape[1], code)
    if len(palette) > columns:  # lines of about one length, not a last one of one code
        columns = ceil(len(palette) / ceil(len(palette) / columns))
    chip = round(_KEY_CHIP * code)
    for i, swatch in enumerate(palette):
        x = round(room.shape[1] * (i % columns) / columns)
        y = round((_KEY_TOP + _KEY_LEADING * (i // columns)) * code)
        mask = code_mask(swatch.hex, code)
        room[y : y + chip, x : x + chip] = swatch.rgb
        _outline(room[y : y + chip, x : x + chip], swatch.rgb, 1)
        at = (x + chip + code // 2, y + (chip - mask.shape[0]) // 2)
        if at[0] + mask.shape[1] <= room.shape[1] and at[1] + mask.shape[0] <= room.shape[0]:
            stamp(room, at, mask, tone)


def edges(palette: Palette, length: int, gap: int, style: CardStyle, least_px: float = 0.0) -> list[tuple[int, int]]:
    """(start, end) of each swatch along a strip of that length; they fill it to the pixel, whatever the gap.

    More than a dozen have none. Proportional ones are at least `least_px` long where there is room for that.
    """
    count = len(palette)
    if not count:
        return []
    gap = 0 if count > _MOST_WITH_GAPS else min(gap, max(0, (length - count) // max(1, count - 1)))
    room = max(0, length - gap * (count - 1))
    shares = [1 / count] * count
    if style.widths == "proportional" and sum(one.share for one in palette) > 0:
        # No swatch is thinner than can be seen and picked with an eyedropper.
        least = min(1 / count, max(0.03, least_px / max(1, room) if count * least_px <= room else 0.0))
        total = sum(one.share for one in palette)
        shares = [least + (1 - least * count) * one.share / total for one in palette]
    ends = [round(room * part) for part in accumulate(shares)]
    ends[-1] = room
    return [(start + i * gap, end + i * gap) for i, (start, end) in enumerate(zip([0, *ends], ends, strict=False))]


def _outline(room: np.ndarray, on: RGB, thick_px: int) -> None:
    """A fine line along the inside of a swatch that would be lost on its paper."""
    tone = line_ink(on)
    room[:thick_px] = room[-thick_px:] = room[:, :thick_px] = room[:, -thick_px:] = tone


def stamp(pixels: np.ndarray, at: tuple[int, int], mask: np.ndarray, tone: RGB) -> None:
    x, y = at
    room = pixels[y : y + mask.shape[0], x : x + mask.shape[1]]
    alpha = mask[..., None].astype(np.uint16)
    room[:] = (room * (255 - alpha) + np.array(tone, np.uint16) * alpha + 127) // 255


@lru_cache(maxsize=1024)
def code_mask(text: str, size_px: int, weight: typesetting.Weight = "medium") -> np.ndarray:
    """A code's ink, uint8 (height, width), cut to what any code needs, so that neighbors stand on one line."""
    font = typesetting.own_font(max(1, size_px), weight)
    left, _, right, _ = font.getbbox(text, anchor="ls")
    _, top, _, bottom = font.getbbox("#0bdf", anchor="ls")
    mask = Image.new("L", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(mask).text((-left, -top), text, 255, font, anchor="ls")
    return np.asarray(mask)

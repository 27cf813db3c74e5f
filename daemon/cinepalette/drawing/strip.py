"""Palette to strip, still and strip to card, and the palette as it is laid over the film.

Swatches are filled rectangles at the size they are seen in, never scaled: an eyedropper finds the very codes.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate
from math import sqrt
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw

from ..color import spaces
from ..model import RGB, Box, Palette, Size
from . import typesetting

Background = Literal["white", "black", "film"]

WHITE: RGB = (255, 255, 255)
BLACK: RGB = (0, 0, 0)

# WCAG 2.2, 1.4.3: the contrast that small text needs. On any color either black or white reaches 4.58.
READABLE = 4.5
# A little above what is needed, so that rounding to 8 bits does not fall below.
_CODE_CONTRAST = 4.6
_TITLE_CONTRAST = 14.0
# Room around a hex code, and the width that the widest one takes with it, in parts of the size of its type.
_CODE_PAD = 0.6
_CODE_ROOM = 6.1
# A swatch that stands out less than this from its paper gets an outline of that contrast.
_LOST = 1.08
_LINE_CONTRAST = 1.35
# Smaller type is gray fur on a screen: a code or caption that has no more room is left out.
SMALLEST_TYPE_PX = 9


@dataclass(frozen=True)
class CardStyle:
    """[card]: how a still and its strip are put together, also in a collage.

    Lengths are parts of the still's mean side, the square root of width times height (1440 pixels for 1080p).
    """

    strip: Literal["below", "above", "both", "beside", "over"] = "below"
    """Where the strip stands; over: laid over the lower part of the still."""
    widths: Literal["equal", "proportional"] = "equal"
    """proportional: each swatch as wide as its share of the picture."""
    height: float = field(default=0.1, metadata={"min": 0.01, "max": 1.0})
    """Of the strip; its width when it stands beside the still."""
    gap: float = field(default=0.012, metadata={"min": 0.0, "max": 0.2})
    """Between swatches, and between still and strip."""
    border: float = field(default=0.045, metadata={"min": 0.0, "max": 0.5})
    background: Background = "white"
    """film: a deep tone of the still's own colors."""
    codes: Literal["none", "on", "under"] = "on"
    """Hex codes on the swatches or under them."""
    caption: bool = True
    """Title and timecode below the card."""


@dataclass(frozen=True)
class Fittings:
    """What goes with a still, in pixels."""

    strip: int
    gap: int
    code: int
    """Size of the hex codes' type; 0 for none."""
    under: int
    """Room for hex codes under the swatches."""


@dataclass(frozen=True)
class Cell:
    """A still with its strips: where each lies, from the cell's own top left corner."""

    size: Size
    still: Box
    strips: tuple[Box, ...]
    """With the room for codes under the swatches."""


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
    return Fittings(strip, gap, code, round(code * 1.7) if style.codes == "under" else 0)


def surplus(style: CardStyle, fit: Fittings) -> Size:
    """What strips add to a still's width and height, whatever its size."""
    width, height = cell(style, (0, 0), fit).size
    return width, height


def cell(style: CardStyle, still_size: Size, fit: Fittings) -> Cell:
    """Where a still of that size and its strips lie."""
    width, height = still_size
    full = fit.strip + fit.under
    match style.strip:
        case "below":
            strips = [(0, height + fit.gap, width, height + fit.gap + full)]
            return Cell((width, height + fit.gap + full), (0, 0, width, height), tuple(strips))
        case "above":
            top = full + fit.gap
            return Cell((width, height + top), (0, top, width, top + height), ((0, 0, width, full),))
        case "both":
            top = full + fit.gap
            bottom = top + height + fit.gap
            strips = [(0, 0, width, full), (0, bottom, width, bottom + full)]
            return Cell((width, bottom + full), (0, top, width, top + height), tuple(strips))
        case "beside":
            left = width + fit.gap
            return Cell((left + fit.strip, height), (0, 0, width, height), ((left, 0, left + fit.strip, height),))
        case "over":
            inset = min(max(fit.gap * 2, round(0.028 * sqrt(width * height))), min(width, height) // 8)
            top = max(inset, height - inset - round(fit.strip * 0.62))
            return Cell(still_size, (0, 0, width, height), ((inset, top, width - inset, height - inset),))


def draw(palette: Palette, size: Size, style: CardStyle = CardStyle(), *, vertical: bool = False) -> Image.Image:
    """A strip alone, of just that size; the swatches one below the other when `vertical`."""
    fit = fittings(style, min(size) / style.height if vertical else size[1] / style.height)
    pixels = np.empty((size[1], size[0], 3), np.uint8)
    pixels[:] = ground(style.background, [palette])
    paint(pixels, palette, style, replace(fit, under=min(fit.under, size[1] // 3)), vertical=vertical)
    return Image.fromarray(pixels)


def card(
    still_rgb: np.ndarray | Image.Image,
    palette: Palette,
    style: CardStyle = CardStyle(),
    caption: str | None = None,
    setter: typesetting.Setter = typesetting.plain,
) -> Image.Image:
    """The still at its own resolution with its strip, border and caption.

    `still_rgb` is (height, width, 3) uint8 sRGB; its pixels are in the card as they are.
    """
    still = np.asarray(still_rgb)
    height, width = still.shape[:2]
    mean = sqrt(width * height)
    border = round(style.border * mean)
    fit = fittings(style, mean)
    inner = cell(style, (width, height), fit)
    paper = ground(style.background, [palette])
    line = None
    size_px = round(0.0185 * mean)
    if caption and style.caption and size_px >= SMALLEST_TYPE_PX:
        line = typesetting.fitted(setter, caption, size_px, inner.size[0], quiet_ink(paper))
    line_height = 0 if line is None else line.height + round(0.6 * size_px)
    pixels = np.empty((inner.size[1] + 2 * border + line_height, inner.size[0] + 2 * border, 3), np.uint8)
    pixels[:] = paper
    place(pixels, (border, border), still, palette, style, fit)
    if line is not None:
        lay(pixels, (border, border + inner.size[1] + round(0.6 * size_px)), line)
    return Image.fromarray(pixels)


def place(
    pixels: np.ndarray, at: tuple[int, int], still: np.ndarray, palette: Palette, style: CardStyle, fit: Fittings
) -> None:
    """Draws a still and its strips into `pixels` with the top left corner at (x, y)."""
    x, y = at
    inner = cell(style, (still.shape[1], still.shape[0]), fit)
    left, top, right, bottom = inner.still
    pixels[y + top : y + bottom, x + left : x + right] = still
    for left, top, right, bottom in inner.strips:
        room = pixels[y + top : y + bottom, x + left : x + right]
        gapless = style.strip == "over"
        paint(room, palette, style, replace(fit, gap=0, under=0) if gapless else fit, vertical=style.strip == "beside")


def paint(room: np.ndarray, palette: Palette, style: CardStyle, fit: Fittings, *, vertical: bool = False) -> None:
    """Draws the swatches so that they fill `room` (height, width, 3), and their codes."""
    height, width = room.shape[:2]
    under = 0 if vertical else min(fit.under, height)
    red, green, blue = room[-1, -1].tolist()
    paper: RGB = (red, green, blue)
    places = edges(palette, height if vertical else width, fit.gap, style)
    for swatch, (start, end) in zip(palette, places, strict=True):
        left, top, right, bottom = (0, start, width, end) if vertical else (start, 0, end, height - under)
        room[top:bottom, left:right] = swatch.rgb
        if fit.gap and contrast_ratio(swatch.rgb, paper) < _LOST:
            _outline(room[top:bottom, left:right], swatch.rgb, max(1, fit.strip // 90))
        if not fit.code:
            continue
        mask = _code(swatch.hex, fit.code)
        pad = 0 if under else round(_CODE_PAD * fit.code)
        if right - left < _CODE_ROOM * fit.code - 2 * (_CODE_PAD * fit.code - pad) or bottom - top < 2 * fit.code:
            continue
        if under:
            _ink(room, (start, height - mask.shape[0]), mask, quiet_ink(paper))
        else:
            _ink(room, (left + pad, bottom - pad - mask.shape[0]), mask, ink(swatch.rgb, _CODE_CONTRAST))


def edges(palette: Palette, length: int, gap: int, style: CardStyle) -> list[tuple[int, int]]:
    """(start, end) of each swatch along a strip of that length; they fill it to the pixel, whatever the gap."""
    count = len(palette)
    if not count:
        return []
    gap = min(gap, max(0, (length - count) // max(1, count - 1)))
    room = max(0, length - gap * (count - 1))
    shares = [1 / count] * count
    if style.widths == "proportional" and sum(one.share for one in palette) > 0:
        # No swatch is thinner than can be seen and picked with an eyedropper.
        least = min(1 / count, 0.03)
        total = sum(one.share for one in palette)
        shares = [least + (1 - least * count) * one.share / total for one in palette]
    ends = [round(room * part) for part in accumulate(shares)]
    ends[-1] = room
    return [(start + i * gap, end + i * gap) for i, (start, end) in enumerate(zip([0, *ends], ends, strict=False))]


def overlay(palette: Palette, video_size: Size) -> Image.Image:
    """The palette as it is laid over the film, RGBA in video pixels: rounded, with a fine edge and a soft shadow."""
    video_width, video_height = video_size
    side = min(video_height, round(video_width * 9 / 16)) if video_width >= video_height else video_width
    height = max(18, round(0.068 * side))
    width = max(len(palette) * 8, round(min(video_width * 0.9, 0.8 * side)))
    shadow = max(3, round(0.3 * height))
    away = _away((width, height), shadow, 0.22 * height)
    body = np.clip(0.5 - away, 0, 1)[..., None]

    colors = np.empty((height, width, 3), np.uint8)
    style = CardStyle(codes="none")
    code = round(0.24 * height)
    for swatch, (start, end) in zip(palette, edges(palette, width, 0, style), strict=True):
        colors[:, start:end] = swatch.rgb
        mask = _code(swatch.hex, code, "bold")
        if code >= SMALLEST_TYPE_PX and mask.shape[1] + code < end - start:
            at = (start + (end - start - mask.shape[1]) // 2, (height - mask.shape[0]) // 2)
            _ink(colors, at, mask, ink(swatch.rgb, _CODE_CONTRAST))
    if not palette:
        colors[:] = BLACK

    full = np.zeros((*away.shape, 3), np.float32)
    full[shadow : shadow + height, shadow : shadow + width] = colors
    rim = np.clip(1 - np.abs(away + 0.75 * max(1, height / 64)), 0, 1)[..., None] * 0.28
    full += (255 - full) * rim * body
    dark = 0.5 * np.clip(1 - np.maximum(away, 0) / shadow, 0, 1)[..., None] ** 2.2
    alpha = body + dark * (1 - body)
    picture = np.empty((*away.shape, 4), np.uint8)
    picture[..., :3] = np.rint(full * body / np.maximum(alpha, 1e-6))
    picture[..., 3:] = np.rint(alpha * 255)
    return Image.fromarray(picture, "RGBA")


def rounded(size: Size, radius: float) -> Image.Image:
    """A mask (L) of a rectangle of that size with rounded corners."""
    return Image.fromarray(np.rint(np.clip(0.5 - _away(size, 0, radius), 0, 1) * 255).astype(np.uint8))


def _away(size: Size, around: int, radius: float) -> np.ndarray:
    """Distance of each pixel to a rounded rectangle with so many pixels around it, negative inside.

    Quilez, "2D distance functions".
    """
    width, height = size
    y, x = np.ogrid[: height + 2 * around, : width + 2 * around]
    dx = np.abs(x + np.float32(0.5 - around - width / 2)) - np.float32(width / 2 - radius)
    dy = np.abs(y + np.float32(0.5 - around - height / 2)) - np.float32(height / 2 - radius)
    corner = np.sqrt(np.maximum(dx, 0) ** 2 + np.maximum(dy, 0) ** 2)
    return corner + np.minimum(np.maximum(dx, dy), 0) - np.float32(radius)


def ground(background: Background, palettes: list[Palette]) -> RGB:
    """The color of the paper; for `film` a deep tone of what the palettes have in common."""
    if background == "white":
        return WHITE
    if background == "black":
        return BLACK
    swatches = [one for palette in palettes for one in palette]
    if not swatches:
        return BLACK
    lab = spaces.oklab_from_srgb(np.array([one.rgb for one in swatches], np.uint8))
    weight = np.array([one.share for one in swatches]) + 1e-3
    a, b = (weight[:, None] * lab[:, 1:]).sum(axis=0) / weight.sum()
    strength = max(1e-6, float(np.hypot(a, b)))
    chroma = min(0.04, strength)
    tone = spaces.srgb_from_oklab([0.23, a / strength * chroma, b / strength * chroma])
    red, green, blue = (round(float(one)) for one in tone)
    return (red, green, blue)


@lru_cache(maxsize=4096)
def ink(on: RGB, contrast: float = _TITLE_CONTRAST) -> RGB:
    """A color for text on `on`: toward black or white, whichever stands out more, just as far as `contrast` asks."""
    target = max((WHITE, BLACK), key=lambda one: contrast_ratio(one, on))
    low, high = 0.0, 1.0
    for _ in range(8):
        middle = (low + high) / 2
        if contrast_ratio(_mixed(on, target, middle), on) >= contrast:
            high = middle
        else:
            low = middle
    return _mixed(on, target, high)


def quiet_ink(on: RGB) -> RGB:
    """A color for small type that stays behind the pictures."""
    return ink(tuple(int(one) for one in on), 5.2)


def contrast_ratio(one: RGB, other: RGB) -> float:
    """1 to 21. WCAG 2.2, contrast ratio; luminance by IEC 61966-2-1."""
    lights = sorted(float(np.dot(spaces.linear_from_srgb(np.array(rgb, np.uint8)), _LUMINANCE)) for rgb in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


# WCAG 2.2, relative luminance.
_LUMINANCE = (0.2126, 0.7152, 0.0722)


def lay(pixels: np.ndarray, at: tuple[int, int], picture: Image.Image) -> None:
    """Lays an RGBA picture over `pixels` (height, width, 3) with its top left corner at (x, y), cut at the edges."""
    x, y = at
    top, left = max(0, -y), max(0, -x)
    layer = np.asarray(picture)[top : pixels.shape[0] - y, left : pixels.shape[1] - x]
    if not layer.size:
        return
    room = pixels[y + top : y + top + layer.shape[0], x + left : x + left + layer.shape[1]]
    alpha = layer[..., 3:].astype(np.uint16)
    room[:] = (room * (255 - alpha) + layer[..., :3] * alpha + 127) // 255


def _outline(room: np.ndarray, on: RGB, thick_px: int) -> None:
    """A fine line along the inside of a swatch that would be lost on its paper."""
    tone = ink(on, _LINE_CONTRAST)
    room[:thick_px] = room[-thick_px:] = room[:, :thick_px] = room[:, -thick_px:] = tone


def _ink(pixels: np.ndarray, at: tuple[int, int], mask: np.ndarray, tone: RGB) -> None:
    x, y = at
    room = pixels[y : y + mask.shape[0], x : x + mask.shape[1]]
    alpha = mask[..., None].astype(np.uint16)
    room[:] = (room * (255 - alpha) + np.array(tone, np.uint16) * alpha + 127) // 255


@lru_cache(maxsize=1024)
def _code(text: str, size_px: int, weight: typesetting.Weight = "medium") -> np.ndarray:
    """A code's ink, uint8 (height, width), cut to what any code needs, so that neighbors stand on one line."""
    font = typesetting.own_font(max(1, size_px), weight)
    left, _, right, _ = font.getbbox(text, anchor="ls")
    _, top, _, bottom = font.getbbox("#0bdf", anchor="ls")
    mask = Image.new("L", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(mask).text((-left, -top), text, 255, font, anchor="ls")
    return np.asarray(mask)


def _mixed(one: RGB, other: RGB, part: float) -> RGB:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return (red, green, blue)

"""Still and strip to card: where each lies, and the two drawn together."""

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from PIL import Image

from ..model import Box, Palette, Size
from . import typesetting
from .paper import ground, lay, quiet_ink
from .strip import SMALLEST_TYPE_PX, Fittings, fittings, paint
from .style import CardStyle


@dataclass(frozen=True)
class Cell:
    """A still with its strips: where each lies, from the cell's own top left corner."""

    size: Size
    still: Box
    strips: tuple[Box, ...]
    """With the room for codes under the swatches."""


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


def draw(
    still_rgb: np.ndarray | Image.Image,
    palette: Palette,
    style: CardStyle,
    caption: str | None = None,
    typesetter: typesetting.Typesetter = typesetting.plain,
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
        line = typesetting.fitted(typesetter, caption, size_px, inner.size[0], quiet_ink(paper))
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

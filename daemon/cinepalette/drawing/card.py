"""Still and strip to card: where each lies, and the two drawn together."""

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from PIL import Image

from ..model import RGB, Box, Palette, Size
from ..picture.letterbox import inside
from . import typesetting
from .paper import BLACK, WHITE, ground, lay, line_ink, lost, quiet_ink, tint
from .strip import SMALLEST_TYPE_PX, Fittings, fittings, paint, with_key
from .style import CardStyle

# The caption's type, in parts of the still's mean side, and the room above it in parts of the type; below a key it is
# more, or the caption would look like its last line.
_CAPTION = 0.0185
_CAPTION_ROOM, _CAPTION_ROOM_BELOW_KEY = 0.6, 1.3
# A still has a line around it where more than this part of a side would be lost; this many pixels of a side are looked
# at.
_LOST_SIDE, _LOOKED_AT = 0.7, 100
# The line around a strip that is laid over its still, in parts of the strip's height.
_FRAME = 0.022


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
            # One key for both.
            upper = fit.strip if fit.has_key else full
            top = upper + fit.gap
            bottom = top + height + fit.gap
            strips = [(0, 0, width, upper), (0, bottom, width, bottom + full)]
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
    box: Box | None = None,
) -> np.ndarray:
    """The still at its own resolution with its strip, border and caption, (height, width, 3) uint8.

    `still_rgb` is (height, width, 3) uint8 sRGB; its pixels are in the card as they are. `box` is the picture inside
    its bars: they are left out, unless the style keeps them.
    """
    still = np.asarray(still_rgb)
    if not style.bars:
        left, top, right, bottom = inside(box, (still.shape[1], still.shape[0]))
        still = still[top:bottom, left:right]
    height, width = still.shape[:2]
    mean = sqrt(width * height)
    border = round(style.border * mean)
    fit = with_key(fittings(style, mean), [(palette, width)], style)
    inner = cell(style, (width, height), fit)
    paper = ground(style.background, [palette])
    line = None
    size_px = round(_CAPTION * mean)
    above_line = round((_CAPTION_ROOM_BELOW_KEY if fit.has_key else _CAPTION_ROOM) * size_px)
    if caption and style.caption and size_px >= SMALLEST_TYPE_PX:
        line = typesetting.fitted(typesetter, caption, size_px, inner.size[0], quiet_ink(paper))
    line_height = 0 if line is None else line.height + above_line
    pixels = np.empty((inner.size[1] + 2 * border + line_height, inner.size[0] + 2 * border, 3), np.uint8)
    pixels[:] = paper
    place(pixels, (border, border), still, palette, style, fit)
    if line is not None:
        lay(pixels, (border, border + inner.size[1] + above_line), line)
    return pixels


def place(
    pixels: np.ndarray, at: tuple[int, int], still: np.ndarray, palette: Palette, style: CardStyle, fit: Fittings
) -> None:
    """Draws a still and its strips into `pixels` with the top left corner at (x, y)."""
    x, y = at
    inner = cell(style, (still.shape[1], still.shape[0]), fit)
    left, top, right, bottom = inner.still
    if fit.line:
        _line_around(pixels, (x + left, y + top, x + right, y + bottom), still, fit.line)
    pixels[y + top : y + bottom, x + left : x + right] = still
    for left, top, right, bottom in inner.strips:
        box = (x + left, y + top, x + right, y + bottom)
        if style.strip == "over":
            fit = replace(fit, gap=0, under=0, line=0)
            _frame(pixels, box, max(1, round(_FRAME * fit.strip)))
        room = pixels[box[1] : box[3], box[0] : box[2]]
        under = max(0, min(fit.under, bottom - top - fit.strip))
        paint(room, palette, style, replace(fit, under=under), vertical=style.strip == "beside")


def _line_around(pixels: np.ndarray, box: Box, still: np.ndarray, line_px: int) -> None:
    """A fine line outside of a still, one of whose sides would be lost on the paper."""
    left, top, right, bottom = box
    red, green, blue = pixels[top, left].tolist()
    step = max(1, max(still.shape[:2]) // _LOOKED_AT)
    sides = (still[0, ::step], still[-1, ::step], still[::step, 0], still[::step, -1])
    if max(float(lost(side, (red, green, blue)).mean()) for side in sides) > _LOST_SIDE:
        room = pixels[max(0, top - line_px) : bottom + line_px, max(0, left - line_px) : right + line_px]
        room[:] = line_ink((red, green, blue))


def _frame(pixels: np.ndarray, box: Box, line_px: int) -> None:
    """What sets a strip apart from the still it lies on, whatever their colors: a white line in a soft dark one."""
    left, top, right, bottom = box
    around: list[tuple[int, RGB, float]] = [
        (3 * line_px, BLACK, 0.16),
        (2 * line_px, BLACK, 0.3),
        (line_px, WHITE, 1.0),
    ]
    for wide, color, part in around:
        room = pixels[max(0, top - wide) : bottom + wide, max(0, left - wide) : right + wide]
        room[:] = tint(room, color, part)

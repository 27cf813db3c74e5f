"""What is laid over the film: the palette with a line that says which still it is, and what else a key has done."""

from functools import lru_cache

import numpy as np
from PIL import Image

from ..model import RGB, Palette, Size
from . import typesetting
from .paper import BLACK, distance, ink, lay
from .strip import CODE_CONTRAST, SMALLEST_TYPE_PX, code_mask, edges, stamp
from .style import CardStyle

# The strip over the film, in parts of the shorter side of a 16:9 frame (74 and 864 pixels at 1080p): small enough to
# leave the film alone, large enough to be read from a sofa.
_HEIGHT, _WIDTH = 0.068, 0.8
_WIDEST = 0.9
"""Of any frame's width."""
# In parts of the strip's height: its corners, its shadow, the codes, the line above them and that line's type.
_CORNER, _SHADOW, _CODE, _LINE, _TYPE = 0.22, 0.3, 0.24, 0.5, 0.27
# The same of a note, which stands alone: its box, its type and the room beside it.
_NOTE, _NOTE_TYPE, _NOTE_PAD = 0.74, 0.32, 0.36
_DIMMED: RGB = (178, 178, 182)
_BRIGHT: RGB = (242, 242, 244)
_BOX: RGB = (22, 22, 24)


def over_film(
    palette: Palette,
    video_size: Size,
    title: str = "",
    where: str = "",
    typesetter: typesetting.Typesetter = typesetting.plain,
) -> Image.Image:
    """The palette as it is laid over the film, RGBA in video pixels: rounded, with a fine edge and a soft shadow.

    `title` stands on the left of a line above the swatches, in the same box, `where` on its right.
    """
    side = _side(video_size)
    strip = max(18, round(_HEIGHT * side))
    width = max(len(palette) * 8, round(min(video_size[0] * _WIDEST, _WIDTH * side)))
    line = round(_LINE * strip) if (title or where) and round(_TYPE * strip) >= SMALLEST_TYPE_PX else 0
    height = strip + line

    colors = np.empty((height, width, 3), np.uint8)
    colors[:] = _BOX if line else BLACK
    if line:
        _set_line(colors[:line], title, where, round(_TYPE * strip), typesetter)
    style = CardStyle(codes="none")
    code = round(_CODE * strip)
    swatches = colors[line:]
    for swatch, (start, end) in zip(palette, edges(palette, width, 0, style), strict=True):
        swatches[:, start:end] = swatch.rgb
        mask = code_mask(swatch.hex, code, "bold")
        if code >= SMALLEST_TYPE_PX and mask.shape[1] + code < end - start:
            at = (start + (end - start - mask.shape[1]) // 2, (strip - mask.shape[0]) // 2)
            stamp(swatches, at, mask, ink(swatch.rgb, CODE_CONTRAST))

    return _boxed(colors, strip)


def note_over_film(text: str, video_size: Size, typesetter: typesetting.Typesetter = typesetting.plain) -> Image.Image:
    """A line about what a key has done, RGBA in video pixels, in a box as the palette has one."""
    strip = max(18, round(_HEIGHT * _side(video_size)))
    pad = round(_NOTE_PAD * strip)
    size_px = max(SMALLEST_TYPE_PX, round(_NOTE_TYPE * strip))
    room = max(1, round(video_size[0] * _WIDEST) - 2 * pad)
    line = typesetting.fitted(typesetter, text, size_px, room, _BRIGHT) or Image.new("RGBA", (1, 1))
    colors = np.empty((max(line.height, round(_NOTE * strip)), line.width + 2 * pad, 3), np.uint8)
    colors[:] = _BOX
    lay(colors, (pad, round((colors.shape[0] - line.height) / 2)), line)
    return _boxed(colors, strip)


def _side(video_size: Size) -> int:
    """The shorter side of the 16:9 frame that all measures follow from."""
    width, height = video_size
    return min(height, round(width * 9 / 16)) if width >= height else width


def _boxed(colors: np.ndarray, strip: int) -> Image.Image:
    """Colors, (height, width, 3) uint8, with round corners, a fine edge and a soft shadow; `strip` is a strip's height.

    The picture is RGBA, with room for the shadow around.
    """
    height, width = colors.shape[:2]
    shadow = max(3, round(_SHADOW * strip))
    gain, offset, alpha = _box((width, height), shadow, _CORNER * strip, max(1, strip / 64))
    picture = np.zeros((*alpha.shape, 4), np.uint8)
    inner = (slice(shadow, shadow + height), slice(shadow, shadow + width))
    picture[inner][..., :3] = np.rint(colors * gain + offset)
    picture[..., 3] = alpha
    return Image.fromarray(picture, "RGBA")


@lru_cache(maxsize=4)  # one film's box is the same at each still
def _box(size: Size, shadow: int, corner: float, rim_px: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What makes a box of colors: gain and offset of each of its pixels, (height, width, 1), and how much it covers.

    The last is uint8 with room for the shadow around. Colors times gain plus offset have a fine bright edge, and
    are darkened where the round corners end in the shadow.
    """
    away = distance(size, shadow, corner)
    body = np.clip(0.5 - away, 0, 1)
    dark = 0.5 * np.clip(1 - np.maximum(away, 0) / shadow, 0, 1) ** 2.2
    alpha = body + dark * (1 - body)
    rim = np.clip(1 - np.abs(away + 0.75 * rim_px), 0, 1) * 0.28 * body
    covered = body / np.maximum(alpha, 1e-6)
    inner = (slice(shadow, shadow + size[1]), slice(shadow, shadow + size[0]))
    gain, offset = ((1 - rim) * covered)[inner], (255 * rim * covered)[inner]
    return (
        gain[..., None].astype(np.float32),
        offset[..., None].astype(np.float32),
        np.rint(alpha * 255).astype(np.uint8),
    )


def _set_line(room: np.ndarray, title: str, where: str, size_px: int, typesetter: typesetting.Typesetter) -> None:
    """The line in its room (height, width, 3): the title as wide as `where` leaves it."""
    height, width = room.shape[:2]
    pad = round(0.9 * size_px)
    right = typesetting.fitted(typesetter, where, size_px, width - 2 * pad, _DIMMED)
    left = width - 2 * pad - (right.width + pad if right else 0)
    for line, is_right in (
        (typesetting.fitted(typesetter, title, size_px, left, _BRIGHT, "bold"), False),
        (right, True),
    ):
        if line is not None:
            lay(room, (width - pad - line.width if is_right else pad, round((height - line.height) / 2)), line)

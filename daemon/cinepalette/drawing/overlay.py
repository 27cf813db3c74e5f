"""The palette as it is laid over the film."""

import numpy as np
from PIL import Image

from ..model import Palette, Size
from .paper import BLACK, distance, ink
from .strip import CODE_CONTRAST, SMALLEST_TYPE_PX, code_mask, edges, stamp
from .style import CardStyle


def draw(palette: Palette, video_size: Size) -> Image.Image:
    """The palette as it is laid over the film, RGBA in video pixels: rounded, with a fine edge and a soft shadow."""
    video_width, video_height = video_size
    side = min(video_height, round(video_width * 9 / 16)) if video_width >= video_height else video_width
    height = max(18, round(0.068 * side))
    width = max(len(palette) * 8, round(min(video_width * 0.9, 0.8 * side)))
    shadow = max(3, round(0.3 * height))
    away = distance((width, height), shadow, 0.22 * height)
    body = np.clip(0.5 - away, 0, 1)[..., None]

    colors = np.empty((height, width, 3), np.uint8)
    style = CardStyle(codes="none")
    code = round(0.24 * height)
    for swatch, (start, end) in zip(palette, edges(palette, width, 0, style), strict=True):
        colors[:, start:end] = swatch.rgb
        mask = code_mask(swatch.hex, code, "bold")
        if code >= SMALLEST_TYPE_PX and mask.shape[1] + code < end - start:
            at = (start + (end - start - mask.shape[1]) // 2, (height - mask.shape[0]) // 2)
            stamp(colors, at, mask, ink(swatch.rgb, CODE_CONTRAST))
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

"""Paper and ink: the page's color, what can be read and seen on it, and one picture laid over another."""

from functools import lru_cache

import numpy as np
from PIL import Image

from ..color import spaces
from ..model import RGB, Palette, Size
from .style import Background

WHITE: RGB = (255, 255, 255)
BLACK: RGB = (0, 0, 0)

# WCAG 2.2, 1.4.3: the contrast that small text needs. On any color either black or white reaches 4.58.
READABLE = 4.5
_TITLE_CONTRAST = 14.0
# What stands out less than this from its paper is lost there; a line around it has that contrast to it. Between
# near-blacks WCAG's figure says more than the eye sees.
_LOST = 1.25
_LINE_CONTRAST, _LINE_CONTRAST_DARK = 1.5, 2.0
# What is light and whose hue is so far from its paper's, in OKLab's a and b, is not lost: yellow on white.
_TINTED = 0.06
_LIGHT = 128
# WCAG 2.2, relative luminance.
_LUMINANCE = (0.2126, 0.7152, 0.0722)


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
    return float(_contrasts(np.array([one], np.uint8), other)[0])


def lost(colors: np.ndarray, paper: RGB) -> np.ndarray:
    """Which of the colors, (n, 3) uint8, cannot be told from their paper without a line around them."""
    near: np.ndarray = _contrasts(colors, paper) < _LOST
    if near.any():
        hues = spaces.oklab_from_srgb(colors)[:, 1:] - spaces.oklab_from_srgb(np.array(paper, np.uint8))[1:]
        near &= (colors.max(axis=1) < _LIGHT) | (np.hypot(hues[:, 0], hues[:, 1]) < _TINTED)
    return near


def line_ink(on: RGB) -> RGB:
    """A color for a fine line around what would be lost."""
    return ink(on, _LINE_CONTRAST if max(on) >= _LIGHT else _LINE_CONTRAST_DARK)


def _contrasts(colors: np.ndarray, other: RGB) -> np.ndarray:
    one = spaces.linear_from_srgb(colors) @ _LUMINANCE + 0.05
    two = spaces.linear_from_srgb(np.array(other, np.uint8)) @ _LUMINANCE + 0.05
    ratios: np.ndarray = np.maximum(one, two) / np.minimum(one, two)
    return ratios


def lay(pixels: np.ndarray, at: tuple[int, int], picture: Image.Image) -> None:
    """Lays an RGBA picture over `pixels` (height, width, 3) with its top left corner at (x, y), cut at the edges."""
    x, y = at
    top, left = max(0, -y), max(0, -x)
    layer = np.asarray(picture)[top : max(0, pixels.shape[0] - y), left : max(0, pixels.shape[1] - x)]
    if not layer.size:
        return
    room = pixels[y + top : y + top + layer.shape[0], x + left : x + left + layer.shape[1]]
    alpha = layer[..., 3:].astype(np.uint16)
    room[:] = (room * (255 - alpha) + layer[..., :3] * alpha + 127) // 255


def tint(pixels: np.ndarray, color: RGB, part: float) -> np.ndarray:
    """Pixels, uint8, mixed with that part (0-1) of a color."""
    mixed = pixels * np.float32(1 - part) + np.array(color, np.float32) * np.float32(part)
    return np.rint(mixed).astype(np.uint8)


def rounded(size: Size, radius: float) -> Image.Image:
    """A mask (L) of a rectangle of that size with rounded corners."""
    return Image.fromarray(np.rint(np.clip(0.5 - distance(size, 0, radius), 0, 1) * 255).astype(np.uint8))


def distance(size: Size, around: int, radius: float) -> np.ndarray:
    """Distance of each pixel to a rounded rectangle with `around` pixels around it, negative inside.

    Quilez, "2D distance functions".
    """
    width, height = size
    y, x = np.ogrid[: height + 2 * around, : width + 2 * around]
    dx = np.abs(x + np.float32(0.5 - around - width / 2)) - np.float32(width / 2 - radius)
    dy = np.abs(y + np.float32(0.5 - around - height / 2)) - np.float32(height / 2 - radius)
    corner: np.ndarray = np.sqrt(np.maximum(dx, 0) ** 2 + np.maximum(dy, 0) ** 2)
    return corner + np.minimum(np.maximum(dx, dy), 0) - np.float32(radius)


def _mixed(one: RGB, other: RGB, part: float) -> RGB:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return (red, green, blue)

"""Palettes: the colors that the eye keeps of a still.

The method and the reasons for every number are in `daemon/docs/palette.md`. The same pixels give the same palette,
whatever ran before and beside it.
"""

from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from . import color
from .model import Box, Palette, Swatch

# A still is averaged down to at most about this many pixels: 480 x 270 for HD, where an accent of 0.3 % has 400.
WORK_PX = 130_000
# Bits a channel of the histogram: 8 levels a cell, so that a cell's mean is within a just visible step of its pixels.
CELL_BITS = 5
# Lightness counts less than hue between regions: light and shadow on one thing belong together.
LIGHTNESS_WEIGHT = 0.6
AREA_POWER = 0.55
MERGE_DISTANCE = 0.07


@dataclass(frozen=True)
class Options:
    """[palette]: what a palette shows and how it is found."""

    swatches: int = field(default=5, metadata={"min": 1, "max": 25})
    """At most so many; fewer where a picture has fewer colors worth telling apart."""
    sort: Literal["light", "hue", "share"] = "light"
    """light: dark to light. hue: grays, then around the color circle from red. share: the largest first."""


def extract(rgb: np.ndarray, n: int | None = None, *, box: Box | None = None, options: Options = Options()) -> Palette:
    """The palette of a still.

    `rgb` is (height, width, 3) or (height, width, 4), uint8, sRGB; transparent pixels of the latter do not count.
    `box` is the picture inside its letterbox bars, None for all of it. `n` takes the place of `options.swatches`.
    """
    wanted = options.swatches if n is None else n
    left, top, right, bottom = box or (0, 0, rgb.shape[1], rgb.shape[0])
    small = _shrunk(rgb[top:bottom, left:right, :3])
    counts, cells, cell_of = _histogram(small)
    space = color.oklab_from_srgb(cells) * (LIGHTNESS_WEIGHT, 1, 1)
    share = counts / counts.sum()
    weight = share**AREA_POWER * (0.1 + np.hypot(space[:, 1], space[:, 2]))
    chosen = [int(np.argmax(weight))]
    nearest = np.linalg.norm(space - space[chosen[0]], axis=1)
    while len(chosen) < wanted:
        following = int(np.argmax(weight * nearest**2))
        if nearest[following] < MERGE_DISTANCE:
            break
        chosen.append(following)
        nearest = np.minimum(nearest, np.linalg.norm(space - space[following], axis=1))
    for _ in range(8):
        label = np.argmin(((space[:, None] - space[chosen][None]) ** 2).sum(axis=2), axis=1)
        mass = np.bincount(label, weights=share, minlength=len(chosen))
        mean = np.stack([np.bincount(label, weights=share * space[:, i], minlength=len(chosen)) for i in range(3)], 1)
        mean /= mass[:, None]
        chosen = [int(np.argmin(((space - center) ** 2).sum(axis=1))) for center in mean]
        chosen = list(dict.fromkeys(chosen))
    label = np.argmin(((space[:, None] - space[chosen][None]) ** 2).sum(axis=2), axis=1)
    mass = np.bincount(label, weights=share, minlength=len(chosen))
    height, width = small.shape[:2]
    swatches = []
    for index, cell in enumerate(chosen):
        y, x = divmod(int(np.argmax(cell_of == cell)), width)
        at = (
            (left + (x + 0.5) / width * (right - left)) / rgb.shape[1],
            (top + (y + 0.5) / height * (bottom - top)) / rgb.shape[0],
        )
        red, green, blue = (round(float(value)) for value in cells[cell])
        swatches.append(Swatch((red, green, blue), float(mass[index]), at))
    return ordered(tuple(swatches), options.sort)


def ordered(palette: Palette, sort: str) -> Palette:
    """The swatches as `Options.sort` says; equal ones by their numbers, so that there is one order only."""
    oklab = color.oklab_from_srgb(np.array([swatch.rgb for swatch in palette]).reshape(-1, 3))
    light = oklab[:, 0]
    if sort == "share":
        key = [-swatch.share for swatch in palette]
    elif sort == "hue":
        chroma, hue = np.hypot(oklab[:, 1], oklab[:, 2]), np.arctan2(oklab[:, 2], oklab[:, 1]) % (2 * np.pi)
        key = list(np.where(chroma < 0.03, -1.0, hue))
    else:
        key = list(light)
    order = sorted(range(len(palette)), key=lambda i: (key[i], light[i], palette[i].rgb))
    return tuple(palette[i] for i in order)


def _shrunk(rgb: np.ndarray) -> np.ndarray:
    """The picture averaged over blocks of whole pixels."""
    height, width = rgb.shape[:2]
    block = max(1, round((height * width / WORK_PX) ** 0.5))
    if block == 1:
        return rgb
    size = (max(1, width // block), max(1, height // block))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def _histogram(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(pixels of each filled cell, its mean color, the cell of each pixel in reading order)."""
    pixels = rgb.reshape(-1, 3)
    coarse = (pixels >> (8 - CELL_BITS)).astype(np.int32)
    index = (coarse[:, 0] << 2 * CELL_BITS) | (coarse[:, 1] << CELL_BITS) | coarse[:, 2]
    counts = np.bincount(index, minlength=1 << 3 * CELL_BITS)
    filled = np.flatnonzero(counts)
    sums = [np.bincount(index, weights=pixels[:, i], minlength=len(counts))[filled] for i in range(3)]
    number = np.zeros(len(counts), np.int32)
    number[filled] = np.arange(len(filled))
    return counts[filled], np.stack(sums, axis=1) / counts[filled, None], number[index]

"""Palettes: the colors that the eye keeps of a still.

A picture is averaged down, its colors are counted, `choice` picks the few that stand for all of them, and here they
become swatches with their share and their place. The same pixels give the same palette, whatever ran before or runs
beside it. The method and the reasons for every number are in `daemon/docs/palette.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from ..color import spaces
from ..color.difference import distances
from ..model import Box, Palette, Swatch
from . import choice, classic
from .colors import Colors

# A still is averaged down to about this many pixels: 480 x 270 for HD, where an accent of 0.3 % has 400.
WORK_PX = 130_000
# Bits a channel by which colors are counted: cells of 8 levels, each represented by the mean of its pixels.
CELL_BITS = 5
# Colors with less chroma than this (OKLab) have no hue to sort by.
GRAY_CHROMA = 0.03
# A pixel shows a swatch when it is nearer than about this (CIEDE2000).
SHOWS_WITHIN = 6.0
# A swatch's place is looked for among about this many pixels ...
PLACE_PX = 32_000
# ... where it fills most of a window of this part of the width.
PLACE_WINDOW = 0.05


@dataclass(frozen=True)
class Options:
    """[palette]: what a palette shows and how it is found."""

    swatches: int = field(default=5, metadata={"min": 1, "max": 25})
    """The most that a palette has; fewer where a picture has fewer colors that the eye tells apart."""
    sort: Literal["light", "hue", "share"] = "light"
    """light: dark to light. hue: grays, then around the color circle from red. share: the largest first."""
    darkest: float = field(default=0.0, metadata={"min": 0.0, "max": 100.0})
    """Colors darker than this CIELAB lightness do not count, unless there are no others; 0 counts all."""
    brightest: float = field(default=100.0, metadata={"min": 0.0, "max": 100.0})
    """Colors lighter than this do not count, unless there are no others; 100 counts all."""
    method: Literal["cinepalette", "kmeans-rgb", "kmeans-hsv", "agglomerative-rgb", "agglomerative-hsv"] = "cinepalette"
    """cinepalette, or one of scikit-learn's to compare with."""


DEFAULTS = Options()


def extract(rgb: np.ndarray, n: int | None = None, *, box: Box | None = None, options: Options = DEFAULTS) -> Palette:
    """The palette of a still.

    `rgb` is uint8 (height, width, 3), sRGB, or (height, width, 4), where pixels that are more than half transparent do
    not count. `box` is the picture inside its letterbox bars, None for all of it; places are given in the whole still.
    `n`, 1-25, takes the place of `options.swatches`.

    Promises: 1 to n swatches (none when all is transparent), all different, in the order of `options.sort`; shares
    above 0 that sum to 1; each swatch within a CIEDE2000 of 6 of a color of the averaged picture; a gray
    picture has gray swatches. The picture's mirror image has the same colors. Nothing is random and nothing is kept.
    """
    if n is not None and n < 1:
        raise ValueError(f"a palette has at least one swatch, not {n}")
    left, top, right, bottom = box or (0, 0, rgb.shape[1], rgb.shape[0])
    small, seen = _shrunk(rgb[top:bottom, left:right])
    counts, means, cell = counted(small, seen)
    if not len(counts):
        return ()
    within = _within_limits(means, options)
    cells = cell.reshape(small.shape[:2])
    colors = Colors.of(counts[within], means[within], cells if within.all() else _renumbered(cells, within))
    swatches = _palette(colors, options.swatches if n is None else n, options.method)
    uniform = spaces.uniform_from_srgb(means)
    places = _places(swatches, uniform, cells)
    width, height = right - left, bottom - top
    placed = (
        Swatch(one.rgb, one.share, ((left + x * width) / rgb.shape[1], (top + y * height) / rgb.shape[0]))
        for one, (x, y) in zip(swatches, places, strict=True)
    )
    return ordered(tuple(placed), options.sort)


def combined(palettes: Iterable[Palette], n: int | None = None, *, options: Options = DEFAULTS) -> Palette:
    """One palette of many stills: a session, a film.

    Every still counts the same, and every swatch of it as the color it is, so a lamp that is red in one still stays
    red: the choice is the same as within a picture, not a mean of means. Swatches have no place. `n` and the promises
    are those of `extract`; no palettes, or empty ones, give an empty palette.
    """
    filled = [palette for palette in palettes if palette]
    if not filled:
        return ()
    share = np.array([swatch.share for palette in filled for swatch in palette])
    rgb = np.array([swatch.rgb for palette in filled for swatch in palette], float)
    present = share > 0
    return of_colors(share[present], rgb[present], n, options=options)


def of_colors(share: np.ndarray, rgb: np.ndarray, n: int | None = None, *, options: Options = DEFAULTS) -> Palette:
    """The palette of colors that are counted already: `rgb` (count, 3), `share` (count,) above 0 and of any sum.

    Swatches have no place. `n` and the promises are those of `extract`.
    """
    swatches = _palette(Colors.of(share, rgb), options.swatches if n is None else n, options.method)
    return ordered(swatches, options.sort)


def ordered(palette: Palette, sort: str) -> Palette:
    """The swatches as `Options.sort` says; equal ones by their numbers, so that there is one order only."""
    oklab = spaces.oklab_from_srgb(np.array([swatch.rgb for swatch in palette]).reshape(-1, 3))
    light = oklab[:, 0]
    if sort == "share":
        key = [-swatch.share for swatch in palette]
    elif sort == "hue":
        chroma, hue = np.hypot(oklab[:, 1], oklab[:, 2]), np.arctan2(oklab[:, 2], oklab[:, 1]) % (2 * np.pi)
        key = list(np.where(chroma < GRAY_CHROMA, -1.0, hue))
    else:
        key = list(light)
    order = sorted(range(len(palette)), key=lambda i: (key[i], light[i], palette[i].rgb))
    return tuple(palette[i] for i in order)


def _palette(colors: Colors, n: int, method: str) -> Palette:
    """The swatches without places, in no order; each stands for the colors that it is nearest to."""
    ours = method == "cinepalette"
    chosen = choice.swatch_colors(colors, n) if ours else classic.swatch_colors(colors, n, method)
    rgb = np.unique(np.round(chosen).clip(0, 255).astype(int), axis=0)
    nearest = distances(spaces.uniform_from_srgb(rgb), colors.uniform).argmin(axis=0)
    share = np.bincount(nearest, weights=colors.share, minlength=len(rgb))
    return tuple(
        Swatch((int(red), int(green), int(blue)), float(part))
        for (red, green, blue), part in zip(rgb, share / share.sum(), strict=True)
        if part > 0
    )


def _shrunk(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """(the picture averaged over blocks of whole pixels, which of its pixels can be seen: None for all).

    Whole blocks make the average exact and fast; up to a block's width of rows and columns at the edge is left out.
    """
    height, width = picture.shape[:2]
    block = max(1, round((height * width / WORK_PX) ** 0.5))
    if picture.shape[2] == 4:  # an average would mix in the color that hides behind transparent pixels
        picture = picture[block // 2 :: block, block // 2 :: block] if min(height, width) > block else picture
        return np.ascontiguousarray(picture[..., :3]), picture[..., 3] >= 128
    rows, columns = height // block, width // block
    if block == 1 or not rows or not columns:
        return picture, None
    top, left = (height - rows * block) // 2, (width - columns * block) // 2
    whole = picture[top : top + rows * block, left : left + columns * block]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), None


def counted(rgb: np.ndarray, seen: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(pixels in each filled cell, mean color of each, the cell of each pixel in reading order, -1 for unseen)."""
    pixels = rgb.reshape(-1, 3)
    coarse = (pixels >> (8 - CELL_BITS)).astype(np.int32)
    index = (coarse[:, 0] << 2 * CELL_BITS) | (coarse[:, 1] << CELL_BITS) | coarse[:, 2]
    visible = slice(None) if seen is None else seen.reshape(-1)
    counts = np.bincount(index[visible], minlength=1 << 3 * CELL_BITS)
    filled = np.flatnonzero(counts)
    sums = [np.bincount(index[visible], weights=pixels[visible, i], minlength=len(counts))[filled] for i in range(3)]
    number = np.full(len(counts), -1, np.int32)
    number[filled] = np.arange(len(filled))
    cell = number[index]
    if seen is not None:
        cell[~seen.reshape(-1)] = -1
    return counts[filled].astype(float), np.stack(sums, axis=1) / counts[filled, None], cell


def _within_limits(rgb: np.ndarray, options: Options) -> np.ndarray:
    """Which colors count."""
    if options.darkest <= 0 and options.brightest >= 100:
        return np.ones(len(rgb), bool)
    light = spaces.lab_from_srgb(rgb)[:, 0]
    counted = (light >= options.darkest) & (light <= options.brightest)
    return counted if counted.any() else np.ones(len(rgb), bool)


def _renumbered(cells: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Which of the colors that are kept each pixel has, -1 for none."""
    number = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)  # the last for unseen pixels
    renumbered: np.ndarray = number[cells]
    return renumbered


def _places(swatches: Palette, uniform: np.ndarray, cells: np.ndarray) -> list[tuple[float, float]]:
    """(x, y), 0-1 of the picture, of a pixel that shows each swatch, where most around it does so too."""
    step = max(1, round((cells.size / PLACE_PX) ** 0.5))
    coarse = cells[step // 2 :: step, step // 2 :: step] if min(cells.shape) > step else cells
    height, width = coarse.shape
    window = (1 + 2 * round(width * PLACE_WINDOW / 2),) * 2
    rgb = np.array([swatch.rgb for swatch in swatches])
    between = distances(spaces.uniform_from_srgb(rgb), uniform)
    places = []
    for distance in between:
        nearness = np.append(np.exp(-((distance / SHOWS_WITHIN) ** 2)), np.float32(0))  # the last for unseen pixels
        shown = nearness[coarse]
        around = cv2.blur(shown, window, borderType=cv2.BORDER_CONSTANT) if shown.any() else shown
        y, x = divmod(int(np.argmax(shown * around)), width)
        places.append(((x + 0.5) / width, (y + 0.5) / height))
    return places

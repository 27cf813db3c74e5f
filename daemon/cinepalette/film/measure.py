"""One frame of a film to a sample: its palette as a still would get it, and all its colors, put together."""

from collections.abc import Iterable

import numpy as np

from ..color import spaces
from ..model import Box
from ..palette import extraction
from ..picture import letterbox
from .record import Sample

# Colors of a frame within a cell of this side (about CIEDE2000) are one color of the record.
CELL_SIDE = 5.0
# Far from any common part of each other: the cells of two frames do not lie alike.
_STEPS = np.array([0.7548776662, 0.5698402910, 0.4301597090])
# What fills less of a frame than this is left out of the record: grain and ringing.
LEAST_SHARE = 0.0004
# At the edge of a bar averaging, and color at half the size, mix bar and picture in this many lines.
_MIXED_LINES = 2


def sample(
    rgb: np.ndarray, time_s: float, swatches: int, bars: Iterable[Box | None], conversion: tuple[str, ...] = ()
) -> Sample:
    """The sample of a frame, uint8 (height, width, 3) sRGB; `bars` are the boxes that other frames of the film have."""
    box = letterbox.picture_box(rgb, bars)
    left, top, right, bottom = letterbox.inside(box, (rgb.shape[1], rgb.shape[0]), _MIXED_LINES)
    counts, means, _ = extraction.counted(rgb[top:bottom, left:right], None)
    colors, share = condensed(counts, means, time_s)
    palette = extraction.of_colors(counts, means, swatches)
    return Sample(time_s, palette, mean(counts, means), colors, share, conversion)


def mean(counts: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """The mean of a picture's light, as sRGB 0-255, (3,) float32: averaged in gamma it would be too dark."""
    light = counts @ spaces.linear_from_srgb(rgb) / counts.sum()
    return spaces.srgb_from_linear(light).astype(np.float32)


def condensed(counts: np.ndarray, means: np.ndarray, seed: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """(colors (count, 3) uint8, their shares (count,) float32): those that look alike as one.

    Where the cells lie follows from `seed`: the same ones in every frame would show as a grid in the film.
    """
    even = spaces.uniform_from_srgb(means)
    place = np.floor(even / CELL_SIDE + (seed * _STEPS) % 1).astype(np.int64)
    place -= place.min(axis=0)
    _, cell = np.unique((place[:, 0] * 1024 + place[:, 1]) * 1024 + place[:, 2], return_inverse=True)
    share: np.ndarray = np.bincount(cell, weights=counts)
    colors = np.stack([np.bincount(cell, weights=counts * channel) for channel in means.T], axis=1) / share[:, None]
    share /= share.sum()
    kept = share >= min(LEAST_SHARE, float(share.max()))
    share = share[kept] / share[kept].sum()
    return np.rint(colors[kept]).astype(np.uint8), share.astype(np.float32)

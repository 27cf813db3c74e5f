"""Pictures out of the film: the frames of some moments, and the moments that represent it best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..color import spaces
from ..model import Box, Size
from ..palette.extraction import WORK_PX
from ..picture import letterbox
from .frames import FilmFile, opened
from .record import Record

if TYPE_CHECKING:
    import av

# Frames are decoded to this many times the pixels that are needed, so that they can be cut to shape.
_SPARE = 2.5
# The shape of the picture is looked for at these parts of the film.
_FRAMES_FOR_RATIO = (0.15, 0.3, 0.45, 0.6, 0.75)
# How much a moment is worth that lies this part of the film away from the others, beside its colors.
_APART = 0.06


@dataclass(frozen=True)
class Frames:
    """Where drawings get the frames of a film from."""

    path: Path
    progress: Callable[[int, int], None] | None = None

    def ratio(self) -> float:
        """Width to height of the picture inside its bars, as most of some frames have it."""
        ratios = []
        with opened(self.path) as film:
            length_s = film.duration_s()
            boxes: list[Box] = []
            for part in _FRAMES_FOR_RATIO:
                frame = film.key_frame(part * length_s)
                if frame is not None:
                    rgb = _inner(film, frame[1], WORK_PX, boxes)
                    ratios.append(rgb.shape[1] / rgb.shape[0])
        return float(np.median(ratios)) if ratios else 16 / 9

    def pictures(self, moments_s: Sequence[float], size: Size) -> list[np.ndarray]:
        """The frames of moments in rising order, without bars, cut to fill that size, uint8 (height, width, 3).

        One for each moment: where none can be decoded, the one before it again. Raises `UnreadableFilm`.
        """
        found: list[np.ndarray] = []
        width, height = size
        with opened(self.path) as film:
            boxes: list[Box] = []
            for number, moment_s in enumerate(moments_s):
                frame = next(film.frames([moment_s]), None)
                if frame is not None:
                    found.append(filling(_inner(film, frame[1], round(_SPARE * width * height), boxes), size))
                else:
                    found.append(found[-1] if found else np.zeros((height, width, 3), np.uint8))
                if self.progress:
                    self.progress(number + 1, len(moments_s))
        return found


def _inner(film: FilmFile, frame: "av.VideoFrame", most_px: int, boxes: list[Box]) -> np.ndarray:
    """A frame as a picture without its bars; `boxes` are those found so far, and this one's is added."""
    rgb = film.shaped(film.true(frame, most_px)[0], frame)
    box = letterbox.picture_box(rgb, boxes)
    boxes += [] if box is None else [box]
    left, top, right, bottom = letterbox.inside(box, (rgb.shape[1], rgb.shape[0]))
    return rgb[top:bottom, left:right]


def filling(rgb: np.ndarray, size: Size) -> np.ndarray:
    """A picture scaled and cut around its middle so that it fills a size."""
    width, height = size
    scale = max(width / rgb.shape[1], height / rgb.shape[0])
    across, down = max(width, round(rgb.shape[1] * scale)), max(height, round(rgb.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(np.ascontiguousarray(rgb), (across, down), interpolation=method)
    left, top = (across - width) // 2, (down - height) // 2
    return np.ascontiguousarray(scaled[top : top + height, left : left + width])


def representative(record: Record, count: int) -> np.ndarray:
    """The `count` moments that together represent the film best, in rising order, in seconds.

    Each is the farthest from those before it, in color and in time (Gonzalez, "Clustering to minimize the maximum
    intercluster distance", 1985); the first is the one that is nearest to all. Dark and flat frames count little.
    """
    look = _looks(record)
    rich = np.clip(np.hypot(look[:, 1::3], look[:, 2::3]).mean(axis=1) / 10, 0.15, 1.0)
    light = np.clip(look[:, 0::3].max(axis=1) / 30, 0.05, 1.0)
    spread = np.clip(look[:, 0::3].std(axis=1) / 12, 0.2, 1.0)
    worth = rich * light * spread
    time = (record.time_s - record.time_s[0]) / max(1e-9, float(record.time_s[-1] - record.time_s[0]))
    first = int(np.argmin(np.abs(look - np.median(look, axis=0)).mean(axis=1) / worth))
    chosen = [first]
    nearest = np.full(len(record), np.inf)
    while len(chosen) < min(count, len(record)):
        last = chosen[-1]
        color = np.linalg.norm(look - look[last], axis=1) / np.sqrt(look.shape[1] / 3)
        apart = np.clip(np.abs(time - time[last]) / _APART, 0, 1)
        nearest = np.minimum(nearest, (color + 6) * (0.15 + 0.85 * apart))
        nearest[chosen] = -1
        chosen.append(int(np.argmax(np.where(nearest < 0, -1, nearest * worth))))
    moments: np.ndarray = np.sort(record.time_s[chosen])
    return moments


def _looks(record: Record) -> np.ndarray:
    """Each sample's palette as one row: its colors at equal steps of their shares, dark to light, (n, 3 * 6)."""
    even = spaces.uniform_from_srgb(record.swatch_rgb)
    reach = np.cumsum(record.swatch_share, axis=1)
    steps = (np.arange(6) + 0.5) / 6
    rows = []
    for i in range(len(record)):
        known = int((record.swatch_share[i] > 0).sum())
        place = np.searchsorted(reach[i, :known], steps * reach[i, known - 1]).clip(0, known - 1)
        rows.append(even[i, place].reshape(-1))
    return np.stack(rows)

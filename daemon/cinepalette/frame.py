"""The frame around the picture: letterbox and pillarbox bars.

One still alone misleads: a night sky is as black as a bar. So each still is measured for itself (`find_bars`: how far
its edges could be bars, and whether a straight edge says that they are), and `picture_box` decides with the boxes that
earlier stills of the session got.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .model import Box

# Bars are black by intention: limited-range black, lifted by bad conversions and compression, stays below this of 255.
BAR_LEVEL_MAX = 40
# A bar is of one color; compression and grain stay within this of it.
BAR_SPREAD = 8
# So much of a line may differ and it is a bar still: a logo's corner, ringing, a blend of two pixels at the side.
BAR_EXCEPTIONS = 0.02
# Beyond a bar's edge this much of the line, or more, is picture that is brighter than the bar.
EDGE_PICTURE = 0.3
# Within this part of the frame's height (width) beyond the bar, so that a soft edge or a dark rim does not hide it.
EDGE_DEPTH = 0.02
# 2.76 : 1 (Ultra Panavision) in 4 : 3 leaves 26 % a side; nothing wider is shown in nothing taller.
BAR_MAX_PART = 0.27
# Opposite bars are equal but for the scaler's rounding and a soft edge, in parts of the height (width).
SYMMETRY = 0.012
# Less than this is a rim from scaling, not a bar, in parts of the height (width).
BAR_MIN_PART = 0.006
# Lines are looked at in so many places.
SAMPLES = 256


@dataclass(frozen=True)
class Bars:
    """What one still says about bars along one direction, in pixels a side."""

    depth: int
    """Both opposite bars are at most so deep: further in there is picture on one side at least."""
    sure: bool
    """Whether there are bars and they are just so deep, by two straight edges of equal depth."""


def find_bars(rgb: np.ndarray) -> tuple[Bars, Bars]:
    """The bars (left and right, above and below) of one still, uint8 (height, width, 3)."""
    return _bars(rgb.transpose(1, 0, 2)), _bars(rgb)


def picture_box(rgb: np.ndarray, earlier: Iterable[Box | None] = ()) -> Box | None:
    """The picture inside the bars of a still, None where it has none.

    `earlier` are the boxes of the session's stills of the same size so far (None: no bars). A still with clear edges
    decides for itself, so the ratio may change; a dark one takes the likeliest earlier box that its picture fits in.
    """
    height, width = rgb.shape[:2]
    across, along = find_bars(rgb)
    known = Counter(earlier)
    x = across.depth if across.sure else 0
    y = along.depth if along.sure else 0
    if not (across.sure or along.sure) and (across.depth or along.depth):
        slack_x, slack_y = round(SYMMETRY * width), round(SYMMETRY * height)
        fitting = [
            box
            for box in known
            if box
            and box[2] <= width
            and box[3] <= height
            and box[0] <= across.depth + slack_x
            and box[1] <= along.depth + slack_y
        ]
        if fitting:
            return max(fitting, key=lambda box: (known[box], box))
    return (x, y, width - x, height - y) if x or y else None


def _bars(lines: np.ndarray) -> Bars:
    """The bars at the two ends of the first axis of (lines, places, 3)."""
    count, places = lines.shape[:2]
    reach = int(count * (BAR_MAX_PART + EDGE_DEPTH)) + 1
    step = max(1, places // SAMPLES)
    first, sure_first = _bar(lines[:reach, step // 2 :: step])
    if not first:
        return Bars(0, False)
    last, sure_last = _bar(lines[::-1][:reach, step // 2 :: step])
    depth = min(first, last)
    if depth < max(1, BAR_MIN_PART * count):
        return Bars(0, False)
    alike = abs(first - last) <= max(1, SYMMETRY * count) and depth <= BAR_MAX_PART * count
    return Bars(depth, sure_first and sure_last and alike)


def _bar(lines: np.ndarray) -> tuple[int, bool]:
    """(lines from the edge that could be a bar, whether it ends in a straight edge)."""
    level = float(np.median(lines[0].max(axis=-1)))
    if level > BAR_LEVEL_MAX:
        return 0, False
    beyond = np.abs(lines.max(axis=-1).astype(np.int16) - level) > BAR_SPREAD
    part = beyond.mean(axis=1)
    ends = np.flatnonzero(part > BAR_EXCEPTIONS)
    if not len(ends):
        return len(lines), False
    depth = int(ends[0])
    within = max(2, round(EDGE_DEPTH / (BAR_MAX_PART + EDGE_DEPTH) * len(lines)))
    return depth, bool(part[depth : depth + within].max(initial=0.0) >= EDGE_PICTURE)

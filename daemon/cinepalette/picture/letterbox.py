"""The frame around the picture: letterbox and pillarbox bars.

One still alone misleads: a night sky is as black as a bar. So each still is measured for itself (`find_bars`: how far
its edges could be bars, and whether a straight edge says that they are), and `picture_box` decides with the boxes that
earlier stills of the session got.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..model import Box, Size

# Bars are black by intention: limited-range black, lifted by bad conversions and compression, stays below this of 255.
BAR_LEVEL_MAX = 40
# A bar is of one color; compression and grain stay within this of it.
BAR_SPREAD = 8
# A line is still a bar when no more than this part of it differs: a logo, ringing, two blended pixels at the side.
BAR_EXCEPTIONS = 0.02
# Beyond a bar's edge this much of the line, or more, is picture that is brighter than the bar.
EDGE_PICTURE = 0.3
# Within this part of the frame's height (width) beyond the bar, so that a soft edge or a dark rim does not hide it ...
EDGE_DEPTH = 0.02
# ... and at least within a codec's block, which spreads ringing over the bar.
EDGE_LINES = 17
# 2.76 : 1 (Ultra Panavision) in 4 : 3 leaves 26 % above and below; a phone's upright 9 : 16 in 16 : 9, 34 % a side.
BAR_MAX_PART = 0.36
# Opposite bars are equal but for the scaler's rounding and a soft edge, in parts of the height (width).
SYMMETRY = 0.012
# Less than this is a rim from scaling, not a bar, in parts of the height (width).
BAR_MIN_PART = 0.006
# Each line is sampled at this many places.
SAMPLES = 256
# A scaler blends bar and picture over a line or two of a frame of 720; over one line of this many, at most.
SOFT_EDGE = 360
# A line that is half bar has less than this part of the light of the next line inside.
HALF_BAR = 0.9


@dataclass(frozen=True)
class Bars:
    """What one still says about bars along one direction, in pixels a side."""

    depth: int
    """How deep both opposite bars can be: further in there is picture on one side at least."""
    sure: bool
    """Whether two straight edges of equal depth show that there are bars, of just this depth."""


def find_bars(rgb: np.ndarray) -> tuple[Bars, Bars]:
    """The bars (left and right, above and below) of one still, uint8 (height, width, 3)."""
    return _bars(rgb.transpose(1, 0, 2)), _bars(rgb)


def picture_box(rgb: np.ndarray, earlier: Iterable[Box | None] = ()) -> Box | None:
    """The picture inside the bars of a still, uint8 (height, width, 3); None where it has none.

    `earlier` are the boxes that the session's stills got so far; those of stills of another size are passed over. A
    still with clear edges decides for itself, so the ratio may change within a film; one too dark to show them takes
    the most frequent earlier box that its picture fits in.
    """
    return decided_box(find_bars(rgb), (rgb.shape[1], rgb.shape[0]), earlier)


def decided_box(bars: tuple[Bars, Bars], size: Size, earlier: Iterable[Box | None] = ()) -> Box | None:
    """`picture_box` of a still of this size whose bars have been found."""
    width, height = size
    sides, ends = bars
    if not sides.depth and not ends.depth:
        return None
    slack_x, slack_y = _slack(width), _slack(height)
    known = Counter(box for box in earlier if box and box[2] == width - box[0] and box[3] == height - box[1])
    if sides.sure or ends.sure:
        x, y = sides.depth if sides.sure else 0, ends.depth if ends.sure else 0
        alike = [box for box in known if abs(box[0] - x) <= slack_x and abs(box[1] - y) <= slack_y]
    else:
        x, y = 0, 0
        alike = [box for box in known if box[0] <= sides.depth + slack_x and box[1] <= ends.depth + slack_y]
    if alike:
        return max(alike, key=lambda box: (known[box], box))
    return (x, y, width - x, height - y) if x or y else None


def inside(box: Box | None, size: Size, mixed: int = 0) -> Box:
    """What is shown of a still of this size: the picture inside its bars, without all lines that could be half bar.

    A dark rim is seen, a missing line is not. Without bars it is the whole still. `mixed` is the number of lines at
    each bar that were averaged with it, where that are more than a scaler blends.
    """
    width, height = size
    left, top, right, bottom = box or (0, 0, width, height)
    x, y = max(mixed, _soft(width)), max(mixed, _soft(height))
    inner = (left + x * (left > 0), top + y * (top > 0), right - x * (right < width), bottom - y * (bottom < height))
    return inner if inner[0] < inner[2] and inner[1] < inner[3] else (left, top, right, bottom)


def clear_of_bars(rgb: np.ndarray, box: Box | None) -> Box:
    """What of a still counts for its palette: the picture inside its bars, without the lines that are half bar.

    A straight edge keeps all its lines: a palette of the same picture stays the same.
    """
    height, width = rgb.shape[:2]
    left, top, right, bottom = box or (0, 0, width, height)
    rows = rgb[top:bottom, left:right]
    columns = rows.transpose(1, 0, 2)
    return (
        left + (_half_bar(rgb[:, 0], columns, _soft(width)) if left else 0),
        top + (_half_bar(rgb[0], rows, _soft(height)) if top else 0),
        right - (_half_bar(rgb[:, -1], columns[::-1], _soft(width)) if right < width else 0),
        bottom - (_half_bar(rgb[-1], rows[::-1], _soft(height)) if bottom < height else 0),
    )


def _soft(lines: int) -> int:
    """Over how many lines at most a scaler blends bar and picture."""
    return -(-lines // SOFT_EDGE)


def _half_bar(bar: np.ndarray, lines: np.ndarray, most: int) -> int:
    """How many of the first lines of a picture, at most `most` and never all, are blended with the bar before them."""
    level = float(np.median(_brightest(bar)))
    light = [max(0.0, float(_brightest(line).mean()) - level) for line in lines[: most + 1]]
    return next(
        (place for place, (this, then) in enumerate(pairwise(light)) if this >= HALF_BAR * then), len(light) - 1
    )


def _slack(lines: int) -> int:
    return max(1, round(SYMMETRY * lines))


def _bars(lines: np.ndarray) -> Bars:
    """The bars at the two ends of the first axis of (lines, places, 3)."""
    count, places = lines.shape[:2]
    reach = int(count * (BAR_MAX_PART + EDGE_DEPTH)) + EDGE_LINES
    step = max(1, places // SAMPLES)
    first, first_edge = _bar(lines[:reach, step // 2 :: step], count)
    if not first:
        return Bars(0, False)
    last, last_edge = _bar(lines[::-1][:reach, step // 2 :: step], count)
    if min(first, last) < max(1, BAR_MIN_PART * count):
        return Bars(0, False)
    if first_edge and last_edge and abs(first_edge - last_edge) <= _slack(count):
        depth = min(first_edge, last_edge)
        return Bars(depth, depth <= BAR_MAX_PART * count)
    return Bars(min(first, last), False)


def _brightest(pixels: np.ndarray) -> np.ndarray:
    """The largest channel of each pixel; ten times as fast as `max` over an axis of three."""
    brightest: np.ndarray = np.maximum(np.maximum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return brightest


def _bar(lines: np.ndarray, count: int) -> tuple[int, int]:
    """(lines from the edge that could be a bar, lines up to the straight edge that it ends in, 0 without one)."""
    level = float(np.median(_brightest(lines[0])))
    if level > BAR_LEVEL_MAX:
        return 0, 0
    beyond = np.abs(_brightest(lines).astype(np.int16) - level) > BAR_SPREAD
    part = beyond.mean(axis=1)
    ends = np.flatnonzero(part > BAR_EXCEPTIONS)
    if not len(ends):
        return len(lines), 0
    depth = int(ends[0])
    edge = np.flatnonzero(part[depth : depth + max(EDGE_LINES, round(EDGE_DEPTH * count))] >= EDGE_PICTURE)
    return depth, depth + int(edge[0]) if depth and len(edge) else 0

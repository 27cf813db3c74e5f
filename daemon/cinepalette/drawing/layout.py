"""Where pictures of any ratios go: rows of one width, and canvases filled to the last pixel.

Only numbers: ratios (width / height) in, edges in pixels out. Nothing is ever cropped or stretched; what is rounded is
rounded at the edges, so that a row ends where its canvas ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations, pairwise
from math import log, sqrt
from typing import Literal, TypeVar

import numpy as np

from ..model import Box, Size

Item = TypeVar("Item")

# Up to this many pictures every division into rows is tried, up to the second number the best for each height of row is
# found, beyond it one that is near. 2^(n-1) divisions of n pictures: beyond 128 the other way is faster.
_TRY_ALL = 8
_TRY_BEST = 120
# Rows are drawn once and looked at for long: one that is higher than the row above weighs this many times
# what one weighs that is lower. Chosen by looking at pages of 5 to 60 pictures.
_RISE = 2.0
# Heights of two rows that differ by less look equal (a fiftieth).
_EQUAL = log(1.02)
# A row higher than this, by the lowest, is blown up; what is beyond it weighs this many times more.
_LARGER = log(1.6)
_BLOWN_UP = 1.5
# Least length of a row's ratios, in parts of what rows have on average, and the most; others are never the most even.
_SHORTEST_ROW, _LONGEST_ROW = 0.4, 2.2

# What the strip of a full canvas has, in parts of its picture's mean side; it is as high as fills the canvas, so this
# is what is wished for. Below the least there is no strip that shows its colors.
_FILL_STRIP = 0.15
_FILL_STRIP_MIN, _FILL_STRIP_MAX = 0.05, 0.4
# Pictures that fill a canvas alone to half a percent, as nine of 16:9 do, have their strips laid over.
_NO_STRIP = 0.005
# A picture whose mean side is smaller than this part of the average is a stamp.
_STAMP = 0.62


@dataclass(frozen=True)
class Row:
    """A row of pictures of one height."""

    height: float
    edges: tuple[tuple[int, int], ...]
    """(left, right) of each picture."""


def justified(ratios: Sequence[float], width: int, gap: int, beside: int = 0) -> Row:
    """Pictures side by side, just as high as makes the row `width` wide; `beside` is kept free right of each.

    The height may be less than a pixel: a picture of two lines is drawn with one, and no wider for that.
    """
    count = len(ratios)
    height = max(count, width - gap * (count - 1) - beside * count) / sum(ratios)
    return of_height(ratios, height, gap, beside)


def of_height(ratios: Sequence[float], height: float, gap: int, beside: int = 0) -> Row:
    """Pictures side by side at a given height."""
    ends = list(accumulate(ratio * height for ratio in ratios))
    step = gap + beside
    edges = [(round(a + i * step), round(b + i * step)) for i, (a, b) in enumerate(pairwise([0.0, *ends]))]
    return Row(height, tuple((left, max(left + 1, right)) for left, right in edges))


def parts(items: Sequence[Item], ends: Sequence[int]) -> Iterator[Sequence[Item]]:
    """The rows that end at `ends`."""
    for start, end in pairwise([0, *ends]):
        yield items[start:end]


def unevenness(heights: Sequence[float]) -> float:
    """How far rows are from one height, or from heights that fall down the page; 0 is one height.

    The logarithm of the highest by the lowest, more where that is blown up, and the rises from row to row some times
    over.
    """
    rises = (max(0.0, log(below / above) - _EQUAL) for above, below in pairwise(heights))
    spread = log(max(heights) / min(heights))
    return spread + _RISE * sum(rises) + _BLOWN_UP * max(0.0, spread - _LARGER)


def divisions(ratios: Sequence[float]) -> list[tuple[int, ...]]:
    """Where rows may end: ways to divide pictures into 1, 2, ... rows whose heights differ little and fall.

    The order is kept. All ways for a few pictures; for more the most even one for each height of row.
    """
    return _divisions(tuple(ratios))


@lru_cache(maxsize=8)  # a page is planned twice, first to see how sharp it is
def _divisions(ratios: tuple[float, ...]) -> list[tuple[int, ...]]:
    count = len(ratios)
    if count <= _TRY_ALL:
        return [(*inner, count) for rows in range(count) for inner in combinations(range(1, count), rows)]
    most = min(count, int(3 * sqrt(count)) + 3)
    total = np.concatenate([[0.0], np.cumsum(ratios)])
    if count > _TRY_BEST:
        return [_near_breaks(total, rows) for rows in range(1, most + 1)]
    # Halves, because a height of row that is asked for may be met by a row more or less.
    return sorted({_even_breaks(total, halves / 2) for halves in range(2, 2 * most + 1)})


def _even_breaks(total: np.ndarray, rows: float) -> tuple[int, ...]:
    """The rows' ends, about `rows` of them, with the least sum of squares of the rows' log heights against their mean.

    `total` are the running sums of the ratios. Dynamic programming over a row's two ends, so that a row knows the one
    above it: a rise weighs `_RISE` times its square.
    """
    count, wanted = len(total) - 1, total[-1] / rows
    cost = np.full((count + 1, count + 1), np.inf)  # of the rows up to the one from i to j
    above = np.zeros((count + 1, count + 1), int)  # where the row above that one begins
    for start in range(count):
        ends = np.arange(start + 1, count + 1)
        sums = total[ends] - total[start]
        fitting = (sums < _LONGEST_ROW * wanted) & (sums > _SHORTEST_ROW * wanted)
        fitting[0] |= not fitting.any()  # a picture that is wider than a row
        ends, sums = ends[fitting], sums[fitting]
        own = np.log(sums / wanted) ** 2
        if start == 0:
            cost[0, ends] = own
            continue
        before = np.flatnonzero(np.isfinite(cost[:start, start]))
        if not before.size:
            continue
        rise = np.maximum(0, np.log((total[start] - total[before])[:, None] / sums[None, :]) - _EQUAL)
        trial = cost[before, start][:, None] + _RISE * rise**2
        best = trial.argmin(axis=0)
        cost[start, ends] = own + trial[best, np.arange(len(ends))]
        above[start, ends] = before[best]
    start, end = int(cost[:, count].argmin()), count
    if not np.isfinite(cost[start, count]):
        return _near_breaks(total, round(rows))
    found = [end]
    while start:
        found.append(start)
        start, end = int(above[start, end]), start
    return tuple(reversed(found))


def _near_breaks(total: np.ndarray, rows: int) -> tuple[int, ...]:
    """Where each of the rows ends, as near as can be to equal parts of the running sums of ratios."""
    wanted = total[-1] * np.arange(1, rows + 1) / rows
    ends = np.searchsorted(total, wanted - 1e-9)
    ends -= (wanted - total[ends - 1] < total[ends] - wanted).astype(int)
    count = len(total) - 1
    # No row without a picture.
    for i in range(rows):
        ends[i] = min(max(ends[i], ends[i - 1] + 1 if i else 1), count - (rows - 1 - i))
    return tuple(int(end) for end in ends)


@dataclass(frozen=True)
class Filled:
    """A canvas filled without a rest: a box for each picture with its strip, and how much of each is strip."""

    cells: tuple[Box, ...]
    strip: int
    """Height of each strip, or its width where it stands beside its picture, in pixels; 0 where there is no room."""
    side: Literal["below", "beside"] = "below"


@dataclass(frozen=True)
class _Division:
    """One way to fill a canvas, before it is rounded to pixels."""

    score: float
    lines: list[list[float]]
    """What a picture takes along its line, at a depth of 1."""
    depths: list[float]
    """Of each line's pictures."""
    strip: float
    in_columns: bool
    side: Literal["below", "beside"]


def filled(ratios: Sequence[float], size: Size, gap: int) -> Filled | None:
    """Cells (a picture and its strip) that fill a canvas exactly, in rows or in columns.

    The strips take up what the pictures' ratios leave: all are of one height, the one that makes the sum come out.
    Where the pictures alone would be too high for the canvas, the strips stand beside them. Of all divisions that one
    wins whose strips and pictures are the most even. None where a cell would have no pixel left.
    """
    # Very many pictures have narrower gaps, so that some picture is left between them.
    gap = min(gap, int(0.1 * sqrt(size[0] * size[1] / len(ratios))))
    found = [
        one
        for turned in (False, True)
        for ends in divisions([1 / ratio for ratio in ratios] if turned else ratios)
        for one in _fillings(ratios, ends, size, gap, turned)
    ]
    if not found:
        return None
    best = min(found, key=lambda one: one.score)
    return Filled(tuple(_cells(best, size, gap)), round(best.strip), best.side)


def _fillings(
    ratios: Sequence[float], ends: Sequence[int], size: Size, gap: int, in_columns: bool
) -> Iterator[_Division]:
    """What a division comes to with the strips below and beside; columns are rows of the canvas on its side."""
    along, across = size[::-1] if in_columns else size
    lines = [list(line) for line in parts([1 / one for one in ratios] if in_columns else ratios, ends)]
    room = across - gap * (len(lines) - 1)
    inner = [along - gap * (len(line) - 1) for line in lines]
    if room < len(lines) or min(inner) < 1:
        return
    sums = [sum(line) for line in lines]
    mean_side = sqrt(size[0] * size[1] / len(ratios))
    # Lines are `depth` deep and `along` long. A strip makes each line deeper, or each cell of a line longer.
    deeper = (room - sum(one / total for one, total in zip(inner, sums, strict=True))) / len(lines)
    counts = [len(line) for line in lines]
    longer = sum(one / total for one, total in zip(inner, sums, strict=True)) - room
    longer /= sum(count / total for count, total in zip(counts, sums, strict=True))
    for strip, makes_deeper in ((deeper, True), (longer, False)):
        is_none = abs(strip) < _NO_STRIP * mean_side
        if strip < 0 and not is_none:
            continue
        strip = 0.0 if is_none else strip
        taken = [0.0 if makes_deeper else strip * count for count in counts]
        depths = [(one - less) / total for one, less, total in zip(inner, taken, sums, strict=True)]
        if min(depths) < 1:
            continue
        sides = [depth * sqrt(one) for depth, line in zip(depths, lines, strict=True) for one in line]
        beside = makes_deeper == in_columns
        score = _fill_score(strip / (sum(sides) / len(sides)), sides, depths) + (0.5 if beside else 0.0)
        yield _Division(score, lines, depths, strip, in_columns, "beside" if beside else "below")


def _cells(division: _Division, size: Size, gap: int) -> Iterator[Box]:
    """The cells of a division, to the pixel."""
    along, across = size[::-1] if division.in_columns else size
    makes_deeper = (division.side == "beside") == division.in_columns
    deep, long = (division.strip, 0.0) if makes_deeper else (0.0, division.strip)
    stops = _stops([depth + deep for depth in division.depths], across - gap * (len(division.lines) - 1))
    for i, (line, depth, (start, stop)) in enumerate(
        zip(division.lines, division.depths, pairwise(stops), strict=True)
    ):
        marks = _stops([one * depth + long for one in line], along - gap * (len(line) - 1))
        top, bottom = start + i * gap, stop + i * gap
        for j, (left, right) in enumerate(pairwise(marks)):
            box = (left + j * gap, top, right + j * gap, bottom)
            yield (box[1], box[0], box[3], box[2]) if division.in_columns else box


def _stops(lengths: Sequence[float], room: int) -> list[int]:
    """Where lengths laid one after another begin and end, in whole pixels that add up to `room`."""
    scale = room / sum(lengths)
    return [0, *(round(stop * scale) for stop in accumulate(lengths))]


def _fill_score(strip: float, sides: Sequence[float], depths: Sequence[float]) -> float:
    """How far a full canvas is from even pictures with strips as they should be; 0 is perfect.

    `strip` in parts of the mean side, `sides` of each picture, `depths` of each row. The weights were chosen by looking
    at wallpapers of 1 to 60 stills of one film and of mixed ratios.
    """
    stamp = max(0.0, log(_STAMP * (sum(sides) / len(sides)) / min(sides)))
    spread = 1.2 * log(max(depths) / min(depths)) + 6 * stamp
    if strip == 0:
        return 1.0 + 2 * spread
    score = abs(log(strip / _FILL_STRIP)) + spread
    if strip < _FILL_STRIP_MIN:
        score += 2.0
    elif strip > _FILL_STRIP_MAX:
        score += 2 * (strip - _FILL_STRIP_MAX)
    return score

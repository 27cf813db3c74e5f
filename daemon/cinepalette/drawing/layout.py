"""Where pictures of any ratios go: rows of one width, and canvases filled to the last pixel.

Only numbers: ratios (width / height) in, edges in pixels out. Nothing is ever cropped or stretched; what is rounded is
rounded at the edges, so that a row ends where its canvas ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations, pairwise
from math import log, sqrt

import numpy as np

from ..model import Box, Size

# Up to so many pictures every division into rows is tried, beyond it the even ones.
_TRY_ALL = 11
# Up to so many the best of the even divisions is found, beyond it one that is near.
_TRY_BEST = 120
# What a strip of a full canvas should have, in parts of its picture's height, and what it may have.
FILL_STRIP = 0.2
_FILL_STRIP_MIN = 0.06
_FILL_STRIP_MAX = 0.55
# So near to none that the pictures alone fill the canvas, as nine of 16:9 do; their strips are laid over.
_NO_STRIP = 0.005


@dataclass(frozen=True)
class Row:
    """A row of pictures of one height."""

    height: float
    edges: tuple[tuple[int, int], ...]
    """(left, right) of each picture."""


def justified(ratios: Sequence[float], width: int, gap: int, beside: int = 0) -> Row:
    """Pictures side by side, just as high as makes the row `width` wide; `beside` is kept free right of each."""
    count = len(ratios)
    height = max(1.0, (width - gap * (count - 1) - beside * count) / sum(ratios))
    return of_height(ratios, height, gap, beside)


def of_height(ratios: Sequence[float], height: float, gap: int, beside: int = 0) -> Row:
    """Pictures side by side at a given height."""
    ends = list(accumulate(ratio * height for ratio in ratios))
    step = gap + beside
    edges = [(round(a + i * step), round(b + i * step)) for i, (a, b) in enumerate(pairwise([0.0, *ends]))]
    return Row(height, tuple((left, max(left + 1, right)) for left, right in edges))


def even_breaks(ratios: Sequence[float], most_rows: int) -> list[list[int]]:
    """For 1, 2, ... `most_rows` rows where each ends, so that the rows' sums of ratios differ least.

    The order is kept. Of equally good divisions the one with the larger pictures first is taken.
    """
    return _even_breaks(tuple(ratios), most_rows)


@lru_cache(maxsize=4)  # a page is planned twice, first to see how sharp it is
def _even_breaks(ratios: tuple[float, ...], most_rows: int) -> list[list[int]]:
    count = len(ratios)
    total = np.concatenate([[0.0], np.cumsum(ratios)])
    if count > _TRY_BEST:
        return [_near_breaks(total, rows) for rows in range(1, min(most_rows, count) + 1)]
    best = total**2  # of the first j pictures in one row
    back: list[np.ndarray] = []
    found = [[count]]
    for rows in range(2, min(most_rows, count) + 1):
        cost = np.full(count + 1, np.inf)
        source = np.zeros(count + 1, int)
        for j in range(rows, count + 1):
            starts = np.arange(rows - 1, j)
            trial = best[starts] + (total[j] - total[starts]) ** 2
            # The smallest of equally good starts: what is left over goes to the last row, the first ones are larger.
            source[j] = starts[np.flatnonzero(trial <= trial.min() * (1 + 1e-9))[0]]
            cost[j] = trial.min()
        best = cost
        back.append(source)
        ends, j = [count], count
        for row in reversed(back):
            j = int(row[j])
            ends.append(j)
        found.append(ends[::-1])
    return found


def _near_breaks(total: np.ndarray, rows: int) -> list[int]:
    """Where each of so many rows ends, as near as can be to equal parts of the running sums of ratios."""
    wanted = total[-1] * np.arange(1, rows + 1) / rows
    ends = np.searchsorted(total, wanted - 1e-9)
    ends -= (wanted - total[ends - 1] < total[ends] - wanted).astype(int)
    count = len(total) - 1
    # No row without a picture.
    for i in range(rows):
        ends[i] = min(max(ends[i], ends[i - 1] + 1 if i else 1), count - (rows - 1 - i))
    return ends.tolist()


def filled_rows(ratios: Sequence[float], capacity: float) -> list[list[float]]:
    """Rows filled one after another, each with pictures whose ratios add up to `capacity` at most."""
    rows: list[list[float]] = [[]]
    for ratio in ratios:
        if rows[-1] and sum(rows[-1]) + ratio > capacity * (1 + 1e-9):
            rows.append([])
        rows[-1].append(ratio)
    return rows


def parts(items: Sequence, ends: Sequence[int]) -> Iterator[Sequence]:
    """The rows that end at `ends`."""
    for start, end in pairwise([0, *ends]):
        yield items[start:end]


@dataclass(frozen=True)
class Filled:
    """A canvas filled without a rest: a box for each picture with its strip, and how much of it is strip."""

    cells: tuple[Box, ...]
    strip: float
    """Height of a strip in parts of its picture's height; 0 where there is room for none."""


def filled(ratios: Sequence[float], size: Size, gap: int) -> Filled:
    """Cells (a picture above its strip) that fill a canvas exactly, in rows or in columns.

    The strips take up what the pictures' ratios leave: they are as high as makes the sum come out, the same part of the
    picture everywhere. Of all divisions that one wins whose strips and sizes are the most even.
    """
    width, height = size
    # Very many pictures have narrower gaps, so that some picture is left between them.
    gap = min(gap, int(0.1 * sqrt(width * height / len(ratios))))
    candidates: list[tuple[float, bool, Sequence[int], float]] = []
    for ends in _divisions(ratios):
        groups = [sum(row) for row in parts(ratios, ends)]
        stacks = [sum(1 / one for one in column) for column in parts(ratios, ends)]
        room = height - gap * (len(groups) - 1)
        inner = [width - gap * (len(row) - 1) for row in parts(ratios, ends)]
        columns = [height - gap * (len(column) - 1) for column in parts(ratios, ends)]
        # Rows: every cell has the ratio a / (1 + k); heights (1 + k) * w / sum(a) add up to the height.
        if room > 0 and min(inner) > 0:
            heights = [w / total for w, total in zip(inner, groups, strict=True)]
            k = room / sum(heights) - 1
            candidates.append((_fill_score(k, heights), False, ends, k))
        # Columns: widths (h / (1 + k)) / sum(1 / a) add up to the width.
        room = width - gap * (len(stacks) - 1)
        if room > 0 and min(columns) > 0:
            widths = [h / total for h, total in zip(columns, stacks, strict=True)]
            k = sum(widths) / room - 1
            candidates.append((_fill_score(k, widths), True, ends, k))
    _, in_columns, ends, k = min(candidates, key=lambda one: one[0])
    return Filled(tuple(_cells(ratios, size, gap, ends, in_columns)), max(0.0, k))


def _cells(ratios: Sequence[float], size: Size, gap: int, ends: Sequence[int], in_columns: bool) -> Iterator[Box]:
    """The cells of a division, to the pixel; columns are rows of the canvas turned over its diagonal."""
    across, along = size[::-1] if in_columns else size
    lines = [[1 / one if in_columns else one for one in line] for line in parts(ratios, ends)]
    depths = [(across - gap * (len(line) - 1)) / sum(line) for line in lines]
    scale = (along - gap * (len(lines) - 1)) / sum(depths)
    stops = [round(stop) for stop in accumulate(depth * scale for depth in depths)]
    for i, (line, (start, stop)) in enumerate(zip(lines, pairwise([0, *stops]), strict=True)):
        room = across - gap * (len(line) - 1)
        marks = [round(mark) for mark in accumulate(one * room / sum(line) for one in line)]
        top, bottom = start + i * gap, stop + i * gap
        for j, (left, right) in enumerate(pairwise([0, *marks])):
            box = (left + j * gap, top, right + j * gap, bottom)
            yield (box[1], box[0], box[3], box[2]) if in_columns else box


def _fill_score(strip: float, sizes: Sequence[float]) -> float:
    """How far a division is from even sizes with strips as they should be; 0 is perfect."""
    spread = log(max(sizes) / max(1e-9, min(sizes)))
    spread += 1.7 * max(0.0, spread - log(2.02))
    if strip < -_NO_STRIP:
        return 1e6 - 1e3 * strip
    if strip < _NO_STRIP:
        return 1.3 + 2.5 * spread
    away = abs(log(max(strip, 0.004) / FILL_STRIP))
    penalty = 0.0
    if strip < _FILL_STRIP_MIN:
        penalty = 2.0
    elif strip > _FILL_STRIP_MAX:
        penalty = 2 * (strip - _FILL_STRIP_MAX)
    return away + 1.2 * spread + penalty


def _divisions(ratios: Sequence[float]) -> Iterator[Sequence[int]]:
    count = len(ratios)
    if count <= _TRY_ALL:
        for rows in range(count):
            for inner in combinations(range(1, count), rows):
                yield (*inner, count)
        return
    most = min(count, int(4 * count**0.5) + 2)
    yield from even_breaks(ratios, most)
    yield from even_breaks([1 / one for one in ratios], most)

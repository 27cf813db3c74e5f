"""The frame as VLC decoded it: brightness and color planes, before anything has made RGB of them.

VLC can save a snapshot as `pgmyuv`: the picture's Y'CbCr planes in one gray PGM, Y' above, C_B and C_R side by side
under it, each at half the width and height. That is its fastest way to the disk, since nothing is converted, and the
only one on which VLC 3 does not bend the colors of HD video or cut off what its wrong matrix pushes out of range.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

SUFFIX = ".pgmyuv"

_HEADER = re.compile(rb"P5\s(\d+)\s(\d+)\s255\s")


@dataclass(frozen=True)
class Planes:
    """A frame in Y'CbCr 4:2:0, 8 bits a sample."""

    y: np.ndarray
    """(height, width) uint8."""
    cb: np.ndarray
    """(height / 2, width / 2) uint8, and so is `cr`."""
    cr: np.ndarray


def parse(data: bytes) -> Planes:
    """The planes in a whole `pgmyuv` file; raises `ValueError` for anything else."""
    header = _HEADER.match(data)
    if header is None:
        raise ValueError("is no pgmyuv picture")
    width, rows = int(header[1]), int(header[2])
    if width < 2 or rows < 3 or width % 2 or rows % 3:
        raise ValueError(f"has no planes of whole size: {width} x {rows}")
    if len(data) < header.end() + width * rows:
        raise ValueError("is cut off")
    plane = np.frombuffer(data, np.uint8, width * rows, header.end()).reshape(rows, width)
    height = rows // 3 * 2
    return Planes(plane[:height], plane[height:, : width // 2], plane[height:, width // 2 :])


def ycbcr(planes: Planes) -> np.ndarray:
    """The codes of Y', C_B and C_R for every pixel, uint8 (height, width, 3)."""
    codes = np.empty((*planes.y.shape, 3), np.uint8)
    for rows, part in parts(planes):
        codes[rows] = part
    return codes


# Rows of a color plane at a time: what is worked on stays in the processor's cache.
_ROWS = 64


def parts(planes: Planes) -> Iterator[tuple[slice, np.ndarray]]:
    """The same some rows at a time, which is faster for who needs the codes only on the way: the rows, their codes."""
    for top in range(0, len(planes.cb), _ROWS):
        end = min(top + _ROWS, len(planes.cb))
        rows = slice(2 * top, 2 * end)
        yield rows, cv2.merge([planes.y[rows], _doubled(planes.cb, top, end), _doubled(planes.cr, top, end)])


def _doubled(plane: np.ndarray, top: int, end: int) -> np.ndarray:
    """Some rows of a color plane at twice its width and height, linear in between, uint8.

    In all common video the color samples sit halfway between two rows, and on the left one of each two pixels
    (MPEG-2, H.264 type 0).
    """
    height, width = plane.shape
    near = plane[max(top - 1, 0) : end + 1].astype(np.uint16)
    near = np.concatenate([near[:1]] * (top == 0) + [near] + [near[-1:]] * (end == height))
    # A quarter of the way to the rows above and below, in quarters of a code.
    rows = np.empty((2 * (end - top), width), np.uint16)
    rows[0::2] = 3 * near[1:-1] + near[:-2]
    rows[1::2] = 3 * near[1:-1] + near[2:]
    between = rows + np.concatenate([rows[:, 1:], rows[:, -1:]], axis=1)
    columns = [_rounded_eighths(2 * rows), _rounded_eighths(between)]
    doubled: np.ndarray = cv2.merge(columns).reshape(-1, 2 * width)
    return doubled


def _rounded_eighths(eighths: np.ndarray) -> np.ndarray:
    """Whole codes; a half goes to the even one, so that the mean stays what it is."""
    whole: np.ndarray = (eighths + 3 + (eighths >> 3 & 1)) >> 3
    return whole.astype(np.uint8)

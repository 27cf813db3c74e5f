"""The frame as VLC decoded it: brightness and color planes, before anything has made RGB of them.

VLC can save a snapshot as `pgmyuv`: the picture's Y'CbCr planes in one gray PGM, Y' above, C_B and C_R side by side
under it, each at half the width and height. That is its fastest way to the disk, since nothing is converted, and the
only one on which VLC 3 does not bend the colors of HD video or cut off what its wrong matrix pushes out of range.
"""

import re
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
    height, width = planes.y.shape
    # In all common video the color samples sit on the left one of each two pixels (MPEG-2, H.264 type 0).
    place = np.array([[2, 0, 0], [0, 2, 0.5]])
    cb, cr = (
        cv2.warpAffine(
            np.ascontiguousarray(plane), place, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        for plane in (planes.cb, planes.cr)
    )
    return cv2.merge([planes.y, cb, cr])

"""From the picture that VLC saved to the colors on the screen, by what the sidecar tells of the video.

VLC 3 turns every video into its snapshot with the BT.601 matrix, whatever matrix the video has, and saves it as it is
coded: lying on its side. Both can be undone, since the sidecar knows what they should have been.
"""

import re

import cv2
import numpy as np

from .model import Sidecar, Video
from .planes import Planes
from .planes import rgb as rgb_of_planes

# Luma coefficients (K_R, K_B). Rec. ITU-R BT.601-7, 2.5.1; BT.709-6, 3.2; BT.2020-2, table 4.
LUMA = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}

# Above so many lines VLC takes untagged video for HD.
SD_LINES_MAX = 576

# What to do with the rows and columns of the coded picture: (transpose, flip rows, flip columns), in this order.
_TURNS = {
    "top-left": (False, False, False),
    "top-right": (False, False, True),
    "bottom-left": (False, True, False),
    "bottom-right": (False, True, True),
    "left-top": (True, False, False),
    "right-top": (True, False, True),
    "left-bottom": (True, True, False),
    "right-bottom": (True, True, True),
}


def corrected(rgb: np.ndarray, sidecar: Sidecar | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """A snapshot as the viewer saw it, and the steps that made it so.

    `rgb` is uint8 (height, width, 3) as VLC saved it; it is not changed. Pictures that no VLC 3 took come back as
    they are, with no steps.
    """
    if sidecar is None or _major(sidecar.player) != 3:
        return rgb, ()
    steps: list[str] = []
    matrix = matrix_of(sidecar.video, (rgb.shape[1], rgb.shape[0]))
    if matrix != "bt601":
        rgb = cv2.transform(rgb, rgb_from_rgb("bt601", matrix))
        steps.append(f"{matrix} undone from bt601")
    return _upright(rgb, sidecar.video, steps)


def from_planes(planes: Planes, sidecar: Sidecar | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """A snapshot that VLC saved as its decoder gave it, as the viewer saw it, and the steps that made it so.

    Nothing is bent or cut off in such a snapshot: it is only decoded, with the matrix that the video has.
    """
    video = sidecar.video if sidecar else Video()
    matrix = matrix_of(video, (planes.y.shape[1], planes.y.shape[0]))
    return _upright(rgb_of_planes(planes, ycbcr_from_rgb(matrix)), video, [f"decoded with {matrix}"])


def _upright(rgb: np.ndarray, video: Video, steps: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    transpose, rows, columns = _TURNS.get(video.orientation or "", (False, False, False))
    if transpose or rows or columns:
        rgb = rgb.transpose(1, 0, 2) if transpose else rgb
        rgb = np.ascontiguousarray(rgb[:: -1 if rows else 1, :: -1 if columns else 1])
        steps.append(f"turned upright from {video.orientation}")
    return rgb, tuple(steps)


def matrix_of(video: Video, size: tuple[int, int]) -> str:
    """The matrix of a video; what is not tagged is decided as VLC decides it, by the lines of the picture."""
    if video.matrix in LUMA:
        return video.matrix
    lines = video.height or size[1]
    return "bt709" if lines > SD_LINES_MAX else "bt601"


def ycbcr_from_rgb(matrix: str) -> np.ndarray:
    """The (3, 3) matrix from R'G'B' 0-1 to Y' 0-1 and C_B, C_R of -0.5-0.5. Rec. ITU-R BT.709-6, 3.2-3.3."""
    red, blue = LUMA[matrix]
    luma = np.array([red, 1 - red - blue, blue])
    return np.stack([luma, ([0, 0, 1] - luma) / (2 - 2 * blue), ([1, 0, 0] - luma) / (2 - 2 * red)])


def rgb_from_rgb(wrong: str, right: str) -> np.ndarray:
    """The (3, 3) matrix that turns R'G'B' decoded with one matrix into R'G'B' decoded with another."""
    return np.linalg.solve(ycbcr_from_rgb(right), ycbcr_from_rgb(wrong))


def _major(player: str | None) -> int | None:
    """VLC's major version, from `vlc 3.0.24`; None for another player or none."""
    found = re.match(r"vlc\s+(\d+)", player or "", re.IGNORECASE)
    return int(found[1]) if found else None

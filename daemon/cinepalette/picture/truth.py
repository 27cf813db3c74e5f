"""From the picture that VLC saved to the colors of the film, the right way up, by what the sidecar says of the video.

VLC 3 turns every video into its snapshot with the BT.601 matrix, whatever matrix the video has; it saves HDR as coded,
and a phone's video lying on its side. As `pgmyuv` it saves the frame before any matrix. What the sidecar leaves open
is decided as VLC decides it for the screen, and the steps say so. Measured in VLC 3.0.24: docs/color.md.
"""

import re

import cv2
import numpy as np

from ..color import hdr
from ..model import Sidecar, Step, Video
from .planes import Planes, parts, ycbcr

# Luma coefficients (K_R, K_B). Rec. ITU-R BT.601-7, 2.5.1; BT.709-6, 3.2; BT.2020-2, table 4.
LUMA = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}

# With more lines than this VLC takes untagged video for HD.
SD_LINES_MAX = 576

# VLC's names for pixels without Y'CbCr: no matrix was used.
_RGB_PIXELS = re.compile(r"rv(08|15|16|24|32)|rgb.*|gbr.*|[rabg]{4}|grey", re.IGNORECASE)

# How bright HDR10 is made to get, in cd/m²: the usual mastering displays, and what PQ can hold.
_PQ_PEAKS = (1000.0, 2000.0, 4000.0, hdr.PQ_PEAK)
# The signal up to which each will do: one code of noise does not make another curve.
_PQ_SIGNALS = tuple(float(hdr.pq_from_light(1.05 * peak)) for peak in _PQ_PEAKS)
# Light that only this part of the frame exceeds is a glint; it may go to white.
_GLINTS = 0.001

# At full depth a frame is worked out in bands of this many rows: floats take room.
_ROWS = 128

# What to do with the rows and columns of the coded picture: (transpose, flip rows, flip columns), in this order. VLC's
# list of names is not in the order of its orientations: what it calls "Left bottom" is a phone held upright, whose
# picture it turns clockwise. Only the first name is true.
_TURNS = {
    "top-left": (False, False, False),
    "left-top": (False, False, True),
    "right-bottom": (False, True, False),
    "top-right": (False, True, True),
    "bottom-left": (True, False, False),
    "bottom-right": (True, True, False),
    "left-bottom": (True, False, True),
    "right-top": (True, True, True),
}
_TURNED_BACK = {**{name: name for name in _TURNS}, "bottom-right": "left-bottom", "left-bottom": "bottom-right"}


def corrected(rgb: np.ndarray, sidecar: Sidecar | None) -> tuple[np.ndarray, tuple[Step, ...]]:
    """A snapshot as the film has it and the viewer saw it, and the steps that made it so.

    `rgb` is uint8 (height, width, 3) as VLC saved it; it is not changed. Pictures that no VLC 3 took come back as
    they are, with no steps.
    """
    if sidecar is None or _major(sidecar.player) != 3:
        return rgb, ()
    video: Video = sidecar.video
    steps: list[Step] = []
    if not _is_rgb(video):
        matrix = _matrix(video, rgb.shape[0], steps)
        if _is_wide(video):
            steps.append(Step("encoded", matrix=matrix, was="bt601"))
            codes = cv2.transform(rgb, np.column_stack(_codes_from_rgb("bt601")))
            peak = _peak_of(codes, 8, video)
            steps += _decoding_steps(video, matrix, peak)
            rgb = _narrowed(codes, video, matrix, peak)
        elif matrix != "bt601":
            rgb = _decoded_anew(rgb, matrix)
            steps.append(Step("decoded", matrix=matrix, was="bt601"))
    return _upright(rgb, video, steps)


def from_planes(planes: Planes, sidecar: Sidecar | None) -> tuple[np.ndarray, tuple[Step, ...]]:
    """A snapshot that VLC saved as its decoder gave it, as the film has it, and the steps that made it so.

    Nothing is bent or cut off in such a snapshot: it is only decoded, with the matrix that the video has.
    """
    video = sidecar.video if sidecar else Video()
    steps: list[Step] = []
    # Of RGB, VLC makes planes with the only matrix it knows.
    matrix = "bt601" if _is_rgb(video) else _matrix(video, planes.y.shape[0], steps)
    peak = _peak_of(planes.y[..., None], 8, video)
    steps += _decoding_steps(video, matrix, peak)
    if _is_wide(video):
        rgb = _narrowed(ycbcr(planes), video, matrix, peak)
    else:
        decode = np.column_stack(_rgb_from_codes(matrix, _is_full(video)))
        rgb = np.empty((*planes.y.shape, 3), np.uint8)
        for rows, codes in parts(planes):
            cv2.transform(codes, decode, rgb[rows])
    return _upright(rgb, video, steps)


def from_codes(codes: np.ndarray, bits: int, video: Video) -> tuple[np.ndarray, tuple[Step, ...]]:
    """A frame as a film's own decoder gives it, in sRGB, worked out at its full depth, and the steps that made it so.

    `codes` are Y'CbCr, uint8 or uint16 (height, width, 3), with `bits` bits. The frame is not turned.
    """
    steps: list[Step] = []
    matrix = _matrix(video, codes.shape[0], steps)
    peak = _peak_of(codes, bits, video)
    steps += _decoding_steps(video, matrix, peak)
    decode = np.column_stack(_rgb_from_codes(matrix, _is_full(video), bits))
    rgb = np.empty(codes.shape, np.uint8)
    for top in range(0, len(codes), _ROWS):
        part = codes[top : top + _ROWS]
        if _is_wide(video):
            rgb[top : top + _ROWS] = _narrowed_deep(part, bits, video, matrix, peak)
        else:
            rgb[top : top + _ROWS] = np.rint(np.clip(cv2.transform(part.astype(np.float32), decode), 0, 255))
    return rgb, tuple(steps)


def undone(rgb: np.ndarray, steps: tuple[Step, ...]) -> np.ndarray | None:
    """The picture about as VLC 3 would have saved it, from a corrected one and its steps; None where no way leads back.

    What VLC's matrix would have cut off is cut off again; what was tone-mapped has lost too much.
    """
    if not can_be_undone(steps):
        return None
    for step in reversed(steps):
        if step.step == "turned" and step.orientation:
            rgb = _turned(rgb, _TURNED_BACK[step.orientation])
        elif step.step == "decoded" and step.matrix:
            rgb = cv2.transform(rgb, rgb_from_rgb(step.matrix, "bt601"))
    return rgb


def can_be_undone(steps: tuple[Step, ...]) -> bool:
    """Whether `undone` finds a way back from these steps: mapping tones or colors has none."""
    return not any(step.step in {"tone-mapped", "gamut-mapped"} for step in steps)


def is_blank(rgb: np.ndarray) -> bool:
    """Whether a picture is what a failing decoder leaves: all green, Y'CbCr of zeros, or all middle gray.

    Black and white are what films fade to.
    """
    # Most pictures show in a few pixels that they are one; only where these are all alike the others are read.
    for pixels in (rgb[::32, ::32], rgb):
        low, high = pixels.min(axis=(0, 1)).astype(int), pixels.max(axis=(0, 1)).astype(int)
        if (high - low).max() > 4:
            return False
    is_gray = high.max() - low.min() <= 4 and 120 <= low.min() <= high.max() <= 136
    is_green = high[0] <= 8 and high[2] <= 8 and 60 <= low[1] <= 170
    return bool(is_gray or is_green)


def matrix_of(video: Video, lines: int) -> str:
    """The matrix of a video; what is not tagged is decided as VLC decides it, by the lines of the picture.

    BT.2020 colors come with no other matrix in practice, and VLC does not always name it.
    """
    if video.matrix in LUMA:
        return video.matrix
    if video.primaries == "bt2020" or video.transfer in {"pq", "hlg"}:
        return "bt2020"
    return "bt709" if (video.height or lines) > SD_LINES_MAX else "bt601"


def ycbcr_from_rgb(matrix: str) -> np.ndarray:
    """The (3, 3) matrix from R'G'B' 0-1 to Y' 0-1 and C_B, C_R of -0.5-0.5. Rec. ITU-R BT.709-6, 3.2-3.3."""
    red, blue = LUMA[matrix]
    luma = np.array([red, 1 - red - blue, blue])
    return np.stack([luma, ([0, 0, 1] - luma) / (2 - 2 * blue), ([1, 0, 0] - luma) / (2 - 2 * red)])


def rgb_from_rgb(wrong: str, right: str) -> np.ndarray:
    """The (3, 3) matrix that turns R'G'B' decoded with one matrix into R'G'B' decoded with another."""
    return np.linalg.solve(ycbcr_from_rgb(right), ycbcr_from_rgb(wrong))


def _decoded_anew(rgb: np.ndarray, matrix: str) -> np.ndarray:
    """R'G'B' that was decoded with BT.601, as its own matrix has it.

    Of a channel that was cut off at 0 or 255 only the side is known on which it was; it is put halfway between there
    and the last value with which the video would have been a color, which is never far off.
    """
    anew = rgb_from_rgb("bt601", matrix)
    result = cv2.transform(rgb, anew)
    cut = np.flatnonzero(cv2.inRange(rgb, (1, 1, 1), (254, 254, 254)) == 0)
    saved = rgb.reshape(-1, 3)[cut]
    # Black and white are at the end of their way; letterbox bars are many.
    colored = (saved != saved[:, 1:2]).any(axis=1)
    cut, saved = cut[colored], saved[colored].astype(np.float32)
    found = saved @ anew.T.astype(np.float32)
    for channel in range(3):
        for end, way in ((0, -anew[:, channel]), (255, anew[:, channel])):
            these = np.flatnonzero(saved[:, channel] == end)
            # How far each channel may go that way before it leaves 0-255; none of `way` is 0.
            room = (np.where(way > 0, 255, 0) - found[these]) / way
            found[these] += np.outer(room.min(axis=1).clip(min=0) / 2, way)
    result.reshape(-1, 3)[cut] = np.rint(found.clip(0, 255))
    return result


def _rgb_from_codes(matrix: str, full: bool = False, bits: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """What to multiply Y'CbCr codes with, and to add, for R'G'B' 0-255. Rec. ITU-R BT.2100-2, table 9."""
    unit = 2 ** (bits - 8)
    span = np.full(3, 256 * unit - 1) if full else np.array([219, 224, 224]) * unit
    decode = np.linalg.inv(ycbcr_from_rgb(matrix)) * 255 / span
    return decode, -(decode @ np.array([0 if full else 16, 128, 128])) * unit


def _codes_from_rgb(matrix: str) -> tuple[np.ndarray, np.ndarray]:
    """The inverse of `_rgb_from_codes`, limited range."""
    decode, offset = _rgb_from_codes(matrix)
    encode = np.linalg.inv(decode)
    return encode, -(encode @ offset)


def _is_rgb(video: Video) -> bool:
    return bool(video.chroma and _RGB_PIXELS.fullmatch(video.chroma))


def _is_full(video: Video) -> bool:
    """Whether planes hold full-range codes; of the video that VLC calls J420 it makes limited-range ones first."""
    return video.range == "full" and not (video.chroma or "").upper().startswith("J")


def _is_wide(video: Video) -> bool:
    """Whether sRGB has too little room for the video, in light or in color."""
    return not _is_rgb(video) and (video.transfer in {"pq", "hlg"} or video.primaries == "bt2020")


def _matrix(video: Video, lines: int, steps: list[Step]) -> str:
    matrix = matrix_of(video, lines)
    if video.matrix != matrix:
        steps.append(Step("assumed", matrix=matrix, said=video.matrix))
    return matrix


def _narrowed(codes: np.ndarray, video: Video, matrix: str, peak: float) -> np.ndarray:
    """HDR or BT.2020 video, as uint8 Y'CbCr codes (height, width, 3), in sRGB.

    A frame has some ten thousand colors at most times, a hundredth of its pixels: each is worked out once.
    """
    packed = codes.astype(np.uint32) @ np.array([1, 1 << 8, 1 << 16], np.uint32)
    there = np.zeros(1 << 24, bool)
    there[packed.ravel()] = True
    present = np.flatnonzero(there)
    colors = np.stack([present & 255, present >> 8 & 255, present >> 16], axis=-1)
    table = np.empty((1 << 24, 3), np.uint8)
    table[present] = _each_narrowed(colors, 8, video, matrix, peak)
    return table[packed]


def _narrowed_deep(codes: np.ndarray, bits: int, video: Video, matrix: str, peak: float) -> np.ndarray:
    """The same with any number of bits, slower."""
    packed = codes.astype(np.uint64) @ np.array([1, 1 << 16, 1 << 32], np.uint64)
    present, place = np.unique(packed, return_inverse=True)
    colors = np.stack([present & 0xFFFF, present >> 16 & 0xFFFF, present >> 32], axis=-1)
    return _each_narrowed(colors, bits, video, matrix, peak)[place].reshape(codes.shape)


def _each_narrowed(colors: np.ndarray, bits: int, video: Video, matrix: str, peak: float) -> np.ndarray:
    decode, offset = _rgb_from_codes(matrix, _is_full(video), bits)
    signal = (colors @ decode.T + offset) / 255
    rgb: np.ndarray = np.rint(hdr.srgb_from_signal(signal, video.transfer or "", peak)).astype(np.uint8)
    return rgb


def _decoding_steps(video: Video, matrix: str, peak: float) -> list[Step]:
    steps = [Step("decoded", matrix=matrix)]
    if video.transfer in {"pq", "hlg"}:
        steps.append(Step("tone-mapped", transfer=video.transfer, peak=peak))
    if _is_wide(video):
        steps.append(Step("gamut-mapped"))
    return steps


def _peak_of(codes: np.ndarray, bits: int, video: Video) -> float:
    """The lowest of the usual peaks that leaves the brightest part of a PQ frame its order, in cd/m²."""
    if video.transfer != "pq":
        return hdr.HLG_PEAK
    counts = np.bincount(codes[::2, ::2, 0].ravel(), minlength=2**bits)
    brightest = int(np.searchsorted(np.cumsum(counts), counts.sum() * (1 - _GLINTS)))
    unit = 2 ** (bits - 8)
    signal = brightest / (256 * unit - 1) if _is_full(video) else (brightest / unit - 16) / 219
    fitting = (peak for peak, most in zip(_PQ_PEAKS, _PQ_SIGNALS, strict=True) if signal <= most)
    return next(fitting, hdr.PQ_PEAK)


def _upright(rgb: np.ndarray, video: Video, steps: list[Step]) -> tuple[np.ndarray, tuple[Step, ...]]:
    orientation = video.orientation or "top-left"
    if orientation not in _TURNS:
        steps.append(Step("left-lying", orientation=orientation))
    elif orientation != "top-left":
        rgb = _turned(rgb, orientation)
        steps.append(Step("turned", orientation=orientation))
    return rgb, tuple(steps)


def _turned(rgb: np.ndarray, orientation: str) -> np.ndarray:
    transpose, rows, columns = _TURNS[orientation]
    rgb = rgb.transpose(1, 0, 2) if transpose else rgb
    return np.ascontiguousarray(rgb[:: -1 if rows else 1, :: -1 if columns else 1])


def _major(player: str | None) -> int | None:
    """VLC's major version, from `vlc 3.0.24`; None for another player or none."""
    found = re.match(r"vlc\s+(\d+)", player or "", re.IGNORECASE)
    return int(found[1]) if found else None

"""Pictures from and to the disk: any file a person may drop, read safely; ours, written whole.

Reading turns whatever arrives (gray, 16-bit, transparent, CMYK, profiled, turned by EXIF) into one form and says what
it did; what cannot be read to its end raises `UnreadableImage`. Names with any characters work on every system, since
OpenCV only ever sees bytes.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from ..errors import UnreadableImage
from ..model import Step
from . import converting, opening, planes, shrinking

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".avif", ".heic", ".heif", planes.SUFFIX}
)
"""What the inbox takes, lower case."""

# Pillow's names of what is read, whatever a file is called. Its other plugins start programs (EPS) or are for formats
# that have been out of use for decades.
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "DIB", "WEBP", "GIF", "AVIF", "JPEG2000", "PPM", "TGA", "QOI")

# The largest medium format photographs have 102 million.
MAX_PIXELS = 120_000_000
# What JPEG holds; the strips and encoders of OpenCV fail on sides of some hundred thousand.
MAX_SIDE_PX = 65_535
# A picture of 8K in 32 bits without any packing has 133 MB.
MAX_BYTES = 384 * 1024 * 1024
# For one picture while it is read; with the rest of the daemon no arrival takes more than 600 MB.
_BUDGET_BYTES = 380 * 1024 * 1024
# What is kept: the largest frames of cinemas, 8192 x 4320, have 35 million. A larger picture is scaled down.
_MOST_KEPT_PIXELS = 36_000_000
# As OpenCV holds a pixel; as Pillow does, with ours beside it; a progressive JPEG's coefficients besides. Some of
# Pillow's decoders hold the picture several times: measured, as all of these.
_OPENCV_BYTES, _PILLOW_BYTES, _PROGRESSIVE_BYTES = 3, 4 + 3, 6
_DECODER_BYTES = {"AVIF": 10, "WEBP": 16, "JPEG2000": 20}

# ISO/IEC 14496-12: a box of type `ftyp` and the brand of what follows; ISO/IEC 23008-12 for HEIF.
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


@dataclass(frozen=True)
class Picture:
    """A picture as pixels, and what was done to get there."""

    rgb: np.ndarray
    """(height, width, 3) uint8, sRGB."""
    steps: tuple[Step, ...] = ()
    """One for each conversion; empty for plain 8-bit RGB."""


def read(path: Path) -> Picture:
    """The picture in a file, whole or not at all.

    Raises `UnreadableImage` with one reason when the file is missing, no picture, cut off, or larger than
    `MAX_PIXELS`.
    """
    contents = opening.read(path, MAX_BYTES)
    try:
        return decode(contents.data)
    except UnreadableImage as error:
        error.name = str(path)
        raise


def read_planes(path: Path) -> planes.Planes:
    """The planes in a file that VLC wrote as its decoder gave the frame; raises as `read` does."""
    contents = opening.read(path, MAX_BYTES)
    try:
        return decode_planes(contents.data)
    except UnreadableImage as error:
        error.name = str(path)
        raise


def decode_planes(data: bytes) -> planes.Planes:
    """The planes in the bytes of a file; raises as `read` does, without the name."""
    try:
        return planes.parse(data)
    except ValueError as error:
        raise UnreadableImage(str(error)) from error


def decode(data: bytes) -> Picture:
    """The picture in the bytes of a file; raises as `read` does, without the name."""
    if not data:
        raise UnreadableImage("is empty")
    formats = _formats(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata does no harm, and size is checked below
            return _decoded(data, Image.open(io.BytesIO(data), formats=formats))
    except UnreadableImage:
        raise
    except UnidentifiedImageError:
        raise UnreadableImage("is not a picture") from None
    except Image.DecompressionBombError:
        raise UnreadableImage(f"is too large; at most {MAX_PIXELS // 1_000_000} million pixels are read") from None
    except Exception as error:
        # For a broken file each decoder raises what it likes, down to RuntimeError and KeyError.
        raise UnreadableImage(f"is damaged or cut off ({error})") from error


def _decoded(data: bytes, image: Image.Image) -> Picture:
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PX:
        most = f"{MAX_PIXELS // 1_000_000} million are read, and {MAX_SIDE_PX} a side"
        raise UnreadableImage(f"has {width} x {height} pixels; at most {most}")
    is_plain = _is_plain(data, image)
    each = _OPENCV_BYTES if is_plain else _DECODER_BYTES.get(image.format or "", _PILLOW_BYTES)
    each += _PROGRESSIVE_BYTES if image.info.get("progressive") else 0
    if width * height > _MOST_KEPT_PIXELS or len(data) + width * height * each > _BUDGET_BYTES:
        if not shrinking.streams(image):
            reason = f"has {width} x {height} pixels, which is too large for {image.format} of this kind"
            raise UnreadableImage(reason)
        return Picture(*shrinking.shrunk(data, image, _MOST_KEPT_PIXELS))
    if is_plain:
        rgb = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        if rgb is not None and rgb.shape[:2] == (height, width):
            return Picture(rgb)
    return Picture(*converting.converted(image))


def _formats(data: bytes) -> list[str]:
    """The names of Pillow's plugins that may look at a file, those that there are here."""
    Image.init()
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        # What phones take; the library is loaded when the first of them comes.
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
        return ["HEIF"]
    return [name for name in _FORMATS if name in Image.OPEN]


def _is_plain(data: bytes, image: Image.Image) -> bool:
    """Whether OpenCV's fast reader gives just what Pillow would: 8-bit RGB without profile or turn.

    JPEG stays with Pillow, which knows where one is cut off; OpenCV fills the rest with gray.
    """
    if image.format not in {"PNG", "BMP"} or image.mode != "RGB" or getattr(image, "is_animated", False):
        return False
    if "icc_profile" in image.info or "transparency" in image.info or "exif" in image.info:
        return False
    return not converting.is_deep(image) and (image.format != "PNG" or _is_whole_png(data))


def _is_whole_png(data: bytes) -> bool:
    """Whether the chunks fill the file. OpenCV takes memory for as many bytes as one says that it has, up to 2 GB."""
    at = 8
    while data[at + 4 : at + 8] != b"IEND":
        if at + 12 > len(data):
            return False
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return at + 12 <= len(data)

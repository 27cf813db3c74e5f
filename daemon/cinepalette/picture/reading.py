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
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from ..errors import UnreadableImage
from ..model import Step
from . import opening, planes

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", planes.SUFFIX})
"""What the inbox takes, lower case."""

# An 8K frame has 33 million pixels, a medium format photograph 100. As RGB this many take 360 MB.
MAX_PIXELS = 120_000_000
# What JPEG holds; the strips and encoders of OpenCV fail on sides of some hundred thousand.
MAX_SIDE_PX = 65_535
# The largest picture in 64 bits a channel, without any packing; more is no picture, or one to be refused anyway.
MAX_BYTES = 1 << 30

# The modes that Pillow turns into RGB as a person would; the others need a word of ours first.
_PLAIN_MODES = {"RGB", "L", "1", "P"}


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
    return decode(opening.read(path, MAX_BYTES).data, path)


def read_planes(path: Path) -> planes.Planes:
    """The planes in a file that VLC wrote as its decoder gave the frame; raises as `read` does."""
    return decode_planes(opening.read(path, MAX_BYTES).data, path)


def decode_planes(data: bytes, path: Path) -> planes.Planes:
    """The planes in the bytes of a file; `path` is only for the message. Raises as `read` does."""
    try:
        return planes.parse(data)
    except ValueError as error:
        raise UnreadableImage(path, str(error)) from error


def decode(data: bytes, path: Path) -> Picture:
    """The picture in the bytes of a file; `path` is only for the message. Raises as `read` does."""
    if not data:
        raise UnreadableImage(path, "is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is no matter, and size is checked below
            image = Image.open(io.BytesIO(data))
            width, height = image.size
            if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PX:
                most = f"{MAX_PIXELS // 1_000_000} million are read, and {MAX_SIDE_PX} a side"
                reason = f"has {width} x {height} pixels; at most {most}"
                raise UnreadableImage(path, reason)
            if _is_plain(image):
                rgb = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
                if rgb is not None and rgb.shape[:2] == (height, width):
                    return Picture(rgb)
            return _converted(image)
    except UnreadableImage:
        raise
    except UnidentifiedImageError:
        raise UnreadableImage(path, "is not a picture") from None
    except Image.DecompressionBombError:
        raise UnreadableImage(
            path, f"is too large; at most {MAX_PIXELS // 1_000_000} million pixels are read"
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, OverflowError, MemoryError, cv2.error) as error:
        # Pillow's decoders raise all of these for broken files, OpenCV's its own.
        raise UnreadableImage(path, f"is damaged or cut off ({error})") from error


def _is_plain(image: Image.Image) -> bool:
    """Whether OpenCV's fast reader gives just what Pillow would: 8-bit RGB without profile or turn.

    JPEG stays with Pillow, which knows where one is cut off; OpenCV fills the rest with gray.
    """
    if image.format not in {"PNG", "BMP"} or image.mode != "RGB" or getattr(image, "is_animated", False):
        return False
    if "icc_profile" in image.info or "transparency" in image.info or "exif" in image.info:
        return False
    return not _is_deep(image)


def _is_deep(image: Image.Image) -> bool:
    """Whether the file holds 16 bits a channel, of which Pillow keeps the upper eight."""
    how = image.tile[0][3] if image.tile else ""
    # Some formats give the bytes of a row and more beside the layout of a pixel, such as "RGB;16B".
    layout = how[0] if isinstance(how, tuple) and how else how
    return "16" in str(layout)


def _converted(image: Image.Image) -> Picture:
    """Pillow's way: slower, knows every kind of picture."""
    steps: list[Step] = []
    if getattr(image, "is_animated", False):
        steps.append(Step("first-frame"))
        image.seek(0)
    if _is_deep(image) and image.mode in {"RGB", "RGBA"}:
        steps.append(Step("reduced"))
    image.load()
    profile = image.info.get("icc_profile")

    upright = ImageOps.exif_transpose(image)
    if upright.size != image.size or upright.tobytes() != image.tobytes():
        steps.append(Step("exif-turned"))
    image = upright

    if image.mode.startswith(("I", "F")):
        image = _gray_from_deep(image)
        steps.append(Step("reduced", said="gray"))
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        if layer.getextrema()[3][0] < 255:
            steps.append(Step("flattened"))
        ground = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(ground, layer).convert("RGB")
    if profile:
        image = _without_profile(image, profile, steps)
    if image.mode not in _PLAIN_MODES:
        steps.append(Step("converted", said=image.mode))
    elif image.mode in {"L", "1"}:
        steps.append(Step("converted", said="gray"))
    return Picture(np.array(image.convert("RGB")), tuple(steps))


def _gray_from_deep(image: Image.Image) -> Image.Image:
    """Gray of 16 or 32 bits or float as 8 bits: 16-bit by its full range, float by 0-1 or its largest."""
    values = np.asarray(image).astype(np.float64)
    values = np.nan_to_num(values)
    top = float(values.max(initial=0.0))
    full = 65535.0 if image.mode.startswith("I") and top <= 65535 else max(top, 1.0)
    return Image.fromarray((values.clip(0, full) * (255.0 / full)).round().astype(np.uint8))


def _without_profile(image: Image.Image, profile: bytes, steps: list[Step]) -> Image.Image:
    """The picture in sRGB, as its embedded profile says; a broken profile is left aside, and a step says so."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = (ImageCms.getProfileDescription(source) or "").strip()
        if image.mode not in {"RGB", "CMYK", "L"}:
            image = image.convert("RGB")
        if image.mode == "RGB" and "srgb" in name.lower():
            return image
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        steps.append(Step("profile-ignored"))
        return image
    steps.append(Step("profiled", said=name or None))
    return converted if converted is not None else image

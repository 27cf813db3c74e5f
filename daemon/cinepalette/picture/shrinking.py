"""Pictures too large to be held whole, read row by row and scaled down on the way.

libvips streams what it reads, and is loaded only for such a picture.
"""

import math

import numpy as np
from PIL import Image

from ..model import Step
from .converting import orientation_of, turned, without_profile

# Rows of one strip of a TIFF, unpacked, are in memory at once.
_MAX_STRIP_BYTES = 64 * 1024 * 1024
# A WebP is unpacked as a whole, at four bytes a pixel.
_MAX_WEBP_PIXELS = 60_000_000
_ROWS_PER_STRIP, _TILE_WIDTH = 278, 322  # TIFF 6.0
_MODES = {"L", "LA", "RGB", "RGBA", "P", "I;16"}


def streams(image: Image.Image) -> bool:
    """Whether a picture that Pillow has opened can be read row by row, or with little memory all the same."""
    if image.mode not in _MODES or getattr(image, "is_animated", False):
        return False
    if image.format == "PNG":
        return not image.info.get("interlace")
    if image.format == "JPEG":
        return not image.info.get("progressive") and not image.info.get("progression")
    if image.format == "WEBP":
        return image.width * image.height <= _MAX_WEBP_PIXELS
    if image.format == "TIFF":
        tags = getattr(image, "tag_v2", {})
        rows = tags.get(_ROWS_PER_STRIP, image.height)
        return _TILE_WIDTH in tags or min(rows, image.height) * image.width * 8 <= _MAX_STRIP_BYTES
    return False


def shrunk(data: bytes, image: Image.Image, most_pixels: int) -> tuple[np.ndarray, tuple[Step, ...]]:
    """The pixels (height, width, 3), at most `most_pixels`, and what was done; raises ValueError for a damaged file."""
    import pyvips

    pyvips.cache_set_max(0)  # what is done once is not to be remembered with all its pixels
    width, height = image.size
    scale = min(1.0, math.sqrt(most_pixels / (width * height)))
    steps: list[Step] = []
    try:
        # As a source, since of a buffer it makes a copy.
        source = pyvips.Source.new_from_memory(data)
        picture = pyvips.Image.new_from_source(source, "", access="sequential", fail_on="truncated")
        if picture.format == "ushort":
            steps.append(Step("reduced", said="gray" if picture.bands < 3 else None))
            picture = (picture >> 8).cast("uchar")
        if picture.hasalpha():
            steps.append(Step("flattened"))
            picture = picture.flatten(background=255)
        if scale < 1.0:
            steps.insert(0, Step("scaled", said=f"{width} x {height}"))
            # Rounded down in each direction, so that it is never more than is kept.
            picture = picture.resize(int(width * scale) / width, vscale=int(height * scale) / height)
        pixels = np.asarray(picture.cast("uchar").numpy())
    except pyvips.Error as error:
        raise ValueError(str(error).strip().splitlines()[-1]) from error
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        steps.append(Step("converted", said="gray"))
        pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    pixels = np.ascontiguousarray(pixels[..., :3])
    profile = image.info.get("icc_profile")
    if profile and (way := without_profile(profile, "RGB", steps)):
        for top in range(0, len(pixels), 256):
            pixels[top : top + 256] = np.asarray(way(Image.fromarray(pixels[top : top + 256])))
    orientation = orientation_of(image)
    if orientation != 1:
        steps.append(Step("exif-turned"))
        pixels = turned(pixels, orientation)
    return pixels, tuple(steps)

"""A picture that Pillow has opened as 8-bit sRGB, a few rows at a time, so that it is never in memory three times."""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product

import numpy as np
from PIL import Image, ImageCms

from ..model import Step

_ROWS = 256
_ORIENTATION = 0x0112  # Exif 2.3, table 4
_UPRIGHT = 1

# The modes that Pillow turns into RGB as a person would; the others need a word of ours first.
_PLAIN_MODES = {"RGB", "L", "1", "P"}

# Two 8-bit colors so near are one: what rounding between two descriptions of sRGB leaves.
_SAME_LEVELS = 2

Convert = Callable[[Image.Image], Image.Image]


def is_deep(image: Image.Image) -> bool:
    """Whether the file holds 16 bits a channel, of which Pillow keeps the upper eight."""
    tiles = getattr(image, "tile", None)
    how = tiles[0][3] if tiles else ""
    # Some formats give the bytes of a row and more beside the layout of a pixel, such as "RGB;16B".
    layout = how[0] if isinstance(how, tuple) and how else how
    return "16" in str(layout)


def converted(image: Image.Image) -> tuple[np.ndarray, tuple[Step, ...]]:
    """The pixels (height, width, 3) and what was done to them; the image is of no use afterwards."""
    steps: list[Step] = []
    if getattr(image, "is_animated", False):
        steps.append(Step("first-frame"))
        image.seek(0)
    if is_deep(image) and image.mode in {"RGB", "RGBA"}:
        steps.append(Step("reduced"))
    image.load()
    orientation = orientation_of(image)
    profile = image.info.get("icc_profile")
    mode = image.mode
    ways: list[Convert] = []
    if mode.startswith(("I", "F")):
        steps.append(Step("reduced", said="gray"))
        ways.append(_from_deep_gray(image))
        mode = "L"
    if "A" in image.getbands() or "transparency" in image.info:
        ways.append(_flattened(image, steps))
        mode = "RGB"
    if profile:
        way = without_profile(profile, mode, steps)
        ways += [way] if way else []
        mode = "RGB" if way else mode
    if mode not in _PLAIN_MODES:
        steps.append(Step("converted", said=mode))
    elif mode in {"L", "1"}:
        steps.append(Step("converted", said="gray"))

    rgb = np.empty((image.height, image.width, 3), np.uint8)
    for top, rows in _strips(image):
        for way in ways:
            rows = way(rows)
        rgb[top : top + rows.height] = np.asarray(rows.convert("RGB"))
    image.close()
    if orientation != _UPRIGHT:
        steps.append(Step("exif-turned"))
        rgb = turned(rgb, orientation)
    return rgb, tuple(steps)


def orientation_of(image: Image.Image) -> int:
    """How the picture lies by its EXIF, 1 where it is upright or nothing is known; its pixels are not loaded."""
    orientation = _UPRIGHT
    with suppress(Exception):  # a broken EXIF does everything to Pillow
        if image.format == "TIFF":
            orientation = getattr(image, "tag_v2", {}).get(_ORIENTATION, _UPRIGHT)
        elif "exif" in image.info:
            exif = Image.Exif()  # not image.getexif(), which for a PNG decodes the whole picture
            exif.load(image.info["exif"])
            orientation = exif.get(_ORIENTATION, _UPRIGHT)
    return orientation if orientation in range(2, 9) else _UPRIGHT


def turned(rgb: np.ndarray, orientation: int) -> np.ndarray:
    """Pixels turned upright, as a view on the same memory where that is possible."""
    flip, turns = {
        2: (True, 0),
        3: (False, 2),
        4: (True, 2),
        5: (True, 1),
        6: (False, 3),
        7: (True, 3),
        8: (False, 1),
    }[orientation]
    return np.ascontiguousarray(np.rot90(rgb[:, ::-1] if flip else rgb, turns))


def without_profile(profile: bytes, mode: str, steps: list[Step]) -> Convert | None:
    """How pixels in the colors of an embedded profile become sRGB; None where they are that, or unknown."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = (ImageCms.getProfileDescription(source) or "").strip()
        before = mode if mode in {"RGB", "CMYK", "L"} else "RGB"
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), before, "RGB")
        if before == "RGB" and _changes_nothing(transform):
            return None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        steps.append(Step("profile-ignored"))
        return None
    steps.append(Step("profiled", said=name or None))

    def way(rows: Image.Image) -> Image.Image:
        rows = rows if rows.mode == before else rows.convert(before)
        done = ImageCms.applyTransform(rows, transform)
        return rows if done is None else done

    return way


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether it leaves colors from the whole of RGB as they are: the name of a profile proves nothing."""
    levels = range(0, 256, 51)
    colors = np.array(list(product(levels, levels, levels)), np.uint8)[None]
    done = ImageCms.applyTransform(Image.fromarray(colors), transform)
    return done is not None and int(np.abs(np.asarray(done).astype(int) - colors).max()) <= _SAME_LEVELS


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    for top in range(0, image.height, _ROWS):
        rows = image.crop((0, top, image.width, min(top + _ROWS, image.height)))
        if image.mode == "P" and image.palette is not None:
            rows.info["transparency"] = image.info.get("transparency")
        yield top, rows


def _flattened(image: Image.Image, steps: list[Step]) -> Convert:
    """Lays transparency on white."""
    transparent = image.info.get("transparency")
    step = Step("flattened")

    def way(rows: Image.Image) -> Image.Image:
        if transparent is not None:
            rows.info["transparency"] = transparent
        layer = rows.convert("RGBA")
        if np.asarray(layer.getchannel("A")).min(initial=255) < 255 and step not in steps:
            steps.append(step)
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")

    return way


def _from_deep_gray(image: Image.Image) -> Convert:
    """Gray of 16 or 32 bits or float as 8 bits: 16-bit by its full range, float by 0-1 or its largest."""
    top = max(float(_finite(rows).max(initial=0.0)) for _, rows in _strips(image))
    full = 65535.0 if image.mode.startswith("I") and top <= 65535 else max(top, 1.0)

    def way(rows: Image.Image) -> Image.Image:
        return Image.fromarray((_finite(rows).clip(0, full) * (255.0 / full)).round().astype(np.uint8))

    return way


def _finite(rows: Image.Image) -> np.ndarray:
    return np.nan_to_num(np.asarray(rows).astype(np.float64))

"""Pixels to a file's bytes, in each format as true as it can be: without loss where there is a choice, and saying sRGB.

A picture that does not say its color space is shown in the screen's own by some programs, and printed in none that is
known.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageCms

from ..errors import UsageError

FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {}),
    ".jpg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".webp": ("WEBP", {"lossless": True, "method": 2}),
    ".tif": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ".tiff": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ".pdf": ("PDF", {"quality": 95}),
}
"""What a drawing can be written as: Pillow's name and options by file ending."""

# PNG specification, third edition: signature and IHDR, after which color and size chunks stand; perceptual intent;
# 1/2.2 in hundred thousandths for readers that do not know sRGB; its primaries likewise.
_AFTER_HEADER = 8 + 25
_PERCEPTUAL = b"\0"
# Each byte as its difference to the one above; the rows that are packed at once.
_FILTER_UP = 2
_ROWS = 128
_GAMMA = 45_455
_CHROMATICITIES = (31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)
_INCH_M = 0.0254
# ICC.1:2022, 7.2: when a profile was made, and its number, which follows from the rest. Little CMS writes today.
_PROFILE_DATE = slice(24, 36)
_PROFILE_ID = slice(84, 100)
_MADE = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)


def png_bytes(pixels: np.ndarray, dpi: int | None = None) -> bytes:
    """Pixels (height, width, 3 or 4), uint8 RGB or RGBA, as a PNG without loss.

    OpenCV's default is its fastest setting that still packs. RGB says that it is sRGB, and its resolution when that is
    given. RGBA, which is laid over a film, says nothing: a player mixes its numbers with the film's.
    """
    swap = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    done, data = cv2.imencode(".png", cv2.cvtColor(pixels, swap))
    if not done:
        raise ValueError(f"no PNG of an array of shape {pixels.shape}")
    png = data.tobytes()
    if pixels.shape[2] == 4:
        return png
    return png[:_AFTER_HEADER] + _color_and_size(dpi) + png[_AFTER_HEADER:]


def png_parts(rgb: np.ndarray, dpi: int | None = None) -> Iterator[bytes]:
    """The same for RGB, piece by piece: a large picture takes hardly any memory besides itself."""
    height, width = rgb.shape[:2]
    yield b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    yield _color_and_size(dpi)
    pack = zlib.compressobj(1)
    above = np.zeros((1, width, 3), np.uint8)
    for top in range(0, height, _ROWS):
        rows = rgb[top : top + _ROWS]
        lines = np.full((len(rows), 1 + width * 3), _FILTER_UP, np.uint8)
        lines[:, 1:] = (rows - np.concatenate([above, rows[:-1]])).reshape(len(rows), -1)
        above = rows[-1:]
        yield _chunk(b"IDAT", pack.compress(lines.tobytes()))
    yield _chunk(b"IDAT", pack.flush()) + _chunk(b"IEND", b"")


def _color_and_size(dpi: int | None) -> bytes:
    chunks = [
        (b"gAMA", struct.pack(">I", _GAMMA)),
        (b"cHRM", struct.pack(">8I", *_CHROMATICITIES)),
        (b"sRGB", _PERCEPTUAL),
    ]
    if dpi is not None:
        a_meter = round(dpi / _INCH_M)
        chunks.append((b"pHYs", struct.pack(">IIB", a_meter, a_meter, 1)))
    return b"".join(_chunk(*one) for one in chunks)


def encoded(pixels: np.ndarray, suffix: str, dpi: int) -> bytes:
    """Pixels (height, width, 3), uint8 sRGB, in the format of a file's ending, one of `FORMATS`.

    JPEG, WebP, TIFF and PDF carry the sRGB profile, all but WebP their resolution. Raises `UsageError` for an ending
    that is no format and for a picture larger than the format holds.
    """
    if suffix not in FORMATS:
        raise UsageError(f"{suffix or 'no ending'}: a picture can be written as {', '.join(FORMATS)}")
    name, options = FORMATS[suffix]
    try:
        if name == "PNG":
            return png_bytes(pixels, dpi)
        data = io.BytesIO()
        picture = Image.fromarray(pixels)
        if name == "PDF":
            _write_pdf(picture, data, dpi, **options)
        else:
            picture.save(data, name, dpi=(dpi, dpi), icc_profile=srgb_profile(), **options)
    except (OSError, ValueError) as error:
        height, width = pixels.shape[:2]
        raise UsageError(f"{name} cannot hold {width} x {height} pixels ({error}); .png can") from error
    return data.getvalue()


@cache
def srgb_profile() -> bytes:
    """An ICC profile of sRGB, the same bytes each day."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_PROFILE_DATE] = _MADE
    profile[_PROFILE_ID] = bytes(16)
    return bytes(profile)


def _write_pdf(picture: Image.Image, data: io.BytesIO, dpi: int, quality: int) -> None:
    """One page as large as the picture is at that resolution, its colors by the profile.

    Pillow writes a PDF's pictures as DeviceRGB, which each printer takes for its own. ISO 32000-1, 8.6.5.5 (ICCBased).
    """
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=quality, subsampling=0)
    profile = zlib.compress(srgb_profile())
    width, height = picture.size
    wide, high = (round(side / dpi * 72, 3) for side in picture.size)
    page = f"{wide:g} 0 0 {high:g} 0 0 cm /Picture Do".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide:g} {high:g}] /Contents 4 0 R "
        f"/Resources << /XObject << /Picture 5 0 R >> >> >>".encode(),
        _stream("", page),
        _stream(
            f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8 "
            "/ColorSpace [/ICCBased 6 0 R] /Filter /DCTDecode",
            jpeg.getvalue(),
        ),
        _stream("/N 3 /Alternate /DeviceRGB /Filter /FlateDecode", profile),
    ]
    data.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(data.tell())
        data.write(b"%d 0 obj\n%s\nendobj\n" % (number, one))
    table = data.tell()
    data.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    data.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    data.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))


def _stream(words: str, content: bytes) -> bytes:
    return f"<< {words} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

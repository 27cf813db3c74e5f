"""The one canvas: a page as SVG, as pixels, or as a file in the format that its ending names.

Shapes become pixels by librsvg, which comes within libvips; type is set as everywhere else, so that titles in any
script work. In an SVG file text stays text.
"""

import base64
import io
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from ...drawing.style import PRINT_DPI
from ...drawing.typesetting import FONT_FAMILY, Typesetter
from ...errors import CinepaletteError, UsageError
from ...model import RGB, Size
from ...picture import encoding
from .page import Area, Disc, Fill, Gradient, Line, Page, Picture, Rect, Shape, Text, laid

SVG = ".svg"
SUFFIXES = (*encoding.FORMATS, SVG)

_FAMILIES = f"{FONT_FAMILY}, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"
_WEIGHTS = {"medium": 500, "bold": 700}


def encoded(page: Page, suffix: str, typesetter: Typesetter) -> bytes:
    """A page as a file of the format with that ending; raises `UsageError` for an ending that is none."""
    if suffix == SVG:
        return svg(page).encode()
    if suffix not in encoding.FORMATS:
        raise UsageError(f"{suffix or 'no ending'}: a drawing can be written as {', '.join(SUFFIXES)}")
    return encoding.encoded(pixels(page, typesetter), suffix, PRINT_DPI)


def pixels(page: Page, typesetter: Typesetter) -> np.ndarray:
    """A page as uint8 (height, width, 3) sRGB."""
    drawn = _rendered(_document(page.size, [f"<g>{''.join(_shapes(page))}</g>"]), page.size, page.paper)
    for picture in page.pictures:
        _place(drawn, picture)
    for text in page.texts:
        laid(drawn, text, typesetter)
    return drawn


def svg(page: Page) -> str:
    """A page as an SVG document; pictures are in it as JPEG."""
    paper = _element(Rect(0, 0, *page.size, page.paper), "")
    parts = [paper, *_shapes(page), *map(_image, page.pictures), *map(_text, page.texts)]
    return _document(page.size, parts)


def is_file_format(path: Path) -> bool:
    """Whether a drawing can be written under that name."""
    return path.suffix.lower() in SUFFIXES


def _rendered(document: str, size: Size, paper: RGB) -> np.ndarray:
    try:
        import pyvips
    except (ImportError, OSError) as error:
        raise CinepaletteError(f"drawing needs libvips, which does not load here: {error}; -o FILE.svg does") from error
    image = pyvips.Image.svgload_buffer(document.encode(), unlimited=True).flatten(background=list(paper))
    array: np.ndarray = image.numpy()
    if array.shape[:2] != (size[1], size[0]):
        raise CinepaletteError(f"libvips drew {array.shape[1]} x {array.shape[0]} pixels instead of {size}")
    return np.array(array[..., :3])


def _document(size: Size, parts: list[str]) -> str:
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _shapes(page: Page) -> list[str]:
    parts = []
    for number, shape in enumerate(page.shapes):
        name = ""
        if isinstance(shape, Rect | Area) and isinstance(shape.fill, Gradient):
            name = f"g{number}"
            parts.append(_gradient(shape.fill, name))
        parts.append(_element(shape, name))
    return parts


def _element(shape: Shape, gradient: str) -> str:
    match shape:
        case Rect():
            box = f'x="{_n(shape.left)}" y="{_n(shape.top)}" width="{_n(shape.right - shape.left)}"'
            whole = all(float(edge).is_integer() for edge in (shape.left, shape.top, shape.right, shape.bottom))
            crisp = ' shape-rendering="crispEdges"' if whole else ""
            return f'<rect {box} height="{_n(shape.bottom - shape.top)}" fill="{_fill(shape.fill, gradient)}"{crisp}/>'
        case Area():
            return f'<path d="{_way(shape.points)}Z" fill="{_fill(shape.fill, gradient)}"/>'
        case Line():
            stroke = f'stroke="{_hex(shape.color)}" stroke-width="{_n(shape.thick)}" stroke-linejoin="round"'
            return f'<path d="{_way(shape.points)}" fill="none" {stroke}/>'
        case Disc():
            place = f'cx="{_n(shape.at[0])}" cy="{_n(shape.at[1])}" r="{_n(shape.radius)}"'
            if shape.thick:
                return f'<circle {place} fill="none" stroke="{_hex(shape.fill)}" stroke-width="{_n(shape.thick)}"/>'
            return f'<circle {place} fill="{_hex(shape.fill)}"/>'


def _gradient(fill: Gradient, name: str) -> str:
    stops = "".join(f'<stop offset="{place:.5f}" stop-color="{_hex(rgb)}"/>' for place, rgb in fill.stops)
    ends = "".join(
        f' {key}="{_n(value)}"' for key, value in zip(("x1", "y1", "x2", "y2"), (*fill.start, *fill.end), strict=True)
    )
    return f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse"{ends}>{stops}</linearGradient>'


def _image(picture: Picture) -> str:
    buffer = io.BytesIO()
    Image.fromarray(picture.rgb).save(buffer, "JPEG", quality=92, subsampling=0)
    height, width = picture.rgb.shape[:2]
    place = f'x="{picture.at[0]}" y="{picture.at[1]}" width="{width}" height="{height}"'
    return f'<image {place} href="data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"/>'


def _text(text: Text) -> str:
    anchor = {0.0: "start", 0.5: "middle", 1.0: "end"}[text.anchor]
    style = f'font-family="{_FAMILIES}" font-weight="{_WEIGHTS[text.weight]}" font-size="{_n(text.size)}"'
    place = f'x="{_n(text.at[0])}" y="{_n(text.at[1])}" text-anchor="{anchor}" fill="{_hex(text.color)}"'
    return f"<text {place} {style}>{escape(text.text)}</text>"


def _place(drawn: np.ndarray, picture: Picture) -> None:
    x, y = picture.at
    room = drawn[max(0, y) : y + picture.rgb.shape[0], max(0, x) : x + picture.rgb.shape[1]]
    room[:] = picture.rgb[max(0, -y) :, max(0, -x) :][: room.shape[0], : room.shape[1]]


def _way(points: np.ndarray) -> str:
    return "M" + "L".join(f"{_n(x)},{_n(y)}" for x, y in points.tolist())


def _fill(fill: Fill, gradient: str) -> str:
    return f"url(#{gradient})" if isinstance(fill, Gradient) else _hex(fill)


def _hex(rgb: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _n(value: float) -> str:
    """A number as short as it can be at a hundredth of a pixel."""
    return f"{value:.2f}".rstrip("0").rstrip(".")

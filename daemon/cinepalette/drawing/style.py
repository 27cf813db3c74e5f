"""[card] and [collage]: how people want their pictures drawn, and the sizes they may ask for."""

import re
from dataclasses import dataclass, field
from typing import Literal

from ..errors import UsageError
from ..model import Size

Background = Literal["white", "black", "film"]
Layout = Literal["poster", "column", "wallpaper", "story", "square", "strip", "script"]

PRINT_DPI = 300
"""Pixels an inch of all that may be hung, also where a size on paper was asked for: as many as eyes see in print."""
# Millimeters, upright. ISO 216; ANSI/ASME Y14.1.
_PAPERS = {"a2": (420, 594), "a3": (297, 420), "a4": (210, 297), "a5": (148, 210), "letter": (215.9, 279.4)}
_SCREENS: dict[str, Size] = {"4k": (3840, 2160), "8k": (7680, 4320)}
_UNITS_MM = {"mm": 1.0, "cm": 10.0, "in": 25.4}
_NUMBER = r"\d{1,4}(?:\.\d{1,2})?"
SIZE_PATTERN = rf"(?i:\d{{1,5}}x\d{{1,5}}|{_NUMBER}x{_NUMBER} ?(?:mm|cm|in)|4k|8k|(?:a[2-5]|letter)(?:[ -]landscape)?)?"
SIZE_EXAMPLE = "3840x2160, 4k, A3, A4-landscape, letter, 30x40cm or 8x10in"
# A0 in print has 139 million pixels and takes two gigabytes while it is written.
_MOST_MEGAPIXELS = 140
_SHORTEST_PX = 100


def in_pixels(size: str) -> Size:
    """What a person asked for, `SIZE_PATTERN`, as (width, height): pixels, paper and screens by name, or with a unit.

    Raises `UsageError` for what is no size, and for one that is too small to draw or too large for the memory.
    """
    asked = size.strip().lower()
    if not asked or not re.fullmatch(SIZE_PATTERN, asked):
        raise UsageError(f"{size}: is no size; one is like {SIZE_EXAMPLE}")
    paper = re.sub("[ -]landscape$", "", asked)
    if paper in _SCREENS:
        width, height = _SCREENS[paper]
    elif paper in _PAPERS:
        width, height = (_on_paper(side) for side in _PAPERS[paper])
    else:
        sides = [float(one) for one in re.findall(r"[\d.]+", paper)]
        unit = _UNITS_MM.get(paper[-2:])
        width, height = (round(side) if unit is None else _on_paper(side * unit) for side in sides)
    if paper != asked:
        width, height = height, width
    if min(width, height) < _SHORTEST_PX:
        raise UsageError(f"{size}: is {width} x {height} pixels; {_SHORTEST_PX} a side are the least")
    if width * height > _MOST_MEGAPIXELS * 1_000_000:
        raise UsageError(f"{size}: is {width} x {height} pixels; {_MOST_MEGAPIXELS} million are the most")
    return width, height


def _on_paper(side_mm: float) -> int:
    return round(side_mm / _UNITS_MM["in"] * PRINT_DPI)


@dataclass(frozen=True)
class CardStyle:
    """[card]: how a still and its strip are put together, also in a collage.

    Lengths are parts of the still's mean side, the square root of width times height (1440 pixels for 1080p).
    """

    strip: Literal["below", "above", "both", "beside", "over"] = "below"
    """Where the strip stands; over: laid over the lower part of the still."""
    widths: Literal["equal", "proportional"] = "equal"
    """proportional: each swatch as wide as its share of the picture."""
    height: float = field(default=0.1, metadata={"min": 0.01, "max": 1.0})
    """Of the strip; its width when it stands beside the still."""
    gap: float = field(default=0.012, metadata={"min": 0.0, "max": 0.2})
    """Between swatches, and between still and strip."""
    border: float = field(default=0.045, metadata={"min": 0.0, "max": 0.5})
    background: Background = "white"
    """film: a deep tone of the still's own colors."""
    codes: Literal["none", "on", "under"] = "on"
    """Hex codes on the swatches or under them."""
    caption: bool = True
    """Title and timecode below the card; a picture from elsewhere has its name there."""
    bars: bool = False
    """Whether letterbox bars stay on the card; they are always in the still."""


@dataclass(frozen=True)
class CollageStyle:
    """[collage]: how a session's stills become one picture. Strips look as [card] says."""

    layout: Layout = "poster"
    """poster: a balanced grid. column: one under another. wallpaper: edge to edge. story: 9:16. square. strip: film.
    script: the palettes alone, a line each."""
    ratio: float = field(default=0.8, metadata={"min": 0.25, "max": 4.0})
    """Width to height of a poster and a color script."""
    size: str = field(default="", metadata={"pattern": SIZE_PATTERN, "example": SIZE_EXAMPLE})
    """Pixels as WIDTHxHEIGHT, paper (A2 to A5, letter, 30x40cm, 8x10in; 300 dots an inch), or 4k; for all but column.
    Empty: as large as the stills are sharp, wallpapers 3840x2160."""
    megapixels: float = field(default=12.0, metadata={"min": 1.0, "max": 60.0})
    """The most that a page has where `size` is empty; A3 in 300 dots an inch takes 17."""
    page: int = field(default=0, metadata={"min": 0, "max": 1000})
    """Stills on a page before the next one begins; 0: as many as can be read."""
    order: Literal["pressed", "film"] = "pressed"
    """pressed: the session's own order. film: by position in the film."""
    background: Background = "white"
    title: bool = True
    timecodes: bool = True
    """Whether each still's position in the film stands below it, or the name of a picture from elsewhere."""
    codes: bool = False
    """Whether hex codes are drawn as on the cards."""

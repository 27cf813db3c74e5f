"""A page as a list of shapes, lines of text and pictures; how they become pixels or a file is `canvas`'s business.

Coordinates are pixels of the page, y downward, and may lie between pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from ...drawing import paper as ground
from ...drawing import strip, typesetting
from ...drawing.typesetting import Typesetter, Weight
from ...model import RGB, Size

Point = tuple[float, float]


@dataclass(frozen=True)
class Gradient:
    """Colors along a straight line, one after the other without a step."""

    start: Point
    end: Point
    stops: tuple[tuple[float, RGB], ...]
    """(place 0-1, color), in rising order."""


Fill = RGB | Gradient


@dataclass(frozen=True)
class Rect:
    """A rectangle that fills whole pixels where its corners lie on them."""

    left: float
    top: float
    right: float
    bottom: float
    fill: Fill


@dataclass(frozen=True)
class Area:
    """What a closed line encloses."""

    points: np.ndarray
    """(count, 2): x, y."""
    fill: Fill


@dataclass(frozen=True)
class Line:
    """An open line."""

    points: np.ndarray
    color: RGB
    thick: float


@dataclass(frozen=True)
class Disc:
    """A filled circle, or with `thick` a ring of that thickness."""

    at: Point
    radius: float
    fill: RGB
    thick: float = 0.0


@dataclass(frozen=True)
class Text:
    """A line of text on its baseline."""

    at: Point
    text: str
    size: float
    color: RGB
    weight: Weight = "medium"
    anchor: float = 0.0
    """0: the text begins at `at`, 0.5: it is centered there, 1: it ends there."""
    room: float | None = None
    """No wider than this; None for any width."""


@dataclass(frozen=True)
class Picture:
    """Pixels as they are, the top left corner on a whole pixel."""

    at: tuple[int, int]
    rgb: np.ndarray
    """(height, width, 3) uint8."""


Shape = Rect | Area | Line | Disc


@dataclass
class Page:
    """What is drawn so far: shapes below pictures below text, each in the order of their coming."""

    size: Size
    paper: RGB
    shapes: list[Shape] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def rect(self, left: float, top: float, right: float, bottom: float, fill: Fill) -> None:
        """Adds a rectangle."""
        if right > left and bottom > top:
            self.shapes.append(Rect(left, top, right, bottom, fill))

    def area(self, points: np.ndarray | Sequence[Point], fill: Fill) -> None:
        """Adds an area."""
        self.shapes.append(Area(np.asarray(points, float), fill))

    def line(self, points: np.ndarray | Sequence[Point], color: RGB, thick: float) -> None:
        """Adds a line."""
        self.shapes.append(Line(np.asarray(points, float), color, thick))

    def disc(self, at: Point, radius: float, fill: RGB, thick: float = 0.0) -> None:
        """Adds a disc."""
        self.shapes.append(Disc(at, radius, fill, thick))

    def text(
        self,
        at: Point,
        text: str,
        size: float,
        color: RGB,
        weight: Weight = "medium",
        anchor: float = 0.0,
        room: float | None = None,
    ) -> None:
        """Adds a line of text, left out where it would be too small to read."""
        if text and size >= strip.SMALLEST_TYPE_PX - 1:
            self.texts.append(Text(at, typesetting.clean(text), size, color, weight, anchor, room))

    def picture(self, at: tuple[int, int], rgb: np.ndarray) -> None:
        """Adds a picture."""
        self.pictures.append(Picture(at, rgb))


def width_of(text: str, size: float, weight: Weight = "medium") -> float:
    """About how wide a line of text is, in the program's own font."""
    return typesetting.own_font(100, weight).getlength(text) * size / 100


def laid(pixels: np.ndarray, text: Text, typesetter: Typesetter) -> None:
    """Draws a line of text into pixels (height, width, 3)."""
    size = max(1, round(text.size))
    room = pixels.shape[1] if text.room is None else int(text.room)
    block: Image.Image | None = typesetting.fitted(typesetter, text.text, size, room, text.color, text.weight)
    if block is None:
        return
    x = round(text.at[0] - text.anchor * block.width)
    # The lines of a block hang below their own ascent; what was set smaller to fit still stands on the line.
    y = round(text.at[1] - typesetting.ASCENT / typesetting.LEADING * block.height)
    ground.lay(pixels, (x, y), block)

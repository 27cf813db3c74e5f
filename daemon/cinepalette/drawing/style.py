"""[card] and [collage]: how people want their pictures drawn."""

from dataclasses import dataclass, field
from typing import Literal

Background = Literal["white", "black", "film"]
Layout = Literal["poster", "column", "wallpaper", "story", "square", "strip", "script"]


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
    """Width to height that a poster comes near to."""
    size: str = field(
        default="",
        metadata={
            "pattern": r"([1-9]\d{2,4}x[1-9]\d{2,4})?",
            "example": "3840x2160, a hundred pixels a side or more",
        },
    )
    """WIDTHxHEIGHT in pixels, for all but column; empty: as large as the stills are sharp, wallpapers 3840x2160."""
    megapixels: float = field(default=12.0, metadata={"min": 1.0, "max": 60.0})
    """The most that a page has where `size` is empty; A3 in 300 dots an inch takes 17."""
    page: int = field(default=0, metadata={"min": 0, "max": 1000})
    """Stills on a page before the next one begins; 0: as many as can be read."""
    order: Literal["pressed", "film"] = "pressed"
    """pressed: the session's own order. film: by position in the film."""
    background: Background = "white"
    title: bool = True
    timecodes: bool = True
    """Whether each still's position in the film stands below it."""
    codes: bool = False
    """Whether hex codes are drawn as on the cards."""

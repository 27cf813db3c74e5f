"""What all swatch files are made from: named palettes, and how swatches are called."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..color.names import color_name
from ..model import Palette, Swatch


@dataclass(frozen=True)
class Group:
    """One palette with the name it goes by: a still of a session, a picture, or a whole film."""

    label: str
    swatches: Palette
    image: str = ""
    """The picture it was taken from, for formats that hold it; empty means the label."""
    time_s: float | None = None
    """Position in the film, for formats that hold it."""


def percent(share: float) -> str:
    """A share for people: `42.3%`."""
    return f"{share * 100:.1f}%"


def swatch_name(swatch: Swatch) -> str:
    """A swatch's name in a list of swatches: `dark teal #1f4e4e`.

    The hex distinguishes two dark teals: InDesign takes swatches of one name for one color.
    """
    return f"{color_name(swatch.rgb)} {swatch.hex}"


def identifiers(groups: Sequence[Group]) -> list[str]:
    """A name for each group that CSS and Sass take, all different: `0001-00-41-07`, where nothing is left `palette`."""
    return distinct(re.sub(r"[\W_]+", "-", group.label[:60].lower()).strip("-") or "palette" for group in groups)


def distinct(names: Iterable[str]) -> list[str]:
    """The names, those that came before with the first free number behind them: a, b, a-2."""
    found: dict[str, int] = {}
    for name in names:
        number, free = 1, name
        while free in found:
            number = max(number, found[name]) + 1
            free = f"{name}-{number}"
        found[name] = number
        found.setdefault(free, 1)
    return list(found)

"""Many films on one page: a barcode each, like beside like."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...color import spaces
from ...drawing import strip
from .bars import edges
from .mount import Mount, Room
from .page import Page

# A row's title, above its bars, and the gap to the next, in parts of the row.
_GAP = 0.16
_TITLE = 1.6


@dataclass(frozen=True)
class Row:
    """A film on the panel."""

    title: str
    time_s: np.ndarray
    rgb: np.ndarray
    """(n, 3) uint8: its leading colors."""
    span_s: tuple[float, float]
    palette_rgb: np.ndarray
    """(swatches, 3): the film's own, to know which films are alike."""
    palette_share: np.ndarray


def panel(mount: Mount, rows: Sequence[Row]) -> Page:
    """Draws the films, each over the whole width, in the order in which neighbors are most alike."""
    room = mount.room
    ordered = [rows[i] for i in by_likeness(rows)]
    each = room.height / len(ordered)
    size = min(mount.type_px, each * 0.2)
    titled = size >= strip.SMALLEST_TYPE_PX - 1
    for number, row in enumerate(ordered):
        top = room.top + number * each
        first = top + (_TITLE * size if titled else 0)
        place = Room(room.left, round(first), room.right, round(top + each - _GAP * each))
        if titled:
            mount.page.text((room.left, first - 0.5 * size), row.title, size, mount.inks.quiet, room=room.width)
        places = np.rint(edges(row.time_s, row.span_s, place.left, place.right))
        for i, color in enumerate(row.rgb):
            red, green, blue = (int(one) for one in color)
            mount.page.rect(places[i], place.top, places[i + 1], place.bottom, (red, green, blue))
    return mount.page


def by_likeness(rows: Sequence[Row]) -> list[int]:
    """The films in an order in which neighbors have like palettes, from the darkest on: each time the nearest next."""
    even = [spaces.uniform_from_srgb(row.palette_rgb) for row in rows]
    light = [float(row.palette_share @ one[:, 0]) for row, one in zip(rows, even, strict=True)]

    def away(i: int, j: int) -> float:
        between = np.linalg.norm(even[i][:, None] - even[j][None], axis=-1)
        there = float(rows[i].palette_share @ between.min(axis=1))
        return there + float(rows[j].palette_share @ between.min(axis=0))

    order = [int(np.argmin(light))]
    while len(order) < len(rows):
        rest = [i for i in range(len(rows)) if i not in order]
        order.append(min(rest, key=lambda i: away(order[-1], i)))
    return order

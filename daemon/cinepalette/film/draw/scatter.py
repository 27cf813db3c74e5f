"""All colors of the film as points: OKLab seen from above and from the side, and as a vectorscope."""

from math import cos, pi, sin, sqrt

import numpy as np

from ...color import spaces
from ...drawing import paper
from .mount import Mount, Room, hair
from .page import Page

# Colors nearer than this in OKLab are one point.
_CELL = 0.009
# A point's radius for a color that fills all of the film, and the least, in parts of the view's side.
_RADIUS, _LEAST = 0.16, 0.0016
# The views reach as far as the film's colors do, within these: sRGB ends at 0.32.
_CHROMA_LEAST, _CHROMA_MOST = 0.12, 0.33
# The circle of hues stands around them.
_WITHIN = 0.95
# Rec. ITU-R BT.709-6, 3.2-3.3: R'G'B' to C_B and C_R, and the six colors of 75 % bars.
_RED, _BLUE = 0.2126, 0.0722
_BARS = {"R": (1, 0, 0), "Mg": (1, 0, 1), "B": (0, 0, 1), "Cy": (0, 1, 1), "G": (0, 1, 0), "Yl": (1, 1, 0)}


def scatter(mount: Mount, rgb: np.ndarray, share: np.ndarray) -> Page:
    """Draws colors (m, 3) with their shares (m,): hue and chroma from above, lightness and chroma from the side."""
    points, parts, colors = _points(rgb, share)
    room, gap = mount.room, round(0.06 * mount.room.width)
    side = min(room.height, (room.width - gap) / 2)
    left = room.left + (room.width - 2 * side - gap) / 2
    top = room.top + (room.height - side) / 2
    above = Room(round(left), round(top), round(left + side), round(top + side))
    beside = Room(round(left + side + gap), round(top), round(left + 2 * side + gap), round(top + side))

    chroma = np.hypot(points[:, 1], points[:, 2])
    most = float(np.clip(1.06 * chroma.max(), _CHROMA_LEAST, _CHROMA_MOST))
    _wheel(mount, above, most)
    reach = side / 2 * _WITHIN / most
    x, y = above.middle
    _dots(mount, x + points[:, 1] * reach, y - points[:, 2] * reach, parts, colors, side)

    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        line_y = beside.bottom - part * side
        mount.page.line([(beside.left, line_y), (beside.right, line_y)], mount.inks.hair, hair(mount))
        label = f"L {part * 100:.0f}"
        size = mount.type_px * 0.8
        mount.page.text((beside.right, line_y - 0.4 * size), label, size, mount.inks.quiet, anchor=1.0)
    _dots(mount, beside.left + chroma / most * side, beside.bottom - points[:, 0] * side, parts, colors, side)
    return mount.page


def vectorscope(mount: Mount, rgb: np.ndarray, share: np.ndarray) -> Page:
    """Draws colors (m, 3) with their shares (m,) as C_B and C_R of BT.709, with the places of 75 % bars."""
    _, parts, colors = _points(rgb, share)
    room = mount.room
    side = min(room.height, room.width)
    x, y = room.middle
    reach = side * 0.94
    square = Room(round(x - side / 2), round(y - side / 2), round(x + side / 2), round(y + side / 2))
    for part in (0.25, 0.5):
        mount.page.disc((x, y), part * reach, mount.inks.hair, hair(mount))
    for ends in (((square.left, y), (square.right, y)), ((x, square.top), (x, square.bottom))):
        mount.page.line(ends, mount.inks.hair, hair(mount))
    # The skin-tone line of broadcast vectorscopes, 123 degrees from C_B.
    skin = 123 * pi / 180
    mount.page.line([(x, y), (x + cos(skin) * reach / 2, y - sin(skin) * reach / 2)], mount.inks.hair, hair(mount))
    for name, bar in _BARS.items():
        cb, cr = (float(one) for one in _chroma(0.75 * np.array(bar, float)))
        box = 0.016 * side
        at_x, at_y = x + cb * reach, y - cr * reach
        corners = [(-box, -box), (box, -box), (box, box), (-box, box), (-box, -box)]
        mount.page.line([(at_x + one, at_y + other) for one, other in corners], mount.inks.quiet, hair(mount))
        away = 1 + 0.075 / max(0.05, sqrt(cb * cb + cr * cr))
        size = mount.type_px * 0.9
        place = (x + cb * reach * away, y - cr * reach * away + 0.35 * size)
        mount.page.text(place, name, size, mount.inks.quiet, anchor=0.5)
    cb_cr = _chroma(colors / 255)
    _dots(mount, x + cb_cr[:, 0] * reach, y - cb_cr[:, 1] * reach, parts, colors, side)
    return mount.page


def _points(rgb: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(OKLab (count, 3), shares that sum to 1, colors (count, 3) uint8), like colors as one, the largest first."""
    oklab = spaces.oklab_from_srgb(rgb)
    place = np.floor(oklab / _CELL).astype(np.int64) + 256
    _, cell = np.unique((place[:, 0] * 1024 + place[:, 1]) * 1024 + place[:, 2], return_inverse=True)
    parts: np.ndarray = np.bincount(cell, weights=share)
    # Each is where its strongest color is: means of full cells would lie in a grid.
    strongest = np.lexsort((share, cell))[np.cumsum(np.bincount(cell)) - 1]
    order = np.argsort(-parts, kind="stable")
    chosen = strongest[order]
    return oklab[chosen], parts[order] / parts.sum(), rgb[chosen]


def _dots(mount: Mount, x: np.ndarray, y: np.ndarray, parts: np.ndarray, colors: np.ndarray, side: float) -> None:
    """A disc a color whose area is its share; the small ones lie above the large."""
    for at_x, at_y, part, color in zip(x, y, parts, colors, strict=True):
        red, green, blue = (int(one) for one in color)
        radius = max(_LEAST, _RADIUS * sqrt(part)) * side
        mount.page.disc((float(at_x), float(at_y)), radius, (red, green, blue))
        if paper.contrast_ratio((red, green, blue), mount.page.paper) < 1.12:
            mount.page.disc((float(at_x), float(at_y)), radius, mount.inks.hair, hair(mount) / 2)


def _wheel(mount: Mount, room: Room, most: float) -> None:
    """Circles of equal chroma, and around them the hues."""
    x, y = room.middle
    side = room.width
    for chroma in (0.1, 0.2, 0.3):
        if chroma < most:
            mount.page.disc((x, y), chroma / most * side / 2 * _WITHIN, mount.inks.hair, hair(mount))
    thick = 0.012 * side
    for degree in range(0, 360, 3):
        turn = np.radians([degree - 0.2, degree + 3.2])
        middle = np.radians(degree + 1.5)
        rgb = spaces.srgb_from_oklab([0.72, 0.13 * np.cos(middle), 0.13 * np.sin(middle)])
        around = np.stack([np.cos(turn), -np.sin(turn)], axis=1)
        way = np.array([x, y]) + np.concatenate([around * side / 2, around[::-1] * (side / 2 - thick)])
        red, green, blue = (int(one) for one in np.rint(rgb))
        mount.page.area(way, (red, green, blue))


def _chroma(rgb: np.ndarray) -> np.ndarray:
    """C_B and C_R, -0.5 to 0.5, of R'G'B' 0-1. Rec. ITU-R BT.709-6, 3.3."""
    luma = rgb @ np.array([_RED, 1 - _RED - _BLUE, _BLUE])
    return np.stack([(rgb[..., 2] - luma) / (2 - 2 * _BLUE), (rgb[..., 0] - luma) / (2 - 2 * _RED)], axis=-1)

"""Rims: colors that are only where two others meet, at an edge that is drawn softly, out of focus or in fog.

A drawing in four inks with smooth edges has all that lies between them, too: asked for nine swatches, it would give
five of these, and nobody would point at one. A rim is known by its color, a blend of two others, and by its place,
where the picture changes fast, with an even area on one side at least and two other swatches at hand. A thin red line
before black is none: it is no blend. Nor is what lies between the tones of a cloud or of grass: there all is soft, or
nothing is even.
"""

import cv2
import numpy as np

from ..color import spaces
from ..color.difference import distances
from .colors import Colors

# A rim is less than this part of the picture; what is more is a color of its own.
RIM_SHARE = 0.02
# A blend of two colors makes the way from the one to the other longer by no more than this part of it, and than this.
DETOUR, DETOUR_MOST = 0.15, 5.0
# Even is where the colors of a pixel and its eight neighbors lie within this distance.
EVEN = 3.0
# At least this part of a rim's pixels is not even and has two other swatches and an even area beside it ...
AT_EDGE = 0.9
# ... no farther than this part of the picture's side: 5 pixels of the averaged picture.
BESIDE = 0.014


def rims(rgb: np.ndarray, colors: Colors) -> np.ndarray:
    """Which of the swatches (count, 3) are rims, (count,) bool; without a picture nothing is known of edges.

    The smallest is judged first, and what is left of the others without it: a wide edge may have several.
    """
    rim = np.zeros(len(rgb), bool)
    if colors.cells is None:
        return rim
    uniform = spaces.uniform_from_srgb(rgb)
    away = distances(uniform, colors.uniform)
    blends = _blends(uniform)
    even = None
    while True:
        kept = np.flatnonzero(~rim)
        nearest = kept[away[kept].argmin(axis=0)]
        share = np.bincount(nearest, weights=colors.share, minlength=len(rgb))
        blends[:, rim] = blends[:, :, rim] = False
        blend = (share < RIM_SHARE) & blends.any(axis=(1, 2)) & ~rim
        if not blend.any():
            return rim
        # Most pictures have no such blend, and are not looked at.
        even = _even(colors) if even is None else even
        shown = np.append(nearest, -1)[colors.cells]  # the last for pixels of none
        small = [one for one in np.argsort(share, kind="stable") if blend[one]]
        found = next((one for one in small if _at_edge(one, shown, even)), None)
        if found is None:
            return rim
        rim[found] = True


def _blends(uniform: np.ndarray) -> np.ndarray:
    """(count, count, count) bool: whether the first color is a blend of the second and the third."""
    between = distances(uniform, uniform)
    detour = between[:, :, None] + between[:, None, :] - between[None]
    blends: np.ndarray = detour < np.minimum(DETOUR * between, DETOUR_MOST)[None]
    every = np.arange(len(uniform))
    blends[every, every] = blends[every, :, every] = False
    return blends


def _even(colors: Colors) -> np.ndarray:
    """(height, width) bool: where the picture is of nearly one color around a pixel."""
    far = colors.uniform.max() + 2 * EVEN
    picture = np.append(colors.uniform, [[far] * 3], axis=0).astype(np.float32)[colors.cells]
    around = np.ones((3, 3), np.uint8)
    span = cv2.dilate(picture, around) - cv2.erode(picture, around)
    even: np.ndarray = (span**2).sum(axis=2) < EVEN**2
    return even


def _at_edge(swatch: int, shown: np.ndarray, even: np.ndarray) -> bool:
    """Whether most of a swatch's pixels are at an edge; `shown` is each pixel's swatch, -1 for none."""
    reach = max(1, round(BESIDE * shown.size**0.5))
    around = np.ones((2 * reach + 1,) * 2, np.uint8)
    own = shown == swatch
    if not own.any():
        return False
    others = [one for one in np.unique(shown) if one not in (swatch, -1)]
    beside = np.sum([cv2.dilate((shown == one).view(np.uint8), around) for one in others], axis=0)
    near_even = cv2.dilate((even & ~own).view(np.uint8), around) > 0
    return bool(((beside >= 2) & near_even & ~even)[own].mean() >= AT_EDGE)

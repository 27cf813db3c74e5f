"""Accents: the small vivid colors that a viewer would point at, a red lamp in a brown room.

An accent is a peak of its own in the distribution of colors: many pixels agree on it and none lead over to a color
that is more frequent. Peaks are found as density peaks: each color's density, and how far it is to the next denser one
(Rodriguez and Laio, "Clustering by fast search and find of density peaks", Science 344, 2014). Distances are about
CIEDE2000, as in `choice`.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from .colors import Colors

# The density at a color is the share of the picture within about this distance of it.
PEAK_REACH = 6.0
# A peak is a color of its own when the next denser color is farther than this; between the two it is one in part.
APART = (9.0, 14.0)
# A peak is vivid by its chroma: a gray is none, a brick red is one.
VIVID = (12.0, 18.0)
# It is lit: a green that is nearly black is no color that anybody points at.
LIT = (15.0, 20.0)
# It is small, and no part of a larger color: of all colors within AROUND there is at most this share.
SMALL = (0.045, 0.02)
AROUND = 20.0
# Fewer pixels are noise: 26 to 52 of the averaged picture ...
NOISE = (0.0002, 0.0004)
# ... and at this share an accent has half its weight.
HALF_WEIGHT = 0.001
# A pixel is of an accent when its color is within this of it ...
OF_ACCENT = 10.0
# ... and the accent is in one piece by the part of its pixels that have only such beside them. Measured: 0 to 0.14 for
# the accents of film stills that nobody would point at (texture, rims), from 0.3 on for a lamp of 0.1 %.
COMPACT = (0.15, 0.35)
# The sum of `choice` may grow by this much for an accent of full weight, and by this much more for one that is in one
# piece. The second counts by the square of the weight: what is hardly an accent stays out, in one piece or not.
PRICE, COMPACT_PRICE = 0.4, 2.5


@dataclass(frozen=True)
class Accents:
    """How much an accent each region of a picture is, and what a swatch for it is worth."""

    weight: np.ndarray
    """(regions,) float32, 0 (none) to 1."""
    regions: Colors
    colors: Colors

    @classmethod
    def of(cls, regions: Colors, between: np.ndarray, colors: Colors) -> "Accents":
        """Of a picture's regions, the distances of all to all, and its colors."""
        density = np.exp(-((between / PEAK_REACH) ** 2)) @ regions.share
        to_denser = np.where(density[None] > density[:, None], between, np.inf).min(axis=1)
        around = np.where(between < AROUND, regions.share, 0).sum(axis=1)
        chroma = np.hypot(regions.uniform[:, 1], regions.uniform[:, 2])
        certain = (
            _ramp(density, NOISE)
            * _ramp(to_denser, APART)
            * _ramp(chroma, VIVID)
            * _ramp(regions.uniform[:, 0], LIT)
            * _ramp(around, SMALL)
        )
        weight = certain * density / (density + HALF_WEIGHT)
        return cls(weight.astype(np.float32), regions, colors)

    def clearest_first(self) -> list[int]:
        """The regions that are accents."""
        order = np.argsort(-self.weight, kind="stable")
        return [int(accent) for accent in order if self.weight[accent] > 0]

    def worth(self, accent: int) -> float:
        """By how much the sum of `choice` may grow for it."""
        weight = float(self.weight[accent])
        return weight * (PRICE + COMPACT_PRICE * self._compactness(accent) * weight)

    def _compactness(self, accent: int) -> float:
        """How much it is a thing in the picture, 0 (scattered over it) to 1.

        Without a picture, in the palette of a whole session, nothing is known to be in one piece.
        """
        if self.colors.cells is None:
            return 0.0
        away = np.linalg.norm(self.colors.uniform - self.regions.uniform[accent], axis=1)
        alike = np.append(away < OF_ACCENT, False)  # the last for pixels of none
        shown = alike[self.colors.cells].view(np.uint8)
        inner = cv2.erode(shown, np.ones((3, 3), np.uint8))
        return float(_ramp(np.array(inner.sum() / max(1, shown.sum())), COMPACT))


def _ramp(value: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """0 up to the first end, 1 from the second on; the ends may stand the other way round."""
    low, high = ends
    return ((value - low) / (high - low)).clip(0, 1)

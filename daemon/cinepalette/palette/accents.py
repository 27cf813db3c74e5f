"""Accents: the small vivid colors that a viewer would point at, a red lamp in a brown room.

An accent is a peak of its own in the distribution of colors: many pixels agree on it and none lead over to a color
that is more frequent. Peaks are found as density peaks: each color's density, and how far it is to the next denser one
(Rodriguez and Laio, "Clustering by fast search and find of density peaks", Science 344, 2014). Distances are about
CIEDE2000, as in `choice`.
"""

import cv2
import numpy as np

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


def accent_weights(share: np.ndarray, uniform: np.ndarray, between: np.ndarray) -> np.ndarray:
    """How much an accent each color is, 0 (none) to 1, float32 (count,).

    `share` is the part of the picture that each color fills, `uniform` its place (count, 3), `between` the distances
    of all to all.
    """
    density = np.exp(-((between / PEAK_REACH) ** 2)) @ share
    to_denser = np.where(density[None] > density[:, None], between, np.inf).min(axis=1)
    around = np.where(between < AROUND, share, 0).sum(axis=1)
    chroma = np.hypot(uniform[:, 1], uniform[:, 2])
    certain = (
        _ramp(density, NOISE)
        * _ramp(to_denser, APART)
        * _ramp(chroma, VIVID)
        * _ramp(uniform[:, 0], LIT)
        * _ramp(around, SMALL)
    )
    weights: np.ndarray = certain * density / (density + HALF_WEIGHT)
    return weights.astype(np.float32)


def compactness(accent: np.ndarray, uniform: np.ndarray, cells: np.ndarray | None) -> float:
    """How much an accent (3,) is a thing in the picture, 0 (scattered over it) to 1.

    `uniform` are the picture's colors (count, 3), `cells` (height, width) which of them each pixel has, -1 for none;
    without a picture, in the palette of a whole session, nothing is known to be in one piece.
    """
    if cells is None:
        return 0.0
    alike = np.append(np.linalg.norm(uniform - accent, axis=1) < OF_ACCENT, False)  # the last for pixels of none
    shown = alike[cells].view(np.uint8)
    inner = cv2.erode(shown, np.ones((3, 3), np.uint8))
    return float(_ramp(np.array(inner.sum() / max(1, shown.sum())), COMPACT))


def _ramp(value: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """0 up to the first end, 1 from the second on; the ends may stand the other way round."""
    low, high = ends
    return ((value - low) / (high - low)).clip(0, 1)

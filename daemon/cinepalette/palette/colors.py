"""The colors of a picture: how much of it they fill, where they are, and the regions that like ones form."""

from dataclasses import dataclass

import numpy as np

from ..color import spaces

# Colors nearer than this to each other are one region, for speed: wide enough for 150 of them, not thousands.
REGION_SIDE = 8.0
# A picture of noise would have thousands of regions; the side grows until there are no more than this.
REGIONS_MAX = 400


@dataclass(frozen=True)
class Colors:
    """The colors of a picture and how much of it they fill."""

    share: np.ndarray
    """(count,) float64, above 0; those of a whole picture sum to 1."""
    rgb: np.ndarray
    """(count, 3) float64, sRGB 0-255."""
    uniform: np.ndarray
    """(count, 3) float64, where distances are measured: `spaces.uniform_from_srgb` of `rgb`."""
    cells: np.ndarray | None = None
    """(height, width) integers, which of the colors each pixel has, -1 for none; None for colors without a picture."""

    @classmethod
    def of(cls, share: np.ndarray, rgb: np.ndarray, cells: np.ndarray | None = None) -> "Colors":
        """Shares (of any sum), sRGB colors, and where they are."""
        return cls(share / share.sum(), rgb, spaces.uniform_from_srgb(rgb), cells)

    def regions(self) -> "Colors":
        """Neighboring colors put together; the first step only, so it matters little where the borders are."""
        side = REGION_SIDE
        while True:
            place = np.floor(self.uniform / side + 0.5).astype(np.int64)
            place -= place.min(axis=0)
            key = (place[:, 0] * 1024 + place[:, 1]) * 1024 + place[:, 2]
            _, region = np.unique(key, return_inverse=True)
            share = np.bincount(region, weights=self.share)
            if len(share) <= REGIONS_MAX:
                break
            side *= 1.2
        return Colors(share, means(region, self.share, self.rgb), means(region, self.share, self.uniform))


def means(group: np.ndarray, weight: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The weighted mean row of each group. Equal channels stay equal: gray stays gray."""
    total = np.bincount(group, weights=weight)
    return np.stack([np.bincount(group, weights=weight * channel) / total for channel in rows.T], axis=1)

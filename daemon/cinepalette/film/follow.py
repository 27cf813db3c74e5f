"""Colors followed through time: the one that leads each moment, and the streams of the river."""

import numpy as np

from ..color import spaces

# The color that leads a sample is large and vivid; a larger one makes up for being less vivid by this power ...
SIZE_POWER = 0.55
# ... where a gray counts this much of a color with this chroma more (of about 40 in even coordinates).
GRAY, VIVID = 0.35, 30.0
# Nearly black says little, below this lightness.
BLACK, BLACK_COUNTS = 14.0, 0.45
# A change of color between neighbors costs up to this, so that the eye is not torn between two equal ones.
CHANGE, CHANGE_DISTANCE = 0.12, 25.0


def leading(swatch_rgb: np.ndarray, swatch_share: np.ndarray) -> np.ndarray:
    """The color that stands for each sample, (n, 3) uint8: one of its swatches, chosen and not averaged.

    `swatch_rgb` (n, swatches, 3), `swatch_share` (n, swatches). The whole sequence is chosen at once (Viterbi): a
    swatch is the better the larger and more vivid it is, and the nearer to those of the neighbors.
    """
    even = spaces.even_from_oklab(spaces.oklab_from_srgb(swatch_rgb))
    chroma = np.hypot(even[..., 1], even[..., 2])
    weight = swatch_share**SIZE_POWER * (GRAY + chroma / VIVID)
    weight *= np.where(even[..., 0] < BLACK, BLACK_COUNTS, 1.0)
    cost = np.where(swatch_share > 0, 1 - weight / np.maximum(weight.max(axis=1, keepdims=True), 1e-9), np.inf)
    before = np.zeros(cost.shape, np.int64)
    total = cost[0]
    for i in range(1, len(cost)):
        away = np.linalg.norm(even[i][:, None] - even[i - 1][None], axis=-1)
        ways = total[None] + CHANGE * np.minimum(away / CHANGE_DISTANCE, 1)
        before[i] = ways.argmin(axis=1)
        total = cost[i] + ways.min(axis=1)
    chosen = np.empty(len(cost), np.int64)
    chosen[-1] = int(total.argmin())
    for i in range(len(cost) - 1, 0, -1):
        chosen[i - 1] = before[i, chosen[i]]
    leaders: np.ndarray = swatch_rgb[np.arange(len(cost)), chosen]
    return leaders


def smoothed(rgb: np.ndarray, samples: float) -> np.ndarray:
    """Colors (n, 3) blended with their neighbors in OKLab, over about so many samples, uint8."""
    oklab = spaces.oklab_from_srgb(rgb)
    blended = spaces.srgb_from_oklab(blurred(oklab, samples)) if samples > 0 else rgb
    bytes_: np.ndarray = np.rint(blended).clip(0, 255).astype(np.uint8)
    return bytes_


def blurred(rows: np.ndarray, samples: float) -> np.ndarray:
    """Each column of (n, ...) with a Gaussian of that deviation; the ends count themselves again."""
    reach = max(1, int(3 * samples))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / samples) ** 2)
    kernel /= kernel.sum()
    flat = rows.reshape(len(rows), -1)
    padded = np.pad(flat, ((reach, reach), (0, 0)), mode="edge")
    result = np.stack([np.convolve(column, kernel, "valid") for column in padded.T], axis=1)
    return result.reshape(rows.shape)

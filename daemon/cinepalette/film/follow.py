"""Colors followed through time: the one that leads each moment, and the streams of the river."""

from dataclasses import dataclass

import numpy as np

from ..color import difference, spaces
from .record import Record

# The color that leads a sample is large and vivid; a larger one makes up for being less vivid by this power ...
SIZE_POWER = 0.55
# ... where a gray counts this much of a color with this chroma more (of about 40 in uniform coordinates).
GRAY, VIVID = 0.35, 30.0
# Nearly black says little, below this lightness.
BLACK, BLACK_COUNTS = 14.0, 0.45
# A change of color between neighbors costs up to this, so that the eye is not torn between two equal ones.
CHANGE, CHANGE_DISTANCE = 0.12, 25.0

# A stream thinner than this part of the river runs dry.
TRACE = 0.006
# How strongly the river is drawn back to its middle, over its length.
DRAWN_BACK = 6.0


def leading(swatch_rgb: np.ndarray, swatch_share: np.ndarray) -> np.ndarray:
    """The color that stands for each sample, (n, 3) uint8: one of its swatches, chosen and not averaged.

    `swatch_rgb` (n, swatches, 3), `swatch_share` (n, swatches). The whole sequence is chosen at once (Viterbi): a
    swatch is the better the larger and more vivid it is, and the nearer to those of the neighbors.
    """
    even = spaces.uniform_from_srgb(swatch_rgb)
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
    """Colors (n, 3) blended with their neighbors in OKLab, over about as many `samples`, uint8."""
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


@dataclass(frozen=True)
class Streams:
    """Colors followed through time, from the lowest stream of the river to the highest."""

    time_s: np.ndarray
    """(columns,) evenly spaced."""
    share: np.ndarray
    """(columns, streams); each row sums to 1."""
    rgb: np.ndarray
    """(columns, streams, 3) uint8: what the stream's colors are at that time."""
    name_rgb: np.ndarray
    """(streams, 3) uint8: the color of the film's palette that each stream is."""
    base: np.ndarray
    """(columns,): where the lowest stream begins, in parts of the river's width, about -0.5."""


def streams(record: Record, colors: np.ndarray, span_s: tuple[float, float], columns: int, blend_s: float) -> Streams:
    """The film's colors (count, 3), followed over a span of time; each column blends what is within about `blend_s`.

    A color of a sample belongs to the nearest of `colors`; a stream's own color at a time is the mean, in OKLab, of
    what belongs to it there, so that it changes as the film does. The streams lie from dark to light with like beside
    like, always in the same order, so that none crosses another.
    """
    oklab = spaces.oklab_from_srgb(record.color_rgb)
    even = spaces.uniform_from_oklab(oklab)
    own = spaces.uniform_from_srgb(colors)
    owner, count = record.owner(), len(colors)
    order = _in_line(own)
    stream = np.argsort(order)[difference.distances(even, own).argmin(axis=1)]
    part = np.zeros((len(record), count))
    np.add.at(part, (owner, stream), record.color_share)
    tint = np.zeros((len(record), count, 3))
    np.add.at(tint, (owner, stream), record.color_share[:, None] * oklab)

    time_s = np.linspace(*span_s, columns)
    weight = np.exp(-0.5 * ((time_s[:, None] - record.time_s[None]) / blend_s) ** 2) + 1e-300
    weight /= weight.sum(axis=1, keepdims=True)
    share = weight @ part
    mixed = (weight @ tint.reshape(len(record), -1)).reshape(columns, count, 3)
    known = share > TRACE
    plain = np.broadcast_to(spaces.oklab_from_srgb(colors)[order], mixed.shape)
    tone = np.where(known[..., None], mixed / np.maximum(share, 1e-12)[..., None], plain)
    share = np.maximum(share - TRACE, 0)
    share /= share.sum(axis=1, keepdims=True)
    rgb = np.rint(spaces.srgb_from_oklab(tone)).astype(np.uint8)
    return Streams(time_s, share, rgb, colors[order].astype(np.uint8), _base(share))


def _in_line(even: np.ndarray) -> np.ndarray:
    """The order of colors from the darkest to the lightest in which neighbors are most alike: the shortest path."""
    away = np.linalg.norm(even[:, None] - even[None], axis=-1)
    by_light = np.argsort(even[:, 0], kind="stable").tolist()
    path: list[int] = by_light
    better = True
    while better:
        better = False
        for i in range(1, len(path) - 1):
            for j in range(i + 1, len(path)):
                if j == len(path) - 1:
                    break
                turned = path[:i] + path[i : j + 1][::-1] + path[j + 1 :]
                if _length(turned, away) < _length(path, away) - 1e-9:
                    path, better = turned, True
    return np.array(path)


def _length(path: list[int], away: np.ndarray) -> float:
    return float(away[path[:-1], path[1:]].sum())


def _base(share: np.ndarray) -> np.ndarray:
    """Where the river's lower bank lies so that its streams run as straight as they can.

    Byron and Wattenberg, "Stacked graphs - geometry and aesthetics" (InfoVis 2008), the weighted wiggle; far from the
    middle it is drawn back, as a bed would.
    """
    slope = np.gradient(share, axis=0)
    below = np.cumsum(slope, axis=1) - slope / 2
    drift = -(share * below).sum(axis=1)
    base = np.empty(len(share))
    at = 0.0
    for i, step in enumerate(drift):
        at = (at + step) * (1 - DRAWN_BACK / len(share))
        base[i] = at
    base -= (base.max() + base.min()) / 2
    middle: np.ndarray = base - 0.5
    return middle

"""Which few colors stand for many: the choice behind every palette.

A set of swatches is judged as a whole, by how far the colors of a picture are from the nearest of them. Each color has
a vote for its area and a vote for being a color at all, vivid ones a louder one, so that neither five browns nor five
accents win. The set with the least sum is searched for by exchanging one swatch at a time. An accent that has no
swatch then takes the place of the swatch that is missed least. Nothing is random. The reasons for the numbers, and
what happens when they are changed, are in `daemon/docs/palette.md`.

Distances are those of `spaces.uniform_from_oklab`: about CIEDE2000.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..color import spaces
from .accents import accent_weights, compactness

# Colors nearer than this to each other are one region, for speed: wide enough for 150 of them, not thousands.
REGION_SIDE = 8.0
# A picture of noise would have thousands of regions; the side grows until there are no more than this.
REGIONS_MAX = 400

# This part of all votes goes to colors, the rest to areas.
COLOR_VOTE = 0.68
# Colors within about this distance share one color vote.
SAME_COLOR = 12.5
# A color with much less area than this has no color vote: film grain, ringing, a few stray pixels.
FAINT_SHARE = 0.0015
# A color vote is in proportion to chroma plus this: a color of chroma 8 has twice the vote of a gray.
GRAY_VOTE = 8.35
# Below this lightness (L* of about 14) colors turn into black, which people leave out of palettes ...
BLACK, BLACK_FADE = 14.0, 5.0
# ... so there a vote fades to this part.
BLACK_VOTE = 0.75

# A distance counts by this power: less than 1, so that a swatch pays that is right for some, not so-so for all.
DISTANCE_POWER = 0.65
# A color farther than this from all swatches is not served, however far: 16 for one swatch, 56 for five. Without the
# limit one swatch for a whole picture lies in the middle of its colors, where no pixel is.
SERVED_BASE, SERVED_SQUARE = 14.0, 1.7
# Swatches nearer than this look alike; a pair of them costs up to 1 (the sum is about 3 for a still with 5 swatches).
ALIKE = 8.0
# And this near one of them goes.
SAME = 5.0
# A candidate swatch is the mean of the votes around a region, within about this distance.
CANDIDATE_REACH = 5.5
# A better exchange than by this is worth making.
LEAST_GAIN = 1e-3
# Exchanges end by themselves, usually after two or three.
EXCHANGES_MAX = 30
# A swatch nearer than this to an accent stands for it.
STANDS_FOR = 12.0
# The sum may grow by this much for an accent of full weight, and by this much more for one that is in one piece. The
# second counts by the square of the weight: what is hardly an accent stays out, in one piece or not.
ACCENT_PRICE, COMPACT_PRICE = 0.4, 2.5
# A palette of three is of the picture itself.
ACCENTS_FROM = 4
# The chosen move toward the median of the colors they stand for, by this number of steps ...
SETTLING_STEPS = 2
# ... where nearer ones weigh more, 1 / (distance + this).
MEDIAN_CORE = 5.0
# A swatch with less than this part of its colors within about LONELY_REACH lies in a gap between them ...
LONELY, LONELY_REACH = 0.003, 5.0
# ... and one farther than this from every color of the picture is replaced by the nearest of them.
REAL_WITHIN = 3.0


@dataclass(frozen=True)
class Colors:
    """The colors of a picture and how much of it they fill."""

    share: np.ndarray
    """(count,) float64, above 0; they sum to 1."""
    rgb: np.ndarray
    """(count, 3) float64, sRGB 0-255."""
    uniform: np.ndarray
    """(count, 3) float64, where distances are measured: `spaces.uniform_from_oklab` of `rgb`."""
    cells: np.ndarray | None = None
    """(height, width) integers, which of the colors each pixel has, -1 for none; None for colors without a picture."""

    @classmethod
    def of(cls, share: np.ndarray, rgb: np.ndarray, cells: np.ndarray | None = None) -> "Colors":
        """Shares (of any sum), sRGB colors, and where they are."""
        return cls(share / share.sum(), rgb, spaces.uniform_from_oklab(spaces.oklab_from_srgb(rgb)), cells)


def swatch_colors(colors: Colors, n: int) -> np.ndarray:
    """At most n colors, (m, 3) float64 sRGB, that stand for all; fewer where more would look alike. In no order."""
    regions = _regions(colors)
    between = distances(regions.uniform, regions.uniform)
    votes = _votes(regions, between)
    settled = _settled(_chosen(colors, regions, votes, between, n), regions, votes, _served(n))
    settled = _out_of_gaps(settled, regions, between)
    nearest = distances(spaces.uniform_from_oklab(spaces.oklab_from_srgb(settled)), colors.uniform)
    real = np.argmin(nearest, axis=1)
    return np.where(nearest.min(axis=1, keepdims=True) > REAL_WITHIN, colors.rgb[real], settled)


def _out_of_gaps(settled: np.ndarray, regions: Colors, between: np.ndarray) -> np.ndarray:
    """The swatches, each that lies in a gap moved to the most frequent of the colors that it stands for."""
    away = distances(spaces.uniform_from_oklab(spaces.oklab_from_srgb(settled)), regions.uniform)
    near = np.exp(-((away / LONELY_REACH) ** 2)) @ regions.share
    stands_for = away.argmin(axis=0)
    density = np.exp(-((between / LONELY_REACH) ** 2)) @ regions.share
    moved = settled.copy()
    for swatch in range(len(settled)):
        own = np.flatnonzero(stands_for == swatch)
        if near[swatch] < LONELY * regions.share[own].sum():
            moved[swatch] = regions.rgb[own[density[own].argmax()]]
    return moved


def distances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Each row of `one` to each of `other`, float32 (len(one), len(other)).

    Summed channel by channel and not as a matrix product, which would round otherwise on each processor.
    """
    one, other = one.astype(np.float32), other.astype(np.float32)
    total = np.zeros((len(one), len(other)), np.float32)
    for channel in range(one.shape[1]):
        total += (one[:, channel, None] - other[None, :, channel]) ** 2
    return np.sqrt(total)


def _regions(colors: Colors) -> Colors:
    """Neighboring colors put together; the first step only, so it matters little where the borders are."""
    side = REGION_SIDE
    while True:
        place = np.floor(colors.uniform / side + 0.5).astype(np.int64)
        place -= place.min(axis=0)
        key = (place[:, 0] * 1024 + place[:, 1]) * 1024 + place[:, 2]
        _, region = np.unique(key, return_inverse=True)
        share = np.bincount(region, weights=colors.share)
        if len(share) <= REGIONS_MAX:
            break
        side *= 1.2
    return Colors(share, _means(region, colors.share, colors.rgb), _means(region, colors.share, colors.uniform))


def _means(group: np.ndarray, weight: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The weighted mean row of each group. Equal channels stay equal: gray stays gray."""
    total = np.bincount(group, weights=weight)
    return np.stack([np.bincount(group, weights=weight * channel) / total for channel in rows.T], axis=1)


@dataclass(frozen=True)
class _Votes:
    """(regions,) float32 each; each sums to 1 but for what black loses."""

    both: np.ndarray
    color: np.ndarray
    area: np.ndarray


def _served(n: int) -> float:
    """How far a color may be from its swatch in a palette of n."""
    return SERVED_BASE + SERVED_SQUARE * n**2


def _votes(regions: Colors, between: np.ndarray) -> _Votes:
    area = regions.share.astype(np.float32)
    around = np.exp(-((between / SAME_COLOR) ** 2)) @ area
    chroma = np.hypot(regions.uniform[:, 1], regions.uniform[:, 2]).astype(np.float32)
    color_votes = area / (around + FAINT_SHARE) * (GRAY_VOTE + chroma)
    color_votes /= color_votes.sum()
    black = np.clip((BLACK - regions.uniform[:, 0]) / BLACK_FADE, 0, 1).astype(np.float32)
    seen = 1 - (1 - BLACK_VOTE) * black
    return _Votes((COLOR_VOTE * color_votes + (1 - COLOR_VOTE) * area) * seen, color_votes, area)


def _chosen(colors: Colors, regions: Colors, votes: _Votes, between: np.ndarray, n: int) -> np.ndarray:
    """The best set of candidates, (m, 3) uniform: from three starts, the best that exchanging leads to."""
    pull = np.exp(-((between / CANDIDATE_REACH) ** 2)) * votes.both
    candidates = (pull @ regions.uniform.astype(np.float32)) / pull.sum(axis=1, keepdims=True)
    away = distances(candidates, regions.uniform)
    cost = np.minimum(away, np.float32(_served(n))) ** DISTANCE_POWER
    apart = distances(candidates, candidates)
    alike = np.clip(1 - apart / ALIKE, 0, 1)
    found = []
    for first_votes in (votes.both, votes.color, votes.area):
        start = _one_by_one(cost, alike, first_votes, min(n, len(candidates)))
        found.append(_exchanged(start, cost, alike, votes.both))
    _, best = min(found, key=lambda one: one[0])
    best = _worthwhile(best, cost, alike, apart, votes.both)
    if n >= ACCENTS_FROM:
        accents = accent_weights(regions.share, regions.uniform, between)

        def worth(accent: int) -> float:
            compact = compactness(regions.uniform[accent], colors.uniform, colors.cells)
            return float(accents[accent] * (ACCENT_PRICE + COMPACT_PRICE * compact * accents[accent]))

        best = _with_accents(best, n, accents, worth, away, cost, alike, votes.both)
    chosen: np.ndarray = candidates[best]
    return chosen


def _one_by_one(cost: np.ndarray, alike: np.ndarray, votes: np.ndarray, n: int) -> list[int]:
    """n candidates, each the best addition to those before it."""
    chosen: list[int] = []
    nearest = np.full(cost.shape[1], np.inf, np.float32)
    while len(chosen) < n:
        total = np.minimum(cost, nearest) @ votes + alike[:, chosen].sum(axis=1)
        total[chosen] = np.inf
        chosen.append(int(np.argmin(total)))
        nearest = np.minimum(nearest, cost[chosen[-1]])
    return chosen


def _exchanged(chosen: list[int], cost: np.ndarray, alike: np.ndarray, votes: np.ndarray) -> tuple[float, list[int]]:
    """(cost, set) after the best exchange of one for another, again and again until none helps.

    All exchanges are judged at once, by each region's nearest and second nearest swatch (the idea of FasterPAM:
    Schubert and Rousseeuw, "Fast and eager k-medoids clustering", Information Systems 101, 2021).
    """
    chosen = list(chosen)
    every = np.arange(cost.shape[1])
    for _ in range(EXCHANGES_MAX):
        own = cost[chosen]
        owner, nearest = own.argmin(axis=0), own.min(axis=0)
        own[owner, every] = np.inf
        second = own.min(axis=0)
        among = alike[np.ix_(chosen, chosen)]
        pairs = (among.sum() - len(chosen)) / 2  # each is alike to itself
        now = float(nearest @ votes + pairs)
        added = np.minimum(cost, nearest)
        owned = np.zeros((len(every), len(chosen)), np.float32)
        owned[every, owner] = votes
        to_each = alike[:, chosen]
        total = (added @ votes)[:, None] + (np.minimum(cost, second) - added) @ owned
        total += to_each.sum(axis=1)[:, None] - to_each + pairs - (among.sum(axis=0) - 1)
        total[chosen] = np.inf
        candidate, place = divmod(int(np.argmin(total)), len(chosen))
        if not total[candidate, place] < now - LEAST_GAIN:
            break
        chosen[place] = candidate
    return now, chosen


def _worthwhile(
    chosen: list[int], cost: np.ndarray, alike: np.ndarray, apart: np.ndarray, votes: np.ndarray
) -> list[int]:
    """The set without those that cost more than they explain, and of two that look the same the lesser one."""
    chosen = list(chosen)
    while len(chosen) > 1:
        now = cost[chosen].min(axis=0) @ votes
        losses = []
        for one in chosen:
            rest = [other for other in chosen if other != one]
            losses.append(cost[rest].min(axis=0) @ votes - now - alike[one, rest].sum())
        least = chosen[int(np.argmin(losses))]
        rest = [other for other in chosen if other != least]
        if min(losses) > 0 and apart[least, rest].min() >= SAME:
            break
        chosen = rest
    return chosen


def _with_accents(
    chosen: list[int],
    n: int,
    accents: np.ndarray,
    worth: Callable[[int], float],
    away: np.ndarray,
    cost: np.ndarray,
    alike: np.ndarray,
    votes: np.ndarray,
) -> list[int]:
    """The set with the accents that had no swatch, the clearest first, each for the swatch that is missed least.

    A swatch that stands for a clearer accent stays, and so does each that is missed more than `worth` of the accent.
    """
    for accent in np.argsort(-accents, kind="stable"):
        if accents[accent] <= 0:
            break
        if away[chosen, accent].min() <= STANDS_FOR:
            continue
        if len(chosen) < n:
            chosen = [*chosen, int(accent)]
            continue
        clearer = np.flatnonzero(accents > accents[accent])
        held = {chosen[int(away[chosen, one].argmin())] for one in clearer if away[chosen, one].min() <= STANDS_FOR}
        now = _sum(chosen, cost, alike, votes)
        others = [[int(accent) if one == given else one for one in chosen] for given in chosen if given not in held]
        prices = [_sum(other, cost, alike, votes) - now for other in others]
        if prices and min(prices) < worth(int(accent)):
            chosen = others[int(np.argmin(prices))]
    return chosen


def _sum(chosen: list[int], cost: np.ndarray, alike: np.ndarray, votes: np.ndarray) -> float:
    """What a set costs: the votes' distances, and its pairs that look alike."""
    pairs = np.triu(alike[np.ix_(chosen, chosen)], 1).sum()
    return float(cost[chosen].min(axis=0) @ votes + pairs)


def _settled(centers: np.ndarray, regions: Colors, votes: _Votes, served: float) -> np.ndarray:
    """The sRGB colors, (m, 3) float64, that the chosen come to rest at among those they stand for.

    Colors about as far away as `served` hardly count: a swatch is a color of the picture, and no mean of many.
    """
    weight = votes.both.astype(float)
    for _ in range(SETTLING_STEPS):
        between = distances(centers, regions.uniform)
        owner, nearest = between.argmin(axis=0), between.min(axis=0)
        pull = weight * np.exp(-((nearest / served) ** 2)) / (nearest + MEDIAN_CORE)
        pull += np.finfo(float).tiny
        kept = np.unique(owner)  # a swatch that stands for nothing is none
        owner = np.searchsorted(kept, owner)
        centers = _means(owner, pull, regions.uniform)
    return _means(owner, pull, regions.rgb)

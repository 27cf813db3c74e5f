"""Which few colors stand for many: the choice behind every palette.

A set of swatches is judged as a whole, by how far the colors of a picture are from the nearest of them. Each color has
a vote for its area and a vote for being a color at all, vivid ones a louder one, so that neither five browns nor five
accents win. The set with the least sum is searched for by exchanging one swatch at a time. An accent that has no
swatch then takes the place of the swatch that is missed least. Nothing is random. The reasons for the numbers, and
what happens when they are changed, are in `daemon/docs/palette.md`.

Distances are those of `spaces.uniform_from_oklab`: about CIEDE2000.
"""

from dataclasses import dataclass

import numpy as np

from ..color import spaces
from ..color.difference import distances
from .accents import Accents
from .colors import Colors, means
from .rims import rims
from .sets import Candidates

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

# A color farther than this from all swatches is not served, however far: 16 for one swatch, 56 for five. Without the
# limit one swatch for a whole picture lies in the middle of its colors, where no pixel is.
SERVED_BASE, SERVED_SQUARE = 14.0, 1.7
# A candidate swatch is the mean of the votes around a region, within about this distance.
CANDIDATE_REACH = 5.5
# A swatch nearer than this to an accent stands for it.
STANDS_FOR = 12.0
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


def swatch_colors(colors: Colors, n: int) -> np.ndarray:
    """At most n colors, (m, 3) float64 sRGB, that stand for all, in no order.

    Fewer where more would look alike, or be nothing but the edges between others.
    """
    regions = colors.regions()
    between = distances(regions.uniform, regions.uniform)
    votes = _votes(regions, between)
    settled = _settled(_chosen(colors, regions, votes, between, n), regions, votes, _served(n))
    settled = _out_of_gaps(settled, regions, between)
    nearest = distances(spaces.uniform_from_srgb(settled), colors.uniform)
    real = np.argmin(nearest, axis=1)
    found = np.where(nearest.min(axis=1, keepdims=True) > REAL_WITHIN, colors.rgb[real], settled)
    kept: np.ndarray = found[~rims(found, colors)]
    return kept


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
    places = (pull @ regions.uniform.astype(np.float32)) / pull.sum(axis=1, keepdims=True)
    candidates = Candidates.of(places, regions.uniform, votes.both, _served(n))
    starts = [candidates.one_by_one(first, n) for first in (votes.both, votes.color, votes.area)]
    _, best = min((candidates.exchanged(start) for start in starts), key=lambda found: found[0])
    best = candidates.worthwhile(best)
    if n >= ACCENTS_FROM:
        best = _with_accents(best, n, candidates, Accents.of(regions, between, colors))
    chosen: np.ndarray = places[best]
    return chosen


def _with_accents(chosen: list[int], n: int, candidates: Candidates, accents: Accents) -> list[int]:
    """The set with the accents that had no swatch, the clearest first, each for the swatch that is missed least.

    A swatch that stands for a clearer accent stays, and so does each that is missed more than the accent is worth.
    """
    for accent in accents.clearest_first():
        near = candidates.away[chosen].argmin(axis=0)  # of the set, the nearest to each region
        stands_for = candidates.away[chosen].min(axis=0) <= STANDS_FOR
        if stands_for[accent]:
            continue
        if len(chosen) < n:
            chosen = [*chosen, accent]
            continue
        held = set(near[(accents.weight > accents.weight[accent]) & stands_for])
        now = candidates.total(chosen)
        others = [[*chosen[:place], accent, *chosen[place + 1 :]] for place in range(len(chosen)) if place not in held]
        prices = [candidates.total(other) - now for other in others]
        if prices and min(prices) < accents.worth(accent):
            chosen = others[int(np.argmin(prices))]
    return chosen


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
        centers = means(owner, pull, regions.uniform)
    return means(owner, pull, regions.rgb)


def _out_of_gaps(settled: np.ndarray, regions: Colors, between: np.ndarray) -> np.ndarray:
    """The swatches, each that lies in a gap moved to the most frequent of the colors that it stands for."""
    away = distances(spaces.uniform_from_srgb(settled), regions.uniform)
    near = np.exp(-((away / LONELY_REACH) ** 2)) @ regions.share
    stands_for = away.argmin(axis=0)
    density = np.exp(-((between / LONELY_REACH) ** 2)) @ regions.share
    moved = settled.copy()
    for swatch in range(len(settled)):
        own = np.flatnonzero(stands_for == swatch)
        if near[swatch] < LONELY * regions.share[own].sum():
            moved[swatch] = regions.rgb[own[density[own].argmax()]]
    return moved

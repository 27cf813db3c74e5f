"""Sets of swatches: what each costs, and the search for one that costs little.

A set costs the distances of all colors to the nearest of its swatches, by the colors' votes, and its pairs that look
alike. This is a facility location (k-medoids) problem; nothing in the search is random.
"""

from dataclasses import dataclass

import numpy as np

from ..color import difference

# A distance counts by this power: less than 1, so that a swatch pays that is right for some, not so-so for all.
DISTANCE_POWER = 0.65
# Swatches nearer than this look alike; a pair of them costs up to 1 (the sum is about 3 for a still with 5 swatches).
ALIKE = 8.0
# And this near one of them goes.
SAME = 5.0
# A better exchange than by this is worth making.
LEAST_GAIN = 1e-3
# Exchanges end by themselves, usually after two or three.
EXCHANGES_MAX = 30


@dataclass(frozen=True)
class Candidates:
    """The colors that may become swatches, and what they would cost; a set is a list of their numbers."""

    uniform: np.ndarray
    """(count, 3) float32, their places."""
    away: np.ndarray
    """(count, regions) float32, how far each region is from each."""
    votes: np.ndarray
    """(regions,) float32, what each region has to say."""
    cost: np.ndarray
    """(count, regions) float32, what a vote of each region costs where this is its swatch."""
    apart: np.ndarray
    """(count, count) float32, how far they are from each other."""
    alike: np.ndarray
    """(count, count) float32, what a pair costs, 0 to 1."""

    @classmethod
    def of(cls, uniform: np.ndarray, regions: np.ndarray, votes: np.ndarray, served: float) -> "Candidates":
        """Of their places and those of the regions; a region farther than `served` costs no more for being farther."""
        away = difference.distances(uniform, regions)
        cost = np.minimum(away, np.float32(served)) ** DISTANCE_POWER
        apart = difference.distances(uniform, uniform)
        return cls(uniform, away, votes, cost, apart, np.clip(1 - apart / ALIKE, 0, 1))

    def total(self, chosen: list[int]) -> float:
        """What a set costs."""
        pairs = np.triu(self.alike[np.ix_(chosen, chosen)], 1).sum()
        return float(self.cost[chosen].min(axis=0) @ self.votes + pairs)

    def one_by_one(self, votes: np.ndarray, n: int) -> list[int]:
        """n candidates at most, each the best addition to those before it, by votes of any kind."""
        chosen: list[int] = []
        nearest = np.full(self.cost.shape[1], np.inf, np.float32)
        while len(chosen) < min(n, len(self.uniform)):
            total = np.minimum(self.cost, nearest) @ votes + self.alike[:, chosen].sum(axis=1)
            total[chosen] = np.inf
            chosen.append(int(np.argmin(total)))
            nearest = np.minimum(nearest, self.cost[chosen[-1]])
        return chosen

    def exchanged(self, chosen: list[int]) -> tuple[float, list[int]]:
        """(cost, set) after the best exchange of one for another, again and again until none helps.

        All exchanges are judged at once, by each region's nearest and second nearest swatch (the idea of FasterPAM:
        Schubert and Rousseeuw, "Fast and eager k-medoids clustering", Information Systems 101, 2021).
        """
        chosen = list(chosen)
        every = np.arange(self.cost.shape[1])
        for _ in range(EXCHANGES_MAX):
            own = self.cost[chosen]
            owner, nearest = own.argmin(axis=0), own.min(axis=0)
            own[owner, every] = np.inf
            second = own.min(axis=0)
            among = self.alike[np.ix_(chosen, chosen)]
            pairs = (among.sum() - len(chosen)) / 2  # each is alike to itself
            now = float(nearest @ self.votes + pairs)
            added = np.minimum(self.cost, nearest)
            owned = np.zeros((len(every), len(chosen)), np.float32)
            owned[every, owner] = self.votes
            to_each = self.alike[:, chosen]
            total = (added @ self.votes)[:, None] + (np.minimum(self.cost, second) - added) @ owned
            total += to_each.sum(axis=1)[:, None] - to_each + pairs - (among.sum(axis=0) - 1)
            total[chosen] = np.inf
            candidate, place = divmod(int(np.argmin(total)), len(chosen))
            if not total[candidate, place] < now - LEAST_GAIN:
                break
            chosen[place] = candidate
        return now, chosen

    def worthwhile(self, chosen: list[int]) -> list[int]:
        """The set without those that cost more than they explain, and of two that look the same the lesser one."""
        chosen = list(chosen)
        while len(chosen) > 1:
            now = self.cost[chosen].min(axis=0) @ self.votes
            losses = []
            for one in chosen:
                rest = [other for other in chosen if other != one]
                losses.append(self.cost[rest].min(axis=0) @ self.votes - now - self.alike[one, rest].sum())
            least = chosen[int(np.argmin(losses))]
            rest = [other for other in chosen if other != least]
            if min(losses) > 0 and self.apart[least, rest].min() >= SAME:
                break
            chosen = rest
        return chosen

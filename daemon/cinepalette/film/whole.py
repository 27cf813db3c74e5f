"""What the samples say together: the film's palette with the moments that carry each color, and what is no film yet.

The anchor is Kim and Choi, "Automatic color scheme extraction from movies" (ICMR 2020): a film's scheme is found from
the colors of its frames at once, and not as an average of averages.
"""

from dataclasses import dataclass

import numpy as np

from ..color import difference, spaces
from ..model import Palette, Swatch
from ..palette import extraction
from .record import Record

# Colors are pooled over the film in cells of this many levels, each as the mean of its colors.
_LEVELS = 8

# A sample is black where nearly all of it is below this lightness (uniform coordinates, 0-87).
_DARK, _BLACK_PART = 16.0, 0.985
# Credits: mostly black, and what is not is letters without much color.
_CREDITS_PART, _CREDITS_CHROMA = 0.72, 9.0
# Credits roll at least so long, and so much of their samples may be a picture between two cards.
_CREDITS_S, _CREDITS_OTHERS = 20.0, 0.12
# They begin in the last part of the film.
_CREDITS_FROM = 0.75


LeftOut = tuple[str, float, float]
"""What is no film yet (black or credits), from, to, in seconds."""


@dataclass(frozen=True)
class Carried:
    """A color of the film's palette and where it is carried."""

    swatch: Swatch
    moments_s: tuple[float, ...]
    """Of the samples that show most of it, the strongest first."""


@dataclass(frozen=True)
class Kept:
    """Which samples are film, and what was left out."""

    mask: np.ndarray
    """(n,) bool."""
    span_s: tuple[float, float]
    """From where to where the film goes."""
    left_out: tuple[LeftOut, ...]


def palette(record: Record, n: int) -> Palette:
    """The film's palette, dark to light: of all colors of all samples at once, each sample counting the same."""
    return extraction.of_colors(*_pooled(record), n)


def palette_between(record: Record, start_s: float, end_s: float, n: int) -> Palette:
    """The palette of a part of the film: of the sample nearest to its middle where none lies in it."""
    inside = (record.time_s >= start_s) & (record.time_s < end_s)
    if not inside.any():
        inside[int(np.abs(record.time_s - (start_s + end_s) / 2).argmin())] = True
    return palette(record.only(inside), n)


def shares(record: Record, colors: np.ndarray) -> np.ndarray:
    """(samples, colors): the part of each sample that is nearest to each color; `colors` (count, 3) sRGB."""
    nearest = difference.distances(spaces.uniform_from_srgb(record.color_rgb), spaces.uniform_from_srgb(colors)).argmin(
        axis=1
    )
    total = np.zeros((len(record), len(colors)))
    np.add.at(total, (record.owner(), nearest), record.color_share)
    return total


def carried(record: Record, film_palette: Palette, moments: int = 5) -> tuple[Carried, ...]:
    """For each color of the film's palette the moments that show most of it, apart from each other."""
    colors = np.array([swatch.rgb for swatch in film_palette]).reshape(-1, 3)
    part = shares(record, colors)
    apart_s = record.facts.duration_s / (4 * moments)
    found = []
    for number, swatch in enumerate(film_palette):
        chosen: list[float] = []
        for i in np.argsort(-part[:, number], kind="stable"):
            at_s = float(record.time_s[i])
            if part[i, number] <= 0 or len(chosen) == moments:
                break
            if all(abs(at_s - other) >= apart_s for other in chosen):
                chosen.append(at_s)
        found.append(Carried(swatch, tuple(chosen)))
    return tuple(found)


def film_only(record: Record) -> Kept:
    """The samples without the black before and after the film and without its closing credits."""
    even = spaces.uniform_from_srgb(record.color_rgb)
    owner, count = record.owner(), len(record)
    dark = even[:, 0] < _DARK
    black = np.bincount(owner, record.color_share * dark, count) >= _BLACK_PART
    dark_part = np.bincount(owner, record.color_share * dark, count)
    chroma = np.hypot(even[:, 1], even[:, 2]) * ~dark * record.color_share
    letters = np.bincount(owner, chroma, count) / np.maximum(1 - dark_part, 1e-6)
    credits_like = black | ((dark_part >= _CREDITS_PART) & (letters < _CREDITS_CHROMA))

    mask = np.ones(count, bool)
    everything = Kept(mask, (0.0, record.facts.duration_s), ())
    left_out: list[LeftOut] = []
    first = _first_other(black)
    last = count - _first_other(black[::-1])
    if first >= count:  # a film of nothing but black is drawn as it is
        return everything
    if first:
        left_out.append(("black", 0.0, float(record.time_s[first])))
    begin = _credits(credits_like, record.time_s, record.facts.duration_s)
    if begin is not None:
        left_out.append(("credits", float(record.time_s[begin]), record.facts.duration_s))
        last = begin
    elif last < count:
        left_out.append(("black", float(record.time_s[last - 1]), record.facts.duration_s))
    if first >= last:
        return everything
    mask[:first] = mask[last:] = False
    start_s = float(record.time_s[first - 1 : first + 1].mean()) if first else 0.0
    end_s = float(record.time_s[last - 1 : last + 1].mean()) if last < count else record.facts.duration_s
    return Kept(mask, (start_s, end_s), tuple(left_out))


def _credits(alike: np.ndarray, time_s: np.ndarray, duration_s: float) -> int | None:
    """The sample at which the closing credits begin; None where there are none."""
    counted = np.arange(1, len(alike) + 1)
    others = np.divide(np.cumsum(~alike[::-1]), counted)
    reached = np.flatnonzero((others <= _CREDITS_OTHERS) & alike[::-1])
    if not len(reached) or others[0] > 0:
        return None
    begin = len(alike) - 1 - int(reached[-1])
    long_enough = duration_s - time_s[begin] >= _CREDITS_S
    return begin if long_enough and time_s[begin] >= _CREDITS_FROM * duration_s else None


def _first_other(these: np.ndarray) -> int:
    """How many true ones there are at the beginning."""
    others = np.flatnonzero(~these)
    return int(others[0]) if len(others) else len(these)


def _pooled(record: Record) -> tuple[np.ndarray, np.ndarray]:
    """(shares (count,), colors (count, 3)) of the whole film, those of one cell as their mean."""
    cell = (record.color_rgb.astype(np.int64) // _LEVELS) @ np.array([1 << 16, 1 << 8, 1])
    _, place = np.unique(cell, return_inverse=True)
    share: np.ndarray = np.bincount(place, weights=record.color_share)
    rgb = np.stack([np.bincount(place, weights=record.color_share * one) for one in record.color_rgb.T], axis=1)
    return share, rgb / share[:, None]

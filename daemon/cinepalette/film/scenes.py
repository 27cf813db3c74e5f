"""Where the film is cut: found on its key frames, and between two that differ frame by frame.

Most encoders put a key frame at a cut, so that only few stretches of a film are decoded in whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..model import Progress
from .frames import FilmFile, opened
from .sampling import Crew

if TYPE_CHECKING:
    import av

# The fields (columns, rows) in which a frame is looked at, and the pixels whose colors count.
_FIELDS = (16, 9)
_LOOK_PX = 9_000
# Bins of the histogram for Y', C_B and C_R.
_BINS = (12, 8, 8)
# A difference of frames is of 0 to 1; from this one on the frames may be of two scenes, above that one they are.
_PERHAPS, _SURELY = 0.17, 0.42
# Key frames that stand by habit are to differ this many times more than is usual, over this many to each side.
_TIMES_USUAL, _AROUND = 2.2, 10
# A cut between neighboring frames is sharper than anything that moves.
_SHARP, _TIMES_SHARPER = 0.12, 4.0
# Scenes are at least so long.
_SHORTEST_S = 0.35
# Key frames at about the encoder's own distance, within this part of it, stand there by habit and not for a cut.
_REGULAR = 0.04
_KEYS_A_TASK = 24


@dataclass(frozen=True)
class Look:
    """A frame, as much of it as distinguishes scenes."""

    time_s: float
    fields: np.ndarray
    """(rows, columns, 3) float32: mean Y'CbCr."""
    histogram: np.ndarray
    """(bins,) float32, sums to 1."""


@dataclass(frozen=True)
class _Stretch:
    """From one key frame to the next."""

    start_s: float
    end_s: float
    difference: float


def scenes(path: Path, crew: Crew, progress: Progress | None = None) -> list[tuple[float, float]]:
    """The scenes of a film, (from, to) in seconds; one for a film without cuts. Raises `UnreadableFilm`."""
    with opened(path) as film:
        duration_s, keys_s = film.duration_s(), np.sort(film.key_times())
    if len(keys_s) < 2:
        with opened(path) as film:
            cuts = _sharp([_look(film, at_s, frame) for at_s, frame in film.stretch(0.0, np.inf)], 0.0)
    else:
        cuts = _by_keys(path, keys_s, crew, progress)
    kept: list[float] = []
    for cut in sorted(cuts):
        if _SHORTEST_S <= cut <= duration_s - _SHORTEST_S and (not kept or cut - kept[-1] >= _SHORTEST_S):
            kept.append(cut)
    edges = [0.0, *kept, duration_s]
    return list(pairwise(edges))


def difference(one: Look, other: Look) -> float:
    """How much two frames differ, 0 to 1: half by what colors there are, half by where."""
    colors = float(np.abs(one.histogram - other.histogram).sum()) / 2
    places = float(np.abs(one.fields - other.fields).mean()) / 255
    return 0.5 * colors + 0.5 * min(1.0, 4 * places)


def _by_keys(path: Path, keys_s: np.ndarray, crew: Crew, progress: Progress | None) -> list[float]:
    found: dict[float, Look] = {}
    parts = [part.tolist() for part in np.array_split(keys_s, max(1, len(keys_s) // _KEYS_A_TASK))]
    done = 0
    for looks in crew.each(_key_looks, path, parts):
        found |= {look.time_s: look for look in looks}
        done += _KEYS_A_TASK
        if progress:
            progress(min(done, len(keys_s) - 1), len(keys_s))
    looks = [found[at_s] for at_s in sorted(found)]
    habit = _habit(np.array([look.time_s for look in looks]))
    cuts, searched = [], []
    for stretch, usual in _stretches(looks):
        by_habit = abs(stretch.end_s - stretch.start_s - habit) <= _REGULAR * habit
        if not by_habit and stretch.difference >= _PERHAPS:
            cuts.append(stretch.end_s)
        elif by_habit and stretch.difference >= max(_PERHAPS, min(_SURELY, _TIMES_USUAL * usual)):
            searched.append(stretch)
    for sharp in crew.each(_cuts_within, path, searched):
        cuts += sharp
    if progress:
        progress(len(keys_s), len(keys_s))
    return cuts


def _habit(times_s: np.ndarray) -> float:
    """The distance at which the encoder sets key frames where nothing happens: the most common one; 0 for none."""
    between = np.diff(times_s)
    if not len(between):
        return 0.0
    longest = float(between.max())
    # What is shorter than the longest distance was set for a cut, where there is such a rule at all.
    return longest if (between > (1 - _REGULAR) * longest).mean() > 0.05 else 0.0


def _stretches(looks: Sequence[Look]) -> Iterable[tuple[_Stretch, float]]:
    """From each key frame to the next, and what difference is usual around there."""
    away = np.array([difference(one, other) for one, other in pairwise(looks)])
    for i, value in enumerate(away):
        around = np.delete(away[max(0, i - _AROUND) : i + _AROUND + 1], min(i, _AROUND))
        usual = float(np.median(around)) if len(around) else 0.0
        yield _Stretch(looks[i].time_s, looks[i + 1].time_s, float(value)), usual


def _sharp(looks: Sequence[Look], whole: float) -> list[float]:
    """The cuts among neighboring frames; where there is none, but the ends surely differ, the middle of the change."""
    away = np.array([difference(one, other) for one, other in pairwise(looks)])
    if not len(away):
        return []
    least = max(_SHARP, _TIMES_SHARPER * float(np.median(away)))
    found = [looks[i + 1].time_s for i, value in enumerate(away) if value >= least]
    if found or whole < _SURELY:
        return found
    from_start = np.array([difference(looks[0], look) for look in looks])
    return [looks[int(np.abs(from_start - from_start[-1] / 2).argmin())].time_s]


def _key_looks(film: FilmFile, keys_s: list[float]) -> list[Look]:
    return [_look(film, at_s, frame) for at_s, frame in film.key_frames(keys_s)]


def _cuts_within(film: FilmFile, stretch: _Stretch) -> list[float]:
    looks = [_look(film, at_s, frame) for at_s, frame in film.stretch(stretch.start_s, stretch.end_s)]
    return _sharp(looks, stretch.difference)


def _look(film: FilmFile, time_s: float, frame: "av.VideoFrame") -> Look:
    codes = film.codes(frame, _LOOK_PX)
    fields = cv2.resize(codes, _FIELDS, interpolation=cv2.INTER_AREA).astype(np.float32)
    place = np.zeros(codes.shape[:2], np.int32)
    for channel, bins in enumerate(_BINS):
        # Color differences of film lie within half of their range.
        plane = codes[..., channel].astype(np.int32)
        level = plane if channel == 0 else np.clip((plane - 64) * 2, 0, 255)
        place = place * bins + level * bins // 256
    histogram = np.bincount(place.ravel(), minlength=int(np.prod(_BINS))).astype(np.float32)
    return Look(time_s, fields, histogram / histogram.sum())

"""How loud a film is through time, and the record of it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import UnreadableFilm, UnreadableImage
from ..picture import decoding
from ..picture.writing import write_whole
from ..session import films
from .frames import said

# Values kept for each second.
RATE = 10
# Quieter than this is silence, in dB below full scale.
FLOOR_DB = -60.0


def loudness(path: Path, folder: Path, progress: Callable[[int, int], None] | None = None) -> np.ndarray | None:
    """The sound's level in dB of full scale (RMS of all channels), `RATE` values a second; None without sound.

    Kept in the folder by the film's content. Raises `UnreadableFilm`.
    """
    kept = folder / f"{films.fingerprint(path)}-sound.npy"
    try:
        found = np.load(kept, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        found = _decoded(path, progress)
        if progress:
            progress(1, 1)
        write_whole(kept, _npy(found))
    return found if len(found) else None


def at(level_db: np.ndarray, edges_s: np.ndarray) -> np.ndarray:
    """The loudness between neighbors of (n + 1,) moments, 0 for silence to 1 for the loudest part: (n,)."""
    power = 10 ** (level_db / 10)
    total = np.concatenate([[0.0], np.cumsum(power)])
    place = np.clip(edges_s * RATE, 0, len(power))
    span = np.maximum(np.diff(place), 1e-6)
    mean = np.diff(np.interp(place, np.arange(len(total)), total)) / span
    level = 10 * np.log10(np.maximum(mean, 1e-12))
    loudest = float(level.max(initial=FLOOR_DB + 1))
    height: np.ndarray = np.clip((level - FLOOR_DB) / max(1.0, loudest - FLOOR_DB), 0, 1)
    return height


def _decoded(path: Path, progress: Callable[[int, int], None] | None) -> np.ndarray:
    import av

    try:
        with decoding.container_of(path) as container:
            if not container.streams.audio:
                return np.zeros(0, np.float32)
            stream = container.streams.audio[0]
            length_s = float((container.duration or 0) / 1e6)
            # FFmpeg's own mixer makes one channel of floats at a rate that is quick to sum.
            mono = av.AudioResampler(format="flt", layout="mono", rate=8000)
            rest = np.zeros(0, np.float32)
            block = 8000 // RATE
            levels: list[np.ndarray] = []
            reported = 0
            for frame in container.decode(stream):
                for part in mono.resample(frame):
                    rest = np.concatenate([rest, part.to_ndarray().reshape(-1)])
                whole = len(rest) // block * block
                if whole >= 100 * block:
                    levels.append(_level(rest[:whole].reshape(-1, block)))
                    rest = rest[whole:]
                    reported += len(levels[-1])
                    if progress and length_s:
                        progress(min(round(reported / RATE), round(length_s) - 1), round(length_s))
            whole = len(rest) // block * block
            levels.append(_level(rest[:whole].reshape(-1, block)))
            return np.concatenate(levels).astype(np.float32)
    except UnreadableImage as error:
        raise UnreadableFilm(path, error.reason) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise UnreadableFilm(path, f"has sound that cannot be decoded: {said(error)}") from error


def _level(blocks: np.ndarray) -> np.ndarray:
    level: np.ndarray = 10 * np.log10(np.maximum((blocks.astype(float) ** 2).mean(axis=1), 1e-12))
    return level


def _npy(array: np.ndarray) -> bytes:
    import io

    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()

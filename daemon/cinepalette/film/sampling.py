"""A film to its record: evenly spread moments, a process a core, each decoding its own part."""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import cv2
import numpy as np

from .. import __version__
from ..errors import UnreadableFilm
from ..model import Box, Progress
from ..picture import letterbox
from ..session import films
from . import measure, record
from .frames import FilmFile, opened
from .record import Facts, Record, Sample, Sampling, Way

if TYPE_CHECKING:
    from multiprocessing.synchronize import Event

log = logging.getLogger(__name__)

Part = TypeVar("Part")
Result = TypeVar("Result")

# The parts of work from which on processes are worth their start, a second.
_PARTS_FOR_CREW = 7
# Moments that are handed to a process at a time: progress is seen, and an interruption is quick.
_MOMENTS_A_TASK = 12
# Frames in which bars are looked for first; each frame is then judged with what they say.
_FRAMES_FOR_BARS = 12
# Key frames take the place of the very moments where there are this many of them for a moment.
_KEYS_A_MOMENT = 0.5


@dataclass(frozen=True)
class Task:
    """A part of a film for one process."""

    moments_s: tuple[float, ...]
    exact: bool
    swatches: int
    bars: tuple[Box, ...]


class Crew:
    """The processes that sample, as many as there are cores; they start when first needed and go from film to film.

    Leaving it leaves no process behind, also after Ctrl+C.
    """

    def __init__(self, jobs: int | None = None) -> None:
        self.jobs = jobs or _cores()
        self._executor: ProcessPoolExecutor | None = None
        self._stop_all: Event | None = None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None and self._stop_all is not None:
            self._stop_all.set()
            self._executor.shutdown(cancel_futures=True)
            self._executor = None

    def each(
        self, work: Callable[[FilmFile, Part], Result], path: Path, parts: Sequence[Part], *, alone: bool = False
    ) -> Iterator[Result]:
        """What `work` makes of each part of a film, as it is done; the film is open in each process.

        `alone` keeps it in this process and in order.
        """
        executor = None if alone or self.jobs == 1 or len(parts) < _PARTS_FOR_CREW else self._started()
        if executor is None:
            with opened(path) as film:
                for part in parts:
                    yield work(film, part)
            return
        with _uninterrupted():
            waiting = [executor.submit(_work, work, path, part) for part in parts]
        for future in as_completed(waiting):
            yield future.result()

    def _started(self) -> ProcessPoolExecutor | None:
        """The processes; None where the system shares nothing between them, as with a /dev/shm that takes no file."""
        if self._executor is None:
            context = multiprocessing.get_context("spawn")
            try:
                self._stop_all = context.Event()
                self._executor = ProcessPoolExecutor(self.jobs, context, initializer=_begin, initargs=(self._stop_all,))
            except OSError as error:
                log.warning("one core samples, as processes can share nothing here (%s)", error.strerror or error)
                self.jobs = 1
        return self._executor


def sampled(path: Path, sampling: Sampling, crew: Crew, progress: Progress | None = None) -> Record:
    """The record of a film file; raises `UnreadableFilm`, or OSError where there is no file."""
    key = films.fingerprint(path)
    with opened(path) as film:
        duration_s = film.duration_s()
        if duration_s <= 0:
            raise UnreadableFilm(
                path, "states neither its length nor the times of its frames; a copy by ffmpeg -c copy does"
            )
        keys_s = film.key_times()
        moments_s, way = plan(duration_s, sampling, keys_s)
        bars = _bars(film, duration_s)
        codec, size, title = film.codec, film.size, films.title_of(path, film.title)
    samples, failed = _taken(path, moments_s, way, sampling, bars, len(keys_s), crew, progress)
    if way == "key frames" and len(samples) < _KEYS_A_MOMENT * len(moments_s):
        moments_s, way = _spread(duration_s, sampling.samples), "exact"
        samples, failed = _taken(path, moments_s, way, sampling, bars, len(keys_s), crew, progress)
    if not samples:
        raise UnreadableFilm(path, "has no picture that can be decoded")
    conversion = tuple(dict.fromkeys(step for sample in samples for step in sample.conversion))
    facts = Facts(
        title=title,
        key=key,
        duration_s=duration_s,
        width=size[0],
        height=size[1],
        codec=codec,
        sampling=sampling,
        way=way,
        conversion=conversion,
        program=f"cinepalette {__version__}",
        # An exact moment may show the frame of the one before it; a key frame that is missing was not decoded.
        failed=failed if way == "key frames" else 0,
    )
    return record.of(facts, samples)


def plan(duration_s: float, sampling: Sampling, keys_s: np.ndarray) -> tuple[np.ndarray, Way]:
    """The moments to look at, in seconds, and how: key frames where there are enough, else the very moments.

    `keys_s` are the key frames that the index knows. Without an index seeking will find them or not.
    """
    moments_s = _spread(duration_s, sampling.samples)
    if sampling.exact or len(keys_s) == 1:
        return moments_s, "exact"
    if not len(keys_s):
        return moments_s, "key frames"
    keys_s = np.sort(keys_s)
    after = np.searchsorted(keys_s, moments_s).clip(1, len(keys_s) - 1)
    earlier = moments_s - keys_s[after - 1] <= keys_s[after] - moments_s
    nearest = np.unique(np.where(earlier, after - 1, after))
    if len(nearest) < _KEYS_A_MOMENT * len(moments_s):
        return moments_s, "exact"
    return keys_s[nearest], "key frames"


def _spread(duration_s: float, count: int) -> np.ndarray:
    """The middles of equal parts of a film."""
    moments: np.ndarray = (np.arange(count) + 0.5) / count * duration_s
    return moments


def _bars(film: FilmFile, duration_s: float) -> tuple[Box, ...]:
    """The boxes that some frames of the film have, as far as their own edges say so."""
    found: list[Box] = []
    for moment_s in _spread(duration_s, _FRAMES_FOR_BARS):
        frame = film.key_frame(float(moment_s))
        if frame is not None:
            box = letterbox.picture_box(film.true(frame[1])[0], found)
            found += [] if box is None else [box]
    return tuple(found)


def _taken(
    path: Path,
    moments_s: np.ndarray,
    way: Way,
    sampling: Sampling,
    bars: tuple[Box, ...],
    keys: int,
    crew: Crew,
    progress: Progress | None,
) -> tuple[list[Sample], int]:
    """The samples of all moments, each frame once, and how many moments gave none."""
    exact = way == "exact"
    parts = max(1, len(moments_s) // _MOMENTS_A_TASK)
    # With few key frames each process would decode all that lies before its part.
    alone = exact and keys < 2 * crew.jobs
    tasks = [Task(tuple(part.tolist()), exact, sampling.swatches, bars) for part in np.array_split(moments_s, parts)]
    found: dict[float, Sample] = {}
    done = given = 0
    for samples in crew.each(_samples, path, tasks, alone=alone):
        found |= {sample.time_s: sample for sample in samples}
        given += len(samples)
        done += _MOMENTS_A_TASK
        if progress:
            progress(min(done, len(moments_s) - 1), len(moments_s))
    if progress:
        progress(len(moments_s), len(moments_s))
    return list(found.values()), len(moments_s) - given


_stop: "Event | None" = None
_film: tuple[Path, ExitStack, FilmFile] | None = None
"""What a process keeps between its tasks; each process has its own, and one thread."""


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl+C waits; the processes that are started meanwhile never hear of it, not even before they could ignore it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    # What is blocked here is blocked in them; here other threads may still hear of it.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if os.name == "posix" else None
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if heard:
        signal.raise_signal(signal.SIGINT)


def _begin(stop: "Event") -> None:
    """A process begins: Ctrl+C is the parent's business, and it does not outlive its parent."""
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _work(work: Callable[[FilmFile, Part], Result], path: Path, part: Part) -> Result:
    """One part of a film; the film stays open for the next."""
    global _film
    if _film is None or _film[0] != path:
        if _film is not None:
            _film[1].close()
        stack = ExitStack()
        _film = path, stack, stack.enter_context(opened(path))
    return work(_film[2], part)


def _samples(film: FilmFile, task: Task) -> list[Sample]:
    """The samples of a task's moments; none for a moment that cannot be decoded."""
    found = []
    for at_s, frame in film.frames(task.moments_s) if task.exact else film.key_frames(task.moments_s):
        rgb, conversion = film.true(frame)
        found.append(measure.sample(rgb, at_s, task.swatches, task.bars, conversion))
        if _stop is not None and _stop.is_set():
            break
    return found


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

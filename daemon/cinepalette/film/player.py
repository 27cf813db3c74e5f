"""Samples by VLC's own library, for what FFmpeg cannot open but VLC can: discs and odd streams. Slower by far.

libVLC decodes to memory, as Y'CbCr at the size that a palette needs; it does not report the video's matrix or transfer,
so these are decided as for video without tags.
"""

import ctypes
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np

from .. import __version__
from ..errors import UnreadableFilm
from ..model import Progress, Video
from ..picture import truth, wording
from ..session import films
from . import measure, record
from .record import Facts, Record, Sample, Sampling

log = logging.getLogger(__name__)

_OPTIONS = ("--no-audio", "--no-spu", "--no-osd", "--quiet", "--avcodec-hw=none", "--no-video-title-show")
# What libVLC scales every frame to, (width, height): a palette needs no more, and no true shape.
_SIZE = (480, 270)
# Beginning to play, and a jump, take at most so long; a film that takes longer is none.
_PLAY_WAIT_S, _JUMP_WAIT_S = 15.0, 4.0
_LOOK_S = 0.02
# A jump lands within this of its moment, and some frames from before it are still shown.
_NEAR_S, _STALE_FRAMES = 3.0, 2

_HEAD_BYTES = 4096


class _Screen:
    """Where libVLC draws: three planes in memory, the newest frame in them."""

    def __init__(self, vlc: ModuleType) -> None:
        width, height = _SIZE
        self._planes = [np.zeros((height, width), np.uint8) for _ in range(3)]
        self._shown = 0
        # Guards the count of frames; the planes are libVLC's between lock and display.
        self._changed = threading.Condition()

        def lock(_opaque: object, planes: "ctypes._Pointer[ctypes.c_void_p]") -> None:
            for number, plane in enumerate(self._planes):
                planes[number] = plane.ctypes.data

        def display(_opaque: object, _picture: object) -> None:
            with self._changed:
                self._shown += 1
                self._changed.notify_all()

        # Kept, or they would be collected while libVLC calls them.
        self._lock = vlc.CallbackDecorators.VideoLockCb(lock)
        self._unlock = vlc.CallbackDecorators.VideoUnlockCb(lambda _opaque, _picture, _planes: None)
        self._display = vlc.CallbackDecorators.VideoDisplayCb(display)

    def give_to(self, vlc: ModuleType, player: Any) -> None:
        """Has a player draw here."""
        width, height = _SIZE
        vlc.libvlc_video_set_callbacks(player, self._lock, self._unlock, self._display, None)
        vlc.libvlc_video_set_format(player, b"I420", width, height, width)

    def wait(self, frames: int, at_most_s: float) -> bool:
        """Waits for new frames, `frames` of them; whether they came."""
        with self._changed:
            wanted = self._shown + frames
            return self._changed.wait_for(lambda: self._shown >= wanted, at_most_s)

    def codes(self) -> np.ndarray:
        """The frame that is shown, uint8 (height, width, 3) Y'CbCr."""
        width, height = _SIZE
        luma, *chroma = self._planes
        halves = [plane[: height // 2, : width // 2] for plane in chroma]
        return cv2.merge([luma, *(cv2.resize(half, (width, height)) for half in halves)])


def sampled(path: Path, sampling: Sampling, progress: Progress | None = None) -> Record | None:
    """The record of what VLC can play; None where its library is missing or cannot play it either."""
    vlc = None if _is_playlist(path) else _library()
    if vlc is None:
        return None
    with _playing(vlc, path) as playing:
        if playing is None:
            return None
        player, screen, size, length_s = playing
        log.warning("%s: is read through VLC, which takes longer", path.name)
        moments_s = (np.arange(sampling.samples) + 0.5) / sampling.samples * length_s
        found: dict[float, Sample] = {}
        video = Video(width=size[0], height=size[1])
        for number, moment_s in enumerate(moments_s.tolist()):
            player.set_time(round(moment_s * 1000))
            came = screen.wait(_STALE_FRAMES + 1, _JUMP_WAIT_S)
            at_s = player.get_time() / 1000
            if came and abs(at_s - moment_s) <= _NEAR_S:
                rgb, steps = truth.from_codes(screen.codes(), 8, video)
                words = tuple(wording.in_words(step) for step in steps)
                found[at_s] = measure.sample(rgb, at_s, sampling.swatches, (), words)
            if progress:
                progress(number + 1, len(moments_s))
    if not found:
        raise UnreadableFilm(path, "cannot be decoded, by VLC neither")
    facts = Facts(
        title=films.title_of(path),
        key=films.fingerprint(path),
        duration_s=length_s,
        width=size[0],
        height=size[1],
        codec="vlc",
        sampling=sampling,
        way="player",
        conversion=tuple(dict.fromkeys(step for sample in found.values() for step in sample.conversion)),
        program=f"cinepalette {__version__}",
        failed=len(moments_s) - len(found),
    )
    return record.of(facts, list(found.values()))


@contextmanager
def _playing(vlc: ModuleType, path: Path) -> "Iterator[tuple[Any, _Screen, tuple[int, int], float] | None]":
    """A player at work, its screen, the video's size and length; None where nothing plays."""
    instance = vlc.Instance(*_OPTIONS)
    if instance is None:
        yield None
        return
    media = instance.media_new_path(str(path))
    player = instance.media_player_new()
    try:
        player.set_media(media)
        media.parse_with_options(vlc.MediaParseFlag.local, round(_PLAY_WAIT_S * 1000))
        waited = threading.Event()
        for _ in range(round(_PLAY_WAIT_S / _LOOK_S)):
            if media.get_parsed_status() != 0:
                break
            waited.wait(_LOOK_S)
        length_s = media.get_duration() / 1000
        screen = _Screen(vlc)
        screen.give_to(vlc, player)
        if length_s <= 0 or player.play() < 0 or not screen.wait(1, _PLAY_WAIT_S):
            yield None
            return
        yield player, screen, player.video_get_size(0), length_s
    finally:
        player.stop()
        player.release()
        media.release()
        instance.release()


def _is_playlist(path: Path) -> bool:
    """Whether a file is text: VLC would go wherever that says, also into the network. Every film has zero bytes."""
    with path.open("rb") as file:
        return b"\0" not in file.read(_HEAD_BYTES)


def _library() -> ModuleType | None:
    """python-vlc; None where VLC is not installed, for which it may end the program."""
    try:
        import vlc
    except (ImportError, OSError, SystemExit, NotImplementedError) as error:
        log.info("VLC's library does not load: %s", error)
        return None
    library: ModuleType = vlc
    return library

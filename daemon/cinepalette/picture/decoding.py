"""A frame out of the film itself, for when the player could not take it: at full depth, upright, square, true.

PyAV is imported only here and only when a frame is wanted: it is large, and most evenings never need it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import UnreadableImage
from ..model import Step, Video
from . import opening, truth

if TYPE_CHECKING:
    import av

# ISO/IEC 23091-2 (H.273), tables 2-4, in the sidecar's words.
_MATRICES = {1: "bt709", 5: "bt601", 6: "bt601", 9: "bt2020", 10: "bt2020"}
_TRANSFERS = {1: "bt709", 4: "bt470m", 5: "bt470bg", 7: "smpte240", 8: "linear", 13: "srgb", 16: "pq", 18: "hlg"}
_PRIMARIES = {1: "bt709", 4: "bt470m", 5: "bt601-625", 6: "bt601-525", 8: "film", 9: "bt2020", 12: "dci-p3"}
_FULL_RANGE = 2

# FFmpeg's names of what films come in; its others are playlists, devices and pictures.
_FORMATS = (
    *("asf", "avi", "dv", "flv", "h264", "hevc", "ivf", "m4v", "matroska", "mov", "mpeg", "mpegts", "mpegvideo", "mxf"),
    *("nsv", "obu", "ogg", "rm", "wtv", "yuv4mpegpipe"),
    # Sound alone, so that it can be said that there is no video.
    *("aac", "flac", "mp3", "wav"),
)
# From a key frame to the position that is wanted; a slow drive gets no more.
_PATIENCE_S = 20.0
# 8K of any shape.
_MAX_PIXELS = 45_000_000

# Positions that differ less are the same.
_INSTANT_S = 0.001

# A player's clock is a frame or two off: the same frame is looked for within this time of the position.
_SEARCH_S = 0.5
# Pictures are compared at this width. Two that correlate less than this are of different scenes.
_LOOK_WIDTH = 256
_LOOK_SAME = 0.95


@dataclass(frozen=True)
class Frame:
    """A frame of a film."""

    rgb: np.ndarray
    """(height, width, 3) uint8 sRGB, upright, with square pixels."""
    time_s: float
    """Its position in the film."""
    steps: tuple[Step, ...]
    """Where it comes from and what was done to it, as in `truth`."""


def frame_at(path: Path, time_s: float) -> Frame:
    """The frame that is on screen at a position in a film, which is a file; the last one beyond its end.

    Raises `UnreadableImage` when there is none to be had.
    """
    with _opened(path) as film:
        found = None
        for at_s, frame in film.frames(time_s):
            if found is not None and at_s > time_s + _INSTANT_S:
                break
            found = at_s, frame
        if found is None:
            raise UnreadableImage("has no picture to decode")
        return film.true(*found)


def matching_frame(path: Path, time_s: float, rgb: np.ndarray) -> Frame | None:
    """The frame near a position that looks like the corrected still `rgb`; None when none does.

    Brightness and tone may differ, as they do between HDR decoders. Raises `UnreadableImage` as `frame_at` does.
    """
    wanted = _look(rgb)
    with _opened(path) as film:
        best, most = None, _LOOK_SAME
        for at_s, frame in film.frames(time_s - _SEARCH_S):
            if at_s > time_s + _SEARCH_S:
                break
            gray = film.shaped(frame.reformat(format="gray8").to_ndarray(), frame)
            look = _look(gray)
            alike = float((look * wanted).mean()) if look.shape == wanted.shape else 0.0
            if alike > most:
                best, most = (at_s, frame), alike
        return film.true(*best) if best is not None else None


@contextmanager
def container_of(path: Path) -> Iterator["av.container.InputContainer"]:
    """A film's file, opened; nothing but that file, whatever it says.

    A playlist, or a film that names parts elsewhere, would have FFmpeg fetch them. Raises `UnreadableImage` for what is
    no plain file, and FFmpeg's errors.
    """
    import av

    opening.check_plain(path)
    options = {"protocol_whitelist": "file", "format_whitelist": ",".join(_FORMATS)}
    # FFmpeg takes what stands before a colon for a protocol.
    with av.open(
        f"file:{path}", options=options, metadata_errors="replace", timeout=(_PATIENCE_S, _PATIENCE_S)
    ) as film:
        yield film


@contextmanager
def _opened(path: Path) -> Iterator["_Film"]:
    import av

    try:
        with container_of(path) as container:
            yield _Film(container)
    except UnreadableImage as error:
        error.name = str(path)
        raise
    except (av.error.FFmpegError, OSError, ValueError) as error:
        unreadable = UnreadableImage(f"cannot be decoded: {error}")
        unreadable.name = str(path)
        raise unreadable from error


class _Film:
    """A film file that is open."""

    def __init__(self, container: "av.container.InputContainer") -> None:
        import av

        self._container = container
        stream = container.streams.best("video")
        if not isinstance(stream, av.VideoStream):
            raise ValueError("it has no video")
        size = (getattr(stream, "width", 0), getattr(stream, "height", 0))  # missing for an unknown codec
        if size[0] * size[1] > _MAX_PIXELS:
            raise ValueError(f"its frames have {size[0]} x {size[1]} pixels")
        self._stream = stream
        self._stream.thread_type = "AUTO"
        if self._stream.time_base is None:
            raise ValueError("its video has no clock")
        self._unit_s = self._stream.time_base

    def frames(self, time_s: float) -> Iterator[tuple[float, "av.VideoFrame"]]:
        """The frames and their positions in the film, from the last key frame before a position on."""
        unit, start = self._unit_s, self._stream.start_time or 0
        if time_s > 0:
            self._container.seek(round(time_s / unit) + start, stream=self._stream)
        deadline = time.monotonic() + _PATIENCE_S
        for frame in self._container.decode(self._stream):
            if time.monotonic() > deadline:
                raise UnreadableImage(f"is not decoded in {_PATIENCE_S:.0f} s")
            if frame.pts is not None:
                yield float((frame.pts - start) * unit), frame

    def true(self, at_s: float, frame: "av.VideoFrame") -> Frame:
        """A frame in sRGB, upright, with square pixels."""
        steps: tuple[Step, ...] = ()
        if frame.format.is_rgb:
            rgb = frame.reformat(format="rgb24").to_ndarray()
        else:
            rgb, steps = truth.from_codes(*codes_of(self._whole(frame)), video_of(frame))
        return Frame(self.shaped(rgb, frame), at_s, (Step("from-film"), *steps))

    def shaped(self, pixels: np.ndarray, frame: "av.VideoFrame") -> np.ndarray:
        """Pixels of a frame upright and square."""
        return upright(square(pixels, self._stream), frame)

    def _whole(self, frame: "av.VideoFrame") -> "av.VideoFrame":
        """An interlaced frame with one moment in all its lines, any other as it is."""
        if not frame.interlaced_frame:
            return frame
        import av
        from av.filter import Graph

        graph = Graph()
        source = graph.add_buffer(template=self._stream, time_base=self._unit_s)
        graph.link_nodes(source, graph.add("yadif"), graph.add("buffersink")).configure()
        graph.push(frame)
        graph.push(None)
        whole = graph.pull()
        return whole if isinstance(whole, av.VideoFrame) else frame


def codes_of(frame: "av.VideoFrame") -> tuple[np.ndarray, int]:
    """The frame's Y'CbCr codes for every pixel, (height, width, 3), and their bits."""
    bits = frame.format.components[0].bits
    whole = frame.reformat(format="yuv444p" if bits == 8 else f"yuv444p{bits}le")
    kind = np.uint8 if bits == 8 else np.dtype("<u2")
    rows: list[np.ndarray] = [
        np.frombuffer(memoryview(plane), kind).reshape(frame.height, -1)[:, : frame.width] for plane in whole.planes
    ]
    return cv2.merge(rows), bits


def video_of(frame: "av.VideoFrame") -> Video:
    """What a frame says of itself, in the sidecar's words."""
    return Video(
        width=frame.width,
        height=frame.height,
        matrix=_MATRICES.get(int(frame.colorspace)),
        range="full" if int(frame.color_range) == _FULL_RANGE else "limited",
        transfer=_TRANSFERS.get(int(frame.color_trc)),
        primaries=_PRIMARIES.get(int(frame.color_primaries)),
    )


def square(rgb: np.ndarray, stream: "av.VideoStream") -> np.ndarray:
    """Square pixels, as VLC makes them: wide ones by more columns, tall ones by more rows."""
    ratio = float(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or 1)
    if ratio == 1 or not 0.1 < ratio < 10:
        return rgb
    height, width = rgb.shape[:2]
    size = (round(width * ratio), height) if ratio > 1 else (width, round(height / ratio))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)


def upright(rgb: np.ndarray, frame: "av.VideoFrame") -> np.ndarray:
    """Turned as the frame asks."""
    return np.ascontiguousarray(np.rot90(rgb, round(frame.rotation / 90)))


def _look(pixels: np.ndarray) -> np.ndarray:
    """A picture, gray or RGB, small and gray, of mean 0 and deviation 1."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.ndim == 3 else pixels
    height = max(1, round(gray.shape[0] / gray.shape[1] * _LOOK_WIDTH))
    small = cv2.resize(gray, (_LOOK_WIDTH, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    look: np.ndarray = (small - small.mean()) / max(float(small.std()), 1.0)
    return look

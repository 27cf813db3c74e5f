"""A film file that is open: where its key frames are, and single frames, averaged down before they are converted.

PyAV makes no RGB here, it has been wrong about matrices and ranges: the decoder's planes are averaged to the size that
a palette needs and go through `picture.truth` like every still.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..errors import UnopenedFilm, UnreadableFilm, UnreadableImage
from ..palette.extraction import WORK_PX
from ..picture import decoding, reading, truth, wording

if TYPE_CHECKING:
    import av

_PLANAR = re.compile(r"yuvj?(444|422|420|411|410|440)p(?:(9|10|12|14|16)le)?")
_GRAY = re.compile(r"gray(?:(9|10|12|14|16)le)?")

# The deblocking filter costs a quarter of the decoding and shows only in what is averaged away.
_DECODING = {"skip_loop_filter": "all"}

# Moments that are this near are one.
_INSTANT_S = 0.001
# An index of key frames has no hole as wide as this part of the film.
_HOLE = 0.3
# Key frames that are tried for a moment where the first cannot be decoded.
_TRIES = 3
# Frames are shown at most so long after they are decoded.
_REORDERED_S = 1.0


@contextmanager
def opened(path: Path) -> Iterator["FilmFile"]:
    """A film file, open; raises `UnreadableFilm`."""
    import av

    with ExitStack() as stack:
        try:
            film = FilmFile(path, stack.enter_context(decoding.container_of(path)))
        except UnreadableImage as error:
            raise UnreadableFilm(path, error.reason) from error
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise _unopened(path, error) from error
        try:
            yield film
        except av.error.FFmpegError as error:
            raise UnreadableFilm(path, f"cannot be decoded: {said(error)}") from error


def said(error: Exception) -> str:
    """What FFmpeg says of an error, within a sentence."""
    reason = getattr(error, "strerror", None) or str(error)
    return reason[:1].lower() + reason[1:]


def _unopened(path: Path, error: Exception) -> UnreadableFilm:
    """Why a file does not open as a film."""
    with suppress(UnreadableImage):
        reading.read(path)
        return UnreadableFilm(path, "is a picture, not a film: cinepalette palette takes pictures")
    return UnopenedFilm(path, f"cannot be opened as a film: {said(error)}")


class FilmFile:
    """A film file that is open."""

    def __init__(self, path: Path, container: "av.container.InputContainer") -> None:
        self.path = path
        self._container = container
        videos = [stream for stream in container.streams.video if not _is_cover(stream)]
        if not videos:
            raise UnreadableFilm(path, "has no video")
        self._stream = max(videos, key=lambda stream: stream.width * stream.height)
        context = self._stream.codec_context
        if context is None:
            raise UnreadableFilm(path, "has video that cannot be decoded here")
        # A process a core decodes its own part of the film; threads within a decoder add nothing for key frames.
        self._stream.thread_type = "SLICE"
        self._stream.codec_context.thread_count = 1
        context.options = _DECODING
        self.codec: str = context.name
        self.title: str | None = container.metadata.get("title") or None
        self.size = (self._stream.width, self._stream.height)
        self._unit = self._stream.time_base or Fraction(1, 1000)
        self._start = self._stream.start_time or 0
        self._keys_s: np.ndarray | None = None
        # Where exact decoding stands: the frame on screen, the next one, and those after it.
        self._shown: tuple[float, av.VideoFrame] | None = None
        self._following: tuple[float, av.VideoFrame] | None = None
        self._frames: Iterator[tuple[float, av.VideoFrame]] = iter(())

    def duration_s(self) -> float:
        """The film's length. Where no header has it, the time of the last picture; 0 when there is none."""
        if self._told_s() > 0:
            return self._told_s()
        end_s = 0.0
        for packet in self._container.demux(self._stream):
            if packet.pts is not None:
                end_s = max(end_s, float((packet.pts + (packet.duration or 0) - self._start) * self._unit))
        self._seek(0)
        return end_s

    def _told_s(self) -> float:
        """The length in a header; 0 where there is none."""
        if self._stream.duration:
            return float(self._stream.duration * self._unit)
        return float(self._container.duration or 0) / 1e6

    def key_times(self) -> np.ndarray:
        """The moments of the key frames that the container's index knows, in seconds; empty where it has no index."""
        if self._keys_s is None:
            # Matroska's index is read only when something is looked for.
            self._seek(self._told_s() / 2)
            entries = list(self._stream.index_entries)
            keys = [entry.timestamp for entry in entries if entry.is_keyframe]
            times = (np.array(keys, float) - self._start) * float(self._unit)
            # Some indices hold the times of decoding, which begin before those of showing.
            times -= min(0.0, float(times.min(initial=0.0)))
            # What has grown while reading, as for MPEG-TS, is no index of the film: it has wide holes.
            holes_s = np.diff(np.sort([0.0, *times, self._told_s()]))
            partial = len(keys) == len(entries) and float(holes_s.max()) > _HOLE * self._told_s()
            self._keys_s = times[:0] if partial else times
        return self._keys_s

    def key_frame(self, time_s: float) -> tuple[float, "av.VideoFrame"] | None:
        """The last key frame at or before a moment, and its own moment; None where it cannot be decoded."""
        import av

        self._stream.codec_context.skip_frame = "NONKEY"
        self._seek(time_s)
        with suppress(av.error.FFmpegError):
            keys = (packet for packet in self._container.demux(self._stream) if packet.is_keyframe and packet.size)
            for packet in islice(keys, _TRIES):
                found = self._alone(packet)
                if found is not None:
                    return found
        return None

    def _alone(self, packet: "av.Packet[av.VideoStream]") -> tuple[float, "av.VideoFrame"] | None:
        """The picture in one packet, and its moment.

        The decoder is flushed: else it would hold the picture back, and decode the next key frames
        first, to put them in their order.
        """
        import av

        context = self._stream.codec_context
        found: list[av.VideoFrame] = []
        with suppress(av.error.FFmpegError):
            found += self._stream.decode(packet)
            found += self._stream.decode(None)
        context.flush_buffers()
        for frame in found:
            ticks = next((one for one in (frame.pts, packet.pts, packet.dts) if one is not None), None)
            if ticks is not None:
                return float((ticks - self._start) * self._unit), frame
        return None

    def key_frames(self, moments_s: Iterable[float]) -> Iterator[tuple[float, "av.VideoFrame"]]:
        """The key frames of moments; none where one cannot be decoded."""
        for moment_s in moments_s:
            found = self.key_frame(moment_s)
            if found is not None:
                yield found

    def frames(self, moments_s: Iterable[float]) -> Iterator[tuple[float, "av.VideoFrame"]]:
        """The frame that is on screen at each moment, in rising order, and its own moment; each frame once.

        Decoding goes on where the last call stood, where that is the shorter way.
        """
        self._stream.codec_context.skip_frame = "DEFAULT"
        given_s = -1.0
        keys_s = self.key_times()
        for moment_s in moments_s:
            if not self._leads_to(moment_s, keys_s):
                self._seek(moment_s)
                self._frames = self._decoded()
                self._following = next(self._frames, None)
                if self._following is not None and self._following[0] > moment_s + _INSTANT_S:
                    # The index had the key frame's time of decoding, which is before that of showing.
                    self._seek(moment_s - _REORDERED_S)
                    self._frames = self._decoded()
                    self._following = next(self._frames, None)
            while self._following is not None and self._following[0] <= moment_s + _INSTANT_S:
                self._shown, self._following = self._following, next(self._frames, None)
            found = self._shown or self._following
            if found is not None and found[0] > given_s:
                given_s = found[0]
                yield found

    def _leads_to(self, moment_s: float, keys_s: np.ndarray) -> bool:
        """Whether going on to decode is the shortest way to a moment."""
        if self._shown is None or self._shown[0] > moment_s:
            return False
        reached_s = (self._following or self._shown)[0]
        return not ((keys_s > reached_s) & (keys_s <= moment_s)).any()

    def stretch(self, start_s: float, end_s: float) -> Iterator[tuple[float, "av.VideoFrame"]]:
        """Every frame from one moment to another, both included."""
        self._stream.codec_context.skip_frame = "DEFAULT"
        self._seek(start_s)
        for at_s, frame in self._decoded():
            if at_s > end_s + _INSTANT_S:
                return
            if at_s >= start_s - _INSTANT_S:
                yield at_s, frame

    def codes(self, frame: "av.VideoFrame", most_px: int) -> np.ndarray:
        """A frame averaged down to about that many pixels, as coded but with 8 bits, uint8 (height, width, 3)."""
        if frame.format.is_rgb or frame.format.name == "pal8":
            frame = frame.reformat(format="yuv444p")
        codes, bits = _codes(frame, most_px)
        return codes if bits == 8 else (codes >> (bits - 8)).astype(np.uint8)

    def true(self, frame: "av.VideoFrame", most_px: int = WORK_PX) -> tuple[np.ndarray, tuple[str, ...]]:
        """A frame averaged down to about that many pixels, in sRGB, uint8 (height, width, 3), and how in words.

        It lies as it is coded, its pixels as they are: `shaped` makes a picture of it.
        """
        if frame.format.is_rgb or frame.format.name == "pal8":
            rgb = frame.reformat(format="rgb24").to_ndarray()
            return _averaged(rgb, _small(rgb.shape[1], rgb.shape[0], most_px)), ("as coded, RGB",)
        codes, bits = _codes(frame, most_px)
        rgb, steps = truth.from_codes(codes, bits, decoding.video_of(frame))
        return rgb, tuple(wording.in_words(step) for step in steps)

    def shaped(self, rgb: np.ndarray, frame: "av.VideoFrame") -> np.ndarray:
        """The pixels of a frame as a picture: square pixels, upright."""
        return decoding.upright(decoding.square(rgb, self._stream), frame)

    def _seek(self, time_s: float) -> None:
        import av

        self._shown = self._following = None
        with suppress(av.error.FFmpegError):
            self._container.seek(max(0, round((time_s + _INSTANT_S) / self._unit)) + self._start, stream=self._stream)

    def _decoded(self) -> Iterator[tuple[float, "av.VideoFrame"]]:
        """Frames from here on; what cannot be decoded is passed over."""
        import av

        count, rate = 0, float(self._stream.average_rate or self._stream.guessed_rate or 25)
        while True:
            try:
                for frame in self._container.decode(self._stream):
                    # A raw stream has no timestamps; it is decoded from its beginning.
                    at_s = count / rate if frame.pts is None else float((frame.pts - self._start) * self._unit)
                    count += 1
                    yield at_s, frame
                return
            except av.error.EOFError:
                return
            except av.error.InvalidDataError:
                count += 1
                if count > 10_000:
                    return


def _is_cover(stream: "av.VideoStream") -> bool:
    """Whether a stream is the picture on the front of an audio file."""
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _small(width: int, height: int, most_px: int) -> tuple[int, int]:
    """(width, height) after whole blocks of pixels were averaged."""
    block = max(1, round((width * height / most_px) ** 0.5))
    return max(1, width // block), max(1, height // block)


def _averaged(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    height, width = plane.shape[:2]
    if (width, height) == size:
        return plane
    smaller = size[0] < width or size[1] < height
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def _codes(frame: "av.VideoFrame", most_px: int) -> tuple[np.ndarray, int]:
    """The frame's Y'CbCr codes averaged down, (height, width, 3), and their bits.

    Plane by plane, so that color at half the size is never blown up. Of an interlaced frame one field is taken.
    """
    name = frame.format.name
    planar = _PLANAR.fullmatch(name)
    gray = _GRAY.fullmatch(name)
    if not planar and not gray:
        codes, bits = decoding.codes_of(frame)
        return _averaged(codes, _small(frame.width, frame.height, most_px)), bits
    bits = int((planar[2] if planar else gray and gray[1]) or 8)
    kind = np.dtype(np.uint8) if bits == 8 else np.dtype("<u2")
    planes = [
        np.frombuffer(memoryview(plane), kind).reshape(plane.height, plane.line_size // kind.itemsize)[:, : plane.width]
        for plane in frame.planes
    ]
    if frame.interlaced_frame and frame.height > 2:
        planes = [plane[::2] for plane in planes]
    size = _small(frame.width, frame.height, most_px)
    small = [_averaged(plane, size) for plane in planes]
    if gray:
        small += [np.full_like(small[0], 1 << (bits - 1))] * 2
    return cv2.merge(small), bits

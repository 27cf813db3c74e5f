"""How long after the key the palette lies over the film: a real VLC, the real daemon, real key presses, a real screen.

    python3 tests tests/bench/latency.py [1080p] [4K] [--presses 30] [--fullscreen] [--vout any]

Prints one table a film: median and worst time from the key to the first sign of the palette on the screen, and to the
palette at its full opacity, and where the time went. The film moves, and has detail and grain in every part of every
frame. All of that vanishes where the palette lies: how much is left of it tells how opaque the palette is. VLC decodes
and draws without a graphics card.
"""

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import av
import cv2
import numpy as np
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from real_vlc import VLC, Desktop, wait_for

SIZES = {"1080p": (1920, 1080), "4K": (3840, 2160)}
FILM_S = 4
LOOPS = 36
RATE = 24
SCREEN = (1920, 1080)
OVERLAY_S = 0.6
# The palette is seen when it takes away this part of what is beneath it, which its first frame does, and stands when it
# takes away that.
SEEN = 0.25
STANDING = 0.97
# Pixels a side of the blocks in which the screen is looked at.
BLOCK = 16
# The mean of the Laplacian in a block of the film at least, and the part of it that a palette leaves at most.
DETAILED = 4
FLAT = 0.02


@dataclass
class Press:
    """The moments of one press, in seconds after the key; None for what did not happen."""

    noticed: float | None = None
    """The plugin has the key."""
    shot: float | None = None
    """VLC has the frame, and opens the picture's file."""
    file: float | None = None
    """The picture is whole, and its sidecar lies beside it."""
    reply: float | None = None
    """The daemon has answered."""
    seen: float | None = None
    """The first sign of the palette on the screen."""
    standing: float | None = None
    """It is all there."""


def write_film(path: Path, size: tuple[int, int]) -> Path:
    """A few seconds of moving shapes with detail and grain, and the same again and again without coding it anew."""
    width, height = size
    source = np.random.default_rng(1)
    shapes = source.integers(40, 216, (10, 32, 3), np.uint8)
    detail = source.normal(0, 14.0, (height // 4, width // 2, 1))
    grain = cv2.resize(source.normal(0, 5.0, (height // 2, width // 2, 1)), size)[..., None]
    once = path.with_name(f"once-{path.name}")
    with av.open(str(once), "w") as container:
        stream = container.add_stream(
            "libx264", rate=RATE, options={"preset": "ultrafast", "crf": "23", "g": str(RATE)}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        wide = cv2.resize(shapes, (width * 2, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        wide += cv2.resize(detail, (width * 2, height), interpolation=cv2.INTER_CUBIC)[..., None]
        for number in range(FILM_S * RATE):
            left = number * width // (FILM_S * RATE)
            frame = wide[:, left : left + width] + np.roll(grain, number * 7, axis=1)
            picture = av.VideoFrame.from_ndarray(np.clip(frame, 0, 255).astype(np.uint8), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    with av.open(str(path), "w") as container:
        offset = 0
        stream = None
        for _ in range(LOOPS):
            with av.open(str(once)) as again:
                template = again.streams.video[0]
                stream = stream or container.add_stream_from_template(template)
                for packet in again.demux(template):
                    if packet.dts is not None:
                        packet.pts, packet.dts, packet.stream = packet.pts + offset, packet.dts + offset, stream
                        container.mux(packet)
                offset += round(FILM_S / template.time_base)
    return path


class Moments(FileSystemEventHandler):
    """When which file of the inbox came to be."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, str, Path]] = []

    def on_any_event(self, event: FileSystemEvent) -> None:
        path = Path(event.dest_path if event.event_type == "moved" else event.src_path)
        self.seen.append((time.perf_counter(), event.event_type, path))

    def named(self, after: float) -> float | None:
        """The moment in the first still's name, which the plugin gives it as soon as it has the key."""
        for moment, _, path in self.seen:
            if moment > after and (stamp := re.match(r"vlc-(\d{8}-\d{6}-\d{3})", path.name)):
                return datetime.strptime(f"{stamp[1]}000", "%Y%m%d-%H%M%S-%f").timestamp()
        return None

    def first(self, after: float, kinds: set[str], folder: str, *, sidecar: bool) -> float | None:
        """Seconds from `after` to the first such event of a still, or of its sidecar or reply."""
        for moment, happened, path in self.seen:
            fits = path.parent.name == folder and path.name.startswith("vlc-") and (path.suffix == ".json") == sidecar
            if moment > after and happened in kinds and fits:
                return moment - after
        return None


class Look:
    """How opaque the palette is on the screen, by what it leaves of the film's detail."""

    def __init__(self, desktop: Desktop) -> None:
        """Finds the place of the palette with one press: where all detail vanishes."""
        self._desktop = desktop
        self._box = (0, 0, SCREEN[0] // BLOCK * BLOCK, SCREEN[1] // BLOCK * BLOCK)
        before = np.min([self._blocks() for _ in range(5)], axis=0)
        desktop.press("F12")

        def covered() -> tuple[np.ndarray, ...] | None:
            flat = (self._blocks() < FLAT * before) & (before > DETAILED)
            return np.nonzero(flat) if flat.sum() > 8 else None

        rows, columns = wait_for(covered, "the first palette", 10)
        self._box = tuple(BLOCK * int(edge) for edge in (min(columns), min(rows), max(columns) + 1, max(rows) + 1))
        self._flat = (rows - min(rows), columns - min(columns))
        wait_for(lambda: self._detail() > DETAILED, "an end of it", 10)
        time.sleep(1)
        seen, end = [], time.perf_counter() + FILM_S
        while time.perf_counter() < end:
            seen.append(self._detail())
            time.sleep(0.01)
        self._usual = float(np.median(seen))
        assert min(seen) > (1 - SEEN) * self._usual, "a film of even detail"

    def opacity(self) -> float:
        """0 is gone, 1 is all there."""
        return 1 - self._detail() / self._usual

    def _detail(self) -> float:
        # The lowest tenth: the next palette has its edges and letters elsewhere.
        return float(np.percentile(self._blocks()[self._flat], 10))

    def _blocks(self) -> np.ndarray:
        """The detail of each block of the screen, (rows, columns)."""
        detail = np.abs(cv2.Laplacian(self._desktop.peek(self._box)[..., 1], cv2.CV_32F))
        return cv2.resize(detail, None, fx=1 / BLOCK, fy=1 / BLOCK, interpolation=cv2.INTER_AREA)


def measure(desktop: Desktop, inbox: Path, presses: int) -> list[Press]:
    """Presses the key again and again, at moments that the film's frames know nothing of."""
    look = Look(desktop)
    moments = Moments()
    # What the daemon takes leaves the folder, and watchdog would tell all else half a second late.
    InotifyMoveEventGrouper.delay = 0.0
    observer = Observer()
    observer.schedule(moments, str(inbox), recursive=True)
    observer.start()
    chance = random.Random(1)
    results = []
    try:
        for _ in range(presses):
            wait_for(lambda: look.opacity() < SEEN / 2, "a film without a palette")
            time.sleep(chance.uniform(0.6, 1.0))
            key, wall = time.perf_counter(), time.time()
            desktop.press("F12")
            press = Press()
            while press.standing is None and time.perf_counter() - key < 4:
                opacity, now = look.opacity(), time.perf_counter() - key
                if opacity >= SEEN and press.seen is None:
                    press.seen = now
                if opacity >= STANDING:
                    press.standing = now
                time.sleep(0.003)
            # The observer's own thread may be a little behind.
            time.sleep(0.1)
            named = moments.named(key)
            press.noticed = named and named - wall
            press.shot = moments.first(key, {"created"}, inbox.name, sidecar=False)
            press.file = moments.first(key, {"closed", "moved"}, inbox.name, sidecar=True)
            press.reply = moments.first(key, {"moved"}, "replies", sidecar=True)
            results.append(press)
    finally:
        observer.stop()
        observer.join()
    return results


def table(name: str, results: list[Press]) -> str:
    """The figures for people."""

    def line(label: str, values: list[float | None]) -> str:
        known = [value * 1000 for value in values if value is not None]
        if not known:
            return f"  {label:<26}      -"
        return f"  {label:<26} {statistics.median(known):6.0f} {max(known):6.0f}"

    def step(later: str, earlier: str) -> list[float | None]:
        pairs = [(getattr(press, later), getattr(press, earlier)) for press in results]
        return [None if None in pair else pair[0] - pair[1] for pair in pairs]

    return "\n".join(
        [
            f"{name}: {len(results)} presses, {sum(each.standing is None for each in results)} without a palette",
            f"  {'ms':<26} {'median':>6} {'worst':>6}",
            line("key to palette seen", [press.seen for press in results]),
            line("key to palette standing", [press.standing for press in results]),
            line("  key to plugin", [press.noticed for press in results]),
            line("  plugin to shot", step("shot", "noticed")),
            line("  shot to whole file", step("file", "shot")),
            line("  file to reply", step("reply", "file")),
            line("  reply to seen", step("seen", "reply")),
            line("  seen to standing", step("standing", "seen")),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("films", nargs="*", metavar="FILM", help=f"{', '.join(SIZES)} (default: all)")
    parser.add_argument("--presses", type=int, default=30)
    parser.add_argument("--fullscreen", action="store_true", help="the film over the whole screen (default: a window)")
    parser.add_argument("--vout", default="xcb_x11", help="VLC's video output (default: xcb_x11)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cinepalette-latency-") as folder, Desktop(SCREEN) as desktop:
        Path(folder).chmod(0o755)
        for name in options.films or SIZES:
            film = write_film(Path(folder) / f"{name}.mp4", SIZES[name])
            settings = {"overlay": {"show": True, "seconds": OVERLAY_S, "position": "bottom"}}
            # In a window of its own size, as far as the screen has room for it.
            lines = {"vout": options.vout, "qt-video-autoresize": "1"}
            words = ["--fullscreen"] if options.fullscreen else []
            with VLC(desktop, film, settings=settings, vlcrc=lines, options=words) as vlc:
                environment = {
                    **os.environ,
                    "CINEPALETTE_INBOX": str(vlc.inbox),
                    "CINEPALETTE_OUTPUT": str(vlc.inbox.parent),
                    "CINEPALETTE_CONFIG": str(vlc.home / "config.toml"),
                }
                daemon = subprocess.Popen([sys.executable, "-m", "cinepalette", "run"], env=environment)
                try:
                    vlc.wait_playing()
                    wait_for(lambda: (vlc.inbox / ".daemon.pid").exists(), "the daemon", 60)
                    lost, begun = vlc.lost_frames(), time.monotonic()
                    print(table(name, measure(desktop, vlc.inbox, options.presses)))
                    lost_before, took_s = vlc.lost_frames(), time.monotonic() - begun
                    time.sleep(took_s / 2)
                    without = 2 * (vlc.lost_frames() - lost_before)
                    print(f"  late frames in {took_s:.0f} s: {lost_before - lost}; without presses: {without}")
                finally:
                    daemon.terminate()
                    daemon.wait(30)


if __name__ == "__main__":
    main()

"""How long after the key the palette lies over the film: a real VLC, the real daemon, real key presses, a real screen.

    python tests/bench/latency.py [1080p] [4K] [--presses 30]

Prints one table a film: median and worst time from the key to the first frame with the palette on it, and where the
time went. The film moves and has grain, as films do; its lowest part is plain gray, so that the palette is seen as soon
as it is there. VLC decodes and draws without a graphics card.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from real_vlc import VLC, Desktop, wait_for

SIZES = {"1080p": (1920, 1080), "4K": (3840, 2160)}
FILM_S = 4
LOOPS = 36
RATE = 24
GRAY = 96
# The gray part begins here, as a part of the height.
BAND = 0.82
SCREEN = (1920, 1080)
# Where the palette comes to lie, as parts of the screen.
LOOK = (0.45, 0.90, 0.55, 0.95)
# The palette differs from the plain gray by far more than this, even at the first step of its glide.
VISIBLE_LEVELS = 6
OVERLAY_S = 0.6


@dataclass
class Press:
    """The moments of one press, in seconds after the key; None for what did not happen."""

    shot: float | None = None
    """VLC has the frame, converted, and opens the picture's file."""
    file: float | None = None
    """The picture is whole, and its sidecar lies beside it."""
    reply: float | None = None
    """The daemon has answered."""
    screen: float | None = None
    """The palette can be seen."""


def write_film(path: Path, size: tuple[int, int]) -> Path:
    """A few seconds of soft moving shapes with grain, and the same again and again without coding it anew."""
    width, height = size
    source = np.random.default_rng(1)
    shapes = source.integers(0, 256, (10, 32, 3), np.uint8)
    grain = cv2.resize(source.normal(0, 2.0, (height // 2, width // 2, 1)), size)[..., None]
    once = path.with_name(f"once-{path.name}")
    with av.open(str(once), "w") as container:
        stream = container.add_stream(
            "libx264", rate=RATE, options={"preset": "ultrafast", "crf": "20", "g": str(RATE)}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        wide = cv2.resize(shapes, (width * 2, height), interpolation=cv2.INTER_CUBIC)
        for number in range(FILM_S * RATE):
            left = number * width // (FILM_S * RATE)
            frame = wide[:, left : left + width] + np.roll(grain, number * 7, axis=1)
            frame[int(height * BAND) :] = GRAY
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

    def first(self, after: float, kinds: set[str], folder: str, *, sidecar: bool) -> float | None:
        """Seconds from `after` to the first such event of a still, or of its sidecar or reply."""
        for moment, happened, path in self.seen:
            fits = path.parent.name == folder and path.name.startswith("vlc-") and (path.suffix == ".json") == sidecar
            if moment > after and happened in kinds and fits:
                return moment - after
        return None


def measure(desktop: Desktop, inbox: Path, presses: int) -> list[Press]:
    """Presses the key again and again, at moments that the film's frames know nothing of."""
    box = tuple(round(part * SCREEN[axis % 2]) for axis, part in enumerate(LOOK))
    moments = Moments()
    observer = Observer()
    observer.schedule(moments, str(inbox), recursive=True)
    observer.start()
    chance = random.Random(1)
    results = []
    try:
        for _ in range(presses):
            wait_for(lambda: np.abs(desktop.peek(box).astype(int) - GRAY).mean() < VISIBLE_LEVELS, "a plain screen")
            time.sleep(chance.uniform(0.6, 1.0))
            key = time.perf_counter()
            desktop.xdotool("key", "--delay", "0", "F12")
            press = Press()
            while time.perf_counter() - key < 4:
                if np.abs(desktop.peek(box).astype(int) - GRAY).mean() >= VISIBLE_LEVELS:
                    press.screen = time.perf_counter() - key
                    break
                time.sleep(0.003)
            # The observer's own thread may be a little behind.
            time.sleep(0.1)
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
            return f"  {label:<22}      -"
        return f"  {label:<22} {statistics.median(known):6.0f} {max(known):6.0f}"

    def step(later: str, earlier: str) -> list[float | None]:
        pairs = [(getattr(press, later), getattr(press, earlier)) for press in results]
        return [None if None in pair else pair[0] - pair[1] for pair in pairs]

    seen = [press.screen for press in results]
    return "\n".join(
        [
            f"{name}: {len(results)} presses, {sum(value is None for value in seen)} without an answer on screen",
            f"  {'ms':<22} {'median':>6} {'worst':>6}",
            line("key to palette", seen),
            line("  key to shot", [press.shot for press in results]),
            line("  shot to whole file", step("file", "shot")),
            line("  file to reply", step("reply", "file")),
            line("  reply to screen", step("screen", "reply")),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("films", nargs="*", metavar="FILM", help=f"{', '.join(SIZES)} (default: all)")
    parser.add_argument("--presses", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cinepalette-latency-") as folder, Desktop(SCREEN) as desktop:
        Path(folder).chmod(0o755)
        for name in options.films or SIZES:
            film = write_film(Path(folder) / f"{name}.mp4", SIZES[name])
            settings = {"overlay": {"show": True, "seconds": OVERLAY_S, "position": "bottom"}}
            with VLC(desktop, film, settings=settings, options=["--fullscreen"]) as vlc:
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

"""What an arrival costs: the daemon's memory at most, for pictures that are as hard on it as they can be.

    python3 tests tests/bench/memory.py [--only WORD]

Prints one line a picture: its bytes, the daemon's memory before it, the most while it is taken and drawn, and what the
daemon said to it.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.daemon import memory_mb
from daemon_process import DaemonProcess, wait_for

Image.MAX_IMAGE_PIXELS = None


def noise(width: int, height: int, bands: int = 3) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (height, width, bands), np.uint8)


ARRIVALS: dict[str, Callable[[Path], object]] = {
    "8K noise.png": lambda path: cv2.imwrite(str(path), noise(7680, 4320)),
    "8K noise.bmp": lambda path: cv2.imwrite(str(path), noise(7680, 4320)),
    "8K noise of 16 bits.png": lambda path: cv2.imwrite(
        str(path), noise(7680, 4320 * 2).reshape(4320, 7680, 6).view(np.uint16)
    ),
    "44 megapixels of noise, transparent.png": lambda path: Image.fromarray(noise(6700, 6600, 4)).save(
        path, compress_level=1
    ),
    "119 megapixels, transparent.png": lambda path: Image.new("RGBA", (10_900, 10_900), (200, 60, 40, 128)).save(
        path, compress_level=1
    ),
    "42 megapixels of float.tif": lambda path: Image.fromarray(
        np.random.default_rng(1).random((6000, 7000), np.float32)
    ).save(path),
    "44 megapixels of noise, progressive.jpg": lambda path: Image.fromarray(noise(6700, 6600)).save(
        path, quality=90, progressive=True
    ),
    "44 megapixels of noise.jpg": lambda path: Image.fromarray(noise(6700, 6600)).save(path, quality=90),
    "36 megapixels.webp": lambda path: Image.new("RGB", (6000, 6000), (200, 60, 40)).save(path),
    "36 megapixels.avif": lambda path: Image.new("RGB", (6000, 6000), (200, 60, 40)).save(path, speed=10),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only what has this in its name")
    words = parser.parse_args()
    print(f"{'what':42} {'bytes':>8} {'before':>8} {'at most':>8}  what came of it", flush=True)
    for name, make in ARRIVALS.items():
        if words.only in name:
            with tempfile.TemporaryDirectory(prefix="cinepalette-memory-") as folder:
                _measure(Path(folder), name, make)


def _measure(folder: Path, name: str, make: Callable[[Path], object]) -> None:
    path = folder / name
    make(path)
    many_mb = path.stat().st_size / 1e6
    daemon = DaemonProcess(folder / "place").start()
    try:
        before = memory_mb(daemon.process.pid, "VmRSS")
        path.rename(daemon.inbox / name)
        wait_for(lambda: "collage.png in " in daemon.log() or "kept as" in daemon.log(), "the collage", 300)
        most = memory_mb(daemon.process.pid, "VmHWM")
        said = re.search(rf"{re.escape(name)}: (.*)", daemon.log())
        print(f"{name:42} {many_mb:5.0f} MB {before:5.0f} MB {most:5.0f} MB  {said and said[1][:80]}", flush=True)
    finally:
        daemon.stop()


if __name__ == "__main__":
    main()

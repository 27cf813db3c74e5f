"""What one more still costs in a long session: `python tests/bench/collage.py [stills ...]`.

Prints for sessions of 10 to 1,000 stills of 1080p what follows from a still: its tiles and the collage drawn again, in
milliseconds and in parts of what it costs at the first length, then what a restart without any tile costs.
"""

import resource
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from cinepalette import fonts, images, tiles
from cinepalette.collage import CollageStyle
from cinepalette.model import Session, Still, Swatch
from cinepalette.strip import CardStyle

LENGTHS = (10, 30, 100, 300, 1000)
REPEATS = 5
FRAME = (1920, 1080)
DIFFERENT = 8
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def frame(seed: int) -> np.ndarray:
    """Soft colors with grain, about as hard to pack as film."""
    random = np.random.default_rng(seed)
    soft = cv2.resize(random.integers(0, 256, (9, 16, 3)).astype(np.uint8), FRAME, interpolation=cv2.INTER_CUBIC)
    return np.clip(soft + random.normal(0, 4, soft.shape), 0, 255).astype(np.uint8)


def build(root: Path, frames: list[np.ndarray], count: int) -> Session:
    """A session on disk; its stills are links to a few pictures."""
    (root / "stills").mkdir(parents=True)
    stills = []
    for i in range(count):
        path = root / "stills" / f"{i + 1:04}.png"
        if i < len(frames):
            images.write_png(path, frames[i])
        else:
            path.hardlink_to(root / "stills" / f"{i % len(frames) + 1:04}.png")
        swatches = tuple(Swatch((i % 256, 40 * one, 255 - i % 256), 0.2) for one in range(5))
        stills.append(
            Still(i + 1, f"stills/{path.name}", "", datetime(2026, 1, 1, tzinfo=UTC), FRAME, swatches, i * 7.0)
        )
    return Session("Bench", BEGUN, stills=tuple(stills))


def main(lengths: list[int]) -> None:
    frames = [frame(seed) for seed in range(DIFFERENT)]
    card, style, setter = CardStyle(), CollageStyle(), fonts.setter()
    first = None
    print(f"{'stills':>7} {'new still':>12} {'to first':>9} {'restart':>12} {'peak memory':>12}")
    for length in lengths:
        root = Path(tempfile.mkdtemp(prefix="collage-bench-"))
        try:
            session = build(root, frames, length)
            begun = time.perf_counter()
            tiles.redraw(root, session, card, style, setter)
            restart_s = time.perf_counter() - begun
            before = replace(session, stills=session.stills[:-1])
            costs = []
            for _ in range(REPEATS):
                tiles.redraw(root, before, card, style, setter)
                begun = time.perf_counter()
                tiles.keep_tiles(root, session.stills[-1], frames[0])
                tiles.redraw(root, session, card, style, setter)
                costs.append(time.perf_counter() - begun)
            cost = min(costs)
            first = first or cost
            memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            times = f"{cost * 1000:>9.0f} ms {cost / first:>8.2f}x {restart_s * 1000:>9.0f} ms"
            print(f"{length:>7} {times} {memory_mb:>9.0f} MB", flush=True)
        finally:
            shutil.rmtree(root)


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or list(LENGTHS))

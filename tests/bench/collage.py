"""What one more still costs in a long session: `python3 tests tests/bench/collage.py [stills ...]`.

Prints for sessions of 10 to 1,000 stills of 1080p what follows from a new still (its tiles, and the collage drawn
again): time by the clock, time of the processor, and its part of what the first session costs; and what a start without
any tile or page costs. The sessions take turns, so that a busy machine slows all of them, and the best of each counts.
"""

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from cinepalette.drawing import fonts, pages
from cinepalette.drawing.style import CardStyle, CollageStyle
from cinepalette.model import Session, Still, Swatch
from cinepalette.picture import writing

LENGTHS = (10, 30, 60, 300, 1000)
ROUNDS = 7
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
            writing.write_png(path, frames[i])
        else:
            path.hardlink_to(root / "stills" / f"{i % len(frames) + 1:04}.png")
        swatches = tuple(Swatch((i % 256, 40 * one, 255 - i % 256), 0.2) for one in range(5))
        stills.append(
            Still(i + 1, f"stills/{path.name}", "", datetime(2026, 1, 1, tzinfo=UTC), FRAME, swatches, i * 7.0)
        )
    return Session("Bench", BEGUN, stills=tuple(stills))


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def main(lengths: list[int]) -> None:
    frames = [frame(seed) for seed in range(DIFFERENT)]
    top = Path(tempfile.mkdtemp(prefix="collage-bench-"))
    typesetter = fonts.typesetter()

    def redraw(root: Path, session: Session) -> None:
        pages.redraw(root, session, CardStyle(), CollageStyle(), typesetter)

    def add_still(root: Path, session: Session) -> None:
        pages.keep_tiles(root, session.stills[-1], frames[0])
        redraw(root, session)

    try:
        sessions = {length: build(top / str(length), frames, length) for length in lengths}
        starts = {length: measured(partial(redraw, top / str(length), sessions[length])) for length in lengths}
        costs: dict[int, list[tuple[float, float]]] = {length: [] for length in lengths}
        for _ in range(ROUNDS):
            for length, session in sessions.items():
                root = top / str(length)
                redraw(root, replace(session, stills=session.stills[:-1]))
                costs[length].append(measured(partial(add_still, root, session)))
    finally:
        shutil.rmtree(top)

    best = {length: [min(times) for times in zip(*found, strict=True)] for length, found in costs.items()}
    print(f"{'stills':>7} {'new still':>12} {'processor':>12} {'to the first':>13} {'start without tiles':>20}")
    for length, (clock, processor) in best.items():
        part = processor / best[lengths[0]][1]
        line = f"{length:>7} {clock * 1000:>9.0f} ms {processor * 1000:>9.0f} ms {part:>12.2f}x"
        print(f"{line} {starts[length][0]:>18.1f} s")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or list(LENGTHS))

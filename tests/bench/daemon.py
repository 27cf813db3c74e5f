"""What the daemon costs: times as multiples of decoding the same PNG with OpenCV, memory, and what it does when idle.

    python3 tests tests/bench/daemon.py

Prints one table. Times are medians of several stills, taken in turn with the decoding they are compared with, so that
a busy machine slows both; each still waits until the collage of the one before is drawn.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from daemon_process import DaemonProcess, wait_for

ROUNDS = 12
IDLE_S = 20.0
SIZES = {"1080p": (1920, 1080), "4K": (3840, 2160)}


def picture(width: int, height: int, seed: int) -> np.ndarray:
    """Something as hard to encode as a film still: soft shapes with a little grain."""
    random = np.random.default_rng(seed)
    soft = cv2.resize(random.integers(0, 256, (9, 16, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(random.normal(0, 2.0, (height // 2, width // 2, 3)), (width, height))
    return np.clip(soft + grain, 0, 255).astype(np.uint8)


def decoding_s(path: Path) -> float:
    begun = time.perf_counter()
    cv2.imread(str(path))
    return time.perf_counter() - begun


def session_text(daemon: DaemonProcess) -> str:
    """What stands in session.json: a still's palette is found when it does."""
    return "".join((folder / "session.json").read_text(encoding="utf-8") for folder in daemon.sessions())


def memory_mb(pid: int, what: str) -> float:
    """A line of the process's status, in MB."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        daemon = DaemonProcess(Path(folder)).start()
        pid = daemon.process.pid
        print(f"memory after the start: {memory_mb(pid, 'VmRSS'):.0f} MB")
        drawn = 0
        for name, (width, height) in SIZES.items():
            palettes, answers, kept = [], [], []
            for number in range(ROUNDS):
                rgb = picture(width, height, number)
                png = Path(folder, "same.png")
                cv2.imwrite(str(png), rgb[..., ::-1])
                decoding = min(decoding_s(png) for _ in range(3))
                stem = f"{name}-{number}"
                (daemon.inbox / f"vlc-{stem}.png").write_bytes(png.read_bytes())
                begun = time.perf_counter()
                (daemon.inbox / f"vlc-{stem}.json").write_text('{"v": 1, "title": "Bench"}')
                wait_for(lambda stem=stem: f"vlc-{stem}.png" in session_text(daemon), "its palette", step_s=0.001)
                palettes.append((time.perf_counter() - begun) / decoding)
                wait_for((daemon.inbox / "replies" / f"vlc-{stem}.json").exists, "a reply", step_s=0.001)
                answers.append((time.perf_counter() - begun) / decoding)
                wait_for(lambda: not daemon.arrived(), "an empty inbox", step_s=0.001)
                kept.append((time.perf_counter() - begun) / decoding)
                drawn += 1
                wait_for(lambda count=drawn: daemon.log().count("collage.png in") == count, "the collage")
            steps = {"palette": palettes, "answer with its strip": answers, "still and card on disk": kept}
            times = ", ".join(f"{step} {statistics.median(ratios):.1f} x" for step, ratios in steps.items())
            print(f"{name}: arrival to {times} decoding; peak {memory_mb(pid, 'VmHWM'):.0f} MB")
        time.sleep(3)  # the last collage is drawn
        before = cpu_s(pid)
        time.sleep(IDLE_S)
        print(f"idle: {(cpu_s(pid) - before) / IDLE_S:.2%} of a core, {memory_mb(pid, 'VmRSS'):.0f} MB")
        daemon.stop()


if __name__ == "__main__":
    main()

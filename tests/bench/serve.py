"""What a busy server costs the daemon: its answer to a key, with fifty pictures in work at a time and without.

    python3 tests tests/bench/serve.py

Prints one table. Rounds with and without load take turns, so that a busy machine slows both. The load comes from a
process of its own that stands behind everything else, as the people who send pictures have machines of their own.
"""

import contextlib
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from daemon_process import DaemonProcess, wait_for
from server_process import ServerProcess

ROUNDS = 14
PRESSES = 3
TOGETHER = 50
SIZE = (1920, 1080)


def picture(seed: int) -> np.ndarray:
    """As hard to encode as a film still: soft shapes with a little grain."""
    random = np.random.default_rng(seed)
    soft = cv2.resize(random.integers(0, 256, (9, 16, 3), np.uint8), SIZE, interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(random.normal(0, 2.0, (SIZE[1] // 2, SIZE[0] // 2, 3)), SIZE)
    return np.clip(soft + grain, 0, 255).astype(np.uint8)


def load(server: ServerProcess, body: bytes, going: Event, ended: Event, answered: list[int]) -> None:
    """Fifty at a time, each sends the next picture when the one before has been answered."""
    os.setsid()
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")
    os.nice(19)

    def send() -> None:
        while not ended.is_set():
            if going.wait(0.2):
                answered.append(server.ask("POST", "/api/palette", body).status)

    threads = [threading.Thread(target=send) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"answered under load: {answered.count(200)} of {len(answered)}", flush=True)


def answer_s(daemon: DaemonProcess, number: int) -> float:
    """From the written sidecar to the answer that the plugin reads."""
    daemon.wait_until_kept()
    daemon.press(f"{number:04}", picture(number), time_s=float(number), title="A film", duration_s=6000.0)
    begun = time.perf_counter()
    reply = daemon.inbox / "replies" / f"vlc-{number:04}.json"
    wait_for(reply.exists, "the answer", step_s=0.001)
    return time.perf_counter() - begun


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        daemon = DaemonProcess(Path(folder)).start()
        server = ServerProcess(daemon.environment)
        fork = multiprocessing.get_context("fork")
        going, ended = fork.Event(), fork.Event()
        body = cv2.imencode(".png", picture(0))[1].tobytes()
        sender = fork.Process(target=load, args=(server, body, going, ended, []))
        sender.start()
        times: dict[bool, list[float]] = {False: [], True: []}
        try:
            number = 0
            for turn in range(2 * ROUNDS + 1):
                busy = turn % 2 == 1
                (going.set if busy else going.clear)()
                # The line is empty, or full, when it is measured.
                wait_for(lambda: server.ask("POST", "/api/palette", body).status in {200, 503}, "the line")
                for _ in range(PRESSES):
                    number += 1
                    times[busy].append(answer_s(daemon, number))
        finally:
            ended.set()
            sender.join()
            server.stop()
            daemon.stop()
        quiet, busy_s = (statistics.median(times[one]) for one in (False, True))
        print(f"answer to a key, median of {len(times[False])}: {quiet * 1000:.0f} ms")
        print(f"with {TOGETHER} pictures in work, median of {len(times[True])}: {busy_s * 1000:.0f} ms")
        print(f"ratio: {busy_s / quiet:.3f}")


if __name__ == "__main__":
    main()

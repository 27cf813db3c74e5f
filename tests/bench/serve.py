"""What a busy server costs the daemon: its answer to a key, with fifty pictures in work at a time and without.

    python3 tests tests/bench/serve.py [ROUNDS]

Prints one table: the answer by the clock, and what the daemon had of the processor, waited for it, and what the server
and its worker took meanwhile (Linux). Blocks with and without load take turns, so that a busy machine slows both; the
ratio is that of each block to the one before it, in the median. The load comes from a process of its own that stands
behind everything else, as the people who send pictures have machines of their own.
"""

import contextlib
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import astuple, dataclass
from multiprocessing.synchronize import Event
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from daemon_process import DaemonProcess, wait_for
from server_process import ServerProcess

ROUNDS = 10
PRESSES = 6
TOGETHER = 50
SIZE = (1920, 1080)
# On a machine that is busy with other things as well.
LONG_S = 300.0


@dataclass(frozen=True)
class Cost:
    """Of one answer, in milliseconds."""

    wall: float
    processor: float
    """What the daemon's threads had of it."""
    waited: float
    """How long its threads were ready and had none."""
    server: float
    """What the server and its worker had of it."""


def picture(seed: int) -> np.ndarray:
    """As hard to encode as a film still: soft shapes with a little grain."""
    random = np.random.default_rng(seed)
    soft = cv2.resize(random.integers(0, 256, (9, 16, 3), np.uint8), SIZE, interpolation=cv2.INTER_CUBIC)
    grain = cv2.resize(random.normal(0, 2.0, (SIZE[1] // 2, SIZE[0] // 2, 3)), SIZE)
    return np.clip(soft + grain, 0, 255).astype(np.uint8)


def load(server: ServerProcess, body: bytes, going: Event, ended: Event) -> None:
    """Fifty at a time, each sends the next picture when the one before has been answered."""
    os.setsid()
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")
    os.nice(19)
    answered: list[int] = []

    def send() -> None:
        while not ended.is_set():
            if going.wait(0.2):
                with contextlib.suppress(OSError):
                    answered.append(server.ask("POST", "/api/palette", body).status)

    threads = [threading.Thread(target=send) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"pictures answered under load: {answered.count(200)} of {len(answered)}", flush=True)


def scheduled_ms(process: int) -> tuple[float, float]:
    """What the threads of a process have had of the processor so far, and how long they have waited for it."""
    had = waited = 0
    for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):
            one, other, _ = map(int, thread.read_text().split())
            had, waited = had + one, waited + other
    return had / 1e6, waited / 1e6


def through_the_line(server: ServerProcess, body: bytes) -> bool:
    """Whether all pictures that were sent before are done, or the line is full."""
    try:
        return server.ask("POST", "/api/palette", body).status in {200, 503}
    except OSError:
        return False


def server_ms(server: ServerProcess) -> float:
    """What the server and its worker have had of the processor so far."""
    process = server.process.pid
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return sum(scheduled_ms(one)[0] for one in (process, *map(int, children)))


def answer(daemon: DaemonProcess, server: ServerProcess, number: int) -> Cost:
    """From the written sidecar to the answer that the plugin reads."""
    rgb = picture(number)
    wait_for(lambda: not daemon.arrived(), "an empty inbox", LONG_S)
    assert daemon.process is not None
    before, served = scheduled_ms(daemon.process.pid), server_ms(server)
    daemon.press(f"{number:04}", rgb, time_s=float(number), title="A film", duration_s=6000.0)
    begun = time.perf_counter()
    reply = daemon.inbox / "replies" / f"vlc-{number:04}.json"
    wait_for(reply.exists, "the answer", LONG_S, step_s=0.001)
    wall = (time.perf_counter() - begun) * 1000
    after = scheduled_ms(daemon.process.pid)
    return Cost(wall, after[0] - before[0], after[1] - before[1], server_ms(server) - served)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    blocks: list[list[Cost]] = []
    with tempfile.TemporaryDirectory() as folder:
        daemon = DaemonProcess(Path(folder)).start()
        server = ServerProcess(daemon.environment)
        fork = multiprocessing.get_context("fork")
        going, ended = fork.Event(), fork.Event()
        body = cv2.imencode(".png", picture(0))[1].tobytes()
        sender = fork.Process(target=load, args=(server, body, going, ended))
        sender.start()
        number = 0
        try:
            for turn in range(2 * rounds + 1):
                (going.set if turn % 2 else going.clear)()
                # The line is empty, or full, when it is measured.
                wait_for(lambda: through_the_line(server, body), "the line", LONG_S)
                block = []
                for _ in range(PRESSES):
                    number += 1
                    block.append(answer(daemon, server, number))
                blocks.append(block)
        finally:
            ended.set()
            sender.join()
            server.stop()
            daemon.stop()
    # The first one warms up; what was deferred at the start is done in it.
    calm, busy = blocks[2::2], blocks[1::2]
    print(f"{f'answer to a key, median of {len(calm) * PRESSES}':36} wall  processor  waited for it  server's, ms")
    for name, of in (("calm", calm), (f"with {TOGETHER} pictures in work", busy)):
        costs = [cost for block in of for cost in block]
        wall, processor, waited, served = (statistics.median(one) for one in zip(*map(astuple, costs), strict=True))
        print(f"{name:34} {wall:6.0f} {processor:10.0f} {waited:14.0f} {served:9.0f}")
    for what in ("wall", "processor"):
        ratios = [
            statistics.median(getattr(one, what) for one in loaded)
            / statistics.median(getattr(one, what) for one in before)
            for loaded, before in zip(busy, calm, strict=True)
        ]
        low, _, high = statistics.quantiles(ratios, n=4)
        print(f"ratio of {what}: {statistics.median(ratios):.3f} (half of the blocks {low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()

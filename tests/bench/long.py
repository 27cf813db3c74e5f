"""A long life: a thousand stills of one film. What the daemon holds at the end, and after the first ten.

    python3 tests tests/bench/long.py [--stills 1000] [--size 3840x2160]

Prints memory and open files after ten stills and then at each tenth of the way, and the size of the log.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.daemon import picture
from daemon_process import DaemonProcess, wait_for

DIFFERENT = 12


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def open_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def is_drawn(daemon: DaemonProcess) -> bool:
    """Whether nothing is waiting and the collage is newer than what it shows."""
    drawn = list(daemon.output.glob("*/collage.png"))
    told = list(daemon.output.glob("*/session.json"))
    return not daemon.arrived() and bool(drawn) and drawn[0].stat().st_mtime > told[0].stat().st_mtime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stills", type=int, default=1000)
    parser.add_argument("--size", default="3840x2160")
    words = parser.parse_args()
    width, height = map(int, words.size.split("x"))
    pictures = [picture(width, height, seed) for seed in range(DIFFERENT)]
    marks = {10, *(words.stills * tenth // 10 for tenth in range(1, 11))}
    with tempfile.TemporaryDirectory(prefix="cinepalette-long-") as folder:
        daemon = DaemonProcess(Path(folder)).start()
        pid, begun = daemon.process.pid, time.monotonic()
        print(f"{'stills':>6} {'memory':>10} {'files':>6} {'log':>10} {'after':>8}")
        try:
            for number in range(1, words.stills + 1):
                daemon.press(f"{number:05}", pictures[number % DIFFERENT], title="A long film", time_s=number)
                wait_for(lambda: not daemon.arrived(), "an empty inbox", 300)
                if number in marks:
                    wait_for(lambda: is_drawn(daemon), "the collage", 300)
                    size = sum(path.stat().st_size for path in daemon.output.glob(".cinepalette.log*"))
                    spent = time.monotonic() - begun
                    print(
                        f"{number:6} {memory_mb(pid):7.0f} MB {open_files(pid):6} {size / 1e6:7.2f} MB {spent:6.0f} s",
                        flush=True,
                    )
        finally:
            daemon.stop()


if __name__ == "__main__":
    main()

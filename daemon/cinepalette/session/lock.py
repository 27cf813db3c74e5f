"""A lock over all threads and all processes: one of threads, and over it one of a file."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import SessionError

# Another process lets go within milliseconds; the library's own 50 ms would be felt at each key.
_POLL_S = 0.002
# How long a thread waits before it looks whether it is still to wait.
_LOOK_S = 0.1
# Of who was told to hurry.
_LAST_WAIT_S = 0.5


class Lock:
    """Held by one thread of one process at a time, which may take it again while it has it."""

    def __init__(self, path: Path, timeout_s: float, busy: str) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._busy = busy
        """What is said when another program does not let go."""
        self._threads = threading.RLock()
        self._depth = 0
        """How often its thread has taken it; guarded by `_threads`."""
        self._file = FileLock(path, thread_local=False)
        self._hurries = False
        """Set once, by any thread; who waits sees it a moment later."""

    def hurry(self) -> None:
        """From now on nobody waits long: the program is to end. Safe in a signal handler."""
        self._hurries = True

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Holds it; True for who has just taken it, False for who had it. Raises `SessionError`."""
        begun = time.monotonic()
        while not self._threads.acquire(timeout=_LOOK_S):
            self._still_wait(begun)
        try:
            first = self._depth == 0
            if first:
                self._take_file(begun)
            self._depth += 1
            try:
                yield first
            finally:
                self._depth -= 1
                if first:
                    self._file.release()
        finally:
            self._threads.release()

    def _take_file(self, begun: float) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                self._file.acquire(timeout=_LOOK_S, poll_interval=_POLL_S)
                return
            except Timeout:
                self._still_wait(begun)

    def _still_wait(self, begun: float) -> None:
        if time.monotonic() - begun > (_LAST_WAIT_S if self._hurries else self._timeout_s):
            raise SessionError(f"{self._path.parent}: another program {self._busy}; try again")

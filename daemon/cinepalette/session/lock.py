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


class Lock:
    """Held by one thread of one process at a time, which may take it again while it has it."""

    def __init__(self, path: Path, timeout_s: float, busy: str) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._busy = f"{path.parent}: another program {busy}; try again"
        """What is said when another program does not let go."""
        self._threads = threading.RLock()
        self._depth = 0
        """How often its thread has taken it; guarded by `_threads`."""
        self._file = FileLock(path, thread_local=False)

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Holds it; True for who has just taken it, False for who had it. Raises `SessionError`."""
        until = time.monotonic() + self._timeout_s
        if not self._threads.acquire(timeout=self._timeout_s):
            raise SessionError(self._busy)
        try:
            first = self._depth == 0
            if first:
                self._take_file(until)
            self._depth += 1
            try:
                yield first
            finally:
                self._depth -= 1
                if first:
                    self._file.release()
        finally:
            self._threads.release()

    def _take_file(self, until: float) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file.acquire(timeout=max(0.0, until - time.monotonic()), poll_interval=_POLL_S)
        except Timeout as error:
            raise SessionError(self._busy) from error

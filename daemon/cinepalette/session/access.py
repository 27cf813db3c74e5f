"""Who may write into an output folder: one thread of one process at a time, and nobody while its drive is away."""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from .. import paths
from ..errors import SessionError
from ..picture.writing import write_whole

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


class Drive:
    """The drive of one output folder, known by where it is mounted: its numbers change with each start.

    While it is not connected, nothing is put into the folder where it is mounted.
    """

    def __init__(self, output: Path, marker: Path) -> None:
        """`marker` is a file that is in the output folder as soon as there is a session."""
        self._output, self._marker = output, marker
        self._mount: Path | None = None
        """Where it was mounted last, as this process or one before it has seen; any thread notes the same."""

    def check(self, place: Path | None = None) -> None:
        """Raises `SessionError` while `place`, else the output folder, would come to lie in the empty mount point.

        What would be written then would be hidden as soon as the drive is there again.
        """
        known = self._mount or self._noted()
        if known is not None and not os.path.ismount(known) and not self._marker.exists():
            if (place or self._output).resolve().is_relative_to(known):
                anew = f"; to begin anew without it, delete {paths.drive_file()}" if self._noted() else ""
                raise SessionError(f"{self._output}: its drive is not at {known}; connect it{anew}")
        elif self._mount is None or not os.path.ismount(self._mount):
            self._note()

    def _note(self) -> None:
        """Notes where the drive is mounted, for the next start; the drive of our own notes is always there."""
        self._mount = _mount_of(self._output)
        if paths.overrides():
            return
        with suppress(OSError):
            if self._mount == _mount_of(paths.drive_file()):
                paths.drive_file().unlink(missing_ok=True)
            elif self._noted() != self._mount:
                noted = {"output": str(self._output), "mount": str(self._mount)}
                write_whole(paths.drive_file(), json.dumps(noted) + "\n")

    def _noted(self) -> Path | None:
        """Where the drive of this output folder was mounted when it was last seen; None where that is not known."""
        if paths.overrides():
            return None
        try:
            noted = json.loads(paths.drive_file().read_bytes())
            return Path(noted["mount"]) if noted["output"] == str(self._output) else None
        except (OSError, ValueError, LookupError, TypeError):
            return None


def _mount_of(path: Path) -> Path:
    real = path.resolve()
    return next((each for each in (real, *real.parents) if os.path.ismount(each)), Path(real.anchor))

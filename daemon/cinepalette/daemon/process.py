"""The daemon as a process, seen from outside: whether it runs, starting and stopping it, its log, and its end."""

import contextlib
import logging
import logging.handlers
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from .. import paths
from ..config import Config
from ..errors import DaemonError
from ..inbox.protocol import LOCK_NAME, PID_NAME
from ..picture.writing import write_whole

_LOG_BYTES = 1_000_000
_LOG_FILES = 3
# Long enough to finish a still and draw a large collage.
_STOP_WAIT_S = 30.0
_LOOK_S = 0.1
# Who only asks whether a daemon runs holds its lock for a moment, too.
_LOCK_WAIT_S = 1.0
# Two seconds are promised, also on a busy machine. Whatever is unfinished then is finished at the start.
_PATIENCE_S = 1.2

log = logging.getLogger(__name__)


def log_to(path: Path, *, also_terminal: bool) -> None:
    """Sends the log to a file that is rotated at a megabyte, and to the terminal where a person looks on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = logging.handlers.RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8")
    handlers: list[logging.Handler] = [file]
    if also_terminal:
        handlers.append(logging.StreamHandler())
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)


class Hold:
    """The lock of the daemon that watches an inbox, and its process number beside it."""

    def __init__(self, inbox: Path) -> None:
        self._lock_file = inbox / LOCK_NAME
        self._pid_file = inbox / PID_NAME
        self._lock: FileLock | None = None
        self._held: tuple[int, int] | None = None

    def take(self) -> None:
        """Holds the inbox, and makes it; again where it was deleted. Raises `DaemonError` when another daemon does."""
        if self._lock is not None and self._held == _identity(self._lock_file):
            return
        self.release()
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock_file, thread_local=False)
        try:
            lock.acquire(timeout=_LOCK_WAIT_S)
        except Timeout:
            raise DaemonError(f"{self._lock_file.parent}: another daemon is watching this folder already") from None
        self._lock, self._held = lock, _identity(self._lock_file)
        with contextlib.suppress(OSError):  # on a full disk stills are to be taken all the same
            self._pid_file.write_text(f"{os.getpid()}\n")

    def release(self) -> None:
        """Lets go of it; a daemon that has taken it over meanwhile keeps its own."""
        self.forget()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def forget(self) -> None:
        """Takes the process number away; the system itself lets go of the lock when the process ends."""
        if pid(self._lock_file.parent) == os.getpid():
            self._pid_file.unlink(missing_ok=True)


def is_running(inbox: Path) -> bool:
    """Whether a daemon watches this inbox: the lock is the truth, a stale process number is not."""
    path = inbox / LOCK_NAME
    try:
        if not path.exists():
            return False
        lock = FileLock(path)
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False  # a folder that is not ours to write to has no daemon of ours
    lock.release()
    return False


def watched(config: Config) -> list[Path]:
    """The inboxes that the daemon of this set-up watches now: one, which need not be the one of the settings.

    A daemon that was started before the settings were changed goes on with the inbox it has.
    """
    inboxes = [config.inbox]
    if not paths.overrides():
        with contextlib.suppress(OSError):
            inboxes.append(Path(paths.watched_file().read_text(encoding="utf-8").strip()))
    return [inbox for inbox in dict.fromkeys(inboxes) if is_running(inbox)]


@contextlib.contextmanager
def noted(config: Config) -> Iterator[None]:
    """Notes the inbox of the user's own daemon while it runs, for `watched`."""
    if paths.overrides():
        yield
        return
    with contextlib.suppress(OSError):
        write_whole(paths.watched_file(), str(config.inbox))
    try:
        yield
    finally:
        paths.watched_file().unlink(missing_ok=True)


def pid(inbox: Path) -> int | None:
    """The daemon's process number, for people."""
    try:
        return int((inbox / PID_NAME).read_text())
    except (OSError, ValueError):
        return None


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def detached(config: Config) -> None:
    """Starts the daemon as a process of its own, which outlives the terminal."""
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    subprocess.Popen(
        [sys.executable, "-m", "cinepalette", "run"],
        cwd=Path.home(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
        creationflags=flags,
    )


def stop(config: Config) -> None:
    """Asks the daemon to stop, in the way that works on every system, and waits until it has; raises `DaemonError`."""
    for inbox in watched(config):
        request = inbox / f"request-stop-{os.getpid()}.json"
        write_whole(request, '{"v": 1, "do": "stop"}\n')
        try:
            wait(config, inbox, running=False, seconds=_STOP_WAIT_S)
        finally:
            # One that was not heard must not stop the next daemon.
            request.unlink(missing_ok=True)


def wait(config: Config, inbox: Path, *, running: bool, seconds: float) -> None:
    """Returns when a daemon watches an inbox, or none does any more; raises `DaemonError` after `seconds`."""
    deadline = time.monotonic() + seconds
    while is_running(inbox) is not running:
        if time.monotonic() > deadline:
            done = "has not started" if running else "has not stopped"
            raise DaemonError(f"the daemon {done} after {seconds:.0f} s; its log is {config.log}")
        time.sleep(_LOOK_S)


@contextlib.contextmanager
def ends_in_time(stop: Callable[[], None], cut_off: Callable[[], None]) -> Iterator[None]:
    """Has SIGTERM and SIGINT call `stop`; where the block has not ended soon after, `cut_off`, and ends the process.

    Python runs a signal's handler between two of its own steps in the main thread, which may be waiting for another
    program's lock or for a large picture. So the signal's number is also written into a pipe, by the C code that
    receives it, and a thread that reads the pipe sees to the end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    out, into = os.pipe()
    os.set_blocking(into, False)
    ended = threading.Event()

    def see_to_it() -> None:
        if os.read(out, 1) == b"\0":
            return
        stop()
        if not ended.wait(_PATIENCE_S):
            log.warning("stopped in the middle; what is unfinished is finished at the next start")
            with contextlib.suppress(Exception):
                cut_off()
            os._exit(0)

    threading.Thread(target=see_to_it, name="ending", daemon=True).start()
    before = signal.set_wakeup_fd(into, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())
    try:
        yield
    finally:
        ended.set()
        signal.set_wakeup_fd(before)
        os.write(into, b"\0")

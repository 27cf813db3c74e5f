"""The daemon as a process, seen from outside: whether it runs, starting and stopping it, its log."""

import logging
import logging.handlers
import os
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from . import service
from .config import Config
from .errors import DaemonError
from .images import write_whole
from .inbox import LOCK_NAME, PID_NAME

_LOG_BYTES = 1_000_000
_LOG_FILES = 3
_START_WAIT_S = 20.0
# Long enough to finish a still and draw a large collage.
_STOP_WAIT_S = 30.0
_LOOK_S = 0.1


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


def is_running(inbox: Path) -> bool:
    """Whether a daemon watches this inbox: the lock is the truth, a stale process number is not."""
    path = inbox / LOCK_NAME
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def pid(inbox: Path) -> int | None:
    """The daemon's process number, for people."""
    try:
        return int((inbox / PID_NAME).read_text())
    except (OSError, ValueError):
        return None


def start(config: Config) -> None:
    """Starts the daemon in the background, through the login service where that is set up; raises `DaemonError`."""
    if not service.start():
        detached(config)
    _wait(config, running=True, seconds=_START_WAIT_S)


def detached(config: Config) -> None:
    """Starts the daemon as a process of its own, which outlives the terminal."""
    flags = {"start_new_session": True}
    if sys.platform == "win32":
        flags = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.Popen([sys.executable, "-m", "cinepalette", "run"], cwd=Path.home(), **quiet, **flags)


def stop(config: Config) -> None:
    """Asks the daemon to stop, in the way that works on every system, and waits until it has; raises `DaemonError`."""
    write_whole(config.inbox / f"request-stop-{os.getpid()}.json", '{"v": 1, "do": "stop"}\n')
    _wait(config, running=False, seconds=_STOP_WAIT_S)


def _wait(config: Config, *, running: bool, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while is_running(config.inbox) is not running:
        if time.monotonic() > deadline:
            done = "has not started" if running else "has not stopped"
            raise DaemonError(f"the daemon {done} after {seconds:.0f} s; its log is {config.log}")
        time.sleep(_LOOK_S)

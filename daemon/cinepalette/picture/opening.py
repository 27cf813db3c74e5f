"""A stranger's file read once and by its handle: what is checked is what is read, and only plain files are opened."""

import errno
import hashlib
import os
import signal
import stat
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ..errors import UnreadableImage
from ..model import one_line

# A named pipe would be waited for, a terminal could become ours; Windows knows neither, and translates line ends.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_GIB = 1 << 30


@dataclass(frozen=True)
class Contents:
    """The bytes of a file at one moment."""

    path: Path
    data: bytes = field(repr=False)
    version: tuple[int, ...]
    """Another one when the file was replaced or written to since."""

    @property
    def name(self) -> str:
        """What the file is called, on one line."""
        return one_line(self.path.name)

    @cached_property
    def fingerprint(self) -> str:
        """The file known again by all its bytes: their number and SHA-256."""
        return f"{len(self.data)}-{hashlib.sha256(self.data).hexdigest()}"


def read(path: Path, most_bytes: int) -> Contents:
    """A file whole; raises `UnreadableImage` for what is missing, larger, or no plain file."""
    try:
        return _read(path, most_bytes)
    except UnreadableImage as error:
        error.name = str(path)
        raise


def check_plain(path: Path) -> None:
    """Raises `UnreadableImage` for what is missing or no plain file, which others are to open by its name."""
    try:
        _check(path.stat())
    except OSError as error:
        raise UnreadableImage(f"cannot be opened: {error.strerror or error}") from error


def version_of(path: Path) -> tuple[int, ...] | None:
    """What distinguishes a file from another one, and from itself before it was written to; None when it is gone."""
    try:
        return _version(path.stat())
    except OSError:
        return None


def is_being_written(path: Path) -> bool:
    """Whether another program has a file open for writing. Only Linux knows, and not of every drive."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        handle = os.open(path, _FLAGS | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return False
        # Who opens the file while we hold the lease raises a signal: this one is ignored by default.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(handle)
    return False


def _read(path: Path, most_bytes: int) -> Contents:
    try:
        # Some devices do something when they are opened; what the handle is then is checked again.
        _check(path.stat())
        handle = os.open(path, _FLAGS)
    except OSError as error:
        raise UnreadableImage(f"cannot be opened: {error.strerror or error}") from error
    try:
        status = os.fstat(handle)
        _check(status)
        if status.st_size > most_bytes:
            raise UnreadableImage(f"has {_size(status.st_size)}; at most {_size(most_bytes)} is read")
        with os.fdopen(os.dup(handle), "rb") as file:
            # One byte more than it had: a file that grows meanwhile is not whole.
            data = file.read(status.st_size + 1)
        if len(data) != status.st_size:
            raise UnreadableImage("is still being written")
        return Contents(path, data, _version(os.fstat(handle)))
    except OSError as error:
        raise UnreadableImage(f"cannot be read: {error.strerror or error}") from error
    finally:
        os.close(handle)


def _check(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableImage("is a folder, not a picture")
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableImage("is no file")


def _version(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _size(count: int) -> str:
    return f"{count / _GIB:.1f} GiB" if count >= _GIB else f"{count / 1024:.0f} KiB"

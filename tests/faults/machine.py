"""A machine that fails: every operation that changes a file below a folder is counted, and one of them goes wrong.

The work runs in a child of this process, whose `os` and `open` are replaced. So a kill is a kill: nothing after it is
done, by no `finally` and in no thread.
"""

import builtins
import errno
import io
import os
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

KILLED, FAILED = 86, 87


class Fault(Enum):
    """What happens at an operation."""

    NONE = "none"
    KILL = "killed"
    DATA_LATE = "power loss, names before data"
    """What was written and not synced is empty; all names are as they were given."""
    NAMES_LATE = "power loss, names not kept"
    """Names given, changed and deleted since the last sync of a folder are as before."""
    FULL = "disk full"
    """From this operation on nothing new can be written; the program goes on as it can."""
    READ_ONLY = "read-only"
    """From this operation on nothing can be changed at all."""


@dataclass(frozen=True)
class Ended:
    """How the child ended."""

    operations: int
    code: int
    words: str


def in_child(work: Callable[[], object], below: Path, fault: Fault = Fault.NONE, at: int = 0) -> Ended:
    """Runs work in a child with a fault at its n-th operation on a file below a folder, counted from 1."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(out)
        sys.stdout = io.StringIO()  # what it says to a person
        code = FAILED
        machine = _Machine(below, fault, at, into)
        try:
            with machine:
                work()
            code = 0
        except BaseException:
            os.write(into, traceback.format_exc()[-4000:].encode())
        finally:
            machine.end(code)
    os.close(into)
    with os.fdopen(out, "rb") as report:
        words = report.read().decode(errors="replace")
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    *said, count = words.rsplit("#", 1)
    return Ended(int(count) if count.isdigit() else 0, code, "".join(said))


def failing(below: Path, fault: Fault) -> None:
    """Has every change below a folder go wrong in this process, for good."""
    _Machine(below, fault, 1, -1).__enter__()


class _Machine:
    """Stands between the program and its files."""

    def __init__(self, below: Path, fault: Fault, at: int, report: int) -> None:
        self._below = os.fspath(below) + os.sep
        self._fault, self._at, self._report = fault, at, report
        self._seen = 0
        self._turn = threading.RLock()
        self._real = {name: getattr(os, name) for name in (*_CHANGES, "open", "fsync")}
        self._open = io.open
        self._undo: list[Callable[[], object]] = []
        """How to take back, the latest last, what no sync of a folder has made certain."""
        self._dirty: set[tuple[int, int]] = set()
        """Files whose content is not certain."""

    def __enter__(self) -> None:
        for name in _CHANGES:
            setattr(os, name, self._changing(name, self._real[name]))
        os.open, os.fsync = self._os_open, self._fsync
        io.open = builtins.open = self._file

    def __exit__(self, *_: object) -> None:
        for name, real in self._real.items():
            setattr(os, name, real)
        io.open = builtins.open = self._open

    def end(self, code: int) -> None:
        """Reports how many operations there were, and ends the process at once."""
        os.write(self._report, f"#{self._seen}".encode())
        os._exit(code)

    def _step(self, *paths: object, needs_room: bool) -> bool:
        """Counts an operation, or has the fault happen; False for one that is none of ours."""
        if not any(isinstance(path, str | bytes | os.PathLike) and self._is_ours(path) for path in paths):
            return False
        self._seen += 1
        if not self._at or self._seen < self._at:
            return True
        if self._fault is Fault.FULL and needs_room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._fault is Fault.READ_ONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        if self._seen == self._at and self._fault in {Fault.KILL, Fault.DATA_LATE, Fault.NAMES_LATE}:
            self._lose()
            self.end(KILLED)
        return True

    def _is_ours(self, path: Any) -> bool:
        return str(Path(os.fsdecode(path)).absolute()).startswith(self._below)

    def _lose(self) -> None:
        if self._fault is Fault.DATA_LATE:
            for path in Path(self._below).rglob("*"):
                status = path.lstat()
                if (status.st_dev, status.st_ino) in self._dirty:
                    self._real["truncate"](path, 0)
        elif self._fault is Fault.NAMES_LATE:
            for back in reversed(self._undo):
                back()

    def _changing(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            with self._turn:
                paths = args[:2] if name in _OF_TWO_NAMES else args[1:2] if name == "symlink" else args[:1]
                if (handle := named.get("dir_fd")) is not None:  # so does shutil.rmtree
                    paths = tuple(Path(f"/proc/self/fd/{handle}").readlink() / path for path in paths)
                if not self._step(*paths, needs_room=name in _MAKES):
                    return real(*args, **named)
                back = self._way_back(name, *map(os.fsdecode, paths))
                done = real(*args, **named)
                self._undo.append(back)
                return done

        return call

    def _way_back(self, name: str, path: str, target: str = "") -> Callable[[], object]:
        real = self._real
        if name in {"rename", "replace"}:
            restore = self._restoring(target)

            def rename_back() -> None:
                real["rename"](target, path)
                restore()

            return rename_back
        if name in {"unlink", "remove"}:
            return self._restoring(path)
        if name == "rmdir":
            return lambda: real["mkdir"](path)
        if name == "mkdir":
            return lambda: real["rmdir"](path)
        return lambda: real["unlink"](target or path)

    def _restoring(self, path: str) -> Callable[[], object]:
        """How a name gets back what it has now: a file with its rights, or a link."""
        if Path(path).is_symlink():
            leads_to = Path(path).readlink()
            return lambda: self._real["symlink"](leads_to, path)
        try:
            with self._open(path, "rb") as file:
                content, mode = file.read(), os.fstat(file.fileno()).st_mode
        except OSError:
            return lambda: None

        def restore() -> None:
            with self._open(path, "wb") as file:
                file.write(content)
                os.fchmod(file.fileno(), mode & 0o7777)

        return restore

    def _os_open(self, path: Any, flags: int, *args: Any, **named: Any) -> int:
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        with self._turn:
            is_new = bool(writes) and not os.path.lexists(path)
            if writes and self._step(path, needs_room=is_new) and is_new:
                self._undo.append(lambda: self._forget(path))
            return self._real["open"](path, flags, *args, **named)

    def _file(self, file: Any, mode: str = "r", *args: Any, **named: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wax+"):
            return self._open(file, mode, *args, **named)
        with self._turn:
            is_new = not os.path.lexists(file)
            if not self._step(file, needs_room=True):
                return self._open(file, mode, *args, **named)
            if is_new:
                self._undo.append(lambda: self._forget(file))
            opened = self._open(file, mode, *args, **named)
            status = os.fstat(opened.fileno())
            self._dirty.add((status.st_dev, status.st_ino))
            return _File(opened, os.fsdecode(file), self._step)

    def _forget(self, path: Any) -> None:
        if os.path.lexists(path):
            self._real["unlink"](path)

    def _fsync(self, handle: int) -> None:
        with self._turn:
            path = Path(f"/proc/self/fd/{handle}").readlink()
            if not self._step(path, needs_room=False):
                self._real["fsync"](handle)
                return
            # The power fails in here only: to wait for the disk would be most of the time.
            status = os.fstat(handle)
            self._dirty.discard((status.st_dev, status.st_ino))
            if path.is_dir():
                self._undo.clear()


_CHANGES = ("rename", "replace", "unlink", "remove", "mkdir", "rmdir", "link", "symlink", "truncate")
_OF_TWO_NAMES = {"rename", "replace", "link"}
_MAKES = {"mkdir", "link", "symlink"}


class _File:
    """A file that is open for writing, each writing to it an operation of its own."""

    def __init__(self, file: Any, path: str, step: Callable[..., bool]) -> None:
        self._file, self._path, self._step = file, path, step

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Any:
        return iter(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: Any) -> int:
        half = len(data) // 2
        self._file.write(data[:half])
        self._file.flush()
        self._step(self._path, needs_room=True)
        self._file.write(data[half:])
        return len(data)

    def writelines(self, parts: Any) -> None:
        for part in parts:
            self.write(part)


if sys.platform != "linux":
    raise RuntimeError("the faults need fork and /proc: they are tried on Linux")

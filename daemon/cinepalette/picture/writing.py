"""Files written whole: a reader sees the old one or the new one, never a part, also after a power failure."""

import errno
import itertools
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from .encoding import png_bytes, png_parts

# A file on its way. One that has not changed for an hour is on none any more.
_PART = ".part"
_PART_LIFE_S = 3600.0

# What most file systems take.
_MAX_NAME_BYTES = 255

# Above 4K; below, OpenCV is faster.
_LARGE_PIXELS = 12_000_000

# On Windows a file that a viewer has open cannot be replaced for a moment.
_REPLACE_TRIES = 10
_REPLACE_PAUSE_S = 0.05


def write_png(path: Path, rgb: np.ndarray, dpi: int | None = None, *, durable: bool = False) -> None:
    """Writes pixels as PNG, whole or not at all; a large picture piece by piece. `durable` as in `write_whole`."""
    is_large = rgb.shape[0] * rgb.shape[1] > _LARGE_PIXELS
    write_whole(path, png_parts(rgb, dpi) if is_large else png_bytes(rgb, dpi), durable=durable)


def write_whole(
    path: Path, data: bytes | str | Iterable[bytes], *, durable: bool = False, mode: int | None = None
) -> None:
    """Writes a file so that a reader sees the old one or the new one, never a part; text is UTF-8.

    `mode` is who may read it, from its first byte on; otherwise the umask decides. With `durable` the promise holds for
    a power failure as well; the new one is certain to stay after `sync_folder`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    parts: Iterable[bytes] = [data.encode()] if isinstance(data, str) else [data] if isinstance(data, bytes) else data
    temporary = _temporary(path)
    try:
        with temporary.open("wb") as file:
            if mode is not None:
                temporary.chmod(mode)
            file.writelines(parts)
            if durable:
                file.flush()
                _flush(file.fileno())
        _replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and str(error.filename) == str(temporary):
            error.filename = str(path)  # nobody has asked for the other one
        raise


def sweep(folder: Path) -> None:
    """Removes what `write_whole` has left in a folder and those in it where it was killed."""
    for path in folder.rglob(f".[0-9]*-[0-9]*{_PART}"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _PART_LIFE_S:
                path.unlink()


def free_name(stem: str, ending: str, is_taken: Callable[[str], bool]) -> str:
    """`stem` and `ending` as a file name, or the first with ` (2)`, ` (3)` ... between them that is not taken."""
    names = itertools.chain([f"{stem}{ending}"], (f"{stem} ({count}){ending}" for count in itertools.count(2)))
    return next(name for name in names if not is_taken(name))


def short_name(stem: str, ending: str) -> str:
    """A file name, its stem cut so that file systems take it."""
    while len(f"{stem}{ending}".encode(errors="surrogateescape")) > _MAX_NAME_BYTES and len(stem) > 1:
        stem = stem[:-1]
    return f"{stem}{ending}"


def move(source: Path, target: Path) -> None:
    """Moves a file, also to another drive, where it is whole before it has its name and before the source goes."""
    try:
        _replace(source, target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    temporary = _temporary(target)
    try:
        shutil.copy2(source, temporary)
        sync_file(temporary)
        _replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    source.unlink()


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a power failure; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _flush(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Makes a file that is already written survive a power failure."""
    with path.open("r+b") as file:  # Windows does not flush what is open only for reading
        _flush(file.fileno())


def _temporary(path: Path) -> Path:
    return path.with_name(f".{os.getpid()}-{threading.get_ident()}{_PART}")


def _flush(handle: int) -> None:
    """Brings what was written to the disk itself: on macOS fsync leaves it in the disk's own cache."""
    if sys.platform == "darwin":
        import fcntl

        with suppress(OSError):  # not every file system can
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def _replace(source: Path, target: Path) -> None:
    for attempt in range(_REPLACE_TRIES):
        try:
            source.replace(target)
            return
        except PermissionError:
            if os.name != "nt" or attempt == _REPLACE_TRIES - 1:
                raise
            time.sleep(_REPLACE_PAUSE_S)

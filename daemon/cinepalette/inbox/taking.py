"""Arrivals in hand: moved to a folder of their own in `taken/` until they are kept, given back or put aside.

In there no other program looks for them. So what is read is what is kept and what is cleared away, and a picture that
comes under the same name meanwhile is simply the next arrival. The folder's name goes into the session with the still:
after a crash, what lies in `taken/` has its place there, or never had one.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from ..picture import opening
from ..picture.reading import SUFFIXES
from ..picture.writing import sync_folder
from .protocol import Arrival, Kind, kind_of
from .sidecar import read_sidecar

_TRIES = "tries"


@dataclass(frozen=True)
class Taken:
    """An arrival that is ours alone."""

    arrival: Arrival
    folder: Path
    """In `taken/`."""

    @property
    def key(self) -> str:
        """What it is known by for good, here and in its session."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """Where the picture lies now; for a sidecar that came alone, the sidecar."""
        return self.folder / self.arrival.path.name

    @property
    def tries(self) -> int:
        """How often its reading was begun and never came to an end."""
        try:
            return (self.folder / _TRIES).stat().st_size
        except OSError:
            return 0

    @contextlib.contextmanager
    def trying(self) -> Iterator[None]:
        """Counts a reading that never ends, because it has brought the daemon down."""
        with (self.folder / _TRIES).open("ab") as file:
            file.write(b".")
        try:
            yield
        finally:
            self.not_to_blame()

    def not_to_blame(self) -> None:
        """Forgets the readings: they came to an end, or were cut off by a stop."""
        (self.folder / _TRIES).unlink(missing_ok=True)

    def sync(self) -> None:
        """Makes its new place survive a power failure; to be done before a session names it."""
        for folder in (self.folder, self.folder.parent, self.folder.parent.parent):
            sync_folder(folder)


def take(arrival: Arrival, shelf: Path) -> Taken | None:
    """Makes an arrival ours; None when it is gone, or somebody is still writing to it. Raises OSError."""
    taken = Taken(arrival, _fresh(shelf))
    sidecar = arrival.path.with_suffix(".json")
    try:
        # The sidecar first: a crash in between leaves the picture for `in_hand` to find.
        if arrival.kind is Kind.STILL and os.path.lexists(sidecar):
            sidecar.rename(taken.folder / sidecar.name)
        _move(arrival.path, taken.path)
    except BaseException as error:
        give_back(taken)
        if isinstance(error, FileNotFoundError):
            return None
        raise
    if opening.is_being_written(taken.path):
        give_back(taken)
        return None
    return taken


def give_back(taken: Taken) -> bool:
    """Puts an arrival where it came from; False where another file has that name now, and it stays in hand."""
    inbox = taken.arrival.path.parent
    for path in sorted(taken.folder.iterdir(), key=lambda path: path.suffix == ".json"):
        if path.name == _TRIES:
            path.unlink()
        elif not _moved_to_free_name(path, inbox / path.name):
            return False
    taken.folder.rmdir()
    return True


def renewed(taken: Taken) -> Taken:
    """The same as an arrival of its own, for a file that somebody has gone on writing to after it was read."""
    fresh = _fresh(taken.folder.parent)
    taken.folder.replace(fresh)
    return Taken(taken.arrival, fresh)


def clear(taken: Taken) -> None:
    """Takes away what is kept."""
    ours = (taken.path.name, taken.path.with_suffix(".json").name, _TRIES)
    there = {path.name: path for path in taken.folder.iterdir()}
    for name in ours:
        if name in there:
            there[name].unlink()
    # A person may have put something there.
    with contextlib.suppress(OSError):
        taken.folder.rmdir()


def in_hand(shelf: Path) -> list[Path]:
    """The folders that a daemon before us had in hand, the oldest first."""
    return sorted(path for path in shelf.iterdir() if path.is_dir()) if shelf.is_dir() else []


def found(folder: Path, inbox: Path) -> Taken | None:
    """What lies in a folder of `taken/`; an arrival that a crash has torn apart is put together again."""
    names = sorted(path for path in folder.iterdir() if path.name != _TRIES) if folder.is_dir() else []
    pictures = [path for path in names if path.suffix.lower() in SUFFIXES]
    if pictures:
        path = pictures[0]
        return Taken(_arrival(path, inbox), folder)
    for sidecar in (path for path in names if kind_of(path) is Kind.SIDECAR):
        if any(os.path.lexists((inbox / sidecar.name).with_suffix(suffix)) for suffix in SUFFIXES):
            _moved_to_free_name(sidecar, inbox / sidecar.name)
        elif (read := read_sidecar(sidecar)) and read.failed:
            return Taken(Arrival(inbox / sidecar.name, Kind.SIDECAR, read.sidecar, read.notes), folder)
        else:
            sidecar.unlink(missing_ok=True)
    (folder / _TRIES).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()
    return None


def _arrival(path: Path, inbox: Path) -> Arrival:
    kind = kind_of(path)
    if kind is not Kind.STILL:
        return Arrival(inbox / path.name, kind)
    sidecar = path.with_suffix(".json")
    if os.path.lexists(inbox / sidecar.name) and not os.path.lexists(sidecar):
        (inbox / sidecar.name).rename(sidecar)
    read = read_sidecar(sidecar)
    return Arrival(inbox / path.name, kind, read.sidecar, read.notes) if read else Arrival(inbox / path.name, kind)


def _fresh(shelf: Path) -> Path:
    """A new folder, whose name sorts after those before it."""
    shelf.mkdir(parents=True, exist_ok=True)
    now = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    for number in count():
        folder = shelf / f"{now}-{number}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError("counting has no end")


def _move(path: Path, target: Path) -> None:
    """A file to a name that is ours; of a link, what it leads to, since a short one would lead nowhere from there."""
    if path.is_symlink() and path.resolve().is_file():
        shutil.copyfile(path, target)
        path.unlink()
    else:
        path.rename(target)


def _moved_to_free_name(path: Path, target: Path) -> bool:
    """Moves a file unless the other name is taken; never over another file, whenever that comes."""
    try:
        os.link(path, target, follow_symlinks=False)
    except FileExistsError:
        return False
    except (OSError, NotImplementedError):
        # A folder, or a file system without second names.
        if os.path.lexists(target):
            return False
        path.rename(target)
        return True
    path.unlink()
    return True

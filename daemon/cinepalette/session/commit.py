"""Changes of session.json and of where files are, whole or not at all, also when the program is killed halfway.

What is slow, writing a new session.json through to the disk, happens beside its place and before the lock is taken.
Under the lock it is only given its name. A change of several files is first written down (`.intent.json`): from the
moment that this has its name the change is made, and whoever takes the lock next finishes it.
"""

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..errors import SessionError
from ..model import Session
from ..picture.writing import sync_folder, write_whole
from . import record
from .folder import FILE_NAME, Folder

log = logging.getLogger(__name__)

INTENT = ".intent.json"
PREPARED = ".prepared"
"""The folder in which files wait for their names."""
# A prepared file older than this was left by a program that was killed.
_PREPARED_LIFE_S = 3600.0

Stamp = tuple[int, int, int]
"""By which a file is known to be the one that was read: its inode, time and size."""


@dataclass(frozen=True)
class Written:
    """A session as it is to be."""

    folder: Folder
    before: Stamp | None
    """Of the session.json that it follows from; None for a session that is new."""
    session: Session
    renamed_to: Folder | None = None
    """The folder's new name."""

    @property
    def home(self) -> Folder:
        """The folder in which it is then."""
        return self.renamed_to or self.folder


@dataclass(frozen=True)
class Prepared:
    """Files that wait beside their places, already on the disk."""

    written: Sequence[Written]
    moves: Sequence[tuple[Path, Path]]
    files: Sequence[Path]
    stamps: Sequence[Stamp | None]
    """By which these files are known once they are at their places."""
    intent: Path | None
    """None where giving one file its name is the whole change."""


def stamp(folder: Folder) -> Stamp | None:
    """Of the session.json as it is now; None where there is none."""
    return _stamp_of(folder.file)


def prepare(output: Path, written: Sequence[Written], moves: Sequence[tuple[Path, Path]]) -> Prepared:
    """Writes all that a change needs beside its place; nothing is changed yet. Raises OSError."""
    mark = f"{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}"
    files = [output / PREPARED / f"{mark}-{i}" for i in range(len(written))]
    moves = [*moves, *((one.folder.path, one.renamed_to.path) for one in written if one.renamed_to)]
    try:
        for path, one in zip(files, written, strict=True):
            text = record.text_of(one.session)
            write_whole(path / FILE_NAME if one.before is None else path, text, durable=True)
        intent = None
        if len(written) > 1 or moves:
            for _, target in moves:
                # While there is time: a full disk is found out before anything has moved. A session's own folder is
                # not made here: it may just have got another name.
                with suppress(FileNotFoundError, FileExistsError):
                    target.parent.mkdir()
            intent = output / PREPARED / f"{mark}-intent"
            write_whole(intent, _intent_text(output, written, moves, files), durable=True)
    except BaseException:
        _remove(files)
        raise
    stamps = [_stamp_of(path / FILE_NAME if path.is_dir() else path) for path in files]
    return Prepared(written, moves, files, stamps, intent)


def commit(output: Path, prepared: Prepared) -> bool:
    """Makes a prepared change, or writes down that it is to be made; False where a session has changed meanwhile.

    To be called under the lock. Raises `SessionError` where a file is in the way.
    """
    for one in prepared.written:
        is_new = one.before is None or one.renamed_to is not None
        if stamp(one.folder) != one.before or (is_new and one.home.path.exists()):
            return False
    for _, target in prepared.moves:
        if target.exists():
            raise SessionError(f"{target}: is there already; move it away first")
    if prepared.intent is None:
        _name(prepared.files[0], _place(prepared.written[0]))
    else:
        prepared.intent.replace(output / INTENT)
    return True


def discard(prepared: Prepared) -> None:
    """Removes what was prepared and is not needed any more."""
    _remove([*prepared.files, *filter(None, [prepared.intent])])


def finish(output: Path) -> None:
    """Makes the change that is written down, whoever has begun it, however far it got. To be called under the lock."""
    intent = _read_intent(output)
    if intent is None:
        return
    files = [(output / source, output / target) for source, target in intent["files"]]
    if any(source.exists() for source, _ in files):
        for source, target in files:
            if source.is_dir():
                _name(source, target)
        for source, target in ((output / one, output / other) for one, other in intent["moves"]):
            if source.exists() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                _move(source, target)
        for source, target in files:
            if source.exists():
                _name(source, target)
    (output / INTENT).unlink(missing_ok=True)


def is_unfinished(output: Path) -> bool:
    """Whether a change is written down."""
    return (output / INTENT).exists()


def sync(prepared: Prepared) -> None:
    """Returns when the names that a change gave have survived a power failure."""
    folders = {_place(one).parent for one in prepared.written}
    folders |= {path.parent for move in prepared.moves for path in move}
    for folder in sorted(folders):
        with suppress(FileNotFoundError):  # it was renamed, or emptied and deleted since
            sync_folder(folder)


def sweep(output: Path) -> None:
    """Removes what a killed program had prepared and not begun."""
    for path in (output / PREPARED).glob("*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _PREPARED_LIFE_S:
                _remove([path])


def _stamp_of(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _place(one: Written) -> Path:
    """What a prepared file is to be: a session.json, or a new folder with it."""
    return one.home.path if one.before is None else one.home.file


def _intent_text(
    output: Path, written: Sequence[Written], moves: Sequence[tuple[Path, Path]], files: Sequence[Path]
) -> str:
    def pairs(paths: Sequence[tuple[Path, Path]]) -> list[list[str]]:
        return [[path.relative_to(output).as_posix() for path in pair] for pair in paths]

    places = [_place(one) for one in written]
    return json.dumps(
        {"v": 1, "moves": pairs(moves), "files": pairs(list(zip(files, places, strict=True)))},
        ensure_ascii=False,
        indent=0,
    )


def _read_intent(output: Path) -> dict[str, list[tuple[str, str]]] | None:
    """The change that is written down; a damaged file is put aside, so that it holds up no other change."""
    path = output / INTENT
    try:
        data = json.loads(path.read_bytes())
        intent = {key: [(str(one), str(other)) for one, other in data[key]] for key in ("moves", "files")}
        if any(_leads_out(part) for pairs in intent.values() for pair in pairs for part in pair):
            raise ValueError("names files elsewhere")
    except FileNotFoundError:
        return None
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        aside = path.with_name(f".damaged{INTENT}")
        log.error("%s: is damaged (%s); put aside as %s", path, error, aside.name)
        path.replace(aside)
        return None
    return intent


def _leads_out(text: str) -> bool:
    path = PurePath(text)
    return path.is_absolute() or not path.parts or ".." in path.parts


def _name(source: Path, target: Path) -> None:
    """Gives a prepared file or folder its name."""
    try:
        source.replace(target)
    except OSError:
        # A session's folder may be a link to another disk.
        if source.is_dir() or not target.parent.is_dir():
            raise
        write_whole(target, source.read_bytes(), durable=True)
        source.unlink(missing_ok=True)


def _move(source: Path, target: Path) -> None:
    """Moves a file, as a whole also to another disk."""
    try:
        source.rename(target)
    except OSError:
        if source.is_dir():
            raise
        write_whole(target, source.read_bytes(), durable=True)
        source.unlink()


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

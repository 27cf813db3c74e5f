"""What we have done to one VLC, written down beside its Lua scripts before it is done.

Folders come into being together with their record and go together with it, so that whatever cuts this off can be taken
back: folder and record are made under another name and moved into place at once, and go in the same way.
"""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import SetupError
from ..picture.writing import write_whole
from .environment import folders

RECORD_NAME = "cinepalette.installed.json"
DAMAGED_NAME = f"{RECORD_NAME}.damaged"
"""A record that could not be read, put aside."""


@dataclass(frozen=True)
class Record:
    """What we have done to one VLC."""

    files: dict[str, str] = field(default_factory=dict)
    """Our files, as paths with `/` below the Lua folder, with the SHA-256 of each."""
    kept: tuple[str, ...] = ()
    """Those of them in whose place another file was, which now has `plugin.KEPT_SUFFIX`."""
    made: tuple[str, ...] = ()
    """Folders that did not exist before us, the outermost first."""
    vlcrc_seen: bool = False
    """Whether `vlcrc_before` means anything: not when our token was found in the file already."""
    vlcrc_before: bytes | None = None
    """The settings file as it was before our token; None when there was none."""
    version: str = __version__
    """The program's version that did it."""


def exists(lua: Path) -> bool:
    """Whether anything was written down for this VLC."""
    return (lua / RECORD_NAME).exists()


def load(lua: Path) -> Record | None:
    """What was done to this VLC; None when nothing was, raises `SetupError` for a record that cannot be read."""
    path = lua / RECORD_NAME
    try:
        text = path.read_bytes()
        if not text.strip():
            # An earlier version was killed between making the file and writing it: nothing had been done yet.
            return Record()
        data: dict[str, Any] = json.loads(text)
        before = data["vlcrc_before"]
        return Record(
            files=dict(data["files"]),
            kept=tuple(data["kept"]),
            made=tuple(data["made"]),
            vlcrc_seen=bool(data["vlcrc_seen"]),
            vlcrc_before=None if before is None else base64.b64decode(before),
            version=str(data.get("version", "")),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError(f"{path}: cannot be read ({error}); `cinepalette doctor --fix` puts it aside") from error


def save(lua: Path, record: Record) -> None:
    """Writes what was done; only the user may read it, since a settings file can hold passwords."""
    if lua.exists():
        _write(lua, record)
        return
    folders.make(lua, lambda folder: _write(folder, record))


def drop(lua: Path, record: Record) -> None:
    """Forgets what was done, and takes along the folders that were made for it, where they are empty now."""
    remove_folders(record.made)
    if not folders.take_down(lua, RECORD_NAME, record.made):
        (lua / RECORD_NAME).unlink(missing_ok=True)


def missing_folders(*folders: Path) -> tuple[str, ...]:
    """What making these folders would bring into being, the outermost first."""
    missing = {each for folder in folders for each in (folder, *folder.parents) if not each.exists()}
    return tuple(sorted(map(str, missing), key=len))


def remove_folders(made: tuple[str, ...]) -> None:
    """Removes those folders that are empty, the innermost first."""
    for each in sorted(made, key=len, reverse=True):
        folder = Path(each)
        if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
            folder.rmdir()


def _write(folder: Path, record: Record) -> None:
    before = record.vlcrc_before
    data = vars(record) | {"v": 1, "vlcrc_before": None if before is None else base64.b64encode(before).decode()}
    write_whole(folder / RECORD_NAME, json.dumps(data, indent=1) + "\n", mode=0o600, durable=True)

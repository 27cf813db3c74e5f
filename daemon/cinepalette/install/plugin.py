"""Our files in VLC's Lua folder: copied in, known again as ours, taken out without a trace.

What we put there stands in a record beside it. A file that is at one of our places and is not ours (another program's,
or ours with a person's changes) is never overwritten: it is kept under another name and put back at the end.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import __version__
from ..config import Config
from ..errors import SetupError
from ..picture.writing import free_name, write_whole
from . import players, records
from .records import Record

SETTINGS_NAME = "cinepalette.json"
KEPT_SUFFIX = ".before-cinepalette"


def is_current(lua: Path) -> bool:
    """Whether our files are there, all of them, as this version has them and has written down."""
    record = records.load(lua)
    files = {name: _hash(data) for name, data in _wanted().items()}
    return record is not None and record.version == __version__ and record.files == files and has_files(lua)


def has_files(lua: Path) -> bool:
    """Whether what is there is what this version would put there."""
    return all(_read(lua / name) == data for name, data in _wanted().items())


def state(lua: Path) -> str | None:
    """What is wrong with our files, as a sentence; None where all is well."""
    wanted = _wanted()
    record = records.load(lua)
    lost = [name for name in wanted if not (lua / name).is_file()]
    if len(lost) == len(wanted):
        return f"the plugin is not in {lua}."
    if lost:
        return f"{len(lost)} of the plugin's {len(wanted)} files are missing in {lua}, {lost[0]} among them."
    if record is not None and record.version != __version__:
        version = record.version or "an unknown version"
        return f"the plugin is of {version}, and the daemon of {__version__}."
    other = [name for name, data in wanted.items() if _read(lua / name) != data]
    if other:
        return f"{lua / other[0]} is not the plugin's own file: an older one, or somebody else's."
    return None if is_current(lua) else f"what was installed in {lua} was not written down."


def install(lua: Path) -> list[str]:
    """Puts this version's files into a Lua folder; gives the names of strangers' files that were kept aside.

    The record is written first, so that whatever cuts this off can be undone.
    """
    wanted = _wanted()
    before = records.load(lua) or Record()
    files = {name: _hash(data) for name, data in wanted.items()}
    strangers = {name: _free(lua / (name + KEPT_SUFFIX)) for name in wanted if _is_strange(lua, name, wanted, before)}
    # Put back is what was there first; what came later under the same name is only kept.
    first = {name for name, aside in strangers.items() if aside.name.endswith(KEPT_SUFFIX)}
    record = replace(
        before,
        files=before.files | files,
        kept=tuple(sorted({*before.kept, *first})),
        made=before.made + records.missing_folders(lua, *((lua / name).parent for name in wanted)),
        version=__version__,
    )
    records.save(lua, record)
    for name, aside in strangers.items():
        (lua / name).rename(aside)
    for name, data in wanted.items():
        # What stays the same keeps its time, by which a VLC that is open is known to be behind.
        if _read(lua / name) != data:
            write_whole(lua / name, data)
    for name in before.files.keys() - files.keys():
        if _is_ours(lua, name, before):
            (lua / name).unlink()
    records.save(lua, replace(record, files=files))
    return [aside.name for aside in strangers.values()]


def remove(lua: Path) -> list[str]:
    """Takes our files out of a Lua folder and puts back what was there; gives the names of files left in place.

    Left are those of ours that somebody has changed.
    """
    record = records.load(lua) or Record()
    wanted = _wanted()
    left = []
    # Where the record of them is gone, ours are known by what is in them.
    for name in sorted({*record.files, *wanted}):
        found = _read(lua / name)
        if found is not None and (found in {wanted.get(name), b""} or _hash(found) == record.files.get(name)):
            (lua / name).unlink()
        elif found is not None and name in record.files:
            left.append(name)
        # What was first in our place, also where the record of it was lost.
        aside = lua / (name + KEPT_SUFFIX)
        if aside.exists() and not (lua / name).exists():
            aside.rename(lua / name)
    for ours in (SETTINGS_NAME, records.DAMAGED_NAME):
        (lua / ours).unlink(missing_ok=True)
    # Nobody else has a folder of this name, whether or not it was written down.
    records.remove_folders((str(lua / "modules/cinepalette"),))
    records.drop(lua, record)
    return left


def is_here(lua: Path) -> bool:
    """Whether anything of ours is in a Lua folder, with a record of it or without."""
    return records.exists(lua) or any(_read(lua / name) == data for name, data in _wanted().items())


def settings_text(config: Config) -> str:
    """The few settings that the plugin needs, as the JSON it reads."""
    player = config.vlc
    data: dict[str, Any] = {
        "v": 1,
        "inbox": str(config.inbox),
        "keys": {name: list(getattr(player, name)) for name in ("take", "undo", "redo", "new")},
        "subtitles": player.subtitles,
        "overlay": {
            "show": player.overlay,
            "seconds": player.overlay_seconds,
            "position": player.overlay_position,
        },
        "vlc_snapshots": player.vlc_snapshots,
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def has_settings(lua: Path, config: Config) -> bool:
    """Whether the plugin's settings are there as they are in force."""
    return _read(lua / SETTINGS_NAME) == settings_text(config).encode()


def write_settings(lua: Path, config: Config) -> None:
    """Writes the plugin's settings for one VLC, when they have changed."""
    if not has_settings(lua, config):
        write_whole(lua / SETTINGS_NAME, settings_text(config))


def is_newer_than_vlc(lua: Path) -> bool:
    """Whether a VLC is open that has started before our files and settings were written; only Linux can tell."""
    since = players.running_since()
    ours = [lua / name for name in (*_wanted(), SETTINGS_NAME)]
    return since is not None and any(path.stat().st_mtime > since for path in ours if path.exists())


def _wanted() -> dict[str, bytes]:
    """This version's files by name."""
    source = players.plugin_source()
    files = {path.relative_to(source).as_posix(): path.read_bytes() for path in sorted(source.rglob("*.lua"))}
    if not files:
        raise SetupError(f"{source}: VLC's side of the program is missing; install Cinepalette again")
    return files


def _is_strange(lua: Path, name: str, wanted: dict[str, bytes], record: Record) -> bool:
    """Whether a file is there that neither this nor an earlier version of ours has put there."""
    found = _read(lua / name)
    # An empty one is ours, too: its text had not reached the disk when the power failed.
    return found is not None and found not in {b"", wanted[name]} and _hash(found) != record.files.get(name)


def _is_ours(lua: Path, name: str, record: Record) -> bool:
    found = _read(lua / name)
    return found is not None and _hash(found) == record.files.get(name)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _free(path: Path) -> Path:
    return path.with_name(free_name(path.name, "", lambda name: path.with_name(name).exists()))

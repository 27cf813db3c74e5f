"""VLC's settings file on disk: our token into it and out of it again, whatever the file is.

A link stays a link, who may read it stays the same, and only a plain file is ever opened.
"""

import stat
from dataclasses import replace
from pathlib import Path

from ..errors import SetupError
from ..picture.writing import write_whole
from . import records, vlcrc
from .players import Vlc
from .records import Record

# VLC's own is some 200 kB.
_MAX_BYTES = 16 * 1024 * 1024


def read(path: Path) -> bytes | None:
    """What is in it; None where there is no file, as behind a link to nowhere. Raises `SetupError`."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SetupError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not stat.S_ISREG(status.st_mode):
        raise SetupError(f"{path}: is no file, as VLC's settings are; put it aside, then do this again")
    if status.st_size > _MAX_BYTES:
        raise SetupError(f"{path}: is too large to be VLC's settings; put it aside, then do this again")
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(f"{path}: cannot be read: {error.strerror or error}") from error


def has_token(vlc: Vlc) -> bool:
    """Whether this VLC would start the plugin."""
    return vlcrc.has(read(vlc.vlcrc) or b"")


def add_token(vlc: Vlc) -> None:
    """Puts our token in; what the file was before stands in the record first."""
    before = read(vlc.vlcrc)
    record = records.load(vlc.lua) or Record()
    made = record.made + records.missing_folders(vlc.vlcrc.resolve().parent)
    records.save(vlc.lua, replace(record, vlcrc_seen=True, vlcrc_before=before, made=made))
    _write(vlc.vlcrc, vlcrc.add(before or b""))


def remove_token(vlc: Vlc) -> None:
    """Takes our token out; a file that is as we left it is afterwards what it was before us."""
    record = records.load(vlc.lua) or Record()
    data = read(vlc.vlcrc) or b""
    if record.vlcrc_seen and record.vlcrc_before is None and vlcrc.add(b"") == data:
        vlc.vlcrc.resolve().unlink()
        return
    after = vlcrc.remove(data, record.vlcrc_before)
    if after != data:
        _write(vlc.vlcrc, after)


def _write(path: Path, data: bytes) -> None:
    """Writes the file behind a link rather than over the link, and keeps who may read it."""
    target = path.resolve()
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o600
    write_whole(target, data, mode=mode, durable=True)

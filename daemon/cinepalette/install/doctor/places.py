"""Checks of the folders: the inbox, the output, the sessions in it, the disk, the fonts."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ...errors import SessionError
from ...session.store import Store
from .check import Account, Check, Finding

# A 4K still with its card and tiles takes some 30 MB; less than this is full before the film is over.
_LEAST_FREE_MB = 300
_ASK_S = 10


def _folders(account: Account) -> Iterator[Finding]:
    config = account.config
    try:
        Store(config.output).drive.check()
    except SessionError as error:
        yield Finding(f"{error}.", "The daemon goes on by itself when the drive is there.")
        return
    for name, folder in (("output", config.output), ("inbox", config.inbox)):
        if folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            continue
        if folder.is_dir():
            yield Finding(
                f"The {name} folder {folder} cannot be written to.",
                f"Let doctor --fix give you the right to, or name another one in [places] of {config.file}.",
                partial(_allow, folder, stat.S_IRWXU),
            )
        elif folder.exists():
            yield Finding(
                f"The {name} folder {folder} is a file.", f"Put it aside, or name another one in {config.file}."
            )
        else:
            yield Finding(
                f"The {name} folder {folder} is not there.",
                "Let doctor --fix make it; where it is on a drive that is not connected, connect that instead.",
                partial(folder.mkdir, parents=True),
            )


def _allow(path: Path, rights: int) -> None:
    path.chmod(stat.S_IMODE(path.stat().st_mode) | rights)


def _reach(account: Account) -> Iterator[Finding]:
    for vlc in account.usable:
        why = vlc.cannot_write(account.config.inbox)
        if why:
            yield Finding(
                f"{why} The inbox is {account.config.inbox}.",
                f"Name a visible folder of your home as inbox in [places] of {account.config.file}, "
                "then run cinepalette setup.",
            )


def _disk(account: Account) -> Iterator[Finding]:
    seen: set[int] = set()
    for folder in (account.config.output, account.config.inbox, Path.home()):
        there = next(each for each in (folder, *folder.parents) if each.exists())
        device = there.stat().st_dev
        free_mb = shutil.disk_usage(there).free // 1_000_000
        if device not in seen and free_mb < _LEAST_FREE_MB:
            yield Finding(
                f"The disk of {there} is full: {free_mb} MB are left.",
                "Make room; stills that could not be kept wait in the inbox and are taken then.",
            )
        seen.add(device)


def _sessions(account: Account) -> Iterator[Finding]:
    for folder in Store(account.config.output).folders():
        try:
            folder.load()
        except SessionError as error:
            if not os.access(folder.file, os.R_OK):
                yield Finding(
                    f"The session «{folder.name}» cannot be read: {folder.file} is closed to you.",
                    "Let doctor --fix give you the right to.",
                    partial(_allow, folder.file, stat.S_IRUSR),
                )
            else:
                yield Finding(
                    f"The session «{folder.name}» cannot be read: {error}.",
                    f"Put a copy of its session.json back; or make a new session of its stills, which are whole: "
                    f"cinepalette add '{folder.path / 'stills'}' --session TITLE",
                )


def _fonts(account: Account) -> Iterator[Finding]:
    """Letters of session titles that no font here has."""
    if shutil.which("fc-list") is None:
        return
    titles = [session.title for _, session in Store(account.config.output).sessions()]
    letters = {char for title in titles for char in title if ord(char) > 0x24F and char.isalpha()}
    # One letter stands for its script.
    scripts = {ord(char) >> 7: char for char in sorted(letters)}
    lacking = [char for char in scripts.values() if not _has_font(char)]
    if lacking:
        yield Finding(
            f"No font here has the letters {' '.join(lacking)} of a session's title.",
            "Install fonts for that script (on Debian fonts-noto and fonts-noto-cjk), then run cinepalette collage.",
        )


def _has_font(char: str) -> bool:
    asked = ["fc-list", f":charset={ord(char):x}", "family"]
    done = subprocess.run(asked, capture_output=True, text=True, errors="replace", timeout=_ASK_S)
    return done.returncode != 0 or bool(done.stdout.strip())


FOLDERS = Check(
    "folders",
    "Stills vanish, or «The palette daemon is not running»",
    "the inbox or the output folder is gone, is a file, or cannot be written to",
    "connect the drive it is on, or name another folder in [places]",
    _folders,
    # The daemon makes them itself, and does not start where it cannot.
    at_start=False,
)
REACH = Check(
    "reach",
    "«The still could not be saved» from a flatpak or snap VLC",
    "the inbox lies where this VLC may not write",
    "name a visible folder of the home as inbox",
    _reach,
    mends=False,
)
DISK = Check(
    "disk",
    "«Saved, but not yet kept»",
    "the disk is full",
    "make room; what waits in the inbox is taken then",
    _disk,
    mends=False,
)
SESSIONS = Check(
    "sessions",
    "A session is missing from the list and the gallery",
    "its session.json is damaged or closed to the user",
    "put a copy of it back, or `cinepalette add FOLDER/stills --session TITLE`",
    _sessions,
)
FONTS = Check(
    "fonts",
    "Boxes in the place of letters in a title",
    "no font of the system has them",
    "install fonts for that script",
    _fonts,
    mends=False,
    at_start=False,
)

CHECKS = (FOLDERS, REACH, DISK, SESSIONS, FONTS)

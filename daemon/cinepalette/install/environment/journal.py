"""The folders that were not there before the program came: those that are empty when it goes, go too."""

import contextlib
import json
import os
from pathlib import Path

from .folders import make, take_down
from .places import data_folder

_NAME = "made.json"


def note(*more: Path) -> None:
    """Writes down which of the usual folders, and of some more, do not exist. The first time counts."""
    file = data_folder() / _NAME
    known = folders()
    missing = [str(path) for folder in (*_usual(), *more) for path in (folder, *folder.parents) if not path.exists()]
    new = [path for path in dict.fromkeys(missing) if path not in known]
    if not new:
        return
    # Where nothing can be made nothing is to be noted either, and what is next says so.
    with contextlib.suppress(OSError):
        if file.parent.is_dir():
            _write(file.parent, [*known, *new])
        else:
            make(file.parent, lambda folder: _write(folder, new))


def _write(folder: Path, noted: list[str]) -> None:
    part = folder / f"{_NAME}.new"
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(noted))
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / _NAME)


def folders() -> list[str]:
    """What was written down."""
    try:
        noted = json.loads((data_folder() / _NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [each for each in noted if isinstance(each, str)] if isinstance(noted, list) else []


def forget() -> None:
    """Removes those folders that are empty, the innermost first, and the note with the last of them."""
    noted, own = folders(), data_folder()
    for each in sorted(noted, key=len, reverse=True):
        with contextlib.suppress(OSError):
            # A folder with anything in it refuses.
            Path(each).rmdir()
    if not take_down(own, _NAME, {*noted, str(own)}):
        (own / _NAME).unlink(missing_ok=True)


def _usual() -> list[Path]:
    """What a program for the desktop makes in an empty home."""
    home = Path.home()
    names = (".config/autostart", ".config/systemd/user", ".config/cinepalette", ".cache/cinepalette")
    own = (".local/share", ".local/state/cinepalette", ".local/bin", "Pictures", "Library/LaunchAgents")
    wanted = "default.target.wants"
    return [home / name for name in (*names, *own)] + [home / ".config/systemd/user" / wanted, data_folder()]

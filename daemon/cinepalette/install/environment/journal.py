"""The folders that were not there before the program came: those that are empty when it goes, go too."""

import contextlib
import json
import os
import sys
from pathlib import Path

from .folders import make, take_down
from .places import data_folder

_NAME = "made.json"


def note(*more: Path) -> None:
    """Writes down which of the usual folders, and of some more, do not exist. The first time counts.

    An earlier version, or a note that was deleted by hand, leaves nothing to go by: then those of the usual folders are
    ours in which there is nothing but ours.
    """
    file = data_folder() / _NAME
    known = folders()
    ways = [path for folder in (*_usual(), *more) for path in (folder, *folder.parents)]
    ours = [path for path in ways if not path.exists() or (not file.exists() and _is_made_by_us(path))]
    new = [path for path in dict.fromkeys(map(str, ours)) if path not in known]
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


def _is_made_by_us(folder: Path) -> bool:
    """Whether there is something in a folder of the home, and all of it bears our name."""
    home = Path.home()
    if home not in folder.parents:
        return False
    # Where a desktop or the system has made Pictures it is to stay.
    if folder == home / "Pictures" and (sys.platform != "linux" or (home / ".config/user-dirs.dirs").exists()):
        return False
    return _holds_ours_alone(folder)


def _holds_ours_alone(folder: Path) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    with contextlib.suppress(OSError):
        inside = list(folder.iterdir())
        return bool(inside) and all(map(_is_ours, inside))
    return False


def _is_ours(path: Path) -> bool:
    return path.name.lower().startswith("cinepalette") or _holds_ours_alone(path)


def _usual() -> list[Path]:
    """What a program for the desktop makes in an empty home."""
    home = Path.home()
    names = (".config/autostart", ".config/systemd/user", ".config/cinepalette", ".cache/cinepalette")
    own = (".local/share", ".local/state/cinepalette", ".local/bin", "Pictures", "Library/LaunchAgents")
    wanted = "default.target.wants"
    return [home / name for name in (*names, *own)] + [home / ".config/systemd/user" / wanted, data_folder()]

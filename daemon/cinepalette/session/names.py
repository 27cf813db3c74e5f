"""The names of a session's folder and of its files."""

import re
import unicodedata
from dataclasses import replace
from datetime import date

from ..model import Still, one_line, timecode

UNTITLED = "Stills"

# A folder name of 255 bytes is the limit of most file systems; the rest of the path needs room as well.
_MAX_TITLE_BYTES = 120
_WINDOWS_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?")
_REMOVED = "removed/"
_NUMBER = re.compile(r"(\d{4,})(.*)", re.DOTALL)


def still_name(n: int, time_s: float | None) -> str:
    """The file name of still n and of its card: `0001 00h41m07s.png`, without a position in the film `0001.png`."""
    if time_s is None:
        return f"{n:04}.png"
    hours, minutes, seconds = timecode(time_s).split(":")
    return f"{n:04} {hours}h{minutes}m{seconds}s.png"


def folder_name(title: str, day: date) -> str:
    """A name that every file system takes, readable in the title's own script: `Nausicaä 2026-11-20`.

    It ends in the day, so that it is never `Inbox`.
    """
    text = unicodedata.normalize("NFC", re.sub(r'[<>:"/\\|?*]', " ", title))
    text = one_line(text).strip(" .")
    while len(text.encode()) > _MAX_TITLE_BYTES:
        text = text[:-1].rstrip(" .")
    if not text or _WINDOWS_DEVICES.fullmatch(text):
        text = f"{UNTITLED} {text}".strip()
    return f"{text} {day.isoformat()}"


def alike(name: str) -> str:
    """A name as the most forgiving file system compares it: some give it back in letters taken apart."""
    return unicodedata.normalize("NFC", name).casefold()


def number_in(name: str) -> int:
    """The number that a file's name begins with, 0 where it begins with none."""
    found = _NUMBER.fullmatch(name)
    return int(found[1]) if found else 0


def numbered(still: Still, n: int) -> Still:
    """The still under another number, its files named after it."""
    return replace(still, n=n, still=_renumbered(still.still, n), card=_renumbered(still.card, n))


def shown(still: Still) -> Still:
    """The still with the paths that it has while its session shows it."""
    return replace(still, still=still.still.removeprefix(_REMOVED), card=still.card.removeprefix(_REMOVED))


def put_away(still: Still) -> Still:
    """The still with the paths that it has once it is taken out: below `removed/`."""
    back = shown(still)
    return replace(back, still=_REMOVED + back.still, card=_REMOVED + back.card)


def elsewhere(path: str) -> str:
    """Where a file is while its still is on the other side: `stills/x` is `removed/stills/x`, and the other way."""
    return path.removeprefix(_REMOVED) if path.startswith(_REMOVED) else _REMOVED + path


def is_place(path: str, folder: str) -> bool:
    """Whether a path is one that we write; another one could have us move a stranger's file."""
    parent, _, name = path.rpartition("/")
    return parent in {folder, _REMOVED + folder} and is_name(name)


def is_name(text: str) -> bool:
    """Whether a text is the name of a file or folder, with no way to another one in it."""
    return text not in {"", ".", ".."} and not set(text) & set("/\\\0")


def _renumbered(path: str, n: int) -> str:
    parent, _, name = path.rpartition("/")
    found = _NUMBER.fullmatch(name)
    return f"{parent}/{n:04}{found[2] if found else f' {name}'}"

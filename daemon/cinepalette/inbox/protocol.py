"""The inbox's protocol: what lies in the watched folder, when it is whole, and how it is answered.

The player writes a picture and then its sidecar, or a request; the daemon answers in `replies/` under the same name.
Everything here looks at the folder and nothing else; when to look is the business of `watch`.
"""

import contextlib
import json
import math
import re
import shutil
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from ..model import Sidecar, Video
from ..picture.reading import SUFFIXES
from ..picture.writing import free_name, write_whole

VERSION = 1
REPLIES = "replies"
REJECTED = "rejected"
LOCK_NAME = ".daemon.lock"
"""Held by the daemon that watches the inbox."""
PID_NAME = ".daemon.pid"

# A still of the plugin without a sidecar: the player may have died between the two.
SIDECAR_WAIT_S = 3.0
# A picture from elsewhere has arrived when it has not changed for this long; file managers write without pauses.
QUIET_S = 0.5
# One that does not decode may still be on its way over a slow network; after this long without a change it is not.
STALLED_S = 5.0
# An answer that no player has taken is of no use to anyone after this long.
REPLY_LIFE_S = 60.0
# Longer than a player waits for what it asked.
REQUEST_LIFE_S = 10.0
# A slow drive may bring the sidecar long before its picture.
_ORPHAN_LIFE_S = 24 * 3600.0
# The clock of a drive may be ahead of ours by so much; a date further in the future tells nothing.
CLOCK_AHEAD_S = 60.0

MAX_TITLE_CHARS = 300
_MAX_SIDECAR_BYTES = 256 * 1024
# Of a sidecar; more is no time in a film and no video, and would go into file names and drawings.
_MAX_NUMBER = 1e6
_MAX_SIDE_PX = 16_384

_STILL = re.compile(r"vlc-.*", re.IGNORECASE)
_REQUEST = re.compile(r"request-.*\.json", re.IGNORECASE)


class Kind(Enum):
    """What a name in the inbox stands for."""

    STILL = "still"
    """A picture of the plugin, which a sidecar follows."""
    SIDECAR = "sidecar"
    PICTURE = "picture"
    """A picture from elsewhere."""
    REQUEST = "request"
    OTHER = "other"
    """Not ours to touch."""


@dataclass(frozen=True)
class Arrival:
    """A picture that has arrived whole."""

    path: Path
    """The picture; for a sidecar that came alone, because the player could not take the still, the sidecar."""
    sidecar: Sidecar | None
    notes: tuple[str, ...] = ()
    """What had to be assumed while the sidecar was read."""
    failed: bool = False
    """The player has taken no picture and says so in a sidecar without one."""


@dataclass(frozen=True)
class Request:
    """Something the viewer asked for with a key."""

    path: Path
    do: str
    n: int | None = None


@dataclass(frozen=True)
class Wait:
    """Not whole yet: look again after so many seconds, or when it changes."""

    seconds: float


@dataclass(frozen=True)
class Inbox:
    """The watched folder."""

    path: Path
    replies: Path = field(init=False)
    rejected: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "replies", self.path / REPLIES)
        object.__setattr__(self, "rejected", self.path / REJECTED)

    def create(self) -> None:
        """Makes the folders; those that are there stay as they are."""
        self.replies.mkdir(parents=True, exist_ok=True)

    def waiting(self) -> Iterator[Path]:
        """All that may be an arrival or a request, in the order in which it was written."""
        names = [path for path in self.path.iterdir() if kind_of(path) not in {Kind.OTHER, Kind.SIDECAR}]
        names += [path for path in self.path.glob("vlc-*.json") if self._picture_of(path) is None]
        return iter(sorted(names, key=lambda path: (_written_at(path), path.name)))

    def look(self, path: Path) -> Arrival | Request | Wait | None:
        """What a name in the folder has become; None when there is nothing (any more).

        A picture is never read here: whether one from elsewhere decodes to its end is found out by who takes it.
        """
        kind = kind_of(path)
        try:
            rest = rest_s(path, QUIET_S if kind is Kind.PICTURE else SIDECAR_WAIT_S)
        except OSError:
            return None
        if kind is Kind.REQUEST:
            return self._request(path, rest)
        if kind is Kind.SIDECAR:
            picture = self._picture_of(path)
            return self._still(picture or path, path, rest, alone=picture is None)
        if kind is Kind.STILL:
            return self._still(path, path.with_suffix(".json"), rest, alone=False)
        if kind is Kind.PICTURE:
            return Wait(rest) if rest else Arrival(path, None)
        return None

    def clear(self, arrival: Arrival) -> None:
        """Takes a picture that is kept, and its sidecar, out of the inbox."""
        arrival.path.unlink(missing_ok=True)
        if kind_of(arrival.path) is Kind.STILL:
            arrival.path.with_suffix(".json").unlink(missing_ok=True)

    def reject(self, path: Path, reason: str) -> Path:
        """Moves what cannot be used to `rejected/`, the reason in a text file beside it; gives its new place."""
        self.rejected.mkdir(parents=True, exist_ok=True)
        target = _free_name(self.rejected / path.name)
        shutil.move(path, target)
        sidecar = path.with_suffix(".json")
        if kind_of(path) is Kind.STILL and sidecar.exists():
            shutil.move(sidecar, _free_name(self.rejected / sidecar.name))
        write_whole(target.with_name(target.name + ".txt"), f"{reason}\n")
        return target

    def reply(self, path: Path, answer: dict[str, Any], strip_png: bytes | None = None) -> None:
        """Answers what arrived as `path`: first the strip, then the JSON that tells of it."""
        if strip_png is not None:
            strip = self.replies / f"{path.stem}.png"
            write_whole(strip, strip_png)
            answer = {**answer, "strip": strip.name}
        write_whole(self.replies / f"{path.stem}.json", json.dumps({"v": VERSION, **answer}, ensure_ascii=False))

    def sweep(self) -> None:
        """Removes answers that nobody has taken, and sidecars whose picture is no more."""
        for path in self.replies.iterdir() if self.replies.is_dir() else ():
            _remove_older(path, REPLY_LIFE_S)
        for path in self.path.glob("vlc-*.json"):
            if self.look(path) is None:
                _remove_older(path, _ORPHAN_LIFE_S)

    def forget_requests(self) -> None:
        """Removes requests from while no daemon ran: nobody waits for them any more, and none may come true later."""
        for path in self.path.iterdir():
            if kind_of(path) is Kind.REQUEST:
                _remove_older(path, REQUEST_LIFE_S)

    def _picture_of(self, sidecar: Path) -> Path | None:
        for suffix in SUFFIXES:
            picture = sidecar.with_suffix(suffix)
            if picture.exists():
                return picture
        return None

    def _still(self, path: Path, sidecar_path: Path, rest: float, *, alone: bool) -> Arrival | Wait | None:
        data = _json_object(sidecar_path)
        if data is not None and alone:
            # Its picture may be written last by a player we do not know; ours says that there is none.
            sidecar, notes = sidecar_from(data)
            return Arrival(path, sidecar, notes, failed=True) if data.get("failed") is True else None
        if data is not None:
            sidecar, notes = sidecar_from(data)
            return Arrival(path, sidecar, notes)
        if alone:
            return None
        if rest:
            return Wait(rest)
        what = "its sidecar is damaged" if sidecar_path.exists() else "it has no sidecar"
        return Arrival(path, None, (f"{what}: taken as it is",))

    def _request(self, path: Path, rest: float) -> Request | Wait:
        data = _json_object(path)
        if data is None and rest:
            return Wait(rest)
        if data is None:
            return Request(path, "")
        n = data.get("n")
        return Request(path, str(data.get("do", "")), n if isinstance(n, int) else None)


def kind_of(path: Path) -> Kind:
    """What a name stands for; the file is not looked at. Hidden and temporary names are nobody's."""
    if path.name.startswith((".", "~")):
        return Kind.OTHER
    suffix = path.suffix.lower()
    if _REQUEST.fullmatch(path.name):
        return Kind.REQUEST
    if _STILL.fullmatch(path.name) and suffix == ".json":
        return Kind.SIDECAR
    if suffix not in SUFFIXES:
        return Kind.OTHER
    return Kind.STILL if _STILL.fullmatch(path.name) else Kind.PICTURE


def sidecar_from(data: dict[str, Any]) -> tuple[Sidecar, tuple[str, ...]]:
    """A sidecar from whatever JSON object a player wrote, and a note for each thing that was not as agreed.

    Never raises: what cannot be used is left out.
    """
    reader = _Reader(data)
    if data.get("v") != VERSION:
        reader.notes.append(f"sidecar of version {data.get('v')!r} read as version {VERSION}")
    video_data = data.get("video")
    video_reader = _Reader(video_data if isinstance(video_data, dict) else {}, reader.notes, "video ")
    if video_data is not None and not isinstance(video_data, dict):
        reader.notes.append("video is no object: left out")
    names = ("matrix", "range", "transfer", "primaries", "orientation", "chroma")
    words = {name: video_reader.text(name) for name in names}
    video = Video(
        width=video_reader.whole("width"),
        height=video_reader.whole("height"),
        frame_rate=video_reader.number("frame_rate"),
        **{name: word.lower() if word else None for name, word in words.items()},
    )
    texts = {name: reader.text(name) for name in ("player", "title", "uri", "chapter", "session")}
    numbers = {name: reader.number(name) for name in ("time_s", "duration_s")}
    return Sidecar(taken_at=reader.moment("taken_at"), video=video, **texts, **numbers), tuple(reader.notes)


def clean_title(text: str) -> str:
    """A title on one line, without control characters, at most `MAX_TITLE_CHARS` long."""
    plain = "".join(" " if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in text)
    plain = " ".join(plain.split())
    return plain if len(plain) <= MAX_TITLE_CHARS else plain[: MAX_TITLE_CHARS - 1] + "…"


class _Reader:
    """Takes fields out of a JSON object and notes what was wrong with them."""

    def __init__(self, data: dict[str, Any], notes: list[str] | None = None, prefix: str = "") -> None:
        self.data = data
        self.notes = [] if notes is None else notes
        self.prefix = prefix

    def text(self, name: str) -> str | None:
        value = self.data.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self._note(name, value, "left out")
            return None
        if name in {"uri", "session"}:
            return value
        cleaned = clean_title(value)
        if cleaned != value:
            self._note(name, value, "control characters or length taken away")
        return cleaned or None

    def number(self, name: str, most: float = _MAX_NUMBER) -> float | None:
        value = self.data.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            self._note(name, value, "a text read as a number")
            # A player with a decimal comma in its locale.
            value = value.replace(",", ".")
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if isinstance(value, bool) or not 0 <= number <= most:
            self._note(name, value, "left out")
            return None
        return number

    def whole(self, name: str) -> int | None:
        number = self.number(name, _MAX_SIDE_PX)
        return None if number is None else round(number)

    def moment(self, name: str) -> datetime | None:
        value = self.data.get(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return moment.astimezone() if moment.tzinfo is None else moment
        except (TypeError, ValueError, OverflowError, OSError):
            self._note(name, value, "left out")
            return None

    def _note(self, name: str, value: object, what: str) -> None:
        shown = repr(value)
        self.notes.append(f"{self.prefix}{name} {shown if len(shown) <= 60 else shown[:57] + '...'}: {what}")


def _json_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None while it is not there or not whole."""
    try:
        if path.stat().st_size > _MAX_SIDECAR_BYTES:
            return None
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def rest_s(path: Path, quiet_s: float) -> float:
    """How long until a file has not changed for so long, 0 when it has; raises OSError when it is gone."""
    age_s = time.time() - path.stat().st_mtime
    return max(0.0, quiet_s - age_s) if age_s > -CLOCK_AHEAD_S else 0.0


def _remove_older(path: Path, life_s: float) -> None:
    """Removes a file that was written longer ago; a folder, or what cannot be removed, stays."""
    with contextlib.suppress(OSError):
        if path.is_file() and time.time() - path.stat().st_mtime > life_s:
            path.unlink()


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _free_name(path: Path) -> Path:
    return path.with_name(free_name(path.stem, path.suffix, lambda name: path.with_name(name).exists()))

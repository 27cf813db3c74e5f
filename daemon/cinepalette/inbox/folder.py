"""The inbox as a folder: what has arrived whole, how it is answered, put aside and swept.

Everything here looks at the folder and nothing else; when to look is the business of `watch`.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..model import one_line
from ..picture.reading import SUFFIXES
from ..picture.writing import free_name, short_name, write_whole
from . import protocol, taking
from .protocol import Arrival, Kind, Request, Wait, kind_of
from .sidecar import read_request, read_sidecar
from .taking import Taken


@dataclass(frozen=True)
class Inbox:
    """The watched folder."""

    path: Path
    replies: Path = field(init=False)
    rejected: Path = field(init=False)
    shelf: Path = field(init=False)
    """Where arrivals are while they are in hand."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "replies", self.path / protocol.REPLIES)
        object.__setattr__(self, "rejected", self.path / protocol.REJECTED)
        object.__setattr__(self, "shelf", self.path / protocol.TAKEN)

    def create(self) -> None:
        """Makes the folders; those that are there stay as they are."""
        self.replies.mkdir(parents=True, exist_ok=True)

    def waiting(self) -> Iterator[Path]:
        """All that may be an arrival or a request, in the order in which it was written."""
        names = [path for path in self.path.iterdir() if kind_of(path) not in {Kind.OTHER, Kind.SIDECAR}]
        names += [path for path in self.path.glob("vlc-*.json") if self._picture_of(path) is None]
        return iter(sorted(names, key=written_at))

    def strangers(self) -> tuple[str, ...]:
        """What lies there and is none of ours: files that are no pictures, and folders."""
        ours = {protocol.REPLIES, protocol.REJECTED, protocol.TAKEN}
        names = [path for path in self.path.iterdir() if kind_of(path) is Kind.OTHER and path.name not in ours]
        return tuple(sorted(one_line(path.name) for path in names if not path.name.startswith((".", "~"))))

    def look(self, path: Path, unchanged_s: float) -> Arrival | Taken | Request | Wait | None:
        """What a name in the folder stands for, unchanged for `unchanged_s`; None when there is nothing.

        A picture is never read here: whether one from elsewhere decodes to its end is found out by who takes it.
        """
        if path.parent == self.shelf:
            return taking.found(path, self.path)
        kind = kind_of(path)
        try:
            age_s = time.time() - path.lstat().st_mtime
        except OSError:
            return None
        unchanged_s = age_s if age_s > protocol.AT_REST_S else unchanged_s
        if kind is Kind.REQUEST:
            return self._request(path, unchanged_s)
        if kind is Kind.SIDECAR:
            picture = self._picture_of(path)
            return self._alone(path) if picture is None else self._still(picture, path, unchanged_s)
        if kind is Kind.STILL:
            return self._still(path, path.with_suffix(".json"), unchanged_s)
        if kind is Kind.PICTURE:
            rest = protocol.QUIET_S - unchanged_s
            return Wait(rest) if rest > 0 else Arrival(path, kind, unchanged_s=unchanged_s)
        return None

    def take(self, arrival: Arrival) -> Taken | None:
        """Makes an arrival ours; None when it is gone, or somebody is still writing to it. Raises OSError."""
        return taking.take(arrival, self.shelf)

    def in_hand(self) -> list[Path]:
        """What a daemon before us had taken and not finished, the oldest first: to be looked at."""
        return taking.in_hand(self.shelf)

    def reject(self, taken: Taken, reason: str) -> Path:
        """Moves what cannot be used to `rejected/`, the reason in a text file beside it; gives its new place."""
        self.rejected.mkdir(parents=True, exist_ok=True)
        target = _free_name(self.rejected / taken.path.name)
        taken.path.rename(target)
        sidecar = taken.path.with_suffix(".json")
        if os.path.lexists(sidecar):  # Path.exists raises for a name that is too long
            sidecar.rename(_free_name(self.rejected / sidecar.name))
        taking.clear(taken)
        write_whole(target.with_name(short_name(target.name, ".txt")), f"{reason}\n")
        return target

    def reply(self, path: Path, answer: dict[str, Any], strip_png: bytes | None = None) -> None:
        """Answers what arrived as `path`: first the strip, then the JSON that names it. Raises OSError."""
        self.replies.mkdir(exist_ok=True)  # an inbox that is gone is not made for an answer
        if strip_png is not None:
            strip = self.replies / f"{path.stem}.png"
            write_whole(strip, strip_png)
            answer = {**answer, "strip": strip.name}
        text = json.dumps({"v": protocol.VERSION, **answer}, ensure_ascii=False)
        write_whole(self.replies / f"{path.stem}.json", text)

    def sweep(self) -> None:
        """Removes answers that nobody has taken, and sidecars whose picture is no more."""
        for path in self.replies.iterdir() if self.replies.is_dir() else ():
            _remove_older(path, protocol.REPLY_LIFE_S)
        for path in self.path.glob("vlc-*.json"):
            if self.look(path, 0.0) is None:
                _remove_older(path, protocol.ORPHAN_LIFE_S)

    def forget_requests(self) -> None:
        """Removes requests from while no daemon ran: nobody waits for them, and none may be carried out later."""
        for path in self.path.iterdir():
            if kind_of(path) is Kind.REQUEST:
                _remove_older(path, protocol.REQUEST_LIFE_S)

    def _picture_of(self, sidecar: Path) -> Path | None:
        for suffix in SUFFIXES:
            picture = sidecar.with_suffix(suffix)
            if os.path.lexists(picture):
                return picture
        return None

    def _alone(self, sidecar: Path) -> Arrival | None:
        """A sidecar without a picture, which a player we do not know may write last; ours says that there is none."""
        read = read_sidecar(sidecar)
        return Arrival(sidecar, Kind.SIDECAR, read.sidecar, read.notes) if read and read.failed else None

    def _still(self, path: Path, sidecar: Path, unchanged_s: float) -> Arrival | Wait:
        if (read := read_sidecar(sidecar)) is not None:
            return Arrival(path, Kind.STILL, read.sidecar, read.notes, unchanged_s)
        rest = protocol.SIDECAR_WAIT_S - unchanged_s
        if rest > 0:
            return Wait(rest)
        what = "its sidecar is damaged" if os.path.lexists(sidecar) else "it has no sidecar"
        return Arrival(path, Kind.STILL, None, (f"{what}: taken as it is",), unchanged_s)

    def _request(self, path: Path, unchanged_s: float) -> Request | Wait:
        asked = read_request(path)
        rest = protocol.SIDECAR_WAIT_S - unchanged_s
        if asked is None and rest > 0:
            return Wait(rest)
        return Request(path, asked.do, asked.n, asked.video) if asked else Request(path, "")


def _remove_older(path: Path, life_s: float) -> None:
    """Removes a file that was written longer ago; a folder, or what cannot be removed, stays."""
    with contextlib.suppress(OSError):
        if path.is_file() and time.time() - path.stat().st_mtime > life_s:
            path.unlink()


def written_at(path: Path) -> tuple[float, str]:
    """What puts arrivals in the order in which they were written."""
    try:
        return path.lstat().st_mtime, path.name
    except OSError:
        return 0.0, path.name


def _free_name(path: Path) -> Path:
    """A name like it in its folder that nothing has, short enough for a number and an ending."""
    short = path.with_name(short_name(path.stem, path.suffix + " (1000).txt").removesuffix(" (1000).txt"))
    return path.with_name(free_name(short.stem, path.suffix, lambda name: os.path.lexists(path.with_name(name))))

"""The inbox as a folder: what has arrived whole, how it is answered, put aside and swept.

Everything here looks at the folder and nothing else; when to look is the business of `watch`.
"""

import contextlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..picture.reading import SUFFIXES
from ..picture.writing import free_name, write_whole
from . import protocol
from .protocol import Arrival, Kind, Request, Wait, kind_of
from .sidecar import read_request, read_sidecar


@dataclass(frozen=True)
class Inbox:
    """The watched folder."""

    path: Path
    replies: Path = field(init=False)
    rejected: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "replies", self.path / protocol.REPLIES)
        object.__setattr__(self, "rejected", self.path / protocol.REJECTED)

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
            rest = rest_s(path, protocol.QUIET_S if kind is Kind.PICTURE else protocol.SIDECAR_WAIT_S)
        except OSError:
            return None
        if kind is Kind.REQUEST:
            return self._request(path, rest)
        if kind is Kind.SIDECAR:
            picture = self._picture_of(path)
            return self._alone(path) if picture is None else self._still(picture, path, rest)
        if kind is Kind.STILL:
            return self._still(path, path.with_suffix(".json"), rest)
        if kind is Kind.PICTURE:
            return Wait(rest) if rest else Arrival(path, kind)
        return None

    def clear(self, arrival: Arrival) -> None:
        """Takes a picture that is kept, and its sidecar, out of the inbox."""
        arrival.path.unlink(missing_ok=True)
        if arrival.kind is Kind.STILL:
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
        text = json.dumps({"v": protocol.VERSION, **answer}, ensure_ascii=False)
        write_whole(self.replies / f"{path.stem}.json", text)

    def sweep(self) -> None:
        """Removes answers that nobody has taken, and sidecars whose picture is no more."""
        for path in self.replies.iterdir() if self.replies.is_dir() else ():
            _remove_older(path, protocol.REPLY_LIFE_S)
        for path in self.path.glob("vlc-*.json"):
            if self.look(path) is None:
                _remove_older(path, protocol.ORPHAN_LIFE_S)

    def forget_requests(self) -> None:
        """Removes requests from while no daemon ran: nobody waits for them any more, and none may come true later."""
        for path in self.path.iterdir():
            if kind_of(path) is Kind.REQUEST:
                _remove_older(path, protocol.REQUEST_LIFE_S)

    def _picture_of(self, sidecar: Path) -> Path | None:
        for suffix in SUFFIXES:
            picture = sidecar.with_suffix(suffix)
            if picture.exists():
                return picture
        return None

    def _alone(self, sidecar: Path) -> Arrival | None:
        """A sidecar without a picture, which a player we do not know may write last; ours says that there is none."""
        told = read_sidecar(sidecar)
        return Arrival(sidecar, Kind.SIDECAR, told.sidecar, told.notes) if told and told.failed else None

    def _still(self, path: Path, sidecar: Path, rest: float) -> Arrival | Wait:
        if (told := read_sidecar(sidecar)) is not None:
            return Arrival(path, Kind.STILL, told.sidecar, told.notes)
        if rest:
            return Wait(rest)
        what = "its sidecar is damaged" if sidecar.exists() else "it has no sidecar"
        return Arrival(path, Kind.STILL, None, (f"{what}: taken as it is",))

    def _request(self, path: Path, rest: float) -> Request | Wait:
        asked = read_request(path)
        if asked is None and rest:
            return Wait(rest)
        return Request(path, asked.do, asked.n) if asked else Request(path, "")


def rest_s(path: Path, quiet_s: float) -> float:
    """How long until a file has not changed for so long, 0 when it has; raises OSError when it is gone."""
    age_s = time.time() - path.stat().st_mtime
    return max(0.0, quiet_s - age_s) if age_s > -protocol.CLOCK_AHEAD_S else 0.0


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

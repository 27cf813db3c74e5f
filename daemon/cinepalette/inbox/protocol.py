"""The inbox's words: what a name in the watched folder stands for, what arrives, and how long each thing is waited for.

The player writes a picture and then its sidecar, or a request; the daemon answers in `replies/` under the same name.
"""

import math
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..model import Sidecar, Video, one_line
from ..picture.reading import SUFFIXES

VERSION = 1
REPLIES = "replies"
REJECTED = "rejected"
TAKEN = "taken"
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
ORPHAN_LIFE_S = 24 * 3600.0
# The clock of a drive may be wrong by hours, as where it does not know its zone; a file older than this is at rest.
AT_REST_S = 48 * 3600.0

_STILL = re.compile(r"vlc-.*", re.IGNORECASE)
_REQUEST = re.compile(r"request-.*\.json", re.IGNORECASE)


class Kind(Enum):
    """What a name in the inbox stands for."""

    STILL = "still"
    """A picture of the plugin, which a sidecar follows."""
    SIDECAR = "sidecar"
    """Of a still; one that came alone says that the player could not take the picture."""
    PICTURE = "picture"
    """A picture from elsewhere."""
    REQUEST = "request"
    OTHER = "other"
    """Not ours to touch."""


FROM_PLAYER = frozenset({Kind.STILL, Kind.SIDECAR})
"""What the player has written, and waits for an answer to."""


@dataclass(frozen=True)
class Arrival:
    """A picture that has arrived whole."""

    path: Path
    """The picture; for a sidecar that came alone, because the player could not take the still, the sidecar."""
    kind: Kind
    """STILL, PICTURE, or SIDECAR for a still that the player could not take."""
    sidecar: Sidecar | None = None
    notes: tuple[str, ...] = ()
    """What had to be assumed while the sidecar was read."""
    unchanged_s: float = math.inf
    """Seconds since the last change that was seen."""

    @property
    def name(self) -> str:
        """Its name for people and for the log, whatever bytes the file system has there."""
        return one_line(self.path.name)


@dataclass(frozen=True)
class Request:
    """Something the viewer asked for with a key."""

    path: Path
    do: str
    n: int | None = None
    video: Video = Video()
    """What is on the screen, for an answer that is laid over it."""


@dataclass(frozen=True)
class Wait:
    """Not whole yet: look again after `seconds`, or when it changes."""

    seconds: float


def kind_of(path: Path) -> Kind:
    """What a name stands for; the file is not looked at. Hidden and temporary names are `OTHER`."""
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

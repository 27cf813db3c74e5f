"""Where the page finds what it shows: addresses below its own folder on disk, or those of a server."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from ...model import Session, Still


class Places(Protocol):
    """The addresses of a session's pictures and files; equal ones must be equal objects, since HTML is kept by them."""

    def __hash__(self) -> int: ...

    @property
    def follow(self) -> Mapping[str, str]:
        """How an open page learns what is new: {"script": address}, {"events": address}, or nothing."""

    @property
    def links(self) -> Mapping[str, str]:
        """Other pages, by their names."""

    def base(self, folder: str, session: Session) -> str:
        """Where a session's addresses begin."""

    def still(self, base: str, still: Still) -> str:
        """The clean still."""

    def small(self, base: str, still: Still) -> str | None:
        """A smaller picture of what is inside the letterbox bars; None where the still is small itself."""

    def collage(self, base: str) -> str:
        """A small picture of the collage; where it is missing the page shows the collage itself."""

    def file(self, base: str, name: str) -> str:
        """A file in the session's folder."""


def no_small(still: Still) -> str | None:
    """For sessions without small pictures."""
    return None


@dataclass(frozen=True)
class OnDisk:
    """Addresses below the folder in which the page lies."""

    tile: Callable[[Still], str | None] = no_small
    """Where in its session's folder a still has a smaller picture; None where it needs none."""
    thumbnail: str = "collage.png"
    """Where in a session's folder the collage is small."""
    follow: Mapping[str, str] = field(default_factory=dict, hash=False)
    links: Mapping[str, str] = field(default_factory=dict, hash=False)

    def base(self, folder: str, session: Session) -> str:
        # Also where a name is not valid UTF-8.
        return quote(folder, errors="surrogateescape")

    def still(self, base: str, still: Still) -> str:
        return self.file(base, still.still)

    def small(self, base: str, still: Still) -> str | None:
        small = self.tile(still)
        return None if small is None else self.file(base, small)

    def collage(self, base: str) -> str:
        return self.file(base, self.thumbnail)

    def file(self, base: str, name: str) -> str:
        return f"{base}/{quote(name, errors='surrogateescape')}"


def identity(folder: str, session: Session) -> str:
    """A name for a session that is safe in any address and stays the same whatever its folder is called."""
    key = session.id or folder
    return "s" + hashlib.blake2b(key.encode(errors="surrogateescape"), digest_size=6).hexdigest()

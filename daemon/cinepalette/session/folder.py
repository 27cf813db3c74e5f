"""One session's folder: its session.json, and the files of its stills."""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import SessionError
from ..model import Session, Still
from ..picture.writing import sync_folder
from . import names, record

FILE_NAME = "session.json"

# Ten thousand stills; a larger file is not ours.
_MAX_BYTES = 64 * 1024 * 1024

_KEEPS_NUMBERS = ("stills", "removed/stills", "originals")


@dataclass(frozen=True)
class Folder:
    """It holds no state: what is true stands in session.json."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def file(self) -> Path:
        return self.path / FILE_NAME

    def load(self) -> Session:
        """The session; raises `SessionError` that names the file when it is missing or damaged."""
        try:
            if not self.file.is_file():
                raise SessionError(f"{self.file}: is missing")
            if self.file.stat().st_size > _MAX_BYTES:
                raise SessionError(f"{self.file}: is damaged (larger than any session)")
            return record.session_from(self.file.read_bytes(), self.name)
        except OSError as error:
            raise SessionError(f"{self.file}: cannot be read: {error.strerror or error}") from error
        except record.Mistakes as error:
            raise SessionError(f"{self.file}: is damaged: {error}") from error

    def settle(self, stills: Iterable[Still]) -> None:
        """Moves stills and their cards to where they are said to be; those that are there already stay."""
        for still in stills:
            for name in (still.still, still.card):
                there, other = self.path / name, self.path / names.elsewhere(name)
                if not there.exists() and other.exists():
                    there.parent.mkdir(parents=True, exist_ok=True)
                    other.replace(there)

    def sync(self, still: Still) -> None:
        """Returns when the name of a still and its place in the session have survived a power failure."""
        for folder in ((self.path / still.still).parent, self.path, self.path.parent):
            with suppress(FileNotFoundError):  # it was taken out, or its session renamed, since
                sync_folder(folder)

    def changed_within(self, seconds: float) -> bool:
        """Whether the session was changed in the last `seconds`."""
        return abs(time.time() - self.file.stat().st_mtime) < seconds

    def missing(self, session: Session) -> list[str]:
        """The pictures of a session that are gone, as paths in its folder: somebody deleted or moved them."""
        stills = (still for still in (*session.stills, *session.removed) if still.written)
        return [still.still for still in stills if not (self.path / still.still).exists()]

    def highest_number(self) -> int:
        """The highest number that a file here has: an older session.json that was put back does not know it."""
        listed = (name for part in _KEEPS_NUMBERS for name in _names_in(self.path / part))
        return max(map(names.number_in, listed), default=0)

    def moves_to(self, other: "Folder", still: Still, there: Still) -> Iterator[tuple[Path, Path]]:
        """Where the files of a still go when another session takes it, as which it is `there`."""
        yield self.path / still.still, other.path / there.still
        yield self.path / still.card, other.path / there.card
        for name in _names_in(self.path / "originals"):
            if name.startswith(f"{still.n:04} "):
                yield (
                    self.path / "originals" / name,
                    other.path / "originals" / f"{there.n:04} {name.partition(' ')[2]}",
                )


def _names_in(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []

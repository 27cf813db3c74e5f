"""All sessions of an output folder: which there are, which is meant, which takes the next still.

Who only looks needs no lock. Whatever is changed goes through `changes`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..errors import SessionError
from ..model import Film, Session
from ..picture.writing import free_name
from . import commit, history
from .access import Drive, Lock
from .commit import Stamp
from .folder import FILE_NAME, Folder
from .names import alike, folder_name

_LOCK_NAME = ".lock"
# The lock is held for milliseconds; only the moves of a large merge take longer.
_LOCK_TIMEOUT_S = 60.0
# A thousand stills in new settings take most of a minute.
_DRAWING_TIMEOUT_S = 120.0
# A clock that is put right jumps back a little; a time further in the future is wrong.
_CLOCK_AHEAD = timedelta(minutes=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Belonging:
    """What decides in which session a still belongs."""

    film: Film | None
    taken_at: datetime
    gap: timedelta
    """After a longer pause the same film begins another session."""
    asked: str | None = None
    """The name of the session that a person asked for."""


class Store:
    """All sessions of one output folder."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.drive = Drive(output, output / _LOCK_NAME)
        self._lock = Lock(output / _LOCK_NAME, _LOCK_TIMEOUT_S, "holds the sessions")
        self._drawing = Lock(output / ".drawing.lock", _DRAWING_TIMEOUT_S, "draws")
        self._known: dict[Path, tuple[Stamp, Session | SessionError]] = {}
        """What was read, or what was wrong with it; guarded by `_knowing`."""
        self._knowing = threading.Lock()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds all sessions against other threads and processes; a change that was cut off is finished first.

        Raises `SessionError` when another process does not let go of them, or their drive is gone.
        """
        self.drive.check()
        with self._lock.held() as first:
            if first:
                commit.finish(self.output)
            yield

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Holds the collages likewise, from reading a session to its drawing: else the older could be written last.

        No session's folder gets another name meanwhile. Not to be taken by who holds the sessions.
        """
        with self._drawing.held():
            yield

    def load(self, folder: Folder) -> Session:
        """The session of a folder, from memory while its file has not changed; raises `SessionError`."""
        return self.read(folder)[0]

    def read(self, folder: Folder) -> tuple[Session, Stamp]:
        """The session of a folder, and by what it is known whether it is still the same; raises `SessionError`."""
        stamp = commit.stamp(folder)
        if stamp is None:
            raise SessionError(f"{folder.file}: is missing")
        with self._knowing:
            known = self._known.get(folder.path)
        if known is None or known[0] != stamp:
            found: Session | SessionError
            try:
                found = _with_activity(folder.load(), stamp)
            except SessionError as error:
                found = error
            known = (stamp, found)
            with self._knowing:
                self._known[folder.path] = known
        if isinstance(known[1], SessionError):
            raise known[1]
        return known[1], stamp

    def know(self, folder: Folder, session: Session, stamp: Stamp | None) -> None:
        """Keeps a session that was just written, so that it need not be read."""
        if stamp is not None:
            with self._knowing:
                self._known[folder.path] = (stamp, session)

    def sessions(self) -> list[tuple[Folder, Session]]:
        """All sessions that show a still, the latest last; those that cannot be read are in `unreadable`."""
        return [(folder, session) for folder, session in self.all() if session.stills]

    def all(self) -> list[tuple[Folder, Session]]:
        """All sessions, also those that show no still: one may be put back there."""
        found = []
        for folder in self.folders():
            try:
                found.append((folder, self.load(folder)))
            except SessionError:
                continue  # it is in `unreadable`
        now = datetime.now(UTC) + _CLOCK_AHEAD
        return sorted(found, key=lambda pair: _activity(pair[1], now))

    def unreadable(self) -> list[SessionError]:
        """What is wrong with the sessions that cannot be read, each by its name."""
        found = []
        for folder in self.folders():
            try:
                self.load(folder)
            except SessionError as error:
                found.append(error)
        return found

    def folders(self) -> list[Folder]:
        """All folders with a session.json, in the order of their names."""
        if not self.output.is_dir():
            return []
        paths = sorted(path for path in self.output.iterdir() if not path.name.startswith("."))
        return [Folder(path) for path in paths if (path / FILE_NAME).is_file()]

    def find(self, name: str | None = None) -> Folder:
        """The session of that folder name, path, title or number in `sessions`, without a name the latest.

        Raises `SessionError`, with the candidates where a title is that of several.
        """
        found = self.all()
        if name is None:
            if not found:
                raise SessionError(f"{self.output}: there is no session yet")
            return found[-1][0]
        folders = [folder for folder, _ in found]
        wanted = alike(name.rstrip("/\\"))
        for folder in (*folders, *self.folders()):  # a damaged one is named by its mistakes, not as unknown
            if alike(folder.name) == wanted or _is_path_of(name, folder):
                return folder
        shown = [(folder, session) for folder, session in found if session.stills]
        titled = [folder for folder, session in shown if alike(session.title) == wanted]
        if len(titled) > 1:
            names = ", ".join(folder.name for folder in titled)
            raise SessionError(f"{name}: is the title of {len(titled)} sessions; name one by its folder: {names}")
        if titled:
            return titled[0]
        if name.isdecimal() and 1 <= int(name) <= len(shown):
            return shown[int(name) - 1][0]
        known = ", ".join(folder.name for folder, _ in shown[-3:]) or "none yet"
        raise SessionError(f"{name}: there is no such session in {self.output} (the latest: {known})")

    def with_id(self, id_: str) -> Folder | None:
        """The folder of the session that another one knows by this, whatever it is called now."""
        return next((folder for folder, session in self.all() if session.id == id_), None)

    def open_for(self, still: Belonging) -> Folder | None:
        """The folder of the session that a still belongs to: an open one of the same film within the gap.

        One that was asked for by name is found by its name, whatever the film and however long ago.
        """
        if still.asked is not None:
            wanted = alike(still.asked)
            for folder, session in reversed(self.all()):
                if not session.closed and wanted in {alike(folder.name), alike(session.title)}:
                    return folder
            return None
        fitting = [
            (folder, session)
            for folder, session in self.all()
            if _shows(session, still.film) and abs(still.taken_at - last_taken(session)) <= still.gap
        ]
        # Who asked for a new collage does not mean an older one of the same film either.
        closed = [number for number, (_, session) in enumerate(fitting, 1) if session.closed]
        fitting = fitting[closed[-1] if closed else 0 :]
        # One that shows none may have given its stills to the other.
        fitting.sort(key=lambda pair: bool(pair[1].stills))
        return fitting[-1][0] if fitting else None

    def free_folder(self, title: str, started_at: datetime, own: Folder | None = None) -> Folder:
        """The folder of a session of that title: the first name that no other folder has.

        `own` is the one that it has now, and keeps where the file system takes its name and the new one for the same.
        """
        listed = self.output.iterdir() if self.output.is_dir() else ()
        taken = {alike(path.name) for path in listed if own is None or path != own.path}
        name = free_name(folder_name(title, started_at.date()), "", lambda name: alike(name) in taken)
        return own if own is not None and (self.output / name).exists() else Folder(self.output / name)


def last_taken(session: Session) -> datetime:
    """When its last still was taken, as its sidecar says."""
    return max((still.taken_at for still in (*session.stills, *session.removed)), default=session.started_at)


def _shows(session: Session, film: Film | None) -> bool:
    films = history.films(session)
    return any(one.key == film.key for one in films) if film else session.film is None


def _activity(session: Session, now: datetime) -> tuple[datetime, bool, datetime]:
    """By what the latest session is found: when its last still came; of two that shared stills, who shows them."""
    active = session.active_at or _NEVER
    return active if active <= now else _NEVER, bool(session.stills), last_taken(session)


def _with_activity(session: Session, stamp: Stamp) -> Session:
    """A session of an older version with the time at which its last still came, as near as can be known."""
    if session.active_at is not None:
        return session
    written = datetime.fromtimestamp(stamp[1] / 1e9, UTC)
    return replace(session, active_at=min(last_taken(session), written))


def _is_path_of(text: str, folder: Folder) -> bool:
    try:
        path = Path(text).expanduser()
        return len(path.parts) > 1 and path.exists() and path.samefile(folder.path)
    except (OSError, ValueError, RuntimeError):
        return False

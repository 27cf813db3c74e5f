"""Sessions on disk: a folder each in the output folder, with session.json as its truth.

session.json is written first and whole; the files follow where it says (`Folder.settle`), so that a crash in between
is repaired by doing the same again. Who changes a session holds the store's lock, across processes, from reading to
writing: the daemon and the command line never undo each other's work. Who only looks needs no lock.
"""

import json
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import SessionError
from ..model import Change, Film, Session, Step, Still, Swatch
from ..picture.writing import free_name, sync_file, sync_folder, write_whole
from . import carried, edit

VERSION = 1
FILE_NAME = "session.json"
UNTITLED = "Stills"

# The lock is held for milliseconds; only a merge of large sessions takes longer.
_LOCK_TIMEOUT_S = 60.0
# A thousand stills in new settings take most of a minute.
_DRAWING_TIMEOUT_S = 120.0

# A folder name of 255 bytes is the limit of most file systems; the rest of the path wants room as well.
_MAX_TITLE_BYTES = 120
_WINDOWS_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?")


class Folder:
    """One session's folder. It holds no state: what is true stands in session.json."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Folder) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def file(self) -> Path:
        return self.path / FILE_NAME

    def load(self) -> Session:
        """The session; raises `SessionError` that names the file when it is missing or damaged."""
        try:
            data = json.loads(self.file.read_text(encoding="utf-8"))
            if not isinstance(data, dict) or data.get("v") != VERSION:
                raise SessionError(f"{self.file}: is of another version; this program reads version {VERSION}")
            return _session_from(data)
        except OSError as error:
            raise SessionError(f"{self.file}: cannot be read: {error.strerror or error}") from error
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            # What any other JSON than ours does to the reading below.
            raise SessionError(f"{self.file}: is damaged ({error})") from error

    def save(self, session: Session) -> None:
        """Writes session.json whole, also for a power failure; the files are put where it says by `settle`."""
        write_whole(self.file, _session_text(session), durable=True)

    def sync(self, still: Still) -> None:
        """Returns when a still and its place in the session have survived a power failure."""
        picture = self.path / still.still
        sync_file(picture)
        for folder in (picture.parent, self.path, self.path.parent):
            sync_folder(folder)

    def settle(self, stills: Iterable[Still]) -> None:
        """Moves stills and their cards to where they are said to be; those that are there already stay."""
        for still in stills:
            for name in (still.still, still.card):
                there, other = self.path / name, self.path / _elsewhere(name)
                if not there.exists() and other.exists():
                    there.parent.mkdir(parents=True, exist_ok=True)
                    other.replace(there)


class Store:
    """All sessions of one output folder."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self._known: dict[Path, tuple[tuple[int, int], Session]] = {}

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds all sessions against other processes and threads; not to be taken twice by one thread.

        Raises `SessionError` when another process does not let go of them.
        """
        with self._held(".lock", _LOCK_TIMEOUT_S, "holds the sessions"):
            yield

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Holds the collages likewise, from reading a session to its drawing: else the older could be written last.

        Not to be taken by who holds the sessions.
        """
        with self._held(".drawing.lock", _DRAWING_TIMEOUT_S, "draws"):
            yield

    def load(self, folder: Folder) -> Session:
        """The session of a folder, from memory while its file has not changed."""
        try:
            status = folder.file.stat()
        except OSError as error:
            raise SessionError(f"{folder.file}: cannot be read: {error.strerror or error}") from error
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._known.get(folder.path)
        if known is None or known[0] != stamp:
            known = (stamp, folder.load())
            self._known[folder.path] = known
        return known[1]

    def save(self, folder: Folder, session: Session) -> Session:
        """Writes a session and moves its files to where they belong; gives it back as it was written."""
        placed = _placed(session)
        folder.save(placed)
        before = {id(still) for still in (*session.stills, *session.removed)}
        folder.settle(still for still in (*placed.stills, *placed.removed) if id(still) not in before)
        status = folder.file.stat()
        self._known[folder.path] = ((status.st_mtime_ns, status.st_size), placed)
        return placed

    def sessions(self) -> list[tuple[Folder, Session]]:
        """All sessions that show a still, the latest last; folders that cannot be read are left out."""
        return [(folder, session) for folder, session in self._all() if session.stills]

    def folders(self) -> list[Folder]:
        """All folders with a session.json, in the order of their names."""
        if not self.output.is_dir():
            return []
        return [Folder(path) for path in sorted(self.output.iterdir()) if (path / FILE_NAME).is_file()]

    def find(self, name: str | None = None) -> Folder:
        """The session of that folder name or title, without a name the latest; raises `SessionError`."""
        if name is not None and (self.output / name / FILE_NAME).is_file() and Path(name).name == name:
            return Folder(self.output / name)
        if name is None:
            sessions = self._all()
            if not sessions:
                raise SessionError(f"{self.output}: there is no session yet")
            # Two that took part in a merge end with the same stills; the one that shows them is meant.
            return max(sessions, key=lambda pair: (_last_taken(pair[1]), bool(pair[1].stills)))[0]
        sessions = self.sessions()
        for folder, session in reversed(sessions):
            if session.title.casefold() == name.casefold():
                return folder
        known = ", ".join(folder.name for folder, _ in sessions[-3:]) or "none yet"
        raise SessionError(f"{name}: there is no such session in {self.output} (the latest: {known})")

    def open_for(self, film: Film | None, taken_at: datetime, gap: timedelta, asked: str | None = None) -> Folder:
        """The folder of the session that a still belongs to: an open one of the same film within the gap, or a new one.

        A session that was asked for by name is found by its name, whatever the film and however long ago.
        """
        if asked is not None:
            for folder, session in reversed(self._all()):
                if not session.closed and asked.casefold() in {folder.name.casefold(), session.title.casefold()}:
                    return folder
            return self.create(asked, film, taken_at)
        for folder, session in reversed(self._all()):
            same = session.film.key == film.key if session.film and film else session.film is film is None
            if same and not session.closed and abs(taken_at - _last_taken(session)) <= gap:
                return folder
        return self.create(film.title if film else UNTITLED, film, taken_at)

    def create(self, title: str, film: Film | None, started_at: datetime) -> Folder:
        """A new, empty session in a folder of its own."""
        taken = {_same(path.name) for path in self.output.iterdir()} if self.output.is_dir() else set()
        name = free_name(folder_name(title, started_at.date()), "", lambda name: _same(name) in taken)
        folder = Folder(self.output / name)
        self.save(folder, Session(title, started_at, film))
        return folder

    def merge(self, target: Folder, source: Folder) -> Session:
        """Moves all stills of one session to the end of another, as copies under new numbers; gives the target."""
        if source == target:
            raise SessionError(f"{source.name}: cannot be merged with itself")
        session, other = self.load(target), self.load(source)
        _check_written(source, other.stills)
        copies = self._copies(target, session, source, other.stills)
        theirs = [still.n for still in other.stills]
        merged = self.save(target, edit.merged(session, copies, source.name, theirs))
        self.save(source, edit.without(other, theirs))
        return merged

    def split(self, folder: Folder, n: int) -> Session:
        """Moves still n and all after it to a new session of the same film; gives what is left of this one."""
        session = self.load(folder)
        numbers = [still.n for still in session.stills]
        if n not in numbers or numbers.index(n) == 0:
            raise SessionError(f"{folder.name}: it can be split at its stills {numbers[1:]}, not at {n}")
        going = session.stills[numbers.index(n) :]
        _check_written(folder, going)
        target = self.create(session.title, session.film, going[0].taken_at)
        fresh = self.load(target)
        copies = self._copies(target, fresh, folder, going)
        self.save(target, replace(fresh, stills=copies, closed=session.closed))
        return self.save(folder, edit.split(session, n, target.name, [still.n for still in copies]))

    def undo(self, folder: Folder) -> tuple[Session, Change]:
        """Takes back the last change, also in the other session where two took part."""
        session, change = edit.undo(self.load(folder))
        self._partner_follows(change, again=change.do == "merge")
        return self.save(folder, session), change

    def redo(self, folder: Folder) -> tuple[Session, Change]:
        """Makes the change that was undone last again, also in the other session where two took part."""
        session, change = edit.redo(self.load(folder))
        self._partner_follows(change, again=change.do == "split")
        return self.save(folder, session), change

    @contextmanager
    def _held(self, name: str, timeout_s: float, what: str) -> Iterator[None]:
        self.output.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.output / name, timeout=timeout_s, thread_local=False):
                yield
        except Timeout as error:
            raise SessionError(f"{self.output}: another program {what}; try again") from error

    def _all(self) -> list[tuple[Folder, Session]]:
        """All sessions, also those whose every still was taken out: a viewer who puts one back wants to find them."""
        found = []
        for folder in self.folders():
            with suppress(SessionError):
                found.append((folder, self.load(folder)))
        return sorted(found, key=lambda pair: _last_taken(pair[1]))

    def _partner_follows(self, change: Change, *, again: bool) -> None:
        partner = Folder(self.output / change.partner)
        if not change.partner or not partner.file.is_file():
            return
        session = self.load(partner)
        follow = edit.with_again if again else edit.without
        self.save(partner, follow(session, change.partner_numbers))

    def _copies(self, target: Folder, session: Session, source: Folder, stills: tuple[Still, ...]) -> tuple[Still, ...]:
        """The stills under the target's next numbers, their files copied into its folder."""
        copies = []
        for number, still in enumerate(stills, edit.next_number(session)):
            name = still_name(number, still.time_s)
            copy = replace(still, n=number, still=f"stills/{name}", card=f"cards/{name}")
            for before, after in ((still.still, copy.still), (still.card, copy.card)):
                (target.path / after).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source.path / before, target.path / after)
            copies.append(copy)
        return tuple(copies)


def still_name(n: int, time_s: float | None) -> str:
    """The file name of still n and of its card: `0001 00h41m07s.png`, without a position in the film `0001.png`."""
    if time_s is None:
        return f"{n:04}.png"
    hours, rest = divmod(int(time_s), 3600)
    return f"{n:04} {hours:02}h{rest // 60:02}m{rest % 60:02}s.png"


def folder_name(title: str, day: date) -> str:
    """A name that every file system takes, readable in the title's own script: `Nausicaä 2026-11-20`.

    It ends in the day, so that it is never `Inbox`.
    """
    text = unicodedata.normalize("NFC", title)
    text = "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Cs"} else char for char in text)
    text = re.sub(r'[<>:"/\\|?*]', " ", text)
    text = re.sub(r"\s+", " ", text).strip(" .")
    while len(text.encode()) > _MAX_TITLE_BYTES:
        text = text[:-1].rstrip(" .")
    if not text or _WINDOWS_DEVICES.fullmatch(text):
        text = f"{UNTITLED} {text}".strip()
    return f"{text} {day.isoformat()}"


def _same(name: str) -> str:
    """A name as the most forgiving file system compares it: some give it back in letters taken apart."""
    return unicodedata.normalize("NFC", name).casefold()


def _check_written(folder: Folder, stills: Iterable[Still]) -> None:
    """Raises `SessionError` when a still has its place and not yet its files, which would never reach a copy of it."""
    for still in stills:
        for name in (still.still, still.card):
            if not (folder.path / name).exists():
                raise SessionError(f"{folder.name}: {name} is still being written, or missing; try again")


def _last_taken(session: Session) -> datetime:
    return max((still.taken_at for still in (*session.stills, *session.removed)), default=session.started_at)


def _placed(session: Session) -> Session:
    """The session with the paths of its stills where they belong: shown ones below `stills/`, the others `removed/`."""

    def at(still: Still, *, removed: bool) -> Still:
        if still.still.startswith("removed/") == removed:
            return still
        return replace(still, still=_elsewhere(still.still), card=_elsewhere(still.card))

    return replace(
        session,
        stills=tuple(at(still, removed=False) for still in session.stills),
        removed=tuple(at(still, removed=True) for still in session.removed),
    )


def _elsewhere(name: str) -> str:
    """`stills/x` as `removed/stills/x` and the other way round."""
    return name.removeprefix("removed/") if name.startswith("removed/") else f"removed/{name}"


def _session_text(session: Session) -> str:
    """session.json: a line for each still, so that it stays small, quick and readable."""
    head = {
        "v": VERSION,
        "title": session.title,
        "film": _film_data(session.film),
        "started_at": session.started_at.isoformat(),
        "closed": session.closed,
    }
    lists = {
        "stills": [_still_data(still) for still in session.stills],
        "removed": [_still_data(still) for still in session.removed],
        "done": [_change_data(change) for change in session.done],
        "undone": [_change_data(change) for change in session.undone],
    }
    lines = [f" {_json(key)}: {_json(value)}" for key, value in head.items()]
    for key, rows in lists.items():
        body = ",\n".join(f"  {_json(row)}" for row in rows)
        lines.append(f" {_json(key)}: [\n{body}\n ]" if rows else f" {_json(key)}: []")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _film_data(film: Film | None) -> dict[str, Any] | None:
    return None if film is None else {"title": film.title, "key": film.key, "duration_s": film.duration_s}


def _still_data(still: Still) -> dict[str, Any]:
    return {
        "n": still.n,
        "still": still.still,
        "card": still.card,
        "taken_at": still.taken_at.isoformat(),
        "time_s": still.time_s,
        "size": still.size,
        "box": still.box,
        "swatches": [
            {"hex": swatch.hex, "rgb": swatch.rgb, "share": round(swatch.share, 5), "at": _rounded(swatch.at)}
            for swatch in still.swatches
        ],
        "source": still.source,
        "fingerprint": still.fingerprint,
        "arrival": still.arrival,
        "correction": [_step_data(step) for step in still.correction],
        **({} if still.written else {"written": False}),
    }


def _step_data(step: Step) -> dict[str, Any]:
    return {key: value for key, value in asdict(step).items() if value is not None}


def _step_from(row: dict[str, Any] | str) -> Step:
    """A step; older versions wrote sentences."""
    return carried.step_of_sentence(row) if isinstance(row, str) else Step(**row)


def _rounded(at: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if at is None else (round(at[0], 4), round(at[1], 4))


def _change_data(change: Change) -> dict[str, Any]:
    data = {
        "do": change.do,
        "numbers": change.numbers,
        "places": change.places,
        "titles": change.titles,
        "partner": change.partner,
        "partner_numbers": change.partner_numbers,
    }
    return {key: value for key, value in data.items() if value}


def _session_from(data: dict[str, Any]) -> Session:
    film = data.get("film")
    return Session(
        title=str(data["title"]),
        started_at=_moment(data["started_at"]),
        film=None if film is None else Film(film["title"], film["key"], film.get("duration_s")),
        stills=tuple(_still_from(row) for row in data["stills"]),
        removed=tuple(_still_from(row) for row in data.get("removed", [])),
        closed=bool(data.get("closed", False)),
        done=tuple(_change_from(row) for row in data.get("done", [])),
        undone=tuple(_change_from(row) for row in data.get("undone", [])),
    )


def _still_from(row: dict[str, Any]) -> Still:
    box = row.get("box")
    return Still(
        n=int(row["n"]),
        still=_place(row["still"], "stills"),
        card=_place(row["card"], "cards"),
        taken_at=_moment(row["taken_at"]),
        size=tuple(row["size"]),
        swatches=tuple(
            Swatch(tuple(swatch["rgb"]), swatch["share"], None if swatch.get("at") is None else tuple(swatch["at"]))
            for swatch in row["swatches"]
        ),
        time_s=row.get("time_s"),
        source=row.get("source", ""),
        fingerprint=row.get("fingerprint", ""),
        arrival=row.get("arrival", ""),
        correction=tuple(_step_from(row) for row in row.get("correction", ())),
        box=None if box is None else tuple(box),
        written=bool(row.get("written", True)),
    )


def _moment(text: str) -> datetime:
    """A moment with its offset from UTC, which a person's hand may have left out."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone() if moment.tzinfo is None else moment


def _place(text: str, folder: str) -> str:
    """A path as we write them; one that led elsewhere would have us move a stranger's file."""
    parent, _, name = text.rpartition("/")
    if parent not in {folder, f"removed/{folder}"} or not name:
        raise ValueError(f"{text!r} is no file in {folder}/")
    return f"{parent}/{_name(name)}"


def _name(text: str) -> str:
    """The name of a file or folder, with no way to another one in it."""
    if text != Path(text).name or text == "..":
        raise ValueError(f"{text!r} is no name")
    return text


def _change_from(row: dict[str, Any]) -> Change:
    return Change(
        do=row["do"],
        numbers=tuple(row.get("numbers", ())),
        places=tuple(row.get("places", ())),
        titles=tuple(row.get("titles", ())),
        partner=_name(row.get("partner", "")),
        partner_numbers=tuple(row.get("partner_numbers", ())),
    )

"""What a person asks of a session, with a key in the player or a command: done, told in a line, and what to redraw."""

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import SessionError
from ..model import Change, Session, label
from . import edit
from .store import Folder, Store

# What a key does, and may take back; what was done at a desk is not undone in the dark.
_BY_KEY = {"add", "remove", "close"}


@dataclass(frozen=True)
class Outcome:
    """A change that was made."""

    text: str
    """What happened, for the viewer."""
    redraw: tuple[Folder, ...]
    """The sessions whose collage is behind now."""
    renamed: bool = False
    """Whether the cards, which bear the title, are behind as well."""


def by_key(store: Store, do: str, n: int | None = None) -> Outcome:
    """Makes the change that a request from the player names, in the latest session; raises `SessionError`."""
    keys: dict[str, Callable[[Store, Folder], Outcome]] = {
        "remove": lambda store, folder: remove(store, folder, n),
        "undo": undo,
        "redo": redo,
        "new": new,
    }
    if do not in keys:
        raise SessionError(f"{do!r}: is nothing that can be asked for")
    with store.lock():
        folder = store.find()
        session = store.load(folder)
    if do == "undo" and session.done and session.done[-1].do not in _BY_KEY:
        raise SessionError("That was done with a command, not with a key: cinepalette undo takes it back")
    return keys[do](store, folder)


def remove(store: Store, folder: Folder, n: int | None = None) -> Outcome:
    """Takes a still out, without a number the last one."""
    with store.lock():
        session = store.save(folder, edit.remove(store.load(folder), n))
        return _told(store, folder, session, session.done[-1], undone=False)


def move(store: Store, folder: Folder, n: int, to: int) -> Outcome:
    """Gives a still another place in the order, counted from 1."""
    with store.lock():
        session = store.save(folder, edit.move(store.load(folder), n, to))
        return _told(store, folder, session, session.done[-1], undone=False)


def rename(store: Store, folder: Folder, title: str) -> Outcome:
    """Gives a session another title."""
    with store.lock():
        session = store.save(folder, edit.rename(store.load(folder), title))
        return _told(store, folder, session, session.done[-1], undone=False)


def new(store: Store, folder: Folder) -> Outcome:
    """Closes a session, so that the next still begins another."""
    with store.lock():
        session = store.save(folder, edit.close(store.load(folder)))
        return _told(store, folder, session, session.done[-1], undone=False)


def merge(store: Store, folder: Folder, source: Folder) -> Outcome:
    """Puts the stills of another session at the end of this one."""
    with store.lock():
        session = store.merge(folder, source)
        return _told(store, folder, session, session.done[-1], undone=False)


def split(store: Store, folder: Folder, n: int) -> Outcome:
    """Begins a new session with still n of this one."""
    with store.lock():
        session = store.split(folder, n)
        return _told(store, folder, session, session.done[-1], undone=False)


def undo(store: Store, folder: Folder) -> Outcome:
    """Takes back the last change of a session."""
    with store.lock():
        session, change = store.undo(folder)
        return _told(store, folder, session, change, undone=True)


def redo(store: Store, folder: Folder) -> Outcome:
    """Makes the change again that was taken back last."""
    with store.lock():
        session, change = store.redo(folder)
        return _told(store, folder, session, change, undone=False)


def _told(store: Store, folder: Folder, session: Session, change: Change, *, undone: bool) -> Outcome:
    redraw = (folder,)
    if change.partner:
        redraw = (folder, Folder(store.output / change.partner))
    return Outcome(_sentence(session, change, undone=undone), redraw, renamed=change.do == "rename")


def _sentence(session: Session, change: Change, *, undone: bool) -> str:
    by_number = {still.n: still for still in (*session.stills, *session.removed)}
    stills = [label(by_number[n], session.title) for n in change.numbers if n in by_number]
    what = stills[0] if len(stills) == 1 else f"{len(stills)} stills"
    sentences = {
        "add": (f"Put back {what}", f"Removed {what}"),
        "remove": (f"Removed {what}", f"Put back {what}"),
        "move": (f"Moved {what}", f"Moved back {what}"),
        "merge": (f"Took {what} from {change.partner}", f"Gave {what} back to {change.partner}"),
        "split": (f"Moved {what} to {change.partner}", f"Took {what} back from {change.partner}"),
        "close": ("The next still begins a new collage", f"The next still joins {session.title} again"),
    }
    if change.do == "rename":
        return f"Renamed to {change.titles[0 if undone else 1]}"
    return sentences[change.do][undone]

"""Every change of a session there is, by an arrival, a key or a command; each goes through the one `door`."""

import secrets
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ..errors import SessionError
from ..model import Change, Session, Still
from . import history, record, wording
from .commit import Stamp, Written
from .door import Plan, made
from .folder import Folder
from .history import Step
from .names import UNTITLED
from .store import Belonging, Store

# What a key does, and may take back; what was done at a desk is not undone in the dark.
_BY_KEY = {"add", "remove", "close"}


@dataclass(frozen=True)
class Outcome:
    """A change that was made."""

    text: str
    """What happened, for the viewer."""
    redraw: tuple[Folder, ...]
    """The sessions whose collage is behind now, the one that was changed first."""


@dataclass(frozen=True)
class Placed:
    """A still with its place in a session."""

    folder: Folder
    still: Still
    session: Session


def place(store: Store, belonging: Belonging, still: Callable[[int], Still]) -> Placed:
    """Gives a still, made by its number, its place at the end of the session it belongs to, or of a new one."""

    def plan() -> Plan:
        film, asked = belonging.film, belonging.asked
        title = asked or (film.title if film else UNTITLED)
        # Before looking: a session that another program begins from here on is found, or stands in the way of its name.
        free = store.free_folder(title, belonging.taken_at)
        folder = store.open_for(belonging)
        if folder is None:
            folder = free
            session, stamp = Session(title, belonging.taken_at, film, id=_new_id()), None
        else:
            try:
                session, stamp = store.read(folder)
            except SessionError:
                if folder.file.exists():
                    raise
                return plan()  # it has just got another name, or was deleted
        number = max(history.next_number(session), folder.highest_number() + 1)
        step = history.add(replace(session, active_at=datetime.now(UTC)), record.as_recorded(still(number)))
        return Plan((Written(folder, stamp, step.session),), step)

    change = made(store, plan)
    return Placed(change.written[0].home, change.session.stills[-1], change.session)


def note(store: Store, folder: Folder, still: Still) -> Still:
    """Notes what is known of a placed still since, such as that it is written; gives it as it is then.

    Raises `SessionError` where its place is lost, as when the folder was moved away and another one begun.
    """

    def plan() -> Plan:
        session, stamp = store.read(folder)
        placed(session, still, folder)
        session = history.replaced(session, record.as_recorded(still))
        return Plan((Written(folder, stamp, session),), settled=(placed(session, still, folder),))

    return placed(made(store, plan).session, still, folder)


def forget(store: Store, folder: Folder, still: Still) -> None:
    """Takes out a placed still that could not be written, as if it had never come."""

    def plan() -> Plan:
        session, stamp = store.read(folder)
        if not placed(session, still, folder).written:
            session = history.forgotten(session, still.n)
        return Plan((Written(folder, stamp, session),))

    made(store, plan)


def placed(session: Session, still: Still, folder: Folder) -> Still:
    """The still as its session knows it now; raises `SessionError` where another one has its number, or none."""
    for one in (*session.stills, *session.removed):
        if (one.n, one.arrival, one.fingerprint) == (still.n, still.arrival, still.fingerprint):
            return one
    raise SessionError(f"{folder.path}: has lost its place for still {still.n}")


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
    folder = store.find()
    if do == "undo" and any(change.do not in _BY_KEY for change in store.load(folder).done[-1:]):
        raise SessionError("That was done with a command, not with a key: cinepalette undo takes it back")
    return keys[do](store, folder)


def remove(store: Store, folder: Folder, n: int | None = None) -> Outcome:
    """Takes a still out, without a number the last one."""
    return _changed(store, folder, lambda session: history.remove(session, n))


def move(store: Store, folder: Folder, n: int, to: int) -> Outcome:
    """Gives a still another place in the order, counted from 1."""
    return _changed(store, folder, lambda session: history.move(session, n, to))


def new(store: Store, folder: Folder) -> Outcome:
    """Closes a session, so that the next still begins another."""
    return _changed(store, folder, history.close)


def rename(store: Store, folder: Folder, title: str) -> Outcome:
    """Gives a session another title, and its folder the name that goes with it."""

    def plan() -> Plan:
        session, stamp = store.read(folder)
        home = store.free_folder(title, session.started_at, folder)
        step = history.rename(session, title, (folder.name, home.name))
        return _renaming(folder, home, session, stamp, step)

    with store.drawing():
        return _outcome(made(store, plan))


def merge(store: Store, folder: Folder, source: Folder) -> Outcome:
    """Puts the stills of another session at the end of this one."""
    if source == folder:
        raise SessionError(f"{source.name}: cannot be merged with itself")

    def plan() -> Plan:
        (session, stamp), (other, other_stamp) = store.read(folder), store.read(source)
        session = replace(session, last_n=max(session.last_n, folder.highest_number()))
        step = history.merge(session, folder.name, other, source.name)
        return _shared(folder, session, stamp, step, (source, other, other_stamp))

    return _outcome(made(store, plan))


def split(store: Store, folder: Folder, n: int) -> Outcome:
    """Begins a new session with still n of this one and all after it."""

    def plan() -> Plan:
        session, stamp = store.read(folder)
        begun = next((still.taken_at for still in session.stills if still.n == n), session.started_at)
        fresh = Session(session.title, begun, session.film, closed=session.closed, id=_new_id())
        fresh = replace(fresh, active_at=session.active_at)
        target = store.free_folder(session.title, begun)
        step = history.split(session, folder.name, n, fresh, target.name)
        return _shared(folder, session, stamp, step, (target, fresh, None))

    return _outcome(made(store, plan))


def undo(store: Store, folder: Folder) -> Outcome:
    """Takes back the last change of a session."""
    return _again(store, folder, history.undo, lambda session: session.done)


def redo(store: Store, folder: Folder) -> Outcome:
    """Makes the change again that was taken back last."""
    return _again(store, folder, history.redo, lambda session: session.undone)


def _again(
    store: Store,
    folder: Folder,
    way: Callable[[Session, str, Session | None], Step],
    history_of: Callable[[Session], tuple[Change, ...]],
) -> Outcome:
    """Undo or redo, in both sessions where two took part, with the folder's name where that changed."""

    def plan() -> Plan:
        session, stamp = store.read(folder)
        change = next(reversed(history_of(session)), None)
        if change is not None and change.partner:
            partner = _partner(store, change, session)
            return _shared(folder, session, stamp, way(session, folder.name, partner[1]), partner)
        step = way(session, folder.name, None)
        if change is not None and change.do == "rename":
            home = _home(store, step.session, change.folders[0 if step.undone else 1 :][:1], folder)
            return _renaming(folder, home, session, stamp, step)
        return _plain(folder, stamp, step)

    names = {change.do for change in history_of(store.load(folder))[-1:]}
    with store.drawing() if "rename" in names else nullcontext():
        return _outcome(made(store, plan))


def _changed(store: Store, folder: Folder, change: Callable[[Session], Step]) -> Outcome:
    def plan() -> Plan:
        session, stamp = store.read(folder)
        return _plain(folder, stamp, change(session))

    return _outcome(made(store, plan))


def _plain(folder: Folder, stamp: Stamp, step: Step) -> Plan:
    stills = (*step.session.stills, *step.session.removed)
    settled = tuple(still for still in stills if still.n in step.change.numbers)
    return Plan((Written(folder, stamp, step.session),), step, settled=settled)


def _home(store: Store, session: Session, wanted: tuple[str, ...], folder: Folder) -> Folder:
    """The folder that a session had, or is to have again; another one where that name has been taken since."""
    for name in wanted:
        if name == folder.name or not (store.output / name).exists():
            return Folder(store.output / name)
    return store.free_folder(session.title, session.started_at, folder)


def _renaming(folder: Folder, home: Folder, session: Session, stamp: Stamp, step: Step) -> Plan:
    if home == folder:
        return _plain(folder, stamp, step)
    _check_written(folder, (*session.stills, *session.removed))
    return Plan((Written(folder, stamp, step.session, renamed_to=home),), step)


def _shared(
    folder: Folder, session: Session, stamp: Stamp, step: Step, partner: tuple[Folder, Session, Stamp | None]
) -> Plan:
    """A change of two sessions, with the moves of files that it takes."""
    other_folder, other, other_stamp = partner
    if step.partner is None:
        raise ValueError(f"{step.change.do}: has no partner")
    moves: list[tuple[Path, Path]] = []
    now = {still.n: still for still in step.session.stills}
    there = {still.n: still for still in step.partner.stills}
    leaving = {still.n: still for still in session.stills if still.n not in now}
    coming = {still.n: still for still in other.stills if still.n not in there}
    for n, partner_n in zip(step.change.numbers, step.change.partner_numbers, strict=True):
        if n in leaving:
            _check_written(folder, [leaving[n]])
            moves += folder.moves_to(other_folder, leaving[n], there[partner_n])
        else:
            _check_written(other_folder, [coming[partner_n]])
            moves += other_folder.moves_to(folder, coming[partner_n], now[n])
    both = (Written(folder, stamp, step.session), Written(other_folder, other_stamp, step.partner))
    return Plan(both, step, tuple((source, target) for source, target in moves if source.exists()))


def _partner(store: Store, change: Change, session: Session) -> tuple[Folder, Session, Stamp | None]:
    """The other session of a change; one whose folder was deleted is begun again, for its stills to come back to."""
    known = store.with_id(change.partner)
    if known is not None:
        return known, *store.read(known)
    there = Folder(store.output / change.folders[0])
    if there.file.exists():
        store.load(there)  # says what is wrong with it
    fresh = history.begun_again(change, session)
    return store.free_folder(fresh.title, fresh.started_at), fresh, None


def _outcome(change: Plan) -> Outcome:
    if change.step is None:
        raise ValueError("what is no change to a person has no words")
    text = wording.in_words(change.session, change.step.change, undone=change.step.undone)
    return Outcome(text, tuple(one.home for one in change.written))


def _check_written(folder: Folder, stills: Iterable[Still]) -> None:
    """Raises `SessionError` when a still has its place and not yet its files, which would never reach another."""
    for still in stills:
        if not still.written:
            raise SessionError(f"{folder.name}: {still.still} is still being written; try again in a moment")


def _new_id() -> str:
    return secrets.token_hex(6)

"""Every change of a session there is, by an arrival, a key or a command; each goes through the one `door`."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ..errors import SessionError
from ..model import Change, Session, Still
from . import history, record, wording
from .commit import Stamp, Written
from .door import Plan, made
from .folder import Folder
from .history import Transition
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
class Side:
    """A session that takes part in a change, as it was read."""

    folder: Folder
    session: Session
    stamp: Stamp | None
    """None for one that is begun with the change."""


Way = Callable[[Store, Side], Plan]
"""How a change is planned, from the session that it is asked of."""


@dataclass(frozen=True)
class Placed:
    """A still with its place in a session."""

    folder: Folder
    still: Still
    session: Session


def place(store: Store, belonging: Belonging, still: Callable[[int], Still]) -> Placed:
    """Gives a still, made by its number, its place at the end of the session it belongs to, or of a new one."""

    def plan() -> Plan:
        found = store.open_for(belonging)
        side = _read(store, found) if found else _new_session(store, belonging)
        number = max(history.next_number(side.session), side.folder.highest_number() + 1)
        active = replace(side.session, active_at=datetime.now(UTC))
        planned = _plain(side, history.add(active, record.as_recorded(still(number))))
        if found:
            return planned
        # Another program may have begun it meanwhile, under another title or day.
        return replace(planned, still_holds=lambda: store.open_for(belonging) is None)

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
    ways: dict[str, Way] = {
        "remove": _alone(lambda session: history.remove(session, n)),
        "undo": _undone,
        "redo": _redone,
        "new": _alone(history.close),
    }
    if do not in ways:
        raise SessionError(f"{do!r}: is nothing that can be asked for")

    def plan() -> Plan:
        latest = store.find()
        side = _read(store, latest)
        if do == "undo" and any(change.do not in _BY_KEY for change in side.session.done[-1:]):
            raise SessionError("That was done with a command, not with a key: cinepalette undo takes it back")
        return replace(ways[do](store, side), still_holds=lambda: store.find() == latest)

    return _outcome(made(store, plan))


def remove(store: Store, folder: Folder, n: int | None = None) -> Outcome:
    """Takes a still out, without a number the last one."""
    return _changed(store, folder, _alone(lambda session: history.remove(session, n)))


def move(store: Store, folder: Folder, n: int, to: int) -> Outcome:
    """Gives a still another place in the order, counted from 1."""
    return _changed(store, folder, _alone(lambda session: history.move(session, n, to)))


def new(store: Store, folder: Folder) -> Outcome:
    """Closes a session, so that the next still begins another."""
    return _changed(store, folder, _alone(history.close))


def rename(store: Store, folder: Folder, title: str) -> Outcome:
    """Gives a session another title, and its folder the name that goes with it."""

    def way(store: Store, side: Side) -> Plan:
        home = store.free_folder(title, side.session.started_at, folder)
        return _renaming(side, home, history.rename(side.session, title, (folder.name, home.name)))

    return _changed(store, folder, way)


def merge(store: Store, folder: Folder, source: Folder) -> Outcome:
    """Puts the stills of another session at the end of this one."""
    if source == folder:
        raise SessionError(f"{source.name}: cannot be merged with itself")

    def way(store: Store, side: Side) -> Plan:
        other = _read(store, source)
        session = replace(side.session, last_n=max(side.session.last_n, folder.highest_number()))
        return _shared(side, history.merge(session, folder.name, other.session, source.name), other)

    return _changed(store, folder, way)


def split(store: Store, folder: Folder, n: int) -> Outcome:
    """Begins a new session with still n of this one and all after it."""

    def way(store: Store, side: Side) -> Plan:
        session = side.session
        begun = next((still.taken_at for still in session.stills if still.n == n), session.started_at)
        fresh = Session(session.title, begun, session.film, closed=session.closed, id=_new_id())
        fresh = replace(fresh, active_at=session.active_at)
        other = Side(store.free_folder(session.title, begun), fresh, None)
        return _shared(side, history.split(session, folder.name, n, fresh, other.folder.name), other)

    return _changed(store, folder, way)


def undo(store: Store, folder: Folder) -> Outcome:
    """Takes back the last change of a session."""
    return _changed(store, folder, _undone)


def redo(store: Store, folder: Folder) -> Outcome:
    """Makes the change again that was taken back last."""
    return _changed(store, folder, _redone)


def _changed(store: Store, folder: Folder, way: Way) -> Outcome:
    return _outcome(made(store, lambda: way(store, _read(store, folder))))


def _alone(change: Callable[[Session], Transition]) -> Way:
    """The way of a change in which one session takes part."""
    return lambda _, side: _plain(side, change(side.session))


def _undone(store: Store, side: Side) -> Plan:
    return _again(store, side, side.session.done, history.undo)


def _redone(store: Store, side: Side) -> Plan:
    return _again(store, side, side.session.undone, history.redo)


def _again(
    store: Store,
    side: Side,
    changes: tuple[Change, ...],
    way: Callable[[Session, str, Session | None], Transition],
) -> Plan:
    """Undo or redo, in both sessions where two took part, with the folder's name where that changed."""
    change = changes[-1] if changes else None
    if change is not None and change.partner:
        return _with_partner(store, side, change, way)
    transition = way(side.session, side.folder.name, None)
    if change is not None and change.do == "rename":
        home = _home(store, transition.session, change.folders[0 if transition.undone else 1 :][:1], side.folder)
        return _renaming(side, home, transition)
    return _plain(side, transition)


def _with_partner(
    store: Store, side: Side, change: Change, way: Callable[[Session, str, Session | None], Transition]
) -> Plan:
    """Undo or redo with the other session; where its folder was deleted it is begun again, for its stills to return."""
    known = store.with_id(change.partner)
    if known is not None:
        partner = _read(store, known)
        return _shared(side, way(side.session, side.folder.name, partner.session), partner)
    there = Folder(store.output / change.folders[0])
    if there.file.exists():
        store.load(there)  # says what is wrong with it
    fresh = history.begun_again(change, side.session)
    partner = Side(store.free_folder(fresh.title, fresh.started_at), fresh, None)
    planned = _shared(side, way(side.session, side.folder.name, fresh), partner)
    return replace(planned, still_holds=lambda: store.with_id(change.partner) is None)


def _read(store: Store, folder: Folder) -> Side:
    return Side(folder, *store.read(folder))


def _new_session(store: Store, belonging: Belonging) -> Side:
    film = belonging.film
    title = belonging.asked or (film.title if film else UNTITLED)
    session = Session(title, belonging.taken_at, film, id=_new_id())
    return Side(store.free_folder(title, belonging.taken_at), session, None)


def _plain(side: Side, transition: Transition) -> Plan:
    stills = (*transition.session.stills, *transition.session.removed)
    settled = tuple(still for still in stills if still.n in transition.change.numbers)
    return Plan((Written(side.folder, side.stamp, transition.session),), transition, settled=settled)


def _home(store: Store, session: Session, wanted: tuple[str, ...], folder: Folder) -> Folder:
    """The folder that a session had, or is to have again; another one where that name has been taken since."""
    for name in wanted:
        if name == folder.name or not (store.output / name).exists():
            return Folder(store.output / name)
    return store.free_folder(session.title, session.started_at, folder)


def _renaming(side: Side, home: Folder, transition: Transition) -> Plan:
    if home == side.folder:
        return _plain(side, transition)
    _check_written(side.folder, (*side.session.stills, *side.session.removed))
    return Plan((Written(side.folder, side.stamp, transition.session, renamed_to=home),), transition)


def _shared(side: Side, transition: Transition, partner: Side) -> Plan:
    """A change of two sessions, with the moves of files that it takes."""
    if transition.partner is None:
        raise ValueError(f"{transition.change.do}: has no partner")
    moves: list[tuple[Path, Path]] = []
    now = {still.n: still for still in transition.session.stills}
    there = {still.n: still for still in transition.partner.stills}
    leaving = {still.n: still for still in side.session.stills if still.n not in now}
    coming = {still.n: still for still in partner.session.stills if still.n not in there}
    for n, partner_n in zip(transition.change.numbers, transition.change.partner_numbers, strict=True):
        if n in leaving:
            _check_written(side.folder, [leaving[n]])
            moves += side.folder.moves_to(partner.folder, leaving[n], there[partner_n])
        else:
            _check_written(partner.folder, [coming[partner_n]])
            moves += partner.folder.moves_to(side.folder, coming[partner_n], now[n])
    both = (
        Written(side.folder, side.stamp, transition.session),
        Written(partner.folder, partner.stamp, transition.partner),
    )
    return Plan(both, transition, tuple((source, target) for source, target in moves if source.exists()))


def _outcome(change: Plan) -> Outcome:
    if change.transition is None:
        raise ValueError("what is no change to a person has no words")
    text = wording.in_words(change.session, change.transition.change, undone=change.transition.undone)
    return Outcome(text, tuple(one.home for one in change.written))


def _check_written(folder: Folder, stills: Iterable[Still]) -> None:
    """Raises `SessionError` for a still whose files are not written yet: they could not be moved with it."""
    for still in stills:
        if not still.written:
            raise SessionError(f"{folder.name}: {still.still} is still being written; try again in a moment")


def _new_id() -> str:
    return secrets.token_hex(6)

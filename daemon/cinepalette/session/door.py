"""The one door to session.json: a change is planned, written beside its place, and given its name under the lock."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import SessionError
from ..model import Session, Still
from ..picture.writing import sync_folder
from . import commit
from .commit import Prepared, Written
from .history import Transition
from .store import Store

# Another process came first; only a busy command can do so more often, and must not keep others out.
_TRIES = 4


@dataclass(frozen=True)
class Plan:
    """A change that is planned and not made yet."""

    written: tuple[Written, ...]
    transition: Transition | None = None
    """What it is in the history; None for what is no change to a person."""
    moves: tuple[tuple[Path, Path], ...] = ()
    """Of files between two sessions."""
    settled: tuple[Still, ...] = ()
    """The stills of the first session whose files may have to move in its folder."""
    still_holds: Callable[[], bool] = lambda: True
    """Whether all that it took from sessions it does not write is still so; asked under the lock."""

    @property
    def session(self) -> Session:
        return self.written[0].session

    @property
    def renames(self) -> bool:
        """Whether a session's folder gets another name, which waits while it is drawn."""
        return any(one.renamed_to for one in self.written)


def made(store: Store, plan: Callable[[], Plan]) -> Plan:
    """Makes a change: planned and written beside its place without the lock, given its name under it.

    Where somebody else has changed meanwhile what it was planned from it is planned again. Raises `SessionError`.
    """
    for _ in range(_TRIES):
        if (done := _tried(store, plan)) is not None:
            return done
    with store.drawing(), store.lock():
        done = _tried(store, plan)
    if done is None:
        raise SessionError(f"{store.output}: another program changes the sessions all the time; try again")
    return done


def _tried(store: Store, plan: Callable[[], Plan]) -> Plan | None:
    store.drive.check()
    if commit.is_unfinished(store.output):
        with store.lock():
            pass  # who takes the lock finishes what was cut off
    planned = _planned(store, plan)
    prepared = commit.prepare(store.output, planned.written, planned.moves)
    with store.drawing() if planned.renames else nullcontext():
        if not _is_committed(store, planned, prepared):
            return None
        if prepared.intent is not None:
            sync_folder(store.output)
            with store.lock():
                commit.finish(store.output)
            commit.sync(prepared)
    for one, stamp in zip(planned.written, prepared.stamps, strict=True):
        store.know(one.home, one.session, stamp)
    return planned


def _planned(store: Store, plan: Callable[[], Plan]) -> Plan:
    """The plan. What cannot be done is planned once more under the lock: a folder may just have got another name."""
    with suppress(SessionError):
        return plan()
    with store.lock():
        return plan()


def _is_committed(store: Store, planned: Plan, prepared: Prepared) -> bool:
    committed = False
    try:
        with store.lock():
            committed = planned.still_holds() and commit.commit(store.output, prepared)
            if committed and prepared.intent is None:
                planned.written[0].folder.settle(planned.settled)
    finally:
        if not committed:
            commit.discard(prepared)
    return committed

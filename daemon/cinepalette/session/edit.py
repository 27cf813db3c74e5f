"""Changes of a session, each a pure step from one `Session` to the next that can be undone and done again.

A change names the stills by number and remembers where in the list they stood, so that its reverse is exact. Where
two sessions take part (merge, split), these functions change the one that was asked; the other follows through
`without` and `with_again`.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import zip_longest

from ..errors import SessionError
from ..model import Change, Session, Still

# More than an evening's presses; session.json must not grow with every change for ever.
MAX_HISTORY = 1000


def next_number(session: Session) -> int:
    """The number of the next still: numbers are never used twice, also not those of removed stills."""
    return max((still.n for still in (*session.stills, *session.removed)), default=0) + 1


def add(session: Session, still: Still) -> Session:
    """The session with a new still at its end."""
    grown = replace(session, stills=(*session.stills, still))
    return _recorded(grown, Change("add", (still.n,), (len(session.stills),)))


def replaced(session: Session, still: Still) -> Session:
    """The session with what is now known of a still; its place and its files stay, and there is nothing to undo."""

    def now(one: Still) -> Still:
        return replace(still, still=one.still, card=one.card) if one.n == still.n else one

    return replace(session, stills=tuple(map(now, session.stills)), removed=tuple(map(now, session.removed)))


def remove(session: Session, n: int | None = None) -> Session:
    """The session without still n, or without its last one; raises `SessionError` when there is none."""
    if not session.stills:
        raise SessionError(f"{session.title}: there is no still to remove")
    number = session.stills[-1].n if n is None else n
    place = _place(session, number)
    return _recorded(without(session, (number,)), Change("remove", (number,), (place,)))


def move(session: Session, n: int, to: int) -> Session:
    """The session with still n at position `to`, counted from 1; beyond the end means the end."""
    if to < 1:
        raise SessionError(f"position {to}: positions are counted from 1")
    place = _place(session, n)
    target = min(to, len(session.stills)) - 1
    return _recorded(_moved(session, place, target), Change("move", (n,), (place, target)))


def rename(session: Session, title: str) -> Session:
    """The session under another title; its folder keeps its name."""
    return _recorded(replace(session, title=title), Change("rename", titles=(session.title, title)))


def close(session: Session) -> Session:
    """The session, closed: the next still begins another; raises `SessionError` when it is closed already."""
    if session.closed:
        raise SessionError("The next still begins a new collage")
    return _recorded(replace(session, closed=True), Change("close"))


def merged(session: Session, stills: Iterable[Still], partner: str, partner_numbers: Iterable[int]) -> Session:
    """The session with stills that another one gave it, already numbered for this one, at its end."""
    taken = tuple(stills)
    places = tuple(range(len(session.stills), len(session.stills) + len(taken)))
    grown = replace(session, stills=(*session.stills, *taken))
    numbers = tuple(still.n for still in taken)
    return _recorded(grown, Change("merge", numbers, places, (), partner, tuple(partner_numbers)))


def split(session: Session, n: int, partner: str, partner_numbers: Iterable[int]) -> Session:
    """The session without still n and all after it, which another one has taken."""
    place = _place(session, n)
    numbers = tuple(still.n for still in session.stills[place:])
    places = tuple(range(place, len(session.stills)))
    return _recorded(without(session, numbers), Change("split", numbers, places, (), partner, tuple(partner_numbers)))


def undo(session: Session) -> tuple[Session, Change]:
    """The session before its last change, and that change; raises `SessionError` when there is none."""
    if not session.done:
        raise SessionError(f"{session.title}: there is nothing to undo")
    change = session.done[-1]
    back = _reversed(session, change)
    return replace(back, done=session.done[:-1], undone=(*session.undone, change)), change


def redo(session: Session) -> tuple[Session, Change]:
    """The session with the change that was undone last made again; raises `SessionError` when there is none."""
    if not session.undone:
        raise SessionError(f"{session.title}: there is nothing to redo")
    change = session.undone[-1]
    forth = _applied(session, change)
    return replace(forth, done=(*session.done, change), undone=session.undone[:-1]), change


def without(session: Session, numbers: Iterable[int]) -> Session:
    """The session with these stills among the removed; numbers that it does not show are passed over."""
    gone = set(numbers)
    kept = tuple(still for still in session.stills if still.n not in gone)
    taken = tuple(still for still in session.stills if still.n in gone)
    return replace(session, stills=kept, removed=(*session.removed, *taken))


def with_again(session: Session, numbers: Iterable[int], places: Iterable[int] = ()) -> Session:
    """The session with these removed stills back in their places, or at its end."""
    by_number = {still.n: still for still in session.removed}
    stills = list(session.stills)
    for number, place in zip_longest(numbers, places):
        if number in by_number:
            stills.insert(len(stills) if place is None else place, by_number.pop(number))
    return replace(session, stills=tuple(stills), removed=tuple(by_number.values()))


def _reversed(session: Session, change: Change) -> Session:
    if change.do in {"add", "merge"}:
        return without(session, change.numbers)
    if change.do in {"remove", "split"}:
        return with_again(session, change.numbers, change.places)
    if change.do == "move":
        return _moved(session, change.places[1], change.places[0])
    if change.do == "close":
        return replace(session, closed=False)
    return replace(session, title=change.titles[0])


def _applied(session: Session, change: Change) -> Session:
    if change.do in {"add", "merge"}:
        return with_again(session, change.numbers, change.places)
    if change.do in {"remove", "split"}:
        return without(session, change.numbers)
    if change.do == "move":
        return _moved(session, change.places[0], change.places[1])
    if change.do == "close":
        return replace(session, closed=True)
    return replace(session, title=change.titles[1])


def _moved(session: Session, place: int, target: int) -> Session:
    stills = list(session.stills)
    stills.insert(target, stills.pop(place))
    return replace(session, stills=tuple(stills))


def _place(session: Session, n: int) -> int:
    for place, still in enumerate(session.stills):
        if still.n == n:
            return place
    raise SessionError(f"{session.title}: there is no still {n}")


def _recorded(session: Session, change: Change) -> Session:
    """A new change makes what was undone before it impossible to redo."""
    return replace(session, done=(*session.done, change)[-MAX_HISTORY:], undone=())

"""The one history of a session: each change a pure step from one `Session` to the next, its undo the exact inverse.

A change names the stills by number and where they stood by the still before them. Where two sessions take part (merge,
split) it stands in both histories and can be taken back from both sides, as long as its stills are as it left them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..errors import SessionError
from ..model import Change, Film, Session, Still
from . import names

# More than an evening's presses; session.json must not grow with every change for ever.
MAX_HISTORY = 1000

_OTHER_SIDE: dict[str, Literal["merge", "given", "split", "begun"]] = {
    "merge": "given",
    "given": "merge",
    "split": "begun",
    "begun": "split",
}
_TOOK = {"merge", "begun"}
"""The sides to which the stills came."""


@dataclass(frozen=True)
class Transition:
    """A change that was made, taken back or made again: the sessions as they are then."""

    session: Session
    change: Change
    partner: Session | None = None
    """The other session, where two took part."""
    undone: bool = False


def next_number(session: Session) -> int:
    """The number of the next still: numbers are never used twice, also not those of stills that have gone."""
    return max((session.last_n, *(still.n for still in (*session.stills, *session.removed)))) + 1


def add(session: Session, still: Still) -> Transition:
    """A new still at the end."""
    change = Change("add", (still.n,), stands=(_last(session),))
    grown = replace(session, stills=(*session.stills, still), last_n=max(session.last_n, still.n))
    return _made(grown, change)


def replaced(session: Session, still: Still) -> Session:
    """The session with what is now known of a still; its place and its files stay, and there is nothing to undo."""

    def now(one: Still) -> Still:
        return replace(still, still=one.still, card=one.card) if one.n == still.n else one

    return replace(session, stills=tuple(map(now, session.stills)), removed=tuple(map(now, session.removed)))


def forgotten(session: Session, n: int) -> Session:
    """The session without a still that could not be written, and without its changes."""

    def rest(changes: tuple[Change, ...]) -> tuple[Change, ...]:
        return tuple(change for change in changes if n not in change.numbers)

    def others(stills: tuple[Still, ...]) -> tuple[Still, ...]:
        return tuple(still for still in stills if still.n != n)

    return replace(
        session,
        stills=others(session.stills),
        removed=others(session.removed),
        done=rest(session.done),
        undone=rest(session.undone),
    )


def remove(session: Session, n: int | None = None) -> Transition:
    """Still n, or the last one, taken out; raises `SessionError` when there is none."""
    if not session.stills:
        raise SessionError(f"{session.title}: there is no still to remove")
    number = session.stills[-1].n if n is None else n
    change = Change("remove", (number,), stood=_beside(session, (number,)))
    return _made(_taken_out(session, number), change)


def move(session: Session, n: int, to: int) -> Transition:
    """Still n at position `to`, counted from 1; beyond the end means the end."""
    if to < 1:
        raise SessionError(f"position {to}: positions are counted from 1")
    stood = _beside(session, (n,))
    stills = list(session.stills)
    still = stills.pop(next(place for place, one in enumerate(stills) if one.n == n))
    stills.insert(to - 1, still)
    moved = replace(session, stills=tuple(stills))
    return _made(moved, Change("move", (n,), stood, _beside(moved, (n,))))


def rename(session: Session, title: str, folders: tuple[str, str]) -> Transition:
    """Another title; `folders` are the names of the session's folder before and after."""
    return _made(replace(session, title=title), Change("rename", titles=(session.title, title), folders=folders))


def close(session: Session) -> Transition:
    """Closed: the next still begins another session; raises `SessionError` when it is closed already."""
    if session.closed:
        raise SessionError("The next still begins a new collage")
    return _made(replace(session, closed=True), Change("close"))


def merge(session: Session, folder: str, source: Session, source_folder: str) -> Transition:
    """All stills of another session at the end of this one, under new numbers."""
    if not source.stills:
        raise SessionError(f"{source_folder}: has no still that could be taken")
    leaving = tuple(still.n for still in source.stills)
    first = next_number(session)
    arriving = tuple(range(first, first + len(leaving)))
    change = _shared("merge", source, source_folder, arriving, leaving)
    change = replace(change, stands=(_last(session), *arriving[:-1]))
    active = max(filter(None, (session.active_at, source.active_at)), default=None)
    return _made_in_both(replace(session, active_at=active), folder, change, source)


def split(session: Session, folder: str, n: int, fresh: Session, fresh_folder: str) -> Transition:
    """Still n and all after it in a session of their own, which is `fresh`."""
    shown = [still.n for still in session.stills]
    if n not in shown[1:]:
        can = ", ".join(map(str, shown[1:])) or "none of its stills"
        raise SessionError(f"{folder}: it can be split at {can}, not at {n}")
    leaving = tuple(shown[shown.index(n) :])
    arriving = tuple(range(1, len(leaving) + 1))
    change = _shared("split", fresh, fresh_folder, leaving, arriving)
    return _made_in_both(session, folder, replace(change, partner_beside=(0, *arriving[:-1])), fresh)


def undo(session: Session, folder: str = "", partner: Session | None = None) -> Transition:
    """The last change taken back; `partner` is the other session, where the change names one.

    Raises `SessionError`, with nothing changed, also where a still of the change was changed in the partner since.
    """
    if not session.done:
        raise SessionError(f"{session.title}: there is nothing to undo")
    change = session.done[-1]
    session = replace(session, done=session.done[:-1])
    if change.partner:
        return _undone_in_both(session, folder, change, _given(partner))
    now, known = session, change
    if change.do == "add":
        known = replace(change, stands=_beside(session, change.numbers))
        now = _taken_out(session, change.numbers[0])
    elif change.do == "remove":
        now = _put_back(session, change.numbers[0], change.stood[0])
    elif change.do == "move":
        known = replace(change, stands=_beside(session, change.numbers))
        now = _moved(session, change.numbers[0], change.stood[0])
    elif change.do == "rename":
        now = replace(session, title=change.titles[0])
    elif change.do == "close":
        now = replace(session, closed=False)
    return Transition(replace(now, undone=(*session.undone, known)), known, undone=True)


def redo(session: Session, folder: str = "", partner: Session | None = None) -> Transition:
    """The change that was taken back last made again; raises `SessionError` like `undo`."""
    if not session.undone:
        raise SessionError(f"{session.title}: there is nothing to redo")
    change = session.undone[-1]
    session = replace(session, undone=session.undone[:-1])
    if change.partner:
        return _made_in_both(session, folder, change, _given(partner), again=True)
    now, known = session, change
    if change.do == "add":
        now = _put_back(session, change.numbers[0], change.stands[0])
    elif change.do == "remove":
        known = replace(change, stood=_beside(session, change.numbers))
        now = _taken_out(session, change.numbers[0])
    elif change.do == "move":
        known = replace(change, stood=_beside(session, change.numbers))
        now = _moved(session, change.numbers[0], change.stands[0])
    elif change.do == "rename":
        now = replace(session, title=change.titles[1])
    elif change.do == "close":
        now = replace(session, closed=True)
    return Transition(replace(now, done=(*session.done, known)), known)


def films(session: Session) -> tuple[Film, ...]:
    """The films that a session shows: its own, and those of the sessions that it has taken in."""
    taken = (film for change in session.done if change.do == "merge" for film in change.films)
    return tuple(dict.fromkeys((*((session.film,) if session.film else ()), *taken)))


def begun_again(change: Change, session: Session) -> Session:
    """The partner of a change as it is where its folder has been deleted: empty, for its stills to come back to."""
    stills = [still for still in session.stills if still.n in change.numbers]
    started_at = min((still.taken_at for still in stills), default=session.started_at)
    film = change.films[0] if change.films else None
    return Session(change.titles[0], started_at, film, id=change.partner, last_n=max(change.partner_numbers))


def _shared(
    do: Literal["merge", "split"], partner: Session, folder: str, numbers: tuple[int, ...], there: tuple[int, ...]
) -> Change:
    return Change(
        do,
        numbers,
        partner=partner.id,
        partner_numbers=there,
        titles=(partner.title,),
        folders=(folder,),
        films=films(partner),
    )


def _made_in_both(
    session: Session, folder: str, change: Change, partner: Session, *, again: bool = False
) -> Transition:
    now, there, change = _across(session, change, partner, comes=change.do in _TOOK)
    other = _other_side(now, folder, change)
    if again:
        undone = tuple(one for one in partner.undone if not _is_same(one, other))
        there = replace(there, done=(*there.done, other)[-MAX_HISTORY:], undone=undone)
        return Transition(replace(now, done=(*now.done, change)), change, there)
    return Transition(_recorded(now, change), change, _recorded(there, other))


def _undone_in_both(session: Session, folder: str, change: Change, partner: Session) -> Transition:
    other = _other_side(session, folder, change)
    place = next((i for i, one in enumerate(partner.done) if _is_same(one, other)), len(partner.done))
    changed = {n for one in partner.done[place + 1 :] for n in one.numbers} & set(other.numbers)
    if changed:
        which = " and ".join(map(str, sorted(changed)))
        raise SessionError(
            f"{change.folders[0]}: still {which} was changed there since; "
            f'take that back first: cinepalette undo --session "{change.folders[0]}"'
        )
    now, there, change = _across(session, change, partner, comes=change.do not in _TOOK)
    done = partner.done[:place] + partner.done[place + 1 :]
    there = replace(there, done=done, undone=(*partner.undone, _other_side(now, folder, change)))
    return Transition(replace(now, undone=(*now.undone, change)), change, there, undone=True)


def _given(partner: Session | None) -> Session:
    if partner is None:
        raise ValueError("a change of two sessions wants both")
    return partner


def _across(session: Session, change: Change, partner: Session, *, comes: bool) -> tuple[Session, Session, Change]:
    """Takes the stills of a change over from the partner, or gives them; the change then says where they stood."""
    numbers, there = change.numbers, change.partner_numbers
    took = change.do in _TOOK
    beside, beside_there = change.stands if took else change.stood, change.partner_beside
    if comes:
        beside_there = _beside(partner, there)
        partner, session = _carried(partner, session, there, numbers, beside)
    else:
        beside = _beside(session, numbers)
        session, partner = _carried(session, partner, numbers, there, beside_there)
    change = replace(change, stands=beside) if took else replace(change, stood=beside)
    return session, partner, replace(change, partner_beside=beside_there)


def _carried(
    giver: Session, taker: Session, leaving: Sequence[int], arriving: Sequence[int], beside: Sequence[int]
) -> tuple[Session, Session]:
    """Both sessions, with stills gone from the one to their places in the other, under their numbers there."""
    by_number = {still.n: still for still in giver.stills}
    stills = [names.numbered(by_number.pop(n), number) for n, number in zip(leaving, arriving, strict=True)]
    grown = taker.stills
    for still, before in zip(stills, beside, strict=True):
        grown = _inserted(grown, still, before)
    return (
        replace(giver, stills=tuple(by_number.values())),
        replace(taker, stills=grown, last_n=max(taker.last_n, *arriving)),
    )


def _other_side(session: Session, folder: str, change: Change) -> Change:
    """A change as its partner sees it; `session` is whose it is."""
    took = change.do in _TOOK
    return Change(
        _OTHER_SIDE[change.do],
        change.partner_numbers,
        stood=change.partner_beside if took else (),
        stands=() if took else change.partner_beside,
        titles=(session.title,),
        folders=(folder,),
        partner=session.id,
        partner_numbers=change.numbers,
        partner_beside=change.stands if took else change.stood,
        films=films(session),
    )


def _is_same(one: Change, other: Change) -> bool:
    return (one.do, one.partner, one.numbers, one.partner_numbers) == (
        other.do,
        other.partner,
        other.numbers,
        other.partner_numbers,
    )


def _beside(session: Session, numbers: Iterable[int]) -> tuple[int, ...]:
    """The still before each of these, 0 for the first; raises `SessionError` for one that is not shown."""
    before = dict(zip((still.n for still in session.stills), (0, *(still.n for still in session.stills)), strict=False))
    for n in numbers:
        if n not in before:
            raise SessionError(f"{session.title}: there is no still {n}")
    return tuple(before[n] for n in numbers)


def _last(session: Session) -> int:
    return session.stills[-1].n if session.stills else 0


def _inserted(stills: tuple[Still, ...], still: Still, before: int) -> tuple[Still, ...]:
    """The stills with one more behind still `before`, or at the end where that one is gone."""
    place = 0 if before == 0 else next((i for i, one in enumerate(stills, 1) if one.n == before), len(stills))
    return (*stills[:place], still, *stills[place:])


def _taken_out(session: Session, n: int) -> Session:
    still = next(one for one in session.stills if one.n == n)
    kept = tuple(one for one in session.stills if one.n != n)
    return replace(session, stills=kept, removed=(*session.removed, names.put_away(still)))


def _put_back(session: Session, n: int, before: int) -> Session:
    still = next((one for one in session.removed if one.n == n), None)
    if still is None:
        raise SessionError(f"{session.title}: still {n} is not among those that were taken out")
    rest = tuple(one for one in session.removed if one.n != n)
    return replace(session, stills=_inserted(session.stills, names.shown(still), before), removed=rest)


def _moved(session: Session, n: int, before: int) -> Session:
    still = next(one for one in session.stills if one.n == n)
    rest = tuple(one for one in session.stills if one.n != n)
    return replace(session, stills=_inserted(rest, still, before))


def _made(session: Session, change: Change) -> Transition:
    return Transition(_recorded(session, change), change)


def _recorded(session: Session, change: Change) -> Session:
    """A new change makes what was undone before it impossible to redo."""
    return replace(session, done=(*session.done, change)[-MAX_HISTORY:], undone=())

"""session.json: a session as text, and text as a session, with all that is wrong in it said at once."""

import json
import math
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from ..model import Change, Film, Session, Still
from . import carried
from .names import is_name, is_place

VERSION = 1

# Mistakes of one file beyond these are only counted.
_MOST_MISTAKES = 10
_MAX_SIDE_PX = 65_535
# Of a session all lines but one or two are those of its last writing; each takes a tenth of a millisecond.
_KNOWN_LINES = 4096


class Mistakes(ValueError):
    """All that is wrong in one session.json, each with its place."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        found = list(mistakes)
        rest = [f"and {len(found) - _MOST_MISTAKES} more"] if len(found) > _MOST_MISTAKES else []
        super().__init__("; ".join(found[:_MOST_MISTAKES] + rest))


@dataclass(frozen=True)
class _File(Session):
    v: Literal[1] = field(kw_only=True)


def session_from(text: bytes, name: str) -> Session:
    """The session that a session.json holds; `name` is its folder's, by which older versions knew it.

    Raises `Mistakes`.
    """
    try:
        file = _reader().validate_json(text, strict=True)
    except ValidationError as error:
        file = _carried_over(text, name, _other_version(text) or _with_places(error))
    if not file.id:  # written by a version before these had one
        file = _carried_over(text, name, [])
    session = Session(**{entry.name: getattr(file, entry.name) for entry in fields(Session)})
    if found := list(_mistakes(session)):
        raise Mistakes(found)
    return _with_offsets(session)


def text_of(session: Session) -> str:
    """session.json: a line for each still, so that it stays small, quick and readable."""
    head = {
        "v": VERSION,
        "id": session.id,
        "title": session.title,
        "film": _film_data(session.film),
        "started_at": session.started_at.isoformat(),
        "active_at": session.active_at.isoformat() if session.active_at else None,
        "closed": session.closed,
        "last_n": session.last_n,
    }
    lists = {
        "stills": map(_still_text, session.stills),
        "removed": map(_still_text, session.removed),
        "done": map(_change_text, session.done),
        "undone": map(_change_text, session.undone),
    }
    lines = [f" {_json(key)}: {_json(value)}" for key, value in head.items()]
    for key, rows in lists.items():
        body = ",\n".join(f"  {row}" for row in rows)
        lines.append(f" {_json(key)}: [\n{body}\n ]" if body else f" {_json(key)}: []")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def as_recorded(still: Still) -> Still:
    """The still with its numbers as they are written: what is drawn now and after a restart is the same."""
    swatches = tuple(
        replace(one, share=round(one.share, 5), at=one.at and (round(one.at[0], 4), round(one.at[1], 4)))
        for one in still.swatches
    )
    return replace(still, swatches=swatches)


@cache
def _reader() -> TypeAdapter[_File]:
    return TypeAdapter(_File)


def _carried_over(text: bytes, name: str, mistakes: Iterable[str]) -> _File:
    """What an older version wrote; raises `Mistakes`, where it is none of those with the given ones."""
    try:
        data = json.loads(text)
        if data.get("id"):
            raise Mistakes(mistakes)
        carried.over(data)
        return _reader().validate_json(json.dumps({**data, "id": name}), strict=True)
    except Mistakes:
        raise
    except ValidationError as error:
        raise Mistakes(_other_version(text) or _with_places(error)) from error
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise Mistakes(mistakes or [f"is no session of an older version: {error!r}"]) from error


def _other_version(text: bytes) -> list[str]:
    with suppress(ValueError, RecursionError, AttributeError):
        if (version := json.loads(text).get("v", VERSION)) != VERSION:
            return [f"is of version {version!r}; this program reads version {VERSION}"]
    return []


def _with_places(error: ValidationError) -> Iterator[str]:
    for mistake in error.errors(include_url=False, include_input=False):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in mistake["loc"])
        yield f"{place.lstrip('.')}: {mistake['msg']}" if place else mistake["msg"]


def _mistakes(session: Session) -> Iterator[str]:
    """What types alone do not say."""
    seen: set[int] = set()
    for key, stills in (("stills", session.stills), ("removed", session.removed)):
        for i, still in enumerate(stills):
            for what in _still_mistakes(still):
                yield f"{key}[{i}].{what}"
            if still.n in seen:
                yield f"{key}[{i}].n: {still.n} is the number of another still"
            seen.add(still.n)
    for key, changes in (("done", session.done), ("undone", session.undone)):
        for i, change in enumerate(changes):
            if not all(map(is_name, filter(None, (change.partner, *change.folders)))):
                yield f"{key}[{i}]: names a folder elsewhere"
            if not _is_whole(change):
                yield f"{key}[{i}]: lacks what it takes to undo it"


def _is_whole(change: Change) -> bool:
    count = len(change.numbers)
    stood, stands = len(change.stood), len(change.stands)
    match change.do:
        case "close":
            return count == 0
        case "rename":
            return len(change.titles) == 2 and len(change.folders) in {0, 2}
        case "add":
            return count == 1 == stands
        case "remove":
            return count == 1 == stood
        case "move":
            return count == 1 == stood == stands
    there = (len(change.partner_numbers), len(change.partner_beside))
    beside = stands if change.do in {"merge", "begun"} else stood
    named = bool(change.partner and change.titles and change.folders)
    return named and 0 < count == beside == there[0] == there[1]


def _still_mistakes(still: Still) -> Iterator[str]:
    if still.n < 1:
        yield "n: must be 1 or more"
    for key, folder in (("still", "stills"), ("card", "cards")):
        if not is_place(getattr(still, key), folder):
            yield f"{key}: is no file in {folder}/"
    width, height = still.size
    if not (1 <= width <= _MAX_SIDE_PX and 1 <= height <= _MAX_SIDE_PX):
        yield "size: is no size of a picture"
    if still.box and not (0 <= still.box[0] < still.box[2] <= width and 0 <= still.box[1] < still.box[3] <= height):
        yield "box: is not inside the still"
    if still.time_s is not None and not 0 <= still.time_s < math.inf:
        yield "time_s: is no time in a film"
    for swatch in still.swatches:
        inside = swatch.at is None or all(0 <= part <= 1 for part in swatch.at)
        if not (all(0 <= channel <= 255 for channel in swatch.rgb) and 0 <= swatch.share <= 1 and inside):
            yield "swatches: hold what is no color"
            break


def _with_offsets(session: Session) -> Session:
    """The session with an offset from UTC at each moment, which a person's hand may have left out."""
    return replace(
        session,
        started_at=_moment(session.started_at),
        active_at=session.active_at and _moment(session.active_at),
        stills=tuple(_dated(still) for still in session.stills),
        removed=tuple(_dated(still) for still in session.removed),
    )


def _dated(still: Still) -> Still:
    return still if still.taken_at.tzinfo else replace(still, taken_at=_moment(still.taken_at))


def _moment(moment: datetime) -> datetime:
    if moment.tzinfo:
        return moment
    try:
        return moment.astimezone()
    except (OverflowError, ValueError, OSError):  # the first and the last day that there are
        return moment.replace(tzinfo=UTC)


def _json(value: object) -> str:
    # A half of a surrogate pair, from a name that is no text, has no UTF-8.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _film_data(film: Film | None) -> dict[str, Any] | None:
    return None if film is None else {"title": film.title, "key": film.key, "duration_s": film.duration_s}


@lru_cache(_KNOWN_LINES)
def _still_text(still: Still) -> str:
    data = {
        "n": still.n,
        "still": still.still,
        "card": still.card,
        "taken_at": still.taken_at.isoformat(),
        "time_s": still.time_s,
        "size": still.size,
        "box": still.box,
        "swatches": [
            {"hex": swatch.hex, "rgb": swatch.rgb, "share": swatch.share, "at": swatch.at} for swatch in still.swatches
        ],
        "source": still.source,
        "fingerprint": still.fingerprint,
        "arrival": still.arrival,
        "correction": [
            {key: value for key, value in asdict(step).items() if value is not None} for step in still.correction
        ],
        **({} if still.written else {"written": False}),
    }
    return _json(data)


@lru_cache(_KNOWN_LINES)
def _change_text(change: Change) -> str:
    return _json({key: value for key, value in asdict(change).items() if value})

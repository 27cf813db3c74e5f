"""Sidecars and requests read: whatever JSON a player wrote becomes the model's types, what is unusable left out.

Never raises for what is in a file: each field that is not as agreed is put right or left out, with a note.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo

from ..errors import UnreadableImage
from ..model import MAX_TITLE_CHARS, Sidecar, Video, one_line
from ..picture import opening
from .protocol import VERSION

_MAX_BYTES = 256 * 1024
# More is no time in a film and no video, and would go into file names and drawings.
_MAX_NUMBER = 1e6
_MAX_SIDE_PX = 16_384
# Of a word such as `bt709`, and of an address.
_MAX_WORD_CHARS = 64
_MAX_URI_CHARS = 8_192
# Of a value shown in a note.
_MAX_SHOWN_CHARS = 60

Data = TypeVar("Data", bound=BaseModel)


@dataclass(frozen=True)
class SidecarRead:
    """What a sidecar says."""

    sidecar: Sidecar
    failed: bool = False
    """The player has taken no picture and says so."""
    notes: tuple[str, ...] = ()
    """A clause for each thing that was not as agreed."""


@dataclass(frozen=True)
class Asked:
    """What a request says; `do` is empty when it says nothing that can be understood."""

    do: str
    n: int | None = None
    video: Video = Video()


def read_sidecar(path: Path) -> SidecarRead | None:
    """What a sidecar says; None while it is not there or not whole."""
    data = _json_object(path)
    return None if data is None else sidecar_from(data)


def read_request(path: Path) -> Asked | None:
    """What a request says; None while it is not there or not whole."""
    data = _json_object(path)
    if data is None:
        return None
    read, _ = _read(_Request, data)
    return Asked(read.do, read.n, Video(**dict(read.video)))


def sidecar_from(data: dict[str, Any]) -> SidecarRead:
    """What the JSON object of a sidecar says."""
    read, notes = _read(_Sidecar, data)
    if data.get("v") != VERSION:
        notes.insert(0, f"sidecar of version {_shown(data.get('v'))} read as version {VERSION}")
    fields = dict(read)
    failed = fields.pop("failed")
    video = Video(**dict(fields.pop("video")))
    return SidecarRead(Sidecar(video=video, **fields), failed, tuple(notes))


def _note(info: ValidationInfo, value: object, what: str) -> None:
    notes: list[str] = cast("list[str]", info.context)
    notes.append(f"{info.field_name} {_shown(value)}: {what}")


def _shown(value: object) -> str:
    return one_line(repr(value), _MAX_SHOWN_CHARS)


def _line(most: int) -> Callable[[object, ValidationInfo], object]:
    """Text on one line, with a note when it was none."""

    def clean(value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        cleaned = one_line(value, most)
        if cleaned != value:
            _note(info, value, "control characters or length taken away")
        return cleaned or None

    return clean


def _word(value: object) -> object:
    """A word such as `bt709`, lower case."""
    return one_line(value, _MAX_WORD_CHARS).lower() or None if isinstance(value, str) else value


def _number(value: object, info: ValidationInfo) -> object:
    if isinstance(value, bool):
        raise ValueError("is no number")  # for Python, true is 1
    if isinstance(value, str):
        _note(info, value, "a text read as a number")
        return value.replace(",", ".")  # a player with a decimal comma in its locale
    return value


def _whole(value: object, info: ValidationInfo) -> object:
    value = _number(value, info)
    try:
        return round(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return value


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("is no text")  # a number would be taken for seconds since 1970
    moment = datetime.fromisoformat(value)
    try:
        return moment.astimezone() if moment.tzinfo is None else moment
    except (OverflowError, OSError) as error:
        raise ValueError("is no moment here") from error


_Title = Annotated[str | None, BeforeValidator(_line(MAX_TITLE_CHARS))]
_Uri = Annotated[str | None, BeforeValidator(_line(_MAX_URI_CHARS))]
_Word = Annotated[str | None, BeforeValidator(_word)]
_Number = Annotated[Annotated[float, Field(ge=0, le=_MAX_NUMBER, allow_inf_nan=False)] | None, BeforeValidator(_number)]
_Pixels = Annotated[Annotated[int, Field(ge=1, le=_MAX_SIDE_PX)] | None, BeforeValidator(_whole)]


class _Edge(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=False, coerce_numbers_to_str=False)


class _Video(_Edge):
    width: _Pixels = None
    height: _Pixels = None
    matrix: _Word = None
    range: _Word = None
    transfer: _Word = None
    primaries: _Word = None
    orientation: _Word = None
    chroma: _Word = None


class _Sidecar(_Edge):
    player: _Title = None
    title: _Title = None
    uri: _Uri = None
    session: _Title = None
    time_s: _Number = None
    duration_s: _Number = None
    taken_at: Annotated[datetime | None, BeforeValidator(_moment)] = None
    video: _Video = _Video()
    failed: Annotated[bool, BeforeValidator(lambda value: value is True)] = False


class _Request(_Edge):
    do: str = ""
    n: Annotated[int, Field(strict=True)] | None = None
    video: _Video = _Video()


def _read(form: type[Data], data: dict[str, Any]) -> tuple[Data, list[str]]:
    """The data as that form, what does not fit left out, and a note for each."""
    notes: list[str] = []
    try:
        return form.model_validate(data, context=notes), notes
    except ValidationError as error:
        wrong = {each["loc"][: _depth(form, each["loc"])]: each["input"] for each in error.errors(include_url=False)}
    usable = {key: dict(value) if isinstance(value, dict) else value for key, value in data.items()}
    left_out = []
    for place, value in wrong.items():
        inner: Any = usable
        for step in place[:-1]:
            inner = inner[step]
        inner.pop(place[-1], None)
        left_out.append(f"{' '.join(map(str, place))} {_shown(value)}: left out")
    notes.clear()
    return form.model_validate(usable, context=notes), notes + left_out


def _depth(form: type[BaseModel], place: tuple[int | str, ...]) -> int:
    """How many steps of an error's place are keys of the file; the rest names the part of a union that failed."""
    known: Any = form
    depth = 0
    for step in place:
        fields = getattr(known, "model_fields", {})
        if step not in fields:
            break
        known = fields[step].annotation
        depth += 1
    return depth


def _json_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None while it is not there or not whole."""
    try:
        data = json.loads(opening.read(path, _MAX_BYTES).data)
    except (UnreadableImage, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None

"""Pictures out of requests: as the body or in a form, bounded in bytes and time while they arrive."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from ..model import one_line
from .problems import Problem

MAX_BYTES = 64 << 20
"""Of one picture: an 8K PNG has 50 to 100 MB, a photograph in JPEG 5 to 30."""
_MAX_BYTES_TOGETHER = 256 << 20
_MAX_SECONDS = 60.0
_MAX_NAME = 120


@dataclass(frozen=True)
class Upload:
    """A picture as it came, and what was asked of it."""

    data: bytes
    name: str
    """Of the file, for people; empty where it was not said."""
    words: dict[str, str]
    """The fields of the address and, over them, of the form."""


class Bodies:
    """All bodies that are held in memory at a time."""

    def __init__(self) -> None:
        self._bytes = 0

    @asynccontextmanager
    async def upload(self, request: Request) -> AsyncIterator[Upload]:
        """The picture of a request, held until the block ends; raises `Problem`."""
        held = 0
        body = bytearray()
        try:
            if request.headers.get("content-length", "0").isdecimal():
                _check_size(int(request.headers.get("content-length", "0")))
            try:
                async with asyncio.timeout(_MAX_SECONDS):
                    async for chunk in request.stream():
                        held += len(chunk)
                        self._bytes += len(chunk)
                        _check_size(held)
                        if self._bytes > _MAX_BYTES_TOGETHER:
                            raise Problem(503, "Too many pictures at a time; try again.", {"Retry-After": "5"})
                        body += chunk
            except TimeoutError:
                raise Problem(408, f"The picture has not arrived within {_MAX_SECONDS:.0f} s.") from None
            except ClientDisconnect:
                raise Problem(400, "The picture was cut off.") from None
            yield await _parsed(request, bytes(body))
        finally:
            self._bytes -= held


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise Problem(413, f"A picture may have {MAX_BYTES >> 20} MB here; cinepalette palette FILE takes larger ones.")


async def _parsed(request: Request, body: bytes) -> Upload:
    words = dict(request.query_params.items())
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return Upload(body, one_line(words.pop("name", ""), _MAX_NAME), words)
    try:
        form = await MultiPartParser(request.headers, _one(body), max_files=1, max_fields=20).parse()
    except (MultiPartException, ValueError, KeyError, UnicodeError) as error:
        raise Problem(400, f"The form cannot be read: {error}") from error
    data, name = b"", ""
    for field, value in form.multi_items():
        if isinstance(value, UploadFile):
            data, name = await value.read(), value.filename or ""
        else:
            words[field] = value
    await form.close()
    return Upload(data, one_line(words.pop("name", name), _MAX_NAME), words)


async def _one(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
